"""The master workbook (03汇总台账): written whole, from an `Overview` alone; the same overview gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from syncer.core.model import Column, ColumnType, Light, Settings, Sheet
from syncer.core.reports.lines import (
    CHANGES,
    FRONT,
    HEADER_ROWS,
    LEDGER,
    LIGHTS,
    QUESTIONS,
    Block,
    LedgerLine,
    Overview,
)
from syncer.core.reports.progress import TASKS
from syncer.core.values import show
from syncer.excel import master_rows as rows
from syncer.excel.heights import table_height
from syncer.excel.master_front import SIGNATURE, FrontPage
from syncer.excel.master_rows import Cell, Heading, Line, make_line
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
    sheet_name,
    write_value,
)

_BACK = {"font_color": "595959", "bg_color": "F7F7F7"}  # unit rows stand back behind the task's
_DOUBTFUL = {"italic": True, "font_color": "8B1A1A"}  # calm, and seen in black and white too
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    rows.TEXT: {},
    rows.CENTRE: {"align": "center"},
    rows.NUMBER: {"align": "center"},
    rows.PERCENT: {"align": "center", "num_format": "0%"},
    rows.DATE: {"align": "center", "num_format": "yyyy-mm-dd"},
    rows.MOMENT: {"align": "center", "num_format": "yyyy-mm-dd hh:mm"},
}
_LEFT_OUT = {"no", "section", "title", "last_week", "light", "hint"}  # of 总台账: shown elsewhere in it, or in 任务清单


def write_master(
    stream: BinaryIO,
    view: Overview,
    settings: Settings,
    *,
    properties: Mapping[str, str] | None = None,
    unit_folder: str = "../02各单位填报",
) -> None:
    """Writes the master workbook to ``stream``.

    ``properties`` become custom document properties of text type. ``unit_folder`` is where the units' workbooks lie, seen
    from the master, for the one link a unit on 首页.
    """
    book = open_workbook(stream, datetime.combine(view.as_of, time()))
    for name, value in (properties or {}).items():
        book.set_custom_property(name, value, "text")
    tables = list(_tables(view))
    writer = _Writer(book, Formats(book), view, settings)
    front = book.add_worksheet(FRONT)
    names = [FRONT, LEDGER, LIGHTS, CHANGES, QUESTIONS]
    contents: list[tuple[str, int]] = []
    for table in tables:
        name = table.name
        if table.is_data:
            name = sheet_name(table.name, names)
            names.append(name)
        contents.append((name, table.count))
        writer.table(name, table)
    FrontPage(book, front, writer.formats, view, dict(settings.colours), contents, unit_folder).write()
    front.activate()
    book.close()


class _Table:
    """One sheet to write: headings and rows, and what it counts."""

    def __init__(
        self,
        name: str,
        headings: Sequence[Heading],
        lines: Sequence[Line],
        *,
        frozen: int = 1,
        count: int | None = None,
        is_data: bool = False,
        signed: bool = False,
        note: str = "",
    ) -> None:
        self.name, self.headings, self.lines, self.frozen = name, headings, lines, frozen
        self.count = len(lines) if count is None else count
        self.is_data, self.signed, self.note = is_data, signed, note


class _Writer:
    """Writes tables that all look alike: title, line 2, two header rows, data, print set-up."""

    def __init__(self, book: xlsxwriter.Workbook, formats: Formats, view: Overview, settings: Settings) -> None:
        self.formats = formats
        self._book, self._view, self._settings = book, view, settings
        self._styles: dict[tuple[str, bool, bool], Any] = {}

    def table(self, name: str, table: _Table) -> None:
        """Writes one sheet."""
        sheet = self._book.add_worksheet(name, worksheet_class=GrowingSheet)
        sheet.fixed_rows = HEADER_ROWS
        last = len(table.headings) - 1
        self._frame(sheet, name, table)
        lines = table.lines or [make_line([Cell("（无）"), *[Cell()] * last], table.headings)]
        for at, line in enumerate(lines, HEADER_ROWS):
            self._line(sheet, at, line, last)
        end = HEADER_ROWS + len(lines) - 1
        sheet.autofilter(HEADER_ROWS - 1, 0, end, last)
        sheet.freeze_panes(HEADER_ROWS, table.frozen)
        if table.signed:
            sheet.set_row(end + 2, 34)
            sheet.write_string(end + 2, 0, SIGNATURE, self.formats(**FILL_IN))
        page(sheet, paper="A3", header_rows=HEADER_ROWS, left=f"{self._view.office} {name}".strip())
        sheet.print_area(0, 0, end + 2 if table.signed else end, last)

    def _frame(self, sheet: Worksheet, name: str, table: _Table) -> None:
        last = len(table.headings) - 1
        day = self._view.as_of
        sheet.set_row(0, 40)
        sheet.set_row(1, 24)
        sheet.merge_range(0, 0, 0, last, f"{self._view.title}·{name}", self.formats(**TITLE))
        note = f"截至 {day.year}年{day.month}月{day.day}日　{table.note or '自动生成，直接在此修改不会生效'}"
        sheet.write_string(1, 0, note, self.formats(**FILL_IN | {"text_wrap": False}))
        head = self.formats(**HEADER, bg_color=HEADER_FILL)
        for first, final, group in _spans([h.group for h in table.headings]):
            if group and final > first:
                sheet.merge_range(2, first, 2, final, group, head)
            else:
                for column in range(first, final + 1):
                    write_value(sheet, 2, column, group or None, head, formats=self.formats)
        for column, heading in enumerate(table.headings):
            sheet.set_column(column, column, heading.width, None, {"hidden": True} if heading.hidden else {})
            sheet.write_string(3, column, heading.name, head)
        sheet.set_row(2, max(24.0, *(_group_height(table.headings))))
        sheet.set_row(
            3, max(30.0, table_height([h.name for h in table.headings], [h.width for h in table.headings], 18))
        )

    def _line(self, sheet: Worksheet, at: int, line: Line, last: int) -> None:
        sheet.set_row(at, line.height, None, {"level": line.level} if line.level else {})
        for column in range(last + 1):
            cell = line.cells[column] if column < len(line.cells) else Cell()
            write_value(sheet, at, column, cell.value, self._style(cell, line.level), formats=self.formats)
        if line.level:
            sheet.outline_settings(visible=True, symbols_below=False)

    def _style(self, cell: Cell, level: int) -> Any:
        key = (cell.look, cell.doubtful, level > 0)
        if key not in self._styles:
            self._styles[key] = self._new_style(*key)
        return self._styles[key]

    def _new_style(self, look: str, doubtful: bool, back: bool) -> Any:
        if look.startswith(rows.LIGHT):
            light = Light(look.removeprefix(rows.LIGHT))
            return self.formats(**DATA, align="center", bg_color=self._settings.colour(light))
        return self.formats(**{**DATA, **_LOOKS[look], **(_BACK if back else {}), **(_DOUBTFUL if doubtful else {})})


def _spans(groups: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yields runs of equal neighbours: ``["a", "a", "b"]`` → ``(0, 1, "a"), (2, 2, "b")``."""
    first = 0
    for at in range(1, len(groups) + 1):
        if at == len(groups) or groups[at] != groups[first]:
            yield first, at - 1, groups[first]
            first = at


