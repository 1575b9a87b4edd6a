from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from syncer.core.model import Ledger
from syncer.core.template.schema import compile_ledger
from syncer.excel.reader import read_book
from syncer.resources import shipped as shipped_file
from tests.adopting.ledgers import ALL


@pytest.fixture(scope="session")
def shipped() -> Ledger:
    """The ledger of the shipped template."""
    book = read_book(shipped_file("workbook_templates/ledger.xlsx"))
    ledger, _ = compile_ledger(getattr(book, "tables", ()), date(2026, 11, 20))
    assert ledger
    return ledger


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three offices' ledgers."""
    path = tmp_path_factory.mktemp("offices")
    for ledger in ALL:
        ledger.write(path / ledger.name)
    return path
