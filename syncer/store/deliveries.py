"""What was written into the units' workbooks, and what is being written: the intent is stored first (design §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, select, update

from syncer.core.intake import SheetContent
from syncer.store import tables as t
from syncer.store.blobs import dump_content, load_content
from syncer.store.facts import Save
from syncer.store.recording import add_version, put, row_cells


@dataclass(frozen=True, slots=True)
class Intent:
    """A delivery under way: the file ``path`` (as shown and kept) goes from ``before`` to ``after`` (SHA-256)."""

    unit: str
    path: str
    before: str
    after: str
    revision: int  # as the stamp in the new bytes says
    content: Mapping[str, SheetContent]  # what the workbook holds afterwards: the next base
    at: str = ""


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What is known of a unit's workbook as a file: ``sha256`` are the bytes of its base version."""

    guid: str
    file: str
    revision: int
    sha256: str
    delivered_at: str
    waits: str = ""
    pending: int = 0


class Deliveries:
    """The deliveries' side of the database. Each public method is one transaction, or a read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def book(self, unit: str) -> BookFacts | None:
        """Returns what is known of a unit's workbook; ``None`` if it was never issued."""
        b, v = t.book.c, t.version.c
        query = select(b.guid, b.file, b.revision, v.sha256, b.delivered_at, b.waits, b.pending)
        query = query.join(t.version, b.version == v.id).where(b.unit == unit)
        with self.engine.connect() as db:
            r = db.execute(query).first()
            return BookFacts(*r) if r else None

    def waits(self, unit: str, why: str, pending: int) -> None:
        """Keeps why a delivery waits (``""``: nothing is due), and how many cells it would write."""
        with self.engine.begin() as db:
            changed = (t.book.c.waits != why) | (t.book.c.pending != pending)
            db.execute(update(t.book).where(t.book.c.unit == unit, changed).values(waits=why, pending=pending))

    def intend(self, intent: Intent) -> None:
        """Stores what is about to be written."""
        values = {"path": intent.path, "before": intent.before, "after": intent.after, "revision": intent.revision}
        with self.engine.begin() as db:
            put(
                db,
                t.intent,
                {"unit": intent.unit},
                {**values, "at": intent.at, "content": dump_content(intent.content)},
            )

    def intents(self) -> list[Intent]:
        """Returns the deliveries that were broken off."""
        with self.engine.connect() as db:
            return [
                Intent(r.unit, r.path, r.before, r.after, r.revision, load_content(r.content), r.at)
                for r in db.execute(select(t.intent).order_by(t.intent.c.unit))
            ]

    def drop(self, intent: Intent) -> None:
        """Forgets an intent: the file was not touched."""
        with self.engine.begin() as db:
            db.execute(delete(t.intent).where(t.intent.c.unit == intent.unit))

    def finish(self, intent: Intent, file: str, stat: str, at: str) -> None:
        """Records a delivery as done: its content is the next base, and no save; rows that came new are rows from now on.

        ``file`` is the workbook's name, ``stat`` the mark of the file as we left it.
        """
        save = Save(intent.unit, file, intent.after, at, at)
        with self.engine.begin() as db:
            version = add_version(db, save, "delivery", intent.content, revision=intent.revision)
            values = {"version": version, "revision": intent.revision, "delivered_at": at, "waits": "", "pending": 0}
            db.execute(update(t.book).where(t.book.c.unit == intent.unit).values(**values))
            for code, sheet in intent.content.items():
                _follow_rows(db, save, version, code, sheet)
            put(
                db,
                t.seen,
                {"path": intent.path},
                {"stat": stat, "sha256": intent.after, "unit": intent.unit, "problems": "[]", "receipt": ""},
            )
            db.execute(delete(t.intent).where(t.intent.c.unit == intent.unit))


def _follow_rows(db: Connection, save: Save, version: int, code: str, sheet: SheetContent) -> None:
    """Notes where the delivered rows stand now; a task that is new to the workbook becomes a row of the ledger."""
    here = (t.row.c.unit == save.unit, t.row.c.sheet == code)
    known = {r.id: r.source_row for r in db.execute(select(t.row.c.id, t.row.c.source_row).where(*here))}
    for position, row in enumerate(sheet.rows):
        if row.id not in known:
            cells = row_cells(row, row.raw, save, position, version)
            put(
                db, t.row, {"unit": save.unit, "sheet": code, "id": row.id}, {**cells, "saved_at": "", "changed_at": ""}
            )
        elif known[row.id] != row.row:
            db.execute(update(t.row).where(*here, t.row.c.id == row.id).values(source_row=row.row))
