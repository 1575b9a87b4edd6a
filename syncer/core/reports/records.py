"""The units' rows as the reports ask for them: by unit and sheet, and only where something is to be shown anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from syncer.core.model import Row
from syncer.core.reports.lines import digest_of


class Records(Protocol):
    """The units' records, asked for one unit and one sheet at a time."""

    def mark(self, unit: str, sheet: str) -> str:
        """Returns a text that is another whenever the rows are; ``""`` where there are none."""

    def rows(self, unit: str, sheet: str) -> Sequence[Row]:
        """Returns the rows in the order of the unit's workbook."""

    def named(self, unit: str, sheet: str, ids: Sequence[str]) -> Mapping[str, Row]:
        """Returns some rows by their ids; those that are gone are left out."""


class RowsAtHand:
    """Records that are all in memory."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            self._rows[row.unit, row.sheet].append(row)
        self.units = {row.unit for row in rows}

    def mark(self, unit: str, sheet: str) -> str:
        """Returns a digest of the rows."""
        rows = self._rows.get((unit, sheet))
        return digest_of(*((row, row.changed_at) for row in rows)) if rows else ""

    def rows(self, unit: str, sheet: str) -> Sequence[Row]:
        """Returns the rows in the order of the unit's workbook."""
        return self._rows.get((unit, sheet), [])

    def named(self, unit: str, sheet: str, ids: Sequence[str]) -> Mapping[str, Row]:
        """Returns some rows by their ids; those that are gone are left out."""
        return {row.id: row for row in self._rows.get((unit, sheet), []) if row.id in set(ids)}
