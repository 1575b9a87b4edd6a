"""Worded deadlines: a table of wordings as offices write them, the sample plan, and what holds of every text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncer.core.calendar import Day, DayKind, Workdays, named_days
from syncer.core.deadlines import Deadline, due_after, expected_percent, is_overdue, parse_deadline, print_deadline
from syncer.core.values import Scalar
from tests.core.test_calendar import DAYS as OFF_AND_MADE_UP
from tests.core.value_tables import FOLDER

EVENTS = [Day(date(2026, 10, 16), DayKind.EVENT, "党的二十大"), Day(date(2026, 11, 20), DayKind.EVENT, "市级测评")]
DAYS = [*OFF_AND_MADE_UP, *EVENTS]
OFFICE = Workdays(DAYS)
NAMED = named_days(2026, DAYS)
ISSUED = date(2026, 3, 2)

# The 25 tasks of the sample plan: number | 频次 | 完成时限 | kind | start | due | milestones, read in 2022.
PLAN = """
1.1 | 年度 | 2022年3月底前 | date | | 2022-03-31 |
2.1 | 每季度 | 每季度末 | recurring | | 2022-12-30 | 4
3.1 | 每季度 | 每季度末 | recurring | | 2022-12-30 | 4
3.2 | 每周 | 每周五下午 | recurring | | 2022-12-30 | 51
4.1 | 年度 | 党的二十大召开前 | date | | 2022-10-14 |
5.1 | 年度 | 全年 | all_year | | 2022-12-31 |
6.1 | 每季度 | 每季度末 | recurring | | 2022-12-30 | 4
6.2 | 每半年 | 上半年、下半年各一次 | recurring | | 2022-12-30 | 2
6.3 | 全年 | 长期坚持 | all_year | | 2022-12-31 |
6.4 | 年度 | 2022年12月15日 | date | | 2022-12-15 |
6.5 | 年度 | 10月底前 | date | | 2022-10-31 |
6.6 | 每月 | 每月25日前 | recurring | | 2022-12-26 | 12
6.7 | 每月 | 每月25日前 | recurring | | 2022-12-26 | 12
6.8 | 每半年 | 6月中旬、12月上旬 | recurring | | 2022-12-12 | 2
7.1 | 年度 | 2022年12月20日 | date | | 2022-12-20 |
7.2 | 每半年 | 第三季度 | date | 2022-07-01 | 2022-09-30 |
7.3 | 每季度 | 每季度末 | recurring | | 2022-12-30 | 4
8.1 | 按节日 | 按节日 | recurring | | 2022-10-04 | 7
8.2 | 每半年 | 每半年 | recurring | | 2022-12-30 | 2
9.1 | 每半年 | 上半年、下半年各一次 | recurring | | 2022-12-30 | 2
9.2 | 年度 | 12月4日前 | date | | 2022-12-05 |
10.1 | 年度 | 年底前 | date | | 2022-12-30 |
10.2 | 每月 | 常态化 | all_year | | 2022-12-31 |
10.3 | 每半年 | 9月底前 | date | | 2022-09-30 |
11.1 | 年度 | 即日起至10月31日 | date | | 2022-10-31 |
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip("\n").splitlines()]


def _day(text: str) -> date | None:
    return date.fromisoformat(text if len(text) != 5 else f"2026-{text}") if text else None


def _parse(text: Scalar, frequency: str = "", shift: str = "顺延", issued: date | None = None) -> Deadline:
    return parse_deadline(text, 2026, OFFICE, NAMED, frequency, shift, issued)


def _meaning(deadline: Deadline) -> tuple[object, ...]:
    return deadline.kind, deadline.start, deadline.due, deadline.milestones


def _wordings() -> list[tuple[str, str]]:
    lines = (FOLDER / "deadlines.txt").read_text("utf-8").splitlines()
    return [
        (text.strip(), expected.strip())
        for text, arrow, expected in (line.partition("⇒") for line in lines)
        if arrow and not text.startswith("#")
    ]


