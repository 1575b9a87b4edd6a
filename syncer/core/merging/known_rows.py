"""The rows that the ledger knows, and which of the rows just read they are. Pure; comes before the merge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from syncer.core.delivery.handout import handed_out
from syncer.core.merging.identity import SAME_ROW
from syncer.core.model import Ledger, Owner, Sheet
from syncer.core.reading.rows import ReadRow, from_plan, key_of, likeness
from syncer.core.template.overrides import plan_header


def as_planned(
    ledger: Ledger, sheet: Sheet, unit: str, current: Sequence[ReadRow], incoming: Collection[str]
) -> tuple[ReadRow, ...]:
    """Returns the current rows with the coordinator's cells of tasks as 台账设置 says now.

    So a proposal is compared with today's plan, and a workbook that still says what the plan used to say proposes
    nothing. A task whose row is among ``incoming`` (ids) and not yet in the ledger gets its planned cells too.
    """
    if not sheet.from_plan:
        return tuple(current)
    fed = {c.code for c in sheet.columns if c.owner is Owner.COORDINATOR and plan_header(c.code)}
    planned = {
        row.id: {code: cell for code, cell in row.raw.items() if code in fed} for row in handed_out(ledger, sheet, unit)
    }
    rows = [
        replace(row, raw={**planned[row.id], **{c: v for c, v in row.raw.items() if c not in fed}})
        if row.id in planned
        else row
        for row in current
    ]
    here = {row.id for row in current}
    rows += [ReadRow(i, 0, cells, matched="plan") for i, cells in planned.items() if i in incoming and i not in here]
    return tuple(rows)


def recognised(
    sheet: Sheet,
    rows: Sequence[ReadRow],
    base: Sequence[ReadRow],
    current: Sequence[ReadRow],
    held: Collection[str],
    new_ids: Iterable[str],
    gone: Mapping[str, ReadRow],
) -> list[ReadRow]:
    """Returns rows that are new to this workbook's base with the ids by which the ledger knows them, the others as they are.

    The ids of reserved rows are printed alike in every copy of a workbook. So an id alone does not say that two copies
    speak of one thing, and one thing may have been typed under two ids:

    - an id that the ledger knows for a plainly different record (another key, and few cells alike), now or before it was
      taken out (``gone``: an older copy may still speak of that one), or that waits as a second row of one key, makes a new
      record with the next of ``new_ids``;
    - an id new to the ledger, on a row whose key is that of exactly one row of the ledger that is not in this workbook
      (added in a copy, or deleted and typed again), is that row.
    """
    based, ids = {row.id for row in base}, {row.id for row in rows}
    known = {row.id: row for row in current}
    absent = _by_key(sheet, [row for row in current if row.id not in ids])
    taken = based | ids | known.keys() | set(held)
    fresh = (new_id for new_id in new_ids if new_id not in taken)
    result: list[ReadRow] = []
    for row in rows:
        found, how = row.id, row.matched
        if (row.id in based and row.id not in held) or from_plan(sheet, row.id):
            pass
        elif row.id not in based and (row.id in held or _is_anothers(sheet, row, known, gone)):
            found, how = next(fresh), "new"
        elif row.id not in known and (home := absent.pop(key_of(sheet, row) or "", None)):
            found, how = home, "key"
        result.append(row if found == row.id else replace(row, id=found, matched=how))
    return result


def _is_anothers(sheet: Sheet, row: ReadRow, known: Mapping[str, ReadRow], gone: Mapping[str, ReadRow]) -> bool:
    """Whether the id of a row is that of a plainly different record."""
    meant = known.get(row.id) or gone.get(row.id)
    return meant is not None and another(sheet, row, meant)


def _by_key(sheet: Sheet, rows: Sequence[ReadRow]) -> dict[str, str]:
    """Row ids by key, those keys only that are one row's."""
    ids: dict[str, list[str]] = {}
    for row in rows:
        if key := key_of(sheet, row):
            ids.setdefault(key, []).append(row.id)
    return {key: found[0] for key, found in ids.items() if len(found) == 1}


def another(sheet: Sheet, row: ReadRow, known: ReadRow) -> bool:
    """Whether two rows under one id are plainly different records: another key, and few cells alike."""
    key = key_of(sheet, row)
    same_key = key is not None and key == key_of(sheet, known)
    return not same_key and likeness(row.raw, known.raw) < SAME_ROW
