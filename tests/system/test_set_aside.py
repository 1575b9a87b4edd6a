"""A file that kills its reader: tried a few times, then left alone until it changes; the others go on all the while."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.core.model import Book, Refusal
from syncer.daemon import Daemon
from syncer.excel.reading import Readers
from syncer.set_aside import AGAIN_SECONDS, TRIES
from syncer.sync import SLOW_LOOK_SECONDS, Synced, sync
from syncer.workspace import CONTROL_BOOK, Office
from tests.system.bureau import FIRST_ROW, Bureau, Line

pytestmark = pytest.mark.slow

POISONED, HEALTHY = "工会", "团委"
TOO_MUCH = Refusal("FILE-007", (("what", "> 60 s"),))


class PoisonedReaders(Readers):
    """Real children, but what they make of some bytes is what a poisonous file comes to; counts how often they were asked."""

    def __init__(self) -> None:
        super().__init__(1)
        self.poison: bytes = b""
        self.slow = False  # whether it takes longer than anybody waits for
        self.tried = 0

    def _is_poison(self, path: Path) -> bool:
        poisonous = bool(self.poison) and path.read_bytes() == self.poison
        self.tried += poisonous
        return poisonous

    def read_many(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Book | Refusal]]:  # `read` goes this way too
        for path in paths:
            yield from [(path, TOO_MUCH)] if self._is_poison(path) else super().read_many([path])

    def read_within(
        self, paths: Iterable[Path], patience_seconds: float
    ) -> Iterator[tuple[Path, Book | Refusal | None]]:
        for path in paths:
            if self._is_poison(path):
                yield path, None if self.slow else TOO_MUCH
            else:
                yield from super().read_within([path], patience_seconds)


class Desk:
    """The flow in this process, with a clock and readers of the test's own."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau, self.now = bureau, datetime.now().replace(microsecond=0)
        self.office = Office(bureau.opened(), lambda: self.now)
        self.office.readers.kill()
        self.readers = PoisonedReaders()
        self.office.readers = self.readers

    def sync_after(self, seconds: float) -> Synced:
        self.now += timedelta(seconds=seconds)
        return sync(self.office)

    def codes(self) -> list[tuple[str, str]]:
        seen = self.office.store.known_files.seen()
        return [(key, p.code) for key in sorted(seen) for p in seen[key].problems]


@pytest.fixture
def desk(bureau: Bureau) -> Iterator[Desk]:
    desk = Desk(bureau)
    yield desk
    desk.office.close()


def activity(place: str) -> dict[int, Line]:
    return {FIRST_ROW: {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "地点": place}}


def test_a_poisonous_workbook_is_tried_a_few_times_then_left_until_it_changes(desk: Desk, bureau: Bureau) -> None:
    poison = bureau.typed(POISONED, "活动台账", activity("山上"))
    desk.readers.poison = poison
    bureau.save(POISONED, poison)
    bureau.type(HEALTHY, "活动台账", activity("河边"))

    first = desk.sync_after(0)
    assert [p.code for p in first.refused] == ["FILE-007"]
    assert [row["地点"] for row in bureau.master_rows("活动台账")] == ["河边"]
    desk.sync_after(1)
    assert desk.readers.tried == 1, "it was read again at once"
    for _ in range(TRIES):
        last = desk.sync_after(AGAIN_SECONDS)
    assert desk.readers.tried == TRIES
    assert [p.code for p in last.refused] == ["FILE-007"], "set aside, it is still told about"
    assert (desk.bureau.book(POISONED)).read_bytes() == poison

    bureau.save(POISONED, bureau.typed(POISONED, "活动台账", activity("山下")))
    assert desk.sync_after(1).refused == []
    assert {row["地点"] for row in bureau.master_rows("活动台账")} == {"河边", "山下"}


