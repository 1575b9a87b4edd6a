"""A ledger whose database is gone: it is taken in again from the workbooks as they stand, and that is said for a day.

The workbooks need no step of their own: one that this database never issued is compared with what would have been handed
out, so all that is typed in it is a save; ids, and so the numbers given out, come from its rows. Of the weeks, what stands in
04 tells which was issued last, so that none is issued twice and one that fell due meanwhile is not forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from syncer import fs
from syncer.core.model import Ledger
from syncer.core.problems import Place, Problem
from syncer.core.state import WeekMarks
from syncer.reports import issued_weeks
from syncer.store.disk import time_text
from syncer.whereabouts import DATABASE
from syncer.workspace import Office

TOLD = timedelta(days=1)
_KEY = "rebuilt"  # in the store: when it was noticed


def notice_rebuilding(office: Office, ledger: Ledger) -> None:
    """Notes that the database is new though a master stands in its folder. To be asked before workbooks are handed out."""
    if office.store.files() or office.store.get(_KEY):
        return
    folders = office.workspace.config.folders
    masters = [path for path in fs.listed(folders.master) if path.suffix == ".xlsx"]
    if not masters:
        return
    weeks = issued_weeks(office)
    feedback = [office.workspace.feedback_book(unit.short) for unit in ledger.units]
    ours = [path for path in (office.workspace.master_book(ledger), *feedback) if fs.exists(path)]
    made = [time_text(fs.stat(path).st_mtime) for path in (*ours, *weeks.values())]
    # The office is no younger than what we have made for it, and its year has begun.
    office.store.set("opened", max(min(made, default=office.now()), f"{ledger.settings.year}-01-01T00:00:00"))
    last = max(weeks, default="")
    if last and not office.store.week_path(last):
        issued = WeekMarks(last, time_text(fs.stat(weeks[last]).st_mtime))
        office.store.record_week(issued, office.workspace.relative(weeks[last]))
    office.store.set(_KEY, office.now())


def was_rebuilt(office: Office) -> bool:
    """Whether this database knows less of the office than stands in its folders."""
    return bool(office.store.get(_KEY))


def told_until(office: Office) -> tuple[datetime, ...]:
    """Returns when it is not said any more, where it is or was."""
    when = office.store.get(_KEY)
    return (datetime.fromisoformat(when) + TOLD,) if when else ()


def rebuilt_lately(office: Office) -> tuple[Problem, ...]:
    """Returns what is to be said of it (STORE-001), for a day; nothing where the database is an old acquaintance."""
    when = office.store.get(_KEY)
    if not when or office.clock() - datetime.fromisoformat(when) > TOLD:
        return ()
    return (Problem("STORE-001", Place(DATABASE), facts=(("when", when[:16].replace("T", " ")),)),)
