from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from syncer.core.merging.merge import Outcome, SheetPlan, merge_cell, plan_sheet
from syncer.core.model import Settings
from syncer.core.problems import Place
from syncer.core.reading.rows import ReadRow
from syncer.core.values import Scalar
from tests.core.tables_as_text import codes, compiled, lines, sheet_of

LEDGER, _ = compiled()
ACTIVITIES, TASKS = sheet_of(LEDGER, "activities"), sheet_of(LEDGER, "tasks")
PLACE = Place("宣传科.xlsx", "活动台账")
NOTHING = frozenset[str]()

CELL_CASES = """
    | base | current | incoming | outcome   |
    | 甲   | 甲      | 甲       | unchanged |
    |      |         |          | unchanged |
    | 甲   | 甲      | 乙       | take      |
    |      |         | 乙       | take      |
    | 甲   | 甲      |          | take      |
    | 甲   | 乙      | 甲       | keep      |
    | 甲   |         | 甲       | keep      |
    | 甲   | 乙      | 乙       | agree     |
    | 甲   |         |          | agree     |
    | 甲   | 乙      | 丙       | conflict  |
    | 甲   |         | 乙       | conflict  |
    | 甲   | 乙      |          | conflict  |
    |      | 甲      | 乙       | conflict  |
    | 1    | 1       | '1       | take      |
    | 1    | 2       | '2       | conflict  |
"""


@pytest.mark.parametrize(("base", "current", "incoming", "outcome"), lines(CELL_CASES)[1:])
def test_one_cell_is_decided_by_who_changed_it(base: Scalar, current: Scalar, incoming: Scalar, outcome: str) -> None:
    assert merge_cell(base, current, incoming) == outcome
    swapped = {"take": "keep", "keep": "take"}.get(outcome, outcome)
    assert merge_cell(base, incoming, current) == swapped


def test_a_number_typed_as_another_kind_of_number_is_no_change_but_true_is_not_one() -> None:
    assert merge_cell(1, 1, 1.0) is Outcome.UNCHANGED
    assert merge_cell(1, 1, True) is Outcome.TAKE


def row(row_id: str, number: int = 5, extra: dict[str, Scalar] | None = None, **raw: Scalar) -> ReadRow:
    return ReadRow(row_id, number, raw, extra or {})


def plan(
    base: list[ReadRow],
    current: list[ReadRow],
    incoming: list[ReadRow],
    *,
    missing: frozenset[str] = NOTHING,
    settings: Settings = LEDGER.settings,
    sheet: str = "activities",
    columns: Mapping[str, int] | None = None,
    lately: int = 0,
    held: frozenset[str] = NOTHING,
    moved: frozenset[str] = NOTHING,
) -> SheetPlan:
    return plan_sheet(
        sheet_of(LEDGER, sheet), base, current, incoming, missing, settings, PLACE, columns or {},
        withdrawn_lately=lately, held=held, moved=moved,
    )  # fmt: skip


def told(done: SheetPlan) -> list[tuple[str, str, Scalar, str, str]]:
    """(row id, column, incoming, outcome, kind) of every decision."""
    return [(d.row_id, d.column, d.incoming, d.outcome, d.kind) for d in done.decisions]


def standing(done: SheetPlan) -> dict[str, dict[str, Scalar]]:
    return {r.id: dict(r.raw) for r in done.rows}


TREES = row("HD-D02-0001", 5, date="3月5日", name="植树", headcount=30, content="滨河路")
BOOKS = row("HD-D02-0002", 6, date="3月6日", name="读书会", headcount=12)


def edited(read: ReadRow, **cells: Scalar) -> ReadRow:
    """The row with some cells typed over; ``None`` clears one."""
    return replace(read, raw={c: v for c, v in {**read.raw, **cells}.items() if v is not None})


# ---- the unit's own cells


def test_a_save_without_a_change_decides_nothing_and_leaves_every_row() -> None:
    done = plan([TREES, BOOKS], [TREES, BOOKS], [TREES, BOOKS])
    assert done == SheetPlan("activities", (TREES, BOOKS))


def test_an_edited_cell_takes_effect_and_the_rest_of_its_row_stays() -> None:
    done = plan([TREES, BOOKS], [TREES, BOOKS], [edited(TREES, headcount=31), BOOKS])
    assert told(done) == [("HD-D02-0001", "headcount", 31, "accepted", "")]
    assert standing(done) == {"HD-D02-0001": {**TREES.raw, "headcount": 31}, "HD-D02-0002": dict(BOOKS.raw)}


