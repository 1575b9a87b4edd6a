"""What every workbook that we write has in common: options, cached formats, safe cells, links and print set-up."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from syncer.core.values import CellError, Scalar, show

TITLE_FONT, HEADER_FONT, DATA_FONT = "方正小标宋简体", "黑体", "仿宋_GB2312"
"""Names only: where a font is missing the program takes its own Chinese one."""

_MIDDLE = {"valign": "vcenter", "text_wrap": True}
TITLE = MappingProxyType({"font_name": TITLE_FONT, "font_size": 22, "align": "center", "valign": "vcenter"})
FILL_IN = MappingProxyType({"font_name": DATA_FONT, "font_size": 12, "valign": "vcenter"})
HEADER = MappingProxyType({"font_name": HEADER_FONT, "font_size": 12, "align": "center", "border": 1, **_MIDDLE})
DATA = MappingProxyType({"font_name": DATA_FONT, "font_size": 12, "border": 1, **_MIDDLE})
GREY_FILL, HEADER_FILL = "EDEDED", "DDEBF7"
DATE_FORMAT, TIME_FORMAT, MOMENT_FORMAT, DURATION_FORMAT = "yyyy-mm-dd", "hh:mm", "yyyy-mm-dd hh:mm", "[h]:mm"

PAPER = MappingProxyType({"A3": 8, "A4": 9})
PAGE_FOOTER = "— 第 &P 页 共 &N 页 —"

LONGEST_URL = 2079  # that Excel follows
CELL_LIMIT = 32_767  # UTF-16 units Excel keeps of a cell's text
_EXACT_DIGITS = 10**15  # Excel keeps 15 digits of a number
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SHEET_NAME_SIGNS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def open_workbook(target: Path | BinaryIO, created: datetime, title: str = "") -> xlsxwriter.Workbook:
    """Returns a new workbook in which text stays text and whose bytes depend on its content alone.

    ``created`` is the moment the file says it was made: take it from the content, never from the clock. Close the
    book to write it; saving atomically is the caller's business.
    """
    book = xlsxwriter.Workbook(
        target if not isinstance(target, Path) else str(target),
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            # 宋体 11 is what a Chinese Excel and WPS measure column widths by; 72 pixels is its default column.
            "default_format_properties": {"font_name": "宋体", "font_size": 11, "font_charset": 134},
            "default_column_width": 72,
            "default_row_height": 20,
        },
    )
    book.set_properties({"created": created, "title": clean(title, 255)})
    return book


class GrowingSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A sheet whose rows grow with their text: the heights set are those at first, not fixed ones.

    ``book.add_worksheet(name, worksheet_class=GrowingSheet)``. XlsxWriter marks every height it is told as chosen by
    hand, and Excel then cuts off what is typed beyond it. Rows up to `fixed_rows` (titles, headers) stay as set.
    """

    fixed_rows = 0

    def _xml_start_tag_unencoded(self, tag: str, attributes: list[tuple[str, Any]] | None = None) -> None:
        attributes = attributes or []
        if tag == "row" and attributes[0][1] > self.fixed_rows:
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


