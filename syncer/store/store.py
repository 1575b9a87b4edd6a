"""The truth: what was taken in, what it came to, what waits. Everything in 03, 05 and 99 is made from here.

Each public method is one transaction, or a read. All of it is SQLAlchemy Core; SQLite by default.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping, Table, create_engine, delete, event, func, insert, select, update

from syncer.core import model
from syncer.core.encode import dump_cells, dump_scalar, load_cells, load_scalar
from syncer.core.intake import BookPlan, KnownBook, SheetContent
from syncer.core.merge import CellDecision
from syncer.core.model import Ledger, Row, Source
from syncer.core.problems import Problem
from syncer.core.rows import ReadRow, row_key
from syncer.core.state import ASKED_CODES, Change, LedgerState, Question, UnitState, WeekMarks, asked_problem
from syncer.core.values import Scalar, same
from syncer.store import tables as t
from syncer.store.blobs import (
    dump_content,
    dump_marks,
    dump_problems,
    dump_tables,
    load_content,
    load_marks,
    load_problems,
    load_tables,
)

COPY = "FILE-011"


@dataclass(frozen=True, slots=True)
class Save:
    """One set of bytes that was seen: whose, from which file, saved when, seen when (ISO, local)."""

    unit: str
    file: str
    sha256: str
    saved_at: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last scan knew of a file."""

    stat: str
    sha256: str
    unit: str = ""
    problems: tuple[Problem, ...] = ()  # why it was refused
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """A generated file as we left it."""

    sha256: str
    fingerprint: str
    stat: str


