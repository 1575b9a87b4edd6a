"""``syncer resolve``: one ruling of the coordinator from the command line, or one taken back."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import date

from syncer.commands.console import Console, office_of
from syncer.control import ledger_in_force
from syncer.core.inbox.choices import CHOICES, taken, word_of
from syncer.core.inbox.lines import Inbox, typed_value
from syncer.core.model import Ledger
from syncer.core.names import Names
from syncer.core.state import Question
from syncer.core.values import Scalar, show
from syncer.errors import EXIT_DONE, BusyError, ConfigError
from syncer.inbox import inbox_of
from syncer.requests import Request, carry_out, leave_request
from syncer.workspace import Office

PATIENCE_SECONDS = 5.0  # for the daemon to carry it out while we look


def run(args: argparse.Namespace) -> int:
    """Decides on one matter, or has the daemon do so where it holds the workspace."""
    console = Console(args)
    with ExitStack() as stack:
        office, alone = _open(stack, args)
        ledger = ledger_in_force(office, args.as_of or date.today())
        questions = _find(inbox_of(office, ledger), args.id, undo=args.undo)
        requests = [_request(ledger, question, args) for question in questions]
        for request in requests:
            if alone:
                carry_out(office, ledger, request)
            else:
                leave_request(office, request)
        done = alone or _seen_done(office, ledger, requests)
        _say(console, ledger, questions, requests, alone=alone, done=done)
    state = "done" if done else "requested"
    ids = [question.id for question in questions]
    console.emit({"version": 1, "exit": EXIT_DONE, "id": args.id, "members": ids, "state": state, "undo": args.undo})
    return EXIT_DONE


def _open(stack: ExitStack, args: argparse.Namespace) -> tuple[Office, bool]:
    """Holds the workspace alone, or, where another syncer has it, beside that one."""
    try:
        return stack.enter_context(office_of(args)), True
    except BusyError:
        return stack.enter_context(office_of(args, alone=False)), False


def _find(inbox: Inbox, wanted: str, *, undo: bool) -> Sequence[Question]:
    """Returns the questions that an id, or the beginning of one, stands for; of a group all of them."""
    lines = inbox.done if undo else inbox.waiting
    known: dict[str, Sequence[Question]] = {q.id: (q,) for line in lines for q in line.questions}
    known |= {line.id: line.questions for line in lines}
    found = _beginning(known, wanted)
    if not found and not undo and _beginning({line.id: () for line in inbox.done}, wanted):
        raise ConfigError(
            f"“{wanted}”已经处理过；要改请先 syncer resolve {wanted} --undo / decided already: undo it first"
        )
    if not found:
        where = "已处理的事项里" if undo else "待处理的事项里"
        raise ConfigError(
            f"{where}没有编号“{wanted}”；用 syncer inbox 或在 待我处理.xlsx 里看编号 / no such id: see syncer inbox"
        )
    if len(found) > 1:
        raise ConfigError(f"“{wanted}”不止一项：{'、'.join(found)} / more than one begins like this")
    return known[found[0]]


def _beginning(known: Mapping[str, object], wanted: str) -> list[str]:
    """Returns the ids that begin like this; the one that is this, if there is one."""
    begin = wanted.strip().casefold()
    found = [name for name in known if begin and name.casefold().startswith(begin)]
    return [name for name in found if name.casefold() == begin] or found


def _request(ledger: Ledger, question: Question, args: argparse.Namespace) -> Request:
    if args.undo:
        return Request(question.id, undo=True)
    take, text = taken(question.kind, args.take)
    if not take:
        choices = CHOICES.get(question.kind, {})
        offered = "、".join(f"{name}（{word}）" for word, name in choices.items() if name != "value")
        own = "，或直接写内容" if "value" in choices.values() else ""
        raise ConfigError(f"事项 {question.id} 不能这样处理；可选：{offered or '（只供查看）'}{own} / no such answer")
    value: Scalar = typed_value(ledger, question, text) if take == "value" else None
    return Request(question.id, take, value)


def _seen_done(office: Office, ledger: Ledger, requests: Sequence[Request]) -> bool:
    """Waits a little for the daemon, and tells whether it has carried all of it out."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = [(r, office.store.questions.get(ledger, r.question)) for r in requests]
        if all(question and question.state != ("ruled" if r.undo else "open") for r, question in found):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)


def _say(
    console: Console,
    ledger: Ledger,
    questions: Sequence[Question],
    requests: Sequence[Request],
    *,
    alone: bool,
    done: bool,
) -> None:
    names = Names(ledger)
    for question, request in zip(questions, requests, strict=True):
        column = names.column(question.sheet, question.column)
        where = " ".join(filter(None, (names.unit(question.unit), question.row_key, column)))
        value = f"“{show(request.value)}”" if request.take == "value" else ""
        word = "撤销，重新待处理" if request.undo else word_of(question.kind, request.take) + value
        said = "taken back" if request.undo else f"{request.take} {show(request.value)}".rstrip()
        console.say(f"{question.id} {where}：{word}", f"{question.id} {where}: {said}")
    if not done:
        console.say(
            "常驻程序正开着，已交给它，下一轮处理；结果见 待我处理.xlsx",
            "the daemon holds the workspace: it carries this out at its next pass",
        )
    elif not any(question.sheet and question.kind != "contradiction" for question in questions):
        console.say("已记下", "recorded")
    elif alone:
        console.say(
            "已记下。运行 syncer sync 后进入总台账，并在对方关闭工作簿后写回单位的表",
            "recorded; the next syncer sync brings it into the master, and into the unit's workbook once that is closed",
        )
    else:
        console.say(
            "常驻程序已处理，随即进入总台账，并在对方关闭工作簿后写回单位的表",
            "done by the daemon; it reaches the master at once and the unit's workbook once that is closed",
        )