def _group_height(headings: Sequence[Heading]) -> Iterator[float]:
    shown = [h for h in headings if not h.hidden]
    for first, final, group in _spans([h.group for h in shown]):
        yield table_height([group], [sum(h.width for h in shown[first : final + 1])], 18)


# --- the tables


def _tables(view: Overview) -> Iterator[_Table]:
    """Yields every sheet after 首页, in order."""
    yield _ledger(view)
    yield _lights(view)
    for sheet, blocks in view.data:
        lines = [line for block in blocks for line in rows.data_lines(sheet, block)]
        headings = rows.data_headings(sheet)
        extra = any(len(line.cells) == len(headings) for line in lines)
        shown = headings if extra else headings[:-1]
        yield _Table(sheet.name, shown, lines, frozen=3, is_data=True, note="；".join(_data_notes(blocks)))
    yield _changes(view)
    yield _questions(view)


def _data_notes(blocks: Sequence[Block]) -> Iterator[str]:
    """What line 2 of a data sheet has to say; nothing where all rows are shown and every value fits."""
    if blank := sum(block.blank for block in blocks):
        listed = sum(len(block.rows) for block in blocks)
        yield f"共{blank + listed}行，只列单位已填写的{listed}行，其余{blank}行尚未填写"
    if any(block.doubtful for block in blocks):
        yield "斜体暗红的值与本栏的类型、范围或选项不符，待单位改正（见其填报提示）"


