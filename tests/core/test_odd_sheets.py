"""Odd sheets through the whole plan of a save: merged cells and ownership, renamed worksheets, headers that are asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from syncer.core.delivery.plan import Wanted, content_of, plan_delivery, unlike
from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import KnownBook, first_content
from syncer.core.model import Book, Ledger, Stamp, Table
from syncer.core.reading.cells import CellReader
from syncer.core.reading.sheet_names import find_table
from tests.core.tables_as_text import (
    ACTIVITY_HEADER,
    TASK_HEADER,
    TASK_ROWS,
    book,
    codes,
    compiled,
    merged_table,
    sheet_of,
    table,
)

LEDGER, _ = compiled(
    {
        "栏目设置": """
            | 表名     | 字段代码  | 列名         | 别名       | 类型     | 归属   | 关键列 | 默认值 |
            | 任务清单 | no        | 任务编号     |            | 编号     | 创建办 | 是     |        |
            | 任务清单 | section   | 板块         |            | 文本     | 创建办 |        |        |
            | 任务清单 | title     | 重点任务     |            | 长文本   | 创建办 |        |        |
            | 任务清单 | status    | 工作状态     |            | 选项     | 单位   |        | 未启动 |
            | 任务清单 | this_week | 本周完成情况 |            | 长文本   | 单位   |        |        |
            | 任务清单 | hint      | 系统提示     |            | 文本     | 系统   |        |        |
            | 活动台账 | no        | 活动编号     |            | 编号     | 系统   |        |        |
            | 活动台账 | date      | 日期         |            | 日期     | 单位   | 是     |        |
            | 活动台账 | name      | 活动名称     |            | 文本     | 单位   | 是     |        |
            | 活动台账 | headcount | 参加人数     |            | 整数     | 单位   |        |        |
            | 活动台账 | closed    | 销号         |            | 文本     | 创建办 |        |        |
        """,
        "任务分解": """
            | 编号 | 行标识 | 板块 | 任务     | 牵头单位 | 完成时限 |
            | '1.1 | T0001  | 机制 | 制定方案 | 宣传科   | 全年     |
            | '1.2 | T0002  | 机制 | 专题研究 | 宣传科   | 全年     |
            | '2.1 | T0003  | 教育 | 主题宣讲 | 宣传科   | 全年     |
        """,
    }
)
PLAN = "| 任务编号 | 板块 | 行标识 | 重点任务 | 工作状态 | 本周完成情况 | 系统提示 |"
RECORDS = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 销号 |"
TASKS = """
    | '1.1 | 机制 | T0001 | 制定方案 | 推进中 | |
    | '1.2 | 机制 | T0002 | 专题研究 | 推进中 | |
    | '2.1 | 教育 | T0003 | 主题宣讲 | 推进中 | |
