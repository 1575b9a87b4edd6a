"""One throw-away PostgreSQL server for a test process, and in it a new database for whoever asks.

The server sorts text as a Chinese office's would (ICU, zh-CN): what relies on the order of bytes shows here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests.office.tools import POSTGRES, need

_USER = "nobody"  # in whose name root starts it: as root it refuses to run
_UNSAFE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off")  # it is thrown away
_ICU_SINCE = 15  # major version from which a database may have its own ICU order


@dataclass
class Postgres:
    """A running server; ``folder`` holds its socket."""

    folder: Path
    chinese: bool
    _numbers: Iterator[int] = field(default_factory=count)

    def new_database(self, encoding: str = "UTF8", template: str = "template0") -> str:
        """Makes a database, empty or as the ``template`` is; returns its URL."""
        name = f"office{next(self._numbers)}"
        made = f"CREATE DATABASE {name} TEMPLATE {template}"
        if template == "template0":
            made += f" ENCODING '{encoding}'"
            made += " LOCALE_PROVIDER icu ICU_LOCALE 'zh-CN'" if self.chinese and encoding == "UTF8" else ""
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as db:
            db.execute(text(made))
        engine.dispose()
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://syncer@/{name}?host={self.folder}"


@contextmanager
def running() -> Iterator[Postgres]:
    """Runs a server; without one installed the test is skipped."""
    programs = Path(need(POSTGRES)).parent
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # not the test's own: the path of a socket must be short
    as_user: dict[str, Any] = {"cwd": folder, "check": True, "capture_output": True}
    if os.name == "posix" and os.geteuid() == 0:
        shutil.chown(folder, _USER)
        as_user |= {"user": _USER, "extra_groups": []}
    data, log = folder / "data", folder / "log"
    made = ("-U", "syncer", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    settings = f"-k {folder} " + " ".join(f"-c {setting}" for setting in ("listen_addresses=", *_UNSAFE))
    try:
        subprocess.run([programs / "initdb", "-D", data, *made], **as_user)
        # Its output goes to a file: a pipe would stay open as long as the server runs.
        subprocess.run([programs / "pg_ctl", "-D", data, "-l", log, "-o", settings, "-w", "start"], **as_user | {"capture_output": False, "stdout": subprocess.DEVNULL})
        try:
            yield Postgres(folder, int((data / "PG_VERSION").read_text().partition(".")[0]) >= _ICU_SINCE)
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], **as_user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
