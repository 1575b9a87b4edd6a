"""What is due in a workbook already out when 台账设置 has changed; nothing the unit typed is moved for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from syncer.core.delivery.evolution import (
    NewSheet,
    Options,
    Renamed,
    Retired,
    Rules,
    SpareColumn,
    Spot,
    header_text,
    layout_changes,
    layout_of,
    with_former_names,
)
from syncer.core.merging.known_book import SheetContent
from syncer.core.model import (
    Book,
    Choice,
    Column,
    ColumnType,
    Ledger,
    Owner,
    Settings,
    Sheet,
    SheetKind,
    Status,
    Table,
    Unit,
)
from syncer.core.values import Scalar

NAME = Column("name", "名称", required=True, key=True)
COUNT = Column("count", "人数", ColumnType.INTEGER, measure="人次", maximum=100)
KIND = Column("kind", "类别", ColumnType.CHOICE, options="类别")
HINT = Column("hint", "系统提示", owner=Owner.SYSTEM)
SHEET = Sheet("records", "活动台账", SheetKind.RECORDS, (NAME, COUNT, KIND, HINT), audience=("D01",))
NEW = Column("place", "地点")
OPTIONS = (("类别", (Choice("讲座"), Choice("植树"))), ("无关", (Choice("甲"),)))
HEADER = ("名称*", "人数\n（人次）", "行标识", "类别", "备用1", "备用2", "系统提示")
BASE = {"records": SheetContent({"name": 1, "count": 2, "kind": 4, "hint": 7}, ())}


def ledger(*columns: Column, retired: tuple[Column, ...] = (), **changes: object) -> Ledger:
    sheet = replace(SHEET, columns=columns or SHEET.columns, retired=retired)
    made = Ledger("v1", Settings(2026), (sheet,), (Unit("D01", "宣传科", "宣传科"),), (), options=OPTIONS)
    return replace(made, **changes)  # type: ignore[arg-type]


def book(header: Sequence[Scalar] = HEADER, *rows: Sequence[Scalar]) -> Book:
    return Book((Table("活动台账", (("标题",), ("填报单位：宣传科",), (), tuple(header), *map(tuple, rows))),))


def spot(at: int) -> Spot:
    return Spot("活动台账", 4, 3, at)


ISSUED = layout_of(ledger(), "D01")
WITH_NEW = ledger(NAME, COUNT, NEW, KIND, HINT)


def test_a_book_as_issued_is_due_nothing() -> None:
    assert layout_changes(ledger(), "D01", book(), BASE, ISSUED) == ()


def test_a_new_column_takes_the_first_spare_wherever_the_schema_has_it() -> None:
    assert layout_changes(WITH_NEW, "D01", book(), BASE, ISSUED) == (SpareColumn("records", "place", spot(5)),)


def test_a_spare_that_somebody_typed_into_is_no_spare() -> None:
    typed = book(HEADER, ("植树", 80, "R1", "植树", "这里记了一笔"))
    assert layout_changes(WITH_NEW, "D01", typed, BASE, ISSUED) == (SpareColumn("records", "place", spot(6)),)


def test_without_spares_new_columns_stand_right_of_everything() -> None:
    wide = book(("名称*", "人数", "行标识", "类别", "系统提示", "天气"), ("植树", 80, "R1", "植树", None, "晴", "批注"))
    two = ledger(*SHEET.columns, NEW, Column("cost", "经费"))
    changes = layout_changes(two, "D01", wide, BASE, layout_of(two, "D01"))
    assert changes[-2:] == (SpareColumn("records", "place", spot(8)), SpareColumn("records", "cost", spot(9)))


def test_a_column_that_the_clerk_took_out_is_not_put_back() -> None:
    without = book(("名称*", "行标识", "类别", "备用1", "系统提示"))
    assert layout_changes(ledger(), "D01", without, BASE, ISSUED) == ()


def test_a_column_moved_in_the_schema_does_not_move_in_books_out() -> None:
    moved = ledger(KIND, COUNT, NAME, HINT)
    assert layout_changes(moved, "D01", book(), BASE, ISSUED) == ()


def test_a_renamed_column_is_found_by_its_alias_and_gets_header_and_rules_anew() -> None:
    renamed = replace(NAME, name="活动名称", aliases=("名称",), required=False)
    assert layout_changes(ledger(renamed, COUNT, KIND, HINT), "D01", book(), BASE, ISSUED) == (
        Renamed("records", "name", spot(1), "活动名称"),
        Rules("records", "name", spot(1)),
    )


def test_a_header_in_the_clerks_own_words_stays() -> None:
    own = book(("名称*", "人数（含家属）", *HEADER[2:]))
    renamed = replace(COUNT, name="参加人数", aliases=("人数",))
    changes = layout_changes(ledger(NAME, renamed, KIND, HINT), "D01", own, BASE, ISSUED)
    assert changes == (Rules("records", "count", spot(2)),)


def test_a_former_measure_is_known_from_what_was_delivered() -> None:
    other = ledger(NAME, replace(COUNT, measure="人"), KIND, HINT)
    assert layout_changes(other, "D01", book(), BASE, ISSUED)[0] == Renamed("records", "count", spot(2), "人数")
    assert layout_changes(other, "D01", book(), BASE)[:-1] == ()


def test_limits_and_hints_that_changed_renew_the_rules_of_that_column_alone() -> None:
    for changed in (replace(COUNT, maximum=200), replace(COUNT, form="XX〔YYYY〕N号")):
        other = ledger(NAME, changed, KIND, HINT)
        assert layout_changes(other, "D01", book(), BASE, ISSUED) == (Rules("records", "count", spot(2)),)


def test_choices_that_changed_renew_their_list_and_lists_nobody_here_uses_do_not_count() -> None:
    grown = ledger(options=(("类别", (*OPTIONS[0][1], Choice("阅读"))), ("无关", ())))
    assert layout_changes(grown, "D01", book(), BASE, ISSUED) == (Options("类别"),)
    assert layout_changes(ledger(), "D01", book(), BASE) == (Options("类别"),)


def test_a_retired_column_is_marked_once_and_unmarked_when_it_comes_back() -> None:
    retired = ledger(NAME, KIND, HINT, retired=(replace(COUNT, status=Status.RETIRED),))
    marked = Retired("records", "count", spot(2), "人数（停用）")
    assert layout_changes(retired, "D01", book(), BASE, ISSUED) == (marked,)
    after = book(("名称*", "人数（停用）", *HEADER[2:]))
    delivered = layout_of(retired, "D01")
    assert layout_changes(retired, "D01", after, BASE, delivered) == ()
    assert layout_changes(ledger(), "D01", after, BASE, delivered) == (
        Renamed("records", "count", spot(2), "人数\n（人次）"),
        Rules("records", "count", spot(2)),
    )


def test_a_new_sheet_is_due_but_not_one_that_the_clerk_deleted() -> None:
    other = replace(SHEET, code="new", name="摸排")
    both = ledger(sheets=(SHEET, other))
    assert layout_changes(both, "D01", book(), BASE, layout_of(both, "D01")) == (NewSheet("new"),)
    assert layout_changes(both, "D01", book(), {**BASE, "new": SheetContent({}, ())}, layout_of(both, "D01")) == ()


def test_places_follow_a_header_that_somebody_pushed_down_and_a_sheet_renamed_in_the_file() -> None:
    pushed = Book((Table("活动（旧）", ((), (), (), (), ("名称*", "人数", "类别", "行标识", "备用1", "系统提示"))),))
    base = {"records": replace(BASE["records"], table="活动（旧）")}
    change = layout_changes(WITH_NEW, "D01", pushed, base, layout_of(WITH_NEW, "D01"))[-1]
    assert change == SpareColumn("records", "place", Spot("活动（旧）", 5, 4, 5))


@pytest.mark.parametrize(
    ("column", "text"),
    [(NAME, "名称*"), (COUNT, "人数\n（人次）"), (replace(COUNT, name="人次", required=True), "人次*")],
)
def test_a_header_says_name_star_and_measure(column: Column, text: str) -> None:
    assert header_text(column) == text


def test_a_column_answers_to_the_names_its_code_had_before() -> None:
    now = ledger(replace(NAME, name="活动名称"), replace(COUNT, name="人员"), Column("x", "人数"), HINT)
    columns = with_former_names(now, [ledger(), ledger(replace(NAME, name="题目"))]).sheets[0].columns
    assert [c.aliases for c in columns] == [("名称", "题目"), (), (), ()]
