"""Traces a row: which one a person means, what happened to it and by whose ruling, and where its content comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncer.core.delivery.handout import task_cell
from syncer.core.merging.time_travel import EFFECTIVE, Cells, RowPlace
from syncer.core.model import Ledger, Source
from syncer.core.reading.rows import from_plan, row_key
from syncer.core.state import Change, Question
from syncer.core.values import Scalar, column_letter, fold, show
from syncer.errors import ConfigError
from syncer.store.trail import HeldRow, Trail
from syncer.workspace import CONTROL_BOOK, Office

CANDIDATES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one cell; ``ruling`` is the question by which it was made, or that left the cell as it was."""

    change: Change
    ruling: Question | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the present content of one cell comes from; ``kind``: save, issue, ruling, plan (任务分解), adjustment (an accepted 调整申请)."""

    row: HeldRow
    column: str
    value: Scalar
    kind: str
    source: Source
    cell: str = ""  # "F7"; "" where only the row is known

    @property
    def place(self) -> str:
        """File, sheet and cell, as they are shown."""
        at = f"!{self.cell or self.source.row}" if self.cell or self.source.row else ""
        return f"{self.source.file} › {self.source.sheet}{at}"


# ---- which rows


def find_rows(ledger: Ledger, trail: Trail, rows: Sequence[HeldRow], key: str, unit: str) -> list[str]:
    """Returns the ids of the rows that ``key`` means: a task by its number, a row by its id, or by what it is called.

    Raises:
        ConfigError: there is none, or several are called so; then they are listed.
    """
    tasks = [task.id for task in ledger.tasks if fold(task.number) == fold(key)]
    if tasks:
        return tasks
    if any(row.id == key for row in rows) or trail.changes(ledger, row_ids=[key], unit=unit):
        return [key]
    called = _gone(trail.changes(ledger, unit=unit)) | {row.place: row.raw for row in rows}
    exact = {place for place, cells in called.items() if _is_called(ledger, place, cells, key, whole=True)}
    found = exact or {place for place, cells in called.items() if _is_called(ledger, place, cells, key, whole=False)}
    if not found:
        raise ConfigError(f"没有任务或记录“{key}” / no such task or row")
    if len(found) > 1:
        listed = [
            f"{place[2]}  {ledger.unit_name(place[0])}  {_name(ledger, place, called[place])}"
            for place in sorted(found)
        ]
        more = f"\n…（共{len(found)}条）" if len(found) > CANDIDATES_SHOWN else ""
        raise ConfigError(
            f"“{key}”有{len(found)}条，请改用行标识（或加 --unit）/ several rows are called so, use an id:\n"
            + "\n".join(listed[:CANDIDATES_SHOWN])
            + more
        )
    return [place[2] for place in found]


def _gone(changes: Sequence[Change]) -> dict[RowPlace, dict[str, Scalar]]:
    """What rows held that are known from the history only, as far as it was taken out."""
    held: dict[RowPlace, dict[str, Scalar]] = {}
    for change in changes:
        if change.outcome in EFFECTIVE and change.new is None and change.old is not None:
            held.setdefault((change.unit, change.sheet, change.row_id), {})[change.column] = change.old
    return held


def _is_called(ledger: Ledger, place: RowPlace, cells: Cells, key: str, *, whole: bool) -> bool:
    sheet, wanted = ledger.sheet(place[1]), fold(key)
    if sheet is None or not wanted:
        return False
    keys = [c.code for c in sheet.columns if c.key] or [c.code for c in sheet.columns]
    names = {fold(show(cells.get(code))) for code in keys} | {fold(row_key(sheet, cells, place[2]))}
    return wanted in names if whole else any(wanted in name for name in names)


def _name(ledger: Ledger, place: RowPlace, cells: Cells) -> str:
    sheet = ledger.sheet(place[1])
    return row_key(sheet, cells, place[2]) if sheet else place[2]


# ---- what happened


def with_rulings(changes: Sequence[Change], ruled: Sequence[Question]) -> list[Event]:
    """Joins changes with the rulings that made them; a ruling that left all as it was is an event of its own. Oldest first."""
    events: list[Event] = []
    used: set[str] = set()
    for change in changes:
        by = next((q for q in ruled if change.outcome in {"ruled", "removed"} and _made(q, change)), None)
        if by:
            used.add(by.id)
        events.append(Event(change, by))
    for question in ruled:
        if question.id not in used:
            place = (question.unit, question.sheet, question.row_id, question.column)
            kept = Change(question.ruled_at, *place, question.current, question.current, question.source, "ruled")
            events.append(Event(kept, question))
    return sorted(events, key=lambda event: event.change.at)  # stable: changes of one second keep their order


def _made(question: Question, change: Change) -> bool:
    same_row = (question.unit, question.sheet, question.row_id) == (change.unit, change.sheet, change.row_id)
    return same_row and question.ruled_at == change.at and question.column in {"", change.column}


# ---- where it comes from


def provenance(office: Office, ledger: Ledger, rows: Sequence[HeldRow], trail: Trail) -> list[Origin]:
    """Returns for every filled cell of some rows where its content comes from."""
    origins: list[Origin] = []
    adjusted = {(o.task, o.column): o.value for o in office.store.questions.overrides()}
    number, saved = trail.control()
    plan = Source(CONTROL_BOOK, "任务分解", 0, saved, number)
    places = {unit: trail.columns(unit) for unit in {row.unit for row in rows}}
    issued = {unit: trail.issued(unit) for unit in places}
    last: dict[tuple[str, str, str, str], Change] = {}
    for change in trail.changes(ledger, row_ids=[row.id for row in rows]):
        if change.outcome in EFFECTIVE:
            last[change.unit, change.sheet, change.row_id, change.column] = change
    for row in rows:
        sheet = ledger.sheet(row.sheet)
        task = ledger.task(row.id) if sheet and from_plan(sheet, row.id) else None
        for code in _order(ledger, row):
            column = sheet.column(code) if sheet else None
            at = places[row.unit].get(row.sheet, {}).get(code, 0)
            cell = f"{column_letter(at)}{row.source.row}" if at and row.source.row else ""
            said = task_cell(task, column) if task and column else None
            if said is not None:
                kind = "adjustment" if (row.id, code) in adjusted else "plan"
                origins.append(Origin(row, code, said, kind, plan))
            elif moved := last.get((*row.place, code)):
                kind = "ruling" if moved.outcome in {"ruled", "undone"} else "save"
                was = moved.source
                when = moved.at if kind == "ruling" else was.saved_at
                source = Source(was.file, row.source.sheet, row.source.row, when, was.version)
                origins.append(Origin(row, code, row.cells[code], kind, source, cell))
            else:
                version, when = issued[row.unit]
                source = Source(row.source.file, row.source.sheet, row.source.row, when, version)
                origins.append(Origin(row, code, row.cells[code], "issue", source, cell))
    return origins


def _order(ledger: Ledger, row: HeldRow) -> list[str]:
    """The filled columns of a row as the sheet has them, the unit's own and retired ones last."""
    sheet = ledger.sheet(row.sheet)
    known = [c.code for c in sheet.columns] if sheet else []
    return [code for code in known if code in row.cells] + sorted(code for code in row.cells if code not in known)
