"""One book that is open in Excel: read and written in blocks, through xlwings.

Nothing here selects, scrolls, activates or switches off the screen, events or calculation: this process may be killed at any
moment, and her Excel must never be left half asleep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from syncer.excel.live.plain import Plain, handed, plain
from syncer.excel.live.plan import Block, blocks
from syncer.excel.live.refusals import BookClosedError, CannotWriteError, ExcelBusyError, NoExcelError

T = TypeVar("T")

READ_ROWS = 2_000  # in one call: between two of them Excel attends to her
LONG_TEXT = 8_000  # characters: beyond some eight thousand Excel takes no text as part of a block


class Asked(Protocol):
    """The Excel that a book is open in."""

    def ask(self, call: Callable[[], T], *, twice_is_harm: bool = False) -> T:
        """Makes one call, with patience."""

    def has_open(self, path: Path) -> bool:
        """Tells whether a file is open there."""


class OpenBook:
    """One open book. Sheets are named as she names them; rows and columns are 1-based."""

    def __init__(self, excel: Asked, book: Any, path: Path) -> None:
        self.path = path
        self._excel, self._book = excel, book

    def ask(self, call: Callable[[], T], *, twice_is_harm: bool = False) -> T:
        """Makes one call.

        Raises:
            ExcelBusyError: Excel refused until patience ended.
            BookClosedError: the book is gone.
            CannotWriteError: Excel refuses for another reason.
        """
        try:
            return self._excel.ask(call, twice_is_harm=twice_is_harm)
        except (ExcelBusyError, NoExcelError):
            raise
        except Exception as error:
            if not self._excel.has_open(self.path):
                raise BookClosedError from error
            raise CannotWriteError(str(error)[:300]) from error

    def close(self) -> None:
        """Closes it without saving: only for a file of ours that was opened to try things in."""
        self.ask(self._book.close)

    @property
    def selected(self) -> str:
        """Where she has the cursor in this book."""
        return str(self.ask(lambda: self._book.selection.address))

    def is_hidden(self, sheet: str, row: int) -> bool:
        """Tells whether a row is hidden, filtered out or folded away."""
        return bool(self.ask(lambda: self._rows(sheet, row, 1).rows.hidden))

    @property
    def is_copying(self) -> bool:
        """Whether she has cells in hand to be pasted: a write would take them from her."""
        return self.ask(lambda: self._book.app.cut_copy_mode) is not None

    def sheets(self) -> list[str]:
        """Returns the names of all sheets, hidden ones too."""
        return self.ask(lambda: [sheet.name for sheet in self._book.sheets])

    def size(self, sheet: str) -> tuple[int, int]:
        """Returns the last row and column in use."""

        def last() -> tuple[int, int]:
            used = self._book.sheets[sheet].used_range
            return used.row + used.shape[0] - 1, used.column + used.shape[1] - 1

        return self.ask(last)

    def read(self, sheet: str, rows: tuple[int, int], columns: tuple[int, int]) -> list[list[Plain]]:
        """Returns a block, first and last row and column given."""
        return [[plain(value) for value in row] for row in self.raw(sheet, rows, columns)]

    def raw(self, sheet: str, rows: tuple[int, int], columns: tuple[int, int]) -> list[list[Any]]:
        """Returns a block as xlwings gives it: numbers as floats, dates as datetimes, errors as their names."""
        found: list[list[Any]] = []
        for first in range(rows[0], rows[1] + 1, READ_ROWS):
            area = first, columns[0], min(first + READ_ROWS - 1, rows[1]), columns[1]
            found += self.ask(partial(self._values, sheet, area))
        return found

    def _values(self, sheet: str, area: Sequence[int]) -> list[list[Any]]:
        found: list[list[Any]] = self._range(sheet, area).options(ndim=2, err_to_str=True).value
        return found

    def write(self, sheet: str, block: Block) -> None:
        """Writes a block; a text stays a text whatever it begins with, and a blank a blank."""
        for part in _takeable(block):
            self._assign(sheet, part)

    def _assign(self, sheet: str, block: Block) -> None:
        last = block.row + len(block.values) - 1, block.column + len(block.values[0]) - 1
        values = [[handed(value) for value in line] for line in block.values]

        def assign() -> None:
            self._range(sheet, (block.row, block.column, *last)).value = values

        self.ask(assign)

    def insert_rows(self, sheet: str, row: int, count: int) -> None:
        """Inserts whole rows before one, with the looks of the row above."""
        self.ask(lambda: self._rows(sheet, row, count).insert("down", "format_from_left_or_above"), twice_is_harm=True)

    def delete_rows(self, sheet: str, row: int, count: int) -> None:
        """Deletes whole rows."""
        self.ask(lambda: self._rows(sheet, row, count).delete("up"), twice_is_harm=True)

    def set_height(self, sheet: str, row: int, points: float) -> None:
        """Sets a row's height; a row that she filtered out or folded away stays hidden."""

        def put() -> None:
            cells = self._rows(sheet, row, 1)
            if not cells.rows.hidden:
                cells.row_height = points

        self.ask(put)

    def set_look(self, sheet: str, area: tuple[int, int, int, int], what: str, value: Any) -> None:
        """Sets one property of a block's looks, by its name in `syncer.excel.live.picture.Look`."""

        def put() -> None:
            cells = self._range(sheet, area)
            match what:
                case "number_format":
                    cells.number_format = value
                case "fill":
                    cells.color = value
                case "ink":
                    cells.font.color = value or (0, 0, 0)
                case "across":
                    cells.horizontal_alignment = value or "general"
                case "wraps":
                    cells.wrap_text = value
                case "font":
                    cells.font.name = value
                case _:  # bold, italic, size
                    setattr(cells.font, what, value)

        if value or what not in {"font", "size"}:
            self.ask(put)

    def number_format(self, sheet: str, row: int, column: int) -> str:
        """Returns how a cell shows numbers."""
        return str(self.ask(lambda: self._range(sheet, (row, column, row, column)).number_format))

    def fill(self, sheet: str, row: int, column: int) -> tuple[int, int, int] | None:
        """Returns a cell's fill."""
        found = self.ask(lambda: self._range(sheet, (row, column, row, column)).color)
        return tuple(found) if found else None

    def group(self, sheet: str, rows: tuple[int, int], levels: int) -> None:
        """Puts rows so many levels deeper into groups; out of them for a negative number, nothing for 0."""
        if not levels:
            return
        cells = self.ask(lambda: self._rows(sheet, rows[0], rows[1] - rows[0] + 1))
        for _ in range(abs(levels)):
            self.ask(partial(cells.group if levels > 0 else cells.ungroup, "rows"), twice_is_harm=True)

    def merge(self, sheet: str, row: int, columns: tuple[int, int]) -> None:
        """Merges cells of one row."""
        self.ask(lambda: self._range(sheet, (row, columns[0], row, columns[1])).merge())

    def spans(self, sheet: str, row: int, width: int) -> tuple[tuple[int, int], ...]:
        """Returns first and last column of the merged cells of a row: mostly a call a cell, so only after a break."""
        cells = self._range(sheet, (row, 1, row, width))
        if self.ask(partial(getattr, cells, "merge_cells")) is False:  # None: some are
            return ()
        found: list[tuple[int, int]] = []
        column = 1
        while column <= width:
            cell = self._range(sheet, (row, column, row, column))
            area = self.ask(partial(getattr, cell, "merge_area"))
            last = column + area.shape[1] - 1
            if last > column:
                found.append((column, last))
            column = last + 1
        return tuple(found)

    def name(self, name: str) -> str | None:
        """Returns what a defined name refers to; ``None`` where there is none."""
        return self.ask(lambda: self._book.names[name].refers_to if name in self._book.names else None)

    def set_name(self, name: str, refers_to: str) -> None:
        """Defines a name, or defines it anew."""

        def put() -> None:
            if name in self._book.names:
                self._book.names[name].refers_to = refers_to
            else:
                self._book.names.add(name, refers_to)

        self.ask(put)

    def notes(self, sheet: str) -> Iterator[tuple[int, int, str]]:
        """Yields the notes of a sheet: row, column, text."""
        found = self.ask(lambda: [(n.location.row, n.location.column, n.text) for n in self._book.sheets[sheet].notes])
        yield from found

    def add_note(self, sheet: str, row: int, column: int, text: str) -> None:
        """Adds a note to a cell that has none."""
        self.ask(lambda: self._range(sheet, (row, column, row, column)).add_note(text))

    def delete_note(self, sheet: str, row: int, column: int) -> None:
        """Deletes a cell's note."""
        note = self.ask(lambda: self._range(sheet, (row, column, row, column)).note)
        self.ask(note.delete)

    def _range(self, sheet: str, area: Sequence[int]) -> Any:
        row, column, last_row, last_column = area
        return self._book.sheets[sheet].range((row, column), (last_row, last_column))

    def _rows(self, sheet: str, row: int, count: int) -> Any:
        return self._book.sheets[sheet].range(f"{row}:{row + count - 1}")


def _takeable(block: Block) -> Iterator[Block]:
    """Yields a block in parts that Excel takes: a long text by itself. Nothing is blanked on the way, for we may be killed on it."""
    cells = {
        (row, column): value
        for row, values in enumerate(block.values, block.row)
        for column, value in enumerate(values, block.column)
    }
    long = {place: value for place, value in cells.items() if isinstance(value, str) and len(value) > LONG_TEXT}
    if not long:
        yield block
        return
    yield from blocks({place: value for place, value in cells.items() if place not in long})
    yield from (Block(*place, ((value,),)) for place, value in long.items())
