"""复制行→插入: a copied row brings its id along, and stays one new record through every later save."""

from __future__ import annotations

from syncer.core.values import Scalar
from tests.system.bureau import FIRST_ROW, Bureau, ids

TREES: dict[str, Scalar] = {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", "对应任务": "3.1"}


def test_a_copied_row_is_one_new_record_however_often_its_workbook_is_saved(bureau: Bureau) -> None:
    book = bureau.book("宣传科")
    bureau.type("宣传科", "活动台账", {FIRST_ROW: TREES})
    copied: dict[str, Scalar] = {**TREES, "日期": "2026-4-5", "活动名称": "清扫", "行标识": ids(book, "活动台账")[0]}
    bureau.type("宣传科", "活动台账", {FIRST_ROW + 1: copied})
    bureau.json("sync")
    first = {row["活动名称"] for row in bureau.master_rows("活动台账", "宣传科")}
    bureau.type("宣传科", "学习教育", {FIRST_ROW: {"日期": "2026-3-5", "形式": "党课", "主题": "第一课"}})
    bureau.json("sync")
    bureau.type("宣传科", "活动台账", {FIRST_ROW + 1: {"活动名称": "大扫除", "地点": "河边"}})
    bureau.json("sync")
    rows = bureau.master_rows("活动台账", "宣传科")
    assert first == {"植树", "清扫"}
    assert sorted(row["活动名称"] for row in rows) == ["大扫除", "植树"]
    assert bureau.questions() == []


def test_a_row_typed_without_an_id_stays_one_record_when_it_is_edited(bureau: Bureau) -> None:
    below = FIRST_ROW + 200  # far below the reserved rows: no id is printed there
    bureau.type("宣传科", "活动台账", {below: TREES})
    bureau.json("sync")
    bureau.type("宣传科", "活动台账", {below: {"活动名称": "春季植树", "参加人数": 30, "地点": "河边"}})
    bureau.json("sync")
    (row,) = bureau.master_rows("活动台账", "宣传科")
    assert (row["活动名称"], row["参加人数"]) == ("春季植树", 30)
    assert bureau.questions() == []
