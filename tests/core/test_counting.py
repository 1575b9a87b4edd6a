"""Counts that are kept up, unit by unit, say what those say that are added up at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.facts import UnitFacts
from syncer.core.model import CountSource, Row, Sheet, SheetKind, Task
from syncer.core.reports.counting import Counts
from syncer.core.reports.facts import unit_facts
from tests.core.test_overview import LEDGER, ONE, TWO

DAY = date(2026, 11, 18)
ROSTER = Sheet("volunteers", "志愿者名册", SheetKind.RECORDS, (), ("D01", "D02"))
COUNTED = replace(TWO, target=4.0, source=CountSource("activities"))
SUMMED = replace(TWO, id="T0003", number="2.2", leads=("D01", "D02"), source=CountSource("activities", "people"))
PER_HEAD = replace(TWO, id="T0004", number="2.3", source=CountSource("activities", "people", per_sheet="volunteers"))
BOOK = replace(LEDGER, sheets=(*LEDGER.sheets, ROSTER), tasks=(ONE, COUNTED, SUMMED, PER_HEAD))
UNITS = ("D01", "D02", "D03")
TASKS = st.sampled_from(("", "2.1", "2.2", "2.3", "2.1、2.2、2.3", "9.9"))
MOMENTS = st.sampled_from(("", "2026-11-17T09:00:00", "2026-11-19T10:00:00"))
DAYS = st.sampled_from((date(2026, 3, 5), date(2026, 12, 1)))
ROWS = st.one_of(
    st.builds(Row, st.sampled_from(("HD-1", "HD-2")), st.just("activities"), st.sampled_from(UNITS),
              st.fixed_dictionaries({"date": DAYS, "tasks": TASKS, "people": st.integers(1, 3)}), changed_at=MOMENTS),
    st.builds(Row, st.sampled_from(("CL-1", "CL-2")), st.just("materials"), st.sampled_from(UNITS),
              st.fixed_dictionaries({"proves": st.sampled_from(("", "1.1", "1.1、2.1", "9.9"))})),
    st.builds(Row, st.sampled_from(("V-1", "V-2")), st.just("volunteers"), st.sampled_from(UNITS), st.just({"name": "沈"})),
)  # fmt: skip


def facts_of(rows: Sequence[Row]) -> list[UnitFacts]:
    """The facts of every unit that has rows."""
    units = dict.fromkeys(row.unit for row in rows)
    return [unit_facts(BOOK, unit, [row for row in rows if row.unit == unit]) for unit in units]


def said(counts: Counts, task: Task) -> tuple[object, ...]:
    by_unit = [(counts.count(task, unit), counts.touched(task, unit)) for unit in UNITS]
    return counts.count(task), by_unit, counts.ahead(task), [*counts.evidence(task).items()], counts.of(task)


@settings(max_examples=200)
@given(st.lists(st.lists(ROWS, max_size=6), min_size=2, max_size=5))
def test_kept_up_they_say_what_they_say_at_once(looks: list[list[Row]]) -> None:
    kept_up = Counts(BOOK, (), DAY)
    for rows in looks:
        facts = facts_of(rows)
        kept_up.bring_to(facts)
        at_once = Counts(BOOK, facts, DAY)
        assert [said(kept_up, task) for task in BOOK.tasks] == [said(at_once, task) for task in BOOK.tasks]


def test_what_did_not_change_is_told_in_the_very_same_words() -> None:
    rows = [
        Row("HD-1", "activities", "D02", {"date": date(2026, 3, 5), "tasks": "2.1"}),
        Row("HD-2", "activities", "D01", {"date": date(2026, 3, 5), "tasks": "2.2", "people": 3}),
    ]
    counts = Counts(BOOK, facts_of(rows), DAY)
    before = [counts.of(task) for task in BOOK.tasks]
    rows[1] = replace(rows[1], values={**rows[1].values, "people": 4})
    counts.bring_to(facts_of(rows))
    same = [counts.of(task) is told for task, told in zip(BOOK.tasks, before, strict=True)]
    assert same == [True, True, False, True]
