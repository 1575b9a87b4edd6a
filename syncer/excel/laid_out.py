"""Reads how the coordinator laid the data sheets out in 台账设置.xlsx: openpyxl knows fonts, fills and print set-up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from syncer.core.reading.header_names import header_key
from syncer.excel.looks import FILL_IN_ROW, FIRST_DATA_ROW, GROUP_ROW, LEAF_ROW, TITLE_ROW, SheetLooks, Type
from syncer.excel.writing import PAPER


def read_looks(path: Path) -> dict[str, SheetLooks]:
    """Returns the looks of every sheet of a workbook, by sheet name; what a sheet does not say is the default.

    Runs openpyxl: call it in the reading child, a workbook somebody may have written by hand is not to be trusted.
    """
    book = load_workbook(path)
    try:
        return {sheet.title: _sheet_looks(sheet) for sheet in book.worksheets}
    finally:
        book.close()


def _sheet_looks(sheet: Worksheet) -> SheetLooks:
    default = SheetLooks()
    named = [(cell, header_key(str(cell.value))) for cell in sheet[LEAF_ROW] if str(cell.value or "").strip()]
    leaves = {cell.column: key for cell, key in named if cell.column is not None}
    fills = [(key, _type(cell, default.leaf).fill) for cell, key in named]
    widths = _column_widths(sheet)
    heights = {row: sheet.row_dimensions[row].height for row in range(1, FIRST_DATA_ROW + 1)}
    margins = sheet.page_margins
    papers = {number: name for name, number in PAPER.items()}
    return SheetLooks(
        widths=tuple((name, widths[at]) for at, name in leaves.items() if at in widths),
        fills=tuple((name, fill) for name, fill in fills if fill),
        title_height=heights[TITLE_ROW] or default.title_height,
        fill_in_height=heights[FILL_IN_ROW] or default.fill_in_height,
        group_height=heights[GROUP_ROW] or default.group_height,
        leaf_height=heights[LEAF_ROW] or default.leaf_height,
        data_height=heights[FIRST_DATA_ROW] or default.data_height,
        title=_type(sheet.cell(TITLE_ROW, 1), default.title),
        fill_in=_type(sheet.cell(FILL_IN_ROW, 1), default.fill_in),
        group=_type(sheet.cell(GROUP_ROW, 1), default.group),
        leaf=_type(sheet.cell(LEAF_ROW, 1), default.leaf),
        data=replace(_type(sheet.cell(FIRST_DATA_ROW, 1), default.data), fill=""),  # grey says whose a cell is
        paper=papers.get(int(sheet.page_setup.paperSize or 0), default.paper),
        landscape=sheet.page_setup.orientation != "portrait",
        margins=(margins.left, margins.right, margins.top, margins.bottom),
        freeze_before=_frozen(sheet, leaves),
    )


def _column_widths(sheet: Worksheet) -> dict[int, float]:
    """Returns the widths set, by 1-based column; hidden columns say nothing. openpyxl keeps one entry for a run of equals."""
    widths: dict[int, float] = {}
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden or not dimension.customWidth:
            continue
        first = dimension.min or column_index_from_string(dimension.index or get_column_letter(1))
        for column in range(first, min(dimension.max or first, sheet.max_column) + 1):
            widths[column] = float(dimension.width)
    return widths


def _type(cell: Any, default: Type) -> Type:
    """Returns the type a cell is set in; theme colours, which have no RGB of their own, leave the default fill."""
    if not cell.has_style:
        return default
    fill = default.fill
    if cell.fill.fill_type == "solid" and isinstance(cell.fill.fgColor.rgb, str):
        fill = cell.fill.fgColor.rgb[-6:]
    font = cell.font
    return Type(font.name or default.font, float(font.sz or default.size), bold=bool(font.b), fill=fill)


def _frozen(sheet: Worksheet, leaves: dict[int, str]) -> str:
    pane = sheet.freeze_panes
    column = column_index_from_string("".join(sign for sign in pane if sign.isalpha())) if pane else 0
    return next((name for at, name in sorted(leaves.items()) if at >= column > 1), "")
