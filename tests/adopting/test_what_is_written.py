"""Nothing that stands in an old ledger acts in the books made from it."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from syncer.core.adopting.placing import once, place
from syncer.core.adopting.plan_rows import plan_rows
from syncer.core.adopting.proposal import SourceFile
from syncer.core.adopting.proposer import Proposer, find_sources
from syncer.core.model import Book, Ledger, Table
from syncer.core.values import Scalar
from syncer.excel.adoptbook import FileLine, write_proposal
from syncer.excel.adoptreport import Told, write_report
from tests.safety.payloads import TEXTS
from tests.safety.scan import links


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
