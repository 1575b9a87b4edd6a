"""The database's tables. Times are ISO text in local wall-clock time, as Excel and its people keep them."""

from __future__ import annotations

import re

from sqlalchemy import Column, Dialect, Index, Integer, LargeBinary, MetaData, String, Table, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

SCHEMA_VERSION = 6
_UNKEPT = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL keeps no NUL, no database keeps half a sign


class _Kept(TypeDecorator[str]):
    """Text without the signs that a database refuses. In our JSON they stand escaped: cells are kept as typed.

    SQLite takes a text of any length and sorts by code point, whatever is said here; PostgreSQL is told to do the same.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Returns the type of the column in this database."""
        postgres = dialect.name == "postgresql"
        return dialect.type_descriptor(Text(collation="C") if postgres else self.impl_instance)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Returns what is kept, and what is asked for."""
        del dialect
        return None if value is None else _UNKEPT.sub("", value)


class Line(_Kept):
    """A short text: a name, a code, a time."""

    cache_ok = True


class Words(_Kept):
    """A text of any length."""

    impl = Text
    cache_ok = True


metadata = MetaData()

meta = Table("meta", metadata, Column("key", Line(64), primary_key=True), Column("value", Words, nullable=False))

book = Table(
    "book",
    metadata,
    Column("unit", Line(64), primary_key=True),
    Column("guid", Line(64), nullable=False),
    Column("file", Line(255), nullable=False),  # file name as issued, or as renamed since
    Column("revision", Integer, nullable=False),
    Column("state", Line(16), nullable=False),  # issued, current
    Column("version", Integer, nullable=False),  # the accepted version that is the base
    Column("last_saved", Line(32), nullable=False),
    Column("last_change", Line(32), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("receipt", Words, nullable=False),
    Column("problems", Words, nullable=False),  # JSON
    Column("delivered_at", Line(32), nullable=False, server_default=""),  # our last delivery into it
    Column("waits", Line(16), nullable=False, server_default=""),  # why the next delivery waits: open, quiet, changed …
    Column("pending", Integer, nullable=False, server_default="0"),  # cells that it would write
    Column("layout", Words, nullable=False, server_default=""),  # JSON: the settings it was last laid out for
)

version = Table(
    "version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("unit", Line(64), nullable=False),
    Column(
        "kind", Line(16), nullable=False
    ),  # issue, save, recheck, copy, delivery, refused, control, generated, inbox
    Column("file", Line(255), nullable=False),
    Column("sha256", Line(64), nullable=False),
    Column("saved_at", Line(32), nullable=False),
    Column("seen_at", Line(32), nullable=False),
    Column("code", Line(16), nullable=False),  # why refused
    Column("content", LargeBinary),  # compressed JSON: the rows as read, with their ids
    Column("revision", Integer, nullable=False, server_default="0"),  # as the stamp in these bytes says
    Column("content_digest", Line(64), nullable=False, server_default=""),  # equal content, equal digest
    Index("version_unit", "unit", "id"),
)

row = Table(
    "row",
    metadata,
    Column("unit", Line(64), primary_key=True),
    Column("sheet", Line(64), primary_key=True),
    Column("id", Line(96), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("raw", Words, nullable=False),
    Column("cells", Words, nullable=False),  # as read (typed)
    Column("extra", Words, nullable=False),
    Column("file", Line(255), nullable=False),
    Column("source_row", Integer, nullable=False),
    Column("saved_at", Line(32), nullable=False),
    Column("changed_at", Line(32), nullable=False),
    Column("version", Integer, nullable=False),
)

sheet_mark = Table(  # another mark, another content: see `syncer.store.rows`
    "sheet_mark",
    metadata,
    Column("unit", Line(64), primary_key=True),
    Column("sheet", Line(64), primary_key=True),
    Column("mark", Line(16), nullable=False),
)

unit_facts = Table(  # counted from the rows, and counted anew where ``basis`` is another
    "unit_facts",
    metadata,
    Column("unit", Line(64), primary_key=True),
    Column("basis", Line(64), nullable=False),
    Column("facts", Words, nullable=False),  # JSON
)

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Line(32), nullable=False),  # first seen saved
    Column("unit", Line(64), nullable=False),
    Column("sheet", Line(64), nullable=False),
    Column("row_id", Line(96), nullable=False),
    Column("column", Line(128), nullable=False),
    Column("old", Words, nullable=False),
    Column("new", Words, nullable=False),
    Column("outcome", Line(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("file", Line(255), nullable=False),
    Column("source_row", Integer, nullable=False),
    Column("saved_at", Line(32), nullable=False),
    # A header may be longer than a line of a PostgreSQL index; of one row there are few entries.
    Index("change_cell", "row_id", "column").ddl_if("sqlite"),
    Index("change_row", "row_id").ddl_if("postgresql"),
    Index("change_at", "at"),
)

question = Table(
    "question",
    metadata,
    Column("id", Line(32), primary_key=True),
    Column("kind", Line(16), nullable=False),
    Column("unit", Line(64), nullable=False),
    Column("sheet", Line(64), nullable=False),
    Column("row_id", Line(96), nullable=False),
    Column("row_key", Words, nullable=False),
    Column("column", Line(128), nullable=False),
    Column("base", Words, nullable=False),
    Column("current", Words, nullable=False),
    Column("incoming", Words, nullable=False),
    Column("file", Line(255), nullable=False),
    Column("source_row", Integer, nullable=False),
    Column("saved_at", Line(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Line(32), nullable=False),
    Column("text", Words, nullable=False),
    Column("state", Line(16), nullable=False),  # open, gone (the cell was put back), ruled
    Column("cell", Line(16), nullable=False, server_default=""),
    Column("who", Line(64), nullable=False, server_default=""),
    Column("payload", Words, nullable=False, server_default=""),
    Column("ruling", Line(16), nullable=False, server_default=""),
    Column("value", Words, nullable=False, server_default="null"),
    Column("ruled_at", Line(32), nullable=False, server_default=""),
    Column("ruled_by", Line(16), nullable=False, server_default=""),
    Column("note", Words, nullable=False, server_default=""),
    Column(
        "effect", Words, nullable=False, server_default="[]"
    ),  # JSON: what a ruling changed, so that it can be undone
    Index("question_state", "state"),
)

override = Table(  # an accepted 调整申请 on a cell of 任务分解, in force until 台账设置 itself says something else
    "override",
    metadata,
    Column("task", Line(96), primary_key=True),
    Column("column", Line(64), primary_key=True),
    Column("said", Words, nullable=False),  # what 台账设置 said when it was accepted
    Column("value", Words, nullable=False),
    Column("question", Line(32), nullable=False),
    Column("at", Line(32), nullable=False),
)

admission = Table(  # bytes that the coordinator let in, or had set aside: how the next pass takes them
    "admission",
    metadata,
    Column("sha256", Line(64), primary_key=True),
    Column("unit", Line(64), nullable=False),
    # take: as they are, once · taken: they were · stale: as an old state, nothing in them is new · placed: as this unit's
    Column("how", Line(16), nullable=False),
)

intent = Table(  # a delivery under way: what the file is expected to be, and what it becomes
    "intent",
    metadata,
    Column("unit", Line(64), primary_key=True),
    Column("path", Line(1024), nullable=False),
    Column("before", Line(64), nullable=False),
    Column("after", Line(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", Line(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("layout", Words, nullable=False),
)

control = Table(  # accepted control workbooks, as read
    "control",
    metadata,
    Column("sha256", Line(64), primary_key=True),
    Column("tables", LargeBinary, nullable=False),
)

number = Table(  # the highest row number given out, so that no id is ever given twice
    "number",
    metadata,
    Column("unit", Line(64), primary_key=True),
    Column("sheet", Line(64), primary_key=True),
    Column("last", Integer, nullable=False),
)

judged = Table(  # what was said of a sheet's rows when they were judged last, so that it need not be found again
    "judged",
    metadata,
    Column("unit", Line(64), primary_key=True),
    Column("sheet", Line(64), primary_key=True),
    Column("rows", Line(64), nullable=False),  # mark of the rows that were judged, see `sheet_mark`
    Column("terms", Line(64), nullable=False),  # digest of what they were judged by
    Column(
        "lookups", Words, nullable=False
    ),  # JSON: what was found on other sheets, and what others look up on this one
    Column("problems", Words, nullable=False),  # JSON
    Column("base", Line(64), nullable=False),  # the piece of the version against which the worksheet was read last
    Column("reading", Words, nullable=False),  # JSON: what that came to; "" where it was not at rest
)

seen = Table(  # what the last scan knew of each file
    "seen",
    metadata,
    Column("path", Line(1024), primary_key=True),
    Column("stat", Line(128), nullable=False),
    Column("sha256", Line(64), nullable=False),
    Column("unit", Line(64), nullable=False),
    Column("problems", Words, nullable=False),  # JSON; why it was refused
    Column("receipt", Words, nullable=False),
)

week = Table(
    "week",
    metadata,
    Column("label", Line(16), primary_key=True),
    Column("issued_at", Line(32), nullable=False),
    Column("path", Words, nullable=False),
    Column("marks", Words, nullable=False),
)

published = Table(
    "published",
    metadata,
    Column("path", Line(1024), primary_key=True),
    Column("sha256", Line(64), nullable=False),
    Column("fingerprint", Line(64), nullable=False),  # of what it was made from
    Column("stat", Line(128), nullable=False),
)

edition = Table(  # what a generated book held, so that what somebody types into it can be told from what we wrote
    "edition",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("path", Line(1024), nullable=False),
    Column("sha256", Line(64), nullable=False),
    Column("at", Line(32), nullable=False),
    Index("edition_path", "path", "number"),
)

received = Table(  # what came through 07收件箱 and is settled
    "received",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("path", Line(1024), nullable=False),  # where it lay
    Column("name", Line(255), nullable=False),
    Column("sha256", Line(64), nullable=False),
    Column("unit", Line(64), nullable=False),
    Column("saved_at", Line(32), nullable=False),
    Column("at", Line(32), nullable=False),
    Column("verdict", Line(16), nullable=False),  # taken, again, refused
    Column("text", Words, nullable=False),  # the line to paste back
    Column("place", Line(1024), nullable=False),  # where it was put; "": it is still to be
    Index("received_sha256", "sha256"),
)
