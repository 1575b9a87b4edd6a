"""What one save of a unit's workbook means: from the tables as read to a plan. Pure; `syncer.sync` acts on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.delivery.handout import handed_out, row_id
from syncer.core.merging.at_rest import (
    Judged,
    Reading,
    as_before,
    is_as_read,
    is_at_rest,
    reading_terms,
    stands,
    terms_of,
)
from syncer.core.merging.identity import identify
from syncer.core.merging.judging import Standing, Verdict, judge
from syncer.core.merging.known_rows import as_planned, recognised
from syncer.core.merging.merge import SheetPlan, plan_sheet
from syncer.core.merging.row_fates import out_of_sight
from syncer.core.model import Book, Format, Ledger, Refusal, Sheet, SheetKind, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader
from syncer.core.reading.headers import match_headers
from syncer.core.reading.links import linked_cells
from syncer.core.reading.records import Records, read_records, without_lent
from syncer.core.reading.rows import ReadRow, own_names, row_key, typed_by_unit
from syncer.core.reading.sheet_names import find_table, is_called, unread
from syncer.core.reading.worksheet import filled_in_by, free_rows, last_row
from syncer.core.roster import Roster
from syncer.core.values import Scalar, fold, same, show

_ABSENT = frozenset({"HEAD-002", "HEAD-006"})  # a column is not there: nothing is missed that the book never had
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
    """What one save means. ``values``: typed values by (sheet code, row id) of the rows that do not stand in the ledger already."""

    content: Mapping[str, SheetContent]
    sheets: tuple[SheetPlan, ...]
    values: Mapping[tuple[str, str], Mapping[str, Scalar]]
    problems: tuple[Problem, ...]
    filled_rows: int = 0  # with something of the unit's own, in the sheets that were read
    refusal: Refusal | None = None
    who: str = ""  # 填报人, as the first fill-in line that names one says
    judged: Mapping[str, Judged] = field(default_factory=dict)  # sheet code → what the next save need not work out anew


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
    judged: Mapping[str, Judged] = field(
        default_factory=dict
    )  # sheet code → what was said of the rows that are current now
    typed: Mapping[str, Sequence[Mapping[str, Scalar]]] = field(
        default_factory=dict
    )  # the current rows' cells as read; there where `judged` is
    asked: frozenset[str] = frozenset()  # codes of the sheets that open questions are about

    def waits(self, sheet: str) -> bool:
        """Tells whether something of a sheet (its code) is asked, held back or braked."""
        return sheet in self.asked or bool(self.held.get(sheet)) or any(place[0] == sheet for place in self.braked)


@dataclass(frozen=True, slots=True, eq=False)
class GoingOn(Mapping[str, SheetContent]):
    """The content of a version that goes on from another: what is ``anew``, and the sheets that were not looked into."""

    base: Mapping[str, SheetContent]
    anew: Mapping[str, SheetContent]
    codes: tuple[str, ...]

    def __getitem__(self, code: str) -> SheetContent:
        if code not in self.codes:
            raise KeyError(code)
        return self.anew[code] if code in self.anew else self.base[code]

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)


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
    said = next((code for table in book.tables if (code := filling_unit(table, roster))), None)
    if named and said and named != said:
        return Refusal("FILE-014", (("named", short[named]), ("unit", short[said])))
    return named or said or Refusal("FILE-012")


def filling_unit(table: Table, roster: Roster) -> str | None:
    """Returns the unit that the line 填报单位：… in the first four rows names."""
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
    anew: dict[str, SheetContent] = {}
    codes: list[str] = []
    found: list[_SheetRead] = []
    problems: list[Problem] = []
    for sheet in ledger.sheets_of(unit):
        table = find_table(book, sheet, ledger)
        there: _SheetRead | None = None
        if table:
            there, told = _as_read(ledger, sheet, table, file, known) or _read_sheet(
                ledger, unit, sheet, table, file, known
            )
        else:  # plain text never holds more than one sheet: the others are not gone
            told = _lost(sheet, known.base.get(sheet.code), file) if book.format is not Format.TEXT else []
        problems += told
        if there is not None:
            found.append(there)
        if there is not None and there.content is not None:
            anew[sheet.code] = there.content
        if there is not None or sheet.code in known.base:
            codes.append(sheet.code)
    content = GoingOn(known.base, anew, tuple(codes))
    problems += unread(book, ledger, unit, file)
    moved = {row.origin for read in found for row in read.rows if row.origin and row.id not in read.base}
    plans = [
        SheetPlan(read.sheet.code, (), at_rest=True)
        if _rests(ledger, read, known, file)
        else _plan_sheet(ledger, unit, read, known, moved)
        for read in found
    ]
    problems += [problem for read, plan in zip(found, plans, strict=True) for problem in _sheet_problems(read, plan)]
    sizes = _sizes(ledger, known, content, found)
    was, are, there_were, left = (sum(size[at] for size in sizes.values()) for at in range(4))
    gone = was >= EMPTIED_FROM and are <= max(1, was * EMPTIED_SHARE)
    gone = gone or (there_were >= EMPTIED_FROM and not left)
    if gone and not admitted:  # even a book in which little was typed: not one row is left
        return BookPlan(known.base, (), {}, (), refusal=Refusal("FILE-015", (("rows", str(was or there_were)),)))
    planned = list(zip(found, plans, strict=True))
    verdict = _judge(ledger, reader, file, known, planned)
    for read, plan in planned:
        same = read.content is not None and read.content is known.base.get(read.sheet.code)
        if plan.at_rest and same and read.table.digest:
            judged = verdict.judged.get(plan.sheet) or known.judged[plan.sheet]
            verdict.judged[plan.sheet] = replace(judged, reading=_reading(ledger, read, file, sizes[plan.sheet][1]))
    filled = sum(sizes[read.sheet.code][1] for read in found)  # a sheet that is not there was not read
    said = (*problems, *verdict.problems)
    who = filled_in_by(book.tables)
    return BookPlan(content, tuple(plans), verdict.values, said, filled, who=who, judged=verdict.judged)


def _sizes(
    ledger: Ledger, known: KnownBook, content: Mapping[str, SheetContent], found: Sequence[_SheetRead]
) -> dict[str, tuple[int, int, int, int]]:
    """How many rows of each sheet hold something of the unit's own, before and now, and how many there are at all."""
    sizes: dict[str, tuple[int, int, int, int]] = {}
    for read in found:
        if read.as_read:
            filled, rows = read.as_read.filled, len(known.judged[read.sheet.code].places)
            sizes[read.sheet.code] = filled, filled, rows, rows
    for code in dict.fromkeys((*known.base, *content)):
        if code not in sizes:
            old, new = known.base.get(code), content.get(code)
            was = _filled(ledger, code, old)
            now = was if new is old else _filled(ledger, code, new)
            sizes[code] = was, now, len(old.rows) if old else 0, len(new.rows) if new else 0
    return sizes