class Store:
    """The database of one workspace."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        t.metadata.create_all(self.engine)
        if self.get("schema") == "":
            self.set("schema", str(t.SCHEMA_VERSION))

    @classmethod
    def in_folder(cls, folder: Path, url: str = "") -> Store:
        """Opens the configured database, or SQLite in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(url or f"sqlite:///{folder / 'syncer.db'}")

    def close(self) -> None:
        """Lets go of the database."""
        self.engine.dispose()

    # ---- small facts

    def get(self, key: str) -> str:
        """Returns a fact kept under ``key``; ``""`` if there is none."""
        with self.engine.connect() as db:
            return db.scalar(select(t.meta.c.value).where(t.meta.c.key == key)) or ""

    def set(self, key: str, value: str) -> None:
        """Keeps a fact under ``key``."""
        with self.engine.begin() as db:
            _put(db, t.meta, {"key": key}, {"value": value})

    def serial(self) -> int:
        """Returns a number that grows with every recorded save, issue, refusal and week."""
        with self.engine.connect() as db:
            versions = db.scalar(select(func.max(t.version.c.id))) or 0
            weeks = db.scalar(select(func.count()).select_from(t.week)) or 0
            return int(versions) * 1000 + int(weeks)

    # ---- books

    def files(self) -> dict[str, str]:
        """Returns the file name of every issued workbook by unit code."""
        with self.engine.connect() as db:
            return {r.unit: r.file for r in db.execute(select(t.book.c.unit, t.book.c.file))}

    def known_book(self, unit: str) -> KnownBook:
        """Returns what is known of a unit's workbook: base, current rows, row numbers given out."""
        with self.engine.connect() as db:
            base_version = db.scalar(select(t.book.c.version).where(t.book.c.unit == unit))
            blob = (
                db.scalar(select(t.version.c.content).where(t.version.c.id == base_version)) if base_version else None
            )
            numbers = {r.sheet: r.last for r in db.execute(select(t.number).where(t.number.c.unit == unit))}
            current: dict[str, list[ReadRow]] = {}
            for r in db.execute(select(t.row).where(t.row.c.unit == unit).order_by(t.row.c.position)):
                read = ReadRow(r.id, r.source_row, load_cells(r.raw), load_cells(r.extra))
                current.setdefault(r.sheet, []).append(read)
        return KnownBook(load_content(blob) if blob else {}, current, numbers)

    def record_issue(self, ledger: Ledger, save: Save, guid: str, content: Mapping[str, SheetContent]) -> None:
        """Records the first issue of a workbook: its content is the first base, and the first rows."""
        with self.engine.begin() as db:
            version = _add_version(db, save, "issue", content)
            _put(
                db,
                t.book,
                {"unit": save.unit},
                {
                    "guid": guid,
                    "file": save.file,
                    "revision": 1,
                    "state": "issued",
                    "version": version,
                    "last_saved": "",
                    "last_change": "",
                    "rows": 0,
                    "receipt": "",
                    "problems": "[]",
                },
            )
            for code, sheet in content.items():
                spec = ledger.sheet(code)
                _put(
                    db,
                    t.number,
                    {"unit": save.unit, "sheet": code},
                    {"last": max(spec.reserved_rows if spec else 0, _last_number(db, save.unit, code))},
                )
                for position, row in enumerate(sheet.rows):
                    cells = _row_cells(row, row.raw, save, position, version)
                    _put(db, t.row, {"unit": save.unit, "sheet": code, "id": row.id}, {**cells, "changed_at": ""})

    def record_save(
        self, ledger: Ledger, save: Save, plan: BookPlan, receipt: Callable[[int], str], kind: str = "save"
    ) -> int:
        """Records one accepted save in one transaction; returns the number of changed rows.

        ``receipt`` words the answer to the unit, given how many of its questions are open then.

        ``kind`` is ``recheck`` when known bytes were only looked at again, because the template changed.

        Only rows whose content, place or order changed are written.
        """
        with self.engine.begin() as db:
            version = _add_version(db, save, kind, plan.content)
            touched = {(p.sheet, d.row_id) for p in plan.sheets for d in p.decisions if d.outcome == "accepted"}
            for sheet_plan in plan.sheets:
                _write_rows(db, save, version, sheet_plan.sheet, sheet_plan.rows, plan, touched)
                for decision in sheet_plan.decisions:
                    _add_change(db, save, version, sheet_plan.sheet, decision)
                _add_questions(db, ledger, save, version, sheet_plan.sheet, plan)
                _keep_numbers(db, ledger, save.unit, sheet_plan.sheet, sheet_plan.rows)
            _close_questions(db, save.unit, plan.content)
            waiting = select(func.count()).where(t.question.c.unit == save.unit, t.question.c.state == "open")
            answer = receipt(db.scalar(waiting) or 0)
            asked = set(ASKED_CODES.values())  # told by the open question itself, for as long as it is open
            problems = [problem for problem in plan.problems if problem.code not in asked]
            values: dict[str, object] = {"version": version}
            if kind != "recheck" or not _never_saved(db, save.unit):
                values |= {
                    "file": save.file,
                    "state": "current",
                    "last_saved": save.saved_at,
                    "rows": plan.filled_rows,
                    "receipt": answer,
                    "problems": dump_problems(problems),
                }
            if touched:
                values["last_change"] = save.seen_at
            db.execute(update(t.book).where(t.book.c.unit == save.unit).values(**values))
        return len(touched)

    def record_refusal(self, save: Save, problem: Problem) -> None:
        """Records a file that was not taken in; the unit's last good state stays."""
        with self.engine.begin() as db:
            _add_version(db, save, "refused", None, problem.code)

    def last_accepted(self, unit: str) -> str:
        """Returns the SHA-256 of the unit's base version; ``""`` if it has none."""
        query = select(t.version.c.sha256).join(t.book, t.book.c.version == t.version.c.id).where(t.book.c.unit == unit)
        with self.engine.connect() as db:
            return db.scalar(query) or ""

    def record_other(self, save: Save, kind: str) -> int:
        """Records bytes that are no unit's workbook: an accepted control workbook, an edited generated file."""
        with self.engine.begin() as db:
            return _add_version(db, save, kind, None)

    def record_control(self, save: Save, tables: Iterable[model.Table]) -> None:
        """Records an accepted control workbook: from now on it is in force."""
        with self.engine.begin() as db:
            _add_version(db, save, "control", None)
            _put(db, t.control, {"sha256": save.sha256}, {"tables": dump_tables(tables)})
            _put(db, t.meta, {"key": "control"}, {"value": save.sha256})

    def control_tables(self, sha256: str) -> tuple[model.Table, ...]:
        """Returns the tables of an accepted control workbook."""
        with self.engine.connect() as db:
            blob = db.scalar(select(t.control.c.tables).where(t.control.c.sha256 == sha256))
        return load_tables(blob) if blob else ()

    # ---- state and history

    def state(self, ledger: Ledger, rows: bool = True) -> LedgerState:
        """Returns the merged ledger as it stands, units in roster order, rows in the order of their workbooks."""
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        order = {unit.code: at for at, unit in enumerate(ledger.units)}
        last_week = self.last_week()
        with self.engine.connect() as db:
            books = {r["unit"]: r for r in db.execute(select(t.book)).mappings()}
            found = []
            if rows:
                query = select(t.row).order_by(t.row.c.sheet, t.row.c.unit, t.row.c.position)
                found = [_load_row(r, names) for r in db.execute(query).mappings() if r["unit"] in order]
            questions = [
                _load_question(r, names)
                for r in db.execute(
                    select(t.question).where(t.question.c.state == "open").order_by(t.question.c.at, t.question.c.id)
                ).mappings()
            ]
            query = select(t.change).where(t.change.c.outcome == "accepted").order_by(t.change.c.id)
            if last_week.issued_at:
                query = query.where(t.change.c.at > last_week.issued_at)
            changes = [_load_change(r, names) for r in db.execute(query).mappings()]
        refused = [seen for seen in self.seen().values() if seen.problems and seen.unit]
        asked = self._asked(ledger, questions, books)
        units = tuple(
            _unit_state(u.code, books.get(u.code), [s for s in refused if s.unit == u.code], asked.get(u.code, ()))
            for u in ledger.units
        )
        found.sort(key=lambda row: order[row.unit])
        return LedgerState(tuple(found), units, tuple(questions), tuple(changes), last_week)

    def _asked(
        self, ledger: Ledger, questions: Iterable[Question], books: Mapping[str, RowMapping]
    ) -> dict[str, list[Problem]]:
        """What each unit is told of its open questions, with the place in its workbook."""
        found: dict[str, list[Problem]] = {}
        bases: dict[str, Mapping[str, SheetContent]] = {}
        for question in questions:
            if question.unit not in books:
                continue
            if question.unit not in bases:
                bases[question.unit] = self.known_book(question.unit).base
            held, sheet = bases[question.unit].get(question.sheet), ledger.sheet(question.sheet)
            column = sheet.column(question.column) if sheet else None
            at = held.columns.get(question.column, 0) if held else 0
            row = next((r.row for r in held.rows if r.id == question.row_id), 0) if held else 0
            here = replace(question.source, file=books[question.unit]["file"], row=row)  # rows move, books are renamed
            problem = asked_problem(replace(question, source=here), column.name if column else question.column, at)
            if problem:
                found.setdefault(question.unit, []).append(problem)
        return found

    def history(self, ledger: Ledger, row_ids: Sequence[str], column: str = "") -> list[Change]:
        """Returns every recorded change of some rows (of one column, if named), oldest first."""
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        query = select(t.change).where(t.change.c.row_id.in_(row_ids)).order_by(t.change.c.id)
        if column:
            query = query.where(t.change.c.column == column)
        with self.engine.connect() as db:
            return [_load_change(r, names) for r in db.execute(query).mappings()]

    def has_row(self, row_ids: Sequence[str]) -> bool:
        """Tells whether any of these rows is known."""
        with self.engine.connect() as db:
            return db.scalar(select(func.count()).select_from(t.row).where(t.row.c.id.in_(row_ids))) != 0

    # ---- weeks

    def last_week(self) -> WeekMarks:
        """Returns the marks of the newest issued week; empty ones before the first."""
        with self.engine.connect() as db:
            r = db.execute(select(t.week).order_by(t.week.c.label.desc()).limit(1)).first()
            return load_marks(r.label, r.issued_at, r.marks) if r else WeekMarks()

    def week_path(self, label: str) -> str:
        """Returns where the sheet of a week was issued; ``""`` if it was not."""
        with self.engine.connect() as db:
            return db.scalar(select(t.week.c.path).where(t.week.c.label == label)) or ""

    def record_week(self, marks: WeekMarks, path: str) -> None:
        """Records that a week was issued, once only."""
        with self.engine.begin() as db:
            values = {"label": marks.week, "issued_at": marks.issued_at, "path": path, "marks": dump_marks(marks)}
            db.execute(insert(t.week).values(**values))

    # ---- files

    def seen(self) -> dict[str, Seen]:
        """Returns what the last scan knew, by path."""
        with self.engine.connect() as db:
            return {
                r.path: Seen(r.stat, r.sha256, r.unit, load_problems(r.problems), r.receipt)
                for r in db.execute(select(t.seen))
            }

    def see(self, path: str, seen: Seen) -> None:
        """Remembers a file as it was handled."""
        values = {
            "stat": seen.stat,
            "sha256": seen.sha256,
            "unit": seen.unit,
            "problems": dump_problems(seen.problems),
            "receipt": seen.receipt,
        }
        with self.engine.begin() as db:
            _put(db, t.seen, {"path": path}, values)

    def forget(self, paths: Iterable[str]) -> None:
        """Forgets files that are no longer there (their content stays)."""
        with self.engine.begin() as db:
            db.execute(delete(t.seen).where(t.seen.c.path.in_(list(paths))))

    def distrust_marks(self) -> None:
        """Has every file read again at the next pass, whatever its size and times say."""
        with self.engine.begin() as db:
            db.execute(update(t.seen).values(stat=""))

    def published(self, path: str) -> Published | None:
        """Returns how we left a generated file."""
        with self.engine.connect() as db:
            r = db.execute(select(t.published).where(t.published.c.path == path)).first()
            return Published(r.sha256, r.fingerprint, r.stat) if r else None

    def record_published(self, path: str, published: Published) -> None:
        """Remembers how we left a generated file."""
        values = {"sha256": published.sha256, "fingerprint": published.fingerprint, "stat": published.stat}
        with self.engine.begin() as db:
            _put(db, t.published, {"path": path}, values)


