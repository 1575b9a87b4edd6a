from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from syncer.core.calendar import Workdays
from syncer.core.model import (
    Column,
    Ledger,
    Light,
    Row,
    Sheet,
    SheetKind,
    Source,
)
from syncer.core.reports.lines import Block, Overview
from syncer.core.reports.overview import overview
from syncer.core.reports.progress import assess
from syncer.core.state import Change, LedgerState, Question, UnitState, WeekMarks
from syncer.core.values import CellError, Scalar
from syncer.excel.heights import lines_of, table_height
from syncer.excel.master_rows import data_headings, data_lines, source_text
from syncer.excel.masterbook import write_master
from tests.excel.small_office import ACTIVITIES, ALL, AS_OF, LEDGER, TASKS, UNITS


def activity(at: int, unit: str = "D02", extra: tuple[tuple[str, Scalar], ...] = (), **values: Scalar) -> Row:
    source = Source("02各单位填报/宣传科.xlsx", "activities", at, "2026-11-20T16:02:00", 3)
    return Row(f"HD-{unit}-{at:04d}", "activities", unit, values, source, "2026-11-20T16:02:00", extra)


ROWS = (
    Row("T0001", "tasks", "D01", {"status": "已完成", "this_week": "已印发"}, Source("办公室.xlsx", "任务清单", 5)),
    Row("T0002", "tasks", "D02", {"status": "滞后", "percent": 40, "this_week": "谈话" * 200}),
    Row("T0002", "tasks", "D03", {"status": "推进中", "percent": 80}),
    activity(7, date=date(2026, 3, 5), name="=1+1", headcount=86, rate=95),
    activity(8, date="3月初", name="读书会", headcount="约80人", rate=12.5),
)


def view(*rows: Row, ledger: Ledger = LEDGER) -> Overview:
    saved = "2026-11-20T16:02:00"
    state = LedgerState(
        rows,
        (
            UnitState("D01", "current", "02各单位填报/办公室.xlsx", saved, saved, 2, "16:02 保存：读到2行，全部入库"),
            UnitState("D02", "current", "宣传科.xlsx", "2026-11-20T15:00:00", saved, 3, "15:00 保存"),
        ),
        (Question("Q1", "proposal", "D01", "tasks", "T0001", "1.10", "title", "甲", "甲", "乙", at=saved),),
        (Change(saved, "D02", "activities", "HD-D02-0007", "headcount", 80, 86, Source("宣传科.xlsx", "活动台账", 7)),),
    )
    days = Workdays()
    return overview(ledger, state, assess(ledger, state, AS_OF, days, opened=date(2026, 11, 16)), days)


def written(shown: Overview, **more: object) -> bytes:
    stream = io.BytesIO()
    write_master(stream, shown, LEDGER.settings, **more)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(written(view(*ROWS))))


def texts(sheet: Any) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_sheets_stand_in_reading_order(book: Any) -> None:
    assert book.sheetnames == ["首页", "总台账", "红黄灯清单", "任务清单", "活动台账", "本周变化", "待处理事项"]
    assert book.active is book["首页"]


def test_the_same_overview_gives_the_same_bytes() -> None:
    assert written(view(*ROWS), properties={"publish": "7"}) == written(view(*ROWS), properties={"publish": "7"})
    assert written(view(*ROWS)) != written(view(*ROWS[:-1]))


def test_properties_become_text_properties() -> None:
    loaded: Any = openpyxl.load_workbook(io.BytesIO(written(view(), properties={"publish_no": "12"})))
    assert [(p.name, p.value) for p in loaded.custom_doc_props.props] == [("publish_no", "12")]


def test_the_first_page_says_as_of_when_in_large_type_and_who_has_not_reported(book: Any) -> None:
    front = book["首页"]
    assert front["A2"].value == "截至 2026年11月20日"
    assert front["A2"].font.sz >= 24
    assert front["A3"].value.startswith("数据收到：最近一次保存 2026年11月20日 16:02")
    assert "1个单位：工会" in texts(front)
    assert "16:02 保存：读到2行，全部入库" in texts(front)


def test_the_first_page_links_to_every_sheet_and_to_units_books(book: Any) -> None:
    links = [cell.hyperlink for row in book["首页"].iter_rows() for cell in row if cell.hyperlink]
    inside = {link.location for link in links if link.location}
    assert inside == {f"'{name}'!A1" for name in book.sheetnames if name != "首页"}
    outside = [link.target.replace("\\", "/") for link in links if link.target]  # Excel writes either
    assert outside == ["../02各单位填报/办公室.xlsx", "../02各单位填报/宣传科.xlsx"]


