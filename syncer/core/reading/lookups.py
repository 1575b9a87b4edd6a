"""What rules may look up beyond one row: the values of other sheets, the plan, and the assessment windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from syncer.core.model import Ledger, Owner, Sheet
from syncer.core.reading.checks import CheckedRow
from syncer.core.reading.surroundings import Surroundings
from syncer.core.values import fold, show

Answers = Mapping[str, Mapping[str, Iterable[str]]]
"""Sheet code → place on it → the folded values there, as they are known already."""


def surroundings_of(
    ledger: Ledger,
    rows: Mapping[str, Sequence[CheckedRow]],
    due: Callable[[str], date | None],
    answers: Answers | None = None,
) -> Surroundings:
    """Returns what the rows of one unit's workbook (by sheet code) are judged in the light of; ``due`` reads worded deadlines.

    What ``answers`` tells is not looked up in the rows.
    """
    claimed = {fold(i.number): (i.start, i.end) for i in ledger.indicators if i.start or i.end}
    return Surroundings(_known(ledger, rows, answers or {}), ledger.settings.window, claimed, due)


def sheet_looked_up(ledger: Ledger, place: str) -> str:
    """Returns the code of the data sheet that a place (``"材料目录.题名"``) is on; ``""`` for one of the settings."""
    table = fold(place.partition(".")[0])
    return next((sheet.code for sheet in reversed(ledger.sheets) if fold(sheet.name) == table), "")


def _known(
    ledger: Ledger, rows: Mapping[str, Sequence[CheckedRow]], answers: Answers
) -> Callable[[str], frozenset[str] | None]:
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

    def looked_up(place: str) -> frozenset[str] | None:
        table, _, name = place.partition(".")
        if fixed.get(table):
            return fixed[table]
        sheet = sheets.get(fold(table))
        if sheet is None or sheet.code not in rows:
            return None
        if (known := answers.get(sheet.code, {}).get(place)) is not None:
            return frozenset(known)
        return _values(sheet, name, rows[sheet.code])

    def look_up(place: str) -> frozenset[str] | None:
        if place not in found:
            found[place] = looked_up(place)
        return found[place]

    return look_up


def _values(sheet: Sheet, name: str, rows: Sequence[CheckedRow]) -> frozenset[str] | None:
    """The folded values of a column; a number that the system gives out (材料编号) is the row's id, delivered or not."""
    column = next((c for c in sheet.columns if fold(c.name) == fold(name)), None)
    if column is None:
        return None
    ids = {fold(entry.row.id) for entry in rows} if column.code == "no" and column.owner is Owner.SYSTEM else set()
    return frozenset(ids | {fold(show(entry.values.get(column.code))) for entry in rows} - {""})
