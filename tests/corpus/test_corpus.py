"""Every workbook of the corpus is read as its writer meant it, and as the accepted text beside it says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.corpus import accepted
from tests.corpus.all_cases import all_cases, make
from tests.corpus.pairs import all_pairs
from tests.corpus.reading import Outcome, as_text, corpus_ledger, differences, read_all
from tests.office.tools import SOFFICE, need

LEDGER = corpus_ledger()
CASES = all_cases(LEDGER)
ACCEPTED = accepted.load()
NEEDED = 300


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    room = tmp_path_factory.mktemp("corpus")
    return dict(read_all(make(CASES, room), LEDGER, room))


def outcome_of(name: str, outcomes: Mapping[str, Outcome]) -> Outcome:
    if CASES[name].saved_as:
        need(SOFFICE)
    return outcomes[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_workbook_is_read_as_it_was_meant(name: str, outcomes: Mapping[str, Outcome]) -> None:
    found = differences(CASES[name], outcome_of(name, outcomes))
    if CASES[name].asked:
        assert found, "it is read as meant now: take the remark away"
    else:
        assert not found


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_reading_is_the_accepted_one(name: str, outcomes: Mapping[str, Outcome]) -> None:
    assert as_text(CASES[name], outcome_of(name, outcomes)) == ACCEPTED[name]


def test_the_corpus_is_large_and_every_workbook_has_a_text() -> None:
    assert len(CASES) >= NEEDED
    assert ACCEPTED.keys() == CASES.keys()


@pytest.mark.slow
def test_what_is_asked_instead_of_read_says_so(outcomes: Mapping[str, Outcome]) -> None:
    """What is not read as meant is never silent: there is a problem at its header, or a question at its cell."""
    for name, case in CASES.items():
        if case.asked and name in outcomes:
            assert any(p.code.startswith(("HEAD", "CELL")) for p in outcomes[name].problems), name


def test_all_pairs_meet() -> None:
    factors = {"a": (1, 2, 3), "b": (True, False), "c": ("x", "y", "z", "w")}
    chosen = list(all_pairs(factors))
    assert {(c["a"], c["c"]) for c in chosen} == {(a, c) for a in factors["a"] for c in factors["c"]}
    assert {(c["a"], c["b"]) for c in chosen} == {(a, b) for a in factors["a"] for b in factors["b"]}
    assert len(chosen) < 3 * 2 * 4
