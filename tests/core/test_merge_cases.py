"""The case table of the three-way merge: each case as a unit's file against the ledger, and again with the sides swapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pytest

from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import KnownBook, SheetContent, first_content
from syncer.core.merging.lineage import nearest_base
from syncer.core.merging.merge import SheetPlan
from syncer.core.merging.versions import Listed
from syncer.core.model import Book, Ledger, Refusal
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import ReadRow
from syncer.core.values import Scalar, show
from tests.core.tables_as_text import ACTIVITY_HEADER, TASK_HEADER, TASK_ROWS, book, cell, compiled, table

LEDGER, _ = compiled()
COLUMNS = {"no": 1, "date": 2, "name": 4, "headcount": 5, "tasks": 6, "content": 7, "closed": 8}
DAY = date(2026, 3, 5)


def rows(*lines: str) -> tuple[ReadRow, ...]:
    """``"1 植树 30 滨河路"``: number of the id, name, headcount, content; ``-`` is blank, ``'7`` text."""
    result = []
    for at, line in enumerate(lines, start=5):
        number, name, headcount, content = line.split()
        cells: dict[str, Scalar] = {"date": DAY, "name": name, "headcount": typed(headcount), "content": typed(content)}
        row_id = f"HD-D02-{int(number):04}"
        result.append(ReadRow(row_id, at, {c: v for c, v in cells.items() if v is not None}, carried=row_id))
    return tuple(result)


def typed(text: str) -> Scalar:
    return None if text == "-" else cell(text)


def lines_of(found: Sequence[ReadRow]) -> set[str]:
    """Undoes `rows`, whatever their order; the number is that of the id."""
    return {
        " ".join([str(int(r.id[-4:])), *(written(r.raw.get(c)) for c in ("name", "headcount", "content"))])
        for r in found
    }


def written(value: Scalar) -> str:
    return "-" if value is None else f"'{value}" if isinstance(value, str) and value.isdigit() else show(value)


def workbook(*lines: str, tasks: str = TASK_ROWS) -> Book:
    """宣传科's workbook with these activities, each in the row of its id."""
    text = []
    for row in rows(*lines):
        raw = {code: written(row.raw.get(code)).removesuffix("-") for code in ("name", "headcount", "content")}
        text.append(f"| | {DAY} | {row.id} | {raw['name']} | {raw['headcount']} | | {raw['content']} |")
    return book("\n".join(text), tasks)


def known_book(base: Sequence[ReadRow], current: Sequence[ReadRow]) -> KnownBook:
    content = {**first_content(LEDGER, "D02"), "activities": SheetContent(COLUMNS, tuple(base))}
    now = {code: sheet.rows for code, sheet in content.items()}
    return KnownBook(content, {**now, "activities": tuple(current)}, {"activities": 5, "tasks": 3})


def planned(saved: Book, known: KnownBook, ledger: Ledger = LEDGER) -> BookPlan:
    return plan_book(ledger, CellReader(ledger), "D02", saved, "宣传科.xlsx", known)


def activities(done: BookPlan) -> SheetPlan:
    return next(p for p in done.sheets if p.sheet == "activities")


def recorded(done: BookPlan, known: KnownBook, *, copy: bool = False) -> KnownBook:
    """What is known afterwards. What a copy brings changes the ledger; the base stays the workbook's own."""
    current = {**known.current, **{p.sheet: p.rows for p in done.sheets}}
    numbers = {
        code: max([known.last_numbers.get(code, 0), *(int(r.id[-4:]) for r in found)])
        for code, found in current.items()
    }
    held = {p.sheet: frozenset(row.id for row in p.held) for p in done.sheets}
    return KnownBook(known.base if copy else done.content, current, numbers, held=held)


def said(plan: SheetPlan) -> set[str]:
    """Everything that a save changed beside the cells that it set: what is asked, what left, what waits."""
    number = {row.id: str(int(row.id[-4:])) for row in (*plan.rows, *plan.held, *plan.revived)}
    told = {f"{d.kind} {number[d.row_id]}.{d.column}" for d in plan.decisions if d.outcome == "asked"}
    told |= {f"vanished {number[i]}" for i in plan.vanished} | {f"revived {number[r.id]}" for r in plan.revived}
    return told | {f"withdrawn {int(i[-4:])}" for i in plan.withdrawn} | {f"held {number[r.id]}" for r in plan.held}


