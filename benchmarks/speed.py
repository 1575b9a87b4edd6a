"""Times this project and what an office would run instead, on the same workbooks, in turn: ``make bench``.

    python -m benchmarks.speed                       # everything, and docs/speed.md anew: an hour or so
    python -m benchmarks.speed --quick               # C1 with the peers, one save in C2: some minutes
    python -m benchmarks.speed --only C2 burst       # some of it; docs/speed.md is left alone
    python -m benchmarks.speed --only C3 --keep      # some of it, kept in place of what was measured of it before
    python -m benchmarks.speed --page                # the page again, from what was kept

A peer that is not installed is left out, and said so (``pip install '.[bench]'``). Corpora are kept in the user's cache folder, or in
``--corpus DIR``; what was measured, run by run, in docs/speed.json.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from benchmarks.agreement import compare
from benchmarks.corpora import BUREAU, C1, C2, C3, GROWTH, Size, corpus, default_home, fresh, ledger_of
from benchmarks.daemons import RunningDaemon
from benchmarks.measuring import Measured, copy_with_fsync, repeats, run_process
from benchmarks.results import Parts, Results, Work, load, save, together
from benchmarks.saving import CODES, WarmOffice, bring_to_rest, sync_command
from benchmarks.speed_page import PAGE, RUNS, table, write_page
from benchmarks.stacking import PEERS
from syncer.idle import NOTE
from syncer.workspace import Workspace

MOST_RUNS, QUICK_RUNS = 5, 3
DAEMON_SAVES = 100
BUREAU_SAVES = 40
NO_SETTLING_SECONDS = 0.05  # the least that can be set
NO_DELIVERY = {"SYNCER_DELIVERY__ENABLED": "false"}
NONE_DUE = {"SYNCER_DELIVERY__QUIET_SECONDS": "86400"}  # of what was just saved, however slow the machine
AT_REST = ".at-rest"


class Bench:
    """One run of the benchmarks: offices are made as they are needed, and go when it ends."""

    def __init__(
        self,
        home: Path,
        room: Path,
        peers: Sequence[str],
        *,
        offices: Path | None = None,
        most_runs: int = MOST_RUNS,
        deliver: bool = True,
    ) -> None:
        """``most_runs`` of each thing; without ``deliver`` nothing is written back into workbooks, which takes its time.

        Offices that have come to rest stand in ``offices``, where they are found again; else in the room.
        """
        self.results = Results(measured=when_and_on_what())
        self._home, self._room, self._most_runs, self._deliver = home, room, most_runs, deliver
        self._offices = offices or room
        self._at_rest: dict[str, Workspace] = {}
        self._peers = peers

    def side_by_side(self, size: Size) -> None:
        """A first sync, saves, and the peers' stacks, in turn; all of them must hold the same rows."""
        works: dict[str, Callable[[], Measured]] = {Work.COLD: lambda: self._cold(size)}
        works |= {peer: lambda peer=peer: self._stack(size, peer) for peer in self._peers}  # type: ignore[misc]
        with self._warm(size) as office:
            master = office.master
            works |= {
                Work.SAVE: lambda: office.takes(office.clerks.changes()),
                Work.ADDED: lambda: office.takes(office.clerks.additions()),
                Work.COPY: lambda: copy_with_fsync(master, self._room / "copy.xlsx"),
            }
            self._in_turn(size.name, works)

    def saves(self, size: Size) -> None:
        """Saves alone, and copies of the master."""
        with self._warm(size) as office:
            works: dict[str, Callable[[], Measured]] = {
                Work.SAVE: lambda: office.takes(office.clerks.changes()),
                Work.COPY: lambda: copy_with_fsync(office.master, self._room / "copy.xlsx"),
            }
            self._in_turn(size.name, works)

    def growth(self) -> None:
        """One save in offices of more and more units, each and a copy of its master in turn."""
        with ExitStack() as stack:
            offices = {size.name: stack.enter_context(self._warm(size)) for size in GROWTH}
            for _ in range(MOST_RUNS):
                for name, office in offices.items():
                    self._note(name, Work.GROWN, office.takes(office.clerks.changes()))
                    self._note(name, Work.GROWN_COPY, copy_with_fsync(office.master, self._room / "copy.xlsx"))

    def part(self, name: str) -> Results:
        """Runs one part; returns what it measured."""
        self.results = Results(measured=when_and_on_what())
        PARTS[name](self)
        return self.results

    def unchanged(self, size: Size) -> None:
        """A whole ``syncer sync`` when nothing has changed: how long, and which files it touched all the same.

        In turn with one that does not know that the last one found nothing.
        """
        workspace = self._rest(size)
        bring_to_rest(workspace)  # what other benchmarks saved there
        command, touched = sync_command(workspace.root), set[str]()
        run_process(command, codes=CODES)  # that it finds nothing is remembered for one that is asked the same
        for _ in range(MOST_RUNS):
            before = _files(workspace)
            self._note(size.name, Work.UNCHANGED, run_process(command, codes=CODES))
            (workspace.config.folders.state / NOTE).unlink()
            self._note(size.name, Work.LOOKED, run_process(command, codes=CODES))
            after = _files(workspace)
            touched |= {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        self.results.notes[f"{size.name} {Work.UNCHANGED}"] = "、".join(sorted(touched))

    def helping(self) -> None:
        """``syncer --help``, and Python that does nothing."""
        for _ in range(MOST_RUNS):
            self._note("", Work.HELP, run_process([sys.executable, "-m", "syncer", "--help"]))
            self._note("", Work.PYTHON, run_process([sys.executable, "-c", "pass"]))

    def memory(self, size: Size) -> None:
        """The daemon's memory over many saves."""
        with RunningDaemon(self._rest(size), NO_SETTLING_SECONDS) as daemon:
            for run in daemon.saves(DAEMON_SAVES):
                self._note(size.name, Work.DAEMON, run)

    def bursts(self, size: Size) -> None:
        """Many units save within a second."""
        with RunningDaemon(self._rest(size)) as daemon:
            for _ in range(3):
                self.results.bursts.append(daemon.burst())
                say(f"{size.name} {self.results.bursts[-1]}")

    def bureau(self) -> None:
        """A bureau of everyday size, with everything as it is set up: each save until it stands in the master."""
        with RunningDaemon(self._rest(BUREAU)) as daemon:
            for run in daemon.saves(BUREAU_SAVES):
                self._note(BUREAU.name, Work.DAEMON, run)

    def _in_turn(self, corpus: str, works: Mapping[str, Callable[[], Measured]]) -> None:
        """A B C A B C …, each as often as its first run allows."""
        due = dict.fromkeys(works, 1)
        done = 0
        while any(times > done for times in due.values()):
            for work, run in works.items():
                if due[work] > done:
                    measured = run()
                    self._note(corpus, work, measured)
                    if not done:
                        due[work] = min(repeats(measured.seconds), self._most_runs)
            done += 1

    def _note(self, corpus: str, work: str, run: Measured) -> None:
        self.results.add(corpus, work, run)
        say(f"{corpus} {work}: {run.seconds:.3f} s, CPU {run.cpu_seconds:.2f} s, {run.peak_mib:.0f} MiB")

    def _cold(self, size: Size) -> Measured:
        workspace = fresh(size, self._home, self._room / f"{size.name}-cold")
        run = run_process(sync_command(workspace.root), environment=NONE_DUE, codes=CODES)
        if f"{size.name} {Work.COLD}" not in self.results.notes:
            ledger = ledger_of(workspace)
            self._agreed(size, Work.COLD, str(compare(ledger, size, workspace.master_book(ledger), ours=True)))
        shutil.rmtree(workspace.root)
        return run

    def _stack(self, size: Size, peer: str) -> Measured:
        workspace = Workspace.at(corpus(size, self._home))
        target = self._room / f"{peer}.xlsx"
        ledger = ledger_of(workspace)
        sheets = ",".join(sheet.name for sheet in ledger.sheets)
        units = str(workspace.config.folders.units)
        run = run_process([sys.executable, "-m", "benchmarks.stacking", peer, units, str(target), sheets])
        if f"{size.name} {peer}" not in self.results.notes:
            self._agreed(size, peer, str(compare(ledger, size, target, ours=False)))
        return run

    def _agreed(self, size: Size, work: str, words: str) -> None:
        self.results.notes[f"{size.name} {work}"] = words
        say(f"{size.name} {work}: {words}")

    @contextmanager
    def _warm(self, size: Size) -> Iterator[WarmOffice]:
        with WarmOffice(self._rest(size), {} if self._deliver else NO_DELIVERY) as office:
            yield office

    def _rest(self, size: Size) -> Workspace:
        """An office that has been synced once, and has had everything delivered that was due."""
        if size.name not in self._at_rest:
            place = self._offices / f"{size.name}-rest"
            self._at_rest[size.name] = Workspace.at(place) if (place / AT_REST).exists() else self._made(size, place)
        return self._at_rest[size.name]

    def _made(self, size: Size, place: Path) -> Workspace:
        workspace = fresh(size, self._home, place)
        say(f"{size.name}: an office is synced and brought to rest")
        if self._deliver:
            bring_to_rest(workspace)
        else:
            run_process(sync_command(workspace.root), environment=NO_DELIVERY, codes=CODES)
        (place / AT_REST).touch()
        return workspace


PARTS: Mapping[str, Callable[[Bench], None]] = {
    "C1": lambda bench: bench.side_by_side(C1),
    "C2": lambda bench: bench.side_by_side(C2),
    "C3": lambda bench: bench.side_by_side(C3),
    "C2-save": lambda bench: bench.saves(C2),
    "growth": Bench.growth,
    "unchanged": lambda bench: bench.unchanged(C3),
    "memory": lambda bench: bench.memory(C3),
    "help": Bench.helping,
    "burst": lambda bench: bench.bursts(C2),
    "bureau": Bench.bureau,
}
WHOLE = ("C1", "bureau", "C2", "burst", "C3", "growth", "unchanged", "memory", "help")
QUICK = ("C1", "C2-save")


def installed_peers() -> Iterator[str]:
    """Yields the peers that can be run here; says which cannot."""
    for peer, (_, name, modules) in PEERS.items():
        if absent := [module for module in modules if find_spec(module) is None]:
            say(f"{name} is left out: {', '.join(absent)} not installed (pip install '.[bench]')")
        else:
            yield peer


def when_and_on_what() -> str:
    """Names the day, and the machine in general terms."""
    of_what = f"{os.cpu_count()} processor cores, {platform.system()}, Python {platform.python_version()}"
    return f"{date.today().isoformat()}, {of_what}"


def say(text: str) -> None:
    """Says how far the run is."""
    print(text, file=sys.stderr, flush=True)


def _files(workspace: Workspace) -> dict[str, tuple[int, int, int]]:
    """Returns the marks of all files that people see."""
    folders = workspace.folders()
    paths = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(workspace.root).as_posix(): (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        for path in paths
        for facts in [path.stat()]
    }


def main() -> int:
    """Runs what was asked for and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), metavar="PART", default=())
    parser.add_argument(
        "--offices", type=Path, metavar="DIR", help="keep synced offices there, and go on with them (not timed)"
    )
    parser.add_argument("--runs", type=int, metavar="N", help="of each thing at most")
    parser.add_argument("--keep", action="store_true", help="keep what is measured, and write the page anew")
    parser.add_argument("--page", action="store_true", help="make the page from what was kept")
    parser.add_argument("--corpus", type=Path, default=default_home(), metavar="DIR")
    asked = parser.parse_args()
    if asked.keep and (asked.quick or asked.runs or not set(asked.only) <= set(WHOLE)):
        parser.error(f"--keep is for whole runs of {', '.join(WHOLE)}")
    asked.corpus.mkdir(parents=True, exist_ok=True)
    if asked.page:
        return 0 if _write_page(load(RUNS)) else 1
    names = asked.only or (QUICK if asked.quick else WHOLE)
    keep = asked.keep or not (asked.only or asked.quick or asked.runs)
    before = load(RUNS) if asked.only else {}
    parts: Parts = {}
    with tempfile.TemporaryDirectory(prefix="room-", dir=asked.corpus) as room:
        most_runs = asked.runs or (QUICK_RUNS if asked.quick else MOST_RUNS)
        peers = list(installed_peers())
        deliver = not asked.quick
        bench = Bench(asked.corpus, Path(room), peers, offices=asked.offices, most_runs=most_runs, deliver=deliver)
        try:
            for name in names:
                parts[name] = bench.part(name)
                if keep:  # the next one may take an hour
                    save(before | parts, RUNS)
        finally:
            print(table(together(parts)))
    if keep:
        _write_page(before | parts)
    return 0


def _write_page(parts: Parts) -> bool:
    """Writes the page, if all that stands on it was measured; tells whether."""
    if missing := [name for name in WHOLE if name not in parts]:
        say(f"{PAGE} is left as it is: {', '.join(missing)} not measured yet")
        return False
    write_page(together({name: parts[name] for name in WHOLE}))
    say(f"{PAGE} is written anew")
    return True


if __name__ == "__main__":
    sys.exit(main())
