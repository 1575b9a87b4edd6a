"""What must hold of the database and the folders after every pass, whatever people did before it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy import select, text

from syncer.control import take_up
from syncer.core.delivery.plan import HINT
from syncer.core.encode import load_scalar
from syncer.core.merging.intake import plan_book
from syncer.core.merging.merge import SheetPlan
from syncer.core.model import Book, Ledger
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import ReadRow, own_columns
from syncer.core.state import Change, Question
from syncer.core.values import Scalar, same
from syncer.excel.reader import read_book
from syncer.hints import NO_ROW
from syncer.store import tables as t
from syncer.store.disk import digest
from syncer.store.facts import NEW_ROW
from syncer.store.loading import load_changes, load_question
from syncer.workspace import Office
from tests.machine.grid import ID, Grid
from tests.machine.small_bureau import SHEETS, UNITS
from tests.property.oracle import SavedCell, all_cells, unaccounted
from tests.system.bureau import Bureau

TAKEN = frozenset({"save", "copy", "recheck"})
_PASSING = frozenset({"published", "meta", "edition"})  # fingerprints and publish numbers: notes to ourselves


@dataclass
class Observed:
    """Every cell that was typed by one of our clerks and stood in a save that was taken in."""

    typed: set[Scalar] = field(default_factory=set)  # each of them is typed once
    authors: dict[Scalar, str] = field(default_factory=dict)  # the unit that typed it: what is delivered is no save
    cells: dict[SavedCell, None] = field(default_factory=dict)
    versions: int = 0
    _known: set[tuple[str, str]] = field(default_factory=set)

    def look(self, office: Office, ledger: Ledger) -> None:
        """Adds what was taken in since the last look; the bytes of every version must be kept."""
        v = t.version.c
        with office.store.engine.connect() as db:
            query = select(v.id, v.kind, v.unit, v.sha256, v.file).where(v.id > self.versions).order_by(v.id)
            found = db.execute(query).all()
        for r in found:
            self.versions = r.id
            data = office.kept.read(r.sha256)
            assert data is not None, f"the bytes of version {r.id} ({r.kind}) are not kept"
            assert digest(data) == r.sha256, f"the kept bytes of version {r.id} are others"
            if r.kind in TAKEN and (r.unit, r.sha256) not in self._known:
                self._known.add((r.unit, r.sha256))
                self.cells |= dict.fromkeys(self._cells(ledger, r.unit, data, f"version {r.id} of {r.file}"))

    def _cells(self, ledger: Ledger, unit: str, data: bytes, save: str) -> Iterator[SavedCell]:
        for name, code in SHEETS.items():
            sheet, grid = ledger.sheet(code), Grid.of(data, name)
            codes = {c.name: c.code for c in (sheet.columns if sheet else ())}
            for header in grid.at:
                column = codes.get(header, f"+{header}")
                if header == ID:
                    continue
                for index in grid.lines():
                    value = grid.cell(index, header)
                    if self.authors.get(value) == unit:
                        yield SavedCell(unit, code, "", column, value, save)


def ledger_of(office: Office, day: date) -> Ledger:
    """Returns the ledger in force."""
    return take_up(office, day).ledger


def history(office: Office) -> list[Change]:
    """Returns every recorded change."""
    with office.store.engine.connect() as db:
        entries = db.execute(select(t.change).order_by(t.change.c.id)).mappings()
        return [change for r in entries for change in load_changes(r, {})]


def questions(office: Office, state: str = "") -> list[Question]:
    """Returns every question (of one state, if named)."""
    query = select(t.question).order_by(t.question.c.id)
    if state:
        query = query.where(t.question.c.state == state)
    with office.store.engine.connect() as db:
        return [load_question(r, {}) for r in db.execute(query).mappings()]


def rows_of(office: Office, unit: str) -> dict[tuple[str, str], dict[str, Scalar]]:
    """Returns a unit's rows of the merged ledger as typed, by sheet code and id."""
    current = office.store.known_book(unit).current
    return {(code, row.id): all_cells(row) for code, rows in current.items() for row in rows}


def assert_nothing_lost(office: Office, observed: Observed) -> None:
    """The oracle: every value in an observed save is current, in the history, or in a question."""
    current = {(u, code): rows for u in UNITS for code, rows in office.store.known_book(u).current.items()}
    lost = unaccounted(observed.cells, current, history(office), questions(office))
    assert not lost, f"lost: {lost}"


