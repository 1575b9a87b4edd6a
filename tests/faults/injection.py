"""Lets one call to disk or database fail: the Nth, once or from then on; and takes back what was not synced, as a power cut does.

All calls to the disk go through `syncer.fs`, all to the database through the dialect of its engine: these two are replaced.
"""

from __future__ import annotations

import errno
import functools
import os
import random
import shutil
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import pytest
from sqlalchemy import URL, Engine, create_engine

import syncer
from syncer import fs
from syncer.store import connecting

PACKAGE = Path(syncer.__file__).parent
LOOKING = ("read", "open_read", "stat", "entries")
CHANGING = ("create", "put", "sync", "sync_folder", "replace", "remove", "remove_tree", "make_folder", "set_time")
ASKING = ("do_execute", "do_executemany", "do_execute_no_params", "do_commit")

Kind = Literal["EIO", "ENOSPC", "EACCES", "ESTALE", "busy", "cut"]
KINDS: tuple[Kind, ...] = ("EIO", "ENOSPC", "EACCES", "ESTALE", "busy", "cut")
_SAID = {"busy": "database is locked", "ENOSPC": "database or disk is full", "EACCES": "unable to open database file"}


class PowerCut(BaseException):
    """The machine stands still; nothing that the program would do afterwards happens."""


@dataclass(frozen=True)
class Call:
    """One call that the program made: what, of which file, and from where (``deliver.py:190``)."""

    name: str
    path: Path | None
    site: str

    @property
    def folder(self) -> Path | None:
        """Where the file stands; ``None`` for the database."""
        return self.path.parent if self.path else None

    def can_be(self, kind: Kind) -> bool:
        """Whether this call can fail in this way."""
        if kind == "cut":
            return True
        if self.name in ASKING:
            return kind != "ESTALE"
        return kind != "busy" and (kind != "ENOSPC" or self.name in {"create", "put", "sync", "make_folder", "replace"})


@dataclass
class Plan:
    """Which call is to fail (1 is the first, 0 none), or the next one that can fail so; and whether others fail with it from then on.

    With ``since`` calls are counted from the first one on of which it is true.
    """

    at: int = 0
    kind: Kind = "EIO"
    for_good: bool = False
    since: Callable[[Call], bool] | None = None


@dataclass
class Disk:
    """What the disk would hold after a power cut: each change stays revocable until it is synced."""

    undo: dict[Path, list[Callable[[], None]]] = field(default_factory=lambda: defaultdict(list))
    unsynced: set[Path] = field(default_factory=set)

    def before(self, name: str, path: Path, target: Path | None) -> None:
        """Notes how to take a change back."""
        names, there = self.undo[(target or path).parent], (target or path).exists()
        match name:
            case "create":
                names.append(functools.partial(path.unlink, missing_ok=True))
                self.unsynced.add(path)
            case "make_folder" if not there:
                names.append(functools.partial(shutil.rmtree, path, ignore_errors=True))
            case "remove" if there:
                names.append(functools.partial(_put_back, path, path.read_bytes(), path.stat()))
            case "replace" if target and path.is_dir():
                names.append(functools.partial(_move_back, target, path))
            case "replace" if target:
                names.append(functools.partial(_put_back, path, path.read_bytes(), path.stat()))
                if there:
                    names.append(functools.partial(_put_back, target, target.read_bytes(), target.stat()))
                else:
                    names.append(functools.partial(target.unlink, missing_ok=True))
            case "set_time":
                names.append(functools.partial(_set_times, path, path.stat()))
        if name == "replace" and target:
            (self.unsynced.add if path in self.unsynced else self.unsynced.discard)(target)

    def after(self, name: str, path: Path) -> None:
        """Notes what is durable now."""
        if name == "sync_folder":
            self.undo[path].clear()
        elif name == "sync":
            self.unsynced.discard(path)

    def cut(self, chance: random.Random | None) -> None:
        """Takes back what is not durable: all of it, or by chance the later part of what happened in each folder."""
        for path in self.unsynced:
            if path.exists():
                path.write_bytes(b"")
        for changes in self.undo.values():
            first = chance.randrange(len(changes) + 1) if chance else 0
            for take_back in reversed(changes[first:]):
                take_back()


