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
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from syncer.core.model import Book, Refusal

T = TypeVar("T")

DAMAGED = "FILE-003"
TOO_MUCH = "FILE-007"
UNREADABLE = "FILE-009"

START_SECONDS = 120  # until a new child takes its first file, on a PC that is busy with something else
ORPHAN_SECONDS = 15  # beyond the wall limit: when the parent is gone, the child ends itself
ATTEMPTS = (
    2  # a child may die by chance (out of memory elsewhere, a person's kill); a bad file kills the second one too
)
_EXIT_MEMORY = 77  # Python ran out of memory
_EXIT_ABORT = -6  # SIGABRT: Rust ran out of memory

_SPAWN = multiprocessing.get_context("spawn")
_log = logging.getLogger(__name__)


class ReadersStoppedError(Exception):
    """Reading was broken off by `Readers.kill`; nothing is known of the files that were asked for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. The largest believable book (20,000 rows by 30 columns) needs 1 s and 150 MB."""

    wall_seconds: float = 60
    memory_bytes: int = 2 << 30


@dataclass(frozen=True, slots=True)
class _Fault:
    """What a child says when our own code failed in it."""

    text: str


@dataclass(slots=True)
class _Job:
    path: Path
    attempts: int = 0
    work: Callable[[Path], Any] | None = None  # a function the child can import; ``None`` is `read_book`


class _Child:
    """One reading process and our end of its pipe."""

    def __init__(self, limits: Limits) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(theirs, limits), name="syncer-reader", daemon=True)
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
            self.connection.send((job.work, job.path))

    def end(self, grace_seconds: float = 0) -> int | None:
        """Kills the process and returns its exit code; one that is dying by itself within the grace keeps its own."""
        self.connection.close()
        if grace_seconds:
            self.process.join(grace_seconds)
        self.process.kill()
        self.process.join(10)
        return self.process.exitcode


_Done = tuple[Connection, _Job, Any]  # whose pipe, which file, its result; None: try it again


class Readers:
    """A few reading children, started when first needed and kept warm until the end of the ``with`` block.

    Use from one thread; only `kill` may be called from any.
    """

    def __init__(self, children: int | None = None, limits: Limits | None = None) -> None:
        self._most = children or min(4, os.cpu_count() or 1)
        self._limits = limits or Limits()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
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

    def call(self, work: Callable[[Path], T], path: Path) -> T | Refusal:
        """Returns what ``work``, a function of a module, makes of a file (never ``None``); refuses and raises as `read` does."""
        ((_, result),) = self._run([_Job(path, work=work)])
        return result  # type: ignore[no-any-return]

    def read_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Book | Refusal]]:
        """Yields each file with its result, in the order they become ready; takes ``paths`` only as children get free.

        Raises `ReadersStoppedError` after `kill`.
        """
        return self._run(map(_Job, paths))

    def _run(self, todo: Iterable[_Job]) -> Iterator[tuple[Path, Any]]:
        jobs = iter(todo)
        again: deque[_Job] = deque()
        busy: dict[Any, _Child] = {}
        try:
            while True:
                while len(busy) < self._most and (job := again.popleft() if again else next(jobs, None)):
                    child = self._take(warm=not job.attempts)
                    busy[child.connection] = child
                    child.give(job)
                if not busy:
                    return
                done = self._next(busy)
                for connection, job, result in done:
                    del busy[connection]
                    if result is None:
                        again.append(job)
                for _, job, result in done:
                    if result is not None:
                        yield job.path, result
        finally:
            for child in busy.values():  # the caller turned away: their results are nobody's
                self._discard(child)

    def kill(self) -> None:
        """Ends all children at once, whatever they are doing; for shutdown."""
        with self._lock:
            self._stopped = True
            doomed = tuple(self._all)
            self._all.clear()
            self._idle.clear()
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

    def _next(self, busy: dict[Any, _Child]) -> list[_Done]:
        """Waits until busy children have something to say, or one has run out of time; returns those that are done."""
        until = min(child.deadline for child in busy.values())
        ready = wait(list(busy), max(0.0, until - time.monotonic()))
        if self._stopped:
            raise ReadersStoppedError
        if ready:
            return [done for connection in ready if (done := self._receive(busy[connection]))]
        late = [child for child in busy.values() if child.deadline <= time.monotonic()]
        return [self._give_up(child) for child in late]

    def _receive(self, child: _Child) -> _Done | None:
        """Returns what a child answers; ``None`` where it only says that it has begun."""
        try:
            message = child.connection.recv()
        except (EOFError, OSError):
            return self._bury(child)
        if message is None:
            child.deadline = time.monotonic() + self._limits.wall_seconds
            return None
        done = child.connection, child.job
        self._put_back(child)
        if isinstance(message, _Fault):
            _log.error("the reader failed on %s: %s", done[1].path.name, message.text)
            return *done, Refusal(DAMAGED, (("what", "content"), ("detail", "reader fault")))
        return *done, message

    def _bury(self, child: _Child) -> _Done:
        """Returns the dead child's file for a second attempt, or its refusal after the last."""
        code = self._discard(child, grace_seconds=1)
        if self._stopped:
            raise ReadersStoppedError
        if child.job.attempts < ATTEMPTS:
            return child.connection, child.job, None
        memory = code in {_EXIT_MEMORY, _EXIT_ABORT}
        what = f"> {self._limits.memory_bytes >> 20:,} MB" if memory else f"exit {code}"
        return child.connection, child.job, Refusal(TOO_MUCH, (("what", what),))

    def _give_up(self, child: _Child) -> _Done:
        self._discard(child)
        refusal = Refusal(TOO_MUCH, (("what", f"> {self._limits.wall_seconds:g} s"),))
        return child.connection, child.job, refusal


def _serve(connection: Connection, limits: Limits) -> None:
    """The child: reads the files it is told until the pipe closes."""
    _go_quiet()
    _limit_memory(limits.memory_bytes)
    from syncer.excel.reader import read_book  # noqa: PLC0415 — only children pay for it

    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            work, path = connection.recv()
            connection.send(None)
            _set_alarm(limits.wall_seconds + ORPHAN_SECONDS)
            answer: Any
            try:
                answer = (work or read_book)(path)
            except MemoryError:
                os._exit(_EXIT_MEMORY)
            except OSError as error:
                answer = Refusal(UNREADABLE, (("what", error.strerror or type(error).__name__),))
            except Exception as error:  # noqa: BLE001 — our bug; the parent logs it and goes on with the other files
                frames = "".join(traceback.format_tb(error.__traceback__))  # no message: it may quote a cell
                answer = _Fault(f"{type(error).__name__}\n{frames}")
            _set_alarm(0)
            connection.send(answer)


def _go_quiet() -> None:
    """Sends whatever a dying process prints to nowhere, and leaves Ctrl-C to the parent."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    os.environ["RUST_BACKTRACE"] = "0"
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _limit_memory(memory_bytes: int) -> None:
    """Limits the address space where the system can (not on Windows: there the wall limit alone holds)."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 — not there on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold what people typed
    with suppress(ValueError, OSError):  # macOS knows the limit but does not take it
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _set_alarm(seconds: float) -> None:
    """Has the system end this process after so long, even inside Rust; 0 calls it off."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
