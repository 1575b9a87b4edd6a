"""Cells whose values come from another workbook: taken as they are, and said, for nobody here can follow them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.core.model import Owner, Sheet, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.headers import HeaderMatch
from syncer.core.values import show


def linked_cells(table: Table, match: HeaderMatch, sheet: Sheet, place: Place) -> Iterator[Problem]:
    """Yields one note (CELL-022) a column, at its first such cell, with how many there are and from which workbook."""
    names = {
        match.columns[c.code]: c.name for c in sheet.columns if c.owner is not Owner.SYSTEM and c.code in match.columns
    }
    names |= {at: name for name, at in match.extra}
    first: dict[int, tuple[int, str]] = {}
    counts: dict[int, int] = {}
    for row, column, source in table.linked:
        if row > match.row and column in names:
            first.setdefault(column, (row, source))
            counts[column] = counts.get(column, 0) + 1
    for column, (row, source) in first.items():
        facts = (("source", source), ("count", str(counts[column])))
        where = Place(place.file, place.sheet, row, column)
        yield Problem("CELL-022", where, column=names[column], found=show(table.cell(row, column)), facts=facts)
