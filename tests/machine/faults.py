"""Failures at the Nth call to the file system or the database: as a kill, after which nothing works any more, or just once."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

_CALLS = ("replace", "fsync", "unlink", "rename", "open", "mkdir", "utime")


class Killed(BaseException):
    """The process is dead: from now on every call ends like this."""


@dataclass
class Faults:
    """Counts the calls; at the ``at``-th something happens. ``kill``: for good, else once."""

    at: int
    kill: bool
    count: int = 0
    fell: str = ""  # the call that failed

    def call(self, what: str) -> bool:
        """Counts one call; returns whether it has to fail."""
        self.count += 1
        fails = self.count == self.at or (self.kill and self.count > self.at)
        if fails and not self.fell:
            self.fell = what
        return fails


@contextmanager
def failing(engine: Engine, faults: Faults) -> Iterator[Faults]:
    """Has a call fail as ``faults`` says, inside the block."""

    def guarded(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            if faults.call(name):
                if faults.kill:
                    raise Killed
                raise OSError(errno.EIO, f"injected at {name}")
            return real(*arguments, **options)

        return call

    def statement(*_: Any, **__: Any) -> None:
        if faults.call("database"):
            if faults.kill:
                raise Killed
            raise OperationalError("injected", None, Exception("database is locked"))

    hooks: list[tuple[str, Callable[..., None]]] = [("before_cursor_execute", statement), ("commit", statement)]
    for name, hook in hooks:
        event.listen(engine, name, hook)
    patches = [patch.object(os, name, guarded(name)) for name in _CALLS]
    try:
        for one in patches:
            one.start()
        yield faults
    finally:
        for one in patches:
            one.stop()
        for name, hook in hooks:
            event.remove(engine, name, hook)
