"""Opens the configured database: SQLite, or PostgreSQL by psycopg; any other, and one that cannot keep Chinese, is refused."""

from __future__ import annotations

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from syncer.errors import ConfigError

_WANTED = "应为空（用 SQLite），或 postgresql://用户@主机/数据库名 / expected nothing (SQLite), or postgresql://user@host/database"
_ANSWER_SECONDS = "10"  # in which a server must take a connection


def open_engine(url: str) -> Engine:
    """Returns the engine for a database's address.

    Raises:
        ConfigError: the address is none, is that of another kind of database, or the driver is not installed.
    """
    try:
        place = make_url(url)
    except ArgumentError:
        raise ConfigError(f"[database] url 不是数据库地址；{_WANTED}") from None  # not quoted: it may hold a password
    match place.get_backend_name():
        case "sqlite":
            return _sqlite(place)
        case "postgresql":
            return _postgres(place)
        case other:
            raise ConfigError(f"[database] url：不支持 {other}；{_WANTED}")


def _sqlite(place: URL) -> Engine:
    engine = create_engine(place, hide_parameters=True)  # what was typed stays out of logs

    @event.listens_for(engine, "connect")
    def _tune(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


def _postgres(place: URL) -> Engine:
    """A server may be restarted while we run: a connection is tried before it is used."""
    place = place.set(drivername="postgresql+psycopg")  # whichever driver is named: it is the one we are tested with
    place = place.update_query_dict({"connect_timeout": _ANSWER_SECONDS} | dict(place.query))
    try:
        engine = create_engine(place, hide_parameters=True, pool_pre_ping=True)
    except ImportError:
        raise ConfigError(
            "[database] url 指定了 PostgreSQL，但没有安装它的驱动：请运行 pip install syncer[postgresql]\n"
            "PostgreSQL needs its driver: pip install syncer[postgresql]"
        ) from None

    @event.listens_for(engine, "connect")
    def _look(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute("SHOW server_encoding")
        found = cursor.fetchone()
        cursor.close()
        connection.rollback()
        if found != ("UTF8",):
            raise ConfigError(
                f"数据库 {place.database} 的编码是 {found[0] if found else '?'}，存不了所有汉字。请新建一个：createdb -E UTF8 -T template0 名称\n"
                "The database is not UTF8: make one with createdb -E UTF8 -T template0 NAME."
            )

    return engine
