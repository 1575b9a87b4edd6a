"""Writes one save into the database: rows, changes, questions, numbers. Called inside the store's transactions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from syncer.core.encode import dump_cells, dump_json, dump_row, dump_scalar, load_cells, load_row, load_scalar
from syncer.core.merging.intake import BookPlan
from syncer.core.merging.known_book import SheetContent
from syncer.core.merging.merge import CellDecision, SheetPlan
from syncer.core.model import Ledger, Sheet, Source
from syncer.core.problems import Problem
from syncer.core.reading.rows import ReadRow, own_columns, row_key, same_cells
from syncer.core.state import ASKED_CODES, Question, question_id
from syncer.core.values import Scalar, column_letter, same, show
from syncer.store import tables as t
from syncer.store.blobs import dump_problems, load_problems
from syncer.store.contents import digest_of, dump_content, packed
from syncer.store.facts import NEW_ROW, POINTERS, Save
from syncer.store.putting import add_all, put
from syncer.store.rows import put_rows
from syncer.store.steps import question_values, remove_row

_GIVEN_OUT = re.compile(r"[0-9]{4,8}")
ASKED_OF_SAVES = ("proposal", "conflict", "mass", "vanished", "duplicate", "revived")  # kinds that a save can settle


def add_version(
    db: Connection,
    save: Save,
    kind: str,
    content: Mapping[str, SheetContent] | None,
    code: str = "",
    *,
    revision: int = 0,
) -> int:
    """Adds a version (``content``: its rows, if it was accepted); returns its number."""
    pieces = packed(content) if content is not None else None
    values = {
        "unit": save.unit,
        "kind": kind,
        "file": save.file,
        "sha256": save.sha256,
        "code": code,
        "saved_at": save.saved_at,
        "seen_at": save.seen_at,
        "content": dump_content(pieces) if pieces is not None else None,
        "revision": revision,
        "content_digest": digest_of(pieces) if pieces is not None else "",
    }
    result = db.execute(insert(t.version).values(**values))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def never_saved(db: Connection, unit: str) -> bool:
    """Tells whether a unit has never saved its workbook since it was issued."""
    return db.scalar(select(t.book.c.state).where(t.book.c.unit == unit)) == "issued"


def drop_intent_elsewhere(db: Connection, save: Save) -> None:
    """Forgets a delivery that was broken off in a file of another name: this is the unit's workbook now."""
    path = db.scalar(select(t.intent.c.path).where(t.intent.c.unit == save.unit))
    if path and not f"/{path}".endswith(f"/{save.file}"):
        db.execute(delete(t.intent).where(t.intent.c.unit == save.unit))


def own_problems(db: Connection, unit: str) -> list[Problem]:
    """Returns what was found in a unit's own workbook when it was read last, without what a file sent by chat had."""
    book = db.execute(select(t.book.c.problems, t.book.c.file).where(t.book.c.unit == unit)).first()
    return [p for p in load_problems(book.problems) if p.place.file == book.file] if book else []


def row_cells(row: ReadRow, values: Mapping[str, Scalar], save: Save, position: int, version: int) -> dict[str, object]:
    """Returns what the row table keeps of a row: raw and typed cells, place and source."""
    raw = dump_cells(row.raw)
    return {
        "raw": raw,
        "cells": raw if same_cells(values, row.raw) else dump_cells(values),  # most cells are typed as they are meant
        "extra": dump_cells(row.extra),
        "position": position,
        "source_row": row.row,
        "file": save.file,
        "saved_at": save.saved_at,
        "version": version,
    }


def write_rows(
    db: Connection,
    save: Save,
    version: int,
    sheet: str,
    rows: Sequence[ReadRow],
    plan: BookPlan,
    touched: set[tuple[str, str]],
    *,
    copy: bool = False,
) -> None:
    """Writes the rows of a sheet that differ from what the database has.

    Of a copy of the workbook only the rows it changed are taken over: order and place are the workbook's own.
    """
    old = {
        r["id"]: r
        for r in db.execute(select(t.row).where(t.row.c.unit == save.unit, t.row.c.sheet == sheet)).mappings()
    }
    changed: dict[str, dict[str, object]] = {}
    for position, row in enumerate(rows):
        if copy and row.id in old and (sheet, row.id) not in touched:
            continue
        cells = row_cells(row, plan.values.get((sheet, row.id), {}), save, position, version)
        if (sheet, row.id) in touched or row.id not in old:
            cells["changed_at"] = save.seen_at
        else:  # untouched content keeps the save it came from
            cells |= {"saved_at": old[row.id]["saved_at"], "version": old[row.id]["version"]}
        if copy and row.id in old:
            cells["position"] = old[row.id]["position"]
        if row.id not in old or any(old[row.id][name] != value for name, value in cells.items()):
            changed[row.id] = {"changed_at": old[row.id]["changed_at"] if row.id in old else "", **cells}
    put_rows(db, save.unit, sheet, changed)


