"""What a foreign worksheet is made of: headers of every shape, sections, totals, notes; and that no cell is left out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.adopting.proposer import known_labels
from syncer.core.adopting.structure import Apart, Layout, find_layouts
from syncer.core.adopting.vocabulary import ALL_COLUMN_WORDS
from syncer.core.model import Ledger, Table
from syncer.core.values import Scalar

Area = tuple[int, int, int, int]


def one(ledger: Ledger, *rows: tuple[Scalar, ...], merged: tuple[Area, ...] = ()) -> Layout:
    (layout,) = find_layouts(Table("表", tuple(rows), merged), known_labels(ledger))
    return layout


def apart(layout: Layout, why: Apart) -> list[Scalar]:
    return [value for _, reason, value in layout.apart if reason is why]


HEAD = ("序号", "任务名称", "责任单位", "完成时限", "完成情况")
ROW = (1, "开展志愿服务", "团委", "12月底前", "已开展")


@pytest.mark.parametrize(
    ("rows", "merged", "names"),
    [
        pytest.param([HEAD, ROW], (), list(HEAD), id="one row"),
        pytest.param(
            [("任务", "推进情况", None, "备注"), (None, "本周进展", "下周计划", None), ("宣讲", "1场", "2场", "无")],
            ((1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 2, 4)),
            ["任务", "推进情况›本周进展", "推进情况›下周计划", "备注"],
            id="two rows, groups and leaves merged",
        ),
        pytest.param(
            [("任务", "推进情况", None, "备注"), (None, "本周进展", "下周计划"), ("宣讲", "1场", "2场", "无")],
            (),
            ["任务", "推进情况›本周进展", "推进情况›下周计划", "备注"],
            id="the same, nobody merged anything",
        ),
        pytest.param(
            [
                ("序号", "推进情况", None, None, "备注"),
                (None, "本周", None, "下周", None),
                (None, "进展", "完成率", "计划", None),
                (1, "宣讲", "60%", "再讲", "无"),
            ],
            ((1, 1, 3, 1), (1, 2, 1, 4), (2, 2, 2, 3), (1, 5, 3, 5)),
            ["序号", "推进情况›本周›进展", "推进情况›本周›完成率", "推进情况›下周›计划", "备注"],
            id="three rows",
        ),
        pytest.param(
            [("一览表",), ("填报单位：团委", None, "日期：3月"), HEAD, ROW],
            ((1, 1, 1, 5),),
            list(HEAD),
            id="title and fill-in line above",
        ),
        pytest.param(
            [HEAD, ("（1）", "（2）", "（3）", "（4）", "（5）"), ROW], (), list(HEAD), id="columns counted below"
        ),
        pytest.param(
            [("甲项", "乙项", "丙项"), ("某事", 3, "某人")], (), ["甲项", "乙项", "丙项"], id="names nobody knows"
        ),
    ],
)
def test_the_header_is_found_whatever_its_shape(
    shipped: Ledger, rows: list[tuple[Scalar, ...]], merged: tuple[Area, ...], names: list[str]
) -> None:
    layout = one(shipped, *rows, merged=merged)
    assert [column.name for column in layout.columns] == names
    assert [row.number for row in layout.rows] == [len(rows)]


def test_totals_signatures_and_notes_are_no_rows(shipped: Ledger) -> None:
    layout = one(
        shipped,
        *(HEAD, ROW, ("上半年小计", None, None, None, 3), ROW, ("合计", None, None, None, 7)),
        *(("填表人：甲", None, "审核人：乙"), ("填表说明：1.每周报。",), ("2.如实填。",)),
    )
    assert [row.number for row in layout.rows] == [2, 4]
    assert apart(layout, Apart.TOTAL) == ["上半年小计", 3, "合计", 7]
    assert apart(layout, Apart.SIGNATURE) == ["填表人：甲", "审核人：乙"]
    assert apart(layout, Apart.NOTE) == ["填表说明：1.每周报。", "2.如实填。"]


def test_a_row_that_names_a_section_goes_with_the_rows_below_it(shipped: Ledger) -> None:
    layout = one(
        shipped,
        *(HEAD, ("一、组织建设",), ROW, ("二", "思想道德建设"), ROW, ROW),
        merged=((2, 1, 2, 5),),
    )
    assert [(row.number, row.section) for row in layout.rows] == [
        (3, "一、组织建设"),
        (5, "思想道德建设"),
        (6, "思想道德建设"),
    ]


def test_what_is_merged_down_belongs_to_each_row_and_what_is_merged_across_to_the_first_column(shipped: Ledger) -> None:
    layout = one(
        shipped,
        *(HEAD, ROW, (2, None, "工会", "不限", None), (3, "一句话", None, None, None, "尾")),
        merged=((2, 2, 3, 2), (4, 2, 4, 5)),
    )
    assert layout.rows[1].cells[2] == "开展志愿服务"
    assert layout.rows[1].origin(2) == (2, 2)
    assert dict(layout.rows[2].cells) == {1: 3, 2: "一句话", 6: "尾"}


def test_a_header_printed_again_on_the_next_page_is_no_row(shipped: Ledger) -> None:
    layout = one(shipped, HEAD, ROW, HEAD, ROW)
    assert [row.number for row in layout.rows] == [2, 4]
    assert apart(layout, Apart.AGAIN) == list(HEAD)


def test_two_tables_one_below_the_other_are_two(shipped: Ledger) -> None:
    other = ("日期", "活动名称", "地点", "参加人数")
    rows = (("任务表",), HEAD, ROW, ROW, (), ("活动表",), other, ("2026-3-5", "植树", "山上", 30))
    first, second = find_layouts(Table("表", rows), known_labels(shipped))
    assert [row.number for row in first.rows] == [3, 4]
    assert [column.name for column in second.columns] == list(other)
    assert [row.number for row in second.rows] == [8]
    assert list(second.said_above()) == ["活动表"]


def test_a_worksheet_without_a_header_is_told_whole(shipped: Ledger) -> None:
    layout = one(shipped, ("这是一段很长的文字，说明为什么没有台账，并没有任何栏目。",), (46086,))
    assert not layout.rows
    assert len(apart(layout, Apart.UNKNOWN)) == 2


cell = st.one_of(
    st.none(),
    st.sampled_from([*HEAD, "一、组织建设", "合计", "注：说明", "填表人：甲", "本周", "团委", "3月底前", "1", "（2）"]),
    st.integers(0, 40),
    st.text("甲乙：1 ", max_size=4),
)
area = st.tuples(st.integers(1, 9), st.integers(1, 6), st.integers(0, 3), st.integers(0, 3)).map(
    lambda at: (at[0], at[1], at[0] + at[2], at[1] + at[3])
)


@settings(max_examples=150)
@given(rows=st.lists(st.lists(cell, max_size=7).map(tuple), max_size=12), merged=st.lists(area, max_size=4))
def test_every_filled_cell_is_in_exactly_one_place(rows: list[tuple[Scalar, ...]], merged: list[Area]) -> None:
    layouts = find_layouts(Table("表", tuple(rows), tuple(merged)), ALL_COLUMN_WORDS)
    filled = [
        (row, at)
        for row, cells in enumerate(rows, start=1)
        for at, value in enumerate(cells, start=1)
        if value is not None and str(value).strip()
    ]
    found = Counter(place for layout in layouts for place, _, _ in layout.apart)
    for layout in layouts:
        found.update({row.origin(at) for row in layout.rows for at in row.cells})
    assert sorted(found) == sorted(filled)
    assert set(found.values()) <= {1}
