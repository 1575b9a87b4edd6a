"""What passes hand on to each other: the plan's rows and the facts of every unit, under the marks of what they rest on.

A pass brings up to date what a save has changed and takes the rest as it is. Nothing here is the truth: it can be dropped at
any time, and is made again from the database. Of the units' records none are held but those that questions are about: what waits,
and what was ruled last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from syncer.core.delivery.handout import planned_rows
from syncer.core.facts import SheetFacts, UnitFacts
from syncer.core.memo import Memo
from syncer.core.model import Ledger, Row
from syncer.core.reading.cells import CellReader, reader_of
from syncer.core.reports.counting import Counts
from syncer.core.reports.facts import sheet_facts
from syncer.core.state import Change
from syncer.store.merged import Merged, Place
from syncer.store.unit_facts import KeptFacts

FACTS = "2"  # raise it when facts would be counted differently from the same rows
CHANGES_LISTED = 5_000  # cells; whoever looks further back asks for the history of a row


@dataclass(slots=True)
class Maintained:
    """Rows and facts as of the last look, and when each was taken."""

    merged: Merged
    memo: Memo = field(default_factory=Memo)  # what was worked out of all that
    _marks: Mapping[Place, str] = field(default_factory=dict)
    _marks_at: Mapping[str, str] = field(default_factory=dict)  # one text a unit, that these were read under
    _version: str = ""  # of the ledger that all of it was made for
    _planned: dict[Place, tuple[str, tuple[Row, ...]]] = field(default_factory=dict)
    _all_planned: tuple[Row, ...] | None = None
    _facts: dict[str, UnitFacts] = field(default_factory=dict)
    _facts_at: Mapping[Place, str] = field(default_factory=dict)  # the marks that these were counted under
    _filled: dict[Place, str] = field(default_factory=dict)  # of these the marks of sheets that have rows
    _by_sheet: KeptFacts | None = None  # what these are put together from, once it was loaded
    _fresh: set[str] = field(default_factory=set)  # units of which the database does not keep all of it yet
    _counts: Counts | None = None
    _named: dict[Place, tuple[str, dict[str, Row | None]]] = field(default_factory=dict)
    _changes: tuple[str, list[tuple[int, Change]], bool] = ("", [], False)

    def marks(self) -> Mapping[Place, str]:
        """Returns the mark of every unit's sheet, in the very same mapping as long as none is seen to be another; see `Merged`."""
        by_unit = self.merged.unit_marks()
        changed = {unit for unit, _ in by_unit.items() ^ self._marks_at.items()}
        if changed:
            others = {place: mark for place, mark in self._marks.items() if place[0] not in changed}
            self._marks = others | self.merged.marks(changed if others else None)
        self._marks_at = by_unit
        return self._marks

    def reader(self, ledger: Ledger) -> CellReader:
        """Returns the reader of cells in the light of a ledger."""
        self._turn_to(ledger)
        return reader_of(ledger, self.memo)

    def planned(self, ledger: Ledger, marks: Mapping[Place, str]) -> tuple[Row, ...]:
        """Returns the rows of the plan's sheets as 台账设置 and the units have them, sheet by sheet in roster order."""
        self._turn_to(ledger)
        sheets = [(sheet, unit) for sheet in ledger.sheets if sheet.from_plan for unit in sheet.audience]
        stale = [
            place
            for sheet, unit in sheets
            if self._planned.get(place := (unit, sheet.code), ("", ()))[0] != marks.get(place, "-")
        ]
        if self._all_planned is not None and not stale:
            return self._all_planned  # the very same rows: what was made of them holds
        fresh = self.merged.rows(ledger, stale) if stale else {}
        found: list[Row] = []
        for sheet, unit in sheets:
            place = (unit, sheet.code)
            if place in fresh:
                rows = planned_rows(ledger, sheet, unit, fresh[place])
                self._planned[place] = (marks.get(place, "-"), rows)
            found += self._planned[place][1]
        self._all_planned = tuple(found)
        return self._all_planned

    def facts(self, ledger: Ledger, marks: Mapping[Place, str]) -> tuple[UnitFacts, ...]:
        """Returns the facts of every unit on the roster; those of changed sheets are counted anew."""
        by_sheet, units = self._counted(ledger), [unit.code for unit in ledger.units]
        other = () if marks is self._facts_at else marks.items() ^ self._facts_at.items()
        changed = {place[0] for place, _ in other} | (set(units) - self._facts.keys())
        places_of: dict[str, list[Place]] = {unit: [] for unit in units if unit in changed}
        for place in marks:
            if place[0] in places_of:
                places_of[place[0]].append(place)
        filled = {place: mark for place, mark in self._filled.items() if place[0] not in places_of}
        for unit, places in places_of.items():
            stale = [place for place in places if by_sheet.get(place, ("",))[0] != marks[place]]
            for place, rows in self.merged.rows(ledger, stale).items() if stale else ():
                self.count(place, marks[place], sheet_facts(ledger, place[1], rows))
            self._facts[unit] = UnitFacts.of(unit, (by_sheet[place][1] for place in sorted(places)))
            filled |= {place: marks[place] for place in places if by_sheet[place][1].rows}
        self._facts_at, self._filled = marks, filled
        return tuple(self._facts[unit] for unit in units)

    def filled(self, ledger: Ledger, marks: Mapping[Place, str]) -> Mapping[Place, str]:
        """Returns the marks of the sheets of units on the roster that have rows."""
        self.facts(ledger, marks)
        return self._filled

    def uncounted(self, ledger: Ledger, marks: Mapping[Place, str]) -> list[Place]:
        """Returns the sheets of units on the roster whose rows, by their marks, have not been counted yet."""
        by_sheet, units = self._counted(ledger), {unit.code for unit in ledger.units}
        return [p for p, mark in sorted(marks.items()) if p[0] in units and by_sheet.get(p, ("",))[0] != mark]

    def count(self, place: Place, mark: str, facts: SheetFacts) -> None:
        """Takes the facts of a sheet's rows, by their mark, that were counted for the settings of the last look."""
        if self._by_sheet is not None:
            self._by_sheet[place] = mark, facts
            self._fresh.add(place[0])

    def _counted(self, ledger: Ledger) -> KeptFacts:
        self._turn_to(ledger)
        if self._by_sheet is None:
            self._by_sheet = self.merged.kept_facts(self._basis)
        return self._by_sheet

    def counts(self, ledger: Ledger, facts: Iterable[UnitFacts], day: date) -> Counts:
        """Returns what these facts (those of `facts`) add up to on a day."""
        self._turn_to(ledger)
        if self._counts is None or self._counts.as_of != day:
            self._counts = Counts(ledger, facts, day)
        else:
            self._counts.bring_to(facts)
        return self._counts

    def keep(self) -> None:
        """Keeps the facts that were counted anew: no save waits for that, and what is not kept is counted once more."""
        kept = self._by_sheet or {}
        units: dict[str, dict[str, tuple[str, SheetFacts]]] = {unit: {} for unit in sorted(self._fresh)}
        for unit, sheet in sorted(kept) if units else ():
            if unit in units:
                units[unit][sheet] = kept[unit, sheet]
        self.merged.keep_facts(self._basis, units)
        self._fresh.clear()

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
            self._planned, self._all_planned, self._named, self._changes = {}, None, {}, ("", [], False)
            self._facts, self._facts_at, self._filled = {}, {}, {}
            self._by_sheet, self._fresh, self._counts = None, set(), None
            self.memo = Memo()

    @property
    def _basis(self) -> str:
        """What all facts rest on, beside the rows."""
        return f"{FACTS}:{self._version}"


def _whole_saves(changes: list[tuple[int, Change]]) -> list[tuple[int, Change]]:
    while len(changes) > CHANGES_LISTED:
        oldest = changes[0][1].source.version
        younger = [entry for entry in changes if entry[1].source.version != oldest]
        if not younger:
            return changes[-CHANGES_LISTED:]
        changes = younger
    return changes
