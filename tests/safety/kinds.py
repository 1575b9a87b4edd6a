"""Every kind of file that this project writes, who writes it, and where the story leaves some. A new kind is one entry here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.safety.hostile_bureau import RENAMED, Story


@dataclass(frozen=True)
class Kind:
    """``modules`` are those below ``syncer`` that make its bytes, or a part of them."""

    modules: frozenset[str]
    found: Callable[[Story], Iterable[Path]]


def _issued(story: Story) -> list[Path]:
    books = story.bureau.units.glob("*.xlsx")
    return [path for path in books if not path.name.startswith(("无主", RENAMED, "宣传科", "\udcd0"))]


BOOKS = {
    "unit book, as issued": Kind(
        frozenset({"excel.unitbook", "excel.advice", "excel.validations", "books"}),
        _issued,
    ),
    "unit book, delivered to": Kind(
        frozenset({"excel.patch", "excel.evolve", "excel.workbook_xml", "new_bytes", "deliver"}),
        lambda story: [story.unit_book, story.bureau.units / f"{RENAMED}.xlsx"],
    ),
    "master": Kind(
        frozenset({"excel.masterbook", "excel.master_front", "excel.master_looks", "excel.edition", "publish"}),
        lambda story: [story.bureau.master],
    ),
    "weekly sheet": Kind(
        frozenset({"excel.weeklybook", "reports"}),
        lambda story: [*story.bureau.issued_weeklies(), *story.bureau.control.parent.glob("*送审稿*.xlsx")],
    ),
    "feedback": Kind(
        frozenset({"excel.feedback"}),
        lambda story: [
            *(story.bureau.root / "05填报提示").glob("*.xlsx"),
            *story.bureau.control.parent.glob("*填报提示.xlsx"),
        ],
    ),
    "inbox": Kind(
        frozenset({"excel.inboxbook", "inbox"}), lambda story: [story.bureau.control.parent / "待我处理.xlsx"]
    ),
}

TEXTS = {"status": frozenset({"daemon"})}
"""Files of text; besides them the terminal and the log."""

OTHERS = {
    "excel.writing": "what all books have in common",
    "excel.inert": "what all books have in common",
    "rulings": "puts a kept version back, byte for byte",
    "requests": "our own state",
    "backup": "copies of files, and a fixed text",
    "store.kept": "kept bytes",
    "commands.init": "the template as shipped",
    "commands.restore": "a kept version, byte for byte",
    "sample.clerk": "types into the sample as a person would",
    "adopting": "puts the two books below in place",
    "adopted_books": "unit workbooks, by the writer and the patch that are in the matrix",
    "excel.adoptbook": "tests/adopting/test_what_is_written.py",
    "excel.adoptreport": "tests/adopting/test_what_is_written.py",
    "excel.listpage": "tests/adopting/test_what_is_written.py",
    "open_unit_book": "a copy that the program alone reads; what goes into an open book is in tests/live",
    "excel.live.checklist": "fixed texts of our own",
}
"""Modules that write and make no file in which anything typed is put together anew, or have such texts in a test of their own."""
