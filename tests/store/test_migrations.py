from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect

from syncer.core.merging.known_book import SheetContent
from syncer.core.merging.lineage import content_digest
from syncer.core.reading.rows import ReadRow
from syncer.errors import EXIT_REFUSED, RefusedError
from syncer.store import migrations
from syncer.store import tables as t
from syncer.store.contents import dump_content
from syncer.store.migrations import migrate
from syncer.store.store import Store

SCHEMA_1 = """
CREATE TABLE book (
  unit VARCHAR(64) NOT NULL, guid VARCHAR(64) NOT NULL, file VARCHAR(255) NOT NULL, revision INTEGER NOT NULL,
  state VARCHAR(16) NOT NULL, version INTEGER NOT NULL, last_saved VARCHAR(32) NOT NULL,
  last_change VARCHAR(32) NOT NULL, rows INTEGER NOT NULL, receipt TEXT NOT NULL, problems TEXT NOT NULL,
  PRIMARY KEY (unit));
CREATE TABLE change (
  id INTEGER NOT NULL, at VARCHAR(32) NOT NULL, unit VARCHAR(64) NOT NULL, sheet VARCHAR(64) NOT NULL,
  row_id VARCHAR(96) NOT NULL, "column" VARCHAR(128) NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL,
  outcome VARCHAR(16) NOT NULL, version INTEGER NOT NULL, file VARCHAR(255) NOT NULL, source_row INTEGER NOT NULL,
  saved_at VARCHAR(32) NOT NULL, PRIMARY KEY (id));
CREATE INDEX change_cell ON change (row_id, "column");
CREATE INDEX change_at ON change (at);
CREATE TABLE control (sha256 VARCHAR(64) NOT NULL, tables BLOB NOT NULL, PRIMARY KEY (sha256));
CREATE TABLE meta ("key" VARCHAR(64) NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE number (
  unit VARCHAR(64) NOT NULL, sheet VARCHAR(64) NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (unit, sheet));
CREATE TABLE published (
  path VARCHAR(1024) NOT NULL, sha256 VARCHAR(64) NOT NULL, fingerprint VARCHAR(64) NOT NULL,
  stat VARCHAR(128) NOT NULL, PRIMARY KEY (path));
CREATE TABLE question (
  id VARCHAR(32) NOT NULL, kind VARCHAR(16) NOT NULL, unit VARCHAR(64) NOT NULL, sheet VARCHAR(64) NOT NULL,
  row_id VARCHAR(96) NOT NULL, row_key TEXT NOT NULL, "column" VARCHAR(128) NOT NULL, base TEXT NOT NULL,
  current TEXT NOT NULL, incoming TEXT NOT NULL, file VARCHAR(255) NOT NULL, source_row INTEGER NOT NULL,
  saved_at VARCHAR(32) NOT NULL, version INTEGER NOT NULL, at VARCHAR(32) NOT NULL, text TEXT NOT NULL,
  state VARCHAR(16) NOT NULL, PRIMARY KEY (id));
CREATE TABLE "row" (
  unit VARCHAR(64) NOT NULL, sheet VARCHAR(64) NOT NULL, id VARCHAR(96) NOT NULL, position INTEGER NOT NULL,
  raw TEXT NOT NULL, cells TEXT NOT NULL, extra TEXT NOT NULL, file VARCHAR(255) NOT NULL,
  source_row INTEGER NOT NULL, saved_at VARCHAR(32) NOT NULL, changed_at VARCHAR(32) NOT NULL,
  version INTEGER NOT NULL, PRIMARY KEY (unit, sheet, id));
CREATE TABLE seen (
  path VARCHAR(1024) NOT NULL, stat VARCHAR(128) NOT NULL, sha256 VARCHAR(64) NOT NULL, unit VARCHAR(64) NOT NULL,
  problems TEXT NOT NULL, receipt TEXT NOT NULL, PRIMARY KEY (path));
CREATE TABLE version (
  id INTEGER NOT NULL, unit VARCHAR(64) NOT NULL, kind VARCHAR(16) NOT NULL, file VARCHAR(255) NOT NULL,
  sha256 VARCHAR(64) NOT NULL, saved_at VARCHAR(32) NOT NULL, seen_at VARCHAR(32) NOT NULL, code VARCHAR(16) NOT NULL,
  content BLOB, PRIMARY KEY (id));
CREATE INDEX version_unit ON version (unit, id);
CREATE TABLE week (
  label VARCHAR(16) NOT NULL, issued_at VARCHAR(32) NOT NULL, path TEXT NOT NULL, marks TEXT NOT NULL,
  PRIMARY KEY (label));
"""
"""The tables as the first published version made them."""

SAVED = "2026-11-20T15:00:00"
CONTENT = {"activities": SheetContent({"name": 3}, (ReadRow("HD-D03-0001", 5, {"name": "植树"}),))}

