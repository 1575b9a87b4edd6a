"""A workbook's styles: formats of another workbook taken over, each once, behind those that are there."""

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from syncer.errors import RefusedError
from syncer.excel.part_xml import add_child, document, parse_xml

_FIRST_OWN_FORMAT = 164  # number formats below are built in
_PARTS = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles")
_POOLS = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}


class Styles:
    """``xl/styles.xml``. Formats that are there keep their numbers; nothing is taken away."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._tree = parse_xml(xml)
        self._taken: dict[tuple[str, int], int] = {}
        self._changed = False

    def cell_format(self, donor: Styles, index: int) -> int:
        """Returns the number of the cell format that looks like ``donor``'s number ``index``, added if need be."""
        if ("xf", index) not in self._taken:
            format_ = deepcopy(donor._pool("cellXfs")[index])
            for name, pool in _POOLS.items():
                wanted = donor._pool(pool)[int(format_.get(name, "0"))]
                format_.set(name, str(self._index(pool, wanted)))
            format_.set("numFmtId", str(self._number_format(donor, int(format_.get("numFmtId", "0")))))
            format_.set("xfId", "0")
            self._taken["xf", index] = self._index("cellXfs", format_)
        return self._taken["xf", index]

    def conditional_format(self, donor: Styles, index: int) -> int:
        """Returns the number of the format for conditions that looks like ``donor``'s number ``index``."""
        if ("dxf", index) not in self._taken:
            self._taken["dxf", index] = self._index("dxfs", deepcopy(donor._pool("dxfs")[index]))
        return self._taken["dxf", index]

    def part(self) -> bytes:
        """Returns the part: the very bytes it was if nothing was added."""
        return document(self._tree) if self._changed else self._xml

    def _pool(self, name: str) -> etree._Element:
        """Returns a collection of the part, made where it belongs if there is none."""
        found = self._tree.find(f"{{*}}{name}")
        if found is None:
            found = add_child(self._tree, name)
            later = (*_PARTS[_PARTS.index(name) + 1 :], "colors", "extLst")
            behind = next((child for child in self._tree if etree.QName(child).localname in later), found)
            if behind is not found:
                behind.addprevious(found)
        return found

    def _index(self, pool: str, wanted: etree._Element) -> int:
        """Returns where an element like ``wanted`` stands in a pool; it is added at the end if there is none."""
        elements = self._pool(pool)
        if etree.QName(elements).namespace != etree.QName(wanted).namespace:
            raise RefusedError("工作簿的样式不是普通格式")
        text = _canonical(wanted)
        for index, element in enumerate(elements):
            if _canonical(element) == text:
                return index
        elements.append(deepcopy(wanted))
        elements.set("count", str(len(elements)))
        self._changed = True
        return len(elements) - 1

    def _number_format(self, donor: Styles, identity: int) -> int:
        if identity < _FIRST_OWN_FORMAT:
            return identity
        code = next(f.get("formatCode") for f in donor._pool("numFmts") if f.get("numFmtId") == str(identity))
        known = {int(f.get("numFmtId", "0")): f.get("formatCode") for f in self._tree.iterfind("{*}numFmts/{*}numFmt")}
        found = next((number for number, text in known.items() if text == code), None)
        if found is None:
            found = max([_FIRST_OWN_FORMAT - 1, *known]) + 1
            pool = self._pool("numFmts")
            add_child(pool, "numFmt").attrib.update({"numFmtId": str(found), "formatCode": str(code)})
            pool.set("count", str(len(pool)))
            self._changed = True
        return found


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
