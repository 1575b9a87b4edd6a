"""A package's workbook part: sheets added, defined names set; and the lists behind dropdowns on their hidden sheet."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from lxml import etree

from syncer.core.model import OPTIONS_SHEET
from syncer.core.values import Scalar, column_index, column_letter, fold
from syncer.errors import RefusedError
from syncer.excel.package import Package
from syncer.excel.part_xml import add_child, document, parse_xml
from syncer.excel.patch import patch_sheet
from syncer.excel.sheet_xml import SheetXml
from syncer.excel.writing import clean

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SHEET_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LIST = re.compile(rf"'?{OPTIONS_SHEET}'?!\$([A-Z]+)\$\d+(?::\$([A-Z]+)\$(\d+))?")
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
_NEW_LIST_SHEET = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<worksheet xmlns="%s"><dimension ref="A1"/><sheetData/></worksheet>'
)


class WorkbookXml:
    """``xl/workbook.xml`` of a package, with what must follow when a sheet is added."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._tree = parse_xml(package.read(package.workbook))
        self._namespace = etree.QName(self._tree).namespace
        self._added: dict[str, bytes] = {}
        self._changed = False

    @property
    def names(self) -> dict[str, str]:
        """The defined names of the whole workbook, and what they stand for."""
        found = self._tree.iterfind("{*}definedNames/{*}definedName")
        return {str(n.get("name")): n.text or "" for n in found if n.get("localSheetId") is None}

    def define(self, name: str, meaning: str, *, sheet: int | None = None, hidden: bool = False) -> None:
        """Gives a name its meaning, for the whole workbook or one sheet (0-based position)."""
        local = None if sheet is None else str(sheet)
        found = self._tree.iterfind("{*}definedNames/{*}definedName")
        entry = next((n for n in found if n.get("name") == name and n.get("localSheetId") == local), None)
        if entry is None:
            entry = add_child(self._defined_names(), "definedName")
            entry.set("name", name)
            if local is not None:
                entry.set("localSheetId", local)
            if hidden:
                entry.set("hidden", "1")
        if entry.text != meaning:
            entry.text = meaning
            self._changed = True

    def add_sheet(self, name: str, xml: bytes, *, hidden: bool = False) -> int:
        """Adds a worksheet behind all others and returns its position; so no sheet-local name has to be counted anew."""
        sheets = self._tree.find("{*}sheets")
        if sheets is None or name.casefold() in {str(sheet.get("name")).casefold() for sheet in sheets}:
            raise RefusedError(f"工作簿里已有工作表“{name}”")
        folder = posixpath.join(posixpath.dirname(self.package.workbook), "worksheets")
        taken = {part.casefold() for part in (*self.package.members, *self._added)}
        numbers = range(1, len(taken) + 2)
        part = next(path for n in numbers if (path := f"{folder}/sheet{n}.xml").casefold() not in taken)
        self._added[part] = xml
        entry = add_child(sheets, "sheet")
        last = max(int(sheet.get("sheetId", "0")) for sheet in sheets)
        entry.attrib.update({"name": name, "sheetId": str(last + 1)})
        if hidden:
            entry.set("state", "hidden")
        entry.set(f"{{{_RELATIONS}}}id", self._relate(part))
        types = self._follower("[Content_Types].xml")
        add_child(types, "Override").attrib.update({"PartName": f"/{part}", "ContentType": _SHEET_TYPE})
        self._added["[Content_Types].xml"] = document(types)
        self.package.sheets[name] = part
        self._changed = True
        return len(sheets) - 1

    def read(self, part: str) -> bytes:
        """Returns a part as it stands now, added or not."""
        return self._added[part] if part in self._added else self.package.read(part)

    def parts(self) -> dict[str, bytes]:
        """Returns the parts that changed, and those added."""
        return self._added | ({self.package.workbook: document(self._tree)} if self._changed else {})

    def empty_sheet(self) -> bytes:
        """Returns the XML of a worksheet with nothing in it."""
        return _NEW_LIST_SHEET % str(self._namespace).encode()

    def _follower(self, part: str) -> etree._Element:
        return parse_xml(self.read(part))

    def _relate(self, part: str) -> str:
        """Registers a sheet's part with the workbook and returns its relationship id."""
        folder, name = posixpath.split(self.package.workbook)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        relations = self._follower(path)
        taken = {r.get("Id") for r in relations}
        fresh = next(name for n in range(1, len(taken) + 2) if (name := f"rId{n}") not in taken)
        target = posixpath.relpath(part, folder or ".")
        add_child(relations, "Relationship").attrib.update({"Id": fresh, "Type": _SHEET_RELATION, "Target": target})
        self._added[path] = document(relations)
        return fresh

    def _defined_names(self) -> etree._Element:
        found = self._tree.find("{*}definedNames")
        if found is None:
            found = add_child(self._tree, "definedNames")
            ahead = [child for child in self._tree if etree.QName(child).localname in _BEFORE_NAMES]
            ahead[-1].addnext(found)
        return found


