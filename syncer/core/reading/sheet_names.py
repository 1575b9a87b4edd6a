"""Which worksheet of a workbook is which data sheet, however a clerk renamed it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syncer.core.model import Book, Ledger, Sheet, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.header_names import likeness
from syncer.core.reading.headers import match_headers
from syncer.core.texts import tab_name
from syncer.core.values import fold

LIKE_COLUMNS, LIKE_SHARE = 4, 0.8  # columns from which on another sheet counts as a copy of one of ours
_LIKE_NAME = 0.75
_COPY = re.compile(
    r"(?:[-_ ]*+(?:\(\d{1,3}\)|\d{1,3}+|副本|备份|copy|最新|新版?|终稿|定稿|修改版?|\((?:副本|新|最新|终稿|定稿)\)))++$"
)
_MISSPELT = str.maketrans({"帐": "账", "臺": "台"})


def find_table(book: Book, sheet: Sheet, ledger: Ledger) -> Table | None:
    """Returns the worksheet of a data sheet: by its name, by one it had before, else the one that it can only be.

    That is the only worksheet that is called nearly so (活动台账 (2), 活动台帐) and holds the sheet's headers. A book of one
    worksheet and no stamp (a csv, a book of somebody's own) is known by its headers alone. A worksheet with another data
    sheet's name is that sheet's.
    """
    tables: dict[str, Table] = {}
    for table in book.tables:
        tables.setdefault(fold(table.name), table)
    exact = next((table for table in book.tables if table.name == sheet.name), None)
    names = _names(sheet)
    named = exact or next((tables[name] for name in names if name in tables), None)
    return named or _meant(book, sheet, ledger)


def is_called(table: Table, sheet: Sheet) -> bool:
    """Whether a worksheet has the name of a data sheet, or one that it had before."""
    return fold(table.name) in _names(sheet)


def _names(sheet: Sheet) -> tuple[str, ...]:
    """What the worksheet of a data sheet may be called: its name or one it had before, each as Excel can show it, folded."""
    given = (sheet.name, *sheet.former_names)
    return tuple(fold(name) for full in given for name in (full, tab_name(full)))


def unread(book: Book, ledger: Ledger, unit: str, file: str) -> Iterator[Problem]:
    """Yields the worksheets that are none of a unit's (its code) but look like one (SHEET-002): what is typed there is not read."""
    sheets = ledger.sheets_of(unit)
    ours = [find_table(book, sheet, ledger) for sheet in sheets]
    for table in book.tables:
        if any(table is known for known in ours):
            continue
        like = next((sheet for sheet in sheets if _looks_like(table, sheet)), None)
        if like:
            yield Problem("SHEET-002", Place(file, table.name), facts=(("like", like.name),))


def _looks_like(table: Table, sheet: Sheet) -> bool:
    """Whether a worksheet has most of the columns of a data sheet."""
    match, _ = match_headers(table, sheet, "")
    named = len(match.columns) if match else 0
    return named >= max(LIKE_COLUMNS, LIKE_SHARE * len(sheet.columns))


def _meant(book: Book, sheet: Sheet, ledger: Ledger) -> Table | None:
    free = [table for table in book.tables if not any(is_called(table, other) for other in ledger.sheets)]
    if book.stamp is None and len(book.tables) == 1:
        found = [table for table in free if [s.code for s in _fitting(table, ledger)] == [sheet.code]]
        if found:
            return found[0]
    near = [table for table in free if _is_near(table.name, sheet.name) and _fits(table, sheet)]
    if len(near) != 1 or any(other is not sheet and _nearer(near[0], other, sheet) for other in ledger.sheets):
        return None
    return near[0]


def _fitting(table: Table, ledger: Ledger) -> Iterator[Sheet]:
    return (sheet for sheet in ledger.sheets if _looks_like(table, sheet))


def _fits(table: Table, sheet: Sheet) -> bool:
    """Whether a worksheet holds a sheet's headers; a small sheet (a survey of three columns) needs all of them."""
    match, _ = match_headers(table, sheet, "")
    named = len(match.columns) if match else 0
    return named >= LIKE_SHARE * len(sheet.columns)


def _bare(name: str) -> str:
    return _COPY.sub("", fold(name).translate(_MISSPELT))


def _is_near(name: str, wanted: str) -> bool:
    one, other = _bare(name), _bare(wanted)
    return bool(other) and (other in one or likeness(one, other) >= _LIKE_NAME)


def _nearer(table: Table, other: Sheet, sheet: Sheet) -> bool:
    """Whether a worksheet's name says another sheet at least as well, and its headers are that one's too."""
    one = _bare(table.name)
    said = likeness(one, _bare(other.name))
    return said >= likeness(one, _bare(sheet.name)) and said >= _LIKE_NAME and _fits(table, other)
