"""What a ruling changes in the database, step by step and back again. Called inside the store's transactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from syncer.core.encode import dump_cells, dump_row, dump_scalar, from_json, load_cells, load_row, load_scalar, to_json
from syncer.core.reading.rows import ReadRow
from syncer.core.state import Question
from syncer.core.values import Scalar, same
from syncer.store import tables as t
from syncer.store.putting import put
from syncer.store.rows import drop_row, put_rows


@dataclass(frozen=True, slots=True)
class RuledCell:
    """One cell of the merged ledger that a ruling sets: as it is typed (``raw``) and as it is read (``typed``)."""

    unit: str
    sheet: str
    row_id: str
    column: str
    raw: Scalar
    typed: Scalar


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision of the coordinator: ``take`` as in `syncer.core.inbox.choices`, ``value`` where it is ``value``."""

    take: str
    value: Scalar = None
    at: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """A cell of 任务分解 as accepted from a 调整申请, while 台账设置 still says what it ``said`` then."""

    task: str
    column: str
    said: Scalar
    value: Scalar


@dataclass(frozen=True, slots=True)
class Effects:
    """What a ruling does to the merged ledger. ``removed`` are (unit, sheet, row id); ``added`` carry their typed cells.

    Ids are printed on blank lines: where that of an added row has become another record's, the row takes the next number from
    ``first_new`` on; with 0 (a task's id is nobody else's) a row that is there stays as it is.
    """

    cells: tuple[RuledCell, ...] = ()
    removed: tuple[tuple[str, str, str], ...] = ()
    added: tuple[tuple[str, str, ReadRow, Mapping[str, Scalar]], ...] = ()  # unit, sheet, row, typed cells
    override: Override | None = None
    first_new: int = 0


NOTHING = Effects()
UNDONE = "undone"  # in the history: a ruling was taken back


def question_values(question: Question) -> dict[str, Any]:
    """Returns a question as the table keeps it, without its id."""
    return {
        "kind": question.kind,
        "unit": question.unit,
        "sheet": question.sheet,
        "row_id": question.row_id,
        "row_key": question.row_key,
        "column": question.column,
        "base": dump_scalar(question.base),
        "current": dump_scalar(question.current),
        "incoming": dump_scalar(question.incoming),
        "file": question.source.file,
        "source_row": question.source.row,
        "saved_at": question.source.saved_at,
        "version": question.source.version,
        "at": question.at,
        "text": question.text,
        "cell": question.cell,
        "who": question.who,
        "payload": question.payload,
        "state": question.state,
        "ruling": question.ruling,
        "ruled_at": question.ruled_at,
        "ruled_by": question.ruled_by,
        "note": question.note,
    }


# ---- what a ruling changes, and back again: steps are plain JSON


def apply(db: Connection, question: Question, at: str, effects: Effects) -> list[dict[str, Any]]:
    """Changes what a ruling changes; returns the steps that `step_back` undoes, in the order in which they were taken."""
    steps: list[dict[str, Any]] = []
    for cell in effects.cells:
        steps += set_cell(db, question, at, cell)
    for unit, sheet, row_id in effects.removed:
        steps += remove_row(db, question, at, unit, sheet, row_id)
    for unit, sheet, row, typed in effects.added:
        steps += _add_row(db, question, at, (unit, sheet), row, typed, effects.first_new)
    if effects.override:
        steps += _override(db, question, at, effects.override)
    return steps


def _row(db: Connection, unit: str, sheet: str, row_id: str) -> RowMapping | None:
    where = (t.row.c.unit == unit, t.row.c.sheet == sheet, t.row.c.id == row_id)
    return db.execute(select(t.row).where(*where)).mappings().first()


def _content(row: RowMapping, column: str) -> Scalar:
    """What a row holds in a column, ours or (``+name``) the unit's own, as it is typed."""
    return load_cells(row["extra" if column.startswith("+") else "raw"]).get(column.removeprefix("+"))


