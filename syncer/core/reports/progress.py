"""How every task stands on a day: what was counted, percent, the line it should have reached, its light and why."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

from syncer.core.calendar import Week, Workdays
from syncer.core.deadlines import Deadline, due_after, expected_percent, is_overdue
from syncer.core.facts import UnitFacts
from syncer.core.memo import Memo
from syncer.core.model import Ledger, Light, Row, Settings, Task
from syncer.core.phrases import unended
from syncer.core.reports.amounts import shown
from syncer.core.reports.counting import Counts
from syncer.core.reports.facts import facts_of
from syncer.core.reports.owed import Missing, missing_reports
from syncer.core.state import LedgerState, TaskMark
from syncer.core.values import fold

# Codes of the shipped template that lights and counts go by; an office may rename the columns, not the codes.
TASKS, SUPPORT = "tasks", "support"
DONE, DELAYED, NOT_BEGUN = frozenset({"已完成", "已销号"}), "滞后", "未启动"
_WORKDAYS_A_WEEK = 5
# What a supporting unit writes when its part is not done (practice: the lead says done while a support says not).
_NOT_DONE = (
    "未完成",
    "未开展",
    "未启动",
    "未开始",
    "未落实",
    "尚未",
    "还没",
    "没有完成",
    "正在",
    "推进中",
    "进行中",
    "滞后",
)


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """How a task stands with one unit that leads it. ``percent`` in points, 0–100; ``own_count`` its share of the count."""

    task: str  # task id
    unit: str  # unit code; "" for a task that nobody leads
    light: Light
    reason: str  # without the light's character: "落后12个百分点"
    percent: float | None = None
    status: str = ""
    own_count: float | None = None
    red_weeks: int = 0  # weeks in a row that it stands red, this one counted
    silent_weeks: int = 0
    row: Row | None = None  # its report; none before the first save

    @property
    def label(self) -> str:
        """The light in words, for cells: ``"黄 落后12个百分点"``."""
        weeks = f"（连续{self.red_weeks}周）" if self.red_weeks > 1 else ""
        return f"{self.light} {self.reason}{weeks}".strip()


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How a task stands as a whole: status and light are those of the unit named first."""

    task: Task
    leads: tuple[UnitProgress, ...]  # in the plan's order, never empty
    count: float | None = None  # as counted over all units, not capped, not rounded
    percent: float | None = None
    counted: bool = False  # percent is the system's count against the target, not the unit's word
    expected: float | None = None  # where it should be, in points
    due: date | None = None  # last due day
    next_due: date | None = None
    contradictions: tuple[str, ...] = ()  # both texts
    notes: tuple[str, ...] = ()
    evidence: Mapping[str, int] = field(default_factory=dict)  # 材料 that name it, by unit

    @property
    def first(self) -> UnitProgress:
        """The standing that counts for the task."""
        return self.leads[0]

    @property
    def light(self) -> Light:
        """Its light."""
        return self.first.light

    @property
    def status(self) -> str:
        """Its 工作状态."""
        return self.first.status

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do: declared done, or the target reached."""
        return self.status in DONE or (self.counted and self.percent == 100)


@dataclass(frozen=True, slots=True)
class Progress:
    """The whole plan as it stands on ``as_of``."""

    as_of: date
    tasks: tuple[TaskProgress, ...]  # plan order
    missing: tuple[Missing, ...] = ()  # roster order

    def task(self, task_id: str) -> TaskProgress | None:
        """Returns how a task stands."""
        return next((t for t in self.tasks if t.task.id == task_id), None)

    def unit(self, task_id: str, unit: str) -> UnitProgress | None:
        """Returns how a task stands with a unit that leads it."""
        task = self.task(task_id)
        return next((u for u in task.leads if u.unit == unit), None) if task else None

    def not_reported(self, units: Collection[str] | None = None) -> tuple[str, ...]:
        """Returns the units (of ``units``) that owe something, late or not, in roster order."""
        return tuple(dict.fromkeys(m.unit for m in self.missing if units is None or m.unit in units))

    @property
    def late(self) -> tuple[Missing, ...]:
        """What is owed and late."""
        return tuple(m for m in self.missing if m.late)


def assess(
    ledger: Ledger,
    state: LedgerState,
    as_of: date,
    workdays: Workdays,
    *,
    opened: date | None = None,
    counts: Counts | None = None,
    memo: Memo | None = None,
) -> Progress:
    """Returns how every task stands at the end of ``as_of``.

    ``opened`` is the day the workbooks were handed out: silence of a task that nobody ever touched counts from then (not
    from 1 January: a ledger begun in autumn would be yellow on its first day). Without it the oldest trace in the state
    counts; with no trace at all nobody is silent yet. ``counts``, where somebody keeps them up, are those of the same facts;
    with a ``memo`` a task of which nothing is new is not assessed again.
    """
    facts = facts_of(ledger, state)
    opened = opened or min((moment.date() for moment in _traces(state, facts)), default=as_of)
    memo = memo or Memo()
    reports = memo.of("reports", (state.rows,), lambda: _by_task(_said_on(TASKS, state)))
    supports = memo.of("supports", (state.rows,), lambda: _by_task(_said_on(SUPPORT, state)))
    marks = memo.of("marks of tasks", (state.last_week,), lambda: _by_task(state.last_week.tasks))
    counts = counts or Counts(ledger, facts, as_of)
    assessor = _Assessor(ledger, state, as_of, workdays, opened, reports, supports, marks, counts)
    return Progress(
        as_of=as_of,
        tasks=tuple(
            memo.of(("assessed", task.id), assessor.rests_on(task), partial(assessor.task, task))
            for task in ledger.tasks
        ),
        missing=tuple(missing_reports(ledger, state, facts, as_of, workdays, opened)),
    )


T = TypeVar("T")
_ByTask = Mapping[str, Mapping[str, T]]
"""By task id and unit."""


def _by_task(said: Iterable[tuple[tuple[str, str], T]]) -> _ByTask[T]:
    found: dict[str, dict[str, T]] = defaultdict(dict)
    for (task, unit), what in said:
        found[task][unit] = what
    return dict(found)


def _said_on(sheet: str, state: LedgerState) -> Iterator[tuple[tuple[str, str], Row]]:
    return (((row.id, row.unit), row) for row in state.rows if row.sheet == sheet)


_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class _Assessor:
    ledger: Ledger
    state: LedgerState
    as_of: date
    workdays: Workdays
    opened: date
    reports: _ByTask[Row]  # of those that lead
    supports: _ByTask[Row]
    marks: _ByTask[TaskMark]
    counts: Counts

    def rests_on(self, task: Task) -> tuple[object, ...]:
        """Returns all that `task` goes by."""
        settings = (self.ledger.version, self.as_of, self.opened, self.state.last_week.week)
        said = (self.reports.get(task.id), self.supports.get(task.id), self.marks.get(task.id))
        return (settings, task, said, self.counts.of(task))

    def task(self, task: Task) -> TaskProgress:
        year, deadline = self.ledger.settings.year, task.deadline
        count = self.counts.count(task)
        counted = min(100.0, 100 * count / task.target) if count is not None and task.target else None
        expected = expected_percent(deadline, self.as_of, year)
        contradictions = tuple(self._contradictions(task, counted))
        leads = tuple(
            self._unit(task, unit, counted, expected, contradictions if at == 0 else ())
            for at, unit in enumerate(task.leads or ("",))
        )
        return TaskProgress(
            task=task,
            leads=leads,
            count=count,
            percent=leads[0].percent,
            counted=counted is not None,
            expected=expected,
            due=deadline.due,
            next_due=due_after(deadline, self.as_of),
            contradictions=(*contradictions, *self._unlike_totals(task)),
            notes=tuple(self._notes(task)),
            evidence=self.counts.evidence(task),
        )

    def _unit(
        self, task: Task, unit: str, counted: float | None, expected: float | None, contradictions: tuple[str, ...]
    ) -> UnitProgress:
        row = self._said(task)[0].get(unit)
        status = row.text("status") if row else ""
        percent = counted if counted is not None else _points(row, status)
        silent = self._silent_weeks(task, unit, row)
        left = self._workdays_left(task.deadline, counted if counted is not None else percent)
        light, reason = judge(
            self.ledger.settings,
            status=status,
            percent=percent,
            expected=expected,
            overdue_days=_overdue_days(task.deadline, self.as_of),
            workdays_left=left,
            silent_weeks=silent,
            starts_later=bool(task.deadline.start and task.deadline.start > self.as_of),
            counted=counted is not None,
            contradicted=bool(contradictions),
        )
        if light is Light.RED and counted is not None:
            reason = f"{reason}；台账计数 {shown(self.counts.count(task), task.target):.10g}/{task.target:.10g}"
        mark = self.marks.get(task.id, _NOTHING).get(unit, TaskMark())
        return UnitProgress(
            task=task.id,
            unit=unit,
            light=light,
            reason=reason,
            percent=percent,
            status=status,
            own_count=self.counts.count(task, unit) if task.source and not task.source.per_sheet else None,
            red_weeks=self._red_weeks(mark) if light is Light.RED else 0,
            silent_weeks=silent,
            row=row,
        )

    def _silent_weeks(self, task: Task, unit: str, row: Row | None) -> int:
        """Whole working weeks since the unit last said something of the task; a holiday is not silence.

        A record that names the task speaks for it too: nothing is asked twice.
        """
        spoken = row.changed_at if row else ""
        if task.source:
            spoken = max(spoken, self.counts.touched(task, unit))
        since = max(datetime.fromisoformat(spoken).date(), self.opened) if spoken else self.opened
        return max(0, self.workdays.workdays_between(since, self.as_of)) // _WORKDAYS_A_WEEK

    def _workdays_left(self, deadline: Deadline, percent: float | None) -> int | None:
        """Working days until something more is due; ``None`` if nothing is, or if it always is (every Friday, say)."""
        due = due_after(deadline, self.as_of)
        if due is None:
            return None
        wanted = expected_percent(deadline, due, self.ledger.settings.year)
        if deadline.kind == "recurring" and None not in {percent, wanted} and _behind(percent, wanted) <= 0:
            return None
        gap = next((self.workdays.workdays_between(a, b) for a, b in pairwise(deadline.milestones) if b == due), None)
        if gap is not None and gap <= self.ledger.settings.blue_workdays:
            return None
        return self.workdays.workdays_between(self.as_of, due)

    def _red_weeks(self, mark: TaskMark) -> int:
        """A week already issued counts this week itself."""
        issued = self.state.last_week.week == Week.of(self.as_of).label
        return max(mark.red_weeks, 1) if issued else mark.red_weeks + 1

    def _contradictions(self, task: Task, counted: float | None) -> Iterator[str]:
        """Where the lead says done and somebody, or the count, says not: both texts."""
        reports, supports = self._said(task)
        first = reports.get(task.leads[0]) if task.leads else None
        if first is None or first.text("status") not in DONE:
            return
        says = f"牵头{self._name(first.unit)}报“{_joined(first.text('status'), first.text('this_week'))}”"
        for unit in task.leads[1:]:
            other = reports.get(unit)
            # A status that only stands there as it was handed out is nothing that the unit has said.
            if other and other.changed_at and other.text("status") and other.text("status") not in DONE:
                yield f"{says}，牵头{self._name(unit)}报“{_joined(other.text('status'), other.text('this_week'))}”"
        for unit in task.supports:
            other = supports.get(unit)
            report = other.text("report") if other else ""
            if other and other.get("finished_on") is None and any(words in report for words in _NOT_DONE):
                yield f"{says}，配合{self._name(unit)}报“{unended(report)}”"
        if counted is not None and counted < 100:
            count = shown(self.counts.count(task), task.target)
            yield f"{says}，台账只计到{count:.10g}{task.measure}，目标{task.target:.10g}{task.measure}"

    def _unlike_totals(self, task: Task) -> Iterator[str]:
        """Where units give unlike running totals (“累计12场”) of what the task measures: both texts. No light hangs on it."""
        if not task.measure:
            return
        reports, supports = self._said(task)
        rows = [("牵头", reports.get(unit), "this_week") for unit in task.leads]
        rows += [("配合", supports.get(unit), "report") for unit in task.supports]
        told = [(role, row.unit, row.text(code)) for role, row, code in rows if row]
        said = [(total, f"{role}{self._name(unit)}报“{unended(text)}”") for role, unit, text in told
                if (total := _total(text, task.measure))]  # fmt: skip
        yield from (f"{said[0][1]}，{words}" for total, words in said[1:] if total != said[0][0])

    def _said(self, task: Task) -> tuple[Mapping[str, Row], Mapping[str, Row]]:
        """What those say of a task that lead it, and those that support it."""
        return self.reports.get(task.id, _NOTHING), self.supports.get(task.id, _NOTHING)

    def _name(self, unit: str) -> str:
        return f"【{self.ledger.unit_name(unit)}】"

    def _notes(self, task: Task) -> Iterator[str]:
        if task.deadline.kind == "unclear":
            yield f"完成时限“{task.deadline.text}”未能识别，不按时限亮红灯"
        if not task.leads:
            yield "没有牵头单位"
        if ahead := self.counts.ahead(task):
            yield f"另有{ahead}条记录的日期在{self.as_of:%m月%d日}之后，暂不计入"
        if task.source and task.source.per_sheet and self.counts.count(task) is None:
            yield "人均无法计算：名册中还没有有效人员"


def judge(
    settings: Settings,
    *,
    status: str,
    percent: float | None,
    expected: float | None,
    overdue_days: int = 0,
    workdays_left: int | None = None,
    silent_weeks: int = 0,
    starts_later: bool = False,
    counted: bool = False,
    contradicted: bool = False,
) -> tuple[Light, str]:
    """Returns a light and why, by the thresholds in the settings (practice: 绿 蓝 黄 红 灰).

    The worst that holds wins, and says all its reasons: ``(Light.YELLOW, "落后12个百分点；2周未更新")``. An unknown percent is
    never behind the line.
    """
    if contradicted:
        return Light.YELLOW, "填报互相矛盾"
    if status in DONE:
        return Light.GREEN, status
    if counted and percent == 100:
        return Light.GREEN, "已达目标"
    begun = status not in {"", NOT_BEGUN} or bool(percent)
    if starts_later and not begun:
        return Light.GREY, "未到启动时间"
    behind = _behind(percent, expected)
    lag = f"落后{behind:.0f}个百分点"
    if overdue_days:
        return Light.RED, f"逾期{overdue_days}天"
    if behind > settings.red_points:
        return Light.RED, lag
    yellow = ["自报滞后"] if status == DELAYED else []
    yellow += [lag] if behind >= settings.yellow_points else []
    yellow += [f"{silent_weeks}周未更新"] if silent_weeks >= settings.silent_weeks else []
    if yellow:
        return Light.YELLOW, "；".join(yellow)
    if workdays_left is not None and workdays_left <= settings.blue_workdays:
        return Light.BLUE, f"距时限还有{workdays_left}个工作日" if workdays_left else "今日到期"
    if not begun:
        return Light.GREY, "未启动"
    return Light.GREEN, "按序时推进" if percent is not None or expected is None else "按序时推进（未填完成率）"


def _traces(state: LedgerState, facts: Iterable[UnitFacts]) -> Iterator[datetime]:
    for unit in state.units:
        yield from (datetime.fromisoformat(at) for at in (unit.last_saved, unit.last_change) if at)
    yield from (datetime.fromisoformat(unit.first_change) for unit in facts if unit.first_change)


def _points(row: Row | None, status: str) -> float | None:
    """The unit's own 完成率, 0–100; what is declared done and has none is at 100."""
    value = row.get("percent") if row else None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return min(100.0, max(0.0, float(value)))
    return 100.0 if status in DONE else None


def _behind(percent: float | None, expected: float | None) -> float:
    """Points behind the line, free of rounding noise; 0 where either is unknown."""
    return round(expected - percent, 6) if expected is not None and percent is not None else 0.0


def _overdue_days(deadline: Deadline, as_of: date) -> int:
    if not is_overdue(deadline, as_of) or deadline.due is None:
        return 0
    return max(1, (as_of - deadline.due).days)


def _total(text: str, measure: str) -> str:
    """Returns the running total a text names: ``"本周2场，累计 12 场"`` → ``"12"``; ``""`` where it names none."""
    found = re.findall(rf"累计[^\d，。；;]{{0,8}}(\d+(?:\.\d+)?){re.escape(fold(measure))}", fold(text))
    return found[-1] if found else ""


def _joined(*parts: str) -> str:
    return "：".join(unended(part) for part in parts if part)
