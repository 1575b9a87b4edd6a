"""A clerk's day at a real LibreOffice, with the daemon running: what she types and saves is in the master, and stays hers."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from syncer.core.model import Book, Stamp
from syncer.excel.reader import read_book
from tests.office.clerk import Clerk, seated
from tests.system.bureau import FIRST_ROW, LEAF_ROW, Bureau, Line, advice, columns, ids, texts
from tests.system.daemon import DaemonProcess

pytestmark = [pytest.mark.office, pytest.mark.slow]

UNIT, TASKS, ACTIVITIES = "宣传科", "任务清单", "活动台账"
TASK_CELLS = {"J5": "推进中", "L5": "本周开展理论宣讲三场，参加一百二十人", "Q7": "陈样本"}
ACTIVITY_CELLS = {"B5": "2026年3月5日", "D5": "学雷锋志愿服务", "E5": "志愿服务", "F5": "3.1", "J5": "好几十号人吧"}
WRONG_CELL = "J5"


def stamp_of(bureau: Bureau) -> Stamp:
    book = read_book(bureau.book(UNIT))
    assert isinstance(book, Book)
    assert book.stamp
    return book.stamp


def validations(bureau: Bureau) -> dict[str, set[str]]:
    """Returns the kinds of validation on each sheet, with the columns they stand on."""
    book = openpyxl.load_workbook(bureau.book(UNIT))
    return {
        sheet.title: {
            f"{rule.type}:{''.join(sign for sign in str(area).split(':')[0] if sign.isalpha())}"
            for rule in sheet.data_validations.dataValidation
            for area in rule.sqref.ranges
        }
        for sheet in book.worksheets
    }


def content(rows: list[Line]) -> dict[str, Line]:
    """Returns the rows by what identifies them, without where in her workbook they stand."""
    return {
        str(row.get("任务编号") or row.get("活动名称")): {k: v for k, v in row.items() if k not in {"来源", "保存时间"}}
        for row in rows
    }


@dataclass(frozen=True)
class Morning:
    """Her first save is in; the daemon still watches the bureau."""

    bureau: Bureau
    daemon: DaemonProcess
    before: dict[str, Any]  # what her workbook was before she opened it


@pytest.fixture(scope="module")
def morning(_handed_out: Bureau, _office: Clerk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """She opens her book, types into three cells of 任务清单 and a new activity, and saves."""
    bureau = _handed_out.copied(tmp_path_factory.mktemp("day") / "创建")
    before = {
        "stamp": stamp_of(bureau),
        "validations": validations(bureau),
        "ids": {sheet: ids(bureau.book(UNIT), sheet) for sheet in (TASKS, ACTIVITIES)},
    }
    with DaemonProcess(bureau) as daemon:
        with seated(_office) as clerk:
            clerk.open(bureau.book(UNIT))
            for cell, text in TASK_CELLS.items():
                clerk.set(TASKS, cell, text)
            for cell, text in ACTIVITY_CELLS.items():
                clerk.set(ACTIVITIES, cell, text)
            clerk.save()
            began = time.monotonic()
            daemon.wait(lambda: bureau.master_rows(ACTIVITIES, UNIT), "the activity in the master")
            print(f"LibreOffice's save to master: {time.monotonic() - began:.1f} s")
        daemon.wait(lambda: bureau.feedback(UNIT).exists(), "the feedback")
        yield Morning(bureau, daemon, before)


@pytest.fixture(scope="module")
def saved(morning: Morning, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The files as they stood then: a copy to look at, without the state that the daemon holds open."""
    copy = Bureau(tmp_path_factory.mktemp("morning") / "创建")
    shutil.copytree(morning.bureau.root, copy.root, ignore=shutil.ignore_patterns(".syncer"))
    return copy


def test_the_master_holds_what_she_typed_and_where_it_came_from(saved: Bureau, morning: Morning) -> None:
    tasks = {row["任务编号"]: row for row in saved.master_rows(TASKS, UNIT)}
    assert (tasks["3.1"]["工作状态"], tasks["3.1"]["本周完成情况"]) == (TASK_CELLS["J5"], TASK_CELLS["L5"])
    assert tasks["4.1"]["责任人"] == TASK_CELLS["Q7"]
    assert tasks["3.1"]["来源"] == f"{UNIT}.xlsx › {TASKS}!5"
    (row,) = saved.master_rows(ACTIVITIES, UNIT)
    assert row["日期"] == date(2026, 3, 5)
    assert (row["活动名称"], row["类别"], row["对应任务"]) == ("学雷锋志愿服务", "志愿服务", "3.1")
    assert row["来源"] == f"{UNIT}.xlsx › {ACTIVITIES}!5"
    assert row["保存时间"] == datetime.fromtimestamp(int(saved.book(UNIT).stat().st_mtime))
    assert tasks["3.1"]["已完成量"] == 1  # counted from the activity that names the task
    history = {(c["column"], c["new"]) for c in morning.bureau.json("history", "3.1")["changes"]}
    assert history == {("工作状态", "推进中"), ("本周完成情况", TASK_CELLS["L5"])}


