"""What waits for the coordinator in the database, what she ruled, and what a ruling changed, so that it can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update

from syncer.core.encode import dump_cells, dump_row, dump_scalar, from_json, load_cells, load_row, load_scalar, to_json
from syncer.core.model import Ledger
from syncer.core.rows import ReadRow
from syncer.core.state import Question
from syncer.core.values import Scalar, same
from syncer.store import tables as t
from syncer.store.loading import load_question
from syncer.store.recording import put


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
    """One decision of the coordinator: ``take`` as in `syncer.core.choices`, ``value`` where it is ``value``."""

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
    """What a ruling does to the merged ledger. ``removed`` are (unit, sheet, row id); ``added`` carry their typed cells."""

    cells: tuple[RuledCell, ...] = ()
    removed: tuple[tuple[str, str, str], ...] = ()
    added: tuple[tuple[str, str, ReadRow, Mapping[str, Scalar]], ...] = ()  # unit, sheet, row, typed cells
    override: Override | None = None


class Questions:
    """The inbox's side of the database. Each public method is one transaction, or a read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def open(self, ledger: Ledger) -> list[Question]:
        """Returns what waits, oldest first."""
        return self._select(ledger, t.question.c.state == "open")

    def ruled(self, ledger: Ledger, limit: int = 500) -> list[Question]:
        """Returns what was ruled last, newest first; what the units took back themselves among it."""
        query = select(t.question).where(t.question.c.state == "ruled")
        query = query.order_by(t.question.c.ruled_at.desc(), t.question.c.id).limit(limit)
        return self._load(ledger, query)

    def get(self, ledger: Ledger, question_id: str) -> Question | None:
        """Returns a question, whatever its state."""
        return next(iter(self._select(ledger, t.question.c.id == question_id)), None)

    def _select(self, ledger: Ledger, where: Any) -> list[Question]:
        return self._load(ledger, select(t.question).where(where).order_by(t.question.c.at, t.question.c.id))

    def _load(self, ledger: Ledger, query: Any) -> list[Question]:
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        with self.engine.connect() as db:
            return [load_question(r, names) for r in db.execute(query).mappings()]

    # ---- rulings

    def rule(self, question: Question, ruling: Ruling, effects: Effects = Effects()) -> None:
        """Records a ruling and what it changes in one transaction; every changed cell goes into the history."""
        with self.engine.begin() as db:
            before = _apply(db, question, ruling.at, effects)
            values = {
                "state": "ruled",
                "ruling": ruling.take,
                "value": dump_scalar(ruling.value),
                "ruled_at": ruling.at,
                "ruled_by": ruling.by,
                "effect": json.dumps(before, ensure_ascii=False),
            }
            db.execute(update(t.question).where(t.question.c.id == question.id).values(**values))

    def undo(self, question: Question, at: str) -> bool:
        """Takes a ruling back: what it changed stands as before, and the question is open again.

        Returns ``False``, and changes nothing, where somebody has changed one of these cells since.
        """
        with self.engine.begin() as db:
            effect = db.scalar(select(t.question.c.effect).where(t.question.c.id == question.id))
            steps = json.loads(effect or "[]")
            if not all(_still(db, step) for step in steps):
                return False
            for step in reversed(steps):
                _step_back(db, question, at, step)
            values = {"state": "open", "ruling": "", "value": "null", "ruled_at": "", "ruled_by": "", "effect": "[]"}
            db.execute(update(t.question).where(t.question.c.id == question.id).values(**values))
        return True

    def annotate(self, question_id: str, note: str) -> None:
        """Keeps what the coordinator wrote beside a question (JSON)."""
        with self.engine.begin() as db:
            db.execute(update(t.question).where(t.question.c.id == question_id).values(note=note))

    def stand(self, kinds: Iterable[str], questions: Sequence[Question]) -> None:
        """Brings the questions of these kinds in line with what stands now.

        A new one is asked, an open one that no longer stands is gone, a ruled one stays ruled as long as its id is the same.
        """
        kinds = set(kinds)
        with self.engine.begin() as db:
            query = select(t.question.c.id, t.question.c.state).where(t.question.c.kind.in_(kinds))
            known = {r.id: r.state for r in db.execute(query)}
            standing = {question.id for question in questions}
            for gone in known.keys() - standing:
                if known[gone] == "open":
                    db.execute(update(t.question).where(t.question.c.id == gone).values(state="gone"))
            for question in questions:
                if known.get(question.id) in {None, "gone"}:
                    put(db, t.question, {"id": question.id}, question_values(question))

    def add(self, questions: Iterable[Question]) -> None:
        """Asks; a question that stands or was ruled already is not asked again."""
        with self.engine.begin() as db:
            for question in questions:
                state = db.scalar(select(t.question.c.state).where(t.question.c.id == question.id))
                if state in {None, "gone"}:
                    put(db, t.question, {"id": question.id}, question_values(question))

    # ---- overrides and admissions

    def overrides(self) -> list[Override]:
        """Returns the accepted adjustments of the plan."""
        with self.engine.connect() as db:
            query = select(t.override).order_by(t.override.c.task, t.override.c.column)
            return [Override(r.task, r.column, load_scalar(r.said), load_scalar(r.value)) for r in db.execute(query)]

    def drop_override(self, task: str, column: str) -> None:
        """Forgets an accepted adjustment: 台账设置 itself says something now."""
        with self.engine.begin() as db:
            db.execute(delete(t.override).where(t.override.c.task == task, t.override.c.column == column))

    def admit(self, sha256: str, unit: str, how: str) -> None:
        """Lets bytes in (``take``), or has them taken as an old state in which nothing is new (``stale``)."""
        with self.engine.begin() as db:
            put(db, t.admission, {"sha256": sha256}, {"unit": unit, "how": how})

    def withdraw_admission(self, sha256: str) -> None:
        """Takes an admission back."""
        with self.engine.begin() as db:
            db.execute(delete(t.admission).where(t.admission.c.sha256 == sha256))

    def admission(self, sha256: str) -> tuple[str, str]:
        """Returns (unit, how) for bytes that the coordinator ruled on; ``("", "")`` for all others."""
        with self.engine.connect() as db:
            r = db.execute(select(t.admission).where(t.admission.c.sha256 == sha256)).first()
            return (r.unit, r.how) if r else ("", "")


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


