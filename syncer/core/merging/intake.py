"""What one save of a unit's workbook means: from the tables as read to a plan. Pure; `syncer.sync` acts on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.delivery.handout import handed_out, row_id
from syncer.core.merging.identity import identify
from syncer.core.merging.known_rows import as_planned, recognised
from syncer.core.merging.merge import SheetPlan, plan_sheet
from syncer.core.merging.row_fates import out_of_sight
from syncer.core.model import Book, Format, Ledger, Refusal, Sheet, SheetKind, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader
from syncer.core.reading.checks import check_rows
from syncer.core.reading.headers import match_headers
from syncer.core.reading.links import linked_cells
from syncer.core.reading.rows import ReadRow, read_rows, row_key, typed_by_unit
from syncer.core.reading.worksheet import filled_in_by, find_table, free_rows, last_row
from syncer.core.roster import Roster
from syncer.core.values import Scalar, fold, show

LIKE_COLUMNS, LIKE_SHARE = 4, 0.8  # columns from which on another sheet counts as a copy of one of ours
EMPTIED_FROM = 5  # rows; a book with fewer has no mass to lose
EMPTIED_SHARE = 0.1  # of the filled rows left: below this the file counts as emptied


@dataclass(frozen=True, slots=True)
class SheetContent:
    """One sheet of an accepted version: where its columns stood, and its rows with their ids. This is the next base."""

    columns: Mapping[str, int]  # column code → 1-based column in the worksheet; 0: not there
    rows: tuple[ReadRow, ...]
    table: str = ""  # the worksheet's name as the file has it; "": as the schema has it
    id_column: int = 0  # where the hidden row ids stand; 0: nowhere
    free: tuple[int, ...] = ()  # worksheet rows with a reserved id that nobody has typed into, top to bottom
    last_row: int = 0  # last worksheet row that holds anything


@dataclass(frozen=True, slots=True)
class BookPlan:
    """What one save means. ``values``: typed values by (sheet code, row id) of all rows as they will stand."""

    content: Mapping[str, SheetContent]
    sheets: tuple[SheetPlan, ...]
    values: Mapping[tuple[str, str], Mapping[str, Scalar]]
    problems: tuple[Problem, ...]
    filled_rows: int = 0
    refusal: Refusal | None = None
    who: str = ""  # 填报人, as the first fill-in line that names one says


@dataclass(frozen=True, slots=True)
class KnownBook:
    """What is known of a unit's workbook before this save."""

    base: Mapping[str, SheetContent] = field(default_factory=dict)
    current: Mapping[str, Sequence[ReadRow]] = field(default_factory=dict)
    last_numbers: Mapping[str, int] = field(default_factory=dict)  # sheet code → highest row number ever given out
    withdrawn_lately: Mapping[str, int] = field(
        default_factory=dict
    )  # sheet code → rows withdrawn in the last 24 hours
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)  # sheet code → rows that wait as second of one key
    braked: frozenset[tuple[str, str, str]] = (
        frozenset()
    )  # sheet code, row id, column: clearings that wait for a ruling


def first_content(ledger: Ledger, unit: str) -> dict[str, SheetContent]:
    """Returns what a newly issued workbook holds, as if it had been read: the first base of all merges."""
    return {
        sheet.code: SheetContent(dict.fromkeys((c.code for c in sheet.columns), 0), handed_out(ledger, sheet, unit))
        for sheet in ledger.sheets_of(unit)
    }


def owner_of(book: Book, stem: str, roster: Roster, ledger_id: str) -> str | Refusal:
    """Returns the code of the unit a workbook belongs to: by stamp, else by file name and its 填报单位 line.

    Refuses a workbook of another ledger (FILE-013), of nobody (FILE-012), and one whose file name is another unit's
    than its stamp (FILE-014).
    """
    named = roster.find(stem)
    short = {unit.code: unit.short for unit in roster.units}
    if book.stamp is not None:
        if ledger_id and book.stamp.ledger_id and book.stamp.ledger_id != ledger_id:
            return Refusal("FILE-013")
        if book.stamp.unit not in short:
            return Refusal("FILE-012")
        if named and named != book.stamp.unit:
            return Refusal("FILE-014", (("named", short[named]), ("unit", short[book.stamp.unit])))
        return book.stamp.unit
    said = next((code for table in book.tables if (code := _filling_unit(table, roster))), None)
    if named and said and named != said:
        return Refusal("FILE-014", (("named", short[named]), ("unit", short[said])))
    return named or said or Refusal("FILE-012")


