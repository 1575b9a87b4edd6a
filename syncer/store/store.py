"""The truth: what was taken in, what it came to, what waits. Everything in 03, 05 and 99 is made from here.

Each public method is one transaction, or a read. All of it is SQLAlchemy Core; SQLite, or PostgreSQL where one is configured.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from syncer.core import model
from syncer.core.merging.intake import BookPlan
from syncer.core.merging.known_book import KnownBook, SheetContent
from syncer.core.model import Ledger
from syncer.core.problems import Problem
from syncer.core.state import (
    ANSWERED,
    Change,
    LedgerState,
    WeekMarks,
)
from syncer.store import tables as t
from syncer.store.blobs import (
    dump_marks,
    dump_tables,
    load_marks,
    load_tables,
)
from syncer.store.connecting import open_engine
from syncer.store.contents import packed
from syncer.store.damage import Guard
from syncer.store.deliveries import Deliveries
from syncer.store.disk import make_folders
from syncer.store.facts import NEW_ROW, Admission, Save, Seen, Version
from syncer.store.holding import Hold
from syncer.store.known import keep_judged, known_book
from syncer.store.known_files import IS_WRONG, KnownFiles
from syncer.store.loading import load_changes, load_merged_row, load_question, unit_state
from syncer.store.merged import Merged
from syncer.store.migrations import migrate
from syncer.store.past import Past
from syncer.store.places import Places
from syncer.store.putting import put
from syncer.store.questions import Questions
from syncer.store.received import Received, ReceivedFiles, add_received
from syncer.store.recording import (
    ASKED_OF_SAVES,
    add_changes,
    add_questions,
    add_version,
    book_after,
    close_questions,
    drop_intent_elsewhere,
    keep_numbers,
    last_number,
    own_problems,
    row_cells,
    withdraw,
    write_rows,
)
from syncer.store.rows import put_rows
from syncer.store.telling import told
from syncer.store.turning import TURNED
from syncer.whereabouts import DATABASE


def _in_state(state: str) -> Any:
    return select(func.count()).select_from(t.question).where(t.question.c.state == state).scalar_subquery()


EVER = "9999"  # later than any moment
_BEGUN = "week_begun"  # key: what the sheet says that is being issued
_SERIAL = select(
    select(func.max(t.version.c.id)).scalar_subquery(),
    select(func.max(t.change.c.id)).scalar_subquery(),
    select(func.count()).select_from(t.week).scalar_subquery(),
    *(_in_state(state) for state in ("gone", "open", "ruled")),
    # A file that comes is a version, too: none can stand here for one that is gone.
    select(func.count()).where(IS_WRONG).scalar_subquery(),
    select(t.meta.c.value).where(t.meta.c.key == TURNED).scalar_subquery(),
)


_b = t.book.c
# All that is said of a workbook; how it is laid out is much longer.
_OF_BOOK = (_b.unit, _b.state, _b.file, _b.version, _b.last_saved, _b.last_change, _b.rows, _b.receipt, _b.problems)


class Store:
    """The database of one workspace."""

    def __init__(self, url: str, way_out: str = "", *, checked: bool = False) -> None:
        self.engine = open_engine(url)
        self._guard = Guard(self.engine, way_out, checked=checked)
        migrate(self.engine)
        self.questions = Questions(self.engine)
        self.deliveries = Deliveries(self.engine)
        self.past = Past(self.engine)
        self.merged = Merged(self.engine)
        self.places = Places(self.engine)
        self.known_files = KnownFiles(self.engine)
        self.received = ReceivedFiles(self.engine)
        self.hold = Hold(self.engine)

    @classmethod
    def in_folder(cls, folder: Path, url: str = "", way_out: str = "", *, checked: bool = False) -> Store:
        """Opens the configured database, or SQLite in ``folder``; one that another process has ``checked`` is not checked again."""
        make_folders(folder)
        return cls(url or f"sqlite:///{folder / DATABASE}", way_out, checked=checked)

    def close(self) -> None:
        """Lets go of the database."""
        self.hold.let_go()
        self.engine.dispose()
        self._guard.leave()

    def doubt(self) -> None:
        """Has the database checked at the next opening: damage was seen elsewhere."""
        self._guard.doubt()

    # ---- small facts

    def get(self, key: str) -> str:
        """Returns a fact kept under ``key``; ``""`` if there is none."""
        with self.engine.connect() as db:
            return db.scalar(select(t.meta.c.value).where(t.meta.c.key == key)) or ""

    def set(self, key: str, value: str) -> None:
        """Keeps a fact under ``key``; one that is kept already costs no transaction, for most passes change nothing."""
        if self.get(key) == value:
            return
        with self.engine.begin() as db:
            put(db, t.meta, {"key": key}, {"value": value})

    def serial(self) -> str:
        """Returns a text that differs after every recorded save, issue, refusal, delivery, ruling (or one taken back) and week.

        It differs as well once a question that is asked by itself, a file in which something was wrong, or a delivery that
        could not be made is gone.
        """
        with self.engine.connect() as db:
            return ":".join("" if part is None else str(part) for part in db.execute(_SERIAL).one())

    # ---- books

    def files(self) -> dict[str, str]:
        """Returns the file name of every issued workbook by unit code."""
        with self.engine.connect() as db:
            query = select(t.book.c.unit, t.book.c.file).order_by(t.book.c.unit)
            return {unit: file for unit, file in db.execute(query).all()}  # noqa: C416 - a row is no pair to mypy

    def file_of(self, unit: str) -> str:
        """Returns the file name of a unit's issued workbook; ``""`` if it has none."""
        with self.engine.connect() as db:
            return db.scalar(select(t.book.c.file).where(t.book.c.unit == unit)) or ""

    def known_book(self, unit: str, a_day_ago: str = "") -> KnownBook:
        """Returns what is known of a unit's workbook: base, current rows, row numbers given out, rows that wait.

        ``a_day_ago`` (ISO, local): since when the rows that the unit withdrew count.
        """
        with self.engine.connect() as db:
            return known_book(db, unit, a_day_ago)

    def record_issue(
        self,
        ledger: Ledger,
        save: Save,
        guid: str,
        content: Mapping[str, SheetContent],
        *,
        revision: int = 1,
        layout: str = "",
    ) -> None:
        """Records the first issue of a workbook: its content is the first base, and the first rows.

        ``layout`` is what it is laid out for (JSON), ``""`` where that is not known.
        """
        with self.engine.begin() as db:
            version = add_version(db, save, "issue", content, revision=revision)
            put(
                db,
                t.book,
                {"unit": save.unit},
                {
                    "guid": guid,
                    "file": save.file,
                    "revision": revision,
                    "layout": layout,
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
                put(
                    db,
                    t.number,
                    {"unit": save.unit, "sheet": code},
                    {"last": max(spec.reserved_rows if spec else 0, last_number(db, save.unit, code))},
                )
                rows = {
                    row.id: {**row_cells(row, row.raw, save, position, version), "changed_at": ""}
                    for position, row in enumerate(sheet.rows)
                }
                put_rows(db, save.unit, code, rows)

    def record_save(
        self,
        ledger: Ledger,
        save: Save,
        plan: BookPlan,
        receipt: Callable[[int, Sequence[Problem]], str],
        kind: str = "save",
        *,
        base: Mapping[str, SheetContent] | None = None,
        revision: int = 0,
        received: Callable[[int, Sequence[Problem]], Received] | None = None,
        alone: bool = False,
    ) -> int:
        """Records one accepted save in one transaction; returns the number of changed rows.

        ``receipt`` words the answer to the unit, given how many of its questions are open then, and what is wrong in its own
        workbook, where this is a copy. ``base`` is what the save was compared with, ``revision`` what its stamp says.
        ``received``, given these too, is what is recorded with it of a file that came through 07收件箱: killed at any moment, it
        is merged and to be put away, or neither.

        ``kind`` is ``recheck`` when known bytes were only looked at again, because the template changed, and ``copy``
        where the file is not the unit's own workbook: what it changed is taken over, the base stays. A copy that stands
        ``alone`` is all that the unit has: what is wrong in it is what the unit is told.

        Only rows whose content, place or order changed are written.
        """
        with self.engine.begin() as db:
            content = packed(plan.content, base)
            version = add_version(db, save, kind, content, revision=revision)
            touched = {(p.sheet, row_id) for p in plan.sheets for row_id in p.touched()}
            going_on = [sheet_plan for sheet_plan in plan.sheets if not sheet_plan.at_rest]
            for sheet_plan in going_on:
                write_rows(db, save, version, sheet_plan.sheet, sheet_plan.rows, plan, touched, copy=kind == "copy")
                add_changes(db, save, version, sheet_plan.sheet, sheet_plan.decisions, sheet_plan.came())
                withdraw(db, ledger, save, version, sheet_plan.sheet, plan)
                keep_numbers(db, ledger, save.unit, sheet_plan.sheet, (*sheet_plan.rows, *sheet_plan.held))
            close_questions(db, ledger, save, version, kind, base or {}, plan)
            for sheet_plan in going_on:
                add_questions(db, ledger, save, version, sheet_plan.sheet, plan)
            if kind != "copy":
                drop_intent_elsewhere(db, save)
                keep_judged(db, save.unit, plan.judged, content)
            q = t.question.c
            waiting = select(func.count()).where(q.unit == save.unit, q.state == "open", q.kind.in_(ASKED_OF_SAVES))
            open_ones = db.scalar(waiting) or 0
            standing = own_problems(db, save.unit) if kind == "copy" and not alone else []
            answer = receipt(open_ones, standing)
            if received:
                add_received(db, received(open_ones, standing))
            let_in = (t.admission.c.sha256 == save.sha256, t.admission.c.how == Admission.TAKE)
            db.execute(update(t.admission).where(*let_in).values(how=Admission.TAKEN))
            values = book_after(db, save, plan, kind, answer, version=version, revision=revision, alone=alone)
            if touched:
                values["last_change"] = save.seen_at
            db.execute(update(t.book).where(t.book.c.unit == save.unit).values(**values))
        return len(touched)

    def record_refusal(self, save: Save, problem: Problem) -> None:
        """Records a file that was not taken in; the unit's last good state stays."""
        with self.engine.begin() as db:
            add_version(db, save, "refused", None, problem.code)

    def versions(self, unit: str) -> list[Version]:
        """Returns every version of a unit's workbook that was seen, refused ones too, oldest first."""
        names = [t.version.c[f.name] for f in fields(Version)]
        query = select(*names).where(t.version.c.unit == unit).order_by(t.version.c.id)
        with self.engine.connect() as db:
            return [Version(**r) for r in db.execute(query).mappings()]

    def record_other(self, save: Save, kind: str) -> int:
        """Records bytes that are no unit's workbook: an accepted control workbook, an edited generated file."""
        with self.engine.begin() as db:
            return add_version(db, save, kind, None)

    def record_control(self, save: Save, tables: Iterable[model.Table]) -> None:
        """Records an accepted control workbook: from now on it is in force."""
        with self.engine.begin() as db:
            add_version(db, save, "control", None)
            put(db, t.control, {"sha256": save.sha256}, {"tables": dump_tables(tables)})
            put(db, t.meta, {"key": "control"}, {"value": save.sha256})

    def controls(self) -> list[str]:
        """Returns the SHA-256 of every control workbook that was ever accepted, the newest first."""
        with self.engine.connect() as db:
            return list(
                db.scalars(
                    select(t.version.c.sha256).where(t.version.c.kind == "control").order_by(t.version.c.id.desc())
                )
            )

    def control_tables(self, sha256: str) -> tuple[model.Table, ...]:
        """Returns the tables of an accepted control workbook."""
        with self.engine.connect() as db:
            blob = db.scalar(select(t.control.c.tables).where(t.control.c.sha256 == sha256))
        return load_tables(blob) if blob else ()

    # ---- state and history

    def state(self, ledger: Ledger, rows: bool = True, *, until: str = EVER) -> LedgerState:
        """Returns the merged ledger as it stands, units in roster order, rows in the order of their workbooks.

        Without ``rows`` it tells how the units stand and what waits; rows and changes, of which there are many, are left out.
        Of the issued weeks those count that were issued ``until`` (ISO, local) then.
        """
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        order = {unit.code: at for at, unit in enumerate(ledger.units)}
        last_week = self.last_week(until)
        with self.engine.connect() as db:
            books = {r["unit"]: r for r in db.execute(select(*_OF_BOOK).order_by(t.book.c.unit)).mappings().all()}
            found = []
            if rows:
                query = select(t.row).order_by(t.row.c.sheet, t.row.c.unit, t.row.c.position, t.row.c.id)
                found = [load_merged_row(r, names) for r in db.execute(query).mappings() if r["unit"] in order]
            questions = [
                load_question(r, names)
                for r in db.execute(
                    select(t.question).where(t.question.c.state == "open").order_by(t.question.c.at, t.question.c.id)
                ).mappings()
            ]
            q = t.question.c
            query = select(t.question).where(q.state == "ruled", q.ruled_by != "unit", q.kind.in_(ANSWERED))
            answered = [
                load_question(r, names)
                for r in db.execute(query.order_by(q.ruled_at, q.id)).mappings()
                if r["unit"] in books and r["ruled_at"] > books[r["unit"]]["last_saved"]
            ]
            query = select(t.change).where(t.change.c.outcome == "accepted").order_by(t.change.c.id)
            if last_week.issued_at:
                query = query.where(t.change.c.at > last_week.issued_at)
            entries = db.execute(query).mappings() if rows else ()
            changes = [change for r in entries for change in load_changes(r, names)]
        refused: dict[str, list[Seen]] = defaultdict(list)
        for seen in self.known_files.wrong().values():
            refused[seen.unit].append(seen)
        asked = told(ledger, (*questions, *answered), books, self.places)
        for unit, stuck in self.deliveries.stuck().items():
            asked.setdefault(unit, []).extend(stuck.problems)
        units = tuple(
            unit_state(u.code, books.get(u.code), refused.get(u.code, ()), asked.get(u.code, ())) for u in ledger.units
        )
        found.sort(key=lambda row: order[row.unit])
        return LedgerState(tuple(found), units, tuple(questions), tuple(changes), last_week)

    def history(self, ledger: Ledger, row_ids: Sequence[str], column: str = "") -> list[Change]:
        """Returns every recorded change of some rows (of one column, if named), oldest first."""
        names = {sheet.code: sheet.name for sheet in ledger.sheets}
        query = select(t.change).where(t.change.c.row_id.in_(row_ids)).order_by(t.change.c.id)
        if column:
            query = query.where(t.change.c.column.in_((column, NEW_ROW)))
        with self.engine.connect() as db:
            found = [change for r in db.execute(query).mappings() for change in load_changes(r, names)]
        return [change for change in found if not column or change.column == column]

    # ---- weeks

    def last_week(self, until: str = EVER) -> WeekMarks:
        """Returns the marks of the newest week issued ``until`` then; empty ones before the first.

        One that is issued later than now was issued by a clock that was ahead: the weeks before it are not over.
        """
        with self.engine.connect() as db:
            query = select(t.week).where(t.week.c.issued_at <= until)
            r = db.execute(query.order_by(t.week.c.label.desc()).limit(1)).first()
            return load_marks(r.label, r.issued_at, r.marks) if r else WeekMarks()

    def last_week_label(self, until: str = EVER) -> str:
        """Returns the label of `last_week`, without what it said of every task; ``""`` before the first."""
        with self.engine.connect() as db:
            return db.scalar(select(func.max(t.week.c.label)).where(t.week.c.issued_at <= until)) or ""

    def begin_week(self, marks: WeekMarks) -> None:
        """Keeps what a week's sheet says before it is written: whatever is killed in between, it is recorded as that."""
        self.set(_BEGUN, json.dumps([marks.week, marks.issued_at, dump_marks(marks)]))

    def begun_week(self, label: str) -> WeekMarks | None:
        """Returns what the sheet of a week says that was begun and not recorded; ``None`` for any other."""
        begun = json.loads(self.get(_BEGUN) or "[]")
        return load_marks(*begun) if begun and begun[0] == label else None

    def week_path(self, label: str) -> str:
        """Returns where the sheet of a week was issued; ``""`` if it was not."""
        with self.engine.connect() as db:
            return db.scalar(select(t.week.c.path).where(t.week.c.label == label)) or ""

    def record_week(self, marks: WeekMarks, path: str) -> None:
        """Records that a week was issued, once only."""
        with self.engine.begin() as db:
            values = {"label": marks.week, "issued_at": marks.issued_at, "path": path, "marks": dump_marks(marks)}
            db.execute(insert(t.week).values(**values))
