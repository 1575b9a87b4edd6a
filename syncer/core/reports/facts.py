"""Works out the facts of a unit's rows, so that no report walks the rows of all.

A pure function of the unit's rows and the settings, and of no day: what counts on a day is asked of the facts. So they can
be kept as long as the rows stand, and a save costs those of its own unit alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from syncer.core.facts import Counted, SheetFacts, UnitFacts
from syncer.core.model import ColumnType, CountSource, Ledger, Row, Sheet
from syncer.core.reports.amounts import amount, named_tasks
from syncer.core.state import LedgerState
from syncer.core.values import fold

MATERIALS = "materials"  # code of 材料目录 in the shipped template
STATUS = "status"  # code of 状态 in 志愿者名册


def facts_of(ledger: Ledger, state: LedgerState) -> tuple[UnitFacts, ...]:
    """Returns the facts of all units: those that were kept, else those of the state's rows, which are all then."""
    if state.facts is not None:
        return state.facts
    by_unit: dict[str, list[Row]] = defaultdict(list)
    for row in state.rows:
        by_unit[row.unit].append(row)
    return tuple(unit_facts(ledger, unit, own) for unit, own in by_unit.items())


def unit_facts(ledger: Ledger, unit: str, rows: Iterable[Row]) -> UnitFacts:
    """Returns the facts of one unit's rows."""
    by_sheet: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_sheet[row.sheet].append(row)
    return UnitFacts.of(unit, (sheet_facts(ledger, sheet, own) for sheet, own in by_sheet.items()))


def sheet_facts(ledger: Ledger, sheet: str, rows: Sequence[Row]) -> SheetFacts:
    """Returns the facts of one unit's rows on a sheet (its code)."""
    spec = ledger.sheet(sheet)
    sources = dict.fromkeys(task.source for task in ledger.tasks if task.source)
    counted = {
        (source, number): found
        for source in sources
        if source.sheet == sheet and spec
        for number, found in _counted(source, spec, rows).items()
    }
    return SheetFacts(
        sheet=sheet,
        rows=len(rows),
        newest=max((row.changed_at or "0" for row in rows), default=""),
        first_change=min((row.changed_at for row in rows if row.changed_at), default=""),
        counted=counted,
        heads=_heads(ledger, sheet, rows) if any(source.per_sheet == sheet for source in sources) else 0,
        evidence=_evidence(rows) if sheet == MATERIALS else {},
    )


def _counted(source: CountSource, sheet: Sheet, rows: Iterable[Row]) -> dict[str, Counted]:
    names = next((c.code for c in sheet.columns if c.type is ColumnType.TASKS), "")
    dated = [c.code for c in sheet.columns if c.type is ColumnType.DATE]
    sums: dict[str, dict[date | None, tuple[float, int]]] = defaultdict(dict)
    touched: dict[str, str] = {}
    for row in rows:
        found = next((value for code in dated if isinstance(value := row.get(code), date)), None)
        day = found.date() if isinstance(found, datetime) else found
        for number in named_tasks(row.get(names)):
            total, times = sums[number].get(day, (0.0, 0))
            sums[number][day] = (total + (amount(row, source.column) if source.column else 1), times + 1)
            touched[number] = max(touched.get(number, ""), row.changed_at)
    return {number: Counted(by_day, touched[number]) for number, by_day in sums.items()}


def _heads(ledger: Ledger, roster: str, rows: Iterable[Row]) -> int:
    """How many rows of a roster count as heads of a 人均: those whose 状态 is not another choice than its list's first.

    Of 有效、待审核、转出、注销 only 有效 counts. A blank or an unclear word says of nobody that she left: she counts, for a
    doubt must not raise the average. A roster without 状态 counts whole.
    """
    sheet = ledger.sheet(roster)
    column = sheet.column(STATUS) if sheet else None
    others = {fold(choice.text) for choice in ledger.choices(column.options)[1:]} if column else set()
    return sum(fold(row.text(STATUS)) not in others for row in rows)


def _evidence(rows: Iterable[Row]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        for number in named_tasks(row.get("proves")):
            found[number] += 1
    return dict(found)
