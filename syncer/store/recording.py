"""Writes one save into the database: rows, changes, questions, numbers. Called inside the store's transactions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table, insert, select, update

from syncer.core.encode import dump_cells, dump_scalar, load_scalar
from syncer.core.intake import BookPlan, SheetContent
from syncer.core.merge import CellDecision
from syncer.core.model import Ledger
from syncer.core.rows import ReadRow, row_key
from syncer.core.values import Scalar, same
from syncer.store import tables as t
from syncer.store.blobs import (
    dump_content,
)
from syncer.store.facts import Save


def put(db: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Inserts or updates one row by its key."""
    where = [table.c[name] == value for name, value in key.items()]
    if db.execute(update(table).where(*where).values(**values)).rowcount == 0:
        db.execute(insert(table).values(**key, **values))


def add_version(
    db: Connection,
    save: Save,
    kind: str,
    content: Mapping[str, SheetContent] | None,
    code: str = "",
    *,
    revision: int = 0,
) -> int:
    """Adds a version (``content``: its rows, if it was accepted); returns its number."""
    values = {
        "unit": save.unit,
        "kind": kind,
        "file": save.file,
        "sha256": save.sha256,
        "code": code,
        "saved_at": save.saved_at,
        "seen_at": save.seen_at,
        "content": dump_content(content) if content is not None else None,
        "revision": revision,
        "content_digest": content_digest(content) if content is not None else "",
    }
    result = db.execute(insert(t.version).values(**values))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def never_saved(db: Connection, unit: str) -> bool:
    """Tells whether a unit has never saved its workbook since it was issued."""
    return db.scalar(select(t.book.c.state).where(t.book.c.unit == unit)) == "issued"


def row_cells(row: ReadRow, values: Mapping[str, Scalar], save: Save, position: int, version: int) -> dict[str, object]:
    """Returns what the row table keeps of a row: raw and typed cells, place and source."""
    return {
        "raw": dump_cells(row.raw),
        "cells": dump_cells(values),
        "extra": dump_cells(row.extra),
        "position": position,
        "source_row": row.row,
        "file": save.file,
        "saved_at": save.saved_at,
        "version": version,
    }


def write_rows(
    db: Connection,
    save: Save,
    version: int,
    sheet: str,
    rows: Sequence[ReadRow],
    plan: BookPlan,
    touched: set[tuple[str, str]],
) -> None:
    """Writes the rows of a sheet that differ from what the database has."""
    old = {
        r["id"]: r
        for r in db.execute(select(t.row).where(t.row.c.unit == save.unit, t.row.c.sheet == sheet)).mappings()
    }
    for position, row in enumerate(rows):
        cells = row_cells(row, plan.values.get((sheet, row.id), {}), save, position, version)
        if (sheet, row.id) in touched or row.id not in old:
            cells["changed_at"] = save.seen_at
        else:  # untouched content keeps the save it came from
            cells |= {"saved_at": old[row.id]["saved_at"], "version": old[row.id]["version"]}
        if row.id not in old or any(old[row.id][name] != value for name, value in cells.items()):
            put(db, t.row, {"unit": save.unit, "sheet": sheet, "id": row.id}, cells)


def add_change(db: Connection, save: Save, version: int, sheet: str, decision: CellDecision) -> None:
    """Adds one changed cell to the history."""
    db.execute(
        insert(t.change).values(
            at=save.seen_at,
            unit=save.unit,
            sheet=sheet,
            row_id=decision.row_id,
            column=decision.column,
            outcome=decision.outcome,
            version=version,
            old=dump_scalar(decision.current),
            new=dump_scalar(decision.incoming),
            file=save.file,
            source_row=decision.row,
            saved_at=save.saved_at,
        )
    )


def content_digest(content: Mapping[str, SheetContent]) -> str:
    """Returns a digest of what a version holds, wherever its rows stand: equal content, equal digest."""
    lines = sorted(
        "\x1f".join((code, row.id, dump_cells(row.raw), dump_cells(row.extra)))
        for code, sheet in content.items()
        for row in sheet.rows
    )
    return hashlib.sha256("\x1e".join(lines).encode()).hexdigest()


