"""The only place that imports xlwings: finds a book that is open in this session's Excel, and reads and writes it in blocks.

Every call may be refused, for Excel takes none while a cell is edited or a dialog stands: it is tried again for a while, then
left (`ExcelBusyError`). Nothing here selects, scrolls, activates or switches off the screen, events or calculation: this
process may be killed at any moment, and her Excel must never be left half asleep.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from syncer.excel.live.plain import Plain, handed, plain
from syncer.excel.live.plan import Block

T = TypeVar("T")

RETRY_SECONDS = 0.2
READ_ROWS = 2_000  # in one call: between two of them Excel attends to her
LONG_TEXT = 8_000  # characters: beyond some eight thousand Excel takes no text as part of a block
_REJECTED, _RETRY_LATER, _EXCEPTION, _IGNORED = -2147418111, -2147417846, -2147352567, -2146777998
_UNWANTED = ("xlwings.pro", "pandas", "numpy", "polars", "matplotlib", "PIL")
_APPLE_BUSY = {-1712, -10003}  # timed out; not allowed now


class NoExcelError(Exception):
    """There is no xlwings, or no Excel in this session that it reaches."""


class _LeftError(Exception):
    """A job was left; ``wrote``: something of it may stand in the book."""

    wrote = False


class ExcelBusyError(_LeftError):
    """Excel took no call for as long as we had patience."""


class BookClosedError(_LeftError):
    """The book is not open, or was closed in the middle."""


class CannotWriteError(Exception):
    """Excel refuses for good: the sheet is protected, say. The message is Excel's."""


def import_xlwings() -> Any:
    """Returns xlwings without its ``pro`` part, which is not free and never needed, and without what it converts for.

    It starts in an eighth of the time without pandas and its kin.

    Raises:
        NoExcelError: it is not installed.
    """
    modules: dict[str, Any] = sys.modules
    for name in _UNWANTED:
        modules.setdefault(name, None)  # an import of it fails, as if it were not there
    try:
        xlwings = import_module("xlwings")
    except ImportError as error:
        raise NoExcelError("没有安装 xlwings / xlwings is not installed") from error
    if windows := modules.get("xlwings._xlwindows"):
        windows.N_COM_ATTEMPTS = 1  # else it tries without end and without a pause
    return xlwings


def is_refusal(error: Exception) -> bool:
    """Tells whether Excel only does not take a call now, as pywin32, xlwings or appscript say it."""
    code = getattr(error, "hresult", None)
    if code == _EXCEPTION:
        details: Sequence[object] = (*error.args, None, None, None)[2] or ()
        return list(details[5:6]) == [_IGNORED]
    on_windows = sys.platform == "win32" and isinstance(error, AttributeError)  # how pywin32 reports it for a name
    named = type(error).__name__ == "ExcelBusyError"
    return code in {_REJECTED, _RETRY_LATER} or named or on_windows or getattr(error, "errornumber", 0) in _APPLE_BUSY


