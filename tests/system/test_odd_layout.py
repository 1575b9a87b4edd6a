"""A clerk merges cells, renames a sheet and adds headings in an issued workbook: nothing is asked, nothing is fought over."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from syncer.sync import Synced, sync
from syncer.workspace import Office, Workspace
from tests.system.bureau import Bureau, columns, made

pytestmark = pytest.mark.slow

UNIT = "宣传科"
QUIET_SECONDS = 600


def looked(bureau: Bureau) -> Synced:
    with Office(Workspace.at(bureau.root)) as office:
        return sync(office)


def laid_out_anew(bureau: Bureau) -> None:
    """Merges 板块 and 本周完成情况 over rows 5 to 7 and renames 活动台账, as a person who wants it to look tidy."""
    path = bureau.book(UNIT)
    at = columns(path, "任务清单")
    book = openpyxl.load_workbook(path)
    tasks, activities = book["任务清单"], book["活动台账"]
    assert isinstance(tasks, Worksheet)
    assert isinstance(activities, Worksheet)
    tasks.cell(5, at["本周完成情况"], "三项工作一并推进，已召开专题会议。")
    for name in ("板块", "本周完成情况"):
        tasks.merge_cells(start_row=5, end_row=7, start_column=at[name], end_column=at[name])
    activities.title = "活动台账 (2)"
    data = io.BytesIO()
    book.save(data)
    bureau.save(UNIT, data.getvalue())
    long_ago = time.time() - QUIET_SECONDS
    os.utime(path, (long_ago, long_ago))


def test_a_tidied_workbook_is_read_as_meant_delivered_to_and_then_left_alone(tmp_path: Path) -> None:
    bureau = made(tmp_path / "创建")
    laid_out_anew(bureau)
    first = looked(bureau)
    assert first.refused == []
    assert first.questions == ()
    own = [p.code for p in first.problems if p.place.file == f"{UNIT}.xlsx" and not p.code.startswith("CHK")]
    assert sorted(own) == ["ROW-011", "SHEET-003"]
    merged = [row["本周完成情况"] for row in bureau.master_rows("任务清单", UNIT)][:3]
    assert merged == ["三项工作一并推进，已召开专题会议。"] * 3
    for _ in range(10):  # a pass delivers for some seconds only, and leaves the rest to the next
        if not (later := looked(bureau)).delivered:
            break
        assert all(done.waits in {"", "soon"} for done in later.delivered)
    settled = bureau.book(UNIT).read_bytes()
    again = looked(bureau)
    assert (again.questions, again.taken, again.delivered) == ((), [], [])
    assert bureau.book(UNIT).read_bytes() == settled
