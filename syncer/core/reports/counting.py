"""What the ledger counts for a task by a day: 计数来源 added up over the units' facts; and the 材料 that name a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from syncer.core.facts import Counted, UnitFacts
from syncer.core.model import CountSource, Ledger, Task
from syncer.core.values import fold


class Counts:
    """Counts by task number and unit."""

    def __init__(self, facts: Iterable[UnitFacts], as_of: date) -> None:
        self._sums: dict[tuple[CountSource, str], dict[str, float]] = defaultdict(dict)
        self.ahead: dict[tuple[CountSource, str], int] = defaultdict(int)  # rows dated after as_of, not counted
        self.touched: dict[tuple[CountSource, str, str], str] = {}  # newest change of a row that names the task
        self._members: dict[str, int] = defaultdict(int)
        for unit in facts:
            for (source, number), counted in unit.counted.items():
                self._add(source, number, unit.unit, counted, as_of)
            for roster, heads in unit.heads.items():
                self._members[roster] += heads

    def _add(self, source: CountSource, number: str, unit: str, counted: Counted, as_of: date) -> None:
        self.touched[source, number, unit] = counted.touched
        due = [total for day, (total, _) in counted.by_day.items() if day is None or day <= as_of]
        if due:
            self._sums[source, number][unit] = sum(due)
        ahead = sum(times for day, (_, times) in counted.by_day.items() if day is not None and day > as_of)
        if ahead:
            self.ahead[source, number] += ahead

    def count(self, task: Task, unit: str = "") -> float | None:
        """Returns what was counted for a task (by one unit); ``None`` where nothing counts it, or per head of nobody."""
        if task.source is None:
            return None
        by_unit = self._sums.get((task.source, fold(task.number)), {})
        total = by_unit.get(unit, 0.0) if unit else sum(by_unit.values())
        if not task.source.per_sheet:
            return total
        members = self._members[task.source.per_sheet]
        return total / members if members else None


def evidence_counts(ledger: Ledger, facts: Iterable[UnitFacts]) -> dict[tuple[str, str], int]:
    """How many rows of 材料目录 name each task, by task id and unit."""
    ids = {fold(task.number): task.id for task in ledger.tasks}
    return {
        (ids[number], unit.unit): times for unit in facts for number, times in unit.evidence.items() if number in ids
    }
