"""Looking at the folders people save into: what is there now. An event only shortens the wait for the next look."""

from __future__ import annotations

import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from syncer import fs

WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv"})


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
    return not name.startswith(("~", ".")) and name[name.rfind(".") :].lower() in WORKBOOK_ENDINGS


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
        files = _files(folder, "", skipped, wanted, unreachable)
        found = [_look(folder, path, name, unreachable) for path, name in files]
        seen.extend(sorted((one for one in found if one), key=lambda one: one.name))
    return seen, unreachable


def _files(
    folder: Path, above: str, skipped: set[str], wanted: Callable[[str], bool], unreachable: list[Unreachable]
) -> Iterator[tuple[Path, str]]:
    """Yields paths, and names relative to the first folder; ``above`` is where this one stands below that."""
    try:
        entries = fs.entries(folder)
    except OSError as error:
        unreachable.append(Unreachable(folder, error.strerror or type(error).__name__))
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(".") and unicodedata.normalize("NFC", entry.name) not in skipped:
                yield from _files(Path(entry.path), f"{above}{entry.name}/", skipped, wanted, unreachable)
        elif wanted(entry.name):
            yield Path(entry.path), f"{above}{entry.name}"


def look_again(seen: Seen) -> Seen | None:
    """Returns how a file looks by now; ``None`` for one that is gone, or out of reach."""
    return _look(seen.folder, seen.path, seen.name, [])


def _look(folder: Path, path: Path, name: str, unreachable: list[Unreachable]) -> Seen | None:
    try:
        facts = fs.stat(path)  # not the listing's: on Windows that lags behind and knows no inode
    except FileNotFoundError:
        return None  # gone since the listing: a save in progress
    except OSError as error:
        unreachable.append(Unreachable(path, error.strerror or type(error).__name__))
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    return Seen(
        folder,
        unicodedata.normalize("NFC", name),
        path,
        facts.st_size,
        facts.st_mtime_ns,
        facts.st_ctime_ns,
        facts.st_ino,
    )
