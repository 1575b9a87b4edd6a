"""What the units say of a task this week, against what they said last week, and the row of the weekly sheet made of it.

A text still equal to last week's counts as 未更新 and is printed so, unless nothing is left to do; "无变化" is an accepted
answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from syncer.core.model import Ledger, Light, Row
from syncer.core.phrases import listed, unended, voiced
from syncer.core.reports.progress import DONE, SUPPORT, TaskProgress, UnitProgress
from syncer.core.state import LedgerState, TaskMark, WeekMarks
from syncer.core.values import fold

NOT_UPDATED, NOT_FILLED, NO_CHANGE = "未更新", "未填报", "无变化"
_SAME_AS_BEFORE = frozenset({"无变化", "没有变化", "无新变化", "同上周", "与上周相同"})
URGENT = (Light.RED, Light.YELLOW)


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
class Report:
    """What one lead says of a task, against what it said last week."""

    lead: UnitProgress
    name: str
    mark: TaskMark
    compared: bool  # there is a last week, and it is known what it said
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
        calmed = self.mark.light in URGENT and self.lead.light not in URGENT
        return calmed or self.lead.percent != self.mark.percent or self.lead.status != self.mark.status

    @property
    def said(self) -> str:
        """本周完成情况 as it is printed."""
        text = self.cell("this_week")
        if not text:
            return NOT_FILLED if self.stale else ""
        if fold(text) in _SAME_AS_BEFORE:
            return NO_CHANGE
        return text if self.fresh or self.finished else f"{NOT_UPDATED}（上周：{unended(text)}）"


@dataclass(frozen=True, slots=True)
class Voice:
    """One task with what its units say of it."""

    task: TaskProgress
    reports: tuple[Report, ...]  # roster order
    supports: tuple[tuple[str, str], ...]  # (short name, what a supporting unit newly reported)

    @property
    def changed(self) -> bool:
        """Whether there is news of the task."""
        return bool(self.supports) or any(report.news for report in self.reports)

    @property
    def rank(self) -> int:
        """红 before 黄 before what merely changed."""
        return URGENT.index(self.task.light) if self.task.light in URGENT else len(URGENT)

    def line(self, who: str) -> WeekLine:
        """Returns the row as it is printed."""
        supports = [f"【配合·{name}】{unended(text)}" for name, text in self.supports]
        return WeekLine(
            number=self.task.task.number,
            title=self.task.task.title,
            who=who,
            deadline=self.task.task.deadline.text,
            status=self.task.status or NOT_FILLED,
            percent=self._percent(),
            this_week=listed([_together([(r.name, r.said) for r in self.reports]), *supports]),
            next_week=self._own("next_week"),
            trouble=listed([self._own("trouble"), *self.task.contradictions]),
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


def voices(ledger: Ledger, state: LedgerState, tasks: Iterable[TaskProgress]) -> Iterator[Voice]:
    """Yields tasks with what their units say of them; ``state.last_week`` must be the marks of the week issued before."""
    supports: dict[str, list[Row]] = defaultdict(list)
    for row in state.rows_of(SUPPORT):
        supports[row.id].append(row)
    marks = dict(state.last_week.tasks)
    return (_voice(ledger, state.last_week, marks, task, supports[task.task.id]) for task in tasks)


def _voice(
    ledger: Ledger, last: WeekMarks, marks: Mapping[tuple[str, str], TaskMark], task: TaskProgress, supports: list[Row]
) -> Voice:
    order = {unit.code: place for place, unit in enumerate(ledger.units)}
    reports = [
        Report(
            lead=lead,
            name=ledger.unit_name(lead.unit),
            mark=marks.get((task.task.id, lead.unit), TaskMark()),
            compared=bool(last.tasks),
            finished=task.finished or lead.status in DONE,
        )
        for lead in task.leads
    ]
    return Voice(
        task=task,
        reports=tuple(sorted(reports, key=lambda report: order.get(report.lead.unit, len(order)))),
        supports=tuple(_new_supports(ledger, supports, last.issued_at)),
    )


def _new_supports(ledger: Ledger, rows: Iterable[Row], since: str) -> Iterator[tuple[str, str]]:
    """What supporting units changed in 配合完成情况 since the last issue (``since``, an ISO moment)."""
    reports = {row.unit: row.text("report") for row in rows if row.changed_at > since and row.text("report")}
    for unit in ledger.units if reports else ():
        if unit.code in reports:
            yield unit.short, reports[unit.code]


def _together(texts: list[tuple[str, str]]) -> str:
    """Returns what several units say as one text; of one unit, just its text."""
    return texts[0][1] if len(texts) == 1 else voiced(texts)
