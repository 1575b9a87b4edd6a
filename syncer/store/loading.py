"""Makes plain data of the database's rows again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from sqlalchemy import RowMapping

from syncer.core.encode import load_cells, load_scalar
from syncer.core.model import Row, Source
from syncer.core.problems import Problem
from syncer.core.state import Change, Question, UnitState
from syncer.core.values import Scalar
from syncer.store.blobs import (
    load_problems,
)
from syncer.store.facts import COPY, NEW_ROW, Seen


@lru_cache(maxsize=20_000)  # at most passes nearly all files are as they were
def load_seen(stat: str, sha256: str, unit: str, problems: str, receipt: str) -> Seen:
    """Returns what was kept of a file."""
    return Seen(stat, sha256, unit, load_problems(problems), receipt)


def unit_state(unit: str, r: RowMapping | None, refused: Sequence[Seen], asked: Sequence[Problem]) -> UnitState:
    """What is known of a unit's workbook; a refused file of its own name says more than the last good save.

    The receipt of the last save knows nothing of copies that were taken in beside it: they are named behind it.
    """
    if r is None:
        return UnitState(unit)
    problems = (*asked, *load_problems(r["problems"]))
    state, receipt = r["state"], r["receipt"]
    for seen in refused:
        problems = (*seen.problems, *problems)
        if seen.refused:
            state, receipt = "refused", seen.receipt
    copies = [p.place.file for seen in refused for p in seen.problems if p.code == COPY]
    if copies:
        receipt = f"{receipt}；另收到副本{'、'.join(f'“{name}”' for name in copies)}" if receipt else ""
    return UnitState(unit, state, r["file"], r["last_saved"], r["last_change"], r["rows"], receipt, problems)


def _source(r: RowMapping | Mapping[str, Any], names: Mapping[str, str]) -> Source:
    return Source(r["file"], names.get(r["sheet"], r["sheet"]), r["source_row"], r["saved_at"], r["version"])


def _digest(r: RowMapping) -> int:
    """Returns what stands for all that is kept of a row, its place among the others apart."""
    kept = "\x1f".join((r["cells"], r["extra"], r["file"], r["saved_at"], r["changed_at"], str(r["source_row"])))
    return int.from_bytes(blake2b(kept.encode(), digest_size=8).digest())


def load_merged_row(r: RowMapping, names: Mapping[str, str]) -> Row:
    """Returns a merged row; ``names`` are sheet names by code."""
    return Row(
        id=r["id"],
        sheet=r["sheet"],
        unit=r["unit"],
        values=load_cells(r["cells"]),
        source=_source(r, names),
        changed_at=r["changed_at"],
        extra=tuple(load_cells(r["extra"]).items()),
        digest=_digest(r),
    )


def load_changes(r: RowMapping, names: Mapping[str, str]) -> list[Change]:
    """Returns the recorded changes of one entry, more than one where a row came; ``names`` are sheet names by code."""
    source = _source(r, names)
    cells: list[tuple[str, Scalar, Scalar]]
    if r["column"] == NEW_ROW:
        cells = [(column, None, new) for column, new in load_cells(r["new"]).items()]
    else:
        cells = [(r["column"], load_scalar(r["old"]), load_scalar(r["new"]))]
    return [
        Change(r["at"], r["unit"], r["sheet"], r["row_id"], column, old, new, source, r["outcome"])
        for column, old, new in cells
    ]


def load_question(r: RowMapping, names: Mapping[str, str]) -> Question:
    """Returns a question; ``names`` are sheet names by code."""
    return _question(tuple(r.keys()), tuple(r.values()), names.get(r["sheet"], r["sheet"]))


@lru_cache(maxsize=1_000)  # most of what waits has waited at the last pass
def _question(columns: tuple[str, ...], values: tuple[Any, ...], sheet: str) -> Question:
    r = dict(zip(columns, values, strict=True))
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
        source=_source(r, {r["sheet"]: sheet}),
        at=r["at"],
        text=r["text"],
        cell=r["cell"],
        who=r["who"],
        payload=r["payload"],
        state=r["state"],
        ruling=r["ruling"],
        value=load_scalar(r["value"]),
        ruled_at=r["ruled_at"],
        ruled_by=r["ruled_by"],
        note=r["note"],
    )
