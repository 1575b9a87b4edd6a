"""What arrived since the last pass, in 02各单位填报 and in 07收件箱: files that hold still, their bytes copied into the kept store."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from syncer import fs
from syncer.core.problems import Place, Problem
from syncer.core.texts import path_text
from syncer.errors import BusyError
from syncer.excel.preflight import FILE_MAX_BYTES
from syncer.set_aside import due_again
from syncer.store.disk import digest, mark_text, stat_mark, time_text
from syncer.store.facts import LEFT, Seen
from syncer.watch.dropped import ASIDE, Kind, is_dropped_name, kind_of, workbook_ending
from syncer.watch.scan import Seen as FileSeen
from syncer.watch.scan import Unreachable, look_again, scan
from syncer.workspace import Office

ARCHIVE = "RECV-001"
SEVERAL = 4  # files being saved at one time, from which on they are taken in together
GATHER_SECONDS = 5.0  # for which they are waited for at most
PATIENCE_SECONDS = 60.0  # for which a patient look waits at most: a file may be written to for ever
UNREAD = "unread"  # in the place of a mark: what is known of the file stands, and the next look returns it all the same


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file whose bytes are new: where it stands, and its kept copy, which everything that follows reads."""

    path: Path
    key: str  # path as it is shown and kept
    mark: str  # see `syncer.store.disk.stat_mark`
    sha256: str
    kept: Path
    saved_at: str  # the file's modification time, ISO, local
    dropped: bool = False  # into 07收件箱, under any name: no unit's own workbook

    @property
    def name(self) -> str:
        """Returns what the file is called in history, questions and feedback: never as a workbook in 02 is."""
        bare = path_text(self.path.name)
        return f"收件箱/{bare}" if self.dropped else bare


@dataclass(frozen=True, slots=True)
class Arrivals:
    """One look at the folders."""

    arrived: tuple[Arrival, ...]
    unchanged: int
    waiting: tuple[str, ...] = ()  # still being saved: the next look takes them
    settling: int = 0  # how many of these do not hold still yet
    next_look_seconds: float | None = None
    problems: tuple[Problem, ...] = ()  # 07收件箱 cannot be looked at; 02 goes on without it


def looks(office: Office, *, every: bool, patient: bool) -> Iterator[Arrivals]:
    """Looks, and looks again as long as several files are being saved and one after the other is whole, for some seconds at most.

    What is taken in together is published once. The last look comes when that time is over, without waiting: what came to hold
    still while the others were taken in does not need a publish of its own.
    """
    began = time.monotonic()
    arrivals = look(office, every=every, patient=patient)
    looked = time.monotonic()
    yield arrivals
    while arrivals.settling >= SEVERAL:
        last = time.monotonic() - began >= GATHER_SECONDS
        if not last:
            time.sleep(max(0.0, looked + (arrivals.next_look_seconds or 0.0) - time.monotonic()))
        arrivals = look(office, every=False, patient=patient)
        looked = time.monotonic()
        yield arrivals
        if last or not arrivals.arrived:  # slow uploads, or broken files: who has saved must not wait for those
            return


def look(office: Office, *, every: bool, patient: bool) -> Arrivals:
    """Returns the files that differ from what was last handled (``every``: all of them), settled and kept.

    With ``patient`` it waits, for a minute at most, until each file holds still or is given up; otherwise files that are being
    saved are left for the next look. A 02 out of reach raises `BusyError`: it is not an empty one. A 07 out of reach is a problem, no more.
    """
    known = office.store.known_files.seen()
    there = _look_into(office, known)
    changed = {key: seen for key, seen in there.files.items() if _differs(known.get(key), seen)}
    ready, wait = _settle(office, list(changed.values()), patient=patient)
    whole = {seen.path for seen in ready}
    waiting = [*(key for key, seen in changed.items() if seen.path not in whole), *there.waiting]
    due = due_again(office, known)
    again = [  # these have held still since they were read
        seen for key, seen in there.files.items() if (every or key in due) and key not in changed
    ]
    unchanged = len(there.files) - len(changed) - len(again)
    arrived: list[Arrival] = []
    inbox = office.workspace.config.folders.inbox
    for seen in sorted((*ready, *again), key=lambda seen: _order(seen, inbox)):
        key = office.workspace.relative(seen.path)
        arrival = _keep(office, seen.path, key, dropped=seen.folder == inbox)
        before = known.get(key)
        if arrival is None:
            waiting.append(key)
        elif before and before.sha256 == arrival.sha256 and before.stat != UNREAD and not every and key not in due:
            office.store.known_files.see(key, replace(before, stat=arrival.mark))
            unchanged += 1
        elif not _is_settled(office, arrival):
            arrived.append(arrival)
    for key in waiting if every else ():  # whatever they turn out to hold, it was not yet judged by these settings
        ask_again(office, key)
    return Arrivals(tuple(arrived), unchanged, tuple(waiting), len(changed) - len(ready), wait, there.problems)


@dataclass(frozen=True, slots=True)
class _There:
    """What stands in the folders now: files that may be read, and what may not or cannot be looked at yet."""

    files: Mapping[str, FileSeen]  # by the path that is shown
    waiting: Sequence[str]
    problems: tuple[Problem, ...]


