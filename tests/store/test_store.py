from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import first_content
from syncer.core.model import Book, Ledger
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader
from syncer.core.state import Question, TaskMark, WeekMarks
from syncer.store.facts import Published, Save, Seen
from syncer.store.rows import drop_row
from syncer.store.store import Store
from tests.core.tables_as_text import TASK_ROWS, book, codes, compiled, table

LEDGER, _ = compiled()
STRICT = replace(LEDGER, settings=replace(LEDGER.settings, withdraw_rows=0, withdraw_percent=0))
"""The same ledger where every vanished row is asked about."""

READER = CellReader(LEDGER)
TREES = "| | 2026-03-05 | HD-D02-0001 | 植树 | 30 | '2.1 | 滨河路 |"
BOOKS = "| | 2026-03-06 | HD-D02-0002 | 读书会 | 12 |"


@pytest.fixture
def store(tmp_path: Path, database: str) -> Iterator[Store]:
    """The database of a workspace in which 宣传科's workbook was issued."""
    opened = Store.in_folder(tmp_path / "state", database)
    issue(opened)
    yield opened
    opened.close()


def base_of(store: Store, unit: str) -> str:
    facts = store.deliveries.book(unit)
    assert facts
    return facts.sha256


def issue(store: Store, unit: str = "D02", file: str = "宣传科.xlsx") -> None:
    save = Save(unit, file, "0" * 64, "2026-11-16T08:59:00", "2026-11-16T09:00:00")
    store.record_issue(LEDGER, save, f"guid-{unit}", first_content(LEDGER, unit))


def plan(store: Store, saved: Book, ledger: Ledger = LEDGER) -> BookPlan:
    return plan_book(ledger, READER, "D02", saved, "宣传科.xlsx", store.known_book("D02"))


def record(store: Store, saved: Book, minute: int, ledger: Ledger = LEDGER) -> int:
    """Takes in one save of 宣传科 made at this minute past four; returns the number of changed rows."""
    at = f"2026-11-20T16:{minute:02}"
    save = Save("D02", "宣传科.xlsx", f"{minute:064}", f"{at}:00", f"{at}:05")
    base = store.known_book("D02").base
    done = plan(store, saved, ledger)
    assert done.refusal is None
    return store.record_save(ledger, save, done, lambda *_: f"16:{minute:02} 保存", base=base)


def values(store: Store, sheet: str = "activities") -> dict[str, dict[str, object]]:
    return {row.id: dict(row.values) for row in store.state(LEDGER).rows_of(sheet)}


def questions(store: Store) -> list[tuple[str, str, str, object]]:
    return [(q.kind, q.row_id, q.column, q.incoming) for q in store.state(LEDGER).questions]


@contextmanager
def written_rows(store: Store) -> Iterator[list[str]]:
    """Collects the statements that write rows of the merged ledger."""
    statements: list[str] = []

    def listen(*arguments: object) -> None:
        statement = str(arguments[2])
        if re.match(r'(UPDATE|INSERT INTO) "?row"?\s', statement):
            statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        event.remove(store.engine, "before_cursor_execute", listen)


# ---- issue, save, state


def test_an_issued_workbook_is_the_first_base_and_nothing_has_changed(store: Store) -> None:
    known = store.known_book("D02")
    handed = first_content(LEDGER, "D02")
    assert {c: ([(r.id, r.row, r.raw) for r in s.rows], s.columns) for c, s in known.base.items()} == {
        c: ([(r.id, r.row, r.raw) for r in s.rows], s.columns) for c, s in handed.items()
    }
    assert [row.id for row in known.current["tasks"]] == ["T0002", "T0003"]
    assert known.last_numbers == {"tasks": 3, "activities": 5}
    state = store.state(LEDGER)
    assert [(u.unit, u.state) for u in state.units] == [("D01", "missing"), ("D02", "issued"), ("D03", "missing")]
    assert (state.changes, state.questions, state.rows[0].changed_at) == ((), (), "")
    assert store.files() == {"D02": "宣传科.xlsx"}


def test_an_unknown_unit_has_no_base_and_no_rows(store: Store) -> None:
    known = store.known_book("D03")
    assert (known.base, known.current, known.last_numbers, store.deliveries.book("D03")) == ({}, {}, {}, None)


