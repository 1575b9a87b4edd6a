"""What stands in for Excel and WPS, which no test here can run: every book that we emit or patch must pass all of it.

Microsoft's own Open XML SDK validator; LibreOffice and Gnumeric open it without a word; calamine and openpyxl read the
same; and three faults that the validator does not see (cells twice, overlapping merges, overlapping validations), with
a few of Excel's limits.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from lxml import etree
from openpyxl.utils import range_boundaries
from python_calamine import CalamineWorkbook, SheetTypeEnum

from tests.office import tools
from tests.office.clerk import Clerk, ClerkError

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKS_PER_SHEET = 65_530
_INLINE_LIST = 255

_ERROR_TEXTS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA")
# What Gnumeric says of every book that LibreOffice 7.4 saved; in one that a clerk saved and we patched it is not ours.
_LIBREOFFICE_HABITS = (
    r"Undefined number format id '4[1-4]'"
    r"|Unexpected element 'workbookProtection' in state : \s*workbook"
    r"|.*Ignoring invalid data validation because : Extra formula for validation"
)


def assert_sound(*paths: Path, clerk: Clerk | None = None) -> None:
    """Fails with every fault found in these xlsx or docx files; skips, after what can be checked, where a tool is missing.

    Pass the ``clerk`` fixture to use the LibreOffice that already runs; else one is started.
    """
    books = [path for path in paths if path.suffix.lower() == ".xlsx"]
    faults = [fault for path in books for fault in (*structure_faults(path), *reader_faults(path))]
    if tools.find(tools.VALIDATOR):
        faults += [fault for path in paths for fault in _sdk_faults(path)]
    if tools.find(tools.SSCONVERT):
        faults += [fault for path in books for fault in _gnumeric_faults(path)]
    if tools.find(tools.SOFFICE) and tools.find(tools.UNO_PYTHON):
        faults += _libreoffice_faults(clerk, paths)
    assert not faults, "\n".join(faults)
    for tool in (tools.VALIDATOR, tools.SSCONVERT, tools.SOFFICE, tools.UNO_PYTHON):
        tools.need(tool)


def _sdk_faults(path: Path) -> Iterator[str]:
    run = subprocess.run([tools.need(tools.VALIDATOR), str(path)], capture_output=True, check=False, timeout=300)
    for error in json.loads(run.stdout)["errors"]:
        yield f"{path.name}: Open XML SDK: {error['path']} {error['xPath']}: {error['description']}"


def _gnumeric_faults(path: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        command = [tools.need(tools.SSCONVERT), str(path), f"{folder}/out.gnumeric"]
        env = {**os.environ, "LC_ALL": "C.UTF-8"}
        run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=300, env=env)
    said = run.stderr
    if b"<Application>LibreOffice" in _part(path, "docProps/app.xml"):
        said = re.sub(_LIBREOFFICE_HABITS, "", said)
    said = said.strip()
    if said or run.returncode:
        yield f"{path.name}: Gnumeric (exit {run.returncode}): {said}"


def _part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as book:
        return book.read(name) if name in book.namelist() else b""


def _libreoffice_faults(clerk: Clerk | None, paths: Iterable[Path]) -> list[str]:
    """Opens each file and prints it, so that all of it is laid out; a damaged one is not opened at all."""
    if clerk is None:
        with Clerk() as own:
            return _libreoffice_faults(own, paths)
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            try:
                clerk.to_pdf(path, Path(folder))
            except ClerkError as fault:
                faults.append(f"{path.name}: LibreOffice: {fault}")
    return faults


def reader_faults(path: Path) -> list[str]:
    """Compares what calamine and openpyxl read, cell by cell."""
    try:
        first = CalamineWorkbook.from_path(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl says what it would drop on saving; nothing is saved here
            second = openpyxl.load_workbook(path, data_only=True)
    except Exception as fault:  # noqa: BLE001 - both raise whatever their parsers raise
        return [f"{path.name}: a reader refuses it: {fault!r}"]
    names = [sheet.name for sheet in first.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if names != (others := [page.title for page in second.worksheets]):
        return [f"{path.name}: calamine sees the sheets {names}, openpyxl {others}"]
    faults = []
    for name in names:
        one = _filled(first.get_sheet_by_name(name).to_python(skip_empty_area=False))
        other = _filled(second[name].iter_rows(values_only=True))
        places = sorted(place for place in one.keys() | other.keys() if one.get(place) != other.get(place))
        faults += [
            f"{path.name} › {name} row {row} column {column}: calamine reads {one.get((row, column))!r}, "
            f"openpyxl {other.get((row, column))!r}"
            for row, column in places[:5]
        ]
    return faults


def _filled(rows: Any) -> dict[tuple[int, int], object]:
    return {
        (row, column): found
        for row, cells in enumerate(rows, start=1)
        for column, value in enumerate(cells, start=1)
        if (found := _alike(value)) is not None
    }


def _alike(value: object) -> object:
    """Returns a value as both readers could have given it; calamine gives errors as blanks and dates without a time."""
    match value:
        case None | "":
            return None
        case str() if value in _ERROR_TEXTS:
            return None
        case bool() | str():
            return value
        case int() | float():
            return round(float(value), 9)
        case datetime():
            return value
        case date():
            return datetime.combine(value, time.min)
        case time():
            return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
        case _:
            return value


def structure_faults(path: Path) -> list[str]:
    """Finds what the Open XML SDK validator lets pass and Excel repairs or refuses."""
    faults: list[str] = []
    with zipfile.ZipFile(path) as book:
        names = [name.lower() for name in book.namelist()]
        faults += [
            f"{path.name}: part {name} is there twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
        for name in book.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                found = _sheet_faults(etree.fromstring(book.read(name)))
                faults += [f"{path.name}: {name}: {fault}" for fault in found]
        workbook = etree.fromstring(book.read("xl/workbook.xml"))
    for sheet in workbook.iter(f"{_MAIN}sheet"):
        title = sheet.get("name", "")
        if not 0 < len(title) <= 31 or re.search(r"[\[\]:*?/\\]|^'|'$", title):
            faults.append(f"{path.name}: Excel does not allow the sheet name {title!r}")
    return faults


def _sheet_faults(sheet: etree._Element) -> Iterator[str]:
    yield from _order_faults(sheet)
    merges = [m.get("ref", "") for m in sheet.iter(f"{_MAIN}mergeCell")]
    yield from (f"merges {one} and {other} overlap" for one, other in overlaps(merges))
    # Excel keeps newer rules in an extension of the sheet; those count too, their ranges stand in an element.
    rules = list(sheet.iter("{*}dataValidation"))
    ranges = [area for v in rules for area in (v.get("sqref") or v.findtext("{*}sqref") or "").split()]
    yield from (f"validations {one} and {other} overlap" for one, other in overlaps(ranges))
    for rule in rules:
        inline = rule.findtext("{*}formula1") or ""
        if inline.startswith('"') and len(inline) - 2 > _INLINE_LIST:
            yield f"validation {rule.get('sqref')} has an inline list of {len(inline) - 2} characters"
    links = sum(1 for _ in sheet.iter(f"{_MAIN}hyperlink"))
    if links > _LINKS_PER_SHEET:
        yield f"{links} hyperlinks"


def _order_faults(sheet: etree._Element) -> Iterator[str]:
    """Finds rows and cells that are doubled, out of order, in a foreign row, or without their reference."""
    last_row = 0
    for row in sheet.iter(f"{_MAIN}row"):
        number = int(row.get("r", "0"))
        if number <= last_row:
            yield f"row {number} after row {last_row}"
        last_row, last_column = number, 0
        for cell in row.iter(f"{_MAIN}c"):
            reference = cell.get("r", "")
            if not re.fullmatch(r"[A-Z]{1,3}[0-9]+", reference):
                yield f"a cell of row {number} has the reference {reference!r}"
                continue
            cell_row, column, *_ = _area(reference)
            if cell_row != number or column <= last_column:
                yield f"cell {reference} of row {number} is doubled or out of place"
            last_column = column


def overlaps(ranges: list[str]) -> Iterator[tuple[str, str]]:
    """Yields every two of these ranges (``"A1:B2"``) that share a cell."""
    areas = sorted(_area(text) for text in ranges)
    open_areas: list[tuple[int, int, int, int, str]] = []  # those that reach down to the row we are at
    for top, left, bottom, right, text in areas:
        open_areas = [area for area in open_areas if area[2] >= top]
        for _, other_left, _, other_right, other_text in open_areas:
            if left <= other_right and other_left <= right:
                yield other_text, text
        open_areas.append((top, left, bottom, right, text))


def _area(text: str) -> tuple[int, int, int, int, str]:
    # whole columns and rows ("F:F") have bounds of None
    left, top, right, bottom = range_boundaries(text)
    return top or 1, left or 1, bottom or 1_048_576, right or 16_384, text
