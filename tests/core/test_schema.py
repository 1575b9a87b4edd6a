from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from syncer.core.model import Book, Choice, ColumnType, Ledger, Owner, SheetKind, Status
from syncer.core.problems import Problem
from syncer.core.template.schema import FATAL, compile_ledger
from syncer.excel.reader import read_book
from syncer.messages import speak
from tests.core.tables_as_text import AS_OF, CONTROL, codes, compiled, control, sheet_of

SHIPPED = Path(__file__).parents[2] / "workbook_templates" / "ledger.xlsx"


@pytest.fixture(scope="module")
def shipped() -> tuple[Ledger, tuple[Problem, ...]]:
    book = read_book(SHIPPED)
    assert isinstance(book, Book)
    ledger, problems = compile_ledger(book.tables, AS_OF)
    assert ledger is not None
    return ledger, problems


class TestTheShippedTemplate:
    def test_it_compiles_with_nothing_to_say_but_the_years_of_the_sample_plan(
        self, shipped: tuple[Ledger, tuple[Problem, ...]]
    ) -> None:
        ledger, problems = shipped
        assert set(codes(problems)) == {"TPL-012"}
        assert (len(ledger.sheets), len(ledger.tasks), len(ledger.units)) == (8, 25, 16)

    def test_its_sheets_are_of_the_right_kind_and_their_ids_never_begin_like_a_tasks(
        self, shipped: tuple[Ledger, tuple[Problem, ...]]
    ) -> None:
        sheets = {s.code: s for s in shipped[0].sheets}
        assert {c: s.prefix for c, s in sheets.items() if s.kind is SheetKind.RECORDS} == {
            "activities": "HD",
            "study": "XX",
            "volunteers": "ZY",
            "service": "FW",
            "materials": "CL",
            "rectify": "WT",
        }
        assert sheets["tasks"].kind is SheetKind.TASKS
        assert sheets["support"].kind is SheetKind.SUPPORT
        assert not any(s.prefix.upper().startswith("T") for s in sheets.values())

    def test_every_task_has_a_row_id_a_lead_and_a_deadline_that_is_understood(
        self, shipped: tuple[Ledger, tuple[Problem, ...]]
    ) -> None:
        tasks = shipped[0].tasks
        assert [t.id for t in tasks] == [f"T{at:04}" for at in range(1, 26)]
        assert all(t.leads and t.deadline.kind != "unclear" for t in tasks)
        assert not any(set(t.leads) & set(t.supports) for t in tasks)

    def test_every_option_list_a_column_names_is_there_and_every_sheet_goes_to_every_unit(
        self, shipped: tuple[Ledger, tuple[Problem, ...]]
    ) -> None:
        ledger = shipped[0]
        named = {c.options for s in ledger.sheets for c in s.columns if c.options}
        assert all(ledger.choices(name) for name in named)
        assert all(s.audience == tuple(u.code for u in ledger.units) for s in ledger.sheets)

    def test_system_columns_are_marked_so_and_key_columns_are_the_units_own_in_records(
        self, shipped: tuple[Ledger, tuple[Problem, ...]]
    ) -> None:
        for sheet in shipped[0].sheets:
            hint = sheet.column("hint")
            assert hint is None or hint.owner is Owner.SYSTEM
            if not sheet.from_plan:
                assert all(c.owner is Owner.UNIT for c in sheet.columns if c.key)
                assert any(c.key for c in sheet.columns)

    def test_compiling_the_same_bytes_again_gives_the_same_version(
        self, shipped: tuple[Ledger, tuple[Problem, ...]]
    ) -> None:
        book = read_book(SHIPPED)
        assert isinstance(book, Book)
        again, _ = compile_ledger(book.tables, AS_OF)
        assert again == shipped[0]


def test_the_small_workbook_of_these_tests_is_without_fault() -> None:
    ledger, problems = compiled()
    assert problems == ()
    assert [s.name for s in ledger.sheets] == ["任务清单", "活动台账"]


def test_a_column_added_in_the_workbook_is_a_column_of_the_ledger() -> None:
    ledger, problems = compiled(
        added={"栏目设置": "| 活动台账 | weather | | 天气 | | 选项 | | 晴、阴、雨 | | | 单位 | | 晴 |"}
    )
    column = sheet_of(ledger, "activities").columns[-1]
    assert problems == ()
    assert (column.code, column.name, column.type, column.default) == ("weather", "天气", ColumnType.CHOICE, "晴")
    assert ledger.choices("晴、阴、雨") == (Choice("晴"), Choice("阴"), Choice("雨"))
    assert ledger.version != compiled()[0].version


