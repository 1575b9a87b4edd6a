"""How files are written: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from syncer import fs

TEMPORARY = ".syncer-tmp"
PIECE_BYTES = 1 << 20
_LATEST = 220e9  # seconds: the year 8941


class InTheWayError(OSError):
    """Somebody has put a file there, or changed the one that was to be replaced, since it was looked at."""


class Disk:
    """Writes files atomically. Temporary files stand in one hidden folder on the target's own volume."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def temporary_folder(self, target: Path) -> Path:
        """Returns the folder for temporary files of a target: the home's, or beside it on another volume."""
        parent = target.parent
        place = self.home if self._same_volume(parent) else parent
        folder = place / TEMPORARY
        make_folders(folder)
        return folder

    def _same_volume(self, folder: Path) -> bool:
        return fs.stat(folder).st_dev == fs.stat(self.home).st_dev

    def write(self, target: Path, data: bytes, still: Callable[[], bool] | None = None) -> None:
        """Replaces ``target`` by ``data``; see `write_pieces`."""
        self.write_pieces(target, (data,), still)

    def copy(self, source: Path, target: Path) -> str:
        """Replaces ``target`` by what ``source`` holds, however large, and returns its SHA-256; see `write_pieces`."""
        hashed = hashlib.sha256()

        def pieces() -> Iterator[bytes]:
            while piece := stream.read(PIECE_BYTES):
                hashed.update(piece)
                yield piece

        with fs.open_read(source) as stream:
            self.write_pieces(target, pieces())
        return hashed.hexdigest()

    def write_pieces(self, target: Path, pieces: Iterable[bytes], still: Callable[[], bool] | None = None) -> None:
        """Replaces ``target`` by these bytes in one step that survives a power cut; it keeps its owner, group and mode.

        ``still`` is asked when the new bytes are on the disk, right before they take its place: whether that is still as it
        was when they were made. What making the pieces raises is passed on; nothing was changed then.

        Raises:
            InTheWayError: it is not; nothing was changed.
            OSError: nothing was changed (on Windows `PermissionError` when somebody has the file open), or the new bytes
                stand there and only their name could not be made durable. Writing them once more makes up for it.
        """
        make_folders(target.parent)
        temporary = self.temporary_folder(target) / f"{uuid4().hex}.part"
        try:
            with fs.create(temporary) as stream:
                for piece in pieces:
                    fs.put(stream, piece)
                fs.sync(stream)
            fs.keep_rights(target, temporary)
            _look_once_more(target, still)
            fs.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                fs.remove(temporary)
            raise
        fs.sync_folder(target.parent)

    def move(self, source: Path, target: Path) -> None:
        """Gives a file another name, in another folder if need be; across volumes it is copied whole before it is deleted.

        Raises:
            OSError: it still stands under its old name (on Windows `PermissionError` when somebody has it open), or under
                the new one, or, across volumes, under both.
        """
        make_folders(target.parent)
        try:
            fs.replace(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            changed = fs.stat(source).st_mtime
            self.write(target, fs.read(source))
            fs.set_time(target, changed)
            fs.remove(source)
        fs.sync_folder(target.parent)
        fs.sync_folder(source.parent)

    def sweep(self, *folders: Path, older_than_seconds: float = 0) -> int:
        """Deletes temporary files that a killed process left behind; returns how many."""
        count = 0
        for folder in (self.home, *folders):
            with contextlib.suppress(OSError):  # what cannot be looked at now is swept another time
                for path in fs.listed(folder / TEMPORARY):
                    if path.suffix == ".part" and time.time() - fs.stat(path).st_mtime >= older_than_seconds:
                        fs.remove(path)
                        count += 1
        return count


def _look_once_more(target: Path, still: Callable[[], bool] | None) -> None:
    if still and not still():
        raise InTheWayError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


def make_folders(folder: Path) -> None:
    """Makes a folder and those above it that are missing; each one's name is durable before anything is put into it."""
    if fs.exists(folder):
        return
    make_folders(folder.parent)
    fs.make_folder(folder)
    fs.sync_folder(folder.parent)


def digest(data: bytes) -> str:
    """Returns the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def time_text(seconds: float) -> str:
    """Returns a file's time as a local ISO text, to the second; of one that no calendar has, the nearest that can be reckoned with."""
    return datetime.fromtimestamp(min(max(seconds, 0), _LATEST)).isoformat(timespec="seconds")


def stat_mark(path: Path) -> str:
    """Returns size, modification and change time and inode as one text: equal marks mean "not touched since"."""
    facts = fs.stat(path)
    return mark_text(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def mark_text(size: int, mtime_ns: int, ctime_ns: int, inode: int) -> str:
    """Returns the mark of a file whose facts are known already."""
    return f"{size}:{mtime_ns}:{ctime_ns}:{inode}"
