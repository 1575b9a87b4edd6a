"""The three-way merge of one sheet: decides, touches nothing. First by cell and without owners, then by ownership."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from syncer.core.merging.row_fates import doubled_problems, hold_back, is_there, unchanged, vanished
from syncer.core.model import Owner, Settings, Sheet
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import ReadRow, is_foreign, own_columns, row_key, same_cells
from syncer.core.state import ASKED_CODES
from syncer.core.values import Scalar, same, show

COLUMN_ROWS = 3  # filled cells from which on an emptied column is more than a cleared cell or two


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
    """One cell that changed in the workbook. ``outcome``, as the history tells it: accepted, asked (a question, current stands), noted.

    Of a row that came as a whole only the cells that are not the unit's to fill: see `SheetPlan.added`.
    """

    row_id: str
    row: int  # in the worksheet
    column: str  # column code, or ``+name`` for a column the unit added
    base: Scalar
    current: Scalar
    incoming: Scalar
    outcome: str
    kind: str = ""  # of question: proposal, conflict, mass

    def __reduce__(self) -> tuple[object, ...]:
        """Packs it for another process: as a dataclass does by itself, in a fraction of the time."""
        cells = self.base, self.current, self.incoming
        return CellDecision, (self.row_id, self.row, self.column, *cells, self.outcome, self.kind)


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What one save means for one sheet."""

    sheet: str  # sheet code
    rows: tuple[ReadRow, ...]  # the sheet as it will stand: order of the workbook, kept rows last
    decisions: tuple[CellDecision, ...] = ()
    added: tuple[str, ...] = ()  # row ids: all that stands in these rows takes effect, and is no decision
    vanished: tuple[str, ...] = ()  # row ids that stay, and are asked about
    withdrawn: tuple[
        str, ...
    ] = ()  # row ids that leave the ledger unasked: a few of the unit's own, or moved elsewhere
    held: tuple[ReadRow, ...] = ()  # second rows with one key: they wait, and are asked about
    revived: tuple[ReadRow, ...] = ()  # deleted from the ledger, edited in this workbook: asked about
    problems: tuple[Problem, ...] = ()
    at_rest: bool = False  # nothing is decided, and the rows stand in the ledger as they are: `rows` is left empty

    def came(self) -> list[ReadRow]:
        """Returns the rows that were added, as they will stand; none once the rows have been let go of (`Taken.told`)."""
        added = set(self.added)
        return [row for row in self.rows if row.id in added] if added else []

    def edited(self) -> list[CellDecision]:
        """Returns the cells that were changed, and take effect, in rows that were there before."""
        return [d for d in self.decisions if d.outcome == "accepted"]

    def touched(self) -> set[str]:
        """Returns the ids of the rows in which something takes effect."""
        return {d.row_id for d in self.edited()} | {row.id for row in self.came() if row.raw or row.extra}


