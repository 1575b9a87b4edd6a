"""A unit's workbook: a page of advice, one sheet a data sheet of the ledger, and hidden what carries them.

Everything stays open: no protection, no merged data cell, no formula, so that sorting, filtering, inserting and pasting
work. What is not the unit's own is grey with a warning, never a stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from syncer.core.headers import ROW_ID, header_key
from syncer.core.model import Column, ColumnType, Ledger, Light, Owner, Row, Sheet, SheetKind, Stamp, Unit
from syncer.core.values import Scalar, column_letter, show
from syncer.excel.looks import (
    FILL_IN_ROW,
    FIRST_DATA_ROW,
    GROUP_ROW,
    LEAF_ROW,
    TITLE_ROW,
    SheetLooks,
    Type,
    row_height,
    rows_on_last_page,
)
from syncer.excel.stamp import OPTIONS_SHEET, STAMP_SHEET, stamp_texts
from syncer.excel.writing import (
    DATA,
    GREY_FILL,
    Formats,
    GrowingSheet,
    clean,
    link,
    open_workbook,
    page,
    sheet_name,
    write_value,
)

ADVICE_SHEET = "填报须知"
ID_COLUMN = 3  # 1-based: between two visible columns, so that a sort over a selection takes the ids along
SPARE_COLUMNS = 6
NARROWEST = 100.0  # character units: a title of 25 signs in 22 points
LIGHT = "light"  # code of 亮灯, whose first sign names the colour

_LEFT_ALIGNED = {ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.LINK, ColumnType.MULTI_CHOICE, ColumnType.UNITS}
_TEXT_CELLS = {ColumnType.IDENTIFIER, ColumnType.PHONE, ColumnType.TASKS}  # "2.10" must not become 2.1
_NUMBER_FORMATS = {
    ColumnType.PERCENT: "0%",
    ColumnType.DATE: "yyyy-mm-dd",
    **dict.fromkeys(_TEXT_CELLS, "@"),
}
_ONE_OF = {ColumnType.CHOICE, ColumnType.TEXT, ColumnType.IDENTIFIER}  # with options: one of them, or a warning
_SOME_OF = {ColumnType.MULTI_CHOICE, ColumnType.UNITS, ColumnType.TASKS}  # the list is offered; several may be typed
_LONGEST_OFFER = 300  # choices; nobody picks from a longer list, and every unit's book would carry it


@dataclass(frozen=True, slots=True)
class Slot:
    """One physical column of a data sheet. ``at`` is 1-based; ``column`` is empty for ids, spares and the unit's extras."""

    at: int
    header: str
    width: float
    column: Column | None = None
    group: str = ""
    hidden: bool = False
    printed: bool = True

    @property
    def letter(self) -> str:
        """The column's letters."""
        return column_letter(self.at)


def write_unit_book(
    target: Path | BinaryIO,
    unit: Unit,
    ledger: Ledger,
    stamp: Stamp,
    *,
    rows: Mapping[str, Sequence[Row]],
    reserved_ids: Mapping[str, Sequence[str]],
    issued: date,
    looks: Mapping[str, SheetLooks] | None = None,
) -> None:
    """Writes the workbook of one unit; same arguments, same bytes. Saving atomically is the caller's business.

    A percentage is kept as points (95) and written as a fraction shown as ``0%``: so a person types 95% or 95 and gets
    what she means. Who reads it back makes points of it again.

    Args:
        target: where to, a path or an open binary stream.
        unit: whose workbook; it gets the sheets whose audience it is in.
        ledger: the compiled control workbook.
        stamp: what the workbook says of itself.
        rows: content by sheet code, in order of appearance.
        reserved_ids: by sheet code, the ids to stand on blank rows below.
        issued: the day of issue, printed on the page of advice and the file's creation date.
        looks: by sheet name; defaults for what is missing.
    """
    book = open_workbook(target, datetime.combine(issued, time()), f"{unit.short}{ledger.settings.ledger_name}")
    formats = Formats(book)
    sheets = ledger.sheets_of(unit.code)
    taken = [ADVICE_SHEET, OPTIONS_SHEET, STAMP_SHEET]
    names: dict[str, str] = {}
    for sheet in sheets:
        names[sheet.code] = sheet_name(sheet.name, taken)
        taken.append(names[sheet.code])
    _write_advice(book, formats, unit, ledger, [(sheet, names[sheet.code]) for sheet in sheets], issued)
    lists = _list_names(ledger, sheets)
    for sheet in sheets:
        content = rows.get(sheet.code, ())
        style = (looks or {}).get(sheet.name, SheetLooks())
        worksheet = book.add_worksheet(names[sheet.code], worksheet_class=GrowingSheet)
        writer = _DataSheet(worksheet, formats, sheet, style, lay_out(sheet, style, content))
        writer.write(unit, ledger, content, reserved_ids.get(sheet.code, ()), lists)
    _write_lists(book, ledger, lists)
    _write_stamp(book, stamp)
    book.close()