def _filling_unit(table: Table, roster: Roster) -> str | None:
    """The unit that the line 填报单位：… in the first four rows names."""
    for cells in table.rows[:4]:
        for at, cell in enumerate(cells):
            if isinstance(cell, str) and (match := re.match(r"\s*填报单位[^:：]{0,8}[:：]\s*(\S*)", cell)):
                name = match[1] or show(cells[at + 1] if at + 1 < len(cells) else None)
                return roster.find(name)
    return None


def plan_book(
    ledger: Ledger, reader: CellReader, unit: str, book: Book, file: str, known: KnownBook, *, admitted: bool = False
) -> BookPlan:
    """Plans a whole save of a unit (its code): each sheet by itself, so that one broken sheet does not hold back the others.

    All sheets are read before the first is merged: a row that left one of them may have come to another.

    A sheet or column that the last accepted version had and this one lacks counts as untouched (SHEET-001, HEAD-002).
    A book in which nearly all filled rows of its base are gone is refused (FILE-015): it was emptied.
    One that the coordinator let in all the same (``admitted``) is planned; its vanished rows are still asked about.
    """
    content: dict[str, SheetContent] = {}
    found: list[_SheetRead] = []
    problems: list[Problem] = []
    for sheet in ledger.sheets_of(unit):
        table = find_table(book, sheet)
        base = known.base.get(sheet.code)
        if table:
            read, told = _read_sheet(ledger, unit, sheet, table, file, known)
        else:  # plain text never holds more than one sheet: the others are not gone
            read, told = None, _lost(sheet, base, file) if book.format is not Format.TEXT else []
        problems += told
        if read is not None:
            found.append(read)
        if stands := read.content if read else base:
            content[sheet.code] = stands
    problems += _unread(ledger, unit, book, file)
    moved = {row.origin for read in found for row in read.rows if row.origin and row.id not in read.base}
    plans = [_plan_sheet(ledger, unit, read, known, moved) for read in found]
    problems += [problem for read, plan in zip(found, plans, strict=True) for problem in _sheet_problems(read, plan)]
    before, after = _filled(ledger, known.base), _filled(ledger, content)
    there, left = (sum(len(c.rows) for c in held.values()) for held in (known.base, content))
    gone = before >= EMPTIED_FROM and after <= max(1, before * EMPTIED_SHARE)
    gone = gone or (there >= EMPTIED_FROM and not left)
    if gone and not admitted:  # even a book in which little was typed: not one row is left
        return BookPlan(known.base, (), {}, (), refusal=Refusal("FILE-015", (("rows", str(before or there)),)))
    values, checked = _check(ledger, reader, file, content, plans)
    return BookPlan(content, tuple(plans), values, (*problems, *checked), after, who=filled_in_by(book.tables))


def _filled(ledger: Ledger, content: Mapping[str, SheetContent]) -> int:
    """How many rows hold something of the unit's own."""
    sheets = {sheet.code: sheet for sheet in ledger.sheets}
    return sum(
        1 for code, c in content.items() for row in c.rows if code in sheets and typed_by_unit(sheets[code], row)
    )


@dataclass(frozen=True, slots=True)
class _SheetRead:
    """One sheet as read, its rows known by their ids, ready to be merged."""

    sheet: Sheet
    place: Place
    rows: Sequence[ReadRow]
    base: Mapping[str, ReadRow]
    missing: frozenset[str]
    columns: Mapping[str, int]
    content: SheetContent


