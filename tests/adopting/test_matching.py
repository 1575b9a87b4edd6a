"""Numbers, titles and units as other ledgers write them; and that the best assignment is the best."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.adopting.likeness import assign, likeness
from syncer.core.adopting.sureness import Sureness
from syncer.core.adopting.tasks import TaskFinder, number_parts
from syncer.core.adopting.units import UnitFinder, split_roles
from syncer.core.model import Ledger


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        *(("1.1", (1, 1)), ("1-1", (1, 1)), ("1．1", (1, 1)), ("1—1", (1, 1)), ("（一）1", (1, 1)), ("一、1", (1, 1))),
        *(("一.①", (1, 1)), ("十二、3", (12, 3)), ("(2)", (2,)), ("第3项", (3,)), ("2-1-03", (2, 1, 3))),
        *(("二十", ()), ("新增", ()), ("", ()), ("3月底前", ()), ("开展1次", ())),
    ],
)
def test_a_number_is_the_same_in_whatever_form(written: str, parts: tuple[int, ...]) -> None:
    assert number_parts(written) == (parts if written != "二十" else (20,))


@pytest.mark.parametrize(
    ("number", "title", "task", "sure"),
    [
        ("7-1", "持续开展志愿服务", "7.1", "高"),
        ("", "持续开展志愿服务活动", "7.1", "中"),
        ("（七）1", "", "7.1", "高"),
        ("", "结对帮创（四送一助力）", "7.3", "中"),
        ("7.1", "建设职工书屋", "", "—"),  # their numbers count otherwise
        ("", "购置办公用品", "", "—"),
    ],
)
def test_a_row_is_about_the_task_of_like_wording(
    shipped: Ledger, number: str, title: str, task: str, sure: str
) -> None:
    guess = TaskFinder(shipped).guess(number, title)
    assert (guess.task.number if guess.task else "", guess.sure.value) == (task, sure)


@pytest.mark.parametrize(
    ("text", "leads", "supports"),
    [
        ("宣传科", "宣传科", ""),
        ("宣传科、工会", "宣传科、工会", ""),
        ("牵头：宣传科\n配合：工会、团委", "宣传科", "工会、团委"),
        ("牵头单位:宣传科；配合单位:各科室", "宣传科", "各科室"),
        ("宣传科（牵头）、工会（配合）", "宣传科", "工会"),
    ],
)
def test_one_cell_may_name_leads_and_supports(text: str, leads: str, supports: str) -> None:
    assert split_roles(text) == (leads, supports)


@pytest.mark.parametrize(
    ("wording", "unit", "sure"),
    [
        ("宣传科", "宣传科", Sureness.HIGH),
        ("局办", "办公室", Sureness.HIGH),
        ("宣传处", "宣传科", Sureness.MIDDLE),
        ("信息中心站", "", Sureness.NONE),
        ("由创建工作领导小组另行研究确定的有关责任单位和科室", "", Sureness.NONE),
    ],
)
def test_a_unit_is_known_by_its_names_or_nearly(shipped: Ledger, wording: str, unit: str, sure: Sureness) -> None:
    code, found = UnitFinder(shipped).propose(wording)
    short = {one.code: one.short for one in shipped.units}
    assert (short.get(code, ""), found) == (unit, sure)


@settings(max_examples=150)
@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=1, max_size=4))
def test_the_assignment_has_the_greatest_sum(scores: list[list[int]]) -> None:
    found = assign([[float(score) for score in row] for row in scores], least=0)
    best = max(sum(scores[r][c] for r, c in enumerate(order)) for order in permutations(range(4), len(scores)))
    assert sum(scores[r][c] for r, c in found.items()) == best
    assert len(set(found.values())) == len(found)


@given(st.text("志愿服务活动开展一二", max_size=8), st.text("志愿服务活动开展一二", max_size=8))
def test_likeness_is_symmetric_and_whole_only_for_equals(one: str, other: str) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, one) == (1.0 if one else 0.0)
