"""The vocabulary of the scenarios: one line a step, what people and programs do to the folder, and when the program looks.

Workbooks are called by their name without ``.xlsx``, rows by what stands in them (``植树``; ``植树..参观``; ``*`` for all that
are filled), cells by ``列名=内容``.
"""

from __future__ import annotations

import os
import shlex
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from openpyxl import Workbook

from syncer.control import ledger_in_force
from syncer.core.model import STAMP_SHEET
from syncer.errors import BusyError, ConfigError
from syncer.excel.patch import patch_cells
from syncer.excel.reading import Readers
from syncer.excel.stamp import STAMP_NAMES
from syncer.rulings import rule, undo
from syncer.store.disk import digest
from syncer.sync import Synced, sync
from syncer.watch.scan import is_workbook_name
from syncer.workspace import Office
from tests.golden import programs
from tests.golden.common import NAME, SETTINGS_HEADER, SHEETS, START, SYSTEM, opened
from tests.golden.page import Cells, Page
from tests.system.bureau import Bureau


@dataclass
class Scene:
    """One bureau of a scenario's own, while its steps are done."""

    bureau: Bureau
    readers: Readers
    office: Office = field(init=False)
    done: Synced = field(default_factory=Synced)  # the last pass
    passes: int = 0
    failed: list[str] = field(default_factory=list)  # passes that came to nothing
    delivered: list[str] = field(default_factory=list)  # workbooks that a pass wrote to
    observed: set[str] = field(default_factory=set)  # SHA-256 of every workbook that a pass could see
    hours: float = 0
    denied: bool = False  # the folder of the workbooks may not be read
    aside: dict[str, bytes] = field(default_factory=dict)  # what somebody keeps elsewhere

    def __post_init__(self) -> None:
        self.office = opened(self.bureau, self.readers)
        self.office.clock = lambda: START + timedelta(minutes=self.passes, hours=self.hours)

    def do(self, line: str) -> None:
        """Does one step."""
        verb, *words = shlex.split(line)
        STEPS[verb](self, *words)

    # ---- files

    def path(self, book: str) -> Path:
        """Returns where a workbook stands; ``@nfd:`` before its name: in the Unicode form that macOS writes."""
        if book.startswith("@nfd:"):
            return self.path(unicodedata.normalize("NFD", book.removeprefix("@nfd:")))
        name = book if Path(book).suffix or book.startswith(("~", ".")) else f"{book}.xlsx"
        return self.bureau.units / name

    def data(self, book: str) -> bytes:
        return self.bureau.control.read_bytes() if book == "台账设置" else self.path(book).read_bytes()

    def put(self, book: str, data: bytes) -> None:
        path = self.bureau.control if book == "台账设置" else self.path(book)
        half = path.with_name("~half.tmp")
        half.write_bytes(data)
        half.replace(path)

    def page(self, book: str, sheet: str) -> Page:
        return Page(self.data(book), sheet, SETTINGS_HEADER if book == "台账设置" else 4)


STEPS: dict[str, Callable[..., None]] = {}


def step(act: Callable[..., None]) -> Callable[..., None]:
    """Makes a function a word of the vocabulary: ``copy_row`` is written ``copy-row``."""
    STEPS[act.__name__.rstrip("_").replace("_", "-")] = act
    return act


# ---- passes and rulings


@step
def sync_(scene: Scene) -> None:
    """The program looks, once. No workbook may change under it but by a delivery that it tells of."""
    units = scene.bureau.units
    before = _bytes(units)
    scene.observed |= {digest(data) for data in before.values()}
    scene.passes += 1
    try:
        with _refusing(units if scene.denied else None):
            scene.done = sync(scene.office)
    except (BusyError, ConfigError) as error:
        scene.failed.append(
            f"{type(error).__name__}: {str(error).splitlines()[0].replace(str(scene.bureau.root), '…')}"
        )
        return
    told = {units / done.file for done in scene.done.delivered if done.cells and not done.waits}
    told |= {scene.bureau.root / path for path in scene.done.issued}
    after = _bytes(units)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {p.name for p in changed} <= {p.name for p in told}, (
        f"written to unasked: {sorted(map(str, changed - told))}"
    )
    scene.delivered += [
        f"{path.name}{_differences(before.get(path, b''), after[path])}" for path in sorted(changed) if path in after
    ]


@step
def wait(scene: Scene, hours: str) -> None:
    scene.hours += float(hours)


@step
def rule_(scene: Scene, kind: str, take: str, value: str = "") -> None:
    """The coordinator gives one answer to all open questions of a kind."""
    ledger = ledger_in_force(scene.office, START.date())
    asked = [q for q in scene.office.store.questions.open(ledger) if q.kind == kind]
    assert asked, f"no question of kind {kind} is open"
    for question in asked:
        rule(scene.office, ledger, question.id, take, value or None, by="test")


