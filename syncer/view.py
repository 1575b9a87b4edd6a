"""The ledger as it stands on a day, assessed: what every generated book is made from."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from syncer.core.calendar import Workdays
from syncer.core.delivery.handout import with_plan
from syncer.core.model import Ledger
from syncer.core.reports.progress import Progress, assess
from syncer.core.state import LedgerState
from syncer.workspace import Office


class View:
    """One look at the merged ledger: the database as it is when somebody first asks, and the plan's cells as 台账设置 says.

    Nothing is loaded before it is asked for, so that a pass in which nothing changed costs nothing.
    """

    def __init__(self, office: Office, ledger: Ledger, as_of: date) -> None:
        self.ledger = ledger
        self.as_of = as_of
        self._office = office

    @cached_property
    def state(self) -> LedgerState:
        """Every row, receipt, open question and change."""
        return with_plan(self.ledger, self._office.store.state(self.ledger))

    @cached_property
    def workdays(self) -> Workdays:
        """The ledger's calendar."""
        return Workdays(self.ledger.days)

    @cached_property
    def progress(self) -> Progress:
        """How every task stands as of the day."""
        opened = self._office.store.get("opened")
        since = date.fromisoformat(opened[:10]) if opened else None
        return assess(self.ledger, self.state, self.as_of, self.workdays, opened=since)


def view(office: Office, ledger: Ledger, as_of: date) -> View:
    """Returns a fresh look at the merged ledger."""
    return View(office, ledger, as_of)
