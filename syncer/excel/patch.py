"""Part-level patch: changes cells and document properties of a workbook; every other zip member stays byte for byte.

Pure bytes → bytes: whoever replaces the file looks after owner files, hashes and atomicity. Only the sheets concerned and
``docProps/custom.xml`` change; ``[Content_Types].xml`` and ``_rels/.rels`` only where a book has no custom properties yet.
A cell that holds a formula is never written to (`FormulaInTheWayError`), so ``calcChain.xml`` never needs a change.

A sheet is not parsed as a whole: the rows concerned are found by their start tags, parsed alone and put back. Of 20,000
rows, a few changed ones cost what unpacking and packing the sheet costs.
"""

from __future__ import annotations

import io
import math
import posixpath
import re
import struct
import zipfile
import zlib
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from lxml import etree

from syncer.core.values import CellError, Scalar, column_letter, show
from syncer.errors import RefusedError

Cell = tuple[int, int]
"""1-based row and column."""

MAX_ROW, MAX_COLUMN, MAX_TEXT = 1_048_576, 16_384, 32_767

_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VARIANT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_CUSTOM_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_ATTRIBUTES = rb"""((?:[^>"'/]|"[^"]*"|'[^']*'|/(?!>))*+)"""
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FormulaInTheWayError(RefusedError):
    """Cells to be changed hold a formula, or are part of an array; nothing was made. ``cells`` names all of them."""

    def __init__(self, cells: tuple[tuple[str, int, int], ...]) -> None:
        where = "、".join(f"{sheet}!{column_letter(column)}{row}" for sheet, row, column in cells[:5])
        super().__init__(f"公式在此，未改动：{where}{' 等' if len(cells) > 5 else ''}")
        self.cells = cells


def patch_cells(
    source: bytes, changes: Mapping[str, Mapping[Cell, Scalar]], *, properties: Mapping[str, str] | None = None
) -> bytes:
    """Returns the workbook with the given cells and custom properties changed and nothing else.

    A cell keeps its style; one that is not there yet takes that of its row, its column, or the cell above. Text is
    written in place (inlineStr), never as a formula, without the signs XML cannot hold. Dates and times become serials
    where the style shows dates, else text as `show` writes it (``2026-03-05``): a bare 46086 would say nothing to a
    person. ``None`` empties a cell and keeps its style. Properties are written as text.

    Args:
        source: an xlsx or xlsm package.
        changes: sheet name → (row, column) → content.
        properties: custom document property → text.

    Raises:
        FormulaInTheWayError: cells to be changed hold formulas; leave them out and call again.
        RefusedError: the package or a sheet cannot be patched safely, or is not there.
        ValueError: a value that no cell can hold (NaN, more than 32,767 signs, a place outside the sheet).
    """
    package = _Package(source)
    replaced: dict[str, bytes] = {}
    blocked: list[tuple[str, int, int]] = []
    for name, cells in changes.items():
        part = package.sheets.get(name)
        if part is None:
            raise RefusedError(f"工作簿里没有工作表“{name}”")
        before = package.read(part)
        after, formulas = _patch_sheet(before, cells, package)
        blocked += [(name, row, column) for row, column in formulas]
        if after != before:
            replaced[part] = after
    if blocked:
        raise FormulaInTheWayError(tuple(blocked))
    if properties:
        replaced |= _patch_properties(package, properties)
    if not replaced:
        return source
    result = _rebuild(package, replaced)
    _prove(source, result, replaced)
    return result


# --- the package -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Member:
    """One zip member: where its local header, data and descriptor lie, and its record in the central directory."""

    start: int
    end: int
    record: bytes


