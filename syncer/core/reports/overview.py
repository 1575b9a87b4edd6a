"""What the computed sheets of the master say, as plain rows: 首页, 总台账, 红黄灯清单, 本周变化, 待处理事项, the data sheets."""

from __future__ import annotations

from collections import ChainMap, Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from syncer.core.calendar import Workdays
from syncer.core.memo import Memo
from syncer.core.model import Ledger, Light, Row
from syncer.core.names import Names
from syncer.core.reports.changes import change_stretches, question_lines
from syncer.core.reports.data_blocks import DataBlocks
from syncer.core.reports.facts import facts_of
from syncer.core.reports.ledger import task_stretches
from syncer.core.reports.lines import (
    LATE,
    NOT_YET,
    REPORTED,
    DueLine,
    LightLine,
    Overview,
    UnitLine,
)
from syncer.core.reports.progress import Progress, TaskProgress, UnitProgress
from syncer.core.reports.records import Records, RowsAtHand
from syncer.core.state import LedgerState
from syncer.core.values import Scalar

NEXT_DEADLINES = 12


def overview(
    ledger: Ledger,
    state: LedgerState,
    progress: Progress,
    workdays: Workdays,
    records: Records | None = None,
    asked_about: Sequence[Row] = (),
    memo: Memo | None = None,
) -> Overview:
    """Returns what the master says on ``progress.as_of``. Nothing comes from the clock.

    ``records`` and the rows ``asked_about`` (in open questions) are needed where the state's own rows are those of the
    plan's sheets alone. With a ``memo`` that was given to `assess` too, only what is new is looked at closely.
    """
    memo = memo or Memo()
    names = memo.of("names", (ledger.version,), partial(Names, ledger))
    records = records or RowsAtHand(state.rows)
    blocks = DataBlocks(ledger, state, progress, records, memo)
    planned = memo.of("planned rows", (state.rows,), lambda: {(row.id, row.unit): row for row in state.rows})
    rows = ChainMap({(row.id, row.unit): row for row in asked_about}, planned)
    units = tuple(_unit_lines(ledger, state, progress, memo))
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
        ledger=task_stretches(ledger, state, progress, names, memo),
        red_yellow=memo.of(
            "red and yellow", (ledger.version, progress.tasks), lambda: tuple(_red_yellow(progress, names))
        ),
        changes=tuple(change_stretches(ledger, state.changes, records, names)),
        older_changes=state.older_changes,
        questions=tuple(question_lines(state, rows, names)),
        data=tuple((sheet, blocks.of(sheet)) for sheet in ledger.sheets),
    )


# --- 首页


def _totals(ledger: Ledger, state: LedgerState, progress: Progress) -> Iterator[tuple[str, Scalar]]:
    tasks = progress.tasks
    percents = [task.percent or 0.0 for task in tasks]
    yield "重点任务", len(tasks)
    yield "已完成", sum(task.finished for task in tasks)
    yield "平均完成率", sum(percents) / len(percents) / 100 if percents else 0.0
    yield "红灯", sum(task.light is Light.RED for task in tasks)
    yield "黄灯", sum(task.light is Light.YELLOW for task in tasks)
    yield _missing_total(progress)
    yield "待处理事项", len(state.questions)
    records = [sheet.code for sheet in ledger.sheets if not sheet.from_plan]
    yield "台账记录", sum(unit.rows.get(code, 0) for unit in facts_of(ledger, state) for code in records)


def _missing_total(progress: Progress) -> tuple[str, int]:
    """How many units are late; as long as nobody is, how many have not reported and by when: on a Monday that is no alarm."""
    late = {m.unit for m in progress.late}
    if late:
        return "逾期未报单位", len(late)
    due = min((m.due for m in progress.missing if m.due), default=None)
    return f"本期未报{f'（{due.month}月{due.day}日截止）' if due else ''}", len(progress.not_reported())


def _unit_lines(ledger: Ledger, state: LedgerState, progress: Progress, memo: Memo) -> Iterator[UnitLine]:
    leading = memo.of("leading", (progress.tasks,), lambda: _leading(progress))
    known = {unit.unit: unit for unit in state.units}
    owing: dict[str, date | None] = {}
    for missing in progress.missing:
        owing[missing.unit] = min(filter(None, (missing.due, owing.get(missing.unit))), default=None)
    late = {m.unit for m in progress.late}
    expected = leading.keys() | owing.keys()
    for unit in ledger.units:
        own, seen = leading.get(unit.code, _NOTHING_LED), known.get(unit.code)
        yield UnitLine(
            code=unit.code,
            name=unit.short,
            category=unit.category,
            tasks=own.tasks,
            done=own.done,
            percent=own.percent,
            red=own.red,
            yellow=own.yellow,
            reported=_reported(unit.code, expected, owing, late),
            due=owing.get(unit.code),
            last_saved=seen.last_saved if seen else "",
            receipt=(seen.receipt if seen else "") or _no_receipt(seen.state if seen else "missing"),
            file=seen.file if seen else "",
        )


@dataclass(frozen=True, slots=True)
class _Led:
    """What a unit leads, in numbers of tasks; ``percent``: their mean, in points."""

    tasks: int = 0
    done: int = 0
    percent: float | None = None
    red: int = 0
    yellow: int = 0


_NOTHING_LED = _Led()


def _leading(progress: Progress) -> dict[str, _Led]:
    """What every unit leads, by its code."""
    standings: dict[str, list[tuple[TaskProgress, UnitProgress]]] = defaultdict(list)
    for task in progress.tasks:
        for standing in task.leads:
            standings[standing.unit].append((task, standing))
    return {
        unit: _Led(
            tasks=len(own),
            done=sum(task.finished for task, _ in own),
            percent=sum(standing.percent or 0.0 for _, standing in own) / len(own),
            red=sum(standing.light is Light.RED for _, standing in own),
            yellow=sum(standing.light is Light.YELLOW for _, standing in own),
        )
        for unit, own in standings.items()
    }


def _reported(unit: str, expected: Collection[str], owing: Collection[str], late: Collection[str]) -> str:
    if unit not in expected:
        return ""
    if unit in late:
        return LATE
    return NOT_YET if unit in owing else REPORTED


def _no_receipt(state: str) -> str:
    return {"missing": "填报表尚未发放", "issued": "已发放，尚未填报", "refused": "文件未收入"}.get(state, "")


def _deadlines(progress: Progress, names: Names, workdays: Workdays) -> Iterator[DueLine]:
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


def _red_yellow(progress: Progress, names: Names) -> Iterator[LightLine]:
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
