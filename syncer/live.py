"""The open books follow what was published: the daemon's side, which hands out jobs and takes reports, and never waits.

    after a pass → the newest job of each book → a thread → the worker process → Excel
    before the next pass ← what became of it

The database is the truth as ever: what cannot be written now is written at the next pass, or when the book is closed.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from syncer.control import ledger_in_force
from syncer.excel.inboxbook import room_ends
from syncer.excel.live.append import Append
from syncer.excel.live.follow import Follow
from syncer.excel.live.probe import Probe
from syncer.excel.live.process import Worker
from syncer.excel.live.report import Report, State
from syncer.excel.live.worker import Job
from syncer.inbox import inbox_of, next_edition
from syncer.inbox_memory import load_memory, save_memory
from syncer.live_files import EditionFiles, UnseenEditions, withdraw
from syncer.store.disk import stat_mark
from syncer.store.editions import Edition, Editions
from syncer.sync import Synced
from syncer.watch.owners import is_open
from syncer.workspace import Office

CLOSING_SECONDS = 1.0  # how often it is asked whether a book that waits for it was closed
_SETTLED = frozenset({State.DONE, State.WAITS, State.FAULT})  # nothing more comes of the same job

log = structlog.get_logger()


class LiveBridge:
    """Keeps one thread and one worker. ``after`` and ``take_reports`` are called by the daemon's loop and return at once."""

    def __init__(self, office: Office, wake: threading.Event, worker: Worker | None = None) -> None:
        self._office, self._wake = office, wake
        self._worker = worker or Worker()
        self._jobs: dict[type[Job], Job] = {}  # the newest of each kind
        self._reports: deque[tuple[Job, Report]] = deque()
        self._waiting_for: set[Path] = set()  # books that are to be replaced when they are closed
        self._news = threading.Condition()
        self._stopped = False
        self._settled: dict[type[Job], object] = {}  # of each kind, what needs no other job
        self._unseen = UnseenEditions()
        self._files = EditionFiles(office)
        self._asked_for: set[int] = set()  # older editions that the open book may hold cells of
        self._said = ""
        self._is_off = False  # there is no Excel that could be reached
        self._thread = threading.Thread(target=self._run, name="syncer-live", daemon=True)
        self._thread.start()
        self._give(Probe())

    # ---- the daemon's side

    def after(self, done: Synced) -> None:
        """Offers what a pass published; takes back the complaint about a master that stands open and shows it already."""
        master = done.master
        if master is None or self._is_off:
            return
        target = self._offer_master(master)
        if self._settled.get(Follow) == (target, State.DONE):
            problems = done.publication.problems
            shown = [p for p in problems if p.code == "PUB-002" and p.place.file == master.name]
            done.publication.problems = [p for p in problems if p not in shown]
            done.problems = [p for p in done.problems if p not in shown]
        if done.inbox_shown.waits and done.inbox_shown.new_waiting:
            self._offer_inbox()
        open_books = (master, self._office.workspace.inbox_book)
        with self._news:
            self._waiting_for = {path for path in open_books if is_open(path, time.time())}

    def _offer_master(self, master: Path) -> int:
        """Hands the present edition over, unless it is settled, and gives back those that nobody saw; returns its number."""
        known = Editions(self._office.store.engine).of(self._office.workspace.relative(master))
        is_on_disk, target = self._present(master, known)
        if is_on_disk:
            self._unseen.placed(target)
        unseen = self._unseen.unseen(target)
        for edition in known:
            if edition.number in unseen:
                withdraw(self._office, edition)
                self._unseen.forget(edition.number)
        settled = self._settled.get(Follow)
        if not target or (isinstance(settled, tuple) and settled[0] == target):
            return target
        files = self._files.of([e for e in known if e.number not in unseen], target, self._asked_for)
        if target in dict(files):
            self._unseen.handed(target, is_on_disk=is_on_disk)
            self._give(Follow(master, target, files, frozenset(self._asked_for - dict(files).keys())))
        return target

    def _present(self, master: Path, known: Sequence[Edition]) -> tuple[bool, int]:
        """Returns whether the present edition stands on the disk, and its number: not always the highest, for contents come back."""
        published = self._office.store.known_files.published(self._office.workspace.relative(master))
        try:
            is_there = published is not None and stat_mark(master) == published.stat
        except OSError:
            is_there = False
        digest = published.sha256 if published and is_there else ""
        placed = next((edition.number for edition in known if edition.sha256 == digest), 0)
        target = self._office.edition or placed
        return bool(target) and target == placed, target

    def _offer_inbox(self) -> None:
        office = self._office
        ledger = ledger_in_force(office, office.clock().date())
        now, memory = inbox_of(office, ledger), load_memory(office)
        ids = tuple(line.id for line in now.waiting if line.id not in memory.newest.listed)
        if ids and self._settled.get(Append) != ids:
            _, data = next_edition(now, memory, ledger)
            self._give(Append(office.workspace.inbox_book, data, ids, room_ends(memory.newest.written)))

    def take_reports(self) -> None:
        """Takes what became of the jobs since the last pass."""
        while self._reports:
            job, report = self._reports.popleft()
            self._log(job, report)
            self._is_off = report.state is State.NO_EXCEL
            match job:
                case Follow():
                    self._followed(job, report)
                case Append():
                    self._appended(job, report)

    def _followed(self, job: Follow, report: Report) -> None:
        self._unseen.reported(job.target, wrote=report.wrote)
        if report.state is State.LACKS:
            self._asked_for |= set(report.found)
            self._wake.set()
        if _is_settled(job.path, report.state):
            self._settled[Follow] = (job.target, report.state)

    def _appended(self, job: Append, report: Report) -> None:
        """Remembers what the open book shows beside what its edition listed."""
        if _is_settled(job.path, report.state):
            self._settled[Append] = job.ids
        memory = load_memory(self._office)
        shown = tuple(name for name in report.found or () if name not in memory.newest.listed)
        if shown and memory.editions:
            newest = memory.newest.with_appended(shown)
            save_memory(self._office, replace(memory, editions=(*memory.editions[:-1], newest)))

    def _log(self, job: Job, report: Report) -> None:
        """Logs what came of a job: names and states, never contents; the same trouble once."""
        words = f"{type(job).__name__} {report.state} {report.detail}"
        if report.state is State.NO_EXCEL:
            log.warning("live off", reason=report.detail, hint="其余功能不受影响 / all else works as ever")
        elif report.state is State.FAULT:
            log.error("live failed", job=type(job).__name__, detail=report.detail)
        elif report.wrote or (report.state is not State.DONE and words != self._said):
            log.info("live", job=type(job).__name__, state=report.state.value, detail=report.detail)
        self._said = words

    def stop(self) -> None:
        """Ends the worker, whatever it is doing."""
        with self._news:
            self._stopped = True
            self._news.notify()
        self._worker.stop()
        self._thread.join(10)

    # ---- the thread

    def _give(self, job: Job) -> None:
        with self._news:
            before = self._jobs.get(type(job))
            if isinstance(before, Follow):
                self._unseen.taken_back(before.target)
            self._jobs[type(job)] = job
            self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                if not self._jobs and not self._stopped:
                    self._news.wait(CLOSING_SECONDS)
                if self._stopped:
                    return
                job = self._jobs.pop(next(iter(self._jobs))) if self._jobs else None
            if job is None:
                self._look_for_closing()
                continue
            report = self._worker.do(job)
            self._reports.append((job, report))
            if report.state is State.NO_EXCEL:
                self._wake.set()
                return
            if isinstance(job, Append) and report.wrote:
                self._wake.set()

    def _look_for_closing(self) -> None:
        """Wakes the daemon when a book that waits was closed: then it is replaced at once."""
        with self._news:
            closed = {path for path in self._waiting_for if not is_open(path, time.time())}
            self._waiting_for -= closed
        if closed:
            self._wake.set()


def _is_settled(path: Path, state: State) -> bool:
    """Tells whether nothing more comes of the same job. A book with an owner file may be one that Excel is just opening."""
    return state in _SETTLED or (state is State.CLOSED and not is_open(path, time.time()))
