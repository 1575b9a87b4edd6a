"""`syncer history`: what happened to a cell, who ruled on it, and where what stands now comes from."""

from __future__ import annotations

from typing import Any

from syncer.control import ledger_in_force
from syncer.errors import EXIT_DONE, EXIT_USAGE
from syncer.rulings import rule
from syncer.sync import sync
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, Bureau, ids

UNIT, CODE, OTHER = "宣传科", "D05", "机关党委"
ACTIVITIES, TASKS = "活动台账", "任务清单"


def _typed(bureau: Bureau, sheet: str, content: dict[str, Any], unit: str = UNIT, row: int = FIRST_ROW) -> None:
    bureau.type(unit, sheet, {row: content})
    with Office(bureau.opened()) as office:
        sync(office)


def _ruled(bureau: Bureau, kind: str, take: str) -> str:
    """Rules on the one open question of a kind; returns its id."""
    with Office(bureau.opened()) as office:
        ledger = ledger_in_force(office, office.clock().date())
        (question,) = [q for q in office.store.questions.open(ledger) if q.kind == kind]
        rule(office, ledger, question.id, take, by="command line")
        return question.id


def _activity(name: str, date: str = "2026-3-12") -> dict[str, Any]:
    return {"日期": date, "活动名称": name, "类别": "主题活动"}


def test_every_change_of_a_cell_is_told_oldest_first_and_then_where_it_comes_from(bureau: Bureau) -> None:
    for state in ("推进中", "已完成"):
        _typed(bureau, TASKS, {"工作状态": state})
    told = bureau.json("history", "3.1", "--column", "工作状态")
    assert told["exit"] == EXIT_DONE
    assert [(c["old"], c["new"], c["outcome"]) for c in told["changes"]] == [
        ("未启动", "推进中", "accepted"),
        ("推进中", "已完成", "accepted"),
    ]
    assert [c["version"] for c in told["changes"]] == sorted({c["version"] for c in told["changes"]})
    (now,) = [o for o in told["provenance"] if o["unit"] == CODE]
    newest = told["changes"][-1]
    assert (now["value"], now["from"], now["source"]) == ("已完成", "save", f"{UNIT}.xlsx › {TASKS}!J{FIRST_ROW}")
    assert (now["saved_at"], now["version"]) == (newest["saved_at"], newest["version"])
    spoken = bureau.syncer("history", "3.1", "--column", "工作状态").stdout.splitlines()
    assert "推进中 → 已完成" in spoken[1]
    assert spoken[-1].startswith("现值")


def test_a_cell_that_never_changed_says_that_it_stands_as_handed_out_or_as_the_plan_says(bureau: Bureau) -> None:
    told = bureau.json("history", "3.1", "--unit", UNIT)
    assert told["changes"] == []
    origin = {o["column"]: o for o in told["provenance"]}
    assert (origin["工作状态"]["from"], origin["工作状态"]["value"]) == ("issue", "未启动")
    assert origin["工作状态"]["version"] > 0
    assert (origin["完成时限"]["from"], origin["完成时限"]["source"]) == ("plan", "台账设置.xlsx › 任务分解")
    assert "还没有任何变化" in bureau.syncer("history", "3.1", "--unit", UNIT).stdout


def test_a_proposal_and_who_ruled_on_it_are_told(bureau: Bureau) -> None:
    _typed(bureau, TASKS, {"完成时限": "2026年12月底"})
    question = _ruled(bureau, "proposal", "accept")
    told = bureau.json("history", "3.1", "--column", "完成时限", "--unit", UNIT)
    assert [c["outcome"] for c in told["changes"]] == ["asked", "ruled"]
    ruled = told["changes"][-1]
    assert (ruled["new"], ruled["question"], ruled["ruling"]) == ("2026年12月底", question, "accept")
    assert ruled["ruled_by"] == "command line"
    assert "裁定：同意，命令行" in bureau.syncer("history", "3.1", "--column", "完成时限", "--unit", UNIT).stdout


def test_a_ruling_that_was_taken_back_is_told_and_what_stands_again(bureau: Bureau) -> None:
    _typed(bureau, TASKS, {"完成时限": "2026年12月底"})
    question = _ruled(bureau, "proposal", "accept")
    bureau.json("resolve", question, "--undo")
    told = bureau.json("history", "3.1", "--column", "完成时限", "--unit", UNIT)
    asked, ruled, undone = told["changes"]
    assert [asked["outcome"], ruled["outcome"], undone["outcome"]] == ["asked", "ruled", "undone"]
    assert (undone["old"], undone["new"]) == (ruled["new"], ruled["old"])
    assert {o["from"] for o in told["provenance"]} == {"plan"}
    assert "撤销裁定" in bureau.syncer("history", "3.1", "--column", "完成时限", "--unit", UNIT).stdout


def test_a_ruling_that_left_the_cell_as_it_was_is_told_too(bureau: Bureau) -> None:
    _typed(bureau, TASKS, {"完成时限": "2026年12月底"})
    question = _ruled(bureau, "proposal", "reject")
    told = bureau.json("history", "3.1", "--column", "完成时限", "--unit", UNIT)
    asked, ruled = told["changes"]
    assert (asked["outcome"], ruled["outcome"], ruled["question"]) == ("asked", "ruled", question)
    assert ruled["old"] == ruled["new"] == asked["old"]
    assert {o["from"] for o in told["provenance"]} == {"plan"}


def test_a_record_is_found_by_what_it_is_called_and_by_its_id(bureau: Bureau) -> None:
    _typed(bureau, ACTIVITIES, _activity("义务植树"))
    (row_id, *_) = ids(bureau.book(UNIT), ACTIVITIES)
    for key in ("义务植树", " 义务　植树", "植树", row_id):
        told = bureau.json("history", key)
        assert {c["row"] for c in told["changes"]} == {row_id}, key
        assert {o["column"]: o["value"] for o in told["provenance"]}["活动名称"] == "义务植树"


def test_a_name_that_several_records_have_lists_them(bureau: Bureau) -> None:
    _typed(bureau, ACTIVITIES, _activity("义务植树"))
    _typed(bureau, ACTIVITIES, _activity("义务植树", "2026-3-20"), OTHER)
    ran = bureau.syncer("history", "义务植树")
    assert ran.returncode == EXIT_USAGE
    for unit in (UNIT, OTHER):
        assert ids(bureau.book(unit), ACTIVITIES)[0] in ran.stderr
        assert unit in ran.stderr
    assert {c["unit"] for c in bureau.json("history", "义务植树", "--unit", UNIT)["changes"]} == {CODE}


def test_a_record_that_left_the_ledger_keeps_its_history(bureau: Bureau) -> None:
    _typed(bureau, ACTIVITIES, _activity("义务植树"))
    _typed(bureau, ACTIVITIES, dict.fromkeys(_activity("")))
    told = bureau.json("history", "义务植树", "--column", "活动名称")
    assert [(c["old"], c["new"], c["outcome"]) for c in told["changes"]] == [
        ("", "义务植树", "accepted"),
        ("义务植树", "", "removed"),
    ]
    assert told["changes"][-1]["ruled_by"] == "unit"
    assert told["provenance"] == []


def test_a_key_that_nothing_has_is_said(bureau: Bureau) -> None:
    for arguments in (("99.9",), ("没有这回事",), ("3.1", "--unit", "食堂")):
        ran = bureau.syncer("history", *arguments)
        assert ran.returncode == EXIT_USAGE
        assert ran.stderr
