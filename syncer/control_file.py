"""台账设置.xlsx as a file: read when it changed, held still and can be read; taken in when it makes a ledger.

What it changes, and what of that is in force, is `syncer.control`'s to say.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from syncer import fs
from syncer.core.model import Book, Refusal
from syncer.core.problems import Place, Problem
from syncer.core.template.schema import compile_ledger
from syncer.set_aside import due_again, note_try
from syncer.store.disk import digest, stat_mark, time_text
from syncer.store.facts import Save, Seen
from syncer.watch.settle import reads_whole
from syncer.workspace import CONTROL_BOOK, Office

HALF_SECONDS = 10  # a save over a slow share ends sooner


@dataclass(frozen=True, slots=True)
class ControlRead:
    """What is wrong with the file if it is not in force, and whether it could not be read yet, maybe because it is ``slow``."""

    problems: tuple[Problem, ...] = ()
    waits: bool = False
    slow: bool = False


def read_if_changed(office: Office, as_of: date, patience_seconds: float | None) -> ControlRead:
    """Takes in the file's bytes if they are new and good.

    While it is being saved, or disk or share do not let us, or it is slow to read, the ledger in force stays, and the next
    pass sees.
    """
    path = office.workspace.control_book
    key = office.workspace.relative(path)
    known = office.store.known_files.seen_of(key)
    stands = known.problems if known else ()
    try:
        mark = stat_mark(path)
        due = bool(known and due_again(office, {key: known}))
        if known and known.stat == mark and not due:
            return ControlRead(stands)
        time.sleep(office.workspace.config.watch.settle_seconds)
        data, saved = fs.read(path), fs.stat(path).st_mtime
        if stat_mark(path) != mark or not (reads_whole(path) or _stays_half(office, mark)):
            return ControlRead(stands, waits=True)
    except FileNotFoundError:
        return ControlRead()
    except OSError:
        return ControlRead(stands, waits=True)
    sha256 = digest(data)
    if known and known.sha256 == sha256 and not due:
        office.store.known_files.see(key, replace(known, stat=mark))
        return ControlRead(stands)
    office.kept.put(data)
    book = _within(office, office.kept.path(sha256), patience_seconds)
    if book is None:
        return ControlRead(stands, waits=True, slow=True)
    saved_at = time_text(saved)
    problems: tuple[Problem, ...] = ()
    if isinstance(book, Refusal):
        problems = (Problem(book.code, Place(CONTROL_BOOK), facts=book.facts),)
    else:
        ledger, found = compile_ledger(book.tables, as_of)
        if ledger is None:
            problems = tuple(placed(p) for p in found)
        else:
            save = Save("", CONTROL_BOOK, sha256, saved_at, office.now())
            office.store.record_control(save, book.tables)
    note_try(office, key, sha256, next(iter(problems), None))
    office.store.known_files.see(key, Seen(mark, sha256, problems=problems))
    return ControlRead(problems)


def is_newer(office: Office) -> bool:
    """Whether other bytes stand there than were read last, or they cannot be looked at now."""
    path = office.workspace.control_book
    known = office.store.known_files.seen_of(office.workspace.relative(path))
    try:
        return known is None or (stat_mark(path) != known.stat and digest(fs.read(path)) != known.sha256)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _within(office: Office, path: Path, patience_seconds: float | None) -> Book | Refusal | None:
    """Returns what a child makes of a file; ``None`` where it is still at it after so long."""
    if patience_seconds is None:
        return office.readers.read(path)
    ((_, book),) = office.readers.read_within([path], patience_seconds)
    return book


def _stays_half(office: Office, mark: str) -> bool:
    """Whether a file whose end has not arrived has looked like this for `HALF_SECONDS`: nobody is saving it, it is to be told."""
    now = office.clock()
    known, _, since = office.store.get("control_half").rpartition("|")
    if known != mark:
        office.store.set("control_half", f"{mark}|{now.isoformat(timespec='seconds')}")
        return False
    return (now - datetime.fromisoformat(since)).total_seconds() >= HALF_SECONDS


def placed(problem: Problem) -> Problem:
    """Returns a problem of the settings with the workbook that it stands in."""
    return replace(problem, place=replace(problem.place, file=CONTROL_BOOK))
