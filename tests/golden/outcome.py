"""What a scenario came to, as text that a person can judge, and the laws that hold in every one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from syncer.control import ledger_in_force
from syncer.core.model import Book, Ledger
from syncer.core.names import Names
from syncer.core.reading.headers import match_headers
from syncer.core.reading.records import read_rows
from syncer.core.reading.rows import ReadRow
from syncer.core.state import Change, Question
from syncer.core.values import fold, show
from syncer.store import tables as t
from syncer.store.trail import HeldRow, Trail
from syncer.workspace import Office
from tests.golden.common import NAME, SHEETS, START, UNITS
from tests.golden.script import Scene
from tests.property.oracle import SavedCell, saved_cells, unaccounted
from tests.system.bureau import Bureau

LONG = 18  # signs of a value that are shown
MANY = 3  # rows that changed in the same columns: told in one line

Rows = Mapping[tuple[str, str], list[str]]


@dataclass(frozen=True)
class Look:
    """What stands at one moment: the ledger's rows as typed, and what the master's own pages name."""

    ledger: Ledger
    rows: Mapping[tuple[str, str, str], HeldRow]
    master: Rows
    version: int  # the newest


def look(office: Office, bureau: Bureau) -> Look:
    """Looks at ledger and master."""
    ledger = ledger_in_force(office, START.date())
    held = {row.place: row for row in Trail(office.store.engine).rows(ledger)}
    newest = max((v.id for unit in ledger.units for v in office.store.versions(unit.code)), default=0)
    return Look(ledger, held, _master(bureau), newest)


def _master(bureau: Bureau) -> Rows:
    found: dict[tuple[str, str], list[str]] = {}
    for sheet in SHEETS:
        try:
            lines = bureau.master_rows(sheet)
        except Exception:  # noqa: BLE001 - a sheet that was retired is not there
            continue
        for line in lines:
            found.setdefault((line["单位"], sheet), []).append(show(line[NAME[sheet]] or "?"))
    return found


def listed(rows: Rows) -> str:
    """Returns all rows of the master by unit and sheet."""
    order = sorted(rows, key=lambda place: (UNITS.index(place[0]), SHEETS.index(place[1])))
    return "".join(f"{unit} {sheet}: {'、'.join(rows[unit, sheet])}\n" for unit, sheet in order)


# ---- the text


def told(scene: Scene, before: Look, after: Look) -> str:
    """Returns what the scenario came to."""
    lines = [f"failed     {text}" for text in scene.failed]
    lines += [f"refused    {p.place.file} {p.code}" for p in scene.done.refused]
    lines += [f"problem    {text}" for text in _problems(scene)]
    lines += [f"asked      {text}" for text in _questions(scene, after)]
    lines += [f"withdrawn  {text}" for text in _withdrawn(scene, after)]
    lines += [f"changed    {text}" for text in _changed(before, after)]
    lines += [f"rows       {text}" for text in _rows(before, after)]
    lines += [f"delivered  {text}" for text in _delivered(scene)]
    return "\n".join(lines) + "\n"


def _problems(scene: Scene) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for p in scene.done.problems:
        head = " ".join(filter(None, (p.code, p.place.file, p.place.sheet)))
        cell = " ".join(filter(None, (_short(p.row_key), p.column)))
        groups.setdefault(head, []).append(cell)
    for head, cells in sorted(groups.items()):
        told = sorted(set(filter(None, cells)))
        yield f"{head}{': ' if told else ''}{'、'.join(told)}"


def _questions(scene: Scene, after: Look) -> Iterator[str]:
    names = Names(after.ledger)
    groups: dict[str, list[str]] = {}
    for q in sorted(scene.done.questions, key=lambda q: (q.kind, q.unit, q.sheet, q.row_id, q.column)):
        head = " ".join(filter(None, (q.kind, names.unit(q.unit), names.sheet(q.sheet))))
        groups.setdefault(head, []).append(_asked(q, names))
    for head, cells in groups.items():
        yield f"{head}{': ' if any(cells) else ''}{'、'.join(cells)}"


def _asked(q: Question, names: Names) -> str:
    if q.kind in {"conflict", "proposal", "mass"}:
        cell = f"{_short(q.row_key)} {names.column(q.sheet, q.column)}"
        return cell if q.kind == "mass" else f"{cell} {_value(q.current)} → {_value(q.incoming)}"
    return _short(q.row_key) or q.source.file


def _withdrawn(scene: Scene, after: Look) -> Iterator[str]:
    names = Names(after.ledger)
    groups: dict[str, list[str]] = {}
    for q in scene.office.store.questions.ruled(after.ledger):
        if q.kind == "withdrawn":
            groups.setdefault(f"{names.unit(q.unit)} {names.sheet(q.sheet)}", []).append(_short(q.row_key))
    yield from (f"{head}: {'、'.join(sorted(rows))}" for head, rows in groups.items())


def _changed(before: Look, after: Look) -> Iterator[str]:
    """The cells that stand otherwise than before, in rows that were there; and what new rows hold."""
    names = Names(after.ledger)
    groups: dict[tuple[str, str, tuple[str, ...]], list[tuple[str, str]]] = {}
    for place in sorted(before.rows.keys() | after.rows.keys()):
        was, now = before.rows.get(place), after.rows.get(place)
        old, new = was.cells if was else {}, now.cells if now else {}
        if now is None:
            continue
        codes = [code for code in sorted({*old, *new}) if not _alike(old.get(code), new.get(code))]
        cells = [
            f"{names.column(place[1], code)}{f' {_value(old.get(code))} → ' if was else '='}{_value(new.get(code))}"
            for code in codes
        ]
        row = f"{'' if was else '+'}{_row_name(was or now, names)}"
        if codes:
            head = f"{names.unit(place[0])} {names.sheet(place[1])}"
            kind = tuple(names.column(place[1], code) for code in codes) if was else (row,)
            groups.setdefault((head, place[1], kind), []).append((row, "，".join(cells)))
    for (head, _, columns), rows in groups.items():
        if len(rows) > MANY:
            yield f"{head} {'、'.join(row for row, _ in rows)}: {'、'.join(columns)} ({rows[0][1]}; …)"
        else:
            yield from (f"{head} {row}: {cells}" for row, cells in rows)


def _alike(one: object, other: object) -> bool:
    return one == other and type(one) is type(other)


def _rows(before: Look, after: Look) -> Iterator[str]:
    places = before.master.keys() | after.master.keys()
    unlike = [p for p in places if sorted(before.master.get(p, ())) != sorted(after.master.get(p, ()))]
    for unit, sheet in sorted(unlike, key=lambda p: (p[0], SHEETS.index(p[1]))):
        left, now = list(before.master.get((unit, sheet), ())), []
        for name in after.master.get((unit, sheet), ()):
            now.append(name if name in left else f"+{name}")
            left.remove(name) if name in left else None
        yield f"{unit} {sheet}: {'、'.join([*now, *(f'-{name}' for name in left)])}"
    if not unlike:
        yield "as before"
    else:
        yield "else as before"


def _delivered(scene: Scene) -> Iterator[str]:
    quiet = [text for text in scene.delivered if ": " not in text]
    if quiet:
        yield f"{'、'.join(sorted(set(quiet)))} (the system's columns only)"
    for text, times in Counter(text for text in scene.delivered if ": " in text).items():
        yield text if times == 1 else f"{text} ({times} times)"


def _row_name(row: HeldRow, names: Names) -> str:
    for code in ("title", "name", "topic"):
        if code in row.cells and row.sheet not in {"tasks", "support"}:
            return show(row.cells[code])
    return show(row.cells.get("no") or row.id)


def _short(key: str) -> str:
    return key.rsplit(" ", maxsplit=1)[-1]


def _value(value: object) -> str:
    if value is None:
        return "∅"
    text = show(value)  # type: ignore[arg-type]
    quoted = f"“{text}”" if isinstance(value, str) and text.replace(".", "").isdigit() else text
    return quoted if len(quoted) <= LONG else quoted[: LONG - 1] + "…"


# ---- the laws


def unlawful(scene: Scene, before: Look, after: Look) -> list[str]:
    """Returns what must never be: a lost value, a row that left unasked, bytes that were seen and are not kept."""
    return [*_lost_values(scene, before, after), *_rows_gone(scene, before, after), *_lost_bytes(scene)]


def _lost_values(scene: Scene, before: Look, after: Look) -> Iterator[str]:
    """Every value that stood before or in an accepted save is current, in history, or in a question."""
    saves: list[SavedCell] = []
    ours: set[tuple[str, str, str, object]] = (
        set()
    )  # what a delivery wrote and a save only brings back is nobody's word
    for row in before.rows.values():
        saves += saved_cells(row.unit, row.sheet, [_read(row)], "before")
    for unit in before.ledger.units:
        for version in scene.office.store.versions(unit.code):
            if version.id > before.version and version.kind in {"save", "copy", "delivery"}:
                cells = list(_in_bytes(scene, before.ledger, unit.code, version.sha256, version.file))
                saves += cells if version.kind != "delivery" else []
                ours |= {_cell(cell) for cell in cells if version.kind == "delivery"}
    current: dict[tuple[str, str], list[ReadRow]] = {}
    for row in after.rows.values():
        current.setdefault((row.unit, row.sheet), []).append(_read(row))
    saves = [cell for cell in saves if _cell(cell) not in ours]
    lost = unaccounted(saves, current, _history(scene, after), _every_question(scene, after))
    yield from (f"lost: {cell.unit} {cell.sheet} {cell.column} {cell.value!r} ({cell.save})" for cell in lost)


def _cell(cell: SavedCell) -> tuple[str, str, str, object]:
    return (cell.unit, cell.sheet, cell.column, cell.value)


def _in_bytes(scene: Scene, ledger: Ledger, unit: str, sha256: str, file: str) -> Iterator[SavedCell]:
    """The cells of a kept save, read again without the merge."""
    kept = scene.office.kept.find(sha256)
    assert kept, f"{file}: its bytes are not kept"
    book = scene.office.readers.read(kept)
    if not isinstance(book, Book):
        return
    for table in book.tables:
        sheet = next((s for s in ledger.sheets_of(unit) if fold(s.name) == fold(table.name)), None)
        match = match_headers(table, sheet, file)[0] if sheet else None
        if sheet and match:
            yield from saved_cells(unit, sheet.code, read_rows(table, match, sheet), file)


def _rows_gone(scene: Scene, before: Look, after: Look) -> Iterator[str]:
    """A row leaves with a withdrawal that is listed, or a ruling; nothing else takes one out."""
    answered = {
        (q.unit, q.sheet, q.row_id)
        for q in _every_question(scene, after)
        if q.state == "ruled" and q.ruling != "reject"
    }
    yield from (f"gone unasked: {place}" for place in before.rows if place not in after.rows and place not in answered)


def _lost_bytes(scene: Scene) -> Iterator[str]:
    yield from (f"bytes not kept: {sha}" for sha in sorted(scene.observed) if not scene.office.kept.has(sha))


def _read(row: HeldRow) -> ReadRow:
    return ReadRow(row.id, 0, row.raw, row.extra)


def _history(scene: Scene, after: Look) -> list[Change]:
    return Trail(scene.office.store.engine).changes(after.ledger)


def _every_question(scene: Scene, after: Look) -> Iterable[Question]:
    with scene.office.store.engine.connect() as db:
        ids = list(db.scalars(select(t.question.c.id)))
    found = (scene.office.store.questions.get(after.ledger, i) for i in ids)
    return [question for question in found if question]
