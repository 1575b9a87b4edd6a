"""What a sheet says does not depend on how it is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from syncer.core.model import Table
from syncer.core.problems import Problem
from syncer.core.reading.headers import match_headers
from syncer.core.reading.records import read_records
from syncer.core.reading.worksheet import free_rows, last_row
from syncer.core.values import Scalar
from syncer.messages import CATALOGUE
from tests.core.tables_as_text import compiled, sheet_of

LEDGER, _ = compiled()
SHEET = sheet_of(LEDGER, "activities")
NAMES = ("活动编号", "日期", "行标识", "活动名称", "参加人数", "对应任务", "主要内容", "销号")
RECORDS: tuple[tuple[Scalar, ...], ...] = (
    (None, date(2026, 3, 5), "HD-D02-0001", "植树", 30, "2.1", "滨河路", None),
    (None, date(2026, 3, 6), "HD-D02-0002", "读书会", 12, None, None, "是"),
    (None, "三月七日", None, "义诊", None, "2.1", "社区", None),
    (None, None, "HD-D02-0004", "合计", None, None, None, None),
)
ABOVE: tuple[tuple[Scalar, ...], ...] = (
    (),
    ("2026年文明单位创建活动台账",),
    ("填报单位：宣传科", None, "填报人：周样本"),
    ("单位", "宣传科", None, "日期", date(2026, 11, 20)),
    ("请各单位于每周五前报送，逾期按未报处理。",),
)
BELOW: tuple[tuple[Scalar, ...], ...] = ((), ("合计", None, None, None, 42), ("填报人：周样本", None, None, "审核人："))
EXTRA = ("天气", "带队", "车辆", "经费来源", "出发地")
DRESSES = ("{}", "{}*", "{}（必填）", " {} ", "{}\n（见说明）", "★{}", "{}：")


@dataclass(frozen=True)
class LaidOut:
    """One way to lay the records out."""

    columns: tuple[str, ...]  # in physical order; extras among them
    dresses: tuple[str, ...]
    groups: tuple[int, ...]  # 0: header two rows high; equal figures side by side: one group
    levels: int
    above: tuple[tuple[Scalar, ...], ...]
    gaps: tuple[int, ...]  # blank rows before each record
    again: int  # before which record the header is repeated; none for a figure too high
    below: tuple[tuple[Scalar, ...], ...]


@st.composite
def layouts(draw: st.DrawFn) -> LaidOut:
    extra = draw(st.lists(st.sampled_from(EXTRA), unique=True, max_size=3))
    columns = tuple(draw(st.permutations([*NAMES, *extra])))
    count = len(columns)
    few = st.integers(0, 2)
    return LaidOut(
        columns,
        tuple(draw(st.lists(st.sampled_from(DRESSES), min_size=count, max_size=count))),
        tuple(draw(st.lists(few, min_size=count, max_size=count))),
        draw(st.integers(1, 3)),
        tuple(draw(st.lists(st.sampled_from(ABOVE), max_size=6))),
        tuple(draw(st.lists(few, min_size=len(RECORDS), max_size=len(RECORDS)))),
        draw(st.integers(0, 6)),
        tuple(draw(st.lists(st.sampled_from(BELOW), max_size=2))),
    )


def laid_out(layout: LaidOut) -> Table:
    """The records in this layout, as a worksheet."""
    rows: list[tuple[Scalar, ...]] = list(layout.above)
    merged: list[tuple[int, int, int, int]] = []
    names = [
        name if name == "行标识" else dress.format(name)
        for name, dress in zip(layout.columns, layout.dresses, strict=True)
    ]
    header = _header(layout, names, len(rows) + 1, merged)
    rows += header
    for at, (record, gap) in enumerate(zip(RECORDS, layout.gaps, strict=True)):
        rows += [()] * gap
        if at == layout.again:
            rows.append(tuple(names))
        cells = dict(zip(NAMES, record, strict=True))
        rows.append(tuple(cells.get(name, f"{name}{at}") for name in layout.columns))
    return Table("活动台账", (*rows, *layout.below), tuple(merged))


def _header(
    layout: LaidOut, names: list[str], first: int, merged: list[tuple[int, int, int, int]]
) -> list[tuple[Scalar, ...]]:
    """The header's rows: own names in the last one, or merged down to it; groups of columns merged above."""
    levels = layout.levels
    grid: list[list[Scalar]] = [[None] * len(names) for _ in range(levels)]
    at = 0
    while at < len(names):
        end = at + 1
        if levels == 1 or not layout.groups[at]:
            grid[0][at] = names[at]
            if levels > 1:
                merged.append((first, at + 1, first + levels - 1, at + 1))
        else:
            while end < len(names) and layout.groups[end] == layout.groups[at]:
                end += 1
            for level in range(levels - 1):
                grid[level][at] = f"分类{layout.groups[at]}-{level}"
                if end - at > 1:
                    merged.append((first + level, at + 1, first + level, end))
            grid[-1][at:end] = names[at:end]
        at = end
    return [tuple(row) for row in grid]


