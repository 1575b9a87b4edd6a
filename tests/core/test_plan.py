from __future__ import annotations

from datetime import date, datetime, time

import pytest

from syncer.core.calendar import DayKind
from syncer.core.model import CountSource, Light, Settings, Table
from syncer.core.template.plan import as_date, as_number, compile_settings, parse_source, split_list
from syncer.core.template.schema import compile_ledger
from syncer.core.template.tables import read_records
from syncer.core.values import Scalar
from syncer.messages import line
from tests.core.tables_as_text import AS_OF, codes, compiled, control, table

SETTING_NAMES = ("项目", "设置代码", "值", "说明")


def settings_of(text: str) -> tuple[Settings, list[str]]:
    records, _ = read_records(table("亮灯与时限设置", f"| 设置代码 | 值 |\n{text}"), SETTING_NAMES, ("设置代码", "值"))
    settings, problems = compile_settings(records)
    return settings, codes(problems)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("甲、乙", ("甲", "乙")), ("甲，乙; 丙\n丁、、", ("甲", "乙", "丙", "丁")), ("", ()), ("甲 乙", ("甲 乙",))],
)
def test_a_cell_that_lists_things_is_split_at_commas_semicolons_and_line_breaks(
    text: str, parts: tuple[str, ...]
) -> None:
    assert split_list(text) == parts


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (date(2026, 3, 5), date(2026, 3, 5)),
        (datetime(2026, 3, 5, 9), date(2026, 3, 5)),
        ("2026-3-5", date(2026, 3, 5)),
        ("2026年3月5日", date(2026, 3, 5)),
        ("2026.03.05 ", date(2026, 3, 5)),
        ("2026-2-30", None),
        ("3月5日", None),
        (46086, None),
        (None, None),
    ],
)
def test_a_settings_cell_is_a_date_only_when_it_names_a_whole_one(value: Scalar, day: date | None) -> None:
    assert as_date(value) == day


@pytest.mark.parametrize(
    ("value", "number"),
    [(4, 4.0), (2.5, 2.5), ("95%", 95.0), ("25 小时", 25.0), ("-3", -3.0), ("约25", None), (True, None), (None, None)],
)
def test_a_settings_cell_is_the_number_it_begins_with(value: Scalar, number: float | None) -> None:
    assert as_number(value) == number


def test_settings_are_taken_by_code_and_blank_or_unknown_ones_leave_the_default() -> None:
    ledger, problems = compiled(
        added={
            "亮灯与时限设置": """
                | 蓝灯天数 | blue_workdays | 5      |
                | 黄灯     | yellow_points | 12.5   |
                | 红色     | colour_red    | #ff0000 |
                | 出报时间 | weekly_time   | 17:30  |
                | 审批     | weekly_approval | 人工 |
                | 空着     | mass_cells    |        |
                | 以后的   | not_yet_known | 3      |
            """
        }
    )
    settings = ledger.settings
    assert problems == ()
    assert (settings.year, settings.office, settings.ledger_id) == (2026, "云岭市局", "L1")
    assert (settings.blue_workdays, settings.yellow_points, settings.weekly_time) == (5, 12.5, time(17, 30))
    assert (settings.weekly_approval, settings.mass_cells) == ("人工", 10)
    assert (settings.colour(Light.RED), settings.colour(Light.GREEN)) == ("FF0000", "A9D18E")


@pytest.mark.parametrize("text", ["16:75", "25:00", "下午四点", "16"])
def test_a_time_of_day_that_is_none_keeps_the_default_and_is_pointed_out(text: str) -> None:
    settings, problems = settings_of(f"| year | 2026 |\n| weekly_time | '{text} |")
    assert settings.weekly_time == time(16, 0)
    assert problems == ["TPL-003"]


@pytest.mark.parametrize(
    ("value", "expected"), [("0.6875", time(16, 30)), ("'16：30", time(16, 30)), ("'9点", time(9))]
)
def test_a_time_of_day_is_read_from_text_or_from_the_fraction_that_excel_keeps(value: str, expected: time) -> None:
    settings, problems = settings_of(f"| year | 2026 |\n| weekly_time | {value} |")
    assert (settings.weekly_time, problems) == (expected, [])


