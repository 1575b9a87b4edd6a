"""Headers as offices lay them out: levels, merges, wrapping, renamed, doubled, inserted and missing columns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from syncer.core.model import Column, ColumnType, Owner, Sheet, SheetKind
from syncer.core.problems import Problem
from syncer.core.reading.headers import HeaderMatch, match_headers
from tests.core.tables_as_text import codes, compiled, merged_table, sheet_of

LEDGER, _ = compiled()
ACTIVITIES = sheet_of(LEDGER, "activities")
ALL = {"no": 1, "date": 2, "name": 4, "headcount": 5, "tasks": 6, "content": 7, "closed": 8}


def read(
    text: str, sheet: Sheet = ACTIVITIES, carried: frozenset[str] = frozenset()
) -> tuple[HeaderMatch, list[Problem]]:
    match, problems = match_headers(merged_table(sheet.name, text), sheet, "宣传科.xlsx", carried)
    assert match is not None, problems
    return match, problems


@dataclass(frozen=True)
class Layout:
    says: str
    text: str
    row: int
    columns: dict[str, int]
    extra: tuple[tuple[str, int], ...] = ()
    problems: tuple[str, ...] = ()


LAYOUTS = [
    Layout(
        "one level below a title",
        """
        | 2026年活动台账 | ← | ← | ← | ← | ← | ← | ← |
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        """,
        2, ALL,
    ),
    Layout(
        "a form filled in above",
        """
        | 活动台账 | ← | ← | ← |
        | 填报单位 | 宣传科 | | 日期 | 2026-11-20 |
        | 责任人 | 周样本 | | 备注 | 无 |
        |
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        """,
        5, ALL,
    ),
    Layout(
        "names in brackets, one of them below a group that is called as another column",
        """
        | 主要内容 | ← | | | | | | |
        | 【活动编号】 | 【日期】 | 行标识 | 【活动名称】 | 【参加人数】* | 【对应任务】 | 【主要内容】 | 【销号】 |
        """,
        2, ALL,
    ),
    Layout(
        "a second 日期 below a title that heads all columns",
        """
        | 2026年活动台账 | ← | ← | ← | ← | ← | ← | ← | ← |
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 日期 |
        """,
        2, ALL, (("日期(2)", 9),), ("HEAD-003",),
    ),
    Layout(
        "two levels, names without a group merged over both",
        """
        | 活动编号 | 基本情况 | ← | ← | 参与 | ← | 主要内容 | 销号 |
        | ↑ | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | ↑ | ↑ |
        """,
        2, ALL,
    ),
    Layout(
        "all names merged over two rows",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        | ↑ | ↑ | ↑ | ↑ | ↑ | ↑ | ↑ | ↑ |
        """,
        2, ALL,
    ),
    Layout(
        "three levels",
        """
        | 台账 | ← | ← | ← | ← | ← | ← | 创建办 |
        | 活动编号 | 基本情况 | ← | ← | 参与 | ← | 主要内容 | 销号 |
        | ↑ | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | ↑ | ↑ |
        """,
        3, ALL,
    ),
    Layout(
        "one name split over two rows without a merge",
        """
        | 活动编号 | 日期 | 行标识 | 活动 | 参加 | 对应 | 主要 | 销号 |
        | | | | 名称 | 人数 | 任务 | 内容 | |
        """,
        2, ALL,
    ),
    Layout(
        "every name split over two rows",
        """
        | 活动 | 日 | 行 | 活动 | 参加 | 对应 | 主要 | 销 |
        | 编号 | 期 | 标识 | 名称 | 人数 | 任务 | 内容 | 号 |
        """,
        2, ALL,
    ),
    Layout(
        "a measure on a line of its own",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        | | | | | （人） | | | |
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        """,
        1, ALL,
    ),
    Layout(
        "a line that numbers the columns",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        | 1 | 2 | | 3 | 4 | 5 | 6 | 7 |
        """,
        2, ALL,
    ),
    Layout(
        "vertical text, stars, measures, numbers before, colons after, full width",
        """
        | 活\\n动\\n编\\n号 | 2.日 期* | 行标识 | ③活动名称： | 参加人数（人）★ | （必填）对应任务 | 五、主要内容 | 　销　号 |
        """,
        1, ALL,
    ),
    Layout(
        "columns inserted, one of them with a figure for a name, and one without any",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 天气 | 2025 |  |
        | | 2026-03-05 | | 植树 | 30 | | | | 晴 | 3 | 旁注 |
        """,
        1, ALL, (("天气", 9), ("2025", 10), ("无列名1", 11)), ("HEAD-008",),
    ),
    Layout(
        "a remark beside a record that has no more than a name and an id",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |  |
        | | | HD-D02-0001 | 植树 | | | | | 旁注 |
        """,
        1, ALL, (("无列名1", 9),), ("HEAD-008",),
    ),
    Layout(
        "a remark beside a line that says one thing and has no id, and beside one that says nothing of its own",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |  |
        | | | | 填报人：周样本 | | | | | 旁注 |
        | HD-D02-0002 | | HD-D02-0002 | | | | | | 旁注 |
        """,
        1, ALL,
    ),
    Layout(
        "a spare column that somebody typed into",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 备用1 | 备用2 |
        | | 2026-03-05 | | 植树 | 30 | | | | 晴 |
        """,
        1, ALL, (("备用1", 9),), ("HEAD-008",),
    ),
    Layout(
        "a spare column that was copied, both typed into",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 备用1 | 备用1 |
        | | 2026-03-05 | | 植树 | 30 | | | | 晴 | 东南风 |
        """,
        1, ALL, (("备用1", 9), ("备用1(2)", 10)), ("HEAD-008",),
    ),
    Layout(
        "an extra column two rows high among others of one",
        """
        | 活动编号 | 基本情况 | ← | ← | 参与 | ← | 主要内容 | 销号 | 天气 |
        | ↑ | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | ↑ | ↑ | |
        """,
        2, ALL, (("天气", 9),),
    ),
    Layout(
        "the same extra name under two groups",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 上半年 | ← | 下半年 | ← |
        | ↑ | ↑ | ↑ | ↑ | ↑ | ↑ | ↑ | ↑ | 数量 | 金额 | 数量 | 金额 |
        """,
        2, ALL, (("上半年/数量", 9), ("上半年/金额", 10), ("下半年/数量", 11), ("下半年/金额", 12)),
    ),
    Layout(
        "the same extra name twice, no groups",
        "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 天气 | 天气 |",
        1, ALL, (("天气", 9), ("天气(2)", 10)),
    ),
    Layout(
        "a column of ours twice: nothing of the second is lost",
        "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 活动 名称 |",
        1, ALL, (("活动 名称(2)", 9),), ("HEAD-003",),
    ),
    Layout(
        "an alias to the left of the name itself",
        "| 活动编号 | 日期 | 行标识 | 活动 | 参加人数 | 对应任务 | 主要内容 | 销号 | 活动名称 |",
        1, ALL | {"name": 9}, (("活动", 4),), ("HEAD-003",),
    ),
    Layout(
        "a leaf merged over two columns belongs to the first",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | ← | 销号 |
        | | 2026-03-05 | | 植树 | 30 | | 滨河路 | 苗木二十株 |
        """,
        1, ALL | {"closed": 9}, (("无列名1", 8),), ("HEAD-008",),
    ),
    Layout(
        "another table beside, right of a gap",
        """
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | | 序 | 日期 | 活动名称 | 参加人数 |
        | | 2026-03-05 | | 植树 | 30 | | | | | 1 | 2025-03-05 | 去年植树 | 9 |
        """,
        1, ALL, (), ("SHEET-004",),
    ),
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.says)
def test_a_header_is_read_however_it_is_laid_out(layout: Layout) -> None:
    match, problems = read(layout.text)
    assert (match.row, match.columns, match.extra) == (layout.row, layout.columns, layout.extra)
    assert tuple(codes(problems)) == layout.problems


def test_a_header_far_down_is_found_and_one_row_of_words_is_none() -> None:
    header = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |"
    match, problems = read("| 请各单位认真填报 |\n| 日期 | 三月 |\n" + "|\n" * 400 + header)
    assert (match.row, match.columns, problems) == (403, ALL, [])


def test_of_two_headers_the_upper_one_counts_even_when_one_of_its_names_is_not_ours() -> None:
    match, _ = read(
        """
        | 活动编号 | 日期 | 行标识 | 活动叫法 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        | 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |
        """
    )
    assert match.row == 1


# ---- one name under two groups


def test_columns_of_one_name_are_told_apart_by_their_group() -> None:
    columns = (
        Column("unit", "单位"),
        Column("h1", "数量", ColumnType.INTEGER, group="上半年"),
        Column("h2", "数量", ColumnType.INTEGER, group="下半年"),
        Column("whole", "全年金额", ColumnType.NUMBER),
    )
    sheet = Sheet("s", "统计", SheetKind.SURVEY, columns)
    match, problems = read(
        """
        | 单位 | 下半年 | ← | 上半年 | 全年 |
        | ↑ | 数量 | 备注 | 数量 | 金额 |
        """,
        sheet,
    )
    assert match.columns == {"unit": 1, "h2": 2, "h1": 4, "whole": 5}
    assert match.extra == (("备注", 3),)
    assert codes(problems) == ["HEAD-004"]


def test_a_template_column_named_in_full_is_found_below_its_group() -> None:
    columns = tuple(Column(code, name) for code, name in (("u", "单位"), ("a", "上半年数量"), ("b", "下半年数量")))
    match, _ = read("| 单位 | 上半年 | 下半年 |\n| ↑ | 数量 | 数量 |", Sheet("s", "统计", SheetKind.SURVEY, columns))
    assert match.columns == {"u": 1, "a": 2, "b": 3}


# ---- did you mean


def renamed(header: str, below: str = "") -> tuple[HeaderMatch, list[tuple[str, str, str]]]:
    text = f"| 活动编号 | 日期 | 行标识 | 活动名称 | {header} | 对应任务 | 主要内容 | 销号 |\n{below}"
    match, problems = read(text)
    return match, [(p.code, p.column, p.found) for p in problems]


def test_a_header_that_can_only_mean_the_missing_column_is_taken_for_it_and_said() -> None:
    match, said = renamed("参与人数")
    assert match.columns["headcount"] == 5
    assert (match.extra, said) == ((), [("HEAD-005", "参加人数", "参与人数")])


def test_a_header_that_is_somewhat_like_it_is_extra_and_asked_about() -> None:
    match, said = renamed("参会人数规模")
    assert "headcount" not in match.columns
    assert (match.extra, said) == ((("参会人数规模", 5),), [("HEAD-006", "参加人数", "参会人数规模")])


def test_a_header_that_is_not_like_it_is_extra_and_the_column_missing() -> None:
    match, said = renamed("天气")
    assert (match.extra, said) == ((("天气", 5),), [("HEAD-002", "参加人数", "")])


def test_content_that_cannot_be_meant_for_the_column_forbids_to_take_it() -> None:
    match, said = renamed("参加次数", "| | 2026-03-05 | | 植树 | 周样本、李样本 |")
    assert "headcount" not in match.columns
    assert [code for code, _, _ in said] == ["HEAD-006"]


@pytest.mark.parametrize(
    ("wanted", "header"),
    [
        ("本周完成情况", "上周完成情况"),
        ("下周工作计划", "本周工作计划"),
        ("应到人数", "实到人数"),
        ("上半年数量", "下半年数量"),
        ("预计完成日期", "实际完成日期"),
        ("参加人数", "参加人员"),
        ("开始日期", "结束日期"),
        ("第1季度金额", "第2季度金额"),
        ("牵头单位", "配合单位"),
    ],
)
def test_headers_of_opposite_meaning_are_never_taken_for_each_other(wanted: str, header: str) -> None:
    sheet = Sheet("s", "表", SheetKind.RECORDS, (Column("a", "单位名称"), Column("b", "地点"), Column("x", wanted)))
    match, problems = read(f"| 单位名称 | 地点 | {header} |", sheet)
    assert "x" not in match.columns
    assert match.extra == ((header, 3),)
    assert codes(problems) == ["HEAD-002", "HEAD-004"]


def test_of_two_headers_about_as_like_none_is_taken() -> None:
    sheet = Sheet("s", "表", SheetKind.RECORDS, (Column("a", "单位名称"), Column("b", "地点"), Column("x", "完成时限")))
    match, problems = read("| 单位名称 | 地点 | 完成期限 | 完成限时 |", sheet)
    assert "x" not in match.columns
    assert {name for name, _ in match.extra} == {"完成期限", "完成限时"}
    assert "HEAD-006" in codes(problems)


def test_a_column_that_was_the_units_own_before_is_never_taken_for_one_that_is_missing() -> None:
    text = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参与人数 | 对应任务 | 主要内容 | 销号 |"
    match, problems = read(text, carried=frozenset({"参与人数"}))
    assert match.extra == (("参与人数", 5),)
    assert codes(problems) == ["HEAD-002"]


# ---- exchanged headers


def test_two_headers_exchanged_over_days_and_names_are_asked_about_and_neither_is_read() -> None:
    rows = "\n".join(f"| | 2026-03-0{n} | | 活动{'甲乙丙'[n - 1]} | 30 |" for n in (1, 2, 3))
    match, problems = read(f"| 活动编号 | 活动名称 | 行标识 | 日期 | 参加人数 | 对应任务 | 主要内容 | 销号 |\n{rows}")
    assert match.columns.keys() == ALL.keys() - {"date", "name"}
    assert [(p.code, p.column, dict(p.facts)) for p in problems] == [("HEAD-007", "日期", {"other": "活动名称"})]


@pytest.mark.parametrize(
    "rows",
    [
        "| | 2026-03-01 | | 活动甲 |\n| | 2026-03-02 | | 活动乙 |",  # too few to be sure
        "| | 2026-03-01 | | 活动甲 |\n| | 2026-03-02 | | 活动乙 |\n| | 活动丙 | | 2026-03-03 |",  # one the right way round
        "| | 2026-03-01 | | 三月一日植树 |\n" * 3,  # might be days, in words
    ],
)
def test_what_is_not_surely_exchanged_is_read_as_it_stands(rows: str) -> None:
    match, problems = read(f"| 活动编号 | 活动名称 | 行标识 | 日期 | 参加人数 | 对应任务 | 主要内容 | 销号 |\n{rows}")
    assert (match.columns["name"], match.columns["date"], problems) == (2, 4, [])


def test_a_retired_column_below_a_group_is_still_retired() -> None:
    sheet = replace(ACTIVITIES, retired=(Column("old", "联系人", owner=Owner.UNIT),))
    match, _ = read("| 活动编号 | 日期 | 行标识 | 活动名称 | 其他 |\n| ↑ | ↑ | ↑ | ↑ | 联系人 |", sheet)
    assert match.extra == ()