def test_a_save_is_in_the_state_with_typed_values_and_where_they_came_from(store: Store) -> None:
    assert record(store, book(TREES.replace("30", "约30人")), 2) == 1
    state = store.state(LEDGER)
    (row,) = state.rows_of("activities")
    assert (row.get("headcount"), row.text("date"), row.changed_at) == (30, "2026-03-05", "2026-11-20T16:02:05")
    assert row.source.file == "宣传科.xlsx"
    assert (row.source.sheet, row.source.row, row.source.saved_at) == ("活动台账", 5, "2026-11-20T16:02:00")
    unit = state.unit("D02")
    assert (unit.state, unit.last_saved, unit.last_change) == ("current", "2026-11-20T16:02:00", "2026-11-20T16:02:05")
    assert (unit.rows, unit.receipt, codes(unit.problems)) == (1, "16:02 保存", ["CELL-009"])
    assert base_of(store, "D02") == f"{2:064}"


def test_the_next_base_is_what_the_workbook_held_and_not_what_it_came_to(store: Store) -> None:
    record(store, book(TREES, TASK_ROWS.replace("主题宣讲", "宣讲")), 2)
    known = store.known_book("D02")
    assert known.base["tasks"].rows[0].raw["title"] == "宣讲"
    assert known.current["tasks"][0].raw["title"] == "主题宣讲"
    assert known.base["activities"] == plan(store, book(TREES)).content["activities"]


def test_a_unit_s_text_of_marks_is_another_whenever_one_of_its_marks_is(store: Store) -> None:
    issue(store, LEDGER.units[0].code, "另一科.xlsx")
    before, texts = store.merged.marks(), store.merged.unit_marks()
    assert texts.keys() == {unit for unit, _ in before} == {LEDGER.units[0].code, "D02"}
    assert store.merged.unit_marks() == texts
    unit, other = next(iter(before))[0], next(reversed(before))
    assert store.merged.marks({unit}) == {place: mark for place, mark in before.items() if place[0] == unit}
    with store.engine.begin() as db:
        drop_row(db, other[0], other[1], "no such row")
    after = store.merged.marks()
    assert {place for place in before if after[place] != before[place]} == {other}
    assert {code for code, text in store.merged.unit_marks().items() if text != texts[code]} == {other[0]}


def test_everything_stands_after_the_database_was_closed_and_opened_again(
    store: Store, tmp_path: Path, database: str
) -> None:
    record(store, book(TREES), 2)
    before, known = store.state(LEDGER), store.known_book("D02")
    store.close()
    again = Store.in_folder(tmp_path / "state", database)
    assert (again.state(LEDGER), again.known_book("D02")) == (before, known)
    again.close()


def test_rows_stand_in_the_order_of_their_workbook_and_units_in_the_order_of_the_roster(store: Store) -> None:
    issue(store, "D01", "办公室.xlsx")
    record(store, book(f"{BOOKS}\n{TREES}"), 2)
    state = store.state(LEDGER)
    assert [row.id for row in state.rows_of("activities")] == ["HD-D02-0002", "HD-D02-0001"]
    assert [row.unit for row in state.rows_of("tasks")] == ["D01", "D02", "D02"]
    record(store, book(f"{TREES}\n{BOOKS}"), 3)
    assert [row.id for row in store.state(LEDGER).rows_of("activities")] == ["HD-D02-0001", "HD-D02-0002"]


def test_a_column_the_unit_added_is_kept_with_the_row(store: Store) -> None:
    saved = book(TREES)
    sheet = saved.tables[1]
    rows = (*sheet.rows[:3], (*sheet.rows[3], "天气"), (*sheet.rows[4], None, "晴"))
    record(store, replace(saved, tables=(saved.tables[0], replace(sheet, rows=rows))), 2)
    (row,) = store.state(LEDGER).rows_of("activities")
    assert row.extra == (("天气", "晴"),)


def test_a_sheet_that_is_missing_from_a_save_keeps_its_rows(store: Store) -> None:
    record(store, book(TREES), 2)
    record(store, book(None), 3)
    assert values(store)["HD-D02-0001"]["name"] == "植树"


