"""The year's records by unit and month (统计): grouping and pivoting is what pandas is for. Import late, it costs 0.4 s."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd

from syncer.core.model import Column, ColumnType, Ledger, Row, Sheet
from syncer.core.reports.amounts import amount
from syncer.core.reports.tallies import MonthTable
from syncer.core.state import LedgerState
from syncer.core.values import fold

_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}
_PER_HEAD = ("人均", "平均")  # a sum of these means nothing


def month_tables(ledger: Ledger, state: LedgerState, as_of: date) -> tuple[MonthTable, ...]:
    """Returns a table for every sheet of dated records that holds any of the ledger's year, up to ``as_of``."""
    return tuple(_month_tables(ledger, state, as_of))


def _month_tables(ledger: Ledger, state: LedgerState, as_of: date) -> Iterator[MonthTable]:
    names = {unit.code: unit.short for unit in ledger.units}
    last = as_of.month if as_of.year == ledger.settings.year else 12
    for sheet in ledger.sheets:
        dated = next((c.code for c in sheet.columns if c.type is ColumnType.DATE), "")
        if sheet.from_plan or not dated:
            continue
        added = [c for c in sheet.columns if _adds_up(c)]
        records = _frame(state.rows_of(sheet.code), dated, added, ledger.settings.year, as_of)
        if not records.empty:
            yield _table(sheet, records, added, names, range(1, last + 1))


def _adds_up(column: Column) -> bool:
    """Whether a column's sum says something: a number with a measure that is not one per head."""
    return column.type in _NUMBERS and bool(column.measure) and not column.name.startswith(_PER_HEAD)


def _heading(column: Column) -> str:
    """A column's name and its measure, unless the name has it already: ``"时长(小时)"``."""
    said = fold(column.name).endswith(f"({fold(column.measure)})")
    return column.name if said else f"{column.name}\n（{column.measure}）"


def _frame(rows: tuple[Row, ...], dated: str, added: list[Column], year: int, as_of: date) -> pd.DataFrame:
    """The records that carry a readable date of the year, one a line; what is no number counts as nothing."""
    lines = [
        {"unit": row.unit, "month": day.month, **{c.code: amount(row, c.code) for c in added}}
        for row in rows
        if isinstance(day := row.get(dated), date) and day.year == year and day <= as_of
    ]
    return pd.DataFrame(lines, columns=["unit", "month", *(c.code for c in added)])


def _table(
    sheet: Sheet, records: pd.DataFrame, added: list[Column], names: dict[str, str], months: range
) -> MonthTable:
    counts = records.pivot_table(index="unit", columns="month", aggfunc="size", fill_value=0)
    counts = counts.reindex(index=[u for u in names if u in counts.index], columns=list(months), fill_value=0)
    sums = records.groupby("unit")[[c.code for c in added]].sum().reindex(counts.index)
    lines = [
        (names[str(unit)], tuple(int(n) for n in counts.loc[unit]), int(counts.loc[unit].sum()), _sums(sums.loc[unit]))
        for unit in counts.index
    ]
    total = ("合计", tuple(int(n) for n in counts.sum()), int(counts.to_numpy().sum()), _sums(sums.sum()))
    return MonthTable(sheet.name, tuple(months), tuple(_heading(c) for c in added), (*lines, total))


def _sums(values: pd.Series[float]) -> tuple[float, ...]:
    return tuple(round(float(value), 2) for value in values)
