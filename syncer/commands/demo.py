"""``syncer demo``: a sample bureau through four weeks, with the ordinary flow; then says what to open."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from syncer.books import issue_missing
from syncer.commands.console import Console, office_of
from syncer.commands.init import make_workspace
from syncer.control import take_up
from syncer.core.calendar import Week
from syncer.errors import EXIT_DONE, BusyError, ConfigError, RefusedError
from syncer.messages import severity_of
from syncer.reports import draft_path, due_week, issue_week
from syncer.sample.clerk import OpenBook
from syncer.sample.records import YEAR
from syncer.sample.story import EVENTS, LOOKS, OPENED, Copy, CutShort, Event, Save
from syncer.store.disk import TEMPORARY
from syncer.sync import Synced, sync
from syncer.view import view
from syncer.watch.settle import Pace, Settler
from syncer.whereabouts import CONFIG_NAME
from syncer.workspace import Office, Workspace

_FRIDAY = 5
MARKER = "demo"  # in the state folder: what stands here was made by this command, and may be made anew
# Files of the story are renamed into place whole; only the one cut short is waited for, and nobody will mend it.
PACE = Pace(settle_seconds=0.05, give_up_seconds=0.3)


@dataclass(slots=True)
class Told:
    """What came of the story."""

    last: Synced = field(default_factory=Synced)
    weeks: list[tuple[str, str]] = field(default_factory=list)  # label, path


def run(args: argparse.Namespace) -> int:
    """Plays the story in ``args.directory``; an earlier demo there is made anew, anything else is left alone."""
    console = Console(args)
    started = time.monotonic()
    root = args.directory.resolve()
    clear_earlier(root)
    workspace = make_workspace(root, YEAR, sample=True)
    workspace.config.folders.state.mkdir(parents=True, exist_ok=True)
    (workspace.config.folders.state / MARKER).touch()
    told = Told()
    with office_of(argparse.Namespace(**{**vars(args), "workspace": root})) as office, _steps(console) as step:
        office.settler = Settler(PACE)
        play(office, told, step)
        files = list(_worth_opening(office, told))
    seconds = time.monotonic() - started
    _speak(console, root, told, files, seconds)
    console.emit(
        {
            "version": 1,
            "exit": EXIT_DONE,
            "workspace": str(root),
            "simulated": True,
            "from": OPENED.isoformat(),
            "to": LOOKS[-1].isoformat(),
            "weeks": [{"week": week, "path": path} for week, path in told.weeks],
            "problems": dict(sorted(Counter(p.code for p in (*told.last.refused, *told.last.problems)).items())),
            "questions": len(told.last.questions),
            "files": [{"path": path, "why": console.words(zh, en)} for path, zh, en in files],
        }
    )
    return EXIT_DONE


def _delivering(workspace: Workspace, now: datetime) -> Workspace:
    """The workspace as it delivers in a story of which weeks pass in seconds: at the end of a week, without two quiet minutes."""
    config, enabled = workspace.config, now.isoweekday() == _FRIDAY or now == LOOKS[-1]
    delivery = config.delivery.model_copy(update={"quiet_seconds": 0.0, "enabled": enabled})
    return replace(workspace, config=config.model_copy(update={"delivery": delivery}))


def clear_earlier(root: Path) -> None:
    """Removes an earlier demo.

    Raises:
        RefusedError: something else stands there, or something that no demo made; nothing was removed.
        BusyError: one of its files is open, or a daemon runs there.
    """
    if root.exists() and not root.is_dir():
        raise RefusedError(f"{root} 不是文件夹 / is not a folder")
    present = list(root.iterdir()) if root.exists() else []
    if not present:
        return
    workspace = _demo_at(root)
    ours = [*workspace.folders(), workspace.config.folders.state] if workspace else []
    known = {root / CONFIG_NAME, root / TEMPORARY, *ours}
    if workspace is None or not known.issuperset(present):
        raise RefusedError(
            f"{root} 里已有别的内容，没有改动；请换一个文件夹：syncer demo 新文件夹\n"
            "holds something else; nothing was changed: name another folder"
        )
    with office_of(argparse.Namespace(workspace=root)):
        pass  # a daemon that runs there is told to the person, not pulled the floor from under
    try:
        for path in present:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    except PermissionError as error:
        raise BusyError(f"{error.filename} 正被打开，请关闭后再试 / is open; close it and try again") from None


def _demo_at(root: Path) -> Workspace | None:
    """Returns the demo's workspace, if that is what stands in ``root`` and all of it lies inside."""
    if not (root / CONFIG_NAME).exists():
        return None
    try:
        workspace = Workspace.at(root)
    except ConfigError:
        return None
    state = workspace.config.folders.state
    inside = all(folder.is_relative_to(root) for folder in (*workspace.folders(), state))
    return workspace if inside and (state / MARKER).exists() else None


