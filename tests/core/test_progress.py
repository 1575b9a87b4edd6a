from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncer.core.calendar import Day, DayKind, Workdays
from syncer.core.deadlines import Deadline
from syncer.core.model import (
    Choice,
    Column,
    ColumnType,
    CountSource,
    Ledger,
    Light,
    Row,
    Settings,
    Sheet,
    SheetKind,
    Task,
    Unit,
)
from syncer.core.reports.amounts import named_tasks, shown
from syncer.core.reports.progress import Progress, TaskProgress, assess, judge
from syncer.core.state import LedgerState, TaskMark, UnitState, WeekMarks
from syncer.core.values import Scalar

AS_OF = date(2026, 11, 20)  # a Friday
OPENED = date(2026, 11, 9)
SETTINGS = Settings(2026)
UNITS = tuple(Unit(f"D{at:02d}", name, name) for at, name in enumerate(("办公室", "宣传科", "工会"), 1))
YEAR_END = Deadline("全年", "all_year", None, date(2026, 12, 31))
DATED = Column("date", "日期", ColumnType.DATE), Column("tasks", "对应任务", ColumnType.TASKS)
ACTIVITIES = Sheet("activities", "活动台账", SheetKind.RECORDS, DATED, ("D01", "D02", "D03"), prefix="HD")
SERVICE = Sheet(
    "service",
    "志愿服务",
    SheetKind.RECORDS,
    (*DATED, Column("hours_total", "总时长", ColumnType.NUMBER)),
    ("D01", "D02", "D03"),
)
MEMBERS = Sheet("volunteers", "志愿者名册", SheetKind.RECORDS, (Column("name", "姓名"),), ("D01", "D02", "D03"))


def plan(*tasks: Task, sheets: tuple[Sheet, ...] = (), settings: Settings = SETTINGS) -> Ledger:
    return Ledger("v1", settings, (ACTIVITIES, SERVICE, MEMBERS, *sheets), UNITS, tasks)


def task(
    number: str = "1.1",
    deadline: Deadline = YEAR_END,
    *,
    leads: tuple[str, ...] = ("D01",),
    supports: tuple[str, ...] = (),
    target: float | None = None,
    source: CountSource | None = None,
) -> Task:
    return Task(
        f"T{number}", number, f"任务{number}", target=target, leads=leads, supports=supports, deadline=deadline,
        source=source, measure="次",
    )  # fmt: skip


def report(number: str = "1.1", unit: str = "D01", changed: str = "2026-11-19T09:00:00", **values: Scalar) -> Row:
    return Row(f"T{number}", "tasks", unit, values, changed_at=changed)


def record(at: int, sheet: str, unit: str, changed: str = "2026-11-19T09:00:00", **values: Scalar) -> Row:
    return Row(f"HD-{unit}-{at:04d}", sheet, unit, values, changed_at=changed)


def run(ledger: Ledger, *rows: Row, week: WeekMarks = WeekMarks(), as_of: date = AS_OF, **unit: str) -> Progress:
    units = tuple(UnitState(u.code, "current", last_change=unit.get(u.code, "")) for u in ledger.units)
    return assess(ledger, LedgerState(rows, units, last_week=week), as_of, Workdays(ledger.days), opened=OPENED)


def only(progress: Progress) -> TaskProgress:
    (found,) = progress.tasks
    return found


