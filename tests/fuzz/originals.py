"""Sound workbooks to be damaged: one as issued to a unit, what other libraries and LibreOffice make of it, and any from elsewhere."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl

from syncer.books import placed, unit_book_bytes
from syncer.core.merging.known_book import first_content
from syncer.core.model import Book, Ledger, Stamp
from syncer.core.template.schema import compile_ledger
from syncer.excel.reader import read_book
from syncer.resources import shipped
from tests.excel.test_patch import rich_book
from tests.fuzz.mutate import Original
from tests.office.tools import SOFFICE, find

SMALL_BYTES = 300_000  # a bigger original only makes the run slow
_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
_ISSUED = datetime(2026, 1, 5, 9)


def shipped_ledger() -> Ledger:
    """Returns the ledger that the shipped template makes."""
    book = read_book(shipped("workbook_templates/ledger.xlsx"))
    assert isinstance(book, Book), book
    ledger, problems = compile_ledger(book.tables, date(2026, 1, 5))
    assert ledger, problems
    return ledger


def issued_book(ledger: Ledger, at: int = 0) -> bytes:
    """Returns the workbook that a unit of the shipped roster is handed."""
    unit = ledger.units[at]
    stamp = Stamp(ledger.settings.ledger_id or "L1", unit.code, "main", ledger.version, 1, "0b6c")
    content = placed(first_content(ledger, unit.code), ledger)
    return unit_book_bytes(ledger, unit, stamp, content, {}, _ISSUED)


def own_originals() -> list[Original]:
    """Returns what needs no program beside Python: quick enough for the suite."""
    issued, rich = issued_book(shipped_ledger()), rich_book()
    resaved = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(rich)).save(resaved)
    return [
        Original("issued.xlsx", issued),
        Original("xlsxwriter.xlsx", rich),
        Original("openpyxl.xlsx", resaved.getvalue()),
        Original("plain.ods", plain_ods()),
    ]


def plain_ods() -> bytes:
    """Returns a small OpenDocument book with repeated cells and rows."""
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    number = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    rest = '<table:table-cell table:number-columns-repeated="16382"/>'
    rows = "".join(
        f"<table:table-row>{text.format(f'任务{n}')}{number.format(n)}{rest}</table:table-row>" for n in range(1, 9)
    )
    blank = (
        '<table:table-row table:number-rows-repeated="1048568">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="任务清单">{rows}{blank}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", _MANIFEST)
        package.writestr("content.xml", content)
    return out.getvalue()


def office_originals() -> list[Original]:
    """Returns what LibreOffice saves an issued workbook as; nothing where there is none."""
    soffice = find(SOFFICE)
    if not soffice:
        return []
    made = []
    with tempfile.TemporaryDirectory() as room:
        source = Path(room, "issued.xlsx")
        source.write_bytes(issued_book(shipped_ledger(), 1))
        for ending in ("xlsx", "xls", "ods"):
            out = Path(room, ending)
            profile = f"-env:UserInstallation=file://{room}/profile"
            convert = [soffice, profile, "--headless", "--convert-to", ending, "--outdir", str(out), str(source)]
            subprocess.run(convert, check=True, capture_output=True, timeout=180)
            made.append(Original(f"libreoffice.{ending}", (out / f"issued.{ending}").read_bytes()))
        shutil.rmtree(Path(room, "profile"), ignore_errors=True)
    return made


def originals_in(folder: Path) -> list[Original]:
    """Returns the small workbooks below a folder, in a fixed order."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size <= SMALL_BYTES)
    return [Original(path.name, path.read_bytes()) for path in found]
