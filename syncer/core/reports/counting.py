"""What the ledger counts for a task: 计数来源 walked once, by task number and unit; and the 材料 that name a task."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from syncer.core.model import ColumnType, CountSource, Ledger, Row, Sheet, Task
from syncer.core.state import LedgerState
from syncer.core.template.plan import split_list
from syncer.core.values import Scalar, fold, show

MATERIALS = "materials"  # code of 材料目录 in the shipped template
STATUS = "status"  # code of 状态 in 志愿者名册


def named_tasks(value: Scalar) -> tuple[str, ...]:
    """Returns the folded task numbers a 对应任务 cell names: ``"3.1、7.1"`` → ``("3.1", "7.1")``."""
    return tuple(dict.fromkeys(fold(word) for part in split_list(show(value)) for word in part.split()))


def amount(row: Row, column: str) -> float:
    """Returns what a row adds to a sum; text and blanks add nothing.

    总时长 is the system's column: where no value stands yet it is 参加人数 × 人均时长.
    """
    value = row.get(column)
    if value is None and column == "hours_total":
        return amount(row, "headcount") * amount(row, "hours_each")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def shown(count: float | None, target: float | None) -> float | None:
    """Returns a count as people see it: at most one decimal, not rounded up to a target that is not reached.

    ``shown(24.0882, 25)`` → 24.1, ``shown(24.97, 25)`` → 24.9.
    """
    if count is None:
        return None
    rounded = round(count, 1)
    return rounded - 0.1 if target is not None and count < target <= rounded else rounded


class Counts:
    """Counts by task number and unit, each 计数来源 walked once."""

    def __init__(self, ledger: Ledger, state: LedgerState, as_of: date) -> None:
        self._sums: dict[CountSource, dict[str, dict[str, float]]] = {}
        self.ahead: dict[tuple[CountSource, str], int] = defaultdict(int)  # rows dated after as_of, not counted
        self.touched: dict[tuple[CountSource, str, str], str] = {}  # newest change of a row that names the task
        self._members: dict[str, int] = {}
        for source in dict.fromkeys(task.source for task in ledger.tasks if task.source):
            self._sums[source] = defaultdict(lambda: defaultdict(float))
            sheet = ledger.sheet(source.sheet)
            for row in state.rows_of(source.sheet) if sheet else ():
                self._add(source, sheet, row, as_of)
            self._members[source.per_sheet] = _heads(ledger, state, source.per_sheet) if source.per_sheet else 0

    def _add(self, source: CountSource, sheet: Sheet | None, row: Row, as_of: date) -> None:
        columns = sheet.columns if sheet else ()
        names = next((c.code for c in columns if c.type is ColumnType.TASKS), "")
        day = next((v for c in columns if c.type is ColumnType.DATE and isinstance(v := row.get(c.code), date)), None)
        for number in named_tasks(row.get(names)):
            key = (source, number, row.unit)
            self.touched[key] = max(self.touched.get(key, ""), row.changed_at)
            if day is not None and _day(day) > as_of:
                self.ahead[source, number] += 1
            else:
                self._sums[source][number][row.unit] += amount(row, source.column) if source.column else 1

    def count(self, task: Task, unit: str = "") -> float | None:
        """Returns what was counted for a task (by one unit); ``None`` where nothing counts it, or per head of nobody."""
        if task.source is None:
            return None
        by_unit = self._sums[task.source].get(fold(task.number), {})
        total = by_unit.get(unit, 0.0) if unit else sum(by_unit.values())
        if not task.source.per_sheet:
            return total
        members = self._members[task.source.per_sheet]
        return total / members if members else None


def _heads(ledger: Ledger, state: LedgerState, roster: str) -> int:
    """How many rows of a roster count as heads of a 人均: those whose 状态 is not another choice than its list's first.

    Of 有效、待审核、转出、注销 only 有效 counts. A blank or an unclear word says of nobody that she left: she counts, for a
    doubt must not raise the average. A roster without 状态 counts whole.
    """
    sheet = ledger.sheet(roster)
    column = sheet.column(STATUS) if sheet else None
    others = {fold(choice.text) for choice in ledger.choices(column.options)[1:]} if column else set()
    return sum(fold(row.text(STATUS)) not in others for row in state.rows_of(roster))


def evidence_counts(ledger: Ledger, state: LedgerState) -> dict[tuple[str, str], int]:
    """How many rows of 材料目录 name each task, by unit."""
    ids = {fold(task.number): task.id for task in ledger.tasks}
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in state.rows_of(MATERIALS):
        for number in named_tasks(row.get("proves")):
            if number in ids:
                found[ids[number], row.unit] += 1
    return dict(found)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
