"""What has to be written back into a unit's workbook: everything that is not the unit's own, and what was ruled.

Pure: from what the workbook holds to what it should hold, as the cells that differ. `syncer.deliver` writes them by patch
while nobody has the file open, and proves by reading again that the workbook holds just that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta

from syncer.core.delivery.handout import handed_out, row_id
from syncer.core.merging.known_book import SheetContent
from syncer.core.model import Book, Column, ColumnType, Ledger, Owner, Sheet, Table
from syncer.core.reading.headers import HeaderMatch, match_headers
from syncer.core.reading.records import read_records, without_lent
from syncer.core.reading.rows import ReadRow, from_plan, own_names
from syncer.core.reading.sheet_names import find_table
from syncer.core.reading.worksheet import free_rows, last_row
from syncer.core.template.overrides import plan_header
from syncer.core.texts import cell_text
from syncer.core.values import CellError, Scalar, same, show

LIGHT, HINT = "light", "hint"  # 亮灯, 系统提示: codes of the shipped template
RIDES_ALONG = frozenset({LIGHT})  # a change of these alone is no reason to touch a workbook more than once a day

WAITS: Mapping[str, tuple[str, str]] = {
    "open": ("有人正打开着", "somebody has it open"),
    "quiet": ("文件刚有变动，稍等片刻", "the file changed a moment ago"),
    "changed": ("又有新的保存，先读取", "saved again: read first"),
    "missing": ("文件不在原处", "the file is not there"),
    "refused": ("文件没有采用", "the file was not taken in"),
    "backup": ("像是旧版本，等创建办处理", "an old state came back: waits for a ruling"),
    "format": ("不是 .xlsx，无法写回，请另存为 .xlsx", "not .xlsx: save it as .xlsx"),
    "formula": ("要写的格子里有公式", "formulas stand in the cells"),
    "unsafe": ("这份文件改写不了，没有动它", "cannot be patched safely: left alone"),
    "slow": ("电脑太忙，没来得及核对，稍后再写", "this machine was too busy to check it: tried again later"),
    "disk": ("写不进去（磁盘或权限）", "cannot be written (disk or rights)"),
    "soon": ("排队中", "in the queue"),
}
"""Why a delivery waits, in words."""


@dataclass(frozen=True, slots=True)
class CellPatch:
    """One cell to write. ``code`` is the column's code, ``+name`` for a column of the unit's own, ``""`` for the row id.

    Row and column are 1-based places in the worksheet.
    """

    sheet: str  # sheet code
    row_id: str
    row: int
    column: int
    code: str
    new: Scalar


@dataclass(frozen=True, slots=True)
class LaidOut:
    """One sheet of a workbook as it stands in the file."""

    content: SheetContent
    extra: Mapping[str, int] = field(default_factory=dict)  # columns of the unit's own: name → column
    spare: tuple[ReadRow, ...] = ()  # reserved rows that nobody has typed into, with what else stands in them


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a unit's workbook should hold, beyond what the unit types.

    ``current``: the merged rows by sheet code. ``system``: system values (percentages in points) by (sheet code, row id)
    and column code; a column that is not named stays. ``asked``: cells (sheet code, row id, column code), and rows (the
    same with column ``""``), that wait for a ruling and stay as the unit left them. ``blocked``: cells (sheet code,
    worksheet row, column) in which a formula stands.
    """

    current: Mapping[str, Sequence[ReadRow]]
    system: Mapping[tuple[str, str], Mapping[str, Scalar]]
    asked: frozenset[tuple[str, str, str]] = frozenset()
    blocked: frozenset[tuple[str, int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What to write into one workbook, and what it holds afterwards (the next base)."""

    patches: tuple[CellPatch, ...]
    content: Mapping[str, SheetContent]

    @property
    def urgent(self) -> bool:
        """Whether there is more to say than a changed light."""
        return any(patch.code not in RIDES_ALONG for patch in self.patches)


# ---- where everything stands


def content_of(ledger: Ledger, unit: str, book: Book, base: Mapping[str, SheetContent]) -> dict[str, LaidOut]:
    """Returns where everything stands in a workbook whose rows are known by their places (``base``), as it really reads.

    For bytes that were read before: a row's id is what it was found to be then, at the same worksheet row, so nothing is
    matched anew. Rows of ``base`` that are not there are left out, and so are rows that ``base`` does not know.
    """
    found: dict[str, LaidOut] = {}
    for sheet in ledger.sheets_of(unit):
        held, table = base.get(sheet.code), find_table(book, sheet, ledger)
        match = match_headers(table, sheet, "", own_names(held.rows))[0] if held and table else None
        if held and table and match:
            found[sheet.code] = _laid_out(sheet, unit, held, table, match)
    return found


def _laid_out(sheet: Sheet, unit: str, held: SheetContent, table: Table, match: HeaderMatch) -> LaidOut:
    records = read_records(table, match, sheet, "")
    read = {row.row: row for row in records.rows}
    extra = dict(match.extra)
    rows: list[ReadRow] = []
    for old in held.rows:
        now = read.get(old.row)
        if now is None:
            continue
        unseen = {code: value for code, value in old.raw.items() if code not in match.columns}
        unseen_extra = {name: value for name, value in old.extra.items() if name not in extra}
        rows.append(replace(now, id=old.id, raw={**unseen, **now.raw}, extra={**unseen_extra, **now.extra}))
    rows = without_lent(sheet, rows, {row.id: row for row in held.rows}, records)
    spare = tuple(_spare(sheet, unit, table, match))
    columns = {**dict.fromkeys(held.columns, 0), **match.columns}
    free = tuple(row.row for row in spare)
    content = SheetContent(columns, tuple(rows), table.name, match.id_column, free, last_row(table))
    return LaidOut(content, extra, spare)


def _spare(sheet: Sheet, unit: str, table: Table, match: HeaderMatch) -> Iterator[ReadRow]:
    """The reserved rows that nobody has typed into, with what the system wrote there."""
    for number in free_rows(table, match, sheet, row_id(sheet, unit, 0).removesuffix("0000")):
        raw = {code: cell for code, at in match.columns.items() if (cell := table.cell(number, at)) is not None}
        printed = show(table.cell(number, match.id_column)).strip()
        yield ReadRow(printed, number, raw, carried=printed)


def believed(base: Mapping[str, SheetContent]) -> dict[str, LaidOut]:
    """Returns a base as if it were laid out: enough to tell whether anything is due, without reading the file.

    Where the places are not known yet, any will do.
    """
    found: dict[str, LaidOut] = {}
    for code, held in base.items():
        known = any(held.columns.values())
        columns = held.columns if known else {name: at for at, name in enumerate(held.columns, start=1)}
        names = dict.fromkeys(name for row in held.rows for name in row.extra)
        extra = {name: at for at, name in enumerate(names, start=len(columns) + 1)}
        spare = tuple(ReadRow("", number, {}) for number in held.free)
        id_column = held.id_column if known else 1  # one that somebody deleted is not there to be written
        found[code] = LaidOut(replace(held, columns=columns, id_column=id_column), extra, spare)
    return found


# ---- what differs


def plan_delivery(ledger: Ledger, unit: str, laid: Mapping[str, LaidOut], wanted: Wanted) -> Delivery:
    """Returns the cells in which a unit's workbook differs from what it should hold.

    A coordinator's or system cell is put right; the unit's own cell only where the ledger says other than the file: a
    ruling, or what came with a copy. A task that is new, or a row that was restored, goes into its own blank row, else
    into the first reserved one, else below everything. A row that the ledger no longer has stays: nothing that a person
    typed is taken out of her workbook. What a patch cannot put into a cell (a picture, say) is not brought either.
    """
    patches: list[CellPatch] = []
    content: dict[str, SheetContent] = {}
    for sheet in ledger.sheets_of(unit):
        if sheet.code in laid:
            found, content[sheet.code] = _plan_sheet(ledger, unit, sheet, laid[sheet.code], wanted)
            patches += found
    return Delivery(tuple(patches), content)


def _plan_sheet(
    ledger: Ledger, unit: str, sheet: Sheet, laid: LaidOut, wanted: Wanted
) -> tuple[list[CellPatch], SheetContent]:
    held = laid.content
    current = {row.id: row for row in wanted.current.get(sheet.code, ())}
    plan = {row.id: _as_written(sheet, row) for row in handed_out(ledger, sheet, unit)}
    patches: list[CellPatch] = []
    rows: list[ReadRow] = []
    there = {row.id for row in held.rows}
    for row in held.rows:
        found = list(_differing(sheet, laid, row, current.get(row.id), plan.get(row.id), wanted))
        patches += found
        rows.append(_patched(row, found))
    spare, last = list(laid.spare), held.last_row
    # What the plan no longer hands out is not brought back, and without an id column a new row would be nobody's.
    due = [i for i in dict.fromkeys((*plan, *current)) if i not in there and (i in plan or not from_plan(sheet, i))]
    for due_id in due if held.id_column else ():
        if (sheet.code, due_id, "") in wanted.asked:
            continue
        blank = _home(spare, due_id, current.keys() | there)
        if blank is None:
            last += 1
            blank = ReadRow("", last, {}, carried="")
        else:
            spare.remove(blank)
        blank = replace(blank, id=due_id)
        found = list(_differing(sheet, laid, blank, current.get(due_id), plan.get(due_id), wanted))
        patches += found
        rows.append(_patched(blank, found))
    free = tuple(row.row for row in spare)
    return patches, replace(held, rows=tuple(rows), free=free, last_row=last)


def _home(spare: Sequence[ReadRow], row_id: str, known: frozenset[str] | set[str]) -> ReadRow | None:
    """The blank row that still carries the row's own id, else the first whose id is nobody's."""
    own = next((row for row in spare if row.id == row_id), None)
    return own or next((row for row in spare if row.id not in known), None)


def _as_written(sheet: Sheet, row: ReadRow) -> ReadRow:
    """A row handed out, as a workbook holds it: percentages as fractions."""
    points = {c.code for c in sheet.columns if c.type is ColumnType.PERCENT}
    return replace(row, raw={code: _fraction(v) if code in points else v for code, v in row.raw.items()})


def _fraction(value: Scalar) -> Scalar:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return round(value / 100, 6)
    return value


def _differing(
    sheet: Sheet, laid: LaidOut, row: ReadRow, current: ReadRow | None, plan: ReadRow | None, wanted: Wanted
) -> Iterator[CellPatch]:
    """The cells of one row that differ from what they should hold; its id first, where it carries another or none."""
    held = laid.content
    if (sheet.code, row.id, "") in wanted.asked:
        return
    if held.id_column and row.carried not in {row.id, None}:
        yield CellPatch(sheet.code, row.id, row.row, held.id_column, "", row.id)
    system = wanted.system.get((sheet.code, row.id), {})
    for column in sheet.columns:
        want = _wanted(sheet, column, row, current, plan, system)
        place = (sheet.code, row.row, held.columns.get(column.code, 0))
        asked = (sheet.code, row.id, column.code) in wanted.asked
        if not place[2] or asked or place in wanted.blocked or _is_unwritable(want):
            continue
        if not reads_as(want, row.raw.get(column.code)):
            yield CellPatch(sheet.code, row.id, row.row, place[2], column.code, _held(want))
    for name, at in laid.extra.items() if current else ():
        want = current.extra.get(name) if current else None
        asked = (sheet.code, row.id, f"+{name}") in wanted.asked
        if asked or (sheet.code, row.row, at) in wanted.blocked or _is_unwritable(want):
            continue
        if not reads_as(want, row.extra.get(name)):
            yield CellPatch(sheet.code, row.id, row.row, at, f"+{name}", _held(want))


def _held(want: Scalar) -> Scalar:
    """What is to be written, as a cell can hold it."""
    return cell_text(want) if isinstance(want, str) else want


def _is_unwritable(want: Scalar) -> bool:
    return isinstance(want, CellError) and not want.is_excels


def _wanted(
    sheet: Sheet,
    column: Column,
    row: ReadRow,
    current: ReadRow | None,
    plan: ReadRow | None,
    system: Mapping[str, Scalar],
) -> Scalar:
    """What one cell should hold: the system's value, the plan's, or what stands in the ledger."""
    now = row.raw.get(column.code)
    if column.owner is Owner.SYSTEM:
        if column.code not in system:
            return now
        value = system[column.code]
        return _fraction(value) if column.type is ColumnType.PERCENT else value
    fed = column.owner is Owner.COORDINATOR and from_plan(sheet, row.id) and plan_header(column.code)
    source = plan if fed else current or plan
    return source.raw.get(column.code) if source else now


def _patched(row: ReadRow, patches: Sequence[CellPatch]) -> ReadRow:
    """The row as the workbook holds it after the patch."""
    raw, extra, carried = dict(row.raw), dict(row.extra), row.carried
    for patch in patches:
        if not patch.code:
            carried = row.id
            continue
        cells, name = (extra, patch.code[1:]) if patch.code.startswith("+") else (raw, patch.code)
        cells.pop(name, None)
        if patch.new is not None:
            cells[name] = patch.new
    return replace(row, raw=raw, extra=extra, carried=carried)


# ---- the proof


def reads_as(want: Scalar, now: Scalar) -> bool:
    """Whether a cell reads as what was to be written: the same, but for what a file cannot hold or shows its own way.

    Text loses the signs a cell has no place for, and its end where it is too long; a date is text (``2026-03-05``) where the cell's style shows no dates.
    """
    if same(want, now):
        return True
    if isinstance(want, str):
        return isinstance(now, str | None) and cell_text(want) == (now or "")
    return isinstance(want, (date, time, timedelta)) and show(want) == show(now)


def unlike(ledger: Ledger, meant: Mapping[str, SheetContent], found: Mapping[str, LaidOut], *, cells: bool) -> str:
    """Returns where a workbook, read again, is not as it was meant to be: ``"tasks T0007 deadline"``; ``""`` if all is well.

    Without ``cells`` only the rows are looked for. A row in which nothing is left is no row any more.
    """
    for code, content in meant.items():
        sheet, laid = ledger.sheet(code), found.get(code)
        if sheet is None or laid is None:
            return code
        there = {row.id: row for row in laid.content.rows}
        typed = frozenset(c.code for c in sheet.columns if c.owner is not Owner.SYSTEM)
        for row in content.rows:
            read = there.get(row.id)
            if read is None:
                if row.filled(typed):
                    return f"{code} {row.id}"
                continue
            if cells and (where := _unlike_cell(row, read)) is not None:
                return f"{code} {row.id} {where}"
    return ""


def _unlike_cell(meant: ReadRow, read: ReadRow) -> str | None:
    if meant.carried is not None and meant.carried != read.carried:
        return ""
    for one, other, mark in ((meant.raw, read.raw, ""), (meant.extra, read.extra, "+")):
        for name in one.keys() | other.keys():
            if not reads_as(one.get(name), other.get(name)):
                return mark + name
    return None
