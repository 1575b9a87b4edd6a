"""What a run of the benchmarks measured, by corpus and by what was done; kept as JSON, run by run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from benchmarks.daemons import Burst
from benchmarks.measuring import Measured, Summary, summary


class Work(StrEnum):
    """What was done with an office. A peer's stack goes by the peer's name instead."""

    COLD = "cold"
    SAVE = "save"
    ADDED = "added"
    COPY = "copy"
    GROWN = "growth"  # a save, in turn with those of other sizes
    GROWN_COPY = "growth copy"
    UNCHANGED = "unchanged"  # a pass that is known to find nothing
    LOOKED = "looked"  # one that has to look
    DAEMON = "daemon"
    HELP = "help"  # `syncer --help`, with no office
    PYTHON = "python"  # Python that does nothing


@dataclass(slots=True)
class Results:
    """What one part of the benchmarks measured, or several of them together: no two parts measure the same."""

    runs: dict[str, list[Measured]] = field(default_factory=dict)  # "C2 cold" → its runs, in order
    bursts: list[Burst] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)  # "C2 cold" → what else is to be said of it
    measured: str = ""  # when, and on what

    def add(self, corpus: str, work: str, run: Measured) -> None:
        """Adds one run."""
        self.runs.setdefault(f"{corpus} {work}", []).append(run)

    def of(self, corpus: str, work: str) -> Summary | None:
        """Returns the medians of what was done with a corpus; ``None`` where it was not done."""
        runs = self.runs.get(f"{corpus} {work}")
        return summary(runs) if runs else None


Parts = dict[str, Results]
"""What the parts of the benchmarks measured, by their names."""


def together(parts: Mapping[str, Results]) -> Results:
    """Returns what several parts measured as one."""
    whole = Results(measured=_when(parts))
    for part in parts.values():
        whole.runs |= part.runs
        whole.notes |= part.notes
        whole.bursts += part.bursts
    return whole


def _when(parts: Mapping[str, Results]) -> str:
    """When, and on what, the parts were measured; ratios are of one part always, whose works were done in turn."""
    named: dict[str, list[str]] = {}
    for name, part in parts.items():
        named.setdefault(part.measured, []).append(name)
    if len(named) < 2:
        return next(iter(named), "")
    return "; ".join(f"{', '.join(names)}: {measured}" for measured, names in named.items())


def save(parts: Mapping[str, Results], path: Path) -> None:
    """Keeps everything as JSON, a part a line."""
    lines = (f"{json.dumps(name)}: {json.dumps(asdict(part), ensure_ascii=False)}" for name, part in parts.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def load(path: Path) -> Parts:
    """Reads what `save` kept; nothing where there is none."""
    if not path.exists():
        return {}
    parts: Parts = {}
    for name, held in json.loads(path.read_text(encoding="utf-8")).items():
        runs = {work: [Measured(**run) for run in runs] for work, runs in held["runs"].items()}
        parts[name] = Results(runs, [Burst(**burst) for burst in held["bursts"]], held["notes"], held["measured"])
    return parts
