"""What is remembered from look to look comes to what is worked out anew, whatever changed in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.calendar import Workdays
from syncer.core.memo import Memo
from syncer.core.model import CountSource, Ledger, Light, Row, Source, Task, Unit
from syncer.core.reports import ledger as ledger_lines
from syncer.core.reports.data_blocks import SystemValues
from syncer.core.reports.lines import Overview, Stretch, made
from syncer.core.reports.overview import overview
from syncer.core.reports.progress import Progress, _Assessor, assess
from syncer.core.state import LedgerState, TaskMark, WeekMarks
from tests.core.test_overview import LEDGER, ONE, TWO, UNITS

MATERIALS = replace(LEDGER.sheets[2], code="materials", name="材料目录")
COUNTED = replace(TWO, target=4.0, measure="次", source=CountSource("activities"))
UNCLEAR = replace(ONE, leads=("D01", "D02"))
DAYS = (date(2026, 11, 18), date(2026, 11, 19), date(2026, 12, 7))
OPENED = (date(2026, 11, 17), date(2026, 10, 19))


def ledger(version: str, units: tuple[Unit, ...] = UNITS, tasks: tuple[Task, ...] = (ONE, COUNTED)) -> Ledger:
    return replace(LEDGER, version=version, sheets=(*LEDGER.sheets, MATERIALS), units=units, tasks=tasks)


LEDGERS = (
    ledger("v1"),
    ledger("v2", tuple(reversed(UNITS))),
    ledger("v3", (replace(UNITS[0], short="综合办"), *UNITS[1:])),
    ledger("v4", tasks=(UNCLEAR, replace(COUNTED, target=9.0))),
    replace(ledger("v5"), settings=replace(LEDGER.settings, red_points=90)),
)
TEXTS = st.sampled_from(("", "累计3次", "累计5次，正在推进"))
MOMENTS = st.sampled_from(("2026-11-17T09:00:00", "2026-11-19T10:00:00"))
SOURCES = st.builds(Source, st.just("工会.xlsx"), st.just("任务清单"), st.integers(5, 6))


def cells(**columns: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Filled cells in the order of their columns, as rows are kept."""
    return st.fixed_dictionaries(columns).map(
        lambda found: {c: found[c] for c in columns if found[c] not in {None, ""}}
    )


SAID = cells(status=st.sampled_from(("推进中", "已完成")), percent=st.sampled_from((None, 20)), this_week=TEXTS)
ROWS = st.one_of(
    st.builds(Row, st.sampled_from(("T0001", "T0002", "1.1-①")), st.just("tasks"), st.sampled_from(("D01", "D02")),
              SAID, SOURCES, MOMENTS),
    st.builds(Row, st.sampled_from(("T0001", "T0002")), st.just("support"), st.sampled_from(("D03", "D04")),
              cells(report=TEXTS), SOURCES, MOMENTS),
    st.builds(Row, st.sampled_from(("HD-1", "HD-2")), st.just("activities"), st.sampled_from(("D01", "D02", "D03")),
              cells(date=st.sampled_from((None, date(2026, 3, 5), date(2026, 12, 1))), tasks=st.sampled_from(("", "2.1"))),
              SOURCES, MOMENTS),
    st.builds(Row, st.sampled_from(("CL-1", "CL-2")), st.just("materials"), st.sampled_from(("D01", "D03")),
              cells(proves=st.sampled_from(("", "1.1", "2.1"))), SOURCES, MOMENTS),
)  # fmt: skip
MARKS = st.builds(
    TaskMark,
    percent=st.just(None),
    text=st.sampled_from(("", "已印发")),
    light=st.just(Light.RED.value),
    red_weeks=st.integers(0, 2),
)
STEPS = st.one_of(
    st.tuples(st.just("row"), ROWS),
    st.tuples(st.just("row"), ROWS),
    st.tuples(st.just("gone"), st.integers(0, 5)),
    st.tuples(st.just("marks"), MARKS),
    st.tuples(st.just("week"), st.sampled_from(("2026-W45", "2026-W47"))),
    st.tuples(st.just("ledger"), st.sampled_from(LEDGERS)),
    st.tuples(st.just("day"), st.sampled_from(DAYS)),
    st.tuples(st.just("opened"), st.sampled_from(OPENED)),
)
FIRST = LEDGERS[0]


def assessed(
    state: LedgerState, book: Ledger, day: date, opened: date, memo: Memo | None
) -> tuple[Progress, dict[str, object]]:
    progress = assess(book, state, day, Workdays(), opened=opened, memo=memo)
    return progress, plain(overview(book, state, progress, Workdays(), memo=memo))


def plain(shown: Overview) -> dict[str, object]:
    """All that it says, what its stretches hold and rest on as well."""
    stretches: dict[str, Sequence[Stretch[Any]]] = {
        "总台账": shown.ledger,
        **{sheet.name: found for sheet, found in shown.data},
    }
    held = {name: [(s.key, s.basis, content) for s, content in zip(found, made(found), strict=True)]
            for name, found in stretches.items()}  # fmt: skip
    return {"stretches": held, "rest": replace(shown, ledger=(), data=(), changes=())}