class _Package:
    """A workbook package, read only: members, and the parts that matter here."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source))
            self.members = _members(source, [info.filename for info in self._zip.infolist()])
            self._root = self._relations("")
            self.workbook = self._one("/officeDocument", self._root) or ""
            relations = self._relations(self.workbook)
            self.styles = self._one("/styles", relations)
            tree = _xml(self.read(self.workbook))
        except (zipfile.BadZipFile, struct.error) as error:
            raise RefusedError(f"不是可以改写的工作簿：{error}") from error
        # Each sheet names its part by a relationship id, whatever prefix that attribute has.
        self.sheets: dict[str, str] = {}
        for sheet in tree.iter("{*}sheet"):
            ids = [str(value) for key, value in sheet.attrib.items() if etree.QName(key).localname == "id"]
            self.sheets[str(sheet.get("name"))] = relations.get(ids[0] if ids else "", ("", ""))[1]
        setting = next(tree.iter("{*}workbookPr"), None)
        self.epoch = datetime(1904, 1, 1) if setting is not None and _true(setting.get("date1904")) else None
        self._dates: frozenset[int] | None = None

    def read(self, part: str) -> bytes:
        """Returns a member's content."""
        if part not in self.members:
            raise RefusedError(f"工作簿缺少部件“{part}”")
        try:
            return self._zip.read(part)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise RefusedError(f"部件“{part}”读不出来：{error}") from error

    def custom(self) -> str | None:
        """Returns the part that holds the custom properties, if there is one."""
        return self._one("/custom-properties", self._root)

    def shows_dates(self, style: int) -> bool:
        """Tells whether cells of this style show dates or times."""
        if self._dates is None:
            self._dates = _date_styles(self.read(self.styles)) if self.styles else frozenset()
        return style in self._dates

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        tree = _xml(self.read(posixpath.join(folder, "_rels", f"{name}.rels")))
        return {
            str(r.get("Id")): (
                str(r.get("Type")),
                posixpath.normpath(posixpath.join("/", folder, str(r.get("Target")))).lstrip("/"),
            )
            for r in tree.iter("{*}Relationship")
        }

    @staticmethod
    def _one(kind: str, relations: Mapping[str, tuple[str, str]]) -> str | None:
        return next((target for type_, target in relations.values() if type_.endswith(kind)), None)


def _members(source: bytes, names: list[str]) -> dict[str, _Member]:
    """Returns the members by name, in the order of the central directory (which is that of ``names``)."""
    if len({name.casefold() for name in names}) < len(names):
        raise RefusedError("压缩包里有同名部件")
    tail = source.rfind(b"PK\5\6")
    directory = struct.unpack_from("<I", source, tail + 16)[0]
    records: list[tuple[int, bytes]] = []
    position = directory
    for _ in names:
        if source[position : position + 4] != b"PK\1\2":
            raise RefusedError("压缩包的目录不在它说的位置")
        flags = struct.unpack_from("<H", source, position + 8)[0]
        start = struct.unpack_from("<I", source, position + 42)[0]
        if flags & 1 or source[start : start + 4] != b"PK\3\4":
            raise RefusedError("压缩包已加密，或超出可改写的大小")
        length = 46 + sum(struct.unpack_from("<3H", source, position + 28))
        records.append((start, source[position : position + length]))
        position += length
    bounds = [*sorted(start for start, _ in records), directory]
    return {
        name: _Member(start, bounds[bisect(bounds, start)], record)
        for name, (start, record) in zip(names, records, strict=True)
    }


def _rebuild(package: _Package, replaced: Mapping[str, bytes]) -> bytes:
    """Returns the package with members replaced or added; all others, and the first ones' order, copied raw."""
    out = io.BytesIO()
    records: dict[str, bytes] = {}
    for name, member in sorted(package.members.items(), key=lambda item: item[1].start):
        offset = out.tell()
        if name in replaced:
            header, record, packed = _pack(member.record, replaced[name])
            out.write(header + packed)
        else:
            record = member.record
            out.write(package.source[member.start : member.end])
        records[name] = record[:42] + struct.pack("<I", offset) + record[46:]
    for name in sorted(replaced.keys() - package.members.keys()):
        blank = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0x21, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
        header, record, packed = _pack(blank + name.encode(), replaced[name])
        records[name] = record[:42] + struct.pack("<I", out.tell()) + record[46:]
        out.write(header + packed)
    directory = b"".join(records[name] for name in [*package.members, *sorted(records.keys() - package.members.keys())])
    tail = package.source.rfind(b"PK\5\6")
    ending = struct.pack("<4s4H2I", b"PK\5\6", 0, 0, len(records), len(records), len(directory), out.tell())
    return out.getvalue() + directory + ending + package.source[tail + 20 :]


