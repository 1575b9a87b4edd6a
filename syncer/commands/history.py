"""``syncer history``: what happened to a row, cell by cell, who ruled on it, and where its present content comes from."""

from __future__ import annotations

import argparse
from datetime import date

from syncer.commands.console import Console, office_of
from syncer.control import ledger_in_force
from syncer.core.inbox.choices import word_of
from syncer.core.model import Ledger
from syncer.core.roster import roster_of
from syncer.core.state import Change, Question
from syncer.core.values import fold, show
from syncer.errors import EXIT_DONE, ConfigError
from syncer.store.trail import Trail
from syncer.tracing import Event, Origin, find_rows, provenance, with_rulings

OUTCOMES = {
    "accepted": ("已入库", "taken"),
    "asked": ("待处理", "asked"),
    "noted": ("未采用", "not used"),
    "removed": ("移出台账", "taken out"),
    "ruled": ("裁定", "ruled"),
    "undone": ("撤销裁定", "ruling taken back"),
}
RULERS = {
    "inbox": ("《待我处理》", "the inbox"),
    "command line": ("命令行", "the command line"),
    "unit": ("本单位", "the unit"),
}
ORIGINS = {
    "save": ("保存", "saved"),
    "issue": ("下发时的内容", "as handed out"),
    "ruling": ("裁定", "ruled"),
    "plan": ("保存", "saved"),
    "adjustment": ("已同意的调整申请", "an accepted proposal"),
}


def run(args: argparse.Namespace) -> int:
    """Prints every recorded change of a task, a row or a record, oldest first, and where what stands now comes from."""
    console = Console(args)
    with office_of(args, alone=False) as office:
        ledger = ledger_in_force(office, args.as_of or date.today())
        trail = Trail(office.store.engine)
        unit = _unit(ledger, args.unit) if args.unit else ""
        rows = trail.rows(ledger, unit)
        ids = find_rows(ledger, trail, rows, args.key, unit)
        changes = [c for c in trail.changes(ledger, unit=unit, row_ids=ids) if _is_column(ledger, c, args.column)]
        asked = [q for q in trail.questions(ledger, ids, unit) if q.state == "ruled"]
        events = with_rulings(changes, [q for q in asked if not q.column or _is_column(ledger, q, args.column)])
        standing = [row for row in rows if row.id in ids]
        origins = [o for o in provenance(office, ledger, standing, trail) if _is_column(ledger, o, args.column)]
    for event in events:
        console.say(*_in_words(ledger, event))
    if not events:
        console.say("还没有任何变化", "no change yet")
    for origin in origins:
        console.say(*_origin_in_words(ledger, origin))
    listed = [_json(ledger, event) for event in events]
    now = [_origin_json(ledger, origin) for origin in origins]
    console.emit({"version": 1, "exit": EXIT_DONE, "key": args.key, "changes": listed, "provenance": now})
    return EXIT_DONE


def _unit(ledger: Ledger, name: str) -> str:
    code = roster_of(ledger).find(name)
    if code is None:
        raise ConfigError(f"《单位名录》里没有“{name}” / not in the roster")
    return code


def _column(ledger: Ledger, thing: Change | Question | Origin) -> str:
    code = thing.row.sheet if isinstance(thing, Origin) else thing.sheet
    sheet = ledger.sheet(code)
    column = next((c for c in (*sheet.columns, *sheet.retired) if c.code == thing.column), None) if sheet else None
    return column.name if column else thing.column.removeprefix("+")


def _is_column(ledger: Ledger, thing: Change | Question | Origin, wanted: str) -> bool:
    return not wanted or fold(wanted) in {fold(thing.column), fold(_column(ledger, thing))}


def _in_words(ledger: Ledger, event: Event) -> tuple[str, str]:
    change, ruling = event.change, event.ruling
    zh, en = OUTCOMES.get(change.outcome, (change.outcome, change.outcome))
    if ruling:
        by_zh, by_en = RULERS.get(ruling.ruled_by, (ruling.ruled_by, ruling.ruled_by))
        word = "" if ruling.ruling == "unit" else f"：{word_of(ruling.kind, ruling.ruling)}"  # the unit itself
        zh, en = f"{zh}{word}，{by_zh} {ruling.id}", f"{en}{word}, by {by_en}, {ruling.id}"
    place = f"{change.source.file} › {change.source.sheet}!{change.source.row}"
    moved = f"{show(change.old) or '（空）'} → {show(change.new) or '（空）'}"
    what = f"{_column(ledger, change)}：{moved}" if change.column else "整行"
    start = f"{_clock(change.at)}  {ledger.unit_name(change.unit)}  {what}"
    version = f"，第{change.source.version}版" if change.source.version else ""
    number = f", version {change.source.version}" if change.source.version else ""
    return (
        f"{start}  [{zh}]  {place}，{_clock(change.source.saved_at)}保存{version}",
        f"{start}  [{en}]  {place}, saved {_clock(change.source.saved_at)}{number}",
    )


def _origin_in_words(ledger: Ledger, origin: Origin) -> tuple[str, str]:
    zh, en = ORIGINS[origin.kind]
    what = f"{ledger.unit_name(origin.row.unit)}  {_column(ledger, origin)}：{show(origin.value)}"
    when, version = _clock(origin.source.saved_at), origin.source.version
    return (
        f"现值  {what}  ← {origin.place}，{when} {zh}，第{version}版",
        f"now  {what}  ← {origin.place}, {en} {when}, version {version}",
    )


def _clock(iso: str) -> str:
    return iso.replace("T", " ")


def _json(ledger: Ledger, event: Event) -> dict[str, object]:
    change, ruling = event.change, event.ruling
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
        "question": ruling.id if ruling else "",
        "ruling": ruling.ruling if ruling else "",
        "ruled_by": ruling.ruled_by if ruling else "",
    }


def _origin_json(ledger: Ledger, origin: Origin) -> dict[str, object]:
    return {
        "unit": origin.row.unit,
        "sheet": origin.row.sheet,
        "row": origin.row.id,
        "column": _column(ledger, origin),
        "value": show(origin.value),
        "from": origin.kind,
        "source": origin.place,
        "saved_at": origin.source.saved_at,
        "version": origin.source.version,
    }
