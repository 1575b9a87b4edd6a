"""The merged ledger as it stands, read only: its rows by place, their marks, what changed lately."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Engine, select

from syncer.core.facts import SheetFacts
from syncer.core.model import Ledger, Row
from syncer.core.state import Change
from syncer.store import tables as t
from syncer.store.loading import load_changes, load_merged_row
from syncer.store.rows import marks, unit_marks
from syncer.store.unit_facts import KeptFacts, keep_facts, kept_facts

Place = tuple[str, str]
"""A unit's code and a sheet's."""
_AT_ONCE = 200  # values in one query
_HELD = 2_000  # rows as the database gives them, at one time
_r = t.row.c
_ROWS = select(*(column for column in _r if column is not _r.raw))  # as typed they are the merge's affair


class Merged:
    """Reads what the units' workbooks came to."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def marks(self, units: Collection[str] | None = None) -> dict[Place, str]:
        """Returns the mark of every unit's sheet (of some ``units``): another mark, other rows."""
        with self.engine.connect() as db:
            return marks(db, units)

    def unit_marks(self) -> dict[str, str]:
        """Returns for every unit one text: another text, another mark of one of its sheets."""
        with self.engine.connect() as db:
            return unit_marks(db)

    def rows(self, ledger: Ledger, places: Iterable[Place]) -> dict[Place, tuple[Row, ...]]:
        """Returns the rows at some places, in the order of the units' workbooks; a place without rows has none.

        One query a unit: asked for pairs of unit and sheet, SQLite reads through the rows of all units.
        """
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        found: dict[Place, list[Row]] = {place: [] for place in places}
        sheets: dict[str, list[str]] = {}
        for unit, sheet in found:
            sheets.setdefault(unit, []).append(sheet)
        with self.engine.connect() as db:
            for unit, codes in sheets.items():
                query = _ROWS.where(_r.unit == unit, _r.sheet.in_(codes)).order_by(_r.sheet, _r.position, _r.id)
                for some_rows in db.execute(query).mappings().partitions(_HELD):
                    for row in some_rows:
                        found[unit, row["sheet"]].append(load_merged_row(row, names))
        return {place: tuple(rows) for place, rows in found.items()}

    def named(self, ledger: Ledger, place: Place, ids: Sequence[str]) -> dict[str, Row]:
        """Returns some rows of one place by their ids; those that are gone are left out."""
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        found: dict[str, Row] = {}
        with self.engine.connect() as db:
            for first in range(0, len(ids), _AT_ONCE):
                some = _r.id.in_(ids[first : first + _AT_ONCE])
                query = _ROWS.where(_r.unit == place[0], _r.sheet == place[1], some)
                found |= {row["id"]: load_merged_row(row, names) for row in db.execute(query).mappings()}
        return found

    def changes(self, ledger: Ledger, *, since: str, most: int, after: int = 0) -> list[tuple[int, Change]]:
        """Returns the newest accepted changes with their numbers, oldest first: ``most`` of them at most.

        ``since`` is the moment (ISO) after which they were seen, ``after`` the number.
        """
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        c = t.change.c
        query = select(t.change).where(c.outcome == "accepted", c.id > after).order_by(c.id.desc()).limit(most)
        if since:
            query = query.where(c.at > since)
        newest: list[tuple[int, Change]] = []
        with self.engine.connect() as db:
            for r in db.execute(query).mappings():
                newest += [(r["id"], change) for change in reversed(load_changes(r, names))]
                if len(newest) >= most:
                    break
        return newest[most - 1 :: -1]

    def kept_facts(self, basis: str) -> KeptFacts:
        """Returns the facts of every unit's sheets that were kept under this basis."""
        with self.engine.connect() as db:
            return kept_facts(db, basis)

    def keep_facts(self, basis: str, units: Mapping[str, Mapping[str, tuple[str, SheetFacts]]]) -> None:
        """Keeps the facts of some units, by sheet, each with the mark of its rows."""
        if units:
            with self.engine.begin() as db:
                for unit, sheets in units.items():
                    keep_facts(db, basis, unit, sheets)
