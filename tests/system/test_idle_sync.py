"""``syncer sync`` where nothing has happened: the same answer, without loading the program; and whatever happens is seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.control import ledger_in_force
from syncer.core.model import Ledger
from syncer.core.problems import Place, Problem
from syncer.core.values import Scalar
from syncer.due import next_hour
from syncer.idle import NOTE
from syncer.requests import Request, leave_request
from syncer.set_aside import AGAIN_SECONDS, note_try
from syncer.workspace import Office
from tests.system.bureau import Bureau, snapshot
from tests.system.program import environment, run_syncer

PASSES = 4  # until nothing is left to do
QUIET_SECONDS = 120.0  # as shipped: a workbook that was saved since is not written into
MORNING = datetime(2026, 3, 10, 9)
PLANTING: dict[str, Scalar] = {"日期": "2026-03-12", "活动名称": "植树", "类别": "主题活动", "参加人数": 12}
WHOLE = ("sqlalchemy", "pydantic", "syncer.sync")  # what a whole pass cannot do without


def sync(bureau: Bureau, *more: str) -> subprocess.CompletedProcess[str]:
    return run_syncer("-C", str(bureau.root), "sync", *more)


def note(bureau: Bureau) -> Path:
    return bureau.root / ".syncer" / NOTE


def imported(bureau: Bureau, *more: str) -> tuple[set[str], str]:
    """Runs a sync as a process; returns the modules it loads, and what it prints."""
    command = [sys.executable, "-X", "importtime", "-m", "syncer", "-C", str(bureau.root), "sync", *more]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment(), encoding="utf-8", timeout=600
    )
    lines = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return set(lines), done.stdout


@pytest.fixture
def resting(bureau: Bureau) -> Bureau:
    """An office in which a pass finds nothing to do."""
    for book in bureau.units.glob("*.xlsx"):
        os.utime(book, (time.time() - 3600,) * 2)  # handed out an hour ago: deliveries need not wait
    for _ in range(PASSES):
        sync(bureau)
        if note(bureau).exists():
            return bureau
    raise AssertionError(sync(bureau).stdout)


def test_the_same_is_said_again_and_nothing_is_loaded_or_touched(resting: Bureau) -> None:
    before, files = sync(resting), snapshot(resting.root)
    loaded, said = imported(resting)
    again = sync(resting)
    assert snapshot(resting.root) == files
    assert (again.returncode, again.stdout) == (before.returncode, before.stdout)
    assert said == before.stdout
    assert not loaded & set(WHOLE)
    for_another_day, _ = imported(resting, "--as-of", "2026-03-12")
    assert set(WHOLE) <= for_another_day


def test_a_save_is_taken_in_at_once(resting: Bureau) -> None:
    resting.type("办公室", "活动台账", {5: PLANTING})
    done = json.loads(sync(resting, "--json").stdout)
    assert done["read"] == ["02各单位填报/办公室.xlsx"]
    assert done["published"]


def test_a_master_that_somebody_deleted_comes_back(resting: Bureau) -> None:
    resting.master.unlink()
    sync(resting)
    assert resting.master.exists()


def test_a_delivery_that_waits_for_its_minute_is_not_forgotten(resting: Bureau) -> None:
    """Nobody touches a file any more: passes in which there is nothing to do but to wait are not taken for idle ones."""
    resting.type("办公室", "活动台账", {5: PLANTING})
    os.utime(resting.book("办公室"), (time.time() - QUIET_SECONDS + 3,) * 2)
    waited = [json.loads(sync(resting, "--json").stdout)["delivered"]]
    deadline = time.monotonic() + 60
    while not waited[-1] and time.monotonic() < deadline:
        waited.append(json.loads(sync(resting, "--json").stdout)["delivered"])
    assert waited[-1] == ["02各单位填报/办公室.xlsx"]
    assert len(waited) > 1


def test_a_ruling_that_was_left_while_another_was_in_is_carried_out(resting: Bureau) -> None:
    with Office(resting.opened()) as office:
        leave_request(office, Request("00000000", undo=True))
    sync(resting)
    assert not list((resting.root / ".syncer" / "requests").iterdir())


def test_a_lost_workbook_is_asked_about_after_its_minute(resting: Bureau) -> None:
    resting.book("办公室").rename(resting.root / "away.xlsx")
    now = datetime.now()
    sync(resting)
    assert now < until(resting, now) <= now + timedelta(minutes=1, seconds=30)


def test_without_anything_else_it_is_an_hour(resting: Bureau) -> None:
    assert until(resting, MORNING) == MORNING + timedelta(hours=1)


def test_an_hour_that_came_while_a_pass_was_running_has_come(resting: Bureau) -> None:
    began = datetime(2026, 3, 10, 23, 59, 58)
    assert until(resting, began, now=datetime(2026, 3, 11, 0, 0, 3)) == datetime(2026, 3, 11)


def test_a_weeks_hour_a_second_try_and_the_end_of_what_is_told_for_a_day_come_too(resting: Bureau) -> None:
    with Office(resting.opened(), lambda: MORNING) as office:
        ledger = ledger_of(office)
        settings = ledger.settings
        friday = datetime.combine(datetime(2026, 3, 13), settings.weekly_time)
        before = friday - timedelta(minutes=10)
        assert next_hour(office, ledger, before) == friday
        assert next_hour(office, ledger, friday) > friday
        note_try(office, "02各单位填报/办公室.xlsx", "0" * 64, Problem("FILE-007", Place("办公室.xlsx")))
        assert next_hour(office, ledger, MORNING) == MORNING + timedelta(seconds=AGAIN_SECONDS)
        office.store.set("rebuilt", (MORNING - timedelta(hours=23, minutes=55)).isoformat())
        assert next_hour(office, ledger, MORNING) == MORNING + timedelta(minutes=5)


def test_a_dry_run_is_never_said_again(resting: Bureau) -> None:
    before = note(resting).read_bytes()
    for _ in range(2):
        sync(resting, "--dry-run")
    assert note(resting).read_bytes() == before


def until(bureau: Bureau, began: datetime, now: datetime | None = None) -> datetime:
    with Office(bureau.opened(), lambda: now or began) as office:
        return next_hour(office, ledger_of(office), began)


def ledger_of(office: Office) -> Ledger:
    return ledger_in_force(office, office.clock().date())