def add_changes(
    db: Connection,
    save: Save,
    version: int,
    sheet: str,
    decisions: Sequence[CellDecision],
    came: Sequence[ReadRow] = (),
) -> None:
    """Adds changed cells to the history, and the rows that came, each as one entry."""
    common = {
        "at": save.seen_at,
        "unit": save.unit,
        "sheet": sheet,
        "version": version,
        "file": save.file,
        "saved_at": save.saved_at,
    }
    rows = [_came(row) for row in came if row.raw or row.extra]
    add_all(db, t.change, [*rows, *(_changed(decision) for decision in decisions)], **common)


def _came(row: ReadRow) -> dict[str, object]:
    return {
        "row_id": row.id,
        "column": NEW_ROW,
        "outcome": "accepted",
        "old": dump_scalar(None),
        "new": dump_json(row.cells()),
        "source_row": row.row,
    }


def _changed(decision: CellDecision) -> dict[str, object]:
    return {
        "row_id": decision.row_id,
        "column": decision.column,
        "outcome": decision.outcome,
        "old": dump_scalar(decision.current),
        "new": dump_scalar(decision.incoming),
        "source_row": decision.row,
    }


def add_questions(db: Connection, ledger: Ledger, save: Save, version: int, sheet: str, plan: BookPlan) -> None:
    """Asks what a save left open; a question that stands already is not asked twice."""
    sheet_plan = next(p for p in plan.sheets if p.sheet == sheet)
    for question in _asked(ledger.sheet(sheet), save, version, sheet_plan, plan):
        values = question_values(question)
        unused = _unused(db, question.id)
        _supersede(db, save, version, unused, values)
        _keep_former(db, save, version, unused, question)
        put(db, t.question, {"id": unused}, values)


def _keep_former(db: Connection, save: Save, version: int, known_as: str, question: Question) -> None:
    """Puts what a waiting row held into the history, where it is to hold something else now: it stands nowhere else."""
    before = db.scalar(select(t.question.c.payload).where(t.question.c.id == known_as))
    if question.kind != "duplicate" or not before or before == question.payload:
        return
    old, new = load_row(before), load_row(question.payload)
    for extra, one, other in (("", old.raw, new.raw), ("+", old.extra, new.extra)):
        for name in sorted(one.keys() | other.keys()):
            was, now = one.get(name), other.get(name)
            if not same(was, now):
                decision = CellDecision(new.id, new.row, f"{extra}{name}", was, was, now, "asked")
                add_changes(db, save, version, question.sheet, [decision])


def _asked(spec: Sheet | None, save: Save, version: int, sheet_plan: SheetPlan, plan: BookPlan) -> Iterator[Question]:
    open_ones = [d for d in sheet_plan.decisions if d.outcome == "asked"]
    if not (open_ones or sheet_plan.vanished or sheet_plan.held or sheet_plan.revived):
        return  # nothing is unpacked for the sake of nothing
    rows = {row.id: row for row in (*sheet_plan.rows, *sheet_plan.held, *sheet_plan.revived)}
    columns = plan.content[sheet_plan.sheet].columns if sheet_plan.sheet in plan.content else {}

    def ask(kind: str, row_id: str, row: int = 0, column: str = "", identity: str = "") -> Question:
        key = row_key(spec, rows[row_id].raw, row_id) if spec else row_id
        at = columns.get(column, 0)
        return Question(
            id=question_id(kind, save.unit, sheet_plan.sheet, row_id, column, identity),
            kind=kind,
            unit=save.unit,
            sheet=sheet_plan.sheet,
            row_id=row_id,
            row_key=key,
            column=column,
            source=Source(save.file, sheet_plan.sheet, row, save.saved_at, version),
            at=save.seen_at,
            cell=f"{column_letter(at)}{row}" if at and row else "",
            who=plan.who,
        )

    for d in open_ones:
        asked = ask(d.kind, d.row_id, d.row, d.column, dump_scalar(d.incoming))
        yield replace(asked, base=d.base, current=d.current, incoming=d.incoming)
    for row_id in sheet_plan.vanished:
        yield ask("vanished", row_id, identity=str(version))
    for kind, waiting in (("duplicate", sheet_plan.held), ("revived", sheet_plan.revived)):
        for row in waiting:
            said = "；".join(show(value) for value in row.raw.values())
            asked = ask(kind, row.id, row.row, identity=dump_row(row) if kind == "revived" else "")
            yield replace(asked, incoming=said[:200], payload=dump_row(row))


