"""One line a unit on 首页: what it leads and how it stands, what it owes, its last save, its receipt. Rendered once a change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from syncer.core.model import Light
from syncer.core.reports.lines import LATE, Stretch, UnitLine, digest_of
from syncer.core.values import Scalar
from syncer.excel.heights import table_height, text_units
from syncer.excel.master_rows import Line
from syncer.excel.pieces import Facts, Rows
from syncer.excel.writing import DATA

COLUMNS, WIDTH = 16, 12.0  # one grid for everything on 首页
CALM: Mapping[str, Any] = {**DATA, "border_color": "A6A6A6"}
HEADS = ((0, 0, "单位"), (1, 1, "类别"), (2, 2, "牵头任务"), (3, 3, "已完成"), (4, 4, "平均完成率"), (5, 5, "红灯"),
         (6, 6, "黄灯"), (7, 8, "本期报送"), (9, 9, "最近保存"), (10, COLUMNS - 1, "回执"))  # fmt: skip
"""First and last column (0-based) of each field, and its name."""
NAME, PERCENT = 0, 4  # columns that the chart reads

_CENTRE, _TEXT, _SHARE, _MOMENT, _LINK, _LIT = (
    "calm",
    "calm text",
    "calm share",
    "calm moment",
    "calm link",
    "calm light:",
)
LOOKS: Mapping[str, Mapping[str, Any]] = {
    _CENTRE: {**CALM, "align": "center"},
    _TEXT: {**CALM, "indent": 1},
    _SHARE: {**CALM, "align": "center", "num_format": "0%"},
    _MOMENT: {**CALM, "align": "center", "num_format": "mm-dd hh:mm"},
    _LINK: {**CALM, "align": "center", "font_color": "1F4E9E", "underline": 1},
}


def light_looks(colours: Mapping[Light, str]) -> dict[str, dict[str, Any]]:
    """Returns the looks of a cell in the colour of a light."""
    return {f"{_LIT}{light}": {**CALM, "align": "center", "bg_color": colour} for light, colour in colours.items()}


def in_order(units: Iterable[UnitLine]) -> list[UnitLine]:
    """Returns the units as 首页 lists them: those that lead tasks first."""
    return sorted(units, key=lambda unit: not unit.tasks)


def unit_stretches(units: Sequence[UnitLine]) -> list[Stretch[Rows]]:
    """Returns a line each."""
    return [Stretch(unit.code, _basis(unit), partial(_rows, unit)) for unit in units]


@lru_cache(10_000)  # lines; the largest rosters have half as many
def _basis(unit: UnitLine) -> str:
    return digest_of(unit)


def _rows(unit: UnitLine) -> Rows:
    return [_line(unit)], Facts()


def share(unit: UnitLine) -> float | None:
    """Returns 平均完成率 as Excel keeps it."""
    return None if unit.percent is None else unit.percent / 100


def _line(unit: UnitLine) -> Line:
    saved = datetime.fromisoformat(unit.last_saved) if unit.last_saved else None
    fields: tuple[tuple[Scalar, str], ...] = (
        (unit.name, _LINK if unit.file else _CENTRE),
        (unit.category, _CENTRE),
        (unit.tasks, _CENTRE),
        (unit.done, _CENTRE),
        (share(unit), _SHARE),
        (unit.red, f"{_LIT}{Light.RED}" if unit.red else _CENTRE),
        (unit.yellow, f"{_LIT}{Light.YELLOW}" if unit.yellow else _CENTRE),
        (_reported(unit), f"{_LIT}{Light.RED}" if unit.reported == LATE else _CENTRE),
        (saved, _MOMENT),
        (unit.receipt, _TEXT),
    )
    values: list[Scalar] = []
    looks: list[str] = []
    for (first, last, _), (value, look) in zip(HEADS, fields, strict=True):
        values += [value, *[None] * (last - first)]
        looks += [look] * (last - first + 1)
    return Line(tuple(values), tuple(looks), _height(unit), fixed=True)


def _height(unit: UnitLine) -> float:
    """Programs do not fit a row to what stands in merged cells."""
    name_lines = 2 if text_units(unit.name) > WIDTH - 1 else 1
    room = (COLUMNS - HEADS[-1][0]) * WIDTH
    return max(table_height([unit.receipt], [room]), name_lines * 17.0 + 6)


def _reported(unit: UnitLine) -> str:
    """How a unit stands with what it owes now; "—" where nothing is expected."""
    by = f"（{unit.due.month}月{unit.due.day}日截止）" if unit.due else ""
    return f"{unit.reported}{by}" if unit.reported else "—"
