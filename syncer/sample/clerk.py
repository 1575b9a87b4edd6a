"""A clerk at an open workbook: types, deletes and sorts rows, and saves, without any office program.

    book = OpenBook.at(path)
    book.type("任务清单", {"工作状态": "推进中", "完成率": "95%"}, row="6.7")
    book.type("活动台账", {"日期": date(2026, 11, 5), "活动名称": "文明创建宣传日"})
    book.save(path)

Columns are found by the leaf names in row 4, rows by what they hold, so it does not matter how the rows were sorted. What
was typed is patched in at the end: everything else in the file stays byte for byte, as in a save that changes little.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

from python_calamine import CalamineWorkbook

from syncer.core.delivery.handout import FIRST_DATA_ROW
from syncer.core.reading.header_names import header_key
from syncer.core.reading.headers import ROW_ID
from syncer.core.values import Scalar, fold, show
from syncer.excel.patch import Cell, patch_cells

LEAF_ROW = FIRST_DATA_ROW - 1
NUMBER = "任务编号"
_PERCENT = re.compile(r"[(（]\s*[%％]\s*[)）]")  # the measure below a leaf name: such cells show 0.95 as 95%


class OpenBook:
    """One workbook, open; nothing is written before `save`. Errors: `LookupError` where a sheet, column or row is not there."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self._book = CalamineWorkbook.from_filelike(io.BytesIO(source))
        self._grids: dict[str, _Grid] = {}

    @classmethod
    def at(cls, path: Path) -> Self:
        """Opens the workbook that stands at ``path``."""
        return cls(path.read_bytes())

    def type(self, sheet: str, cells: Mapping[str, Scalar], row: str = "") -> None:
        """Types into the row that ``row`` names (see `find`), or into the next blank one; ``None`` clears a cell."""
        grid = self._grid(sheet)
        at = grid.find(row) if row else grid.next_blank()
        for name, value in cells.items():
            column = grid.column(name)
            percent = bool(_PERCENT.search(grid.header(column)))
            grid.put(at, column, _as_percent(value) if percent else value)

    def delete(self, sheet: str, row: str) -> None:
        """Deletes a row: those below move up."""
        grid = self._grid(sheet)
        del grid.cells[grid.find(row) - 1]

    def sort(self, sheet: str, column: str) -> None:
        """Sorts all rows by a column as text, blanks last; the hidden ids travel, as in a sort over the whole table."""
        grid = self._grid(sheet)
        at = grid.column(column) - 1

        def rank(cells: list[Scalar]) -> tuple[bool, str]:
            text = show(cells[at]) if at < len(cells) else ""
            return not text, text

        grid.cells[LEAF_ROW:] = sorted(grid.cells[LEAF_ROW:], key=rank)

    def cell(self, sheet: str, column: str, row: str) -> Scalar:
        """Returns what stands in a row's cell."""
        grid = self._grid(sheet)
        return grid.get(grid.find(row), grid.column(column))

    def saved(self) -> bytes:
        """Returns the workbook with everything that was typed."""
        return patch_cells(self.source, {name: grid.changes() for name, grid in self._grids.items()})

    def save(self, path: Path, at: datetime | None = None) -> None:
        """Replaces the file in one step, as WPS does: a new file beside it is renamed over it.

        ``at`` is the file's time of change (local); now, if not given.
        """
        temporary = path.with_name(f".{uuid4().hex}.tmp")
        temporary.write_bytes(self.saved())
        if at:
            os.utime(temporary, (at.timestamp(), at.timestamp()))
        temporary.replace(path)

    def _grid(self, sheet: str) -> _Grid:
        if sheet not in self._grids:
            if sheet not in self._book.sheet_names:
                raise LookupError(f"no sheet {sheet}")
            self._grids[sheet] = _Grid(self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
        return self._grids[sheet]


class _Grid:
    """The cells of one sheet, before and after; rows and columns are 1-based in the methods."""

    def __init__(self, cells: Iterable[Iterable[Scalar]]) -> None:
        self.before: list[list[Scalar]] = [[None if cell == "" else cell for cell in row] for row in cells]
        self.cells = [list(row) for row in self.before]
        self.leaves = self.cells[LEAF_ROW - 1] if len(self.cells) >= LEAF_ROW else []

    def header(self, column: int) -> str:
        """Returns a column's leaf name as it stands there."""
        return show(self.leaves[column - 1])

    def column(self, name: str) -> int:
        """Returns where a column stands, by its leaf name without star and measure."""
        wanted = header_key(name)
        for at, leaf in enumerate(self.leaves, start=1):
            if header_key(show(leaf)) == wanted:
                return at
        raise LookupError(f"no column {name}")

    def find(self, row: str) -> int:
        """Returns the one row with this task number, else with this row id, else with this text in any cell."""
        named = [self.leaves.index(leaf) for leaf in (NUMBER, ROW_ID) if leaf in self.leaves]
        for columns in (*(slice(at, at + 1) for at in named), slice(None)):
            found = [
                number
                for number, cells in enumerate(self.cells, start=1)
                if number > LEAF_ROW and any(fold(show(cell)) == fold(row) for cell in cells[columns])
            ]
            if len(found) == 1:
                return found[0]
        raise LookupError(f"not exactly one row {row}")

    def next_blank(self) -> int:
        """Returns the first row with nothing typed in it, reserved ones first."""
        ids = next((at for at, leaf in enumerate(self.leaves) if leaf == ROW_ID), -1)
        for number, cells in enumerate(self.cells[LEAF_ROW:], start=FIRST_DATA_ROW):
            if all(cell is None or at == ids for at, cell in enumerate(cells)):
                return number
        return len(self.cells) + 1

    def get(self, row: int, column: int) -> Scalar:
        """Returns a cell's content; blank outside."""
        return _at(self.cells, row, column)

    def put(self, row: int, column: int, value: Scalar) -> None:
        """Sets a cell, wherever it lies."""
        while len(self.cells) < row:
            self.cells.append([])
        cells = self.cells[row - 1]
        cells.extend([None] * (column - len(cells)))
        cells[column - 1] = value

    def changes(self) -> dict[Cell, Scalar]:
        """Returns every cell whose content is another now."""
        height = max(len(self.before), len(self.cells))
        width = max((len(cells) for cells in (*self.before, *self.cells)), default=0)
        places = ((row, column) for row in range(FIRST_DATA_ROW, height + 1) for column in range(1, width + 1))
        return {place: now for place in places if not _identical(now := self.get(*place), _at(self.before, *place))}


def _at(cells: list[list[Scalar]], row: int, column: int) -> Scalar:
    inside = row <= len(cells) and column <= len(cells[row - 1])
    return cells[row - 1][column - 1] if inside else None


def _identical(one: Scalar, other: Scalar) -> bool:
    return type(one) is type(other) and one == other


def _as_percent(value: Scalar) -> Scalar:
    """Returns what a cell shown as a percentage holds after somebody typed into it: 95%, 95 and 0.95 are one value."""
    if isinstance(value, str) and (match := re.fullmatch(r"(\d+(?:\.\d+)?)%", value)):
        return round(float(match[1]) / 100, 10)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 1:
        return round(value / 100, 10)
    return value
