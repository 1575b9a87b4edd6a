"""What must hold of every merge, whatever people type."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from syncer.core.merging.merge import Outcome, SheetPlan, merge_cell, plan_sheet
from syncer.core.merging.row_fates import is_there
from syncer.core.model import Column, Owner, Settings, Sheet, SheetKind
from syncer.core.problems import Place
from syncer.core.reading.rows import ReadRow, is_foreign
from syncer.core.values import CellError, Scalar, same

SHEET = Sheet(
    "tasks",
    "任务清单",
    SheetKind.TASKS,
    (
        Column("title", "重点任务", owner=Owner.COORDINATOR),
        Column("status", "工作状态"),
        Column("note", "备注"),
        Column("done", "已完成量", owner=Owner.SYSTEM),
    ),
)
OPEN = Settings(
    2026, mass_cells=10_000, withdraw_rows=10_000
)  # without the brake: it is a rule about many cells, not about one
BRAKED = Settings(2026, mass_cells=1, mass_percent=0)
KEEPING = Settings(2026, mass_cells=10_000, withdraw_rows=0, withdraw_percent=0)
NOTHING = frozenset[str]()
RECORDS = Sheet("log", "记录", SheetKind.RECORDS, tuple(Column(c.code, c.name) for c in SHEET.columns))
KEYED = Sheet("log", "记录", SheetKind.RECORDS, (Column("key", "事项", key=True), Column("note", "备注")))

VALUES = st.sampled_from((None, "甲", "乙", 1, 1.0, True, 2, CellError("#N/A")))
CELLS = st.fixed_dictionaries({c.code: VALUES for c in SHEET.columns}).map(
    lambda cells: {code: value for code, value in cells.items() if value is not None}
)
IDS = ("T0001", "T0002", "RW-D01-0001", "RW-D01-0002")
ROWS = st.dictionaries(st.sampled_from(IDS), CELLS, max_size=4).map(
    lambda rows: [ReadRow(row_id, at, raw) for at, (row_id, raw) in enumerate(rows.items(), 5)]
)


def merge(base: list[ReadRow], current: list[ReadRow], incoming: list[ReadRow], settings: Settings = OPEN) -> SheetPlan:
    return plan_sheet(SHEET, base, current, incoming, NOTHING, settings, Place(), {})


def merge_records(base: list[ReadRow], current: list[ReadRow], incoming: list[ReadRow]) -> SheetPlan:
    """Merges rows with content on a sheet that is all the unit's own."""
    base, current, incoming = ([row for row in rows if row.raw] for rows in (base, current, incoming))
    return plan_sheet(RECORDS, base, current, incoming, NOTHING, OPEN, Place(), {})


def seen(rows: list[ReadRow]) -> list[ReadRow]:
    return [row for row in rows if is_there(SHEET, row)]


def blankless(cells: dict[str, Scalar]) -> dict[str, Scalar]:
    return {code: value for code, value in cells.items() if value is not None}


def standing(plan: SheetPlan) -> dict[str, dict[str, Scalar]]:
    return {row.id: dict(row.raw) for row in plan.rows}


def contents(rows: list[ReadRow]) -> dict[str, dict[str, Scalar]]:
    return {row.id: dict(row.raw) for row in rows}


@given(VALUES, VALUES)
def test_a_side_that_did_not_change_never_decides(base: Scalar, other: Scalar) -> None:
    assert merge_cell(base, other, base) in {Outcome.UNCHANGED, Outcome.KEEP}
    assert merge_cell(base, base, other) in {Outcome.UNCHANGED, Outcome.TAKE}
    assert merge_cell(base, other, other) in {Outcome.UNCHANGED, Outcome.AGREE}


@given(VALUES, VALUES, VALUES)
def test_swapping_the_sides_swaps_take_and_keep_and_nothing_else(base: Scalar, one: Scalar, other: Scalar) -> None:
    swapped = {Outcome.TAKE: Outcome.KEEP, Outcome.KEEP: Outcome.TAKE}
    outcome = merge_cell(base, one, other)
    assert merge_cell(base, other, one) is swapped.get(outcome, outcome)


@given(VALUES, VALUES, VALUES)
def test_a_conflict_is_exactly_where_both_sides_changed_to_unlike_values(
    base: Scalar, current: Scalar, incoming: Scalar
) -> None:
    both = not same(base, current) and not same(base, incoming)
    assert (merge_cell(base, current, incoming) is Outcome.CONFLICT) == (both and not same(current, incoming))


@given(ROWS, ROWS)
def test_a_workbook_nobody_touched_changes_nothing(base: list[ReadRow], current: list[ReadRow]) -> None:
    held = {row.id for row in current}
    touched = [row for row in base if row.id in held]  # a row of the base is never missing from what stands
    plan = merge(touched, current, touched)
    assert plan.decisions == ()
    assert standing(plan) == contents(current)


@given(ROWS, ROWS)
def test_what_both_sides_hold_alike_is_settled(base: list[ReadRow], both: list[ReadRow]) -> None:
    plan = merge(base, both, both)
    assert (plan.decisions, standing(plan)) == ((), contents(both))


@given(ROWS, ROWS, st.sampled_from((OPEN, KEEPING)))
def test_only_what_is_the_units_takes_effect_and_no_row_goes_unsaid(
    base: list[ReadRow], incoming: list[ReadRow], settings: Settings
) -> None:
    plan = merge(base, base, incoming, settings)
    after, before, typed = standing(plan), contents(base), contents(seen(incoming))
    assert after.keys() | set(plan.withdrawn) == before.keys() | typed.keys()
    assert (after.keys() & set(plan.withdrawn), plan.revived, plan.held) == (set(), (), ())
    for row_id in typed:
        for column in SHEET.columns:
            expected = before.get(row_id, {}) if is_foreign(SHEET, row_id, column.owner) else typed[row_id]
            assert same(after[row_id].get(column.code), expected.get(column.code))
    for row_id in (before.keys() - typed.keys()) & after.keys():
        assert after[row_id] == before[row_id]
        assert row_id in plan.vanished or not is_there(SHEET, next(r for r in base if r.id == row_id))
    if settings is KEEPING:
        assert plan.withdrawn == ()


