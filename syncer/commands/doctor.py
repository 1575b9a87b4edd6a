"""``syncer doctor --excel``: walks through what only a computer with Excel can show, and says ✓ or ✗ for each."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

from syncer.commands.console import Console
from syncer.errors import EXIT_DONE, EXIT_PERSON
from syncer.excel.live.checklist import Checklist, Found
from syncer.excel.live.process import Worker
from syncer.excel.live.report import Report, State

_WHY = {
    State.BUSY: "Excel 正忙：请退出正在编辑的格、关掉对话框再试 / Excel is busy: leave the cell, close the dialog",
    State.CLOSED: "检查用的文件被关掉了 / the file was closed",
    State.KILLED: "Excel 很久没有回应 / Excel did not answer",
}


def run(args: argparse.Namespace) -> int:
    """Tries everything; 1 where something is not as it should be."""
    console = Console(args)
    with Worker() as worker, tempfile.TemporaryDirectory(prefix="syncer-") as folder:
        found = _found(worker.do(Checklist(Path(folder))))
    for one in found:
        detail = f"：{one.detail}" if one.detail else ""
        sign = "✓" if one.is_well else "✗"
        console.say(f"{sign} {one.zh}{detail}", f"{sign} {one.en}{f': {one.detail}' if one.detail else ''}")
    code = EXIT_DONE if all(one.is_well for one in found) else EXIT_PERSON
    checks = [{"check": one.en, "ok": one.is_well, "detail": one.detail} for one in found]
    console.emit({"version": 1, "exit": code, "checks": checks})
    return code


def _found(report: Report) -> tuple[Found, ...]:
    if report.state is State.DONE:
        return tuple(report.found)
    why = _WHY.get(report.state, report.detail)
    return (Found("连上 Excel", "Excel is reached", is_well=False, detail=f"{why}（{platform.system()}）"),)
