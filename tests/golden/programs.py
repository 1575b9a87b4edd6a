"""What programs make of a workbook: saved again by a library, as Strict OOXML, with sheets moved about, half copied …"""

from __future__ import annotations

import io
import os
import re
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl import Workbook
from openpyxl.packaging.custom import CustomPropertyList
from openpyxl.styles import Border, Side
from openpyxl.utils import get_column_letter

from syncer.core.model import STAMP_SHEET
from tests.golden.page import Page
from tests.office import tools

# Transitional → Strict: ISO/IEC 29500-1 and -4 name the same elements in different namespaces.
_STRICT = (
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    ("http://schemas.openxmlformats.org/drawingml/2006/", "http://purl.oclc.org/ooxml/drawingml/"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties",
        "http://purl.oclc.org/ooxml/officeDocument/relationships/extendedProperties",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
        "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
        "http://purl.oclc.org/ooxml/officeDocument/extendedProperties",
    ),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
        "http://purl.oclc.org/ooxml/officeDocument/customProperties",
    ),
    ("http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/"),
)


def strict(data: bytes) -> bytes:
    """Returns the workbook as Excel saves it under 严格 Open XML 电子表格."""

    def converted(name: str, part: bytes) -> bytes:
        if not name.endswith((".xml", ".rels")):
            return part
        text = part.decode("utf-8")
        for transitional, iso in _STRICT:
            text = text.replace(transitional, iso)
        return (
            text.replace("<workbook ", '<workbook conformance="strict" ', 1) if "workbook.xml" in name else text
        ).encode()

    return _members(data, converted)


def without_sheets(data: bytes) -> bytes:
    """Returns a package whose workbook lists no sheet."""
    return _members(
        data,
        lambda name, part: (
            re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", part, flags=re.DOTALL) if name == "xl/workbook.xml" else part
        ),
    )


def without_part(data: bytes, sheet: str) -> bytes:
    """Returns a package that lists a sheet whose part is not there."""
    names = openpyxl.load_workbook(io.BytesIO(data), read_only=True).sheetnames
    part = f"xl/worksheets/sheet{names.index(sheet) + 1}.xml"
    return _members(data, lambda name, content: None if name == part else content)


def _members(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = change(info.filename, source.read(info))
            if content is not None:
                target.writestr(zipfile.ZipInfo(info.filename), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def resaved(data: bytes, change: Callable[[Workbook], object] = lambda _: None) -> bytes:
    """Returns the workbook as a library saves it again, with a change by that library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it says it drops is what such programs drop
        book = openpyxl.load_workbook(io.BytesIO(data))
        change(book)
        out = io.BytesIO()
        book.save(out)
    return out.getvalue()


def without_stamp(data: bytes, *, properties: bool, sheet: bool) -> bytes:
    """Returns the workbook without what tells whose it is: its custom properties, its very hidden sheet, or both."""

    def drop(book: Workbook) -> None:
        if sheet:
            del book[STAMP_SHEET]
        if properties:
            setattr(book, "custom_doc_props", CustomPropertyList())  # noqa: B010 - the type stubs do not know it

    return resaved(data, drop)


def with_stray_format(data: bytes, sheet: str, rows: int) -> bytes:
    """Returns the workbook with a border set down a column, far below all that is typed."""
    line = Border(bottom=Side("thin"))

    def draw(book: Workbook) -> None:
        for row in range(5, rows + 5):
            for column in (4, 5):
                book[sheet].cell(row, column).border = line

    return resaved(data, draw)


def with_cell(data: bytes, sheet: str, row: str, column: str, content: str) -> bytes:
    """Returns the workbook with a formula (``=…``) or an error (``#REF!``) in a cell, saved without a result."""
    page = Page(data, sheet)
    place = f"{get_column_letter(page.column(column) + 1)}{page.place(page.row(row)) + 5}"

    def put(book: Workbook) -> None:
        book[sheet][place].value = content

    return resaved(data, put)


def as_xls(data: bytes, folder: Path) -> bytes:
    """Returns the workbook as LibreOffice saves it in the format of Excel 97."""
    profile, source = folder / "lo", folder / "source.xlsx"
    source.write_bytes(data)
    command = [tools.need(tools.SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "xls", "--outdir", str(folder), str(source)]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=env)
    return source.with_suffix(".xls").read_bytes()


def by_hand(sheet: str, unit: str, said: list[list[str]]) -> bytes:
    """Returns a plain new workbook that somebody typed from memory: a title, whose it is, headers, rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    page.append([sheet])
    page.append([f"填报单位：{unit}"])
    for line in said:
        page.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
