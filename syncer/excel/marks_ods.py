"""What an .ods sheet says of its cells that calamine keeps to itself: error values, and formulas without a result."""

from __future__ import annotations

import zipfile
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from syncer.core.values import UNCOMPUTED, CellError, Scalar
from syncer.excel.marks import ERROR_TEXT_MOST, Cell, Marks

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_EXTENSION = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_CONTENT = "content.xml"
_SIGNS = (b'value-type="error"', b"table:formula=")


def ods_marks(package: zipfile.ZipFile) -> dict[str, Marks]:
    """Returns the marks of an .ods book by sheet name; a book without formulas is not parsed at all."""
    if not any(sign in package.read(_CONTENT) for sign in _SIGNS):
        return {}
    found: dict[str, dict[Cell, Scalar]] = {}
    cells: dict[Cell, Scalar] = {}
    row = column = 1
    with package.open(_CONTENT) as content:
        for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
            match event, element.tag.removeprefix(_TABLE):
                case "start", "table":
                    cells = found.setdefault(element.get(f"{_TABLE}name", ""), {})
                    row = 1
                case "start", "table-row":
                    column = 1
                case "end", "table-row":
                    row += _repeated(element, "rows")
                    element.clear()
                case "end", "table-cell" | "covered-table-cell":
                    if (mark := _mark(element)) is not None:
                        cells[row, column] = mark
                    column += _repeated(element, "columns")
    return {name: Marks(cells) for name, cells in found.items()}


def _repeated(element: Element, what: str) -> int:
    return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))


def _mark(cell: Element) -> Scalar:
    """Returns what a cell is beside its value; ``None`` for an ordinary one."""
    shown = "".join(cell.itertext()).strip()
    if cell.get(f"{_EXTENSION}value-type") == "error":
        return CellError(shown[:ERROR_TEXT_MOST] or "#N/A")
    has_formula = cell.get(f"{_TABLE}formula") is not None
    if not has_formula or cell.get(f"{_OFFICE}value-type") is not None:
        return None
    has_result = cell.find(f"{_TEXT}p") is not None
    return None if has_result else UNCOMPUTED  # an empty paragraph: a result that is the empty text
