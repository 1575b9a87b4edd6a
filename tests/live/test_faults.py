"""Whatever Excel or she does in the middle: nothing is half written unnoticed, and nothing of hers is touched."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest

from syncer.excel.edition import numbers_in
from syncer.excel.live.excel_app import Excel
from syncer.excel.live.mark import NAME, WAITING, Mark
from syncer.excel.live.probe import Probe
from syncer.excel.live.process import Worker
from syncer.excel.live.refusals import ExcelBusyError, is_refusal
from syncer.excel.live.report import Report, State
from syncer.excel.live.worker import Job
from tests.live.client import Client, ExcelRefusedError
from tests.live.desk import Desk
from tests.live.masters import START, Editions, activity, changed, task
from tests.system.daemon import wait_for

pytestmark = pytest.mark.office

BUSY_ROWS = (
    *changed(START[1:], "HD-D02-0001", name="义务植树", headcount=99),
    activity(3, name="宣讲"),
    task(2, "D03", status="滞后"),
)


def test_excel_that_takes_no_calls_for_a_while_is_asked_again(desk: Desk) -> None:
    number = desk.editions.add(*BUSY_ROWS)
    desk.excel.busy(2)
    desk.excel.meanwhile("change", 5, "busy", 1)
    desk.followed(number)


def test_excel_that_takes_no_calls_for_good_is_left_until_the_next_publish(desk: Desk) -> None:
    number = desk.editions.add(*BUSY_ROWS)
    desk.excel.busy(-1)
    assert desk.follow(number) == Report(State.BUSY)
    desk.excel.busy(0)
    assert desk.differences(1, looks=False) == []
    desk.followed(number, looks=False)


def test_while_she_has_cells_in_hand_to_paste_nothing_is_written(desk: Desk) -> None:
    number = desk.editions.add(*BUSY_ROWS)
    desk.excel.copy_mode(True)
    assert desk.follow(number) == Report(State.BUSY)
    desk.excel.copy_mode(False)
    desk.followed(number, looks=False)


def test_a_book_that_is_not_open_or_closed_in_the_middle_is_no_trouble(desk: Desk) -> None:
    number = desk.editions.add(*BUSY_ROWS)
    desk.excel.meanwhile("change", 3, "close", desk.book)
    report = desk.follow(number)
    assert (report.state, report.wrote) == (State.CLOSED, True)
    assert desk.follow(number) == Report(State.CLOSED)
    desk.book = desk.excel.open(str(desk.editions.path), False, True)
    desk.followed(number, looks=False)


def test_of_two_books_of_one_name_the_one_in_the_right_folder_follows(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "备份").mkdir()
    other = tmp_path / "备份" / desk.editions.path.name
    shutil.copy(desk.editions.path, other)
    desk.excel.close(desk.book)
    twin = desk.excel.open(str(other))
    assert desk.follow(desk.editions.add(*BUSY_ROWS)) == Report(State.CLOSED)
    desk.book = desk.excel.open(str(desk.editions.path), False, True)
    desk.followed(2, looks=False)
    assert NAME not in desk.excel.names(twin)


def test_a_book_opened_read_only_follows_and_one_in_protected_view_is_let_be(desk: Desk) -> None:
    desk.excel.close(desk.book)
    desk.book = desk.excel.open(str(desk.editions.path), True, True)
    desk.followed(desk.editions.add(*BUSY_ROWS), looks=False)
    desk.excel.in_protected_view(desk.book, True)
    assert desk.follow(desk.editions.add(*START)) == Report(State.CLOSED)


def test_a_protected_sheet_waits_and_the_others_follow(desk: Desk) -> None:
    desk.excel.protect(desk.book, "活动台账", True)
    rows = changed(changed(START, "HD-D02-0001", name="义务植树"), "T0002", this_week="两次谈话")
    report = desk.follow(desk.editions.add(*rows))
    assert (report.state, report.detail) == (State.WAITS, "活动台账")
    assert desk.place("任务清单", "两次谈话")
    assert str(desk.cell("首页", (3, 1))).startswith(WAITING)
    desk.excel.protect(desk.book, "活动台账", False)
    desk.followed(2)


@pytest.mark.parametrize("calls", [1, 11, 25])
def test_what_was_left_in_the_middle_is_noticed_and_mended(desk: Desk, impatient: Worker, calls: int) -> None:
    number = desk.editions.add(*BUSY_ROWS, task(2, "D01", status="推进中"))
    desk.excel.meanwhile("change", calls, "busy", -1)
    assert impatient.do(desk.editions.follow(number)) == Report(State.BUSY, wrote=True)
    desk.excel.busy(0)
    assert desk.mark() == Mark((1,), number)
    desk.excel.save(desk.book)
    assert set(numbers_in(desk.editions.path)) == {1, number}
    desk.followed(desk.editions.add(*START, activity(7, name="再来")) if calls % 2 else number)


@pytest.mark.parametrize("calls", [4, 5])
def test_a_text_too_long_for_a_block_is_never_blank_for_good(desk: Desk, impatient: Worker, calls: int) -> None:
    long = "很长" * 4500
    number = desk.editions.add(*changed(START, "HD-D02-0001", name=long), activity(9, name=long, headcount=3), minute=1)
    desk.excel.meanwhile("change", calls, "busy", -1)
    assert impatient.do(desk.editions.follow(number)).state is State.BUSY
    desk.excel.busy(0)
    assert desk.place("活动台账", "植树")
    desk.followed(number, looks=False)


def killed_at(excel: Client, job: Job, calls: int) -> None:
    """Has a worker begin a job, and kills it before its next changing call after so many."""
    with Worker(job_seconds=60, patience_seconds=0.6) as doomed:
        excel.halt(calls)
        told: list[Report] = []
        thread = threading.Thread(target=lambda: told.append(doomed.do(job)))
        thread.start()
        wait_for(excel.is_halted, "the worker in the middle of its work")
        doomed.kill()
        thread.join(30)
    assert told == [Report(State.KILLED, wrote=True)]
    excel.halt(-1)


def test_a_worker_that_hangs_in_the_middle_is_killed_in_time_and_the_next_one_mends_it(desk: Desk) -> None:
    number = desk.editions.add(*BUSY_ROWS)
    with Worker(job_seconds=60, patience_seconds=0.6) as slow:
        slow.do(Probe())
        slow._job_seconds = 1
        desk.excel.halt(4)
        assert slow.do(desk.editions.follow(number)) == Report(State.KILLED, wrote=True)
        assert slow.pid is None
    desk.excel.halt(-1)
    assert desk.mark() == Mark((1,), number)
    desk.followed(number)


def test_patience_is_for_refusals_and_not_for_the_work() -> None:
    """A long job is not left at the first refusal after it began long ago."""
    excel, answers = Excel(None, 0.1), [ExcelRefusedError("busy"), "done"]

    def call() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    time.sleep(0.15)
    assert excel.ask(call) == "done"
    answers += [ExcelRefusedError("busy")] * 2
    with pytest.raises(ExcelBusyError):
        excel.ask(call)


class _ComError(Exception):
    """As pywin32 has it: hresult, text, details, argument."""

    def __init__(self, hresult: int, details: tuple[object, ...] | None = None) -> None:
        super().__init__(hresult, "", details, None)
        self.hresult = hresult


class _AppleError(Exception):
    def __init__(self, errornumber: int) -> None:
        super().__init__()
        self.errornumber = errornumber


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (_ComError(-2147418111), True),  # call rejected by callee
        (_ComError(-2147417846), True),  # retry later
        (_ComError(-2147352567, (0, "", "", "", 0, -2146777998)), True),  # a cell is being edited
        (_ComError(-2147352567, (0, "Excel", "protected", "", 0, -2146827284)), False),  # 1004
        (_ComError(-2147352567), False),
        (_AppleError(-1712), True),
        (_AppleError(-1728), False),  # no such object
        (ValueError(), False),
    ],
)
def test_a_refusal_is_told_from_an_error(error: Exception, refused: bool) -> None:
    assert is_refusal(error) is refused


def test_without_excel_a_job_says_so(editions: Editions) -> None:
    editions.publish(1)
    engine, Worker.engine = Worker.engine, ""
    try:
        with Worker() as worker:
            report = worker.do(editions.follow(1))
    finally:
        Worker.engine = engine
    assert report.state is State.NO_EXCEL
    assert "Excel" in report.detail


def test_the_pro_part_of_xlwings_is_never_imported(excel: Client, worker: Worker) -> None:
    from tests.live.jobs import Modules

    modules = worker.do(Modules()).found
    assert "xlwings" in modules
    assert [name for name in modules if name.startswith(("xlwings.pro", "pandas", "numpy"))] == []
