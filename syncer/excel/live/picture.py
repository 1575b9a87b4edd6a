"""One edition of a book of ours as it stands in its file: rows, values, looks, heights, merges. Read without Excel.

A sheet is read when it is first asked for: most saves touch a few.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from lxml import etree

from syncer.core.values import column_index
from syncer.excel.live.plain import Plain

_X = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CELL = re.compile(r"([A-Z]+)([0-9]+)")
_BUILT_IN = {0: "General", 1: "0", 2: "0.00", 9: "0%", 10: "0.00%", 14: "yyyy-mm-dd", 22: "yyyy-mm-dd hh:mm", 49: "@"}

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks, as far as it follows from what it says: the rest comes from the row beside it."""

    number_format: str = "General"
    fill: Colour | None = None
    ink: Colour | None = None
    bold: bool = False
    italic: bool = False
    across: str = ""  # left, center, right; "" as Excel pleases
    wraps: bool = False
    font: str = ""
    size: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``spans``: first and last column of cells that are merged; ``level``: depth of its group."""

    cells: tuple[Plain, ...] = ()
    looks: tuple[Look, ...] = ()
    height: float = 0  # points; 0: as Excel pleases
    level: int = 0
    spans: tuple[tuple[int, int], ...] = ()
    links: tuple[tuple[int, str], ...] = ()  # column, target

    def cell(self, column: int) -> Plain:
        """Returns the content of a column, 1-based."""
        return self.cells[column - 1] if column <= len(self.cells) else None

    def look(self, column: int) -> Look:
        """Returns the look of a column, 1-based."""
        return self.looks[column - 1] if column <= len(self.looks) else Look()


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """One sheet, its rows from row 1 on."""

    name: str
    lines: tuple[Line, ...]

    @property
    def width(self) -> int:
        """Returns how many columns it has."""
        return max((len(line.cells) for line in self.lines), default=0)


class Picture:
    """One edition. Raises `zipfile.BadZipFile`, `KeyError` or `SyntaxError` where it is no book of ours."""

    def __init__(self, source: Path | bytes) -> None:
        self._source = source
        self._read: dict[str, SheetPicture] = {}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its visible sheets, in order."""
        return tuple(name for name, (_, is_shown) in self._parts.items() if is_shown)

    def sheet(self, name: str) -> SheetPicture:
        """Returns one sheet, hidden or not."""
        if name not in self._read:
            with self._open() as package:
                part, _ = self._parts[name]
                links = dict(_relations(package, part))
                with package.open(part) as stream:
                    self._read[name] = SheetPicture(name, tuple(_lines(stream, self._texts, self._looks, links)))
        return self._read[name]

    def _open(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(BytesIO(self._source) if isinstance(self._source, bytes) else self._source)

    @cached_property
    def _parts(self) -> Mapping[str, tuple[str, bool]]:
        """Where each sheet stands, and whether it is shown."""
        with self._open() as package:
            book = etree.fromstring(package.read("xl/workbook.xml"), _parser())
            places = dict(_relations(package, "xl/workbook.xml"))
        return {
            str(s.get("name")): (
                str(PurePosixPath("xl") / places[str(s.get(f"{_R}id"))]),
                s.get("state", "visible") == "visible",
            )
            for s in book.iterfind(f"{_X}sheets/{_X}sheet")
        }

    @cached_property
    def defined_names(self) -> Mapping[str, str]:
        """What its defined names refer to, without the equals sign."""
        with self._open() as package:
            book = etree.fromstring(package.read("xl/workbook.xml"), _parser())
        return {str(n.get("name")): n.text or "" for n in book.iterfind(f"{_X}definedNames/{_X}definedName")}

    @cached_property
    def _texts(self) -> Sequence[str]:
        with self._open() as package:
            if "xl/sharedStrings.xml" not in package.namelist():
                return ()
            return [_text(entry) for entry in etree.fromstring(package.read("xl/sharedStrings.xml"), _parser())]

    @cached_property
    def _looks(self) -> Sequence[Look]:
        with self._open() as package:
            return tuple(_all_looks(etree.fromstring(package.read("xl/styles.xml"), _parser())))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, huge_tree=True)


def _relations(package: zipfile.ZipFile, part: str) -> Iterator[tuple[str, str]]:
    """Yields the relations of a part: id, target."""
    place = PurePosixPath(part)
    name = str(place.parent / "_rels" / f"{place.name}.rels")
    if name in package.namelist():
        for relation in etree.fromstring(package.read(name), _parser()):
            yield str(relation.get("Id")), str(relation.get("Target")).removeprefix("/xl/")


