from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest

from syncer.core.model import Light, Settings
from syncer.core.reports.tallies import MonthTable
from syncer.core.reports.voices import WeekLine
from syncer.core.reports.weekly import DueLine, MissingLine, WeeklyReport
from syncer.core.values import column_letter
from syncer.excel.heights import text_width
from syncer.excel.weeklybook import write_weekly

LINE = WeekLine(
    number="1.1",
    title="开展道德讲堂活动",
    who="宣传科（各支部）",
    deadline="每季度1次",
    status="推进中",
    percent="60%（+5）",
    this_week="=举办第四期",
    next_week="整理资料",
    trouble="缺经费",
    help="请财务支持",
    light=Light.YELLOW,
    light_text="黄 落后12个百分点",
)
REPORT = WeeklyReport(
    week="2026-W47",
    title="某局文明单位创建工作周报（2026年第47周）",
    office="某局",
    start=date(2026, 11, 14),
    end=date(2026, 11, 20),
    as_of=date(2026, 11, 20),
    summary="共2项任务（黄1、绿1）；已完成0项，本周有进展1项。",
    lines=(LINE,),
    rest="其余1项：按序时推进1项",
    notes=("本周未报送的单位（1个）：人事科。",),
    missing=(MissingLine("人事科", "本周进展", date(2026, 11, 20), False, None, "发放后从未保存", "王某", "000-0002"),),
    due=(
        DueLine(date(2026, 11, 27), "2.1", "志愿服务", "办公室", "办公室（各支部）", light=Light.BLUE, light_text="蓝"),
    ),
    group_line="【创建工作第47周】未报送：人事科。",
)


def made(report: WeeklyReport = REPORT, *, draft: bool = False, tables: tuple[MonthTable, ...] = ()) -> bytes:
    out = io.BytesIO()
    write_weekly(out, report, Settings(2026), draft=draft, tables=tables)
    return out.getvalue()


def book_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def texts(sheet: Any) -> list[str]:
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]


def test_the_book_has_the_three_sheets_titled_and_dated() -> None:
    book = book_of(made())
    assert book.sheetnames == ["汇总", "未报送", "下周到期"]
    sheet = book["汇总"]
    assert sheet["A1"].value == REPORT.title
    assert [cell.value for cell in sheet[2] if cell.value] == [
        "填报单位（盖章）：某局",
        "统计周期：2026年11月14日—11月20日",
        "填报日期：2026年11月20日",
    ]


def test_a_row_stands_under_its_headers() -> None:
    sheet = book_of(made())["汇总"]
    named = {str(head.value).replace("\n", ""): cell.value for head, cell in zip(sheet[3], sheet[4], strict=True)}
    assert named == {
        "序号": 1,
        "任务编号": "1.1",
        "重点任务": "开展道德讲堂活动",
        "牵头（配合）": "宣传科（各支部）",
        "完成时限": "每季度1次",
        "工作状态": "推进中",
        "完成率（较上周±）": "60%（+5）",
        "本周完成情况": "=举办第四期",
        "下周工作计划": "整理资料",
        "存在问题": "缺经费",
        "需协调事项": "请财务支持",
        "亮灯": "黄 落后12个百分点",
    }
    assert sheet["H4"].data_type == "s"


def test_the_light_wears_the_colour_of_the_settings() -> None:
    assert book_of(made())["汇总"]["L4"].fill.fgColor.rgb[-6:] == Settings(2026).colour(Light.YELLOW)


def test_below_the_rows_stand_the_rest_the_totals_the_notes_and_the_signatures() -> None:
    assert texts(book_of(made())["汇总"])[-6:] == [
        REPORT.rest,
        REPORT.summary,
        "注：" + REPORT.notes[0],
        "审核人：",
        "填报人：",
        "电话：",
    ]


@pytest.mark.parametrize("sheet", ["汇总", "未报送", "下周到期"])
def test_a_draft_says_so_in_every_title_and_an_issued_book_in_none(sheet: str) -> None:
    assert str(book_of(made(draft=True))[sheet]["A1"].value).endswith("（送审稿）")
    assert "送审稿" not in "".join(texts(book_of(made())[sheet]))


