"""Where columns and rows stand in the units' workbooks, so that what is said of a cell can point to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Engine, select

from syncer.core.encode import load_cells
from syncer.core.values import Scalar
from syncer.store import tables as t
from syncer.store.contents import load_content


@dataclass(frozen=True, slots=True)
class SheetPlaces:
    """One worksheet as last accepted: column code → column, row id → row; all 1-based, 0 where it is not there."""

    columns: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)


class Places:
    """Looks places up; what was looked up is remembered for as long as its version is the unit's base."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, tuple[int, dict[str, SheetPlaces]]] = {}

    def of(self, unit: str, version: int, sheet: str) -> SheetPlaces:
        """Returns where things stand on a unit's sheet in that version of its workbook."""
        base, sheets = self._known.get(unit, (0, {}))
        if base != version:
            sheets = {}
            self._known[unit] = (version, sheets)
        if sheet not in sheets:
            with self._engine.connect() as db:
                blob = db.scalar(select(t.version.c.content).where(t.version.c.id == version))
            held = load_content(blob).get(sheet) if blob else None
            rows = {row.id: row.row for row in reversed(held.rows)} if held else {}
            sheets[sheet] = SheetPlaces(held.columns, rows) if held else SheetPlaces()
        return sheets[sheet]

    def holds(self, unit: str, sheet: str, row_id: str, column: str) -> Scalar:
        """Returns what the merged ledger holds in a cell, as it was typed."""
        r = t.row.c
        query = select(r.raw, r.extra).where(r.unit == unit, r.sheet == sheet, r.id == row_id)
        with self._engine.connect() as db:
            row = db.execute(query).first()
        if row is None:
            return None
        return load_cells(row.extra).get(column[1:]) if column.startswith("+") else load_cells(row.raw).get(column)
