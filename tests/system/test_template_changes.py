"""A changed 台账设置 in a real bureau: what it adds holds at once, what it takes away only once the coordinator agreed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from syncer.control import ledger_in_force, settings_problems, take_up
from syncer.core.model import ColumnType, Ledger, Table
from syncer.core.problems import Problem
from syncer.core.state import Question
from syncer.core.template.schema import compile_ledger
from syncer.core.values import Scalar
from syncer.errors import EXIT_DONE, EXIT_PERSON
from syncer.excel.patch import patch_cells
from syncer.store.steps import Effects, Override, Ruling
from syncer.sync import Synced, sync
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, Bureau, columns

PLANTING = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "地点": "南山"}


@pytest.fixture(scope="module")
def _planted(_handed_out: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    bureau = _handed_out.copied(tmp_path_factory.mktemp("planted") / "创建")
    bureau.type("宣传科", "活动台账", {FIRST_ROW: PLANTING})
    passed(bureau)
    assert bureau.master_rows("活动台账")[0]["地点"] == "南山"
    return bureau


@pytest.fixture
def filled(_planted: Bureau, tmp_path: Path) -> Bureau:
    """A bureau of a test's own in which 宣传科 has planted trees on a hill."""
    return _planted.copied(tmp_path / "创建")


def passed(bureau: Bureau) -> Synced:
    """One pass, by an office that was just opened: nothing is remembered but what is stored."""
    with Office(bureau.opened()) as office:
        return sync(office)


def ledger(bureau: Bureau) -> Ledger:
    with Office(bureau.opened()) as office:
        return ledger_in_force(office, date.today())


def asked(bureau: Bureau) -> list[Question]:
    store = bureau.store()
    try:
        return [question for question in store.questions.open(ledger(bureau)) if question.kind == "template"]
    finally:
        store.close()


def answer(bureau: Bureau, take: str) -> None:
    """Rules the one question about the settings."""
    (question,) = asked(bureau)
    store = bureau.store()
    store.questions.rule(question, Ruling(take, at="2026-11-20T09:00:00", by="inbox"))
    store.close()


def settings(bureau: Bureau, sheet: str) -> tuple[list[list[Any]], dict[str, int]]:
    """Returns a settings sheet's rows, and where its columns stand (1-based)."""
    rows = CalamineWorkbook.from_path(bureau.control).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return rows, {str(name): at for at, name in enumerate(rows[2], start=1) if name}


def line(bureau: Bureau, sheet: str, **known: str) -> int:
    """Returns the row of a settings sheet that says this."""
    rows, at = settings(bureau, sheet)
    return next(
        n for n, row in enumerate(rows, start=1) if all(row[at[name] - 1] == said for name, said in known.items())
    )


def put(bureau: Bureau, sheet: str, row: int, **cells: Scalar) -> Mapping[tuple[int, int], Scalar]:
    _, at = settings(bureau, sheet)
    return {(row, at[name]): value for name, value in cells.items()}


def place_column(bureau: Bureau, **cells: Scalar) -> Mapping[tuple[int, int], Scalar]:
    """Changes the row of 活动台账›地点 in 栏目设置."""
    return put(bureau, "栏目设置", line(bureau, "栏目设置", 表名="活动台账", 列名="地点"), **cells)


def new_column(bureau: Bureau) -> Mapping[tuple[int, int], Scalar]:
    return put(
        bureau,
        "栏目设置",
        line(bureau, "栏目设置", 表名="", 列名=""),
        表名="活动台账",
        列名="天气",
        类型="文本",
        归属="单位",
        状态="启用",
    )


def names(bureau: Bureau, sheet: str = "activities") -> list[str]:
    found = ledger(bureau).sheet(sheet)
    assert found is not None
    return [column.name for column in found.columns]


def test_a_column_added_is_in_force_at_once(filled: Bureau) -> None:
    filled.save_control({"栏目设置": new_column(filled)})
    assert filled.json("template", "diff")["changes"][0]["state"] == "at once"
    passed(filled)
    assert "天气" in names(filled)
    assert "天气" in columns(filled.master, "活动台账")
    assert asked(filled) == []


def test_a_retired_column_that_holds_data_is_asked_once_and_stands_until_it_is_agreed_to(filled: Bureau) -> None:
    filled.save_control({"栏目设置": place_column(filled, 状态="停用")})
    diff = filled.json("template", "diff")
    assert [(c["kind"], c["state"], diff["exit"]) for c in diff["changes"]] == [("column-gone", "asks", EXIT_PERSON)]
    assert passed(filled).needs_a_person
    passed(filled)
    (question,) = asked(filled)
    assert (question.row_key, question.unit) == ("活动台账›地点", "")
    assert "有1行填了内容" in question.text
    assert filled.master_rows("活动台账")[0]["地点"] == "南山"
    assert filled.json("template", "diff")["changes"][0]["id"] == question.payload

    answer(filled, "accept")
    passed(filled)
    assert "地点" not in names(filled)
    assert "地点" not in columns(filled.master, "活动台账")
    assert asked(filled) == []
    row = filled.sql("select id from row where sheet='activities' and cells like '%植树%'")[0][0]
    assert "南山" in [change["new"] for change in filled.json("history", row)["changes"]]
    diff = filled.json("template", "diff")
    assert (diff["changes"], diff["exit"]) == ([], EXIT_DONE)


