"""``syncer excel``: a unit's workbook that stands open is checked, filled and marked as it stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncer import cli
from syncer.excel.live.process import Worker
from tests.live.client import Client
from tests.system.bureau import FIRST_ROW, Bureau, columns

pytestmark = pytest.mark.office

UNIT, TASKS, ACTIVITIES = "宣传科", "任务清单", "活动台账"


class Desk:
    """A unit's workbook that stands open on the coordinator's screen."""

    def __init__(self, bureau: Bureau, excel: Client, capsys: pytest.CaptureFixture[str]) -> None:
        self.bureau, self.excel, self._capsys = bureau, excel, capsys
        self.path = bureau.book(UNIT)
        self.book: int = excel.open(str(self.path))

    def syncer(self, *arguments: str) -> dict[str, Any]:
        code = cli.run([*arguments, "-C", str(self.bureau.root), "--json"])
        said = self._capsys.readouterr()
        if not said.out:
            return {"exit": code, "said": said.err}
        found: dict[str, Any] = json.loads(said.out)
        assert found["exit"] == code
        return found

    def excel_does(self, action: str, *more: str) -> dict[str, Any]:
        return self.syncer("excel", action, str(self.path), *more)

    def type(self, sheet: str, row: int, name: str, value: object) -> list[int]:
        column = columns(self.path, sheet)[name]
        self.excel.write(self.book, sheet, [row, column, row, column], [[value]])
        return [row, column, row, column]


@pytest.fixture
def desk(bureau: Bureau, excel: Client, worker: Worker, capsys: pytest.CaptureFixture[str]) -> Desk:
    del worker  # its engine is the commands' too
    return Desk(bureau, excel, capsys)


@pytest.mark.slow
def test_pull_says_of_what_is_not_saved_what_check_would_say_after_saving(desk: Desk) -> None:
    assert desk.excel_does("pull")["problems"] == []
    for name, value in {
        "日期": "2026年13月5日",
        "活动名称": "植树",
        "类别": "没有这一类",
        "参加人数": "好几十",
    }.items():
        desk.type(ACTIVITIES, FIRST_ROW, name, value)
    for row, told in enumerate(("2026-3-5", "'2026-3-5", 46086, "'46086", "三月五日"), FIRST_ROW + 1):
        desk.type(ACTIVITIES, row, "日期", told)
        desk.type(ACTIVITIES, row, "活动名称", "'=1+1")
        desk.type(ACTIVITIES, row, "参加人数", 123456789012345 if row % 2 else "'0012")
    desk.type(TASKS, FIRST_ROW, "完成率", "85%")
    desk.type(TASKS, FIRST_ROW + 1, "完成率", "'85%")
    desk.type(TASKS, FIRST_ROW + 2, "完成率", 0.85)
    pulled = desk.excel_does("pull")
    assert pulled["exit"] == 1
    assert desk.syncer("check", str(desk.path))["problems"] == []
    desk.excel.save(desk.book)
    checked = desk.syncer("check", str(desk.path))
    assert pulled["problems"] == checked["problems"]
    assert len(pulled["problems"]) >= 3


@pytest.mark.slow
def test_highlight_marks_problem_cells_and_clear_takes_away_only_its_own(desk: Desk) -> None:
    wrong = desk.type(ACTIVITIES, FIRST_ROW, "参加人数", "好几十")
    other = desk.type(ACTIVITIES, FIRST_ROW, "类别", "没有这一类")
    desk.type(ACTIVITIES, FIRST_ROW, "活动名称", "植树")
    desk.excel.add_note(desk.book, ACTIVITIES, other, "科长：问过了")
    before = desk.excel.take(desk.book, ACTIVITIES, wrong, "color")
    marked = desk.excel_does("highlight")
    assert (marked["marked"] >= 1, marked["left"]) == (True, 1)
    notes = {(r, c): text for r, c, text, _ in desk.excel.notes(desk.book, ACTIVITIES)}
    assert notes[wrong[0], wrong[1]].startswith("创建办：\n")
    assert "CELL-008" in notes[wrong[0], wrong[1]]
    assert notes[other[0], other[1]] == "科长：问过了"
    assert desk.excel.take(desk.book, ACTIVITIES, wrong, "color") == [255, 217, 102]
    again = desk.excel_does("highlight")
    assert again["marked"] == marked["marked"]
    desk.excel.put(desk.book, ACTIVITIES, [wrong[0], 30, wrong[0], 30], "color", [255, 217, 102])
    assert desk.excel_does("highlight", "--clear")["cleared"] == marked["marked"]
    assert [text for *_, text, _ in desk.excel.notes(desk.book, ACTIVITIES)] == ["科长：问过了"]
    assert desk.excel.take(desk.book, ACTIVITIES, wrong, "color") == before
    assert desk.excel.take(desk.book, ACTIVITIES, [wrong[0], 30, wrong[0], 30], "color") == [255, 217, 102]


@pytest.mark.slow
def test_push_brings_the_coordinators_cells_and_leaves_the_units_and_what_she_changed(desk: Desk) -> None:
    bureau = desk.bureau
    plan = columns_of_plan(bureau)
    bureau.save_control({"任务分解": {(row, plan["任务"]): f"改过的任务{row}" for row in rows_led_by(bureau, plan)}})
    assert bureau.syncer("sync").returncode in {0, 1}  # the book is open: nothing is delivered
    mine = desk.type(TASKS, FIRST_ROW, "本周完成情况", "还没保存的话")
    typed = desk.type(TASKS, FIRST_ROW + 1, "重点任务", "单位想这样说")
    title = columns(desk.path, TASKS)["重点任务"]
    pushed = desk.excel_does("push")
    assert pushed["written"] >= 1
    rows = desk.excel.read(desk.book, TASKS, [FIRST_ROW, 1, FIRST_ROW + 1, title])
    assert str(rows[0][title - 1]).startswith("改过的任务")
    assert rows[1][title - 1] == "单位想这样说"
    assert pushed["waiting"] >= 1
    assert desk.excel.read(desk.book, TASKS, mine) == [["还没保存的话"]]
    desk.excel.write(desk.book, TASKS, typed, [[None]])
    desk.excel.save(desk.book)
    desk.excel.close(desk.book)
    assert bureau.syncer("sync").returncode in {0, 1}
    asked = bureau.sql(
        "select count(*) from question where unit = 'D03' and kind = 'proposal' and incoming like '%改过%'"
    )
    assert asked == [(0,)]


def columns_of_plan(bureau: Bureau) -> dict[str, int]:
    import openpyxl

    page: Any = openpyxl.load_workbook(bureau.control)["任务分解"]
    head = next(row for row in page.iter_rows() if any(cell.value == "牵头单位" for cell in row))
    return {str(cell.value): cell.column for cell in head if cell.value} | {"": head[0].row}


def rows_led_by(bureau: Bureau, plan: dict[str, int]) -> list[int]:
    import openpyxl

    page: Any = openpyxl.load_workbook(bureau.control)["任务分解"]
    rows = range(plan[""] + 1, page.max_row + 1)
    return [row for row in rows if str(page.cell(row, plan["牵头单位"]).value or "").startswith(UNIT)]


def test_a_book_that_is_not_open_is_said_in_one_line_and_exit_4(desk: Desk) -> None:
    desk.excel.close(desk.book)
    for action in ("pull", "highlight"):
        found = desk.excel_does(action)
        assert (found["exit"], "没有在本机的 Excel 里打开" in found["said"]) == (4, True)


def test_without_excel_every_verb_ends_with_4(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "engine", "")
    found = desk.excel_does("pull")
    assert (found["exit"], "没有可以连接的 Excel" in found["said"]) == (4, True)
    assert len(found["said"].strip().splitlines()) == 1


def test_busy_excel_ends_with_4(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncer.excel.live.process.PATIENCE_SECONDS", 0.2)
    desk.excel.busy(-1)
    found = desk.excel_does("pull")
    desk.excel.busy(0)
    assert (found["exit"], "Excel 正忙" in found["said"]) == (4, True)


def test_a_file_that_is_not_there_is_a_matter_of_usage(desk: Desk) -> None:
    found = desk.syncer("excel", "pull", str(desk.path.with_name("没有.xlsx")))
    assert found["exit"] == 2


@pytest.mark.slow
def test_doctor_walks_through_the_checklist(desk: Desk) -> None:
    found = desk.syncer("doctor", "--excel")
    assert [check for check in found["checks"] if not check["ok"]] == []
    assert len(found["checks"]) >= 12


def test_doctor_without_excel_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "engine", "")
    found = desk.syncer("doctor", "--excel")
    assert found["exit"] == 1
    assert [check["ok"] for check in found["checks"]] == [False]
