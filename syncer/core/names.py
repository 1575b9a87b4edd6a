"""What a person calls the things of the ledger that the program knows by code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from syncer.core.model import Column, ColumnType, Ledger, Owner, Row
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import row_key
from syncer.core.values import Scalar, show

_SUMMED_UP = 6  # cells that tell a row from others


class Names:
    """What a person calls units, sheets, columns and rows."""

    def __init__(self, ledger: Ledger) -> None:
        self._units = {unit.code: unit.short for unit in ledger.units}
        self._order = {unit.code: at for at, unit in enumerate(ledger.units)}
        self._sheets = {sheet.code: sheet for sheet in ledger.sheets}
        self._ledger = ledger
        self._tasks = {task.id: f"{task.number} {task.title}" for task in ledger.tasks}

    @cached_property
    def _reader(self) -> CellReader:
        return CellReader(self._ledger)

    def unit(self, code: str) -> str:
        """Returns a unit's short name; of one no longer on the roster, the code."""
        return self._units.get(code, code)

    def units(self, codes: Iterable[str]) -> str:
        """Returns short names as one text, in the order given."""
        return "、".join(self.unit(code) for code in codes)

    def in_order(self, codes: Iterable[str]) -> list[str]:
        """Returns the codes in roster order, unknown ones last."""
        return sorted(codes, key=lambda code: (self._order.get(code, len(self._order)), code))

    def sheet(self, code: str) -> str:
        """Returns a sheet's name."""
        return self._sheets[code].name if code in self._sheets else code

    def column(self, sheet: str, code: str) -> str:
        """Returns a column's name; a unit's extra column (``+备注2``) is called as the unit calls it."""
        found = self._sheets[sheet].column(code) if sheet in self._sheets else None
        return found.name if found else code.removeprefix("+")

    def cell(self, sheet: str, code: str, raw: Scalar) -> str:
        """Returns a cell as it was typed; a percentage in points with its sign, whichever way it was typed (0.6 → 60%)."""
        found = self._sheets[sheet].column(code) if sheet in self._sheets else None
        if found is None or found.type is not ColumnType.PERCENT or isinstance(raw, str):
            return show(raw)
        return _with_sign(self._reader.read(raw, found).value, found)

    def summary(self, row: Row) -> str:
        """Returns what a record says: its key cells, then the first others that are filled: ``"日期：2026-03-05；…"``."""
        columns = self._sheets[row.sheet].columns if row.sheet in self._sheets else ()
        filled = [c for c in columns if c.owner is not Owner.SYSTEM and row.get(c.code) is not None]
        told = sorted(filled, key=lambda column: not column.key)[:_SUMMED_UP]
        return "；".join(f"{c.name}：{_with_sign(row.get(c.code), c)}" for c in told)

    def row(self, sheet: str, row_id: str, row: Row | None) -> str:
        """Returns a task's number and title, or the key of any other row; the id where nothing is known of it."""
        if row_id in self._tasks:
            return self._tasks[row_id]
        return row_key(self._sheets[sheet], row.values, row_id) if row and sheet in self._sheets else row_id


def _with_sign(value: Scalar, column: Column) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{show(value)}%" if number and column.type is ColumnType.PERCENT else show(value)
