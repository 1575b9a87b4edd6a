"""The demo as a person runs it; and the clerk's hands that it, and other tests, type with."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncer.commands.demo import clear_earlier
from syncer.control import ledger_in_force
from syncer.core.model import Light
from syncer.errors import RefusedError
from syncer.excel.reader import read_book
from syncer.sample.clerk import OpenBook
from syncer.sample.story import LOOKS
from syncer.sync import sync
from syncer.view import View, view
from syncer.workspace import Office, Workspace
from tests.office.checks import assert_sound, reader_faults, structure_faults
from tests.office.clerk import Clerk
from tests.system.program import run_program, run_syncer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # the demo takes some ten seconds of an idle machine
END = LOOKS[-1]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("demo")
    ran = run_program("demo", "bureau", "--json", cwd=home)
    assert (ran.returncode, ran.stderr) == (0, "")
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@pytest.fixture(scope="module")
def bureau(told: dict[str, Any]) -> Path:
    return Path(told["workspace"])


@pytest.fixture
def today(bureau: Path, tmp_path: Path) -> Path:
    """The bureau for commands that go by today's clock, a copy: another week than the story's has another draft."""
    return Path(shutil.copytree(bureau, tmp_path / "today"))


@pytest.fixture
def office(bureau: Path) -> Iterator[Office]:
    with Office(Workspace.at(bureau), clock=lambda: END) as office:
        yield office


@pytest.fixture
def seen(office: Office) -> View:
    return view(office, ledger_in_force(office, END.date()), END.date())


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Everything people see, with the time of its last change."""
    people = (path for path in folder.rglob("*") if path.is_file() and ".syncer" not in path.parts)
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in people}


def cells(path: Path, sheet: str) -> list[str]:
    book = openpyxl.load_workbook(path)
    return [str(cell) for row in book[sheet].iter_rows(values_only=True) for cell in row if cell is not None]


def test_what_the_demo_says_to_open_is_there(told: dict[str, Any], bureau: Path) -> None:
    assert len(told["files"]) >= 8
    for file in told["files"]:
        assert file["why"]
        assert openpyxl.load_workbook(bureau / file["path"]).sheetnames


def test_every_mistake_of_the_story_is_named_once(today: Path) -> None:
    answer = json.loads(run_syncer("sync", "--json", "--as-of", END.date().isoformat(), cwd=today).stdout)
    found = sorted((p["code"], p["file"], p["sheet"], p["column"], p["found"]) for p in answer["problems"])
    assert found == [
        ("CELL-003", "工会.xlsx", "活动台账", "类别", "健步走"),
        ("CELL-005", "机关党委.xlsx", "活动台账", "对应任务", "11.2"),
        ("CELL-009", "宣传科.xlsx", "活动台账", "参加人数", "1500余人"),
        ("CELL-028", "办公室.xlsx", "活动台账", "日期", "13月5日"),
        ("CHK-002", "行政审批科.xlsx", "任务清单", "实际完成日期", ""),
        ("FILE-011", "宣传科 - 副本.xlsx", "", "", ""),
        ("KEY-001", "第一党支部.xlsx", "学习教育", "日期、主题", "2026-11-12 支部集中学习：先进事迹"),
        ("KEY-002", "第一党支部.xlsx", "学习教育", "日期、主题", "2026-11-12 支部集中学习：先进事迹"),
        ("OWN-001", "人事科.xlsx", "任务清单", "完成时限", "2026年12月31日"),
        ("ROW-006", "服务中心.xlsx", "活动台账", "", ""),
    ]
    assert [(r["code"], r["file"]) for r in answer["refused"]] == [("FILE-003", "财务科.xlsx")]
    assert sorted((q["kind"], q["unit"], q["row_key"]) for q in answer["conflicts"]) == [
        ("contradiction", "D01", "1.1 建立创建领导小组并分解年度任务"),
        ("duplicate", "D13", "2026-11-12 支部集中学习：先进事迹"),
        ("proposal", "D04", "6.4"),
    ]


