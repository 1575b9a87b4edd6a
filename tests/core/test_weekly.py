from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from syncer.core.calendar import Day, DayKind, Workdays
from syncer.core.deadlines import Deadline
from syncer.core.model import Column, Ledger, Light, Row, Settings, Sheet, SheetKind, Task, Unit
from syncer.core.reports.progress import assess
from syncer.core.reports.weekly import WeeklyReport, marks, period_start, weekly_report
from syncer.core.state import LedgerState, TaskMark, UnitState, WeekMarks
from syncer.core.values import Scalar

WEEK, START, END = "2026-W47", date(2026, 11, 14), date(2026, 11, 20)
LAST, ISSUED = "2026-W46", "2026-11-13T16:00:00"
THIS_WEEK = "2026-11-18T10:00:00"

UNITS = (
    Unit("D01", "办公室", "办公室", contact="张某", phone="000-0001"),
    Unit("D02", "人事科", "人事科"),
    Unit("D03", "宣传教育科", "宣传科", contact="李某", phone="000-0003"),
    Unit("D04", "机关党支部", "党支部"),
)
YEAR_END = Deadline("全年", "all_year", due=date(2026, 12, 31))
CODES = ("percent", "status", "this_week", "next_week", "trouble", "help")
SHEETS = (
    Sheet("tasks", "任务清单", SheetKind.TASKS, tuple(Column(c, c) for c in CODES), ("D01", "D02", "D03")),
    Sheet("support", "配合任务", SheetKind.SUPPORT, (Column("report", "配合完成情况"),), ("D04",)),
)


def task(number: int, *leads: str, deadline: Deadline = YEAR_END, supports: tuple[str, ...] = ()) -> Task:
    return Task(f"T{number:04}", f"{number}.1", f"任务{number}", leads=leads, supports=supports, deadline=deadline)


def ledger(*tasks: Task, sheets: tuple[Sheet, ...] = SHEETS) -> Ledger:
    return Ledger("v", Settings(2026, office="某局"), sheets, UNITS, tasks)


def report_of(task_id: str, unit: str, changed_at: str = THIS_WEEK, **values: Scalar) -> Row:
    return Row(task_id, "tasks", unit, {"status": "推进中", **values}, changed_at=changed_at)


def state(*rows: Row, last: WeekMarks | None = None, silent: tuple[str, ...] = ()) -> LedgerState:
    units = tuple(
        UnitState(u.code, "current", last_saved=THIS_WEEK, last_change="" if u.code in silent else THIS_WEEK)
        for u in UNITS
    )
    return LedgerState(rows, units, last_week=WeekMarks() if last is None else last)


def last_week(*marks_: tuple[str, str, TaskMark]) -> WeekMarks:
    return WeekMarks(LAST, ISSUED, tuple(((t, u), mark) for t, u, mark in marks_))


def made(book: Ledger, now: LedgerState, as_of: date = END) -> WeeklyReport:
    progress = assess(book, now, as_of, Workdays(), opened=date(2026, 1, 5))
    return weekly_report(book, now, progress, WEEK, START, END)


def test_red_comes_first_then_yellow_then_what_changed_and_one_line_for_the_rest() -> None:
    overdue = Deadline("10月底前", "date", due=date(2026, 10, 31))
    book = ledger(*(task(n, "D01") for n in (1, 2, 3)), task(4, "D01", deadline=overdue))
    now = state(
        report_of("T0001", "D01", percent=95, this_week="无变化"),
        report_of("T0002", "D01", percent=95, this_week="新进展"),
        report_of("T0003", "D01", percent=95, status="滞后", this_week="无变化"),
        report_of("T0004", "D01", percent=50, this_week="无变化"),
    )
    report = made(book, now)
    assert [(line.number, line.light) for line in report.lines] == [
        ("4.1", Light.RED),
        ("3.1", Light.YELLOW),
        ("2.1", Light.GREEN),
    ]
    assert report.rest == "其余1项：按序时推进1项"


