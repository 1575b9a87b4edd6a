from __future__ import annotations

from dataclasses import replace
from datetime import date

from syncer.core.calendar import Workdays
from syncer.core.deadlines import Deadline
from syncer.core.model import (
    Choice,
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
from syncer.core.reports.data_blocks import SystemValues
from syncer.core.reports.lines import Block, ChangeLine, LedgerLine, Overview, made
from syncer.core.reports.overview import overview
from syncer.core.reports.progress import assess
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


def told(shown: Overview) -> list[LedgerLine]:
    """The lines of 总台账."""
    return [line for lines in made(shown.ledger) for line in lines]


def listed(shown: Overview) -> list[ChangeLine]:
    """The lines of 本周变化."""
    return [line for lines in made(shown.changes) for line in lines]


def blocks_of(shown: Overview, code: str) -> list[Block]:
    """The units' rows of a data sheet."""
    return next(list(made(stretches)) for sheet, stretches in shown.data if sheet.code == code)


def test_a_task_with_one_voice_is_one_row_with_its_own_values_and_source() -> None:
    report = row("T0001", "tasks", "D01", this_week="已印发", finished_on=date(2026, 3, 5), percent=90)
    line = told(view(report))[0]
    assert (line.level, line.kind, line.units, line.source.file) == (0, "任务", "办公室", "D01.xlsx")
    assert (line.values["this_week"], line.values["finished_on"]) == ("已印发", date(2026, 3, 5))
    assert (line.values["no"], line.values["supervision"], line.values["percent"]) == ("1.1", "抓紧", 90)
    assert [other.values["no"] for other in told(view(report)) if other.level == 0] == ["1.1", "2.1"]


def test_texts_of_several_units_are_joined_in_roster_order_and_stand_alone_below() -> None:
    lines = told(
        view(
            row(
                "T0002",
                "tasks",
                "D02",
                this_week="谈话12人。",
                finished_on=date(2026, 3, 5),
                status="推进中",
                percent=90,
            ),
            row("T0002", "tasks", "D01", this_week="转发文件"),
            row("T0002", "support", "D03", report="组织观影"),
            row("T0002", "support", "D04"),
        )
    )
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


def test_what_all_leads_say_alike_stands_once_and_as_a_plain_value() -> None:
    day, other = date(2026, 10, 12), date(2026, 10, 13)
    alike = [row("T0002", "tasks", unit, finished_on=day) for unit in ("D01", "D02")]
    unlike = row("T0002", "support", "D03", finished_on=other)
    assert told(view(*alike))[1].values["finished_on"] == day
    assert told(view(*alike[:1]))[1].values["finished_on"] == "【办公室】10月12日"
    assert told(view(*alike, unlike))[1].values["finished_on"] == "【办公室、人事科】10月12日；【工会】10月13日"


def test_what_only_the_one_lead_says_stays_a_plain_value_beside_a_supports_report() -> None:
    task = told(
        view(
            row("T0001", "tasks", "D01", this_week="已印发", finished_on=date(2026, 3, 5)),
            row("T0001", "support", "D03", report="已转发"),
        )
    )[0]
    assert task.values["finished_on"] == date(2026, 3, 5)
    assert task.values["this_week"] == "【办公室】已印发；【工会】已转发"


def test_a_units_own_sub_task_stands_below_its_unit_and_is_not_counted() -> None:
    shown = view(
        row("T0001", "tasks", "D01", this_week="已印发"),
        row("ZR-D01-0001", "tasks", "D01", no="1.1-①", title="起草", status="已完成"),
        row("ZR-D04-0001", "tasks", "D04", title="团课", status="已完成"),
    )
    assert [(line.level, line.kind, line.values.get("title")) for line in told(shown)] == [
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
    lines = told(
        view(row("ZR-D01-0001", "tasks", "D01", no="1.10-1", title="起草"), ledger=replace(LEDGER, tasks=(ONE, ten)))
    )
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
        "本期未报（11月20日截止）": 2,
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
    assert (second.reported, second.due, second.receipt) == ("未报", date(2026, 11, 20), "已发放，尚未填报")
    assert (third.tasks, third.percent, third.reported, third.receipt) == (0, None, "", "填报表尚未发放")
    assert shown.data_as_of == "2026-11-20T16:02:00"


def test_the_first_page_counts_the_late_once_there_are_any_and_before_says_by_when() -> None:
    ledger = replace(LEDGER, settings=Settings(2026, week_last_day=3))
    state = LedgerState((), (), last_week=WeekMarks("2026-W46", "2026-11-11T16:00:00"))
    days = Workdays()

    def missing_on(day: int) -> list[tuple[str, Scalar]]:
        progress = assess(ledger, state, date(2026, 11, day), days, opened=date(2026, 11, 2))
        shown = overview(ledger, state, progress, days)
        return [total for total in shown.totals if "未报" in total[0]]

    assert missing_on(16) == [("本期未报（11月18日截止）", 2)]
    assert missing_on(19) == [("逾期未报单位", 2)]


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
    blocks = blocks_of(shown, "activities")
    assert [(block.unit.short, [r.text("name") for r in block.rows]) for block in blocks] == [
        ("办公室", ["丙"]),
        ("人事科", ["乙", "甲"]),
        ("D09", ["旧科室活动"]),
    ]


def test_of_the_support_sheet_only_what_a_unit_typed_is_listed_and_the_rest_counted() -> None:
    support = replace(SUPPORT, columns=(Column("title", "重点任务", owner=Owner.COORDINATOR), *SUPPORT.columns))
    ledger = replace(LEDGER, sheets=(TASKS, support))
    shown = view(
        row("T0001", "support", "D03", title="制定方案", report="已转发"),
        row("T0002", "support", "D03", title="廉政教育"),
        row("T0001", "support", "D04", title="制定方案"),
        ledger=ledger,
    )
    blocks = blocks_of(shown, "support")
    assert [([r.id for r in block.rows], block.blank) for block in blocks] == [(["T0001"], 1), ([], 1)]


def test_a_record_shows_its_id_in_the_systems_number_column_and_a_units_own_number_stays() -> None:
    number = Column("no", "编号", ColumnType.IDENTIFIER, Owner.SYSTEM)
    for column, shown_as in ((number, "HD-D02-0001"), (replace(number, owner=Owner.UNIT), "甲1")):
        ledger = replace(LEDGER, sheets=(replace(ACTIVITIES, columns=(column, *ACTIVITIES.columns)),))
        shown = view(row("HD-D02-0001", "activities", "D02", no="甲1"), ledger=ledger)
        (block,) = blocks_of(shown, "activities")
        assert block.rows[0].text("no") == shown_as


def test_values_that_do_not_fit_their_column_are_doubtful() -> None:
    columns = (
        Column("date", "日期", ColumnType.DATE),
        Column("headcount", "参加人数", ColumnType.INTEGER, minimum=0, maximum=500),
        Column("rate", "到会率", ColumnType.PERCENT, minimum=0, maximum=100),
        Column("form", "形式", ColumnType.CHOICE, options="形式"),
        Column("tasks", "对应任务", ColumnType.TASKS),
        Column("link", "宣传链接", ColumnType.LINK),
    )
    options = (("形式", (Choice("集中", ("集体",)), Choice("自学"))),)
    ledger = replace(LEDGER, sheets=(replace(ACTIVITIES, columns=columns),), options=options)
    good: dict[str, Scalar] = {
        "date": date(2026, 3, 5),
        "headcount": 30,
        "rate": 1.2,
        "form": "集中",
        "tasks": "1.1、2.1",
        "link": "https://example.org/a",
    }
    bad: dict[str, Scalar] = {
        "date": "13月5日",
        "headcount": 5000,
        "rate": "不详",
        "form": "健步走",
        "tasks": "11.2",
        "link": "见公众号",
    }
    rows = (row("HD-D02-0001", "activities", "D02", **good), row("HD-D02-0002", "activities", "D02", **bad))
    (block,) = blocks_of(view(*rows, ledger=ledger), "activities")
    assert block.doubtful == {("HD-D02-0002", code) for code in bad}


def test_data_rows_show_what_the_system_and_the_plan_say_now() -> None:
    counted = replace(ONE, target=4, source=CountSource("activities"), title="新名称")
    ledger = replace(LEDGER, tasks=(counted,))
    report = row("T0001", "tasks", "D01", title="旧名称", percent=99, status="推进中")
    activity = row("HD-D02-0001", "activities", "D02", date=date(2026, 3, 5), tasks="1.1")
    support = row("T0001", "support", "D03", report="已转发")
    shown = view(report, activity, support, ledger=ledger)
    (filled,) = blocks_of(shown, "tasks")[0].rows
    assert (filled.text("title"), filled.get("done"), filled.get("percent")) == ("新名称", 1, 25)
    assert filled.text("light") == "红 落后64个百分点；台账计数 1/4"
    assert blocks_of(shown, "support")[0].rows[0].text("light") == filled.text("light")
    assert report.text("title") == "旧名称"  # the state itself is not touched


def test_a_count_per_head_is_shown_with_one_decimal() -> None:
    source = CountSource("activities", "hours", "volunteers")
    counted = replace(ONE, target=25, source=source)
    volunteers = Sheet("volunteers", "志愿者名册", SheetKind.RECORDS, (Column("name", "姓名"),), ALL)
    ledger = replace(LEDGER, tasks=(counted,), sheets=(*LEDGER.sheets, volunteers))
    rows = (
        row("HD-D01-0001", "activities", "D01", tasks="1.1", hours=170.5),
        *(row(f"ZY-D01-{at}", "volunteers", "D01", name=f"志愿者{at}") for at in range(7)),
        row("T0001", "tasks", "D01", status="推进中"),
    )
    view_ = view(*rows, ledger=ledger)
    assert told(view_)[0].values["done"] == 24.4
    assert blocks_of(view_, "tasks")[0].rows[0].get("done") == 24.4


def test_last_weeks_text_stands_as_the_mark_of_the_issued_week_says() -> None:
    state = LedgerState((), ())
    progress = assess(LEDGER, state, AS_OF, Workdays())
    report = row("T0001", "tasks", "D01", percent=40)
    values = SystemValues.of(progress, {(report.id, report.unit): TaskMark(text="上周印发")}).values(report)
    assert values["last_week"] == "上周印发"
    assert "percent" not in values  # without a count it is the unit's own


def test_changes_name_unit_row_and_column_and_show_both_values() -> None:
    activity = row("HD-D02-0001", "activities", "D02", date=date(2026, 3, 5), name="植树")
    changes = (
        Change("2026-11-19T10:00:00", "D02", "activities", "HD-D02-0001", "name", "种树", "植树", activity.source),
        Change("2026-11-19T10:05:00", "D01", "tasks", "T0001", "percent", 0.6, 0.65, outcome="asked"),
        Change("2026-11-19T10:05:00", "D01", "tasks", "T0002", "percent", 60, "六成五"),
        Change("2026-11-19T10:06:00", "D01", "tasks", "T0001", "+科室备注", None, "已上会"),
    )
    lines = listed(view(activity, changes=changes))
    assert [(c.unit, c.sheet, c.row, c.column, c.old, c.new, c.outcome) for c in lines] == [
        ("人事科", "活动台账", "2026-03-05 植树", "活动名称", "种树", "植树", "已入库"),
        ("办公室", "任务清单", "1.1 制定方案", "完成率", "60%", "65%", "待确认"),
        ("办公室", "任务清单", "2.1 廉政教育", "完成率", "60%", "六成五", "已入库"),
        ("办公室", "任务清单", "1.1 制定方案", "科室备注", "", "已上会", "已入库"),
    ]


def test_a_new_record_is_one_line_with_its_key_cells_first_and_what_comes_later_a_line_a_cell() -> None:
    new = row("HD-D02-0001", "activities", "D02", date=date(2026, 3, 5), name="植树节", tasks="1.1")
    old = row("HD-D02-0002", "activities", "D02", date=date(2026, 3, 6), name="读书会", tasks="2.1")
    first, later = "2026-11-19T10:00:00", "2026-11-20T10:00:00"
    changes = (
        Change(first, "D02", "activities", new.id, "date", None, date(2026, 3, 5)),
        Change(first, "D02", "activities", new.id, "name", None, "植树"),
        Change(first, "D02", "activities", old.id, "tasks", None, "2.1"),
        Change(first, "D02", "tasks", "T0002", "status", None, "推进中"),
        Change(later, "D02", "activities", new.id, "tasks", None, "1.1"),
        Change(later, "D02", "activities", new.id, "name", "植树", "植树节"),
    )
    lines = listed(view(row("T0002", "tasks", "D02", status="推进中"), new, old, changes=changes))
    assert [(c.row, c.column, c.old, c.new) for c in lines] == [
        ("2026-03-05 植树节", "（新增）", "", "日期：2026-03-05；活动名称：植树节；对应任务：1.1"),
        ("2026-03-06 读书会", "对应任务", "", "2.1"),
        ("2.1 廉政教育", "工作状态", "", "推进中"),
        ("2026-03-05 植树节", "对应任务", "", "1.1"),
        ("2026-03-05 植树节", "活动名称", "植树", "植树节"),
    ]


def test_a_vanished_row_shows_what_it_said() -> None:
    gone = row("HD-D02-0001", "activities", "D02", date=date(2026, 3, 5), name="植树", tasks="1.1")
    asked = Question("Q1", "vanished", "D02", "activities", gone.id, "2026-03-05 植树")
    (line,) = view(gone, questions=(asked,)).questions
    assert (line.row, line.current) == ("2026-03-05 植树", "日期：2026-03-05；活动名称：植树；对应任务：1.1")


def test_a_file_that_was_not_taken_in_is_called_by_its_name_be_it_a_units_or_nobodys() -> None:
    questions = (
        Question("Q1", "refused", "D02", source=Source("人事科.xlsx"), text="文件有打开密码。"),
        Question("Q2", "refused", "", source=Source("打包.zip"), text="这是压缩包。"),
    )
    units, nobodys = view(questions=questions).questions
    assert units.text == "人事科的文件“人事科.xlsx”未能收入，已收入的内容不变。文件有打开密码。"
    assert nobodys.text == "文件“打包.zip”未能收入。这是压缩包。"


def test_a_question_about_points_shows_points() -> None:
    asked = Question("Q1", "conflict", "D01", "tasks", "T0001", "1.1", "percent", 0.5, 0.6, 0.65)
    (line,) = view(questions=(asked,)).questions
    assert (line.base, line.current, line.incoming) == ("50%", "60%", "65%")
    assert "现为“60%”，办公室报来“65%”" in line.text


def test_questions_are_asked_in_words_with_both_values() -> None:
    questions = (
        Question("Q1", "proposal", "D01", "tasks", "T0001", "1.1", "title", "甲", "甲", "乙"),
        Question("Q2", "refused", "D02", text="文件有打开密码。"),
        Question("Q3", "unheard of", "D02", text="请看一下。"),
    )
    first, second, third = view(questions=questions).questions
    assert (
        first.text == "办公室想把“重点任务”由“甲”改为“乙”。这一栏由创建办掌握，目前仍按“甲”；不同意的，单位表里会改回。"
    )
    assert (first.kind, first.base, first.current, first.incoming) == ("调整申请", "甲", "甲", "乙")
    assert second.text == "人事科的文件未能收入，已收入的内容不变。文件有打开密码。"
    assert third.text == "请看一下。"
