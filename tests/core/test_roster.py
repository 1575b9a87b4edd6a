from __future__ import annotations

import pytest

from syncer.core.model import Unit
from syncer.core.roster import Roster

UNITS = (
    Unit("D01", "云岭市局办公室", "办公室", "科室", ("局办", "综合办"), ("机关科室",)),
    Unit("D02", "云岭市局宣传科", "宣传科", "科室", ("宣教科",), ("机关科室", "党务口")),
    Unit("D03", "青禾社区居委会", "青禾社区", "同创单位", (), ("同创单位",)),
)
FORMER = (Unit("D09", "云岭市局信息科", "信息科", merged_into="宣传科"), Unit("D10", "云岭市局档案室", "档案室"))
ROSTER = Roster(UNITS, "云岭市局", FORMER)


@pytest.mark.parametrize(
    "name",
    [
        "宣传科",
        "云岭市局宣传科",
        "宣教科",
        "Ｄ０２",
        "d02",
        " 宣 传 科 ",
        "云岭市局 宣教科",
        "信息科",
        "云岭市局信息科",
    ],
)
def test_a_unit_is_found_by_any_of_its_names_its_code_and_by_the_name_of_a_unit_merged_into_it(name: str) -> None:
    assert ROSTER.find(name) == "D02"


@pytest.mark.parametrize("name", ["", "　", "云岭市局", "档案室", "宣传", "机关科室"])
def test_what_names_no_single_unit_finds_none(name: str) -> None:
    assert ROSTER.find(name) is None


def test_a_list_keeps_the_order_named_and_a_group_stands_in_roster_order_without_repetition() -> None:
    assert ROSTER.expand("青禾社区、机关科室、宣传科") == (("D03", "D01", "D02"), ())
    assert ROSTER.expand("宣传科，办公室；D03") == (("D02", "D01", "D03"), ())


def test_a_category_is_a_group_too_and_all_means_every_unit() -> None:
    assert ROSTER.expand("同创单位") == (("D03",), ())
    assert ROSTER.expand("科室/同创单位") == (("D01", "D02", "D03"), ())
    assert ROSTER.expand("各单位")[0] == ROSTER.expand("全部")[0] == ("D01", "D02", "D03")


def test_unknown_names_are_listed_as_written_and_do_not_hold_back_the_others() -> None:
    assert ROSTER.expand("宣传科、食堂、 保卫科") == (("D02",), ("食堂", "保卫科"))
    assert ROSTER.expand("") == ((), ())


def test_a_name_that_two_units_share_goes_to_the_first_of_the_roster() -> None:
    twins = Roster((Unit("A", "甲", "甲", aliases=("联络组",)), Unit("B", "乙", "乙", aliases=("联络组",))))
    assert twins.find("联络组") == "A"