def test_a_text_equal_to_last_weeks_is_printed_as_not_updated_and_its_unit_is_named() -> None:
    book = ledger(task(1, "D01"), task(2, "D03"))
    before = last_week(
        ("T0001", "D01", TaskMark(90, "推进中", "召开了动员会。", "绿")),
        ("T0002", "D03", TaskMark(90, "推进中", "旧", "绿")),
    )
    now = state(
        report_of("T0001", "D01", percent=95, this_week="召开了 动员会。"),
        report_of("T0002", "D03", percent=90, this_week="新"),
        last=before,
    )
    report = made(book, now)
    assert [line.this_week for line in report.lines] == ["未更新（上周：召开了 动员会）", "新"]
    assert report.notes == ("已报送、但有任务未更新的单位：办公室1项。",)


def test_a_finished_task_has_nothing_to_update_and_its_text_is_printed_plain() -> None:
    book = ledger(task(1, "D01", "D03"))
    before = last_week(*(("T0001", unit, TaskMark(95, "推进中", "印发了通报。", "绿")) for unit in ("D01", "D03")))
    now = state(
        report_of("T0001", "D01", percent=100, status="已完成", this_week="印发了通报。"),
        report_of("T0001", "D03", percent=95, this_week="印发了通报。"),
        last=before,
    )
    said = "【办公室、宣传科】印发了通报"
    assert [line.this_week for line in made(book, now).lines] == [said]
    alone = replace(now, rows=now.rows[:1])
    assert [line.this_week for line in made(ledger(task(1, "D01")), alone).lines] == ["印发了通报。"]


def test_nothing_changed_is_an_accepted_answer_however_often_it_is_given() -> None:
    before = last_week(("T0001", "D01", TaskMark(90, "推进中", "无变化", "绿")))
    now = state(report_of("T0001", "D01", percent=90, this_week=" 无变化 "), last=before)
    report = made(ledger(task(1, "D01")), now)
    assert (report.lines, report.notes, report.rest) == ((), (), "其余1项：按序时推进1项")


def test_a_blank_text_of_a_task_that_is_shown_says_so() -> None:
    now = state(report_of("T0001", "D01", percent=95, status="滞后"))
    assert made(ledger(task(1, "D01")), now).lines[0].this_week == "未填报"


def test_points_are_compared_with_last_weeks() -> None:
    book = ledger(*(task(n, "D01") for n in range(1, 5)))
    before = last_week(
        ("T0001", "D01", TaskMark(88, "推进中", "旧", "绿")),
        ("T0002", "D01", TaskMark(95, "推进中", "旧", "绿")),
        ("T0003", "D01", TaskMark(None, "推进中", "旧", "绿")),
        ("T0004", "D01", TaskMark(95, "推进中", "旧", "绿")),
    )
    rows = (("T0001", 93), ("T0002", 95), ("T0003", 93), ("T0004", 90))
    now = state(*(report_of(t, "D01", percent=p, this_week="新") for t, p in rows), last=before)
    assert [line.percent for line in made(book, now).lines] == ["93%（+5）", "95%（持平）", "93%", "90%（-5）"]
    first = replace(now, last_week=WeekMarks())
    assert [line.percent for line in made(book, first).lines] == ["93%", "95%", "93%", "90%"]


def test_a_task_whose_points_moved_is_shown_though_its_text_did_not() -> None:
    before = last_week(("T0001", "D01", TaskMark(88, "推进中", "旧", "绿")))
    now = state(report_of("T0001", "D01", percent=93, this_week="旧"), last=before)
    assert made(ledger(task(1, "D01")), now).lines[0].this_week == "未更新（上周：旧）"


def test_a_light_that_left_red_is_shown_once_more() -> None:
    before = last_week(("T0001", "D01", TaskMark(93, "推进中", "旧", "红", 2)))
    now = state(report_of("T0001", "D01", percent=93, this_week="旧"), last=before)
    assert [line.light for line in made(ledger(task(1, "D01")), now).lines] == [Light.GREEN]


def test_what_several_leads_say_stands_in_one_cell_in_roster_order() -> None:
    now = state(
        report_of("T0001", "D03", percent=95, this_week="发了通知。", trouble="缺经费"),
        report_of("T0001", "D01", percent=95, this_week="开了会；"),
    )
    line = made(ledger(task(1, "D03", "D01")), now).lines[0]
    assert line.this_week == "【办公室】开了会；【宣传科】发了通知"
    assert line.trouble == "【宣传科】缺经费"
    assert line.who == "宣传科、办公室"


