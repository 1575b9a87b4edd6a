"""Workbooks already out follow a changed 台账设置, by part-level patch: what `syncer.core.delivery.evolution` says is due.

What a new column or sheet looks like, accepts and says is taken from a throw-away workbook that `syncer.excel.unitbook` makes of
the ledger as it is now; so there is one place that knows it. Parts that may change:

- the worksheets concerned, and the tables that a person has made there;
- the hidden sheet of choices, where a list changes or a new one is needed;
- ``xl/workbook.xml``, where a list's range changes or a sheet is added;
- ``xl/styles.xml``, only by formats added at the end;
- a new worksheet's part, ``[Content_Types].xml`` and ``xl/_rels/workbook.xml.rels``, where a sheet is added.

All other members stay byte for byte. A new sheet stands behind all others, so that nothing has to be counted anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import date
from typing import Any

from lxml import etree

from syncer.core.delivery.evolution import (
    LayoutChange,
    NewSheet,
    Options,
    Renamed,
    Retired,
    Rules,
    SpareColumn,
    Spot,
)
from syncer.core.delivery.handout import handed_out, reserved_ids
from syncer.core.model import Ledger, Row, Stamp, Unit
from syncer.core.texts import cell_text
from syncer.core.values import column_letter
from syncer.errors import RefusedError
from syncer.excel.frame_xml import SheetFrame, covering, mapped_formula
from syncer.excel.looks import FIRST_DATA_ROW, GROUP_ROW, ID_COLUMN, LEAF_ROW, SheetLooks
from syncer.excel.package import Package, prove, rebuild
from syncer.excel.part_xml import add_child, document, parse_xml
from syncer.excel.patch import fill_cell
from syncer.excel.slots import Slot, lay_out
from syncer.excel.styles_xml import Styles
from syncer.excel.tables_xml import Tables
from syncer.excel.unitbook import write_unit_book
from syncer.excel.validations import list_names
from syncer.excel.workbook_xml import OptionLists, WorkbookXml


def evolve(
    source: bytes,
    changes: Sequence[LayoutChange],
    ledger: Ledger,
    unit: Unit,
    looks: Mapping[str, SheetLooks] | None = None,
) -> bytes:
    """Returns a unit's workbook with the changes made and nothing else; the very same bytes where all is so already.

    Args:
        source: the xlsx or xlsm package from which ``changes`` were told (`layout_changes`).
        changes: what is due.
        ledger: the compiled control workbook; all codes in ``changes`` are of it.
        unit: whose workbook.
        looks: by sheet name, as for a new workbook.

    Raises:
        RefusedError: the package or a sheet cannot be patched safely.
    """
    if not changes:
        return source
    target = Package(source)
    if target.styles is None:
        raise RefusedError("工作簿没有样式部件")
    graft = _Graft(target, _Donor(ledger, unit, looks or {}, changes))
    for change in changes:
        graft.make(change)
    replaced = {
        part: xml for part, xml in graft.parts().items() if target.members.get(part) is None or target.read(part) != xml
    }
    if not replaced:
        return source
    result = rebuild(target, replaced)
    prove(source, result, replaced)
    return result


class _Donor:
    """The throw-away workbook: every sheet of the unit with one blank row, and new ones as they are handed out."""

    def __init__(
        self, ledger: Ledger, unit: Unit, looks: Mapping[str, SheetLooks], changes: Sequence[LayoutChange]
    ) -> None:
        self.ledger = ledger
        sheets = ledger.sheets_of(unit.code)
        new = {change.sheet for change in changes if isinstance(change, NewSheet)}
        rows = {
            s.code: [Row(r.id, s.code, unit.code, dict(r.raw)) for r in handed_out(ledger, s, unit.code)]
            for s in sheets
            if s.code in new
        }
        ids = {s.code: reserved_ids(s, unit.code) if s.code in new else ("1",) for s in sheets}
        stream = io.BytesIO()
        stamp, day = Stamp("", unit.code), date(ledger.settings.year, 1, 1)
        write_unit_book(stream, unit, ledger, stamp, rows=rows, reserved_ids=ids, issued=day, looks=looks)
        self.package = Package(stream.getvalue())
        self.styles = Styles(self.package.read(self.package.styles or ""))
        self.lists = {defined: name for name, defined in list_names(ledger, sheets).items()}
        names = list(self.package.sheets)[1 : len(sheets) + 1]  # behind the page of advice
        self.names = {sheet.code: name for sheet, name in zip(sheets, names, strict=True)}
        self._slots = {s.code: lay_out(s, looks.get(s.name, SheetLooks())) for s in sheets}
        self._roots: dict[str, etree._Element] = {}

    def root(self, sheet: str) -> etree._Element:
        """Returns a sheet's XML, by its code."""
        if sheet not in self._roots:
            self._roots[sheet] = parse_xml(self.package.read(self.package.sheets[self.names[sheet]]))
        return self._roots[sheet]

    def slot(self, sheet: str, code: str) -> Slot:
        """Returns where a column stands here."""
        return next(slot for slot in self._slots[sheet] if slot.column and slot.column.code == code)

    def style(self, sheet: str, row: int, at: int) -> int:
        """Returns the cell format of a cell."""
        name = f"{column_letter(at)}{row}"
        cell = next((c for c in self.root(sheet).iter("{*}c") if c.get("r") == name), None)
        return 0 if cell is None else int(cell.get("s", "0"))

    def column(self, sheet: str, at: int) -> etree._Element:
        """Returns a column's entry: width, and format of cells not there yet."""
        entries = self.root(sheet).iterfind("{*}cols/{*}col")
        return next(col for col in entries if int(col.get("min", "0")) <= at <= int(col.get("max", "0")))

    def height(self, sheet: str, row: int) -> float:
        """Returns a row's height in points."""
        found = next(entry for entry in self.root(sheet).iter("{*}row") if entry.get("r") == str(row))
        return float(found.get("ht", "0"))


