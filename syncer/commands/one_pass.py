"""One pass over the shared folder, for ``syncer sync``: made, told, and remembered where it found nothing to do."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from syncer.alone import alone_in
from syncer.books import without_book
from syncer.commands.console import Console, workspace_of
from syncer.control import ledger_in_force
from syncer.core.problems import Problem
from syncer.core.reports.changes import KINDS
from syncer.core.state import Question
from syncer.core.values import show
from syncer.due import next_hour
from syncer.errors import EXIT_DONE, EXIT_PERSON
from syncer.eta import Eta
from syncer.idle import Said, Surroundings, remember
from syncer.messages import line
from syncer.publish import problems_in_words
from syncer.sync import Synced, changed_rows, sync
from syncer.workspace import CONTROL_BOOK, INBOX_BOOK, Office, Workspace

PROGRESS_SECONDS = 2.0


def one_pass(args: argparse.Namespace, console: Console, asked: Mapping[str, Any]) -> int:
    """Runs one pass and says what came of it; one that found nothing to do is remembered, with what was ``asked``."""
    workspace = workspace_of(args)
    around = _surroundings(workspace, asked)
    with alone_in(workspace.root, around.state):
        before, began = around.mark(), datetime.now()
        with Office(workspace) as office:
            office.hold()
            done = sync(
                office, as_of=args.as_of, dry_run=args.dry_run, progress=Eta(console.progress, PROGRESS_SECONDS)
            )
            until = None if args.dry_run else _idle_until(office, done, args.as_of or began.date(), began)
        code = EXIT_PERSON if done.needs_a_person else EXIT_DONE
        console.emit(as_json(done, code, console.language))
        if not console.json:
            say_done(console, done, dry_run=args.dry_run)
        if until and before and around.mark() == before:
            remember(around, before, began, until, Said(console.said, code))
    return code


def _surroundings(workspace: Workspace, asked: Mapping[str, Any]) -> Surroundings:
    f = workspace.config.folders
    read_or_written = [f.control, f.units, f.master, f.weekly, f.feedback]
    return Surroundings(workspace.root, f.state, read_or_written, f.inbox, asked)


def _idle_until(office: Office, done: Synced, day: date, began: datetime) -> datetime | None:
    """Returns until when no pass need be made if nothing happens; ``None`` if this one did something, or something waits."""
    on_a_server = office.workspace.config.database.url  # of what others do there, no file here tells
    if on_a_server or not done.is_idle:
        return None
    ledger = ledger_in_force(office, day)
    return None if without_book(office, ledger) else next_hour(office, ledger, began)


def as_json(done: Synced, code: int, language: str) -> dict[str, Any]:
    """Returns one pass in the form of the command-line contract."""
    return {
        "version": 1,
        "exit": code,
        "issued": done.issued,
        "read": [taken.file for taken in done.taken],
        "unchanged": done.unchanged,
        "waiting": done.waiting,
        "rows": changed_rows(done.taken),
        "problems": problems_in_words(done.problems, language),
        "conflicts": [question_json(question) for question in done.questions if question.sheet],
        "published": done.publication.paths,
        "delivered": [delivered.file for delivered in done.delivered if delivered.cells],
        "refused": refused_json(done.refused, language),
    }


def refused_json(problems: Sequence[Problem], language: str) -> list[dict[str, str]]:
    """Returns refused files in the form of the command-line contract."""
    return [
        {"file": p["file"], "code": p["code"], "reason": p["message"], "fix": p["fix"]}
        for p in problems_in_words(problems, language)
    ]


def question_json(question: Question) -> dict[str, str]:
    """Returns one question in the form of the command-line contract."""
    return {
        "id": question.id,
        "kind": question.kind,
        "unit": question.unit,
        "sheet": question.sheet,
        "row_key": question.row_key,
        "column": question.column,
        "base": show(question.base),
        "current": show(question.current),
        "incoming": show(question.incoming),
        "source": f"{question.source.file} › {question.source.sheet}!{question.source.row}",
    }


def say_done(console: Console, done: Synced, *, dry_run: bool = False) -> None:
    """Says what came of one pass, a line each."""
    for path in done.issued:
        console.say(f"已下发 {path}", f"issued {path}")
    for taken in done.taken:
        if taken.plan:
            console.say(
                f"{'将读取' if dry_run else '已读取'} {taken.file}：{taken.plan.filled_rows}行，{taken.cells}格有变化",
                f"{'would read' if dry_run else 'read'} {taken.file}: {taken.plan.filled_rows} rows, {taken.cells} cells changed",
            )
        elif taken.before:
            console.say(f"{taken.file} 以前收过，没有重复并入", f"{taken.file} was taken in before")
    for path in done.put_away.moved:
        console.say(f"已移到 {path}", f"put away as {path}")
    for path in done.put_away.waiting:
        console.say(f"已收下、关闭后移走：{path}", f"taken in, moved away once it is closed: {path}")
    if done.inbox_shown.waits:
        console.say(f"正打开着、关闭后更新：{INBOX_BOOK}", f"open, written once it is closed: {INBOX_BOOK}")
    for problem in (*done.refused, *done.problems):
        console.say(line(problem), line(problem, "en"))
    for question in done.questions:
        where = " ".join(filter(None, (question.unit, question.row_key, question.column)))
        change = f"{show(question.current) or '—'} → {show(question.incoming) or '—'}" if question.column else ""
        console.say(
            f"待创建办处理 {question.id} [{KINDS.get(question.kind, question.kind)}] {question.row_key or question.source.file} {change}".rstrip(),
            f"waiting {question.id} [{question.kind}] {where} {change}".rstrip(),
        )
    for path in done.waiting:
        if dry_run and PurePath(path).name == CONTROL_BOOK:
            console.say(
                f"{path} 改过了，这次没有读，按现在生效的设置算；会改什么请用 syncer check 看",
                f"{path} was changed and is not read now: the settings in force hold; see what it would change with syncer check",
            )
        else:
            console.say(f"{path} 正在保存，下次再读", f"{path} is still being saved; next time")
    for delivered in done.delivered:
        if delivered.cells:
            console.say(
                f"已写回 {delivered.file}：{delivered.cells}格",
                f"delivered to {delivered.file}: {delivered.cells} cells",
            )
    for path in done.publication.paths:
        console.say(f"已发布 {path}", f"published {path}")
    console.say(
        f"完成：读取{len(done.taken)}份，未变{done.unchanged}份，问题{len(done.problems) + len(done.refused)}个，待处理{len(done.questions)}项",
        f"done: {len(done.taken)} read, {done.unchanged} unchanged, {len(done.problems) + len(done.refused)} problems, "
        f"{len(done.questions)} waiting",
    )
