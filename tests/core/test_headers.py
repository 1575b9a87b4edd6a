from __future__ import annotations

import pytest

from syncer.core.problems import Problem
from syncer.core.reading.header_names import header_key
from syncer.core.reading.headers import match_headers
from tests.core.tables_as_text import codes, compiled, sheet_of, table

LEDGER, _ = compiled()
SHEET = sheet_of(LEDGER, "activities")
ISSUED = """
    | 活动台账 |
    | 填报单位：宣传科 | 填报人： |
    | 基本情况 |          |        | 参与     |          | 内容     |      |        |
    | 活动编号 | 日期     | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 备用1 | 备用2 |
    |          | 2026-03-05 | HD-D02-0001 | 植树 |
"""


def found(text: str) -> tuple[int, dict[str, int], int, list[str]]:
    match, problems = match_headers(table("活动台账", text), SHEET, "宣传科.xlsx")
    assert match is not None
    return match.row, match.columns, match.id_column, codes(problems)


def test_the_leaf_header_is_found_below_title_fill_in_line_and_groups() -> None:
    columns = {"no": 1, "date": 2, "name": 4, "headcount": 5, "tasks": 6, "content": 7, "closed": 8}
    assert found(ISSUED) == (4, columns, 3, [])


def test_rows_pasted_above_and_columns_moved_do_not_matter() -> None:
    text = "|\n| 请尽快填报 |\n|\n|\n| 销号 | 主要内容 | 活动名称 | 日期 | 行标识 | 活动编号 | 对应任务 | 参加人数 |"
    row, columns, id_column, problems = found(text)
    assert (row, id_column, problems) == (5, 5, [])
    assert columns == {"closed": 1, "content": 2, "name": 3, "date": 4, "no": 6, "tasks": 7, "headcount": 8}


def test_a_column_goes_by_its_other_names_and_a_measure_a_star_and_width_do_not_matter() -> None:
    text = "| 活动编号 | 时　间 | 行标识 | 活动 | *参加人数（人） | 对应任务 | 主要\\n内容※ | 销号 |"
    row, columns, _, problems = found(text)
    assert (row, problems) == (1, [])
    assert {columns[code] for code in ("date", "name", "headcount", "content")} == {2, 4, 5, 7}


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("完成率（％）*", "完成率"),
        ("＊日期", "日期"),
        ("时长(小时)", "时长"),
        ("参加人数【人】", "参加人数"),
        ("(备注)", "(备注)"),
        ("（必填）日期", "(必填)日期"),
    ],
)
def test_a_header_is_compared_without_star_and_measure(header: str, key: str) -> None:
    assert header_key(header) == key


def test_columns_that_differ_only_in_their_brackets_are_told_apart() -> None:
    ledger, problems = compiled(
        added={"栏目设置": "| 活动台账 | men | | 人数（男） |\n| 活动台账 | women | | 人数（女） |"}
    )
    assert problems == ()
    header = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 人数(男) | 人数(女) |"
    match, said = match_headers(table("活动台账", header), sheet_of(ledger, "activities"), "")
    assert match is not None
    assert (match.columns.get("men"), match.columns.get("women"), said) == (9, 10, [])


def test_a_columns_own_name_wins_over_anothers_alias() -> None:
    ledger, _ = compiled(added={"栏目设置": "| 活动台账 | place | | 时间 |"})
    header = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 时间 |"
    match, problems = match_headers(table("活动台账", header), sheet_of(ledger, "activities"), "")
    assert match is not None
    assert (match.columns["date"], match.columns["place"], problems) == (2, 9, [])


def test_of_a_column_that_stands_twice_the_left_one_is_read_and_the_other_pointed_out() -> None:
    text = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 活动 名称 |"
    match, problems = match_headers(table("活动台账", text), SHEET, "宣传科.xlsx")
    assert match is not None
    assert match.columns["name"] == 4
    assert [(p.code, p.place.cell, p.found) for p in problems] == [("HEAD-003", "I1", "活动 名称")]


def test_a_missing_column_is_named_and_the_others_are_read() -> None:
    match, problems = match_headers(table("活动台账", "| 活动编号 | 日期 | 行标识 | 活动名称 |"), SHEET, "宣传科.xlsx")
    assert match is not None
    assert set(match.columns) == {"no", "date", "name"}
    assert [(p.code, p.column) for p in problems] == [
        ("HEAD-002", "参加人数"),
        ("HEAD-002", "对应任务"),
        ("HEAD-002", "主要内容"),
        ("HEAD-002", "销号"),
    ]


def test_a_deleted_id_column_is_pointed_out_and_the_rows_are_still_readable() -> None:
    _, columns, id_column, problems = found(ISSUED.replace("行标识", "      ").replace("HD-D02-0001", ""))
    assert (len(columns), id_column, problems) == (7, 0, ["HEAD-004"])


def test_an_id_column_that_lost_its_header_is_known_by_its_ids() -> None:
    _, columns, id_column, problems = found(ISSUED.replace("行标识", "      "))
    assert (len(columns), id_column, problems) == (7, 3, ["HEAD-009"])


def test_a_column_the_unit_added_is_extra_and_a_spare_one_is_nothing() -> None:
    match, problems = match_headers(table("活动台账", ISSUED.replace("备用1", "天气")), SHEET, "")
    assert match is not None
    assert (match.extra, problems) == ((("天气", 9),), [])


def test_a_retired_column_is_neither_read_nor_extra_but_another_column_may_carry_on_its_name() -> None:
    head = "| 表名 | 字段代码 | 列名 | 别名 | 状态 |"
    rows = """
        | 活动台账 | name  | 活动名称 | | 启用 |
        | 活动台账 | old   | 联系人 | | 停用 |
        | 活动台账 | gone  | 天气 | | 停用 |
        | 活动台账 | new   | 联络员 | 联系人 | 启用 |
        | 任务清单 | no    | 编号 |
    """
    ledger, _ = compiled({"栏目设置": f"{head}\n{rows}"})
    header = table("活动台账", "| 活动名称 | 天气 | 行标识 | 联系人 |")
    match, problems = match_headers(header, sheet_of(ledger, "activities"), "")
    assert match is not None
    assert (match.columns, match.extra, problems) == ({"name": 1, "new": 4}, (), [])


@pytest.mark.parametrize(
    "text", ["", "|\n|", "| 活动台账 |\n| 填报单位： |", "| 日期 |\n| 2026-03-05 |", "|\n" * 2000 + ISSUED]
)
def test_a_sheet_without_a_recognisable_header_is_not_read(text: str) -> None:
    match, problems = match_headers(table("活动台账", text), SHEET, "宣传科.xlsx")
    assert match is None
    assert [(p.code, p.place.file, p.place.sheet, p.facts) for p in problems] == [
        ("HEAD-001", "宣传科.xlsx", "活动台账", (("sheet", "活动台账"),))
    ]


def test_a_sheet_of_one_column_needs_only_that_one() -> None:
    ledger, _ = compiled(added={"表设置": "| 意见 | opinions | 记录 | 全部 |", "栏目设置": "| 意见 | text | | 意见 |"})
    match, problems = match_headers(table("意见", "| 征求意见表 |\n| 意见 |\n| 多办活动 |"), ledger.sheets[-1], "")
    assert match is not None
    assert (match.row, match.columns) == (2, {"text": 1})
    assert isinstance(problems[0], Problem)