def _put_back(path: Path, data: bytes, facts: os.stat_result) -> None:
    if path.parent.is_dir():  # else the folder itself was not durable
        path.write_bytes(data)
        _set_times(path, facts)


def _set_times(path: Path, facts: os.stat_result) -> None:
    if path.exists():
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _move_back(target: Path, path: Path) -> None:
    if target.exists():
        target.replace(path)


class Faults:
    """Counts the calls of one run, and lets those fail that its plan names."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calls: list[Call] = []
        self.failed: list[Call] = []
        self.disk = Disk()
        self._counted = 0

    def _fails(self, call: Call) -> bool:
        self.calls.append(call)
        plan = self.plan
        if self._counted or plan.since is None or plan.since(call):
            self._counted += 1
        if not self.failed:
            return 0 < plan.at <= self._counted and call.can_be(plan.kind)
        return plan.kind == "cut" or (plan.for_good and self._goes_with_it(call))

    def _goes_with_it(self, call: Call) -> bool:
        """What else fails when a disk is full, a share is gone, a database stays locked."""
        first = self.failed[0]
        if not call.can_be(self.plan.kind):
            return False
        return self.plan.kind in {"busy", "ENOSPC"} or call.folder == first.folder

    def reach(self, name: str, path: Path | None) -> bool:
        """Counts a call; tells whether it is to fail."""
        call = Call(name, path, _site(sys._getframe(2)))
        fails = self._fails(call)
        if fails:
            self.failed.append(call)
        return fails

    def begin(self, call: Call, kind: Kind) -> None:
        """Lets calls like this one fail from now on, until `end`."""
        self.plan, self.failed = Plan(0, kind, for_good=True), [call]

    def end(self) -> None:
        """Lets everything go well again."""
        self.failed = []

    def error(self) -> BaseException:
        """What a failing call to the disk raises."""
        kind = self.plan.kind
        if kind == "cut":
            return PowerCut()
        number = getattr(errno, kind)
        return OSError(number, f"{os.strerror(number)} (injected)")

    def database_error(self) -> BaseException:
        """What a failing call to the database raises."""
        kind = self.plan.kind
        return PowerCut() if kind == "cut" else sqlite3.OperationalError(_SAID.get(kind, "disk I/O error"))

    # ---- the two seams

    def wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Returns a call of `syncer.fs` that may fail."""

        @functools.wraps(call)
        def faulty(first: Any, *rest: Any) -> Any:
            path = Path(first.name) if name in {"put", "sync"} else first
            if self.reach(name, path):
                if name == "put":
                    call(first, rest[0][: len(rest[0]) // 2])  # a full disk takes a part
                raise self.error()
            self.disk.before(name, path, rest[0] if name == "replace" else None)
            result = call(first, *rest)
            self.disk.after(name, path)
            return result

        return faulty

    def engine(self, url: URL, **options: Any) -> Engine:
        """Returns a database whose statements and commits may fail."""
        engine = create_engine(url, **options)
        for name in ASKING:
            call = getattr(engine.dialect, name)
            setattr(engine.dialect, name, functools.partial(self._asked, name, call))
        return engine

    def _asked(self, name: str, call: Callable[..., Any], *rest: Any) -> Any:
        if self.reach(name, None):
            raise self.database_error()
        return call(*rest)


@contextmanager
def injected(plan: Plan) -> Iterator[Faults]:
    """Runs the program on a disk and a database that fail as planned."""
    faults = Faults(plan)
    with pytest.MonkeyPatch.context() as patch:
        for name in (*LOOKING, *CHANGING):
            patch.setattr(fs, name, faults.wrapped(name, getattr(fs, name)))
        patch.setattr(connecting, "create_engine", faults.engine)
        yield faults


def _site(frame: FrameType | None) -> str:
    """Returns the innermost line of the product, the seam itself apart: ``store/kept.py:63``."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(PACKAGE) and path.name != "fs.py":
            return f"{path.relative_to(PACKAGE).as_posix()}:{frame.f_lineno}"
        frame = frame.f_back
    return "?"
