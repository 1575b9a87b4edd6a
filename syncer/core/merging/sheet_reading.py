"""One sheet of a save as read: where its columns stand, and which row is which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from syncer.core.delivery.handout import row_id
from syncer.core.merging.at_rest import Reading, as_before, is_as_read, reading_terms, stands
from syncer.core.merging.identity import identify
from syncer.core.merging.known_book import KnownBook, SheetContent
from syncer.core.merging.known_rows import recognised
from syncer.core.merging.row_fates import out_of_sight
from syncer.core.model import Ledger, Sheet, SheetKind, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.headers import match_headers
from syncer.core.reading.links import linked_cells
from syncer.core.reading.records import Records, read_records, without_lent
from syncer.core.reading.rows import ReadRow, own_names
from syncer.core.reading.sheet_names import is_called
from syncer.core.reading.worksheet import free_rows, last_row
from syncer.core.values import fold, same

_ABSENT = frozenset({"HEAD-002", "HEAD-006"})  # a column is not there: nothing is missed that the book never had


@dataclass(frozen=True, slots=True)
class SheetRead:
    """One sheet as read, its rows known by their ids, ready to be merged."""

    sheet: Sheet
    place: Place
    rows: Sequence[ReadRow]
    base: Mapping[str, ReadRow]
    missing: frozenset[str]
    columns: Mapping[str, int]
    table: Table
    content: SheetContent | None  # ``None``: as the base has it, it was not looked into
    problems: Sequence[Problem] = ()
    stands: bool = False  # every row as it was, see `syncer.core.merging.at_rest`
    as_read: Reading | None = None  # what it came to before, of a worksheet that was not looked into


def as_read(
    ledger: Ledger, sheet: Sheet, table: Table, file: str, known: KnownBook
) -> tuple[SheetRead, list[Problem]] | None:
    """What reading a worksheet came to before, where it would come to the same now."""
    judged = known.judged.get(sheet.code)
    terms = reading_terms(ledger, sheet, file, table.name)
    if judged is None or not is_as_read(table.digest, terms, judged, waits=known.waits(sheet.code)):
        return None
    reading = judged.reading
    assert reading is not None  # noqa: S101 - it would not be as read
    place = Place(file, table.name)
    read = SheetRead(sheet, place, (), {}, frozenset(), reading.columns, table, None, as_read=reading)
    return read, list(reading.problems)


def reading_of(ledger: Ledger, read: SheetRead, file: str, filled: int) -> Reading:
    """What reading a worksheet at rest came to, to be said again as long as it is the same."""
    return Reading(
        read.table.digest,
        reading_terms(ledger, read.sheet, file, read.table.name),
        tuple(read.problems),
        tuple(own_columns_lost(read)),
        filled,
        columns_there(read),
    )


def read_sheet(
    ledger: Ledger, unit: str, sheet: Sheet, table: Table, file: str, known: KnownBook
) -> tuple[SheetRead | None, list[Problem]]:
    """Finds columns and rows, and which row is which. ``None``: there is no header, nothing can be read."""
    held = known.base.get(sheet.code)
    base = held.rows if held else ()
    match, problems = match_headers(table, sheet, file, own_names(base))
    if match is None:
        return None, problems
    base_columns = held.columns if held else match.columns
    names = {c.name: c.code for c in sheet.columns}
    problems = [p for p in problems if p.code not in _ABSENT or names[p.column] in base_columns]
    place = Place(file, table.name)
    if not is_called(table, sheet):
        problems.append(Problem("SHEET-003", place, facts=(("like", sheet.name),)))
    problems += linked_cells(table, match, sheet, place)
    records = read_records(table, match, sheet, file)
    still = stands(records, base) and not known.held.get(sheet.code)
    told: list[Problem] = []
    if still:
        rows = as_before(records.rows, base)
    else:
        rows, told = _known_rows(ledger, unit, sheet, records, base, place, known)
    by_id = {row.id: row for row in base}
    missing = frozenset(code for code in base_columns if code not in match.columns)
    extra = {name for name, _ in match.extra}
    missing |= {f"+{name}" for name in own_names(base) if name not in extra}
    content = SheetContent(
        {**{code: 0 for code in missing if not code.startswith("+")}, **match.columns},
        tuple(_with_untouched(sheet, rows, _without(base, known.held.get(sheet.code)), missing)),
        table.name,
        match.id_column,
        free_rows(table, match, sheet, row_id(sheet, unit, 0).removesuffix("0000")),
        last_row(table),
    )
    if held and still and _is_unaltered(content, held):
        content = held
    said = [*problems, *records.problems, *told]
    return SheetRead(sheet, place, rows, by_id, missing, match.columns, table, content, said, still), said


def _is_unaltered(content: SheetContent, held: SheetContent) -> bool:
    """Whether a sheet whose rows stand is the very same in all else too: then it need not be kept a second time."""
    bare = replace(content, rows=()) == replace(held, rows=())
    return bare and all(row.carried == old.carried for row, old in zip(content.rows, held.rows, strict=True))


def _known_rows(
    ledger: Ledger,
    unit: str,
    sheet: Sheet,
    records: Records,
    base: Sequence[ReadRow],
    place: Place,
    known: KnownBook,
) -> tuple[list[ReadRow], list[Problem]]:
    """The rows as read, each with the id of the row it is, and what is to be said of that."""
    carrying = {row.id if row.carried is None else row.carried or row.id: row for row in base}
    read = without_lent(sheet, records.rows, carrying, records)
    first_new = max(known.last_numbers.get(sheet.code, 0), sheet.reserved_rows) + 1  # those are printed on blank lines
    ids = [row_id(sheet, unit, number) for number in range(first_new, first_new + 3 * len(read) + len(base) + 1)]
    handed = ledger.led_by(unit) if sheet.kind is SheetKind.TASKS else ledger.supported_by(unit)
    tasks = {fold(task.number): task.id for task in handed} if sheet.from_plan else {}
    rows, told = identify(read, base, sheet, ids, place, tasks, unit)
    current, held, gone = (
        known.current.get(sheet.code, ()),
        known.held.get(sheet.code, ()),
        known.gone.get(sheet.code, {}),
    )
    rows = recognised(sheet, rows, base, current, held, ids, gone)
    return without_lent(sheet, rows, {row.id: row for row in base}, records), told


def _without(rows: Sequence[ReadRow], held: frozenset[str] | None) -> Sequence[ReadRow]:
    """Rows but for those that are held back: the ledger has nothing of them that a column could go on from."""
    return [row for row in rows if row.id not in held] if held else rows


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


def columns_there(read: SheetRead) -> dict[str, int]:
    """Returns the columns that the worksheet has, by code."""
    return {code: at for code, at in (read.content.columns if read.content else read.columns).items() if at}


def own_columns_lost(read: SheetRead) -> list[Problem]:
    """Returns what is to be said of the unit's own columns that are there no more (CHK-014)."""
    ours = {fold(name) for c in read.sheet.columns for name in (c.name, *c.aliases)}
    lost = sorted(name[1:] for name in read.missing if name.startswith("+") and fold(name[1:]) not in ours)
    return [Problem("CHK-014", read.place, column=name) for name in lost if not _stands_elsewhere(read, name)]


def _stands_elsewhere(read: SheetRead, name: str) -> bool:
    """Whether what an own column held is what one of the sheet's columns holds now: its header was only called so for a while."""
    now = {row.id: row for row in read.rows}
    held = [(now[i].raw, row.extra[name]) for i, row in read.base.items() if name in row.extra and i in now]
    return any(held and all(same(raw.get(c.code), v) for raw, v in held) for c in read.sheet.columns)
