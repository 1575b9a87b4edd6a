"""When it is worth looking at the folders people save into.

The scan (`syncer.watch.scan`) is the truth; an event only shortens the wait for the next one. Relied on (watchdog 7.1): an
exception in a handler ends the observer's thread; a root that is deleted leaves a dead emitter under a living observer; one
that is renamed leaves an emitter that watches the old place. `FolderWatch.mend` finds all three without writing a canary into
people's folders.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol, Self

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from syncer import fs
from syncer.watch.network import is_network

TEMPORARY_FOLDER = ".syncer-tmp"

Mode = Literal["auto", "native", "polling"]

# Opening and reading are left out: our own reading would wake us again and again.
_TELLING = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
_log = logging.getLogger(__name__)


class Hint(Protocol):
    """What is told that it is time to look; a `threading.Event`, say."""

    def set(self) -> None:
        """Wakes whoever waits."""


class _Handler(FileSystemEventHandler):
    """Passes every telling event on as the same hint."""

    def __init__(self, hint: Hint) -> None:
        self._hint = hint

    def on_any_event(self, event: FileSystemEvent) -> None:
        try:
            if not _is_ours(event):
                self._hint.set()
        except Exception:  # noqa: BLE001 — passed on, it would end the observer's thread in silence
            _log.exception("an event could not be passed on")
            with suppress(Exception):
                self._hint.set()


def _is_ours(event: FileSystemEvent) -> bool:
    places = [os.fsdecode(place) for place in (event.src_path, event.dest_path) if place]
    return bool(places) and all(TEMPORARY_FOLDER in Path(place).parts for place in places)


class _Root:
    """One watched folder with an observer of its own."""

    def __init__(self, folder: Path, handler: _Handler, mode: Mode, poll_seconds: float) -> None:
        self.folder = folder
        self._handler = handler
        self._mode = mode
        self._poll_seconds = poll_seconds
        self._observer: BaseObserver | None = None
        self._identity: tuple[int, int] | None = None

    def alive(self) -> bool:
        """Tells whether events from the folder that is there now would reach us."""
        return (
            self._observer is not None
            and self._observer.is_alive()
            and all(emitter.is_alive() for emitter in self._observer.emitters)
            and self._identity is not None
            and self._identity == _identity(self.folder)
        )

    def start(self) -> bool:
        """Starts watching; false where the folder is not there or cannot be watched."""
        self._identity = _identity(self.folder)
        if self._identity is None:
            return False
        polling = self._mode == "polling" or (self._mode == "auto" and is_network(self.folder))
        if not polling and self._observe(Observer()):
            return True
        # Out of inotify watches, or a file system without events: polling is slower but works.
        return (polling or self._mode == "auto") and self._observe(PollingObserver(timeout=self._poll_seconds))

    def _observe(self, observer: BaseObserver) -> bool:
        try:
            observer.schedule(self._handler, str(self.folder), recursive=True, event_filter=list(_TELLING))
            observer.start()
        except OSError as error:
            _log.warning("cannot watch a folder: %s", error.strerror)
            with suppress(Exception):
                observer.unschedule_all()
            return False
        self._observer = observer
        return True

    def stop(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join(10)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        facts = fs.stat(folder)
    except OSError:
        return None
    return (facts.st_dev, facts.st_ino) if stat.S_ISDIR(facts.st_mode) else None


class FolderWatch:
    """Sets a flag when something happens in the folders or below them: "go and look", no more.

    ``mode``: ``native`` events, ``polling`` every ``poll_seconds``, or ``auto`` (polling on network file systems). A folder that
    is not there is taken up by `mend` when it comes. Nothing here is told to the caller as a deletion.
    """

    def __init__(self, folders: Sequence[Path], on_hint: Hint, mode: Mode = "auto", poll_seconds: float = 5) -> None:
        self._hint = on_hint
        handler = _Handler(on_hint)
        self._roots = [_Root(folder, handler, mode, poll_seconds) for folder in folders]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts watching every folder that is there."""
        for root in self._roots:
            root.start()

    def stop(self) -> None:
        """Ends watching."""
        for root in self._roots:
            root.stop()

    def alive(self) -> bool:
        """Tells whether every folder is being watched."""
        return all(root.alive() for root in self._roots)

    def mend(self) -> bool:
        """Starts again what does not watch any more, and gives a hint for what was missed; true if anything was mended.

        Call it now and then: with every periodic scan, say.
        """
        mended = False
        for root in self._roots:
            if not root.alive():
                root.stop()
                mended = root.start() or mended
        if mended:
            self._hint.set()
        return mended
