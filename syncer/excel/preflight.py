"""A look at a file's bytes before any parser sees them: what is plainly no workbook, locked or dangerous is refused here.

It takes a few milliseconds and proves nothing good: sizes inside a file can lie, and ``<dimension>`` does so in both directions
(LibreOffice writes ``A1:F1048576`` for a healthy book), so it is not asked. The limits of the reading child
(`syncer.excel.reading`) are the real guard. The fact ``what`` is shown to people in either language: names and numbers.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from syncer.core.model import Refusal
from syncer.excel.kinds import DAMAGED, NO_WORKBOOK, OLE, PASSWORD, UNSUPPORTED, judge_ole, judge_other

EMPTY = "FILE-001"
DANGEROUS = "FILE-006"
NO_SHEETS = "FILE-008"

MEMBERS_MAX = 10_000
UNPACKED_MAX_BYTES = 1 << 30
BOMB_MIN_BYTES = 32 << 20  # below this a high ratio is harmless: empty formatted rows pack 200:1 in honest books
BOMB_RATIO = 300

_HEAD_BYTES = 4096

_WORKBOOK_PART = re.compile(r"(?:^|/)workbook[^/]*\.(?:xml|bin)\Z", re.IGNORECASE)
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"


def judge(data_path: Path) -> Refusal | None:
    """Returns why a file cannot be taken in as a workbook, or ``None`` when nothing speaks against reading it.

    Judged by content; the name's ending only tells formats apart that are refused anyway. Raises ``OSError`` when the file
    cannot be read at all.
    """
    with data_path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if not head:
            return Refusal(EMPTY)
        if head.startswith(OLE):
            return judge_ole(file.fileno(), data_path.suffix.lower())
        if head.startswith(b"PK\x03\x04"):
            return _judge_zip(data_path)
    return judge_other(head, data_path.suffix.lower())


def _judge_zip(data_path: Path) -> Refusal | None:
    try:
        with zipfile.ZipFile(data_path) as package:
            return _judge_members(package) or _judge_kind(package) or _judge_heads(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError) as error:
        return Refusal(DAMAGED, (("what", "zip"), ("detail", type(error).__name__)))


def _judge_members(package: zipfile.ZipFile) -> Refusal | None:
    """Judges the zip directory: too many or doubled members, sizes, encryption."""
    members = package.infolist()
    if len(members) > MEMBERS_MAX:
        return Refusal(DANGEROUS, (("what", f"{len(members)} > {MEMBERS_MAX}"),))
    names: set[str] = set()
    for member in members:
        if member.filename.lower() in names:  # two programs would see two different books
            return Refusal(DANGEROUS, (("what", f"{member.filename} ×2"),))
        names.add(member.filename.lower())
        if member.flag_bits & 1:
            return Refusal(PASSWORD)
        if member.file_size > BOMB_MIN_BYTES and member.file_size > BOMB_RATIO * max(1, member.compress_size):
            return Refusal(
                DANGEROUS, (("what", f"{member.filename} {member.compress_size:,} → {member.file_size:,} B"),)
            )
    unpacked = sum(member.file_size for member in members)
    if unpacked > UNPACKED_MAX_BYTES:
        return Refusal(DANGEROUS, (("what", f"{unpacked >> 20:,} MB > {UNPACKED_MAX_BYTES >> 20:,} MB"),))
    return None


def _judge_kind(package: zipfile.ZipFile) -> Refusal | None:
    """Judges what kind of package it is; ``None`` for one that holds a workbook."""
    names = package.namelist()
    if any(_WORKBOOK_PART.search(name) for name in names):
        return None
    if "mimetype" in names and "content.xml" in names:
        kind = package.read("mimetype").strip()
        if kind.startswith(_ODS_TYPE):
            return _judge_manifest(package)
        return Refusal(NO_WORKBOOK, (("what", "opendocument"),))
    for part, what in (("word/document.xml", "word"), ("ppt/presentation.xml", "powerpoint")):
        if part in names:
            return Refusal(NO_WORKBOOK, (("what", what),))
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names):
        return Refusal(UNSUPPORTED, (("what", ".numbers"),))
    if "[Content_Types].xml" in names:
        return Refusal(DAMAGED, (("what", "workbook part"),))  # an Office package whose workbook is gone
    return Refusal(NO_WORKBOOK, (("what", "zip"),))


def _judge_manifest(package: zipfile.ZipFile) -> Refusal | None:
    """Refuses an OpenDocument book with a password: its manifest says so."""
    manifest = "META-INF/manifest.xml"
    if manifest in package.namelist() and b"encryption-data" in package.read(manifest):
        return Refusal(PASSWORD)
    return None


def _judge_heads(package: zipfile.ZipFile) -> Refusal | None:
    """Refuses a package with a document type declaration in any XML part: no office program writes one."""
    for member in package.infolist():
        if member.filename.lower().endswith((".xml", ".rels")) and member.file_size:
            with package.open(member) as part:
                head = part.read(1024)
            if b"<!DOCTYPE" in head.replace(b"\0", b""):  # without zeros UTF-16 reads alike
                return Refusal(DANGEROUS, (("what", f"<!DOCTYPE> {member.filename}"),))
    return None
