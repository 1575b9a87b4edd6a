"""``syncer init``: makes a workspace with a copy of the template as its source of truth."""

from __future__ import annotations

import argparse
import hashlib
import re
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import platformdirs

from syncer.commands.console import Console
from syncer.core.model import Refusal, Table
from syncer.core.template.plan import as_date
from syncer.core.template.schema import DAYS, LAYOUT, SETTINGS, TASKS
from syncer.core.template.tables import Record, read_records
from syncer.core.values import Scalar
from syncer.errors import EXIT_DONE, RefusedError
from syncer.excel.patch import patch_cells
from syncer.excel.reader import read_book
from syncer.resources import shipped
from syncer.store.disk import Disk
from syncer.watch.network import is_network
from syncer.whereabouts import CONFIG_NAME
from syncer.workspace import Workspace

Patches = dict[str, dict[tuple[int, int], Scalar]]


def run(args: argparse.Namespace) -> int:
    """Makes the workspace; refuses where one stands already."""
    console = Console(args)
    root = args.directory.resolve()
    workspace = make_workspace(root, args.year or datetime.now().year, sample=args.sample)
    console.say(f"工作区已建好：{root}", f"workspace made: {root}")
    console.page(
        f"下一步：打开 {workspace.control_book}，核对单位名录、任务分解和各项设置（随附的计划只是示例）；\n"
        f"然后在该目录下运行：syncer issue（下发工作簿），再运行 syncer run（常驻合并）。",
        f"next: open {workspace.control_book}, set units, plan and settings (the plan that comes with it is a sample);\n"
        "then, in that folder: syncer issue (hand out workbooks), syncer run (the daemon).",
    )
    state = workspace.config.folders.state
    if not state.is_relative_to(root):
        console.say(
            f"这个文件夹在网络盘上，数据库和留存的版本放在本机：{state}",
            f"this folder lies on a network drive; database and kept versions are on this machine: {state}",
        )
    console.emit({"version": 1, "exit": EXIT_DONE, "workspace": str(root), "control": str(workspace.control_book)})
    return EXIT_DONE


def make_workspace(root: Path, year: int, *, sample: bool) -> Workspace:
    """Makes folders, configuration and 台账设置.xlsx in ``root``.

    Raises:
        RefusedError: a workspace stands there already; nothing is overwritten.
    """
    root.mkdir(parents=True, exist_ok=True)
    config = root / CONFIG_NAME
    disk = Disk(root)
    if not config.exists():
        disk.write(config, _config_text(root).encode())
    workspace = Workspace.at(root)
    if workspace.control_book.exists():
        raise RefusedError(f"{workspace.control_book} 已经存在，没有改动 / exists already, nothing was changed")
    for folder in workspace.folders():
        folder.mkdir(parents=True, exist_ok=True)
    disk.write(workspace.control_book, control_workbook(year, sample=sample))
    return workspace


def _config_text(root: Path) -> str:
    """The example configuration; on a network file system the state goes to this machine's own disk: SQLite needs it."""
    text = shipped("config/syncer.example.toml").read_text(encoding="utf-8")
    if not is_network(root):
        return text
    name = f"{root.name}-{hashlib.sha256(str(root).encode()).hexdigest()[:8]}"
    state = platformdirs.user_data_path("syncer") / name
    return text.replace('state = ".syncer"', f"state = '{state}'")


def control_workbook(year: int, *, sample: bool) -> bytes:
    """Returns the shipped template set to a year; with ``sample`` its explicit years are moved to that year too."""
    path = shipped("workbook_templates/ledger.xlsx")
    book = read_book(path)
    assert not isinstance(book, Refusal)  # noqa: S101 - a test compiles the shipped template
    tables = {table.name: table for table in book.tables}
    patches: Patches = {SETTINGS: {}}
    for record in _records(tables, SETTINGS):
        if record.text("设置代码") in {"year", "ledger_id"}:
            value: Scalar = year if record.text("设置代码") == "year" else uuid4().hex[:12]
            patches[SETTINGS][record.row, record.columns["值"]] = value
    if sample:
        patches |= _moved_years(tables, year)
    return patch_cells(path.read_bytes(), patches)


def _records(tables: dict[str, Table], name: str) -> list[Record]:
    return read_records(tables[name], *LAYOUT[name])[0]


def _moved_years(tables: dict[str, Table], year: int) -> Patches:
    """The years that stand in the sample's deadlines and in the event days they hang on, moved to ``year``."""
    tasks = {
        (record.row, record.columns["完成时限"]): re.sub(r"20\d\d(?=年)", str(year), text)
        for record in _records(tables, TASKS)
        if re.search(r"20\d\d年", text := record.text("完成时限"))
    }
    days = {
        (record.row, record.columns["日期"]): day.replace(year=year)
        for record in _records(tables, DAYS)
        if record.text("类型") == "节点" and (day := as_date(record.value("日期"))) and day.year != year
    }
    return {TASKS: {**tasks}, DAYS: {**days}}
