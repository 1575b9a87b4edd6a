"""What kind of file lies there, told by its first bytes: a compound (OLE) file, another program's, or an encryption client's envelope."""

from __future__ import annotations

import mmap
import re

from syncer.core.model import Refusal

NO_WORKBOOK = "FILE-002"
DAMAGED = "FILE-003"
PASSWORD = "FILE-004"  # noqa: S105 — a problem code
PROTECTED = "FILE-005"
UNSUPPORTED = "FILE-010"

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# What document-protection clients (透明加密) put before their ciphertext; seen on a PC without the client.
_PROTECTION_HEADS = (
    (re.compile(rb"\A.{0,64}E-SafeNet", re.DOTALL), "亿赛通"),
    (re.compile(rb"\A\x62\x14\x23\x65"), "亿赛通"),
    (re.compile(rb"\A%TSD-Header-###%"), "TSD"),
)
_OTHER_KINDS = (
    (b"%PDF-", "pdf"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"{\\rtf", "rtf"),
)


def judge_other(head: bytes, suffix: str) -> Refusal | None:
    """Names what is neither a zip nor an OLE file; ``None`` for what can be read all the same."""
    for pattern, client in _PROTECTION_HEADS:
        if pattern.search(head):
            return Refusal(PROTECTED, (("client", client),))
    if not head.strip(b"\0"):
        return Refusal(DAMAGED, (("what", "zeros"),))  # a copy cut off by a full disk or a broken line
    for magic, what in _OTHER_KINDS:
        if head.startswith(magic):
            return Refusal(NO_WORKBOOK, (("what", what),))
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b'progid="excel.sheet"' in start or b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return Refusal(UNSUPPORTED, (("what", "XML 2003"),))
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        return Refusal(NO_WORKBOOK, (("what", "html"),))  # web systems export pages under the name .xls
    if suffix in {".csv", ".txt", ".tsv"}:
        return Refusal(UNSUPPORTED, (("what", suffix),))
    return Refusal(NO_WORKBOOK, (("what", "binary" if b"\0" in head else "unknown"),))


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
