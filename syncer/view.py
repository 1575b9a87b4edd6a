"""The ledger as it stands on a day, assessed: what every generated book is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from syncer.core.calendar import Workdays
from syncer.core.delivery.handout import with_plan
from syncer.core.model import Ledger, Row
from syncer.core.reports.progress import Progress, assess
from syncer.core.state import LedgerState
from syncer.store.merged import Place
from syncer.workspace import Office


class View:
    """One look at the merged ledger: the database as it is when somebody first asks, and the plan's cells as 台账设置 says.

    Nothing is loaded before it is asked for, so that a pass in which nothing changed costs nothing; and what did not
    change since the last look is taken from there. ``serial`` is the database's when the look began: a book that is recorded
    under it holds at least all that was known then.
    """

    def __init__(self, office: Office, ledger: Ledger, as_of: date) -> None:
        self.ledger = ledger
        self.as_of = as_of
        self.serial = office.store.serial()
        self._office = office

    @cached_property
    def marks(self) -> Mapping[Place, str]:
        """The mark of every unit's sheet: another mark, other rows."""
        return self._office.maintained.marks()

    @cached_property
    def receipts(self) -> LedgerState:
        """What is known of every unit's workbook, and the open questions: no rows."""
        return self._office.store.state(self.ledger, rows=False, until=self._office.now())

    @cached_property
    def state(self) -> LedgerState:
        """The plan's rows, the facts of all rows, receipts, open questions, and the newest changes."""
        maintained = self._office.maintained
        changes, cut = maintained.changes(self.ledger, self.receipts.last_week.issued_at)
        return replace(
            self.receipts,
            rows=maintained.planned(self.ledger, self.marks),
            facts=maintained.facts(self.ledger, self.marks),
            changes=changes,
            older_changes=cut,
        )

    @cached_property
    def _filled(self) -> Mapping[Place, str]:
        return self._office.maintained.filled(self.ledger, self.marks)

    @cached_property
    def whole(self) -> LedgerState:
        """The state with every row of every unit: what a year's statistics are made from, and no save waits for."""
        return with_plan(self.ledger, self._office.store.state(self.ledger, until=self._office.now()))

    @cached_property
    def asked_about(self) -> tuple[Row, ...]:
        """The rows that open questions are about, as far as they are there."""
        wanted = (((question.unit, question.sheet), question.row_id) for question in self.receipts.questions)
        return self._office.maintained.named(self.ledger, self.marks, wanted)

    def mark(self, unit: str, sheet: str) -> str:
        """Returns the mark of one unit's rows on a sheet, ``""`` where there are none (see `DataBlocks`)."""
        return self._filled.get((unit, sheet), "")

    def rows(self, unit: str, sheet: str) -> tuple[Row, ...]:
        """Returns one unit's rows on a sheet."""
        return self._office.store.merged.rows(self.ledger, [(unit, sheet)])[unit, sheet]

    def all_rows(self, unit: str) -> tuple[Row, ...]:
        """Returns all rows of one unit, those of the plan as 台账设置 says."""
        of_records = [(unit, sheet.code) for sheet in self.ledger.sheets_of(unit) if not sheet.from_plan]
        records = self._office.store.merged.rows(self.ledger, of_records)
        planned = (row for row in self.state.rows if row.unit == unit)
        return (*planned, *(row for rows in records.values() for row in rows))

    def named(self, unit: str, sheet: str, ids: Sequence[str]) -> dict[str, Row]:
        """Returns some of one unit's rows on a sheet, by their ids."""
        return self._office.store.merged.named(self.ledger, (unit, sheet), ids)

    @cached_property
    def workdays(self) -> Workdays:
        """The ledger's calendar."""
        return Workdays(self.ledger.days)

    @cached_property
    def progress(self) -> Progress:
        """How every task stands as of the day."""
        opened = self._office.store.get("opened")
        since = date.fromisoformat(opened[:10]) if opened else None
        maintained = self._office.maintained
        counts = maintained.counts(self.ledger, self.state.facts or (), self.as_of)
        return assess(
            self.ledger, self.state, self.as_of, self.workdays, opened=since, counts=counts, memo=maintained.memo
        )


def view(office: Office, ledger: Ledger, as_of: date) -> View:
    """Returns a fresh look at the merged ledger."""
    return View(office, ledger, as_of)


def newest(office: Office, seen: View) -> View:
    """Returns the same look, or a fresh one where something was recorded since it began."""
    return seen if office.store.serial() == seen.serial else view(office, seen.ledger, seen.as_of)