def _filled(ledger: Ledger, code: str, content: SheetContent | None) -> int:
    """How many rows of a sheet (its code) hold something of the unit's own."""
    sheet = ledger.sheet(code)
    return sum(1 for row in content.rows if typed_by_unit(sheet, row)) if sheet and content else 0


@dataclass(frozen=True, slots=True)
class _SheetRead:
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


def _lost(sheet: Sheet, base: SheetContent | None, file: str) -> list[Problem]:
    """What is to be said of a sheet that is not there: nothing, if the base had none either."""
    return [Problem("SHEET-001", Place(file), facts=(("sheet", sheet.name),))] if base else []


def _as_read(
    ledger: Ledger, sheet: Sheet, table: Table, file: str, known: KnownBook
) -> tuple[_SheetRead, list[Problem]] | None:
    """What reading a worksheet came to before, where it would come to the same now."""
    judged = known.judged.get(sheet.code)
    terms = reading_terms(ledger, sheet, file, table.name)
    if judged is None or not is_as_read(table.digest, terms, judged, waits=known.waits(sheet.code)):
        return None
    reading = judged.reading
    assert reading is not None  # noqa: S101 - it would not be as read
    place = Place(file, table.name)
    read = _SheetRead(sheet, place, (), {}, frozenset(), reading.columns, table, None, as_read=reading)
    return read, list(reading.problems)