def lay_out(sheet: Sheet, looks: SheetLooks, rows: Sequence[Row] = ()) -> tuple[Slot, ...]:
    """Returns the physical columns: the sheet's own, hidden spares, the system's trailing block, the unit's extras.

    The hidden row ids are column C. The spares stand before the trailing block, so that a new column never has to push
    anything aside; they count as printed, for a spare that comes into use shall be.
    """
    trailing = len(sheet.columns)
    while trailing and sheet.columns[trailing - 1].owner is Owner.SYSTEM:
        trailing -= 1
    band = "" if any(column.group for column in sheet.columns) else sheet.name
    body = _stretched([_own(column, looks, band) for column in sheet.columns[:trailing]], looks)
    body += [Slot(0, f"备用{number}", 12, hidden=True) for number in range(1, SPARE_COLUMNS + 1)]
    ids_group = body[1].group if body[1].group == body[2].group else ""
    body.insert(ID_COLUMN - 1, Slot(0, ROW_ID, 12, group=ids_group, hidden=True))
    body += [replace(_own(column, looks, ""), printed=False) for column in sheet.columns[trailing:]]
    body += [Slot(0, name, 16, printed=False) for name in dict.fromkeys(name for row in rows for name, _ in row.extra)]
    return tuple(replace(slot, at=at) for at, slot in enumerate(body, start=1))


def _own(column: Column, looks: SheetLooks, band: str) -> Slot:
    """Returns a column of the schema; ``band`` stands above where a sheet has no groups of columns at all."""
    measure = f"\n（{column.measure}）" if column.measure and column.measure not in column.name else ""
    header = f"{column.name}{'*' if column.required else ''}{measure}"
    return Slot(0, header, looks.width(column), column, column.group or band)


def _stretched(slots: list[Slot], looks: SheetLooks) -> list[Slot]:
    """Widens the columns of a narrow sheet that nobody laid out, such as a survey, until title and fill-in line fit."""
    total = sum(slot.width for slot in slots)
    if looks.widths or not slots or total >= NARROWEST:
        return slots
    return [replace(slot, width=round(slot.width * NARROWEST / total, 2)) for slot in slots]


