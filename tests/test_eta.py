"""What is said of how long a pass still takes."""

from __future__ import annotations

import pytest

from syncer.eta import Eta, left


def test_it_is_told_now_and_then_with_what_is_left() -> None:
    told: list[tuple[int, int, float]] = []
    seconds = iter([0.0, *(float(at) for at in range(1, 11))])
    eta = Eta(lambda *said: told.append(said), every_seconds=4, clock=lambda: next(seconds))
    for done in range(1, 11):
        eta(done, 10)
    assert told == [(2, 10, 8.0), (6, 10, 4.0), (10, 10, 0.0)]


def test_a_short_pass_says_nothing() -> None:
    told: list[object] = []
    seconds = iter([0.0, 0.5, 1.0, 1.9])
    eta = Eta(lambda *said: told.append(said), every_seconds=1, clock=lambda: next(seconds))
    for done in range(1, 4):
        eta(done, 3)
    assert told == []


@pytest.mark.parametrize(("seconds", "words"), [(0.0, "约10秒"), (31, "约40秒"), (61, "约2分钟"), (600, "约11分钟")])
def test_time_in_words(seconds: float, words: str) -> None:
    assert left(seconds)[0] == words
