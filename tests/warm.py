"""What a test process makes once: reading children that wait for the next office, and folders that all workers copy."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from syncer.excel.reading import Readers, _Child
from syncer.excel.reading_child import Limits

_SHELF: defaultdict[Limits, list[_Child]] = defaultdict(list)
"""Idle children of offices that were closed, by the limits they were started with."""


class WarmReaders(Readers):
    """Reading children as an office has them; those that are idle when it closes wait for the next office with such limits."""

    def __init__(self, children: int | None = None, limits: Limits | None = None) -> None:
        super().__init__(children, limits)
        shelf = _SHELF[self._limits]
        while shelf and len(self._idle) < self._most:
            self._idle.append(shelf.pop())
        self._all.update(self._idle)

    def kill(self) -> None:
        with self._lock:
            _SHELF[self._limits].extend(self._idle)
            self._all.difference_update(self._idle)
            self._idle.clear()
        super().kill()


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Returns a folder that the first worker who asks for it fills with ``make``; the others wait, and look or copy."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, ready = shared / f"once-{name}", shared / f"once-{name}.ready"
    with FileLock(shared / f"once-{name}.lock"):
        if not ready.exists():
            folder.mkdir()
            make(folder)
            ready.touch()
    return folder