ROWS_1: dict[str, tuple[object, ...]] = {
    "book": ("D03", "guid", "宣传科.xlsx", 1, "current", 1, SAVED, SAVED, 1, "读到1行", "[]"),
    "change": (
        (
            1,
            SAVED,
            "D03",
            "activities",
            "HD-D03-0001",
            "name",
            "null",
            '"植树"',
            "accepted",
            1,
            "宣传科.xlsx",
            5,
            SAVED,
        )
    ),
    "control": ("c" * 64, b""),
    "meta": ("schema", "1"),
    "number": ("D03", "activities", 20),
    "published": ("03汇总台账/台账.xlsx", "p" * 64, "f" * 64, "1:2:3:4"),
    "question": (
        (
            "q1",
            "proposal",
            "D03",
            "tasks",
            "T0001",
            "1.1",
            "deadline",
            "null",
            '"6月底"',
            '"9月底"',
            "宣传科.xlsx",
            6,
            SAVED,
            1,
            SAVED,
            "",
            "open",
        )
    ),
    "row": (
        (
            "D03",
            "activities",
            "HD-D03-0001",
            0,
            '{"name":"植树"}',
            '{"name":"植树"}',
            "{}",
            "宣传科.xlsx",
            5,
            SAVED,
            SAVED,
            1,
        )
    ),
    "seen": ("02各单位填报/宣传科.xlsx", "1:2:3:4", "a" * 64, "D03", "[]", ""),
    "version": (1, "D03", "save", "宣传科.xlsx", "a" * 64, SAVED, SAVED, "", dump_content(CONTENT)),
    "week": ("2026-W47", SAVED, "04周报通报/周报.xlsx", "[]"),
}
"""One row in every table."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of schema 1 with one row in every table."""
    place = tmp_path / "syncer.db"
    with closing(sqlite3.connect(place)) as db:
        db.executescript(SCHEMA_1)
        for table, values in ROWS_1.items():
            db.execute(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(values))})', values)
        db.commit()
    return place


def _url(place: Path) -> str:
    return f"sqlite:///{place}"


@pytest.fixture
def engine(old: Path) -> Iterator[Engine]:
    made = create_engine(_url(old))
    yield made
    made.dispose()


def shape(engine: Engine) -> dict[str, tuple[list[tuple[str, str, bool]], list[str]]]:
    seen = inspect(engine)
    return {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)),
            sorted(str(index["name"]) for index in seen.get_indexes(table)),
        )
        for table in seen.get_table_names()
    }


def test_a_migrated_database_has_the_tables_of_a_new_one(engine: Engine, tmp_path: Path) -> None:
    migrate(engine)
    new = create_engine(_url(tmp_path / "new.db"))
    migrate(new)
    assert shape(engine) == shape(new)
    assert set(t.metadata.tables) <= set(shape(new))
    new.dispose()


def test_every_row_of_an_old_database_is_there_after_opening_it(old: Path) -> None:
    store = Store(_url(old))
    try:
        assert store.get("schema") == str(t.SCHEMA_VERSION)
        assert store.files() == {"D03": "宣传科.xlsx"}
        assert [row.raw for row in store.known_book("D03").current["activities"]] == [{"name": "植树"}]
        assert store.known_book("D03").base["activities"].rows[0].raw == {"name": "植树"}
        assert store.week_path("2026-W47") == "04周报通报/周报.xlsx"
        assert store.known_files.seen()["02各单位填报/宣传科.xlsx"].sha256 == "a" * 64
        book = store.deliveries.book("D03")
        assert book is not None
        assert (book.revision, book.delivered_at, book.waits, book.pending) == (1, "", "", 0)
    finally:
        store.close()
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("SELECT ruling, value, effect, state FROM question").fetchall() == [
            ("", "null", "[]", "open")
        ]
        for table in (
            "book",
            "change",
            "control",
            "number",
            "published",
            "question",
            '"row"',
            "seen",
            "version",
            "week",
        ):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table


def test_old_versions_get_their_revision_and_their_contents_digest(engine: Engine, old: Path) -> None:
    migrate(engine)
    with closing(sqlite3.connect(old)) as db:
        assert db.execute("SELECT revision, content_digest FROM version").fetchall() == [(1, content_digest(CONTENT))]


def test_a_migration_that_breaks_off_leaves_the_old_database_and_is_done_at_the_next_start(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shape(engine)

    def broken(*_: object) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "content_digest", broken)
        with pytest.raises(OSError, match="No space"):
            migrate(engine)
    assert shape(engine) == before
    migrate(engine)
    assert "effect" in {c["name"] for c in inspect(engine).get_columns("question")}


def test_migrating_twice_changes_nothing(engine: Engine, old: Path) -> None:
    migrate(engine)
    engine.dispose()
    data = old.read_bytes()
    migrate(engine)
    assert old.read_bytes() == data


def test_a_database_left_without_its_number_is_completed(engine: Engine, old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:  # the first program was killed between its tables and this
        db.execute("DELETE FROM meta")
        db.execute("DROP TABLE week")
        db.commit()
    migrate(engine)
    assert {"week", "intent"} <= set(inspect(engine).get_table_names())


def test_a_database_of_a_newer_program_is_refused_in_words_and_not_touched(old: Path) -> None:
    with closing(sqlite3.connect(old)) as db:
        db.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
        db.commit()
    data = old.read_bytes()
    engine = create_engine(_url(old))
    with pytest.raises(RefusedError, match=r"较新版本.*第99版") as refused:
        migrate(engine)
    engine.dispose()
    assert refused.value.exit_code == EXIT_REFUSED
    assert old.read_bytes() == data
