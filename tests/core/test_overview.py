from __future__ import annotations

from dataclasses import replace
from datetime import date

from syncer.core.calendar import Workdays
from syncer.core.deadlines import Deadline
from syncer.core.model import (
    Column,
    ColumnType,
    CountSource,
    Ledger,
    Light,
    Owner,
    Row,
    Settings,
    Sheet,
    SheetKind,
    Source,
    Task,
    Unit,
)
from syncer.core.overview import overview, system_values
from syncer.core.overview_lines import Overview
from syncer.core.progress import assess
from syncer.core.state import Change, LedgerState, Question, TaskMark, UnitState, WeekMarks
from syncer.core.values import Scalar

AS_OF = date(2026, 11, 20)
UNITS = tuple(Unit(f"D{at:02d}", name, name, "科室") for at, name in enumerate(("办公室", "人事科", "工会", "团委"), 1))
ALL = tuple(unit.code for unit in UNITS)
TASKS = Sheet(
    "tasks",
    "任务清单",
    SheetKind.TASKS,
    (
        Column("no", "任务编号", ColumnType.IDENTIFIER, Owner.COORDINATOR),
        Column("title", "重点任务", ColumnType.TEXT, Owner.COORDINATOR),
        Column("done", "已完成量", ColumnType.NUMBER, Owner.SYSTEM),
        Column("percent", "完成率", ColumnType.PERCENT),
        Column("status", "工作状态", ColumnType.CHOICE),
        Column("this_week", "本周完成情况", ColumnType.LONG_TEXT),
        Column("finished_on", "实际完成日期", ColumnType.DATE),
        Column("light", "亮灯", ColumnType.TEXT, Owner.SYSTEM),
    ),
    ALL,
)
SUPPORT = Sheet(
    "support", "配合任务", SheetKind.SUPPORT, (Column("report", "配合完成情况"), Column("light", "亮灯")), ALL
)
ACTIVITIES = Sheet(
    "activities",
    "活动台账",
    SheetKind.RECORDS,
    (
        Column("date", "日期", ColumnType.DATE, key=True),
        Column("name", "活动名称", key=True),
        Column("tasks", "对应任务", ColumnType.TASKS),
    ),
    ALL,
)
YEAR = Deadline("全年", "all_year", None, date(2026, 12, 31))
ONE = Task("T0001", "1.1", "制定方案", leads=("D01",), supports=("D03", "D04"), deadline=YEAR, supervision="抓紧")
TWO = Task("T0002", "2.1", "廉政教育", leads=("D02", "D01"), supports=("D03",), deadline=YEAR)
LEDGER = Ledger("v1", Settings(2026), (TASKS, SUPPORT, ACTIVITIES), UNITS, (ONE, TWO))


def row(row_id: str, sheet: str, unit: str, **values: Scalar) -> Row:
    return Row(row_id, sheet, unit, values, Source(f"{unit}.xlsx", sheet, 5), "2026-11-19T10:00:00")


def view(*rows: Row, ledger: Ledger = LEDGER, **state: object) -> Overview:
    whole = replace(LedgerState(rows, ()), **state)  # type: ignore[arg-type]
    days = Workdays()
    return overview(ledger, whole, assess(ledger, whole, AS_OF, days, opened=date(2026, 11, 16)), days)


def test_a_task_with_one_voice_is_one_row_with_its_own_values_and_source() -> None:
    report = row("T0001", "tasks", "D01", this_week="已印发", finished_on=date(2026, 3, 5), percent=90)
    line = view(report).ledger[0]
    assert (line.level, line.kind, line.units, line.source.file) == (0, "任务", "办公室", "D01.xlsx")
    assert (line.values["this_week"], line.values["finished_on"]) == ("已印发", date(2026, 3, 5))
    assert (line.values["no"], line.values["supervision"], line.values["percent"]) == ("1.1", "抓紧", 90)
    assert [other.values["no"] for other in view(report).ledger if other.level == 0] == ["1.1", "2.1"]


def test_texts_of_several_units_are_joined_in_roster_order_and_stand_alone_below() -> None:
    lines = view(
        row("T0002", "tasks", "D02", this_week="谈话12人。", finished_on=date(2026, 3, 5), status="推进中", percent=90),
        row("T0002", "tasks", "D01", this_week="转发文件"),
        row("T0002", "support", "D03", report="组织观影"),
        row("T0002", "support", "D04"),
    ).ledger
    task, *units = [line for line in lines if line.values["no"] == "2.1"]
    assert task.values["this_week"] == "【办公室】转发文件；【人事科】谈话12人；【工会】组织观影"
    assert task.values["finished_on"] == "【人事科】3月5日"
    assert (task.values["status"], task.values["percent"]) == ("推进中", 90)
    assert [(line.level, line.kind, line.units) for line in units] == [
        (1, "牵头", "办公室"),
        (1, "牵头", "人事科"),
        (1, "配合", "工会"),
    ]
    assert [line.values.get("this_week") for line in units] == ["转发文件", "谈话12人。", "组织观影"]
    assert units[2].light is None