def test_a_column_whose_row_was_deleted_is_no_column_of_the_units_own_once_agreed_to(filled: Bureau) -> None:
    filled.save_control({"栏目设置": place_column(filled, 表名=None, 列名=None)})
    passed(filled)
    assert "地点" in names(filled)
    answer(filled, "accept")
    passed(filled)
    assert "南山" not in filled.master_rows("活动台账")[0].values()
    assert filled.json("status")["refused"] == []


def test_a_refused_change_stays_held_back_until_the_settings_change_and_is_asked_anew_then(filled: Bureau) -> None:
    filled.save_control({"栏目设置": place_column(filled, 状态="停用")})
    passed(filled)
    answer(filled, "reject")
    for _ in range(2):
        passed(filled)
        assert (asked(filled), "地点" in names(filled)) == ([], True)
    diff = filled.json("template", "diff")
    assert [(c["state"], diff["exit"]) for c in diff["changes"]] == [("refused", EXIT_DONE)]

    filled.save_control({"单位名录": put(filled, "单位名录", line(filled, "单位名录", 简称="财务科"), 联络员="王工")})
    passed(filled)
    assert (asked(filled), "地点" in names(filled)) == ([], True), "another save does not ask it again"

    filled.save_control({"栏目设置": place_column(filled, 状态="启用")})
    passed(filled)
    assert filled.json("template", "diff")["changes"] == []
    filled.save_control({"栏目设置": place_column(filled, 状态="停用")})
    passed(filled)
    (again,) = asked(filled)
    assert again.id == f"{again.payload}-2", "the first answer stays on record"
    assert "地点" in names(filled)


def test_a_retirement_taken_back_in_the_settings_is_no_question_any_more(filled: Bureau) -> None:
    filled.save_control({"栏目设置": place_column(filled, 状态="停用")})
    passed(filled)
    filled.save_control({"栏目设置": place_column(filled, 状态="启用")})
    passed(filled)
    assert asked(filled) == []
    assert [state for (state,) in filled.sql("select state from question where kind='template'")] == ["gone"]


def test_what_a_save_adds_holds_although_what_it_takes_away_waits(filled: Bureau) -> None:
    filled.save_control({"栏目设置": {**new_column(filled), **place_column(filled, 状态="停用")}})
    done = passed(filled)
    assert {"天气", "地点"} <= set(names(filled))
    assert [question.row_key for question in done.questions] == ["活动台账›地点"]
    answer(filled, "accept")
    passed(filled)
    assert "天气" in names(filled)
    assert "地点" not in names(filled)


def test_a_column_added_and_filled_while_another_waits_is_not_taken_away_unasked(filled: Bureau) -> None:
    filled.save_control({"栏目设置": {**new_column(filled), **place_column(filled, 状态="停用")}})
    passed(filled)
    answer(filled, "reject")
    at = columns(filled.book("宣传科"), "活动台账")["备用1"]
    changes: Mapping[tuple[int, int], Scalar] = {(4, at): "天气", (FIRST_ROW, at): "晴"}
    filled.save("宣传科", patch_cells(filled.book("宣传科").read_bytes(), {"活动台账": changes}))
    passed(filled)
    assert filled.master_rows("活动台账")[0]["天气"] == "晴"
    weather = line(filled, "栏目设置", 表名="活动台账", 列名="天气")
    filled.save_control({"栏目设置": put(filled, "栏目设置", weather, 状态="停用")})
    passed(filled)
    assert [question.row_key for question in asked(filled)] == ["活动台账›天气"]
    assert {"天气", "地点"} <= set(names(filled))
    answer(filled, "accept")
    passed(filled)
    assert ("天气" in names(filled), "地点" in names(filled)) == (False, True)


def test_a_renamed_column_is_still_read_from_workbooks_with_the_old_header(filled: Bureau) -> None:
    in_her_window = filled.typed("宣传科", "活动台账", {FIRST_ROW: {"地点": "北山"}})
    filled.save_control({"栏目设置": place_column(filled, 列名="举办地点")})
    passed(filled)
    assert asked(filled) == []
    filled.save("宣传科", in_her_window)
    done = passed(filled)
    assert done.problems == []
    assert filled.master_rows("活动台账")[0]["举办地点"] == "北山"


def test_a_choice_in_use_stays_until_its_removal_is_agreed_to(filled: Bureau) -> None:
    at = line(filled, "下拉选项", 选项名称="活动类别", 选项="主题活动")
    filled.save_control({"下拉选项": put(filled, "下拉选项", at, 选项名称=None, 选项=None)})
    done = passed(filled)
    (question,) = asked(filled)
    assert "“主题活动”在活动台账›类别有1行用着" in question.text
    assert [p.code for p in done.problems] == []
    answer(filled, "accept")
    assert [p.code for p in passed(filled).problems] == ["CELL-003"]