def test_a_column_without_a_code_or_with_one_copied_along_goes_by_its_name() -> None:
    rows = "| 活动台账 | | | 天气 |\n| 活动台账 | date | | 归档 日期 |"
    ledger, problems = compiled(added={"栏目设置": rows})
    assert problems == ()
    assert [c.code for c in sheet_of(ledger, "activities").columns[-2:]] == ["天气", "归档日期"]


def test_a_sheet_added_in_the_workbook_is_a_sheet_of_its_audience() -> None:
    ledger, problems = compiled(
        added={
            "表设置": "| 疫苗接种摸排 | | 调查 | 同创单位 | 9 | YM |",
            "栏目设置": "| 疫苗接种摸排 | | | 姓名 |\n| 疫苗接种摸排 | | | 已接种 | | 选项 | 是 | 是、否 |",
        }
    )
    survey = ledger.sheets[-1]
    assert problems == ()
    assert (survey.name, survey.code, survey.kind, survey.prefix) == (
        "疫苗接种摸排",
        "疫苗接种摸排",
        SheetKind.SURVEY,
        "YM",
    )
    assert (survey.audience, survey.reserved_rows, survey.column("已接种") is not None) == (("D03",), 9, True)
    assert [s.code for s in ledger.sheets_of("D01")] == ["tasks", "activities"]


def test_a_retired_column_is_set_aside_and_a_column_on_trial_stays() -> None:
    head = "| 表名 | 字段代码 | 列名 | 状态 |"
    rows = "| 活动台账 | a | 活动 | 启用 |\n| 活动台账 | b | 旧栏 | 停用 |\n| 活动台账 | c | 新栏 | 试行 |"
    ledger, problems = compiled({"栏目设置": f"{head}\n{rows}\n| 任务清单 | no | 编号 | |"})
    sheet = sheet_of(ledger, "activities")
    assert problems == ()
    assert [(c.code, c.status) for c in sheet.columns] == [("a", Status.ACTIVE), ("c", Status.TRIAL)]
    assert [c.code for c in sheet.retired] == ["b"]


def test_a_retired_sheet_is_gone_and_its_columns_are_no_fault() -> None:
    head = "| 表名 | 表代码 | 种类 | 发给 | 状态 |"
    rows = "| 任务清单 | tasks | 任务 | 全部 | |\n| 活动台账 | activities | 记录 | 全部 | 停用 |"
    ledger, problems = compiled({"表设置": f"{head}\n{rows}", "任务分解": "| 编号 | 任务 |"})
    assert (codes(problems), [s.code for s in ledger.sheets]) == ([], ["tasks"])


@pytest.mark.parametrize(
    ("added", "code", "column"),
    [
        ({"栏目设置": "| 活动台账 | again | | 活动 名称 |"}, "TPL-004", "列名"),
        ({"栏目设置": "| | x | | 天气 |"}, "TPL-021", "表名"),
        ({"栏目设置": "| 活动台账 | x | | |\n| 活动台账 | | | 天气 |"}, "TPL-021", "列名"),
        ({"栏目设置": "| 活动台帐 | x | | 天气 |"}, "TPL-005", "表名"),
        ({"栏目设置": "| 活动台账 | x | | 天气 | | 选择 |"}, "TPL-003", "类型"),
        ({"栏目设置": "| 活动台账 | x | | 天气 | | 选项 | | 天气 |"}, "TPL-008", "选项"),
        ({"栏目设置": "| 活动台账 | x | | 人次 | | 整数 | | | 很少 |"}, "TPL-003", "最小"),
        ({"栏目设置": "| 活动台账 | x | | 人次 | | 整数 | | | | | 局里 |"}, "TPL-003", "归属"),
        ({"表设置": "| 活动 台账 | hd2 | 记录 | 全部 |"}, "TPL-004", "表名"),
        ({"表设置": "| 空表 | empty | 记录 | 全部 |"}, "TPL-005", "表名"),
        ({"表设置": "| 填报须知 | x | 记录 | 全部 |"}, "SAFE-011", "表名"),
        (
            {
                "表设置": "| 制度/文件 | x | 记录 | 全部 |\n| 制度:文件 | y | 记录 | 全部 |",
                "栏目设置": "| 制度/文件 | | | 题名 |\n| 制度:文件 | | | 题名 |",
            },
            "SAFE-011",
            "表名",
        ),
        ({"表设置": "| 摸排 | survey | 问卷 | 全部 |", "栏目设置": "| 摸排 | | | 姓名 |"}, "TPL-003", "种类"),
        ({"表设置": "| 摸排 | survey | 调查 | 宣传科、食堂 |", "栏目设置": "| 摸排 | | | 姓名 |"}, "TPL-006", "发给"),
    ],
)
def test_a_fault_in_a_settings_row_is_pointed_out_in_both_languages_and_the_ledger_still_stands(
    added: dict[str, str], code: str, column: str
) -> None:
    ledger, problems = compiled(added=added)
    assert [(p.code, p.column) for p in problems] == [(code, column)]
    assert all(speak(p, language).do for p in problems for language in ("zh_CN", "en"))
    assert {"tasks", "activities"} <= {s.code for s in ledger.sheets}


