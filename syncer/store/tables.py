"""The database's tables. Times are ISO text in local wall-clock time, as Excel and its people keep them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

SCHEMA_VERSION = 3
metadata = MetaData()

meta = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

book = Table(
    "book",
    metadata,
    Column("unit", String(64), primary_key=True),
    Column("guid", String(64), nullable=False),
    Column("file", String(255), nullable=False),  # file name as issued, or as renamed since
    Column("revision", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # issued, current
    Column("version", Integer, nullable=False),  # the accepted version that is the base
    Column("last_saved", String(32), nullable=False),
    Column("last_change", String(32), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("problems", Text, nullable=False),  # JSON
    Column("delivered_at", String(32), nullable=False, server_default=""),  # our last delivery into it
    Column(
        "waits", String(16), nullable=False, server_default=""
    ),  # why the next delivery waits: open, quiet, changed …
    Column("pending", Integer, nullable=False, server_default="0"),  # cells that it would write
    Column("layout", Text, nullable=False, server_default=""),  # JSON: the settings it was last laid out for
)

version = Table(
    "version",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("unit", String(64), nullable=False),
    Column(
        "kind", String(16), nullable=False
    ),  # issue, save, recheck, copy, delivery, refused, control, generated, inbox
    Column("file", String(255), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("saved_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),
    Column("code", String(16), nullable=False),  # why refused
    Column("content", LargeBinary),  # compressed JSON: the rows as read, with their ids
    Column("revision", Integer, nullable=False, server_default="0"),  # as the stamp in these bytes says
    Column("content_digest", String(64), nullable=False, server_default=""),  # equal content, equal digest
    Index("version_unit", "unit", "id"),
)

row = Table(
    "row",
    metadata,
    Column("unit", String(64), primary_key=True),
    Column("sheet", String(64), primary_key=True),
    Column("id", String(96), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("raw", Text, nullable=False),
    Column("cells", Text, nullable=False),  # as read (typed)
    Column("extra", Text, nullable=False),
    Column("file", String(255), nullable=False),
    Column("source_row", Integer, nullable=False),
    Column("saved_at", String(32), nullable=False),
    Column("changed_at", String(32), nullable=False),
    Column("version", Integer, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False),  # first seen saved
    Column("unit", String(64), nullable=False),
    Column("sheet", String(64), nullable=False),
    Column("row_id", String(96), nullable=False),
    Column("column", String(128), nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("file", String(255), nullable=False),
    Column("source_row", Integer, nullable=False),
    Column("saved_at", String(32), nullable=False),
    Index("change_cell", "row_id", "column"),
    Index("change_at", "at"),
)

question = Table(
    "question",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("sheet", String(64), nullable=False),
    Column("row_id", String(96), nullable=False),
    Column("row_key", Text, nullable=False),
    Column("column", String(128), nullable=False),
    Column("base", Text, nullable=False),
    Column("current", Text, nullable=False),
    Column("incoming", Text, nullable=False),
    Column("file", String(255), nullable=False),
    Column("source_row", Integer, nullable=False),
    Column("saved_at", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),  # open, gone (the cell was put back), ruled
    Column("cell", String(16), nullable=False, server_default=""),
    Column("who", String(64), nullable=False, server_default=""),
    Column("payload", Text, nullable=False, server_default=""),
    Column("ruling", String(16), nullable=False, server_default=""),
    Column("value", Text, nullable=False, server_default="null"),
    Column("ruled_at", String(32), nullable=False, server_default=""),
    Column("ruled_by", String(16), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column(
        "effect", Text, nullable=False, server_default="[]"
    ),  # JSON: what a ruling changed, so that it can be undone
    Index("question_state", "state"),
)

override = Table(  # an accepted 调整申请 on a cell of 任务分解, in force until 台账设置 itself says something else
    "override",
    metadata,
    Column("task", String(96), primary_key=True),
    Column("column", String(64), primary_key=True),
    Column("said", Text, nullable=False),  # what 台账设置 said when it was accepted
    Column("value", Text, nullable=False),
    Column("question", String(32), nullable=False),
    Column("at", String(32), nullable=False),
)

admission = Table(  # bytes that the coordinator let in, or had set aside: how the next pass takes them
    "admission",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("unit", String(64), nullable=False),
    Column("how", String(16), nullable=False),  # take: as they are · stale: as an old state, nothing in them is new
)

intent = Table(  # a delivery under way: what the file is expected to be, and what it becomes
    "intent",
    metadata,
    Column("unit", String(64), primary_key=True),
    Column("path", String(1024), nullable=False),
    Column("before", String(64), nullable=False),
    Column("after", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("layout", Text, nullable=False),
)

control = Table(  # accepted control workbooks, as read
    "control",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("tables", LargeBinary, nullable=False),
)

number = Table(  # the highest row number given out, so that no id is ever given twice
    "number",
    metadata,
    Column("unit", String(64), primary_key=True),
    Column("sheet", String(64), primary_key=True),
    Column("last", Integer, nullable=False),
)

seen = Table(  # what the last scan knew of each file
    "seen",
    metadata,
    Column("path", String(1024), primary_key=True),
    Column("stat", String(128), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("problems", Text, nullable=False),  # JSON; why it was refused
    Column("receipt", Text, nullable=False),
)

week = Table(
    "week",
    metadata,
    Column("label", String(16), primary_key=True),
    Column("issued_at", String(32), nullable=False),
    Column("path", Text, nullable=False),
    Column("marks", Text, nullable=False),
)

published = Table(
    "published",
    metadata,
    Column("path", String(1024), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of what it was made from
    Column("stat", String(128), nullable=False),
)

edition = Table(  # what a generated book held, so that what somebody types into it can be told from what we wrote
    "edition",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("path", String(1024), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Index("edition_path", "path", "number"),
)

received = Table(  # what came through 07收件箱 and is settled
    "received",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("path", String(1024), nullable=False),  # where it lay
    Column("name", String(255), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("saved_at", String(32), nullable=False),
    Column("at", String(32), nullable=False),
    Column("verdict", String(16), nullable=False),  # taken, again, refused
    Column("text", Text, nullable=False),  # the line to paste back
    Column("place", String(1024), nullable=False),  # where it was put; "": it is still to be
    Index("received_sha256", "sha256"),
)
