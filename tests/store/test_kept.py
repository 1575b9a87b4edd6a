from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncer.store import disk
from syncer.store.disk import TEMPORARY, digest
from syncer.store.kept import PACKED, Kept, Tidied

LONG_AGO, NOW = 1_000_000_000, 2_000_000_000
TEXT = "日期,活动名称,类别\r\n2026-3-12,植树,主题活动\r\n".encode() * 50


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


def test_a_file_too_large_for_memory_is_kept_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "PIECE_BYTES", 7)
    source, kept = tmp_path / "大.xlsx", Kept(tmp_path / "kept")
    source.write_bytes(TEXT)
    sha256 = kept.put_file(source)
    assert sha256 == digest(TEXT)
    assert kept.path(sha256).read_bytes() == TEXT
    assert kept.put_file(source) == sha256
    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == [kept.path(sha256)]


def test_a_large_file_for_which_there_is_no_room_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    source, kept = tmp_path / "大.xlsx", Kept(tmp_path / "kept")
    source.write_bytes(TEXT)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.put_file(source)
    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == []


def test_a_sweep_takes_half_written_bytes_away_and_leaves_kept_ones(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    path = kept.path(kept.put(b"whole"))
    (tmp_path / TEMPORARY / "half.part").write_bytes(b"half")
    assert kept.sweep() == 1
    assert path.exists()


def _kept_long_ago(kept: Kept, data: bytes, suffix: str = ".xlsx") -> str:
    sha256 = kept.put(data, suffix)
    os.utime(kept.path(sha256, suffix), (LONG_AGO, LONG_AGO))
    return sha256


def test_what_rests_and_gets_smaller_is_packed_and_comes_back_unchanged(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    sha256 = _kept_long_ago(kept, TEXT, ".csv")
    tidied = kept.tidy({sha256}, old_before=NOW, rest_before=NOW)
    assert (tidied.deleted, tidied.packed) == (0, 1)
    (packed,) = kept.files()
    assert packed.suffix == PACKED
    assert packed.stat().st_size == len(TEXT) - tidied.freed_bytes < len(TEXT) / 4
    assert kept.has(sha256)
    assert kept.read(sha256) == TEXT
    found = kept.find(sha256)
    assert found == kept.path(sha256, ".csv")
    assert found.read_bytes() == TEXT
    assert list(kept.files()) == [found]


def test_bytes_that_come_again_stand_where_the_readers_look_though_they_were_packed(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    sha256 = _kept_long_ago(kept, TEXT, ".csv")
    kept.tidy({sha256}, old_before=NOW, rest_before=NOW)
    assert kept.path(kept.put(TEXT, ".csv"), ".csv").read_bytes() == TEXT
    assert kept.find(sha256) == kept.path(sha256, ".csv")


def test_zips_noise_and_what_came_lately_are_not_packed(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    needed = {_kept_long_ago(kept, b"PK\x03\x04" + TEXT), _kept_long_ago(kept, os.urandom(4000), ".xls")}
    needed.add(kept.put(TEXT, ".csv"))
    before = list(kept.files())
    assert kept.tidy(needed, old_before=LONG_AGO, rest_before=LONG_AGO + 1) == Tidied()
    assert list(kept.files()) == before


def test_only_old_bytes_that_nobody_needs_are_deleted(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    gone, needed = _kept_long_ago(kept, b"PK\x03\x04 gone"), _kept_long_ago(kept, b"PK\x03\x04 needed")
    fresh = kept.put(b"PK\x03\x04 kept a moment ago, not yet recorded")
    assert kept.tidy({needed}, old_before=LONG_AGO + 1, rest_before=0).deleted == 1
    assert [kept.has(sha256) for sha256 in (gone, needed, fresh)] == [False, True, True]
    assert kept.read(gone) is None


def test_a_kill_between_packing_and_deleting_leaves_the_bytes_readable(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    sha256 = _kept_long_ago(kept, TEXT, ".csv")
    path = kept.path(sha256, ".csv")
    kept.tidy({sha256}, old_before=NOW, rest_before=NOW)
    path.write_bytes(TEXT)
    assert kept.find(sha256) == path
    assert kept.read(sha256) == TEXT
