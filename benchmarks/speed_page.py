"""The table of docs/speed.md, from what was measured, and the chart beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import BUREAU, C1, C2, C3, GROWTH, SIZES, Size
from benchmarks.daemons import flat
from benchmarks.measuring import Summary
from benchmarks.results import Results, Work
from benchmarks.speed_chart import Bar, chart
from benchmarks.stacking import PEERS

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PICTURE = DOCS / "speed.md", DOCS / "pictures" / "speed.svg"
RUNS = DOCS / "speed.json"  # what both are made from
IMAGE = "![Seconds until the master holds a changed cell](pictures/speed.svg)"
BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
OPENPYXL, POLARS = "pandas-openpyxl", "polars-calamine"
HEARTBEAT = "99系统勿动/"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table of goals: what was asked for, what came out."""

    work: str
    goal: str
    found: str
    met: bool

    def __str__(self) -> str:
        return f"| {self.work} | {self.goal} | {self.found} | {'yes' if self.met else '**no**'} |"


def write_page(results: Results) -> None:
    """Writes the table and the chart into docs/; the words around the table stay."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{IMAGE}\n\n{table(results)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    PICTURE.write_text(picture(results), encoding="utf-8")


def table(results: Results) -> str:
    """Returns what was measured as Markdown: the goals, then every work on every corpus."""
    lines = [f"Measured on: {results.measured}.", ""]
    if goals := list(_goals(results)):
        lines += ["| work | goal | measured | met |", "|---|---|---|:-:|", *map(str, goals), ""]
    lines += ["| | runs | median | CPU | peak memory | against ours |", "|---|--:|--:|--:|--:|--:|"]
    for name, size in SIZES.items():
        lines += _works(results, name, size)
    if rows := [f"- {name}: {said}." for name, said in results.notes.items() if not name.endswith(Work.UNCHANGED)]:
        lines += ["", "What the masters held, cell by cell, against what the clerks had typed:", "", *rows]
    return "\n".join(lines)


def picture(results: Results) -> str:
    """Returns the chart: seconds from a save to the new master, of ours and of what redoes everything."""
    groups: dict[str, list[Bar]] = {}
    for size in (C1, C2, C3):
        named = {peer: PEERS[peer][1] for peer in PEERS}
        named |= {
            Work.COLD: "syncer, first sync",
            Work.SAVE: "syncer, one save",
            Work.COPY: "copying the master's file",
        }
        found = [(name, results.of(size.name, work)) for work, name in named.items()]
        bars = [Bar(name, once.seconds, ours=name.startswith("syncer")) for name, once in found if once]
        if bars:
            groups[f"{size.units} workbooks × {size.rows:,} rows"] = bars
    return chart("Seconds until the master holds a changed cell (logarithmic)", groups)


def _works(results: Results, name: str, size: Size) -> Iterator[str]:
    works = {
        **{peer: PEERS[peer][1] for peer in PEERS},
        Work.COLD: "**syncer**, first sync",
        Work.SAVE: "**syncer**, one save, cells changed",
        Work.ADDED: "**syncer**, one save, rows added",
        Work.UNCHANGED: "**syncer**, nothing changed",
        Work.LOOKED: "**syncer**, nothing changed, and the pass before is not known to have found nothing",
        Work.DAEMON: "**syncer**, one save as its daemon takes it, from the save on",
        Work.COPY: "copying the master's file, with fsync",
    }
    ours = results.of(name, Work.SAVE)
    for work, words in works.items():
        if once := results.of(name, work):
            ratio = f"{once.seconds / ours.seconds:,.1f} ×" if ours and work in PEERS else ""
            memory = f"{once.peak_mib:,.0f} MiB" if once.peak_mib else ""
            cpu = f"{once.cpu_seconds:.2f} s" if once.cpu_seconds else ""
            yield f"| {size}: {words} | {once.runs} | {_seconds(once.seconds)} | {cpu} | {memory} | {ratio} |"


def _goals(results: Results) -> Iterator[Line]:
    for size, seconds, polars, openpyxl in ((C2, 0.2, 70, 200), (C3, 0.3, 130, 400)):
        yield from _save_goal(results, size, seconds, polars, openpyxl)
        yield from _added_goal(results, size)
    yield from _growth_goal(results)
    yield from _unchanged_goal(results)
    for size, least_polars, least_openpyxl in ((C1, 0.0, 1.0), (C2, 2.0, 5.0), (C3, 2.0, 5.0)):
        yield from _cold_goal(results, size, least_polars, least_openpyxl)
    yield from _memory_goals(results)
    yield from _burst_goal(results)
    yield from _help_goal(results)
    if once := results.of(BUREAU.name, Work.DAEMON):
        found = f"p95 {once.p95:.2f} s (median {once.seconds:.2f} s, {once.runs} saves)"
        yield Line(f"save in a {BUREAU} → master, settling included", "p95 ≤ 1.5 s", found, once.p95 <= 1.5)


def _help_goal(results: Results) -> Iterator[Line]:
    once, nothing = results.of("", Work.HELP), results.of("", Work.PYTHON)
    if once and nothing:
        ratio = once.seconds / nothing.seconds
        found = f"{ratio:.1f} × ({_seconds(once.seconds)})"
        yield Line("`syncer --help`, whole process", "≤ 3 × `python -c pass`", found, ratio <= 3)


def _save_goal(results: Results, size: Size, seconds: float, polars: float, openpyxl: float) -> Iterator[Line]:
    if not (once := results.of(size.name, Work.SAVE)):
        return
    ratios = {peer: _ratio(results.of(size.name, peer), once) for peer in (POLARS, OPENPYXL)}
    found = _seconds(once.seconds) + "".join(
        f", {ratio:,.0f} × {peer.partition('-')[0]}" for peer, ratio in ratios.items() if ratio
    )
    met = once.seconds <= seconds and ratios[POLARS] >= polars and ratios[OPENPYXL] >= openpyxl
    goal = f"≤ {seconds} s, ≥ {polars} × polars, ≥ {openpyxl} × pandas"
    yield Line(f"one save in {size}, warm, without settling", goal, found, met)


def _added_goal(results: Results, size: Size) -> Iterator[Line]:
    changed, added = results.of(size.name, Work.SAVE), results.of(size.name, Work.ADDED)
    if changed and added:
        ratio = added.seconds / changed.seconds
        found = f"{_seconds(added.seconds)}, {ratio:.1f} × of it"
        yield Line(f"the same in {size.name} with 10 rows added", "≤ 2 × of it", found, ratio <= 2)


def _growth_goal(results: Results) -> Iterator[Line]:
    found = [(size, results.of(size.name, Work.GROWN), results.of(size.name, Work.GROWN_COPY)) for size in GROWTH]
    net = {size.total: save.seconds - copy.seconds for size, save, copy in found if save and copy}
    if len(net) > 1:
        flatness = max(net.values()) / min(net.values())
        words = ", ".join(f"{total:,} rows {_seconds(seconds)}" for total, seconds in net.items())
        yield Line("growth: one save, less copying the file", "≤ 1.5 ×", f"{flatness:.1f} × ({words})", flatness <= 1.5)


def _unchanged_goal(results: Results) -> Iterator[Line]:
    if once := results.of(C3.name, Work.UNCHANGED):
        touched = results.notes.get(f"{C3.name} {Work.UNCHANGED}", "")
        others = [name for name in touched.split("、") if name and not name.startswith(HEARTBEAT)]
        found = f"{_seconds(once.seconds)}, {'files touched: ' + touched if others else 'no file touched'}"
        met = once.seconds <= 0.5 and not others
        yield Line(f"nothing changed: `syncer sync` on {C3}", "≤ 0.5 s, no file touched", found, met)


def _cold_goal(results: Results, size: Size, polars: float, openpyxl: float) -> Iterator[Line]:
    if not (once := results.of(size.name, Work.COLD)):
        return
    ratios = {peer: _ratio(results.of(size.name, peer), once) for peer in (POLARS, OPENPYXL)}
    found = _seconds(once.seconds) + "".join(
        f", {ratio:.1f} × {peer.partition('-')[0]}" for peer, ratio in ratios.items() if ratio
    )
    goal = f"≥ {openpyxl:g} × pandas" + (f", ≥ {polars:g} × polars" if polars else "")
    yield Line(f"first sync of {size}", goal, found, ratios[POLARS] >= polars and ratios[OPENPYXL] >= openpyxl)


def _memory_goals(results: Results) -> Iterator[Line]:
    if once := results.of(C3.name, Work.COLD):
        found = f"{once.peak_mib:,.0f} MiB"
        yield Line(f"memory of all processes, first sync of {C3.name}", "≤ 800 MiB", found, once.peak_mib <= 800)
    if runs := results.runs.get(f"{C3.name} {Work.DAEMON}"):
        memory = [run.peak_mib for run in runs]
        found = f"{memory[-1]:,.0f} MiB, after the first save {memory[0]:,.0f} MiB"
        met = memory[-1] <= 300 and flat(memory)
        yield Line(f"memory of the daemon after {len(memory)} saves in {C3.name}", "≤ 300 MiB, flat", found, met)


def _burst_goal(results: Results) -> Iterator[Line]:
    if bursts := sorted(results.bursts, key=lambda burst: burst.seconds):
        middle = bursts[len(bursts) // 2]
        found = f"{middle.seconds:.2f} s after the last, {middle.publishes} publishes"
        met = middle.seconds <= 3 and middle.publishes <= 6
        yield Line(f"{middle.saves} saves in one second in {C2.name}", "within 3 s, ≤ 6 publishes", found, met)


def _ratio(peer: Summary | None, ours: Summary) -> float:
    return peer.seconds / ours.seconds if peer else 0.0


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
