"""The data sheets of the master: every unit's rows, what the plan and the system say of them filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from syncer.core.memo import Memo
from syncer.core.model import Column, ColumnType, Ledger, Owner, Row, Sheet, SheetKind, Unit
from syncer.core.reading.cells import CellReader, How, reader_of
from syncer.core.reading.readings import remembered
from syncer.core.reading.rows import own_columns
from syncer.core.reports.amounts import amount, shown
from syncer.core.reports.ledger import plan_values
from syncer.core.reports.lines import Block, Stretch, digest_of
from syncer.core.reports.progress import SUPPORT, TASKS, Progress, TaskProgress
from syncer.core.reports.records import Records, RowsAtHand
from syncer.core.state import LedgerState, TaskMark
from syncer.core.values import Scalar, same


class DataBlocks:
    """Gives each data sheet's rows in stretches, one a unit; rows of records are only asked for where they are shown anew."""

    def __init__(
        self, ledger: Ledger, state: LedgerState, progress: Progress, records: Records, memo: Memo | None = None
    ) -> None:
        self._version, self._records, self._memo = ledger.version, records, memo or Memo()
        self._planned = at_hand = self._memo.of("at hand", (state.rows,), lambda: RowsAtHand(state.rows))
        roster = {unit.code: unit for unit in ledger.units}
        left = sorted(at_hand.units - roster.keys())  # their rows stand last
        units = (*roster.values(), *(Unit(code, code, code) for code in left))
        self._units = self._memo.of(
            "units", (ledger.version, units), lambda: [(unit, digest_of(ledger.version, unit)) for unit in units]
        )
        # Stretches outlive the look that they were made in, and give their rows only when asked. So they do not hold their
        # look but this list, which holds the newest: whoever shares the memo makes one look after the other, and asks
        # stretches for rows only while the look is the newest. The basis of a stretch tells whether its rows are the same.
        self._here: list[DataBlocks] = self._memo.of("blocks", (), list)
        self._here[:] = [self]
        marks = self._memo.of("last week", (state.last_week,), lambda: dict(state.last_week.tasks))
        self._tasks, self._filler = progress.tasks, SystemValues.of(progress, marks)
        self._reader = reader_of(ledger, self._memo)
        self._doubts: dict[str, tuple[_Doubt, ...]] = {}  # by sheet code

    def of(self, sheet: Sheet) -> tuple[Stretch[Block], ...]:
        """Returns every unit's rows of a sheet in roster order, then those of units no longer on the roster."""
        if not sheet.from_plan:
            marks = [self._records.mark(unit.code, sheet.code) for unit, _ in self._units]
        else:
            rests_on = (self._units, self._planned, self._tasks, self._filler.marks)
            marks = self._memo.of(("marks of plan", sheet.code), rests_on, lambda: [*self._marks_of_plan(sheet)])
        return self._memo.of(("data", sheet.code), (self._units, marks), lambda: tuple(self._stretches(sheet, marks)))

    def _marks_of_plan(self, sheet: Sheet) -> Iterator[str]:
        for unit, _ in self._units:
            yield self._mark_of_plan(sheet, unit, self._planned.rows(unit.code, sheet.code))

    def records_of(self, sheet: Sheet, unit: str) -> list[Stretch[Block]]:
        """Returns the stretch of one unit's records (its code) among those of `of`; none where it has no rows."""
        units = [
            (known, named, self._records.mark(unit, sheet.code)) for known, named in self._units if known.code == unit
        ]
        return [self._stretch(sheet, known, f"{named}:{mark}") for known, named, mark in units if mark]

    def _stretches(self, sheet: Sheet, marks: Sequence[str]) -> Iterator[Stretch[Block]]:
        for (unit, named), mark in zip(self._units, marks, strict=True):
            if mark:
                yield self._stretch(sheet, unit, f"{named}:{mark}")

    def _stretch(self, sheet: Sheet, unit: Unit, basis: str) -> Stretch[Block]:
        return Stretch(unit.code, basis, partial(_block_of, self._here, sheet, unit))

    def _mark_of_plan(self, sheet: Sheet, unit: Unit, rows: Sequence[Row]) -> str:
        """Returns a text that is another whenever a unit's rows are, or what the system says of them; ``""`` without rows."""
        if not rows:
            return ""
        place = (unit.code, sheet.code)
        told, ids = self._memo.of(("told", *place), (self._version, rows), lambda: _told_and_ids(rows, sheet))
        rests_on = (len(rows), told, [*map(self._filler.tasks.get, ids)], self._filler.marks)

        def mark() -> str:
            filled = [(row.id, row.digest or repr(row), *self._filler.values(row).items()) for row in told]
            return digest_of(len(rows), filled)

        return self._memo.of(("plan", *place), rests_on, mark)

    def block(self, sheet: Sheet, unit: Unit) -> Block:
        """Of 配合任务 only the rows in which the unit typed something: with groups expanded nearly all of them stay blank."""
        rows = (self._planned if sheet.from_plan else self._records).rows(unit.code, sheet.code)
        told = _told(rows, sheet)
        if sheet.code not in self._doubts:
            self._doubts[sheet.code] = tuple(_doubts(sheet, self._reader))
        doubts = self._doubts[sheet.code]
        return Block(
            unit,
            tuple(self._filler.row(row, sheet) for row in told),
            frozenset((row.id, doubt.column) for row in told for doubt in doubts if doubt.about(row)),
            len(rows) - len(told),
        )


