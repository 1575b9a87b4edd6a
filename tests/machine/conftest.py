from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncer.excel.reading import Readers
from tests.machine.clerks import Bureaus
from tests.machine.small_bureau import small_bureau
from tests.system.bureau import Bureau
from tests.warm import made_once


@pytest.fixture(scope="session")
def bureaus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureaus]:
    """A small bureau to start from, as often as one likes, and reading children that stay warm."""
    home = tmp_path_factory.mktemp("machine")
    with Readers(1) as readers:
        base = made_once(tmp_path_factory, "small", lambda made: small_bureau(made / "创建", readers)) / "创建"
        yield Bureaus(Bureau(base), readers, home)
