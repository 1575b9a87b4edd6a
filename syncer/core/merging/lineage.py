"""Which accepted version a file came from, and whether what it holds was there before. Coordinates play no part."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from syncer.core.encode import dump_cells
from syncer.core.merging.known_book import SheetContent
from syncer.core.merging.known_rows import another
from syncer.core.merging.versions import Versions
from syncer.core.model import Book, Ledger, Sheet
from syncer.core.reading.headers import match_headers
from syncer.core.reading.records import read_rows
from syncer.core.reading.rows import ReadRow, own_columns, own_names
from syncer.core.reading.sheet_names import find_table
from syncer.core.values import Scalar, fold, same

_ENDING = re.compile(r"(?:\.[a-z]{2,4}(?:[(_]\d*\)?)?)+$")
_COPY_MARKS = re.compile(r"副本|复件|冲突|conflictedcopy|copy")
_NUMBERS = re.compile(r"[\W\d_]+")


def content_digest(content: Mapping[str, SheetContent]) -> str:
    """Returns a digest of what a version holds, wherever its rows stand: equal content, equal digest."""
    return joined_digest({code: sheet_digest(sheet) for code, sheet in content.items()})


def sheet_digest(sheet: SheetContent) -> str:
    """Returns a digest of what one sheet of a version holds; ``""`` where it has no rows."""
    lines = sorted("\x1f".join((row.id, dump_cells(row.raw), dump_cells(row.extra))) for row in sheet.rows)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest() if lines else ""


def joined_digest(sheets: Mapping[str, str]) -> str:
    """Returns the `content_digest` of a version whose sheets (by code) have these digests: one without rows says nothing."""
    lines = sorted(f"{code}\x1f{digest}" for code, digest in sheets.items() if digest)
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()


def name_without_numbers(name: str) -> str:
    """Returns what stays of a file's name when it is sent again: ``"台账 - 副本(1)1120.xlsx"`` → ``"台账"``."""
    bare = _ENDING.sub("", fold(name))
    return _NUMBERS.sub("", _COPY_MARKS.sub("", bare))


def own_differences(
    ledger: Ledger,
    one: Mapping[str, SheetContent],
    other: Mapping[str, SheetContent],
    *,
    but_for: Collection[str] = (),
) -> int:
    """Returns in how many of the unit's own cells two versions differ; a row that only one of them has counts by its cells.

    ``but_for``: codes of sheets that are known to be the same in both.
    """
    count = 0
    for sheet in ledger.sheets:
        if sheet.code in but_for:
            continue
        own = own_columns(sheet)
        rows, others = (
            {row.id: row for row in (content[sheet.code].rows if sheet.code in content else ())}
            for content in (one, other)
        )
        nothing = ReadRow("", 0, {})
        for row_id in rows.keys() | others.keys():
            count += _differences(rows.get(row_id, nothing), others.get(row_id, nothing), own)
    return count


def goes_back(
    ledger: Ledger,
    older: Versions,
    last: Mapping[str, SheetContent],
    now: Mapping[str, SheetContent],
    few: int,
) -> bool:
    """Whether a save stands as one of ``older`` in every one of more than ``few`` own cells that changed from there to ``last``.

    Only rows that all three have count: what becomes of the others is not a matter of their cells.
    """
    undone = dict.fromkeys(range(len(older)), 0)  # by version, as long as everything in it is undone
    for sheet in ledger.sheets:
        after, present = (
            {row.id: row for row in (content[sheet.code].rows if sheet.code in content else ())}
            for content in (last, now)
        )
        both = after.keys() & present.keys()
        for versions, state in older.states(sheet.code, undone) if both else ():
            back = _undone(sheet, (row for row in state.rows if row.id in both), after, present)
            for at in undone.keys() & set(versions):
                if back is None:
                    del undone[at]
                else:
                    undone[at] += back
    return any(count > few for count in undone.values())


def _undone(
    sheet: Sheet, before: Iterable[ReadRow], after: Mapping[str, ReadRow], present: Mapping[str, ReadRow]
) -> int | None:
    """How many of the unit's own cells are again as they were before they were changed; ``None`` where one is not."""
    own, count = own_columns(sheet), 0
    for row in before:
        old, new, there = row.raw, after[row.id].raw, present[row.id].raw
        changed = [code for code in own if not same(old.get(code), new.get(code))]
        if not all(same(old.get(code), there.get(code)) for code in changed):
            return None
        count += len(changed)
    return count


