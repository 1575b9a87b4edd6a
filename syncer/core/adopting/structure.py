"""What a foreign worksheet is made of: header, rows of content with the section they stand in, and all that is no row.

Every filled cell of the worksheet is in exactly one place of the result, so that nothing can get lost unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from syncer.core.adopting.grid import Cell, Grid, is_figure
from syncer.core.adopting.headers import Header, find_header, known_in
from syncer.core.model import Table
from syncer.core.reading.lines import is_total
from syncer.core.values import Scalar, column_letter, fold, show, tidy

SECTION_LONGEST = 40  # signs
_SECTION = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．]|[(（][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十]{1,3}[部章类板项])"
)
_CHINESE_NUMBER = re.compile(r"^[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．]?$")
_TOTAL = re.compile(r"^(?:合计|小计|总计|共计|累计|本页合计|平均)")
_SIGNATURE = re.compile(
    r"^(?:填报人|填表人|制表|审核|审签|复核|负责人|单位负责人|主要负责人|分管领导[:：]|领导签字|联系人|联系电话|经办人[:：]|填报单位|填报时间|填报日期|单位[(（]?盖章|报送)"
)
_NOTE = re.compile(
    r"^(?:注|备注|说明|填表说明|填报说明|填写说明|附注|要求|附)[\s0-9一二三四1-9]{0,2}[:：.、]|^(?:填表说明|填报说明|填写说明)$"
)
_FURTHER_NOTE = re.compile(r"^[(（]?[0-9一二三四五六七八九十]{1,2}[)）]?[、.．,，)）]")


class Apart(StrEnum):
    """Why a cell is no content of a row."""

    TITLE = "title"  # above the header
    HEADER = "header"
    COUNTING = "counting"  # 1 2 3 … below the header
    AGAIN = "again"  # the header once more, for the next page
    SECTION = "section"
    TOTAL = "total"
    SIGNATURE = "signature"
    NOTE = "note"
    HIDDEN = "hidden"  # under a merged range
    UNKNOWN = "unknown"  # a worksheet in which no header was found


@dataclass(frozen=True, slots=True)
class ForeignColumn:
    """One column: where it stands, and what is written above it from its widest group to its own name."""

    at: int
    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person calls it: ``进展情况›本周``; one without a header by its letter."""
        return "›".join(self.path) or f"（{column_letter(self.at)}列，没有栏目名）"


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """One row of content: filled cells by column, and where what is merged down over it stands."""

    number: int
    cells: Mapping[int, Scalar]
    origins: Mapping[int, Cell] = field(default_factory=dict)
    section: str = ""
    section_at: Cell = (0, 0)

    def origin(self, column: int) -> Cell:
        """Returns where the content of a column stands: in this row, or where a merged range begins."""
        return self.origins.get(column, (self.number, column))


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of a worksheet as understood. ``apart``: every filled cell that is in no row."""

    sheet: str
    columns: tuple[ForeignColumn, ...]
    rows: tuple[ForeignRow, ...]
    apart: tuple[tuple[Cell, Apart, Scalar], ...]
    header: tuple[int, int] = (0, 0)  # first and last row; (0, 0): none was found

    def said_above(self) -> Iterator[str]:
        """Yields the texts above the header: title, 填报单位 …."""
        return (show(value) for _, why, value in self.apart if why is Apart.TITLE)


def find_layouts(table: Table, known: Collection[str]) -> tuple[Layout, ...]:
    """Returns the tables that stand one below the other in a worksheet; none in an empty one.

    A worksheet without a header is one layout without rows, all of whose cells are `Apart.UNKNOWN`.
    """
    grid = Grid(table)
    header = find_header(grid, known)
    if header is None:
        cells = (*_apart(grid, range(1, grid.height + 1), Apart.UNKNOWN), *_hidden(grid, 1, grid.height))
        return (Layout(table.name, (), (), cells),) if cells else ()
    layouts: list[Layout] = []
    first = 1
    while header is not None:
        following = _next_header(grid, header, known)
        last = following.top - 1 if following else grid.height
        title = last
        while following and title > header.last and _is_title(grid, title):  # the next table's title is its own
            title -= 1
        layouts.append(_layout(grid, header, first, title))
        first, header = title + 1, following
    return tuple(layouts)


def _next_header(grid: Grid, header: Header, known: Collection[str]) -> Header | None:
    """Returns another table's header further down: at least three known names, and not this one's over again."""
    for row in range(header.last + 2, grid.height + 1):
        if known_in(grid, row, known) < 3 or any(is_figure(grid.own(row, at)) for at in grid.filled(row)):
            continue
        found = find_header(grid, known, row)
        if found and found.top <= row <= found.bottom and not _again(grid, row, header):
            return found
    return None


def _is_title(grid: Grid, row: int) -> bool:
    filled = grid.filled(row)
    return len(filled) <= 1 and not any(_kind_of_tail(show(grid.own(row, at))) for at in filled)


def _layout(grid: Grid, header: Header, first: int, last: int) -> Layout:
    paths = dict(header.paths)
    body = range(header.last + 1, last + 1)
    used = {at for row in body for at in grid.filled(row)}
    columns = tuple(ForeignColumn(at, paths.get(at, ())) for at in sorted(set(paths) | used))
    apart = list(_apart(grid, range(first, header.top), Apart.TITLE))
    apart += _apart(grid, range(header.top, header.bottom + 1), Apart.HEADER)
    apart += _apart(grid, range(header.counting, header.counting + 1), Apart.COUNTING) if header.counting else ()
    apart += _hidden(grid, first, last)
    no_rows = set(range(first, header.last + 1))
    rows: list[ForeignRow] = []
    section, section_at, notes = "", (0, 0), False
    for number in body:
        kind = _kind(grid, number, header, notes=notes)
        if kind is Apart.SECTION:
            section_at = (number, grid.filled(number)[-1])
            section = tidy(show(grid.own(*section_at)))
        notes = kind is Apart.NOTE or (notes and not grid.filled(number))
        if kind is not None:
            apart += _apart(grid, range(number, number + 1), kind)
            no_rows.add(number)
        elif row := _row(grid, number, columns, no_rows):
            rows.append(ForeignRow(number, row[0], row[1], section, section_at))
    return Layout(grid.table.name, columns, tuple(rows), tuple(apart), (header.top, header.bottom))


def _row(
    grid: Grid, number: int, columns: Sequence[ForeignColumn], apart: Collection[int]
) -> tuple[dict[int, Scalar], dict[int, Cell]] | None:
    """Returns the filled cells of a row, merged ones filled down; ``None`` for a row with nothing of its own.

    What is merged down from a row of ``apart`` (a header, a section) belongs there.
    """
    cells: dict[int, Scalar] = {}
    origins: dict[int, Cell] = {}
    for column in columns:
        value, origin = grid.down(number, column.at)
        if value is not None and origin[0] not in apart:
            cells[column.at] = value
            if origin[0] != number:
                origins[column.at] = origin
    return (cells, origins) if cells.keys() - origins.keys() else None


def _kind(grid: Grid, row: int, header: Header, *, notes: bool) -> Apart | None:
    """Returns why a row below the header is no content; ``None`` if it is."""
    filled = grid.filled(row)
    if not filled:
        return None
    first = show(grid.own(row, filled[0]))
    if tail := _kind_of_tail(first, alone=len(filled) <= 2):
        return tail
    if notes and len(filled) == 1 and (_FURTHER_NOTE.match(fold(first)) or len(first) > SECTION_LONGEST):
        return Apart.NOTE
    if _again(grid, row, header):
        return Apart.AGAIN
    return Apart.SECTION if _is_section(grid, row, filled) else None


def _kind_of_tail(text: str, *, alone: bool = True) -> Apart | None:
    folded = fold(text)
    if _TOTAL.match(folded) or is_total(folded):
        return Apart.TOTAL
    if _NOTE.match(folded) and alone:
        return Apart.NOTE
    return Apart.SIGNATURE if _SIGNATURE.match(folded) and (alone or re.search(r"[:：]", text)) else None


def _is_section(grid: Grid, row: int, filled: Sequence[int]) -> bool:
    """Whether a row only names the section of the rows below: ``一、组织建设``, ``二 | 理想信念``, or a text across the table."""
    texts = [grid.own(row, at) for at in filled]
    last = texts[-1]
    if not isinstance(last, str) or len(fold(last)) > SECTION_LONGEST:
        return False
    if any(grid.merged(row, at)[0] < row for at in range(1, grid.width + 1)):
        return False  # something is merged down over it: it is one of several rows
    _, left, _, right = grid.merged(row, filled[-1])
    if len(filled) == 2:
        return bool(_CHINESE_NUMBER.match(fold(show(texts[0])))) and not is_figure(last)
    return len(filled) == 1 and (bool(_SECTION.match(fold(last))) or right - left >= max(2, grid.width // 2))


def _again(grid: Grid, row: int, header: Header) -> bool:
    """Whether a row repeats the header, as printed pages do."""
    leaves = {fold(path[-1]) for _, path in header.paths} | {fold(path[0]) for _, path in header.paths}
    texts = [fold(show(grid.own(row, at))) for at in grid.filled(row)]
    return len(texts) >= 2 and sum(text in leaves for text in texts) >= len(texts) * 0.8


def _hidden(grid: Grid, first: int, last: int) -> Iterator[tuple[Cell, Apart, Scalar]]:
    for row, at in grid.hidden():
        if first <= row <= last:
            yield (row, at), Apart.HIDDEN, grid.table.cell(row, at)


def _apart(grid: Grid, rows: Collection[int], why: Apart) -> Iterator[tuple[Cell, Apart, Scalar]]:
    for row in rows:
        for at in grid.filled(row):
            yield (row, at), why, grid.own(row, at)
