"""Writes workbooks part by part, with what WPS, exporters of web systems and old programs put into them.

What is legal and what merely occurs stand side by side: a person sees the same table in all of them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from syncer.core.values import CellError, column_letter
from tests.corpus.page import Content, Formula, Page, Rich, Shown
from tests.corpus.writers import serial

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    OFFICE: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_DAY, _MOMENT, _OWN = 1, 2, 3  # numbers of styles; from the last on, those that cells ask for
_OWN_FORMATS = 180
_TIMES = (date, time, timedelta)


@dataclass(frozen=True, slots=True)
class Way:
    """How the parts are written. The flags name what differs from Excel's own way."""

    row_numbers: bool = True
    cell_places: bool = True
    dimension: str = "true"  # true, none, or a range that is a lie
    texts: str = "shared"  # shared, inline, formula string (t="str"), rich, phonetic
    prefix: str = ""
    absolute: bool = False  # targets of relations begin with /
    styled_blanks: int = 0  # empty cells with a style, right of each row
    styled_rows: int = 0  # rows of empty cells with a style, below
    encoding: str = "utf-8"
    signature: bool = False  # a byte-order mark before each part
    remarks: bool = False  # XML comments between rows and in texts
    day_format: int = 14
    iso_days: bool = False  # t="d"
    epoch_1904: bool = False
    strict: bool = False
    order: str = "as is"  # or backwards
    part_names: str = "xl/worksheets/sheet1.xml"
    parts: dict[str, str] = field(default_factory=dict)
    sheet_end: str = ""  # after the cells


class _Sheet:
    """One worksheet being written, and the shared texts it needs."""

    def __init__(self, page: Page, way: Way) -> None:
        self.page, self.way = page, way
        self.name = f"{way.prefix}:" if way.prefix else ""
        self.shared: list[str] = []
        self.formats: list[str] = []

    def xml(self) -> str:
        name, way = self.name, self.way
        bound = f"xmlns:{way.prefix}" if way.prefix else "xmlns"
        rows = [self.row(number, cells) for number, cells in enumerate(self.page.rows, start=1) if cells]
        end = len(self.page.rows)
        below = range(end + 1, end + 1 + way.styled_rows)
        rows += [f'<{name}row r="{number}"><{name}c r="A{number}" s="{_DAY}"/></{name}row>' for number in below]
        if way.order == "backwards":
            rows.reverse()
        between = "<!-- 由系统导出 -->" if way.remarks else ""
        extent = {"true": self.extent(), "none": ""}.get(way.dimension, way.dimension)
        dimension = f'<{name}dimension ref="{extent}"/>' if extent else ""
        return (
            f'<{name}worksheet {bound}="{MAIN}" xmlns:r="{OFFICE}">{dimension}<{name}sheetData>'
            f"{between.join(rows)}</{name}sheetData>{way.sheet_end}{self.merges()}</{name}worksheet>"
        )

    def extent(self) -> str:
        return f"A1:{column_letter(max(map(len, self.page.rows)))}{len(self.page.rows)}"

    def merges(self) -> str:
        refs = [f"{column_letter(c1)}{r1}:{column_letter(c2)}{r2}" for r1, c1, r2, c2 in self.page.merges]
        inside = "".join(f'<{self.name}mergeCell ref="{ref}"/>' for ref in refs)
        return f'<{self.name}mergeCells count="{len(refs)}">{inside}</{self.name}mergeCells>' if refs else ""

    def row(self, number: int, cells: Sequence[Content]) -> str:
        name = self.name
        inside = "".join(self.cell(number, at, content) for at, content in enumerate(cells, start=1))
        for at in range(len(cells) + 1, len(cells) + 1 + self.way.styled_blanks):
            inside += f'<{name}c r="{column_letter(at)}{number}" s="{_DAY}"/>'
        hidden = ' hidden="1"' if number in self.page.hidden_rows else ""
        numbered = f' r="{number}"' if self.way.row_numbers else ""
        return f"<{name}row{numbered}{hidden}>{inside}</{name}row>"

    def cell(self, row: int, at: int, content: Content) -> str:
        place = f' r="{column_letter(at)}{row}"' if self.way.cell_places else ""
        if content is None:
            return "" if self.way.cell_places else f"<{self.name}c/>"
        attributes, inside = self.inside(content)
        return f"<{self.name}c{place}{attributes}>{inside}</{self.name}c>"

    def inside(self, content: Content) -> tuple[str, str]:
        """Returns a cell's attributes and what is in it."""
        v = f"<{self.name}v>{{}}</{self.name}v>"
        match content:
            case bool():
                return ' t="b"', v.format(int(content))
            case int() | float():
                return "", v.format(content)
            case CellError(text):
                return ' t="e"', v.format(text)
            case date():
                if self.way.iso_days:
                    return f' t="d" s="{_DAY}"', v.format(f"{content.isoformat()}T00:00:00")
                return f' s="{_DAY}"', v.format(f"{serial(content) - 1462 * self.way.epoch_1904:g}")
            case time():
                return f' s="{_MOMENT}"', v.format(serial(content))
            case Formula(text, result):
                attributes, inside = self.inside(result) if result is not None else ("", "")
                if isinstance(result, str):
                    attributes, inside = ' t="str"', v.format(escape(result))
                return attributes, f"<{self.name}f>{escape(text.removeprefix('='))}</{self.name}f>{inside}"
            case Shown(value, number_format):
                attributes, inside = self.inside(serial(value) if isinstance(value, _TIMES) else value)
                return f'{attributes} s="{self.style(number_format)}"', inside
            case Rich(runs):
                return ' t="s"', v.format(self.share("".join(f"<r>{_text(run)}</r>" for run in runs)))
            case _:
                return self.text(str(content))

    def text(self, text: str) -> tuple[str, str]:
        way = self.way
        if way.texts == "inline":
            return ' t="inlineStr"', f"<{self.name}is><{self.name}t>{escape(text)}</{self.name}t></{self.name}is>"
        if way.texts == "formula string":
            return ' t="str"', f"<{self.name}v>{escape(text)}</{self.name}v>"
        if way.texts == "rich" and len(text) > 1:
            item = f"<r>{_text(text[:1])}</r><r>{_text(text[1:])}</r>"
        elif way.texts == "phonetic":
            item = f'{_text(text)}<rPh sb="0" eb="1"><t>ピンイン</t></rPh><phoneticPr fontId="1"/>'
        else:
            item = _text(text)
        return ' t="s"', f"<{self.name}v>{self.share(item)}</{self.name}v>"

    def style(self, number_format: str) -> int:
        """Returns the number of the style with this format."""
        if number_format not in self.formats:
            self.formats.append(number_format)
        return _OWN + self.formats.index(number_format)

    def share(self, item: str) -> int:
        self.shared.append(item)
        return len(self.shared) - 1


