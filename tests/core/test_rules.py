from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.model import Choice, Column, ColumnType, Sheet, SheetKind
from syncer.core.reading.conditions import Unclear, parse_condition
from syncer.core.reading.rules import Bound, bind, truth
from syncer.core.reading.surroundings import Misfit, Surroundings, Vocabulary
from syncer.core.values import CellError, Scalar

SHEET = Sheet(
    "study",
    "学习教育",
    SheetKind.RECORDS,
    (
        Column("date", "日期", ColumnType.DATE),
        Column("until", "截止", ColumnType.DATE),
        Column("form", "形式", ColumnType.CHOICE, options="学习形式"),
        Column("fields", "领域", ColumnType.MULTI_CHOICE, options="领域"),
        Column("hours", "时长(小时)", ColumnType.NUMBER),
        Column("expected", "应到", ColumnType.INTEGER, aliases=("应到人数",)),
        Column("actual", "实到", ColumnType.INTEGER),
        Column("away", "请假", ColumnType.INTEGER),
        Column("names", "人员名单", ColumnType.LONG_TEXT),
        Column("note", "备注", ColumnType.TEXT),
        Column("limit", "完成时限", ColumnType.DEADLINE),
        Column("claims", "测评指标", ColumnType.MULTI_CHOICE, options="测评指标"),
    ),
)
OTHER = Sheet("materials", "材料目录", SheetKind.RECORDS, (Column("title", "题名"),))
ROSTER = Sheet("volunteers", "志愿者名册", SheetKind.RECORDS, (Column("name", "姓名"),))
FORMS = (Choice("集中", ("集中学习",)), Choice("自学"), Choice("党课"))
VOCABULARY = Vocabulary(
    (SHEET, OTHER, ROSTER), {"学习形式": FORMS, "领域": tuple(map(Choice, ("教育", "卫生", "交通")))}
)
AROUND = Surroundings(
    {"志愿者名册.姓名": frozenset({"张三", "李四"}), "单位名录.简称": frozenset({"宣传科"})}.get,
    (date(2026, 1, 1), date(2026, 12, 31)),
    {"2-1-03": (date(2024, 1, 1), date(2026, 12, 31))},
    {"3月底前": date(2026, 3, 31)}.get,
)


def bound(text: str) -> Bound:
    condition = parse_condition(text)
    assert not isinstance(condition, Unclear), condition
    found = bind(condition, SHEET, VOCABULARY)
    assert not isinstance(found, Misfit), found
    return found


