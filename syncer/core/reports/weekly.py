"""The weekly sheet (周报): which tasks a leader must read of, who has not reported, what falls due, and the week's marks.

Rows and their order are those such offices use: 红, 黄, what changed, and one line for the rest. What a row says is
`syncer.core.reports.voices`'s business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from syncer.core.calendar import Week, Workdays
from syncer.core.model import Ledger, Light, Settings, Unit
from syncer.core.reports.owed import WEEKLY, Missing
from syncer.core.reports.progress import Progress, TaskProgress, UnitProgress
from syncer.core.reports.voices import NOT_FILLED, URGENT, Voice, WeekLine, voices
from syncer.core.state import LedgerState, TaskMark, UnitState, WeekMarks

_OFF_AT_MOST = 60  # days, for which one looks for a week that is worked in
_NAMED_IN_GROUP_LINE = 8  # a chat line is read on a phone


@dataclass(frozen=True, slots=True)
class MissingLine:
    """One unit that owes something: what, since when, and what is known of its workbook."""

    unit: str  # short name
    what: str
    due: date | None
    late: bool
    last_change: date | None
    why: str
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """Something that falls due next week. ``number`` is empty for a sheet that is to be handed in."""

    day: date
    number: str
    title: str
    leads: str
    who: str
    deadline: str = ""
    status: str = ""
    percent: str = ""
    light: Light | None = None
    light_text: str = ""


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """Everything that stands on a weekly sheet; ``start`` and ``end`` are the first and last day it speaks of.

    A draft's ``end`` is the day it was made, or the day it will be issued: what falls due after it is 下周到期. A draft made
    on the day the week before was issued ends before it starts.
    """

    week: str  # "2026-W47"
    title: str  # without （送审稿）
    office: str
    start: date
    end: date
    as_of: date
    summary: str
    lines: tuple[WeekLine, ...]
    rest: str  # "其余14项：已完成3项、按序时推进11项", or ""
    notes: tuple[str, ...]
    missing: tuple[MissingLine, ...]  # roster order
    due: tuple[DueLine, ...]  # by day
    group_line: str


def period_start(last_week: WeekMarks, opened: str, as_of: date) -> date:
    """Returns the first day a weekly sheet speaks of: the day after the last issue, so that no day stands in two weeks.

    The first sheet speaks from the day on which the workbooks went out (``opened``, an ISO moment, maybe blank). On a
    day of issue the next period has not begun yet: it starts tomorrow.
    """
    if last_week.issued_at:
        return datetime.fromisoformat(last_week.issued_at).date() + timedelta(days=1)
    return min(datetime.fromisoformat(opened).date(), as_of) if opened else Week.of(as_of).monday


def weekly_report(
    ledger: Ledger, state: LedgerState, progress: Progress, week: str, start: date, end: date
) -> WeeklyReport:
    """Returns the weekly sheet of a period, as things stand on ``progress.as_of``.

    ``state.last_week`` must be the marks of the week issued before this one; with none, nothing counts as 未更新 and no
    points are compared. A correction of an issued week is therefore made from the marks before it.
    """
    told = list(voices(ledger, state, progress.tasks))
    shown = sorted((v for v in told if v.task.light in URGENT or v.changed), key=lambda voice: voice.rank)
    rest = [v.task for v in told if v.task.light not in URGENT and not v.changed]
    missing = _missing_lines(ledger, state, progress, end)
    due = tuple(sorted(_due(ledger, progress, end), key=lambda line: line.day))
    number = Week.parse(week).number
    name = ledger.settings.ledger_name.removesuffix("台账")
    return WeeklyReport(
        week=week,
        title=f"{ledger.settings.office}{name}周报（{week[:4]}年第{number}周）",
        office=ledger.settings.office,
        start=start,
        end=end,
        as_of=progress.as_of,
        summary=_summary(progress, sum(v.changed for v in told)),
        lines=tuple(v.line(_who(ledger, v.task)) for v in shown),
        rest=_rest(rest),
        notes=tuple(_notes(ledger, told, missing)),
        missing=missing,
        due=due,
        group_line=_group_line(ledger.settings, number, end, missing, due),
    )


def marks(progress: Progress, week: str, issued_at: datetime) -> WeekMarks:
    """Returns what is to be kept when a week is issued: how each unit's task stood, and its text for 上周完成情况."""
    return WeekMarks(
        week=week,
        issued_at=issued_at.isoformat(timespec="seconds"),
        tasks=tuple(
            ((lead.task, lead.unit), _mark(lead)) for task in progress.tasks for lead in task.leads if lead.unit
        ),
    )


def _mark(lead: UnitProgress) -> TaskMark:
    return TaskMark(
        percent=lead.percent,
        status=lead.status,
        text=lead.row.text("this_week") if lead.row else "",
        light=lead.light.value,
        red_weeks=lead.red_weeks,
    )


def _leads(ledger: Ledger, task: TaskProgress) -> str:
    return "、".join(ledger.unit_name(code) for code in task.task.leads) or "未定牵头单位"


def _who(ledger: Ledger, task: TaskProgress) -> str:
    """牵头（配合）: the leads by name, the supporting units as the plan words them (a group stays a group)."""
    leads = _leads(ledger, task)
    supports = task.task.supports_text or "、".join(ledger.unit_name(code) for code in task.task.supports)
    return f"{leads}（{supports}）" if supports else leads


