"""The proposal book (台账导入方案): what an office's own ledgers are taken for, for the coordinator to correct.

What may be chosen for a column depends on the sheet chosen for its table: the dropdown looks that up by the table's number, so
it follows her choice and survives sorting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import xlsxwriter

from syncer.core.adopting import words as w
from syncer.core.adopting.plan_rows import PLAN_HEADERS
from syncer.core.adopting.proposal import (
    NO_TASK,
    OWN_TASK,
    Proposal,
    ProposedTable,
    Source,
    examples,
    said_of_task,
    values_of,
)
from syncer.core.adopting.sureness import Sureness
from syncer.core.adopting.targets import EXTRA_LABEL, NOWHERE_LABEL, Use, find_target, targets_of
from syncer.core.model import OPTIONS_SHEET, Ledger
from syncer.core.values import Scalar, column_letter
from syncer.excel.listpage import HEADER_ROW, ListField, ListPage
from syncer.excel.writing import Formats, open_workbook

_CREATED = datetime(2026, 1, 1)  # a book that says the same must have the same bytes on any day
_FILLS = {
    Sureness.HIGH.value: "E2EFDA",
    Sureness.MIDDLE.value: "FFF2CC",
    Sureness.LOW.value: "F8CBAD",
    Sureness.NONE.value: "EDEDED",
    "读到": "E2EFDA",
    "没有读": "F8CBAD",
}
_ORDER = {Sureness.NONE: 0, Sureness.LOW: 1, Sureness.MIDDLE: 2, Sureness.HIGH: 3}
_HOW = "黄色的格请核对，不对的从下拉里改选，改完保存并关闭，再运行：syncer adopt --apply。原来的台账文件不会被改动。"
_TABLES = (
    ListField(w.NUMBER, 7, "grey"),
    ListField(w.FILE, 30),
    ListField(w.SHEET, 16),
    ListField(w.TITLE, 34),
    ListField(w.ROWS, 8, "centre"),
    ListField(w.OUR_SHEET, 15, "yours"),
    ListField(w.SURE, 8, "mark"),
    ListField(w.OTHER, 14, "centre"),
    ListField(w.OUR_UNIT, 20, "yours"),
    ListField(w.UNIT_SURE, 10, "mark"),
    ListField(w.PROPOSED, 12, hidden=True),
)
_COLUMNS = (
    ListField(w.NUMBER, 7, "grey"),
    ListField(w.SHEET, 18),
    ListField(w.LETTER, 6, "grey"),
    ListField(w.NAME, 30),
    ListField(w.EXAMPLES, 46),
    ListField(w.OUR_COLUMN, 30, "yours"),
    ListField(w.SURE, 8, "mark"),
    ListField(w.OTHER, 26),
)
_UNITS = (
    ListField(w.WORDING, 26),
    ListField(w.COUNT, 8, "centre"),
    ListField(w.WHERE, 58),
    ListField(w.OUR_UNITS, 30, "yours"),
    ListField(w.SURE, 8, "mark"),
)
_TASKS = (
    ListField(w.NUMBER, 7, "grey"),
    ListField(w.SHEET, 16),
    ListField(w.ROW, 7, "grey"),
    ListField(w.TASK_NUMBER, 9, "centre"),
    ListField(w.TASK_TITLE, 38),
    ListField(w.WHOSE, 18),
    ListField(w.OUR_TASK, 40, "yours"),
    ListField(w.SURE, 8, "mark"),
    ListField(w.OTHER, 34),
    ListField(w.PROPOSED, 12, hidden=True),
)
_FILES = (
    ListField(w.FILE, 40),
    ListField(w.RESULT, 10, "mark"),
    ListField("说明", 60),
    ListField(w.PATH, 50),
    ListField(w.DIGEST, 12, hidden=True),
)
_EXAMPLE_SIGNS = 24
_PLAN_WIDTHS = (8, 10, 20, 36, 36, 14, 9, 10, 18, 24, 10, 16, 12, 12, 12, 16)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file as the proposal book lists it: where it was, its bytes' digest if it was read, and what is to be said of it."""

    name: str
    path: str
    sha256: str
    said: str = ""


def write_proposal(
    target: BinaryIO,
    ledger: Ledger,
    sources: Sequence[Source],
    proposal: Proposal,
    files: Sequence[FileLine],
    *,
    plan_rows: Sequence[Sequence[Scalar]] = (),
    notices: Sequence[str] = (),
) -> None:
    """Writes the proposal book. Same content, same bytes.

    Args:
        target: an open binary stream.
        ledger: whose sheets, units and tasks may be chosen.
        sources: the tables that were found.
        proposal: what they are taken for.
        files: every file that was given, read or not.
        plan_rows: tasks that 任务分解 does not have, in its columns, ready to be pasted there.
        notices: what is to be said first of all.
    """
    book = open_workbook(target, _CREATED, "台账导入方案")
    writer = _Writer(book, Formats(book), ledger, sources, proposal)
    writer.tables(notices)
    writer.columns()
    writer.units()
    writer.tasks()
    if plan_rows:
        writer.plan(plan_rows)
    writer.files(files)
    writer.options()
    book.close()


