"""A database on a server can be reached from many computers: one program at a time works on it.

On SQLite the lock beside its file is enough. What is held here ends with its connection, so a computer that is switched off,
or a server that was restarted, holds nothing: `Hold.take` is asked again before each pass.
"""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

_HELD = 0x68656C64  # "held": a number that only we lock


class Hold:
    """The right to write, taken or not."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Takes the database for this process, until it is let go; ``False`` if another one has taken it."""
        if self._engine.dialect.name != "postgresql" or self._stands():
            return True
        db = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if not db.scalar(select(func.pg_try_advisory_lock(_HELD))):
            db.close()
            return False
        self._connection = db
        return True

    def _stands(self) -> bool:
        """Whether what was taken is still ours: the server may have been restarted."""
        if self._connection is not None:
            try:
                self._connection.scalar(select(1))
            except DBAPIError:
                self.let_go()
        return self._connection is not None

    def let_go(self) -> None:
        """Gives it up: at once by asking, or with the connection where that is dead."""
        if self._connection is not None:
            if not self._connection.invalidated:
                with suppress(DBAPIError):
                    self._connection.scalar(select(func.pg_advisory_unlock(_HELD)))
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
