"""总台账: every task as the units report it, what each unit says of it below, and the sub-tasks units added themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from syncer.core.memo import Memo
from syncer.core.model import Ledger, Owner, Row, Sheet, Source, Task
from syncer.core.names import Names
from syncer.core.phrases import voiced
from syncer.core.reports.amounts import shown
from syncer.core.reports.lines import LedgerLine, Stretch, digest_of
from syncer.core.reports.progress import SUPPORT, TASKS, Progress, TaskProgress
from syncer.core.state import LedgerState
from syncer.core.values import Scalar, fold, same, show

# A supporting unit's columns, and where 总台账 shows them.
SUPPORT_COLUMNS: Mapping[str, str] = {"report": "this_week", "finished_on": "finished_on", "note": "note"}


def plan_values(task: Task) -> dict[str, Scalar]:
    """Returns the coordinator's columns of a task by column code, as 任务分解 has them now."""
    values: dict[str, Scalar] = {
        "no": task.number,
        "section": task.section,
        "title": task.title,
        "standard": task.standard,
        "deadline": task.deadline.text,
        "target": task.target,
        "supervision": task.supervision,
    }
    return {code: value for code, value in values.items() if value not in {None, ""}}


def task_stretches(
    ledger: Ledger, state: LedgerState, progress: Progress, names: Names, memo: Memo | None = None
) -> tuple[Stretch[tuple[LedgerLine, ...]], ...]:
    """Returns each task's rows: its own; below it the units where several have a say, and what a unit added itself.

    A sub-task stands below the task whose number it begins with (``3.1-①``), else after all tasks, under the id ``""``.
    """
    known = memo or Memo()
    rests_on = (ledger.version, state.rows, progress.tasks)
    return known.of("tasks", rests_on, lambda: tuple(_task_stretches(ledger, state, progress, names, known)))


def _task_stretches(
    ledger: Ledger, state: LedgerState, progress: Progress, names: Names, memo: Memo
) -> Iterator[Stretch[tuple[LedgerLine, ...]]]:
    sheet = ledger.sheet(TASKS)
    supports, below = memo.of("below tasks", (ledger.version, state.rows), lambda: _below_tasks(ledger, state))
    for task in progress.tasks:
        parts = (task, supports.get(task.task.id, []), below.get(task.task.id, {}))
        said = memo.of(("said", task.task.id), (ledger.version, *parts), partial(_Said.of, ledger, *parts))
        yield Stretch(task.task.id, said.basis, partial(_all_lines, said, sheet, names))
    alone = names.in_order(below.get("", {}))
    if alone:
        rows = [row for unit in alone for row in below[""][unit]]
        yield Stretch("", digest_of(ledger.version, [_row_digest(row) for row in rows]), partial(_alone, rows, names))


def _below_tasks(ledger: Ledger, state: LedgerState) -> tuple[dict[str, list[Row]], dict[str, dict[str, list[Row]]]]:
    """What units say of tasks that they support, by task, and their own sub-tasks, by task and unit."""
    supports: dict[str, list[Row]] = defaultdict(list)
    for row in state.rows_of(SUPPORT):
        if any(row.get(code) is not None for code in SUPPORT_COLUMNS):
            supports[row.id].append(row)
    plan_ids = {task.id for task in ledger.tasks}
    below: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in state.rows_of(TASKS):
        if row.id not in plan_ids and not row.id.startswith("T"):
            below[_parent(row, ledger.tasks)][row.unit].append(row)
    return supports, below


@dataclass(frozen=True, slots=True)
class _Said:
    """A task with all that is said of it."""

    task: TaskProgress
    supports: list[Row]  # of 配合任务, where something is said
    own: Mapping[str, list[Row]]  # sub-tasks by unit
    evidence: Mapping[str, int]  # 材料 that name it, by unit; what units that say nothing of it have is left out
    basis: str  # a digest of everything that its rows are made from

    @staticmethod
    def of(ledger: Ledger, task: TaskProgress, supports: list[Row], own: Mapping[str, list[Row]]) -> _Said:
        saying = {*(s.unit for s in task.leads), *(row.unit for row in supports)}
        evidence = {unit: number for unit, number in task.evidence.items() if unit in saying}
        return _Said(task, supports, own, evidence, _basis(ledger, task, supports, own, evidence))


