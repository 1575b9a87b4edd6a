from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from syncer.core.problems import Place, Problem
from syncer.set_aside import TRIES, due_again, note_try
from syncer.store.facts import Seen
from syncer.store.store import Store

POISONOUS = Problem("FILE-007", Place("宣传科.xlsx"))


def test_tries_of_files_that_are_gone_are_forgotten_with_the_next_one(tmp_path: Path) -> None:
    office: Any = SimpleNamespace(store=Store.in_folder(tmp_path), now=lambda: "2026-11-20T09:00:00")
    for key in ("02/甲.xlsx", "02/乙.xlsx", "02/丙.xlsx"):
        office.store.known_files.see(key, Seen("mark", key, "D01", (POISONOUS,)))
        note_try(office, key, key, POISONOUS)
    office.store.known_files.forget(["02/甲.xlsx", "02/丙.xlsx"])
    note_try(office, "02/乙.xlsx", "02/乙.xlsx", POISONOUS)
    assert list(json.loads(office.store.get("set_aside"))) == ["02/乙.xlsx"]
    office.clock = lambda: datetime(2026, 11, 20, 10)
    assert due_again(office, office.store.known_files.seen()) == {"02/乙.xlsx"}
    for _ in range(TRIES):
        note_try(office, "02/乙.xlsx", "02/乙.xlsx", POISONOUS)
    assert due_again(office, office.store.known_files.seen()) == frozenset()
    office.store.close()