def assert_nothing_taken_unseen(office: Office, held: Mapping[str, set[Scalar]], typed: set[Scalar], since: int) -> int:
    """No file clears a cell or withdraws a row whose content it never held; returns the number of the last change."""
    c = t.change.c
    gone = select(c.id, c.file, c.old, c.new, c.outcome).where(c.id > since, c.column != NEW_ROW).order_by(c.id)
    with office.store.engine.connect() as db:
        for r in db.execute(gone):
            since, old = r.id, load_scalar(r.old)
            if r.outcome in {"accepted", "removed"} and load_scalar(r.new) is None and old in typed:
                assert old in held.get(r.file, ()), f"{r.file} took away {old!r}, which it never held"
    return since


def typed_in(data: bytes, typed: set[Scalar]) -> set[Scalar]:
    """Returns the values of our clerks' that stand in a workbook."""
    grids = [Grid.of(data, sheet) for sheet in SHEETS]
    return {cell for grid in grids for row in grid.rows for cell in row if cell in typed}


def assert_database_sound(office: Office) -> None:
    """The file is whole, one cell has one open question, and no delivery is left half noted."""
    with office.store.engine.connect() as db:
        assert db.scalar(text("PRAGMA integrity_check")) == "ok"
        assert not db.execute(select(t.intent)).all(), "an intent is left"
    asked = [(q.unit, q.sheet, q.row_id, q.column) for q in questions(office, "open") if q.column]
    assert len(set(asked)) == len(asked), f"one cell, two open questions: {asked}"


def assert_agreed(office: Office, ledger: Ledger) -> None:
    """Where nothing waits, the unit's workbook and the ledger say the same, but for cells and rows that are asked about."""
    asked_of = [q for q in questions(office) if q.state == "open" or (q.state == "ruled" and not q.column)]
    cells = {(q.unit, q.sheet, q.row_id, q.column) for q in asked_of}  # a row that was let go is told in its own row
    for unit in UNITS:
        facts = office.store.deliveries.book(unit)
        if facts is None or facts.waits or unit in office.store.deliveries.stuck():
            continue
        known = office.store.known_book(unit)
        for code, content in known.base.items():
            if not content.id_column:  # somebody deleted it: nothing can be brought there
                continue
            sheet = ledger.sheet(code)
            own = own_columns(sheet) if sheet else frozenset()
            current = {row.id: row for row in known.current.get(code, ())}
            base = {row.id: row for row in content.rows}
            for row_id in current.keys() | base.keys():
                if (unit, code, row_id, "") in cells or _is_told(base.get(row_id), current):
                    continue
                nothing = ReadRow(row_id, 0, {})
                here, there = base.get(row_id, nothing), current.get(row_id, nothing)
                for column in own:
                    file, stands = here.raw.get(column), there.raw.get(column)
                    asked = (unit, code, row_id, column) in cells
                    assert same(file, stands) or asked, (
                        f"{unit} {code} {row_id} {column}: file {file!r}, ledger {stands!r}, and nobody asks"
                    )


def _is_told(row: ReadRow | None, current: Mapping[str, ReadRow]) -> bool:
    """Whether a row that the ledger let go of says so itself: an old window may bring one back that its unit had deleted."""
    return row is not None and row.id not in current and row.raw.get(HINT) == NO_ROW


def assert_reads_back(office: Office, ledger: Ledger, unit: str, path: Path) -> None:
    """A workbook as we delivered it holds just what was recorded as the next base."""
    known = office.store.known_book(unit)
    book = read_book(path)
    assert isinstance(book, Book), book
    rows = {code: content.rows for code, content in known.base.items()}
    known = replace(
        known, current=rows, judged={}, withdrawn_lately={}
    )  # nothing said of the rows that stand holds of these
    plan = plan_book(ledger, CellReader(ledger), unit, book, path.name, known)
    assert plan.refusal is None, plan.refusal
    for sheet in plan.sheets:
        assert not _moved(sheet), f"{unit} {sheet.sheet}: the delivered file is not its base: {_moved(sheet)}"


def _moved(plan: SheetPlan) -> list[object]:
    came = [row for row in plan.came() if row.raw or row.extra]
    return [*plan.decisions, *came, *plan.vanished, *plan.withdrawn, *plan.revived]


def foreign_parts(data: bytes, ours: frozenset[str]) -> dict[str, str]:
    """Returns a digest of every zip member that neither a clerk's typing nor a delivery may change."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: digest(package.read(name)) for name in package.namelist() if name not in ours}


def snapshot(office: Office, bureau: Bureau) -> Mapping[str, str]:
    """Returns a digest of every table's content and of every file that people see."""
    found: dict[str, str] = {}
    with office.store.engine.connect() as db:
        for name, table in t.metadata.tables.items():
            if name not in _PASSING:
                rows = sorted(repr(tuple(r)) for r in db.execute(select(table)))
                found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    for path in sorted(bureau.root.rglob("*")):
        if path.is_file() and ".syncer" not in path.relative_to(bureau.root).parts:
            found[path.relative_to(bureau.root).as_posix()] = digest(path.read_bytes())
    return found