def _told(found: Deadline) -> str:
    """Returns a deadline as the table writes it; the year only where it is not the ledger's."""

    def days(*given: date | None, between: str = "、") -> str:
        return between.join(f"{day:%m-%d}" if day.year == 2026 else f"{day}" for day in given if day)

    note = " 注" if found.note else ""
    match found.kind:
        case "none":
            return "空"
        case "unclear":
            return "问"
        case "recurring":
            ends = dict.fromkeys((found.milestones[0], found.milestones[-1]))
            since = f" 自{days(found.start)}" if found.start else ""
            count = len(found.milestones)
            return f"{count}次 {days(*ends, between='…' if count > 2 else '、')}{since}{note}"
        case "all_year":
            return f"全年{f' 自{days(found.start)}' if found.start else ''}{note}"
        case _:
            return f"{days(found.start, found.due, between=' 至 ')}{note}"


@pytest.mark.parametrize(("text", "expected"), _wordings())
def test_a_wording_means_what_an_office_means_by_it(text: str, expected: str) -> None:
    found = _parse(text)
    assert _told(found) == expected
    assert found.text == text
    assert bool(found.note) or found.kind != "unclear"


@pytest.mark.parametrize(("number", "frequency", "text", "kind", "start", "due", "count"), _rows(PLAN))
def test_every_deadline_of_the_sample_plan_is_understood(
    number: str, frequency: str, text: str, kind: str, start: str, due: str, count: str
) -> None:
    named = named_days(2022, [Day(date(2022, 10, 16), DayKind.EVENT, "党的二十大")])
    found = parse_deadline(text, 2022, Workdays(), named, frequency)
    assert (found.kind, found.start, found.due) == (kind, _day(start), _day(due)), number
    assert len(found.milestones) == int(count or 0)


@pytest.mark.parametrize(
    ("text", "frequency", "expected"),
    [
        ("25日前", "每月", "每月25日前"),
        ("月底前", "每月", "每月底前"),
        ("周五下午", "每周", "每周五"),
        ("季度末", "每季度", "每季度末"),
        ("节前", "按节日", "各传统节日前"),
        ("", "每月", "每月"),
        (None, "每周", "每周"),
        ("—", "按节日", "按节日"),
        ("", "年度", "年底"),
        ("", "半年度", "每半年"),
    ],
)
def test_a_wording_that_is_none_by_itself_is_helped_by_the_frequency(
    text: Scalar, frequency: str, expected: str
) -> None:
    assert _meaning(_parse(text, frequency)) == _meaning(_parse(expected))


def test_the_frequency_never_overrules_the_wording() -> None:
    assert _parse("第三季度", "每半年").kind == "date"
    assert _parse("常态化", "每月").kind == "all_year"


@pytest.mark.parametrize(
    ("text", "start", "due"),
    [
        ("立行立改", "03-02", "03-09"),
        ("立知立改", "03-02", "03-09"),
        ("5个工作日内", "03-02", "03-09"),
        ("十日内", "03-02", "03-12"),
        ("24小时内", "03-02", "03-03"),
        ("印发之日起10个工作日内", "03-02", "03-16"),
        ("收到通知后3日内", "03-02", "03-05"),
        ("一个月内", "03-02", "04-02"),
        ("半年内", "03-02", "09-02"),
        ("即日起至10月31日", "03-02", "11-02"),
        ("节前", "", "04-03"),
    ],
)
def test_what_counts_from_the_day_of_issue_needs_that_day(text: str, start: str, due: str) -> None:
    found = _parse(text, issued=ISSUED)
    assert (found.kind, found.start, found.due) == ("date", _day(start), _day(due))


def test_an_event_is_only_known_from_the_template() -> None:
    assert parse_deadline("党的二十大召开前", 2026, OFFICE, named_days(2026)).kind == "unclear"


def test_an_explicit_other_year_is_kept_and_said() -> None:
    found = _parse("2022年3月底前")
    assert found.due == date(2022, 3, 31)
    assert "2022" in found.note


def test_what_can_be_read_in_two_ways_says_how_it_was_read() -> None:
    for text in (
        "3.5",
        "3月前",
        "中秋前后",
        "46086",
        "每月1-2次",
        "10月底前（国庆前）",
        "3月底前完成方案制定",
        "5月2日",
    ):
        assert _parse(text).note, text
    assert not _parse("3月底前").note


def test_dates_and_numbers_from_excel_are_read_like_text() -> None:
    for value in (date(2026, 3, 5), datetime(2026, 3, 5), datetime(2026, 3, 5, 17, 0), 46086, 46086.0, 20260305, 3.5):
        assert _parse(value).due == date(2026, 3, 5), value
    assert _parse(2, "每月").kind == "unclear"


