from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import KnownBook, SheetContent, first_content
from syncer.core.merging.whose import owner_of
from syncer.core.model import Book, Format, Ledger, Refusal, Stamp
from syncer.core.reading.cells import CellReader
from syncer.core.roster import Roster
from tests.core.tables_as_text import TASK_ROWS, book, compiled, table

LEDGER, _ = compiled()
ROSTER = Roster(LEDGER.units, LEDGER.settings.office)

TREES = "| | 2026-03-05 | HD-D02-0001 | 植树 | 30 | '2.1 | 滨河路 |"
BOOKS = "| | 2026-03-06 | HD-D02-0002 | 读书会 | 12 |"


def plan(saved: Book, known: KnownBook, ledger: Ledger = LEDGER) -> BookPlan:
    return plan_book(ledger, CellReader(ledger), "D02", saved, "宣传科.xlsx", known)


def issued() -> KnownBook:
    content = first_content(LEDGER, "D02")
    return KnownBook(content, {code: sheet.rows for code, sheet in content.items()}, {"activities": 5, "tasks": 3})


def after(done: BookPlan, known: KnownBook) -> KnownBook:
    """What is known once this plan is recorded."""
    current = {**known.current, **{p.sheet: p.rows for p in done.sheets}}
    numbers = dict(known.last_numbers)
    for sheet, rows in current.items():
        numbers[sheet] = max([numbers[sheet], *(int(row.id.rpartition("-")[2]) for row in rows if "-" in row.id)])
    return KnownBook(done.content, current, numbers)


def saved(*books: Book) -> KnownBook:
    known = issued()
    for one in books:
        known = after(plan(one, known), known)
    return known


def told(done: BookPlan) -> list[tuple[str, str, str]]:
    return [(p.code, p.place.sheet, p.place.cell) for p in done.problems]


def contents(rows: Mapping[str, SheetContent], sheet: str) -> dict[str, dict[str, object]]:
    return {row.id: dict(row.raw) for row in rows[sheet].rows}


# ---- whose workbook it is


@pytest.mark.parametrize(
    ("stamp", "stem", "line", "owner"),
    [
        (Stamp("L1", "D02"), "宣传科", "", "D02"),
        (Stamp("L1", "D02"), "宣传科 - 副本", "", "D02"),
        (Stamp("L1", "D02"), "宣传科 - 副本", "填报单位：办公室", "D02"),
        (Stamp("", "D02"), "11月", "", "D02"),
        (Stamp("L1", "D02"), "办公室", "", "FILE-014"),
        (Stamp("L9", "D02"), "宣传科", "", "FILE-013"),
        (Stamp("L1", "D77"), "宣传科", "", "FILE-012"),
        (None, "宣传科", "", "D02"),
        (None, "宣教科", "填报单位（盖章）：云岭市局宣传科", "D02"),
        (None, "报送", "填报单位：宣传科", "D02"),
        (None, "报送", " 填报单位: | 宣传科", "D02"),
        (None, "报送", "填报单位：食堂", "FILE-012"),
        (None, "办公室", "填报单位：宣传科", "FILE-014"),
        (None, "报送", "", "FILE-012"),
    ],
)
def test_a_workbook_belongs_to_the_unit_of_its_stamp_else_of_its_name_and_fill_in_line(
    stamp: Stamp | None, stem: str, line: str, owner: str
) -> None:
    found = owner_of(Book((table("活动台账", f"| 活动台账 |\n| {line} |"),), stamp), stem, ROSTER, "L1")
    assert (found.code if isinstance(found, Refusal) else found) == owner


def test_a_contradiction_between_name_and_content_names_both_units() -> None:
    found = owner_of(Book((), Stamp("L1", "D02")), "局办", ROSTER, "L1")
    assert found == Refusal("FILE-014", (("named", "办公室"), ("unit", "宣传科")))


def test_the_fill_in_line_is_looked_for_at_the_top_only() -> None:
    text = "|\n|\n|\n|\n| 填报单位：宣传科 |"
    assert owner_of(Book((table("活动台账", text),)), "报送", ROSTER, "") == Refusal("FILE-012")


# ---- a save


def test_the_workbook_as_issued_is_no_change() -> None:
    done = plan(book(), issued())
    assert (done.refusal, done.problems) == (None, ())
    assert all(not (p.decisions or p.added or p.vanished) for p in done.sheets)


