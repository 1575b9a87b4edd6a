"""Proposes, for every table of an office's ledgers, where it goes: sheet, columns, units and tasks, each with its sureness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from syncer.core.adopting.mapping import LEAST_TABLE, Guess, Mapper, TableGuess, values_by_column
from syncer.core.adopting.proposal import (
    BY_COLUMN,
    NO_TASK,
    OWN_TASK,
    Proposal,
    ProposedColumn,
    ProposedTable,
    ProposedTask,
    ProposedUnit,
    Source,
    SourceFile,
    dividing_column,
    said_of_task,
)
from syncer.core.adopting.structure import ForeignColumn, ForeignRow, Layout, find_layouts
from syncer.core.adopting.sureness import Sureness, sureness
from syncer.core.adopting.targets import Target, Use
from syncer.core.adopting.tasks import TaskFinder
from syncer.core.adopting.units import UnitFinder, names_in, split_roles
from syncer.core.adopting.values_fit import ValueFit
from syncer.core.adopting.vocabulary import ALL_COLUMN_WORDS, column_key
from syncer.core.model import Book, Ledger
from syncer.core.values import Scalar, fold, show


def known_labels(ledger: Ledger) -> frozenset[str]:
    """Returns header keys of everything that a column may be called: by the template, or anywhere."""
    names = (name for sheet in ledger.sheets for c in sheet.columns for name in (c.name, *c.aliases))
    return frozenset(map(column_key, names)) | ALL_COLUMN_WORDS


def find_sources(ledger: Ledger, books: Iterable[tuple[SourceFile, Book]]) -> tuple[Source, ...]:
    """Returns every table of the books in order: files, worksheets, top to bottom."""
    known = known_labels(ledger)
    layouts = [(file, layout) for file, book in books for table in book.tables for layout in find_layouts(table, known)]
    return tuple(Source(number, file, layout) for number, (file, layout) in enumerate(layouts, start=1))


class Proposer:
    """Proposes for one ledger, on a day: what lies ahead was not finished yet."""

    def __init__(self, ledger: Ledger, today: date | None = None) -> None:
        self.ledger = ledger
        self.units = UnitFinder(ledger)
        self.tasks = TaskFinder(ledger)
        self._mapper = Mapper(ledger, ValueFit(ledger, self.units, today))

    def propose(self, sources: Sequence[Source], fixed: dict[int, str] | None = None) -> Proposal:
        """Returns a proposal for everything that was found; ``fixed``: sheets that she has chosen, by number of table."""
        tables: list[ProposedTable] = []
        columns: list[ProposedColumn] = []
        tasks: list[ProposedTask] = []
        wordings: dict[str, _Heard] = {}
        pooled = _pooled_values(sources)
        for source in sources:
            guess, table = self._table(source, (fixed or {}).get(source.number), pooled[source.layout.columns])
            tables.append(table)
            if guess is None:
                columns += [ProposedColumn(source.number, c.at, "") for c in source.layout.columns]
                continue
            columns += [_column(source.number, column) for column in guess.columns]
            uses = {g.column.at: g.target for g in guess.columns}
            self._hear(source, uses, wordings)
            if guess.sheet.from_plan:
                tasks += [self._task(source, row, uses) for row in source.layout.rows]
        units = tuple(self._unit(wording, heard) for wording, heard in wordings.items())
        return Proposal(tuple(tables), tuple(columns), units, _one_row_a_task(tasks))

    def _table(
        self, source: Source, sheet: str | None, values: Mapping[int, Sequence[Scalar]]
    ) -> tuple[TableGuess | None, ProposedTable]:
        layout = source.layout
        if sheet == "" or not layout.rows:
            return None, ProposedTable(source.number, "")
        ranked = self._mapper.rank(layout, values, (layout.sheet, source.file.name))
        best = next((g for g in ranked if g.sheet.code == sheet), ranked[0])
        rival = next((g for g in ranked if g is not best), None)
        if sheet is None and best.score < LEAST_TABLE:
            return None, ProposedTable(source.number, "", other=best.sheet.code)
        clear = best.score - rival.score if rival else 1.0
        sure = (
            Sureness.HIGH if best.score >= 0.6 and clear >= 0.1 else Sureness.MIDDLE if clear >= 0.04 else Sureness.LOW
        )
        unit, unit_sure = self._whose(source, best)
        other = rival.sheet.code if rival and rival.score >= LEAST_TABLE else ""
        return best, ProposedTable(source.number, best.sheet.code, sure, other, unit, unit_sure)

    def _whose(self, source: Source, guess: TableGuess) -> tuple[str, Sureness]:
        """Returns whose a table is: each row's own, where a column says so; else as title, worksheet or file name says.

        A unit's own list of activities names hosts: it is the unit's all the same.
        """
        layout = source.layout
        uses = {guessed.column.at: guessed.target for guessed in guess.columns}
        if any(target.use is Use.LEAD for target in uses.values()):
            return BY_COLUMN, Sureness.HIGH
        for text in (*_filling_units(layout), layout.sheet, source.file.name.rpartition(".")[0]):
            if code := self.units.roster.find(text):
                return code, Sureness.HIGH
        if dividing_column(uses) is not None:
            return BY_COLUMN, Sureness.HIGH
        for text in (layout.sheet, source.file.name, *layout.said_above()):
            if code := self.units.within(text):
                return code, Sureness.MIDDLE
        code, sure = self.units.propose(layout.sheet)
        return (code, Sureness.LOW) if sure is Sureness.MIDDLE else ("", Sureness.NONE)

    def _hear(self, source: Source, uses: dict[int, Target], wordings: dict[str, _Heard]) -> None:
        """Collects the names of units that divide the rows, as written."""
        columns = [at for at, target in uses.items() if target.use in {Use.LEAD, Use.SUPPORT}]
        dividing = dividing_column(uses)
        for row in source.layout.rows:
            for at in dict.fromkeys([*columns, *([dividing] if dividing is not None else [])]):
                for name in names_in("、".join(split_roles(show(row.cells.get(at))))):
                    where = f"{source.file.name} › {source.layout.sheet} 第{row.number}行"
                    wordings.setdefault(name, _Heard(where)).count += at not in row.origins

    def _unit(self, wording: str, heard: _Heard) -> ProposedUnit:
        codes = self.units.whole(wording)
        sure = Sureness.HIGH
        if not codes:
            code, sure = self.units.propose(wording)
            codes = (code,) if code else ()
        return ProposedUnit(wording, codes, sure, heard.count, heard.where)

    def _task(self, source: Source, row: ForeignRow, uses: dict[int, Target]) -> ProposedTask:
        said = said_of_task(row, uses)
        leads = [c for name in names_in(split_roles(said.get("leads", ""))[0]) for c in self.units.whole(name)]
        guess = self.tasks.guess(said.get("no", ""), said.get("title", ""), leads)
        other = guess.other.id if guess.other else ""
        if guess.task is None:
            return ProposedTask(source.number, row.number, OWN_TASK, guess.sure, other)
        return ProposedTask(source.number, row.number, guess.task.id, guess.sure, other)


@dataclass(slots=True)
class _Heard:
    where: str
    count: int = field(default=0)


def _column(table: int, guess: Guess) -> ProposedColumn:
    mapped = guess.target.use is not Use.NOWHERE
    sure = sureness(guess.score) if mapped else Sureness.NONE
    return ProposedColumn(table, guess.column.at, guess.target.label, sure, guess.other.label)


def _filling_units(layout: Layout) -> Iterable[str]:
    for text in layout.said_above():
        for mark in ("填报单位", "填报科室", "责任单位", "单位名称", "科室", "单位"):
            head, sign, tail = text.replace(":", "：").partition("：")
            if sign and fold(head).startswith(mark):
                yield tail.split()[0] if tail.split() else ""
                break


def _pooled_values(sources: Sequence[Source]) -> dict[tuple[ForeignColumn, ...], dict[int, list[Scalar]]]:
    """Returns what stands in each column, over all tables of one shape: a worksheet a section is one form filled in often."""
    pooled: dict[tuple[ForeignColumn, ...], dict[int, list[Scalar]]] = {}
    for source in sources:
        values = pooled.setdefault(source.layout.columns, {})
        for at, found in values_by_column(source.layout).items():
            values.setdefault(at, []).extend(found)
    return pooled


def _one_row_a_task(tasks: Sequence[ProposedTask]) -> tuple[ProposedTask, ...]:
    """Lowers the sureness where rows far apart in one table are taken for one task: only one can be meant."""
    counts = Counter((task.table, task.task) for task in tasks if task.task not in {OWN_TASK, NO_TASK})
    return tuple(
        ProposedTask(t.table, t.row, t.task, Sureness.MIDDLE if t.sure is Sureness.HIGH else t.sure, t.other)
        if counts[t.table, t.task] > 1
        else t
        for t in tasks
    )
