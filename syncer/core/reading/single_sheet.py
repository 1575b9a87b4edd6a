"""Plain text holds one sheet and not its name: whose it is and which sheet, by the file's name, else by the headers. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from syncer.core.model import Book, Ledger, Refusal, Sheet
from syncer.core.reading.headers import match_headers
from syncer.core.roster import Roster
from syncer.core.values import fold

UNCLEAR = "FILE-021"
_PARTS = re.compile(r"[-_－—·\s（）()【】\[\]]+")
_LEAST_SHARE = 0.5  # of a sheet's columns that must be there to know it by them


def owner_part(stem: str, roster: Roster) -> str:
    """Returns the part of a file name that names a unit, else the whole name: ``宣传科-活动台账`` → ``宣传科``."""
    if roster.find(stem):
        return stem
    return next((part for part in _PARTS.split(stem) if part and roster.find(part)), stem)


def with_its_sheet(book: Book, stem: str, ledger: Ledger, unit: str) -> Book | Refusal:
    """Returns the book with its one table named as the unit's sheet that it is; FILE-021 where that cannot be told.

    The longest sheet name in the file's name counts; a name without any leaves it to the headers: the one sheet of which most
    columns are there.
    """
    (table,) = book.tables
    sheets = ledger.sheets_of(unit)
    sheet = _named(stem, sheets) or _like(book, sheets)
    if sheet is None:
        return Refusal(UNCLEAR, (("sheets", "、".join(sheet.name for sheet in sheets)),))
    return replace(book, tables=(replace(table, name=sheet.name),))


def _named(stem: str, sheets: tuple[Sheet, ...]) -> Sheet | None:
    names = [(fold(name), sheet) for sheet in sheets for name in (sheet.name, *sheet.former_names)]
    found = [(len(name), sheet) for name, sheet in names if name in fold(stem)]
    return max(found, key=lambda entry: entry[0])[1] if found else None


def _like(book: Book, sheets: tuple[Sheet, ...]) -> Sheet | None:
    shares: list[tuple[float, Sheet]] = []
    for sheet in sheets:
        match, _ = match_headers(book.tables[0], sheet, "")
        shares.append((len(match.columns) / len(sheet.columns) if match else 0.0, sheet))
    shares.sort(key=lambda entry: -entry[0])
    if not shares or shares[0][0] < _LEAST_SHARE or (len(shares) > 1 and shares[1][0] == shares[0][0]):
        return None
    return shares[0][1]
