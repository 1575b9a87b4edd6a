"""Reads the trail backwards: what every row held, what changed since a moment, and which bytes are still referred to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from syncer.core.encode import load_cells
from syncer.core.merging.time_travel import RowPlace
from syncer.core.model import Ledger, Source
from syncer.core.state import Change, Question
from syncer.core.values import Scalar
from syncer.store import tables as t
from syncer.store.contents import load_content
from syncer.store.loading import load_changes, load_question

_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row of the ledger as it is typed, and the save its present content came from."""

    unit: str
    sheet: str
    id: str
    raw: dict[str, Scalar]
    extra: dict[str, Scalar]
    source: Source
    changed_at: str

    @property
    def place(self) -> RowPlace:
        """Where it stands in the ledger."""
        return (self.unit, self.sheet, self.id)

    @property
    def cells(self) -> dict[str, Scalar]:
        """All its cells, the unit's own columns as ``+name``."""
        return {**self.raw, **{f"+{name}": value for name, value in self.extra.items()}}


class Trail:
    """The reading side of the history. Changes nothing."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def rows(self, ledger: Ledger, unit: str = "") -> list[HeldRow]:
        """Returns the rows of the ledger (of one unit, if named) by sheet, unit and place."""
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        query = select(t.row).order_by(t.row.c.sheet, t.row.c.unit, t.row.c.position, t.row.c.id)
        if unit:
            query = query.where(t.row.c.unit == unit)
        with self.engine.connect() as db:
            return [
                HeldRow(
                    r["unit"],
                    r["sheet"],
                    r["id"],
                    load_cells(r["raw"]),
                    load_cells(r["extra"]),
                    Source(r["file"], names.get(r["sheet"], r["sheet"]), r["source_row"], r["saved_at"], r["version"]),
                    r["changed_at"],
                )
                for r in db.execute(query).mappings()
            ]

    def changes(
        self, ledger: Ledger, *, since: str = "", unit: str = "", row_ids: Sequence[str] | None = None
    ) -> list[Change]:
        """Returns the recorded changes after ``since`` (ISO, local), oldest first; of one unit or of some rows, if named."""
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        query = select(t.change).where(t.change.c.at > since).order_by(t.change.c.id)
        if unit:
            query = query.where(t.change.c.unit == unit)
        if row_ids is not None:
            query = query.where(t.change.c.row_id.in_(row_ids))
        with self.engine.connect() as db:
            return [change for r in db.execute(query).mappings() for change in load_changes(r, names)]

    def questions(self, ledger: Ledger, row_ids: Sequence[str], unit: str = "") -> list[Question]:
        """Returns everything that was ever asked about some rows, oldest first."""
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        query = select(t.question).where(t.question.c.row_id.in_(row_ids)).order_by(t.question.c.at, t.question.c.id)
        if unit:
            query = query.where(t.question.c.unit == unit)
        with self.engine.connect() as db:
            return [load_question(r, names) for r in db.execute(query).mappings()]

    def columns(self, unit: str) -> dict[str, dict[str, int]]:
        """Returns where each column stands in a unit's workbook as last accepted: sheet code → column code → 1-based."""
        query = (
            select(t.version.c.content).join(t.book, t.book.c.version == t.version.c.id).where(t.book.c.unit == unit)
        )
        with self.engine.connect() as db:
            blob = db.scalar(query)
        return {code: dict(sheet.columns) for code, sheet in load_content(blob).items()} if blob else {}

    def issued(self, unit: str) -> tuple[int, str]:
        """Returns number and time (ISO, local) of the version in which a unit's workbook was handed out; ``(0, "")``: never."""
        query = select(t.version.c.id, t.version.c.saved_at).where(
            t.version.c.unit == unit, t.version.c.kind == "issue"
        )
        with self.engine.connect() as db:
            r = db.execute(query.order_by(t.version.c.id).limit(1)).first()
            return (r.id, r.saved_at) if r else (0, "")

    def control(self) -> tuple[int, str]:
        """Returns number and time of saving (ISO, local) of the control workbook in force; ``(0, "")`` if there is none."""
        in_force = select(t.meta.c.value).where(t.meta.c.key == "control").scalar_subquery()
        query = select(t.version.c.id, t.version.c.saved_at).where(t.version.c.sha256 == in_force)
        with self.engine.connect() as db:
            r = db.execute(query.order_by(t.version.c.id.desc()).limit(1)).first()
            return (r.id, r.saved_at) if r else (0, "")

    def needed_bytes(self, since: str) -> frozenset[str]:
        """Returns the SHA-256 of all bytes that must stay.

        Those of every version seen at or after ``since`` (ISO, local), or after one that was: a clock may have been behind;
        and, however old, of every book's base, the control workbook in force, deliveries under way, editions, what stands in
        the folders now, what the coordinator let in, and the files that questions are about (ruled ones: since then).
        """
        v, q = t.version.c, t.question.c
        waiting = (q.state == "open") | (q.ruled_at >= since)
        queries = (
            select(v.sha256).where(v.id >= select(func.min(v.id)).where(v.seen_at >= since).scalar_subquery()),
            select(v.sha256).join(t.book, t.book.c.version == v.id),
            select(t.meta.c.value).where(t.meta.c.key == "control"),
            select(t.intent.c.before),
            select(t.intent.c.after),
            select(t.edition.c.sha256),
            select(t.seen.c.sha256),
            select(t.admission.c.sha256),
            select(v.sha256).join(t.question, q.version == v.id).where(waiting),
        )
        with self.engine.connect() as db:
            found = {str(sha256) for query in queries for sha256 in db.scalars(query)}
            for payload in db.scalars(select(q.payload).where(waiting, q.payload != "")):
                found |= set(_SHA256.findall(payload))
        return frozenset(found)

    def opened(self) -> str:
        """Returns when the first version was seen (ISO, local); ``""`` before there is one."""
        with self.engine.connect() as db:
            return db.scalar(select(func.min(t.version.c.seen_at)).where(t.version.c.unit != "")) or ""
