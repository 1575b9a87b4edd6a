"""Where every cell of the old ledgers goes, once the coordinator has said how: rows of units' workbooks, or why nowhere.

Nothing is lost unsaid: each filled cell gets exactly one `Verdict`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from syncer.core.adopting.fates import APART_FATES, Fate, Verdict
from syncer.core.adopting.grid import Cell
from syncer.core.adopting.proposal import BY_COLUMN, NO_TASK, OWN_TASK, Proposal, Source, dividing_column
from syncer.core.adopting.rewording import Rewording
from syncer.core.adopting.structure import ForeignColumn, ForeignRow
from syncer.core.adopting.targets import Target, Use, find_target
from syncer.core.adopting.tasks import number_parts
from syncer.core.adopting.units import names_in, split_roles
from syncer.core.delivery.handout import task_cell
from syncer.core.model import Column, ColumnType, Ledger, Owner, Sheet, SheetKind, Task
from syncer.core.reading.header_names import header_key
from syncer.core.texts import CELL_LIMIT
from syncer.core.values import CellError, Scalar, fold, same, show, tidy

_IN_SUPPORT = {"this_week": "report"}  # a lead's column → a supporter's


@dataclass(slots=True)
class Item:
    """One row that goes into a unit's workbook: a task of the plan (``task``: its id), or a row of the unit's own (``""``)."""

    unit: str
    sheet: str
    task: str
    raw: dict[str, Scalar] = field(default_factory=dict)
    extra: dict[str, Scalar] = field(default_factory=dict)
    sources: list[tuple[int, int]] = field(default_factory=list)  # table, row


@dataclass(frozen=True, slots=True)
class Adoption:
    """Everything that the old ledgers come to."""

    items: tuple[Item, ...]
    verdicts: tuple[Verdict, ...]

    def units(self) -> tuple[str, ...]:
        """Returns the units that get content, in the order of the files."""
        return tuple(dict.fromkeys(item.unit for item in self.items))


def place(ledger: Ledger, sources: Sequence[Source], decided: Proposal) -> Adoption:
    """Returns the rows for each unit's workbook and what became of every cell."""
    placing = _Placing(ledger, decided)
    for source in sources:
        placing.source(source)
    return Adoption(tuple(placing.items.values()), tuple(placing.verdicts))


class _Placing:
    def __init__(self, ledger: Ledger, decided: Proposal) -> None:
        self.ledger, self.decided = ledger, decided
        self.items: dict[tuple[object, ...], Item] = {}
        self.verdicts: list[Verdict] = []
        self._units = {fold(unit.wording): unit.units for unit in decided.units}
        self._tasks = {(task.table, task.row): task.task for task in decided.tasks}
        self._rewording = Rewording(ledger, self._units)
        self._support = next((s for s in ledger.sheets if s.kind is SheetKind.SUPPORT), None)

    def source(self, source: Source) -> None:
        """Places one table."""
        for cell, why, value in source.layout.apart:
            self.verdicts.append(Verdict(source.number, *cell, value, APART_FATES[why]))
        table = self.decided.table(source.number)
        sheet = self.ledger.sheet(table.sheet) if table and table.sheet else None
        if table is None or sheet is None:
            for row in source.layout.rows:
                self._all(source, row, Fate.NO_SHEET)
            return
        labels = self.decided.labels(source.number)
        uses = {at: target for at, label in labels.items() if (target := find_target(sheet, label))}
        whose = "" if table.unit == BY_COLUMN else table.unit
        for row in source.layout.rows:
            _Line(self, source, sheet, uses, row, whose).place()

    def named(self, text: str) -> list[str]:
        """Returns the codes of the units that a cell names, in order, as the coordinator understands them."""
        codes = [code for name in names_in(text) for code in self._units.get(fold(name), ())]
        return list(dict.fromkeys(codes))

    def task_of(self, source: Source, row: ForeignRow) -> tuple[str, Task | None]:
        """Returns what was decided of a row, and the task itself."""
        decided = self._tasks.get((source.number, row.number), OWN_TASK)
        return decided, self.ledger.task(decided)

    def target_sheet(self, sheet: Sheet, task: Task | None, unit: str) -> tuple[Sheet, str]:
        """Returns which sheet of a unit a row goes to, and the task it is about there (``""``: a row of its own)."""
        if task is None or not sheet.from_plan:
            return sheet, ""
        if sheet.kind is SheetKind.TASKS and unit in task.leads:
            return sheet, task.id
        if self._support is not None and unit in task.supports:
            return self._support, task.id
        return sheet, ""

    def short(self, unit: str) -> str:
        """Returns what a unit is called."""
        return self.ledger.unit_name(unit)

    def reworded(self, value: Scalar, column: Column) -> tuple[Scalar, str]:
        """Returns a value as it is typed into our column, and how it is worded now if not as it was."""
        return self._rewording.of(value, column)

    def _all(self, source: Source, row: ForeignRow, fate: Fate) -> None:
        for at, value in row.cells.items():
            if at not in row.origins:
                self.verdicts.append(Verdict(source.number, row.number, at, value, fate))


