"""Which lines below a header are records, what merged cells hold, and what is said of the rest."""

from __future__ import annotations

import pytest

from syncer.core.problems import Problem
from syncer.core.reading.headers import match_headers
from syncer.core.reading.lines import Line, LineKind, kind_of, listed
from syncer.core.reading.records import Records, read_records
from syncer.core.reading.worksheet import free_rows, last_row
from syncer.core.values import Scalar
from tests.core.tables_as_text import compiled, lines, merged_table, sheet_of

LEDGER, _ = compiled()
ACTIVITIES, TASKS = sheet_of(LEDGER, "activities"), sheet_of(LEDGER, "tasks")
HEADER = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |"
PLAN = "| 任务编号 | 重点任务 | 行标识 | 已完成量 | 完成率 | 工作状态 | 本周完成情况 | 备注 |"


def read(text: str, header: str = HEADER) -> Records:
    sheet = TASKS if header == PLAN else ACTIVITIES
    table = merged_table(sheet.name, f"{header}\n{text}")
    match, _ = match_headers(table, sheet, "")
    assert match is not None
    return read_records(table, match, sheet, "宣传科.xlsx")


def column(records: Records, code: str) -> dict[int, Scalar]:
    return {row.row: row.raw.get(code) for row in records.rows}


def said(records: Records) -> dict[str, dict[str, str]]:
    return {p.code: dict(p.facts) for p in records.problems}


# ---- what a line is


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("| 合计 | | 130 |", LineKind.TOTAL),
        ("| 合　计： | 5场 | 130 |", LineKind.TOTAL),
        ("| 一季度小计 | 3场 | 90 |", LineKind.TOTAL),
        ("| 总计（人次） | 三场 | 90 |", LineKind.TOTAL),
        ("| 合计测算培训 | 30 |", LineKind.RECORD),
        ("| 合计 | 2026-03-05 | 30 |", LineKind.RECORD),
        ("| 合计 | 滨河路 | 王芳 | 植树造林 |", LineKind.RECORD),
        ("| 填报人：周样本 | 审核人： |", LineKind.SIGNATURE),
        ("| 填报人 | 周样本 | 审核人 | 李样本 |", LineKind.SIGNATURE),
        ("| 填报人 周样本 |", LineKind.SIGNATURE),
        ("| 单位负责人（签字）： | | 填报日期：2026年11月 |", LineKind.SIGNATURE),
        ("| 负责人签字 |", LineKind.SIGNATURE),
        ("| （盖章） |", LineKind.SIGNATURE),
        ("| 单位（盖章）： |", LineKind.SIGNATURE),
        ("| 联系电话：0871-1234 |", LineKind.SIGNATURE),
        ("| 审核人员培训 | 30 |", LineKind.RECORD),
        ("| 章程学习会 | 30 |", LineKind.RECORD),
        ("| 盖章签字流程培训会议 | 30 |", LineKind.RECORD),
        ("| 联系人制度落实 | 30 |", LineKind.RECORD),
        ("| 备注：数据截至11月 |", LineKind.REMARK),
        ("| 说明:本表每周五报 |", LineKind.REMARK),
        ("| 注1：含离退休人员 |", LineKind.REMARK),
        ("| 说明会 | 30 |", LineKind.RECORD),
        ("| 注册志愿者 | 30 |", LineKind.RECORD),
        ("| 说明：甲 | 乙地 | 丙 | 丁事 |", LineKind.RECORD),
        ("| 一、组织建设 |", LineKind.HEADING),
        ("| （二）思想教育 |", LineKind.HEADING),
        ("| 第三部分 创建活动 |", LineKind.HEADING),
        ("| 3月 |", LineKind.HEADING),
        ("| 一、组织建设 | 30 |", LineKind.RECORD),
        ("| | | 一、组织建设 |", LineKind.RECORD),
        ("| 读书会 |", LineKind.RECORD),
        ("| 30 |", LineKind.RECORD),
    ],
)
def test_a_line_is_known_by_all_of_its_cells(line: str, kind: LineKind) -> None:
    cells = {at: cell for at, cell in enumerate(lines(line)[0], 1) if cell is not None}
    assert kind_of(Line(cells)) is kind