def test_a_file_that_is_slow_when_it_is_tried_again_is_asked_about_under_the_same_number(
    desk: Desk, bureau: Bureau
) -> None:
    desk.readers.poison = bureau.typed(POISONED, "活动台账", activity("山上"))
    bureau.save(POISONED, desk.readers.poison)
    (asked,) = desk.sync_after(0).questions

    desk.readers.slow = True
    desk.now += timedelta(seconds=AGAIN_SECONDS)
    for _ in range(2):
        waits = sync(desk.office, patient=False)
        assert f"02各单位填报/{POISONED}.xlsx" in waits.waiting
        assert [question.id for question in waits.questions] == [asked.id]

    desk.readers.slow, desk.readers.poison = False, b""
    assert sync(desk.office).questions == ()
    assert [row["地点"] for row in bureau.master_rows("活动台账")] == ["山上"]


def test_a_file_that_failed_by_chance_is_taken_in_without_anybody_touching_it(desk: Desk, bureau: Bureau) -> None:
    desk.readers.poison = bureau.typed(POISONED, "活动台账", activity("山上"))
    bureau.save(POISONED, desk.readers.poison)
    assert [p.code for p in desk.sync_after(0).refused] == ["FILE-007"]
    desk.readers.poison = b""  # the PC has time again
    assert desk.sync_after(AGAIN_SECONDS).refused == []
    assert [row["地点"] for row in bureau.master_rows("活动台账")] == ["山上"]


def test_a_try_of_a_clock_that_was_ahead_puts_nothing_off(desk: Desk, bureau: Bureau) -> None:
    desk.readers.poison = bureau.typed(POISONED, "活动台账", activity("山上"))
    bureau.save(POISONED, desk.readers.poison)
    today = desk.now
    assert [p.code for p in desk.sync_after(365 * 24 * 3600).refused] == ["FILE-007"]
    desk.readers.poison, desk.now = b"", today
    assert desk.sync_after(1).refused == []


def test_a_poisonous_control_workbook_leaves_the_last_good_one_in_force_and_is_tried_again(
    desk: Desk, bureau: Bureau
) -> None:
    good = bureau.control.read_bytes()
    shutil.copy(bureau.control, bureau.root / "旧.xlsx")
    bureau.save_control({"单位名录": {(1, 30): "记"}})
    poison = desk.readers.poison = bureau.control.read_bytes()
    bureau.type(HEALTHY, "活动台账", activity("河边"))

    done = desk.sync_after(0)
    assert ("FILE-007", CONTROL_BOOK) in [(p.code, p.place.file) for p in done.problems]
    assert [row["地点"] for row in bureau.master_rows("活动台账")] == ["河边"]
    for _ in range(TRIES):
        done = desk.sync_after(AGAIN_SECONDS)
    assert desk.readers.tried == TRIES
    daemon = Daemon(desk.office)
    daemon._last_pass = done
    assert any(CONTROL_BOOK in line and "FILE-007" in line for line in daemon._status_lines(stopped=False))
    assert bureau.control.read_bytes() == poison

    bureau.control.write_bytes(good)
    done = desk.sync_after(1)
    assert not [p for p in done.problems if p.code == "FILE-007"]


def test_nobody_waits_for_settings_that_are_slow_to_read_and_they_are_in_force_once_they_are_read(
    desk: Desk, bureau: Bureau
) -> None:
    bureau.save_control({"任务分解": {(6, 12): "2026年11月30日"}})
    desk.readers.poison, desk.readers.slow = bureau.control.read_bytes(), True
    bureau.type(HEALTHY, "活动台账", activity("河边"))
    settings = f"01创建办专用/{CONTROL_BOOK}"
    while (done := sync(desk.office, patient=False)).waiting != (settings,):
        assert settings in done.waiting
        time.sleep(0.1)  # the workbooks hold still by now, or soon
    assert done.next_look_seconds == SLOW_LOOK_SECONDS
    assert [row["地点"] for row in bureau.master_rows("活动台账")] == ["河边"]
    desk.readers.poison = b""
    assert settings not in sync(desk.office, patient=False).waiting
    sync(desk.office)
    assert {"2026年11月30日"} == {row["完成时限"] for row in bureau.master_rows("任务清单") if row["任务编号"] == "3.1"}
