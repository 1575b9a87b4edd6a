"""Which cells of an .ods book are merged: calamine (0.9.1) does not say.

``<table:table-cell table:number-rows-spanned="2">`` begins a merge; the cells under it are ``covered-table-cell``. Rows and
cells may stand for several (``number-rows-repeated``), so places are counted, not found by name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

_CONTENT = "content.xml"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_CELLS = frozenset({f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"})
_AREAS_MAX = 200_000  # nobody merges more; a file that says so is not worth the memory

Area = tuple[int, int, int, int]
"""1-based first row, first column, last row, last column."""


def ods_merges(package: zipfile.ZipFile) -> dict[str, list[Area]]:
    """Returns the merged areas of an .ods book by sheet name; nothing for other packages, or where there are none."""
    if _CONTENT not in package.namelist():
        return {}
    with package.open(_CONTENT) as content:
        if not any(b"-spanned=" in piece for piece in _pieces(content)):
            return {}
    found: dict[str, list[Area]] = {}
    with package.open(_CONTENT) as content:
        name, row = "", 0
        for event, element in iterparse(content, events=("start", "end"), forbid_dtd=True):
            if element.tag == f"{_TABLE}table":
                name, row = (element.get(f"{_TABLE}name", ""), 0) if event == "start" else ("", 0)
            elif element.tag == f"{_TABLE}table-row" and event == "end":
                if name and sum(map(len, found.values())) < _AREAS_MAX:
                    found.setdefault(name, []).extend(_areas(element, row + 1))
                row += _count(element, "number-rows-repeated")
                element.clear()
    return found


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    """The content in pieces that overlap, so that no attribute is cut in two."""
    last = b""
    while piece := content.read(1 << 16):
        yield last + piece
        last = piece[-16:]


def _areas(row: Element, number: int) -> Iterator[Area]:
    column = 1
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        high, wide = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
        if high > 1 or wide > 1:
            yield number, column, number + high - 1, column + wide - 1
        column += _count(cell, "number-columns-repeated")


def _count(element: Element, attribute: str) -> int:
    text = element.get(f"{_TABLE}{attribute}", "1")
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 8 else 1
