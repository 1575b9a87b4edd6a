"""One worksheet in the hands of a person: rows found by what stands in them, changed, and put back into the file by patch."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

from python_calamine import CalamineWorkbook

from syncer.core.reading.headers import ROW_ID
from syncer.core.values import Scalar
from syncer.excel.patch import patch_cells

Cells = list[Scalar]


class Page:
    """The rows of a sheet below its header row, as cells from column A on. Nothing is written before `saved`."""

    def __init__(self, data: bytes, sheet: str, header_row: int = 4) -> None:
        grid = (
            CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        )
        self._data, self._sheet, self._header_row = data, sheet, header_row
        self.head: Cells = [_blank(cell) for cell in grid[header_row - 1]]
        self.rows: list[Cells] = [[_blank(cell) for cell in row] for row in grid[header_row:]]
        self._before = [list(self.head), *map(list, self.rows)]

    @property
    def filled(self) -> list[Cells]:
        """The rows that hold more than a reserved id."""
        return [row for row in self.rows if any(v is not None for at, v in enumerate(row) if at != self.id_at)]

    @property
    def id_at(self) -> int:
        """Where the row ids stand (0-based); -1 without a column for them."""
        return self.head.index(ROW_ID) if ROW_ID in self.head else -1

    def column(self, name: str) -> int:
        """Returns where a column stands (0-based), by its name without star and measure."""
        return [_plain(cell) for cell in self.head].index(name)

    def row(self, said: str) -> Cells:
        """Returns the row in which a cell says this; ``"甲/乙"``: both, each in a cell of its own."""
        words = said.split("/")
        found = [row for row in self.rows if all(word in map(str, row) for word in words)]
        assert len(found) == 1, f"{self._sheet}: {len(found)} rows say {said}"
        return found[0]

    def rows_of(self, *said: str) -> list[Cells]:
        """Returns the rows that are named: one by one, from one to another (``甲..乙``), or all that are filled (``*``)."""
        found: list[Cells] = []
        for name in said:
            first, _, last = name.partition("..")
            if name == "*":
                found += self.filled
            elif last:
                ends = self.place(self.row(first)), self.place(self.row(last))
                found += self.rows[min(ends) : max(ends) + 1]
            else:
                found.append(self.row(name))
        return found

    def place(self, row: Cells) -> int:
        """Returns where a row stands (0-based)."""
        return next(at for at, other in enumerate(self.rows) if other is row)

    def free(self) -> Cells:
        """Returns the first row that holds nothing but a reserved id; a new one below all others if there is none."""
        for row in self.rows:
            if all(v is None for at, v in enumerate(row) if at != self.id_at):
                return row
        self.rows.append([None] * len(self.head))
        return self.rows[-1]

    def type(self, row: Cells, said: Sequence[str]) -> None:
        """Types ``列名=内容`` into a row; a number is a number unless it says ``text:``, nothing clears the cell."""
        for entry in said:
            name, _, text = entry.partition("=")
            row[self.column(name)] = typed(text)

    def without_column(self, name: str) -> None:
        """Deletes a column: what stands right of it moves left."""
        at = self.head.index(name) if name == ROW_ID else self.column(name)
        for row in (self.head, *self.rows):
            del row[at]

    def sort(self, name: str, *, leaving: Sequence[str] = ()) -> None:
        """Sorts the filled rows by a column, downwards; the cells of the columns in ``leaving`` stay where they are."""
        at, rows = self.column(name), self.filled
        stay = [self.head.index(ROW_ID) if column == ROW_ID else self.column(column) for column in leaving]
        places = [self.place(row) for row in rows]
        kept = [[row[column] for column in stay] for row in rows]
        for place, cells, row in zip(
            places, kept, sorted(rows, key=lambda row: str(row[at]), reverse=True), strict=True
        ):
            self.rows[place] = list(row)
            for column, cell in zip(stay, cells, strict=True):
                self.rows[place][column] = cell

    def saved(self) -> bytes:
        """Returns the workbook with every cell that is not as it was."""
        after = [self.head, *self.rows]
        width = max(map(len, (*self._before, *after)))
        blank: Cells = [None] * width
        changes = {
            (self._header_row + at, column + 1): now
            for at in range(max(len(after), len(self._before)))
            for column, (was, now) in enumerate(zip(_at(self._before, at, blank), _at(after, at, blank), strict=True))
            if was != now or type(was) is not type(now)
        }
        return patch_cells(self._data, {self._sheet: changes})


def typed(text: str) -> Scalar:
    """Returns what typing a text comes to."""
    if text.startswith("text:"):
        return text.removeprefix("text:")
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    return text or None


def _at(rows: Sequence[Cells], at: int, blank: Cells) -> Cells:
    row = rows[at] if at < len(rows) else []
    return [*row, *blank[len(row) :]]


def _blank(cell: object) -> Scalar:
    return None if cell == "" else cell  # type: ignore[return-value]


def _plain(cell: Scalar) -> str:
    return str(cell or "").partition("\n")[0].rstrip("*")