def _apply(db: Connection, question: Question, at: str, effects: Effects) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for cell in effects.cells:
        steps += set_cell(db, question, at, cell)
    for unit, sheet, row_id in effects.removed:
        steps += remove_row(db, question, at, unit, sheet, row_id)
    for unit, sheet, row, typed in effects.added:
        steps += _add_row(db, question, at, unit, sheet, row, typed)
    if effects.override:
        steps += _override(db, question, at, effects.override)
    return steps


def _row(db: Connection, unit: str, sheet: str, row_id: str) -> RowMapping | None:
    where = (t.row.c.unit == unit, t.row.c.sheet == sheet, t.row.c.id == row_id)
    return db.execute(select(t.row).where(*where)).mappings().first()


def set_cell(db: Connection, question: Question, at: str, cell: RuledCell) -> list[dict[str, Any]]:
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
    put(db, t.row, {"unit": cell.unit, "sheet": cell.sheet, "id": cell.row_id}, values)
    _history(db, question, at, (cell.unit, cell.sheet, cell.row_id), cell.column, old, cell.raw, "ruled")
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
    db.execute(delete(t.row).where(t.row.c.unit == unit, t.row.c.sheet == sheet, t.row.c.id == row_id))
    return [{"step": "removed", "row": {name: row[name] for name in t.row.c.keys()}}]  # noqa: SIM118 - columns, no dict


def _add_row(
    db: Connection, question: Question, at: str, unit: str, sheet: str, row: ReadRow, typed: Mapping[str, Scalar]
) -> list[dict[str, Any]]:
    if _row(db, unit, sheet, row.id) is not None:
        return []
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
    put(db, t.row, {"unit": unit, "sheet": sheet, "id": row.id}, values)
    for column, value in {**row.raw, **{f"+{k}": v for k, v in row.extra.items()}}.items():
        _history(db, question, at, (unit, sheet, row.id), column, None, value, "ruled")
    return [{"step": "added", "unit": unit, "sheet": sheet, "row": dump_row(row)}]


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


def _still(db: Connection, step: Mapping[str, Any]) -> bool:
    """Whether what a step changed is still as the step left it."""
    match step["step"]:
        case "cell":
            row = _row(db, step["unit"], step["sheet"], step["row"])
            column = str(step["column"])
            cells = load_cells(row["extra" if column.startswith("+") else "raw"]) if row else {}
            return row is not None and same(cells.get(column.removeprefix("+")), from_json(step["new"]))
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


def _step_back(db: Connection, question: Question, at: str, step: Mapping[str, Any]) -> None:
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
            set_cell(db, question, at, back)
        case "removed":
            row = dict(step["row"])
            key = {name: row.pop(name) for name in ("unit", "sheet", "id")}
            put(db, t.row, key, row)
            place = (key["unit"], key["sheet"], key["id"])
            cells = {**load_cells(row["raw"]), **{f"+{k}": v for k, v in load_cells(row["extra"]).items()}}
            for column, value in cells.items():
                _history(db, question, at, place, column, None, value, "ruled")
        case "added":
            remove_row(db, question, at, step["unit"], step["sheet"], load_row(step["row"]).id)
        case _:
            where = (t.override.c.task == step["task"], t.override.c.column == step["column"])
            db.execute(delete(t.override).where(*where))
            if step["before"]:
                db.execute(insert(t.override).values(**step["before"]))


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
