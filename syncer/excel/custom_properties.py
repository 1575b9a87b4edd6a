"""The custom document properties of a package: set as text, the part made and registered where there is none yet."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from syncer.core.texts import PROPERTY_LIMIT, cut, storable
from syncer.errors import RefusedError
from syncer.excel.package import Package
from syncer.excel.part_xml import add_child, document, parse_xml

_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VARIANT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_CUSTOM_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"


def patch_properties(package: Package, properties: Mapping[str, str]) -> dict[str, bytes]:
    """Returns the parts that change so that the custom properties say this."""
    part = package.custom()
    if part is None:
        return _first_properties(package, properties)
    before = package.read(part)
    tree = parse_xml(before)
    held = {str(p.get("name")): p for p in tree.iter("{*}property")}
    if all(name in held and held[name].xpath("string()") == text for name, text in properties.items()):
        return {}
    _set_properties(tree, held, properties)
    return {part: document(tree)}


def _first_properties(package: Package, properties: Mapping[str, str]) -> dict[str, bytes]:
    """Returns the new part, and the two that must name it."""
    part = "docProps/custom.xml"
    if part in package.members:
        raise RefusedError(f"部件“{part}”没有登记")
    tree = etree.Element(f"{{{_CUSTOM}}}Properties", nsmap={None: _CUSTOM, "vt": _VARIANT})  # type: ignore[dict-item]
    _set_properties(tree, {}, properties)
    types = parse_xml(package.read("[Content_Types].xml"))
    add_child(types, "Override").attrib.update({"PartName": f"/{part}", "ContentType": _CUSTOM_TYPE})
    relations = parse_xml(package.read("_rels/.rels"))
    taken = {r.get("Id") for r in relations}
    fresh = next(name for n in range(1, len(taken) + 2) if (name := f"rId{n}") not in taken)
    add_child(relations, "Relationship").attrib.update({"Id": fresh, "Type": _CUSTOM_RELATION, "Target": part})
    return {part: document(tree), "[Content_Types].xml": document(types), "_rels/.rels": document(relations)}


def _set_properties(tree: etree._Element, held: dict[str, etree._Element], properties: Mapping[str, str]) -> None:
    """Writes properties as text; new ones get the next free number (they begin at 2)."""
    last = max([1, *(int(p.get("pid", "1")) for p in held.values())])
    for name, text in properties.items():
        entry = held.get(name)
        if entry is None:
            last += 1
            entry = add_child(tree, "property")
            entry.attrib.update({"fmtid": "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}", "pid": str(last), "name": name})
        for child in list(entry):
            entry.remove(child)
        etree.SubElement(entry, f"{{{_VARIANT}}}lpwstr").text = cut(storable(text), PROPERTY_LIMIT)
