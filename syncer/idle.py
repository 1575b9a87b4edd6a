"""A pass that found nothing to do is remembered: until a file is touched or an hour comes, the next one would find nothing either.

What a pass depends on is the files in its folders, the database, the configuration, requests left for it, the program, what
it was asked, and the clock. One that left all of that as it was would do nothing again; so ``syncer sync``, started by a
timetable every few minutes, need not even load the program. A file counts as untouched by the same facts by which a pass
tells (size, times, inode). Whatever cannot be looked at, or is not known, leads to a whole pass.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from syncer import __version__, fs
from syncer.alone import alone_in
from syncer.store.disk import Disk, mark_text, stat_mark
from syncer.watch.dropped import ASIDE, RECEIPTS, TAKEN_FOLDER
from syncer.watch.scan import scan
from syncer.whereabouts import CONFIG_NAME, DATABASE, PREFIX, REQUESTS, state_folder

NOTE = "idle.json"  # in the state folder


@dataclass(frozen=True, slots=True)
class Said:
    """What a pass said, and its exit code."""

    lines: Sequence[str]
    code: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that a pass depends on but the clock: where it looks, and what it was asked."""

    workspace: Path
    state: Path
    folders: Sequence[Path]  # all in which it reads or writes, but for the one where files are dropped
    dropped: Path
    asked: Mapping[str, Any]  # the arguments of the command

    def mark(self) -> str:
        """Returns one text for all of it; ``""`` where something cannot be looked at, waits, or is in use by a program."""
        database = self.state / DATABASE
        try:
            if fs.exists(database.with_name(f"{DATABASE}-wal")) or fs.listed(self.state / REQUESTS):
                return ""
            single = {str(path): stat_mark(path) for path in (database, self.workspace / CONFIG_NAME)}
            receipts = self.dropped / TAKEN_FOLDER / RECEIPTS
            single |= {str(receipts): stat_mark(receipts)} if fs.exists(receipts) else {}
        except OSError:
            return ""
        files, closed = scan([*self.folders, Path(__file__).parent], wanted=_is_no_bytecode)
        dropped, shut = scan([self.dropped], skip=ASIDE, wanted=_is_no_bytecode)
        if closed or shut:
            return ""
        marks = {str(f.path): mark_text(f.size, f.mtime_ns, f.ctime_ns, f.inode) for f in (*files, *dropped)}
        settings = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
        whole = [__version__, str(self.workspace), self.asked, settings, single, marks]
        text = json.dumps(whole, sort_keys=True, default=str)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class IdlePass:
    """What is remembered of a pass that did nothing."""

    mark: str  # of the surroundings that it found, and left
    folders: Sequence[str]
    dropped: str
    since: str  # local, ISO
    until: str  # when the clock alone may bring something to do
    lines: Sequence[str]
    code: int

    @classmethod
    def read(cls, note: Path) -> Self | None:
        """Returns what stands in a note; ``None`` if there is none that can be read."""
        try:
            return cls(**json.loads(fs.read(note)))
        except (OSError, ValueError, TypeError):
            return None


def said_when_idle(workspace: Path, asked: Mapping[str, Any], now: datetime) -> Said | None:
    """Returns what the last pass said, if it did nothing and nothing has changed since; else ``None``: a pass is due.

    Raises:
        BusyError: another syncer is in this workspace.
    """
    state = state_folder(workspace, os.environ)
    last = IdlePass.read(state / NOTE) if state else None
    if state is None or last is None or not str(last.since) <= now.isoformat() < str(last.until):
        return None
    with alone_in(workspace, state):
        folders = [Path(folder) for folder in last.folders]
        mark = Surroundings(workspace, state, folders, Path(last.dropped), asked).mark()
        return Said(last.lines, last.code) if mark and mark == last.mark else None


def remember(around: Surroundings, mark: str, since: datetime, until: datetime, said: Said) -> None:
    """Remembers a pass that began with surroundings of this ``mark`` and left them so. Where it cannot be noted, nothing is lost."""
    places = [str(folder) for folder in around.folders], str(around.dropped)
    note = IdlePass(mark, *places, since.isoformat(), until.isoformat(), list(said.lines), said.code)
    with suppress(OSError):
        Disk(around.workspace).write(around.state / NOTE, json.dumps(asdict(note)).encode())


def _is_no_bytecode(name: str) -> bool:
    return not name.endswith(".pyc")
