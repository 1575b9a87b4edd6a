"""The report of an adoption (台账导入报告): what went where, and every cell of the old ledgers that found no place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

import xlsxwriter

from syncer.core.adopting import words as w
from syncer.core.adopting.fates import Fate, Verdict
from syncer.core.adopting.proposal import Proposal, Source
from syncer.core.model import Ledger
from syncer.core.values import Scalar, column_letter, fold, show
from syncer.excel.listpage import ListField, ListPage
from syncer.excel.writing import Formats, open_workbook

SUMMARY, UNPLACED, DIFFERENT, BY_COLUMN, BY_ROW, REWORDED = (
    "概况",
    "没有找到位置的内容",
    "与任务分解不同的",
    "每一栏去了哪里",
    "每一行去了哪里",
    "换了说法的",
)
_CREATED = datetime(2026, 1, 1)  # a book that says the same must have the same bytes on any day
_WRITTEN = "已写入"
_FILLS = {_WRITTEN: "E2EFDA", "没有写入": "F8CBAD"}
_FURNITURE = frozenset(
    (Fate.SECTION, Fate.TITLE, Fate.NOTE, Fate.TOTAL, Fate.SIGNATURE, Fate.AGAIN, Fate.COUNTING, Fate.SERIAL)
)
_PLACE = (ListField("文件", 30), ListField("工作表", 16), ListField("单元格", 10, "grey"))
_UNPLACED = (
    *_PLACE,
    ListField("原栏目名", 24),
    ListField("内容", 46),
    ListField("为什么", 24),
    ListField("单位", 12, "centre"),
)
_DIFFERENT = (
    *_PLACE,
    ListField("任务编号", 9, "centre"),
    ListField("栏目", 16),
    ListField("原台账写的", 38),
    ListField("任务分解写的", 38),
    ListField("单位", 12, "centre"),
)
_SUMMARY = (
    ListField("单位", 16),
    ListField("结果", 10, "mark"),
    ListField("行", 8, "centre"),
    ListField("格", 8, "centre"),
    ListField("说明", 76),
)
_BY_COLUMN = (
    *(ListField("文件", 30), ListField("工作表", 16), ListField("列", 6, "grey"), ListField("原栏目名", 30)),
    *(
        ListField("对应表", 14),
        ListField("对应栏目", 28),
        ListField("有内容的格", 11, "centre"),
        ListField("写入的格", 10, "centre"),
    ),
)
_BY_ROW = (
    *(ListField("文件", 30), ListField("工作表", 16), ListField("行", 7, "grey"), ListField("单位", 14)),
    *(ListField("写到哪张表", 14), ListField("哪一项", 48), ListField("写入的格", 10, "centre")),
)
_REWORDED = (
    *_PLACE,
    ListField("单位", 12, "centre"),
    ListField("栏目", 16),
    ListField("原文", 36),
    ListField("按什么算", 36),
)


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What became of one unit's workbook: whether it was written, and what is to be said of it."""

    unit: str  # code
    written: bool
    rows: int
    cells: int
    said: str


@dataclass(frozen=True, slots=True)
class Told:
    """Everything the report is made of. ``verdicts``: one a cell."""

    ledger: Ledger
    sources: Sequence[Source]
    decided: Proposal
    verdicts: Sequence[Verdict]
    units: Sequence[UnitResult]
    unread: Sequence[tuple[str, str]] = ()  # files that were not read, and why


