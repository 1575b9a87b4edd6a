"""Workbooks put together part by part, for what no writing library makes: WPS's ways, Strict namespaces, .xlsb records."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

# As Excel itself puts them when told to save "Strict Open XML".
STRICT_NAMES = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    OFFICE: "http://purl.oclc.org/ooxml/officeDocument/relationships",
    "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties": "http://purl.oclc.org/ooxml/officeDocument/extendedProperties",
    "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties": "http://purl.oclc.org/ooxml/officeDocument/customProperties",
    "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes": "http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "http://purl.oclc.org/ooxml/drawingml/main",
}


def xlsx(
    path: Path,
    sheet_data: str,
    *,
    shared: str = "",
    formats: Sequence[int] = (0, 14),
    book: str = "",
    after_sheets: str = "",
    book_relations: str = "",
    parts: Mapping[str, str] | None = None,
    prefix: str = "",
) -> Path:
    """Writes a book of one sheet ``S``: XML between ``<sheetData>`` tags, ``<si>`` entries, number formats by style number."""
    name = f"{prefix}:" if prefix else ""
    bound = f"xmlns:{prefix}" if prefix else "xmlns"
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in formats)
    relation = f'<Relationship Id="r{{}}" Type="{OFFICE}/{{}}" Target="{{}}"/>'
    members = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{relation.format(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}'
        f'<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>{after_sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{relation.format(1, 'worksheet', 'worksheets/sheet1.xml')}{relation.format(2, 'styles', 'styles.xml')}"
        f"{relation.format(3, 'sharedStrings', 'sharedStrings.xml')}{book_relations}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs>{styles}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/worksheets/sheet1.xml": f'<{name}worksheet {bound}="{MAIN}">'
        f"<{name}sheetData>{sheet_data}</{name}sheetData></{name}worksheet>",
        **(parts or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for member, text in members.items():
            package.writestr(member, text)
    return path


def strict(source: Path, target: Path) -> Path:
    """Copies a book with all namespaces and relation types as in Strict Open XML."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            for loose, tight in STRICT_NAMES.items():
                content = content.replace(loose.encode(), tight.encode())
            new.writestr(name, content)
    return target


def xlsb(path: Path, rows: Mapping[int, Mapping[int, str | float]]) -> Path:
    """Writes a binary book of one sheet ``S``: 1-based row → column → text, number, or an error value such as ``#REF!``."""
    codes = {"#REF!": 0x17, "#DIV/0!": 0x07, "#N/A": 0x2A}
    extent = struct.pack("<IIII", min(rows) - 1, max(rows) - 1, 0, max(max(cells) for cells in rows.values()) - 1)
    sheet = _record(129) + _record(148, extent) + _record(145)
    for row, cells in rows.items():
        sheet += _record(0, struct.pack("<I", row - 1) + bytes(13))
        for column, value in cells.items():
            place = struct.pack("<II", column - 1, 0)
            if isinstance(value, str) and value in codes:
                # The second one is a formula's result: flags, and a formula without tokens, follow it.
                at = _record(3, place + bytes([codes[value]]))
                sheet += at if column % 2 else _record(11, place + bytes([codes[value]]) + struct.pack("<HII", 0, 0, 0))
            elif isinstance(value, str):
                sheet += _record(6, place + _wide(value))
            else:
                sheet += _record(5, place + struct.pack("<d", value))
    sheet += _record(146) + _record(130)
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("S")
    workbook = _record(131) + _record(143) + _record(156, bundle) + _record(144) + _record(132)
    relation = f'<Relationship Id="rId1" Type="{OFFICE}/{{}}" Target="{{}}"/>'
    head = f'<Relationships xmlns="{PACKAGE}/relationships">'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        package.writestr(
            "_rels/.rels", head + relation.format("officeDocument", "xl/workbook.bin") + "</Relationships>"
        )
        package.writestr("xl/workbook.bin", workbook)
        rels = head + relation.format("worksheet", "worksheets/sheet1.bin") + "</Relationships>"
        package.writestr("xl/_rels/workbook.bin.rels", rels)
        package.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def _record(kind: int, body: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(body), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
