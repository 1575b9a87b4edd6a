"""What the computed sheets of the master say, as plain rows: 首页, 总台账, 红黄灯清单, 本周变化, 待处理事项, the data sheets."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from syncer.core.calendar import Workdays
from syncer.core.model import ColumnType, Ledger, Light, Owner, Row, Sheet, Source, Task, Unit
from syncer.core.progress import SUPPORT, TASKS, Progress, TaskProgress, UnitProgress, amount
from syncer.core.rows import row_key
from syncer.core.state import Change, LedgerState, Question, TaskMark
from syncer.core.values import Scalar, fold, show

# A supporting unit's columns, and where 总台账 shows them.
SUPPORT_COLUMNS: Mapping[str, str] = {"report": "this_week", "finished_on": "finished_on", "note": "note"}
NEXT_DEADLINES = 12
OUTCOMES: Mapping[str, str] = {"accepted": "已入库", "asked": "待确认", "noted": "未采用", "removed": "已撤回"}
KINDS: Mapping[str, str] = {
    "proposal": "调整申请",
    "vanished": "行不见了",
    "mass": "大量清空",
    "conflict": "两处都改了",
    "duplicate": "重复登记",
    "refused": "文件未收入",
    "typed": "改了自动生成的表",
    "template": "台账设置的改动",
}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One row of 总台账. ``level`` 0: the task; 1: a unit's part in it; 2: a unit's own sub-task."""

    level: int
    kind: str  # 任务, 牵头, 配合, 自定
    units: str  # as shown
    values: Mapping[str, Scalar]  # by column code of 任务清单
    light: Light | None = None
    reason: str = ""
    expected: float | None = None  # points
    next_due: date | None = None
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class LightLine:
    """One row of 红黄灯清单: a unit's task that stands red or yellow."""

    light: Light
    reason: str
    weeks: int
    number: str
    title: str
    unit: str
    leader: str
    deadline: str
    due: date | None
    expected: float | None
    percent: float | None
    trouble: str
    promised: Scalar
    help: str
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit on 首页."""

    code: str
    name: str
    category: str
    tasks: int
    done: int
    percent: float | None  # mean of its lead tasks, in points, what is not filled in counting 0; None: leads nothing
    red: int
    yellow: int
    reported: str  # 已报, 未报, 逾期, or "" where nothing is expected
    last_saved: str
    receipt: str
    file: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """One of the next deadlines."""

    due: date
    workdays: int
    number: str
    title: str
    units: str
    percent: float | None
    light: Light


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One cell that changed since the last issued week."""

    at: str
    unit: str
    sheet: str
    row: str
    column: str
    old: str
    new: str
    outcome: str
    source: Source


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One thing that waits for the coordinator, in words and with both values."""

    id: str
    kind: str
    at: str
    unit: str
    sheet: str
    row: str
    column: str
    base: str
    current: str
    incoming: str
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Block:
    """One unit's rows on a data sheet, system columns filled in."""

    unit: Unit
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole master as plain rows."""

    title: str
    office: str
    as_of: date
    data_as_of: str  # newest save taken in, ISO; "" before the first
    totals: tuple[tuple[str, Scalar], ...]  # a float is a share, 0–1
    lights: tuple[tuple[Light, int], ...]  # all five, worst first
    units: tuple[UnitLine, ...]
    deadlines: tuple[DueLine, ...]
    missing: tuple[tuple[str, str, date | None, bool], ...]  # unit, what, due, late
    ledger: tuple[LedgerLine, ...]
    red_yellow: tuple[LightLine, ...]
    changes: tuple[ChangeLine, ...]
    questions: tuple[QuestionLine, ...]
    data: tuple[tuple[Sheet, tuple[Block, ...]], ...]


def overview(ledger: Ledger, state: LedgerState, progress: Progress, workdays: Workdays) -> Overview:
    """Returns what the master says on ``progress.as_of``. Nothing comes from the clock."""
    names = _Names(ledger)
    units = tuple(_unit_lines(ledger, state, progress))
    lights = Counter(task.light for task in progress.tasks)
    settings = ledger.settings
    return Overview(
        title=f"{settings.year}年{settings.ledger_name}",
        office=settings.office,
        as_of=progress.as_of,
        data_as_of=max((unit.last_saved for unit in state.units), default=""),
        totals=tuple(_totals(ledger, state, progress)),
        lights=tuple((light, lights[light]) for light in Light),
        units=units,
        deadlines=tuple(_deadlines(progress, names, workdays)),
        missing=tuple((names.unit(m.unit), m.what, m.due, m.late) for m in progress.missing),
        ledger=tuple(_ledger_lines(ledger, state, progress, names)),
        red_yellow=tuple(_red_yellow(progress, names)),
        changes=tuple(_changes(state, names)),
        questions=tuple(_question(question, names) for question in state.questions),
        data=tuple((sheet, tuple(data_blocks(ledger, state, progress, sheet))) for sheet in ledger.sheets),
    )


class _Names:
    """What a person calls units, sheets, columns and rows."""

    def __init__(self, ledger: Ledger) -> None:
        self._units = {unit.code: unit.short for unit in ledger.units}
        self._order = {unit.code: at for at, unit in enumerate(ledger.units)}
        self._sheets = {sheet.code: sheet for sheet in ledger.sheets}
        self._tasks = {task.id: f"{task.number} {task.title}" for task in ledger.tasks}

    def unit(self, code: str) -> str:
        return self._units.get(code, code)

    def units(self, codes: Iterable[str]) -> str:
        return "、".join(self.unit(code) for code in codes)

    def in_order(self, codes: Iterable[str]) -> list[str]:
        return sorted(codes, key=lambda code: (self._order.get(code, len(self._order)), code))

    def sheet(self, code: str) -> str:
        return self._sheets[code].name if code in self._sheets else code

    def column(self, sheet: str, code: str) -> str:
        found = self._sheets[sheet].column(code) if sheet in self._sheets else None
        return found.name if found else code.removeprefix("+")

    def value(self, sheet: str, code: str, value: Scalar) -> str:
        found = self._sheets[sheet].column(code) if sheet in self._sheets else None
        percent = found is not None and found.type is ColumnType.PERCENT and isinstance(value, (int, float))
        return f"{show(value)}%" if percent else show(value)

    def row(self, sheet: str, row_id: str, row: Row | None) -> str:
        if row_id in self._tasks:
            return self._tasks[row_id]
        return row_key(self._sheets[sheet], row.values, row_id) if row and sheet in self._sheets else row_id


# --- 首页


def _totals(ledger: Ledger, state: LedgerState, progress: Progress) -> Iterator[tuple[str, Scalar]]:
    tasks = progress.tasks
    percents = [task.percent or 0.0 for task in tasks]
    yield "重点任务", len(tasks)
    yield "已完成", sum(task.finished for task in tasks)
    yield "平均完成率", sum(percents) / len(percents) / 100 if percents else 0.0
    yield "红灯", sum(task.light is Light.RED for task in tasks)
    yield "黄灯", sum(task.light is Light.YELLOW for task in tasks)
    yield "未报送单位", len(progress.not_reported())
    yield "待处理事项", len(state.questions)
    sheets = {sheet.code for sheet in ledger.sheets if not sheet.from_plan}
    yield "台账记录", sum(row.sheet in sheets for row in state.rows)


def _unit_lines(ledger: Ledger, state: LedgerState, progress: Progress) -> Iterator[UnitLine]:
    standings: dict[str, list[tuple[TaskProgress, UnitProgress]]] = defaultdict(list)
    for task in progress.tasks:
        for standing in task.leads:
            standings[standing.unit].append((task, standing))
    known = {unit.unit: unit for unit in state.units}
    owing = {m.unit for m in progress.missing}
    late = {m.unit for m in progress.late}
    expected = set(standings) | owing
    for unit in ledger.units:
        own = standings.get(unit.code, [])
        seen = known.get(unit.code)
        percents = [standing.percent or 0.0 for _, standing in own]
        yield UnitLine(
            code=unit.code,
            name=unit.short,
            category=unit.category,
            tasks=len(own),
            done=sum(task.finished for task, _ in own),
            percent=sum(percents) / len(percents) if percents else None,
            red=sum(standing.light is Light.RED for _, standing in own),
            yellow=sum(standing.light is Light.YELLOW for _, standing in own),
            reported=_reported(unit.code, expected, owing, late),
            last_saved=seen.last_saved if seen else "",
            receipt=(seen.receipt if seen else "") or _no_receipt(seen.state if seen else "missing"),
            file=seen.file if seen else "",
        )


def _reported(unit: str, expected: set[str], owing: set[str], late: set[str]) -> str:
    if unit not in expected:
        return ""
    if unit in late:
        return "逾期"
    return "未报" if unit in owing else "已报"


def _no_receipt(state: str) -> str:
    return {"missing": "填报表尚未发放", "issued": "已发放，尚未填报", "refused": "文件未收入"}.get(state, "")


def _deadlines(progress: Progress, names: _Names, workdays: Workdays) -> Iterator[DueLine]:
    coming = [(task.next_due, task) for task in progress.tasks if task.next_due and not task.finished]
    for due, task in sorted(coming, key=lambda entry: entry[0])[:NEXT_DEADLINES]:
        yield DueLine(
            due=due,
            workdays=workdays.workdays_between(progress.as_of, due),
            number=task.task.number,
            title=task.task.title,
            units=names.units(task.task.leads),
            percent=task.percent,
            light=task.light,
        )


def _red_yellow(progress: Progress, names: _Names) -> Iterator[LightLine]:
    """Red before yellow, the longest red first, then plan order."""
    found = [(s, task) for task in progress.tasks for s in task.leads if s.light in {Light.RED, Light.YELLOW}]
    for standing, task in sorted(found, key=lambda entry: (entry[0].light is not Light.RED, -entry[0].red_weeks)):
        row = standing.row
        yield LightLine(
            light=standing.light,
            reason=standing.reason,
            weeks=standing.red_weeks,
            number=task.task.number,
            title=task.task.title,
            unit=names.unit(standing.unit),
            leader=task.task.leader,
            deadline=task.task.deadline.text,
            due=task.due,
            expected=task.expected,
            percent=standing.percent,
            trouble=row.text("trouble") if row else "",
            promised=row.get("expected_on") if row else None,
            help=row.text("help") if row else "",
            contradictions=task.contradictions if standing is task.first else (),
        )


# --- 总台账


def plan_values(task: Task) -> dict[str, Scalar]:
    """Returns the coordinator's columns of a task by column code, as 任务分解 has them now."""
    values: dict[str, Scalar] = {
        "no": task.number,
        "section": task.section,
        "title": task.title,
        "standard": task.standard,
        "deadline": task.deadline.text,
        "target": task.target,
        "supervision": task.supervision,
    }
    return {code: value for code, value in values.items() if value not in {None, ""}}


