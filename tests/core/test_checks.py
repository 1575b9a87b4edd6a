from __future__ import annotations

import pytest

from syncer.core.model import Ledger
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader
from syncer.core.reading.checks import check_rows, read_values
from syncer.core.reading.lookups import surroundings_of
from syncer.core.reading.rows import ReadRow
from syncer.core.values import CellError, Scalar
from syncer.messages import speak
from tests.core.tables_as_text import compiled, sheet_of

COLUMNS_HEAD = "| 表名 | 字段代码 | 列名 | 类型 | 必填 | 何时必填 | 选项 | 归属 | 关键列 | 状态 | 最小 |"
COLUMNS = f"""
    {COLUMNS_HEAD}
    | 任务清单 | no        | 任务编号 | 编号   |    |                    |          | 创建办 | 是 |
    | 任务清单 | status    | 工作状态 | 选项   |    |                    | 工作状态 |
    | 任务清单 | trouble   | 滞后原因 | 长文本 |    | 工作状态 = 滞后    |
    | 任务清单 | person    | 责任人   | 文本   | 是 |
    | 活动台账 | no        | 活动编号 | 编号   |    |                    |          | 系统   |
    | 活动台账 | date      | 日期     | 日期   | 是 |                    |          |        | 是 |
    | 活动台账 | name      | 活动名称 | 文本   | 是 |                    |          |        | 是 |
    | 活动台账 | expected  | 应到     | 整数   |    |                    |          |        |    |    | 0 |
    | 活动台账 | actual    | 实到     | 整数   |    |                    |          |        |    |    | 0 |
    | 活动台账 | absence   | 缺席原因 | 长文本 |    | 实到 < 应到        |
    | 活动台账 | doc_no    | 文号     | 文本   |
    | 活动台账 | who       | 参加人   | 长文本 |
    | 活动台账 | trial     | 试填     | 整数   | 是 |                    |          |        |    | 试行 |
    | 活动台账 | limit     | 时限     | 期限   |
    | 活动台账 | closed    | 销号     | 选项   |    |                    | 是、否   | 创建办 |
"""
RULES = "| 编号 | 表名 | 条件 | 要求 | 级别 | 说明文字 | 状态 |\n"
AT = {code: at for at, code in enumerate(("no", "date", "name", "expected", "actual", "absence", "doc_no", "who"), 1)}


def ledger_of(rules: str = "") -> Ledger:
    ledger, problems = compiled({"栏目设置": COLUMNS, "校验规则": RULES + rules if rules else ""})
    assert problems == ()
    return ledger


PLAIN = ledger_of()
READER = CellReader(PLAIN)


def checked(
    *rows: ReadRow, ledger: Ledger = PLAIN, sheet: str = "activities"
) -> tuple[list[dict[str, Scalar]], tuple[Problem, ...]]:
    spec = sheet_of(ledger, sheet)
    reader = CellReader(ledger)
    done = read_values(rows, spec, reader)
    around = surroundings_of(ledger, {sheet: done}, reader.due)
    problems = check_rows(done, spec, ledger, Place("宣传科.xlsx", spec.name), AT, around)
    assert [c.row for c in done] == list(rows)
    assert all(speak(p, language).what for p in problems for language in ("zh_CN", "en"))
    return [dict(c.values) for c in done], tuple(problems)


def row(number: int = 5, row_id: str = "", **raw: Scalar) -> ReadRow:
    return ReadRow(row_id or f"HD-D02-{number:04}", number, raw)


def activity(number: int = 5, **raw: Scalar) -> ReadRow:
    cells: dict[str, Scalar] = {"date": f"2026-3-{number}", "name": f"活动{number}", **raw}
    return ReadRow(f"HD-D02-{number:04}", number, cells)


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(p.code, p.place.cell) for p in problems]


def test_a_row_without_fault_has_its_typed_values_and_nothing_to_say() -> None:
    values, problems = checked(activity(5, actual="12人", closed="是"))
    assert problems == ()
    assert {code: str(value) for code, value in values[0].items()} == {
        "date": "2026-03-05",
        "name": "活动5",
        "actual": "12",
        "closed": "是",
    }


