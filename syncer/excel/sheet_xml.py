"""A worksheet's XML, cut into head, rows and rest without parsing it as a whole, and put together again.

The rows concerned are found by their start tags, parsed alone and put back.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from syncer.core.values import column_index, column_letter
from syncer.errors import RefusedError
from syncer.excel.part_xml import parse_xml

_ATTRIBUTES = rb"""((?:[^>"'/]|"[^"]*"|'[^']*'|/(?!>))*+)"""


@dataclass(frozen=True, slots=True)
class _RowSpan:
    """Where one ``<row>`` stands in the sheet's XML."""

    number: int
    start: int
    end: int


class SheetXml:
    """A worksheet's XML, cut into head, rows and rest without parsing it."""

    def __init__(self, xml: bytes) -> None:
        self.xml = xml = _plain(xml)
        root = re.search(rb"<((?:[\w.-]+:)?)worksheet(?=[\s>])" + _ATTRIBUTES + rb">", xml)
        if root is None:
            raise RefusedError("不是普通工作表")
        self.prefix = root[1]
        self.root = root[0]
        data = self.tag(b"sheetData").search(xml, root.end())
        if data is None:
            raise RefusedError("工作表没有数据区")
        self.empty = bool(data[2])
        self.head_end, self.begin = data.start(), data.end()
        closing = None if self.empty else self._close(b"sheetData").search(xml, self.begin)
        if closing is None and not self.empty:
            raise RefusedError("工作表的数据区没有结尾")
        self.end = closing.start() if closing else self.begin
        self.rows = list(self._rows())

    def tag(self, name: bytes) -> re.Pattern[bytes]:
        """Returns a pattern for the start tag of an element of the sheet: attributes, then ``/`` if it is empty."""
        return re.compile(b"<" + re.escape(self.prefix) + name + rb"(?=[\s/>])" + _ATTRIBUTES + rb"(/?)>")

    def parse(self, fragment: bytes) -> etree._Element:
        """Returns the root around a piece of the sheet, parsed with the sheet's own namespaces."""
        return parse_xml(self.root + fragment + b"</" + self.prefix + b"worksheet>")

    def cut(self, root: etree._Element) -> bytes:
        """Returns the piece again, from `parse`'s root."""
        text = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
        return text[text.index(b"<", 1) : text.rindex(b"</")]

    def row(self, number: int) -> etree._Element | None:
        """Returns a row's element, its cells with their ``r``; None where the sheet has no such row."""
        place = bisect(self.rows, number, key=lambda span: span.number) - 1
        if place < 0 or self.rows[place].number != number:
            return None
        return self._numbered(self.xml[self.rows[place].start : self.rows[place].end], number)

    def new_row(self, number: int) -> etree._Element:
        """Returns an empty row's element."""
        return self._numbered(b'<%srow r="%d"/>' % (self.prefix, number), number)

    def _numbered(self, fragment: bytes, number: int) -> etree._Element:
        row = self.parse(fragment)[0]
        column = 0
        for cell in row.iterchildren("{*}c"):
            letters = re.match(r"[A-Z]+", cell.get("r", ""))
            column = column_index(letters[0]) if letters else column + 1
            cell.set("r", f"{column_letter(column)}{number}")
        return row

    def _close(self, name: bytes) -> re.Pattern[bytes]:
        return re.compile(b"</" + re.escape(self.prefix) + name + rb"\s*>")

    def _rows(self) -> Iterator[_RowSpan]:
        number = 0
        close = self._close(b"row")
        for match in self.tag(b"row").finditer(self.xml, self.begin, self.end):
            given = re.search(rb"""(?<=\s)r\s*=\s*["'](\d+)["']""", match[1])
            following = int(given[1]) if given else number + 1
            if following <= number:
                raise RefusedError("工作表的行不是按顺序存放的")
            number = following
            end = match if match[2] else close.search(self.xml, match.end(), self.end)
            if end is None:
                raise RefusedError("工作表有一行没有结尾")
            yield _RowSpan(number, match.start(), end.end())

    def column_style(self, column: int) -> str | None:
        """Returns the style index that ``<cols>`` gives a column."""
        found = re.search(self.tag(b"cols").pattern + b".*?" + self._close(b"cols").pattern, self.head(), re.DOTALL)
        for col in self.parse(found[0])[0] if found else ():
            if int(col.get("min", "0")) <= column <= int(col.get("max", "0")):
                return col.get("style")
        return None

    def head(self) -> bytes:
        """Returns what stands before the rows."""
        return self.xml[: self.head_end]

    def arrays(self) -> list[tuple[int, int, int, int]]:
        """Returns the ranges that array formulas and data tables fill: first row, first column, last row, last column."""
        found = []
        for match in self.tag(b"f").finditer(self.xml, self.begin, self.end):
            if re.search(rb"""(?<=\s)t\s*=\s*["'](?:array|dataTable)["']""", match[1]):
                ref = re.search(rb"""(?<=\s)ref\s*=\s*["']([A-Z0-9:]+)["']""", match[1])
                found += [range_of(ref[1].decode())] if ref else []
        return found


def with_rows(sheet: SheetXml, pieces: Mapping[int, bytes]) -> bytes:
    """Returns the sheet from ``<sheetData>`` on, rows replaced and put in where they belong."""
    out = [sheet.xml[sheet.head_end : sheet.begin]]
    if sheet.empty:
        out = [re.sub(rb"/\s*>$", b">", out[0])]
    position = sheet.begin
    numbers = [span.number for span in sheet.rows]
    for number, piece in pieces.items():
        place = bisect(numbers, number - 1)
        here = sheet.rows[place].start if place < len(numbers) else sheet.end
        out += [sheet.xml[position:here], piece]
        position = sheet.rows[place].end if place < len(numbers) and numbers[place] == number else here
    out.append(sheet.xml[position : sheet.end])
    out.append(b"</%ssheetData>" % sheet.prefix if sheet.empty else b"")
    return b"".join(out) + sheet.xml[sheet.end :]


def grown_head(sheet: SheetXml, cells: list[tuple[int, int]]) -> bytes:
    """Returns the sheet's head with ``<dimension>`` grown to take the cells (row, column) in."""

    def grown(match: re.Match[bytes]) -> bytes:
        top, left, bottom, right = range_of(match[2].decode())
        top, bottom = min(top, *(r for r, _ in cells)), max(bottom, *(r for r, _ in cells))
        left, right = min(left, *(c for _, c in cells)), max(right, *(c for _, c in cells))
        first, last = f"{column_letter(left)}{top}", f"{column_letter(right)}{bottom}"
        return match[1] + (first if first == last else f"{first}:{last}").encode() + match[3]

    opening = b"(<" + re.escape(sheet.prefix) + rb"""dimension\s+ref\s*=\s*["'])([A-Z]+\d+(?::[A-Z]+\d+)?)(["'])"""
    return re.sub(opening, grown, sheet.head(), count=1)


def _plain(xml: bytes) -> bytes:
    """Returns the sheet's XML in a form whose tags can be found by pattern; nearly always it is that already."""
    if b"<!DOCTYPE" in xml[:4096]:
        raise RefusedError("部件带有文档类型声明")
    declared = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""", xml)
    utf8 = xml[:1] in {b"<", b"\xef"} and (declared is None or declared[1].lower() in {b"utf-8", b"utf8"})
    if utf8 and b"<!" not in xml and xml.count(b"<?") < 2:
        return xml
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        tree = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise RefusedError(f"工作表读不出来：{error}") from error
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)


def range_of(ref: str) -> tuple[int, int, int, int]:
    """Returns first row, first column, last row, last column of ``B2:D9`` or ``B2``."""
    ends = [re.fullmatch(r"([A-Z]+)(\d+)", end) for end in ref.split(":")]
    if not all(ends) or len(ends) > 2:
        raise RefusedError(f"看不懂的区域“{ref}”")
    first, last = ends[0], ends[-1]
    assert first is not None and last is not None  # noqa: S101, PT018
    return int(first[2]), column_index(first[1]), int(last[2]), column_index(last[1])
