from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from syncer.control import take_up
from syncer.core.model import Ledger, Task
from syncer.core.state import Question
from syncer.core.values import Scalar
from syncer.reports import issue_week, week_at_hand
from syncer.standing import KINDS, occasion, stand
from syncer.store.disk import digest
from syncer.sync import sync
from syncer.view import view
from syncer.workspace import Office
from tests.system.bureau import FIRST_ROW, PASSWORD, Bureau, lines, snapshot

MONDAY = datetime(2026, 11, 16, 9, 0)
FRIDAY = datetime(2026, 11, 20, 16, 30)


class Desk:
    """An office whose clock the test sets, and what stands there."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau, self.moment = bureau, MONDAY
        self.office = Office(bureau.opened(), lambda: self.moment)
        self.office.store.set("opened", MONDAY.isoformat())

    @property
    def ledger(self) -> Ledger:
        return take_up(self.office, self.moment.date()).ledger

    def look(self) -> list[Question]:
        """Takes in what was saved; returns what stands."""
        sync(self.office)
        stand(self.office, self.ledger, view(self.office, self.ledger, self.moment.date()))
        return [q for q in self.office.store.questions.open(self.ledger) if q.kind in KINDS]

    def rule(self, question: Question) -> None:
        """She has decided; what follows from it is another test's business."""
        from syncer.store.steps import Ruling

        self.office.store.questions.rule(question, Ruling("reject", None, self.office.now(), "inbox"))

    def set_control(self, code: str, value: Scalar) -> None:
        rows = (
            CalamineWorkbook.from_path(self.bureau.control)
            .get_sheet_by_name("亮灯与时限设置")
            .to_python(skip_empty_area=False)
        )
        at = next(number for number, row in enumerate(rows, 1) if code in row)
        self.bureau.save_control({"亮灯与时限设置": {(at, 3): value}})


@pytest.fixture
def desk(bureau: Bureau) -> Iterator[Desk]:
    made = Desk(bureau)
    with made.office:
        yield made


def test_a_quiet_office_has_nothing_standing(desk: Desk) -> None:
    assert desk.look() == []


# --- refused files


def test_a_refused_file_waits_with_what_is_wrong_what_to_do_and_what_a_ruling_needs(desk: Desk) -> None:
    desk.bureau.save("宣传科", PASSWORD)
    (question,) = desk.look()
    assert (question.kind, question.unit, question.source.file) == ("refused", "D05", "宣传科.xlsx")
    assert "密码" in question.text
    assert "保存" in question.text
    facts = {"path": "02各单位填报/宣传科.xlsx", "sha256": digest(PASSWORD), "code": "FILE-004"}
    assert json.loads(question.payload) == facts


def test_it_is_gone_once_the_unit_saves_a_good_one_and_another_bad_one_is_another_question(desk: Desk) -> None:
    good = desk.bureau.typed("宣传科", "活动台账", {FIRST_ROW: {"活动名称": "植树"}})
    desk.bureau.save("宣传科", PASSWORD)
    (first,) = desk.look()
    desk.bureau.save("宣传科", PASSWORD + b"\0")
    (second,) = desk.look()
    assert second.id != first.id
    desk.bureau.save("宣传科", good)
    assert desk.look() == []


def test_a_file_that_is_no_units_waits_without_one_and_a_copy_does_not_wait(desk: Desk) -> None:
    desk.bureau.save_as("陌生.xlsx", PASSWORD)
    shutil.copy(desk.bureau.book("工会"), desk.bureau.units / "工会 - 副本.xlsx")
    (question,) = desk.look()
    assert (question.unit, question.source.file) == ("", "陌生.xlsx")


def test_a_broken_control_workbook_does_not_wait_here(desk: Desk) -> None:
    desk.look()
    desk.bureau.control.write_bytes(PASSWORD)
    assert desk.look() == []


def test_a_ruled_one_stays_ruled_while_nothing_changes(desk: Desk) -> None:
    desk.bureau.save("宣传科", PASSWORD)
    (question,) = desk.look()
    desk.rule(question)
    assert desk.look() == []


# --- contradictions


def co_worked(desk: Desk) -> tuple[Task, str, str]:
    """A task with the names of its lead and of one unit that supports it."""
    ledger = desk.ledger
    task = next(t for t in ledger.tasks if len(t.leads) == 1 and t.supports and not t.source)
    lead, support = (ledger.unit(code) for code in (task.leads[0], task.supports[0]))
    assert lead
    assert support
    return task, lead.short, support.short


def report(desk: Desk, unit: str, sheet: str, task: Task, cells: dict[str, Scalar]) -> None:
    at = next(n for n, row in enumerate(lines(desk.bureau.book(unit), sheet), FIRST_ROW) if row["行标识"] == task.id)
    desk.bureau.type(unit, sheet, {at: cells})