def _pack(record: bytes, content: bytes) -> tuple[bytes, bytes, bytes]:
    """Returns local header, central record and packed data for a member's new content; its date stays as it was."""
    made_by, _, flags, _, clock, day = struct.unpack_from("<6H", record, 4)
    name_length, extra_length, comment_length = struct.unpack_from("<3H", record, 28)
    name = record[46 : 46 + name_length]
    comment = record[46 + name_length + extra_length :]
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    # Bit 3 would promise sizes after the data; they stand in the header here. Bit 11 (name is UTF-8) stays.
    common = struct.pack(
        "<5H3I", 20, flags & 0x0800, 8, clock, day, zlib.crc32(content), len(packed), len(content)
    ) + struct.pack("<2H", name_length, 0)
    header = b"PK\3\4" + common + name
    central = b"PK\1\2" + struct.pack("<H", made_by) + common + struct.pack("<H", comment_length)
    return header, central + record[34:46] + name + comment, packed


def _prove(source: bytes, result: bytes, replaced: Mapping[str, bytes]) -> None:
    """Checks, from the bytes alone, that the result holds what was meant and the rest untouched."""
    with zipfile.ZipFile(io.BytesIO(result)) as after, zipfile.ZipFile(io.BytesIO(source)) as before:
        kept = [name for name in before.namelist() if name not in replaced]
        old, new = _members(source, before.namelist()), _members(result, after.namelist())
        sound = set(new) == set(old) | set(replaced)
        sound &= all(source[slice(*_span(old[n]))] == result[slice(*_span(new[n]))] for n in kept)
        sound &= all(after.read(name) == content for name, content in replaced.items())
    if not sound:
        raise AssertionError("a patch changed more than it should")


def _span(member: _Member) -> tuple[int, int]:
    return member.start, member.end


# --- a sheet ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _RowSpan:
    """Where one ``<row>`` stands in the sheet's XML."""

    number: int
    start: int
    end: int


class _SheetXml:
    """A worksheet's XML, cut into head, rows and rest without parsing it."""

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        root = re.search(rb"<((?:[\w.-]+:)?)worksheet(?=[\s>])" + _ATTRIBUTES + rb">", xml)
        if root is None:
            raise RefusedError("不是普通工作表")
        self.prefix = root[1]
        self.root = root[0]
        data = self.tag(b"sheetData").search(xml, root.end())
        if data is None:
            raise RefusedError("工作表没有数据区")
        self.empty = bool(data[2])
        self.head_end, self.begin = data.start(), data.end()
        closing = None if self.empty else self._close(b"sheetData").search(xml, self.begin)
        if closing is None and not self.empty:
            raise RefusedError("工作表的数据区没有结尾")
        self.end = closing.start() if closing else self.begin
        self.rows = list(self._rows())

    def tag(self, name: bytes) -> re.Pattern[bytes]:
        """Returns a pattern for the start tag of an element of the sheet: attributes, then ``/`` if it is empty."""
        return re.compile(b"<" + re.escape(self.prefix) + name + rb"(?=[\s/>])" + _ATTRIBUTES + rb"(/?)>")

    def parse(self, fragment: bytes) -> etree._Element:
        """Returns the root around a piece of the sheet, parsed with the sheet's own namespaces."""
        return _xml(self.root + fragment + b"</" + self.prefix + b"worksheet>")

    def cut(self, root: etree._Element) -> bytes:
        """Returns the piece again, from `parse`'s root."""
        text = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
        return text[text.index(b"<", 1) : text.rindex(b"</")]

    def row(self, number: int) -> etree._Element | None:
        """Returns a row's element, its cells with their ``r``; None where the sheet has no such row."""
        place = bisect(self.rows, number, key=lambda span: span.number) - 1
        if place < 0 or self.rows[place].number != number:
            return None
        return self._numbered(self.xml[self.rows[place].start : self.rows[place].end], number)

    def new_row(self, number: int) -> etree._Element:
        """Returns an empty row's element."""
        return self._numbered(b'<%srow r="%d"/>' % (self.prefix, number), number)

    def _numbered(self, fragment: bytes, number: int) -> etree._Element:
        row = self.parse(fragment)[0]
        column = 0
        for cell in row.iterchildren("{*}c"):
            letters = re.match(r"[A-Z]+", cell.get("r", ""))
            column = _column(letters[0]) if letters else column + 1
            cell.set("r", f"{column_letter(column)}{number}")
        return row

    def _close(self, name: bytes) -> re.Pattern[bytes]:
        return re.compile(b"</" + re.escape(self.prefix) + name + rb"\s*>")

    def _rows(self) -> Iterator[_RowSpan]:
        number = 0
        close = self._close(b"row")
        for match in self.tag(b"row").finditer(self.xml, self.begin, self.end):
            given = re.search(rb"""(?<=\s)r\s*=\s*["'](\d+)["']""", match[1])
            following = int(given[1]) if given else number + 1
            if following <= number:
                raise RefusedError("工作表的行不是按顺序存放的")
            number = following
            end = match if match[2] else close.search(self.xml, match.end(), self.end)
            if end is None:
                raise RefusedError("工作表有一行没有结尾")
            yield _RowSpan(number, match.start(), end.end())

    def column_style(self, column: int) -> str | None:
        """Returns the style index that ``<cols>`` gives a column."""
        found = re.search(self.tag(b"cols").pattern + b".*?" + self._close(b"cols").pattern, self.head(), re.DOTALL)
        for col in self.parse(found[0])[0] if found else ():
            if int(col.get("min", "0")) <= column <= int(col.get("max", "0")):
                return col.get("style")
        return None

    def head(self) -> bytes:
        """Returns what stands before the rows."""
        return self.xml[: self.head_end]

    def arrays(self) -> list[tuple[int, int, int, int]]:
        """Returns the ranges that array formulas and data tables fill: first row, first column, last row, last column."""
        found = []
        for match in self.tag(b"f").finditer(self.xml, self.begin, self.end):
            if re.search(rb"""(?<=\s)t\s*=\s*["'](?:array|dataTable)["']""", match[1]):
                ref = re.search(rb"""(?<=\s)ref\s*=\s*["']([A-Z0-9:]+)["']""", match[1])
                found += [_range(ref[1].decode())] if ref else []
        return found


