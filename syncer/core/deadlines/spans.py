"""One day or period of a wording: 6月中旬, 第三季度, 春节前; and the deadline that one or many of them make."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from syncer.core.calendar import Workdays, festivals, name_key
from syncer.core.deadlines.deadline import Deadline, unclear


@dataclass(frozen=True, slots=True)
class Context:
    """What a wording is read in: the ledger's year and calendar, the office's shift (``how``), the day of issue."""

    year: int
    workdays: Workdays
    named: tuple[tuple[str, date], ...]  # by key, longest first
    how: str
    issued: date | None

    def settle(self, span: Span) -> date:
        """Returns the due day off holidays; never out of its year, for a ledger closes on 31 December."""
        how = span.how if span.how and self.how != "不调整" else self.how
        moved = self.workdays.shift(span.due, how)
        if moved.year != span.due.year:
            moved = self.workdays.shift(span.due, "提前" if how == "顺延" else "顺延")
        return moved


@dataclass(frozen=True, slots=True)
class Span:
    """One day or period of a wording. ``start`` is None for a mere day; ``how`` overrules the office's shift."""

    start: date | None
    due: date
    note: str = ""
    how: str = ""


def due_once(span: Span, context: Context) -> Deadline:
    """Returns the deadline of one day or period, and says what was done to it."""
    if span.start == date(span.due.year, 1, 1) and span.due == date(span.due.year, 12, 31):
        return Deadline(kind="all_year", start=span.start, due=span.due, note=other_year(span.due, context))
    due = context.settle(span)
    moved = f"{span.due:%Y-%m-%d}不上班，按{due:%Y-%m-%d}" if due != span.due else ""
    notes = [note for note in (span.note, other_year(due, context), moved) if note]
    return Deadline(kind="date", start=min(span.start, due) if span.start else None, due=due, note="；".join(notes))


def recurrence(spans: Iterable[Span], context: Context, note: str = "") -> Deadline | None:
    """Returns a recurrence over the due days of the spans; None if there are none."""
    spans = list(spans)
    days = sorted({context.settle(span) for span in spans})
    notes = dict.fromkeys([*(span.note for span in spans), *(other_year(day, context) for day in days[-1:]), note])
    said = "；".join(text for text in notes if text)
    return Deadline(kind="recurring", due=days[-1], milestones=tuple(days), note=said) if days else None


def other_year(day: date, context: Context) -> str:
    """Returns the note on a day that is not in the ledger's year; ``""`` where it is."""
    return "" if day.year == context.year else f"年份{day.year}不是台账年度{context.year}"


