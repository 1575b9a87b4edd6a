"""One syncer a workspace: who writes holds its lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from syncer.errors import BusyError
from syncer.store.disk import make_folders


@contextmanager
def alone_in(workspace: Path, state: Path) -> Iterator[None]:
    """Keeps every other syncer of this computer out of a workspace whose state lies in ``state``; raises `BusyError` if one is in."""
    make_folders(state)
    lock = FileLock(state / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"这个工作区正被另一个 syncer 使用：{workspace}\n"
            "合并和下发由常驻程序自动做，不用手动；做别的事，请先停止它（在它的窗口按 Ctrl+C），做完再运行 syncer run\n"
            "another syncer holds this workspace: the running daemon syncs and issues by itself; for anything else stop it first"
        ) from None
    try:
        yield
    finally:
        lock.release()
