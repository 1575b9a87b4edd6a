"""The publish number of a generated book: a custom document property, set after the book is made, so that its content has no number."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from syncer.excel.live.mark import NAME, read_mark
from syncer.excel.patch import patch_cells

EDITION = "syncer.edition"
_PART, _BOOK_PART, _MAX_BYTES = "docProps/custom.xml", "xl/workbook.xml", 1 << 20
_DEFINED_NAME = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}definedName"


def numbered(book: bytes, number: int) -> bytes:
    """Returns a book that says its number; all else stays byte for byte."""
    return patch_cells(book, {}, properties={EDITION: str(number)})


def numbers_in(path: Path) -> tuple[int, ...]:
    """Returns the numbers of the editions whose cells a book of any origin may hold; none where it says none.

    Mostly one. A book that was followed live says in a mark of its own how far it was brought (`syncer.excel.live.mark`). Runs in
    a reading child.
    """
    try:
        with zipfile.ZipFile(path) as package:
            names = _part(package, _BOOK_PART).iter(_DEFINED_NAME)
            marks = (read_mark(name.text) for name in names if name.get("name") == NAME)
            if mark := next(filter(None, marks), None):
                return mark.all
            entries = list(_part(package, _PART))
    except (zipfile.BadZipFile, SyntaxError, ValueError, NotImplementedError, KeyError):
        return ()
    texts = ("".join(entry.itertext()).strip() for entry in entries if entry.get("name") == EDITION)
    return tuple(int(text) for text in texts if re.fullmatch(r"[1-9][0-9]{0,9}", text))[:1]


def _part(package: zipfile.ZipFile, name: str) -> Element:
    """Raises `KeyError` where the part is not there, or larger than any of ours."""
    if package.getinfo(name).file_size > _MAX_BYTES:
        raise KeyError(name)
    return fromstring(package.read(name), forbid_dtd=True)
