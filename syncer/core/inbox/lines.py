"""The coordinator's one inbox as plain lines: what waits for her, and what she decided, as people write it.

Cells that one save cleared on one sheet are one line, whose answer goes for all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from syncer.core.encode import Json, from_json, load_row, to_json
from syncer.core.inbox.choices import word_of
from syncer.core.model import ColumnType, Ledger, Row
from syncer.core.names import Names
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import row_key
from syncer.core.reports.changes import KINDS, question_words
from syncer.core.state import Question
from syncer.core.values import Scalar

BLANK = "（空）"  # what stands in the book for a cell that holds nothing
_CELL_KINDS = frozenset({"conflict", "proposal", "mass", "typed"})
_NOT_TEXT = frozenset({ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.PERCENT, ColumnType.DATE})
_LISTED = 5  # cells of a group that are told one by one
_RULERS: Mapping[str, str] = {"inbox": "待我处理", "command line": "命令行", "unit": "单位自己"}


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One row of the inbox book. ``check`` tells whether what she answered is still what stands there."""

    id: str  # of the question; ``M-…`` of a group
    kind: str
    label: str
    unit: str
    sheet: str
    row: str
    column: str
    base: str
    current: str
    incoming: str
    text: str
    check: str
    questions: tuple[Question, ...] = field(repr=False)  # those that an answer goes for
    who: str = ""
    saved_at: str = ""  # ISO, local
    file: str = ""
    place: str = ""  # sheet!cell
    at: str = ""
    note: str = ""
    extra: tuple[tuple[str, Scalar], ...] = ()  # her own columns: header, content
    result: str = ""  # of one that was decided: in words
    ruled_at: str = ""
    ruled_by: str = ""
    offers: tuple[str, ...] = ()  # answers of its own beside those of its kind: the units that a file may be of

    @property
    def contents(self) -> tuple[str, ...]:
        """Returns the cells by which a row is known again, whatever id stands beside them."""
        return self.unit, self.row, self.column, self.current, self.incoming


