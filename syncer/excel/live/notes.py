"""Jobs that mark the problem cells of an open book, and take away no marks but those.

A mark is a note that begins with 创建办 and ends with what fill the cell had: so it can be taken away after she sorted rows,
on another computer, or by a later version of ours. Whoever has a note of their own in a cell keeps it, and it is left unmarked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from syncer.excel.live.excel_app import Excel
from syncer.excel.live.open_book import OpenBook
from syncer.excel.live.refusals import ExcelBusyError
from syncer.excel.live.report import Report, State

AUTHOR = "创建办"
FILL = (255, 217, 102)
_FORM = re.compile(rf"{AUTHOR}：\n.*〔原底色 ([0-9A-F]{{6}}|无)〕\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Marked:
    """One cell to mark, and what to say in its note."""

    sheet: str
    row: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Highlight:
    """The job: marks these cells, after taking earlier marks away. ``found``: how many were marked, and how many have other notes."""

    path: Path
    cells: tuple[Marked, ...]

    def carry_out(self, excel: Excel) -> Report:
        """Does it."""
        book = _ready(excel, self.path)
        clear(book)
        said: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        for cell in self.cells:
            said[cell.sheet, cell.row, cell.column].append(cell.text)
        sheets = book.sheets()
        taken = {(sheet, row, column) for sheet in sheets for row, column, _ in book.notes(sheet)}
        marked = [cell for cell in said if cell[0] in sheets and cell not in taken]
        for sheet, row, column in marked:
            before = book.fill(sheet, row, column)
            held = "".join(f"{part:02X}" for part in before) if before else "无"
            texts = "\n".join(said[sheet, row, column])
            book.add_note(sheet, row, column, f"{AUTHOR}：\n{texts}\n〔原底色 {held}〕")
            book.set_look(sheet, (row, column, row, column), "fill", FILL)
        return Report(State.DONE, wrote=bool(marked), found=(len(marked), len(said) - len(marked)))


@dataclass(frozen=True, slots=True)
class Clear:
    """The job: takes our marks away. ``found``: how many."""

    path: Path

    def carry_out(self, excel: Excel) -> Report:
        """Does it."""
        cleared = clear(_ready(excel, self.path))
        return Report(State.DONE, wrote=bool(cleared), found=cleared)


def _ready(excel: Excel, path: Path) -> OpenBook:
    book = excel.book(path)
    if book.is_copying:
        raise ExcelBusyError
    return book


def clear(book: OpenBook) -> int:
    """Takes our marks away and gives each cell its fill back, unless somebody has coloured it since; returns how many."""
    cleared = 0
    for sheet in book.sheets():
        for row, column, text in list(book.notes(sheet)):
            ours = _FORM.fullmatch(text.replace("\r\n", "\n").replace("\r", "\n"))
            if not ours:
                continue
            if book.fill(sheet, row, column) == FILL:
                before = None if ours[1] == "无" else tuple(bytes.fromhex(ours[1]))
                book.set_look(sheet, (row, column, row, column), "fill", before)
            book.delete_note(sheet, row, column)
            cleared += 1
    return cleared
