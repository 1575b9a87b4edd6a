"""The first Monday: many files at once are decided side by side, and come to what they come to one after the other."""

from __future__ import annotations

import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from syncer import planners
from syncer import sync as flow
from syncer.arrivals import look
from syncer.control import take_up
from syncer.core.model import Ledger
from syncer.core.values import Scalar
from syncer.planners import Planners
from syncer.sync import Synced, sync
from syncer.workspace import Office
from tests.system.bureau import Bureau

pytestmark = pytest.mark.slow

MONDAY = datetime(2026, 11, 16, 9)
FIRST_ROW = 5
TABLES = ("change", "row", "question", "book", "version", "number", "judged")
TREES: dict[str, Scalar] = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "参加人数": 30}


@pytest.fixture
def monday(bureau: Bureau) -> Bureau:
    """Every unit has typed; one twice, in a copy beside its workbook; two files are none of ours."""
    units = [name.removesuffix(".xlsx") for name in bureau.books()]
    for at, unit in enumerate(units):
        bureau.type(unit, "活动台账", {FIRST_ROW: {**TREES, "参加人数": 30 + at}})
    copy: dict[int, dict[str, Scalar]] = {FIRST_ROW: {"地点": "河边"}, FIRST_ROW + 1: {**TREES, "活动名称": "义诊"}}
    bureau.save_as(f"{units[3]} - 副本.xlsx", bureau.typed(units[3], "活动台账", copy))
    bureau.save_as("通讯录.xlsx", b"PK\x03\x04 cut off")
    bureau.drop("发来的.xlsx", bureau.typed(units[5], "活动台账", {FIRST_ROW + 1: {**TREES, "活动名称": "读书会"}}))
    return bureau


def passed(bureau: Bureau) -> tuple[Synced, dict[str, list[tuple[Any, ...]]]]:
    """What one pass did, and what the database holds after it."""
    with Office(bureau.opened(), lambda: MONDAY) as office:
        done = sync(office)
    return done, {table: sorted(bureau.sql(f'select * from "{table}"'), key=repr) for table in TABLES}


def told(done: Synced) -> list[tuple[str, str, int]]:
    return [(taken.file, taken.refused.code if taken.refused else "", taken.cells) for taken in done.taken]


@pytest.mark.parametrize("killed", [False, True], ids=["alive", "killed"])
def test_side_by_side_is_one_after_the_other(
    monday: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """Also where a planner dies with the second file in its hands: it is decided here."""
    alone, expected = passed(monday.copied(tmp_path / "alone"))
    made: list[Planners] = []
    beside: list[object] = []
    answer = planners._Planner.answer

    def noted(planner: planners._Planner) -> object:
        if killed and len(beside) == 1:
            os.kill(planner._process.pid or 0, signal.SIGKILL)
            planner._process.join()
        beside.append(answer(planner))
        return beside[-1]

    monkeypatch.setattr(flow, "MANY", 2)
    monkeypatch.setattr(planners._Planner, "answer", noted)

    def kept_in_sight(office: Office, ledger: Ledger) -> Planners:
        made.append(Planners(office, ledger))
        return made[-1]

    monkeypatch.setattr(flow, "Planners", kept_in_sight)
    done, found = passed(monday.copied(tmp_path / "beside"))
    assert told(done) == told(alone)
    assert len(done.taken) > len(monday.books())
    assert {table: rows for table, rows in found.items() if rows != expected[table]} == {}
    assert (beside.count(None) > 0) is killed, "planners decided, or were dead"
    assert [planner._process.is_alive() for planner in made[0]._all] == [False] * len(made[0]._all)


def test_files_that_are_not_read_yet_hold_up_nobody(monday: Bureau) -> None:
    """However many of them stand between the others, each file keeps its turn."""
    with Office(monday.opened(), lambda: MONDAY) as office:
        ledger = take_up(office, MONDAY.date()).ledger
        files = list(flow.read(office, look(office, every=False, patient=True).arrived, None))
        slow = [(arrival, None if at % 4 == 2 else book) for at, (arrival, book) in enumerate(files)]
        with Planners(office, ledger) as beside:
            answers = list(beside.decided(slow))
    assert [(arrival, taken is None) for arrival, taken in answers] == [
        (arrival, book is None) for arrival, book in slow
    ]
