"""For which workbooks a look found nothing to deliver, or something that waits: it is not worked out again while all it rests on stands.

What a workbook should hold rests on the settings, the day, its own rows and questions, how its tasks stand with everybody,
and what was delivered into it before.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from syncer.core.reports.progress import Progress
from syncer.new_bytes import RULES
from syncer.store.deliveries import BookFacts
from syncer.view import View
from syncer.workspace import Office

_KEY = "deliveries_looked_at"
_IDLE, _WAITS = "idle", "waits"


class LookedAt:
    """What the last looks found, by unit."""

    def __init__(self, office: Office, seen: View) -> None:
        self._store = office.store
        known: dict[str, tuple[str, str]] = json.loads(office.store.get(_KEY) or "{}")
        self._books = office.store.deliveries.books()
        self._bases = dict(_bases(seen, self._books, office.now()[:10]))
        self._found = {unit: how for unit, (basis, how) in known.items() if basis == self._bases.get(unit)}

    def is_idle(self, unit: str) -> bool:
        """Whether nothing was due, and nothing has changed."""
        return self._found.get(unit) == _IDLE

    def facts(self, unit: str) -> BookFacts | None:
        """Returns what is known of a workbook; ``None`` if it was never handed out."""
        return self._books.get(unit)

    def is_waiting(self, unit: str) -> bool:
        """Whether something was due that had to wait, and nothing has changed since."""
        return self._found.get(unit) == _WAITS

    def note(self, unit: str, *, idle: bool) -> None:
        """Notes what this look found. A delivery that is made changes what the next look rests on."""
        self._found[unit] = _IDLE if idle else _WAITS

    def keep(self) -> None:
        """Keeps it for the next pass."""
        found = {unit: (self._bases[unit], how) for unit, how in sorted(self._found.items()) if unit in self._bases}
        self._store.set(_KEY, json.dumps(found))


def _bases(seen: View, books: dict[str, BookFacts], today: str) -> Iterator[tuple[str, str]]:
    """Yields by unit a digest of all that its delivery rests on."""
    state, common = seen.state, (RULES, seen.ledger.version, seen.as_of, today, seen.state.last_week.week)
    standings, marks = _standings(seen.progress), defaultdict(list)
    for (unit, sheet), mark in sorted(seen.marks.items()):
        marks[unit].append((sheet, mark))
    questions = defaultdict(list)
    for question in state.questions:
        questions[question.unit].append(question)
    for known in state.units:
        code = known.unit
        facts = replace(books[code], waits="", pending=0) if code in books else None
        parts = (common, facts, known, marks[code], questions[code], standings[code])
        yield code, hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _standings(progress: Progress) -> dict[str, list[object]]:
    """How the tasks of each unit stand, as its workbook tells it."""
    found: dict[str, list[object]] = defaultdict(list)
    for task in progress.tasks:
        for lead in task.leads:
            found[lead.unit].append((task.task.id, lead.label, lead.percent, task.count, task.counted))
        for unit in task.task.supports:
            found[unit].append((task.task.id, task.first.label))
    return found
