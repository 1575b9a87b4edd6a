"""What a patch may change in a rich workbook is a short published list; every other zip member stays byte for byte.

``test_patch.py`` tries the patch cell by cell. Here whole workbooks are patched as a delivery does it (several sheets, new
rows, the stamp) that hold what people and their programs put into them, and the results are opened by everything we have.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from syncer.core.model import STAMP_SHEET
from syncer.core.values import Scalar
from syncer.excel.patch import patch_cells
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk

PUBLISHED = {"docProps/custom.xml"}  # beside the sheets concerned
WHEN_PROPERTIES_ARE_NEW = {"[Content_Types].xml", "_rels/.rels"}
TASKS, RECORDS, LOOKS = "任务清单", "活动台账", "我的图表"
STAMP = {"syncer.ledger": "L1", "syncer.unit": "D05", "syncer.revision": "7"}
CHANGES: Mapping[str, Mapping[tuple[int, int], Scalar]] = {
    TASKS: {(3, 2): "改过的任务", (4, 3): date(2026, 11, 30), (12, 1): "9.9", (12, 2): "新任务", (2, 4): None},
    RECORDS: {(2, 1): 0.55, (30, 3): "系统提示：请补日期"},
    STAMP_SHEET: {(3, 1): "syncer.revision", (3, 2): "7"},
}


_OF_THIS_RUN = re.compile(r"\(ssconvert:\d+\)|\d\d:\d\d:\d\d\.\d+")  # in Gnumeric's warnings


def picture() -> io.BytesIO:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">2I5B", 2, 2, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" + b"\xff\0\0" * 2 + b"\0" + b"\0\0\xff" * 2))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b""))


def rich(*, stamped: bool = True) -> bytes:
    """A unit's workbook into which a clerk has put all that openpyxl would lose or rewrite."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1)})
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    red, bold = book.add_format({"font_color": "red"}), book.add_format({"bold": True, "border": 1})
    sheet = book.add_worksheet(TASKS)
    sheet.write_row(0, 0, ["编号", "任务", "日期", "完成率", "倍数"], bold)
    for row in range(1, 9):
        sheet.write_string(row, 0, f"{row}.1", bold)
        sheet.write_rich_string(row, 1, "任务", red, f"{row}", "（重点）")
        sheet.write_datetime(row, 2, datetime(2026, 3, row), dated)
        sheet.write_number(row, 3, row / 10)
        sheet.write_formula(row, 4, f"=D{row + 1}*2", None, row / 5)
    sheet.add_sparkline("G2", {"range": f"{TASKS}!D2:D9", "markers": True})
    sheet.conditional_format("D2:D9", {"type": "data_bar", "data_bar_2010": True, "bar_solid": True})
    sheet.conditional_format("C2:C9", {"type": "icon_set", "icon_style": "3_flags"})
    sheet.data_validation("B2:B20", {"validate": "list", "source": f"={LOOKS}!$A$1:$A$3"})
    sheet.write_comment("B2", "这里请核对", {"author": "李芳"})
    sheet.insert_image("I2", "章.png", {"image_data": picture()})
    sheet.insert_textbox("I8", "便签：周五前交")
    sheet.set_header("&L&G", {"image_left": "标.png", "image_data_left": picture()})
    sheet.write_url("A20", "https://example.org/", string="网址")
    records = book.add_worksheet(RECORDS)
    records.add_table("A1:C6", {"columns": [{"header": "数"}, {"header": "名"}, {"header": "提示"}]})
    records.freeze_panes(1, 1)
    looks = book.add_worksheet(LOOKS)
    looks.write_column(0, 0, ["一", "二", "三"])
    chart = book.add_chart({"type": "pie"})
    chart.add_series({"values": f"={TASKS}!$D$2:$D$9", "categories": f"={TASKS}!$A$2:$A$9"})
    looks.insert_chart("C2", chart)
    book.define_name("我的范围", f"={TASKS}!$D$2:$D$9")
    if stamped:
        stamp = book.add_worksheet(STAMP_SHEET)
        stamp.very_hidden()
        for row, (name, text) in enumerate((STAMP | {"syncer.revision": "6"}).items()):
            stamp.write_row(row, 0, [name, text])
            book.set_custom_property(name, text, "text")
    book.close()
    return out.getvalue()


