"""A job: appends new matters to the open inbox, below what is there. Nothing that stands in it is touched.

Of a row its 编号 is written first and its hidden 校验 last: one without 校验 was broken off, and is written again. Before each block
the place is looked at once more, for she may sort or type at any moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from syncer.core.inbox import answers as h
from syncer.core.model import OPTIONS_SHEET
from syncer.core.values import column_index, column_letter, fold
from syncer.excel.inboxbook import HEADER_ROW, NOTHING, WAITING
from syncer.excel.live.excel_app import Excel
from syncer.excel.live.open_book import OpenBook
from syncer.excel.live.picture import Line, Picture
from syncer.excel.live.plain import Plain
from syncer.excel.live.plan import Block, areas, blocks, looks_to_set
from syncer.excel.live.refusals import BookClosedError, ExcelBusyError
from syncer.excel.live.report import Report, State

_HERS = {h.ANSWER, h.VALUE, h.NOTE}


@dataclass(frozen=True, slots=True)
class Append:
    """The job.

    ``edition``: the book as it would be written now. ``ids``: of the matters that the open one is not known to show.
    ``room_ends``: the last row of the open one that has the dropdown of answers; what finds no room waits until it is closed.
    """

    path: Path
    edition: bytes
    ids: tuple[str, ...]
    room_ends: int

    def carry_out(self, excel: Excel) -> Report:
        """Does it; the report's ``found`` are the ids that stand in the open book now."""
        book = excel.book(self.path)
        if book.is_copying:
            raise ExcelBusyError
        names = book.sheets()
        if WAITING not in names:
            return Report(State.WAITS, detail="no sheet of that name")
        appending = _Appending(book, Picture(self.edition), self.room_ends)
        try:
            return appending.run(self.ids)
        except (ExcelBusyError, BookClosedError) as error:
            error.wrote = appending.wrote
            raise


