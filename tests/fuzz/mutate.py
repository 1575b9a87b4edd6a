"""Damages workbooks as disks, lines, programs and people with bad intent do: the same number always makes the same file.

Three depths: any bytes; a zip's records and members; the XML inside its members. Most mutants keep their checksums right, or no
reader would look past the first broken one.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

NASTY_VALUES = (
    b"", b"0", b"-1", b"1", b"2147483648", b"4294967296", b"18446744073709551616", b"1e999", b"NaN", b"A0", b"A1", b"XFD1",
    b"XFE1", b"A1048576", b"A1048577", b"XFD1048576", b"AAAAAAAA1", b"A1:XFD1048576", b"B2:A1", b"../../x.xml", b"/", b"rId1",
    b"rId999", b"true", b"e", b"s", b"str", b"inlineStr", b"d", b"'", b"&#0;", b"&#xD800;", b"&lt;" * 50, b"\xff\xfe", b"\xe4\xb8",
    "编号".encode(), b"9" * 400, b"x" * 40_000, b"[Content_Types].xml", b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)  # fmt: skip
NASTY_TEXT = (
    b"\0", b"&#0;", b"&x;", b"]]>", b"<!--", b"-->", b"<![CDATA[", b"<?x", b"<", b">", b"&", b"</row>", b"<row>", b"<c/>",
    b"<v>1</v>", b"<f>1/0</f>", b'<c r="A1" t="e"><v>#REF!</v></c>', b'<c r="C3" t="s"><v>999999</v></c>', b"<is><t>x</t></is>",
    b'<mergeCell ref="A1:XFD1048576"/>', b'<!DOCTYPE a [<!ENTITY x "y">]>', b"\xef\xbb\xbf", b"\xff", b"<a " + b'b="c" ' * 2000 + b"/>",
    b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell/></table:table-row>',
)  # fmt: skip
_TAG = re.compile(rb"<[^>]{1,400}>")
_ATTRIBUTE = re.compile(rb"\s([\w:.-]{1,60})=(\"[^\"]{0,400}\"|'[^']{0,400}')")

Members = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Original:
    """A sound workbook to be damaged."""

    name: str
    data: bytes

    @property
    def ending(self) -> str:
        return self.name.rpartition(".")[2]


def mutant(originals: Sequence[Original], seed: int, number: int) -> tuple[str, bytes]:
    """Returns the name and the bytes of one damaged workbook."""
    chance = Random(f"{seed}:{number}")
    original = chance.choice(originals)
    data = original.data
    is_zip = data.startswith(b"PK")
    depths: list[Callable[[Random, bytes], bytes]] = [in_xml, in_xml, in_members, in_records, in_bytes]
    depth = chance.choice(depths) if is_zip else in_bytes
    data = depth(chance, data)
    return f"{number:06d}-{depth.__name__}-{original.name}", data


# ---- any bytes


def in_bytes(chance: Random, data: bytes) -> bytes:
    """Flips, cuts, drops, doubles, overwrites or inserts bytes, once to six times."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 6))):
        at = chance.randrange(len(out) + 1)
        length = chance.choice((1, 1, 2, 4, 16, 200, 4000))
        match chance.randrange(7):
            case 0 | 1 if out:
                out[at % len(out)] ^= 1 << chance.randrange(8)
            case 2:
                out[at : at + length] = chance.randbytes(length)
            case 3:
                del out[at : at + length]
            case 4:
                out[at:at] = out[at : at + length]
            case 5:
                out[at : at + length] = bytes([chance.choice((0, 0xFF))]) * length
            case _:
                if chance.random() < 0.3:
                    del out[at:]
    return bytes(out)


# ---- a zip's records