def test_what_only_the_one_lead_says_stays_a_plain_value_beside_a_supports_report() -> None:
    task = view(
        row("T0001", "tasks", "D01", this_week="已印发", finished_on=date(2026, 3, 5)),
        row("T0001", "support", "D03", report="已转发"),
    ).ledger[0]
    assert task.values["finished_on"] == date(2026, 3, 5)
    assert task.values["this_week"] == "【办公室】已印发；【工会】已转发"


def test_a_units_own_sub_task_stands_below_its_unit_and_is_not_counted() -> None:
    shown = view(
        row("T0001", "tasks", "D01", this_week="已印发"),
        row("ZR-D01-0001", "tasks", "D01", no="1.1-①", title="起草", status="已完成"),
        row("ZR-D04-0001", "tasks", "D04", title="团课", status="已完成"),
    )
    assert [(line.level, line.kind, line.values.get("title")) for line in shown.ledger] == [
        (0, "任务", "制定方案"),
        (1, "牵头", None),
        (2, "自定", "起草"),
        (0, "任务", "廉政教育"),
        (1, "牵头", None),
        (1, "牵头", None),
        (0, "自定", "各单位自定子任务（没有对应任务编号）"),
        (1, "自定", "团课"),
    ]
    assert dict(shown.totals)["重点任务"] == 2
    assert dict(shown.totals)["已完成"] == 0


def test_a_sub_task_of_number_ten_is_not_put_below_number_one() -> None:
    ten = Task("T0010", "1.10", "第十项", leads=("D01",), deadline=YEAR)
    lines = view(
        row("ZR-D01-0001", "tasks", "D01", no="1.10-1", title="起草"), ledger=replace(LEDGER, tasks=(ONE, ten))
    ).ledger
    assert [line.values.get("title") for line in lines if line.level != 1] == ["制定方案", "第十项", "起草"]


def test_first_page_totals_and_lights_cover_every_task() -> None:
    shown = view(
        row("T0001", "tasks", "D01", status="已完成"), row("T0002", "tasks", "D02", percent=0, status="推进中")
    )
    assert dict(shown.totals) == {
        "重点任务": 2,
        "已完成": 1,
        "平均完成率": 0.5,
        "红灯": 1,
        "黄灯": 0,
        "未报送单位": 2,
        "待处理事项": 0,
        "台账记录": 0,
    }
    assert dict(shown.lights) == {Light.RED: 1, Light.YELLOW: 0, Light.BLUE: 0, Light.GREEN: 1, Light.GREY: 0}


def test_each_unit_has_a_line_with_its_receipt_and_completion() -> None:
    states = (
        UnitState(
            "D01", "current", "办公室.xlsx", "2026-11-20T16:02:00", "2026-11-20T16:02:00", 3, "16:02 保存：读到3行"
        ),
        UnitState("D02", "issued", "人事科.xlsx"),
    )
    shown = view(row("T0001", "tasks", "D01", status="已完成"), units=states)
    first, second, third, _ = shown.units
    assert (first.tasks, first.done, first.percent, first.reported) == (2, 1, 50, "已报")
    assert (first.receipt, first.file) == ("16:02 保存：读到3行", "办公室.xlsx")
    assert (second.reported, second.receipt) == ("未报", "已发放，尚未填报")
    assert (third.tasks, third.percent, third.reported, third.receipt) == (0, None, "", "填报表尚未发放")
    assert shown.data_as_of == "2026-11-20T16:02:00"


def test_next_deadlines_leave_out_what_is_finished_and_come_in_order_of_day() -> None:
    soon = replace(TWO, deadline=Deadline("11月底前", "date", None, date(2026, 11, 30)))
    ledger = replace(LEDGER, tasks=(ONE, soon))
    assert [(d.number, d.workdays) for d in view(ledger=ledger).deadlines] == [("2.1", 6), ("1.1", 29)]
    done = row("T0002", "tasks", "D02", status="已完成")
    assert [d.number for d in view(done, ledger=ledger).deadlines] == ["1.1"]