def test_the_owner_may_clear_her_own_cell() -> None:
    done = plan([TREES], [TREES], [edited(TREES, content=None)])
    assert told(done) == [("HD-D02-0001", "content", None, "accepted", "")]
    assert "content" not in standing(done)["HD-D02-0001"]


def test_a_new_row_is_added_with_all_its_cells() -> None:
    done = plan([TREES], [TREES], [TREES, BOOKS])
    assert done.added == ("HD-D02-0002",)
    assert (done.came(), done.touched(), done.decisions) == ([BOOKS], {"HD-D02-0002"}, ())
    assert standing(done)["HD-D02-0002"] == dict(BOOKS.raw)


def test_what_was_changed_elsewhere_and_not_here_stays_without_a_word() -> None:
    now = edited(TREES, headcount=35)
    done = plan([TREES], [now], [edited(TREES, content="河滨公园")])
    assert told(done) == [("HD-D02-0001", "content", "河滨公园", "accepted", "")]
    assert standing(done)["HD-D02-0001"] == {**now.raw, "content": "河滨公园"}


def test_a_cell_changed_on_both_sides_is_asked_and_current_stands() -> None:
    done = plan([TREES], [edited(TREES, headcount=35)], [edited(TREES, headcount=31)])
    assert told(done) == [("HD-D02-0001", "headcount", 31, "asked", "conflict")]
    assert standing(done)["HD-D02-0001"]["headcount"] == 35
    assert codes(list(done.problems)) == ["OWN-004"]


def test_a_cell_changed_to_the_same_on_both_sides_is_settled() -> None:
    now = edited(TREES, headcount=35)
    assert plan([TREES], [now], [now]).decisions == ()


def test_rows_stand_in_the_order_of_the_workbook() -> None:
    done = plan([TREES, BOOKS], [TREES, BOOKS], [replace(BOOKS, row=5), replace(TREES, row=6)])
    assert [(r.id, r.row) for r in done.rows] == [("HD-D02-0002", 5), ("HD-D02-0001", 6)]
    assert done.decisions == ()


def test_a_column_the_unit_added_is_kept_changed_and_cleared_like_its_own() -> None:
    sunny = replace(TREES, extra={"天气": "晴"})
    added = plan([TREES], [TREES], [sunny])
    assert told(added) == [("HD-D02-0001", "+天气", "晴", "accepted", "")]
    assert added.rows[0].extra == {"天气": "晴"}
    assert plan([sunny], [sunny], [TREES]).rows[0].extra == {}


def test_a_column_the_unit_added_is_asked_about_where_both_sides_changed_it() -> None:
    base, now, came = (replace(TREES, extra={"天气": word}) for word in ("晴", "阴", "雨"))
    done = plan([base], [now], [came])
    assert told(done) == [("HD-D02-0001", "+天气", "雨", "asked", "conflict")]
    assert (done.rows[0].extra, [(p.code, p.column) for p in done.problems]) == ({"天气": "阴"}, [("OWN-004", "天气")])
    assert told(plan([base], [came], [came])) == []


# ---- what is not the unit's


def test_a_changed_coordinators_cell_is_a_proposal_and_current_stands() -> None:
    now = row("T0002", 5, no="2.1", title="主题宣讲", status="推进中")
    done = plan([now], [now], [edited(now, title="宣讲", status="已完成")], sheet="tasks")
    assert told(done) == [
        ("T0002", "title", "宣讲", "asked", "proposal"),
        ("T0002", "status", "已完成", "accepted", ""),
    ]
    assert standing(done)["T0002"] == {**now.raw, "status": "已完成"}
    assert [(p.code, p.row_key, p.column, p.found, p.facts) for p in done.problems] == [
        ("OWN-001", "2.1", "重点任务", "宣讲", (("current", "主题宣讲"),))
    ]


def test_what_is_said_of_a_cell_names_its_place_in_the_worksheet() -> None:
    now = row("T0002", 5, no="2.1", title="主题宣讲")
    typed = replace(edited(now, title="宣讲", done=99), row=17)
    done = plan([now], [now], [typed], sheet="tasks", columns={"title": 4, "note": 9})
    assert [(p.code, p.place.row, p.place.cell) for p in done.problems] == [("OWN-001", 17, "D17"), ("OWN-002", 17, "")]


def test_a_cleared_coordinators_cell_is_a_proposal_too() -> None:
    now = row("T0002", 5, no="2.1", title="主题宣讲")
    done = plan([now], [now], [edited(now, title=None)], sheet="tasks")
    assert told(done) == [("T0002", "title", None, "asked", "proposal")]
    assert standing(done)["T0002"]["title"] == "主题宣讲"


