"""What was brought up to date save by save is, to the byte, what is made anew from the database alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncer.control import ledger_in_force
from syncer.core.delivery.handout import with_plan
from syncer.core.reports.facts import facts_of
from syncer.core.values import Scalar
from syncer.reports import due_week, issue_week
from syncer.rulings import rule
from syncer.sync import sync
from syncer.view import view
from syncer.workspace import Office
from tests.system.bureau import Bureau

pytestmark = pytest.mark.slow

FRIDAY = datetime(2026, 11, 20, 9)
TREES: dict[str, Scalar] = {
    "日期": "2026-3-12",
    "活动名称": "植树",
    "类别": "主题活动",
    "参加人数": 30,
    "对应任务": "7.1",
}
BOOKS: dict[str, Scalar] = {
    "日期": "2026-4-23",
    "活动名称": "读书会",
    "类别": "主题活动",
    "参加人数": "1500余人",
    "对应任务": "7.1",
}
FIRST_ROW = 5


@dataclass
class Morning:
    """A bureau over some days, held open by one office as a daemon holds it."""

    bureau: Bureau
    office: Office
    now: datetime = FRIDAY

    def passes(self) -> None:
        self.office.clock = lambda: self.now
        sync(self.office)

    def rules(self, kind: str, take: str) -> None:
        ledger = ledger_in_force(self.office, self.now.date())
        for question in self.office.store.questions.open(ledger):
            if question.kind == kind:
                rule(self.office, ledger, question.id, take, None, by="inbox")


def a_clerk_reports(morning: Morning) -> None:
    morning.bureau.type("宣传科", "活动台账", {FIRST_ROW: TREES, FIRST_ROW + 1: BOOKS})


def another_reports_on_a_task(morning: Morning) -> None:
    morning.bureau.type(
        "办公室", "任务清单", {FIRST_ROW: {"本周完成情况": "已开会部署", "完成率": 0.3, "工作状态": "推进中"}}
    )


def a_supporting_unit_says_what_it_did(morning: Morning) -> None:
    morning.bureau.type("宣传科", "配合任务", {FIRST_ROW: {"配合完成情况": "已提供素材"}})


def a_cell_is_cleared_and_another_corrected(morning: Morning) -> None:
    morning.bureau.type("宣传科", "活动台账", {FIRST_ROW: {"对应任务": None, "参加人数": 31}})


def a_clerk_types_into_the_coordinators_column(morning: Morning) -> None:
    morning.bureau.type("办公室", "任务清单", {FIRST_ROW: {"完成时限": "2026年12月1日"}})


def the_coordinator_agrees(morning: Morning) -> None:
    morning.rules("proposal", "accept")


def a_day_passes(morning: Morning) -> None:
    morning.now += timedelta(days=1)


def the_week_is_issued(morning: Morning) -> None:
    morning.now = FRIDAY.replace(hour=17)
    ledger = ledger_in_force(morning.office, morning.now.date())
    week = due_week(morning.office, ledger, morning.now)
    assert week
    issue_week(morning.office, view(morning.office, ledger, morning.now.date()), week)


def a_row_is_reported_after_the_issue(morning: Morning) -> None:
    morning.now = FRIDAY + timedelta(days=3)
    morning.bureau.type("宣传科", "活动台账", {FIRST_ROW + 2: {**TREES, "活动名称": "健步走"}})


EVENTS: tuple[Callable[[Morning], None], ...] = (
    a_clerk_reports,
    another_reports_on_a_task,
    a_supporting_unit_says_what_it_did,
    a_cell_is_cleared_and_another_corrected,
    a_clerk_types_into_the_coordinators_column,
    the_coordinator_agrees,
    the_week_is_issued,
    a_row_is_reported_after_the_issue,
    a_day_passes,
)


def books(bureau: Bureau) -> dict[Path, bytes]:
    """The bytes of every generated book that a later look may make anew."""
    folders = (bureau.master.parent, bureau.feedback("宣传科").parent)
    return {path: path.read_bytes() for folder in folders for path in sorted(folder.iterdir())}


def named(bureau: Bureau) -> list[tuple[str, bytes]]:
    return [(path.name, data) for path, data in books(bureau).items()]


def made_anew(bureau: Bureau, now: datetime, root: Path) -> list[tuple[str, bytes]]:
    """The same books, by an office that knows nothing but a copy of the database and finds none of them."""
    copy = bureau.copied(root)
    for path in (*books(copy), *copy.opened().config.folders.state.glob("pieces.db*")):
        path.unlink()
    with Office(copy.opened(), lambda: now) as office:
        sync(office)
    return named(copy)


def test_whatever_happens_the_books_are_those_of_a_full_rebuild(bureau: Bureau, tmp_path: Path) -> None:
    with Office(bureau.opened(), lambda: FRIDAY) as office:
        office.store.set("opened", "2026-11-16T09:00:00")  # the bureau was handed out today, whenever that is
        morning = Morning(bureau, office)
        for event in EVENTS:
            event(morning)
            morning.passes()
            seen = view(office, ledger_in_force(office, morning.now.date()), morning.now.date())
            whole = with_plan(seen.ledger, office.store.state(seen.ledger))
            planned = {sheet.code for sheet in seen.ledger.sheets if sheet.from_plan}
            assert seen.state.rows == tuple(row for row in whole.rows if row.sheet in planned), event.__name__
            kept_up = {facts.unit: facts for facts in seen.state.facts or () if facts.rows}
            counted = {facts.unit: facts for facts in facts_of(seen.ledger, office.store.state(seen.ledger))}
            assert kept_up == counted, event.__name__
            assert made_anew(bureau, morning.now, tmp_path / event.__name__) == named(bureau), event.__name__
