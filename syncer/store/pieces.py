"""Rendered pieces of generated books, in a SQLite file of their own that may be lost at any time: all of it can be made again.

Beside the pieces it remembers the last books made of them, so that an edition can be put together once more, and where in the
file that stands in the folder each piece lies. What a piece is, only those who make it know: here it is bytes and a text.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from syncer import fs
from syncer.store.disk import make_folders

T = TypeVar("T")
LAYOUT = "3"  # of the file: one of another layout is thrown away
MOST_BOOKS = 50  # as many as editions are remembered
_PAGE_BYTES = 65_536  # most pieces fit into one page
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS piece (
    number INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL, facts TEXT NOT NULL, retired INTEGER
);
CREATE TABLE IF NOT EXISTS body (number INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS book (
    digest TEXT PRIMARY KEY, serial INTEGER NOT NULL, frame BLOB NOT NULL, plan TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS standing (path TEXT PRIMARY KEY, mark TEXT NOT NULL, places BLOB NOT NULL);
"""


class PiecesLostError(Exception):
    """The file was damaged and has been thrown away: what was found in it before counts no more."""


@dataclass(frozen=True, slots=True)
class StandingBook:
    """Where the pieces of the book lie that stands in a folder; ``mark`` is the file's (`syncer.store.disk.stat_mark`)."""

    mark: str
    places: bytes


class Pieces:
    """The file. It is opened at its first use; one process at a time works on it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: sqlite3.Connection | None = None
        self.listed: dict[str, Any] = {}  # see `syncer.excel.pieces`; it holds for one opening of the file
        self._known: dict[str, tuple[int, str]] = {}
        self._live: set[int] = set()

    def close(self) -> None:
        """Lets go of the file."""
        if self._open is not None:
            self._open.close()
        self._open = None

    # ---- pieces

    def serve(self, ledger: str) -> None:
        """Prepares for a ledger (its id): what was made for another one is thrown away."""
        with self._lasting() as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'ledger'").fetchone()
        if row != (ledger,):
            self._throw_away()
            with self._lasting() as db:
                db.execute("INSERT INTO meta VALUES ('ledger', ?)", (ledger,))
                db.commit()

    def known(self) -> Mapping[str, tuple[int, str]]:
        """Returns every piece's number and facts, by its identity."""
        self._connection()
        return self._known

    def add(self, identity: str, facts: str, data: bytes) -> int:
        """Keeps a piece and returns its number, never given before to one that lasts; it lasts from the next `remember` on."""
        with self._lasting() as db:
            cursor = db.execute("INSERT INTO piece (identity, facts) VALUES (?, ?)", (identity, facts))
            number = int(cursor.lastrowid or 0)
            db.execute("INSERT INTO body VALUES (?, ?)", (number, data))
        self._live.add(number)
        if identity:
            self._known[identity] = (number, facts)
        return number

    def data(self, number: int) -> bytes:
        """Returns what is kept under a number."""
        with self._lasting() as db:
            row = db.execute("SELECT data FROM body WHERE number = ?", (number,)).fetchone()
            if row is None:
                raise sqlite3.DatabaseError(f"piece {number} is gone")
            return bytes(row[0])

    # ---- books

    def remember(self, digest: str, frame: bytes, plan: str, numbers: Collection[int]) -> None:
        """Remembers a book and the pieces it is made of; those that none of the last fifty books needs are deleted."""
        with self._lasting() as db:
            (serial,) = db.execute("SELECT coalesce(max(serial), 0) + 1 FROM book").fetchone()
            db.execute("INSERT OR REPLACE INTO book VALUES (?, ?, ?, ?)", (digest, serial, frame, plan))
            needed = set(numbers)
            gone = [(serial, number) for number in self._live - needed]
            db.executemany("UPDATE piece SET retired = ? WHERE number = ?", gone)
            back = [(None, number) for number in needed - self._live]
            db.executemany("UPDATE piece SET retired = ? WHERE number = ?", back)
            self._live = needed
            self._forget(db)
            db.commit()

    def _forget(self, db: sqlite3.Connection) -> None:
        kept = f"SELECT serial FROM book ORDER BY serial DESC LIMIT {MOST_BOOKS}"  # noqa: S608 - a number of ours
        (oldest,) = db.execute(f"SELECT min(serial) FROM ({kept})").fetchone()  # noqa: S608
        db.execute("DELETE FROM book WHERE serial < ?", (oldest,))
        gone = db.execute("SELECT number, identity FROM piece WHERE retired <= ?", (oldest,)).fetchall()
        for table in ("piece", "body"):
            db.executemany(f"DELETE FROM {table} WHERE number = ?", [(number,) for number, _ in gone])  # noqa: S608
        for number, identity in gone:
            if self._known.get(identity, (0, ""))[0] == number:
                del self._known[identity]

    def forget(self, digest: str) -> None:
        """Forgets a book that nobody has seen."""
        with self._lasting() as db:
            db.execute("DELETE FROM book WHERE digest = ?", (digest,))
            db.commit()

    def book(self, digest: str) -> tuple[bytes, str] | None:
        """Returns frame and plan of a book that is still remembered."""
        with self._lasting() as db:
            row = db.execute("SELECT frame, plan FROM book WHERE digest = ?", (digest,)).fetchone()
        return (bytes(row[0]), str(row[1])) if row else None

    # ---- the file that stands in the folder

    def stands(self, path: str, book: StandingBook) -> None:
        """Notes where the pieces lie in the book that now stands under ``path``."""
        with self._lasting() as db:
            db.execute("INSERT OR REPLACE INTO standing VALUES (?, ?, ?)", (path, book.mark, book.places))
            db.commit()

    def standing(self, path: str) -> StandingBook | None:
        """Returns where the pieces lie in the book that we last put under ``path``."""
        with self._lasting() as db:
            row = db.execute("SELECT mark, places FROM standing WHERE path = ?", (path,)).fetchone()
        return StandingBook(row[0], bytes(row[1])) if row else None

    # ---- the file itself

    @contextmanager
    def _lasting(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.Error as error:
            self._throw_away()
            raise PiecesLostError(str(error)) from error

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            make_folders(self._path.parent)
            try:
                self._open = self._opened()
            except sqlite3.Error:
                self._throw_away()
                self._open = self._opened()
        return self._open

    def _opened(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, check_same_thread=False)
        try:
            db.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA wal_autocheckpoint = 200")
            db.executescript(_TABLES)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('layout', ?)", (LAYOUT,))
            (layout,) = db.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
            if layout != LAYOUT:
                raise sqlite3.DatabaseError(f"layout {layout}")
            rows = db.execute("SELECT number, identity, facts, retired FROM piece").fetchall()
            db.commit()
        except sqlite3.Error:
            db.close()
            raise
        self.listed = {}  # what was added and never remembered is gone, and its numbers are given again
        self._known = {identity: (number, facts) for number, identity, facts, _ in rows if identity}
        self._live = {number for number, _, _, retired in rows if retired is None}
        return db

    def _throw_away(self) -> None:
        self.close()
        self._known, self._live, self.listed = {}, set(), {}
        for ending in ("", "-wal", "-shm"):
            fs.remove(self._path.with_name(self._path.name + ending))


def twice(task: Callable[[], T]) -> T:
    """Returns what a task comes to, tried again where the pieces were lost in the middle of it.

    Raises:
        OSError: they were lost again: the disk is full, or fails.
    """
    with contextlib.suppress(PiecesLostError):
        return task()
    try:
        return task()
    except PiecesLostError as error:
        raise OSError(f"{error}") from error
