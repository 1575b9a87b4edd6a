"""What the machine found, each as the shortest story that shows it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from syncer.control import take_up
from syncer.core.values import Scalar
from syncer.errors import ConfigError
from syncer.rulings import rule, undo
from syncer.sync import sync
from syncer.workspace import Office
from tests.machine import ledger_after as after
from tests.machine.clerks import Bureaus
from tests.machine.grid import ID, Grid, patched
from tests.machine.small_bureau import ACTIVITIES, START, TASKS, opened
from tests.system.bureau import FIRST_ROW, LEAF_ROW

UNIT, CODE = "宣传科", "D05"
COPY = f"{UNIT} - 副本.xlsx"


def typed(data: bytes, index: int, content: Mapping[str, Scalar]) -> bytes:
    return patched(data, ACTIVITIES, Grid.of(data, ACTIVITIES).put(index, content))


def names(office: Office) -> list[Scalar]:
    rows = after.rows_of(office, CODE)
    return sorted((cells["name"] for (code, _), cells in rows.items() if code == "activities"), key=str)


def test_a_copy_made_before_the_last_edits_takes_none_of_them_back(bureaus: Bureaus) -> None:
    """The program was off: she typed, made a copy, typed on in her workbook. Then it starts and sees both."""
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        morning = typed(bureau.book(UNIT).read_bytes(), 0, {"活动名称": "植树"})
        evening = typed(typed(morning, 0, {"地点": "河边"}), 1, {"活动名称": "义诊"})
        bureau.save(UNIT, evening)
        bureau.save_as(COPY, typed(morning, 2, {"活动名称": "讲座"}))
        sync(office)
        assert names(office) == ["义诊", "植树", "讲座"]
        (planting,) = (cells for cells in after.rows_of(office, CODE).values() if cells.get("name") == "植树")
        assert planting["place"] == "河边"


def test_what_is_cleared_in_a_copy_that_was_read_before_is_cleared(bureaus: Bureaus) -> None:
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        data = typed(bureau.book(UNIT).read_bytes(), 0, {"活动名称": "植树", "地点": "河边"})
        bureau.save_as(COPY, data)
        sync(office)
        bureau.save_as(COPY, typed(data, 0, {"地点": None}))
        sync(office)
        (row,) = (cells for (code, _), cells in after.rows_of(office, CODE).items() if code == "activities")
        assert (row["name"], row.get("place")) == ("植树", None)


def test_a_row_that_came_with_a_copy_names_the_copy_after_its_delivery_too(bureaus: Bureaus) -> None:
    """Its place in the workbook was told as a place in the copy: the second pass wrote another master."""
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        data = bureau.book(UNIT).read_bytes()
        bureau.save_as(COPY, typed(data, Grid.of(data, ACTIVITIES).end(), {"活动名称": "植树", "日期": "2026-3-5"}))
        sync(office)
        (row,) = bureau.master_rows(ACTIVITIES, UNIT)
        assert row["来源"].endswith("副本.xlsx › 活动台账!11")
        before = after.snapshot(office, bureau)
        sync(office)
        assert after.snapshot(office, bureau) == before


def test_without_an_id_column_a_row_from_a_copy_is_not_called_unsafe_to_deliver(bureaus: Bureaus) -> None:
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        data = bureau.book(UNIT).read_bytes()
        grid = Grid.of(data, ACTIVITIES)
        at = grid.at[ID]
        gone: dict[tuple[int, int], Scalar] = {(FIRST_ROW + index, at): None for index in grid.lines()}
        bureau.save(UNIT, patched(data, ACTIVITIES, {**gone, (LEAF_ROW, at): None}))
        bureau.save_as(COPY, typed(data, 0, {"活动名称": "植树"}))
        sync(office)
        done = sync(office)
        assert names(office) == ["植树"]
        assert [entry for entry in done.delivered if entry.waits] == []
        assert bureau.sql(f"select waits from book where unit = '{CODE}'") == [("",)]


def test_an_old_window_without_a_new_column_saves_over_it_and_the_column_comes_back(bureaus: Bureaus) -> None:
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        before = bureau.book(UNIT).read_bytes()
        cells: dict[tuple[int, int], Scalar] = {(140, 1): ACTIVITIES, (140, 4): "新栏", (140, 6): "文本"}
        bureau.save_control({"栏目设置": {**cells, (140, 13): "单位", (140, 17): "启用"}})
        sync(office)
        bureau.save(UNIT, typed(bureau.book(UNIT).read_bytes(), 0, {"活动名称": "植树", "新栏": "晴"}))
        sync(office)
        bureau.save(UNIT, typed(before, 1, {"活动名称": "义诊"}))
        for _ in range(2):
            sync(office)
        grid = Grid.of(bureau.book(UNIT).read_bytes(), ACTIVITIES)
        assert [(row["活动名称"], row["新栏"]) for row in bureau.master_rows(ACTIVITIES, UNIT)]
        assert {grid.cell(index, "活动名称"): grid.cell(index, "新栏") for index in grid.lines()[:2]} == {
            "植树": "晴",
            "义诊": None,
        }


def test_what_a_waiting_row_held_before_it_was_edited_is_in_the_history(bureaus: Bureaus) -> None:
    """It stood in its question alone, and the next save wrote the question anew."""
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        same_key: dict[str, Scalar] = {"活动名称": "植树", "日期": "2026-3-5"}
        data = typed(bureau.book(UNIT).read_bytes(), 0, {**same_key, "地点": "河边"})
        for place in ("山上", "城外", None):
            data = typed(data, 1, {**same_key, "地点": place})
            bureau.save(UNIT, data)
            sync(office)
        (asked,) = after.questions(office, "open")
        assert (asked.kind, '"place"' in asked.payload) == ("duplicate", False)
        told = [
            (c.old, c.new, c.outcome) for c in after.history(office) if (c.row_id, c.column) == (asked.row_id, "place")
        ]
        assert told == [("山上", "城外", "asked"), ("城外", None, "asked")]


def test_a_ruling_on_a_cell_that_is_asked_about_again_is_not_taken_back(bureaus: Bureaus) -> None:
    """Else two questions would wait for one cell. What is asked now is the one to decide."""
    bureau = bureaus.next_one()
    with opened(bureau, bureaus.readers, START) as office:
        ledger = take_up(office, START.date()).ledger
        for target in (70, 71):
            data = bureau.book(UNIT).read_bytes()
            bureau.save(UNIT, patched(data, TASKS, Grid.of(data, TASKS).put(0, {"目标值": target})))
            sync(office)
            (asked,) = (q for q in after.questions(office, "open") if q.column == "target")
            if target == 70:
                first = asked
                rule(office, ledger, first.id, "reject", by="test")
                sync(office)
        with pytest.raises(ConfigError, match=asked.id):
            undo(office, ledger, first.id)
        assert [q.id for q in after.questions(office, "open") if q.column == "target"] == [asked.id]
        rule(office, ledger, asked.id, "reject", by="test")
        undo(office, ledger, first.id)
        assert [q.id for q in after.questions(office, "open") if q.column == "target"] == [first.id]
