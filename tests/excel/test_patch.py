from __future__ import annotations

import io
import os
import re
import shutil
import struct
import subprocess
import warnings
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from syncer.core.values import CellError, Scalar
from syncer.errors import RefusedError
from syncer.excel.patch import FormulaInTheWayError, patch_cells

SHEET = "任务清单"


def rich_book() -> bytes:
    """A workbook with what openpyxl would lose: chart, picture, comment, sparkline, x14 rules, formulas, two sheets."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1)})
    book.set_custom_property("syncer.unit", "D03")
    book.set_custom_property("syncer.revision", 4)
    dated = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
    bold = book.add_format({"bold": True, "border": 1})
    grey = book.add_format({"bg_color": "#EEEEEE"})
    sheet = book.add_worksheet(SHEET)
    sheet.set_column(6, 6, 12, grey)
    sheet.write_row(0, 0, ["编号", "任务", "日期", "数", "是否", "公式"], bold)
    for row in range(1, 9):
        sheet.write_string(row, 0, f"{row}.1", bold)
        sheet.write_string(row, 1, f"任务{row}")
        sheet.write_datetime(row, 2, datetime(2026, 3, row), dated)
        sheet.write_number(row, 3, row / 4)
        sheet.write_boolean(row, 4, row % 2 == 0)
        sheet.write_formula(row, 5, f"=D{row + 1}*2", None, row / 2)
    sheet.set_row(9, 20, bold)
    sheet.write_array_formula(11, 0, 12, 1, "{=D2:E3}", None, 1)
    sheet.add_sparkline("H2", {"range": f"{SHEET}!D2:D9"})
    sheet.conditional_format("D2:D9", {"type": "data_bar", "data_bar_2010": True})
    sheet.data_validation("E2:E9", {"validate": "list", "source": ["是", "否"]})
    sheet.write_comment("B2", "批注")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": f"={SHEET}!$D$2:$D$9"})
    sheet.insert_chart("J2", chart)
    sheet.insert_image("J20", "dot.png", {"image_data": io.BytesIO(_png())})
    book.add_worksheet("空表")
    book.add_worksheet("其他").write_string(0, 0, "不动")
    book.close()
    return out.getvalue()


def _png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">2I5B", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")
    )


RICH = rich_book()


def raw_members(package: bytes) -> dict[str, bytes]:
    """Each member's local header and packed data, as they lie in the file."""
    with zipfile.ZipFile(io.BytesIO(package)) as book:
        infos = sorted(book.infolist(), key=lambda info: info.header_offset)
        bounds = [*(info.header_offset for info in infos), book.start_dir]
    return {info.filename: package[bounds[i] : bounds[i + 1]] for i, info in enumerate(infos)}


def changed_members(before: bytes, after: bytes) -> set[str]:
    old, new = raw_members(before), raw_members(after)
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def calamine(package: bytes, sheet: str, row: int, column: int) -> Any:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(package)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    try:
        return rows[row - 1][column - 1]
    except IndexError:
        return ""


def openpyxl_cell(package: bytes, sheet: str, row: int, column: int) -> Any:
    return by_openpyxl(package)[sheet].cell(row, column)