def _question_id(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:8]


def add_questions(db: Connection, ledger: Ledger, save: Save, version: int, sheet: str, plan: BookPlan) -> None:
    """Asks what a save left open; a question that stands already is not asked twice."""
    sheet_plan = next(p for p in plan.sheets if p.sheet == sheet)
    spec = ledger.sheet(sheet)
    rows = {row.id: row for row in sheet_plan.rows}
    common = {
        "unit": save.unit,
        "sheet": sheet,
        "file": save.file,
        "saved_at": save.saved_at,
        "version": version,
        "at": save.seen_at,
        "state": "open",
        "text": "",
    }
    asked: list[dict[str, object]] = [
        {
            "id": _question_id(d.kind, save.unit, sheet, d.row_id, d.column, dump_scalar(d.incoming)),
            "kind": d.kind,
            "row_id": d.row_id,
            "column": d.column,
            "source_row": d.row,
            "base": dump_scalar(d.base),
            "current": dump_scalar(d.current),
            "incoming": dump_scalar(d.incoming),
        }
        for d in sheet_plan.decisions
        if d.outcome == "asked"
    ]
    asked += [
        {
            "id": _question_id("vanished", save.unit, sheet, row_id, version),
            "kind": "vanished",
            "row_id": row_id,
            "column": "",
            "source_row": 0,
            "base": "null",
            "current": "null",
            "incoming": "null",
        }
        for row_id in sheet_plan.vanished
    ]
    for question in asked:
        row = rows[str(question["row_id"])]
        key = row_key(spec, row.raw, row.id) if spec else row.id
        values = {**common, **question, "row_key": key}
        identity = {"id": values.pop("id")}
        _supersede(db, values)
        put(db, t.question, identity, values)


def _supersede(db: Connection, values: Mapping[str, object]) -> None:
    """A newer question about the same cell takes the place of the older one: one cell, one question."""
    same_cell = [t.question.c[name] == values[name] for name in ("unit", "sheet", "row_id", "column")]
    db.execute(update(t.question).where(*same_cell, t.question.c.state == "open").values(state="gone"))


def close_questions(db: Connection, unit: str, content: Mapping[str, SheetContent]) -> None:
    """Closes what the unit has settled itself: a cell put back, a row that is there again."""
    rows = {(code, row.id): row for code, sheet in content.items() for row in sheet.rows}
    open_ones = select(t.question).where(t.question.c.unit == unit, t.question.c.state == "open")
    for q in db.execute(open_ones).mappings().all():
        row = rows.get((q["sheet"], q["row_id"]))
        if q["kind"] == "vanished":
            settled = row is not None
        else:
            settled = row is not None and same(row.raw.get(q["column"]), load_scalar(q["current"]))
        if settled:
            db.execute(update(t.question).where(t.question.c.id == q["id"]).values(state="gone"))


def last_number(db: Connection, unit: str, sheet: str) -> int:
    """Returns the highest row number ever given out on a unit's sheet; 0 if none."""
    return db.scalar(select(t.number.c.last).where(t.number.c.unit == unit, t.number.c.sheet == sheet)) or 0


def keep_numbers(db: Connection, ledger: Ledger, unit: str, sheet: str, rows: Sequence[ReadRow]) -> None:
    """Remembers the highest row number seen, so that none is given out twice. Ids that are not of our making say nothing."""
    spec = ledger.sheet(sheet)
    ours = re.compile(rf"{re.escape(spec.prefix)}-{re.escape(unit)}-([0-9]{{4,8}})") if spec else None
    highest = max((int(m[1]) for row in rows if ours and (m := ours.fullmatch(row.id))), default=0)
    if highest > last_number(db, unit, sheet):
        put(db, t.number, {"unit": unit, "sheet": sheet}, {"last": highest})