def test_a_wrong_cell_is_named_with_its_place_key_and_content_and_keeps_what_was_typed() -> None:
    values, problems = checked(activity(5, actual="不少"), activity(6, date="三月初", actual=CellError("#REF!")))
    assert [(p.code, p.place.file, p.place.cell, p.row_key, p.column, p.found) for p in problems] == [
        ("CELL-001", "宣传科.xlsx", "E5", "2026-3-5 活动5", "实到", "不少"),
        ("CELL-027", "宣传科.xlsx", "B6", "三月初 活动6", "日期", "三月初"),
        ("CELL-007", "宣传科.xlsx", "E6", "三月初 活动6", "实到", "#REF!"),
    ]
    assert (values[0]["actual"], values[1]["date"]) == ("不少", "三月初")


def test_a_share_is_told_as_its_column_shows_it() -> None:
    columns = (
        COLUMNS
        + "    | 活动台账 | share | 到会率 | 百分比 |    |                    |          |        |    |    | 0 |\n"
    )
    ledger, _ = compiled({"栏目设置": columns})
    _, problems = checked(activity(5, share=-0.2), activity(6, share="-20"), ledger=ledger)
    assert [(p.code, p.found) for p in problems] == [("CELL-006", "-20%"), ("CELL-006", "-20")]


def test_cells_that_are_not_the_units_are_not_spoken_about() -> None:
    values, problems = checked(activity(5, no=2.5, closed="也许"))
    assert problems == ()
    assert values[0]["closed"] == "也许"


def test_a_required_cell_left_blank_is_pointed_out_where_it_should_stand() -> None:
    assert told(checked(row(5, name="植树"))[1]) == [("CHK-001", "B5")]


def test_a_column_on_trial_demands_nothing_and_a_wrong_value_in_it_is_a_note_only() -> None:
    assert told(checked(activity(5))[1]) == []
    _, problems = checked(activity(5, trial="不少"))
    assert [(p.code, dict(p.facts)) for p in problems] == [("CHK-013", {"code": "CELL-001"})]
    assert checked(activity(5, trial="约12"))[1] == ()


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"actual": 10, "expected": 12}, [("CHK-002", "F5")]),
        ({"actual": 10, "expected": 12, "absence": "出差"}, []),
        ({"actual": 12, "expected": 12}, []),
        ({}, []),
        ({"expected": 12}, []),
        ({"actual": 12}, []),
    ],
)
def test_a_cell_required_under_a_condition_is_missed_only_where_the_condition_is_met(
    cells: dict[str, Scalar], problems: list[tuple[str, str]]
) -> None:
    assert told(checked(activity(5, **cells))[1]) == problems


def test_a_row_of_the_plan_owes_nothing_until_the_unit_has_begun_it() -> None:
    fresh = row(5, "T0002", no="2.1")
    behind = row(6, "T0003", no="2.2", status="滞后")
    own = row(7, "RW-D02-0001", no="2.1-①")
    _, problems = checked(fresh, behind, own, sheet="tasks")
    assert {(p.code, p.row_key, p.column) for p in problems} == {
        ("CHK-002", "2.2", "滞后原因"),
        ("CHK-001", "2.2", "责任人"),
    }


def test_a_row_that_the_unit_put_among_the_plan_s_has_to_say_what_it_is_about() -> None:
    titled = (
        COLUMNS.rstrip()
        + "\n    | 任务清单 | title     | 重点任务 | 长文本 |    |                    |          | 创建办 |\n"
    )
    ledger, _ = compiled({"栏目设置": titled})
    planned = row(5, "T0002", no="2.1", status="推进中", person="沈样本")
    named, unnamed = row(6, "RW-D02-0001", no="2.1-①", title="走访"), row(7, "RW-D02-0002", trouble="附件")
    _, problems = checked(planned, named, unnamed, ledger=ledger, sheet="tasks")
    assert [(p.code, p.place.row, p.column) for p in problems] == [("CHK-001", 7, "重点任务")]


