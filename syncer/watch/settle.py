"""When a file counts as saved: it holds still, and where it is a zip, its directory reads.

Time is a monotonic clock passed in, in seconds; a file's own times are only compared, never subtracted (a server's clock
may be wrong by years).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from syncer import fs
from syncer.watch.scan import WORKBOOK_ENDINGS, Seen

ZIP_ENDINGS = frozenset({".xlsx", ".xlsm", ".xlsb", ".ods"})
_OLE = b"\xd0\xcf\x11\xe0"
_END_BYTES_MOST = 22 + 0xFFFF  # the record at a zip's end with the longest comment


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a file must hold still (0.5 s locally, 2 s on a share), and how long it may go on being no good zip."""

    settle_seconds: float = 0.5
    give_up_seconds: float = 10


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that is not saved yet: how it looked, and since when it has looked so."""

    seen: Seen
    since: float


def settled(
    before: Waiting | None, seen: Seen, now: float, pace: Pace, is_whole: Callable[[Path], bool]
) -> tuple[Waiting, float]:
    """Returns what to remember of a file, and for how many more seconds to wait; 0 means that it is saved.

    Any change begins the wait anew. ``is_whole`` is asked only of a file that holds still; one that is not whole after
    ``give_up_seconds`` of stillness is passed on as it is, to be refused with a reason.
    """
    waiting = before if before is not None and before.seen == seen else Waiting(seen, now)
    still = now - waiting.since
    if still < pace.settle_seconds:
        return waiting, pace.settle_seconds - still
    if still >= pace.give_up_seconds or is_whole(seen.path):
        return waiting, 0
    return waiting, min(max(pace.settle_seconds, 0.1), pace.give_up_seconds - still)


def reads_whole(path: Path) -> bool:
    """Tells whether a file's end has arrived, as far as its format lets one see.

    A zip's directory stands at its end. Compound files (old formats, or an .xlsx with a password) cannot be judged and count
    as whole; anything else under a zip's name, an empty or locked file too, does not. Without an ending that is a workbook's
    the first bytes tell which it is.
    """
    ending = path.suffix.lower()
    if ending in WORKBOOK_ENDINGS - ZIP_ENDINGS:
        return True
    try:
        with fs.open_read(path) as file:
            head = file.read(4)
            if head == _OLE or (ending not in ZIP_ENDINGS and not head.startswith(b"PK")):
                return True
            return _directory_reads(file)
    except (OSError, ValueError):
        return False


def _directory_reads(file: BinaryIO) -> bool:
    """Tells whether a zip's directory stands where the file's end says. Takes none of it up: it may be made to fill memory."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_BYTES_MOST))
    tail = file.read(_END_BYTES_MOST)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + 22 > len(tail):
        return False
    if tail[max(0, at - 20) :].startswith(b"PK\6\7"):  # the 64-bit form says elsewhere where its directory is
        return True
    count, length = struct.unpack_from("<HI", tail, at + 10)
    begin = size - len(tail) + at - length
    if not count or begin < 0:
        return False
    file.seek(begin)
    return file.read(4) == b"PK\1\2"


class Settler:
    """Remembers the files that are being saved, between one look and the next."""

    def __init__(self, pace: Pace | None = None, is_whole: Callable[[Path], bool] = reads_whole) -> None:
        self._pace = pace or Pace()
        self._is_whole = is_whole
        self._waiting: dict[Path, Waiting] = {}

    def observe(self, seen: Iterable[Seen], now: float) -> tuple[list[Seen], float | None]:
        """Returns the files that are saved now, and in how many seconds to look again; ``None`` when nothing waits.

        ``seen``: all files of this look that differ from what was last taken in. A saved file is returned once and then
        forgotten; a file that is not among them any more is forgotten too (it may come back under a save's last rename).
        """
        ready: list[Seen] = []
        waiting: dict[Path, Waiting] = {}
        waits: list[float] = []
        for one in seen:
            state, seconds = settled(self._waiting.get(one.path), one, now, self._pace, self._is_whole)
            if seconds <= 0:
                ready.append(one)
            else:
                waiting[one.path] = state
                waits.append(seconds)
        self._waiting = waiting
        return ready, min(waits, default=None)
