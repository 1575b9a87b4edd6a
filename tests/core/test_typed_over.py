from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from syncer.core.inbox.typed_origin import Origin
from syncer.core.inbox.typed_over import TypedCell, typed_over
from syncer.core.model import Table
from syncer.core.values import Scalar
from tests.core.tables_as_text import compiled, table

LEDGER, _ = compiled()

FRONT = table(
    "首页",
    """
    | 云岭市局2026年台账 |
    | 截至 2026年11月20日 |
    |
    | 重点任务 | | 红灯 | | 黄灯 |
    | 3 | | 1 | | 0 |
    | 单位 | 类别 | 牵头任务 |
    | 办公室 | 科室 | 1 |
    | 宣传科 | 科室 | 2 |
    | 填报人：　　审核人： |
    """,
)
WHOLE = table(
    "总台账",
    """
    | 2026年台账·总台账 |
    | 截至 2026年11月20日 |
    | 任务 | | | | | 亮灯 | 计划 | | 进展 | | 出处 |
    | 任务编号 | 板块 | 重点任务 | 层级 | 单位 | 亮灯 | 备注 | 已完成量 | 完成率 | 本周完成情况 | 来源 |
    | '1.1 | 机制 | 制定方案 | 任务 | 办公室 | 绿 | | | 0.5 | 【办公室】已起草；【宣传科】已提意见 |
    | '1.1 | | | 牵头 | 办公室 | 绿 | | | 0.5 | 已起草 | 办公室.xlsx › 任务清单!5 |
    | '1.1 | | | 配合 | 宣传科 | | | | | 已提意见 | 宣传科.xlsx › 配合任务!5 |
    | '2.1 | 教育 | 主题宣讲 | 任务 | 宣传科 | 黄 | | 1 | 0.25 | 宣讲一场 | 宣传科.xlsx › 任务清单!5 |
    | '2.2 | 教育 | 道德讲堂 | 任务 | 宣传科 | 灰 | | | | | 宣传科.xlsx › 任务清单!6 |
    |
    | 填报人： |
    """,
)
TASKS = table(
    "任务清单",
    """
    | 2026年台账·任务清单 |
    | 截至 2026年11月20日 |
    | 单位 | tasks | 计划 | | | 进展 | | | | 出处 |
    | 单位 | 行标识 | 任务编号 | 重点任务 | 已完成量 | 完成率 | 工作状态 | 本周完成情况 | 备注 | 来源 | 保存时间 |
    | 办公室 | T0001 | '1.1 | 制定方案 | | 0.5 | 推进中 | 已起草 | | 办公室.xlsx › 任务清单!5 |
    | 宣传科 | T0002 | '2.1 | 主题宣讲 | 1 | 0.25 | 推进中 | 宣讲一场 | | 宣传科.xlsx › 任务清单!5 |
    | 宣传科 | T0003 | '2.2 | 道德讲堂 | | | 未启动 | | | 宣传科.xlsx › 任务清单!6 |
    | 青禾 | T0003 | '2.2 | 道德讲堂 | | | 未启动 | | | 青禾.xlsx › 任务清单!5 |
    """,
)
ACTIVITIES = table(
    "活动台账",
    """
    | 2026年台账·活动台账 |
    | 截至 2026年11月20日 |
    | 单位 | activities | | | | | | | 出处 |
    | 单位 | 行标识 | 活动编号 | 日期 | 活动名称 | 参加人数 | 主要内容 | 来源 | 保存时间 | 附加列 |
    | 办公室 | HD-D01-0001 | HD-D01-0001 | 2026-03-05 | 植树 | 20 | 在南山 | 办公室.xlsx › 活动台账!5 | 2026-11-20 | 附加列：经费=30 |
    | 宣传科 | HD-D02-0001 | HD-D02-0001 | 2026-04-02 | 读书会 | 12 | | 宣传科.xlsx › 活动台账!5 |
    | 宣传科 | HD-D02-0002 | HD-D02-0002 | 2026-04-09 | 读书会 | 15 | | 宣传科.xlsx › 活动台账!6 |
    | 青禾 | HD-D03-0001 | HD-D03-0001 | 2026-05-01 | 义诊 | 80 | 社区卫生站 | 青禾.xlsx › 活动台账!5 |
    """,
)
EDITION = (FRONT, WHOLE, TASKS, ACTIVITIES)
FIRST = 5  # row of the first data


