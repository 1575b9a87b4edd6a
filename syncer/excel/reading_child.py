"""The reading child: a spawned process that reads the files it is told, within its limits, and answers through a pipe.

It takes the end of the pipe for the end of its parent, prints nothing, writes no core file, and ends itself should its parent be
gone while it hangs. The parent's side is `syncer.excel.reading`.
"""

from __future__ import annotations

import errno
import gc
import hashlib
import os
import pickle
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from syncer.core.model import Book, Refusal
from syncer.excel.child import go_quiet

TOO_FULL = "FILE-031"
UNREADABLE = "FILE-009"

ORPHAN_SECONDS = 15  # beyond the wall limit: when the parent is gone, the child ends itself
ANSWER_MAX_BYTES = 64 << 20  # of one book on its way to the parent: 2 million cells of 30 bytes
EXIT_MEMORY = 77  # Python ran out of memory


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. The largest believable book (20,000 rows by 30 columns) needs 1 s and 150 MB."""

    wall_seconds: float = 8
    memory_bytes: int = 2 << 30


@dataclass(frozen=True, slots=True)
class Fault:
    """What a child says when our own code failed in it."""

    text: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A book on its way to the parent. Each worksheet is packed by itself, so that a digest tells whether it is another."""

    book: Book  # without its worksheets
    tables: tuple[bytes, ...]

    @staticmethod
    def of(book: Book) -> Parcel:
        """Packs a book."""
        return Parcel(replace(book, tables=()), tuple(pickle.dumps(t, pickle.HIGHEST_PROTOCOL) for t in book.tables))

    def opened(self) -> Book:
        """Returns the book again, its worksheets with their digests."""
        tables = (replace(pickle.loads(one), digest=hashlib.sha256(one).hexdigest()) for one in self.tables)  # noqa: S301 - our own child's
        return replace(self.book, tables=tuple(tables))


def serve(connection: Connection, limits: Limits) -> None:
    """The child: reads the files it is told, each within its seconds, until the pipe closes."""
    go_quiet()
    _limit_memory(limits.memory_bytes)
    from syncer.excel.reader import read_book  # noqa: PLC0415 — only children pay for it

    gc.freeze()  # what is loaded stays
    gc.disable()  # a book is many objects and no cycles: they go when it is sent; what else there is, after that
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            work, path, seconds = connection.recv()
            connection.send(None)
            _set_alarm(seconds + ORPHAN_SECONDS)
            try:
                answer = _packed((work or read_book)(path))
            except MemoryError:
                os._exit(EXIT_MEMORY)
            except OSError as error:
                if error.errno == errno.ENOMEM:
                    os._exit(EXIT_MEMORY)
                answer = _packed(Refusal(UNREADABLE, (("what", error.strerror or type(error).__name__),)))
            except Exception as error:  # noqa: BLE001 — our bug; the parent logs it and goes on with the other files
                frames = "".join(traceback.format_tb(error.__traceback__))  # no message: it may quote a cell
                answer = _packed(Fault(f"{type(error).__name__}\n{frames}"))
            _set_alarm(0)
            connection.send_bytes(answer)
            del answer
            gc.collect()


def _packed(answer: object) -> bytes:
    """Returns an answer as it goes through the pipe; one that would fill the parent's memory is refused."""
    data = pickle.dumps(Parcel.of(answer) if isinstance(answer, Book) else answer, pickle.HIGHEST_PROTOCOL)
    if len(data) <= ANSWER_MAX_BYTES:
        return data
    what = f"{len(data) >> 20:,} MB > {ANSWER_MAX_BYTES >> 20:,} MB"
    return pickle.dumps(Refusal(TOO_FULL, (("what", what),)))


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
