"""What the coordinator is told of her own checks: those that make no sense, contradict each other, or hit every row."""

from __future__ import annotations

import pytest

from syncer.core.model import Ledger, Row
from syncer.core.problems import Place, Problem
from syncer.core.reports.rule_hits import EVERY_FROM, rule_hits
from syncer.core.state import LedgerState, UnitState
from syncer.messages import speak
from tests.core.tables_as_text import CONTROL, compiled, sheet_of

RULES = "| 编号 | 表名 | 条件 | 要求 | 级别 | 说明文字 | 状态 |\n"


def compiled_with(*rules: str, columns: str = "") -> tuple[Ledger, list[Problem]]:
    """The small ledger with these rules; each is ``条件 → 要求`` on 活动台账, numbered R1, R2 …"""
    rows = [rule.partition("→") for rule in rules]
    text = "\n".join(f"| R{at} | 活动台账 | {a} | {b} |" for at, (a, _, b) in enumerate(rows, 1))
    ledger, problems = compiled({"校验规则": RULES + text}, {"栏目设置": columns} if columns else None)
    assert all(speak(p, language).do for p in problems for language in ("zh_CN", "en"))
    return ledger, list(problems)


def numbers(ledger: Ledger) -> list[str]:
    return [rule.number for rule in ledger.rules]


def test_a_rule_on_a_cell_no_unit_can_mend_is_not_in_force() -> None:
    ledger, problems = compiled_with("→ 销号 = 是", "销号 = 是 → 主要内容 非空")
    assert numbers(ledger) == ["R2"]
    assert [(p.code, p.place.cell, p.column, dict(p.facts)) for p in problems] == [
        ("CHK-026", "D2", "要求", {"of": "销号"})
    ]


def test_a_rule_may_hang_on_what_the_system_counts() -> None:
    ledger, problems = compiled({"校验规则": RULES + "| R1 | 任务清单 | 工作状态 = 已完成 | 已完成量 ≥ 1 |"})
    assert (numbers(ledger), problems) == (["R1"], ())


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        ("→ 主要内容 为空", "→ 主要内容 非空", True),
        ("对应任务 非空 → 主要内容 为空", "对应任务 非空 → 主要内容 非空", True),
        ("对应任务 非空 → 主要内容 为空", "对应任务 为空 → 主要内容 非空", False),
        ("→ 主要内容 为空", "对应任务 非空 → 主要内容 非空", True),
        ("→ 参加人数 ≥ 10", "→ 参加人数 < 10", True),
        ("→ 参加人数 ≥ 10", "→ 参加人数 ≤ 10", False),
        ("→ 参加人数 介于 10 至 20", "→ 参加人数 > 20", True),
        ("→ 参加人数 = 10", "→ 参加人数 = 11", True),
        ("→ 参加人数 = 10", "→ 参加人数 ≤ 10", False),
        ("→ 日期 晚于 2026-6-30", "→ 日期 早于 2026-6-30", True),
        ("→ 主要内容 = 甲", "→ 主要内容 = 乙", True),
        ("→ 主要内容 属于 甲、乙", "→ 主要内容 = 丙", True),
        ("→ 主要内容 属于 甲、乙", "→ 主要内容 = 乙", False),
        ("→ 主要内容 = 甲", "→ 主要内容 不属于 甲、乙", True),
        ("→ 主要内容 ≠ 甲", "→ 主要内容 不属于 甲、乙", False),
        ("→ 主要内容 字数 ≥ 10", "→ 主要内容 字数 ≤ 5", True),
        ("→ 主要内容 = 活动名称", "→ 主要内容 = 甲", False),
    ],
)
def test_of_two_rules_that_no_row_can_meet_together_the_later_is_not_in_force(one: str, two: str, clash: bool) -> None:
    for first, second in ((one, two), (two, one)):
        ledger, problems = compiled_with(first, second)
        assert numbers(ledger) == (["R1"] if clash else ["R1", "R2"])
        expected = [("CHK-027", 3, (("other", "R1"),))] if clash else []
        assert [(p.code, p.place.row, p.facts) for p in problems] == expected


@pytest.mark.parametrize(
    ("rule", "by"),
    [
        ("→ 参加人数 > 5000", "栏目设置›参加人数"),  # 最大 5000
        ("→ 参加人数 < 0", "栏目设置›参加人数"),
        ("→ 日期 为空", "栏目设置›日期"),  # 必填
        ("参加人数 = 3 且 参加人数 = 4 → 主要内容 非空", "R1"),  # never holds
    ],
)
def test_a_rule_that_contradicts_its_column_or_itself_is_not_in_force(rule: str, by: str) -> None:
    ledger, problems = compiled_with(rule)
    assert ledger.rules == ()
    assert [(p.code, dict(p.facts)["other"]) for p in problems] == [("CHK-027", by)]


def test_a_rule_that_only_repeats_another_is_left_out() -> None:
    ledger, problems = compiled_with("日期 非空 → 参加人数 不少于 3", "日期 不为空 → 参加人数 >= 3", "→ 参加人数 >= 3")
    assert numbers(ledger) == ["R1", "R3"]
    assert [(p.code, p.place.row, dict(p.facts)) for p in problems] == [("CHK-028", 3, {"other": "R1"})]