def with_cells(sheet: Table, cells: dict[tuple[int, int], Scalar]) -> Table:
    """Types into a sheet: (row, column) → content."""
    width = max(len(row) for row in sheet.rows)
    rows = [[*row, *[None] * (width + 3 - len(row))] for row in sheet.rows]
    for (row, column), value in cells.items():
        while len(rows) < row:
            rows.append([None] * (width + 3))
        rows[row - 1][column - 1] = value
    return with_rows(sheet, rows)


def with_rows(sheet: Table, rows: Sequence[Sequence[Scalar]]) -> Table:
    """Puts other rows into a sheet, trailing blanks cut as its reader cuts them."""
    kept = []
    for row in rows:
        cells = list(row)
        while cells and cells[-1] is None:
            cells.pop()
        kept.append(tuple(cells))
    return replace(sheet, rows=tuple(kept))


def with_columns(sheet: Table, order: Sequence[int | None], first: int = 1) -> Table:
    """Moves, inserts (``None``) and deletes columns, 1-based, from row ``first`` down."""
    moved = [[None if at is None else sheet.cell(row, at) for at in order] for row in range(first, len(sheet.rows) + 1)]
    return with_rows(sheet, [*sheet.rows[: first - 1], *moved])


def compared(*edited: Table) -> tuple[tuple[TypedCell, ...], tuple[str, ...]]:
    """Compares the edition with one in which these sheets stand instead of theirs."""
    by_name = {sheet.name: sheet for sheet in edited}
    found = typed_over(EDITION, [by_name.get(sheet.name, sheet) for sheet in EDITION], LEDGER)
    return found.cells, found.said


def only(*edited: Table) -> TypedCell:
    (one,), said = compared(*edited)
    assert said == ()
    return one


def test_an_untouched_book_says_nothing() -> None:
    assert compared() == ((), ())


def test_a_cell_of_a_record_is_traced_to_unit_sheet_row_and_column() -> None:
    cell = only(with_cells(ACTIVITIES, {(6, 6): 13}))
    assert (cell.table, cell.cell, cell.heading, cell.base, cell.incoming) == ("活动台账", "F6", "参加人数", 12, 13)
    assert cell.origin == Origin("D02", "activities", "HD-D02-0001", "headcount")
    assert "宣传科" in cell.row_name


def test_a_cleared_cell_is_a_change_too() -> None:
    cell = only(with_cells(ACTIVITIES, {(8, 7): None}))
    assert (cell.base, cell.incoming) == ("社区卫生站", None)
    assert cell.origin == Origin("D03", "activities", "HD-D03-0001", "content")


def test_two_units_that_have_one_task_are_told_apart() -> None:
    assert only(with_cells(TASKS, {(8, 8): "青禾写的"})).origin == Origin("D03", "tasks", "T0003", "this_week")
    assert only(with_cells(TASKS, {(7, 8): "宣传写的"})).origin == Origin("D02", "tasks", "T0003", "this_week")


def test_a_renamed_sheet_and_a_renamed_unit_are_still_traced_by_code_and_alias() -> None:
    cells = typed_over(
        (replace(TASKS, name="旧名"),), (with_cells(replace(TASKS, name="旧名"), {(5, 9): "批"}),), LEDGER
    ).cells
    assert [cell.origin for cell in cells] == [Origin("D01", "tasks", "T0001", "note")]
    old = with_cells(TASKS, {(6, 1): "宣教科"})
    cells = typed_over((old,), (with_cells(old, {(6, 9): "批"}),), LEDGER).cells
    assert [cell.origin for cell in cells] == [Origin("D02", "tasks", "T0002", "note")]


def test_what_the_program_computes_has_a_row_but_no_column_to_set() -> None:
    assert only(with_cells(TASKS, {(6, 5): 4})).origin == Origin("D02", "tasks", "T0002", "")
    assert only(with_cells(ACTIVITIES, {(5, 10): "附加列：经费=50"})).origin == Origin(
        "D01", "activities", "HD-D01-0001", ""
    )