class _Writer:
    def __init__(
        self, book: xlsxwriter.Workbook, formats: Formats, ledger: Ledger, sources: Sequence[Source], proposal: Proposal
    ) -> None:
        self._book, self._formats, self._ledger, self._proposal = book, formats, ledger, proposal
        self._sources = {source.number: source for source in sources}

    def _page(self, name: str, fields: Sequence[ListField]) -> ListPage:
        return ListPage(self._book, self._formats, name, fields, _FILLS)

    def tables(self, notices: Sequence[str]) -> None:
        page = self._page(w.TABLES, _TABLES)
        notice = "　".join(filter(None, [*notices, self._summary()]))
        page.head(f"第一步：每张表对应我们的哪张表、归哪个单位。{_HOW}", notice, loud=bool(notices), frozen=3)
        page.body([self._table(table) for table in self._proposal.tables], "没有找到表。")
        page.offer(w.OUR_SHEET, "=adopt_sheets", "改了对应表，再运行一次 syncer adopt --apply，会按新的表重新对栏目。")
        page.offer(w.OUR_UNIT, "=adopt_whose", f"整张表属于一个单位的选单位；一行一个单位的选“{w.EACH_ROW}”。")
        for name, column in (("adopt_no", w.NUMBER), ("adopt_of", w.OUR_SHEET)):
            letter = column_letter(page.at(column))
            area = f"='{w.TABLES}'!${letter}${HEADER_ROW + 1}:${letter}${page.last_row}"
            self._book.define_name(name, area)
        page.sheet.activate()

    def _summary(self) -> str:
        """Returns one line on how much is to be looked at."""
        adopted = [t.number for t in self._proposal.tables if t.sheet]
        columns = [c for c in self._proposal.columns if c.table in adopted]
        unsure = sum(c.sure in {Sureness.MIDDLE, Sureness.LOW, Sureness.NONE} for c in columns)
        own = sum(t.task == OWN_TASK for t in self._proposal.tasks)
        units = sum(u.sure is not Sureness.HIGH for u in self._proposal.units)
        counts = [
            f"共{len(self._proposal.tables)}张表、{len(columns)}栏",
            f"要看一眼的：{unsure}栏（《{w.COLUMNS}》）" if unsure else "",
            f"{units}个单位写法（《{w.UNITS}》）" if units else "",
            f"{own}项任务不在任务分解里（《{w.PLAN}》《{w.TASKS}》）" if own else "",
        ]
        return "，".join(filter(None, counts)) + "。"

    def _table(self, table: ProposedTable) -> list[Scalar]:
        source, ledger = self._sources[table.number], self._ledger
        layout = source.layout
        other = w.sheet_label(ledger, table.other) if table.other else None
        title = next(layout.said_above(), None) if layout.header != (0, 0) else "没有找到表头，整张表列入报告"
        sheet = w.sheet_label(ledger, table.sheet)
        unit = w.unit_label(ledger, table.unit) or None
        return [
            *(table.number, source.file.name, layout.sheet, title, len(layout.rows), sheet, table.sure.value, other),
            *(unit, table.unit_sure.value if table.sheet else None, sheet),
        ]

    def columns(self) -> None:
        page = self._page(w.COLUMNS, _COLUMNS)
        advice = f"第二步：每一栏对应我们的哪一栏。“{EXTRA_LABEL}”：原样放在该单位表格的右边；“{NOWHERE_LABEL}”：列入导入报告。"
        page.head(advice, "把握：高——名称和内容都对得上；中、低——请核对；—：没有把握，没有对。", frozen=4)
        page.body(list(self._column_rows()), "没有栏目。")
        key = f"${column_letter(page.at(w.NUMBER))}{HEADER_ROW}"
        formula = f'=INDIRECT("adopt_"&MATCH(INDEX(adopt_of,MATCH({key},adopt_no,0)),adopt_sheets,0))'
        page.offer(w.OUR_COLUMN, formula, "从下拉里选。同一张表里，我们的一栏只能选一次。")

    def _column_rows(self) -> Iterator[list[Scalar]]:
        for column in self._proposal.columns:
            source = self._sources[column.table]
            table = self._proposal.table(column.table)
            if table is None or not table.sheet:
                continue
            foreign = next(c for c in source.layout.columns if c.at == column.at)
            example = "；".join(_short(text) for text in examples(values_of(source, column.at)))
            other = column.other if column.other not in {NOWHERE_LABEL, ""} else None
            yield [
                *(column.table, source.layout.sheet, column_letter(column.at), foreign.name, example or None),
                *(column.target, column.sure.value, other),
            ]

    def units(self) -> None:
        page = self._page(w.UNITS, _UNITS)
        advice = "第三步：原台账里的单位写法是哪个单位。几个单位的用顿号隔开，也可写组名；与谁都无关的选“不导入”。"
        unknown = sum(not u.units for u in self._proposal.units)
        notice = f"有{unknown}种写法在单位名录里找不到。" if unknown else "每种写法都找到了单位；不太有把握的排在前面。"
        page.head(advice, notice, loud=bool(unknown), frozen=1)
        units = sorted(self._proposal.units, key=lambda unit: _ORDER[unit.sure])
        page.body(
            [
                [u.wording, u.count or None, u.where, w.units_label(self._ledger, u.wording, u.units), u.sure.value]
                for u in units
            ],
            "原台账里没有按行写单位。",
        )
        page.offer(w.OUR_UNITS, "=adopt_units", "选一个单位；几个单位的直接写，用顿号隔开。")

    def tasks(self) -> None:
        page = self._page(w.TASKS, _TASKS)
        advice = "第四步：每一行是任务分解里的哪一项。选“自定子任务”的，作为该单位自己的子任务写入，不计入任务分解。"
        own = sum(task.task == OWN_TASK for task in self._proposal.tasks)
        notice = f"有{own}行在任务分解里没有找到。要作为正式任务的，请先看《{w.PLAN}》。" if own else ""
        page.head(advice, notice, loud=bool(own), frozen=3)
        page.body(list(self._task_rows()), "没有任务类的表。")
        page.offer(w.OUR_TASK, "=adopt_tasks", "从下拉里选任务分解里的任务。")

    def _task_rows(self) -> Iterator[list[Scalar]]:
        for task in self._proposal.tasks:
            source = self._sources[task.table]
            table = self._proposal.table(task.table)
            sheet = self._ledger.sheet(table.sheet) if table else None
            if table is None or sheet is None:
                continue
            labels = self._proposal.labels(task.table)
            uses = {at: target for at, label in labels.items() if (target := find_target(sheet, label))}
            row = next(r for r in source.layout.rows if r.number == task.row)
            said = said_of_task(row, uses)
            whose = said.get("leads") or w.unit_label(self._ledger, table.unit)
            yield [
                *(task.table, source.layout.sheet, task.row, said.get("no"), said.get("title"), whose or None),
                *(w.task_label(self._ledger, task.task), task.sure.value),
                w.task_label(self._ledger, task.other) if task.other else None,
                w.task_label(self._ledger, task.task),
            ]

    def plan(self, rows: Sequence[Sequence[Scalar]]) -> None:
        """Writes the tasks that 任务分解 does not have, in its columns."""
        fields = [ListField(name, width) for name, width in zip(PLAN_HEADERS, _PLAN_WIDTHS, strict=True)]
        page = self._page(w.PLAN, fields)
        advice = (
            "要作为正式任务管理的：复制下面整行，粘贴到《台账设置》任务分解的第一个空行（连同“行标识”一栏），保存，再导入，内容就写到这些任务里。"
            "不粘贴的，按《4 任务》里选的办，照样导入。"
        )
        page.head(advice, "编号、牵头、配合单位请核对后再粘贴。")
        page.body(rows, "")

    def files(self, files: Sequence[FileLine]) -> None:
        page = self._page(w.FILES, _FILES)
        unread = sum(not line.sha256 for line in files)
        page.head("这次看过的文件。", f"有{unread}份没有读。" if unread else "都读到了。", loud=bool(unread))
        page.body(
            [
                [line.name, "读到" if line.sha256 else "没有读", line.said or None, line.path, line.sha256 or None]
                for line in files
            ],
            "没有文件。",
        )

    def options(self) -> None:
        """Writes what may be chosen, one list a column, and names the lists."""
        ledger = self._ledger
        sheets = [sheet.name for sheet in ledger.sheets]
        lists: dict[str, Iterable[str]] = {
            "adopt_sheets": [*sheets, w.NOT_ADOPTED],
            "adopt_whose": [w.EACH_ROW, *(unit.short for unit in ledger.units)],
            "adopt_units": [*(unit.short for unit in ledger.units), w.NOT_ADOPTED],
            "adopt_tasks": [
                *(w.task_label(ledger, task.id) for task in ledger.tasks),
                *(w.OWN_TASK_LABEL, w.task_label(ledger, NO_TASK)),
            ],
        }
        for number, sheet in enumerate(ledger.sheets, start=1):
            labels = (t.label for t in targets_of(sheet) if t.use not in {Use.SYSTEM, Use.COORDINATOR})
            lists[f"adopt_{number}"] = [*labels, EXTRA_LABEL, NOWHERE_LABEL]
        _write_lists(self._book, lists)


def _short(text: str) -> str:
    """Returns an example on one line, no longer than it needs to be known by."""
    line = "".join(text.split("\n")).rstrip("。；;")
    return line if len(line) <= _EXAMPLE_SIGNS else f"{line[:_EXAMPLE_SIGNS]}…"


def _write_lists(book: xlsxwriter.Workbook, lists: Mapping[str, Iterable[str]]) -> None:
    sheet = book.add_worksheet(OPTIONS_SHEET)
    sheet.hide()
    for at, (name, choices) in enumerate(lists.items()):
        letter, last = column_letter(at + 1), 1
        sheet.write_string(0, at, name)
        for last, choice in enumerate(choices, start=2):
            sheet.write_string(last - 1, at, choice)
        book.define_name(name, f"='{OPTIONS_SHEET}'!${letter}$2:${letter}${last}")