def test_a_due_day_off_work_moves_as_the_template_says() -> None:
    dues = {how: _parse("10月3日", shift=how).due for how in ("顺延", "提前", "不调整")}
    assert dues == {"顺延": date(2026, 10, 8), "提前": date(2026, 9, 30), "不调整": date(2026, 10, 3)}
    assert _parse("每月25日前", shift="不调整").milestones == tuple(date(2026, month, 25) for month in range(1, 13))


def test_what_is_due_before_a_festival_never_moves_past_it() -> None:
    assert _parse("春节前", shift="顺延").due == date(2026, 2, 14)
    assert _parse("春节前", shift="不调整").due == date(2026, 2, 16)


def test_a_festival_itself_is_not_moved_off_its_day() -> None:
    assert date(2026, 2, 17) in _parse("按节日").milestones


def test_a_due_day_never_leaves_its_year_by_moving() -> None:
    named = named_days(2022)
    assert parse_deadline("年底前", 2022, Workdays(), named).due == date(2022, 12, 30)  # the 31st is a Saturday
    early = parse_deadline("1月1日", 2022, Workdays(), named, shift="提前").due
    assert early == date(2022, 1, 4)


def test_a_named_weekday_falls_into_every_week_that_works() -> None:
    days = _parse("每周五").milestones
    assert date(2026, 5, 6) in days  # Friday the 1st is off: the next working day
    assert not any(date(2026, 2, 14) < day < date(2026, 2, 24) for day in days)


def test_a_week_without_weekday_is_due_on_its_last_working_day() -> None:
    days = _parse("每周").milestones
    assert date(2026, 10, 10) in days  # Saturday, made up
    assert date(2026, 4, 30) in days


def test_the_next_due_day_may_be_today() -> None:
    found = _parse("每季度末")
    assert due_after(found, date(2026, 3, 31)) == date(2026, 3, 31)
    assert due_after(found, date(2026, 4, 1)) == date(2026, 6, 30)
    assert due_after(found, date(2027, 1, 1)) is None
    assert due_after(_parse("3月底前"), date(2026, 4, 1)) is None
    assert due_after(Deadline(), date(2026, 4, 1)) is None


def test_the_line_of_a_recurrence_is_the_share_of_its_milestones_that_have_come() -> None:
    found = _parse("每季度末")
    assert [expected_percent(found, date(2026, *day), 2026) for day in ((3, 30), (3, 31), (7, 1), (12, 31))] == [
        0,
        25,
        50,
        100,
    ]


def test_the_line_of_one_date_is_nothing_until_the_day_has_passed() -> None:
    found = _parse("第三季度")
    assert [expected_percent(found, date(2026, *day), 2026) for day in ((9, 30), (10, 1))] == [0, 100]


def test_the_line_of_all_year_is_straight_from_its_start() -> None:
    assert expected_percent(_parse("全年"), date(2026, 7, 2), 2026) == pytest.approx(100 * 183 / 365)
    assert expected_percent(_parse("全年"), date(2026, 12, 31), 2026) == 100
    assert expected_percent(_parse("3月起"), date(2026, 2, 28), 2026) == 0
    assert expected_percent(_parse("3月起"), date(2027, 2, 28), 2026) == 100


def test_what_is_blank_or_unclear_has_no_line_and_is_never_overdue() -> None:
    for text in ("", "适时"):
        assert expected_percent(_parse(text), date(2026, 12, 31), 2026) is None
        assert not is_overdue(_parse(text), date(2027, 12, 31))


def test_a_task_is_overdue_from_the_day_after_its_last_due_day() -> None:
    for text, due in (("3月底前", date(2026, 3, 31)), ("每月25日前", date(2026, 12, 25)), ("全年", date(2026, 12, 31))):
        assert not is_overdue(_parse(text), due)
        assert is_overdue(_parse(text), due + timedelta(1))


