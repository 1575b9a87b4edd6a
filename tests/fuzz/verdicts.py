"""What a reading child made of many files: counted by outcome, with the slowest of them and the memory a child took at most."""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from syncer.core.model import Book, Refusal
from syncer.excel.reading import Readers
from syncer.excel.reading_child import Limits

KEPT_SLOWEST = 10
READ, NOT_A_VERDICT = "read", "NOT A VERDICT"


@dataclass(frozen=True)
class Verdict:
    """One file's outcome: ``read`` or a code with its facts; how long it took, in seconds."""

    name: str
    outcome: str
    facts: str
    seconds: float
    fault: bool = False  # our own code failed on it


@dataclass
class Verdicts:
    """The outcomes of a run so far."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: list[Verdict] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        self.outcomes[verdict.outcome] += 1
        if verdict.fault:
            self.faults.append(f"{verdict.name}: {verdict.outcome} {verdict.facts}")
        self.slowest = sorted([*self.slowest, verdict], key=lambda v: -v.seconds)[:KEPT_SLOWEST]

    def lines(self) -> Iterator[str]:
        """Yields what a person wants to know of the run."""
        yield f"{self.outcomes.total():,} files"
        for outcome, count in sorted(self.outcomes.items(), key=lambda item: (-item[1], item[0])):
            yield f"  {outcome:<14} {count:>7,}"
        yield "slowest:"
        yield from (f"  {v.seconds:6.2f} s  {v.outcome}  {v.name}  {v.facts}" for v in self.slowest)
        yield f"faults of our own: {len(self.faults)}"
        yield from (f"  {fault}" for fault in self.faults)


def verdict_of(path: Path, result: object, seconds: float) -> Verdict:
    """Names what came back for a file; anything but a book or a coded refusal is a fault of ours."""
    match result:
        case Book():
            return Verdict(path.name, READ, "", seconds)
        case Refusal(code=code, facts=facts):
            said = ", ".join(f"{name}={value}" for name, value in facts)
            return Verdict(path.name, code, said, seconds, fault=("detail", "reader fault") in facts)
        case _:
            return Verdict(path.name, NOT_A_VERDICT, type(result).__name__, seconds, fault=True)


def try_all(
    paths: Iterable[Path], limits: Limits, children: int = 1, each: Callable[[Path, Verdict], None] | None = None
) -> Verdicts:
    """Reads every file in supervised children, one at a time, and counts what came of it."""
    verdicts = Verdicts()
    with Readers(children, limits) as readers:
        for path in paths:
            began = time.monotonic()
            verdict = verdict_of(path, readers.read(path), time.monotonic() - began)
            verdicts.add(verdict)
            if each:
                each(path, verdict)
    return verdicts


def peak_of_children_mib() -> float:
    """Returns the most memory that any ended child of this process ever held, in MiB."""
    return _mib(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def peak_of_this_process_mib() -> float:
    """Returns the most memory that this process ever held, in MiB."""
    return _mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _mib(maximum: int) -> float:
    return maximum / (1 << 20 if sys.platform == "darwin" else 1 << 10)  # bytes there, KiB elsewhere
