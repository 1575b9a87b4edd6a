"""How long something that did not work is left alone."""

from __future__ import annotations

from syncer.pauses import FIRST_SECONDS, LONGEST_SECONDS, Pauses


def test_a_pause_grows_with_every_failure_up_to_the_longest_and_ends_with_success() -> None:
    moment = 1000.0
    pauses = Pauses(lambda: moment)
    lasted = []
    for _ in range(6):
        pauses.failed("宣传科")
        begun = moment
        while pauses.holds("宣传科"):
            moment += 30
        lasted.append(moment - begun)
    assert lasted == [FIRST_SECONDS, 120, 240, 480, LONGEST_SECONDS, LONGEST_SECONDS]
    pauses.failed("宣传科")
    assert not pauses.holds("团委")
    pauses.ended("宣传科")
    assert not pauses.holds("宣传科")
    pauses.failed("宣传科")
    moment += FIRST_SECONDS
    assert not pauses.holds("宣传科")