@pytest.mark.parametrize(
    ("light", "reason", "facts"),
    [
        (Light.GREEN, "已完成", {"status": "已完成", "percent": 100.0, "expected": 100.0, "overdue_days": 3}),
        (Light.GREEN, "已达目标", {"status": "推进中", "percent": 100.0, "expected": 50.0, "counted": True}),
        (Light.GREEN, "按序时推进", {"status": "推进中", "percent": 41.0, "expected": 50.0}),
        (Light.GREEN, "按序时推进（未填完成率）", {"status": "推进中", "percent": None, "expected": 90.0}),
        (Light.YELLOW, "落后10个百分点", {"status": "推进中", "percent": 40.0, "expected": 50.0}),
        (Light.YELLOW, "落后30个百分点", {"status": "推进中", "percent": 20.0, "expected": 50.0}),
        (Light.RED, "落后31个百分点", {"status": "推进中", "percent": 19.0, "expected": 50.0}),
        (Light.YELLOW, "自报滞后", {"status": "滞后", "percent": 50.0, "expected": 50.0}),
        (Light.YELLOW, "2周未更新", {"status": "推进中", "percent": 50.0, "expected": 50.0, "silent_weeks": 2}),
        (
            Light.YELLOW,
            "自报滞后；落后12个百分点；3周未更新",
            {"status": "滞后", "percent": 38.0, "expected": 50.0, "silent_weeks": 3},
        ),
        (Light.RED, "逾期5天", {"status": "滞后", "percent": 90.0, "expected": 100.0, "overdue_days": 5}),
        (Light.BLUE, "距时限还有7个工作日", {"status": "推进中", "percent": 50.0, "expected": 0.0, "workdays_left": 7}),
        (Light.BLUE, "今日到期", {"status": "", "percent": None, "expected": 0.0, "workdays_left": 0}),
        (Light.GREEN, "按序时推进", {"status": "推进中", "percent": 50.0, "expected": 0.0, "workdays_left": 8}),
        (Light.GREY, "未启动", {"status": "未启动", "percent": None, "expected": 0.0, "workdays_left": 30}),
        (
            Light.GREY,
            "未到启动时间",
            {"status": "", "percent": None, "expected": 0.0, "starts_later": True, "silent_weeks": 9},
        ),
        (Light.YELLOW, "填报互相矛盾", {"status": "已完成", "percent": 100.0, "expected": 50.0, "contradicted": True}),
    ],
)
def test_the_light_follows_the_thresholds_and_says_why(light: Light, reason: str, facts: dict[str, object]) -> None:
    assert judge(SETTINGS, **facts) == (light, reason)  # type: ignore[arg-type]


def test_thresholds_come_from_the_settings() -> None:
    strict = Settings(2026, yellow_points=2, red_points=5, silent_weeks=1, blue_workdays=1)
    assert judge(strict, status="推进中", percent=40, expected=46)[0] is Light.RED
    assert judge(strict, status="推进中", percent=40, expected=42)[0] is Light.YELLOW
    assert judge(strict, status="推进中", percent=40, expected=40, silent_weeks=1)[0] is Light.YELLOW
    assert judge(strict, status="推进中", percent=40, expected=0, workdays_left=2)[0] is Light.GREEN


def test_records_of_all_units_that_name_the_task_are_counted() -> None:
    counted = task("3.1", target=4, source=CountSource("activities"), leads=("D02", "D03"))
    found = only(
        run(
            plan(counted),
            record(1, "activities", "D01", date=date(2026, 3, 5), tasks="3.1、7.1"),
            record(1, "activities", "D02", date=date(2026, 4, 5), tasks="３.１"),
            record(2, "activities", "D02", date=date(2026, 5, 5), tasks="3.10"),
        )
    )
    assert (found.count, found.percent) == (2, 50)
    assert [lead.own_count for lead in found.leads] == [1, 0]
    assert [lead.percent for lead in found.leads] == [50, 50]


def test_more_than_the_target_shows_the_count_and_a_hundred_percent() -> None:
    counted = task("3.1", target=1, source=CountSource("activities"))
    rows = [record(at, "activities", "D01", date=date(2026, 3, at), tasks="3.1") for at in (1, 2, 3)]
    found = only(run(plan(counted), *rows))
    assert (found.count, found.percent, found.first.label) == (3, 100, "绿 已达目标")


def test_a_record_dated_ahead_is_not_done_yet_and_a_note_says_so() -> None:
    counted = task("3.1", target=4, source=CountSource("activities"))
    found = only(run(plan(counted), record(1, "activities", "D01", date=date(2026, 12, 5), tasks="3.1")))
    assert found.count == 0
    assert found.notes == ("另有1条记录的日期在11月20日之后，暂不计入",)


def test_hours_are_summed_per_registered_volunteer() -> None:
    hours = task("7.1", target=25, source=CountSource("service", "hours_total", "volunteers"))
    found = only(
        run(
            plan(hours),
            record(1, "service", "D01", tasks="7.1", hours_total=30),
            record(2, "service", "D01", tasks="7.1", headcount=4, hours_each=2.5),  # 总时长 not delivered yet
            record(3, "service", "D01", tasks="7.1", hours_total="约3小时"),
            *(record(at, "volunteers", "D01", name=f"志愿者{at}") for at in range(4, 8)),
        )
    )
    assert (found.count, found.percent) == (10, 40)


