"""Finds a data sheet's header in what a person left of it: which physical column is which column of the schema."""

from __future__ import annotations

import re
from dataclasses import dataclass

from syncer.core.model import Sheet, Table
from syncer.core.problems import Place, Problem
from syncer.core.values import Scalar, fold, tidy

ROW_ID = "行标识"
SPARE = re.compile(r"^备用\d*$")
HEADER_SEARCH_ROWS = 15
_DECORATION = re.compile(r"[*＊★※]|[(（\[【][^)）\]】]{0,12}[)）\]】]$")


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """Where the columns stand. All columns are 1-based."""

    row: int  # the leaf header row; data begin below it
    columns: dict[str, int]  # column code → column
    id_column: int = 0  # 0: there is none
    extra: tuple[tuple[str, int], ...] = ()  # columns the unit added: name, column


def header_key(text: str) -> str:
    """Returns a header as it is compared: folded, without stars and a measure in brackets (``完成率（％）*`` → ``完成率``)."""
    bare = _DECORATION.sub("", fold(text))
    bare = _DECORATION.sub("", bare)
    return bare or fold(text)


def match_headers(table: Table, sheet: Sheet, file: str) -> tuple[HeaderMatch | None, list[Problem]]:
    """Returns where the sheet's columns stand, found by names and aliases in the first fifteen rows.

    ``None`` when fewer than two of them (or not the only one) can be found anywhere: HEAD-001, the sheet is not read.
    Other problems: HEAD-002 a column is missing, HEAD-003 a column stands there twice (the first counts), HEAD-004
    the row-id column is gone.
    """
    names = _names(sheet)
    row, cells = _best_row(table, names)
    if row == 0:
        return None, [Problem("HEAD-001", Place(file, table.name), facts=(("sheet", sheet.name),))]
    columns: dict[str, int] = {}
    extra: list[tuple[str, int]] = []
    id_column = 0
    problems: list[Problem] = []
    retired = {header_key(name) for column in sheet.retired for name in (column.name, *column.aliases)}
    for at, cell in enumerate(cells, start=1):
        text = tidy(cell) if isinstance(cell, str) else ""
        code = _code(names, text) if text else None
        if not text or SPARE.match(fold(text)) or (code is None and header_key(text) in retired):
            continue
        if fold(text) == fold(ROW_ID):
            id_column = id_column or at
        elif code is None:
            extra.append((text, at))
        elif code in columns:
            problems.append(Problem("HEAD-003", Place(file, table.name, row, at), column=text, found=text))
        else:
            columns[code] = at
    here = Place(file, table.name, row, 1)
    problems += [Problem("HEAD-002", here, column=c.name) for c in sheet.columns if c.code not in columns]
    if not id_column:
        problems.append(Problem("HEAD-004", here))
    return HeaderMatch(row, columns, id_column, tuple(extra)), problems


def _names(sheet: Sheet) -> dict[str, str]:
    """Column codes by every way to write their headers: in full first, then bare of brackets where only one is meant."""
    spellings = [(c.name, c.code) for c in sheet.columns]
    spellings += [(alias, c.code) for c in sheet.columns for alias in c.aliases]
    names: dict[str, str] = {}
    for text, code in spellings:
        names.setdefault(fold(text), code)
    bare: dict[str, set[str]] = {}
    for text, code in spellings:
        bare.setdefault(header_key(text), set()).add(code)
    for key, codes in bare.items():
        if len(codes) == 1:
            names.setdefault(key, next(iter(codes)))
    return names


def _code(names: dict[str, str], text: str) -> str | None:
    return names.get(fold(text)) or names.get(header_key(text))


def _best_row(table: Table, names: dict[str, str]) -> tuple[int, tuple[Scalar, ...]]:
    """Returns the row (1-based; 0 = none) in which the most columns are named."""
    best, best_count = 0, min(2, len(set(names.values()))) - 1
    for index, cells in enumerate(table.rows[:HEADER_SEARCH_ROWS], start=1):
        found = {code for cell in cells if isinstance(cell, str) and (code := _code(names, cell))}
        if len(found) > best_count:
            best, best_count = index, len(found)
    return best, table.rows[best - 1] if best else ()
