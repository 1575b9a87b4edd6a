"""Checks that two masters hold the same rows: what the clerks typed, value by value, wherever a row stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from benchmarks.corpora import Size, in_file, typed_content
from benchmarks.stacking import FILE, SHEET
from syncer.core.delivery.handout import handed_out
from syncer.core.model import Column, ColumnType, Ledger, Owner, Sheet, Unit
from syncer.core.reading.header_names import header_key
from syncer.core.reading.rows import ReadRow
from syncer.core.values import Scalar, fold, show

Row = Mapping[str, str]  # column code → content, in a form that can be compared
Key = tuple[str, ...]  # sheet, unit, and what the key columns hold

_SEARCHED_ROWS = 12
_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.PERCENT}


@dataclass(slots=True)
class Agreement:
    """How a master compares with what was typed."""

    rows: int = 0
    missing: list[Key] = field(default_factory=list)
    invented: list[Key] = field(default_factory=list)
    differing: list[tuple[Key, str, str, str]] = field(default_factory=list)  # row, column, typed, found

    @property
    def complete(self) -> bool:
        """Whether exactly the rows that were typed are there, with all their values."""
        return not (self.missing or self.invented or self.differing)

    def __str__(self) -> str:
        if self.complete:
            return f"{self.rows:,} rows, all as typed"
        some = [*self.differing[:2], *self.missing[:2], *self.invented[:2]]
        counts = f"{len(self.missing)} missing, {len(self.invented)} invented, {len(self.differing)} values differ"
        return f"{self.rows:,} rows typed; {counts}: {some}"


def compare(ledger: Ledger, size: Size, master: Path, *, ours: bool) -> Agreement:
    """Compares a master with the content of its corpus. In ours a value may also stand as it was meant.

    Every cell that a clerk filled must be there, and no row that is not hers or the plan's.
    """
    typed, meant = list(_typed(ledger, size, meant=False)), list(_typed(ledger, size, meant=ours))
    found = dict(_ours(ledger, master) if ours else _stacked(ledger, master))
    known = {key for key, _ in (*typed, *meant)}
    known |= {_keyed(sheet, unit, row.raw)[0] for unit, sheet, row in _handed_out(ledger)}
    result = Agreement(len(typed), invented=[key for key in found if key not in known])
    for (key, row), (meant_key, meant_row) in zip(typed, meant, strict=True):
        held = found.get(meant_key, found.get(key))
        if held is None:
            result.missing.append(key)
            continue
        for column, value in row.items():
            if held.get(column, "") not in {value, meant_row[column]}:
                result.differing.append((key, column, value, held.get(column, "")))
    return result


def _typed(ledger: Ledger, size: Size, *, meant: bool) -> Iterator[tuple[Key, Row]]:
    """Yields the rows on which a clerk typed: tasks handed out, with her report, and her records."""
    handed = {(unit.code, sheet.code, row.id): row.raw for unit, sheet, row in _handed_out(ledger)}
    for unit, content in typed_content(ledger, size):
        for code, reports in content.reports.items():
            sheet = _sheet(ledger, code)
            for task, report in reports.items():
                yield _as_filed(sheet, unit, {**handed[unit.code, code, task], **report})
        for code, records in content.records.items():
            for record in records:
                yield _as_filed(_sheet(ledger, code), unit, {**record.cells, **(record.meant if meant else {})})


def _handed_out(ledger: Ledger) -> Iterator[tuple[Unit, Sheet, ReadRow]]:
    for unit in ledger.units:
        for sheet in ledger.sheets_of(unit.code):
            yield from ((unit, sheet, row) for row in handed_out(ledger, sheet, unit.code))


def _sheet(ledger: Ledger, code: str) -> Sheet:
    return next(sheet for sheet in ledger.sheets if sheet.code == code)


def _as_filed(sheet: Sheet, unit: Unit, cells: Mapping[str, Scalar]) -> tuple[Key, Row]:
    return _keyed(sheet, unit, {c.code: in_file(cells.get(c.code), c.type) for c in _compared(sheet)})


def _compared(sheet: Sheet) -> Sequence[Column]:
    """The columns that people fill; those of the system are empty in a stack, and so is what stands in none."""
    return [column for column in sheet.columns if column.owner is not Owner.SYSTEM]


def _keyed(sheet: Sheet, unit: Unit, cells: Mapping[str, Any]) -> tuple[Key, Row]:
    kinds = {column.code: column.type for column in sheet.columns}
    row = {code: text for code, value in cells.items() if (text := comparable(value, kinds[code]))}
    keys = [column.code for column in sheet.columns if column.key]
    return (sheet.name, unit.short, *(row.get(code, "") for code in keys)), row


def _ours(ledger: Ledger, master: Path) -> Iterator[tuple[Key, Row]]:
    """Yields the rows of the master's data sheets; its other sheets say the same in other ways."""
    book = CalamineWorkbook.from_path(master)
    units = {unit.short: unit for unit in ledger.units}
    for sheet in ledger.sheets:
        grid = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        names = [column.name for column in _compared(sheet)]
        head = max(range(min(_SEARCHED_ROWS, len(grid))), key=lambda at: len(set(names) & set(map(show, grid[at]))))
        places = {column.code: grid[head].index(column.name) for column in _compared(sheet)}
        unit_at = grid[head].index("单位")
        for cells in grid[head + 1 :]:
            if unit := units.get(show(cells[unit_at])):
                yield _keyed(sheet, unit, {code: cells[at] for code, at in places.items()})


def _stacked(ledger: Ledger, master: Path) -> Iterator[tuple[Key, Row]]:
    """Yields the rows of a peer's table, without those on which nobody has typed."""
    sheets = {sheet.name: sheet for sheet in ledger.sheets}
    units = {unit.short: unit for unit in ledger.units}
    book = CalamineWorkbook.from_path(master)
    rows = iter(book.get_sheet_by_index(0).to_python(skip_empty_area=False))
    headings: dict[str, list[int]] = defaultdict(list)  # a star or a measure makes two columns of one in a stack
    for at, name in enumerate(next(rows)):
        headings[header_key(show(name))].append(at)
    places = {name: {c.code: headings[header_key(c.name)] for c in _compared(sheet)} for name, sheet in sheets.items()}
    for cells in rows:
        sheet = sheets[show(cells[headings[header_key(SHEET)][0]])]
        unit = units[Path(show(cells[headings[header_key(FILE)][0]])).stem]
        held = {
            code: next((cells[at] for at in spread if cells[at] != ""), None)
            for code, spread in places[sheet.name].items()
        }
        key, row = _keyed(sheet, unit, held)
        if row:
            yield key, row


def comparable(value: Any, kind: ColumnType) -> str:
    """Returns a cell's content as it is compared: polars hands numbers and days on as text, pandas whole numbers as fractions."""
    if isinstance(value, (datetime, date)):
        return f"{value:%Y-%m-%d}"
    text = "" if value is None else fold(show(value))
    if day := re.fullmatch(r"(\d{4}-\d{2}-\d{2})(00:00:00(\.0+)?)?", text):
        return day[1]
    if kind in _NUMBERS and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"{float(text):.9g}"
    return text
