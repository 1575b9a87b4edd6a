"""Where the header of a foreign worksheet stands: one to four rows of it, grouped and merged as the office liked it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from syncer.core.adopting.grid import Grid, is_figure, looks_like_label
from syncer.core.adopting.vocabulary import column_key
from syncer.core.values import Scalar, fold, show, tidy

SEARCHED_ROWS = 40
DEEPEST = 4  # rows of a header
_WIDE = 0.7  # of the table: a merged range that wide is a title, not a group of columns
_ALIKE = 0.6
_COUNTING = re.compile(r"[(（]?(\d{1,2}|[a-z]|[一二三四五六七八九十]{1,3}|[甲乙丙丁])[)）]?")


@dataclass(frozen=True, slots=True)
class Header:
    """Rows of a header, 1-based; ``counting`` is a row below it that only counts the columns (1 2 3 …), 0 if none."""

    top: int
    bottom: int
    paths: tuple[tuple[int, tuple[str, ...]], ...]  # column, texts above it from group to leaf
    counting: int = 0

    @property
    def last(self) -> int:
        """The row above the first row of content."""
        return self.counting or self.bottom


def find_header(grid: Grid, known: Collection[str], first_row: int = 1) -> Header | None:
    """Returns the first header from a row on; ``known``: header keys of everything that a column may be called.

    The row with the most known names is its heart; where none has two, the first row that looks like a row of labels. Merged
    ranges that reach into the rows above and below belong to it, and groups above.
    """
    heart = _heart(grid, known, first_row)
    if not heart:
        return None
    bottom = _bottom(grid, heart)
    top = _top(grid, heart, first_row)
    paths = tuple((at, path) for at in range(1, grid.width + 1) if (path := _path(grid, at, top, bottom)))
    counting = bottom + 1 if _only_counts(grid, bottom + 1, len(paths)) else 0
    return Header(top, bottom, paths, counting)


def known_in(grid: Grid, row: int, known: Collection[str]) -> int:
    """Returns how many columns bear a known name in a row, each name counted once."""
    return len({key for _, text in grid.labels(row) if (key := column_key(text)) in known})


def _heart(grid: Grid, known: Collection[str], first_row: int) -> int:
    rows = range(first_row, min(grid.height, first_row + SEARCHED_ROWS) + 1)
    counts = {row: known_in(grid, row, known) for row in rows}
    best = max(counts.values(), default=0)
    if best >= 2:  # the first that is nearly as good: a later one may be a data row or the next page's header
        return next(row for row, count in counts.items() if count >= 2 and count >= best * _ALIKE)
    return next((row for row in rows if _labels_only(grid, row) and row < grid.height), 0)


def _labels_only(grid: Grid, row: int) -> bool:
    """Whether a row is made of at least three different labels and nothing else, with something filled below."""
    cells = [grid.own(row, at) for at in grid.filled(row)]
    texts = {fold(cell) for cell in cells if isinstance(cell, str) and looks_like_label(cell)}
    return len(texts) >= 3 and len(texts) == len(cells) and len(grid.filled(row + 1)) >= 2


def _bottom(grid: Grid, row: int) -> int:
    """Follows merged ranges down, and the leaves that stand below a group's merged name."""
    bottom = row
    while bottom - row < DEEPEST - 1 and bottom < grid.height:
        labels = dict(grid.labels(bottom))
        reach = max((grid.merged(bottom, at)[2] for at in labels), default=bottom)
        if reach > bottom and reach - row < DEEPEST:
            bottom = reach
        elif _leaves_below(grid, bottom):
            bottom += 1
        else:
            break
    return bottom


def _leaves_below(grid: Grid, row: int) -> bool:
    """Whether the next row names the columns under groups of this one, and holds nothing else.

    A group is a merged range, or a label with blanks to its right: not every program keeps merged ranges, and not everybody
    merges. A row of content fills more than the gaps of the row above it.
    """
    under = {at for at, (left, right) in _groups_in(grid, row).items() if right > left}
    filled = grid.filled(row + 1)
    if len(filled) < 2 or not set(filled) <= under:
        return False
    return all(isinstance(cell := grid.own(row + 1, at), str) and looks_like_label(cell) for at in filled)


def _groups_in(grid: Grid, row: int) -> dict[int, tuple[int, int]]:
    """Returns, by column, from where to where the label over it reaches in one row: as merged, else up to the next label."""
    extents: dict[int, tuple[int, int]] = {}
    starts = [*(at for at, _ in grid.labels(row)), grid.width + 1]
    for at, following in pairwise(starts):
        _, left, bottom, right = grid.merged(row, at)
        if bottom > row:
            continue  # reaches down by itself: no group
        right = max(right, following - 1)
        extents.update(dict.fromkeys(range(left, right + 1), (left, right)))
    return extents


def _top(grid: Grid, row: int, first_row: int) -> int:
    """Follows merged ranges up, and takes in the rows of groups above."""
    top = min((grid.merged(row, at)[0] for at, _ in grid.labels(row)), default=row)
    while top > first_row and row - top < DEEPEST - 1 and (_groups(grid, top - 1) or _parted(grid, top - 1)):
        top = min(grid.merged(top - 1, at)[0] for at, _ in grid.labels(top - 1))
    return max(top, first_row)


def _groups(grid: Grid, row: int) -> bool:
    """Whether a row above names groups of columns: short labels, at least one of them over several columns, none over all."""
    filled = grid.filled(row)
    texts = [cell for at in filled if isinstance(cell := grid.own(row, at), str)]
    if not texts or len(texts) < len(filled) or not all(map(looks_like_label, texts)):
        return False
    spans = [grid.merged(row, at) for at in filled]
    widths = [right - left + 1 for _, left, _, right in spans]
    return max(widths) > 1 and max(widths) < max(3, grid.width * _WIDE)


def _parted(grid: Grid, row: int) -> bool:
    """Whether a row above names some columns and groups, unmerged, and the next row only the columns of its groups."""
    labels = list(grid.labels(row))
    return len(labels) >= 3 and len(labels) == len(grid.filled(row)) and _leaves_below(grid, row)


def _path(grid: Grid, column: int, top: int, bottom: int) -> tuple[str, ...]:
    """Returns what stands above a column, from its widest group to its own name, nothing twice in a row."""
    texts: list[str] = []
    for row in range(top, bottom + 1):
        value: Scalar = grid.spread(row, column)
        if value is None and row < bottom and grid.own(row + 1, column) is not None and _leaves_below(grid, row):
            value = grid.spread(row, _groups_in(grid, row).get(column, (column, column))[0])  # a group nobody merged
        text = "".join(tidy(show(value)).split()) if value is not None else ""
        if text and (not texts or texts[-1] != text):
            texts.append(text)
    return tuple(texts)


def _only_counts(grid: Grid, row: int, columns: int) -> bool:
    """Whether a row below a header only counts its columns: 1 2 3, (1) (2), 甲 乙 1 2."""
    if row > grid.height:
        return False
    cells = [grid.own(row, at) for at in grid.filled(row)]
    counting = [cell for cell in cells if _COUNTING.fullmatch(fold(show(cell)))]
    numbers = [int(show(cell)) for cell in cells if is_figure(cell) and show(cell).isdecimal()]
    rising = all(later - earlier == 1 for earlier, later in pairwise(numbers))
    return len(cells) >= max(3, columns * 0.7) and len(counting) == len(cells) and rising