def _ledger(view: Overview) -> _Table:
    """总台账: front columns that every office has, then those of 任务清单, then what is computed."""
    sheet = next((sheet for sheet, _ in view.data if sheet.code == TASKS), None)
    columns = [c for c in sheet.columns if c.code not in _LEFT_OUT] if sheet else []
    headings = (
        Heading("任务编号", 7.5, "任务"),
        Heading("板块", 9.5, "任务"),
        Heading("重点任务", 18, "任务"),
        Heading("层级", 5.5, "任务"),
        Heading("单位", 9.5, "任务"),
        Heading("亮灯", 5.5, "亮灯"),
        Heading("亮灯原因", 16, "亮灯"),
        Heading("应达进度", 7, "亮灯"),
        Heading("下次到期", 11.5, "亮灯"),
        *(Heading(c.name, _narrow(c), c.group) for c in columns),
        Heading("来源", 14, "出处"),
    )
    lines = [make_line(_ledger_cells(line, columns, sheet), headings, line.level) for line in view.ledger]
    tasks = sum(line.kind == "任务" for line in view.ledger)
    note = "任务行之下，左侧“＋／－”可展开、收起各单位的分行"
    return _Table(LEDGER, headings, lines, frozen=3, count=tasks, signed=True, note=note)


def _narrow(column: Column) -> float:
    """The width of a column in 总台账, where some thirty have to share one A3 page."""
    wide = {"this_week": 30.0, "standard": 22.0, "next_week": 20.0, "trouble": 18.0, "person": 14.0}
    short = {ColumnType.LONG_TEXT: 14.0, ColumnType.DATE: 11.5, ColumnType.DEADLINE: 11.5, ColumnType.TEXT: 9.5}
    return wide.get(column.code) or min(rows.width_of(column), short.get(column.type, 8.0))


def _ledger_cells(line: LedgerLine, columns: Iterable[Column], sheet: Sheet | None) -> list[Cell]:
    number, title = show(line.values.get("no")), show(line.values.get("title"))
    return [
        Cell(number, rows.CENTRE),
        Cell(show(line.values.get("section")) or None),
        Cell(title or None),
        Cell(line.kind, rows.CENTRE),
        Cell(line.units, rows.CENTRE),
        _light(line.light),
        Cell(line.reason or None),
        rows.share(line.expected),
        Cell(line.next_due, rows.DATE),
        *(rows.typed(line.values.get(c.code), c) for c in columns),
        Cell(rows.source_text(line.source, sheet) or None),
    ]


