"""How tall a row must be so that no wrapped text in it is cut: neither XlsxWriter nor LibreOffice fits rows by itself.

Two measures, for two kinds of sheet: `row_height` counts the whole Chinese signs that fit a column in one font and size (the
sheets people fill in or print by themselves); `table_height` leaves a seventh of every column unused, for the master's many
narrow columns of 12 point text.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from syncer.core.values import Scalar

TALLEST = 409.0  # points; Excel's own limit
LINE_SIZES = 1.4
"""Height of a line of text, in sizes of its font."""
LINE_POINTS, PADDING_POINTS = 17.0, 6.0  # of 12 point text in a table
_NARROWER = 0.86  # of the nominal width is what text surely gets: fonts are replaced, and 、。 never begin a line


def row_height(texts: Iterable[tuple[str, float]], size: float, least: float) -> float:
    """Returns the height in points that wrapped texts need, each in a column of the given width; at most Excel's 409."""
    lines = max((line_count(text, width, size) for text, width in texts), default=1)
    return min(max(least, round(lines * size * LINE_SIZES + 4, 2)), TALLEST)


def line_count(text: str, width: float, size: float) -> int:
    """Returns how many lines a wrapped text takes in a column ``width`` character units wide, set in ``size`` points.

    A character unit is half a Chinese sign of 12 points. Rather one line too many than one too few.
    """
    room = max(int((width - 1) * 12 / size), 2)
    return sum(-(-max(text_width(line), 1) // (room - room % 2)) for line in text.split("\n"))


def text_width(text: str) -> int:
    """Returns how many characters wide a text is; a Chinese sign counts as two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def table_height(values: Sequence[Scalar], widths: Sequence[float], points: float = LINE_POINTS) -> float:
    """Returns the row height, in points, in which no wrapped text is cut (XlsxWriter and LibreOffice do not fit it).

    Chinese signs count two. No row is taller than Excel allows.
    """
    lines = 1
    for value, width in zip(values, widths, strict=False):
        # A sign is two wide at most: most texts surely fit into the lines that there are, and need not be measured.
        if isinstance(value, str) and (2 * len(value) > lines * width * _NARROWER or "\n" in value):
            lines = max(lines, lines_of(value, width))
    return min(TALLEST, max(24.0, lines * points + PADDING_POINTS))


def lines_of(text: str, width: float) -> int:
    """Returns how many lines a text takes in a column ``width`` characters wide."""
    room = max(2.0, width * _NARROWER)
    if "\n" not in text:
        return max(1, math.ceil(text_units(text) / room))
    return sum(max(1, math.ceil(text_units(part) / room)) for part in text.split("\n"))


def text_units(text: str) -> int:
    """Returns the width of a text in half-width signs: ``"ab中"`` → 4. GBK takes as many bytes."""
    return len(text.encode("gbk", "replace"))
