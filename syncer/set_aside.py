"""Files that killed or outlasted their reader: tried again later, a few times, then set aside until they change.

A busy PC, or memory short for a moment, can make an honest file fail; a poisonous one fails each time, and reading it costs
the others some seconds. So it is tried `TRIES` times, minutes apart. What the file is told about is the same all along.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from syncer.core.problems import Problem
from syncer.store.facts import Seen
from syncer.workspace import Office

PASSING = frozenset({"FILE-007", "FILE-009"})
"""Codes whose reason may lie in the machine and not in the file."""
TRIES = 3
AGAIN_SECONDS = 600

_FACT = "set_aside"  # file key → SHA-256, tries so far, when the last one was


def due_again(office: Office, known: Mapping[str, Seen]) -> frozenset[str]:
    """Returns the keys of files (of these, as last seen) that are to be read again though nothing about them has changed."""
    tries = _tries(office)
    now = office.clock()

    def is_due(key: str, seen: Seen) -> bool:
        sha256, count, last = tries.get(key, ("", 0, ""))
        if not seen.refused or seen.refused[0].code not in PASSING or sha256 != seen.sha256 or count >= TRIES:
            return False
        passed = (now - datetime.fromisoformat(last)).total_seconds()
        return not 0 <= passed < AGAIN_SECONDS  # a try that is still to come was made by a clock that was ahead

    return frozenset(key for key, seen in known.items() if is_due(key, seen)) if tries else frozenset()


def next_tries(office: Office) -> tuple[datetime, ...]:
    """Returns when files that may be read again are due to be."""
    tries = _tries(office).values()
    again = timedelta(seconds=AGAIN_SECONDS)
    return tuple(datetime.fromisoformat(last) + again for _, count, last in tries if count < TRIES)


def note_try(office: Office, key: str, sha256: str, refused: Problem | None) -> None:
    """Remembers that a file was tried, or that it need not be any more: it was read, or refused for good."""
    tries = _tries(office)
    before = tries.pop(key, None)
    if refused and refused.code in PASSING:
        count = before[1] if before and before[0] == sha256 else 0
        tries[key] = (sha256, count + 1, office.now())
    if tries.get(key) != before:
        there = office.store.known_files.seen()
        tries = {
            file: tried for file, tried in tries.items() if file == key or file in there
        }  # without files that are gone
        office.store.set(_FACT, json.dumps(tries, ensure_ascii=False, sort_keys=True))


def _tries(office: Office) -> dict[str, tuple[str, int, str]]:
    kept: dict[str, list[str | int]] = json.loads(office.store.get(_FACT) or "{}")
    return {key: (str(sha256), int(count), str(last)) for key, (sha256, count, last) in kept.items()}
