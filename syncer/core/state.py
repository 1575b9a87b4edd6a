"""The merged ledger as it stands: rows, receipts, open questions, changes, and the marks of the last issued week."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from syncer.core.facts import UnitFacts
from syncer.core.model import Row, Source
from syncer.core.problems import Place, Problem
from syncer.core.values import Scalar, show

ASKED_CODES = {
    "proposal": "OWN-001",
    "mass": "OWN-003",
    "conflict": "OWN-004",
    "vanished": "ROW-002",
    "revived": "ROW-005",
}
"""Kind of question → the problem that tells the unit of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that changed. ``at`` is when it was first seen saved (ISO, local)."""

    at: str
    unit: str
    sheet: str
    row_id: str
    column: str
    old: Scalar
    new: Scalar
    source: Source = Source()
    outcome: str = "accepted"  # accepted, asked (a question), noted (no effect), ruled, removed, undone


@dataclass(frozen=True, slots=True)
class Question:
    """Something that waits for the coordinator, or waited (待处理事项). `syncer.core.inbox.choices` lists what she may answer.

    ``kind``:

    - ``conflict``: one cell, changed in two places · ``proposal``: 调整申请, a unit changed a coordinator's cell ·
      ``mass``: one of many cells cleared at once
    - ``vanished``: a row is gone · ``revived``: a row that was deleted has been edited elsewhere · ``duplicate``: a second
      row with one key, held back · ``withdrawn``: a row of the unit's own that it took back (born answered)
    - ``refused``: a file that cannot be taken in · ``doubted``: one that was set aside for what it holds · ``unplaced``: one in 07收件箱 of which nobody can
      say whose it is · ``backup``: a workbook as it was before came back · ``lost``: a workbook
      that was handed out is gone
    - ``contradiction``: units say unlike things of one task · ``typed``: a cell of a generated book was changed by hand ·
      ``template``: 台账设置 takes something away · ``weekly``: a 送审稿 waits for 定稿 · ``restore``: undo the day, one cell or row

    ``payload`` is JSON that a ruling needs beyond the cells: a held-back row (`dump_row`), a file's path and hash.
    """

    id: str
    kind: str
    unit: str
    sheet: str = ""
    row_id: str = ""
    row_key: str = ""
    column: str = ""  # column code
    base: Scalar = None
    current: Scalar = None
    incoming: Scalar = None
    source: Source = Source()
    at: str = ""
    text: str = ""  # in words, where cells do not say it
    cell: str = ""  # where the incoming value stands in its sheet, e.g. "F7"
    who: str = ""  # 填报人, as the workbook says
    payload: str = ""
    state: str = "open"  # open, gone (settled by itself), ruled
    ruling: str = ""  # current, incoming, base, value, accept, reject; "unit" where the unit itself decided (withdrawn)
    value: Scalar = None  # what was ruled with 另填
    ruled_at: str = ""  # ISO, local
    ruled_by: str = ""  # inbox, command line, unit
    note: str = ""  # the coordinator's 说明, and her own columns beside it, as JSON (see `syncer.core.inbox.lines`)

    @property
    def digest(self) -> str:
        """Returns what the decision rests on, as eight hexadecimal signs: other values make another digest."""
        parts = (self.kind, self.row_key, self.base, self.current, self.incoming, self.text, self.payload)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]


def question_id(*parts: object) -> str:
    """Returns the id of a question about this: twelve hexadecimal signs, so that no two of a ledger's many thousands meet."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:12]


def asked_problem(question: Question, column_name: str, place: Place, where: str = "这里") -> Problem | None:
    """Returns what the unit is told of an open question; ``place`` is where its cell stands now.

    ``where`` says where the incoming value stands, if that is not the workbook itself.
    """
    code = ASKED_CODES.get(question.kind)
    if code is None:
        return None
    facts: tuple[tuple[str, str], ...] = (("current", show(question.current)),)
    if question.kind == "conflict":
        facts = (*facts, ("where", where))
    return Problem(code, place, question.row_key, column_name, show(question.incoming), facts)


ANSWERED = frozenset({"proposal", "conflict", "mass", "vanished", "revived", "duplicate"})
"""Kinds of which the unit is told how they were answered."""


def answered_problem(question: Question, column_name: str, place: Place, answer: str, now: Scalar) -> Problem:
    """Returns what the unit is told of an answer (OWN-005 on a cell, OWN-006 on a row): ``now`` is what the cell holds."""
    if not question.column:
        return Problem("OWN-006", place, question.row_key, facts=(("answer", answer),))
    facts = (("answer", answer), ("current", show(now) or "（空）"))
    return Problem("OWN-005", place, question.row_key, column_name, show(question.incoming), facts)


@dataclass(frozen=True, slots=True)
class UnitState:
    """What is known of one unit's workbook."""

    unit: str
    state: str = "missing"  # missing, issued (never saved since), current, refused
    file: str = ""
    last_saved: str = ""  # ISO, local: the save last taken in
    last_change: str = ""  # ISO, local: the last save that changed content
    rows: int = 0
    receipt: str = ""  # one line in words
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskMark:
    """How one unit's task stood when a week was issued."""

    percent: float | None = None  # points, 0-100
    status: str = ""
    text: str = ""  # 本周完成情况
    light: str = ""
    red_weeks: int = 0  # weeks in a row that it stood red, this one counted


@dataclass(frozen=True, slots=True)
class WeekMarks:
    """The marks of an issued week, by (task id, unit code)."""

    week: str = ""  # "2026-W47"
    issued_at: str = ""  # ISO, local
    tasks: tuple[tuple[tuple[str, str], TaskMark], ...] = ()

    def mark(self, task: str, unit: str) -> TaskMark:
        """Returns the mark of one unit's task; an empty one if it was not there."""
        return dict(self.tasks).get((task, unit), TaskMark())


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Everything that master, feedback and weekly sheets are made from."""

    rows: tuple[Row, ...]  # live rows; per sheet and unit in the order of the unit's own workbook
    units: tuple[UnitState, ...]  # roster order
    questions: tuple[Question, ...] = ()
    changes: tuple[Change, ...] = ()  # accepted changes since the last issued week, oldest first
    last_week: WeekMarks = WeekMarks()
    older_changes: bool = False  # there are more changes since then, older than those
    facts: tuple[UnitFacts, ...] | None = (
        None  # of all rows; where given, ``rows`` are those of the plan's sheets alone
    )

    def rows_of(self, sheet: str, unit: str = "") -> tuple[Row, ...]:
        """Returns the rows of a sheet (of one unit, if named)."""
        return tuple(r for r in self.rows if r.sheet == sheet and (not unit or r.unit == unit))

    def unit(self, code: str) -> UnitState:
        """Returns what is known of a unit."""
        return next((u for u in self.units if u.unit == code), UnitState(code))
