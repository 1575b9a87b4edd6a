from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.office.clerk import Clerk, seated
from tests.warm import WarmReaders


@pytest.fixture(scope="session", autouse=True)
def _warm() -> Iterator[None]:
    """Offices that this process opens take over the reading children of those closed before: a child takes half a second to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("syncer.workspace.Readers", WarmReaders)
        yield


@pytest.fixture(scope="session")
def _office() -> Iterator[Clerk]:
    """One LibreOffice for the whole session: it takes seconds to start."""
    with Clerk() as clerk:
        yield clerk


@pytest.fixture
def clerk(_office: Clerk) -> Iterator[Clerk]:
    """A clerk at a running LibreOffice; a book left open is closed without saving."""
    with seated(_office) as clerk:
        yield clerk
