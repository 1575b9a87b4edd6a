"""Rows of a worksheet as XML in which the row numbers are open: rendered once, put at any place for little.

A template holds three signs that no XML can: `NUMBER` where a row's number goes, `END` behind every row, and `GAP` in each
row that has no cell in the table's last column, which is shown only if some row of the sheet needs it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from syncer.core.texts import CELL_LIMIT, cell_text
from syncer.core.values import CellError, Scalar, column_letter, show
from syncer.excel.master_rows import TEXT, Line
from syncer.excel.writing import EXACT_DIGITS, is_live

NUMBER, END, GAP = "\x00", "\x01", "\x02"
_NUMBER, _END, _GAP = NUMBER.encode(), END.encode(), GAP.encode()


@dataclass(frozen=True, slots=True)
class Style:
    """The style ids (``s``) of one look: as it is, marked as text, and for what needs a number format of its own."""

    plain: str
    quoted: str
    day: str
    moment: str
    clock: str
    span: str


Styles = dict[tuple[str, bool, bool], Style]
"""By look, whether the value is doubtful, and whether the row stands back."""


def template_of(lines: Iterable[Line], columns: int, styles: Styles, *, optional: bool = False) -> bytes:
    """Returns rows as a template; each has ``columns`` cells.

    With ``optional`` the last column is filled only where a line has a cell for it.
    """
    heads = [f'<c r="{column_letter(at)}{NUMBER}" s="' for at in range(1, columns + 1)]
    by_look = {
        back: {look: style for (look, *flags), style in styles.items() if flags == [False, back]}
        for back in (False, True)
    }
    filled = columns - 1 if optional else columns
    rows, rests = [], _RESTS
    for line in lines:
        level = f' outlineLevel="{line.level}"' if line.level else ""
        fixed = ' customHeight="1"' if line.fixed else ""
        rows.append(f'<row r="{NUMBER}" ht="{_in_pixels(line.height):g}"{fixed}{level}>')
        values, looks = line.values, line.looks
        if lacking := max(0, filled - len(values)):
            values, looks = (*values, *[None] * lacking), (*looks, *[TEXT] * lacking)
        of = by_look[line.level > 0]
        cells = [h + rests[type(v)](v, of[look]) for h, v, look in zip(heads, values, looks, strict=False)]
        for at in line.doubtful:
            cells[at] = heads[at] + _rest(values[at], styles[looks[at], True, line.level > 0])
        rows += cells
        rows.append(f"</row>{END}" if len(values) >= columns else f"{GAP}</row>{END}")
    return "".join(rows).encode()


def _in_pixels(points: float) -> float:
    """Returns a height as programs show it: in whole pixels of 0.75 points."""
    return int(points * 4 / 3) * 0.75


def place(template: bytes, first: int, gap: bytes = b"") -> bytes:
    """Returns the rows of a template as they stand from row ``first`` (1-based) on; ``gap`` is a cell as by `gap_cell`."""
    rows = template.replace(_GAP, gap).split(_END)
    return b"".join([row.replace(_NUMBER, b"%d" % at) for at, row in enumerate(rows, first)])


def gap_cell(column: int, styles: Styles) -> bytes:
    """Returns a blank cell of the last column (1-based), where a sheet shows it and a row has nothing there."""
    plain = styles[TEXT, False, False].plain
    return f'<c r="{column_letter(column)}{NUMBER}" s="{plain}"/>'.encode()


def _rest(value: Scalar, style: Style) -> str:
    """A cell's XML behind its reference, so that it reads back as the same value (`syncer.excel.writing.write_value`)."""
    return _RESTS[type(value)](value, style)


def _blank(_: None, style: Style) -> str:
    return f'{style.plain}"/>'


def _truth(value: bool, style: Style) -> str:
    return f'{style.plain}" t="b"><v>{int(value)}</v></c>'


def _whole(value: int, style: Style) -> str:
    if -EXACT_DIGITS < value < EXACT_DIGITS:
        return f'{style.plain}"><v>{value}</v></c>'
    return _words(str(value), style)


def _number(value: float, style: Style) -> str:
    if math.isfinite(value):
        return f'{style.plain}"><v>{value:.16G}</v></c>'
    return _words(str(value), style)


def _day(value: date, style: Style) -> str:
    if value.year >= 1900:
        return f'{style.day}"><v>{_serial(value)}</v></c>'
    return _words(show(value), style)


def _moment(value: datetime, style: Style) -> str:
    if value.year >= 1900:
        own = style.moment if value.time() != time.min else style.day
        return f'{own}"><v>{_serial(value)}</v></c>'
    return _words(show(value), style)


def _clock(value: time, style: Style) -> str:
    return f'{style.clock}"><v>{_serial(value)}</v></c>'


def _span(value: timedelta, style: Style) -> str:
    if value >= timedelta():
        return f'{style.span}"><v>{_serial(value)}</v></c>'
    return _words(show(value), style)


def _error(value: CellError, style: Style) -> str:
    return _words(value.text, style)


_BEFORE_1900 = date(1899, 12, 31).toordinal()


@lru_cache(4096)
def _serial(value: date | time | timedelta) -> str:
    """Returns a date or time as Excel counts it: in days, from the last one before 1900 on."""
    if isinstance(value, timedelta):
        return f"{value / timedelta(days=1):.16G}"
    clock = value if isinstance(value, time) else value.time() if isinstance(value, datetime) else time.min
    part = timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)
    days = 0 if isinstance(value, time) else value.toordinal() - _BEFORE_1900
    days += days > 59  # Excel knows a 29 February 1900
    return f"{days + part / timedelta(days=1):.16G}"


def _text(text: str, style: Style) -> str:
    """A text's. Nearly all are plain: what is looked for first is whatever could make one anything else."""
    if not text.isprintable() or len(text) > _SURELY_SHORT or text[:1] in _SUSPECT or text[-1] == " " or "_x" in text:
        return _words(text, style, marked=is_live(text))
    if "&" in text or "<" in text or ">" in text:
        text = _escaped(text)
    return f'{style.plain}" t="inlineStr"><is><t>{text}</t></is></c>'


_SURELY_SHORT = CELL_LIMIT // 2
_SUSPECT = frozenset(["", *" =+-@＝＋－＠'"])
"""How a text begins that is empty, keeps its outer space, or may be live (`is_live`)."""
_INSIDE_ESCAPES = re.compile(r"(?<=_)(?=x[0-9A-Fa-f]{4}_)")


def _words(text: str, style: Style, *, marked: bool = False) -> str:
    own, held = style.quoted if marked else style.plain, cell_text(text)
    if not held:
        return f'{own}"/>'
    # What looks like an escape (_x0041_) is broken in two: not all programs know escapes in a text that stands in its cell.
    runs = [_run(part) for part in _INSIDE_ESCAPES.split(held)]
    inside = runs[0] if len(runs) == 1 else "".join(f"<r>{run}</r>" for run in runs)
    return f'{own}" t="inlineStr"><is>{inside}</is></c>'


def _run(text: str) -> str:
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f"<t{space}>{_escaped(text)}</t>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


_RESTS: Mapping[type, Callable[[Any, Style], str]] = {
    type(None): _blank,
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
    date: _day,
    datetime: _moment,
    time: _clock,
    timedelta: _span,
    CellError: _error,
}


def row_count(template: bytes) -> int:
    """Returns how many rows a template holds."""
    return template.count(_END)
