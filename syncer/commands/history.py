"""``syncer history``: what happened to a row, cell by cell."""

from __future__ import annotations

import argparse
from datetime import date

from syncer.commands.console import Console, office_of
from syncer.control import ledger_in_force
from syncer.core.model import Ledger
from syncer.core.state import Change
from syncer.core.values import fold, show
from syncer.errors import EXIT_DONE, ConfigError

OUTCOMES = {"accepted": ("已入库", "taken"), "asked": ("待处理", "asked"), "noted": ("未采用", "not used")}


def run(args: argparse.Namespace) -> int:
    """Prints every recorded change of a task (by number) or a row (by id), oldest first."""
    console = Console(args)
    with office_of(args, alone=False) as office:
        ledger = ledger_in_force(office, args.as_of or date.today())
        ids = [task.id for task in ledger.tasks if fold(task.number) == fold(args.key)] or [args.key]
        changes = [c for c in office.store.history(ledger, ids) if _is_column(ledger, c, args.column)]
        if not changes and not office.store.has_row(ids):
            raise ConfigError(f"没有任务或记录“{args.key}” / no such task or row")
    for change in changes:
        zh, en = OUTCOMES.get(change.outcome, (change.outcome, change.outcome))
        unit = ledger.unit(change.unit)
        name = unit.short if unit else change.unit
        place = f"{change.source.file} › {change.source.sheet}!{change.source.row}"
        moved = f"{_column(ledger, change)}：{show(change.old) or '（空）'} → {show(change.new) or '（空）'}"
        console.say(
            f"{change.at.replace('T', ' ')}  {name}  {moved}  [{zh}]  {place}，{change.source.saved_at.replace('T', ' ')}保存",
            f"{change.at.replace('T', ' ')}  {name}  {moved}  [{en}]  {place}, saved {change.source.saved_at}",
        )
    if not changes:
        console.say("还没有任何变化", "no change yet")
    console.emit({"version": 1, "exit": EXIT_DONE, "key": args.key, "changes": [_json(ledger, c) for c in changes]})
    return EXIT_DONE


def _column(ledger: Ledger, change: Change) -> str:
    sheet = ledger.sheet(change.sheet)
    column = sheet.column(change.column) if sheet else None
    return column.name if column else change.column.removeprefix("+")


def _is_column(ledger: Ledger, change: Change, wanted: str) -> bool:
    return not wanted or fold(wanted) in {fold(change.column), fold(_column(ledger, change))}


def _json(ledger: Ledger, change: Change) -> dict[str, object]:
    return {
        "at": change.at,
        "unit": change.unit,
        "sheet": change.sheet,
        "row": change.row_id,
        "column": _column(ledger, change),
        "old": show(change.old),
        "new": show(change.new),
        "outcome": change.outcome,
        "source": f"{change.source.file} › {change.source.sheet}!{change.source.row}",
        "saved_at": change.source.saved_at,
        "version": change.source.version,
    }