def kept(done: BookPlan) -> list[tuple[str, str | None, Mapping[str, Scalar]]]:
    """The rows that are the next base."""
    return [(row.id, row.carried, row.raw) for row in done.content["activities"].rows]


@dataclass(frozen=True)
class Case:
    """``stands`` and ``says``: what comes of ``current`` in the ledger and ``incoming`` in the file; then of the reverse."""

    name: str
    base: str
    current: str
    incoming: str
    stands: str
    says: str = ""
    swapped_stands: str = "="  # the same
    swapped_says: str = "="


TREES, BOOKS = "1 植树 30 滨河路", "2 读书会 12 -"
CASES = (
    Case("none / none", TREES, TREES, TREES, TREES),
    Case("none / edit", TREES, TREES, "1 植树 31 滨河路", "1 植树 31 滨河路"),
    Case("none / clear", TREES, TREES, "1 植树 30 -", "1 植树 30 -"),
    Case("none / fill a blank", "1 植树 - -", "1 植树 - -", "1 植树 30 -", "1 植树 30 -"),
    Case("edit / edit of other cells", TREES, "1 植树 31 滨河路", "1 植树 30 公园", "1 植树 31 公园"),
    Case("edit / edit same", TREES, "1 植树 31 滨河路", "1 植树 31 滨河路", "1 植树 31 滨河路"),
    Case("clear / clear", TREES, "1 植树 - 滨河路", "1 植树 - 滨河路", "1 植树 - 滨河路"),
    Case(
        "edit / edit different",
        TREES, "1 植树 31 滨河路", "1 植树 32 滨河路",
        "1 植树 31 滨河路", "conflict 1.headcount", "1 植树 32 滨河路",
    ),
    Case(
        "edit / clear",
        TREES, "1 植树 31 滨河路", "1 植树 - 滨河路",
        "1 植树 31 滨河路", "conflict 1.headcount", "1 植树 - 滨河路",
    ),
    Case("none / add", TREES, TREES, f"{TREES}; {BOOKS}", f"{TREES}; {BOOKS}"),
    Case("add / add same, in the same reserved row", "", BOOKS, BOOKS, BOOKS),
    Case("add / add same, in unlike reserved rows", "", "2 读书会 12 -", "3 读书会 12 -", "2 读书会 12 -", "", "3 读书会 12 -"),
    Case(
        "add / add same key, unlike cells",
        "", "2 读书会 12 -", "2 读书会 15 书屋",
        "2 读书会 12 书屋", "conflict 2.headcount", "2 读书会 15 书屋",
    ),
    Case(
        "add / add same key, unlike cells, in unlike reserved rows",
        "", "2 读书会 12 -", "3 读书会 15 书屋",
        "2 读书会 12 书屋", "conflict 2.headcount", "3 读书会 15 书屋", "conflict 3.headcount",
    ),
    Case(
        "add / add different, in the same reserved row",
        "", "2 读书会 12 -", "2 义诊 50 社区",
        "2 读书会 12 -; 6 义诊 50 社区", "", "2 义诊 50 社区; 6 读书会 12 -",
    ),
    Case("add / add different, in unlike rows", "", BOOKS, "3 义诊 50 -", f"{BOOKS}; 3 义诊 50 -"),
    Case("none / delete", f"{TREES}; {BOOKS}", f"{TREES}; {BOOKS}", TREES, TREES, "withdrawn 2", TREES, ""),
    Case("delete / delete", f"{TREES}; {BOOKS}", TREES, TREES, TREES),
    Case(
        "edit / delete",
        f"{TREES}; {BOOKS}", f"{TREES}; 2 读书会 15 -", TREES,
        f"{TREES}; 2 读书会 15 -", "vanished 2", TREES, "revived 2",
    ),
    Case("add / delete", TREES, f"{TREES}; {BOOKS}", "", BOOKS, "withdrawn 1", f"{BOOKS}", ""),
    Case("none / key changed", TREES, TREES, "1 种树 30 滨河路", "1 种树 30 滨河路"),
    Case(
        "key changed / key changed otherwise",
        TREES, "1 植绿 30 滨河路", "1 种树 30 滨河路",
        "1 植绿 30 滨河路", "conflict 1.name", "1 种树 30 滨河路",
    ),
    Case(
        "key changed / edit", TREES, "1 植绿 30 滨河路", "1 植树 31 滨河路", "1 植绿 31 滨河路",
    ),
    Case("none / type only", "1 植树 7 -", "1 植树 7 -", "1 植树 '7 -", "1 植树 '7 -"),
    Case("type only / edit", "1 植树 7 -", "1 植树 '7 -", "1 植树 8 -", "1 植树 '7 -", "conflict 1.headcount", "1 植树 8 -"),
    Case("none / deleted and typed again", TREES, TREES, "4 植树 31 滨河路", "1 植树 31 滨河路", "", "4 植树 31 滨河路"),
)  # fmt: skip


