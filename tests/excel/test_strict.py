"""Strict Open XML, as Excel saves it on request: read rightly, never as empty (openpyxl sees no sheet in it at all)."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from syncer.core.model import Book, Format, Refusal, Stamp
from syncer.core.values import UNCOMPUTED, CellError
from syncer.excel.reader import read_book
from syncer.excel.stamp import stamp_texts
from tests.excel.handmade import STRICT_NAMES, strict, xlsx
from tests.excel.test_reader import rewrite

STAMP = Stamp("L-2026", "D03", "main", "t7", 12, "0b6c")


def written(path: Path) -> Path:
    """A book with everything whose names differ in Strict: shared and rich text, styles, merges, hidden sheet, properties."""
    with xlsxwriter.Workbook(path) as workbook:
        day, bold = workbook.add_format({"num_format": "yyyy-mm-dd"}), workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet("任务清单")
        sheet.merge_range(0, 0, 0, 3, "标题")
        sheet.write_row(1, 0, ["清扫", 0.95, True])
        sheet.write_datetime(1, 3, datetime(2026, 3, 12), day)
        sheet.write_rich_string(2, 0, "甲", bold, "乙", "丙")
        sheet.write_formula(2, 1, "=1+1", None, 2)
        workbook.add_worksheet("附表").hide()
        for name, text in stamp_texts(STAMP).items():
            workbook.set_custom_property(name, text)
    return path


def test_a_strict_book_reads_like_the_same_book_in_the_ordinary_form(tmp_path: Path) -> None:
    source = written(tmp_path / "a.xlsx")
    plain, tight = read_book(source), read_book(strict(source, tmp_path / "b.xlsx"))
    assert isinstance(plain, Book)
    assert isinstance(tight, Book)
    assert (tight.tables, tight.stamp) == (plain.tables, STAMP)
    assert (plain.format, tight.format) == (Format.XLSX, Format.STRICT)
    assert plain.tables[0].rows[1:] == (("清扫", 0.95, True, date(2026, 3, 12)), ("甲乙丙", 2))


def test_openpyxl_would_have_seen_nothing(tmp_path: Path) -> None:
    path = strict(written(tmp_path / "a.xlsx"), tmp_path / "b.xlsx")
    with pytest.warns(UserWarning, match="invalid specification"):
        assert openpyxl.load_workbook(path).worksheets == []


def test_dates_that_excel_writes_out_in_strict_books_are_dates(tmp_path: Path) -> None:
    data = (
        '<row r="1"><c r="A1" s="1" t="d"><v>2026-03-12</v></c><c r="B1" s="1" t="d"><v>2026-03-12T09:30:00.000</v></c>'
        '<c r="C1" t="e"><v>#REF!</v></c><c r="D1"><f>1+1</f></c></row>'
    )
    book = read_book(strict(xlsx(tmp_path / "a.xlsx", data), tmp_path / "b.xlsx"))
    assert isinstance(book, Book)
    moment = datetime(2026, 3, 12, 9, 30)
    assert book.tables[0].rows == ((date(2026, 3, 12), moment, CellError("#REF!"), UNCOMPUTED),)


def test_a_strict_book_that_reads_as_empty_is_refused(tmp_path: Path) -> None:
    refusal = read_book(strict(xlsx(tmp_path / "a.xlsx", ""), tmp_path / "b.xlsx"))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "FILE-008"


@pytest.mark.parametrize(
    ("member", "gone"),
    [
        ("xl/worksheets/sheet2.xml", b""),
        ("xl/_rels/workbook.xml.rels", b'Target="worksheets/sheet2.xml"'),
        ("xl/sharedStrings.xml", b""),
    ],
)
@pytest.mark.parametrize("tight", [False, True], ids=["ordinary", "strict"])
def test_a_book_that_lost_one_of_its_parts_is_refused_and_not_read_without_it(
    tmp_path: Path, member: str, gone: bytes, *, tight: bool
) -> None:
    def lose(name: str, content: bytes) -> bytes | None:
        return content if name != member else content.replace(gone, b'Target="worksheets/none.xml"') if gone else None

    path = rewrite(written(tmp_path / "a.xlsx"), tmp_path / "b.xlsx", lose)
    refusal = read_book(strict(path, tmp_path / "c.xlsx") if tight else path)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "FILE-003"


def test_the_names_rewritten_are_all_there_are_in_such_a_book(tmp_path: Path) -> None:
    """Else the tests above would be of books that Excel never writes."""
    path = strict(written(tmp_path / "a.xlsx"), tmp_path / "b.xlsx")
    import re
    import zipfile

    with zipfile.ZipFile(path) as package:
        names = {n for part in package.namelist() for n in re.findall(rb'xmlns(?::\w+)?="([^"]+)"', package.read(part))}
    left = {name.decode() for name in names if b"openxmlformats.org" in name}
    assert not left & STRICT_NAMES.keys()
    assert all("/package/" in name for name in left), left