def test_lights_and_counts_come_out_as_the_story_has_them(seen: View) -> None:
    tasks = {task.task.number: task for task in seen.progress.tasks}
    lights = {number: task.light for number, task in tasks.items() if task.light is not Light.GREEN}
    assert lights == {
        "1.1": Light.YELLOW,
        "3.2": Light.YELLOW,
        "6.1": Light.YELLOW,
        "10.1": Light.YELLOW,
        "6.5": Light.RED,
        "11.1": Light.RED,
        "9.2": Light.BLUE,
    }
    assert "青禾社区" in tasks["1.1"].contradictions[0]
    assert tasks["10.1"].first.reason == "2周未更新"
    assert tasks["6.5"].first.red_weeks == 5
    counts = {number: task.count for number, task in tasks.items() if task.count is not None}
    assert counts.pop("7.1") == pytest.approx(24.09, abs=0.01)  # hours a volunteer
    assert counts == {
        "1.1": 2, "2.1": 4, "3.1": 5, "3.2": 35, "4.1": 4, "6.1": 2, "6.2": 2, "6.3": 4, "6.6": 11, "7.2": 2,
        "7.3": 4, "8.1": 7, "8.2": 1, "9.1": 2, "10.3": 2, "11.1": 0,
    }  # fmt: skip


def test_what_was_typed_is_in_the_ledger_and_what_was_not_taken_is_not(seen: View) -> None:
    units = {unit.short: seen.state.unit(unit.code) for unit in seen.ledger.units}
    assert {name: unit.state for name, unit in units.items() if unit.state != "current"} == {
        "妇委会": "issued",
        "财务科": "refused",
    }
    assert units["宣传科"].last_saved == "2026-11-30T10:20:00"
    activities = {row.text("name"): row for row in seen.whole.rows_of("activities")}
    assert activities["文明创建宣传日"].get("headcount") == 1500
    assert "办公区消防演练" not in activities  # its unit deleted the row again: withdrawn
    assert "橱窗更新" in activities  # typed into the copy
    assert {row.get("headcount") for row in seen.whole.rows_of("service") if row.text("place") == "人民路口"} == {
        12,
        18,
    }
    own = [row for row in seen.whole.rows_of("tasks", "D05") if not row.id.startswith("T")]
    assert [row.text("title") for row in own] == ["拍摄文明创建短视频3条"]
    assert {row.text("deadline") for row in seen.whole.rows_of("tasks") if row.id == "T0010"} == {"2026年12月15日"}
    assert len(seen.whole.rows_of("study", "D12")) == 2  # from before the save that broke off


def test_each_week_was_issued_once_and_names_who_did_not_report(told: dict[str, Any], bureau: Path) -> None:
    weeks = {week["week"]: bureau / week["path"] for week in told["weeks"]}
    assert list(weeks) == ["2026-W45", "2026-W46", "2026-W47", "2026-W48"]
    assert sorted(weeks.values()) == sorted((bureau / "04周报通报").rglob("*.xlsx"))
    missing = {
        label: {unit for unit in ("工会", "人事科", "妇委会") if unit in cells(path, "未报送")}
        for label, path in weeks.items()
    }
    assert missing == {
        "2026-W45": {"工会", "妇委会"},
        "2026-W46": {"人事科", "妇委会"},
        "2026-W47": {"妇委会"},
        "2026-W48": {"妇委会"},
    }
    assert any("未更新（上周：行风评议意见已汇总成清单9条" in text for text in cells(weeks["2026-W48"], "汇总"))


def test_a_mistake_that_was_mended_leaves_all_well(seen: View) -> None:
    assert seen.state.unit("D11").problems == ()
    assert [row.text("form") for row in seen.whole.rows_of("study", "D11")] == ["自学"]


def test_looking_again_touches_nothing(office: Office, bureau: Path) -> None:
    before = files(bureau)
    done = sync(office)
    assert (done.publication.paths, done.taken, done.issued) == ([], [], [])
    assert files(bureau) == before


def test_a_second_sync_from_the_command_line_publishes_nothing(today: Path) -> None:
    again = ("sync", "--json", "--as-of", END.date().isoformat())
    run_syncer(*again, cwd=today)
    assert json.loads(run_syncer(*again, cwd=today).stdout)["published"] == []


def test_an_earlier_demo_is_cleared_but_nothing_else(bureau: Path, tmp_path: Path) -> None:
    room = tmp_path / "again"
    shutil.copytree(bureau, room)
    (room / "我的.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RefusedError):
        clear_earlier(room)
    assert files(room).keys() == {*files(bureau), "我的.txt"}
    (room / "我的.txt").unlink()
    clear_earlier(room)
    assert list(room.iterdir()) == []


def test_a_folder_that_holds_anything_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "账.xlsx").write_bytes(b"mine")
    ran = run_syncer("demo", ".", cwd=tmp_path)
    assert ran.returncode == 5
    assert [path.name for path in tmp_path.iterdir()] == ["账.xlsx"]


# ---- the clerk's hands


@pytest.fixture
def issued(bureau: Path) -> bytes:
    """A workbook as it was issued: 妇委会 never saved it."""
    return (bureau / "02各单位填报" / "妇委会.xlsx").read_bytes()