class _DataSheet:
    """Writes one data sheet. Rows and columns are 1-based here and everywhere but in calls of XlsxWriter."""

    def __init__(
        self, worksheet: Worksheet, formats: Formats, sheet: Sheet, looks: SheetLooks, slots: tuple[Slot, ...]
    ) -> None:
        self.worksheet, self.formats, self.sheet, self.looks, self.slots = worksheet, formats, sheet, looks, slots
        shown = [slot for slot in slots if not slot.hidden] or list(slots[:1])
        self.visible = [slot for slot in shown if slot.printed] or shown  # what a printed page shows
        self.leaf_height = looks.leaf_height
        self.styles = {slot.at: self._style(slot) for slot in slots}

    def write(
        self, unit: Unit, ledger: Ledger, rows: Sequence[Row], reserved: Sequence[str], lists: Mapping[str, str]
    ) -> None:
        """Writes everything. The last row with rules and borders is the last reserved one."""
        last_row = LEAF_ROW + max(len(rows) + len(reserved), 1)
        self._columns()
        self._headings(unit, ledger)
        heights = [self._row(at, row.id, self._cells(row)) for at, row in enumerate(rows, start=FIRST_DATA_ROW)]
        for at, row_id in enumerate(reserved, start=FIRST_DATA_ROW + len(rows)):
            self._row(at, row_id, {})
        self._validations(last_row, lists)
        self._conditions(last_row, ledger)
        self._print_set_up(heights, len(reserved))
        self.worksheet.autofilter(LEAF_ROW - 1, 0, last_row - 1, len(self.slots) - 1)
        frozen = next((s.at for s in self.slots if s.column and header_key(s.header) == self.looks.freeze_before), 2)
        self.worksheet.freeze_panes(LEAF_ROW, frozen - 1)

    def _style(self, slot: Slot, *, bare: bool = False) -> Format:
        """Returns the format of a column's data cells, grey where foreign in every row; ``bare`` has no frame or fill."""
        plain = ColumnType.IDENTIFIER if slot.at == ID_COLUMN else ColumnType.TEXT
        kind = slot.column.type if slot.column else plain
        props: dict[str, Any] = {
            **DATA,
            **_font(self.looks.data),
            "align": "left" if kind in _LEFT_ALIGNED else "center",
        }
        if kind in _NUMBER_FORMATS:
            props["num_format"] = _NUMBER_FORMATS[kind]
        if bare:
            props["border"] = 0
        elif slot.column and self._foreign_everywhere(slot.column):
            props["bg_color"] = GREY_FILL
        return self.formats(**props)

    def _foreign_everywhere(self, column: Column) -> bool:
        return column.owner is Owner.SYSTEM or (column.owner is Owner.COORDINATOR and not self.sheet.from_plan)

    def _columns(self) -> None:
        """Sets widths, and formats for the rows beyond the reserved ones: no borders there, or all would be printed."""
        for slot in self.slots:
            below = self._style(slot, bare=True)
            # Widths are the file's own units: 8 pixels of 宋体 11, padding included.
            pixels = round(slot.width * 8)
            self.worksheet.set_column_pixels(slot.at - 1, slot.at - 1, pixels, below, {"hidden": slot.hidden})

    def _headings(self, unit: Unit, ledger: Ledger) -> None:
        """Writes title, fill-in line and the header: groups merged over equal neighbours, leaves never merged."""
        looks, settings = self.looks, ledger.settings
        title = f"{settings.office}{settings.ledger_name}——{self.sheet.name}（{settings.year}年）"
        first, last = self.visible[0].at, self.visible[-1].at
        # A narrow sheet cannot hold a title in 22 points: it shrinks, it is never cut.
        self._span(TITLE_ROW, first, last, title, self._heading(looks.title, align="center", shrink=True))
        line = self._heading(looks.fill_in, align="left", shrink=True)
        for (begin, end), text in _fill_in(self.visible, unit):
            self._span(FILL_IN_ROW, begin, end, text, line)
        frame = {"align": "center", "border": 1, "text_wrap": True}
        for group, members in groupby(self.slots, key=lambda slot: (slot.group, slot.printed)):
            run = list(members)
            style = self._heading(looks.group, **frame)
            ends = [(run[0].at, run[-1].at)] if group[0] else [(slot.at, slot.at) for slot in run]
            for begin, end in ends:
                self._span(GROUP_ROW, begin, end, group[0], style)
        for slot in self.slots:
            fill = looks.leaf_fill(slot.column) if slot.column else GREY_FILL
            style = self._heading(replace(looks.leaf, fill=fill), **frame)
            self.worksheet.write_string(LEAF_ROW - 1, slot.at - 1, clean(slot.header), style)
        shown = [(slot.header, slot.width) for slot in self.slots if not slot.hidden]
        self.leaf_height = row_height(shown, looks.leaf.size, looks.leaf_height)
        heights = {TITLE_ROW: looks.title_height, FILL_IN_ROW: looks.fill_in_height, GROUP_ROW: looks.group_height}
        for row, height in (heights | {LEAF_ROW: self.leaf_height}).items():
            self.worksheet.set_row(row - 1, height)
        self.worksheet.fixed_rows = LEAF_ROW

    def _heading(self, style: Type, **props: Any) -> Format:
        return self.formats(**_font(style), valign="vcenter", **props)

    def _span(self, row: int, first: int, last: int, text: str, style: Format) -> None:
        """Writes a text over columns ``first`` to ``last``; one cell is not merged."""
        if first < last:
            self.worksheet.merge_range(row - 1, first - 1, row - 1, last - 1, "", style)
        self.worksheet.write_string(row - 1, first - 1, clean(text), style)

    def _cells(self, row: Row) -> dict[int, Scalar]:
        """Returns what a row shows, by physical column."""
        extra = dict(row.extra)
        cells: dict[int, Scalar] = {}
        for slot in self.slots:
            value = row.get(slot.column.code) if slot.column else extra.get(slot.header)
            if slot.column and slot.column.type is ColumnType.PERCENT and _is_number(value):
                value = round(value / 100, 10)
            if value is not None:
                cells[slot.at] = value
        return cells

    def _row(self, at: int, row_id: str, cells: Mapping[int, Scalar]) -> float:
        """Writes one row, blank cells too (for their borders), and returns its height in points."""
        for slot in self.slots:
            value = row_id if slot.at == ID_COLUMN else cells.get(slot.at)
            write_value(self.worksheet, at - 1, slot.at - 1, value, self.styles[slot.at], formats=self.formats)
        texts = [(show(cells[slot.at]), slot.width) for slot in self.slots if slot.at in cells and not slot.hidden]
        height = row_height(texts, self.looks.data.size, self.looks.data_height)
        self.worksheet.set_row(at - 1, height)
        return height

    def _validations(self, last_row: int, lists: Mapping[str, str]) -> None:
        """One validation a column, from the header row down: so it survives inserting or deleting the first data row."""
        for slot in self.slots:
            if slot.at == ID_COLUMN:
                options: dict[str, Any] | None = {**_lock("=FALSE"), **_said(ROW_ID, "由系统使用，请勿改动。", _SYSTEM)}
            else:
                options = validation_for(slot.column, self.sheet, lists) if slot.column else None
            if options:
                self.worksheet.data_validation(LEAF_ROW - 1, slot.at - 1, last_row - 1, slot.at - 1, options)

    def _conditions(self, last_row: int, ledger: Ledger) -> None:
        """Greys the coordinator's cells of rows from the plan, and colours 亮灯 by the first sign of its text."""
        grey = self.formats(bg_color=GREY_FILL)
        handed = {s.at for s in self.slots if s.column and s.column.owner is Owner.COORDINATOR and self.sheet.from_plan}
        for at in sorted(handed):
            self._condition(at, last_row, f'=LEFT(${column_letter(ID_COLUMN)}{LEAF_ROW},1)="T"', grey)
        for slot in self.slots:
            if slot.column and slot.column.code == LIGHT:
                for light in Light:
                    fill = self.formats(bg_color=ledger.settings.colour(light))
                    formula = f'=LEFT(${slot.letter}{LEAF_ROW},1)="{light.value}"'
                    self._condition(slot.at, last_row, formula, fill)

    def _condition(self, at: int, last_row: int, formula: str, style: Format) -> None:
        rule = {"type": "formula", "criteria": formula, "format": style}
        self.worksheet.conditional_format(LEAF_ROW - 1, at - 1, last_row - 1, at - 1, rule)

    def _print_set_up(self, heights: Sequence[float], reserved: int) -> None:
        """Prints the filled rows, and of the reserved ones as many as surely go on the last page.

        The reserved rows have borders and hidden ids, so every program counts them as used and would print them, page
        after page. A print area by whole columns does not help; one computed by a formula works in Excel until
        somebody opens 页面设置, and LibreOffice ignores it and prints the system columns too. So the area is a plain
        range: it grows with rows inserted inside it, and 填报须知 says what to do when rows below it are used.
        """
        looks = self.looks
        width = sum(slot.width for slot in self.visible)
        header = looks.title_height + looks.fill_in_height + looks.group_height + self.leaf_height
        room = rows_on_last_page(looks, width, header, heights)
        last_row = LEAF_ROW + max(len(heights) + min(room, reserved), 1)
        printed = [slot.at for slot in self.slots if slot.printed]
        self.worksheet.print_area(0, 0, last_row - 1, max(printed) - 1)
        page(
            self.worksheet,
            paper=looks.paper,
            landscape=looks.landscape,
            header_rows=LEAF_ROW,
            left="填报人：　　　　　审核人：",
            right="盖章：　　　　　　　　",
            margins=looks.margins,
        )