def test_red_comes_before_yellow_and_the_longest_red_first() -> None:
    three = replace(ONE, id="T0003", number="3.1")
    marks = WeekMarks("2026-W46", "2026-11-13T16:00:00", ((("T0003", "D01"), TaskMark(light="红", red_weeks=4)),))
    lines = view(
        row("T0001", "tasks", "D01", status="滞后", percent=80, trouble="经费未到"),
        row("T0002", "tasks", "D02", status="推进中", percent=1),
        row("T0003", "tasks", "D01", status="推进中", percent=1),
        ledger=replace(LEDGER, tasks=(ONE, TWO, three)),
        last_week=marks,
    ).red_yellow
    assert [(line.light, line.number, line.weeks) for line in lines] == [
        (Light.RED, "3.1", 5),
        (Light.RED, "2.1", 1),
        (Light.YELLOW, "1.1", 0),
    ]
    assert lines[2].trouble == "经费未到"


def test_data_sheets_hold_every_units_rows_in_roster_order_and_lose_no_former_unit() -> None:
    shown = view(
        row("HD-D09-0001", "activities", "D09", name="旧科室活动"),
        row("HD-D02-0001", "activities", "D02", name="乙"),
        row("HD-D02-0002", "activities", "D02", name="甲"),
        row("HD-D01-0001", "activities", "D01", name="丙"),
    )
    blocks = {sheet.code: blocks for sheet, blocks in shown.data}["activities"]
    assert [(block.unit.short, [r.text("name") for r in block.rows]) for block in blocks] == [
        ("办公室", ["丙"]),
        ("人事科", ["乙", "甲"]),
        ("D09", ["旧科室活动"]),
    ]


def test_data_rows_show_what_the_system_and_the_plan_say_now() -> None:
    counted = replace(ONE, target=4, source=CountSource("activities"), title="新名称")
    ledger = replace(LEDGER, tasks=(counted,))
    report = row("T0001", "tasks", "D01", title="旧名称", percent=99, status="推进中")
    activity = row("HD-D02-0001", "activities", "D02", date=date(2026, 3, 5), tasks="1.1")
    support = row("T0001", "support", "D03", report="已转发")
    data = {sheet.code: blocks for sheet, blocks in view(report, activity, support, ledger=ledger).data}
    (filled,) = data["tasks"][0].rows
    assert (filled.text("title"), filled.get("done"), filled.get("percent")) == ("新名称", 1, 25)
    assert filled.text("light") == "红 落后64个百分点"
    assert data["support"][0].rows[0].text("light") == "红 落后64个百分点"
    assert report.text("title") == "旧名称"  # the state itself is not touched


def test_last_weeks_text_stands_as_the_mark_of_the_issued_week_says() -> None:
    state = LedgerState((), ())
    progress = assess(LEDGER, state, AS_OF, Workdays())
    report = row("T0001", "tasks", "D01", percent=40)
    values = system_values(report, progress, TaskMark(text="上周印发"))
    assert values["last_week"] == "上周印发"
    assert "percent" not in values  # without a count it is the unit's own


def test_changes_name_unit_row_and_column_and_show_both_values() -> None:
    activity = row("HD-D02-0001", "activities", "D02", date=date(2026, 3, 5), name="植树")
    changes = (
        Change("2026-11-19T10:00:00", "D02", "activities", "HD-D02-0001", "name", None, "植树", activity.source),
        Change("2026-11-19T10:05:00", "D01", "tasks", "T0001", "percent", 40, 60, outcome="asked"),
        Change("2026-11-19T10:06:00", "D01", "tasks", "T0001", "+科室备注", None, "已上会"),
    )
    lines = view(activity, changes=changes).changes
    assert [(c.unit, c.sheet, c.row, c.column, c.old, c.new, c.outcome) for c in lines] == [
        ("人事科", "活动台账", "2026-03-05 植树", "活动名称", "", "植树", "已入库"),
        ("办公室", "任务清单", "1.1 制定方案", "完成率", "40%", "60%", "待确认"),
        ("办公室", "任务清单", "1.1 制定方案", "科室备注", "", "已上会", "已入库"),
    ]


def test_questions_are_asked_in_words_with_both_values() -> None:
    questions = (
        Question("Q1", "proposal", "D01", "tasks", "T0001", "1.1", "title", "甲", "甲", "乙"),
        Question("Q2", "refused", "D02", text="文件有打开密码。"),
        Question("Q3", "unheard of", "D02", text="请看一下。"),
    )
    first, second, third = view(questions=questions).questions
    assert first.text == "办公室想把“重点任务”由“甲”改为“乙”。这一栏由创建办掌握，目前仍按“甲”，请定。"
    assert (first.kind, first.base, first.current, first.incoming) == ("调整申请", "甲", "甲", "乙")
    assert second.text == "人事科的文件未能收入，上一次收入的内容仍有效。文件有打开密码。"
    assert third.text == "请看一下。"