def test_only_members_whose_status_is_the_rosters_first_choice_or_unsaid_count_as_heads() -> None:
    status = Column("status", "状态", ColumnType.CHOICE, options="志愿者状态")
    roster = replace(MEMBERS, columns=(*MEMBERS.columns, status))
    options = (("志愿者状态", (Choice("有效"), Choice("待审核"), Choice("转出"), Choice("注销"))),)
    hours = task("7.1", target=25, source=CountSource("service", "hours_total", "volunteers"))
    ledger = replace(plan(hours), sheets=(ACTIVITIES, SERVICE, roster), options=options)
    said = ("有效", "有效", None, "在岗？", "待审核", "转出", "注销")
    members = [record(at, "volunteers", "D01", status=word) for at, word in enumerate(said)]
    found = only(run(ledger, record(1, "service", "D01", tasks="7.1", hours_total=90), *members))
    assert found.count == 22.5
    assert only(run(ledger, record(1, "service", "D01", tasks="7.1", hours_total=90), *members[4:])).count is None


@pytest.mark.parametrize(
    ("count", "target", "seen"),
    [(24.08824, 25, 24.1), (24.971, 25, 24.9), (25, 25, 25), (0.04, None, 0), (7.0, 4, 7), (None, 4, None)],
)
def test_a_count_is_shown_with_one_decimal_and_not_rounded_up_to_its_target(
    count: float | None, target: float | None, seen: float | None
) -> None:
    assert shown(count, target) == seen


def test_a_red_light_says_what_was_counted_against_the_target() -> None:
    past = Deadline("10月底前", "date", None, date(2026, 10, 30))
    counted = task("11.1", past, target=1, source=CountSource("activities"))
    assert only(run(plan(counted), report("11.1"))).first.label == "红 逾期21天；台账计数 0/1"
    assert only(run(plan(task(deadline=past)), report())).first.label == "红 逾期21天"


def test_a_count_per_head_of_nobody_falls_back_to_the_units_own_word() -> None:
    hours = task("7.1", target=25, source=CountSource("service", "hours_total", "volunteers"))
    found = only(run(plan(hours), report("7.1", percent=60)))
    assert (found.count, found.percent) == (None, 60)
    assert found.notes == ("人均无法计算：名册中还没有有效人员",)


def test_without_a_count_source_the_percent_is_the_units_own() -> None:
    assert only(run(plan(task(target=4)), report(status="推进中", percent=85))).percent == 85
    assert only(run(plan(task()), report(status="已完成"))).percent == 100
    assert only(run(plan(task()), report(status="推进中", percent="八成"))).percent is None


def test_status_and_light_are_those_of_the_lead_named_first() -> None:
    found = only(
        run(
            plan(task(leads=("D02", "D01"))),
            report(unit="D01", status="滞后", percent=10),
            report(unit="D02", status="推进中", percent=90),
        )
    )
    assert (found.status, found.light) == ("推进中", Light.GREEN)
    assert [lead.light for lead in found.leads] == [Light.GREEN, Light.RED]


def test_a_past_due_day_is_red_with_the_days_counted() -> None:
    due = Deadline("11月10日", "date", None, date(2026, 11, 10))
    assert only(run(plan(task(deadline=due)), report(status="推进中", percent=90))).first.label == "红 逾期10天"
    assert only(run(plan(task(deadline=due)), report(status="已完成"))).light is Light.GREEN


def test_a_coming_due_day_is_blue_within_the_working_days_left() -> None:
    due = Deadline("11月底前", "date", None, date(2026, 11, 30))
    found = only(run(plan(task(deadline=due)), report(status="推进中", percent=60)))
    assert found.first.label == "蓝 距时限还有6个工作日"
    assert found.next_due == date(2026, 11, 30)


def test_a_weekly_duty_is_not_blue_all_year() -> None:
    fridays = tuple(date.fromisocalendar(2026, week, 5) for week in range(1, 53))
    weekly = Deadline("每周五", "recurring", None, fridays[-1], fridays)
    assert only(run(plan(task(deadline=weekly)), report(status="推进中", percent=90))).light is Light.GREEN


