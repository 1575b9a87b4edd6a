from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.office.clerk import Clerk


@pytest.fixture(scope="session")
def _office() -> Iterator[Clerk]:
    """One LibreOffice for the whole session: it takes seconds to start."""
    with Clerk() as clerk:
        yield clerk


@pytest.fixture
def clerk(_office: Clerk) -> Iterator[Clerk]:
    """A clerk at a running LibreOffice; a book left open is closed without saving."""
    if not _office.is_running:  # a test before this one lost it; the session still ends it
        _office.__enter__()
    yield _office
    if _office.is_running:
        _office.close()
