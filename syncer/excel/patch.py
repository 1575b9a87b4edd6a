"""Part-level patch: changes cells and document properties of a workbook; every other zip member stays byte for byte.

Pure bytes → bytes: whoever replaces the file looks after owner files, hashes and atomicity. Only the sheets concerned and
``docProps/custom.xml`` change; ``[Content_Types].xml`` and ``_rels/.rels`` only where a book has no custom properties yet.
A cell that holds a formula is never written to (`FormulaInTheWayError`), so ``calcChain.xml`` never needs a change.

A sheet is not parsed as a whole (`syncer.excel.sheet_xml`): of 20,000 rows, a few changed ones cost what unpacking and
packing the sheet costs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from lxml import etree

from syncer.core.texts import CELL_LIMIT, storable, utf16_units
from syncer.core.values import CellError, Scalar, column_index, column_letter, show
from syncer.errors import RefusedError
from syncer.excel.custom_properties import patch_properties
from syncer.excel.package import Package, prove, rebuild
from syncer.excel.part_xml import add_child, escapes_kept, is_true
from syncer.excel.sheet_xml import SheetXml, grown_head, with_rows

Cell = tuple[int, int]
"""1-based row and column."""

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class FormulaInTheWayError(RefusedError):
    """Cells to be changed hold a formula, or are part of an array; nothing was made. ``cells`` names all of them."""

    def __init__(self, cells: tuple[tuple[str, int, int], ...]) -> None:
        where = "、".join(f"{sheet}!{column_letter(column)}{row}" for sheet, row, column in cells[:5])
        super().__init__(f"公式在此，未改动：{where}{' 等' if len(cells) > 5 else ''}")
        self.cells = cells


def patch_cells(
    source: bytes, changes: Mapping[str, Mapping[Cell, Scalar]], *, properties: Mapping[str, str] | None = None
) -> bytes:
    """Returns the workbook with the given cells and custom properties changed and nothing else.

    A cell keeps its style; one that is not there yet takes that of its row, its column, or the cell above. Text is
    written in place (inlineStr), never as a formula, without the signs XML cannot hold. Dates and times become serials
    where the style shows dates, else text as `show` writes it (``2026-03-05``): a bare 46086 would say nothing to a
    person. ``None`` empties a cell and keeps its style. Properties are written as text.

    Args:
        source: an xlsx or xlsm package.
        changes: sheet name → (row, column) → content.
        properties: custom document property → text.

    Raises:
        FormulaInTheWayError: cells to be changed hold formulas; leave them out and call again.
        RefusedError: the package or a sheet cannot be patched safely, or is not there.
        ValueError: a value that no cell can hold (NaN, more than 32,767 signs, a place outside the sheet).
    """
    package = Package(source)
    replaced: dict[str, bytes] = {}
    blocked: list[tuple[str, int, int]] = []
    for name, cells in changes.items():
        part = package.sheets.get(name)
        if part is None:
            raise RefusedError(f"工作簿里没有工作表“{name}”")
        before = package.read(part)
        after, formulas = patch_sheet(before, cells, package)
        blocked += [(name, row, column) for row, column in formulas]
        if after != before:
            replaced[part] = after
    if blocked:
        raise FormulaInTheWayError(tuple(blocked))
    if properties:
        replaced |= patch_properties(package, properties)
    if not replaced:
        return source
    result = rebuild(package, replaced)
    prove(source, result, replaced)
    return result


def patch_sheet(xml: bytes, cells: Mapping[Cell, Scalar], package: Package) -> tuple[bytes, list[Cell]]:
    """Returns the sheet's new XML, and the cells left alone because a formula stands in them."""
    sheet = SheetXml(xml)
    arrays = sheet.arrays() if re.search(rb"""["'](?:array|dataTable)["']""", sheet.xml) else []
    rows: dict[int, dict[int, Scalar]] = {}
    blocked: list[Cell] = []
    for (row, column), value in sorted(cells.items()):
        if not (0 < row <= MAX_ROW and 0 < column <= MAX_COLUMN):
            raise ValueError(f"no such cell: row {row}, column {column}")
        if any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in arrays):
            blocked.append((row, column))
        else:
            rows.setdefault(row, {})[column] = value
    pieces: dict[int, bytes] = {}
    written: list[Cell] = []
    for number, values in rows.items():
        piece, done, formulas = _patch_row(sheet, number, values, package)
        blocked += formulas
        if done:
            pieces[number] = piece
            written += done
    if not written:
        return xml, blocked
    return grown_head(sheet, written) + with_rows(sheet, pieces), blocked


