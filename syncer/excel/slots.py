"""Where the columns of a data sheet stand: the schema's own, the hidden ids and spares, the system's and the unit's extras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncer.core.delivery.evolution import header_text
from syncer.core.model import Column, Owner, Row, Sheet
from syncer.core.reading.headers import ROW_ID
from syncer.core.values import column_letter
from syncer.excel.looks import ID_COLUMN, SheetLooks

SPARE_COLUMNS = 6
NARROWEST = 100.0  # character units: a title of 25 signs in 22 points


@dataclass(frozen=True, slots=True)
class Slot:
    """One physical column of a data sheet. ``at`` is 1-based; ``column`` is empty for ids, spares and the unit's extras."""

    at: int
    header: str
    width: float
    column: Column | None = None
    group: str = ""
    hidden: bool = False
    printed: bool = True

    @property
    def letter(self) -> str:
        """The column's letters."""
        return column_letter(self.at)


def lay_out(sheet: Sheet, looks: SheetLooks, rows: Sequence[Row] = ()) -> tuple[Slot, ...]:
    """Returns the physical columns: the sheet's own, hidden spares, the system's trailing block, the unit's extras.

    The hidden row ids are column C. The spares stand before the trailing block, so that a new column never has to push
    anything aside; they count as printed, for a spare that comes into use shall be.
    """
    trailing = len(sheet.columns)
    while trailing and sheet.columns[trailing - 1].owner is Owner.SYSTEM:
        trailing -= 1
    band = "" if any(column.group for column in sheet.columns) else sheet.name
    body = _stretched([_own(column, looks, band) for column in sheet.columns[:trailing]], looks)
    body += [Slot(0, f"备用{number}", 12, hidden=True) for number in range(1, SPARE_COLUMNS + 1)]
    ids_group = body[1].group if body[1].group == body[2].group else ""
    body.insert(ID_COLUMN - 1, Slot(0, ROW_ID, 12, group=ids_group, hidden=True))
    body += [replace(_own(column, looks, ""), printed=False) for column in sheet.columns[trailing:]]
    body += [Slot(0, name, 16, printed=False) for name in dict.fromkeys(name for row in rows for name, _ in row.extra)]
    return tuple(replace(slot, at=at) for at, slot in enumerate(body, start=1))


def _own(column: Column, looks: SheetLooks, band: str) -> Slot:
    """Returns a column of the schema; ``band`` stands above where a sheet has no groups of columns at all."""
    return Slot(0, header_text(column), looks.width(column), column, column.group or band)


def _stretched(slots: list[Slot], looks: SheetLooks) -> list[Slot]:
    """Widens the columns of a narrow sheet that nobody laid out, such as a survey, until title and fill-in line fit."""
    total = sum(slot.width for slot in slots)
    if looks.widths or not slots or total >= NARROWEST:
        return slots
    return [replace(slot, width=round(slot.width * NARROWEST / total, 2)) for slot in slots]
