"""What the ledger counts for a task by a day: 计数来源 added up over the units' facts; and the 材料 that name a task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from math import fsum
from typing import TypeVar

from syncer.core.facts import Counted, UnitFacts
from syncer.core.model import CountSource, Ledger, Task
from syncer.core.values import fold

K = TypeVar("K")
_Key = tuple[CountSource, str]
"""What is counted, and the folded number of the task that it counts for."""


class Counts:
    """Counts by task number and unit, as of a day. Brought up to date unit by unit: a save costs what it changed of its own unit."""

    def __init__(self, ledger: Ledger, facts: Iterable[UnitFacts], as_of: date) -> None:
        self.as_of = as_of
        self._numbers = {task.id: fold(task.number) for task in ledger.tasks}
        self._keys = {task.id: (task.source, self._numbers[task.id]) for task in ledger.tasks if task.source}
        self._members: dict[str, int] = {}  # heads of a roster (its sheet's code), once they were added up
        self._facts: dict[str, UnitFacts] = {}
        self._sums: dict[_Key, dict[str, float]] = defaultdict(dict)
        self._ahead: dict[_Key, dict[str, int]] = defaultdict(dict)
        self._evidence: dict[str, dict[str, int]] = defaultdict(dict)  # by task number and unit
        self._told: dict[str, dict[str, tuple[object, ...]]] = {}  # `of` by task number and id, as long as it stands
        self.bring_to(facts)

    def bring_to(self, facts: Iterable[UnitFacts]) -> None:
        """Takes the facts of units that are others than before in the place of the old ones."""
        new = {unit.unit: unit for unit in facts}
        for code in self._facts.keys() | new.keys():
            before, now = self._facts.get(code) or UnitFacts(code), new.get(code) or UnitFacts(code)
            if before is not now:
                self._replace(before, now)
        self._facts = new

    def _replace(self, before: UnitFacts, now: UnitFacts) -> None:
        unit = now.unit
        for key in _unlike(before.counted, now.counted):
            self._sums[key].pop(unit, None)
            self._ahead[key].pop(unit, None)
            if key in now.counted:
                self._add(key, unit, now.counted[key])
            self._told.pop(key[1], None)
        for number in _unlike(before.evidence, now.evidence):
            self._evidence[number].pop(unit, None)
            if number in now.evidence:
                self._evidence[number][unit] = now.evidence[number]
            self._told.pop(number, None)
        if before.heads != now.heads:
            self._members.clear()
            self._told.clear()

    def _add(self, key: _Key, unit: str, counted: Counted) -> None:
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

    def evidence(self, task: Task) -> Mapping[str, int]:
        """Returns how many rows of 材料目录 name a task, by unit, in the order of their codes."""
        return dict(sorted(self._evidence.get(self._numbers.get(task.id, ""), {}).items()))

    def of(self, task: Task) -> tuple[object, ...]:
        """Returns all that is counted of a task and of the units that lead it: as long as it is equal, so is what is told of it."""
        told = self._told.setdefault(self._numbers.get(task.id, ""), {})
        if task.id not in told:
            told[task.id] = self._of(task)
        return told[task.id]

    def _of(self, task: Task) -> tuple[object, ...]:
        key, evidence = self._keys.get(task.id), self.evidence(task)
        if key is None:
            return (evidence,)
        by_unit = self._sums.get(key, {})
        heads = self._heads(key[0].per_sheet) if key[0].per_sheet else 0
        touched = [self.touched(task, unit) for unit in task.leads]
        return evidence, fsum(by_unit.values()), [*map(by_unit.get, task.leads)], heads, self.ahead(task), touched

    def _heads(self, sheet: str) -> int:
        if sheet not in self._members:
            self._members[sheet] = sum(facts.heads.get(sheet, 0) for facts in self._facts.values())
        return self._members[sheet]


def _unlike(one: Mapping[K, object], other: Mapping[K, object]) -> set[K]:
    """Returns the keys under which two mappings do not hold the same."""
    return {key for key in one.keys() | other.keys() if key not in one or key not in other or one[key] != other[key]}
