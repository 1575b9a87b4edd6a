"""The first Monday: many files at once are decided side by side, and come to what they come to one after the other."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from syncer import arrivals
from syncer import sync as flow
from syncer.arrivals import Arrival, Arrivals, look
from syncer.beside import KEPT_SECONDS, Beside, Footing, Hand, Seat
from syncer.control import take_up
from syncer.core.model import Ledger
from syncer.core.values import Scalar
from syncer.deciding import Taken
from syncer.excel import pieces
from syncer.many_at_once import decide_many, make_many
from syncer.store.pieces import Pieces
from syncer.sync import Synced, sync
from syncer.watch.settle import Pace, Settler
from syncer.workspace import Office
from tests.machine.small_bureau import UNITS
from tests.system.bureau import PASSWORD, Bureau

pytestmark = pytest.mark.slow

MONDAY = datetime(2026, 11, 16, 9)
FIRST_ROW = 5
TABLES = ("change", "row", "question", "book", "version", "number")
JUDGED = """select unit, sheet, terms, lookups, problems, base, reading, rows = (
    select mark from sheet_mark m where m.unit = judged.unit and m.sheet = judged.sheet
) from judged"""
TREES: dict[str, Scalar] = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "参加人数": 30}


@dataclass(frozen=True)
class Outcome:
    """What one pass did, what the database holds after it, the master, and how many pieces were rendered in this process."""

    done: Synced
    held: dict[str, list[tuple[Any, ...]]]
    master: bytes
    rendered: int

    @property
    def told(self) -> list[tuple[str, str, int]]:
        return [(taken.file, taken.refused.code if taken.refused else "", taken.cells) for taken in self.done.taken]


@pytest.fixture(autouse=True)
def ready_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes are there as soon as they are called, and not some files later."""
    call = Beside.call

    def called(beside: Beside) -> None:
        call(beside)
        deadline = time.monotonic() + 60
        while len(beside.ready()) < len(beside.hands):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    monkeypatch.setattr(Beside, "call", called)


