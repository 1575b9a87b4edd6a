"""What the coordinator made of the proposal: her corrections laid over what is found anew in the same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from syncer.core.adopting import words as w
from syncer.core.adopting.proposal import (
    BY_COLUMN,
    OWN_TASK,
    Proposal,
    ProposedColumn,
    ProposedTable,
    ProposedTask,
    ProposedUnit,
    SourceFile,
    dividing_column,
)
from syncer.core.adopting.sureness import Sureness
from syncer.core.adopting.targets import NOWHERE_LABEL, Use, find_target
from syncer.core.adopting.units import UnitFinder
from syncer.core.model import Book, Ledger, Table
from syncer.core.problems import Place, Problem
from syncer.core.values import Scalar, column_index, fold, show, tidy

T = TypeVar("T")
_KEYS = frozenset({w.NUMBER, w.WORDING, w.DIGEST})  # one of them is in the header row of each sheet


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row of a sheet of the proposal book, by the names of our columns."""

    sheet: str
    number: int
    cells: Mapping[str, Scalar]
    places: Mapping[str, int]

    def text(self, name: str) -> str:
        """Returns what stands in one of our columns."""
        return tidy(show(self.cells.get(name)))

    def problem(self, file: str, code: str, name: str, **facts: str) -> Problem:
        """Returns a problem at one of our columns."""
        place = Place(file, self.sheet, self.number, self.places.get(name, 1))
        return Problem(code, place, column=name, found=self.text(name), facts=tuple(facts.items()))


@dataclass(frozen=True, slots=True)
class Answers:
    """The proposal book as she left it."""

    files: tuple[SourceFile, ...]
    tables: Mapping[int, AnswerRow]
    columns: Mapping[tuple[int, int], AnswerRow]
    units: Mapping[str, AnswerRow]  # by folded wording
    tasks: Mapping[tuple[int, int], AnswerRow]

    def sheets(self, ledger: Ledger) -> dict[int, str]:
        """Returns the sheets that she chose, by number of table; ``""``: none of ours. Names of no sheet are left out."""
        chosen = {n: w.sheet_named(ledger, row.text(w.OUR_SHEET)) for n, row in self.tables.items()}
        return {n: code for n, code in chosen.items() if code is not None}

    def moved(self, ledger: Ledger) -> tuple[int, ...]:
        """Returns the tables that go to another sheet than was proposed, and whose columns do not all fit it."""
        proposed = {n: w.sheet_named(ledger, row.text(w.PROPOSED)) for n, row in self.tables.items()}
        found: list[int] = []
        for number, code in self.sheets(ledger).items():
            sheet = ledger.sheet(code) if code != proposed[number] else None
            labels = [row.text(w.OUR_COLUMN) for (table, _), row in self.columns.items() if table == number]
            if sheet is not None and not (labels and all(find_target(sheet, label) for label in labels)):
                found.append(number)
        return tuple(found)

    def without(self, tables: Collection[int]) -> Answers:
        """Returns the answers but for columns and tasks of these tables."""
        columns = {key: row for key, row in self.columns.items() if key[0] not in tables}
        tasks = {key: row for key, row in self.tasks.items() if key[0] not in tables}
        return replace(self, columns=columns, tasks=tasks)


def read_answers(book: Book) -> Answers | None:
    """Returns what stands in a proposal book; ``None`` if it is none: a sheet or one of its key columns is missing."""
    rows = {table.name: tuple(_rows(table)) for table in book.tables}
    needed = {w.TABLES: w.OUR_SHEET, w.COLUMNS: w.OUR_COLUMN, w.FILES: w.DIGEST}
    heads = {table.name: _places(table) for table in book.tables}
    if any(name not in heads.get(sheet, {}) for sheet, name in needed.items()):
        return None
    files = tuple(
        SourceFile(r.text(w.FILE), r.text(w.PATH), r.text(w.DIGEST)) for r in rows[w.FILES] if r.text(w.DIGEST)
    )
    return Answers(
        files,
        {_whole(r, w.NUMBER): r for r in rows[w.TABLES] if _whole(r, w.NUMBER)},
        {
            (_whole(r, w.NUMBER), column_index(r.text(w.LETTER))): r
            for r in rows[w.COLUMNS]
            if r.text(w.LETTER).isalpha()
        },
        {fold(r.text(w.WORDING)): r for r in rows.get(w.UNITS, ()) if r.text(w.WORDING)},
        {(_whole(r, w.NUMBER), _whole(r, w.ROW)): r for r in rows.get(w.TASKS, ()) if _whole(r, w.ROW)},
    )


def decide(ledger: Ledger, found: Proposal, answers: Answers, file: str) -> tuple[Proposal, list[Problem]]:
    """Returns what is to be done: what was found with her corrections.

    Problems: ADOPT-002 no such sheet, ADOPT-003 no such column there, ADOPT-004 two columns for one, ADOPT-005 no such
    unit, ADOPT-006 no such task, ADOPT-007 nobody is named whose a table is. What cannot be understood stays as proposed;
    with one of the first five nothing must be done.
    """
    reading = _Reading(ledger, answers, file)
    tables = tuple(reading.table(table) for table in found.tables)
    sheets = {table.number: table.sheet for table in tables}
    columns = tuple(reading.column(column, sheets[column.table]) for column in found.columns)
    units = tuple(reading.unit(unit) for unit in found.units)
    tasks = tuple(reading.task(task) for task in found.tasks)
    decided = Proposal(tables, columns, units, tasks)
    return decided, [
        *reading.problems,
        *_twice(ledger, decided, answers, file),
        *_nobodys(ledger, decided, answers, file),
    ]