def test_a_monthly_duty_already_met_is_not_blue() -> None:
    days = tuple(date(2026, month, 25) for month in range(1, 13))
    monthly = task(
        "6.6", Deadline("每月25日前", "recurring", None, days[-1], days), target=12, source=CountSource("activities")
    )
    done = [record(at, "activities", "D01", date=date(2026, at, 3), tasks="6.6") for at in range(1, 12)]
    assert only(run(plan(monthly), *done)).light is Light.GREEN
    assert only(run(plan(monthly), *done[:-1])).light is Light.BLUE


def test_an_unclear_deadline_is_never_red_by_date_and_noted() -> None:
    found = only(run(plan(task(deadline=Deadline("党的二十大召开前", "unclear"))), report(status="推进中", percent=0)))
    assert found.light is Light.GREEN
    assert found.notes == ("完成时限“党的二十大召开前”未能识别，不按时限亮红灯",)


def test_two_silent_weeks_are_yellow_and_a_holiday_is_not_silence() -> None:
    quiet = report(status="推进中", percent=90, changed="2026-11-06T09:00:00")
    ledger = plan(task())
    state = LedgerState((quiet,), ())
    early = date(2026, 1, 1)
    assert only(assess(ledger, state, AS_OF, Workdays(), opened=early)).first.label == "黄 2周未更新"
    assert only(assess(ledger, state, date(2026, 11, 19), Workdays(), opened=early)).light is Light.GREEN
    off = Workdays(Day(date(2026, 11, day), DayKind.OFF) for day in range(9, 14))
    assert only(assess(ledger, state, AS_OF, off, opened=early)).light is Light.GREEN


def test_a_task_never_reported_is_silent_only_two_weeks_after_the_books_went_out() -> None:
    ledger, state = plan(task()), LedgerState((), ())
    fresh = only(assess(ledger, state, AS_OF, Workdays(), opened=date(2026, 11, 9)))
    old = only(assess(ledger, state, AS_OF, Workdays(), opened=date(2026, 11, 6)))
    assert (fresh.first.label, old.first.label) == ("灰 未启动", "黄 2周未更新")
    assert only(assess(ledger, state, AS_OF, Workdays())).light is Light.GREY  # no trace of anyone: nobody is silent


def test_a_record_that_names_the_task_speaks_for_it() -> None:
    counted = task("3.1", target=100, source=CountSource("activities"), deadline=Deadline())
    quiet = report("3.1", status="推进中", changed="2026-10-08T09:00:00")
    told = record(1, "activities", "D01", date=date(2026, 11, 18), tasks="3.1")
    state, early = LedgerState((quiet, told), ()), date(2026, 1, 1)
    assert only(assess(plan(counted), state, AS_OF, Workdays(), opened=early)).first.silent_weeks == 0


@pytest.mark.parametrize(("week", "weeks"), [("2026-W46", 3), ("2026-W47", 2)])
def test_red_weeks_go_on_from_the_last_issued_week(week: str, weeks: int) -> None:
    marks = WeekMarks(week, "2026-11-13T16:00:00", ((("T1.1", "D01"), TaskMark(light="红", red_weeks=2)),))
    found = only(run(plan(task()), report(status="推进中", percent=1), week=marks))
    assert found.first.red_weeks == weeks
    assert found.first.label.endswith(f"（连续{weeks}周）")
    assert only(run(plan(task()), report(status="已完成"), week=marks)).first.red_weeks == 0


def test_a_lead_that_says_done_against_a_support_that_says_not_is_yellow_with_both_texts() -> None:
    ledger = plan(task(supports=("D02", "D03")))
    done = report(status="已完成", this_week="展板已更换。")
    against = Row("T1.1", "support", "D02", {"report": "尚未开展，等通知。"})
    about_minors = Row("T1.1", "support", "D03", {"report": "组织未成年人参观"})
    found = only(run(ledger, done, against, about_minors))
    assert found.first.label == "黄 填报互相矛盾"
    assert found.contradictions == ("牵头【办公室】报“已完成：展板已更换”，配合【宣传科】报“尚未开展，等通知”",)


