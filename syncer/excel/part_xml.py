"""The XML of a package's parts: parsed without fetching or expanding anything, and written again."""

from __future__ import annotations

import re

from lxml import etree

from syncer.errors import RefusedError

TAGS_MAX = 1_000_000
"""A tree takes some 100 bytes of this process's own memory a tag; styles of a book copied about for years have 300,000."""


def parse_xml(text: bytes) -> etree._Element:
    """Returns the parsed root; never fetches, never expands. Refuses what would fill memory, or is nested beyond reason."""
    if b"<!DOCTYPE" in text:
        raise RefusedError("部件带有文档类型声明")
    if text.count(b"<") > TAGS_MAX:
        raise RefusedError("部件过大")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise RefusedError(f"部件读不出来：{error}") from error


def document(tree: etree._Element) -> bytes:
    """Returns a part's bytes, from its root."""
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, standalone=True)


def escapes_kept(text: str) -> str:
    """Returns a text as OOXML keeps it: what only looks like an escape (``_x0041_`` would read as "A") is escaped itself."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def add_child(parent: etree._Element, name: str) -> etree._Element:
    """Adds an empty element, in its parent's namespace, and returns it."""
    return etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")


def is_true(text: str | None) -> bool:
    """Tells whether a boolean attribute says yes."""
    return text in {"1", "true", "on"}
