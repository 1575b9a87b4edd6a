"""A morning at the coordinator's desk: master and inbox stand open, the daemon runs, units save through another office program."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import structlog

from syncer import fs
from syncer.core.inbox import answers as h
from syncer.daemon import Daemon
from syncer.excel.edition import numbers_in
from syncer.excel.inboxbook import HEADER_ROW, WAITING
from syncer.excel.live.mark import NAME, read_mark
from syncer.excel.live.process import Worker
from syncer.excel.live.report import State
from syncer.live import _is_settled
from syncer.live_files import EditionFiles
from syncer.store.disk import stat_mark
from syncer.store.editions import Editions
from syncer.sync import sync
from syncer.watch.owners import is_open
from syncer.workspace import Office
from tests.live.client import Client
from tests.office.clerk import Clerk
from tests.system.bureau import FIRST_ROW, Bureau, columns
from tests.system.daemon import wait_for
from tests.system.program import environment

pytestmark = pytest.mark.office

SAVERS = ("宣传科", "工会", "办公室", "宣传科", "工会", "人事科", "办公室", "宣传科", "工会", "办公室")


@pytest.fixture(scope="module")
def bureau(handed_out: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    return handed_out.copied(tmp_path_factory.mktemp("morning") / "创建")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that stands open cannot be replaced, as on Windows."""
    replace = fs.replace

    def unless_open(source: Path, target: Path) -> None:
        if is_open(target, time.time()):
            raise PermissionError(errno.EACCES, "in use", str(target))
        replace(source, target)

    monkeypatch.setattr(fs, "replace", unless_open)


@pytest.fixture
def running(bureau: Bureau, windows: None, excel: Client) -> Iterator[Daemon]:
    """The daemon with ``--live``, in this process: so its files meet `windows`."""
    with Office(bureau.opened()) as office:
        office.live = True
        daemon = Daemon(office)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        yield daemon
        daemon.stop()
        thread.join(60)
        assert not thread.is_alive()


def shown(excel: Client, book: int, sheet: str) -> list[list[Any]]:
    return list(excel.read(book, sheet, excel.used(book, sheet)))


def has(excel: Client, book: int, sheet: str, text: str) -> Callable[[], bool]:
    return lambda: excel.says(book, sheet, text)


@pytest.mark.slow
def test_a_morning(bureau: Bureau, excel: Client, clerk: Clerk, running: Daemon) -> None:
    del running
    clerk.open(bureau.book("宣传科"))  # a proposal: something waits in the inbox from the start
    letters = {
        name: openpyxl.utils.get_column_letter(at) for name, at in columns(bureau.book("宣传科"), "任务清单").items()
    }
    clerk.set("任务清单", f"{letters['重点任务']}{FIRST_ROW}", "改了题目")
    clerk.save()
    clerk.close()
    inbox_file = bureau.root / "01创建办专用" / "待我处理.xlsx"
    wait_for(lambda: bureau.questions() and inbox_file.exists() and ids(inbox_file), "the proposal in the inbox")

    master, inbox = excel.open(str(bureau.master)), excel.open(str(inbox_file))
    note = column(excel, inbox, h.NOTE)
    excel.write(inbox, WAITING, [HEADER_ROW + 1, note, HEADER_ROW + 1, note], [["等科长回来再定"]])
    on_disk = bureau.master.read_bytes()
    for time_, unit in enumerate(SAVERS):
        clerk.open(bureau.book(unit))
        if time_ == 5:
            clerk.set("任务清单", f"{letters['重点任务']}{FIRST_ROW}", "人事科改的题目")
        clerk.set("任务清单", f"{letters['本周完成情况']}{FIRST_ROW}", f"{unit}第{time_}次所报")
        clerk.save()
        clerk.close()
        wait_for(has(excel, master, "任务清单", f"{unit}第{time_}次所报"), f"save {time_} in the open master")
    wait_for(
        lambda: len([r for r in shown(excel, inbox, WAITING)[HEADER_ROW:] if r[0]]) == 2,
        "the new matter in the open inbox",
    )
    assert shown(excel, inbox, WAITING)[HEADER_ROW][note - 1] == "等科长回来再定"
    assert bureau.master.read_bytes() == on_disk

    answer = column(excel, inbox, h.ANSWER)
    excel.write(inbox, WAITING, [HEADER_ROW + 2, answer, HEADER_ROW + 2, answer], [["不同意"]])
    excel.save(inbox)
    wait_for(lambda: bureau.sql("select count(*) from question where state = 'ruled'") == [(1,)], "her decision")
    newest = wait_for_mark(bureau, excel, master)
    excel.save(master)
    assert numbers_in(bureau.master) == (newest,)
    excel.close(master)
    excel.close(inbox)
    wait_for(lambda: len(ids(inbox_file)) == 1, "the inbox without what she decided")
    wait_for(lambda: is_published(bureau), "the master as published")
    assert bureau.sql("select count(*) from question where kind = 'typed'") == [(0,)]
    told = {str(row["本周完成情况"]) for row in bureau.master_rows("任务清单")}
    assert {f"{unit}第{max(n for n, u in enumerate(SAVERS) if u == unit)}次所报" for unit in SAVERS} <= told
    notes = [
        row[note - 1].value for row in openpyxl.load_workbook(inbox_file)[WAITING].iter_rows(min_row=HEADER_ROW + 1)
    ]
    assert "等科长回来再定" in notes


