"""``syncer inbox``: what waits for the coordinator, as 待我处理.xlsx lists it."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from syncer.commands.console import Console, office_of
from syncer.commands.one_pass import question_json
from syncer.control import ledger_in_force
from syncer.core.inbox.choices import CHOICES
from syncer.core.inbox.lines import InboxLine
from syncer.errors import EXIT_DONE, EXIT_PERSON
from syncer.inbox import inbox_of


def run(args: argparse.Namespace) -> int:
    """Prints one paragraph a matter."""
    console = Console(args)
    with office_of(args, alone=False) as office:
        ledger = ledger_in_force(office, args.as_of or date.today())
        waiting = inbox_of(office, ledger).waiting
    for line in waiting:
        place = " ".join(filter(None, (line.unit, line.sheet, line.row, line.column)))
        console.say(f"{line.id}  [{line.label}] {place}", f"{line.id}  [{line.kind}] {place}")
        console.say(f"    {line.text}", f"    {line.text}")
        for zh, en, value in (
            ("上次", "base", line.base),
            ("目前", "current", line.current),
            ("报来", "incoming", line.incoming),
        ):
            if value:
                console.say(f"    {zh}：{value}", f"    {en}: {value}")
        if line.file:
            source = " ".join(filter(None, (" › ".join(filter(None, (line.file, line.place))), line.who)))
            saved = line.saved_at.replace("T", " ")
            zh, en = (f" {saved}保存", f", saved {saved}") if saved else ("", "")
            console.say(f"    来自 {source}{zh}", f"    from {source}{en}")
        choices = CHOICES.get(line.kind, {})
        zh, en = "、".join((*line.offers, *choices)), ", ".join((*line.offers, *choices.values()))
        console.say(f"    可选：{zh or '（只供查看）'}", f"    --take: {en or '(nothing to decide)'}")
    console.say(
        f"共{len(waiting)}项待处理；处理：syncer resolve 编号 --take 处理意见" if waiting else "没有要处理的事项",
        f"{len(waiting)} waiting; decide with: syncer resolve ID --take …" if waiting else "nothing waits",
    )
    code = EXIT_PERSON if waiting else EXIT_DONE
    console.emit({"version": 1, "exit": code, "items": [item_json(line) for line in waiting]})
    return code


def item_json(line: InboxLine) -> dict[str, Any]:
    """Returns one matter in the form of the command-line contract; of a group what is true of all its members."""
    first = line.questions[0]
    item: dict[str, Any] = {**question_json(first), "id": line.id}
    if len(line.questions) > 1:
        item |= {"row_key": line.row, "column": line.column, "base": "", "current": line.current, "incoming": ""}
    choices = {take: word for word, take in CHOICES.get(line.kind, {}).items()}
    members = [question.id for question in line.questions]
    return item | {"at": line.at, "who": line.who, "text": line.text, "choices": choices, "members": members}
