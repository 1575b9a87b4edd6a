"""A list as a sheet: what it is for, a notice, a header, and rows that may be hers to correct; sorted and filtered at will."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from syncer.core.values import Scalar, show
from syncer.excel.heights import TALLEST, row_height
from syncer.excel.writing import (
    DATA,
    FILL_IN,
    GREY_FILL,
    HEADER,
    HEADER_FILL,
    HEADER_FONT,
    Formats,
    GrowingSheet,
    clean,
    page,
    write_value,
)

HEADER_ROW = 3  # what to do and a notice stand above
YOURS_FILL, YOURS_HEADER_FILL = "FFF9E5", "FFE699"
_POINTS, _LEAST_POINTS, _ADVICE_POINTS, _ROOM_BELOW = 12, 28.0, 34.0, 30
_SPARE = 2.0  # of a width is left unused: quotation marks and full stops never begin a line


@dataclass(frozen=True, slots=True)
class ListField:
    """One column. Looks: text, centre, grey (centred, a number of ours), yours (hers to correct), mark (coloured by its word)."""

    name: str
    width: float
    look: str = "text"
    hidden: bool = False


class ListPage:
    """One sheet being written. Rows and columns are 1-based but in calls of XlsxWriter."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        formats: Formats,
        name: str,
        fields: Sequence[ListField],
        fills: Mapping[str, str] | None = None,
    ) -> None:
        self.sheet: Worksheet = book.add_worksheet(name, worksheet_class=GrowingSheet)
        self.sheet.fixed_rows = HEADER_ROW
        self.last_row = HEADER_ROW + 1
        self._formats, self._fields, self._fills = formats, fields, fills or {}
        self._shown = max(at for at, one in enumerate(fields, 1) if not one.hidden)
        for at, one in enumerate(fields):
            self.sheet.set_column(at, at, one.width, None, {"hidden": one.hidden})
        self.sheet.hide_gridlines(2)
        self.sheet.set_zoom(85)
        page(self.sheet, paper="A4", landscape=True, header_rows=HEADER_ROW, left=name)

    def at(self, name: str) -> int:
        """Returns the place of one of the columns."""
        return next(at for at, one in enumerate(self._fields, 1) if one.name == name)

    def head(self, advice: str, notice: str, *, loud: bool = False, frozen: int = 0) -> None:
        """Writes what to do, what is to be noticed, and the header; ``frozen``: so many columns stay in sight."""
        self._across(0, advice, _ADVICE_POINTS, font_name=HEADER_FONT)
        self._across(1, notice, 24, font_color="9C0006" if loud else "595959")
        for at, one in enumerate(self._fields):
            fill = YOURS_HEADER_FILL if one.look == "yours" else HEADER_FILL
            self.sheet.write_string(HEADER_ROW - 1, at, clean(one.name), self._formats(**HEADER, bg_color=fill))
        self.sheet.set_row(HEADER_ROW - 1, 30)
        self.sheet.freeze_panes(HEADER_ROW, frozen)

    def body(self, rows: Sequence[Sequence[Scalar]], nothing: str) -> None:
        """Writes the rows, or that there are none; then filter and print area."""
        for at, values in enumerate(rows, HEADER_ROW + 1):
            self._row(at, values)
        self.last_row = HEADER_ROW + max(len(rows), 1)
        if rows:
            self.sheet.autofilter(HEADER_ROW - 1, 0, self.last_row - 1, len(self._fields) - 1)
        else:
            style = self._formats(**FILL_IN, font_color="375623", indent=1)
            self.sheet.write_string(HEADER_ROW, 0, nothing, self._formats.like(style, font_size=14))
            self.sheet.set_row(HEADER_ROW, 48)
        self.sheet.print_area(0, 0, self.last_row - 1, self._shown - 1)

    def offer(self, name: str, choices: str | list[str], prompt: str) -> None:
        """Offers choices in a column from the header row down, so that the dropdown survives sorting; other words warn."""
        at = self.at(name) - 1
        rule = {
            "validate": "list",
            "value": choices,
            "input_title": name,
            "input_message": prompt,
            "error_type": "warning",
            "error_title": "请核对",
            "error_message": "这里只认下拉列表里的说法。",
        }
        self.sheet.data_validation(HEADER_ROW - 1, at, self.last_row - 1 + _ROOM_BELOW, at, rule)

    def _across(self, row: int, text: str, least: float, **looks: Any) -> None:
        style = self._formats(**{**FILL_IN, "text_wrap": True, **looks})
        width = sum(one.width for one in self._fields[: self._shown] if not one.hidden)
        if self._shown > 1:
            self.sheet.merge_range(row, 0, row, self._shown - 1, "", style)
        write_value(self.sheet, row, 0, text or None, style, formats=self._formats)
        self.sheet.set_row(row, row_height([(text, width)], _POINTS, least))

    def _row(self, row: int, values: Sequence[Scalar]) -> None:
        shown = [(show(v), one.width - _SPARE) for v, one in zip(values, self._fields, strict=True) if not one.hidden]
        height = row_height(shown, _POINTS, _LEAST_POINTS)
        for at, (value, one) in enumerate(zip(values, self._fields, strict=True)):
            write_value(self.sheet, row - 1, at, value, self._style(one, value, height), formats=self._formats)
        self.sheet.set_row(row - 1, height)

    def _style(self, one: ListField, value: Scalar, height: float) -> Any:
        """Returns the format of a cell; in a row too tall to be shown whole the texts begin at the top."""
        props = {**DATA, "valign": "top"} if height == TALLEST else {**DATA}
        match one.look:
            case "yours":
                return self._formats(**props, bg_color=YOURS_FILL)
            case "centre":
                return self._formats(**props, align="center")
            case "grey":
                return self._formats(**props, align="center", bg_color=GREY_FILL)
            case "mark":
                fill = self._fills.get(show(value))
                return self._formats(**props, align="center", **({"bg_color": fill} if fill else {}))
            case _:
                return self._formats(**props, align="left")