class OptionLists:
    """The lists on the hidden sheet, one a column below their names; each has a defined name that dropdowns use."""

    def __init__(self, workbook: WorkbookXml) -> None:
        self._workbook = workbook
        self._texts: dict[tuple[int, int], Scalar] = {}
        self._columns: dict[str, int] = {}
        part = workbook.package.sheets.get(OPTIONS_SHEET)
        if part is not None:
            self._columns = _first_row(workbook.package, part)
        self._next = max([0, *self._columns.values()]) + 1
        self._defined: dict[int, tuple[str, int]] = {}  # column → defined name, last row
        for name, meaning in workbook.names.items():
            found = _LIST.fullmatch(meaning.strip())
            if found and found[2] in {None, found[1]}:
                self._defined.setdefault(column_index(found[1]), (name, int(found[3] or 2)))

    def known(self, name: str) -> bool:
        """Whether the workbook has a list of this name."""
        return fold(name) in self._columns

    def set(self, name: str, texts: Sequence[str]) -> str:
        """Has a list hold these choices, making it if need be, and returns its defined name."""
        at = self._columns.get(fold(name))
        if at is None:
            at = self._columns[fold(name)] = self._next
            self._next += 1
        defined, last = self._defined.get(at) or (self._fresh(), 1)
        wanted = [clean(name), *(clean(text) for text in texts)]
        self._texts |= {(row, at): text for row, text in enumerate(wanted, start=1)}
        self._texts |= {(row, at): None for row in range(len(wanted) + 1, last + 1)}
        self._defined[at] = (defined, len(wanted))
        letter = column_letter(at)
        meaning = f"{OPTIONS_SHEET}!${letter}$2:${letter}${len(wanted)}"
        if self._workbook.names.get(defined, "").replace("'", "") != meaning:
            self._workbook.define(defined, f"'{OPTIONS_SHEET}'!{meaning.partition('!')[2]}")
        return defined

    def part(self) -> dict[str, bytes]:
        """Returns the hidden sheet's part if it changed; a lost sheet is made again."""
        if not self._texts:
            return {}
        package = self._workbook.package
        if OPTIONS_SHEET not in package.sheets:
            self._workbook.add_sheet(OPTIONS_SHEET, self._workbook.empty_sheet(), hidden=True)
        part = package.sheets[OPTIONS_SHEET]
        before = self._workbook.read(part)
        held = _texts(package, before)
        changes = {place: text for place, text in self._texts.items() if held.get(place) != text}
        after, _ = patch_sheet(before, changes, package)
        return {part: after} if after != before else {}

    def _fresh(self) -> str:
        taken = {name.casefold() for name in self._workbook.names}
        return next(name for n in range(1, len(taken) + 2) if (name := f"opt_{n:03}") not in taken)


def _first_row(package: Package, part: str) -> dict[str, int]:
    found = _texts(package, package.read(part), last=1)
    return {fold(text): at for (_, at), text in sorted(found.items(), reverse=True)}


def _texts(package: Package, xml: bytes, last: int = 1_048_576) -> dict[tuple[int, int], str]:
    """Returns the texts of a sheet's cells, rich text joined, by (row, column)."""
    sheet = SheetXml(xml)
    shared: list[str] | None = None
    found: dict[tuple[int, int], str] = {}
    for span in sheet.rows:
        row = sheet.row(span.number) if span.number <= last else None
        for cell in () if row is None else row.iterchildren("{*}c"):
            at = column_index(re.sub(r"\d", "", str(cell.get("r"))))
            value = cell.findtext("{*}v") or ""
            if cell.get("t") == "s":
                shared = shared_texts(package) if shared is None else shared
                found[span.number, at] = shared[int(value)]
            elif cell.get("t") == "inlineStr":
                found[span.number, at] = "".join(t.text or "" for t in cell.iter("{*}t"))
            elif value:
                found[span.number, at] = value
    return found


def shared_texts(package: Package) -> list[str]:
    """Returns the shared strings, runs of rich text joined, without phonetic guides."""
    if package.strings is None:
        return []
    items = parse_xml(package.read(package.strings)).iterchildren("{*}si")
    return ["".join(t.text or "" for t in item.iterfind("{*}t")) or _runs(item) for item in items]


def _runs(item: etree._Element) -> str:
    return "".join(t.text or "" for t in item.iterfind("{*}r/{*}t"))