@pytest.fixture(scope="module")
def given(small: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """Every unit has typed; one twice, in a copy beside its workbook; two files are none of ours."""
    bureau = small.copied(tmp_path_factory.mktemp("monday") / "创建")
    units = [name.removesuffix(".xlsx") for name in bureau.books()]
    for at, unit in enumerate(units):
        bureau.type(unit, "活动台账", {FIRST_ROW: {**TREES, "参加人数": 30 + at}})
    copy: dict[int, dict[str, Scalar]] = {FIRST_ROW: {"地点": "河边"}, FIRST_ROW + 1: {**TREES, "活动名称": "义诊"}}
    bureau.save_as(f"{units[0]} - 副本.xlsx", bureau.typed(units[0], "活动台账", copy))
    bureau.save_as("通讯录.xlsx", PASSWORD)
    bureau.drop("发来的.xlsx", bureau.typed(units[1], "活动台账", {FIRST_ROW + 1: {**TREES, "活动名称": "读书会"}}))
    return bureau


@pytest.fixture(scope="module")
def alone(given: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What it comes to one after the other."""
    return passed(given.copied(tmp_path_factory.mktemp("alone") / "创建"))


@pytest.fixture
def monday(given: Bureau, tmp_path: Path) -> Bureau:
    return given.copied(tmp_path / "创建")


def passed(bureau: Bureau) -> Outcome:
    rendered: list[object] = []
    render = pieces.render
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNCER_DELIVERY__ENABLED", "false")  # by now one of them may be due
        patch.setattr(pieces, "render", lambda *what: rendered.append(what) or render(*what))  # type: ignore[func-returns-value]
        with Office(bureau.opened(), lambda: MONDAY) as office:
            done = sync(office)
    asked = {table: f'select * from "{table}"' for table in TABLES} | {"judged": JUDGED}  # a mark is never given twice
    held = {table: sorted(bureau.sql(query), key=repr) for table, query in asked.items()}
    return Outcome(done, held, bureau.master.read_bytes(), len(rendered))


def same(one: Outcome, other: Outcome) -> bool:
    assert one.told == other.told
    assert {table: rows for table, rows in one.held.items() if rows != other.held[table]} == {}
    return one.master == other.master


@pytest.mark.parametrize("killed", [False, True], ids=["alive", "killed"])
def test_side_by_side_is_one_after_the_other(
    monday: Bureau, alone: Outcome, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    """Also where a process dies with the second file in its hands: that, and its share of the sheets, is done here."""
    made: list[KeptInSight] = []
    answers: dict[str, list[Any]] = {"deciding": [], "making": []}
    answer = Hand.answer

    def noted(hand: Hand[Any]) -> object:
        doing = answers["making" if made[-1].making else "deciding"]
        if killed and doing is answers["deciding"] and len(doing) == 1:
            hand.process.kill()
            hand.process.join()
        doing.append(answer(hand))
        return doing[-1]

    class KeptInSight(Beside):
        making = False

        def __init__(self, *what: Any) -> None:
            super().__init__(*what)
            made.append(self)

        def each(self, *what: Any) -> Iterator[Any]:
            self.making = True
            return super().each(*what)

        def let_go(self, *seconds: float) -> None:
            ended.extend(self.hands)
            super().let_go(*seconds)

    ended: list[Hand[Any]] = []
    monkeypatch.setattr(flow, "MANY", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("syncer.workspace.Beside", KeptInSight)
    monkeypatch.setattr(Hand, "answer", noted)
    beside = passed(monday)
    assert same(beside, alone)
    assert len(beside.done.taken) > len(monday.books())
    for doing, given in answers.items():
        assert (given.count(None) > 0) is killed, f"{doing} was done beside, or one of them was dead"
    made_beside = sum(len(sheet.pieces) for unit in answers["making"] for sheet in unit or ())
    assert made_beside > 0
    assert beside.rendered == alone.rendered - made_beside
    assert [hand.process.is_alive() for hand in ended] == [False] * len(ended)
    assert len(ended) >= 2


@pytest.mark.parametrize("lacking", ["a process", "pieces"])
def test_where_there_is_no_room_for_it_all_is_done_here(
    monday: Bureau, alone: Outcome, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    monkeypatch.setattr(flow, "MANY", 2)
    add = Pieces.add

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def made(*what: Any) -> None:
        assert what[0].beside.ready()
        with monkeypatch.context() as patch:
            patch.setattr(Pieces, "add", full)
            make_many(*what)
        assert Pieces.add is add

    if lacking == "pieces":
        monkeypatch.setattr(flow, "make_many", made)
    else:
        monkeypatch.setattr(Hand, "__init__", no_room)
    beside = passed(monday)
    assert same(beside, alone)
    assert beside.rendered == alone.rendered


def test_files_that_are_not_read_yet_hold_up_nobody(monday: Bureau) -> None:
    """However many of them stand between the others, each file keeps its turn."""
    with Office(monday.opened(), lambda: MONDAY) as office:
        ledger = take_up(office, MONDAY.date()).ledger
        files = list(flow.read(office, look(office, every=False, patient=True).arrived, None))
        slow = [(arrival, None if at % 4 == 2 else book) for at, (arrival, book) in enumerate(files)]
        office.beside.call()
        office.beside.work_by(Footing(ledger, MONDAY))
        answers = list(decide_many(office, ledger, slow))
    assert [(arrival, taken is None) for arrival, taken in answers] == [
        (arrival, book is None) for arrival, book in slow
    ]


def test_while_none_of_them_is_ready_all_is_decided_here(
    monday: Bureau, alone: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MANY", 2)
    monkeypatch.setattr(Beside, "call", lambda beside: beside.hands.append(Hand(beside._opened, None)))
    monkeypatch.setattr(Hand, "is_ready", lambda _: False)
    beside = passed(monday)
    assert same(beside, alone)
    assert beside.rendered == alone.rendered


def test_they_stay_for_the_next_pass_and_what_one_left_undone_is_not_taken_for_an_answer(
    monday: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first pass breaks off while they have files in their hands; the second, two hours later, takes in what is left."""
    monkeypatch.setattr(flow, "MANY", 2)
    monkeypatch.setenv("SYNCER_DELIVERY__ENABLED", "false")
    record, taken, now = flow.record, [""], MONDAY

    def full(office: Office, ledger: Ledger, arrival: Arrival, what: Taken) -> None:
        if len(taken) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken.append(what.unit)
        record(office, ledger, arrival, what)

    with Office(monday.opened(), lambda: now) as office:
        office.settler = Settler(Pace(settle_seconds=0))
        monkeypatch.setattr(flow, "record", full)
        with pytest.raises(OSError, match="No space"):
            sync(office, patient=False)
        monkeypatch.setattr(flow, "record", record)
        assert any(hand.owes for hand in office.beside.hands)
        now = MONDAY.replace(hour=11)
        rest = sync(office, patient=False).taken
        everybody = {unit.code for unit in take_up(office, now.date()).ledger.units}
        assert {one.unit for one in rest if one.plan}.union(taken[1:]) == everybody
        assert not any(hand.owes for hand in office.beside.hands)

        there = set(office.beside.hands)
        monkeypatch.setattr(flow, "SOME", 2)
        for unit in UNITS.values():
            monday.type(unit, "活动台账", {FIRST_ROW: {"主要内容": "栽树十棵"}})
        now = MONDAY.replace(hour=12)
        more = sync(office, patient=False).taken
        assert [one.cells for one in more] == [1] * len(UNITS)
        assert there <= set(office.beside.hands)
        office.beside.let_go(0)
        assert office.beside.hands == []


def what_it_goes_by(seat: Seat, _: object) -> tuple[datetime, str]:
    return seat.office.clock(), seat.ledger.settings.office


def test_each_pass_tells_them_what_it_goes_by(monday: Bureau) -> None:
    with Office(monday.opened(), lambda: MONDAY) as office:
        ledger = take_up(office, MONDAY.date()).ledger
        office.beside.work_by(Footing(ledger, MONDAY))
        office.beside.call()  # after they were told, as in a pass
        assert list(office.beside.each(what_it_goes_by, range(3))) == [(MONDAY, ledger.settings.office)] * 3
        later, renamed = MONDAY.replace(hour=15), replace(ledger, settings=replace(ledger.settings, office="文明办"))
        office.beside.work_by(Footing(renamed, later))
        assert list(office.beside.each(what_it_goes_by, range(3))) == [(later, "文明办")] * 3


def test_they_are_kept_for_some_minutes_after_they_were_needed(monday: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("syncer.beside.time", SimpleNamespace(monotonic=lambda: now))
    with Office(monday.opened(), lambda: MONDAY) as office:
        office.beside.call()
        hands = list(office.beside.hands)
        now += KEPT_SECONDS - 1
        office.beside.let_go()
        assert office.beside.hands == hands
        now += 1
        office.beside.let_go()
        assert office.beside.hands == []
        assert not any(hand.process.is_alive() for hand in hands)


def test_a_broken_off_answer_is_never_the_next_ones(monday: Bureau) -> None:
    with Office(monday.opened(), lambda: MONDAY) as office:
        footing = Footing(take_up(office, MONDAY.date()).ledger, MONDAY)
        office.beside.work_by(footing)
        office.beside.call()
        begun = office.beside.each(itself, ["a", "b", "c", "d", "e"])
        assert next(begun) == "a"
        del begun
        office.beside.work_by(footing)
        office.beside.call()
        assert list(office.beside.each(itself, ["f", "g"])) == ["f", "g"]


def itself(_: Seat, thing: str) -> str:
    return thing


@pytest.mark.parametrize(("saving", "seconds", "taken"), [(3, 5.0, 3), (1, 5.0, 0), (3, 0.0, 0)])
def test_several_that_are_being_saved_are_waited_for_and_published_once(
    small: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saving: int, seconds: float, taken: int
) -> None:
    """A few are not: they are taken in by the next pass; nor are many for ever."""
    bureau = small.copied(tmp_path / "创建")
    monkeypatch.setattr(arrivals, "SEVERAL", 2)
    monkeypatch.setattr(arrivals, "GATHER_SECONDS", seconds)
    monkeypatch.setenv("SYNCER_WATCH__SETTLE_SECONDS", "0.3")
    monkeypatch.setenv("SYNCER_DELIVERY__ENABLED", "false")
    with Office(bureau.opened(), lambda: MONDAY) as office:
        sync(office)
        for unit in list(UNITS.values())[:saving]:
            bureau.type(unit, "活动台账", {FIRST_ROW: TREES})
        done = sync(office, patient=False)
        assert len(done.taken) == taken
        assert done.unchanged == len(bureau.books()) - saving
        assert len(done.waiting) == saving - taken
        assert (done.next_look_seconds is None) is (taken > 0)


@pytest.mark.parametrize(
    ("taking_in_seconds", "counts"),
    [
        (1.0, [0, 5, 5, 5, 5, 5, 5]),  # for five seconds, and once more
        (60.0, [0, 5, 5]),  # what held still while the first were taken in comes along, and then they are published
    ],
)
def test_those_who_have_saved_wait_for_others_so_long_and_for_one_look_more(
    monkeypatch: pytest.MonkeyPatch, taking_in_seconds: float, counts: list[int]
) -> None:
    now = 100.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(arrivals, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))
    always = [Arrivals((), 0, settling=9), *[Arrivals((cast("Arrival", None),) * 5, 0, settling=9)] * 20]
    to_come = iter(always)
    monkeypatch.setattr(arrivals, "look", lambda *_, **__: next(to_come))
    found: list[int] = []
    for one in arrivals.looks(cast("Office", None), every=False, patient=False):
        found.append(len(one.arrived))
        sleep(taking_in_seconds * bool(one.arrived))
    assert found == counts


def test_files_that_stay_half_written_keep_nobody_waiting(
    small: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = small.copied(tmp_path / "创建")
    monkeypatch.setenv("SYNCER_WATCH__SETTLE_SECONDS", "0.3")
    look, looks = arrivals.look, list[arrivals.Arrivals]()
    monkeypatch.setattr(arrivals, "look", lambda *what, **how: looks.append(look(*what, **how)) or looks[-1])  # type: ignore[func-returns-value]
    with Office(bureau.opened(), lambda: MONDAY) as office:
        sync(office)
        for number in range(arrivals.SEVERAL):
            bureau.save_as(f"上传中{number}.xlsx", b"PK\x03\x04 cut off")
        bureau.type("宣传科", "活动台账", {FIRST_ROW: TREES})
        looks.clear()
        done = sync(office, patient=False)
    assert [taken.file for taken in done.taken] == ["02各单位填报/宣传科.xlsx"]
    assert [len(one.arrived) for one in looks] == [0, 1, 0]


@pytest.mark.parametrize("endless", [False, True])
def test_a_patient_look_takes_what_holds_still_and_waits_for_nothing_for_ever(
    small: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endless: bool
) -> None:
    bureau = small.copied(tmp_path / "创建")
    monkeypatch.setenv("SYNCER_WATCH__SETTLE_SECONDS", "0.25")
    now, left, text = 128.0, 10**6 if endless else 5, bureau.units / "宣传科-活动台账.csv"

    def sleep(seconds: float) -> None:
        nonlocal now, left
        now += seconds
        if left:
            left -= 1
            with text.open("ab") as file:
                file.write(b"1,2\r\n")

    with Office(bureau.opened(), lambda: MONDAY) as office:
        sync(office)
        text.write_bytes(b"a,b\r\n")
        monkeypatch.setattr(arrivals, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))
        found = look(office, every=False, patient=True)
        kept = [arrival.kept.read_bytes() for arrival in found.arrived]
    assert kept == ([] if endless else [b"a,b\r\n" + 5 * b"1,2\r\n"])
    assert found.waiting == (("02各单位填报/宣传科-活动台账.csv",) if endless else ())
    assert now < 228