def plan_sheet(
    sheet: Sheet,
    base: Sequence[ReadRow],
    current: Sequence[ReadRow],
    incoming: Sequence[ReadRow],
    missing_columns: frozenset[str],
    settings: Settings,
    place: Place,
    columns: Mapping[str, int],
    *,
    withdrawn_lately: int = 0,
    held: Collection[str] = (),
    moved: Collection[str] = (),
) -> SheetPlan:
    """Plans one sheet of one save: rows are paired by id, cells merged, ownership decides what takes effect.

    To the cells a row that one side does not have is a row of blanks. Columns in ``missing_columns`` (codes, and
    ``+name`` for the unit's own) count as untouched. When more than max(``mass_cells``, ``mass_percent`` %) of the unit's
    own filled cells were cleared at once, none of the clearings takes effect and they are asked about together (design:
    a brake against mass loss).

    ``columns`` tells where each column stands in the worksheet, ``withdrawn_lately`` how many rows of this sheet left in
    the last 24 hours, ``held`` the ids of rows that wait as second of one key, ``moved`` those of rows that turned up on
    another sheet. Problems: those of `ASKED_CODES` but ROW-002, OWN-002 a system cell was changed (a note), KEY-001 and
    KEY-002 two rows have one key, ROW-005 a deleted row was edited here, ROW-006 a row was withdrawn (a note).
    """
    # A row that waits was never taken in; an emptied one is as good as gone. Neither is anybody's base.
    base_by_id = {row.id: row for row in base if row.id not in held and is_there(sheet, row)}
    current_by_id = {row.id: row for row in current}
    there, revived = _living(sheet, incoming, base_by_id, current_by_id, missing_columns)

    # Of two rows with one key the second waits.
    going_on, doubled = hold_back(sheet, there, current_by_id.keys())
    decisions: list[CellDecision] = []
    rows: list[ReadRow] = []
    for row in going_on:
        now = current_by_id.get(row.id)
        if now is None:  # nor is it in the base: what was deleted from the ledger is not among these rows
            stands, decided = _come(sheet, row, missing_columns)
        else:
            decided = _decide_row(sheet, base_by_id.get(row.id), now, row, missing_columns)
            stands = _apply(now, row, decided)
        decisions += decided
        rows.append(stands)
    decisions, rows = _brake(decisions, rows, current, settings, sheet)

    # What this workbook had and has no more leaves with it or is asked about; what it never had stays.
    ids = {row.id for row in there}
    gone = vanished(sheet, base_by_id, current, ids, missing_columns, settings, withdrawn_lately, moved)
    left = ids.union(gone.withdrawn)
    kept = [row for row in current if row.id not in left]
    return SheetPlan(
        sheet=sheet.code,
        rows=(*rows, *kept),
        decisions=tuple(decisions),
        added=tuple(row.id for row in rows if row.id not in current_by_id),
        vanished=gone.asked,
        withdrawn=gone.withdrawn,
        held=tuple(pair.row for pair in doubled),
        revived=tuple(revived),
        problems=(
            *_ownership_problems(sheet, decisions, {r.id: r for r in rows}, place, columns),
            *doubled_problems(sheet, doubled, place, columns),
            *(_row_problem("ROW-005", sheet, row, replace(place, row=row.row, column=1)) for row in revived),
            *(_row_problem("ROW-006", sheet, current_by_id[i], place) for i in gone.withdrawn if i not in moved),
        ),
    )


def _living(
    sheet: Sheet,
    incoming: Sequence[ReadRow],
    base: Mapping[str, ReadRow],
    current: Mapping[str, ReadRow],
    missing_columns: frozenset[str],
) -> tuple[list[ReadRow], list[ReadRow]]:
    """The rows of a workbook that live on or are new, and those that were deleted from the ledger and edited here."""
    there: list[ReadRow] = []
    revived: list[ReadRow] = []
    for row in incoming:
        before = base.get(row.id)
        if not is_there(sheet, row):
            continue
        if row.id in current or before is None:
            there.append(row)
        elif not unchanged(sheet, before, row, missing_columns):
            revived.append(row)
        # Deleted from the ledger, and here as it was: it stays deleted.
    return there, revived


def _row_problem(code: str, sheet: Sheet, row: ReadRow, place: Place) -> Problem:
    return Problem(code, place, row_key(sheet, row.raw, row.id))


def _come(sheet: Sheet, row: ReadRow, missing: frozenset[str]) -> tuple[ReadRow, list[CellDecision]]:
    """A new row as it will stand, and its cells that are not the unit's to fill."""
    raw: dict[str, Scalar] = {}
    decisions: list[CellDecision] = []
    for column in sheet.columns:
        code = column.code
        if code not in row.raw or code in missing:
            continue
        if is_foreign(sheet, row.id, column.owner):
            outcome, kind = _own(sheet, row.id, column.owner, Outcome.TAKE)
            decisions.append(CellDecision(row.id, row.row, code, None, None, row.raw[code], outcome, kind))
        else:
            raw[code] = row.raw[code]
    extra = {name: value for name, value in row.extra.items() if f"+{name}" not in missing}
    return replace(row, raw=raw, extra=extra), decisions


def _decide_row(
    sheet: Sheet, base: ReadRow | None, current: ReadRow, incoming: ReadRow, missing: frozenset[str]
) -> list[CellDecision]:
    """The cells of one row that the save changed; a row that the base does not have is a row of blanks to it."""
    if base is not None and same_cells(base.raw, incoming.raw) and same_cells(base.extra, incoming.extra):
        return []
    base = base or ReadRow(incoming.id, 0, {})
    decisions: list[CellDecision] = []

    def decide(code: str, owner: Owner, before: Scalar, now: Scalar, after: Scalar) -> None:
        outcome, kind = _own(sheet, incoming.id, owner, merge_cell(before, now, after))
        if outcome:
            decisions.append(CellDecision(incoming.id, incoming.row, code, before, now, after, outcome, kind))

    for column in sheet.columns:
        code = column.code
        before, after = base.raw.get(code), incoming.raw.get(code)
        if (
            after is None and code in base.lent
        ):  # unmerged: it showed another cell's text before, and was empty all along
            continue
        if code not in missing and before is not after:  # most cells are blank on both sides
            decide(code, column.owner, before, current.raw.get(code), after)
    for name in dict.fromkeys((*base.extra, *incoming.extra)):  # the unit's own columns are its own in every row
        if f"+{name}" not in missing:
            cells = base.extra.get(name), current.extra.get(name), incoming.extra.get(name)
            decide(f"+{name}", Owner.UNIT, *cells)
    return decisions


