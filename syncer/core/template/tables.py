"""Settings sheets as records: the header row is found by its names, wherever it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from syncer.core.model import Table
from syncer.core.problems import Place, Problem
from syncer.core.texts import storable
from syncer.core.values import Scalar, fold, show, tidy

E = TypeVar("E", bound=StrEnum)

HEADER_SEARCH_ROWS = 12


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a settings sheet by column name, with its place."""

    sheet: str
    row: int
    cells: dict[str, Scalar]
    columns: dict[str, int]  # name → 1-based column

    def value(self, name: str) -> Scalar:
        """Returns the content as read, text without what no workbook can hold; blank where the column is missing."""
        value = self.cells.get(name)
        return storable(value) if isinstance(value, str) else value

    def text(self, name: str) -> str:
        """Returns the content as tidied text."""
        return tidy(show(self.cells.get(name)))

    def place(self, name: str = "") -> Place:
        """Returns where the cell (or, without a name, the row) stands."""
        return Place(sheet=self.sheet, row=self.row, column=self.columns.get(name, 1))

    def problem(self, code: str, name: str, **facts: str) -> Problem:
        """Makes a problem about one cell of this record."""
        return Problem(code, self.place(name), column=name, found=self.text(name), facts=tuple(facts.items()))


def read_records(table: Table, names: tuple[str, ...], needed: tuple[str, ...]) -> tuple[list[Record], list[Problem]]:
    """Returns the non-blank rows below the header row, and what is wrong with the header.

    The header row is the one among the first twelve that holds the most of ``names``. Blank rows in between are read
    through. A row in which only a pre-printed code column is filled counts as blank when all of ``needed`` are blank.

    Problems: TPL-002 a needed column is missing (then no records are returned).
    """
    wanted = {fold(name): name for name in names}
    best_row, columns = 0, dict[str, int]()
    for index, cells in enumerate(table.rows[:HEADER_SEARCH_ROWS], start=1):
        found: dict[str, int] = {}
        for position, cell in enumerate(cells, start=1):
            name = wanted.get(fold(cell)) if isinstance(cell, str) else None
            if name and name not in found:
                found[name] = position
        if len(found) > len(columns):
            best_row, columns = index, found
    missing = [name for name in needed if name not in columns]
    if missing:
        place = Place(sheet=table.name, row=max(best_row, 1), column=1)
        return [], [Problem("TPL-002", place, column=name) for name in missing]
    records = [
        Record(table.name, number, {name: table.cell(number, at) for name, at in columns.items()}, columns)
        for number in range(best_row + 1, len(table.rows) + 1)
    ]
    return [r for r in records if any(r.value(name) is not None for name in needed)], []


def member(record: Record, name: str, kinds: type[E], default: E, problems: list[Problem]) -> E:
    """Reads a cell that holds one of an enum's words; a blank or unknown one (TPL-003) gives the default."""
    text = fold(record.text(name))
    for member in kinds:
        if fold(member.value) == text:
            return member
    if text:
        expected = "、".join(member.value for member in kinds)
        problems.append(record.problem("TPL-003", name, expected=expected, default=default.value))
    return default
