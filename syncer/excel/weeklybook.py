"""The weekly book (周报): 汇总, 未报送 and 下周到期, set out to be printed on A4 and sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import accumulate
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from syncer.core.model import Light, Settings
from syncer.core.reports.tallies import MonthTable
from syncer.core.reports.voices import WeekLine
from syncer.core.reports.weekly import DueLine, MissingLine, WeeklyReport
from syncer.excel.heights import row_height, text_width
from syncer.excel.writing import (
    DATA,
    FILL_IN,
    HEADER,
    HEADER_FILL,
    TITLE,
    Formats,
    GrowingSheet,
    open_workbook,
    page,
    write_value,
)

DRAFT = "（送审稿）"
# Widths in characters of the default font; a Chinese sign takes two. 12-point text is printed at about 9 points.
_SUMMARY = (
    ("序号", 5),
    ("任务\n编号", 7),
    ("重点任务", 21),
    ("牵头（配合）", 14),
    ("完成时限", 11),
    ("工作\n状态", 8),
    ("完成率\n（较上周±）", 12),
    ("本周完成情况", 32),
    ("下周工作计划", 22),
    ("存在问题", 18),
    ("需协调事项", 14),
    ("亮灯", 16),
)
_MISSING = (
    ("序号", 6),
    ("单位", 16),
    ("应报内容", 28),
    ("应报日期", 14),
    ("最近一次填报", 16),
    ("情况", 34),
    ("联络员", 12),
    ("电话", 18),
)
_DUE = (
    ("序号", 6),
    ("到期日", 17),
    ("任务编号", 10),
    ("重点任务", 36),
    ("牵头（配合）", 22),
    ("完成时限", 18),
    ("工作状态", 11),
    ("完成率", 10),
    ("亮灯", 22),
)
_WEEKDAYS = "一二三四五六日"
_POINTS, _LEAST_POINTS = 12, 24.0  # size of the text; height of a row of one line
_HEADER_ROWS = 3  # title, fill-in line, column names


def write_weekly(
    target: BinaryIO, report: WeeklyReport, settings: Settings, *, draft: bool, tables: Sequence[MonthTable] = ()
) -> None:
    """Writes the weekly book; a draft says so in every title. Same report, same bytes."""
    book = open_workbook(target, datetime.combine(report.as_of, time.min), report.title)
    sheets = _Sheets(book, report, settings, DRAFT if draft else "")
    sheets.summary()
    sheets.missing()
    sheets.due()
    if tables:
        sheets.tallies(tables)
    book.close()


class _Sheets:
    """One weekly book being written."""

    def __init__(self, book: xlsxwriter.Workbook, report: WeeklyReport, settings: Settings, mark: str) -> None:
        self._book = book
        self._report = report
        self._settings = settings
        self._mark = mark
        self._formats = Formats(book)
        self._data = self._formats(**DATA)
        self._middle = self._formats(**DATA, align="center")
        self._plain = self._formats(**FILL_IN, text_wrap=True)

    def summary(self) -> None:
        """汇总: the rows that a leader reads, the line for the rest, notes, and where to sign."""
        report = self._report
        sheet = self._begin("汇总", report.title, _SUMMARY)
        for at, line in enumerate(report.lines):
            self._row(sheet, 3 + at, _cells(at + 1, line), _SUMMARY, centred={0, 1, 4, 5, 6}, light=line.light)
        row = 3 + len(report.lines)
        nothing = "本周没有需要单列的任务" if not report.lines and not report.rest else ""
        for text in filter(None, (report.rest, nothing)):
            self._across(sheet, row, text, _SUMMARY, self._formats(**DATA, indent=1))
            row += 1
        for text in (report.summary, *(f"注：{note}" for note in report.notes)):
            self._across(sheet, row, text, _SUMMARY, self._plain)
            row += 1
        self._fields(sheet, row, ("审核人：", "填报人：", "电话："), [width for _, width in _SUMMARY])
        sheet.set_row(row, 40)
        sheet.autofilter(2, 0, 2 + max(1, len(report.lines)), len(_SUMMARY) - 1)

    def missing(self) -> None:
        """未报送: who owes what, and below it the line for the work group."""
        report = self._report
        sheet = self._begin("未报送", f"未报送单位（{_week_words(report)}）", _MISSING)
        for at, line in enumerate(report.missing):
            self._row(sheet, 3 + at, _missing_cells(at + 1, line), _MISSING, centred={0, 1, 3, 4, 6, 7})
        row = 3 + len(report.missing)
        if not report.missing:
            self._across(sheet, row, "应报单位均已报送", _MISSING, self._formats(**DATA, align="center"))
            row += 1
        self._across(sheet, row + 1, "可直接复制到工作群：", _MISSING, self._formats(**{**FILL_IN, "bold": True}))
        boxed = self._formats(**DATA, bg_color="F7F7F7", indent=1)
        self._across(sheet, row + 2, report.group_line, _MISSING, boxed, least=48)

    def due(self) -> None:
        """下周到期: by day."""
        report = self._report
        sheet = self._begin("下周到期", f"下周到期事项（{_week_words(report)}之后）", _DUE)
        for at, line in enumerate(report.due):
            self._row(sheet, 3 + at, _due_cells(at + 1, line), _DUE, centred={0, 1, 2, 5, 6, 7}, light=line.light)
        if not report.due:
            self._across(sheet, 3, "下周没有到期事项", _DUE, self._formats(**DATA, align="center"))

    def tallies(self, tables: Sequence[MonthTable]) -> None:
        """统计: the year's records by unit and month, one block a sheet, each under its own header."""
        months, sums = tables[0].months, max(len(table.sums) for table in tables)
        columns = (("单位", 18.0), *((f"{month}月", 7.0) for month in months), ("合计", 9.0), *([("", 13.0)] * sums))
        title = f"{self._report.end.year}年各单位记录统计（截至{_day(self._report.as_of)}）"
        sheet = self._begin("统计", title, columns, header=False)
        row = _HEADER_ROWS - 1
        for table in tables:
            row = self._tally(sheet, row, table, columns)

    def _tally(self, sheet: Worksheet, row: int, table: MonthTable, columns: Sequence[tuple[str, float]]) -> int:
        """Writes one block; returns the row below it."""
        named = len(table.months) + 2  # 单位, the months, 合计
        own = columns[: named + len(table.sums)]
        self._across(sheet, row, f"{table.sheet}（条数）", columns, self._formats(**{**FILL_IN, "bold": True}))
        self._header(sheet, row + 1, [*(name for name, _ in columns[:named]), *table.sums])
        row += 2
        for name, counts, total, added in table.lines:
            self._row(sheet, row, (name, *counts, total, *added), own, centred=set(range(len(own))))
            row += 1
        return row

    def _begin(self, name: str, title: str, columns: Sequence[tuple[str, float]], *, header: bool = True) -> Worksheet:
        """Returns a new sheet with title, fill-in line, print set-up and, where one serves the whole sheet, its header."""
        report = self._report
        sheet = self._book.add_worksheet(name, worksheet_class=GrowingSheet)
        repeated = _HEADER_ROWS if header else _HEADER_ROWS - 1
        sheet.fixed_rows = repeated
        last = len(columns) - 1
        sheet.merge_range(0, 0, 0, last, title + self._mark, self._formats(**TITLE))
        sheet.set_row(0, 42)
        fields = (
            f"填报单位（盖章）：{report.office}",
            f"统计周期：{_period(report)}",
            f"填报日期：{_day(report.as_of)}",
        )
        widths = [width for _, width in columns]
        self._fields(sheet, 1, fields, widths)
        sheet.set_row(1, 26)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        if header:
            self._header(sheet, 2, [text for text, _ in columns])
        sheet.freeze_panes(repeated, 0)
        sheet.hide_gridlines(2)
        page(sheet, paper="A4", landscape=True, header_rows=repeated)
        return sheet

    def _header(self, sheet: Worksheet, row: int, names: Sequence[str]) -> None:
        style = self._formats(**HEADER, bg_color=HEADER_FILL)
        for at, name in enumerate(names):
            sheet.write_string(row, at, name, style)
        sheet.set_row(row, 36)

    def _fields(self, sheet: Worksheet, row: int, texts: Sequence[str], widths: Sequence[float]) -> None:
        """Writes the fields of a line side by side, each over its share of the width, and over as much as it needs."""
        style = self._formats(**FILL_IN)
        for text, (first, last) in zip(texts, _spans(texts, widths), strict=True):
            if last > first:
                sheet.merge_range(row, first, row, last, "", style)
            write_value(sheet, row, first, text, style, formats=self._formats)

    def _row(
        self,
        sheet: Worksheet,
        row: int,
        values: Sequence[str | float],
        columns: Sequence[tuple[str, float]],
        *,
        centred: set[int],
        light: Light | None = None,
    ) -> None:
        """Writes one row as tall as its text; the last cell of a row with a light wears its colour."""
        for at, value in enumerate(values):
            style = self._middle if at in centred else self._data
            if light is not None and at == len(values) - 1:
                style = self._formats(**DATA, bg_color=self._settings.colour(light))
            write_value(sheet, row, at, value or None, style, formats=self._formats)
        texts = [(str(value), width) for value, (_, width) in zip(values, columns, strict=True)]
        sheet.set_row(row, row_height(texts, _POINTS, _LEAST_POINTS))

    def _across(
        self,
        sheet: Worksheet,
        row: int,
        text: str,
        columns: Sequence[tuple[str, float]],
        style: Format,
        *,
        least: float = _LEAST_POINTS,
    ) -> None:
        """Writes one text over all columns, as tall as it needs: Excel never fits a merged cell by itself."""
        sheet.merge_range(row, 0, row, len(columns) - 1, "", style)
        write_value(sheet, row, 0, text, style, formats=self._formats)
        sheet.set_row(row, row_height([(text, sum(width for _, width in columns))], _POINTS, least))


