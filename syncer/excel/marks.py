"""What an xlsx sheet says of its cells that calamine keeps to itself, found in the sheet's XML.

calamine (python-calamine 0.9.1) gives an error value, a formula without a stored result and a picture in a cell all as
``''``: without a look at the XML each would be taken for a cleared cell. The look costs nothing where there is no such cell,
and some microseconds a formula.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from urllib.parse import unquote

from defusedxml.ElementTree import fromstring

from syncer.core.values import PICTURE, UNCOMPUTED, CellError, Scalar, column_index

Cell = tuple[int, int]  # 1-based row, column

ERROR_TEXT_MOST = 32  # signs; Excel's longest error value has 13
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet[\s>]")
_ATTRIBUTE = re.compile(rb"""\s(r|t|vm)=(?:"([^"]*)"|'([^']*)')""")
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^>]*)?>([^<]*)</")
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f([^>]*?)(?:/>|>([^<]*)</)")
_SHARED = re.compile(rb"""\ssi=["'](\d+)["']""")
_PLACE = re.compile(rb"([A-Z]{1,3})(\d{1,7})")
_OTHER_BOOK = re.compile(
    rb"\[(\d{1,4})\][^\[\]!]*!"
)  # [1]Sheet1!A1, '[1]2025年'!A1; table columns ([列1]) have no such form
_PICTURE_FORMULA = re.compile(rb"DISPIMG\(", re.IGNORECASE)
_PICTURE_KINDS = (b"_localImage", b"_webimage")
_PICTURE_PART = "xl/richData/rdrichvaluestructure.xml"


