"""Inserts or updates by key, whatever the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table, insert


def put(db: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Inserts one row, or updates the one with this key, in one statement: a row that comes from elsewhere meanwhile is no error.

    ``values`` are those of a whole row: SQL asks for that before it looks whether the row is there.
    """
    db.execute(_put(table, tuple(key), tuple(values), db.dialect.name), {**key, **values})


@cache
def _put(table: Table, key: tuple[str, ...], names: tuple[str, ...], dialect: str) -> Any:
    """The statement; there are as many as places in the code that put something. To word one takes longer than to run it."""
    new = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)  # PostgreSQL's takes a while, and few have it
    return new.on_conflict_do_update(index_elements=list(key), set_={name: new.excluded[name] for name in names})


def add_all(db: Connection, table: Table, rows: Sequence[Mapping[str, object]], **common: object) -> None:
    """Inserts many rows: each gives the same columns, ``common`` those that are equal in all.

    One statement, and the driver's own batch: what SQLAlchemy does for each row costs more than to write it.
    """
    if not rows:
        return
    names = [*common, *rows[0]]
    statement = insert(table).compile(dialect=db.dialect, column_keys=names, for_executemany=True)
    kept = {name: _binder(db, table, name) for name in names}
    same = {name: kept[name](value) for name, value in common.items()}
    batch: list[Any]
    if statement.positiontup is not None:
        order = [(name, None if name in same else kept[name], same.get(name)) for name in statement.positiontup]
        batch = [tuple([keep(row[name]) if keep else value for name, keep, value in order]) for row in rows]
    else:
        batch = [same | {name: kept[name](value) for name, value in row.items()} for row in rows]
    db.exec_driver_sql(str(statement), batch)


def _binder(db: Connection, table: Table, name: str) -> Callable[[Any], Any]:
    """Returns what a column's type makes of a value on its way to the driver."""
    return table.c[name].type.dialect_impl(db.dialect).bind_processor(db.dialect) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