def _patch_sheet(xml: bytes, cells: Mapping[Cell, Scalar], package: _Package) -> tuple[bytes, list[Cell]]:
    """Returns the sheet's new XML, and the cells left alone because a formula stands in them."""
    sheet = _SheetXml(_plain(xml))
    arrays = sheet.arrays() if re.search(rb"""["'](?:array|dataTable)["']""", sheet.xml) else []
    rows: dict[int, dict[int, Scalar]] = {}
    blocked: list[Cell] = []
    for (row, column), value in sorted(cells.items()):
        if not (0 < row <= MAX_ROW and 0 < column <= MAX_COLUMN):
            raise ValueError(f"no such cell: row {row}, column {column}")
        if any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in arrays):
            blocked.append((row, column))
        else:
            rows.setdefault(row, {})[column] = value
    pieces: dict[int, bytes] = {}
    written: list[Cell] = []
    for number, values in rows.items():
        piece, done, formulas = _patch_row(sheet, number, values, package)
        blocked += formulas
        if done:
            pieces[number] = piece
            written += done
    if not written:
        return xml, blocked
    return _extend(sheet, written) + _join(sheet, pieces), blocked


def _join(sheet: _SheetXml, pieces: Mapping[int, bytes]) -> bytes:
    """Returns the sheet from ``<sheetData>`` on, rows replaced and put in where they belong."""
    out = [sheet.xml[sheet.head_end : sheet.begin]]
    if sheet.empty:
        out = [re.sub(rb"/\s*>$", b">", out[0])]
    position = sheet.begin
    numbers = [span.number for span in sheet.rows]
    for number, piece in pieces.items():
        place = bisect(numbers, number - 1)
        here = sheet.rows[place].start if place < len(numbers) else sheet.end
        out += [sheet.xml[position:here], piece]
        position = sheet.rows[place].end if place < len(numbers) and numbers[place] == number else here
    out.append(sheet.xml[position : sheet.end])
    out.append(b"</%ssheetData>" % sheet.prefix if sheet.empty else b"")
    return b"".join(out) + sheet.xml[sheet.end :]


def _patch_row(
    sheet: _SheetXml, number: int, values: Mapping[int, Scalar], package: _Package
) -> tuple[bytes, list[Cell], list[Cell]]:
    """Returns a row's new XML, the cells written, and those that hold formulas."""
    existing = sheet.row(number)
    row = sheet.new_row(number) if existing is None else existing
    cells = {_column(re.sub(r"\d", "", str(cell.get("r")))): cell for cell in row.iterchildren("{*}c")}
    done: list[Cell] = []
    blocked: list[Cell] = []
    for column, value in values.items():
        cell = cells.get(column)
        if cell is None and value is None:
            continue
        if cell is None:
            cell = etree.Element(row.tag.replace("}row", "}c"), {"r": f"{column_letter(column)}{number}"})
            style = _inherited(sheet, row, number, column)
            if style:
                cell.set("s", style)
            row.insert(sum(1 for other in cells if other < column), cell)
            cells[column] = cell
        elif cell.find("{*}f") is not None:
            blocked.append((number, column))
            continue
        _fill(cell, value, package)
        done.append((number, column))
    row.attrib.pop("spans", "")  # optional, and no longer true
    root = row.getparent()
    return (sheet.cut(root) if root is not None else b""), done, blocked