def test_what_a_clerk_typed_is_planned_with_its_typed_values() -> None:
    tasks = "| '2.1 | 主题宣讲 | T0002 | | 0.5 | 达序时 | 宣讲2场 |\n| '2.2 | 道德讲堂 | T0003 | | | 未启动 |"
    done = plan(book(TREES, tasks), issued())
    assert done.values["tasks", "T0002"] == {
        "no": "2.1", "title": "主题宣讲", "percent": 50, "status": "推进中", "this_week": "宣讲2场",
    }  # fmt: skip
    assert done.values["activities", "HD-D02-0001"]["headcount"] == 30
    assert told(done) == [("CELL-009", "任务清单", "F5")]
    assert [p.added for p in done.sheets] == [(), ("HD-D02-0001",)]
    assert (done.filled_rows, contents(done.content, "tasks")["T0002"]["status"]) == (2, "达序时")


@pytest.mark.parametrize("kind", [Format.XLSX, Format.TEXT])
def test_rows_of_a_sheet_that_is_not_in_the_file_do_not_count_as_read(kind: Format) -> None:
    full = book(TREES + "\n" + BOOKS, "| '2.1 | 主题宣讲 | T0002 | | 0.5 | 达序时 | 宣讲2场 |")
    known = saved(full)
    alone = replace(full, tables=tuple(t for t in full.tables if t.name == "任务清单"), format=kind)
    assert (plan(full, known).filled_rows, plan(alone, known).filled_rows) == (3, 1)


def test_the_same_workbook_again_changes_nothing_and_says_the_same_again() -> None:
    one = book(TREES.replace("30", "不少"))
    known = issued()
    first = plan(one, known)
    again = plan(one, after(first, known))
    assert all(not (p.decisions or p.added or p.vanished) for p in again.sheets)
    assert (again.content, again.values, again.problems) == (first.content, first.values, first.problems)


def test_a_row_without_id_gets_the_next_number_and_none_is_ever_given_out_twice() -> None:
    extra = "| | 2026-04-0{0} | | 活动{0} | {0} |"
    first = saved(book("\n".join((TREES, extra.format(1), extra.format(2)))))
    assert [r.id for r in first.current["activities"]] == ["HD-D02-0001", "HD-D02-0006", "HD-D02-0007"]
    later = plan(book("\n".join((TREES, extra.format(3)))), first)
    assert later.sheets[1].added == ("HD-D02-0008",)


def test_an_id_made_by_dragging_and_a_row_without_one_stay_two_rows() -> None:
    dragged = "| | 2026-04-01 | HD-D02-0006 | 拖出来的 | 1 |"
    done = plan(book(f"| | 2026-04-02 | | 新活动 | 2 |\n{dragged}"), issued())
    assert {row.raw["name"] for row in done.sheets[1].rows} == {"新活动", "拖出来的"}
    assert len({row.id for row in done.sheets[1].rows}) == 2


# ---- what is missing


def test_a_lost_sheet_keeps_its_content_and_the_other_sheets_are_taken() -> None:
    known = saved(book(TREES))
    done = plan(book(None, TASK_ROWS.replace("未启动", "推进中", 1)), known)
    assert told(done) == [("SHEET-001", "", "")]
    assert done.content["activities"] == known.base["activities"]
    assert [p.sheet for p in done.sheets] == ["tasks"]
    assert [d.incoming for d in done.sheets[0].decisions] == ["推进中"]
    back = plan(book(TREES), after(done, known))
    assert [d.column for p in back.sheets for d in p.decisions] == ["status"]


def test_a_sheet_whose_header_is_gone_keeps_its_content() -> None:
    known = saved(book(TREES))
    broken = Book((book().tables[0], table("活动台账", "| 活动台账 |\n| 表头删了 |")))
    done = plan(broken, known)
    assert told(done) == [("HEAD-001", "活动台账", "")]
    assert done.content["activities"] == known.base["activities"]
    assert [p.sheet for p in done.sheets] == ["tasks"]


