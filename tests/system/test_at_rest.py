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

from syncer.at_rest import NOTE
from syncer.core.model import Ledger
from syncer.due import next_hour
from syncer.workspace import Office
from tests.system.bureau import Bureau, snapshot
from tests.system.program import environment, run_syncer

PASSES = 4  # until nothing is left to do
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
    resting.type(
        "办公室", "活动台账", {5: {"日期": "2026-03-12", "活动名称": "植树", "类别": "主题活动", "参加人数": 12}}
    )
    done = json.loads(sync(resting, "--json").stdout)
    assert done["read"] == ["02各单位填报/办公室.xlsx"]
    assert done["published"]


def test_a_master_that_somebody_deleted_comes_back(resting: Bureau) -> None:
    resting.master.unlink()
    sync(resting)
    assert resting.master.exists()


def test_a_delivery_that_waits_for_its_minute_is_not_forgotten(resting: Bureau) -> None:
    resting.type(
        "办公室", "活动台账", {5: {"日期": "2026-03-12", "活动名称": "植树", "类别": "主题活动", "参加人数": 12}}
    )
    sync(resting)
    sync(resting)
    sync(resting)  # nothing to do but to wait: no note says that it is at rest
    os.utime(resting.book("办公室"), (time.time() - 3600,) * 2)
    assert json.loads(sync(resting, "--json").stdout)["delivered"] == ["02各单位填报/办公室.xlsx"]


def test_a_lost_workbook_is_asked_about_after_its_minute(resting: Bureau) -> None:
    resting.book("办公室").rename(resting.root / "away.xlsx")
    now = datetime.now()
    sync(resting)
    sync(resting)
    with Office(resting.opened(), lambda: now) as office:
        assert now < next_hour(office, ledger_of(office)) <= now + timedelta(minutes=1, seconds=2)


def test_a_dry_run_is_never_said_again(resting: Bureau) -> None:
    before = note(resting).read_bytes()
    for _ in range(2):
        sync(resting, "--dry-run")
    assert note(resting).read_bytes() == before


def ledger_of(office: Office) -> Ledger:
    from syncer.control import ledger_in_force

    return ledger_in_force(office, office.clock().date())
