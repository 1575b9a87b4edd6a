"""What units owe: this week's report of their tasks, and the sheets that have a day or a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from syncer.core.calendar import Week, Workdays
from syncer.core.facts import UnitFacts
from syncer.core.model import Ledger, Settings, Sheet, SheetKind
from syncer.core.state import LedgerState

WEEKLY = "本周进展"


@dataclass(frozen=True, slots=True)
class Missing:
    """Something a unit was to report and has not. ``late``: its day passed by as many working days as the settings say."""

    unit: str
    what: str  # 本周进展, or the name of a sheet
    due: date | None
    late: bool


def missing_reports(
    ledger: Ledger, state: LedgerState, facts: Iterable[UnitFacts], as_of: date, workdays: Workdays, opened: date
) -> Iterator[Missing]:
    """What units owe: this week's report of those that lead a task, and the sheets that have a day or a period.

    A unit that leads nothing owes no weekly report, and nobody one of a week whose last working day had passed when the
    workbooks were handed out (``opened``).
    """
    settings = ledger.settings
    leading = {unit for task in ledger.tasks for unit in task.leads}
    known = {unit.unit: unit for unit in state.units}
    newest = {(sheet, unit.unit): change for unit in facts for sheet, change in unit.newest.items()}
    week_due = _week_due(as_of, workdays, settings, state.last_week.week, opened)
    owed = [
        (sheet, since, due)
        for sheet in ledger.sheets
        if not sheet.from_plan and (span := _span(sheet, as_of, week_due, state.last_week.issued_at)) is not None
        for since, due in [span]
        if sheet.kind is SheetKind.SURVEY or workdays.workdays_between(as_of, due) <= settings.blue_workdays
    ]
    for unit in ledger.units:
        last_change = known[unit.code].last_change if unit.code in known else ""
        if unit.code in leading and not last_change > state.last_week.issued_at:
            yield Missing(unit.code, WEEKLY, week_due, _late(week_due, as_of, workdays, settings))
        for sheet, since, due in owed:
            if unit.code in sheet.audience and newest.get((sheet.code, unit.code), "") <= since:
                yield Missing(unit.code, sheet.name, due, _late(due, as_of, workdays, settings))


def _span(sheet: Sheet, as_of: date, week_due: date, issued_at: str) -> tuple[str, date] | None:
    """Returns (ISO moment after which a change counts, due day) of what a sheet asks for now; ``None``: nothing."""
    if sheet.due is not None:
        return None if sheet.start and sheet.start > as_of else ("", sheet.due)
    if sheet.period == "每周":
        return issued_at, week_due
    months = {"每月": 1, "每季度": 3, "每半年": 6, "每年": 12}.get(sheet.period)
    if months is None:
        return None
    first = date(as_of.year, (as_of.month - 1) // months * months + 1, 1)
    after = date(first.year + (first.month + months - 1) // 12, (first.month + months - 1) % 12 + 1, 1)
    return first.isoformat(), after - timedelta(days=1)


def _week_due(as_of: date, workdays: Workdays, settings: Settings, issued: str, opened: date) -> date:
    """The working day on which the period that runs now ends: it runs from the last issue (or the start) to the next."""
    week = Week.of(as_of)
    while (
        week.label <= issued
        or (due := workdays.last_workday(week, settings.week_last_day)) is None
        or due < opened <= as_of
    ):
        week = Week.of(week.sunday + timedelta(days=1))
    return due


def _late(due: date, as_of: date, workdays: Workdays, settings: Settings) -> bool:
    return as_of > due and workdays.workdays_between(due, as_of) >= settings.late_days
