"""``syncer run``: looks when something was saved, when it is time, and after trouble. Crash-only: killing it is a way to stop it.

Events only wake the loop; the scan in `syncer.sync` is the truth. `schedule` gives the tick; whether a job is due is
asked of the store, so that a restart neither forgets nor repeats one.
"""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

import schedule
import structlog

from syncer.backup import backup_words, daily_backup
from syncer.control import ledger_in_force
from syncer.core.texts import line_text
from syncer.errors import SyncerError, trouble
from syncer.eta import Eta
from syncer.excel.reading import ReadersStoppedError
from syncer.messages import line
from syncer.reports import due_week, issue_week
from syncer.retention import prune_daily
from syncer.sync import Synced, sync
from syncer.view import view
from syncer.watch.folder import FolderWatch
from syncer.workspace import CONTROL_BOOK, INBOX_BOOK, Office

if TYPE_CHECKING:
    from syncer.live import LiveBridge

TICK_SECONDS = 20  # how often the weekly hour is asked about
BEAT_SECONDS = 60  # how often the heartbeat file is written when nothing happens
PROGRESS_SECONDS = 10.0  # how often a long pass is logged
_HASHED = "hashed"  # key in the store: when every file was looked at again last
RETRY_SECONDS = 5  # after trouble with a folder or a file

log = structlog.get_logger()


def _bridge(office: Office, wake: threading.Event) -> LiveBridge:
    from syncer.live import LiveBridge  # noqa: PLC0415 - only who follows an open book pays for it

    return LiveBridge(office, wake)


