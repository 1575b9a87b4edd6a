from __future__ import annotations

from datetime import date, datetime

import pytest

from syncer.core.model import Column, ColumnType, Sheet, SheetKind
from syncer.core.reading.rules import Comparison, allowed, met, parse_condition
from syncer.core.values import CellError, Scalar

SHEET = Sheet(
    "study",
    "学习教育",
    SheetKind.RECORDS,
    (
        Column("date", "日期", ColumnType.DATE),
        Column("form", "形式", ColumnType.CHOICE),
        Column("hours", "时长(小时)", ColumnType.NUMBER),
        Column("expected", "应到", ColumnType.INTEGER),
        Column("actual", "实到", ColumnType.INTEGER),
        Column("names", "人员名单", ColumnType.LONG_TEXT),
    ),
)


@pytest.mark.parametrize(
    ("text", "comparisons"),
    [
        ("形式 = 集中", [("形式", "=", "集中")]),
        ("形式＝“集中”", [("形式", "=", "集中")]),
        ("形式 不等于 自学", [("形式", "≠", "自学")]),
        ("实到<=应到", [("实到", "≤", "应到")]),
        ("时长(小时) >= 2", [("时长(小时)", "≥", "2")]),
        ("实到 <> 应到", [("实到", "≠", "应到")]),
        ("日期 ＞ 2026-01-01", [("日期", ">", "2026-01-01")]),
        ("人员名单 存在于 志愿者名册.姓名", [("人员名单", "存在于", "志愿者名册.姓名")]),
        ("形式 属于 集中、党课", [("形式", "属于", "集中、党课")]),
        ("文号 唯一", [("文号", "唯一", "")]),
        ("应到 非空 且 实到 为空", [("应到", "非空", ""), ("实到", "为空", "")]),
        (
            "形式 = 集中 并且 应到 非空；实到 ≤ 应到",
            [("形式", "=", "集中"), ("应到", "非空", ""), ("实到", "≤", "应到")],
        ),
    ],
)
def test_a_condition_is_columns_compared_joined_by_and(text: str, comparisons: list[tuple[str, str, str]]) -> None:
    assert parse_condition(text) == tuple(Comparison(*parts) for parts in comparisons)


@pytest.mark.parametrize(
    "text", ["", "  ", "形式", "形式 =", "= 集中", "形式 = 集中 且", "非空", " 唯一", "如果集中学习"]
)
def test_what_is_not_of_the_form_is_not_half_understood(text: str) -> None:
    assert parse_condition(text) is None


def comparison(text: str) -> Comparison:
    (test,) = parse_condition(text) or ()
    return test


def known(place: str) -> frozenset[str]:
    return {"志愿者名册.姓名": frozenset({"张三", "李四"})}.get(place, frozenset())


def demanded(text: str, **values: Scalar) -> bool:
    """Whether a row with these values may stand under a demand."""
    return allowed(comparison(text), SHEET, values, known)


def conditional(text: str, **values: Scalar) -> bool:
    """Whether a condition holds for a row with these values."""
    return met(parse_condition(text) or (), SHEET, values, known)


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
        ("人员名单 存在于 没有的表.姓名", {"names": "张三"}, False),
        ("应到 非空", {"expected": 0}, True),
        ("应到 非空", {}, False),
        ("应到 为空", {}, True),
        ("应到 为空", {"expected": 0}, False),
    ],
)
def test_a_comparison_goes_by_dates_numbers_or_folded_text(
    text: str, values: dict[str, Scalar], expected: bool
) -> None:
    assert demanded(text, **values) is expected
    assert conditional(text, **values) is expected


NOTHING_TO_COMPARE: list[tuple[str, dict[str, Scalar]]] = [
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
    ("天气 = 晴", {"form": "集中"}),
]


@pytest.mark.parametrize(("text", "values"), NOTHING_TO_COMPARE)
def test_where_there_is_nothing_to_compare_a_demand_is_met_and_a_condition_is_not(
    text: str, values: dict[str, Scalar]
) -> None:
    assert demanded(text, **values)
    assert not conditional(text, **values)


def test_all_comparisons_of_a_condition_must_hold_and_no_condition_always_does() -> None:
    assert conditional("形式 = 集中 且 应到 非空", form="集中", expected=12)
    assert not conditional("形式 = 集中 且 应到 非空", form="集中")
    assert met((), SHEET, {})


def test_unique_is_no_matter_of_one_row() -> None:
    assert demanded("形式 唯一", form="集中")
