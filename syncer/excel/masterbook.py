"""The master workbook (03汇总台账), from an `Overview` alone; the same overview gives the same bytes.

XlsxWriter writes of every sheet a frame: titles, headers, widths, print set-up, and one row that holds the place
of the rows (on 首页, of the list of units). These are pieces (`syncer.excel.pieces`): each is rendered once, and put into the frame by `syncer.excel.assembly`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from syncer.core.model import Settings, Sheet
from syncer.core.reports.lines import CHANGES, FRONT, HEADER_ROWS, LEDGER, LIGHTS, QUESTIONS, Block, Overview, Stretch
from syncer.excel.assembly import Filling, Master, assemble
from syncer.excel.heights import table_height
from syncer.excel.master_front import SIGNATURE, FrontPage, Piecemeal
from syncer.excel.master_looks import look_styles
from syncer.excel.master_rows import Cell, Heading, make_line
from syncer.excel.master_table import Table
from syncer.excel.master_tables import data_table, tables
from syncer.excel.master_units import COLUMNS, unit_stretches
from syncer.excel.pieces import Facts, Form, Listing, LoosePieces, PieceStore, Rows, identity_of, render, rendered
from syncer.excel.row_xml import Styles, gap_cell
from syncer.excel.writing import (
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


def write_master(
    stream: BinaryIO,
    view: Overview,
    settings: Settings,
    *,
    properties: Mapping[str, str] | None = None,
    unit_folder: str = "../02各单位填报",
    pieces: PieceStore | None = None,
) -> None:
    """Writes the master workbook to ``stream``; see `lay_out`."""
    store = LoosePieces() if pieces is None else pieces
    master = lay_out(view, settings, store, properties=properties, unit_folder=unit_folder)
    stream.writelines(assemble(master, store))


def lay_out(
    view: Overview,
    settings: Settings,
    pieces: PieceStore,
    *,
    properties: Mapping[str, str] | None = None,
    unit_folder: str = "../02各单位填报",
) -> Master:
    """Returns the master ready to be put together; only stretches that ``pieces`` does not hold are made and rendered.

    ``properties`` become custom document properties of text type. ``unit_folder`` is where the units' workbooks lie, seen
    from the master, for the one link a unit on 首页.
    """
    frame = io.BytesIO()
    book = open_workbook(frame, datetime.combine(view.as_of, time()))
    for name, value in (properties or {}).items():
        book.set_custom_property(name, value, "text")
    writer = _Writer(book, view, settings, pieces)
    front = book.add_worksheet(FRONT)
    names = [FRONT, LEDGER, LIGHTS, CHANGES, QUESTIONS]
    contents: list[tuple[str, int]] = []
    fillings: list[Filling] = []
    shown = list(tables(view))
    for renamed in pieces.listed.keys() - {FRONT, *(table.name for table in shown)}:
        del pieces.listed[renamed]
    for table in shown:
        name = table.name
        if table.is_data:
            name = sheet_name(table.name, names)
            names.append(name)
        found = writer.pieces(table)
        contents.append((name, found.facts.rows if table.count is None else table.count))
        fillings.append(writer.table(name, table, found))
    listed = FrontPage(book, front, writer.formats, view, dict(settings.colours), contents, unit_folder).write()
    if listed.units:
        fillings.append(writer.units(listed))
    front.activate()
    book.close()
    return Master(frame.getvalue(), tuple(fillings))


class _Writer:
    """Writes the frames of tables that all look alike: title, line 2, two header rows, print set-up."""

    def __init__(self, book: xlsxwriter.Workbook, view: Overview, settings: Settings, store: PieceStore) -> None:
        self.formats = Formats(book)
        self._styles = look_styles(self.formats, settings)  # before any other format is used
        self._book, self._view, self._store = book, view, store

    def pieces(self, table: Table) -> Listing:
        """Returns the rows of a table."""
        return rendered(table.name, table.stretches, _form(table, self._styles), self._store, table.show)

    def units(self, listed: Piecemeal) -> Filling:
        """Returns the lines of 首页, to be put into it."""
        form = Form("units", COLUMNS, self._styles)
        pieces = rendered(FRONT, unit_stretches(listed.units), form, self._store, lambda rows: rows)
        return Filling("xl/worksheets/sheet1.xml", pieces, COLUMNS, b"", listed.row + 1)

    def table(self, name: str, table: Table, pieces: Listing) -> Filling:
        """Writes the frame of one sheet; returns what is to be put into it."""
        facts = pieces.facts
        short = table.optional and not facts.extra
        headings = table.headings[:-1] if short else table.headings
        last = len(headings) - 1
        sheet = self._book.add_worksheet(name, worksheet_class=GrowingSheet)
        sheet.fixed_rows = HEADER_ROWS
        self._head(sheet, name, headings, table.note(facts))
        shown = pieces if facts.rows else pieces.with_rows(self._nothing(headings))
        end = HEADER_ROWS + shown.facts.rows - 1
        level = facts.level
        sheet.set_row(HEADER_ROWS, 24, None, {"level": level} if level else {})  # in the place of all rows
        if level:
            sheet.outline_settings(visible=True, symbols_below=False)
        sheet.autofilter(HEADER_ROWS - 1, 0, end, last)
        sheet.freeze_panes(HEADER_ROWS, table.frozen)
        if table.signed:
            sheet.set_row(end + 2, 34)
            sheet.write_string(end + 2, 0, SIGNATURE, self.formats(**FILL_IN))
        page(sheet, paper="A3", header_rows=HEADER_ROWS, left=f"{self._view.office} {name}".strip())
        sheet.print_area(0, 0, end + 2 if table.signed else end, last)
        gap = gap_cell(len(table.headings), self._styles) if table.optional and not short else b""
        part = f"xl/worksheets/sheet{len(self._book.worksheets())}.xml"
        return Filling(part, shown, last + 1, gap, HEADER_ROWS + 1)

    def _nothing(self, headings: tuple[Heading, ...]) -> Listing:
        """The one row of a table that has none."""

        def make() -> Rows:
            return [make_line([Cell("（无）"), *[Cell()] * (len(headings) - 1)], headings)], Facts()

        form = Form(headings, len(headings), self._styles)
        return rendered("", [Stretch("", "（无）", make)], form, self._store, lambda rows: rows)

    def _head(self, sheet: Worksheet, name: str, headings: Sequence[Heading], note: str) -> None:
        last = len(headings) - 1
        day = self._view.as_of
        sheet.set_row(0, 40)
        sheet.set_row(1, 24)
        sheet.merge_range(0, 0, 0, last, f"{self._view.title}·{name}", self.formats(**TITLE))
        said = f"截至 {day.year}年{day.month}月{day.day}日　{note or '自动生成，直接在此修改不会生效'}"
        sheet.write_string(1, 0, said, self.formats(**FILL_IN | {"text_wrap": False}))
        head = self.formats(**HEADER, bg_color=HEADER_FILL)
        for first, final, group in _spans([h.group for h in headings]):
            if group and final > first:
                sheet.merge_range(2, first, 2, final, group, head)
            else:
                for column in range(first, final + 1):
                    write_value(sheet, 2, column, group or None, head, formats=self.formats)
        for column, heading in enumerate(headings):
            sheet.set_column(column, column, heading.width, None, {"hidden": True} if heading.hidden else {})
            sheet.write_string(3, column, heading.name, head)
        sheet.set_row(2, max(24.0, *(_group_height(headings))))
        sheet.set_row(3, max(30.0, table_height([h.name for h in headings], [h.width for h in headings], 18)))


def _form(table: Table, styles: Styles) -> Form:
    return Form((table.headings, table.form), len(table.headings), styles, table.optional)


class PieceMaker:
    """Renders stretches of data sheets by themselves, to the very pieces that `lay_out` would make of them."""

    def __init__(self, settings: Settings) -> None:
        book = open_workbook(io.BytesIO(), datetime(2000, 1, 1))
        self._styles = look_styles(Formats(book), settings)
        book.close()

    def made(self, sheet: Sheet, stretches: Sequence[Stretch[Block]]) -> Iterator[tuple[str, str, bytes]]:
        """Yields each piece: its identity, its facts as a text, and itself."""
        table = data_table(sheet, stretches)
        form = _form(table, self._styles)
        shape = form.shape
        for stretch in stretches:
            facts, data = render(table.show(stretch.make()), form)
            yield identity_of(shape, stretch.key, stretch.basis), facts.text(), data


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