class _Line:
    """One row being placed."""

    def __init__(
        self, placing: _Placing, source: Source, sheet: Sheet, uses: Mapping[int, Target], row: ForeignRow, whose: str
    ) -> None:
        self._placing, self._source, self._sheet, self._uses, self._row = placing, source, sheet, uses, row
        self._whose = whose
        self._dividing = dividing_column(dict(uses)) if not whose else None

    def place(self) -> None:
        """Finds the row's item and puts every cell of it there, or says why not."""
        decided, task = self._placing.task_of(self._source, self._row) if self._sheet.from_plan else ("", None)
        if decided == NO_TASK:
            self._everything(Fate.ROW_LEFT)
            return
        named = self._leads()
        unit = self._unit(named, task)
        if not unit:
            self._everything(Fate.NO_UNIT)
            return
        sheet, task_id = self._placing.target_sheet(self._sheet, task, unit)
        unit_sheet = sheet if unit in sheet.audience else None
        if unit_sheet is None:
            self._everything(Fate.NOT_ISSUED, unit)
            return
        key = (unit, sheet.code, task_id) if task_id else (unit, sheet.code, "", self._source.number, self._row.number)
        item = self._placing.items.setdefault(key, Item(unit, sheet.code, task_id))
        item.sources.append((self._source.number, self._row.number))
        for at, value in self._row.cells.items():
            self._cell(item, sheet, task, at, value)
        self._section(item, sheet, task)

    def _leads(self) -> list[str]:
        if self._dividing is None:
            return [self._whose] if self._whose else []
        said = split_roles(show(self._row.cells.get(self._dividing)))[0]
        return self._placing.named(said)

    def _unit(self, named: Sequence[str], task: Task | None) -> str:
        """Returns whose the row is: of the units named the first that leads the task, else that supports it, else the first."""
        if task is not None:
            for among in (task.leads, task.supports):
                if found := next((code for code in named if code in among), ""):
                    return found
        return named[0] if named else ""

    def _cell(self, item: Item, sheet: Sheet, task: Task | None, at: int, value: Scalar) -> None:
        target = self._uses.get(at)
        use = target.use if target else Use.NOWHERE
        if isinstance(value, CellError):
            self._say(at, Fate.ERROR, item)
        elif use is Use.OWN and target and target.column:
            self._own(item, sheet, task, at, value, target.column)
        elif use is Use.EXTRA:
            name = self._extra_name(sheet, at)
            fits = same(item.extra.setdefault(name, value), value)
            self._say(at, Fate.PLACED if fits else Fate.SECOND, item, column=name)
        elif use in {Use.LEAD, Use.SUPPORT, Use.PLAN} and target:
            self._of_plan(item, task, at, target)
        else:
            fates = {Use.SERIAL: Fate.SERIAL, Use.SYSTEM: Fate.SYSTEM, Use.COORDINATOR: Fate.COORDINATOR}
            self._say(at, fates.get(use, Fate.COLUMN_LEFT), item)

    def _own(self, item: Item, sheet: Sheet, task: Task | None, at: int, value: Scalar, column: Column) -> None:
        """Puts a cell into one of the unit's columns; of a task of the plan, what the plan says is only compared."""
        if item.task and task and column.owner is Owner.COORDINATOR:
            told = task_cell(task, column)
            self._say(
                at, Fate.PLAN_SAME if agrees(value, told, column) else Fate.PLAN_OTHER, item, show(told), column.name
            )
            return
        if column.code == "no" and self._sheet.from_plan:
            self._say(at, Fate.NO_NUMBER, item)
            return
        place = sheet.column(column.code if sheet is self._sheet else _IN_SUPPORT.get(column.code, column.code))
        if place is None or place.owner is Owner.SYSTEM or (item.task and place.owner is not Owner.UNIT):
            self._say(at, Fate.NO_COLUMN, item)
            return
        typed, note = self._placing.reworded(value, place)
        fate = _put(item, place, typed)
        self._say(at, fate, item, note, place.name)

    def _of_plan(self, item: Item, task: Task | None, at: int, target: Target) -> None:
        """Says of a cell that only the plan holds whether the plan says so too."""
        value = self._row.cells[at]
        leads, supports = split_roles(show(value))
        if not item.task or task is None:
            ours = target.use is Use.LEAD and self._placing.named(leads) == [item.unit] and not supports
            short = self._placing.short(item.unit) if ours else ""
            self._say(at, Fate.DIVIDES if ours else Fate.NOT_IN_PLAN, item, short, target.label.strip("（）"))
            return
        if target.use is Use.PLAN:
            told = getattr(task, target.code)
            alike = agrees(value, told, None)
        else:
            units = task.leads if target.use is Use.LEAD else task.supports
            told = task.leads_text if target.use is Use.LEAD else task.supports_text
            named = self._placing.named(leads if target.use is Use.LEAD else f"{leads}、{supports}")
            alike = set(named) - set(task.leads if target.use is Use.SUPPORT else ()) == set(units) and not (
                supports and target.use is Use.LEAD and set(self._placing.named(supports)) - set(task.supports)
            )
        self._say(at, Fate.PLAN_SAME if alike else Fate.PLAN_OTHER, item, show(told), target.label.strip("（）"))

    def _section(self, item: Item, sheet: Sheet, task: Task | None) -> None:
        """Carries the section's row down: into a row of the unit's own, or compares it with the plan."""
        row = self._row
        column = sheet.column("section")
        if (
            not row.section
            or column is None
            or any(t.code == "section" and t.use is Use.OWN for t in self._uses.values())
        ):
            return
        if item.task and task:
            fate = Fate.PLAN_SAME if agrees(row.section, task.section, column) else Fate.PLAN_OTHER
            self._verdict(row.section_at, row.section, fate, item, task.section, column.name)
        elif _put(item, column, row.section) is Fate.PLACED:
            self._verdict(row.section_at, row.section, Fate.PLACED, item, "", column.name)

    def _extra_name(self, sheet: Sheet, at: int) -> str:
        """Returns what an extra column is called: as the old ledger has it, told apart from its others and from our columns."""
        kept = [c for c in self._source.layout.columns if (to := self._uses.get(c.at)) and to.use is Use.EXTRA]
        column = next(c for c in kept if c.at == at)
        alike = [c for c in kept if _leaf(c) == _leaf(column)]
        name = _leaf(column) if len(alike) == 1 else "/".join(column.path) or _leaf(column)
        if before := sum(1 for c in alike if c.at < at and c.path == column.path):
            name = f"{name}({before + 1})"
        ours = {header_key(n) for c in (*sheet.columns, *sheet.retired) for n in (c.name, *c.aliases)}
        return f"原台账“{name}”" if header_key(name) in ours else name

    def _everything(self, fate: Fate, unit: str = "") -> None:
        for at in self._row.cells:
            self._say(at, fate, Item(unit, self._sheet.code, ""))

    def _say(self, at: int, fate: Fate, item: Item, note: str = "", column: str = "") -> None:
        self._verdict(self._row.origin(at), self._row.cells[at], fate, item, note, column)

    def _verdict(self, cell: Cell, value: Scalar, fate: Fate, item: Item, note: str, column: str) -> None:
        verdict = Verdict(
            self._source.number, *cell, value, fate, note, item.unit, item.sheet, column, item.task, self._row.number
        )
        self._placing.verdicts.append(verdict)