def _unused(db: Connection, name: str) -> str:
    """Returns the id, or a following one where the same thing was asked, and ruled, before: what was ruled stays on record."""
    for number in count(2):
        state = db.scalar(select(t.question.c.state).where(t.question.c.id == name))
        if state != "ruled":
            break
        name = f"{name.partition('-')[0]}-{number}"
    return name


def withdraw(db: Connection, ledger: Ledger, save: Save, version: int, sheet: str, plan: BookPlan) -> None:
    """Takes out the rows that a unit withdrew itself; each is listed as done, and can be taken back."""
    sheet_plan = next(p for p in plan.sheets if p.sheet == sheet)
    spec = ledger.sheet(sheet)
    for row_id in sheet_plan.withdrawn:
        found = db.execute(
            select(t.row).where(t.row.c.unit == save.unit, t.row.c.sheet == sheet, t.row.c.id == row_id)
        ).mappings()
        row = found.first()
        if row is None:
            continue
        raw = load_cells(row["raw"])
        question = Question(
            id=_unused(db, question_id("withdrawn", save.unit, sheet, row_id, version)),
            kind="withdrawn",
            unit=save.unit,
            sheet=sheet,
            row_id=row_id,
            row_key=row_key(spec, raw, row_id) if spec else row_id,
            current="；".join(show(value) for value in raw.values())[:200],
            source=Source(save.file, sheet, row["source_row"], save.saved_at, version),
            at=save.seen_at,
            who=plan.who,
            state="ruled",
            ruling="unit",
            ruled_at=save.seen_at,
            ruled_by="unit",
        )
        effect = remove_row(db, question, save.seen_at, save.unit, sheet, row_id)
        values = question_values(question) | {"effect": json.dumps(effect, ensure_ascii=False)}
        put(db, t.question, {"id": question.id}, values)


def _supersede(db: Connection, save: Save, version: int, known_as: str, values: Mapping[str, object]) -> None:
    """A newer question of a save's about the same cell takes the place of the older one: one cell, one question.

    What somebody typed into the master, or wants back, stays a question of its own.
    """
    where = [t.question.c[name] == values[name] for name in ("unit", "sheet", "row_id", "column")]
    where += [t.question.c.state == "open", t.question.c.kind.in_(ASKED_OF_SAVES), t.question.c.id != known_as]
    for older in db.execute(select(t.question).where(*where)).mappings().all():
        _keep_row(db, save, version, older)
    db.execute(update(t.question).where(*where).values(state="gone"))


def _keep_row(db: Connection, save: Save, version: int, q: RowMapping) -> None:
    """Puts the row that a question carried into the history: once nobody asks about it any more, it stands nowhere else."""
    if q["kind"] not in {"revived", "duplicate"}:
        return
    row = load_row(q["payload"])
    cells = [CellDecision(row.id, row.row, column, None, None, value, "asked") for column, value in row.cells().items()]
    add_changes(db, save, version, q["sheet"], cells)


def close_questions(
    db: Connection,
    ledger: Ledger,
    save: Save,
    version: int,
    kind: str,
    base: Mapping[str, SheetContent],
    plan: BookPlan,
) -> None:
    """Closes what the unit has settled itself: a cell it put back, a row that is there again, a key that is unique now.

    A cell that we put back by a delivery is no answer of the unit's: it stood so in the base already. A question that
    stays open about a cell that holds something else by now says so: a decision on what stood before is asked again.

    A row that waits stands in the file that it came from and nowhere else: only that file can settle what is asked of it
    (``kind`` of save as in `Store.record_save`: the unit's own workbook is the same one under another name).
    """
    open_ones = select(t.question).where(
        t.question.c.unit == save.unit, t.question.c.state == "open", t.question.c.kind.in_(ASKED_OF_SAVES)
    )
    asked = db.execute(open_ones).mappings().all()
    if not asked:
        return
    own = {save.file}
    if kind != "copy":
        own.add(db.scalar(select(t.book.c.file).where(t.book.c.unit == save.unit)) or "")
    before = {(code, row.id): row for code, sheet in base.items() for row in sheet.rows}
    rows = {(code, row.id): row for code, sheet in plan.content.items() for row in sheet.rows}
    looked_into = {p.sheet for p in plan.sheets}
    waiting = {(p.sheet, row.id) for p in plan.sheets for row in p.held}
    standing = {(p.sheet, row.id): row for p in plan.sheets for row in p.rows}
    for q in asked:
        place = (q["sheet"], q["row_id"])
        row, old, spec = rows.get(place), before.get(place), ledger.sheet(q["sheet"])
        if q["kind"] == "vanished":
            settled = row is not None and (spec is None or row.filled(own_columns(spec)))
        elif q["kind"] == "duplicate":
            settled = q["file"] in own and q["sheet"] in looked_into and place not in waiting and place in before
        elif q["kind"] == "revived":
            taken_back = q["file"] in own and row is None and place in before
            settled = taken_back or _holds_all(standing.get(place), load_row(q["payload"]))
        else:
            current = load_scalar(q["current"])
            there = _cell(row, q["column"])
            settled = row is not None and same(there, current) and not same(_cell(old, q["column"]), current)
            now = _cell(standing[place], q["column"]) if place in standing else current
            if not same(now, current):
                settled = same(now, load_scalar(q["incoming"])) or q["kind"] == "mass"  # typed anew: nothing is cleared
                db.execute(update(t.question).where(t.question.c.id == q["id"]).values(current=dump_scalar(now)))
        if settled:
            _keep_row(db, save, version, q)
            db.execute(update(t.question).where(t.question.c.id == q["id"]).values(state="gone"))


