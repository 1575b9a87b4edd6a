"""Numbers as people write them: full-width, with measure words, hedges, 万, in Chinese; and shares in points."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal

from syncer.core.reading.measures import WORDS, fits, is_time, length_of_time, unit_at
from syncer.core.reading.numerals import in_digits
from syncer.core.reading.readings import NOTHING, How, Reading, asked, noted, plain, remembered, says_none
from syncer.core.values import Scalar, show

MOST_DIGITS = 15  # Excel keeps no more digits of a number
SHARE_MOST = 1.5  # a number up to this is a share as Excel keeps it (0.95 for 95%), a larger one points
_LONGEST = 200  # signs; what is longer is a report, no number
_POINTS = re.compile(r"\d{1,3}(?:\.\d{1,10})?[%％]", re.ASCII)
_SIMPLE = re.compile(r"-?\d{1,15}(?:\.\d{1,10})?", re.ASCII)
_THOUSANDS = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])", re.ASCII)
_FIGURES = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_HEDGES = (
    "大约|大概|约为|约|将近|接近|近|已超过|超过|超|已逾|逾|不少于|不低于|至少|最少|不超过|最多|不足|不到|已达到?|达到?|已完成|完成|共计|总计|合计|累计|一共|共有|共|总共|计|有"
    "|[≥≤≈><~]=?"
)
_NUMBER = re.compile(
    rf"(?P<before>(?:{_HEDGES}){{0,3}})(?:¥|￥|人民币|rmb)?(?P<sign>[-−﹣]|负)?(?P<figure>\d+(?:\.\d+)?|\.\d+)(?P<power>e[+-]?\d{{1,2}})?"
    r"(?P<more>余|多|来|\+)?(?P<rest>.*)",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_SCALE = re.compile(r"(?P<scale>[百千万亿wk])(?P<more>余|多|\+)?(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_POWERS = {"百": 2, "千": 3, "k": 3, "万": 4, "w": 4, "亿": 8}
_NO_SCALE = ("km", "kg", "千米", "千克")
_TAIL = re.compile(
    rf"(?:\((?P<unit>{'|'.join(WORDS)})\))?(?P<hedge>余|多|整|左右|上下|以上|以内|以下|不等|\+)?(?P<remark>\([^()]*\))?[。.,;；、！!]*"
)
_HALF = (
    (re.compile(r"(?<![\d个])半(?=个?(?:小时|钟头|课时|学时))"), "0.5"),
    (re.compile(r"(\d+)个半(?=(?:小时|钟头|课时|学时))"), r"\1.5"),
)


def parse_number(raw: Scalar, measure: str = "") -> Reading:
    """Reads a number as people write it: ``"１２次"`` → 12, ``"1500余份"`` → 1500 with a note, ``"1-2次"`` → a question.

    ``measure`` is the column's 计量单位: a number in another one is a question (CELL-014), a length of time is turned
    into it (``"90分钟"`` in hours → 1.5). 无 and dashes are no number and noted (CELL-015). CELL-016: more than 15 digits.
    CELL-019: Excel has made a date of it. Chinese numerals, hedges, 万 and what stands in brackets make a note.
    """
    if isinstance(raw, str):
        return _number_of(raw, measure)
    if isinstance(raw, bool) or raw is None:
        return asked(raw, "CELL-001")
    if isinstance(raw, (int, float)):
        return Reading(raw) if abs(raw) < 10**MOST_DIGITS else asked(raw, "CELL-016")
    if isinstance(raw, timedelta):
        hours = raw.total_seconds() / 3600
        return noted(round(hours * 60 if measure == "分钟" else hours, 4), show(raw))
    return asked(raw, "CELL-019" if isinstance(raw, (date, time)) else "CELL-001")


@remembered
def _number_of(raw: str, measure: str) -> Reading:
    if _SIMPLE.fullmatch(raw):
        return Reading(_exact(raw), How.NORMALISED)
    if says_none(raw):
        return NOTHING
    typed = plain(raw) if len(raw) <= _LONGEST else None
    if typed is None:
        return asked(raw, "CELL-008")
    text, regrouped = _together(re.sub("个?百分点", "%", typed), raw)
    written = in_digits(text)
    for half, figure in _HALF if written and "半" in written else ():
        written = half.sub(figure, written or "")
    if written is None or not _FIGURES.search(written):
        return asked(raw, "CELL-008" if written is None else "CELL-001")
    found = _NUMBER.fullmatch(written)
    reading = _measured(raw, written, found, measure) if found else asked(raw, "CELL-008")
    if not reading.code and (regrouped or written != text):
        return noted(reading.value)
    return reading


def _together(text: str, raw: str) -> tuple[str, bool]:
    """Returns a text without thousands separators and spaces, and whether its grouping was another than Excel's own.

    A space or comma between figures that are no groups of three stays, and makes the number unclear.
    """
    grouped = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", ",", text)
    whole = _THOUSANDS.sub(lambda found: found[0].replace(",", ""), grouped)
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", whole), grouped != text or "，" in raw


def _measured(raw: str, text: str, found: re.Match[str], measure: str) -> Reading:
    """A number once its figures are found: times its 万, in its measure, with what stands around it."""
    if len(found["figure"].replace(".", "").lstrip("0")) > MOST_DIGITS:
        return asked(raw, "CELL-016")
    hedged = bool(found["before"] or found["more"])
    if is_time(measure) and (turned := _turned(text[found.end("before") :], measure, hedged=hedged)):
        return turned
    number = Decimal(f"{'-' if found['sign'] else ''}{found['figure']}{found['power'] or ''}")
    differs = hedged or bool(found["power"]) or found["sign"] == "负"
    rest = found["rest"]
    if rest == "万" and measure == "万元":
        differs, rest = True, measure
    if unit_at(rest, measure) not in {measure or None, *_NO_SCALE} and (scaled := _SCALE.fullmatch(rest)):
        number *= 10 ** _POWERS[scaled["scale"].lower()]
        differs, rest = True, scaled["rest"]
    unit = unit_at(rest, measure)
    tail = _TAIL.fullmatch(rest[len(unit) :])
    if tail is None or abs(number) >= 10**MOST_DIGITS:
        return asked(raw, "CELL-008")
    unit = unit or tail["unit"] or ""
    if not fits(unit, measure):
        return asked(raw, "CELL-014", unit=unit, measure=measure)
    value = _exact(f"{number:f}")
    other = bool(unit) and unit != measure and is_time(measure)
    differs = differs or other or bool(tail["hedge"] or tail["remark"])
    return noted(value) if differs else Reading(value, How.NORMALISED)


def _turned(text: str, measure: str, *, hedged: bool) -> Reading | None:
    """A length of time in the column's measure, noted where it was written in another; ``None`` for other texts."""
    bare = re.sub("(?:左右|以上|余|多)$", "", text)
    length = length_of_time(bare, measure)
    if length is None:
        return None
    value = int(length) if length.is_integer() else length
    if bare == text and not hedged and re.fullmatch(rf"[\d.]+个?{measure}", text):
        return Reading(value, How.NORMALISED)
    return noted(value, f"{show(value)}{measure}")


