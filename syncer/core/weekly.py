"""The weekly sheet (周报): which tasks a leader must read of, who has not reported, what falls due, and the week's marks.

Rows and their order are those such offices use: 红, 黄, what changed, and one line for the rest. A text still equal to last
week's counts as 未更新 and is printed so; "无变化" is an accepted answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from syncer.core.calendar import Week
from syncer.core.model import Ledger, Light, Settings, Unit
from syncer.core.progress import DONE, SUPPORT, WEEKLY, Missing, Progress, TaskProgress, UnitProgress
from syncer.core.state import LedgerState, TaskMark, UnitState, WeekMarks
from syncer.core.values import fold

NOT_UPDATED, NOT_FILLED, NO_CHANGE = "未更新", "未填报", "无变化"
_SAME_AS_BEFORE = frozenset({"无变化", "没有变化", "无新变化", "同上周", "与上周相同"})
_URGENT = (Light.RED, Light.YELLOW)
_ENDS = "。；;.，, \n"  # what a text may end with and loses where another follows
_NAMED_IN_GROUP_LINE = 8  # a chat line is read on a phone


@dataclass(frozen=True, slots=True)
class WeekLine:
    """One task's row on the weekly sheet, every cell as it is printed."""

    number: str
    title: str
    who: str  # "宣传科（配合：各支部）"
    deadline: str
    status: str
    percent: str  # "60%（+5）"
    this_week: str
    next_week: str
    trouble: str
    help: str
    light: Light
    light_text: str  # "红 逾期5天（连续2周）"


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

    A draft's ``end`` is the day it was made, or the day it will be issued: what falls due after it is 下周到期.
    """

    week: str  # "2026-W47"
    title: str  # without （送审稿）
    office: str
    start: date
    end: date
    as_of: date
    summary: str
    lines: tuple[WeekLine, ...]
    rest: str  # "其余14项按序时推进", or ""
    notes: tuple[str, ...]
    missing: tuple[MissingLine, ...]  # roster order
    due: tuple[DueLine, ...]  # by day
    group_line: str


def weekly_report(
    ledger: Ledger, state: LedgerState, progress: Progress, week: str, start: date, end: date
) -> WeeklyReport:
    """Returns the weekly sheet of a period, as things stand on ``progress.as_of``.

    ``state.last_week`` must be the marks of the week issued before this one; with none, nothing counts as 未更新 and no
    points are compared. A correction of an issued week is therefore made from the marks before it.
    """
    voices = [_voice(ledger, state, task) for task in progress.tasks]
    shown = sorted((v for v in voices if v.task.light in _URGENT or v.changed), key=lambda voice: voice.rank)
    rest = [v.task for v in voices if v.task.light not in _URGENT and not v.changed]
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
        summary=_summary(progress, sum(v.changed for v in voices)),
        lines=tuple(v.line(_who(ledger, v.task)) for v in shown),
        rest=_rest(rest),
        notes=tuple(_notes(ledger, voices, missing)),
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


@dataclass(frozen=True, slots=True)
class _Report:
    """What one lead says of a task, against what it said last week."""

    lead: UnitProgress
    name: str
    mark: TaskMark
    compared: bool  # there is a last week
    finished: bool

    def cell(self, column: str) -> str:
        """Returns the text in one of the unit's own cells."""
        return self.lead.row.text(column) if self.lead.row else ""

    @property
    def fresh(self) -> bool:
        """Whether the text is a new one."""
        text = fold(self.cell("this_week"))
        return bool(text) and text not in _SAME_AS_BEFORE and not (self.compared and text == fold(self.mark.text))

    @property
    def stale(self) -> bool:
        """Whether a text was owed, and is blank or as it was."""
        return bool(self.lead.unit) and not (
            self.finished or self.fresh or fold(self.cell("this_week")) in _SAME_AS_BEFORE
        )

    @property
    def news(self) -> bool:
        """Whether there is news: a new text, other points or status, a light that left red or yellow."""
        if self.fresh or not self.compared:
            return self.fresh
        calmed = self.mark.light in _URGENT and self.lead.light not in _URGENT
        return calmed or self.lead.percent != self.mark.percent or self.lead.status != self.mark.status

    @property
    def said(self) -> str:
        """本周完成情况 as it is printed."""
        text = self.cell("this_week")
        if not text:
            return NOT_FILLED if self.stale else ""
        if fold(text) in _SAME_AS_BEFORE:
            return NO_CHANGE
        return text if self.fresh else f"{NOT_UPDATED}（上周：{text.rstrip(_ENDS)}）"


