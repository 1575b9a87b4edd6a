"""What only a computer with Excel can show, tried there one by one in a file of ours: ``syncer doctor --excel``."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import xlsxwriter

from syncer.excel.live.excel_app import Excel
from syncer.excel.live.mark import NAME, Mark, read_mark
from syncer.excel.live.notes import AUTHOR, FILL, clear
from syncer.excel.live.open_book import OpenBook
from syncer.excel.live.plain import Plain, alike, plain
from syncer.excel.live.plan import Block
from syncer.excel.live.refusals import BookClosedError, CannotWriteError, ExcelBusyError
from syncer.excel.live.report import Report, State

SHEET = "检查"
_FIRST, _LAST = 2, 9  # rows below the heading; every second one is filtered out
_GROUPED = 12  # a row that is folded away
_ROOM = 20  # from here on the sheet is free
HEADS = (
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\n=1+1",
    "\r=1+1",
    "＝1+1",
    "{=1+1}",
    "'=1+1",
    "01",
    "3-5",
    "1/2",
    "#N/A",
)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing tried: what it is, in both languages, and how it came out."""

    zh: str
    en: str
    is_well: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """The job; the report's ``found`` are the things tried. ``folder``: where its file may stand for a moment."""

    folder: Path

    def carry_out(self, excel: Excel) -> Report:
        """Tries everything, and closes the file without saving."""
        ours, theirs = excel.versions
        found = [
            Found(
                "连上 Excel",
                "Excel is reached",
                bool(theirs),
                f"xlwings {ours}, Excel {theirs or '没有运行 / not running'}",
            )
        ]
        if theirs:
            path = self.folder / "syncer检查.xlsx"
            path.write_bytes(_file())
            book = excel.open(path)
            try:
                found += _tried(book)
            finally:
                book.close()
            found.append(_replaced(path))
        return Report(State.DONE, found=tuple(found))


