"""Plain data as the database keeps it: worksheets, problems, the marks of a week."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache

from syncer.core.encode import from_json, to_json
from syncer.core.model import Table
from syncer.core.problems import Place, Problem
from syncer.core.state import TaskMark, WeekMarks


def dump_tables(tables: Iterable[Table]) -> bytes:
    """Returns worksheets as read as compressed JSON."""
    plain = [[t.name, [[to_json(cell) for cell in row] for row in t.rows], t.merged, t.hidden] for t in tables]
    return zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def load_tables(blob: bytes) -> tuple[Table, ...]:
    """Undoes `dump_tables`."""
    return tuple(
        Table(
            name,
            tuple(tuple(from_json(cell) for cell in row) for row in rows),
            tuple((first, left, last, right) for first, left, last, right in merged),
            hidden,
        )
        for name, rows, merged, hidden in json.loads(zlib.decompress(blob))
    )


def dump_problems(problems: Iterable[Problem]) -> str:
    """Returns problems as JSON text."""
    return json.dumps([_plain(problem) for problem in problems], ensure_ascii=False)


def _plain(problem: Problem) -> dict[str, object]:
    place = problem.place
    return {
        "code": problem.code,
        "place": {"file": place.file, "sheet": place.sheet, "row": place.row, "column": place.column},
        "row_key": problem.row_key,
        "column": problem.column,
        "found": problem.found,
        "facts": problem.facts,
    }


@lru_cache(maxsize=2_000)  # most units' problems are the same at every pass
def load_problems(text: str) -> tuple[Problem, ...]:
    """Undoes `dump_problems`."""
    if text == "[]":
        return ()
    return tuple(
        Problem(
            code=p["code"],
            place=Place(**p["place"]),
            row_key=p["row_key"],
            column=p["column"],
            found=p["found"],
            facts=tuple((name, value) for name, value in p["facts"]),
        )
        for p in json.loads(text)
    )


def dump_marks(marks: WeekMarks) -> str:
    """Returns the marks of a week as JSON text."""
    return json.dumps([[task, unit, asdict(mark)] for (task, unit), mark in marks.tasks], ensure_ascii=False)


@lru_cache(maxsize=2)  # each look asks for those of the same week
def load_marks(label: str, issued_at: str, text: str) -> WeekMarks:
    """Undoes `dump_marks`."""
    return WeekMarks(label, issued_at, tuple(((t, u), TaskMark(**mark)) for t, u, mark in json.loads(text)))