@step
def undo_(scene: Scene, kind: str) -> None:
    """The coordinator takes her last answer of a kind back."""
    ledger = ledger_in_force(scene.office, START.date())
    undo(scene.office, ledger, next(q.id for q in scene.office.store.questions.ruled(ledger) if q.kind == kind))


@step
def deliveries(scene: Scene, on: str) -> None:
    """Deliveries are switched on: the configuration is read at start."""
    assert on == "on"
    config = scene.bureau.root / "syncer.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("enabled = false", "enabled = true"), encoding="utf-8")
    restart(scene)


@step
def restart(scene: Scene) -> None:
    scene.office.store.close()
    scene.__post_init__()


# ---- cells and rows


@step
def type_(scene: Scene, book: str, sheet: str, row: str, *said: str) -> None:
    page = scene.page(book, sheet)
    page.type(page.row(row), said)
    scene.put(book, page.saved())


@step
def new(scene: Scene, book: str, sheet: str, *said: str) -> None:
    """Types into the first free row."""
    page = scene.page(book, sheet)
    page.type(page.free(), said)
    scene.put(book, page.saved())


@step
def clear(scene: Scene, book: str, sheet: str, rows: str, *columns: str) -> None:
    """Empties some cells of rows."""
    page = scene.page(book, sheet)
    for row in page.rows_of(rows):
        page.type(row, columns)
    scene.put(book, page.saved())


@step
def empty(scene: Scene, book: str, sheet: str, *rows: str) -> None:
    """Empties whole rows of all that a person sees; the hidden ids stay."""
    page = scene.page(book, sheet)
    for row in page.rows_of(*rows):
        row[:] = [cell if at == page.id_at else None for at, cell in enumerate(row)]
    scene.put(book, page.saved())


@step
def wipe(scene: Scene, book: str, *sheets: str) -> None:
    """Ctrl+End, Delete: everything below the headers, ids too."""
    for sheet in sheets:
        page = scene.page(book, sheet)
        for row in page.rows:
            row[:] = [None] * len(row)
        scene.put(book, page.saved())


@step
def delete(scene: Scene, book: str, sheet: str, *rows: str) -> None:
    page = scene.page(book, sheet)
    gone = page.rows_of(*rows)
    page.rows = [row for row in page.rows if not any(row is other for other in gone)]
    scene.put(book, page.saved())


@step
def insert(scene: Scene, book: str, sheet: str, above: str, *said: str) -> None:
    """Inserts a blank row above another and types into it."""
    page = scene.page(book, sheet)
    row: Cells = [None] * len(page.head)
    page.rows.insert(page.place(page.row(above)), row)
    page.type(row, said)
    scene.put(book, page.saved())


@step
def copy_row(scene: Scene, book: str, sheet: str, row: str, *said: str) -> None:
    """复制行→插入, id and all; then typed over."""
    page = scene.page(book, sheet)
    source = page.row(row)
    copy = list(source)
    page.rows.insert(page.place(source) + 1, copy)
    page.type(copy, said)
    scene.put(book, page.saved())


@step
def cut_row(scene: Scene, book: str, sheet: str, row: str, below: str) -> None:
    """Cuts a row and inserts it below another."""
    page = scene.page(book, sheet)
    source = page.row(row)
    del page.rows[page.place(source)]
    page.rows.insert(page.place(page.row(below)) + 1, source)
    scene.put(book, page.saved())


@step
def paste(scene: Scene, source: str, sheet: str, row: str, book: str, target: str, how: str = "copied") -> None:
    """Pastes a row, its id too, over the first free row of another sheet or workbook; ``cut``: it is gone where it was."""
    there = scene.page(source, sheet)
    found = there.row(row)
    values = {str(name): cell for name, cell in zip(there.head, found, strict=True) if name}
    if how == "cut":
        found[:] = [None] * len(found)
        scene.put(source, there.saved())
    page = scene.page(book, target)
    free = page.free()
    free[:] = [values.get(str(name)) for name in page.head]
    scene.put(book, page.saved())


@step
def sort(scene: Scene, book: str, sheet: str, column: str, *leaving: str) -> None:
    """Sorts downwards by a column; the cells of the columns named after it are not in the selection."""
    page = scene.page(book, sheet)
    page.sort(column, leaving=leaving)
    scene.put(book, page.saved())


@step
def same_id(scene: Scene, book: str, sheet: str, row: str, as_: str) -> None:
    """Fills one row's id down over another's."""
    page = scene.page(book, sheet)
    page.row(row)[page.id_at] = page.row(as_)[page.id_at]
    scene.put(book, page.saved())


# ---- columns


