"""A master that stands open follows by itself: values, rows that come and go, looks; what is hers stays."""

from __future__ import annotations

from datetime import date

from tests.live.desk import Desk
from tests.live.masters import START, activity, changed, task


def test_changed_cells_are_put_in_place(desk: Desk) -> None:
    desk.followed(desk.editions.add(*changed(START, "HD-D02-0001", name="义务植树", headcount=120, date=date(2026, 3, 12))))


def test_rows_that_came_and_went_are_handled(desk: Desk) -> None:
    rows = [row for row in START if row.id != "HD-D02-0001"]
    desk.followed(desk.editions.add(*rows, activity(3, name="宣讲", headcount=9), activity(5, name="走访", rate=50), task(2, "D03", status="推进中")))
    desk.followed(desk.editions.add(*START))
    desk.followed(desk.editions.add())
    desk.followed(desk.editions.add(*START))
