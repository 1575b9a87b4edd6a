"""A ledger whose database is gone: it is taken in again from the workbooks as they stand, and that is said for a day.

No step of its own is needed for it: a workbook that this database never issued is compared with what would have been handed
out, so all that is typed in it is a save; ids, and so the numbers given out, come from its rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from syncer import fs
from syncer.core.problems import Place, Problem
from syncer.whereabouts import DATABASE
from syncer.workspace import Office

TOLD = timedelta(days=1)
_KEY = "rebuilt"  # in the store: when it was noticed


def notice_rebuilding(office: Office) -> None:
    """Notes that the database is new though a master stands in its folder. To be asked before workbooks are handed out."""
    if office.store.files() or office.store.get(_KEY):
        return
    if any(path.suffix == ".xlsx" for path in fs.listed(office.workspace.config.folders.master)):
        office.store.set(_KEY, office.now())


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
