"""Which row is which: rows of one sheet as read, and the identity each of them keeps. Coordinates are never identity."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.headers import HeaderMatch
from syncer.core.model import Owner, Sheet, Table
from syncer.core.problems import Place, Problem
from syncer.core.values import Scalar, fold, same, show

LIKENESS = 0.9  # share of equal filled cells from which an id-less row is taken for a vanished one
SAME_ROW = 0.5  # share from which an id-less row is taken for one that was id-less before, edited (said in a note)
_TAIL = re.compile(r"^(合计|小计|总计|填报人|填表人|审核人|制表人|负责人签字|备注[:：]|说明[:：])")


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row with content as read: raw values by column code (blanks left out), and the unit's own extra columns."""

    id: str  # "" when the row carries none
    row: int  # 1-based row in the worksheet
    raw: Mapping[str, Scalar]
    extra: Mapping[str, Scalar] = field(default_factory=dict)
    matched: str = "id"  # how identity was found: id, key, likeness, content (ids left behind by a sort), new
    sure: float = 1.0  # how sure that is, 0 to 1
    origin: str = ""  # the id of the row it was moved or copied from, where that is another sheet's or unit's
    carried: str | None = None  # the id in the worksheet, another than ``id`` in a copied row; None: not known

    def filled(self, codes: frozenset[str]) -> bool:
        """Whether one of these columns, or an extra one, holds something."""
        return bool(self.extra) or any(code in self.raw for code in codes)


def own_columns(sheet: Sheet) -> frozenset[str]:
    """Returns the codes of the columns that are the unit's to fill."""
    return frozenset(c.code for c in sheet.columns if c.owner is Owner.UNIT)


def typed_by_unit(sheet: Sheet, row: ReadRow) -> bool:
    """Whether the unit has typed anything into a row: a default that was handed out is nobody's word."""
    return bool(row.extra) or any(
        c.code in row.raw and not (c.default is not None and same(c.default, row.raw[c.code]))
        for c in sheet.columns
        if c.owner is Owner.UNIT
    )


def from_plan(sheet: Sheet, row_id: str) -> bool:
    """Whether a row was handed out from 任务分解 (and not added by the unit)."""
    return sheet.from_plan and row_id.startswith("T")


def is_foreign(sheet: Sheet, row_id: str, owner: Owner) -> bool:
    """Whether a column of this owner is not the unit's to fill in this row: ownership is column × kind of row.

    A unit's own sub-task in a plan sheet is all its own, but for the system's columns.
    """
    if owner is Owner.SYSTEM:
        return True
    return owner is Owner.COORDINATOR and (not sheet.from_plan or from_plan(sheet, row_id))


def read_rows(table: Table, match: HeaderMatch, sheet: Sheet) -> list[ReadRow]:
    """Returns the rows that hold something, gaps of any length read through.

    A reserved row (an id and nothing typed) is left out; a row from the plan never is. A row without an id whose
    first words are those of a total or a signature line (合计, 填报人 …) is no record.
    """
    typed = (
        own_columns(sheet)
        if not sheet.from_plan
        else frozenset(c.code for c in sheet.columns if c.owner is not Owner.SYSTEM)
    )
    rows: list[ReadRow] = []
    for number in range(match.row + 1, len(table.rows) + 1):
        raw = {code: cell for code, at in match.columns.items() if (cell := table.cell(number, at)) is not None}
        extra = {name: cell for name, at in match.extra if (cell := table.cell(number, at)) is not None}
        row_id = show(table.cell(number, match.id_column)).strip() if match.id_column else ""
        row = ReadRow(row_id, number, raw, extra, carried=row_id)
        if from_plan(sheet, row_id) or (row.filled(typed) and not (not row_id and _is_tail(table, number))):
            rows.append(row)
    return rows


def _is_tail(table: Table, number: int) -> bool:
    first = next((cell for cell in table.rows[number - 1] if cell is not None), None)
    return isinstance(first, str) and bool(_TAIL.match(fold(first)))


