"""What the ledger counts for a task by a day: 计数来源 added up over the units' facts; and the 材料 that name a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from math import fsum

from syncer.core.facts import Counted, UnitFacts
from syncer.core.model import CountSource, Ledger, Task
from syncer.core.values import fold


class Counts:
    """Counts by task number and unit, as of a day. Brought up to date unit by unit: a save costs its own unit alone."""

    def __init__(self, ledger: Ledger, facts: Iterable[UnitFacts], as_of: date) -> None:
        self.as_of = as_of
        self.evidence: dict[tuple[str, str], int] = {}  # (task id, unit) → rows of 材料目录 that name the task
        self._ids = {fold(task.number): task.id for task in ledger.tasks}
        self._facts: dict[str, UnitFacts] = {}
        self._sums: dict[tuple[CountSource, str], dict[str, float]] = defaultdict(dict)
        self._ahead: dict[tuple[CountSource, str], dict[str, int]] = defaultdict(dict)
        self.bring_to(facts)

    def bring_to(self, facts: Iterable[UnitFacts]) -> None:
        """Takes the facts of units that are others than before in the place of the old ones."""
        new = {unit.unit: unit for unit in facts}
        for code, old in self._facts.items():
            if new.get(code) is not old:
                for key in old.counted:
                    self._sums[key].pop(code, None)
                    self._ahead[key].pop(code, None)
                for number in old.evidence.keys() & self._ids.keys():
                    del self.evidence[self._ids[number], code]
        for code, unit in new.items():
            if self._facts.get(code) is not unit:
                for key, counted in unit.counted.items():
                    self._add(key, code, counted)
                for number in unit.evidence.keys() & self._ids.keys():
                    self.evidence[self._ids[number], code] = unit.evidence[number]
        self._facts = new

    def _add(self, key: tuple[CountSource, str], unit: str, counted: Counted) -> None:
        due = [total for day, (total, _) in counted.by_day.items() if day is None or day <= self.as_of]
        if due:
            self._sums[key][unit] = fsum(due)
        ahead = sum(times for day, (_, times) in counted.by_day.items() if day is not None and day > self.as_of)
        if ahead:
            self._ahead[key][unit] = ahead

    def ahead(self, task: Task) -> int:
        """Returns how many rows that count for a task are dated later: they do not count yet."""
        return sum(self._ahead[key].values()) if (key := _key(task)) in self._ahead else 0

    def touched(self, task: Task, unit: str) -> str:
        """Returns the newest change (ISO) of one of a unit's rows that count for a task; ``""`` if there is none."""
        facts, key = self._facts.get(unit), _key(task)
        found = facts.counted.get(key) if facts and key else None
        return found.touched if found else ""

    def count(self, task: Task, unit: str = "") -> float | None:
        """Returns what was counted for a task (by one unit); ``None`` where nothing counts it, or per head of nobody."""
        if task.source is None:
            return None
        by_unit = self._sums.get((task.source, fold(task.number)), {})
        total = by_unit.get(unit, 0.0) if unit else fsum(by_unit.values())  # whatever the order, the same sum
        if not task.source.per_sheet:
            return total
        members = sum(facts.heads.get(task.source.per_sheet, 0) for facts in self._facts.values())
        return total / members if members else None


def _key(task: Task) -> tuple[CountSource, str] | None:
    return (task.source, fold(task.number)) if task.source else None
