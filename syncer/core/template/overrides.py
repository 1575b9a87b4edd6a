"""Accepted adjustments (调整申请) of the plan: what they make of 任务分解 until 台账设置 itself says it.

台账设置.xlsx is the coordinator's and never written to. So an adjustment that she agreed to stands beside it, and is laid
over its tables before they are compiled, for as long as the cell still says what it said when she agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from syncer.core.model import Table
from syncer.core.problems import Problem
from syncer.core.template.plan import as_number
from syncer.core.template.schema import LAYOUT, TASKS
from syncer.core.template.tables import Record, read_records
from syncer.core.values import Scalar, fold, same, show, tidy

_HEADERS = {
    "no": "编号",
    "section": "板块",
    "title": "任务",
    "standard": "完成标准",
    "deadline": "完成时限",
    "target": "目标值",
    "metric": "量化指标",
    "measure": "计量单位",
    "leader": "责任领导",
    "indicator": "测评指标",
    "supervision": "督办意见",
}


class Adjustment(Protocol):
    """An accepted adjustment: of task ``task`` (row id), column ``column`` (code), which ``said`` something then."""

    @property
    def task(self) -> str: ...  # noqa: D102
    @property
    def column(self) -> str: ...  # noqa: D102
    @property
    def said(self) -> Scalar: ...  # noqa: D102
    @property
    def value(self) -> Scalar: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The tables as adjusted, a note (TPL-022) for each adjustment in force, and those that have had their day.

    ``lapsed`` are (task id, column code) where 台账设置 says something else by now; ``absent`` where it has no such row.
    """

    tables: tuple[Table, ...]
    notes: tuple[Problem, ...] = ()
    lapsed: tuple[tuple[str, str], ...] = ()
    absent: tuple[tuple[str, str], ...] = ()


def plan_header(column: str) -> str | None:
    """Returns the column of 任务分解 that feeds a plan sheet's column, by its code: ``"deadline"`` → ``"完成时限"``.

    ``None`` where the plan does not feed it. The same pairs as in `syncer.core.delivery.handout.task_cell`.
    """
    return _HEADERS.get(column)


def adjusted(tables: Sequence[Table], adjustments: Iterable[Adjustment]) -> Adjusted:
    """Lays accepted adjustments over 任务分解. Without any, the tables are returned as they are."""
    adjustments = tuple(adjustments)
    at = next((n for n, table in enumerate(tables) if fold(table.name) == fold(TASKS)), None)
    if not adjustments or at is None:
        return Adjusted(tuple(tables))
    records = {
        r.text("行标识"): r for r in reversed(read_records(tables[at], *LAYOUT[TASKS])[0])
    }  # the first row counts
    notes: list[Problem] = []
    lapsed: list[tuple[str, str]] = []
    absent: list[tuple[str, str]] = []
    plan = tables[at]
    for one in adjustments:
        header, record = _HEADERS.get(one.column, ""), records.get(one.task)
        if record is None:
            absent.append((one.task, one.column))
        elif header not in record.columns or not _says(record.value(header), one.said, one.column):
            lapsed.append((one.task, one.column))
        else:
            plan = _with_cell(plan, record.row, record.columns[header], _written(one))
            notes.append(_note(record, header, one.value))
    return Adjusted((*tables[:at], plan, *tables[at + 1 :]), tuple(notes), tuple(lapsed), tuple(absent))


def _says(cell: Scalar, said: Scalar, column: str) -> bool:
    """Whether a cell of 任务分解 says what it said: as typed, as shown, or, for a target, the same number."""
    if same(cell, said) or tidy(show(cell)) == tidy(show(said)):
        return True
    return (
        column == "target" and cell is not None and as_number(cell) is not None and as_number(cell) == as_number(said)
    )


def _written(one: Adjustment) -> Scalar:
    """What stands in the cell instead: a task's number is text, or 2.10 would become 2.1."""
    return one.value if one.column != "no" or one.value is None else show(one.value)


def _with_cell(table: Table, row: int, column: int, value: Scalar) -> Table:
    cells = list(table.rows[row - 1])
    cells += [None] * (column - len(cells))
    cells[column - 1] = value
    return replace(table, rows=(*table.rows[: row - 1], tuple(cells), *table.rows[row:]))


def _note(record: Record, header: str, value: Scalar) -> Problem:
    facts = (("number", record.text("编号")), ("value", show(value) or "（空）"))
    found = record.text(header) or "（空）"
    return Problem("TPL-022", record.place(header), record.text("编号"), header, found, facts)
