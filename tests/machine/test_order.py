"""Cell edits in a workbook and in a copy of it: whichever comes first, the ledger is the same but for what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from syncer.core.model import Owner
from syncer.core.values import Scalar
from syncer.sync import sync
from tests.machine import ledger_after as after
from tests.machine.clerks import Bureaus
from tests.machine.grid import Grid, patched
from tests.machine.small_bureau import ACTIVITIES, START, TASKS, VOLUNTEERS, opened

UNIT, CODE = "宣传科", "D05"
FILLED = {
    ACTIVITIES: ("活动名称", "地点", "参与单位", "主要内容"),
    VOLUNTEERS: ("姓名", "注册号"),
    TASKS: ("本周完成情况", "责任人", "备注"),
}


@dataclass(frozen=True)
class Edit:
    """One own cell, typed anew (each value once) or cleared."""

    sheet: str
    row: int
    column: int
    clears: bool


edits = st.lists(
    st.builds(Edit, st.sampled_from(list(FILLED)), st.integers(0, 2), st.integers(0, 3), st.booleans()), max_size=4
)


def edited(data: bytes, todo: Sequence[Edit], sign: str) -> bytes:
    for number, edit in enumerate(todo):
        grid, names = Grid.of(data, edit.sheet), FILLED[edit.sheet]
        value = None if edit.clears else f"{sign}{number}"
        data = patched(data, edit.sheet, grid.put(edit.row, {names[edit.column % len(names)]: value}))
    return data


def filled(data: bytes) -> bytes:
    for sheet, names in FILLED.items():
        grid = Grid.of(data, sheet)
        for index in range(3):
            data = patched(data, sheet, grid.put(index, {name: f"{name}{index}" for name in names}))
    return data


Cells = dict[tuple[str, str, str], Scalar]


def outcome(
    bureaus: Bureaus, mine: Sequence[Edit], theirs: Sequence[Edit], *, copy_first: bool
) -> tuple[Cells, set[object]]:
    """Returns the unit's own cells as they stand, and those that are asked about."""
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        bureau.save(UNIT, filled(bureau.book(UNIT).read_bytes()))
        sync(office)
        both = bureau.book(UNIT).read_bytes()
        (bureau.units / f"~${UNIT}.xlsx").write_bytes(b"clerk")  # she has it open: nothing is delivered in between
        saves = [(f"{UNIT}.xlsx", edited(both, mine, "甲")), (f"{UNIT} - 副本.xlsx", edited(both, theirs, "乙"))]
        for name, data in reversed(saves) if copy_first else saves:
            bureau.save_as(name, data)
            sync(office)
        ledger = after.ledger_of(office, START.date())
        asked: set[object] = {(q.sheet, q.row_id, q.column) for q in after.questions(office, "open") if q.unit == CODE}
        own = {(s.code, c.code) for s in ledger.sheets for c in s.columns if c.owner is Owner.UNIT}
        rows = after.rows_of(office, CODE)
    return {
        (code, row_id, column): value
        for (code, row_id), cells in rows.items()
        for column, value in cells.items()
        if (code, column) in own
    }, asked


def unlike(one: Mapping[tuple[str, str, str], Scalar], other: Mapping[tuple[str, str, str], Scalar]) -> set[object]:
    return {place for place in one.keys() | other.keys() if one.get(place) != other.get(place)}


@pytest.mark.slow
@settings(
    max_examples=8,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(mine=edits, theirs=edits)
def test_whichever_of_workbook_and_copy_comes_first_the_ledger_is_the_same_but_for_what_is_asked(
    bureaus: Bureaus, mine: list[Edit], theirs: list[Edit]
) -> None:
    cleared = {(edit.sheet, edit.row, edit.column % len(FILLED[edit.sheet])) for edit in mine if edit.clears}
    # What both did alike makes the copy look like one of the later state: see `nearest_base`.
    theirs = [e for e in theirs if (e.sheet, e.row, e.column % len(FILLED[e.sheet])) not in cleared or not e.clears]
    forward, asked = outcome(bureaus, mine, theirs, copy_first=False)
    backward, asked_too = outcome(bureaus, mine, theirs, copy_first=True)
    assert unlike(forward, backward) <= asked & asked_too
