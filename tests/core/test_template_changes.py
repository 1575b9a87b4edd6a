"""What a changed 台账设置 changes, which of it takes something away, and the ledger with that undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pytest

from syncer.core.model import ColumnType, Ledger, Owner, Row
from syncer.core.template.changes import compare
from syncer.core.template.facts import InUse, TemplateChange, count_use
from syncer.core.template.held import digest_of, held_back, remembered, with_former_names
from syncer.core.template.overrides import adjusted, plan_header
from syncer.core.template.schema import compile_ledger
from syncer.core.values import Scalar
from tests.core.tables_as_text import AS_OF, CONTROL, codes, compiled, control, sheet_of

OLD, _ = compiled()
ROWS = (
    Row(
        "HD-D02-0001", "activities", "D02", {"date": date(2026, 3, 12), "name": "植树", "headcount": 9, "closed": "是"}
    ),
    Row("HD-D02-0002", "activities", "D02", {"date": date(2026, 3, 13), "name": "义诊"}),
    Row("T0002", "tasks", "D02", {"no": "2.1", "title": "主题宣讲", "status": "推进中", "this_week": "讲了一次"}),
    Row("T0003", "tasks", "D02", {"no": "2.2", "title": "道德讲堂", "status": "未启动"}),
    Row("T0001", "tasks", "D01", {"no": "1.1", "title": "制定方案", "status": "未启动"}),
)
USE = count_use(OLD, ROWS)


def edited(sheet: str, old: str, new: str) -> dict[str, str]:
    """Returns a settings sheet with one text in it replaced."""
    assert CONTROL[sheet].count(old) == 1, old
    return {sheet: CONTROL[sheet].replace(old, new)}


def without(sheet: str, text: str) -> dict[str, str]:
    """Returns a settings sheet without the one line that holds this."""
    lines = CONTROL[sheet].splitlines()
    assert sum(text in line for line in lines) == 1, text
    return {sheet: "\n".join(line for line in lines if text not in line)}


def changes(replaced: Mapping[str, str], added: Mapping[str, str] | None = None) -> tuple[Ledger, list[TemplateChange]]:
    new, _ = compiled(replaced, added)
    return new, list(compare(OLD, new, USE))


HEADCOUNT = "| 活动台账 | headcount |      | 参加人数     |            | 整数     |      |          | 0    | 5000 | 单位   |        |        |"
CLOSED = "| 活动台账 | closed    |      | 销号         |            | 选项     |      | 是、否   |      |      | 创建办 |        |        |"


@dataclass(frozen=True)
class Case:
    """One edit of 台账设置: what it is called, and whether it takes something away."""

    edit: Mapping[str, str]
    kinds: tuple[str, ...]
    takes_away: tuple[str, ...] = ()
    says: str = ""


CASES = {
    "a column renamed keeps its data": Case(
        edited("栏目设置", "| 参加人数 ", "| 到场人数 "),
        ("column-renamed",),
        says="“参加人数”改名为“到场人数”，原名仍然认得",
    ),
    "a filled column deleted": Case(
        without("栏目设置", "headcount"),
        ("column-gone",),
        ("column-gone",),
        "活动台账›参加人数 有1行填了内容，停用后不再出现在汇总和发放的表里，历史仍保留",
    ),
    "an empty column deleted": Case(without("栏目设置", "content"), ("column-gone",), says="没有人填过，立即生效"),
    "a column of the plan with a default only": Case(without("栏目设置", "| note "), ("column-gone",)),
    "a filled column of another type": Case(
        edited("栏目设置", HEADCOUNT, HEADCOUNT.replace("整数", "文本")),
        ("column-type",),
        ("column-type",),
        "活动台账›参加人数 有1行填了内容，改为“文本”后要重新读，读不出的会报错",
    ),
    "an empty column of another type": Case(
        edited("栏目设置", "| 主要内容     |            | 长文本", "| 主要内容     |            | 文本"),
        ("column-type",),
    ),
    "a filled column that becomes the coordinator's": Case(
        edited(
            "栏目设置",
            "| 本周完成情况 |            | 长文本   |      |          |      |      | 单位",
            "| 本周完成情况 |  | 长文本 | | | | | 创建办",
        ),
        ("column-owner",),
        ("column-owner",),
    ),
    "a key cleared": Case(
        edited(
            "栏目设置",
            "| 名称、活动 | 文本     | 是   |          |      |      | 单位   | 是     |",
            "| 名称、活动 | 文本 | 是 | | | | 单位 | |",
        ),
        ("column-key",),
        ("column-key",),
        "活动台账已有2行，改关键列后同一条记录可能认不出，或两条被当作一条",
    ),
    "a column required": Case(
        edited("栏目设置", HEADCOUNT, HEADCOUNT.replace("整数     |      |", "整数     | 是   |")),
        ("column-changed",),
        says="“参加人数”必填：否→是",
    ),
    "columns in another order": Case(
        {"栏目设置": CONTROL["栏目设置"].replace(HEADCOUNT, "").rstrip() + "\n" + HEADCOUNT},
        ("column-moved",),
        says="“活动台账”移动了栏目“参加人数”",
    ),
    "a choice in use removed": Case(
        without("下拉选项", "推进中"),
        ("choice-gone",),
        ("choice-gone",),
        "“推进中”在任务清单›工作状态有1行用着，删去后这些单元格会报错",
    ),
    "a default that stands in rows is in use": Case(without("下拉选项", "未启动"), ("choice-gone",), ("choice-gone",)),
    "a choice nobody uses removed": Case(without("下拉选项", "滞后"), ("choice-gone",)),
    "a choice merged into another": Case(
        edited("下拉选项", "| 工作状态 | 推进中 | 进行中、达序时   |", "| 工作状态 | 进行中 | 推进中 |"),
        ("choice-added", "choice-merged"),
    ),
    "other choices, one in use gone": Case(
        edited("栏目设置", CLOSED, CLOSED.replace("是、否", "有、否")),
        ("column-choices", "column-changed"),
        ("column-choices",),
    ),
    "other choices, all in use still there": Case(
        edited("栏目设置", CLOSED, CLOSED.replace("是、否", "是、暂缓")), ("column-choices", "column-changed")
    ),
    "a filled sheet gone": Case(
        without("表设置", "activities"),
        ("sheet-gone", "task-changed"),
        ("sheet-gone",),
        "活动台账有2行填了内容，停用后不再出现在汇总和发放的表里，历史仍保留",
    ),
    "a sheet no longer for a unit that filled it in": Case(
        edited("表设置", "| 活动台账 | activities | 记录 | 全部 |", "| 活动台账 | activities | 记录 | 办公室 |"),
        ("sheet-unit-gone", "sheet-unit-gone"),
        ("sheet-unit-gone",),
        "宣传科的活动台账有2行填了内容，不再出现在汇总里，历史仍保留",
    ),
    "a unit with rows closed from a day on": Case(
        edited("单位名录", "| 2    |      |      |      |", "| 2    |      | 2026-12-01 |      |"),
        ("unit-gone",),
        ("unit-gone",),
        "宣传科有3行填了内容，停用后不再出现在汇总里，历史仍保留",
    ),
    "a unit without rows deleted": Case(without("单位名录", "D03"), ("unit-gone",)),
    "a task with reports deleted": Case(
        without("任务分解", "T0002"),
        ("task-gone",),
        ("task-gone",),
        "任务2.1 有1个单位填了内容（宣传科），删去后不再出现在汇总和发放的表里，历史仍保留",
    ),
    "a task nobody reported on deleted": Case(without("任务分解", "T0003"), ("task-gone",)),
    "a task renumbered and due later": Case(
        edited(
            "任务分解",
            "| '1.1 | T0001  | 机制 | 制定方案 |        |          | 办公室   | 机关科室 | 3月底前    |",
            "| '1.9 | T0001 | 机制 | 制定方案 | | | 办公室 | 机关科室 | 6月底前 |",
        ),
        ("task-changed",),
        says="编号：1.1→1.9；完成时限：3月底前→6月底前",
    ),
    "a task taken from a unit that reported on it": Case(
        edited("任务分解", "| 4      | 次       | 宣传科   |", "| 4 | 次 | 办公室 |"),
        ("task-unit-gone", "task-changed"),
        ("task-unit-gone",),
        "宣传科作为牵头单位已填了任务2.1，改派后这些内容不再出现在汇总里，历史仍保留",
    ),
    "a setting": Case(
        edited("亮灯与时限设置", "| 单位名称 | office    | 云岭市局 |", "| 单位名称 | office | 云岭市总局 |"),
        ("setting",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_edit_is_told_as_what_it_is(name: str) -> None:
    case = CASES[name]
    new, found = changes(case.edit)
    assert tuple(c.kind for c in found) == case.kinds, [c.zh for c in found]
    assert tuple(c.kind for c in found if c.takes_away) == case.takes_away
    said = [c.effect for c in found if c.takes_away] or [text for c in found for text in (c.zh, c.effect)]
    assert not case.says or case.says in said
    assert all(c.effect and c.effect_en for c in found if c.takes_away)
    assert compare(new, new, USE) == ()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.takes_away])
def test_what_takes_away_is_undone_and_is_all_that_differs_once_more(name: str) -> None:
    new, found = changes(CASES[name].edit)
    taking = [change for change in found if change.takes_away]
    held = held_back(OLD, new, taking)
    left = compare(OLD, held, USE)
    assert [c.kind for c in left if c.takes_away] == []
    assert {c.id for c in compare(held, new, InUse())} >= {c.id for c in taking}, "known again without counting"
    assert held.version == digest_of(held) != new.version
    assert held_back(OLD, new, []) is new


@pytest.mark.parametrize("name", ["a filled column deleted", "a choice in use removed", "a task with reports deleted"])
def test_a_save_that_only_takes_away_leaves_the_very_ledger_that_was(name: str) -> None:
    new, found = changes(CASES[name].edit)
    assert held_back(OLD, new, found) == OLD


def test_what_is_added_stands_beside_what_is_held_back() -> None:
    extra = "| 活动台账 | weather | | 天气 | | 文本 | | | | | 单位 | | |"
    new, found = changes(without("栏目设置", "headcount"), {"栏目设置": extra})
    held = held_back(OLD, new, [change for change in found if change.takes_away])
    assert [c.name for c in sheet_of(held, "activities").columns] == [
        *("活动编号", "日期", "活动名称", "参加人数", "对应任务", "主要内容", "销号", "天气")
    ]


def test_a_new_column_of_the_same_name_waits_with_the_old_one() -> None:
    extra = "| 活动台账 | heads2 | | 参加人数 | | 文本 | | | | | 单位 | | |"
    new, found = changes(without("栏目设置", "headcount"), {"栏目设置": extra})
    held = held_back(OLD, new, [change for change in found if change.takes_away])
    assert [c.code for c in sheet_of(held, "activities").columns if c.name == "参加人数"] == ["headcount"]


def test_a_unit_held_back_keeps_its_sheets_tasks_and_name() -> None:
    new, found = changes(without("单位名录", "D02"))
    held = held_back(OLD, new, [change for change in found if change.takes_away])
    assert [u.code for u in held.units] == ["D01", "D02", "D03"]
    assert sheet_of(held, "activities").audience == ("D01", "D02", "D03")
    assert [t.id for t in held.led_by("D02")] == ["T0002", "T0003"]
    assert [t.id for t in held.supported_by("D02")] == ["T0001"]
    assert held.version == OLD.version


def test_a_task_given_to_another_unit_is_led_by_it_and_kept_by_the_former_lead() -> None:
    new, found = changes(CASES["a task taken from a unit that reported on it"].edit)
    task = held_back(OLD, new, [change for change in found if change.takes_away]).task("T0002")
    assert task is not None
    assert task.leads == ("D01", "D02")


def test_a_sheet_held_back_still_feeds_the_task_it_counts_for() -> None:
    new, found = changes(without("表设置", "activities"))
    changed, held = new.task("T0002"), held_back(OLD, new, [c for c in found if c.takes_away]).task("T0002")
    assert changed is not None
    assert held is not None
    assert changed.source is None
    assert held.source is not None


def test_a_type_held_back_keeps_limits_and_choices_too() -> None:
    new, found = changes(edited("栏目设置", HEADCOUNT, HEADCOUNT.replace("整数 ", "日期 ")))
    column = sheet_of(held_back(OLD, new, [c for c in found if c.takes_away]), "activities").column("headcount")
    assert column is not None
    assert (column.type, column.maximum) == (ColumnType.INTEGER, 5000)
    assert column.owner is Owner.UNIT


def test_ids_are_the_same_however_much_has_been_filled_in_meanwhile() -> None:
    new, found = changes({**without("栏目设置", "headcount"), **without("任务分解", "T0002")})
    more = count_use(OLD, [*ROWS, replace(ROWS[0], id="HD-D01-0001", unit="D01")])
    assert (
        [c.id for c in compare(OLD, new, more)] == [c.id for c in found] == [c.id for c in compare(OLD, new, InUse())]
    )
    assert len({c.id for c in found}) == len(found)


def test_rules_days_and_indicators_are_summed_up() -> None:
    rules = "| 编号 | 表名 | 条件 | 要求 | 级别 |\n| R1 | 活动台账 | | 日期 非空 | 警告 |\n| R2 | 活动台账 | | 活动名称 非空 | 提示 |"
    _, found = changes({"校验规则": rules})
    assert [(c.kind, c.zh) for c in found] == [("rules", "校验规则：新增2条")]


def test_old_names_are_known_until_another_column_takes_them() -> None:
    new, _ = compiled(edited("栏目设置", "| 参加人数 ", "| 到场人数 "))
    former = remembered({}, OLD, new)
    assert former == {"activities": {"headcount": ["参加人数"]}}
    renamed = sheet_of(with_former_names(new, former), "activities").column("headcount")
    assert renamed is not None
    assert renamed.aliases == ("参加人数",)
    again, _ = compiled(
        edited("栏目设置", "| 参加人数 ", "| 到场人数 "),
        {"栏目设置": "| 活动台账 | heads2 | | 参加人数 | | 整数 | | | | | 单位 | | |"},
    )
    assert with_former_names(again, former) == again
    assert with_former_names(OLD, former) == OLD


def test_a_deleted_column_counts_as_retired_in_workbooks_already_out() -> None:
    new, _ = compiled(without("栏目设置", "headcount"))
    assert [c.name for c in sheet_of(with_former_names(new, remembered({}, OLD, new)), "activities").retired] == [
        "参加人数"
    ]


# ---- adjustments of the plan


@dataclass(frozen=True)
class Adjustment:
    task: str
    column: str
    said: Scalar
    value: Scalar


@pytest.mark.parametrize(
    ("column", "said", "value", "field", "result"),
    [
        ("target", 2.0, 3.0, "target", 3.0),
        ("target", "2场", "3场", "target", 3.0),
        ("title", "道德讲堂", "道德讲堂（两场）", "title", "道德讲堂（两场）"),
        ("no", "2.2", 2.1, "number", "2.1"),
        ("supervision", None, "抓紧", "supervision", ""),
    ],
)
def test_an_adjustment_is_laid_over_the_plan(
    column: str, said: Scalar, value: Scalar, field: str, result: object
) -> None:
    laid = adjusted(control(without("任务分解", "T0002")), [Adjustment("T0003", column, said, value)])
    ledger, _ = compile_ledger(laid.tables, AS_OF)
    assert ledger is not None
    task = ledger.task("T0003")
    assert getattr(task, field) == result
    assert (codes(laid.notes), laid.lapsed) == (
        ([], (("T0003", column),)) if column == "supervision" else (["TPL-022"], ())
    )


def test_a_note_tells_what_to_change_and_where() -> None:
    (note,) = adjusted(control(), [Adjustment("T0003", "deadline", "全年", "11月底前")]).notes
    assert (note.row_key, note.column, note.found, dict(note.facts)["value"]) == ("2.2", "完成时限", "全年", "11月底前")
    assert note.place.cell == "I4"


def test_an_adjustment_has_had_its_day_when_the_settings_say_something_else() -> None:
    tables = control(edited("任务分解", "| 全年 ", "| 半年 "))
    laid = adjusted(
        tables, [Adjustment("T0003", "deadline", "全年", "11月底前"), Adjustment("T0099", "title", "甲", "乙")]
    )
    assert list(laid.tables) == tables
    assert (laid.notes, laid.lapsed, laid.absent) == ((), (("T0003", "deadline"),), (("T0099", "title"),))


def test_only_what_the_plan_feeds_has_a_header_there() -> None:
    assert (plan_header("deadline"), plan_header("status")) == ("完成时限", None)
