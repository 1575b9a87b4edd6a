"""The year's records by unit and month (统计), as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MonthTable:
    """One sheet's records, one line a unit and a last one for all: counts by month, their total, and sums of columns."""

    sheet: str
    months: tuple[int, ...]
    sums: tuple[str, ...]  # headings of the columns added up, with their measure
    lines: tuple[tuple[str, tuple[int, ...], int, tuple[float, ...]], ...]  # name, by month, total, sums
