"""台账设置 is the source of truth: a survey and a unit that somebody adds there in LibreOffice work without touching code."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from syncer.commands.init import make_workspace
from syncer.core.model import Book
from syncer.excel.reader import read_book
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk
from tests.system.bureau import Bureau, columns, ids
from tests.system.daemon import DaemonProcess

pytestmark = [pytest.mark.office, pytest.mark.slow]

SURVEY = "疫苗接种摸排"
PARTNERS = ("青禾社区", "星河物业")
# 列组 列名 类型 必填 选项 最小 最大 归属 关键列
COLUMNS = (
    ("人员", "姓名", "文本", "是", "", "", "", "单位", "是"),
    ("人员", "年龄", "整数", "", "", "0", "120", "单位", ""),
    ("接种", "接种日期", "日期", "", "", "", "", "单位", ""),
    ("接种", "全程接种", "选项", "是", "是否", "", "", "单位", ""),
    ("接种", "未接种原因", "长文本", "", "", "", "", "单位", ""),
)


def control_rows(bureau: Bureau, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(bureau.control).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def spare_row(bureau: Bureau, sheet: str) -> int:
    """Returns the first pre-printed row that nobody has filled: a hidden code, and no name."""
    rows = control_rows(bureau, sheet)
    return next(number for number, row in enumerate(rows[3:], start=4) if row[0] == "" and row[1] != "")


def add_survey(clerk: Clerk, bureau: Bureau) -> None:
    """Writes the survey's one row into 表设置 and its five into 栏目设置, and saves."""
    clerk.open(bureau.control)
    row = spare_row(bureau, "表设置")
    typed = {"A": SURVEY, "C": "调查", "D": "同创单位", "G": "12", "H": "不限", "I": "YM", "J": "启用"}
    for letter, text in typed.items():
        clerk.set("表设置", f"{letter}{row}", text)
    first = spare_row(bureau, "栏目设置")
    for at, facts in enumerate(COLUMNS):
        letters = zip("CDFGIJKMN", facts, strict=True)
        for letter, text in [("A", SURVEY), *letters, ("Q", "启用")]:
            if text:
                clerk.set("栏目设置", f"{letter}{first + at}", text)
    clerk.save()
    clerk.close()


def _has_survey(bureau: Bureau, unit: str) -> bool:
    return SURVEY in sheets(bureau, unit)


def sheets(bureau: Bureau, unit: str) -> list[str]:
    return CalamineWorkbook.from_path(bureau.book(unit)).sheet_names


def test_a_survey_for_one_group_reaches_its_new_workbooks_and_filled_in_the_master(
    tmp_path: Path, clerk: Clerk
) -> None:
    make_workspace(tmp_path / "创建", 2026, sample=True)
    bureau = Bureau(tmp_path / "创建")
    add_survey(clerk, bureau)
    bureau.json("issue")
    for unit in ("宣传科", "财务科", "第一党支部"):
        assert SURVEY not in sheets(bureau, unit)
    for unit in PARTNERS:
        assert SURVEY in sheets(bureau, unit)
        assert [name for name in columns(bureau.book(unit), SURVEY) if not name.startswith("备用")] == [
            "姓名",
            "年龄",
            "行标识",
            "接种日期",
            "全程接种",
            "未接种原因",
        ]
        assert len(ids(bureau.book(unit), SURVEY)) == 12

    clerk.open(bureau.book("青禾社区"))
    assert clerk.validation_at(SURVEY, "E5")["type"] == "LIST"
    for row, person in enumerate((("钱甲", "38", "2026年3月5日", "是"), ("孙乙", "205", "2026-3-6", "也许")), start=5):
        for letter, text in zip("ABDE", person, strict=True):
            clerk.set(SURVEY, f"{letter}{row}", text)
    clerk.save()
    clerk.close()
    done = bureau.json("sync")

    assert [p["cell"] for p in done["problems"] if p["sheet"] == SURVEY] == ["B6", "E6"]
    assert done["rows"]["added"] == 2
    first, second = bureau.master_rows(SURVEY)
    assert (first["单位"], first["姓名"], first["年龄"], first["接种日期"], first["全程接种"]) == (
        "青禾社区",
        "钱甲",
        38,
        date(2026, 3, 5),
        "是",
    )
    assert first["来源"] == f"青禾社区.xlsx › {SURVEY}!5"
    assert second["姓名"] == "孙乙"


def test_a_survey_added_under_a_running_daemon_reaches_the_books_already_out_of_its_group_alone(
    bureau: Bureau, daemon: DaemonProcess, clerk: Clerk
) -> None:
    add_survey(clerk, bureau)
    daemon.wait(lambda: SURVEY in CalamineWorkbook.from_path(bureau.master).sheet_names, "the survey in the master")
    for unit in PARTNERS:
        daemon.wait(partial(_has_survey, bureau, unit), f"the survey in the workbook of {unit}")
    assert_sound(*(bureau.book(unit) for unit in PARTNERS), clerk=clerk)
    assert not any(SURVEY in sheets(bureau, unit) for unit in ("宣传科", "财务科", "第一党支部"))
    assert bureau.questions() == []
    assert daemon.terminate() == 0
    assert bureau.json("sync")["problems"] == []
    # A template that was looked at anew is not a save: nobody has reported anything.
    assert {u["state"] for u in bureau.json("status")["units"]} == {"issued"}


def test_a_unit_added_to_the_roster_gets_its_workbook_from_the_daemon(
    bureau: Bureau, daemon: DaemonProcess, clerk: Clerk
) -> None:
    row = max(number for number, cells in enumerate(control_rows(bureau, "单位名录"), start=1) if cells[0]) + 1
    clerk.open(bureau.control)
    typed = {"A": "D17", "B": "晨光小学", "C": "晨光小学", "E": "同创单位", "F": "同创单位", "G": "17"}
    for letter, text in typed.items():
        clerk.set("单位名录", f"{letter}{row}", text)
    clerk.save()
    clerk.close()
    seconds = daemon.wait(lambda: "晨光小学.xlsx" in bureau.books(), "the new unit's workbook")
    print(f"control workbook saved to workbook issued: {seconds:.1f} s")
    book = read_book(bureau.book("晨光小学"))
    assert isinstance(book, Book)
    assert book.stamp
    assert book.stamp.unit == "D17"
    bureau.type("晨光小学", "活动台账", {5: {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动"}})
    daemon.wait(lambda: bureau.master_rows("活动台账", "晨光小学"), "its first activity in the master")


def test_a_control_workbook_broken_by_hand_leaves_the_last_good_one_in_force(
    bureau: Bureau, daemon: DaemonProcess, clerk: Clerk
) -> None:
    good = bureau.control.read_bytes()
    clerk.open(bureau.control)
    clerk.set("栏目设置", "D3", "这里原来是列名")
    clerk.save()
    clerk.close()
    daemon.wait(lambda: "台账设置：" in bureau.status_file.read_text("utf-8-sig"), "the heartbeat to name the fault")
    assert "TPL-002" in bureau.status_file.read_text("utf-8-sig")
    bureau.type("宣传科", "活动台账", {5: {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动"}})
    daemon.wait(lambda: bureau.master_rows("活动台账", "宣传科"), "a save under the last good settings")
    bureau.control.write_bytes(good)
    daemon.wait(lambda: "台账设置：" not in bureau.status_file.read_text("utf-8-sig"), "the fault to be gone")