PIECES = """
2026年 2025年 26年 明年 今年 全 3月 12月 二月 十一 5日 31日 25日前 三 3 6 1 20 . - / 、 ， ； 和 至 到 起 底 末 初 前 后 内 前后 上旬 中旬
下旬 份 第 一季度 季度 Q2 上半年 下半年 半年 年 年底 年内 每 每月 每周 每周五 每季度 每年 隔 按 各 两 个 月 周 周五 日 天 工作日 最后一个 次 一次
2次 至少 春节 中秋节 国庆 元旦 节日 节 按节日 等传统节日 党的二十大 市级测评 召开 期间 即日起 从 自 长期 坚持 全年 常态化 持续 立行立改 5个 个工作日内 日内
完成 报送 方案 （ ） ( ) 下午 17:00 止 不迟于 力争 46086 20260305 ① 1、 2、
"""
SOUPS = st.lists(st.sampled_from(PIECES.split()), max_size=7).map("".join)
TABLE = st.sampled_from([text for text, _ in _wordings()])
TEXTS = st.one_of(SOUPS, TABLE, st.tuples(TABLE, SOUPS).map("".join))
FREQUENCIES = st.one_of(
    st.just(""), st.sampled_from(["每月", "每周", "每季度", "每半年", "年度", "全年", "按节日", "不定期"])
)
SHIFTS = st.sampled_from(["顺延", "提前", "不调整"])
DAYS_OF_ISSUE = st.none() | st.dates(date(2025, 6, 1), date(2026, 12, 31))
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


def _is_sound(found: Deadline) -> None:
    assert found.kind in {"date", "recurring", "all_year", "none", "unclear"}
    assert (found.due is not None) == (found.kind in {"date", "recurring", "all_year"})
    assert bool(found.milestones) == (found.kind == "recurring")
    assert list(found.milestones) == sorted(set(found.milestones))
    assert found.due is None or 1890 < found.due.year < 2110
    if found.start and found.due:
        assert found.start <= found.due
    if found.milestones:
        assert found.due == found.milestones[-1]
    assert bool(found.note) or found.kind != "unclear"


@given(st.one_of(TEXTS, st.text()), st.one_of(FREQUENCIES, st.text()), SHIFTS, DAYS_OF_ISSUE)
@example("每年" * 400, "", "顺延", None)
@example("（" * 900, "", "顺延", None)
@example("3、" * 480, "", "顺延", None)
@example("一" * 20_000, "", "顺延", None)
@example("999年内", "", "顺延", ISSUED)
@example("99999999999999999999日内", "", "顺延", ISSUED)
@example("每月²日", "", "顺延", None)
def test_no_text_raises_and_every_reading_is_sound(text: str, frequency: str, shift: str, issued: date | None) -> None:
    _is_sound(_parse(text, frequency, shift, issued))


@given(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(), st.times(), st.timedeltas()
    )
)
def test_no_value_of_a_cell_raises(value: Scalar) -> None:
    _is_sound(replace(found, due=None, kind="none", start=None) if (found := _parse(value)).kind == "date" else found)


@settings(max_examples=400)
@given(TEXTS, FREQUENCIES, SHIFTS, DAYS_OF_ISSUE)
def test_a_deadline_printed_and_read_again_is_the_same(
    text: str, frequency: str, shift: str, issued: date | None
) -> None:
    found = _parse(text, frequency, shift, issued)
    assert _meaning(_parse(print_deadline(found), shift=shift)) == _meaning(found)


@given(TEXTS, st.integers(0, 30))
def test_full_width_signs_and_stray_spaces_change_nothing(text: str, at: int) -> None:
    wide = text.translate(WIDE)
    assert _meaning(_parse(wide)) == _meaning(_parse(text))
    spaced = f"\u3000{text[:at]}\u200b{text[at:]}\u00a0"
    assert _meaning(_parse(spaced)) == _meaning(_parse(text))


@given(TABLE, st.integers(2000, 2060))
def test_a_wording_without_a_year_is_understood_in_every_year(text: str, year: int) -> None:
    known = named_days(year, [replace(day, day=day.day.replace(year=year)) for day in EVENTS])
    explicit = ("20", "26年", "26.", "二〇", "二○", "２０", "46086", "（周", "（星期", "上年", "去年")
    if not any(word in text for word in explicit):
        found = parse_deadline(text, year, Workdays(), known)
        # 国庆、中秋前 in 2050: both come to the same working day.
        one_day = found.kind == "date" and "国庆" in text and "中秋" in text
        assert found.kind == _parse(text).kind or one_day
        assert found.due is None or year <= found.due.year <= year + 1