def split(text: str) -> list[str]:
    return [line.strip() for line in text.split(";") if line.strip()]


@pytest.mark.parametrize("swapped", [False, True], ids=["as is", "swapped"])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_file_meets_the_ledger(case: Case, swapped: bool) -> None:
    current, incoming = (case.incoming, case.current) if swapped else (case.current, case.incoming)
    stands = case.swapped_stands if swapped and case.swapped_stands != "=" else case.stands
    says = case.swapped_says if swapped and case.swapped_says != "=" else case.says
    known = known_book(rows(*split(case.base)), rows(*split(current)))
    done = activities(planned(workbook(*split(incoming)), known))
    assert lines_of(done.rows) == set(split(stands))
    assert said(done) == set(split(says))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_same_file_again_says_nothing_more(case: Case) -> None:
    known = known_book(rows(*split(case.base)), rows(*split(case.current)))
    file = workbook(*split(case.incoming))
    first = planned(file, known)
    again = planned(file, recorded(first, known))
    assert lines_of(activities(again).rows) == lines_of(activities(first).rows)
    assert (activities(again).decisions, said(activities(again))) == ((), set())
    assert kept(again) == kept(first)


# ---- as others get it wrong (daff 1.4.2)


def test_an_edit_against_a_delete_loses_no_row_and_is_no_silent_matter() -> None:
    base = rows(TREES, BOOKS)
    edit_here = activities(planned(workbook(TREES), known_book(base, rows(TREES, "2 读书会 15 -"))))
    assert lines_of(edit_here.rows) == {TREES, "2 读书会 15 -"}
    assert edit_here.vanished == ("HD-D02-0002",)
    edit_there = activities(planned(workbook(TREES, "2 读书会 15 -"), known_book(base, rows(TREES))))
    assert lines_of(edit_there.revived) == {"2 读书会 15 -"}


def test_two_different_adds_of_one_key_are_one_row_and_a_question() -> None:
    done = activities(planned(workbook("2 读书会 15 书屋"), known_book((), rows("2 读书会 12 -"))))
    assert len(done.rows) == 1
    assert [(d.column, d.current, d.incoming) for d in done.decisions if d.kind == "conflict"] == [
        ("headcount", 12, 15)
    ]


def test_a_conflict_is_never_written_into_a_cell() -> None:
    base, current, incoming = (rows(f"1 植树 {n} {where}") for n, where in ((30, "河"), (31, "湖"), (32, "海")))
    done = activities(planned(workbook("1 植树 32 海"), known_book(base, current)))
    assert {d.kind for d in done.decisions} == {"conflict"}
    assert [dict(row.raw) for row in done.rows] == [dict(row.raw) for row in current]
    assert {d.incoming for d in done.decisions} == {incoming[0].raw["headcount"], incoming[0].raw["content"]}


# ---- columns and sheets on one side


def without(book_: Book, header: str) -> Book:
    """The workbook with a column of 活动台账 deleted."""
    tasks, log = book_.tables
    at = log.rows[3].index(header)
    return Book((tasks, replace(log, rows=tuple((*row[:at], *row[at + 1 :]) for row in log.rows))))


def test_a_column_missing_in_the_file_loses_nothing_and_hides_no_edit_of_the_others() -> None:
    known = known_book(rows(TREES), rows("1 植树 30 公园"))
    done = planned(without(workbook("1 植树 31 滨河路"), "主要内容"), known)
    assert (lines_of(activities(done).rows), said(activities(done))) == ({"1 植树 31 公园"}, set())
    back = planned(workbook("1 植树 31 滨河路"), recorded(done, known))
    assert (lines_of(activities(back).rows), activities(back).decisions) == ({"1 植树 31 公园"}, ())


