"""The Nth call to disk or database fails: the workspace is as before or as after, and the next start repairs itself.

Some trials of each kind run with the suite. ``SYNCER_FAULTS=each`` tries every call once, in one of the ways that it can fail,
the next call in the next; ``all`` every call in every way. ``each 2/3`` is the second third of that. With ``-s`` the
coverage of call sites is printed (docs/testing.md).
"""

from __future__ import annotations

import ast
import errno
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer import fs
from syncer.daemon import Daemon
from tests.faults import story
from tests.faults.injection import CHANGING, KINDS, LOOKING, PACKAGE, Call, Kind, Plan, injected
from tests.faults.trial import Outcome, Stage, picture
from tests.system.bureau import Bureau
from tests.system.daemon import wait_for

pytestmark = pytest.mark.slow

HOW_MANY = os.environ.get("SYNCER_FAULTS", "")
SAMPLE = 12  # trials that the suite has time for


@pytest.fixture(scope="module", autouse=True)
def _settings() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in story.SETTINGS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def stage(_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(tmp_path_factory.mktemp("stage"))


def plans(calls: tuple[Call, ...]) -> list[Plan]:
    """Returns what to try: all there is, a part of it, or a sample with every kind and as many call sites as fit in."""
    everything = [
        Plan(at, kind, for_good)
        for at, call in enumerate(calls, start=1)
        for kind in KINDS
        for for_good in (False, True)
        if call.can_be(kind) and not (kind == "cut" and for_good)
    ]
    if HOW_MANY:
        which, _, share = HOW_MANY.partition(" ")
        part, parts = (int(number) for number in (share or "1/1").split("/"))
        asked = everything if which == "all" else _one_each(everything)
        return asked[len(asked) * (part - 1) // parts : len(asked) * part // parts]
    random.Random(1).shuffle(everything)
    seen: Counter[str] = Counter()
    kinds: Counter[Kind] = Counter()
    chosen: list[Plan] = []
    for plan in everything:
        call = calls[plan.at - 1]
        if not seen[call.site] and kinds[plan.kind] < SAMPLE // len(KINDS):
            seen[call.site] += 1
            kinds[plan.kind] += 1
            chosen.append(plan)
    return chosen


def _one_each(everything: list[Plan]) -> list[Plan]:
    """Returns one plan for each call, the way to fail going on from call to call."""
    ways: dict[int, list[Plan]] = {}
    for plan in everything:
        ways.setdefault(plan.at, []).append(plan)
    return [of_call[at % len(of_call)] for at, of_call in ways.items()]


@pytest.mark.timeout(0 if HOW_MANY else 300)
def test_whichever_call_fails_the_workspace_is_as_before_or_as_after_and_repairs_itself(stage: Stage) -> None:
    chance = random.Random(7)
    outcomes: list[Outcome] = []
    for number, plan in enumerate(plans(stage.calls)):
        power = (False, True, chance)[number % 3]
        try:
            outcomes.append(stage.trial(plan, power=power))
        except AssertionError as error:
            call = stage.calls[plan.at - 1]
            raise AssertionError(f"{plan}, power cut: {bool(power)}, {call.name} at {call.site}: {error}") from error
        if HOW_MANY and number % 100 == 99:
            print(f"{number + 1} trials", flush=True)
    assert sum(bool(outcome.failed) for outcome in outcomes) >= len(outcomes) * 0.9
    assert any(outcome.mended for outcome in outcomes) or HOW_MANY not in {"each", "all"}
    report(stage, outcomes)


def test_the_call_after_the_last_one_cannot_fail_any_more(stage: Stage) -> None:
    outcome = stage.trial(Plan(2 * len(stage.calls), "EIO"))  # hidden names vary, and the number of calls a little
    assert (outcome.failed, outcome.said) == ((), "''")


def test_a_delivery_broken_off_is_finished_or_dropped_and_the_next_start_says_which(stage: Stage) -> None:
    begun = next(at for at, call in enumerate(stage.calls) if _is_about_to_deliver(call))
    rename = next(at for at, call in enumerate(stage.calls[begun:], start=1) if call.name == "replace")
    cuts = [Plan(rename + later, "cut", since=_is_about_to_deliver) for later in range(4)]  # at it, and behind it
    said = [words for cut in cuts for words in stage.trial(cut).mended]
    assert any("还没有写" in words for words in said)
    assert any("已经写好" in words for words in said)
    assert all("还没有写" in words or "已经写好" in words for words in said)


def _is_about_to_deliver(call: Call) -> bool:
    """Whether it is the last look at the bytes of a unit's workbook before others take their place."""
    in_02 = call.path is not None and call.path.parent.name == "02各单位填报"
    return call.name == "read" and in_02 and call.site.startswith("deliver.py")


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [("busy", "", "database is locked"), ("ESTALE", "宣传科.xlsx", "Stale file handle")],
)
def test_a_daemon_says_what_is_wrong_and_goes_on_by_itself(
    stage: Stage, kind: Kind, name: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncer.daemon.RETRY_SECONDS", 0.2)
    stage.set_up()
    bureau = Bureau(stage.root)
    with injected(Plan()) as faults, story.opened(stage.root) as office:
        faults.begin(Call("stat", bureau.units / name, "") if name else Call("do_execute", None, ""), kind)
        daemon = Daemon(office)
        loop = threading.Thread(target=daemon.run)
        loop.start()
        try:
            wait_for(lambda: says in _status(bureau), says)
            faults.end()
            wait_for(lambda: picture(stage.root)["rows"] == stage.after["rows"], "what was saved, in the ledger")
            wait_for(lambda: says not in _status(bureau), "a status without trouble")
        finally:
            daemon.stop()
            loop.join(60)
    assert not loop.is_alive()


def test_a_workbook_that_cannot_be_read_delays_only_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.set_up()
    read = fs.read

    def failing(path: Path) -> bytes:
        if path.name == "宣传科.xlsx":
            raise OSError(errno.ESTALE, "Stale file handle")
        return read(path)

    with story.opened(stage.root) as office:
        with monkeypatch.context() as patch:
            patch.setattr(fs, "read", failing)
            done = story.one_pass(office)
        assert done.waiting == ("02各单位填报/宣传科.xlsx",)
        assert "工会 - 副本.xlsx" in [taken.file.rpartition("/")[2] for taken in done.taken]
        for _ in range(2):
            story.one_pass(office)
    assert picture(stage.root)["rows"] == stage.after["rows"]


def test_settings_that_cannot_be_read_leave_those_in_force_and_hold_nobody_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.set_up()
    read = fs.read

    def failing(path: Path) -> bytes:
        if path.name == "台账设置.xlsx":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    with story.opened(stage.root) as office:
        with monkeypatch.context() as patch:
            patch.setattr(fs, "read", failing)
            done = story.one_pass(office)
        assert done.waiting == ("01创建办专用/台账设置.xlsx",)
        assert [taken.file.rpartition("/")[2] for taken in done.taken] == [
            "宣传科.xlsx",
            "工会 - 副本.xlsx",
            "张三的表(1).xlsx",
        ]
        for _ in range(2):
            story.one_pass(office)
    assert picture(stage.root)["rows"] == stage.after["rows"]


def _status(bureau: Bureau) -> str:
    return bureau.status_file.read_text("utf-8-sig") if bureau.status_file.exists() else ""


# ---- coverage


def call_sites() -> set[str]:
    """Returns every line of the product that calls the disk through the seam."""
    names = {*LOOKING, *CHANGING, "exists", "listed"}
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        file = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id="fs"), attr=name) if name in names:
                    found.add(f"{file}:{node.lineno}")
    return found


def report(stage: Stage, outcomes: list[Outcome]) -> None:
    """Prints which lines of the product met a fault, and which never did."""
    failed = Counter(call.site for outcome in outcomes for call in outcome.failed[:1])
    reached = {call.site for call in stage.calls}
    disk = call_sites()
    print(f"\ncalls of one pass: {len(stage.calls)}; trials: {len(outcomes)}")
    print(
        f"ended by the error: {sum(o.said != repr('') for o in outcomes)}; mended: {sum(bool(o.mended) for o in outcomes)}"
    )
    print(
        f"call sites of the disk in the product: {len(disk)}, in this pass {len(disk & reached)}, failed {len(disk & set(failed))}"
    )
    print(f"call sites of the database in this pass: {len(reached - disk)}, failed {len(set(failed) - disk)}")
    for site in sorted(disk | reached):
        print(f"  {site:32} {failed[site]:5}" + ("" if site in reached else "   not in this pass"))
