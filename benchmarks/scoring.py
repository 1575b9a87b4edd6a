"""Counts what a reader made of a workbook against what its writer meant: rows found, lost, invented; values right or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from syncer.core.values import fold, same, show
from tests.corpus.page import Asked, Meant

Typed = Mapping[str, Any]
"""What stands in the cells of one row, by the column's name."""


@dataclass(slots=True)
class Score:
    """Counts over some workbooks. Of the values meant: ``right + told + as_typed + wrong``."""

    workbooks: int = 0
    failed: int = 0  # workbooks that could not be read at all
    rows: int = 0
    lost: int = 0
    invented: int = 0
    values: int = 0
    right: int = 0
    told: int = 0  # not read, but a person is asked, or told
    as_typed: int = 0  # handed on unread, as it was typed: a text where a day or a number is meant
    wrong: int = 0  # another value, or none, and nobody is told; values that nobody typed too

    def add(self, other: Score) -> None:
        """Adds another count to this one."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


def score(meant: Sequence[Mapping[str, Meant]], read: Sequence[Mapping[str, Any]], typed: Sequence[Typed]) -> Score:
    """Scores one sheet. ``read``: its rows; a value that the reader asks about is `Asked`."""
    found = Score(rows=len(meant), values=sum(map(len, meant)))
    for row, other, cells in _matched(meant, read, typed):
        if other is None:
            found.lost += 1
            found.wrong += len(row)
            continue
        for name, value in row.items():
            _count(found, value, other.get(name), cells.get(name))
        found.wrong += sum(
            1 for name, value in other.items() if name not in row and not name.startswith("+") and value != Asked(None)
        )
    found.invented = len(read) - (found.rows - found.lost)
    return found


def _count(found: Score, meant: Meant, read: Any, cell: Any) -> None:
    if isinstance(meant, Asked) and isinstance(read, Asked):
        found.right += same(meant.typed, read.typed)
        found.wrong += not same(meant.typed, read.typed)
    elif isinstance(read, Asked):
        found.told += 1
    elif not isinstance(meant, Asked) and same(read, meant):
        found.right += 1
    elif read is not None and fold(show(read)) in {fold(show(cell)), fold(show(_bare(meant)))}:
        found.as_typed += 1
    else:
        found.wrong += 1


def _bare(meant: Meant) -> Any:
    return meant.typed if isinstance(meant, Asked) else meant


def _matched(
    meant: Sequence[Mapping[str, Meant]], read: Sequence[Mapping[str, Any]], typed: Sequence[Typed]
) -> Iterable[tuple[Mapping[str, Meant], Mapping[str, Any] | None, Typed]]:
    """Pairs each row as meant with the row read that agrees with it in most cells, at least two (or all) of them."""
    free = list(range(len(read)))
    for number, row in enumerate(meant):
        cells = typed[number] if number < len(typed) else {}
        agreeing = {at: _agreeing(row, read[at], cells) for at in free}
        best = max(free, key=lambda at: (agreeing[at], -at), default=None)
        if best is None or agreeing[best] < min(2, len(row)):
            yield row, None, cells
        else:
            free.remove(best)
            yield row, read[best], cells


def _agreeing(row: Mapping[str, Meant], other: Mapping[str, Any], cells: Typed) -> int:
    tally = Score()
    for name, value in row.items():
        _count(tally, value, other.get(name), cells.get(name))
    return tally.right + tally.told + tally.as_typed
