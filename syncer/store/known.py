"""What the database knows of a unit's workbook before a save; nothing is decoded before it is asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

from sqlalchemy import Connection, Row, select

from syncer.core.encode import Json, load_cells
from syncer.core.merging.at_rest import Finding, Judged, Reading
from syncer.core.merging.known_book import KnownBook, SheetContent
from syncer.core.reading.rows import ReadRow
from syncer.core.values import Scalar
from syncer.store import tables as t
from syncer.store.blobs import dump_problems, load_problems
from syncer.store.contents import KeptContent, load_content
from syncer.store.putting import put
from syncer.store.rows import marks_of

_r = t.row.c
_ROWS = select(_r.sheet, _r.id, _r.position, _r.source_row, _r.file, _r.raw, _r.cells, _r.extra)
_Found = Row[Any]
_TAKES_OUT = ("withdrawn", "vanished")  # kinds of questions that a row may be gone with
_REMOVED = '[{"step": "removed"'  # how what such a ruling did begins


@dataclass(slots=True, eq=False)
class KeptRows(Sequence[ReadRow]):
    """The rows of one sheet as the ledger holds them, in order; they are decoded when the first of them is asked for."""

    _found: Sequence[_Found]
    _rows: tuple[ReadRow, ...] | None = field(default=None)

    @property
    def places(self) -> tuple[tuple[str, int], ...]:
        """Id and worksheet row of each."""
        return tuple((found.id, found.source_row) for found in self._found)

    def typed(self) -> list[dict[str, Scalar]]:
        """The cells of each as they were read."""
        return [load_cells(found.cells) for found in self._found]

    def _decoded(self) -> tuple[ReadRow, ...]:
        if self._rows is None:
            self._rows = tuple(ReadRow(r.id, r.source_row, load_cells(r.raw), load_cells(r.extra)) for r in self._found)
        return self._rows

    @overload
    def __getitem__(self, at: int) -> ReadRow: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[ReadRow, ...]: ...
    def __getitem__(self, at: int | slice) -> ReadRow | tuple[ReadRow, ...]:
        return self._decoded()[at]

    def __iter__(self) -> Iterator[ReadRow]:
        return iter(self._decoded())

    def __len__(self) -> int:
        return len(self._found)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._decoded() == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class TypedRows(Mapping[str, Sequence[Mapping[str, Scalar]]]):
    """The same rows' cells as they were read, by sheet code; decoded when a sheet is asked for."""

    _rows: Mapping[str, KeptRows]

    def __getitem__(self, code: str) -> Sequence[Mapping[str, Scalar]]:
        return self._rows[code].typed()

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


