"""The only place that imports xlwings: this session's Excel, asked with patience, and the books that stand open in it.

Every call may be refused, for Excel takes none while a cell is edited or a dialog stands: it is tried again for a while, then
left (`ExcelBusyError`).
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from syncer.excel.live.open_book import OpenBook
from syncer.excel.live.refusals import BookClosedError, ExcelBusyError, NoExcelError, is_refusal

T = TypeVar("T")

RETRY_SECONDS = 0.2
_UNWANTED = ("xlwings.pro", "pandas", "numpy", "polars", "matplotlib", "PIL")


def import_xlwings() -> Any:
    """Returns xlwings without its ``pro`` part, which is not free and never needed, and without what it converts for.

    It starts in an eighth of the time without pandas and its kin.

    Raises:
        NoExcelError: it is not installed.
    """
    modules: dict[str, Any] = sys.modules
    for name in _UNWANTED:
        modules.setdefault(name, None)  # an import of it fails, as if it were not there
    try:
        xlwings = import_module("xlwings")
    except ImportError as error:
        raise NoExcelError("没有安装 xlwings / xlwings is not installed") from error
    if windows := modules.get("xlwings._xlwindows"):
        windows.N_COM_ATTEMPTS = 1  # else it tries without end and without a pause
    return xlwings


class Excel:
    """This session's Excel, asked with patience."""

    def __init__(self, xlwings: Any, patience_seconds: float) -> None:
        self._xlwings = xlwings
        self._patience = patience_seconds  # what is left of it

    @classmethod
    def reach(cls, patience_seconds: float) -> Excel:
        """Returns Excel; ``patience_seconds`` is for all refusals together, however long the work itself takes.

        Raises:
            NoExcelError: xlwings is missing, or knows no engine on this system.
        """
        xlwings = import_xlwings()
        if not any(engine.name == "excel" for engine in xlwings.engines):
            raise NoExcelError("这台电脑上没有 xlwings 能用的 Excel / no Excel that xlwings can use on this computer")
        return cls(xlwings, patience_seconds)

    def ask(self, call: Callable[[], T], *, twice_is_harm: bool = False) -> T:
        """Makes one call, again and again while Excel refuses.

        ``twice_is_harm``: rows inserted twice, say. macOS does not tell whether a call that timed out was carried out all the same.

        Raises:
            ExcelBusyError: it refused until patience ended.
        """
        while True:
            began = time.monotonic()
            try:
                return call()
            except Exception as error:
                if not is_refusal(error):
                    raise
                if self._patience <= 0 or (twice_is_harm and hasattr(error, "errornumber")):
                    raise ExcelBusyError from error
                time.sleep(RETRY_SECONDS)
            self._patience -= time.monotonic() - began

    @property
    def running(self) -> bool:
        """Whether there is an Excel with a book open."""
        return bool(self.ask(lambda: len(self._xlwings.apps)))

    def books(self) -> list[Any]:
        """Returns the books open in every Excel of this session; one in protected view is not among them."""
        return self.ask(lambda: [book for app in self._xlwings.apps for book in app.books])

    def book(self, path: Path) -> OpenBook:
        """Returns the open book that is this file, and no other of the same name.

        Raises:
            BookClosedError: it is not open here.
        """
        for book in self.books():
            fullname = _fullname(book)
            if fullname and _is_file(Path(fullname), path):
                return OpenBook(self, book, path)
        raise BookClosedError

    def open(self, path: Path) -> OpenBook:
        """Opens a file of ours to try things in.

        Raises:
            BookClosedError: no Excel runs that could open it.
        """
        apps = self.ask(lambda: list(self._xlwings.apps))
        if not apps:
            raise BookClosedError
        return OpenBook(self, self.ask(lambda: apps[0].books.open(str(path))), path)

    @property
    def versions(self) -> tuple[str, str]:
        """The versions of xlwings and, where one is running, of Excel."""
        apps = self.ask(lambda: list(self._xlwings.apps))
        return str(self._xlwings.__version__), str(self.ask(lambda: apps[0].version)) if apps else ""

    def has_open(self, path: Path) -> bool:
        """Tells whether a file is open here."""
        try:
            self.book(path)
        except BookClosedError:
            return False
        return True


def _fullname(book: Any) -> str:
    """Returns where a book lies; "" for one that lies in no folder that xlwings can tell (a cloud's)."""
    try:
        return str(book.fullname)
    except Exception as error:
        if is_refusal(error):
            raise
        return ""


def _is_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.normcase(one) == os.path.normcase(other)
