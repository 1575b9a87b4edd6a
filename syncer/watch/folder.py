"""Looking at the folders people save into: what is there now (`scan`), and when it is worth looking (`FolderWatch`).

The scan is the truth; an event only shortens the wait for the next one. Relied on (watchdog 7.1): an exception in a handler
ends the observer's thread; a root that is deleted leaves a dead emitter under a living observer; one that is renamed leaves
an emitter that watches the old place. `FolderWatch.mend` finds all three without writing a canary into people's folders.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
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

WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv"})
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
_NETWORK_KINDS = frozenset(
    {
        "cifs",
        "smb3",
        "smbfs",
        "nfs",
        "nfs4",
        "9p",
        "afs",
        "ceph",
        "davfs",
        "drvfs",
        "ncpfs",
        "prl_fs",
        "vboxsf",
        "vmhgfs",
    }
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """One file as a scan found it; two equal ones mean that nothing has happened in between.

    ``name`` is relative to ``folder``, with ``/`` and NFC-normalised; ``path`` is how the file system spells it.
    """

    folder: Path
    name: str
    path: Path
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A folder or file that could not be looked at: nothing is known of what is in it, least of all that it is gone."""

    path: Path
    reason: str


def is_workbook_name(name: str) -> bool:
    """Tells whether a file of this name may be a workbook somebody saved, by its ending and its beginning."""
    return not name.startswith(("~", ".")) and Path(name).suffix.lower() in WORKBOOK_ENDINGS


def scan(
    folders: Iterable[Path], skip: Iterable[str] = (), wanted: Callable[[str], bool] = is_workbook_name
) -> tuple[list[Seen], list[Unreachable]]:
    """Returns the files below the folders whose names are ``wanted``, sorted by name, and what could not be looked at.

    ``skip`` names subfolders to leave out; hidden and temporary ones are left out always.
    """
    seen: list[Seen] = []
    unreachable: list[Unreachable] = []
    skipped = {unicodedata.normalize("NFC", name) for name in skip}
    for folder in folders:
        found = [_look(folder, path, unreachable) for path in _files(folder, skipped, wanted, unreachable)]
        seen.extend(sorted((one for one in found if one), key=lambda one: one.name))
    return seen, unreachable


def _files(
    folder: Path, skipped: set[str], wanted: Callable[[str], bool], unreachable: list[Unreachable]
) -> Iterator[Path]:
    try:
        entries = fs.entries(folder)
    except OSError as error:
        unreachable.append(Unreachable(folder, error.strerror or type(error).__name__))
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(".") and unicodedata.normalize("NFC", entry.name) not in skipped:
                yield from _files(Path(entry.path), skipped, wanted, unreachable)
        elif wanted(entry.name):
            yield Path(entry.path)


def _look(folder: Path, path: Path, unreachable: list[Unreachable]) -> Seen | None:
    try:
        facts = fs.stat(path)  # not the listing's: on Windows that lags behind and knows no inode
    except FileNotFoundError:
        return None  # gone since the listing: a save in progress
    except OSError as error:
        unreachable.append(Unreachable(path, error.strerror or type(error).__name__))
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    name = unicodedata.normalize("NFC", path.relative_to(folder).as_posix())
    return Seen(folder, name, path, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def is_network(path: Path) -> bool:
    """Tells whether a path lies on a file system that other machines change too, as far as the system says.

    There native events tell only of this machine's writes. Windows: UNC paths and mapped drives; Linux: the mount's type.
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 — one call, on Windows only

        full = path.absolute()
        return full.drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(full.drive + "\\") == 4
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return _mount_kind(path.resolve(), mounts) in _NETWORK_KINDS


def _mount_kind(path: Path, mounts: str) -> str:
    """Returns the type of the file system that a path lies on, from the text of ``/proc/self/mounts``."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, place, this_kind, *_ = line.split(" ")
        root = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), place))  # a space is \040
        if path.is_relative_to(root) and len(root.parts) >= best:  # a later mount over the same place hides the earlier
            best, kind = len(root.parts), this_kind
    return kind.removeprefix("fuse.").replace("sshfs", "nfs")


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
