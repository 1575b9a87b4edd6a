"""Workbooks in which nothing acts: what is written through them is text, numbers and our own links, whatever it says.

Every book that we make with XlsxWriter is an `InertBook`, so no writer has to think of it. Relied on (XlsxWriter 3.3): all
ways to write a text, merged cells too, end in ``_write_string``, all texts are kept as shared strings, and one method each
writes the tag of a merged field and of a link out of the book. Looked after here:
a text that begins with ``<r>`` and ends with ``</r>`` would be written as raw XML, and of ``_x0041_x0042_`` only the first
escape be escaped; halves of a sign cannot be written at all; properties of more than 255 signs are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from typing import Any, NoReturn

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.url import Url
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from syncer.core.texts import PROPERTY_LIMIT, cell_text, cut, storable
from syncer.excel.part_xml import escapes_kept

_OUR_LINKS = ("internal:", "external:")


@lru_cache(10_000)  # 首页 links every unit's workbook, after every save
def _url(url: str) -> Url:
    if not url.startswith(_OUR_LINKS):
        raise TypeError("a link that is not ours")
    return Url(url)


_cell_name = lru_cache(100_000)(xl_rowcol_to_cell)


class InertSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A sheet that holds no formula, and no link but those made by `syncer.excel.writing`.

    What it writes once or more for each unit after every save (merged fields, links) it writes without detours.
    """

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        return int(super()._write_string(row, col, cell_text(string), cell_format))

    def _write_formula(self, *_: Any) -> NoReturn:
        raise TypeError("a formula in a workbook of ours: write text or a number")

    _write_array_formula = _write_formula

    def link_alone(self, row: int, col: int, url: str) -> None:
        """Links a cell whose text is put in otherwise: nothing is written there."""
        self._check_dimensions(row, col)
        self.hlink_count += 1
        self.hyperlinks[row][col] = _url(url)

    def _write_url(self, row: int, col: int, url: str, style: Format, text: str, *tip: Any) -> int:
        made = copy(_url(url))  # a sheet notes in it how it stands there, where something does
        made.text = text
        return int(super()._write_url(row, col, made, style, None, *tip))

    def _write_merge_cell(self, merged_range: Sequence[int]) -> None:
        top, left, bottom, right = merged_range
        self.fh.write(f'<mergeCell ref="{_cell_name(top, left)}:{_cell_name(bottom, right)}"/>')

    def _write_hyperlink_external(self, row: int, col: int, id_num: int, url: Url) -> None:
        if url._anchor or url._tip or url._is_object_link:  # noqa: SLF001 - as XlsxWriter's own method asks
            super()._write_hyperlink_external(row, col, id_num, url)
        else:
            self.fh.write(f'<hyperlink ref="{_cell_name(row, col)}" r:id="rId{id_num}"/>')


class InertBook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook of inert sheets, whose properties are plain text."""

    worksheet_class = InertSheet

    def set_custom_property(self, name: str, value: str, property_type: str | None = "text") -> int:
        """Sets a custom document property: a text, as much of it as Excel keeps."""
        return int(super().set_custom_property(name, cut(storable(value), PROPERTY_LIMIT), property_type))

    def _get_packager(self) -> Packager:
        return _InertPackager()


class _InertPackager(Packager):  # type: ignore[misc]
    """Writes the shared strings as texts, and as nothing else."""

    def _write_shared_strings_file(self) -> None:
        strings = _Texts()
        strings.string_table = self.workbook.str_table
        if strings.string_table.count:
            strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))  # noqa: SLF001 - there is no other way
            strings._assemble_xml_file()  # noqa: SLF001


class _Texts(SharedStrings):  # type: ignore[misc]
    """The table of a book's texts."""

    def _write_si(self, string: str) -> None:
        outer_space = string != string.strip()
        self._xml_si_element(escapes_kept(string), [("xml:space", "preserve")] if outer_space else [])
