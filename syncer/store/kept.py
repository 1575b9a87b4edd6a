"""The bytes of every version ever taken in, by their SHA-256."""

from __future__ import annotations

from pathlib import Path

from syncer.store.disk import Disk, digest


class Kept:
    """A content-addressed folder: equal bytes are kept once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._disk = Disk(folder)

    def path(self, sha256: str, suffix: str = ".xlsx") -> Path:
        """Returns where these bytes stand (or would)."""
        return self.folder / sha256[:2] / f"{sha256}{suffix}"

    def find(self, sha256: str) -> Path | None:
        """Returns where these bytes stand, whatever their ending; ``None`` if they are not kept."""
        return next(iter(sorted((self.folder / sha256[:2]).glob(f"{sha256}.*"))), None)

    def put(self, data: bytes, suffix: str = ".xlsx") -> str:
        """Keeps ``data`` and returns its SHA-256. The bytes are on disk when this returns."""
        sha256 = digest(data)
        target = self.path(sha256, suffix)
        if not target.exists():
            self._disk.write(target, data)
        return sha256

    def sweep(self) -> int:
        """Deletes what a killed process left half written."""
        return self._disk.sweep()
