"""What a worksheet offers beside its rows: reserved rows still free, where it ends, who filled it in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from syncer.core.model import Book, Owner, Sheet, Table
from syncer.core.reading.headers import HeaderMatch
from syncer.core.reading.rows import from_plan
from syncer.core.texts import tab_name
from syncer.core.values import fold, show, tidy

FILL_IN_ROWS = 4  # the fill-in line stands somewhere above the data
_NAME_MOST = 64  # signs: what is longer is no name
_FILLED_IN_BY = re.compile(r"填报人[^:：]{0,4}[:：]\s*([^\s:：]*+)(?![:：])")


def find_table(book: Book, sheet: Sheet) -> Table | None:
    """Returns the worksheet of a data sheet, by its name or one it had before."""
    tables = {fold(table.name): table for table in book.tables}
    names = (fold(name) for given in (sheet.name, *sheet.former_names) for name in (given, tab_name(given)))
    return next((tables[name] for name in names if name in tables), None)


def free_rows(table: Table, match: HeaderMatch, sheet: Sheet, ids: str) -> tuple[int, ...]:
    """Returns the worksheet rows, top to bottom, that hold an id of ours and in which nobody has typed anything.

    ``ids`` is what the ids of this unit's rows begin with (``HD-D03-``). What the system wrote there counts for nothing.
    """
    if not match.id_column:
        return ()
    quiet = {match.id_column} | {match.columns.get(c.code, 0) for c in sheet.columns if c.owner is Owner.SYSTEM}
    return tuple(
        number
        for number in range(match.row + 1, len(table.rows) + 1)
        if _is_ours(sheet, show(table.cell(number, match.id_column)).strip(), ids) and _is_blank(table, number, quiet)
    )


def _is_ours(sheet: Sheet, row_id: str, ids: str) -> bool:
    return row_id.startswith(ids) and row_id[len(ids) :].isdecimal() and not from_plan(sheet, row_id)


def _is_blank(table: Table, number: int, quiet: Collection[int]) -> bool:
    return all(cell is None or at in quiet for at, cell in enumerate(table.rows[number - 1], start=1))


def last_row(table: Table) -> int:
    """Returns the last row (1-based) that holds anything; 0 in an empty worksheet."""
    return max(
        (number for number, cells in enumerate(table.rows, start=1) if any(c is not None for c in cells)), default=0
    )


def filled_in_by(tables: Iterable[Table]) -> str:
    """Returns whom the first fill-in line that names somebody gives as 填报人; ``""`` if none does.

    ``填报单位：宣传科　填报人：王芳　联系电话：`` → ``王芳``. The name may stand in the next cell.
    """
    for table in tables:
        for cells in table.rows[:FILL_IN_ROWS]:
            for at, cell in enumerate(cells):
                if not isinstance(cell, str) or not (match := _FILLED_IN_BY.search(cell)):
                    continue
                beside = tidy(show(next((c for c in cells[at + 1 :] if c is not None), None)))
                name = match[1] or ("" if re.search(r"[:：]", beside) or match.end() < len(cell.rstrip()) else beside)
                if 0 < len(name) <= _NAME_MOST:
                    return name
    return ""
