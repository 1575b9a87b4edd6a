"""Which rows of a worksheet are its header, and what each column is called there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from syncer.core.model import Table
from syncer.core.reading.header_names import HeaderNames
from syncer.core.reading.merged import Cell, anchors
from syncer.core.values import Scalar, fold, show, tidy

HEADER_SEARCH_ROWS = 30  # where the header is looked for first, and two of its columns are enough
DEEP_SEARCH_ROWS = 2_000  # and at last, where more of them must be there: further down there are only records
SEARCH_COLUMNS = 500  # by which the header is found; once it is, columns are read as far as they go
LEVELS = 3
GOOD_SHARE = 0.6  # of the columns found at the best place: the first row with as many is the header
_DEEP_SHARE, _DEEP_COLUMNS = 0.4, 3
_LABEL_SIGNS = 60
_ALL_COLUMNS = 16_384


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """A header. ``labels``: column → the texts above it, outermost first, its own last; columns without any are left out."""

    top: int  # first row in which a column's own name stands
    row: int  # last row; data begin below it
    labels: Mapping[int, tuple[str, ...]]


def find_header(table: Table, names: HeaderNames) -> HeaderBlock | None:
    """Returns the header: the first place, from the top, where most of the columns that can be found are named.

    Titles, a filled-in form or anything else may stand above. A header has one to three levels, merged or not, and maybe
    a line that numbers the columns (1, 2, 3 …) below. ``None`` where fewer than two columns (or not the only one) are
    named; further down than ``HEADER_SEARCH_ROWS`` two fifths of them must be.
    """
    places = _Places(table, names)
    counts: dict[int, int] = {}
    for row in range(1, min(len(table.rows), HEADER_SEARCH_ROWS) + 1):
        counts[row] = places.count(row)
        if counts[row] == names.count:  # no row can name more: so it is in every workbook as we issued it
            break
    enough = min(2, names.count)
    if max(counts.values(), default=0) < max(enough, names.count / 2):
        deep_enough = min(names.count, max(_DEEP_COLUMNS, math.ceil(names.count * _DEEP_SHARE)))
        counts |= {row: n for row, n in places.deep() if n >= deep_enough}
    best = max(counts.values(), default=0)
    first = next((row for row, n in sorted(counts.items()) if n >= max(enough, best * GOOD_SHARE)), None)
    if first is None:
        return None
    if counts[first] == names.count:
        return places.block(first)
    levels = [row for row in range(first, first + LEVELS) if row == first or not places.again(first, row)]
    return places.block(max(levels, key=lambda row: (places.count(row), -row)))


class _Places:
    """The rows of one worksheet as headers."""

    def __init__(self, table: Table, names: HeaderNames) -> None:
        self.table, self.names = table, names
        self._near = self._anchors(HEADER_SEARCH_ROWS + LEVELS)
        self._all: dict[Cell, Cell] | None = None
        self._texts: dict[Cell, str] = {}

    def _anchors(self, last: int) -> dict[Cell, Cell]:
        return anchors(self.table, last, max((len(cells) for cells in self.table.rows[:last]), default=0))

    def _merges(self, bottom: int) -> dict[Cell, Cell]:
        if bottom <= HEADER_SEARCH_ROWS:
            return self._near
        if self._all is None:
            self._all = self._anchors(DEEP_SEARCH_ROWS + LEVELS)
        return self._all

    def deep(self) -> Iterator[tuple[int, int]]:
        """Yields rows far down with how many columns their cells name."""
        for row in range(HEADER_SEARCH_ROWS + 1, min(len(self.table.rows), DEEP_SEARCH_ROWS) + 1):
            cells = self.table.rows[row - 1]
            if any(isinstance(cell, str) and self._names(cell) for cell in cells[:SEARCH_COLUMNS]):
                yield row, self.count(row)

    def _names(self, text: str) -> bool:
        return len(text) <= _LABEL_SIGNS and self.names.find((text,)) is not None

    def count(self, bottom: int) -> int:
        """Returns how many columns are named if the header ends in this row."""
        if not 0 < bottom <= len(self.table.rows) or not any(isinstance(c, str) for c in self.table.rows[bottom - 1]):
            return 0
        labels = self._labels(bottom, SEARCH_COLUMNS)
        return len({named.code for _, _, texts in labels if (named := self.names.find(texts))})

    def block(self, bottom: int) -> HeaderBlock:
        """Returns the header that ends in this row, or where its merged cells or a line of column numbers end."""
        labels = list(self._labels(bottom, _ALL_COLUMNS))
        own = {at: row for at, row, texts in labels if self.names.find(texts)}
        last = self._merged_down(bottom, own)
        if last > bottom:  # other columns may have their own names beside the lower end
            lower = list(self._labels(last, _ALL_COLUMNS))
            own_there = {at: row for at, row, texts in lower if self.names.find(texts)}
            if len(own_there) >= len(own):
                bottom, labels, own = last, lower, own_there
        texts = {at: text for at, _, text in labels}
        texts |= self._unnamed(bottom, own, texts)
        top = min(own.values(), default=bottom)
        return HeaderBlock(top, last + 1 if self._numbers_columns(last + 1) else last, texts)

    def _merged_down(self, bottom: int, columns: Iterable[int]) -> int:
        """The last row over which the headers of these columns are merged; not into a row that holds something below one."""
        merges, last, end = self._merges(bottom), bottom, min(bottom + LEVELS, len(self.table.rows))
        while last < end and any(merges.get((last + 1, at), (last + 1, at))[0] <= bottom for at in columns):
            if any(self.table.cell(last + 1, at) is not None for at in columns):
                break
            last += 1
        return last

    def again(self, first: int, row: int) -> bool:
        """Whether a row calls columns what ``first`` calls them already: a second header, and no further level."""
        if row > len(self.table.rows):
            return False
        pairs = zip(self.table.rows[first - 1][:SEARCH_COLUMNS], self.table.rows[row - 1], strict=False)
        return any(
            isinstance(one, str) and isinstance(other, str) and self._names(other) and fold(one) == fold(other)
            for one, other in pairs
        )

    def _unnamed(
        self, bottom: int, own: Mapping[int, int], texts: Mapping[int, tuple[str, ...]]
    ) -> dict[int, tuple[str, ...]]:
        """The headers that name no column of ours and stand higher than the last row, among others that do."""
        found: dict[int, tuple[str, ...]] = {}
        merges = self._merges(bottom)
        for row in sorted({row for row in own.values() if row < bottom}, reverse=True):
            for at, cell in enumerate(self.table.rows[row - 1], start=1):
                alone = merges.get((row, at), (row, at)) == (row, at) and not _is_band(row, at, merges)
                if alone and at not in texts and at not in found and (text := _text(cell)):
                    found[at] = (text,)
        return found

    def _labels(self, bottom: int, most: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Yields the columns that have a header if it ends in this row: column, row of its own text, texts of all levels."""
        merges = self._merges(bottom)
        rows = [row for row in range(bottom, bottom - LEVELS, -1) if row > 0]
        width = min(most, max(len(self.table.rows[row - 1]) for row in rows))
        for at in range(1, width + 1):
            above: list[tuple[Cell, str]] = []
            for row in rows:
                place = merges.get((row, at), (row, at))
                text = self._text(place)
                if text and all(place != held for held, _ in above):
                    above.append((place, text))
            if not above:
                continue
            (row, column), own = above[0]
            reaches = merges.get((bottom, at), (bottom, at)) == (row, column)
            if column == at and (reaches or (self.names.find((own,)) and not _is_band(row, at, merges))):
                yield at, row, tuple(text for _, text in reversed(above))

    def _text(self, place: Cell) -> str:
        if place not in self._texts:  # each row is looked at as a header, as the level above one, and above that
            self._texts[place] = _text(self.table.cell(*place))
        return self._texts[place]

    def _numbers_columns(self, row: int) -> bool:
        """Whether a row numbers the columns, as the second last line of a statistical form does."""
        cells = [cell for cell in self.table.rows[row - 1] if cell is not None] if row <= len(self.table.rows) else []
        figures = [_text(cell).strip("()（）") for cell in cells]
        return len(figures) >= 3 and figures == [str(n) for n in range(1, len(figures) + 1)]


def _is_band(row: int, at: int, merges: Mapping[Cell, Cell]) -> bool:
    """Whether a cell is merged with its right neighbour: then it heads a group of columns."""
    return merges.get((row, at + 1)) == (row, at)


def _text(cell: Scalar) -> str:
    return tidy(show(cell)) if cell is not None else ""
