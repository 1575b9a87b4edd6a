"""The benchmarks run, and what they time does the same work: a run, not a gate."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.corpora import Size
from benchmarks.results import ADDED, COLD, COPY, SAVE, Results
from benchmarks.speed import Bench

TINY = Size("tiny", 3, 40)
WORKS = (COLD, SAVE, ADDED, COPY, "pandas-openpyxl")


@pytest.mark.slow
def test_a_quick_run_on_a_tiny_office_times_every_work_and_all_masters_hold_what_was_typed(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "corpora", tmp_path, most_runs=1, deliver=False)
    bench.side_by_side(TINY)
    assert all(bench.results.of(TINY.name, work) for work in WORKS)
    assert all(said.endswith("all as typed") for said in bench.results.notes.values()), bench.results.notes


def test_results_kept_as_json_read_back_equal(tmp_path: Path) -> None:
    results = Results(notes={"C1 cold": "4,000 rows"}, machine="2 cores")
    results.save(tmp_path / "speed.json")
    assert Results.load(tmp_path / "speed.json") == results
