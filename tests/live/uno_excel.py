"""What stands in for Excel: one LibreOffice, many open books, and requests over a socket on this machine.

Run by a Python that has ``uno`` (see ``tests/office/uno_hand.py``, whose way of starting LibreOffice this takes). Arguments:
path of soffice, folder for its profile, path of the socket. Every line in is ``[who, verb, [arguments]]``, every line out
``{"value": …}``, ``{"refused": …}`` (as Excel refuses while a cell is edited) or ``{"error": …}``. Who says "bridge" meets the
faults that a test has set up; who says "test" never does. Rows and columns are 1-based, lengths are points.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "office"))

import uno
from uno_hand import Office, _properties

_MM100 = 2540 / 72  # hundredths of a millimetre in a point
_CONTENT = 1 | 2 | 4 | 16  # values, dates, texts, formulas
_DATES = 2  # values shown as dates or times
_ALIGN = {"left": "LEFT", "center": "CENTER", "right": "RIGHT", "general": "STANDARD"}
_ON_SHEETS = {"write", "insert_rows", "delete_rows", "put", "merge", "add_note", "delete_note", "group"}
_CHANGING = _ON_SHEETS | {"set_name", "delete_name"}


class HaltedError(Exception):
    """The client gets no answer any more: so it can be killed at a known moment."""


class Books:
    """Every public method is a verb. A book is known by a number that it keeps while it is open."""

    def __init__(self, desktop: Any) -> None:
        self._desktop = desktop
        self._open: dict[int, Any] = {}
        self._pages: dict[tuple[int, str], Any] = {}  # sheets that were asked for; every look at UNO costs
        self._last = 0
        self.refusals = 0  # calls that are still to be refused; -1: all
        self.halt_after = -1  # changing calls until the bridge is left without an answer; -1: never
        self.halted = False
        self.her_doing: tuple[str, int, str, list[Any]] = (
            "",
            0,
            "",
            [],
        )  # at which calls, after how many: what she does
        self.protected_view: set[int] = set()
        self.read_only: set[int] = set()
        self.copying = False
        self.calls: list[str] = []

    # ---- faults, for tests

    def busy(self, calls: int) -> None:
        self.refusals = calls

    def halt(self, after: int) -> None:
        self.halt_after, self.halted = after, False

    def meanwhile(self, at: str, after: int, verb: str, *arguments: Any) -> None:
        """Has her do something (any verb) right before a call of the bridge: a "read", or a "change", after so many of them."""
        self.her_doing = (at, after, verb, list(arguments))

    def do_hers(self, call: str) -> None:
        """Does what she does before this call, if it is time."""
        at, after, doing, with_what = self.her_doing
        if at == ("change" if call in _CHANGING else call):
            self.her_doing = (at, after - 1, doing, with_what) if after else ("", 0, "", [])
            if not after:
                getattr(self, doing)(*with_what)

    def is_halted(self) -> bool:
        return self.halted

    def in_protected_view(self, book: int, yes: bool) -> None:
        (self.protected_view.add if yes else self.protected_view.discard)(book)

    def copy_mode(self, yes: bool | None = None) -> bool:
        self.copying = self.copying if yes is None else yes
        return self.copying

    def called(self) -> list[str]:
        """Returns the bridge's calls since the last time this was asked."""
        calls, self.calls = self.calls, []
        return calls

    # ---- books

    def open(self, path: str, read_only: bool = False, hidden: bool = False) -> int:
        """Opens a book. ``hidden``: in half the time, without a window; what she looks at is not kept in its file then."""
        url = uno.systemPathToFileUrl(path)
        document = self._desktop.loadComponentFromURL(url, "_blank", 0, _properties(Hidden=hidden))
        if document is None:
            raise RuntimeError(f"LibreOffice does not open {path}")
        self._last += 1
        self._open[self._last] = document
        if read_only:  # in Excel such a book can be changed, and not be saved in its place
            self.read_only.add(self._last)
        return self._last

    def books(self, seen_by_bridge: bool = True) -> list[tuple[int, str]]:
        shown = {number for number in self._open if not (seen_by_bridge and number in self.protected_view)}
        return [(n, uno.fileUrlToSystemPath(d.URL)) for n, d in self._open.items() if n in shown]

    def close(self, book: int) -> None:
        self._pages.clear()
        self._open.pop(book).close(True)

    def close_all(self) -> None:
        for book in list(self._open):
            self.close(book)
        self.__init__(self._desktop)  # type: ignore[misc]

    def save(self, book: int) -> None:
        if book in self.read_only:
            raise RuntimeError("read-only")
        self._open[book].store()

    def is_modified(self, book: int) -> bool:
        return bool(self._open[book].isModified())

    def sheets(self, book: int) -> list[str]:
        return list(self._open[book].Sheets.ElementNames)

    def rename_sheet(self, book: int, sheet: str, name: str) -> None:
        self._sheet(book, sheet).Name = name
        self._pages.clear()

    def add_sheet(self, book: int, name: str, before: int) -> None:
        self._open[book].Sheets.insertNewByName(name, before)

    def protect(self, book: int, sheet: str, yes: bool) -> None:
        page = self._sheet(book, sheet)
        page.protect("") if yes else page.unprotect("")

    def is_protected(self, book: int, sheet: str) -> bool:
        return bool(self._sheet(book, sheet).isProtected())

    def view(self, book: int) -> list[Any]:
        """Returns what she looks at: sheet, selection, first visible row and column, zoom."""
        controller = self._open[book].CurrentController
        pane = controller.getViewPane() if hasattr(controller, "getViewPane") else controller
        selected = self._open[book].CurrentSelection.AbsoluteName
        return [
            controller.ActiveSheet.Name,
            selected,
            pane.FirstVisibleRow,
            pane.FirstVisibleColumn,
            controller.ZoomValue,
        ]

    def selection(self) -> tuple[int, str, list[int]]:
        """Returns what is selected in the book that was opened last: book, sheet, area."""
        book = max(self._open)
        area = self._open[book].CurrentSelection.RangeAddress
        sheet = self._open[book].CurrentController.ActiveSheet.Name
        return book, sheet, [area.StartRow + 1, area.StartColumn + 1, area.EndRow + 1, area.EndColumn + 1]

    def look_at(self, book: int, sheet: str, cell: str, first_row: int) -> None:
        controller = self._open[book].CurrentController
        controller.ActiveSheet = self._sheet(book, sheet)
        controller.select(self._sheet(book, sheet).getCellRangeByName(cell))
        controller.FirstVisibleRow = first_row - 1

    # ---- cells

    def used(self, book: int, sheet: str) -> tuple[int, int, int, int]:
        cursor = self._sheet(book, sheet).createCursor()
        cursor.gotoEndOfUsedArea(False)
        return 1, 1, cursor.RangeAddress.EndRow + 1, cursor.RangeAddress.EndColumn + 1

    def read(self, book: int, sheet: str, area: list[int]) -> list[list[Any]]:
        """Returns a block: texts, numbers, truths, ``null``, and a date as ``{"date": serial}``, as Excel tells them apart."""
        cells = self._area(book, sheet, area)
        rows = [[None if value == "" else value for value in row] for row in cells.DataArray]
        first = cells.RangeAddress
        for part in cells.queryContentCells(_DATES).RangeAddresses:
            for row in rows[part.StartRow - first.StartRow : part.EndRow - first.StartRow + 1]:
                for column in range(part.StartColumn - first.StartColumn, part.EndColumn - first.StartColumn + 1):
                    row[column] = {"date": row[column]}
        if any(value in {0.0, 1.0} for row in rows for value in row if isinstance(value, float)):
            rows = [list(map(_or_truth, *both)) for both in zip(rows, cells.FormulaArray, strict=True)]
        return rows

    def says(self, book: int, sheet: str, text: str) -> bool:
        """Whether a cell of a sheet says just this."""
        page = self._sheet(book, sheet)
        wanted = page.createSearchDescriptor()
        wanted.SearchString, wanted.SearchWords = text, True
        return page.findFirst(wanted) is not None

    def formulas(self, book: int, sheet: str) -> list[str]:
        """Returns every live formula of a sheet."""
        found = []
        for part in self._sheet(book, sheet).queryContentCells(16).RangeAddresses:
            block = self._sheet(book, sheet).getCellRangeByPosition(
                part.StartColumn, part.StartRow, part.EndColumn, part.EndRow
            )
            found += [formula for row in block.FormulaArray for formula in row]
        return found

    def write(self, book: int, sheet: str, area: list[int], rows: list[list[Any]]) -> None:
        """Types into every cell of a block, as Excel takes a value: a text is read like typing unless an apostrophe leads."""
        cells = self._area(book, sheet, area)
        if all(map(_needs_no_reading, (value for row in rows for value in row))):
            cells.setDataArray(tuple(tuple(_as_data(value) for value in row) for row in rows))
            return
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                cell = cells.getCellByPosition(c, r)
                if value is None or value == "":
                    cell.String = ""
                elif isinstance(value, bool):
                    cell.FormulaLocal = "TRUE" if value else "FALSE"
                elif isinstance(value, (int, float)):
                    cell.Value = value
                elif value.startswith("'"):
                    cell.String = value[1:]
                else:
                    cell.FormulaLocal = value

    def insert_rows(self, book: int, sheet: str, row: int, count: int, like_below: bool) -> None:
        page = self._sheet(book, sheet)
        page.Rows.insertByIndex(row - 1, count)
        if like_below:
            for at in range(row - 1, row - 1 + count):
                page.copyRange(
                    page.getCellByPosition(0, at).CellAddress, page.Rows.getByIndex(row - 1 + count).RangeAddress
                )
            page.Rows.getByIndex(row - 1).clearContents(_CONTENT)

    def delete_rows(self, book: int, sheet: str, row: int, count: int) -> None:
        self._sheet(book, sheet).Rows.removeByIndex(row - 1, count)

    def sort(self, book: int, sheet: str, area: list[int], column: int, descending: bool) -> None:
        key = uno.createUnoStruct("com.sun.star.table.TableSortField")
        key.Field, key.IsAscending = column - 1, not descending
        keys = uno.Any("[]com.sun.star.table.TableSortField", (key,))
        options = _properties(SortFields=keys, ContainsHeader=False, IsSortColumns=False, BindFormatsToContent=True)
        self._area(book, sheet, area).sort(options)

    def filter(self, book: int, sheet: str, area: list[int], column: int, text: str) -> None:
        """Shows only the rows of a table (its header row first) whose cell in a column says this."""
        cells = self._area(book, sheet, area)
        wanted = uno.createUnoStruct("com.sun.star.sheet.TableFilterField2")
        wanted.Field, wanted.StringValue, wanted.IsNumeric = column - 1, text, False
        wanted.Operator = 2  # EQUAL, as FilterOperator2 counts
        descriptor = cells.createFilterDescriptor(True)
        descriptor.ContainsHeader = True
        descriptor.setFilterFields2((wanted,))
        cells.filter(descriptor)

    def hidden_rows(self, book: int, sheet: str, first: int, last: int) -> list[int]:
        rows = self._sheet(book, sheet).Rows
        return [row for row in range(first, last + 1) if not rows.getByIndex(row - 1).IsVisible]

    def spans(self, book: int, sheet: str, area: list[int]) -> list[int]:
        """Returns the merged range that a cell belongs to, or the cell."""
        cursor = self._sheet(book, sheet).createCursorByRange(self._area(book, sheet, area))
        cursor.collapseToMergedArea()
        a = cursor.RangeAddress
        return [a.StartRow + 1, a.StartColumn + 1, a.EndRow + 1, a.EndColumn + 1]

    def merged(self, book: int, sheet: str, area: list[int]) -> bool | None:
        """Returns what Excel says of cells of which some are merged (``null``), or none."""
        return None if self._area(book, sheet, area).IsMerged else False

    def copy_to(self, book: int, path: str) -> None:
        """Writes what stands open, as it is, to another file; the book stays what it is."""
        self._open[book].storeToURL(uno.systemPathToFileUrl(path), _properties(FilterName="Calc MS Excel 2007 XML"))

    def merge(self, book: int, sheet: str, area: list[int], yes: bool) -> None:
        self._area(book, sheet, area).merge(yes)

    def group(self, book: int, sheet: str, area: list[int], yes: bool) -> None:
        page, address = self._sheet(book, sheet), self._area(book, sheet, area).RangeAddress
        rows = uno.Enum("com.sun.star.table.TableOrientation", "ROWS")
        page.group(address, rows) if yes else page.ungroup(address, rows)

    def collapse(self, book: int, sheet: str, area: list[int], yes: bool) -> None:
        page, address = self._sheet(book, sheet), self._area(book, sheet, area).RangeAddress
        page.hideDetail(address) if yes else page.showDetail(address)

    # ---- looks

    def take(self, book: int, sheet: str, area: list[int], what: str) -> Any:
        cells = self._area(book, sheet, area)
        match what:
            case "number_format":
                return self._open[book].NumberFormats.getByKey(cells.NumberFormat).FormatString
            case "color":
                return None if cells.CellBackColor == -1 else _rgb(cells.CellBackColor)
            case "font.color":
                return _rgb(max(cells.CharColor, 0))
            case "font.bold":
                return cells.CharWeight > 100
            case "font.italic":
                return cells.CharPosture.value == "ITALIC"
            case "row_height":
                row = cells.Rows.getByIndex(0)
                return row.Height / _MM100 if row.IsVisible else 0.0
            case "row_hidden":
                return all(not cells.Rows.getByIndex(at).IsVisible for at in range(cells.Rows.Count))
            case "horizontal_alignment":
                return {v: k for k, v in _ALIGN.items()}[cells.HoriJustify.value]
            case _:
                raise KeyError(what)

    def put(self, book: int, sheet: str, area: list[int], what: str, value: Any) -> None:
        cells = self._area(book, sheet, area)
        match what:
            case "number_format":
                cells.NumberFormat = self._format(book, value)
            case "color":
                cells.CellBackColor = -1 if value is None else _number(value)
            case "font.color":
                cells.CharColor = _number(value)
            case "font.bold":
                cells.CharWeight = cells.CharWeightAsian = 150.0 if value else 100.0
            case "font.italic":
                slant = uno.Enum("com.sun.star.awt.FontSlant", "ITALIC" if value else "NONE")
                cells.CharPosture = cells.CharPostureAsian = slant
            case "font.size":
                cells.CharHeight = cells.CharHeightAsian = value
            case "font.name":
                cells.CharFontName = cells.CharFontNameAsian = value
            case "row_height":
                for at in range(cells.Rows.Count):
                    cells.Rows.getByIndex(at).IsVisible = True  # Excel shows a hidden row whose height is set
                    cells.Rows.getByIndex(at).Height = round(value * _MM100)
            case "horizontal_alignment":
                cells.HoriJustify = uno.Enum("com.sun.star.table.CellHoriJustify", _ALIGN[value])
            case "wrap_text":
                cells.IsTextWrapped = value
            case _:
                raise KeyError(what)

    def _format(self, book: int, code: str) -> int:
        formats, english = (
            self._open[book].NumberFormats,
            uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", ""),
        )
        found = formats.queryKey(code, english, False)
        return int(found if found != -1 else formats.addNew(code, english))

    # ---- names and notes

    def names(self, book: int) -> dict[str, str]:
        named = self._open[book].NamedRanges
        return {name: f"={named.getByName(name).Content}" for name in named.ElementNames}

    def set_name(self, book: int, name: str, refers_to: str) -> None:
        named, content = self._open[book].NamedRanges, refers_to.removeprefix("=")
        if "!" in content:  # a range on a sheet: 'a'!$B$2 there, $'a'.$B$2 here
            content = "$" + content.replace("!", ".", 1)
        if named.hasByName(name):
            named.getByName(name).setContent(content)
        else:
            named.addNewByName(name, content, uno.createUnoStruct("com.sun.star.table.CellAddress"), 0)

    def delete_name(self, book: int, name: str) -> None:
        self._open[book].NamedRanges.removeByName(name)

    def notes(self, book: int, sheet: str) -> list[tuple[int, int, str, str]]:
        notes = self._sheet(book, sheet).Annotations
        found = [notes.getByIndex(at) for at in range(notes.Count)]
        return [(n.Position.Row + 1, n.Position.Column + 1, n.String, n.Author) for n in found]

    def add_note(self, book: int, sheet: str, area: list[int], text: str) -> None:
        self._sheet(book, sheet).Annotations.insertNew(
            self._area(book, sheet, area).getCellByPosition(0, 0).CellAddress, text
        )

    def delete_note(self, book: int, sheet: str, area: list[int]) -> None:
        notes = self._sheet(book, sheet).Annotations
        for at in range(notes.Count):
            place = notes.getByIndex(at).Position
            if [place.Row + 1, place.Column + 1] == area[:2]:
                notes.removeByIndex(at)
                return

    # ---- within

    def _sheet(self, book: int, sheet: str) -> Any:
        if (book, sheet) not in self._pages:
            self._pages[book, sheet] = self._open[book].Sheets.getByName(sheet)
        return self._pages[book, sheet]

    def _area(self, book: int, sheet: str, area: list[int]) -> Any:
        row, column, last_row, last_column = area
        return self._sheet(book, sheet).getCellRangeByPosition(column - 1, row - 1, last_column - 1, last_row - 1)