def test_what_is_typed_into_a_system_cell_is_noted_and_has_no_effect() -> None:
    now = row("T0002", 5, no="2.1")
    done = plan([now], [now], [edited(now, done=99)], sheet="tasks")
    assert told(done) == [("T0002", "done", 99, "noted", "")]
    assert standing(done)["T0002"] == {"no": "2.1"}
    assert codes(list(done.problems)) == ["OWN-002"]


def test_a_sub_task_of_the_unit_is_all_its_own() -> None:
    done = plan([], [], [row("RW-D02-0001", 9, no="2.1-①", title="备课")], sheet="tasks")
    assert ([row.cells() for row in done.came()], done.decisions) == ([{"no": "2.1-①", "title": "备课"}], ())


def test_a_pasted_record_with_a_coordinators_cell_brings_everything_but_that_cell() -> None:
    done = plan([], [], [edited(TREES, closed="是")])
    assert [d.column for d in done.decisions if d.outcome == "asked"] == ["closed"]
    assert standing(done)["HD-D02-0001"] == dict(TREES.raw)


def test_a_proposal_that_waits_is_not_made_again_by_the_next_save() -> None:
    now = row("T0002", 5, no="2.1", title="主题宣讲")
    typed = edited(now, title="宣讲")
    assert plan([typed], [now], [typed], sheet="tasks").decisions == ()


# ---- what vanished


KEPT = replace(LEDGER.settings, withdraw_rows=0, withdraw_percent=0)


def test_a_few_rows_of_its_own_a_unit_takes_back_and_is_told_so() -> None:
    done = plan([TREES, BOOKS], [TREES, BOOKS], [BOOKS])
    assert (done.withdrawn, done.vanished, done.decisions) == (("HD-D02-0001",), (), ())
    assert [r.id for r in done.rows] == ["HD-D02-0002"]
    assert [(p.code, p.row_key) for p in done.problems] == [("ROW-006", "3月5日 植树")]
    again = plan([BOOKS], list(done.rows), [BOOKS])
    assert again == SheetPlan("activities", (BOOKS,))


@pytest.mark.parametrize(
    ("there", "gone", "lately", "withdrawn"),
    [
        (8, 3, 0, 3),  # max(3, 10 %)
        (8, 4, 0, 0),  # of too many none
        (8, 2, 1, 2),
        (8, 2, 2, 0),
        (60, 6, 0, 6),
        (60, 7, 0, 0),
        (60, 3, 3, 3),
        (60, 3, 4, 0),
    ],
)
def test_more_vanished_rows_than_may_go_in_a_day_all_stay_and_are_asked_about(
    there: int, gone: int, lately: int, withdrawn: int
) -> None:
    before = many(there)
    done = plan(before, before, before[gone:], lately=lately)
    assert (len(done.withdrawn), len(done.vanished)) == (withdrawn, 0 if withdrawn else gone)
    assert len(done.rows) == there - withdrawn


def test_a_vanished_row_that_stays_is_asked_about_once() -> None:
    done = plan([TREES, BOOKS], [TREES, BOOKS], [BOOKS], settings=KEPT)
    assert (done.vanished, done.decisions) == (("HD-D02-0001",), ())
    assert [r.id for r in done.rows] == ["HD-D02-0002", "HD-D02-0001"]
    again = plan([BOOKS], list(done.rows), [BOOKS], settings=KEPT)
    assert (again.vanished, len(again.rows)) == ((), 2)


def test_a_row_of_the_plan_is_never_taken_back() -> None:
    now = row("T0002", 5, no="2.1", title="主题宣讲")
    done = plan([now], [now], [], sheet="tasks")
    assert (done.vanished, done.withdrawn, done.rows) == (("T0002",), (), (now,))


def test_a_row_that_moved_elsewhere_goes_and_counts_for_nothing() -> None:
    before = many(8)
    done = plan(before, before, before[6:], moved=frozenset(r.id for r in before[:4]))
    assert len(done.withdrawn) == 6
    assert [p.row_key for p in done.problems if p.code == "ROW-006"] == ["活动5", "活动6"]


def test_a_row_deleted_here_and_edited_elsewhere_stays_and_is_asked_about() -> None:
    done = plan([TREES, BOOKS], [TREES, edited(BOOKS, headcount=13)], [TREES])
    assert (done.vanished, done.withdrawn) == (("HD-D02-0002",), ())
    assert standing(done)["HD-D02-0002"]["headcount"] == 13