# ---------------------------------------------------------------------------------------------------------------------


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _tune(connection: object, _: object) -> None:
            cursor = connection.cursor()  # type: ignore[attr-defined]
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    return engine


def _put(db: Connection, table: Table, key: Mapping[str, object], values: Mapping[str, object]) -> None:
    """Inserts or updates one row by its key."""
    where = [table.c[name] == value for name, value in key.items()]
    if db.execute(update(table).where(*where).values(**values)).rowcount == 0:
        db.execute(insert(table).values(**key, **values))


def _add_version(
    db: Connection, save: Save, kind: str, content: Mapping[str, SheetContent] | None, code: str = ""
) -> int:
    values = {
        "unit": save.unit,
        "kind": kind,
        "file": save.file,
        "sha256": save.sha256,
        "code": code,
        "saved_at": save.saved_at,
        "seen_at": save.seen_at,
        "content": dump_content(content) if content is not None else None,
    }
    result = db.execute(insert(t.version).values(**values))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def _never_saved(db: Connection, unit: str) -> bool:
    return db.scalar(select(t.book.c.state).where(t.book.c.unit == unit)) == "issued"


def _row_cells(
    row: ReadRow, values: Mapping[str, Scalar], save: Save, position: int, version: int
) -> dict[str, object]:
    return {
        "raw": dump_cells(row.raw),
        "cells": dump_cells(values),
        "extra": dump_cells(row.extra),
        "position": position,
        "source_row": row.row,
        "file": save.file,
        "saved_at": save.saved_at,
        "version": version,
    }


