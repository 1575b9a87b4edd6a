"""One save, from the pass that finds it to the new master in place; the program warm, as its daemon is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from benchmarks.clerks import Clerks, PreparedSave
from benchmarks.corpora import AS_OF, ledger_of
from benchmarks.measuring import CpuTrail, Editions, Measured, memory_mib, run_process
from syncer.workspace import Workspace

PATIENCE_SECONDS = 600
CODES = (0, 1)  # 1: done, and a person is needed, as in any office


def sync_command(root: Path) -> list[str]:
    """Returns how one pass is run as a whole process."""
    return [sys.executable, "-m", "syncer", "-C", str(root), "-q", "sync", "--as-of", AS_OF.isoformat()]


def bring_to_rest(workspace: Workspace) -> None:
    """Has everything delivered that is due, as it would be some minutes after the first sync."""
    environment = {"SYNCER_DELIVERY__QUIET_SECONDS": "0"}
    for _ in range(2):  # what was delivered is published by the same pass; the second finds nothing
        run_process(sync_command(workspace.root), environment=environment, codes=CODES)


class WarmOffice:
    """An office at rest, held open by a process of its own."""

    def __init__(self, workspace: Workspace, environment: Mapping[str, str]) -> None:
        ledger = ledger_of(workspace)
        self.clerks, self.master = Clerks(workspace, ledger), workspace.master_book(ledger)
        self._editions = Editions(self.master)
        command = [sys.executable, "-m", "benchmarks.warm_office", str(workspace.root)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **environment})
        self._pass()

    def __enter__(self) -> Self:
        self.takes(self.clerks.changes())  # the first save after a start finds nothing ready
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def takes(self, prepared: PreparedSave) -> Measured:
        """Saves, has it taken in, and returns how long it took until the master held it, and the CPU time until then."""
        self._editions.look()
        self._editions.forget()
        prepared.save()
        with CpuTrail(self._process.pid) as trail:
            did = self._pass()
        if not did["taken"]:
            raise RuntimeError(f"{prepared.path.name} was not taken in: {did}")
        edition = self._editions.wait_for(prepared.mark, seconds=PATIENCE_SECONDS)
        return Measured(edition.placed_at - did["started"], trail.used_until(edition.placed_at), self.memory_mib)

    @property
    def memory_mib(self) -> float:
        """What the office and its reading children hold now."""
        return memory_mib(self._process.pid)

    def _pass(self) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write("\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError("the office has ended")
        found: dict[str, Any] = json.loads(line)
        return found
