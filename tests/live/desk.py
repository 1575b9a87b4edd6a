"""The coordinator's desk: a master that stands open in her Excel, and what it must hold."""

from __future__ import annotations

from typing import Any

from syncer.excel.live.mark import NAME, Mark, read_mark
from syncer.excel.live.picture import Line, Look, Picture, SheetPicture
from syncer.excel.live.plain import Plain, alike
from syncer.excel.live.process import Worker
from syncer.excel.live.report import Report, State
from tests.live.client import Client
from tests.live.masters import Editions


class Desk:
    """One open master. Cells are read back through UNO, past everything that is under test."""

    def __init__(self, editions: Editions, excel: Client, worker: Worker) -> None:
        self.editions, self.excel, self.worker = editions, excel, worker
        self.book: int = excel.open(str(editions.path), False, True)

    def follow(self, number: int) -> Report:
        return self.worker.do(self.editions.follow(number))

    def followed(self, number: int, *, looks: bool = True) -> None:
        """Brings the book to an edition and sees that it holds just that, cell by cell."""
        report = self.follow(number)
        assert report.state is State.DONE, report
        assert self.mark() == Mark((number,))
        differences = self.differences(number, looks=looks)
        assert not differences, differences[:8]

    def mark(self) -> Mark | None:
        return read_mark(self.excel.names(self.book).get(NAME))

    def rows(self, sheet: str) -> list[list[Plain]]:
        """Returns an open sheet's cells, a date as its day number."""
        used = self.excel.used(self.book, sheet)
        found = self.excel.read(self.book, sheet, used)
        return [[value["date"] if isinstance(value, dict) else value for value in row] for row in found]

    def picture(self, number: int) -> Picture:
        return Picture(dict(self.editions.follow(number).editions)[number])

    def differences(self, number: int, *, looks: bool = True) -> list[Any]:
        """Returns every cell in which the open book is not the edition, and with ``looks`` every row that looks unlike it."""
        wanted = self.picture(number)
        found = [
            difference for name in wanted.names for difference in _unlike(name, self.rows(name), wanted.sheet(name))
        ]
        if looks:
            there = self.as_it_looks()
            found += [] if there.names == wanted.names else [("sheets", there.names)]
            for name in wanted.names:
                found += _looks_unlike(name, there.sheet(name), wanted.sheet(name))
        return found

    def as_it_looks(self) -> Picture:
        """Returns the open book as LibreOffice would save it now: merges, fills, formats, groups."""
        copy = self.editions.path.with_name("copy.xlsx")
        self.excel.copy_to(self.book, str(copy))
        data = copy.read_bytes()
        copy.unlink()
        return Picture(data)

    def place(self, sheet: str, text: str) -> tuple[int, int]:
        """Returns where a text stands in an open sheet, 1-based."""
        rows = self.rows(sheet)
        return next((r, c) for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1) if value == text)

    def type(self, sheet: str, place: tuple[int, int], value: object) -> None:
        self.excel.write(self.book, sheet, [*place, *place], [[value]])

    def cell(self, sheet: str, place: tuple[int, int]) -> Plain:
        return self.rows(sheet)[place[0] - 1][place[1] - 1]


def _unlike(name: str, there: list[list[Plain]], wanted: SheetPicture) -> list[Any]:
    found: list[Any] = []
    for row in range(max(len(there), len(wanted.lines))):
        cells = there[row] if row < len(there) else []
        line = wanted.lines[row].cells if row < len(wanted.lines) else ()
        for column in range(max(len(cells), len(line))):
            one = cells[column] if column < len(cells) else None
            other = line[column] if column < len(line) else None
            if not alike(float(one) if type(one) is int else one, other):
                found.append((name, row + 1, column + 1, one, other))
    return found


def _looks_unlike(name: str, there: SheetPicture, wanted: SheetPicture) -> list[Any]:
    found: list[Any] = []
    for row, line in enumerate(wanted.lines, 1):
        now = there.lines[row - 1] if row <= len(there.lines) else Line()
        if (now.spans, now.level) != (line.spans, line.level):
            found.append((name, row, (now.spans, now.level), (line.spans, line.level)))
        for column in range(1, len(line.cells) + 1):
            one, other = now.look(column), line.look(column)
            if any(getattr(one, what) != getattr(other, what) for what in ("fill", "bold", "italic")):
                found.append((name, row, column, one, other))
            if isinstance(line.cell(column), float) and _plain_format(one) != other.number_format:
                found.append((name, row, column, one.number_format, other.number_format))
    return found


def _plain_format(look: Look) -> str:
    """A number format as it was given: LibreOffice names a language and escapes dashes."""
    return look.number_format.removeprefix("[$-409]").replace("\\", "")
