"""What one save of a unit's workbook means: from the tables as read to a plan. Pure; `syncer.sync` acts on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.merging.at_rest import Judged, is_at_rest, terms_of
from syncer.core.merging.judging import Standing, Verdict, judge
from syncer.core.merging.known_book import GoingOn, KnownBook, SheetContent
from syncer.core.merging.known_rows import as_planned
from syncer.core.merging.merge import SheetPlan, plan_sheet
from syncer.core.merging.sheet_reading import (
    SheetRead,
    as_read,
    columns_there,
    own_columns_lost,
    read_sheet,
    reading_of,
)
from syncer.core.model import Book, Format, Ledger, Refusal, Sheet
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import ReadRow, row_key, typed_by_unit
from syncer.core.reading.sheet_names import find_table, unread
from syncer.core.reading.worksheet import filled_in_by
from syncer.core.values import Scalar, show

EMPTIED_FROM = 5  # rows; a book with fewer has no mass to lose
EMPTIED_SHARE = 0.1  # of the filled rows left: below this the file counts as emptied


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


def plan_book(
    ledger: Ledger, reader: CellReader, unit: str, book: Book, file: str, known: KnownBook, *, admitted: bool = False
) -> BookPlan:
    """Plans a whole save of a unit (its code): each sheet by itself, so that one broken sheet does not hold back the others.

    All sheets are read before the first is merged: a row that left one of them may have come to another.

    A sheet or column that the last accepted version had and this one lacks counts as untouched (SHEET-001, HEAD-002).
    A book without any of the unit's sheets is refused (FILE-022): another file took its name.
    A book in which nearly all filled rows of its base are gone is refused (FILE-015): it was emptied.
    One that the coordinator let in all the same (``admitted``) is planned; its vanished rows are still asked about.
    """
    tables = [(sheet, find_table(book, sheet, ledger)) for sheet in ledger.sheets_of(unit)]
    if book.format is not Format.TEXT and not any(table for _, table in tables):
        names = "、".join(sheet.name for sheet, _ in tables)
        return BookPlan(known.base, (), {}, (), refusal=Refusal("FILE-022", (("sheets", names),)))
    anew: dict[str, SheetContent] = {}
    codes: list[str] = []
    found: list[SheetRead] = []
    problems: list[Problem] = []
    for sheet, table in tables:
        there: SheetRead | None = None
        if table:
            there, told = as_read(ledger, sheet, table, file, known) or read_sheet(
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
    came = (row for read in found for row in read.rows if row.origin and row.id not in read.base)
    moved = {row.origin for row in came if _came_along(row, known)}
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
            verdict.judged[plan.sheet] = replace(judged, reading=reading_of(ledger, read, file, sizes[plan.sheet][1]))
    filled = sum(sizes[read.sheet.code][1] for read in found)  # a sheet that is not there was not read
    said = (*problems, *verdict.problems)
    who = filled_in_by(book.tables)
    return BookPlan(content, tuple(plans), verdict.values, said, filled, who=who, judged=verdict.judged)


def _came_along(row: ReadRow, known: KnownBook) -> bool:
    """Whether a row that carries the id of another sheet's holds what that one held, for the most part.

    Rows are copied to another sheet as a pattern too, and typed over: then the old ones did not move, they are gone.
    """
    held = next((old for content in known.base.values() for old in content.rows if old.id == row.origin), None)
    if held is None:
        return True  # another unit's, say: none of ours is missing for it
    was, now = (set(map(show, (*one.raw.values(), *one.extra.values()))) - {held.id, row.id} for one in (held, row))
    return 2 * len(was & now) >= len(was)


def _sizes(
    ledger: Ledger, known: KnownBook, content: Mapping[str, SheetContent], found: Sequence[SheetRead]
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


def _lost(sheet: Sheet, base: SheetContent | None, file: str) -> list[Problem]:
    """What is to be said of a sheet that is not there: nothing, if the base had none either."""
    return [Problem("SHEET-001", Place(file), facts=(("sheet", sheet.name),))] if base else []


def _rests(ledger: Ledger, read: SheetRead, known: KnownBook, file: str) -> bool:
    """Whether a sheet is at rest, and its rows were last judged by the terms of today."""
    if read.as_read:
        return True
    judged = _judged_alike(ledger, read, known, file)
    return read.stands and is_at_rest(read.rows, judged, waits=known.waits(read.sheet.code))


def _judged_alike(ledger: Ledger, read: SheetRead, known: KnownBook, file: str) -> Judged | None:
    """What was said of the rows that the ledger holds, if it was said by the terms of today."""
    judged = known.judged.get(read.sheet.code)
    terms = terms_of(ledger, read.sheet, file, read.table.name, columns_there(read))
    return judged if judged and judged.terms == terms else None


def _plan_sheet(ledger: Ledger, unit: str, read: SheetRead, known: KnownBook, moved: Collection[str]) -> SheetPlan:
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


def _refilled(read: SheetRead, current: Sequence[ReadRow], braked: Collection[tuple[str, str]]) -> tuple[ReadRow, ...]:
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


def _sheet_problems(read: SheetRead, plan: SheetPlan) -> list[Problem]:
    kept = {row.id: row for row in plan.rows}
    asked = [Problem("ROW-002", read.place, row_key(read.sheet, kept[i].raw, i)) for i in plan.vanished]
    return [*plan.problems, *asked, *(read.as_read.lost if read.as_read else own_columns_lost(read))]


def _judge(
    ledger: Ledger,
    reader: CellReader,
    file: str,
    known: KnownBook,
    planned: Sequence[tuple[SheetRead, SheetPlan]],
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
                columns=columns_there(read),
                judged=_judged_alike(ledger, read, known, file),
                current=known.current.get(plan.sheet, ()),
                typed=known.typed,
            )
            for read, plan in planned
        ],
    )