def by_openpyxl(package: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says which extensions it would drop if it saved
        return openpyxl.load_workbook(io.BytesIO(package))


def custom_properties(package: bytes) -> dict[str, Any]:
    return {entry.name: entry.value for entry in by_openpyxl(package).custom_doc_props.props}


def member(package: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as book:
        return book.read(name)


def rewritten(package: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one member's text changed, as another program might have written it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info, change(old.read(info)) if info.filename == name else old.read(info))
    return out.getvalue()


SHEET1 = "xl/worksheets/sheet1.xml"


def test_only_the_sheet_concerned_changes() -> None:
    after = patch_cells(RICH, {SHEET: {(3, 2): "新内容"}})
    assert changed_members(RICH, after) == {SHEET1}
    assert zipfile.ZipFile(io.BytesIO(after)).testzip() is None
    assert zipfile.ZipFile(io.BytesIO(after)).namelist() == zipfile.ZipFile(io.BytesIO(RICH)).namelist()


def test_all_other_rows_stay_byte_for_byte() -> None:
    before = member(RICH, SHEET1)
    after = member(patch_cells(RICH, {SHEET: {(3, 2): "新内容"}}), SHEET1)
    start, end = before.index(b'<row r="3"'), before.index(b'<row r="4"')
    assert after.startswith(before[:start])
    assert after.endswith(before[end:])


@pytest.mark.parametrize(
    ("place", "value", "read"),
    [
        ((2, 2), "中文 text", "中文 text"),
        ((2, 4), 12.5, 12.5),
        ((2, 4), 7, 7),
        ((2, 5), True, True),
        ((2, 3), date(2026, 11, 20), datetime(2026, 11, 20)),
        ((2, 3), datetime(2026, 11, 20, 15, 30), datetime(2026, 11, 20, 15, 30)),
        ((2, 2), date(2026, 11, 20), "2026-11-20"),
        ((2, 2), time(9, 5), "09:05"),
        ((40, 9), "远处", "远处"),
        ((10, 3), "空行里", "空行里"),
        ((1, 30), "行尾", "行尾"),
    ],
)
def test_both_readers_see_the_new_content(place: tuple[int, int], value: Scalar, read: Any) -> None:
    after = patch_cells(RICH, {SHEET: {place: value}})
    for seen in (calamine(after, SHEET, *place), openpyxl_cell(after, SHEET, *place).value):
        shown = datetime(seen.year, seen.month, seen.day) if type(seen) is date else seen
        assert (shown, type(shown) is bool) == (read, type(read) is bool)


def test_none_empties_a_cell_and_keeps_its_style() -> None:
    after = patch_cells(RICH, {SHEET: {(2, 1): None, (2, 9): None, (99, 9): None}})
    cell = openpyxl_cell(after, SHEET, 2, 1)
    assert cell.value is None
    assert cell.font.b
    assert b'r="99"' not in member(after, SHEET1)
    assert b'"I2"' not in member(after, SHEET1)


def test_an_error_value_comes_back_as_one() -> None:
    cell = openpyxl_cell(patch_cells(RICH, {SHEET: {(2, 2): CellError("#REF!")}}), SHEET, 2, 2)
    assert (cell.value, cell.data_type) == ("#REF!", "e")


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "{=1+1}", "+1", "-1", "@SUM(1)", "#N/A", "http://x.cn", "007"])
def test_what_looks_like_a_formula_stays_text(text: str) -> None:
    after = patch_cells(RICH, {SHEET: {(2, 2): text, (30, 1): text}})
    for place in ((2, 2), (30, 1)):
        cell = openpyxl_cell(after, SHEET, *place)
        assert calamine(after, SHEET, *place) == text
        assert (cell.value, cell.data_type) in {(text, "s"), (text, "inlineStr")} or text[0] in "={#"
        assert b"<f>" not in member(after, SHEET1).split(b'r="%s"' % cell.coordinate.encode())[1].split(b"</c>")[0]


def test_spaces_line_breaks_and_escapes_survive_and_control_signs_go() -> None:
    after = patch_cells(RICH, {SHEET: {(2, 2): "  一\r\n二\x00\x1b三\ud800 <&>\t ", (3, 2): "a_x0041_b_x000D_"}})
    assert calamine(after, SHEET, 2, 2) == openpyxl_cell(after, SHEET, 2, 2).value == "  一\n二三 <&>\t "
    # Excel, LibreOffice and calamine undo the escape; openpyxl does so in shared strings only.
    assert calamine(after, SHEET, 3, 2) == "a_x0041_b_x000D_"


def test_a_new_cell_takes_the_style_of_its_row_or_column_or_the_cell_above() -> None:
    after = patch_cells(RICH, {SHEET: {(10, 3): "行", (5, 7): "列", (10, 7): "行先于列", (2, 6 + 20): "无"}})
    assert openpyxl_cell(after, SHEET, 10, 3).font.b
    assert openpyxl_cell(after, SHEET, 10, 7).font.b
    assert openpyxl_cell(after, SHEET, 5, 7).fill.bgColor.rgb or openpyxl_cell(after, SHEET, 5, 7).has_style
    assert not openpyxl_cell(after, SHEET, 2, 26).has_style
    without_styled_row = rewritten(RICH, SHEET1, lambda xml: re.sub(rb'<row r="10"[^>]*/>', b"", xml))
    below = patch_cells(without_styled_row, {SHEET: {(10, 3): date(2026, 5, 1), (10, 1): "x"}})
    assert openpyxl_cell(below, SHEET, 10, 3).value == datetime(2026, 5, 1)
    assert openpyxl_cell(below, SHEET, 10, 1).font.b


def test_rows_and_cells_stay_in_order_and_the_dimension_grows() -> None:
    cells = {(row, column): f"{row}-{column}" for row in (1, 15, 12_000, 14, 20) for column in (40, 9, 27)}
    xml = member(patch_cells(RICH, {SHEET: cells}), SHEET1)
    rows = [int(r) for r in re.findall(rb'<row r="(\d+)"', xml)]
    assert rows == sorted(set(rows))
    for row in re.findall(rb"<row .*?</row>", xml, re.DOTALL):
        refs = [(len(ref), ref) for ref in re.findall(rb'<c r="([A-Z]+)\d+"', row)]
        assert refs == sorted(set(refs))
    assert b'<dimension ref="A1:AN12000"/>' in xml
    assert b'<row r="2" spans=' in xml
    assert b'<row r="1" spans=' not in xml  # touched, and no longer true of it


def test_a_sheet_without_rows_takes_its_first() -> None:
    after = patch_cells(RICH, {"空表": {(5, 3): "第一个", (4, 4): 2}})
    assert calamine(after, "空表", 5, 3) == "第一个"
    assert openpyxl_cell(after, "空表", 4, 4).value == 2


@pytest.mark.parametrize("cell", [(2, 6), (12, 1), (13, 2)])
def test_a_formula_in_the_way_is_named_and_nothing_is_made(cell: tuple[int, int]) -> None:
    with pytest.raises(FormulaInTheWayError) as caught:
        patch_cells(RICH, {SHEET: {cell: "x", (2, 2): "y"}})
    assert caught.value.cells == ((SHEET, *cell),)


def test_all_formulas_in_the_way_are_named_at_once() -> None:
    with pytest.raises(FormulaInTheWayError) as caught:
        patch_cells(RICH, {SHEET: {(2, 6): 1, (3, 6): None, (13, 1): 3}})
    assert sorted(cell[1:] for cell in caught.value.cells) == [(2, 6), (3, 6), (13, 1)]


def test_a_member_of_a_shared_formula_is_in_the_way_too() -> None:
    def share(xml: bytes) -> bytes:
        xml = xml.replace(b"<f>D2*2</f>", b'<f t="shared" ref="F2:F3" si="0">D2*2</f>')
        return xml.replace(b"<f>D3*2</f>", b'<f t="shared" si="0"/>')

    with pytest.raises(FormulaInTheWayError):
        patch_cells(rewritten(RICH, SHEET1, share), {SHEET: {(3, 6): 1}})


def test_properties_change_and_the_others_stay() -> None:
    after = patch_cells(RICH, {}, properties={"syncer.revision": "5", "syncer.guid": "新的 <&>"})
    assert changed_members(RICH, after) == {"docProps/custom.xml"}
    assert custom_properties(after) == {
        "syncer.unit": "D03",
        "syncer.revision": "5",
        "syncer.guid": "新的 <&>",
    }


def test_a_book_without_properties_gets_the_part_and_its_two_entries() -> None:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    after = patch_cells(out.getvalue(), {}, properties={"syncer.unit": "D03"})
    assert changed_members(out.getvalue(), after) == {"docProps/custom.xml", "[Content_Types].xml", "_rels/.rels"}
    assert custom_properties(after) == {"syncer.unit": "D03"}
    assert patch_cells(after, {}, properties={"syncer.unit": "D03"}) == after


def test_nothing_to_change_gives_the_same_bytes() -> None:
    assert patch_cells(RICH, {}) is RICH
    assert patch_cells(RICH, {SHEET: {}, "其他": {(50, 50): None}}) is RICH
    assert patch_cells(RICH, {}, properties={"syncer.unit": "D03", "syncer.revision": "4"}) is RICH


def test_patching_twice_the_same_gives_the_same_bytes() -> None:
    changes: dict[str, dict[tuple[int, int], Scalar]] = {SHEET: {(2, 2): "一", (60, 3): 2}, "空表": {(1, 1): "x"}}
    once = patch_cells(RICH, changes)
    assert patch_cells(RICH, changes) == once
    assert raw_members(patch_cells(once, changes)) == raw_members(once)


def test_other_spellings_of_the_same_sheet_are_understood() -> None:
    """Prefixed elements, rows and cells without a place, comments, CDATA, `>` in an attribute, UTF-16."""

    def prefixed(xml: bytes) -> bytes:
        return (
            b'<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b'<x:dimension ref="A1"/><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>'
            b"<x:row ><x:c/></x:row ><x:row r='5' /></x:sheetData></x:worksheet>"
        )

    def commented(xml: bytes) -> bytes:
        return xml.replace(b"<sheetData>", b'<sheetData><!-- <row r="2"></row> -->')

    def in_utf16(xml: bytes) -> bytes:
        return xml.decode().replace("UTF-8", "UTF-16").encode("utf-16")

    def odd_attribute(xml: bytes) -> bytes:
        return xml.replace(b'<row r="2"', b'<row foo="/>" r="2"')

    for change in (prefixed, commented, in_utf16, odd_attribute):
        after = patch_cells(rewritten(RICH, SHEET1, change), {SHEET: {(2, 2): "对", (4, 1): "又"}})
        assert calamine(after, SHEET, 2, 2) == "对"
        assert calamine(after, SHEET, 4, 1) == "又"
        assert openpyxl_cell(after, SHEET, 2, 2).value == "对"
    assert calamine(after, SHEET, 1, 1) == "编号"


def test_the_1904_calendar_is_kept() -> None:
    old = rewritten(RICH, "xl/workbook.xml", lambda xml: xml.replace(b"<workbookPr", b'<workbookPr date1904="1"'))
    assert calamine(patch_cells(old, {SHEET: {(2, 3): date(2026, 11, 20)}}), SHEET, 2, 3) == date(2026, 11, 20)


def test_a_streamed_member_loses_its_descriptor_when_replaced_and_the_others_keep_theirs() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.parts: list[bytes] = []

        def writable(self) -> bool:
            return True

        def write(self, part: Any) -> int:
            self.parts.append(bytes(part))
            return len(part)

    pipe = Pipe()
    with zipfile.ZipFile(io.BytesIO(RICH)) as old, zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    streamed = b"".join(pipe.parts)
    assert zipfile.ZipFile(io.BytesIO(streamed)).infolist()[0].flag_bits & 8
    after = patch_cells(streamed, {SHEET: {(2, 2): "对"}})
    assert changed_members(streamed, after) == {SHEET1}
    with zipfile.ZipFile(io.BytesIO(after)) as book:
        assert book.testzip() is None
        assert not book.getinfo(SHEET1).flag_bits & 8
        assert book.getinfo("xl/workbook.xml").flag_bits & 8
    assert calamine(after, SHEET, 2, 2) == "对"


@pytest.mark.parametrize("bad", [b"", b"not a zip", RICH[:-40], RICH[: len(RICH) // 2], b"junk" + RICH])
def test_what_is_no_whole_package_is_refused(bad: bytes) -> None:
    with pytest.raises(RefusedError):
        patch_cells(bad, {SHEET: {(2, 2): "x"}})


def test_a_missing_sheet_doubled_parts_and_a_doctype_are_refused() -> None:
    with pytest.raises(RefusedError, match="没有这里"):
        patch_cells(RICH, {"没有这里": {(1, 1): "x"}})
    doubled = io.BytesIO(RICH)
    with zipfile.ZipFile(doubled, "a") as book:
        book.writestr(SHEET1.upper(), b"x")
    with pytest.raises(RefusedError, match="同名"):
        patch_cells(doubled.getvalue(), {SHEET: {(1, 1): "x"}})
    typed = rewritten(RICH, SHEET1, lambda xml: xml.replace(b"<worksheet", b"<!DOCTYPE worksheet><worksheet", 1))
    with pytest.raises(RefusedError, match="文档类型"):
        patch_cells(typed, {SHEET: {(1, 1): "x"}})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "长" * 32_768])
def test_a_value_that_no_cell_holds_is_an_error(value: Scalar) -> None:
    with pytest.raises(ValueError, match="cell"):
        patch_cells(RICH, {SHEET: {(2, 2): value}})


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (1_048_577, 1), (1, 16_385)])
def test_a_place_outside_the_sheet_is_an_error(place: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no such cell"):
        patch_cells(RICH, {SHEET: {place: "x"}})


# Not where formulas stand, nor in the column of dates: there a huge number makes calamine panic.
PLACES = st.tuples(st.integers(1, 30), st.integers(1, 12)).filter(
    lambda place: place[1] not in {3, 6} and (place[0] not in {12, 13} or place[1] > 2)
)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False) | st.integers(-(10**15), 10**15)


