"""``syncer run`` as a service: what it takes up, what it says, how it ends. By patch, without an office program."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from syncer.daemon import Daemon
from syncer.excel.patch import patch_cells
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, Bureau, advice, made
from tests.system.daemon import DaemonProcess, wait_for

SECRET = "夜半翻修花坛三十七处"
NAME = "卫某某丙丁"
PHONE = "12000000005"  # 宣传科's, in the shipped roster


def names(bureau: Bureau, unit: str = "") -> list[str]:
    return [row["活动名称"] for row in bureau.master_rows("活动台账", unit)]


def activity(name: str) -> dict[str, str | datetime]:
    return {"日期": "2026-3-12", "活动名称": name, "类别": "主题活动"}


def test_a_save_is_in_the_master_within_seconds(bureau: Bureau, daemon: DaemonProcess) -> None:
    bureau.type("宣传科", "任务清单", {5: {"本周完成情况": "开展宣讲三场"}})
    seconds = daemon.wait(
        lambda: "开展宣讲三场" in [row["本周完成情况"] for row in bureau.master_rows("任务清单", "宣传科")],
        "the typed text in the master",
    )
    print(f"save to master: {seconds:.1f} s")


def test_of_a_burst_of_saves_the_last_is_published_and_nothing_is_asked(bureau: Bureau, daemon: DaemonProcess) -> None:
    for time in range(1, 9):
        bureau.type("宣传科", "活动台账", {FIRST_ROW: activity("植树"), FIRST_ROW + time: activity(f"第{time}次")})
        bureau.type("工会", "活动台账", {FIRST_ROW: {**activity("健步走"), "参加人数": time}})
    wanted = ["植树", *(f"第{time}次" for time in range(1, 9))]
    daemon.wait(lambda: names(bureau, "宣传科") == wanted, "all rows of 宣传科")
    daemon.wait(lambda: [r["参加人数"] for r in bureau.master_rows("活动台账", "工会")] == [8], "the last of 工会")
    assert bureau.questions() == []


def test_saves_of_many_units_at_once_all_arrive(bureau: Bureau, daemon: DaemonProcess) -> None:
    units = [name.removesuffix(".xlsx") for name in bureau.books()]
    for unit in units:
        bureau.type(unit, "活动台账", {FIRST_ROW: activity(f"{unit}的活动")})
    seconds = daemon.wait(
        lambda: sorted(names(bureau)) == sorted(f"{unit}的活动" for unit in units), "one row of every unit"
    )
    print(f"{len(units)} saves to master: {seconds:.1f} s")


def test_a_book_that_is_still_being_written_is_taken_in_when_it_is_whole(bureau: Bureau, daemon: DaemonProcess) -> None:
    data = bureau.typed("宣传科", "活动台账", {FIRST_ROW: activity("植树")})
    with bureau.book("宣传科").open("wb") as slow:
        slow.write(data[: len(data) // 2])
        slow.flush()
        daemon.wait(lambda: "正在保存" in bureau.status_file.read_text("utf-8-sig"), "the heartbeat to name it")
        slow.write(data[len(data) // 2 :])
    daemon.wait(lambda: names(bureau) == ["植树"], "the whole book")
    assert not bureau.events("refused")


def test_a_second_daemon_or_a_sync_beside_it_is_told_to_try_later(bureau: Bureau, daemon: DaemonProcess) -> None:
    for verb in ("run", "sync", "issue"):
        done = bureau.syncer(verb)
        assert done.returncode == 4, (verb, done.stderr)
        assert "正被另一个 syncer 使用" in done.stderr
    assert daemon.is_running
    assert bureau.syncer("status").returncode in {0, 1}


def test_sigterm_ends_it_cleanly_and_the_heartbeat_says_so(bureau: Bureau, daemon: DaemonProcess) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: activity("植树")})
    assert daemon.terminate() == 0, daemon.said()
    assert "已停止" in bureau.status_file.read_text("utf-8-sig")
    assert bureau.half_written() == []
    assert bureau.log()[-1]["event"] == "stopped"
    daemon.start()  # and the lock is free again
    daemon.wait(lambda: names(bureau) == ["植树"], "the save that came while it was ending")


def test_the_units_folder_gone_for_a_while_loses_nothing_and_asks_nothing(
    bureau: Bureau, daemon: DaemonProcess
) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: activity("植树")})
    daemon.wait(lambda: names(bureau) == ["植树"], "the first save")
    before = bureau.books()
    away = bureau.units.rename(bureau.root / "02走开")
    daemon.wait(lambda: "遇到问题" in bureau.status_file.read_text("utf-8-sig"), "the heartbeat to tell of trouble")
    assert not bureau.units.exists(), "what is away must not be made anew"
    assert names(bureau) == ["植树"]
    away.rename(bureau.units)
    bureau.type("宣传科", "活动台账", {FIRST_ROW + 1: activity("普法")})
    daemon.wait(lambda: names(bureau) == ["植树", "普法"], "the save after the folder came back")
    assert bureau.questions() == []
    assert bureau.books() == before
    assert bureau.events("issued") == []
    assert "遇到问题" not in bureau.status_file.read_text("utf-8-sig")


def test_a_choice_added_in_the_settings_clears_the_complaint_without_another_save(
    bureau: Bureau, daemon: DaemonProcess
) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: {**activity("看望老党员"), "类别": "走访慰问"}})
    daemon.wait(lambda: complaints(bureau, "宣传科") == ["走访慰问"], "the complaint about the choice")
    rows = CalamineWorkbook.from_path(bureau.control).get_sheet_by_name("下拉选项").to_python(skip_empty_area=False)
    end = max(number for number, row in enumerate(rows, start=1) if row[0]) + 1
    bureau.save_control({"下拉选项": {(end, 1): "活动类别", (end, 2): "走访慰问"}})
    daemon.wait(lambda: complaints(bureau, "宣传科") == [], "the complaint to be gone")
    states = {unit["unit"]: unit["state"] for unit in bureau.json("status")["units"]}
    assert states.pop("宣传科") == "current"
    assert set(states.values()) == {"issued"}  # looking again at what nobody has touched is not a save
    assert [path.name for path in (bureau.root / "05填报提示").glob("*.xlsx")] == ["宣传科填报提示.xlsx"]


def complaints(bureau: Bureau, unit: str) -> list[str]:
    return [line.found for line in advice(bureau.feedback(unit))] if bureau.feedback(unit).exists() else [""]


def test_the_log_is_json_lines_and_repeats_nothing_anybody_typed(bureau: Bureau, daemon: DaemonProcess) -> None:
    bureau.type("宣传科", "活动台账", {FIRST_ROW: {**activity(SECRET), "参加人数": f"{SECRET}人"}})
    bureau.type("团委", "志愿者名册", {FIRST_ROW: {"姓名": "卫某某甲乙", "注册号": "3299001", "状态": "有效"}})
    bureau.type("宣传科", "任务清单", {FIRST_ROW: {"重点任务": SECRET, "本周完成情况": SECRET}})
    bureau.save_as("来历不明.xlsx", f"{SECRET}\n".encode())
    daemon.wait(lambda: names(bureau) == [SECRET], "the activity in the master")
    daemon.wait(lambda: bureau.master_rows("志愿者名册"), "the volunteer in the master")
    daemon.wait(lambda: bureau.events("refused"), "the file that is no workbook")
    daemon.wait(bureau.questions, "the question about the coordinator's cell")
    bureau.save_control({"任务分解": {(6, 9): NAME}})  # who leads task 3.1
    daemon.wait(lambda: bureau.events("settings"), "what is wrong in the settings")
    assert daemon.terminate() == 0
    entries = bureau.log()
    assert all({"event", "level", "timestamp"} <= entry.keys() for entry in entries)
    assert {"started", "merged", "published", "refused", "stopped"} <= {entry["event"] for entry in entries}
    said = json.dumps(entries, ensure_ascii=False) + daemon.said() + bureau.status_file.read_text("utf-8-sig")
    assert NAME not in json.dumps(entries, ensure_ascii=False) + daemon.said()
    for secret in (SECRET, PHONE, "12000000007", "卫某某甲乙", "3299001"):
        assert secret not in said


# ---- with a clock of our own: the same loop in a thread


class Clock:
    """The wall clock of an office, moved by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment


