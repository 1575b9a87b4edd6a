"""The publish number of a generated book: a custom document property, set after the book is made, so that its content has no number."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from defusedxml.ElementTree import fromstring

from syncer.excel.patch import patch_cells

EDITION = "syncer.edition"
_PART, _MAX_BYTES = "docProps/custom.xml", 1 << 20


def numbered(book: bytes, number: int) -> bytes:
    """Returns a book that says its number; all else stays byte for byte."""
    return patch_cells(book, {}, properties={EDITION: str(number)})


def number_in(path: Path) -> int:
    """Returns the number a book of any origin says it has; 0 where it says none. Runs in a reading child."""
    try:
        with zipfile.ZipFile(path) as package:
            if _PART not in package.namelist() or package.getinfo(_PART).file_size > _MAX_BYTES:
                return 0
            root = fromstring(package.read(_PART), forbid_dtd=True)
    except (zipfile.BadZipFile, SyntaxError, ValueError, NotImplementedError):
        return 0
    texts = ("".join(entry.itertext()) for entry in root if entry.get("name") == EDITION)
    return next((int(text) for text in texts if re.fullmatch(r"[1-9][0-9]{0,9}", text.strip())), 0)
