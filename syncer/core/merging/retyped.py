"""A workbook that came back in another format: cells that read as they were kept are taken as they were kept. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from math import isclose

from syncer.core.merging.known_book import SheetContent
from syncer.core.merging.versions import Listed, Versions
from syncer.core.model import Book, Column, Ledger, Sheet, Table
from syncer.core.reading.cells import CellReader
from syncer.core.reading.headers import HeaderMatch, match_headers
from syncer.core.reading.rows import ReadRow, own_names
from syncer.core.reading.sheet_names import find_table
from syncer.core.values import Scalar, fold, same, show, tidy

_DIGITS = 1e-14  # .ods keeps fifteen


def as_kept(
    ledger: Ledger,
    unit: str,
    book: Book,
    reader: CellReader,
    versions: Versions,
    issued: Mapping[str, SheetContent],
) -> Book:
    """Returns a book in which every cell that reads like its row's in one of these versions holds just that.

    The newest counts first, what was ``issued`` last.

    Formats differ in what they can hold: plain text knows no types (``95%`` for 0.95, ``2026/3/5`` for a date), .ods keeps
    fifteen digits, .xls has its own numbers. What the format made of a cell is no edit of hers; without this it would be
    merged as one, and an untouched cell of an older copy would overrule a newer value.
    """
    tables = {id(table): table for table in book.tables}
    for sheet in ledger.sheets_of(unit):
        table = find_table(book, sheet, ledger)
        held = _rows_by_id(sheet, versions, issued)
        own = own_names(row for rows in held.values() for row in rows)
        match = match_headers(table, sheet, "", own)[0] if table else None
        if table and match and match.id_column:
            tables[id(table)] = _sheet_as_kept(table, match, sheet, reader, held)
    return replace(book, tables=tuple(tables.values()))


def _rows_by_id(sheet: Sheet, versions: Versions, issued: Mapping[str, SheetContent]) -> dict[str, list[ReadRow]]:
    """Returns all that a sheet's rows ever held, the newest first; equal ones once."""
    held: dict[str, list[ReadRow]] = defaultdict(list)
    for _, state in chain(versions.states(sheet.code), Listed([issued]).states(sheet.code)):
        for row in state.rows:
            known = held[row.carried or row.id]
            if not any(row.raw == other.raw and row.extra == other.extra for other in known):
                known.append(row)
    return held


def _sheet_as_kept(
    table: Table, match: HeaderMatch, sheet: Sheet, reader: CellReader, held: Mapping[str, Sequence[ReadRow]]
) -> Table:
    places: list[tuple[int, str, Column | None]] = [
        (at, code, sheet.column(code)) for code, at in match.columns.items()
    ]
    places += [(at, name, None) for name, at in match.extra]
    rows = list(table.rows)
    for number in range(match.row + 1, len(rows) + 1):
        known = held.get(show(table.cell(number, match.id_column)).strip(), ())
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
    """Whether a format may have made one of the other. Text stays text in all of them: other words, spaces or signs were typed."""
    if same(one, other):
        return True
    if isinstance(one, str) and isinstance(other, str):
        return tidy(one.replace("\r\n", "\n")) == tidy(other.replace("\r\n", "\n"))
    if isinstance(one, float | int) and isinstance(other, float | int):
        return isclose(one, other, rel_tol=_DIGITS)
    if fold(show(one)) == fold(show(other)):
        return True
    if column is None:
        return False
    return same(reader.read(one, column).value, reader.read(other, column).value)