def play(office: Office, told: Told, step: Callable[[str, str], None]) -> None:
    """Issues the workbooks, then lets the clerks save and the program look, day by day, at the story's clock."""
    step(f"{_day(OPENED)} 下发工作簿", f"{OPENED:%d %b} workbooks are issued")
    _set_clock(office, OPENED)
    issue_missing(office, take_up(office, OPENED.date()))
    events = iter(EVENTS)
    event = next(events, None)
    for now in LOOKS:
        saves = 0
        while event is not None and event.at <= now:
            happen(office, event)
            event, saves = next(events, None), saves + 1
        step(f"{_day(now)} 各单位保存{saves}次，合并", f"{now:%d %b} {saves} saves, merged")
        _set_clock(office, now)
        office.workspace = _delivering(office.workspace, now)
        told.last = sync(office)
        _issue_weekly(office, told, now, step)


def _issue_weekly(office: Office, told: Told, now: datetime, step: Callable[[str, str], None]) -> None:
    """Does what the daemon does at the weekly hour."""
    ledger = take_up(office, now.date()).ledger
    week = due_week(office, ledger, now)
    if week is None:
        return
    step(f"{_day(now)} 印发第{week.number}周周报", f"{now:%d %b} weekly sheet of {week.label} is issued")
    told.weeks.append((week.label, issue_week(office, view(office, ledger, now.date()), week)))
    told.last = sync(office)


def happen(office: Office, event: Event) -> None:
    """Does to the files what a person did."""
    folder = office.workspace.config.folders.units
    path = folder / f"{event.unit}.xlsx"
    match event:
        case CutShort():
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 3])
            os.utime(path, (event.at.timestamp(), event.at.timestamp()))
        case Save() | Copy():
            book = OpenBook.at(path)
            for typed in event.typed:
                book.type(typed.sheet, typed.cells, typed.row)
            if isinstance(event, Save) and event.gone:
                book.delete(*event.gone)
            book.save(folder / event.name if isinstance(event, Copy) else path, event.at)


def _set_clock(office: Office, now: datetime) -> None:
    office.clock = lambda: now


def _day(moment: datetime) -> str:
    return f"{moment.month}月{moment.day}日"


@contextmanager
def _steps(console: Console) -> Iterator[Callable[[str, str], None]]:
    """Yields what says how far the story is: a bar on a terminal, else plain lines."""
    if console.json or console.quiet or not sys.stderr.isatty():
        yield console.say
        return
    from rich.console import Console as Terminal  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Terminal(stderr=True), transient=True) as progress:
        fridays = sum(look.isoweekday() == _FRIDAY for look in LOOKS)
        task = progress.add_task("", total=1 + len(LOOKS) + fridays)

        def step(zh: str, en: str) -> None:
            progress.update(task, advance=1, description=console.words(zh, en))

        yield step


