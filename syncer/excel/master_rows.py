"""The rows of the master's tables before they are written: cells with a look, and heights that fit what they hold.

A data sheet's rows for one unit are a pure function of the sheet's schema and the unit's block: where they stand on the
sheet does not matter, so they can be kept and reused while neither changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from syncer.core.model import Column, ColumnType, Light, Owner, Sheet, Source
from syncer.core.reading.headers import ROW_ID
from syncer.core.reports.lines import EXTRA, SAVED_AT, SOURCE, UNIT, Block
from syncer.core.values import CellError, Scalar, show
from syncer.excel.heights import table_height, text_units

# Looks; how each is formatted is `syncer.excel.master_looks`'s business.
TEXT, CENTRE, NUMBER, PERCENT, DATE, MOMENT = "text", "centre", "number", "percent", "date", "moment"
LIGHT = "light:"  # + the character
_LIGHTS = frozenset(Light)

_PAGE, _LEAST_LONG = 240.0, 18.0  # characters of a schema's columns that an A3 page shows at a readable size
_WIDTHS = {
    ColumnType.TEXT: 15.0,
    ColumnType.LONG_TEXT: 34.0,
    ColumnType.INTEGER: 8.0,
    ColumnType.NUMBER: 9.0,
    ColumnType.PERCENT: 8.5,
    ColumnType.DATE: 13.0,
    ColumnType.DEADLINE: 14.0,
    ColumnType.CHOICE: 10.0,
    ColumnType.MULTI_CHOICE: 14.0,
    ColumnType.UNITS: 14.0,
    ColumnType.TASKS: 11.0,
    ColumnType.PHONE: 15.0,
    ColumnType.IDENTIFIER: 17.0,
    ColumnType.LINK: 26.0,
}
_CENTRED = {
    *(ColumnType.CHOICE, ColumnType.TASKS, ColumnType.IDENTIFIER, ColumnType.PHONE),
    *(ColumnType.DATE, ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.PERCENT),  # where what stands there is text
}


@dataclass(frozen=True, slots=True)
class Heading:
    """One column of a table: its group in the first header row, its name, its width in characters."""

    name: str
    width: float
    group: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a value as Excel holds it (a share for a percentage), and how it looks."""

    value: Scalar = None
    look: str = TEXT


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: its values and looks, cell by cell, and which cells (0-based) are doubtful.

    ``level`` is its outline level; rows below the first level stand back. ``fixed``: its height is not to be fitted anew.
    """

    values: tuple[Scalar, ...]
    looks: tuple[str, ...]
    height: float
    level: int = 0
    doubtful: frozenset[int] = frozenset()
    fixed: bool = False


def make_line(cells: Sequence[Cell], headings: Sequence[Heading], level: int = 0) -> Line:
    """Returns a row as tall as its tallest cell needs."""
    values = tuple([cell.value for cell in cells])
    return Line(values, tuple([cell.look for cell in cells]), table_height(values, shown_widths(headings)), level)


def shown_widths(headings: Sequence[Heading]) -> tuple[float, ...]:
    """Returns the widths that decide on a row's height: in a hidden column nothing needs room."""
    return tuple([math.inf if heading.hidden else heading.width for heading in headings])


def data_columns(sheet: Sheet) -> tuple[Column, ...]:
    """Returns the columns of a sheet that the master shows: all but 系统提示, which is each unit's own affair."""
    return tuple(c for c in sheet.columns if c.code != "hint")


def data_headings(sheet: Sheet) -> tuple[Heading, ...]:
    """Returns the columns of a data sheet in the master: 单位, the hidden 行标识, the schema's, 来源, 保存时间, 附加列.

    By 行标识 a cell that somebody types there is traced to the row it belongs to; above it stands the sheet's code, which
    outlives the sheet's name.
    """
    return (
        Heading(UNIT, 12, UNIT),
        Heading(ROW_ID, 14, sheet.code, hidden=True),
        *(Heading(c.name, width, c.group) for c, width in _fitted(data_columns(sheet))),
        Heading(SOURCE, 26, "出处"),
        Heading(SAVED_AT, 19, "出处"),
        Heading(EXTRA, 24, "出处"),
    )


