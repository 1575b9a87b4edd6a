"""A worksheet without its rows: columns, conditions and validations changed as a tree, the rows put back as they lay.

Around it `syncer.excel.sheet_xml`: of the rows only those concerned are parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy

from lxml import etree

from syncer.core.values import column_index, column_letter
from syncer.errors import RefusedError
from syncer.excel.part_xml import add_child, document, is_true, parse_xml
from syncer.excel.sheet_xml import SheetXml, range_of, with_rows

_ORDER = (
    *("sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection"),
    *("protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells"),
    *(
        "phoneticPr",
        "conditionalFormatting",
        "dataValidations",
        "hyperlinks",
        "printOptions",
        "pageMargins",
        "pageSetup",
    ),
    *("headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags"),
    *(
        "drawing",
        "legacyDrawing",
        "legacyDrawingHF",
        "drawingHF",
        "picture",
        "oleObjects",
        "controls",
        "webPublishItems",
    ),
    *("tableParts", "extLst"),
)
"""What a worksheet may hold, in the order that Excel insists on (ECMA-376, CT_Worksheet)."""


class SheetFrame:
    """One worksheet to be changed. Rows and columns are 1-based."""

    def __init__(self, xml: bytes) -> None:
        self.sheet = sheet = SheetXml(xml)
        self._empty = b"<%ssheetData/>" % sheet.prefix
        self._after = sheet.end if sheet.empty else sheet.xml.index(b">", sheet.end) + 1
        self.root = parse_xml(sheet.head() + self._empty + sheet.xml[self._after :])
        self._rows: dict[int, etree._Element] = {}

    def part(self) -> bytes:
        """Returns the worksheet's XML as changed."""
        pieces = {n: self.sheet.cut(row.getparent()) for n, row in sorted(self._rows.items())}  # type: ignore[arg-type]
        rows = with_rows(self.sheet, pieces)
        rows = rows[: len(rows) - (len(self.sheet.xml) - self._after)]
        before, _, after = document(self.root).partition(self._empty)
        return before + rows + after

    def row(self, number: int) -> etree._Element:
        """Returns a row to be changed, made if it is not there."""
        if number not in self._rows:
            found = self.sheet.row(number)
            self._rows[number] = self.sheet.new_row(number) if found is None else found
            self._rows[number].attrib.pop("spans", "")  # optional, and maybe no longer true
        return self._rows[number]

    def cell(self, number: int, at: int) -> etree._Element:
        """Returns a cell to be changed, made where it belongs if it is not there."""
        row = self.row(number)
        before = 0
        for cell in row.iterchildren("{*}c"):
            column = column_index(re.sub(r"\d", "", str(cell.get("r"))))
            if column == at:
                return cell
            before += column < at
        made = etree.Element(str(row.tag).replace("}row", "}c"), {"r": f"{column_letter(at)}{number}"})
        row.insert(before, made)
        return made

    def style_column(self, at: int, below: int, last: int, style: int) -> None:
        """Gives the cells of a column below a row its style: all down to ``last``, further down those that are there."""
        reference = re.compile(rb"""\sr\s*=\s*["']%s\d+["']""" % column_letter(at).encode())
        for span in self.sheet.rows:
            if span.number > below and (
                span.number <= last or reference.search(self.sheet.xml, span.start, span.end) is not None
            ):
                self.cell(span.number, at).set("s", str(style))

    def grow(self, at: int, last: int) -> None:
        """Has ``<dimension>`` reach over a column, down to a row."""
        found = self.root.find("{*}dimension")
        if found is not None:
            top, left, bottom, right = range_of(found.get("ref", "A1"))
            corner = f"{column_letter(max(right, at))}{max(bottom, last)}"
            found.set("ref", f"{column_letter(min(left, at))}{top}:{corner}")

    def show_column(self, at: int, width: str, style: int) -> None:
        """Shows a column in this width, its own entry cut out of ``<cols>``; cells not there yet get the style."""
        columns = self._child("cols")
        entry = add_child(columns, "col")
        for col in list(columns):
            first, last = int(col.get("min", "0")), int(col.get("max", "0"))
            if col is entry or not first <= at <= last:
                continue
            for low, high in ((first, at - 1), (at + 1, last)):
                if low <= high:
                    part = deepcopy(col)
                    part.attrib.update({"min": str(low), "max": str(high)})
                    col.addprevious(part)
            columns.remove(col)
        entry.attrib.update({"min": str(at), "max": str(at), "width": width, "style": str(style), "customWidth": "1"})
        columns[:] = sorted(columns, key=lambda col: int(col.get("min", "0")))

    def raise_row(self, number: int, height: float) -> None:
        """Makes a row at least so high, in points."""
        row = self.row(number)
        if is_true(row.get("customHeight")) and float(row.get("ht", "0")) < height:
            row.set("ht", f"{height:g}")

    def validated_to(self, row: int, at: int) -> int:
        """Returns the last row of the validation that begins at a cell, as all of ours begin at the header; 0: none does."""
        for rule in self.root.iterfind("{*}dataValidations/{*}dataValidation"):
            for top, left, bottom, right in _areas(rule.get("sqref", "")):
                if top == row and left <= at <= right:
                    return bottom
        return 0

    def drop_validations(self, at: int) -> None:
        """Takes a column out of all validations, also of those that Excel keeps in an extension."""
        for rule in list(self.root.iter("{*}dataValidation")):
            place = rule.find("{*}sqref")
            before = (rule.get("sqref") if place is None else place.text) or ""
            after = _without_column(before, at)
            if after == before:
                continue
            if not after:
                _remove(rule)
            elif place is None:
                rule.set("sqref", after)
            else:
                place.text = after

    def validate(self, rule: etree._Element) -> None:
        """Adds a validation."""
        rules = self._child("dataValidations")
        rules.append(rule)
        rules.set("count", str(len(rules)))

    def condition(self, condition: etree._Element) -> None:
        """Adds conditional formats, weaker than all that are there."""
        last = max((int(rule.get("priority", "0")) for rule in self.root.iter("{*}cfRule")), default=0)
        for number, rule in enumerate(condition.iter("{*}cfRule"), start=last + 1):
            rule.set("priority", str(number))
        self._insert(condition)

    def _child(self, name: str) -> etree._Element:
        found = self.root.find(f"{{*}}{name}")
        if found is None:
            found = self.root.makeelement(f"{{{etree.QName(self.root).namespace}}}{name}", {}, {})
            self._insert(found)
        return found

    def _insert(self, element: etree._Element) -> None:
        """Puts an element where it belongs, behind others of its name."""
        later = _ORDER[_ORDER.index(etree.QName(element).localname) + 1 :]
        behind = next((child for child in self.root if etree.QName(child).localname in later), None)
        if behind is None:
            self.root.append(element)
        else:
            behind.addprevious(element)


