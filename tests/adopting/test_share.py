"""How much of three offices' ledgers is mapped right without anybody's correction."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from syncer.core.adopting.placing import place
from syncer.core.adopting.proposal import (
    BY_COLUMN,
    OWN_TASK,
    Proposal,
    Source,
    SourceFile,
    dividing_column,
)
from syncer.core.adopting.proposer import Proposer, find_sources
from syncer.core.adopting.targets import find_target
from syncer.core.model import Book, Ledger
from syncer.excel.reader import read_book
from tests.adopting.ledgers import ALL, OWN, Truth
from tests.adopting.unseen import TABLES
from tests.office import tools

COLUMNS_RIGHT, ROWS_RIGHT = 0.90, 0.95


@dataclass(frozen=True)
class Found:
    """What was found in one folder."""

    ledger: Ledger
    sources: tuple[Source, ...]
    proposal: Proposal

    def truths(self) -> Iterator[tuple[Source, Truth]]:
        by_place = {(ledger.name, sheet): truth for ledger in ALL for sheet, truth in ledger.truth.items()}
        for source in self.sources:
            yield source, by_place[source.file.name, source.layout.sheet]


def find(folder: Path, ledger: Ledger) -> Found:
    books = []
    for path in sorted(folder.iterdir()):
        book = read_book(path)
        assert isinstance(book, Book), (path.name, book)
        books.append((SourceFile(path.name, str(path), path.name), book))
    sources = find_sources(ledger, books)
    return Found(ledger, sources, Proposer(ledger, date(2026, 11, 16)).propose(sources))


@pytest.fixture(scope="module")
def found(folder: Path, shipped: Ledger) -> Found:
    return find(folder, shipped)


def test_every_table_is_found_where_it_stands_and_goes_to_the_right_sheet(found: Found) -> None:
    wrong = []
    assert len(found.sources) == sum(len(ledger.truth) for ledger in ALL)
    for source, truth in found.truths():
        table = found.proposal.table(source.number)
        sheet = found.ledger.sheet(table.sheet) if table else None
        assert {c.name for c in source.layout.columns} == set(truth.columns), source.layout.sheet
        assert [row.number for row in source.layout.rows] == sorted(truth.rows), source.layout.sheet
        if sheet is None or sheet.name != truth.sheet:
            wrong.append((source.layout.sheet, sheet))
    assert not wrong


def test_nine_columns_of_ten_are_right_without_correction(found: Found) -> None:
    right, wrong = 0, []
    for source, truth in found.truths():
        labels = found.proposal.labels(source.number)
        for column in source.layout.columns:
            wanted = truth.acceptable.get(column.name, frozenset({truth.columns[column.name]}))
            if labels[column.at] in wanted:
                right += 1
            else:
                wrong.append((source.layout.sheet, column.name, labels[column.at]))
    share = right / (right + len(wrong))
    print(f"columns mapped right without correction: {right} of {right + len(wrong)} ({share:.0%}); wrong: {wrong}")
    assert share >= COLUMNS_RIGHT, wrong


def test_nineteen_rows_of_twenty_are_with_the_right_unit_and_task_without_correction(found: Found) -> None:
    short = {unit.code: unit.short for unit in found.ledger.units}
    numbers = {task.id: task.number for task in found.ledger.tasks}
    placed = {
        source: (short[item.unit], numbers.get(item.task, ""))
        for item in place(found.ledger, found.sources, found.proposal).items
        for source in item.sources
    }
    decided = {(task.table, task.row): task.task for task in found.proposal.tasks}
    right, wrong = 0, []
    for source, truth in found.truths():
        for row, (unit, task) in truth.rows.items():
            own = decided.get((source.number, row)) == OWN_TASK
            is_right = placed.get((source.number, row)) == (unit, "" if task == OWN else task) and (task == OWN) == own
            right += is_right
            wrong += [] if is_right else [(source.layout.sheet, row, placed.get((source.number, row)))]
    share = right / (right + len(wrong))
    print(f"rows placed right without correction: {right} of {right + len(wrong)} ({share:.0%}); wrong: {wrong}")
    assert share >= ROWS_RIGHT, wrong


def test_a_table_says_whose_it_is_by_its_column_its_worksheet_or_its_first_lines(found: Found) -> None:
    short = {unit.code: unit.short for unit in found.ledger.units} | {BY_COLUMN: BY_COLUMN}
    said = {s.layout.sheet: short[t.unit] for s in found.sources if (t := found.proposal.table(s.number))}
    assert said == {
        "任务分解": BY_COLUMN,
        "宣教科": "宣传科",
        "团委": "团委",
        "后勤服务中心": "服务中心",
        "活动登记": BY_COLUMN,
        "问题整改台账": BY_COLUMN,
        "学习": "人事科",
    }
    for source in found.sources:
        table = found.proposal.table(source.number)
        sheet = found.ledger.sheet(table.sheet) if table else None
        assert table
        assert sheet
        labels = found.proposal.labels(source.number)
        uses = {at: target for at, label in labels.items() if (target := find_target(sheet, label))}
        assert (dividing_column(uses) is not None) == (table.unit == BY_COLUMN)


def test_a_name_that_is_nearly_a_units_is_proposed_but_not_as_sure(found: Found) -> None:
    sure = {unit.wording: (unit.units, unit.sure.value) for unit in found.proposal.units}
    assert sure["宣传科"] == (("D05",), "高")
    assert sure["宣传处"] == (("D05",), "中")
    assert sure["各同创单位"] == (("D15", "D16"), "高")


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_old_formats_are_found_to_say_the_same(folder: Path, found: Found, tmp_path: Path, ending: str) -> None:
    (tmp_path / "in").mkdir()
    for path in folder.iterdir():
        (tmp_path / "in" / path.with_suffix(".xlsx").name).write_bytes(path.read_bytes())
    command = [tools.need(tools.SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", ending, "--outdir", str(tmp_path / "out"), *map(str, (tmp_path / "in").iterdir())]
    subprocess.run(command, check=True, capture_output=True, timeout=240, env=tools_environment())
    again = find(tmp_path / "out", found.ledger)
    by_sheet = {s.layout.sheet: again.proposal.labels(s.number) for s in again.sources}
    assert by_sheet == {s.layout.sheet: found.proposal.labels(s.number) for s in found.sources}
    assert {(u.wording, u.units) for u in again.proposal.units} == {(u.wording, u.units) for u in found.proposal.units}
    rows = {(s.layout.sheet, row.number) for s in again.sources for row in s.layout.rows}
    assert rows == {(s.layout.sheet, row.number) for s in found.sources for row in s.layout.rows}


def tools_environment() -> dict[str, str]:
    """LibreOffice opens no file with a Chinese name under ``LC_ALL=C``."""
    import os

    return {**os.environ, "LC_ALL": "C.UTF-8"}


def test_other_offices_wordings_stay_understood(shipped: Ledger) -> None:
    right, wrong = 0, []
    for name, table, sheet, truth in TABLES:
        sources = find_sources(shipped, [(SourceFile(name, name, name), Book((table,)))])
        proposal = Proposer(shipped, date(2026, 11, 16)).propose(sources)
        found = shipped.sheet(proposal.tables[0].sheet)
        assert found
        assert found.name == sheet, (name, table.name)
        labels = proposal.labels(1)
        assert [c.name for c in sources[0].layout.columns] == list(truth), (name, table.name)
        for column in sources[0].layout.columns:
            is_right = labels[column.at] in truth[column.name]
            right += is_right
            wrong += [] if is_right else [(name, column.name, labels[column.at])]
    print(f"columns of other offices' tables mapped right: {right} of {right + len(wrong)}; wrong: {wrong}")
    assert right / (right + len(wrong)) >= 0.95, wrong