class Excel:
    """This session's Excel, asked with patience."""

    def __init__(self, xlwings: Any, patience_seconds: float) -> None:
        self._xlwings = xlwings
        self._until = time.monotonic() + patience_seconds

    @classmethod
    def reach(cls, patience_seconds: float) -> Excel:
        """Returns Excel; ``patience_seconds`` is for all refusals together.

        Raises:
            NoExcelError: xlwings is missing, or knows no engine on this system.
        """
        xlwings = import_xlwings()
        if not any(engine.name == "excel" for engine in xlwings.engines):
            raise NoExcelError("这台电脑上没有 xlwings 能用的 Excel / no Excel that xlwings can use on this computer")
        return cls(xlwings, patience_seconds)

    def ask(self, call: Callable[[], T], *, twice_is_harm: bool = False) -> T:
        """Makes one call, again and again while Excel refuses.

        ``twice_is_harm``: rows inserted twice, say. macOS does not tell whether a call that timed out was carried out all the same.

        Raises:
            ExcelBusyError: it refused until patience ended.
        """
        while True:
            try:
                return call()
            except Exception as error:
                if not is_refusal(error):
                    raise
                if time.monotonic() > self._until or (twice_is_harm and hasattr(error, "errornumber")):
                    raise ExcelBusyError from error
                time.sleep(RETRY_SECONDS)

    @property
    def running(self) -> bool:
        """Whether there is an Excel with a book open."""
        return bool(self.ask(lambda: len(self._xlwings.apps)))

    def books(self) -> list[Any]:
        """Returns the books open in every Excel of this session; one in protected view is not among them."""
        return self.ask(lambda: [book for app in self._xlwings.apps for book in app.books])

    def book(self, path: Path) -> OpenBook:
        """Returns the open book that is this file, and no other of the same name.

        Raises:
            BookClosedError: it is not open here.
        """
        for book in self.books():
            fullname = _fullname(book)
            if fullname and _is_file(Path(fullname), path):
                return OpenBook(self, book, path)
        raise BookClosedError

    def open(self, path: Path) -> OpenBook:
        """Opens a file of ours to try things in.

        Raises:
            BookClosedError: no Excel runs that could open it.
        """
        apps = self.ask(lambda: list(self._xlwings.apps))
        if not apps:
            raise BookClosedError
        return OpenBook(self, self.ask(lambda: apps[0].books.open(str(path))), path)

    @property
    def versions(self) -> tuple[str, str]:
        """The versions of xlwings and, where one is running, of Excel."""
        apps = self.ask(lambda: list(self._xlwings.apps))
        return str(self._xlwings.__version__), str(self.ask(lambda: apps[0].version)) if apps else ""

    def has_open(self, path: Path) -> bool:
        """Tells whether a file is open here."""
        try:
            self.book(path)
        except BookClosedError:
            return False
        return True


def _fullname(book: Any) -> str:
    """Returns where a book lies; "" for one that lies in no folder that xlwings can tell (a cloud's)."""
    try:
        return str(book.fullname)
    except Exception as error:
        if is_refusal(error):
            raise
        return ""


def _is_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.normcase(one) == os.path.normcase(other)


class OpenBook:
    """One open book. Sheets are named as she names them; rows and columns are 1-based."""

    def __init__(self, excel: Excel, book: Any, path: Path) -> None:
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
        last = block.row + len(block.values) - 1, block.column + len(block.values[0]) - 1
        long = [
            (row, column)
            for row, values in enumerate(block.values, block.row)
            for column, value in enumerate(values, block.column)
            if isinstance(value, str) and len(value) > LONG_TEXT
        ]
        values = [
            [None if (row, column) in long else handed(value) for column, value in enumerate(line, block.column)]
            for row, line in enumerate(block.values, block.row)
        ]
        self._assign(sheet, (block.row, block.column, *last), values)
        for row, column in long:
            value = handed(block.values[row - block.row][column - block.column])
            self._assign(sheet, (row, column, row, column), [[value]])

    def _assign(self, sheet: str, area: tuple[int, int, int, int], values: list[list[Plain]]) -> None:
        def assign() -> None:
            self._range(sheet, area).value = values

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
        """Puts rows so many levels deeper into groups; out of them for a negative number."""
        cells = self.ask(lambda: self._rows(sheet, rows[0], rows[1] - rows[0] + 1))
        for _ in range(abs(levels)):
            self.ask(partial(cells.group if levels > 0 else cells.ungroup, "rows"), twice_is_harm=True)

    def merge(self, sheet: str, row: int, columns: tuple[int, int]) -> None:
        """Merges cells of one row."""
        self.ask(lambda: self._range(sheet, (row, columns[0], row, columns[1])).merge())

    def unmerge(self, sheet: str, row: int, columns: tuple[int, int]) -> None:
        """Takes merged cells of one row apart."""
        self.ask(lambda: self._range(sheet, (row, columns[0], row, columns[1])).unmerge())

    def spans(self, sheet: str, row: int, width: int) -> tuple[tuple[int, int], ...]:
        """Returns first and last column of the merged cells of a row: a call a cell, so only after a break."""
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
