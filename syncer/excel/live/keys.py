"""By what the rows of a master's sheet are known, in the file and in the open book alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from syncer.core.reading.headers import ROW_ID
from syncer.core.reports.lines import HEADER_ROWS, UNIT
from syncer.excel.live.picture import Line, SheetPicture
from syncer.excel.live.plain import Plain

Key = Hashable

# By what columns the rows of a sheet are known: the first set of headings that it has, all of them.
_KNOWN_BY = (
    (UNIT, ROW_ID),  # a data sheet
    ("任务编号", "层级", "单位"),  # 总台账
    ("任务编号", "牵头单位"),  # 红黄灯清单
    ("编号", "事项"),  # 待处理事项
    ("发现时间", "单位", "表", "行", "列"),  # 本周变化
)


def key_columns(headings: Sequence[Plain]) -> tuple[int, ...]:
    """Returns the columns (1-based) that say which row it is, by a sheet's headings; ``()`` for a page that is no table."""
    names = [heading.partition("\n")[0].rstrip("*") if isinstance(heading, str) else "" for heading in headings]
    for known in _KNOWN_BY:
        if all(name in names for name in known):
            return tuple(names.index(name) + 1 for name in known)
    return ()


def columns_of(sheet: SheetPicture) -> tuple[int, ...]:
    """Returns the key columns of a sheet in a file."""
    return key_columns(sheet.lines[HEADER_ROWS - 1].cells) if len(sheet.lines) >= HEADER_ROWS else ()


def table_keys(named: Iterable[Sequence[Plain]]) -> list[Key]:
    """Returns the keys of a table's rows, given their key cells from row 1 on. No two are alike: equal ones are counted.

    Blank rows are counted from below: so a row that was inserted and never filled is one too many, wherever it stands.
    """
    texts = [tuple(_text(cell) for cell in cells) for cells in named]
    seen: Counter[tuple[str, ...]] = Counter()
    blanks = sum(1 for text in texts[HEADER_ROWS:] if not any(text))
    keys: list[Key] = []
    for row, text in enumerate(texts, 1):
        seen[text] += row > HEADER_ROWS
        number = seen[text] if any(text) else blanks - seen[text] + 1
        keys.append(("head", row) if row <= HEADER_ROWS else (text, number))
    return keys


def is_blank(key: Key) -> bool:
    """Tells whether a table's row names nothing."""
    return isinstance(key, tuple) and isinstance(key[0], tuple) and not any(key[0])


def sheet_keys(sheet: SheetPicture, *, links: bool = True) -> list[Key]:
    """Returns the keys of a sheet's rows in a file; on a page that is no table rows are known by their shape.

    ``links``: by where they lead, too.
    """
    columns = columns_of(sheet)
    if columns:
        return table_keys([line.cell(column) for column in columns] for line in sheet.lines)
    return [shape(line) if links else line.spans for line in sheet.lines]


def shape(line: Line) -> Key:
    """Returns what a page's row is known by: its merged cells, and where it leads."""
    return line.spans, line.links


def _text(cell: Plain) -> str:
    return f"{cell:.4f}" if isinstance(cell, float) else "" if cell is None else str(cell)
