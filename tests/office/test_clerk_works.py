"""The harness itself, against a small book like those we issue."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.office.clerk import Clerk, ClerkError, pictures

pytestmark = pytest.mark.office

SHEET = "活动台账"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "宣传科.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.set_custom_property("syncer-unit", "D03")
        page = made.add_worksheet(SHEET)
        made.add_worksheet("隐藏").hide()
        day = made.add_format({"num_format": "yyyy-mm-dd"})
        text = made.add_format({"num_format": "@"})
        page.write_row(0, 0, ["编号", "名称", "行标识", "日期", "人数"])
        for row, (name, number) in enumerate([("植树", 3), ("读书", 1), ("献血", 2)], start=1):
            page.write_string(row, 0, f"2.{row}0", text)
            page.write_string(row, 1, name)
            page.write_string(row, 2, f"HD-D03-{row:04}")
            page.write_datetime(row, 3, datetime(2026, 3, row), day)
            page.write_number(row, 4, number)
        page.set_column(2, 2, None, None, {"hidden": True})
        page.freeze_panes(1, 2)
        page.data_validation(0, 1, 20, 1, {"validate": "custom", "value": '=LEFT($C1,1)<>"T"', "error_type": "warning"})
    return path


def rows(path: Path) -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(SHEET).to_python(skip_empty_area=False)


def test_what_is_typed_is_read_as_on_a_chinese_pc(clerk: Clerk, book: Path) -> None:
    clerk.open(book)
    for cell, typed in {"B5": "普法", "D5": "2026年3月5日", "E5": "12", "F5": "85%", "G5": "2026-3-6"}.items():
        clerk.set(SHEET, cell, typed)
    clerk.set(SHEET, "H5", "2.10")
    clerk.set(SHEET, "I5", "2.10", as_text=True)
    clerk.set(SHEET, "A5", "2.10")
    clerk.set(SHEET, "J5", 0.5)
    clerk.set(SHEET, "K5", "=E4+E5")
    clerk.save()
    assert rows(book)[4] == [2.1, "普法", "", date(2026, 3, 5), 12, 0.85, date(2026, 3, 6), 2.1, "2.10", 0.5, 14]


def test_a_text_cell_keeps_what_is_typed(clerk: Clerk, book: Path) -> None:
    clerk.open(book)
    clerk.set(SHEET, "A2", "2.30")
    assert clerk.get(SHEET, "A2") == "2.30"


def test_cells_are_read_by_content_and_as_shown(clerk: Clerk, book: Path) -> None:
    clerk.open(book)
    assert clerk.get(SHEET, "D2") == (date(2026, 3, 1) - date(1899, 12, 30)).days
    assert clerk.shown(SHEET, "D2") == "2026-03-01"
    assert clerk.get(SHEET, "B2") == "植树"
    assert clerk.get(SHEET, "Z9") is None
    clerk.clear(SHEET, "B2:E2")
    assert [clerk.get(SHEET, cell) for cell in ("A2", "B2", "E2")] == ["2.10", None, None]


def test_an_open_book_has_an_owner_file_until_it_is_closed(clerk: Clerk, book: Path) -> None:
    owner_file = book.with_name(f".~lock.{book.name}#")
    clerk.open(book)
    assert owner_file.exists()
    clerk.close()
    assert not owner_file.exists()


def test_a_saved_book_keeps_stamp_validation_frozen_panes_and_hidden_sheets(clerk: Clerk, book: Path) -> None:
    clerk.open(book)
    clerk.save()
    clerk.close()
    clerk.open(book)
    assert clerk.custom_properties()["syncer-unit"] == "D03"
    assert clerk.validation_at(SHEET, "B7")["formula1"] == 'LEFT($C1;1)<>"T"'
    assert clerk.validation_at(SHEET, "B7")["alert"] == "WARNING"
    assert clerk.validation_at(SHEET, "A7")["type"] == "ANY"
    assert clerk.sheets() == [SHEET, "隐藏"]
    with zipfile.ZipFile(book) as saved:
        assert b'state="frozen"' in saved.read("xl/worksheets/sheet1.xml")


def test_a_sort_of_the_whole_table_takes_hidden_ids_along_and_one_right_of_them_does_not(
    clerk: Clerk, book: Path
) -> None:
    clerk.open(book)
    clerk.sort(SHEET, "E", header_row=1)
    assert [clerk.get(SHEET, f"{column}2") for column in "BCE"] == ["读书", "HD-D03-0002", 1]
    clerk.sort(SHEET, "E", header_row=1, descending=True, selection="D2:E4")
    assert [clerk.get(SHEET, f"{column}2") for column in "BCE"] == ["读书", "HD-D03-0002", 3]


def test_rows_are_inserted_copied_and_deleted(clerk: Clerk, book: Path) -> None:
    clerk.open(book)
    clerk.insert_row(SHEET, before=3)
    assert [clerk.get(SHEET, f"B{row}") for row in range(2, 6)] == ["植树", None, "读书", "献血"]
    clerk.copy_row_insert(SHEET, source=5, before=2)
    assert [clerk.get(SHEET, f"B{row}") for row in range(2, 7)] == ["献血", "植树", None, "读书", "献血"]
    assert clerk.get(SHEET, "C2") == "HD-D03-0003"
    assert clerk.last_row(SHEET) == 6
    clerk.delete_row(SHEET, 4)
    assert [clerk.get(SHEET, f"B{row}") for row in range(2, 6)] == ["献血", "植树", "读书", "献血"]
    clerk.save()
    assert [row[1] for row in rows(book)[1:5]] == ["献血", "植树", "读书", "献血"]


def test_a_sheet_is_added_and_the_book_saved_under_another_name(clerk: Clerk, book: Path) -> None:
    before = book.read_bytes()
    clerk.open(book)
    clerk.add_sheet("疫苗接种摸排", position=1)
    clerk.set("疫苗接种摸排", "A1", "姓名")
    copy = book.with_name("副本.xlsx")
    clerk.save_as(copy)
    assert CalamineWorkbook.from_path(copy).sheet_names == [SHEET, "疫苗接种摸排", "隐藏"]
    assert book.read_bytes() == before


def test_a_book_is_printed_to_pictures(clerk: Clerk, book: Path, tmp_path: Path) -> None:
    pdf = clerk.to_pdf(book, tmp_path)
    pages = pictures(pdf)
    assert pages
    assert pages[0].read_bytes().startswith(b"\x89PNG")


def test_a_step_that_cannot_be_done_says_so_and_the_clerk_goes_on(clerk: Clerk, book: Path, tmp_path: Path) -> None:
    clerk.open(book)
    with pytest.raises(ClerkError, match="没有这张表"):
        clerk.get("没有这张表", "A1")
    with pytest.raises(ClerkError, match="missing"):
        clerk.to_pdf(tmp_path / "missing.xlsx", tmp_path)
    assert clerk.get(SHEET, "B2") == "植树"


def office_processes(parent: int) -> list[psutil.Process]:
    return [
        p for p in psutil.Process(parent).children(recursive=True) if "soffice" in p.name() or "oosplash" in p.name()
    ]


def test_no_soffice_outlives_a_test_process_that_is_killed() -> None:
    script = (
        "import time\nfrom tests.office.clerk import Clerk\nwith Clerk():\n print('up', flush=True)\n time.sleep(600)"
    )
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=env) as test_process:
        assert test_process.stdout
        assert test_process.stdout.readline() == b"up\n"
        offices = office_processes(test_process.pid)
        assert offices
        test_process.kill()
    _, alive = psutil.wait_procs(offices, timeout=30)
    assert not alive


def test_a_hanging_office_is_given_up_in_time_and_killed(book: Path) -> None:
    with Clerk(limit_seconds=3) as clerk:
        clerk.open(book)
        assert clerk._hand
        offices = office_processes(clerk._hand.pid)
        for office in offices:
            office.suspend()
        began = time.monotonic()
        with pytest.raises(ClerkError, match="did not answer within 3 s"):
            clerk.get(SHEET, "A1")
        assert time.monotonic() - began < 30
        assert not clerk.is_running
        _, alive = psutil.wait_procs(offices, timeout=30)
        assert not alive


def test_a_crashed_office_is_told(book: Path) -> None:
    with Clerk() as clerk:
        clerk.open(book)
        assert clerk._hand
        for office in office_processes(clerk._hand.pid):
            office.send_signal(signal.SIGKILL)
        with pytest.raises(ClerkError):
            clerk.get(SHEET, "A1")
