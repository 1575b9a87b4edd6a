"""首页 of the master: as of when, totals, lights, completion by unit, next deadlines, who has not reported, receipts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from syncer.core.model import Light
from syncer.core.reports.lines import Overview, UnitLine
from syncer.core.values import Scalar
from syncer.excel.heights import table_height
from syncer.excel.master_units import CALM, COLUMNS, HEADS, NAME, PERCENT, WIDTH, in_order, share
from syncer.excel.writing import (
    FILL_IN,
    GREY_FILL,
    HEADER,
    HEADER_FILL,
    HEADER_FONT,
    TITLE,
    TITLE_FONT,
    Formats,
    clean,
    link,
    link_alone,
    page,
    write_value,
)

SIGNATURE = "填报人：　　　　　　　　　　审核人：　　　　　　　　　　（盖章）"
_COLUMN_PIXELS = 101
_CHART_ROWS, _CHART_ROW_POINTS = 13, 20.0
_CHARTED_UNITS = 40  # more bars than this say nothing
_HEAD = {**HEADER, "border_color": "A6A6A6", "bg_color": HEADER_FILL}
_INK, _BAR, _NOTE_FILL = "1F3864", "5B9BD5", "FFF2CC"
_LIGHT_WORDS = {Light.RED: "红", Light.YELLOW: "黄", Light.BLUE: "蓝", Light.GREEN: "绿", Light.GREY: "灰（未启动）"}


@dataclass(frozen=True, slots=True)
class Piecemeal:
    """Where lines are put in later, one a row from ``row`` (0-based) on."""

    row: int
    units: Sequence[UnitLine]


class FrontPage:
    """Writes 首页 from top to bottom; ``_row`` is the next free row (0-based)."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        sheet: Worksheet,
        formats: Formats,
        view: Overview,
        colours: Mapping[Light, str],
        contents: Sequence[tuple[str, int]],
        unit_folder: str,
    ) -> None:
        """``contents``: the other sheets and how many rows each has. ``unit_folder``: where units' books lie, from here."""
        self._book, self._sheet, self._formats, self._view = book, sheet, formats, view
        self._colours, self._contents, self._unit_folder = colours, contents, unit_folder
        self._row = 0
        self._centre = formats(**CALM, align="center")
        self._text = formats(**CALM, indent=1)
        self._head = formats(**_HEAD)
        self._share = formats(**CALM, align="center", num_format="0%")

    def write(self) -> Piecemeal:
        """Writes the page but for the units' lines; returns where those are put in."""
        sheet = self._sheet
        sheet.hide_gridlines(2)
        sheet.set_column(0, COLUMNS - 1, WIDTH)
        page(sheet, paper="A3", left=self._view.office)
        self._heading()
        self._tiles()
        lights_row = self._lights()
        chart_row = self._row
        for row in range(chart_row, chart_row + _CHART_ROWS):
            sheet.set_row(row, _CHART_ROW_POINTS)
        self._row += _CHART_ROWS + 1
        self._deadlines_and_contents()
        self._missing()
        listed = self._unit_list()
        self._charts(chart_row, lights_row, listed)
        self._row += 1
        sheet.set_row(self._row, 34)
        sheet.merge_range(self._row, 0, self._row, COLUMNS - 1, SIGNATURE, self._formats(**FILL_IN))
        sheet.print_area(0, 0, self._row, COLUMNS - 1)
        return listed

    def _span(self, row: int, first: int, last: int, value: Scalar, style: Any) -> None:
        if first == last:
            write_value(self._sheet, row, first, value, style, formats=self._formats)
            return
        self._sheet.merge_range(row, first, row, last, "", style)
        write_value(self._sheet, row, first, value, style, formats=self._formats)

    def _heading(self) -> None:
        view, formats, last = self._view, self._formats, COLUMNS - 1
        day = f"{view.as_of.year}年{view.as_of.month}月{view.as_of.day}日"
        saved = f"{datetime.fromisoformat(view.data_as_of):%Y年%m月%d日 %H:%M}" if view.data_as_of else "尚无"
        note = f"数据收到：最近一次保存 {saved}。本表由程序自动生成，直接在此修改不会生效；要改请改各单位填报表或台账设置。"
        big = formats(font_name=TITLE_FONT, font_size=28, bold=True, font_color=_INK, align="center", valign="vcenter")
        small = formats(**FILL_IN, align="center", font_color="595959")
        lines = ((f"{view.office}{view.title}", formats(**TITLE), 40), (f"截至 {day}", big, 48), (note, small, 24))
        for row, (text, style, points) in enumerate(lines):
            self._sheet.set_row(row, points)
            self._span(row, 0, last, text, style)
        self._row = len(lines)
        if view.inbox_note:
            loud = formats(**FILL_IN, align="center", bold=True, font_color=_INK, bg_color=_NOTE_FILL)
            self._sheet.set_row(self._row, 30)
            self._span(self._row, 0, last, view.inbox_note, loud)
            self._row += 1
        self._row += 1

    def _tiles(self) -> None:
        """Eight tiles: a label and a large number each, two columns wide."""
        label = self._formats(
            font_name=HEADER_FONT,
            font_size=12,
            align="center",
            valign="vcenter",
            bg_color=HEADER_FILL,
            border=1,
            border_color="BFBFBF",
            font_color="404040",
        )
        number = {
            "font_name": HEADER_FONT,
            "font_size": 26,
            "align": "center",
            "valign": "vcenter",
            "border": 1,
            "border_color": "BFBFBF",
            "font_color": _INK,
        }
        self._sheet.set_row(self._row, 24)
        self._sheet.set_row(self._row + 1, 48)
        for at, (name, value) in enumerate(self._view.totals[: COLUMNS // 2]):
            style = self._formats(**number, **({"num_format": "0%"} if isinstance(value, float) else {}))
            self._span(self._row, 2 * at, 2 * at + 1, name, label)
            self._span(self._row + 1, 2 * at, 2 * at + 1, value, style)
        self._row += 3

    def _lights(self) -> int:
        """Writes the five lights with how many tasks stand in each; returns the row of their names, which the chart reads."""
        row = self._row
        self._span(row, 0, 0, "亮灯", self._head)
        self._span(row + 1, 0, 0, "任务数", self._head)
        for at, (light, count) in enumerate(self._view.lights, 1):
            fill = self._formats(**{**_HEAD, "bg_color": self._colours[light]})
            write_value(self._sheet, row, at, _LIGHT_WORDS[light], fill, formats=self._formats)
            write_value(self._sheet, row + 1, at, count, self._centre, formats=self._formats)
        self._sheet.set_row(row, 24)
        self._sheet.set_row(row + 1, 24)
        self._row += 3
        return row

    def _charts(self, row: int, lights_row: int, listed: Piecemeal) -> None:
        name = self._sheet.get_name()
        lights = self._chart("doughnut", "任务亮灯（项）")
        lights.add_series(
            {
                "categories": [name, lights_row, 1, lights_row, 5],
                "values": [name, lights_row + 1, 1, lights_row + 1, 5],
                "points": [{"fill": {"color": f"#{self._colours[light]}"}} for light, _ in self._view.lights],
                "data_labels": {"value": True, "num_format": "0;;;", "font": {"name": HEADER_FONT, "size": 11}},
            }
        )
        lights.set_hole_size(55)
        lights.set_legend({"position": "right", "font": {"name": HEADER_FONT, "size": 11}})
        self._place(lights, row, 0, 6)
        units = [unit for unit in listed.units if unit.tasks][:_CHARTED_UNITS]
        if not units:
            return
        first, final = listed.row, listed.row + len(units) - 1
        bars = self._chart("column", "各牵头单位平均完成率")
        bars.add_series(
            {
                "name": "平均完成率",
                "categories": [name, first, NAME, final, NAME],
                "values": [name, first, PERCENT, final, PERCENT],
                "categories_data": [clean(unit.name) for unit in units],  # as drawn before anything is worked out
                "values_data": [share(unit) for unit in units],
                "fill": {"color": f"#{_BAR}"},
                "gap": 60,
                "data_labels": {"value": True, "num_format": "0%", "font": {"name": HEADER_FONT, "size": 9}},
            }
        )
        bars.set_legend({"none": True})
        bars.set_x_axis({"num_font": {"name": HEADER_FONT, "size": 10}})
        bars.set_y_axis(
            {
                "min": 0,
                "max": 1,
                "num_format": "0%",
                "major_unit": 0.2,
                "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}},
            }
        )
        self._place(bars, row, 6, COLUMNS - 6)

    def _chart(self, kind: str, title: str) -> Any:
        chart = self._book.add_chart({"type": kind})
        chart.set_title(
            {"name": title, "name_font": {"name": HEADER_FONT, "size": 14, "bold": False}, "overlay": False}
        )
        chart.set_chartarea({"border": {"color": "#BFBFBF"}})
        return chart

    def _place(self, chart: Any, row: int, column: int, columns: int) -> None:
        chart.set_size({"width": columns * _COLUMN_PIXELS - 8, "height": int(_CHART_ROWS * _CHART_ROW_POINTS * 4 / 3)})
        self._sheet.insert_chart(row, column, chart, {"x_offset": 4, "object_position": 1})

    def _deadlines_and_contents(self) -> None:
        """Next deadlines at the left, links to the other sheets at the right."""
        top = self._row
        self._band(top, 0, 10, "近期到期（未完成的任务）")
        for first, last, text in ((0, 0, "到期日"), (1, 1, "剩余工作日"), (2, 2, "任务编号"), (3, 6, "重点任务"),
                                  (7, 8, "牵头单位"), (9, 9, "完成率"), (10, 10, "亮灯")):  # fmt: skip
            self._span(top + 1, first, last, text, self._head)
        for row, due in enumerate(self._view.deadlines, top + 2):
            fill = self._formats(**CALM, align="center", bg_color=self._colours[due.light])
            self._span(row, 0, 0, due.due, self._centre)
            self._span(row, 1, 1, due.workdays, self._centre)
            self._span(row, 2, 2, due.number, self._centre)
            self._span(row, 3, 6, due.title, self._text)
            self._span(row, 7, 8, due.units, self._text)
            self._span(row, 9, 9, None if due.percent is None else due.percent / 100, self._share)
            self._span(row, 10, 10, due.light.value, fill)
        self._band(top, 12, COLUMNS - 1, "本册各表（点击打开）")
        self._span(top + 1, 12, 14, "表名", self._head)
        self._span(top + 1, 15, 15, "行数", self._head)
        linked = self._formats(**CALM, font_color="1F4E9E", underline=1, indent=1)
        for row, (name, count) in enumerate(self._contents, top + 2):
            self._sheet.merge_range(row, 12, row, 14, "", linked)
            link(self._sheet, row, 12, name, linked, to_sheet=name)
            self._span(row, 15, 15, count, self._centre)
        below = top + 2 + max(len(self._view.deadlines), len(self._contents), 1)
        for row in range(top + 1, below):
            at = row - top - 2
            due_title = [d.title for d in self._view.deadlines[at : at + 1]] if at >= 0 else []
            due_units = [d.units for d in self._view.deadlines[at : at + 1]] if at >= 0 else []
            self._sheet.set_row(row, table_height([*due_title, *due_units], [4 * WIDTH] * len(due_title) + [2 * WIDTH]))
        if not self._view.deadlines:
            self._span(top + 2, 0, 10, "（无）", self._centre)
        self._row = below + 1

    def _band(self, row: int, first: int, last: int, text: str) -> None:
        style = self._formats(
            font_name=HEADER_FONT, font_size=14, valign="vcenter", font_color=_INK, bottom=2, bottom_color=_INK
        )
        self._sheet.set_row(row, 28)
        self._span(row, first, last, text, style)

    def _missing(self) -> None:
        """Who has not reported, a line for each thing owed, ready to be copied into the work group."""
        last = COLUMNS - 1
        self._band(self._row, 0, last, "本期未报送")
        self._row += 1
        owed: dict[tuple[str, date | None, bool], list[str]] = defaultdict(list)
        for unit, what, due, late in self._view.missing:
            owed[what, due, late].append(unit)
        if not owed:
            self._span(self._row, 0, last, "（全部已报）", self._centre)
            self._row += 1
        for (what, due, late), units in owed.items():
            by = f"应于{due.month}月{due.day}日前" if due else ""
            head = f"{what}\n{by}{'，已逾期' if late else ''}"
            names = f"{len(units)}个单位：{'、'.join(units)}"
            late_fill = {"bg_color": self._colours[Light.RED]} if late else {"bg_color": GREY_FILL}
            self._span(self._row, 0, 2, head, self._formats(**{**CALM, "align": "center"}, **late_fill))
            self._span(self._row, 3, last, names, self._text)
            self._sheet.set_row(self._row, max(42.0, table_height([names], [(last - 2) * WIDTH])))
            self._row += 1
        self._row += 1

    def _unit_list(self) -> Piecemeal:
        """Lays out the list of units; returns where its lines are put in, one a row."""
        sheet, last = self._sheet, COLUMNS - 1
        self._band(self._row, 0, last, "各单位情况与回执（点单位名打开其填报表）")
        for start, end, text in HEADS:
            self._span(self._row + 1, start, end, text, self._head)
        sheet.set_row(self._row + 1, 26)
        first = self._row + 2
        units = in_order(self._view.units)
        if units:
            sheet.set_row(first, 24)  # in the place of all lines
        for row, unit in enumerate(units, first):
            sheet.merge += [[row, start, row, end] for start, end, _ in HEADS if end > start]
            if unit.file:
                name = unit.file.rsplit("/", 1)[-1]
                link_alone(sheet, row, NAME, f"{self._unit_folder}/{name}")
        self._row = first + len(units)
        note = "平均完成率：本单位牵头任务的平均，未填的按0计。"
        self._span(self._row, 0, last, note, self._formats(**FILL_IN, font_color="595959"))
        self._row += 1
        return Piecemeal(first, units)
