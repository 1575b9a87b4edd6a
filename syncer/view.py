"""The ledger as it stands on a day, assessed: what every generated book is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from syncer.core.calendar import Workdays
from syncer.core.handout import with_plan
from syncer.core.model import Ledger
from syncer.core.progress import Progress, assess
from syncer.core.state import LedgerState
from syncer.workspace import Office


@dataclass(frozen=True, slots=True)
class View:
    """One look at the merged ledger."""

    ledger: Ledger
    state: LedgerState
    progress: Progress
    workdays: Workdays
    as_of: date


def view(office: Office, ledger: Ledger, as_of: date) -> View:
    """Returns the state of the database, with the plan's own cells as 台账设置 says now, assessed as of a day."""
    state = with_plan(ledger, office.store.state(ledger))
    workdays = Workdays(ledger.days)
    opened = office.store.get("opened")
    since = date.fromisoformat(opened[:10]) if opened else None
    return View(ledger, state, assess(ledger, state, as_of, workdays, opened=since), workdays, as_of)
