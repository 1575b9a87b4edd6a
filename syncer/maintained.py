"""What passes hand on to each other: the plan's rows and the facts of every unit, under the marks of what they rest on.

A pass brings up to date what a save has changed and takes the rest as it is. Nothing here is the truth: it can be dropped at
any time, and is made again from the database. The units' records themselves are never held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from syncer.core.delivery.handout import planned_rows
from syncer.core.facts import UnitFacts
from syncer.core.model import Ledger, Row
from syncer.core.reports.facts import unit_facts
from syncer.core.state import Change
from syncer.store.merged import Merged, Place

FACTS = "1"  # raise it when facts would be counted differently from the same rows
CHANGES_LISTED = 5_000  # cells; whoever looks further back asks for the history of a row


@dataclass(slots=True)
class Maintained:
    """Rows and facts as of the last look, and when each was taken."""

    merged: Merged
    _version: str = ""  # of the ledger that all of it was made for
    _planned: dict[Place, tuple[str, tuple[Row, ...]]] = field(default_factory=dict)
    _facts: dict[str, tuple[str, UnitFacts]] = field(default_factory=dict)
    _fresh: dict[str, tuple[str, UnitFacts]] = field(
        default_factory=dict
    )  # of those, what the database does not keep yet
    _named: dict[Place, tuple[str, dict[str, Row | None]]] = field(default_factory=dict)
    _changes: tuple[str, list[tuple[int, Change]], bool] = ("", [], False)

    def planned(self, ledger: Ledger, marks: Mapping[Place, str]) -> tuple[Row, ...]:
        """Returns the rows of the plan's sheets as 台账设置 and the units have them, sheet by sheet in roster order."""
        self._turn_to(ledger)
        sheets = [(sheet, unit) for sheet in ledger.sheets if sheet.from_plan for unit in sheet.audience]
        stale = [
            place
            for sheet, unit in sheets
            if self._planned.get(place := (unit, sheet.code), ("", ()))[0] != marks.get(place, "-")
        ]
        fresh = self.merged.rows(ledger, stale) if stale else {}
        found: list[Row] = []
        for sheet, unit in sheets:
            place = (unit, sheet.code)
            if place in fresh:
                rows = planned_rows(ledger, sheet, unit, fresh[place])
                self._planned[place] = (marks.get(place, "-"), rows)
            found += self._planned[place][1]
        return tuple(found)

    def facts(self, ledger: Ledger, marks: Mapping[Place, str]) -> tuple[UnitFacts, ...]:
        """Returns the facts of every unit on the roster; those of changed rows are counted anew."""
        self._turn_to(ledger)
        bases = _bases(ledger, marks)
        if not self._facts:
            self._facts = self.merged.kept_facts()
        for unit, basis in bases.items():
            if self._facts.get(unit, ("", None))[0] != basis:
                rows = self.merged.rows(ledger, [place for place in marks if place[0] == unit])
                found = unit_facts(ledger, unit, [row for own in rows.values() for row in own])
                self._facts[unit] = self._fresh[unit] = (basis, found)
        return tuple(self._facts[unit][1] for unit in bases)

    def keep(self) -> None:
        """Keeps the facts that were counted anew: no save waits for that, and what is not kept is counted once more."""
        self.merged.keep_facts(self._fresh)
        self._fresh = {}

    def named(self, ledger: Ledger, marks: Mapping[Place, str], wanted: Iterable[tuple[Place, str]]) -> tuple[Row, ...]:
        """Returns single rows (place, id), as far as they are there: what a change or a question speaks of."""
        self._turn_to(ledger)
        by_place: dict[Place, dict[str, None]] = {}
        for place, row_id in wanted:
            by_place.setdefault(place, {})[row_id] = None
        found: list[Row] = []
        for place, ids in by_place.items():
            mark, rows = self._named.get(place, ("", {}))
            if mark != marks.get(place, "-"):
                rows = {}
            unknown = [row_id for row_id in ids if row_id not in rows]
            if unknown:
                rows |= dict.fromkeys(unknown) | self.merged.named(ledger, place, unknown)
            self._named[place] = (marks.get(place, "-"), rows)
            found += (row for row_id in ids if (row := rows[row_id]) is not None)
        self._named = {place: held for place, held in self._named.items() if held[0] == marks.get(place, "-")}
        return tuple(found)

    def changes(self, ledger: Ledger, since: str) -> tuple[tuple[Change, ...], bool]:
        """Returns what changed after ``since`` (ISO), oldest first: the newest saves that come to `CHANGES_LISTED` at most.

        Saves are listed whole, so that what one listed stands as long as it is listed; of one that is larger than all that
        may be listed, its end. Tells too whether older ones are left out.
        """
        self._turn_to(ledger)
        known, cut = self._changes[1:] if self._changes[0] == since else ([], False)
        last = known[-1][0] if known else 0
        newer = self.merged.changes(ledger, since=since, most=CHANGES_LISTED + 1, after=last)
        found = [*known, *newer]
        listed = _whole_saves(found)
        self._changes = (since, listed, cut or len(listed) < len(found))
        return tuple(change for _, change in listed), self._changes[2]

    def _turn_to(self, ledger: Ledger) -> None:
        """Drops everything that was made for other settings."""
        if self._version != ledger.version:
            self._version = ledger.version
            self._planned, self._facts, self._fresh, self._named, self._changes = {}, {}, {}, {}, ("", [], False)


def _whole_saves(changes: list[tuple[int, Change]]) -> list[tuple[int, Change]]:
    while len(changes) > CHANGES_LISTED:
        oldest = changes[0][1].source.version
        younger = [entry for entry in changes if entry[1].source.version != oldest]
        if not younger:
            return changes[-CHANGES_LISTED:]
        changes = younger
    return changes


def _bases(ledger: Ledger, marks: Mapping[Place, str]) -> dict[str, str]:
    """Returns by unit on the roster what its facts rest on."""
    parts: dict[str, list[str]] = {unit.code: [FACTS, ledger.version] for unit in ledger.units}
    for (unit, _), mark in sorted(marks.items()):
        if unit in parts:
            parts[unit].append(mark)
    return {unit: sha256(":".join(own).encode()).hexdigest() for unit, own in parts.items()}