def spread(start: date, end: date, times: int) -> list[Span]:
    """Returns ``times`` due days spread over a period: month ends where they come out even, else equal shares of days."""
    length = (end.year - start.year) * 12 + end.month - start.month + 1
    whole = start.day == 1 and end == month_end(end.year, end.month)
    if whole and length % times == 0:
        ends = [start.month - 1 + length // times * n for n in range(1, times + 1)]
        return [Span(None, month_end(start.year + (last - 1) // 12, (last - 1) % 12 + 1)) for last in ends]
    days = (end - start).days + 1
    return [Span(None, start + timedelta(max(1, days * n // times) - 1)) for n in range(1, times + 1)]


# nothing further off than some ten years
LAG = r"(?!\d{3}(?:个?星期|周|个月)|\d\d+年)(?P<count>\d{1,3})(?P<unit>个?工作日|日|天|个?星期|周|个月|年|小时)"


def add_lag(day: date, found: re.Match[str], sign: int, context: Context) -> date:
    """Returns the day that lies a matched lag (``5个工作日``) after a day, or before it where ``sign`` is -1."""
    count, unit = sign * int(found["count"]), found["unit"].removeprefix("个")
    match unit:
        case "工作日":
            return context.workdays.add_workdays(day, count)
        case "月" | "年":
            month = day.month - 1 + count * (12 if unit == "年" else 1)
            year = day.year + month // 12
            return min(
                day.replace(day=1, month=month % 12 + 1, year=year) + timedelta(day.day - 1),
                month_end(year, month % 12 + 1),
            )
        case "小时":
            return day + timedelta(hours=count) + timedelta(days=int(count % 24 > 0))
        case _:
            return day + timedelta(count * (7 if unit in {"周", "星期"} else 1))


def _day(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] else None


def month_end(year: int, month: int) -> date:
    """Returns the last day of a month (1–12)."""
    return date(year, month, monthrange(year, month)[1])


def month_part(part: str, year: int, month: int, workdays: Workdays) -> Span | None:
    """Returns what a part of a month means: 底, 上旬, 25日 (the last day where there is none), 最后一个工作日, 第二个周五."""
    first, last = date(year, month, 1), month_end(year, month)
    if found := re.fullmatch(r"(?:(\d{1,2})[日号]?(?:至|到|[-~—]+))?(\d{1,2})[日号]", part):
        days = [first.replace(day=min(int(day), last.day)) for day in found.groups() if day and 1 <= int(day) <= 31]
        return Span(days[0] if found[1] and len(days) == 2 else None, days[-1]) if days else None
    if found := re.fullmatch(r"(?:第(\d{1,2})|前(\d)|首|(最后)1?)个?(工作日|天|周|星期)([一二三四五六日天]?)内?", part):
        chosen = _nth(found[4], found[5], [first + timedelta(n) for n in range(last.day)], workdays)
        place = -1 if found[3] else int(found[1] or found[2] or 1) - 1
        return Span(None, chosen[place]) if -1 <= place < len(chosen) else None
    begin, end = {
        "底": (0, 0), "末": (0, 0), "月底": (0, 0), "月末": (0, 0), "结束": (0, 0), "": (1, 0), "份": (1, 0), "内": (1, 0),
        "份内": (1, 0), "初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 0), "上半月": (1, 15),
        "下半月": (16, 0),
    }.get(part, (-1, -1))  # fmt: skip
    if begin < 0:
        return None
    return Span(first.replace(day=begin) if begin else None, first.replace(day=end) if end else last)


def _nth(unit: str, weekday: str, days: list[date], workdays: Workdays) -> list[date]:
    """Returns the days of a month that 第n个 counts: working days, days, one weekday, or the ends of its sevens."""
    if unit == "工作日":
        return [day for day in days if workdays.is_workday(day)]
    if weekday:
        return [day for day in days if day.isoweekday() == iso_weekday(weekday)]
    return days if unit == "天" else [*days[6:28:7], *days[28:][-1:]]


def iso_weekday(sign: str) -> int:
    """Returns the ISO weekday of 一 … 六, 日 or 天, or of a digit."""
    return int(sign) if sign.isdigit() else "一二三四五六日".index(sign.replace("天", "日")) + 1


def calendar_span(words: str, context: Context) -> Span | None:
    """Returns the day or period that calendar words name, with its year: 2026年3月5日, 6月中旬, 第三季度, 上半年, 年底."""
    found = re.match(r"((?:19|20)\d\d)(?:年度?|(?!\d))", words)
    year, rest = (int(found[1]), words[found.end() :]) if found else (context.year, words)
    rest = re.sub(r"^[年全]*(?=[底末终内])", "年", rest) if found or rest.startswith("年") else rest
    if exact := re.fullmatch(r"(\d{1,2})(月|[./-])(\d{1,2})[日号]?", rest):
        day = _day(year, int(exact[1]), int(exact[3]))
        return Span(None, day, "" if exact[2] == "月" else f"“{rest}”按{day.month}月{day.day}日理解") if day else None
    if month := re.fullmatch(r"(\d{1,2})月(.*)", rest):
        return month_part(month[2], year, int(month[1]), context.workdays) if 1 <= int(month[1]) <= 12 else None
    if quarter := re.fullmatch(r"第?([1-4])季度?(底|末|结束)?(内|中)?", rest):
        last = int(quarter[1]) * 3
        return Span(None if quarter[2] else date(year, last - 2, 1), month_end(year, last))
    if half := re.fullmatch(r"([上下])半年度?(底|末|结束)?内?", rest):
        last = 6 if half[1] == "上" else 12
        return Span(None if half[2] else date(year, last - 5, 1), month_end(year, last))
    if rest == "年中":
        return Span(None, date(year, 6, 30), "“年中”按6月30日理解")
    if re.fullmatch(r"年度?(?:底|末|终|内)?|岁末", rest) or (found and rest == ""):
        return Span(None, date(year, 12, 31))
    return None


def read_span(words: str, context: Context) -> Span | Deadline | None:
    """Returns what one day or period comes to, with 前 and 前后; an unclear `Deadline` where only the day is wanting."""
    if named := _named_span(words, context):
        return named
    if serial := re.fullmatch(r"([3-6]\d{4})(?:\.\d+)?", words):
        day = date(1899, 12, 30) + timedelta(int(serial[1]))
        return Span(None, day, f"“{words}”按Excel日期序号理解，即{day:%Y-%m-%d}")
    around = words.endswith("前后")
    before = words.endswith("前")
    span = calendar_span(words.removesuffix("前后").removesuffix("前"), context)
    if span is None or not (around or (before and span.start)):
        return span
    if around:
        return replace(span, note=f"“前后”按{span.due.month}月{span.due.day}日理解")
    # 3月前 is before March; 1月前 and 上半年前 cannot mean last year
    due = span.start - timedelta(1) if span.start else span.due
    due = due if due.year == span.due.year else span.due
    return Span(None, due, f"“{words}”按{due.month}月{due.day}日理解")


_NAMED_HEAD = re.compile(
    r"(?:在|于|迎接?|喜迎|庆祝|纪念|党的|国际|世界|传统|中国|我国|全国|全省|全市|年度|本次|三八|五一|五四|六一|七一|八一|十一)*"
)
_NAMED_TAIL = re.compile(
    rf"节?(?:召开|举行|举办|开幕|闭幕|结束|到来|来临|当天|当日|放假|假期|长假|期间|活动|时)*"
    rf"(?:(?P<around>前后)|(?P<side>[前后])(?:{LAG}内?)?)?"
)
_EVENT = re.compile(r"[^\d年月日周季度、至到]{2,}(?:前后|前|后|期间|当天|当日)(?:\d+[^\d]{1,4}内)?")


def _named_span(words: str, context: Context) -> Span | Deadline | None:
    """Returns the day of a festival or event (节日, 节点) in the wording, or the day before, or some days off."""
    found = re.match(r"((?:19|20)\d\d)年?", words)
    year, rest = (int(found[1]), words[found.end() :]) if found else (context.year, words)
    for key, day in context.named:
        head, name, tail = rest.partition(key)
        turn = _NAMED_TAIL.fullmatch(tail)
        meant = _in_year(key, day, year, context)
        if name and turn and meant and _NAMED_HEAD.fullmatch(head):
            return _beside(key, meant, turn, context, explicit=found is not None)
    if _EVENT.fullmatch(words) and not re.search(r"节日|^节|每|印发|下[达发]|通知|[上中下]旬|半年", words):
        return unclear(f"“{words}”所指的日子没有日期，请在“节假日与节点”里加一行")
    return None


def _in_year(key: str, day: date, year: int, context: Context) -> date | None:
    """Returns a named day in the year the wording says; None for an event that is in another."""
    if year in {context.year, day.year}:
        return day
    return {name_key(name): other for name, other in festivals(year).items()}.get(key)


def _beside(name: str, day: date, turn: re.Match[str], context: Context, *, explicit: bool) -> Span | Deadline:
    """Returns the day before a named day (never moved past it), some days off it, or itself."""
    if turn["around"]:
        return Span(None, day, f"“前后”按{day.month}月{day.day}日理解")
    if not turn["side"]:
        return Span(None, day)
    if turn["side"] == "后":
        return Span(None, add_lag(day, turn, 1, context)) if turn["count"] else unclear(f"“{name}后”没有说多少天以内")
    due = add_lag(day, turn, -1, context) if turn["count"] else day - timedelta(1)
    if due.year < context.year and not explicit:  # 元旦前: the one to come
        day = _in_year(name, day, context.year + 1, context) or day
        due = add_lag(day, turn, -1, context) if turn["count"] else day - timedelta(1)
        return Span(None, due, f"“{name}”按{day:%Y-%m-%d}理解", "提前")
    return Span(None, due, how="提前")
