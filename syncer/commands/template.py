"""``syncer template``: the compiled schema as text, what a changed 台账设置 would change, and agreeing to it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from syncer.commands.console import Console, office_of, workspace_of
from syncer.control import held_questions, ledger_in_force, take_up, would_change
from syncer.core.model import Book, Column, Ledger, Refusal, Sheet
from syncer.core.problems import Severity
from syncer.core.state import Question
from syncer.core.template.facts import TemplateChange
from syncer.core.template.schema import compile_ledger
from syncer.core.texts import line_text
from syncer.core.values import show
from syncer.errors import EXIT_DONE, EXIT_PERSON, ConfigError
from syncer.excel.reading import Readers
from syncer.messages import line, severity_of, speak
from syncer.store.steps import Ruling

STATES = {
    "at once": ("立即生效", "at once"),
    "asks": ("须同意后生效", "held back until agreed to"),
    "refused": ("已答复不同意，保持原设置", "refused; the former settings stay"),
}


def run(args: argparse.Namespace) -> int:
    """Shows a control workbook, says what it would change, or agrees to all that is held back."""
    return {"show": _show, "diff": _diff, "apply": _apply}[args.action](args, Console(args))


def _show(args: argparse.Namespace, console: Console) -> int:
    """Compiles a control workbook and prints it."""
    path = args.file or workspace_of(args).control_book
    with Readers(1) as readers:
        book = _read(readers, path)
    ledger, problems = compile_ledger(book.tables, args.as_of or date.today())
    if not console.json:
        for text in lines(ledger) if ledger else ():
            print(line_text(text))
    for problem in problems:
        console.say(f"! {line(problem)}", f"! {line(problem, 'en')}")
    code = EXIT_PERSON if problems and not args.file else EXIT_DONE  # git takes any other exit for a failed conversion
    spoken = [{"code": p.code, "where": s.where, "message": s.what, "fix": s.do} for p in problems for s in [speak(p)]]
    console.emit({"version": 1, "exit": code, "schema": list(lines(ledger)) if ledger else [], "problems": spoken})
    return code


def _diff(args: argparse.Namespace, console: Console) -> int:
    """Prints what a control workbook would change in the ledger in force, and what of it would be held back."""
    with office_of(args, alone=False) as office:
        day = args.as_of or date.today()
        ledger_in_force(office, day)  # before the first sync: the workbook's own
        book = _read(office.readers, args.file or office.workspace.control_book)
        changes, problems = would_change(office, book.tables, day)
        asked = held_questions(office)
    states = {change.id: _state(change, asked) for change in changes}
    for change in changes:
        zh, en = STATES[states[change.id]]
        console.say(
            f"[{zh}] {change.what}：{change.zh}" + (f"（{change.effect}）" if change.effect else ""),
            f"[{en}] {change.what}: {change.en}" + (f" ({change.effect_en})" if change.effect_en else ""),
        )
    if not changes:
        console.say("与现行设置没有差别", "no difference from the settings in force")
    for problem in problems:
        console.say(f"! {line(problem)}", f"! {line(problem, 'en')}")
    loud = [problem for problem in problems if severity_of(problem) is not Severity.NOTE]
    code = EXIT_PERSON if loud or "asks" in states.values() else EXIT_DONE
    listed = [_json(change, states[change.id], console) for change in changes]
    spoken = [{"code": p.code, "where": t.where, "message": t.what, "fix": t.do} for p in problems for t in [speak(p)]]
    console.emit({"version": 1, "exit": code, "changes": listed, "problems": spoken})
    return code


def _state(change: TemplateChange, asked: Mapping[str, Question]) -> str:
    question = asked.get(change.id)
    if question is not None:
        return {"reject": "refused", "accept": "at once"}.get(question.ruling, "asks")
    return "asks" if change.takes_away else "at once"


def _json(change: TemplateChange, state: str, console: Console) -> dict[str, object]:
    return {
        "id": change.id,
        "kind": change.kind,
        "what": change.what,
        "change": console.words(change.zh, change.en),
        "effect": console.words(change.effect, change.effect_en),
        "takes_away": change.takes_away,
        "state": state,
    }


def _apply(args: argparse.Namespace, console: Console) -> int:
    """Agrees to everything that is held back, what was refused before included, and puts it in force."""
    with office_of(args) as office:
        day = args.as_of or office.clock().date()
        take_up(office, day)
        agreed = list(held_questions(office).values())
        for question in agreed:
            office.store.questions.rule(question, Ruling("accept", at=office.now(), by="command line"))
        take_up(office, day)
    for question in agreed:
        console.say(
            f"已同意 {question.id} {question.row_key}：{question.text}", f"agreed {question.id} {question.text}"
        )
    if agreed:
        console.say(
            f"共{len(agreed)}项，已经生效；汇总和各单位的工作簿在下一次合并时跟上（syncer sync）",
            f"{len(agreed)} in force; the master and the workbooks follow at the next sync",
        )
    else:
        console.say("没有需要同意的设置改动", "nothing is held back")
    listed = [{"id": q.id, "what": q.row_key, "text": q.text} for q in agreed]
    console.emit({"version": 1, "exit": EXIT_DONE, "agreed": listed})
    return EXIT_DONE


def _read(readers: Readers, path: Path) -> Book:
    if not path.exists():
        raise ConfigError(f"没有这个文件：{path} / no such file")
    book = readers.read(path)
    if isinstance(book, Refusal):
        raise ConfigError(f"{path}：读不了（{book.code}）/ cannot be read")
    return book


def lines(ledger: Ledger) -> Iterator[str]:
    """Yields the ledger as text, in a fixed order, one fact a line, so that differences read well."""
    settings = ledger.settings
    yield f"# {settings.office} {settings.ledger_name} {settings.year}"
    for name in settings.__slots__:
        if name not in {"colours", "office", "ledger_name", "year"}:
            yield f"setting {name} = {getattr(settings, name)}"
    for light, colour in settings.colours:
        yield f"colour {light} = {colour}"
    for sheet in ledger.sheets:
        yield ""
        yield f"sheet {sheet.code} {sheet.name} · {_sheet_facts(sheet)}"
        for column in (*sheet.columns, *sheet.retired):
            yield f"  {column.code} {column.name} · {_column_facts(column)}"
    yield ""
    for unit in ledger.units:
        yield f"unit {unit.code} {unit.short} · {unit.name} · {unit.category} · {'、'.join(unit.groups)}"
    yield ""
    for task in ledger.tasks:
        target = f"{show(task.target)}{task.measure}" if task.target is not None else "—"
        due = f"{task.deadline.kind} {task.deadline.due or ''}".strip()
        yield f"task {task.id} {task.number} {task.title} · {task.leads_text} / {task.supports_text}"
        yield f"  {task.deadline.text} = {due}, {len(task.deadline.milestones)} milestones · {task.metric} {target}"
    yield ""
    for name, choices in ledger.options:
        yield f"options {name}: {'、'.join(choice.text for choice in choices)}"
    for rule in ledger.rules:
        yield f"rule {rule.number} {rule.sheet} [{rule.level} {rule.status}] {rule.condition} ⇒ {rule.demand}"
    for day in ledger.days:
        yield f"day {day.day} {day.kind} {day.name}"


def _sheet_facts(sheet: Sheet) -> str:
    due = f" {sheet.start or ''}～{sheet.due or ''}" if sheet.start or sheet.due else ""
    return f"{sheet.kind} · {len(sheet.audience)} units · {sheet.reserved_rows} reserved · {sheet.period}{due}"


def _column_facts(column: Column) -> str:
    facts = [column.type.value, column.owner.value]
    facts += ["required"] if column.required else []
    facts += [f"required when {column.required_when}"] if column.required_when else []
    facts += [f"looks like {column.form}"] if column.form else []
    facts += [f"from {column.options}"] if column.options else []
    if column.minimum is not None or column.maximum is not None:
        facts.append(f"{show(column.minimum) or '…'} to {show(column.maximum) or '…'}")
    facts += ["key"] if column.key else []
    facts += [f"also {'、'.join(column.aliases)}"] if column.aliases else []
    facts += [column.status.value] if column.status.value != "启用" else []
    return " · ".join(facts)
