"""What a run of the benchmarks measured, by corpus and by what was done; kept as JSON beside the corpora."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.daemons import Burst
from benchmarks.measuring import Measured, Summary, summary

COLD, SAVE, ADDED, COPY, UNCHANGED, DAEMON = "cold", "save", "added", "copy", "unchanged", "daemon"
"""What was done; a peer's stack goes by the peer's name."""


@dataclass(slots=True)
class Results:
    """All runs so far."""

    runs: dict[str, list[Measured]] = field(default_factory=dict)  # "C2 cold" → its runs, in order
    bursts: list[Burst] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)  # "C2 cold" → what else is to be said of it
    machine: str = ""
    days: dict[str, str] = field(default_factory=dict)  # part of the benchmark → the day (ISO) it was run

    def add(self, corpus: str, work: str, run: Measured) -> None:
        """Adds one run."""
        self.runs.setdefault(f"{corpus} {work}", []).append(run)

    def of(self, corpus: str, work: str) -> Summary | None:
        """Returns the medians of what was done with a corpus; ``None`` where it was not done."""
        runs = self.runs.get(f"{corpus} {work}")
        return summary(runs) if runs else None

    def take_over(self, other: Results) -> None:
        """Takes what another run measured in place of what was measured of the same before."""
        self.runs |= other.runs
        self.notes |= other.notes
        self.days |= other.days
        self.bursts = other.bursts or self.bursts
        self.machine = other.machine

    def save(self, path: Path) -> None:
        """Keeps everything as JSON."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Results:
        """Reads what `save` kept."""
        held = json.loads(path.read_text(encoding="utf-8"))
        runs = {name: [Measured(**run) for run in runs] for name, runs in held["runs"].items()}
        bursts = [Burst(**burst) for burst in held["bursts"]]
        return cls(runs, bursts, held["notes"], held["machine"], held.get("days", {}))
