"""``syncer adopt``: an office's own ledgers become units' workbooks, by way of a proposal that the coordinator corrects."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from syncer.commands.console import Console, office_of
from syncer.errors import EXIT_DONE, EXIT_PERSON, ConfigError

if TYPE_CHECKING:
    from syncer.adopting import Applied, Proposed
    from syncer.core.problems import Problem


def run(args: argparse.Namespace) -> int:
    """Writes the proposal for the files named, or does what it says."""
    from syncer.adopting import apply, propose  # noqa: PLC0415
    from syncer.control import take_up  # noqa: PLC0415

    if args.apply == bool(args.paths):
        raise ConfigError(
            "写原来的台账文件或文件夹，生成导入方案；或写 --apply，照方案导入\n"
            "name the office's files or a folder to get a proposal, or --apply to carry it out"
        )
    console = Console(args)
    with office_of(args) as office:
        control = take_up(office, args.as_of or date.today())
        if args.apply:
            return _applied(console, apply(office, control))
        return _proposed(console, propose(office, control.ledger, list(_files(args.paths))))


def _files(paths: list[Path]) -> Iterator[Path]:
    """Yields the workbooks named and those in the folders named, each once."""
    from syncer.watch.scan import is_workbook_name  # noqa: PLC0415

    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise ConfigError(f"没有这个文件：{path} / no such file")
        inside = (
            sorted(p for p in path.rglob("*") if p.is_file() and is_workbook_name(p.name)) if path.is_dir() else [path]
        )
        for one in inside:
            if one.resolve() not in seen:
                seen.add(one.resolve())
                yield one.resolve()
    if not seen:
        raise ConfigError("没有找到工作簿 / no workbook found")


def _proposed(console: Console, done: Proposed) -> int:
    _tell(console, done.problems)
    console.say(
        f"读到{done.tables}张表、{done.columns}栏，其中{done.unsure}栏要看一眼；{done.unplanned}项任务不在任务分解里。",
        f"{done.tables} tables, {done.columns} columns, {done.unsure} of them to be looked at; {done.unplanned} tasks in no plan.",
    )
    console.say(
        f"请打开 {done.path}，改好黄色的格，保存并关闭，再运行：syncer adopt --apply",
        f"open {done.path}, correct the yellow cells, save and close it, then run: syncer adopt --apply",
    )
    code = EXIT_PERSON
    counts = {"tables": done.tables, "columns": done.columns, "unsure": done.unsure, "unplanned": done.unplanned}
    result = {"version": 1, "exit": code, "proposal": done.path, **counts}
    console.emit({**result, "problems": _in_words(console, done.problems)})
    return code


def _applied(console: Console, done: Applied) -> int:
    _tell(console, done.problems)
    code = EXIT_PERSON if done.stopped or done.problems or done.unplaced else EXIT_DONE
    if done.stopped:
        console.say("什么也没有写入：请先改好导入方案", "nothing was written: correct the proposal first")
    else:
        for one in done.written:
            if one.done or one.problem is None:  # else it has been said
                console.say(f"{one.file}：{one.said}", f"{one.file}: {'written' if one.done else 'not written'}")
        console.say(
            f"写入{done.cells}格；{done.unplaced}格没有位置或与任务分解不同，见 {done.report}。下一步：syncer sync",
            f"{done.cells} cells written; {done.unplaced} found no place or differ from the plan, see {done.report}. Next: syncer sync",
        )
    written = [{"unit": one.unit, "file": one.file, "written": one.done} for one in done.written]
    result = {"version": 1, "exit": code, "stopped": done.stopped, "written": written, "report": done.report}
    result |= {"cells": done.cells, "unplaced": done.unplaced}
    console.emit({**result, "problems": _in_words(console, done.problems)})
    return code


def _tell(console: Console, problems: tuple[Problem, ...]) -> None:
    from syncer.messages import line  # noqa: PLC0415

    for problem in problems:
        console.say(line(problem), line(problem, "en"))


def _in_words(console: Console, problems: tuple[Problem, ...]) -> list[dict[str, object]]:
    from syncer.publish import problems_in_words  # noqa: PLC0415

    return problems_in_words(list(problems), console.language)  # type: ignore[return-value]
