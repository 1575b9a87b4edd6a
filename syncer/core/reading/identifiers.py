"""Phone numbers and identifiers: text, even where they are all digits; what Excel does to them as numbers."""

from __future__ import annotations

import re
from datetime import date

from syncer.core.reading.quantities import MOST_DIGITS
from syncer.core.reading.readings import NOTHING, How, Reading, asked, noted, plain, says_none, taken
from syncer.core.values import Scalar, show, tidy

_BETWEEN = re.compile(r"[、,;/|\n]+|\s{2,}|或")
_PHONE = re.compile(r"(?:\+|00)?\d{5,15}(?:(?:转|分机:?|ext\.?|x|#|-)\d{1,6})?", re.IGNORECASE | re.ASCII)
_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d*", re.ASCII)
_POWER = re.compile(r"\d(?:\.\d+)?e\+?\d{1,2}", re.IGNORECASE | re.ASCII)
_CITIZEN = re.compile(r"\d{17}[\dXx]", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_SIGNS = "10X98765432"


def read_phone(raw: Scalar) -> Reading:
    """Reads one phone number or several: they stay as typed. CELL-010: it is none; CELL-016: digits are lost.

    A mobile number has eleven digits; a landline one typed as a number has lost its leading 0 (CELL-013).
    """
    typed = show(raw)
    if isinstance(raw, str) and says_none(raw):
        return NOTHING
    text = plain(typed) or ""
    if _POWER.fullmatch(text) or (isinstance(raw, float) and not raw.is_integer()):
        return asked(raw, "CELL-016")
    numbers = [
        re.sub(r"[\s().·]|(?<=\d)-(?=\d{3})|^tel:?|^电话:?", "", part) for part in _BETWEEN.split(text) if part.strip()
    ]
    if not numbers or not all(_is_phone(number) for number in numbers):
        return asked(typed if isinstance(raw, str) else raw, "CELL-010")
    if not isinstance(raw, str) and len(numbers[0]) in {10, 11} and numbers[0][0] != "1":
        return asked(raw, "CELL-013")
    return taken(tidy(typed), raw)


def _is_phone(number: str) -> bool:
    if _MOBILE.fullmatch(number) and len(number) > 8:
        return len(number.removeprefix("+").removeprefix("86")) == 11
    return _PHONE.fullmatch(number) is not None


def read_identifier(raw: Scalar, *, citizen: bool = False) -> Reading:
    """Reads a number that names something: text. CELL-013, CELL-016: as a number it has lost digits.

    ``citizen``: the column holds 身份证号; CELL-030 notes one that cannot be right by its length, birthday or check digit.
    """
    if isinstance(raw, str):
        if says_none(raw):
            return NOTHING
        text = tidy(raw)
        if _POWER.fullmatch(text):
            return asked(raw, "CELL-016")
        bare = re.sub(r"\s", "", plain(text) or text)
        if citizen and not is_citizen_number(bare):
            return Reading(text, How.NORMALISED, "CELL-030")
        return taken(text, raw)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and abs(raw) >= 10**MOST_DIGITS:
        return asked(show(raw), "CELL-016")
    if isinstance(raw, float):
        return asked(show(raw), "CELL-013")
    if isinstance(raw, date):
        return noted(show(raw))
    return taken(show(raw), raw)


def is_citizen_number(text: str) -> bool:
    """Tells whether 18 signs can be a 身份证号: a birthday that exists and the right check digit (GB 11643)."""
    if not _CITIZEN.fullmatch(text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    return _CHECK_SIGNS[total % 11] == text[-1].upper()
