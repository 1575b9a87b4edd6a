"""What was written into the units' workbooks, and what is being written: the intent is stored first (design §4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update

from syncer.core.merging.known_book import SheetContent
from syncer.core.problems import Problem
from syncer.store import tables as t
from syncer.store.blobs import dump_problems, load_problems
from syncer.store.contents import dump_content, load_content
from syncer.store.facts import Save
from syncer.store.putting import put
from syncer.store.recording import add_version, row_cells
from syncer.store.rows import put_rows
from syncer.store.turning import turn


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
    layout: Mapping[str, str] = field(default_factory=dict)  # what the new bytes are laid out for


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
    last_saved: str = ""  # by the unit; a delivery does not move it
    layout: str = ""  # JSON: what it was last laid out for (`syncer.core.delivery.evolution.layout_of`)
    kind: str = ""  # of the base version: save, delivery, issue …


@dataclass(frozen=True, slots=True)
class Stuck:
    """A delivery that was tried and cannot be made: not tried again until workbook or content change (``basis``)."""

    basis: str
    why: str
    pending: int
    problems: tuple[Problem, ...] = ()  # what the unit is told of it


_STUCK = "stuck:"  # facts in `meta`, by unit


class Deliveries:
    """The deliveries' side of the database. Each public method is one transaction, or a read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def books(self) -> dict[str, BookFacts]:
        """Returns what is known of every issued workbook, by unit."""
        with self.engine.connect() as db:
            return {unit: BookFacts(**r) for unit, r in _facts(db)}

    def book(self, unit: str) -> BookFacts | None:
        """Returns what is known of a unit's workbook; ``None`` if it was never issued."""
        with self.engine.connect() as db:
            return next((BookFacts(**r) for _, r in _facts(db, unit)), None)

    def waits(self, unit: str, why: str, pending: int) -> None:
        """Keeps why a delivery waits (``""``: nothing is due), and how many cells it would write."""
        with self.engine.begin() as db:
            changed = (t.book.c.waits != why) | (t.book.c.pending != pending)
            db.execute(update(t.book).where(t.book.c.unit == unit, changed).values(waits=why, pending=pending))

    def laid_out(self, unit: str, layout: Mapping[str, str]) -> None:
        """Keeps what a workbook is laid out for."""
        with self.engine.begin() as db:
            db.execute(update(t.book).where(t.book.c.unit == unit).values(layout=dump_layout(layout)))

    # ---- what cannot be written

    def stuck(self) -> dict[str, Stuck]:
        """Returns the deliveries that were tried in vain, by unit."""
        query = select(t.meta.c.key, t.meta.c.value).where(t.meta.c.key.like(f"{_STUCK}%")).order_by(t.meta.c.key)
        with self.engine.connect() as db:
            found = {r.key.removeprefix(_STUCK): json.loads(r.value) for r in db.execute(query)}
        return {
            unit: Stuck(f["basis"], f["why"], f["pending"], load_problems(f["problems"])) for unit, f in found.items()
        }

    def stick(self, unit: str, stuck: Stuck | None) -> None:
        """Keeps that a delivery cannot be made; ``None``: there is none any more."""
        with self.engine.begin() as db:
            turn(db)  # it may be told of
            if stuck is None:
                db.execute(delete(t.meta).where(t.meta.c.key == f"{_STUCK}{unit}"))
                return
            told = {"basis": stuck.basis, "why": stuck.why, "pending": stuck.pending}
            text = json.dumps({**told, "problems": dump_problems(stuck.problems)}, ensure_ascii=False)
            put(db, t.meta, {"key": f"{_STUCK}{unit}"}, {"value": text})

    # ---- one delivery

    def intend(self, intent: Intent) -> None:
        """Stores what is about to be written."""
        values = {"path": intent.path, "before": intent.before, "after": intent.after, "revision": intent.revision}
        with self.engine.begin() as db:
            put(
                db,
                t.intent,
                {"unit": intent.unit},
                {
                    **values,
                    "at": intent.at,
                    "content": dump_content(intent.content),
                    "layout": dump_layout(intent.layout),
                },
            )

    def intents(self) -> list[Intent]:
        """Returns the deliveries that were broken off."""
        with self.engine.connect() as db:
            return [
                Intent(
                    r.unit, r.path, r.before, r.after, r.revision, load_content(r.content), r.at, json.loads(r.layout)
                )
                for r in db.execute(select(t.intent).order_by(t.intent.c.unit))
            ]

    def drop(self, intent: Intent) -> None:
        """Forgets an intent: the file was not touched."""
        with self.engine.begin() as db:
            db.execute(delete(t.intent).where(t.intent.c.unit == intent.unit))

    def finish(self, intent: Intent, file: str, stat: str, at: str) -> None:
        """Records a delivery as done: its content is the next base, and no save; a task that came new is a row from now on.

        ``file`` is the workbook's name, ``stat`` the mark of the file as we left it.
        """
        save = Save(intent.unit, file, intent.after, at, at)
        with self.engine.begin() as db:
            before = _base(db, intent.unit)
            version = add_version(db, save, "delivery", intent.content, revision=intent.revision)
            values: dict[str, object] = {
                "version": version,
                "revision": intent.revision,
                "delivered_at": at,
                "waits": "",
                "pending": 0,
            }
            values["layout"] = dump_layout(intent.layout)
            db.execute(update(t.book).where(t.book.c.unit == intent.unit).values(**values))
            for code, sheet in intent.content.items():
                there = {row.id for row in before[code].rows} if code in before else set()
                _follow_rows(db, save, version, code, sheet, [row.id for row in sheet.rows if row.id not in there])
            seen = {"stat": stat, "sha256": intent.after, "unit": intent.unit, "problems": "[]", "receipt": ""}
            put(db, t.seen, {"path": intent.path}, seen)
            db.execute(delete(t.intent).where(t.intent.c.unit == intent.unit))


