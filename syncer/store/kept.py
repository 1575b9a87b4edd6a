"""The bytes of every version ever taken in, by their SHA-256.

A workbook is kept as it came: readers open it in place. Its zip members are deflated already, so packing it again gains some
12 %; an old .xls or .csv gains 70 to 80 %, and is packed once nobody is likely to ask for it.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from syncer import fs
from syncer.store.disk import TEMPORARY, Disk, digest, make_folders

PACKED = ".z"
_ZIP = b"PK\x03\x04"
_PACKED_MAX_BYTES = 64 << 20  # packing takes a file whole into memory
_WORTH = 0.75  # of its size: what does not get smaller than this stays as it is


@dataclass(frozen=True, slots=True)
class Tidied:
    """What tidying did: files deleted and packed, and the bytes that it freed."""

    deleted: int = 0
    packed: int = 0
    freed_bytes: int = 0


class Kept:
    """A content-addressed folder: equal bytes are kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_folders(folder)
        self._disk = Disk(folder)

    def path(self, sha256: str, suffix: str = ".xlsx") -> Path:
        """Returns where these bytes stand (or would)."""
        return self.folder / sha256[:2] / f"{sha256}{suffix}"

    def has(self, sha256: str) -> bool:
        """Tells whether these bytes are kept, packed or not."""
        return self._stored(sha256) is not None

    def find(self, sha256: str) -> Path | None:
        """Returns where these bytes stand, whatever their ending, unpacked if need be; ``None`` if they are not kept."""
        stored = self._stored(sha256)
        if stored is None or stored.suffix != PACKED:
            return stored
        whole = stored.with_suffix("")
        self._disk.write(whole, zlib.decompress(fs.read(stored)))
        fs.remove(stored)
        return whole

    def read(self, sha256: str) -> bytes | None:
        """Returns these bytes; ``None`` if they are not kept."""
        stored = self._stored(sha256)
        if stored is None:
            return None
        data = fs.read(stored)
        return zlib.decompress(data) if stored.suffix == PACKED else data

    def put(self, data: bytes, suffix: str = ".xlsx") -> str:
        """Keeps ``data`` and returns its SHA-256. The bytes are on disk when this returns."""
        sha256 = digest(data)
        target = self.path(sha256, suffix)
        if fs.exists(target):
            fs.sync_folder(target.parent)  # the write that put it there may have been broken off just before this
        else:
            self._disk.write(target, data)
        return sha256

    def put_file(self, source: Path, suffix: str = ".xlsx") -> str:
        """Keeps a file too large to be held in memory and returns the SHA-256 of what was kept."""
        half = self.folder / TEMPORARY / f"{uuid4().hex}.part"  # `sweep` takes it away after a kill
        sha256 = self._disk.copy(source, half)
        self._disk.move(half, self.path(sha256, suffix))
        return sha256

    def files(self) -> Iterator[Path]:
        """Yields every kept file, packed ones as they are."""
        for entry in sorted(fs.entries(self.folder), key=lambda entry: entry.name):
            if entry.is_dir() and entry.name != TEMPORARY:
                yield from fs.listed(Path(entry.path))

    def tidy(self, needed: Collection[str], *, old_before: float, rest_before: float) -> Tidied:
        """Deletes what is not ``needed`` (SHA-256) and was kept before ``old_before``, and packs what rests.

        Times are seconds since the epoch; what is packed was kept before ``rest_before``, is no zip and gets smaller.
        """
        deleted = packed = freed = 0
        for path in self.files():
            facts = fs.stat(path)
            if facts.st_mtime < old_before and path.name.partition(".")[0] not in needed:
                fs.remove(path)
                deleted, freed = deleted + 1, freed + facts.st_size
            elif _rests(path, facts, rest_before) and (gain := self._pack(path)):
                packed, freed = packed + 1, freed + gain
        return Tidied(deleted, packed, freed)

    def sweep(self) -> int:
        """Deletes what a killed process left half written."""
        return self._disk.sweep()

    def _stored(self, sha256: str) -> Path | None:
        """The file with these bytes; the unpacked one where a kill between packing and deleting left both."""
        found = (path for path in fs.listed(self.folder / sha256[:2]) if path.name.startswith(f"{sha256}."))
        return min(found, key=lambda path: (path.suffix == PACKED, path.name), default=None)

    def _pack(self, path: Path) -> int:
        """Packs one file if that pays; returns the bytes gained. Whole at every moment: the packed one stands first."""
        data = fs.read(path)
        if data.startswith(_ZIP):
            return 0
        small = zlib.compress(data, 6)
        if len(small) > len(data) * _WORTH:
            return 0
        self._disk.write(path.with_name(path.name + PACKED), small)
        fs.remove(path)
        return len(data) - len(small)


def _rests(path: Path, facts: os.stat_result, rest_before: float) -> bool:
    """Whether a file may be packed: it was kept long ago, and not packed yet."""
    return facts.st_mtime < rest_before and facts.st_size <= _PACKED_MAX_BYTES and path.suffix != PACKED