def test_a_deleted_row_that_a_workbook_still_holds_stays_deleted() -> None:
    assert plan([TREES, BOOKS], [TREES], [TREES, BOOKS]) == SheetPlan("activities", (TREES,))


@pytest.mark.parametrize("change", [{"headcount": 13}, {"content": "书屋"}, {"headcount": None}])
def test_a_deleted_row_that_is_edited_in_a_workbook_waits_for_a_ruling(change: dict[str, Scalar]) -> None:
    typed = edited(BOOKS, **change)
    done = plan([TREES, BOOKS], [TREES], [TREES, typed])
    assert (done.rows, done.revived, done.decisions, done.added) == ((TREES,), (typed,), (), ())
    assert [(p.code, p.row_key, p.place.row) for p in done.problems] == [("ROW-005", "3月6日 读书会", 6)]
    assert plan([TREES, typed], [TREES], [TREES, typed]).revived == ()


def test_what_the_system_wrote_into_a_deleted_row_revives_nothing() -> None:
    done = plan([TREES, BOOKS], [TREES], [TREES, edited(BOOKS, no="7")])
    assert (done.rows, done.revived, done.decisions) == ((TREES,), (), ())


# ---- two rows with one key


def test_a_second_row_with_a_known_key_waits_and_both_places_are_told() -> None:
    copied = row("HD-D02-0006", 9, date="3月 5日", name="植　树", headcount=5)
    done = plan([TREES], [TREES], [copied, TREES], columns={"date": 2})
    assert (done.rows, done.held, done.added, done.decisions) == ((TREES,), (copied,), (), ())
    assert [(p.code, p.place.cell, dict(p.facts)) for p in done.problems] == [
        ("KEY-001", "B9", {"other": "第5行"}),
        ("KEY-002", "B5", {"other": "第9行"}),
    ]


def test_of_two_new_rows_with_one_key_the_upper_goes_on() -> None:
    second = replace(TREES, id="HD-D02-0006", row=9)
    done = plan([], [], [second, TREES])
    assert ([r.id for r in done.rows], [r.id for r in done.held]) == (["HD-D02-0001"], ["HD-D02-0006"])


def test_a_row_that_waits_goes_on_waiting_and_is_new_once_its_key_is_its_own() -> None:
    waiting = replace(TREES, id="HD-D02-0006", row=9)
    held = frozenset({"HD-D02-0006"})
    assert plan([TREES, waiting], [TREES], [TREES, waiting], held=held).held == (waiting,)
    done = plan([TREES, waiting], [TREES], [TREES, edited(waiting, name="种花")], held=held)
    assert (done.held, done.added, done.revived) == ((), ("HD-D02-0006",), ())
    assert standing(done)["HD-D02-0006"] == {**TREES.raw, "name": "种花"}
    assert plan([TREES, waiting], [TREES], [TREES], held=held) == SheetPlan("activities", (TREES,))


def test_two_rows_that_the_ledger_knows_both_go_on_whatever_their_keys() -> None:
    other = edited(BOOKS, date="3月5日", name="植树")
    done = plan([TREES, BOOKS], [TREES, BOOKS], [TREES, other])
    assert (done.held, {d.outcome for d in done.decisions}) == ((), {"accepted"})


def test_rows_whose_key_is_not_filled_in_yet_are_all_new() -> None:
    bare = [row(f"HD-D02-000{n}", n, headcount=5) for n in (6, 7)]
    assert plan([], [], bare).added == ("HD-D02-0006", "HD-D02-0007")


# ---- emptied and missing


def test_a_row_that_comes_back_as_it_was_is_no_change() -> None:
    done = plan([BOOKS], [BOOKS, TREES], [BOOKS, TREES])
    assert (done.decisions, done.added, done.vanished) == ((), (), ())


@pytest.mark.parametrize(("settings", "stays"), [(LEDGER.settings, False), (KEPT, True)])
def test_an_emptied_row_is_as_good_as_gone(settings: Settings, stays: bool) -> None:
    emptied = row("HD-D02-0001", 5, no="1", closed="是")  # neither is the unit's
    done = plan([TREES], [TREES], [emptied], settings=settings)
    assert (done.vanished, done.withdrawn) == ((("HD-D02-0001",), ()) if stays else ((), ("HD-D02-0001",)))
    assert standing(done) == ({"HD-D02-0001": dict(TREES.raw)} if stays else {})
    again = plan([emptied], list(done.rows), [emptied], settings=settings)
    assert (again.vanished, again.withdrawn, again.revived, standing(again)) == ((), (), (), standing(done))