def _font(style: Type) -> dict[str, Any]:
    fill = {"bg_color": style.fill} if style.fill else {}
    return {"font_name": style.font, "font_size": style.size, **({"bold": True} if style.bold else {}), **fill}


def _is_number(value: Scalar) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _fill_in(visible: Sequence[Slot], unit: Unit) -> Iterator[tuple[tuple[int, int], str]]:
    """Deals the four items of the fill-in line out over the visible columns, in runs of about equal width."""
    items = [f"填报单位：{unit.short}", f"填报人：{unit.contact}", f"联系电话：{unit.phone}", "填报日期："]
    count = len(items) if len(visible) >= len(items) else 1
    share = sum(slot.width for slot in visible) / count
    runs: list[list[Slot]] = [[]]
    filled = 0.0
    for left, slot in zip(range(len(visible), 0, -1), visible, strict=True):
        enough = filled + slot.width / 2 > share * len(runs) or left <= count - len(runs)
        if runs[-1] and enough and len(runs) < count:
            runs.append([])
        runs[-1].append(slot)
        filled += slot.width
    texts = [*items[: count - 1], "　　".join(items[count - 1 :])]
    for run, text in zip(runs, texts, strict=True):
        yield (run[0].at, run[-1].at), text


# --- validations -----------------------------------------------------------------------------------------------------

