"""Processes beside this one, for a pass that has much to do, as on the first Monday.

Each has its own look at the database and changes nothing: what they are asked can be asked here just as well, and is, where
one of them dies.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from syncer.collecting import collect_seldom
from syncer.core.model import Ledger
from syncer.excel.child import go_quiet
from syncer.workspace import Office, Workspace

MOST = 4  # processes
_SPAWN = multiprocessing.get_context("spawn")
A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """What a process beside works with: its own open office, and the ledger in force."""

    office: Office
    ledger: Ledger


class Beside:
    """Some processes, for one pass. They end with it, or with this process, however it ends."""

    def __init__(self, office: Office, ledger: Ledger) -> None:
        root, now = office.workspace.root, office.clock()
        self.hands: list[Hand[Any]] = []
        with suppress(OSError):  # no room for another process: those that are there will do, or none
            for _ in range(min(MOST, os.cpu_count() or 1)):
                self.hands.append(Hand(root, ledger, now))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hand in self.hands:
            hand.end()

    def each(self, task: Callable[[Seat, A], T], things: Iterable[A]) -> Iterator[T | None]:
        """Yields what a task comes to for each of some things, in their order; ``None`` where it could not be done."""
        if not self.hands:
            return
        idle, busy = deque(self.hands), deque[Hand[T]]()
        for thing in things:
            if not idle:
                yield busy[0].answer()
                idle.append(busy.popleft())
            hand = idle.popleft()
            hand.give(task, thing)
            busy.append(hand)
        for hand in busy:
            yield hand.answer()


class Hand(Generic[T]):
    """One process, and our end of its pipe. It does one thing at a time."""

    def __init__(self, root: Path, ledger: Ledger, now: datetime) -> None:
        self._connection, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(
            target=_serve, args=(theirs, root, ledger, now), name="syncer-beside", daemon=True
        )
        self.process.start()
        theirs.close()

    def give(self, task: Callable[..., T], *what: object) -> None:
        """Hands it a task, ``task(seat, *what)``; one that cannot be handed over has no answer."""
        try:
            self._connection.send((task, what))
        except OSError:
            self.end()

    def answer(self) -> T | None:
        """Returns what the task came to; ``None`` if it could not be done, or the process is dead."""
        try:
            found: T | None = self._connection.recv()
        except (EOFError, OSError):
            return None
        return found

    def end(self) -> None:
        """Ends the process."""
        self._connection.close()
        self.process.kill()
        self.process.join(10)


def _serve(connection: Connection, root: Path, ledger: Ledger, now: datetime) -> None:
    """The process: does what it is given, until the pipe closes."""
    go_quiet()
    collect_seldom()
    with suppress(EOFError, OSError), Office(Workspace.at(root), clock=lambda: now) as office:
        seat = Seat(office, ledger)
        while True:
            task, what = connection.recv()
            try:
                answer = task(seat, *what)
            except Exception:  # noqa: BLE001 - done once more where it can be told
                answer = None
            connection.send(answer)
