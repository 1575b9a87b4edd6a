"""What a worksheet offers beside its rows: reserved rows still free, where it ends, who filled it in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from syncer.core.model import Owner, Sheet, Table
from syncer.core.reading.headers import HeaderMatch
from syncer.core.reading.merged import covered, lower_end
from syncer.core.reading.rows import from_plan
from syncer.core.values import show, tidy

FILL_IN_ROWS = 4  # the fill-in line stands somewhere above the data
_NAME_MOST = 64  # signs: what is longer is no name
_FILLED_IN_BY = re.compile(r"填报人[^:：]{0,4}[:：]\s*([^\s:：]*+)(?![:：])")


def free_rows(table: Table, match: HeaderMatch, sheet: Sheet, ids: str) -> tuple[int, ...]:
    """Returns the worksheet rows, top to bottom, that hold an id of ours and in which nobody has typed anything.

    ``ids`` is what the ids of this unit's rows begin with (``HD-D03-``). What the system wrote there counts for nothing. A
    row with cells merged into others is not free: what is written there nobody would see.
    """
    if not match.id_column:
        return ()
    quiet = {match.id_column} | {match.columns.get(c.code, 0) for c in sheet.columns if c.owner is Owner.SYSTEM}
    merged = covered(table, match.row, {*match.columns.values(), *(at for _, at in match.extra)})
    return tuple(
        number
        for number in range(match.row + 1, len(table.rows) + 1)
        if number not in merged
        and _is_ours(sheet, show(table.cell(number, match.id_column)).strip(), ids)
        and _is_blank(table, number, quiet)
    )


def _is_ours(sheet: Sheet, row_id: str, ids: str) -> bool:
    return row_id.startswith(ids) and row_id[len(ids) :].isdecimal() and not from_plan(sheet, row_id)


def _is_blank(table: Table, number: int, quiet: Collection[int]) -> bool:
    return all(cell is None or at in quiet for at, cell in enumerate(table.rows[number - 1], start=1))


def last_row(table: Table) -> int:
    """Returns the last row (1-based) that holds anything, or is merged with one that does; 0 in an empty worksheet."""
    last = len(table.rows)
    while last and all(cell is None for cell in table.rows[last - 1]):
        last -= 1
    return lower_end(table, last)


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
