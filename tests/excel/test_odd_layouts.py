"""Ledgers laid out as offices do, in real files: through the reader and the whole plan of a save."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import KnownBook, first_content
from syncer.core.model import Book
from syncer.core.reading.cells import CellReader
from syncer.excel.reader import read_book
from tests.core.tables_as_text import compiled
from tests.office.clerk import ODS, XLS, XLSX, Clerk

LEDGER, _ = compiled()
Fill = Callable[[xlsxwriter.Workbook, Worksheet], None]


def written(path: Path, fill: Fill, name: str = "活动台账") -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet(name)
        fill(workbook, sheet)
    return path


def planned(path: Path) -> BookPlan:
    book = read_book(path)
    assert isinstance(book, Book), book
    content = first_content(LEDGER, "D02")
    known = KnownBook(content, {c: s.rows for c, s in content.items()}, {"activities": 5, "tasks": 3})
    return plan_book(LEDGER, CellReader(LEDGER), "D02", book, path.name, known)


def records(done: BookPlan) -> list[tuple[object, ...]]:
    rows = done.content["activities"].rows
    return [(row.id, *(row.raw.get(code) for code in ("date", "name", "headcount", "content"))) for row in rows]


def said(done: BookPlan) -> list[str]:
    return [p.code for p in done.problems if p.place.sheet.startswith("活动") and not p.code.startswith("CHK")]


def three_levels(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    """A title, a fill-in line, three header rows with merges both ways, sections, subtotals, a merged day, a signature."""
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    sheet.merge_range("A1:I1", "云岭市局2026年度文明单位创建活动台账", workbook.add_format({"align": "center"}))
    sheet.write("A2", "填报单位：宣传科")
    sheet.merge_range("A3:A5", "活动\n编号")
    sheet.merge_range("B3:F3", "活 动 情 况")
    sheet.merge_range("B4:D4", "基本")
    sheet.merge_range("E4:F4", "规模")
    for at, name in enumerate(("日期*", "行标识", "活动名称", "参加人数\n（人）", "经费（元）"), start=1):
        sheet.write(4, at, name)
    sheet.merge_range("G3:G5", "主要内容")
    sheet.merge_range("H3:H5", "对应任务")
    sheet.merge_range("I3:I5", "销号", workbook.add_format({"rotation": 270}))
    sheet.set_row(4, None, None, {"hidden": True})
    sheet.merge_range("A6:I6", "一、创建活动")
    sheet.merge_range("B7:B8", date(2026, 3, 5), day)
    for row, (row_id, name, count) in enumerate((("HD-D02-0001", "植树", 30), ("HD-D02-0002", "清扫", 12)), start=6):
        sheet.write(row, 2, row_id)
        sheet.write(row, 3, name)
        sheet.write(row, 4, count)
        sheet.write(row, 5, 200)
    sheet.merge_range("G7:G8", "在滨河路开展")
    sheet.set_row(7, None, None, {"hidden": True})
    sheet.write_row("A9", ["小计", None, None, None, 42, 400])
    sheet.merge_range("A10:I10", "二、学习活动")
    sheet.write_datetime("B300", date(2026, 3, 6), day)
    sheet.write_row("C300", ["HD-D02-0003", "读书会", 9])
    sheet.write_row("A301", ["合计", None, None, None, 51, 400])
    sheet.write("A303", "填报人：周样本")
    sheet.write("H303", "审核人：李样本")
    sheet.autofilter("A5:I300")


EXPECTED = [
    ("HD-D02-0001", date(2026, 3, 5), "植树", 30, "在滨河路开展"),
    ("HD-D02-0002", date(2026, 3, 5), "清扫", 12, "在滨河路开展"),
    ("HD-D02-0003", date(2026, 3, 6), "读书会", 9, None),
]


def test_three_header_levels_merged_cells_hidden_rows_and_gaps_are_read_as_meant(tmp_path: Path) -> None:
    done = planned(written(tmp_path / "宣传科.xlsx", three_levels))
    assert records(done) == EXPECTED
    assert [dict(row.extra) for row in done.content["activities"].rows] == [
        {"经费（元）": 200},
        {"经费（元）": 200},
        {},
    ]
    assert said(done) == ["ROW-010", "ROW-011"]


@pytest.mark.office
@pytest.mark.parametrize(("suffix", "filter_name"), [(".xlsx", XLSX), (".xls", XLS), (".ods", ODS)])
def test_libreoffice_saves_of_it_read_the_same(tmp_path: Path, clerk: Clerk, suffix: str, filter_name: str) -> None:
    source = written(tmp_path / "宣传科.xlsx", three_levels)
    target = tmp_path / f"又存{suffix}"
    clerk.open(source)
    clerk.save_as(target, filter_name)
    clerk.close()
    assert records(planned(target)) == EXPECTED


def two_tables(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    header = ["活动编号", "日期", "行标识", "活动名称", "参加人数", "主要内容", "对应任务", "销号"]
    sheet.write_row("A3", header)
    sheet.write_datetime("B4", date(2026, 3, 5), day)
    sheet.write_row("C4", ["HD-D02-0001", "植树", 30])
    sheet.write_row("A5", header)
    sheet.write_datetime("B6", date(2026, 3, 6), day)
    sheet.write_row("C6", ["HD-D02-0002", "读书会", 9])
    sheet.write("A9", "附：参加人员名单")
    sheet.write_row("A10", ["序号", "姓名", None, "部门", "备注"])
    sheet.write_row("A11", [1, "周样本", None, "办公室", "骨干"])


def test_a_header_in_the_middle_is_skipped_and_a_list_below_is_not_read(tmp_path: Path) -> None:
    done = planned(written(tmp_path / "宣传科.xlsx", two_tables, "活动台账 (2)"))
    assert [row[:3] for row in records(done)] == [
        ("HD-D02-0001", date(2026, 3, 5), "植树"),
        ("HD-D02-0002", date(2026, 3, 6), "读书会"),
    ]
    assert said(done) == ["SHEET-003", "ROW-010", "HEAD-010", "SHEET-004"]
