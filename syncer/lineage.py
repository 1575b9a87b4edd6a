"""Where a file comes from: which accepted version it goes on from, whose copy it is, whether an old state came back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from syncer import fs
from syncer.arrivals import Arrival
from syncer.core.merging.intake import BookPlan
from syncer.core.merging.known_book import KnownBook, SheetContent
from syncer.core.merging.lineage import (
    base_of_copy,
    goes_back,
    name_without_numbers,
    nearest_base,
    own_differences,
)
from syncer.core.merging.versions import Listed
from syncer.core.model import Book, Ledger
from syncer.formats import PATCHABLE, is_patchable
from syncer.workspace import Office

FEW_CELLS = 3  # of the unit's own: a person undoes as much by hand


def original_of(office: Office, ledger: Ledger, owner: str, arrival: Arrival, book: Book) -> str:
    """Returns the name of the workbook that this file is a copy of; ``""`` if it is the unit's only one.

    A book in another format is a copy of the one that was issued, whether that still stands there or not; so is, in any
    format, what came through 07收件箱.
    """
    unit = ledger.unit(owner)
    issued_as = office.workspace.unit_book(unit).name if unit else ""
    names = [name for name in (office.store.file_of(owner), issued_as) if Path(name).suffix.lower() in PATCHABLE]
    if arrival.dropped or not is_patchable(arrival.path, book):
        return next(iter(names), "")
    others = (name for name in names if name != arrival.name and fs.exists(arrival.path.parent / name))
    return next(others, "")


def base_of(
    office: Office, ledger: Ledger, owner: str, book: Book, known: KnownBook, *, direct: bool
) -> Mapping[str, SheetContent]:
    """Returns what a file is to be compared with: the raw values of the accepted version that it came from.

    ``direct``: the unit's own workbook, which goes on from the last version. Not so a copy, an old state, or the workbook
    saved from a window that was open while we delivered: these come from the accepted version with the stamp's revision
    from which they differ in the fewest cells.
    """
    facts = office.store.deliveries.book(owner)
    revision = book.stamp.revision if book.stamp else None
    if facts is None:
        return known.base
    if direct and revision in {None, facts.revision}:
        return _saved_back(office, ledger, owner, book, known, facts.file)
    candidates = office.store.past.accepted(owner, revision)
    if not candidates and revision is not None:
        candidates = office.store.past.accepted(owner)
    if not candidates:
        return known.base
    return candidates[nearest_base(ledger, owner, book, candidates, copy=not direct)]


def _saved_back(
    office: Office, ledger: Ledger, owner: str, book: Book, known: KnownBook, file: str
) -> Mapping[str, SheetContent]:
    """Returns the last version, or what was kept in another format since, if the workbook is nearer to that.

    Asked for .xlsx, a person opens her .ods, saves it as .xlsx and goes on: what she retypes there is no conflict with
    what she had typed before.
    """
    since = [
        content
        for name, content in office.store.past.copies_since(owner)
        if name == file or Path(name).suffix.lower() not in PATCHABLE
    ]
    candidates = Listed([known.base, *since])
    return candidates[nearest_base(ledger, owner, book, candidates, copy=True)] if since else known.base


def of_copy(
    office: Office, ledger: Ledger, owner: str, arrival: Arrival, book: Book, base: Mapping[str, SheetContent]
) -> Mapping[str, SheetContent]:
    """Returns a copy's base without what it cannot have known for sure (see `syncer.core.merging.lineage.base_of_copy`).

    A copy that stands in 02 is the same one under the same name. What comes through 07 has another name each time
    (``台账(1).xlsx``): it is the same copy where the names differ in numbers alone, and nothing accepted is nearer to it.
    """
    revision = book.stamp.revision if book.stamp else None
    past, name = office.store.past, arrival.name
    if not arrival.dropped:
        return base_of_copy(ledger, owner, book, base, past.surely_before(owner, revision, name.__eq__))
    bare = name_without_numbers(Path(name).name)
    sure = past.surely_before(
        owner, revision, lambda other: bool(bare) and name_without_numbers(Path(other).name) == bare
    )
    if own_differences(ledger, sure, base):
        sure = past.surely_before(owner, revision, lambda _: False)
    return base_of_copy(ledger, owner, book, base, sure)


def newer_cells(ledger: Ledger, plan: BookPlan) -> int:
    """Returns how many of the unit's own cells stand otherwise than in its workbook, which changes nothing: all it holds is older.

    An old copy was put in the workbook's place, or a window that had been open all the time was saved.
    """
    if any(s.decisions or s.added or s.withdrawn or s.vanished or s.held or s.revived for s in plan.sheets):
        return 0
    going_on = [sheet for sheet in plan.sheets if not sheet.at_rest]
    standing = {sheet.sheet: SheetContent({}, sheet.rows) for sheet in going_on}
    return own_differences(ledger, standing, {sheet.sheet: plan.content[sheet.sheet] for sheet in going_on})


def is_backup(
    office: Office, ledger: Ledger, owner: str, arrival: Arrival, plan: BookPlan, last: Mapping[str, SheetContent]
) -> bool:
    """Whether an older state of the unit's workbook came back, after ``last``, so that the coordinator must say if it is meant.

    The same bytes as before; the same content in other bytes; or what goes back to an older version in every one of the
    unit's own cells changed since, whatever else was typed. Other bytes only where more than a few cells differ: a person who
    types a cell back comes to old content too. Never where nothing that stands would change (the unit put back what it
    was asked to put back), nor where other bytes only lack rows of its own: that is a withdrawal like any other.
    """
    facts = office.store.deliveries.book(owner)
    if facts is None or arrival.sha256 == facts.sha256 or office.store.past.is_first(owner):
        return False
    if not any(sheet.decisions or sheet.added or sheet.withdrawn or sheet.vanished for sheet in plan.sheets):
        return False
    resting = {sheet.sheet for sheet in plan.sheets if sheet.at_rest}
    differing = own_differences(ledger, last, plan.content, but_for=resting)
    if office.store.past.was_accepted(owner, arrival.sha256):
        return differing > 0
    only_taken_back = not any(sheet.decisions or sheet.added or sheet.vanished for sheet in plan.sheets)
    if differing > FEW_CELLS and not only_taken_back and office.store.past.was_accepted(owner, content=plan.content):
        return True
    cells = {(d.row_id, d.column): d.incoming for sheet in plan.sheets for d in sheet.decisions}
    cells |= {(row.id, c): v for sheet in plan.sheets for row in sheet.came() for c, v in row.cells().items()}
    if office.store.past.stood_before(owner, cells) <= FEW_CELLS:
        return False
    return goes_back(ledger, office.store.past.accepted(owner, copies=False), last, plan.content, FEW_CELLS)
