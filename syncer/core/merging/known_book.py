"""What a unit's workbook held when it was last taken in, and all else that is known of it before a save."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from syncer.core.delivery.handout import handed_out
from syncer.core.merging.at_rest import Judged
from syncer.core.model import Ledger
from syncer.core.reading.rows import ReadRow
from syncer.core.values import Scalar


@dataclass(frozen=True, slots=True)
class SheetContent:
    """One sheet of an accepted version: where its columns stood, and its rows with their ids. This is the next base."""

    columns: Mapping[str, int]  # column code → 1-based column in the worksheet; 0: not there
    rows: tuple[ReadRow, ...]
    table: str = ""  # the worksheet's name as the file has it; "": as the schema has it
    id_column: int = 0  # where the hidden row ids stand; 0: nowhere
    free: tuple[int, ...] = ()  # worksheet rows with a reserved id that nobody has typed into, top to bottom
    last_row: int = 0  # last worksheet row that holds anything


@dataclass(frozen=True, slots=True)
class KnownBook:
    """What is known of a unit's workbook before this save."""

    base: Mapping[str, SheetContent] = field(default_factory=dict)
    current: Mapping[str, Sequence[ReadRow]] = field(default_factory=dict)
    last_numbers: Mapping[str, int] = field(default_factory=dict)  # sheet code → highest row number ever given out
    withdrawn_lately: Mapping[str, int] = field(
        default_factory=dict
    )  # sheet code → rows withdrawn in the last 24 hours
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)  # sheet code → rows that wait as second of one key
    braked: frozenset[tuple[str, str, str]] = (
        frozenset()
    )  # sheet code, row id, column: clearings that wait for a ruling
    judged: Mapping[str, Judged] = field(
        default_factory=dict
    )  # sheet code → what was said of the rows that are current now
    typed: Mapping[str, Sequence[Mapping[str, Scalar]]] = field(
        default_factory=dict
    )  # the current rows' cells as read; there where `judged` is
    asked: frozenset[str] = frozenset()  # codes of the sheets that open questions are about
    gone: Mapping[str, Mapping[str, ReadRow]] = field(
        default_factory=dict
    )  # sheet code → row id → a row that was taken out, as it stood last

    def waits(self, sheet: str) -> bool:
        """Tells whether something of a sheet (its code) is asked, held back or braked."""
        return sheet in self.asked or bool(self.held.get(sheet)) or any(place[0] == sheet for place in self.braked)


@dataclass(frozen=True, slots=True, eq=False)
class GoingOn(Mapping[str, SheetContent]):
    """The content of a version that goes on from another: what is ``anew``, and the sheets that were not looked into."""

    base: Mapping[str, SheetContent]
    anew: Mapping[str, SheetContent]
    codes: tuple[str, ...]

    def __getitem__(self, code: str) -> SheetContent:
        if code not in self.codes:
            raise KeyError(code)
        return self.anew[code] if code in self.anew else self.base[code]

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)


def first_content(ledger: Ledger, unit: str) -> dict[str, SheetContent]:
    """Returns what a newly issued workbook holds, as if it had been read: the first base of all merges."""
    return {
        sheet.code: SheetContent(dict.fromkeys((c.code for c in sheet.columns), 0), handed_out(ledger, sheet, unit))
        for sheet in ledger.sheets_of(unit)
    }
