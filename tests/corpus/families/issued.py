"""Workbooks as issued, then filled in and mishandled: ids damaged, stamps lost, rows sorted, copied, moved and deleted."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.packaging.custom import CustomPropertyList
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from syncer.core.model import STAMP_SHEET, Ledger
from tests.corpus.page import Case, Meant, Record, Rows, meaning, typed_in
from tests.corpus.records import ACTIVITIES
from tests.fuzz.originals import issued_book

LEAF, FIRST, ID = 4, 5, 3  # of a workbook as issued: row of the names, first row of data, column of the ids
SHEET = "活动台账"

Hand = Callable[[Workbook, Worksheet], None]


def _columns(sheet: Worksheet) -> dict[str, int]:
    return {str(cell.value).rstrip("*").strip(): cell.column for cell in sheet[LEAF] if cell.value is not None}


def _rows(sheet: Worksheet, first: int, last: int) -> list[list[Any]]:
    return [[cell.value for cell in cells] for cells in sheet.iter_rows(first, last)]


def _put(sheet: Worksheet, first: int, rows: Sequence[Sequence[Any]]) -> None:
    for number, cells in enumerate(rows, start=first):
        for at, value in enumerate(cells, start=1):
            sheet.cell(number, at).value = value


def _reordered(sheet: Worksheet, order: Sequence[int], *, without_ids: bool = False) -> None:
    last = FIRST + len(order) - 1
    rows = _rows(sheet, FIRST, last)
    ids = [cells[ID - 1] for cells in rows]
    moved = [list(rows[at]) for at in order]
    if without_ids:  # sorted with only the visible columns selected
        for cells, left_behind in zip(moved, ids, strict=True):
            cells[ID - 1] = left_behind
    _put(sheet, FIRST, moved)


def _ids(sheet: Worksheet, texts: Sequence[str | None]) -> None:
    for number, text in enumerate(texts, start=FIRST):
        sheet.cell(number, ID).value = text


def _no_properties(book: Workbook, _: Worksheet) -> None:
    book.custom_doc_props = CustomPropertyList()  # type: ignore[attr-defined]


def _no_stamp(book: Workbook, sheet: Worksheet) -> None:
    _no_properties(book, sheet)
    del book[STAMP_SHEET]


def _copied(book: Workbook, sheet: Worksheet) -> None:
    """A row copied and the copy changed, id and all."""
    _put(sheet, FIRST + 4, _rows(sheet, FIRST, FIRST))
    sheet.cell(FIRST + 4, _columns(sheet)["活动名称"]).value = "又一次清扫"


def _below_the_reserve(book: Workbook, sheet: Worksheet) -> None:
    rows = _rows(sheet, FIRST, FIRST + 3)
    for cells in rows:
        cells[ID - 1] = None
    for row in range(FIRST, FIRST + 4):
        for at in range(1, sheet.max_column + 1):
            if at != ID:
                sheet.cell(row, at).value = None
    _put(sheet, sheet.max_row + 5, rows)


def _apart(book: Workbook, sheet: Worksheet) -> None:
    rows = _rows(sheet, FIRST, FIRST + 3)
    blank = [None] * len(rows[0])
    spread = [rows[0], blank, rows[1], blank, rows[2], rows[3]]
    _put(sheet, FIRST, spread)


def _shuffled(sheet: Worksheet) -> None:
    order = list(range(30))
    random.Random(5).shuffle(order)
    _reordered(sheet, order)


def _shifted(sheet: Worksheet, shift: Callable[[int], None], at: int, *, rows: int = 0, columns: int = 0) -> None:
    """Inserts or deletes at a row or column, merges and all: openpyxl by itself leaves them where they were."""
    merges = [(r.min_row, r.min_col, r.max_row, r.max_col) for r in sheet.merged_cells.ranges]
    for top, left, bottom, right in merges:
        sheet.unmerge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    shift(at)
    for top, left, bottom, right in merges:
        if rows < 0 and top == at:
            continue
        down, aside = (rows if top >= at else 0), (columns if left >= at else 0)
        sheet.merge_cells(
            start_row=top + down, start_column=left + aside, end_row=bottom + down, end_column=right + aside
        )


HANDS: dict[str, Hand] = {
    "filled in as issued": lambda _b, _s: None,
    "custom properties lost": _no_properties,
    "stamp sheet deleted": lambda book, _s: book.remove(book[STAMP_SHEET]),
    "no stamp left": _no_stamp,
    "ids cleared": lambda _b, sheet: _ids(sheet, [None] * 4),
    "one id cleared": lambda _b, sheet: _ids(sheet, ["HD-D02-0001", None]),
    "ids typed over": lambda _b, sheet: _ids(sheet, ["1", "2", "3", "4"]),
    "ids in lower case and with spaces": lambda _b, sheet: _ids(sheet, ["hd-d02-0001", " HD-D02-0002 "]),
    "ids of another unit": lambda _b, sheet: _ids(sheet, ["HD-D03-0001", "HD-D03-0002"]),
    "ids exchanged": lambda _b, sheet: _ids(sheet, ["HD-D02-0002", "HD-D02-0001"]),
    "one id twice": lambda _b, sheet: _ids(sheet, ["HD-D02-0001", "HD-D02-0001"]),
    "ids filled down by hand": lambda _b, sheet: _ids(sheet, [f"HD-D02-{number:04}" for number in range(2, 6)]),
    "the ids' header cleared": lambda _b, sheet: sheet.cell(LEAF, ID).__setattr__("value", None),
    "the ids' column deleted": lambda _b, sheet: _shifted(sheet, sheet.delete_cols, ID, columns=-1),
    "sorted backwards": lambda _b, sheet: _reordered(sheet, [3, 2, 1, 0]),
    "sorted backwards, ids left behind": lambda _b, sheet: _reordered(sheet, [3, 2, 1, 0], without_ids=True),
    "sorted with the blank rows": lambda _b, sheet: _shuffled(sheet),
    "a row copied and changed": _copied,
    "typed below the reserved rows": _below_the_reserve,
    "blank rows left between": _apart,
    "a blank row inserted": lambda _b, sheet: _shifted(sheet, sheet.insert_rows, FIRST + 1, rows=1),
    "the title deleted": lambda _b, sheet: _shifted(sheet, sheet.delete_rows, 1, rows=-1),
    "the groups deleted": lambda _b, sheet: _shifted(sheet, sheet.delete_rows, 3, rows=-1),
    "a column inserted on the left": lambda _b, sheet: _shifted(sheet, sheet.insert_cols, 1, columns=1),
    "the sheet renamed": lambda _b, sheet: sheet.__setattr__("title", "活动台账（3月）"),
    "the sheet moved to the end": lambda book, sheet: book.move_sheet(sheet, 9),
    "a sheet of her own in front": lambda book, _s: book.create_sheet("草稿", 0).__setitem__("A1", "随手记"),
    "her sheet hidden": lambda _b, sheet: sheet.__setattr__("sheet_state", "hidden"),
}


def issued(ledger: Ledger) -> Iterator[Case]:
    """A workbook as issued, four activities typed in, then a hand at it."""
    ledger = replace(
        ledger, sheets=tuple(sheet for sheet in ledger.sheets if sheet.name == SHEET)
    )  # the rest only costs time
    source = issued_book(ledger, 1)
    for number, (says, hand) in enumerate(HANDS.items(), start=1):
        meant = {SHEET: _order(says)}
        yield Case(f"issued-{number:02}", says, partial(_write, source=source, hand=hand), meant, header_row=LEAF)
    for number, (name, says) in enumerate(NAMES.items(), start=len(HANDS) + 1):
        write = partial(_write, source=source, hand=HANDS["filled in as issued"])
        yield Case(f"issued-{number:02}", says, write, {SHEET: meaning(ACTIVITIES)}, name, header_row=LEAF)
    number = len(HANDS) + len(NAMES)
    yield Case(f"issued-{number + 1:02}", "named as another unit", write, file="宣传科.xlsx", refused="FILE-014")
    foreign = issued_book(replace(ledger, settings=replace(ledger.settings, ledger_id="L2")), 1)
    write = partial(_write, source=foreign, hand=HANDS["filled in as issued"])
    yield Case(f"issued-{number + 2:02}", "issued for another ledger", write, refused="FILE-013")


NAMES = {
    "办公室（新）.xlsx": "a name with 新 in brackets",
    "新建 Microsoft Excel 工作表.xlsx": "a name that says nothing, known by its stamp",
    "办公室 - 副本.xlsx": "a copy",
    "办公室.xlsm": "with the ending of a workbook with macros",
}


def _order(says: str) -> Rows:
    """The rows as meant, from top to bottom."""
    rows: list[dict[str, Meant]] = [dict(row) for row in meaning(ACTIVITIES)]
    if says.startswith("sorted backwards"):
        return rows[::-1]
    if says == "sorted with the blank rows":
        order = list(range(30))
        random.Random(5).shuffle(order)
        return [rows[at] for at in order if at < 4]
    if says == "a row copied and changed":
        return [*rows, rows[0] | {"活动名称": "又一次清扫"}]
    return rows


def _write(path: Path, source: bytes, hand: Hand) -> None:
    book = openpyxl.load_workbook(io.BytesIO(source))
    sheet = book[SHEET]
    _fill(sheet, ACTIVITIES)
    hand(book, sheet)
    book.save(path)


def _fill(sheet: Worksheet, records: Sequence[Record]) -> None:
    columns = _columns(sheet)
    for row, record in enumerate(records, start=FIRST):
        for name, cell in record.items():
            sheet.cell(row, columns[name]).value = typed_in(cell)  # type: ignore[assignment]
