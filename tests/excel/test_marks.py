"""What calamine keeps to itself: error values, formulas without a result, pictures in cells, values of other workbooks."""

from __future__ import annotations

import struct
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from syncer.core.model import Book, Format, Refusal, Table
from syncer.core.values import PICTURE, UNCOMPUTED, CellError, Scalar
from syncer.excel.marks_binary import xls_marks
from syncer.excel.reader import read_book
from tests.excel.handmade import MAIN, OFFICE, PACKAGE, xlsb, xlsx
from tests.office.clerk import ODS, XLS, Clerk

DISPIMG = "DISPIMG(&quot;ID_5A1C&quot;,1)"


def table(path: Path) -> Table:
    book = read_book(path)
    assert isinstance(book, Book), book
    return book.tables[0]


CELLS: dict[str, tuple[str, Scalar]] = {
    "error value": ('t="e"><v>#REF!</v>', CellError("#REF!")),
    "error of a formula": ('t="e"><f>A1/0</f><v>#DIV/0!</v>', CellError("#DIV/0!")),
    "error with single quotes": ("t='e'><v>#N/A</v>", CellError("#N/A")),
    "error cell without a value": ('t="e"></c><c r="D9"><v>1</v>', None),
    "stored result": ('s="0"><f>1+1</f><v>2</v>', 2),
    "stored text": ('t="str"><f>T(A9)</f><v>文</v>', "文"),
    "formula whose text reads like a cell's type": ("""><f>"x t='e' y"</f><v>3</v>""", 3),
    "text that reads like a cell's type": ("""t="str"><f>"x t='e' y"</f><v>x t='e' y</v>""", "x t='e' y"),
    "stored truth": ('t="b"><f>TRUE()</f><v>1</v>', True),
    "result that is the empty text": ('t="str"><f>IF(1,"","")</f><v></v>', None),
    "no result": ("><f>1+1</f>", UNCOMPUTED),
    "an empty result": ("><f>SUM(A9:A10)</f><v></v>", UNCOMPUTED),
    "a closed result": ("><f>SUM(A9:A10)</f><v/>", UNCOMPUTED),
    "array formula": ('><f t="array" ref="B2:B2">SUM(A9:A10*2)</f><v>6</v>', 6),
    "array formula without result": ('><f t="array" ref="B2:B2">SUM(A9:A10*2)</f>', UNCOMPUTED),
    "WPS picture": (f't="str"><f>{DISPIMG}</f><v>={DISPIMG}</v>', PICTURE),
    "WPS picture under its future name": (f't="str"><f>_xlfn.{DISPIMG}</f><v>=_xlfn.{DISPIMG}</v>', PICTURE),
    "picture a program could not show": (f't="e"><f>{DISPIMG.lower()}</f><v>#NAME?</v>', PICTURE),
    "picture without a value": (f"><f>{DISPIMG}</f>", PICTURE),
    "picture pasted as text": (f't="inlineStr"><is><t>={DISPIMG}</t></is>', PICTURE),
    "text that names the function": ('t="inlineStr"><is><t>用DISPIMG(插图)</t></is>', "用DISPIMG(插图)"),
    "text that begins with =": ('t="inlineStr"><is><t>=1+1</t></is>', "=1+1"),
    "ISO day": ('t="d"><v>2026-03-12</v>', date(2026, 3, 12)),
    "ISO day with style": ('s="1" t="d"><v>2026-03-12T00:00:00</v>', date(2026, 3, 12)),
    "ISO moment": ('t="d"><v>2026-03-12T09:30:00</v>', datetime(2026, 3, 12, 9, 30)),
    "ISO moment with zone": ('t="d"><v>2026-03-12T09:30:00Z</v>', datetime(2026, 3, 12, 9, 30)),
    "ISO moment with parts of a second": ('t="d"><v>2026-03-12T00:00:00.000</v>', date(2026, 3, 12)),
    "ISO time": ('t="d"><v>09:30:00</v>', time(9, 30)),
    "ISO date that is none": ('t="d"><v>三月</v>', "三月"),
}


