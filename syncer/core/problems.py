"""Problems: faults found in data, as values with a place; nothing here knows how they are worded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncer.core.values import column_letter


class Severity(StrEnum):
    """How much a problem matters: a note, a warning, or an error: what was typed there cannot be relied on."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which workbook: file name, sheet name, 1-based row and column (0 = not one cell)."""

    file: str = ""
    sheet: str = ""
    row: int = 0
    column: int = 0

    @property
    def cell(self) -> str:
        """``"E17"``, or ``""`` where the problem is not about one cell."""
        return f"{column_letter(self.column)}{self.row}" if self.row and self.column else ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. ``code`` names its wording in the catalogue (``syncer.messages``); ``facts`` fill the wording in.

    ``row_key`` is what a person calls the row (``7.1``, ``2026-03-05 植树``), ``column`` the visible column name,
    ``found`` the content as typed.
    """

    code: str
    place: Place = Place()
    row_key: str = ""
    column: str = ""
    found: str = ""
    facts: tuple[tuple[str, str], ...] = ()