"""
ACTIVITIES = "| | 2026-03-05 | HD-D02-0001 | 植树 | 30 |\n| | 2026-03-06 | HD-D02-0002 | 读书会 | 12 |"


def workbook(
    tasks: str = TASKS, activities: str = ACTIVITIES, names: tuple[str, str] = ("任务清单", "活动台账")
) -> Book:
    parts = zip(names, (PLAN, RECORDS), (tasks, activities), strict=True)
    return Book(tuple(merged_table(name, f"| {name} |\n{head}\n{rows}") for name, head, rows in parts))


def plan(saved: Book, known: KnownBook, ledger: Ledger = LEDGER) -> BookPlan:
    return plan_book(ledger, CellReader(ledger), "D02", saved, "宣传科.xlsx", known)


def after(done: BookPlan, known: KnownBook) -> KnownBook:
    return KnownBook(done.content, {**known.current, **{p.sheet: p.rows for p in done.sheets}}, known.last_numbers)


def issued(ledger: Ledger = LEDGER) -> KnownBook:
    content = first_content(ledger, "D02")
    return KnownBook(content, {c: s.rows for c, s in content.items()}, {"activities": 5, "tasks": 3})


KNOWN = after(plan(workbook(), issued()), issued())


def decided(done: BookPlan) -> list[tuple[str, str, object, str, str]]:
    return [(d.row_id, d.column, d.incoming, d.outcome, d.kind) for p in done.sheets for d in p.decisions]


# ---- merged cells


MERGED_BY_A_CLERK: Mapping[str, str] = {
    "a column of the plan with equal content": """
        | '1.1 | 机制 | T0001 | 制定方案 | 推进中 | |
        | '1.2 | ↑    | T0002 | 专题研究 | 推进中 | |
        | '2.1 | 教育 | T0003 | 主题宣讲 | 推进中 | |
    """,
    "a column of the plan with other content below": """
        | '1.1 | 机制 | T0001 | 制定方案 | 推进中 | |
        | '1.2 | ↑    | T0002 | 专题研究 | 推进中 | |
        | '2.1 | ↑    | T0003 | 主题宣讲 | 推进中 | |
    """,
    "a column of the plan across into another": """
        | '1.1 | 机制 | T0001 | 制定方案 | 推进中 | |
        | '1.2 | 机制 | T0002 | 专题研究 | 推进中 | |
        | '2.1 | ←    | T0003 | 主题宣讲 | 推进中 | |
    """,
}


@pytest.mark.parametrize("tasks", MERGED_BY_A_CLERK.values(), ids=MERGED_BY_A_CLERK)
def test_merging_the_coordinators_cells_proposes_nothing_now_or_later(tasks: str) -> None:
    done = plan(workbook(tasks), KNOWN)
    assert (decided(done), done.problems) == ([], ())
    again = plan(workbook(tasks), after(done, KNOWN))
    assert (decided(again), again.problems, again.content) == ([], (), done.content)
    assert [row.raw["section"] for row in done.content["tasks"].rows] == ["机制", "机制", "教育"]


@pytest.mark.parametrize("tasks", MERGED_BY_A_CLERK.values(), ids=MERGED_BY_A_CLERK)
def test_a_delivery_sees_nothing_to_put_right_under_a_merge(tasks: str) -> None:
    saved = workbook(tasks)
    done = plan(saved, KNOWN)
    laid = content_of(LEDGER, "D02", saved, done.content)
    current = {p.sheet: p.rows for p in done.sheets}
    wanted = plan_delivery(LEDGER, "D02", laid, Wanted(current, {}))
    assert wanted.patches == ()
    assert unlike(LEDGER, wanted.content, laid, cells=True) == ""


@pytest.mark.parametrize("tasks", MERGED_BY_A_CLERK.values(), ids=MERGED_BY_A_CLERK)
def test_taking_such_a_merge_apart_proposes_nothing_and_the_cells_are_filled_again(tasks: str) -> None:
    merged = after(plan(workbook(tasks), KNOWN), KNOWN)
    apart = workbook(tasks.replace("↑", " ").replace("←", " "))  # Excel leaves the cells empty
    done = plan(apart, merged)
    assert (decided(done), done.problems) == ([], ())
    laid = content_of(LEDGER, "D02", apart, done.content)
    wanted = plan_delivery(LEDGER, "D02", laid, Wanted({p.sheet: p.rows for p in done.sheets}, {}))
    assert {(p.code, p.new) for p in wanted.patches} <= {("section", "机制"), ("section", "教育")}
    assert wanted.patches
    cleared = plan(apart, after(plan(workbook(), merged), KNOWN))  # filled again, and emptied by a person
    assert {kind for *_, kind in decided(cleared)} == {"proposal"}


def test_a_system_value_goes_under_a_merge_and_reads_back() -> None:
    saved = workbook(
        """
        | '1.1 | 机制 | T0001 | 制定方案 | 推进中 | | 请填报 |
        | '1.2 | 机制 | T0002 | 专题研究 | 推进中 | | ↑ |
        | '2.1 | 教育 | T0003 | 主题宣讲 | 推进中 | | |
        """
    )
    known = replace(KNOWN, base=plan(saved, KNOWN).content)
    laid = content_of(LEDGER, "D02", saved, known.base)
    wanted = plan_delivery(LEDGER, "D02", laid, Wanted(known.current, {("tasks", "T0002"): {"hint": "逾期"}}))
    assert [(p.row, p.column, p.new) for p in wanted.patches] == [(4, 7, "逾期")]
    rows = list(saved.tables[0].rows)
    rows[3] = (*rows[3], *(None,) * (6 - len(rows[3])), "逾期")
    written = Book((replace(saved.tables[0], rows=tuple(rows)), saved.tables[1]))
    assert unlike(LEDGER, wanted.content, content_of(LEDGER, "D02", written, wanted.content), cells=True) == ""


def test_the_units_own_merged_text_belongs_to_each_row_is_said_and_stays_the_same() -> None:
    tasks = """
        | '1.1 | 机制 | T0001 | 制定方案 | 推进中 | 两项一并推进 |
        | '1.2 | 机制 | T0002 | 专题研究 | 推进中 | ↑ |
        | '2.1 | 教育 | T0003 | 主题宣讲 | 推进中 | |
    """
    done = plan(workbook(tasks), KNOWN)
    assert decided(done) == [
        ("T0001", "this_week", "两项一并推进", "accepted", ""),
        ("T0002", "this_week", "两项一并推进", "accepted", ""),
    ]
    assert [(p.code, p.column, p.place.row) for p in done.problems] == [("ROW-011", "本周完成情况", 4)]
    again = plan(workbook(tasks), after(done, KNOWN))
    assert (decided(again), codes(again.problems)) == ([], ["ROW-011"])


def test_a_new_record_is_not_closed_by_a_merge_with_the_one_above() -> None:
    activities = "| | 2026-03-05 | HD-D02-0001 | 植树 | 30 | 是 |\n| | 2026-03-06 | HD-D02-0002 | 读书会 | 12 |\n| | 2026-03-07 | HD-D02-0003 | 义诊 | 9 | ↑ |"
    known = after(plan(workbook(activities=activities.replace("↑", "")), issued()), issued())
    closed = activities.replace("读书会 | 12 |", "读书会 | 12 | ↑ |")
    done = plan(workbook(activities=closed), known)
    assert decided(done) == []
    new = f"{closed}\n| | 2026-03-08 | HD-D02-0004 | 踏青 | 8 | ↑ |"
    assert [d for d in decided(plan(workbook(activities=new), known)) if d[1] == "closed"] == []


def test_merges_across_a_record_clear_what_they_swallow_like_any_other_hand() -> None:
    done = plan(workbook(activities=ACTIVITIES.replace("| 植树 | 30 |", "| 植树 | ← |")), KNOWN)
    assert decided(done) == [("HD-D02-0001", "headcount", None, "accepted", "")]


# ---- worksheets that were renamed


@pytest.mark.parametrize(
    "name", ["活动台账 (2)", "活动台账1", "活动台帐", " 活动台账", "11月活动台账", "活动台账-副本", "活动台账（新）"]
)
def test_a_renamed_worksheet_is_found_when_it_can_only_be_that_one(name: str) -> None:
    done = plan(workbook(names=("任务清单", name)), KNOWN)
    said = [] if name.strip() == "活动台账" else ["SHEET-003"]
    assert (codes(done.problems), decided(done)) == (said, [])
    assert done.content["activities"].table == name


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (("活动台账 (2)", "活动台账1"), ["SHEET-001", "SHEET-002", "SHEET-002"]),  # which of the two?
        (("去年的记录",), ["SHEET-001", "SHEET-002"]),
        (("活动",), ["SHEET-001", "SHEET-002"]),
    ],
)
def test_a_worksheet_that_may_be_another_is_not_read_and_said(tables: tuple[str, ...], said: list[str]) -> None:
    whole = workbook()
    others = tuple(replace(whole.tables[1], name=name) for name in tables)
    done = plan(Book((whole.tables[0], *others)), KNOWN)
    assert codes(done.problems) == said
    assert done.content["activities"] == KNOWN.base["activities"]


def test_a_worksheet_without_the_headers_is_not_the_missing_one_whatever_its_name() -> None:
    other = table("活动台账 (2)", "| 购置清单 |\n| 物品 | 数量 |\n| 树苗 | 20 |")
    assert codes(plan(Book((workbook().tables[0], other)), KNOWN).problems) == ["SHEET-001"]


def test_a_worksheet_with_another_data_sheets_name_is_that_sheets() -> None:
    ledger, _ = compiled(
        added={
            "表设置": "| 活动台账2 | more | 记录 | 全部 | 5 | HE |",
            "栏目设置": "\n".join(
                f"| 活动台账2 | {c} | | {n} |" for c, n in (("a", "日期"), ("b", "活动名称"), ("c", "参加人数"))
            ),
        }
    )
    there = Table("活动台账2", book().tables[1].rows)
    assert find_table(Book((there,)), sheet_of(ledger, "activities"), ledger) is None
    assert find_table(Book((there,)), sheet_of(ledger, "more"), ledger) is there


def test_of_two_worksheets_with_one_name_but_for_blanks_the_plain_one_is_read() -> None:
    whole = workbook()
    spaced = replace(whole.tables[1], name="活动台账 ", rows=whole.tables[1].rows[:2])
    assert find_table(Book((spaced, *whole.tables)), sheet_of(LEDGER, "activities"), LEDGER) is whole.tables[1]


def test_a_lone_table_without_a_stamp_is_known_by_its_headers() -> None:
    lone = Table("报送", workbook().tables[1].rows)
    sheet = sheet_of(LEDGER, "activities")
    assert find_table(Book((lone,)), sheet, LEDGER) is lone
    assert find_table(Book((lone,)), sheet_of(LEDGER, "tasks"), LEDGER) is None
    assert find_table(Book((lone,), Stamp("L1", "D02")), sheet, LEDGER) is None


# ---- headers


def test_a_header_like_a_missing_one_is_read_as_it_and_nothing_changes() -> None:
    renamed = Book(
        (workbook().tables[0], merged_table("活动台账", f"{RECORDS.replace('参加人数', '参与人数')}\n{ACTIVITIES}"))
    )
    done = plan(renamed, KNOWN)
    assert (codes(done.problems), decided(done)) == (["HEAD-005"], [])


def test_a_column_of_the_units_own_stays_its_own_when_ours_is_deleted() -> None:
    both = f"{RECORDS} 参与人数 |\n| | 2026-03-05 | HD-D02-0001 | 植树 | 30 | | 28 |\n| | 2026-03-06 | HD-D02-0002 | 读书会 | 12 | | 11 |"
    known = after(plan(Book((workbook().tables[0], merged_table("活动台账", both))), KNOWN), KNOWN)
    without = both.replace("| 参加人数 |", "| |").replace("| 30 |", "| |").replace("| 12 |", "| |")
    done = plan(Book((workbook().tables[0], merged_table("活动台账", without))), known)
    assert (codes(done.problems), decided(done)) == (["HEAD-002"], [])
    assert done.values["activities", "HD-D02-0001"]["headcount"] == 30


def test_exchanged_headers_change_nothing_until_they_are_put_right() -> None:
    rows = f"{ACTIVITIES}\n| | 2026-03-07 | HD-D02-0003 | 义诊 | 9 |"
    known = after(plan(workbook(activities=rows), issued()), issued())
    crossed = RECORDS.replace("日期", "◇").replace("活动名称", "日期").replace("◇", "活动名称")
    saved = Book((workbook().tables[0], merged_table("活动台账", f"{crossed}\n{rows}")))
    done = plan(saved, known)
    assert (codes(done.problems), decided(done)) == (["HEAD-007"], [])
    laid = content_of(LEDGER, "D02", saved, done.content)
    current = {p.sheet: p.rows for p in done.sheets}
    assert plan_delivery(LEDGER, "D02", laid, Wanted(current, {})).patches == ()
    right = plan(workbook(activities=rows), after(done, known))
    assert (right.problems, decided(right)) == ((), [])


def test_the_second_of_two_equal_columns_is_in_the_ledger_too() -> None:
    twice = f"{RECORDS} 活动名称 |\n| | 2026-03-05 | HD-D02-0001 | 植树 | 30 | | 植树造林 |\n| | 2026-03-06 | HD-D02-0002 | 读书会 | 12 |"
    done = plan(Book((workbook().tables[0], merged_table("活动台账", twice))), KNOWN)
    assert codes(done.problems) == ["HEAD-003"]
    assert decided(done) == [("HD-D02-0001", "+活动名称(2)", "植树造林", "accepted", "")]


def test_a_jotting_in_a_column_without_a_header_is_carried_and_can_be_wiped_out_again() -> None:
    jotted = workbook(
        activities=ACTIVITIES.replace("| 30 |", "| 30 | | 带了铁锹 |").replace("| 12 |", "| 12 | | 人手不够 |")
    )
    done = plan(jotted, KNOWN)
    assert codes(done.problems) == ["HEAD-008"]
    assert [d[:3] for d in decided(done)] == [
        ("HD-D02-0001", "+无列名1", "带了铁锹"),
        ("HD-D02-0002", "+无列名1", "人手不够"),
    ]
    half = workbook(activities=ACTIVITIES.replace("| 30 |", "| 30 | | 带了铁锹 |"))
    known = after(plan(half, after(done, KNOWN)), after(done, KNOWN))
    wiped = plan(workbook(), known)
    assert [d[:4] for d in decided(wiped)] == [("HD-D02-0001", "+无列名1", None, "accepted")]
    assert plan(workbook(), after(wiped, known)).problems == ()


def test_the_small_ledgers_own_book_reads_as_before() -> None:
    assert TASK_HEADER.count("|") == ACTIVITY_HEADER.count("|") == 9
    ledger, _ = compiled()
    assert plan(book("", TASK_ROWS), issued(ledger), ledger).problems == ()
