from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from syncer.core.delivery.plan import (
    CellPatch,
    Delivery,
    LaidOut,
    Wanted,
    believed,
    content_of,
    plan_delivery,
    reads_as,
    unlike,
)
from syncer.core.merging.known_book import SheetContent, first_content
from syncer.core.model import Book, Table
from syncer.core.reading.rows import ReadRow
from syncer.core.values import CellError, Scalar
from tests.core.tables_as_text import TASK_ROWS, book, compiled

LEDGER, _ = compiled()
UNIT = "D02"
RESERVED = "\n".join(f"| | | HD-D02-000{number} |" for number in range(2, 6))
WALK = "| HD-D02-0001 | 2026-03-05 | HD-D02-0001 | 植树 | 30 | | | 是 |"
WALK_ROW = ReadRow("HD-D02-0001", 5, {"date": date(2026, 3, 5), "name": "植树", "headcount": 30, "closed": "是"})
Current = Mapping[str, Sequence[ReadRow]]
System = Mapping[tuple[str, str], Mapping[str, Scalar]]


def base_of(given: Book) -> dict[str, SheetContent]:
    """What a first reading of this workbook would have recorded: rows with the ids they carry, at their places."""
    rows = {
        "tasks": [ReadRow("T0002", 5, {}), ReadRow("T0003", 6, {})],
        "activities": [WALK_ROW] if "植树" in repr(given) else [],
    }
    return {code: SheetContent({}, tuple(found)) for code, found in rows.items()}


def laid(given: Book) -> dict[str, LaidOut]:
    return content_of(LEDGER, UNIT, given, base_of(given))


def planned(
    given: Book,
    current: Current | None = None,
    system: System | None = None,
    asked: set[tuple[str, str, str]] | None = None,
) -> Delivery:
    places = laid(given)
    as_it_stands = {code: sheet.content.rows for code, sheet in places.items()}
    wanted = Wanted({**as_it_stands, **(current or {})}, system or {}, frozenset(asked or ()))
    return plan_delivery(LEDGER, UNIT, places, wanted)


def cells(delivery: Delivery) -> list[tuple[str, int, int, str, Scalar]]:
    return [(p.row_id, p.row, p.column, p.code, p.new) for p in delivery.patches]


SAVED = book(f"{WALK}\n{RESERVED}")


def test_a_workbook_that_holds_what_it_should_gets_nothing() -> None:
    assert planned(SAVED).patches == ()
    assert not planned(SAVED).urgent


def test_what_the_plan_says_now_replaces_what_the_workbook_says() -> None:
    old = book("", TASK_ROWS.replace("道德讲堂", "道德大讲堂"))
    assert cells(planned(old)) == [("T0003", 6, 2, "title", "道德讲堂")]


def test_a_coordinators_cell_in_a_record_goes_back_to_what_the_ledger_says() -> None:
    typed = book(f"{WALK.replace('是', '否')}\n{RESERVED}")
    assert cells(planned(typed, {"activities": [WALK_ROW]})) == [("HD-D02-0001", 5, 8, "closed", "是")]


def test_the_units_own_cell_is_written_only_where_the_ledger_says_other() -> None:
    ruled = replace(WALK_ROW, raw={**WALK_ROW.raw, "headcount": 25, "content": None})
    assert cells(planned(SAVED, {"activities": [ruled]})) == [("HD-D02-0001", 5, 5, "headcount", 25)]
    emptied = replace(WALK_ROW, raw={k: v for k, v in WALK_ROW.raw.items() if k != "headcount"})
    assert cells(planned(SAVED, {"activities": [emptied]})) == [("HD-D02-0001", 5, 5, "headcount", None)]


def test_cells_and_rows_that_wait_for_a_ruling_stay_as_they_are() -> None:
    ruled = replace(WALK_ROW, raw={**WALK_ROW.raw, "headcount": 25, "name": "种树"})
    waiting = {("activities", "HD-D02-0001", "headcount")}
    assert cells(planned(SAVED, {"activities": [ruled]}, asked=waiting)) == [("HD-D02-0001", 5, 4, "name", "种树")]
    assert planned(SAVED, {"activities": [ruled]}, asked={("activities", "HD-D02-0001", "")}).patches == ()
    gone = book("", TASK_ROWS.splitlines()[0])
    assert planned(gone, asked={("tasks", "T0003", "")}).patches == ()


