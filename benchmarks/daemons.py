"""The real daemon, from a clerk's save to the new master: one save at a time, many at once, and its memory over time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from benchmarks.clerks import Clerks
from benchmarks.corpora import ledger_of
from benchmarks.measuring import LOOK_SECONDS, Editions, Measured, memory_mib
from syncer.workspace import Workspace

PATIENCE_SECONDS = 600.0
QUIET_SECONDS = 3.0  # without a new master: then nothing more follows
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
    """``syncer run`` on an office at rest."""

    def __init__(self, workspace: Workspace, settle_seconds: float | None = None) -> None:
        ledger = ledger_of(workspace)
        self.clerks = Clerks(workspace, ledger)
        self._editions = Editions(workspace.master_book(ledger))
        settings = {} if settle_seconds is None else {"SYNCER_WATCH__SETTLE_SECONDS": str(settle_seconds)}
        command = [sys.executable, "-m", "syncer", "-C", str(workspace.root), "-q", "run"]
        self._process = subprocess.Popen(
            command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> Self:
        self.one_save()  # it has looked at everything, and its reading children are warm
        self._rest()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()

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

    def burst(self) -> Burst:
        """Lets as many units save within a second; returns when the master held them all."""
        prepared = [self.clerks.changes() for _ in range(BURST)]
        self._rest()
        first = time.time()
        for at, save in enumerate(prepared):
            time.sleep(max(0.0, first + at / BURST - time.time()))
            save.save()
        last = time.time()
        complete = self._editions.wait_for(*(save.mark for save in prepared), seconds=PATIENCE_SECONDS)
        publishes = self._editions.seen.index(complete) + 1
        return Burst(BURST, last - first, complete.placed_at - last, publishes)

    def _rest(self) -> None:
        """Waits until no new master has come for some seconds, and forgets those that have."""
        last_change = time.monotonic()
        while time.monotonic() - last_change < QUIET_SECONDS:
            if self._editions.look():
                last_change = time.monotonic()
            time.sleep(LOOK_SECONDS)
        self._editions.forget()


def flat(memory: Sequence[float]) -> bool:
    """Whether memory after all saves is what it was after the first fifth, but for a tenth."""
    early = max(memory[: max(1, len(memory) // 5)])
    return memory[-1] <= early * 1.1