def _inherited(sheet: _SheetXml, row: etree._Element, number: int, column: int) -> str | None:
    """Returns the style a new cell takes: that of its row, its column, or the cell above."""
    if row.get("s") and _true(row.get("customFormat")):
        return row.get("s")
    style = sheet.column_style(column)
    above = sheet.row(number - 1) if style in {None, "0"} else None
    if above is None:
        return style
    wanted = f"{column_letter(column)}{number - 1}"
    return next((cell.get("s") for cell in above.iterchildren("{*}c") if cell.get("r") == wanted), None)


def _fill(cell: etree._Element, value: Scalar, package: _Package) -> None:
    """Gives a cell its new content; the style stays."""
    for child in list(cell):
        cell.remove(child)
    for name in ("t", "cm", "vm"):  # kind and metadata of the old content
        cell.attrib.pop(name, "")
    if isinstance(value, (date, time, timedelta)):
        serial = _serial(value, package.epoch) if package.shows_dates(int(cell.get("s", "0"))) else None
        value = show(value) if serial is None else serial
    if isinstance(value, str):
        value = _clean(value)
    match value:
        case None | "":
            return
        case bool():
            cell.set("t", "b")
            _child(cell, "v").text = str(int(value))
        case CellError(text):
            cell.set("t", "e")
            _child(cell, "v").text = text
        case str():
            cell.set("t", "inlineStr")
            run = _child(_child(cell, "is"), "t")
            run.set(_SPACE, "preserve")
            run.text = value
        case _ if math.isfinite(value):
            _child(cell, "v").text = repr(value)
        case _:
            raise ValueError(f"no cell can hold {value!r}")


