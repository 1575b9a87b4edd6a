"""What came through 07收件箱: what was said of each file, and whether it has been put away yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from syncer.store import tables as t

GONE = "-"  # instead of a place: somebody else took the file away, or changed it, before we could

Verdict = Literal["taken", "again", "refused"]


@dataclass(frozen=True, slots=True)
class Received:
    """One file that is settled: merged, known already, or turned away by the coordinator. ``path`` is where it lay, as kept."""

    path: str
    name: str
    sha256: str
    unit: str  # unit code; "" where nobody knows
    saved_at: str  # ISO, local
    at: str  # when it was settled
    verdict: Verdict
    text: str  # the line to paste back
    place: str = ""  # where it was put; "": it is still to be put away
    id: int = 0


class ReceivedFiles:
    """The inbox folder's side of the database. Each public method is one transaction, or a read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def add(self, received: Received) -> None:
        """Records what became of a file; it is put away next."""
        with self.engine.begin() as db:
            add_received(db, received)

    def to_put_away(self) -> list[Received]:
        """Returns the files that still lie where they were dropped, oldest first."""
        return self._select(select(t.received).where(t.received.c.place == "").order_by(t.received.c.id))

    def taken(self, sha256: str, unit: str) -> Received | None:
        """Returns how these bytes were taken in for a unit last; ``None`` if they were not."""
        r = t.received.c
        query = select(t.received).where(r.sha256 == sha256, r.unit == unit, r.verdict == "taken").order_by(r.id.desc())
        return next(iter(self._select(query)), None)

    def latest(self, limit: int) -> list[Received]:
        """Returns what was settled last, newest first."""
        return self._select(select(t.received).order_by(t.received.c.id.desc()).limit(limit))

    def withdraw(self, path: str, sha256: str) -> None:
        """Forgets that a file is to be put away as turned away, if it still lies where it was: she changed her mind."""
        r = t.received.c
        waits = (r.path == path, r.sha256 == sha256, r.verdict == "refused", r.place == "")
        with self.engine.begin() as db:
            db.execute(delete(t.received).where(*waits))

    def settle(self, received: Received, place: str) -> None:
        """Records where a file was put; `GONE` where it is no longer ours to put anywhere.

        How it looked where it lay is forgotten with it: the same bytes may be dropped there once more.
        """
        with self.engine.begin() as db:
            here = (t.seen.c.path == received.path, t.seen.c.sha256 == received.sha256)
            db.execute(delete(t.seen).where(*here))
            db.execute(update(t.received).where(t.received.c.id == received.id).values(place=place))

    def _select(self, query: object) -> list[Received]:
        with self.engine.connect() as db:
            return [_loaded(r) for r in db.execute(query).mappings()]  # type: ignore[call-overload]


def add_received(db: Connection, received: Received) -> None:
    """Records what became of a file, within the transaction that merges it."""
    names = ("path", "name", "sha256", "unit", "saved_at", "at", "verdict", "text", "place")
    db.execute(insert(t.received).values(**{name: getattr(received, name) for name in names}))


def _loaded(r: RowMapping) -> Received:
    return Received(**{name: r[name] for name in Received.__dataclass_fields__})
