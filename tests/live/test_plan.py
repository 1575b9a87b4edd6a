"""The pure part: marks, keys, where rows go, what cells are written. Tables of cases."""

from __future__ import annotations

import random
from datetime import date, datetime, time

import pytest

from syncer.excel.live.keys import Key, key_columns, table_keys
from syncer.excel.live.mark import Mark, read_mark
from syncer.excel.live.picture import Line, Look, SheetPicture
from syncer.excel.live.plain import Plain, alike, handed, plain
from syncer.excel.live.plan import (
    Block,
    Delete,
    Insert,
    Placement,
    areas,
    blocks,
    cells_to_write,
    looks_to_set,
    place,
    place_page,
    spans_of_rows,
)
from syncer.excel.live.sheet import SheetFollower


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ('="42"', Mark((42,))),
        ('"42>43"', Mark((42,), 43)),
        ("41,42>43", Mark((41, 42), 43)),
        ("=Sheet1!$A$1", None),
        ('="x"', None),
        ("", None),
        (None, None),
    ],
)
def test_a_mark_reads_as_it_was_written(text: str | None, mark: Mark | None) -> None:
    assert read_mark(text) == mark
    if mark:
        assert read_mark(mark.text()) == mark


def test_a_mark_remembers_every_edition_on_a_way_that_was_not_gone_to_its_end() -> None:
    begun = Mark((42,)).on_the_way(43)
    assert (begun, begun.all, begun.is_whole) == (Mark((42,), 43), (42, 43), False)
    assert begun.on_the_way(44) == Mark((42, 43), 44)
    assert begun.on_the_way(43) == Mark((42,), 43)
    many = Mark((1,))
    for number in range(2, 30):
        many = many.on_the_way(number)
    assert many.all[-3:] == (27, 28, 29)
    assert read_mark(many.text()) == many


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (None, None),
        ("", None),
        (date(2026, 3, 5), 46086.0),
        (datetime(2026, 3, 5, 12), 46086.5),
        (time(6), 0.25),
        (3, 3.0),
        (True, True),
        ("=1", "=1"),
    ],
)
def test_what_was_read_is_held_as_excel_holds_it(value: object, held: Plain) -> None:
    assert plain(value) == held
    assert type(plain(value)) is type(held)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (46086.666666666664, 46086.66666666667, True),
        (1.0, 1.001, False),
        ("甲\r\n乙", "甲\n乙", True),
        ("1", 1.0, False),
        (True, 1.0, False),
        (None, "", False),
        (None, None, True),
    ],
)
def test_cells_are_compared_as_they_come_back_from_excel(one: Plain, other: Plain, same: bool) -> None:
    assert alike(one, other) is same


def test_every_text_is_handed_over_with_an_apostrophe_and_nothing_else_is() -> None:
    assert [handed(v) for v in ("=1+1", "'a", "01", 3.0, True, None)] == ["'=1+1", "''a", "'01", 3.0, True, None]


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        (["单位", "行标识", "日期", "编号"], (1, 2)),
        (["任务编号", "板块", "重点任务", "层级", "单位"], (1, 4, 5)),
        (["序号", "亮灯", "原因", "任务编号", "牵头单位"], (4, 5)),
        (["编号", "事项"], (1, 2)),
        (["一", "二"], ()),
    ],
)
def test_the_columns_that_name_a_row_are_found_by_their_headings(
    headings: list[Plain], columns: tuple[int, ...]
) -> None:
    assert key_columns(headings) == columns


def test_blank_rows_are_counted_from_below_so_that_an_unfilled_one_is_one_too_many() -> None:
    head: list[list[Plain]] = [["x"]] * 4
    before = table_keys([*head, ["甲"], ["乙"], [None], ["签名"]])
    after = table_keys([*head, ["甲"], [None], ["乙"], [None], ["签名"]])
    assert [key for key in after if key not in before] == [((("",)), 2)]


# --- where rows go


def keys(names: str) -> list[Key]:
    return list(names)


@pytest.mark.parametrize(
    ("there", "wanted", "bases", "disposable", "steps"),
    [
        ("abc", "abc", ["abc"], (), ()),
        ("abc", "axbc", ["abc"], (), (Insert(2, 1, 1),)),
        ("abc", "ac", ["abc"], (), (Delete(2, 1),)),
        ("abc", "axyc", ["abc"], (), (Insert(3, 1, 2), Delete(2, 1))),
        ("acb", "axbc", ["abc"], (), (Insert(4, 1, 1),)),  # sorted: below everything
        ("aHbc", "abxc", ["abc"], (), (Insert(4, 2, 1),)),  # H is hers, and stays
        ("ac", "abxc", ["abc"], (), (Insert(2, 2, 1),)),  # she took b away: it does not come back
        ("axc", "axbc", ["abc", "axbc"], (), ()),  # as above, after a break
        ("abc", "axbc", ["abc", "axbc"], (), (Insert(2, 1, 1),)),  # killed before x came
        ("a_bc", "axbc", ["abc", "axbc"], (2,), (Insert(3, 1, 1), Delete(2, 1))),  # killed before x was filled
        ("", "ab", [""], (), (Insert(1, 0, 2),)),
        ("ab", "", ["ab"], (), (Delete(1, 2),)),
    ],
)
def test_rows_are_inserted_and_deleted_where_they_belong(
    there: str, wanted: str, bases: list[str], disposable: tuple[int, ...], steps: tuple[Insert | Delete, ...]
) -> None:
    assert place(keys(there), keys(wanted), [set(base) for base in bases], disposable).steps == steps