class Formats:
    """The formats of one workbook, each made once: ``formats(**DATA, bg_color=GREY_FILL)``."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._known: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._props: dict[int, dict[str, Any]] = {}

    def __call__(self, **props: Any) -> Format:
        """Returns the format with exactly these XlsxWriter properties."""
        key = tuple(sorted(props.items()))
        if key not in self._known:
            self._known[key] = made = self._book.add_format(props)
            self._props[id(made)] = props
        return self._known[key]

    def like(self, style: Format, **props: Any) -> Format:
        """Returns ``style`` with some properties set."""
        return self(**{**self._props[id(style)], **props})

    def shown_as(self, style: Format, number_format: str) -> Format:
        """Returns ``style`` with this number format, unless it has one of its own."""
        return style if "num_format" in self._props[id(style)] else self.like(style, num_format=number_format)


def write_value(sheet: Worksheet, row: int, col: int, value: Scalar, style: Format, *, formats: Formats) -> None:
    """Writes one cell (0-based) so that it reads back as the same value.

    Text stays text whatever it begins with. Numbers that Excel cannot hold (NaN, infinity, more than 15 digits, dates
    before 1900) become text. A date gets a date format where ``style`` has no number format.
    """
    match value:
        case None:
            sheet.write_blank(row, col, None, style)
        case bool():
            sheet.write_boolean(row, col, value, style)
        case int() | float() if math.isfinite(value) and (isinstance(value, float) or abs(value) < _EXACT_DIGITS):
            sheet.write_number(row, col, value, style)
        case date() if value.year >= 1900:
            moment = isinstance(value, datetime) and value.time() != time.min
            number_format = MOMENT_FORMAT if moment else DATE_FORMAT
            sheet.write_datetime(row, col, value, formats.shown_as(style, number_format))
        case time():
            sheet.write_datetime(row, col, value, formats.shown_as(style, TIME_FORMAT))
        case timedelta() if value >= timedelta():
            sheet.write_datetime(row, col, value, formats.shown_as(style, DURATION_FORMAT))
        case str() | CellError():
            sheet.write_string(row, col, clean(show(value)), style)
        case float():
            sheet.write_string(row, col, str(value), style)
        case _:
            sheet.write_string(row, col, show(value), style)


def clean(text: str, limit: int = CELL_LIMIT) -> str:
    """Returns ``text`` as a cell can hold it: no control characters or halves of a sign, ``limit`` UTF-16 units."""
    text = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * limit]
    return units.decode("utf-16-le", "ignore")


def link(
    sheet: Worksheet,
    row: int,
    col: int,
    text: str,
    style: Format,
    *,
    path: str = "",
    to_sheet: str = "",
    cell: str = "A1",
) -> None:
    """Writes ``text`` as a link to a cell of this workbook, or of the one at ``path`` (relative, with ``/``).

    Relative links survive moving the whole workspace; a ``HYPERLINK()`` formula would not be rebased. Excel allows
    65,530 links a sheet: what goes beyond is the caller's fault and raises XlsxWriter's warning.
    """
    place = "'{}'!{}".format(to_sheet.replace("'", "''"), cell) if to_sheet else ""
    here = f"#{place}" if place else ""
    url = f"external:{_escaped(path)}{here}" if path else f"internal:{place}"
    if len(url) > LONGEST_URL:  # XlsxWriter would leave the cell blank
        sheet.write_string(row, col, clean(text, CELL_LIMIT), style)
        return
    sheet.write_url(row, col, url, style, clean(text, CELL_LIMIT))


def _escaped(path: str) -> str:
    """Returns a path as a relationship target; Chinese stays as it is, as Excel itself writes it.

    XlsxWriter would take a name like ``100%20.xlsx`` for escaped already, and cut ``C#.xlsx`` at the ``#``.
    """
    return re.sub(r"""[%"\s<>\[\]^`{}#]""", lambda sign: f"%{ord(sign.group()):02x}", path)


def page(
    sheet: Worksheet,
    *,
    paper: str = "A4",
    landscape: bool = True,
    header_rows: int = 0,
    left: str = "",
    right: str = "",
    margins: tuple[float, float, float, float] = (0.4, 0.4, 0.6, 0.7),
) -> None:
    """Sets up printing: one page wide, as tall as it takes, page number in the footer.

    ``header_rows`` first rows repeat on every page. ``left`` and ``right`` are plain texts in the footer. ``margins`` are
    left, right, top, bottom, in inches.
    """
    sheet.set_paper(PAPER[paper])
    sheet.set_landscape() if landscape else sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(*margins)
    sheet.center_horizontally()
    if header_rows:
        sheet.repeat_rows(0, header_rows - 1)
    notes = [sign + text.replace("&", "&&") for sign, text in (("&L", left), ("&R", right)) if text]
    # A wide table is scaled down to half and less: the footer is not, or nobody could read the page number.
    sheet.set_footer(f"&C{PAGE_FOOTER}" + "".join(notes), {"scale_with_doc": False})


def sheet_name(text: str, taken: Collection[str] = ()) -> str:
    """Returns a name Excel accepts for a sheet, not yet ``taken`` (case does not count): ``"a/b"`` → ``"a_b"``."""
    wanted = _SHEET_NAME_SIGNS.sub("_", clean(text)).strip().strip("'") or "表"
    used = {name.casefold() for name in taken}
    name, number = clean(wanted, 31), 1
    while name.casefold() in used or name.casefold() == "history":
        number += 1
        tail = f"（{number}）"
        name = clean(wanted, 31 - len(tail)) + tail
    return name
