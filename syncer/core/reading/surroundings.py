"""What a condition may name, and what a row is judged in the light of: the plain data between wording and judging."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from syncer.core.model import Choice, Column, ColumnType, Ledger, Sheet
from syncer.core.values import Scalar, fold

NUMBERS = frozenset({ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.PERCENT})
CHOICES = frozenset({ColumnType.CHOICE, ColumnType.MULTI_CHOICE})
TEXTS = frozenset({ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.IDENTIFIER, ColumnType.PHONE, ColumnType.LINK})
"""Types whose 最小 and 最大 are lengths, and which may have a 格式."""
INDICATORS = "测评指标"
ROSTERS = ("任务分解", "单位名录", INDICATORS)  # settings sheets that 存在于 may name, whatever their column
MOST_NAMES = 6  # that a message offers

Values = Mapping[str, Scalar]
Window = tuple[date | None, date | None]  # first and last day; None: open


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row is judged in the light of, beside its own cells.

    ``known("任务分解.编号")`` gives the folded values that 存在于 may name, ``None`` where they are not at hand (the sheet
    was not read): then nothing is concluded. ``claimed``: the windows of single indicators, by folded number. ``due`` gives
    the one day that a worded deadline means (``"3月底前"``), ``None`` where it means none or several.
    """

    known: Callable[[str], frozenset[str] | None] = lambda _: None
    window: Window = (None, None)
    claimed: Mapping[str, Window] = field(default_factory=dict)
    due: Callable[[str], date | None] = lambda _: None


Judge = Callable[[Values, Surroundings], bool | None]
"""True, false, or ``None`` where there is nothing to compare."""


class Misfit(NamedTuple):
    """Why a comparison makes no sense on its sheet: the code of the problem, and its facts."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that conditions may use: sheets with their columns, and option lists."""

    sheets: Sequence[Sheet]
    options: Mapping[str, Sequence[Choice]] = field(default_factory=dict)

    @staticmethod
    def of(ledger: Ledger) -> Vocabulary:
        """Returns what a ledger's conditions may name."""
        return Vocabulary(ledger.sheets, dict(ledger.options))

    def choices(self, column: Column) -> Sequence[Choice]:
        """Returns what a column chooses from; empty where it does not."""
        return self.options.get(column.options, ()) if column.options else ()

    def instead_of(self, place: str) -> str:
        """Returns ``""`` for a place there is (``"材料目录.题名"``), else the places that may be meant."""
        table, _, name = place.partition(".")
        if fold(table) in map(fold, ROSTERS):
            return ""
        sheet = next((s for s in self.sheets if fold(s.name) == fold(table)), None)
        if sheet is None:
            names = [*(s.name for s in self.sheets), *ROSTERS]
            near = get_close_matches(table, names, 2, 0.3) or names[:2]
            return "、".join(f"{meant}.{name or '编号'}" for meant in near)
        if any(fold(c.name) == fold(name) for c in sheet.columns):
            return ""
        return "、".join(f"{sheet.name}.{meant}" for meant in near_columns(name, sheet))


def near_columns(name: str, sheet: Sheet) -> list[str]:
    """Returns the columns of a sheet that a misspelt name may mean, the likeliest first; otherwise its first ones."""
    names = [c.name for c in sheet.columns]
    by_alias = [c.name for c in sheet.columns if fold(name) in map(fold, c.aliases)]
    likely = [*by_alias, *get_close_matches(name, names, 3, 0.4)]
    return list(dict.fromkeys(likely)) or names[:MOST_NAMES]