def test_the_state_without_rows_still_tells_units_and_questions(store: Store) -> None:
    record(store, book("", TASK_ROWS.replace("主题宣讲", "宣讲")), 2)
    state = store.state(LEDGER, rows=False)
    assert (state.rows, len(state.questions), state.unit("D02").state) == ((), 1, "current")


# ---- changes


def test_every_changed_cell_is_in_the_history_with_old_new_and_when_it_was_seen(store: Store) -> None:
    record(store, book(TREES), 2)
    record(store, book(TREES.replace("30", "31")), 3)
    told = [(c.at, c.old, c.new, c.source.row) for c in store.history(LEDGER, ["HD-D02-0001"], "headcount")]
    assert told == [("2026-11-20T16:02:05", None, 30, 5), ("2026-11-20T16:03:05", 30, 31, 5)]
    assert {c.column for c in store.history(LEDGER, ["HD-D02-0001"])} == {
        "date",
        "name",
        "headcount",
        "tasks",
        "content",
    }


def test_a_save_without_a_change_adds_none_and_leaves_the_date_of_the_last_change(store: Store) -> None:
    record(store, book(TREES), 2)
    before = store.state(LEDGER)
    assert record(store, book(TREES), 9) == 0
    after = store.state(LEDGER)
    assert (after.rows, after.changes, after.questions) == (before.rows, before.changes, before.questions)
    assert after.unit("D02").last_change == before.unit("D02").last_change
    assert after.unit("D02").last_saved == "2026-11-20T16:09:00"


def test_what_had_no_effect_is_in_the_history_but_no_change_of_the_ledger(store: Store) -> None:
    tasks = "| '2.1 | 宣讲 | T0002 | 99 | | 未启动 |\n| '2.2 | 道德讲堂 | T0003 | | | 未启动 |"
    record(store, book("", tasks), 2)
    assert [(c.column, c.outcome) for c in store.history(LEDGER, ["T0002"])] == [("title", "asked"), ("done", "noted")]
    state = store.state(LEDGER)
    assert (state.changes, state.unit("D02").last_change) == ((), "")


def test_rows_nobody_touched_are_not_written_again(store: Store) -> None:
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    with written_rows(store) as statements:
        record(store, book(f"{TREES}\n{BOOKS}"), 3)
    assert statements == []
    with written_rows(store) as statements:
        record(store, book(f"{TREES}\n{BOOKS.replace('12', '13')}"), 4)
    assert len(statements) == 1
    rows = {row.id: row for row in store.state(LEDGER).rows_of("activities")}
    assert rows["HD-D02-0001"].source.saved_at == "2026-11-20T16:02:00"
    assert rows["HD-D02-0002"].source.saved_at == "2026-11-20T16:04:00"


def test_a_row_that_only_moved_keeps_the_save_its_content_came_from(store: Store) -> None:
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    record(store, book(f"{BOOKS}\n{TREES}"), 3)
    rows = {row.id: row for row in store.state(LEDGER).rows_of("activities")}
    assert [(r.source.row, r.source.saved_at, r.changed_at) for r in rows.values()] == [
        (5, "2026-11-20T16:02:00", "2026-11-20T16:02:05"),
        (6, "2026-11-20T16:02:00", "2026-11-20T16:02:05"),
    ]


def test_a_save_that_fails_half_way_is_not_recorded_at_all(store: Store) -> None:
    record(store, book(TREES), 2)
    before, known, serial = store.state(LEDGER), store.known_book("D02"), store.serial()
    done = plan(store, book(f"{TREES}\n{BOOKS}", TASK_ROWS.replace("未启动", "推进中")))
    broken = {**done.values, ("activities", "HD-D02-0002"): {"name": object()}}
    save = Save("D02", "宣传科.xlsx", "f" * 64, "2026-11-20T16:05:00", "2026-11-20T16:05:05")
    with pytest.raises(TypeError, match="object"):
        store.record_save(LEDGER, save, replace(done, values=broken), lambda *_: "16:05 保存")  # type: ignore[arg-type]
    assert (store.state(LEDGER), store.known_book("D02"), store.serial()) == (before, known, serial)