def _look_into(office: Office, known: Mapping[str, Seen]) -> _There:
    """Looks at both folders, and forgets what is gone from one of which all could be seen."""
    folders = office.workspace.config.folders
    files, unreachable = scan([folders.units])
    if any(place.path == folders.units for place in unreachable):
        raise BusyError(f"读不到 {folders.units}（共享盘没有连上？）：{unreachable[0].reason} / not reachable")
    dropped, closed = scan([folders.inbox], skip=ASIDE, wanted=is_dropped_name)
    books, more = _by_key(office, files), _by_key(office, dropped)
    if not unreachable:
        _forget_what_is_gone(office, folders.units, known, books)
    if not closed:
        _forget_what_is_gone(office, folders.inbox, known, more)
    books |= {key: seen for key, seen in more.items() if not _left_alone(office, known, key, seen)}
    held = _not_to_be_read(office) & books.keys()
    lost = [place.path for place in (*unreachable, *closed) if place.path != folders.inbox]
    waiting = [*(office.workspace.relative(path) for path in lost), *sorted(held)]
    problems = tuple(_out_of_reach(closed, folders.inbox))
    return _There({key: seen for key, seen in books.items() if key not in held}, waiting, problems)


def _by_key(office: Office, files: Sequence[FileSeen]) -> dict[str, FileSeen]:
    return {office.workspace.relative(seen.path): seen for seen in files}


def _order(seen: FileSeen, inbox: Path) -> tuple[object, ...]:
    """A workbook before its copies (the shortest name of a unit is the original's), then what was dropped, the oldest first."""
    dropped = seen.folder == inbox
    return dropped, seen.mtime_ns if dropped else 0, len(seen.path.stem), seen.path.name


def _not_to_be_read(office: Office) -> set[str]:
    """What `recover` could not tell yet: a delivery may be half done there."""
    return {intent.path for intent in office.store.deliveries.intents()}


def _out_of_reach(closed: Sequence[Unreachable], inbox: Path) -> Iterator[Problem]:
    for place in closed:
        if place.path == inbox:
            yield Problem("RECV-009", Place(inbox.name), facts=(("why", place.reason),))


def _left_alone(office: Office, known: Mapping[str, Seen], key: str, seen: FileSeen) -> bool:
    """Whether a dropped file is no workbook: it is left where it is, and noted once."""
    try:
        kind = kind_of(seen.path)
    except OSError:
        return False  # it is tried as a workbook, and waits until it can be read
    if kind is Kind.WORKBOOK:
        return False
    mark = _mark(seen)
    if key not in known or known[key].stat != mark:
        problem = Problem(ARCHIVE if kind is Kind.ARCHIVE else LEFT, Place(f"收件箱/{seen.path.name}"))
        office.store.known_files.see(key, Seen(mark, digest(mark.encode()), problems=(problem,)))
    return True


def _is_settled(office: Office, arrival: Arrival) -> bool:
    """Whether these very bytes were dealt with already and only wait to be put away."""
    settled = [r for r in office.store.received.to_put_away() if r.path == arrival.key] if arrival.dropped else []
    if not any(received.sha256 == arrival.sha256 for received in settled):
        return False
    office.store.known_files.see(arrival.key, Seen(arrival.mark, arrival.sha256, settled[-1].unit))
    return True


def ask_again(office: Office, key: str) -> None:
    """Has the next look return a file that could not be handled yet; what was asked of the bytes known so far stays asked."""
    if known := office.store.known_files.seen_of(key):
        office.store.known_files.see(key, replace(known, stat=UNREAD))


def _differs(before: Seen | None, seen: FileSeen) -> bool:
    return before is None or before.stat != _mark(seen)


def _mark(seen: FileSeen) -> str:
    return mark_text(seen.size, seen.mtime_ns, seen.ctime_ns, seen.inode)


def _forget_what_is_gone(office: Office, folder: Path, known: Mapping[str, Seen], there: Collection[str]) -> None:
    """Forgets the look of files that are gone. What they held stays: a delete is never a removal of data."""
    prefix = office.workspace.relative(folder) + "/"
    gone = [key for key in known if key.startswith(prefix) and key not in there]
    if gone:
        office.store.known_files.forget(gone)


def _settle(office: Office, changed: Sequence[FileSeen], *, patient: bool) -> tuple[list[FileSeen], float | None]:
    """Returns the files that hold still and read as whole, and in how many seconds the next one may."""
    began = time.monotonic()
    ready, wait = office.settler.observe(changed, began)
    while patient and wait is not None and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(wait)
        whole = {seen.path for seen in ready}
        now = (look_again(seen) for seen in changed if seen.path not in whole)
        more, wait = office.settler.observe([seen for seen in now if seen], time.monotonic())
        ready += more
    return ready, wait


def _keep(office: Office, path: Path, key: str, *, dropped: bool) -> Arrival | None:
    """Copies a file's bytes into the kept store; ``None`` if it changed meanwhile."""
    try:
        mark, facts = stat_mark(path), fs.stat(path)
        data = fs.read(path) if facts.st_size <= FILE_MAX_BYTES else None
        if stat_mark(path) != mark:
            return None
    except OSError:
        return None
    saved_at = time_text(facts.st_mtime)
    suffix = workbook_ending(path)
    sha256 = _keep_large(office, path, suffix) if data is None else office.kept.put(data, suffix)
    kept = office.kept.path(sha256, suffix) if sha256 else path
    return Arrival(path, key, mark, sha256 or digest(mark.encode()), kept, saved_at, dropped)


def _keep_large(office: Office, path: Path, suffix: str) -> str:
    """Keeps what a child will refuse, piece by piece; ``""`` where there is no room for it: it is refused where it stands."""
    try:
        return office.kept.put_file(path, suffix)
    except OSError:
        return ""