def _lost(sheet: Sheet, base: SheetContent | None, file: str) -> list[Problem]:
    """What is to be said of a sheet that is not there: nothing, if the base had none either."""
    return [Problem("SHEET-001", Place(file), facts=(("sheet", sheet.name),))] if base else []


def _read_sheet(
    ledger: Ledger, unit: str, sheet: Sheet, table: Table, file: str, known: KnownBook
) -> tuple[_SheetRead | None, list[Problem]]:
    """Finds columns and rows, and which row is which. ``None``: there is no header, nothing can be read."""
    match, problems = match_headers(table, sheet, file)
    if match is None:
        return None, problems
    held = known.base.get(sheet.code)
    base = held.rows if held else ()
    base_columns = held.columns if held else match.columns
    names = {c.name: c.code for c in sheet.columns}
    problems = [p for p in problems if p.code != "HEAD-002" or names[p.column] in base_columns]
    place = Place(file, table.name)
    problems += linked_cells(table, match, sheet, place)
    read = read_rows(table, match, sheet)
    first_new = known.last_numbers.get(sheet.code, sheet.reserved_rows) + 1
    ids = [row_id(sheet, unit, number) for number in range(first_new, first_new + 3 * len(read) + len(base) + 1)]
    handed = ledger.led_by(unit) if sheet.kind is SheetKind.TASKS else ledger.supported_by(unit)
    tasks = {fold(task.number): task.id for task in handed} if sheet.from_plan else {}
    rows, told = identify(read, base, sheet, ids, place, tasks, unit)
    rows = recognised(sheet, rows, base, known.current.get(sheet.code, ()), known.held.get(sheet.code, ()), ids)
    missing = frozenset(code for code in base_columns if code not in match.columns)
    own_names = {name for name, _ in match.extra}
    missing |= {f"+{name}" for row in base for name in row.extra if name not in own_names}
    content = SheetContent(
        {**{code: 0 for code in missing if not code.startswith("+")}, **match.columns},
        tuple(_with_untouched(sheet, rows, base, missing)),
        table.name,
        match.id_column,
        free_rows(table, match, sheet, row_id(sheet, unit, 0).removesuffix("0000")),
        last_row(table),
    )
    by_id = {row.id: row for row in base}
    return _SheetRead(sheet, place, rows, by_id, missing, match.columns, content), [*problems, *told]


def _with_untouched(
    sheet: Sheet, rows: Sequence[ReadRow], base: Sequence[ReadRow], missing: frozenset[str]
) -> Sequence[ReadRow]:
    """Rows whose missing columns keep what the base said, so that the column coming back is no change.

    A row of which nothing else was filled is not seen without them, and stays too.
    """
    if not missing:
        return rows
    old = {row.id: row for row in base}
    there = {row.id for row in rows}
    kept = [
        replace(
            row,
            raw={**{c: v for c, v in old[row.id].raw.items() if c in missing}, **row.raw},
            extra={**{n: v for n, v in old[row.id].extra.items() if f"+{n}" in missing}, **row.extra},
        )
        if row.id in old
        else row
        for row in rows
    ]
    return [*kept, *(row for row in base if row.id not in there and out_of_sight(sheet, row, missing))]


def _plan_sheet(ledger: Ledger, unit: str, read: _SheetRead, known: KnownBook, moved: Collection[str]) -> SheetPlan:
    code = read.sheet.code
    current = known.current.get(code, ())
    return plan_sheet(
        read.sheet,
        _refilled(read, current, {place[1:] for place in known.braked if place[0] == code}),
        as_planned(ledger, read.sheet, unit, current, {row.id for row in read.rows}),
        read.rows,
        read.missing,
        ledger.settings,
        read.place,
        read.columns,
        withdrawn_lately=known.withdrawn_lately.get(code, 0),
        held=known.held.get(code, frozenset()),
        moved=moved,
    )