def test_a_sub_task_with_its_title_left_has_its_cells_cleared_and_lives_on() -> None:
    sub_task = row("RW-D02-0001", 9, title="备课", this_week="完成初稿")
    done = plan([sub_task], [sub_task], [row("RW-D02-0001", 9, title="备课")], sheet="tasks")
    assert [(d.column, d.outcome) for d in done.decisions] == [("this_week", "accepted")]
    assert standing(done) == {"RW-D02-0001": {"title": "备课"}}


def test_a_row_of_the_plan_may_be_emptied_cell_by_cell() -> None:
    now = row("T0002", 5, no="2.1", this_week="宣讲两场", note="已报")
    done = plan([now], [now], [row("T0002", 5, no="2.1")], sheet="tasks")
    assert (done.vanished, [d.outcome for d in done.decisions]) == ((), ["accepted", "accepted"])
    assert standing(done)["T0002"] == {"no": "2.1"}


def test_a_missing_column_is_untouched_in_every_row() -> None:
    without = [replace(r, raw={c: v for c, v in r.raw.items() if c != "headcount"}) for r in (TREES, BOOKS)]
    done = plan([TREES, BOOKS], [TREES, BOOKS], without, missing=frozenset({"headcount"}))
    assert (done.decisions, standing(done)) == ((), {r.id: dict(r.raw) for r in (TREES, BOOKS)})


# ---- the brake


def many(count: int) -> list[ReadRow]:
    return [row(f"HD-D02-{at:04}", at + 4, name=f"活动{at}", content="内容") for at in range(1, count + 1)]


@pytest.mark.parametrize(
    ("rows", "cleared", "held"),
    [
        (20, 10, False),  # of 40 filled cells: max(10, 20 %) = 10 may go
        (20, 11, True),
        (60, 24, False),  # of 120 filled cells: 24 may go
        (60, 25, True),
    ],
)
def test_many_cells_cleared_at_once_are_asked_about_and_all_of_them_stand(rows: int, cleared: int, held: bool) -> None:
    before = many(rows)
    after = [edited(r, content=None) if at < cleared else r for at, r in enumerate(before)]
    done = plan(before, before, after)
    assert {(d.outcome, d.kind) for d in done.decisions} == {("asked", "mass") if held else ("accepted", "")}
    assert sum("content" in raw for raw in standing(done).values()) == (rows if held else rows - cleared)
    assert set(codes(list(done.problems))) == ({"OWN-003"} if held else set())


def test_the_brake_holds_clearings_only_and_lets_edits_of_the_same_save_through() -> None:
    before = many(20)
    after = [edited(r, content=None, name=f"新{at}") for at, r in enumerate(before)]
    done = plan(before, before, after)
    assert {(d.column, d.outcome) for d in done.decisions} == {("content", "asked"), ("name", "accepted")}
    assert standing(done)["HD-D02-0001"] == {"name": "新0", "content": "内容"}


def test_cells_of_the_units_own_columns_count_for_the_brake_too() -> None:
    before = [replace(r, extra={"天气": "晴"}) for r in many(20)]
    done = plan(before, before, many(20))
    assert {(d.column, d.outcome, d.kind) for d in done.decisions} == {("+天气", "asked", "mass")}
    assert {r.extra["天气"] for r in done.rows} == {"晴"}


def test_the_brake_is_a_setting() -> None:
    before = many(20)
    after = [*(edited(r, content=None) for r in before[:-1]), before[-1]]
    loose = replace(LEDGER.settings, mass_percent=50)
    assert {d.outcome for d in plan(before, before, after, settings=loose).decisions} == {"accepted"}


@pytest.mark.parametrize(("rows", "outcome"), [(2, "accepted"), (3, "asked")])
def test_a_column_of_which_nothing_is_left_is_asked_about_from_three_filled_cells_on(rows: int, outcome: str) -> None:
    before = many(rows)
    after = [edited(r, content=None) for r in before]
    assert {d.outcome for d in plan(before, before, after).decisions} == {outcome}


def test_a_cleared_key_is_asked_about_in_a_row_that_lives_on() -> None:
    before = many(5)
    (decision,) = plan(before, before, [edited(before[0], name=None), *before[1:]]).decisions
    assert (decision.column, decision.outcome, decision.kind) == ("name", "asked", "mass")


def test_many_cells_put_back_after_a_mass_clearing_are_no_change() -> None:
    before = many(20)
    emptied = [edited(r, content=None) for r in before]
    held = plan(before, before, emptied)
    back = plan(emptied, list(held.rows), before)
    assert (back.decisions, standing(back)) == ((), standing(held))
