"""Processes beside this one, for when there is much to do: the first Monday, or half an office saving before it goes home.

Each has its own look at the database and changes nothing: what they are asked can be asked here just as well, and is, while
none of them is free, or where one dies.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from syncer.collecting import collect_seldom
from syncer.core.model import Ledger
from syncer.excel.child import go_quiet

if TYPE_CHECKING:
    from syncer.workspace import Office

MOST = 4  # processes
KEPT_SECONDS = 300.0  # they are kept so long after they were needed
_SPAWN = multiprocessing.get_context("spawn")
_READY = "ready"
A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Footing:
    """What a pass goes by: the ledger in force, and the time it is."""

    ledger: Ledger
    now: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Seat:
    """What a process beside works with: its own open office, and the ledger in force."""

    office: Office
    ledger: Ledger


class Beside:
    """The processes beside this one. They end with it, however it ends.

    None are there before they are called; some seconds later they are ready. Each pass tells on what they stand. One is given
    a task, owes the answer, and is ready again once that was taken. Unneeded for some minutes, they are let go.
    """

    def __init__(self, opened: Callable[[Callable[[], datetime]], Office]) -> None:
        """``opened`` opens the office for one of them, with the clock it is given; it has to be pickled on its way there."""
        self.hands: list[Hand[Any]] = []
        self._opened = opened
        self._footing: Footing | None = None
        self._needed_at = 0.0

    def call(self) -> None:
        """Starts them where they are not there."""
        self._needed_at = time.monotonic()
        self.hands = [hand for hand in self.hands if hand.process.is_alive()]
        with suppress(OSError):  # no room for another process: those that are there will do, or none
            while len(self.hands) < min(MOST, os.cpu_count() or 1):
                self.hands.append(Hand(self._opened, self._footing))

    def work_by(self, footing: Footing) -> None:
        """Has them go by what this pass goes by from now on.

        One that still has in hand what it was given in a pass that was broken off is ended: nobody waits for that answer.
        """
        self._footing = footing
        for hand in self.hands:
            hand.footing = footing
            if hand.owes:
                hand.end()
        self.hands = [hand for hand in self.hands if not hand.owes]

    def ready(self) -> list[Hand[Any]]:
        """Returns those that have started; whoever asks needs them."""
        self._needed_at = time.monotonic()
        return [hand for hand in self.hands if hand.is_ready()]

    def each(self, task: Callable[[Seat, A], T], things: Iterable[A]) -> Iterator[T | None]:
        """Yields what a task comes to for each of some things, in their order; ``None`` where it could not be done.

        Yields nothing where no process is ready.
        """
        idle = deque(self.ready())
        busy = deque[Hand[T]]()
        for thing in things if idle else ():
            if not idle:
                yield busy[0].answer()
                idle.append(busy.popleft())
            hand = idle.popleft()
            hand.give(task, thing)
            busy.append(hand)
        for hand in busy:
            yield hand.answer()

    def let_go(self, unneeded_seconds: float = KEPT_SECONDS) -> None:
        """Ends them if they have not been needed for so long."""
        if self.hands and time.monotonic() - self._needed_at >= unneeded_seconds:
            for hand in self.hands:
                hand.end()
            self.hands = []


class Hand(Generic[T]):
    """One process, and our end of its pipe. It does one thing at a time."""

    def __init__(self, opened: Callable[[Callable[[], datetime]], Office], footing: Footing | None) -> None:
        self.footing = footing
        self.owes = False  # an answer
        self._told: Footing | None = None
        self._ready = False
        self._connection, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(theirs, opened), name="syncer-beside", daemon=True)
        self.process.start()
        theirs.close()

    def is_ready(self) -> bool:
        """Tells whether it has started and waits for what it is to do, or has died doing it."""
        with suppress(EOFError, OSError):
            if not self._ready and self._connection.poll():
                self._ready = self._connection.recv() == _READY
        return self._ready

    def give(self, task: Callable[..., T], *what: object) -> None:
        """Hands it a task, ``task(seat, *what)``; one that cannot be handed over has no answer."""
        self.owes = True
        try:
            self._connection.send((None if self._told is self.footing else self.footing, task, what))
            self._told = self.footing
        except OSError:
            self.end()

    def answer(self) -> T | None:
        """Returns what the task came to; ``None`` if it could not be done, or the process is dead."""
        try:
            found: T | None = self._connection.recv()
        except (EOFError, OSError):
            return None
        self.owes = False
        return found

    def end(self) -> None:
        """Ends the process."""
        self._connection.close()
        self.process.kill()
        self.process.join(10)


def _serve(connection: Connection, opened: Callable[[Callable[[], datetime]], Office]) -> None:
    """The process: does what it is given, until the pipe closes."""
    go_quiet()
    collect_seldom()
    now = datetime.now()
    with suppress(EOFError, OSError), opened(lambda: now) as office:
        seat: Seat | None = None
        connection.send(_READY)
        while True:
            footing, task, what = connection.recv()
            if footing is not None:
                now, seat = footing.now, Seat(office, footing.ledger)
            try:
                answer = task(seat, *what)
            except Exception:  # noqa: BLE001 - done once more where it can be told
                answer = None
            connection.send(answer)
