from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import settings

from syncer.collecting import collect_seldom
from syncer.core.template.schema import compile_ledger
from syncer.store.store import Store
from tests.office.clerk import Clerk, seated
from tests.store.postgres import Postgres, running
from tests.warm import WarmReaders

settings.register_profile("any machine", deadline=None)  # one that is busy is no fault of ours
settings.load_profile("any machine")

LONGEST = (
    "golden/test_golden.py",
    "system/test_kill.py",
    "adopting/test_adopting.py",
    "machine/test_clerks.py",
    "system/test_delivery.py",
    "system/test_demo.py",
    "faults/test_nth_call.py",
    "system/test_dropbox.py",
    "system/test_daemon.py",
    "live/test_faults.py",
    "live/test_following.py",
    "system/test_contract.py",
    "system/test_new_sheet.py",
    "system/test_stale_window.py",
    "system/test_merge_story.py",
    "corpus/test_corpus.py",
    "safety/test_matrix.py",
    "machine/test_order.py",
    "system/test_made_anew.py",
    "system/test_postgres.py",
    "system/test_hostile_daemon.py",
    "excel/test_patch_identity.py",
    "live/test_inbox_live.py",
    "system/test_bad_input.py",
    "excel/test_evolve.py",
    "excel/test_master_pieces.py",
    "office/test_clerk_works.py",
    "hostile/test_hostile_set.py",
    "fuzz/test_fuzz.py",
)
"""The files that take longest, longest first."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that no worker is still at one of them when the others have nothing left to do."""
    rank = {Path(__file__).parent / name: at for at, name in enumerate(LONGEST)}
    assert all(path.exists() for path in rank), "a file of LONGEST is called otherwise now"
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_collection_finish() -> None:
    """Thousands of collected tests are not searched for cycles again and again while they run."""
    gc.collect()
    collect_seldom()


@pytest.fixture(scope="session", autouse=True)
def _warm() -> Iterator[None]:
    """What an office that this process opens takes over from those before: reading children, settings that were compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("syncer.workspace.Readers", WarmReaders)  # a child takes half a second to start
        patch.setattr("syncer.control.compile_ledger", lru_cache(64)(compile_ledger))
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL server for the session; a test that needs it skips where none is installed."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def _with_tables(postgres: Postgres) -> str:
    """A database in which our tables stand: making them takes longer than copying them."""
    url = postgres.new_database()
    Store(url).close()
    return url


@pytest.fixture
def on_postgres(postgres: Postgres, _with_tables: str) -> Iterator[str]:
    """The address of a PostgreSQL database of the test's own, our tables in it, nothing in them."""
    url = postgres.copy(_with_tables)
    yield url
    postgres.drop(url)
