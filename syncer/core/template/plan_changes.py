"""What a changed 台账设置 changes in the office's own part: units, tasks, settings, checks, days and indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import TypeVar

from syncer.core.model import Ledger, Rule, Settings, SheetKind, Task
from syncer.core.template.facts import NOTHING_TYPED, InUse, TemplateChange, Words, change, differences
from syncer.core.template.schema import DAYS, INDICATORS, RULES, SETTINGS
from syncer.core.values import show

K = TypeVar("K")

_UNIT_FACTS: Mapping[str, Words] = {
    "name": ("全称", "name"),
    "short": ("简称", "short name"),
    "category": ("类别", "category"),
    "aliases": ("别名", "aliases"),
    "groups": ("组", "groups"),
    "leader": ("分管领导", "leader"),
    "since": ("启用", "since"),
}
_TASK_FACTS: Mapping[str, Words] = {
    "number": ("编号", "number"),
    "section": ("板块", "section"),
    "title": ("任务", "title"),
    "standard": ("完成标准", "standard"),
    "metric": ("量化指标", "metric"),
    "target": ("目标值", "target"),
    "measure": ("计量单位", "measure"),
    "leads_text": ("牵头单位", "lead"),
    "supports_text": ("配合单位", "support"),
    "frequency": ("频次", "frequency"),
    "leader": ("责任领导", "leader"),
    "indicator": ("测评指标", "indicator"),
    "supervision": ("督办意见", "remark"),
}


# ---- 单位名录


def unit_changes(old: Ledger, new: Ledger, use: InUse) -> Iterator[TemplateChange]:
    """Yields what happened to units. Of people and telephone numbers it says only that they changed."""
    known = {u.code: u for u in old.units}
    for unit in (u for u in new.units if u.code not in known):
        yield change("unit-added", (unit.code,), unit.short, (f"新增单位“{unit.short}”", f"new unit “{unit.short}”"))
    for unit in old.units:
        newer = new.unit(unit.code)
        if newer is None or (newer.until and not unit.until):
            count = sum(rows for (_, code), rows in use.rows.items() if code == unit.code)
            day = f"（{newer.until}起）" if newer else ""
            words = (f"单位“{unit.short}”停用、并入或删去{day}", f"unit “{unit.short}” closed, merged or deleted")
            loss = (
                f"{unit.short}有{count}行填了内容，停用后不再出现在汇总里，历史仍保留",
                f"{count} rows that it filled in leave the master, the history stays",
            )
            yield change("unit-gone", (unit.code,), unit.short, words, loss if count else None, NOTHING_TYPED)
        elif differing := differences(unit, newer, _UNIT_FACTS):
            yield change("unit-changed", (unit.code,), unit.short, differing)
        elif newer != unit:
            yield change("unit-changed", (unit.code,), unit.short, ("联络信息有改动", "contact changed"))


# ---- 任务分解


def task_changes(old: Ledger, new: Ledger, use: InUse) -> Iterator[TemplateChange]:
    """Yields what happened to tasks, known by their row ids; a renumbered task is the same one."""
    for task in (t for t in new.tasks if old.task(t.id) is None):
        words = (f"新增任务 {task.number} {task.title}", f"new task {task.number} {task.title}")
        yield change("task-added", (task.id,), task.number, words)
    for task in old.tasks:
        newer, told = new.task(task.id), _reporting(old, task.id, use)
        if newer is None:
            words = (f"删去任务 {task.number} {task.title}", f"task {task.number} {task.title} deleted")
            names = "、".join(old.unit_name(code) for code in told)
            loss = (
                f"任务{task.number} 有{len(told)}个单位填了内容（{names}），删去后不再出现在汇总和发放的表里，历史仍保留",
                f"{len(told)} units report on it ({names}); the reports leave the master, the history stays",
            )
            yield change("task-gone", (task.id,), f"任务{task.number}", words, loss if told else None, NOTHING_TYPED)
            continue
        yield from _left_units(old, new, task, newer, use)
        differing = differences(task, newer, _TASK_FACTS)
        if task.deadline.text != newer.deadline.text:
            moved = f"{task.deadline.text or '（空）'}→{newer.deadline.text or '（空）'}"
            said = differing or ("", "")
            differing = (
                f"{said[0]}{'；' if said[0] else ''}完成时限：{moved}",
                f"{said[1]}{'; ' if said[1] else ''}deadline: {moved}",
            )
        if differing is None and task.source != newer.source:
            differing = ("计数来源有改动", "count source changed")
        if differing:
            yield change("task-changed", (task.id,), f"任务{task.number}", differing)


def _reporting(old: Ledger, task: str, use: InUse) -> list[str]:
    found = {u for sheet in old.sheets if sheet.from_plan for u in use.reports.get((sheet.code, task), ())}
    return [unit.code for unit in old.units if unit.code in found]


def _left_units(old: Ledger, new: Ledger, task: Task, newer: Task, use: InUse) -> Iterator[TemplateChange]:
    """Units that lose a task, or their side of it, after they reported on it."""
    still = {u.code for u in new.units}
    for role, name, before, after in (
        (SheetKind.TASKS.value, "牵头", task.leads, newer.leads),
        (SheetKind.SUPPORT.value, "配合", task.supports, newer.supports),
    ):
        sheets = [s.code for s in old.sheets if s.kind.value == role]
        for code in (u for u in before if u not in after and u in still):
            told = any(code in use.reports.get((sheet, task.id), ()) for sheet in sheets)
            unit = old.unit_name(code)
            words = (f"任务 {task.number} 不再由{unit}{name}", f"task {task.number} is taken from {unit}")
            loss = (
                f"{unit}作为{name}单位已填了任务{task.number}，改派后这些内容不再出现在汇总里，历史仍保留",
                f"what {unit} reported on it leaves the master, the history stays",
            )
            yield change(
                "task-unit-gone",
                (task.id, code, role),
                f"任务{task.number}›{unit}",
                words,
                loss if told else None,
                NOTHING_TYPED,
            )


# ---- 亮灯与时限设置, 校验规则, 节假日与节点, 测评指标


def other_changes(old: Ledger, new: Ledger) -> Iterator[TemplateChange]:
    """Yields the other settings, one by one, and the changes of lists, summarised."""
    for name in (f.name for f in fields(Settings)):
        before, after = getattr(old.settings, name), getattr(new.settings, name)
        if before != after:
            words = f"{name}：{_setting(before)}→{_setting(after)}"
            yield change("setting", (name,), SETTINGS, (words, words))
    yield from _summary(
        "rules",
        RULES,
        {(r.sheet, r.number): _placeless(r) for r in old.rules},
        {(r.sheet, r.number): _placeless(r) for r in new.rules},
    )
    yield from _summary(
        "days", DAYS, {(d.day, d.kind): d.name for d in old.days}, {(d.day, d.kind): d.name for d in new.days}
    )
    yield from _summary(
        "indicators", INDICATORS, {i.number: i for i in old.indicators}, {i.number: i for i in new.indicators}
    )


def _setting(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(f"{light.value}{colour}" for light, colour in value)
    return show(value)  # type: ignore[arg-type]


def _placeless(rule: Rule) -> Rule:
    """A rule without its row, which moves when another one is inserted."""
    return replace(rule, row=0)


def _summary(kind: str, name: str, old: Mapping[K, object], new: Mapping[K, object]) -> Iterator[TemplateChange]:
    added, gone = len(new.keys() - old.keys()), len(old.keys() - new.keys())
    changed = sum(1 for key in old.keys() & new.keys() if old[key] != new[key])
    counts = ((added, "新增", "added"), (gone, "去掉", "removed"), (changed, "改动", "changed"))
    zh = "，".join(f"{word}{n}条" for n, word, _ in counts if n)
    en = ", ".join(f"{n} {word}" for n, _, word in counts if n)
    if zh:
        yield change(kind, (), name, (f"{name}：{zh}", en))
