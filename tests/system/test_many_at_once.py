"""The first Monday: many files at once are decided side by side, and come to what they come to one after the other."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from syncer import sync as flow
from syncer.arrivals import look
from syncer.beside import Beside, Hand
from syncer.control import take_up
from syncer.core.model import Ledger
from syncer.core.values import Scalar
from syncer.excel import pieces
from syncer.many_at_once import decide_many
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


def passed(bureau: Bureau) -> tuple[Synced, dict[str, list[tuple[Any, ...]]], bytes]:
    """What one pass did, what the database holds after it, and the master."""
    with Office(bureau.opened(), lambda: MONDAY) as office:
        done = sync(office)
    held = {table: sorted(bureau.sql(f'select * from "{table}"'), key=repr) for table in TABLES}
    return done, held, bureau.master.read_bytes()


def told(done: Synced) -> list[tuple[str, str, int]]:
    return [(taken.file, taken.refused.code if taken.refused else "", taken.cells) for taken in done.taken]


@pytest.mark.parametrize("killed", ["", "deciding", "making"])
def test_side_by_side_is_one_after_the_other(
    monday: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    """Also where a process dies with the second thing in its hands: that is done here."""
    rendered: list[object] = []
    render = pieces.render
    monkeypatch.setattr(pieces, "render", lambda *what: rendered.append(what) or render(*what))  # type: ignore[func-returns-value]
    alone, expected, master = passed(monday.copied(tmp_path / "alone"))
    rendered_alone = len(rendered)
    rendered.clear()
    made: list[KeptInSight] = []
    answers: dict[str, list[Any]] = {"deciding": [], "making": []}
    answer = Hand.answer

    def noted(hand: Hand[Any]) -> object:
        doing = answers["making" if made[-1].making else "deciding"]
        if killed and doing is answers[killed] and len(doing) == 1:
            os.kill(hand.process.pid or 0, signal.SIGKILL)
            hand.process.join()
        doing.append(answer(hand))
        return doing[-1]

    class KeptInSight(Beside):
        making = False

        def __init__(self, office: Office, ledger: Ledger) -> None:
            super().__init__(office, ledger)
            made.append(self)

        def each(self, *what: Any) -> Iterator[Any]:
            self.making = True
            return super().each(*what)

    monkeypatch.setattr(flow, "MANY", 2)
    monkeypatch.setattr(flow, "Beside", KeptInSight)
    monkeypatch.setattr(Hand, "answer", noted)
    done, found, beside = passed(monday.copied(tmp_path / "beside"))
    assert told(done) == told(alone)
    assert len(done.taken) > len(monday.books())
    assert {table: rows for table, rows in found.items() if rows != expected[table]} == {}
    assert beside == master
    assert (answers["deciding"].count(None) > 0) is (killed == "deciding"), "they decided, or one was dead"
    assert (answers["making"].count(None) > 0) is bool(killed), "they made pieces, or one was dead"
    made_beside = sum(len(sheet.pieces) for unit in answers["making"] for sheet in unit or ())
    assert made_beside > 0
    assert len(rendered) == rendered_alone - made_beside
    assert [hand.process.is_alive() for hand in made[0].hands] == [False] * len(made[0].hands)


def test_files_that_are_not_read_yet_hold_up_nobody(monday: Bureau) -> None:
    """However many of them stand between the others, each file keeps its turn."""
    with Office(monday.opened(), lambda: MONDAY) as office:
        ledger = take_up(office, MONDAY.date()).ledger
        files = list(flow.read(office, look(office, every=False, patient=True).arrived, None))
        slow = [(arrival, None if at % 4 == 2 else book) for at, (arrival, book) in enumerate(files)]
        with Beside(office, ledger) as beside:
            answers = list(decide_many(beside, office, ledger, slow))
    assert [(arrival, taken is None) for arrival, taken in answers] == [
        (arrival, book is None) for arrival, book in slow
    ]
