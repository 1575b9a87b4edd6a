"""The checks that stand in for Excel must themselves find what they are there for."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from tests.office.checks import assert_sound, overlaps, reader_faults, structure_faults
from tests.office.clerk import Clerk

pytestmark = pytest.mark.office

SHEET_PART = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "办公室.xlsx"
    with xlsxwriter.Workbook(path) as made:
        page = made.add_worksheet("材料目录")
        page.merge_range("A1:D1", "材料目录")
        page.write_row("A2", ["题名", 1.5, True, "〔2026〕12号"])
        page.write_datetime("A3", datetime(2026, 11, 20), made.add_format({"num_format": "yyyy-mm-dd"}))
        page.write_datetime("B3", datetime(2026, 11, 20, 16, 30), made.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        page.write_formula("C3", "=B2*2", None, 3)
        page.data_validation("B2:B9", {"validate": "list", "source": ["是", "否"]})
    return path


def patch(book: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Rewrites one part of a book."""
    with zipfile.ZipFile(book) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    changed = change(parts[part])
    assert changed != parts[part]
    parts[part] = changed
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return book


def test_a_sound_book_passes_and_passes_again_as_saved_by_libreoffice(book: Path, clerk: Clerk) -> None:
    assert_sound(book, clerk=clerk)
    clerk.open(book)
    clerk.save()
    clerk.close()
    assert_sound(book, clerk=clerk)


@pytest.mark.validator
def test_what_the_schema_does_not_allow_is_found(book: Path, clerk: Clerk) -> None:
    patch(book, SHEET_PART, lambda xml: xml.replace(b"<sheetViews>", b'<sheetViews nix="1">'))
    with pytest.raises(AssertionError, match=r"Open XML SDK: /xl/worksheets/sheet1\.xml"):
        assert_sound(book, clerk=clerk)


@pytest.mark.validator
def test_a_truncated_book_is_refused_by_libreoffice(book: Path, clerk: Clerk) -> None:
    damaged = book.with_name("damaged.docx")  # as docx: the readers of workbooks raise on it by themselves
    damaged.write_bytes(book.read_bytes()[:2000])
    with pytest.raises(AssertionError, match=r"damaged.docx: Open XML SDK.*\n.*damaged.docx: LibreOffice"):
        assert_sound(damaged, clerk=clerk)


def test_overlapping_merges_are_found_by_us_and_by_gnumeric(book: Path, clerk: Clerk) -> None:
    more = b'<mergeCells count="2"><mergeCell ref="D1:E2"/>'
    patch(book, SHEET_PART, lambda xml: xml.replace(b'<mergeCells count="1">', more))
    assert [fault.partition(": ")[2] for fault in structure_faults(book)] == [
        f"{SHEET_PART}: merges A1:D1 and D1:E2 overlap"
    ]
    with pytest.raises(AssertionError, match="Gnumeric"):
        assert_sound(book, clerk=clerk)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b'<c r="B2"', b'<c r="A2"', "cell A2 of row 2 is doubled or out of place"),
        (b'<c r="B2"', b"<c", "a cell of row 2 has the reference ''"),
        (b'<c r="B2"', b'<c r="B9"', "cell B9 of row 2 is doubled or out of place"),
        (b'<row r="3"', b'<row r="2"', "row 2 after row 2"),
        (b'sqref="B2:B9"', b'sqref="B2:B9 A9:C9"', "validations B2:B9 and A9:C9 overlap"),
        ("是,否".encode(), b"x" * 256, "has an inline list of 256 characters"),
    ],
)
def test_a_fault_that_excel_repairs_or_refuses_is_found(book: Path, old: bytes, new: bytes, fault: str) -> None:
    assert not structure_faults(book)
    patch(book, SHEET_PART, lambda xml: xml.replace(old, new))
    assert fault in "\n".join(structure_faults(book))


def test_a_sheet_name_that_excel_does_not_allow_is_found(book: Path) -> None:
    patch(book, "xl/workbook.xml", lambda xml: xml.replace("材料目录".encode(), "材料/目录".encode(), 1))
    assert "does not allow the sheet name '材料/目录'" in "\n".join(structure_faults(book))


def test_a_part_that_is_there_twice_is_found(book: Path) -> None:
    with zipfile.ZipFile(book, "a") as more:
        more.writestr(SHEET_PART.upper(), "")
    assert f"part {SHEET_PART} is there twice" in "\n".join(structure_faults(book))


def test_a_book_that_two_readers_read_differently_is_found(book: Path) -> None:
    # Number format 57 is a Chinese date format (m月d日) that only calamine knows.
    patch(book, "xl/styles.xml", lambda xml: xml.replace(b'numFmtId="165" fontId', b'numFmtId="57" fontId'))
    assert "材料目录 row 3 column 2: calamine reads" in "\n".join(reader_faults(book))


def test_overlaps_finds_every_pair_that_shares_a_cell() -> None:
    assert set(overlaps(["A1:B2", "C1:D9", "B2:C3", "E5", "D9:E9", "F:F", "F7:G7"])) == {
        ("A1:B2", "B2:C3"),
        ("C1:D9", "B2:C3"),
        ("C1:D9", "D9:E9"),
        ("F:F", "F7:G7"),
    }
    assert list(overlaps(["A1:A3", "A4:A9", "B1:B9"])) == []
