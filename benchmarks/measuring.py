"""Wall clock, CPU and memory of whole processes with their children, and the moment a file was replaced.

Times are seconds, memory is MiB: resident set sizes added up over all processes, so that pages they share count in each.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import psutil

SAMPLE_SECONDS, CPU_SAMPLE_SECONDS = 0.05, 0.02
LOOK_SECONDS = 0.005
LONG_SECONDS = 60  # what takes longer is done three times, else five


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of something."""

    seconds: float
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """Medians over the runs of one thing, its peak memory the largest seen."""

    runs: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    slowest: float
    p95: float


def summary(runs: Sequence[Measured]) -> Summary:
    """Returns the medians of some runs."""
    seconds = sorted(run.seconds for run in runs)
    return Summary(
        len(runs),
        statistics.median(seconds),
        statistics.median(run.cpu_seconds for run in runs),
        max(run.peak_mib for run in runs),
        seconds[-1],
        seconds[max(0, -(-len(seconds) * 95 // 100) - 1)],
    )


def repeats(first_seconds: float) -> int:
    """How often to measure something that took so long the first time."""
    return 5 if first_seconds <= LONG_SECONDS else 3


def run_process(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] = {},
    codes: Sequence[int] = (0,),
) -> Measured:
    """Runs a program to its end; raises `RuntimeError` where it ends with another code than ``codes``."""
    started = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        with peak_memory(process.pid) as peak:
            said = process.stderr.read() if process.stderr else b""
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(command)}: {process.returncode}\n{said.decode(errors='replace')[-2000:]}")
    return Measured(seconds, used.ru_utime + used.ru_stime, peak.mib)


@dataclass(slots=True)
class Peak:
    """The most memory seen so far."""

    mib: float = 0.0


@contextmanager
def peak_memory(pid: int) -> Iterator[Peak]:
    """Samples the memory of a process and all below it while the block runs."""
    peak, over = Peak(), threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            peak.mib = max(peak.mib, memory_mib(pid))

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        yield peak
    finally:
        over.set()
        sampler.join()


def memory_mib(pid: int) -> float:
    """Returns what a process and all below it hold in memory now."""
    return sum(_resident(process) for process in _family(pid)) / (1 << 20)


class CpuTrail:
    """Follows the CPU time of a process and those below it (as they are when it begins), while a block runs."""

    def __init__(self, pid: int) -> None:
        self._family = _family(pid)
        self._trail = [(time.time(), self._used())]
        self._over = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Self:
        self._sampler.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._sampler.join()
        self._trail.append((time.time(), self._used()))

    def used_until(self, moment: float) -> float:
        """Returns the CPU time used from the beginning to a moment (wall clock), to within a sample."""
        return next(used for at, used in self._trail if at >= moment or at == self._trail[-1][0]) - self._trail[0][1]

    def used_so_far(self) -> float:
        """Returns the CPU time used since the beginning."""
        return self._used() - self._trail[0][1]

    def _sample(self) -> None:
        while not self._over.wait(CPU_SAMPLE_SECONDS):
            self._trail.append((time.time(), self._used()))

    def _used(self) -> float:
        total = 0.0
        for process in self._family:
            with suppress(psutil.Error):  # it has ended
                times = process.cpu_times()
                total += times.user + times.system
        return total


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def copy_with_fsync(source: Path, target: Path) -> Measured:
    """Copies a file to a temporary one, forces it to disk and renames it: what replacing a file costs at the very least."""
    started = time.perf_counter()
    temporary = target.with_suffix(".part")
    shutil.copyfile(source, temporary)
    with temporary.open("rb+") as stream:
        os.fsync(stream.fileno())
    temporary.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return Measured(time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Edition:
    """One state of a file that is replaced as a whole."""

    placed_at: float  # wall clock: a rename sets the change time
    content: BinaryIO


class Editions:
    """Watches a file that is replaced as a whole. Each edition stays open, so that it can be read when others have followed.

    Nothing but its access time is touched: a second name would change what the program under test looks at.
    """

    def __init__(self, target: Path) -> None:
        self.seen: list[Edition] = []
        self._target = target
        self._known = _identity(target.stat()) if target.exists() else None

    def look(self) -> bool:
        """Notes a new edition, if there is one since the last look."""
        try:
            if _identity(self._target.stat()) == self._known:
                return False
            content = self._target.open("rb")
        except FileNotFoundError:  # between two editions, where replacing takes two steps
            return False
        facts = os.fstat(content.fileno())
        self._known = _identity(facts)
        self.seen.append(Edition(facts.st_ctime, content))
        return True

    def wait_for(self, *texts: str, seconds: float) -> Edition:
        """Returns the first edition that holds all these texts, waiting for it; raises `TimeoutError`.

        To read one takes a while: those that follow meanwhile are noted all the same.
        """
        until, at = time.monotonic() + seconds, len(self.seen)
        self.look()
        with self._looking():
            while time.monotonic() < until:
                while at < len(self.seen):
                    if holds(self.seen[at].content, *texts):
                        return self.seen[at]
                    at += 1
                time.sleep(LOOK_SECONDS)
        raise TimeoutError(f"{self._target.name} does not hold {texts[:3]} after {seconds:.0f} s")

    @contextmanager
    def _looking(self) -> Iterator[None]:
        ended = threading.Event()

        def go_on() -> None:
            while not ended.wait(LOOK_SECONDS):
                self.look()

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def forget(self) -> None:
        """Lets go of the editions seen so far."""
        for edition in self.seen:
            edition.content.close()
        self.seen.clear()


def _identity(facts: os.stat_result) -> tuple[int, int]:
    return facts.st_ino, facts.st_mtime_ns


def holds(book: BinaryIO, *texts: str) -> bool:
    """Whether all these texts stand somewhere in a workbook's sheets."""
    wanted = {text.encode() for text in texts}
    with zipfile.ZipFile(book) as package:
        for name in package.namelist():
            if wanted and (name.startswith("xl/worksheets/") or name == "xl/sharedStrings.xml"):
                content = package.read(name)
                wanted = {text for text in wanted if text not in content}
    return not wanted
