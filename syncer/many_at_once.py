"""Many files in one pass: what they mean is decided beside this process, and what the units' sheets then come to is made there.

Deciding and rendering look and change nothing, so they can be done anywhere; only recording has one place. What a file means
depends on its own unit's past: a decision that was made before a save of the same unit was recorded is made once more, here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from syncer.arrivals import Arrival
from syncer.beside import Hand, Seat
from syncer.core.facts import SheetFacts
from syncer.core.model import Book, Ledger, Refusal, Row
from syncer.core.reports.data_blocks import DataBlocks
from syncer.core.reports.facts import sheet_facts
from syncer.core.reports.progress import Progress
from syncer.core.state import LedgerState
from syncer.deciding import Taken, decide
from syncer.excel.masterbook import PieceMaker
from syncer.store.merged import Place
from syncer.store.pieces import PiecesLostError
from syncer.workspace import Office

Read = tuple[Arrival, Book | Refusal | None]
"""A file, and what a reading child made of it; ``None`` if it is not read yet."""

_Held = tuple[Arrival, Book | Refusal | None, Hand[Taken] | None]


def decide_many(office: Office, ledger: Ledger, files: Iterable[Read]) -> Iterator[tuple[Arrival, Taken | None]]:
    """Yields each file with its decision, in the order given; ``None`` for one that is not read yet.

    While the caller records one file, the next ones are being decided; as long as none of the processes is ready, here.
    """
    seated: list[Hand[Taken]] = []
    idle: deque[Hand[Taken]] = deque()
    busy: deque[_Held] = deque()
    recorded: set[str] = set()

    def first() -> tuple[Arrival, Taken | None]:
        arrival, book, hand = busy.popleft()
        taken = hand.answer() if hand else None
        if hand:
            idle.append(hand)
        if book is not None:
            whose_is_open = arrival.dropped and taken and not taken.unit  # it may rest on any unit's past
            if taken is None or taken.unit in recorded or whose_is_open:
                taken = decide(office, ledger, arrival, book)
            recorded.add(taken.unit)
        return arrival, taken

    for arrival, book in files:
        newly = [hand for hand in office.beside.ready() if hand not in seated]
        seated += newly
        idle += newly
        while busy and not idle:
            yield first()
        hand = idle.popleft() if idle and book is not None else None
        if hand:
            hand.give(_decide, arrival, book)
        busy.append((arrival, book, hand))
        while busy and not seated:
            yield first()
    while busy:
        yield first()


def _decide(seat: Seat, arrival: Arrival, book: Book | Refusal) -> Taken:
    return decide(seat.office, seat.ledger, arrival, book)


@dataclass(frozen=True, slots=True)
class SheetMade:
    """What one unit's sheet comes to: its facts, and its rows as the master shows them (identity, facts and bytes of each piece)."""

    place: Place
    mark: str
    facts: SheetFacts
    pieces: tuple[tuple[str, str, bytes], ...]


def make_many(office: Office, ledger: Ledger, marks: Mapping[Place, str]) -> None:
    """Has made what the next publish will need of the sheets whose rows are new. What is not made, it makes itself."""
    units: dict[str, dict[Place, str]] = {}
    for place in office.maintained.uncounted(ledger, marks):
        units.setdefault(place[0], {})[place] = marks[place]
    with suppress(PiecesLostError, OSError):
        office.pieces.serve(ledger.settings.ledger_id)
        for made in office.beside.each(_make, units.values()):
            for sheet in made or ():
                office.maintained.count(sheet.place, sheet.mark, sheet.facts)
                for identity, facts, data in sheet.pieces:
                    if identity not in office.pieces.known():
                        office.pieces.add(identity, facts, data)


def _make(seat: Seat, marks: Mapping[Place, str]) -> list[SheetMade]:
    return _maker(seat).made(marks)


@lru_cache(maxsize=1)  # a process has one seat at a time
def _maker(seat: Seat) -> SheetMaker:
    return SheetMaker(seat.office, seat.ledger)


class SheetMaker:
    """Makes what sheets come to; it is the `Records` of its blocks, as far as it holds them."""

    def __init__(self, office: Office, ledger: Ledger) -> None:
        self._office, self._ledger = office, ledger
        self._marks: Mapping[Place, str] = {}
        self._rows: Mapping[Place, tuple[Row, ...]] = {}
        self._blocks = DataBlocks(ledger, LedgerState((), ()), Progress(date.min, ()), self)
        self._pieces = PieceMaker(ledger.settings)

    def made(self, marks: Mapping[Place, str]) -> list[SheetMade]:
        """Returns what some sheets come to, by the marks of their rows; rows of the plan are not rendered: they hang on more."""
        self._marks, self._rows = marks, self._office.store.merged.rows(self._ledger, marks)
        found = []
        for place, rows in self._rows.items():
            sheet = self._ledger.sheet(place[1])
            pieces: tuple[tuple[str, str, bytes], ...] = ()
            if sheet and rows and not sheet.from_plan:
                pieces = tuple(self._pieces.made(sheet, self._blocks.records_of(sheet, place[0])))
            found.append(SheetMade(place, marks[place], sheet_facts(self._ledger, place[1], rows), pieces))
        return found

    def mark(self, unit: str, sheet: str) -> str:
        """Returns the mark of one unit's rows on a sheet."""
        return self._marks.get((unit, sheet), "")

    def rows(self, unit: str, sheet: str) -> Sequence[Row]:
        """Returns one unit's rows on a sheet."""
        return self._rows[unit, sheet]

    def named(self, unit: str, sheet: str, ids: Sequence[str]) -> Mapping[str, Row]:
        """Returns some of them."""
        return {row.id: row for row in self._rows[unit, sheet] if row.id in set(ids)}
