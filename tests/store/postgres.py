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

from sqlalchemy import Engine, create_engine, make_url, text

from tests.office.tools import POSTGRES, need

_USER = "nobody"  # in whose name root starts it: as root it refuses to run
_UNSAFE = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off")  # it is thrown away
_ICU_SINCE = 15  # major version from which a database may have its own ICU order, and be copied as files


@dataclass
class Postgres:
    """A running server; ``folder`` holds its socket."""

    folder: Path
    since_15: bool
    engine: Engine = field(init=False)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")

    def new_database(self, encoding: str = "UTF8") -> str:
        """Makes an empty database; returns its URL."""
        order = "LOCALE_PROVIDER icu ICU_LOCALE 'zh-CN'" if self.since_15 and encoding == "UTF8" else ""
        return self._made(f"TEMPLATE template0 ENCODING '{encoding}' {order}")

    def copy(self, url: str) -> str:
        """Copies a database to which nobody is connected; returns the URL of the copy."""
        how = " STRATEGY file_copy" if self.since_15 else ""  # half the work of copying it through the log
        return self._made(f"TEMPLATE {make_url(url).database}{how}")

    def drop(self, url: str) -> None:
        """Deletes a database, whoever is connected to it."""
        with self.engine.connect() as db:
            db.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))

    def _made(self, how: str) -> str:
        name = f"office{next(self._numbers)}"
        with self.engine.connect() as db:
            db.execute(text(f"CREATE DATABASE {name} {how}"))
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://syncer@/{name}?host={self.folder}"


@contextmanager
def running() -> Iterator[Postgres]:
    """Runs a server; without one installed the test is skipped."""
    programs = Path(need(POSTGRES)).parent
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # not the test's own: the path of a socket must be short
    caller: dict[str, Any] = {}
    if os.name == "posix" and os.geteuid() == 0:
        shutil.chown(folder, _USER)
        caller = {"user": _USER, "extra_groups": []}

    def call(program: str, *arguments: str | Path) -> None:
        # To a file: a pipe would stay open as long as the server runs.
        with (folder / "log").open("ab") as log:
            command = [programs / program, "-D", folder / "data", *arguments]
            subprocess.run(command, check=True, cwd=folder, stdout=log, stderr=log, timeout=120, **caller)

    settings = " ".join(f"-c {setting}" for setting in ("listen_addresses=", *_UNSAFE))
    try:
        call("initdb", "-U", "syncer", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        call("pg_ctl", "-o", f"-k {folder} {settings}", "-w", "start")
        try:
            version = (folder / "data" / "PG_VERSION").read_text()
            server = Postgres(folder, int(version.partition(".")[0]) >= _ICU_SINCE)
            yield server
            server.engine.dispose()
        finally:
            call("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
