"""What in a workbook would do something when it is opened or printed, told from the XML of its parts alone."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

_ACTING_PARTS = re.compile(
    r"externalLink|vbaProject|activeX|ctrlProps|connections|queryTable|webExtension|embeddings|macrosheet|customUI",
    re.IGNORECASE,
)
_ACTING_ELEMENTS = {"f", "ddeLink", "oleLink", "oleObjects", "webPublishItems", "dataConsolidate", "legacyDrawing"}
# The few formulas of ours, in validations, conditional formats and defined names; no text that anybody typed is in them.
_OURS = re.compile(
    r"FALSE|TRUE|opt_\w+|INDIRECT\(\$[A-Z]+3\)|\"撤销\""
    r"|LEFT\(\$[A-Z]+\d+,1\)(?:=\"[T红黄蓝绿灰]\"|<>\"T\")|AND\(ROW\(\)>\d+,LEN\(\$[A-Z]+\d+\)>0\)"
    r"|-?\d+(?:\.\d+)?(?:E\+?\d+)?|'?_选项'?!\$[A-Z]+\$\d+:\$[A-Z]+\$\d+"
)
_OWN_NAMES = {"_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase"}
_PRINT_CODES = re.compile(r"(?:&[LCR]|&&|&[PN]|[^&])*")


def acts(path: Path) -> list[str]:
    """Returns everything in a workbook that acts: formulas, links that leave it, macros, queries, codes in what is printed.

    Links into the workbook and validations of our own are none of these; `links` tells the others.
    """
    found: list[str] = []
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if _ACTING_PARTS.search(name):
                found.append(f"{name}: a part that acts")
            if name.endswith((".xml", ".rels")):
                root = etree.fromstring(book.read(name))  # whatever was typed, it must be XML
                found += [f"{name}: {fault}" for fault in _acting(root)]
    return found


def _acting(root: etree._Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        tag = etree.QName(element).localname
        text = element.text or ""
        if tag in _ACTING_ELEMENTS:
            if etree.QName(element).namespace and "chart" in str(etree.QName(element).namespace):
                continue  # a chart's reference to cells of its own book
            yield f"<{tag}> {text[:80]!r}"
        elif tag in {"formula", "formula1", "formula2"} and not _OURS.fullmatch(text):
            yield f"<{tag}> {text[:80]!r}"
        elif tag == "definedName" and element.get("name") not in _OWN_NAMES and not _OURS.fullmatch(text):
            yield f"the name {element.get('name')} stands for {text[:80]!r}"
        elif tag in {"oddHeader", "oddFooter"} and not _PRINT_CODES.fullmatch(text):
            yield f"a code in what is printed: {text!r}"


def links(path: Path) -> Iterator[tuple[str, str]]:
    """Yields every target outside of the workbook, and what kind of relationship it is."""
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if name.endswith(".rels"):
                for relation in etree.fromstring(book.read(name)):
                    if relation.get("TargetMode") == "External":
                        yield str(relation.get("Target")), posixpath.basename(str(relation.get("Type")))


def marked_as_text(path: Path) -> set[str]:
    """Returns the texts that stay text when somebody opens their cell and presses Enter: their format says so."""
    with zipfile.ZipFile(path) as book:
        styles = etree.fromstring(book.read("xl/styles.xml"))
        marked = {str(at) for at, xf in enumerate(styles.iterfind("{*}cellXfs/{*}xf")) if xf.get("quotePrefix") == "1"}
        shared = ["".join(map(str, si.itertext())) for si in etree.fromstring(book.read("xl/sharedStrings.xml"))]
        sheets = [
            etree.fromstring(book.read(name)) for name in book.namelist() if name.startswith("xl/worksheets/sheet")
        ]
    cells = [cell for sheet in sheets for cell in sheet.iter("{*}c") if cell.get("s") in marked]
    inline = {"".join(map(str, cell.itertext())) for cell in cells if cell.get("t") == "inlineStr"}
    return inline | {shared[int(cell.findtext("{*}v") or "0")] for cell in cells if cell.get("t") == "s"}