def nearest_base(ledger: Ledger, unit: str, book: Book, candidates: Versions, *, copy: bool) -> int:
    """Returns the index of the version from which a workbook differs in the fewest cells.

    Of equals the last: a window goes on from what it saved. But of a ``copy`` the first: where a cell differs from both
    the state before and after a change of it, the copy may be of the state before, and then it is a conflict to be asked.
    """
    distances = [0] * len(candidates)
    for sheet in ledger.sheets_of(unit):
        table = find_table(book, sheet, ledger)
        if table is None:
            continue
        own = own_names(row for _, state in candidates.states(sheet.code) for row in state.rows)
        match = match_headers(table, sheet, "", own)[0]
        if match is None:
            continue
        rows, codes = read_rows(table, match, sheet), frozenset(match.columns)
        without = set(range(len(candidates)))
        for versions, state in candidates.states(sheet.code):
            distance = _distance(sheet, rows, state.rows, codes)
            for at in versions:
                distances[at] += distance
            without.difference_update(versions)
        for at in without:
            distances[at] += _distance(sheet, rows, (), codes)
    return min(range(len(candidates)), key=lambda at: (distances[at], at if copy else -at))


def base_of_copy(
    ledger: Ledger,
    unit: str,
    book: Book,
    nearest: Mapping[str, SheetContent],
    sure: Mapping[str, SheetContent],
) -> dict[str, SheetContent]:
    """Returns what a copy is to be compared with: ``nearest`` in the cells it fills, but ``sure`` where it is blank.

    ``sure`` is what the copy certainly came from. What the workbook got since, the copy may never have had: its blanks
    there are no clearings, and rows that it lacks were not deleted in it. A cell in which it holds what it came from, and
    not what the workbook got since, has no base at all: nobody knows whether it was put back or never changed, so it is asked.
    """
    result = dict(nearest)
    for sheet in ledger.sheets_of(unit):
        table, newer, older = find_table(book, sheet, ledger), nearest.get(sheet.code), sure.get(sheet.code)
        if table is None or newer is None or older is None:
            continue
        match, _ = match_headers(table, sheet, "", own_names((*newer.rows, *older.rows)))
        if match is None:
            continue
        here = {row.id: row for row in read_rows(table, match, sheet)}
        old = {row.id: row for row in older.rows}
        rows = [_as_filled(row, here.get(row.carried or row.id), old.pop(row.id, None)) for row in newer.rows]
        result[sheet.code] = replace(newer, rows=(*(row for row in rows if row), *old.values()))
    return result


def _as_filled(row: ReadRow, here: ReadRow | None, sure: ReadRow | None) -> ReadRow | None:
    """One row of such a base; ``None`` where the copy need not have had it."""
    if here is None:
        return sure
    raw, extra = (dict(sure.raw), dict(sure.extra)) if sure else ({}, {})
    _fill(raw, row.raw, here.raw)
    _fill(extra, row.extra, here.extra)
    return replace(row, raw=raw, extra=extra)


def _fill(sure: dict[str, Scalar], newer: Mapping[str, Scalar], here: Mapping[str, Scalar]) -> None:
    """Gives the cells that are filled ``here`` what was accepted since; one that still holds what it came from has no base then."""
    for name, value in newer.items():
        if name in here and name in sure and same(here[name], sure[name]) and not same(sure[name], value):
            sure.pop(name)
        elif name in here:
            sure[name] = value


def _distance(sheet: Sheet, rows: Sequence[ReadRow], held: Sequence[ReadRow], codes: frozenset[str]) -> int:
    """In how many cells two readings of a sheet differ, rows paired by the id they carry, the others by their content."""
    known = {row.id if row.carried is None else row.carried or row.id: row for row in held}
    nothing = ReadRow("", 0, {})
    count = 0
    for row in rows:
        other = known.pop(row.id, None) if row.id else None
        if other is None:
            alike = next((i for i, old in known.items() if old.raw.items() == row.raw.items()), None)
            other = known.pop(alike) if alike is not None else nothing
        elif row.raw != other.raw and another(sheet, row, other):
            # Reserved ids are printed alike in every copy: two records typed into one line are two, none edits the other.
            count += _differences(nothing, other, codes)
            other = nothing
        count += _differences(row, other, codes)
    return count + sum(_differences(nothing, row, codes) for row in known.values())


def _differences(row: ReadRow, other: ReadRow, codes: frozenset[str]) -> int:
    cells = sum(1 for code in codes if not same(row.raw.get(code), other.raw.get(code)))
    names = row.extra.keys() | other.extra.keys()
    return cells + sum(1 for name in names if not same(row.extra.get(name), other.extra.get(name)))