def test_a_column_missing_on_the_ledgers_side_brings_its_cells() -> None:
    columns = {code: at for code, at in COLUMNS.items() if code != "content"}
    bare = rows("1 植树 30 -")
    known = known_book(bare, bare)
    known = replace(known, base={**known.base, "activities": SheetContent(columns, bare)})
    done = activities(planned(workbook("1 植树 30 滨河路"), known))
    assert (lines_of(done.rows), said(done)) == ({TREES}, set())


def test_a_row_that_is_blank_but_for_a_missing_column_has_not_vanished() -> None:
    old = ReadRow("HD-D02-0002", 6, {"content": "只写了这一格"}, carried="HD-D02-0002")
    base = (*rows(TREES), old)
    known = known_book(base, base)
    file = Book((book().tables[0], table("活动台账", f"""
        | 活动台账 |
        {ACTIVITY_HEADER.replace("主要内容 | ", "")}
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        | | | HD-D02-0002 |
    """)))  # fmt: skip
    done = planned(file, known)
    assert said(activities(done)) == set()
    assert {row.id for row in activities(done).rows} == {"HD-D02-0001", "HD-D02-0002"}
    again = planned(file, recorded(done, known))
    assert (said(activities(again)), again.content) == (set(), done.content)


def test_a_column_that_the_unit_adds_is_merged_like_its_own() -> None:
    sunny, rainy = (tuple(replace(r, extra={"天气": w}) for r in rows(TREES)) for w in ("晴", "雨"))
    header, line = f"{ACTIVITY_HEADER} 天气 |", f"| | {DAY} | HD-D02-0001 | 植树 | 30 | | 滨河路 | | 晴 |"
    file = Book((book().tables[0], table("活动台账", f"| 活动台账 |\n{header}\n{line}")))
    added = activities(planned(file, known_book(rows(TREES), rows(TREES))))
    assert (added.rows[0].extra, said(added)) == ({"天气": "晴"}, set())
    other = activities(planned(file, known_book(rows(TREES), rainy)))
    assert (other.rows[0].extra, said(other)) == ({"天气": "雨"}, {"conflict 1.+天气"})
    assert [(p.code, p.column, p.found) for p in other.problems] == [("OWN-004", "天气", "晴")]
    gone = activities(planned(workbook(TREES), known_book(sunny, sunny)))
    assert (gone.rows[0].extra, said(gone)) == ({"天气": "晴"}, set())


def test_a_whole_sheet_missing_keeps_the_ledger_and_the_base() -> None:
    known = known_book(rows(TREES), rows("1 植树 31 滨河路"))
    done = planned(book(None), known)
    assert [p.sheet for p in done.sheets] == ["tasks"]
    assert done.content["activities"] == known.base["activities"]
    back = activities(planned(workbook(TREES), recorded(done, known)))
    assert (lines_of(back.rows), said(back)) == ({"1 植树 31 滨河路"}, set())


def test_an_emptied_file_is_refused_and_touches_nothing() -> None:
    many = [f"{n} 活动{n} {n} -" for n in range(1, 9)]
    done = planned(workbook(), known_book(rows(*many), rows(*many)))
    assert done.refusal is not None
    assert (done.sheets, done.refusal.code) == ((), "FILE-015")


def test_another_file_under_the_name_is_refused_and_touches_nothing() -> None:
    known = known_book(rows(TREES), rows(TREES))
    done = planned(Book((table("Sheet1", "| 姓名 | 电话 |\n| 甲 | 1 |"),)), known)
    assert done.refusal == Refusal("FILE-022", (("sheets", "任务清单、活动台账"),))
    assert (done.sheets, done.content) == ((), known.base)


# ---- files from elsewhere in time


def test_a_copy_with_an_older_base_brings_only_what_was_changed_in_it() -> None:
    base = rows(TREES, BOOKS)
    now = rows("1 植树 31 滨河路", BOOKS, "3 义诊 50 -")
    done = activities(planned(workbook("1 植树 30 公园", BOOKS), known_book(base, now)))
    assert lines_of(done.rows) == {"1 植树 31 公园", BOOKS, "3 义诊 50 -"}
    assert said(done) == set()