@given(layouts())
def test_how_a_sheet_is_laid_out_does_not_change_what_is_read(layout: LaidOut) -> None:
    table = laid_out(layout)
    match, problems = match_headers(table, SHEET, "")
    assert match is not None
    assert problems == []
    codes = {c.name: c.code for c in SHEET.columns}
    read = read_records(table, match, SHEET, "")
    expected = [
        {codes[name]: cell for name, cell in zip(NAMES, record, strict=True) if name in codes and cell is not None}
        for record in RECORDS
    ]
    assert [dict(row.raw) for row in read.rows] == expected
    assert [row.id for row in read.rows] == [str(record[2] or "") for record in RECORDS]
    own = [name for name in layout.columns if name in EXTRA]
    shown = {name: dress.format(name).strip() for name, dress in zip(layout.columns, layout.dresses, strict=True)}
    assert [dict(row.extra) for row in read.rows] == [
        {shown[name]: f"{name}{at}" for name in own} for at in range(len(RECORDS))
    ]
    assert {p.code for p in read.problems} <= {"HEAD-010", "ROW-010"}


WORDS: st.SearchStrategy[Scalar] = st.one_of(
    st.none(),
    st.sampled_from(
        [*NAMES, *EXTRA, "合计", "填报人：", "一、组织", "HD-D02-0001", "T0001", "参与人数", "备用1", "序号", "姓名"]
    ),
    st.integers(-3, 50000),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.text(max_size=8).filter(bool),
)
PLACES = st.integers(1, 9)
TWO_SPARE_COLUMNS_OF_ONE_NAME: list[tuple[Scalar, ...]] = [
    (None, None, "活动编号"),
    (None, None, None, "日期", "备用1", None, "备用1"),
    (None, None, "1", "2026-3-12", "晴", None, "东南风"),
]


@settings(max_examples=150)
@given(
    st.lists(st.lists(WORDS, max_size=12).map(tuple), max_size=12),
    st.lists(st.tuples(PLACES, PLACES, PLACES, PLACES), max_size=4),
)
@example(TWO_SPARE_COLUMNS_OF_ONE_NAME, [])
def test_whatever_stands_in_a_sheet_it_is_read_without_fail_and_no_row_of_ours_is_lost(
    rows: list[tuple[Scalar, ...]], areas: list[tuple[int, int, int, int]]
) -> None:
    merged = tuple((min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in areas)
    table = Table("活动台账", tuple(rows), merged)
    match, problems = match_headers(table, SHEET, "宣传科.xlsx")
    said: list[Problem] = [*problems]
    if match:
        read = read_records(table, match, SHEET, "宣传科.xlsx")
        said += read.problems
        numbers = [row.row for row in read.rows]
        assert numbers == sorted(set(numbers))
        assert all(match.row < number <= len(rows) for number in numbers)
        assert not set(free_rows(table, match, SHEET, "HD-D02-")) & set(numbers)
        assert len({*match.columns.values(), *(at for _, at in match.extra)}) == len(match.columns) + len(match.extra)
        assert len({name for name, _ in match.extra}) == len(match.extra)
        for row in read.rows:
            assert row.row <= max(last_row(table), len(rows))
        with_id = [
            n for n in range(match.row + 1, len(rows) + 1) if str(table.cell(n, match.id_column)) == "HD-D02-0001"
        ]
        typed = [at for code, at in match.columns.items() if code not in {"no", "closed"}]
        assert {n for n in with_id if any(table.cell(n, at) is not None for at in typed)} <= set(numbers)
    assert {p.code for p in said} <= CATALOGUE.keys()
