"""Hands out the units' workbooks: each is made once, and never made again over what a unit has typed."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from syncer import fs
from syncer.control import Control
from syncer.core.delivery.evolution import layout_of
from syncer.core.delivery.handout import FIRST_DATA_ROW, reserved_ids
from syncer.core.merging.known_book import SheetContent, first_content
from syncer.core.model import Book, Ledger, Row, Stamp, Unit
from syncer.core.texts import path_text, tab_name
from syncer.excel.looks import ID_COLUMN, SheetLooks
from syncer.excel.slots import lay_out
from syncer.excel.unitbook import write_unit_book
from syncer.formats import PATCHABLE
from syncer.rebuilding import notice_rebuilding, was_rebuilt
from syncer.store.deliveries import dump_layout
from syncer.store.disk import InTheWayError, stat_mark
from syncer.store.facts import Save, Seen
from syncer.template_looks import template_looks
from syncer.workspace import Office


def issue_missing(office: Office, control: Control, only: Collection[str] = ()) -> list[str]:
    """Makes the workbook of every unit that never got one (of ``only`` these codes); returns the paths written.

    A workbook that stands there already is never overwritten, known or not; one that was issued and is gone is not
    made again (its content may be on its way back).
    """
    due = [unit for unit in without_book(office, control.ledger) if not only or unit.code in only]
    if not due:
        return []
    notice_rebuilding(office, control.ledger)
    looks = template_looks(office, control.sha256)
    issued = [path for unit in due if (path := _issued(office, control.ledger, unit, looks))]
    if not office.store.get("opened"):
        office.store.set("opened", office.now())
    return issued


def without_book(office: Office, ledger: Ledger) -> list[Unit]:
    """Returns the units that have sheets to fill in, and never got a workbook."""
    known = office.store.files()
    return [unit for unit in ledger.units if unit.code not in known and ledger.sheets_of(unit.code)]


def _issued(office: Office, ledger: Ledger, unit: Unit, looks: Mapping[str, SheetLooks]) -> str:
    """Issues one workbook; where disk or share does not let us, the next pass tries again and the other units do not wait."""
    try:
        return _issue(office, ledger, unit, looks)
    except OSError as error:
        path = office.workspace.unit_book(unit)
        if fs.exists(path):
            raise  # written but not recorded: it must not be taken for a save by this pass
        reason = error.strerror or type(error).__name__
        import structlog  # noqa: PLC0415 - 0.1 s at every start, for what hardly ever happens

        structlog.get_logger().warning("not issued", file=path.name, reason=reason)
        return ""


def _issue(office: Office, ledger: Ledger, unit: Unit, looks: Mapping[str, SheetLooks]) -> str:
    """Issues one workbook. A kill between file and record leaves a file that the next pass finds and reads as a save."""
    path = office.workspace.unit_book(unit)
    existed = fs.exists(path)
    if not existed and was_rebuilt(office):
        path = _under_another_name(office, ledger, unit) or path
        existed = fs.exists(path)
    stamp = _stamp_there(office, path, unit) if existed else None
    stamp = stamp or Stamp(ledger.settings.ledger_id, unit.code, "main", ledger.version, 1, uuid4().hex)
    content = placed(first_content(ledger, unit.code), ledger)
    data = unit_book_bytes(ledger, unit, stamp, content, looks, office.clock())
    try:
        if not existed:
            office.disk.write(path, data, lambda: not fs.exists(path))
    except InTheWayError:  # somebody has put one there in this very moment
        return _issue(office, ledger, unit, looks)
    sha256 = office.kept.put(data)
    save = Save(unit.code, path_text(path.name), sha256, office.now(), office.now())
    layout = "" if existed else dump_layout(layout_of(ledger, unit.code))
    revision = max(1, stamp.revision)
    office.store.record_issue(ledger, save, stamp.guid, content, revision=revision, layout=layout)
    if existed and fs.read(path) != data:
        return ""  # what stands there is a save like any other: the next pass reads it against this base
    key = office.workspace.relative(path)
    office.store.known_files.see(key, Seen(stat_mark(path), sha256, unit.code))
    return "" if existed else key


def _under_another_name(office: Office, ledger: Ledger, unit: Unit) -> Path | None:
    """Returns the one workbook in 02 that says it was handed out to a unit, and has been renamed since; ``None`` if there is none, or several."""
    known = {*office.store.files().values(), *(office.workspace.unit_book(other).name for other in ledger.units)}
    found = []
    for path in fs.listed(office.workspace.config.folders.units):
        if path.suffix.lower() in PATCHABLE and path_text(path.name) not in known and not path.name.startswith("~"):
            stamp = _stamp_there(office, path, unit)
            found += [path] if stamp and stamp.ledger_id == ledger.settings.ledger_id else []
    return found[0] if len(found) == 1 else None


def placed(content: Mapping[str, SheetContent], ledger: Ledger) -> dict[str, SheetContent]:
    """Returns what a new workbook holds with the places of its columns and reserved rows, as `write_unit_book` lays them out."""
    result: dict[str, SheetContent] = {}
    for code, held in content.items():
        sheet = ledger.sheet(code)
        if sheet is None:
            continue
        slots = lay_out(sheet, SheetLooks())
        columns = {slot.column.code: slot.at for slot in slots if slot.column}
        first_free = FIRST_DATA_ROW + len(held.rows)
        free = tuple(range(first_free, first_free + sheet.reserved_rows))
        last_row = first_free + sheet.reserved_rows - 1
        result[code] = replace(
            held, columns=columns, table=tab_name(sheet.name), id_column=ID_COLUMN, free=free, last_row=last_row
        )
    return result


def _stamp_there(office: Office, path: Path, unit: Unit) -> Stamp | None:
    """Returns the stamp of a workbook that we issued and were killed before we recorded it."""
    book = office.readers.read(path)
    return book.stamp if isinstance(book, Book) and book.stamp and book.stamp.unit == unit.code else None


def unit_book_bytes(
    ledger: Ledger,
    unit: Unit,
    stamp: Stamp,
    content: Mapping[str, SheetContent],
    looks: Mapping[str, SheetLooks],
    issued: datetime,
) -> bytes:
    """Returns a unit's workbook. Rows of the unit's own that it holds already have the first ids of their sheet."""
    used = {code: sum(not row.id.startswith("T") for row in held.rows) for code, held in content.items()}
    stream = io.BytesIO()
    write_unit_book(
        stream,
        unit,
        ledger,
        stamp,
        rows={
            code: [Row(row.id, code, unit.code, dict(row.raw), extra=tuple(row.extra.items())) for row in sheet.rows]
            for code, sheet in content.items()
        },
        reserved_ids={s.code: reserved_ids(s, unit.code, used.get(s.code, 0)) for s in ledger.sheets_of(unit.code)},
        issued=issued.date(),
        looks=looks,
    )
    return stream.getvalue()