def data_lines(sheet: Sheet, block: Block) -> Iterator[Line]:
    """Yields one unit's rows of a data sheet.

    The last cell, 附加列, is left out where a row has none: the column is only shown if some row needs it.
    """
    shapes = [Shape(column) for column in data_columns(sheet)]
    codes = [shape.code for shape in shapes]
    widths = shown_widths(data_headings(sheet))
    for row in block.rows:
        cells = [shape.typed(row.values.get(shape.code)) for shape in shapes]
        extra = "；".join(f"{name}={show(value)}" for name, value in row.extra)
        source, saved = source_text(row.source, sheet), _moment(row.source.saved_at)
        values = (block.unit.short, row.id, *[value for value, _ in cells], source, saved)
        looks = (CENTRE, TEXT, *[look for _, look in cells], TEXT, MOMENT)
        if extra:
            values, looks = (*values, f"附加列：{extra}"), (*looks, TEXT)
        doubtful = frozenset([2 + at for at, code in enumerate(codes) if (row.id, code) in block.doubtful])
        yield Line(values, looks, table_height(values, widths), 0, doubtful)


class Shape:
    """How values of one schema column are shown."""

    def __init__(self, column: Column) -> None:
        self.code = column.code
        self._is_light, self._is_share = column.code == "light", column.type is ColumnType.PERCENT
        text = CENTRE if column.type in _CENTRED else TEXT
        number = PERCENT if self._is_share else NUMBER
        blank = DATE if column.type is ColumnType.DATE else text
        self._looks: dict[type, str] = {
            int: number,
            float: number,
            datetime: MOMENT,
            date: DATE,
            type(None): blank,
            **dict.fromkeys((bool, str, time, timedelta, CellError), text),
        }

    def typed(self, value: Scalar) -> tuple[Scalar, str]:
        """Returns a value as Excel holds it, and its look; what is not of the column's type looks as what it is."""
        kind = type(value)
        if self._is_light and isinstance(value, str) and value[:1] in _LIGHTS:
            return value, f"{LIGHT}{value[:1]}"
        if self._is_share and (kind is int or kind is float):
            return value / 100, PERCENT  # type: ignore[operator]
        return value, self._looks[kind]


def typed(value: Scalar, column: Column) -> Cell:
    """Returns one value of a schema column as a cell."""
    return Cell(*Shape(column).typed(value))


def share(points: float | None) -> Cell:
    """Returns a percentage in points as Excel keeps it: ``95`` → ``0.95``."""
    return Cell(None if points is None else points / 100, PERCENT)


def moment(iso: str) -> Cell:
    """Returns an ISO moment as a real one; blank stays blank."""
    return Cell(_moment(iso), MOMENT)


@lru_cache(256)
def _moment(iso: str) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def light_cell(light: Light | None) -> Cell:
    """Returns a light as its character on its colour; blank where there is none."""
    return Cell(light.value, f"{LIGHT}{light.value}") if light else Cell()


def source_text(source: Source, sheet: Sheet | None = None) -> str:
    """Returns where a row came from: ``"宣传科.xlsx › 活动台账!7"``."""
    if not source.file:
        return ""
    name = sheet.name if sheet and source.sheet in {sheet.code, ""} else source.sheet
    place = f"{name}!{source.row}" if source.row else name
    return " › ".join(part for part in (source.file.rsplit("/", 1)[-1], place) if part)


def width_of(column: Column) -> float:
    """Returns the width of a schema column: by type, wider for a long name (which may take three lines)."""
    number = 13.0 if column.owner is Owner.SYSTEM else 9.0  # HD-D09-0006, or 10.3
    known = {"no": number, "light": 13.0, "title": 24.0, "name": 16.0, "section": 14.0}
    fitting = text_units(column.name) / 3 + 3
    return max(known.get(column.code, _WIDTHS[column.type]), fitting)


def _fitted(columns: Sequence[Column]) -> Iterator[tuple[Column, float]]:
    """Yields the columns with widths that together still read well on one A3 page: long texts give way, to a point."""
    long = [c for c in columns if c.type is ColumnType.LONG_TEXT]
    room = _PAGE - sum(width_of(c) for c in columns if c.type is not ColumnType.LONG_TEXT)
    share_of_room = max(_LEAST_LONG, room / len(long)) if long else 0.0
    for column in columns:
        width = width_of(column)
        yield column, min(width, share_of_room) if column.type is ColumnType.LONG_TEXT else width