def present_cell(db: Connection, cell: RuledCell) -> Scalar:
    """Returns what stands now in a cell that is to be set, as it is typed; blank where its row is gone."""
    row = _row(db, cell.unit, cell.sheet, cell.row_id)
    return _content(row, cell.column) if row else None


def set_cell(
    db: Connection, question: Question, at: str, cell: RuledCell, outcome: str = "ruled"
) -> list[dict[str, Any]]:
    """Sets one cell of the merged ledger; returns the step that tells how to take it back."""
    row = _row(db, cell.unit, cell.sheet, cell.row_id)
    if row is None:
        return []
    raw, typed, extra = load_cells(row["raw"]), load_cells(row["cells"]), load_cells(row["extra"])
    own = cell.column.startswith("+")
    name = cell.column.removeprefix("+")
    cells = extra if own else raw
    old, old_typed = cells.get(name), typed.get(name)
    if same(old, cell.raw):
        return []
    _set(cells, name, cell.raw)
    if not own:
        _set(typed, name, cell.typed)
    values = {"raw": dump_cells(raw), "cells": dump_cells(typed), "extra": dump_cells(extra), "changed_at": at}
    put_rows(db, cell.unit, cell.sheet, {cell.row_id: values})
    _history(db, question, at, (cell.unit, cell.sheet, cell.row_id), cell.column, old, cell.raw, outcome)
    place = {"unit": cell.unit, "sheet": cell.sheet, "row": cell.row_id, "column": cell.column}
    was = {"old": to_json(old), "old_typed": to_json(old_typed), "new": to_json(cell.raw)}
    return [{"step": "cell", **place, **was}]


def remove_row(
    db: Connection, question: Question, at: str, unit: str, sheet: str, row_id: str, outcome: str = "removed"
) -> list[dict[str, Any]]:
    """Takes a row out of the merged ledger; its values stay in the history. Returns the step back."""
    row = _row(db, unit, sheet, row_id)
    if row is None:
        return []
    cells = {**load_cells(row["raw"]), **{f"+{k}": v for k, v in load_cells(row["extra"]).items()}}
    for column, value in cells.items():
        _history(db, question, at, (unit, sheet, row_id), column, value, None, outcome)
    drop_row(db, unit, sheet, row_id)
    return [{"step": "removed", "row": {name: row[name] for name in t.row.c.keys()}}]  # noqa: SIM118 - columns, no dict


def _add_row(
    db: Connection,
    question: Question,
    at: str,
    place: tuple[str, str],
    row: ReadRow,
    typed: Mapping[str, Scalar],
    first_new: int,
) -> list[dict[str, Any]]:
    unit, sheet = place
    there = _row(db, unit, sheet, row.id)
    if there is not None:
        is_itself = (load_cells(there["raw"]), load_cells(there["extra"])) == (dict(row.raw), dict(row.extra))
        if is_itself or not first_new:
            return []
        row = replace(row, id=_next_id(db, unit, sheet, row.id, first_new))
    source = question.source
    values = {
        "position": row.row,
        "raw": dump_cells(row.raw),
        "cells": dump_cells(typed),
        "extra": dump_cells(row.extra),
        "file": source.file,
        "source_row": row.row,
        "saved_at": source.saved_at,
        "changed_at": at,
        "version": source.version,
    }
    put_rows(db, unit, sheet, {row.id: values})
    for column, value in row.cells().items():
        _history(db, question, at, (unit, sheet, row.id), column, None, value, "ruled")
    return [{"step": "added", "unit": unit, "sheet": sheet, "row": dump_row(row)}]


def _next_id(db: Connection, unit: str, sheet: str, row_id: str, first_new: int) -> str:
    """Gives out the next row number of a unit's sheet, ``first_new`` at least."""
    key = {"unit": unit, "sheet": sheet}
    last = db.scalar(select(t.number.c.last).where(t.number.c.unit == unit, t.number.c.sheet == sheet)) or 0
    prefix = row_id.rpartition("-")[0]
    free = next(n for n in count(max(last + 1, first_new)) if _row(db, unit, sheet, f"{prefix}-{n:04}") is None)
    put(db, t.number, key, {"last": free})
    return f"{prefix}-{free:04}"


