"""The numbered editions of generated books: what each held, so that what somebody types into it can be told from what we wrote."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select

from syncer.store import tables as t

MOST_EDITIONS = 50


@dataclass(frozen=True, slots=True)
class Edition:
    """One content of one book, before it was given its number. ``sha256`` is `Master.digest`: of its frame and of all its pieces."""

    number: int
    path: str
    sha256: str


class Editions:
    """The database's side. Each method is one transaction, or a read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, path: str) -> list[Edition]:
        """Returns what is known of a book's editions, newest first."""
        return self._select(t.edition.c.path == path)

    def find(self, number: int) -> Edition | None:
        """Returns the edition of this number; ``None`` where it is forgotten, or never was."""
        return next(iter(self._select(t.edition.c.number == number)), None)

    def _select(self, where: object) -> list[Edition]:
        query = select(t.edition).where(where).order_by(t.edition.c.number.desc())  # type: ignore[arg-type]
        with self._engine.connect() as db:
            return [Edition(r.number, r.path, r.sha256) for r in db.execute(query)]

    def add(self, path: str, sha256: str, at: str) -> Edition:
        """Records a content and gives it the next number; of each book the last fifty are remembered."""
        with self._engine.begin() as db:
            number = (db.scalar(select(func.max(t.edition.c.number))) or 0) + 1
            db.execute(insert(t.edition).values(number=number, path=path, sha256=sha256, at=at))
            same = t.edition.c.path == path
            kept = select(t.edition.c.number).where(same).order_by(t.edition.c.number.desc()).limit(MOST_EDITIONS)
            oldest = min(db.scalars(kept))
            db.execute(delete(t.edition).where(same, t.edition.c.number < oldest))
        return Edition(number, path, sha256)

    def withdraw(self, number: int) -> None:
        """Forgets an edition that never reached its reader."""
        with self._engine.begin() as db:
            db.execute(delete(t.edition).where(t.edition.c.number == number))
