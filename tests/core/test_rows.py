from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncer.core.merging.identity import identify
from syncer.core.model import Owner
from syncer.core.problems import Place
from syncer.core.reading.headers import match_headers
from syncer.core.reading.records import read_rows
from syncer.core.reading.rows import ReadRow, is_foreign, likeness, own_columns, row_key
from syncer.core.values import Scalar
from tests.core.tables_as_text import compiled, sheet_of, table

LEDGER, _ = compiled()
ACTIVITIES, TASKS = sheet_of(LEDGER, "activities"), sheet_of(LEDGER, "tasks")
TASK_IDS = {task.number: task.id for task in LEDGER.tasks}
HEADER = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 | 天气 |"
FRESH = [f"HD-D02-{number:04}" for number in range(6, 60)]


def read(text: str) -> list[ReadRow]:
    sheet = table("活动台账", f"{HEADER}\n{text}")
    match, _ = match_headers(sheet, ACTIVITIES, "")
    assert match is not None
    return read_rows(sheet, match, ACTIVITIES)


def row(row_id: str, number: int = 0, **raw: Scalar) -> ReadRow:
    return ReadRow(row_id, number, {code: value for code, value in raw.items() if value is not None})


def ids(incoming: list[ReadRow], base: list[ReadRow]) -> list[str]:
    found, _ = identify(incoming, base, ACTIVITIES, FRESH, Place("宣传科.xlsx", "活动台账"), TASK_IDS, "D02")
    return [r.id for r in found]


# ---- reading


def test_gaps_are_read_through_and_reserved_rows_are_no_records() -> None:
    rows = read(
        """
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        | |            | HD-D02-0002 |
        |
        |
        | |            |             | 读书会 |
        | |            | HD-D02-0004 |        |  |  |  |  | 晴 |
        """
    )
    assert [(r.row, r.id, r.raw.get("name")) for r in rows] == [
        (2, "HD-D02-0001", "植树"),
        (6, "", "读书会"),
        (7, "HD-D02-0004", None),
    ]
    assert rows[2].extra == {"天气": "晴"}


def test_a_row_of_totals_or_signatures_is_no_record() -> None:
    rows = read(
        """
        | | 2026-03-05 | HD-D02-0001 | 植树 | 30 |
        | 合　计 | | | 1场 | 30 |
        | 填报人：周样本 | | | 审核人： |
        | 备注：数据截至11月 | | | 无 |
        | | 2026-03-06 | | 合计测算培训 | 30 |
        """
    )
    assert [r.raw["name"] for r in rows] == ["植树", "合计测算培训"]


def test_a_row_of_the_plan_is_read_even_when_the_unit_has_typed_nothing() -> None:
    sheet = table(
        "任务清单",
        """
        | 任务编号 | 重点任务 | 行标识 | 已完成量 | 完成率 | 工作状态 | 本周完成情况 | 备注 |
        | '2.1 | 主题宣讲 | T0002 |
        |      |          | RW-D02-0001 |
        |      |          | RW-D02-0002 | 3 |
        | '2.1-① | 备课 | RW-D02-0003 |
        """,
    )
    match, _ = match_headers(sheet, TASKS, "")
    assert match is not None
    assert [r.id for r in read_rows(sheet, match, TASKS)] == ["T0002", "RW-D02-0003"]


# ---- identity


BASE = [
    row("HD-D02-0001", 5, date="3月5日", name="植树", headcount=30, content="滨河路"),
    row("HD-D02-0002", 6, date="3月6日", name="读书会", headcount=12, content="党史"),
    row("HD-D02-0003", 7, date="3月7日", name="宣讲", headcount=50, content="二十大"),
]


def test_rows_sorted_otherwise_keep_their_ids() -> None:
    for order in permutations(BASE):
        assert ids(list(order), BASE) == [r.id for r in order]


