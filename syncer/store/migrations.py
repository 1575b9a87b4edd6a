"""Brings an older database up to the present tables, in named steps, all in one transaction.

A step adds what lacks, as `syncer.store.tables` has it now, and fills it; run on tables that lack nothing it changes nothing.
So a new database, and one that was left half made, go the same way.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Column, Connection, Engine, func, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from syncer.core.merging.lineage import content_digest
from syncer.errors import RefusedError
from syncer.store import tables as t
from syncer.store.contents import load_content
from syncer.store.putting import put
from syncer.store.rows import mark_all

_MIGRATING = 0x73796E636572  # "syncer": a number that only we lock


def migrate(engine: Engine) -> None:
    """Makes the tables of a new database, or takes an older one through the steps it lacks.

    Raises:
        RefusedError: a newer program made this database; nothing was changed.
    """
    with engine.connect() as db:
        found = _schema(db)
    if found > t.SCHEMA_VERSION:
        raise RefusedError(
            f"这个数据库是较新版本的 syncer 建的（结构第{found}版，本程序只认到第{t.SCHEMA_VERSION}版），没有改动。请改用新版本的 syncer。\n"
            f"A newer syncer made this database (schema {found}, this one knows {t.SCHEMA_VERSION}): use the newer one."
        )
    if found == t.SCHEMA_VERSION:
        return
    with engine.begin() as db:
        if db.dialect.name == "sqlite":  # left to itself its driver makes tables outside the transaction
            db.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            db.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
        found = _schema(db)  # somebody else may have been quicker
        if found == 0:
            t.metadata.create_all(db)
        for number, step in STEPS.items():
            if number > found:
                step(db)
        put(db, t.meta, {"key": "schema"}, {"value": str(t.SCHEMA_VERSION)})


def _schema(db: Connection) -> int:
    """Returns the schema of a database; 0 for one without tables, or left half made."""
    if not inspect(db).has_table("meta"):
        return 0
    return int(db.scalar(select(t.meta.c.value).where(t.meta.c.key == "schema")) or 0)


def rulings_and_deliveries(db: Connection) -> None:
    """Schema 2: questions can be ruled and undone, workbooks be delivered to, versions compared by content."""
    q = t.question.c
    t.metadata.create_all(db, [t.override, t.admission, t.intent, t.edition])
    _add(db, t.book.c.delivered_at, t.book.c.waits, t.book.c.pending, t.book.c.layout)
    _add(db, t.version.c.revision, t.version.c.content_digest)
    _add(db, q.cell, q.who, q.payload, q.ruling, q.value, q.ruled_at, q.ruled_by, q.note, q.effect)
    for index in t.question.indexes:
        index.create(db, checkfirst=True)
    v = t.version.c
    for number in db.scalars(select(v.id).where(v.content.is_not(None), v.content_digest == "")).all():
        content = load_content(db.scalars(select(v.content).where(v.id == number)).one())
        values = {
            "revision": 1,
            "content_digest": content_digest(content),
        }  # every stamp said 1 before there were deliveries
        db.execute(update(t.version).where(v.id == number).values(**values))


def received_files(db: Connection) -> None:
    """Schema 3: what came through 07收件箱."""
    t.metadata.create_all(db, [t.received])


def marks_of_sheets(db: Connection) -> None:
    """Schema 4: rows are written under marks, and what is counted from them is kept."""
    t.metadata.create_all(db, [t.sheet_mark, t.unit_facts])
    mark_all(db)


def sheets_by_themselves(db: Connection) -> None:
    """Schema 5: what was said of a sheet is kept; a version's digest is made of those of its sheets."""
    t.metadata.create_all(db, [t.judged])
    v = t.version.c
    for number in db.scalars(select(v.id).where(v.content.is_not(None))).all():
        content = load_content(db.scalars(select(v.content).where(v.id == number)).one())
        db.execute(update(t.version).where(v.id == number).values(content_digest=content_digest(content)))


def texts_on_a_server(db: Connection) -> None:
    """Schema 6: on PostgreSQL texts are of any length, sorted by code point, as they always were on SQLite."""
    if db.dialect.name != "postgresql":
        return
    for table, column in db.execute(text(_SHORT_OR_SORTED_OTHERWISE)).all():
        kind = t.metadata.tables[table].c[column].type.compile(dialect=db.dialect)
        db.execute(text(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind}'))
    db.execute(text("DROP INDEX IF EXISTS change_cell"))
    for index in t.change.indexes:
        index.create(db, checkfirst=True)


_SHORT_OR_SORTED_OTHERWISE = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying')
  AND (collation_name IS DISTINCT FROM 'C' OR character_maximum_length IS NOT NULL)
"""


def _add(db: Connection, *columns: Column[object]) -> None:
    """Adds the columns that a table lacks; each has a default for the rows that are there."""
    known = {(table, c["name"]) for table in {c.table.name for c in columns} for c in inspect(db).get_columns(table)}
    for column in columns:
        if (column.table.name, column.name) not in known:
            definition = CreateColumn(column).compile(dialect=db.dialect)
            db.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {definition}"))


STEPS: dict[int, Callable[[Connection], None]] = {
    2: rulings_and_deliveries,
    3: received_files,
    4: marks_of_sheets,
    5: sheets_by_themselves,
    6: texts_on_a_server,
}
"""Schema number → the step that leads to it from the one before."""
