"""Reads one workbook of any format into a `Book`. Runs in a child that may be killed: `syncer.excel.reading`.

One reader for base, current and incoming: calamine (tried with python-calamine 0.9.1), and for plain text `syncer.excel.text`.
What calamine keeps to itself of a cell is added from the file's own parts (`syncer.excel.marks`). Imports are light, for
every child pays for them.
"""

from __future__ import annotations

import csv
import errno
import io
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from syncer.core.model import OUR_SHEETS, STAMP_SHEET, Book, Format, Refusal, Stamp, Table
from syncer.core.values import Scalar, column_letter
from syncer.excel.extent import BOX_MAX, far_cells, within
from syncer.excel.kinds import DAMAGED, OLE, PASSWORD, UNKNOWN_TEXT
from syncer.excel.marks import Marks, XlsxMarks, sheet_parts, typed_text, workbook_part
from syncer.excel.marks_binary import has_password, xls_marks, xlsb_marks
from syncer.excel.marks_ods import ods_marks
from syncer.excel.ods_merges import Area, ods_merges
from syncer.excel.preflight import NO_SHEETS, judge
from syncer.excel.stamp import stamp_from
from syncer.excel.text import read_text

FAR = "FILE-030"
TOO_FULL = "FILE-031"
MERGED = "FILE-033"

CELLS_MAX = 2_000_000  # filled cells of one book: some 200 MB of Python objects
SHEETS_MAX = 2_000
PROPERTIES_MAX_BYTES = 1 << 20

_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_DAMAGES = (
    *(CalamineError, OSError),  # of calamine, where a part ends too soon: the bytes are all in memory by then
    *(
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ParseError,
        DefusedXmlException,
        csv.Error,
        LookupError,  # of what is not there, and of an encoding that nobody knows
        ValueError,
    ),
)
_NOTHING = Marks()


class _OversizedError(Exception):
    """A sheet or a book is larger than anyone typed: the refusal that says so."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, tuple(facts.items()))


def read_book(path: Path) -> Book | Refusal:
    """Returns all data sheets of a workbook and its stamp, or why it cannot be taken in.

    Hidden sheets are read too; the sheets of our own (`OUR_SHEETS`) only for the stamp. Rows start at row 1 and column A, with
    trailing blanks cut. Integral numbers come as ``int``, midnights as ``date``. Codes: FILE-001 … 006, 008, 010, 019, 030 … 034. Raises
    ``OSError`` when the file cannot be read at all.
    """
    refusal = judge(path)
    if refusal:
        return refusal
    content = path.read_bytes()
    try:
        return _read(content)
    except PasswordError:
        return Refusal(PASSWORD)
    except _OversizedError as error:
        return error.refusal
    except _DAMAGES as error:
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            raise MemoryError from None
        return Refusal(DAMAGED, (("what", "content"), ("detail", type(error).__name__)))
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic: a BaseException whose class cannot be imported
            raise
        if "pointer is null" in str(error):  # no memory for a Python object, in pyo3's words
            raise MemoryError from None
        return Refusal(DAMAGED, (("what", "content"), ("detail", type(error).__name__)))


def _read(content: bytes) -> Book | Refusal:
    package = zipfile.ZipFile(io.BytesIO(content)) if content.startswith(b"PK") else None
    if package is None and not content.startswith(OLE):
        return _read_text(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))  # by content: kept copies have no telling name
    except CalamineError:
        if package is None and has_password(content):
            return Refusal(PASSWORD)
        raise
    if len(workbook.sheet_names) > SHEETS_MAX:
        raise _OversizedError(TOO_FULL, what=f"{len(workbook.sheet_names):,} > {SHEETS_MAX:,}")
    form = _format(package)
    marks = _marks(form, content, package, workbook.sheet_names)
    merges = ods_merges(package) if package and form is Format.ODS else {}
    tables = []
    filled = 0
    for index, meta in enumerate(workbook.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        areas = merges.get(meta.name)
        table = _table(meta, workbook.get_sheet_by_index(index), marks.get(meta.name, _NOTHING), areas)
        filled += sum(len(row) - row.count(None) for row in table.rows)
        if filled > CELLS_MAX:
            raise _OversizedError(TOO_FULL, what=f"{meta.name}: > {CELLS_MAX:,}")
        tables.append(table)
    data = tuple(table for table in tables if table.name not in OUR_SHEETS)
    if not data or (not filled and form is Format.STRICT):  # too like what other readers make of one
        return Refusal(NO_SHEETS)
    return Book(data, _stamp(package, tables), form)


def _read_text(content: bytes) -> Book | Refusal:
    table = read_text(content)
    if table is None:
        return Refusal(UNKNOWN_TEXT)
    filled = sum(len(row) - row.count(None) for row in table.rows)
    if filled > CELLS_MAX:
        raise _OversizedError(TOO_FULL, what=f"> {CELLS_MAX:,}")
    return Book((table,), None, Format.TEXT) if filled else Refusal(NO_SHEETS)


def _format(package: zipfile.ZipFile | None) -> Format:
    if package is None:
        return Format.XLS
    workbook = workbook_part(package).lower()
    if workbook.endswith(".bin"):
        return Format.XLSB
    if not workbook:
        return Format.ODS
    return Format.STRICT if _STRICT in package.read(workbook_part(package))[:4096] else Format.XLSX


def _marks(form: Format, content: bytes, package: zipfile.ZipFile | None, names: Sequence[str]) -> Mapping[str, Marks]:
    """Returns by sheet name what is to be added to calamine's reading."""
    if package is None:
        return xls_marks(content, names)
    if form in {Format.XLSX, Format.STRICT}:
        return dict(_xlsx_marks(package))
    if form is Format.XLSB:
        return xlsb_marks(package)
    return ods_marks(package)


