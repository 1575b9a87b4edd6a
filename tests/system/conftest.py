from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.excel.reading import Readers
from tests.machine.small_bureau import small_bureau
from tests.system.bureau import Bureau, made
from tests.system.daemon import DaemonProcess
from tests.warm import made_once


@pytest.fixture(scope="session")
def _handed_out(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau in which everything is handed out; made once, copied for each test."""
    return Bureau(made_once(tmp_path_factory, "bureau", lambda home: made(home / "创建")) / "创建")


@pytest.fixture
def bureau(_handed_out: Bureau, tmp_path: Path) -> Bureau:
    """A bureau of a test's own: every workbook handed out, nobody has saved yet, no daemon."""
    return _handed_out.copied(tmp_path / "创建")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """Three units, three sheets, six tasks: a pass over it is cheap; made once, to be copied."""
    with Readers(1) as readers:
        made = made_once(tmp_path_factory, "small", lambda home: small_bureau(home / "创建", readers))
    return Bureau(made / "创建")


@pytest.fixture
def daemon(bureau: Bureau) -> Iterator[DaemonProcess]:
    """A daemon that watches the bureau."""
    with DaemonProcess(bureau) as running:
        yield running
