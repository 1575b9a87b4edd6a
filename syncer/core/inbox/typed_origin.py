"""Whose cell a cell of the master shows: the unit's workbook, or 任务分解; by hidden row ids, in 总台账 by the task's number."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from syncer.core.model import Ledger, Owner, Sheet, Table
from syncer.core.reading.headers import ROW_ID
from syncer.core.reports.ledger import SUPPORT_COLUMNS
from syncer.core.reports.lines import HEADER_ROWS, LEDGER, SOURCE, UNIT
from syncer.core.reports.progress import SUPPORT, TASKS
from syncer.core.roster import Roster, roster_of
from syncer.core.values import fold, show, tidy

_PLAN_HEADINGS: Mapping[str, str] = {
    "任务编号": "no",
    "板块": "section",
    "重点任务": "title",
}  # in 总台账, whatever 栏目设置 says
_TASK = "任务"


@dataclass(frozen=True, slots=True)
class Origin:
    """One cell of the ledger; ``column`` is ``""`` where nobody but the program fills it."""

    unit: str
    sheet: str  # sheet code
    row_id: str
    column: str  # column code


Tracer = Callable[[int, int], Origin | None]
"""(row, column) of the edition, 1-based → whose cell that is."""


def tracer_of(table: Table, ledger: Ledger) -> Tracer:
    """Returns how the cells of one of the master's sheets are traced, as far as the ledger still knows them."""
    roster = roster_of(ledger)
    headings = [tidy(show(cell)) for cell in table.rows[HEADER_ROWS - 1]] if len(table.rows) >= HEADER_ROWS else []
    tasks = ledger.sheet(TASKS)
    if ROW_ID in headings:
        return _data_tracer(table, headings, ledger, roster)
    if table.name == LEDGER and tasks:
        return _ledger_tracer(table, headings, ledger, tasks, roster)
    return lambda _row, _column: None


def _data_tracer(table: Table, headings: Sequence[str], ledger: Ledger, roster: Roster) -> Tracer:
    ids, units = headings.index(ROW_ID) + 1, headings.index(UNIT) + 1 if UNIT in headings else 0
    code = tidy(show(table.cell(HEADER_ROWS - 1, ids)))  # above the ids stands the sheet's code
    sheet = ledger.sheet(code) or next((s for s in ledger.sheets if s.name == table.name), None)
    if sheet is None:
        return lambda _row, _column: None
    end = len(headings) - 1 - headings[::-1].index(SOURCE) if SOURCE in headings else len(headings)
    columns = _columns(sheet, headings, ids, end)

    def trace(row: int, column: int) -> Origin | None:
        row_id, name = tidy(show(table.cell(row, ids))), tidy(show(table.cell(row, units)))
        if not row_id or not name:
            return None
        return Origin(roster.find(name) or name, sheet.code, row_id, columns.get(column, ""))

    return trace


def _columns(sheet: Sheet, headings: Sequence[str], first: int, end: int) -> dict[int, str]:
    """Returns column → code for the headings from ``first`` up to ``end`` (0-based); the system's own are left out."""
    codes: dict[str, deque[str]] = defaultdict(deque)
    for column in sheet.columns:
        code = "" if column.owner is Owner.SYSTEM else column.code
        for name in dict.fromkeys((column.name, *column.aliases)):
            codes[fold(name)].append(code)
    found: dict[int, str] = {}
    for at in range(first, end):
        if waiting := codes.get(fold(headings[at])):
            found[at + 1] = waiting.popleft()
    return {at: code for at, code in found.items() if code}


def _ledger_tracer(table: Table, headings: Sequence[str], ledger: Ledger, tasks: Sheet, roster: Roster) -> Tracer:
    """总台账: a task's row shows what its only unit says, or several texts put together; below it each unit has a row."""
    if not {"任务编号", "层级", "单位"} <= set(headings):
        return lambda _row, _column: None
    number_at, kind_at, unit_at = (headings.index(name) + 1 for name in ("任务编号", "层级", "单位"))
    by_number = {fold(task.number): task for task in ledger.tasks}
    end = len(headings) - 1 - headings[::-1].index(SOURCE) if SOURCE in headings else len(headings)
    codes = {at: code for at, name in enumerate(headings, 1) if (code := _PLAN_HEADINGS.get(name))}
    codes = {**_columns(tasks, headings, unit_at, end), **codes}
    support = ledger.sheet(SUPPORT)
    supported = {to: code for code, to in SUPPORT_COLUMNS.items() if support and support.column(code)}

    def trace(row: int, column: int) -> Origin | None:
        task = by_number.get(fold(show(table.cell(row, number_at))))
        unit, code = roster.find(show(table.cell(row, unit_at))), codes.get(column, "")
        if task is None or not code:
            return None
        match show(table.cell(row, kind_at)):
            case "任务" if _fed_by_plan(tasks, code) and task.leads:
                return Origin(task.leads[0], TASKS, task.id, code)
            case "任务" if unit in task.leads and show(table.cell(row + 1, kind_at)) in {"", _TASK}:
                return Origin(str(unit), TASKS, task.id, code)
            case "牵头" if unit in task.leads and not _fed_by_plan(tasks, code):
                return Origin(str(unit), TASKS, task.id, code)
            case "配合" if unit and code in supported:
                return Origin(unit, SUPPORT, task.id, supported[code])
            case _:
                return None

    return trace


def _fed_by_plan(tasks: Sheet, code: str) -> bool:
    column = tasks.column(code)
    return column is not None and column.owner is Owner.COORDINATOR