def test_system_values_are_put_right_and_a_column_nobody_computes_stays() -> None:
    found = planned(SAVED, system={("tasks", "T0002"): {"done": 2.5}, ("activities", "HD-D02-0001"): {}})
    assert cells(found) == [("T0002", 5, 4, "done", 2.5)]


def test_points_become_fractions_in_a_system_column_and_the_units_own_stay_as_typed() -> None:
    sheets = tuple(
        replace(s, columns=tuple(replace(c, type=s.columns[3].type) if c.code == "done" else c for c in s.columns))
        for s in LEDGER.sheets
    )
    ledger = replace(LEDGER, sheets=sheets)
    given = book("", TASK_ROWS.replace("| | 未启动", "| 60 | 未启动"))
    places = content_of(ledger, UNIT, given, base_of(given))
    current = {code: sheet.content.rows for code, sheet in places.items()}
    system: System = {("tasks", "T0002"): {"done": 33.3}, ("tasks", "T0003"): {"done": None}}
    found = plan_delivery(ledger, UNIT, places, Wanted(current, system))
    assert cells(found) == [("T0002", 5, 4, "done", 0.333)]


def test_a_missing_or_copied_id_is_put_right_first() -> None:
    copied = book(f"{WALK}\n{WALK.replace('植树', '清扫')}")
    base = {"activities": SheetContent({}, (WALK_ROW, replace(WALK_ROW, id="HD-D02-0006", row=6)))}
    places = content_of(LEDGER, UNIT, copied, base)
    rows = places["activities"].content.rows
    found = plan_delivery(LEDGER, UNIT, places, Wanted({"activities": rows}, {}))
    assert cells(found) == [("HD-D02-0006", 6, 3, "", "HD-D02-0006")]
    assert [row.carried for row in found.content["activities"].rows] == ["HD-D02-0001", "HD-D02-0006"]


def test_a_new_task_takes_the_first_reserved_row_and_its_defaults() -> None:
    given = book("", TASK_ROWS.splitlines()[0] + "\n| | | RW-D02-0001 |\n| | | RW-D02-0002 |")
    base = {"tasks": SheetContent({}, (ReadRow("T0002", 5, {}),))}
    places = content_of(LEDGER, UNIT, given, base)
    found = plan_delivery(LEDGER, UNIT, places, Wanted({"tasks": places["tasks"].content.rows}, {}))
    assert cells(found) == [
        ("T0003", 6, 3, "", "T0003"),
        ("T0003", 6, 1, "no", "2.2"),
        ("T0003", 6, 2, "title", "道德讲堂"),
        ("T0003", 6, 6, "status", "未启动"),
    ]
    assert found.content["tasks"].free == (7,)


def test_a_restored_row_goes_back_to_the_row_that_still_carries_its_id() -> None:
    emptied = book(f"| | | HD-D02-0009 |\n{RESERVED}\n| | | HD-D02-0001 |")
    base = {"activities": SheetContent({}, ())}
    places = content_of(LEDGER, UNIT, emptied, base)
    found = plan_delivery(LEDGER, UNIT, places, Wanted({"activities": [WALK_ROW]}, {}))
    assert {p.row for p in found.patches} == {10}
    assert "" not in {p.code for p in found.patches}


def test_without_a_reserved_row_left_a_row_is_written_below_everything() -> None:
    full = book("| | 2026-04-01 | | 清扫 |")
    places = content_of(LEDGER, UNIT, full, {"activities": SheetContent({}, (ReadRow("HD-D02-0007", 5, {}),))})
    kept = places["activities"].content.rows
    found = plan_delivery(LEDGER, UNIT, places, Wanted({"activities": [*kept, WALK_ROW]}, {}))
    assert {p.row for p in found.patches if p.row_id == WALK_ROW.id} == {6}
    assert found.content["activities"].last_row == 6


def test_a_reserved_row_whose_id_is_anothers_is_not_taken() -> None:
    given = book("| | | HD-D02-0003 |\n| | | HD-D02-0004 |")
    places = content_of(LEDGER, UNIT, given, {"activities": SheetContent({}, ())})
    waiting = replace(WALK_ROW, id="HD-D02-0003")
    wanted = Wanted({"activities": [waiting, WALK_ROW]}, {}, frozenset({("activities", waiting.id, "")}))
    assert {p.row for p in plan_delivery(LEDGER, UNIT, places, wanted).patches} == {6}