@settings(max_examples=60)
@given(st.dictionaries(PLACES, TEXTS | NUMBERS | st.booleans() | st.none(), max_size=12))
def test_any_cells_read_back_and_all_others_stay(cells: dict[tuple[int, int], Scalar]) -> None:
    after = patch_cells(RICH, {SHEET: cells})
    assert changed_members(RICH, after) <= {SHEET1}

    def grid(package: bytes) -> dict[tuple[int, int], Any]:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(package)).get_sheet_by_name(SHEET)
        return {
            (r, c): value
            for r, row in enumerate(rows.to_python(skip_empty_area=False), 1)
            for c, value in enumerate(row, 1)
            if value != ""
        }

    gone = str.maketrans("", "", "\ufffe\uffff")  # no XML holds these two
    typed = {place: value.translate(gone) if isinstance(value, str) else value for place, value in cells.items()}
    assert grid(after) == {place: value for place, value in (grid(RICH) | typed).items() if value not in {None, ""}}


@pytest.mark.office
def test_a_book_that_libreoffice_saved_keeps_its_other_members(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed: its own way of writing xlsx is not tried")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "book.xlsx").write_bytes(RICH)
    subprocess.run(
        [
            soffice,
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            *("--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(tmp_path / "in/book.xlsx")),
        ],
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    saved = (tmp_path / "out" / "book.xlsx").read_bytes()
    after = patch_cells(
        saved, {SHEET: {(3, 2): "新", (50, 2): 5, (3, 3): date(2026, 6, 1)}}, properties={"syncer.revision": "9"}
    )
    assert changed_members(saved, after) == {SHEET1, "docProps/custom.xml"}
    assert (calamine(after, SHEET, 3, 2), calamine(after, SHEET, 50, 2)) == ("新", 5)
    assert calamine(after, SHEET, 3, 3) == date(2026, 6, 1)
    assert custom_properties(after)["syncer.revision"] == "9"
    with pytest.raises(FormulaInTheWayError):
        patch_cells(saved, {SHEET: {(3, 6): 1}})
