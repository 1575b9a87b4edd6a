"""Reading workbooks in supervised children, so that a file which kills or hangs its reader harms only itself.

Each child is a spawned process with a pipe of its own, a memory limit and a wall-clock limit; nothing is shared between
children. (Pools that share one queue were tried: in `ProcessPoolExecutor`, and in pebble 5.2 when an idle child is killed,
one death ends the pool.) A child's stdout and stderr lead nowhere from its first line on, so neither Rust's panic message
nor a fault handler reaches a person's screen; it writes no core file.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from syncer.core.model import Book, Refusal
from syncer.excel.reading_child import EXIT_MEMORY, Fault, Limits, Parcel, serve

T = TypeVar("T")

DAMAGED = "FILE-003"
TOO_MUCH = "FILE-007"

START_SECONDS = 120  # until a new child takes its first file, on a PC that is busy with something else
UNASKED_SECONDS = 30  # beyond its limit: a slow file that nobody asks for any more has changed or is gone
ATTEMPTS = 2  # a child may die by chance (no memory elsewhere, a person's kill); a bad file kills the second one too
_EXIT_ABORT = -6  # SIGABRT: Rust ran out of memory

_SPAWN = multiprocessing.get_context("spawn")
_log = logging.getLogger(__name__)


class ReadersStoppedError(Exception):
    """Reading was broken off by `Readers.kill`; nothing is known of the files that were asked for."""


@dataclass(slots=True)
class _Job:
    path: Path
    seconds: float = 0.0  # for all attempts together
    attempts: int = 0
    begun: float = 0.0  # when a child first set about it, on the monotonic clock
    work: Callable[[Path], Any] | None = None  # a function the child can import; ``None`` is `read_book`


class _Child:
    """One reading process and our end of its pipe."""

    def __init__(self, limits: Limits) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=serve, args=(theirs, limits), name="syncer-reader", daemon=True)
        self.process.start()
        theirs.close()
        self.job = _Job(Path())
        self.deadline = 0.0

    def give(self, job: _Job) -> None:
        """Hands a file over; a child found dead shows itself at the next receive."""
        job.attempts += 1
        self.job = job
        self.deadline = time.monotonic() + START_SECONDS
        with suppress(OSError):
            self.connection.send((job.work, job.path, job.seconds))

    def end(self, grace_seconds: float = 0) -> int | None:
        """Kills the process and returns its exit code; one that is dying by itself within the grace keeps its own."""
        self.connection.close()
        if grace_seconds:
            self.process.join(grace_seconds)
        self.process.kill()
        self.process.join(10)
        return self.process.exitcode


_Done = tuple[Connection, _Job, Any]  # whose pipe, which file, its result
_AGAIN = object()  # in place of a result: the child died, another is to try


class Readers:
    """A few reading children, started when first needed and kept warm until the end of the ``with`` block.

    Use from one thread; only `kill` may be called from any.
    """

    def __init__(self, children: int | None = None, limits: Limits | None = None) -> None:
        self._most = children or min(4, os.cpu_count() or 1)
        self._limits = limits or Limits()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._slow: dict[Path, _Child | None] = {}  # read on between calls; ``None``: waits until a slow one is done
        self._lock = threading.RLock()  # kill() may come from a signal handler that interrupts us while we hold it
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def read(self, path: Path) -> Book | Refusal:
        """Returns what `read_book` makes of a file; FILE-007 when it took too long or too much memory, or killed its reader.

        Raises `ReadersStoppedError` after `kill`.
        """
        ((_, result),) = self.read_many([path])
        return result

    def call(self, work: Callable[[Path], T], path: Path, seconds: float | None = None) -> T | Refusal:
        """Returns what ``work``, a function of a module, makes of a file (never ``None``); refuses and raises as `read` does.

        ``seconds`` is for work that may take longer than a file may be read.
        """
        ((_, result),) = self._run([_Job(path, seconds or self._limits.wall_seconds, work=work)])
        return result  # type: ignore[no-any-return]

    def read_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Book | Refusal]]:
        """Yields each file with its result, in the order they become ready; takes ``paths`` only as children get free.

        Raises `ReadersStoppedError` after `kill`.
        """
        return self._run(map(self._job, paths))

    def read_within(
        self, paths: Iterable[Path], patience_seconds: float
    ) -> Iterator[tuple[Path, Book | Refusal | None]]:
        """Yields like `read_many`, but ``None`` for a file that is not read after so long: nobody waits for it.

        Its child reads on. Ask for the same path again, as often as it takes, to get the result. As many children as
        there are at most read such files, beside those for all others; further slow files wait until it is their turn.
        """
        return self._run(map(self._job, paths), patience_seconds)

    def _job(self, path: Path) -> _Job:
        return _Job(path, self._limits.wall_seconds)

    def _run(self, todo: Iterable[_Job], patience_seconds: float | None = None) -> Iterator[tuple[Path, Any]]:
        jobs = iter(todo)
        again: deque[_Job] = deque()
        busy: dict[Any, _Child] = {}
        self._forget_the_unasked()
        try:
            while True:
                while len(busy) < self._most and (job := again.popleft() if again else next(jobs, None)):
                    child = self._child_for(job, patient=patience_seconds is None)
                    if child is None:
                        yield job.path, None
                    else:
                        busy[child.connection] = child
                if not busy:
                    return
                done = self._next(busy, patience_seconds)
                for connection, job, result in done:
                    del busy[connection]
                    if result is _AGAIN:
                        again.append(job)
                for _, job, result in done:
                    if result is not _AGAIN:
                        yield job.path, result
        finally:
            for child in busy.values():  # the caller turned away: their results are nobody's
                self._discard(child)

    def _child_for(self, job: _Job, *, patient: bool) -> _Child | None:
        """Returns the child that reads a file; ``None`` for a slow one that has to wait for its turn."""
        if job.work is None and job.path in self._slow:
            if child := self._slow[job.path]:
                del self._slow[job.path]
                return child
            if not patient and not self._room_for_slow():
                return None
            del self._slow[job.path]
        child = self._take(warm=not job.attempts)
        child.give(job)
        return child

    def _let_be(self, child: _Child) -> _Done:
        """Leaves a slow file to its child if there is room for one more; else it is begun anew when its turn comes."""
        done = child.connection, child.job, None
        if self._room_for_slow():
            self._slow[child.job.path] = child
        else:
            self._slow[child.job.path] = None
            self._discard(child)
        return done

    def _room_for_slow(self) -> bool:
        return sum(1 for child in self._slow.values() if child) < self._most

    def _forget_the_unasked(self) -> None:
        """Ends children whose slow file nobody has asked for since its time ran out: it was changed, or is gone."""
        now = time.monotonic()
        for path, child in list(self._slow.items()):
            if child and child.deadline + UNASKED_SECONDS < now:
                del self._slow[path]
                self._discard(child)
        if not any(self._slow.values()):
            self._slow.clear()

    def kill(self) -> None:
        """Ends all children at once, whatever they are doing; for shutdown."""
        with self._lock:
            self._stopped = True
            doomed = tuple(self._all)
            self._all.clear()
            self._idle.clear()
            self._slow.clear()
        for child in doomed:
            child.process.kill()
        for child in doomed:
            child.process.join(10)

    def _take(self, *, warm: bool) -> _Child:
        """Returns an idle child if a warm one will do, else a new one."""
        with self._lock:
            if self._stopped:
                raise ReadersStoppedError
            while warm and self._idle:
                child = self._idle.pop()
                if child.process.is_alive():
                    return child
                self._all.discard(child)
            child = _Child(self._limits)
            self._all.add(child)
            return child

    def _put_back(self, child: _Child) -> None:
        with self._lock:
            if not self._stopped and len(self._idle) < self._most:
                self._idle.append(child)
                return
        self._discard(child)

    def _discard(self, child: _Child, grace_seconds: float = 0) -> int | None:
        with self._lock:
            self._all.discard(child)
        return child.end(grace_seconds)

    def _next(self, busy: dict[Any, _Child], patience_seconds: float | None) -> list[_Done]:
        """Waits until busy children have something to say, or one has run out of time; returns those that are done with."""

        def until(child: _Child) -> float:
            if patience_seconds is None or not child.job.begun:
                return child.deadline
            return min(child.deadline, child.job.begun + patience_seconds)

        ready = wait(list(busy), max(0.0, min(map(until, busy.values())) - time.monotonic()))
        if self._stopped:
            raise ReadersStoppedError
        if ready:
            return [done for connection in ready if (done := self._receive(busy[connection]))]
        now = time.monotonic()
        late = [child for child in busy.values() if until(child) <= now]
        return [self._give_up(child) if child.deadline <= now else self._let_be(child) for child in late]

    def _receive(self, child: _Child) -> _Done | None:
        """Returns what a child answers; ``None`` where it only says that it has begun."""
        try:
            message = child.connection.recv()
        except (EOFError, OSError):
            return self._bury(child)
        if message is None:
            child.job.begun = child.job.begun or time.monotonic()
            child.deadline = child.job.begun + child.job.seconds  # for all attempts together
            return None
        done = child.connection, child.job
        self._put_back(child)
        if isinstance(message, Fault):
            _log.error("the reader failed on %s: %s", done[1].path.name, message.text)
            return *done, Refusal(DAMAGED, (("what", "content"), ("detail", "reader fault")))
        return *done, message.opened() if isinstance(message, Parcel) else message

    def _bury(self, child: _Child) -> _Done:
        """Returns the dead child's file for a second attempt, or its refusal after the last."""
        code = self._discard(child, grace_seconds=1)
        if self._stopped:
            raise ReadersStoppedError
        if child.job.attempts < ATTEMPTS:
            return child.connection, child.job, _AGAIN
        memory = code in {EXIT_MEMORY, _EXIT_ABORT}
        what = f"> {self._limits.memory_bytes >> 20:,} MB" if memory else f"exit {code}"
        return child.connection, child.job, Refusal(TOO_MUCH, (("what", what),))

    def _give_up(self, child: _Child) -> _Done:
        self._discard(child)
        refusal = Refusal(TOO_MUCH, (("what", f"> {child.job.seconds:g} s"),))
        return child.connection, child.job, refusal
