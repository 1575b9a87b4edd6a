"""What only a server can do, or refuse: other encodings, other drivers, two programs at once, texts that a column was too short for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Connection, create_engine, text

from syncer.belonging import refuse_foreign
from syncer.core.merging.lineage import content_digest
from syncer.errors import BusyError, ConfigError, RefusedError, trouble
from syncer.store import tables as t
from syncer.store.connecting import open_engine
from syncer.store.facts import Seen
from syncer.store.migrations import migrate
from syncer.store.putting import add_all, put
from syncer.store.store import Store
from syncer.whereabouts import CONFIG_NAME
from tests.store.postgres import Postgres
from tests.store.test_migrations import CONTENT, ROWS_1, SCHEMA_1, shape

LONG = "".join(chr(0x4E00 + 7 * n % 20_000) for n in range(6_000))
"""18,000 bytes that hardly get smaller when packed."""


@pytest.fixture
def store(on_postgres: str) -> Iterator[Store]:
    opened = Store(on_postgres)
    yield opened
    opened.close()


# ---- what is kept


def test_texts_longer_than_any_column_says_are_kept_and_found_again(store: Store) -> None:
    entry = {"row_id": "HD-D05-0001", "column": f"+{LONG}", "old": "null", "new": '"x"', "outcome": "accepted"}
    common = {"at": "", "unit": LONG[:700], "sheet": "", "version": 1, "file": LONG, "source_row": 1, "saved_at": ""}
    with store.engine.begin() as db:
        add_all(db, t.change, [entry, entry | {"new": '"100% %s %(at)s"'}], **common)
        found = db.execute(t.change.select().where(t.change.c.column == f"+{LONG}").order_by(t.change.c.id)).all()
    assert [(r.file, r.new) for r in found] == [(LONG, '"x"'), (LONG, '"100% %s %(at)s"')]


def test_names_stand_in_the_order_that_sqlite_has(store: Store, tmp_path: Path) -> None:
    here = Store.in_folder(tmp_path)
    for name in ("乙", "甲", "a", "B", "T-1", "T1", "_", "０"):
        for one in (store, here):
            one.known_files.see(name, Seen("", ""))
    assert list(store.known_files.seen()) == list(here.known_files.seen()) == sorted(here.known_files.seen())
    here.close()


def test_signs_that_a_server_refuses_are_left_out(store: Store) -> None:
    store.set("a\x00\ud800b", "c\x00\udcffd")
    assert store.get("ab") == "cd"


# ---- two programs


def test_two_that_write_one_row_at_once_both_succeed_and_the_later_stands(store: Store, on_postgres: str) -> None:
    other = Store(on_postgres)
    with store.engine.connect() as db, ThreadPoolExecutor(1) as pool:
        put(db, t.meta, {"key": "k"}, {"value": "first"})
        waiting = pool.submit(other.set, "k", "second")
        _until_blocked(db)
        db.commit()
        waiting.result(30)
    assert store.get("k") == "second"
    other.close()


def _until_blocked(db: Connection) -> None:
    """Returns as soon as somebody waits for what this connection holds."""
    waits = text("SELECT pg_sleep(0.01), count(*) FROM pg_locks WHERE NOT granted")
    assert any(db.execute(waits).one()[1] for _ in range(3_000)), "nobody waits"


def test_two_that_open_a_new_database_at_once_make_its_tables_once(postgres: Postgres) -> None:
    url, ready = postgres.new_database(), Barrier(3)

    def first_start() -> str:
        ready.wait(30)
        store = Store(url)
        try:
            return store.get("schema")
        finally:
            store.close()

    with ThreadPoolExecutor(3) as pool:
        assert {done.result(60) for done in [pool.submit(first_start) for _ in range(3)]} == {str(t.SCHEMA_VERSION)}


def test_a_database_is_held_by_one_program_until_it_is_closed(store: Store, on_postgres: str) -> None:
    other = Store(on_postgres)
    assert store.hold.take()
    assert store.hold.take()
    assert not other.hold.take()
    assert other.get("schema"), "reading is free"
    store.close()
    assert other.hold.take()
    other.close()


def test_what_was_held_is_taken_again_after_the_server_was_restarted(store: Store, on_postgres: str) -> None:
    other = Store(on_postgres)
    assert store.hold.take()
    _hang_up(store)
    assert store.hold.take()
    assert not other.hold.take()
    _hang_up(store)
    assert other.hold.take(), "a computer that was switched off holds nothing"
    assert not store.hold.take()
    other.close()


def test_a_connection_that_the_server_has_closed_is_made_anew(store: Store) -> None:
    store.set("k", "v")
    _hang_up(store)
    assert store.get("k") == "v"


def _hang_up(store: Store) -> None:
    """Ends all connections to the database but the one that says so, and waits until they have ended."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    engine = create_engine(store.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        assert any(not db.execute(text(f"SELECT pg_sleep(0.01), count(*) {others}")).one()[1] for _ in range(3_000))
    engine.dispose()