def test_a_copied_row_is_new_and_the_row_it_was_copied_from_keeps_its_id_wherever_it_stands() -> None:
    copy = row("HD-D02-0001", 6, date="4月5日", name="植树", headcount=40, content="滨河路")
    assert ids([BASE[0], copy, *BASE[1:]], BASE) == ["HD-D02-0001", "HD-D02-0006", "HD-D02-0002", "HD-D02-0003"]
    assert ids([copy, *BASE], BASE)[:2] == ["HD-D02-0006", "HD-D02-0001"]


def test_a_copy_inserted_without_changing_anything_is_new_too() -> None:
    assert ids([BASE[0], BASE[0], BASE[0]], BASE) == ["HD-D02-0001", "HD-D02-0006", "HD-D02-0007"]


def test_a_row_that_lost_its_id_is_known_again_by_its_key_columns() -> None:
    lost = row("", 6, date="3月6日", name="读　书会", headcount=99, content="换了内容", tasks="2.1")
    found, problems = identify([BASE[0], lost, BASE[2]], BASE, ACTIVITIES, FRESH, Place(), TASK_IDS, "D02")
    assert [(r.id, r.matched) for r in found] == [("HD-D02-0001", "id"), ("HD-D02-0002", "key"), ("HD-D02-0003", "id")]
    assert problems == []


TEN = {code: f"{code}内容" for code in ("no", "date", "name", "headcount", "tasks", "content", "closed", "x", "y", "z")}


def test_a_row_without_id_and_key_is_known_again_by_nine_of_ten_equal_cells_with_a_note() -> None:
    base = [row("HD-D02-0001", 5, **TEN)]
    lost = row("", 9, **{**TEN, "name": "改了名字"})
    found, problems = identify([lost], base, ACTIVITIES, FRESH, Place("宣传科.xlsx", "活动台账"), TASK_IDS, "D02")
    assert (found[0].id, found[0].matched) == ("HD-D02-0001", "likeness")
    assert [(p.code, p.place.row, p.row_key) for p in problems] == [("ROW-001", 9, "date内容 改了名字")]


def test_eight_of_ten_equal_cells_are_not_enough_and_two_alike_rows_are_no_evidence() -> None:
    lost = row("", 9, **{**TEN, "name": "改了名字"})
    assert ids([row("", 9, **{**lost.raw, "date": "改了日期"})], [row("HD-D02-0001", 5, **TEN)]) == ["HD-D02-0006"]
    twins = [row("HD-D02-0001", 5, **TEN), row("HD-D02-0002", 6, **TEN)]
    assert ids([lost], twins) == ["HD-D02-0006"]


def test_a_row_that_is_still_there_gives_its_id_to_nobody() -> None:
    typed_again = row("", 8, date="3月5日", name="植树", headcount=30, content="滨河路")
    assert ids([*BASE, typed_again], BASE)[-1] == "HD-D02-0006"


def test_without_the_id_column_every_unchanged_row_is_known_again() -> None:
    lost = [ReadRow("", r.row, r.raw) for r in reversed(BASE)]
    assert ids(lost, BASE) == ["HD-D02-0003", "HD-D02-0002", "HD-D02-0001"]


def test_a_plan_row_without_id_is_known_by_its_task_number_and_a_sub_task_is_new() -> None:
    base = [row("T0002", 5, no="2.1", title="主题宣讲")]
    incoming = [row("", 5, no=2.1, title="主题宣讲"), row("", 6, no="2.1-①", title="备课"), row("T0002", 7, no="2.2")]
    fresh = ["RW-D02-0004", "RW-D02-0005"]
    found, _ = identify(incoming[:2], base, TASKS, fresh, Place(), TASK_IDS, "D02")
    assert [(r.id, r.matched) for r in found] == [("T0002", "key"), ("RW-D02-0004", "new")]
    doubled, _ = identify([base[0], incoming[2]], base, TASKS, fresh, Place(), TASK_IDS, "D02")
    assert [r.id for r in doubled] == ["T0002", "T0003"]


def test_an_id_the_clerk_made_by_dragging_is_not_given_out_a_second_time() -> None:
    dragged = row("HD-D02-0006", 8, date="3月8日", name="拖出来的")
    typed = row("", 9, date="3月9日", name="新活动")
    assert ids([typed, dragged], BASE) == ["HD-D02-0007", "HD-D02-0006"]