class _Reading:
    """Her answers, one by one; what is not understood is a problem and stays as proposed."""

    def __init__(self, ledger: Ledger, answers: Answers, file: str) -> None:
        self._ledger, self._answers, self._file = ledger, answers, file
        self._finder = UnitFinder(ledger)
        self.problems: list[Problem] = []

    def table(self, proposed: ProposedTable) -> ProposedTable:
        row = self._answers.tables.get(proposed.number)
        sheet = self._read(row, w.OUR_SHEET, "ADOPT-002", partial(w.sheet_named, self._ledger), proposed.sheet)
        unit = self._read(row, w.OUR_UNIT, "ADOPT-005", partial(w.unit_named, self._finder), proposed.unit)
        return replace(proposed, sheet=sheet, unit=unit)

    def column(self, proposed: ProposedColumn, sheet: str) -> ProposedColumn:
        ours = self._ledger.sheet(sheet) if sheet else None
        row = self._answers.columns.get((proposed.table, proposed.at))
        if ours is None or row is None:
            return proposed
        label = row.text(w.OUR_COLUMN) or NOWHERE_LABEL
        target = find_target(ours, label)
        if target is None:
            self.problems.append(row.problem(self._file, "ADOPT-003", w.OUR_COLUMN, table=ours.name))
            return proposed
        return replace(proposed, target=target.label)

    def unit(self, proposed: ProposedUnit) -> ProposedUnit:
        row = self._answers.units.get(fold(proposed.wording))
        units = self._read(row, w.OUR_UNITS, "ADOPT-005", partial(w.units_named, self._finder), proposed.units)
        return replace(proposed, units=units)

    def task(self, proposed: ProposedTask) -> ProposedTask:
        row = self._answers.tasks.get((proposed.table, proposed.row))
        own = w.task_label(self._ledger, OWN_TASK)
        if row and row.text(w.OUR_TASK) == row.text(w.PROPOSED) == own and proposed.sure is Sureness.HIGH:
            return proposed  # left as it was, and the task has been pasted into the plan since
        task = self._read(row, w.OUR_TASK, "ADOPT-006", partial(w.task_named, self._ledger), proposed.task)
        return replace(proposed, task=task)

    def _read(self, row: AnswerRow | None, name: str, code: str, read: Callable[[str], T | None], proposed: T) -> T:
        if row is None:  # she deleted the row: what was proposed stands
            return proposed
        said = read(row.text(name))
        if said is None:
            self.problems.append(row.problem(self._file, code, name))
            return proposed
        return said


def _twice(ledger: Ledger, decided: Proposal, answers: Answers, file: str) -> Iterator[Problem]:
    """Finds two columns of one table that shall go to one of ours."""
    for table in decided.tables:
        sheet = ledger.sheet(table.sheet) if table.sheet else None
        labels = decided.labels(table.number) if sheet else {}
        targets = {at: find_target(sheet, label) for at, label in labels.items()} if sheet else {}
        single = [t.label for t in targets.values() if t and t.use in {Use.OWN, Use.LEAD, Use.SUPPORT, Use.PLAN}]
        doubled = {label for label, count in Counter(single).items() if count > 1}
        for at, target in targets.items():
            row = answers.columns.get((table.number, at))
            if target and target.label in doubled and row:
                yield row.problem(file, "ADOPT-004", w.OUR_COLUMN)


def _nobodys(ledger: Ledger, decided: Proposal, answers: Answers, file: str) -> Iterator[Problem]:
    """Finds tables of which neither their columns nor she says whose they are."""
    for table in decided.tables:
        row = answers.tables.get(table.number)
        sheet = ledger.sheet(table.sheet) if table.sheet else None
        if sheet is None or row is None:
            continue
        labels = decided.labels(table.number)
        uses = {at: target for at, label in labels.items() if (target := find_target(sheet, label))}
        if not table.unit or (table.unit == BY_COLUMN and dividing_column(uses) is None):
            yield row.problem(file, "ADOPT-007", w.OUR_UNIT)


def _places(table: Table) -> dict[str, int]:
    """Returns where our columns stand: by the header row, wherever she moved it within the first rows."""
    for cells in table.rows[: w.HEADER_ROW + 2]:
        places = {tidy(cell): at for at, cell in enumerate(cells, start=1) if isinstance(cell, str)}
        if len(_KEYS & places.keys()) >= 1 and len(places) >= 3:
            return places
    return {}


def _rows(table: Table) -> Iterator[AnswerRow]:
    places = _places(table)
    head = next((n for n, cells in enumerate(table.rows, start=1) if set(places) <= {tidy(show(c)) for c in cells}), 0)
    if not places:
        return
    for number in range(head + 1, len(table.rows) + 1):
        cells = {name: table.cell(number, at) for name, at in places.items()}
        if any(cell is not None for cell in cells.values()):
            yield AnswerRow(table.name, number, cells, places)


def _whole(row: AnswerRow, name: str) -> int:
    text = row.text(name)
    return int(text) if text.isdecimal() else 0
