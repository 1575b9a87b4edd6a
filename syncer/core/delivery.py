"""What has to be written back into a unit's workbook: everything that is not the unit's own, and what was ruled.

Pure: from what the workbook holds (the base) and what it should hold, to the cells that differ. `syncer.deliver` writes
them by patch, when nobody has the file open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from syncer.core.handout import handed_out
from syncer.core.intake import SheetContent
from syncer.core.model import Column, ColumnType, Ledger, Owner, Sheet
from syncer.core.rows import ReadRow, from_plan, is_foreign
from syncer.core.values import Scalar, same

LIGHT, HINT = "light", "hint"  # 亮灯, 系统提示: codes of the shipped template
RIDES_ALONG = frozenset({LIGHT})  # a change of these alone is no reason to touch a workbook more than once a day


@dataclass(frozen=True, slots=True)
class CellPatch:
    """One cell to write. ``code`` is the column's code, ``""`` for the row id; row and column are 1-based."""

    sheet: str  # sheet code
    row_id: str
    row: int
    column: int
    code: str
    old: Scalar
    new: Scalar


@dataclass(frozen=True, slots=True)
class Delivery:
    """What to write into one workbook, and what the workbook holds afterwards (the next base)."""

    patches: tuple[CellPatch, ...]
    content: Mapping[str, SheetContent]
    homeless: tuple[str, ...] = ()  # ids of rows for which the sheet has no reserved row left

    @property
    def urgent(self) -> bool:
        """Whether there is more to say than a changed light."""
        return any(patch.code not in RIDES_ALONG for patch in self.patches)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a unit's workbook should hold, beyond what the unit types.

    ``current``: the merged rows by sheet code. ``system``: system values by (sheet code, row id) and column code.
    ``asked``: cells (sheet code, row id, column code) that wait for a ruling and stay as the unit left them.
    """

    current: Mapping[str, Sequence[ReadRow]]
    system: Mapping[tuple[str, str], Mapping[str, Scalar]]
    asked: frozenset[tuple[str, str, str]] = frozenset()


def plan_delivery(ledger: Ledger, unit: str, base: Mapping[str, SheetContent], wanted: Wanted) -> Delivery:
    """Returns the cells in which a unit's workbook differs from what it should hold.

    A coordinator's or system cell is put right; the unit's own cell only where what stands in the master is not what it
    typed (a ruling). A row of the plan that the workbook does not hold yet, or one that was restored, goes into the first
    reserved row. Percentages are points in the master and fractions in a workbook.
    """
    patches: list[CellPatch] = []
    content = dict(base)
    homeless: list[str] = []
    for sheet in ledger.sheets_of(unit):
        held = base.get(sheet.code)
        if held is None or not held.id_column:
            continue
        found, after, without = _sheet(ledger, unit, sheet, held, wanted)
        patches += found
        homeless += without
        if found:
            content[sheet.code] = after
    return Delivery(tuple(patches), content, tuple(homeless))


def _sheet(
    ledger: Ledger, unit: str, sheet: Sheet, held: SheetContent, wanted: Wanted
) -> tuple[list[CellPatch], SheetContent, list[str]]:
    current = {row.id: row for row in wanted.current.get(sheet.code, ())}
    plan = {row.id: row for row in handed_out(ledger, sheet, unit)}
    patches: list[CellPatch] = []
    rows: list[ReadRow] = []
    for row in held.rows:
        found = list(_row(sheet, held, row, current.get(row.id), plan.get(row.id), wanted))
        patches += found
        rows.append(_patched(row, found))
    free = list(held.free)
    homeless: list[str] = []
    there = {row.id for row in held.rows}
    for row_id in [i for i in (*plan, *current) if i not in there]:
        if row_id in there:
            continue
        there.add(row_id)
        if not free:
            homeless.append(row_id)
            continue
        number = free.pop(0)
        blank = ReadRow(row_id, number, {}, carried="")
        full = current.get(row_id) or ReadRow(row_id, number, {})
        full = replace(full, raw={**plan[row_id].raw, **full.raw} if row_id in plan else full.raw)
        found = list(_row(sheet, held, blank, full, plan.get(row_id), wanted))
        patches += found
        rows.append(_patched(blank, found))
    return patches, replace(held, rows=tuple(rows), free=tuple(free)), homeless


def _row(
    sheet: Sheet, held: SheetContent, row: ReadRow, current: ReadRow | None, plan: ReadRow | None, wanted: Wanted
) -> Iterator[CellPatch]:
    """The cells of one row that differ from what they should hold; its id first, where it carries another or none."""
    if row.carried != row.id:
        yield CellPatch(sheet.code, row.id, row.row, held.id_column, "", row.carried or None, row.id)
    system = wanted.system.get((sheet.code, row.id), {})
    for column in sheet.columns:
        at = held.columns.get(column.code, 0)
        if not at or (sheet.code, row.id, column.code) in wanted.asked:
            continue
        now = row.raw.get(column.code)
        want = _wanted(sheet, column, row, current, plan, system)
        if not same(now, want):
            yield CellPatch(sheet.code, row.id, row.row, at, column.code, now, want)


def _wanted(
    sheet: Sheet,
    column: Column,
    row: ReadRow,
    current: ReadRow | None,
    plan: ReadRow | None,
    system: Mapping[str, Scalar],
) -> Scalar:
    """What one cell should hold: the system's value, the plan's, or what stands in the master."""
    now = row.raw.get(column.code)
    if column.owner is Owner.SYSTEM:
        value = system.get(column.code, now)
        if column.type is ColumnType.PERCENT and isinstance(value, (int, float)):
            return round(value / 100, 6)
        return value
    if is_foreign(sheet, row.id, column.owner) and from_plan(sheet, row.id):
        return plan.raw.get(column.code) if plan else now
    return current.raw.get(column.code) if current else now


def _patched(row: ReadRow, patches: Sequence[CellPatch]) -> ReadRow:
    """The row as the workbook holds it after the patch."""
    raw = dict(row.raw)
    for patch in patches:
        if not patch.code:
            continue
        if patch.new is None:
            raw.pop(patch.code, None)
        else:
            raw[patch.code] = patch.new
    return replace(row, raw=raw, carried=row.id)