def test_a_sheet_that_was_added_to_the_template_is_not_missed_in_books_already_out() -> None:
    ledger, _ = compiled(added={"表设置": "| 摸排 | survey | 调查 | 全部 |", "栏目设置": "| 摸排 | | | 姓名 |"})
    assert plan(book(TREES), saved(book(TREES)), ledger).problems == ()


def test_a_column_that_was_added_to_the_template_is_not_missed_in_books_already_out() -> None:
    ledger, _ = compiled(added={"栏目设置": "| 活动台账 | weather | | 天气 |"})
    done = plan(book(TREES), saved(book(TREES)), ledger)
    assert (done.problems, [p.decisions for p in done.sheets]) == ((), [(), ()])


def test_a_deleted_column_is_untouched_and_its_coming_back_is_no_change() -> None:
    known = saved(book(TREES))
    whole = book(TREES)
    without = table(
        "活动台账",
        "| 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 销号 | 活动编号 |\n"
        "| 2026-03-05 | HD-D02-0001 | 植树 | 30 | '2.1 |",
    )
    done = plan(Book((whole.tables[0], without)), known)
    assert [(p.code, p.column) for p in done.problems] == [("HEAD-002", "主要内容")]
    assert all(not p.decisions for p in done.sheets)
    assert done.values["activities", "HD-D02-0001"]["content"] == "滨河路"
    back = plan(whole, after(done, known))
    assert (back.problems, [p.decisions for p in back.sheets]) == ((), [(), ()])


def test_without_the_id_column_no_row_is_lost_or_doubled() -> None:
    known = saved(book(f"{TREES}\n{BOOKS}"))
    tables = book(f"{BOOKS}\n{TREES}").tables
    bare = table(
        "活动台账",
        """
        | 活动编号 | 日期 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        | | 2026-03-06 | 读书会 | 12 |
        | | 2026-03-05 | 植树 | 31 | '2.1 | 滨河路 |
        """,
    )
    done = plan(Book((tables[0], bare)), known)
    assert [p.code for p in done.problems] == ["HEAD-004"]
    assert [r.id for r in done.sheets[1].rows] == ["HD-D02-0002", "HD-D02-0001"]
    assert [(d.row_id, d.column, d.incoming) for d in done.sheets[1].decisions] == [("HD-D02-0001", "headcount", 31)]


def test_a_few_rows_that_vanished_are_withdrawn_and_the_unit_is_told() -> None:
    known = saved(book(f"{TREES}\n{BOOKS}"))
    done = plan(book(BOOKS), known)
    assert [(p.code, p.row_key) for p in done.problems] == [("ROW-006", "2026-03-05 植树")]
    assert done.sheets[1].withdrawn == ("HD-D02-0001",)
    assert ("activities", "HD-D02-0001") not in done.values
    assert "HD-D02-0001" not in contents(done.content, "activities")


def test_what_a_unit_withdrew_in_the_last_day_counts() -> None:
    known = replace(saved(book(f"{TREES}\n{BOOKS}")), withdrawn_lately={"activities": 3})
    done = plan(book(BOOKS), known)
    assert [(p.code, p.row_key) for p in done.problems] == [("ROW-002", "2026-03-05 植树")]
    assert done.values["activities", "HD-D02-0001"]["name"] == "植树"
    assert "HD-D02-0001" not in contents(done.content, "activities")


def test_a_row_that_vanished_is_not_checked_but_a_row_that_stands_is() -> None:
    known = replace(saved(book(f"{TREES.replace('30', '不少')}\n{BOOKS}")), withdrawn_lately={"activities": 3})
    assert told(plan(book(f"{TREES.replace('30', '不少')}\n{BOOKS}"), known)) == [("CELL-001", "活动台账", "E5")]
    assert told(plan(book(BOOKS), known)) == [("ROW-002", "活动台账", "")]


# ---- rows that the ledger knows and this workbook's base does not


def test_a_copied_row_that_is_not_edited_yet_waits_until_it_is() -> None:
    known = saved(book(TREES))
    done = plan(book(f"{TREES}\n{TREES}"), known)
    assert told(done) == [("KEY-001", "活动台账", "B6"), ("KEY-002", "活动台账", "B5")]
    assert [r.id for r in done.sheets[1].held] == ["HD-D02-0006"]
    assert ("activities", "HD-D02-0006") not in done.values
    known = replace(after(done, known), held={"activities": frozenset({"HD-D02-0006"})})
    edited = plan(book(f"{TREES}\n{TREES.replace('植树', '种花')}"), known)
    assert (edited.sheets[1].held, edited.sheets[1].added, edited.problems) == ((), ("HD-D02-0006",), ())
    assert edited.values["activities", "HD-D02-0006"]["name"] == "种花"


