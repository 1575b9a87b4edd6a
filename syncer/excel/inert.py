"""Workbooks in which nothing acts: what is written through them is text, numbers and our own links, whatever it says.

Every book that we make with XlsxWriter is an `InertBook`, so no writer has to think of it. Relied on (XlsxWriter 3.3): all
ways to write a text, merged cells too, end in ``_write_string``. Looked after here, for its texts are not safe by
themselves: one that begins with ``<r>`` and ends with ``</r>`` would be written as raw XML; of ``_x0041_x0042_`` only the first
escape is escaped; halves of a sign and some control signs cannot be written at all; custom properties beyond 255 signs are dropped.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from syncer.core.texts import PROPERTY_LIMIT, cell_text, cut, storable

_JOINED_ESCAPE = re.compile(r"(?<=_x[0-9A-Fa-f]{4})(?=_x[0-9A-Fa-f]{4}_)")
_OUR_LINKS = ("internal:", "external:")


class InertSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A sheet that holds no formula, and no link but those made by `syncer.excel.writing.link`."""

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        text = cell_text(string)
        runs = _runs(text)
        if len(runs) == 1:
            return int(super()._write_string(row, col, text, cell_format))
        style = cell_format or Format()
        pieces = [piece for run in runs for piece in (style, run)]
        return int(self._write_rich_string(row, col, *pieces, style))

    def _write_formula(self, *_: Any) -> NoReturn:
        raise TypeError("a formula in a workbook of ours: write text or a number")

    _write_array_formula = _write_formula

    def _write_url(self, row: int, col: int, url: str, *others: Any) -> int:
        if not url.startswith(_OUR_LINKS):
            raise TypeError("a link that is not ours")
        return int(super()._write_url(row, col, url, *others))


class InertBook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook of inert sheets, whose properties are plain text."""

    worksheet_class = InertSheet

    def set_custom_property(self, name: str, value: str, property_type: str | None = "text") -> int:
        """Sets a custom document property: a text, as much of it as Excel keeps."""
        return int(super().set_custom_property(name, cut(storable(value), PROPERTY_LIMIT), property_type))


def _runs(text: str) -> list[str]:
    """Returns a text in the pieces that XlsxWriter writes rightly; nearly always one."""
    runs = _JOINED_ESCAPE.split(text)
    raw = text.startswith("<r>") and text.endswith("</r>")
    return [runs[0][:1], runs[0][1:], *runs[1:]] if raw else runs
