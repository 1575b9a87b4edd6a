from __future__ import annotations

from dataclasses import replace

from syncer.core.delivery.handout import handed_out, reserved_ids, row_id, task_cell, with_plan
from syncer.core.model import Column, ColumnType, Owner, Row
from syncer.core.state import LedgerState
from syncer.core.values import Scalar
from tests.core.tables_as_text import CONTROL, compiled, sheet_of

SUPPORT = {
    "表设置": "| 配合任务 | support | 配合 | 全部 | 0 | PH |",
    "栏目设置": """
        | 配合任务 | no     | | 任务编号 | | 编号   | | | | | 创建办 |
        | 配合任务 | target | | 目标值   | | 文本   | | | | | 创建办 |
        | 配合任务 | report | | 配合情况 | | 长文本 | | | | | 单位   |
    """,
}
LEDGER, _ = compiled(added=SUPPORT)
TASKS, ACTIVITIES = sheet_of(LEDGER, "tasks"), sheet_of(LEDGER, "activities")


def row(row_id: str, sheet: str, unit: str, **values: Scalar) -> Row:
    return Row(row_id, sheet, unit, values)


def state(*rows: Row) -> LedgerState:
    return LedgerState(rows, ())


def test_a_unit_gets_the_tasks_it_leads_with_the_coordinators_cells_and_the_defaults_of_its_own() -> None:
    rows = handed_out(LEDGER, TASKS, "D02")
    assert [(r.id, r.row, dict(r.raw)) for r in rows] == [
        ("T0002", 5, {"no": "2.1", "title": "主题宣讲", "status": "未启动"}),
        ("T0003", 6, {"no": "2.2", "title": "道德讲堂", "status": "未启动"}),
    ]


def test_a_unit_gets_the_tasks_it_supports_on_their_own_sheet_and_records_from_nobody() -> None:
    support = sheet_of(LEDGER, "support")
    assert [(r.id, dict(r.raw)) for r in handed_out(LEDGER, support, "D03")] == [
        ("T0002", {"no": "2.1", "target": "4次"})
    ]
    assert [r.id for r in handed_out(LEDGER, support, "D02")] == ["T0001"]
    assert handed_out(LEDGER, ACTIVITIES, "D02") == ()


def test_a_target_is_a_number_in_a_column_of_numbers_and_words_elsewhere() -> None:
    task = LEDGER.tasks[1]
    target = Column("target", "目标值", ColumnType.NUMBER, Owner.COORDINATOR)
    assert task_cell(task, target) == 4
    assert task_cell(task, replace(target, type=ColumnType.TEXT)) == "4次"
    assert task_cell(replace(task, target=2.5), replace(target, type=ColumnType.TEXT)) == "2.5次"
    assert task_cell(replace(task, target=None), target) is None


def test_only_a_coordinators_column_that_the_plan_knows_is_fed_from_it() -> None:
    task = LEDGER.tasks[0]
    assert task_cell(task, Column("title", "重点任务", owner=Owner.UNIT)) is None
    assert task_cell(task, Column("colour", "颜色", owner=Owner.COORDINATOR)) is None
    assert task_cell(task, Column("deadline", "完成时限", ColumnType.DEADLINE, Owner.COORDINATOR)) == "3月底前"


def test_ids_name_sheet_unit_and_number_and_are_pre_printed_on_the_reserved_rows() -> None:
    assert row_id(ACTIVITIES, "D02", 7) == "HD-D02-0007"
    assert row_id(ACTIVITIES, "D02", 12345) == "HD-D02-12345"
    assert reserved_ids(TASKS, "D02") == ("RW-D02-0001", "RW-D02-0002", "RW-D02-0003")


def test_the_master_follows_the_plan_at_once_whatever_the_workbooks_hold() -> None:
    changed, _ = compiled({"任务分解": CONTROL["任务分解"].replace("主题宣讲", "理论宣讲")}, SUPPORT)
    held = row("T0002", "tasks", "D02", no="2.1", title="主题宣讲", status="推进中", this_week="两场")
    shown = with_plan(changed, state(held)).rows_of("tasks", "D02")
    assert shown[0].values == {"no": "2.1", "title": "理论宣讲", "status": "推进中", "this_week": "两场"}


def test_a_task_that_no_workbook_holds_yet_has_its_row_in_plan_order() -> None:
    shown = with_plan(LEDGER, state(row("T0003", "tasks", "D02", no="2.2", title="道德讲堂", note="已约讲师")))
    assert [(r.id, r.text("status")) for r in shown.rows_of("tasks", "D02")] == [("T0002", "未启动"), ("T0003", "")]
    assert [r.id for r in shown.rows_of("tasks", "D01")] == ["T0001"]


def test_a_cell_that_the_unit_cleared_does_not_get_its_default_back() -> None:
    shown = with_plan(LEDGER, state(row("T0002", "tasks", "D02", no="2.1", title="主题宣讲", this_week="两场")))
    assert shown.rows_of("tasks", "D02")[0].get("status") is None


def test_a_units_own_sub_task_and_its_records_stay_and_a_task_taken_from_it_does_not() -> None:
    rows = (
        row("T0001", "tasks", "D02", no="1.1", note="原来归我们"),
        row("RW-D02-0001", "tasks", "D02", no="2.1-①", title="备课"),
        row("HD-D02-0001", "activities", "D02", name="植树"),
        row("X-D02-0001", "former", "D02", name="停用的表"),
    )
    shown = with_plan(LEDGER, state(*rows))
    assert [r.id for r in shown.rows_of("tasks", "D02")] == ["T0002", "T0003", "RW-D02-0001"]
    assert shown.rows_of("activities") == (rows[2],)
    assert shown.rows_of("former") == ()
