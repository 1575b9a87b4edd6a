"""The parts of a package, unpacked once and looked at as they come: their real size, and what must not stand in their XML.

Sizes in a zip's directory can lie, so every part that any parser will see is unpacked here, piece by piece, and counted. XML is
looked at by bytes: office programs write UTF-8 and no document type, and with neither entities nor another encoding can be.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator

from syncer.excel.zip_layout import content_start

PIECE_BYTES = 1 << 20
PARSED = (".xml", ".rels", ".bin")
_XML = (".xml", ".rels")

_DECLARED = re.compile(rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(rb"<!(?=[A-Za-z])")
_LONGEST = 2  # signs before the last one of what is looked for: nothing hides where two pieces meet
_UTF8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
# Written by some exporters over plain ASCII content: the same bytes in UTF-8.
_ASCII_LIKE = re.compile(r"iso-?8859|latin|windows-125|cp125|gb|big5|euc|shift|ks_c|koi8", re.IGNORECASE)
# OpenOffice wrote a document type at the head of this one, which nobody here parses as XML.
_MANIFEST = "META-INF/manifest.xml"


# What add-ins keep in a book; Excel itself writes UTF-16 there, and nobody here reads it.
_BYSTANDERS = "customxml/"


class LyingSizeError(ValueError):
    """A member unpacks to more or less than its directory entry says, or to other bytes."""


def pieces(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yields a member's unpacked content; raises `LyingSizeError` as soon as it is longer than declared, or ends otherwise.

    Raises ``NotImplementedError`` for a method that no office program uses, ``zlib.error`` for damaged bytes.
    """
    start = content_start(data, member)
    if start is None:
        raise LyingSizeError(member.filename)
    packed = memoryview(data)[start : start + member.compress_size]
    left, checksum = member.file_size, 0
    for piece in _unpacked(packed, member.compress_type):
        left -= len(piece)
        checksum = zlib.crc32(piece, checksum)
        if left < 0:
            raise LyingSizeError(member.filename)
        yield piece
    if left or checksum != member.CRC:
        raise LyingSizeError(member.filename)


def _unpacked(packed: memoryview, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield from (bytes(packed[at : at + PIECE_BYTES]) for at in range(0, len(packed), PIECE_BYTES))
        return
    if method != zipfile.ZIP_DEFLATED:
        raise NotImplementedError(f"zip method {method}")
    inflater = zlib.decompressobj(-15)
    piece = inflater.decompress(packed, PIECE_BYTES)
    while piece:
        yield piece
        piece = inflater.decompress(inflater.unconsumed_tail, PIECE_BYTES)
    if not inflater.eof:
        raise zlib.error("incomplete")


def odd_xml(data: bytes, member: zipfile.ZipInfo) -> str:
    """Unpacks one part and returns what must not be in it; ``""`` if it is sound.

    ``<!DOCTYPE`` and its like anywhere; an encoding other than UTF-8, which one reader would heed and another not.
    """
    is_xml = member.filename.lower().endswith(_XML) and member.filename != _MANIFEST
    is_read = not member.filename.lower().startswith(_BYSTANDERS)
    before, other = b"", ""
    for number, piece in enumerate(pieces(data, member)):
        if not is_xml:
            continue
        if number == 0 and is_read and (other := _other_encoding(piece)) and not _ASCII_LIKE.match(other):
            return other
        if other and not piece.isascii():
            return other
        if _DECLARATION.search(before + piece):
            return "<!DOCTYPE>"
        before = piece[-_LONGEST:]
    return ""


def _other_encoding(head: bytes) -> str:
    """Returns the encoding of an XML part if it is not UTF-8."""
    if b"\0" in head[:200] or head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    declared = _DECLARED.match(head)
    name = declared[1].decode("ascii") if declared else "utf-8"
    return "" if name.lower() in _UTF8 else name