def _summary(progress: Progress, changed: int) -> str:
    """Returns one line of totals: lights, what is finished, how many tasks had news."""
    lights = Counter(task.light for task in progress.tasks)
    counted = "、".join(f"{light.value}{lights[light]}" for light in Light if lights[light])
    done = sum(task.finished for task in progress.tasks)
    return f"共{len(progress.tasks)}项任务{counted and f'（{counted}）'}；已完成{done}项，本周有进展{changed}项。"


def _rest(tasks: list[TaskProgress]) -> str:
    """Returns the one line for the tasks that need no row."""
    if not tasks:
        return ""
    done = sum(task.finished for task in tasks)
    unbegun = sum(task.light is Light.GREY for task in tasks)
    going_on = len(tasks) - done - unbegun
    parts = ((done, "已完成"), (going_on, "按序时推进"), (unbegun, "尚未启动"))
    return f"其余{len(tasks)}项：{'、'.join(f'{word}{count}项' for count, word in parts if count)}"


def _notes(ledger: Ledger, told: list[Voice], missing: tuple[MissingLine, ...]) -> Iterator[str]:
    """Who did not report, and who reported but left texts as they were; nobody is named twice."""
    absent = [line.unit for line in missing if WEEKLY in line.what]
    if absent:
        yield f"本周未报送的单位（{len(absent)}个）：{'、'.join(absent)}。"
    stale = Counter(report.lead.unit for voice in told for report in voice.reports if report.stale)
    named = [f"{u.short}{stale[u.code]}项" for u in ledger.units if stale[u.code] and u.short not in absent]
    if named:
        yield f"已报送、但有任务未更新的单位：{'、'.join(named)}。"


def _missing_lines(ledger: Ledger, state: LedgerState, progress: Progress, end: date) -> tuple[MissingLine, ...]:
    """What was owed by the period's end and is not there, one line a unit; what falls due later is `_due`'s."""
    owed = [m for m in progress.missing if m.what == WEEKLY or m.due is None or m.due <= end]
    units = {unit.code: unit for unit in ledger.units}
    return tuple(
        _missing_line(units[code], state.unit(code), list(of_unit))
        for code, of_unit in groupby(owed, key=lambda m: m.unit)
        if code in units
    )


def _missing_line(unit: Unit, known: UnitState, owed: list[Missing]) -> MissingLine:
    late = any(m.late for m in owed)
    why = {
        "missing": "工作簿未发放或找不到",
        "issued": "发放后从未保存",
        "refused": f"文件未被接受：{known.receipt}" if known.receipt else "文件未被接受",
    }.get(known.state, "已逾期" if late else "本周内容没有变化")
    return MissingLine(
        unit=unit.short,
        what="、".join(m.what for m in owed),
        due=min((m.due for m in owed if m.due), default=None),
        late=late,
        last_change=datetime.fromisoformat(known.last_change).date() if known.last_change else None,
        why=why,
        contact=unit.contact,
        phone=unit.phone,
    )


def _due(ledger: Ledger, progress: Progress, end: date) -> Iterator[DueLine]:
    """Everything that falls due after ``end`` and until the next sheet has been issued, and is not finished.

    That is the next week's Sunday; of a week wholly off work nobody issues one.
    """
    workdays, following = Workdays(ledger.days), Week.of(Week.of(end).monday + timedelta(days=7))
    while workdays.last_workday(following) is None and (following.monday - end).days < _OFF_AT_MOST:
        following = Week.of(following.monday + timedelta(days=7))
    horizon = following.sunday
    for task in progress.tasks:
        deadline = task.task.deadline
        days = deadline.milestones or ((deadline.due,) if deadline.due else ())
        for day in (day for day in days if end < day <= horizon and not task.finished):
            yield DueLine(
                day=day,
                number=task.task.number,
                title=task.task.title,
                leads=_leads(ledger, task),
                who=_who(ledger, task),
                deadline=deadline.text,
                status=task.status or NOT_FILLED,
                percent="—" if task.percent is None else f"{task.percent:.0f}%",
                light=task.light,
                light_text=task.first.label,
            )
    sheets: dict[tuple[date, str], list[str]] = {}
    for m in progress.missing:
        if m.due and end < m.due <= horizon and m.what != WEEKLY:
            sheets.setdefault((m.due, m.what), []).append(ledger.unit_name(m.unit))
    for (day, what), units in sheets.items():
        names = "、".join(units)
        yield DueLine(day=day, number="", title=f"报送《{what}》", leads=names, who=names)


def _group_line(
    settings: Settings, number: int, end: date, missing: tuple[MissingLine, ...], due: tuple[DueLine, ...]
) -> str:
    """Returns the line to paste into the work group: who is missing, what is due. No phone numbers."""
    names = "、".join(line.unit for line in missing)
    last = max((line.due for line in missing if line.due), default=end)
    by = f"{last.month}月{last.day}日{settings.weekly_time:%H:%M}"
    first = f"未报送：{names}，请尽快在本单位工作簿中填报并保存（截止{by}）。" if missing else "各单位均已报送。"
    items = [f"{line.day.month}月{line.day.day}日 {line.number}{line.title}（{line.leads}）" for line in due]
    more = f"等{len(items)}项" if len(items) > _NAMED_IN_GROUP_LINE else ""
    second = f"下周到期：{'；'.join(items[:_NAMED_IN_GROUP_LINE])}{more}。" if items else "下周无到期任务。"
    return f"【创建工作第{number}周】{first}{second}"
