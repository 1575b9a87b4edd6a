from __future__ import annotations

from syncer.core.phrases import listed, unended, voiced


def test_a_text_that_is_quoted_or_followed_loses_its_full_stop() -> None:
    assert unended("社区计划尚未印发，正在征求意见。\n") == "社区计划尚未印发，正在征求意见"


def test_joined_parts_have_one_separator_and_a_single_part_stays_as_it_is() -> None:
    assert listed(["已完成。", "", "【配合·工会】已转发；"]) == "已完成；【配合·工会】已转发"
    assert listed(["", "已完成。"]) == "已完成。"
    assert listed([]) == ""


def test_units_that_say_the_same_stand_together() -> None:
    said = [("宣传科", "10月12日"), ("工会", "10月13日"), ("团委", "10月12日。"), ("人事科", "")]
    assert voiced(said) == "【宣传科、团委】10月12日；【工会】10月13日"