def column(excel: Client, book: int, head: str) -> int:
    return int(excel.read(book, WAITING, [HEADER_ROW, 1, HEADER_ROW, 30])[0].index(head)) + 1


def ids(inbox: Path) -> list[str]:
    page: Any = openpyxl.load_workbook(inbox)[WAITING]
    return [cell.value for cell in page["A"][HEADER_ROW:] if cell.value]


def wait_for_mark(bureau: Bureau, excel: Client, master: int) -> int:
    """Waits until the open master is the newest edition, whole; returns its number."""

    def whole() -> bool:
        mark = read_mark(excel.names(master).get(NAME))
        return mark is not None and mark.is_whole and mark.editions == (newest(bureau),)

    wait_for(whole, "the newest edition in the open master")
    return newest(bureau)


def newest(bureau: Bureau) -> int:
    return int(bureau.sql("select max(number) from edition")[0][0])


def is_published(bureau: Bureau) -> bool:
    """Whether the master on the disk is the newest edition, as we left it and without a mark of ours."""
    ((stat,),) = bureau.sql("select stat from published where path like '03%'")
    with zipfile.ZipFile(bureau.master) as package:
        marked = NAME.encode() in package.read("xl/workbook.xml")
    return stat_mark(bureau.master) == stat and numbers_in(bureau.master) == (newest(bureau),) and not marked


@pytest.mark.slow
@pytest.mark.usefixtures("windows")
def test_of_a_half_written_master_that_she_saves_only_what_she_typed_is_asked(bureau: Bureau, excel: Client) -> None:
    from syncer.excel.live.follow import Follow
    from tests.live.test_faults import killed_at

    with Office(bureau.opened()) as office:
        office.live = True
        sync(office)
        master = bureau.master
        book = excel.open(str(master))
        before = newest(bureau)
        bureau.type("工会", "任务清单", {FIRST_ROW: {"本周完成情况": "半路上的话", "工作状态": "推进中"}})
        assert sync(office).publication.problems  # the file is open
        known = Editions(office.store.engine).of(office.workspace.relative(master))
        killed_at(excel, Follow(master, newest(bureau), EditionFiles(office).of(known, newest(bureau), ())), 4)
        row = next(r for r, cells in enumerate(shown(excel, book, "活动台账"), 1) if r > 4)
        excel.write(book, "活动台账", [row, 3, row, 3], [["她自己写的"]])
        excel.save(book)
        assert numbers_in(master) == (before, newest(bureau))
        sync(office)
        asked = bureau.sql("select text, incoming from question where kind = 'typed'")
    assert len(asked) == 1, asked
    assert "她自己写的" in str(asked)


@pytest.mark.slow
def test_a_master_that_only_others_have_open_is_published_when_it_is_closed(
    bureau: Bureau, windows: None, excel: Client
) -> None:
    """Read in protected view, say: Excel's own list does not name it, and nothing is written into it."""
    del windows
    book = excel.open(str(bureau.master))
    before = excel.names(book)
    excel.in_protected_view(book, True)
    with Office(bureau.opened()) as office:
        daemon = Daemon(office)
        bureau.type("工会", "任务清单", {FIRST_ROW: {"本周完成情况": "后来说的话"}})
        daemon._pass()
        assert "PUB-002" in [p.code for p in daemon._last_pass.publication.problems]  # type: ignore[union-attr]
        assert excel.names(book) == before
        excel.close(book)
        daemon._pass()
    assert "后来说的话" in [row["本周完成情况"] for row in bureau.master_rows("任务清单", "工会")]


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help")])
def test_without_live_no_xlwings_is_imported(arguments: tuple[str, ...]) -> None:
    assert "xlwings" not in imported("-m", "syncer", *arguments)