def _write_rows(
    db: Connection,
    save: Save,
    version: int,
    sheet: str,
    rows: Sequence[ReadRow],
    plan: BookPlan,
    touched: set[tuple[str, str]],
) -> None:
    """Writes the rows of a sheet that differ from what the database has."""
    old = {
        r["id"]: r
        for r in db.execute(select(t.row).where(t.row.c.unit == save.unit, t.row.c.sheet == sheet)).mappings()
    }
    for position, row in enumerate(rows):
        cells = _row_cells(row, plan.values.get((sheet, row.id), {}), save, position, version)
        if (sheet, row.id) in touched or row.id not in old:
            cells["changed_at"] = save.seen_at
        else:  # untouched content keeps the save it came from
            cells |= {"saved_at": old[row.id]["saved_at"], "version": old[row.id]["version"]}
        if row.id not in old or any(old[row.id][name] != value for name, value in cells.items()):
            _put(db, t.row, {"unit": save.unit, "sheet": sheet, "id": row.id}, cells)


def _add_change(db: Connection, save: Save, version: int, sheet: str, decision: CellDecision) -> None:
    db.execute(
        insert(t.change).values(
            at=save.seen_at,
            unit=save.unit,
            sheet=sheet,
            row_id=decision.row_id,
            column=decision.column,
            outcome=decision.outcome,
            version=version,
            old=dump_scalar(decision.current),
            new=dump_scalar(decision.incoming),
            file=save.file,
            source_row=decision.row,
            saved_at=save.saved_at,
        )
    )


