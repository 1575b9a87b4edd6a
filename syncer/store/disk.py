"""The one seam through which files are written: whole, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from uuid import uuid4

TEMPORARY = ".syncer-tmp"


class Disk:
    """Writes files atomically. Temporary files stand in one hidden folder on the target's own volume."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def temporary_folder(self, target: Path) -> Path:
        """Returns the folder for temporary files of a target: the home's, or beside it on another volume."""
        parent = target.parent
        place = self.home if self._same_volume(parent) else parent
        folder = place / TEMPORARY
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _same_volume(self, folder: Path) -> bool:
        return folder.stat().st_dev == self.home.stat().st_dev

    def write(self, target: Path, data: bytes) -> None:
        """Replaces ``target`` by ``data`` in one step that survives a power cut.

        Raises:
            OSError: nothing was changed; on Windows `PermissionError` when somebody has the file open.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.temporary_folder(target) / f"{uuid4().hex}.part"
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(target.parent)

    def sweep(self, *folders: Path, older_than_seconds: float = 0) -> int:
        """Deletes temporary files that a killed process left behind; returns how many."""
        count = 0
        for folder in (self.home, *folders):
            for path in (folder / TEMPORARY).glob("*.part"):
                with contextlib.suppress(OSError):
                    if time.time() - path.stat().st_mtime >= older_than_seconds:
                        path.unlink()
                        count += 1
        return count


def sync_folder(folder: Path) -> None:
    """Makes a rename in ``folder`` durable, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:  # some network file systems refuse to sync a folder
        return
    finally:
        os.close(descriptor)


def digest(data: bytes) -> str:
    """Returns the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def stat_mark(path: Path) -> str:
    """Returns size, modification and change time and inode as one text: equal marks mean "not touched since"."""
    facts = path.stat()
    return mark_text(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def mark_text(size: int, mtime_ns: int, ctime_ns: int, inode: int) -> str:
    """Returns the mark of a file whose facts are known already."""
    return f"{size}:{mtime_ns}:{ctime_ns}:{inode}"
