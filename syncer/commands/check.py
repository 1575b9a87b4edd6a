"""``syncer check``: validates workbooks; writes nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from syncer.arrivals import Arrival
from syncer.commands.console import Console, workspace_of
from syncer.control import ledger_in_force
from syncer.core.model import Ledger
from syncer.core.problems import Problem, Severity
from syncer.errors import EXIT_DONE, EXIT_PERSON, ConfigError
from syncer.messages import line, severity_of
from syncer.publish import problems_in_words
from syncer.sync import decide
from syncer.watch.folder import is_workbook_name
from syncer.workspace import Office


def run(args: argparse.Namespace) -> int:
    """Checks the files named, and the workbooks in the folders named."""
    console = Console(args)
    files = list(_files(args.paths))
    problems: list[Problem] = []
    with Office(workspace_of(args)) as office:
        ledger = ledger_in_force(office, args.as_of or date.today())
        for path in files:
            problems += check_file(office, ledger, path)
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


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and is_workbook_name(p.name))
        elif path.exists():
            yield path
        else:
            raise ConfigError(f"没有这个文件：{path} / no such file")


def check_file(office: Office, ledger: Ledger, path: Path) -> list[Problem]:
    """Returns what a sync would say of one workbook, compared with what was issued or last taken in."""
    arrival = Arrival(path, path.name, "", "", path, "")
    taken = decide(office, ledger, arrival, office.readers.read(path))
    if taken.refused:
        return [taken.refused]
    return list(taken.plan.problems) if taken.plan else []