def in_records(chance: Random, data: bytes) -> bytes:
    """Changes fields of local headers, of the directory or of its end, so that sizes, offsets, names and counts lie."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 3))):
        head, size = chance.choice(((b"PK\3\4", 30), (b"PK\1\2", 46), (b"PK\5\6", 22)))
        places = [found.start() for found in re.finditer(re.escape(head), bytes(out))]
        if not places:
            continue
        at = chance.choice(places)
        field = at + 4 + 2 * chance.randrange((size - 4) // 2)
        width, form = chance.choice(((2, "<H"), (4, "<I")))
        if field + width <= len(out):
            (old,) = struct.unpack_from(form, out, field)
            top = (1 << 8 * width) - 1
            new = chance.choice((0, 1, old ^ 1, old + 1, old * 2, top, top - 1, chance.randrange(top)))
            struct.pack_into(form, out, field, new & top)
    return bytes(out)


# ---- a zip's members


def in_members(chance: Random, data: bytes) -> bytes:
    """Drops, doubles, renames, empties, exchanges or adds members; the zip itself is sound."""
    members = unpacked(data)
    for _ in range(chance.choice((1, 1, 2))):
        if not members:
            break
        at = chance.randrange(len(members))
        name, content = members[at]
        match chance.randrange(8):
            case 0:
                del members[at]
            case 1:
                members.append((chance.choice((name, name.upper(), name.replace("/", "\\"), f"./{name}")), content))
            case 2:
                members[at] = (
                    chance.choice((name.swapcase(), f"../{name}", f"/{name}", name + "\u0301", name[:-1])),
                    content,
                )
            case 3:
                members[at] = (
                    name,
                    chance.choice((b"", b"\0" * 100, chance.randbytes(300), b"<a/>", content[: len(content) // 2])),
                )
            case 4:
                other = chance.randrange(len(members))
                members[at], members[other] = (name, members[other][1]), (members[other][0], content)
            case 5:
                members.append((f"xl/worksheets/sheet{chance.randrange(1, 99)}.xml", content))
            case 6:
                chance.shuffle(members)
            case _:
                members[at] = (name, in_bytes(chance, content))
    return packed(members)


# ---- the XML of a member


def in_xml(chance: Random, data: bytes) -> bytes:
    """Changes tags, attributes and text of one part, or two; the zip itself is sound."""
    members = unpacked(data)
    parts = [at for at, (name, content) in enumerate(members) if name.endswith((".xml", ".rels")) and content]
    for at in chance.sample(parts, min(len(parts), chance.choice((1, 1, 2)))):
        name, content = members[at]
        for _ in range(chance.choice((1, 1, 2, 5))):
            content = _changed(chance, content)
        members[at] = (name, content)
    return packed(members)


def _changed(chance: Random, xml: bytes) -> bytes:
    tag = _near(chance, _TAG, xml)
    if tag is None:
        return xml + chance.choice(NASTY_TEXT)
    start, end = tag.span()
    match chance.randrange(9):
        case 0 | 1 | 2:
            attribute = _near(chance, _ATTRIBUTE, xml)
            if attribute is None:
                return xml
            value = b'"' + chance.choice(NASTY_VALUES) + b'"'
            return xml[: attribute.start(2)] + value + xml[attribute.end(2) :]
        case 3:
            attribute = _near(chance, _ATTRIBUTE, xml)
            return xml if attribute is None else xml[: attribute.start()] + xml[attribute.end() :]
        case 4:
            return xml[:start] + xml[end:]
        case 5:
            return xml[:end] + chance.choice(NASTY_TEXT) + xml[end:]
        case 6:
            piece = xml[start : start + chance.choice((100, 1000))]
            return xml[:start] + piece * chance.choice((2, 3, 300)) + xml[start + len(piece) :]
        case 7:
            return xml[:start] + tag[0] * chance.choice((2, 50, 3000)) + xml[end:]
        case _:
            return chance.choice(
                (
                    xml[:start],
                    xml[:start] + b"</" + tag[0][1:] + xml[end:],
                    xml.decode("utf-8", "replace").encode("utf-16"),
                )
            )


def _near(chance: Random, pattern: re.Pattern[bytes], xml: bytes) -> re.Match[bytes] | None:
    """Returns the first match at or after a random place, else the first of all."""
    return pattern.search(xml, chance.randrange(len(xml) + 1)) or pattern.search(xml)


# ---- zips


def unpacked(data: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [(info.filename, package.read(info)) for info in package.infolist() if not info.is_dir()]


def packed(members: Members) -> bytes:
    """Returns a zip of these members, doubled names too."""
    out, records = io.BytesIO(), b""
    for name, content in members:
        packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        body = packer.compress(content) + packer.flush()
        raw = name.encode("utf-8", "surrogatepass")
        common = struct.pack(
            "<5H3I2H", 20, 0x800, 8, 0, 0x21, zlib.crc32(content), len(body), len(content), len(raw), 0
        )
        records += b"PK\1\2\x14\0" + common + struct.pack("<3H2I", 0, 0, 0, 0, out.tell()) + raw
        out.write(b"PK\3\4" + common + raw + body)
    count, at = len(members), out.tell()
    return out.getvalue() + records + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(records), at, 0)