_PICTURE_TEXT = re.compile(r"=(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)


def typed_text(text: str) -> Scalar:
    """Returns a cell's text as it counts: what WPS puts in place of a picture's value is no text, blank is ``None``."""
    return PICTURE if text.startswith("=") and _PICTURE_TEXT.match(text) else text or None


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to be put into a sheet as read, and which values come from another workbook (its file name)."""

    cells: Mapping[Cell, Scalar] = field(default_factory=dict)
    linked: Mapping[Cell, str] = field(default_factory=dict)


class XlsxMarks:
    """Finds the marks of one package's sheets."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package

    def of(self, part: str) -> Marks:
        """Returns the marks of a sheet part."""
        return self.within(self._package.read(part))

    def within(self, xml: bytes) -> Marks:
        """Returns the marks of a sheet, given its XML; none for a sheet without cells (a chart's, a dialog's)."""
        root = _ROOT.search(xml)
        if root is None:
            return Marks()
        sheet = _SheetXml(xml, root[1])
        cells: dict[Cell, Scalar] = {}
        linked: dict[Cell, str] = {}
        shared: dict[bytes, str] = {}  # a shared formula's text stands in its first cell only
        for cell in sheet.with_formula():
            if source := self._other_book(cell, shared):
                linked[cell.place] = source
            if _PICTURE_FORMULA.search(cell.body):
                cells[cell.place] = PICTURE
            # A formula whose result is the empty text has the type ``str``; one without any result was never computed.
            elif cell.type != b"str" and not cell.value:
                cells[cell.place] = UNCOMPUTED
        for cell in sheet.of_type(b"e"):
            if cell.value and cell.place not in cells:
                picture = cell.is_rich and self._has_pictures
                cells[cell.place] = PICTURE if picture else CellError(cell.value[:ERROR_TEXT_MOST])
        for cell in sheet.of_type(b"d"):
            if (moment := _moment(cell.value)) is not None:
                cells[cell.place] = moment
        return Marks(cells, linked)

    def _other_book(self, cell: _CellXml, shared: dict[bytes, str]) -> str:
        """Returns the name of the workbook that a formula takes its value from; ``""`` for one of its own book."""
        formula = _FORMULA.search(cell.body)
        if formula is None:
            return ""
        found = _OTHER_BOOK.search(formula[2] or b"")
        source = self._books.get(int(found[1]), f"[{int(found[1])}]") if found else ""
        if group := _SHARED.search(formula[1]):
            source = shared.setdefault(group[1], source)
        return source

    @cached_property
    def _has_pictures(self) -> bool:
        names = self._package.NameToInfo
        return _PICTURE_PART in names and any(kind in self._package.read(_PICTURE_PART) for kind in _PICTURE_KINDS)

    @cached_property
    def _books(self) -> dict[int, str]:
        """The file names of the workbooks that formulas refer to, by the number in brackets."""
        workbook = workbook_part(self._package)
        targets = relations(self._package, workbook)
        names: dict[int, str] = {}
        for element in fromstring(self._package.read(workbook), forbid_dtd=True).iter():
            if element.tag.rpartition("}")[2] == "externalReference":
                link = targets.get(next((value for key, value in element.items() if key.endswith("}id")), ""), "")
                outside = next(iter(relations(self._package, link, inside=False).values()), "") if link else ""
                names[len(names) + 1] = unquote(re.split(r"[\\/]", outside)[-1]) or f"[{len(names) + 1}]"
        return names


@dataclass(frozen=True, slots=True)
class _CellXml:
    """One cell as it stands in the XML."""

    place: Cell
    type: bytes
    is_rich: bool  # has a value of a newer kind (a picture, a data type) behind it
    body: bytes
    value: str


class _SheetXml:
    """A sheet's XML, searched for single cells without parsing the rest."""

    def __init__(self, xml: bytes, prefix: bytes) -> None:
        self._xml = xml
        self._open, self._close = b"<" + prefix + b"c", b"</" + prefix + b"c>"
        self._formula = b"<" + prefix + b"f"
        self._quotes = (b'"', b"'") if b"'" in xml else (b'"',)  # one byte is looked for much faster than a word
        self._rows = re.compile(rb"<" + re.escape(prefix) + rb"(row|c)(?=[\s/>])([^>]*)")

    def with_formula(self) -> Iterator[_CellXml]:
        """Yields the cells that hold a formula."""
        if self._formula in self._xml:
            for end in (b">", b" ", b"/"):
                yield from self._cells_with(self._formula + end)

    def of_type(self, kind: bytes) -> Iterator[_CellXml]:
        """Yields the cells of this type (``t``)."""
        for quote in self._quotes:
            found = self._cells_with(b" t=" + quote + kind + quote)
            yield from (cell for cell in found if cell.type == kind)  # else a formula's text reads like it

    def _cells_with(self, sign: bytes) -> Iterator[_CellXml]:
        """Yields the cells in which this stands; each is looked at once, however often it does."""
        done = 0
        while (at := self._xml.find(sign, done)) >= 0:
            start = self._xml.rfind(self._open, done, at)
            done = at + len(sign)
            tag_end = self._xml.find(b">", start) if start >= 0 else -1
            if tag_end < 0 or self._xml.startswith(b"/", tag_end - 1):
                continue  # not within a cell, or in one that holds nothing
            end = self._xml.find(self._close, tag_end)
            if end < 0:
                return
            if end > at:
                done = end
                if cell := self._cell(start, tag_end, end):
                    yield cell

    def _cell(self, start: int, tag_end: int, end: int) -> _CellXml | None:
        """Returns the cell between these places; ``None`` where something else begins like one (``<cfRule``)."""
        held = {name: one or other for name, one, other in _ATTRIBUTE.findall(self._xml, start, tag_end)}
        body = self._xml[tag_end + 1 : end]
        place = _PLACE.fullmatch(held.get(b"r", b""))
        at = (int(place[2]), column_index(place[1].decode())) if place else self._counted.get(start)
        if at is None:
            return None
        value = _VALUE.search(body)
        text = value[1].decode("utf-8", "replace").strip() if value else ""
        return _CellXml(at, held.get(b"t", b""), b"vm" in held, body, text)

    @cached_property
    def _counted(self) -> dict[int, Cell]:
        """The places of all cells by where they begin, for a sheet whose cells do not say it themselves."""
        places: dict[int, Cell] = {}
        row = column = 0
        for found in self._rows.finditer(self._xml):
            own = next((one or other for name, one, other in _ATTRIBUTE.findall(found[2]) if name == b"r"), b"")
            if found[1] == b"row":
                row, column = int(own) if own.isdigit() else row + 1, 0
                continue
            place = _PLACE.fullmatch(own)
            column = column_index(place[1].decode()) if place else column + 1
            places[found.start()] = (row, column)
        return places


def _moment(text: str) -> Scalar:
    """Returns the date, moment or time of an ISO text; ``None`` where it is none. Zones are dropped: a cell knows none."""
    readers: tuple[Callable[[str], date | time], ...] = (date.fromisoformat, datetime.fromisoformat, time.fromisoformat)
    for read in readers:
        try:
            found = read(text)
        except ValueError:
            continue
        if isinstance(found, datetime):
            found = found.replace(tzinfo=None)
            return found.date() if found.time() == time.min else found
        return found.replace(tzinfo=None) if isinstance(found, time) else found
    return None


# ---- the package's own map


_WORKBOOK_XML = re.compile(r"(?:^|/)workbook[^/]*\.(?:xml|bin)\Z", re.IGNORECASE)


def workbook_part(package: zipfile.ZipFile) -> str:
    """Returns the member that names the sheets; ``""`` where there is none (another format)."""
    return next((name for name in package.namelist() if _WORKBOOK_XML.search(name)), "")


def relations(package: zipfile.ZipFile, part: str, *, inside: bool = True) -> dict[str, str]:
    """Returns what a part refers to by relation id: members of the package, or (not ``inside``) targets as written."""
    folder, base = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{base}.rels")
    if not part or rels not in package.NameToInfo:
        return {}
    targets = {rel.get("Id", ""): rel.get("Target", "") for rel in fromstring(package.read(rels), forbid_dtd=True)}
    if not inside:
        return targets
    places = {
        key: posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/") for key, target in targets.items()
    }
    return {key: place for key, place in places.items() if place in package.NameToInfo}


def sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Returns sheet name → member name for an xlsx book; nothing for other formats."""
    workbook = workbook_part(package)
    if not workbook.lower().endswith(".xml"):
        return {}
    targets = relations(package, workbook)
    parts: dict[str, str] = {}
    for element in fromstring(package.read(workbook), forbid_dtd=True).iter():
        if element.tag.rpartition("}")[2] == "sheet":
            relation = next((value for key, value in element.items() if key.endswith("}id")), "")
            if relation in targets:
                parts[element.get("name", "")] = targets[relation]
    return parts