def judged(text: str, values: dict[str, Scalar]) -> bool | None:
    return truth(bound(text), values, AROUND)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("形式 = 集中", {"form": " 集 中"}, True),
        ("形式 = 集中", {"form": "自学"}, False),
        ("形式 ≠ 集中", {"form": "自学"}, True),
        ("形式 属于 集中、党课", {"form": "党课"}, True),
        ("形式 属于 集中、党课", {"form": "自学"}, False),
        ("时长(小时) ≥ 2", {"hours": 2}, True),
        ("时长(小时) ≥ 2", {"hours": 1.5}, False),
        ("时长(小时) > 2", {"hours": 2}, False),
        ("时长(小时) < 2", {"hours": 1.5}, True),
        ("实到 ≤ 应到", {"actual": 12, "expected": 12.0}, True),
        ("实到 ≤ 应到", {"actual": 13, "expected": 12}, False),
        ("实到 = 应到", {"actual": 13, "expected": 12}, False),
        ("日期 ≥ 2026-03-01", {"date": date(2026, 3, 1)}, True),
        ("日期 ≥ 2026年3月1日", {"date": datetime(2026, 2, 28, 9)}, False),
        ("日期 = 2026-3-1", {"date": date(2026, 3, 1)}, True),
        ("人员名单 存在于 志愿者名册.姓名", {"names": "张三、李四"}, True),
        ("人员名单 存在于 志愿者名册.姓名", {"names": "张三、王五"}, False),
        ("人员名单 存在于 志愿者名册.姓名、单位名录.简称", {"names": "张三、宣传科"}, True),
        ("人员名单 存在于 志愿者名册.姓名、单位名录.简称", {"names": "张三、食堂"}, False),
        ("形式 属于 集中学习、党课", {"form": "集中"}, True),
        ("形式 不属于 集中、党课", {"form": "自学"}, True),
        ("形式 = 集中学习", {"form": "集中"}, True),
        ("形式 ≠ 集中学习", {"form": "集中"}, False),
        ("领域 属于 教育、卫生", {"fields": "卫生、教育"}, True),
        ("领域 属于 教育、卫生", {"fields": "卫生、交通"}, False),
        ("领域 包含 卫生", {"fields": "卫生、教育"}, True),
        ("领域 不包含 卫生", {"fields": "卫生、教育"}, False),
        ("备注 包含 待补", {"note": "照片待补"}, True),
        ("备注 不包含 待补", {"note": "照片已补"}, True),
        ("备注 字数 ≥ 4", {"note": "两 个 字"}, False),
        ("备注 字数 ≤ 3", {"note": "两 个 字"}, True),
        ("备注 字数 介于 2 至 3", {"note": "两个字"}, True),
        ("备注 匹配 第N次", {"note": "第12次"}, True),
        ("备注 匹配 第N次", {"note": "第十二次"}, False),
        ("时长(小时) 介于 1 至 8", {"hours": 8}, True),
        ("时长(小时) 介于 1 至 8", {"hours": 8.5}, False),
        ("日期 介于 2026-1-1 至 2026-6-30", {"date": date(2026, 7, 1)}, False),
        ("应到 = 实到 + 请假", {"expected": 12, "actual": 10, "away": 2}, True),
        ("应到 = 实到 + 请假", {"expected": 12, "actual": 10, "away": 1}, False),
        ("应到 ≥ 实到 - 请假 + 1", {"expected": 12, "actual": 13, "away": 2}, True),
        ("时长(小时) = 0.1 + 0.2", {"hours": 0.3}, True),
        ("截止 ≤ 日期 + 30", {"date": date(2026, 3, 1), "until": date(2026, 3, 31)}, True),
        ("截止 ≤ 日期 + 30", {"date": date(2026, 3, 1), "until": date(2026, 4, 1)}, False),
        ("截止 早于 日期", {"date": date(2026, 3, 1), "until": date(2026, 3, 1)}, False),
        ("截止 = 日期", {"date": date(2026, 3, 1), "until": date(2026, 3, 1)}, True),
        ("日期 不晚于 完成时限", {"date": date(2026, 3, 31), "limit": "3月底前"}, True),
        ("日期 不晚于 完成时限", {"date": date(2026, 4, 1), "limit": "3月底前"}, False),
        ("完成时限 晚于 2026-3-1", {"limit": "3月底前"}, True),
        ("完成时限 不早于 日期", {"date": date(2026, 4, 1), "limit": date(2026, 4, 1)}, True),
        ("完成时限 = 全年", {"limit": "全年"}, True),
        ("日期 在测评周期内", {"date": date(2026, 3, 1)}, True),
        ("日期 在测评周期内", {"date": date(2025, 12, 31)}, False),
        ("日期 在测评周期内", {"date": date(2024, 5, 1), "claims": "2-1-03"}, True),  # an indicator has its own window
        ("日期 在测评周期内", {"date": date(2024, 5, 1), "claims": "2-1-03、1-1-01"}, False),
        ("应到 非空 或 实到 非空", {"actual": 3}, True),
        ("应到 非空 或 实到 非空", {}, False),
        ("应到 > 5 或 实到 > 5", {"actual": 6}, True),
        ("应到 = 1 且 实到 = 1 或 时长(小时) = 1", {"expected": 1, "actual": 2, "hours": 1}, True),
        ("备注 ≥ 3", {"note": 5}, True),  # a text column that holds plain figures
        ("备注 ≥ 3", {"note": "2"}, False),
        ("应到 非空", {"expected": 0}, True),
        ("应到 非空", {}, False),
        ("应到 为空", {}, True),
        ("应到 为空", {"expected": 0}, False),
    ],
)
def test_a_comparison_goes_by_dates_numbers_or_folded_text(
    text: str, values: dict[str, Scalar], expected: bool
) -> None:
    assert judged(text, values) is expected


NOTHING_TO_COMPARE: list[tuple[str, dict[str, Scalar]]] = [
    ("日期 不晚于 完成时限", {"date": date(2026, 4, 1), "limit": "每月25日前"}),
    ("实到 ≤ 应到", {}),
    ("实到 ≤ 应到", {"actual": 13}),
    ("实到 ≤ 应到", {"expected": 12}),
    ("实到 ≤ 应到", {"actual": "十几个", "expected": 12}),
    ("实到 ≤ 应到", {"actual": CellError("#N/A"), "expected": 12}),
    ("实到 = 应到", {"actual": 13, "expected": CellError("#N/A")}),
    ("日期 ≥ 2026-03-01", {"date": "月初"}),
    ("形式 = 集中", {}),
    ("形式 ≠ 集中", {}),
    ("形式 属于 集中", {}),
    ("人员名单 存在于 志愿者名册.姓名", {}),
    ("应到 = 实到 + 请假", {"expected": 12, "actual": 10}),
    ("截止 ≤ 日期 + 30", {"date": "三月", "until": date(2026, 3, 31)}),
    ("截止 ≤ 日期 + 应到", {"date": date(9999, 12, 30), "until": date(2026, 3, 31), "expected": 9}),
    ("截止 ≤ 日期 + 应到", {"date": date(2026, 3, 1), "until": date(2026, 3, 31), "expected": 1e300}),
    ("日期 在测评周期内", {"date": "三月"}),
    ("备注 字数 ≥ 4", {}),
    ("备注 ≥ 3", {"note": "三次"}),
    ("人员名单 存在于 材料目录.题名", {"names": "张三"}),  # the sheet was not read
    ("应到 > 5 或 实到 > 5", {"expected": 5}),
]


