"""What holds of row identity whatever the rows hold: sorts in whole or in part, edits, spellings, a second reading."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from syncer.core.merging.content import CellIndex, cells_of, nearest_pairs, share
from syncer.core.merging.identity import identify
from syncer.core.model import Column, Sheet, SheetKind
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import ReadRow, key_of
from syncer.core.values import Scalar

TELLING = tuple(f"c{n}" for n in range(8))  # each row says something of its own there
COMMON = tuple(f"d{n}" for n in range(4))  # a few words for all rows, or blank
ALL = TELLING + COMMON
SHEET = Sheet(
    "x", "登记", SheetKind.RECORDS, tuple(Column(code, code, key=code in {"c0", "c1"}) for code in ALL), prefix="DJ"
)
FRESH = [f"DJ-D02-{n:04}" for n in range(101, 200)]
CHANCE = st.randoms(use_true_random=False)


def made(count: int, chance: Random) -> list[ReadRow]:
    """Rows with ids, every telling cell unlike all others."""
    rows = []
    for n in range(1, count + 1):
        raw: dict[str, Scalar] = {code: f"{code}第{n}件" for code in TELLING}
        raw |= {code: word for code in COMMON if (word := chance.choice(("未启动", "已完成", None)))}
        rows.append(ReadRow(f"DJ-D02-{n:04}", n + 4, raw, carried=f"DJ-D02-{n:04}"))
    return rows


def known(incoming: list[ReadRow], base: list[ReadRow]) -> tuple[list[ReadRow], list[Problem]]:
    return identify(incoming, base, SHEET, FRESH, Place("宣传科.xlsx", "登记"), {}, "D02")


def sorted_from(base: list[ReadRow], order: list[int], first: int) -> list[ReadRow]:
    """The lines after a sort of the columns from ``first`` on: there, line n holds what row ``order[n]`` held."""
    return [
        replace(
            line,
            raw={
                code: cell
                for at, code in enumerate(ALL)
                if (cell := (base[order[n]] if at >= first else line).raw.get(code)) is not None
            },
        )
        for n, line in enumerate(base)
    ]


def shuffled(count: int, chance: Random) -> list[int]:
    order = list(range(count))
    chance.shuffle(order)
    return order


def out_of_place(order: list[int]) -> int:
    return sum(1 for at, n in enumerate(order) if at != n)


@given(st.integers(1, 12), CHANCE)
def test_a_sort_of_whole_rows_changes_no_id(count: int, chance: Random) -> None:
    base = made(count, chance)
    saved = [base[n] for n in shuffled(count, chance)]
    assert known(saved, base) == (saved, [])


@given(st.integers(2, 12), st.integers(0, 3), CHANCE)
def test_a_sort_of_most_columns_alone_is_undone_and_no_cell_has_changed(count: int, first: int, chance: Random) -> None:
    base = made(count, chance)
    order = shuffled(count, chance)
    moved = out_of_place(order)
    assume(first < 3 or moved > 2)  # of two rows alone three stayed cells of eight are too little to go by
    saved = sorted_from(base, order, first)
    found, problems = known(saved, base)
    assert [r.id for r in found] == [base[n].id for n in order]
    assert [r.raw for r in found] == [base[n].raw for n in order]
    assert [p.code for p in problems] == ["ROW-003"] * (moved > 0)
    assert all(dict(p.facts) == {"rows": str(moved)} for p in problems)


@given(st.integers(2, 12), st.integers(7, 11), CHANCE)
def test_a_sort_of_the_few_last_columns_alone_leaves_the_rows_where_most_of_them_is(
    count: int, first: int, chance: Random
) -> None:
    base = made(count, chance)
    saved = sorted_from(base, shuffled(count, chance), first)
    assert known(saved, base) == (saved, [])


@given(st.integers(3, 10), st.integers(0, 1), CHANCE)
def test_what_was_edited_deleted_or_added_besides_a_sort_in_part_is_all_that_changed(
    count: int, first: int, chance: Random
) -> None:
    base = made(count, chance)
    order = shuffled(count, chance)
    assume(out_of_place(order) > 3)  # of a shorter ring too little may be left to go by
    saved = sorted_from(base, order, first)
    edited = {(base[n].id, chance.choice(TELLING)) for n in order if chance.random() < 0.4}
    saved = [
        replace(line, raw={**line.raw, **{c: "改过" for i, c in edited if i == base[n].id}})
        for line, n in zip(saved, order, strict=True)
    ]
    gone = chance.randrange(count)
    kept = [n for at, n in enumerate(order) if at != gone]
    del saved[gone]
    saved.insert(chance.randrange(count), ReadRow("", 99, {"c0": "新的", "c5": "一行"}, carried=""))
    found, _ = known(saved, base)
    old = [row for row in found if row.matched != "new"]
    assert [r.id for r in old] == [base[n].id for n in kept]
    by_id = {row.id: row for row in base}
    changed = {(r.id, c) for r in old for c in ALL if r.raw.get(c) != by_id[r.id].raw.get(c)}
    assert changed == {(i, c) for i, c in edited if i != base[order[gone]].id}


@given(st.integers(3, 10), st.integers(1, 2), CHANCE)
def test_while_the_ids_are_not_put_right_a_second_reading_finds_what_was_edited_since_and_nothing_else(
    count: int, first: int, chance: Random
) -> None:
    """Also where the edited cell, or the deleted line, is one that tells what had stayed with the ids."""
    base = made(count, chance)
    order = shuffled(count, chance)
    assume(out_of_place(order) > 3)
    saved = edited(sorted_from(base, order, first), chance, "改过")
    once, _ = known(saved, base)
    assert [(row.id, row.raw) for row in known(saved, once)[0]] == [(row.id, row.raw) for row in once]
    gone = chance.randrange(count)
    later = edited(saved, chance, "又改")
    changed = {
        (row.id, c)
        for row, old, new in zip(once, saved, later, strict=True)
        for c in ALL
        if old.raw.get(c) != new.raw.get(c)
    }
    del later[gone]
    again, _ = known(later, once)
    left = [row for at, row in enumerate(once) if at != gone]
    assert [row.id for row in again] == [row.id for row in left]
    found = {(new.id, c) for old, new in zip(left, again, strict=True) for c in ALL if old.raw.get(c) != new.raw.get(c)}
    assert found == {(row_id, c) for row_id, c in changed if row_id != once[gone].id}


def edited(lines: list[ReadRow], chance: Random, text: str) -> list[ReadRow]:
    """The lines, one telling cell changed in some of them."""
    return [
        replace(line, raw={**line.raw, chance.choice(TELLING): text}) if chance.random() < 0.4 else line
        for line in lines
    ]


@given(st.integers(1, 12), CHANCE)
def test_ordinary_edits_never_look_like_a_sort(count: int, chance: Random) -> None:
    base = made(count, chance)
    saved = []
    for row in base:
        codes = chance.sample(ALL, chance.randint(0, 3))
        raw = {**row.raw, **{code: chance.choice(base).raw.get(code, "改过") for code in codes}}
        saved.append(replace(row, raw={c: v for c, v in raw.items() if chance.random() < 0.95 or c in TELLING}))
    assert known(saved, base) == (saved, [])


def spelled_otherwise(text: str, chance: Random) -> str:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and chance.random() < 0.5 else c for c in text)
    return "".join(c + chance.choice(("", "", " ", "\u3000", "\n", "\u200b")) for c in wide)


@given(st.integers(1, 10), CHANCE)
def test_width_and_spaces_of_what_a_row_is_called_do_not_matter(count: int, chance: Random) -> None:
    base = made(count, chance)
    saved = [
        ReadRow("", n, {code: spelled_otherwise(str(row.raw[code]), chance) for code in ("c0", "c1")}, carried="")
        for n, row in enumerate(base)
    ]
    chance.shuffle(saved)
    found, problems = known(saved, base)
    assert [(r.matched, r.sure) for r in found] == [("key", 1.0)] * count
    assert [unicodedata.normalize("NFKC", str(r.raw["c0"])).split("第")[0][:1] for r in found] == ["c"] * count
    by_id = {row.id: key_of(SHEET, row) for row in base}
    assert [by_id[r.id] for r in found] == [key_of(SHEET, r) for r in found]
    assert problems == []


FEW_WORDS = st.dictionaries(st.sampled_from(ALL[:5]), st.sampled_from(("甲", "乙", "丙", 1)), min_size=1)
LABELS = st.sampled_from(("", "DJ-D02-0001", "DJ-D02-0002", "DJ-D02-0003", "DJ-D02-0020", "DJ-D03-0001", "T0001", "x"))


@given(st.lists(st.tuples(LABELS, FEW_WORDS), max_size=7), st.lists(FEW_WORDS, max_size=4))
def test_read_a_second_time_every_row_is_the_one_it_was_and_holds_the_same(
    lines: list[tuple[str, dict[str, Scalar]]], before: list[dict[str, Scalar]]
) -> None:
    base = [ReadRow(f"DJ-D02-{n:04}", n, raw, carried=f"DJ-D02-{n:04}") for n, raw in enumerate(before, 1)]
    saved = [ReadRow(i, at, raw, carried=i) for at, (i, raw) in enumerate(lines)]
    first, _ = known(saved, base)
    second, _ = known(saved, first)
    assert [(r.id, r.raw) for r in second] == [(r.id, r.raw) for r in first]


@pytest.mark.parametrize(
    ("one", "other"),
    [(7, "7"), (7, "７"), (7, 7.0), ("第 1 号", "第１号"), ("A４", "a4")],
)
def test_a_key_is_one_whether_figure_or_text_wide_or_narrow(one: Scalar, other: Scalar) -> None:
    keys = {key_of(SHEET, ReadRow("", 5, {"c0": cell, "c1": "甲"})) for cell in (one, other)}
    assert len(keys) == 1


def test_a_row_without_all_its_key_columns_has_no_key_and_columns_do_not_run_together() -> None:
    assert key_of(SHEET, ReadRow("", 5, {"c0": "甲"})) is None
    assert key_of(SHEET, ReadRow("", 5, {"c0": "甲", "c1": " "})) is None
    assert key_of(replace(SHEET, columns=()), ReadRow("", 5, {"c0": "甲"})) is None
    both = {key_of(SHEET, ReadRow("", 5, {"c0": a, "c1": b})) for a, b in (("甲乙", "丙"), ("甲", "乙丙"))}
    assert len(both) == 2


def test_a_search_finds_the_nearest_row_though_all_share_their_commonest_cells() -> None:
    rows = {f"{n}": cells_of({"a": "同", "b": n // 2, "c": n}, {}) for n in range(1000)}
    assert CellIndex(rows).nearest(cells_of({"a": "同", "b": 250, "c": 501.0}, {})) == [
        (1.0, "501"),
        (pytest.approx(2 / 3), "500"),
        *((pytest.approx(1 / 3), str(n)) for n in range(6)),
    ]


def test_pairs_are_one_to_one_equal_ones_first_and_in_order() -> None:
    rows = {n: {"a": cell[0], "b": cell[1]} for n, cell in enumerate(["甲1", "甲1", "甲2", "乙9"])}
    olds = {"x": {"a": "甲", "b": "1"}, "y": {"a": "甲", "b": "1"}, "z": {"a": "甲", "b": "3"}}
    assert nearest_pairs(rows, olds) == {0: ("x", 1.0), 1: ("y", 1.0), 2: ("z", 0.5)}
    assert nearest_pairs(rows, olds, 0.6) == {0: ("x", 1.0), 1: ("y", 1.0)}
    assert share({}, {}) == 0.0