class _Appending:
    def __init__(self, book: OpenBook, edition: Picture, room_ends: int) -> None:
        self._book, self._edition, self._room_ends = book, edition, room_ends
        self.wrote = False
        lines = edition.sheet(WAITING).lines
        self._titles = [cell if isinstance(cell, str) else "" for cell in lines[HEADER_ROW - 1].cells]
        id_at = self._titles.index(h.ID) + 1
        self._lines = {str(line.cell(id_at)): line for line in lines[HEADER_ROW:] if line.cell(id_at) is not None}

    def run(self, ids: Sequence[str]) -> Report:
        """Appends those that are not there, completes those that were broken off."""
        last, width = self._book.size(WAITING)
        head = self._book.read(WAITING, (HEADER_ROW, HEADER_ROW), (1, width))[0]
        at = {fold(str(title)): column for column, title in enumerate(head, 1) if title is not None}
        columns = {title: at[fold(title)] for title in self._titles if fold(title) in at}
        if not {h.ID, h.CHECK, h.ANSWER} <= columns.keys():
            return Report(State.WAITS, detail="its columns are others")
        there = self._there(columns, last)
        broken = [name for name, (_, check) in there.items() if check is None and name in self._lines]
        for name in broken:
            self._write(there[name][0], self._lines[name], columns, width)
        below = self._last_row(there, last, width) + 1
        coming = (name for name in ids if name not in there and name in self._lines)
        new = dict(zip(coming, range(below, self._room_ends + 1), strict=False))
        self._options([self._lines[name] for name in new])
        for name, row in new.items():
            self._write(row, self._lines[name], columns, width)
        shown = tuple(name for name in ids if name in there or name in new)
        return Report(State.DONE, wrote=self.wrote, found=shown)

    def _there(self, columns: Mapping[str, int], last: int) -> dict[str, tuple[int, Plain]]:
        """Returns the rows that are there by id: where, and what their 校验 says."""
        ids = self._column(columns[h.ID], last)
        checks = self._column(columns[h.CHECK], last)
        return {str(name): (row, checks[row]) for row, name in ids.items() if name is not None}

    def _column(self, column: int, last: int) -> dict[int, Plain]:
        if last <= HEADER_ROW:
            return {}
        cells = self._book.read(WAITING, (HEADER_ROW + 1, last), (column, column))
        return {row: cell for row, (cell,) in enumerate(cells, HEADER_ROW + 1)}

    def _last_row(self, there: Mapping[str, tuple[int, Plain]], last: int, width: int) -> int:
        """Returns the last row that says something, whoever wrote it; the line that nothing waits goes."""
        rows = self._book.read(WAITING, (HEADER_ROW + 1, last), (1, width)) if last > HEADER_ROW else []
        if not there and rows and NOTHING in rows[0]:
            self._put(Block(HEADER_ROW + 1, rows[0].index(NOTHING) + 1, ((None,),)))
            rows[0] = [None]
        said = (row for row, cells in enumerate(rows, HEADER_ROW + 1) if any(cell is not None for cell in cells))
        return max(said, default=HEADER_ROW)

    def _write(self, row: int, line: Line, columns: Mapping[str, int], width: int) -> None:
        """Writes one matter: how it looks, its 编号, all but hers, 校验 at the end.

        Raises:
            ExcelBusyError: she is at work just there; what was begun is known by its missing 校验.
        """
        self._dress(row, line, columns)
        cells = {title: line.cell(at) for at, title in enumerate(self._titles, 1) if title in columns}
        name, check = cells.pop(h.ID), cells.pop(h.CHECK)
        texts = {(row, columns[title]): cell for title, cell in cells.items() if title in h.OURS - _HERS}
        there = self._book.read(WAITING, (row, row), (1, width))[0]
        if any(cell is not None for cell in there) and there[columns[h.ID] - 1] != name:
            raise ExcelBusyError
        self._put(Block(row, columns[h.ID], ((name,),)))
        for block in (*blocks(texts), Block(row, columns[h.CHECK], ((check,),))):
            if self._book.read(WAITING, (row, row), (columns[h.ID],) * 2)[0][0] != name:
                raise ExcelBusyError
            self._put(block)

    def _put(self, block: Block, sheet: str = WAITING) -> None:
        self.wrote = True
        self._book.write(sheet, block)

    def _dress(self, row: int, line: Line, columns: Mapping[str, int]) -> None:
        looks: dict[tuple[str, object], list[tuple[int, int]]] = defaultdict(list)
        for column, what, value in looks_to_set(line, []):
            if self._titles[column - 1] in columns:
                looks[what, value].append((row, columns[self._titles[column - 1]]))
        for (what, value), cells in looks.items():
            for area in areas(cells):
                self._book.set_look(WAITING, area, what, value)
        if line.height:
            self._book.set_height(WAITING, row, line.height)

    def _options(self, lines: Sequence[Line]) -> None:
        """Adds the lists of those matters that offer answers of their own."""
        place = self._titles.index(h.OPTIONS) + 1
        for name in {str(line.cell(place)) for line in lines if line.cell(place) is not None}:
            refers_to = self._edition.defined_names.get(name)
            if refers_to is None or self._book.name(name) is not None:
                continue
            words = self._words(refers_to)
            _, width = self._book.size(OPTIONS_SHEET)
            values = ((name,), *((word,) for word in words))
            self._put(Block(1, width + 1, values), OPTIONS_SHEET)
            letter = column_letter(width + 1)
            self._book.set_name(name, f"='{OPTIONS_SHEET}'!${letter}$2:${letter}${len(words) + 1}")

    def _words(self, refers_to: str) -> list[Plain]:
        """Returns what a list on the options sheet holds: ``'_选项'!$C$2:$C$5``."""
        first, _, last = refers_to.rpartition("!")[2].replace("$", " ").partition(":")
        letters, top = first.split()
        column, bottom = column_index(letters), int(last.split()[1])
        rows = self._edition.sheet(OPTIONS_SHEET).lines[int(top) - 1 : bottom]
        return [row.cell(column) for row in rows]