def _xlsx_marks(package: zipfile.ZipFile) -> Iterator[tuple[str, Marks]]:
    """Yields each sheet's marks; refuses one whose content calamine could not lay out, by the cells that make it so."""
    found = XlsxMarks(package)
    for name, part in sheet_parts(package).items():
        xml = package.read(part)  # unpacked once: both looks need the whole of it
        if cells := far_cells(xml):
            raise _OversizedError(FAR, sheet=name, cells=cells)
        yield name, found.within(xml)


def _table(meta: SheetMetadata, sheet: CalamineSheet, marks: Marks, areas: Sequence[Area] | None) -> Table:
    """Returns one sheet with its marks put in; ``areas``: what is merged, where calamine does not know it."""
    if sheet.end is not None and (sheet.end[0] + 1) * (sheet.end[1] + 1) > BOX_MAX:
        raise _OversizedError(FAR, sheet=meta.name, cells=f"{column_letter(sheet.end[1] + 1)}{sheet.end[0] + 1}")
    # Row by row: all of a sheet as Python objects at once would double what it costs.
    margin: list[Scalar] = [None] * (sheet.start[1] if sheet.start else 0)  # it begins at the first filled column
    rows: list[tuple[Scalar, ...]] = [
        () if cells.count("") == len(cells) else (*margin, *_filled(cells)) for cells in sheet.iter_rows()
    ]
    for (row, column), mark in marks.cells.items():
        if row * column > BOX_MAX:
            raise _OversizedError(FAR, sheet=meta.name, cells=f"{column_letter(column)}{row}")
        _put(rows, row, column, mark)
    while rows and not rows[-1]:
        rows.pop()
    if areas is None:
        ends = sheet.merged_cell_ranges or ()
        areas = [(first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1) for first, last in ends]
    merged = within(areas, len(rows), max(map(len, rows), default=0))
    if merged is None:
        raise _OversizedError(MERGED, sheet=meta.name)
    linked = tuple((row, column, source) for (row, column), source in sorted(marks.linked.items()))
    return Table(meta.name, tuple(rows), merged, meta.visible != SheetVisibleEnum.Visible, linked)


def _put(rows: list[tuple[Scalar, ...]], row: int, column: int, value: Scalar) -> None:
    while len(rows) < row:
        rows.append(())
    cells = list(rows[row - 1])
    cells.extend([None] * (column - len(cells)))
    cells[column - 1] = value
    rows[row - 1] = tuple(cells)


def _filled(cells: list[Any]) -> Iterator[Scalar]:
    """The cells of one row up to the last one that holds something; most of them are blank, or plain text."""
    last = len(cells)
    while cells[last - 1] == "":
        last -= 1
    return (None if cell == "" else _scalar(cell) for cell in cells[:last])


def _scalar(cell: Any) -> Scalar:
    """Returns one cell as the rest of the program knows it."""
    if isinstance(cell, str):
        return typed_text(cell)
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return str(cell)  # a damaged <v>NaN</v>: as a number it would never equal itself
        return int(cell) if cell.is_integer() and abs(cell) <= 1 << 53 else cell
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date()
    return cell  # type: ignore[no-any-return]  # bool, int, date, time, timedelta


def _stamp(package: zipfile.ZipFile | None, tables: list[Table]) -> Stamp | None:
    """Returns the stamp from the custom document properties, else from the sheet kept for the day they are dropped."""
    if package and (stamp := stamp_from(_custom_properties(package))):
        return stamp
    for table in tables:
        if table.name == STAMP_SHEET:
            return stamp_from({str(row[0]): row[1] for row in table.rows if len(row) > 1})
    return None


def _custom_properties(package: zipfile.ZipFile) -> dict[str, Scalar]:
    part = "docProps/custom.xml"
    if part not in package.namelist() or package.getinfo(part).file_size > PROPERTIES_MAX_BYTES:
        return {}
    root = fromstring(package.read(part), forbid_dtd=True)
    return {element.get("name", ""): "".join(element.itertext()) for element in root}
