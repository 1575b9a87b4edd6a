"""When a file counts as saved. Time is passed in, so nothing waits."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from syncer.watch.scan import Seen, scan
from syncer.watch.settle import Pace, Settler, Waiting, reads_whole, settled

SEEN = Seen(Path("02"), "宣传科.xlsx", Path("02/宣传科.xlsx"), 10, 1, 1, 7)
PACE = Pace(settle_seconds=0.5, give_up_seconds=10)


def whole(_: Path) -> bool:
    return True


def broken(_: Path) -> bool:
    return False


def test_a_file_is_saved_once_it_has_held_still() -> None:
    first, wait = settled(None, SEEN, 100.0, PACE, whole)
    assert (first, wait) == (Waiting(SEEN, 100.0), 0.5)
    assert settled(first, SEEN, 100.25, PACE, whole) == (first, 0.25)
    assert settled(first, SEEN, 100.5, PACE, whole) == (first, 0)


@pytest.mark.parametrize("change", [{"size": 11}, {"mtime_ns": 2}, {"ctime_ns": 2}, {"inode": 8}])
def test_any_change_begins_the_wait_anew(change: dict[str, int]) -> None:
    changed = replace(SEEN, **change)  # type: ignore[arg-type]
    assert settled(Waiting(SEEN, 100.0), changed, 100.5, PACE, whole) == (Waiting(changed, 100.5), 0.5)


def test_a_still_file_that_is_no_whole_zip_is_waited_for_and_at_last_passed_on() -> None:
    state = Waiting(SEEN, 100.0)
    assert settled(state, SEEN, 101.0, PACE, broken) == (state, 0.5)
    assert settled(state, SEEN, 109.75, PACE, broken) == (state, 0.25)
    assert settled(state, SEEN, 110.0, PACE, broken) == (state, 0)


def test_the_settler_says_when_to_look_again_and_gives_each_save_once() -> None:
    settler = Settler(PACE, whole)
    other = replace(SEEN, name="人事科.xlsx", path=Path("02/人事科.xlsx"))
    assert settler.observe([], 99.0) == ([], None)
    assert settler.observe([SEEN], 100.0) == ([], 0.5)
    assert settler.observe([SEEN, other], 100.25) == ([], 0.25)
    assert settler.observe([SEEN, other], 100.5) == ([SEEN], 0.25)
    assert settler.observe([other], 101.0) == ([other], None)
    assert settler.observe([], 102.0) == ([], None)


def test_a_file_that_vanished_meanwhile_begins_anew() -> None:
    settler = Settler(PACE, whole)
    settler.observe([SEEN], 100.0)
    settler.observe([], 100.4)
    assert settler.observe([SEEN], 100.5) == ([], 0.5)


def test_a_book_written_in_two_halves_is_saved_only_when_its_end_is_there(tmp_path: Path) -> None:
    book = tmp_path / "宣传科.xlsx"
    with zipfile.ZipFile(book, "w") as package:
        package.writestr("xl/workbook.xml", "x" * 500)
    content = book.read_bytes()
    settler = Settler(PACE)

    book.write_bytes(content[:300])
    half, _ = scan([tmp_path])
    assert settler.observe(half, 0.0) == ([], 0.5)
    assert settler.observe(half, 5.0) == ([], 0.5)
    book.write_bytes(content)
    full, _ = scan([tmp_path])
    assert settler.observe(full, 6.0) == ([], 0.5)
    assert settler.observe(full, 6.5) == (full, None)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.xlsx", b"", False),
        ("a.xlsx", b"\0" * 900, False),
        ("a.xlsx", b"PK\x03\x04 and no end", False),
        ("a.xlsx", b"\xd0\xcf\x11\xe0 a password", True),
        ("a.xls", b"anything", True),
    ],
)
def test_what_can_be_seen_of_a_files_end(tmp_path: Path, name: str, content: bytes, expected: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert reads_whole(tmp_path / name) is expected


def test_a_directory_made_to_fill_memory_is_not_taken_up(tmp_path: Path) -> None:
    record = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, len(record) * 300_000, 4, 0)
    (tmp_path / "a.xlsx").write_bytes(b"PK\3\4" + record * 300_000 + end)
    tracemalloc.start()
    assert reads_whole(tmp_path / "a.xlsx")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("cut", [1, 21, 22, 60])
def test_a_zip_without_the_last_of_its_end_is_not_whole(tmp_path: Path, cut: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        package.writestr("xl/workbook.xml", "x" * 500)
    content = (tmp_path / "a.xlsx").read_bytes()
    assert reads_whole(tmp_path / "a.xlsx")
    (tmp_path / "a.xlsx").write_bytes(content[:-cut])
    assert not reads_whole(tmp_path / "a.xlsx")


def test_a_file_that_cannot_be_opened_is_not_whole(tmp_path: Path) -> None:
    assert not reads_whole(tmp_path / "没有.xlsx")
