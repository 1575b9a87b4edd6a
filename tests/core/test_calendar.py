"""The office calendar, with the real days off and make-up days of 2026."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.calendar import TRADITIONAL, Day, DayKind, Week, Workdays, festivals, name_key, named_days

OFF_2026 = "01-01:01-03 02-15:02-23 04-04:04-06 05-01:05-05 06-19:06-21 09-25:09-27 10-01:10-07"
WORK_2026 = "01-04 02-14 02-28 05-09 09-20 10-10"


def _days_2026() -> list[Day]:
    days = [Day(date.fromisoformat(f"2026-{text}"), DayKind.WORK) for text in WORK_2026.split()]
    for run in OFF_2026.split():
        first, last = (date.fromisoformat(f"2026-{text}") for text in run.split(":"))
        days += [Day(first + timedelta(n), DayKind.OFF) for n in range((last - first).days + 1)]
    return days


DAYS = _days_2026()
OFFICE = Workdays(DAYS)
DATES = st.dates(date(2000, 1, 1), date(2060, 12, 31))


def test_the_templates_days_off_and_make_up_days_win_over_the_weekday() -> None:
    assert not OFFICE.is_workday(date(2026, 10, 5))  # a Monday of National Day
    assert OFFICE.is_workday(date(2026, 10, 10))  # a Saturday made up
    assert OFFICE.is_workday(date(2026, 9, 20))  # a Sunday made up
    assert not OFFICE.is_workday(date(2026, 10, 11))


def test_2026_has_248_working_days() -> None:
    assert OFFICE.workdays_between(date(2025, 12, 31), date(2026, 12, 31)) == 248


def test_the_template_may_contradict_the_statutory_days() -> None:
    office = Workdays([Day(date(2026, 10, 1), DayKind.WORK), Day(date(2026, 3, 5), DayKind.OFF)])
    assert office.is_workday(date(2026, 10, 1))
    assert not office.is_workday(date(2026, 3, 5))


def test_a_day_off_and_made_up_at_once_is_off() -> None:
    assert not Workdays([Day(date(2026, 3, 5), kind) for kind in (DayKind.WORK, DayKind.OFF)]).is_workday(
        date(2026, 3, 5)
    )


def test_a_year_the_template_says_nothing_of_has_the_statutory_days_and_is_incomplete() -> None:
    assert OFFICE.incomplete(2027)
    assert not OFFICE.incomplete(2026)
    assert not OFFICE.is_workday(date(2027, 10, 1))
    assert OFFICE.is_workday(date(2027, 3, 3))
    assert Workdays([Day(date(2027, 3, 5), DayKind.EVENT, "测评")]).incomplete(2027)


@pytest.mark.parametrize(
    ("day", "how", "expected"),
    [
        ("2026-03-05", "顺延", "2026-03-05"),
        ("2026-10-01", "顺延", "2026-10-08"),
        ("2026-10-01", "提前", "2026-09-30"),
        ("2026-10-01", "不调整", "2026-10-01"),
        ("2026-02-16", "提前", "2026-02-14"),
        ("2026-02-16", "顺延", "2026-02-24"),
        ("2026-05-09", "顺延", "2026-05-09"),
    ],
)
def test_a_due_day_off_work_moves_as_the_template_says(day: str, how: str, expected: str) -> None:
    assert OFFICE.shift(date.fromisoformat(day), how) == date.fromisoformat(expected)


def test_days_left_count_the_due_day_and_not_today() -> None:
    assert OFFICE.workdays_between(date(2026, 9, 30), date(2026, 10, 8)) == 1
    assert OFFICE.workdays_between(date(2026, 10, 8), date(2026, 10, 8)) == 0
    assert OFFICE.workdays_between(date(2026, 10, 10), date(2026, 10, 8)) == -2


@given(DATES, st.integers(-60, 60))
def test_adding_working_days_and_counting_them_agree(day: date, count: int) -> None:
    landed = OFFICE.add_workdays(day, count)
    assert count == 0 or OFFICE.is_workday(landed)
    if count >= 0 or OFFICE.is_workday(day):
        assert OFFICE.workdays_between(day, landed) == count


@given(DATES)
def test_next_and_previous_are_the_nearest_working_days(day: date) -> None:
    after, before = OFFICE.next_workday(day), OFFICE.previous_workday(day)
    assert before < day < after
    assert OFFICE.workdays_between(day, after) == 1
    assert OFFICE.workdays_between(before, day) == int(OFFICE.is_workday(day))


@given(DATES, st.sampled_from(["顺延", "提前"]))
def test_shifting_twice_is_shifting_once(day: date, how: str) -> None:
    once = OFFICE.shift(day, how)
    assert OFFICE.is_workday(once)
    assert OFFICE.shift(once, how) == once


@given(DATES)
def test_a_week_holds_its_days_and_is_read_back_from_its_label(day: date) -> None:
    week = Week.of(day)
    assert week.contains(day)
    assert week.monday <= day <= week.sunday
    assert Week.parse(week.label) == week
    assert len(week.days) == 7
    assert week.previous < week
    assert not week.contains(week.previous.sunday)


def test_the_iso_year_of_a_week_is_not_always_the_calendar_year() -> None:
    assert Week.of(date(2027, 1, 1)).label == "2026-W53"
    assert Week.parse("2026-W01").monday == date(2025, 12, 29)


@pytest.mark.parametrize("label", ["2026-W54", "2027-W53", "2026-47", "2026-W7", "", "２０２６-W47"])
def test_a_label_of_no_week_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match=r"week"):
        Week.parse(label)


@pytest.mark.parametrize(
    ("label", "last_day", "expected"),
    [
        ("2026-W47", 5, "2026-11-20"),  # an ordinary Friday
        ("2026-W47", 4, "2026-11-19"),  # an office whose week ends on Thursday
        ("2026-W41", 5, "2026-10-10"),  # Saturday, made up
        ("2026-W38", 5, "2026-09-20"),  # Sunday, made up
        ("2026-W07", 5, "2026-02-14"),
        ("2026-W40", 5, "2026-09-30"),  # National Day begins on Thursday
        ("2026-W18", 5, "2026-04-30"),
        ("2026-W08", 5, None),  # Spring Festival
    ],
)
def test_a_week_ends_on_its_last_working_day(label: str, last_day: int, expected: str | None) -> None:
    day = OFFICE.last_workday(Week.parse(label), last_day)
    assert (day and day.isoformat()) == expected


def test_a_week_that_only_works_after_its_usual_end_ends_on_what_it_has() -> None:
    office = Workdays([Day(date(2026, 3, 2) + timedelta(n), DayKind.OFF) for n in range(4)])
    assert office.last_workday(Week.of(date(2026, 3, 2)), 4) == date(2026, 3, 6)


def test_a_week_is_issued_at_the_hour_and_not_before() -> None:
    at = time(16, 0)
    assert OFFICE.issue_moment(Week.parse("2026-W41"), at) == datetime(2026, 10, 10, 16, 0)
    assert OFFICE.latest_due_week(datetime(2026, 10, 10, 15, 59), at).label == "2026-W40"
    assert OFFICE.latest_due_week(datetime(2026, 10, 10, 16, 0), at).label == "2026-W41"


def test_a_week_without_a_working_day_joins_the_next() -> None:
    at = time(16, 0)
    assert OFFICE.issue_moment(Week.parse("2026-W08"), at) is None
    assert OFFICE.latest_due_week(datetime(2026, 2, 22, 23, 0), at).label == "2026-W07"
    assert OFFICE.latest_due_week(datetime(2026, 2, 28, 16, 0), at).label == "2026-W09"


@given(st.datetimes(datetime(2010, 1, 1), datetime(2050, 1, 1)), st.integers(1, 7))
def test_the_latest_due_week_has_come_and_no_later_one_has(now: datetime, last_day: int) -> None:
    at = time(16, 30)
    week = OFFICE.latest_due_week(now, at, last_day)
    moment = OFFICE.issue_moment(week, at, last_day)
    assert moment is not None
    assert moment <= now
    after = Week.of(week.sunday + timedelta(1))
    while after.monday <= now.date():
        later = OFFICE.issue_moment(after, at, last_day)
        assert later is None or later > now
        after = Week.of(after.sunday + timedelta(1))


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2022, "02-01 02-15 04-05 06-03 08-04 09-10 10-04"),
        (2025, "01-29 02-12 04-04 05-31 08-29 10-06 10-29"),
        (2026, "02-17 03-03 04-05 06-19 08-19 09-25 10-18"),
    ],
)
def test_the_seven_traditional_festivals_fall_as_the_almanac_says(year: int, expected: str) -> None:
    assert [f"{festivals(year)[name]:%m-%d}" for name in TRADITIONAL] == expected.split()


def test_beyond_the_tables_only_the_festivals_of_the_sun_are_known() -> None:
    assert festivals(2200)["国庆节"] == date(2200, 10, 1)
    assert "春节" not in festivals(2200)


def test_rows_of_the_template_win_over_the_almanac_and_add_to_it() -> None:
    rows = [
        Day(date(2026, 9, 24), DayKind.FESTIVAL, "中秋"),
        Day(date(2026, 11, 20), DayKind.EVENT, "市级测评"),
        Day(date(2026, 11, 27), DayKind.EVENT, "市级测评"),
        Day(date(2027, 3, 1), DayKind.EVENT, "总结大会"),
        Day(date(2027, 2, 6), DayKind.FESTIVAL, "春节"),
        Day(date(2026, 10, 1), DayKind.OFF, "国庆假期"),
    ]
    known = {name_key(name): day for name, day in named_days(2026, rows).items()}
    assert known["中秋"] == date(2026, 9, 24)
    assert known["市级测评"] == date(2026, 11, 20)
    assert known["总结大会"] == date(2027, 3, 1)
    assert known["春节"] == date(2026, 2, 17)
    assert "国庆假期" not in known


@pytest.mark.parametrize(
    ("name", "key"), [("中秋节", "中秋"), ("中 秋", "中秋"), ("春节", "春节"), ("３.１５", "3.15")]
)
def test_names_are_compared_folded_and_without_a_last_jie(name: str, key: str) -> None:
    assert name_key(name) == key
