"""What recurs: 每周五, 每月25日前, 每季度2次, 每两个月, 半年一次."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from syncer.core.calendar import Week
from syncer.core.deadlines.deadline import Deadline
from syncer.core.deadlines.spans import Context, Span, iso_weekday, month_end, month_part, recurrence, spread

_EVERY = re.compile(
    r"(?:每(?:[一1](?!\d))?个?(?:(?P<every>\d{1,2})个?)?|(?P<mark>[按逐各隔])个?|(?:(?P<several>[2-9])(?:个|(?=周|星期|礼拜))|1个?)?(?=[^\d]{1,3}\d{1,2}[次场期篇轮]))"
    r"(?P<unit>工作日|日|天|周|星期|礼拜|半个?月|旬|月|季度?|半年度?|年度?)(?P<rest>.*)"
)
_TIMES = re.compile(
    r"(.*?)(?:至少|不少于|不低于|不得少于|各|均|需|应|开展|组织|召开|举办|举行|进行|集中|学习|活动|更新|报送|上报|检查|安排|发布)*"
    r"(\d{1,2})(?:(至|到|-|~)\d{1,2})?(?:次|场|期|篇|轮|回|条)(?:及?以上|以内)?(?:[^\d、每前后至到]{0,8})"
)


def split_times(words: str) -> tuple[str, int, str]:
    """Returns a wording without its number of times, that number (1 if none), and a note where it was a range."""
    found = _TIMES.fullmatch(words)
    if found is None:
        return words, 1, ""
    return found[1], int(found[2]), f"“{words}”按至少{found[2]}次理解" if found[3] else ""


def recurring(words: str, context: Context, read: Callable[[str, Context], Deadline | None]) -> Deadline | None:
    """每周五, 每月25日前, 每季度末, 每季度2次, 每两个月, 半年一次: its due days in the ledger's year.

    ``read`` reads a whole wording: what stands after 每年 may be any (每年3月).
    """
    found = _EVERY.fullmatch(words)
    if found is None:
        return None
    every = 2 if found["mark"] == "隔" else int(found["every"] or found["several"] or 1)
    rest, times, note = split_times(found["rest"])
    unit = found["unit"].removesuffix("度")
    if words.startswith(("1季度", "1月")):
        note = note or f"“{words}”按每{unit}理解"
    if every == 0 or times == 0 or (times > 1 and rest):
        return None
    match unit:
        case "工作日" | "日" | "天":
            days = [date(context.year, 1, 1) + timedelta(n) for n in range(366)]
            worked = [day for day in days if day.year == context.year and context.workdays.is_workday(day)]
            spans = [Span(None, day) for day in worked[every - 1 :: every]] if not rest else None
        case "周" | "星期" | "礼拜":
            spans = _weekly(rest, times, every, context)
        case "旬" | "半月" | "半个月":
            ends = (10, 20, 0) if unit == "旬" else (15, 0)
            spans = [
                Span(None, date(context.year, month, end or monthrange(context.year, month)[1]))
                for month in range(1, 13)
                for end in ends
            ]
            spans = spans if not rest and every == 1 and times == 1 else None
        case _:
            size = every * {"月": 1, "季": 3, "半年": 6, "年": 12}[unit]
            if (
                unit == "年"
                and rest
                and not rest.startswith("每")
                and every == 1
                and times == 1
                and not re.fullmatch(r"年?[底末终内]前?", rest)
            ):
                return read(rest, context)  # 每年3月
            spans = _periodic(rest, times, size, context)
    return recurrence(spans, context, note) if spans else None


_WEEKDAYS = r"(?:周|星期|礼拜)?([一二三四五六日天1-7])"


def _weekly(rest: str, times: int, every: int, context: Context) -> list[Span] | None:
    """Returns the due days of every n-th week: weekdays by name, else its last working day. A week off work has none."""
    rest = rest.removesuffix("前")
    if span := re.fullmatch(rf"{_WEEKDAYS}(?:至|到|[-~—]+){_WEEKDAYS}", rest):
        named = list(range(iso_weekday(span[1]), iso_weekday(span[2]) + 1))
        if not named:
            return None  # 每周五至周一: no part of one week
    elif re.fullmatch(rf"{_WEEKDAYS}(?:、?{_WEEKDAYS})*", rest):
        named = [iso_weekday(sign) for sign in re.findall(_WEEKDAYS, rest)]
    elif re.fullmatch(r"周?[末底]?", rest):
        named = []
    else:
        return None
    spans = []
    first = Week.of(date(context.year, 1, 1)).monday
    for monday in (first + timedelta(7 * n) for n in range(every - 1, 54, every)):
        week = Week.of(monday)
        worked = [day for day in week.days if context.workdays.is_workday(day)]
        last = context.workdays.last_workday(week)
        if times > 1:
            days = [worked[max(1, len(worked) * n // times) - 1] for n in range(1, times + 1)] if worked else []
        else:
            days = [week.days[number - 1] for number in named] or [last] if last else []
        spans += [Span(None, day) for day in days if day.year == context.year]
    return spans


def _periodic(rest: str, times: int, size: int, context: Context) -> list[Span] | None:
    """Returns the due days of every period of ``size`` months: its end, ``times`` spread over it, or a part of a month."""
    firsts = range(1, 14 - size, size)
    if times > 1:
        ends = [(date(context.year, month, 1), month_end(context.year, month + size - 1)) for month in firsts]
        return [span for start, end in ends for span in spread(start, end, times)]
    place, parts = size - 1, re.sub(r"^(?:次月|月(?=月))", "", rest).split("、")
    if size > 1 and re.fullmatch(r"(?:季|季度|半年|年)?(?:底|末|终|结束|内)?前?", rest):
        parts = ["底"]
    elif size > 1 and rest == "初":
        place, parts = 0, ["初"]
    elif size > 1:
        chosen = re.fullmatch(r"(?:末|最后1?|第(?P<n>\d)|(?P<first>首))个?月(?P<part>.*)", rest)
        if not chosen or not 1 <= int(chosen["n"] or 1) <= size:
            return None
        place = 0 if chosen["first"] else int(chosen["n"] or size) - 1
        parts = chosen["part"].split("、")
    spans: list[Span] = []
    for part in parts:
        found = [month_part(part.removesuffix("前"), context.year, month + place, context.workdays) for month in firsts]
        if not all(found):
            return None
        spans += [span for span in found if span]
    return spans