def _text(text: str) -> str:
    return f'<t xml:space="preserve">{escape(text)}</t>'


def write_by_hand(path: Path, pages: Sequence[Page], way: Way | None = None) -> None:
    """Writes the parts of a workbook in one way."""
    way = way or Way()
    sheet = _Sheet(pages[0], way)
    first = sheet.xml()
    blank = f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    folder = "/xl/" if way.absolute else ""
    target = way.part_names.removeprefix("xl/")
    relations = [("worksheet", f"{folder}{target}"), ("styles", f"{folder}styles.xml")]
    relations += [("sharedStrings", f"{folder}sharedStrings.xml")]
    relations += [("worksheet", f"{folder}worksheets/more{number}.xml") for number in range(1, len(pages))]
    names = [page.name for page in pages]
    tabs = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number + 1}" r:id="r{number + 3 if number else 1}"/>'
        for number, name in enumerate(names)
    )
    epoch = '<workbookPr date1904="1"/>' if way.epoch_1904 else ""
    members = {
        "[Content_Types].xml": _content_types(way, len(pages)),
        "_rels/.rels": _relations([("officeDocument", "/xl/workbook.xml" if way.absolute else "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{epoch}<sheets>{tabs}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(relations),
        "xl/styles.xml": _styles(way, sheet.formats),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="1" uniqueCount="1">'
        + "".join(f"<si>{item}</si>" for item in sheet.shared)
        + "</sst>",
        way.part_names: first,
        **{f"xl/worksheets/more{number}.xml": blank for number in range(1, len(pages))},
        **way.parts,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for member, text in members.items():
            package.writestr(member, _encoded(text, way))


def _encoded(text: str, way: Way) -> bytes:
    if way.strict:
        for loose, tight in STRICT.items():
            text = text.replace(loose, tight)
    head = f'<?xml version="1.0" encoding="{way.encoding.upper()}" standalone="yes"?>\n'
    content = (head + text).encode(way.encoding)
    return b"\xef\xbb\xbf" + content if way.signature else content


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'


def _content_types(way: Way, pages: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    parts = {"xl/workbook.xml": "sheet.main+xml", way.part_names: "worksheet+xml", "xl/styles.xml": "styles+xml"}
    parts["xl/sharedStrings.xml"] = "sharedStrings+xml"
    parts |= {f"xl/worksheets/more{number}.xml": "worksheet+xml" for number in range(1, pages)}
    overrides = "".join(f'<Override PartName="/{part}" ContentType="{kind}{what}"/>' for part, what in parts.items())
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>'
    )


def _styles(way: Way, own: Sequence[str]) -> str:
    formats = {176: 'yyyy"年"m"月"d"日"', **dict(enumerate(own, start=_OWN_FORMATS))}
    coded = "".join(f'<numFmt numFmtId="{number}" formatCode={quoteattr(code)}/>' for number, code in formats.items())
    looks = "".join(
        f'<xf numFmtId="{number}" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        for number in (0, way.day_format, 20, *list(formats)[1:])
    )
    plain = (
        '<fonts count="1"><font><sz val="12"/><name val="宋体"/></font></fonts>'
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    )
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{coded}</numFmts>{plain}<cellXfs>{looks}</cellXfs></styleSheet>'
