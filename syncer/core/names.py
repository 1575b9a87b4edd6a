"""What a person calls the things of the ledger that the program knows by code."""

from __future__ import annotations

from collections.abc import Iterable

from syncer.core.model import ColumnType, Ledger, Row
from syncer.core.rows import row_key
from syncer.core.values import Scalar, show


class Names:
    """What a person calls units, sheets, columns and rows."""

    def __init__(self, ledger: Ledger) -> None:
        self._units = {unit.code: unit.short for unit in ledger.units}
        self._order = {unit.code: at for at, unit in enumerate(ledger.units)}
        self._sheets = {sheet.code: sheet for sheet in ledger.sheets}
        self._tasks = {task.id: f"{task.number} {task.title}" for task in ledger.tasks}

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

    def value(self, sheet: str, code: str, value: Scalar) -> str:
        """Returns a value as text; percentages, which are points, with their sign."""
        found = self._sheets[sheet].column(code) if sheet in self._sheets else None
        percent = found is not None and found.type is ColumnType.PERCENT and isinstance(value, (int, float))
        return f"{show(value)}%" if percent else show(value)

    def row(self, sheet: str, row_id: str, row: Row | None) -> str:
        """Returns a task's number and title, or the key of any other row; the id where nothing is known of it."""
        if row_id in self._tasks:
            return self._tasks[row_id]
        return row_key(self._sheets[sheet], row.values, row_id) if row and sheet in self._sheets else row_id
