"""The rows of a worksheet as read: what a person calls them, and whose their cells are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncer.core.model import Owner, Sheet
from syncer.core.texts import line_text
from syncer.core.values import Scalar, fold, same, show


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row with content as read: raw values by column code (blanks left out), and the unit's own extra columns."""

    id: str  # "" when the row carries none
    row: int  # 1-based row in the worksheet
    raw: Mapping[str, Scalar]
    extra: Mapping[str, Scalar] = field(default_factory=dict)
    matched: str = "id"  # how identity was found: id, plan, key, likeness, content (ids left behind by a sort), new
    sure: float = 1.0  # how sure that is, 0 to 1
    origin: str = ""  # the id of the row it was moved or copied from, where that is another sheet's or unit's
    carried: str | None = None  # the id in the worksheet, another than ``id`` in a copied row; None: not known
    lent: frozenset[str] = frozenset()  # codes of cells under merges that are not the unit's to fill
    shown: Mapping[str, Scalar] = field(default_factory=dict)  # what its line shows where another content is its own

    def __reduce__(self) -> tuple[object, ...]:
        """Packs it for another process: as a dataclass does by itself, in a fraction of the time."""
        how = self.matched, self.sure, self.origin, self.carried, self.lent, self.shown
        return ReadRow, (self.id, self.row, self.raw, self.extra, *how)

    def cells(self) -> dict[str, Scalar]:
        """Returns all that stands in it, by column code; in the unit's own columns by ``+name``."""
        return {**self.raw, **{f"+{name}": value for name, value in self.extra.items()}}

    def line(self) -> dict[str, Scalar]:
        """Returns what stands in its line of the worksheet, as `cells` does; blanks left out."""
        return {code: value for code, value in {**self.cells(), **self.shown}.items() if value is not None}

    def filled(self, codes: frozenset[str]) -> bool:
        """Whether one of these columns, or an extra one, holds something."""
        return bool(self.extra) or any(code in self.raw for code in codes)


def split(cells: Mapping[str, Scalar]) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
    """Undoes `ReadRow.cells`: what stands in columns of ours, and by its name in the unit's own."""
    raw = {code: value for code, value in cells.items() if not code.startswith("+")}
    return raw, {code[1:]: value for code, value in cells.items() if code.startswith("+")}


def same_cells(cells: Mapping[str, Scalar], others: Mapping[str, Scalar]) -> bool:
    """Whether two rows hold the same, types included: a ``1`` is no ``True``, and not written like ``1.0``."""
    return cells == others and all(value.__class__ is others[name].__class__ for name, value in cells.items())


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


def own_names(rows: Iterable[ReadRow]) -> frozenset[str]:
    """Returns the names of the columns that these rows have as the unit's own."""
    return frozenset(name for row in rows for name in row.extra)


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


def likeness(one: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> float:
    """Returns the share of equal cells among those filled in either row, 0 to 1; two blank rows are not alike."""
    codes = one.keys() | other.keys()
    if not codes:
        return 0.0
    return sum(1 for c in codes if c in one and c in other and same(one[c], other[c])) / len(codes)


def key_columns(sheet: Sheet) -> list[str]:
    """The codes of the columns that name a row; in a plan sheet at least the task number."""
    return [c.code for c in sheet.columns if c.key] or (["no"] if sheet.from_plan and sheet.column("no") else [])


def key_of(sheet: Sheet, row: ReadRow) -> str | None:
    """Returns a row's key as it is compared, ``None`` where a key column is blank or the sheet has none.

    Width, spaces, number or text do not matter: ``７``, ``"7"`` and ``7.0`` are one key, a date equals its text 2026-03-05.
    """
    parts = [fold(show(row.raw.get(code))) for code in key_columns(sheet)]
    return "\n".join(parts) if parts and all(parts) else None


def row_key(sheet: Sheet, raw: Mapping[str, Scalar], row_id: str) -> str:
    """Returns what a person calls the row: its task number, else its key columns, else its first filled cells."""
    if sheet.from_plan and raw.get("no") is not None:
        return line_text(show(raw["no"]))
    codes = [c.code for c in sheet.columns if c.key and c.code in raw]
    codes = codes or [c.code for c in sheet.columns if c.owner is not Owner.SYSTEM and c.code in raw][:2]
    return line_text(" ".join(show(raw[code])[:20] for code in codes)) or row_id
