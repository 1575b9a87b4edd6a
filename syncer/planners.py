"""Many files at once, as on the first Monday, are decided in processes beside this one, each with its own look at the database.

Deciding looks and changes nothing, so it can be done anywhere; only recording has one place. What a file means depends on
its own unit's past: a decision that was made before a save of the same unit was recorded is made once more, here.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from syncer.arrivals import Arrival
from syncer.collecting import collect_seldom
from syncer.core.model import Book, Ledger, Refusal
from syncer.deciding import Taken, decide
from syncer.excel.child import go_quiet
from syncer.workspace import Office, Workspace

MOST = 4  # processes
_SPAWN = multiprocessing.get_context("spawn")

Read = tuple[Arrival, Book | Refusal | None]
"""A file, and what a reading child made of it; ``None`` if it is not read yet."""


class Planners:
    """A few processes that decide, for one pass. They end with it, or with this process, however it ends."""

    def __init__(self, office: Office, ledger: Ledger) -> None:
        self._office, self._ledger = office, ledger
        root = office.workspace.root
        self._all = [_Planner(root, ledger, office.clock()) for _ in range(min(MOST, os.cpu_count() or 1))]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for planner in self._all:
            planner.end()

    def decided(self, files: Iterable[Read]) -> Iterator[tuple[Arrival, Taken | None]]:
        """Yields each file with its decision, in the order given; ``None`` for one that is not read yet.

        While the caller records one file, the next ones are being decided.
        """
        idle = deque(self._all)
        busy: deque[tuple[Arrival, Book | Refusal | None, _Planner | None]] = deque()
        recorded: set[str] = set()
        for arrival, book in files:
            while not idle:  # the first may be one that nobody holds
                yield from self._first(busy, idle, recorded)
            planner = idle.popleft() if book is not None else None
            if planner and book is not None:
                planner.give(arrival, book)
            busy.append((arrival, book, planner))
        while busy:
            yield from self._first(busy, idle, recorded)

    def _first(
        self,
        busy: deque[tuple[Arrival, Book | Refusal | None, _Planner | None]],
        idle: deque[_Planner],
        recorded: set[str],
    ) -> Iterator[tuple[Arrival, Taken | None]]:
        arrival, book, planner = busy.popleft()
        taken = None
        if planner and book is not None:
            taken = planner.answer()
            idle.append(planner)
            if taken is None or taken.unit in recorded:
                taken = decide(self._office, self._ledger, arrival, book)
            recorded.add(taken.unit)
        yield arrival, taken


class _Planner:
    """One process, and our end of its pipe. It holds one file at a time."""

    def __init__(self, root: Path, ledger: Ledger, now: datetime) -> None:
        self._connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=_serve, args=(theirs, root, ledger, now), name="syncer-planner", daemon=True
        )
        self._process.start()
        theirs.close()

    def give(self, arrival: Arrival, book: Book | Refusal) -> None:
        """Hands a file over; that the process is dead shows itself in the answer."""
        with suppress(OSError):
            self._connection.send((arrival, book))

    def answer(self) -> Taken | None:
        """Returns what it decided; ``None`` if it could not, or is dead."""
        try:
            found: Taken | None = self._connection.recv()
        except (EOFError, OSError):
            return None
        return found

    def end(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.join(10)


def _serve(connection: Connection, root: Path, ledger: Ledger, now: datetime) -> None:
    """The process: decides what it is given, until the pipe closes."""
    go_quiet()
    collect_seldom()
    with suppress(EOFError, OSError), Office(Workspace.at(root), clock=lambda: now) as office:
        while True:
            arrival, book = connection.recv()
            try:
                answer = decide(office, ledger, arrival, book)
            except Exception:  # noqa: BLE001 - decided once more where it can be told
                answer = None
            connection.send(answer)
