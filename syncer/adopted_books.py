"""Puts what was adopted into the units' workbooks, as if their clerks had typed it; the next pass takes it in as a save.

A workbook that was never issued is made with the content in it. One that is out is patched, and only if nobody has typed
anything into it, nobody has it open, and its bytes are the ones that the last pass read. Any other is left alone.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TypeGuard
from uuid import uuid4

from syncer import fs
from syncer.books import issue_missing, unit_book_bytes
from syncer.control import Control
from syncer.core.adopting.placing import Adoption, Item
from syncer.core.delivery.handout import FIRST_DATA_ROW, row_id
from syncer.core.encode import to_json
from syncer.core.merging.known_book import SheetContent, first_content
from syncer.core.model import Book, ColumnType, Ledger, Sheet, Stamp, Table, Unit
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader
from syncer.core.reading.headers import SPARE, match_headers
from syncer.core.reading.rows import ReadRow, typed_by_unit
from syncer.core.texts import cell_text
from syncer.core.values import Scalar, fold, show
from syncer.errors import RefusedError
from syncer.excel.looks import LEAF_ROW, SheetLooks
from syncer.excel.patch import patch_cells
from syncer.formats import PATCHABLE
from syncer.store.disk import InTheWayError, digest, stat_mark
from syncer.template_looks import template_looks
from syncer.watch.owners import is_open
from syncer.workspace import Office

HAS_CONTENT, OPEN, CHANGED, CANNOT = "ADOPT-012", "ADOPT-013", "ADOPT-014", "ADOPT-015"
_NOT_THERE_YET = "这份工作簿里还没有要写入的任务或栏目；先运行 syncer sync，等新的任务、栏目写进工作簿，再运行一次 syncer adopt --apply"
_DONE = "adopted"  # key in the store: unit → digest of the content that was put into its workbook
_Cells = dict[str, dict[tuple[int, int], Scalar]]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one unit's workbook; ``said`` in the coordinator's words."""

    unit: str
    file: str
    done: bool
    said: str
    problem: Problem | None = None


def write_books(office: Office, control: Control, adoption: Adoption) -> list[Written]:
    """Writes the content of every unit; one that cannot be written does not keep back the others."""
    looks = template_looks(office, control.sha256)
    done = json.loads(office.store.get(_DONE) or "{}")
    written: list[Written] = []
    for code in adoption.units():
        unit = control.ledger.unit(code)
        items = [item for item in adoption.items if item.unit == code and (item.raw or item.extra)]
        if unit is None or not items:
            continue
        mark = _mark(items)
        if done.get(code) == mark:
            written.append(Written(code, office.store.files().get(code, ""), True, "上次导入时已经写入，没有再写。"))
            continue
        one = _write(office, control, unit, items, looks)
        written.append(one)
        if one.done:
            done[code] = mark
            office.store.set(_DONE, json.dumps(done, ensure_ascii=False, sort_keys=True))
    return written


def _mark(items: Sequence[Item]) -> str:
    plain = [
        [
            i.sheet,
            i.task,
            sorted((c, to_json(v)) for c, v in i.raw.items()),
            sorted((n, to_json(v)) for n, v in i.extra.items()),
        ]
        for i in items
    ]
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()[:16]


def _write(
    office: Office, control: Control, unit: Unit, items: Sequence[Item], looks: Mapping[str, SheetLooks]
) -> Written:
    facts = office.store.deliveries.book(unit.code)
    path = office.workspace.issued_book(facts.file) if facts else office.workspace.unit_book(unit)
    try:
        if facts is None:
            return _issue(office, control, unit, path, items, looks)
        return _type(office, control.ledger, unit, path, items)
    except RefusedError as error:
        return _not(unit, path, CANNOT, str(error))
    except InTheWayError:
        return _not(unit, path, CHANGED)
    except OSError as error:
        return _not(unit, path, CANNOT, error.strerror or type(error).__name__)


def _not(unit: Unit, path: Path, code: str, why: str = "") -> Written:
    said = {
        HAS_CONTENT: "工作簿里已有填报内容，没有写入。",
        OPEN: "工作簿正打开着，没有写入；关闭后再运行一次 syncer adopt --apply。",
        CHANGED: "工作簿有还没合并的改动，没有写入；先运行 syncer sync，再运行一次 syncer adopt --apply。",
    }.get(code, f"没有写入：{why}")
    problem = Problem(code, Place(path.name), facts=(("unit", unit.short), ("why", why)))
    return Written(unit.code, path.name, done=False, said=said, problem=problem)