def _ledger_lines(ledger: Ledger, state: LedgerState, progress: Progress, names: _Names) -> Iterator[LedgerLine]:
    """Task rows; below them the units where several have a say, and what a unit added itself.

    A sub-task stands below the task whose number it begins with (``3.1-①``), else after all tasks.
    """
    sheet = ledger.sheet(TASKS)
    supports: dict[str, list[Row]] = defaultdict(list)
    for row in state.rows_of(SUPPORT):
        if any(row.get(code) is not None for code in SUPPORT_COLUMNS):
            supports[row.id].append(row)
    plan_ids = {task.id for task in ledger.tasks}
    own: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in state.rows_of(TASKS):
        if row.id not in plan_ids and not row.id.startswith("T"):
            own[_parent(row, ledger.tasks), row.unit].append(row)
    for task in progress.tasks:
        yield from _task_lines(task, sheet, supports[task.task.id], own, names, progress)
    alone = names.in_order(unit for parent, unit in own if not parent)
    if alone:
        yield LedgerLine(0, "自定", "", {"title": "各单位自定子任务（没有对应任务编号）"})
    for unit in alone:
        yield from (_own_line(row, names, 1) for row in own["", unit])


def _task_lines(
    task: TaskProgress,
    sheet: Sheet | None,
    supports: list[Row],
    own: Mapping[tuple[str, str], list[Row]],
    names: _Names,
    progress: Progress,
) -> Iterator[LedgerLine]:
    voices: dict[str, Mapping[str, Scalar]] = {s.unit: s.row.values if s.row else {} for s in task.leads if s.unit}
    for row in supports:
        if row.unit not in voices:
            voices[row.unit] = {to: row.values[code] for code, to in SUPPORT_COLUMNS.items() if code in row.values}
    adding = [unit for parent, unit in own if parent == task.task.id]
    typed = [c.code for c in sheet.columns if c.owner is Owner.UNIT] if sheet else []
    evidence = {unit: n for unit in voices if (n := progress.evidence.get((task.task.id, unit), 0))}
    values: dict[str, Scalar] = {
        **{code: said for code in typed if (said := _said(code, voices, task.task.leads, names)) is not None},
        **plan_values(task.task),
        "status": task.status or None,
        "percent": task.percent,
        "done": task.count,
        "evidence": sum(evidence.values()) or None,
    }
    alone = len(voices) <= 1 and not adding
    single = next((s.row for s in task.leads if s.row), None) if alone else None
    yield LedgerLine(
        level=0,
        kind="任务",
        units=names.units(task.task.leads) or "（无牵头）",
        values=values,
        light=task.light,
        reason="；".join((task.first.label.partition(" ")[2], *task.notes)),
        expected=task.expected,
        next_due=None if task.finished else task.next_due,
        source=single.source if single else Source(),
    )
    if alone:
        return
    standings = {s.unit: s for s in task.leads}
    for unit in names.in_order({*voices, *adding}):
        standing = standings.get(unit)
        if unit in voices:
            report = standing.row if standing else next((row for row in supports if row.unit == unit), None)
            yield LedgerLine(
                level=1,
                kind="牵头" if standing else "配合",
                units=names.unit(unit),
                values={
                    "no": task.task.number,
                    **{code: value for code, value in voices[unit].items() if code in typed},
                    **({"percent": standing.percent, "done": standing.own_count} if standing else {}),
                    "evidence": evidence.get(unit),
                },
                light=standing.light if standing else None,
                reason=standing.label.partition(" ")[2] if standing else "",
                source=report.source if report else Source(),
            )
        yield from (_own_line(row, names, 2) for row in own.get((task.task.id, unit), ()))


