"""Where a foreign column's content may go: a column of ours, what divides the rows by unit, the plan, or nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from syncer.core.adopting.vocabulary import (
    LEAD_NAMES,
    PLAN_NAMES,
    SERIAL_NAMES,
    SUPPORT_NAMES,
    column_key,
    facet,
    synonyms,
)
from syncer.core.model import Column, ColumnType, Owner, Sheet
from syncer.core.values import fold


class Use(StrEnum):
    """What is done with a foreign column's content."""

    OWN = "own"  # typed into a column of the unit's workbook
    LEAD = "lead"  # says whose a row is
    SUPPORT = "support"  # says who helps
    PLAN = "plan"  # what only 任务分解 holds
    SYSTEM = "system"  # the system makes it itself: not taken over
    COORDINATOR = "coordinator"  # only the coordinator fills it: not taken over
    SERIAL = "serial"  # row numbers: not taken over
    EXTRA = "extra"  # kept as a column of the unit's own
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Target:
    """One place where a column may go. ``label`` is what the proposal book calls it, unique within a sheet."""

    label: str
    use: Use
    code: str = ""  # of a column of ours, or a field of `Task`
    column: Column | None = None
    names: tuple[str, ...] = ()  # header keys: the name itself first
    words: frozenset[str] = frozenset()  # what else it is called
    time: str = ""  # past, now, next: what it is about
    weight: float = 1.0  # of its scores


LEAD_LABEL, SUPPORT_LABEL = "（牵头或责任单位）", "（配合单位）"
EXTRA_LABEL, NOWHERE_LABEL, SERIAL_LABEL = "（保留为附加列）", "（不导入）", "（序号，不导入）"
SYSTEM_SIGN, COORDINATOR_SIGN = "（系统自动生成，不导入）", "（创建办填写，不导入）"
_BESIDE_OUR_OWN = 0.85  # a column of units is rather our own (主办, 责任单位) than one that only divides the rows

EXTRA, NOWHERE = Target(EXTRA_LABEL, Use.EXTRA), Target(NOWHERE_LABEL, Use.NOWHERE)


def targets_of(sheet: Sheet) -> tuple[Target, ...]:
    """Returns everything that a foreign column may be taken for in a sheet, but for `EXTRA` and `NOWHERE`."""
    targets = [_of_column(sheet, column) for column in sheet.columns]
    hosted = not sheet.from_plan and any(column.type is ColumnType.UNITS for column in sheet.columns)
    lead = _made(LEAD_LABEL, Use.LEAD, LEAD_NAMES)
    targets.append(replace(lead, weight=_BESIDE_OUR_OWN) if hosted else lead)
    if sheet.from_plan:
        targets.append(_made(SUPPORT_LABEL, Use.SUPPORT, SUPPORT_NAMES))
        held = {column.code for column in sheet.columns}
        targets += [
            _made(f"（任务分解：{name}）", Use.PLAN, (name,), code)
            for code, name in PLAN_NAMES.items()
            if code not in held
        ]
    targets.append(_made(SERIAL_LABEL, Use.SERIAL, SERIAL_NAMES))
    return tuple(targets)


def find_target(sheet: Sheet, label: str) -> Target | None:
    """Returns the target that a label of the proposal book names; spaces and width do not matter."""
    wanted = fold(label)
    everything: Iterable[Target] = (*targets_of(sheet), EXTRA, NOWHERE)
    return next((t for t in everything if wanted in {fold(t.label), fold(t.column.name if t.column else "")}), None)


def _of_column(sheet: Sheet, column: Column) -> Target:
    names = (column.name, *column.aliases)
    if column.owner is Owner.SYSTEM:
        return _made(f"{column.name}{SYSTEM_SIGN}", Use.SYSTEM, names, column.code, column)
    if column.owner is Owner.COORDINATOR and not sheet.from_plan:
        return _made(f"{column.name}{COORDINATOR_SIGN}", Use.COORDINATOR, names, column.code, column)
    return _made(column.name, Use.OWN, names, column.code, column)


def _made(label: str, use: Use, names: tuple[str, ...], code: str = "", column: Column | None = None) -> Target:
    keys = tuple(dict.fromkeys(column_key(name) for name in names))
    return Target(label, use, code, column, keys, synonyms(names), facet(names[0]))