# ---- ids


def test_an_id_is_never_given_out_twice_even_when_its_row_is_gone(store: Store) -> None:
    bare = "| | 2026-04-0{0} | | 活动{0} | {0} |"
    record(store, book(f"{TREES}\n{bare.format(1)}"), 2)
    assert "HD-D02-0006" in values(store)
    record(store, book(TREES), 3)
    record(store, book(f"{TREES}\n{bare.format(2)}"), 4)
    assert "HD-D02-0006" not in values(store)
    assert values(store)["HD-D02-0007"]["name"] == "活动2"
    assert store.known_book("D02").last_numbers == {"tasks": 3, "activities": 7}


def test_a_number_that_is_printed_on_a_reserved_line_is_given_to_no_other_row(store: Store) -> None:
    """A sheet that came after the issue has no number given out yet, and its first lines are printed all the same."""
    known = replace(store.known_book("D02"), last_numbers={"activities": 1})
    done = plan_book(LEDGER, READER, "D02", book(f"{TREES}\n| | 2026-04-01 | | 补录 | 1 |"), "宣传科.xlsx", known)
    (activities,) = (plan for plan in done.sheets if plan.sheet == "activities")
    assert list(activities.added) == ["HD-D02-0001", "HD-D02-0006"]


@pytest.mark.parametrize("odd", ["HD-²", "HD-D05-0900", "补录-20261120", "12"])
def test_an_odd_id_in_the_hidden_column_stops_nothing_and_the_row_gets_one_of_ours(store: Store, odd: str) -> None:
    record(store, book(f"{TREES}\n| | 2026-04-01 | '{odd} | 补录 | 1 |"), 2)
    assert {row_id: row["name"] for row_id, row in values(store).items()} == {
        "HD-D02-0001": "植树",
        "HD-D02-0006": "补录",
    }
    assert store.known_book("D02").last_numbers["activities"] == 6


def test_an_id_with_an_absurd_number_uses_up_no_numbers(store: Store) -> None:
    record(store, book(f"{TREES}\n| | 2026-04-01 | 'HD-D02-99999999999999999999 | 补录 | 1 |"), 2)
    assert {row["name"] for row in values(store).values()} == {"植树", "补录"}
    assert store.known_book("D02").last_numbers["activities"] == 5


# ---- questions


RENAMED = TASK_ROWS.replace("主题宣讲", "宣讲")


def test_a_proposal_is_asked_once_however_often_the_book_is_saved(store: Store) -> None:
    for minute in (2, 3, 4):
        record(store, book("", RENAMED), minute)
    (question,) = store.state(LEDGER).questions
    assert question == Question(
        id=question.id,
        kind="proposal",
        unit="D02",
        sheet="tasks",
        row_id="T0002",
        row_key="2.1",
        column="title",
        base="主题宣讲",
        current="主题宣讲",
        incoming="宣讲",
        source=question.source,
        at="2026-11-20T16:02:05",
        cell="B5",
    )
    assert (question.source.sheet, question.source.row, question.source.saved_at) == (
        "任务清单",
        5,
        "2026-11-20T16:02:00",
    )


def test_a_question_is_closed_when_the_unit_puts_the_cell_back_and_asked_again_when_it_is_typed_again(
    store: Store,
) -> None:
    record(store, book("", RENAMED), 2)
    record(store, book(""), 3)
    assert questions(store) == []
    record(store, book("", RENAMED), 4)
    assert questions(store) == [("proposal", "T0002", "title", "宣讲")]


