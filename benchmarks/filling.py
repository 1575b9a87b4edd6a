"""Types into an issued workbook in bulk, as a spreadsheet program would leave it: shared strings, cells with their styles.

`syncer.excel.patch` is made for few cells in a book that nobody knows; this is for thousands, in a book of our own making.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from xml.sax.saxutils import escape

from syncer.core.values import Scalar, column_index, column_letter
from syncer.excel.package import Package

Rows = Mapping[int, Mapping[int, Scalar]]  # by 1-based row, then 1-based column

_ROW = re.compile(r'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)')
_CELL = re.compile(r'<c r="([A-Z]+)\d+"(?: s="(\d+)")?[^>]*?(?:/>|>.*?</c>)')
_EPOCH = date(1899, 12, 30)


def fill(source: bytes, sheets: Mapping[str, Rows]) -> bytes:
    """Returns the workbook with these cells typed into its sheets, by sheet name; rows below the last one look like it."""
    package = Package(source)
    strings = _Strings(package.read("xl/sharedStrings.xml").decode())
    written = {
        package.sheets[name]: _filled(package.read(package.sheets[name]).decode(), rows, strings)
        for name, rows in sheets.items()
    }
    written["xl/sharedStrings.xml"] = strings.xml()
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(source)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as after,
    ):
        for member in before.infolist():
            text = written.get(member.filename)
            after.writestr(member, before.read(member) if text is None else text.encode(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


class _Strings:
    """The texts of a workbook, each once."""

    def __init__(self, xml: str) -> None:
        self._xml = xml
        self._count = xml.count("<si>")
        self._added: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Returns the place of a text in the table; added where it was not added yet."""
        return self._added.setdefault(text, self._count + len(self._added))

    def xml(self) -> str:
        """Returns the table with what was added."""
        more = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self._added)
        counted = re.sub(
            r' count="\d+" uniqueCount="\d+"', f' uniqueCount="{self._count + len(self._added)}"', self._xml
        )
        return counted.replace("</sst>", f"{more}</sst>")


def _filled(xml: str, rows: Rows, strings: _Strings) -> str:
    """Returns a sheet's XML with rows typed into it."""
    begin = xml.index("<sheetData>") + len("<sheetData>")
    end = xml.index("</sheetData>")
    pieces: list[str] = []
    last, attributes, styles = 0, "", dict[int, str]()
    for row in _ROW.finditer(xml, begin, end):
        last, attributes = int(row[1]), row[2]
        if last in rows:
            pieces.append(f'<row r="{last}"{attributes}>{_typed_over(row[3] or "", last, rows[last], strings)}</row>')
        else:
            pieces.append(row[0])
        styles = {column_index(cell[1]): cell[2] or "0" for cell in _CELL.finditer(row[3] or "")}
    for number in sorted(row for row in rows if row > last):
        cells = "".join(_cells(number, rows[number], styles, strings))
        pieces.append(f'<row r="{number}"{attributes}>{cells}</row>')
    height = max(last, *rows) if rows else last
    head = re.sub(r'(<dimension ref="A1:[A-Z]+)\d+', rf"\g<1>{height}", xml[:begin])
    return head + "".join(pieces) + xml[end:]


def _typed_over(body: str, number: int, typed: Mapping[int, Scalar], strings: _Strings) -> str:
    """Returns a row's cells, some of them typed over; each has its cell already, for borders."""
    cells = {column_index(cell[1]): (cell[0], cell[2] or "0") for cell in _CELL.finditer(body)}
    styles = {column: style for column, (_, style) in cells.items()}
    for column in typed:
        if text := "".join(_cells(number, {column: typed[column]}, styles, strings)):
            cells[column] = (text, styles.get(column, "0"))
    return "".join(cells[column][0] for column in sorted(cells))


def _cells(number: int, typed: Mapping[int, Scalar], styles: Mapping[int, str], strings: _Strings) -> Iterator[str]:
    for column in sorted(typed):
        value = typed[column]
        start = f'<c r="{column_letter(column)}{number}" s="{styles.get(column, "0")}"'
        if isinstance(value, str):
            yield f'{start} t="s"><v>{strings.number(value)}</v></c>'
        elif isinstance(value, date):
            yield f"{start}><v>{(value - _EPOCH).days}</v></c>"
        elif value is not None:
            yield f"{start}><v>{value!r}</v></c>"
