"""Clerks at their workbooks: what is changed before a save, and the save itself, both done before the clock starts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

from benchmarks.offices import YEAR
from syncer.core.model import Ledger, Unit
from syncer.core.values import Scalar
from syncer.sample.clerk import OpenBook
from syncer.workspace import Workspace

SHEET = "活动台账"
CHANGED_ROWS = 3
ADDED_ROWS = 10


@dataclass(frozen=True, slots=True)
class PreparedSave:
    """The bytes that a clerk is about to save, and a text that the master must hold once they are in."""

    path: Path
    content: bytes
    mark: str

    def save(self) -> None:
        """Replaces the workbook in one step, as WPS does."""
        temporary = self.path.with_name(f".{uuid4().hex}.tmp")
        temporary.write_bytes(self.content)
        temporary.replace(self.path)


class Clerks:
    """The clerks of one workspace, who take turns in the order of the roster."""

    def __init__(self, workspace: Workspace, ledger: Ledger, seed: int = 1) -> None:
        self._workspace, self._units = workspace, ledger.units
        self._sheet = next(sheet for sheet in ledger.sheets if sheet.name == SHEET)
        self._random = random.Random(seed)
        self._turn = 0

    def changes(self) -> PreparedSave:
        """The next unit changes a few cells of a few records."""
        unit = self._next()
        path, book, mark = self._open(unit)
        for at in self._random.sample(range(1, self._sheet.reserved_rows), CHANGED_ROWS):
            row = f"{self._sheet.prefix}-{unit.code}-{at:04}"
            book.type(SHEET, {"备注": mark, "参加人数": self._random.randint(10, 200)}, row=row)
        return PreparedSave(path, book.saved(), mark)

    def additions(self) -> PreparedSave:
        """The next unit adds records."""
        path, book, mark = self._open(self._next())
        for at in range(ADDED_ROWS):
            cells: dict[str, Scalar] = {
                "日期": date(YEAR, 11, 10 + at),
                "活动名称": f"补记活动{mark}之{at + 1}",
                "类别": "主题活动",
                "地点": "多功能厅",
                "参加人数": 20 + at,
                "主要内容": "组织职工参加，现场答疑。",
            }
            book.type(SHEET, cells)
        return PreparedSave(path, book.saved(), f"补记活动{mark}之{ADDED_ROWS}")

    def _next(self) -> Unit:
        self._turn += 1
        return self._units[self._turn % len(self._units)]

    def _open(self, unit: Unit) -> tuple[Path, OpenBook, str]:
        path = self._workspace.unit_book(unit)
        return path, OpenBook.at(path), f"核对{uuid4().hex[:10]}"