_COORDINATOR = "灰色格由创建办填写。确需调整的可以照实改写：它会作为调整申请交创建办裁定，裁定前以原内容为准。"
_SYSTEM = "这一格由系统填写，改动不会被采用，下次更新时恢复原样。"


def validation_for(column: Column, sheet: Sheet, lists: Mapping[str, str]) -> dict[str, Any] | None:
    """Returns the one validation of a column's cells as XlsxWriter options; nothing where there is nothing to say.

    Always a warning: a stop would refuse "1500余份", which the merge can read. The warnings name no button, WPS has
    others than Excel. Where several choices may stand in one cell the list is only
    offered.
    """
    if column.owner is Owner.SYSTEM:
        return {**_lock("=FALSE"), **_said(column.name, column.hint or "由系统填写。", _SYSTEM)}
    if column.owner is Owner.COORDINATOR:
        formula = f'=LEFT(${column_letter(ID_COLUMN)}{LEAF_ROW},1)<>"T"' if sheet.from_plan else "=FALSE"
        return {**_lock(formula), **_said(column.name, column.hint or "灰色格由创建办填写。", _COORDINATOR)}
    rule, expected = _rule(column, lists)
    must = "必填。" if column.required else ""
    prompt = must + (column.hint or expected)
    if rule["validate"] == "any" and not prompt:
        return None
    return {
        **rule,
        **_said(column.name, prompt, f"“{column.name}”{expected or '与要求不符。'}请核对；确实如此也可以保留。"),
    }


def _lock(formula: str) -> dict[str, Any]:
    return {"validate": "custom", "value": formula}


def _said(title: str, prompt: str, warning: str) -> dict[str, Any]:
    said: dict[str, Any] = {"error_type": "warning", "error_title": "请核对", "error_message": clean(warning, 255)}
    return said | ({"input_title": clean(title, 32), "input_message": clean(prompt, 255)} if prompt else {})