def identify(
    incoming: Sequence[ReadRow],
    base: Sequence[ReadRow],
    sheet: Sheet,
    new_ids: Sequence[str],
    place: Place,
    task_ids: Mapping[str, str],
    unit: str,  # noqa: ARG001 - ids of other units are told from its own by it
) -> tuple[list[ReadRow], list[Problem]]:
    """Gives every row of a unit's (its code) sheet its id.

    In this order: the id it carries (of several rows with one id the one nearest to base keeps it — the others are
    copies, 复制行→插入); a task number (``task_ids``: folded number → task id); equal key columns with a row
    that vanished; of the vanished rows that carried the same id (or none) when they were read last, the one most like
    it; likeness of at least 0.9 to exactly one vanished row (ROW-001, a note); else it is new and takes the next of
    ``new_ids``.
    """
    base_by_id = {row.id: row for row in base}
    keeper = _keepers(incoming, base_by_id)
    taken = {incoming[at].id for at in keeper}
    vanished = {row.id: row for row in base if row.id not in taken}
    carried = {row.id for row in incoming}
    fresh = (new_id for new_id in new_ids if new_id not in carried and new_id not in base_by_id)
    result: list[ReadRow] = []
    problems: list[Problem] = []
    for at, row in enumerate(incoming):
        if at in keeper:
            result.append(row)
            continue
        found, how = _find_home(row, sheet, vanished, task_ids, taken)
        if found:
            vanished.pop(found, None)
            if how == "likeness":
                where = replace(place, row=row.row, column=1)
                problems.append(Problem("ROW-001", where, row_key=row_key(sheet, row.raw, row.id)))
        else:
            found, how = next(fresh), "new"
        taken.add(found)
        result.append(replace(row, id=found, matched=how))
    return result, problems


def _keepers(incoming: Sequence[ReadRow], base: Mapping[str, ReadRow]) -> set[int]:
    """Positions of the rows that keep the id they carry: one for each id, the nearest to base, else the first."""
    best: dict[str, tuple[float, int]] = {}
    for at, row in enumerate(incoming):
        if row.id:
            score = likeness(row.raw, base[row.id].raw) if row.id in base else 0.0
            if row.id not in best or score > best[row.id][0]:
                best[row.id] = (score, at)
    return {at for _, at in best.values()}


def _find_home(
    row: ReadRow, sheet: Sheet, vanished: Mapping[str, ReadRow], task_ids: Mapping[str, str], taken: set[str]
) -> tuple[str, str]:
    if sheet.from_plan and (number := row.raw.get("no")) is not None:
        task_id = task_ids.get(fold(show(number)))
        if task_id and task_id not in taken:
            return task_id, "key"
    again = [old for old in vanished.values() if old.carried == row.id and old.id != row.id]
    known = max(again, key=lambda old: likeness(row.raw, old.raw), default=None)
    alike_now = likeness(row.raw, known.raw) if known else 0.0
    if known and (row.id or alike_now >= SAME_ROW):  # the same copied id says more than likeness
        return known.id, "key" if row.id or alike_now >= LIKENESS else "likeness"
    if row.id:  # a copy seen for the first time: an equal key is no evidence
        return "", ""
    keys = [c.code for c in sheet.columns if c.key]
    if keys and all(code in row.raw for code in keys):
        wanted = [fold(show(row.raw[code])) for code in keys]
        homes = [i for i, old in vanished.items() if [fold(show(old.raw.get(code))) for code in keys] == wanted]
        if len(homes) == 1:
            return homes[0], "key"
    alike = [i for i, old in vanished.items() if likeness(row.raw, old.raw) >= LIKENESS]
    if len(alike) == 1:
        return alike[0], "likeness" if not _equal(row.raw, vanished[alike[0]].raw) else "key"
    return "", ""


def likeness(one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> float:
    """Returns the share of equal cells among those filled in either row, 0 to 1; two blank rows are not alike."""
    codes = one.keys() | other.keys()
    if not codes:
        return 0.0
    return sum(1 for c in codes if c in one and c in other and same(one[c], other[c])) / len(codes)


def _equal(one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> bool:
    return one.keys() == other.keys() and all(same(one[c], other[c]) for c in one)


def row_key(sheet: Sheet, raw: Mapping[str, Scalar], row_id: str) -> str:
    """Returns what a person calls the row: its task number, else its key columns, else its first filled cells."""
    if sheet.from_plan and raw.get("no") is not None:
        return show(raw["no"])
    codes = [c.code for c in sheet.columns if c.key and c.code in raw]
    codes = codes or [c.code for c in sheet.columns if c.owner is not Owner.SYSTEM and c.code in raw][:2]
    return " ".join(show(raw[code])[:20] for code in codes) or row_id
