"""One sheet of the open master: brought to another edition, row by row as they stand in it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from syncer.core.reports.lines import HEADER_ROWS
from syncer.excel.live.keys import Key, columns_of, is_blank, sheet_keys, table_keys
from syncer.excel.live.mark import GAP, WAITING
from syncer.excel.live.open_book import OpenBook
from syncer.excel.live.picture import Line, SheetPicture
from syncer.excel.live.plain import Plain, alike
from syncer.excel.live.plan import (
    Block,
    Cell,
    Insert,
    Placement,
    areas,
    blocks,
    cells_to_write,
    looks_to_set,
    place,
    place_page,
    spans_of_rows,
)
from syncer.excel.live.refusals import CannotWriteError

_WRITE_ROWS = 500  # in one call: between two of them Excel attends to her
_LEAST_ALIKE = 0.5  # of a page's cells; below it she has rearranged it


class MovedError(Exception):
    """The sheet's columns are others than the edition's, or it was rearranged: a new edition has to wait."""


def headings(book: OpenBook, sheet: str) -> tuple[tuple[Plain, ...], ...]:
    """Returns the two header rows of an open sheet, blanks left out."""
    _, width = book.size(sheet)
    rows = book.read(sheet, (HEADER_ROWS - 1, HEADER_ROWS), (1, width))
    return tuple(tuple(cell for cell in row if cell is not None) for row in rows)


@dataclass(slots=True)
class SheetFollower:
    """Brings one sheet there. ``bases``: as it stands in each edition that the book may hold.

    ``broken_off``: somebody was killed on the way; then rows may be half written, and each is looked at with that in mind.
    """

    book: OpenBook
    name: str
    wanted: SheetPicture
    bases: Sequence[SheetPicture]
    broken_off: bool = False
    _fresh: dict[int, int] = field(default_factory=dict)  # edition's rows inserted just now → the first of their block
    _held: dict[int, list[Line]] = field(default_factory=dict)  # edition's row → as the bases have it, where they do

    def run(self) -> None:
        """Moves rows, writes cells and looks, and reads back what it wrote.

        Raises:
            MovedError: her columns are others, or she sorted in this very moment.
            CannotWriteError: Excel does not take it, or does not show it.
        """
        self._check_columns()
        placement = self._placement()
        self._take(placement)
        touched = {at: row for at, row in placement.rows.items() if self._differs(at)}
        before = self._read(touched.values())
        self._check_rows(touched, before)
        cells = self._cells(touched, before)
        self._write(cells)
        self._dress(touched, placement.rows)
        self._prove(touched, cells)

    # ---- where rows are

    @property
    def _is_table(self) -> bool:
        return bool(columns_of(self.wanted))

    def _check_columns(self) -> None:
        """Raises `MovedError` where the columns are not the edition's."""
        if not self._is_table:
            return
        head = [line.cells for line in self.wanted.lines[HEADER_ROWS - 2 : HEADER_ROWS]]
        there = self.book.read(self.name, (HEADER_ROWS - 1, HEADER_ROWS), (1, self.wanted.width))
        if [_trimmed(row) for row in there] != [_trimmed(row) for row in head]:
            raise MovedError

    def _placement(self) -> Placement:
        if not self._is_table:
            return self._page_placement()
        columns, (last, _) = columns_of(self.wanted), self.book.size(self.name)
        first, final = min(columns), max(columns)
        named = self.book.read(self.name, (1, last), (first, final))
        there = table_keys([row[column - first] for column in columns] for row in named)
        wanted = sheet_keys(self.wanted)
        bases = [dict(zip(sheet_keys(base), base.lines, strict=True)) for base in self.bases]
        self._held = {at: [base[key] for base in bases if key in base] for at, key in enumerate(wanted)}
        unfilled = self._unfilled(there, set(wanted)) if self.broken_off else ()
        return place(there, wanted, [base.keys() for base in bases], unfilled)

    def _unfilled(self, there: Sequence[Key], wanted: set[Key]) -> set[int]:
        """Returns the rows that were inserted and never filled."""
        cells = self._read({row for row, key in enumerate(there, 1) if is_blank(key) and key not in wanted})
        return {row for row, line in cells.items() if all(cell is None for cell in line)}

    def _page_placement(self) -> Placement:
        """A page's rows stand where an edition of ours has them; if we were broken off while they moved, merged cells tell."""
        wanted = sheet_keys(self.wanted)
        if self.broken_off and any(sheet_keys(base) != wanted for base in self.bases):
            last, _ = self.book.size(self.name)
            there: list[Key] = [self.book.spans(self.name, row, self.wanted.width) for row in range(1, last + 1)]
            return place_page(there, sheet_keys(self.wanted, links=False))
        bases = self.bases if self.broken_off else self.bases[:1]
        shown = self._read(range(1, max(len(base.lines) for base in bases) + 1))
        if max(_alike_share(base, shown) for base in bases) < _LEAST_ALIKE:
            raise MovedError
        placement = place_page(sheet_keys(bases[0]), wanted)
        self._held = {at: [base.lines[row - 1] for base in bases] for at, row in placement.found.items()}
        return placement

    def _take(self, placement: Placement) -> None:
        """Deletes and inserts rows; what is inserted is shaped, then filled at once, so that it is known again after a break."""
        for step in placement.steps:
            if isinstance(step, Insert):
                self.book.insert_rows(self.name, step.row, step.count)
                self._shape(step)
                self._fill(step.row, self.wanted.lines[step.first : step.first + step.count])
                self._fresh |= dict.fromkeys(range(step.first, step.first + step.count), step.first)
            else:
                self.book.delete_rows(self.name, step.row, step.count)

    def _shape(self, step: Insert) -> None:
        """Groups and merges inserted rows. What comes between two rows is as deep as both of them are."""
        after = step.first + step.count
        beside = (*self.wanted.lines[: step.first][-1:], *self.wanted.lines[after : after + 1])
        level = min((line.level for line in beside), default=0)
        for row, line in enumerate(self.wanted.lines[step.first : after], step.row):
            self.book.group(self.name, (row, row), line.level - level)
            for span in line.spans:
                self.book.merge(self.name, row, span)

    def _fill(self, row: int, lines: Sequence[Line]) -> None:
        width = max(len(line.cells) for line in lines) or 1
        for first in range(0, len(lines), _WRITE_ROWS):
            part = lines[first : first + _WRITE_ROWS]
            values = tuple(tuple(line.cell(column) for column in range(1, width + 1)) for line in part)
            self.book.write(self.name, Block(row + first, 1, values))

    # ---- what they say

    def _differs(self, at: int) -> bool:
        """Whether a row may have to change: it is not the same in all editions that the open sheet may hold."""
        held = self._held.get(at, [])
        return not self._is_known(at) or any(line != self.wanted.lines[at] for line in held)

    def _is_known(self, at: int) -> bool:
        held = self._held.get(at, [])
        return len(held) == len(self.bases) if self._is_table else bool(held)

    def _read(self, rows: Iterable[int]) -> dict[int, list[Plain]]:
        """Returns rows of the open sheet, read in few blocks."""
        width = max(self.wanted.width, *(base.width for base in self.bases))
        found: dict[int, list[Plain]] = {}
        for first, last in spans_of_rows(set(rows)):
            for row, cells in enumerate(self.book.read(self.name, (first, last), (1, width)), first):
                found[row] = [_ours_taken_out(cell) for cell in cells]
        return found

    def _cells(self, touched: dict[int, int], before: dict[int, list[Plain]]) -> dict[Cell, Plain]:
        cells: dict[Cell, Plain] = {}
        ours = self.broken_off and not self._is_table
        for at, row in touched.items():
            found = cells_to_write(self.wanted.lines[at], self._may_say(at), before[row], ours=ours)
            cells |= {(row, column): value for column, value in found.items()}
        return cells

    def _may_say(self, at: int) -> list[Line]:
        """Returns what a row may say that is ours; one that came when we were broken off may have blanks still."""
        came = self.broken_off and not self._is_known(at)
        return [*self._held.get(at, []), *([Line()] if came else [])]

    def _write(self, cells: dict[Cell, Plain]) -> None:
        for block in blocks(cells):
            for first in range(0, len(block.values), _WRITE_ROWS):
                part = block.values[first : first + _WRITE_ROWS]
                self.book.write(self.name, Block(block.row + first, block.column, part))

    # ---- how they look

    def _dress(self, touched: dict[int, int], rows: Mapping[int, int]) -> None:
        looks: dict[tuple[str, object], list[Cell]] = defaultdict(list)
        for at, row in touched.items():
            line, befores = self.wanted.lines[at], self._looked(at, rows)
            for column, what, value in looks_to_set(line, befores):
                looks[what, value].append((row, column))
            fresh = at in self._fresh
            if line.height and (fresh or not befores or any(b.height != line.height for b in befores)):
                self.book.set_height(self.name, row, line.height)
            if befores and not fresh:
                self.book.group(self.name, (row, row), line.level - befores[0].level)
        for (what, value), cells in looks.items():
            for area in areas(cells):
                self.book.set_look(self.name, area, what, value)

    def _looked(self, at: int, rows: Mapping[int, int]) -> list[Line]:
        """Returns how a row may look now: as a base has it; as the row above its block, if it was inserted; none: nobody knows."""
        if at not in self._fresh:
            return self._held.get(at, []) if self._is_known(at) else []
        above = self._fresh[at] - 1
        is_below = rows.get(above) == rows[above + 1] - 1
        return self._held.get(above, []) if self._is_table and above >= HEADER_ROWS and is_below else []

    # ---- whether it is so

    def _prove(self, touched: dict[int, int], cells: dict[Cell, Plain]) -> None:
        """Reads the rows again; what a filter kept from being written in a block is written once more, cell by cell."""
        wanted = cells | {
            (touched[at], column): self.wanted.lines[at].cell(column)
            for at in self._fresh
            for column in range(1, len(self.wanted.lines[at].cells) + 1)
        }
        now = self._read(touched.values())
        self._check_rows(touched, now)
        missed = [(row, column) for (row, column), value in wanted.items() if not alike(now[row][column - 1], value)]
        for cell in missed:
            self.book.write(self.name, Block(*cell, ((wanted[cell],),)))
        again = self._read({row for row, _ in missed})
        if any(not alike(again[row][column - 1], wanted[row, column]) for row, column in missed):
            raise CannotWriteError("it does not read back as it was written")

    def _check_rows(self, touched: dict[int, int], there: dict[int, list[Plain]]) -> None:
        """Raises `MovedError` where rows are not where they were: she sorted in this very moment."""
        columns = columns_of(self.wanted)
        for at, row in touched.items():
            line = self.wanted.lines[at]
            if at >= HEADER_ROWS and any(not alike(there[row][column - 1], line.cell(column)) for column in columns):
                raise MovedError


def _trimmed(cells: Sequence[Plain]) -> list[Plain]:
    found = list(cells)
    while found and found[-1] is None:
        found.pop()
    return found


def _ours_taken_out(cell: Plain) -> Plain:
    """A cell without the line of ours that an edition waits."""
    return cell.removeprefix(WAITING + GAP) if isinstance(cell, str) else cell


def _alike_share(base: SheetPicture, shown: dict[int, list[Plain]]) -> float:
    said = [
        (line.cell(c), shown[row][c - 1])
        for row, line in enumerate(base.lines, 1)
        for c in range(1, len(line.cells) + 1)
    ]
    filled = [pair for pair in said if pair[0] is not None]
    return sum(alike(*pair) for pair in filled) / (len(filled) or 1)
