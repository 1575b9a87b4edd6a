"""``syncer template show``: the compiled schema as text, for people and for ``git diff``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date

from syncer.commands.console import Console, workspace_of
from syncer.core.model import Column, Ledger, Refusal, Sheet
from syncer.core.schema import compile_ledger
from syncer.core.values import show
from syncer.errors import EXIT_DONE, EXIT_PERSON, ConfigError
from syncer.excel.reading import Readers
from syncer.messages import line, speak


def run(args: argparse.Namespace) -> int:
    """Compiles a control workbook and prints it."""
    console = Console(args)
    path = args.file or workspace_of(args).control_book
    if not path.exists():
        raise ConfigError(f"没有这个文件：{path} / no such file")
    with Readers(1) as readers:
        book = readers.read(path)
    if isinstance(book, Refusal):
        raise ConfigError(f"{path}：读不了（{book.code}）/ cannot be read")
    ledger, problems = compile_ledger(book.tables, args.as_of or date.today())
    if not console.json:
        for text in lines(ledger) if ledger else ():
            print(text)
    for problem in problems:
        console.say(f"! {line(problem)}", f"! {line(problem, 'en')}")
    code = EXIT_PERSON if problems and not args.file else EXIT_DONE  # git takes any other exit for a failed conversion
    spoken = [{"code": p.code, "where": s.where, "message": s.what, "fix": s.do} for p in problems for s in [speak(p)]]
    console.emit({"version": 1, "exit": code, "schema": list(lines(ledger)) if ledger else [], "problems": spoken})
    return code


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
    facts += [f"from {column.options}"] if column.options else []
    if column.minimum is not None or column.maximum is not None:
        facts.append(f"{show(column.minimum) or '…'} to {show(column.maximum) or '…'}")
    facts += ["key"] if column.key else []
    facts += [f"also {'、'.join(column.aliases)}"] if column.aliases else []
    facts += [column.status.value] if column.status.value != "启用" else []
    return " · ".join(facts)