# ---- whose it is


def test_a_second_workspace_is_refused_while_the_first_is_there(store: Store, tmp_path: Path) -> None:
    one, other = tmp_path / "2026", tmp_path / "2027"
    for root in (one, other):
        root.mkdir()
        (root / CONFIG_NAME).touch()
    refuse_foreign(store, one)
    refuse_foreign(store, one)
    with pytest.raises(RefusedError, match=r"另一个工作区的.*2026"):
        refuse_foreign(store, other)
    one.rename(tmp_path / "搬走了")
    refuse_foreign(store, tmp_path / "搬走了")
    with pytest.raises(RefusedError, match="搬走了"):
        refuse_foreign(store, other)


# ---- what is refused


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql:/no address, secret", "不是数据库地址"),
        ("mysql://u:secret@host/db", "不支持 mysql"),
        ("nonsense://u:secret@host/db", "不支持 nonsense"),
    ],
)
def test_an_address_that_is_none_of_ours_is_refused_in_words_and_not_quoted(url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refused:
        open_engine(url)
    assert "secret" not in str(refused.value)


def test_a_driver_that_is_missing_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"pip install syncer\[postgresql\]"):
        open_engine("postgresql://u@host/db")


def test_a_database_that_cannot_keep_chinese_is_refused_with_the_way_to_make_another(postgres: Postgres) -> None:
    with pytest.raises(ConfigError, match=r"LATIN1.*createdb -E UTF8"):
        Store(postgres.new_database("LATIN1"))


def test_a_server_that_is_away_is_trouble_that_passes(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="connection to server") as met:
        Store(f"postgresql://syncer:secret@/office?host={tmp_path}")
    said = trouble(met.value)
    assert isinstance(said, BusyError)
    assert "secret" not in str(said)


# ---- older tables


def test_tables_of_the_first_schema_become_those_of_a_new_database(postgres: Postgres, on_postgres: str) -> None:
    url = postgres.new_database()
    old, new = create_engine(url), create_engine(on_postgres)
    with old.begin() as db:
        # As the first program made them there: the types are PostgreSQL's.
        made = SCHEMA_1.replace("BLOB", "BYTEA").replace("id INTEGER NOT NULL,", "id SERIAL NOT NULL,")
        db.exec_driver_sql(made)
        for table, values in ROWS_1.items():
            db.exec_driver_sql(f'INSERT INTO "{table}" VALUES ({", ".join(["%s"] * len(values))})', values)
    migrate(old)
    assert shape(old) == shape(new)
    store = Store(url)
    assert store.known_book("D03").base["activities"].rows[0].raw == {"name": "植树"}
    with store.engine.connect() as db:
        assert db.execute(t.version.select().with_only_columns(t.version.c.content_digest)).all() == [
            (content_digest(CONTENT),)
        ]
    store.close()
    old.dispose()
    new.dispose()
