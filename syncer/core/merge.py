"""The three-way merge of one sheet: decides, touches nothing. First by cell and without owners, then by ownership."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from syncer.core.model import Column, Owner, Settings, Sheet
from syncer.core.problems import Place, Problem
from syncer.core.rows import ReadRow, from_plan, is_foreign, own_columns, row_key
from syncer.core.state import ASKED_CODES
from syncer.core.values import Scalar, same, show


class Outcome(StrEnum):
    """What a cell's three values say, whoever owns it."""

    UNCHANGED = "unchanged"
    TAKE = "take"  # only incoming changed
    KEEP = "keep"  # only current changed
    AGREE = "agree"  # both changed to the same
    CONFLICT = "conflict"  # both changed, to unlike values


def merge_cell(base: Scalar, current: Scalar, incoming: Scalar) -> Outcome:
    """Decides one cell. Swapping ``current`` and ``incoming`` swaps TAKE and KEEP and leaves the rest."""
    moved, stood = not same(base, incoming), same(base, current)
    if not moved:
        return Outcome.UNCHANGED if stood else Outcome.KEEP
    if stood:
        return Outcome.TAKE
    return Outcome.AGREE if same(current, incoming) else Outcome.CONFLICT


@dataclass(frozen=True, slots=True)
class CellDecision:
    """One cell that changed in the workbook. ``outcome``: accepted, asked (a question, current stands), noted."""

    row_id: str
    row: int  # in the worksheet
    column: str  # column code, or ``+name`` for a column the unit added
    base: Scalar
    current: Scalar
    incoming: Scalar
    outcome: str
    kind: str = ""  # of question: proposal, conflict, mass


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What one save means for one sheet."""

    sheet: str  # sheet code
    rows: tuple[ReadRow, ...]  # the sheet as it will stand: order of the workbook, kept rows last
    decisions: tuple[CellDecision, ...] = ()
    added: tuple[str, ...] = ()  # row ids
    vanished: tuple[str, ...] = ()  # row ids that stay, and are asked about
    withdrawn: tuple[str, ...] = ()  # row ids that leave the ledger unasked: a few of the unit's own, or moved elsewhere
    held: tuple[ReadRow, ...] = ()  # second rows with one key: they wait, and are asked about
    revived: tuple[ReadRow, ...] = ()  # deleted from the ledger, edited in this workbook: asked about
    problems: tuple[Problem, ...] = ()


def plan_sheet(
    sheet: Sheet,
    base: Sequence[ReadRow],
    current: Sequence[ReadRow],
    incoming: Sequence[ReadRow],
    missing_columns: frozenset[str],
    settings: Settings,
    place: Place,
    columns: Mapping[str, int],
) -> SheetPlan:
    """Plans one sheet of one save: rows are paired by id, cells merged, ownership decides what takes effect.

    A row that vanished or was emptied stays and is asked about. Columns in ``missing_columns`` (codes, and ``+name`` for
    the unit's own) count as untouched. When
    more than max(``mass_cells``, ``mass_percent`` %) of the unit's own filled cells were cleared at once, none of
    the clearings takes effect and they are asked about together (design: a brake against mass loss).

    ``columns`` tells where each column stands in the worksheet. Problems: those of `ASKED_CODES`, and OWN-002 a system
    cell was changed (a note).
    """
    base_by_id = {row.id: row for row in base}
    current_by_id = {row.id: row for row in current}
    incoming_ids = {row.id for row in incoming}
    own = own_columns(sheet)
    emptied = {
        row.id
        for row in incoming
        if row.id in current_by_id
        and not row.filled(own)
        and current_by_id[row.id].filled(own)
        and not from_plan(sheet, row.id)
    }
    decisions: list[CellDecision] = []
    rows: list[ReadRow] = []
    for row in incoming:
        now = current_by_id.get(row.id)
        before = base_by_id.get(row.id) or now
        if row.id in emptied and now:
            rows.append(replace(now, row=row.row))
            continue
        decided = _decide_row(sheet, before, now, row, missing_columns)
        decisions += decided
        rows.append(_apply(now, row, decided))
    decisions, rows = _brake(decisions, rows, current, settings, own)
    vanished = [row for row in current if row.id not in incoming_ids]
    asked = [row.id for row in vanished if row.id in base_by_id]
    return SheetPlan(
        sheet=sheet.code,
        rows=(*rows, *vanished),
        decisions=tuple(decisions),
        added=tuple(row.id for row in incoming if row.id not in current_by_id),
        vanished=(*asked, *(i for i in sorted(emptied) if base_by_id.get(i, current_by_id[i]).filled(own))),
        problems=tuple(_ownership_problems(sheet, decisions, {r.id: r for r in rows}, place, columns)),
    )


def _decide_row(
    sheet: Sheet, base: ReadRow | None, current: ReadRow | None, incoming: ReadRow, missing: frozenset[str]
) -> list[CellDecision]:
    """The cells of one row that the save changed."""
    decisions: list[CellDecision] = []
    for column in sheet.columns:
        if column.code in missing:
            continue
        before = base.raw.get(column.code) if base else None
        now = current.raw.get(column.code) if current else None
        after = incoming.raw.get(column.code)
        outcome, kind = _own(sheet, incoming.id, column, merge_cell(before, now, after))
        if outcome:
            decisions.append(CellDecision(incoming.id, incoming.row, column.code, before, now, after, outcome, kind))
    names = dict.fromkeys((*(current.extra if current else ()), *incoming.extra))
    for name in names:
        if f"+{name}" in missing:
            continue
        before = base.extra.get(name) if base else None
        after = incoming.extra.get(name)
        if not same(before, after):
            now = current.extra.get(name) if current else None
            decisions.append(CellDecision(incoming.id, incoming.row, f"+{name}", before, now, after, "accepted"))
    return decisions


def _own(sheet: Sheet, row_id: str, column: Column, outcome: Outcome) -> tuple[str, str]:
    """Ownership after the symmetric core: what a changed cell comes to. ``("", "")``: nothing to say."""
    if outcome in {Outcome.UNCHANGED, Outcome.KEEP, Outcome.AGREE}:
        return "", ""
    if column.owner is Owner.SYSTEM:
        return "noted", ""
    if is_foreign(sheet, row_id, column.owner):
        return "asked", "proposal"
    return ("accepted", "") if outcome is Outcome.TAKE else ("asked", "conflict")


def _apply(current: ReadRow | None, incoming: ReadRow, decisions: Sequence[CellDecision]) -> ReadRow:
    """The row as it will stand: current with what was accepted."""
    raw = dict(current.raw) if current else {}
    extra = dict(current.extra) if current else {}
    for decision in decisions:
        if decision.outcome != "accepted":
            continue
        cells, name = (extra, decision.column[1:]) if decision.column.startswith("+") else (raw, decision.column)
        if decision.incoming is None:
            cells.pop(name, None)
        else:
            cells[name] = decision.incoming
    return replace(incoming, raw=raw, extra=extra)


def _brake(
    decisions: list[CellDecision],
    rows: list[ReadRow],
    current: Sequence[ReadRow],
    settings: Settings,
    own: frozenset[str],
) -> tuple[list[CellDecision], list[ReadRow]]:
    """Turns clearings into questions when there are too many of them at once."""
    cleared = {
        (d.row_id, d.column): d.current
        for d in decisions
        if d.outcome == "accepted" and d.incoming is None and d.current is not None and not d.column.startswith("+")
    }
    filled = sum(1 for row in current for code in own if code in row.raw)
    if len(cleared) <= max(settings.mass_cells, filled * settings.mass_percent / 100):
        return decisions, rows
    kept = [replace(d, outcome="asked", kind="mass") if (d.row_id, d.column) in cleared else d for d in decisions]
    restored = [replace(row, raw={**row.raw, **{c: v for (i, c), v in cleared.items() if i == row.id}}) for row in rows]
    return kept, restored


def _ownership_problems(
    sheet: Sheet,
    decisions: Sequence[CellDecision],
    rows: Mapping[str, ReadRow],
    place: Place,
    columns: Mapping[str, int],
) -> list[Problem]:
    problems: list[Problem] = []
    for decision in decisions:
        code = "OWN-002" if decision.outcome == "noted" else ASKED_CODES.get(decision.kind)
        column = sheet.column(decision.column)
        if code is None or column is None:
            continue
        problems.append(
            Problem(
                code,
                replace(place, row=decision.row, column=columns.get(column.code, 0)),
                row_key=row_key(sheet, rows[decision.row_id].raw, decision.row_id),
                column=column.name,
                found=show(decision.incoming),
                facts=(("current", show(decision.current)),),
            )
        )
    return problems
