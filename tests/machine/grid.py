"""A data sheet as a clerk sees it, and what she does to it: every change is a patch of the bytes, as cheap as a step must be."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from python_calamine import CalamineWorkbook

from syncer.core.values import Scalar, show
from syncer.excel.patch import patch_cells
from tests.system.bureau import FIRST_ROW, LEAF_ROW

ID = "行标识"
Cells = dict[tuple[int, int], Scalar]


@dataclass(frozen=True)
class Grid:
    """One data sheet of a workbook: 1-based columns by the name a person reads, and the rows below the header."""

    sheet: str
    at: Mapping[str, int]
    rows: Sequence[tuple[Scalar, ...]]  # the first stands in worksheet row 5
    width: int

    @classmethod
    def of(cls, data: bytes, sheet: str) -> Grid:
        """Reads one sheet."""
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if sheet not in book.sheet_names:
            return cls(sheet, {}, (), 0)
        lines = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        names = lines[LEAF_ROW - 1] if len(lines) >= LEAF_ROW else []
        at: dict[str, int] = {}
        for number, name in enumerate(names, start=1):
            if name:
                at.setdefault(str(name).partition("\n")[0].rstrip("*"), number)
        rows = tuple(tuple(None if cell == "" else cell for cell in line) for line in lines[LEAF_ROW:])
        return cls(sheet, at, rows, max(map(len, lines), default=0))

    def cell(self, index: int, name: str) -> Scalar:
        """Returns the content in the ``index``-th data row; blank where there is no such row or column."""
        column = self.at.get(name, 0)
        return self.rows[index][column - 1] if column and index < len(self.rows) else None

    def lines(self) -> list[int]:
        """Returns the data rows that carry an id or hold anything."""
        return [index for index, row in enumerate(self.rows) if any(cell is not None for cell in row)]

    def filled(self, names: Sequence[str]) -> list[int]:
        """Returns the data rows in which one of these columns holds something."""
        return [i for i in self.lines() if any(self.cell(i, name) is not None for name in names)]

    def end(self) -> int:
        """Returns the first data row after the last that holds anything."""
        return max(self.lines(), default=-1) + 1

    # ---- what changes

    def put(self, index: int, content: Mapping[str, Scalar]) -> Cells:
        """Returns the cells that change when this is typed into a row."""
        return {(FIRST_ROW + index, self.at[name]): value for name, value in content.items() if name in self.at}

    def placed(self, order: Sequence[int], *, first: int = 1) -> Cells:
        """Returns the cells that change when the data rows stand in another order (``-1``: a blank row), from a column on."""
        cells: Cells = {}
        for index, origin in enumerate(order):
            old = self.rows[index] if index < len(self.rows) else ()
            new = self.rows[origin] if 0 <= origin < len(self.rows) else ()
            for column in range(first, self.width + 1):
                before = old[column - 1] if column <= len(old) else None
                after = new[column - 1] if column <= len(new) else None
                if before != after or type(before) is not type(after):
                    cells[FIRST_ROW + index, column] = after
        return cells

    def sorted_by(self, name: str, *, first: int = 1) -> Cells:
        """Returns the cells that change when the filled rows are sorted by a column."""
        lines = self.lines()
        order = list(range(len(self.rows)))
        for place, origin in zip(lines, sorted(lines, key=self._by(name)), strict=True):
            order[place] = origin
        return self.placed(order, first=first)

    def _by(self, name: str) -> Callable[[int], tuple[bool, str]]:
        return lambda index: (self.cell(index, name) is None, show(self.cell(index, name))[::-1])

    def without(self, index: int) -> Cells:
        """Returns the cells that change when a row is deleted: those below move up."""
        return self.placed([i for i in range(len(self.rows)) if i != index] + [-1])


def patched(data: bytes, sheet: str, cells: Mapping[tuple[int, int], Scalar]) -> bytes:
    """Returns the workbook with these cells changed."""
    return patch_cells(data, {sheet: cells})
