"""Reads a worded deadline: what "3月底前" or "每周五下午" means in a ledger's year.

A cleaned wording is offered to one reader after another: what lasts all year, what counts from the day of issue, what
recurs, one day or period, a range, a list. A reader takes a wording as a whole or not at all, so that nothing is half
understood; what no reader takes is a question. A bare month belongs to the ledger's year, never to today's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from syncer.core.calendar import TRADITIONAL, Workdays, name_key
from syncer.core.deadlines.deadline import Deadline, unclear
from syncer.core.deadlines.recurring import recurring, split_times
from syncer.core.deadlines.spans import (
    LAG,
    Context,
    Span,
    add_lag,
    calendar_span,
    due_once,
    iso_weekday,
    other_year,
    read_span,
    recurrence,
    spread,
)
from syncer.core.deadlines.wording import clean, wording_key
from syncer.core.values import Scalar, fold, show, tidy

_LONGEST = 1000  # signs; no deadline is longer, and what is pasted by mistake shall not cost time


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
        return replace(unclear("太长，不像时限"), text=shown)
    keys = {wording_key(name, year): day for name, day in named_days.items() if 1900 < day.year < 2200}
    named = tuple(sorted(((key, day) for key, day in keys.items() if key), key=lambda item: (-len(item[0]), item[0])))
    context = Context(year, workdays, named, shift, issued)
    blank = not fold(shown).strip("-—/、.无")
    if blank and not often:
        return Deadline(shown)
    said = often if blank else shown
    first = None
    for wording in [said] if blank or not often else [said, often + said]:
        words = clean(wording, year)
        found = _other_weekday(wording, year) or _read(words, context)
        if found and found.kind != "unclear":
            reading = _without_issue(words, found, context) or ("" if wording == said else wording)
            return replace(found, text=said, reading=reading)
        first = first or found
    unread = unclear("没有读懂，请写成某年某月某日，或在“节假日与节点”里加上所指的日子")
    return replace(first or unread, text=said)


def _without_issue(words: str, found: Deadline, context: Context) -> str:
    """Returns what means the same without the day of issue: dates for 即日 and for lags; ``""`` where nothing changes."""
    context, issued = replace(context, issued=None), context.issued
    if issued is None or _read(words, context) == found:
        return ""
    dated = re.sub("即日|现在", f"{issued.year}年{issued.month}月{issued.day}日", words)
    own_year = re.sub(r"([至到~—-])(?=\d{1,2}月)", rf"\g<1>{context.year}年", dated)  # else it takes the first day's
    for wording in (dated, own_year):
        again = _read(wording, context)
        if again and replace(again, note=found.note) == found:
            return wording
    days = [f"{day.year}年{day.month}月{day.day}日" for day in found.milestones or (found.start, found.due) if day]
    return ("、" if found.milestones else "至").join(days)


_DAY_AND_WEEKDAY = re.compile(r"(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})[日号]\(?(?:周|星期|礼拜)([一二三四五六日天])")


def _other_weekday(wording: str, year: int) -> Deadline | None:
    """3月5日（周五）前 where the 5th is a Thursday: one of the two is wrong."""
    for found in _DAY_AND_WEEKDAY.finditer(fold(wording)):
        try:
            day = date(int(found[1] or year), int(found[2]), int(found[3]))
        except ValueError:
            continue
        if day.isoweekday() != iso_weekday(found[4]):
            return unclear(f"{day:%Y-%m-%d}是星期{'一二三四五六日'[day.weekday()]}，与“{found[0]}”不符")
    return None


# --- the readers: each takes a whole wording or nothing -----------------------------------------------------------

_STANDING = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)年?度?)?(?:贯穿|坚持|作为)?(?:长期|长效|全年|常年|终年|常态|持续|经常|日常|不间断|随时|平时)"
    r"(?:化|长效|机制|性|度|的|坚持|推进|开展|任务|工作|落实|执行|保持|实施|抓好|进行|有效|管理|更新|做好|推动|组织|不断|长期|持续|常态)*"
)


def _standing(words: str, context: Context) -> Deadline | None:
    """长期坚持, 全年, 常态化: all year long."""
    if found := _STANDING.fullmatch(words):
        year = int(found["year"] or context.year)
        end = date(year, 12, 31)
        return Deadline(
            kind="all_year", due=end, start=date(year, 1, 1) if found["year"] else None, note=other_year(end, context)
        )
    return None


_AT_ONCE = re.compile(r"立.立改|即知即改|即查即改|即行即改|立即(?:整改|办理|落实|执行)?|马上(?:整改|办理?|落实)?")
_WITHIN = re.compile(
    rf"(?:[^\d]*(?:印发|接通知|下达|下发|发文|收到|接到|通知|交办|即日|发布)[^\d]*?(?:起|后)?)?{LAG}(?:以|之)?内"
)


def _from_issue(words: str, context: Context) -> Deadline | None:
    """立行立改 (5 working days), 10个工作日内, 印发之日起30日内, 即日起至10月31日: counted from the day of issue."""
    lag = re.fullmatch(LAG, "5个工作日") if _AT_ONCE.fullmatch(words) else _WITHIN.fullmatch(words)
    if lag and context.issued is None:
        return unclear(f"“{words}”从下达之日算起，请写明到哪一天")
    if lag and context.issued:
        return due_once(Span(context.issued, add_lag(context.issued, lag, 1, context)), context)
    now = re.fullmatch(
        r"(?:从|自)?(?:即日|现在)(?:起|开始)*(?:长期[^\d每前]*|持续[^\d每前]*|常态[^\d每前]*|(?:至|到|[-~—]+)(?P<end>.+))?",
        words,
    )
    if now is None:
        return None
    if now["end"] is None:
        return Deadline(kind="all_year", start=context.issued, due=date(context.year, 12, 31))
    end = read_span(now["end"], context)
    if not isinstance(end, Span):
        return end
    return due_once(
        replace(end, start=context.issued if context.issued and context.issued <= end.due else None), context
    )


_OFF_WORK = {"元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆"}
_FESTIVE = re.compile(
    r"(?:[^\d前后]*、[^\d前后]*等)?(?:按|每逢|逢|每个|每|各个|各|在|7个|7大)*(?:传统|重大|重要|我们的|法定|中国|民族|主要)*节(?:假)?日?节?(?P<before>前)?"
    r"(?:期间|当天|开展|时)?"
)


def _festive(words: str, context: Context) -> Deadline | None:
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
            return unclear(f"“{words}”是哪个节日之前？")
        return due_once(
            Span(None, coming[0] - timedelta(1), f"“{words}”按{coming[0]:%Y-%m-%d}之前理解", "提前"), context
        )
    back = timedelta(1 if found["before"] else 0)
    spans = [
        Span(None, day - back, how="提前" if back else "不调整") for key, day in context.named if key in traditional
    ]
    return recurrence(spans, context)


def _recurring(words: str, context: Context) -> Deadline | None:
    """每周五, 每月25日前, 半年一次: its due days in the ledger's year."""
    return recurring(words, context, _read)


