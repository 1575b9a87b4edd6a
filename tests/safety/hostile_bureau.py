"""A small office in which everything hostile is typed wherever a person can type, and every kind of file is written."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import openpyxl
from python_calamine import CalamineWorkbook

from syncer.commands.console import Console, json_text
from syncer.commands.init import make_workspace
from syncer.commands.one_pass import as_json, say_done
from syncer.commands.run import configure_log
from syncer.control import ledger_in_force
from syncer.core.inbox.answers import ANSWER, KIND, NOTE, VALUE
from syncer.core.values import tidy
from syncer.daemon import Daemon
from syncer.excel.patch import patch_cells
from syncer.excel.reading import Readers
from syncer.reports import issue_week, week_at_hand
from syncer.sync import Synced, sync
from syncer.view import view
from syncer.workspace import Office
from tests.machine.small_bureau import START, cut_down, deliver_at_once, open_office
from tests.safety.hand import typed
from tests.safety.payloads import NAMES, TEXTS
from tests.system.bureau import FIRST_ROW, LEAF_ROW, Bureau, columns

UNIT, TASKS, ACTIVITIES = "宣传科", "任务清单", "活动台账"
OFFICE = "&P局&D&[Picture]"
CHOICES = "=选项"
RENAMED = "=团委'#1[red]&P"
OWN_VALUE = "=另填!A1"
FILES = [
    name
    for key, name in NAMES.items()
    if key not in {"web", "device", "parent", "owner file", "too long", "apostrophe", "array"}
]
SHORT = {name: text for name, text in TEXTS.items() if len(text) < 1000}

Cells = dict[str, dict[tuple[int, int], str]]


@dataclass
class Story:
    """What came of it."""

    bureau: Bureau
    passes: list[Synced] = field(default_factory=list)
    console: str = ""
    json: str = ""
    status: str = ""

    @property
    def unit_book(self) -> Path:
        return self.bureau.book(UNIT)


def tell(root: Path, readers: Readers) -> Story:
    """Types everything, pass by pass."""
    workspace = make_workspace(root, START.year, sample=True)
    config = root / "syncer.toml"
    config.write_text(deliver_at_once(config.read_text(encoding="utf-8")), encoding="utf-8")
    story = Story(Bureau(root))
    control = workspace.control_book
    control.write_bytes(typed(patch_cells(control.read_bytes(), cut_down(control)), _settings()))
    _pass(story, readers, 0, passes=1)
    _fill(story.bureau)
    _strangers(story.bureau.units)
    _pass(story, readers, 1, passes=1)
    _decide(workspace.inbox_book)
    control.write_bytes(typed(control.read_bytes(), _later_settings()))
    _pass(story, readers, 2, passes=3, issue=True)
    _watch(story)
    return story


def _pass(story: Story, readers: Readers, day: int, *, passes: int, issue: bool = False) -> None:
    office = open_office(story.bureau, readers, lambda: START + timedelta(days=day))
    with contextlib.closing(office.store):
        for _ in range(passes):
            done = sync(office)
            story.passes.append(done)
        if issue:
            today = office.clock().date()
            seen = view(office, ledger_in_force(office, today), today)
            issue_week(office, seen, week_at_hand(office, seen.ledger, office.clock()))
    story.json = json_text(as_json(done, 1, "zh_CN"))
    words = io.StringIO()
    with contextlib.redirect_stdout(words):
        say_done(Console(argparse.Namespace(lang="zh_CN", json=False, quiet=False, verbose=False)), done)
    story.console += words.getvalue()


def _watch(story: Story) -> None:
    """Has the daemon look once, for its log and its heartbeat."""
    workspace = story.bureau.opened()
    configure_log(workspace.config.folders.state / "logs", "info", quiet=True)
    with Office(workspace) as office:
        daemon = Daemon(office)
        running = threading.Thread(target=daemon.run)
        running.start()
        until = time.monotonic() + 60
        while not story.bureau.status_file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        story.status = story.bureau.status_file.read_text(encoding="utf-8-sig")
        daemon.stop()
        running.join(60)


# ---- what the coordinator types


def _settings() -> Cells:
    """Units, sheets, columns, choices and tasks that are named so."""
    texts = list(SHORT.values())
    units = {
        (row, at): value
        for row, name in enumerate(FILES, start=20)
        for at, value in ((1, f"U{row}"), (2, f"{name}局"), (3, name), (5, "科室"), (9, texts[row % len(texts)]))
    }
    sheets = {
        (row, at): value
        for row, name in enumerate(NAMES.values(), start=12)
        for at, value in ((1, name), (3, "记录"), (4, UNIT), (7, "3"), (10, "启用"))
    }
    sheets |= {(row, 4): f"{UNIT}、团委、创建办" for row in (4, 6)}  # the others get a small book
    named = [(name, column, name) for name in NAMES.values() for column in ("名称", "内容")]
    named += [(ACTIVITIES, name, name) for name in NAMES.values()]
    titles = {
        (row, at): value
        for row, (sheet, column, name) in enumerate(named, start=110)
        for at, value in (
            (1, sheet),
            (2, f"x{row}"),
            (3, name),
            (4, column),
            (6, "网址" if column == "内容" else "选项" if column == NAMES["dde"] else "文本"),
            (9, CHOICES if column == NAMES["dde"] else ""),
            (12, name if sheet == ACTIVITIES else ""),
            (13, "单位"),
            (14, "是" if column == "名称" else ""),
            (16, texts[row % len(texts)]),
            (17, "启用"),
        )
        if value
    }
    choices = {(row, at): value for row, text in enumerate(texts, start=50) for at, value in ((1, CHOICES), (2, text))}
    tasks = {
        (row, at): value
        for row, (number, text) in enumerate(zip(_numbers(), texts, strict=True), start=29)
        for at, value in ((1, number), (3, text), (4, text), (5, text), (9, UNIT), (12, "全年"))
    }
    return {
        "单位名录": units,
        "表设置": sheets,
        "栏目设置": titles,
        "下拉选项": choices,
        "任务分解": tasks,
        "亮灯与时限设置": {(5, 3): OFFICE, (6, 3): "&D台账"},
    }


def _numbers() -> list[str]:
    numbers = list(NAMES.values())
    return numbers + [f"9.{n}" for n in range(len(SHORT) - len(numbers))]


def _later_settings() -> Cells:
    """A column and a sheet more, and other words in a list: the books that are out follow."""
    at = 110 + 3 * len(NAMES)
    sheet = 12 + len(NAMES)
    later = "=后来!A1"
    return {
        "表设置": {(sheet, at): value for at, value in ((1, later), (3, "记录"), (4, UNIT), (7, "3"), (10, "启用"))},
        "栏目设置": {
            (row, at): value
            for row, name, group in ((at, ACTIVITIES, later), (at + 1, later, "@后来"))
            for at, value in (
                (1, name),
                (2, f"y{row}"),
                (3, group),
                (4, later),
                (6, "文本"),
                (13, "单位"),
                (16, later),
                (17, "启用"),
            )
        },
        "下拉选项": {(50 + len(SHORT), 1): CHOICES, (50 + len(SHORT), 2): "-后来的选项"},
    }


def _decide(inbox: Path) -> None:
    """Answers the first proposal with a value of her own, a note and a column of hers; agrees to the others."""
    sheet = openpyxl.load_workbook(inbox)["待处理"]
    at = {str(cell.value): place for place, cell in enumerate(sheet[3], start=1)}
    cells: dict[tuple[int, int], str] = {(3, max(at.values()) + 1): "=她的!A1"}
    texts = [*SHORT.values()]
    rows = [row for row in range(4, sheet.max_row + 1) if sheet.cell(row, at[KIND]).value == "调整申请"]
    for number, row in enumerate(rows):
        own = number == 0
        cells |= {(row, at[ANSWER]): "另填" if own else "同意", (row, at[NOTE]): texts[number % len(texts)]}
        cells |= {(row, at[VALUE]): OWN_VALUE} if own else {}
        cells[row, max(at.values()) + 1] = texts[number % len(texts)]
    inbox.write_bytes(typed(inbox.read_bytes(), {"待处理": cells}))
    _later(inbox)


# ---- what the units type


def _fill(bureau: Bureau) -> None:
    path = bureau.book(UNIT)
    at, tasks = columns(path, ACTIVITIES), columns(path, TASKS)
    records: dict[tuple[int, int], str] = {}
    for row, text in enumerate(TEXTS.values(), start=FIRST_ROW):
        records |= {(row, at[name]): text for name in ("活动名称", "主要内容", "宣传链接", "备注")}
        records[row, at["日期"]] = "2026-03-01"
    last = max(openpyxl.load_workbook(path)[ACTIVITIES].max_column, *at.values())
    for column, name in enumerate(NAMES.values(), start=last + 1):
        records |= {
            (LEAF_ROW, column): f"自加{name}" if name[0].isalpha() else name + "自加",
            (FIRST_ROW, column): name,
        }
    lines = CalamineWorkbook.from_path(path).get_sheet_by_name(TASKS).to_python(skip_empty_area=False)
    rows = {tidy(str(line[tasks["重点任务"] - 1])): row for row, line in enumerate(lines, start=1)}
    weekly: dict[tuple[int, int], str] = {}
    for text in SHORT.values():
        row = rows[tidy(text)]
        weekly |= {
            (row, tasks[name]): text for name in ("本周完成情况", "下周工作计划", "存在问题或滞后原因", "需协调事项")
        }
        weekly[row, tasks["完成标准"]] = f"{text}改"
    path.write_bytes(typed(path.read_bytes(), {ACTIVITIES: records, TASKS: weekly}))
    _later(path)


def _strangers(folder: Path) -> None:
    """A workbook renamed, and some that are nobody's, under names that a file can have."""
    own = folder / "团委.xlsx"
    place = {ACTIVITIES: {(FIRST_ROW, columns(own, ACTIVITIES)["活动名称"]): RENAMED}}
    (folder / f"{RENAMED}.xlsx").write_bytes(typed(own.read_bytes(), place))
    own.unlink()
    book = openpyxl.Workbook()
    book.active["A1"] = "无主"  # type: ignore[index]
    stream = io.BytesIO()
    book.save(stream)
    for name in (*FILES, TEXTS["terminal"], TEXTS["line"]):
        bare = name.replace("/", "_").strip(".~")
        (folder / f"无主{bare}.xlsx").write_bytes(stream.getvalue())
    with contextlib.suppress(OSError):  # where names are text by rule
        Path(os.fsdecode(os.fsencode(folder) + b"/\xd0\xfb\xb4\xab.xlsx")).write_bytes(stream.getvalue())


def _later(path: Path) -> None:
    """Nobody's clock is so fine that two saves in one moment could be told apart by it."""
    facts = path.stat()
    os.utime(path, (facts.st_atime, facts.st_mtime + 1))


def texts_of(path: Path) -> set[str]:
    """Returns every text in a workbook, the names of its sheets too."""
    book = CalamineWorkbook.from_path(path)
    sheets = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names]
    return {cell for sheet in sheets for row in sheet for cell in row if isinstance(cell, str)} | set(book.sheet_names)
