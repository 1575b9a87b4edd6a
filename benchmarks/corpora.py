"""Corpora: the issued workbooks of an office, filled by its clerks, ready for a first ``syncer sync``. Made once, and kept.

    python -m benchmarks.corpora C1          # prints where it stands

A corpus is a workspace: `syncer init` with a larger roster and plan, `syncer issue`, then rows typed into each workbook. It
depends on its size and a seed alone (but for random ids), and lies outside the repository, in the user's cache folder.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import platformdirs

from benchmarks.filling import Rows, fill
from benchmarks.invented import Cells, Content, content
from benchmarks.offices import YEAR, office_workbook
from syncer.books import issue_missing
from syncer.commands.init import make_workspace
from syncer.control import take_up
from syncer.core.delivery.handout import handed_out
from syncer.core.model import ColumnType, Ledger, Refusal, Sheet, Unit
from syncer.core.template.schema import compile_ledger
from syncer.core.values import Scalar
from syncer.excel.looks import FIRST_DATA_ROW, SheetLooks
from syncer.excel.reader import read_book
from syncer.excel.slots import lay_out
from syncer.workspace import Office, Workspace

AS_OF = date(YEAR, 11, 20)
ISSUED = datetime(YEAR, 11, 2, 9, 0)
SEED = 1
FEW = 8  # workbooks, for which more processes are not worth their start
_MADE_BY = (  # what a corpus looks like rests on these; a change makes a new one
    *("benchmarks/corpora.py", "benchmarks/filling.py", "benchmarks/invented.py", "benchmarks/offices.py"),
    *("workbook_templates/ledger.xlsx", "syncer/excel/unitbook.py", "syncer/excel/slots.py"),
    "syncer/core/delivery/handout.py",
)
_READY = ".corpus-ready"


@dataclass(frozen=True, slots=True)
class Size:
    """How many units, and how many rows each of them has in all."""

    name: str
    units: int
    rows: int

    @property
    def total(self) -> int:
        """Rows of the whole office."""
        return self.units * self.rows

    def __str__(self) -> str:
        return f"{self.name} ({self.units} × {self.rows:,} rows)"


C1, C2, C3 = Size("C1", 20, 200), Size("C2", 100, 1000), Size("C3", 500, 500)
BUREAU = Size("bureau", 12, 200)
GROWTH = (Size("10k", 20, 500), Size("50k", 100, 500), Size("100k", 200, 500), C3)
SIZES = {size.name: size for size in (C1, C2, C3, BUREAU, *GROWTH)}


def default_home() -> Path:
    """Where corpora are kept unless somebody says otherwise."""
    return platformdirs.user_cache_path("syncer") / "benchmarks"


def corpus(size: Size, home: Path) -> Path:
    """Returns the workspace of a corpus, making it if need be."""
    root = home / f"{size.units}x{size.rows}-{_recipe()}"
    if not (root / _READY).exists():
        shutil.rmtree(root, ignore_errors=True)
        _make(size, root)
        (root / _READY).touch()
    return root


def fresh(size: Size, home: Path, target: Path) -> Workspace:
    """Copies a corpus to ``target``, its workbooks as if just saved; returns that workspace."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(corpus(size, home), target)
    workspace = Workspace.at(target)
    for book in workspace.config.folders.units.iterdir():
        os.utime(book)
    return workspace


def ledger_of(workspace: Workspace) -> Ledger:
    """Returns the compiled control workbook; the workspace is left as it is."""
    book = read_book(workspace.control_book)
    ledger = None if isinstance(book, Refusal) else compile_ledger(book.tables, AS_OF)[0]
    if ledger is None:
        raise ValueError(f"{workspace.control_book} cannot be used")
    return ledger


def typed_content(ledger: Ledger, size: Size) -> Iterator[tuple[Unit, Content]]:
    """Yields what each unit of a corpus has typed."""
    return ((unit, content(ledger, unit, size.rows, SEED)) for unit in ledger.units)


@cache
def _recipe() -> str:
    home = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for name in _MADE_BY:
        digest.update((home / name).read_bytes())
    return digest.hexdigest()[:8]


def _make(size: Size, root: Path) -> None:
    workspace = make_workspace(root, YEAR, sample=True)
    workspace.control_book.write_bytes(office_workbook(size.units))
    with Office(workspace, clock=lambda: ISSUED) as office:
        control = take_up(office, AS_OF)
        issue_missing(office, control)
    jobs = [(workspace.unit_book(unit), control.ledger, unit, size.rows) for unit in control.ledger.units]
    if len(jobs) < FEW:
        for job in jobs:
            _fill(*job)
        return
    with get_context("spawn").Pool(min(os.cpu_count() or 1, 8)) as pool:
        pool.starmap(_fill, jobs, chunksize=8)


def _fill(path: Path, ledger: Ledger, unit: Unit, rows: int) -> None:
    typed = content(ledger, unit, rows, SEED)
    sheets = {sheet.name: _rows_of(ledger, unit, sheet, typed) for sheet in ledger.sheets_of(unit.code)}
    path.write_bytes(fill(path.read_bytes(), sheets))


def _rows_of(ledger: Ledger, unit: Unit, sheet: Sheet, typed: Content) -> Rows:
    """Where the cells of one sheet go: reports into the rows handed out, records one below the other."""
    places = {slot.column.code: slot.at for slot in lay_out(sheet, SheetLooks()) if slot.column}
    rows: Sequence[Cells]
    if sheet.from_plan:
        reports = typed.reports.get(sheet.code, {})
        rows = [dict(reports.get(row.id, {})) for row in handed_out(ledger, sheet, unit.code)]
    else:
        rows = [record.cells for record in typed.records.get(sheet.code, ())]
    kinds = {column.code: column.type for column in sheet.columns}
    return {
        FIRST_DATA_ROW + at: {places[code]: in_file(value, kinds[code]) for code, value in cells.items()}
        for at, cells in enumerate(rows)
    }


def in_file(value: Scalar, kind: ColumnType) -> Scalar:
    """Returns what a cell holds after somebody typed a value into it: a percentage is kept as a share."""
    if kind is ColumnType.PERCENT and isinstance(value, (int, float)):
        return round(value / 100, 10)
    return value


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpora", description=__doc__)
    parser.add_argument("size", choices=tuple(SIZES))
    parser.add_argument("--corpus", type=Path, default=default_home(), metavar="DIR")
    asked = parser.parse_args()
    print(corpus(SIZES[asked.size], asked.corpus))


if __name__ == "__main__":
    main()
