"""A small office in the middle of a day: everything that one pass can have to do is waiting to be done.

A unit has saved, another one as a copy, a third one has sent its workbook by chat; somebody typed into the master; the coordinator has added a unit and moved a deadline
in 台账设置, decided in her inbox and on the command line; deliveries are due, a backup too. Readers are called in this process and remember what they read, so that a pass is quick.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, cast

import openpyxl

from syncer.backup import daily_backup
from syncer.commands.init import make_workspace
from syncer.control import ledger_in_force
from syncer.core.model import Book, Refusal
from syncer.core.values import Scalar
from syncer.excel.inboxbook import HEADER_ROW, WAITING
from syncer.excel.patch import patch_cells
from syncer.excel.reader import read_book
from syncer.excel.reading import Readers
from syncer.requests import Request, leave_request
from syncer.retention import prune_daily
from syncer.sync import Synced, sync
from syncer.workspace import Office, Workspace
from tests.system.bureau import FIRST_ROW, Bureau, columns

NOW, LATER = datetime(2026, 11, 20, 10, 0), datetime(2026, 11, 20, 12, 0)  # a backup that failed waits an hour
UNITS = {"D01": "创建办", "D05": "宣传科", "D06": "工会"}
NEW = "办公室"
TASKS, ACTIVITIES = "任务清单", "活动台账"
SETTINGS = {
    "SYNCER_DELIVERY__QUIET_SECONDS": "0",
    "SYNCER_WATCH__SETTLE_SECONDS": "0.05",
    "SYNCER_WATCH__RESCAN_SECONDS": "1",
    "SYNCER_BACKUP__FOLDER": "备份",
    "SYNCER_BACKUP__AT": "00:00",
}
_PLAN_LEAD, _PLAN_SUPPORT, PLAN_DEADLINE, _PLAN_FIRST_ROW = 9, 10, 12, 4

TYPED: dict[tuple[str, str], dict[int, dict[str, Scalar]]] = {
    ("宣传科", ACTIVITIES): {
        FIRST_ROW: {"日期": "2026-11-3", "活动名称": "宣讲第一场", "类别": "主题活动", "参加人数": 31},
        FIRST_ROW + 1: {"日期": "2026-11-4", "活动名称": "宣讲第二场", "类别": "主题活动", "参加人数": 32},
    },
    ("宣传科", TASKS): {FIRST_ROW: {"本周完成情况": "本周宣讲两场", "重点任务": "改了牵头任务的题目"}},
}
COPIED: dict[int, dict[str, Scalar]] = {
    FIRST_ROW: {"日期": "2026-11-5", "活动名称": "职工读书会", "类别": "主题活动", "参加人数": 33}
}
DROPPED: dict[int, dict[str, Scalar]] = {
    FIRST_ROW: {"日期": "2026-11-6", "活动名称": "环境整治", "类别": "主题活动", "参加人数": 34}
}


class HereReaders:
    """Reads in this process, each content once: reading is not what fails here."""

    _read: ClassVar[dict[tuple[str, str, str], object]] = {}

    def read(self, path: Path) -> Book | Refusal:
        return cast("Book | Refusal", self.call(read_book, path))

    def read_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Book | Refusal]]:
        return ((path, self.read(path)) for path in paths)

    def read_within(self, paths: Iterable[Path], _: float) -> Iterator[tuple[Path, Book | Refusal]]:
        return self.read_many(paths)

    def call(self, work: Callable[[Path], Any], path: Path, seconds: float | None = None) -> Any:
        with path.open("rb") as file:
            key = (work.__qualname__, path.suffix, hashlib.file_digest(file, "sha256").hexdigest())
        if key not in self._read:
            self._read[key] = work(path)
        return self._read[key]

    def kill(self) -> None:
        pass


def opened(root: Path) -> Office:
    """Starts the program on a workspace."""
    office = Office(Workspace.at(root), lambda: NOW)
    office.readers = cast("Readers", HereReaders())
    return office


def one_pass(office: Office) -> Synced:
    """What the daemon does in one round."""
    done = sync(office)
    daily_backup(office)
    prune_daily(office)
    return done


def prepared(root: Path) -> Bureau:
    """Makes the office as described above; nothing of it has been taken in yet."""
    workspace = make_workspace(root, NOW.year, sample=True)
    workspace.control_book.write_bytes(small(workspace.control_book))
    bureau = Bureau(root)
    with opened(root) as office:
        _until_quiet(office)
        for unit in ("工会", "创建办"):  # a proposal each: the inbox has two lines
            bureau.type(unit, TASKS, {FIRST_ROW: {"重点任务": f"{unit}改的题目"}})
        _until_quiet(office)
        ruled = {q.unit: q.id for q in office.store.questions.open(ledger_in_force(office, NOW.date()))}
        leave_request(office, Request(ruled["D01"], "reject"))
    decide(workspace.inbox_book, ruled["D06"], "不同意")
    type_into_master(bureau.master)
    bureau.save_as("工会 - 副本.xlsx", bureau.typed("工会", ACTIVITIES, COPIED))
    bureau.drop("张三的表(1).xlsx", bureau.typed("创建办", ACTIVITIES, DROPPED))
    for (unit, sheet), cells in TYPED.items():
        bureau.type(unit, sheet, cells)
    moved = {(task_row(bureau.control, "宣传科"), PLAN_DEADLINE): "2026年12月18日"}
    added = {(5, at): value for at, value in enumerate(("D02", "云岭市建设管理局办公室", NEW), start=1)}
    bureau.save_control({"任务分解": moved, "单位名录": added})
    shutil.rmtree(root / "备份")  # today's is due again
    with opened(root) as office:
        office.store.set("backup", "")
        office.store.set("pruned", "")
    return bureau


def _until_quiet(office: Office) -> None:
    for _ in range(3):
        one_pass(office)


def small(control: Path) -> bytes:
    """台账设置 with three units and the tasks that they lead."""
    book = openpyxl.load_workbook(control, read_only=True)
    changes: dict[str, dict[tuple[int, int], Scalar]] = {"单位名录": {}, "任务分解": {}}
    for row, line in enumerate(book["单位名录"].iter_rows(min_row=4, values_only=True), start=4):
        if line[0] and line[0] not in UNITS:
            changes["单位名录"] |= {(row, at): None for at, value in enumerate(line, start=1) if value is not None}
    for row, line in enumerate(book["任务分解"].iter_rows(min_row=_PLAN_FIRST_ROW, values_only=True), start=4):
        leads = [lead for lead in str(line[_PLAN_LEAD - 1] or "").split("、") if lead in UNITS.values()]
        if line[0] and not leads:
            changes["任务分解"] |= {(row, at): None for at, value in enumerate(line, start=1) if value is not None}
        elif line[0]:
            changes["任务分解"] |= {(row, _PLAN_LEAD): "、".join(leads), (row, _PLAN_SUPPORT): None}
    return patch_cells(control.read_bytes(), changes)


def task_row(control: Path, lead: str) -> int:
    sheet = openpyxl.load_workbook(control, read_only=True)["任务分解"]
    lines = sheet.iter_rows(min_row=_PLAN_FIRST_ROW, values_only=True)
    return next(row for row, line in enumerate(lines, start=_PLAN_FIRST_ROW) if line[_PLAN_LEAD - 1] == lead)


def decide(inbox: Path, question: str, answer: str) -> None:
    """Answers one line of the inbox book, and saves it."""
    page = cast("Any", openpyxl.load_workbook(inbox)[WAITING])
    (column,) = (cell.column for cell in page[HEADER_ROW] if cell.value == "处理意见")
    (row,) = (cell.row for cell in page["A"] if cell.value == question)
    inbox.write_bytes(patch_cells(inbox.read_bytes(), {WAITING: {(row, column): answer}}))


def type_into_master(master: Path) -> None:
    column = columns(master, TASKS)["本周完成情况"]
    master.write_bytes(patch_cells(master.read_bytes(), {TASKS: {(FIRST_ROW, column): "在汇总表里写的"}}))