@step
def header(scene: Scene, book: str, sheet: str, column: str, name: str) -> None:
    page = scene.page(book, sheet)
    page.head[page.column(column)] = name or None
    scene.put(book, page.saved())


@step
def swap_headers(scene: Scene, book: str, sheet: str, one: str, other: str) -> None:
    page = scene.page(book, sheet)
    here, there = page.column(one), page.column(other)
    page.head[here], page.head[there] = page.head[there], page.head[here]
    scene.put(book, page.saved())


@step
def drop_column(scene: Scene, book: str, sheet: str, column: str) -> None:
    page = scene.page(book, sheet)
    page.without_column(column)
    scene.put(book, page.saved())


@step
def blank_ids(scene: Scene, book: str, sheet: str) -> None:
    page = scene.page(book, sheet)
    for row in page.rows:
        row[page.id_at] = None
    scene.put(book, page.saved())


# ---- sheets, and what programs do


def _saved_with(scene: Scene, book: str, change: Callable[[Workbook], object]) -> None:
    scene.put(book, programs.resaved(scene.data(book), change))


@step
def resave(scene: Scene, book: str) -> None:
    """Opened and saved again by a library: other bytes, the same content."""
    _saved_with(scene, book, lambda _: None)


@step
def drop_sheet(scene: Scene, book: str, *sheets: str) -> None:
    def drop(opened: Workbook) -> None:
        for sheet in sheets:
            del opened[sheet]

    _saved_with(scene, book, drop)


@step
def rename_sheet(scene: Scene, book: str, sheet: str, name: str) -> None:
    _saved_with(scene, book, lambda opened: setattr(opened[sheet], "title", name))


@step
def copy_sheet(scene: Scene, book: str, sheet: str) -> None:
    _saved_with(scene, book, lambda opened: setattr(opened.copy_worksheet(opened[sheet]), "title", f"{sheet} (2)"))


@step
def turn_sheets(scene: Scene, book: str) -> None:
    """Puts the last sheet first, and the last data sheet before all other data sheets."""
    _saved_with(scene, book, lambda opened: opened.move_sheet(SHEETS[-1], -len(SHEETS)))
    _saved_with(scene, book, lambda opened: opened.move_sheet(opened.sheetnames[-1], -len(opened.sheetnames)))


@step
def hide_sheet(scene: Scene, book: str, sheet: str) -> None:
    _saved_with(scene, book, lambda opened: setattr(opened[sheet], "sheet_state", "hidden"))


@step
def hide_rows(scene: Scene, book: str, sheet: str, first: str, last: str) -> None:
    def hide(opened: Workbook) -> None:
        for row in range(int(first), int(last) + 1):
            opened[sheet].row_dimensions[row].hidden = True

    _saved_with(scene, book, hide)


@step
def as_xls(scene: Scene, book: str) -> None:
    """Saved again in the old format, beside the workbook or in its place: 另存为 .xls by a real LibreOffice."""
    scene.put(f"{book}.xls", programs.as_xls(scene.data(book), scene.bureau.root.parent))


@step
def strict(scene: Scene, book: str) -> None:
    scene.put(book, programs.strict(scene.data(book)))


@step
def no_sheets(scene: Scene, book: str) -> None:
    scene.put(book, programs.without_sheets(scene.data(book)))


@step
def no_part(scene: Scene, book: str, sheet: str) -> None:
    scene.put(book, programs.without_part(scene.data(book), sheet))


@step
def no_stamp(scene: Scene, book: str, *where: str) -> None:
    scene.put(book, programs.without_stamp(scene.data(book), properties="properties" in where, sheet="sheet" in where))


@step
def last_year(scene: Scene, book: str) -> None:
    """Gives a workbook the stamp of another ledger, in both places."""
    property_, *_ = STAMP_NAMES
    other = "2025aaaaaaaa"
    scene.put(book, patch_cells(scene.data(book), {STAMP_SHEET: {(1, 2): other}}, properties={property_: other}))


@step
def stray(scene: Scene, book: str, sheet: str, rows: str) -> None:
    scene.put(book, programs.with_stray_format(scene.data(book), sheet, int(rows)))


@step
def cell(scene: Scene, book: str, sheet: str, row: str, column: str, content: str) -> None:
    """Types a formula or an error into a cell."""
    scene.put(book, programs.with_cell(scene.data(book), sheet, row, column, content))


@step
def by_hand(scene: Scene, book: str, sheet: str, unit: str, *lines: str) -> None:
    """Makes a plain new workbook: headers, then rows, cells parted by ``|``."""
    scene.put(book, programs.by_hand(sheet, unit, [line.split("|") for line in lines]))


# ---- files and folders


