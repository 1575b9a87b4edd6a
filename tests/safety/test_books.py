"""What XlsxWriter does with texts by itself is dangerous; through ours it is not."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from syncer.core.model import Stamp
from syncer.excel.writing import Formats, link, open_workbook, page, write_stamp, write_value
from tests.safety.payloads import TEXTS

CREATED = datetime(2026, 1, 1)
TRICKY = [
    "<r>&</r>",
    "<r><t>x</t></r></si><si><t>y</t></r>",
    "<r></r>",
    "_x0041_",
    "_x0041_x0042_",
    "_x005F_x0041_",
    "_x0041_x0042_x0043_ _x000A_",
    "  前后空格  ",
    "\n",
]


def part(stream: io.BytesIO, name: str) -> bytes:
    with zipfile.ZipFile(stream) as book:
        return book.read(name)


@pytest.mark.parametrize("text", [*TRICKY, *(text for key, text in TEXTS.items() if key not in {"long", "nul"})])
def test_a_text_reads_as_it_was_written_by_whatever_way_it_was_written(text: str) -> None:
    stream = io.BytesIO()
    book = open_workbook(stream, CREATED, text)
    sheet, formats = book.add_worksheet(), Formats(book)
    style = formats(bold=True)
    write_value(sheet, 0, 0, text, style, formats=formats)
    sheet.write(1, 0, text)
    sheet.write_string(2, 0, text)
    sheet.merge_range(3, 0, 3, 2, text, style)
    sheet.write_row(4, 0, [text])
    book.set_custom_property("x", text)
    book.close()
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(stream.getvalue()))
        .get_sheet_by_index(0)
        .to_python(skip_empty_area=False)
    )
    held = TEXTS["vertical tab"].replace("\x0b", "\n") if "\x0b" in text else text
    held = "".join(sign for sign in held.replace("\r", "\n") if sign not in "\x1b\x07\x9b")
    assert [row[0] for row in rows] == [held] * 5
    for name in zipfile.ZipFile(stream).namelist():
        etree.fromstring(part(stream, name))
    assert b"<f>" not in part(stream, "xl/worksheets/sheet1.xml")


def test_whoever_tries_to_write_a_formula_or_a_link_of_another_kind_hears_of_it() -> None:
    sheet = open_workbook(io.BytesIO(), CREATED).add_worksheet()
    with pytest.raises(TypeError, match="formula"):
        sheet.write_formula(0, 0, "=1+1")
    with pytest.raises(TypeError, match="formula"):
        sheet.write_array_formula(0, 0, 0, 1, "{=1+1}")
    for url in ("http://example.invalid", "file:///etc/passwd", "mailto:a@b", "javascript://x"):
        with pytest.raises(TypeError, match="link"):
            sheet.write_url(0, 0, url)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("../02各单位填报/宣传科.xlsx", r"..\02各单位填报\宣传科.xlsx"),
        ("javascript:alert(1).xlsx", "javascript%3aalert(1).xlsx"),
        ("C#100%20.xlsx", "C%23100%2520.xlsx"),
        ("a:b.xlsx", "a%3ab.xlsx"),
        ("D:/台账/宣传科.xlsx", r"file:///D:\台账\宣传科.xlsx"),
    ],
)
def test_a_link_is_a_path_whatever_the_file_is_called(path: str, target: str) -> None:
    stream = io.BytesIO()
    book = open_workbook(stream, CREATED)
    sheet, formats = book.add_worksheet(), Formats(book)
    link(sheet, 0, 0, "点", formats(bold=True), path=path, to_sheet="it's #1\x00", cell="B2")
    book.close()
    relation = etree.fromstring(part(stream, "xl/worksheets/_rels/sheet1.xml.rels"))[0]
    element = next(etree.fromstring(part(stream, "xl/worksheets/sheet1.xml")).iter("{*}hyperlink"))
    assert relation.get("Target") == target
    assert element.get("location") == "'it''s #1'!B2"


@pytest.mark.parametrize("note", ["&P&D", "&[Picture]", "&&", '&"宋体"&K&22', "长" * 300, "&" * 200, "\x00\x1b"])
def test_a_name_in_the_footer_is_printed_and_the_page_number_stays(note: str) -> None:
    stream = io.BytesIO()
    book = open_workbook(stream, CREATED)
    page(book.add_worksheet(), left=note, right=note)
    book.close()
    footer = etree.fromstring(part(stream, "xl/worksheets/sheet1.xml")).findtext("{*}headerFooter/{*}oddFooter") or ""
    assert len(footer) <= 255
    centre, _, notes = footer.partition("&L")
    assert centre == "&C— 第 &P 页 共 &N 页 —"
    assert not notes.replace("&&", "").replace("&R", "", 1).count("&")


def test_the_stamp_holds_whatever_the_settings_say() -> None:
    stream = io.BytesIO()
    book = open_workbook(stream, CREATED)
    book.add_worksheet()
    write_stamp(book, Stamp("账\x00\ud800" * 100, "=D05", template_version="v"))
    book.close()
    custom = etree.fromstring(part(stream, "docProps/custom.xml"))
    assert [p.xpath("string()") for p in custom][:2] == ["账" * 100, "=D05"]