def _override(db: Connection, question: Question, at: str, override: Override) -> list[dict[str, Any]]:
    key = {"task": override.task, "column": override.column}
    where = (t.override.c.task == override.task, t.override.c.column == override.column)
    before = db.execute(select(t.override).where(*where)).mappings().first()
    values = {
        "said": dump_scalar(override.said),
        "value": dump_scalar(override.value),
        "question": question.id,
        "at": at,
    }
    put(db, t.override, key, values)
    place = (question.unit, question.sheet, override.task)
    _history(db, question, at, place, override.column, question.current, override.value, "ruled")
    return [{"step": "override", **key, "before": dict(before) if before else None, "new": to_json(override.value)}]


def still(db: Connection, step: Mapping[str, Any]) -> bool:
    """Whether what a step changed is still as the step left it."""
    match step["step"]:
        case "cell":
            row = _row(db, step["unit"], step["sheet"], step["row"])
            return row is not None and same(_content(row, step["column"]), from_json(step["new"]))
        case "removed":
            return _row(db, step["row"]["unit"], step["row"]["sheet"], step["row"]["id"]) is None
        case "added":
            added = load_row(step["row"])
            row = _row(db, step["unit"], step["sheet"], added.id)
            return row is not None and load_cells(row["raw"]) == dict(added.raw)
        case _:
            where = (t.override.c.task == step["task"], t.override.c.column == step["column"])
            value = db.scalar(select(t.override.c.value).where(*where))
            return value is not None and same(load_scalar(value), from_json(step["new"]))


def step_back(db: Connection, question: Question, at: str, step: Mapping[str, Any]) -> None:
    """Undoes one step of a ruling."""
    match step["step"]:
        case "cell":
            back = RuledCell(
                step["unit"],
                step["sheet"],
                step["row"],
                step["column"],
                from_json(step["old"]),
                from_json(step["old_typed"]),
            )
            set_cell(db, question, at, back, UNDONE)
        case "removed":
            row = dict(step["row"])
            key = {name: row.pop(name) for name in ("unit", "sheet", "id")}
            put_rows(db, key["unit"], key["sheet"], {key["id"]: row})
            place = (key["unit"], key["sheet"], key["id"])
            cells = {**load_cells(row["raw"]), **{f"+{k}": v for k, v in load_cells(row["extra"]).items()}}
            for column, value in cells.items():
                _history(db, question, at, place, column, None, value, UNDONE)
        case "added":
            remove_row(db, question, at, step["unit"], step["sheet"], load_row(step["row"]).id, UNDONE)
        case _:
            where = (t.override.c.task == step["task"], t.override.c.column == step["column"])
            db.execute(delete(t.override).where(*where))
            before = step["before"]
            if before:
                db.execute(insert(t.override).values(**before))
            was = load_scalar(before["value"]) if before else question.current
            place = (question.unit, question.sheet, step["task"])
            _history(db, question, at, place, step["column"], from_json(step["new"]), was, UNDONE)


def _set(cells: dict[str, Scalar], name: str, value: Scalar) -> None:
    if value is None:
        cells.pop(name, None)
    else:
        cells[name] = value


def _history(
    db: Connection,
    question: Question,
    at: str,
    place: tuple[str, str, str],
    column: str,
    old: Scalar,
    new: Scalar,
    outcome: str,
) -> None:
    unit, sheet, row_id = place
    source = question.source
    values: dict[str, object] = {"at": at, "unit": unit, "sheet": sheet, "row_id": row_id, "column": column}
    values["outcome"] = outcome
    values |= {"old": dump_scalar(old), "new": dump_scalar(new), "version": source.version, "file": source.file}
    db.execute(insert(t.change).values(**values, source_row=source.row, saved_at=source.saved_at))