@pytest.mark.slow
def test_the_daemon_without_live_imports_no_xlwings(handed_out: Bureau, tmp_path: Path) -> None:
    """All that ``syncer run`` imports until a pass is over in which something was saved."""
    bureau = handed_out.copied(tmp_path / "创建")
    bureau.type("工会", "任务清单", {FIRST_ROW: {"本周完成情况": "一句话"}})
    said = imported("-c", _PASSES, str(bureau.root))
    assert "syncer.daemon" in said
    assert "xlwings" not in said


_PASSES = """
import sys
import time
from pathlib import Path
from syncer.daemon import Daemon
from syncer.workspace import Office, Workspace

with Office(Workspace.at(Path(sys.argv[1]))) as office:
    daemon = Daemon(office)
    while time.sleep(min(daemon._pass(), 0.2)) or not daemon._last_pass.taken:
        assert not daemon._trouble
"""


def imported(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
        env=environment(),
    )
    return done.stderr


def test_run_live_without_excel_says_so_in_one_line_and_goes_on(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Worker, "engine", "")
    with Office(bureau.opened()) as office, structlog.testing.capture_logs() as said:
        office.live = True
        daemon = Daemon(office)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        wait_for(lambda: [entry for entry in said if entry["event"] == "live off"], "the line")
        bureau.type("工会", "任务清单", {FIRST_ROW: {"本周完成情况": "没有 Excel 也一样"}})
        wait_for(lambda: [entry for entry in said if entry["event"] == "merged"], "the next save")
        daemon.stop()
        thread.join(60)
    assert [entry["reason"] for entry in said if str(entry["event"]).startswith("live")] == [
        "这台电脑上没有 xlwings 能用的 Excel / no Excel that xlwings can use on this computer"
    ]
    assert "stopped" in [entry["event"] for entry in said]


@pytest.mark.slow
@pytest.mark.usefixtures("windows")
def test_a_followed_master_that_is_closed_unsaved_is_replaced_at_once(bureau: Bureau, excel: Client) -> None:
    with Office(bureau.opened()) as office:
        office.live = True
        sync(office)
        book = excel.open(str(bureau.master))
        daemon = Daemon(office)
        assert daemon._live
        bureau.type("工会", "任务清单", {FIRST_ROW: {"本周完成情况": "关闭前的话"}})
        wait_for(lambda: daemon._pass() and has(excel, book, "任务清单", "关闭前的话")(), "the save in the open master")
        daemon._pass()
        daemon.wake.clear()
        assert not daemon.wake.wait(1.5)  # nothing is to be done while it stands open
        excel.close(book)
        assert daemon.wake.wait(30)
        daemon._pass()
        daemon._live.stop()
    assert is_published(bureau)
    assert "关闭前的话" in [row["本周完成情况"] for row in bureau.master_rows("任务清单", "工会")]


def test_a_book_with_an_owner_file_that_excel_does_not_name_yet_is_offered_again(tmp_path: Path) -> None:
    book = tmp_path / "台账.xlsx"
    assert _is_settled(book, State.CLOSED)
    (tmp_path / "~$台账.xlsx").touch()
    assert not _is_settled(book, State.CLOSED)
    assert _is_settled(book, State.DONE)


@pytest.mark.slow
@pytest.mark.usefixtures("windows")
def test_the_daemon_waits_for_no_excel_and_keeps_no_edition_that_nobody_saw(
    bureau: Bureau, excel: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncer.excel.live.process.PATIENCE_SECONDS", 0.2)
    with Office(bureau.opened()) as office:
        office.live = True
        sync(office)
        book = excel.open(str(bureau.master))
        before = bureau.sql("select number from edition")
        excel.busy(-1)
        daemon = Daemon(office)
        assert daemon._live
        for told in ("一", "二", "三"):
            bureau.type("工会", "任务清单", {FIRST_ROW: {"本周完成情况": f"第{told}句"}})
            daemon._pass()
            wait_for(
                lambda: daemon._pass() and len(bureau.sql("select number from edition")) == len(before) + 1,
                "the editions that nobody saw to be given back",
            )
        excel.busy(0)
        wait_for(
            lambda: daemon._pass() and has(excel, book, "任务清单", "第三句")(), "the last edition in the open master"
        )
        excel.halt(0)  # and now it hangs: a pass ends all the same, and so does the daemon
        bureau.type("工会", "任务清单", {FIRST_ROW: {"本周完成情况": "第四句"}})
        wait_for(lambda: daemon._pass() and excel.is_halted(), "the worker in the middle of a call")
        daemon._pass()
        assert daemon._live._worker.pid is not None  # it hangs still: nobody waited until it was killed
        daemon._live.stop()
    assert "第四句" not in str(shown(excel, book, "任务清单"))
