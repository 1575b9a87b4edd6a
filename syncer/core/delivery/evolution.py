"""What a workbook already out lacks of the layout that 台账设置 wants now, and how each of it is put there.

Nothing a unit typed is removed, moved or hidden: a new column takes a blank one, a renamed one gets its new header where it
stands, a retired one stays with all it holds and only says so. A column moved in 台账设置 does not move in books out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from syncer.core.merging.known_book import SheetContent
from syncer.core.model import Book, Column, Ledger, Owner, Sheet, Table
from syncer.core.reading.header_names import header_key
from syncer.core.reading.headers import SPARE, HeaderMatch, match_headers
from syncer.core.reading.rows import own_names
from syncer.core.reading.sheet_names import find_table
from syncer.core.values import fold, show, tidy

RETIRED_MARK = "（停用）"
"""Stands behind the header of a retired column; what is in brackets at its end does not count when headers are compared."""
_LAST_COLUMN = 16_384
_LISTS = "选项/"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a worksheet a change goes. All numbers are 1-based; ``id_column`` 0: the row ids are gone."""

    table: str  # the worksheet's name as the file has it
    row: int  # the leaf header row
    id_column: int
    at: int  # the column


@dataclass(frozen=True, slots=True)
class SpareColumn:
    """A new column takes a spare one, or the first one right of everything where no spare is left."""

    sheet: str  # sheet code
    code: str  # column code
    spot: Spot


@dataclass(frozen=True, slots=True)
class Renamed:
    """A header of ours reads otherwise now: another name, measure, or star."""

    sheet: str
    code: str
    spot: Spot
    header: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a column's cells accept, or say when clicked, has changed."""

    sheet: str
    code: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Retired:
    """A column was retired: it stays with what is in it, its header says so, nothing is checked or demanded there."""

    sheet: str
    code: str
    spot: Spot
    header: str


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of a list behind dropdowns may have changed."""

    name: str


@dataclass(frozen=True, slots=True)
class NewSheet:
    """The unit gets a sheet that its workbook never had."""

    sheet: str


LayoutChange = SpareColumn | Renamed | Rules | Retired | Options | NewSheet


def header_text(column: Column) -> str:
    """Returns a column's header as issued: name, star if required, measure in brackets on a line of its own."""
    measure = f"\n（{column.measure}）" if column.measure and column.measure not in column.name else ""
    return f"{column.name}{'*' if column.required else ''}{measure}"


def layout_of(ledger: Ledger, unit: str) -> dict[str, str]:
    """Returns what the layout of a unit's workbook rests on; equal to what was delivered last: nothing is due.

    Keys are ``<sheet code>/<column code>`` and ``选项/<list>``; values a digest, then the header as issued. To be kept with
    the workbook once its layout has been delivered or issued.
    """
    layout: dict[str, str] = {}
    for sheet in ledger.sheets_of(unit):
        for c in sheet.columns:
            limits = (c.required, c.options, c.minimum, c.maximum, c.hint, *([c.form] if c.form else []))
            facts = (sheet.from_plan, c.name, c.type, c.owner, *limits)
            layout[f"{sheet.code}/{c.code}"] = f"{_digest(facts)} {header_text(c)}"
            if c.owner is Owner.UNIT and (choices := ledger.choices(c.options)):
                layout[_LISTS + c.options] = _digest([choice.text for choice in choices])
        layout |= {f"{sheet.code}/{c.code}": RETIRED_MARK for c in sheet.retired}
    return layout


def _digest(facts: object) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:8]


def layout_changes(
    ledger: Ledger,
    unit: str,
    book: Book,
    base: Mapping[str, SheetContent],
    delivered: Mapping[str, str] = MappingProxyType({}),
) -> tuple[LayoutChange, ...]:
    """Returns what is due in a unit's (its code) workbook, as read from the very bytes that are to change.

    A column or sheet that ``base`` (the content last accepted) knows and the workbook lacks was taken out by the clerk: that is a
    question, and none of this. ``delivered`` is the `layout_of` last delivered; without it, every list of choices counts as
    changed (writing the same again changes nothing), and no rule of a column does.
    """
    tables = {fold(table.name): table for table in book.tables}
    wanted = layout_of(ledger, unit)
    changes: list[LayoutChange] = []
    for sheet in ledger.sheets_of(unit):
        held = base.get(sheet.code)
        table = tables.get(fold(held.table)) if held and held.table else None
        table = table or find_table(book, sheet, ledger)
        if table is not None:
            changes += _sheet_changes(sheet, table, held, wanted, delivered)
        elif held is None:
            changes.append(NewSheet(sheet.code))
    lists = [key for key in wanted if key.startswith(_LISTS) and delivered.get(key) != wanted[key]]
    return (*changes, *(Options(key.removeprefix(_LISTS)) for key in lists))


