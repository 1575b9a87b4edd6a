"""What the ledger as a whole has to know of the rows of one unit: numbers and days, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from syncer.core.model import CountSource


@dataclass(frozen=True, slots=True)
class Counted:
    """What the rows that name one task add up to: by day, ``None`` for rows without one, the sum and how many rows."""

    by_day: Mapping[date | None, tuple[float, int]]
    touched: str = ""  # newest change of one of them, ISO; "" if none ever changed


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """The facts of one unit's rows on one sheet. Tasks by folded number."""

    sheet: str  # its code
    rows: int = 0
    newest: str = ""  # newest change of a row, "0" if none ever changed, "" where there are no rows
    first_change: str = ""  # oldest change of any row, ISO
    counted: Mapping[tuple[CountSource, str], Counted] = field(default_factory=dict)  # by 计数来源 and task number
    heads: int = 0  # of a roster: rows that count as heads of a 人均
    evidence: Mapping[str, int] = field(default_factory=dict)  # by task number: 材料 that name it


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The facts of one unit. Sheets by code, tasks by folded number."""

    unit: str
    rows: Mapping[str, int] = field(default_factory=dict)  # by sheet
    newest: Mapping[str, str] = field(default_factory=dict)  # by sheet: as of `SheetFacts`
    first_change: str = ""  # oldest change of any row, ISO
    counted: Mapping[tuple[CountSource, str], Counted] = field(default_factory=dict)  # by 计数来源 and task number
    heads: Mapping[str, int] = field(default_factory=dict)  # by roster sheet: rows that count as heads of a 人均
    evidence: Mapping[str, int] = field(default_factory=dict)  # by task number: 材料 that name it

    @staticmethod
    def of(unit: str, sheets: Iterable[SheetFacts]) -> UnitFacts:
        """Returns the facts of a unit from those of its sheets."""
        filled = [facts for facts in sheets if facts.rows]
        return UnitFacts(
            unit=unit,
            rows={facts.sheet: facts.rows for facts in filled},
            newest={facts.sheet: facts.newest for facts in filled},
            first_change=min((facts.first_change for facts in filled if facts.first_change), default=""),
            counted={key: found for facts in filled for key, found in facts.counted.items()},
            heads={facts.sheet: facts.heads for facts in filled if facts.heads},
            evidence={number: times for facts in filled for number, times in facts.evidence.items()},
        )