@pytest.mark.parametrize("prefix", ["", "x"])
@pytest.mark.parametrize("case", CELLS.values(), ids=CELLS)
def test_a_cell_is_read_as_what_it_is(tmp_path: Path, case: tuple[str, Scalar], prefix: str) -> None:
    xml, expected = case
    data = f'<row r="2"><c r="A2"><v>1</v></c><c r="B2" {xml}</c></row><row r="9"><c r="A9"><v>3</v></c></row>'
    if prefix:
        data = data.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
    read = table(xlsx(tmp_path / "a.xlsx", data, prefix=prefix))
    assert read.cell(2, 2) == expected
    assert type(read.cell(2, 2)) is type(expected)
    assert (read.cell(2, 1), read.cell(9, 1)) == (1, 3)


def test_cells_that_do_not_say_their_place_are_counted(tmp_path: Path) -> None:
    data = (
        '<row><c><v>1</v></c><c t="e"><v>#REF!</v></c></row><row r="5"><c/><c r="D5"><v>2</v></c><c><f>1</f></c></row>'
        '<row><c t="e"><v>#N/A</v></c></row>'
    )
    read = table(xlsx(tmp_path / "a.xlsx", data))
    assert read.rows[0] == (1, CellError("#REF!"))
    assert (read.cell(5, 4), read.cell(5, 5), read.cell(6, 1)) == (2, UNCOMPUTED, CellError("#N/A"))


@pytest.mark.parametrize(
    ("structure", "expected"),
    [("_localImage", PICTURE), ("_webimage", PICTURE), ("_linkedentity2", CellError("#VALUE!"))],
)
def test_excels_own_picture_in_a_cell_is_told_from_an_error(tmp_path: Path, structure: str, expected: Scalar) -> None:
    kinds = {"xl/richData/rdrichvaluestructure.xml": f'<rvStructures><s t="{structure}"/></rvStructures>'}
    data = '<row r="1"><c r="A1" t="e" vm="1"><v>#VALUE!</v></c><c r="B1" t="e"><v>#VALUE!</v></c></row>'
    read = table(xlsx(tmp_path / "a.xlsx", data, parts=kinds))
    assert read.rows == ((expected, CellError("#VALUE!")),)


def linked(path: Path, data: str, target: str = "file:///D:\\共享\\2025%E5%8F%B0%E8%B4%A6.xlsx") -> Path:
    link = f'<externalLink xmlns="{MAIN}"/>'
    rels = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/externalLinkPath" Target="{target}" TargetMode="External"/></Relationships>'
    )
    return xlsx(
        path,
        data,
        after_sheets='<externalReferences><externalReference r:id="r7"/></externalReferences>',
        book_relations=f'<Relationship Id="r7" Type="{OFFICE}/externalLink" Target="externalLinks/externalLink1.xml"/>',
        parts={"xl/externalLinks/externalLink1.xml": link, "xl/externalLinks/_rels/externalLink1.xml.rels": rels},
    )


def test_a_value_of_another_workbook_is_used_and_its_source_named(tmp_path: Path) -> None:
    data = (
        '<row r="1"><c r="A1"><f>[1]Sheet1!A1</f><v>5</v></c><c r="B1"><f>SUM(\'[1]2025 年\'!A1:A9)+1</f><v>6</v></c>'
        '<c r="C1"><f>[2]Sheet1!A1</f><v>7</v></c><c r="D1"><f>表1[[#This Row],[列1]]</f><v>8</v></c>'
        '<c r="E1"><f>表1[1]</f><v>9</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">[1]Sheet1!A2</f><v>1</v></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>2</v></c></row>'
    )
    read = table(linked(tmp_path / "a.xlsx", data))
    book = "2025台账.xlsx"
    assert read.linked == ((1, 1, book), (1, 2, book), (1, 3, "[2]"), (2, 1, book), (3, 1, book))
    assert read.rows == ((5, 6, 7, 8, 9), (1,), (2,))


def test_a_link_that_was_never_computed_is_no_value(tmp_path: Path) -> None:
    read = table(linked(tmp_path / "a.xlsx", '<row r="1"><c r="A1"><f>[1]Sheet1!A1</f></c></row>'))
    assert read.rows == ((UNCOMPUTED,),)


