"""The year's records by unit and month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from syncer.core.model import Column, ColumnType, Ledger, Owner, Row, Settings, Sheet, SheetKind, Unit
from syncer.core.state import LedgerState
from syncer.core.values import Scalar
from syncer.tally import month_tables

SHEET = Sheet(
    "activities",
    "活动台账",
    SheetKind.RECORDS,
    (
        Column("date", "日期", ColumnType.DATE),
        Column("headcount", "参加人数", ColumnType.INTEGER, measure="人"),
        Column("name", "活动名称"),
    ),
)
LEDGER = Ledger("v", Settings(2026), (SHEET,), (Unit("D1", "宣传科", "宣传科"), Unit("D2", "工会", "工会")), ())


def record(number: int, unit: str, day: object, headcount: object) -> Row:
    return Row(f"HD-{unit}-{number}", "activities", unit, {"date": day, "headcount": headcount})  # type: ignore[dict-item]


def test_records_are_counted_by_unit_and_month_and_their_numbers_added_up() -> None:
    rows = (
        record(1, "D2", date(2026, 1, 5), 10),
        record(1, "D1", date(2026, 1, 9), 20),
        record(2, "D1", date(2026, 3, 1), 2.5),
    )
    (table,) = month_tables(LEDGER, LedgerState(rows, ()), date(2026, 3, 31))
    assert table.months == (1, 2, 3)
    assert table.sums == ("参加人数\n（人）",)
    assert table.lines == (
        ("宣传科", (1, 0, 1), 2, (22.5,)),
        ("工会", (1, 0, 0), 1, (10.0,)),
        ("合计", (2, 0, 1), 3, (32.5,)),
    )


def test_what_is_no_date_or_no_number_or_lies_outside_the_year_so_far_does_not_count() -> None:
    rows = (
        record(1, "D1", "13月5日", 10),
        record(2, "D1", date(2025, 12, 31), 10),
        record(3, "D1", date(2026, 4, 1), 10),
        record(4, "D1", date(2026, 2, 1), "很多"),
    )
    (table,) = month_tables(LEDGER, LedgerState(rows, ()), date(2026, 3, 31))
    assert table.lines == (("宣传科", (0, 1, 0), 1, (0.0,)), ("合计", (0, 1, 0), 1, (0.0,)))


def test_hours_per_head_are_not_added_up_but_their_total_is_and_a_measure_stands_once_in_a_heading() -> None:
    columns = (
        Column("date", "日期", ColumnType.DATE),
        Column("hours", "时长（小时）", ColumnType.NUMBER, measure="小时"),
        Column("hours_each", "人均时长", ColumnType.NUMBER, measure="小时"),
        Column("hours_total", "总时长", ColumnType.NUMBER, Owner.SYSTEM, measure="小时"),
    )
    ledger = replace(LEDGER, sheets=(replace(SHEET, code="service", columns=columns),))
    cells: dict[str, Scalar] = {"date": date(2026, 3, 5), "hours": 2, "headcount": 8, "hours_each": 2.5}
    (table,) = month_tables(ledger, LedgerState((Row("FW-D1-1", "service", "D1", cells),), ()), date(2026, 3, 31))
    assert table.sums == ("时长（小时）", "总时长\n（小时）")
    assert table.lines[0] == ("宣传科", (0, 0, 1), 1, (2.0, 20.0))


def test_a_sheet_without_a_dated_record_has_no_table() -> None:
    assert month_tables(LEDGER, LedgerState((), ()), date(2026, 3, 31)) == ()
