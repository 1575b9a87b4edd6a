from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from syncer import fs
from syncer.store.disk import TEMPORARY, Disk, InTheWayError, digest, make_folders, mark_text, stat_mark, time_text


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Lets this process write files of so many bytes only: a full disk, as the system tells of one."""
    import resource  # Unix only

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_is_written_whole_into_folders_made_on_the_way(tmp_path: Path) -> None:
    target = tmp_path / "04周报通报" / "2026年" / "第47周" / "周报.xlsx"
    Disk(tmp_path).write(target, b"PK new")
    assert target.read_bytes() == b"PK new"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(("seconds", "year"), [(3e11, 8941), (1e30, 8941), (1.8e9, 2027), (-6e10, 1970), (-1e30, 1970)])
def test_a_file_of_whatever_time_has_one_that_can_be_told(seconds: float, year: int) -> None:
    assert datetime.fromisoformat(time_text(seconds)).year in {year, year - 1}  # as the zone is


def test_an_old_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "台账.xlsx"
    target.write_bytes(b"old")
    with target.open("rb") as reader:
        Disk(tmp_path).write(target, b"new")
        assert reader.read() == b"old", "who has it open keeps reading the old one"
    assert target.read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="modes are a matter of Unix")
def test_a_file_that_is_replaced_keeps_who_may_read_and_write_it(tmp_path: Path) -> None:
    target = tmp_path / "宣传科.xlsx"
    target.write_bytes(b"old")
    target.chmod(0o664)
    if os.geteuid() == 0:
        os.chown(target, 12345, 23456)
    before = target.stat()
    Disk(tmp_path).write(target, b"new")
    after = target.stat()
    assert target.read_bytes() == b"new"
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@pytest.mark.skipif(os.name == "nt", reason="modes are a matter of Unix")
def test_a_share_that_knows_of_no_owners_and_modes_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise OSError(95, "Operation not supported")

    target = tmp_path / "宣传科.xlsx"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "chown", unknown)
    monkeypatch.setattr(os, "chmod", unknown)
    Disk(tmp_path).write(target, b"new")
    assert target.read_bytes() == b"new"


def test_what_is_not_any_more_as_it_was_looked_at_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "宣传科.xlsx"
    target.write_bytes(b"old")
    seen: list[bytes] = []

    def still() -> bool:
        (temporary,) = leftovers(tmp_path)
        seen.append(temporary.read_bytes())
        return len(seen) > 1

    with pytest.raises(InTheWayError):
        Disk(tmp_path).write(target, b"new", still)
    assert (target.read_bytes(), leftovers(tmp_path)) == (b"old", [])
    Disk(tmp_path).write(target, b"new", still)
    assert (target.read_bytes(), seen) == (b"new", [b"new", b"new"])


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are a matter of Unix")
def test_a_write_that_runs_out_of_room_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    target = tmp_path / "台账.xlsx"
    target.write_bytes(b"old")
    with room_for(1024), pytest.raises(OSError, match="too large"):
        Disk(tmp_path).write(target, b"x" * 100_000)
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_a_write_whose_bytes_cannot_be_made_durable_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    target = tmp_path / "台账.xlsx"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        Disk(tmp_path).write(target, b"new")
    assert (target.read_bytes(), leftovers(tmp_path)) == (b"old", [])


def test_a_write_whose_name_cannot_be_made_durable_says_so_and_writing_once_more_makes_up_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    target = tmp_path / "台账.xlsx"
    Disk(tmp_path).write(target, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(fs, "sync_folder", fail)
        with pytest.raises(OSError, match="Input/output"):
            Disk(tmp_path).write(target, b"new")
    assert (target.read_bytes(), leftovers(tmp_path)) == (b"new", [])
    Disk(tmp_path).write(target, b"new")
    assert (target.read_bytes(), leftovers(tmp_path)) == (b"new", [])


def test_a_new_folders_own_name_is_durable_before_anything_stands_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    made, synced = fs.make_folder, fs.sync_folder

    def make(folder: Path) -> None:
        done.append(f"make {folder.name}")
        made(folder)

    def sync(folder: Path) -> None:
        done.append(f"sync {folder.name}")
        synced(folder)

    monkeypatch.setattr(fs, "make_folder", make)
    monkeypatch.setattr(fs, "sync_folder", sync)
    make_folders(tmp_path / "2026年" / "第47周")
    assert done == ["make 2026年", f"sync {tmp_path.name}", "make 第47周", "sync 2026年"]


def test_a_target_that_cannot_be_replaced_stays_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    target = tmp_path / "台账.xlsx"
    (target / "里面").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        Disk(tmp_path).write(target, b"new")
    assert (target / "里面").is_dir()
    assert leftovers(tmp_path) == []


def test_an_interrupted_write_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Disk(tmp_path).write(tmp_path / "台账.xlsx", b"new")
    assert list(tmp_path.iterdir()) == [tmp_path / TEMPORARY]
    assert leftovers(tmp_path) == []


def test_temporary_files_stand_in_one_folder_of_the_home_or_beside_a_target_on_another_volume(tmp_path: Path) -> None:
    home, shared = tmp_path / "home", tmp_path / "shared"
    home.mkdir()
    shared.mkdir()
    assert Disk(home).temporary_folder(shared / "x.xlsx") == home / TEMPORARY

    class Elsewhere(Disk):
        def _same_volume(self, folder: Path) -> bool:
            return False

    assert Elsewhere(home).temporary_folder(shared / "x.xlsx") == shared / TEMPORARY


def test_a_sweep_deletes_what_a_killed_process_left_and_nothing_else(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    for folder in (home, other):
        (folder / TEMPORARY).mkdir(parents=True)
        (folder / TEMPORARY / "half.part").write_bytes(b"half")
    (home / TEMPORARY / "note.txt").write_bytes(b"not ours")
    (home / "kept.part").write_bytes(b"not there")
    assert Disk(home).sweep(other, tmp_path / "gone") == 2
    assert leftovers(tmp_path) == [home / "kept.part"]
    assert (home / TEMPORARY / "note.txt").exists()


def test_a_sweep_leaves_files_that_may_still_be_written(tmp_path: Path) -> None:
    folder = tmp_path / TEMPORARY
    folder.mkdir()
    (folder / "fresh.part").write_bytes(b"")
    old = folder / "old.part"
    old.write_bytes(b"")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    assert Disk(tmp_path).sweep(older_than_seconds=3600) == 1
    assert [path.name for path in leftovers(tmp_path)] == ["fresh.part"]


def test_a_mark_changes_with_content_and_with_replacement_but_not_with_reading(tmp_path: Path) -> None:
    target = tmp_path / "台账.xlsx"
    target.write_bytes(b"one")
    facts = target.stat()
    mark = stat_mark(target)
    assert mark == mark_text(facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)
    target.read_bytes()
    assert stat_mark(target) == mark
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000))
    assert stat_mark(target) != mark
    replaced = stat_mark(target)
    Disk(tmp_path).write(target, b"two")
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000))
    assert stat_mark(target) != replaced, "same size and time, another file"


def test_written_files_are_plain_files_with_the_digest_of_their_bytes(tmp_path: Path) -> None:
    target = tmp_path / "台账.xlsx"
    Disk(tmp_path).write(target, b"")
    assert stat.S_ISREG(target.stat().st_mode)
    assert digest(target.read_bytes()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
