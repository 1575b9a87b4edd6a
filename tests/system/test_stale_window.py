"""A stale window: she has her book open while we deliver into it, then saves over the delivery. A real LibreOffice does it.

Where an owner file is not seen (some shares, some programs) this does happen: LibreOffice refuses the first save, because
the file is another than the one it opened, and the second one overwrites it without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncer.core.values import column_letter
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk, ClerkError
from tests.system.bureau import FIRST_ROW, Bureau, Line, columns, lines
from tests.system.daemon import DaemonProcess, delivering_at_once, is_at_rest, wait_for

pytestmark = [pytest.mark.office, pytest.mark.slow]

UNIT, CODE, TASKS = "宣传科", "D05", "任务清单"
DEADLINE = {"任务分解": (6, 12)}  # of task 3.1, the first row of her 任务清单
OLD, NEW = "每季度末", "2026年11月30日"
REPORTED = "本周办了三场宣讲"


@pytest.fixture
def delivering(bureau: Bureau) -> Iterator[DaemonProcess]:
    """A daemon that has done the first deliveries."""
    with DaemonProcess(delivering_at_once(bureau)) as daemon:
        daemon.wait(lambda: is_at_rest(bureau), "the first deliveries")
        yield daemon


def cell(bureau: Bureau, name: str) -> str:
    return f"{column_letter(columns(bureau.book(UNIT), TASKS)[name])}{FIRST_ROW}"


def first_row(bureau: Bureau) -> Line:
    return lines(bureau.book(UNIT), TASKS)[0]


def deliver_under_her_hands(bureau: Bureau, daemon: DaemonProcess, clerk: Clerk) -> None:
    """Her window shows the old deadline, the file holds the new one; her owner file is out of our sight."""
    clerk.open(bureau.book(UNIT))
    owner = bureau.units / f".~lock.{UNIT}.xlsx#"
    assert owner.exists()
    (sheet, place), *_ = DEADLINE.items()
    bureau.save_control({sheet: {place: NEW}})
    daemon.wait(
        lambda: bureau.events("delivery waits", file=f"02各单位填报/{UNIT}.xlsx", why="open"), "it to wait for her"
    )
    assert first_row(bureau)["完成时限"] == OLD
    owner.unlink()
    daemon.wait(lambda: first_row(bureau)["完成时限"] == NEW, "the delivery under her hands")
    daemon.wait(lambda: is_at_rest(bureau), "the delivery's record")
    assert clerk.shown(TASKS, cell(bureau, "完成时限")) == OLD


def save_all_the_same(clerk: Clerk) -> None:
    """Saves as she does when the first time does not go through."""

    def saved() -> bool:
        try:
            clerk.save()
        except ClerkError:
            return False
        return True

    wait_for(saved, "LibreOffice to save over the delivery", seconds=20)


def test_what_she_typed_in_a_stale_window_is_merged_and_nothing_delivered_is_taken_for_her_change(
    bureau: Bureau, delivering: DaemonProcess, clerk: Clerk
) -> None:
    deliver_under_her_hands(bureau, delivering, clerk)
    clerk.set(TASKS, cell(bureau, "本周完成情况"), REPORTED)
    clerk.set(TASKS, cell(bureau, "工作状态"), "推进中")
    changes = bureau.sql("select count(*) from change")[0][0]
    save_all_the_same(clerk)
    assert first_row(bureau)["完成时限"] == OLD, "her save has put the old deadline back into the file"

    delivering.wait(lambda: bureau.sql("select count(*) from change")[0][0] > changes, "her save in the history")
    clerk.close()
    delivering.wait(lambda: is_at_rest(bureau), "the next delivery")

    new = {(c["column"], c["new"]) for c in bureau.json("history", "3.1")["changes"] if c["unit"] == CODE}
    assert new == {("工作状态", "推进中"), ("本周完成情况", REPORTED)}
    (row,) = (row for row in bureau.master_rows(TASKS, UNIT) if row["任务编号"] == "3.1")
    assert (row["本周完成情况"], row["工作状态"], row["完成时限"]) == (REPORTED, "推进中", NEW)
    assert bureau.sql("select * from question") == []
    own = first_row(bureau)
    assert (own["本周完成情况"], own["工作状态"], own["完成时限"]) == (REPORTED, "推进中", NEW)
    assert_sound(bureau.book(UNIT), clerk=clerk)

    clerk.open(bureau.book(UNIT))
    assert clerk.shown(TASKS, cell(bureau, "完成时限")) == NEW
    merged = len(bureau.events("merged", unit=CODE))
    clerk.set(TASKS, cell(bureau, "责任人"), "陈样本")
    clerk.save()
    delivering.wait(lambda: len(bureau.events("merged", unit=CODE)) > merged, "her ordinary save")
    assert bureau.sql("select * from question") == []


def test_saved_with_nothing_typed_a_stale_window_changes_nothing_and_the_delivery_is_written_again(
    bureau: Bureau, delivering: DaemonProcess, clerk: Clerk
) -> None:
    deliver_under_her_hands(bureau, delivering, clerk)
    save_all_the_same(clerk)
    assert first_row(bureau)["完成时限"] == OLD
    clerk.close()
    delivering.wait(lambda: first_row(bureau)["完成时限"] == NEW and is_at_rest(bureau), "the deadline once more")
    assert bureau.sql("select * from change") == []
    assert bureau.sql("select * from question") == []


def test_what_she_changes_in_the_delivered_cell_itself_is_still_a_proposal(
    bureau: Bureau, delivering: DaemonProcess, clerk: Clerk
) -> None:
    deliver_under_her_hands(bureau, delivering, clerk)
    clerk.set(TASKS, cell(bureau, "完成时限"), "另行商定")
    save_all_the_same(clerk)
    clerk.close()
    delivering.wait(lambda: first_row(bureau)["完成时限"] == NEW and is_at_rest(bureau), "the deadline once more")
    asked = bureau.sql("select kind, state from question")
    assert asked == [("proposal", "open")]
