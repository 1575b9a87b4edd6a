"""How far a sheet's content reaches, and over how much its merged areas lie: known before a reader lays it all out in memory.

The reader lays out the whole rectangle that its filled cells span, so two cells far apart cost as much as a full sheet. Judged
by the cells themselves, never by ``<dimension>``; formatted empty cells count for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from syncer.core.values import column_index

Area = tuple[int, int, int, int]  # first row, first column, last row, last column; 1-based

BOX_MAX = 10_000_000  # places of one sheet's rectangle, 32 bytes each: 1,048,576 rows by 9 columns
MERGES_MAX = 65_536  # areas of one sheet
MERGED_MAX = 1_000_000  # places in the merged areas of one sheet
_LAST_ROW_THAT_IS_FINE = BOX_MAX // 16_384
_COLUMNS_WITHOUT_WIDE = 702  # up to ZZ

_ROW_NUMBER = re.compile(rb"""\sr=["'](\d{1,9})["']""")
_WIDE = re.compile(rb"""r=["'][A-Z]{3}\d""")
# A cell with something in it; `<c r="A1" s="3"/>` has nothing.
_FILLED = re.compile(rb"""<(?:[\w.-]+:)?c\s(?:[^>]*?\s)?r=["'](([A-Z]{1,3})(\d{1,7}))["'][^>]*(?<!/)>\s*<(?!/)""")


def far_cells(xml: bytes) -> str:
    """Returns the outermost filled cells of a sheet part that spans more than a reader can hold; ``""`` where it does not.

    Filled A1 and XFD1048576 → ``"XFD1048576"``; A1, A1048576 and XFD3 → ``"A1048576, XFD3"``.
    """
    rows = _last_row(xml)
    if rows <= _LAST_ROW_THAT_IS_FINE or (rows * _COLUMNS_WITHOUT_WIDE <= BOX_MAX and not _WIDE.search(xml)):
        return ""
    last, right, most_rows, most_columns = b"", b"", 0, 0
    for cell in _FILLED.finditer(xml):
        row, column = int(cell[3]), column_index(cell[2].decode())
        if row > most_rows:
            most_rows, last = row, cell[1]
        if column > most_columns:
            most_columns, right = column, cell[1]
    if most_rows * most_columns <= BOX_MAX:
        return ""
    return ", ".join(dict.fromkeys((last.decode(), right.decode())))


def _last_row(xml: bytes) -> int:
    """Returns the greater of the first and the last row's number: in a file that means well no other is greater."""
    first, last = xml.find(b"<row "), xml.rfind(b"<row ")
    numbers = [_ROW_NUMBER.search(xml, at, at + 400) for at in (first, last) if at >= 0]
    return max((int(number[1]) for number in numbers if number), default=0)


def within(merged: Sequence[Area], rows: int, columns: int) -> tuple[Area, ...] | None:
    """Returns a sheet's merged areas; ``None`` where they are too many, or lie over one another to no end.

    Somebody who marks the whole sheet and merges it means the part that is filled (``rows`` by ``columns``): areas too large are
    cut to that.
    """
    if len(merged) > MERGES_MAX:
        return None
    if _places(merged) <= MERGED_MAX:
        return tuple(merged)
    cut = tuple(
        (top, left, min(bottom, max(rows, 1)), min(right, max(columns, 1)))
        for top, left, bottom, right in merged
        if top <= max(rows, 1) and left <= max(columns, 1)
    )
    return cut if _places(cut) <= MERGED_MAX else None


def _places(areas: Sequence[Area]) -> int:
    return sum(max(0, bottom - top + 1) * max(0, right - left + 1) for top, left, bottom, right in areas)
