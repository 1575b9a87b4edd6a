"""The long run: ``python -m tests.machine.run --steps 20000 --seed 7`` prints what it did and the first thing that broke."""

from __future__ import annotations

import argparse
import functools
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from syncer import control
from syncer.core.template.schema import compile_ledger
from syncer.excel.reading import Readers
from syncer.excel.reading_child import Limits
from tests.machine.clerks import Bureaus, Clerks
from tests.machine.small_bureau import small_bureau

PATIENT = Limits(wall_seconds=300)  # a PC busy with other things is not what is tried here


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--length", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shrink", action="store_true")
    chosen = parser.parse_args()
    started = time.monotonic()
    once = patch.object(control, "compile_ledger", functools.lru_cache(64)(compile_ledger))  # a quarter of a step
    with tempfile.TemporaryDirectory() as home, Readers(2, PATIENT) as readers, once:
        base = small_bureau(Path(home) / "base", readers)
        Clerks.shared = Bureaus(base, readers, Path(home))
        phases = [Phase.generate, *([Phase.shrink] if chosen.shrink else [])]
        machine = seed(chosen.seed)(Clerks)
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=max(1, chosen.steps // chosen.length),
                    stateful_step_count=chosen.length,
                    deadline=None,
                    database=None,
                    phases=phases,
                    suppress_health_check=list(HealthCheck),
                    print_blob=False,
                    report_multiple_bugs=False,
                ),
            )
        finally:
            took = time.monotonic() - started
            print(f"seed {chosen.seed}: {Clerks.shared.steps} steps in {Clerks.shared.runs} runs, {took:.0f} s")
            print(sorted(Clerks.shared.met.items(), key=lambda entry: -entry[1]))


if __name__ == "__main__":
    main()