CELLS = st.dictionaries(
    st.sampled_from(("date", "name", "headcount", "content")), st.sampled_from(("甲", "乙", 1, 2)), min_size=1
)
CARRIED = st.sampled_from(("", "HD-D02-0001", "HD-D02-0002", "HD-D02-0003", "HD-D02-0006", "HD-D02-0007"))
SHEETS = st.lists(st.tuples(CARRIED, CELLS), max_size=8)


@given(SHEETS, st.lists(CELLS, max_size=5))
def test_every_row_gets_an_id_and_no_two_rows_the_same(
    incoming: list[tuple[str, dict[str, Scalar]]], base: list[dict[str, Scalar]]
) -> None:
    before = [ReadRow(f"HD-D02-{at:04}", at + 4, raw) for at, raw in enumerate(base, 1)]
    rows = [ReadRow(i, at, raw) for at, (i, raw) in enumerate(incoming, 5)]
    found, _ = identify(rows, before, ACTIVITIES, FRESH, Place(), TASK_IDS, "D02")
    assert [r.row for r in found] == [r.row for r in rows]
    assert [r.id if r.carried is None else r.carried for r in found] == [r.id for r in rows]
    if "content" not in {r.matched for r in found}:
        assert [r.raw for r in found] == [r.raw for r in rows]
        assert {r.id for r in rows if r.id} <= {r.id for r in found}
    assert all(r.id for r in found)
    assert len({r.id for r in found}) == len(found)


@given(st.lists(CELLS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_with_ids_of_their_own_does_not_matter(
    contents: list[dict[str, Scalar]], chance: object
) -> None:
    rows = [ReadRow(f"HD-D02-{at:04}", at, raw) for at, raw in enumerate(contents, 1)]
    shuffled = rows.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ids(shuffled, rows[:3]) == [r.id for r in shuffled]


# ---- likeness, names, ownership


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ({}, {}, 0.0),
        ({"a": 1}, {}, 0.0),
        ({"a": 1, "b": 2}, {"a": 1.0, "b": 2}, 1.0),
        ({"a": 1, "b": 2}, {"a": True, "b": 2}, 0.5),
        ({"a": 1, "b": 2}, {"b": 2, "c": 3}, 1 / 3),
    ],
)
def test_likeness_is_the_share_of_equal_cells_among_those_filled_in_either(
    one: dict[str, Scalar], other: dict[str, Scalar], share: float
) -> None:
    assert likeness(one, other) == likeness(other, one) == pytest.approx(share)


def test_a_row_is_called_by_task_number_or_key_columns_or_first_cells_or_at_last_its_id() -> None:
    assert row_key(TASKS, {"no": "2.1", "title": "主题宣讲"}, "T0002") == "2.1"
    assert row_key(ACTIVITIES, BASE[0].raw, "HD-D02-0001") == "3月5日 植树"
    assert row_key(ACTIVITIES, {"headcount": 12, "content": "很长" * 20}, "HD-D02-0001") == f"12 {'很长' * 10}"
    assert row_key(ACTIVITIES, {}, "HD-D02-0001") == "HD-D02-0001"


@pytest.mark.parametrize(
    ("row_id", "owner", "foreign"),
    [
        ("T0002", Owner.COORDINATOR, True),
        ("T0002", Owner.UNIT, False),
        ("T0002", Owner.SYSTEM, True),
        ("RW-D02-0001", Owner.COORDINATOR, False),
        ("RW-D02-0001", Owner.SYSTEM, True),
    ],
)
def test_a_sub_task_of_the_unit_is_all_its_own_but_for_the_systems_columns(
    row_id: str, owner: Owner, foreign: bool
) -> None:
    assert is_foreign(TASKS, row_id, owner) is foreign


def test_a_coordinators_column_in_a_sheet_of_records_is_never_the_units() -> None:
    assert is_foreign(ACTIVITIES, "HD-D02-0001", Owner.COORDINATOR)
    assert "closed" not in own_columns(ACTIVITIES)