class _Graft:
    """The target's parts while the changes are made."""

    def __init__(self, target: Package, donor: _Donor) -> None:
        self.target, self.donor = target, donor
        self.styles = Styles(target.read(target.styles or ""))
        self.workbook = WorkbookXml(target)
        self.lists = OptionLists(self.workbook)
        self._frames: dict[str, SheetFrame] = {}
        self._tables: dict[str, Tables] = {}

    def make(self, change: LayoutChange) -> None:
        """Makes one change."""
        match change:
            case SpareColumn(sheet, code, spot):
                self._new_column(sheet, code, spot)
            case Renamed(sheet, code, spot, header):
                self._head(sheet, self.donor.slot(sheet, code).at, spot, header)
            case Rules(sheet, code, spot):
                self._frame(spot).drop_validations(spot.at)
                self._validate(sheet, code, spot)
            case Retired(sheet, _, spot, header):
                self._head(sheet, ID_COLUMN, spot, header)  # grey, as what is not the unit's to fill
                self._frame(spot).drop_validations(spot.at)
            case Options(name):
                if self.lists.known(name):
                    self._list(name)
            case NewSheet(sheet):
                self._new_sheet(sheet)

    def parts(self) -> dict[str, bytes]:
        """Returns the parts as changed."""
        sheets = {self.target.sheets[name]: frame.part() for name, frame in self._frames.items()}
        lists = self.lists.part()
        styles = {self.target.styles or "": self.styles.part()}
        tables = {part: xml for tables in self._tables.values() for part, xml in tables.parts().items()}
        return {**sheets, **tables, **styles, **self.workbook.parts(), **lists}

    def _frame(self, spot: Spot) -> SheetFrame:
        if spot.table not in self._frames:
            part = self.target.sheets.get(spot.table)
            if part is None:
                raise RefusedError(f"工作簿里没有工作表“{spot.table}”")
            self._frames[spot.table] = SheetFrame(self.target.read(part))
        return self._frames[spot.table]

    def _style(self, index: int) -> int:
        return self.styles.cell_format(self.donor.styles, index)

    def _new_column(self, sheet: str, code: str, spot: Spot) -> None:
        """Puts a column into a blank one: headers, cells, width, what it accepts, and its colours."""
        frame, slot = self._frame(spot), self.donor.slot(sheet, code)
        self._head(sheet, slot.at, spot, slot.header)
        if spot.row > 1:
            above = frame.cell(spot.row - 1, spot.at)
            above.set("s", str(self._style(self.donor.style(sheet, GROUP_ROW, slot.at))))
            # No band: it stands further left.
            self._title(spot, spot.row - 1, above, cell_text(slot.column.group) if slot.column else "")
        entry = self.donor.column(sheet, slot.at)
        frame.show_column(spot.at, str(entry.get("width")), self._style(int(entry.get("style", "0"))))
        last = self._last_row(frame, spot)
        style = self._style(self.donor.style(sheet, FIRST_DATA_ROW, slot.at))
        frame.style_column(spot.at, spot.row, last, style)
        frame.grow(spot.at, spot.row)
        frame.drop_validations(spot.at)
        self._validate(sheet, code, spot)
        for condition in covering(self.donor.root(sheet).iterfind("{*}conditionalFormatting"), slot.at):
            if self._moved(condition, slot, spot, last):
                for rule in condition.iterfind("{*}cfRule"):
                    self._dress_rule(rule)
                frame.condition(condition)

    def _head(self, sheet: str, donor_at: int, spot: Spot, header: str) -> None:
        """Writes a leaf header in the donor's style; the row grows where the text needs it."""
        frame = self._frame(spot)
        cell = frame.cell(spot.row, spot.at)
        cell.set("s", str(self._style(self.donor.style(sheet, LEAF_ROW, donor_at))))
        self._title(spot, spot.row, cell, cell_text(header))
        frame.raise_row(spot.row, self.donor.height(sheet, LEAF_ROW))

    def _title(self, spot: Spot, row: int, cell: etree._Element, text: str) -> None:
        """Writes a header; into a table of the person's own there, too, and no blank one: there it has to be called something."""
        tables = self._tables_on(spot)
        if text or not tables.is_header(row, spot.at):
            tables.name(row, spot.at, text)
            fill_cell(cell, text, self.target)

    def _tables_on(self, spot: Spot) -> Tables:
        if spot.table not in self._tables:
            self._tables[spot.table] = Tables(self.target, self.target.sheets[spot.table])
        return self._tables[spot.table]

    def _validate(self, sheet: str, code: str, spot: Spot) -> None:
        frame, slot = self._frame(spot), self.donor.slot(sheet, code)
        for rule in covering(self.donor.root(sheet).iterfind("{*}dataValidations/{*}dataValidation"), slot.at):
            if self._moved(rule, slot, spot, self._last_row(frame, spot)):
                self._name_list(rule)
                frame.validate(rule)

    def _last_row(self, frame: SheetFrame, spot: Spot) -> int:
        """Returns how far down our rules reach: as far as those of the row ids, which nobody has a reason to change."""
        return frame.validated_to(spot.row, spot.id_column) or max([spot.row + 1, *self._filled(frame)])

    @staticmethod
    def _filled(frame: SheetFrame) -> Iterator[int]:
        """Yields the rows in use; LibreOffice leaves an empty last one of the sheet after a row was deleted."""
        return (span.number for span in frame.sheet.rows if span.number < 1_048_576)

    @staticmethod
    def _moved(element: etree._Element, slot: Slot, spot: Spot, last: int) -> bool:
        """Moves a validation or conditional format to its place; false where it rests on row ids that are gone."""
        letter = column_letter(spot.at)
        element.set("sqref", f"{letter}{spot.row}:{letter}{last}")
        columns = {column_letter(ID_COLUMN): spot.id_column, slot.letter: spot.at}
        for formula in element.iter("{*}formula", "{*}formula1", "{*}formula2"):
            moved = mapped_formula(formula.text or "", spot.row, columns)
            if moved is None:
                return False
            formula.text = moved
        return True

    def _dress_rule(self, rule: etree._Element) -> None:
        if rule.get("dxfId") is not None:
            rule.set("dxfId", str(self.styles.conditional_format(self.donor.styles, int(rule.get("dxfId", "0")))))

    def _name_list(self, rule: etree._Element) -> None:
        formula = rule.find("{*}formula1")
        if rule.get("type") == "list" and formula is not None and formula.text in self.donor.lists:
            formula.text = self._list(self.donor.lists[formula.text])

    def _list(self, name: str) -> str:
        """Has the workbook hold a list as the ledger has it; returns its defined name."""
        return self.lists.set(name, [choice.text for choice in self.donor.ledger.choices(name)])

    def _new_sheet(self, code: str) -> None:
        """Adds a sheet as it would be issued, its formats and texts made the target's own."""
        root, name = deepcopy(self.donor.root(code)), self.donor.names[code]
        shared = list(parse_xml(self.donor.package.read(self.donor.package.strings or "")))
        for element in root.iter("{*}c", "{*}row", "{*}col"):
            key = "style" if etree.QName(element).localname == "col" else "s"
            if element.get(key) is not None:
                element.set(key, str(self._style(int(element.get(key, "0")))))
            if element.get("t") == "s":
                _inline(element, shared)
        for rule in root.iter("{*}cfRule"):
            self._dress_rule(rule)
        for rule in root.iter("{*}dataValidation"):
            self._name_list(rule)
        at = self.workbook.add_sheet(name, document(root))
        tree = parse_xml(self.donor.package.read(self.donor.package.workbook))
        own = str(list(self.donor.package.sheets).index(name))
        for entry in tree.iterfind("{*}definedNames/{*}definedName"):
            if entry.get("localSheetId") == own:
                hidden = entry.get("hidden") == "1"
                self.workbook.define(str(entry.get("name")), entry.text or "", sheet=at, hidden=hidden)


def _inline(cell: etree._Element, shared: Sequence[Any]) -> None:
    """Has a cell hold its text itself."""
    value = cell.find("{*}v")
    if value is None:
        return
    cell.remove(value)
    cell.set("t", "inlineStr")
    text = add_child(cell, "is")
    text.extend(deepcopy(child) for child in shared[int(value.text or "0")])