def test_a_text_across_the_table_heads_a_section() -> None:
    assert kind_of(Line({1: "创建活动"}, across=8)) is LineKind.HEADING
    assert kind_of(Line({1: "创建活动"}, across=2)) is LineKind.RECORD


# ---- headings, totals, remarks


def test_sections_subtotals_and_remarks_are_no_records_and_are_said_once_with_their_texts() -> None:
    records = read(
        """
        | 一、组织建设 | ← | | ← | ← | ← | ← | ← |
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        | 小计 | | | | 30 |
        | 二、思想教育 | ← | | ← | ← | ← | ← | ← |
        | | 2026-03-06 | | 读书会 | 12 |
        | 小计 | | | | 12 |
        | 合计 | | | | 42 |
        | 说明：含离退休人员 |
        | 填报人：周样本 | | | | 审核人：李样本 |
        """
    )
    assert column(records, "name") == {3: "植树", 6: "读书会"}
    assert said(records) == {
        "ROW-010": {
            "lines": "“一、组织建设”（第2行）、“小计”（第4行）、“二、思想教育”（第5行）、“说明：含离退休人员”（第9行）"
        }
    }


def test_totals_and_signatures_at_the_end_go_without_saying_but_not_what_else_stands_in_them() -> None:
    assert said(read("| | 2026-03-05 | | 植树 | 30 |\n| 合计 | | | | 30 |\n| 填报人：周样本 |")) == {}
    assert said(read("| | 2026-03-05 | | 植树 | 30 |\n| 合计 | | | 1场 | 30 |")).keys() == {"ROW-010"}


def test_a_row_with_an_id_is_a_record_whatever_it_begins_with() -> None:
    records = read("| | 2026-03-05 | HD-D02-0001 | 合计 | 30 |\n| | | HD-D02-0002 | 说明：本周无 |")
    assert column(records, "name") == {2: "合计", 3: "说明：本周无"}


@pytest.mark.parametrize(
    "line",
    [
        "| | | HD-D02-0005 | 合计 | 30 |",
        "| 合计 | | HD-D02-0005 | | 30 |",  # over the number that the system had written
        "| HD-D02-0005 | | HD-D02-0005 | 上半年小计 | 30 |",
        "| | 合计 | HD-D02-0005 | | 30 |",
        "| | | HD-D02-0005 | 共计人数： | 30 |",
    ],
)
def test_but_for_a_total_typed_on_the_next_reserved_line(line: str) -> None:
    records = read(f"| | 2026-03-05 | HD-D02-0001 | 植树 | 30 |\n{line}\n| | | HD-D02-0006 |")
    assert column(records, "name") == {2: "植树"}
    [told] = said(records).values()
    assert "计" in told["lines"]


def test_a_heading_typed_across_a_reserved_row_is_said() -> None:
    records = read("| 一、组织建设 | ← | HD-D02-0001 | | | | | |\n| | 2026-03-05 | HD-D02-0002 | 植树 |")
    assert column(records, "name") == {3: "植树"}
    assert said(records) == {"ROW-010": {"lines": "“一、组织建设”（第2行）"}}


def test_many_such_lines_are_counted_after_the_first_five() -> None:
    rows = "".join(f"| 第{n}季度 | ← | ← | ← |\n| | 2026-03-0{n} | | 活动{n} |\n" for n in range(1, 8))
    assert said(read(rows))["ROW-010"]["lines"].endswith("“第5季度”（第10行）等7行")


