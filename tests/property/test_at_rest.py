"""What is taken over of a sheet at rest is what working it out anew would come to, whatever was typed, ruled or set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncer.core.merging import sheet_reading
from syncer.core.merging.at_rest import Judged
from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import KnownBook, SheetContent, first_content
from syncer.core.merging.merge import SheetPlan
from syncer.core.model import Book, Ledger, Table
from syncer.core.reading.cells import CellReader
from syncer.core.reading.rows import ReadRow
from syncer.core.values import CellError, Scalar
from tests.core.tables_as_text import ACTIVITY_HEADER, TASK_HEADER, TASK_ROWS, compiled, lines

RULES = """
    | 编号 | 表名     | 条件               | 要求                        | 级别 |
    | R1   | 材料目录 |                    | 印证 存在于 活动台账.活动名称、活动台账.活动编号 | 错误 |
    | R2   | 材料目录 |                    | 文号 唯一                   | 警告 |
    | R3   | 活动台账 | 参加人数 > 100     | 主要内容 必填               | 错误 |
    | R4   | 活动台账 |                    | 主要内容 存在于 材料目录.题名 | 提示 |
"""
MORE_RULES = RULES + "| R5 | 活动台账 | | 参加人数 < 60 | 警告 |"
SHEETS = {"表设置": "| 材料目录 | papers | 记录 | 全部 | 3 | CL |"}
COLUMNS = {
    "栏目设置": """
        | 材料目录 | title | | 题名 | | 文本 | 是 | | | | 单位 | 是 | |
        | 材料目录 | number | | 文号 | | 编号 | | | | | 单位 | | |
        | 材料目录 | proves | | 印证 | | 文本 | | | | | 单位 | | |
    """
}
LEDGERS = tuple(compiled({"校验规则": rules}, SHEETS | COLUMNS)[0] for rules in (RULES, MORE_RULES))
READERS = {ledger.version: CellReader(ledger) for ledger in LEDGERS}
HEADERS = {
    "任务清单": TASK_HEADER,
    "活动台账": ACTIVITY_HEADER,
    "材料目录": "| 题名 | 文号 | 行标识 | 印证 |",
}
CODES = {"任务清单": "tasks", "活动台账": "activities", "材料目录": "papers"}
STARTS = {
    "任务清单": TASK_ROWS,
    "活动台账": "| | 2026-03-05 | HD-D02-0001 | 植树 | 30 |\n| | 2026-03-06 | | 读书 | 120 |\n| | | HD-D02-0003 |",
    "材料目录": "| 方案 | 1 | CL-D02-0001 | 植树 |\n| 通知 | 1 | | 讲座 |",
}
TYPED: tuple[Scalar, ...] = (
    *(None, "植树", "读书", "讲座", "方案", "通知", "2.1", "推进中", "已完成", "很多", " 植树", "NA"),
    *(1, 1.0, True, 30, 120, 46086, date(2026, 3, 5), date(2025, 3, 5), CellError("#REF!")),
    *("HD-D02-0001", "HD-D02-0002", "CL-D02-0001", "T0002", "XX-D09-0001"),
)
HEADS = ("活动名称", "名称", "天气", "日期", "备用1", "文号", "行标识", None, "印证材料")


@dataclass
class Told:
    """What was said of a sheet's rows, and the rows of which it was said."""

    rows: tuple[ReadRow, ...]
    judged: Judged
    base: str
    typed: tuple[Mapping[str, Scalar], ...]


