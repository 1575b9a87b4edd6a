"""What becomes of rows that do not simply live on: those that vanished, were deleted elsewhere, or double another's key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from syncer.core.model import Owner, Settings, Sheet
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import ReadRow, from_plan, is_foreign, key_of, row_key
from syncer.core.values import same, show

NOTHING: frozenset[str] = frozenset()


def is_there(sheet: Sheet, row: ReadRow) -> bool:
    """Whether a row still says something of the unit's own; an emptied one has vanished. A task's row always is there."""
    if from_plan(sheet, row.id) or row.extra:
        return True
    return any(c.code in row.raw and not is_foreign(sheet, row.id, c.owner) for c in sheet.columns)


def unchanged(sheet: Sheet, one: ReadRow, other: ReadRow, missing: frozenset[str] = NOTHING) -> bool:
    """Whether two states of a row agree in all that people type; what is in ``missing`` columns cannot be told."""
    codes = [c.code for c in sheet.columns if c.owner is not Owner.SYSTEM and c.code not in missing]
    names = [name for name in one.extra.keys() | other.extra.keys() if f"+{name}" not in missing]
    return all(same(one.raw.get(c), other.raw.get(c)) for c in codes) and all(
        same(one.extra.get(n), other.extra.get(n)) for n in names
    )


def out_of_sight(sheet: Sheet, row: ReadRow, missing: frozenset[str]) -> bool:
    """Whether all that the unit had typed into a row stood in columns that are missing now: the row itself may be there."""
    typed = {c.code for c in sheet.columns if c.code in row.raw and not is_foreign(sheet, row.id, c.owner)}
    typed |= {f"+{name}" for name in row.extra}
    return bool(typed) and typed <= missing


# ---- rows that vanished


@dataclass(frozen=True, slots=True)
class Vanished:
    """Row ids: ``withdrawn`` leave the ledger unasked, ``asked`` stay until somebody rules."""

    withdrawn: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


def vanished(
    sheet: Sheet,
    base: Mapping[str, ReadRow],
    current: Sequence[ReadRow],
    incoming: Collection[str],
    missing: frozenset[str],
    settings: Settings,
    lately: int,
    moved: Collection[str],
) -> Vanished:
    """Decides on the rows of the ledger that this workbook had (they are in ``base``) and has no more.

    ``incoming`` are the ids that are there, ``lately`` counts rows withdrawn in the last 24 hours, ``moved`` are the ids
    of rows that turned up on another sheet. A unit may take back a few rows of its own:
    max(``withdraw_rows``, ``withdraw_percent`` % of the sheet's rows) in 24 hours.
    """
    gone = [
        row
        for row in current
        if row.id in base and row.id not in incoming and not out_of_sight(sheet, base[row.id], missing)
    ]
    counted = [row for row in gone if not from_plan(sheet, row.id) and row.id not in moved]
    allowed = max(settings.withdraw_rows, len(current) * settings.withdraw_percent / 100) - lately
    withdrawn: list[str] = []
    asked: list[str] = []
    for row in gone:
        # A task is the plan's, not the unit's to take back.
        stays = from_plan(sheet, row.id)
        # Too many at once: none of them goes.
        stays = stays or (row.id not in moved and len(counted) > allowed)
        # Deleted here and edited elsewhere: the edit is not lost with the row.
        stays = stays or not unchanged(sheet, base[row.id], row)
        (asked if stays else withdrawn).append(row.id)
    return Vanished(tuple(withdrawn), tuple(asked))


# ---- second rows of one key


@dataclass(frozen=True, slots=True)
class Doubled:
    """A row that waits, and the row of the same key that goes on."""

    row: ReadRow
    by: ReadRow


def hold_back(
    sheet: Sheet, rows: Sequence[ReadRow], known: Collection[str]
) -> tuple[list[ReadRow], tuple[Doubled, ...]]:
    """Splits rows into those that go on and second rows of one key.

    A row that the ledger knows (its id is in ``known``) always goes on; of new ones the topmost in the worksheet.
    """
    keys = {row.id: key_of(sheet, row) for row in rows}
    holders: dict[str, ReadRow] = {}
    for row in sorted(rows, key=lambda row: (row.id not in known, row.row)):
        if key := keys[row.id]:
            holders.setdefault(key, row)
    going_on: list[ReadRow] = []
    doubled: list[Doubled] = []
    for row in rows:
        holder = holders.get(keys[row.id] or "", row)
        if holder is row or row.id in known:
            going_on.append(row)
        else:
            doubled.append(Doubled(row, holder))
    return going_on, tuple(doubled)


def doubled_problems(
    sheet: Sheet, doubled: Sequence[Doubled], place: Place, columns: Mapping[str, int]
) -> list[Problem]:
    """Tells both places of a key that stands twice: KEY-001 at the row that waits, KEY-002 at the one that goes on."""
    keys = [c for c in sheet.columns if c.key]
    name = "、".join(c.name for c in keys)
    at = columns.get(keys[0].code, 0) if keys else 0
    problems: list[Problem] = []
    for pair in doubled:
        for code, here, there in (("KEY-001", pair.row, pair.by), ("KEY-002", pair.by, pair.row)):
            found = " ".join(show(here.raw.get(c.code)) for c in keys)
            facts = (("other", f"第{there.row}行"),)
            where = replace(place, row=here.row, column=at)
            problems.append(Problem(code, where, row_key(sheet, here.raw, here.id), name, found, facts))
    return problems