def test_a_text_beside_a_reserved_line_in_which_nothing_else_stands_is_told_of() -> None:
    records = read("| | | HD-D02-0005 | | | | | | 记得带横幅 |\n| | | HD-D02-0006 |")
    assert (records.rows, said(records)) == ([], {"ROW-010": {"lines": "“记得带横幅”（第2行）"}})
    assert said(read("| HD-D02-0005 | | HD-D02-0005 |")) == {}  # what the system itself writes there


def test_an_unnumbered_title_of_a_section_in_a_column_that_is_not_typed_in_is_said() -> None:
    assert said(read("| 自办活动 |\n| | 2026-03-05 | | 植树 |")) == {"ROW-010": {"lines": "“自办活动”（第2行）"}}


# ---- the header again, another table


def test_a_page_head_copied_into_the_data_is_skipped_with_its_title_and_said() -> None:
    table = merged_table(
        "活动台账",
        f"""
        | 活动台账 | ← | ← | ← |
        | 填报单位：宣传科 |
        | 基本情况 | ← | ← | ← | 参与 | ← | 内容 | ← |
        {HEADER}
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        |
        | 活动台账 |
        | 填报单位：宣传科 |
        | 基本情况 | | | | 参与 | | 内容 |
        {HEADER}
        | | 2026-03-06 | HD-D02-0002 | 读书会 | 12 |
        {HEADER.replace("行标识", "")}
        | | 2026-03-07 | HD-D02-0003 | 讲座 | 20 |
        """,
    )
    match, problems = match_headers(table, ACTIVITIES, "")
    assert match is not None
    records = read_records(table, match, ACTIVITIES, "")
    assert problems == []
    assert column(records, "name") == {5: "植树", 11: "读书会", 13: "讲座"}
    assert said(records) == {"HEAD-010": {"rows": "第10行、第12行"}}


def test_a_record_whose_cells_merely_sound_like_headers_is_a_record() -> None:
    records = read("| | 2026-03-05 | | 活动名称 | | | 主要内容 |")
    assert column(records, "name") == {2: "活动名称"}
    assert said(records) == {}


OTHER_TABLE = """
    | | 2026-03-05 | {0} | 植树 | 30 |
    |
    | 参加人员名单 |
    | 序号 | 姓名 | 单位 | 备注 |
    | 1 | 周样本 | 宣传科 | {1} |
"""


def test_another_table_below_is_not_read_and_said() -> None:
    records = read(OTHER_TABLE.format("", ""))
    assert column(records, "name") == {2: "植树"}
    assert said(records)["SHEET-004"] == {"where": "第5行起"}


def test_rows_with_ids_are_never_left_to_another_table() -> None:
    records = read(OTHER_TABLE.format("", "") + "| | 2026-03-06 | HD-D02-0001 | 读书会 |")
    assert "读书会" in column(records, "name").values()
    assert "SHEET-004" not in said(records)


def test_the_same_columns_in_another_order_below_are_another_table() -> None:
    records = read(
        "| | 2026-03-05 | | 植树 | 30 |\n|\n| 日期 | 活动名称 | | 参加人数 |\n| 2025-03-05 | 去年植树 | | 9 |"
    )
    assert column(records, "name") == {2: "植树"}
    assert said(records) == {"SHEET-004": {"where": "第4行起"}}


def test_what_stands_beside_is_not_read_as_ours() -> None:
    records = read(
        "| | 2026-03-05 | | 植树 | 30 | | | | | 1 | 2025-03-05 | 去年植树 | 9 |\n| | | | | | | | | | 2 | 2025-04-05 | 踏青 | 9 |",
        HEADER + " | 序 | 日期 | 活动名称 | 参加人数 |",
    )
    assert [(row.row, dict(row.extra)) for row in records.rows] == [(2, {})]


# ---- merged cells