def write_report(target: BinaryIO, told: Told) -> None:
    """Writes the report book. Same content, same bytes."""
    book = open_workbook(target, _CREATED, "台账导入报告")
    writer = _Writer(book, told)
    writer.summary()
    writer.unplaced()
    writer.different()
    writer.by_column()
    writer.by_row()
    writer.reworded()
    book.close()


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, told: Told) -> None:
        self._book, self._formats, self._told = book, Formats(book), told
        self._sources = {source.number: source for source in told.sources}
        self._short = {unit.code: unit.short for unit in told.ledger.units}
        self._heads = {
            (source.number, column.at): column.name for source in told.sources for column in source.layout.columns
        }

    def _page(self, name: str, fields: Sequence[ListField]) -> ListPage:
        return ListPage(self._book, self._formats, name, fields, _FILLS)

    def summary(self) -> None:
        page = self._page(SUMMARY, _SUMMARY)
        counts = Counter(verdict.fate for verdict in self._told.verdicts)
        placed, planned = counts[Fate.PLACED], counts[Fate.PLAN_SAME] + counts[Fate.DIVIDES]
        rest = sum(count for fate, count in counts.items() if not fate.settled)
        text = (
            f"原台账共{sum(counts.values())}个有内容的格：写入工作簿{placed}格，任务分解里已有或用来分单位{planned}格，"
            f"栏目名{counts[Fate.HEADER]}格，其余{rest}格列在《{UNPLACED}》和《{DIFFERENT}》里。原来的文件没有改动。"
        )
        notice = "；".join(f"{name}没有读：{why}" for name, why in self._told.unread)
        page.head(
            "各单位的工作簿写了多少。下一次合并（syncer sync，或常驻程序）后，就会出现在汇总台账里。",
            f"{text}{notice}",
            loud=bool(notice),
        )
        rows: list[list[Scalar]] = [
            [self._short.get(r.unit, r.unit), _WRITTEN if r.written else "没有写入", r.rows, r.cells, r.said]
            for r in self._told.units
        ]
        page.body(rows, "没有要写入的内容。")

    def unplaced(self) -> None:
        page = self._page(UNPLACED, _UNPLACED)
        rows = list(self._unplaced())
        page.head(
            "原台账里没有写入任何工作簿的内容，逐格列出。要保留的，请告诉该单位补填，或改好导入方案后重新导入。",
            f"共{len(rows)}条；可按“为什么”筛选。",
            frozen=3,
        )
        page.body(rows, "没有。所有内容都有了着落。")

    def _unplaced(self) -> Iterator[list[Scalar]]:
        """Yields a line a cell, content before titles and notes; row numbers and the like a line a run."""
        rest = [v for v in self._told.verdicts if not v.fate.settled and v.fate is not Fate.PLAN_OTHER]
        rest.sort(key=lambda v: (v.fate in _FURNITURE, v.table, _run(v), v.row, v.column))
        for _, group in groupby(rest, key=lambda v: (v.table, _run(v)) if _run(v) else v):
            verdicts = list(group)
            one, alone = verdicts[0], len(verdicts) == 1
            cell = one.cell if alone else f"{one.cell}:{verdicts[-1].cell}"
            text: Scalar = one.value if alone else "、".join(show(v.value) for v in verdicts)
            head = self._heads.get((one.table, one.column)) if one.line else None
            unit = self._short.get(one.unit) if alone else None
            yield [*self._place(one)[:2], cell, head, text, one.fate.value, unit]

    def different(self) -> None:
        page = self._page(DIFFERENT, _DIFFERENT)
        page.head(
            "这些内容归任务分解管，工作簿里照任务分解写。原台账写的才对的，请改《台账设置》的任务分解，保存即可。",
            "",
            frozen=3,
        )
        numbers = {task.id: task.number for task in self._told.ledger.tasks}
        rows: list[list[Scalar]] = [
            [*self._place(v), numbers.get(v.task), v.name, v.value, v.note or None, self._short.get(v.unit)]
            for v in self._told.verdicts
            if v.fate is Fate.PLAN_OTHER
        ]
        page.body(rows, "没有。原台账与任务分解一致。")

    def by_column(self) -> None:
        page = self._page(BY_COLUMN, _BY_COLUMN)
        page.head("每一栏对应到哪里，有多少格写入了工作簿。", "", frozen=4)
        filled = Counter((v.table, v.column) for v in self._told.verdicts if v.line)
        placed = Counter((v.table, v.column) for v in self._told.verdicts if v.line and v.fate is Fate.PLACED)
        rows: list[list[Scalar]] = []
        for column in self._told.decided.columns:
            source, key = self._sources[column.table], (column.table, column.at)
            table = self._told.decided.table(column.table)
            sheet = w.sheet_label(self._told.ledger, table.sheet if table else "")
            place: list[Scalar] = [
                source.file.name,
                source.layout.sheet,
                column_letter(column.at),
                self._heads.get(key),
            ]
            rows.append([*place, sheet, column.target or None, filled[key], placed[key]])
        page.body(rows, "没有栏目。")

    def by_row(self) -> None:
        page = self._page(BY_ROW, _BY_ROW)
        page.head("每一行写到了哪个单位的哪张表。", "", frozen=3)
        page.body(list(self._rows()), "没有内容行。")

    def _rows(self) -> Iterator[list[Scalar]]:
        placed = Counter((v.table, v.line) for v in self._told.verdicts if v.fate is Fate.PLACED)
        first: dict[tuple[int, int], Verdict] = {}
        for verdict in self._told.verdicts:
            if verdict.line and (verdict.sheet or (verdict.table, verdict.line) not in first):
                first.setdefault((verdict.table, verdict.line), verdict)
        for source in self._told.sources:
            for row in source.layout.rows:
                key = (source.number, row.number)
                one = first.get(key)
                unit, sheet, task = (one.unit, one.sheet, one.task) if one else ("", "", "")
                what = w.task_label(self._told.ledger, task) if task else _what(row.cells.values())
                if not placed[key]:
                    sheet = ""
                where = w.sheet_label(self._told.ledger, sheet) if sheet else "没有写入"
                place: list[Scalar] = [source.file.name, source.layout.sheet, row.number, self._short.get(unit)]
                yield [*place, where, what, placed[key]]

    def reworded(self) -> None:
        page = self._page(REWORDED, _REWORDED)
        page.head("任务编号和单位名称按方案里的对应来理解：原文是什么，按什么算。其他内容都按原文写入。", "", frozen=3)
        rows: list[list[Scalar]] = [
            [*self._place(v), self._short.get(v.unit), v.name, v.value, v.note]
            for v in self._told.verdicts
            if v.fate in {Fate.PLACED, Fate.PLAN_SAME, Fate.DIVIDES} and v.note and fold(v.note) != fold(show(v.value))
        ]
        page.body(rows, "没有。全部按原文写入。")

    def _place(self, verdict: Verdict) -> list[Scalar]:
        source = self._sources[verdict.table]
        return [source.file.name, source.layout.sheet, verdict.cell]


def _run(verdict: Verdict) -> tuple[str, int] | tuple[()]:
    """Returns what a cell is listed with in one line: row numbers of a column, counts of a row; ``()`` for one of its own."""
    if verdict.fate is Fate.SERIAL:
        return verdict.fate.value, verdict.column
    return (verdict.fate.value, 0) if verdict.fate is Fate.COUNTING else ()


def _what(values: Iterable[Scalar]) -> str:
    """Returns what tells a row from others: its first two texts."""
    texts = [text for value in values if isinstance(value, str) and len(text := show(value)) > 2]
    return "　".join(text[:24] for text in texts[:2])