def test_the_second_of_two_rows_with_one_key_is_pointed_out_and_says_where_the_first_is() -> None:
    twin = activity(9, date="2026年3月5日", name="活 动5")
    _, problems = checked(activity(5), activity(6), twin, row(10, name="活动5"), row(11, name="活动5"))
    doubled = [p for p in problems if p.code == "CHK-003"]
    assert [(p.place.cell, p.column, p.found, p.facts) for p in doubled] == [
        ("B9", "日期、活动名称", "2026-03-05 活 动5", (("other", "5"),))
    ]


# ---- rules of the template


@pytest.mark.parametrize(
    ("severity", "code"),
    [("提示", "CHK-010"), ("警告", "CHK-011"), ("错误", "CHK-012"), ("", "CHK-011")],
)
def test_a_rule_speaks_with_its_own_words_and_weight(severity: str, code: str) -> None:
    ledger = ledger_of(f"| R1 | 活动台账 | 应到 非空 | 实到 ≤ 应到 | {severity} | 实到多于应到 | |")
    _, problems = checked(activity(5, actual=13, expected=12), activity(6, actual=12, expected=12), ledger=ledger)
    assert [(p.code, p.place.cell, p.found, dict(p.facts)["rule"]) for p in problems] == [(code, "E5", "13", "R1")]
    assert speak(problems[0]).what == "实到多于应到"


def test_a_rule_without_words_says_what_it_demands() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 文号 非空 | 警告 | | |")
    assert speak(checked(activity(5), ledger=ledger)[1][0]).what == "文号 非空"


def test_a_day_is_held_to_a_worded_deadline_and_to_none_that_recurs() -> None:
    """31 January 2026 is a Saturday: it is due on the next workday, as the office has it."""
    ledger = ledger_of("| R1 | 活动台账 | | 日期 不晚于 时限 | 警告 | | |")
    days = [("2026-2-2", "1月底前"), ("2026-2-3", "1月底前"), ("2026-12-3", "每月25日前"), ("2026-3-3", "春节前")]
    rows = [activity(at, date=day, limit=limit) for at, (day, limit) in enumerate(days, start=5)]
    assert told(checked(*rows, ledger=ledger)[1]) == [("CHK-011", "B6"), ("CHK-011", "B8")]


def test_a_rule_applies_only_where_its_condition_is_met() -> None:
    ledger = ledger_of("| R1 | 活动台账 | 实到 ≥ 100 | 文号 非空 | 警告 | 大型活动要有文号 | |")
    small, blank, large = activity(5, actual=99), activity(6), activity(7, actual=100)
    assert told(checked(small, blank, large, ledger=ledger)[1]) == [("CHK-011", "G7")]


def test_a_rule_on_trial_is_a_note() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 文号 非空 | 错误 | 要有文号 | 试行 |")
    assert told(checked(activity(5), ledger=ledger)[1]) == [("CHK-020", "G5")]


def test_a_rule_says_what_stands_in_the_column_it_compares_with() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 实到 ≤ 应到 | 警告 | 请核对人数 | |")
    (found,) = checked(activity(5, actual=13, expected=12, absence="无"), ledger=ledger)[1]
    assert (speak(found).what, speak(found).expected) == ("请核对人数", "实到 ≤ 应到（12）")


def test_of_alternatives_that_all_fail_one_problem_is_told_at_the_first() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 文号 非空 或 参加人 非空 | 警告 | | |")
    _, problems = checked(activity(5), activity(6, doc_no="1"), activity(7, who="张三"), ledger=ledger)
    assert told(problems) == [("CHK-011", "G5")]
    assert speak(problems[0]).what == "文号 非空 或 参加人 非空"


