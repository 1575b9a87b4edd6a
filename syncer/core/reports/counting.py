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
        self._keys = {task.id: (task.source, fold(task.number)) for task in ledger.tasks if task.source}
        self._members: dict[str, int] = {}  # heads of a roster (its sheet's code), once they were added up
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
        self._members.clear()

    def _add(self, key: tuple[CountSource, str], unit: str, counted: Counted) -> None:
        due = [total for day, (total, _) in counted.by_day.items() if day is None or day <= self.as_of]
        if due:
            self._sums[key][unit] = fsum(due)
        ahead = sum(times for day, (_, times) in counted.by_day.items() if day is not None and day > self.as_of)
        if ahead:
            self._ahead[key][unit] = ahead

    def ahead(self, task: Task) -> int:
        """Returns how many rows that count for a task are dated later: they do not count yet."""
        key = self._keys.get(task.id)
        return sum(self._ahead[key].values()) if key in self._ahead else 0

    def touched(self, task: Task, unit: str) -> str:
        """Returns the newest change (ISO) of one of a unit's rows that count for a task; ``""`` if there is none."""
        facts, key = self._facts.get(unit), self._keys.get(task.id)
        found = facts.counted.get(key) if facts and key else None
        return found.touched if found else ""

    def count(self, task: Task, unit: str = "") -> float | None:
        """Returns what was counted for a task (by one unit); ``None`` where nothing counts it, or per head of nobody."""
        key = self._keys.get(task.id)
        if key is None:
            return None
        by_unit = self._sums.get(key, {})
        total = by_unit.get(unit, 0.0) if unit else fsum(by_unit.values())  # whatever the order, the same sum
        members = self._heads(key[0].per_sheet) if key[0].per_sheet else 1
        return total / members if members else None

    def of(self, task: Task) -> tuple[object, ...]:
        """Returns all that the counts say of a task and of the units that lead it: as long as it is equal, so are they."""
        key = self._keys.get(task.id)
        if key is None:
            return ()
        by_unit = self._sums.get(key, {})
        heads = self._heads(key[0].per_sheet) if key[0].per_sheet else 0
        touched = [self.touched(task, unit) for unit in task.leads]
        return fsum(by_unit.values()), [*map(by_unit.get, task.leads)], heads, self.ahead(task), touched

    def _heads(self, sheet: str) -> int:
        if sheet not in self._members:
            self._members[sheet] = sum(facts.heads.get(sheet, 0) for facts in self._facts.values())
        return self._members[sheet]
