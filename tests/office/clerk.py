"""A clerk at a real LibreOffice: opens a book, types, sorts, inserts, and saves it the ordinary way.

    with Clerk() as clerk:
        clerk.open(book)
        clerk.set("任务清单", "M5", "推进中")
        clerk.save()

One clerk has one book open at a time; for two windows on one file take two clerks. The work itself is done by
``uno_hand.py`` under a Python that has ``uno``.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from tests.office import tools

XLSX = "Calc MS Excel 2007 XML"
XLS = "MS Excel 97"
ODS = "calc8"

_START_SECONDS = 100.0
_HAND = Path(__file__).with_name("uno_hand.py")


class ClerkError(RuntimeError):
    """LibreOffice could not do it, did not answer in time, or is gone."""


class Clerk:
    """One running LibreOffice with a profile of its own; ends with the test, however that ends.

    Rows are 1-based, cells and ranges as on screen (``"D5"``, ``"B5:F9"``). Every step raises `ClerkError` after
    ``limit_seconds``, and no soffice is left behind.
    """

    def __init__(self, limit_seconds: float = 60.0) -> None:
        self._limit = limit_seconds
        self._hand: subprocess.Popen[bytes] | None = None
        self._unread = b""

    def __enter__(self) -> Self:
        command = [tools.need(tools.UNO_PYTHON), str(_HAND), tools.need(tools.SOFFICE)]
        command.append(tempfile.mkdtemp(prefix="clerk-"))
        # The virtual environment's own packages must not reach into the other Python.
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        env |= {"PYTHONIOENCODING": "utf-8"}
        self._hand = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        try:
            self._receive(_START_SECONDS)
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._hand and self._hand.stdin and self._hand.poll() is None:
            try:
                self._hand.stdin.write(b"quit\n")
                self._hand.stdin.flush()
                self._hand.wait(20)
            except (OSError, subprocess.TimeoutExpired):
                pass  # what did not end by itself is ended below
        self._leave()

    @property
    def is_running(self) -> bool:
        """Whether LibreOffice is there; false after a step that took too long."""
        return self._hand is not None and self._hand.poll() is None

    def open(self, path: Path) -> None:
        """Opens a book as a person does, so that the owner file lies beside it."""
        self._do("open", str(path.absolute()))

    def save(self) -> None:
        """Saves with the ordinary save, in the book's own format."""
        self._do("save")

    def save_as(self, path: Path, filter_name: str = XLSX) -> None:
        """Saves under another name; from then on the book open is that one."""
        self._do("save_as", str(path.absolute()), filter_name)

    def close(self) -> None:
        """Closes the open book without saving; does nothing when none is open."""
        self._do("close")

    def sheets(self) -> list[str]:
        """Returns the names of all sheets, hidden ones too."""
        return list(self._do("sheets"))

    def add_sheet(self, name: str, position: int | None = None) -> None:
        """Adds an empty sheet, at the end or at a 0-based position."""
        self._do("add_sheet", name, position)

    def set(self, sheet: str, cell: str, value: str | float, *, as_text: bool = False) -> None:
        """Types into a cell: ``"85%"`` and ``"2026年3月5日"`` are recognised as on a Chinese PC, unless ``as_text``."""
        self._do("set", sheet, cell, value, as_text)

    def get(self, sheet: str, cell: str) -> str | float | None:
        """Returns a cell's content; a date is its day number, an error its text, a blank ``None``."""
        found: str | float | None = self._do("get", sheet, cell)
        return found

    def shown(self, sheet: str, cell: str) -> str:
        """Returns a cell as it looks on screen."""
        return str(self._do("shown", sheet, cell))

    def clear(self, sheet: str, area: str) -> None:
        """Empties cells (the Delete key); formats and validations stay."""
        self._do("clear", sheet, area)

    def last_row(self, sheet: str) -> int:
        """Returns the last row with content."""
        return int(self._do("last_row", sheet))

    def sort(
        self, sheet: str, column: str, header_row: int, *, descending: bool = False, selection: str | None = None
    ) -> None:
        """Sorts all rows below ``header_row`` by a column, or only ``selection`` (``"D5:F20"``) as a careless person does."""
        self._do("sort", sheet, column, header_row, descending, selection)

    def insert_row(self, sheet: str, before: int) -> None:
        """Inserts a blank row before this one."""
        self._do("insert_row", sheet, before)

    def delete_row(self, sheet: str, row: int) -> None:
        """Deletes a whole row."""
        self._do("delete_row", sheet, row)

    def copy_row_insert(self, sheet: str, source: int, before: int) -> None:
        """Copies a row and inserts the copy before another (复制行 → 插入复制的单元格), hidden cells and all."""
        self._do("copy_row_insert", sheet, source, before)

    def validation_at(self, sheet: str, cell: str) -> dict[str, Any]:
        """Returns a cell's validation: type (``ANY`` where there is none), operator, formula1, formula2, alert, wording.

        Formulas are in LibreOffice's notation and as for the first cell of the range: ``LEFT($C1;1)<>"T"``.
        """
        return dict(self._do("validation_at", sheet, cell))

    def custom_properties(self) -> dict[str, Any]:
        """Returns the open book's custom document properties."""
        return dict(self._do("custom_properties"))

    def follow(self, sheet: str, cell: str) -> tuple[str, str, int, int]:
        """Clicks the link in a cell: returns the URL of the book it opens, and the sheet, row and column it lands on."""
        found = self._do("follow", sheet, cell)
        return found["url"], found["sheet"], int(found["row"]), int(found["column"])

    def to_pdf(self, path: Path, folder: Path) -> Path:
        """Prints a workbook or document to ``folder``; what is open stays open."""
        pdf = folder.absolute() / f"{path.stem}.pdf"
        self._do("to_pdf", str(path.absolute()), str(pdf))
        return pdf

    def _do(self, verb: str, *arguments: object) -> Any:
        hand = self._hand
        if hand is None or hand.stdin is None or not self.is_running:
            raise ClerkError(f"{verb}: LibreOffice is not running")
        hand.stdin.write(json.dumps([verb, arguments]).encode() + b"\n")
        hand.stdin.flush()
        return self._receive(self._limit)

    def _receive(self, seconds: float) -> Any:
        """Returns the hand's next answer; kills everything when it does not come in time."""
        assert self._hand
        assert self._hand.stdout
        deadline = time.monotonic() + seconds
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._hand.stdout], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._hand.stdout.fileno(), 65536) if ready else b""
            if not chunk:
                self._leave()
                raise ClerkError("LibreOffice is gone" if ready else f"LibreOffice did not answer within {seconds:g} s")
            self._unread += chunk
        line, self._unread = self._unread.split(b"\n", 1)
        answer = json.loads(line)
        if "error" in answer:
            raise ClerkError(answer["error"])
        return answer["value"]

    def _leave(self) -> None:
        """Ends the hand; it kills LibreOffice as soon as its stdin is closed."""
        hand, self._hand = self._hand, None
        if not hand:
            return
        for stream in (hand.stdin, hand.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            hand.wait(20)
        except subprocess.TimeoutExpired:
            hand.kill()
            hand.wait()


@contextlib.contextmanager
def seated(clerk: Clerk) -> Iterator[Clerk]:
    """A clerk at her LibreOffice, started again where it was lost; a book left open is closed without saving."""
    if not clerk.is_running:
        clerk.__enter__()
    yield clerk
    if clerk.is_running:
        clerk.close()


def pictures(pdf: Path, dots_per_inch: int = 70) -> list[Path]:
    """Returns one PNG a page of a PDF, made beside it."""
    base = pdf.with_suffix("")
    command = [tools.need(tools.PDFTOPPM), "-png", "-r", str(dots_per_inch), str(pdf), str(base)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return sorted(pdf.parent.glob(f"{base.name}-*.png"))