def test_a_task_with_reports_stays_until_its_removal_is_agreed_to(bureau: Bureau) -> None:
    book = ledger(bureau)
    task = book.led_by(next(unit.code for unit in book.units if unit.short == "宣传科"))[0]
    bureau.type("宣传科", "任务清单", {FIRST_ROW: {"本周完成情况": "已发通知"}})
    passed(bureau)
    gone = line(bureau, "任务分解", 编号=task.number)
    bureau.save_control({"任务分解": put(bureau, "任务分解", gone, 编号=None, 任务=None)})
    passed(bureau)
    (question,) = asked(bureau)
    assert question.row_key == f"任务{task.number}"
    assert "1个单位填了内容（宣传科）" in question.text
    assert "已发通知" in [row["本周完成情况"] for row in bureau.master_rows("任务清单", "宣传科")]
    answer(bureau, "accept")
    passed(bureau)
    assert ledger(bureau).task(task.id) is None
    assert "已发通知" not in [row["本周完成情况"] for row in bureau.master_rows("任务清单", "宣传科")]


def test_a_broken_row_keeps_the_old_schema_and_is_told_with_cell_and_reason(filled: Bureau) -> None:
    at = line(filled, "栏目设置", 表名="活动台账", 列名="日期")
    filled.save_control({"栏目设置": put(filled, "栏目设置", at, 类型="日其")})
    done = passed(filled)
    sheet = ledger(filled).sheet("activities")
    assert sheet is not None
    column = sheet.column("date")
    assert column is not None
    assert column.type is ColumnType.DATE
    (problem,) = [p for p in done.problems if p.place.file == "台账设置.xlsx"]
    _, head = settings(filled, "栏目设置")
    assert (problem.code, problem.place.row, problem.place.column, problem.found) == (
        "TPL-003",
        at,
        head["类型"],
        "日其",
    )
    assert filled.master_rows("活动台账")[0]["日期"] == date(2026, 3, 12)
    filled.save_control({"栏目设置": put(filled, "栏目设置", at, 类型="日期")})
    assert passed(filled).questions == ()


def test_apply_agrees_to_everything_held_back(filled: Bureau) -> None:
    assert filled.json("template", "apply")["agreed"] == []
    filled.save_control({"栏目设置": place_column(filled, 状态="停用")})
    done = filled.json("template", "apply")
    assert [entry["what"] for entry in done["agreed"]] == ["活动台账›地点"]
    assert "地点" not in names(filled)
    assert passed(filled).questions == ()
    assert "地点" not in columns(filled.master, "活动台账")


def test_an_accepted_adjustment_holds_with_a_note_until_the_settings_say_something_else(bureau: Bureau) -> None:
    task = ledger(bureau).tasks[0]
    store = bureau.store()
    proposal = Question("p1", "proposal", "D02", "tasks", task.id, column="deadline", at="2026-11-20T09:00:00")
    store.questions.add([proposal])
    override = Override(task.id, "deadline", task.deadline.text, "11月底前")
    store.questions.rule(proposal, Ruling("accept", at="2026-11-20T09:00:00", by="inbox"), Effects(override=override))
    store.close()

    done = passed(bureau)
    in_force = ledger(bureau).task(task.id)
    assert in_force is not None
    assert in_force.deadline.text == "11月底前"
    assert [p.code for p in done.problems] == ["TPL-022", "OWN-005"]  # the coordinator's note, the unit's answer
    with Office(bureau.opened()) as office:
        assert [p.code for p in settings_problems(office, date.today())] == ["TPL-022"]

    at = line(bureau, "任务分解", 编号=task.number)
    bureau.save_control({"任务分解": put(bureau, "任务分解", at, 完成时限="12月20日前")})
    done = passed(bureau)
    in_force = ledger(bureau).task(task.id)
    assert in_force is not None
    assert in_force.deadline.text == "12月20日前"
    assert [p.code for p in done.problems] == ["OWN-005"]  # the unit has not saved since: it is told until it does
    assert bureau.sql("select * from override") == []


def test_settings_that_hold_as_a_whole_are_compiled_once_a_pass(
    filled: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.save_control({"栏目设置": place_column(filled, 状态="停用")})
    passed(filled)
    answer(filled, "accept")
    passed(filled)
    compiled: list[int] = []

    def counted(tables: Iterable[Table], as_of: date) -> tuple[Ledger | None, tuple[Problem, ...]]:
        compiled.append(1)
        return compile_ledger(tables, as_of)

    monkeypatch.setattr("syncer.control.compile_ledger", counted)
    with Office(filled.opened()) as office:
        take_up(office, date.today())
    assert len(compiled) == 1


def test_killed_between_taking_it_in_and_asking_the_next_pass_asks(
    filled: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.save_control({"栏目设置": place_column(filled, 状态="停用")})

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("syncer.control._heeded", killed)
    with pytest.raises(KeyboardInterrupt):
        passed(filled)
    monkeypatch.undo()
    assert "地点" in names(filled), "not in force before it was judged"
    passed(filled)
    assert [question.row_key for question in asked(filled)] == ["活动台账›地点"]
    assert "地点" in names(filled)
