"""A click on a place in a feedback book opens the unit's workbook at that cell, whatever file and sheet are called."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
import xlsxwriter

from syncer.core.problems import Place, Problem
from syncer.excel.feedback import write_feedback
from syncer.publish import relative_link
from tests.office.clerk import Clerk

pytestmark = [pytest.mark.office, pytest.mark.slow]

SHEETS = (
    "任务清单",
    "任务 清单",
    "It's",
    "材料（二）",
    "A&B",
    "“引号”",
    'q"q',
    "a.b",
    "a#b",
    "50%",
    "a!b",
    "A1",
    "R1C1",
    "2026",
    "-x",
    "x 'y",
    "TRUE",
    "<x>",
    "a,b;c",
)


@pytest.mark.parametrize(
    ("name", "sheets"),
    [("宣传科.xlsx", SHEETS), ("a b#1 100%20（修订）[x]'s & “y” {z}^`~+=;,.xlsx", SHEETS[1:4])],
)
def test_every_link_lands_on_its_sheet_and_cell(
    tmp_path: Path, clerk: Clerk, name: str, sheets: tuple[str, ...]
) -> None:
    book = tmp_path / "02 各单位#填报" / name
    feedback = tmp_path / "05填报提示" / "宣传科填报提示.xlsx"
    for path in (book, feedback):
        path.parent.mkdir()
    with xlsxwriter.Workbook(book) as made:
        for sheet in sheets:
            made.add_worksheet(sheet)
    problems = [(Problem("CELL-001", Place(name, sheet, 7 + at, 12)), "", "") for at, sheet in enumerate(sheets)]
    with feedback.open("wb") as target:
        write_feedback(target, "宣传科", "", problems, book_link=relative_link(book, feedback.parent))
    clerk.open(feedback)
    for at, sheet in enumerate(sheets):
        url, landed, row, column = clerk.follow("填报提示", f"C{4 + at}")
        assert Path(unquote(urlparse(url).path)) == book, sheet
        assert (landed, row, column) == (sheet, 7 + at, 12)
