"""What a save leaves as it is, and need not be worked out anew. The one place where "unchanged" is decided.

Three things are told apart:

- the rows of a sheet *stand* in the workbook just as they did in the version it goes on from: each is the row it was
  (`stands`), and none of its cells changed;
- the sheet is *at rest* (`is_at_rest`): its rows stand, nothing of it waits for a ruling, and the ledger holds those rows in
  that order. Then it plans nothing, and what was said of its rows is said again, as long as what they are judged by is the same
  (`holds`);
- its worksheet is *as read* (`is_as_read`): cell for cell the one that was found at rest before, against the same version and the
  same ledger. Then it is not even looked into, and what reading it came to is said again.

Whoever doubts compares with the long way: given no `Judged`, everything is worked out (tests/property/test_at_rest.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.model import Ledger, Sheet
from syncer.core.problems import Problem
from syncer.core.reading.checks import CHECKS_VERSION
from syncer.core.reading.records import Records
from syncer.core.reading.rows import ReadRow, same_cells

Finding = tuple[str, str, tuple[tuple[str, str], ...]]
"""What is to be said of one cell, whatever stands elsewhere: code, column code, facts."""

Known = Callable[[str], frozenset[str] | None]
"""What a place (``"活动台账.活动编号"``) holds, folded; ``None`` where it is not at hand."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found when the rows of a sheet were last judged. Of use as long as the ledger holds these very rows."""

    places: tuple[tuple[str, int], ...]  # id and worksheet row of each of them, in order
    terms: str  # `terms_of` what they were judged by
    problems: tuple[Problem, ...] = ()
    lookups: Mapping[str, str] = field(default_factory=dict)  # place on another sheet → digest of what was found there
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # place on this sheet → what was found there
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)  # row id → what its cells alone came to
    reading: Reading | None = None  # when its worksheet was read last, against the version that is the base still


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a worksheet came to that was at rest."""

    table: str  # its digest
    terms: str  # `terms_of` reading it
    problems: tuple[Problem, ...]
    lost: tuple[Problem, ...]  # of the unit's own columns that are there no more
    filled: int  # rows with something of the unit's own
    columns: Mapping[str, int]  # where the columns stand in it


def stands(read: Records, base: Sequence[ReadRow]) -> bool:
    """Whether the rows as read are the rows of the last version, cell for cell and line for line.

    Rows whose identity was a matter of judgement last time (contents moved past the ids, copies, cells under merges) are
    looked at again.
    """
    return (
        len(read.rows) == len(base)
        and not read.under
        and all(
            row.row == old.row
            and row.id == (old.id if old.carried is None else old.carried)
            and old.carried in {None, "", old.id}
            and not old.lent
            and same_cells(row.raw, old.raw)
            and same_cells(row.extra, old.extra)
            for row, old in zip(read.rows, base, strict=True)
        )
    )


def as_before(rows: Sequence[ReadRow], base: Sequence[ReadRow]) -> list[ReadRow]:
    """Returns rows that stand with the ids they had, as `identify` would: one without an id is known by its content."""
    return [
        row if row.id else replace(row, id=old.id, matched="key", carried="")
        for row, old in zip(rows, base, strict=True)
    ]


def is_at_rest(rows: Sequence[ReadRow], judged: Judged | None, *, waits: bool) -> bool:
    """Whether rows that stand are all that the ledger holds of their sheet, in this order and on these lines.

    ``waits``: something of the sheet is asked, held back or braked; then nothing can be said without looking.
    """
    return judged is not None and not waits and judged.places == tuple((row.id, row.row) for row in rows)


def is_as_read(table: str, terms: str, judged: Judged | None, *, waits: bool) -> bool:
    """Whether a worksheet (its digest) is the one that was at rest when it was read last, and nothing of it waits now."""
    reading = judged.reading if judged else None
    return bool(table) and not waits and reading is not None and (reading.table, reading.terms) == (table, terms)


def reading_terms(ledger: Ledger, sheet: Sheet, file: str, table: str) -> str:
    """Returns a digest of all that a worksheet is read by: checks, settings, names."""
    return _digest(CHECKS_VERSION, ledger.version, repr(sheet), file, table)


def terms_of(ledger: Ledger, sheet: Sheet, file: str, table: str, columns: Mapping[str, int]) -> str:
    """Returns a digest of all that rows of a sheet are judged by, but for what other sheets hold: checks, settings, places."""
    return _digest(CHECKS_VERSION, ledger.version, sheet.code, file, table, *sorted(columns.items()))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def holds(judged: Judged, terms: str, known: Known) -> bool:
    """Whether what was said of rows at rest is what would be said now: same terms, and the same found on other sheets."""
    return judged.terms == terms and all(digest_of(known(place)) == found for place, found in judged.lookups.items())


def digest_of(found: frozenset[str] | None) -> str:
    """Returns a short digest of what a place holds; ``""`` where it is not at hand."""
    if found is None:
        return ""
    return hashlib.sha256("\x1f".join(sorted(found)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