@dataclass
class Unit:
    """One unit's workbook as its clerk has it, and what a store would hold of it."""

    random: Random
    grids: dict[str, list[list[Scalar]]] = field(default_factory=dict)
    known: KnownBook = field(default_factory=KnownBook)
    said: dict[str, Told] = field(default_factory=dict)
    ledger: Ledger = LEDGERS[0]
    merged: set[str] = field(default_factory=set)
    file: str = "宣传科.xlsx"

    def __post_init__(self) -> None:
        for name, header in HEADERS.items():
            head: list[list[Scalar]] = [[name], ["填报单位：宣传科"], []]
            self.grids[name] = [*head, *([*row] for row in lines(f"{header}\n{STARTS[name]}"))]
        content = first_content(self.ledger, "D02")
        rows = {code: sheet.rows for code, sheet in content.items()}
        self.known = KnownBook(content, rows, {"activities": 5, "tasks": 3, "papers": 3})

    def book(self) -> Book:
        tables = []
        for name, grid in self.grids.items():
            rows = []
            for row in grid:
                cells = list(row)
                while cells and cells[-1] is None:
                    cells.pop()
                rows.append(tuple(cells))
            areas = ((5, 4, 6, 4),) if name in self.merged else ()
            table = Table(name, tuple(rows), areas)
            tables.append(replace(table, digest=repr(table)))
        return Book(tuple(tables))

    # ---- what happens to it

    def type(self) -> None:
        grid = self.grid()
        row = self.random.randrange(4, max(len(grid), 5) + 1)
        while len(grid) <= row:
            grid.append([])
        self.put(grid[row], self.random.randrange(9), self.random.choice(TYPED))

    def rename(self) -> None:
        self.put(self.grid()[3], self.random.randrange(9), self.random.choice(HEADS))

    def insert(self) -> None:
        grid = self.grid()
        grid.insert(self.random.randrange(4, len(grid) + 1), [])

    def delete(self) -> None:
        grid = self.grid()
        if len(grid) > 4:
            del grid[self.random.randrange(4, len(grid))]

    def copy(self) -> None:
        grid = self.grid()
        if len(grid) > 4:
            row = self.random.randrange(4, len(grid))
            grid.insert(self.random.choice((row, len(grid))), list(grid[row]))

    def sort(self) -> None:
        grid = self.grid()
        rows = grid[4:]
        self.random.shuffle(rows)
        grid[4:] = rows

    def sort_some(self) -> None:
        """A sort that leaves the ids behind."""
        grid = self.grid()
        ids = [row[2] if len(row) > 2 else None for row in grid[4:]]
        self.sort()
        for row, row_id in zip(grid[4:], ids, strict=True):
            self.put(row, 2, row_id)

    def merge(self) -> None:
        self.merged ^= {self.random.choice([*HEADERS])}

    def drop(self) -> None:
        if len(self.grids) > 2:
            del self.grids[self.random.choice([*self.grids])]

    def call_otherwise(self) -> None:
        self.file = self.random.choice(("宣传科.xlsx", "宣传科（改）.xlsx"))

    def rule(self) -> None:
        """A ruling changes the ledger without the workbook."""
        code = self.random.choice([*CODES.values()])
        rows = list(self.known.current[code])
        if rows:
            at = self.random.randrange(len(rows))
            if self.random.random() < 0.3:
                del rows[at]
            else:
                value = self.random.choice([value for value in TYPED if value is not None])
                column = self.random.choice(("name", "headcount", "content", "title", "status"))
                rows[at] = replace(rows[at], raw={**rows[at].raw, column: value})
            self.known = replace(self.known, current={**self.known.current, code: tuple(rows)})

    def ask(self) -> None:
        """A question on a sheet is open, or is no more."""
        self.known = replace(self.known, asked=self.known.asked ^ {self.random.choice([*CODES.values()])})

    def set_rules(self) -> None:
        self.ledger = self.random.choice(LEDGERS)

    def grid(self) -> list[list[Scalar]]:
        return self.grids[self.random.choice([*self.grids])]

    @staticmethod
    def put(row: list[Scalar], at: int, value: Scalar) -> None:
        row.extend([None] * (at + 1 - len(row)))
        row[at] = value

    # ---- what is made of a save of it

    def plan(self, judged: dict[str, Judged]) -> BookPlan:
        typed = {code: self.said[code].typed for code in judged}
        known = replace(self.known, judged=judged, typed=typed)
        return plan_book(self.ledger, READERS[self.ledger.version], "D02", self.book(), self.file, known, admitted=True)

    def save(self) -> tuple[BookPlan, BookPlan, KnownBook]:
        """Saves it, and returns the plan, the one made the long way, and what was known before."""
        before = self.known
        held = {c: told.judged for c, told in self.said.items() if told.rows == tuple(before.current[c])}
        for code, judged in held.items():  # what reading came to holds against the same base only
            if self.said[code].base != kept(before.base.get(code)):
                held[code] = replace(judged, reading=None)
        short = self.plan(held)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sheet_reading, "stands", lambda *_: False)
            long = self.plan({})
        numbers = dict(before.last_numbers)
        current = dict(before.current)
        waiting = dict(before.held)
        for sheet in long.sheets:
            ours = [int(row.id[-4:]) for row in (*sheet.rows, *sheet.held) if "-D02-" in row.id]
            numbers[sheet.sheet] = max([numbers[sheet.sheet], *ours])
            gone = set(sheet.withdrawn)
            current[sheet.sheet] = tuple(plain(row) for row in sheet.rows if row.id not in gone)
            waiting[sheet.sheet] = frozenset(row.id for row in sheet.held)
        asked = {s.sheet for s in long.sheets if s.held or s.revived or s.vanished or open_ones(s)}
        self.known = KnownBook(long.content, current, numbers, held=waiting, asked=frozenset(asked))
        for code, judged in short.judged.items():
            if judged.places == tuple((row.id, row.row) for row in current[code]):
                values = tuple(long.values[code, row.id] for row in current[code])
                self.said[code] = Told(tuple(current[code]), judged, kept(long.content[code]), values)
        return short, long, before


