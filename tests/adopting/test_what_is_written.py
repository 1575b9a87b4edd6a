"""Nothing that stands in an old ledger acts in the books made from it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncer.adopted_books import write_books
from syncer.control import take_up
from syncer.core.adopting.placing import Adoption, Item, once, place
from syncer.core.adopting.plan_rows import plan_rows
from syncer.core.adopting.proposal import SourceFile
from syncer.core.adopting.proposer import Proposer, find_sources
from syncer.core.model import Book, Ledger, Table
from syncer.core.values import Scalar
from syncer.excel.adoptbook import FileLine, write_proposal
from syncer.excel.adoptreport import Told, write_report
from syncer.excel.looks import LEAF_ROW
from syncer.excel.reading import Readers
from syncer.sync import sync
from syncer.workspace import Office
from tests.machine.small_bureau import open_office, small_bureau
from tests.safety.payloads import TEXTS
from tests.safety.scan import links
from tests.system.bureau import Bureau
from tests.warm import made_once


@pytest.fixture(scope="module")
def books(shipped: Ledger, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A proposal and a report about a ledger in which everything is hostile: cells, headers, sheet and file names."""
    texts = [text for name, text in TEXTS.items() if name != "long"]
    head = ("序号", "任务名称", "责任单位", "完成情况", *texts[:5])
    rows: list[tuple[Scalar, ...]] = [(n, text, text, text, *texts[:5]) for n, text in enumerate(texts, start=1)]
    table = Table("=1+1", (("=title",), head, *rows, ("注：=1+1",)))
    file = SourceFile("=cmd.xlsx", "/=1+1/=cmd.xlsx", "0" * 64)
    sources = find_sources(shipped, [(file, Book((table,)))])
    proposal = Proposer(shipped).propose(sources)
    folder = tmp_path_factory.mktemp("hostile")
    with (folder / "proposal.xlsx").open("wb") as stream:
        lines = [FileLine(file.name, file.path, file.sha256, "=said")]
        tasks = plan_rows(shipped, sources, proposal)
        write_proposal(stream, shipped, sources, proposal, lines, plan_rows=tasks)
    with (folder / "report.xlsx").open("wb") as stream:
        verdicts = list(once(place(shipped, sources, proposal).verdicts))
        write_report(stream, Told(shipped, sources, proposal, verdicts, [], [("=x.xlsx", "=why")]))
    return folder / "proposal.xlsx", folder / "report.xlsx"


def test_no_cell_is_a_formula_and_nothing_links(books: tuple[Path, Path]) -> None:
    for path in books:
        cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
        assert len(cells) > 100
        assert [cell.coordinate for cell in cells if cell.data_type in {"f", "e"}] == []
        assert list(links(path)) == []


def test_what_begins_like_a_formula_stands_there_as_it_was(books: tuple[Path, Path]) -> None:
    for path in books:
        said = {cell.value for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row}
        assert {"=1+1", "=cmd.xlsx", TEXTS["dde"], TEXTS["at"], TEXTS["minus"]} <= said


TREES: dict[str, Scalar] = {"date": date(2026, 3, 5), "name": "植树"}


@pytest.fixture
def out(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Office]:
    """A small bureau whose workbooks are out."""
    with Readers(1) as readers:
        made = made_once(tmp_path_factory, "small", lambda made: small_bureau(made / "创建", readers))
        bureau = Bureau(Path(shutil.copytree(made / "创建", tmp_path / "创建")))
        office = open_office(bureau, readers, lambda: datetime(2026, 11, 20, 9))
        sync(office)
        yield office
        office.store.close()


@pytest.mark.slow
def test_a_text_longer_than_any_cell_is_cut_with_a_notice_and_the_other_units_get_theirs(out: Office) -> None:
    control = take_up(out, date(2026, 11, 20))
    first, second = control.ledger.units[:2]
    items = (
        Item(first.code, "activities", "", TREES | {"content": "长" * 40_000}),
        Item(second.code, "activities", "", dict(TREES)),
    )
    written = write_books(out, control, Adoption(items, ()))
    assert [(one.unit, one.done) for one in written] == [(first.code, True), (second.code, True)]
    sync(out)
    held = out.store.known_book(first.code).current["activities"]
    assert [str(row.raw["content"])[:2] for row in held] == ["长长"]
    assert "原文共40000字" in str(held[0].raw["content"])


@pytest.mark.slow
def test_a_workbook_without_the_row_or_column_is_not_written_into_and_the_other_units_get_theirs(out: Office) -> None:
    """It was handed out before the plan had the task, or the ledger the column, and neither has been delivered yet."""
    control = take_up(out, date(2026, 11, 20))
    first, second, third = control.ledger.units[:3]
    items = (
        Item(first.code, "tasks", "T0099", {"this_week": "做了一半"}),
        Item(second.code, "activities", "", TREES | {"not_there": "旧栏目"}),
        Item(third.code, "activities", "", dict(TREES)),
    )
    before = {unit.code: out.workspace.unit_book(unit).read_bytes() for unit in (first, second)}
    written = write_books(out, control, Adoption(items, ()))
    assert [(one.unit, one.done) for one in written] == [
        (first.code, False),
        (second.code, False),
        (third.code, True),
    ]
    assert all("先运行 syncer sync" in one.said for one in written[:2])
    assert {unit.code: out.workspace.unit_book(unit).read_bytes() for unit in (first, second)} == before


@pytest.mark.slow
def test_columns_of_the_old_ledgers_own_come_into_columns_that_nobody_has_headed(out: Office) -> None:
    control = take_up(out, date(2026, 11, 20))
    unit = control.ledger.units[0]
    path = out.workspace.unit_book(unit)
    book = openpyxl.load_workbook(path)
    sheet: Any = book["活动台账"]
    heads = [cell.value for cell in sheet[LEAF_ROW]]
    at = 1 + max(number for number, head in enumerate(heads, start=1) if head and not str(head).startswith("备用"))
    sheet.cell(LEAF_ROW, at, "经办人")
    book.save(path)
    sync(out)
    item = Item(unit.code, "activities", "", dict(TREES), {"天气": "晴", "领导批示": "很好"})
    (written,) = write_books(out, control, Adoption((item,), ()))
    assert written.done, written.said
    heads = [cell.value for cell in openpyxl.load_workbook(path)["活动台账"][LEAF_ROW]]
    assert [heads.count(name) for name in ("经办人", "天气", "领导批示")] == [1, 1, 1]
    sync(out)
    (row,) = out.store.known_book(unit.code).current["activities"]
    assert row.extra == item.extra
