"""Which cells lie under a merge: filled exactly where the file says merged, never by guessing from blanks."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from syncer.core.model import Table
from syncer.core.values import Scalar

_CELLS_MAX = 1_000_000  # no sheet that people fill has more cells under merges; the preflight refuses worse
_ROWS_MAX = 2_000  # rows of one merge: of a higher one nobody meant the lower end

Cell = tuple[int, int]
"""1-based row and column."""


def anchors(table: Table, last: int, width: int) -> dict[Cell, Cell]:
    """Returns for the cells under merges, in the first ``last`` rows and ``width`` columns, the cell that holds the text."""
    found: dict[Cell, Cell] = {}
    for top, left, bottom, right in table.merged:
        for row in range(top, min(bottom, last) + 1):
            found.update(dict.fromkeys(((row, at) for at in range(left, min(right, width) + 1)), (top, left)))
        if len(found) > _CELLS_MAX:
            break
    return found


@dataclass(frozen=True, slots=True)
class Covered:
    """What merges do to the cells of one row. A cell that holds something of its own is not covered, whatever the file says."""

    lent: Mapping[int, Scalar]  # column → content of the cell above it with which it is merged
    blank: frozenset[int]  # all columns that read as blank because they are merged with another cell


def covered(table: Table, after: int, columns: Collection[int]) -> dict[int, Covered]:
    """Returns by row what lies under merges below row ``after``, in these columns.

    The text of a merge over several columns belongs to the first of them. A merge that begins at or above ``after``, in
    the header, lends nothing, and neither does one of more rows than anybody looks through.
    """
    ordered = sorted(columns)
    lent: dict[int, dict[int, Scalar]] = {}
    blank: dict[int, set[int]] = {}
    left_over = _CELLS_MAX
    for top, left, bottom, right in table.merged:
        under = ordered[bisect_left(ordered, left) : bisect_right(ordered, right)]
        if top <= after or not under or bottom - top >= _ROWS_MAX:
            continue
        content = table.cell(top, left)
        for row in range(top, min(bottom, len(table.rows)) + 1):
            bare = [at for at in under if (row, at) != (top, left) and table.cell(row, at) is None]
            if bare:
                blank.setdefault(row, set()).update(bare)
            if bare and bare[0] == left and content is not None:
                lent.setdefault(row, {})[left] = content
            left_over -= len(under)
        if left_over < 0:
            return {}
    return {row: Covered(lent.get(row, {}), frozenset(columns)) for row, columns in blank.items()}


def across(table: Table, after: int) -> dict[Cell, int]:
    """Returns for the merges of one row below row ``after``: the cell that holds the text → how many columns wide."""
    return {(top, left): right - left + 1 for top, left, bottom, right in table.merged if top == bottom and top > after}


def lower_end(table: Table, row: int) -> int:
    """Returns the last row of the merges that begin at or above ``row``: what is typed under them nobody sees."""
    ends = (bottom for top, _, bottom, _ in table.merged if top <= row < bottom and bottom - top < _ROWS_MAX)
    return max(ends, default=row)
