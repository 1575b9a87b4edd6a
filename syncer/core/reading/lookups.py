"""What rules may look up beyond one row: the values of other sheets, the plan, and the assessment windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from syncer.core.model import Ledger, Owner, Sheet
from syncer.core.reading.checks import CheckedRow
from syncer.core.reading.surroundings import Surroundings
from syncer.core.values import fold, show


def surroundings_of(
    ledger: Ledger, rows: Mapping[str, Sequence[CheckedRow]], due: Callable[[str], date | None]
) -> Surroundings:
    """Returns what the rows of one unit's workbook (by sheet code) are judged in the light of; ``due`` reads worded deadlines."""
    claimed = {fold(i.number): (i.start, i.end) for i in ledger.indicators if i.start or i.end}
    return Surroundings(_known(ledger, rows), ledger.settings.window, claimed, due)


def _known(ledger: Ledger, rows: Mapping[str, Sequence[CheckedRow]]) -> Callable[[str], frozenset[str] | None]:
    """The look-up behind 存在于: ``"任务分解.编号"`` → the folded values there.

    Settings sheets answer for the whole ledger, data sheets for this unit's own rows; a sheet that was not read is not at
    hand (``None``).
    """
    sheets = {fold(sheet.name): sheet for sheet in ledger.sheets}
    fixed = {
        "任务分解": frozenset(fold(task.number) for task in ledger.tasks),
        "单位名录": frozenset(fold(name) for u in ledger.units for name in (u.name, u.short, *u.aliases)),
        "测评指标": frozenset(fold(indicator.number) for indicator in ledger.indicators),
    }
    found: dict[str, frozenset[str] | None] = {}

    def look_up(place: str) -> frozenset[str] | None:
        if place not in found:
            table, _, name = place.partition(".")
            sheet = sheets.get(fold(table))
            held = rows.get(sheet.code) if sheet else None
            found[place] = fixed.get(table) or (_values(sheet, name, held) if sheet and held is not None else None)
        return found[place]

    return look_up


def _values(sheet: Sheet, name: str, rows: Sequence[CheckedRow]) -> frozenset[str] | None:
    """The folded values of a column; a number that the system gives out (材料编号) is the row's id, delivered or not."""
    column = next((c for c in sheet.columns if fold(c.name) == fold(name)), None)
    if column is None:
        return None
    ids = {fold(entry.row.id) for entry in rows} if column.code == "no" and column.owner is Owner.SYSTEM else set()
    return frozenset(ids | {fold(show(entry.values.get(column.code))) for entry in rows} - {""})