@pytest.mark.parametrize("rule", ["日期 唯一 → 主要内容 非空", "→ 日期 唯一 或 主要内容 非空"])
def test_unique_is_a_demand_by_itself(rule: str) -> None:
    ledger, problems = compiled_with(rule)
    assert ledger.rules == ()
    assert [(p.code, dict(p.facts)) for p in problems] == [("TPL-010", {"part": "唯一"})]


@pytest.mark.parametrize(
    ("row", "code", "facts"),
    [
        ("| 活动台账 | no2 | | 文号 | | 文本 | | | | | 单位 | | | 文号样式 |", "CHK-025", {"form": "文号样式"}),
        ("| 活动台账 | no2 | | 件数 | | 整数 | | | | | 单位 | | | N-N |", "CHK-031", {"kind": "整数"}),
    ],
)
def test_a_form_that_cannot_work_is_not_in_force(row: str, code: str, facts: dict[str, str]) -> None:
    head = CONTROL["栏目设置"].replace("| 默认值 |", "| 默认值 | 格式 |", 1)
    ledger, problems = compiled({"栏目设置": f"{head}\n{row}"})
    assert [(p.code, p.column, dict(p.facts)) for p in problems] == [(code, "格式", facts)]
    assert sheet_of(ledger, "activities").columns[-1].form == ""


@pytest.mark.parametrize(
    ("when", "code"),
    [("要是有事", "TPL-010"), ("活动人数 > 3", "CHK-021"), ("参加人数 > 多", "CHK-024"), ("参加人数 > 3", "")],
)
def test_a_condition_for_required_is_held_to_the_same_form(when: str, code: str) -> None:
    head = CONTROL["栏目设置"].replace("| 默认值 |", "| 默认值 | 何时必填 |", 1)
    row = f"| 活动台账 | why | | 原因 | | 文本 | | | | | 单位 | | | {when} |"
    ledger, problems = compiled({"栏目设置": f"{head}\n{row}"})
    assert [(p.code, p.column, p.found) for p in problems] == ([(code, "何时必填", when)] if code else [])
    assert sheet_of(ledger, "activities").columns[-1].required_when == ("" if code else when)


@pytest.mark.parametrize(
    ("settings", "window"),
    [
        ("| 开始 | window_start | 2024-01-01 |", ("2024-01-01", "2026-12-31")),
        ("| 开始 | window_start | 去年 |", ("2026-01-01", "2026-12-31")),
        ("| 结束 | window_end | 2025-12-31 |", ("2026-01-01", "2026-12-31")),
        ("| 开始 | window_start | |", ("2026-01-01", "2026-12-31")),
    ],
)
def test_an_assessment_window_that_is_none_is_the_ledgers_year(settings: str, window: tuple[str, str]) -> None:
    ledger, problems = compiled(added={"亮灯与时限设置": settings})
    assert tuple(map(str, ledger.settings.window)) == window
    assert [p.code for p in problems] == (["TPL-003"] if "去年" in settings or "2025" in settings else [])


# ---- how they fare with what was filled in


def standing(ledger: Ledger, failing: int, total: int) -> list[Problem]:
    """What is told when so many of so many rows of 活动台账 fail R1, half of them in each of two units."""
    rows = tuple(Row(f"HD-{at}", "activities", "D02", {}) for at in range(total))
    found = [Problem("CHK-011", Place("x.xlsx", "活动台账", 5 + at), facts=(("rule", "R1"),)) for at in range(failing)]
    halves = found[::2], found[1::2]
    units = tuple(UnitState(f"D0{at}", problems=tuple(half)) for at, half in enumerate(halves, 1))
    return list(rule_hits(ledger, LedgerState(rows=rows, units=units)))


@pytest.mark.parametrize(
    ("failing", "total", "told"),
    [(5, 5, True), (4, 5, False), (EVERY_FROM - 1, EVERY_FROM - 1, False), (0, 0, False)],
)
def test_a_rule_that_no_row_meets_is_probably_wrong_and_the_coordinator_hears_of_it(
    failing: int, total: int, told: bool
) -> None:
    ledger, _ = compiled_with("→ 参加人数 ≥ 10")
    found = standing(ledger, failing, total)
    assert [(p.code, p.place.sheet, p.place.row, dict(p.facts)) for p in found] == (
        [("CHK-029", "校验规则", 2, {"rule": "R1", "rows": str(failing)})] if told else []
    )


def test_a_rule_on_trial_is_counted_for_the_coordinator() -> None:
    ledger, _ = compiled({"校验规则": RULES + "| R1 | 活动台账 | | 参加人数 ≥ 10 | 警告 | | 试行 |"})
    (found,) = standing(ledger, 3, 20)
    assert (found.code, dict(found.facts)) == ("CHK-030", {"rule": "R1", "hits": "3", "units": "2", "rows": "20"})
    assert standing(ledger, 0, 20) == []
    assert [p.code for p in standing(ledger, 20, 20)] == ["CHK-029"]
