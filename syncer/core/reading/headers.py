"""Finds a data sheet's header in what a person left of it: which physical column is which column of the schema."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from syncer.core.model import Owner, Sheet, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.column_content import LOOKED_AT, contradicts, exchanged
from syncer.core.reading.header_block import HeaderBlock, find_header
from syncer.core.reading.header_names import HeaderNames, Named, header_names, meant
from syncer.core.values import Scalar, column_letter, fold

ROW_ID = "行标识"
SPARE = re.compile(r"^备用\d*$")
_LAST_ID_COLUMN = 100  # the ids were issued in column C; further right nobody moves them
_NAMELESS = "无列名"
_QUOTED = 5  # columns named one by one in a message
_BESIDE_COLUMNS = 3  # headers that stand again, right of a gap, from which on they are another table's


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """Where the columns stand. All rows and columns are 1-based."""

    row: int  # the last header row; data begin below it
    columns: dict[str, int]  # column code → column
    id_column: int = 0  # 0: there is none
    extra: tuple[tuple[str, int], ...] = ()  # columns the unit added: name, column
    top: int = 0  # the first header row; 0: the same as the last
    beside: int = 0  # first column of another table beside this one; 0: there is none


@dataclass(slots=True)
class _Columns:
    """What the headers of one sheet come to, while it is being found out."""

    table: Table
    file: str
    block: HeaderBlock
    columns: dict[str, int] = field(default_factory=dict)
    id_column: int = 0
    extra: dict[int, str] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)  # codes of columns that are there and are not to be read
    problems: list[Problem] = field(default_factory=list)

    def say(self, code: str, at: int, column: str, found: str = "", **facts: str) -> None:
        place = Place(self.file, self.table.name, self.block.row, at)
        self.problems.append(Problem(code, place, column=column, found=found, facts=tuple(facts.items())))

    def own_text(self, at: int) -> str:
        return self.block.labels[at][-1]

    def cells(self, at: int) -> list[Scalar]:
        """What stands first in a column, blanks left out."""
        below = range(self.block.row + 1, min(len(self.table.rows), self.block.row + LOOKED_AT) + 1)
        return [cell for row in below if (cell := self.table.cell(row, at)) is not None]


def match_headers(
    table: Table, sheet: Sheet, file: str, carried: Collection[str] = frozenset()
) -> tuple[HeaderMatch | None, list[Problem]]:
    """Returns where the sheet's columns stand: by names and aliases, then by what a header can only mean.

    ``carried`` are the names of columns that this workbook had as the unit's own before: none of them is taken for a
    column that is missing.

    ``None`` when fewer than two columns (or not the only one) can be found anywhere: HEAD-001, the sheet is not read.
    Other problems: HEAD-002 a column is missing, HEAD-003 a column stands there twice (the plainer name counts, else the
    left one; the other is carried as the unit's own), HEAD-004 the row-id column is gone, HEAD-005 a header was taken for
    the missing column it is like (a note), HEAD-006 a column is missing and a header is somewhat like it, HEAD-007 two
    headers were exchanged (neither column is read), HEAD-008 a column without header holds something (a note), HEAD-009 the
    row-id column has lost its header (a note), SHEET-004 another table stands beside.
    """
    names = header_names(sheet)
    block = find_header(table, names)
    if block is None:
        return None, [Problem("HEAD-001", Place(file, table.name), facts=(("sheet", sheet.name),))]
    found = _Columns(table, file, block)
    named = {at: name for at, texts in block.labels.items() if (name := names.find(texts))}
    beside = _second_table(block.labels, named)
    if beside:
        named = {at: name for at, name in named.items() if at < beside}
        block = replace(block, labels={at: texts for at, texts in block.labels.items() if at < beside})
        found.block = block
        found.say("SHEET-004", beside, "", where=f"{column_letter(beside)}列起")
    _name_columns(found, names, named, sheet)
    _take_meant(found, sheet, carried)
    _drop_exchanged(found, sheet)
    if not found.id_column:
        _find_ids(found, sheet)
    _carry_nameless(found, sheet, beside, carried)
    here = Place(file, table.name, block.row, 1)
    hinted = {p.column for p in found.problems if p.code == "HEAD-006"}
    there = found.columns.keys() | found.dropped
    missing = [c for c in sheet.columns if c.code not in there and c.name not in hinted]
    found.problems += [Problem("HEAD-002", here, column=c.name) for c in missing]
    if not found.id_column:
        found.problems.append(Problem("HEAD-004", here))
    extra = tuple((name, at) for at, name in sorted(found.extra.items()))
    return HeaderMatch(block.row, found.columns, found.id_column, extra, block.top, beside), found.problems


def _second_table(labels: Mapping[int, tuple[str, ...]], named: Mapping[int, Named]) -> int:
    """Returns where another table begins beside the first, 0 if none does: right of a gap its headers stand again."""
    seen: set[str] = set()
    again: list[int] = []
    for at, name in sorted(named.items()):
        if name.code in seen:
            again.append(at)
        seen.add(name.code)
    if len(again) < min(_BESIDE_COLUMNS, len(seen)) or len(seen) < 2:
        return 0
    begins = again[0]
    while begins - 1 in labels:
        begins -= 1
    first_table = {name.code for at, name in named.items() if at < begins}
    return begins if 2 * len(first_table) > len(seen) else 0


def _name_columns(found: _Columns, names: HeaderNames, named: Mapping[int, Named], sheet: Sheet) -> None:
    """Finds the columns that are called by one of their names; all other headers are columns of the unit's own."""
    shown = {c.code: c.name for c in sheet.columns}
    holders: dict[str, int] = {}
    for at in sorted(named, key=lambda at: (named[at].rank, at)):
        holders.setdefault(named[at].code, at)
    others: dict[int, str] = {}
    for at in sorted(found.block.labels):
        text = found.own_text(at)
        if fold(text) == ROW_ID or fold("".join(found.block.labels[at])) == ROW_ID:
            found.id_column = found.id_column or at
        elif at in named:
            code = named[at].code
            if holders[code] == at:
                found.columns[code] = at
                continue
            found.say("HEAD-003", at, text, text)
            others[at] = text
        elif not (SPARE.match(fold(text)) or names.is_retired(text)):
            others[at] = text
    found.extra = _told_apart(others, found.block.labels, shown.values())


def _told_apart(
    texts: Mapping[int, str], labels: Mapping[int, tuple[str, ...]], taken: Iterable[str]
) -> dict[int, str]:
    """Names the unit's own columns so that no two have one name, nor that of a column of ours: 下半年/数量, else 数量(2)."""
    counts = Counter(fold(text) for text in texts.values())
    heads = Counter(text for levels in labels.values() for text in set(levels[:-1]))
    used = {fold(name) for name in taken}
    given: dict[str, int] = {}
    result: dict[int, str] = {}
    for at in sorted(texts):
        name = texts[at]
        grouped = len(labels[at]) > 1 and heads[labels[at][-2]] < len(labels)  # what heads all columns is a title
        if grouped and (counts[fold(name)] > 1 or fold(name) in used):
            name = "/".join(labels[at][-2:])
        unique, number = name, given.get(name, 1)
        while fold(unique) in used:
            number += 1
            unique = f"{name}({number})"
        given[name] = number
        used.add(fold(unique))
        result[at] = unique
    return result


def _take_meant(found: _Columns, sheet: Sheet, carried: Collection[str]) -> None:
    """Takes a header for the missing column that it can only mean; of one that is merely like it, says so."""
    missing = {c.code: c for c in sheet.columns if c.code not in found.columns}
    doubled = {p.place.column for p in found.problems if p.code == "HEAD-003"}
    open_headers = {
        at: found.own_text(at) for at, name in found.extra.items() if name not in carried and at not in doubled
    }
    for guess in meant(missing.values(), open_headers) if missing else ():
        column, text = missing[guess.code], found.own_text(guess.at)
        if guess.sure and not contradicts(column, found.cells(guess.at)):
            found.columns[guess.code] = guess.at
            del found.extra[guess.at]
            found.say("HEAD-005", guess.at, column.name, text)
        else:
            found.say("HEAD-006", guess.at, column.name, text)


def _drop_exchanged(found: _Columns, sheet: Sheet) -> None:
    """Leaves unread two columns whose headers were exchanged: what they held before stands until somebody looks."""
    for one, other in exchanged(found.columns, sheet.columns, found.cells):
        found.say("HEAD-007", found.columns[one.code], one.name, other=other.name)
        found.dropped |= {one.code, other.code}
        del found.columns[one.code], found.columns[other.code]


def _find_ids(found: _Columns, sheet: Sheet) -> None:
    """Knows the row-id column by what it holds, where only its header is gone."""
    form = re.compile(rf"T\d{{4,}}|{re.escape(sheet.prefix)}-\S+-\d{{4,}}")
    width = max((len(cells) for cells in found.table.rows[found.block.row :]), default=0)
    for at in range(1, min(width, _LAST_ID_COLUMN) + 1):
        cells = found.cells(at) if at not in found.block.labels else []
        if cells and all(isinstance(cell, str) and form.fullmatch(cell.strip()) for cell in cells):
            found.id_column = at
            found.say("HEAD-009", at, ROW_ID, where=f"{column_letter(at)}列")
            return


def _carry_nameless(found: _Columns, sheet: Sheet, beside: int, carried: Collection[str]) -> None:
    """Carries what stands beside records in columns without a header, or in spare ones, as columns of the unit's own.

    One that was ``carried`` before and is empty now is still there: it was emptied, and that is a change.
    """
    width = max((len(cells) for cells in found.table.rows[found.block.row :]), default=0)
    width = min(width, beside - 1) if beside else width
    bare = {at for at in range(1, width + 1) if at != found.id_column and _is_bare(found, at)}
    filled = sorted(_filled_beside(found, sheet, bare))
    named_so = {at: found.own_text(at) for at in sorted(bare) if at in found.block.labels}
    spare = _told_apart(named_so, found.block.labels, (*(c.name for c in sheet.columns), *found.extra.values()))
    blank = [at for at in filled if at not in spare]
    end = beside or max(width, *found.block.labels) + len(carried) + 1
    taken = {*blank, *found.block.labels, found.id_column}
    places = [*blank, *(at for at in range(1, end) if at not in taken)]
    for number, at in enumerate(places, start=1):
        if number > len(blank) and f"{_NAMELESS}{number}" not in carried:
            break
        found.extra[at] = f"{_NAMELESS}{number}"
    found.extra |= {at: name for at, name in spare.items() if at in filled or name in carried}
    if filled:
        names = [found.extra[at] for at in filled[:_QUOTED]]
        letters = [f"{column_letter(at)}列" for at in filled[:_QUOTED]]
        more = f"等{len(filled)}列" if len(filled) > _QUOTED else ""
        found.say("HEAD-008", filled[0], "、".join(names) + more, where="、".join(letters) + more)


def _is_bare(found: _Columns, at: int) -> bool:
    return at not in found.block.labels or bool(SPARE.match(fold(found.own_text(at))))


def _filled_beside(found: _Columns, sheet: Sheet, bare: set[int]) -> Iterator[int]:
    """Yields the columns of ``bare`` in which a record holds something.

    A record here is a row with at least two cells of ours, or with an id and one cell that people fill in: a single cell
    without an id may be a heading or a signature.
    """
    ours = {at: c.owner for c in sheet.columns if (at := found.columns.get(c.code))}
    left = sorted(bare)
    for cells in found.table.rows[found.block.row :] if left else ():
        if len(cells) < left[0]:
            continue
        hits = [at for at in left if at <= len(cells) and cells[at - 1] is not None]
        if not hits:
            continue
        there = [owner for at, owner in ours.items() if at <= len(cells) and cells[at - 1] is not None]
        has_id = 0 < found.id_column <= len(cells) and cells[found.id_column - 1] is not None
        if len(there) >= min(2, len(ours)) or (has_id and any(owner is not Owner.SYSTEM for owner in there)):
            yield from hits
            left = [at for at in left if at not in hits]
            if not left:
                return