def _rule(column: Column, lists: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Returns the rule for a unit's own column, and in words what is expected of a cell."""
    low, high = column.minimum, column.maximum
    match column.type:
        case kind if kind in _ONE_OF and column.options in lists:
            return {"validate": "list", "value": f"={lists[column.options]}"}, "请从下拉列表中选一项。"
        case kind if kind in _SOME_OF and column.options in lists:
            offer = {"validate": "list", "value": f"={lists[column.options]}", "show_error": False}
            return offer, "可从下拉列表中选；多项用顿号“、”隔开。"
        case ColumnType.DATE:
            earliest = low if isinstance(low, date) else date(2000, 1, 1)
            latest = high if isinstance(high, date) else date(2099, 12, 31)
            limits = f"（{earliest:%Y-%m-%d} 至 {latest:%Y-%m-%d}）" if low or high else ""
            return _between("date", earliest, latest), f"应填一个日期，如 2026-03-05{limits}。"
        case ColumnType.PERCENT:
            least, most = _limits(low, high, 0, 100)
            return _between("decimal", least / 100, most / 100), f"应填百分数，如 95%（{least:g}% 至 {most:g}%）。"
        case ColumnType.INTEGER | ColumnType.NUMBER:
            least, most = _limits(low, high, -1e9, 1e9)
            whole = column.type is ColumnType.INTEGER
            words = "应填整数，只写数字" if whole else "应填数字，不带文字"
            limits = f"（{show(low) or '不限'} 至 {show(high) or '不限'}）" if (low, high) != (None, None) else ""
            least, most = (int(least), int(most)) if whole else (least, most)
            return _between("integer" if whole else "decimal", least, most), f"{words}{limits}。"
        case ColumnType.MULTI_CHOICE:
            return {"validate": "any"}, "可填多项，用顿号“、”隔开。"
        case ColumnType.UNITS:
            return {"validate": "any"}, "填单位简称，多个单位用顿号“、”隔开。"
        case ColumnType.TASKS:
            return {"validate": "any"}, "填任务编号，如 3.1；多个任务用顿号“、”隔开。"
        case _:
            return {"validate": "any"}, ""


def _between(kind: str, low: float | date, high: float | date) -> dict[str, Any]:
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}


def _limits(low: float | date | None, high: float | date | None, least: float, most: float) -> tuple[float, float]:
    return (low if isinstance(low, (int, float)) else least), (high if isinstance(high, (int, float)) else most)


# --- hidden sheets ---------------------------------------------------------------------------------------------------


def _list_names(ledger: Ledger, sheets: Sequence[Sheet]) -> dict[str, str]:
    """Returns the defined name of every option list a dropdown needs: generated, Excel would refuse many of people's."""
    own = [column for sheet in sheets for column in sheet.columns if column.owner is Owner.UNIT]
    strict = {column.options for column in own if column.type in _ONE_OF}
    offered = {column.options for column in own if column.type in _SOME_OF}
    return {
        name: f"opt_{number:03}"
        for number, (name, choices) in enumerate(ledger.options, start=1)
        if choices and (name in strict or (name in offered and len(choices) <= _LONGEST_OFFER))
    }


def _write_lists(book: xlsxwriter.Workbook, ledger: Ledger, lists: Mapping[str, str]) -> None:
    """Writes the option lists, one a column, below their names."""
    worksheet = book.add_worksheet(OPTIONS_SHEET)
    worksheet.hide()
    for at, (name, defined) in enumerate(lists.items()):
        texts = [clean(choice.text) for choice in ledger.choices(name)]
        worksheet.write_column(0, at, [clean(name)])
        for row, text in enumerate(texts, start=1):
            worksheet.write_string(row, at, text)
        letter = column_letter(at + 1)
        book.define_name(defined, f"='{OPTIONS_SHEET}'!${letter}$2:${letter}${len(texts) + 1}")


def _write_stamp(book: xlsxwriter.Workbook, stamp: Stamp) -> None:
    """Writes the stamp twice: some programs drop custom properties, others hidden sheets."""
    worksheet = book.add_worksheet(STAMP_SHEET)
    worksheet.very_hidden()
    for row, (name, text) in enumerate(stamp_texts(stamp).items()):
        worksheet.write_string(row, 0, name)
        worksheet.write_string(row, 1, text)
        if text:
            book.set_custom_property(name, text, "text")


# --- the page of advice ----------------------------------------------------------------------------------------------