def test_charts_carry_their_values_with_them() -> None:
    with zipfile.ZipFile(io.BytesIO(written(view(*ROWS)))) as parts:
        lights, units = (parts.read(f"xl/charts/chart{at}.xml").decode() for at in (1, 2))
    assert "<c:doughnutChart>" in lights
    assert '<c:pt idx="0"><c:v>红</c:v></c:pt>' in lights
    for unit in ("办公室", "宣传科", "工会"):
        assert f"<c:v>{unit}</c:v>" in units
    assert "<c:v>0.8</c:v>" in units


def test_values_are_real_dates_shares_and_numbers_and_text_stays_text(book: Any) -> None:
    sheet = book["活动台账"]
    leaves = [cell.value for cell in sheet[4]]
    assert leaves == ["单位", "行标识", "日期", "活动名称", "参加人数", "到会率", "来源", "保存时间"]
    first, second = list(sheet.iter_rows(min_row=5, max_row=6))
    assert [cell.value for cell in first] == [
        "宣传科",
        "HD-D02-0007",
        datetime(2026, 3, 5),
        "=1+1",
        86,
        0.95,
        "宣传科.xlsx › 活动台账!7",
        datetime(2026, 11, 20, 16, 2),
    ]
    assert [cell.data_type for cell in first[2:6]] == ["d", "s", "n", "n"]
    assert (first[2].number_format, first[5].number_format) == ("yyyy-mm-dd", "0%")
    assert [cell.value for cell in second[2:6]] == ["3月初", "读书会", "约80人", 0.125]


def test_both_readers_see_the_same_numbers_as_text() -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(written(view(*ROWS)))).get_sheet_by_name("总台账").to_python()
    assert [row[0] for row in rows[4:]][:4] == ["1.10", "2.1", "2.1", "2.1"]


def test_units_rows_are_outlined_below_their_task_and_lights_are_filled_with_their_sign(
    book: Any,
) -> None:
    sheet = book["总台账"]
    levels = [sheet.row_dimensions[row].outline_level for row in range(5, 9)]
    assert levels == [0, 0, 1, 1]
    assert sheet.sheet_properties.outlinePr.summaryBelow is False
    light = next(cell.column for cell in sheet[4] if cell.value == "亮灯")
    assert [(c.value, c.fill.fgColor.rgb) for row in (5, 6) for c in [sheet.cell(row, light)]] == [
        ("绿", "FFA9D18E"),
        ("红", "FFE06666"),
    ]


def test_tables_print_on_a3_landscape_with_their_header_on_every_page(book: Any) -> None:
    for name in book.sheetnames[1:]:
        sheet = book[name]
        assert sheet.page_setup.paperSize == 8
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$4"
        assert sheet.freeze_panes.endswith("5")
        assert sheet.auto_filter.ref.startswith("A4:")
        assert "&P" in sheet.oddFooter.center.text


def test_groups_are_merged_in_the_first_header_row_and_never_over_both(book: Any) -> None:
    merged = {str(area) for area in book["活动台账"].merged_cells.ranges}
    assert merged == {"A1:H1", "C3:D3", "E3:F3", "G3:H3"}


def test_every_row_of_a_data_sheet_carries_its_id_in_a_hidden_column_that_changes_nothing_to_be_seen(book: Any) -> None:
    sheet = book["活动台账"]
    assert [cell.value for cell in sheet["B"]][2:] == ["activities", "行标识", "HD-D02-0007", "HD-D02-0008"]
    assert [letter for letter, column in sheet.column_dimensions.items() if column.hidden] == ["B"]
    assert sheet.freeze_panes == "D5"  # 单位 and the first column of its own, as before
    long = replace(activity(7, name="植树"), id="HD-" + "很长的编码" * 20)
    heights = [
        line.height
        for row in (activity(7, name="植树"), long)
        for line in data_lines(ACTIVITIES, Block(UNITS[1], (row,)))
    ]
    assert heights[0] == heights[1]


def test_the_first_page_says_when_the_inbox_is_open_and_new_items_wait(book: Any) -> None:
    note = "待我处理.xlsx 正打开着，另有3项新事项，关闭后会出现"
    front = openpyxl.load_workbook(io.BytesIO(written(replace(view(*ROWS), inbox_note=note))))["首页"]
    assert front["A4"].value == note
    assert book["首页"]["A4"].value is None
    without = [text for text in texts(front) if text != note]
    assert without == texts(book["首页"])


def test_signature_lines_stand_below_the_lists_that_are_signed(book: Any) -> None:
    for name in ("首页", "总台账", "红黄灯清单"):
        assert any(text.startswith("填报人：") for text in texts(book[name]))


def test_an_added_column_of_a_unit_is_shown_only_where_some_row_has_one() -> None:
    shown = view(activity(5, extra=(("科室备注", "已上会"), ("经费", 1200.0)), name="甲"), activity(6, name="乙"))
    sheet = openpyxl.load_workbook(io.BytesIO(written(shown)))["活动台账"]
    assert sheet["I4"].value == "附加列"
    assert [sheet["I5"].value, sheet["I6"].value] == ["附加列：科室备注=已上会；经费=1200", None]


