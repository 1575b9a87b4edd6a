"""Cells as Excel holds them: numbers (a date is one), texts, truths, blanks; and how each is handed over so that it stays what it is."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta

Plain = None | bool | float | str
"""A cell's content. A date is its day number: how it is shown is its number format's business."""

_EPOCH = datetime(1899, 12, 30)
_DAY = timedelta(days=1)


def plain(value: object) -> Plain:
    """Returns what xlwings read from a cell: ``datetime(2026, 3, 5)`` → ``46086.0``."""
    match value:
        case None | "":
            return None
        case bool() | str():
            return value
        case datetime():
            return (value.replace(tzinfo=None) - _EPOCH) / _DAY
        case date():
            return (datetime.combine(value, time()) - _EPOCH) / _DAY
        case time():
            return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second) / _DAY
        case int() | float():
            return float(value)
        case _:
            return str(value)


def alike(one: Plain, other: Plain) -> bool:
    """Tells whether two cells hold the same. Moments come back from Excel rounded, line ends changed."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-10, abs_tol=1e-9)
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _lines(one) == _lines(other)
    return type(one) is type(other) and one == other


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def handed(value: Plain) -> Plain:
    """Returns what to assign to a cell so that it holds this.

    Excel reads an assigned text as if it were typed: ``=1+1`` becomes a formula, ``01`` a number, ``3-5`` a date. A leading
    apostrophe keeps any text what it is, and Excel does not count it as a part of the text.
    """
    return f"'{value}" if isinstance(value, str) else value