def test_a_cell_typed_over_again_is_the_same_place_wherever_the_row_stands_by_then() -> None:
    once = only(with_cells(ACTIVITIES, {(6, 6): 13}))
    rows = [*ACTIVITIES.rows[:4], *reversed(with_cells(ACTIVITIES, {(6, 6): 13}).rows[4:])]
    again = only(with_rows(ACTIVITIES, rows))
    assert again.row != once.row
    assert (again.origin, again.stood, again.incoming) == (once.origin, once.stood, once.incoming)


# --- no typing


def test_a_sort_in_any_order_says_nothing() -> None:
    shuffle = random.Random(4)
    for sheet in (WHOLE, TASKS, ACTIVITIES):
        for _ in range(10):
            rows = list(sheet.rows[4:])
            shuffle.shuffle(rows)
            assert compared(with_rows(sheet, [*sheet.rows[:4], *rows])) == ((), ())


def test_a_sort_that_leaves_ids_and_units_behind_says_nothing() -> None:
    moved = [
        (*row[:2], *other[2:]) for row, other in zip(ACTIVITIES.rows[4:], reversed(ACTIVITIES.rows[4:]), strict=True)
    ]
    assert compared(with_rows(ACTIVITIES, [*ACTIVITIES.rows[:4], *moved])) == ((), ())


def test_moved_and_inserted_blank_columns_say_nothing() -> None:
    assert compared(with_columns(ACTIVITIES, [1, 2, 3, None, 7, 6, 5, 4, 8, 9, 10])) == ((), ())


def test_blank_rows_inserted_anywhere_say_nothing() -> None:
    for at in range(1, 9):
        rows = [*ACTIVITIES.rows[:at], (), (), *ACTIVITIES.rows[at:]]
        assert compared(with_rows(ACTIVITIES, rows)) == ((), ()), at


@pytest.mark.parametrize(
    ("held", "again"),
    [
        (12, 12.0),
        (0.1 + 0.2, 0.3),
        (date(2026, 3, 5), datetime(2026, 3, 5)),
        (datetime(2026, 11, 20, 16, 2), datetime(2026, 11, 20, 16, 1, 59, 999_000)),
        (timedelta(hours=1, minutes=30), time(1, 30)),
        (True, "是"),
        ("甲\n乙", "甲\r\n乙"),
        ("甲", "甲 "),
        (None, " "),
    ],
)
def test_another_program_holds_the_same_value_in_its_own_way(held: Scalar, again: Scalar) -> None:
    base = with_cells(ACTIVITIES, {(5, 7): held})
    assert typed_over((base,), (with_cells(base, {(5, 7): again}),), LEDGER).cells == ()


# --- rows, columns and sheets


def test_deleted_rows_are_one_line() -> None:
    cells, said = compared(with_rows(ACTIVITIES, [*ACTIVITIES.rows[:5], *ACTIVITIES.rows[7:]]))
    assert (cells, said) == ((), ("“活动台账”删了2行，不起作用",))


def test_a_row_typed_below_is_quoted_and_harms_no_other() -> None:
    added = (None, None, None, date(2026, 6, 1), "手加的活动", 9)
    cells, said = compared(with_rows(ACTIVITIES, [*ACTIVITIES.rows[:6], added, *ACTIVITIES.rows[6:]]))
    assert cells == ()
    assert said == ("“活动台账”第7行是添上的：2026-06-01、手加的活动、9",)


def test_a_copied_row_that_is_changed_is_an_added_one_and_the_original_stays_itself() -> None:
    copy = with_cells(ACTIVITIES, {(6, 6): 99}).rows[5]
    cells, said = compared(with_rows(ACTIVITIES, [*ACTIVITIES.rows[:4], copy, *ACTIVITIES.rows[4:]]))
    assert cells == ()
    assert [text.partition("：")[0] for text in said] == ["“活动台账”第5行是添上的"]


