"""Reads a table saved as plain text (.csv, .tsv, .txt), the last resort: encoding, delimiter and quotes are found out.

Every cell is text, as typed: the file says nothing of types. Which sheet it is says neither; its table has no name.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from syncer.core.model import Table
from syncer.core.values import CellError, Scalar
from syncer.excel.kinds import UTF_16_MARKS
from syncer.excel.marks import typed_text

ROWS_MAX = 1 << 20  # of a worksheet
_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 100
_ENCODINGS = ("utf-8-sig", "gb18030")  # tried in this order
for _encoding in (*_ENCODINGS, "utf-16"):
    codecs.lookup(_encoding)  # loaded now: without memory for it later, it would be one that nobody knows
_ERRORS = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
_TOO_NARROW = re.compile(r"#{3,}")  # Excel exports what a column too narrow for its numbers shows
_QUOTED_TEXT = re.compile(r'="([^"]*)"')  # how exports keep leading zeros: ="007"


def read_text(content: bytes) -> Table | None:
    """Returns the one table of a text file; ``None`` where its encoding is none we know.

    Raises ``ValueError`` where it has more rows than a worksheet.
    """
    text = _decoded(content)
    if text is None:
        return None
    lines = io.StringIO(text, newline="")
    csv.field_size_limit(max(len(text), 1))
    rows: list[tuple[Scalar, ...]] = []
    for fields in csv.reader(lines, delimiter=_delimiter(text)):
        cells = [_cell(field) for field in fields]
        while cells and cells[-1] is None:
            cells.pop()
        rows.append(tuple(cells))
        if len(rows) > ROWS_MAX:
            raise ValueError
    while rows and not rows[-1]:
        rows.pop()
    return Table("", tuple(rows))


def _decoded(content: bytes) -> str | None:
    """Returns the text: by its mark, else UTF-8 if that fits, else what a Chinese Windows writes."""
    encodings = ("utf-16",) if content.startswith(UTF_16_MARKS) else _ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    return None


def _delimiter(text: str) -> str:
    """Returns the sign that cuts most of the first lines into equally many cells, and into the most."""
    sample = "".join(io.StringIO(text, newline="").readlines(1 << 16)[:_SAMPLE_LINES])

    def evidence(delimiter: str) -> int:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
        return max((count * (width - 1) for width, count in widths.items()), default=0)

    return max(_DELIMITERS, key=evidence)


def _cell(field: str) -> Scalar:
    if not field:
        return None
    if field[0] == "#" and (field in _ERRORS or _TOO_NARROW.fullmatch(field)):
        return CellError(field)
    if field[0] == "=":
        quoted = _QUOTED_TEXT.fullmatch(field)
        return (quoted[1] or None) if quoted else typed_text(field)
    return field
