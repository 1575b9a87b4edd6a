"""Whole files that are not what their name says, are damaged, or hold nothing: refused with a code, or read all the same."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from syncer.core.model import Ledger
from tests.corpus.by_hand import Way, write_by_hand
from tests.corpus.layout import lay_out
from tests.corpus.page import Case, Page, meaning
from tests.corpus.records import ACTIVITIES, ISSUES, STUDIES, sheet_named
from tests.corpus.writers import with_openpyxl, with_xlsxwriter

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = OLE.ljust(1024, b"\0") + "EncryptedPackage".encode("utf-16-le").ljust(512, b"\0")
WEB_PAGE = "<html><body><table><tr><td>日期</td><td>活动名称</td></tr></table></body></html>".encode()


def _bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _cut(path: Path, page: Page) -> None:
    """Half of a workbook, as an interrupted copy leaves it."""
    whole = io.BytesIO()
    with_xlsxwriter(path, [page])
    whole.write(path.read_bytes())
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])


def _other_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", "<document/>")


def files(ledger: Ledger) -> Iterator[Case]:
    """Good workbooks in unusual dress first, then what is refused."""
    page, header = lay_out(sheet_named(ledger, "活动台账"), ACTIVITIES)
    number = 0
    for number, (says, write, name) in enumerate(_good(page), start=1):
        yield Case(f"files-{number:02}", says, write, {page.name: meaning(ACTIVITIES)}, name, header_row=header)
    several = [lay_out(sheet_named(ledger, name), rows)[0] for name, rows in SEVERAL.items()]
    meant = {name: meaning(rows) for name, rows in SEVERAL.items()}
    for writer in (with_xlsxwriter, with_openpyxl):
        number += 1
        yield Case(
            f"files-{number:02}", "three of our sheets", partial(writer, pages=several), meant, header_row=header
        )
    for says, code, write, name in _refused(page):
        number += 1
        yield Case(f"files-{number:02}", says, write, file=name, refused=code)


SEVERAL = {"活动台账": ACTIVITIES, "学习教育": STUDIES, "问题整改": ISSUES}


def _good(page: Page) -> Iterator[tuple[str, Callable[[Path], None], str]]:
    plain = partial(with_xlsxwriter, pages=[page])
    yield "a workbook named as one of macros", plain, "办公室.xlsm"
    yield "a workbook named as a template", plain, "办公室.xltx"
    yield "days from 1904, by XlsxWriter", partial(with_xlsxwriter, pages=[page], epoch_1904=True), "办公室.xlsx"
    yield "days from 1904, by openpyxl", partial(with_openpyxl, pages=[page], epoch_1904=True), "办公室.xlsx"
    yield (
        "Strict Open XML, days as texts",
        partial(write_by_hand, pages=[page], way=Way(strict=True, iso_days=True)),
        "办公室.xlsx",
    )
    yield "an empty sheet in front", partial(with_xlsxwriter, pages=[Page("封面"), page]), "办公室.xlsx"
    cover = Page("封面", [["2026年文明单位创建"], [], ["办公室", "王样本"]])
    yield "a cover in front", partial(with_openpyxl, pages=[cover, page]), "办公室.xlsx"
    yield (
        "a hidden sheet behind",
        partial(with_xlsxwriter, pages=[page, Page("底稿", [["旧"]], hidden=True)]),
        "办公室.xlsx",
    )
    yield "the full name of the unit", plain, "云岭市建设管理局办公室.xlsx"
    yield "an alias of the unit", plain, "局办.xlsx"
    yield "the unit and what it is", plain, "办公室2026年台账.xlsx"


def _refused(page: Page) -> Iterator[tuple[str, str, Callable[[Path], None], str]]:
    yield "nothing in the file", "FILE-001", partial(_bytes, content=b""), "办公室.xlsx"
    yield "a web page", "FILE-002", partial(_bytes, content=WEB_PAGE), "办公室.xls"
    yield "half of a workbook", "FILE-003", partial(_cut, page=page), "办公室.xlsx"
    yield "with a password", "FILE-004", partial(_bytes, content=LOCKED), "办公室.xlsx"
    yield "a document of Word", "FILE-002", _other_zip, "办公室.xlsx"
    yield "nobody's", "FILE-012", partial(with_xlsxwriter, pages=[_nobodys()]), "统计表.xlsx"


def _nobodys() -> Page:
    return Page("统计", [["项目", "数量"], ["植树", 3]])