def _exact(figure: str) -> int | float:
    number = float(figure)
    return int(number) if number.is_integer() else number


_VAGUE_SHARE = re.compile(r"(?:已|约|近)*(?:过半|大半|近半|多半|大部分|小部分|绝大部分|半数以上|一半以上|基本完成)")
_TENTHS = re.compile(
    r"(?P<hedge>约|近|超|已|完成)*(?P<tens>10|\d)成(?:(?P<ones>\d)|(?P<half>半))?(?P<tail>左右|以上|多)?"
)
_PARTS = re.compile(r"(?P<whole>\d{1,3})分之(?P<part>\d{1,3}(?:\.\d+)?)")


def parse_percent(raw: Scalar) -> Reading:
    """Reads a share in points: 0.95 in the cell (Excel's 95%) is 95; a number above `SHARE_MOST` was typed in points already.

    ``"九成五"``, ``"百分之九十"`` and ``"三分之二"`` are read with a note, as is text without a percent sign; ``"过半"`` is a question.
    """
    if isinstance(raw, str):
        if _POINTS.fullmatch(raw):
            return Reading(_exact(raw[:-1]), How.NORMALISED)
        if worded := _worded_share(raw):
            return worded
    if isinstance(raw, (timedelta, date, time)):
        return asked(raw, "CELL-019" if isinstance(raw, (date, time)) else "CELL-001")
    reading = parse_number(raw, "%")
    if not reading.settled or not isinstance(reading.value, (int, float)):
        return reading
    with_sign = isinstance(raw, str) and re.search("[%％﹪]|百分点", raw) is not None
    points = reading.value if with_sign or reading.value > SHARE_MOST else round(reading.value * 100, 6)
    points = int(points) if float(points).is_integer() else points
    if abs(points) >= 10**MOST_DIGITS:
        return asked(raw, "CELL-016")
    if isinstance(raw, str) and (reading.code or not with_sign):
        return noted(points, f"{show(points)}%")
    return Reading(points, How.AS_TYPED if isinstance(raw, float) else How.NORMALISED)


def _worded_share(raw: str) -> Reading | None:
    """九成五, 百分之九十, 三分之二, 一半; ``None`` where a share is not put into words."""
    text = (plain(raw) or "") if len(raw) <= _LONGEST else ""
    if _VAGUE_SHARE.fullmatch(text):
        return asked(raw, "CELL-008")
    if re.fullmatch("一半|半数|完成一半|已完成一半", text):
        return noted(50, "50%")
    if text == "百分之百":
        return noted(100, "100%")
    if "成" not in text and "分之" not in text:
        return None
    written = in_digits(text.replace("百分之", "100分之")) or ""
    if tenths := _TENTHS.fullmatch(written):
        points = 10 * int(tenths["tens"]) + (5 if tenths["half"] else int(tenths["ones"] or 0))
        return noted(points, f"{points}%") if points <= 100 else asked(raw, "CELL-008")
    if parts := _PARTS.fullmatch(written):
        whole, part = int(parts["whole"]), float(parts["part"])
        if whole > 0 and part <= whole:
            share = round(100 * part / whole, 2)
            share = int(share) if share.is_integer() else share
            return noted(share, f"{show(share)}%")
    return None