def _patch_row(
    sheet: SheetXml, number: int, values: Mapping[int, Scalar], package: Package
) -> tuple[bytes, list[Cell], list[Cell]]:
    """Returns a row's new XML, the cells written, and those that hold formulas."""
    existing = sheet.row(number)
    row = sheet.new_row(number) if existing is None else existing
    cells = {column_index(re.sub(r"\d", "", str(cell.get("r")))): cell for cell in row.iterchildren("{*}c")}
    done: list[Cell] = []
    blocked: list[Cell] = []
    for column, value in values.items():
        cell = cells.get(column)
        if cell is None and value is None:
            continue
        if cell is None:
            cell = etree.Element(row.tag.replace("}row", "}c"), {"r": f"{column_letter(column)}{number}"})
            style = _inherited(sheet, row, number, column)
            if style:
                cell.set("s", style)
            row.insert(sum(1 for other in cells if other < column), cell)
            cells[column] = cell
        elif cell.find("{*}f") is not None:
            blocked.append((number, column))
            continue
        fill_cell(cell, value, package)
        done.append((number, column))
    row.attrib.pop("spans", "")  # optional, and no longer true
    root = row.getparent()
    return (sheet.cut(root) if root is not None else b""), done, blocked


def _inherited(sheet: SheetXml, row: etree._Element, number: int, column: int) -> str | None:
    """Returns the style a new cell takes: that of its row, its column, or the cell above."""
    if row.get("s") and is_true(row.get("customFormat")):
        return row.get("s")
    style = sheet.column_style(column)
    above = sheet.row(number - 1) if style in {None, "0"} else None
    if above is None:
        return style
    wanted = f"{column_letter(column)}{number - 1}"
    return next((cell.get("s") for cell in above.iterchildren("{*}c") if cell.get("r") == wanted), None)


def fill_cell(cell: etree._Element, value: Scalar, package: Package) -> None:
    """Gives a cell its new content; the style stays."""
    for child in list(cell):
        cell.remove(child)
    for name in ("t", "cm", "vm"):  # kind and metadata of the old content
        cell.attrib.pop(name, "")
    if isinstance(value, (date, time, timedelta)):
        serial = _serial(value, package.epoch) if package.shows_dates(int(cell.get("s", "0"))) else None
        value = show(value) if serial is None else serial
    if isinstance(value, str):
        value = _clean(value)
    match value:
        case None | "":
            return
        case bool():
            cell.set("t", "b")
            add_child(cell, "v").text = str(int(value))
        case CellError(text):
            cell.set("t", "e")
            add_child(cell, "v").text = text
        case str():
            cell.set("t", "inlineStr")
            run = add_child(add_child(cell, "is"), "t")
            run.set(_SPACE, "preserve")
            run.text = value
        case _ if math.isfinite(value):
            add_child(cell, "v").text = repr(value)
        case _:
            raise ValueError(f"no cell can hold {value!r}")


def _clean(text: str) -> str:
    """Returns text as a cell's XML holds it: line breaks as one sign, no control signs, ``_x0041_`` told from "A"."""
    held = storable(text)
    if utf16_units(held) > CELL_LIMIT:
        raise ValueError(f"more than {CELL_LIMIT} signs in one cell")
    return escapes_kept(held)


def _serial(value: date | time | timedelta, epoch: datetime | None) -> int | float | None:
    """Returns the number by which a workbook keeps a date or time; None before 1 March 1900, where Excel miscounts."""
    if isinstance(value, time):
        midnight = datetime.combine(date.min, time.min)
        days = (datetime.combine(date.min, value) - midnight) / timedelta(days=1)
    elif isinstance(value, timedelta):
        days = value / timedelta(days=1)
    else:
        moment = value if isinstance(value, datetime) else datetime.combine(value, time.min)
        days = (moment - (epoch or datetime(1899, 12, 30))) / timedelta(days=1)
        if days < (0 if epoch else 61):
            return None
    return int(days) if days.is_integer() else days
