"""A job: brings the open master to another edition, cell by cell, and proves it by reading back."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from syncer.core.reports.lines import FRONT
from syncer.excel.edition import numbers_in
from syncer.excel.live.excel_app import Excel
from syncer.excel.live.keys import columns_of
from syncer.excel.live.mark import GAP, NAME, WAITING, Mark, read_mark
from syncer.excel.live.open_book import OpenBook
from syncer.excel.live.picture import Picture, SheetPicture
from syncer.excel.live.plain import Plain, alike
from syncer.excel.live.plan import Block
from syncer.excel.live.refusals import BookClosedError, CannotWriteError, ExcelBusyError
from syncer.excel.live.report import Report, State
from syncer.excel.live.sheet import MovedError, SheetFollower, headings

CANDIDATES = 12  # editions that a book without a mark is compared with
_CANDIDATE_SECONDS = 5.0
_LEAST_ALIKE = 0.5  # of the front page's cells
_NOTE_ROW = 3  # of 首页: as of when the data are; there a waiting edition is told


@dataclass(frozen=True, slots=True)
class Follow:
    """The job. ``editions``: number and kept file of those that are remembered, newest first; the target among them."""

    path: Path
    target: int
    editions: tuple[tuple[int, Path], ...]
    lost: frozenset[int] = frozenset()  # was asked for, and is no longer remembered

    def carry_out(self, excel: Excel) -> Report:
        """Does it; see `Report` for how it may end.

        Raises:
            ExcelBusyError, BookClosedError: what was begun is marked in the book.
        """
        book = excel.book(self.path)
        if book.is_copying:
            raise ExcelBusyError
        return _Following(self, book).run()


@dataclass(slots=True)
class _Following:
    job: Follow
    book: OpenBook
    wrote: bool = False
    waiting: list[str] = field(default_factory=list)

    def run(self) -> Report:
        """Brings every sheet there; what cannot be is left as it is, and said on 首页."""
        kept = dict(self.job.editions)
        target = _picture(kept[self.job.target])
        mark = read_mark(self.book.name(NAME)) or self._recognised(self._front(target))
        if mark.is_whole and mark.editions == (self.job.target,):
            return Report(State.DONE)
        if lacking := tuple(number for number in mark.all if number not in kept and number not in self.job.lost):
            return Report(State.LACKS, found=lacking)
        bases = [_picture(kept[number]) for number in mark.all if number in kept]
        if not bases:
            return self._waits(target, "an edition that is no longer remembered")
        try:
            self._bring(target, bases, mark)
        except (ExcelBusyError, BookClosedError) as error:
            error.wrote = self.wrote
            raise
        if self.waiting:
            return self._waits(target, ", ".join(self.waiting))
        if mark.towards:
            self._unsay(target)
        self.book.set_name(NAME, Mark((self.job.target,)).text())
        return Report(State.DONE, wrote=True)

    def _bring(self, target: Picture, bases: Sequence[Picture], mark: Mark) -> None:
        names = self.book.sheets()
        for name in target.names:
            held = [base.sheet(name) for base in bases if name in base.names]
            wanted = target.sheet(name)
            if len(held) == len(bases) and all(base.lines == wanted.lines for base in held):
                continue
            shown = self._shown_as(wanted, names, target.names)
            if shown is None or len(held) < len(bases):
                self.waiting.append(name)
                continue
            self._begin(mark)
            try:
                SheetFollower(self.book, shown, wanted, held, broken_off=bool(mark.towards)).run()
            except (MovedError, CannotWriteError):
                self.waiting.append(name)

    def _begin(self, mark: Mark) -> None:
        """Marks the book before its first cell is written."""
        if not self.wrote:
            self.book.set_name(NAME, mark.on_the_way(self.job.target).text())
            self.wrote = True

    def _shown_as(self, wanted: SheetPicture, names: Sequence[str], ours: Sequence[str]) -> str | None:
        """Returns what she calls a sheet: a renamed one is known by its headings, a page that is no table by its title."""
        if wanted.name in names:
            return wanted.name
        others = (other for other in names if other not in ours)
        return next((other for other in others if self._says_the_same(other, wanted)), None)

    def _says_the_same(self, name: str, wanted: SheetPicture) -> bool:
        if columns_of(wanted):
            return headings(self.book, name) == _headings(wanted)
        return self._cell(name, 1) == wanted.lines[0].cell(1)

    def _front(self, target: Picture) -> str | None:
        """Returns what she calls 首页; a sheet of her own is never taken for it."""
        return self._shown_as(target.sheet(FRONT), self.book.sheets(), target.names)

    def _waits(self, target: Picture, why: str) -> Report:
        """Says on 首页 that a new edition waits; nowhere, where she has no such page any more."""
        front = self._front(target)
        said = self._cell(front, _NOTE_ROW) if front else None
        if not front or not isinstance(said, str):
            why = f"{why}; no 首页 to say so on"
        elif not said.startswith(WAITING):
            try:
                self._note(front, f"{WAITING}{GAP}{said}")
            except CannotWriteError:
                why = f"{why}; 首页 cannot be written"
        return Report(State.WAITS, wrote=self.wrote, detail=why)

    def _unsay(self, target: Picture) -> None:
        """Takes the line back, once nothing waits any more."""
        front = self._front(target)
        said = self._cell(front, _NOTE_ROW) if front else None
        if front and isinstance(said, str) and said.startswith(WAITING):
            self._note(front, said.removeprefix(WAITING + GAP))

    def _note(self, front: str, text: str) -> None:
        self.book.write(front, Block(_NOTE_ROW, 1, ((text,),)))

    def _cell(self, sheet: str, row: int) -> Plain:
        """Returns the first cell of a row."""
        return self.book.read(sheet, (row, row), (1, 1))[0][0]

    # ---- a book that was opened since the last time has no mark

    def _recognised(self, front: str | None) -> Mark:
        """Returns the editions whose front page is most like the open one's; none where none is, or where she has none."""
        if front is None:
            return Mark()
        last = self.book.size(front)
        there = self.book.read(front, (1, last[0]), (1, last[1]))
        likest, found = _LEAST_ALIKE, list[int]()
        started = time.monotonic()
        for number, path in self._candidates():
            share = _share_alike(there, Picture(path).sheet(FRONT))
            if share > likest:
                likest, found = share, [number]
            elif share == likest and found:
                found.append(number)
            if found and time.monotonic() - started > _CANDIDATE_SECONDS:
                break
        return Mark(tuple(sorted(found)))

    def _candidates(self) -> Iterator[tuple[int, Path]]:
        """Yields editions, the one that the file on the disk says first: mostly it is the one she opened."""
        try:
            said = set(numbers_in(self.job.path))
        except OSError:
            said = set()
        ordered = sorted(self.job.editions, key=lambda edition: edition[0] not in said)
        yield from ordered[:CANDIDATES]


@lru_cache(maxsize=3)
def _picture(path: Path) -> Picture:
    """Returns an edition's picture: what is a target now is the base of the next job. A file never changes."""
    return Picture(path)


def _headings(sheet: SheetPicture) -> tuple[tuple[Plain, ...], ...]:
    return tuple(tuple(filter(None, line.cells)) for line in sheet.lines[2:4])


def _share_alike(there: Sequence[Sequence[Plain]], page: SheetPicture) -> float:
    """Returns the share of cells that say the same, of those that say something."""
    counts: dict[bool, int] = defaultdict(int)
    for row in range(max(len(there), len(page.lines))):
        line = page.lines[row].cells if row < len(page.lines) else ()
        cells = there[row] if row < len(there) else ()
        for column in range(max(len(line), len(cells))):
            one = line[column] if column < len(line) else None
            other = cells[column] if column < len(cells) else None
            if one is not None or other is not None:
                counts[alike(one, other)] += 1
    return counts[True] / (counts[True] + counts[False] or 1)