def _worth_opening(office: Office, told: Told) -> Iterator[tuple[str, str, str]]:
    """Yields the files to open, relative to the demo's folder, and what each is worth looking at for, in two languages."""
    space = office.workspace
    ledger = take_up(office, LOOKS[-1].date()).ledger
    relative = space.relative
    yield (
        relative(space.master_book(ledger)),
        "全局一本账：“首页”看总体和每个单位的回执，“红黄灯清单”看6.5、11.1为什么红，“总台账”按任务展开到各单位，“待处理事项”等创建办裁定",
        "the master: totals and a receipt for every unit on the first sheet, why 6.5 and 11.1 are red, what waits for a ruling",
    )
    for week, path in told.weeks[-2:]:
        yield (
            path,
            f"第{Week.parse(week).number}周周报，到点自动印发，不再改写：红黄在前，较上周升降，“未更新”和未报送单位",
            f"the weekly sheet of {week}, issued at its hour: red first, points against last week, who did not report",
        )
    yield (
        relative(draft_path(office)),
        "下一期周报的送审稿，每次合并后自动更新",
        "the draft of the next weekly sheet, made anew after each merge",
    )
    yield (
        relative(space.inbox_book),
        "等创建办拿主意的事都在这里：在“处理意见”里选，保存，再合并一次就生效，并写回单位的表；处理过的可以撤销",
        "what waits for the coordinator: choose, save, sync; it reaches the units' workbooks, and can be undone",
    )
    feedback = (
        (
            "机关党委",
            "任务编号填成了11.2，这场座谈会没有计入，11.1因此亮红灯",
            "a wrong task number: the talk is not counted",
        ),
        (
            "宣传科",
            "“1500余人”读作1500；旁边的“宣传科 - 副本.xlsx”已并入",
            "“1500余人” read as 1500; a copy beside it was merged",
        ),
        ("财务科", "文件没有传完整，已经入库的内容不变", "a file cut short; the last good content stands"),
        ("法规科", "改正了上周的错误，现在全部通过", "last week's mistake is mended: all is well"),
    )
    for unit, zh, en in feedback:
        yield relative(space.feedback_book(unit)), zh, en
    yield (
        f"{relative(space.config.folders.units)}/宣传科.xlsx",
        "一个单位的工作簿：下拉选项、灰色格、隐藏的行标识；最右边的“亮灯”“系统提示”是写回来的；“任务清单”最下面是它自己加的子任务",
        "a unit's workbook: dropdowns, grey cells, hidden ids; lights and hints on the right were delivered into it",
    )
    yield (
        relative(space.control_book),
        "台账设置：栏目、单位、任务、规则都在这里，改了保存就生效",
        "the settings: columns, units, tasks, rules; save it and it is in force",
    )


def _speak(console: Console, root: Path, told: Told, files: list[tuple[str, str, str]], seconds: float) -> None:
    loud = Counter(severity_of(problem).value for problem in (*told.last.refused, *told.last.problems))
    first, last = f"{OPENED.year}年{_day(OPENED)}", _day(LOOKS[-1])
    console.page(
        f"\n示例单位演示完毕，用时{seconds:.0f}秒：{root}\n"
        f"（时间是模拟的：{first}至{last}；单位、姓名、电话均为虚构）\n"
        f"保存{len(EVENTS)}次，印发周报{len(told.weeks)}期；现有错误{loud['error']}个、警告{loud['warning']}个、提示{loud['note']}条，"
        f"待创建办处理{len(told.last.questions)}项。\n\n请打开看看：",
        f"\nThe sample bureau is done, in {seconds:.0f} seconds: {root}\n"
        f"(times are simulated: {OPENED:%d %B} to {LOOKS[-1]:%d %B %Y}; units, names and phone numbers are invented)\n"
        f"{len(EVENTS)} saves, {len(told.weeks)} weekly sheets; {loud['error']} errors, {loud['warning']} warnings, "
        f"{loud['note']} notes stand, {len(told.last.questions)} questions wait for the coordinator.\n\nWorth opening:",
    )
    for path, zh, en in files:
        console.page(f"  {path}\n      {zh}", f"  {path}\n      {en}")
    day = LOOKS[-1].date()
    console.page(
        f"\n也可以自己改：在该文件夹里打开任一单位的工作簿，填几格，保存，然后在该文件夹里运行 syncer sync --as-of {day}",
        f"\nTry it: type into a unit's workbook, save, then run in that folder: syncer sync --as-of {day}",
    )