def open_ones(plan: SheetPlan) -> bool:
    return any(decision.outcome == "asked" for decision in plan.decisions)


def plain(row: ReadRow) -> ReadRow:
    """A row as the ledger keeps it."""
    return ReadRow(row.id, row.row, row.raw, row.extra)


def kept(content: SheetContent | None) -> str:
    """One sheet of a version, as a store keeps it."""
    if content is None:
        return ""
    rows = tuple(replace(plain(row), carried=row.carried) for row in content.rows)
    return repr(replace(content, rows=rows))


def typed(row: ReadRow) -> tuple[object, ...]:
    """All that is kept of a row, types included."""
    cells = {**row.raw, **{f"+{name}": value for name, value in row.extra.items()}}
    return row.id, row.row, sorted((name, type(value).__name__, str(value)) for name, value in cells.items())


def assert_alike(short: BookPlan, long: BookPlan, before: KnownBook) -> None:
    assert short.problems == long.problems
    assert (short.filled_rows, short.refusal, short.who) == (long.filled_rows, long.refusal, long.who)
    for code, content in long.content.items():
        assert replace(short.content[code], rows=()) == replace(content, rows=())
        pairs = zip(short.content[code].rows, content.rows, strict=True)
        assert all(typed(one) == typed(two) and one.carried == two.carried for one, two in pairs)
    for one, two in zip(short.sheets, long.sheets, strict=True):
        if one.at_rest:
            rows = tuple(plain(row) for row in two.rows)
            assert two == SheetPlan(one.sheet, two.rows)
            assert list(map(typed, rows)) == list(map(typed, before.current[one.sheet]))
        else:
            assert one == two
            for row in two.rows:
                assert short.values[one.sheet, row.id] == long.values[one.sheet, row.id]


EVENTS: tuple[Callable[[Unit], None], ...] = (
    *([Unit.type] * 5),
    *(Unit.rename, Unit.insert, Unit.delete, Unit.copy, Unit.sort, Unit.sort_some, Unit.merge, Unit.drop),
    *(Unit.call_otherwise, Unit.rule, Unit.ask, Unit.set_rules),
)
STORIES = st.lists(st.lists(st.sampled_from(EVENTS), max_size=2), min_size=2, max_size=6)


@settings(max_examples=150)
@given(STORIES, st.integers(0, 1 << 30))
def test_the_short_way_comes_to_the_same_as_the_long_one(story: list[list[Callable[[Unit], None]]], seed: int) -> None:
    unit = Unit(Random(seed))
    unit.save()
    for events in story:
        for event in events:
            event(unit)
        short, long, before = unit.save()
        assert_alike(short, long, before)


def test_a_sheet_nobody_touched_is_at_rest() -> None:
    unit = Unit(Random(1))
    for _ in range(3):
        short, _, _ = unit.save()
    assert [plan.sheet for plan in short.sheets if plan.at_rest] == ["tasks", "activities", "papers"]
    unit.put(unit.grids["活动台账"][4], 4, 31)
    short, _, _ = unit.save()
    assert [plan.sheet for plan in short.sheets if plan.at_rest] == ["tasks", "papers"]


def test_what_was_said_of_a_sheet_at_rest_is_found_anew_when_what_it_looks_up_has_changed() -> None:
    unit = Unit(Random(1))
    unit.save()
    unit.save()
    unit.put(unit.grids["活动台账"][4], 3, "种树")
    short, long, _ = unit.save()
    assert [plan.sheet for plan in short.sheets if plan.at_rest] == ["tasks", "papers"]
    assert short.problems == long.problems
    assert any(p.code == "CHK-012" and p.place.sheet == "材料目录" and p.found == "植树" for p in short.problems)


def merged(unit: Unit) -> None:
    unit.put(unit.grids["活动台账"][5], 3, None)
    unit.merged.add("活动台账")


def truth_for_one(unit: Unit) -> None:
    unit.put(unit.grids["活动台账"][4], 4, True)


def one_for_truth(unit: Unit) -> None:
    unit.put(unit.grids["活动台账"][4], 4, 1)


@pytest.mark.parametrize("story", [(one_for_truth, truth_for_one), (truth_for_one, one_for_truth), (merged, merged)])
def test_what_looks_equal_and_is_not_is_no_rest(story: tuple[Callable[[Unit], None], ...]) -> None:
    unit = Unit(Random(1))
    unit.save()
    for event in story:
        event(unit)
        for _ in range(3):
            assert_alike(*unit.save())