def test_a_misread_word_falls_back_to_the_default() -> None:
    ledger, _ = compiled(added={"栏目设置": "| 活动台账 | x | | 天气 | | 选择 | | | | | 局里 |"})
    column = sheet_of(ledger, "activities").columns[-1]
    assert (column.type, column.owner) == (ColumnType.TEXT, Owner.UNIT)


def test_a_column_that_names_a_roster_gets_its_names_as_choices() -> None:
    ledger, problems = compiled(added={"栏目设置": "| 活动台账 | host | | 主办 | | 单位 | | 单位名录 |"})
    assert problems == ()
    assert [c.text for c in ledger.choices("单位名录")] == ["办公室", "宣传科", "青禾"]
    assert "宣教科" in ledger.choices("单位名录")[1].aliases
    assert [c.text for c in ledger.choices("任务分解")] == ["1.1", "2.1", "2.2"]


def test_limits_are_read_as_the_columns_type_says() -> None:
    rows = "| 活动台账 | x | | 截止 | | 日期 | | | 2026-01-01 | 2026年12月31日 |"
    ledger, problems = compiled(added={"栏目设置": rows})
    column = sheet_of(ledger, "activities").columns[-1]
    assert (problems, column.minimum, column.maximum) == ((), date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("name", ["栏目设置", "表设置", "单位名录", "任务分解", "亮灯与时限设置"])
def test_without_one_of_the_five_needed_sheets_there_is_no_ledger(name: str) -> None:
    ledger, problems = compile_ledger(control({name: ""}), AS_OF)
    assert ledger is None
    assert ("TPL-001", name) in [(p.code, p.place.sheet) for p in problems]


@pytest.mark.parametrize("name", ["测评指标", "下拉选项", "节假日与节点", "校验规则"])
def test_the_other_settings_sheets_may_be_missing(name: str) -> None:
    ledger, problems = compile_ledger(control({name: ""}), AS_OF)
    assert ledger is not None
    assert not {p.code for p in problems} & FATAL


def test_a_needed_column_that_was_deleted_is_fatal_and_an_optional_one_is_not() -> None:
    assert compile_ledger(control({"表设置": "| 表名 | 发给 |\n| 任务清单 | 全部 |"}), AS_OF)[0] is None
    ledger, problems = compiled({"表设置": "| 表名 | 种类 |\n| 任务清单 | 任务 |\n| 活动台账 | 记录 |"})
    assert problems == ()
    assert [(s.code, s.reserved_rows, len(s.audience)) for s in ledger.sheets] == [
        ("任务清单", 20, 3),
        ("活动台账", 20, 3),
    ]


def test_a_workbook_without_any_usable_data_sheet_is_no_source_of_truth() -> None:
    ledger, problems = compile_ledger(control({"栏目设置": "| 表名 | 列名 |"}), AS_OF)
    assert ledger is None
    assert "TPL-015" in codes(problems)


@pytest.mark.parametrize(
    ("rows", "reserved"), [("", 20), ("0", 0), ("-4", 0), ("999999", 5000), ("很多", 20), ("12行", 12)]
)
def test_the_number_of_reserved_rows_is_kept_within_reason(rows: str, reserved: int) -> None:
    head = "| 表名 | 表代码 | 种类 | 发给 | 预留行数 |"
    ledger, _ = compiled(
        {"表设置": f"{head}\n| 活动台账 | activities | 记录 | 全部 | {rows} |", "任务分解": "| 编号 | 任务 |"}
    )
    assert ledger.sheets[0].reserved_rows == reserved


@pytest.mark.parametrize("prefix", ["TZ", "tz"])
def test_a_prefix_that_would_make_ids_look_like_a_tasks_is_changed(prefix: str) -> None:
    ledger, _ = compiled(
        added={"表设置": f"| 摸排 | survey | 调查 | 全部 | 5 | {prefix} |", "栏目设置": "| 摸排 | | | 姓名 |"}
    )
    assert ledger.sheets[-1].prefix.upper() == "RTZ"  # Excel compares LEFT(id) without regard to case


def test_a_unit_added_or_a_deadline_changed_makes_another_version_and_a_blank_row_does_not() -> None:
    before = compiled()[0].version
    assert compiled(added={"单位名录": "|"})[0].version == before
    assert compiled(added={"单位名录": "| D04 | 云岭市局工会 | 工会 |"})[0].version != before
    changed = CONTROL["任务分解"].replace("3月底前", "4月底前")
    assert compiled({"任务分解": changed})[0].version != before


RULES = "| 编号 | 表名 | 条件 | 要求 | 级别 | 说明文字 | 状态 |\n"


def test_rules_in_force_are_kept_with_their_place_and_retired_ones_are_not() -> None:
    rows = """
        | R1 | 任务清单 | 工作状态 = 已完成 | 完成率 ≥ 100 | 提示 | 请核对 | 启用 |
        |    | 任务清单 |                  | 备注 非空   |      |        | 试行 |
        | R3 | 任务清单 |                  | 备注 非空   |      |        | 停用 |
    """
    ledger, problems = compiled({"校验规则": RULES + rows})
    assert problems == ()
    assert [(r.number, r.sheet, r.level, r.status, r.row) for r in ledger.rules] == [
        ("R1", "tasks", "提示", Status.ACTIVE, 2),
        ("3", "tasks", "警告", Status.TRIAL, 3),
    ]


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("| R1 | 任务单 | | 备注 非空 |", "TPL-005", "表名"),
        ("| R1 | 任务清单 | 要是完成了 | 备注 非空 |", "TPL-010", "条件"),
        ("| R1 | 任务清单 | | 备注要写 |", "TPL-010", "要求"),
        ("| R1 | 任务清单 | | 非空 |", "TPL-010", "要求"),
        ("| R1 | 任务清单 | 状态 = 已完成 | 备注 非空 |", "CHK-021", "条件"),
        ("| R1 | 任务清单 | | 备住 非空 |", "CHK-021", "要求"),
        ("| R1 | 任务清单 | | |", "TPL-010", "要求"),
    ],
)
def test_a_rule_that_cannot_work_is_not_in_force_and_pointed_out(row: str, code: str, column: str) -> None:
    ledger, problems = compiled({"校验规则": RULES + row})
    assert ledger.rules == ()
    assert [(p.code, p.column) for p in problems] == [(code, column)]