@pytest.mark.parametrize("value", [time(16, 30), datetime(1899, 12, 30, 16, 30)])
def test_a_time_of_day_may_be_a_cell_of_that_kind(value: Scalar) -> None:
    sheet = Table("亮灯与时限设置", (("设置代码", "值"), ("year", 2026), ("weekly_time", value)))
    records, _ = read_records(sheet, SETTING_NAMES, ("设置代码", "值"))
    settings, problems = compile_settings(records)
    assert (settings.weekly_time, problems) == (time(16, 30), [])


@pytest.mark.parametrize("row", ["| colour_red | 红色 |", "| blue_workdays | 七天 |", "| silent_weeks | #REF! |"])
def test_an_unusable_setting_keeps_its_default_and_is_pointed_out(row: str) -> None:
    settings, problems = settings_of(f"| year | 2026 |\n{row}")
    default, _ = settings_of("| year | 2026 |")
    assert (settings, problems) == (default, ["TPL-003"])


@pytest.mark.parametrize("year", ["", "明年", "26", "20260"])
def test_a_ledger_without_a_usable_year_cannot_be_the_source_of_truth(year: str) -> None:
    ledger, problems = compile_ledger(
        control({"亮灯与时限设置": f"| 设置代码 | 值 |\n| office | 局 |\n| year | {year} |"}), AS_OF
    )
    assert ledger is None
    assert "TPL-017" in codes(problems)


def test_days_are_sorted_and_an_unclear_one_is_left_out_and_pointed_out() -> None:
    ledger, problems = compiled(
        added={
            "节假日与节点": """
                | 日期       | 类型 | 名称   |
                | 2026-10-01 | 休   | 国庆节 |
                | 2026-02-17 | 节日 | 春节   |
                | 2026年2月14日 | 班 |       |
                | 国庆前     | 休   |        |
                | 2026-05-01 | 放假 | 劳动节 |
            """
        }
    )
    assert [(d.day.isoformat(), d.kind) for d in ledger.days] == [
        ("2026-02-14", DayKind.WORK),
        ("2026-02-17", DayKind.FESTIVAL),
        ("2026-10-01", DayKind.OFF),
    ]
    assert [(p.code, p.place.row, p.column) for p in problems] == [("TPL-003", 5, "日期"), ("TPL-003", 6, "类型")]


UNITS_HEAD = "| 编码 | 全称 | 简称 | 排序 | 启用 | 停用 | 并入 | 组 | 别名 |"


def roster_of(rows: str) -> tuple[list[str], list[tuple[str, int]]]:
    ledger, problems = compiled({"单位名录": f"{UNITS_HEAD}\n{rows}", "任务分解": "| 编号 | 任务 |"})
    return [u.code for u in ledger.units], [(p.code, p.place.row) for p in problems]


def test_units_stand_in_their_order_number_and_those_without_one_last_in_sheet_order() -> None:
    rows = "| D03 | 丙科 | 丙 |  |\n| D01 | 甲科 | 甲 | 2 |\n| D02 | 乙科 | 乙 | 1 |\n| D04 | 丁科 | | |"
    assert roster_of(rows) == (["D02", "D01", "D03", "D04"], [])


def test_a_closed_a_merged_and_a_not_yet_opened_unit_are_not_in_force() -> None:
    rows = """
        | D01 | 甲科 | 甲 | 1 | 2026-01-01 |            |    |
        | D02 | 乙科 | 乙 | 2 |            | 2026-06-30 |    |
        | D03 | 丙科 | 丙 | 3 |            |            | 甲 |
        | D04 | 丁科 | 丁 | 4 |            | 2026-12-31 |    |
        | D05 | 戊科 | 戊 | 5 | 2027-01-01 |            |    |
    """
    assert roster_of(rows) == (["D01", "D04"], [])


def test_the_name_of_a_merged_unit_in_the_plan_means_its_successor() -> None:
    ledger, problems = compiled(
        added={
            "单位名录": "| D09 | 云岭市局信息科 | 信息科 | | 科室 | | 9 | | | 宣传科 |",
            "任务分解": "| '3.1 | T0009 | 机制 | 网络文明 | | | 信息科 | | 全年 |",
        }
    )
    assert codes(problems) == []
    assert ledger.tasks[-1].leads == ("D02",)


