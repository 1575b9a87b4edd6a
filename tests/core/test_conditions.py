from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncer.core.reading.conditions import (
    ALONE,
    AMOUNTS,
    LISTS,
    Comparison,
    Condition,
    Operator,
    Unclear,
    parse_condition,
    print_condition,
)


def parsed(text: str) -> Condition:
    condition = parse_condition(text)
    assert not isinstance(condition, Unclear), condition
    return condition


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("形式 = 集中", "形式 = 集中"),
        ("形式＝“集中”", "形式 = 集中"),
        ("形式 不等于 自学", "形式 ≠ 自学"),
        ("实到<=应到", "实到 ≤ 应到"),
        ("时长(小时) >= 2", "时长(小时) ≥ 2"),
        ("实到 <> 应到", "实到 ≠ 应到"),
        ("日期 ＞ 2026-01-01", "日期 > 2026-01-01"),
        ("日期 早于 2026-7-1", "日期 < 2026-7-1"),
        ("完成日期 不早于 发现日期", "完成日期 ≥ 发现日期"),
        ("完成日期 不晚于 发现日期 ＋ 30", "完成日期 ≤ 发现日期 + 30"),
        ("实到 = 应到 - 请假 - 1", "实到 = 应到 - 请假 - 1"),
        ("页数 不少于 2", "页数 ≥ 2"),
        ("参加人数 介于 10 和 500", "参加人数 介于 10 至 500"),
        ("日期 介于 2026-1-1至2026-6-30", "日期 介于 2026-1-1 至 2026-6-30"),
        ("备注 字数 ≥ 10", "备注 字数 ≥ 10"),
        ("备注 长度 不超过 200", "备注 字数 ≤ 200"),
        ("人员名单 存在于 志愿者名册.姓名", "人员名单 存在于 志愿者名册.姓名"),
        ("印证 存在于 任务分解.编号，活动台账.活动编号", "印证 存在于 任务分解.编号、活动台账.活动编号"),
        ("形式 属于 集中、党课", "形式 属于 集中、党课"),
        ("形式 不属于 集中，党课", "形式 不属于 集中、党课"),
        ("备注 不包含 待补", "备注 不包含 待补"),
        ("文号 匹配 XX〔YYYY〕N号", "文号 匹配 XX〔YYYY〕N号"),
        ("文号 不重复", "文号 唯一"),
        ("日期 在测评周期内", "日期 在测评周期内"),
        ("应到 不为空 且 实到 为空", "应到 非空 且 实到 为空"),
        ("形式 = 集中 并且 应到 非空；实到 ≤ 应到", "形式 = 集中 且 应到 非空 且 实到 ≤ 应到"),
        ("备注 非空 或 需协调事项 非空 且 责任人 非空", "备注 非空 或 需协调事项 非空 且 责任人 非空"),
        # words of the form inside names and values
        ("存在问题或滞后原因 非空", "存在问题或滞后原因 非空"),
        ("类型 属于 文件、截图或链接", "类型 属于 文件、截图或链接"),
        ("是否属于本单位 = 是", "是否属于本单位 = 是"),
        ("备注 = “进度且质量”", "备注 = “进度且质量”"),
        ("“进度且质量” 非空", "“进度且质量” 非空"),
        ("字数 ≥ 3", "字数 ≥ 3"),
    ],
)
def test_a_condition_is_columns_compared_and_joined(text: str, printed: str) -> None:
    assert print_condition(parsed(text)) == printed
    assert parsed(printed) == parsed(text)


def test_and_binds_closer_than_or() -> None:
    first, second = parsed("甲 非空 或 乙 非空 且 丙 为空")
    assert [test.column for test in first] == ["甲"]
    assert [test.column for test in second] == ["乙", "丙"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", ""),
        ("  ", ""),
        ("形式", "形式"),
        ("形式 =", "形式 ="),
        ("= 集中", "= 集中"),
        ("形式 = 集中 且", ""),
        ("形式 = 集中 且 要有记录", "要有记录"),
        ("非空", "非空"),
        (" 唯一", "唯一"),
        ("如果集中学习", "如果集中学习"),
        ("人数 介于 10", "人数 介于 10"),
        ("人数 介于 10 至", "人数 介于 10 至"),
    ],
)
def test_what_is_not_of_the_form_is_not_half_understood(text: str, part: str) -> None:
    assert parse_condition(text) == Unclear(part)


# Words as offices write them, the awkward ones too: joints, operators and signs inside, quotes never.
_WORD = st.text("甲乙且或、；至 +-字数属于非空.12〔〕=", min_size=1, max_size=8).map(str.strip).filter(bool)
_NAME = _WORD.filter(lambda name: parse_condition(f"“{name}” 非空") == ((Comparison(name, Operator.FILLED),),))


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    operator = draw(st.sampled_from(Operator))
    column = f"“{draw(_NAME)}”"[1:-1]
    if operator in ALONE:
        return Comparison(column, operator)
    if operator is Operator.LIKE:
        return Comparison(column, operator, (draw(st.sampled_from(("XX〔YYYY〕N号", "N-N", "“N”-NN"))),))
    if operator in LISTS:
        return Comparison(column, operator, tuple(draw(st.lists(_WORD, min_size=1, max_size=3))))
    measured = draw(st.booleans()) if operator in AMOUNTS else False
    if operator is Operator.BETWEEN:
        return Comparison(column, operator, (draw(_WORD), draw(_WORD)), measured)
    more = [f"{draw(st.sampled_from('+-'))} {term}" for term in draw(st.lists(_WORD, max_size=2))]
    return Comparison(column, operator, (draw(_WORD), *more), measured)


@settings(max_examples=60)
@given(st.lists(st.lists(comparisons(), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple))
@example(((Comparison("甲", Operator.EQUAL, ("乙 或 丙",)),),))
def test_what_was_printed_is_read_as_it_was_meant(condition: Condition) -> None:
    assert parse_condition(print_condition(condition)) == condition


@given(st.text("甲乙 且或=≤介于至属于存在非空“”\"'字数+-、\n．.", max_size=30))
def test_whatever_is_typed_is_understood_or_named_as_unclear_and_understood_once(text: str) -> None:
    condition = parse_condition(text)
    if isinstance(condition, Unclear):
        assert condition.part.strip() == condition.part
        assert condition.part in text
    elif not set("“”\"'") & set(text):  # a lone quotation mark in a name cannot be quoted
        assert parse_condition(print_condition(condition)) == condition