@given(ROWS, ROWS, ROWS)
def test_a_deleted_row_that_nobody_edited_stays_deleted_and_an_edited_one_is_asked_about_on_either_side(
    base: list[ReadRow], current: list[ReadRow], incoming: list[ReadRow]
) -> None:
    one, other = merge_records(base, current, incoming), merge_records(base, incoming, current)
    assert {row.id for row in one.revived} == set(other.vanished)
    assert {row.id for row in other.revived} == set(one.vanished)
    asked = set(one.vanished) | set(other.vanished)
    assert standing(one).keys() - asked == standing(other).keys() - asked
    conflicts = [{(d.row_id, d.column) for d in plan.decisions if d.kind == "conflict"} for plan in (one, other)]
    assert conflicts[0] == conflicts[1]


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), VALUES), max_size=6), st.sets(st.integers(0, 5)), st.randoms())
def test_of_the_rows_with_one_key_all_that_are_known_go_on_else_just_one(
    typed: list[tuple[str, Scalar]], known: set[int], chance: Random
) -> None:
    rows = [ReadRow(f"HD-{at}", at + 5, blankless({"key": key, "note": v})) for at, (key, v) in enumerate(typed)]
    current = [row for at, row in enumerate(rows) if at in known]
    plan = plan_sheet(KEYED, current, current, rows, NOTHING, OPEN, Place(), {})
    going_on = standing(plan)
    assert len(plan.rows) + len(plan.held) == len(rows)
    for key in {key for key, _ in typed}:
        group = [row.id for row in rows if row.raw["key"] == key]
        old = [row.id for row in current if row.id in group]
        assert [i for i in group if i in going_on] == (old or group[:1])
    told = [(p.code, p.place.row) for p in plan.problems if p.code == "KEY-001"]
    assert told == [("KEY-001", row.row) for row in plan.held]
    chance.shuffle(rows)
    again = plan_sheet(KEYED, current, current, rows, NOTHING, OPEN, Place(), {})
    assert (standing(again), {row.id for row in again.held}) == (going_on, {row.id for row in plan.held})


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 4), st.integers(0, 60), st.integers(0, 3))
def test_a_unit_takes_back_so_many_rows_and_of_more_none(
    rows: int, left: int, allowed: int, percent: int, lately: int
) -> None:
    settings = Settings(2026, withdraw_rows=allowed, withdraw_percent=percent)
    had = [ReadRow(f"HD-{at}", at + 5, {"key": str(at)}) for at in range(rows)]
    plan = plan_sheet(KEYED, had, had, had[:left], NOTHING, settings, Place(), {}, withdrawn_lately=lately)
    gone = {row.id for row in had[left:]}
    free = len(gone) <= max(allowed, rows * percent / 100) - lately
    assert (set(plan.withdrawn), set(plan.vanished)) == ((gone, set()) if free else (set(), gone))


@given(ROWS, ROWS, ROWS)
def test_every_cell_a_save_changed_is_taken_asked_noted_or_stands_already(
    base: list[ReadRow], current: list[ReadRow], incoming: list[ReadRow]
) -> None:
    held = {row.id for row in current}
    base = [row for row in base if row.id in held]
    plan = merge(base, current, incoming)
    told = {(d.row_id, d.column): d for d in plan.decisions}
    before, now, after = contents(base), contents(current), standing(plan)
    for row in incoming:
        if row.id in plan.vanished or row.id not in before:
            continue
        for column in SHEET.columns:
            old, stands, new = (cells.get(column.code) for cells in (before[row.id], now[row.id], row.raw))
            decision = told.get((row.id, column.code))
            if same(old, new):
                assert decision is None
                assert same(after[row.id].get(column.code), stands)
            elif decision is None:
                assert (
                    same(stands, new) or after[row.id] == now[row.id]
                )  # agreed, or an emptied row that was asked before
            else:
                took = decision.outcome == "accepted"
                assert same(after[row.id].get(column.code), new if took else stands)


@given(ROWS, ROWS, st.sampled_from((OPEN, BRAKED)))
def test_the_same_workbook_again_changes_nothing_and_asks_nothing_twice(
    base: list[ReadRow], incoming: list[ReadRow], settings: Settings
) -> None:
    first = merge(base, base, incoming, settings)
    second = merge(incoming, list(first.rows), incoming, settings)
    assert (second.decisions, second.vanished, second.added) == ((), (), ())
    assert (second.withdrawn, second.revived, second.held, second.problems) == ((), (), (), ())
    assert standing(second) == standing(first)


@given(ROWS, ROWS, ROWS, st.randoms(use_true_random=False), st.sampled_from((OPEN, BRAKED)))
def test_the_order_of_rows_does_not_matter(
    base: list[ReadRow], current: list[ReadRow], incoming: list[ReadRow], chance: Random, settings: Settings
) -> None:
    plan = merge(base, current, incoming, settings)
    for rows in (base, current, incoming):
        chance.shuffle(rows)
    again = merge(base, current, incoming, settings)
    assert standing(again) == standing(plan)
    assert set(again.vanished) == set(plan.vanished)
    assert {repr(d) for d in again.decisions} == {repr(d) for d in plan.decisions}
