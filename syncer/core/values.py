"""What a cell can hold, and how to compare, fold and show it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache

from syncer.core.texts import storable


@dataclass(frozen=True, slots=True)
class CellError:
    """What stands in a cell in a value's place: an error value as the workbook shows it (``#REF!``), or one of those below."""

    text: str

    @property
    def is_excels(self) -> bool:
        """Whether it is an error value that a cell of a workbook can hold, and not a word of ours for something else."""
        return bool(_EXCEL_ERROR.fullmatch(self.text))


_EXCEL_ERROR = re.compile(r"#[A-Z][A-Z0-9_/]*[!?]?")

PICTURE = CellError("〔图片〕")
"""A picture put into the cell itself (WPS ``DISPIMG``, Excel's picture in a cell)."""

UNCOMPUTED = CellError("〔公式没有结果〕")
"""A formula that no program has computed yet: the file holds no result."""


Scalar = None | bool | int | float | str | date | datetime | time | timedelta | CellError
"""One cell's content. ``None`` is blank; ``""`` never occurs (the reader turns it into ``None``)."""

_SPACES = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u00ad]+")
_UNSEEN = re.compile(r"[\u200b\u200c\u200d\ufeff\u00ad]")
_SHORT = 32  # signs; of longer texts hardly two are alike
_WIDE_SPACES = re.compile(r"[\u3000\u00a0]")


def fold(text: str) -> str:
    r"""Returns ``text`` as it is compared: NFKC, no white space, zero-width or control signs, lower case.

    ``fold("Ａ４ 纸　张\n")`` → ``"a4纸张"``.
    """
    return _folded_before(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    bare = _SPACES.sub("", unicodedata.normalize("NFKC", storable(text))).lower()
    return unicodedata.normalize("NFKC", bare)  # a sign may meet its accent only once the space between is gone


_folded_before = lru_cache(1 << 13)(_folded)  # names, choices and days come again and again


def tidy(text: str) -> str:
    """Returns ``text`` as it is shown: NFC, outer white space, zero-width and control signs gone, inner line breaks kept."""
    return _tidied_before(text) if len(text) <= _SHORT else _tidied(text)


def _tidied(text: str) -> str:
    cleaned = storable(text) if text.isascii() else _WIDE_SPACES.sub(" ", _UNSEEN.sub("", storable(text)))
    return unicodedata.normalize("NFC", cleaned).strip()


_tidied_before = lru_cache(1 << 13)(_tidied)


def same(one: Scalar, other: Scalar) -> bool:
    """Tells whether two cells hold the same value of the same type (``1`` is ``1.0``, but never ``True``)."""
    if isinstance(one, bool) or isinstance(other, bool):
        return type(one) is type(other) and one == other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other
    return type(one) is type(other) and one == other


def show(value: Scalar) -> str:
    """Returns a cell's content as a person would write it; blank is ``""``."""
    if value.__class__ is str:  # most are
        return value
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.10g}"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}" if value.time() != time.min else f"{value:%Y-%m-%d}"
        case date():
            return f"{value:%Y-%m-%d}"
        case time():
            return f"{value:%H:%M}"
        case timedelta():
            return f"{value.total_seconds() / 3600:.10g}小时"
        case CellError(text):
            return text
        case _:
            return str(value)


def column_letter(index: int) -> str:
    """Returns the letters of a 1-based column index: ``28`` → ``"AB"``."""
    letters = ""
    while index > 0:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@cache
def column_index(letters: str) -> int:
    """Returns the 1-based index of a column's letters: ``"AB"`` → ``28``."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index
