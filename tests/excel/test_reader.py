"""What is read from a workbook, and what is refused before or while reading it. Files are real ones, made here."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from syncer.core.model import OPTIONS_SHEET, STAMP_SHEET, Book, Refusal, Stamp
from syncer.core.values import CellError
from syncer.excel.preflight import judge
from syncer.excel.reader import read_book
from syncer.excel.stamp import STAMP_NAMES, stamp_from, stamp_texts

STAMP = Stamp("L-2026", "D03", "main", "t7", 12, "0b6c")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def write_book(path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> Path:
    with xlsxwriter.Workbook(path) as workbook:
        fill(workbook)
    return path


def plain_book(path: Path) -> Path:
    return write_book(path, lambda workbook: workbook.add_worksheet("任务清单").write_string(0, 0, "清扫"))


def rewrite(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Copies a package member by member; ``change`` gives a member's new content, or ``None`` to leave it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def with_sheet_xml(tmp_path: Path, sheet_data: str) -> Path:
    """Returns a book whose first sheet holds this XML between ``<sheetData>`` tags."""
    xml = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>'.encode()
    source = plain_book(tmp_path / "source.xlsx")
    return rewrite(source, tmp_path / "made.xlsx", lambda name, old: xml if name == "xl/worksheets/sheet1.xml" else old)


def read(path: Path) -> Book:
    book = read_book(path)
    assert isinstance(book, Book), book
    return book


def code_of(path: Path) -> str:
    refusal = read_book(path)
    assert isinstance(refusal, Refusal), refusal
    return refusal.code


def test_cells_keep_their_places_and_come_as_plain_values(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet = workbook.add_worksheet("活动台账")
        sheet.write_string(2, 1, "植树")
        sheet.write_number(2, 2, 3)
        sheet.write_number(2, 3, 2.5)
        sheet.write_datetime(2, 4, datetime(2026, 3, 12), day)
        sheet.write_datetime(2, 5, datetime(2026, 3, 12, 9, 30), moment)
        sheet.write_boolean(2, 6, True)
        sheet.write_string(2, 7, "01")
        sheet.write_blank(2, 9, None, day)
        sheet.write_blank(9, 0, None, day)

    table = read(write_book(tmp_path / "a.xlsx", fill)).tables[0]

    row = (None, "植树", 3, 2.5, date(2026, 3, 12), datetime(2026, 3, 12, 9, 30), True, "01")
    assert table.rows == ((), (), row)
    assert [type(value) for value in table.rows[2]] == [type(value) for value in row]
    assert table.cell(3, 2) == "植树"


def test_hidden_sheets_and_merged_ranges_are_read(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        sheet = workbook.add_worksheet("任务清单")
        sheet.merge_range(0, 0, 1, 3, "标题")
        hidden = workbook.add_worksheet("附表")
        hidden.write_number(0, 0, 1)
        hidden.hide()

    tables = read(write_book(tmp_path / "a.xlsx", fill)).tables

    assert [(table.name, table.hidden) for table in tables] == [("任务清单", False), ("附表", True)]
    assert tables[0].merged == ((1, 1, 2, 4),)
    assert tables[0].rows == (("标题",),)


def test_an_error_value_is_not_taken_for_a_cleared_cell(tmp_path: Path) -> None:
    path = with_sheet_xml(
        tmp_path,
        '<row r="2"><c r="A2"><v>1</v></c><c r="C2" s="0" t="e"><f>A1/0</f><v>#DIV/0!</v></c><c r="D2" t="e"/></row>'
        '<row r="4"><c t="e" r="AB4"><v>#REF!</v></c></row>',
    )
    table = read(path).tables[0]
    assert table.rows[1] == (1, None, CellError("#DIV/0!"))
    assert table.cell(4, 28) == CellError("#REF!")


def test_an_empty_formatted_last_row_costs_nothing(tmp_path: Path) -> None:
    path = with_sheet_xml(
        tmp_path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="F1048576" s="0"/></row>'
    )
    assert read(path).tables[0].rows == ((1,),)


def test_a_value_too_far_from_the_others_is_refused_by_its_cell(tmp_path: Path) -> None:
    path = with_sheet_xml(
        tmp_path, '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="T1048576"><v>1</v></c></row>'
    )
    assert read_book(path) == Refusal("FILE-030", (("sheet", "任务清单"), ("cells", "T1048576")))


def test_a_number_that_is_none_equals_itself(tmp_path: Path) -> None:
    path = with_sheet_xml(tmp_path, '<row r="1"><c r="A1"><v>NaN</v></c></row>')
    value = read(path).tables[0].cell(1, 1)
    assert value is None or value == value  # noqa: PLR0124


def test_the_stamp_is_read_from_the_custom_properties(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("任务清单").write_number(0, 0, 1)
        for name, text in stamp_texts(STAMP).items():
            workbook.set_custom_property(name, text)

    assert read(write_book(tmp_path / "a.xlsx", fill)).stamp == STAMP


def test_a_revision_that_came_back_as_a_float_is_the_same_revision(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("任务清单").write_number(0, 0, 1)
        for name, text in reversed(stamp_texts(STAMP).items()):
            workbook.set_custom_property(name, 12.0 if name == "syncer.revision" else text)

    assert read(write_book(tmp_path / "a.xlsx", fill)).stamp == STAMP


def test_the_stamp_is_read_from_its_sheet_when_the_properties_are_gone(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook) -> None:
        workbook.add_worksheet("任务清单").write_number(0, 0, 1)
        kept = workbook.add_worksheet(STAMP_SHEET)
        for row, (name, text) in enumerate(stamp_texts(STAMP).items()):
            kept.write_string(row, 0, name)
            kept.write_string(row, 1, text)
        kept.very_hidden()
        workbook.add_worksheet(OPTIONS_SHEET).write_string(0, 0, "推进中")

    book = read(write_book(tmp_path / "a.xlsx", fill))

    assert book.stamp == STAMP
    assert [table.name for table in book.tables] == ["任务清单"]


def test_a_book_of_somebody_elses_has_no_stamp(tmp_path: Path) -> None:
    assert read(plain_book(tmp_path / "a.xlsx")).stamp is None


def test_the_stamps_names_and_texts_go_there_and_back() -> None:
    texts = stamp_texts(STAMP)
    assert tuple(texts) == STAMP_NAMES
    assert stamp_from(texts) == STAMP
    assert stamp_from({**texts, "syncer.unit": ""}) is None
    for typed in ("?", "-1", "1e300", "9999999999", "nan"):
        found = stamp_from({**texts, "syncer.revision": typed})
        assert found == Stamp("L-2026", "D03", "main", "t7", 0, "0b6c"), typed


def test_a_kept_copy_without_an_ending_is_read_by_its_content(tmp_path: Path) -> None:
    kept = plain_book(tmp_path / "a.xlsx").rename(tmp_path / "9f86d081")
    assert read(kept).tables[0].rows == (("清扫",),)


def test_a_book_with_only_our_own_sheets_has_no_sheets(tmp_path: Path) -> None:
    path = write_book(tmp_path / "a.xlsx", lambda workbook: workbook.add_worksheet(STAMP_SHEET).write_number(0, 0, 1))
    assert code_of(path) == "FILE-008"


def test_a_book_saved_by_openpyxl_reads_the_same(tmp_path: Path) -> None:
    path = plain_book(tmp_path / "a.xlsx")
    workbook = openpyxl.load_workbook(path)
    workbook.save(tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx") == read(path)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016


def ole_with(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le").ljust(128, b"\0") + b"\0" * 384


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("空.xlsx", b"", "FILE-001"),
        ("乱.xlsx", b"\x01\x02" + bytes(range(97, 117)) * 200, "FILE-002"),
        ("密文.xlsx", os.urandom(4000), "FILE-005"),
        ("网页.xls", b"\xef\xbb\xbf\r\n<html><table><tr><td>1</td></tr></table>", "FILE-002"),
        ("文档.xlsx", b"%PDF-1.7 ...", "FILE-002"),
        ("word.xls", ole_with("WordDocument"), "FILE-002"),
        ("零.xlsx", b"\0" * 5000, "FILE-003"),
        ("半.xls", OLE[:600], "FILE-003"),
        ("密.xlsx", ole_with("EncryptedPackage"), "FILE-004"),
        ("亿.xlsx", b"\x62\x14\x23\x65\x03\x01\x00\x02E-SafeNet\0\0LOCK" + os.urandom(4000), "FILE-005"),
        ("绿.xlsx", b"%TSD-Header-###%" + os.urandom(4000), "FILE-005"),
        ("表.xls", "姓名,电话\r\n".encode("gb18030"), "FILE-002"),
        ("表.et", ole_with("ETStream"), "FILE-010"),
        ("表.xls", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "FILE-010"),
    ],
)
def test_what_is_no_workbook_is_refused_by_name(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert code_of(path) == code


@pytest.mark.parametrize("kept", [10, 50, 99])
def test_a_book_cut_short_is_damaged(tmp_path: Path, kept: int) -> None:
    whole = plain_book(tmp_path / "a.xlsx").read_bytes()
    path = tmp_path / "b.xlsx"
    path.write_bytes(whole[: len(whole) * kept // 100])
    assert code_of(path) == "FILE-003"


def test_a_book_with_flipped_bytes_is_damaged(tmp_path: Path) -> None:
    content = bytearray(plain_book(tmp_path / "a.xlsx").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        at = package.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    content[at : at + 60] = bytes(60)
    path = tmp_path / "b.xlsx"
    path.write_bytes(content)
    assert code_of(path) == "FILE-003"


def test_a_book_without_its_sheet_part_is_damaged_and_not_emptied(tmp_path: Path) -> None:
    path = rewrite(
        plain_book(tmp_path / "a.xlsx"),
        tmp_path / "b.xlsx",
        lambda name, old: None if name == "xl/worksheets/sheet1.xml" else old,
    )
    assert code_of(path) == "FILE-003"


def test_another_kind_of_package_is_no_workbook(tmp_path: Path) -> None:
    for member in ("word/document.xml", "照片.jpg"):
        path = tmp_path / "b.xlsx"
        with zipfile.ZipFile(path, "w") as package:
            package.writestr(member, "x")
        assert code_of(path) == "FILE-002"


def test_doubled_members_are_refused_also_by_case(tmp_path: Path) -> None:
    path = plain_book(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("XL/worksheets/Sheet1.xml", "<worksheet/>")
    assert read_book(path) == Refusal("FILE-006", (("what", "XL/worksheets/Sheet1.xml ×2"),))


@pytest.mark.parametrize(("encoding", "found"), [("utf-8", "<!DOCTYPE>"), ("utf-16", "UTF-16")])
def test_a_document_type_declaration_is_refused(tmp_path: Path, encoding: str, found: str) -> None:
    evil = '<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "b">]><sst/>'.encode(encoding)
    path = rewrite(
        plain_book(tmp_path / "a.xlsx"),
        tmp_path / "b.xlsx",
        lambda name, old: evil if name == "xl/sharedStrings.xml" else old,
    )
    assert read_book(path) == Refusal("FILE-006", (("what", f"{found} xl/sharedStrings.xml"),))


def test_a_zip_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    path = plain_book(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/image1.bmp", bytes(40 << 20))
    assert code_of(path) == "FILE-032"


def test_nothing_speaks_against_an_honest_book(tmp_path: Path) -> None:
    assert judge(plain_book(tmp_path / "a.xlsx")) is None


@pytest.mark.parametrize(
    "said", [MemoryError(), OSError(errno.ENOMEM, "Cannot allocate memory")], ids=["by Python", "by the system"]
)
def test_want_of_memory_is_not_taken_for_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Exception
) -> None:
    def without_memory(_: bytes) -> None:
        raise said

    monkeypatch.setattr("syncer.excel.reader._read", without_memory)
    with pytest.raises(MemoryError):
        read_book(plain_book(tmp_path / "宣传科.xlsx"))
