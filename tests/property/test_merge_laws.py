"""What must hold of every merge, whatever people type."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncer.core.merge import Outcome, SheetPlan, merge_cell, plan_sheet
from syncer.core.model import Column, Owner, Settings, Sheet, SheetKind
from syncer.core.problems import Place
from syncer.core.rows import ReadRow, is_foreign
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
OPEN = Settings(2026, mass_cells=10_000)  # without the brake: it is a rule about many cells, not about one
BRAKED = Settings(2026, mass_cells=1, mass_percent=0)

VALUES = st.sampled_from((None, "甲", "乙", 1, 1.0, True, 2, CellError("#N/A")))
CELLS = st.fixed_dictionaries({c.code: VALUES for c in SHEET.columns}).map(
    lambda cells: {code: value for code, value in cells.items() if value is not None}
)
IDS = ("T0001", "T0002", "RW-D01-0001", "RW-D01-0002")
ROWS = st.dictionaries(st.sampled_from(IDS), CELLS, max_size=4).map(
    lambda rows: [ReadRow(row_id, at, raw) for at, (row_id, raw) in enumerate(rows.items(), 5)]
)


def merge(base: list[ReadRow], current: list[ReadRow], incoming: list[ReadRow], settings: Settings = OPEN) -> SheetPlan:
    return plan_sheet(SHEET, base, current, incoming, frozenset(), settings, Place(), {})


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


@given(ROWS, ROWS)
def test_only_what_is_the_units_takes_effect_and_nothing_vanishes(base: list[ReadRow], incoming: list[ReadRow]) -> None:
    plan = merge(base, base, incoming)
    after = standing(plan)
    assert after.keys() == {row.id for row in (*base, *incoming)}
    before, typed = contents(base), contents(incoming)
    asked = set(plan.vanished)
    for row_id in typed.keys() - asked:
        for column in SHEET.columns:
            expected = before.get(row_id, {}) if is_foreign(SHEET, row_id, column.owner) else typed[row_id]
            assert same(after[row_id].get(column.code), expected.get(column.code))
    for row_id in before.keys() - typed.keys():
        assert after[row_id] == before[row_id]


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
    assert standing(second) == standing(first)


@given(ROWS, ROWS, ROWS, st.randoms(use_true_random=False), st.sampled_from((OPEN, BRAKED)))
def test_the_order_of_rows_does_not_matter(
    base: list[ReadRow], current: list[ReadRow], incoming: list[ReadRow], chance: object, settings: Settings
) -> None:
    plan = merge(base, current, incoming, settings)
    for rows in (base, current, incoming):
        chance.shuffle(rows)  # type: ignore[attr-defined]
    again = merge(base, current, incoming, settings)
    assert standing(again) == standing(plan)
    assert set(again.vanished) == set(plan.vanished)
    assert {repr(d) for d in again.decisions} == {repr(d) for d in plan.decisions}