def test_a_reserved_row_of_a_copy_and_of_the_workbook_may_hold_two_records() -> None:
    known = saved(book(TREES))
    copy = plan(book(f"{TREES}\n| | 2026-05-01 | HD-D02-0002 | 义诊 | 50 | | 社区 |"), known)
    known = replace(after(copy, known), base=known.base)
    file = book(f"{TREES}\n{BOOKS}")
    done = plan(file, known)
    assert {r.id: r.raw["name"] for r in done.sheets[1].rows} == {
        "HD-D02-0001": "植树", "HD-D02-0006": "读书会", "HD-D02-0002": "义诊",
    }  # fmt: skip
    assert [(r.id, r.carried) for r in done.content["activities"].rows][1] == ("HD-D02-0006", "HD-D02-0002")
    again = plan(file, after(done, known))
    assert all(not (p.decisions or p.added or p.vanished or p.withdrawn or p.held) for p in again.sheets)


def test_an_id_that_waits_elsewhere_is_not_given_to_another_record() -> None:
    known = replace(saved(book(TREES)), held={"activities": frozenset({"HD-D02-0002"})})
    assert plan(book(f"{TREES}\n{BOOKS}"), known).sheets[1].added == ("HD-D02-0006",)


def test_a_row_that_was_added_in_a_copy_and_typed_here_too_is_one_row() -> None:
    known = saved(book(TREES))
    copy = plan(book(f"{TREES}\n{BOOKS}"), known)
    known = replace(after(copy, known), base=known.base)
    done = plan(book(f"{TREES}\n{BOOKS.replace('0002', '0003').replace('12', '15')}"), known)
    assert [r.id for r in done.sheets[1].rows] == ["HD-D02-0001", "HD-D02-0002"]
    assert [(d.column, d.current, d.incoming, d.kind) for d in done.sheets[1].decisions] == [
        ("headcount", 12, 15, "conflict")
    ]


# ---- the whole file


MANY = "\n".join(f"| | 2026-03-{at:02} | HD-D02-{at:04} | 活动{at} | {at} |" for at in range(1, 9))


@pytest.mark.parametrize(
    ("left", "refused"), [("", True), (MANY.splitlines()[0], True), ("\n".join(MANY.splitlines()[:2]), False)]
)
def test_an_emptied_workbook_is_refused_and_what_was_known_stands(left: str, refused: bool) -> None:
    known = saved(book(MANY, ""))
    done = plan(book(left, ""), known)  # two rows of the plan with their default status count for nothing
    if refused:
        assert done.refusal == Refusal("FILE-015", (("rows", "8"),))
        assert (done.sheets, done.values, done.content) == ((), {}, known.base)
    else:
        assert done.refusal is None
        assert (len(done.sheets[1].vanished), done.sheets[1].withdrawn) == (6, ())


def test_an_emptied_workbook_that_was_let_in_is_planned_and_its_rows_are_asked_about() -> None:
    known = saved(book(MANY, ""))
    done = plan_book(LEDGER, CellReader(LEDGER), "D02", book("", ""), "宣传科.xlsx", known, admitted=True)
    assert (done.refusal, len(done.sheets[1].vanished), len(done.sheets[1].rows)) == (None, 8, 8)


def test_a_copy_made_when_there_was_little_is_not_an_emptied_workbook() -> None:
    known = replace(saved(book(MANY, "")), base=issued().base)
    assert plan(book(MANY.splitlines()[0], ""), known).refusal is None


def test_a_workbook_with_few_rows_has_no_mass_to_lose() -> None:
    assert plan(book("", ""), issued()).refusal is None


# ---- what is noted of the file


def test_the_content_says_where_everything_stood() -> None:
    blank = "| | | HD-D02-0002 |\n| 7 | | HD-D02-0003 |\n| | | HD-D02-0004 | | | | | 是 |\n| | | XX-D02-0005 |\n| | | HD-D03-0005 |"
    held = plan(book(f"{TREES}\n{blank}"), issued()).content["activities"]
    assert (held.table, held.id_column, held.free, held.last_row) == ("活动台账", 3, (6, 7), 10)
    assert (held.columns["date"], held.columns["closed"]) == (2, 8)