def _said(code: str, voices: Mapping[str, Mapping[str, Scalar]], leads: tuple[str, ...], names: _Names) -> Scalar:
    """What a task row shows of a column the units fill.

    The value of the one lead where nobody else says anything, else ``【办公室】…；【人事科】…`` in roster order.
    """
    said = {unit: value for unit, values in voices.items() if (value := values.get(code)) is not None}
    if len(leads) == 1 and tuple(said) == leads:
        return said[leads[0]]
    return _joined(said, names) or None


def _joined(said: Mapping[str, Scalar], names: _Names) -> str:
    return "；".join(f"【{names.unit(unit)}】{_short(said[unit])}" for unit in names.in_order(said))


def _short(value: Scalar) -> str:
    """A value inside a joined text: a date without its year, no full stop before the next ``；``."""
    return f"{value.month}月{value.day}日" if isinstance(value, date) else show(value).rstrip("；;。")


def _own_line(row: Row, names: _Names, level: int) -> LedgerLine:
    return LedgerLine(level, "自定", names.unit(row.unit), row.values, source=row.source)


def _parent(row: Row, tasks: Iterable[Task]) -> str:
    """The task whose number a sub-task's own number begins with; the longest wins."""
    number = fold(row.text("no"))
    found = [t for t in tasks if re.match(rf"{re.escape(fold(t.number))}(?!\d)", number)]
    return max(found, key=lambda task: len(task.number)).id if found else ""


