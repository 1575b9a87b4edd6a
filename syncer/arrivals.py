"""What arrived in 02各单位填报 since the last pass: files that hold still, their bytes copied into the kept store."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from syncer import fs
from syncer.core.texts import path_text
from syncer.errors import BusyError
from syncer.excel.preflight import FILE_MAX_BYTES
from syncer.set_aside import due_again
from syncer.store.disk import digest, mark_text, stat_mark
from syncer.store.facts import Seen
from syncer.watch.folder import Seen as FileSeen
from syncer.watch.folder import scan
from syncer.workspace import Office


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file whose bytes are new: where it stands, and its kept copy, which everything that follows reads."""

    path: Path
    key: str  # path as it is shown and kept
    mark: str  # see `syncer.store.disk.stat_mark`
    sha256: str
    kept: Path
    saved_at: str  # the file's modification time, ISO, local

    @property
    def name(self) -> str:
        """The file's name as it is shown and kept."""
        return path_text(self.path.name)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One look at the folder."""

    arrived: tuple[Arrival, ...]
    unchanged: int
    waiting: tuple[str, ...] = ()  # still being saved: the next look takes them
    next_look_seconds: float | None = None


def look(office: Office, *, every: bool, patient: bool) -> Arrivals:
    """Returns the files that differ from what was last handled (``every``: all of them), settled and kept.

    With ``patient`` it waits until each file holds still or is given up; otherwise files that are being saved are left
    for the next look. A folder out of reach raises `BusyError`: it is not an empty one.
    """
    folder = office.workspace.config.folders.units
    files, unreachable = scan([folder])
    if any(place.path == folder for place in unreachable):
        raise BusyError(f"读不到 {folder}（共享盘没有连上？）：{unreachable[0].reason} / not reachable")
    known = office.store.seen()
    if not unreachable:
        _forget_what_is_gone(office, folder, known, files)
    ours = {intent.path for intent in office.store.deliveries.intents()}  # `recover` could not tell yet what they hold
    broken_off = [seen for seen in files if office.workspace.relative(seen.path) in ours]
    files = [seen for seen in files if seen not in broken_off]
    changed = [seen for seen in files if _differs(known.get(office.workspace.relative(seen.path)), seen)]
    ready, wait = _settle(office, changed, patient=patient)
    arrived: list[Arrival] = []
    waiting = [office.workspace.relative(seen.path) for seen in changed if seen not in ready]
    waiting += [
        office.workspace.relative(path) for path in (*(p.path for p in unreachable), *(s.path for s in broken_off))
    ]
    due = due_again(office, known)
    again = [  # these have held still since they were read
        seen for seen in files if (every or office.workspace.relative(seen.path) in due) and seen not in changed
    ]
    ready += again
    unchanged = len(files) - len(changed) - len(again)
    # A workbook before its copies: the shortest name of a unit is the original's.
    for path in sorted((seen.path for seen in ready), key=lambda path: (len(path.stem), path.name)):
        key = office.workspace.relative(path)
        arrival = _keep(office, path, key)
        before = known.get(key)
        if arrival is None:
            waiting.append(key)
        elif before and before.sha256 == arrival.sha256 and not every and key not in due:
            office.store.see(key, replace(before, stat=arrival.mark))
            unchanged += 1
        else:
            arrived.append(arrival)
    for key in waiting if every else ():
        if key in known:  # whatever they turn out to hold, it was not yet judged by these settings
            office.store.see(key, replace(known[key], sha256=""))
    return Arrivals(tuple(arrived), unchanged, tuple(waiting), wait)


def ask_again(office: Office, key: str) -> None:
    """Has the next look return a file that could not be handled yet, whatever is known of it."""
    if known := office.store.seen().get(key):
        office.store.see(key, replace(known, stat="", sha256=""))


def _differs(before: Seen | None, seen: FileSeen) -> bool:
    return before is None or before.stat != mark_text(seen.size, seen.mtime_ns, seen.ctime_ns, seen.inode)


def _forget_what_is_gone(office: Office, folder: Path, known: Mapping[str, Seen], files: Sequence[FileSeen]) -> None:
    """Forgets the look of files that are gone. What they held stays: a delete is never a removal of data."""
    there = {office.workspace.relative(seen.path) for seen in files}
    prefix = office.workspace.relative(folder) + "/"
    gone = [key for key in known if key.startswith(prefix) and key not in there]
    if gone:
        office.store.forget(gone)


def _settle(office: Office, changed: Sequence[FileSeen], *, patient: bool) -> tuple[list[FileSeen], float | None]:
    """Returns the files that hold still and read as whole, and in how many seconds the next one may."""
    ready, wait = office.settler.observe(changed, time.monotonic())
    while patient and wait is not None:
        time.sleep(wait)
        more, wait = office.settler.observe([s for s in changed if s not in ready], time.monotonic())
        ready += more
    return ready, wait


def _keep(office: Office, path: Path, key: str) -> Arrival | None:
    """Copies a file's bytes into the kept store; ``None`` if it changed meanwhile."""
    try:
        mark = stat_mark(path)
        if (
            fs.stat(path).st_size > FILE_MAX_BYTES
        ):  # no workbook, and no bytes for this process: a child refuses it in place
            saved_at = datetime.fromtimestamp(fs.stat(path).st_mtime).isoformat(timespec="seconds")
            return Arrival(path, key, mark, digest(mark.encode()), path, saved_at)
        data = fs.read(path)
        saved_at = datetime.fromtimestamp(fs.stat(path).st_mtime).isoformat(timespec="seconds")
        if stat_mark(path) != mark:
            return None
    except OSError:
        return None
    suffix = path.suffix.lower()
    sha256 = office.kept.put(data, suffix)
    return Arrival(path, key, mark, sha256, office.kept.path(sha256, suffix), saved_at)
