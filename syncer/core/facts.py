"""What the ledger as a whole has to know of the rows of one unit: numbers and days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from syncer.core.model import CountSource


@dataclass(frozen=True, slots=True)
class Counted:
    """What the rows that name one task add up to: by day, ``None`` for rows without one, the sum and how many rows."""

    by_day: Mapping[date | None, tuple[float, int]]
    touched: str = ""  # newest change of one of them, ISO; "" if none ever changed


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The facts of one unit. Sheets by code, tasks by folded number."""

    unit: str
    rows: Mapping[str, int] = field(default_factory=dict)  # by sheet
    newest: Mapping[str, str] = field(
        default_factory=dict
    )  # by sheet: newest change of a row, "0" if none ever changed
    first_change: str = ""  # oldest change of any row, ISO
    counted: Mapping[tuple[CountSource, str], Counted] = field(default_factory=dict)  # by 计数来源 and task number
    heads: Mapping[str, int] = field(default_factory=dict)  # by roster sheet: rows that count as heads of a 人均
    evidence: Mapping[str, int] = field(default_factory=dict)  # by task number: 材料 that name it
