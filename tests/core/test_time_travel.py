from __future__ import annotations

import random
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.merging.time_travel import CellBack, RowBack, RowPlace, as_it_stood, differences
from syncer.core.state import Change
from syncer.core.values import Scalar, same

Rows = dict[RowPlace, dict[str, Scalar]]

UNITS, SHEETS, COLUMNS = ("D03", "D05"), ("activities", "tasks"), ("name", "date", "+自加列")
VALUES: tuple[Scalar, ...] = (None, None, "植树", "清扫", 1, 2.5, True)

HERE: RowPlace = ("D03", "activities", "HD-D03-0001")


def _change(place: RowPlace, column: str, old: Scalar, new: Scalar, outcome: str = "accepted") -> Change:
    unit, sheet, row_id = place
    return Change("2026-11-20T15:00:00", unit, sheet, row_id, column, old, new, outcome=outcome)


def _saved(rows: Rows, chance: random.Random) -> tuple[Rows, list[Change]]:
    """One save, withdrawal or ruling: some cells, a new row, or a row that leaves, and what the history notes of it."""
    after = {place: dict(cells) for place, cells in rows.items()}
    changes: list[Change] = []
    for _ in range(chance.randint(1, 5)):
        place = (chance.choice(UNITS), chance.choice(SHEETS), f"R{chance.randint(1, 4)}")
        leaves = chance.random() < 0.2
        for column in COLUMNS:
            old = after.get(place, {}).get(column)
            new = None if leaves else chance.choice((old, *VALUES))
            outcome = "removed" if leaves else chance.choice(("accepted", "ruled"))
            if chance.random() < 0.2:  # a proposal, or a change of a system cell: the ledger stays
                changes.append(_change(place, column, old, "改", chance.choice(("asked", "noted"))))
            elif not same(old, new):
                changes.append(_change(place, column, old, new, outcome))
                _put(after, place, column, new)
    return after, changes


def _put(rows: Rows, place: RowPlace, column: str, value: Scalar) -> None:
    cells = rows.setdefault(place, {})
    if value is None:
        cells.pop(column, None)
    else:
        cells[column] = value
    if not cells:
        del rows[place]


def _alike(one: Mapping[RowPlace, Mapping[str, Scalar]], other: Mapping[RowPlace, Mapping[str, Scalar]]) -> bool:
    return not differences(one, other) and one.keys() == other.keys()


def _with_all(rows: Rows, steps: list[CellBack | RowBack]) -> Rows:
    """The rows once she has agreed to every step."""
    after = {place: dict(cells) for place, cells in rows.items()}
    for step in steps:
        if isinstance(step, CellBack):
            _put(after, step.place, step.column, step.then)
        elif step.gone:
            after[step.place] = dict(step.then)
        else:
            del after[step.place]
    return after


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32), saves=st.integers(0, 12), back_to=st.integers(0, 12))
def test_the_ledger_at_any_past_save_is_what_the_history_walks_back_to(seed: int, saves: int, back_to: int) -> None:
    chance = random.Random(seed)
    states: list[Rows] = [{}]
    log: list[list[Change]] = []
    for _ in range(saves):
        after, changes = _saved(states[-1], chance)
        states.append(after)
        log.append(changes)
    at = min(back_to, saves)
    stood = as_it_stood(states[-1], [change for changes in log[at:] for change in changes])
    assert _alike(stood, states[at])
    steps = differences(states[-1], stood)
    assert _alike(_with_all(states[-1], steps), states[at])
    assert _alike(as_it_stood(states[at], ()), states[at])


def test_a_cell_goes_back_through_every_change_it_saw() -> None:
    since = [_change(HERE, "name", "植树", "清扫"), _change(HERE, "name", "清扫", "慰问")]
    assert as_it_stood({HERE: {"name": "慰问", "date": 1}}, since) == {HERE: {"name": "植树", "date": 1}}


def test_what_was_only_asked_or_noted_is_not_taken_back() -> None:
    since = [_change(HERE, "name", "植树", "清扫", "asked"), _change(HERE, "light", "红", "绿", "noted")]
    assert as_it_stood({HERE: {"name": "植树"}}, since) == {HERE: {"name": "植树"}}


def test_a_row_gone_since_comes_back_whole_and_a_row_added_since_is_not_there() -> None:
    other: RowPlace = ("D03", "activities", "HD-D03-0002")
    now = {other: {"name": "慰问"}}
    since = [
        _change(HERE, "name", "植树", None, "removed"),
        _change(HERE, "+自加列", 3, None, "removed"),
        _change(other, "name", None, "慰问"),
    ]
    then = as_it_stood(now, since)
    assert then == {HERE: {"name": "植树", "+自加列": 3}}
    gone, added = differences(now, then)
    assert gone == RowBack(HERE, {}, {"name": "植树", "+自加列": 3})
    assert isinstance(gone, RowBack)
    assert gone.gone
    assert added == RowBack(other, {"name": "慰问"}, {})
    assert isinstance(added, RowBack)
    assert not added.gone


def test_one_and_true_are_told_apart_and_one_and_one_point_zero_are_not() -> None:
    assert differences({HERE: {"n": 1}}, {HERE: {"n": True}}) == [CellBack(HERE, "n", 1, True)]
    assert differences({HERE: {"n": 1}}, {HERE: {"n": 1.0}}) == []
