"""Inserts or updates by key, whatever the database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, insert, update


def put(db: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Inserts or updates one row by its key."""
    where = [table.c[name] == value for name, value in key.items()]
    if db.execute(update(table).where(*where).values(**values)).rowcount == 0:
        db.execute(insert(table).values(**key, **values))