def _question_id(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:8]


def _add_questions(db: Connection, ledger: Ledger, save: Save, version: int, sheet: str, plan: BookPlan) -> None:
    """Asks what a save left open; a question that stands already is not asked twice."""
    sheet_plan = next(p for p in plan.sheets if p.sheet == sheet)
    spec = ledger.sheet(sheet)
    rows = {row.id: row for row in sheet_plan.rows}
    common = {
        "unit": save.unit,
        "sheet": sheet,
        "file": save.file,
        "saved_at": save.saved_at,
        "version": version,
        "at": save.seen_at,
        "state": "open",
        "text": "",
    }
    asked: list[dict[str, object]] = [
        {
            "id": _question_id(d.kind, save.unit, sheet, d.row_id, d.column, dump_scalar(d.incoming)),
            "kind": d.kind,
            "row_id": d.row_id,
            "column": d.column,
            "source_row": d.row,
            "base": dump_scalar(d.base),
            "current": dump_scalar(d.current),
            "incoming": dump_scalar(d.incoming),
        }
        for d in sheet_plan.decisions
        if d.outcome == "asked"
    ]
    asked += [
        {
            "id": _question_id("vanished", save.unit, sheet, row_id, version),
            "kind": "vanished",
            "row_id": row_id,
            "column": "",
            "source_row": 0,
            "base": "null",
            "current": "null",
            "incoming": "null",
        }
        for row_id in sheet_plan.vanished
    ]
    for question in asked:
        row = rows[str(question["row_id"])]
        key = row_key(spec, row.raw, row.id) if spec else row.id
        values = {**common, **question, "row_key": key}
        identity = {"id": values.pop("id")}
        _supersede(db, values)
        _put(db, t.question, identity, values)


def _supersede(db: Connection, values: Mapping[str, object]) -> None:
    """A newer question about the same cell takes the place of the older one: one cell, one question."""
    same_cell = [t.question.c[name] == values[name] for name in ("unit", "sheet", "row_id", "column")]
    db.execute(update(t.question).where(*same_cell, t.question.c.state == "open").values(state="gone"))


