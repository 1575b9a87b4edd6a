from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.store.pieces import MOST_BOOKS, Pieces, PiecesLostError, StandingBook, twice


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "pieces.db"


@pytest.fixture
def pieces(path: Path) -> Iterator[Pieces]:
    opened = Pieces(path)
    opened.serve("L1")
    yield opened
    opened.close()


def test_what_is_kept_is_found_by_its_identity_when_the_file_is_opened_again(pieces: Pieces, path: Path) -> None:
    number = pieces.add("甲", "3 rows", b"data")
    pieces.add("", "1 row", b"never found")
    pieces.remember("book", b"frame", "plan", [number, number + 1])
    pieces.close()
    again = Pieces(path)
    assert again.known() == {"甲": (number, "3 rows")}
    assert again.data(number) == b"data"
    assert again.data(number + 1) == b"never found"
    assert again.book("book") == (b"frame", "plan")
    again.close()


def test_what_was_not_remembered_in_a_book_is_gone_after_a_kill(pieces: Pieces, path: Path) -> None:
    pieces.add("甲", "", b"data")
    pieces._open = None  # as after a kill: nothing is committed any more
    assert Pieces(path).known() == {}


def test_a_piece_stays_as_long_as_one_of_the_last_fifty_books_needs_it(pieces: Pieces) -> None:
    old = pieces.add("旧", "", b"old")
    pieces.remember("first", b"", "", [old])
    numbers = []
    for at in range(MOST_BOOKS):
        assert pieces.data(old) == b"old"
        numbers.append(pieces.add(f"新{at}", "", b"new"))
        pieces.remember(f"book {at}", b"", "", numbers[-1:])
    assert pieces.book("first") is None
    assert "旧" not in pieces.known()
    assert pieces.data(numbers[0]) == b"new"
    assert len(pieces.known()) == MOST_BOOKS


def test_a_piece_that_comes_back_into_use_stays(pieces: Pieces) -> None:
    old = pieces.add("旧", "", b"old")
    pieces.remember("first", b"", "", [old])
    pieces.remember("second", b"", "", [])
    for at in range(MOST_BOOKS + 2):
        pieces.remember(f"with it {at}", b"", "", [old])
    assert pieces.data(old) == b"old"


def test_another_ledger_or_layout_begins_with_nothing(pieces: Pieces, path: Path) -> None:
    pieces.remember("book", b"", "", [pieces.add("甲", "", b"data")])
    pieces.serve("L1")
    assert "甲" in pieces.known()
    pieces.serve("L2")
    assert pieces.known() == {}
    pieces.remember("book", b"", "", [pieces.add("甲", "", b"data")])
    pieces.close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'layout'")
    db.close()
    assert pieces.known() == {}


@pytest.mark.parametrize("damage", [b"no database at all, but as long as a page" * 3000, b""])
def test_a_damaged_file_is_thrown_away(pieces: Pieces, path: Path, damage: bytes) -> None:
    pieces.remember("book", b"", "", [pieces.add("甲", "", b"data")])
    pieces.close()
    path.write_bytes(damage)
    assert pieces.known() == {}
    assert pieces.book("book") is None


def test_damage_met_in_the_middle_of_work_is_said_and_the_work_begins_anew(pieces: Pieces) -> None:
    def task() -> bytes:
        number = numbers.pop()
        return pieces.data(number or pieces.add("甲", "", b"data"))

    numbers = [0, 77]
    assert twice(task) == b"data"
    numbers = [77, 77]
    with pytest.raises(OSError, match="77"):
        twice(task)
    numbers = [77]
    with pytest.raises(PiecesLostError):
        task()


def test_where_the_pieces_of_a_standing_book_lie_is_known_by_its_path(pieces: Pieces) -> None:
    assert pieces.standing("03/master.xlsx") is None
    pieces.stands("03/master.xlsx", StandingBook("1:2", b"places"))
    pieces.stands("03/master.xlsx", StandingBook("1:3", b"others"))
    assert pieces.standing("03/master.xlsx") == StandingBook("1:3", b"others")


def test_a_number_is_never_given_twice(pieces: Pieces) -> None:
    """What is noted of a file that stands in a folder may speak of a piece that is long gone."""
    pieces.remember("first", b"", "", [gone := pieces.add("甲", "", b"data")])
    for at in range(MOST_BOOKS + 1):
        pieces.remember(f"book {at}", b"", "", [])
    assert pieces.known() == {}
    assert pieces.add("乙", "", b"other") > gone
