"""Jobs on a unit's workbook that stands open: read it as it is, not yet saved; put the coordinator's cells into it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from syncer.core.values import Scalar, show
from syncer.excel.live.excel_app import Excel
from syncer.excel.live.open_book import OpenBook
from syncer.excel.live.plain import Plain, alike, plain
from syncer.excel.live.plan import Block
from syncer.excel.live.refusals import CannotWriteError, ExcelBusyError
from syncer.excel.live.report import Report, State

_SHOWS_DATES = re.compile(r"[ymd]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pull:
    """The job. The report's ``found``: sheet → its rows from row 1 on, as xlwings gives them."""

    path: Path
    sheets: tuple[str, ...]

    def carry_out(self, excel: Excel) -> Report:
        """Reads those of the sheets that are there, in blocks."""
        book = excel.book(self.path)
        found: dict[str, list[list[Any]]] = {}
        for name in book.sheets():
            if name in self.sheets:
                rows, columns = book.size(name)
                found[name] = book.raw(name, (1, rows), (1, columns))
        return Report(State.DONE, found=found)


@dataclass(frozen=True, slots=True)
class PushedCell:
    """One cell to write, by the row's id and the column; ``expected``: what the file holds, and she must not have changed."""

    row_id: str
    column: int
    heading: str
    expected: Scalar
    new: Scalar


@dataclass(frozen=True, slots=True)
class PushedSheet:
    """What goes into one sheet. ``id_column`` and the heading row are where the file has them."""

    name: str
    id_column: int
    heading_row: int
    cells: tuple[PushedCell, ...]


@dataclass(frozen=True, slots=True)
class Push:
    """The job. The report's ``found``: how many cells were written, and how many left for the delivery after closing."""

    path: Path
    sheets: tuple[PushedSheet, ...]

    def carry_out(self, excel: Excel) -> Report:
        """Writes what finds its place and was not changed by her."""
        book = excel.book(self.path)
        if book.is_copying:
            raise ExcelBusyError
        names = book.sheets()
        total = sum(len(sheet.cells) for sheet in self.sheets)
        written = sum(_push(book, sheet) for sheet in self.sheets if sheet.name in names)
        return Report(State.DONE, wrote=bool(written), found=(written, total - written))


def _push(book: OpenBook, sheet: PushedSheet) -> int:
    last, width = book.size(sheet.name)
    headings = [show(_text(cell)) for cell in book.read(sheet.name, (sheet.heading_row,) * 2, (1, width))[0]]
    ids = book.read(sheet.name, (1, last), (sheet.id_column,) * 2)
    rows: Mapping[str, int] = {str(cell): row for row, (cell,) in enumerate(ids, 1) if cell is not None}
    written = 0
    for cell in sheet.cells:
        row = rows.get(cell.row_id)
        if row and headings[cell.column - 1 : cell.column] == [cell.heading]:
            written += _push_cell(book, sheet.name, row, cell)
    return written


def _push_cell(book: OpenBook, sheet: str, row: int, cell: PushedCell) -> bool:
    there = book.read(sheet, (row, row), (cell.column, cell.column))[0][0]
    new = _as_shown(book, sheet, row, cell)
    if alike(there, new):
        return True
    if not _is(there, cell.expected):
        return False
    try:
        book.write(sheet, Block(row, cell.column, ((new,),)))
    except CannotWriteError:  # a protected sheet
        return False
    return alike(book.read(sheet, (row, row), (cell.column, cell.column))[0][0], new)


def _as_shown(book: OpenBook, sheet: str, row: int, cell: PushedCell) -> Plain:
    """A date is a number only where the cell shows dates: a bare 46086 would say nothing to a person."""
    if isinstance(cell.new, date) and not _SHOWS_DATES.search(book.number_format(sheet, row, cell.column)):
        return show(cell.new)
    return plain(cell.new)


def _is(there: Plain, expected: Scalar) -> bool:
    return alike(there, plain(expected)) or show(_text(there)) == show(expected)


def _text(cell: Plain) -> Scalar:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def scalars(rows: Sequence[Sequence[Any]]) -> list[list[Scalar]]:
    """Returns what xlwings read as cells are read from a file: whole numbers as ``int``, midnights as ``date``."""
    return [[_scalar(value) for value in row] for row in rows]


def _scalar(value: Any) -> Scalar:
    match value:
        case datetime():
            moment = value.replace(tzinfo=None, microsecond=0)
            return moment if moment.time() != time() else moment.date()
        case float() if value.is_integer():
            return int(value)
        case None | "":
            return None
        case bool() | int() | float() | str() | date():
            return value
        case _:
            return str(value)
