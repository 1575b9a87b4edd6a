"""Every hostile file is read as it was meant, or refused by a code that names what and where; in time, and within a child's memory.

The suite tries those that take little; ``SYNCER_HOSTILE=all`` all of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncer.config import Reading
from syncer.core.model import Book, Refusal
from syncer.core.problems import Place, Problem
from syncer.excel.reading import Readers
from syncer.excel.reading_child import Limits
from syncer.messages import line
from tests.hostile.all_cases import CASES, file_name
from tests.hostile.case import READ, Case
from tests.hostile.costly import COSTLY

VERDICT_SECONDS = 10.0
TRIED = [name for name in CASES if os.environ.get("SYNCER_HOSTILE") == "all" or name not in COSTLY]


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    shipped = Reading()
    with Readers(1, Limits(shipped.seconds, shipped.memory_mib << 20)) as readers:
        yield readers


def test_the_set_is_large_and_what_is_costly_is_in_it() -> None:
    assert len(CASES) >= 100
    assert set(COSTLY) <= CASES.keys()
    assert len({file_name(name) for name in CASES}) == len(CASES)


@pytest.mark.parametrize("name", TRIED)
def test_it_comes_to_what_it_must(readers: Readers, tmp_path: Path, name: str) -> None:
    case = CASES[name]
    path = tmp_path / file_name(name)
    path.write_bytes(case.make())
    began = time.monotonic()
    result = readers.read(path)
    assert time.monotonic() - began < VERDICT_SECONDS
    outcome = result.code if isinstance(result, Refusal) else READ
    assert outcome in case.outcomes, result
    if isinstance(result, Book):
        assert {place: result.tables[0].cell(*place) for place in case.cells} == case.cells
    else:
        tells(case, result, path.name)


def tells(case: Case, refusal: Refusal, file: str) -> None:
    """Checks that the message names file, place and cure, and blames no fault of ours on the file."""
    assert ("detail", "reader fault") not in refusal.facts
    said = line(Problem(refusal.code, Place(file), facts=refusal.facts))
    assert file in said
    assert case.says in said
    assert "{" not in said
