"""The oracle of "Mysteries of Dropbox" (ICST 2016): every value in an observed save is current, or history, or a question.

Pure, so that any test can ask it: what was saved on one side, what the ledger holds on the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncer.core.encode import load_row
from syncer.core.reading.rows import ReadRow
from syncer.core.state import Change, Question
from syncer.core.values import Scalar

Token = tuple[str, object]
Place = tuple[str, str, str]  # unit, sheet code, column code (``+name`` for a column the unit added)


@dataclass(frozen=True, slots=True)
class SavedCell:
    """One filled cell of a save that was seen, as typed."""

    unit: str
    sheet: str
    row: str  # its id, as far as known; only said, never compared: rows get new ids
    column: str
    value: Scalar
    save: str = ""  # which save, in words


def saved_cells(unit: str, sheet: str, rows: Iterable[ReadRow], save: str = "") -> list[SavedCell]:
    """Returns the filled cells of a sheet as saved."""
    return [
        SavedCell(unit, sheet, row.id, column, value, save) for row in rows for column, value in all_cells(row).items()
    ]


def all_cells(row: ReadRow) -> dict[str, Scalar]:
    """Returns a row's cells by column code, and the unit's own columns as ``+name``."""
    return {**row.raw, **{f"+{name}": value for name, value in row.extra.items()}}


def unaccounted(
    saves: Iterable[SavedCell],
    current: Mapping[tuple[str, str], Iterable[ReadRow]],
    history: Iterable[Change],
    questions: Iterable[Question],
) -> list[SavedCell]:
    """Returns the saved cells whose value is nowhere: each one is a lost value.

    A value is looked for in its own unit, sheet and column: in ``current`` (the ledger's rows as typed, by unit and
    sheet), in the ``history`` (what a cell was before or after a change, whatever its outcome) and in ``questions``
    of any state (their base, current, incoming and ruled values, and the row that one carries). It need not be found
    in the same row: give each value its own text where that matters.
    """
    known: set[tuple[Place, Token]] = set()
    for (unit, sheet), rows in current.items():
        known |= {((unit, sheet, column), token(v)) for row in rows for column, v in all_cells(row).items()}
    for change in history:
        place = (change.unit, change.sheet, change.column)
        known |= {(place, token(change.old)), (place, token(change.new))}
    for question in questions:
        place = (question.unit, question.sheet, question.column)
        values = (question.base, question.current, question.incoming, question.value)
        known |= {(place, token(value)) for value in values}
        if question.payload.startswith('{"id":'):
            row = load_row(question.payload)
            known |= {((question.unit, question.sheet, column), token(v)) for column, v in all_cells(row).items()}
    return [s for s in saves if ((s.unit, s.sheet, s.column), token(s.value)) not in known]


def token(value: Scalar) -> Token:
    """Returns what equal content of equal kind has in common: ``1`` and ``1.0`` are alike, ``True`` and ``"1"`` are not."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return ("number" if number else type(value).__name__, value)