def _unread(ledger: Ledger, unit: str, book: Book, file: str) -> Iterator[Problem]:
    """Sheets that are none of ours by name but look like one of them (SHEET-002): what is typed there is not read."""
    sheets = ledger.sheets_of(unit)
    ours = [find_table(book, sheet) for sheet in sheets]
    for table in book.tables:
        if any(table is known for known in ours):
            continue
        for sheet in sheets:
            match, _ = match_headers(table, sheet, file)
            if match and len(match.columns) >= max(LIKE_COLUMNS, LIKE_SHARE * len(sheet.columns)):
                yield Problem("SHEET-002", Place(file, table.name), facts=(("like", sheet.name),))
                break


def _refilled(read: _SheetRead, current: Sequence[ReadRow], braked: Collection[tuple[str, str]]) -> tuple[ReadRow, ...]:
    """The base with what stands in the ledger in cells that were cleared, wait for a ruling, and are typed into again.

    What the unit types there takes the old content's place: nobody else has changed it.
    """
    if not braked:
        return tuple(read.base.values())
    stands, typed = {row.id: row for row in current}, {row.id: row for row in read.rows}
    base: list[ReadRow] = []
    for row in read.base.values():
        now, then = typed.get(row.id), stands.get(row.id)
        waiting = {column for row_id, column in braked if row_id == row.id} if now and then else set()
        raw = {c: then.raw[c] for c in waiting if now and then and c in now.raw and c in then.raw and c not in row.raw}
        base.append(replace(row, raw={**raw, **row.raw}))
    return tuple(base)


def _sheet_problems(read: _SheetRead, plan: SheetPlan) -> list[Problem]:
    kept = {row.id: row for row in plan.rows}
    asked = [Problem("ROW-002", read.place, row_key(read.sheet, kept[i].raw, i)) for i in plan.vanished]
    return [*plan.problems, *asked]


def _check(
    ledger: Ledger,
    reader: CellReader,
    file: str,
    content: Mapping[str, SheetContent],
    plans: Sequence[SheetPlan],
) -> tuple[dict[tuple[str, str], Mapping[str, Scalar]], list[Problem]]:
    known = known_values(ledger, {plan.sheet: plan.rows for plan in plans})
    values: dict[tuple[str, str], Mapping[str, Scalar]] = {}
    problems: list[Problem] = []
    for plan in plans:
        sheet = ledger.sheet(plan.sheet)
        if sheet is None:
            continue
        columns = {code: at for code, at in content[plan.sheet].columns.items() if at}
        place = Place(file, sheet.name)
        there = {row.id for row in content[plan.sheet].rows} - set(plan.vanished)
        standing = [row for row in plan.rows if row.id in there]
        kept_back = [row for row in plan.rows if row.id not in there]  # read, but there is no place to point to
        checked, found = check_rows(standing, sheet, ledger, reader, place, columns, known)
        kept, _ = check_rows(kept_back, sheet, ledger, reader, place, columns, known)
        problems += found
        values.update({(plan.sheet, entry.row.id): entry.values for entry in (*checked, *kept)})
    return values, problems


def known_values(ledger: Ledger, rows: Mapping[str, Sequence[ReadRow]]) -> Callable[[str], frozenset[str]]:
    """Returns the look-up behind 存在于: ``"任务分解.编号"`` → the folded values there.

    Settings sheets answer for the whole ledger, data sheets for this unit's own rows. An unknown name knows nothing.
    """
    sheets = {fold(sheet.name): sheet for sheet in ledger.sheets}
    fixed = {
        "任务分解": frozenset(fold(task.number) for task in ledger.tasks),
        "单位名录": frozenset(fold(name) for u in ledger.units for name in (u.name, u.short, *u.aliases)),
        "测评指标": frozenset(fold(indicator.number) for indicator in ledger.indicators),
    }

    def look_up(place: str) -> frozenset[str]:
        table, _, name = place.replace("．", ".").partition(".")
        if table in fixed:
            return fixed[table]
        sheet = sheets.get(fold(table))
        column = next((c for c in sheet.columns if fold(c.name) == fold(name)), None) if sheet else None
        if sheet is None or column is None:
            return frozenset()
        return frozenset(fold(show(row.raw.get(column.code))) for row in rows.get(sheet.code, ()))

    return look_up
