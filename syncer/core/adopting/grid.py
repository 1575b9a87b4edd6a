"""One foreign worksheet with its merged cells spread out, and what can be told of a single cell by its looks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time

from syncer.core.model import Table
from syncer.core.values import Scalar, fold, tidy

Cell = tuple[int, int]
"""1-based row and column."""

LABEL_LONGEST = 26  # signs; what is longer is a sentence, not the name of a column
_NUMBER = re.compile(r"[(（]?[+-]?\d[\d,.]*[%％]?[)）]?")
_DAY = re.compile(r"(?:19|20)\d{2}[-./年]\d{1,2}(?:[-./月]\d{1,2}日?)?|\d{1,2}月\d{1,2}日")
_FILL_IN = re.compile(r"[:：]|盖章|填报日期|填表日期|编制日期|^\s*单位[:：]")


class Grid:
    """A worksheet's cells, merged ranges kept as ranges."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.height = len(table.rows)
        self.width = max((len(cells) for cells in table.rows), default=0)
        self._range_of: dict[Cell, tuple[int, int, int, int]] = {}
        for top, left, last_row, last_column in table.merged:
            area = top, left, min(last_row, self.height), min(last_column, max(self.width, left))
            for row in range(area[0], area[2] + 1):
                for column in range(area[1], area[3] + 1):
                    self._range_of.setdefault((row, column), area)

    def own(self, row: int, column: int) -> Scalar:
        """Returns what a person sees to stand in the very cell; blank text, and what a merged range hides, is blank."""
        return self._typed(row, column) if self.merged(row, column)[:2] == (row, column) else None

    def hidden(self) -> Iterator[Cell]:
        """Yields the cells whose content a merged range hides."""
        for row, column in self._range_of:
            if self.merged(row, column)[:2] != (row, column) and self._typed(row, column) is not None:
                yield row, column

    def _typed(self, row: int, column: int) -> Scalar:
        value = self.table.cell(row, column)
        return None if isinstance(value, str) and not tidy(value) else value

    def merged(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Returns the merged range around a cell, or the cell itself as one: first row, first column, last row, last column."""
        return self._range_of.get((row, column), (row, column, row, column))

    def spread(self, row: int, column: int) -> Scalar:
        """Returns what a person sees in a cell: of a merged range, what stands in its first cell."""
        top, left, _, _ = self.merged(row, column)
        return self.own(top, left)

    def down(self, row: int, column: int) -> tuple[Scalar, Cell]:
        """Returns what a body cell holds, and where that stands: merged rows share it, merged columns do not.

        A text over several columns is the first one's; a range over several rows says the same of each of them.
        """
        top, left, _, _ = self.merged(row, column)
        return (self.own(top, left), (top, left)) if left == column else (self.own(row, column), (row, column))

    def filled(self, row: int) -> list[int]:
        """Returns the columns in which something of its own stands in a row."""
        return [column for column in range(1, self.width + 1) if self.own(row, column) is not None]

    def labels(self, row: int) -> Iterator[tuple[int, str]]:
        """Yields the columns over which something stands that could name them, merged ranges spread out."""
        for column in range(1, self.width + 1):
            value = self.spread(row, column)
            if isinstance(value, str) and looks_like_label(value):
                yield column, value


def looks_like_label(text: str) -> bool:
    """Tells whether a text could name a column: short, and neither number nor day nor 填报单位：…."""
    folded = fold(text)
    if not folded or len(folded) > LABEL_LONGEST or _FILL_IN.search(text):
        return False
    return not _NUMBER.fullmatch(folded) and not _DAY.search(folded)


def is_figure(value: Scalar) -> bool:
    """Tells whether a cell holds a number or a day, typed or written."""
    if isinstance(value, (int, float, date, datetime, time)):
        return True
    if not isinstance(value, str):
        return False
    folded = fold(unicodedata.normalize("NFKC", value))
    return bool(_NUMBER.fullmatch(folded) or _DAY.fullmatch(folded))
