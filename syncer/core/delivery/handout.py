"""What the plan puts into a unit's workbook: the rows handed out, and the ids pre-printed on its reserved rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from syncer.core.model import Column, ColumnType, Ledger, Owner, Row, Sheet, SheetKind, Task
from syncer.core.reading.rows import ReadRow, from_plan
from syncer.core.state import LedgerState
from syncer.core.template.overrides import plan_header
from syncer.core.values import Scalar, show

FIRST_DATA_ROW = 5  # title, fill-in line and two header rows stand above (design: leaf labels always in row 4)


def task_cell(task: Task, column: Column) -> Scalar:
    """Returns what a coordinator's column of a plan sheet says of a task; blank for a column the plan does not feed."""
    cells: dict[str, Scalar] = {
        "no": task.number,
        "section": task.section,
        "title": task.title,
        "standard": task.standard,
        "deadline": task.deadline.text or None,
        "target": _target(task, column),
        "metric": task.metric or None,
        "measure": task.measure or None,
        "leader": task.leader or None,
        "indicator": task.indicator or None,
        "supervision": task.supervision or None,
    }
    return cells.get(column.code) if column.owner is Owner.COORDINATOR else None


def _target(task: Task, column: Column) -> Scalar:
    if task.target is None:
        return None
    number = int(task.target) if float(task.target).is_integer() else task.target
    if column.type in {ColumnType.NUMBER, ColumnType.INTEGER}:
        return number
    return f"{show(number)}{task.measure}"


def handed_out(ledger: Ledger, sheet: Sheet, unit: str) -> tuple[ReadRow, ...]:
    """Returns the rows that a unit's sheet gets from the plan, in plan order; none for records and surveys."""
    if sheet.kind is SheetKind.TASKS:
        tasks = ledger.led_by(unit)
    elif sheet.kind is SheetKind.SUPPORT:
        tasks = ledger.supported_by(unit)
    else:
        return ()
    rows: list[ReadRow] = []
    for at, task in enumerate(tasks):
        raw = {c.code: value for c in sheet.columns if (value := task_cell(task, c)) is not None}
        raw |= {c.code: c.default for c in sheet.columns if c.owner is Owner.UNIT and c.default is not None}
        rows.append(ReadRow(task.id, FIRST_DATA_ROW + at, raw, matched="plan"))
    return tuple(rows)


def row_id(sheet: Sheet, unit: str, number: int) -> str:
    """Returns the id of the ``number``-th row of a unit's sheet, e.g. ``HD-D03-0007``."""
    return f"{sheet.prefix}-{unit}-{number:04}"


def reserved_ids(sheet: Sheet, unit: str, used: int = 0) -> tuple[str, ...]:
    """Returns the ids pre-printed on the reserved blank rows of a newly issued workbook, after the first ``used``."""
    return tuple(row_id(sheet, unit, number) for number in range(used + 1, used + sheet.reserved_rows + 1))


def with_plan(ledger: Ledger, state: LedgerState) -> LedgerState:
    """Returns the state with the coordinator's cells of plan rows as 台账设置 says now, whatever the workbooks hold.

    A task that no workbook holds yet gets its row too, so that the master follows the plan at once.
    """
    by_place: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in state.rows:
        by_place[row.sheet, row.unit].append(row)
    planned = [
        row
        for sheet in ledger.sheets
        for unit in (sheet.audience if sheet.from_plan else ())
        for row in planned_rows(ledger, sheet, unit, by_place[sheet.code, unit])
    ]
    others = [row for row in state.rows if (s := ledger.sheet(row.sheet)) is not None and not s.from_plan]
    return replace(state, rows=(*planned, *others))


def planned_rows(ledger: Ledger, sheet: Sheet, unit: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Returns the rows of one unit on a sheet of the plan, with the coordinator's cells as 台账设置 says now.

    ``rows`` are those of the merged ledger. Tasks come in plan order, then what the unit added itself.
    """
    own = {c.code for c in sheet.columns if c.owner is Owner.COORDINATOR and plan_header(c.code)}
    known = {row.id: row for row in rows}
    planned: list[Row] = []
    for handed in handed_out(ledger, sheet, unit):
        row = known.pop(handed.id, None)
        if row is None:
            planned.append(Row(handed.id, sheet.code, unit, dict(handed.raw)))
            continue
        said = {code: value for code, value in handed.raw.items() if code in own}
        kept = {code: value for code, value in row.values.items() if code not in own}
        planned.append(replace(row, values={**said, **kept}))
    return (*planned, *(row for row in known.values() if not from_plan(sheet, row.id)))