def _reading(ledger: Ledger, read: _SheetRead, file: str, filled: int) -> Reading:
    """What reading a worksheet at rest came to, to be said again as long as it is the same."""
    return Reading(
        read.table.digest,
        reading_terms(ledger, read.sheet, file, read.table.name),
        tuple(read.problems),
        tuple(_own_columns_lost(read)),
        filled,
        _columns_there(read),
    )


def _read_sheet(
    ledger: Ledger, unit: str, sheet: Sheet, table: Table, file: str, known: KnownBook
) -> tuple[_SheetRead | None, list[Problem]]:
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
        tuple(_with_untouched(sheet, rows, base, missing)),
        table.name,
        match.id_column,
        free_rows(table, match, sheet, row_id(sheet, unit, 0).removesuffix("0000")),
        last_row(table),
    )
    if held and still and _is_unaltered(content, held):
        content = held
    said = [*problems, *records.problems, *told]
    return _SheetRead(sheet, place, rows, by_id, missing, match.columns, table, content, said, still), said


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
    first_new = known.last_numbers.get(sheet.code, sheet.reserved_rows) + 1
    ids = [row_id(sheet, unit, number) for number in range(first_new, first_new + 3 * len(read) + len(base) + 1)]
    handed = ledger.led_by(unit) if sheet.kind is SheetKind.TASKS else ledger.supported_by(unit)
    tasks = {fold(task.number): task.id for task in handed} if sheet.from_plan else {}
    rows, told = identify(read, base, sheet, ids, place, tasks, unit)
    rows = recognised(sheet, rows, base, known.current.get(sheet.code, ()), known.held.get(sheet.code, ()), ids)
    return without_lent(sheet, rows, {row.id: row for row in base}, records), told


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


def _rests(ledger: Ledger, read: _SheetRead, known: KnownBook, file: str) -> bool:
    """Whether a sheet is at rest, and its rows were last judged by the terms of today."""
    if read.as_read:
        return True
    judged = _judged_alike(ledger, read, known, file)
    return read.stands and is_at_rest(read.rows, judged, waits=known.waits(read.sheet.code))


def _judged_alike(ledger: Ledger, read: _SheetRead, known: KnownBook, file: str) -> Judged | None:
    """What was said of the rows that the ledger holds, if it was said by the terms of today."""
    judged = known.judged.get(read.sheet.code)
    terms = terms_of(ledger, read.sheet, file, read.table.name, _columns_there(read))
    return judged if judged and judged.terms == terms else None


def _columns_there(read: _SheetRead) -> dict[str, int]:
    return {code: at for code, at in (read.content.columns if read.content else read.columns).items() if at}


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
    return [*plan.problems, *asked, *(read.as_read.lost if read.as_read else _own_columns_lost(read))]


def _own_columns_lost(read: _SheetRead) -> list[Problem]:
    ours = {fold(name) for c in read.sheet.columns for name in (c.name, *c.aliases)}
    lost = sorted(name[1:] for name in read.missing if name.startswith("+") and fold(name[1:]) not in ours)
    return [Problem("CHK-014", read.place, column=name) for name in lost if not _stands_elsewhere(read, name)]


def _stands_elsewhere(read: _SheetRead, name: str) -> bool:
    """Whether what an own column held is what one of the sheet's columns holds now: its header was only called so for a while."""
    now = {row.id: row for row in read.rows}
    held = [(now[i].raw, row.extra[name]) for i, row in read.base.items() if name in row.extra and i in now]
    return any(held and all(same(raw.get(c.code), v) for raw, v in held) for c in read.sheet.columns)


def _judge(
    ledger: Ledger,
    reader: CellReader,
    file: str,
    known: KnownBook,
    planned: Sequence[tuple[_SheetRead, SheetPlan]],
) -> Verdict:
    return judge(
        ledger,
        reader,
        file,
        [
            Standing(
                sheet=read.sheet,
                plan=plan,
                rows=known.current.get(plan.sheet, ()) if plan.at_rest else plan.rows,
                there=known.current.get(plan.sheet, ()) if plan.at_rest else read.content.rows if read.content else (),
                table=read.table.name,
                columns=_columns_there(read),
                judged=_judged_alike(ledger, read, known, file),
                current=known.current.get(plan.sheet, ()),
                typed=known.typed,
            )
            for read, plan in planned
        ],
    )
