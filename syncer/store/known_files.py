"""What is known of the files in the shared folders: how each was handled last, and how we left those that we make."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Engine, delete, func, select, update

from syncer.store import tables as t
from syncer.store.blobs import dump_problems
from syncer.store.facts import Published, Seen
from syncer.store.loading import load_seen
from syncer.store.putting import put

IS_WRONG = t.seen.c.problems != dump_problems(())
_SEEN = (t.seen.c.path, t.seen.c.stat, t.seen.c.sha256, t.seen.c.unit, t.seen.c.problems, t.seen.c.receipt)


class KnownFiles:
    """The files as the last pass knew them, by the path that is shown (relative to the workspace)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def seen(self, below: str = "") -> dict[str, Seen]:
        """Returns what the last scan knew, by path; of the files whose paths begin with ``below``, where it is given."""
        return self._seen(_lies(below))

    def wrong(self) -> dict[str, Seen]:
        """Returns those of them in which something is wrong."""
        return self._seen(IS_WRONG)

    def lost(self, below: str) -> dict[str, str]:
        """Returns the file names of issued workbooks, by unit code, of which the last scan knew no file with such a path."""
        there = select(t.seen.c.unit).where(_lies(below))
        query = select(t.book.c.unit, t.book.c.file).where(t.book.c.unit.not_in(there)).order_by(t.book.c.unit)
        with self.engine.connect() as db:
            return {r.unit: r.file for r in db.execute(query).all()}

    def _seen(self, *which: ColumnElement[bool]) -> dict[str, Seen]:
        with self.engine.connect() as db:
            found = db.execute(select(*_SEEN).where(*which).order_by(t.seen.c.path)).all()
        return {path: load_seen(*rest) for path, *rest in found}

    def seen_of(self, path: str) -> Seen | None:
        """Returns what the last scan knew of one file."""
        with self.engine.connect() as db:
            r = db.execute(select(*_SEEN).where(t.seen.c.path == path)).first()
            return load_seen(*r[1:]) if r else None

    def see(self, path: str, seen: Seen) -> None:
        """Remembers a file as it was handled."""
        values = {
            "stat": seen.stat,
            "sha256": seen.sha256,
            "unit": seen.unit,
            "problems": dump_problems(seen.problems),
            "receipt": seen.receipt,
        }
        with self.engine.begin() as db:
            put(db, t.seen, {"path": path}, values)

    def forget(self, paths: Iterable[str]) -> None:
        """Forgets files that are no longer there (their content stays)."""
        with self.engine.begin() as db:
            db.execute(delete(t.seen).where(t.seen.c.path.in_(list(paths))))

    def distrust_marks(self) -> None:
        """Has every file read again at the next pass, whatever its size and times say."""
        with self.engine.begin() as db:
            db.execute(update(t.seen).values(stat=""))

    def published(self, path: str) -> Published | None:
        """Returns how we left a generated file."""
        with self.engine.connect() as db:
            r = db.execute(select(t.published).where(t.published.c.path == path)).first()
            return Published(r.sha256, r.fingerprint, r.stat) if r else None

    def all_published(self) -> dict[str, Published]:
        """Returns how we left every generated file, by path."""
        with self.engine.connect() as db:
            p = t.published.c
            found = db.execute(select(p.path, p.sha256, p.fingerprint, p.stat).order_by(p.path)).all()
            return {path: Published(*rest) for path, *rest in found}

    def record_published(self, path: str, published: Published) -> None:
        """Remembers how we left a generated file."""
        values = {"sha256": published.sha256, "fingerprint": published.fingerprint, "stat": published.stat}
        with self.engine.begin() as db:
            put(db, t.published, {"path": path}, values)


def _lies(below: str) -> ColumnElement[bool]:
    """The condition that a path begins so; SQLite's LIKE would take an A for an a."""
    return func.substr(t.seen.c.path, 1, len(below)) == below