def _block_of(here: Sequence[DataBlocks], sheet: Sheet, unit: Unit) -> Block:
    return here[0].block(sheet, unit)


def _told(rows: Sequence[Row], sheet: Sheet) -> Sequence[Row]:
    if sheet.kind is not SheetKind.SUPPORT:
        return rows
    own = own_columns(sheet)
    return [row for row in rows if row.extra or own & row.values.keys()]


def _told_and_ids(rows: Sequence[Row], sheet: Sheet) -> tuple[Sequence[Row], Sequence[str]]:
    told = _told(rows, sheet)
    return told, [row.id for row in told]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Tells of one of the unit's columns where its value is none of its type, outside its limits or not among its choices."""

    column: str  # its code
    takes_any_text: bool
    of: Callable[[Scalar], bool]  # remembers: in most columns the same values come again and again

    def about(self, row: Row) -> bool:
        value = row.values.get(self.column)
        if value is None or (self.takes_any_text and isinstance(value, str)):
            return False
        return self.of(value)


def _doubts(sheet: Sheet, reader: CellReader) -> Iterator[_Doubt]:
    for column in sheet.columns:
        if column.owner is Owner.UNIT:
            of = remembered(partial(_is_doubtful, column=column, reader=reader))
            yield _Doubt(column.code, _takes_any_text(column), of)


def _is_doubtful(value: Scalar, *, column: Column, reader: CellReader) -> bool:
    """A value was read once already: read again, one that fits stays what it is (points are no fractions any more)."""
    points = column.type is ColumnType.PERCENT and not isinstance(value, str)
    reading = reader.read(value, replace(column, type=ColumnType.NUMBER) if points else column)
    return reading.how in {How.DOUBTFUL, How.REFUSED} or not same(reading.value, value)


def _takes_any_text(column: Column) -> bool:
    return column.type in {ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.DEADLINE} and not column.options


@dataclass(frozen=True, slots=True)
class SystemValues:
    """What the system says of rows, and the plan; by column code, as of a day."""

    tasks: Mapping[str, TaskProgress]
    marks: Mapping[tuple[str, str], TaskMark]

    @staticmethod
    def of(progress: Progress, marks: Mapping[tuple[str, str], TaskMark]) -> SystemValues:
        """``marks``: what the last issued week said, by task id and unit."""
        return SystemValues({task.task.id: task for task in progress.tasks}, marks)

    def row(self, row: Row, sheet: Sheet) -> Row:
        """Returns a row with the coordinator's and the system's columns filled in."""
        task = self.tasks.get(row.id) if row.sheet in {TASKS, SUPPORT} else None
        number = sheet.column("no")
        numbered = {"no": row.id} if number and number.owner is Owner.SYSTEM else {}
        filled = {**row.values, **(plan_values(task.task) if task else {}), **numbered, **self.values(row)}
        return replace(row, values={code: value for code, value in filled.items() if value is not None})

    def values(self, row: Row) -> dict[str, Scalar]:
        """Returns the system's columns of a row, blank ones as ``None``. Percentages are points."""
        if row.sheet == "service":
            return {"hours_total": amount(row, "hours_total") or None}
        task = self.tasks.get(row.id)
        if task is None or row.sheet not in {TASKS, SUPPORT}:
            return {}
        if row.sheet == SUPPORT:
            return {"light": task.first.label}
        standing = next((lead for lead in task.leads if lead.unit == row.unit), None)
        if standing is None:
            return {}
        values: dict[str, Scalar] = {
            "done": shown(task.count, task.task.target),
            "last_week": self.marks.get((row.id, row.unit), TaskMark()).text or None,
            "evidence": task.evidence.get(row.unit),
            "light": standing.label,
        }
        return {**values, "percent": standing.percent} if task.counted else values
