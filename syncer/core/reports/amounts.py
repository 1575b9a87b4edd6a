"""What a cell of a record adds to a count: the tasks it names, the number it holds, and how counts are shown."""

from __future__ import annotations

from syncer.core.model import Row
from syncer.core.template.plan import split_list
from syncer.core.values import Scalar, fold, show


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
