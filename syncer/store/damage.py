"""Tells a damaged SQLite file before anything is made of it, and in the middle of work: refused, with the way out in words.

`PRAGMA quick_check` runs at an opening: it takes 1 ms for a bureau's database and half a second for one of 330 MB. It sees
pages that do not fit together; a letter changed inside a text it cannot see. A file that stands as it was left when it was
closed is not checked again for a day.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from syncer.errors import RefusedError
from syncer.whereabouts import DATABASE

BACKUP = "syncer-"  # and the day: the folder of a backup
_NAMED = re.compile(rf"{BACKUP}(\d{{4}}-\d\d-\d\d)(?:-(\d+))?")
_CHECKED_FOR = timedelta(days=1)
_BRIEF = timedelta(hours=1)  # what happens to a file that a daemon has open for days, it need not notice
_CORRUPT, _NO_DATABASE = 11, 26  # SQLITE_CORRUPT, SQLITE_NOTADB


def is_sound(path: Path) -> bool:
    """Tells whether a SQLite file holds together; raises `sqlite3.Error` where that cannot be found out (locked, say)."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=10)) as db:
            return bool(db.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if _is_damage(error):
            return False
        raise


class Guard:
    """Checks a database before its first use, watches all later use, and remembers how it was left."""

    def __init__(self, engine: Engine, way_out: str = "", *, checked: bool = False) -> None:
        """``way_out`` says what to do about damage, in words. One that is ``checked`` is watched, and no more.

        Raises:
            RefusedError: it is damaged. Nothing was changed. Later statements raise the same.
        """
        place = engine.url.database
        self._path = path = Path(place) if engine.dialect.name == "sqlite" and place and place != ":memory:" else None
        self._opened = self._checked = datetime.now()
        if path is None:
            return

        @event.listens_for(engine, "handle_error")
        def _tell(context: ExceptionContext) -> None:
            if isinstance(context.original_exception, sqlite3.DatabaseError) and _is_damage(context.original_exception):
                self.doubt()
                raise _refusal(str(path), way_out)

        if checked:
            self._path = None  # whoever checked it vouches for it
            return
        before = _checked_as_it_is(path)
        with suppress(OSError):
            _note_of(path).unlink(missing_ok=True)  # only who closes it in order vouches for it
        if before:
            self._checked = before
        elif path.exists() and not is_sound(path):
            raise _refusal(str(path), way_out)

    def doubt(self) -> None:
        """Has the file checked at the next opening, whatever it looks like."""
        self._path = None

    def leave(self) -> None:
        """Remembers the file as it is now that it was closed, but for one that was open for long, or that another program has open."""
        brief = datetime.now() - self._opened < _BRIEF
        if self._path is not None and brief and (facts := _at_rest(self._path)):
            with suppress(OSError):
                _note_of(self._path).write_text(f"{self._checked.isoformat()} {facts}\n", "utf-8")


def _checked_as_it_is(path: Path) -> datetime | None:
    """Returns when a file was checked last, if that was within a day and it stands as it was left."""
    try:
        when, _, facts = _note_of(path).read_text("utf-8").strip().partition(" ")
        checked = datetime.fromisoformat(when)
    except (OSError, ValueError):
        return None
    recent = timedelta() <= datetime.now() - checked < _CHECKED_FOR
    return checked if recent and facts and facts == _at_rest(path) else None


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-checked")


def _at_rest(path: Path) -> str:
    """What a file that no program has open is known by; ``""`` of another."""
    if path.with_name(f"{path.name}-wal").exists():
        return ""
    try:
        facts = path.stat()
    except OSError:
        return ""
    return f"{facts.st_ino}:{facts.st_size}:{facts.st_mtime_ns}"


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in {_CORRUPT, _NO_DATABASE}


def _refusal(place: str, way_out: str) -> RefusedError:
    said = f"数据库 {place} 已损坏，为免出错没有继续；工作簿和其他文件都没有改动。\nThe database is damaged; nothing was changed."
    return RefusedError(f"{said}\n{way_out}".rstrip())


def backup_home(root: Path, named: str) -> Path | None:
    """Returns where backups go: ``named`` in the configuration, relative to the workspace; ``None`` if none are wanted."""
    return root / Path(named).expanduser() if named else None


def backups(home: Path) -> list[Path]:
    """Returns the folders of the backups in ``home``, oldest first; none that a person has named."""
    found = ((number, path) for path in home.glob(f"{BACKUP}*") if (number := _number_of(path)) and path.is_dir())
    return [path for _, path in sorted(found)] if home.is_dir() else []


def _number_of(folder: Path) -> tuple[str, int] | None:
    """Returns the day of a backup and which of that day it is; ``None`` where the folder has another name."""
    named = _NAMED.fullmatch(folder.name)
    return (named[1], int(named[2] or 1)) if named else None


def way_out(state: Path, home: Path | None) -> str:
    """Returns what to do about a damaged database: which backup to copy where, or how to go on without one.

    ``state`` is the folder of the database, ``home`` that of the backups.
    """
    newest = next((path for path in reversed(backups(home)) if (path / DATABASE).exists()), None) if home else None
    aside = f"把 {state} 里的 {DATABASE}、{DATABASE}-wal、{DATABASE}-shm 移到别处"
    rebuilt = (
        "运行 syncer sync：台账按各单位工作簿现在的内容重建，留存的各版原件不受影响，但历史记录和还没有写回的裁定没有了"
    )
    if newest is None:
        return (
            f"请先停止 syncer，{aside}，再{rebuilt}。\n"
            f"Stop syncer, move {DATABASE} away, run syncer sync: the ledger is rebuilt from the workbooks."
        )
    return (
        f"请先停止 syncer，{aside}，把 {newest / DATABASE} 复制到 {state}，再运行 syncer sync（备份以后的保存会自动补读）。\n"
        f"不用备份也可以：移走以后{rebuilt}。\n"
        f"Stop syncer, move {DATABASE} away, copy {newest / DATABASE} to {state}, run syncer sync."
    )