@dataclass(frozen=True, slots=True)
class GoneRows(Mapping[str, ReadRow]):
    """Rows that were taken out of a sheet, by id, as the rulings tell that did it; one is decoded when it is asked for."""

    _effects: Mapping[str, str]

    def __getitem__(self, row_id: str) -> ReadRow:
        steps = json.loads(self._effects[row_id])
        (row,) = (step["row"] for step in steps if step["step"] == "removed" and step["row"]["id"] == row_id)
        return ReadRow(row_id, row["source_row"], load_cells(row["raw"]), load_cells(row["extra"]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._effects)

    def __len__(self) -> int:
        return len(self._effects)


def kept_rows(db: Connection, unit: str) -> dict[str, KeptRows]:
    """Returns the rows of a unit's sheets by sheet code."""
    by_sheet: dict[str, list[Any]] = {}
    for found in db.execute(_ROWS.where(_r.unit == unit).order_by(_r.sheet, _r.position, _r.id)).all():
        by_sheet.setdefault(found.sheet, []).append(found)
    return {code: KeptRows(rows) for code, rows in by_sheet.items()}


def known_book(db: Connection, unit: str, a_day_ago: str) -> KnownBook:
    """Returns what is known of a unit's workbook: base, current rows, row numbers given out, rows that wait.

    ``a_day_ago`` (ISO, local): since when the rows that the unit withdrew count.
    """
    judged = db.execute(select(t.judged).where(t.judged.c.unit == unit).order_by(t.judged.c.sheet)).all()
    of_base = select(t.version.c.content).join(t.book, t.book.c.version == t.version.c.id)
    blob = db.scalar(of_base.where(t.book.c.unit == unit))
    of_unit = select(t.number).where(t.number.c.unit == unit).order_by(t.number.c.sheet)
    numbers = {r.sheet: r.last for r in db.execute(of_unit)}
    current = kept_rows(db, unit)
    withdrawn: Counter[str] = Counter()
    held: dict[str, set[str]] = {}
    braked: set[tuple[str, str, str]] = set()
    q = t.question.c
    query = select(q.kind, q.sheet, q.row_id, q.column, q.state, q.ruled_at, q.effect).where(q.unit == unit)
    asked: set[str] = set()
    gone: dict[str, dict[str, str]] = {}
    for r in db.execute(query.where((q.state == "open") | q.kind.in_(_TAKES_OUT)).order_by(q.ruled_at)):
        if r.state == "ruled" and r.effect.startswith(_REMOVED):
            gone.setdefault(r.sheet, {})[r.row_id] = r.effect
        if r.kind == "withdrawn" and r.state == "ruled" and r.ruled_at > a_day_ago:
            withdrawn[r.sheet] += 1
        if r.state == "open":
            asked.add(r.sheet)
        if r.kind == "duplicate" and r.state == "open":
            held.setdefault(r.sheet, set()).add(r.row_id)
        elif r.kind == "mass" and r.state == "open":
            braked.add((r.sheet, r.row_id, r.column))
    waiting = {sheet: frozenset(ids) for sheet, ids in held.items()}
    base = load_content(blob) if blob else {}
    return KnownBook(
        base,
        current,
        numbers,
        withdrawn,
        waiting,
        frozenset(braked),
        _still_judged(judged, current, base, marks_of(db, unit)),
        TypedRows(current),
        frozenset(asked),
        {sheet: GoneRows(effects) for sheet, effects in gone.items()},
    )


def _still_judged(
    judged: Sequence[_Found],
    current: Mapping[str, KeptRows],
    base: Mapping[str, SheetContent],
    marks: Mapping[str, str],
) -> Mapping[str, Judged]:
    """What was found in the sheets whose rows are those that were judged, by their marks, whatever has changed beside them.

    What reading their worksheets came to holds against the same base only. What was judged is read before the rows and their
    marks after them: no mark is used twice, so rows that are written meanwhile are never taken for those that were judged.
    """
    pieces = base.pieces if isinstance(base, KeptContent) else {}
    found: dict[str, Judged] = {}
    for r in judged:
        if marks.get(r.sheet, "") == r.rows:
            rows = current.get(r.sheet, KeptRows(()))
            seen = json.loads(r.lookups)
            answers = {place: tuple(names) for place, names in seen["answers"].items()}
            same_base = r.reading and r.sheet in pieces and pieces[r.sheet].mark == r.base
            reading = _reading(json.loads(r.reading)) if same_base else None
            found[r.sheet] = Judged(
                rows.places,
                r.terms,
                load_problems(r.problems),
                seen["found"],
                answers,
                {row_id: tuple(map(_finding, told)) for row_id, told in seen["cells"].items()},
                reading,
            )
    return found


def _finding(plain: Json) -> Finding:
    code, column, facts = plain
    return code, column, tuple((name, value) for name, value in facts)


def _reading(plain: Json) -> Reading:
    problems, lost = load_problems(plain["problems"]), load_problems(plain["lost"])
    return Reading(plain["table"], plain["terms"], problems, lost, plain["filled"], plain["columns"])


def _plain_reading(reading: Reading) -> Json:
    return {
        "table": reading.table,
        "terms": reading.terms,
        "problems": dump_problems(reading.problems),
        "lost": dump_problems(reading.lost),
        "filled": reading.filled,
        "columns": dict(reading.columns),
    }


def keep_judged(db: Connection, unit: str, judged: Mapping[str, Judged], base: KeptContent) -> None:
    """Keeps what was found in sheets as judged, against the version that is the ``base`` from now on; comes after their rows."""
    marks = marks_of(db, unit) if judged else {}
    for code, one in judged.items():
        here = select(_r.id, _r.source_row).where(_r.unit == unit, _r.sheet == code).order_by(_r.position, _r.id)
        if tuple(map(tuple, db.execute(here))) != tuple(one.places):
            continue  # a copy's rows keep their places in the unit's own workbook
        looked_up = {"found": dict(one.lookups), "answers": dict(one.answers), "cells": dict(one.findings)}
        values = {
            "rows": marks.get(code, ""),
            "terms": one.terms,
            "lookups": json.dumps(looked_up, ensure_ascii=False),
            "problems": dump_problems(one.problems),
            "base": base.pieces[code].mark if code in base else "",
            "reading": json.dumps(_plain_reading(one.reading), ensure_ascii=False) if one.reading else "",
        }
        put(db, t.judged, {"unit": unit, "sheet": code}, values)