def _lights(view: Overview) -> _Table:
    headings = (
        Heading("序号", 6, "亮灯"),
        Heading("亮灯", 6, "亮灯"),
        Heading("原因", 20, "亮灯"),
        Heading("连续红灯周数", 9, "亮灯"),
        Heading("任务编号", 9, "任务"),
        Heading("重点任务", 26, "任务"),
        Heading("牵头单位", 13, "任务"),
        Heading("责任领导", 11, "任务"),
        Heading("完成时限", 16, "任务"),
        Heading("最后到期", 13, "任务"),
        Heading("应达进度", 9, "进度"),
        Heading("完成率", 9, "进度"),
        Heading("存在问题或滞后原因", 30, "单位所报"),
        Heading("预计完成日期", 13, "单位所报"),
        Heading("需协调事项", 22, "单位所报"),
        Heading("矛盾之处（两边原话）", 36, "单位所报"),
    )
    lines = [
        make_line(
            [
                Cell(number, rows.NUMBER),
                _light(line.light),
                Cell(line.reason),
                Cell(line.weeks or None, rows.NUMBER),
                Cell(line.number, rows.CENTRE),
                Cell(line.title),
                Cell(line.unit, rows.CENTRE),
                Cell(line.leader or None, rows.CENTRE),
                Cell(line.deadline),
                Cell(line.due, rows.DATE),
                rows.share(line.expected),
                rows.share(line.percent),
                Cell(line.trouble or None),
                Cell(line.promised, rows.TEXT if isinstance(line.promised, str) else rows.DATE),
                Cell(line.help or None),
                Cell("\n".join(line.contradictions) or None),
            ],
            headings,
        )
        for number, line in enumerate(view.red_yellow, 1)
    ]
    return _Table(LIGHTS, headings, lines, frozen=2, signed=True, note="先红后黄，红灯按连续周数从多到少")


def _changes(view: Overview) -> _Table:
    headings = (
        Heading("发现时间", 19, "时间"),
        Heading("单位", 14, "位置"),
        Heading("表", 12, "位置"),
        Heading("行", 32, "位置"),
        Heading("列", 18, "位置"),
        Heading("原来", 36, "改动"),
        Heading("现在", 52, "改动"),
        Heading("结果", 10, "改动"),
        Heading("来源", 28, "出处"),
    )
    lines = [
        make_line(
            [
                rows.moment(line.at),
                Cell(line.unit, rows.CENTRE),
                Cell(line.sheet, rows.CENTRE),
                Cell(line.row),
                Cell(line.column),
                Cell(line.old or None),
                Cell(line.new or None),
                Cell(line.outcome, rows.CENTRE),
                Cell(rows.source_text(line.source) or None),
            ],
            headings,
        )
        for line in view.changes
    ]
    return _Table(CHANGES, headings, lines, note="上一期周报印发以来各单位保存的改动，先发生的在前；新增的记录一条一行")


def _questions(view: Overview) -> _Table:
    headings = (
        Heading("编号", 12, "事项"),
        Heading("事项", 13, "事项"),
        Heading("要定的事", 52, "事项"),
        Heading("现在的值", 28, "取值"),
        Heading("报来的值", 28, "取值"),
        Heading("原来的值", 24, "取值"),
        Heading("单位", 14, "位置"),
        Heading("表", 12, "位置"),
        Heading("行", 22, "位置"),
        Heading("列", 14, "位置"),
        Heading("提出时间", 19, "出处"),
        Heading("来源", 26, "出处"),
    )
    lines = [
        make_line(
            [
                Cell(line.id, rows.CENTRE),
                Cell(line.kind, rows.CENTRE),
                Cell(line.text),
                Cell(line.current or None),
                Cell(line.incoming or None),
                Cell(line.base or None),
                Cell(line.unit, rows.CENTRE),
                Cell(line.sheet, rows.CENTRE),
                Cell(line.row or None),
                Cell(line.column or None),
                rows.moment(line.at),
                Cell(rows.source_text(line.source) or None),
            ],
            headings,
        )
        for line in view.questions
    ]
    return _Table(QUESTIONS, headings, lines, frozen=2)


def _light(light: Light | None) -> Cell:
    return Cell(light.value, f"{rows.LIGHT}{light.value}") if light else Cell()
