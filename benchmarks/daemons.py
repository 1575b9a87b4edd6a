"""The real daemon, from a clerk's save to the new master: one save at a time, many at once, and its memory over time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from benchmarks.clerks import Clerks
from benchmarks.corpora import ledger_of
from benchmarks.measuring import CpuTrail, Editions, Measured, memory_mib
from syncer.workspace import Workspace

PATIENCE_SECONDS = 600.0
IDLE_SECONDS, IDLE_SHARE = 25.0, 0.1  # longer than the daemon lets pass between two passes
BURST = 50
AFTERWARDS_SECONDS = 1.0  # what follows the master (feedback, inbox) has its time before the next save


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of many saves within a second."""

    saves: int
    saving_seconds: float  # from the first to the last save
    seconds: float  # from the last save to the master that held all of them
    publishes: int


class RunningDaemon:
    """``syncer run`` on an office where everything has been delivered that was due today."""

    def __init__(self, workspace: Workspace, settle_seconds: float | None = None) -> None:
        ledger = ledger_of(workspace)
        self.clerks = Clerks(workspace, ledger)
        self._editions = Editions(workspace.master_book(ledger))
        self._root = workspace.root
        self._settings = {} if settle_seconds is None else {"SYNCER_WATCH__SETTLE_SECONDS": str(settle_seconds)}

    def __enter__(self) -> Self:
        self._process = self._started({"SYNCER_DELIVERY__QUIET_SECONDS": "0"})
        self._until_idle()
        self._stop()
        self._process = self._started(self._settings)
        self.one_save()  # it has looked at everything, and its reading children are warm
        self._until_idle()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _started(self, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "syncer", "-C", str(self._root), "-q", "run"]
        nowhere = subprocess.DEVNULL
        return subprocess.Popen(command, env={**os.environ, **settings}, stdout=nowhere, stderr=nowhere)

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

    def _until_idle(self) -> None:
        """Waits until it does no more than look: deliveries to many workbooks come in several passes, some seconds apart."""
        used = IDLE_SECONDS
        while used > IDLE_SHARE * IDLE_SECONDS:
            trail = CpuTrail(self._process.pid)
            time.sleep(IDLE_SECONDS)
            used = trail.used_so_far()

    @property
    def memory_mib(self) -> float:
        """What the daemon and its reading children hold now."""
        return memory_mib(self._process.pid)

    def one_save(self) -> Measured:
        """Saves a few changed cells; returns how long it took until the master held them, settling included."""
        prepared = self.clerks.changes()
        self._editions.look()
        self._editions.forget()
        saved_at = time.time()
        prepared.save()
        edition = self._editions.wait_for(prepared.mark, seconds=PATIENCE_SECONDS)
        return Measured(edition.placed_at - saved_at, peak_mib=self.memory_mib)

    def saves(self, count: int) -> list[Measured]:
        """Saves so many times, one after the other."""
        done = []
        for _ in range(count):
            done.append(self.one_save())
            time.sleep(AFTERWARDS_SECONDS)
        return done

    def burst(self, saves: int = BURST) -> Burst:
        """Lets as many units save within a second; returns when the master held them all."""
        prepared = [self.clerks.changes() for _ in range(saves)]
        self._until_idle()
        self._editions.look()
        self._editions.forget()
        first = time.time()
        for at, save in enumerate(prepared):
            time.sleep(max(0.0, first + at / saves - time.time()))
            save.save()
        last = time.time()
        complete = self._editions.wait_for(*(save.mark for save in prepared), seconds=PATIENCE_SECONDS)
        publishes = self._editions.seen.index(complete) + 1
        return Burst(saves, last - first, complete.placed_at - last, publishes)


def flat(memory: Sequence[float]) -> bool:
    """Whether memory after all saves is what it was after the first fifth, but for a tenth."""
    early = max(memory[: max(1, len(memory) // 5)])
    return memory[-1] <= early * 1.1
