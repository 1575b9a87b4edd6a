"""Owner files beside a book, and how long they are believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncer.watch.owners import STALE_SECONDS, is_open

NOW = 1_800_000_000.0


def lay(folder: Path, name: str, age_seconds: float = 60) -> Path:
    path = folder / name
    path.write_bytes(b"x")
    os.utime(path, (NOW - age_seconds, NOW - age_seconds))
    return path


@pytest.mark.parametrize(
    "name", ["~$宣传教育科.xlsx", "~$传教育科.xlsx", "~$教育科.xlsx", ".~宣传教育科.xlsx", ".~lock.宣传教育科.xlsx#"]
)
def test_a_book_beside_its_owner_file_is_open(tmp_path: Path, name: str) -> None:
    book = lay(tmp_path, "宣传教育科.xlsx")
    assert not is_open(book, NOW)
    lay(tmp_path, name)
    assert is_open(book, NOW)


def test_an_owner_file_of_another_book_does_not_count(tmp_path: Path) -> None:
    lay(tmp_path, "~$人事科.xlsx")
    lay(tmp_path, ".~lock.宣传科.xlsx")
    assert not is_open(lay(tmp_path, "宣传科.xlsx"), NOW)


def test_an_owner_file_left_behind_is_not_believed_after_a_day(tmp_path: Path) -> None:
    book = lay(tmp_path, "宣传科.xlsx")
    lay(tmp_path, "~$宣传科.xlsx", STALE_SECONDS - 1)
    assert is_open(book, NOW)
    lay(tmp_path, "~$宣传科.xlsx", STALE_SECONDS)
    assert not is_open(book, NOW)
