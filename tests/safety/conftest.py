from __future__ import annotations

from collections.abc import Iterator

import pytest

from syncer.excel.reading import Readers
from tests.safety.hostile_bureau import Story, tell


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One office in which everything was typed that `tests.safety.payloads` lists, wherever somebody can type."""
    with Readers(1) as readers:
        yield tell(tmp_path_factory.mktemp("hostile") / "创建", readers)
