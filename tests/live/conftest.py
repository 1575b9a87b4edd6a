from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.excel.live.process import Worker
from tests.live.client import Client, RunningExcel
from tests.live.desk import Desk
from tests.live.masters import START, Editions
from tests.system.bureau import Bureau, made
from tests.warm import made_once


@pytest.fixture(scope="session")
def _running() -> Iterator[RunningExcel]:
    """One LibreOffice that stands in for Excel, for the whole session."""
    with RunningExcel() as running:
        Worker.engine = "tests.live.engine"
        yield running
        Worker.engine = ""


@pytest.fixture(scope="session")
def _worker(_running: RunningExcel) -> Iterator[Worker]:
    """One worker, kept warm: importing xlwings takes longer than a test."""
    with Worker(job_seconds=60, patience_seconds=0.6) as worker:
        yield worker


@pytest.fixture(scope="session")
def impatient(_running: RunningExcel) -> Iterator[Worker]:
    """One that leaves its job at the first refusal: what it leaves behind is what one leaves that was killed there."""
    with Worker(job_seconds=60, patience_seconds=0) as worker:
        yield worker


@pytest.fixture
def excel(_running: RunningExcel) -> Iterator[Client]:
    """The hand of a test in the Excel that the bridge works in; what stands open is closed without saving."""
    client = Client(_running.place, "test")
    yield client
    client.close_all()
    client.hang_up()


@pytest.fixture
def worker(_worker: Worker) -> Worker:
    return _worker


@pytest.fixture
def editions(tmp_path: Path) -> Editions:
    made = Editions(tmp_path)
    made.add(*START)
    return made


@pytest.fixture
def desk(editions: Editions, excel: Client, worker: Worker) -> Desk:
    """Edition 1 of a small master stands open, and nothing has been followed yet."""
    editions.publish(1)
    return Desk(editions, excel, worker)


@pytest.fixture(scope="session")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau to be copied: every workbook handed out, nobody has saved yet, no daemon."""
    return Bureau(made_once(tmp_path_factory, "bureau", lambda home: made(home / "创建")) / "创建")


@pytest.fixture
def bureau(handed_out: Bureau, tmp_path: Path) -> Bureau:
    """A bureau of a test's own."""
    return handed_out.copied(tmp_path / "创建")