def test_a_condition_for_required_that_is_not_understood_is_left_out_and_pointed_out() -> None:
    head = "| 表名 | 字段代码 | 列名 | 何时必填 |"
    rows = "| 活动台账 | a | 活动 | |\n| 活动台账 | b | 备注 | 要是有事 |\n| 活动台账 | c | 说明 | 活动 非空 |"
    ledger, problems = compiled({"栏目设置": f"{head}\n{rows}\n| 任务清单 | no | 编号 |"})
    assert [(p.code, p.column, p.found) for p in problems] == [("TPL-010", "何时必填", "要是有事")]
    assert [c.required_when for c in sheet_of(ledger, "activities").columns] == ["", "", "活动 非空"]


def test_an_option_written_twice_counts_once_and_keeps_its_first_aliases() -> None:
    ledger, _ = compiled(added={"下拉选项": "| 工作状态 | 推进中 | 在办 |\n| 工作状态 | 异议 |"})
    assert [c.text for c in ledger.choices("工作状态")] == ["未启动", "推进中", "已完成", "滞后", "异议"]
    assert ledger.choices("工作状态")[1].aliases == ("进行中", "达序时")
    assert ledger.choices("没有这个") == ()


def test_indicators_are_listed_in_sheet_order_and_one_without_a_number_is_not() -> None:
    rows = "| 编号 | 项目 | 分值 | 责任单位 |\n| 2-1-03 | 活动 | 5 | 宣传科 |\n| 1-1-01 | 组织 | 2.5分 |"
    ledger, problems = compiled({"测评指标": rows})
    assert problems == ()
    assert [(i.number, i.project, i.score, i.units) for i in ledger.indicators] == [
        ("2-1-03", "活动", 5.0, "宣传科"),
        ("1-1-01", "组织", 2.5, ""),
    ]