def test_of_two_changed_rows_with_one_id_the_likest_is_the_row() -> None:
    near, far = (
        with_cells(TASKS, {(6, 9): "近"}).rows[5],
        with_cells(TASKS, {(6, 4): "远", (6, 7): "远", (6, 8): "远"}).rows[5],
    )
    cells, said = compared(with_rows(TASKS, [*TASKS.rows[:5], far, near, *TASKS.rows[6:]]))
    assert [(cell.cell, cell.incoming) for cell in cells] == [("I7", "近")]
    assert len(said) == 1


def test_an_inserted_column_with_content_is_quoted() -> None:
    wide = with_columns(ACTIVITIES, [1, 2, 3, None, 4, 5, 6, 7, 8, 9, 10])
    cells, said = compared(with_cells(wide, {(4, 4): "核对", (6, 4): "已核"}))
    assert (cells, said) == ((), ("“活动台账”D列是添上的，2格有内容：核对、已核",))


def test_a_deleted_column_is_one_line_even_the_hidden_ids() -> None:
    assert compared(with_columns(ACTIVITIES, [1, 2, 3, 4, 5, 6, 8, 9, 10])) == ((), ("“活动台账”删了1列，不起作用",))
    typed = with_columns(with_cells(ACTIVITIES, {(8, 6): 90}), [1, 3, 4, 5, 6, 7, 8, 9, 10])
    (cell,), said = compared(typed)
    assert cell.origin == Origin("D03", "activities", "HD-D03-0001", "headcount")
    assert said == ("“活动台账”删了1列，不起作用",)


def test_a_renamed_heading_is_one_cell_and_the_column_below_it_goes_on() -> None:
    (head, cell), said = compared(with_cells(ACTIVITIES, {(4, 6): "到场人数", (5, 6): 21}))
    assert said == ()
    assert (head.cell, head.base, head.incoming, head.origin) == ("F4", "参加人数", "到场人数", None)
    assert cell.origin == Origin("D01", "activities", "HD-D01-0001", "headcount")


def test_added_deleted_and_renamed_sheets() -> None:
    extra = table("我的表", "| 甲 | 乙 |\n| 1 | 2 |")
    assert typed_over(EDITION, (*EDITION, extra, Table("空表", ())), LEDGER).said == ("添了一张表“我的表”，4格有内容",)
    assert typed_over(EDITION, EDITION[:-1], LEDGER).said == ("删了表“活动台账”，不起作用",)
    renamed = replace(with_cells(ACTIVITIES, {(5, 6): 21}), name="活动")
    found = typed_over(EDITION, (*EDITION[:-1], renamed), LEDGER)
    assert found.said == ()
    assert [cell.origin for cell in found.cells] == [Origin("D01", "activities", "HD-D01-0001", "headcount")]


# --- 总台账 and the other computed sheets


@pytest.mark.parametrize(
    ("row", "column", "origin"),
    [
        (6, 10, Origin("D01", "tasks", "T0001", "this_week")),  # 牵头
        (5, 3, Origin("D01", "tasks", "T0001", "title")),  # the plan's
        (8, 10, Origin("D02", "tasks", "T0002", "this_week")),  # a task with one voice
        (8, 9, Origin("D02", "tasks", "T0002", "percent")),
        (5, 10, None),  # several texts put together
        (7, 10, None),  # a supporting unit, in a ledger that has no 配合任务
        (8, 6, None),  # a light
        (8, 8, None),  # counted
        (8, 11, None),
    ],
)
def test_cells_of_the_whole_ledger_are_traced_by_the_tasks_number(row: int, column: int, origin: Origin | None) -> None:
    assert only(with_cells(WHOLE, {(row, column): "改"})).origin == origin


def test_a_supporting_units_text_is_traced_where_there_is_a_sheet_for_it() -> None:
    ledger, _ = compiled(
        added={
            "表设置": "| 配合任务 | support | 配合 | 全部 | 3 | PH |",
            "栏目设置": "| 配合任务 | report | | 配合完成情况 | | 长文本 | | | | | 单位 |",
        }
    )
    (cell,) = typed_over((WHOLE,), (with_cells(WHOLE, {(7, 10): "改"}),), ledger).cells
    assert cell.origin == Origin("D02", "support", "T0001", "report")