def follow(given_rows: Sequence[Row], steps: Sequence[tuple[str, Any]]) -> None:
    """Looks after each step, with one memo and without."""
    rows = {(row.sheet, row.unit, row.id): row for row in given_rows}
    now: dict[str, Any] = {
        "week": "2026-W46",
        "marks": TaskMark(),
        "ledger": FIRST,
        "day": DAYS[0],
        "opened": OPENED[0],
    }
    memo = Memo()
    for kind, what in [("day", DAYS[0]), *steps]:
        if kind == "row":
            rows[what.sheet, what.unit, what.id] = what
        elif kind == "gone":
            rows = {place: row for at, (place, row) in enumerate(rows.items()) if at != what}
        else:
            now[kind] = what
        week = WeekMarks(now["week"], "2026-11-13T16:00:00", ((("T0001", "D01"), now["marks"]),))
        state = LedgerState(tuple(rows.values()), (), last_week=week)
        look = (state, now["ledger"], now["day"], now["opened"])
        assert assessed(*look, memo) == assessed(*look, None)


@settings(max_examples=100)
@given(st.lists(ROWS, max_size=6), st.lists(STEPS, min_size=1, max_size=6))
def test_with_a_memo_every_look_says_what_it_says_without(rows: list[Row], steps: list[tuple[str, Any]]) -> None:
    follow(rows, steps)


def said(row_id: str, sheet: str, unit: str, **values: Any) -> Row:
    return Row(row_id, sheet, unit, values, Source(f"{unit}.xlsx", sheet, 5), "2026-11-17T09:00:00")


BEHIND, DONE = {"status": "推进中", "percent": 20}, {"status": "已完成", "this_week": "累计3次"}
OFFICE = (
    said("T0002", "tasks", "D02", **BEHIND, this_week="累计3次"),
    said("T0002", "tasks", "D01", status="推进中"),
    said("T0002", "support", "D03", report="累计5次"),
    said("1.1-①", "tasks", "D01", this_week="自定"),
    said("HD-1", "activities", "D03", date=date(2026, 3, 5), tasks="2.1"),
    said("HD-1", "activities", "D01", date=date(2026, 12, 1), tasks="2.1"),
    said("CL-1", "materials", "D01", proves="1.1、2.1"),
)
STEPS_EACH: tuple[tuple[str, Any], ...] = (
    ("marks", TaskMark(light=Light.RED.value, red_weeks=2)),
    ("week", "2026-W47"),
    *(("day", day) for day in DAYS[1:]),
    ("opened", OPENED[1]),
    *(("ledger", other) for other in LEDGERS[1:]),
    *(("gone", at) for at in range(len(OFFICE) + 2)),
    *(("row", replace(row, changed_at="2026-11-18T08:00:00")) for row in OFFICE),
    ("row", said("HD-1", "activities", "D01", date=date(2026, 3, 5), tasks="2.1")),
    ("row", said("HD-2", "activities", "D01", date=date(2026, 12, 2), tasks="2.1")),
    ("row", said("HD-2", "activities", "D02", date=date(2026, 3, 6), tasks="2.1")),
    ("row", said("T0001", "support", "D03", report="正在推进")),
    ("row", said("T0001", "support", "D03", report="已办结")),
    ("row", said("T0002", "support", "D03", report="累计3次")),
    ("row", said("T0003", "support", "D03")),  # blank: counted, not shown
    ("row", said("CL-2", "materials", "D01", proves="1.1")),
)


@pytest.mark.parametrize("lead", [BEHIND, DONE], ids=["behind", "done"])
@pytest.mark.parametrize("step", STEPS_EACH, ids=lambda step: step[0])
def test_after_any_one_change_too(lead: dict[str, Any], step: tuple[str, Any]) -> None:
    support = said("T0001", "support", "D03", report="还没有开展")
    follow((*OFFICE, said("T0001", "tasks", "D01", **lead), support), [step])


def test_what_did_not_change_is_not_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (Row("T0001", "tasks", "D01", {"this_week": "已印发"}), Row("T0002", "tasks", "D02", {"this_week": "已讲"}))
    memo, told = Memo(), list[str]()
    task, basis = _Assessor.task, ledger_lines._basis
    monkeypatch.setattr(_Assessor, "task", lambda self, of: told.append(of.id) or task(self, of))  # type: ignore[func-returns-value]
    monkeypatch.setattr(ledger_lines, "_basis", lambda *said: told.append("basis") or basis(*said))  # type: ignore[func-returns-value]
    for state in (LedgerState(rows, ()), LedgerState(rows, ())):
        told.clear()
        assessed(state, FIRST, DAYS[0], DAYS[0], memo)
    assert told == []
    other = (replace(rows[0], values={"this_week": "已印发两份"}), rows[1])
    assessed(LedgerState(other, ()), FIRST, DAYS[0], DAYS[0], memo)
    assert told == ["T0001", "basis"]


def test_system_values_tell_of_the_task_the_last_week_and_the_materials() -> None:
    row = Row("T0001", "tasks", "D01", {})
    progress = assess(FIRST, LedgerState((row,), ()), DAYS[0], Workdays(), opened=DAYS[0])
    first = replace(progress.tasks[0], evidence={"D01": 2})
    bare = SystemValues.of(progress, {})
    for other in (
        SystemValues.of(replace(progress, tasks=(first,)), {}),
        SystemValues.of(progress, {("T0001", "D01"): TaskMark(text="上周")}),
        SystemValues.of(replace(progress, tasks=()), {}),
    ):
        assert other.values(row) != bare.values(row)
