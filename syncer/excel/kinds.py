"""What kind of file lies there, told by its first bytes: a compound (OLE) file, plain text, another program's file, or ciphertext."""

from __future__ import annotations

import math
import mmap
from collections import Counter

from syncer.core.model import Refusal

NO_WORKBOOK = "FILE-002"
DAMAGED = "FILE-003"
PASSWORD = "FILE-004"  # noqa: S105 — a problem code
PROTECTED = "FILE-005"
UNSUPPORTED = "FILE-010"
UNKNOWN_TEXT = "FILE-019"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TEXT_ENDINGS = frozenset({".csv", ".txt", ".tsv"})
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# What document-encryption clients (透明加密) put before their ciphertext; a PC without the client sees it.
_ENVELOPES = (
    (b"%TSD-Header-###%", 0, "绿盾"),
    (b"\x62\x14\x23\x65", 0, "亿赛通"),
    (b"E-SafeNet", 64, "亿赛通"),
    (b"DOCGUARDER_FILE", 0, "DocGuarder"),
    (b"DG_FILE VER", 0, "DocGuarder"),
)
_OTHER_KINDS = (
    (b"%PDF-", "PDF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ", "xz"),
    (b"BZh", "bzip2"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "RIFF"),
    (b"MZ", "EXE"),
    (b"{\\rtf", "RTF"),
)
_CIPHER_BITS = 7.2  # a byte: ciphertext has 7.6 and more in a sample of this size, Chinese text in any encoding below 7
_SAMPLE_MIN_BYTES = 512
_ENVELOPE_MOST_BYTES = 1024  # readable heads end before that
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style")


def judge_other(head: bytes, suffix: str) -> Refusal | None:
    """Names what is neither a zip nor an OLE file; ``None`` for plain text under a name that says so: it can be read."""
    for sign, within, client in _ENVELOPES:
        if 0 <= head.find(sign) <= within:
            return Refusal(PROTECTED, (("client", client),))
    if not head.strip(b"\0"):
        return Refusal(DAMAGED, (("what", "zeros"),))  # a copy cut off by a full disk or a broken line
    for sign, what in _OTHER_KINDS:
        if head.startswith(sign):
            return Refusal(NO_WORKBOOK, (("what", what),))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b'progid="excel.sheet"' in start or b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return Refusal(UNSUPPORTED, (("what", "XML 2003"),))
    if start.startswith(_PAGE_STARTS):
        return Refusal(NO_WORKBOOK, (("what", "HTML"),))  # web systems export pages under the name .xls
    if _is_text(head):
        return None if suffix in TEXT_ENDINGS else Refusal(NO_WORKBOOK, (("what", "TXT"),))
    if _is_cipher(head):
        return Refusal(PROTECTED, (("client", ""),))
    return Refusal(NO_WORKBOOK, (("what", "?"),))


def _is_text(head: bytes) -> bool:
    """Whether these bytes begin a text of any encoding that `syncer.excel.text` knows."""
    if head.startswith(UTF_16_MARKS):
        return True
    strange = sum(head.count(code) for code in (*range(9), *range(14, 32), 127))
    if strange:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(head) - 4:  # a sign may be cut in two where the head ends
                continue
        return True
    return False


def _is_cipher(head: bytes) -> bool:
    """Whether these bytes are as even as only ciphertext is; what is compressed has been known by its head before."""
    sample = head[_ENVELOPE_MOST_BYTES:] if len(head) >= 2 * _ENVELOPE_MOST_BYTES else head
    if len(sample) < _SAMPLE_MIN_BYTES:
        return False
    shares = [count / len(sample) for count in Counter(sample).values()]
    return -sum(share * math.log2(share) for share in shares) > _CIPHER_BITS


def judge_ole(file_number: int, suffix: str) -> Refusal | None:
    """Looks for the streams of a compound file by their directory entries (aligned to 128 bytes, names in UTF-16)."""
    with mmap.mmap(file_number, 0, access=mmap.ACCESS_READ) as data:
        if len(data) < 1024:
            return Refusal(DAMAGED, (("what", "truncated"),))
        if any(_has_stream(data, name) for name in ("EncryptedPackage", "EncryptionInfo")):
            return Refusal(PASSWORD)
        if any(_has_stream(data, name) for name in ("Workbook", "Book", "WORKBOOK", "BOOK")):
            return None
        if suffix == ".et":
            return Refusal(UNSUPPORTED, (("what", ".et"),))
        return Refusal(NO_WORKBOOK, (("what", "ole"),))


def _has_stream(data: mmap.mmap, name: str) -> bool:
    entry = name.encode("utf-16-le") + b"\0\0"
    at = data.find(entry, 512)
    while at >= 0:
        if at % 128 == 0:
            return True
        at = data.find(entry, at + 1)
    return False
