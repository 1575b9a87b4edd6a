"""Clerks and the coordinator do anything, in any order, and the program may break off anywhere: what must hold, holds.

Thousands of steps: ``python -m tests.machine.run``.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.clerks import Bureaus, Clerks

RUNS, LENGTH = 8, 50
STEPS = 350


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_hundreds_of_steps_of_many_hands_lose_nothing_and_settle(bureaus: Bureaus) -> None:
    Clerks.shared = bureaus
    steps, met = bureaus.steps, bureaus.met.copy()
    run_state_machine_as_test(
        Clerks,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=LENGTH,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert bureaus.steps - steps >= STEPS
    happened = {what.partition(" ")[0] for what in (bureaus.met - met)}
    assert happened >= {"types", "copies", "delivered", "twice", "stale", "killed", "failed", "restarts", "rules"}
