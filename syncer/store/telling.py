"""What each unit is told of the questions about its workbook, and of the answers to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlalchemy import RowMapping

from syncer.core.inbox.choices import word_of
from syncer.core.merging.intake import KnownBook
from syncer.core.model import Ledger
from syncer.core.problems import Problem
from syncer.core.state import Question, answered_problem, asked_problem
from syncer.core.values import Scalar


def told(
    ledger: Ledger,
    questions: Iterable[Question],
    books: Mapping[str, RowMapping],
    known_book: Callable[[str], KnownBook],
) -> dict[str, list[Problem]]:
    """What each unit is told of its open questions, and of answers since its last save, with the place in its workbook."""
    found: dict[str, list[Problem]] = {}
    known: dict[str, KnownBook] = {}
    for question in questions:
        if question.unit not in books:
            continue
        if question.unit not in known:
            known[question.unit] = known_book(question.unit)
        held, sheet = known[question.unit].base.get(question.sheet), ledger.sheet(question.sheet)
        column = sheet.column(question.column) if sheet else None
        at = held.columns.get(question.column, 0) if held else 0
        row = next((r.row for r in held.rows if r.id == question.row_id), 0) if held else 0
        file = books[question.unit]["file"]
        here = replace(question.source, file=file, row=row)  # rows move, books are renamed
        where = "这里" if question.source.file == file else f"{question.source.file}里"
        name, placed = column.name if column else question.column.removeprefix("+"), replace(question, source=here)
        if question.state == "ruled":
            now = _holds(known[question.unit], question)
            answer = word_of(question.kind, question.ruling)
            found.setdefault(question.unit, []).append(answered_problem(placed, name, at, answer, now))
        elif problem := asked_problem(placed, name, at, where):
            found.setdefault(question.unit, []).append(problem)
    return found


def _holds(known: KnownBook, question: Question) -> Scalar:
    """What the ledger holds in the cell a question was about."""
    row = next((r for r in known.current.get(question.sheet, ()) if r.id == question.row_id), None)
    if row is None:
        return None
    own = question.column.startswith("+")
    return row.extra.get(question.column[1:]) if own else row.raw.get(question.column)