def _file() -> bytes:
    """A file with a filter that hides every second row, and a row that is folded away."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet(SHEET)
    sheet.write_row(0, 0, ["科室", "内容"])
    for row in range(_FIRST, _LAST + 1):
        shown = row % 2 == 0
        sheet.write_row(row - 1, 0, ["甲" if shown else "乙", f"第{row}行"])
        if not shown:
            sheet.set_row(row - 1, None, None, {"hidden": True})
    sheet.autofilter(0, 0, _LAST - 1, 1)
    sheet.filter_column_list(0, ["甲"])
    sheet.set_row(_GROUPED - 1, None, None, {"level": 1, "hidden": True})
    book.close()
    return stream.getvalue()


def _tried(book: OpenBook) -> Iterator[Found]:
    selected = book.selected
    for zh, en, trial in _TRIALS:
        try:
            detail = trial(book)
        except (ExcelBusyError, BookClosedError):
            raise
        except (CannotWriteError, NotImplementedError, AttributeError) as error:
            detail = f"{type(error).__name__}: {error}"
        yield Found(zh, en, not detail, detail)
    yield Found("选中的格没有动", "the selection stayed where it was", book.selected == selected)


def _kept(book: OpenBook, values: tuple[Plain, ...], number_format: str = "General") -> str:
    """Writes a column and reads it back; returns what came back otherwise."""
    rows = (_ROOM, _ROOM + len(values) - 1)
    book.set_look(SHEET, (rows[0], 3, rows[1], 3), "number_format", number_format)
    book.write(SHEET, Block(_ROOM, 3, tuple((value,) for value in values)))
    back = [cells[0] for cells in book.read(SHEET, rows, (3, 3))]
    return "；".join(f"{a!r} → {b!r}" for a, b in zip(values, back, strict=True) if not alike(a, b))


def _texts(book: OpenBook) -> str:
    return _kept(book, HEADS) or _kept(book, HEADS, "@")


def _numbers(book: OpenBook) -> str:
    return _kept(book, (0.95, 123456789012345.0, -2.5)) or _kept(book, ("110101199001011234", "007"))


def _dates(book: OpenBook) -> str:
    return _kept(book, (plain(datetime(2026, 3, 5)), plain(datetime(2026, 11, 20, 16, 2))), "yyyy-mm-dd hh:mm")


def _blanks(book: OpenBook) -> str:
    return _kept(book, ("有", None, "有")) or _kept(book, (None, None, None))


def _block(book: OpenBook) -> str:
    values = tuple(tuple(f"{row},{column}" for column in range(10)) for row in range(200))
    book.write(SHEET, Block(_ROOM, 5, values))
    back = book.read(SHEET, (_ROOM, _ROOM + 199), (5, 14))
    return "" if [tuple(row) for row in back] == list(values) else "不一致 / not the same"


def _filtered(book: OpenBook) -> str:
    """Writes over the rows of a filter, and lets one come and go."""
    hidden = [row for row in range(_FIRST, _LAST + 1) if book.is_hidden(SHEET, row)]
    if not hidden:
        return "文件里的筛选没有生效 / the file's filter is not on"
    values = tuple((f"新{row}",) for row in range(_FIRST, _LAST + 1))
    book.write(SHEET, Block(_FIRST, 2, values))
    missed = [r for r, row in enumerate(book.read(SHEET, (_FIRST, _LAST), (2, 2)), _FIRST) if row != [f"新{r}"]]
    for row in missed:  # as the bridge does: cell by cell
        book.write(SHEET, Block(row, 2, ((f"新{row}",),)))
    book.insert_rows(SHEET, hidden[0] + 1, 1)
    book.delete_rows(SHEET, hidden[0] + 1, 1)
    back = tuple(tuple(row) for row in book.read(SHEET, (_FIRST, _LAST), (2, 2)))
    still = [row for row in range(_FIRST, _LAST + 1) if book.is_hidden(SHEET, row)]
    return "" if back == values and still == hidden else f"{back} {hidden} {still}"


def _folded(book: OpenBook) -> str:
    book.set_height(SHEET, _GROUPED, 40)
    return "" if book.is_hidden(SHEET, _GROUPED) else "行被展开了 / the row was unfolded"


def _marked(book: OpenBook) -> str:
    for mark in (Mark((1,), 2), Mark((2,))):
        book.set_name(NAME, mark.text())
        if read_mark(book.name(NAME)) != mark:
            return str(book.name(NAME))
    return ""


def _noted(book: OpenBook) -> str:
    book.add_note(SHEET, _ROOM, 1, f"{AUTHOR}：\n试\n〔原底色 无〕")
    book.set_look(SHEET, (_ROOM, 1, _ROOM, 1), "fill", FILL)
    cleared = clear(book)
    left = book.fill(SHEET, _ROOM, 1), list(book.notes(SHEET))
    return "" if cleared == 1 and left == (None, []) else f"{cleared} {left}"


def _merged(book: OpenBook) -> str:
    book.merge(SHEET, _ROOM - 2, (1, 3))
    spans = book.spans(SHEET, _ROOM - 2, 4)
    return "" if spans == ((1, 3),) else str(spans)


_TRIALS: tuple[tuple[str, str, Callable[[OpenBook], str]], ...] = (
    ("像公式、像数字的文字写进去还是文字", "texts like formulas and numbers stay texts", _texts),
    ("百分比、长数字、编号不变样", "percentages, long numbers and ids stay what they are", _numbers),
    ("日期和时刻是真的日期", "dates and moments are real ones", _dates),
    ("空着的还是空着", "blanks stay blank", _blanks),
    ("整块写入和读回", "whole blocks are written and read back", _block),
    ("开着筛选也写得对，隐藏的行仍然隐藏", "with a filter on all is written and hidden rows stay hidden", _filtered),
    ("折叠的行改行高也不展开", "a folded row stays folded when its height is set", _folded),
    ("版次标记写得进、读得回", "the edition's mark is written and read back", _marked),
    ("批注和底色能加、能只去掉自己的", "notes and fills are added, and ours alone taken away", _noted),
    ("合并的格认得出来", "merged cells are recognised", _merged),
)


def _replaced(path: Path) -> Found:
    """Once it is closed the file can be replaced at once."""
    fresh = path.with_name("syncer检查2.xlsx")
    try:
        fresh.write_bytes(_file())
        fresh.replace(path)
    except OSError as error:
        return Found("关闭后文件马上能换", "a closed file can be replaced at once", is_well=False, detail=str(error))
    return Found("关闭后文件马上能换", "a closed file can be replaced at once", is_well=True)