def _single(words: str, context: Context) -> Deadline | None:
    """One day or period: 3月底前, 春节前, 第三季度; with a number of times (上半年2次, 全年4次) its equal shares."""
    if words == "1月内":
        return unclear("“1月内”是1月份，还是一个月之内？")
    rest, times, note = split_times(words)
    if times > 1 and rest:
        whole = re.fullmatch(rf"(?:{context.year}年)?(?:全年度?|年?[内度])?", rest)
        span = Span(date(context.year, 1, 1), date(context.year, 12, 31)) if whole else calendar_span(rest, context)
        return recurrence(spread(span.start, span.due, times), context, note) if span and span.start else None
    found = read_span(rest if rest and times == 1 else words, context)
    return due_once(found, context) if isinstance(found, Span) else found


_TO = re.compile(r"(?:起|开始)?(?:至|到|[-~—–―]+)")


def _range(words: str, context: Context) -> Deadline | None:
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
        begin = read_span(left, context)
        end = read_span(right if own or not year else f"{year[0]}年{right}", context)
        if isinstance(begin, Span) and isinstance(end, Span):
            start = begin.start or begin.due
            if end.due < start and not own:
                later = read_span(f"{start.year + 1}年{right}", context)
                end = replace(later, note=f"“{right}”按次年理解") if isinstance(later, Span) else end
            return (
                due_once(replace(end, start=start), context)
                if start <= end.due
                else unclear(f"“{words}”的止日早于起日")
            )
    return None


def _from(words: str, context: Context) -> Deadline | None:
    """从3月起, 3月起长期坚持: from then to the end of the year."""
    found = re.fullmatch(
        r"(?:从|自)?(.+?)(?:起|开始)(?:长期[^\d每前]*|全年[^\d每前]*|持续[^\d每前]*|常态[^\d每前]*)?", words
    )
    begin = calendar_span(found[1], context) if found else None
    if begin is None:
        return None
    start = begin.start or begin.due
    end = date(max(start.year, context.year), 12, 31)
    return Deadline(kind="all_year", start=start, due=end, note=other_year(end, context))


def _list(words: str, context: Context) -> Deadline | None:
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
    if not days or all(replace(one, note="") == replace(found[0], note="") for one in found):
        return found[0]  # 立行立改，5个工作日内: said twice
    notes = dict.fromkeys(one.note for one in found if one.note)
    return Deadline(kind="recurring", due=days[-1], milestones=tuple(days), note="；".join(notes))


def _recurring_within(words: str, context: Context) -> Deadline | None:
    """3月起每月25日前, 上半年每周五: the due days of the one that lie in the other."""
    at = words.find("每")
    around = _read(words[:at], context) if at > 0 and words[at - 1] != "、" else None
    if around is None or around.due is None or (around.start is None and around.kind != "all_year"):
        return None
    inner = _recurring(words[at:], replace(context, how="不调整"))
    end = _read(words[:at], replace(context, how="不调整"))
    if inner is None or inner.kind != "recurring" or end is None or end.due is None:
        return None
    start = around.start or date(context.year, 1, 1)
    # the end of May, due on a Monday in June, still is none of 6月起每月底
    days = sorted({context.settle(Span(None, day)) for day in inner.milestones if start <= day <= end.due})
    return replace(inner, start=around.start, due=days[-1], milestones=tuple(days)) if days else None


_TAIL = re.compile(
    r"(?:全面|基本|全部)?(?:完成|办结|办理|到位|上报|报送|提交|报|学习|例会|开展|启动|落实|制定|制订|印发|召开|组织|举办|举行|整改|销号|建立|出台|实现|形成|更新"
    r"|总结|检查|评选|公示|表彰|验收|考核|通报|推进|实施|进行|巡查|清查|更换|维护|公开|公布|发布|汇总|研究|部署|调度)(?:[^\d前每]|\d{1,3}%)*"
)


_MERELY_DOING = {"完成", "全面完成", "全部完成", "推进", "开展", "实施", "落实", "进行"}


def _without_tail(words: str, context: Context) -> Deadline | None:
    """3月底前完成方案制定: what is to be done stands after the when, and is not part of it."""
    found = _TAIL.search(words)
    if found is None or found.end() != len(words) or not found.start():
        return None
    read = _read(words[: found.start()], context)
    if read is None or read.kind == "unclear" or found[0] in _MERELY_DOING:
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


def _read(words: str, context: Context) -> Deadline | None:
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
