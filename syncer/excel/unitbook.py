"""A unit's workbook: a page of advice, one sheet a data sheet of the ledger, and hidden what carries them.

Everything stays open: no protection, no merged data cell, no formula, so that sorting, filtering, inserting and pasting
work. What is not the unit's own is grey with a warning, never a stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from syncer.core.model import (
    ADVICE_SHEET,
    OPTIONS_SHEET,
    STAMP_SHEET,
    Column,
    ColumnType,
    Ledger,
    Light,
    Owner,
    Row,
    Sheet,
    Stamp,
    Unit,
)
from syncer.core.reading.header_names import header_key
from syncer.core.values import Scalar, column_letter, show
from syncer.excel.advice import write_advice
from syncer.excel.heights import row_height
from syncer.excel.looks import (
    FILL_IN_ROW,
    FIRST_DATA_ROW,
    GROUP_ROW,
    ID_COLUMN,
    LEAF_ROW,
    TITLE_ROW,
    SheetLooks,
    Type,
    font_props,
    rows_on_last_page,
)
from syncer.excel.slots import Slot, lay_out
from syncer.excel.validations import list_names, validation_for, validation_of_ids, write_lists
from syncer.excel.writing import (
    DATA,
    GREY_FILL,
    Formats,
    GrowingSheet,
    clean,
    open_workbook,
    page,
    sheet_name,
    write_stamp,
    write_value,
)

HINT = "hint"  # code of 系统提示
HINTED_FILL = "F4B183"  # of a row's first cell, where 系统提示 says something
LIGHT = "light"  # code of 亮灯, whose first sign names the colour
_LEFT_ALIGNED = {ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.LINK, ColumnType.MULTI_CHOICE, ColumnType.UNITS}
_TEXT_CELLS = {ColumnType.IDENTIFIER, ColumnType.PHONE, ColumnType.TASKS}  # "2.10" must not become 2.1
_NUMBER_FORMATS = {
    ColumnType.PERCENT: "0%",
    ColumnType.DATE: "yyyy-mm-dd",
    **dict.fromkeys(_TEXT_CELLS, "@"),
}


def write_unit_book(
    target: Path | BinaryIO,
    unit: Unit,
    ledger: Ledger,
    stamp: Stamp,
    *,
    rows: Mapping[str, Sequence[Row]],
    reserved_ids: Mapping[str, Sequence[str]],
    issued: date,
    looks: Mapping[str, SheetLooks] | None = None,
) -> None:
    """Writes the workbook of one unit; same arguments, same bytes. Saving atomically is the caller's business.

    A percentage is kept as points (95) and written as a fraction shown as ``0%``: so a person types 95% or 95 and gets
    what she means. Who reads it back makes points of it again.

    Args:
        target: where to, a path or an open binary stream.
        unit: whose workbook; it gets the sheets whose audience it is in.
        ledger: the compiled control workbook.
        stamp: what the workbook says of itself.
        rows: content by sheet code, in order of appearance.
        reserved_ids: by sheet code, the ids to stand on blank rows below.
        issued: the day of issue, printed on the page of advice and the file's creation date.
        looks: by sheet name; defaults for what is missing.
    """
    book = open_workbook(target, datetime.combine(issued, time()), f"{unit.short}{ledger.settings.ledger_name}")
    formats = Formats(book)
    sheets = ledger.sheets_of(unit.code)
    taken = [ADVICE_SHEET, OPTIONS_SHEET, STAMP_SHEET]
    names: dict[str, str] = {}
    for sheet in sheets:
        names[sheet.code] = sheet_name(sheet.name, taken)
        taken.append(names[sheet.code])
    write_advice(book, formats, unit, ledger, [(sheet, names[sheet.code]) for sheet in sheets], issued)
    lists = list_names(ledger, sheets)
    for sheet in sheets:
        content = rows.get(sheet.code, ())
        style = (looks or {}).get(sheet.name, SheetLooks())
        worksheet = book.add_worksheet(names[sheet.code], worksheet_class=GrowingSheet)
        writer = _DataSheet(worksheet, formats, sheet, style, lay_out(sheet, style, content))
        writer.write(unit, ledger, content, reserved_ids.get(sheet.code, ()), lists)
    write_lists(book, ledger, lists)
    write_stamp(book, stamp)
    book.close()


class _DataSheet:
    """Writes one data sheet. Rows and columns are 1-based here and everywhere but in calls of XlsxWriter."""

    def __init__(
        self, worksheet: Worksheet, formats: Formats, sheet: Sheet, looks: SheetLooks, slots: tuple[Slot, ...]
    ) -> None:
        self.worksheet, self.formats, self.sheet, self.looks, self.slots = worksheet, formats, sheet, looks, slots
        shown = [slot for slot in slots if not slot.hidden] or list(slots[:1])
        self.visible = [slot for slot in shown if slot.printed] or shown  # what a printed page shows
        self.leaf_height = looks.leaf_height
        self.styles = {slot.at: self._style(slot) for slot in slots}

    def write(
        self, unit: Unit, ledger: Ledger, rows: Sequence[Row], reserved: Sequence[str], lists: Mapping[str, str]
    ) -> None:
        """Writes everything. The last row with rules and borders is the last reserved one."""
        last_row = LEAF_ROW + max(len(rows) + len(reserved), 1)
        self._columns()
        self._headings(unit, ledger)
        heights = [self._row(at, row.id, self._cells(row)) for at, row in enumerate(rows, start=FIRST_DATA_ROW)]
        for at, row_id in enumerate(reserved, start=FIRST_DATA_ROW + len(rows)):
            self._row(at, row_id, {})
        self._validations(last_row, lists)
        self._conditions(last_row, ledger)
        self._print_set_up(heights, len(reserved))
        self.worksheet.autofilter(LEAF_ROW - 1, 0, last_row - 1, len(self.slots) - 1)
        frozen = next((s.at for s in self.slots if s.column and header_key(s.header) == self.looks.freeze_before), 2)
        self.worksheet.freeze_panes(LEAF_ROW, frozen - 1)

    def _style(self, slot: Slot, *, bare: bool = False) -> Format:
        """Returns the format of a column's data cells, grey where foreign in every row; ``bare`` has no frame or fill."""
        plain = ColumnType.IDENTIFIER if slot.at == ID_COLUMN else ColumnType.TEXT
        kind = slot.column.type if slot.column else plain
        props: dict[str, Any] = {
            **DATA,
            **font_props(self.looks.data),
            "align": "left" if kind in _LEFT_ALIGNED else "center",
        }
        if kind in _NUMBER_FORMATS:
            props["num_format"] = _NUMBER_FORMATS[kind]
        if bare:
            props["border"] = 0
        elif slot.column and self._foreign_everywhere(slot.column):
            props["bg_color"] = GREY_FILL
        return self.formats(**props)

    def _foreign_everywhere(self, column: Column) -> bool:
        return column.owner is Owner.SYSTEM or (column.owner is Owner.COORDINATOR and not self.sheet.from_plan)

    def _columns(self) -> None:
        """Sets widths, and formats for the rows beyond the reserved ones: no borders there, or all would be printed."""
        for slot in self.slots:
            below = self._style(slot, bare=True)
            # Widths are the file's own units: 8 pixels of 宋体 11, padding included.
            pixels = round(slot.width * 8)
            self.worksheet.set_column_pixels(slot.at - 1, slot.at - 1, pixels, below, {"hidden": slot.hidden})

    def _headings(self, unit: Unit, ledger: Ledger) -> None:
        """Writes title, fill-in line and the header: groups merged over equal neighbours, leaves never merged."""
        looks, settings = self.looks, ledger.settings
        title = f"{settings.office}{settings.ledger_name}——{self.sheet.name}（{settings.year}年）"
        first, last = self.visible[0].at, self.visible[-1].at
        # A narrow sheet cannot hold a title in 22 points: it shrinks, it is never cut.
        self._span(TITLE_ROW, first, last, title, self._heading(looks.title, align="center", shrink=True))
        line = self._heading(looks.fill_in, align="left", shrink=True)
        for (begin, end), text in _fill_in(self.visible, unit):
            self._span(FILL_IN_ROW, begin, end, text, line)
        frame = {"align": "center", "border": 1, "text_wrap": True}
        for group, members in groupby(self.slots, key=lambda slot: (slot.group, slot.printed)):
            run = list(members)
            style = self._heading(looks.group, **frame)
            ends = [(run[0].at, run[-1].at)] if group[0] else [(slot.at, slot.at) for slot in run]
            for begin, end in ends:
                self._span(GROUP_ROW, begin, end, group[0], style)
        for slot in self.slots:
            fill = looks.leaf_fill(slot.column) if slot.column else GREY_FILL
            style = self._heading(replace(looks.leaf, fill=fill), **frame)
            self.worksheet.write_string(LEAF_ROW - 1, slot.at - 1, clean(slot.header), style)
        shown = [(slot.header, slot.width) for slot in self.slots if not slot.hidden]
        self.leaf_height = row_height(shown, looks.leaf.size, looks.leaf_height)
        heights = {TITLE_ROW: looks.title_height, FILL_IN_ROW: looks.fill_in_height, GROUP_ROW: looks.group_height}
        for row, height in (heights | {LEAF_ROW: self.leaf_height}).items():
            self.worksheet.set_row(row - 1, height)
        self.worksheet.fixed_rows = LEAF_ROW

    def _heading(self, style: Type, **props: Any) -> Format:
        return self.formats(**font_props(style), valign="vcenter", **props)

    def _span(self, row: int, first: int, last: int, text: str, style: Format) -> None:
        """Writes a text over columns ``first`` to ``last``; one cell is not merged."""
        if first < last:
            self.worksheet.merge_range(row - 1, first - 1, row - 1, last - 1, "", style)
        self.worksheet.write_string(row - 1, first - 1, clean(text), style)

    def _cells(self, row: Row) -> dict[int, Scalar]:
        """Returns what a row shows, by physical column."""
        extra = dict(row.extra)
        cells: dict[int, Scalar] = {}
        for slot in self.slots:
            value = row.get(slot.column.code) if slot.column else extra.get(slot.header)
            if slot.column and slot.column.type is ColumnType.PERCENT and _is_number(value):
                value = round(value / 100, 10)
            if value is not None:
                cells[slot.at] = value
        return cells

    def _row(self, at: int, row_id: str, cells: Mapping[int, Scalar]) -> float:
        """Writes one row, blank cells too (for their borders), and returns its height in points."""
        for slot in self.slots:
            value = row_id if slot.at == ID_COLUMN else cells.get(slot.at)
            write_value(self.worksheet, at - 1, slot.at - 1, value, self.styles[slot.at], formats=self.formats)
        texts = [(show(cells[slot.at]), slot.width) for slot in self.slots if slot.at in cells and not slot.hidden]
        height = row_height(texts, self.looks.data.size, self.looks.data_height)
        self.worksheet.set_row(at - 1, height)
        return height

    def _validations(self, last_row: int, lists: Mapping[str, str]) -> None:
        """One validation a column, from the header row down: so it survives inserting or deleting the first data row."""
        for slot in self.slots:
            if slot.at == ID_COLUMN:
                options: dict[str, Any] | None = validation_of_ids()
            else:
                options = validation_for(slot.column, self.sheet, lists) if slot.column else None
            if options:
                self.worksheet.data_validation(LEAF_ROW - 1, slot.at - 1, last_row - 1, slot.at - 1, options)

    def _conditions(self, last_row: int, ledger: Ledger) -> None:
        """Marks rows with a hint, greys the coordinator's cells of rows from the plan, colours 亮灯 by its first sign."""
        hint = next((s for s in self.slots if s.column and s.column.code == HINT), None)
        if (
            hint
        ):  # it stands at the far right: the row's first cell says that it is there, grey or not (the first rule wins)
            formula = f"=AND(ROW()>{LEAF_ROW},LEN(${hint.letter}{LEAF_ROW})>0)"
            self._condition(self.visible[0].at, last_row, formula, self.formats(bg_color=HINTED_FILL, bold=True))
        grey = self.formats(bg_color=GREY_FILL)
        handed = {s.at for s in self.slots if s.column and s.column.owner is Owner.COORDINATOR and self.sheet.from_plan}
        for at in sorted(handed):
            self._condition(at, last_row, f'=LEFT(${column_letter(ID_COLUMN)}{LEAF_ROW},1)="T"', grey)
        for slot in self.slots:
            if slot.column and slot.column.code == LIGHT:
                for light in Light:
                    fill = self.formats(bg_color=ledger.settings.colour(light))
                    formula = f'=LEFT(${slot.letter}{LEAF_ROW},1)="{light.value}"'
                    self._condition(slot.at, last_row, formula, fill)

    def _condition(self, at: int, last_row: int, formula: str, style: Format) -> None:
        rule = {"type": "formula", "criteria": formula, "format": style}
        self.worksheet.conditional_format(LEAF_ROW - 1, at - 1, last_row - 1, at - 1, rule)

    def _print_set_up(self, heights: Sequence[float], reserved: int) -> None:
        """Prints the filled rows, and of the reserved ones as many as surely go on the last page.

        The reserved rows have borders and hidden ids, so every program counts them as used and would print them, page
        after page. A print area by whole columns does not help; one computed by a formula works in Excel until
        somebody opens 页面设置, and LibreOffice ignores it and prints the system columns too. So the area is a plain
        range: it grows with rows inserted inside it, and 填报须知 says what to do when rows below it are used.
        """
        looks = self.looks
        width = sum(slot.width for slot in self.visible)
        header = looks.title_height + looks.fill_in_height + looks.group_height + self.leaf_height
        room = rows_on_last_page(looks, width, header, heights)
        last_row = LEAF_ROW + max(len(heights) + min(room, reserved), 1)
        printed = [slot.at for slot in self.slots if slot.printed]
        self.worksheet.print_area(0, 0, last_row - 1, max(printed) - 1)
        page(
            self.worksheet,
            paper=looks.paper,
            landscape=looks.landscape,
            header_rows=LEAF_ROW,
            left="填报人：　　　　　审核人：",
            right="盖章：　　　　　　　　",
            margins=looks.margins,
        )


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _fill_in(visible: Sequence[Slot], unit: Unit) -> Iterator[tuple[tuple[int, int], str]]:
    """Deals the four items of the fill-in line out over the visible columns, in runs of about equal width."""
    items = [f"填报单位：{unit.short}", f"填报人：{unit.contact}", f"联系电话：{unit.phone}", "填报日期："]
    count = len(items) if len(visible) >= len(items) else 1
    share = sum(slot.width for slot in visible) / count
    runs: list[list[Slot]] = [[]]
    filled = 0.0
    for left, slot in zip(range(len(visible), 0, -1), visible, strict=True):
        enough = filled + slot.width / 2 > share * len(runs) or left <= count - len(runs)
        if runs[-1] and enough and len(runs) < count:
            runs.append([])
        runs[-1].append(slot)
        filled += slot.width
    texts = [*items[: count - 1], "　　".join(items[count - 1 :])]
    for run, text in zip(runs, texts, strict=True):
        yield (run[0].at, run[-1].at), text
