"""本周变化 and 待处理事项: what changed and what waits for the coordinator, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from syncer.core.model import Ledger, Row
from syncer.core.names import Names
from syncer.core.reading.rows import from_plan, own_columns
from syncer.core.reports.lines import ChangeLine, QuestionLine, Stretch, digest_of
from syncer.core.reports.records import Records
from syncer.core.state import Change, LedgerState, Question
from syncer.core.values import Scalar

_MOST_SIGNS = 40  # of a cell's content within a sentence
ADDED = "（新增）"  # what stands in 列 where a line tells of a whole new record
EMPTIED = "FILE-015"
OUTCOMES: Mapping[str, str] = {"accepted": "已入库", "asked": "待确认", "noted": "未采用", "removed": "已撤回"}
KINDS: Mapping[str, str] = {
    "proposal": "调整申请",
    "vanished": "行不见了",
    "mass": "大量清空",
    "conflict": "两处都改了",
    "duplicate": "重复登记",
    "revived": "已删的行又有改动",
    "withdrawn": "单位撤回的行",
    "refused": "文件未收入",
    "doubted": "文件待核实",
    "unplaced": "文件待认领",
    "lost": "工作簿不见了",
    "backup": "旧文件又出现",
    "contradiction": "说法不一致",
    "typed": "改了自动生成的表",
    "template": "台账设置的改动",
    "weekly": "周报待定稿",
    "restore": "恢复旧内容",
}


def change_stretches(
    ledger: Ledger, changes: Sequence[Change], records: Records, names: Names
) -> Iterator[Stretch[tuple[ChangeLine, ...]]]:
    """Yields what changed since the last issued week, as 本周变化 lists it, save by save.

    Where the rows of a save are as they were when it was last listed, it is not worked out again.
    """
    by_row: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        by_row[change.row_id, change.unit].append(change)
    for (version, unit), group in groupby(changes, key=lambda change: (change.source.version, change.unit)):
        own = tuple(group)
        marks = [records.mark(unit, sheet) for sheet in sorted({change.sheet for change in own})]
        earlier = sum(len(by_row[row, unit]) for row in {change.row_id for change in own})
        basis = digest_of(ledger.version, version, len(own), earlier, marks)
        yield Stretch(f"{version}:{unit}", basis, partial(_lines, ledger, own, by_row, records, names))


def _lines(
    ledger: Ledger,
    changes: Sequence[Change],
    by_row: Mapping[tuple[str, str], Sequence[Change]],
    records: Records,
    names: Names,
) -> tuple[ChangeLine, ...]:
    """Returns a line a cell, but one line a new record.

    What a unit types into a new record at a later save is listed cell by cell again.
    """
    rows: dict[str, Row] = {}
    for sheet in dict.fromkeys(change.sheet for change in changes):
        ids = dict.fromkeys(change.row_id for change in changes if change.sheet == sheet)
        rows |= records.named(changes[0].unit, sheet, tuple(ids))
    found: list[ChangeLine] = []
    told: set[str] = set()
    for change in changes:
        row, all_of_row = rows.get(change.row_id), by_row[change.row_id, change.unit]
        if row is None or change.at != all_of_row[0].at or not _is_new(ledger, row, all_of_row):
            found.append(_change(change, row, names))
        elif change.row_id not in told:
            told.add(change.row_id)
            found.append(replace(_change(change, row, names), column=ADDED, old="", new=names.summary(row)))
    return tuple(found)


def _is_new(ledger: Ledger, row: Row, changes: Iterable[Change]) -> bool:
    """Whether these changes, oldest first, filled every cell of a record for the first time; a task is never new."""
    sheet = ledger.sheet(row.sheet)
    if sheet is None or from_plan(sheet, row.id):
        return False
    before: dict[str, Scalar] = {}
    for change in changes:
        before.setdefault(change.column, change.old)
    filled = own_columns(sheet) & row.values.keys()
    return filled <= before.keys() and all(value is None for value in before.values())


def _change(change: Change, row: Row | None, names: Names) -> ChangeLine:
    return ChangeLine(
        at=change.at,
        unit=names.unit(change.unit),
        sheet=names.sheet(change.sheet),
        row=names.row(change.sheet, change.row_id, row),
        column=names.column(change.sheet, change.column),
        old=names.cell(change.sheet, change.column, change.old),
        new=names.cell(change.sheet, change.column, change.new),
        outcome=OUTCOMES.get(change.outcome, change.outcome),
        source=change.source,
    )


def question_lines(state: LedgerState, rows: Mapping[tuple[str, str], Row], names: Names) -> Iterator[QuestionLine]:
    """Returns what waits for the coordinator, as 待处理事项 lists it."""
    return (_question(question, rows.get((question.row_id, question.unit)), names) for question in state.questions)


def _question(question: Question, row: Row | None, names: Names) -> QuestionLine:
    values = [
        names.cell(question.sheet, question.column, v) for v in (question.base, question.current, question.incoming)
    ]
    whole = names.summary(row) if row and question.kind == "vanished" else ""
    return QuestionLine(
        id=question.id,
        kind=KINDS.get(question.kind, question.kind),
        at=question.at,
        unit=names.unit(question.unit),
        sheet=names.sheet(question.sheet),
        row=question.row_key or names.row(question.sheet, question.row_id, row),
        column=names.column(question.sheet, question.column),
        base=values[0],
        current=whole or values[1],
        incoming=values[2],
        text=question_words(
            question, names.unit(question.unit), names.column(question.sheet, question.column), *values[1:]
        ),
        source=question.source,
    )


def question_words(question: Question, unit: str, column: str, current: str, incoming: str) -> str:
    """Returns what is asked, in a plain sentence or two; ``question.text`` is added where there is one.

    Long contents are told by their beginning: they stand beside it in full.
    """
    current, incoming = _told(current), _told(incoming)
    match question.kind:
        case "proposal":
            words = f"{unit}想把“{column}”由“{current}”改为“{incoming}”。这一栏由创建办掌握，目前仍按“{current}”；不同意的，单位表里会改回。"
        case "vanished":
            words = f"{unit}的表里这一行不见了（或被清空），内容仍保留。选“恢复”会写回单位的表。"
        case "mass":
            words = f"{unit}一次清空的格子较多，或清空了整列、关键列，暂不生效，“{column}”目前仍按“{current}”。"
        case "conflict":
            words = f"“{column}”两处都改了：现为“{current}”，{unit}报来“{incoming}”，目前按前者。"
        case "duplicate":
            words = f"{unit}又登记了一行，关键列与已有的一行相同，后来的这行暂未收入。同意则两行都算，不同意则只留原来那行。"
        case "revived":
            words = f"这一行已从台账删去，{unit}又在表里改了它。选“恢复”则收回台账。"
        case "withdrawn":
            words = f"{unit}自己删去了这一行，已照办。误删的可以撤销。"
        case "refused":
            words = f"{_file(question, unit)}未能收入{'，已收入的内容不变' if unit else ''}。"
        case "doubted":
            words = f"{_file(question, unit)}{'内容几乎清空了' if EMPTIED in question.payload else '像是别的单位的'}，暂未收入。接受则照它合并，拒绝则不理会，已收入的内容不变。"
        case "unplaced":
            words = "收件箱里的这份文件看不准是哪个单位的，暂未收入。选单位名称（不在其中的选“另填”，再填单位名称）就并入那个单位，选“拒绝”则不收。"
        case "backup":
            words = (
                f"{_file(question, unit)}与以前的一版相同，像是旧文件放了回来，暂未合并。接受则以它为准，拒绝则不理会。"
            )
        case "lost":
            words = f"{unit}的工作簿不在原处了（改名、移走或误删），已收入的内容都在。选“放回最近一版”会照最近收下的一版放回原处。"
        case "contradiction":
            words = "几个单位对同一件事说法不一致，请核实。"
        case "typed" if question.column:
            words = f"有人在自动生成的表里把“{column}”由“{current}”改为“{incoming}”，暂不生效。同意则改入台账。"
        case "typed":
            words = "有人在自动生成的表里做了改动，那里的改动不会生效。"
        case "template":
            words = "台账设置的这项改动会减少已有内容，暂未生效。"
        case "weekly":
            words = "周报送审稿等您定稿，定稿后即印发。"
        case "restore":
            words = "按您的要求找回的旧内容，确认后生效。"
        case _:
            words = ""
    return f"{words}{question.text}"


def _file(question: Question, unit: str) -> str:
    """Returns what a file is called: ``宣传科的文件“宣传科.xlsx”``."""
    name = f"“{question.source.file}”" if question.source.file else ""
    return f"{unit}的文件{name}" if unit else f"文件{name}"


def _told(text: str) -> str:
    return (text if len(text) <= _MOST_SIGNS else text[:_MOST_SIGNS] + "…") or "（空）"
