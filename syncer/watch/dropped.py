"""What lies in 07收件箱 under any name: which of it may be a workbook, what is an archive, what is still being fetched."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from syncer import fs
from syncer.watch.scan import WORKBOOK_ENDINGS

TAKEN_FOLDER, TURNED_AWAY_FOLDER = "已收", "未收"
ASIDE = (TAKEN_FOLDER, TURNED_AWAY_FOLDER)
"""Subfolders of 07收件箱 that we put files into ourselves."""
NOT_TAKEN_NOTE, RECEIPTS = "没有收下的文件.txt", "收件回执.txt"

_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz"})
_UNFINISHED = frozenset(
    {".crdownload", ".part", ".partial", ".download", ".tmp", ".td", ".xltd", ".opdownload", ".!ut"}
)
_SYSTEM = frozenset({"thumbs.db", "desktop.ini", NOT_TAKEN_NOTE, RECEIPTS})
# `台账.xlsx(1)`, `台账.xlsx_2`: some programs number a second copy behind the ending.
_NUMBERED = re.compile(r"\.(?:xlsx|xlsm|xlsb|xls|ods|et)[\s_\-(（\[]*\d{0,3}[)）\]]?$", re.IGNORECASE)
_HEADS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Kind(Enum):
    """What a file in the inbox folder is, as far as its name and its first bytes tell."""

    WORKBOOK = "workbook"
    ARCHIVE = "archive"
    OTHER = "other"


def is_dropped_name(name: str) -> bool:
    """Tells whether somebody dropped a file of this name: not a program's own, and not one that is still being fetched."""
    unfinished = Path(name).suffix.lower() in _UNFINISHED
    return not (name.startswith(("~", ".")) or unfinished or name.lower() in _SYSTEM)


def kind_of(path: Path) -> Kind:
    """Tells what a file is. One without an ending that we know is judged by its first bytes; `OSError` where it cannot be read."""
    ending = path.suffix.lower()
    if ending in WORKBOOK_ENDINGS:
        return Kind.WORKBOOK
    if ending in _ARCHIVES:
        return Kind.ARCHIVE
    if _NUMBERED.search(path.name) or not re.fullmatch(r"\.[a-z][a-z0-9]{1,5}", ending):
        with fs.open_read(path) as file:
            return Kind.WORKBOOK if file.read(4) in _HEADS else Kind.OTHER
    return Kind.OTHER


def workbook_ending(path: Path) -> str:
    """Returns the ending to keep a workbook under: its own, or that of an ordinary workbook where it has none that we know."""
    ending = path.suffix.lower()
    return ending if ending in WORKBOOK_ENDINGS else ".xlsx"