def with_members(package: bytes, added: Mapping[str, bytes], changed: Mapping[str, tuple[bytes, bytes]]) -> bytes:
    """The package with members added and texts in others replaced, as another program might have written it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            before, after = changed.get(info.filename, (b"", b""))
            assert before in old.read(info), info.filename
            new.writestr(info, old.read(info).replace(before, after, 1) if before else old.read(info))
        for name, content in added.items():
            new.writestr(name, content)
    return out.getvalue()


CELL_IMAGES = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>'
)


def as_wps_saves_it() -> bytes:
    """With pictures in cells, which WPS keeps in a part of its own, and a calculation chain."""
    chain = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="E2" i="1"/></calcChain>'
    )
    sheet_types = b"application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = (
        b'<Override PartName="/xl/cellimages.xml" ContentType="application/vnd.wps-officedocument.cellimage+xml"/>'
        b'<Override PartName="/xl/calcChain.xml" ContentType="' + sheet_types + b'.calcChain+xml"/></Types>'
    )
    relations = (
        b'<Relationship Id="rId901" Type="http://www.wps.cn/officeDocument/2020/cellImage" Target="cellimages.xml"/>'
        b'<Relationship Id="rId902" Target="calcChain.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"/></Relationships>'
    )
    return with_members(
        rich(),
        {"xl/cellimages.xml": CELL_IMAGES, "xl/calcChain.xml": chain},
        {"[Content_Types].xml": (b"</Types>", types), "xl/_rels/workbook.xml.rels": (b"</Relationships>", relations)},
    )


def with_extended_validation() -> bytes:
    """With a list validation that points to another sheet, written as Excel 2010 does: in an extension."""
    extension = (
        b'<ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        b'<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        b'<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>'
        + LOOKS.encode()
        + b"!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>F2:F9</xm:sqref></x14:dataValidation></x14:dataValidations></ext>"
    )
    return with_members(rich(), {}, {"xl/worksheets/sheet1.xml": (b"<extLst>", b"<extLst>" + extension)})


def raw_members(package: bytes) -> dict[str, bytes]:
    """Each member's local header and packed data, as they lie in the file."""
    with zipfile.ZipFile(io.BytesIO(package)) as book:
        infos = sorted(book.infolist(), key=lambda info: info.header_offset)
        bounds = [*(info.header_offset for info in infos), book.start_dir]
    return {info.filename: package[bounds[i] : bounds[i + 1]] for i, info in enumerate(infos)}


def parts_of(package: bytes) -> dict[str, str]:
    """The part of each sheet, by its name."""
    with zipfile.ZipFile(io.BytesIO(package)) as book:
        listed = book.read("xl/workbook.xml").decode()
        relations = re.findall(r"<Relationship\b[^>]*>", book.read("xl/_rels/workbook.xml.rels").decode())
    targets = {attribute(r, "Id"): attribute(r, "Target").removeprefix("/").removeprefix("xl/") for r in relations}
    sheets = re.findall(r"<sheet\b[^>]*>", listed)
    return {attribute(s, "name"): f"xl/{targets[attribute(s, 'r:id')]}" for s in sheets}