def test_the_feedback_names_the_one_wrong_value_and_leads_to_its_cell(saved: Bureau) -> None:
    (wrong,) = advice(saved.feedback(UNIT))
    assert wrong.place == f"{ACTIVITIES}!{WRONG_CELL}"
    assert "参加人数" in wrong.column
    assert wrong.found == ACTIVITY_CELLS[WRONG_CELL]
    assert "应为" in wrong.says
    assert UNIT in wrong.link
    assert wrong.link.endswith(f"'{ACTIVITIES}'!{WRONG_CELL}")
    assert "1个问题" in texts(saved.feedback(UNIT))[0]


def test_her_workbook_keeps_stamp_validations_and_ids_through_her_own_save(
    saved: Bureau, morning: Morning, clerk: Clerk
) -> None:
    before = morning.before
    assert stamp_of(saved) == before["stamp"]
    assert {sheet: ids(saved.book(UNIT), sheet) for sheet in before["ids"]} == before["ids"]
    assert validations(saved) == before["validations"]
    clerk.open(saved.book(UNIT))
    assert clerk.validation_at(TASKS, "J5")["type"] == "LIST"
    assert "LEFT($C" in clerk.validation_at(TASKS, "D5")["formula1"]
    assert clerk.custom_properties()["syncer.guid"] == before["stamp"].guid


def test_sorted_by_another_column_every_row_keeps_its_identity(saved: Bureau, morning: Morning, clerk: Clerk) -> None:
    bureau, daemon = morning.bureau, morning.daemon
    assert names(saved) == ["学雷锋志愿服务"]  # copied before she goes on
    clerk.open(bureau.book(UNIT))
    clerk.set(ACTIVITIES, "B6", "2026-2-20")
    clerk.set(ACTIVITIES, "D6", "义务植树")
    clerk.set(ACTIVITIES, "E6", "主题活动")
    clerk.save()
    daemon.wait(lambda: len(bureau.master_rows(ACTIVITIES, UNIT)) == 2, "the second activity")
    before = {sheet: content(bureau.master_rows(sheet, UNIT)) for sheet in (TASKS, ACTIVITIES)}
    changes = bureau.sql("select count(*) from change")
    merged = len(bureau.events("merged", unit="D05"))
    order = ids(bureau.book(UNIT), TASKS)

    clerk.sort(TASKS, "F", header_row=LEAF_ROW)
    clerk.sort(ACTIVITIES, "B", header_row=LEAF_ROW)
    clerk.save()

    daemon.wait(lambda: len(bureau.events("merged", unit="D05")) > merged, "the sorted book")
    daemon.wait(lambda: names(bureau) == ["义务植树", "学雷锋志愿服务"], "the master in her order")
    assert ids(bureau.book(UNIT), TASKS) != order, "the sort did nothing"
    assert {sheet: content(bureau.master_rows(sheet, UNIT)) for sheet in before} == before
    assert bureau.sql("select count(*) from change") == changes
    assert bureau.questions() == []
    daemon.wait(
        lambda: [wrong.place for wrong in advice(bureau.feedback(UNIT))] == [f"{ACTIVITIES}!J6"],
        "the feedback to lead to where the wrong value stands now",
    )
    assert stamp_of(bureau) == morning.before["stamp"]


def names(bureau: Bureau) -> list[str]:
    return [row["活动名称"] for row in bureau.master_rows(ACTIVITIES, UNIT)]


def test_the_letters_used_here_are_the_columns_meant(bureau: Bureau) -> None:
    tasks, activities = columns(bureau.book(UNIT), TASKS), columns(bureau.book(UNIT), ACTIVITIES)
    assert [tasks[n] for n in ("重点任务", "完成时限", "工作状态", "本周完成情况", "责任人")] == [4, 6, 10, 12, 17]
    assert [activities[n] for n in ("日期", "活动名称", "类别", "对应任务", "参加人数")] == [2, 4, 5, 6, 10]
    assert FIRST_ROW == 5
