"""The coordinator's inbox book (待我处理): what waits, what was decided, and a dropdown that follows the kind of each row.

The dropdown is one validation: it asks the row's own hidden cell for the name of its list, so it stays right when rows are
sorted. It is tried in LibreOffice; ``INDIRECT`` of a defined name in a list validation is old in Excel and WPS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from syncer.core.inbox import answers as h
from syncer.core.inbox.answers import Unused
from syncer.core.inbox.choices import CHOICES
from syncer.core.inbox.lines import Inbox, InboxLine
from syncer.core.model import OPTIONS_SHEET, Stamp
from syncer.core.values import Scalar, column_letter, show
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
    open_workbook,
    page,
    write_stamp,
    write_value,
)

WAITING, DONE = "待处理", "已处理"
HEADER_ROW = 3  # an instruction and a notice stand above
NOTHING = "现在没有要您处理的事项。有新的事项会自动出现在这里。"
NOTHING_DONE = "还没有处理过的事项。"

_ADVICE = (
    "请在“处理意见”里从下拉列表选一项（选“另填”的，再填“另填值”），保存即可，不用一次做完。"
    "备注随意写；也可以筛选、排序、隐藏，或在右边加自己的列。处理好的事项在您关闭本文件后移到《已处理》。"
)
_ADVICE_DONE = (
    "处理错了的，在“撤销”里选“撤销”后保存：内容恢复原样，要您定的事项回到《待处理》（单位自行撤回的行直接恢复）。"
)
_CREATED = datetime(2026, 1, 1)  # a book that says the same must have the same bytes on any day
_POINTS, _LEAST_POINTS = 12, 32.0
_YOURS_FILL, _HINT_FONT, _ROOM_BELOW = "FFF9E5", "9C0006", 50
_TITLES_HEIGHT = 34
_SPARE = 2.0  # of a width is left unused: quotation marks and full stops never begin a line


@dataclass(frozen=True, slots=True)
class _Field:
    """One column of a sheet of ours."""

    name: str
    width: float
    look: str = "text"  # text, centre, moment, yours (hers to fill), hint
    hidden: bool = False
    printed: bool = True


_WHAT = (
    _Field(h.ID, 16, "centre"),
    _Field(h.KIND, 11, "centre"),
    _Field(h.UNIT, 11, "centre"),
    _Field(h.SHEET, 11, "centre"),
    _Field(h.ROW, 15),
    _Field(h.COLUMN, 12),
    _Field(h.TEXT, 32),
    _Field(h.BASE, 18),
    _Field(h.CURRENT, 24),
    _Field(h.INCOMING, 24),
)
_ORIGIN = (
    _Field(h.WHO, 9, "centre", printed=False),
    _Field(h.SAVED_AT, 18, "moment", printed=False),
    _Field(h.FILE, 20, printed=False),
    _Field(h.PLACE, 18, printed=False),
)
_WAITING_FIELDS = (
    *_WHAT,
    _Field(h.ANSWER, 14, "yours"),
    _Field(h.VALUE, 14, "yours"),
    _Field(h.NOTE, 18, "yours"),
    _Field(h.HINT, 22, "hint"),
    *_ORIGIN,
    _Field(h.OPTIONS, 12, "centre", hidden=True, printed=False),
    _Field(h.CHECK, 12, "centre", hidden=True, printed=False),
)
_DONE_FIELDS = (
    *_WHAT,
    _Field(h.RESULT, 16, "centre"),
    _Field(h.RULED_AT, 18, "moment"),
    _Field(h.RULED_BY, 11, "centre"),
    _Field(h.UNDO, 9, "yours"),
    _Field(h.NOTE, 18, "yours"),
    _Field(h.HINT, 22, "hint"),
    *_ORIGIN,
    _Field(h.CHECK, 12, "centre", hidden=True, printed=False),
)
_OWN_WIDTH = 16.0  # of a column she added


def write_inbox(
    target: BinaryIO,
    inbox: Inbox,
    stamp: Stamp,
    *,
    unused: Mapping[str, Unused] | None = None,
    columns: Sequence[str] = (),
    notices: Sequence[str] = (),
) -> None:
    """Writes the inbox book. Same content and stamp, same bytes, on any day.

    Args:
        target: an open binary stream.
        inbox: what waits and what was decided.
        stamp: what the book says of itself; its revision tells one edition from the next.
        unused: answers that could not be used, by id.
        columns: the headers of her own columns, carried over right of ours.
        notices: what is to be said of the last save and belongs to no row.
    """
    book = open_workbook(target, _CREATED, "待我处理")
    formats = Formats(book)
    unused = unused or {}
    waiting = _Page(book, formats, WAITING, _WAITING_FIELDS, columns)
    waiting.head(_ADVICE, _notice(inbox, unused, notices))
    waiting.body(inbox.waiting, unused, NOTHING)
    answers = waiting.letter(h.OPTIONS)
    waiting.validate(h.ANSWER, f"=INDIRECT(${answers}{HEADER_ROW})", "请从下拉列表中选一项。")
    done = _Page(book, formats, DONE, _DONE_FIELDS, columns)
    done.head(_ADVICE_DONE, f"最近处理的{len(inbox.done)}项，新的在前。" if inbox.done else "")
    done.body(inbox.done, unused, NOTHING_DONE)
    done.validate(h.UNDO, [h.UNDO], "要撤销就选“撤销”，不撤销就空着。")
    _write_options(book, inbox.waiting)
    write_stamp(book, stamp)
    waiting.sheet.activate()
    book.close()


def _notice(inbox: Inbox, unused: Mapping[str, Unused], notices: Sequence[str]) -> str:
    """Returns the second line: how much waits, and what of the last save was not used."""
    parts = [f"共{len(inbox.waiting)}项待处理。" if inbox.waiting else "", *notices]
    if left := sum(line.id in unused for line in (*inbox.waiting, *inbox.done)):
        parts.append(f"有{left}项填的没有采用，原因见红字“{h.HINT}”。")
    return "　".join(filter(None, parts))


class _Page:
    """One sheet being written: advice, notice, header, rows. Rows and columns are 1-based but in calls of XlsxWriter."""

    def __init__(
        self, book: xlsxwriter.Workbook, formats: Formats, name: str, fields: Sequence[_Field], columns: Sequence[str]
    ) -> None:
        self.sheet: Worksheet = book.add_worksheet(name, worksheet_class=GrowingSheet)
        self.sheet.fixed_rows = HEADER_ROW
        self._formats = formats
        self._fields = (*fields, *(_Field(column, _OWN_WIDTH, "yours", printed=False) for column in columns))
        self._own = len(fields)
        self._printed = max(at for at, one in enumerate(self._fields, 1) if one.printed)
        self._last_row = HEADER_ROW
        for at, one in enumerate(self._fields):
            self.sheet.set_column(at, at, one.width, None, {"hidden": one.hidden})
        self.sheet.hide_gridlines(2)
        self.sheet.set_zoom(85)
        page(self.sheet, paper="A4", landscape=True, header_rows=HEADER_ROW, left=f"待我处理　{name}")

    def letter(self, name: str) -> str:
        """Returns the letters of one of our columns."""
        return column_letter(self._at(name))

    def _at(self, name: str) -> int:
        return next(at for at, one in enumerate(self._fields, 1) if one.name == name)

    def head(self, advice: str, notice: str) -> None:
        """Writes what to do, what is new, and the header."""
        self._across(0, advice, font_name=HEADER_FONT)
        self._across(1, notice, font_color=_HINT_FONT if "没有" in notice else "595959")
        for at, one in enumerate(self._fields):
            fill = "FFE699" if one.look == "yours" else HEADER_FILL
            self.sheet.write_string(HEADER_ROW - 1, at, clean(one.name), self._formats(**HEADER, bg_color=fill))
        self.sheet.set_row(HEADER_ROW - 1, 30)
        self.sheet.freeze_panes(HEADER_ROW, self._at(h.UNIT))

    def _across(self, row: int, text: str, **looks: Any) -> None:
        """Writes one text over the printed columns, as tall as it needs."""
        style = self._formats(**{**FILL_IN, "text_wrap": True, **looks})
        width = sum(one.width for one in self._fields[: self._printed])
        self.sheet.merge_range(row, 0, row, self._printed - 1, "", style)
        write_value(self.sheet, row, 0, text or None, style, formats=self._formats)
        self.sheet.set_row(row, row_height([(text, width)], _POINTS, _TITLES_HEIGHT if row == 0 else 24))

    def body(self, lines: Sequence[InboxLine], unused: Mapping[str, Unused], nothing: str) -> None:
        """Writes the rows, or that there are none; then filter and print area."""
        for row, line in enumerate(lines, HEADER_ROW + 1):
            self._line(row, line, unused.get(line.id))
        self._last_row = HEADER_ROW + max(len(lines), 1)
        if not lines:
            style = self._formats(**FILL_IN, font_color="375623", indent=1)
            self.sheet.write_string(HEADER_ROW, 1, nothing, self._formats.like(style, font_size=14))
            self.sheet.set_row(HEADER_ROW, 48)
        else:
            self.sheet.autofilter(HEADER_ROW - 1, 0, self._last_row - 1, len(self._fields) - 1)
        self.sheet.print_area(0, 0, self._last_row - 1, self._printed - 1)

    def _line(self, row: int, line: InboxLine, unused: Unused | None) -> None:
        cells = _cells(line, unused)
        extra = dict(line.extra)
        values = [cells.get(one.name) if at < self._own else extra.get(one.name) for at, one in enumerate(self._fields)]
        shown = [(show(v), one.width - _SPARE) for v, one in zip(values, self._fields, strict=True) if not one.hidden]
        height = row_height(shown, _POINTS, _LEAST_POINTS)
        for at, (value, one) in enumerate(zip(values, self._fields, strict=True)):
            style = self._style(one, cut=height == TALLEST)
            write_value(self.sheet, row - 1, at, value, style, formats=self._formats)
        self.sheet.set_row(row - 1, height)

    def _style(self, one: _Field, *, cut: bool) -> Any:
        """Returns the format of a cell; in a row too tall to be shown whole the texts begin at the top (``cut``)."""
        props = {**DATA, "valign": "top"} if cut else {**DATA}
        match one.look:
            case "yours":
                return self._formats(**props, bg_color=_YOURS_FILL)
            case "hint":
                return self._formats(**props, font_color=_HINT_FONT)
            case "moment":
                return self._formats(**props, align="center", num_format="yyyy-mm-dd hh:mm")
            case "centre" if one.name == h.ID:
                return self._formats(**props, align="center", bg_color=GREY_FILL)
            case "centre":
                return self._formats(**props, align="center")
            case _:
                return self._formats(**props)

    def validate(self, name: str, choices: str | list[str], prompt: str) -> None:
        """Offers choices from the header row down: so the dropdown survives sorting and deleting the first row."""
        at = self._at(name) - 1
        rule = {
            "validate": "list",
            "value": choices,
            "input_title": name,
            "input_message": prompt,
            "error_type": "warning",
            "error_title": "请核对",
            "error_message": "这里只认下拉列表里的几种说法。别的话请写在“备注”里。",
        }
        self.sheet.data_validation(HEADER_ROW - 1, at, room_ends(self._last_row - HEADER_ROW) - 1, at, rule)


def room_ends(count: int) -> int:
    """Returns the last row that offers answers, in an edition of so many matters: there is room for new ones below them."""
    return HEADER_ROW + max(count, 1) + _ROOM_BELOW


def _cells(line: InboxLine, unused: Unused | None) -> dict[str, Scalar]:
    texts: dict[str, Scalar] = {
        h.ID: line.id,
        h.KIND: line.label,
        h.UNIT: line.unit,
        h.SHEET: line.sheet,
        h.ROW: line.row,
        h.COLUMN: line.column,
        h.TEXT: line.text,
        h.BASE: line.base,
        h.CURRENT: line.current,
        h.INCOMING: line.incoming,
        h.NOTE: line.note,
        h.HINT: unused.hint if unused else "",
        h.ANSWER: unused.answer if unused else "",
        h.WHO: line.who,
        h.SAVED_AT: _moment(line.saved_at),
        h.FILE: line.file,
        h.PLACE: line.place,
        h.RESULT: line.result,
        h.RULED_AT: _moment(line.ruled_at),
        h.RULED_BY: line.ruled_by,
        h.OPTIONS: list_name(line),
        h.CHECK: line.check,
    }
    return {name: text or None for name, text in texts.items()} | {h.VALUE: unused.value if unused else None}


def _moment(iso: str) -> Scalar:
    try:
        return datetime.fromisoformat(iso) if iso else None
    except ValueError:
        return iso


def list_name(line: InboxLine) -> str:
    """Returns the defined name of what may be answered to a line; ``""`` where nothing may. One with offers has a list of its own."""
    if line.offers:
        return f"opt_of_{line.id.replace('-', '_')}"
    return f"opt_{line.kind}" if CHOICES.get(line.kind) else ""


def _write_options(book: xlsxwriter.Workbook, waiting: Sequence[InboxLine]) -> None:
    """Writes what may be answered, one kind a column, below its name; a line with offers of its own has another one."""
    sheet = book.add_worksheet(OPTIONS_SHEET)
    sheet.hide()
    lists: dict[str, Sequence[str]] = {f"opt_{kind}": tuple(words) for kind, words in CHOICES.items() if words}
    lists |= {list_name(line): (*line.offers, *CHOICES.get(line.kind, {})) for line in waiting if line.offers}
    for at, (name, words) in enumerate(lists.items()):
        letter = column_letter(at + 1)
        sheet.write_string(0, at, name)
        for row, word in enumerate(words, start=1):
            sheet.write_string(row, at, word)
        book.define_name(name, f"='{OPTIONS_SHEET}'!${letter}$2:${letter}${len(words) + 1}")