def test_what_a_supporting_unit_newly_reported_stands_beside_the_leads_text() -> None:
    book = ledger(task(1, "D01", supports=("D04",)), task(2, "D01", supports=("D04",)))
    rows = [report_of("T0001", "D01", percent=95, this_week="办结。")]
    rows += [report_of("T0002", "D01", percent=95, this_week="无变化")]
    rows += [
        Row(t, "support", "D04", {"report": "已配合。"}, changed_at=at)
        for t, at in (("T0001", THIS_WEEK), ("T0002", "2026-11-12T09:00:00"))
    ]
    same = TaskMark(percent=95, status="推进中", text="无变化")
    now = state(*rows, last=last_week(("T0001", "D01", same), ("T0002", "D01", same)))
    report = made(book, now)
    assert [(line.number, line.this_week) for line in report.lines] == [("1.1", "办结；【配合·党支部】已配合")]
    assert report.lines[0].who == "办公室（党支部）"


def test_units_without_an_accepted_change_are_missing_and_those_that_lead_nothing_are_not() -> None:
    book = ledger(task(1, "D01"), task(2, "D03"))
    now = state(report_of("T0001", "D01", this_week="新"), last=last_week(), silent=("D03", "D04"))
    now = replace(now, units=tuple(replace(u, state="issued") if u.unit == "D03" else u for u in now.units))
    report = made(book, now)
    assert [(line.unit, line.what, line.why, line.last_change) for line in report.missing] == [
        ("宣传科", "本周进展", "发放后从未保存", None)
    ]
    assert report.notes == ("本周未报送的单位（1个）：宣传科。",)


def test_the_group_line_names_who_is_missing_and_what_is_due_but_no_phone() -> None:
    soon = Deadline("11月25日", "date", due=date(2026, 11, 25))
    book = ledger(task(1, "D01", deadline=soon, supports=("D04",)), task(2, "D03"))
    report = made(book, state(report_of("T0001", "D01", this_week="新"), last=last_week(), silent=("D03",)))
    assert "未报送：宣传科" in report.group_line
    assert "11月25日 1.1任务1（办公室）" in report.group_line
    assert "000-" not in report.group_line
    assert "000-0003" in {line.phone for line in report.missing}


def test_a_draft_in_mid_week_names_who_is_still_to_report_and_by_when() -> None:
    book = ledger(task(1, "D01"), task(2, "D03"))
    now = state(report_of("T0001", "D01", this_week="新"), last=last_week(), silent=("D03",))
    wednesday = date(2026, 11, 18)
    progress = assess(book, now, wednesday, Workdays(), opened=date(2026, 1, 5))
    report = weekly_report(book, now, progress, WEEK, START, wednesday)
    assert [(line.unit, line.due, line.late) for line in report.missing] == [("宣传科", END, False)]
    assert "未报送：宣传科，请尽快在本单位工作簿中填报并保存（截止11月20日16:00）" in report.group_line


def test_when_all_reported_and_nothing_is_due_the_group_line_says_that() -> None:
    report = made(ledger(task(1, "D01")), state(report_of("T0001", "D01", this_week="新")))
    assert report.group_line == "【创建工作第47周】各单位均已报送。下周无到期任务。"


def test_due_next_week_are_open_tasks_from_the_day_after_to_the_next_sunday() -> None:
    def due(day: date) -> Deadline:
        return Deadline(f"{day:%m-%d}", "date", due=day)

    weekly = Deadline(
        "每周五", "recurring", due=date(2026, 12, 4), milestones=tuple(date(2026, 11, d) for d in (20, 27))
    )
    days = (date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 29), date(2026, 11, 30))
    book = ledger(
        *(task(n, "D01", deadline=due(day)) for n, day in enumerate(days, 1)),
        task(5, "D01", deadline=due(date(2026, 11, 24))),
        task(6, "D02", deadline=weekly),
    )
    now = state(report_of("T0005", "D01", status="已完成"))
    assert [(line.number, line.day.day) for line in made(book, now).due] == [("2.1", 21), ("6.1", 27), ("3.1", 29)]


