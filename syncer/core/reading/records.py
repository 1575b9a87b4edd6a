"""Reads the records of one worksheet: gaps read through, merged cells filled, what is no record told apart and said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.model import Column, Owner, Sheet, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.headers import HeaderMatch
from syncer.core.reading.lines import HeaderLines, Line, LineKind, is_total, kind_of, listed
from syncer.core.reading.merged import across, covered
from syncer.core.reading.rows import ReadRow, from_plan, is_foreign, own_columns
from syncer.core.values import Scalar, fold, show, tidy

_QUOTED = 5  # lines that are no records, quoted one by one
_QUOTED_SIGNS = 30
_ID = re.compile(r"T\d{3,}|\S+-\S+-\d+")  # ids of whatever sheet and unit; other text in that column is none


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one worksheet. ``under``: worksheet row → codes of the columns whose cells lie under a merge there."""

    rows: list[ReadRow]
    under: Mapping[int, frozenset[str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_rows(table: Table, match: HeaderMatch, sheet: Sheet) -> list[ReadRow]:
    """Returns the rows of `read_records`."""
    return read_records(table, match, sheet, "").rows


def read_records(table: Table, match: HeaderMatch, sheet: Sheet, file: str) -> Records:
    """Returns the rows that hold something, gaps of any length read through.

    A reserved row (an id and nothing typed) is left out; a row from the plan never is. A row without an id is no record if
    it is a total, a signature, a remark, the heading of a section, or the header once more. Cells that the file says are
    merged with one above hold what stands there; a row that has nothing but that is no record.

    Problems, all once a sheet: ROW-010 lines that are no records and say something (a note), ROW-011 cells of the unit's
    own that were filled from a merge (a note), HEAD-010 the header stands there again (a note), SHEET-004 another table
    begins below and is not read.
    """
    return _Reader(table, match, sheet, file).read()


class _Reader:
    """One pass over the rows of one worksheet."""

    def __init__(self, table: Table, match: HeaderMatch, sheet: Sheet, file: str) -> None:
        self.table, self.match, self.sheet = table, match, sheet
        self.place = Place(file, table.name)
        self.typed = (
            own_columns(sheet)
            if not sheet.from_plan
            else frozenset(c.code for c in sheet.columns if c.owner is not Owner.SYSTEM)
        )
        self.codes = {at: code for code, at in match.columns.items()} | {at: f"+{name}" for name, at in match.extra}
        self.system = {match.columns.get(c.code, 0) for c in sheet.columns if c.owner is Owner.SYSTEM}
        self.names = dict(match.extra)
        self.first = min(self.codes, default=1)
        self.head = HeaderLines(table, match.top, match.row, _places(sheet, match), max(match.beside - 1, 0))
        self.covered = covered(table, match.row, self.codes)
        self.across = across(table, match.row)
        self.rows: list[ReadRow] = []
        self.silent: list[tuple[int, str]] = []  # lines that are told only if records follow
        self.told: list[tuple[int, str]] = []
        self.heads: list[int] = []
        self.end = 0  # row in which another table begins
        self.id_rows = self._last_id_row()

    def read(self) -> Records:
        """Returns what stands in the sheet."""
        for number in range(self.match.row + 1, len(self.table.rows) + 1):
            cells = self.table.rows[number - 1]
            if cells.count(None) == len(cells):
                continue
            row_id = self._id(cells)
            if not self._is_real(row_id) and self._is_head(number, cells):
                continue
            if self.end:
                break
            self._read(number, row_id, cells)
        under = {number: frozenset(self.codes[at] for at in merged.blank) for number, merged in self.covered.items()}
        return Records(self.rows, under, tuple(self._problems()))

    def _id(self, cells: Sequence[Scalar]) -> str:
        at = self.match.id_column
        return show(cells[at - 1]).strip() if 0 < at <= len(cells) else ""

    def _is_real(self, row_id: str) -> bool:
        """Whether a text in the id column is an id of this sheet, whoever's."""
        return row_id.startswith(f"{self.sheet.prefix}-") or from_plan(self.sheet, row_id)

    def _is_head(self, number: int, cells: Sequence[Scalar]) -> bool:
        """Whether a line is a header, ours once more or, at last, another table's."""
        if self.head.again(cells):
            begins = self.head.lead_up(number)
            # The title and the groups of columns above it came with it.
            self.told = [line for line in self.told if line[0] < begins]
            self.silent = [line for line in self.silent if line[0] < begins]
            while self.rows and self.rows[-1].row >= begins and not self.rows[-1].id:
                self.rows.pop()
            self.heads.append(number)
            return True
        if number > self.id_rows and self.head.begins_another(cells):
            self.end = number
            return True
        return False

    def _read(self, number: int, row_id: str, cells: Sequence[Scalar]) -> None:
        """Takes one line for a record, or for something else that is maybe to be told."""
        raw, extra = self._cells(cells, number)
        row = ReadRow(row_id, number, raw, extra, carried=row_id)
        if from_plan(self.sheet, row_id):
            self.rows.append(row)
            return
        lent = self._lent(number)
        own = any(code in self.typed and self.match.columns[code] not in lent for code in raw)
        own = own or any(self.names[name] not in lent for name in extra)
        has_id = bool(_ID.fullmatch(row_id))
        if has_id and own:
            if total := "" if lent else self._total(cells):
                self.told.append((number, total))
            else:
                self.rows.append(row)
            return
        quiet = self.match.id_column if has_id else 0
        here = {at: cell for at, cell in enumerate(cells, start=1) if cell is not None and at != quiet}
        if self.match.beside:
            here = {at: cell for at, cell in here.items() if at < self.match.beside}
        if has_id:
            if not lent and (text := _heading(here, self.across, number) or self._beside(here)):
                self.told.append((number, text))
            return
        kind = kind_of(Line(here, self._width(number, here), self.first)) if here else LineKind.RECORD
        if kind is LineKind.RECORD and own:
            self.rows.append(row)
        elif text := next((tidy(cell) for cell in here.values() if isinstance(cell, str)), ""):
            only_figures = kind is LineKind.TOTAL and not any(isinstance(c, str) for c in list(here.values())[1:])
            self._tell(number, text, silent=only_figures or kind is LineKind.SIGNATURE)

    def _total(self, cells: Sequence[Scalar]) -> str:
        """The label of a line of totals, with figures, that was typed on a reserved row, whatever the system had written there."""
        if not any(isinstance(cell, str) and is_total(cell) for cell in cells):
            return ""
        filled = {at: cell for at, cell in enumerate(cells, 1) if cell is not None and at != self.match.id_column}
        own = {at: cell for at, cell in filled.items() if at not in self.system}
        for line in (filled, own):
            figures = any(isinstance(cell, int | float) for cell in line.values())
            if figures and kind_of(Line(line, 1, self.first)) is LineKind.TOTAL:
                return tidy(next(cell for cell in line.values() if isinstance(cell, str)))
        return ""

    def _beside(self, here: Mapping[int, Scalar]) -> str:
        """The first text on a line of which nothing is the unit's to fill: in a column without a header, or another's."""
        texts = (tidy(cell) for at, cell in here.items() if isinstance(cell, str) and at not in self.system)
        return next(filter(None, texts), "")

    def _tell(self, number: int, text: str, *, silent: bool) -> None:
        (self.silent if silent else self.told).append((number, text))

    def _lent(self, number: int) -> Mapping[int, Scalar]:
        return self.covered[number].lent if number in self.covered else {}

    def _cells(self, cells: Sequence[Scalar], number: int) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
        """The content of a line in columns of ours and in those of the unit's own, blanks left out."""
        width, lent = len(cells), self._lent(number)
        raw = {
            code: cells[at - 1] for code, at in self.match.columns.items() if at <= width and cells[at - 1] is not None
        }
        extra = {name: cells[at - 1] for name, at in self.match.extra if at <= width and cells[at - 1] is not None}
        for at, cell in lent.items():
            code = self.codes[at]
            if code.startswith("+"):
                extra[code[1:]] = cell
            elif at not in self.system:
                raw[code] = cell
        return raw, extra

    def _width(self, number: int, here: Mapping[int, Scalar]) -> int:
        """How many columns of ours the first cell of a line is merged over."""
        at = min(here)
        right = at + self.across.get((number, at), 1)
        return sum(1 for column in self.codes if at <= column < right)

    def _last_id_row(self) -> int:
        """The last row that carries an id: above it no other table begins."""
        if not self.match.id_column:
            return 0
        rows = range(len(self.table.rows), self.match.row, -1)
        return next((number for number in rows if self._is_real(self._id(self.table.rows[number - 1]))), 0)

    def _problems(self) -> Iterator[Problem]:
        last = self.rows[-1].row if self.rows else 0
        told = sorted([*self.told, *(line for line in self.silent if line[0] < last)])
        if told:
            quoted = "、".join(f"“{text[:_QUOTED_SIGNS]}”（第{number}行）" for number, text in told[:_QUOTED])
            more = f"等{len(told)}行" if len(told) > _QUOTED else ""
            yield self._problem("ROW-010", told[0][0], lines=quoted + more)
        if filled := self._lent_to_own():
            names = "、".join(c.name for c in self.sheet.columns if c.code in filled)
            names = "、".join(filter(None, (names, *(code[1:] for code in filled if code.startswith("+")))))
            rows = sorted({number for numbers in filled.values() for number in numbers})
            yield replace(self._problem("ROW-011", rows[0], rows=listed(rows)), column=names)
        if self.heads:
            yield self._problem("HEAD-010", self.heads[0], rows=listed(self.heads))
        if self.end:
            yield self._problem("SHEET-004", self.end, where=f"第{self.end}行起")

    def _lent_to_own(self) -> dict[str, list[int]]:
        """The unit's own cells that hold what a merge lends them: column code → rows."""
        filled: dict[str, list[int]] = {}
        for row in self.rows if self.covered else ():
            for at in self._lent(row.row):
                column = self.sheet.column(self.codes[at])
                if column is None or not is_foreign(self.sheet, row.id, column.owner):
                    filled.setdefault(self.codes[at], []).append(row.row)
        return filled

    def _problem(self, code: str, row: int, **facts: str) -> Problem:
        return Problem(code, replace(self.place, row=row, column=1), facts=tuple(facts.items()))


def _heading(here: Mapping[int, Scalar], across: Mapping[tuple[int, int], int], number: int) -> str:
    """The text of a merge across a reserved row: the heading of a section that was typed there."""
    at, cell = next(iter(here.items()), (0, None))
    wide = len(here) == 1 and across.get((number, at), 1) > 1
    return tidy(cell) if wide and isinstance(cell, str) else ""


def _places(sheet: Sheet, match: HeaderMatch) -> dict[str, int]:
    """Where the columns stand, by every folded way to call them."""
    return {
        fold(name): match.columns[c.code]
        for c in sheet.columns
        if c.code in match.columns
        for name in (*c.aliases, c.name)
    }


# ---- cells under merges, and whose they are


def without_lent(
    sheet: Sheet, rows: Sequence[ReadRow], known: Mapping[str, ReadRow], records: Records
) -> list[ReadRow]:
    """Returns rows in which cells that are not the unit's to fill, and lie under a merge, say what they are known to.

    A merge is a matter of looks: it proposes nothing to the coordinator. ``known``: the rows as accepted, by id. A row
    that is new keeps what the merge lends it if the row is the plan's, else nothing.
    """
    return [_known_under(sheet, row, known.get(row.id), records.under.get(row.row)) for row in rows]


def _known_under(sheet: Sheet, row: ReadRow, known: ReadRow | None, under: frozenset[str] | None) -> ReadRow:
    foreign = [c for c in sheet.columns if under and c.code in under and is_foreign(sheet, row.id, c.owner)]
    if not foreign or (known is None and from_plan(sheet, row.id)):
        return row
    raw = dict(row.raw)
    for column in foreign:
        _put(raw, column, known.raw.get(column.code) if known else None)
    return replace(row, raw=raw, lent=frozenset(c.code for c in foreign))


def _put(raw: dict[str, Scalar], column: Column, value: Scalar) -> None:
    if value is None:
        raw.pop(column.code, None)
    else:
        raw[column.code] = value
