"""A look at a file's bytes before any parser sees them: what is plainly no workbook, locked or dangerous is refused here.

It takes a few milliseconds and proves nothing good: sizes inside a file can lie, and ``<dimension>`` does so in both directions
(LibreOffice writes ``A1:F1048576`` for a healthy book), so it is not asked. The limits of the reading child
(`syncer.excel.reading`) are the real guard. The fact ``what`` is shown to people in either language: names and numbers.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from pathlib import Path

from syncer.core.model import Refusal
from syncer.excel.kinds import DAMAGED, NO_WORKBOOK, OLE, PASSWORD, UNSUPPORTED, judge_ole, judge_other
from syncer.excel.parts import PARSED, LyingSizeError, odd_xml
from syncer.excel.zip_layout import odd_name, odd_place

EMPTY = "FILE-001"
DANGEROUS = "FILE-006"
NO_SHEETS = "FILE-008"

BOMB = "FILE-032"
HUGE = "FILE-034"

FILE_MAX_BYTES = 128 << 20
MEMBERS_MAX = 10_000
UNPACKED_MAX_BYTES = 1 << 30
PARSED_MAX_BYTES = 256 << 20  # of the parts that parsers see: some 2 million filled cells, or as many formatted ones
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
        size = os.fstat(file.fileno()).st_size
        if size > FILE_MAX_BYTES:
            return Refusal(HUGE, (("what", f"{size >> 20:,} MB > {FILE_MAX_BYTES >> 20:,} MB"),))
        head = file.read(_HEAD_BYTES)
        if not head:
            return Refusal(EMPTY)
        if head.startswith(OLE):
            return judge_ole(file.fileno(), data_path.suffix.lower())
        if head.startswith(b"PK\x03\x04"):
            return _judge_zip(head + file.read())
    return judge_other(head, data_path.suffix.lower())


def _judge_zip(data: bytes) -> Refusal | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return (
                _judge_members(package)
                or _judge_layout(data, package)
                or _judge_kind(package)
                or _judge_parts(data, package)
            )
    except LyingSizeError as error:
        return Refusal(DANGEROUS, (("what", str(error)),))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError, OSError) as error:
        return Refusal(DAMAGED, (("what", "zip"), ("detail", type(error).__name__)))


def _judge_members(package: zipfile.ZipFile) -> Refusal | None:
    """Judges the zip directory by what it says: too many members, sizes, encryption."""
    members = package.infolist()
    if len(members) > MEMBERS_MAX:
        return Refusal(DANGEROUS, (("what", f"{len(members):,} > {MEMBERS_MAX:,}"),))
    for member in members:
        if member.flag_bits & 1:
            return Refusal(PASSWORD)
        if member.file_size > BOMB_MIN_BYTES and member.file_size > BOMB_RATIO * max(1, member.compress_size):
            return Refusal(BOMB, (("what", f"{member.filename} {member.compress_size:,} → {member.file_size:,} B"),))
    for bound, chosen in (
        (UNPACKED_MAX_BYTES, members),
        (PARSED_MAX_BYTES, [member for member in members if member.filename.lower().endswith(PARSED)]),
    ):
        unpacked = sum(member.file_size for member in chosen)
        if unpacked > bound:
            largest = max(chosen, key=lambda member: member.file_size).filename
            return Refusal(BOMB, (("what", f"{largest} {unpacked >> 20:,} MB > {bound >> 20:,} MB"),))
    return None


def _judge_layout(data: bytes, package: zipfile.ZipFile) -> Refusal | None:
    odd = odd_name(member.orig_filename for member in package.infolist()) or odd_place(data, package)
    return Refusal(DANGEROUS, (("what", odd),)) if odd else None


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


def _judge_parts(data: bytes, package: zipfile.ZipFile) -> Refusal | None:
    """Refuses a package in which a part that will be parsed is not what it seems."""
    for member in package.infolist():
        if member.filename.lower().endswith(PARSED) and (odd := odd_xml(data, member)):
            return Refusal(DANGEROUS, (("what", f"{odd} {member.filename}"),))
    return None