def _leaf(column: ForeignColumn) -> str:
    return column.path[-1] if column.path else column.name.strip("（）")


def _put(item: Item, column: Column, value: Scalar) -> Fate:
    """Puts a value into a row; a second text for one cell goes below the first, another second value has no place."""
    present = item.raw.get(column.code)
    if present is None or same(present, value):
        item.raw[column.code] = value
        return Fate.PLACED
    if column.type is not ColumnType.LONG_TEXT:
        return Fate.SECOND
    lines = show(present).split("\n")
    if tidy(show(value)) in map(tidy, lines):
        return Fate.PLACED
    both = f"{show(present)}\n{show(value)}"
    if len(both) > CELL_LIMIT:
        return Fate.SECOND
    item.raw[column.code] = both
    return Fate.PLACED


def agrees(value: Scalar, told: Scalar, column: Column | None) -> bool:
    """Tells whether an old ledger says of a task what the plan says: numbers in any form, texts folded."""
    if column is not None and column.code == "no":
        return bool(number_parts(show(value))) and number_parts(show(value)) == number_parts(show(told))
    return fold(show(value)).strip("。；;") == fold(show(told)).strip("。；;")


def once(verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """Yields one verdict a cell: of content merged over several rows the best one, for it is placed if any row took it."""
    best: dict[tuple[int, int, int], Verdict] = {}
    for verdict in verdicts:
        key = verdict.table, verdict.row, verdict.column
        if key not in best or verdict.fate.rank < best[key].fate.rank:
            best[key] = verdict
    yield from best.values()