def _sheet_changes(
    sheet: Sheet, table: Table, held: SheetContent | None, wanted: Mapping[str, str], delivered: Mapping[str, str]
) -> Iterator[LayoutChange]:
    known = held.columns if held else {}
    match, _ = match_headers(table, sheet, "", own_names(held.rows if held else ()))
    if match is None:
        return
    spares = _spares(table, match)
    for column in sheet.columns:
        key = f"{sheet.code}/{column.code}"
        before = delivered.get(key)
        at = match.columns.get(column.code, 0)
        if not at:
            if column.code not in known and (free := next(spares, 0)):
                yield SpareColumn(sheet.code, column.code, Spot(table.name, match.row, match.id_column, free))
            continue
        spot = Spot(table.name, match.row, match.id_column, at)
        stands = fold(show(table.cell(match.row, at)))
        renamed = stands != fold(header_text(column)) and stands in _ours(column, before)
        if renamed:
            yield Renamed(sheet.code, column.code, spot, header_text(column))
        if renamed or (delivered and before != wanted[key]):
            yield Rules(sheet.code, column.code, spot)
    yield from _retired(sheet, table, match)


def _spares(table: Table, match: HeaderMatch) -> Iterator[int]:
    """Yields the columns that may be taken: spares in which nobody has typed, then those right of everything."""
    below = table.rows[match.row :]
    for at, cell in enumerate(table.rows[match.row - 1], start=1):
        empty = all(len(row) < at or row[at - 1] is None for row in below)
        if isinstance(cell, str) and SPARE.match(fold(cell)) and empty:
            yield at
    yield from range(max(len(row) for row in table.rows) + 1, _LAST_COLUMN + 1)


def _ours(column: Column, before: str | None) -> set[str]:
    """Returns, folded, the headers that we may have written for a column; any other wording is the clerk's own."""
    texts = {before.partition(" ")[2]} if before else set()
    for name in (column.name, *column.aliases):
        texts |= {
            header_text(replace(column, name=name, required=required, measure=measure))
            for required in (True, False)
            for measure in ("", column.measure)
        }
        texts.add(name + RETIRED_MARK)
    return {fold(text) for text in texts}


def _retired(sheet: Sheet, table: Table, match: HeaderMatch) -> Iterator[Retired]:
    """Yields the columns whose header is a retired one's, does not say so yet, and is no other column's."""
    names = {header_key(name): c for c in sheet.retired for name in (c.name, *c.aliases)}
    taken = {*match.columns.values(), *(at for _, at in match.extra)}
    for at, cell in enumerate(table.rows[match.row - 1], start=1):
        text = tidy(cell) if isinstance(cell, str) else ""
        column = names.get(header_key(text)) if text else None
        if column is not None and at not in taken and not fold(text).endswith(fold(RETIRED_MARK)):
            spot = Spot(table.name, match.row, match.id_column, at)
            yield Retired(sheet.code, column.code, spot, column.name + RETIRED_MARK)


def with_former_names(ledger: Ledger, former: Sequence[Ledger]) -> Ledger:
    """Returns the ledger in which every column also answers to the names that its code had in former versions.

    So a column renamed without a 别名 is still found in the books already out. A name that another column of the sheet now has is
    not taken. ``former``: newest first or last, the order does not matter.
    """
    sheets = []
    for sheet in ledger.sheets:
        versions = [old for version in former if (old := version.sheet(sheet.code))]
        taken = {header_key(n) for c in (*sheet.columns, *sheet.retired) for n in (c.name, *c.aliases)}
        columns = []
        for column in sheet.columns:
            names = [was.name for old in versions if (was := old.column(column.code))]
            gained = tuple(dict.fromkeys(name for name in names if header_key(name) not in taken))
            columns.append(replace(column, aliases=(*column.aliases, *gained)) if gained else column)
        sheets.append(replace(sheet, columns=tuple(columns)))
    return replace(ledger, sheets=tuple(sheets))
