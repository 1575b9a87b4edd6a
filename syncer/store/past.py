"""The versions that were accepted before: what a file may have come from, and whether an old state came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Engine, func, select

from syncer.core.merging.known_book import SheetContent
from syncer.core.merging.versions import Versions
from syncer.core.values import Scalar, same
from syncer.store import tables as t
from syncer.store.contents import digest_of, load_content
from syncer.store.loading import load_changes
from syncer.store.versions import KeptVersions

_AT_ONCE = 20  # versions that are fetched together


class Past:
    """The earlier versions of the units' workbooks, read only."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def accepted(self, unit: str, revision: int | None = None, *, copies: bool = True) -> Versions:
        """Returns all accepted versions that are kept (of one revision, if named): a window stays open for a whole day."""
        v = t.version.c
        query = select(v.content).where(v.unit == unit, v.content.is_not(None)).order_by(v.id)
        if revision is not None:
            query = query.where(v.revision == revision)
        if not copies:
            query = query.where(v.kind != "copy")
        with self.engine.connect() as db:
            return KeptVersions(db.scalars(query.execution_options(yield_per=_AT_ONCE)))

    def is_first(self, unit: str) -> bool:
        """Tells whether one version of a unit's workbook was accepted at most, as a rule what it was issued: none older can come back."""
        v = t.version.c
        query = select(v.id).where(v.unit == unit, v.content.is_not(None)).limit(2)
        with self.engine.connect() as db:
            return len(db.scalars(query).all()) < 2

    def copies_since(self, unit: str) -> list[tuple[str, Mapping[str, SheetContent]]]:
        """Returns file name and content of the copies taken in since the unit's own workbook was, oldest first."""
        v = t.version.c
        last = select(t.book.c.version).where(t.book.c.unit == unit).scalar_subquery()
        query = select(v.file, v.content).where(v.unit == unit, v.kind == "copy", v.id > last).order_by(v.id)
        with self.engine.connect() as db:
            return [(r.file, load_content(r.content)) for r in db.execute(query)]

    def surely_before(
        self, unit: str, revision: int | None, alike: Callable[[str], bool]
    ) -> Mapping[str, SheetContent]:
        """Returns what a copy with this stamp certainly came from: what it held itself before, or the delivery it is of.

        ``alike`` tells of a copy's file name whether it is the same copy's.
        """
        v = t.version.c
        query = select(v.id, v.kind, v.file).where(v.unit == unit, v.content.is_not(None)).order_by(v.id.desc())
        if revision is not None:
            query = query.where(v.revision == revision)
        handed_out = {"issue", "delivery"} if revision is not None else {"issue"}
        with self.engine.connect() as db:
            origins = (r.id for r in db.execute(query) if r.kind in handed_out or (r.kind == "copy" and alike(r.file)))
            number = next(origins, None)
            blob = db.scalar(select(v.content).where(v.id == number)) if number is not None else None
        return load_content(blob) if blob else {}

    def was_accepted(self, unit: str, sha256: str = "", *, content: Mapping[str, SheetContent] | None = None) -> bool:
        """Tells whether these bytes, or this content, were the unit's workbook before."""
        v = t.version.c
        same_one = v.sha256 == sha256 if content is None else v.content_digest == digest_of(content)
        query = select(func.count()).where(v.unit == unit, v.content.is_not(None), v.kind != "copy", same_one)
        with self.engine.connect() as db:
            return bool(db.scalar(query))

    def stood_before(self, unit: str, cells: Mapping[tuple[str, str], Scalar]) -> int:
        """Returns how many of these values, by (row id, column), stood in their cell at some time before."""
        c = t.change.c
        query = select(t.change).where(
            c.unit == unit, c.row_id.in_({row_id for row_id, _ in cells}), c.outcome == "accepted"
        )
        with self.engine.connect() as db:
            before = [change for r in db.execute(query).mappings() for change in load_changes(r, {})]
        return len({at for c in before if (at := (c.row_id, c.column)) in cells and same(cells[at], c.old)})