def test_over_a_week_wholly_off_work_all_is_announced_until_the_next_sheet_is_out() -> None:
    days = [date(2026, 11, n) for n in range(23, 28)]
    due = [Deadline("某日", "date", due=day) for day in (date(2026, 11, 25), date(2026, 12, 4), date(2026, 12, 7))]
    book = ledger(*(task(n, "D01", deadline=each) for n, each in enumerate(due, 1)))
    off = replace(book, days=tuple(Day(day, DayKind.OFF) for day in days))
    assert [line.number for line in made(off, state()).due] == ["1.1", "2.1"]
    assert [line.number for line in made(book, state()).due] == ["1.1"]


def test_a_survey_that_falls_due_next_week_is_announced_and_one_that_is_over_is_missing() -> None:
    def survey(code: str, due: date) -> Sheet:
        return Sheet(code, code, SheetKind.SURVEY, (), ("D02", "D04"), due=due)

    sheets = (*SHEETS, survey("接种摸排", date(2026, 11, 26)), survey("旧摸排", date(2026, 11, 12)))
    done = Row("X-D02-0001", "接种摸排", "D02", {"x": 1}, changed_at=THIS_WEEK)
    report = made(ledger(sheets=sheets), state(done, replace(done, sheet="旧摸排")))
    assert [(line.title, line.who, line.number) for line in report.due] == [("报送《接种摸排》", "党支部", "")]
    assert [(line.unit, line.what, line.late) for line in report.missing] == [("党支部", "旧摸排", True)]


def test_the_rest_says_how_many_are_done_and_how_many_have_not_begun() -> None:
    later = Deadline("12月", "date", start=date(2026, 12, 1), due=date(2026, 12, 31))
    book = ledger(task(1, "D01"), task(2, "D01", deadline=later))
    before = last_week(("T0001", "D01", TaskMark(100, "已完成", "办结", "绿")))
    now = state(report_of("T0001", "D01", status="已完成", this_week="办结"), last=before)
    report = made(book, now)
    assert report.rest == "其余2项：已完成1项、尚未启动1项"
    assert report.summary == "共2项任务（绿1、灰1）；已完成1项，本周有进展0项。"


def test_a_period_starts_on_the_day_after_the_last_issue_and_the_first_when_the_books_went_out() -> None:
    issued = WeekMarks(LAST, ISSUED)
    opened = "2026-11-02T09:00:00"
    assert period_start(issued, opened, END) == date(2026, 11, 14)
    assert period_start(issued, opened, date(2026, 11, 13)) == date(2026, 11, 14)  # a draft of the day of issue itself
    assert period_start(WeekMarks(), opened, END) == date(2026, 11, 2)
    assert period_start(WeekMarks(), "", END) == date(2026, 11, 16)


def test_the_title_follows_the_ledgers_name_and_the_week() -> None:
    assert made(ledger(), state()).title == "某局文明单位创建工作周报（2026年第47周）"


def test_marks_keep_points_text_light_and_weeks_in_red_for_the_next_week() -> None:
    overdue = Deadline("10月底前", "date", due=date(2026, 10, 31))
    book = ledger(task(1, "D01", "D03", deadline=overdue), task(2))
    before = last_week(("T0001", "D01", TaskMark(40, "推进中", "旧", "红", 2)))
    now = state(report_of("T0001", "D01", percent=50, this_week="新"), last=before)
    progress = assess(book, now, END, Workdays(), opened=date(2026, 1, 5))
    kept = marks(progress, WEEK, datetime(2026, 11, 20, 16, 0, 0, 5))
    assert (kept.week, kept.issued_at) == (WEEK, "2026-11-20T16:00:00")
    assert kept.mark("T0001", "D01") == TaskMark(50, "推进中", "新", "红", 3)
    assert kept.mark("T0001", "D03").red_weeks == 1
    assert len(kept.tasks) == 2


def test_a_week_is_the_same_however_its_rows_are_ordered() -> None:
    book = ledger(task(1, "D03", "D01"), task(2, "D03"))
    rows = [report_of("T0001", u, percent=95, this_week=u) for u in ("D01", "D03")]
    rows.append(report_of("T0002", "D03", percent=95, this_week="x"))
    assert made(book, state(*rows)) == made(book, state(*reversed(rows)))