def dump_layout(layout: Mapping[str, str]) -> str:
    """Returns a layout as JSON text, keys sorted."""
    return json.dumps(dict(layout), ensure_ascii=False, sort_keys=True)


def _facts(db: Connection, unit: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    b, v = t.book.c, t.version.c
    query = select(
        b.unit, b.guid, b.file, b.revision, v.sha256, b.delivered_at, b.waits, b.pending, b.last_saved, b.layout, v.kind
    ).join(t.version, b.version == v.id)
    query = query.order_by(b.unit)
    for r in db.execute(query.where(b.unit == unit) if unit else query).mappings():
        facts = dict(r)
        yield facts.pop("unit"), facts


def _base(db: Connection, unit: str) -> Mapping[str, SheetContent]:
    query = select(t.version.c.content).join(t.book, t.book.c.version == t.version.c.id).where(t.book.c.unit == unit)
    blob = db.scalar(query)
    return load_content(blob) if blob else {}


def _follow_rows(
    db: Connection, save: Save, version: int, code: str, sheet: SheetContent, brought: Sequence[str]
) -> None:
    """Notes where the delivered rows stand now; what this delivery ``brought`` becomes a row of the ledger if it is none.

    A row that the ledger let go of, or holds back, may stand in the workbook still: that makes it no row of the ledger. One
    that came from a copy stands there as before.
    """
    here = (t.row.c.unit == save.unit, t.row.c.sheet == code)
    places = select(t.row.c.id, t.row.c.file, t.row.c.source_row).where(*here)
    known = {r.id: (r.file, r.source_row) for r in db.execute(places)}
    moved: dict[str, dict[str, object]] = {}
    arrived: dict[str, dict[str, object]] = {}
    for position, row in enumerate(sheet.rows):
        if row.id in known:
            file, at = known[row.id]
            if file == save.file and at != row.row:
                moved[row.id] = {"source_row": row.row}
        elif row.id in brought:
            cells = row_cells(row, row.raw, save, position, version)
            arrived[row.id] = {**cells, "saved_at": "", "changed_at": ""}
    put_rows(db, save.unit, code, moved)
    put_rows(db, save.unit, code, arrived)
