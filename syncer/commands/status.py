"""``syncer status``: how the units stand, from the database alone."""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import date
from typing import Any

from syncer.backup import backup_words
from syncer.commands.console import Console, office_of
from syncer.commands.one_pass import refused_json
from syncer.control import ledger_in_force, settings_problems
from syncer.core.delivery.plan import WAITS
from syncer.core.model import Unit
from syncer.core.problems import Severity
from syncer.core.state import UnitState
from syncer.errors import EXIT_DONE, EXIT_PERSON
from syncer.messages import line, severity_of
from syncer.receipts import to_mend
from syncer.reports import weekly_job
from syncer.store.deliveries import BookFacts
from syncer.store.facts import POINTERS
from syncer.workspace import CONTROL_BOOK

RECEIVED_SHOWN = 5  # files that came through 07收件箱, the last ones
STATES = {
    "missing": ("未下发", "not issued"),
    "issued": ("未填报", "never saved"),
    "current": ("正常", "taken in"),
    "refused": ("未采用", "refused"),
}


def run(args: argparse.Namespace) -> int:
    """Prints one line a unit."""
    console = Console(args)
    with office_of(args, alone=False) as office:
        day = args.as_of or date.today()
        ledger = ledger_in_force(office, day)
        state = office.store.state(ledger, rows=False, until=office.now())
        jobs = [weekly_job(office, ledger, office.clock())]
        wrong = office.store.known_files.wrong().values()
        settings = settings_problems(office, day)
        backup = backup_words(office)
        told = [p for file in wrong for p in file.problems if p.place.file != CONTROL_BOOK]
        refused, pointers = [p for p in told if p.code not in POINTERS], [p for p in told if p.code in POINTERS]
        received = office.store.received.latest(RECEIVED_SHOWN)
        books = {unit.code: office.store.deliveries.book(unit.code) for unit in ledger.units}
    waiting = Counter(q.unit for q in state.questions)
    units = [
        _facts(unit, known, books[unit.code], waiting[unit.code])
        for unit, known in zip(ledger.units, state.units, strict=True)
    ]
    loud = any(severity_of(p) is not Severity.NOTE for p in settings)
    code = (
        EXIT_PERSON if backup or refused or loud or any(u["problems"] or u["conflicts"] for u in units) else EXIT_DONE
    )
    for facts in units:
        console.say(*_lines(facts))
    for job in jobs:
        console.say(
            f"周报 {job['period']}：{job['words']}", f"weekly {job['period']}: {job['state']}, due {job['due']}"
        )
    if backup:
        console.say(backup, backup)
    for problem in settings:
        console.say(f"台账设置：{line(problem)}", f"台账设置: {line(problem, 'en')}")
    for entry in received:
        console.say(
            entry.text, f"received {entry.name}: {entry.verdict}{f', now {entry.place}' if entry.place else ''}"
        )
    for problem in pointers:
        console.say(line(problem), line(problem, "en"))
    for problem in refused:
        console.say(f"没有采用：{line(problem)}", f"refused: {line(problem, 'en')}")
    words = refused_json(refused, console.language)
    came = [
        {"unit": r.unit, "file": r.name, "at": r.at, "verdict": r.verdict, "receipt": r.text, "place": r.place}
        for r in received
    ]
    console.emit({"version": 1, "exit": code, "units": units, "jobs": jobs, "refused": words, "received": came})
    return code


def _facts(unit: Unit, known: UnitState, book: BookFacts | None, waiting: int) -> dict[str, Any]:
    """Returns how one unit stands, in the form of the command-line contract."""
    return {
        "unit": unit.short,
        "state": known.state,
        "last_saved": known.last_saved,
        "last_merged": known.last_change,
        "rows": known.rows,
        "problems": len(to_mend(known.problems)),
        "conflicts": waiting,
        "receipt": known.receipt,
        "waits": book.waits if book else "",
        "pending": book.pending if book else 0,
    }


def _lines(u: dict[str, Any]) -> tuple[str, str]:
    """Returns the same as one line, Chinese and English."""
    zh, en = STATES[u["state"]]
    saved = u["last_saved"].replace("T", " ")[:16]
    why_zh, why_en = WAITS.get(u["waits"], ("", ""))
    cells_zh, cells_en = (f"{u['pending']}格", f"{u['pending']} cells ") if u["pending"] else ("", "")
    due_zh = f"　待写回{cells_zh}：{why_zh}" if why_zh else ""
    due_en = f"  {cells_en}to deliver: {why_en}" if why_en else ""
    return (
        f"{_padded(u['unit'], 14)}{_padded(zh, 8)}{saved:18}{u['rows']:4}行 {u['problems']:3}个问题 {u['conflicts']:3}项待处理{due_zh}",
        f"{_padded(u['unit'], 14)}{en:12}{saved:18}{u['rows']:4} rows {u['problems']:3} problems {u['conflicts']:3} waiting{due_en}",
    )


def _padded(text: str, width: int) -> str:
    """Pads to a width in which a Chinese sign counts two."""
    return text + " " * max(1, width - sum(2 if ord(sign) > 0x2E80 else 1 for sign in text))