def _child(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")


def _clean(text: str) -> str:
    """Returns text as a cell's XML holds it: line breaks as one sign, no control signs, ``_x0041_`` told from "A"."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(lines.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        raise ValueError(f"more than {MAX_TEXT} signs in one cell")
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", _NOT_XML.sub("", lines))


def _serial(value: date | time | timedelta, epoch: datetime | None) -> int | float | None:
    """Returns the number by which a workbook keeps a date or time; None before 1 March 1900, where Excel miscounts."""
    if isinstance(value, time):
        midnight = datetime.combine(date.min, time.min)
        days = (datetime.combine(date.min, value) - midnight) / timedelta(days=1)
    elif isinstance(value, timedelta):
        days = value / timedelta(days=1)
    else:
        moment = value if isinstance(value, datetime) else datetime.combine(value, time.min)
        days = (moment - (epoch or datetime(1899, 12, 30))) / timedelta(days=1)
        if days < (0 if epoch else 61):
            return None
    return int(days) if days.is_integer() else days


def _extend(sheet: _SheetXml, cells: list[Cell]) -> bytes:
    """Returns the sheet's head with ``<dimension>`` grown to take the cells in."""

    def grown(match: re.Match[bytes]) -> bytes:
        top, left, bottom, right = _range(match[2].decode())
        top, bottom = min(top, *(r for r, _ in cells)), max(bottom, *(r for r, _ in cells))
        left, right = min(left, *(c for _, c in cells)), max(right, *(c for _, c in cells))
        first, last = f"{column_letter(left)}{top}", f"{column_letter(right)}{bottom}"
        return match[1] + (first if first == last else f"{first}:{last}").encode() + match[3]

    opening = b"(<" + re.escape(sheet.prefix) + rb"""dimension\s+ref\s*=\s*["'])([A-Z]+\d+(?::[A-Z]+\d+)?)(["'])"""
    return re.sub(opening, grown, sheet.head(), count=1)


def _plain(xml: bytes) -> bytes:
    """Returns the sheet's XML in a form whose tags can be found by pattern; nearly always it is that already."""
    if b"<!DOCTYPE" in xml[:4096]:
        raise RefusedError("部件带有文档类型声明")
    declared = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""", xml)
    utf8 = xml[:1] in {b"<", b"\xef"} and (declared is None or declared[1].lower() in {b"utf-8", b"utf8"})
    if utf8 and b"<!" not in xml and xml.count(b"<?") < 2:
        return xml
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise RefusedError(f"工作表读不出来：{error}") from error
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)


# --- styles, properties, small things of the format ------------------------------------------------------------------


def _date_styles(xml: bytes) -> frozenset[int]:
    """Returns the indexes of the cell styles whose number format shows a date or a time."""
    tree = _xml(xml)
    dated = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
    for number_format in tree.iter("{*}numFmt"):
        code = re.sub(
            r'"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]', "", number_format.get("formatCode", ""), flags=re.IGNORECASE
        )
        identity = int(number_format.get("numFmtId", "0"))
        dated = dated | {identity} if re.search("[ymdhs]", code, re.IGNORECASE) else dated - {identity}
    styles = tree.find("{*}cellXfs")
    formats = () if styles is None else styles.iterchildren("{*}xf")
    return frozenset(i for i, xf in enumerate(formats) if int(xf.get("numFmtId", "0")) in dated)


def _patch_properties(package: _Package, properties: Mapping[str, str]) -> dict[str, bytes]:
    """Returns the parts that change so that the custom properties say this."""
    part = package.custom()
    if part is None:
        return _first_properties(package, properties)
    before = package.read(part)
    tree = _xml(before)
    held = {str(p.get("name")): p for p in tree.iter("{*}property")}
    if all(name in held and held[name].xpath("string()") == text for name, text in properties.items()):
        return {}
    _set_properties(tree, held, properties)
    return {part: _document(tree)}


def _first_properties(package: _Package, properties: Mapping[str, str]) -> dict[str, bytes]:
    """Returns the new part, and the two that must name it."""
    part = "docProps/custom.xml"
    if part in package.members:
        raise RefusedError(f"部件“{part}”没有登记")
    tree = etree.Element(f"{{{_CUSTOM}}}Properties", nsmap={None: _CUSTOM, "vt": _VARIANT})  # type: ignore[dict-item]
    _set_properties(tree, {}, properties)
    types = _xml(package.read("[Content_Types].xml"))
    _child(types, "Override").attrib.update({"PartName": f"/{part}", "ContentType": _CUSTOM_TYPE})
    relations = _xml(package.read("_rels/.rels"))
    taken = {r.get("Id") for r in relations}
    fresh = next(name for n in range(1, len(taken) + 2) if (name := f"rId{n}") not in taken)
    _child(relations, "Relationship").attrib.update({"Id": fresh, "Type": _CUSTOM_RELATION, "Target": part})
    return {part: _document(tree), "[Content_Types].xml": _document(types), "_rels/.rels": _document(relations)}


def _set_properties(tree: etree._Element, held: dict[str, etree._Element], properties: Mapping[str, str]) -> None:
    """Writes properties as text; new ones get the next free number (they begin at 2)."""
    last = max([1, *(int(p.get("pid", "1")) for p in held.values())])
    for name, text in properties.items():
        entry = held.get(name)
        if entry is None:
            last += 1
            entry = _child(tree, "property")
            entry.attrib.update({"fmtid": "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}", "pid": str(last), "name": name})
        for child in list(entry):
            entry.remove(child)
        etree.SubElement(entry, f"{{{_VARIANT}}}lpwstr").text = _NOT_XML.sub("", text)


def _document(tree: etree._Element) -> bytes:
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)


def _xml(text: bytes) -> etree._Element:
    """Returns the parsed root; never fetches, never expands."""
    if b"<!DOCTYPE" in text[:4096]:
        raise RefusedError("部件带有文档类型声明")
    try:
        return etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise RefusedError(f"部件读不出来：{error}") from error


def _true(text: str | None) -> bool:
    return text in {"1", "true", "on"}


@cache
def _column(letters: str) -> int:
    """Returns the 1-based index of a column's letters."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index


def _range(ref: str) -> tuple[int, int, int, int]:
    """Returns first row, first column, last row, last column of ``B2:D9`` or ``B2``."""
    ends = [re.fullmatch(r"([A-Z]+)(\d+)", end) for end in ref.split(":")]
    if not all(ends) or len(ends) > 2:
        raise RefusedError(f"看不懂的区域“{ref}”")
    first, last = ends[0], ends[-1]
    assert first is not None and last is not None  # noqa: S101, PT018
    return int(first[2]), _column(first[1]), int(last[2]), _column(last[1])