def _text(entry: etree._Element) -> str:
    """A text, its runs joined; what is said of its pronunciation left out."""
    texts = (t.text or "" for t in entry.iter(f"{_X}t") if t.getparent().tag != f"{_X}rPh")  # type: ignore[union-attr]
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(texts))


def _all_looks(styles: etree._Element) -> Iterator[Look]:
    """Yields the looks of the cell formats, in order."""
    codes = {int(n.get("numFmtId", "0")): str(n.get("formatCode")) for n in styles.iter(f"{_X}numFmt")}
    fonts = list(styles.iterfind(f"{_X}fonts/{_X}font"))
    fills = list(styles.iterfind(f"{_X}fills/{_X}fill"))
    for xf in styles.iterfind(f"{_X}cellXfs/{_X}xf"):
        font, fill = fonts[int(xf.get("fontId", "0"))], fills[int(xf.get("fillId", "0"))]
        align, number = xf.find(f"{_X}alignment"), int(xf.get("numFmtId", "0"))
        pattern = fill.find(f"{_X}patternFill")
        solid = pattern is not None and pattern.get("patternType") == "solid"
        yield Look(
            number_format=codes.get(number) or _BUILT_IN.get(number, "General"),
            fill=_colour(fill.find(f".//{_X}fgColor")) if solid else None,
            ink=_colour(font.find(f"{_X}color")),
            bold=font.find(f"{_X}b") is not None,
            italic=font.find(f"{_X}i") is not None,
            across=align.get("horizontal", "") if align is not None else "",
            wraps=align is not None and align.get("wrapText") == "1",
            font=_value(font, "name"),
            size=float(_value(font, "sz") or 0),
        )


def _value(element: etree._Element, name: str) -> str:
    found = element.find(f"{_X}{name}")
    return str(found.get("val", "")) if found is not None else ""


def _colour(element: etree._Element | None) -> Colour | None:
    rgb = element.get("rgb") if element is not None else None
    return (int(rgb[-6:-4], 16), int(rgb[-4:-2], 16), int(rgb[-2:], 16)) if rgb else None


def _lines(stream: IO[bytes], texts: Sequence[str], looks: Sequence[Look], links: Mapping[str, str]) -> Iterator[Line]:
    """Yields a sheet's rows; one that is left out in the file is an empty one."""
    rows: dict[int, tuple[tuple[Plain, ...], tuple[Look, ...], float, int]] = {}
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    targets: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for _, found in etree.iterparse(
        stream, tag=(f"{_X}row", f"{_X}mergeCell", f"{_X}hyperlink"), resolve_entities=False
    ):
        if found.tag == f"{_X}row":
            rows[int(found.get("r", len(rows) + 1))] = _row(found, texts, looks)
            found.clear()
        elif found.tag == f"{_X}mergeCell":
            (first, row), (last, last_row) = (_place(cell) for cell in str(found.get("ref")).split(":"))
            if row == last_row:
                spans[row].append((first, last))
        else:
            column, row = _place(str(found.get("ref")).split(":")[0])
            targets[row].append(
                (column, links.get(str(found.get(f"{_R}id")), "") + "#" + str(found.get("location", "")))
            )
    last = max(
        (row for row, line in rows.items() if line[0]), default=0
    )  # a book that was saved again may end in row 1048576
    for row in range(1, last + 1):
        line = rows.get(row, ((), (), 0.0, 0))
        yield Line(*line, tuple(sorted(spans[row])), tuple(sorted(targets[row])))


def _row(row: etree._Element, texts: Sequence[str], looks: Sequence[Look]) -> tuple[Any, ...]:
    cells: list[Plain] = []
    looked: list[Look] = []
    for cell in row:
        column = _place(str(cell.get("r")))[0] if cell.get("r") else len(cells) + 1
        cells += [None] * (column - 1 - len(cells))
        looked += [looks[0]] * (column - 1 - len(looked))
        cells.append(_content(cell, texts))
        looked.append(looks[int(cell.get("s", "0"))])
    return tuple(cells), tuple(looked), float(row.get("ht", "0")), int(row.get("outlineLevel", "0"))


def _content(cell: etree._Element, texts: Sequence[str]) -> Plain:
    kind, value = cell.get("t", "n"), cell.find(f"{_X}v")
    if kind == "inlineStr":
        return _text(cell) or None
    text = value.text if value is not None else None
    if text is None:
        return None
    match kind:
        case "s":
            return texts[int(text)] or None
        case "b":
            return text == "1"
        case "n":
            return float(text)
        case _:
            return text


def _place(cell: str) -> tuple[int, int]:
    """``"C7"`` → ``(3, 7)``."""
    found = _CELL.fullmatch(cell.replace("$", ""))
    if not found:
        raise KeyError(cell)
    return column_index(found[1]), int(found[2])