@dataclass(frozen=True, slots=True)
class Inbox:
    """Everything the inbox book shows."""

    waiting: tuple[InboxLine, ...] = ()
    done: tuple[InboxLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are answered together; all but those of a mass clearing are alone in theirs."""

    id: str
    questions: tuple[Question, ...]

    @property
    def digest(self) -> str:
        """Returns what an answer rests on; of a question alone its own digest."""
        if not self.id.startswith("M-"):
            return self.questions[0].digest
        parts = sorted((question.id, question.digest) for question in self.questions)
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:8]


def grouped(questions: Iterable[Question]) -> list[Group]:
    """Returns the questions as they are answered, in order: cells that one save cleared on one sheet together."""
    found: dict[str, list[Question]] = {}
    for question in questions:
        found.setdefault(_group_id(question), []).append(question)
    return [Group(name, tuple(members)) for name, members in found.items()]


def _group_id(question: Question) -> str:
    if question.kind != "mass":
        return question.id
    parts = (question.unit, question.sheet, question.source.version, question.at)
    return f"M-{hashlib.sha256(repr(parts).encode()).hexdigest()[:8]}"


def inbox(ledger: Ledger, waiting: Sequence[Question], ruled: Sequence[Question], rows: Iterable[Row] = ()) -> Inbox:
    """Returns the lines of the inbox: what waits, oldest first as given, and what was decided.

    ``rows`` are the merged rows that questions are about, as far as they are there.
    """
    keys = held_keys(ledger, (*waiting, *ruled))
    told = _Teller(Names(ledger), {(row.id, row.unit): row for row in rows}, keys)
    whole = {group.id: group for group in grouped((*waiting, *ruled))}
    return Inbox(
        tuple(told.waiting(group, whole[group.id].digest) for group in grouped(waiting)),
        tuple(told.done(group) for group in grouped(ruled)),
    )


def held_keys(ledger: Ledger, questions: Iterable[Question]) -> dict[str, str]:
    """Returns the keys of the second rows that wait, by question id, as they would stand in the ledger (2026-3-12 is 2026-03-12)."""
    found: dict[str, str] = {}
    reader: CellReader | None = None
    for question in questions:
        sheet, held = ledger.sheet(question.sheet), _held(question) if question.kind == "duplicate" else None
        if sheet and held:
            reader = reader or CellReader(ledger)
            read = {c.code: reader.read(held.values[c.code], c).value for c in sheet.columns if c.code in held.values}
            found[question.id] = row_key(
                sheet, {code: value for code, value in read.items() if value is not None}, held.id
            )
    return found


class _Teller:
    """Puts questions into the words of the book."""

    def __init__(self, names: Names, rows: Mapping[tuple[str, str], Row], held_keys: Mapping[str, str]) -> None:
        self._names, self._rows, self._held_keys = names, rows, held_keys

    def waiting(self, group: Group, digest: str) -> InboxLine:
        """``digest`` is that of the whole group, whatever of it was decided one by one."""
        return self._line(group, digest)

    def done(self, group: Group) -> InboxLine:
        first = group.questions[0]
        answers = dict.fromkeys(self._result(question) for question in group.questions)
        parts = [(q.id, q.digest, q.ruling, q.ruled_at) for q in group.questions]
        check = hashlib.sha256(repr(sorted(parts)).encode()).hexdigest()[:8]
        ruled = {"ruled_at": first.ruled_at, "ruled_by": _RULERS.get(first.ruled_by, first.ruled_by)}
        return self._line(group, check, result="；".join(answers), **ruled)

    def _line(self, group: Group, check: str, **ruled: str) -> InboxLine:
        first = group.questions[0]
        note, extra = load_note(first.note)
        source = first.source
        values = self._values(first)
        words = self._words(group, values)
        many = len(group.questions) > 1
        return InboxLine(
            id=group.id,
            kind=first.kind,
            label=KINDS.get(first.kind, first.kind),
            unit=self._names.unit(first.unit),
            sheet=self._names.sheet(first.sheet),
            row=_these([self._row(q) for q in group.questions], "行"),
            column=_these([self._names.column(q.sheet, q.column) for q in group.questions], "列"),
            base="" if many else values[0],
            current=self._cleared(group.questions) if many else values[1],
            incoming=values[2],
            text=words,
            check=check,
            questions=group.questions,
            who=first.who,
            saved_at=source.saved_at,
            file=source.file,
            place="" if many else _place(first),
            at=first.at,
            note=note,
            extra=tuple(extra.items()),
            offers=self._offers(first),
            **ruled,
        )

    def _offers(self, question: Question) -> tuple[str, ...]:
        """The likely units of a file that is nobody's, by name."""
        if question.kind != "unplaced":
            return ()
        return tuple(
            self._names.unit(code) for code in str(json.loads(question.payload or "{}").get("units", "")).split()
        )

    def _words(self, group: Group, values: Sequence[str]) -> str:
        first = group.questions[0]
        unit, column = self._names.unit(first.unit), self._names.column(first.sheet, first.column)
        if len(group.questions) > 1:
            return f"{unit}一次清空了{len(group.questions)}格，都暂不生效。这里的处理意见对这些格一起算数。"
        return question_words(first, unit, column, *values[1:])

    def _values(self, question: Question) -> tuple[str, str, str]:
        """Returns base, current and incoming as people write them; of a whole row what it says."""
        cells = [self._cell(question, value) for value in (question.base, question.current, question.incoming)]
        here = self._rows.get((question.row_id, question.unit))
        held = _held(question)
        match question.kind:
            case "vanished" if here:
                cells[1] = self._names.summary(here)
            case "withdrawn" if held:
                cells[0] = self._names.summary(held)
            case "duplicate" | "revived" | "restore" if held:
                cells[1] = self._doubled(question) if question.kind == "duplicate" else cells[1]
                cells[2] = self._names.summary(held)
        return cells[0], cells[1], cells[2]

    def _doubled(self, question: Question) -> str:
        """The row in the ledger that a held-back one has the key of."""
        rows = (r for r in self._rows.values() if (r.unit, r.sheet) == (question.unit, question.sheet))
        key = self._held_keys.get(question.id)
        found = (r for r in rows if self._names.row(r.sheet, r.id, r) == key)
        return next((self._names.summary(r) for r in found), "")

    def _cell(self, question: Question, value: Scalar) -> str:
        shown = self._names.cell(question.sheet, question.column, value)
        return shown or (BLANK if question.kind in _CELL_KINDS else "")

    def _row(self, question: Question) -> str:
        row = self._rows.get((question.row_id, question.unit))
        task = self._names.row(question.sheet, question.row_id, None)  # "6.4" alone says little: the title beside it
        if task != question.row_id:
            return task
        return question.row_key or (self._names.row(question.sheet, question.row_id, row) if question.row_id else "")

    def _cleared(self, questions: Sequence[Question]) -> str:
        """Returns ``清空了23格：2.1 责任人“陈样本”；… 等``."""
        told = [
            f"{self._row(q)} {self._names.column(q.sheet, q.column)}“{self._cell(q, q.current)}”"
            for q in questions[:_LISTED]
        ]
        more = " 等" if len(questions) > _LISTED else ""
        return f"清空了{len(questions)}格：{'；'.join(told)}{more}"

    def _result(self, question: Question) -> str:
        if question.ruling == "unit":
            return "单位已自行撤回"
        word = word_of(question.kind, question.ruling)
        if question.ruling != "value":
            return word
        return f"{word}：{self._names.cell(question.sheet, question.column, question.value)}"


def _these(names: Iterable[str], measure: str) -> str:
    """Returns the one name, or how many there are: ``["2.1", "2.2"]`` → ``"2行"``."""
    found = dict.fromkeys(names)
    return next(iter(found)) if len(found) == 1 else f"{len(found)}{measure}"


def _place(question: Question) -> str:
    source = question.source
    if not source.sheet:
        return question.cell
    where = question.cell or (f"第{source.row}行" if source.row else "")
    return f"{source.sheet}!{where}" if question.cell else f"{source.sheet}{where}"


def _held(question: Question) -> Row | None:
    """Returns the row that a question carries with it; ``None`` where its payload is something else."""
    try:
        row = load_row(question.payload)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Row(question.row_id, question.sheet, question.unit, dict(row.raw), extra=tuple(row.extra.items()))


def typed_value(ledger: Ledger, question: Question, text: str) -> Scalar:
    """Returns a value given as text as it would stand in a cell: ``"85%"`` → 0.85 in a column of percentages.

    What its column does not understand stays text.
    """
    sheet = ledger.sheet(question.sheet)
    column = sheet.column(question.column) if sheet else None
    if column is None or column.type not in _NOT_TEXT:
        return text
    value = CellReader(ledger).read(text, column).value
    if value is None or isinstance(value, str):
        return text
    percent = column.type is ColumnType.PERCENT and isinstance(value, (int, float))
    return round(value / 100, 10) if percent else value  # type: ignore[operator,arg-type]


def load_note(text: str) -> tuple[str, dict[str, Scalar]]:
    """Returns what she wrote beside a question, and the content of her own columns by header."""
    try:
        plain: Json = json.loads(text or "{}")
        return str(plain.get("note", "")), {str(k): from_json(v) for k, v in plain.get("extra", {}).items()}
    except (ValueError, AttributeError):
        return text, {}


def dump_note(note: str, extra: Mapping[str, Scalar]) -> str:
    """Undoes `load_note`; ``""`` where she wrote nothing."""
    filled = {name: to_json(value) for name, value in extra.items() if value is not None}
    if not note and not filled:
        return ""
    return json.dumps({"note": note, "extra": filled}, ensure_ascii=False, separators=(",", ":"))