@dataclass(frozen=True, slots=True)
class _Voice:
    """One task with what its units say of it."""

    task: TaskProgress
    reports: tuple[_Report, ...]  # roster order
    supports: tuple[tuple[str, str], ...]  # (short name, what a supporting unit newly reported)

    @property
    def changed(self) -> bool:
        """Whether there is news of the task."""
        return bool(self.supports) or any(report.news for report in self.reports)

    @property
    def rank(self) -> int:
        """红 before 黄 before what merely changed."""
        return _URGENT.index(self.task.light) if self.task.light in _URGENT else len(_URGENT)

    def line(self, who: str) -> WeekLine:
        """Returns the row as it is printed."""
        supports = [f"【配合·{name}】{text.rstrip(_ENDS)}" for name, text in self.supports]
        return WeekLine(
            number=self.task.task.number,
            title=self.task.task.title,
            who=who,
            deadline=self.task.task.deadline.text,
            status=self.task.status or NOT_FILLED,
            percent=self._percent(),
            this_week=_listed([_together([(r.name, r.said) for r in self.reports]), *supports]),
            next_week=self._own("next_week"),
            trouble=_listed([self._own("trouble"), *self.task.contradictions]),
            help=self._own("help"),
            light=self.task.light,
            light_text=self.task.first.label,
        )

    def _own(self, column: str) -> str:
        return _together([(report.name, report.cell(column)) for report in self.reports])

    def _percent(self) -> str:
        first = next(report for report in self.reports if report.lead.unit == self.task.first.unit)
        now, before = first.lead.percent, first.mark.percent
        if now is None:
            return "—"
        if not first.compared or before is None:
            return f"{now:.0f}%"
        step = round(now) - round(before)
        return f"{now:.0f}%（{f'{step:+d}' if step else '持平'}）"


def _voice(ledger: Ledger, state: LedgerState, task: TaskProgress) -> _Voice:
    order = {unit.code: place for place, unit in enumerate(ledger.units)}
    reports = [
        _Report(
            lead=lead,
            name=_short(ledger, lead.unit),
            mark=state.last_week.mark(task.task.id, lead.unit),
            compared=bool(state.last_week.week),
            finished=task.finished or lead.status in DONE,
        )
        for lead in task.leads
    ]
    return _Voice(
        task=task,
        reports=tuple(sorted(reports, key=lambda report: order.get(report.lead.unit, len(order)))),
        supports=tuple(_new_supports(ledger, state, task.task.id)),
    )


def _new_supports(ledger: Ledger, state: LedgerState, task: str) -> Iterator[tuple[str, str]]:
    """What supporting units changed in 配合完成情况 since the last issue."""
    told = {
        change.unit
        for change in state.changes
        if change.row_id == task and change.sheet == SUPPORT and change.outcome == "accepted"
    }
    for unit in ledger.units if told else ():
        row = next((r for r in state.rows_of(SUPPORT, unit.code) if r.id == task and r.unit in told), None)
        if row is not None and row.text("report"):
            yield unit.short, row.text("report")


def _together(texts: list[tuple[str, str]]) -> str:
    """Returns what several units say as one text (practice: ``【办公室】…；【人事科】…``); of one unit, just its text."""
    if len(texts) == 1:
        return texts[0][1]
    return _listed([f"【{name}】{text.rstrip(_ENDS)}" for name, text in texts if text])


def _listed(parts: list[str]) -> str:
    return "；".join(part for part in parts if part)


def _short(ledger: Ledger, code: str) -> str:
    unit = ledger.unit(code)
    return unit.short if unit else code


def _leads(ledger: Ledger, task: TaskProgress) -> str:
    return "、".join(_short(ledger, code) for code in task.task.leads) or "未定牵头单位"


def _who(ledger: Ledger, task: TaskProgress) -> str:
    """牵头（配合）: the leads by name, the supporting units as the plan words them (a group stays a group)."""
    leads = _leads(ledger, task)
    supports = task.task.supports_text or "、".join(_short(ledger, code) for code in task.task.supports)
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
    parts = [f"已完成{done}项" if done else "", f"未启动{unbegun}项" if unbegun else ""]
    inside = "、".join(part for part in parts if part)
    return f"其余{len(tasks)}项按序时推进{f'（其中{inside}）' if inside else ''}"


def _notes(ledger: Ledger, voices: list[_Voice], missing: tuple[MissingLine, ...]) -> Iterator[str]:
    """Who did not report, and who reported but left texts as they were; nobody is named twice."""
    absent = [line.unit for line in missing if WEEKLY in line.what]
    if absent:
        yield f"本周未报送的单位（{len(absent)}个）：{'、'.join(absent)}。"
    stale = Counter(report.lead.unit for voice in voices for report in voice.reports if report.stale)
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
    """Everything that falls due after ``end`` and up to the next week's Sunday, and is not finished."""
    horizon = Week.of(end).sunday + timedelta(days=7)
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
            sheets.setdefault((m.due, m.what), []).append(_short(ledger, m.unit))
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