def test_a_merged_cell_belongs_to_each_of_its_rows_and_blanks_to_none() -> None:
    records = read(
        """
        | 2.1 | 主题宣讲 | T0002 | | | 推进中 | 两项一并推进 |
        | 2.2 | 道德讲堂 | T0003 | | | ↑ | ↑ |
        | 2.3 | 读书活动 | T0004 | | | | |
        """,
        PLAN,
    )
    assert column(records, "status") == {2: "推进中", 3: "推进中", 4: None}
    assert column(records, "this_week") == {2: "两项一并推进", 3: "两项一并推进", 4: None}
    assert [(p.code, p.column, dict(p.facts)) for p in records.problems] == [
        ("ROW-011", "工作状态、本周完成情况", {"rows": "第3行"})
    ]


def test_the_text_of_a_merge_across_belongs_to_its_first_column() -> None:
    records = read("| | 2026-03-05 | | 植树 | 30 | | 滨河路 | ← |\n| | 2026-03-06 | | 读书会 | ← | ← | 党史 |")
    assert column(records, "content") == {2: "滨河路", 3: "党史"}
    assert column(records, "closed") == {2: None, 3: None}
    assert column(records, "headcount") == {2: 30, 3: None}


def test_a_record_two_lines_high_is_one_record() -> None:
    records = read(
        """
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        | ↑ | ↑ | HD-D02-0002 | ↑ | ↑ |
        | | 2026-03-06 | | 读书会 | 12 |
        | ↑ | ↑ | | ↑ | ↑ |
        """
    )
    assert column(records, "name") == {2: "植树", 4: "读书会"}


def test_a_cell_that_holds_something_under_a_merge_keeps_it() -> None:
    table = merged_table("活动台账", f"{HEADER}\n| | 2026-03-05 | | 植树 |\n| | ↑ | | 读书会 |")
    rows = (*table.rows[:2], (None, 5, *table.rows[2][2:]))
    table = type(table)(table.name, rows, table.merged)
    match, _ = match_headers(table, ACTIVITIES, "")
    assert match is not None
    assert [row.raw["date"] for row in read_records(table, match, ACTIVITIES, "").rows][1] == 5


def test_merged_ids_lend_nothing() -> None:
    records = read("| | 2026-03-05 | HD-D02-0001 | 植树 |\n| | 2026-03-06 | ↑ | 读书会 |")
    assert [row.id for row in records.rows] == ["HD-D02-0001", ""]


def test_a_header_merged_into_the_first_record_lends_nothing_and_swallows_no_record() -> None:
    records = read("| | 2026-03-05 | | 植树 | ↑ |\n| | 2026-03-06 | | 读书会 | 12 |")
    assert column(records, "name") == {2: "植树", 3: "读书会"}
    assert column(records, "headcount") == {2: None, 3: 12}


def test_a_reserved_row_under_a_merge_is_not_free_and_rows_are_added_below_it() -> None:
    table = merged_table(
        "活动台账", f"{HEADER}\n| | 2026-03-05 | HD-D02-0001 | 植树 |\n| | ↑ | HD-D02-0002 |\n| | | HD-D02-0003 | |"
    )
    match, _ = match_headers(table, ACTIVITIES, "")
    assert match is not None
    assert free_rows(table, match, ACTIVITIES, "HD-D02-") == (4,)
    tall = merged_table("活动台账", f"{HEADER}\n| | 2026-03-05 | | 植树 |\n| | ↑ |\n| | ↑ |")
    assert last_row(tall) == 4


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([5], "第5行"),
        ([9, 5, 6, 7], "第5–7行、第9行"),
        ([1, 3, 5, 7, 9, 11, 12], "第1行、第3行、第5行、第7行、第9行等7行"),
    ],
)
def test_rows_are_listed_as_a_person_reads_them(numbers: list[int], text: str) -> None:
    assert listed(numbers) == text


def test_nothing_is_said_of_an_ordinary_sheet() -> None:
    found: tuple[Problem, ...] = read("| | 2026-03-05 | HD-D02-0001 | 植树 | 30 |\n| | | HD-D02-0002 |").problems
    assert found == ()