def test_a_rule_never_asks_the_unit_to_mend_what_is_the_coordinators() -> None:
    ledger = ledger_of("| R1 | 任务清单 | | 任务编号 = 9.9 | 警告 | | |")
    rows = [row(5, "T0002", no="2.1", person="张三"), row(6, "RW-D02-0001", no="2.1-①")]
    assert [(p.place.row, p.code) for p in checked(*rows, ledger=ledger, sheet="tasks")[1]] == [(6, "CHK-011")]


def test_unique_points_out_every_repetition_but_not_the_first_and_no_blank() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 文号 唯一 | 警告 | 文号重复 | |")
    rows = [
        activity(5, doc_no="〔2026〕1号"),
        activity(6),
        activity(7, doc_no="〔2026〕１ 号"),
        activity(8),
        activity(9, doc_no="〔2026〕1号"),
    ]
    assert told(checked(*rows, ledger=ledger)[1]) == [("CHK-011", "G7"), ("CHK-011", "G9")]


def test_existing_in_another_place_is_looked_up_name_by_name() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 参加人 存在于 单位名录.简称 | 提示 | 不是本局单位 | |")
    rows = [activity(5, who="宣传科、局办"), activity(6, who="宣传科、食堂"), activity(7)]
    assert told(checked(*rows, ledger=ledger)[1]) == [("CHK-010", "H6")]


def test_a_number_the_system_gives_out_exists_before_it_was_delivered() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 参加人 存在于 活动台账.活动编号 | 提示 | 没有这个活动 | |")
    rows = [activity(5, who="HD-D02-0006"), activity(6, who="HD-D02-0099")]
    assert told(checked(*rows, ledger=ledger)[1]) == [("CHK-010", "H6")]


def test_values_of_other_rows_are_looked_up_as_they_are_read_not_as_they_are_typed() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 参加人 存在于 活动台账.日期 | 提示 | 没有这一天 | |")
    rows = [activity(5, date="2026年3月5日", who="2026-03-06"), activity(6, date="3月6日", who="2026-03-07")]
    assert [c for c in told(checked(*rows, ledger=ledger)[1]) if c[0] == "CHK-010"] == [("CHK-010", "H6")]


@pytest.mark.parametrize(
    ("place", "values"),
    [
        ("任务分解.编号", {"1.1", "2.1", "2.2"}),
        ("活动台账.活动名称", {"植树"}),
        ("活动台账.没有", None),
        ("没有.名称", None),
        ("任务清单.任务编号", None),  # not read this time
        ("", None),
    ],
)
def test_a_look_up_knows_the_plan_and_the_sheets_that_were_read(place: str, values: set[str] | None) -> None:
    rows = read_values([row(5, name="植 树")], sheet_of(PLAIN, "activities"), CellReader(PLAIN))
    assert surroundings_of(PLAIN, {"activities": rows}, READER.due).known(place) == values


def test_the_roster_is_known_by_every_name() -> None:
    names = surroundings_of(PLAIN, {}, READER.due).known("单位名录.简称")
    assert names is not None
    assert {"宣传科", "宣教科", "云岭市局宣传科"} <= names


def test_an_error_value_is_said_once_and_not_by_every_rule() -> None:
    ledger = ledger_of("| R1 | 活动台账 | | 文号 唯一 | 警告 | 文号重复 | |")
    rows = [activity(5, doc_no=CellError("#N/A")), activity(6, doc_no=CellError("#N/A"))]
    assert told(checked(*rows, ledger=ledger)[1]) == [("CELL-007", "G5"), ("CELL-007", "G6")]


def test_problems_stand_in_the_order_of_the_sheet() -> None:
    _, problems = checked(row(9, name="九"), activity(5, actual="不少"), row(7, date="三月初"))
    assert [(p.place.row, p.place.column) for p in problems] == sorted((p.place.row, p.place.column) for p in problems)


# ---- how a text must look