def _basis(
    ledger: Ledger,
    task: TaskProgress,
    supports: list[Row],
    own: Mapping[str, list[Row]],
    evidence: Mapping[str, int],
) -> str:
    leads = [(s.unit, s.light, s.label, s.percent, s.status, s.own_count, _row_digest(s.row)) for s in task.leads]
    others = [(row.unit, _row_digest(row)) for row in supports]
    below = [(unit, [_row_digest(row) for row in rows]) for unit, rows in own.items()]
    whole = (task.count, task.percent, task.counted, task.expected, task.next_due, task.notes, task.finished)
    return digest_of(ledger.version, leads, others, below, whole, evidence)


def _row_digest(row: Row | None) -> object:
    return row and (row.digest or repr(row))


def _all_lines(said: _Said, sheet: Sheet | None, names: Names) -> tuple[LedgerLine, ...]:
    return tuple(_task_lines(said, sheet, names))


def _alone(rows: list[Row], names: Names) -> tuple[LedgerLine, ...]:
    head = LedgerLine(0, "自定", "", {"title": "各单位自定子任务（没有对应任务编号）"})
    return (head, *(_own_line(row, names, 1) for row in rows))


def _task_lines(said: _Said, sheet: Sheet | None, names: Names) -> Iterator[LedgerLine]:
    task, supports, own = said.task, said.supports, said.own
    voices: dict[str, Mapping[str, Scalar]] = {s.unit: s.row.values if s.row else {} for s in task.leads if s.unit}
    for row in supports:
        if row.unit not in voices:
            voices[row.unit] = {to: row.values[code] for code, to in SUPPORT_COLUMNS.items() if code in row.values}
    typed = [c.code for c in sheet.columns if c.owner is Owner.UNIT] if sheet else []
    values: dict[str, Scalar] = {
        **{code: text for code in typed if (text := _together(code, voices, task.task.leads, names)) is not None},
        **plan_values(task.task),
        "status": task.status or None,
        "percent": task.percent,
        "done": shown(task.count, task.task.target),
        "evidence": sum(said.evidence.values()) or None,
    }
    alone = len(voices) <= 1 and not own
    single = next((s.row for s in task.leads if s.row), None) if alone else None
    yield LedgerLine(
        level=0,
        kind="任务",
        units=names.units(task.task.leads) or "（无牵头）",
        values=values,
        light=task.light,
        reason="；".join((task.first.label.partition(" ")[2], *task.notes)),
        expected=task.expected,
        next_due=None if task.finished else task.next_due,
        source=single.source if single else Source(),
    )
    if alone:
        return
    standings = {s.unit: s for s in task.leads}
    for unit in names.in_order({*voices, *own}):
        standing = standings.get(unit)
        if unit in voices:
            report = standing.row if standing else next((row for row in supports if row.unit == unit), None)
            yield LedgerLine(
                level=1,
                kind="牵头" if standing else "配合",
                units=names.unit(unit),
                values={
                    "no": task.task.number,
                    **{code: value for code, value in voices[unit].items() if code in typed},
                    **({"percent": standing.percent, "done": shown(standing.own_count, None)} if standing else {}),
                    "evidence": said.evidence.get(unit),
                },
                light=standing.light if standing else None,
                reason=standing.label.partition(" ")[2] if standing else "",
                source=report.source if report else Source(),
            )
        yield from (_own_line(row, names, 2) for row in own.get(unit, ()))


def _together(code: str, voices: Mapping[str, Mapping[str, Scalar]], leads: tuple[str, ...], names: Names) -> Scalar:
    """What a task row shows of a column the units fill.

    The plain value where all leads say the same and nobody else says anything, else ``【办公室】…；【人事科】…`` in roster order.
    """
    said = {unit: value for unit, values in voices.items() if (value := values.get(code)) is not None}
    if leads and said.keys() == set(leads) and all(same(value, said[leads[0]]) for value in said.values()):
        return said[leads[0]]
    return voiced((names.unit(unit), _short(said[unit])) for unit in names.in_order(said)) or None


def _short(value: Scalar) -> str:
    """A value inside a joined text: a date without its year."""
    return f"{value.month}月{value.day}日" if isinstance(value, date) else show(value)


def _own_line(row: Row, names: Names, level: int) -> LedgerLine:
    return LedgerLine(level, "自定", names.unit(row.unit), row.values, source=row.source)


def _parent(row: Row, tasks: Iterable[Task]) -> str:
    """The task whose number a sub-task's own number begins with; the longest wins."""
    number = fold(row.text("no"))
    found = [t for t in tasks if re.match(rf"{re.escape(fold(t.number))}(?!\d)", number)]
    return max(found, key=lambda task: len(task.number)).id if found else ""
