"""A hand that types anything, also what no program of ours would write: control signs, and more than a cell holds."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from syncer.excel.patch import Cell, patch_cells


def typed(book: bytes, cells: Mapping[str, Mapping[Cell, str]]) -> bytes:
    """Returns a workbook with texts typed into it as Excel would keep them: sheet → (row, column) → text."""
    texts: dict[str, str] = {}
    marks: dict[str, dict[Cell, str]] = {}
    for sheet, content in cells.items():
        marks[sheet] = {}
        for place, text in content.items():
            mark = f"text-{len(texts):06}-here"
            texts[mark] = text
            marks[sheet][place] = mark
    patched = patch_cells(book, marks)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(patched)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb"text-\d{6}-here", lambda mark: _xml(texts[mark[0].decode()]).encode(), part)
            new.writestr(name, part)
    return out.getvalue()


def _xml(text: str) -> str:
    """Writes a text as a cell's XML holds it: what XML cannot hold, and what looks like it, as ``_x000B_``."""
    plain = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return escape(re.sub("[\x00-\x08\x0b-\x1f]", lambda sign: f"_x{ord(sign[0]):04X}_", plain))
