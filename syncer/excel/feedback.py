"""The feedback book (填报提示): one page for one unit; a receipt in large type, then what to mend and where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from xlsxwriter.worksheet import Worksheet

from syncer.core.problems import Problem, Severity
from syncer.excel.heights import row_height
from syncer.excel.writing import (
    DATA,
    FILL_IN,
    HEADER,
    HEADER_FILL,
    HEADER_FONT,
    Formats,
    link,
    open_workbook,
    page,
    write_value,
)
from syncer.messages import severity_of

ALL_GOOD = "全部通过"
_COLUMNS = (
    ("序号", 6),
    ("级别", 9),
    ("位置", 17),
    ("哪一行、哪一列", 24),
    ("填的内容", 22),
    ("问题", 36),
    ("怎么改", 36),
)
_WIDTH = sum(width for _, width in _COLUMNS)
# Calm words and dark colours: the page is an answer, not a reprimand. Worst first.
_LEVELS = {
    Severity.ERROR: ("请改正", "9C0006"),
    Severity.WARNING: ("请核对", "7F6000"),
    Severity.NOTE: ("提示", "595959"),
}
_CREATED = datetime(2026, 1, 1)  # a book that says the same must have the same bytes on any day
_MOST_ROWS, _MOST_SIGNS = 300, 80
_POINTS, _LEAST_POINTS = 12, 26.0


def write_feedback(
    target: BinaryIO,
    unit_name: str,
    receipt: str,
    problems: Sequence[tuple[Problem, str, str]],
    *,
    book_link: str,
    questions: Sequence[str] = (),
) -> None:
    """Writes a unit's feedback book. Same content, same bytes, on any day.

    Args:
        target: an open binary stream.
        unit_name: as it stands in the second line.
        receipt: the first line, e.g. ``16:02 保存：读到14行，1个问题，全部入库``.
        problems: each with what is wrong and what to do, in plain words.
        book_link: path of the unit's workbook relative to the feedback book's folder; or of a folder, where the problems
            speak of several files.
        questions: what waits for the coordinator, a sentence each.
    """
    book = open_workbook(target, _CREATED, f"{unit_name}填报提示")
    sheet = book.add_worksheet("填报提示")
    _Page(sheet, Formats(book), book_link.replace("\\", "/")).write(unit_name, receipt, problems, questions)
    book.close()


class _Page:
    """The one sheet being written, row by row."""

    def __init__(self, sheet: Worksheet, formats: Formats, book_link: str) -> None:
        self._sheet = sheet
        self._formats = formats
        self._book_link = book_link
        self._is_book = bool(PurePosixPath(book_link).suffix)
        self._row = 0
        for at, (_, width) in enumerate(_COLUMNS):
            sheet.set_column(at, at, width)
        sheet.hide_gridlines(2)
        page(sheet, paper="A4", landscape=True)

    def write(
        self, unit_name: str, receipt: str, problems: Sequence[tuple[Problem, str, str]], questions: Sequence[str]
    ) -> None:
        """Writes everything, top to bottom."""
        self._across(receipt or "还没有收到保存的内容", 20, 54, font_name=HEADER_FONT)
        ordered = sorted(problems, key=lambda item: list(_LEVELS).index(severity_of(item[0])))
        advice = _advice([problem for problem, _, _ in ordered], one_book=self._is_book)
        self._across(f"{unit_name}：{advice}", _POINTS, 30, font_color="#595959")
        if ordered:
            self._header()
        else:
            self._across(ALL_GOOD, 28, 72, font_name=HEADER_FONT, font_color="#375623", align="center")
        for number, (problem, what, do) in enumerate(ordered[:_MOST_ROWS], 1):
            self._problem(number, problem, what, do)
        if len(ordered) > _MOST_ROWS:
            self._across(f"另有{len(ordered) - _MOST_ROWS}条，改好上面的再保存后会接着列出。", _POINTS, 30)
        if questions:
            self._across("等创建办处理的事项（不用重填，处理前按原内容计）", 14, 36, font_name=HEADER_FONT)
        for number, text in enumerate(questions, 1):
            self._across(f"{number}. {text}", _POINTS, _LEAST_POINTS, indent=1)

    def _header(self) -> None:
        style = self._formats(**HEADER, bg_color=HEADER_FILL)
        for at, (name, _) in enumerate(_COLUMNS):
            self._sheet.write_string(self._row, at, name, style)
        self._sheet.set_row(self._row, 30)
        self._row += 1
        self._sheet.freeze_panes(self._row, 0)

    def _problem(self, number: int, problem: Problem, what: str, do: str) -> None:
        word, colour = _LEVELS[severity_of(problem)]
        data = self._formats(**DATA)
        middle = self._formats(**DATA, align="center")
        found = problem.found if len(problem.found) <= _MOST_SIGNS else problem.found[:_MOST_SIGNS] + "…"
        level = self._formats(**DATA, align="center", font_color=f"#{colour}")
        texts = [str(number), word, _where(problem), _named(problem), found, what, do]
        styles = [middle, level, data, data, data, data, data]
        write_value(self._sheet, self._row, 0, number, middle, formats=self._formats)
        for at in range(1, len(texts)):
            write_value(self._sheet, self._row, at, texts[at] or None, styles[at], formats=self._formats)
        self._link(problem, texts[2])
        sizes = [(text, width) for text, (_, width) in zip(texts, _COLUMNS, strict=True)]
        self._sheet.set_row(self._row, row_height(sizes, _POINTS, _LEAST_POINTS))
        self._row += 1

    def _link(self, problem: Problem, text: str) -> None:
        """Makes the place a link, where it is known which file on the disk it is in."""
        if self._is_book and problem.place.file not in {"", PurePosixPath(self._book_link).name}:
            return
        style = self._formats(**DATA, font_color="#0563C1", underline=1)
        to_sheet = problem.place.sheet if self._is_book else ""
        link(
            self._sheet,
            self._row,
            2,
            text,
            style,
            path=self._book_link,
            to_sheet=to_sheet,
            cell=problem.place.cell or "A1",
        )

    def _across(self, text: str, points: float, least: float, **looks: object) -> None:
        """Writes one text over all columns, as tall as it needs."""
        props = {**FILL_IN, "font_size": points, "text_wrap": True, **looks}
        style = self._formats(**props)
        self._sheet.merge_range(self._row, 0, self._row, len(_COLUMNS) - 1, "", style)
        write_value(self._sheet, self._row, 0, text, style, formats=self._formats)
        self._sheet.set_row(self._row, row_height([(text, _WIDTH)], points, least))
        self._row += 1


def _where(problem: Problem) -> str:
    """Returns the place as a clerk reads it. One line: LibreOffice does not wrap a link."""
    place = problem.place
    return f"{place.sheet}!{place.cell}" if place.sheet and place.cell else place.sheet or place.file


def _named(problem: Problem) -> str:
    return " · ".join(part for part in (problem.row_key, problem.column) if part)


def _advice(problems: Sequence[Problem], *, one_book: bool) -> str:
    """Returns what to do with this page."""
    if not problems:
        return "填报的内容没有发现问题。再次保存后本页自动更新。"
    if not one_book:
        return "按“怎么改”处理后放回原处即可，本页自动更新。"
    if all(severity_of(problem) is Severity.NOTE for problem in problems):
        return "没有需要改正的内容，下面是几点提示。点“位置”可直接打开工作簿到那一格。"
    return "点“位置”可直接打开工作簿到那一格，改好后保存即可，本页自动更新。"