def test_a_sheet_in_an_encoding_that_would_read_as_empty_is_refused(tmp_path: Path) -> None:
    xml = f'<?xml version="1.0" encoding="UTF-16"?><worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    path = tmp_path / "a.xlsx"
    xlsx(path, "", parts={})
    made = xlsx(path, "", parts={"xl/worksheets/sheet1.xml": xml.encode("utf-16").decode("latin-1")})
    refusal = read_book(made)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "FILE-006"


def test_error_values_of_a_binary_book_are_read(tmp_path: Path) -> None:
    path = xlsb(tmp_path / "a.xlsb", {2: {1: "甲", 2: "#REF!", 3: "#DIV/0!"}, 300: {300: "#N/A", 301: 2.5}})
    book = read_book(path)
    assert isinstance(book, Book)
    assert book.format is Format.XLSB
    assert book.tables[0].rows[1] == ("甲", CellError("#REF!"), CellError("#DIV/0!"))
    assert (book.tables[0].cell(300, 300), book.tables[0].cell(300, 301)) == (CellError("#N/A"), 2.5)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize(("ending", "kind"), [("xls", XLS), ("ods", ODS)])
def test_error_values_survive_another_format(tmp_path: Path, clerk: Clerk, ending: str, kind: str) -> None:
    source = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(source) as workbook:
        first, chart = workbook.add_worksheet("概况"), workbook.add_chart({"type": "bar"})
        chart.add_series({"values": "=概况!$A$1:$A$3"})
        first.insert_chart(2, 2, chart)
        workbook.add_worksheet("S")
    clerk.open(source)
    for cell, formula in {"A2": "=1/0", "B2": "=NA()", "C2": '=""', "D3": "=1+1", "B70": "=NOSUCH()"}.items():
        clerk.set("S", cell, formula)
    target = tmp_path / f"a.{ending}"
    clerk.save_as(target, kind)
    book = read_book(target)
    assert isinstance(book, Book)
    assert book.format == ending
    read = book.tables[1]
    assert read.rows[1] == (CellError("#DIV/0!"), CellError("#N/A"))
    assert (read.cell(3, 4), read.cell(70, 2)) == (2, CellError("#NAME?"))


@pytest.mark.office
@pytest.mark.slow
def test_a_book_of_wps_is_read_by_its_content_and_its_password_is_named(tmp_path: Path, clerk: Clerk) -> None:
    source, xls, et = (tmp_path / name for name in ("a.xlsx", "a.xls", "a.et"))
    with xlsxwriter.Workbook(source) as workbook:
        workbook.add_worksheet("S").write_string(0, 0, "清扫")
    clerk.open(source)
    clerk.save_as(xls, XLS)
    et.write_bytes(xls.read_bytes())
    assert table(et).rows == (("清扫",),)
    locked = bytearray(xls.read_bytes())
    first = locked.find(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20  # the record after the book's beginning
    struct.pack_into("<H", locked, first, 0x2F)
    et.write_bytes(locked)
    assert read_book(et) == Refusal("FILE-004")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    "content", [b"", OLE * 300, OLE + bytes(2000), OLE + bytes(22) + b"\x09\x00\x06\x00" + bytes(2000)]
)
def test_a_compound_file_that_does_not_hold_together_raises_what_the_reader_expects(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"xls|stream|chain|sectors|directory"):
        xls_marks(content, ["S"])


def test_a_chain_of_sectors_that_is_a_ring_ends(tmp_path: Path) -> None:
    ring = bytearray(OLE + bytes(504))
    struct.pack_into("<HH", ring, 30, 9, 6)
    struct.pack_into("<I", ring, 48, 1)  # the directory begins at sector 1 …
    struct.pack_into("<II", ring, 68, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", ring, 76, 0, *[0xFFFFFFFF] * 108)
    table_of_sectors = struct.pack("<128I", 0xFFFFFFFD, 1, *[0xFFFFFFFF] * 126)  # … and goes on at sector 1
    with pytest.raises(ValueError, match="chain"):
        xls_marks(bytes(ring) + table_of_sectors + bytes(512), ["S"])
