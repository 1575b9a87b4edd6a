"""What the system says in a unit's own workbook: counts, lights, last week's words, and the problems of each row in 系统提示."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from syncer.core.delivery.plan import HINT, LIGHT
from syncer.core.merging.known_book import SheetContent
from syncer.core.model import Column, Ledger, Owner, Row
from syncer.core.phrases import unended
from syncer.core.problems import Problem, Severity
from syncer.core.reading.rows import from_plan
from syncer.core.reports.data_blocks import SystemValues
from syncer.core.reports.progress import TASKS, TaskProgress
from syncer.core.values import Scalar, fold
from syncer.messages import severity_of, speak
from syncer.view import View

MOST_HINTS = 4  # a cell is no page; the feedback book has all of them
ANSWERS = frozenset({"OWN-005", "OWN-006"})  # notes that the unit waits for
NO_TASK = "这项任务已不在本单位的任务里，这一行不再汇总"
NO_ROW = "这一行已不在台账里；如还需要，请在下面空行重新填写"

Cells = dict[tuple[str, str], dict[str, Scalar]]


class SystemCells:
    """The system's columns of every row, as computed now. Percentages are points."""

    def __init__(self, seen: View) -> None:
        self._seen = seen
        self._values = SystemValues.of(seen.progress, dict(seen.state.last_week.tasks))
        self._tasks = {task.task.id: task for task in seen.progress.tasks}
        self._numbered = {s.code for s in seen.ledger.sheets if _is_system(s.column("no"))}
        self._problems = {  # those of a copy speak of places in the copy
            unit.unit: tuple(p for p in unit.problems if p.place.file in {"", unit.file}) for unit in seen.state.units
        }

    def of(self, unit: str, base: Mapping[str, SheetContent], rows: Iterable[Row]) -> Cells:
        """Returns the system's cells of one unit's ``rows`` (all of them), by (sheet code, row id) and column code.

        ``base``: what the unit's workbook holds; problems speak of its worksheet rows. A row that stands there and is none
        of the ledger's gets told so.
        """
        hints = hints_of(self._seen.ledger, self._problems.get(unit, ()), base)
        cells: Cells = {}
        for row in rows:
            found = self._values.values(row)
            if row.sheet in self._numbered:
                found["no"] = row.id
            words = [*hints.get((row.sheet, row.id), ()), *_overruled(self._seen.ledger, row, self._tasks.get(row.id))]
            found[HINT] = _in_one(words)
            cells[row.sheet, row.id] = found
        for sheet in self._seen.ledger.sheets_of(unit):
            for held in base[sheet.code].rows if sheet.code in base else ():
                if (sheet.code, held.id) not in cells:
                    planned = from_plan(sheet, held.id)
                    gone: dict[str, Scalar] = {HINT: NO_TASK, LIGHT: None} if planned else {HINT: NO_ROW}
                    cells[sheet.code, held.id] = gone
        return cells


def _is_system(column: Column | None) -> bool:
    return column is not None and column.owner is Owner.SYSTEM


def hints_of(
    ledger: Ledger, problems: tuple[Problem, ...], base: Mapping[str, SheetContent]
) -> dict[tuple[str, str], list[str]]:
    """Returns what is wrong with each row of a workbook in plain words, errors first; notes are left out, but for answers."""
    codes = {fold(sheet.name): sheet.code for sheet in ledger.sheets}
    codes |= {fold(held.table): code for code, held in base.items() if held.table}
    rows = {(code, row.row): row.id for code, held in base.items() for row in held.rows}
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for problem in sorted(problems, key=lambda p: (severity_of(p) is not Severity.ERROR, p.place.column, p.code)):
        code = codes.get(fold(problem.place.sheet), "")
        row_id = rows.get((code, problem.place.row))
        if row_id is not None and (severity_of(problem) is not Severity.NOTE or problem.code in ANSWERS):
            said = speak(problem)
            found[code, row_id].append(f"{unended(said.what)}，{unended(said.do)}")
    return found


def _overruled(ledger: Ledger, row: Row, task: TaskProgress | None) -> Iterator[str]:
    """Says so where the system counts a task and the unit's own 完成率 is another."""
    sheet, typed = ledger.sheet(row.sheet), row.get("percent")
    if task is None or row.sheet != TASKS or sheet is None or _is_system(sheet.column("percent")):
        return
    if not isinstance(typed, (int, float)) or isinstance(typed, bool):
        return
    counted = next((standing.percent for standing in task.leads if standing.unit == row.unit), None)
    if task.counted and counted is not None and round(counted) != round(typed):
        yield f"完成率以台账计数为准：{counted:.0f}%，所填{typed:.0f}%不采用"


def _in_one(words: list[str]) -> str | None:
    """Returns the hints as one text, each once; many are cut short."""
    once = list(dict.fromkeys(words))
    more = [f"另有{len(once) - MOST_HINTS}处，见填报提示"] if len(once) > MOST_HINTS else []
    return "；".join(once[:MOST_HINTS] + more) or None
