"""The new bytes of a delivery: layout, cells and stamp by patch, and the proof that they hold just what is meant."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from syncer import fs
from syncer.core.delivery.evolution import LayoutChange, NewSheet, SpareColumn, layout_changes
from syncer.core.delivery.plan import CellPatch, Delivery, LaidOut, Wanted, content_of, plan_delivery, unlike
from syncer.core.merging.known_book import KnownBook, SheetContent, first_content
from syncer.core.model import STAMP_SHEET, Book, Ledger, Stamp, Unit
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import row_key
from syncer.core.values import Scalar, show
from syncer.errors import RefusedError
from syncer.excel.evolve import evolve
from syncer.excel.looks import SheetLooks
from syncer.excel.package import Package
from syncer.excel.patch import Cell, FormulaInTheWayError, patch_cells
from syncer.excel.stamp import stamp_texts
from syncer.set_aside import PASSING
from syncer.store.deliveries import BookFacts
from syncer.store.disk import digest
from syncer.template_looks import template_looks
from syncer.workspace import Office

RULES = "1"  # raise it when the same ledger would be written differently: every workbook is looked at again


@dataclass(frozen=True, slots=True)
class Due:
    """One workbook for which something is due."""

    unit: Unit
    facts: BookFacts
    known: KnownBook
    wanted: Wanted
    plan: Delivery  # by what is known, without having looked into the file
    layout: Mapping[str, str]  # what columns, lists and sheets should rest on (`layout_of`)

    @property
    def relaid(self) -> bool:
        """Whether the workbook was last laid out for other settings."""
        return bool(json.loads(self.facts.layout or "{}") != dict(self.layout))

    @property
    def basis(self) -> str:
        """What an attempt rests on: with the same bytes and the same wishes it comes out the same."""
        cells = [(patch.sheet, patch.row_id, patch.code, repr(patch.new)) for patch in self.plan.patches]
        return hashlib.sha256(repr((RULES, self.facts.sha256, cells, sorted(self.layout.items()))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Made:
    """New bytes for one workbook, proved."""

    data: bytes
    content: Mapping[str, SheetContent]
    cells: int
    problems: tuple[Problem, ...]


class CannotError(Exception):
    """A delivery that cannot be made as the file is; ``why`` is a word of `WAITS`."""

    def __init__(self, why: str, detail: str = "", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(detail)
        self.why, self.detail, self.problems = why, detail, problems


# ---- the new bytes, and the proof


def make(office: Office, ledger: Ledger, due: Due, path: Path) -> Made | None:
    """Returns the workbook's new bytes, ``None`` where it holds everything already.

    Raises:
        CannotError: they would not hold just what is meant.
    """
    before = _bytes_of(path)
    if digest(before) != due.facts.sha256:
        raise CannotError("changed")
    suffix, unit = path.suffix.lower(), due.unit.code
    book = _read(office, before, suffix)
    laid_out, base = _laid_out_anew(office, ledger, due, before, book)
    relaid = laid_out is not before
    laid = content_of(ledger, unit, _read(office, laid_out, suffix) if relaid else book, base)
    # A sheet that is not in the file stands in the base as it was last seen: it is simply not there to be written.
    there = {code: held for code, held in base.items() if code in laid}
    if where := unlike(ledger, there, laid, cells=False):
        raise CannotError("unsafe", f"before: {where}")
    stamp = Stamp(ledger.settings.ledger_id, unit) if book.stamp is None else book.stamp
    stamp = replace(
        stamp, unit=unit, template_version=ledger.version, revision=due.facts.revision + 1, guid=due.facts.guid
    )
    after, plan, blocked = _patch(ledger, unit, laid_out, laid, due.wanted, stamp, relaid=relaid)
    problems = tuple(_formula_problem(ledger, due.facts.file, plan, patch) for patch in blocked)
    if not plan.patches and not relaid:
        if due.plan.patches:
            raise CannotError("formula" if blocked else "unsafe", "" if blocked else "no place", problems)
        return None
    again = _read(office, after, suffix)
    found = content_of(ledger, unit, again, plan.content)
    where = unlike(ledger, plan.content, found, cells=True)
    if where or again.stamp != stamp:
        raise CannotError("unsafe", f"after: {where or 'stamp'}")
    content = {**base, **{code: sheet.content for code, sheet in found.items()}}
    return Made(after, content, len(plan.patches), problems)


def _laid_out_anew(
    office: Office, ledger: Ledger, due: Due, before: bytes, book: Book
) -> tuple[bytes, Mapping[str, SheetContent]]:
    """Returns the workbook as 台账设置 lays it out now, and the base with the sheets that came new; the same bytes if nothing is due."""
    base = due.known.base
    if not due.relaid:
        return before, base
    changes = layout_changes(ledger, due.unit.code, book, base, json.loads(due.facts.layout or "{}"))
    try:
        after = evolve(before, changes, ledger, due.unit, _looks(office, changes))
    except (RefusedError, ValueError) as error:  # a package that cannot be patched
        raise CannotError("unsafe", type(error).__name__) from error
    handed = first_content(ledger, due.unit.code)
    added = {change.sheet: handed[change.sheet] for change in changes if isinstance(change, NewSheet)}
    return after, {**base, **added}


def _looks(office: Office, changes: tuple[LayoutChange, ...]) -> Mapping[str, SheetLooks]:
    """How the template lays its sheets out; only asked where something new is to be drawn."""
    if not any(isinstance(change, (NewSheet, SpareColumn)) for change in changes):
        return {}
    return template_looks(office, office.store.get("control"))


def _bytes_of(path: Path) -> bytes:
    try:
        return fs.read(path)
    except OSError as error:
        raise CannotError("disk", type(error).__name__) from error


def _read(office: Office, data: bytes, suffix: str) -> Book:
    """Returns what a reading child makes of bytes, from their kept copy."""
    book = office.readers.read(office.kept.path(office.kept.put(data, suffix), suffix))
    if not isinstance(book, Book):
        raise CannotError("slow" if book.code in PASSING else "unsafe", book.code)
    return book


def _patch(
    ledger: Ledger, unit: str, before: bytes, laid: Mapping[str, LaidOut], wanted: Wanted, stamp: Stamp, *, relaid: bool
) -> tuple[bytes, Delivery, list[CellPatch]]:
    """Returns the new bytes, what was written, and what was not because a formula stands there: those cells stay."""
    tables = {code: sheet.content.table for code, sheet in laid.items()}
    texts = stamp_texts(stamp)
    first = plan = plan_delivery(ledger, unit, laid, wanted)
    try:
        stamped = STAMP_SHEET in Package(before).sheets
        while plan.patches or relaid:
            changes: dict[str, dict[Cell, Scalar]] = defaultdict(dict)
            for patch in plan.patches:
                changes[tables[patch.sheet]][patch.row, patch.column] = patch.new
            if stamped:
                for at, (name, text) in enumerate(texts.items(), start=1):
                    changes[STAMP_SHEET] |= {(at, 1): name, (at, 2): text}
            try:
                data = patch_cells(before, changes, properties=texts)
            except FormulaInTheWayError as error:
                cells = {(code, row, at) for name, row, at in error.cells for code in tables if tables[code] == name}
                if not cells - wanted.blocked:
                    raise
                wanted = replace(wanted, blocked=wanted.blocked | cells)
                plan = plan_delivery(ledger, unit, laid, wanted)
            else:
                return data, plan, _blocked(first, wanted)
    except (RefusedError, ValueError) as error:  # a package that cannot be patched, a text too long for a cell
        raise CannotError("unsafe", type(error).__name__) from error
    return before, plan, _blocked(first, wanted)


def _blocked(plan: Delivery, wanted: Wanted) -> list[CellPatch]:
    return [patch for patch in plan.patches if (patch.sheet, patch.row, patch.column) in wanted.blocked]


def _formula_problem(ledger: Ledger, file: str, plan: Delivery, patch: CellPatch) -> Problem:
    sheet = ledger.sheet(patch.sheet)
    content = plan.content[patch.sheet]
    column = sheet.column(patch.code) if sheet else None
    row = next((row for row in content.rows if row.id == patch.row_id), None)
    key = row_key(sheet, row.raw, row.id) if sheet and row else patch.row_id
    place = Place(file, content.table, patch.row, patch.column)
    facts = (("wanted", show(patch.new)),)
    return Problem("DEL-001", place, key, column.name if column else patch.code.removeprefix("+"), "", facts)