def test_an_empty_ledger_still_makes_a_whole_book() -> None:
    empty = replace(LEDGER, tasks=(), units=())
    state = LedgerState((), ())
    shown = overview(empty, state, assess(empty, state, AS_OF, Workdays()), Workdays())
    loaded = openpyxl.load_workbook(io.BytesIO(written(shown)))
    assert loaded["待处理事项"]["A5"].value == "（无）"
    assert "（全部已报）" in texts(loaded["首页"])


def test_data_sheets_never_take_the_name_of_a_computed_one() -> None:
    clash = replace(LEDGER, sheets=(TASKS, replace(ACTIVITIES, name="首页"), replace(ACTIVITIES, name="摸排/上报")))
    names = openpyxl.load_workbook(io.BytesIO(written(view(ledger=clash)))).sheetnames
    assert names[0] == "首页"
    assert len({name.casefold() for name in names}) == len(names) == 8


def test_a_units_rows_depend_on_schema_unit_and_rows_alone() -> None:
    rows = [activity(at, name=f"活动{at}") for at in range(5, 9)]
    whole = list(data_lines(ACTIVITIES, Block(UNITS[1], tuple(rows))))
    assert whole == [line for row in rows for line in data_lines(ACTIVITIES, Block(UNITS[1], (row,)))]
    assert len(whole[0].values) == len(data_headings(ACTIVITIES)) - 1


def test_odd_values_are_shown_as_they_are() -> None:
    odd = activity(5, date=CellError("#REF!"), name=None, headcount=True, rate="八成")
    (line,) = data_lines(ACTIVITIES, Block(UNITS[1], (odd,)))
    assert list(line.values[2:6]) == [CellError("#REF!"), None, True, "八成"]
    written(view(odd))


def test_a_value_that_does_not_fit_its_column_is_marked_and_line_2_says_what_the_mark_means(book: Any) -> None:
    sheet = book["活动台账"]
    marked = {cell.coordinate for row in sheet.iter_rows(min_row=5) for cell in row if cell.font.i}
    assert marked == {"C6", "E6"}  # 3月初, 约80人
    assert sheet["C6"].font.color.rgb == "FF8B1A1A"
    assert "斜体暗红的值" in sheet["A2"].value
    assert "斜体暗红的值" not in book["任务清单"]["A2"].value


def test_the_support_sheet_says_how_many_rows_are_blank() -> None:
    support = Sheet("support", "配合任务", SheetKind.SUPPORT, (Column("report", "配合完成情况"),), ALL)
    ledger = replace(LEDGER, sheets=(TASKS, support))
    rows = (Row("T0001", "support", "D02", {"report": "已转发"}), Row("T0001", "support", "D03", {}))
    sheet = openpyxl.load_workbook(io.BytesIO(written(view(*rows, ledger=ledger))))["配合任务"]
    assert sheet["A2"].value.endswith("共2行，只列单位已填写的1行，其余1行尚未填写")
    assert [row[2].value for row in sheet.iter_rows(min_row=5)] == ["已转发"]


def test_a_unit_that_has_time_left_is_not_marked_and_a_late_one_is(book: Any) -> None:
    def reported(front: Any) -> dict[str, str]:
        cells = [cell for row in front.iter_rows() for cell in row if "截止）" in str(cell.value)]
        return {str(cell.value): cell.fill.fgColor.rgb[-6:] for cell in cells}

    assert reported(book["首页"]) == {"本期未报（11月20日截止）": "DDEBF7", "未报（11月20日截止）": "000000"}
    ledger = replace(LEDGER, settings=replace(LEDGER.settings, week_last_day=3))
    state = LedgerState((), (), last_week=WeekMarks("2026-W46", "2026-11-11T16:00:00"))
    days = Workdays()
    late = overview(ledger, state, assess(ledger, state, AS_OF, days, opened=date(2026, 11, 2)), days)
    front = openpyxl.load_workbook(io.BytesIO(written(late)))["首页"]
    assert reported(front) == {"逾期（11月18日截止）": LEDGER.settings.colour(Light.RED)}


def test_rows_are_as_tall_as_their_longest_wrapped_text() -> None:
    assert lines_of("文明" * 10, 20) == 3
    assert lines_of("a\n\nb", 20) == 3
    assert (
        table_height(["文" * 40, None, 3], [20, 8, 8])
        > table_height(["文" * 10, None, 3], [20, 8, 8])
        > table_height([], [])
    )
    assert table_height(["文" * 9000], [20]) == 409


def test_the_source_names_file_sheet_and_row() -> None:
    assert source_text(Source("02各单位填报/宣传科.xlsx", "activities", 7), ACTIVITIES) == "宣传科.xlsx › 活动台账!7"
    assert source_text(Source("宣传科.xlsx")) == "宣传科.xlsx"
    assert source_text(Source()) == ""