def test_a_stale_save_over_a_delivery_proposes_nothing_and_brings_what_was_typed() -> None:
    renamed, _ = compiled(replaced={"任务分解": """
        | 编号 | 行标识 | 板块 | 任务         | 牵头单位 | 完成时限 |
        | '2.1 | T0002  | 教育 | 主题宣讲(新) | 宣传科   | 每季度末 |
        | '2.2 | T0003  | 教育 | 道德讲堂     | 宣传科   | 全年     |
        | '2.3 | T0004  | 教育 | 新任务       | 宣传科   | 全年     |
    """})  # fmt: skip
    known = known_book((), ())
    stale = TASK_ROWS.replace("未启动", "推进中", 1)
    done = planned(workbook(tasks=stale), known, renamed)
    plan = next(p for p in done.sheets if p.sheet == "tasks")
    assert [(d.column, d.incoming, d.outcome) for d in plan.decisions] == [("status", "推进中", "accepted")]
    assert {row.id: row.raw["title"] for row in plan.rows} == {"T0002": "主题宣讲(新)", "T0003": "道德讲堂"}
    typed_over = planned(workbook(tasks=stale.replace("主题宣讲", "我的宣讲")), known, renamed)
    plan = next(p for p in typed_over.sheets if p.sheet == "tasks")
    asked = [(d.column, d.base, d.current, d.incoming) for d in plan.decisions if d.kind == "proposal"]
    assert asked == [("title", "主题宣讲", "主题宣讲(新)", "我的宣讲")]
    handed = planned(workbook(tasks=f"{stale}\n| '2.3 | 新任务 | T0004 | | | 推进中 |"), known, renamed)
    plan = next(p for p in handed.sheets if p.sheet == "tasks")
    assert [(d.column, d.outcome) for d in plan.decisions if d.row_id == "T0004"] == [("status", "accepted")]
    assert plan.added == ()


COPIES: Mapping[str, tuple[str, str, set[str]]] = {
    "other cells": ("1 植树 31 滨河路", "1 植树 30 公园", {"植树 31 公园"}),
    "the same cell alike": ("1 植树 31 滨河路", "1 植树 31 滨河路", {"植树 31 滨河路"}),
    "other new rows": (
        f"{TREES}; 2 读书会 12 -", f"{TREES}; 2 义诊 50 -", {"植树 30 滨河路", "读书会 12 -", "义诊 50 -"},
    ),
    "the same new row": (f"{TREES}; 2 读书会 12 -", f"{TREES}; 3 读书会 12 -", {"植树 30 滨河路", "读书会 12 -"}),
    "one takes the row back": ("", f"{TREES}; 2 读书会 12 -", {"读书会 12 -"}),
}  # fmt: skip


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("case", COPIES)
def test_two_copies_come_to_the_same_in_either_order(case: str, order: tuple[int, int]) -> None:
    *files, stands = COPIES[case]
    known = known_book(rows(TREES), rows(TREES))
    for at in order:
        done = planned(workbook(*split(str(files[at]))), known)
        assert not {word for word in said(activities(done)) if not word.startswith("withdrawn")}
        known = recorded(done, known, copy=True)
    assert {line.partition(" ")[2] for line in lines_of(known.current["activities"])} == stands


@pytest.mark.parametrize("order", [(31, 32), (32, 31)])
def test_two_copies_at_odds_leave_the_first_standing_and_one_question(order: tuple[int, int]) -> None:
    known = known_book(rows(TREES), rows(TREES))
    asked = []
    for headcount in order:
        done = planned(workbook(f"1 植树 {headcount} 滨河路"), known)
        asked += [(d.current, d.incoming) for d in activities(done).decisions if d.outcome == "asked"]
        known = recorded(done, known, copy=True)
    assert (lines_of(known.current["activities"]), asked) == ({f"1 植树 {order[0]} 滨河路"}, [order])