def _close_questions(db: Connection, unit: str, content: Mapping[str, SheetContent]) -> None:
    """Closes what the unit has settled itself: a cell put back, a row that is there again."""
    rows = {(code, row.id): row for code, sheet in content.items() for row in sheet.rows}
    open_ones = select(t.question).where(t.question.c.unit == unit, t.question.c.state == "open")
    for q in db.execute(open_ones).mappings().all():
        row = rows.get((q["sheet"], q["row_id"]))
        if q["kind"] == "vanished":
            settled = row is not None
        else:
            settled = row is not None and same(row.raw.get(q["column"]), load_scalar(q["current"]))
        if settled:
            db.execute(update(t.question).where(t.question.c.id == q["id"]).values(state="gone"))


def _last_number(db: Connection, unit: str, sheet: str) -> int:
    return db.scalar(select(t.number.c.last).where(t.number.c.unit == unit, t.number.c.sheet == sheet)) or 0


def _keep_numbers(db: Connection, ledger: Ledger, unit: str, sheet: str, rows: Sequence[ReadRow]) -> None:
    """Remembers the highest row number seen, so that none is given out twice. Ids that are not of our making say nothing."""
    spec = ledger.sheet(sheet)
    ours = re.compile(rf"{re.escape(spec.prefix)}-{re.escape(unit)}-([0-9]{{4,8}})") if spec else None
    highest = max((int(m[1]) for row in rows if ours and (m := ours.fullmatch(row.id))), default=0)
    if highest > _last_number(db, unit, sheet):
        _put(db, t.number, {"unit": unit, "sheet": sheet}, {"last": highest})


def _unit_state(unit: str, r: RowMapping | None, refused: Sequence[Seen], asked: Sequence[Problem]) -> UnitState:
    """What is known of a unit's workbook; a refused file of its own name says more than the last good save."""
    if r is None:
        return UnitState(unit)
    problems = (*asked, *load_problems(r["problems"]))
    state, receipt = r["state"], r["receipt"]
    for seen in refused:
        problems = (*seen.problems, *problems)
        if seen.problems[0].code != COPY:
            state, receipt = "refused", seen.receipt
    return UnitState(unit, state, r["file"], r["last_saved"], r["last_change"], r["rows"], receipt, problems)


def _source(r: RowMapping, names: Mapping[str, str]) -> Source:
    return Source(r["file"], names.get(r["sheet"], r["sheet"]), r["source_row"], r["saved_at"], r["version"])


def _load_row(r: RowMapping, names: Mapping[str, str]) -> Row:
    return Row(
        id=r["id"],
        sheet=r["sheet"],
        unit=r["unit"],
        values=load_cells(r["cells"]),
        source=_source(r, names),
        changed_at=r["changed_at"],
        extra=tuple(load_cells(r["extra"]).items()),
    )


def _load_change(r: RowMapping, names: Mapping[str, str]) -> Change:
    return Change(
        at=r["at"],
        unit=r["unit"],
        sheet=r["sheet"],
        row_id=r["row_id"],
        column=r["column"],
        old=load_scalar(r["old"]),
        new=load_scalar(r["new"]),
        source=_source(r, names),
        outcome=r["outcome"],
    )


def _load_question(r: RowMapping, names: Mapping[str, str]) -> Question:
    return Question(
        id=r["id"],
        kind=r["kind"],
        unit=r["unit"],
        sheet=r["sheet"],
        row_id=r["row_id"],
        row_key=r["row_key"],
        column=r["column"],
        base=load_scalar(r["base"]),
        current=load_scalar(r["current"]),
        incoming=load_scalar(r["incoming"]),
        source=_source(r, names),
        at=r["at"],
        text=r["text"],
    )
