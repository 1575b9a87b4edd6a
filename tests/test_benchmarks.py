"""The benchmarks run, and what they time does the same work: a run, not a gate."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from benchmarks.corpora import Size
from benchmarks.daemons import Burst
from benchmarks.measuring import Editions, Measured, repeats, summary
from benchmarks.results import Results, Work, load, save, together
from benchmarks.speed import Bench
from benchmarks.speed_page import picture, table

TINY = Size("tiny", 2, 30)
WORKS = (Work.COLD, Work.SAVE, Work.ADDED, Work.COPY, "pandas-openpyxl")


@pytest.mark.slow
def test_a_quick_run_on_a_tiny_office_times_every_work_and_all_masters_hold_what_was_typed(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "corpora", tmp_path, ["pandas-openpyxl"], most_runs=1, deliver=False)
    bench.side_by_side(TINY)
    assert all(bench.results.of(TINY.name, work) for work in WORKS)
    assert all(said.endswith("all as typed") for said in bench.results.notes.values()), bench.results.notes


def test_results_kept_as_json_read_back_equal(tmp_path: Path) -> None:
    results = Results(notes={"C1 cold": "4,000 rows"}, measured="2 cores")
    results.add("C1", Work.COLD, Measured(1.5, 2.5, 300))
    results.bursts.append(Burst(50, 1.0, 2.0, 3))
    assert load(tmp_path / "speed.json") == {}
    save({"C1": results}, tmp_path / "speed.json")
    assert load(tmp_path / "speed.json") == {"C1": results}


def test_parts_that_were_measured_on_different_days_say_so() -> None:
    parts = {"C2": Results(measured="Friday"), "burst": Results(measured="Friday"), "C3": Results(measured="Monday")}
    assert table(together(parts)).startswith("Measured on: C2, burst: Friday; C3: Monday.")
    del parts["C3"]
    assert table(together(parts)).startswith("Measured on: Friday.")


def test_what_takes_long_is_run_three_times_and_a_median_is_no_mean() -> None:
    assert (repeats(3), repeats(100)) == (5, 3)
    middle = summary([Measured(seconds, 2 * seconds) for seconds in (1, 2, 90)])
    assert (middle.seconds, middle.cpu_seconds, middle.p95) == (2, 4, 90)


@pytest.mark.parametrize(
    ("ours", "polars", "openpyxl", "met"),
    [(0.2, 15, 44, "yes"), (0.21, 15, 44, "**no**"), (0.2, 13, 44, "**no**"), (0.2, 15, 39, "**no**")],
)
def test_a_goal_is_met_only_where_every_part_of_it_is(ours: float, polars: float, openpyxl: float, met: str) -> None:
    results = Results()
    for work, seconds in ((Work.SAVE, ours), ("polars-calamine", polars), ("pandas-openpyxl", openpyxl)):
        results.add("C2", work, Measured(seconds))
    (line,) = (line for line in table(results).splitlines() if line.startswith("| one save in C2"))
    assert line.endswith(f"| {met} |")
    assert "syncer, one save" in picture(results)


def test_a_new_edition_of_a_file_is_found_by_what_it_holds_though_others_came_before(tmp_path: Path) -> None:
    master = tmp_path / "master.xlsx"
    _replace(master, "at first")
    editions = Editions(master)
    assert not editions.look()
    _replace(master, "another")
    assert editions.look()
    _replace(master, "another, and the one wanted")
    assert editions.wait_for("wanted", "another", seconds=1) is editions.seen[1]
    with pytest.raises(TimeoutError):
        editions.wait_for("never typed", seconds=0)
    editions.forget()


def _replace(book: Path, text: str) -> None:
    temporary = book.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w") as package:
        package.writestr("xl/worksheets/sheet1.xml", text)
    temporary.replace(book)
