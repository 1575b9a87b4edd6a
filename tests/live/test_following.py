"""A master that stands open follows by itself: values, rows that come and go, looks; what is hers stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncer.core.model import Column
from syncer.core.values import Scalar
from syncer.excel.live.mark import WAITING, Mark
from syncer.excel.live.report import State
from tests.live.desk import Desk
from tests.live.masters import ACTIVITIES, LEDGER, START, activity, changed, task
from tests.safety.payloads import TEXTS

pytestmark = pytest.mark.office

HEADS = ("dde", "plus", "minus", "at", "tab", "line feed", "carriage return", "full-width", "array", "apostrophe")


def test_values_looks_and_rows_follow_edition_after_edition(desk: Desk) -> None:
    changes: dict[str, Scalar] = {"name": "义务植树", "headcount": 120, "rate": 7.5, "date": date(2026, 3, 12)}
    desk.followed(desk.editions.add(*changed(START, "HD-D02-0001", **changes)))
    rest = [row for row in START if row.id != "HD-D02-0001"]
    more = (activity(3, name="宣讲", headcount=9), activity(5, name="走访", rate=50), task(2, "D03", status="推进中"))
    desk.followed(desk.editions.add(*rest, *more))
    desk.followed(desk.editions.add())
    desk.followed(desk.editions.add(*START))


def test_nothing_is_written_where_nothing_changed(desk: Desk) -> None:
    desk.followed(desk.editions.add(*changed(START, "HD-D02-0001", headcount=7)))
    desk.excel.called()
    assert not desk.follow(2).wrote
    assert set(desk.excel.called()) <= {"books", "names", "copy_mode"}


def test_only_changed_cells_are_written_and_her_view_is_left_alone(desk: Desk) -> None:
    desk.excel.close(desk.book)
    desk.book = desk.excel.open(str(desk.editions.path))  # with a window
    desk.excel.look_at(desk.book, "任务清单", "D6", 5)
    before = desk.excel.view(desk.book)
    desk.excel.called()
    desk.followed(desk.editions.add(*changed(START, "HD-D02-0001", headcount=7), activity(9, name="新"), minute=1))
    calls = desk.excel.called()
    assert calls.count("write") <= 12
    assert "put" in calls
    assert desk.excel.view(desk.book) == before


def test_a_book_that_was_opened_before_the_last_editions_is_recognised(desk: Desk) -> None:
    desk.editions.add(*changed(START, "HD-D02-0001", headcount=7))
    desk.editions.add(*changed(START, "HD-D02-0001", headcount=8))
    desk.editions.publish(3)  # on a system that lets an open file be replaced
    desk.followed(desk.editions.add(*changed(START, "HD-D02-0002", name="朗诵")))


def test_editions_that_look_alike_at_the_front_are_told_apart_by_no_guess(desk: Desk) -> None:
    desk.editions.add(*changed(START, "HD-D02-0001", headcount=7), minute=1)
    desk.followed(desk.editions.add(*changed(START, "HD-D02-0001", headcount=7), activity(6, name="新")))


def test_rows_she_sorted_stay_sorted_and_new_ones_come_below(desk: Desk) -> None:
    used = desk.excel.used(desk.book, "活动台账")
    top, _ = desk.place("活动台账", "植树")
    desk.excel.sort(desk.book, "活动台账", [top, 1, top + 2, used[3]], 4, True)
    names = [row[3] for row in desk.rows("活动台账")[top - 1 :]]
    rows = (*changed(START, "HD-D02-0001", headcount=121), activity(3, name="甲", headcount=3))
    assert desk.follow(desk.editions.add(*rows)).state is State.DONE
    shown = desk.rows("活动台账")[top - 1 :]
    assert [row[3] for row in shown] == [*names, "甲"]
    assert [row[4] for row in shown if row[3] == "植树"] == [121]


def test_with_a_filter_on_hidden_rows_are_written_and_stay_hidden(desk: Desk) -> None:
    last = desk.excel.used(desk.book, "活动台账")
    desk.excel.filter(desk.book, "活动台账", [4, 1, last[2], last[3]], 4, "普法")
    hidden = desk.excel.hidden_rows(desk.book, "活动台账", 5, last[2])
    assert hidden == [5, 6]
    long = "很长的名称" * 30  # the row would grow
    desk.followed(desk.editions.add(*changed(START, "HD-D02-0001", name=long, headcount=1), activity(6, name="宣讲")))
    assert desk.excel.hidden_rows(desk.book, "活动台账", 5, last[2]) == hidden


def test_rows_folded_away_in_a_group_stay_folded(desk: Desk) -> None:
    desk.followed(desk.editions.add(*START, task(2, "D03", status="推进中", this_week="走访")))
    rows = [row for row, line in enumerate(desk.picture(2).sheet("总台账").lines, 1) if line.level]
    desk.excel.collapse(desk.book, "总台账", [rows[0], 1, rows[-1], 1], True)
    assert desk.excel.hidden_rows(desk.book, "总台账", rows[0], rows[-1]) == rows
    desk.followed(
        desk.editions.add(*changed(START, "T0002", this_week="谈话很多" * 60), task(2, "D03", status="已完成"))
    )
    assert desk.excel.hidden_rows(desk.book, "总台账", rows[0], rows[-1]) == rows


def test_what_she_typed_into_a_cell_of_ours_stays_and_her_own_columns_too(desk: Desk) -> None:
    row, column = desk.place("活动台账", "植树")
    desk.type("活动台账", (row, column), "她改的")
    desk.type("活动台账", (row, 30), "她记的")
    rows = [r for r in START if r.id != "HD-D02-0002"]
    assert desk.follow(desk.editions.add(*changed(rows, "HD-D02-0001", name="又改了", headcount=5))).state is State.DONE
    shown = desk.rows("活动台账")[row - 1]
    assert (shown[column - 1], shown[column], shown[29]) == ("她改的", 5, "她记的")


def test_a_sheet_she_renamed_is_followed_under_its_new_name(desk: Desk) -> None:
    desk.excel.rename_sheet(desk.book, "活动台账", "我的活动")
    assert desk.follow(desk.editions.add(*changed(START, "HD-D02-0001", name="义务植树"))).state is State.DONE
    assert desk.place("我的活动", "义务植树")


def test_a_front_page_she_renamed_is_followed_and_a_sheet_of_hers_before_it_is_let_be(desk: Desk) -> None:
    desk.excel.rename_sheet(desk.book, "首页", "我的首页")
    desk.excel.add_sheet(desk.book, "她的表", 0)
    desk.type("她的表", (3, 1), 42)
    desk.excel.protect(desk.book, "活动台账", True)
    report = desk.follow(desk.editions.add(*changed(START, "HD-D02-0001", name="义务植树"), minute=30))
    assert report.state is State.WAITS
    assert desk.rows("她的表")[2:] == [[42.0]]
    assert str(desk.cell("我的首页", (3, 1))).startswith(WAITING)
    assert "16:30" in str(desk.cell("我的首页", (3, 1)))


def test_where_a_column_came_a_line_says_that_a_new_edition_waits_and_all_else_follows(desk: Desk) -> None:
    wider = replace(ACTIVITIES, columns=(*ACTIVITIES.columns, Column("place", "地点", group="规模")))
    ledger = replace(LEDGER, sheets=(LEDGER.sheets[0], wider))
    rows = changed(changed(START, "HD-D02-0001", name="义务植树"), "T0002", this_week="两次谈话")
    report = desk.follow(desk.editions.add(*rows, ledger=ledger))
    assert (report.state, report.detail) == (State.WAITS, "活动台账")
    assert str(desk.cell("首页", (3, 1))).startswith(WAITING)
    assert desk.place("任务清单", "两次谈话")
    assert desk.place("活动台账", "植树")
    assert desk.mark() == Mark((1,), 2)
    desk.followed(desk.editions.add(*START))  # the column is gone again: the line too


def test_no_payload_becomes_a_formula_and_values_arrive_as_what_they_are(desk: Desk) -> None:
    texts = [TEXTS[name] for name in HEADS]
    assert len(texts) == 10
    rows = [activity(10 + at, name=text, card=text, rate=text) for at, text in enumerate(texts)]
    rows += [
        activity(30 + at, name=text)
        for at, text in enumerate(("01", "3-5", "1/2", "TRUE", "50%", "1e5", "#N/A", "2026-3-5"))
    ]
    rows.append(activity(50, card="110101199001011234", headcount=123456789012345, rate=0.5, date=date(2026, 12, 31)))
    desk.followed(desk.editions.add(*START, *rows))
    assert [
        formula for sheet in desk.excel.sheets(desk.book) for formula in desk.excel.formulas(desk.book, sheet)
    ] == []
