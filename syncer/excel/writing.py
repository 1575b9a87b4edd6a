"""What every workbook that we write has in common: options, cached formats, safe cells, links and print set-up."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from syncer.core.model import STAMP_SHEET, Stamp
from syncer.core.texts import CELL_LIMIT, cut, storable, tab_name, utf16_units
from syncer.core.values import Scalar, show
from syncer.excel.inert import InertBook, InertSheet
from syncer.excel.stamp import stamp_texts

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
FOOTER_LIMIT = 255  # UTF-16 units; of a longer one XlsxWriter writes nothing
EXACT_DIGITS = 10**15  # Excel keeps 15 digits of a number
_LIVE = re.compile(r"\s*[=+\-@＝＋－＠']")
"""What Excel takes for a formula, or for its own mark of a text, when it is typed."""


def open_workbook(target: Path | BinaryIO, created: datetime, title: str = "") -> xlsxwriter.Workbook:
    """Returns a new workbook in which text stays text and whose bytes depend on its content alone.

    ``created`` is the moment the file says it was made: take it from the content, never from the clock. Close the
    book to write it; saving atomically is the caller's business.
    """
    book = InertBook(
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


def write_stamp(book: xlsxwriter.Workbook, stamp: Stamp) -> None:
    """Writes the stamp twice: some programs drop custom properties, others hidden sheets."""
    sheet = book.add_worksheet(STAMP_SHEET)
    sheet.very_hidden()
    for row, (name, text) in enumerate(stamp_texts(stamp).items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, text)
        if text:
            book.set_custom_property(name, text, "text")


class GrowingSheet(InertSheet):
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

    Text stays text whatever it begins with, also when somebody opens the cell and presses Enter: then it is marked as
    text, as by a typed apostrophe. Numbers that Excel cannot hold (NaN, infinity, more than 15 digits, dates before
    1900) become text. A date gets a date format where ``style`` has no number format.
    """
    match value:
        case None:
            sheet.write_blank(row, col, None, style)
        case bool():
            sheet.write_boolean(row, col, value, style)
        case int() | float() if math.isfinite(value) and (isinstance(value, float) or abs(value) < EXACT_DIGITS):
            sheet.write_number(row, col, value, style)
        case date() if value.year >= 1900:
            moment = isinstance(value, datetime) and value.time() != time.min
            number_format = MOMENT_FORMAT if moment else DATE_FORMAT
            sheet.write_datetime(row, col, value, formats.shown_as(style, number_format))
        case time():
            sheet.write_datetime(row, col, value, formats.shown_as(style, TIME_FORMAT))
        case timedelta() if value >= timedelta():
            sheet.write_datetime(row, col, value, formats.shown_as(style, DURATION_FORMAT))
        case str() if is_live(value):
            sheet.write_string(row, col, value, formats.like(style, quote_prefix=True))
        case float():
            sheet.write_string(row, col, str(value), style)
        case _:
            sheet.write_string(row, col, show(value), style)


def is_live(text: str) -> bool:
    """Tells whether Excel would take a text for a formula, or its first sign for a mark, if it were typed."""
    return _LIVE.match(text) is not None


def clean(text: str, limit: int = CELL_LIMIT) -> str:
    """Returns ``text`` as a part of a workbook can hold it: no control characters or halves of a sign, ``limit`` UTF-16 units."""
    return cut(storable(text), limit)


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
    url = _address(path, to_sheet, cell)
    if url:
        sheet.write_url(row, col, url, style, clean(text))
    else:
        sheet.write_string(row, col, clean(text), style)


def link_alone(sheet: InertSheet, row: int, col: int, path: str) -> None:
    """Links a cell to the workbook at ``path``; its text is put in otherwise."""
    if url := _address(path):
        sheet.link_alone(row, col, url)


@lru_cache(10_000)  # the largest rosters have half as many workbooks
def _address(path: str, to_sheet: str = "", cell: str = "A1") -> str:
    """Returns the address of a link as XlsxWriter takes it; ``""`` for one that is too long: it would leave the cell blank."""
    place = "'{}'!{}".format(storable(to_sheet).replace("'", "''"), cell) if to_sheet else ""
    here = f"#{place}" if place else ""
    url = f"external:{_escaped(path)}{here}" if path else f"internal:{place}"
    return url if utf16_units(url) <= LONGEST_URL else ""


def _escaped(path: str) -> str:
    """Returns a path as a relationship target; Chinese stays as it is, as Excel itself writes it.

    XlsxWriter would take a name like ``100%20.xlsx`` for escaped already, and cut ``C#.xlsx`` at the ``#``. A colon that
    is no drive's would make a scheme of what stands before it.
    """
    drive = re.match(r"[A-Za-z]:(?=[/\\])", path)
    start = drive.end() if drive else 0
    signs = re.sub(r"""[%"\s<>\[\]^`{}#:]""", lambda sign: f"%{ord(sign.group()):02x}", storable(path[start:]))
    return path[:start] + signs


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
    notes = {sign: text for sign, text in (("&L", left), ("&R", right)) if text}
    room = (FOOTER_LIMIT - len(f"&C{PAGE_FOOTER}")) // max(len(notes), 1) - len("&L")
    footer = f"&C{PAGE_FOOTER}" + "".join(sign + _footer_text(text, room) for sign, text in notes.items())
    # A wide table is scaled down to half and less: the footer is not, or nobody could read the page number.
    sheet.set_footer(footer, {"scale_with_doc": False})


def _footer_text(text: str, room: int) -> str:
    """Returns a plain text as a footer's code, in so many UTF-16 units: in it ``&`` begins what Excel puts in (date, path …)."""
    plain = storable(text).replace("&[", "＆[")  # which XlsxWriter would look at before Excel does
    while utf16_units(code := plain.replace("&", "&&")) > room:
        plain = plain[:-1]
    return code


def sheet_name(text: str, taken: Collection[str] = ()) -> str:
    """Returns a name Excel accepts for a sheet, not yet ``taken`` (case does not count): ``"a/b"`` → ``"a_b"``."""
    wanted = name = tab_name(text)
    used, number = {taken_name.casefold() for taken_name in taken}, 1
    while name.casefold() in used:
        number += 1
        tail = f"（{number}）"
        name = cut(wanted, 31 - len(tail)) + tail
    return name