def _holds_all(standing: ReadRow | None, asked: ReadRow) -> bool:
    """Whether a row of the ledger says all that a row says which waits."""
    return standing is not None and all(same(_cell(standing, c), value) for c, value in asked.cells().items())


def _cell(row: ReadRow | None, column: str) -> Scalar:
    if row is None:
        return None
    return row.extra.get(column[1:]) if column.startswith("+") else row.raw.get(column)


def last_number(db: Connection, unit: str, sheet: str) -> int:
    """Returns the highest row number ever given out on a unit's sheet; 0 if none."""
    return db.scalar(select(t.number.c.last).where(t.number.c.unit == unit, t.number.c.sheet == sheet)) or 0


def keep_numbers(db: Connection, ledger: Ledger, unit: str, sheet: str, rows: Sequence[ReadRow]) -> None:
    """Remembers the highest row number seen, so that none is given out twice. Ids that are not of our making say nothing."""
    spec = ledger.sheet(sheet)
    prefix = f"{spec.prefix}-{unit}-" if spec else ""
    ends = (row.id.removeprefix(prefix) for row in rows if prefix and row.id.startswith(prefix))
    highest = max((int(end) for end in ends if _GIVEN_OUT.fullmatch(end)), default=0)
    if highest > last_number(db, unit, sheet):
        put(db, t.number, {"unit": unit, "sheet": sheet}, {"last": highest})


def book_after(
    db: Connection,
    save: Save,
    plan: BookPlan,
    kind: str,
    answer: str,
    *,
    version: int,
    revision: int,
    alone: bool,
) -> dict[str, object]:
    """Returns what is known of a unit's workbook once a save is recorded, as far as the save says it; see `Store.record_save`."""
    # An open question tells of itself for as long as it is open, and so does a file that is none to be filled.
    apart = {*ASKED_CODES.values(), *(POINTERS if kind == "copy" else ())}
    problems = [problem for problem in plan.problems if problem.code not in apart]
    if kind == "copy":
        return _after_copy(db, save, plan, answer, problems, alone=alone)
    values: dict[str, object] = {"version": version, "file": save.file}
    b = t.book.c
    if kind == "save" and revision < (db.scalar(select(b.revision).where(b.unit == save.unit)) or 0):
        values["layout"] = ""  # an old window's: it need not have the columns that came since
    if kind == "recheck" and never_saved(db, save.unit):
        return values  # renamed before anybody filled it
    return values | {
        "state": "current",
        "last_saved": save.saved_at,
        "rows": plan.filled_rows,
        "receipt": answer,
        "problems": dump_problems(problems),
    }


def _after_copy(
    db: Connection, save: Save, plan: BookPlan, answer: str, problems: list[Problem], *, alone: bool
) -> dict[str, object]:
    before = db.scalar(select(t.book.c.last_saved).where(t.book.c.unit == save.unit)) or ""
    values: dict[str, object] = {
        "state": "current",
        "last_saved": max(before, save.saved_at),
        "receipt": answer,
    }
    if alone:
        return values | {"rows": plan.filled_rows, "problems": dump_problems(problems)}
    # Until the workbook itself, to which this is brought, is saved again.
    return values | {"problems": dump_problems([*own_problems(db, save.unit), *problems])}
