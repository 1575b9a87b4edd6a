"""What waits for the coordinator in the database, what she ruled, and what a ruling changed, so that it can be undone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Engine, delete, select, update

from syncer.core.encode import dump_scalar, load_scalar
from syncer.core.model import Ledger
from syncer.core.state import Question
from syncer.core.values import same
from syncer.store import tables as t
from syncer.store.facts import Admission
from syncer.store.loading import load_question
from syncer.store.putting import put
from syncer.store.steps import (
    NOTHING,
    Effects,
    Override,
    RuledCell,
    Ruling,
    apply,
    present_cell,
    question_values,
    step_back,
    still,
)
from syncer.store.turning import turn


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

    def rejected(self, ledger: Ledger, kinds: Collection[str]) -> list[Question]:
        """Returns all of these kinds that were turned down, however long ago."""
        q = t.question.c
        return self._select(ledger, (q.state == "ruled") & (q.ruling == "reject") & q.kind.in_(kinds))

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

    def rule(self, question: Question, ruling: Ruling, effects: Effects = NOTHING) -> None:
        """Records a ruling and what it changes in one transaction; every changed cell goes into the history."""
        with self.engine.begin() as db:
            before = apply(db, question, ruling.at, effects)
            values = {
                "state": "ruled",
                "ruling": ruling.take,
                "value": dump_scalar(ruling.value),
                "ruled_at": ruling.at,
                "ruled_by": ruling.by,
                "effect": json.dumps(before, ensure_ascii=False),
            }
            db.execute(update(t.question).where(t.question.c.id == question.id).values(**values))
            turn(db)

    def undo(self, question: Question, at: str) -> bool:
        """Takes a ruling back: what it changed stands as before, and the question is open again.

        Returns ``False``, and changes nothing, where somebody has changed one of these cells since.
        """
        with self.engine.begin() as db:
            effect = db.scalar(select(t.question.c.effect).where(t.question.c.id == question.id))
            steps = json.loads(effect or "[]")
            if not all(still(db, step) for step in steps):
                return False
            for step in reversed(steps):
                step_back(db, question, at, step)
            state = "gone" if question.kind == "withdrawn" else "open"  # nobody asked: the unit took it back itself
            values = {"state": state, "ruling": "", "value": "null", "ruled_at": "", "ruled_by": "", "effect": "[]"}
            db.execute(update(t.question).where(t.question.c.id == question.id).values(**values))
            turn(db)
        return True

    def renew(self, question: Question, cell: RuledCell) -> bool:
        """Has a question tell what stands by now in the cell that is to be set; returns whether it told something else.

        Not where the cell holds already what it is to be set to.
        """
        with self.engine.begin() as db:
            present = present_cell(db, cell)
            if any(same(present, known) for known in (question.current, cell.raw)):
                return False
            db.execute(update(t.question).where(t.question.c.id == question.id).values(current=dump_scalar(present)))
            turn(db)
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
            gone = [name for name in known.keys() - standing if known[name] == "open"]
            asked = [question for question in questions if known.get(question.id) in {None, "gone"}]
            if gone:
                db.execute(update(t.question).where(t.question.c.id.in_(gone)).values(state="gone"))
            for question in asked:
                put(db, t.question, {"id": question.id}, question_values(question))
            if gone or asked:
                turn(db)

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

    def admit(self, sha256: str, unit: str, how: Admission) -> None:
        """Lets bytes in; ``unit`` is whose they are."""
        with self.engine.begin() as db:
            put(db, t.admission, {"sha256": sha256}, {"unit": unit, "how": how})

    def withdraw_admission(self, sha256: str) -> None:
        """Takes an admission back."""
        with self.engine.begin() as db:
            db.execute(delete(t.admission).where(t.admission.c.sha256 == sha256))

    def admission(self, sha256: str) -> tuple[str, Admission]:
        """Returns (unit, how) for bytes that the coordinator ruled on; no unit and `Admission.NONE` for all others."""
        with self.engine.connect() as db:
            r = db.execute(select(t.admission).where(t.admission.c.sha256 == sha256)).first()
            return (r.unit, Admission(r.how)) if r else ("", Admission.NONE)
