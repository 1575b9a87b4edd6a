"""References of an old ledger in our words: task numbers and unit names; all else stays as it was written."""

from __future__ import annotations

from collections.abc import Mapping

from syncer.core.adopting.tasks import TaskFinder
from syncer.core.adopting.units import names_in
from syncer.core.model import Column, ColumnType, Ledger
from syncer.core.reading.cells import CellReader, How
from syncer.core.values import Scalar, fold, show


class Rewording:
    """Rewords what our reader would have to ask about and the coordinator has answered already."""

    def __init__(self, ledger: Ledger, units: Mapping[str, tuple[str, ...]]) -> None:
        self._reader = CellReader(ledger)
        self._finder = TaskFinder(ledger)
        self._units = units
        self._short = {unit.code: unit.short for unit in ledger.units}

    def of(self, value: Scalar, column: Column) -> tuple[Scalar, str]:
        """Returns what to type for a value, and the same again where it is reworded, else ``""``: ``7-1`` → ``7.1``."""
        if self._reader.read(value, column).how not in {How.DOUBTFUL, How.REFUSED}:
            return value, ""
        if column.type is ColumnType.TASKS:
            said = self._tasks(show(value))
        elif column.type is ColumnType.UNITS:
            said = self._unit_names(show(value))
        else:
            return value, ""
        return (said, said) if said else (value, "")

    def _tasks(self, text: str) -> str:
        whole = self._finder.refer(text)
        found = [whole] if whole else [self._finder.refer(part) for part in names_in(text)]
        return "、".join(task.number for task in found if task) if found and all(found) else ""

    def _unit_names(self, text: str) -> str:
        found = [self._units.get(fold(name), ()) for name in names_in(text)]
        return "、".join(self._short[code] for codes in found for code in codes) if found and all(found) else ""