LOOKS = f"""
    {COLUMNS_HEAD} 最大 | 格式 |
    | 任务清单 | no   | 任务编号 | 编号   |
    | 活动台账 | name | 活动名称 | 文本   | 是 | | | | 是 |      | 2  | 6   |               |
    | 活动台账 | no2  | 文号     | 文本   |    | | | |    |      |    |     | XX〔YYYY〕N号 |
    | 活动台账 | no3  | 序号     | 编号   |    | | | |    | 试行 |    |     | N-N           |
    | 活动台账 | size | 件数     | 文本   |    | | | |    |      |    | 200 |               |
    | 活动台账 | form | 旧格式   | 文本   |    | | | |    |      |    |     |               |
"""


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"name": "植树", "no2": "云建〔2026〕12号", "no3": "2-1"}, []),
        ({"name": "植树", "no2": "云建[2026]12号"}, [("CHK-004", {"form": "XX〔YYYY〕N号"})]),
        ({"name": "树"}, [("CHK-005", {"length": "1", "least": "2"})]),
        ({"name": " 树 \n"}, [("CHK-005", {"length": "1", "least": "2"})]),
        ({"name": "春季义务植树活动"}, [("CHK-006", {"length": "8", "most": "6"})]),
        ({"name": "植树", "no3": "2.1"}, [("CHK-013", {"code": "CHK-004"})]),
        ({"name": "植树", "size": 300}, []),  # the limit is one of length, whatever was typed
    ],
)
def test_a_text_is_held_to_its_form_and_its_length(
    cells: dict[str, Scalar], found: list[tuple[str, dict[str, str]]]
) -> None:
    ledger, problems = compiled({"栏目设置": LOOKS})
    assert problems == ()
    values, told_of = checked(ReadRow("HD-D02-0005", 5, cells), ledger=ledger)
    assert [(p.code, dict(p.facts)) for p in told_of] == found
    assert values[0].keys() == cells.keys()


# ---- the assessment window


def test_a_day_outside_the_assessment_window_is_pointed_out_by_a_rule() -> None:
    rules = {
        "栏目设置": COLUMNS,
        "校验规则": RULES + "| R1 | 活动台账 | | 日期 在测评周期内 | 警告 | 不在测评周期内 | |",
    }
    rows = [
        row(5, date="2025-12-31", name="甲"),
        row(6, date="2026-6-30", name="乙"),
        row(7, date="2026-7-1", name="丙"),
    ]
    year, _ = compiled(rules)
    assert told(checked(*rows, ledger=year)[1]) == [("CHK-011", "B5")]
    settings = "| 测评周期开始 | window_start | 2024-01-01 |\n| 测评周期结束 | window_end | 2026-06-30 |"
    three, problems = compiled(rules, {"亮灯与时限设置": settings})
    assert problems == ()
    assert told(checked(*rows, ledger=three)[1]) == [("CHK-011", "B7")]


def test_a_material_is_held_to_the_window_of_the_indicator_it_is_claimed_for() -> None:
    columns = COLUMNS.replace("| 活动台账 | doc_no    | 文号     | 文本   |", "| 活动台账 | doc_no    | 测评指标 | 多选   |    |                    | 测评指标 |")  # fmt: skip
    ledger, problems = compiled({
        "栏目设置": columns,
        "校验规则": RULES + "| R1 | 活动台账 | | 日期 在测评周期内 | 警告 | 不在测评周期内 | |",
        "测评指标": "| 编号 | 周期开始 | 周期结束 |\n| 1-1-01 | 2026-07-01 | 2026-09-30 |\n| 1-1-02 |",
    })  # fmt: skip
    assert problems == ()
    rows = [
        row(5, date="2026-6-30", name="甲", doc_no="1-1-01"),
        row(6, date="2026-6-30", name="乙", doc_no="1-1-02"),
        row(7, date="2026-8-1", name="丙", doc_no="1-1-01、1-1-02"),
        row(8, date="2026-10-1", name="丁", doc_no="1-1-02、1-1-01"),
    ]
    assert told(checked(*rows, ledger=ledger)[1]) == [("CHK-011", "B5"), ("CHK-011", "B8")]
