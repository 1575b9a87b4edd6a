"""Days as people write them: in every order of figures and signs, with weekday and time of day, as serial numbers."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from syncer.core.reading.numerals import in_digits
from syncer.core.reading.readings import NOTHING, How, Reading, asked, noted, plain, remembered, says_none
from syncer.core.values import Scalar, show

EXCEL_DAY_ZERO = date(1899, 12, 30)
YEARS = range(1990, 2101)  # in which a day may lie that somebody reports
_SERIALS = range(36_526, 73_416)  # 2000 to 2100
_LONGEST = 60  # signs; no day is longer

_SIGN = r"[-./。、,·\\]"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})(?P<end>)(?P<american>)",
        rf"(?P<y>\d{{4}}|\d\d(?=年))(?:年|{_SIGN})(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})(?P<end>[日号]?)",
        rf"(?P<y>\d{{4}}|\d\d)(?P<sign>{_SIGN}|\s)(?P<m>\d{{1,2}})(?P=sign)(?P<d>\d{{1,2}})(?P<end>[日号]?)",
        r"(?P<y>\d{4})年(?P<m>\d{1,2})[./。](?P<d>\d{1,2})(?P<end>[日号]?)",
        r"(?!(?:19|20)\d{4}(?!\d))(?P<y>\d{4}|\d\d)(?P<m>\d{2})(?P<d>\d{2})(?P<end>[日号]?)(?!\d)",
        r"(?P<m>\d{1,2})(?:月|[-./。])(?P<d>\d{1,2})(?P<end>[日号]?)",
    )
)
_MONTHS = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_ENGLISH = (
    re.compile(
        r"(?P<d>\d{1,2})[- ](?P<name>[a-z]{3})[a-z]*\.?[- ,]+(?P<y>\d{4}|\d\d)(?P<end>)", re.IGNORECASE | re.ASCII
    ),
    re.compile(r"(?P<name>[a-z]{3})[a-z]*\.? (?P<d>\d{1,2}),? +(?P<y>\d{4})(?P<end>)", re.IGNORECASE | re.ASCII),
)

_CLOCK = r"(?:\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d+)?)?|[时点](?:半|整|\d{1,2}分?)?))"
_TIME = re.compile(
    r"[T\s]*(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|晚|全天)?"
    rf"(?:{_CLOCK}(?:[-~—–至到]+{_CLOCK})?)?(?:许|Z|开始)?"
)
_WEEKDAY = re.compile(r"\s*(?:\((?:周|星期|礼拜)?([1-7日天])\)|(?:周|星期|礼拜)([1-7日天]))")
_DONE = re.compile(r"(?:已经?)?(?:完成|办结|开展|举行|举办|召开|报送|成文|印发|当天|当日)?[。.,;；]?")
_AND = r"(?:[-~—–―至到、,;和及与&]|\s)+"
_OTHER_DAYS = re.compile(rf"(?:{_AND}(?:(?:\d{{4}}年|\d{{4}}{_SIGN})?\d{{1,2}}(?:月|{_SIGN}))?\d{{1,2}}[日号]?)+")
_LUNAR = re.compile("农历|阴历|正月|腊月|冬月|月初[一二三四五六七八九十]|月廿.?$")
_NO_DAY = re.compile(
    r"(?!\d{1,3}$)(?:\d{4}年?度?|今年|去年|本年|明年)?[-./]?(?:\d{1,2}月?份?)?(?:上旬|中旬|下旬|初|底|末|中)?前?"
    r"|.*(?:季度|半年|[年月][初中底末]|旬|[本上下]月|[今昨前明后][天日]|[本上下这]周|周[1-6日天末]|星期[1-6日天]|每|节|近期|近日|日前"
    r"|前后|左右|[以之]前|[以之]后|[日号\d]前|期间|农历|阴历|正月|腊月|冬月|月初\d|月2\d$|待定).*"
)


def parse_date(raw: Scalar, year: int, *, first_of_several: bool = False) -> Reading:
    """Reads one day as people write it; a day without a year takes the ledger's ``year``, with a note (CELL-009).

    A bare serial number between 2000 and 2100 (``46086``, a date typed into a General cell) is a date, with a note; so
    are years of two figures. ``first_of_several``: of 3月5日-7日 the first day is meant, and noted; else that is a
    question (CELL-026). CELL-002: no date; CELL-015: none, in words; CELL-025: the weekday beside it is another; CELL-027:
    no one day is named; CELL-028: there is no such day.
    """
    if isinstance(raw, date):  # a datetime is one too
        day = raw.date() if isinstance(raw, datetime) else raw
        if day.year not in YEARS:  # 11.12 typed into a date cell is 11 January 1900
            return asked(raw, "CELL-002")
        return Reading(day, How.NORMALISED if isinstance(raw, datetime) else How.AS_TYPED)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return _from_number(raw, year)
    if isinstance(raw, str):
        return _from_text(raw, year, first_of_several=first_of_several)
    return asked(raw, "CELL-002")


def _from_number(raw: float, year: int) -> Reading:
    if _SERIALS[0] <= raw < _SERIALS[-1] + 1:
        return noted(EXCEL_DAY_ZERO + timedelta(days=int(raw)))
    written = show(raw)
    if isinstance(raw, float) and written[-2:] in {".1", ".2", ".3"}:
        return asked(raw, "CELL-002")  # 3.10 typed as a number has become 3.1
    reading = _from_text(written, year, first_of_several=False)
    return reading if reading.settled else asked(raw, reading.code, **dict(reading.facts))


@remembered
def _from_text(raw: str, year: int, *, first_of_several: bool) -> Reading:
    if says_none(raw):
        return NOTHING
    typed = plain(raw) if len(raw) <= _LONGEST else None
    for form in _ENGLISH if typed and re.search("[a-zA-Z]{3}", typed) else ():
        if found := form.fullmatch(typed or ""):
            return _named_day(raw, found, "", year, first_of_several=False)
    digits = in_digits(re.sub(r"^(?:已于|于|在|公元)(?=\S)|^'", "", typed)) if typed else None
    if digits is None:
        return asked(raw, "CELL-002")
    text = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", digits)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text, re.ASCII) and int(text[:5]) in _SERIALS:
        return noted(EXCEL_DAY_ZERO + timedelta(days=int(text[:5])))
    if not _LUNAR.search(typed or ""):
        for form in _FORMS:
            if found := form.match(text):
                return _named_day(raw, found, text[found.end() :], year, first_of_several=first_of_several)
    return asked(raw, "CELL-027" if _NO_DAY.fullmatch(text) else "CELL-002")


def _named_day(raw: str, found: re.Match[str], rest: str, year: int, *, first_of_several: bool) -> Reading:
    """A day once its figures are found; ``rest`` is what stands behind them: weekday, time of day, other days."""
    if rest[:1].isdigit() and not found["end"]:
        return asked(raw, "CELL-002")
    day = _day(found, year)
    if isinstance(day, str):
        return asked(raw, day)
    weekday = ""
    for _ in range(2):  # the weekday may stand before or behind the time
        if beside := _WEEKDAY.match(rest):
            weekday, rest = beside[1] or beside[2], rest[beside.end() :]
        if clock := _TIME.match(rest):
            rest = rest[clock.end() :]
    if weekday and day.isoweekday() != int(weekday.translate(str.maketrans("日天", "77"))):
        return asked(raw, "CELL-025", day=show(day), weekday=f"星期{'一二三四五六日'[day.weekday()]}")
    if _OTHER_DAYS.fullmatch(rest):
        return noted(day) if first_of_several else asked(raw, "CELL-026")
    if not _DONE.fullmatch(rest):
        return asked(raw, "CELL-027" if _NO_DAY.fullmatch(found[0] + rest) else "CELL-002")
    exact = len(found.groupdict().get("y") or "") == 4 and not found.groupdict().get("name") and len(rest) < 2
    return Reading(day, How.NORMALISED) if exact and "american" not in found.groupdict() else noted(day)


def _day(found: re.Match[str], year: int) -> date | str:
    """Returns the day of a form's figures, or the code of what is wrong with them."""
    parts = found.groupdict()
    month, day = int(parts.get("m") or _MONTHS.get(str(parts.get("name")).lower(), 0)), int(parts["d"])
    if "american" in parts:  # 5/3/2026 may be either
        if month <= 12 and day <= 12 and month != day:
            return "CELL-002"
        month, day = (day, month) if month > 12 else (month, day)
    stated = int(parts.get("y") or year)
    if len(parts.get("y") or "") == 2:
        stated += 2000
        if stated not in range(year - 10, year + 2):
            return "CELL-002"
    if stated not in YEARS or not stated > 0:
        return "CELL-002"
    try:
        return date(stated, month, day)
    except ValueError:
        return "CELL-028"
