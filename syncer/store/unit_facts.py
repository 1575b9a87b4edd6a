"""The facts of each unit's rows, kept under what they rest on: a pass counts anew only the unit that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from syncer.core.facts import Counted, UnitFacts
from syncer.core.model import CountSource
from syncer.store import tables as t
from syncer.store.putting import put


def kept_facts(db: Connection) -> dict[str, tuple[str, str]]:
    """Returns by unit what its facts rest on, and the facts as text."""
    f = t.unit_facts.c
    return {r.unit: (r.basis, r.facts) for r in db.execute(select(f.unit, f.basis, f.facts))}


def keep_facts(db: Connection, facts: Mapping[str, tuple[str, UnitFacts]]) -> None:
    """Keeps by unit what its facts rest on, and the facts, in the place of older ones."""
    for unit, (basis, found) in facts.items():
        put(db, t.unit_facts, {"unit": unit}, {"basis": basis, "facts": dump_facts(found)})


def dump_facts(facts: UnitFacts) -> str:
    """Returns facts as JSON text."""
    counted = [
        [
            [source.sheet, source.column, source.per_sheet],
            number,
            found.touched,
            [[day.isoformat() if day else None, *sums] for day, sums in found.by_day.items()],
        ]
        for (source, number), found in facts.counted.items()
    ]
    plain = {
        "unit": facts.unit,
        "rows": dict(facts.rows),
        "newest": dict(facts.newest),
        "first_change": facts.first_change,
        "counted": counted,
        "heads": dict(facts.heads),
        "evidence": dict(facts.evidence),
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def load_facts(text: str) -> UnitFacts:
    """Undoes `dump_facts`."""
    plain: dict[str, Any] = json.loads(text)
    plain["counted"] = {
        (CountSource(*source), number): Counted(
            {date.fromisoformat(day) if day else None: (total, times) for day, total, times in by_day}, touched
        )
        for source, number, touched, by_day in plain["counted"]
    }
    return UnitFacts(**plain)
