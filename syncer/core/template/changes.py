"""What a changed 台账设置 changes, in words, and which of it takes something away that people have filled in.

Additive changes hold at once. What takes something away waits for the coordinator (`syncer.core.template.held`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from syncer.core.model import Choice, Column, Ledger, Owner, Sheet
from syncer.core.template.facts import (
    NOTHING_TYPED,
    InUse,
    TemplateChange,
    Words,
    change,
    differences,
    rows_of,
    unit_name,
)
from syncer.core.template.plan_changes import other_changes, task_changes, unit_changes
from syncer.core.template.schema import ROSTER_OPTIONS
from syncer.core.values import fold

_COLUMN_FACTS: Mapping[str, Words] = {
    "group": ("列组", "group"),
    "aliases": ("别名", "aliases"),
    "required": ("必填", "required"),
    "required_when": ("何时必填", "required when"),
    "options": ("选项", "choices"),
    "minimum": ("最小", "minimum"),
    "maximum": ("最大", "maximum"),
    "form": ("格式", "form"),
    "measure": ("计量单位", "measure"),
    "default": ("默认值", "default"),
    "hint": ("填写提示", "hint"),
    "status": ("状态", "status"),
}
_SHEET_FACTS: Mapping[str, Words] = {
    "start": ("开始", "start"),
    "due": ("截止", "due"),
    "reserved_rows": ("预留行数", "reserved rows"),
    "prefix": ("编号前缀", "id prefix"),
    "period": ("周期", "period"),
}


def compare(old: Ledger, new: Ledger, in_use: InUse) -> tuple[TemplateChange, ...]:
    """Lists every difference between the ledger in force and a newer one, settings sheet by settings sheet.

    A column, sheet, unit or task is the same one as long as its code (a task: its row id) is.
    """
    return (
        *_sheets(old, new, in_use),
        *(change for sheet, newer in _pairs(old, new) for change in _columns(old, new, sheet, newer, in_use)),
        *_choices(old, new, in_use),
        *unit_changes(old, new, in_use),
        *task_changes(old, new, in_use),
        *other_changes(old, new),
    )


def _pairs(old: Ledger, new: Ledger) -> list[tuple[Sheet, Sheet]]:
    return [(sheet, newer) for sheet in old.sheets if (newer := new.sheet(sheet.code)) is not None]


# ---- 表设置


def _sheets(old: Ledger, new: Ledger, use: InUse) -> Iterator[TemplateChange]:
    for sheet in new.sheets:
        if old.sheet(sheet.code) is None:
            words = (
                f"新增表“{sheet.name}”，发给{len(sheet.audience)}个单位",
                f"new sheet for {len(sheet.audience)} units",
            )
            yield change("sheet-added", (sheet.code,), sheet.name, words)
    for sheet in old.sheets:
        newer, filled = new.sheet(sheet.code), rows_of(sheet.code, use)
        if newer is None:
            words = (f"停用或删去表“{sheet.name}”", "sheet retired or deleted")
            loss = (
                f"{sheet.name}有{filled}行填了内容，停用后不再出现在汇总和发放的表里，历史仍保留",
                f"{filled} rows are filled in; they leave master and workbooks, the history stays",
            )
            yield change("sheet-gone", (sheet.code,), sheet.name, words, loss if filled else None, NOTHING_TYPED)
            continue
        yield from _sheet(old, new, sheet, newer, use)


def _sheet(old: Ledger, new: Ledger, sheet: Sheet, newer: Sheet, use: InUse) -> Iterator[TemplateChange]:
    place, filled = (sheet.code,), rows_of(sheet.code, use)
    if fold(newer.name) != fold(sheet.name):
        words = (f"表“{sheet.name}”改名为“{newer.name}”", f"sheet renamed to “{newer.name}”")
        loss = (
            f"已下发的工作簿里这张表仍叫“{sheet.name}”，改名后其中的内容读不到",
            f"in workbooks already out it is still “{sheet.name}”, and would no longer be read",
        )
        yield change("sheet-name", place, sheet.name, words, loss if sheet.audience else None, to=newer.name)
    if newer.kind is not sheet.kind:
        words = (f"“{sheet.name}”种类：{sheet.kind.value}→{newer.kind.value}", f"kind: {sheet.kind} → {newer.kind}")
        loss = (f"{sheet.name}有{filled}行填了内容，改种类后要重新辨认", f"{filled} rows filled in would be read anew")
        yield change("sheet-kind", place, sheet.name, words, loss if filled else None, NOTHING_TYPED, newer.kind.value)
    here = {u.code for u in new.units}
    for code in (c for c in sheet.audience if c in here and c not in newer.audience):
        name, count = unit_name(old, code), use.rows.get((sheet.code, code), 0)
        words = (f"“{sheet.name}”不再发给{name}", f"no longer for {name}")
        loss = (
            f"{name}的{sheet.name}有{count}行填了内容，不再出现在汇总里，历史仍保留",
            f"{count} rows that {name} filled in leave the master, the history stays",
        )
        yield change(
            "sheet-unit-gone", (*place, code), f"{sheet.name}›{name}", words, loss if count else None, NOTHING_TYPED
        )
    known = {u.code for u in old.units}
    added = [unit_name(new, c) for c in newer.audience if c not in sheet.audience and c in known]
    if added:
        words = (f"“{sheet.name}”加发给{'、'.join(added)}", f"also for {', '.join(added)}")
        yield change("sheet-units", place, sheet.name, words)
    if differing := differences(sheet, newer, _SHEET_FACTS):
        yield change("sheet-changed", place, sheet.name, (f"“{sheet.name}”{differing[0]}", differing[1]))


# ---- 栏目设置


def _columns(old: Ledger, new: Ledger, sheet: Sheet, newer: Sheet, use: InUse) -> Iterator[TemplateChange]:
    for column in newer.columns:
        if sheet.column(column.code) is None:
            what = f"{sheet.name}›{column.name}"
            yield change("column-added", (sheet.code, column.code), what, (f"新增栏目“{column.name}”", "new column"))
            yield from _key(sheet, what, column, was=False, use=use)
    for column in sheet.columns:
        what, place = f"{sheet.name}›{column.name}", (sheet.code, column.code)
        count, changed = use.cells.get(place, 0), newer.column(column.code)
        if changed is None:
            retired = any(c.code == column.code for c in newer.retired)
            words = (
                f"{'停用' if retired else '删去'}栏目“{column.name}”",
                "column retired" if retired else "column deleted",
            )
            loss = (
                f"{what} 有{count}行填了内容，停用后不再出现在汇总和发放的表里，历史仍保留",
                f"{count} rows are filled in; they leave master and workbooks, the history stays",
            )
            yield change("column-gone", place, what, words, loss if count else None, NOTHING_TYPED)
        else:
            yield from _column(old, new, sheet, column, changed, use)
    yield from _moved(sheet, newer)


def _column(
    old: Ledger, new: Ledger, sheet: Sheet, column: Column, changed: Column, use: InUse
) -> Iterator[TemplateChange]:
    what, place = f"{sheet.name}›{column.name}", (sheet.code, column.code)
    count = use.cells.get(place, 0)
    if changed.name != column.name:
        words = (
            f"“{column.name}”改名为“{changed.name}”，原名仍然认得",
            f"renamed to “{changed.name}”; the old name is still known",
        )
        yield change("column-renamed", place, what, words)
    if changed.type is not column.type:
        words = (
            f"“{column.name}”类型：{column.type.value}→{changed.type.value}",
            f"type: {column.type} → {changed.type}",
        )
        loss = (
            f"{what} 有{count}行填了内容，改为“{changed.type.value}”后要重新读，读不出的会报错",
            f"{count} rows are filled in and would be read anew as {changed.type}",
        )
        yield change("column-type", place, what, words, loss if count else None, NOTHING_TYPED, changed.type.value)
    if changed.owner is not column.owner:
        words = (
            f"“{column.name}”归属：{column.owner.value}→{changed.owner.value}",
            f"owner: {column.owner} → {changed.owner}",
        )
        loss = (
            f"{what} 有{count}行由单位填写，归{changed.owner.value}后这些内容不再作数",
            f"{count} rows were filled in by units and would no longer count",
        )
        taken = count and column.owner is Owner.UNIT
        yield change("column-owner", place, what, words, loss if taken else None, to=changed.owner.value)
    if changed.key is not column.key:
        yield from _key(sheet, what, changed, was=column.key, use=use)
    if changed.options != column.options:
        yield from _other_list(old, new, sheet, column, changed, use)
    if differing := differences(column, changed, _COLUMN_FACTS):
        yield change("column-changed", place, what, (f"“{column.name}”{differing[0]}", differing[1]))


def _key(sheet: Sheet, what: str, column: Column, *, was: bool, use: InUse) -> Iterator[TemplateChange]:
    """Rows are known again by their key columns."""
    if column.key is was:
        return
    filled = rows_of(sheet.code, use)
    words = ("取消关键列", "no longer a key column") if was else ("设为关键列", "becomes a key column")
    loss = (
        f"{sheet.name}已有{filled}行，改关键列后同一条记录可能认不出，或两条被当作一条",
        f"{filled} rows would be told apart in another way",
    )
    said = (f"“{column.name}”{words[0]}", words[1])
    yield change(
        "column-key", (sheet.code, column.code), what, said, loss if filled else None, NOTHING_TYPED, str(column.key)
    )


def _other_list(
    old: Ledger, new: Ledger, sheet: Sheet, column: Column, changed: Column, use: InUse
) -> Iterator[TemplateChange]:
    """A column that takes its choices from another list, which lacks some of them."""
    place = (sheet.code, column.code)
    known = {fold(name) for choice in new.choices(changed.options) for name in (choice.text, *choice.aliases)}
    lacking = [c.text for c in old.choices(column.options) if fold(c.text) not in known]
    if not changed.options or not lacking:
        return
    used = {text: n for text in lacking if (n := use.values.get((*place, fold(text)), 0))}
    named = "、".join(f"“{text}”（{count}行）" for text, count in used.items())
    words = (f"“{column.name}”的选项换为“{changed.options}”", f"choices are now “{changed.options}”")
    loss = (
        f"{sheet.name}›{column.name} 用着的{named}不在新的选项里，这些单元格会报错",
        f"choices in use that the new list lacks: {named}",
    )
    what = f"{sheet.name}›{column.name}"
    yield change("column-choices", place, what, words, loss if used else None, NOTHING_TYPED, changed.options)


def _moved(sheet: Sheet, newer: Sheet) -> Iterator[TemplateChange]:
    common = {c.code for c in sheet.columns} & {c.code for c in newer.columns}
    before, after = ([c.code for c in s.columns if c.code in common] for s in (sheet, newer))
    stayed = {
        before[m.a + n]
        for m in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
        for n in range(m.size)
    }
    names = "、".join(f"“{c.name}”" for c in newer.columns if c.code in common - stayed)
    if names:
        yield change(
            "column-moved", (sheet.code,), sheet.name, (f"“{sheet.name}”移动了栏目{names}", f"columns moved: {names}")
        )


# ---- 下拉选项


def _choices(old: Ledger, new: Ledger, use: InUse) -> Iterator[TemplateChange]:
    """Lists by their own name; a column that names another list is told by its column."""
    lists = dict(new.options)
    for name, choices in old.options:
        if name in ROSTER_OPTIONS or name not in lists:
            continue
        before, after = ({fold(c.text): c for c in entries} for entries in (choices, lists[name]))
        for choice in (c for key, c in after.items() if key not in before):
            yield change(
                "choice-added",
                (name, choice.text),
                name,
                (f"选项“{choice.text}”加入“{name}”", f"new choice “{choice.text}”"),
            )
        for choice in (c for key, c in before.items() if key not in after):
            yield _choice_gone(old, name, choice, lists[name], use)


def _choice_gone(old: Ledger, name: str, choice: Choice, left: Sequence[Choice], use: InUse) -> TemplateChange:
    place, what = (name, choice.text), f"{name}›{choice.text}"
    heir = next((c.text for c in left if fold(choice.text) in map(fold, c.aliases)), "")
    if heir:
        words = (f"选项“{choice.text}”并入“{heir}”", f"choice “{choice.text}” is now read as “{heir}”")
        return change("choice-merged", place, what, words)
    columns = [(sheet, column) for sheet in old.sheets for column in sheet.columns if column.options == name]
    used = {f"{s.name}›{c.name}": use.values.get((s.code, c.code, fold(choice.text)), 0) for s, c in columns}
    count, places = sum(used.values()), "、".join(place for place, rows in used.items() if rows)
    words = (f"从“{name}”删去选项“{choice.text}”", f"choice “{choice.text}” removed from “{name}”")
    loss = (
        f"“{choice.text}”在{places}有{count}行用着，删去后这些单元格会报错",
        f"“{choice.text}” is used in {count} rows, which would be faulty",
    )
    return change("choice-gone", place, what, words, loss if count else None, NOTHING_TYPED)