@step
def keep(scene: Scene, book: str, name: str) -> None:
    """Puts a copy of a workbook away, where nobody looks."""
    scene.aside[name] = scene.data(book)


@step
def put_(scene: Scene, name: str, book: str) -> None:
    """Puts what was kept into the folder, under a name."""
    scene.put(book, scene.aside[name])


@step
def copy(scene: Scene, book: str, name: str) -> None:
    scene.put(name, scene.data(book))


@step
def rename(scene: Scene, book: str, name: str) -> None:
    scene.path(book).rename(scene.path(name))


@step
def swap(scene: Scene, one: str, other: str) -> None:
    here, there = scene.data(one), scene.data(other)
    scene.put(one, there)
    scene.put(other, here)


@step
def remove(scene: Scene, book: str) -> None:
    (scene.bureau.control if book == "台账设置" else scene.path(book)).unlink()


@step
def cut_off(scene: Scene, book: str, percent: str) -> None:
    data = scene.data(book)
    scene.put(book, data[: len(data) * int(percent) // 100])


@step
def zeros(scene: Scene, book: str) -> None:
    """A file of the right size that holds nothing: its blocks were never written."""
    scene.put(book, bytes(len(scene.data(book))))


@step
def stub(scene: Scene, book: str, size: str = "1024") -> None:
    """What a cloud client leaves of a file that is not on this machine yet."""
    scene.put(book, b"\0\1cloud-placeholder".ljust(int(size), b"\x7f") if int(size) else b"")


@step
def folder(scene: Scene, what: str) -> None:
    """The folder of the workbooks is gone, emptied (an empty mount), unreadable, or back."""
    units, away = scene.bureau.units, scene.bureau.root / "elsewhere"
    match what:
        case "gone":
            units.rename(away)
        case "empty":
            units.rename(away)
            units.mkdir()
        case "file":
            units.rename(away)
            units.write_bytes(b"")
        case "unreadable" | "readable":
            scene.denied = what == "unreadable"
        case "back":
            if units.is_dir():
                shutil.rmtree(units)
            units.unlink(missing_ok=True)
            away.rename(units)
        case _:
            raise AssertionError(what)


# ---- the coordinator


@step
def settings(scene: Scene, sheet: str, row: str, *said: str) -> None:
    """Changes cells of a line of 台账设置."""
    page = scene.page("台账设置", sheet)
    page.type(page.row(row), said)
    scene.put("台账设置", page.saved())


@step
def settings_without(scene: Scene, sheet: str, row: str) -> None:
    """Empties a line of 台账设置, but for a hidden id."""
    page = scene.page("台账设置", sheet)
    found = page.row(row)
    found[:] = [cell if at == page.id_at else None for at, cell in enumerate(found)]
    scene.put("台账设置", page.saved())


@step
def wipe_settings(scene: Scene, *sheets: str) -> None:
    """Empties sheets of 台账设置 below their headers."""
    wipe(scene, "台账设置", *sheets)


def _differences(before: bytes, after: bytes) -> str:
    """What a delivery made of a workbook, but for the system's columns: rows put in or taken out, and cells."""
    said: list[str] = []
    for sheet in SHEETS if before else ():
        was, now = _by_id(before, sheet), _by_id(after, sheet)
        for row_id in [*was, *(row_id for row_id in now if row_id not in was)]:
            old, new = was.get(row_id, {}), now.get(row_id, {})
            name = str(next(iter((old or new).values()), ""))
            if not old or not new:
                said += [f"{sheet} {'+' if new else '-'}{name}"] if old or new else []
            else:
                cells = [c for c in {**old, **new} if old.get(c) != new.get(c)]
                said += [f"{sheet} {name} {c} {old.get(c, '∅')} → {new.get(c, '∅')}" for c in cells]
    return f": {'、'.join(said)}" if said else ""


def _by_id(data: bytes, sheet: str) -> dict[str, dict[str, object]]:
    page = Page(data, sheet)
    columns = [at for at, name in enumerate(page.head) if name and name not in SYSTEM and at != page.id_at]
    first = page.column(NAME[sheet])
    columns.sort(key=lambda at: at != first)
    return {
        str(row[page.id_at]): {str(page.head[at]): row[at] for at in columns if row[at] is not None}
        for row in page.rows
        if row[page.id_at]
    }


@contextmanager
def _refusing(folder: Path | None) -> Iterator[None]:
    """Denies a look at a folder. By a seam: whoever runs the tests may be root, whom no permission stops."""
    look = os.scandir

    def denied(path: Path) -> Any:
        if folder is not None and Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    with patch.object(os, "scandir", denied):
        yield


def _bytes(folder: Path) -> dict[Path, bytes]:
    if not os.access(folder, os.R_OK) or not folder.is_dir():
        return {}
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and is_workbook_name(path.name)}
