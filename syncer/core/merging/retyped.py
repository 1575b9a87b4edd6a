"""A workbook that came back in another format: cells that read as they were kept are taken as they were kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from syncer.core.merging.known_book import SheetContent
from syncer.core.model import Book, Column, Ledger, Sheet, Table
from syncer.core.reading.cells import CellReader
from syncer.core.reading.headers import HeaderMatch, match_headers
from syncer.core.reading.rows import ReadRow, own_names
from syncer.core.reading.sheet_names import find_table
from syncer.core.values import Scalar, fold, same, show


def as_kept(
    ledger: Ledger, unit: str, book: Book, reader: CellReader, versions: Sequence[Mapping[str, SheetContent]]
) -> Book:
    """Returns a book in which every cell that reads like its row's in one of these versions (newest first) holds just that.

    Formats differ in what they can hold: plain text knows no types (``95%`` for 0.95, ``2026/3/5`` for a date), .ods keeps
    fifteen digits, .xls has its own numbers. What the format made of a cell is no edit of hers; without this it would be
    merged as one, and an untouched cell of an older copy would overrule a newer value.
    """
    tables = {id(table): table for table in book.tables}
    for sheet in ledger.sheets_of(unit):
        table = find_table(book, sheet, ledger)
        held = [_by_id(version[sheet.code].rows) for version in versions if sheet.code in version]
        own = own_names(row for rows in held for row in rows.values())
        match = match_headers(table, sheet, "", own)[0] if table else None
        if table and match and match.id_column:
            tables[id(table)] = _sheet_as_kept(table, match, sheet, reader, held)
    return replace(book, tables=tuple(tables.values()))


def _by_id(rows: Iterable[ReadRow]) -> dict[str, ReadRow]:
    return {row.carried or row.id: row for row in rows}


def _sheet_as_kept(
    table: Table, match: HeaderMatch, sheet: Sheet, reader: CellReader, held: Sequence[Mapping[str, ReadRow]]
) -> Table:
    places: list[tuple[int, str, Column | None]] = [
        (at, code, sheet.column(code)) for code, at in match.columns.items()
    ]
    places += [(at, name, None) for name, at in match.extra]
    rows = list(table.rows)
    for number in range(match.row + 1, len(rows) + 1):
        row_id = show(table.cell(number, match.id_column)).strip()
        known = [version[row_id] for version in held if row_id in version]
        if not known:
            continue
        cells = list(rows[number - 1])
        for at, name, column in places:
            if at <= len(cells) and cells[at - 1] is not None:
                cells[at - 1] = _as_kept(cells[at - 1], name, column, reader, known)
        rows[number - 1] = tuple(cells)
    return replace(table, rows=tuple(rows))


def _as_kept(cell: Scalar, name: str, column: Column | None, reader: CellReader, known: Sequence[ReadRow]) -> Scalar:
    for row in known:
        old = (row.raw if column else row.extra).get(name)
        if old is not None and _reads_alike(cell, old, column, reader):
            return old
    return cell


def _reads_alike(one: Scalar, other: Scalar, column: Column | None, reader: CellReader) -> bool:
    if same(one, other) or fold(show(one)) == fold(show(other)):
        return True
    if column is None:
        return False
    return same(reader.read(one, column).value, reader.read(other, column).value)