def _or_truth(value: Any, typed: str) -> Any:
    """A truth is a number here, shown and typed as one of two words."""
    return typed == "TRUE" if isinstance(value, float) and typed in {"TRUE", "FALSE"} else value


def _needs_no_reading(value: Any) -> bool:
    """Whether it is taken as it is: not a text without an apostrophe, which is read like typing, nor a truth."""
    return value is None or (type(value) in {int, float}) or (isinstance(value, str) and value[:1] in {"", "'"})


def _as_data(value: Any) -> Any:
    return value[1:] if isinstance(value, str) else "" if value is None else float(value)


def _rgb(number: int) -> tuple[int, int, int]:
    return number >> 16 & 255, number >> 8 & 255, number & 255


def _number(rgb: list[int]) -> int:
    return rgb[0] << 16 | rgb[1] << 8 | rgb[2]


def answer(books: Books, line: str) -> dict[str, Any]:
    who, verb, arguments = json.loads(line)
    if who == "bridge":
        books.calls.append(verb)
        books.do_hers(verb)
        if books.refusals:
            books.refusals -= books.refusals > 0
            return {"refused": verb}
        if verb in _CHANGING and books.halt_after >= 0:
            books.halt_after -= 1
            if books.halt_after < 0:
                books.halted = True
                raise HaltedError
    try:
        if who == "bridge" and verb in _ON_SHEETS and books.is_protected(*arguments[:2]):
            return {"error": "the sheet is protected"}  # LibreOffice lets programs write there; Excel does not
        return {"value": getattr(books, verb)(*arguments)}
    except Exception as fault:  # noqa: BLE001 - UNO raises exceptions of its own types
        return {"error": f"{verb}: {type(fault).__name__}: {fault}"}


def serve(books: Books, place: str) -> None:
    """Answers one request at a time, whoever asks."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(place)
    listening.listen()
    selector = selectors.DefaultSelector()
    selector.register(listening, selectors.EVENT_READ, None)
    print("ready", flush=True)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                client, _ = listening.accept()
                selector.register(client, selectors.EVENT_READ, client.makefile("rw", encoding="utf-8"))
                continue
            line = key.data.readline()
            if not line:
                selector.unregister(key.fileobj)
                continue
            try:
                key.data.write(json.dumps(answer(books, line)) + "\n")
                key.data.flush()
            except (HaltedError, OSError):
                selector.unregister(key.fileobj)


def main() -> None:
    """Serves until stdin ends, however the tests ended; then LibreOffice is killed."""
    office = Office(sys.argv[1], Path(sys.argv[2]))
    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # the tests' whole group may be told to end: their stdin's end is what counts

    def end() -> None:
        sys.stdin.read()
        office.kill()
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()
    try:
        serve(Books(office.desktop()), sys.argv[3])
    finally:
        office.kill()


if __name__ == "__main__":
    main()
