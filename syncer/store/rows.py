"""The rows of the merged ledger: the one module that writes them, so that no write goes unnoticed.

Every write gives the unit's sheet a new mark. What is derived from its rows (facts, a block of the master) is kept under
that mark: equal marks, equal rows. A mark is never used twice, not even where an older database is put back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, delete, func, select, update

from syncer.store import tables as t
from syncer.store.putting import add_all, put

Cells = Mapping[str, object]
"""Columns of the row table, its key apart."""


def put_rows(db: Connection, unit: str, sheet: str, rows: Mapping[str, Cells]) -> None:
    """Writes rows by their ids, new ones whole, known ones in the columns given (all rows in the same)."""
    if not rows:
        return
    here = (t.row.c.unit == unit, t.row.c.sheet == sheet)
    known = set(db.scalars(select(t.row.c.id).where(*here)))
    new = [{"id": i, **cells} for i, cells in rows.items() if i not in known]
    old: list[dict[str, Any]] = [{"_id": i, **cells} for i, cells in rows.items() if i in known]
    add_all(db, t.row, new, unit=unit, sheet=sheet)
    if old:
        db.execute(update(t.row).where(*here, t.row.c.id == bindparam("_id")), old)
    _mark(db, unit, sheet)


def drop_row(db: Connection, unit: str, sheet: str, row_id: str) -> None:
    """Takes a row out."""
    db.execute(delete(t.row).where(t.row.c.unit == unit, t.row.c.sheet == sheet, t.row.c.id == row_id))
    _mark(db, unit, sheet)


def marks(db: Connection, units: Collection[str] | None = None) -> dict[tuple[str, str], str]:
    """Returns the mark of every (unit, sheet) that ever had rows; of some ``units`` only, if they are named."""
    m = t.sheet_mark.c
    query = select(m.unit, m.sheet, m.mark).order_by(m.unit, m.sheet)
    found = db.execute(query if units is None else query.where(m.unit.in_(units))).all()
    return {(unit, sheet): mark for unit, sheet, mark in found}


def unit_marks(db: Connection) -> dict[str, str]:
    """Returns for every unit one text: as long as it is the same, so are the marks of all its sheets."""
    m = t.sheet_mark.c
    found = db.execute(select(m.unit, func.aggregate_strings(m.mark, " ")).group_by(m.unit)).all()
    return {unit: text for unit, text in found}  # noqa: C416 - a row of the database is no pair to mypy


def marks_of(db: Connection, unit: str) -> dict[str, str]:
    """Returns the mark of each of a unit's sheets that ever had rows."""
    m = t.sheet_mark.c
    return {r.sheet: r.mark for r in db.execute(select(m.sheet, m.mark).where(m.unit == unit))}


def mark_all(db: Connection) -> None:
    """Marks what stands in a database that was written before there were marks."""
    r = t.row.c
    for unit, sheet in db.execute(select(r.unit, r.sheet).distinct()).all():
        _mark(db, unit, sheet)


def _mark(db: Connection, unit: str, sheet: str) -> None:
    put(db, t.sheet_mark, {"unit": unit, "sheet": sheet}, {"mark": uuid4().hex[:16]})