def test_leads_that_say_unlike_things_contradict_each_other_once_both_have_said_something() -> None:
    ledger = plan(task(leads=("D01", "D02")))
    done = report(status="已完成")
    handed_out = report(unit="D02", changed="", status="未启动")
    assert only(run(ledger, done, handed_out)).contradictions == ()
    under_way = report(unit="D02", status="推进中")
    (said,) = only(run(ledger, done, under_way)).contradictions
    assert said == "牵头【办公室】报“已完成”，牵头【宣传科】报“推进中”"


def test_a_lead_that_says_done_below_the_counted_target_is_yellow() -> None:
    counted = task("3.1", target=4, source=CountSource("activities"))
    found = only(run(plan(counted), report("3.1", status="已完成"), record(1, "activities", "D01", tasks="3.1")))
    assert found.light is Light.YELLOW
    assert found.contradictions == ("牵头【办公室】报“已完成”，台账只计到1次，目标4次",)
    assert found.percent == 25


def test_units_without_lead_tasks_are_never_expected_to_report() -> None:
    week = WeekMarks("2026-W46", "2026-11-13T16:00:00")
    ledger = plan(task(leads=("D01", "D02")))
    progress = run(ledger, week=week, D01="2026-11-16T10:00:00", D02="2026-11-12T10:00:00")
    assert progress.not_reported() == ("D02",)
    assert progress.not_reported(["D01", "D03"]) == ()
    assert [(m.due, m.late) for m in progress.missing] == [(date(2026, 11, 20), False)]
    assert progress.late == ()


def test_a_week_left_unissued_makes_the_report_late_after_its_last_working_day() -> None:
    week = WeekMarks("2026-W45", "2026-11-06T16:00:00")
    ledger = plan(task(), settings=Settings(2026, week_last_day=3))
    assert [m.late for m in run(ledger, week=week).missing] == [True]
    assert [m.late for m in run(ledger, week=week, as_of=date(2026, 11, 18)).missing] == [False]


def test_after_the_issue_the_next_week_is_owed() -> None:
    week = WeekMarks("2026-W47", "2026-11-20T16:00:00")
    (missing,) = run(plan(task()), week=week, D01="2026-11-20T15:00:00").missing
    assert (missing.due, missing.late) == (date(2026, 11, 27), False)


@pytest.mark.parametrize(("opened", "due"), [(20, 20), (21, 27), (22, 27)])
def test_books_handed_out_at_a_weekend_owe_nothing_for_the_friday_before(opened: int, due: int) -> None:
    ledger, sunday = plan(task()), date(2026, 11, 22)
    state = LedgerState((), (UnitState("D01", "issued"),))
    (missing,) = assess(ledger, state, sunday, Workdays(ledger.days), opened=date(2026, 11, opened)).missing
    assert (missing.due, missing.late) == (date(2026, 11, due), False)


def test_a_survey_is_owed_from_its_start_and_late_after_its_end() -> None:
    survey = Sheet(
        "survey", "疫苗接种摸排", SheetKind.SURVEY, (), ("D02", "D03"), start=date(2026, 11, 2), due=date(2026, 11, 13)
    )
    ledger = plan(sheets=(survey,))
    progress = run(ledger, record(1, "survey", "D03"))
    assert [(m.unit, m.what, m.late) for m in progress.missing] == [("D02", "疫苗接种摸排", True)]
    assert run(ledger, as_of=date(2026, 11, 1)).missing == ()


def test_a_monthly_sheet_is_owed_only_when_the_month_nears_its_end() -> None:
    monthly = Sheet("hours", "工时", SheetKind.RECORDS, (), ("D02",), period="每月")
    ledger = plan(sheets=(monthly,))
    old = record(1, "hours", "D02", changed="2026-10-30T09:00:00")
    assert [m.due for m in run(ledger, old).missing] == [date(2026, 11, 30)]
    assert run(ledger, old, as_of=date(2026, 11, 5)).missing == ()
    assert run(ledger, record(1, "hours", "D02", changed="2026-11-02T09:00:00")).missing == ()


def test_materials_that_name_a_task_are_its_evidence() -> None:
    proof = record(1, "materials", "D02", proves="1.1、9.9")
    assert only(run(plan(task()), proof)).evidence == {"D02": 1}


def test_task_numbers_are_read_from_any_list() -> None:
    assert named_tasks("3.1、７.1\n10.2 3.1") == ("3.1", "7.1", "10.2")
    assert named_tasks(None) == ()