def test_an_old_backup_against_its_own_version_changes_nothing() -> None:
    first, second = rows(TREES), rows("1 植树 31 公园", BOOKS)
    versions = [known_book(content, ()).base for content in (first, second, first, second)]
    backup = workbook(TREES)
    at = nearest_base(LEDGER, "D02", backup, Listed(versions), copy=False)
    assert at == 2  # of equals the last
    done = activities(planned(backup, replace(known_book((), second), base=versions[at])))
    assert (lines_of(done.rows), done.decisions, said(done)) == ({"1 植树 31 公园", BOOKS}, (), set())


def test_an_edited_copy_is_nearest_to_the_version_that_it_was_made_of() -> None:
    lines = ((TREES,), (TREES, BOOKS), ("1 植树 31 公园", BOOKS, "3 义诊 50 -"))
    versions = Listed([known_book(rows(*held), ()).base for held in lines])
    assert nearest_base(LEDGER, "D02", workbook(TREES, "2 读书会 13 -"), versions, copy=True) == 1
    assert nearest_base(LEDGER, "D02", workbook("1 植树 30 公园"), versions, copy=True) == 0


# ---- a row that moves


STUDY = {
    "表设置": "| 学习教育 | study | 记录 | 全部 | 5 | XX |",
    "栏目设置": """
        | 学习教育 | date | | 日期 | | 日期 | | | | | 单位 | 是 |
        | 学习教育 | topic | | 主题 | | 文本 | | | | | 单位 | 是 |
    """,
}


@pytest.mark.parametrize("count", [1, 5])
def test_rows_that_move_to_another_sheet_leave_the_one_and_enter_the_other_without_a_question(count: int) -> None:
    ledger, _ = compiled(added=STUDY)
    here = [f"{n} 学习{n} {n} -" for n in range(1, count + 1)]
    known = known_book(rows("9 植树 30 滨河路", *here), rows("9 植树 30 滨河路", *here))
    moved = "\n".join(f"| {DAY} | HD-D02-{n:04} | 学习{n} |" for n in range(1, count + 1))
    study = table("学习教育", f"| 学习教育 |\n| 日期 | 行标识 | 主题 |\n{moved}")
    done = planned(Book((*workbook("9 植树 30 滨河路").tables, study)), known, ledger)
    left, entered = (next(p for p in done.sheets if p.sheet == code) for code in ("activities", "study"))
    assert left.withdrawn == tuple(f"HD-D02-{n:04}" for n in range(1, count + 1))
    assert (left.vanished, left.problems) == ((), ())
    assert [row.raw["topic"] for row in entered.rows] == [f"学习{n}" for n in range(1, count + 1)]
    assert {row.id[:6] for row in entered.rows} == {"XX-D02"}
    assert {row.origin for row in entered.rows} == set(left.withdrawn)


def test_rows_copied_as_a_pattern_and_typed_over_have_not_moved() -> None:
    """Their ids came along; what they held is gone, and that is asked about."""
    ledger, _ = compiled(added=STUDY)
    here = [f"{n} 学习{n} {n} -" for n in range(1, 6)]
    known = known_book(rows("9 植树 30 滨河路", *here), rows("9 植树 30 滨河路", *here))
    other = "\n".join(f"| 2026-05-0{n} | HD-D02-{n:04} | 交通劝导{n} |" for n in range(1, 6))
    study = table("学习教育", f"| 学习教育 |\n| 日期 | 行标识 | 主题 |\n{other}")
    done = planned(Book((*workbook("9 植树 30 滨河路").tables, study)), known, ledger)
    left = next(p for p in done.sheets if p.sheet == "activities")
    assert (left.withdrawn, left.vanished) == ((), tuple(f"HD-D02-{n:04}" for n in range(1, 6)))


# ---- several units


def test_the_order_in_which_units_save_does_not_matter() -> None:
    reader = CellReader(LEDGER)
    file = workbook("1 植树 31 滨河路")
    other = Book((table("任务清单", f"| 任务清单 |\n{TASK_HEADER}"), workbook("1 义诊 50 社区").tables[1]))
    known = {"D02": known_book(rows(TREES), rows(TREES)), "D03": KnownBook(first_content(LEDGER, "D03"))}
    files = {"D02": file, "D03": other}
    plans = [
        {unit: plan_book(LEDGER, reader, unit, files[unit], f"{unit}.xlsx", known[unit]) for unit in order}
        for order in (("D02", "D03"), ("D03", "D02"))
    ]
    assert plans[0] == plans[1]