def test_missing_units_come_with_whom_to_call_and_the_line_for_the_group() -> None:
    said = texts(book_of(made())["未报送"])
    assert {"人事科", "本周进展", "11月20日", "从未填报", "发放后从未保存", "王某", "000-0002"} <= set(said)
    assert said[-1] == REPORT.group_line


def test_what_falls_due_comes_with_its_weekday() -> None:
    assert {"11月27日（周五）", "2.1", "办公室（各支部）"} <= set(texts(book_of(made())["下周到期"]))


@pytest.mark.parametrize("sheet", ["汇总", "未报送", "下周到期"])
def test_the_line_below_the_title_gives_each_field_the_width_of_its_text(sheet: str) -> None:
    page = book_of(made(replace(REPORT, office="云岭市建设管理局")))[sheet]
    widths = [page.column_dimensions[column_letter(at)].width for at in range(1, page.max_column + 1)]
    fields = [(cell.column, str(cell.value)) for cell in page[2] if cell.value]
    ends = [column for column, _ in fields[1:]] + [page.max_column + 1]
    assert len(fields) == 3
    for (first, text), after in zip(fields, ends, strict=True):
        assert sum(widths[first - 1 : after - 1]) > text_width(text), text


def test_a_draft_of_the_day_of_issue_says_when_its_period_begins() -> None:
    sheet = book_of(made(replace(REPORT, start=date(2026, 11, 21)), draft=True))["汇总"]
    assert "统计周期：2026年11月21日起" in texts(sheet)


def test_each_block_of_the_tallies_has_one_header_and_no_box_beyond_its_columns() -> None:
    wide = MonthTable("志愿服务", (1, 2), ("参加人数\n（人）", "总时长\n（小时）"), (("合计", (1, 0), 1, (8.0, 20.0)),))
    narrow = MonthTable("问题整改", (1, 2), (), (("合计", (0, 1), 1, ()),))
    sheet = book_of(made(tables=(wide, narrow)))["统计"]
    assert sheet.print_title_rows == "$1:$2"
    heads = [[cell.value for cell in row if cell.value] for row in sheet.iter_rows() if row[0].value == "单位"]
    assert heads == [["单位", "1月", "2月", "合计", *wide.sums], ["单位", "1月", "2月", "合计"]]
    for row in sheet.iter_rows(min_row=3):
        if row[0].value in {"单位", "合计"}:
            blank = [cell for cell in row[4:] if cell.value is None]
            assert not any(cell.border.left.style for cell in blank)


def test_empty_lists_are_said_in_words() -> None:
    book = book_of(made(replace(REPORT, lines=(), rest="", notes=(), missing=(), due=())))
    assert "本周没有需要单列的任务" in texts(book["汇总"])
    assert "应报单位均已报送" in texts(book["未报送"])
    assert "下周没有到期事项" in texts(book["下周到期"])


@pytest.mark.parametrize("sheet", ["汇总", "未报送", "下周到期"])
def test_it_prints_on_a4_landscape_one_page_wide_with_repeated_headers(sheet: str) -> None:
    setup = book_of(made())[sheet]
    assert (setup.page_setup.paperSize, setup.page_setup.orientation) == (9, "landscape")
    assert (setup.page_setup.fitToWidth, setup.page_setup.fitToHeight) in {(1, 0), (None, 0)}
    assert setup.print_title_rows == "$1:$3"


def test_rows_are_as_tall_as_their_longest_text_and_may_grow() -> None:
    long = replace(LINE, this_week="很长的完成情况" * 30)
    content = made(replace(REPORT, lines=(LINE, long)))
    sheet = book_of(content)["汇总"]
    assert sheet.row_dimensions[5].height > 3 * sheet.row_dimensions[4].height
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        rows = re.findall(r'<row r="(\d+)"([^>]*)>', package.read("xl/worksheets/sheet1.xml").decode())
    assert {number for number, rest in rows if "customHeight" in rest} == {"1", "2", "3"}


def test_no_two_merged_ranges_overlap() -> None:
    for sheet in book_of(made()):
        cells = [cell for merged in sheet.merged_cells.ranges for row in merged.rows for cell in row]
        assert len(cells) == len(set(cells))


def test_the_same_report_gives_the_same_bytes() -> None:
    assert made() == made()
    assert made() != made(draft=True)