def attribute(element: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', element)
    assert found, (element, name)
    return found[1]


def delivered(before: bytes) -> bytes:
    known = parts_of(before)
    changes = {sheet: cells for sheet, cells in CHANGES.items() if sheet in known}
    return patch_cells(before, changes, properties=STAMP)


def assert_only_the_published_parts_changed(before: bytes, after: bytes, *, new_properties: bool = False) -> None:
    concerned = {part for name, part in parts_of(before).items() if name in CHANGES}
    allowed = concerned | PUBLISHED | (WHEN_PROPERTIES_ARE_NEW if new_properties else set())
    old, new = raw_members(before), raw_members(after)
    assert {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} == allowed
    with zipfile.ZipFile(io.BytesIO(after)) as book:
        assert book.testzip() is None


def assert_cells(package: bytes) -> None:
    """Both readers see what was written, and next to it what was there."""
    by_name = CalamineWorkbook.from_filelike(io.BytesIO(package))
    tasks = by_name.get_sheet_by_name(TASKS).to_python(skip_empty_area=False)
    assert [tasks[2][1], tasks[3][2], tasks[1][3], tasks[11][:2]] == [
        "改过的任务",
        date(2026, 11, 30),
        "",
        ["9.9", "新任务"],
    ]
    assert (tasks[1][1], tasks[4][4]) == ("任务1（重点）", 0.8)
    records = by_name.get_sheet_by_name(RECORDS).to_python(skip_empty_area=False)
    assert (records[1][0], records[29][2]) == (0.55, "系统提示：请补日期")
    book: Any = openpyxl.load_workbook(io.BytesIO(package))
    assert book[TASKS]["B3"].value == "改过的任务"
    assert book[TASKS]["E3"].value == "=D3*2"
    assert {prop.name: prop.value for prop in book.custom_doc_props.props}["syncer.revision"] == "7"


def assert_no_new_fault(before: bytes, after: bytes, folder: Path, clerk: Clerk) -> set[str]:
    """Every check of an emitted workbook passes, but for what the same tools say of the workbook as it was (returned).

    Gnumeric does not know data bars, icon sets, pictures in headers and tables, and says so.
    """
    said: list[set[str]] = []
    for name, package in (("before", before), ("after", after)):
        path = folder / name / "宣传科.xlsx"
        path.parent.mkdir()
        path.write_bytes(package)
        try:
            assert_sound(path, clerk=clerk)
            said.append(set())
        except AssertionError as fault:
            said.append(set(_OF_THIS_RUN.sub("", str(fault)).splitlines()))
    assert said[1] - said[0] == set()
    return said[0]


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # it says which extensions it would drop if it saved
@pytest.mark.parametrize("make", [rich, as_wps_saves_it, with_extended_validation])
def test_a_delivery_into_a_rich_workbook_changes_the_published_parts_alone(make: Callable[[], bytes]) -> None:
    before = make()
    after = delivered(before)
    assert_only_the_published_parts_changed(before, after)
    assert_cells(after)


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_a_workbook_without_properties_also_gets_them_named() -> None:
    before = rich(stamped=False)
    after = delivered(before)
    assert_only_the_published_parts_changed(before, after, new_properties=True)
    assert_cells(after)


@pytest.mark.office
@pytest.mark.parametrize("make", [partial(rich, stamped=False), as_wps_saves_it, with_extended_validation])
def test_a_delivery_leaves_a_rich_workbook_as_sound_as_it_was(
    make: Callable[[], bytes], tmp_path: Path, clerk: Clerk
) -> None:
    before = make()
    faults = assert_no_new_fault(before, delivered(before), tmp_path, clerk)
    assert [line for line in faults if "Open XML SDK" in line or "LibreOffice" in line] == []


@pytest.mark.office
@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@pytest.mark.parametrize("make", [rich, with_extended_validation])
def test_what_libreoffice_saved_keeps_every_part_of_its_making_too(
    make: Callable[[], bytes], tmp_path: Path, clerk: Clerk
) -> None:
    book = tmp_path / "宣传科.xlsx"
    book.write_bytes(make())
    clerk.open(book)
    clerk.set(TASKS, "B8", "她自己写的")
    clerk.save()
    clerk.close()
    before = book.read_bytes()
    after = delivered(before)
    assert_only_the_published_parts_changed(before, after)
    assert_cells(after)
    book.write_bytes(after)
    assert_no_new_fault(before, after, tmp_path, clerk)
    clerk.open(book)
    assert clerk.get(TASKS, "B8") == "她自己写的"
    assert clerk.get(TASKS, "B3") == "改过的任务"


def test_a_workbook_with_macros_keeps_them() -> None:
    types = (b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>')
    relation = (
        b'<Relationship Id="rId903" Target="vbaProject.bin" '
        b'Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"/></Relationships>'
    )
    before = with_members(
        rich(),
        {"xl/vbaProject.bin": bytes(range(256)) * 8},
        {"[Content_Types].xml": types, "xl/_rels/workbook.xml.rels": (b"</Relationships>", relation)},
    )
    assert_only_the_published_parts_changed(before, delivered(before))