def test_a_newer_proposal_for_a_cell_takes_the_place_of_the_older_one(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    record(store, book("", TASK_ROWS.replace("主题宣讲", "理论宣讲")), 3)
    assert questions(store) == [("proposal", "T0002", "title", "理论宣讲")]
    record(store, book("", RENAMED), 4)
    assert questions(store) == [("proposal", "T0002", "title", "宣讲")]


def test_a_unit_is_told_of_its_open_questions_for_as_long_as_they_are_open(store: Store) -> None:
    for minute in (2, 3):
        record(store, book("", RENAMED), minute)
        (told,) = store.state(LEDGER).unit("D02").problems
        assert (told.code, told.place.file, told.place.sheet, told.place.cell) == (
            "OWN-001", "宣传科.xlsx", "任务清单", "B5",
        )  # fmt: skip
        assert (told.row_key, told.column, told.found, told.facts) == (
            "2.1",
            "重点任务",
            "宣讲",
            (("current", "主题宣讲"),),
        )
    record(store, book(""), 4)
    assert store.state(LEDGER).unit("D02").problems == ()


def test_an_open_question_points_to_where_its_row_stands_now(store: Store) -> None:
    record(store, book("", RENAMED), 2)
    record(store, book("", "\n".join(reversed(RENAMED.splitlines()))), 3)
    assert [p.place.cell for p in store.state(LEDGER).unit("D02").problems] == ["B6"]


def test_the_receipt_is_worded_with_the_number_of_questions_that_are_open(store: Store) -> None:
    for minute, saved, receipt in ((2, RENAMED, "还有1处"), (3, RENAMED, "还有1处"), (4, TASK_ROWS, "还有0处")):
        save = Save(
            "D02", "宣传科.xlsx", f"{minute:064}", f"2026-11-20T16:{minute:02}:00", f"2026-11-20T16:{minute:02}:05"
        )
        store.record_save(LEDGER, save, plan(store, book("", saved)), lambda waiting, _: f"还有{waiting}处")
        assert store.state(LEDGER).unit("D02").receipt == receipt


def test_a_vanished_row_is_asked_about_until_it_is_back(store: Store) -> None:
    record(store, book(f"{TREES}\n{BOOKS}"), 2)
    for minute in (3, 4):
        record(store, book(BOOKS), minute, STRICT)
        assert questions(store) == [("vanished", "HD-D02-0001", "", None)]
    assert store.state(LEDGER).questions[0].row_key == "2026-03-05 植树"
    assert values(store)["HD-D02-0001"]["name"] == "植树"
    record(store, book(f"{BOOKS}\n{TREES}"), 5, STRICT)
    assert questions(store) == []
    record(store, book(BOOKS), 6, STRICT)
    assert len(questions(store)) == 1


def test_cells_cleared_by_the_mass_are_asked_about_until_they_are_filled_again(store: Store) -> None:
    rows = [f"| | 2026-03-{at:02} | HD-D02-{at:04} | 活动{at} | {at} |" for at in range(1, 13)]
    emptied = [row.rpartition("|")[0].rpartition("|")[0] + "|" for row in rows]
    record(store, book("\n".join(rows)), 2)
    record(store, book("\n".join(emptied)), 3)
    assert {(kind, column) for kind, _, column, _ in questions(store)} == {("mass", "headcount")}
    assert len(questions(store)) == 12
    assert values(store)["HD-D02-0007"]["headcount"] == 7
    record(store, book("\n".join((*rows[:11], emptied[11]))), 4)
    assert questions(store) == [("mass", "HD-D02-0012", "headcount", None)]
    record(store, book("\n".join((*rows[:11], rows[11].replace("| 12 |", "| 99 |")))), 5)
    assert questions(store) == [], "what the unit types where it had cleared is its own affair"
    assert values(store)["HD-D02-0012"]["headcount"] == 99


# ---- refusals, files seen


def test_a_refused_file_leaves_the_last_good_state_and_is_told_of_first(store: Store) -> None:
    record(store, book(TREES.replace("30", "不少")), 2)
    rows = store.state(LEDGER).rows
    refusal = Problem("FILE-003", Place("宣传科.xlsx"))
    save = Save("D02", "宣传科.xlsx", "e" * 64, "2026-11-20T16:05:00", "2026-11-20T16:05:05")
    serial = store.serial()
    store.record_refusal(save, refusal)
    store.known_files.see("02各单位填报/宣传科.xlsx", Seen("1:2:3:4", "e" * 64, "D02", (refusal,), "没有采用"))
    state = store.state(LEDGER)
    unit = state.unit("D02")
    assert (state.rows, base_of(store, "D02")) == (rows, f"{2:064}")
    assert (unit.state, unit.receipt, codes(unit.problems)) == ("refused", "没有采用", ["FILE-003", "CELL-001"])
    assert store.serial() > serial


def test_a_copy_beside_the_workbook_is_pointed_out_and_the_unit_stays_in_order(store: Store) -> None:
    record(store, book(TREES), 2)
    copy = Problem("FILE-011", Place("宣传科 - 副本.xlsx"), facts=(("original", "宣传科.xlsx"),))
    store.known_files.see("02各单位填报/宣传科 - 副本.xlsx", Seen("1:2:3:4", "c" * 64, "D02", (copy,), "没有采用"))
    unit = store.state(LEDGER).unit("D02")
    receipt = "16:02 保存；另收到副本“宣传科 - 副本.xlsx”"  # it knew of no problem when it was worded
    assert (unit.state, unit.receipt, unit.problems) == ("current", receipt, (copy,))


def test_files_seen_are_remembered_overwritten_distrusted_and_forgotten(store: Store) -> None:
    store.known_files.see("02/a.xlsx", Seen("1:1:1:1", "a" * 64, "D01"))
    store.known_files.see("02/b.xlsx", Seen("2:2:2:2", "b" * 64, "D02", (Problem("FILE-012"),), "没有采用"))
    store.known_files.see("02/a.xlsx", Seen("3:3:3:3", "c" * 64, "D01"))
    assert store.known_files.seen() == {
        "02/a.xlsx": Seen("3:3:3:3", "c" * 64, "D01"),
        "02/b.xlsx": Seen("2:2:2:2", "b" * 64, "D02", (Problem("FILE-012"),), "没有采用"),
    }
    store.known_files.distrust_marks()
    assert {seen.stat for seen in store.known_files.seen().values()} == {""}
    store.known_files.forget(["02/b.xlsx", "02/nobody.xlsx"])
    assert set(store.known_files.seen()) == {"02/a.xlsx"}


def test_files_below_a_folder_wrong_ones_and_lost_ones_are_asked_for_alone(store: Store) -> None:
    issue(store, "D01", "办公室.xlsx")
    wrong = Seen("2:2:2:2", "b" * 64, "", (Problem("FILE-012"),))
    for path, seen in {"In/a.xlsx": Seen("1", "a" * 64, "D02"), "in/100%.xlsx": wrong, "x.xlsx": wrong}.items():
        store.known_files.see(path, seen)
    assert list(store.known_files.seen("In/")) == ["In/a.xlsx"]
    assert store.known_files.seen("i%") == {}
    assert list(store.known_files.wrong()) == ["in/100%.xlsx", "x.xlsx"]
    assert store.known_files.lost("In/") == {"D01": "办公室.xlsx"}
    assert store.known_files.lost("in/") == {"D01": "办公室.xlsx", "D02": "宣传科.xlsx"}
    assert [store.file_of(unit) for unit in ("D01", "D03")] == ["办公室.xlsx", ""]


def test_rows_of_some_sheets_are_found_without_reading_those_of_other_units(tmp_path: Path) -> None:
    store = Store.in_folder(tmp_path)
    issue(store)
    issue(store, "D01", "办公室.xlsx")
    record(store, book(TREES), 2)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def _note(_: object, __: object, statement: str, given: object, *___: object) -> None:
        asked.append((statement, given))

    has_rows = {("D02", "activities"): True, ("D01", "tasks"): True, ("D02", "tasks"): True, ("D03", "tasks"): False}
    found = store.merged.rows(LEDGER, has_rows)
    store.close()
    with closing(sqlite3.connect(tmp_path / "syncer.db")) as db:
        steps = [step for text, given in asked for *_, step in db.execute(f"explain query plan {text}", given)]
    assert {place: bool(rows) for place, rows in found.items()} == has_rows
    assert [step.partition(" USING")[0] for step in steps if " row " in step] == ["SEARCH row"] * 3


# ---- weeks, generated files, the control workbook


def week(label: str, issued_at: str) -> WeekMarks:
    return WeekMarks(label, issued_at, ((("T0002", "D02"), TaskMark(50, "推进中", "宣讲2场", "黄", 1)),))


def test_a_week_is_recorded_once_only(store: Store) -> None:
    first = week("2026-W47", "2026-11-20T16:02:30")
    store.record_week(first, "04周报通报/2026年/第47周")
    with pytest.raises(IntegrityError):
        store.record_week(week("2026-W47", "2026-11-20T17:00:00"), "elsewhere")
    assert (store.last_week(), store.week_path("2026-W47")) == (first, "04周报通报/2026年/第47周")
    assert store.week_path("2026-W48") == ""


def test_the_newest_week_counts_also_across_the_turn_of_the_year(store: Store) -> None:
    assert (store.last_week(), store.last_week_label()) == (WeekMarks(), "")
    for label, issued_at in (("2026-W53", "2026-12-31T16:00:00"), ("2027-W01", "2027-01-08T16:00:00")):
        store.record_week(week(label, issued_at), label)
    assert store.last_week().week == store.last_week_label() == "2027-W01"


def test_a_week_that_a_clock_ahead_issued_puts_off_none_of_those_before_it(store: Store) -> None:
    record(store, book(TREES), 2)
    for label, issued_at in (("2026-W46", "2026-11-13T16:00:00"), ("2028-W09", "2028-03-09T16:00:00")):
        store.record_week(week(label, issued_at), label)
    now = "2026-11-20T17:00:00"
    assert store.last_week(now).week == store.last_week_label(now) == "2026-W46"
    state = store.state(LEDGER, until=now)
    assert (state.last_week.week, len(state.changes)) == ("2026-W46", 5)
    assert store.last_week_label("2028-03-09T16:00:00") == "2028-W09"


def test_what_a_week_s_sheet_says_is_kept_until_it_is_recorded(store: Store) -> None:
    begun = week("2026-W47", "2026-11-20T16:00:00")
    assert store.begun_week("2026-W47") is None
    store.begin_week(begun)
    assert (store.begun_week("2026-W47"), store.begun_week("2026-W48")) == (begun, None)


def test_changes_are_those_since_the_last_issued_week(store: Store) -> None:
    record(store, book(TREES), 2)
    store.record_week(week("2026-W47", "2026-11-20T16:02:30"), "47")
    assert store.state(LEDGER).changes == ()
    record(store, book(TREES.replace("30", "31")), 3)
    assert [(c.column, c.new) for c in store.state(LEDGER).changes] == [("headcount", 31)]
    assert len(store.history(LEDGER, ["HD-D02-0001"], "headcount")) == 2


def test_a_generated_file_is_remembered_as_it_was_left(store: Store) -> None:
    assert store.known_files.published("03汇总台账/汇总.xlsx") is None
    for version in ("one", "two"):
        store.known_files.record_published("03汇总台账/汇总.xlsx", Published("a" * 64, version, "1:2:3:4"))
    assert store.known_files.published("03汇总台账/汇总.xlsx") == Published("a" * 64, "two", "1:2:3:4")


def test_the_control_workbook_in_force_is_the_last_accepted_one_and_older_ones_stay(store: Store) -> None:
    one, two = (table("单位名录", "| 编码 |\n| D01 |"),), (table("单位名录", "| 编码 |\n| D02 |"),)
    for sha256, tables in (("1" * 64, one), ("2" * 64, two), ("1" * 64, one)):
        save = Save("", "台账设置.xlsx", sha256, "2026-11-16T09:00:00", "2026-11-16T09:00:05")
        store.record_control(save, tables)
    assert store.get("control") == "1" * 64
    assert (store.control_tables("1" * 64), store.control_tables("2" * 64)) == (one, two)
    assert store.control_tables("3" * 64) == ()


def test_the_serial_grows_with_whatever_the_generated_books_are_made_from(store: Store) -> None:
    serials = [store.serial()]
    record(store, book(TREES), 2)
    serials.append(store.serial())
    store.record_week(week("2026-W47", "2026-11-20T16:02:30"), "47")
    serials.append(store.serial())
    store.record_other(Save("", "汇总.xlsx", "9" * 64, "", ""), "generated")
    serials.append(store.serial())
    assert serials == sorted(set(serials))
    store.known_files.see("02/a.xlsx", Seen("", ""))
    store.set("opened", "2026-11-16T09:00:00")
    assert (store.serial(), store.get("opened"), store.get("nothing")) == (serials[-1], "2026-11-16T09:00:00", "")
