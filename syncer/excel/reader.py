"""Reads one workbook of any format into a `Book`. Runs in a child that may be killed: `syncer.excel.reading`.

One reader for base, current and incoming: calamine (tried with python-calamine 0.9.1). It gives blanks, error cells and
formulas without a stored value all as ``''``; these two are looked up in the XML so that neither ``#REF!`` nor a formula
that no program has computed yet is taken for a cleared cell. Imports are light, for every child pays for them.
"""

from __future__ import annotations

import io
import math
import posixpath
import re
import zipfile
from dataclasses import replace
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

from syncer.core.model import Book, Refusal, Stamp, Table
from syncer.core.values import CellError, Scalar, column_index
from syncer.excel.ods_merges import ods_merges
from syncer.excel.preflight import DAMAGED, DANGEROUS, NO_SHEETS, PASSWORD, judge
from syncer.excel.stamp import OUR_SHEETS, STAMP_SHEET, stamp_from

CELLS_MAX = 2_000_000  # filled cells of one book: some 200 MB of Python objects
BOX_MAX = 20_000_000  # cells of one sheet's bounding box: calamine holds all of them, 32 bytes each
PROPERTIES_MAX_BYTES = 1 << 20

_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\s(?=[^>]*?\bt=[\"']e[\"'])[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*?(?<!/)>"
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]{1,32})</",
    re.DOTALL,
)
# A formula whose result is the empty text has the type ``str``; one without any result was never computed.
_UNCOMPUTED_CELL = re.compile(
    rb"<(?:\w+:)?c\s(?![^>]*?\bt=[\"']str[\"'])[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*?(?<!/)>\s*"
    rb"<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_UNCOMPUTED = "公式没有结果"
_WORKBOOK_XML = re.compile(r"(?:^|/)workbook[^/]*\.xml\Z", re.IGNORECASE)


class _OversizedError(Exception):
    """A sheet or a book holds more cells than anyone typed."""


def read_book(path: Path) -> Book | Refusal:
    """Returns all data sheets of a workbook and its stamp, or why it cannot be taken in.

    Hidden sheets are read too; the sheets of our own (`OUR_SHEETS`) only for the stamp. Rows start at row 1 and column A, with
    trailing blanks cut. Integral numbers come as ``int``, midnights as ``date``. Codes: FILE-001 … 006, 008, 010. Raises
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
        return Refusal(DANGEROUS, (("what", str(error)),))
    except (CalamineError, zipfile.BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError) as error:
        return Refusal(DAMAGED, (("what", "content"), ("detail", type(error).__name__)))
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic: a BaseException whose class cannot be imported
            raise
        if "pointer is null" in str(error):  # no memory for a Python object, in pyo3's words
            raise MemoryError from None
        return Refusal(DAMAGED, (("what", "content"), ("detail", type(error).__name__)))


def _read(content: bytes) -> Book | Refusal:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))  # by content: kept copies have no telling name
    package = zipfile.ZipFile(io.BytesIO(content)) if content.startswith(b"PK") else None
    errors = _error_cells(package) if package else {}
    merges = ods_merges(package) if package else {}
    tables = []
    filled = 0
    for index, meta in enumerate(workbook.sheets_metadata):
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        table = _table(meta, workbook.get_sheet_by_index(index), errors.get(meta.name, {}))
        table = replace(table, merged=tuple(merges[meta.name])) if meta.name in merges else table
        filled += sum(len(row) - row.count(None) for row in table.rows)
        if filled > CELLS_MAX:
            raise _OversizedError(f"{meta.name}: > {CELLS_MAX:,}")
        tables.append(table)
    data = tuple(table for table in tables if table.name not in OUR_SHEETS)
    if not data or (not filled and package and _is_strict(package)):
        return Refusal(NO_SHEETS)
    return Book(data, _stamp(package, tables))


def _table(meta: SheetMetadata, sheet: CalamineSheet, errors: dict[tuple[int, int], str]) -> Table:
    """Returns one sheet; ``errors`` maps 1-based places to the error value that stands there."""
    if sheet.end is not None and (sheet.end[0] + 1) * (sheet.end[1] + 1) > BOX_MAX:
        raise _OversizedError(f"{meta.name}: {sheet.end[0] + 1:,} × {sheet.end[1] + 1:,}")
    rows: list[tuple[Scalar, ...]] = [
        tuple(_cut([_scalar(cell) for cell in cells])) for cells in sheet.to_python(skip_empty_area=False)
    ]
    for (row, column), text in errors.items():
        _put_error(rows, row, column, CellError(text))
    while rows and not rows[-1]:
        rows.pop()
    merged = tuple(
        (first[0] + 1, first[1] + 1, last[0] + 1, last[1] + 1) for first, last in sheet.merged_cell_ranges or ()
    )
    return Table(meta.name, tuple(rows), merged, hidden=meta.visible != SheetVisibleEnum.Visible)


def _put_error(rows: list[tuple[Scalar, ...]], row: int, column: int, error: CellError) -> None:
    while len(rows) < row:
        rows.append(())
    cells = list(rows[row - 1])
    cells.extend([None] * (column - len(cells)))
    cells[column - 1] = error
    rows[row - 1] = tuple(cells)


def _cut(cells: list[Scalar]) -> list[Scalar]:
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _scalar(cell: Any) -> Scalar:
    """Returns one cell as the rest of the program knows it."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return str(cell)  # a damaged <v>NaN</v>: as a number it would never equal itself
        return int(cell) if cell.is_integer() and abs(cell) <= 1 << 53 else cell
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date()
    return cell  # type: ignore[no-any-return]  # bool, int, date, time, timedelta


def _error_cells(package: zipfile.ZipFile) -> dict[str, dict[tuple[int, int], str]]:
    """Returns, by sheet name, where an xlsx book has an error value or a formula without any: 1-based (row, column) → text."""
    found: dict[str, dict[tuple[int, int], str]] = {}
    for name, part in _sheet_parts(package).items():
        xml = package.read(part)
        if b't="e"' in xml or b"t='e'" in xml:
            found[name] = {
                (int(row), column_index(letters.decode())): text.decode("utf-8", "replace")
                for letters, row, text in _ERROR_CELL.findall(xml)
            }
        if b"</f>" in xml or b":f>" in xml:
            empty = {(int(row), column_index(letters.decode())) for letters, row in _UNCOMPUTED_CELL.findall(xml)}
            found[name] = {**dict.fromkeys(empty, _UNCOMPUTED), **found.get(name, {})}
    return found


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Returns sheet name → member name for an xlsx book; nothing for other formats."""
    workbook = next((name for name in package.namelist() if _WORKBOOK_XML.search(name)), "")
    folder, base = posixpath.split(workbook)
    rels = posixpath.join(folder, "_rels", f"{base}.rels")
    if not workbook or rels not in package.namelist():
        return {}
    targets = {rel.get("Id"): rel.get("Target", "") for rel in fromstring(package.read(rels), forbid_dtd=True)}
    parts = {}
    for element in fromstring(package.read(workbook), forbid_dtd=True).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        relation = next((value for key, value in element.items() if key.endswith("}id")), None)
        part = posixpath.normpath(posixpath.join("/" + folder, targets.get(relation, ""))).lstrip("/")
        if part in package.namelist():
            parts[element.get("name", "")] = part
    return parts


def _is_strict(package: zipfile.ZipFile) -> bool:
    workbook = next((name for name in package.namelist() if _WORKBOOK_XML.search(name)), "")
    return bool(workbook) and _STRICT in package.read(workbook)[:4096]


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
