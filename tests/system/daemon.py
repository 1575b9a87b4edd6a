"""``syncer run`` as a process of its own, as a service manager has it: started, asked to end, or killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil

from syncer.store.disk import digest
from tests.system.bureau import Bureau
from tests.system.program import environment

PATIENCE_SECONDS = 120.0  # for a condition on a busy machine; far beyond what it takes
_POLL_SECONDS = 0.1


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> float:
    """Waits until a condition holds; returns for how many seconds. Fails with ``what`` when it does not come true."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(_POLL_SECONDS)
    return time.monotonic() - began


def delivering_at_once(bureau: Bureau) -> Bureau:
    """Has a daemon that starts now write into workbooks as soon as they are closed, and look often."""
    bureau.set_config("quiet_seconds", "120.0", "0.0")
    bureau.set_config("rescan_seconds", "30.0", "1.0")
    return bureau


def is_at_rest(bureau: Bureau) -> bool:
    """Whether every workbook's bytes were taken in, and a pass over just this state found nothing left to deliver."""
    based = bureau.sql("select b.file, v.sha256 from book b join version v on v.id = b.version")
    if any(digest((bureau.units / file).read_bytes()) != sha256 for file, sha256 in based):
        return False
    store = bureau.store()
    try:
        return store.get("nothing_due").split("|")[1:2] == [store.serial()]
    finally:
        store.close()


class DaemonProcess:
    """One daemon on one workspace; whatever happens in the ``with`` block, nothing of it is left running."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau = bureau
        self._process: subprocess.Popen[bytes] | None = None
        self._output = bureau.root.parent / f"{bureau.root.name}-daemon.txt"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, ready: bool = True) -> None:
        """Starts it and, with ``ready``, waits until its first pass is over: it has written its heartbeat."""
        before = _mark(self.bureau.status_file)
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "syncer", "run", "-C", str(self.bureau.root), "--quiet"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment(),
            )
        if ready:
            self.wait(lambda: _mark(self.bureau.status_file) != before, "the daemon's first pass")

    def wait(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> float:
        """Waits until a condition holds; fails at once when the daemon has ended."""

        def holds() -> object:
            if not self.is_running:
                raise AssertionError(f"the daemon ended while waiting for {what}: {self.said()}")
            return condition()

        return wait_for(holds, what, seconds)

    def said(self) -> str:
        """What it printed."""
        return self._output.read_text(encoding="utf-8", errors="replace")[-4000:] if self._output.exists() else ""

    def terminate(self) -> int:
        """Asks it to end as a service manager does; returns its exit code."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def kill(self) -> None:
        """Kills it as a power cut would, at this moment, and waits until its reading children have noticed."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGSTOP)  # it does not go on while its children are looked up
        children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.wait(60)
        _, alive = psutil.wait_procs(children, timeout=60)
        assert not alive, f"reading children outlive their daemon: {alive}"


def _mark(path: Path) -> tuple[int, int]:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_ino
