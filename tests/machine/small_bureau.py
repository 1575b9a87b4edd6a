"""A bureau small enough that one pass over it is cheap: three units, three data sheets, six tasks; built once, copied for each run.

Its workbooks hold, from their first day on, what only their units put there: a sheet with a chart and comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
from xlsxwriter.worksheet import Worksheet

from syncer.commands.init import make_workspace
from syncer.core.values import Scalar
from syncer.excel import unitbook, writing
from syncer.excel.patch import patch_cells
from syncer.excel.reading import Readers
from syncer.sync import sync
from syncer.watch.settle import Pace, Settler
from syncer.workspace import Office
from tests.system.bureau import Bureau

UNITS = {"D01": "创建办", "D05": "宣传科", "D07": "团委"}
TASKS, ACTIVITIES, VOLUNTEERS = "任务清单", "活动台账", "志愿者名册"
SHEETS = {TASKS: "tasks", ACTIVITIES: "activities", VOLUNTEERS: "volunteers"}
RESERVED = {TASKS: 3, ACTIVITIES: 6, VOLUNTEERS: 6}
OWN_SHEET = "自用统计"
START = datetime(2026, 3, 10, 9)
_PLAN = {
    4: "创建办",
    6: "宣传科",
    8: "宣传科、团委",
    11: "宣传科",
    18: "团委",
    19: "团委、创建办",
}  # row of 任务分解 → leads
_LAST_ROW_OF_PLAN = 68


def small_bureau(root: Path, readers: Readers) -> Bureau:
    """Makes the bureau in ``root``: everything is handed out, the first deliveries are done, nobody has saved."""
    workspace = make_workspace(root, START.year, sample=True)
    config = root / "syncer.toml"
    config.write_text(deliver_at_once(config.read_text(encoding="utf-8")), encoding="utf-8")
    path = workspace.control_book
    path.write_bytes(patch_cells(path.read_bytes(), cut_down(path)))
    bureau = Bureau(root)
    with _with_own_sheet(), opened(bureau, readers, START) as office:
        for _ in range(3):
            sync(office)
    return bureau


def deliver_at_once(config: str) -> str:
    """Returns a configuration by which no delivery waits for quiet."""
    changed = re.sub(r"(?m)^#?\s*quiet_seconds = .*$", "quiet_seconds = 0", config)
    assert changed != config
    return changed


@contextmanager
def opened(bureau: Bureau, readers: Readers, now: datetime) -> Iterator[Office]:
    """Opens the office with warm reading children; files count as saved at once."""
    office = open_office(bureau, readers, lambda: now)
    try:
        yield office
    finally:
        office.store.close()


def open_office(bureau: Bureau, readers: Readers, clock: Callable[[], datetime]) -> Office:
    """Opens the office; close its store when done."""
    office = Office(bureau.opened(), clock)
    office.readers = readers
    office.settler = Settler(Pace(settle_seconds=0))
    return office


def cut_down(path: Path) -> dict[str, dict[Any, Scalar]]:
    """Blanks every unit, task and data sheet that is not of the small bureau."""
    book = openpyxl.load_workbook(path)
    patches: dict[str, dict[tuple[int, int], Scalar]] = {
        name: {} for name in ("单位名录", "任务分解", "表设置", "校验规则")
    }
    for line in book["单位名录"].iter_rows(min_row=4):
        if line[0].value not in UNITS:
            patches["单位名录"] |= {(cell.row, cell.column): None for cell in line if cell.value is not None}
    for row, line in enumerate(book["任务分解"].iter_rows(min_row=4, max_row=_LAST_ROW_OF_PLAN), start=4):
        leads = _PLAN.get(row)
        kept = {2} if leads is None else set(range(1, 17)) - {10, 13}
        blank = {(cell.row, cell.column): None for cell in line if cell.value is not None and cell.column not in kept}
        patches["任务分解"] |= blank
        if leads:
            patches["任务分解"] |= {
                (row, 9): leads,
                (row, 13): "活动台账" if row == 6 else None,
            }
    for line in book["校验规则"].iter_rows(min_row=4):
        if line[1].value not in RESERVED:
            patches["校验规则"] |= {(cell.row, cell.column): None for cell in line if cell.value is not None}
    for row, line in enumerate(book["表设置"].iter_rows(min_row=4, max_row=11), start=4):
        name = str(line[0].value)
        if name in RESERVED:
            patches["表设置"][row, 7] = RESERVED[name]
        else:
            patches["表设置"][row, 10] = "停用"
    return patches


@contextmanager
def _with_own_sheet() -> Iterator[None]:
    """Has every workbook come with a sheet, a chart and comments of its unit's own."""
    make = writing.open_workbook

    def made(*arguments: Any) -> Any:
        book = make(*arguments)
        close = book.close

        def close_with_more() -> None:
            sheet = book.add_worksheet(OWN_SHEET, Worksheet)
            sheet.write_column("A1", [3, 1, 4, 1, 5])
            sheet.write_formula("B1", "=SUM(A1:A5)", None, 14)
            sheet.write_comment("A2", "自己记的")
            chart = book.add_chart({"type": "column"})
            chart.add_series({"values": f"={OWN_SHEET}!$A$1:$A$5"})
            sheet.insert_chart("D2", chart)
            book.get_worksheet_by_name(TASKS).write_comment("C5", "问过领导")
            close()

        book.close = close_with_more
        return book

    with patch.object(unitbook, "open_workbook", made):
        yield
