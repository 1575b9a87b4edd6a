"""A running daemon into whose folder hostile files are dropped: it lives, names each of them, and the neighbours hardly notice.

The suite drops a sample; ``SYNCER_HOSTILE=all`` the whole set. `docs/limits.md` says what a long run came to.
"""

from __future__ import annotations

import os
import time
from itertools import cycle
from pathlib import Path

import psutil
import pytest

from tests.hostile.all_cases import CASES, file_name
from tests.hostile.costly import COSTLY
from tests.system.bureau import FIRST_ROW, Bureau
from tests.system.daemon import DaemonProcess

SHEET = "活动台账"
SAMPLE = (
    "corner cells", "corner cells out of order", "the whole sheet merged", "a cell of 5 MB", "a thousand million laughs",
    "UTF-16", "Strict with nothing in it", "100,000 levels deep", "errors that never end", "a sheet twice", "two members in one place",
    "a second directory", "larger than said", "a bomb of a sheet", "with a password", "a compound file of garbage", "random records",
    "an ods of blank cells to the last", "zeros", "cut at 60%",
)  # fmt: skip
GROWTH_MAX_MIB = 20
SAVES = int(os.environ.get("SYNCER_HOSTILE_SAVES", "0"))  # at least; never fewer than there are to try
AT_ONCE = 20


def dropped(bureau: Bureau, names: tuple[str, ...], prefix: str = "") -> list[str]:
    """Puts hostile files into 02 under names of nobody's; returns those names."""
    files = []
    for name in names:
        file = f"{prefix}{file_name(name)}"
        bureau.save_as(file, CASES[name].make())
        files.append(file)
    return files


def verdicts(bureau: Bureau) -> dict[str, str]:
    """What the log says of each file: its code, or ``merged``."""
    said = {Path(e["file"]).name: str(e["code"]) for e in bureau.events("refused")}
    return said | {Path(e["file"]).name: "merged" for e in bureau.events("merged")}


def wait_for_verdict(bureau: Bureau, daemon: DaemonProcess, file: str) -> None:
    daemon.wait(lambda: file in verdicts(bureau), f"the verdict on {file}")


def wait_for_heartbeat(bureau: Bureau, daemon: DaemonProcess, word: str) -> None:
    daemon.wait(lambda: word in bureau.status_file.read_text("utf-8-sig"), f"the heartbeat to name {word}")


def saved_until_published(bureau: Bureau, daemon: DaemonProcess, unit: str, text: str) -> float:
    """Saves a word into a unit's workbook; returns the seconds until it stands in the database."""
    cells = {FIRST_ROW: {"日期": "2026-3-12", "活动名称": text, "类别": "主题活动"}}
    data = bureau.typed(unit, SHEET, cells)
    before = len(bureau.events("merged", unit=unit_code(bureau, unit)))
    began = time.monotonic()
    bureau.save(unit, data)
    daemon.wait(lambda: len(bureau.events("merged", unit=unit_code(bureau, unit))) > before, f"the save of {unit}")
    return time.monotonic() - began


def unit_code(bureau: Bureau, unit: str) -> str:
    ((code,),) = bureau.sql(f"select unit from book where file = '{unit}.xlsx'")
    return str(code)


@pytest.mark.slow
@pytest.mark.timeout(300 + 10 * SAVES)
def test_the_daemon_lives_through_the_set_and_names_every_file(bureau: Bureau, daemon: DaemonProcess) -> None:
    """``SYNCER_HOSTILE_SAVES`` says how many, a few at a time; they begin anew when all have had their turn."""
    names = [name for name in CASES if name not in COSTLY] if os.environ.get("SYNCER_HOSTILE") == "all" else SAMPLE
    turns = [name for name, _ in zip(cycle(names), range(max(SAVES, len(names))), strict=False)]
    process = psutil.Process(daemon.pid)
    saved_until_published(bureau, daemon, "工会", "植树")
    before = process.memory_info().rss
    for at in range(0, len(turns), AT_ONCE):
        lived_through(bureau, daemon, tuple(turns[at : at + AT_ONCE]), f"{at}-")
    grown = (process.memory_info().rss - before) >> 20
    print(f"{len(turns)} saves, the daemon grew by {grown} MiB")
    assert grown <= GROWTH_MAX_MIB
    assert saved_until_published(bureau, daemon, "工会", "义诊") < 60
    assert daemon.is_running


def lived_through(bureau: Bureau, daemon: DaemonProcess, names: tuple[str, ...], prefix: str) -> None:
    """Drops some files, waits until each has its verdict and a neighbour's save was taken in, and takes them away again."""
    files = dropped(bureau, names, prefix)
    saved_until_published(bureau, daemon, "团委", f"献血{prefix}")
    daemon.wait(lambda: set(files) <= verdicts(bureau).keys(), "a verdict on every file", 60 + 20 * len(names))
    assert bureau.status_file.read_text("utf-8-sig")
    found = verdicts(bureau)
    for name, file in zip(names, files, strict=True):
        assert found[file] == "merged" or found[file] in CASES[name].outcomes | {"FILE-012"}, file
        (bureau.units / file).unlink()


@pytest.mark.slow
def test_a_neighbour_does_not_wait_while_a_poisonous_file_is_tried(bureau: Bureau, daemon: DaemonProcess) -> None:
    saved_until_published(bureau, daemon, "工会", "预热")
    alone = [saved_until_published(bureau, daemon, "工会", f"植树{n}") for n in range(2)]
    beside = []
    for n in range(2):
        dropped(bureau, ("errors that never end",), f"{n}-")
        beside.append(saved_until_published(bureau, daemon, "工会", f"献血{n}"))
        wait_for_verdict(bureau, daemon, f"{n}-errors that never end.xlsx")
    print(f"alone {sorted(alone)}, beside {sorted(beside)}")
    assert min(beside) < 2 * min(alone) + 0.5, (alone, beside)


@pytest.mark.slow
def test_settings_that_cannot_be_read_leave_those_in_force(bureau: Bureau, daemon: DaemonProcess) -> None:
    kept = bureau.control.read_bytes()
    for name in ("corner cells", "a sheet twice", "a thousand million laughs"):
        part = bureau.control.with_suffix(".tmp")
        part.write_bytes(CASES[name].make())
        part.replace(bureau.control)
        (code,) = CASES[name].outcomes
        wait_for_heartbeat(bureau, daemon, code)
        saved_until_published(bureau, daemon, "工会", f"植树 {name}")
    bureau.control.write_bytes(kept)
    daemon.wait(
        lambda: "台账设置：FILE" not in bureau.status_file.read_text("utf-8-sig"), "the settings to be good again"
    )