def test_rows_of_the_plan_are_never_free_and_a_sheet_without_ids_has_no_free_rows() -> None:
    tasks = f"{TASK_ROWS}\n| | | RW-D02-0001 |\n| | | T0009 |"
    done = plan(book("", tasks), issued())
    assert (done.content["tasks"].free, done.content["tasks"].last_row) == ((7,), 8)
    bare = Book((book().tables[0], table("活动台账", "| 活动台账 |\n| 日期 | 活动名称 |\n| 2026-03-05 | 植树 |")))
    held = plan(bare, issued()).content["activities"]
    assert (held.id_column, held.free, held.last_row) == (0, (), 3)


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("| 填报单位：宣传科 | 填报人：王芳 | 联系电话： |", "王芳"),
        ("| 填报单位：宣传科　填报人: 王芳　联系电话：1 |", "王芳"),
        ("| 填报人（签字）： | | 王芳 |", "王芳"),
        ("| 填报人： | 联系电话：1 |", ""),
        ("| 填报人：　审核人：李明 |", ""),
        ("| 填报单位：宣传科 |", ""),
        (f"| 填报人：{'很长' * 40} |", ""),
    ],
)
def test_who_filled_the_workbook_in_is_read_from_its_fill_in_line(line: str, who: str) -> None:
    whole = book(TREES)
    rows = (whole.tables[0].rows[0], table("", line).rows[0], *whole.tables[0].rows[2:])
    done = plan(Book((replace(whole.tables[0], rows=rows), whole.tables[1])), issued())
    assert (done.who, done.refusal) == (who, None)


# ---- the plan as it says today


def test_a_proposal_is_compared_with_todays_plan() -> None:
    ledger, _ = compiled(replaced={"任务分解": """
        | 编号 | 行标识 | 板块 | 任务     | 牵头单位 | 完成时限 |
        | '2.5 | T0002  | 教育 | 大宣讲   | 宣传科   | 全年     |
        | '2.2 | T0003  | 教育 | 道德讲堂 | 宣传科   | 全年     |
    """})  # fmt: skip
    done = plan(book(TREES, TASK_ROWS.replace("主题宣讲", "小宣讲")), saved(book(TREES)), ledger)
    assert [(d.column, d.base, d.current, d.incoming) for d in done.sheets[0].decisions] == [
        ("title", "主题宣讲", "大宣讲", "小宣讲")
    ]
    assert done.values["tasks", "T0002"]["no"] == "2.5"
    agreed = plan(book(TREES, TASK_ROWS.replace("主题宣讲", "大宣讲")), saved(book(TREES)), ledger)
    assert agreed.sheets[0].decisions == ()


def test_a_column_of_the_units_own_that_vanished_stays_in_the_ledger_and_is_said_until_it_is_back() -> None:
    tables = book(TREES).tables
    own = [("天气",) if number == 4 else ("晴",) if number > 4 else () for number in range(1, 6)]
    wider = tuple((*row, *[None] * (8 - len(row)), *more) for row, more in zip(tables[1].rows, own, strict=True))
    with_weather = Book((tables[0], replace(tables[1], rows=wider)))
    known = saved(with_weather)
    for _ in range(2):
        gone = plan(book(TREES), known)
        assert [(p.code, p.place.sheet, p.column) for p in gone.problems] == [("CHK-014", "活动台账", "天气")]
        known = after(gone, known)
        assert known.current["activities"][0].extra == {"天气": "晴"}
    back = plan(with_weather, known)
    assert (back.problems, back.sheets[1].decisions) == ((), ())


def test_the_first_content_is_the_plan_rows_and_empty_sheets_of_records() -> None:
    content = first_content(LEDGER, "D02")
    assert contents(content, "tasks").keys() == {"T0002", "T0003"}
    assert content["activities"].rows == ()
    assert set(content["activities"].columns) == {"no", "date", "name", "headcount", "tasks", "content", "closed"}
    assert set(first_content(LEDGER, "D03")) == {"tasks", "activities"}
