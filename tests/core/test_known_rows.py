from __future__ import annotations

from datetime import date

from syncer.core.delivery.handout import handed_out
from syncer.core.merging.known_rows import as_planned, recognised
from syncer.core.reading.rows import ReadRow
from syncer.core.values import Scalar
from tests.core.tables_as_text import compiled, sheet_of

LEDGER, _ = compiled()
ACTIVITIES, TASKS = sheet_of(LEDGER, "activities"), sheet_of(LEDGER, "tasks")
PLANNED = handed_out(LEDGER, TASKS, "D02")
NEW = ("HD-D02-0021", "HD-D02-0022", "HD-D02-0023")


def row(number: int, **raw: Scalar) -> ReadRow:
    return ReadRow(f"HD-D02-{number:04}", 5, raw, carried=f"HD-D02-{number:04}")


def known_as(
    *rows: ReadRow,
    base: tuple[ReadRow, ...] = (),
    current: tuple[ReadRow, ...] = (),
    held: str = "",
    gone: tuple[ReadRow, ...] = (),
) -> list[str]:
    found = recognised(ACTIVITIES, rows, base, current, {held}, NEW, {row.id: row for row in gone})
    assert [r.carried for r in found] == [r.carried for r in rows]
    return [r.id[-4:] for r in found]


TREES: dict[str, Scalar] = {"date": date(2026, 3, 5), "name": "植树", "headcount": 30}
BOOKS: dict[str, Scalar] = {"date": date(2026, 3, 6), "name": "读书会", "headcount": 12}


# ---- the plan as it says today


def test_the_coordinators_cells_of_a_task_are_as_the_plan_says_now_and_the_units_stay() -> None:
    stale = ReadRow("T0002", 9, {"no": "旧", "title": "旧", "status": "推进中", "done": 2}, {"天气": "晴"})
    (row_,) = as_planned(LEDGER, TASKS, "D02", [stale], ())
    assert row_ == ReadRow(
        "T0002", 9, {"no": "2.1", "title": "主题宣讲", "status": "推进中", "done": 2}, {"天气": "晴"}
    )


def test_what_the_plan_says_no_more_is_blank() -> None:
    ledger, _ = compiled(added={"栏目设置": "| 任务清单 | supervision | | 督办意见 | | 文本 | | | | | 创建办 |"})
    had = ReadRow("T0002", 9, {"no": "2.1", "title": "主题宣讲", "supervision": "抓紧"})
    (row_,) = as_planned(ledger, sheet_of(ledger, "tasks"), "D02", [had], ())
    assert "supervision" not in row_.raw


def test_a_coordinators_column_that_the_plan_does_not_feed_keeps_what_stands() -> None:
    ledger, _ = compiled(added={"栏目设置": "| 任务清单 | verified | | 已核实 | | 文本 | | | | | 创建办 |"})
    had = ReadRow("T0002", 9, {"no": "2.1", "title": "主题宣讲", "verified": "是"})
    (row_,) = as_planned(ledger, sheet_of(ledger, "tasks"), "D02", [had], ())
    assert row_.raw == had.raw


def test_sub_tasks_and_rows_that_are_planned_no_more_stay_as_they_are() -> None:
    others = (ReadRow("RW-D02-0001", 9, {"no": "x", "title": "备课"}), ReadRow("T0001", 10, {"title": "以前的"}))
    assert as_planned(LEDGER, TASKS, "D02", others, ()) == others


def test_a_new_task_gets_its_planned_cells_only_where_the_workbook_has_it() -> None:
    assert as_planned(LEDGER, TASKS, "D02", (), {"T0002"}) == (
        ReadRow("T0002", 0, {"no": "2.1", "title": "主题宣讲"}, matched="plan"),
    )


def test_records_have_no_plan() -> None:
    assert as_planned(LEDGER, ACTIVITIES, "D02", (row(1, **TREES),), {"HD-D02-0001"}) == (row(1, **TREES),)


# ---- which row is which


def test_a_row_of_the_base_is_itself_whatever_it_says() -> None:
    assert known_as(row(1, **BOOKS), base=(row(1, **TREES),), current=(row(1, **TREES),)) == ["0001"]


def test_one_reserved_id_on_plainly_different_records_is_two_records() -> None:
    assert known_as(row(1, **BOOKS), current=(row(1, **TREES),)) == ["0021"]


def test_one_reserved_id_with_the_same_key_or_much_alike_is_one_record() -> None:
    assert known_as(row(1, **{**TREES, "headcount": 31, "content": "公园"}), current=(row(1, **TREES),)) == ["0001"]
    assert known_as(row(1, **{**TREES, "name": "种树"}), current=(row(1, **TREES),)) == ["0001"]


def test_a_row_whose_key_is_that_of_one_absent_row_of_the_ledger_is_that_row() -> None:
    assert known_as(row(2, **{**TREES, "headcount": 5}), current=(row(1, **TREES),)) == ["0001"]
    assert known_as(row(1, **TREES), row(2, **TREES), base=(row(1, **TREES),), current=(row(1, **TREES),)) == [
        "0001",
        "0002",
    ]
    assert known_as(row(3, **TREES), current=(row(1, **TREES), row(2, **TREES))) == ["0003"]  # which of them?
    assert known_as(row(3, **TREES), row(4, **TREES), current=(row(1, **TREES),)) == ["0001", "0004"]


def test_an_id_that_waits_as_second_of_one_key_elsewhere_is_no_other_records() -> None:
    assert known_as(row(2, **BOOKS), held="HD-D02-0002") == ["0021"]
    assert known_as(row(2, **BOOKS), base=(row(2, **BOOKS),), held="HD-D02-0002") == ["0002"]


def test_a_row_that_waited_is_the_known_one_once_that_is_gone_from_the_workbook() -> None:
    had = (row(1, **TREES), row(2, **TREES))
    assert known_as(row(2, **TREES), base=had, current=had[:1], held="HD-D02-0002") == ["0001"]


def test_a_new_id_is_one_that_nobody_has() -> None:
    taken = (row(1, **TREES), row(21, **BOOKS))
    assert known_as(row(1, name="义诊"), row(22, name="宣讲"), current=taken) == ["0023", "0022"]


def test_the_printed_id_of_a_record_that_was_taken_out_is_not_anothers() -> None:
    """An older copy may still speak of the one that was taken out. Typed again, it is itself."""
    assert known_as(row(1, **BOOKS), gone=(row(1, **TREES),)) == ["0021"]
    assert known_as(row(1, **TREES), gone=(row(1, **TREES),)) == ["0001"]
    assert known_as(row(1, **TREES), current=(row(1, **TREES),), gone=(row(1, **BOOKS),)) == ["0001"]