def _spans(texts: Sequence[str], widths: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Yields the columns, first and last, over which each text stands: the last one takes what is left.

    A field ends where its share of the line does, and no sooner than its text does.
    """
    ends = list(accumulate(widths))
    first, used = 0, 0.0
    for at, text in enumerate(texts, 1):
        wanted = max(ends[-1] * at / len(texts), used + text_width(text) + 2)
        left = len(texts) - at  # fields to come, each needs a column
        last = next((n for n, end in enumerate(ends) if n >= first and end >= wanted), len(ends) - 1)
        last = len(ends) - 1 if not left else min(last, len(ends) - 1 - left)
        yield first, last
        first, used = last + 1, ends[last]


def _cells(number: int, line: WeekLine) -> tuple[str | int, ...]:
    return (
        number,
        line.number,
        line.title,
        line.who,
        line.deadline,
        line.status,
        line.percent,
        line.this_week,
        line.next_week,
        line.trouble,
        line.help,
        line.light_text,
    )


def _missing_cells(number: int, line: MissingLine) -> tuple[str | int, ...]:
    due = f"{line.due.month}月{line.due.day}日{'（已逾期）' if line.late else ''}" if line.due else ""
    last = _day(line.last_change) if line.last_change else "从未填报"
    return number, line.unit, line.what, due, last, line.why, line.contact, line.phone


def _due_cells(number: int, line: DueLine) -> tuple[str | int, ...]:
    day = f"{line.day.month}月{line.day.day}日（周{_WEEKDAYS[line.day.weekday()]}）"
    shown = (line.number, line.title, line.who, line.deadline, line.status, line.percent, line.light_text)
    return number, day, *shown


def _week_words(report: WeeklyReport) -> str:
    """``"2026年第47周"``."""
    return f"{report.week[:4]}年第{int(report.week[-2:])}周"


def _period(report: WeeklyReport) -> str:
    if report.start > report.end:
        return f"{_day(report.start)}起"
    end = _day(report.end)
    return f"{_day(report.start)}—{end if report.start.year != report.end.year else end[5:]}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
