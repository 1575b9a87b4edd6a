from __future__ import annotations

from dataclasses import replace

from syncer.core.model import Book, Table
from syncer.core.reading.headers import HeaderMatch
from syncer.core.reading.sheet_names import find_table
from syncer.core.reading.worksheet import filled_in_by, free_rows, last_row
from tests.core.tables_as_text import compiled, sheet_of, table

LEDGER, _ = compiled()
ACTIVITIES = sheet_of(LEDGER, "activities")
MATCH = HeaderMatch(1, {"no": 1, "date": 2, "name": 4}, 3, (("天气", 5),))


def free(*lines: str) -> tuple[int, ...]:
    return free_rows(table("活动台账", "\n".join(("| 表头 |", *lines))), MATCH, ACTIVITIES, "HD-D02-")


def test_a_row_with_an_id_of_ours_and_nothing_typed_is_free() -> None:
    assert free("| | | HD-D02-0001 |", "| | | HD-D02-0002 |") == (2, 3)


def test_what_the_system_wrote_does_not_take_a_row_and_anything_else_does() -> None:
    assert free("| 7 | | HD-D02-0001 |") == (2,)
    assert (
        free("| | 2026-03-05 | HD-D02-0001 |", "| | | HD-D02-0002 | | 晴 |", "| | | HD-D02-0003 | | | | 旁注 |") == ()
    )


def test_an_id_of_another_unit_or_sheet_or_of_a_persons_making_offers_no_row() -> None:
    assert free("| | | HD-D03-0001 |", "| | | XX-D02-0001 |", "| | | HD-D02-甲 |", "| | | HD-D02- |", "| | 1 |") == ()


def test_the_last_row_is_the_last_that_holds_anything() -> None:
    assert last_row(table("活动台账", "| 甲 |\n|\n| | 乙 |\n|\n|")) == 3
    assert last_row(table("活动台账", "")) == 0


def test_the_first_fill_in_line_that_names_somebody_counts() -> None:
    tables = [
        table("甲", "| 甲 |\n| 填报人： |"),
        table("乙", "| 乙 |\n| 填报人：王芳 |"),
        table("丙", "| 填报人：李明 |"),
    ]
    assert filled_in_by(tables) == "王芳"


def test_a_signature_below_the_data_is_no_fill_in_line() -> None:
    assert filled_in_by([table("甲", "|\n|\n|\n|\n| 填报人：王芳 |")]) == ""


def test_a_sheet_is_found_by_the_name_it_had_before() -> None:
    renamed = replace(ACTIVITIES, name="新名称", former_names=(ACTIVITIES.name,))
    old = Table(f" {ACTIVITIES.name}", ())
    assert find_table(Book((Table("别的", ()), old)), renamed, LEDGER) is old
    assert find_table(Book((Table("别的", ()),)), renamed, LEDGER) is None