def test_a_unit_without_code_or_named_twice_is_left_out_and_pointed_out() -> None:
    rows = "| D01 | 甲科 | 甲 | 1 |\n| | 乙科 | 乙 | 2 |\n| ｄ01 | 丙科 | 丙 | 3 |\n| D04 | 丁科 | 甲 | 4 |"
    assert roster_of(rows) == (["D01"], [("TPL-018", 3), ("TPL-013", 4), ("TPL-013", 5)])


def test_tasks_know_leads_and_supports_with_groups_expanded_and_leads_dropped_from_their_group() -> None:
    ledger, problems = compiled()
    assert codes(problems) == []
    first, second, _ = ledger.tasks
    assert (first.id, first.number, first.leads, first.supports) == ("T0001", "1.1", ("D01",), ("D02",))
    assert (first.leads_text, first.supports_text, first.deadline.due) == ("办公室", "机关科室", date(2026, 3, 31))
    assert (second.target, second.measure, second.source) == (4.0, "次", CountSource("activities"))
    assert [t.id for t in ledger.led_by("D02")] == ["T0002", "T0003"]
    assert [t.id for t in ledger.supported_by("D02")] == ["T0001"]


def plan_problems(rows: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Ids of the tasks made, and (code, column) of the problems of a plan whose rows these are."""
    head = "| 编号 | 行标识 | 任务 | 牵头单位 | 配合单位 | 完成时限 | 计数来源 |"
    ledger, problems = compiled({"任务分解": f"{head}\n{rows}"})
    assert all(line(p) for p in problems)
    return [t.id for t in ledger.tasks], [(p.code, p.column) for p in problems]


@pytest.mark.parametrize(
    ("row", "ids", "problems"),
    [
        ("| '2.1 | T0002 | 讲堂 | 食堂、宣传科 | 全体 | 全年 |", ["T0001", "T0002"], [("TPL-006", "牵头单位")]),
        ("| '2.1 | T0002 | 讲堂 | 宣传科 | 食堂 | 全年 |", ["T0001", "T0002"], [("TPL-006", "配合单位")]),
        ("| '2.1 | T0002 | 讲堂 | | 宣传科 | 全年 |", ["T0001", "T0002"], [("TPL-019", "牵头单位")]),
        ("| '1.1 | T0002 | 讲堂 | 宣传科 | | 全年 |", ["T0001"], [("TPL-007", "编号")]),
        ("| '2.1 | T0001 | 讲堂 | 宣传科 | | 全年 |", ["T0001"], [("TPL-007", "行标识")]),
        ("| '2.1 | T0002 | 讲堂 | 宣传科 | | 抓紧办 |", ["T0001", "T0002"], [("TPL-009", "完成时限")]),
        ("| '2.1 | T0002 | 讲堂 | 宣传科 | | 2022年3月底前 |", ["T0001", "T0002"], [("TPL-012", "完成时限")]),
        ("| '2.1 | T0002 | 讲堂 | 宣传科 | | 全年 | 台账活动 |", ["T0001", "T0002"], [("TPL-014", "计数来源")]),
        ("| '2.1 |       | 讲堂 | 宣传科 | | 全年 |", ["T0001", "T-2.1"], [("TPL-016", "编号")]),
        ("| 2.1 | T0002 | 讲堂 | 宣传科 | | 全年 |", ["T0001", "T0002"], [("TPL-020", "编号")]),
    ],
)
def test_a_fault_in_one_task_is_pointed_out_and_leaves_the_other_tasks_alone(
    row: str, ids: list[str], problems: list[tuple[str, str]]
) -> None:
    assert plan_problems(f"| '1.1 | T0001 | 方案 | 办公室 | | 3月底前 |\n{row}") == (ids, problems)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("活动台账", CountSource("activities")),
        (" 活动台账/参加人数 ", CountSource("activities", "headcount")),
        ("活动台账/参加人数÷任务清单", CountSource("activities", "headcount", "tasks")),
        ("活动台账÷任务清单", CountSource("activities", "", "tasks")),
        ("活动台帐", None),
        ("活动台账/人数", None),
        ("活动台账÷名册", None),
        ("", None),
    ],
)
def test_a_count_source_names_a_sheet_maybe_a_column_to_sum_and_a_sheet_to_divide_by(
    text: str, source: CountSource | None
) -> None:
    ledger, _ = compiled()
    assert parse_source(text, ledger.sheets) == source
