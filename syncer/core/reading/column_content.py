"""What a column's content says against its header: a count that holds names, a date that holds text. Cheap and sure signs only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from syncer.core.model import Column, ColumnType
from syncer.core.values import Scalar

LOOKED_AT = 200  # rows: what they do not show, the others hardly would
CELLS_NEEDED = 3  # of fewer cells one cannot speak of a column

_FIGURES = frozenset({ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.PERCENT})
_WORDS = frozenset({ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.UNITS, ColumnType.LINK})
_COUNTED = re.compile(r"[\d０-９一二两三四五六七八九十百千万半几壹贰叁肆伍陆柒捌玖拾无]")
_DAY = re.compile(r"[\d０-９一二三四五六七八九十年月日周季初中底末前]")


def contradicts(column: Column, cells: Sequence[Scalar]) -> bool:
    """Whether most of these cells (blanks left out) cannot be meant for a column of this type."""
    against = sum(1 for cell in cells if not _may_be(column.type, cell))
    return bool(cells) and 2 * against > len(cells)


def _may_be(kind: ColumnType, cell: Scalar) -> bool:
    if kind in _FIGURES:
        return not isinstance(cell, date) and (not isinstance(cell, str) or bool(_COUNTED.search(cell)))
    if kind is ColumnType.DATE:
        return not isinstance(cell, str) or bool(_DAY.search(cell))
    if kind in _WORDS:
        return not isinstance(cell, (int, float, date)) or isinstance(cell, bool)
    return True


def exchanged(
    columns: Mapping[str, int], types: Sequence[Column], cells_of: Callable[[int], Sequence[Scalar]]
) -> Iterator[tuple[Column, Column]]:
    """Yields pairs of columns whose headers were exchanged while the content stayed: each holds just what the other should.

    ``columns``: where each column stands. At least three cells on both sides, all of them against their own header and
    none against the other's: days under 活动名称, names under 日期.
    """
    content: dict[str, Sequence[Scalar]] = {}
    odd: list[Column] = []
    for column in types:
        if column.type in _FIGURES | _WORDS | {ColumnType.DATE} and column.code in columns:
            content[column.code] = cells = cells_of(columns[column.code])
            if len(cells) >= CELLS_NEEDED and not any(_may_be(column.type, cell) for cell in cells):
                odd.append(column)
    if len(odd) == 2:
        one, other = odd
        crossed = (one, content[other.code]), (other, content[one.code])
        if all(_may_be(column.type, cell) for column, cells in crossed for cell in cells):
            yield one, other
