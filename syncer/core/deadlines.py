"""Worded deadlines (完成时限): what "3月底前" or "每周五下午" means in a ledger's year.

A wording is cleaned (NFKC, Chinese numerals and written dates in one form, polite words dropped), then offered to one
reader after another: what lasts all year, what counts from the day of issue, what recurs, one day or period, a range, a
list. A reader takes a wording as a whole or not at all, so that nothing is half understood; what no reader takes is a
question. A bare month belongs to the ledger's year, never to today's.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from syncer.core.calendar import TRADITIONAL, Week, Workdays, festivals, name_key
from syncer.core.values import Scalar, fold, show, tidy


@dataclass(frozen=True, slots=True)
class Deadline:
    """One worded deadline.

    ``kind``: ``date`` (due on one day), ``recurring`` (``milestones`` are its due days in the ledger's year),
    ``all_year`` (全年, 长期, 常态化: due on 31 December, linear), ``none`` (blank), ``unclear`` (not understood: a question).
    ``text`` is the wording, kept for print.
    """

    text: str = ""
    kind: str = "none"
    start: date | None = None
    due: date | None = None  # last due day; for ``recurring`` the last milestone
    milestones: tuple[date, ...] = ()
    note: str = ""
    reading: str = ""  # means the same without frequency and day of issue, where ``text`` alone does not


def parse_deadline(
    text: Scalar,
    year: int,
    workdays: Workdays,
    named_days: Mapping[str, date],
    frequency: str = "",
    shift: str = "顺延",
    issued: date | None = None,
) -> Deadline:
    """Returns what a deadline means in a ledger's year; never raises: what is not understood is ``unclear``, with a note.

    A due day off work moves by ``shift`` (顺延, 提前, 不调整) within its year; one before a named day (春节前) always moves
    back, a festival itself (按节日) never moves. ``frequency`` (频次) helps where the text is blank or says nothing by itself
    (每月 + 25日前). ``issued``: the day 立行立改 (5 working days), 即日起 and n个工作日内 count from.
    ``parse_deadline("3月底前", 2026, …)`` → due 2026-03-31.
    """
    shown, often = tidy(show(text)), tidy(frequency)
    if len(shown) + len(often) > _LONGEST:
        return replace(_unclear("太长，不像时限"), text=shown)
    keys = {_key(name, year): day for name, day in named_days.items() if 1900 < day.year < 2200}
    named = tuple(sorted(((key, day) for key, day in keys.items() if key), key=lambda item: (-len(item[0]), item[0])))
    context = _Context(year, workdays, named, shift, issued)
    blank = not fold(shown).strip("-—/、.无")
    if blank and not often:
        return Deadline(shown)
    said = often if blank else shown
    first = None
    for wording in [said] if blank or not often else [said, often + said]:
        words = _clean(wording, year)
        found = _read(words, context)
        if found and found.kind != "unclear":
            reading = _without_issue(words, found, context) or ("" if wording == said else wording)
            return replace(found, text=said, reading=reading)
        first = first or found
    unread = _unclear("没有读懂，请写成某年某月某日，或在“节假日与节点”里加上所指的日子")
    return replace(first or unread, text=said)


def print_deadline(deadline: Deadline) -> str:
    """Returns a wording that is read the same again in the same year and calendar: nearly always the text itself."""
    return deadline.reading or deadline.text


def due_after(deadline: Deadline, as_of: date) -> date | None:
    """Returns the next due day, today's included; None when nothing more is due."""
    days = deadline.milestones or ((deadline.due,) if deadline.due else ())
    return next((day for day in days if day >= as_of), None)


def expected_percent(deadline: Deadline, as_of: date, year: int) -> float | None:
    """Returns where a task should stand (points, 0–100): the line that lights compare with. None where there is no line.

    A recurrence: the share of its milestones that have come, today's included. One date: all of it once the day has
    passed, nothing before. All year: linear from its start, or 1 January, to its end.
    """
    match deadline.kind:
        case "recurring":
            return 100 * sum(day <= as_of for day in deadline.milestones) / len(deadline.milestones)
        case "date":
            return 100.0 if is_overdue(deadline, as_of) else 0.0
        case "all_year":
            start, end = deadline.start or date(year, 1, 1), deadline.due or date(year, 12, 31)
            return min(100.0, max(0.0, 100 * ((as_of - start).days + 1) / ((end - start).days + 1)))
        case _:
            return None


def is_overdue(deadline: Deadline, as_of: date) -> bool:
    """Tells whether the last due day has passed; a missed milestone of a recurrence shows in the line instead."""
    return deadline.due is not None and deadline.due < as_of


# --- what the readers share ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Context:
    year: int
    workdays: Workdays
    named: tuple[tuple[str, date], ...]  # by key, longest first
    how: str
    issued: date | None

    def settle(self, span: _Span) -> date:
        """Returns the due day off holidays; never out of its year, for a ledger closes on 31 December."""
        how = span.how if span.how and self.how != "不调整" else self.how
        moved = self.workdays.shift(span.due, how)
        if moved.year != span.due.year:
            moved = self.workdays.shift(span.due, "提前" if how == "顺延" else "顺延")
        return moved


@dataclass(frozen=True, slots=True)
class _Span:
    """One day or period of a wording. ``start`` is None for a mere day; ``how`` overrules the office's shift."""

    start: date | None
    due: date
    note: str = ""
    how: str = ""


def _unclear(note: str) -> Deadline:
    return Deadline(kind="unclear", note=note)


def _one(span: _Span, context: _Context) -> Deadline:
    """Returns the deadline of one day or period, and says what was done to it."""
    if span.start == date(span.due.year, 1, 1) and span.due == date(span.due.year, 12, 31):
        return Deadline(kind="all_year", start=span.start, due=span.due, note=_other_year(span.due, context))
    due = context.settle(span)
    moved = f"{span.due:%Y-%m-%d}不上班，按{due:%Y-%m-%d}" if due != span.due else ""
    notes = [note for note in (span.note, _other_year(due, context), moved) if note]
    return Deadline(kind="date", start=min(span.start, due) if span.start else None, due=due, note="；".join(notes))


def _many(spans: Iterable[_Span], context: _Context, note: str = "") -> Deadline | None:
    """Returns a recurrence over the due days of the spans; None if there are none."""
    spans = list(spans)
    days = sorted({context.settle(span) for span in spans})
    notes = dict.fromkeys([*(span.note for span in spans), *(_other_year(day, context) for day in days[-1:]), note])
    said = "；".join(text for text in notes if text)
    return Deadline(kind="recurring", due=days[-1], milestones=tuple(days), note=said) if days else None


def _other_year(day: date, context: _Context) -> str:
    return "" if day.year == context.year else f"年份{day.year}不是台账年度{context.year}"


def _without_issue(words: str, found: Deadline, context: _Context) -> str:
    """Returns what means the same without the day of issue: dates for 即日 and for lags; ``""`` where nothing changes."""
    context, issued = replace(context, issued=None), context.issued
    if issued is None or _read(words, context) == found:
        return ""
    dated = re.sub("即日|现在", f"{issued.year}年{issued.month}月{issued.day}日", words)
    again = _read(dated, context)
    if again and replace(again, note=found.note) == found:
        return dated
    days = [f"{day.year}年{day.month}月{day.day}日" for day in found.milestones or (found.start, found.due) if day]
    return ("、" if found.milestones else "至").join(days)


def _day(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] else None


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _spread(start: date, end: date, times: int) -> list[_Span]:
    """Returns ``times`` due days spread over a period: month ends where they come out even, else equal shares of days."""
    length = (end.year - start.year) * 12 + end.month - start.month + 1
    whole = start.day == 1 and end == _month_end(end.year, end.month)
    if whole and length % times == 0:
        ends = [start.month - 1 + length // times * n for n in range(1, times + 1)]
        return [_Span(None, _month_end(start.year + (last - 1) // 12, (last - 1) % 12 + 1)) for last in ends]
    days = (end - start).days + 1
    return [_Span(None, start + timedelta(max(1, days * n // times) - 1)) for n in range(1, times + 1)]


# nothing further off than some ten years
_LAG = r"(?!\d{3}(?:个?星期|周|个月)|\d\d+年)(?P<count>\d{1,3})(?P<unit>个?工作日|日|天|个?星期|周|个月|年|小时)"


def _lag(day: date, found: re.Match[str], sign: int, context: _Context) -> date:
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
                _month_end(year, month % 12 + 1),
            )
        case "小时":
            return day + timedelta(hours=count) + timedelta(days=int(count % 24 > 0))
        case _:
            return day + timedelta(count * (7 if unit in {"周", "星期"} else 1))


# --- cleaning -----------------------------------------------------------------------------------------------------

_DIGITS = "〇零一二两三四五六七八九十百廿"
# A numeral counts only before what it numbers; 周五 is a weekday, 二十大 a name. 周三次 is three times, 周三1次 a weekday.
_NUMERAL = re.compile(
    rf"(?<![周期拜{_DIGITS}])(?:[{_DIGITS}]+(?=个|年|月|日|号|天|周|次|场|期|篇|轮|季|工作日|小时|时|点|星期)|[一二三四五六七八九十](?=[、,至到~-]))"
    rf"|(?<=[周期])[{_DIGITS}]+(?=次|场)"
)
_POLITE = (
    "不迟于|不晚于|最迟|最晚|原则上|力争|争取|确保|务必|必须|截止时间为?|截止日期为?|截止到|截止于|截止|截至到?|预计|计划|大约"
    "|上午|下午|中午|晚上|下班|(?<!\\d)\\d{1,2}(?::\\d{2}(?::\\d{2})?|[时点](?:\\d{1,2}分|半|整)?)|为止|。"
)
_Y = r"(?<!\d)((?:19|20)\d\d)"
_REWRITES = tuple(
    (re.compile(pattern), by)
    for pattern, by in (
        (r"\(\d{1,2}\)|[,;&]|(?<!\d)/|/(?!\d)|以及|并且|和|与|及", "、"),
        (rf"((?:周|星期|礼拜)[{_DIGITS}天日])[一1](?=次|场)[次场]", r"\1"),
        (rf"{_Y}([-./])(\d{{1,2}})\2(\d{{1,2}})(?!\d)日?", r"\1年\3月\4日"),
        (rf"{_Y}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)", r"\1年\2月\3日"),
        (rf"{_Y}[-./](0?[1-9]|1[0-2])(?![\d])月?", r"\1年\2月"),
        (r"(?<!\d)(\d\d)年(?=\d{1,2}月|底|末|[上下]半年|第?\d季)", r"20\1年"),
        (_POLITE, ""),
        (r"(?<=[日号])\(?(?:周|星期|礼拜)[一二三四五六日天]\)?", ""),
        (r"之前|以前|前夕", "前"),
        (r"之后|以后", "后"),
        (r"左右", "前后"),
        (r"(?<=\d)以内|之内", "内"),
        (r"半个?月内", "15日内"),
        (r"半年内", "6个月内"),
        (r"上、?下半年", "上半年、下半年"),
        (r"q(?=[1-4])", "第"),
        (r"(第[1-4])(?=$|[、至到~前底末内-])", r"\1季度"),
        (r"^(周|月|季|半年)(?:度|报)(?=$|\d)", r"每\1"),
        (r"、+", "、"),
        (r"^于|止$|、$|^、", ""),
    )
)
# 3、6、9月底前 → 3月底前、6月底前、9月底前
_SHARED = re.compile(
    r"(?<!\d)((?:第?\d{1,2}、)+)(第?\d{1,2})((?:月|季度)(?:[底末份内初]|[上中下]旬)?前?|[日号]前?)(?!\d)"
)
# 1、3月底前定方案、2、6月底前完成: numbers of items, not months
_NUMBERED = re.compile(r"^1[、.)](?=.*[^\d、]、2[、.)])|(?<=[^\d、]、)\d[、.)]")
_LONGEST = 1000  # signs; no deadline is longer, and what is pasted by mistake shall not cost time


def _clean(text: str, year: int) -> str:
    """Returns a wording in one form. ``_clean("二〇二六年三月五日（周四）之前", 2026)`` → ``"2026年3月5日前"``."""
    plain = unicodedata.normalize("NFKC", re.sub(r"[\u2460-\u249b\n\r]", "、", text))
    words = fold(re.sub(r"(\d[-/.]\d{1,2})[ T]\d{1,2}:\d{2}(:\d{2})?", r"\1", plain))
    words = _NUMERAL.sub(lambda found: _numeral(found[0]), words)
    words = re.sub(r"今年|当年|本年度?", f"{year}年", words)
    words = re.sub(r"明年|次年|翌年|来年", f"{year + 1}年", words)
    for pattern, by in _REWRITES:
        words = pattern.sub(by, words)
    if re.match(_NUMBERED, words):
        words = _NUMBERED.sub("", words)
    return _SHARED.sub(
        lambda found: "".join(part + found[3] + "、" for part in (found[1] + found[2]).split("、"))[:-1], words
    )


def _numeral(span: str) -> str:
    """Returns a span of Chinese numerals in digits; as it is where it is no number (三五天)."""
    from cn2an import cn2an  # noqa: PLC0415 - 0.1 s, and the reading children never ask

    if len(span) > 1 and not set(span) & set("十百廿") and len(span) != 4:
        return span
    try:
        return str(cn2an(span, "smart"))
    except (ValueError, KeyError):  # it raises either
        return span


@lru_cache(maxsize=1024)
def _key(name: str, year: int) -> str:
    return re.sub(r"^党的|(?:召开|举行|开幕)$", "", name_key(_clean(name, year)))


# --- one day or period --------------------------------------------------------------------------------------------


def _month_part(part: str, year: int, month: int, workdays: Workdays) -> _Span | None:
    """Returns what a part of a month means: 底, 上旬, 25日 (the last day where there is none), 最后一个工作日, 第二个周五."""
    first, last = date(year, month, 1), _month_end(year, month)
    if found := re.fullmatch(r"(?:(\d{1,2})[日号]?(?:至|到|[-~—]+))?(\d{1,2})[日号]", part):
        days = [first.replace(day=min(int(day), last.day)) for day in found.groups() if day and 1 <= int(day) <= 31]
        return _Span(days[0] if found[1] and len(days) == 2 else None, days[-1]) if days else None
    if found := re.fullmatch(r"(?:第(\d)|前(\d)|首|(最后)1?)个?(工作日|天|周|星期)([一二三四五六日天]?)内?", part):
        chosen = _nth(found[4], found[5], [first + timedelta(n) for n in range(last.day)], workdays)
        place = -1 if found[3] else int(found[1] or found[2] or 1) - 1
        return _Span(None, chosen[place]) if -1 <= place < len(chosen) else None
    begin, end = {
        "底": (0, 0), "末": (0, 0), "月底": (0, 0), "月末": (0, 0), "结束": (0, 0), "": (1, 0), "份": (1, 0), "内": (1, 0),
        "份内": (1, 0), "初": (1, 10), "上旬": (1, 10), "中旬": (11, 20), "中": (11, 20), "下旬": (21, 0), "上半月": (1, 15),
        "下半月": (16, 0),
    }.get(part, (-1, -1))  # fmt: skip
    if begin < 0:
        return None
    return _Span(first.replace(day=begin) if begin else None, first.replace(day=end) if end else last)


def _nth(unit: str, weekday: str, days: list[date], workdays: Workdays) -> list[date]:
    """Returns the days of a month that 第n个 counts: working days, days, one weekday, or the ends of its sevens."""
    if unit == "工作日":
        return [day for day in days if workdays.is_workday(day)]
    if weekday:
        return [day for day in days if day.isoweekday() == _weekday(weekday)]
    return days if unit == "天" else [*days[6:28:7], *days[28:][-1:]]


def _weekday(sign: str) -> int:
    """Returns the ISO weekday of 一 … 六, 日 or 天, or of a digit."""
    return int(sign) if sign.isdigit() else "一二三四五六日".index(sign.replace("天", "日")) + 1


def _calendar_span(words: str, context: _Context) -> _Span | None:
    """Returns the day or period that calendar words name, with its year: 2026年3月5日, 6月中旬, 第三季度, 上半年, 年底."""
    found = re.match(r"((?:19|20)\d\d)(?:年度?|(?!\d))", words)
    year, rest = (int(found[1]), words[found.end() :]) if found else (context.year, words)
    rest = re.sub(r"^[年全]*(?=[底末终内])", "年", rest) if found or rest.startswith("年") else rest
    if exact := re.fullmatch(r"(\d{1,2})(月|[./-])(\d{1,2})[日号]?", rest):
        day = _day(year, int(exact[1]), int(exact[3]))
        return _Span(None, day, "" if exact[2] == "月" else f"“{rest}”按{day.month}月{day.day}日理解") if day else None
    if month := re.fullmatch(r"(\d{1,2})月(.*)", rest):
        return _month_part(month[2], year, int(month[1]), context.workdays) if 1 <= int(month[1]) <= 12 else None
    if quarter := re.fullmatch(r"第?([1-4])季度?(底|末|结束)?(内|中)?", rest):
        last = int(quarter[1]) * 3
        return _Span(None if quarter[2] else date(year, last - 2, 1), _month_end(year, last))
    if half := re.fullmatch(r"([上下])半年度?(底|末|结束)?内?", rest):
        last = 6 if half[1] == "上" else 12
        return _Span(None if half[2] else date(year, last - 5, 1), _month_end(year, last))
    if rest == "年中":
        return _Span(None, date(year, 6, 30), "“年中”按6月30日理解")
    if re.fullmatch(r"年度?(?:底|末|终|内)?|岁末", rest) or (found and rest == ""):
        return _Span(None, date(year, 12, 31))
    return None


def _span(words: str, context: _Context) -> _Span | Deadline | None:
    """Returns what one day or period comes to, with 前 and 前后; an unclear `Deadline` where only the day is wanting."""
    if named := _named_span(words, context):
        return named
    if serial := re.fullmatch(r"([3-6]\d{4})(?:\.\d+)?", words):
        day = date(1899, 12, 30) + timedelta(int(serial[1]))
        return _Span(None, day, f"“{words}”按Excel日期序号理解，即{day:%Y-%m-%d}")
    around = words.endswith("前后")
    before = words.endswith("前")
    span = _calendar_span(words.removesuffix("前后").removesuffix("前"), context)
    if span is None or not (around or (before and span.start)):
        return span
    if around:
        return replace(span, note=f"“前后”按{span.due.month}月{span.due.day}日理解")
    # 3月前 is before March; 1月前 and 上半年前 cannot mean last year
    due = span.start - timedelta(1) if span.start else span.due
    due = due if due.year == span.due.year else span.due
    return _Span(None, due, f"“{words}”按{due.month}月{due.day}日理解")


_NAMED_HEAD = re.compile(
    r"(?:在|于|迎接?|喜迎|庆祝|纪念|党的|国际|世界|传统|中国|我国|全国|全省|全市|年度|本次|三八|五一|五四|六一|七一|八一|十一)*"
)
_NAMED_TAIL = re.compile(
    rf"节?(?:召开|举行|举办|开幕|闭幕|结束|到来|来临|当天|当日|放假|假期|长假|期间|活动|时)*"
    rf"(?:(?P<around>前后)|(?P<side>[前后])(?:{_LAG}内?)?)?"
)
_EVENT = re.compile(r"[^\d年月日周季度、至到]{2,}(?:前后|前|后|期间|当天|当日)(?:\d+[^\d]{1,4}内)?")


def _named_span(words: str, context: _Context) -> _Span | Deadline | None:
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
        return _unclear(f"“{words}”所指的日子没有日期，请在“节假日与节点”里加一行")
    return None


def _in_year(key: str, day: date, year: int, context: _Context) -> date | None:
    """Returns a named day in the year the wording says; None for an event that is in another."""
    if year in {context.year, day.year}:
        return day
    return {name_key(name): other for name, other in festivals(year).items()}.get(key)


def _beside(name: str, day: date, turn: re.Match[str], context: _Context, *, explicit: bool) -> _Span | Deadline:
    """Returns the day before a named day (never moved past it), some days off it, or itself."""
    if turn["around"]:
        return _Span(None, day, f"“前后”按{day.month}月{day.day}日理解")
    if not turn["side"]:
        return _Span(None, day)
    if turn["side"] == "后":
        return _Span(None, _lag(day, turn, 1, context)) if turn["count"] else _unclear(f"“{name}后”没有说多少天以内")
    due = _lag(day, turn, -1, context) if turn["count"] else day - timedelta(1)
    if due.year < context.year and not explicit:  # 元旦前: the one to come
        day = _in_year(name, day, context.year + 1, context) or day
        due = _lag(day, turn, -1, context) if turn["count"] else day - timedelta(1)
        return _Span(None, due, f"“{name}”按{day:%Y-%m-%d}理解", "提前")
    return _Span(None, due, how="提前")


# --- the readers: each takes a whole wording or nothing -----------------------------------------------------------

_STANDING = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)年?度?)?(?:贯穿|坚持|作为)?(?:长期|全年|常年|终年|常态|持续|经常|日常|不间断|随时|平时)"
    r"(?:化|性|度|的|坚持|推进|开展|任务|工作|落实|执行|保持|实施|抓好|进行|有效|管理|更新|做好|推动|组织|不断|长期|持续|常态)*"
)


def _standing(words: str, context: _Context) -> Deadline | None:
    """长期坚持, 全年, 常态化: all year long."""
    if found := _STANDING.fullmatch(words):
        year = int(found["year"] or context.year)
        end = date(year, 12, 31)
        return Deadline(
            kind="all_year", due=end, start=date(year, 1, 1) if found["year"] else None, note=_other_year(end, context)
        )
    return None


_AT_ONCE = re.compile(r"立.立改|即知即改|即行即改|立即(?:整改|办理|落实|执行)?|马上(?:整改|办理?|落实)?")
_WITHIN = re.compile(
    rf"(?:[^\d]*(?:印发|下达|下发|发文|收到|接到|通知|交办|即日|发布)[^\d]*?(?:起|后))?{_LAG}(?:以|之)?内"
)


def _from_issue(words: str, context: _Context) -> Deadline | None:
    """立行立改 (5 working days), 10个工作日内, 印发之日起30日内, 即日起至10月31日: counted from the day of issue."""
    lag = re.fullmatch(_LAG, "5个工作日") if _AT_ONCE.fullmatch(words) else _WITHIN.fullmatch(words)
    if lag and context.issued is None:
        return _unclear(f"“{words}”从下达之日算起，请写明到哪一天")
    if lag and context.issued:
        return _one(_Span(context.issued, _lag(context.issued, lag, 1, context)), context)
    now = re.fullmatch(
        r"(?:从|自)?(?:即日|现在)(?:起|开始)*(?:长期[^\d每前]*|持续[^\d每前]*|常态[^\d每前]*|(?:至|到|[-~—]+)(?P<end>.+))?",
        words,
    )
    if now is None:
        return None
    if now["end"] is None:
        return Deadline(kind="all_year", start=context.issued, due=date(context.year, 12, 31))
    end = _span(now["end"], context)
    if not isinstance(end, _Span):
        return end
    return _one(replace(end, start=context.issued if context.issued and context.issued <= end.due else None), context)


_OFF_WORK = {"元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆"}
_FESTIVE = re.compile(
    r"(?:[^\d前后]*、[^\d前后]*等)?(?:按|每逢|逢|每个|每|各个|各|在)*(?:传统|重大|重要|我们的|法定|中国|民族|主要)*节(?:假)?日?节?(?P<before>前)?"
    r"(?:期间|当天|开展|时)?"
)


def _festive(words: str, context: _Context) -> Deadline | None:
    """按节日, 各传统节日前: the seven traditional festivals themselves, unmoved, or the days before. 节前: the next one."""
    found = _FESTIVE.fullmatch(words)
    if found is None or words == "节":
        return None
    traditional = {name_key(name) for name in TRADITIONAL}
    if words in {"节前", "节日前"}:
        coming = sorted(
            day for key, day in context.named if key in _OFF_WORK and context.issued and day > context.issued
        )
        if not coming:
            return _unclear(f"“{words}”是哪个节日之前？")
        return _one(_Span(None, coming[0] - timedelta(1), f"“{words}”按{coming[0]:%Y-%m-%d}之前理解", "提前"), context)
    back = timedelta(1 if found["before"] else 0)
    spans = [
        _Span(None, day - back, how="提前" if back else "不调整") for key, day in context.named if key in traditional
    ]
    return _many(spans, context)


_EVERY = re.compile(
    r"(?:每[一1]?个?(?:(?P<every>\d{1,2})个?)?|(?P<mark>[按逐各隔])个?|(?:(?P<several>[2-9])个|1个?)?(?=[^\d]{1,3}\d{1,2}[次场期篇轮]))"
    r"(?P<unit>工作日|日|天|周|星期|礼拜|半个?月|旬|月|季度?|半年度?|年度?)(?P<rest>.*)"
)
_TIMES = re.compile(
    r"(.*?)(?:至少|不少于|不低于|不得少于|各|均|需|应|开展|组织|召开|举办|举行|进行|集中|学习|活动|更新|报送|上报|检查|安排|发布)*"
    r"(\d{1,2})(?:(至|到|-|~)\d{1,2})?(?:次|场|期|篇|轮|回|条)(?:及?以上|以内)?(?:[^\d、每前后至到]{0,8})"
)


def _times(words: str) -> tuple[str, int, str]:
    """Returns a wording without its number of times, that number (1 if none), and a note where it was a range."""
    found = _TIMES.fullmatch(words)
    if found is None:
        return words, 1, ""
    return found[1], int(found[2]), f"“{words}”按至少{found[2]}次理解" if found[3] else ""


def _recurring(words: str, context: _Context) -> Deadline | None:
    """每周五, 每月25日前, 每季度末, 每季度2次, 每两个月, 半年一次: its due days in the ledger's year."""
    found = _EVERY.fullmatch(words)
    if found is None:
        return None
    every = 2 if found["mark"] == "隔" else int(found["every"] or found["several"] or 1)
    rest, times, note = _times(found["rest"])
    unit = found["unit"].removesuffix("度")
    if words.startswith(("1季度", "1月")):
        note = note or f"“{words}”按每{unit}理解"
    if every == 0 or times == 0 or (times > 1 and rest):
        return None
    match unit:
        case "工作日" | "日" | "天":
            days = [date(context.year, 1, 1) + timedelta(n) for n in range(366)]
            worked = [day for day in days if day.year == context.year and context.workdays.is_workday(day)]
            spans = [_Span(None, day) for day in worked[every - 1 :: every]] if not rest else None
        case "周" | "星期" | "礼拜":
            spans = _weekly(rest, times, every, context)
        case "旬" | "半月" | "半个月":
            ends = (10, 20, 0) if unit == "旬" else (15, 0)
            spans = [
                _Span(None, date(context.year, month, end or monthrange(context.year, month)[1]))
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
                return _read(rest, context)  # 每年3月
            spans = _periodic(rest, times, size, context)
    return _many(spans, context, note) if spans else None


_WEEKDAYS = r"(?:周|星期|礼拜)?([一二三四五六日天1-7])"


def _weekly(rest: str, times: int, every: int, context: _Context) -> list[_Span] | None:
    """Returns the due days of every n-th week: weekdays by name, else its last working day. A week off work has none."""
    rest = rest.removesuffix("前")
    if span := re.fullmatch(rf"{_WEEKDAYS}(?:至|到|[-~—]+){_WEEKDAYS}", rest):
        named = list(range(_weekday(span[1]), _weekday(span[2]) + 1))
    elif re.fullmatch(rf"{_WEEKDAYS}(?:、?{_WEEKDAYS})*", rest):
        named = [_weekday(sign) for sign in re.findall(_WEEKDAYS, rest)]
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
        spans += [_Span(None, day) for day in days if day.year == context.year]
    return spans


def _periodic(rest: str, times: int, size: int, context: _Context) -> list[_Span] | None:
    """Returns the due days of every period of ``size`` months: its end, ``times`` spread over it, or a part of a month."""
    firsts = range(1, 14 - size, size)
    if times > 1:
        ends = [(date(context.year, month, 1), _month_end(context.year, month + size - 1)) for month in firsts]
        return [span for start, end in ends for span in _spread(start, end, times)]
    place, parts = size - 1, re.sub(r"^(?:次月|月(?=月))", "", rest).split("、")
    if size > 1 and re.fullmatch(r"(?:季|季度|半年|年)?(?:底|末|终|结束|内)?前?", rest):
        parts = ["底"]
    elif size > 1:
        chosen = re.fullmatch(r"(?:末|最后1?|第(?P<n>\d)|(?P<first>首))个?月(?P<part>.*)", rest)
        if not chosen or not 1 <= int(chosen["n"] or 1) <= size:
            return None
        place = 0 if chosen["first"] else int(chosen["n"] or size) - 1
        parts = chosen["part"].split("、")
    spans: list[_Span] = []
    for part in parts:
        found = [
            _month_part(part.removesuffix("前"), context.year, month + place, context.workdays) for month in firsts
        ]
        if not all(found):
            return None
        spans += [span for span in found if span]
    return spans


def _single(words: str, context: _Context) -> Deadline | None:
    """One day or period: 3月底前, 春节前, 第三季度; with a number of times (上半年2次, 全年4次) its equal shares."""
    rest, times, note = _times(words)
    if times > 1 and rest:
        whole = re.fullmatch(rf"(?:{context.year}年)?(?:全年度?|年?[内度])?", rest)
        span = _Span(date(context.year, 1, 1), date(context.year, 12, 31)) if whole else _calendar_span(rest, context)
        return _many(_spread(span.start, span.due, times), context, note) if span and span.start else None
    found = _span(rest if rest and times == 1 else words, context)
    return _one(found, context) if isinstance(found, _Span) else found


_TO = re.compile(r"(?:起|开始)?(?:至|到|[-~—–―]+)")


def _range(words: str, context: _Context) -> Deadline | None:
    """3月至6月底, 3-6月, 3月5日-10日, 2026年11月至次年2月: what one end leaves out it takes from the other."""
    for to in _TO.finditer(words):
        if not words[: to.start()] or not words[to.end() :]:
            continue
        left, right = re.sub(r"^[从自由]", "", words[: to.start()]), words[to.end() :]
        if re.fullmatch(r"(?:\d{4}年)?第?\d{1,2}", left) and (unit := re.match(r"第?\d{1,2}(月|季度)", right)):
            left += unit[1]
        if (month := re.search(r"(\d{1,2}月)(\d{1,2}[日号]?)?$", left)) and re.fullmatch(r"\d{1,2}[日号]?前?", right):
            right = month[1] + right if month[2] else right + "月"
        year = re.match(r"(?:19|20)\d\d(?=年)", left)
        own = re.match(r"(?:19|20)\d\d", right)
        begin = _span(left, context)
        end = _span(right if own or not year else f"{year[0]}年{right}", context)
        if isinstance(begin, _Span) and isinstance(end, _Span):
            start = begin.start or begin.due
            if end.due < start and not own:
                later = _span(f"{start.year + 1}年{right}", context)
                end = replace(later, note=f"“{right}”按次年理解") if isinstance(later, _Span) else end
            return (
                _one(replace(end, start=start), context) if start <= end.due else _unclear(f"“{words}”的止日早于起日")
            )
    return None


def _from(words: str, context: _Context) -> Deadline | None:
    """从3月起, 3月起长期坚持: from then to the end of the year."""
    found = re.fullmatch(
        r"(?:从|自)?(.+?)(?:起|开始)(?:长期[^\d每前]*|全年[^\d每前]*|持续[^\d每前]*|常态[^\d每前]*)?", words
    )
    begin = _calendar_span(found[1], context) if found else None
    if begin is None:
        return None
    start = begin.start or begin.due
    end = date(max(start.year, context.year), 12, 31)
    return Deadline(kind="all_year", start=start, due=end, note=_other_year(end, context))


def _list(words: str, context: _Context) -> Deadline | None:
    """6月中旬、12月上旬 or 上半年、下半年各一次: each part by itself, with the year, month or 前 that it shares."""
    parts = words.split("、")
    if len(parts) < 2:
        return None
    found: list[Deadline] = []
    year = month = ""
    before = "前" if re.search(r"[^\d底末]前$", words) else ""
    for part in parts:
        if seen := re.match(r"((?:19|20)\d\d年)?(?:(\d{1,2}月)\d)?", part):
            full = (year if not seen[1] else "") + (month if re.fullmatch(r"\d{1,2}[日号]前?", part) else "") + part
            year, month = seen[1] or year, seen[2] or month
        named = any(name_key(part) == key for key, _ in context.named)
        one = _read(full + before if named else full, context)
        if one is None or one.kind == "unclear":
            return one
        found.append(one)
    days = sorted({day for one in found if one.kind != "all_year" for day in (one.milestones or (one.due,)) if day})
    if not days:
        return found[0]
    notes = dict.fromkeys(one.note for one in found if one.note)
    return Deadline(kind="recurring", due=days[-1], milestones=tuple(days), note="；".join(notes))


def _recurring_within(words: str, context: _Context) -> Deadline | None:
    """3月起每月25日前, 上半年每周五: the due days of the one that lie in the other."""
    at = words.find("每")
    around = _read(words[:at], context) if at > 0 and words[at - 1] != "、" else None
    if around is None or around.due is None or (around.start is None and around.kind != "all_year"):
        return None
    inner = _recurring(words[at:], context)
    if inner is None or inner.kind != "recurring":
        return None
    start = around.start or date(context.year, 1, 1)
    days = tuple(day for day in inner.milestones if start <= day <= around.due)
    return replace(inner, start=around.start, due=days[-1], milestones=days) if days else None


_TAIL = re.compile(
    r"(?:全面|基本|全部)?(?:完成|办结|办理|到位|上报|报送|提交|报|学习|例会|开展|启动|落实|制定|制订|印发|召开|组织|举办|举行|整改|销号|建立|出台|实现|形成|更新"
    r"|总结|检查|评选|公示|表彰|验收|考核|通报)[^\d前每]*"
)


def _without_tail(words: str, context: _Context) -> Deadline | None:
    """3月底前完成方案制定: what is to be done stands after the when, and is not part of it."""
    found = _TAIL.search(words)
    if found is None or found.end() != len(words) or not found.start():
        return None
    read = _read(words[: found.start()], context)
    if read is None or read.kind == "unclear" or found[0] in {"完成", "全面完成", "全部完成"}:
        return read
    return replace(read, note="；".join(note for note in (read.note, f"“{found[0]}”不作时限理解") if note))


_READERS = (
    _standing,
    _from_issue,
    _festive,
    _recurring,
    _single,
    _range,
    _from,
    _recurring_within,
    _without_tail,
    _list,
)


def _read(words: str, context: _Context) -> Deadline | None:
    """Returns what the first reader that takes the wording makes of it; brackets first as part of it, then left out."""
    for reader in _READERS:
        if found := reader(words, context):
            return found
    outside = re.sub(r"\([^()]*\)", "", words)
    if outside == words:
        return None
    inside = "、".join(text for text in re.findall(r"\(([^()]*)\)", words) if text)
    if found := _read(re.sub(r"[()]", "", words), context):
        return found
    found = _read(outside, context) if outside else None
    note = f"括号内“{inside}”不作时限理解" if inside else ""
    return replace(found, note="；".join(text for text in (found.note, note) if text)) if found else None
