"""The tables of the master after 首页: what columns each has, and its rows in stretches that are rendered apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from syncer.core.model import Column, ColumnType, Sheet
from syncer.core.reports.lines import LEDGER, Block, LedgerLine, Overview, Stretch
from syncer.core.reports.progress import TASKS
from syncer.core.values import show
from syncer.excel import master_rows as rows
from syncer.excel.master_lists import changes, lights, questions
from syncer.excel.master_rows import Cell, Heading, light_cell, make_line
from syncer.excel.master_table import Table
from syncer.excel.pieces import Facts, Rows

_LEFT_OUT = {"no", "section", "title", "last_week", "light", "hint"}  # of 总台账: shown elsewhere in it, or in 任务清单


def tables(view: Overview) -> Iterator[Table]:
    """Yields every sheet after 首页, in order."""
    yield _ledger(view)
    yield lights(view.red_yellow)
    for sheet, stretches in view.data:
        yield data_table(sheet, stretches)
    yield changes(view.changes, older=view.older_changes)
    yield questions(view.questions)


def data_table(sheet: Sheet, stretches: Sequence[Stretch[Block]]) -> Table:
    """Returns a data sheet of the schema."""
    return Table(
        sheet.name,
        rows.data_headings(sheet),
        stretches,
        show=partial(_block_rows, sheet),
        form=_columns_form(sheet),
        frozen=3,
        is_data=True,
        optional=True,
        note=_data_note,
    )


def _block_rows(sheet: Sheet, block: Block) -> Rows:
    headings, lines = rows.data_headings(sheet), list(rows.data_lines(sheet, block))
    extra = any(len(line.values) == len(headings) for line in lines)
    return lines, Facts(blank=block.blank, extra=extra, doubtful=bool(block.doubtful))


def _columns_form(sheet: Sheet | None) -> tuple[object, ...]:
    """What the rows depend on of a schema."""
    return (sheet.code, sheet.name, *((c.code, c.type.value) for c in sheet.columns)) if sheet else ()


def _data_note(facts: Facts) -> str:
    """What line 2 of a data sheet has to say; nothing where all rows are shown and every value fits."""
    said = []
    if blank := facts.blank:
        listed = facts.rows
        said.append(f"共{blank + listed}行，只列单位已填写的{listed}行，其余{blank}行尚未填写")
    if facts.doubtful:
        said.append("斜体暗红的值与本栏的类型、范围或选项不符，待单位改正（见其填报提示）")
    return "；".join(said)


def _ledger(view: Overview) -> Table:
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

    def show_lines(lines: tuple[LedgerLine, ...]) -> Rows:
        return [make_line(_ledger_cells(line, columns, sheet), headings, line.level) for line in lines], Facts()

    return Table(
        LEDGER,
        headings,
        view.ledger,
        show=show_lines,
        form=_columns_form(sheet),
        frozen=3,
        signed=True,
        count=sum(bool(of.key) for of in view.ledger),
        note=lambda _: "任务行之下，左侧“＋／－”可展开、收起各单位的分行",
    )


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
        light_cell(line.light),
        Cell(line.reason or None),
        rows.share(line.expected),
        Cell(line.next_due, rows.DATE),
        *(rows.typed(line.values.get(c.code), c) for c in columns),
        Cell(rows.source_text(line.source, sheet) or None),
    ]
