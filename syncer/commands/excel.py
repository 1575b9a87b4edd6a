"""``syncer excel``: a workbook that stands open in this computer's Excel, checked, filled and marked as it stands."""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path

from syncer.commands.check import check_file
from syncer.commands.console import Console, workspace_of
from syncer.control import ledger_in_force
from syncer.core.model import Ledger
from syncer.core.problems import Problem, Severity
from syncer.errors import EXIT_DONE, EXIT_PERSON, ConfigError
from syncer.excel.live.notes import Clear, Highlight, Marked
from syncer.excel.live.process import Worker
from syncer.messages import in_full, line, severity_of, speak
from syncer.open_unit_book import as_it_stands, done_by, push_into
from syncer.publish import problems_in_words
from syncer.workspace import Office


def run(args: argparse.Namespace) -> int:
    """Does one of the three; 4 where Excel is not there, does not have the file open, or takes no calls."""
    console, path = Console(args), Path(args.file)
    if not path.exists():
        raise ConfigError(f"没有这个文件：{path} / no such file")
    with Office(workspace_of(args)) as office, Worker() as worker:
        as_of = args.as_of or date.today()
        ledger = ledger_in_force(office, as_of)
        match args.action:
            case "pull":
                return _pull(console, office, worker, ledger, path, as_of)
            case "push":
                return _push(console, office, worker, ledger, path, as_of)
            case _ if args.clear:
                return _clear(console, worker, path)
            case _:
                return _highlight(console, office, worker, ledger, path, as_of)


def _problems(office: Office, worker: Worker, ledger: Ledger, path: Path, as_of: date) -> list[Problem]:
    """Returns what ``syncer check`` would say, had she saved just now."""
    data = as_it_stands(office, worker, path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(data)
        return check_file(office, ledger, copy, as_of)


def _pull(console: Console, office: Office, worker: Worker, ledger: Ledger, path: Path, as_of: date) -> int:
    problems = _problems(office, worker, ledger, path, as_of)
    loud = [p for p in problems if severity_of(p) is not Severity.NOTE]
    code = EXIT_PERSON if loud else EXIT_DONE
    for problem in problems:
        console.say(line(problem), line(problem, "en"))
    console.say(
        f"按打开着的样子检查：{len(loud)}个问题，{len(problems) - len(loud)}条提示",
        f"checked as it stands open: {len(loud)} problems, {len(problems) - len(loud)} notes",
    )
    words = problems_in_words(problems, console.language)
    console.emit({"version": 1, "exit": code, "checked": [str(path)], "problems": words})
    return code


def _push(console: Console, office: Office, worker: Worker, ledger: Ledger, path: Path, as_of: date) -> int:
    written, left = push_into(office, worker, ledger, path, as_of)
    console.say(
        f"写入{written}格。" + (f"另有{left}格等文件关闭后写入。" if left else ""),
        f"{written} cells written" + (f"; {left} wait until the file is closed" if left else ""),
    )
    console.emit({"version": 1, "exit": EXIT_DONE, "written": written, "waiting": left})
    return EXIT_DONE


def _highlight(console: Console, office: Office, worker: Worker, ledger: Ledger, path: Path, as_of: date) -> int:
    problems = [p for p in _problems(office, worker, ledger, path, as_of) if p.place.row and p.place.column]
    cells = tuple(Marked(p.place.sheet, p.place.row, p.place.column, _words(p)) for p in problems)
    marked, left = done_by(worker, Highlight(path.absolute(), cells)).found
    code = EXIT_PERSON if cells else EXIT_DONE
    console.say(
        f"标出{marked}格。" + (f"另有{left}格已有别人的批注，没有动。" if left else ""),
        f"{marked} cells marked" + (f"; {left} have notes of others and were left" if left else ""),
    )
    console.emit({"version": 1, "exit": code, "marked": marked, "left": left})
    return code


def _words(problem: Problem) -> str:
    spoken = speak(problem)
    return f"{in_full(spoken)} {spoken.do}（{problem.code}）"


def _clear(console: Console, worker: Worker, path: Path) -> int:
    cleared = done_by(worker, Clear(path.absolute())).found
    console.say(f"去掉{cleared}处标记。", f"{cleared} marks taken away")
    console.emit({"version": 1, "exit": EXIT_DONE, "cleared": cleared})
    return EXIT_DONE
