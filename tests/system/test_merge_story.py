"""A clerk's story at a real LibreOffice, with the daemon running: what she does to her rows, and what becomes of it.

She sorts, inserts, deletes, clears and copies; master and inbox are right, the coordinator rules in her inbox, and what
is ruled stands in the clerk's own cell too. What is wrong in a row stands in that row when she opens the book again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncer.core.values import column_letter
from syncer.excel.inboxbook import DONE, HEADER_ROW, WAITING
from syncer.workspace import INBOX_BOOK
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk
from tests.system.bureau import LEAF_ROW, Bureau, Line, columns, lines
from tests.system.daemon import DaemonProcess, delivering_at_once, is_at_rest

pytestmark = [pytest.mark.office, pytest.mark.slow]

UNIT, CODE = "宣传科", "D05"
TASKS, ACTIVITIES = "任务清单", "活动台账"
CIVIL_ROW = LEAF_ROW + 4  # task 5.1, which no sheet counts
COPY = f"{UNIT} - 副本.xlsx"


@dataclass(frozen=True)
class Desk:
    """One clerk's desk, the coordinator's beside it, and the daemon behind both."""

    bureau: Bureau
    daemon: DaemonProcess
    clerk: Clerk

    # ---- the clerk

    def open(self, path: Path | None = None) -> None:
        self.clerk.open(path or self.bureau.book(UNIT))

    def type(self, sheet: str, row: int, content: dict[str, str]) -> None:
        at = columns(self.bureau.book(UNIT), sheet)
        for name, text in content.items():
            self.clerk.set(sheet, f"{column_letter(at[name])}{row}", text)

    def shown(self, sheet: str, row: int, name: str) -> str:
        """Returns a cell as she sees it on her screen."""
        return self.clerk.shown(sheet, f"{column_letter(columns(self.bureau.book(UNIT), sheet)[name])}{row}")

    def row(self, sheet: str, name: str, text: str) -> int:
        """Returns the worksheet row in which a column of the book on the disk says this."""
        (found,) = (
            at for at, line in enumerate(lines(self.bureau.book(UNIT), sheet), LEAF_ROW + 1) if line[name] == text
        )
        return found

    def save(self, file: str = f"{UNIT}.xlsx") -> None:
        """Saves what is open and waits until it is merged."""
        before = self.merged(file)
        self.clerk.save()
        self.daemon.wait(lambda: self.merged(file) > before, f"{file} to be merged")

    def close(self) -> None:
        """Closes the book and waits until nothing is left to be written into it."""
        self.clerk.close()
        self.daemon.wait(lambda: is_at_rest(self.bureau), "deliveries to rest")

    # ---- the coordinator

    @property
    def inbox_book(self) -> Path:
        return self.bureau.control.with_name(INBOX_BOOK)

    def decide(self, answers: dict[tuple[str, str], str]) -> None:
        """Opens the inbox, types (id, header) → answer, saves and closes it, and waits until each is done."""
        rows = {line["编号"]: row for row, line in self.inbox().items()}
        heads = next(openpyxl.load_workbook(self.inbox_book)[WAITING].iter_rows(min_row=HEADER_ROW, max_row=HEADER_ROW))
        at = {str(cell.value): column_letter(cell.column or 0) for cell in heads}
        self.clerk.open(self.inbox_book)
        for (name, head), text in answers.items():
            self.clerk.set(WAITING, f"{at[head]}{rows[name]}", text)
        self.clerk.save()
        decided = {name for name, _ in answers}
        self.daemon.wait(lambda: not decided & self.waiting(), "the rulings")
        self.clerk.close()
        self.daemon.wait(lambda: decided <= {line["编号"] for line in self.inbox(DONE).values()}, "已处理")

    def inbox(self, sheet: str = WAITING) -> dict[int, Line]:
        """Returns the lines of the inbox book on the disk by worksheet row."""
        page: Any = openpyxl.load_workbook(self.inbox_book)[sheet]
        heads = [cell.value for cell in page[HEADER_ROW]]
        rows = enumerate(page.iter_rows(min_row=HEADER_ROW + 1, values_only=True), HEADER_ROW + 1)
        return {at: dict(zip(heads, row, strict=False)) for at, row in rows if row[0]}

    def waiting(self) -> set[str]:
        return {name for (name,) in self.bureau.sql("select id from question where state = 'open'")}

    # ---- what came of it

    def merged(self, file: str) -> int:
        return len(self.bureau.events("merged", file=f"02各单位填报/{file}"))

    def activities(self) -> dict[str, Line]:
        return {row["活动名称"]: row for row in self.bureau.master_rows(ACTIVITIES, UNIT)}

    def task(self, number: str) -> Line:
        (row,) = (row for row in self.bureau.master_rows(TASKS, UNIT) if row["任务编号"] == number)
        return row


@pytest.fixture
def desk(bureau: Bureau, clerk: Clerk) -> Iterator[Desk]:
    """Her book is handed out and the first lights are in it."""
    with DaemonProcess(delivering_at_once(bureau)) as daemon:
        daemon.wait(lambda: is_at_rest(bureau), "the first deliveries")
        yield Desk(bureau, daemon, clerk)


def activity(day: int, name: str, people: str, task: str = "3.1") -> dict[str, str]:
    return {"日期": f"2026年3月{day}日", "活动名称": name, "类别": "主题活动", "对应任务": task, "参加人数": people}


FOUR = [
    activity(12, "植树", "30"),
    activity(5, "读书会", "20"),
    activity(20, "献血", "15"),
    activity(8, "健步走", "40"),
]


def four_activities(desk: Desk) -> None:
    desk.open()
    for at, content in enumerate(FOUR, LEAF_ROW + 1):
        desk.type(ACTIVITIES, at, content)
    desk.save()


def test_what_is_wrong_stands_in_her_own_row_at_the_next_opening_and_is_gone_when_she_has_mended_it(desk: Desk) -> None:
    desk.open()
    first = desk.shown(TASKS, CIVIL_ROW, "亮灯")
    assert first.startswith("灰")
    desk.type(ACTIVITIES, 5, activity(12, "植树", "好几十号人吧"))
    desk.type(TASKS, CIVIL_ROW, {"工作状态": "推进中", "完成率": "95", "本周完成情况": "已办五类"})
    desk.save()
    desk.close()

    desk.open()
    told = desk.shown(ACTIVITIES, 5, "系统提示")
    assert "参加人数" in told
    assert desk.shown(ACTIVITIES, 6, "系统提示") == ""
    light = desk.shown(TASKS, CIVIL_ROW, "亮灯")
    assert light.startswith("绿")
    desk.type(ACTIVITIES, 5, {"参加人数": "30"})
    desk.save()
    assert desk.shown(ACTIVITIES, 5, "系统提示") == told, "while she has it open nothing is written"
    desk.close()

    desk.open()
    assert desk.shown(ACTIVITIES, 5, "系统提示") == ""
    assert desk.shown(ACTIVITIES, 5, "参加人数") == "30"
    assert desk.shown(TASKS, CIVIL_ROW, "亮灯") == light
    assert desk.bureau.questions() == []
    assert desk.waiting() == set()


def test_sorted_inserted_deleted_cleared_copied_and_edited_twice_all_is_right_and_a_ruling_holds_in_her_cell(
    desk: Desk,
) -> None:
    four_activities(desk)
    ids = {line["活动名称"]: line["行标识"] for line in lines(desk.bureau.book(UNIT), ACTIVITIES) if line["活动名称"]}

    desk.clerk.sort(ACTIVITIES, "B", header_row=LEAF_ROW)  # by date: 读书会, 健步走, 植树, 献血
    desk.clerk.insert_row(ACTIVITIES, 7)
    desk.type(ACTIVITIES, 7, activity(10, "演讲", "25"))
    desk.clerk.delete_row(ACTIVITIES, 6)  # 健步走
    desk.type(ACTIVITIES, 7, {"参加人数": ""})  # 植树
    desk.save()
    desk.daemon.wait(lambda: list(desk.activities()) == ["读书会", "演讲", "植树", "献血"], "her order in the master")
    assert [row["参加人数"] or None for row in desk.activities().values()] == [20, 25, None, 15]
    assert [row["日期"] for row in desk.activities().values()] == [date(2026, 3, day) for day in (5, 10, 12, 20)]
    assert desk.waiting() == set()
    ((withdrawn,),) = desk.bureau.sql("select row_key from question where state = 'ruled' and kind = 'withdrawn'")
    assert "健步走" in withdrawn or withdrawn == ids["健步走"]
    desk.close()
    after = {line["活动名称"]: line["行标识"] for line in lines(desk.bureau.book(UNIT), ACTIVITIES) if line["活动名称"]}
    assert {name: ids[name] for name in ("读书会", "植树", "献血")}.items() <= after.items()
    assert after["演讲"] not in {"", *ids.values()}, "the inserted row has got an id of its own"

    # She copies the file and goes on in both.
    copy = desk.bureau.units / COPY
    shutil.copy2(desk.bureau.book(UNIT), copy)
    desk.daemon.wait(lambda: desk.merged(COPY) == 1, "the copy to be seen")
    desk.open()
    desk.type(ACTIVITIES, desk.row(ACTIVITIES, "活动名称", "读书会"), {"参加人数": "21", "地点": "三楼会议室"})
    desk.type(TASKS, desk.row(TASKS, "任务编号", "3.2"), {"完成时限": "2026年12月20日"})
    desk.save()
    desk.close()
    desk.open(copy)
    desk.type(ACTIVITIES, desk.row(ACTIVITIES, "活动名称", "读书会"), {"参加人数": "88"})
    desk.type(ACTIVITIES, desk.row(ACTIVITIES, "活动名称", "献血"), {"地点": "献血车"})
    desk.type(ACTIVITIES, desk.row(ACTIVITIES, "活动名称", "献血") + 1, activity(27, "座谈会", "9"))
    desk.save(COPY)
    desk.clerk.close()

    desk.daemon.wait(lambda: "座谈会" in desk.activities(), "the copy's own row")
    desk.daemon.wait(lambda: len(desk.inbox()) == 2, "both questions in the inbox")
    found = desk.activities()
    assert (found["读书会"]["参加人数"], found["读书会"]["地点"], found["献血"]["地点"]) == (21, "三楼会议室", "献血车")
    asked = {line["类型"]: line for line in desk.inbox().values()}
    assert set(asked) == {"两处都改了", "调整申请"}
    conflict, proposal = asked["两处都改了"], asked["调整申请"]
    assert (conflict["列"], conflict["目前内容"], conflict["报来内容"]) == ("参加人数", "21", "88")
    assert (proposal["目前内容"], proposal["报来内容"]) == ("每周五下午", "2026-12-20")
    assert desk.task("3.2")["完成时限"] == "每周五下午", "what stands stands until somebody rules"

    # The coordinator rules.
    desk.decide({(conflict["编号"], "处理意见"): "改用新内容", (proposal["编号"], "处理意见"): "同意"})
    desk.daemon.wait(lambda: desk.activities()["读书会"]["参加人数"] == 88, "the ruling in the master")
    assert desk.task("3.2")["完成时限"] == "2026-12-20"
    desk.daemon.wait(lambda: is_at_rest(desk.bureau), "the ruling in her book")

    # And it holds, in her own cell too.
    desk.open()
    here = {name: desk.row(ACTIVITIES, "活动名称", name) for name in ("读书会", "献血", "座谈会")}
    assert desk.shown(ACTIVITIES, here["读书会"], "参加人数") == "88"
    assert desk.shown(ACTIVITIES, here["献血"], "地点") == "献血车"
    assert desk.shown(ACTIVITIES, here["座谈会"], "参加人数") == "9"
    assert desk.shown(TASKS, desk.row(TASKS, "任务编号", "3.2"), "完成时限") == "2026-12-20"
    changes = desk.bureau.sql("select count(*) from change")
    desk.save()
    desk.type(TASKS, 5, {"本周完成情况": "又一周"})
    desk.save()
    desk.close()
    assert desk.waiting() == set()
    assert desk.bureau.sql("select count(*) from change") == [(changes[0][0] + 1,)]
    assert desk.task("3.1")["本周完成情况"] == "又一周"
    assert desk.activities()["读书会"]["参加人数"] == 88
    assert_sound(desk.bureau.book(UNIT), desk.bureau.master, desk.inbox_book, clerk=desk.clerk)
