"""Lays records out as offices do: titles above, headers of one to three levels, sections, gaps, totals and signatures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from syncer.core.model import Column, Sheet
from tests.corpus.page import Content, Page, Record, typed_in

TITLE = "云岭市建设管理局2026年文明单位创建工作台账"
FILL_IN = "填报单位：办公室　　填报人：王样本　　联系电话：0000-12345678　　填报日期：2026年3月20日"
ROW_ID = "行标识"

DECORATED: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "starred": lambda name: f"{name}*",
    "star before": lambda name: f"★{name}",
    "wrapped": lambda name: f"{name[: len(name) // 2]}\n{name[len(name) // 2 :]}",
    "spaced": "\u3000".join,
    "in brackets": lambda name: f"【{name}】",
    "with colon": lambda name: f"{name}：",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How one worksheet is laid out."""

    titles: int = 1
    fill_in: bool = True
    levels: int = 2  # rows of the header: 1 names, 2 groups above, 3 one more heading above all
    merged: bool = True  # merges in title and groups, or blanks
    decoration: str = "plain"
    left: int = 0  # blank columns left of the table
    numbered: bool = False  # a column 序号 first
    column_numbers: bool = False  # a row (1) (2) (3) below the header
    ids: str = "blank"  # the column of row ids: none, blank, given
    sections: bool = False  # headings between the rows
    subtotals: bool = False
    gap: int = 0  # blank rows in the middle
    tail: str = ""  # total, signature, both, remark
    hidden_rows: bool = False
    filtered: bool = False
    hidden_columns: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)  # column name → what the header says; "" leaves it blank
    order: tuple[str, ...] = ()  # names of columns that come first
    without: tuple[str, ...] = ()
    added: tuple[tuple[str, str], ...] = ()  # a header of the unit's own, before this column ("": last)
    merged_body: tuple[str, ...] = ()  # columns in which equal neighbours are merged
    sheet_name: str = ""


def lay_out(sheet: Sheet, records: Sequence[Record], layout: Layout | None = None) -> tuple[Page, int]:
    """Returns the worksheet, and the row in which the columns' names stand."""
    layout = layout or Layout()
    page = Page(layout.sheet_name or sheet.name)
    heads = _heads(sheet, layout)
    width = layout.left + len(heads)
    for number in range(layout.titles):
        page.put(number + 1, layout.left + 1, TITLE if number == 0 else "（办公室）")
        if layout.merged:
            page.merges.append((number + 1, layout.left + 1, number + 1, width))
    if layout.fill_in:
        page.put(len(page.rows) + 1, layout.left + 1, FILL_IN)
    header = _put_header(page, sheet, heads, layout)
    _put_records(page, sheet.prefix, records, heads, layout)
    for name in layout.hidden_columns:
        page.hidden_columns.add(layout.left + heads.index(name) + 1)
    if layout.filtered:
        page.filtered = (header, layout.left + 1, len(page.rows), width)
    _put_tail(page, layout)
    return page, header


def _heads(sheet: Sheet, layout: Layout) -> list[str]:
    """The columns from left to right, by the schema's names; one of the unit's own is ``+`` and its header."""
    names = [column.name for column in sheet.columns if column.name not in layout.without]
    names = [*layout.order, *(name for name in names if name not in layout.order)]
    if layout.ids != "none":
        names.insert(1, ROW_ID)
    for header, before in layout.added:
        names.insert(names.index(before) if before else len(names), f"+{header}")
    return ["序号", *names] if layout.numbered else names


def _put_header(page: Page, sheet: Sheet, heads: Sequence[str], layout: Layout) -> int:
    first = len(page.rows) + 1
    leaf = first + layout.levels - 1
    columns = {column.name: column for column in sheet.columns}
    if layout.levels == 3:
        page.put(first, layout.left + 1, "创建工作情况")
        if layout.merged:
            page.merges.append((first, layout.left + 1, first, layout.left + len(heads)))
    if layout.levels >= 2:
        _put_groups(page, leaf - 1, heads, columns, layout)
    decorate = DECORATED[layout.decoration]
    for at, name in enumerate(heads, start=layout.left + 1):
        shown = layout.names.get(name, name.removeprefix("+"))
        page.put(leaf, at, decorate(shown) if shown and name in columns else shown or None)
    if layout.column_numbers:
        for at in range(len(heads)):
            page.put(leaf + 1, layout.left + at + 1, f"（{at + 1}）")
    return leaf


def _put_groups(page: Page, row: int, heads: Sequence[str], columns: Mapping[str, Column], layout: Layout) -> None:
    """The level above the names; a group's text stands once, over its columns."""
    at = layout.left + 1
    for group, members in groupby(heads, lambda name: columns[name].group if name in columns else ""):
        width = len(list(members))
        if group:
            page.put(row, at, group)
            if layout.merged and width > 1:
                page.merges.append((row, at, row, at + width - 1))
        at += width


def _put_records(page: Page, prefix: str, records: Sequence[Record], heads: Sequence[str], layout: Layout) -> None:
    first = len(page.rows) + 1
    middle = (len(records) + 1) // 2
    for number, record in enumerate(records):
        if number == middle and layout.gap:
            page.rows.extend([] for _ in range(layout.gap))
        if layout.sections and number in {0, middle}:
            page.put(len(page.rows) + 1, layout.left + 1, "一、第一季度" if number == 0 else "二、第二季度")
        row = len(page.rows) + 1
        for at, name in enumerate(heads, start=layout.left + 1):
            page.put(row, at, _content(name, number, prefix, record, layout))
        if layout.hidden_rows and number % 2:
            page.hidden_rows.add(row)
        if layout.subtotals and number in {middle - 1, len(records) - 1}:
            page.put(row + 1, layout.left + 1, "小计")
            page.put(row + 1, layout.left + len(heads) // 2, 99)
    for name in layout.merged_body:
        _merge_body(page, first, layout.left + heads.index(name) + 1)


def _content(name: str, number: int, prefix: str, record: Record, layout: Layout) -> Content:
    if name == "序号":
        return number + 1
    if name == ROW_ID:
        return f"{prefix}-D02-{number + 1:04d}" if layout.ids == "given" else None
    return typed_in(record.get(name))


def _merge_body(page: Page, first: int, at: int) -> None:
    """Merges runs of equal cells of one column, as somebody does who wants to see the day once."""
    start = first
    for row in range(first + 1, len(page.rows) + 2):
        cells = page.rows[row - 1] if row <= len(page.rows) else []
        above = page.rows[start - 1]
        if at <= len(cells) and at <= len(above) and cells[at - 1] is not None and cells[at - 1] == above[at - 1]:
            continue
        if row - start > 1:
            page.merges.append((start, at, row - 1, at))
            for under in range(start + 1, row):
                page.put(under, at, None)
        start = row


def _put_tail(page: Page, layout: Layout) -> None:
    end, left = len(page.rows), layout.left + 1
    if layout.tail in {"total", "both"}:
        page.put(end + 1, left, "合计")
        page.put(end + 1, left + 7, 999)
    if layout.tail in {"signature", "both"}:
        page.put(end + 3, left, "填报人：王样本")
        page.put(end + 3, left + 4, "审核人：李样本")
        page.put(end + 3, left + 7, "单位负责人（签字）：")
    if layout.tail == "remark":
        page.put(end + 2, left, "说明：1.本表每周五前报送。2.参加人数填写实际到场人数。")