MONDAY = datetime(2026, 11, 16, 9)
FRIDAY = datetime(2026, 11, 20, 16)


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


@pytest.fixture(scope="module")
def _monday(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """Handed out on a Monday morning; looks at its folder five times a second."""
    bureau = made(tmp_path_factory.mktemp("monday") / "创建", Clock(MONDAY))
    bureau.set_config("rescan_seconds", "30.0", "0.2")
    return bureau


@pytest.fixture
def monday(_monday: Bureau, tmp_path: Path) -> Bureau:
    return _monday.copied(tmp_path / "创建")


@contextmanager
def at_work(bureau: Bureau, clock: Clock) -> Iterator[None]:
    """Runs the daemon in a thread and waits for its first pass."""
    with Office(bureau.opened(), clock) as office:
        loop = Daemon(office)
        thread = threading.Thread(target=loop.run, name="daemon")
        thread.start()
        try:
            beat(bureau, clock)
            yield
        finally:
            loop.stop()
            thread.join(60)
            assert not thread.is_alive()


def beat(bureau: Bureau, clock: Clock) -> None:
    """Waits for a heartbeat of this moment: a whole pass at this hour is over."""
    head = f"{clock.moment:%Y-%m-%d %H:%M}"
    wait_for(lambda: bureau.status_file.exists() and head in heartbeat(bureau), f"a heartbeat of {head}")


def heartbeat(bureau: Bureau) -> str:
    return bureau.status_file.read_text("utf-8-sig").splitlines()[0]


def set_control(bureau: Bureau, **settings: str) -> None:
    """Changes values in 亮灯与时限设置 and saves, as the coordinator does."""
    sheet = "亮灯与时限设置"
    rows = CalamineWorkbook.from_path(bureau.control).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    at = {str(row[1]): number for number, row in enumerate(rows, start=1)}
    bureau.save_control({sheet: {(at[code], 3): text for code, text in settings.items()}})


def test_the_heartbeat_is_plain_text_for_notepad_and_renewed_when_nothing_happens(monday: Bureau, clock: Clock) -> None:
    with at_work(monday, clock):
        raw = monday.status_file.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        assert raw.count(b"\r\n") == raw.count(b"\n") >= 3
        assert "正在运行" in raw.decode("utf-8-sig")
        for minutes in (2, 4):
            clock.moment = MONDAY + timedelta(minutes=minutes)
            beat(monday, clock)


def test_the_weekly_sheet_is_issued_once_at_its_hour_and_then_belongs_to_the_coordinator(
    monday: Bureau, clock: Clock
) -> None:
    clock.moment = FRIDAY - timedelta(minutes=1)
    with at_work(monday, clock):
        assert monday.issued_weeklies() == []
        clock.moment = FRIDAY
        wait_for(monday.issued_weeklies, "the weekly sheet")
        (issued,) = monday.issued_weeklies()
        assert issued.parent == monday.root / "04周报通报" / "2026年" / "第47周"
        first = CalamineWorkbook.from_path(issued).sheet_names[0]
        polished = patch_cells(issued.read_bytes(), {first: {(1, 1): "经领导审定"}})
        issued.write_bytes(polished)
        monday.type("宣传科", "任务清单", {FIRST_ROW: {"本周完成情况": "周报之后才写的"}})
        clock.moment = FRIDAY + timedelta(hours=1)
        beat(monday, clock)
    with at_work(monday, clock):  # started again: still once
        pass
    assert monday.issued_weeklies() == [issued]
    assert issued.read_bytes() == polished


def test_weeks_missed_while_it_was_off_are_caught_up_by_one_sheet(monday: Bureau, clock: Clock) -> None:
    clock.moment = datetime(2026, 11, 30, 8, 30)
    with at_work(monday, clock):
        wait_for(monday.issued_weeklies, "the weekly sheet")
        clock.moment += timedelta(minutes=5)
        beat(monday, clock)
    assert [path.parent.name for path in monday.issued_weeklies()] == ["第48周"]


def test_a_sheet_that_cannot_be_written_keeps_neither_backup_nor_nightly_look_waiting(
    monday: Bureau, clock: Clock
) -> None:
    monday.set_config("folder", '""', "'备份'")
    weekly = monday.root / "04周报通报"
    shutil.rmtree(weekly)
    weekly.write_bytes(b"")
    clock.moment = FRIDAY + timedelta(hours=3)
    with at_work(monday, clock):
        wait_for(lambda: list((monday.root / "备份").glob("syncer-*")), "the backup")
        night = monday.sql("select value from meta where key = 'hashed'")
        clock.moment += timedelta(days=700)  # and back again: the clock was wrong for a moment
        beat(monday, clock)
        clock.moment = FRIDAY + timedelta(days=1)
        wait_for(lambda: monday.sql("select value from meta where key = 'hashed'") > night, "the nightly look")
        wait_for(lambda: monday.sql("select value from meta where key = 'hashed'")[0][0] < "2027", "a look of today")


def test_the_hour_and_the_approval_are_the_templates(monday: Bureau, clock: Clock) -> None:
    clock.moment = FRIDAY.replace(hour=10, minute=30)
    set_control(monday, weekly_approval="人工")
    with at_work(monday, clock):
        set_control(monday, weekly_time="10:00")
        clock.moment += timedelta(minutes=5)
        beat(monday, clock)
        assert monday.issued_weeklies() == []  # due, but it waits for a person
        set_control(monday, weekly_approval="自动")
        wait_for(monday.issued_weeklies, "the weekly sheet at the new hour")
