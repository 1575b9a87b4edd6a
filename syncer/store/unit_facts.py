"""The facts of each unit's rows, kept under what they rest on: a pass counts anew only the sheets that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from syncer.core.facts import Counted, SheetFacts
from syncer.core.model import CountSource
from syncer.store import tables as t
from syncer.store.putting import put

KeptFacts = dict[tuple[str, str], tuple[str, SheetFacts]]
"""By unit and sheet, the mark of the rows that were counted, and the facts."""


def kept_facts(db: Connection, basis: str) -> KeptFacts:
    """Returns the facts that were kept under this basis (of all of them: how one counts, and the settings)."""
    f = t.unit_facts.c
    found: KeptFacts = {}
    for r in db.execute(select(f.unit, f.facts).where(f.basis == basis).order_by(f.unit)):
        for sheet, (mark, plain) in json.loads(r.facts).items():
            found[r.unit, sheet] = mark, _load(sheet, plain)
    return found


def keep_facts(db: Connection, basis: str, unit: str, sheets: Mapping[str, tuple[str, SheetFacts]]) -> None:
    """Keeps the facts of a unit's sheets, each with the mark of its rows, in the place of older ones."""
    plain = {sheet: [mark, _plain(facts)] for sheet, (mark, facts) in sheets.items()}
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    put(db, t.unit_facts, {"unit": unit}, {"basis": basis, "facts": text})


def _plain(facts: SheetFacts) -> dict[str, Any]:
    counted = [
        [
            [source.sheet, source.column, source.per_sheet],
            number,
            found.touched,
            [[day.isoformat() if day else None, *sums] for day, sums in found.by_day.items()],
        ]
        for (source, number), found in facts.counted.items()
    ]
    return {
        "rows": facts.rows,
        "newest": facts.newest,
        "first_change": facts.first_change,
        "counted": counted,
        "heads": facts.heads,
        "evidence": dict(facts.evidence),
    }


def _load(sheet: str, plain: dict[str, Any]) -> SheetFacts:
    """Undoes `_plain`."""
    plain["counted"] = {
        (CountSource(*source), number): Counted(
            {date.fromisoformat(day) if day else None: (total, times) for day, total, times in by_day}, touched
        )
        for source, number, touched, by_day in plain["counted"]
    }
    return SheetFacts(sheet, **plain)