def test_the_number_of_a_task_typed_over_is_still_that_tasks() -> None:
    cell = only(with_cells(WHOLE, {(8, 1): "2.1.1"}))
    assert (cell.cell, cell.origin) == ("A8", Origin("D02", "tasks", "T0002", "no"))


def test_a_signature_and_a_figure_on_the_first_page_are_cells_without_an_origin() -> None:
    signed = only(with_cells(WHOLE, {(11, 1): "填报人：张三"}))
    assert (signed.base, signed.incoming, signed.origin) == ("填报人：", "填报人：张三", None)
    (figure, name), said = compared(with_cells(FRONT, {(5, 1): 4, (9, 1): "填报人：李四"}))
    assert said == ()
    assert [(cell.cell, cell.incoming, cell.origin) for cell in (figure, name)] == [
        ("A5", 4, None),
        ("A9", "填报人：李四", None),
    ]


def test_rows_typed_into_an_empty_list_are_said() -> None:
    empty = table("本周变化", "| 题 |\n| 截至 |\n| 时间 |\n| 发现时间 | 单位 | 现在 |\n| （无） |")
    found = typed_over((empty,), (with_cells(empty, {(6, 2): "宣传科", (6, 3): "补一条"}),), LEDGER)
    assert (found.cells, found.said) == ((), ("“本周变化”第6行是添上的：宣传科、补一条",))


def test_a_title_typed_over_is_a_cell_and_a_note_in_a_blank_one_too() -> None:
    (title, note), said = compared(with_cells(ACTIVITIES, {(1, 1): "我的活动", (2, 4): "请核对"}))
    assert said == ()
    assert (title.cell, title.base, title.incoming, title.origin) == ("A1", "2026年台账·活动台账", "我的活动", None)
    assert (note.cell, note.base, note.incoming) == ("D2", None, "请核对")


# --- odd books


@pytest.mark.parametrize(
    "spoil", [lambda s: with_rows(s, s.rows[4:]), lambda s: Table(s.name, ()), lambda s: with_rows(s, s.rows[:3])]
)
def test_a_sheet_without_its_headings_or_rows_is_no_accident(spoil: Callable[[Table], Table]) -> None:
    for sheet in EDITION:
        cells, said = compared(spoil(sheet))
        assert cells == ()
        assert said


def test_every_row_with_one_id_is_answered_in_time() -> None:
    rows = [("宣传科", "HD-D02-0001", None, None, f"活动{at}", at) for at in range(3000)]
    big = with_rows(ACTIVITIES, [*ACTIVITIES.rows[:4], *rows])
    other = with_rows(big, [*big.rows[:4], *((*row[:5], at + 1) for at, row in enumerate(rows))])
    found = typed_over((big,), (other,), LEDGER)
    assert found.said[-1] == "“活动台账”删了3000行，不起作用"


def test_whatever_is_typed_is_found_in_its_row_under_any_order_of_rows_and_columns() -> None:
    shuffle = random.Random(2026)
    rows = [
        (
            "宣传科" if at % 2 else "办公室",
            f"HD-D0{2 - (at + 1) % 2}-{at:04}",
            f"HD-{at}",
            None,
            f"活动{at % 7}",
            at % 5,
            None,
            f"书!{at}",
        )
        for at in range(40)
    ]
    base = with_rows(ACTIVITIES, [*ACTIVITIES.rows[:4], *rows])
    codes = {5: "name", 6: "headcount", 7: "content"}
    for _ in range(200):
        picked = {(shuffle.randrange(40), shuffle.choice(list(codes))) for _ in range(shuffle.randrange(12))}
        typed = with_cells(base, {(FIRST + at, column): f"改{at}" for at, column in picked})
        body = list(typed.rows[4:])
        shuffle.shuffle(body)
        order: list[int | None] = list(range(1, 11))
        shuffle.shuffle(order)
        found = typed_over((base,), (with_columns(with_rows(typed, [*typed.rows[:4], *body]), order, 3),), LEDGER)
        assert found.said == ()
        wanted = {(rows[at][1], codes[column], f"改{at}") for at, column in picked}
        assert {(c.origin.row_id, c.origin.column, c.incoming) for c in found.cells if c.origin} == wanted
        assert len(found.cells) == len(wanted)