class Daemon:
    """The loop around `sync`. Owns clock, retries and the heartbeat."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.wake = threading.Event()
        self.stopping = threading.Event()
        self._ticks = schedule.Scheduler()
        self._trouble = ""
        self._last_beat = (0.0, "")
        self._last_pass: Synced | None = None
        self._settings_faults: list[tuple[str, str]] = []
        self._waits: dict[str, str] = {}  # why each file's delivery waits, as last logged
        self._live = _bridge(office, self.wake) if office.live else None

    def run(self) -> None:
        """Runs until SIGTERM, SIGINT or `stop`."""
        with suppress(ValueError):  # not in the main thread: whoever runs us there calls stop()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
        config = self.office.workspace.config
        folders = config.folders
        swept = self.office.disk.sweep(*self.office.workspace.folders()) + self.office.kept.sweep()
        log.info("started", workspace=str(self.office.workspace.root), swept=swept)
        self._ticks.every(TICK_SECONDS).seconds.do(self.wake.set)  # every pass asks whether the week is due
        self._ticks.every().day.at(f"{config.watch.nightly_hash:%H:%M}").do(self.wake.set)
        with FolderWatch([folders.units, folders.control, folders.inbox], self.wake, mode=config.watch.mode) as watch:
            while not self.stopping.is_set():
                self.wake.clear()
                wait = self._pass()
                watch.mend()
                self._beat()
                self.wake.wait(min(wait, config.watch.rescan_seconds, max(self._ticks.idle_seconds or 0, 0.05)))
                if not self.stopping.is_set():
                    self._ticks.run_pending()
        if self._live:
            self._live.stop()
        self._beat(stopped=True)
        log.info("stopped")

    def stop(self) -> None:
        """Ends the loop; reading that is under way is broken off, for the next start does it again."""
        self.stopping.set()
        self.wake.set()
        self.office.readers.kill()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        log.info("signal", number=number)
        self.stop()

    def _pass(self) -> float:
        """Runs one pass; returns for how many seconds at most to wait before the next."""
        try:
            self.office.hold()
            if self._live:
                self._live.take_reports()
            done = sync(self.office, patient=False, progress=Eta(_say_progress, PROGRESS_SECONDS))
            if self._live:
                self._live.after(done)
            self._report(done)
            self._warn_of_settings(done)
            self._last_pass = done
            self._jobs()
            if done.taken:
                gc.collect()  # nobody waits now: see `collect_seldom`
        except ReadersStoppedError:
            return 0  # we are told to stop: what was being read is read at the next start
        except Exception as error:  # noqa: BLE001 - the loop goes on, whatever it is
            return self._in_trouble(error)
        finally:
            self.office.beside.let_go()
        self._trouble = ""
        rescan = self.office.workspace.config.watch.rescan_seconds
        return rescan if done.next_look_seconds is None else done.next_look_seconds

    def _jobs(self) -> None:
        """Does what is due by the clock: each by itself, so that one which cannot be done now keeps no other from it."""
        troubles: list[Exception] = []
        for job in (
            self._weekly,
            self._hash_everything,
            partial(daily_backup, self.office),
            partial(prune_daily, self.office),
        ):
            try:
                job()
            except Exception as error:  # noqa: BLE001 - the others' turn comes first
                troubles.append(error)
        if troubles:
            raise troubles[0]

    def _warn_of_settings(self, done: Synced) -> None:
        """Logs which codes stand where in 台账设置, once, when it changes; never what was typed: names are among it."""
        found = [(p.code, f"{p.place.sheet}!{p.place.cell}") for p in done.problems if p.place.file == CONTROL_BOOK]
        for code, place in found if found != self._settings_faults else ():
            log.warning("settings", code=code, place=place)
        self._settings_faults = found

    def _in_trouble(self, error: Exception) -> float:
        """Says, once, why nothing goes on; returns for how many seconds to wait before the next try."""
        known = error if isinstance(error, SyncerError) else trouble(error)
        words = str(known) if known else "程序内部出错，稍后自动重试（详见日志）/ internal error, tried again soon"
        if known is None:
            log.error("pass failed", exc_info=error)
        if words != self._trouble:
            log.warning("trouble", reason=words)
        self._trouble = words
        return RETRY_SECONDS

    def _report(self, done: Synced) -> None:
        """Logs what a pass did: files, counts and codes, never what was typed."""
        for path in done.issued:
            log.info("issued", file=path)
        for taken in done.taken:
            if taken.refused:
                log.warning("refused", file=taken.file, code=taken.refused.code)
            elif taken.plan:
                problems = len(taken.plan.problems)
                log.info("merged", file=taken.file, unit=taken.unit, cells=taken.cells, problems=problems)
            elif taken.before:
                log.info("known already", file=taken.file, unit=taken.unit)
        for path in done.put_away.moved:
            log.info("put away", file=path)
        for path in done.publication.paths:
            log.info("published", file=path)
        for problem in done.publication.problems:
            log.warning("not published", file=problem.place.file, code=problem.code)
        for words in done.mended:
            log.warning("mended", what=words)
        for entry in done.delivered:
            if entry.cells:
                log.info("delivered", file=entry.file, cells=entry.cells)
            elif entry.waits and self._waits.get(entry.file) != entry.waits:
                log.info("delivery waits", file=entry.file, why=entry.waits, detail=entry.detail)
            self._waits[entry.file] = entry.waits

    def _weekly(self) -> None:
        """Issues the week whose hour has come, if the office lets it be issued by itself."""
        now = self.office.clock()
        ledger = ledger_in_force(self.office, now.date())
        week = due_week(self.office, ledger, now)
        if week is not None and ledger.settings.weekly_approval == "自动":
            log.info("weekly issued", file=issue_week(self.office, view(self.office, ledger, now.date()), week))
            self.wake.set()  # the master speaks of this week's changes

    def _hash_everything(self) -> None:
        """Has every file looked at again once a night, whatever its size and times say; or at the next start, where it was off.

        When it was done last stands in the store: a clock that was ahead for a while puts nothing off.
        """
        now = self.office.clock()
        due = datetime.combine(now.date(), self.office.workspace.config.watch.nightly_hash)
        due = due if due <= now else due - timedelta(days=1)
        last = self.office.store.get(_HASHED)
        if due.isoformat() <= last <= now.isoformat():
            return
        if last:  # else all of them have just been looked at for the first time
            self.office.store.known_files.distrust_marks()
            self.wake.set()
        self.office.store.set(_HASHED, now.isoformat(timespec="seconds"))

    def _beat(self, *, stopped: bool = False) -> None:
        """Writes the heartbeat that a clerk can read, when its words change or a minute has passed."""
        now = self.office.clock()
        words = "\r\n".join(map(line_text, self._status_lines(stopped=stopped)))
        then, before = self._last_beat
        if words == before and 0 <= now.timestamp() - then < BEAT_SECONDS:  # a clock that was set back counts anew
            return
        text = f"syncer 运行状态　{now:%Y-%m-%d %H:%M:%S}\r\n\r\n{words}\r\n"
        with suppress(OSError):
            self.office.disk.write(self.office.workspace.status_file, text.encode("utf-8-sig"))
            self._last_beat = (now.timestamp(), words)

    def _status_lines(self, *, stopped: bool) -> list[str]:
        if stopped:
            return ["已停止。各单位可以照常填写和保存，重新启动后会自动补上。"]
        lines = ["正在运行。上面的时间若超过 5 分钟没有变化，请告知创建办重新启动。"]
        backup = self._backup_words()
        if self._trouble:
            lines += ["", f"遇到问题，正在重试：{self._trouble}"]
        if backup:
            lines += [backup]
        if self._last_pass:
            lines += [f"正在保存、稍后读取：{path}" for path in self._last_pass.waiting]
            lines += [f"没有采用：{line(problem)}" for problem in self._last_pass.refused]
            lines += [f"已收下、关闭后移走：{path}" for path in self._last_pass.put_away.waiting]
            lines += [f"正打开着、关闭后更新：{INBOX_BOOK}"] if self._last_pass.inbox_shown.waits else []
            lines += [f"收件箱：{line(p)}" for p in self._last_pass.problems if p.code.startswith("RECV")]
            lines += [f"台账设置：{line(p)}" for p in self._last_pass.problems if p.place.file == CONTROL_BOOK]
            lines += [f"等待创建办处理的事项：{len(self._last_pass.questions)}项"]
        return lines

    def _backup_words(self) -> str:
        try:
            return backup_words(self.office)
        except Exception as error:  # noqa: BLE001 - the heartbeat says what else there is to say
            self._in_trouble(error)
            return ""


def _say_progress(done: int, of: int, seconds: float) -> None:
    log.info("taking in", done=done, of=of, seconds_left=round(seconds))
