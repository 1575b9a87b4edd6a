"""What each unit is told of the questions about its workbook, and of the answers to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import RowMapping

from syncer.core.inbox.choices import word_of
from syncer.core.model import Ledger
from syncer.core.problems import Place, Problem
from syncer.core.state import Question, answered_problem, asked_problem
from syncer.store.places import Places


def told(
    ledger: Ledger,
    questions: Iterable[Question],
    books: Mapping[str, RowMapping],
    places: Places,
) -> dict[str, list[Problem]]:
    """What each unit is told of its open questions, and of answers since its last save, with the place in its workbook."""
    found: dict[str, list[Problem]] = {}
    for question in questions:
        if question.unit not in books:
            continue
        file, version = books[question.unit]["file"], books[question.unit]["version"]
        there, sheet = places.of(question.unit, version, question.sheet), ledger.sheet(question.sheet)
        column = sheet.column(question.column) if sheet else None
        row = there.rows.get(question.row_id, 0)  # rows move, books are renamed
        place = Place(file, question.source.sheet, row, there.columns.get(question.column, 0) if row else 0)
        where = "这里" if question.source.file == file else f"{question.source.file}里"
        name = column.name if column else question.column.removeprefix("+")
        if question.state == "ruled":
            now = places.holds(question.unit, question.sheet, question.row_id, question.column)
            answer = word_of(question.kind, question.ruling)
            found.setdefault(question.unit, []).append(answered_problem(question, name, place, answer, now))
        elif problem := asked_problem(question, name, place, where):
            found.setdefault(question.unit, []).append(problem)
    return found