def reopened(book: OpenBook) -> OpenBook:
    return OpenBook(book.saved())


@pytest.mark.parametrize("typed", ["95%", 95, 0.95])
def test_a_percentage_is_kept_as_excel_keeps_it(issued: bytes, typed: str | float) -> None:
    book = OpenBook(issued)
    book.type("任务清单", {"完成率": typed, "目标值": 95}, row="6.5")
    assert reopened(book).cell("任务清单", "完成率", "6.5") == 0.95
    assert reopened(book).cell("任务清单", "目标值", "6.5") == 95


def test_rows_are_found_by_what_they_hold_however_they_are_sorted(issued: bytes) -> None:
    book = OpenBook(issued)
    before = book.cell("配合任务", "行标识", "10.1")
    book.sort("配合任务", "重点任务")
    book = reopened(book)
    book.type("配合任务", {"配合完成情况": "按要求公开"}, row="10.1")
    book = reopened(book)
    assert book.cell("配合任务", "配合完成情况", str(before)) == "按要求公开"
    assert book.cell("配合任务", "行标识", "按要求公开") == before


def test_new_records_take_the_reserved_rows_and_then_those_below(issued: bytes) -> None:
    book = OpenBook(issued)
    for number in range(1, 33):
        book.type("志愿者名册", {"姓名": f"{number}示例"})
    book = reopened(book)
    assert book.cell("志愿者名册", "行标识", "1示例") == "ZY-D10-0001"
    assert book.cell("志愿者名册", "行标识", "30示例") == "ZY-D10-0030"
    assert book.cell("志愿者名册", "行标识", "31示例") is None


def test_a_deleted_row_is_gone_with_its_id_and_those_below_move_up(issued: bytes) -> None:
    book = OpenBook(issued)
    for name in ("甲示例", "乙示例", "丙示例"):
        book.type("志愿者名册", {"姓名": name, "注册日期": date(2026, 3, 5)})
    book = reopened(book)
    book.delete("志愿者名册", "甲示例")
    book = reopened(book)
    assert book.cell("志愿者名册", "行标识", "乙示例") == "ZY-D10-0002"
    assert book.cell("志愿者名册", "注册日期", "乙示例") == date(2026, 3, 5)
    with pytest.raises(LookupError):
        book.cell("志愿者名册", "行标识", "ZY-D10-0001")


def test_typing_changes_only_the_sheet_typed_into(issued: bytes, tmp_path: Path) -> None:
    path = tmp_path / "妇委会.xlsx"
    path.write_bytes(issued)
    book = OpenBook.at(path)
    book.type("任务清单", {"工作状态": "推进中"}, row="6.5")
    book.save(path, END)
    with zipfile.ZipFile(BytesIO(issued)) as before, zipfile.ZipFile(path) as after:
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
        assert after.namelist() == before.namelist()
    assert len(changed) == 1
    assert changed[0].startswith("xl/worksheets/")
    assert path.stat().st_mtime == END.timestamp()
    assert [entry.name for entry in tmp_path.iterdir()] == ["妇委会.xlsx"]
    read = read_book(path)
    assert any("推进中" in row for table in getattr(read, "tables", ()) for row in table.rows)


@pytest.mark.parametrize(
    ("sheet", "column", "row"), [("没有", "日期", ""), ("任务清单", "没有", "6.5"), ("任务清单", "备注", "99.9")]
)
def test_what_is_not_there_cannot_be_typed_into(issued: bytes, sheet: str, column: str, row: str) -> None:
    with pytest.raises(LookupError):
        OpenBook(issued).type(sheet, {column: "x"}, row)


@pytest.mark.office
@pytest.mark.validator
@pytest.mark.timeout(600)
def test_every_workbook_of_the_demo_is_sound(bureau: Path, clerk: Clerk) -> None:
    """Two readers read the same of every one; of each folder's largest and smallest, the programs find nothing either."""
    refused = {"财务科.xlsx"}  # cut short on purpose
    books = [p for p in sorted(bureau.rglob("*.xlsx")) if ".syncer" not in p.parts and p.name not in refused]
    assert len(books) > 35
    assert [fault for book in books for fault in (*structure_faults(book), *reader_faults(book))] == []
    by_folder = defaultdict[str, list[Path]](list)
    for book in sorted(books, key=lambda book: book.stat().st_size):
        by_folder[book.relative_to(bureau).parts[0]].append(book)
    assert len(by_folder) >= 4
    assert_sound(*{book for kind in by_folder.values() for book in (kind[0], kind[-1])}, clerk=clerk)
