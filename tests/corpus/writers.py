"""Writes worksheets with the libraries that offices' own programs use, and as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from syncer.core.values import CellError, show
from tests.corpus.page import Content, Formula, Page, Rich, Shown

DAY = "yyyy-mm-dd"


def with_xlsxwriter(path: Path, pages: Sequence[Page], *, epoch_1904: bool = False) -> None:
    """Writes with XlsxWriter; texts stay texts, and days are days under ``yyyy-mm-dd``."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": DAY}
    with xlsxwriter.Workbook(path, {**options, "date_1904": epoch_1904}) as book:
        for page in pages:
            sheet = book.add_worksheet(page.name)
            merged = {(top, left): (top, left, bottom, right) for top, left, bottom, right in page.merges}
            for top, left, bottom, right in merged.values():
                sheet.merge_range(top - 1, left - 1, bottom - 1, right - 1, "")
            for row, cells in enumerate(page.rows):
                for at, content in enumerate(cells):
                    _write(book, sheet, row, at, content)
            for row in page.hidden_rows:
                sheet.set_row(row - 1, None, None, {"hidden": True})
            for at in page.hidden_columns:
                sheet.set_column(at - 1, at - 1, None, None, {"hidden": True})
            if page.filtered:
                top, left, bottom, right = page.filtered
                sheet.autofilter(top - 1, left - 1, bottom - 1, right - 1)
            if page.hidden:
                sheet.hide()


def _write(
    book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, row: int, at: int, content: Content
) -> None:
    match content:
        case None:
            return
        case Formula(text, result):
            look = book.add_format({"num_format": DAY}) if isinstance(result, date) else None
            value = (
                show(result)
                if isinstance(result, CellError)
                else serial(result)
                if isinstance(result, date)
                else result
            )
            sheet.write_formula(row, at, text, look, "" if value is None else value)
        case Shown(value, number_format):
            look = book.add_format({"num_format": number_format})
            sheet.write(row, at, value, look)
        case Rich(runs):
            fonts = [book.add_format({"bold": number % 2 == 0}) for number in range(len(runs))]
            sheet.write_rich_string(row, at, *(part for pair in zip(fonts, runs, strict=True) for part in pair))
        case CellError(text):
            sheet.write_formula(row, at, f"={text}", None, text)
        case str():
            sheet.write_string(row, at, content)
        case _:
            sheet.write(row, at, content)


def with_openpyxl(path: Path, pages: Sequence[Page], *, epoch_1904: bool = False) -> None:
    """Writes with openpyxl; a formula has no result then, as from any program that does not compute."""
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = CALENDAR_MAC_1904
    assert isinstance(book.active, Worksheet)
    book.remove(book.active)
    for page in pages:
        sheet = book.create_sheet(page.name)
        for row, cells in enumerate(page.rows, start=1):
            for at, content in enumerate(cells, start=1):
                _fill(sheet, row, at, content)
        for top, left, bottom, right in page.merges:
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for row in page.hidden_rows:
            sheet.row_dimensions[row].hidden = True
        for at in page.hidden_columns:
            sheet.column_dimensions[get_column_letter(at)].hidden = True
        if page.filtered:
            top, left, bottom, right = page.filtered
            sheet.auto_filter.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
        if page.hidden:
            sheet.sheet_state = "hidden"
    book.save(path)


def _fill(sheet: Worksheet, row: int, at: int, content: Content) -> None:
    if content is None:
        return
    cell = sheet.cell(row, at)
    match content:
        case Formula(text):
            cell.value = text
        case Shown(value, number_format):
            cell.value = value  # type: ignore[assignment]
            cell.number_format = number_format
        case Rich(runs):
            cell.value = CellRichText(*runs)
        case CellError(text):
            cell.value = text
            cell.data_type = "e"
        case str():
            cell.value = content
            cell.data_type = "s"
        case datetime():
            cell.value = content
            cell.number_format = "yyyy-mm-dd hh:mm"
        case date():
            cell.value = content
            cell.number_format = DAY
        case _:
            cell.value = content


def as_text(page: Page, *, encoding: str = "utf-8", separator: str = ",", line_end: str = "\r\n") -> bytes:
    """Returns a worksheet as Excel saves it as CSV: what shows, without formats."""
    out = io.StringIO()
    width = max(len(cells) for cells in page.rows)
    lines = csv.writer(out, delimiter=separator, lineterminator=line_end)
    for cells in page.rows:
        lines.writerow([shown(content) for content in cells] + [""] * (width - len(cells)))
    return out.getvalue().encode(encoding)


def shown(content: Content) -> str:
    """Returns what a cell shows on a Chinese PC."""
    match content:
        case Formula(_, result):
            return shown(result)
        case Shown(value, number_format):
            percent = number_format.endswith("%") and isinstance(value, (int, float))
            return f"{value:.0%}" if percent else shown(value)
        case Rich(runs):
            return "".join(runs)
        case date():
            return f"{content.year}/{content.month}/{content.day}"
        case _:
            return show(content)


def serial(value: date | time | timedelta) -> float:
    """Returns the number that stands in a cell for a day, a time of a day, or a span of time."""
    match value:
        case timedelta():
            past = value
        case time():
            past = timedelta(hours=value.hour, minutes=value.minute)
        case datetime():
            past = value - datetime(1899, 12, 30)
        case _:
            past = timedelta((value - date(1899, 12, 30)).days)
    return past / timedelta(1)
