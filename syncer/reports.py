"""The weekly sheet: a draft that follows every merge, issued once at its hour, never rewritten."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from syncer import fs
from syncer.core.calendar import Week, Workdays
from syncer.core.model import Ledger
from syncer.core.reports.tallies import MonthTable
from syncer.core.reports.weekly import WeeklyReport, marks, period_start, weekly_report
from syncer.core.texts import file_name
from syncer.excel.weeklybook import write_weekly
from syncer.view import View
from syncer.workspace import Office

_NAMED = re.compile(r"周报（(\d{4})年第(\d{1,2})周）\.xlsx$")


def due_week(office: Office, ledger: Ledger, now: datetime) -> Week | None:
    """Returns the newest week whose hour has come and that was not issued; one missed run or five, it is issued once.

    A week whose hour came before the first workbook was handed out is nobody's.
    """
    settings, workdays = ledger.settings, Workdays(ledger.days)
    opened = office.store.get("opened")
    if not opened:
        return None
    week = workdays.latest_due_week(now, settings.weekly_time, settings.week_last_day)
    moment = workdays.issue_moment(week, settings.weekly_time, settings.week_last_day)
    if moment is None or moment.isoformat() < opened or week.label <= office.store.last_week_label(office.now()):
        return None
    return week


def week_at_hand(office: Office, ledger: Ledger, now: datetime) -> Week:
    """Returns the week that is being written: the one that is due, else the next one whose hour is still to come."""
    due = due_week(office, ledger, now)
    if due is not None:
        return due
    last = office.store.last_week_label(office.now())
    return next(week for week, _ in _to_come(ledger, now) if week.label > last)


def next_issue(ledger: Ledger, now: datetime) -> datetime:
    """Returns the next hour at which a week's sheet falls due."""
    return next(moment for _, moment in _to_come(ledger, now))


def _to_come(ledger: Ledger, now: datetime) -> Iterator[tuple[Week, datetime]]:
    """Yields the weeks whose hour is still to come, with that hour."""
    settings, workdays = ledger.settings, Workdays(ledger.days)
    week = Week.of(now.date())
    while True:
        moment = workdays.issue_moment(week, settings.weekly_time, settings.week_last_day)
        if moment is not None and moment > now:
            yield week, moment
        week = Week.of(week.monday + timedelta(days=7))


def build(office: Office, seen: View, week: Week) -> WeeklyReport:
    """Returns a week's report as things stand: from the last issue to the day seen."""
    start = period_start(seen.state.last_week, office.store.get("opened"), seen.as_of)
    return weekly_report(seen.ledger, seen.state, seen.progress, week.label, start, seen.as_of)


def weekly_bytes(report: WeeklyReport, seen: View, *, draft: bool) -> bytes:
    """Returns the weekly book; the issued one carries the year's 统计 too."""
    tables: Sequence[MonthTable] = ()
    if not draft:
        from syncer.tally import month_tables  # noqa: PLC0415 - pandas, 0.4 s that no save should wait for

        tables = month_tables(seen.ledger, seen.whole, seen.as_of)
    stream = io.BytesIO()
    write_weekly(stream, report, seen.ledger.settings, draft=draft, tables=tables)
    return stream.getvalue()


def issue_week(office: Office, seen: View, week: Week) -> str:
    """Issues a week once: what it says, the file, then the record; a file that stands there is never rewritten.

    Returns its path, relative to the workspace.
    """
    known = office.store.week_path(week.label)
    if known:
        return known
    target = issued_path(office, seen.ledger, week)
    there = fs.exists(target)  # killed before it was recorded, say
    says = (office.store.begun_week(week.label) if there else None) or marks(seen.progress, week.label, office.clock())
    if not there:
        report = build(office, seen, week)
        office.store.begin_week(says)
        office.disk.write(target, weekly_bytes(report, seen, draft=False))
    path = office.workspace.relative(target)
    office.store.record_week(says, path)
    return path


def issued_path(office: Office, ledger: Ledger, week: Week) -> Path:
    """Returns where a week is issued to, below ``04周报通报/2026年/第47周``."""
    name = f"{ledger.settings.office}{ledger.settings.ledger_name.removesuffix('台账')}"  # what follows: `_NAMED`
    return office.workspace.weekly_folder(week.label) / file_name(name, f"周报（{week.year}年第{week.number}周）.xlsx")


def issued_weeks(office: Office) -> dict[str, Path]:
    """Returns the weekly sheets that stand in 04, by the label of their week: the other way round than `issued_path`."""
    root = office.workspace.config.folders.weekly
    years = _folders(root) if fs.exists(root) else []
    found: dict[str, Path] = {}
    for path in (path for year in years for folder in _folders(year) for path in fs.listed(folder)):
        named = None if path.name.startswith("~$") else _NAMED.search(path.name)
        if named:
            found[Week(int(named[1]), int(named[2])).label] = path
    return found


def _folders(place: Path) -> list[Path]:
    return sorted(Path(entry.path) for entry in fs.entries(place) if entry.is_dir())


def draft_path(office: Office) -> Path:
    """Returns where the draft stands until its week is issued."""
    return office.workspace.config.folders.control / "文明单位创建工作周报（送审稿）.xlsx"


def weekly_job(office: Office, ledger: Ledger, now: datetime) -> dict[str, str]:
    """Returns how the weekly job stands, for ``status``."""
    due = due_week(office, ledger, now)
    week = week_at_hand(office, ledger, now)
    settings = ledger.settings
    moment = Workdays(ledger.days).issue_moment(week, settings.weekly_time, settings.week_last_day)
    when = moment.isoformat(timespec="minutes") if moment else ""
    manual = settings.weekly_approval != "自动"
    if due:
        state, words = ("waiting", "到点，等待定稿") if manual else ("due", "到点，下次运行时印发")
    else:
        state, words = "scheduled", f"{when.replace('T', ' ')} 印发"
    return {
        "name": "weekly",
        "period": week.label,
        "state": state,
        "due": when,
        "last": office.store.last_week_label(office.now()),
        "words": words,
    }
