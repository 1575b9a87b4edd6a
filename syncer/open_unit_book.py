"""A unit's workbook that stands open in Excel: what a check would say of it as it stands, and what of ours goes into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from syncer import fs
from syncer.core.delivery.plan import CellPatch, LaidOut, Wanted, content_of, plan_delivery
from syncer.core.model import OUR_SHEETS, Book, Ledger, Owner, Refusal, Sheet, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.headers import match_headers
from syncer.core.values import Scalar, show
from syncer.errors import BusyError, ConfigError, RefusedError
from syncer.excel.live.plain import alike, plain
from syncer.excel.live.process import Worker
from syncer.excel.live.report import Report, State
from syncer.excel.live.unit_book import Pull, Push, PushedCell, PushedSheet, scalars
from syncer.excel.live.worker import Job
from syncer.excel.patch import FormulaInTheWayError, patch_cells
from syncer.hints import SystemCells
from syncer.store.disk import digest
from syncer.view import view
from syncer.workspace import Office

_WORDS: Mapping[State, tuple[str, str]] = {
    State.CLOSED: ("这个文件没有在本机的 Excel 里打开", "this file is not open in the Excel of this computer"),
    State.BUSY: (
        "Excel 正忙（正在改某一格，或开着对话框），请稍后再试",
        "Excel is busy: a cell is edited or a dialog stands",
    ),
    State.KILLED: ("Excel 很久没有回应，请稍后再试", "Excel did not answer, try again later"),
    State.WAITS: ("Excel 不让写（工作表受保护？）", "Excel does not let us write: is the sheet protected?"),
    State.NO_EXCEL: ("这台电脑上没有可以连接的 Excel", "there is no Excel on this computer that can be reached"),
}


def done_by(worker: Worker, job: Job) -> Report:
    """Returns the report of a job that was done.

    Raises:
        BusyError: Excel is not there, does not have the file open, or does not take calls now.
    """
    report = worker.do(job)
    if report.state is State.FAULT:
        raise RuntimeError(report.detail)
    if report.state is not State.DONE:
        zh, en = _WORDS[report.state]
        raise BusyError(f"{zh}{f'：{report.detail}' if report.detail else ''} / {en}")
    return report


def as_it_stands(office: Office, worker: Worker, path: Path) -> bytes:
    """Returns an open workbook with what is not saved yet; one that no reader takes as its file is.

    Only the cells that differ from the file are put over its own: all else, formats too, is read as a check of the file reads it.
    """
    if not fs.exists(path):
        raise ConfigError(f"没有这个文件：{path} / no such file")
    data = fs.read(path)
    book = _read(office, data, path)
    if isinstance(book, Refusal):
        return data
    sheets = tuple(table.name for table in book.tables if table.name not in OUR_SHEETS)
    found: dict[str, list[list[Any]]] = done_by(worker, Pull(path.absolute(), sheets)).found
    changes = {t.name: _changes(t.rows, scalars(found[t.name])) for t in book.tables if t.name in found}
    return _patched(data, {name: cells for name, cells in changes.items() if cells})


def _read(office: Office, data: bytes, path: Path) -> Book | Refusal:
    kept = office.kept.put(data, path.suffix.lower())
    return office.readers.read(office.kept.path(kept, path.suffix.lower()))


def _changes(file: Sequence[Sequence[Scalar]], there: Sequence[Sequence[Scalar]]) -> dict[tuple[int, int], Scalar]:
    """Returns the cells that stand otherwise than in the file."""
    changes: dict[tuple[int, int], Scalar] = {}
    for row in range(max(len(file), len(there))):
        before, now = (rows[row] if row < len(rows) else () for rows in (file, there))
        for column in range(max(len(before), len(now))):
            one, other = (cells[column] if column < len(cells) else None for cells in (before, now))
            if not alike(plain(one), plain(other)) and show(one) != show(other):
                changes[row + 1, column + 1] = other
    return changes


def _patched(data: bytes, changes: Mapping[str, Mapping[tuple[int, int], Scalar]]) -> bytes:
    """Returns the bytes with these cells; those that hold formulas stay as they were last computed."""
    try:
        return patch_cells(data, changes)
    except FormulaInTheWayError as error:
        blocked = set(error.cells)
        rest = {n: {at: v for at, v in cells.items() if (n, *at) not in blocked} for n, cells in changes.items()}
        return patch_cells(data, rest)


def push_into(office: Office, worker: Worker, ledger: Ledger, path: Path, as_of: date) -> tuple[int, int]:
    """Puts the coordinator's and the system's cells into an open unit workbook; returns how many, and how many it left.

    What the unit fills in is not touched, nor a cell that she changed herself. What is left is delivered once the file is closed.

    Raises:
        ConfigError: the file is no unit's workbook as it was last taken in.
        BusyError: as `done_by`.
    """
    unit = _unit_of(office, ledger, path)
    known = office.store.known_book(unit)
    book = _read(office, fs.read(path), path)
    if isinstance(book, Refusal):
        raise RefusedError(f"这个文件读不了：{path.name} / cannot be read", (Problem(book.code, Place(path.name)),))
    laid = content_of(ledger, unit, book, known.base)
    seen = view(office, ledger, as_of)
    system = SystemCells(seen).of(unit, known.base, seen.all_rows(unit))
    wanted = Wanted(known.current, system, _all_asked(office, ledger, unit))
    plan = plan_delivery(ledger, unit, laid, wanted)
    sheets = tuple(_pushed(ledger, book, laid, plan.patches))
    written, _ = done_by(worker, Push(path.absolute(), sheets)).found
    return written, len(plan.patches) - written


def _unit_of(office: Office, ledger: Ledger, path: Path) -> str:
    """Returns whose workbook a file is; its bytes must be those that were taken in last."""
    seen = office.store.known_files.seen_of(office.workspace.relative(path.absolute()))
    facts = office.store.deliveries.book(seen.unit) if seen and ledger.unit(seen.unit) else None
    if seen is None or facts is None:
        raise ConfigError(f"这个文件不是已经收下的单位工作簿：{path} / not a unit's workbook that was taken in")
    if facts.sha256 != digest(fs.read(path)):
        raise BusyError(f"这个文件有新的保存还没有合并，请先 syncer sync：{path} / saved again: sync first")
    return seen.unit


def _all_asked(office: Office, ledger: Ledger, unit: str) -> frozenset[tuple[str, str, str]]:
    """Returns every cell that is being asked about: it stays as the unit left it until somebody rules."""
    questions = (q for q in office.store.questions.open(ledger) if q.unit == unit)
    return frozenset((q.sheet, q.row_id, q.column) for q in questions if q.row_id)


def _pushed(
    ledger: Ledger, book: Book, laid: Mapping[str, LaidOut], patches: Sequence[CellPatch]
) -> Iterator[PushedSheet]:
    """Yields what goes into each sheet: columns that are not the unit's, in rows that have their id."""
    by_sheet: dict[str, list[CellPatch]] = defaultdict(list)
    for patch in patches:
        by_sheet[patch.sheet].append(patch)
    for code, cells in by_sheet.items():
        sheet, content = ledger.sheet(code), laid[code].content
        table = next(table for table in book.tables if table.name == content.table)
        match = match_headers(table, sheet, "")[0] if sheet else None
        if sheet and match and content.id_column:
            pushed = tuple(_cell(table, match.row, content.id_column, c) for c in cells if not _is_units(sheet, c))
            yield PushedSheet(table.name, content.id_column, match.row, tuple(filter(None, pushed)))


def _is_units(sheet: Sheet, patch: CellPatch) -> bool:
    column = sheet.column(patch.code)
    return column is None or column.owner is Owner.UNIT


def _cell(table: Table, heading_row: int, id_column: int, patch: CellPatch) -> PushedCell | None:
    """One cell, known by the id that is printed in its row; ``None`` where the row has none yet."""
    if show(table.cell(patch.row, id_column)).strip() != patch.row_id:
        return None
    heading = show(table.cell(heading_row, patch.column))
    return PushedCell(patch.row_id, patch.column, heading, table.cell(patch.row, patch.column), patch.new)