# --- the data sheets


def data_blocks(ledger: Ledger, state: LedgerState, progress: Progress, sheet: Sheet) -> Iterator[Block]:
    """Yields every unit's rows of a sheet in roster order, then those of units no longer on the roster."""
    by_unit: dict[str, list[Row]] = defaultdict(list)
    for row in state.rows_of(sheet.code):
        by_unit[row.unit].append(row)
    roster = {unit.code: unit for unit in ledger.units}
    marks = dict(state.last_week.tasks)
    filler = _Filler(progress, {task.task.id: task for task in progress.tasks}, marks)
    for code in (*roster, *sorted(by_unit.keys() - roster.keys())):
        if code in by_unit:
            unit = roster.get(code, Unit(code, code, code))
            yield Block(unit, tuple(filler.row(row) for row in by_unit[code]))


def system_values(row: Row, progress: Progress, mark: TaskMark) -> dict[str, Scalar]:
    """Returns the system's columns of one row by code, as computed now; blank ones as ``None``."""
    return _Filler(progress, {t.task.id: t for t in progress.tasks}, {(row.id, row.unit): mark}).values(row)


@dataclass(frozen=True, slots=True)
class _Filler:
    """Fills the coordinator's and the system's columns of a row in."""

    progress: Progress
    tasks: Mapping[str, TaskProgress]
    marks: Mapping[tuple[str, str], TaskMark]

    def row(self, row: Row) -> Row:
        task = self.tasks.get(row.id) if row.sheet in {TASKS, SUPPORT} else None
        filled = {**row.values, **(plan_values(task.task) if task else {}), **self.values(row)}
        return replace(row, values={code: value for code, value in filled.items() if value is not None})

    def values(self, row: Row) -> dict[str, Scalar]:
        if row.sheet == "service":
            return {"hours_total": amount(row, "hours_total") or None}
        task = self.tasks.get(row.id)
        if task is None or row.sheet not in {TASKS, SUPPORT}:
            return {}
        if row.sheet == SUPPORT:
            return {"light": task.first.label}
        standing = next((s for s in task.leads if s.unit == row.unit), None)
        if standing is None:
            return {}
        values: dict[str, Scalar] = {
            "done": task.count,
            "last_week": self.marks.get((row.id, row.unit), TaskMark()).text or None,
            "evidence": self.progress.evidence.get((row.id, row.unit)),
            "light": standing.label,
        }
        return {**values, "percent": standing.percent} if task.counted else values