def test_a_lead_that_says_done_and_a_support_that_says_not_wait_with_both_texts(desk: Desk) -> None:
    task, lead, support = co_worked(desk)
    report(desk, lead, "任务清单", task, {"工作状态": "已完成", "本周完成情况": "全部办结"})
    report(desk, support, "配合任务", task, {"配合完成情况": "材料还在推进中"})
    (question,) = desk.look()
    assert (question.kind, question.row_id, question.row_key) == (
        "contradiction",
        task.id,
        f"{task.number} {task.title}",
    )
    assert "全部办结" in question.text
    assert "材料还在推进中" in question.text
    desk.rule(question)
    assert desk.look() == []
    report(desk, support, "配合任务", task, {"配合完成情况": "材料尚未报齐"})
    (other,) = desk.look()
    assert other.id != question.id
    report(desk, lead, "任务清单", task, {"工作状态": "推进中"})
    assert desk.look() == []


# --- the week


def test_with_approval_by_a_person_the_week_waits_from_its_hour_until_it_is_issued(desk: Desk) -> None:
    desk.set_control("weekly_approval", "人工")
    desk.moment = FRIDAY - timedelta(hours=1)
    assert desk.look() == []
    desk.moment = FRIDAY
    (question,) = desk.look()
    assert (question.kind, question.id, question.row_id) == ("weekly", "W2026-W47", "2026-W47")
    draft = desk.bureau.root / "01创建办专用" / "文明单位创建工作周报（送审稿）.xlsx"
    assert draft.exists()
    assert draft.relative_to(desk.bureau.root).as_posix() in question.text
    seen = view(desk.office, desk.ledger, desk.moment.date())
    issue_week(desk.office, seen, week_at_hand(desk.office, desk.ledger, desk.moment))
    assert desk.look() == []


def test_what_stood_in_a_sheet_is_recorded_as_that_though_the_record_comes_days_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def issue() -> None:
        seen = view(desk.office, desk.ledger, desk.moment.date())
        issue_week(desk.office, seen, week_at_hand(desk.office, desk.ledger, desk.moment))

    desk.moment = FRIDAY
    desk.look()
    with monkeypatch.context() as killed:
        killed.setattr(desk.office.store, "record_week", killing)
        with pytest.raises(InterruptedError):
            issue()
    desk.moment = FRIDAY + timedelta(days=3)
    desk.bureau.type("宣传科", "任务清单", {FIRST_ROW: {"本周完成情况": "周六才写的"}})
    desk.look()
    issue()
    recorded = desk.office.store.last_week()
    assert (recorded.week, recorded.issued_at) == ("2026-W47", FRIDAY.isoformat(timespec="seconds"))
    assert "周六才写的" not in repr(recorded)


def killing(*_: object) -> None:
    raise InterruptedError


def test_with_automatic_approval_no_week_waits(desk: Desk) -> None:
    desk.moment = FRIDAY
    assert desk.look() == []


# --- cost


def test_a_second_look_changes_no_question_and_no_file(desk: Desk) -> None:
    desk.set_control("weekly_approval", "人工")
    desk.bureau.save("宣传科", PASSWORD)
    desk.moment = FRIDAY
    desk.look()
    first = desk.look()  # by now the master speaks of them too
    desk.moment += timedelta(minutes=1)
    before = snapshot(desk.bureau.root, skip=_logs), _changes(desk)
    assert desk.look() == first
    assert (snapshot(desk.bureau.root, skip=_logs), _changes(desk)) == before


def test_what_calls_for_another_look_without_any_save(desk: Desk) -> None:
    desk.set_control("weekly_approval", "人工")
    desk.bureau.save("宣传科", PASSWORD)
    desk.look()
    quiet = occasion(desk.office, desk.ledger)
    assert occasion(desk.office, desk.ledger) == quiet
    desk.moment = FRIDAY
    due = occasion(desk.office, desk.ledger)
    assert due != quiet
    desk.bureau.book("宣传科").unlink()
    desk.look()
    assert occasion(desk.office, desk.ledger) not in {quiet, due}


def _logs(path: Path) -> bool:
    return path.name == "lock" or path.name.startswith("syncer.db")


def _changes(desk: Desk) -> list[Any]:
    return desk.bureau.sql("select * from question order by id")


def test_a_unit_that_left_the_roster_is_not_named(desk: Desk) -> None:
    desk.bureau.save("宣传科", PASSWORD)
    desk.look()
    left = replace(desk.ledger, units=tuple(unit for unit in desk.ledger.units if unit.code != "D05"))
    stand(desk.office, left, view(desk.office, desk.ledger, desk.moment.date()))
    seen = desk.office.store.known_files.seen()["02各单位填报/宣传科.xlsx"]
    assert seen.unit == "D05"
    assert [q.unit for q in desk.office.store.questions.open(left)] == ["D05"]  # as it was asked; a new one is nobody's
