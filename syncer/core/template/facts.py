"""One difference between two versions of 台账设置, in words, and how much of what people filled in it is about."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from syncer.core.model import Column, Ledger, Owner, Row, Sheet, Status
from syncer.core.template.plan import split_list
from syncer.core.values import Scalar, fold, same, show

Words = tuple[str, str]  # Chinese, English

NOTHING_TYPED: Words = ("没有人填过，立即生效", "nobody has filled it in; in force at once")


@dataclass(frozen=True, slots=True)
class InUse:
    """How many rows hold what people filled in, so that it is known what a change would take away."""

    cells: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (sheet code, column code) → rows
    values: Mapping[tuple[str, str, str], int] = field(default_factory=dict)  # (…, folded content) → rows
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (sheet code, unit code) → rows
    reports: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)  # (sheet code, row id) → units


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """One difference between two versions of 台账设置."""

    id: str  # of the difference itself: equal as long as it stands, whatever has been filled in meanwhile
    kind: str  # column-gone, choice-gone …
    place: tuple[str, ...]  # codes: (sheet, column), (option list, choice), (task, unit) …
    what: str  # as a person calls it: "活动台账›地点"
    zh: str
    en: str
    takes_away: bool = False
    effect: str = ""  # what it does to what people have filled in
    effect_en: str = ""


def count_use(ledger: Ledger, rows: Iterable[Row]) -> InUse:
    """Counts what was filled in: by the units, and by the coordinator in records; a default that stands is not."""
    cells, values, filled = Counter[tuple[str, str]](), Counter[tuple[str, str, str]](), Counter[tuple[str, str]]()
    reports: dict[tuple[str, str], set[str]] = {}
    kept = {sheet.code: _people_fill(sheet) for sheet in ledger.sheets}
    for row in rows:
        columns = kept.get(row.sheet, {})
        typed = {code for code, column in columns.items() if _typed(row.get(code), column.default)}
        cells.update((row.sheet, code) for code in typed)
        for code in columns:
            if (value := row.get(code)) is not None:
                values.update(
                    (row.sheet, code, text) for text in {fold(show(value)), *map(fold, split_list(show(value)))}
                )
        if typed or row.extra:
            filled[row.sheet, row.unit] += 1
            reports.setdefault((row.sheet, row.id), set()).add(row.unit)
    return InUse(cells, values, filled, {key: frozenset(units) for key, units in reports.items()})


def _people_fill(sheet: Sheet) -> dict[str, Column]:
    by_hand = {Owner.UNIT} if sheet.from_plan else {Owner.UNIT, Owner.COORDINATOR}
    return {c.code: c for c in sheet.columns if c.owner in by_hand}


def _typed(value: Scalar, default: Scalar) -> bool:
    return value is not None and not same(value, default)


def change(
    kind: str,
    place: Sequence[str],
    what: str,
    words: Words,
    loss: Words | None = None,
    told: Words = ("", ""),
    to: str = "",
) -> TemplateChange:
    """Makes a change; ``loss`` says what it takes away, ``told`` what else is worth saying of its effect.

    Its id rests on kind, place and ``to`` (what it becomes), never on words or counts: what is held back is known by it again.
    """
    made = hashlib.sha256("\x1f".join((kind, *place, to)).encode()).hexdigest()[:8]
    return TemplateChange(made, kind, tuple(place), what, *words, loss is not None, *(loss or told))


def differences(old: object, new: object, names: Mapping[str, Words]) -> Words | None:
    """``"必填：否→是；最大：100→200"``; ``None`` where all of these are equal."""
    found = [
        (words, getattr(old, n), getattr(new, n)) for n, words in names.items() if getattr(old, n) != getattr(new, n)
    ]
    if not found:
        return None
    return (
        "；".join(f"{words[0]}：{_said(a) or '（空）'}→{_said(b) or '（空）'}" for words, a, b in found),
        "; ".join(f"{words[1]}: {_said(a) or '(blank)'} → {_said(b) or '(blank)'}" for words, a, b in found),
    )


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(str(part) for part in value)
    if isinstance(value, Status):
        return value.value
    return show(value)  # type: ignore[arg-type]


def rows_of(sheet: str, use: InUse) -> int:
    """Returns how many rows of a sheet somebody filled in."""
    return sum(count for (code, _), count in use.rows.items() if code == sheet)
