"""A workbook as a zip package: members found and copied raw, some replaced, and a proof that nothing else changed."""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from syncer.errors import RefusedError
from syncer.excel.part_xml import is_true, parse_xml

PART_MAX_BYTES = 64 << 20  # unpacked in this process; a sheet of 20,000 rows by 30 columns has 30 MB


@dataclass(frozen=True, slots=True)
class Member:
    """One zip member: where its local header, data and descriptor lie, and its record in the central directory."""

    start: int
    end: int
    record: bytes


class Package:
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
            self.strings = self._one("/sharedStrings", relations)
            tree = parse_xml(self.read(self.workbook))
        except (zipfile.BadZipFile, struct.error) as error:
            raise RefusedError(f"不是可以改写的工作簿：{error}") from error
        # Each sheet names its part by a relationship id, whatever prefix that attribute has.
        self.sheets: dict[str, str] = {}
        for sheet in tree.iter("{*}sheet"):
            ids = [str(value) for key, value in sheet.attrib.items() if etree.QName(key).localname == "id"]
            self.sheets[str(sheet.get("name"))] = relations.get(ids[0] if ids else "", ("", ""))[1]
        setting = next(tree.iter("{*}workbookPr"), None)
        self.epoch = datetime(1904, 1, 1) if setting is not None and is_true(setting.get("date1904")) else None
        self._dates: frozenset[int] | None = None

    def read(self, part: str) -> bytes:
        """Returns a member's content."""
        if part not in self.members:
            raise RefusedError(f"工作簿缺少部件“{part}”")
        if self._zip.getinfo(part).file_size > PART_MAX_BYTES:
            raise RefusedError(f"部件“{part}”过大")
        try:
            return self._zip.read(part)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
            raise RefusedError(f"部件“{part}”读不出来：{error}") from error

    def custom(self) -> str | None:
        """Returns the part that holds the custom properties, if there is one."""
        return self._one("/custom-properties", self._root)

    def related(self, part: str, kind: str) -> list[str]:
        """Returns the parts of a kind (the end of a relationship's type) that belong to a part."""
        folder, name = posixpath.split(part)
        if posixpath.join(folder, "_rels", f"{name}.rels") not in self.members:
            return []
        return [target for type_, target in self._relations(part).values() if type_.endswith(kind)]

    def shows_dates(self, style: int) -> bool:
        """Tells whether cells of this style show dates or times."""
        if self._dates is None:
            self._dates = _date_styles(self.read(self.styles)) if self.styles else frozenset()
        return style in self._dates

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        tree = parse_xml(self.read(posixpath.join(folder, "_rels", f"{name}.rels")))
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


def _members(source: bytes, names: list[str]) -> dict[str, Member]:
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
        name: Member(start, bounds[bisect(bounds, start)], record)
        for name, (start, record) in zip(names, records, strict=True)
    }


def _date_styles(xml: bytes) -> frozenset[int]:
    """Returns the indexes of the cell styles whose number format shows a date or a time."""
    tree = parse_xml(xml)
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


def rebuild(package: Package, replaced: Mapping[str, bytes]) -> bytes:
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


def prove(source: bytes, result: bytes, replaced: Mapping[str, bytes]) -> None:
    """Checks, from the bytes alone, that the result holds what was meant and the rest untouched."""
    with zipfile.ZipFile(io.BytesIO(result)) as after, zipfile.ZipFile(io.BytesIO(source)) as before:
        kept = [name for name in before.namelist() if name not in replaced]
        old, new = _members(source, before.namelist()), _members(result, after.namelist())
        sound = set(new) == set(old) | set(replaced)
        sound &= all(source[slice(*_span(old[n]))] == result[slice(*_span(new[n]))] for n in kept)
        sound &= all(after.read(name) == content for name, content in replaced.items())
    if not sound:
        raise AssertionError("a patch changed more than it should")


def _span(member: Member) -> tuple[int, int]:
    return member.start, member.end
