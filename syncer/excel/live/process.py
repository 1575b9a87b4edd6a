"""The near end of the bridge: starts the worker, hands it jobs, and kills it when one takes too long. No xlwings here."""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from syncer.excel.live.report import Report, State
from syncer.excel.live.worker import Job, serve

JOB_SECONDS = 120.0  # for a job, Excel's refusals included: a first look at a large master
PATIENCE_SECONDS = 8.0  # with an Excel that takes no calls

_SPAWN = multiprocessing.get_context("spawn")


class Worker:
    """One worker process, started when first needed and again after it was killed. ``do`` from one thread; ``kill`` from any."""

    engine = ""
    """A module that registers an engine for Excel: tests have one of their own. "": Excel's."""

    def __init__(self, *, job_seconds: float | None = None, patience_seconds: float | None = None) -> None:
        self._job_seconds = JOB_SECONDS if job_seconds is None else job_seconds
        self._patience = PATIENCE_SECONDS if patience_seconds is None else patience_seconds
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The worker's process id, while there is one."""
        return self._process.pid if self._process else None

    def do(self, job: Job) -> Report:
        """Returns how a job ended; it ends in time, whatever Excel does."""
        with self._lock:
            if self._stopped:
                return Report(State.KILLED)
            if self._process is None or not self._process.is_alive():
                self._start()
        connection = self._connection
        try:
            connection.send(job)
            if connection.poll(self._job_seconds):
                answer: Report = connection.recv()
                return answer
        except (EOFError, OSError):
            pass  # it died
        self.kill()
        return Report(State.KILLED, wrote=True)

    def _start(self) -> None:
        self._connection, theirs = _SPAWN.Pipe()
        arguments = (theirs, self.engine, self._patience)
        self._process = _SPAWN.Process(target=serve, args=arguments, name="syncer-excel", daemon=True)
        self._process.start()
        theirs.close()

    def kill(self) -> None:
        """Ends the worker at once, whatever it is doing; the next job has a new one."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.join(10)
            with suppress(OSError):
                self._connection.close()

    def stop(self) -> None:
        """Ends the worker for good."""
        self._stopped = True
        self.kill()