# ---- a workbook that was never issued


def _issue(
    office: Office,
    control: Control,
    unit: Unit,
    path: Path,
    items: Sequence[Item],
    looks: Mapping[str, SheetLooks],
) -> Written:
    """Makes the workbook with the content in it, then records it as issued without: the content is its first save."""
    if fs.exists(path):
        return _not(unit, path, CHANGED)
    ledger = control.ledger
    stamp = Stamp(ledger.settings.ledger_id, unit.code, "main", ledger.version, 1, uuid4().hex)
    content = {
        code: _filled(ledger, unit.code, code, held, items) for code, held in first_content(ledger, unit.code).items()
    }
    data = unit_book_bytes(ledger, unit, stamp, content, looks, office.clock())
    office.disk.write(path, data, lambda: not fs.exists(path))
    issue_missing(office, control, [unit.code])
    return Written(unit.code, path.name, done=True, said="新下发，内容已写入。")


def _filled(ledger: Ledger, unit: str, code: str, held: SheetContent, items: Iterable[Item]) -> SheetContent:
    """Returns what a new sheet holds with the content in it; rows of the unit's own take the first reserved ids."""
    sheet = ledger.sheet(code)
    if sheet is None:
        return held
    own = [item for item in items if item.sheet == code]
    by_task = {item.task: item for item in own if item.task}
    points = _Points(ledger, sheet)
    rows = [
        replace(row, raw={**row.raw, **points.of(item.raw)}, extra=dict(item.extra))
        if (item := by_task.get(row.id))
        else row
        for row in held.rows
    ]
    for number, item in enumerate((item for item in own if not item.task), start=1):
        at = FIRST_DATA_ROW + len(rows)
        rows.append(ReadRow(row_id(sheet, unit, number), at, points.of(item.raw), dict(item.extra)))
    return replace(held, rows=tuple(rows))


