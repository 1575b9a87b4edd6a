"""How the data sheets look: read from the laid-out sheets of the control workbook, with sound defaults.

The coordinator widens a column or chooses A3 in 台账设置.xlsx, and every workbook issued from then on looks so. Only looks
are taken from there: what columns there are is the schema's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from syncer.core.model import Column, ColumnType, Owner
from syncer.core.reading.header_names import header_key
from syncer.excel.heights import text_width
from syncer.excel.writing import DATA_FONT, GREY_FILL, HEADER_FILL, HEADER_FONT, TITLE_FONT

TITLE_ROW, FILL_IN_ROW, GROUP_ROW, LEAF_ROW, FIRST_DATA_ROW = 1, 2, 3, 4, 5
"""Rows of every data sheet, 1-based."""
ID_COLUMN = 3
"""Column of the row ids, 1-based: between two visible ones, so that a sort over a selection takes the ids along."""

DEFAULT_WIDTHS = MappingProxyType(
    {
        ColumnType.TEXT: 14.0,
        ColumnType.LONG_TEXT: 26.0,
        ColumnType.INTEGER: 9.5,
        ColumnType.NUMBER: 9.5,
        ColumnType.PERCENT: 9.5,
        ColumnType.DATE: 13.5,
        ColumnType.DEADLINE: 14.0,
        ColumnType.CHOICE: 11.0,
        ColumnType.MULTI_CHOICE: 16.0,
        ColumnType.UNITS: 16.0,
        ColumnType.TASKS: 13.0,
        ColumnType.PHONE: 15.0,
        ColumnType.IDENTIFIER: 14.0,
        ColumnType.LINK: 24.0,
    }
)
PAPER_POINTS = MappingProxyType({"A3": (842, 1191), "A4": (595, 842)})  # short side, long side
POINTS_PER_CHARACTER = 6.0  # 8 pixels of 宋体 11


@dataclass(frozen=True, slots=True)
class Type:
    """A font name, its size in points, and the fill behind it as ``RRGGBB`` (empty: none)."""

    font: str
    size: float
    bold: bool = False
    fill: str = ""


@dataclass(frozen=True, slots=True)
class SheetLooks:
    """Looks of one data sheet. Heights are points, widths Excel's character units, margins inches (left right top bottom).

    ``data_height`` is the least height of a data row. ``freeze_before`` is the key of the first header that scrolls.
    """

    widths: tuple[tuple[str, float], ...] = ()  # by header key (`header_key`)
    fills: tuple[tuple[str, str], ...] = ()  # of the header leaves, by header key
    title_height: float = 42.0
    fill_in_height: float = 26.25
    group_height: float = 24.0
    leaf_height: float = 39.75
    data_height: float = 36.0
    title: Type = Type(TITLE_FONT, 22)
    fill_in: Type = Type(DATA_FONT, 12)
    group: Type = Type(HEADER_FONT, 12, fill="BDD7EE")
    leaf: Type = Type(HEADER_FONT, 12)
    data: Type = Type(DATA_FONT, 12)
    paper: str = "A4"
    landscape: bool = True
    margins: tuple[float, float, float, float] = (0.47, 0.47, 0.55, 0.7)
    freeze_before: str = ""

    def width(self, column: Column) -> float:
        """Returns the width of a column: as laid out, else by its type, but never too narrow for half its header."""
        laid_out = dict(self.widths).get(header_key(column.name))
        return laid_out or max(DEFAULT_WIDTHS[column.type], min(text_width(column.name), 24) / 2 + 2)

    def leaf_fill(self, column: Column) -> str:
        """Returns the fill of a column's header: as laid out, else blue for what the unit fills in and grey for the rest."""
        laid_out = dict(self.fills).get(header_key(column.name))
        return laid_out or (HEADER_FILL if column.owner is Owner.UNIT else GREY_FILL)


def font_props(style: Type) -> dict[str, Any]:
    """Returns a font and its fill as XlsxWriter properties."""
    fill = {"bg_color": style.fill} if style.fill else {}
    return {"font_name": style.font, "font_size": style.size, **({"bold": True} if style.bold else {}), **fill}


def rows_on_last_page(looks: SheetLooks, width: float, header: float, heights: Sequence[float]) -> int:
    """Returns how many blank rows surely go on the last printed page, below filled rows of these ``heights``.

    ``width`` is that of all printed columns, in character units; ``header`` (points) repeats on every page. Printing
    shrinks to one page in width. Where a page ends depends on fonts and printer, and over many pages the doubt adds up:
    so pages somewhat shorter and longer than computed are tried too, and the least result counts.
    """
    short, long = PAPER_POINTS[looks.paper]
    across, down = (long, short) if looks.landscape else (short, long)
    left, right, top, bottom = (inches * 72 for inches in looks.margins)
    scale = min(1.0, (across - left - right) / (width * POINTS_PER_CHARACTER))
    page = (down - top - bottom) / scale
    left_over = (_left_on_last_page(page * doubt - header, heights) for doubt in (0.9, 0.95, 1.0, 1.05, 1.1, 1.15, 1.2))
    return max(int(min(left_over) // looks.data_height), 0)


def _left_on_last_page(room: float, heights: Iterable[float]) -> float:
    used = 0.0
    for height in heights:
        used = used + height if used + height <= room else height
    return room - used
