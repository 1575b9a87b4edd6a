"""A newer 台账设置 without what takes something away, as long as the coordinator has not agreed to that."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from functools import reduce
from typing import TypeVar

from syncer.core.model import Choice, Column, Ledger, Sheet, SheetKind, Status, Task
from syncer.core.template.facts import TemplateChange
from syncer.core.template.schema import TASKS, UNITS
from syncer.core.values import fold

T = TypeVar("T")
Former = Mapping[str, Mapping[str, Sequence[str]]]
"""Sheet code → column code (``""``: the sheet itself) → the names it had: workbooks already out still use them."""

_ITSELF = ""


def held_back(old: Ledger, new: Ledger, changes: Iterable[TemplateChange]) -> Ledger:
    """Returns ``new`` with these of its changes undone: what ``old`` had there stands as before, all else is as ``new`` says.

    ``version`` is the digest that compiling would give it: equal content, equal version. Without changes it is ``new``.
    """
    ordered = sorted(changes, key=lambda change: _ORDER.index(change.kind) if change.kind in _ORDER else -1)
    if not ordered:
        return new
    ledger = reduce(lambda so_far, change: _UNDO.get(change.kind, _as_is)(old, so_far, change.place), ordered, new)
    ledger = replace(ledger, tasks=tuple(_counted_as_before(old, ledger, task) for task in ledger.tasks))
    return replace(ledger, version=digest_of(ledger))


def digest_of(ledger: Ledger) -> str:
    """Returns the digest of a ledger's content, as `syncer.core.template.schema.compile_ledger` makes its version."""
    content = tuple(getattr(ledger, f.name) for f in fields(ledger) if f.name != "version")
    return hashlib.sha256(repr(content).encode()).hexdigest()[:12]


def _as_is(_old: Ledger, ledger: Ledger, _place: tuple[str, ...]) -> Ledger:
    return ledger


def _back(old: Sequence[T], new: Sequence[T], wanted: Hashable, key: Callable[[T], Hashable]) -> tuple[T, ...]:
    """Puts one entry of ``old`` back in, behind its nearest predecessor that is still there."""
    keys = [key(entry) for entry in old]
    if wanted not in keys or wanted in map(key, new):
        return tuple(new)
    at = keys.index(wanted)
    there = [key(entry) for entry in new]
    behind = next((there.index(k) + 1 for k in reversed(keys[:at]) if k in there), 0)
    return (*new[:behind], old[at], *new[behind:])


def _with_sheet(ledger: Ledger, sheet: Sheet) -> Ledger:
    return replace(ledger, sheets=tuple(sheet if s.code == sheet.code else s for s in ledger.sheets))


def _with_options(ledger: Ledger, name: str, choices: tuple[Choice, ...]) -> Ledger:
    lists = dict(ledger.options)
    lists[name] = choices
    return replace(ledger, options=tuple(lists.items()))


# ---- how each kind of change is undone: (old, ledger so far, place) → ledger


