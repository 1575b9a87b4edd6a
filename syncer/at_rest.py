"""A pass that found nothing to do is remembered: until a file is touched or an hour comes, the next one would find the same.

What a pass depends on is the files in its folders, the database, the configuration, the program, what it was asked, and the
clock. One that left all of that as it was would do nothing again; so ``syncer sync``, started by a timetable every few
minutes, need not even load the program. A file counts as untouched by the same facts by which a pass tells (size, times,
inode). Whatever cannot be looked at, or is not known, leads to a whole pass.
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
from syncer.store.disk import Disk, stat_mark
from syncer.watch.scan import scan
from syncer.whereabouts import CONFIG_NAME, DATABASE, PREFIX, state_folder

NOTE = "at-rest.json"  # in the state folder


@dataclass(frozen=True, slots=True)
class Said:
    """What a pass that did nothing said, and its exit code."""

    lines: Sequence[str]
    code: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that a pass depends on but the clock: where it looks, and what it was asked."""

    workspace: Path
    state: Path
    folders: Sequence[Path]  # all in which it reads or writes
    asked: Mapping[str, Any]  # the arguments of the command

    def mark(self) -> str:
        """Returns one text for all of it; ``""`` where something cannot be looked at, or a program has the database open."""
        database = self.state / DATABASE
        files, closed = scan([*self.folders, Path(__file__).parent], wanted=lambda name: not name.endswith(".pyc"))
        try:
            if closed or fs.exists(database.with_name(f"{DATABASE}-wal")):
                return ""
            alone = [(str(path), stat_mark(path)) for path in (database, self.workspace / CONFIG_NAME)]
        except OSError:
            return ""
        facts = [(str(one.path), one.size, one.mtime_ns, one.ctime_ns, one.inode) for one in files]
        said = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
        whole = json.dumps(
            [__version__, str(self.workspace), self.asked, said, alone, facts], sort_keys=True, default=str
        )
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Rest:
    """What is remembered of a pass that did nothing."""

    mark: str  # of the surroundings that it found, and left
    folders: Sequence[str]
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


def said_at_rest(workspace: Path, asked: Mapping[str, Any], now: datetime) -> Said | None:
    """Returns what the last pass said, if it did nothing and nothing has changed since; else ``None``: a pass is due.

    Raises:
        BusyError: another syncer is in this workspace.
    """
    state = state_folder(workspace, os.environ)
    rest = Rest.read(state / NOTE) if state else None
    if state is None or rest is None or not rest.since <= now.isoformat() < rest.until:
        return None
    with alone_in(workspace, state):
        around = Surroundings(workspace, state, [Path(folder) for folder in rest.folders], asked)
        return Said(rest.lines, rest.code) if rest.mark == around.mark() else None


def remember(around: Surroundings, mark: str, since: datetime, until: datetime, said: Said) -> None:
    """Remembers a pass that began with surroundings of this ``mark`` and left them so. Where it cannot be noted, nothing is lost."""
    folders = [str(folder) for folder in around.folders]
    rest = Rest(mark, folders, since.isoformat(), until.isoformat(), list(said.lines), said.code)
    with suppress(OSError):
        Disk(around.workspace).write(around.state / NOTE, json.dumps(asdict(rest)).encode())