def taken(there: list[Key], wanted: list[Key], placement: Placement) -> list[Key]:
    """Takes the steps as Excel would."""
    rows = list(there)
    for step in placement.steps:
        if isinstance(step, Insert):
            rows[step.row - 1 : step.row - 1] = wanted[step.first : step.first + step.count]
        else:
            del rows[step.row - 1 : step.row - 1 + step.count]
    return rows


@pytest.mark.parametrize("seed", range(60))
def test_whatever_came_and_went_the_rows_are_the_editions_and_where_they_are_said_to_be(seed: int) -> None:
    chance = random.Random(seed)
    base: list[Key] = list(range(chance.randrange(12)))
    wanted: list[Key] = [key for key in base if chance.random() < 0.7]
    for new in range(100, 100 + chance.randrange(6)):
        wanted.insert(chance.randrange(len(wanted) + 1), new)
    there = list(base)
    if seed % 3 == 0:
        chance.shuffle(there)
    placement = place(there, wanted, [set(base)])
    after = taken(there, wanted, placement)
    assert sorted(map(str, after)) == sorted(map(str, wanted))
    assert after == wanted or seed % 3 == 0
    assert {at: after.index(key) + 1 for at, key in enumerate(wanted)} == placement.rows
    shapes: list[Key] = [chance.choice("abc") for _ in range(10)]
    others: list[Key] = [chance.choice("abc") for _ in range(10)]
    page = place_page(shapes, others)
    assert taken(shapes, others, page) == others
    assert page.rows == {at: at + 1 for at in range(10)}


class Grouped:
    """A book that only notes what is grouped: LibreOffice takes rows that come at the end of a group into it, Excel does not."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int]] = []

    def group(self, _: str, rows: tuple[int, int], levels: int) -> None:
        self.rows.append((rows[0], levels))


@pytest.mark.parametrize(
    ("levels", "grouped"),
    [
        ((0, 1, 1, 1, 0), [(10, 1), (11, 1), (12, 1)]),  # a group of its own, or at the end of one
        ((1, 1, 1, 1, 0), [(10, 1), (11, 1), (12, 1)]),
        ((1, 1, 1, 1, 1), [(10, 0), (11, 0), (12, 0)]),  # within one
    ],
)
def test_every_row_that_came_is_as_deep_as_it_should_be(
    levels: tuple[int, ...], grouped: list[tuple[int, int]]
) -> None:
    page, book = SheetPicture("总台账", tuple(Line(level=level) for level in levels)), Grouped()
    SheetFollower(book, page.name, page, [])._shape(Insert(10, 1, 3))  # type: ignore[arg-type]
    assert book.rows == grouped


# --- cells


def test_only_what_still_says_what_an_edition_of_ours_said_is_written() -> None:
    bases = [Line(("甲", 1.0, "旧", None)), Line(("甲", 1.0, "半路", None))]
    line = Line(("甲", 2.0, "新", "添"))
    assert cells_to_write(line, bases, ["甲", 1.0, "半路", None]) == {2: 2.0, 3: "新", 4: "添"}
    assert cells_to_write(line, bases, ["甲", 7.0, "她写的", None]) == {4: "添"}
    assert cells_to_write(line, bases, ["甲", 2.0, "新", "添"]) == {}
    assert cells_to_write(line, [], ["x", None, None, None], ours=True) == {1: "甲", 2: 2.0, 3: "新", 4: "添"}
    assert cells_to_write(Line(("甲",)), bases, ["甲", 1.0, "旧", None]) == {2: None, 3: None}


def test_only_looks_that_may_differ_are_set() -> None:
    red = Look(fill=(255, 0, 0))
    assert list(looks_to_set(Line(("x",), (red,)), [Line(("x",), (Look(),))])) == [(1, "fill", (255, 0, 0))]
    assert list(looks_to_set(Line(("x",), (red,)), [Line(("x",), (red,))])) == []
    assert len(list(looks_to_set(Line(("x",), (red,)), []))) == 9


def test_cells_are_grouped_into_few_blocks() -> None:
    cells: dict[tuple[int, int], Plain] = {
        (row, column): f"{row}{column}" for row in (5, 6, 7, 9) for column in (2, 3, 8)
    }
    found = blocks(cells)
    assert [(b.row, b.column, len(b.values), len(b.values[0])) for b in found] == [
        (5, 2, 3, 2), (5, 8, 3, 1), (9, 2, 1, 2), (9, 8, 1, 1)
    ]  # fmt: skip
    back = {(b.row + r, b.column + c): v for b in found for r, row in enumerate(b.values) for c, v in enumerate(row)}
    assert back == cells
    assert areas([(1, 1), (1, 2), (2, 1), (2, 2)]) == [(1, 1, 2, 2)]
    assert blocks({}) == []
    assert Block(1, 1, ((None,),)) in blocks({(1, 1): None})


def test_rows_are_read_in_few_stretches() -> None:
    assert spans_of_rows({5, 7, 90, 91}) == [(5, 7), (90, 91)]