def _sheet_back(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    (code,) = place
    sheets = _back(old.sheets, ledger.sheets, code, lambda s: s.code)
    rules = (*ledger.rules, *(rule for rule in old.rules if rule.sheet == code))
    ledger = replace(ledger, sheets=sheets, rules=rules)
    sheet = ledger.sheet(code)
    return reduce(lambda so_far, c: _list_back(old, so_far, c.options), sheet.columns if sheet else (), ledger)


def _list_back(old: Ledger, ledger: Ledger, name: str) -> Ledger:
    """An option list that a restored column goes by, where the newer settings have none of this name."""
    if not name or name in dict(ledger.options):
        return ledger
    return _with_options(ledger, name, old.choices(name))


def _sheet_as_it_was(*names: str) -> Callable[[Ledger, Ledger, tuple[str, ...]], Ledger]:
    def undo(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
        was, sheet = old.sheet(place[0]), ledger.sheet(place[0])
        if was is None or sheet is None:
            return ledger
        return _with_sheet(ledger, replace(sheet, **{name: getattr(was, name) for name in names}))

    return undo


def _audience_back(_old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    sheet = ledger.sheet(place[0])
    if sheet is None:
        return ledger
    wanted = {*sheet.audience, place[1]}
    return _with_sheet(ledger, replace(sheet, audience=tuple(u.code for u in ledger.units if u.code in wanted)))


def _column_back(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    """The column in its old place; a new one of the same name waits with it, or nobody could tell them apart."""
    was, sheet = old.sheet(place[0]), ledger.sheet(place[0])
    column = was.column(place[1]) if was else None
    if was is None or sheet is None or column is None:
        return ledger
    others = [c for c in sheet.columns if fold(c.name) != fold(column.name)]
    columns = _back(was.columns, others, column.code, lambda c: c.code)
    retired = tuple(c for c in sheet.retired if c.code != column.code)
    ledger = _with_sheet(ledger, replace(sheet, columns=columns, retired=retired))
    return _list_back(old, ledger, column.options)


def _column_as_it_was(*names: str) -> Callable[[Ledger, Ledger, tuple[str, ...]], Ledger]:
    def undo(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
        was, sheet = old.sheet(place[0]), ledger.sheet(place[0])
        column = was.column(place[1]) if was else None
        if sheet is None or column is None:
            return ledger
        kept = {name: getattr(column, name) for name in names}
        columns = tuple(replace(c, **kept) if c.code == column.code else c for c in sheet.columns)
        ledger = _with_sheet(ledger, replace(sheet, columns=columns))
        return _list_back(old, ledger, column.options) if "options" in names else ledger

    return undo


def _key_back(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    """A column that was not there before was no key either."""
    was, sheet = old.sheet(place[0]), ledger.sheet(place[0])
    if sheet is None:
        return ledger
    column = was.column(place[1]) if was else None
    key = bool(column and column.key)
    columns = tuple(replace(c, key=key) if c.code == place[1] else c for c in sheet.columns)
    return _with_sheet(ledger, replace(sheet, columns=columns))


def _choice_back(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    name, text = place
    return _with_options(ledger, name, _back(old.choices(name), ledger.choices(name), text, lambda c: c.text))


def _unit_back(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    """The unit with its sheets and its side of every task that is still there."""
    (code,) = place
    unit = old.unit(code)
    if unit is None:
        return ledger
    others = tuple(u for u in ledger.units if u.code != code)
    ledger = replace(
        ledger,
        units=_back(old.units, others, code, lambda u: u.code),
        former=tuple(u for u in ledger.former if u.code != code),
    )
    choices = tuple(c for c in ledger.choices(UNITS) if c.text != unit.short)
    ledger = _with_options(ledger, UNITS, _back(old.choices(UNITS), choices, unit.short, lambda c: c.text))
    for sheet in old.sheets:
        if code in sheet.audience:
            ledger = _audience_back(old, ledger, (sheet.code, code))
    for task in old.tasks:
        for role, units in ((SheetKind.TASKS, task.leads), (SheetKind.SUPPORT, task.supports)):
            if code in units:
                ledger = _task_unit_back(old, ledger, (task.id, code, role.value))
    return ledger


def _task_back(old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    task = old.task(place[0])
    if task is None:
        return ledger
    here = {u.code for u in ledger.units}
    kept = replace(
        task, leads=tuple(u for u in task.leads if u in here), supports=tuple(u for u in task.supports if u in here)
    )
    entries = tuple(kept if t.id == task.id else t for t in old.tasks)
    ledger = replace(ledger, tasks=_back(entries, ledger.tasks, task.id, lambda t: t.id))
    return _with_options(
        ledger, TASKS, _back(old.choices(TASKS), ledger.choices(TASKS), task.number, lambda choice: choice.text)
    )


def _task_unit_back(_old: Ledger, ledger: Ledger, place: tuple[str, ...]) -> Ledger:
    """The unit behind those that lead (or support) the task now: the first named still sets its status."""
    task_id, code, role = place
    tasks = []
    for task in ledger.tasks:
        leads, supports = task.leads, task.supports
        if task.id == task_id and role == SheetKind.TASKS.value:
            leads = (*(u for u in leads if u != code), code) if code not in leads else leads
            supports = tuple(u for u in supports if u not in leads)
        elif task.id == task_id and code not in (*leads, *supports):
            supports = (*supports, code)
        tasks.append(replace(task, leads=leads, supports=supports))
    return replace(ledger, tasks=tuple(tasks))


_UNDO: Mapping[str, Callable[[Ledger, Ledger, tuple[str, ...]], Ledger]] = {
    "unit-gone": _unit_back,
    "sheet-gone": _sheet_back,
    "sheet-name": _sheet_as_it_was("name"),
    "sheet-kind": _sheet_as_it_was("kind"),
    "sheet-unit-gone": _audience_back,
    "column-gone": _column_back,
    "column-type": _column_as_it_was("type", "options", "minimum", "maximum"),
    "column-owner": _column_as_it_was("owner"),
    "column-key": _key_back,
    "column-choices": _column_as_it_was("options"),
    "choice-gone": _choice_back,
    "task-gone": _task_back,
    "task-unit-gone": _task_unit_back,
}
_ORDER = tuple(_UNDO)  # the units and sheets first: what follows belongs to them


def _counted_as_before(old: Ledger, ledger: Ledger, task: Task) -> Task:
    """A task whose count source named what is held back counts as before."""
    was = old.task(task.id)
    if task.source is not None or was is None or was.source is None:
        return task
    sheet, per = ledger.sheet(was.source.sheet), was.source.per_sheet
    there = sheet is not None and (not was.source.column or sheet.column(was.source.column) is not None)
    return replace(task, source=was.source) if there and (not per or ledger.sheet(per)) else task


# ---- names of old


def remembered(former: Former, old: Ledger, new: Ledger) -> dict[str, dict[str, list[str]]]:
    """Adds the names that columns lose between two versions, and those of columns that are there no more."""
    names = {sheet: {column: list(known) for column, known in columns.items()} for sheet, columns in former.items()}
    for sheet in old.sheets:
        newer = new.sheet(sheet.code)
        now = {c.code: c.name for c in (*newer.columns, *newer.retired)} if newer else {}
        if newer and newer.name != sheet.name:
            names.setdefault(sheet.code, {}).setdefault(_ITSELF, []).append(sheet.name)
        for column in (*sheet.columns, *sheet.retired) if newer else ():
            known = names.setdefault(sheet.code, {}).setdefault(column.code, [])
            if now.get(column.code) != column.name and column.name not in known:
                known.append(column.name)
    return {
        sheet: kept for sheet, columns in names.items() if (kept := {c: known for c, known in columns.items() if known})
    }


def with_former_names(ledger: Ledger, former: Former) -> Ledger:
    """Lets sheets and columns be known by the names they had, as far as no other column has that name now.

    A column whose row was deleted from 栏目设置 counts as retired: in workbooks already out it is no column of the unit's own.
    The version stays: these names change how old workbooks are read, never what the ledger says.
    """
    return replace(ledger, sheets=tuple(_known_by_old_names(s, former.get(s.code, {})) for s in ledger.sheets))


def _known_by_old_names(sheet: Sheet, former: Mapping[str, Sequence[str]]) -> Sheet:
    if former.get(_ITSELF):
        sheet = replace(sheet, former_names=tuple(name for name in former[_ITSELF] if name != sheet.name))
    taken = {fold(name) for column in sheet.columns for name in (column.name, *column.aliases)}
    free = {code: tuple(n for n in names if fold(n) not in taken) for code, names in former.items() if code != _ITSELF}
    there: Collection[str] = {c.code for c in (*sheet.columns, *sheet.retired)}
    deleted = tuple(
        Column(code, names[0], aliases=names[1:], status=Status.RETIRED)
        for code, names in free.items()
        if names and code not in there
    )
    if not any(free.values()):
        return sheet
    return replace(
        sheet,
        columns=tuple(replace(c, aliases=(*c.aliases, *free.get(c.code, ()))) for c in sheet.columns),
        retired=(*sheet.retired, *deleted),
    )
