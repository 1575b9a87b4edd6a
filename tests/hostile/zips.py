"""Packages made by hand: parts as wanted, and a zip writer that can lie about everything."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
SHEET, WORKBOOK, RELS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"

ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'

Parts = dict[str, bytes]


def cell(place: str, value: object = 1) -> str:
    """Returns a cell with a number, or with text in it."""
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def sheet_xml(rows: str, before: str = "", after: str = "") -> bytes:
    """Returns a sheet part around the rows' XML."""
    return f'{HEAD}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'.encode()


GOOD_ROWS = f'<row r="1">{cell("A1", "清扫")}</row><row r="2">{cell("B2", 7)}</row>'


def book_parts(rows: str = GOOD_ROWS, before: str = "", after: str = "", **replaced: bytes) -> Parts:
    """Returns the parts of a book with one sheet 任务清单; ``replaced`` by short names (``sheet``, ``workbook``, ``rels`` …)."""
    parts = {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>'
        ).encode(),
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ).encode(),
        WORKBOOK: workbook_xml(["任务清单"]),
        RELS: rels_xml({"r1": ("worksheet", "worksheets/sheet1.xml")}),
        SHEET: sheet_xml(rows, before, after),
    }
    names = {"workbook": WORKBOOK, "rels": RELS, "sheet": SHEET, "strings": STRINGS, "styles": STYLES}
    parts |= {names[short]: content for short, content in replaced.items()}
    if "strings" in replaced or "styles" in replaced:
        kinds = {"r1": ("worksheet", "worksheets/sheet1.xml"), "r2": ("sharedStrings", "sharedStrings.xml")}
        parts.setdefault(STRINGS, f'{HEAD}<sst xmlns="{MAIN}"/>'.encode())
        kinds |= {"r3": ("styles", "styles.xml")} if "styles" in replaced else {}
        parts[RELS] = rels_xml(kinds)
    return parts


def workbook_xml(names: Sequence[str], relation: str = "") -> bytes:
    """Returns the part that names the sheets; ``relation``: one for all."""
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="{relation or f"r{at}"}"/>' for at, name in enumerate(names, 1)
    )
    return f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'.encode()


def rels_xml(targets: Mapping[str, tuple[str, str]]) -> bytes:
    """Returns a workbook's relations: id → kind, target."""
    entries = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'.encode()


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Returns an honest zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


@dataclass(frozen=True)
class Entry:
    """One member as it is written, and what its records say of it where that is a lie."""

    name: str
    content: bytes
    raw: bytes | None = None  # packed bytes as they stand there
    says_size: int | None = None
    says_crc: int | None = None
    local_name: str | None = None
    method: int = 8
    flags: int = 0x800
    shares_with: int | None = None  # it lies where that member (by number) lies

    def packed(self) -> bytes:
        """Returns the bytes that stand behind its header."""
        if self.raw is not None:
            return self.raw
        return _deflated(self.content) if self.method == zipfile.ZIP_DEFLATED else self.content


def zipped(entries: Sequence[Entry], before: bytes = b"", comment: bytes = b"", zip64: bool = False) -> bytes:
    """Returns a zip that holds, and says, just this."""
    out, records = io.BytesIO(), []
    offsets: list[tuple[int, int]] = []  # where each member lies, and how long its packed bytes are
    out.write(before)
    for entry in entries:
        body = b"" if entry.shares_with is not None else entry.packed()
        offset, length = (out.tell(), len(body)) if entry.shares_with is None else offsets[entry.shares_with]
        offsets.append((offset, length))
        size = len(entry.content) if entry.says_size is None else entry.says_size
        crc = zlib.crc32(entry.content) if entry.says_crc is None else entry.says_crc
        name, local = entry.name.encode(), (entry.local_name or entry.name).encode()
        common = struct.pack("<5H3I", 20, entry.flags, entry.method, 0, 0x21, crc, length, size & 0xFFFFFFFF)
        records.append(b"PK\1\2\x14\0" + common + struct.pack("<5H2I", len(name), 0, 0, 0, 0, 0, offset) + name)
        if entry.shares_with is None:
            out.write(b"PK\3\4" + common + struct.pack("<2H", len(local), 0) + local + body)
    directory = b"".join(records)
    at, count = out.tell(), len(entries)
    end = b""
    if zip64:
        end = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), at)
        end += struct.pack("<4sIQI", b"PK\6\7", 0, at + len(directory), 1)
    end += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), at, len(comment)) + comment
    return out.getvalue() + directory + end


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def ods(content: str, **more: bytes) -> bytes:
    """Returns an OpenDocument book with this content between the spreadsheet's tags."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    xml = (
        f"{HEAD}<office:document-content {names}><office:body><office:spreadsheet>{content}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    parts = {"mimetype": ODS_TYPE, "META-INF/manifest.xml": MANIFEST, "content.xml": xml.encode(), **more}
    return packed(parts)
