"""``syncer check``: validates workbooks; writes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from syncer.arrivals import Arrival
from syncer.commands.console import Console, workspace_of
from syncer.control import ledger_in_force, would_change
from syncer.core.model import Book, Ledger, Refusal
from syncer.core.problems import Place, Problem, Severity
from syncer.core.template.schema import COLUMNS, SHEETS
from syncer.core.values import fold
from syncer.deciding import decide
from syncer.errors import EXIT_DONE, EXIT_PERSON, ConfigError
from syncer.messages import line, severity_of
from syncer.publish import problems_in_words
from syncer.watch.scan import is_workbook_name
from syncer.workspace import CONTROL_BOOK, INBOX_BOOK, Office


def run(args: argparse.Namespace) -> int:
    """Checks the files named, and the workbooks in the folders named."""
    console = Console(args)
    problems: list[Problem] = []
    with Office(workspace_of(args)) as office:
        files = list(_files(office, args.paths))
        as_of = args.as_of or date.today()
        ledger = ledger_in_force(office, as_of)
        for path in files:
            problems += check_file(office, ledger, path, as_of)
    loud = [p for p in problems if severity_of(p) is not Severity.NOTE]
    code = EXIT_PERSON if loud else EXIT_DONE
    for problem in problems:
        console.say(line(problem), line(problem, "en"))
    console.say(
        f"检查了{len(files)}份：{len(loud)}个问题，{len(problems) - len(loud)}条提示",
        f"{len(files)} checked: {len(loud)} problems, {len(problems) - len(loud)} notes",
    )
    words = problems_in_words(problems, console.language)
    console.emit({"version": 1, "exit": code, "checked": [str(path) for path in files], "problems": words})
    return code


def _files(office: Office, paths: list[Path]) -> Iterator[Path]:
    """The files named; of folders, what people fill in: not what the program itself made beside it."""
    folders = office.workspace.config.folders
    made = (folders.master, folders.weekly, folders.feedback, folders.system, folders.state)
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.absolute().rglob("*") if p.is_file() and is_workbook_name(p.name))
            ours = [folder for folder in made if not path.absolute().is_relative_to(folder)]
            yield from (p for p in found if not any(p.is_relative_to(folder) for folder in ours) and not _generated(p))
        elif path.exists():
            yield path
        else:
            raise ConfigError(f"没有这个文件：{path} / no such file")


def _generated(path: Path) -> bool:
    return path.name == INBOX_BOOK or path.stem.endswith(("填报提示", "（送审稿）"))


def check_file(office: Office, ledger: Ledger, path: Path, as_of: date) -> list[Problem]:
    """Returns what a sync would say of one workbook, compared with what was issued or last taken in."""
    book = office.readers.read(path)
    if _is_control(book, path):
        return _check_control(office, book, path, as_of)
    taken = decide(office, ledger, Arrival(path, path.name, "", "", path, ""), book)
    if taken.refused:
        return [taken.refused]
    return list(taken.plan.problems) if taken.plan else []


def _is_control(book: Book | Refusal, path: Path) -> bool:
    """Whether this is a control workbook, of whatever name: it holds the settings that make one."""
    if isinstance(book, Refusal):
        return path.name == CONTROL_BOOK
    return {fold(COLUMNS), fold(SHEETS)} <= {fold(table.name) for table in book.tables}


def _check_control(office: Office, book: Book | Refusal, path: Path, as_of: date) -> list[Problem]:
    if isinstance(book, Refusal):
        return [Problem(book.code, Place(path.name), facts=book.facts)]
    _, found = would_change(office, book.tables, as_of)
    return [replace(problem, place=replace(problem.place, file=path.name)) for problem in found]
