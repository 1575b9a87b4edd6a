"""The file system as the program uses it: every look at people's files and at our own state, and every change, is one of these calls.

So a test can let any one of them fail, or take back what was not synced yet as a power cut does (``tests/faults``). Call them
by the module's name (``fs.read``), or a test cannot reach them. Not here: configuration, logs, and the reading children,
which open kept copies in processes of their own. All of them raise `OSError`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from pathlib import Path
from stat import S_IMODE
from typing import BinaryIO

_CANNOT_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF})


# ---- looking


def read(path: Path) -> bytes:
    """Returns a file's bytes."""
    return path.read_bytes()


def open_read(path: Path) -> BinaryIO:
    """Opens a file of which only a part is looked at; to be closed by the caller."""
    return path.open("rb")


def stat(path: Path) -> os.stat_result:
    """Returns a file's size, times and identity."""
    return path.stat()


def exists(path: Path) -> bool:
    """Tells whether something stands there. Not knowing is an error here, not a "no" as with newer `Path.exists`."""
    try:
        stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def real(path: Path) -> Path:
    """Returns where a path really leads, every link in it followed; an error where nothing stands there."""
    return path.resolve(strict=True)


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """Returns what stands in a folder: all of it or an error, for a share that goes away half-way must not look half empty."""
    with os.scandir(folder) as listing:
        return list(listing)


def listed(folder: Path) -> list[Path]:
    """Returns the paths in a folder, sorted; none where there is no such folder."""
    try:
        return sorted(Path(entry.path) for entry in entries(folder))
    except FileNotFoundError:
        return []


# ---- changing


def create(path: Path) -> BinaryIO:
    """Opens a file for writing, empty; to be closed by the caller."""
    return path.open("wb")


def put(stream: BinaryIO, data: bytes) -> None:
    """Writes all of it."""
    stream.write(data)
    stream.flush()


def sync(stream: BinaryIO) -> None:
    """Makes what was written durable."""
    os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable, where its file system can do that at all."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:  # some network file systems refuse to sync any folder
            raise
    finally:
        os.close(descriptor)


def replace(source: Path, target: Path) -> None:
    """Gives a file or folder another name; a file of that name is replaced in the same step."""
    source.replace(target)


def remove(path: Path) -> None:
    """Deletes a file; nothing happens where there is none."""
    path.unlink(missing_ok=True)


def remove_tree(folder: Path) -> None:
    """Deletes a folder with all that is in it."""
    shutil.rmtree(folder)


def keep_rights(old: Path, new: Path) -> None:
    """Gives a file the owner, group and mode of the one it is to replace, as far as the system lets us; nothing where there is none."""
    if os.name == "nt":
        return
    try:
        facts = stat(old)
    except FileNotFoundError:
        return
    present = stat(new)
    with contextlib.suppress(OSError):  # only the superuser gives files away; some shares know of no owners or modes
        if (facts.st_uid, facts.st_gid) != (present.st_uid, present.st_gid):
            os.chown(new, facts.st_uid, facts.st_gid)
    with contextlib.suppress(OSError):
        new.chmod(S_IMODE(facts.st_mode))


def make_folder(folder: Path) -> None:
    """Makes one folder; nothing happens where there is one."""
    folder.mkdir(exist_ok=True)


def set_time(path: Path, seconds: float) -> None:
    """Sets when a file was last changed, in seconds since the epoch."""
    os.utime(path, (seconds, seconds))
