"""Unit workbooks: what a clerk finds in them, and what the reader and the merge rely on."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from syncer.core.model import (
    ADVICE_SHEET,
    Choice,
    Column,
    ColumnType,
    Ledger,
    Owner,
    Row,
    Settings,
    Sheet,
    SheetKind,
    Stamp,
    Table,
    Unit,
)
from syncer.core.reading.headers import match_headers
from syncer.excel.laid_out import read_looks
from syncer.excel.looks import SheetLooks, rows_on_last_page
from syncer.excel.slots import SPARE_COLUMNS, lay_out
from syncer.excel.unitbook import write_unit_book

C, T = Column, ColumnType
TASKS = Sheet(
    "tasks",
    "任务清单",
    SheetKind.TASKS,
    (
        C("no", "任务编号", T.IDENTIFIER, Owner.COORDINATOR, "年度计划"),
        C("title", "重点任务", T.LONG_TEXT, Owner.COORDINATOR, "年度计划"),
        C("done", "已完成量", T.NUMBER, Owner.SYSTEM, "完成进度"),
        C("percent", "完成率", T.PERCENT, Owner.UNIT, "完成进度", minimum=0, maximum=100, measure="%"),
        C("status", "工作状态", T.CHOICE, group="完成进度", options="工作状态", required=True, hint="从下拉里选。"),
        C("finished_on", "实际完成日期", T.DATE),
        C("tasks", "对应任务", T.TASKS, options="任务分解"),
        C("light", "亮灯", T.TEXT, Owner.SYSTEM, "系统"),
        C("hint", "系统提示", T.LONG_TEXT, Owner.SYSTEM, "系统"),
    ),
    audience=("D01",),
    prefix="RW",
)
RECORDS = Sheet(
    "records",
    '王\'s "记录"',
    SheetKind.RECORDS,
    (
        C("name", "名称", required=True),
        C("count", "人数", T.INTEGER, measure="人", minimum=0),
        C("closed", "销号", T.CHOICE, Owner.COORDINATOR, options="是否"),
    ),
    audience=("D01",),
    prefix="JL",
)
ONE_COLUMN = Sheet("one", "一列", SheetKind.SURVEY, (C("q", "意见", T.LONG_TEXT),), audience=("D01",), prefix="YJ")
SURVEY = Sheet(
    "vaccine",
    "疫苗接种摸排",
    SheetKind.SURVEY,
    (
        C("name", "姓名", required=True, key=True),
        C("phone", "电话", T.PHONE),
        C("doses", "已接种针数", T.INTEGER, minimum=0, maximum=4),
        C("last", "最近接种日期", T.DATE),
        C("why", "未接种原因", T.CHOICE, options="原因"),
    ),
    audience=("D01",),
    prefix="YM",
    due=date(2026, 3, 31),
)
UNIT = Unit("D01", "某局宣传科", "宣传科", contact="王样本", phone="12000000001")
LEDGER = Ledger(
    "v1",
    Settings(2026, office="某局"),
    (TASKS, RECORDS, ONE_COLUMN, SURVEY),
    (UNIT,),
    (),
    options=(
        ("工作状态", (Choice("推进中"), Choice("已完成"), Choice("=滞后"))),
        ("是否", (Choice("是"), Choice("否"))),
        ("原因", (Choice("禁忌"),)),
        ("任务分解", (Choice("3.1"), Choice("2.10"))),
    ),
)
ROWS = {
    "tasks": (
        Row("T0001", "tasks", "D01", {"no": "2.10", "title": "=1+1", "percent": 95, "status": "推进中"}),
        Row("T0002", "tasks", "D01", {"no": "3.1", "percent": 12.5, "finished_on": date(2026, 3, 5)}),
    ),
    "records": (Row("JL-D01-0001", "records", "D01", {"name": "植树", "count": 80}, extra=(("天气", "晴"),)),),
}
RESERVED = {
    "tasks": ("RW-D01-0001", "RW-D01-0002"),
    "records": tuple(f"JL-D01-{n:04}" for n in range(2, 202)),
    "one": ("YJ-D01-0001",),
    "vaccine": ("YM-D01-0001", "YM-D01-0002"),
}


def written(ledger: Ledger = LEDGER, looks: dict[str, SheetLooks] | None = None) -> bytes:
    stream = io.BytesIO()
    write_unit_book(
        stream,
        UNIT,
        ledger,
        Stamp("L1", "D01", "main", "v1", 3, "g-1"),
        rows=ROWS,
        reserved_ids=RESERVED,
        issued=date(2026, 1, 5),
        looks=looks,
    )
    return stream.getvalue()


@pytest.fixture(scope="module")
def book() -> Workbook:
    return load_workbook(io.BytesIO(written()))


def tables(content: bytes) -> dict[str, list[list[Any]]]:
    reader = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: reader.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in reader.sheet_names}


def letters(sheet: Worksheet) -> dict[str, str]:
    """Returns the column letter of every header leaf."""
    return {str(c.value).split("\n")[0].rstrip("*"): c.column_letter for c in sheet[4] if c.value}


def rules(sheet: Worksheet) -> dict[str, Any]:
    """Returns the validations by range."""
    return {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}


def test_rows_and_ids_read_back_in_calamine_where_the_brief_puts_them() -> None:
    sheet = tables(written())["任务清单"]
    header = sheet[3]
    assert header[:4] == ["任务编号", "重点任务", "行标识", "已完成量"]
    assert header[4:6] == ["完成率\n（%）", "工作状态*"]
    assert [row[2] for row in sheet[4:8]] == ["T0001", "T0002", "RW-D01-0001", "RW-D01-0002"]
    assert sheet[4][:6] == ["2.10", "=1+1", "T0001", "", 0.95, "推进中"]
    assert sheet[5][6] == date(2026, 3, 5)
    assert sheet[0][0] == "某局文明单位创建工作台账——任务清单（2026年）"
    assert sheet[1][0] == "填报单位：宣传科"


@pytest.mark.parametrize("sheet", LEDGER.sheets, ids=lambda sheet: sheet.code)
def test_our_own_header_matcher_finds_every_column_of_every_sheet(sheet: Sheet) -> None:
    content = tables(written())[sheet.name]
    rows = tuple(tuple(None if cell == "" else cell for cell in row) for row in content)
    match, problems = match_headers(Table(sheet.name, rows), sheet, "宣传科.xlsx")
    assert match is not None
    assert problems == []
    assert (match.row, match.id_column) == (4, 3)
    assert set(match.columns) == {column.code for column in sheet.columns}
    assert [name for name, _ in match.extra] == (["天气"] if sheet.code == "records" else [])


def test_text_that_looks_like_a_formula_stays_text_everywhere(book: Workbook) -> None:
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []
    assert book["_选项"]["A4"].value == "=滞后"


def test_same_input_gives_the_same_bytes() -> None:
    assert written() == written()


def test_ids_and_spares_are_hidden_and_the_rest_is_not(book: Workbook) -> None:
    for sheet in LEDGER.sheets:
        worksheet = book[sheet.name]
        hidden = {
            header
            for header, letter in letters(worksheet).items()
            for dimension in worksheet.column_dimensions.values()
            if dimension.hidden and dimension.min <= worksheet[f"{letter}4"].column <= dimension.max
        }
        assert hidden == {"行标识", *(f"备用{n}" for n in range(1, SPARE_COLUMNS + 1))}, sheet.name
    assert book["_选项"].sheet_state == "hidden"
    assert book["_syncer"].sheet_state == "veryHidden"
    assert book.worksheets[0].title == ADVICE_SHEET
    assert book.active is book.worksheets[0]


def test_spares_stand_before_the_trailing_system_block(book: Workbook) -> None:
    order = list(letters(book["任务清单"]))
    assert order[-8:] == [*(f"备用{n}" for n in range(1, 7)), "亮灯", "系统提示"]


def test_no_cell_has_two_validations_and_all_begin_at_the_header_row(book: Workbook) -> None:
    for sheet in LEDGER.sheets:
        worksheet = book[sheet.name]
        last = 4 + len(ROWS.get(sheet.code, ())) + len(RESERVED[sheet.code])
        ranges = [r for rule in worksheet.data_validations.dataValidation for r in rule.sqref.ranges]
        assert {(r.min_row, r.max_row) for r in ranges} == {(4, last)}
        assert not [pair for pair in combinations(ranges, 2) if not pair[0].isdisjoint(pair[1])]
        for conditions in worksheet.conditional_formatting:
            assert {(r.min_row, r.max_row) for r in conditions.sqref.ranges} == {(4, last)}


def test_every_validation_only_warns(book: Workbook) -> None:
    for sheet in LEDGER.sheets:
        for rule in book[sheet.name].data_validations.dataValidation:
            assert rule.errorStyle == "warning"
            assert len(rule.prompt or "") <= 255
            assert len(rule.promptTitle or "") <= 32


def test_choices_come_from_defined_names_and_several_choices_are_only_offered(book: Workbook) -> None:
    at, rule = letters(book["任务清单"]), rules(book["任务清单"])
    status, tasks = rule[f"{at['工作状态']}4:{at['工作状态']}8"], rule[f"{at['对应任务']}4:{at['对应任务']}8"]
    assert (status.type, status.formula1, status.showErrorMessage) == ("list", "opt_001", True)
    assert status.prompt == "必填。从下拉里选。"
    assert (tasks.type, tasks.formula1, tasks.showErrorMessage) == ("list", "opt_004", False)
    assert book.defined_names["opt_001"].attr_text == "'_选项'!$A$2:$A$4"
    assert "opt_002" not in book.defined_names  # the coordinator's column has a lock instead


def test_numbers_and_dates_are_checked_within_their_limits(book: Workbook) -> None:
    at, rule = letters(book["任务清单"]), rules(book["任务清单"])
    percent = rule[f"{at['完成率']}4:{at['完成率']}8"]
    assert (percent.type, float(percent.formula1), float(percent.formula2)) == ("decimal", 0, 1)
    assert book["任务清单"][f"{at['完成率']}5"].number_format == "0%"
    assert rule[f"{at['实际完成日期']}4:{at['实际完成日期']}8"].type == "date"
    survey, where = rules(book["疫苗接种摸排"]), letters(book["疫苗接种摸排"])["已接种针数"]
    assert (survey[f"{where}4:{where}6"].type, survey[f"{where}4:{where}6"].formula2) == ("whole", "4")


def test_the_coordinators_cells_are_locked_by_the_kind_of_row(book: Workbook) -> None:
    tasks, records = book["任务清单"], book[RECORDS.name]
    assert rules(tasks)["A4:A8"].formula1 == 'LEFT($C4,1)<>"T"'
    assert rules(tasks)["D4:D8"].formula1 == "FALSE"
    greys = {str(c.sqref): c.rules[0].formula for c in tasks.conditional_formatting}
    first = next(c for c in tasks.conditional_formatting if str(c.sqref) == "A4:A8")
    hint = letters(tasks)["系统提示"]
    by_priority = [rule.formula[0] for rule in sorted(first.rules, key=lambda rule: rule.priority)]
    assert by_priority == [
        f"AND(ROW()>4,LEN(${hint}4)>0)",
        'LEFT($C4,1)="T"',
    ]  # a row with a hint is marked, grey or not
    assert greys["B4:B8"] == ['LEFT($C4,1)="T"']
    closed = letters(records)["销号"]
    assert rules(records)[f"{closed}4:{closed}205"].formula1 == "FALSE"  # in records it is hers in every row
    assert records[f"{closed}5"].fill.fgColor.rgb == "FFEDEDED"
    assert tasks["D6"].fill.fgColor.rgb == "FFEDEDED"
    assert tasks["A6"].fill.fill_type is None


def test_lights_are_coloured_by_the_first_sign_of_the_text(book: Workbook) -> None:
    light = letters(book["任务清单"])["亮灯"]
    (colours,) = [c for c in book["任务清单"].conditional_formatting if str(c.sqref).startswith(light)]
    assert [rule.formula[0] for rule in colours.rules] == [f'LEFT(${light}4,1)="{sign}"' for sign in "红黄蓝绿灰"]


def test_nothing_is_protected_or_merged_among_the_data(book: Workbook) -> None:
    for sheet in LEDGER.sheets:
        worksheet = book[sheet.name]
        assert not worksheet.protection.sheet
        assert max(r.max_row for r in worksheet.merged_cells.ranges) <= 3 if worksheet.merged_cells.ranges else True
        assert worksheet.auto_filter.ref.startswith("A4:")
        assert worksheet.freeze_panes == "B5"


def test_groups_are_merged_over_equal_neighbours_across_the_hidden_ids(book: Workbook) -> None:
    merged = {str(r) for r in book["任务清单"].merged_cells.ranges}
    assert {"A3:B3", "D3:F3"} <= merged
    ids_inside = replace(TASKS, columns=tuple(replace(c, group="同组") for c in TASKS.columns[:4]))
    groups = [slot.group for slot in lay_out(ids_inside, SheetLooks())]
    assert groups[:5] == ["同组"] * 5


def test_reserved_rows_have_borders_but_only_those_that_fit_the_last_page_are_printed(book: Workbook) -> None:
    worksheet = book[RECORDS.name]
    assert worksheet["A205"].border.left.style == "thin"
    area = worksheet.print_area.split("!")[1].replace("$", "")
    last = int(area.split(":")[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert 5 < last < 30
    assert worksheet.print_title_rows == "$1:$4"
    system = letters(book["任务清单"])["亮灯"]
    assert book["任务清单"].print_area.split("$")[-2] < system


def test_only_rows_that_surely_fit_the_last_page_are_counted() -> None:
    looks = SheetLooks(data_height=36)  # A4 landscape, unscaled: some 505 points, of which the header takes 120
    assert rows_on_last_page(looks, 100, 120, []) == 9
    assert rows_on_last_page(looks, 100, 120, [36.0] * 6) == 3
    assert rows_on_last_page(looks, 100, 120, [36.0] * 9) == 0
    assert rows_on_last_page(looks, 100, 120, [36.0] * 60) == 0  # a page more or less by now: nobody knows
    assert rows_on_last_page(looks, 260, 120, []) > 20  # a wide table is shrunk, so more rows go on a page


def test_a_survey_without_groups_or_looks_still_has_room_for_its_title(book: Workbook) -> None:
    sheet = book["疫苗接种摸排"]
    assert sheet["A3"].value == "疫苗接种摸排"
    assert sum(sheet.column_dimensions[letter].width for letter in "ABDEF") > 95
    assert sheet.row_dimensions[4].height >= SheetLooks().leaf_height


def test_data_rows_may_grow_and_header_rows_are_fixed() -> None:
    with zipfile.ZipFile(io.BytesIO(written())) as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
    rows = [part.split(">")[0] for part in xml.split("<row ")[1:]]
    assert ["customHeight" in row for row in rows] == [True] * 4 + [False] * 4
    assert all(" ht=" in row for row in rows)


def test_the_stamp_stands_in_custom_properties_and_on_the_very_hidden_sheet(book: Workbook) -> None:
    said = {
        "syncer.ledger": "L1",
        "syncer.unit": "D01",
        "syncer.book": "main",
        "syncer.template": "v1",
        "syncer.revision": "3",
        "syncer.guid": "g-1",
    }
    properties = book.custom_doc_props  # type: ignore[attr-defined]
    assert {p.name: p.value for p in properties.props} == said
    assert {a.value: b.value for a, b in book["_syncer"].iter_rows(max_col=2)} == said


def test_a_sheet_with_one_column_keeps_its_ids_in_column_c(book: Workbook) -> None:
    header = letters(book["一列"])
    assert (header["意见"], header["行标识"]) == ("A", "C")
    assert book["一列"]["C5"].value == "YJ-D01-0001"
    assert "填报日期" in str(book["一列"]["A2"].value)


def test_the_first_sheet_names_the_unit_and_links_to_its_sheets(book: Workbook) -> None:
    sheet = book[ADVICE_SHEET]
    assert sheet["A1"].value == "某局宣传科"
    links = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links[RECORDS.name] == "'王''s \"记录\"'!A1"
    assert set(links) == {sheet.name for sheet in LEDGER.sheets}


def test_a_unit_gets_only_the_sheets_meant_for_it() -> None:
    elsewhere = replace(LEDGER, sheets=(TASKS, replace(SURVEY, audience=("D02",))))
    assert list(tables(written(elsewhere))) == [ADVICE_SHEET, "任务清单", "_选项", "_syncer"]


def test_looks_are_taken_from_a_laid_out_sheet_by_header(tmp_path: Path) -> None:
    laid_out = Workbook()
    sheet = laid_out.worksheets[0]
    sheet.title = "任务清单"
    for at, header in enumerate(("重点任务", "任务编号", "完成率（%）*"), start=1):
        sheet.cell(4, at, header)
    sheet.column_dimensions["A"].width = 41
    sheet.row_dimensions[5].height = 60
    sheet.page_setup.paperSize = 8
    sheet.freeze_panes = "C5"
    laid_out.save(tmp_path / "台账设置.xlsx")

    looks = read_looks(tmp_path / "台账设置.xlsx")

    content = written(looks=looks)
    worksheet = load_workbook(io.BytesIO(content))["任务清单"]
    assert worksheet.column_dimensions["B"].width == 41
    assert worksheet.row_dimensions[8].height == 60
    assert worksheet.page_setup.paperSize == 8
    assert worksheet.freeze_panes == "E5"
    assert looks["任务清单"].title == SheetLooks().title


def test_looks_of_a_workbook_without_any_are_the_defaults(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "空.xlsx")
    looks = read_looks(tmp_path / "空.xlsx")["Sheet"]
    assert looks.width(TASKS.columns[1]) == SheetLooks().width(TASKS.columns[1])
    assert looks.paper == "A4"