class _Points:
    """Numbers in percentage columns as points: 0.6 and 60 are both 60, as a clerk who types them in Excel means."""

    def __init__(self, ledger: Ledger, sheet: Sheet) -> None:
        self._reader = CellReader(ledger)
        self._columns = {c.code: c for c in sheet.columns if c.type is ColumnType.PERCENT}

    def of(self, raw: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Returns a row's content with its percentages as points; texts (``60%``) stay as they are."""
        return {code: self._one(code, value) for code, value in raw.items()}

    def as_typed(self, raw: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Returns the same as Excel keeps them: fractions shown with a percent sign."""
        points = self.of(raw)
        return {
            code: round(value / 100, 10) if code in self._columns and _is_number(value) else value
            for code, value in points.items()
        }

    def _one(self, code: str, value: Scalar) -> Scalar:
        column = self._columns.get(code)
        if column is None or not _is_number(value):
            return value
        read = self._reader.read(value, column).value
        return read if _is_number(read) else value


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# ---- a workbook that is out


def _type(office: Office, ledger: Ledger, unit: Unit, path: Path, items: Sequence[Item]) -> Written:
    """Types the content into a workbook that nobody has typed into yet."""
    facts = office.store.deliveries.book(unit.code)
    known = office.store.known_book(unit.code)
    if not fs.exists(path) or facts is None:
        return _not(unit, path, CHANGED)
    before = fs.read(path)
    if digest(before) != facts.sha256 or path.suffix.lower() not in PATCHABLE:
        return _not(unit, path, CHANGED)
    rows = [(ledger.sheet(code), row) for code, held in known.base.items() for row in held.rows]
    if any(sheet is not None and typed_by_unit(sheet, row) for sheet, row in rows):
        if _holds(ledger, known.base, items):  # written by a run that was broken off before it could say so
            return Written(unit.code, path.name, done=True, said="内容已经在工作簿里，没有再写。")
        return _not(unit, path, HAS_CONTENT)
    if _lacks(known.base, items):
        return _not(unit, path, CANNOT, _NOT_THERE_YET)
    book = office.readers.read(office.kept.path(office.kept.put(before)))
    if not isinstance(book, Book):
        return _not(unit, path, CHANGED)
    cells = _cells(ledger, known.base, items, {table.name: table for table in book.tables})
    after = patch_cells(before, cells)
    if missing := _misread(office, after, cells):
        return _not(unit, path, CANNOT, f"写入后读不到{missing}")
    if is_open(path, time.time()):
        return _not(unit, path, OPEN)
    mark = stat_mark(path)
    if digest(fs.read(path)) != facts.sha256:
        return _not(unit, path, CHANGED)
    office.disk.write(path, after, lambda: stat_mark(path) == mark and not is_open(path, time.time()))
    return Written(unit.code, path.name, done=True, said="已下发的工作簿还没人填过，内容已写入。")


def _holds(ledger: Ledger, base: Mapping[str, SheetContent], items: Sequence[Item]) -> bool:
    """Whether a workbook holds all of the content already: each row's values together in one of its rows."""
    for item in items:
        sheet, held = ledger.sheet(item.sheet), base.get(item.sheet)
        if sheet is None or held is None:
            return False
        wanted = {
            code: fold(cell_text(show(value))) for code, value in _Points(ledger, sheet).as_typed(item.raw).items()
        }
        rows = [row for row in held.rows if not item.task or row.id == item.task]
        if not any(all(fold(show(row.raw.get(c))) == text for c, text in wanted.items()) for row in rows):
            return False
    return True


def _lacks(base: Mapping[str, SheetContent], items: Sequence[Item]) -> bool:
    """Whether the workbook was handed out before the plan had one of the tasks, or the ledger one of the columns."""
    for item in items:
        held = base.get(item.sheet)
        if held is None or not item.raw.keys() <= held.columns.keys():
            return True
        if item.task and not any(row.id == item.task for row in held.rows):
            return True
    return False


def _cells(
    ledger: Ledger, base: Mapping[str, SheetContent], items: Sequence[Item], tables: Mapping[str, Table]
) -> _Cells:
    """Returns which cells of which worksheets get what: tasks in their rows, other rows on the reserved ones and below.

    Columns of the old ledgers' own stand right of ours, in columns that nobody uses (``tables``: the worksheets as they are).
    """
    cells: _Cells = {}
    for code, held in base.items():
        sheet = ledger.sheet(code)
        own = [item for item in items if item.sheet == code]
        if sheet is None or not own:
            continue
        name = held.table or sheet.name
        if name not in tables:
            raise RefusedError(f"工作簿里没有工作表“{name}”")
        table, into = tables[name], cells.setdefault(name, {})
        at_task = {row.id: row.row for row in held.rows}
        free = [*held.free]
        below = max(held.last_row, max((row.row for row in held.rows), default=0), *free, LEAF_ROW) + 1
        unused = _unused(table, max([*held.columns.values(), held.id_column]) + 1)
        extras = {name: next(unused) for name in dict.fromkeys(n for item in own for n in item.extra)}
        match, _ = match_headers(table, sheet, name)
        into.update({(match.row if match else LEAF_ROW, at): extra for extra, at in extras.items()})
        points = _Points(ledger, sheet)
        for item in own:
            if (row := at_task.get(item.task, 0)) == 0:
                row, below = (free.pop(0), below) if free else (below, below + 1)
            for column, value in points.as_typed(item.raw).items():
                into[row, held.columns[column]] = _fitting(value)
            into.update({(row, extras[name]): _fitting(value) for name, value in item.extra.items()})
    return cells


def _unused(table: Table, first: int) -> Iterator[int]:
    """Yields the columns from ``first`` on in which nothing stands but, at most, the header of a spare one."""
    for at in count(first):
        filled = [show(cells[at - 1]) for cells in table.rows if len(cells) >= at and cells[at - 1] is not None]
        if all(SPARE.match(fold(text)) for text in filled):
            yield at


def _fitting(value: Scalar) -> Scalar:
    """A value as a cell holds it: plain text and other formats may hold more than any cell of ours."""
    return cell_text(value) if isinstance(value, str) else value


def _misread(office: Office, data: bytes, cells: _Cells) -> str:
    """Reads new bytes as any save is read; returns a cell that does not say what was meant, ``""`` if all do."""
    book = office.readers.read(office.kept.path(office.kept.put(data)))
    if not isinstance(book, Book):
        return "工作簿"
    tables = {table.name: table for table in book.tables}
    for name, wanted in cells.items():
        for (row, column), value in wanted.items():
            table = tables.get(name)
            if table is None or fold(show(table.cell(row, column))) != fold(cell_text(show(value))):
                return Place(sheet=name, row=row, column=column).cell
    return ""