# --- 本周变化, 待处理事项


def _changes(state: LedgerState, names: _Names) -> Iterator[ChangeLine]:
    rows = {(row.id, row.unit): row for row in state.rows}
    return (_change(change, rows.get((change.row_id, change.unit)), names) for change in state.changes)


def _change(change: Change, row: Row | None, names: _Names) -> ChangeLine:
    return ChangeLine(
        at=change.at,
        unit=names.unit(change.unit),
        sheet=names.sheet(change.sheet),
        row=names.row(change.sheet, change.row_id, row),
        column=names.column(change.sheet, change.column),
        old=names.value(change.sheet, change.column, change.old),
        new=names.value(change.sheet, change.column, change.new),
        outcome=OUTCOMES.get(change.outcome, change.outcome),
        source=change.source,
    )


def _question(question: Question, names: _Names) -> QuestionLine:
    values = [
        names.value(question.sheet, question.column, v) for v in (question.base, question.current, question.incoming)
    ]
    return QuestionLine(
        id=question.id,
        kind=KINDS.get(question.kind, question.kind),
        at=question.at,
        unit=names.unit(question.unit),
        sheet=names.sheet(question.sheet),
        row=question.row_key or names.row(question.sheet, question.row_id, None),
        column=names.column(question.sheet, question.column),
        base=values[0],
        current=values[1],
        incoming=values[2],
        text=question_words(
            question, names.unit(question.unit), names.column(question.sheet, question.column), *values[1:]
        ),
        source=question.source,
    )


def question_words(question: Question, unit: str, column: str, current: str, incoming: str) -> str:
    """Returns what is asked, in a plain sentence or two; ``question.text`` is added where there is one."""
    current, incoming = current or "（空）", incoming or "（空）"
    match question.kind:
        case "proposal":
            words = (
                f"{unit}想把“{column}”由“{current}”改为“{incoming}”。这一栏由创建办掌握，目前仍按“{current}”，请定。"
            )
        case "vanished":
            words = f"{unit}的表里这一行不见了（或被清空）。内容仍保留，请确认是撤回还是恢复。"
        case "mass":
            words = f"{unit}一次清空的格子较多，都暂不生效。“{column}”现为“{current}”，请确认是否真的清空。"
        case "conflict":
            words = f"“{column}”两处都改了：现为“{current}”，{unit}报来“{incoming}”。请选定一个。"
        case "duplicate":
            words = f"{unit}有两行关键列相同，这几行暂不更新，请让其改正其中一行。"
        case "refused":
            words = f"{unit}的文件未能收入，上一次收入的内容仍有效。"
        case "typed":
            words = f"有人在自动生成的表里把“{column}”由“{current}”改为“{incoming}”。那里的改动不会生效，需要改请在来源表里改。"
        case "template":
            words = "台账设置的这项改动会减少已有内容，暂未生效，请确认。"
        case _:
            words = ""
    return f"{words}{question.text}"
