"""An xlwings engine whose Excel is a LibreOffice: registered in the bridge's worker, it executes every call for real.

The classes are those of `xlwings.base_classes`, with what the bridge uses and no more: anything else is an `AttributeError`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import xlwings as xw

from tests.live.client import SOCKET_VARIABLE, Client

Area = tuple[int, int, int, int]
_EPOCH = datetime(1899, 12, 30)
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576


def register() -> None:
    """Adds the engine and makes it the active one, as the bridge's worker finds Excel's own on Windows and macOS."""
    engine: Any = xw.Engine(impl=Engine(Client(os.environ[SOCKET_VARIABLE], "bridge")))
    xw.engines.add(engine)
    xw.engines.active = engine


class Engine:
    name, type = "excel", "desktop"

    def __init__(self, client: Client) -> None:
        self.client = client

    @property
    def apps(self) -> Apps:
        return Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None else value

    @staticmethod
    def clean_value_data(data: Any, datetimes: Callable[..., Any], empty: Any, numbers: Any, err_to_str: bool) -> Any:
        return [[_clean(value, datetimes, empty) for value in row] for row in data]


def _clean(value: Any, datetimes: Callable[..., Any], empty: Any) -> Any:
    if isinstance(value, dict):
        moment = _EPOCH + timedelta(days=value["date"])
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return datetimes(**{part: getattr(moment, part) for part in parts}, tzinfo=None)
    return empty if value is None else value


class Apps:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __iter__(self) -> Iterator[App]:
        yield App(self.engine)

    def __len__(self) -> int:
        return 1


class App:
    pid, api, version = 1, True, "7.4"

    def __init__(self, engine: Engine) -> None:
        self.engine, self.client = engine, engine.client

    @property
    def books(self) -> Books:
        return Books(self)

    @property
    def selection(self) -> Range:
        number, sheet, area = self.client.selection()
        path = dict(self.client.books(False))[number]
        return Range(Sheet(Book(self, number, path), sheet), tuple(area))

    @property
    def cut_copy_mode(self) -> str | None:
        return "copy" if self.client.copy_mode() else None


class Books:
    def __init__(self, app: App) -> None:
        self.app = app

    def __iter__(self) -> Iterator[Book]:
        for number, path in self.app.client.books():
            yield Book(self.app, number, path)

    def __len__(self) -> int:
        return len(self.app.client.books())

    def __call__(self, name: str) -> Book:
        for book in self:
            if book.name == name:
                return book
        raise KeyError(name)

    def open(self, fullname: str, *_: Any, **__: Any) -> Book:
        return Book(self.app, self.app.client.open(fullname), fullname)


class Book:
    api = True

    def __init__(self, app: App, number: int, path: str) -> None:
        self.app, self.client, self.number, self.fullname = app, app.client, number, path

    @property
    def name(self) -> str:
        return self.fullname.rpartition("/")[2]

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self)

    def save(self, path: str | None = None, password: str | None = None) -> None:
        assert path is None
        self.client.save(self.number)

    def close(self) -> None:
        self.client.close(self.number)


class Sheets:
    def __init__(self, book: Book) -> None:
        self.book = book

    def __iter__(self) -> Iterator[Sheet]:
        for name in self.book.client.sheets(self.book.number):
            yield Sheet(self.book, name)

    def __len__(self) -> int:
        return len(self.book.client.sheets(self.book.number))

    def __call__(self, name_or_index: str | int) -> Sheet:
        if isinstance(name_or_index, str):  # one that is not there fails when something is asked of it
            return Sheet(self.book, name_or_index)
        return Sheet(self.book, self.book.client.sheets(self.book.number)[name_or_index - 1])


class Sheet:
    api = True

    def __init__(self, book: Book, name: str) -> None:
        self.book, self._name = book, name

    @property
    def name(self) -> str:
        return self._name

    @property
    def index(self) -> int:
        return int(self.book.client.sheets(self.book.number).index(self._name)) + 1

    @property
    def used_range(self) -> Range:
        return Range(self, tuple(self.ask("used")))

    @property
    def notes(self) -> list[Note]:
        return [Note(Range(self, (r, c, r, c)), text, author) for r, c, text, author in self.ask("notes")]

    def range(self, first: Any, last: Any = None) -> Range:
        if isinstance(first, str):  # whole rows: "7:9"
            top, bottom = map(int, first.split(":"))
            return Range(self, (top, 1, bottom, _LAST_COLUMN))
        row, column = first.area[:2] if isinstance(first, Range) else first
        last_row, last_column = last.area[2:] if isinstance(last, Range) else last or (row, column)
        return Range(self, (row, column, last_row, last_column))

    def ask(self, verb: str, *arguments: Any) -> Any:
        return getattr(self.book.client, verb)(self.book.number, self._name, *arguments)


class Range:
    api = True
    max_cells_per_read = max_cells_per_write = None

    def __init__(self, sheet: Sheet, area: Area) -> None:
        self.sheet, self.area = sheet, area
        self.options: dict[str, Any] = {}
        self.arg1_input = ""  # what xlwings looks at to tell whole rows; the bridge says it itself

    @property
    def row(self) -> int:
        return self.area[0]

    @property
    def column(self) -> int:
        return self.area[1]

    @property
    def shape(self) -> tuple[int, int]:
        return self.area[2] - self.area[0] + 1, self.area[3] - self.area[1] + 1

    @property
    def address(self) -> str:
        return str(self.area)

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def __call__(self, row: int, column: int) -> Range:
        at = self.row + row - 1, self.column + column - 1
        return Range(self.sheet, (*at, *at))

    @property
    def raw_value(self) -> Any:
        return self.sheet.ask("read", self.area)

    @raw_value.setter
    def raw_value(self, rows: Any) -> None:
        one_for_all = not isinstance(rows, list)
        self.sheet.ask("write", self.area, [[rows] * self.shape[1]] * self.shape[0] if one_for_all else rows)

    @property
    def merge_area(self) -> Range:
        return Range(self.sheet, tuple(self.sheet.ask("spans", self.area)))

    @property
    def merge_cells(self) -> bool | None:
        return self.sheet.ask("merged", self.area)  # type: ignore[no-any-return]

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        assert (shift, self.area[1], self.area[3]) == ("down", 1, _LAST_COLUMN), "only whole rows"
        self.sheet.ask("insert_rows", self.row, self.shape[0], copy_origin == "format_from_right_or_below")

    def delete(self, shift: str | None = None) -> None:
        assert (shift, self.area[1], self.area[3]) == ("up", 1, _LAST_COLUMN), "only whole rows"
        self.sheet.ask("delete_rows", self.row, self.shape[0])

    def merge(self, across: bool) -> None:
        self.sheet.ask("merge", self.area, True)

    def unmerge(self) -> None:
        self.sheet.ask("merge", self.area, False)

    def group(self, by: str) -> None:
        self.sheet.ask("group", self.area, True)

    def ungroup(self, by: str) -> None:
        self.sheet.ask("group", self.area, False)

    @property
    def font(self) -> Font:
        return Font(self)

    @property
    def note(self) -> Note | None:
        return next((note for note in self.sheet.notes if note.location.area[:2] == self.area[:2]), None)

    def add_note(self, text: str) -> Note:
        self.sheet.ask("add_note", self.area, text)
        return Note(self, text, "")


def _told(what: str) -> property:
    """Returns a property that LibreOffice is asked for, and told."""
    return property(
        lambda self: self.sheet.ask("take", self.area, what),
        lambda self, value: self.sheet.ask("put", self.area, what, value),
    )


for _name in ("number_format", "color", "row_height", "row_hidden", "horizontal_alignment", "wrap_text"):
    setattr(Range, _name, _told(_name))


class Font:
    api = True

    def __init__(self, cells: Range) -> None:
        self.sheet, self.area = cells.sheet, cells.area


for _name in ("bold", "italic", "color", "size", "name"):
    setattr(Font, _name, _told(f"font.{_name}"))


class Names:
    api = True

    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, name: str) -> Name:
        return Name(self.book, name)

    def contains(self, name: str) -> bool:
        return name in self.book.client.names(self.book.number)

    def add(self, name: str, refers_to: str) -> Name:
        self.book.client.set_name(self.book.number, name, refers_to)
        return Name(self.book, name)


class Name:
    api = True

    def __init__(self, book: Book, name: str) -> None:
        self.book, self._name = book, name

    @property
    def refers_to(self) -> str:
        return str(self.book.client.names(self.book.number)[self._name])

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.book.client.set_name(self.book.number, self._name, value)

    def delete(self) -> None:
        self.book.client.delete_name(self.book.number, self._name)


class Note:
    api = True

    def __init__(self, location: Range, text: str, author: str) -> None:
        self.location, self.text, self.author = location, text, author

    def delete(self) -> None:
        self.location.sheet.ask("delete_note", self.location.area)
