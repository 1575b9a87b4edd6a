"""Scans and hints, in real folders with a real observer."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from syncer.watch.folder import FolderWatch
from syncer.watch.network import _mount_kind, is_network
from syncer.watch.scan import Unreachable, is_workbook_name, scan

WAIT_SECONDS = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "02各单位填报"
    folder.mkdir()
    return folder


@pytest.fixture(params=["native", "polling"])
def mode(request: pytest.FixtureRequest) -> Literal["native", "polling"]:
    return "native" if request.param == "native" else "polling"


def until(condition: Callable[[], bool]) -> None:
    """Waits until something holds; the pause only keeps the wait from being busy."""
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.02)


def names(folders: list[Path], skip: tuple[str, ...] = ()) -> list[str]:
    seen, unreachable = scan(folders, skip)
    assert not unreachable
    return [one.name for one in seen]


def test_only_what_may_be_a_workbook_is_seen(folder: Path) -> None:
    for name in ("宣传科.xlsx", "人事科.XLS", "办公室.et", "名单.csv", "一.ods", "二.xlsm", "三.xlsb"):
        (folder / name).write_bytes(b"x")
    for name in (
        "~$宣传科.xlsx",
        ".~lock.宣传科.xlsx#",
        ".~宣传科.xlsx",
        "~WRL0001.xlsx",
        "A1B2C300",
        "lu12x.tmp",
        ".隐.xlsx",
        "a.docx",
    ):
        (folder / name).write_bytes(b"x")
    for name in (".syncer-tmp", ".git", "已收"):
        (folder / name).mkdir()
        (folder / name / "旧.xlsx").write_bytes(b"x")
    (folder / "目录.xlsx").mkdir()
    (folder / "支部").mkdir()
    (folder / "支部" / "一支部.xlsx").write_bytes(b"x")

    expected = {
        "宣传科.xlsx",
        "人事科.XLS",
        "办公室.et",
        "名单.csv",
        "一.ods",
        "二.xlsm",
        "三.xlsb",
        "支部/一支部.xlsx",
    }
    assert set(names([folder], ("已收",))) == expected


def test_a_file_is_seen_with_what_tells_that_it_changed(folder: Path) -> None:
    book = folder / "宣传科.xlsx"
    book.write_bytes(b"1")
    (before,), _ = scan([folder])
    (again,), _ = scan([folder])
    (folder / "new").write_bytes(b"2")
    os.utime(folder / "new", ns=(before.mtime_ns, before.mtime_ns))
    (folder / "new").replace(book)
    (after,), _ = scan([folder])

    assert again == before
    assert (after.size, after.mtime_ns) == (before.size, before.mtime_ns)
    assert after != before
    assert before.folder == folder
    assert before.path == book


@pytest.mark.skipif(sys.platform == "darwin", reason="the file system itself normalises names there")
def test_names_are_normalised_and_paths_are_not(folder: Path) -> None:
    spelled = unicodedata.normalize("NFD", "Ré科.xlsx")
    (folder / spelled).write_bytes(b"x")
    (one,), _ = scan([folder])
    assert one.name == unicodedata.normalize("NFC", spelled)
    assert one.path.name == spelled
    assert one.path.exists()


def test_a_missing_folder_is_an_answer_of_its_own_and_harms_no_other(folder: Path, tmp_path: Path) -> None:
    (folder / "宣传科.xlsx").write_bytes(b"x")
    seen, unreachable = scan([tmp_path / "没有", folder])
    assert [one.name for one in seen] == ["宣传科.xlsx"]
    assert unreachable == [Unreachable(tmp_path / "没有", os.strerror(2))]


def test_workbook_names() -> None:
    assert is_workbook_name("宣传科（1）.xlsx")
    assert not is_workbook_name("宣传科.xlsx.tmp")


@pytest.fixture
def hint() -> threading.Event:
    return threading.Event()


@pytest.fixture
def watch(folder: Path, hint: threading.Event, mode: Literal["native", "polling"]) -> Iterator[FolderWatch]:
    with FolderWatch([folder], hint, mode, poll_seconds=0.1) as watch:
        yield watch


def test_a_save_by_rename_gives_a_hint(watch: FolderWatch, folder: Path, hint: threading.Event) -> None:
    assert watch.alive()
    (folder / "lu1.tmp").write_bytes(b"x")
    assert hint.wait(WAIT_SECONDS)
    hint.clear()
    (folder / "lu1.tmp").replace(folder / "宣传科.xlsx")
    assert hint.wait(WAIT_SECONDS)


def test_the_watch_goes_on_after_its_folder_was_deleted_and_made_again(
    watch: FolderWatch, folder: Path, hint: threading.Event
) -> None:
    shutil.rmtree(folder)
    until(lambda: not watch.alive())
    assert not watch.mend()
    folder.mkdir()
    hint.clear()
    assert watch.mend()
    assert hint.is_set()
    assert watch.alive()
    hint.clear()
    (folder / "宣传科.xlsx").write_bytes(b"x")
    assert hint.wait(WAIT_SECONDS)


def test_the_watch_notices_that_its_folder_was_changed_for_another(watch: FolderWatch, folder: Path) -> None:
    folder.rename(folder.with_name("旧"))
    folder.mkdir()
    assert not watch.alive()
    assert watch.mend()
    assert watch.alive()


def test_our_own_reading_and_temporary_files_give_no_hint(folder: Path, hint: threading.Event) -> None:
    """A later event of another kind shows that the quiet ones were let pass, not just late."""
    (folder / "宣传科.xlsx").write_bytes(b"x")
    (folder / ".syncer-tmp").mkdir()
    told: list[str] = []

    class Told:
        def set(self) -> None:
            told.append("hint")
            hint.set()

    with FolderWatch([folder], Told(), "native"):
        for _ in range(20):
            (folder / "宣传科.xlsx").read_bytes()
            scan([folder])
            (folder / ".syncer-tmp" / "x").write_bytes(b"x")
        assert not hint.wait(0.5)
        (folder / "宣传科.xlsx").write_bytes(b"y")
        assert hint.wait(WAIT_SECONDS)


def test_a_failing_listener_does_not_end_the_watch(folder: Path) -> None:
    calls = threading.Semaphore(0)

    class Failing:
        def set(self) -> None:
            calls.release()
            raise RuntimeError

    with FolderWatch([folder], Failing(), "native") as watch:
        (folder / "a.xlsx").write_bytes(b"x")
        assert calls.acquire(timeout=WAIT_SECONDS)
        assert watch.alive()


def test_a_folder_that_comes_later_is_taken_up(tmp_path: Path, hint: threading.Event) -> None:
    folder = tmp_path / "共享"
    with FolderWatch([folder], hint) as watch:
        assert not watch.alive()
        assert not watch.mend()
        folder.mkdir()
        assert watch.mend()
        assert watch.alive()
        assert hint.is_set()


def test_network_mounts_are_known_by_their_type(tmp_path: Path) -> None:
    mounts = (
        "/dev/sda1 / ext4 rw 0 0\n//nas/share /mnt/共\\040享 cifs rw 0 0\n"
        "x /mnt/共\\040享/local tmpfs rw 0 0\nme@host:/ /home/me/nas fuse.sshfs rw 0 0\n"
    )
    assert _mount_kind(Path("/mnt/共 享/02各单位填报"), mounts) == "cifs"
    assert _mount_kind(Path("/mnt/共 享/local/a"), mounts) == "tmpfs"
    assert _mount_kind(Path("/mnt/别处"), mounts) == "ext4"
    assert _mount_kind(Path("/home/me/nas/a"), mounts) == "nfs"
    assert not is_network(tmp_path)