@pytest.mark.parametrize(("text", "values"), NOTHING_TO_COMPARE)
def test_where_there_is_nothing_to_compare_nothing_is_concluded(text: str, values: dict[str, Scalar]) -> None:
    assert judged(text, values) is None


def test_all_comparisons_of_an_alternative_must_hold() -> None:
    assert judged("形式 = 集中 且 应到 非空", {"form": "集中", "expected": 12}) is True
    assert judged("形式 = 集中 且 应到 非空", {"form": "集中"}) is False
    assert judged("实到 > 5 且 应到 非空", {"expected": 12}) is None
    assert judged("实到 > 5 且 应到 非空", {}) is False


@pytest.mark.parametrize(
    ("text", "code", "facts"),
    [
        ("应倒 非空", "CHK-021", {"name": "应倒", "near": "应到"}),
        ("应到人数 非空", "CHK-021", {"name": "应到人数", "near": "应到"}),
        ("天气 = 晴", "CHK-021", {"name": "天气", "near": "日期、截止、形式、领域、时长(小时)、应到"}),
        ("人员名单 存在于 志愿者名单.姓名", "CHK-022", {"name": "志愿者名单.姓名", "near": "志愿者名册.姓名"}),
        ("人员名单 存在于 志愿者名册.名字", "CHK-022", {"name": "志愿者名册.名字", "near": "志愿者名册.姓名"}),
        ("人员名单 存在于 志愿者名册", "CHK-022", {"name": "志愿者名册", "near": "志愿者名册.姓名"}),
        ("形式 = 集体", "CHK-023", {"name": "集体", "of": "形式", "near": "集中、自学、党课"}),
        ("形式 属于 集中、考试", "CHK-023", {"name": "考试", "of": "形式", "near": "集中、自学、党课"}),
        ("日期 ≥ 三月", "CHK-024", {"test": "日期 ≥ 三月", "like": "2026-3-5"}),
        ("日期 ≥ 应到", "CHK-024", {"test": "日期 ≥ 应到", "like": "2026-3-5"}),
        ("应到 ≤ 日期", "CHK-024", {"test": "应到 ≤ 日期", "like": "12"}),
        ("应到 ≤ 很多", "CHK-024", {"test": "应到 ≤ 很多", "like": "12"}),
        ("应到 = 很多", "CHK-024", {"test": "应到 = 很多", "like": "12"}),
        ("应到 介于 1 至 很多", "CHK-024", {"test": "应到 介于 1 至 很多", "like": "12"}),
        ("形式 > 集中", "CHK-024", {"test": "形式 > 集中", "like": "12"}),
        ("截止 ≤ 日期 + 很多", "CHK-024", {"test": "截止 ≤ 日期 + 很多", "like": "12"}),
        ("备注 在测评周期内", "CHK-024", {"test": "备注 在测评周期内", "like": "2026-3-5"}),
        ("备注 匹配 文号", "CHK-025", {"form": "文号"}),
    ],
)
def test_what_could_only_fail_at_every_row_is_found_at_once_and_says_what_may_be_meant(
    text: str, code: str, facts: dict[str, str]
) -> None:
    condition = parse_condition(text)
    assert not isinstance(condition, Unclear)
    assert bind(condition, SHEET, VOCABULARY) == Misfit(code, tuple(facts.items()))


_CONDITIONS = sorted({text for text, _ in NOTHING_TO_COMPARE})
_VALUES = st.dictionaries(
    st.sampled_from([c.code for c in SHEET.columns]),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates() | st.datetimes()
    | st.times() | st.timedeltas() | st.builds(CellError, st.just("#REF!")),
)  # fmt: skip


@given(st.sampled_from(_CONDITIONS), _VALUES)
def test_no_content_of_a_row_makes_a_judge_fail(text: str, values: dict[str, Scalar]) -> None:
    assert judged(text, values) in {True, False, None}