def test_a_row_that_the_ledger_let_go_of_stays_in_the_workbook() -> None:
    assert planned(SAVED, {"activities": []}).patches == ()


def test_columns_and_sheets_that_are_not_in_the_file_are_left_out() -> None:
    bare = Book((Table("活动台账", tuple(row[:4] for row in SAVED.tables[1].rows)),))
    ruled = replace(WALK_ROW, raw={**WALK_ROW.raw, "headcount": 25, "name": "种树"})
    places = content_of(LEDGER, UNIT, bare, base_of(SAVED))
    assert list(places) == ["activities"]
    assert places["activities"].content.rows[0].raw["headcount"] == 30  # as it was seen last
    found = plan_delivery(LEDGER, UNIT, places, Wanted({"activities": [ruled]}, {}))
    assert cells(found) == [("HD-D02-0001", 5, 4, "name", "种树")]


def test_a_column_of_the_units_own_is_written_where_it_stands() -> None:
    head, *rows = SAVED.tables[1].rows[3:]
    own = Table("活动台账", (*SAVED.tables[1].rows[:3], (*head, "天气"), *rows))
    ruled = replace(WALK_ROW, extra={"天气": "晴", "别处": "x"})
    places = content_of(LEDGER, UNIT, Book((own,)), base_of(SAVED))
    found = plan_delivery(LEDGER, UNIT, places, Wanted({"activities": [ruled]}, {}))
    assert cells(found) == [("HD-D02-0001", 5, 9, "+天气", "晴")]


def test_what_is_due_is_known_without_the_file_where_the_places_are_not_known_yet() -> None:
    issued = first_content(LEDGER, UNIT)
    current = {code: held.rows for code, held in issued.items()}
    quiet = plan_delivery(LEDGER, UNIT, believed(issued), Wanted(current, {}))
    due = plan_delivery(LEDGER, UNIT, believed(issued), Wanted(current, {("tasks", "T0002"): {"done": 1}}))
    assert quiet.patches == ()
    assert [(p.row_id, p.code, p.new) for p in due.patches] == [("T0002", "done", 1)]


def test_a_light_alone_is_not_urgent() -> None:
    light = CellPatch("tasks", "T0002", 5, 9, "light", "红")
    assert not Delivery((light,), {}).urgent
    assert Delivery((light, replace(light, code="done")), {}).urgent


@pytest.mark.parametrize(
    ("want", "now", "alike"),
    [
        (1, 1.0, True),
        (True, 1, False),
        ("1", 1, False),
        ("一\r\n二\x00", "一\n二", True),
        ("\x01", None, True),
        ("甲", "乙", False),
        (None, None, True),
        (None, "甲", False),
        (date(2026, 3, 5), "2026-03-05", True),
        (date(2026, 3, 5), datetime(2026, 3, 5), True),
        (date(2026, 3, 5), 46086, False),
        (time(9, 5), "09:05", True),
        (CellError("#REF!"), CellError("#REF!"), True),
    ],
)
def test_a_cell_reads_as_it_was_meant_but_for_what_a_file_cannot_hold(want: Scalar, now: Scalar, alike: bool) -> None:
    assert reads_as(want, now) is alike


def test_the_proof_names_the_first_cell_that_is_not_as_it_was_meant() -> None:
    ruled = replace(WALK_ROW, raw={**WALK_ROW.raw, "headcount": 25})
    meant = planned(SAVED, {"activities": [ruled]}).content
    right = book(f"{WALK.replace('| 30 |', '| 25 |')}\n{RESERVED}")
    assert unlike(LEDGER, meant, content_of(LEDGER, UNIT, right, meant), cells=True) == ""
    assert (
        unlike(LEDGER, meant, content_of(LEDGER, UNIT, SAVED, meant), cells=True) == "activities HD-D02-0001 headcount"
    )
    gone = book(RESERVED)
    assert unlike(LEDGER, meant, content_of(LEDGER, UNIT, gone, meant), cells=False) == "activities HD-D02-0001"
    other_id = book(f"{WALK.replace('| HD-D02-0001 | 植', '| HD-D02-0008 | 植').replace('| 30 |', '| 25 |')}")
    assert unlike(LEDGER, meant, content_of(LEDGER, UNIT, other_id, meant), cells=True) == "activities HD-D02-0001 "
    no_sheet = Book((right.tables[0],))
    assert unlike(LEDGER, meant, content_of(LEDGER, UNIT, no_sheet, meant), cells=True) == "activities"
