"""The lists of the master: 红黄灯清单, 本周变化, 待处理事项."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from syncer.core.reports.lines import (
    CHANGES,
    LIGHTS,
    QUESTIONS,
    ChangeLine,
    LightLine,
    QuestionLine,
    Stretch,
    digest_of,
)
from syncer.excel import master_rows as rows
from syncer.excel.master_rows import Cell, Heading, light_cell, make_line
from syncer.excel.master_table import Table
from syncer.excel.pieces import Facts, Rows

T = TypeVar("T")
_digest = lru_cache(64)(digest_of)  # most lines are made anew with every save, and say what they said
_STRETCH = 100  # lines of a list that are rendered together


def _stretches(
    lines: tuple[T, ...], headings: Sequence[Heading], cells: Callable[[int, T], Sequence[Cell]]
) -> tuple[Stretch[Rows], ...]:
    """Returns the lines of a list in stretches; ``cells`` makes a row of a line and its number."""

    def stretch(first: int) -> Stretch[Rows]:
        part = lines[first : first + _STRETCH]

        def make() -> Rows:
            return [make_line(cells(number, line), headings) for number, line in enumerate(part, first + 1)], Facts()

        return Stretch(str(first), _digest(part), make)

    return tuple(stretch(first) for first in range(0, len(lines), _STRETCH))


def lights(lines: tuple[LightLine, ...]) -> Table:
    """Returns the list."""
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

    def cells(number: int, line: LightLine) -> list[Cell]:
        return [
            Cell(number, rows.NUMBER),
            light_cell(line.light),
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
        ]

    return Table(
        LIGHTS,
        headings,
        _stretches(lines, headings, cells),
        frozen=2,
        signed=True,
        note=lambda _: "先红后黄，红灯按连续周数从多到少",
    )


def changes(saves: Sequence[Stretch[tuple[ChangeLine, ...]]], *, older: bool) -> Table:
    """Returns the list, a stretch a save; ``older``: there are more than are listed."""
    more = "；只列最近的几千处，更早的可查各行的历史" if older else ""
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

    def cells(line: ChangeLine) -> list[Cell]:
        return [
            rows.moment(line.at),
            Cell(line.unit, rows.CENTRE),
            Cell(line.sheet, rows.CENTRE),
            Cell(line.row),
            Cell(line.column),
            Cell(line.old or None),
            Cell(line.new or None),
            Cell(line.outcome, rows.CENTRE),
            Cell(rows.source_text(line.source) or None),
        ]

    def show(lines: tuple[ChangeLine, ...]) -> Rows:
        return [make_line(cells(line), headings) for line in lines], Facts()

    return Table(
        CHANGES,
        headings,
        saves,
        show=show,
        note=lambda _: f"上一期周报印发以来各单位保存的改动，先发生的在前；新增的记录一条一行{more}",
    )


def questions(lines: tuple[QuestionLine, ...]) -> Table:
    """Returns the list."""
    headings = (
        Heading("编号", 16, "事项"),
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

    def cells(_: int, line: QuestionLine) -> list[Cell]:
        return [
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
        ]

    return Table(QUESTIONS, headings, _stretches(lines, headings, cells), frozen=2)
