"""The ledger as it stood: the present rows with every recorded change since then taken back, newest first. Pure.

The change table is the whole evidence: a row is there while one of its cells holds something, so a record whose first
cells were typed since did not stand then, and one whose last cells went since stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncer.core.state import Change
from syncer.core.values import Scalar, same

RowPlace = tuple[str, str, str]
"""Unit code, sheet code, row id."""

Cells = Mapping[str, Scalar]
"""What a row holds as typed, by column code, or ``+name`` for a column the unit added; blanks left out."""

EFFECTIVE = frozenset({"accepted", "removed", "ruled", "undone"})
"""Outcomes that changed the ledger; what was only asked or noted did not."""


@dataclass(frozen=True, slots=True)
class CellBack:
    """One cell that holds something else now than it did then."""

    place: RowPlace
    column: str
    now: Scalar
    then: Scalar


@dataclass(frozen=True, slots=True)
class RowBack:
    """A whole row: ``then`` is what it held where it is gone since, empty where it was added since."""

    place: RowPlace
    now: Cells = field(default_factory=dict)
    then: Cells = field(default_factory=dict)

    @property
    def gone(self) -> bool:
        """Whether the row stood then and is gone now; otherwise it was added since."""
        return bool(self.then)


def as_it_stood(rows: Mapping[RowPlace, Cells], since: Iterable[Change]) -> dict[RowPlace, dict[str, Scalar]]:
    """Returns the rows as they stood before the changes ``since`` (oldest first), those that held nothing left out.

    ``{r: {a: 2}}`` and the change ``a: 1 → 2`` → ``{r: {a: 1}}``.
    """
    stood = {place: dict(cells) for place, cells in rows.items()}
    for change in reversed(list(since)):
        if change.outcome not in EFFECTIVE:
            continue
        cells = stood.setdefault((change.unit, change.sheet, change.row_id), {})
        if change.old is None:
            cells.pop(change.column, None)
        else:
            cells[change.column] = change.old
    return {place: cells for place, cells in stood.items() if cells}


def differences(now: Mapping[RowPlace, Cells], then: Mapping[RowPlace, Cells]) -> list[CellBack | RowBack]:
    """Returns what would have to change for ``now`` to be as ``then``: cells of rows that stand in both, and whole rows."""
    found: list[CellBack | RowBack] = []
    for place in sorted(now.keys() | then.keys()):
        here, there = now.get(place, {}), then.get(place, {})
        if here and there:
            columns = sorted(here.keys() | there.keys())
            found += [
                CellBack(place, column, here.get(column), there.get(column))
                for column in columns
                if not same(here.get(column), there.get(column))
            ]
        elif here or there:
            found.append(RowBack(place, here, there))
    return found
