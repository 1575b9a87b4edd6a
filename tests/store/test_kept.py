from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncer.store.disk import TEMPORARY, digest
from syncer.store.kept import Kept


def test_bytes_are_kept_under_their_digest_and_come_back_unchanged(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept")
    sha256 = kept.put(b"PK\x03\x04 one")
    assert sha256 == digest(b"PK\x03\x04 one")
    assert kept.path(sha256).read_bytes() == b"PK\x03\x04 one"
    assert kept.path(sha256) == tmp_path / "kept" / sha256[:2] / f"{sha256}.xlsx"


def test_equal_bytes_are_kept_once_and_not_written_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    path = kept.path(kept.put(b"same"))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    kept.put(b"same")
    assert path.stat().st_mtime == 1_000_000_000
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_the_format_stays_with_the_bytes(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert kept.path(kept.put(b"old format", ".xls"), ".xls").exists()


def test_bytes_that_could_not_be_kept_whole_are_not_there_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    kept = Kept(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.put(b"lost")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    monkeypatch.undo()
    assert kept.path(kept.put(b"lost")).read_bytes() == b"lost"


def test_a_sweep_takes_half_written_bytes_away_and_leaves_kept_ones(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    path = kept.path(kept.put(b"whole"))
    (tmp_path / TEMPORARY / "half.part").write_bytes(b"half")
    assert kept.sweep() == 1
    assert path.exists()