def _own(sheet: Sheet, row_id: str, owner: Owner, outcome: Outcome) -> tuple[str, str]:
    """Ownership after the symmetric core: what a changed cell comes to. ``("", "")``: nothing to say."""
    if outcome in {Outcome.UNCHANGED, Outcome.KEEP, Outcome.AGREE}:
        return "", ""
    if owner is Owner.SYSTEM:
        return "noted", ""
    if is_foreign(sheet, row_id, owner):
        return "asked", "proposal"
    return ("accepted", "") if outcome is Outcome.TAKE else ("asked", "conflict")


def _apply(current: ReadRow, incoming: ReadRow, decisions: Sequence[CellDecision]) -> ReadRow:
    """The row as it will stand: current with what was accepted."""
    stands = replace(incoming, raw=current.raw, extra=current.extra)
    return _with_cells(stands, [(d.column, d.incoming) for d in decisions if d.outcome == "accepted"])


def _with_cells(row: ReadRow, cells: Sequence[tuple[str, Scalar]]) -> ReadRow:
    """The row with these cells (column code, or ``+name``, and content); ``None`` clears one."""
    if not cells:
        return row
    raw, extra = dict(row.raw), dict(row.extra)
    for column, value in cells:
        held, name = (extra, column[1:]) if column.startswith("+") else (raw, column)
        if value is None:
            held.pop(name, None)
        else:
            held[name] = value
    return replace(row, raw=raw, extra=extra)


def _brake(
    decisions: list[CellDecision],
    rows: list[ReadRow],
    current: Sequence[ReadRow],
    settings: Settings,
    sheet: Sheet,
) -> tuple[list[CellDecision], list[ReadRow]]:
    """Turns clearings into questions: too many at once, all that a column held, or a key.

    One cleared cell in a row that lives on is a change like any other; an emptied column or key is not (promise 4).
    """
    keys = {column.code for column in sheet.columns if column.key}
    lost: dict[str, list[CellDecision]] = {}
    for d in decisions:
        if d.outcome == "accepted" and d.incoming is None and d.current is not None:
            lost.setdefault(d.row_id, []).append(d)
    many = _too_many(lost, current, settings, own_columns(sheet))
    asked = {
        (d.row_id, d.column)
        for cells in lost.values()
        for d in cells
        if many or d.column in keys or _was_emptied(d.column, lost, current)
    }
    kept = [replace(d, outcome="asked", kind="mass") if (d.row_id, d.column) in asked else d for d in decisions]
    back = {
        row_id: [(d.column, d.current) for d in cells if (row_id, d.column) in asked] for row_id, cells in lost.items()
    }
    return kept, [_with_cells(row, back.get(row.id, ())) for row in rows]


def _too_many(
    lost: Mapping[str, Sequence[CellDecision]], current: Sequence[ReadRow], settings: Settings, own: frozenset[str]
) -> bool:
    cleared = sum(map(len, lost.values()))
    filled = sum(len(own & row.raw.keys()) + len(row.extra) for row in current)
    return cleared > max(settings.mass_cells, filled * settings.mass_percent / 100)


def _was_emptied(column: str, lost: Mapping[str, Sequence[CellDecision]], current: Sequence[ReadRow]) -> bool:
    """Whether a column that was filled in several rows has not one content left."""
    name = column.removeprefix("+")
    filled = {row.id for row in current if name in (row.extra if column.startswith("+") else row.raw)}
    gone = {row_id for row_id, cells in lost.items() if any(d.column == column for d in cells)}
    return len(filled) >= COLUMN_ROWS and filled <= gone


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
        if code is None:
            continue
        column = sheet.column(decision.column)
        problems.append(
            Problem(
                code,
                replace(place, row=decision.row, column=columns.get(decision.column, 0)),
                row_key=row_key(sheet, rows[decision.row_id].raw, decision.row_id),
                column=column.name if column else decision.column.removeprefix("+"),
                found=show(decision.incoming),
                facts=(("current", show(decision.current)), *((("where", "这里"),) if code == "OWN-004" else ())),
            )
        )
    return problems