def _areas(sqref: str) -> list[tuple[int, int, int, int]]:
    """Returns the ranges that can be told (first row, first column, last row, last column)."""
    found = []
    for part in sqref.split():
        try:
            found.append(range_of(part))
        except RefusedError:  # whole columns or rows: nobody writes them in files, and they can stay
            continue
    return found


def _without_column(sqref: str, at: int) -> str:
    """Returns ranges without a column: ``"B4:D9 F4"`` without C → ``"B4:B9 D4:D9 F4"``."""
    kept: list[str] = []
    for part in sqref.split():
        areas = _areas(part)
        if not areas or not areas[0][1] <= at <= areas[0][3]:
            kept.append(part)
            continue
        top, left, bottom, right = areas[0]
        sides = [(low, high) for low, high in ((left, at - 1), (at + 1, right)) if low <= high]
        kept += [f"{column_letter(low)}{top}:{column_letter(high)}{bottom}" for low, high in sides]
    return " ".join(kept)


def _remove(rule: etree._Element) -> None:
    """Removes a validation, and what was there only to hold it."""
    element: etree._Element | None = rule
    while element is not None and (parent := element.getparent()) is not None:
        parent.remove(element)
        if parent.get("count") is not None:
            parent.set("count", str(len(parent)))
        emptied = etree.QName(parent).localname in {"dataValidations", "ext", "extLst"} and not len(parent)
        element = parent if emptied else None


def mapped_formula(text: str, row: int, columns: Mapping[str, int]) -> str | None:
    """Returns a formula with ``$C4`` and the like moved to a row and to other columns; None where such a column is 0.

    ``mapped_formula('LEFT($C4,1)="T"', 6, {"C": 5})`` → ``'LEFT($E6,1)="T"'``.
    """
    letters = set(re.findall(r"\$([A-Z]+)\d+", text))
    if any(not columns.get(letter) for letter in letters):
        return None
    return re.sub(r"\$([A-Z]+)\d+", lambda found: f"${column_letter(columns[found[1]])}{row}", text)


def covering(elements: Iterable[etree._Element], at: int) -> list[etree._Element]:
    """Returns copies of those elements (validations, conditional formats) whose ranges lie in a column."""
    return [
        deepcopy(e) for e in elements if any(left <= at <= right for _, left, _, right in _areas(e.get("sqref", "")))
    ]
