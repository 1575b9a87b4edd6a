"""Workbooks that come back in another format than they were issued in: merged like copies, never written to.

What of them is known by nobody but us is settled before anything is compared: which sheet a plain text is, and which of
their cells only look different because of the format.
"""

from __future__ import annotations

from pathlib import Path

from syncer import fs
from syncer.arrivals import Arrival
from syncer.core.merging.known_book import KnownBook
from syncer.core.merging.retyped import as_kept
from syncer.core.model import Book, Format, Ledger, Refusal
from syncer.core.reading.cells import CellReader
from syncer.core.reading.single_sheet import with_its_sheet
from syncer.workspace import Office

PATCHABLE = frozenset({".xlsx", ".xlsm"})


def is_patchable(path: Path, book: Book) -> bool:
    """Whether deliveries can be written into a file: by its content, and by a name that says so to Excel."""
    return book.format is Format.XLSX and path.suffix.lower() in PATCHABLE


def format_word(path: Path, book: Book) -> str:
    """Returns how a person knows a format that is not ours: by the file's ending, unless that is a false one."""
    ending = path.suffix.lower()
    if ending not in PATCHABLE:
        return ending
    return str(book.format) if book.format is Format.STRICT else f".{book.format}"


def stands_alone(path: Path, original: str) -> bool:
    """Whether a file counts as a copy of a workbook that is not there: it is all that the unit has."""
    return bool(original) and (original == path.name or not fs.exists(path.parent / original))


def understood(
    office: Office, ledger: Ledger, unit: str, arrival: Arrival, book: Book, known: KnownBook
) -> Book | Refusal:
    """Returns a book of another format as if it had been kept in ours; FILE-021 where nobody can tell which sheet it is."""
    if book.format is Format.TEXT:
        placed = with_its_sheet(book, arrival.path.stem, ledger, unit)
        if isinstance(placed, Refusal):
            return placed
        book = placed
    return as_kept(ledger, unit, book, CellReader(ledger), office.store.past.accepted(unit), known.base)