def _advice(unit: Unit, ledger: Ledger) -> Iterator[str]:
    tasks = any(sheet.kind is SheetKind.TASKS for sheet in ledger.sheets_of(unit.code))
    office = next((u for u in ledger.units if "创建办" in (u.short, u.name, *u.aliases)), None)
    call = "　".join(filter(None, (office.contact, office.phone))) if office else ""
    yield "白色格由本单位填写；标题带 * 的必填。灰色格由创建办或系统填写，不用填；对灰色格有不同意见，可直接改写，会作为调整申请交创建办裁定。"
    yield "填完按平常的办法保存即可，不用另存、改名或另外上报；文件名和所在文件夹请不要改。"
    yield "日期写成 2026-03-05，百分数写成 95%；一格里有几项的，用顿号“、”隔开。每格点一下会出现填写提示。"
    if tasks:
        yield "本周完成情况每周更新一次；没有进展的填“无变化”。问题解决了，把“存在问题”一格清空就行。"
    yield "新记录填在下面的空行，也可以插入行、复制行。可以排序、筛选、粘贴；不要删除列，也不要改第4行的列名。"
    if tasks:
        yield "任务清单里本单位自己的子任务，写在任务下面的空行，不填任务编号。"
    yield f"填得对不对，看各表最右边的“系统提示”一列；逐条说明在“05填报提示”文件夹里{unit.short}的填报提示中，点链接能跳到那一格。"
    yield f"佐证材料放进“06佐证材料”里{unit.short}的文件夹，文件名写清日期和内容。"
    yield "打印时只印已填的行和末页的空行。空行填满后如有漏印，请选中要印的区域，重新设置打印区域。"
    yield f"有疑问请联系创建办{'：' + call if call else ''}。"


def _write_advice(
    book: xlsxwriter.Workbook,
    formats: Formats,
    unit: Unit,
    ledger: Ledger,
    sheets: Sequence[tuple[Sheet, str]],
    issued: date,
) -> None:
    """Writes the first sheet: whose book it is, how to fill it in, and what sheets there are."""
    worksheet = book.add_worksheet(ADVICE_SHEET)
    base = SheetLooks()
    large = formats(**_font(replace(base.title, size=28)), align="center", valign="vcenter", shrink=True)
    plain = formats(**_font(base.data), valign="vcenter", text_wrap=True)
    middle = formats(**_font(base.data), valign="vcenter", align="center")
    linked = formats(**_font(base.data), valign="vcenter", font_color="0563C1", underline=1)
    head = formats(**_font(replace(base.leaf, size=14)), valign="vcenter")
    worksheet.set_column(0, 0, 5)
    worksheet.set_column(1, 1, 20)
    worksheet.set_column(2, 2, 76)
    settings = ledger.settings
    top = f"{settings.office}{settings.ledger_name}（{settings.year}年）　{issued.year}年{issued.month}月{issued.day}日下发"
    for row, (text, style, height) in enumerate(((unit.name, large, 54), (top, middle, 26))):
        worksheet.merge_range(row, 0, row, 2, "", style)
        worksheet.write_string(row, 0, clean(text), style)
        worksheet.set_row(row, height)
    row = 3
    worksheet.write_string(row, 0, "怎么填", head)
    for number, text in enumerate(_advice(unit, ledger), start=1):
        row += 1
        worksheet.write_string(row, 0, f"{number}.", formats(**_font(base.data), valign="top", align="right"))
        worksheet.merge_range(row, 1, row, 2, "", plain)
        worksheet.write_string(row, 1, clean(text), formats.like(plain, valign="top"))
        worksheet.set_row(row, row_height([(text, 98)], base.data.size, 24))
    row += 2
    worksheet.write_string(row, 0, "有哪些表（点表名打开）", head)
    for sheet, name in sheets:
        row += 1
        link(worksheet, row, 1, name, linked, to_sheet=name)
        worksheet.write_string(row, 2, _purpose(sheet), plain)
        worksheet.set_row(row, 20)
    worksheet.hide_gridlines(2)
    page(worksheet, landscape=False)


def _purpose(sheet: Sheet) -> str:
    words = {
        SheetKind.TASKS: "本单位牵头的任务，每周更新进展",
        SheetKind.SUPPORT: "本单位配合的任务，有情况就填",
        SheetKind.RECORDS: "做一项记一行",
        SheetKind.SURVEY: "一次性摸排，按要求填报",
    }[sheet.kind]
    period = f"，{sheet.period}" if sheet.period not in {"", "不限"} and sheet.kind is SheetKind.RECORDS else ""
    due = f"，{sheet.due.year}年{sheet.due.month}月{sheet.due.day}日前" if sheet.due else ""
    return f"{words}{period}{due}"
