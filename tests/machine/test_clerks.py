"""Clerks and the coordinator do anything, in any order, and the program may break off anywhere: what must hold, holds.

Thousands of steps: ``python -m tests.machine.run``.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.clerks import Bureaus, Clerks

RUNS, LENGTH = 4, 50  # of one seed
STEPS = 1_000
SEEDS = range(1, 17)  # as many as it takes until all of this has happened
WANTED = {"types", "copies", "delivered", "twice", "stale", "killed", "failed", "restarts", "rules"}


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_thousand_steps_of_many_hands_lose_nothing_and_settle(bureaus: Bureaus) -> None:
    Clerks.shared = bureaus
    steps, met = bureaus.steps, bureaus.met.copy()

    def happened() -> set[str]:
        return {what.partition(" ")[0] for what in (bureaus.met - met)}

    for number in SEEDS:
        run_state_machine_as_test(
            seed(number)(Clerks),
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=LENGTH,
                database=None,
                phases=[Phase.generate],
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if bureaus.steps - steps >= STEPS and happened() >= WANTED:
            break
    assert bureaus.steps - steps >= STEPS
    assert happened() >= WANTED
