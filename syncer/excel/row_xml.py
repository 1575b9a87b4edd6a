"""Rows of a worksheet as XML in which the row numbers are open: rendered once, put at any place for little.

A template holds three signs that no XML can: `NUMBER` where a row's number goes, `END` behind every row, and `GAP` in each
row that has no cell in the table's last column, which is shown only if some row of the sheet needs it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from xlsxwriter.utility import _datetime_to_excel_datetime

from syncer.core.texts import CELL_LIMIT, cell_text
from syncer.core.values import Scalar, column_letter, show
from syncer.excel.master_rows import Cell, Line
from syncer.excel.part_xml import escapes_kept
from syncer.excel.writing import EXACT_DIGITS, is_live

NUMBER, END, GAP = "\x00", "\x01", "\x02"
_NUMBER, _END, _GAP = NUMBER.encode(), END.encode(), GAP.encode()
_BLANK = Cell()


@dataclass(frozen=True, slots=True)
class Style:
    """The style ids (``s``) of one look: as it is, marked as text, and for what needs a number format of its own."""

    plain: int
    quoted: int
    day: int
    moment: int
    clock: int
    span: int


Styles = dict[tuple[str, bool, bool], Style]
"""By look, whether the value is doubtful, and whether the row stands back."""


def template_of(lines: Iterable[Line], columns: int, styles: Styles, *, optional: bool = False) -> bytes:
    """Returns rows as a template; each has ``columns`` cells.

    With ``optional`` the last column is filled only where a line has a cell for it.
    """
    opened = [f'<c r="{column_letter(at)}{NUMBER}" s="' for at in range(1, columns + 1)]
    filled = columns - 1 if optional else columns
    rows: list[str] = []
    for line in lines:
        level = f' outlineLevel="{line.level}"' if line.level else ""
        rows.append(f'<row r="{NUMBER}" ht="{line.height:g}"{level}>')
        back = line.level > 0
        cells = line.cells if len(line.cells) >= filled else (*line.cells, *[_BLANK] * (filled - len(line.cells)))
        rows += [
            head + _rest(cell.value, styles[cell.look, cell.doubtful, back])
            for head, cell in zip(opened, cells, strict=False)
        ]
        rows.append(f"</row>{END}" if len(cells) >= columns else f"{GAP}</row>{END}")
    return "".join(rows).encode()


def place(template: bytes, first: int, gap: bytes = b"") -> bytes:
    """Returns the rows of a template as they stand from row ``first`` (1-based) on; ``gap`` is a cell as by `gap_cell`."""
    rows = template.replace(_GAP, gap).split(_END)
    return b"".join([row.replace(_NUMBER, b"%d" % at) for at, row in enumerate(rows, first)])


def gap_cell(column: int, styles: Styles) -> bytes:
    """Returns a blank cell of the last column (1-based), where a sheet shows it and a row has nothing there."""
    plain = styles[_BLANK.look, False, False].plain
    return f'<c r="{column_letter(column)}{NUMBER}" s="{plain}"/>'.encode()


def _rest(value: Scalar, style: Style) -> str:
    """A cell's XML behind its reference, so that it reads back as the same value (`syncer.excel.writing.write_value`)."""
    kind = type(value)
    if kind is str:
        return _text(value, style)  # type: ignore[arg-type]
    if value is None:
        return f'{style.plain}"/>'
    if kind is float or kind is int:
        if math.isfinite(value) and (kind is float or abs(value) < EXACT_DIGITS):  # type: ignore[arg-type]
            return f'{style.plain}"><v>{value:.16G}</v></c>'
        return _plain_text(str(value), style.plain)
    return _rare(value, style)


def _rare(value: Scalar, style: Style) -> str:
    match value:
        case bool():
            return f'{style.plain}" t="b"><v>{int(value)}</v></c>'
        case datetime() if value.year >= 1900:
            own = style.moment if value.time() != time.min else style.day
            return f'{own}"><v>{_serial(value)}</v></c>'
        case date() if value.year >= 1900:
            return f'{style.day}"><v>{_serial(value)}</v></c>'
        case time():
            return f'{style.clock}"><v>{_serial(value)}</v></c>'
        case timedelta() if value >= timedelta():
            return f'{style.span}"><v>{_serial(value)}</v></c>'
        case _:
            return _plain_text(show(value), style.plain)


@lru_cache(4096)
def _serial(value: date | time | timedelta) -> str:
    """Returns a date or time as Excel counts it."""
    return f"{_datetime_to_excel_datetime(value, False, True):.16G}"


def _text(text: str, style: Style) -> str:
    return _plain_text(text, style.quoted if is_live(text) else style.plain)


_ODD = re.compile(r"[&<>]|_x")


def _plain_text(text: str, style: int) -> str:
    if not text.isprintable() or len(text) > CELL_LIMIT // 2:
        text = cell_text(text)
    if not text:
        return f'{style}"/>'
    if _ODD.search(text):
        text = escapes_kept(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    return f'{style}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def row_count(template: bytes) -> int:
    """Returns how many rows a template holds."""
    return template.count(_END)
