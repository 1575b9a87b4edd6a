"""Power cuts: the daemon is killed at every stage of its work and started again. Nothing is lost, nothing doubled, nothing asked.

Each test kills the daemon several times on one workspace, with clerks saving in between, and looks at the end result.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncer import books
from syncer.commands.init import make_workspace
from syncer.core.model import Book, Ledger, Unit
from syncer.excel.reader import read_book
from syncer.store.store import Store
from syncer.sync import sync
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, UNITS, Bureau
from tests.system.daemon import DaemonProcess, delivering_at_once, is_at_rest
from tests.system.power_cuts import Office as People
from tests.system.power_cuts import assert_readable, figures

pytestmark = pytest.mark.slow

TYPISTS = ("宣传科", "工会", "团委", "青禾社区")

Moment = Callable[[DaemonProcess, int], None]
"""Waits for the moment of a kill, saves having just been made, in a round."""


def kept_grows(daemon: DaemonProcess, _: int) -> None:
    before = len(kept_files(daemon.bureau))
    daemon.wait(lambda: len(kept_files(daemon.bureau)) > before, "bytes in the kept store")


def first_merge(daemon: DaemonProcess, _: int) -> None:
    """Between recording and publishing: a save is in the database, and the master is still the old one."""
    before = changes(daemon.bureau)
    daemon.wait(lambda: changes(daemon.bureau) > before, "a change in the database")


def master_replaced(daemon: DaemonProcess, _: int) -> None:
    """Between the master and the feedback, or between a file and the record that it was written."""
    before = daemon.bureau.master.stat().st_mtime_ns
    daemon.wait(lambda: daemon.bureau.master.stat().st_mtime_ns != before, "a new master")


def kept_files(bureau: Bureau) -> list[Path]:
    return list(bureau.kept.rglob("*.xlsx"))


def changes(bureau: Bureau) -> int:
    return int(bureau.sql("select count(*) from change")[0][0])


def chance(_: DaemonProcess, round_: int) -> None:
    time.sleep(random.Random(round_).uniform(0.3, 1.8))  # the moment itself, not a hope


MOMENTS: tuple[Moment, ...] = (kept_grows, first_merge, master_replaced, chance)


def test_killed_at_each_of_these_moments_and_started_again_all_is_there_once(
    bureau: Bureau, daemon: DaemonProcess
) -> None:
    for round_, moment in enumerate(MOMENTS):
        for unit in TYPISTS:
            bureau.type(unit, "活动台账", {FIRST_ROW + round_: activity(unit, round_)})
            bureau.type(unit, "任务清单", {FIRST_ROW + 20 + round_: {"重点任务": f"{unit}自定任务{round_}"}})
        moment(daemon, round_)
        daemon.kill()
        assert_readable(bureau)
        daemon.start(ready=round_ % 2 == 0)  # every other time the next saves meet it starting up
    wanted = sorted(f"{unit}活动{round_}" for unit in TYPISTS for round_ in range(len(MOMENTS)))
    daemon.wait(lambda: activities(bureau) == wanted, "every activity in the master, once")
    daemon.wait(lambda: len(own_tasks(bureau)) == len(wanted), "every sub-task in the master, once")
    assert len(set(own_tasks(bureau))) == len(wanted)
    assert daemon.terminate() == 0
    assert_sound(bureau)
    assert bureau.json("sync")["read"] == []  # nothing is left to do


KILLS = int(os.environ.get("SYNCER_KILLS", "15"))
SEED = int(os.environ.get("SYNCER_SEED", "4"))


@pytest.mark.timeout(300 + 60 * KILLS)
def test_killed_over_read_merge_publish_deliver_and_inbox_nothing_is_lost_or_doubled(bureau: Bureau) -> None:
    """SYNCER_KILLS, SYNCER_SEED and SYNCER_CUTS (stages, by commas) make another run; what it came to is printed."""
    people = People(delivering_at_once(bureau), SEED)
    with DaemonProcess(bureau) as daemon:
        daemon.wait(lambda: is_at_rest(bureau), "the first deliveries")
        while people.kills < KILLS:
            told(people, people.cut(daemon))
            if people.kills % 3 == 0:  # people go on while nothing runs
                people.work()
            for place in people.cut_while_recovering(daemon):
                told(people, place)
            daemon.start(ready=people.kills >= KILLS)  # the last one is ended by a signal that it must be there to hear
            people.check_at_rest(daemon)
        assert daemon.terminate() == 0
    assert bureau.json("sync")["read"] == []  # nothing is left to do
    print(json.dumps(figures(people), ensure_ascii=False))


def told(people: People, place: str) -> None:
    """Says where a kill has hit, and looks at what it left."""
    print(f"{time.strftime('%H:%M:%S')} kill {people.kills} in: {place}", flush=True)
    people.check_as_killed()


def activity(unit: str, round_: int) -> dict[str, str | int]:
    return {"日期": f"2026-3-{round_ + 1}", "活动名称": f"{unit}活动{round_}", "类别": "主题活动", "参加人数": round_}


def activities(bureau: Bureau) -> list[str]:
    return sorted(row["活动名称"] for row in bureau.master_rows("活动台账"))


def own_tasks(bureau: Bureau) -> list[str]:
    return [title for row in bureau.master_rows("任务清单") if "自定任务" in (title := row["重点任务"])]


def assert_sound(bureau: Bureau) -> None:
    assert bureau.sql("PRAGMA integrity_check") == [("ok",)]
    assert bureau.questions() == []
    assert bureau.sql("select count(*) from question") == [(0,)]
    doubled = 'select row_id, "column", new, count(*) from change group by 1, 2, 3 having count(*) > 1'
    assert bureau.sql(doubled) == []
    assert bureau.half_written() == []
    assert bureau.events("refused") == []
    assert_readable(bureau)


def test_what_a_killed_write_left_behind_is_swept_at_the_next_start(bureau: Bureau) -> None:
    for folder in (bureau.root, bureau.kept):
        place = folder / ".syncer-tmp"
        place.mkdir(exist_ok=True)
        (place / "0f0f.part").write_bytes(b"PK\3\4 half a book")
    with DaemonProcess(bureau) as daemon:
        assert bureau.half_written() == []
        assert daemon.terminate() == 0
    assert bureau.events("started", swept=2)


def test_a_book_whose_issue_was_cut_off_between_file_and_record_is_known_by_the_stamp_it_carries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(tmp_path / "创建", 2026, sample=True)
    bureau = Bureau(workspace.root)
    with monkeypatch.context() as cut, Office(workspace) as office:
        cut.setattr(Store, "record_issue", _power_cut)
        with pytest.raises(PowerCutError):
            sync(office)
    (name,) = bureau.books()
    handed = guid_of(bureau, name)
    bureau.json("sync")
    assert guid_of(bureau, name) == handed
    assert len(bureau.books()) == UNITS
    assert_known(bureau)
    unit = next(u for u in bureau.json("status")["units"] if u["unit"] == name.removesuffix(".xlsx"))
    assert unit["state"] == "issued"  # nobody has saved it


def test_a_book_that_somebody_puts_there_while_ours_is_being_made_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace(tmp_path / "创建", 2026, sample=True)
    bureau = Bureau(workspace.root)
    target, real, own = bureau.book(TYPISTS[0]), books.unit_book_bytes, b"what she had typed before"

    def made_meanwhile(ledger: Ledger, unit: Unit, *more: Any) -> bytes:
        if unit.short == TYPISTS[0] and not target.exists():
            target.write_bytes(own)
        return real(ledger, unit, *more)

    with monkeypatch.context() as patch, Office(workspace) as office:
        patch.setattr(books, "unit_book_bytes", made_meanwhile)
        done = sync(office)
    assert len(done.issued) == UNITS - 1
    assert target.read_bytes() == own
    assert len(bureau.books()) == UNITS


class PowerCutError(Exception):
    pass


def _power_cut(*_: object, **__: object) -> None:
    raise PowerCutError


def assert_known(bureau: Bureau) -> None:
    """Every book in 02 carries the stamp that the database knows it by."""
    known = dict(bureau.sql("select file, guid from book"))
    for name in bureau.books():
        assert known[name] == guid_of(bureau, name), f"{name} is not the book that the database knows"


def guid_of(bureau: Bureau, name: str) -> str:
    """What tells one issued workbook from another: deliveries may have changed its bytes since."""
    book = read_book(bureau.units / name)
    assert isinstance(book, Book)
    assert book.stamp
    return book.stamp.guid


@pytest.mark.parametrize("present", [1, UNITS - 1])
def test_killed_while_handing_out_every_unit_gets_one_book_and_its_own(tmp_path: Path, present: int) -> None:
    make_workspace(tmp_path / "创建", 2026, sample=True)
    bureau = Bureau(tmp_path / "创建")
    with DaemonProcess(bureau) as daemon:
        daemon.kill()  # the one that the context started made nothing yet, or a little: both will do
        daemon.start(ready=False)
        daemon.wait(lambda: len(bureau.books()) >= present, f"{present} workbooks")
        daemon.kill()
        handed = {name: guid_of(bureau, name) for name in bureau.books()}
        daemon.start()
        daemon.wait(lambda: len(bureau.books()) == UNITS, "all workbooks")
        bureau.type("宣传科", "活动台账", {FIRST_ROW: activity("宣传科", 1)})
        bureau.type("创建办", "活动台账", {FIRST_ROW: activity("创建办", 1)})
        daemon.wait(lambda: activities(bureau) == ["创建办活动1", "宣传科活动1"], "both saves")
        assert daemon.terminate() == 0
    assert {name: guid_of(bureau, name) for name in handed} == handed, "what was handed out is never made again"
    assert_sound(bureau)
    assert_known(bureau)
