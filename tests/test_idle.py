"""What makes two looks at a workspace differ, and when a note of a pass that did nothing counts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from syncer.core.problems import Place, Problem
from syncer.deciding import Taken
from syncer.deliver import Delivered
from syncer.errors import BusyError
from syncer.idle import NOTE, Said, Surroundings, remember, said_when_idle
from syncer.inbox import InboxPublished, InboxRead
from syncer.publish import Publication
from syncer.receiving import PutAway
from syncer.sync import Synced

ASKED = {"verb": "sync", "json": False}
SINCE = datetime(2026, 3, 12, 9, 0)
UNTIL = SINCE + timedelta(minutes=50)
TIMELESS = '{"mark": "", "folders": [], "dropped": "", "since": 1, "until": 2, "lines": [], "code": 0}'
SAID = Said(("完成：读取0份",), 1)


@pytest.fixture
def around(tmp_path: Path) -> Surroundings:
    (tmp_path / "07收件箱" / "已收" / "2026年03月").mkdir(parents=True)
    for place in ("02各单位填报/办公室.xlsx", "03汇总台账/汇总.xlsx", ".syncer/syncer.db", "syncer.toml"):
        path = tmp_path / place
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    folders = [tmp_path / "02各单位填报", tmp_path / "03汇总台账"]
    return Surroundings(tmp_path, tmp_path / ".syncer", folders, tmp_path / "07收件箱", ASKED)


@pytest.fixture
def noted(around: Surroundings) -> Surroundings:
    remember(around, around.mark(), SINCE, UNTIL, SAID)
    return around


def saved_again(root: Path) -> None:
    other = root / "new"
    other.write_bytes(b"")  # same content, same size
    other.replace(root / "02各单位填报" / "办公室.xlsx")


def in_a_new_folder(root: Path) -> None:
    (root / "02各单位填报" / "二").mkdir()
    (root / "02各单位填报" / "二" / "办公室.xlsx").touch()


def a_request(root: Path) -> None:
    (root / ".syncer" / "requests").mkdir()
    (root / ".syncer" / "requests" / "1.json").write_bytes(b"{}")


def set_back(root: Path) -> None:
    path = root / "03汇总台账" / "汇总.xlsx"
    before = path.stat()
    path.write_bytes(b"")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # only the change time tells


CHANGES: dict[str, Callable[[Path], object]] = {
    "a save": saved_again,
    "a write whose time was set back": set_back,
    "a new file": lambda root: (root / "02各单位填报" / "文明办.xlsx").write_bytes(b""),
    "an owner file": lambda root: (root / "02各单位填报" / "~$办公室.xlsx").write_bytes(b""),
    "a file in a new folder": in_a_new_folder,
    "a file gone": lambda root: (root / "03汇总台账" / "汇总.xlsx").unlink(),
    "a folder gone": lambda root: (root / "03汇总台账").rename(root / "aside"),
    "a database written to": lambda root: (root / ".syncer" / "syncer.db").write_bytes(b"x"),
    "a database in use": lambda root: (root / ".syncer" / "syncer.db-wal").write_bytes(b""),
    "no database": lambda root: (root / ".syncer" / "syncer.db").unlink(),
    "another configuration": lambda root: (root / "syncer.toml").write_text("[log]\n"),
    "a note that is none": lambda root: (root / ".syncer" / NOTE).write_text("[1, 2"),
    "a note of something else": lambda root: (root / ".syncer" / NOTE).write_text('{"mark": ""}'),
    "a note whose times are none": lambda root: (root / ".syncer" / NOTE).write_text(TIMELESS),
    "a ruling left for the next pass": a_request,
    "a file dropped": lambda root: (root / "07收件箱" / "收.xlsx").write_bytes(b""),
    "a receipt gone or new": lambda root: (root / "07收件箱" / "已收" / "收件回执.txt").write_bytes(b""),
    "07 gone": lambda root: (root / "07收件箱").rename(root / "aside"),
    "no note": lambda root: (root / ".syncer" / NOTE).unlink(),
}


def test_what_was_said_is_said_again_while_nothing_happens(noted: Surroundings) -> None:
    assert said_when_idle(noted.workspace, ASKED, SINCE) == Said(list(SAID.lines), SAID.code)
    assert said_when_idle(noted.workspace, ASKED, UNTIL - timedelta(seconds=1)) is not None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_happens_makes_a_pass_due(noted: Surroundings, change: Callable[[Path], object]) -> None:
    change(noted.workspace)
    assert said_when_idle(noted.workspace, ASKED, SINCE) is None


@pytest.mark.parametrize("now", [UNTIL, UNTIL + timedelta(days=1), SINCE - timedelta(seconds=1)])
def test_so_does_the_clock_be_it_set_back(noted: Surroundings, now: datetime) -> None:
    assert said_when_idle(noted.workspace, ASKED, now) is None


def test_so_does_another_question(noted: Surroundings) -> None:
    assert said_when_idle(noted.workspace, {**ASKED, "json": True}, SINCE) is None


def test_so_does_another_setting_in_the_environment(noted: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_DELIVERY__ENABLED", "false")
    assert said_when_idle(noted.workspace, ASKED, SINCE) is None


def test_so_does_another_program(noted: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncer.idle.__version__", "0.0.0")
    assert said_when_idle(noted.workspace, ASKED, SINCE) is None


def test_nothing_is_said_in_place_of_a_syncer_that_is_in_there(noted: Surroundings) -> None:
    with FileLock(noted.state / "lock"), pytest.raises(BusyError):
        said_when_idle(noted.workspace, ASKED, SINCE)


def test_a_state_elsewhere_is_looked_up_there(noted: Surroundings, tmp_path: Path) -> None:
    (noted.workspace / "syncer.toml").write_text('[folders]\nstate = "elsewhere"\n')
    moved = noted.state.rename(tmp_path / "elsewhere")
    there = Surroundings(noted.workspace, moved, noted.folders, noted.dropped, ASKED)
    remember(there, there.mark(), SINCE, UNTIL, SAID)
    assert said_when_idle(noted.workspace, ASKED, SINCE) is not None


def test_a_note_that_cannot_be_written_is_none(around: Surroundings) -> None:
    (around.state / NOTE).mkdir()
    remember(around, around.mark(), SINCE, UNTIL, SAID)
    assert said_when_idle(around.workspace, ASKED, SINCE) is None


def test_a_note_holds_nothing_but_what_it_needs(noted: Surroundings) -> None:
    note = json.loads((noted.state / NOTE).read_text("utf-8"))
    assert set(note) == {"mark", "folders", "dropped", "since", "until", "lines", "code"}


def test_what_was_put_away_is_not_looked_at(noted: Surroundings) -> None:
    """It only ever grows, and a pass does not look at it either."""
    (noted.dropped / "已收" / "2026年03月" / "宣传科_20260312.xlsx").touch()
    assert said_when_idle(noted.workspace, ASKED, SINCE) is not None


def test_what_could_not_be_marked_is_not_remembered_as_unchanged(around: Surroundings) -> None:
    remember(around, "", SINCE, UNTIL, SAID)
    (around.state / "syncer.db-wal").touch()
    assert around.mark() == ""
    assert said_when_idle(around.workspace, ASKED, SINCE) is None


@pytest.mark.parametrize(
    "more",
    [
        {"issued": ["办公室.xlsx"]},
        {"taken": [Taken("办公室.xlsx")]},
        {"inbox": InboxRead(decided=1)},
        {"inbox": InboxRead(waits=True)},
        {"inbox_shown": InboxPublished(waits=True)},
        {"mended": ["补记完毕"]},
        {"delivered": [Delivered("办公室.xlsx", "D01", waits="quiet")]},
        {"publication": Publication(paths=["汇总.xlsx"])},
        {"publication": Publication(problems=[Problem("PUB-002", Place("汇总.xlsx"))])},
        {"put_away": PutAway(moved=["收.xlsx"])},
        {"put_away": PutAway(waiting=["收.xlsx"])},
        {"waiting": ("办公室.xlsx",)},
        {"out_of_reach": (Problem("RECV-009", Place("07收件箱")),)},
        {"next_look_seconds": 0.0},
    ],
    ids=lambda more: next(iter(more)),
)
def test_a_pass_that_did_something_or_waits_for_something_was_not_idle(more: dict[str, Any]) -> None:
    assert Synced(unchanged=20, problems=[Problem("CELL-009", Place("办公室.xlsx"))]).is_idle
    assert not Synced(**more).is_idle
