"""A clerk whose program keeps another format: .xls and .ods by a real LibreOffice, .csv of a single sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncer.core.model import Book, Format
from syncer.core.values import show
from syncer.excel.reader import read_book
from syncer.store.facts import COPY, OTHER_FORMAT
from syncer.sync import Synced, sync
from syncer.workspace import Office
from tests.office.clerk import ODS, XLS, Clerk
from tests.system.bureau import FIRST_ROW, Bureau, advice

pytestmark = [pytest.mark.office, pytest.mark.slow]

UNIT = "宣传科"
TASK_CELLS = {"J5": "推进中", "L5": "本周开展理论宣讲三场"}
ACTIVITY_CELLS = {"B5": "2026年3月5日", "D5": "学雷锋志愿服务", "E5": "志愿服务", "F5": "3.1", "J5": "好几十号人吧"}


@dataclass(frozen=True)
class Saved:
    """What the clerk's work came to in each format, and the workbook she began with."""

    xls: bytes
    ods: bytes
    before: bytes


@pytest.fixture(scope="module")
def saved(_handed_out: Bureau, _office: Clerk, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """She opens her book, types, and saves it under other formats (done once)."""
    folder = tmp_path_factory.mktemp("clerk")
    before = _handed_out.book(UNIT).read_bytes()
    own = folder / f"{UNIT}.xlsx"
    own.write_bytes(before)
    _office.open(own)
    for cell, text in TASK_CELLS.items():
        _office.set("任务清单", cell, text)
    for cell, text in ACTIVITY_CELLS.items():
        _office.set("活动台账", cell, text)
    _office.save_as(folder / f"{UNIT}.xls", XLS)
    _office.save_as(folder / f"{UNIT}.ods", ODS)
    _office.close()
    return Saved((folder / f"{UNIT}.xls").read_bytes(), (folder / f"{UNIT}.ods").read_bytes(), before)


@pytest.fixture
def office(bureau: Bureau) -> Iterator[Office]:
    with Office(bureau.opened()) as office:
        yield office


def told(done: Synced, file: str) -> list[str]:
    return [p.code for p in done.problems if p.place.file == file and p.code.startswith("FILE")]


def assert_merged(bureau: Bureau) -> None:
    (row,) = bureau.master_rows("活动台账", UNIT)
    assert (str(row["日期"]), row["活动名称"], row["对应任务"]) == ("2026-03-05", "学雷锋志愿服务", "3.1")
    task = next(row for row in bureau.master_rows("任务清单", UNIT) if row["任务编号"] == "3.1")
    assert (task["工作状态"], task["本周完成情况"]) == (TASK_CELLS["J5"], TASK_CELLS["L5"])


def test_an_xls_beside_the_workbook_is_merged_like_a_copy(saved: Saved, bureau: Bureau, office: Office) -> None:
    bureau.save_as(f"{UNIT}.xls", saved.xls)
    done = sync(office)
    assert_merged(bureau)
    assert told(done, f"{UNIT}.xls") == [COPY]
    assert done.questions == ()
    assert bureau.units.joinpath(f"{UNIT}.xls").read_bytes() == saved.xls
    book = read_book(bureau.book(UNIT))  # what the copy brought was written into the workbook itself
    assert isinstance(book, Book)
    assert next(t for t in book.tables if t.name == "活动台账").cell(FIRST_ROW, 4) == "学雷锋志愿服务"
    assert sync(office).taken == []


def test_an_ods_instead_of_the_workbook_is_merged_never_written_and_xlsx_is_asked_for(
    saved: Saved, bureau: Bureau, office: Office, clerk: Clerk
) -> None:
    bureau.book(UNIT).unlink()
    ods = bureau.units / f"{UNIT}.ods"
    bureau.save_as(ods.name, saved.ods)
    done = sync(office)
    assert_merged(bureau)
    assert told(done, ods.name) == [OTHER_FORMAT]
    assert (done.questions, done.refused) == ((), [])
    assert [(d.file, d.cells, d.waits) for d in done.delivered if UNIT in d.file] == [
        (f"02各单位填报/{UNIT}.xlsx", 0, "format")
    ]
    assert ods.read_bytes() == saved.ods
    # What is wrong in it is told like in any workbook, and so is what to do.
    says = "\n".join(line.says for line in advice(bureau.feedback(UNIT)))
    assert "另存为“宣传科.xlsx”，类型选" in says
    assert any(line.found == ACTIVITY_CELLS["J5"] for line in advice(bureau.feedback(UNIT)))

    # She does as she was told, and goes on typing.
    clerk.open(ods)
    clerk.set("活动台账", "J5", "60")
    clerk.save_as(bureau.book(UNIT))
    clerk.close()
    ods.unlink()
    done = sync(office)
    assert_merged(bureau)
    assert bureau.master_rows("活动台账", UNIT)[0]["参加人数"] == 60
    assert told(done, ods.name) == []
    assert done.questions == ()


def test_an_xls_under_the_workbooks_own_name_is_known_by_its_content(
    saved: Saved, bureau: Bureau, office: Office
) -> None:
    bureau.save(UNIT, saved.xls)
    done = sync(office)
    assert_merged(bureau)
    assert told(done, f"{UNIT}.xlsx") == [OTHER_FORMAT]
    assert [d.waits for d in done.delivered if UNIT in d.file] == ["format"]
    assert bureau.book(UNIT).read_bytes() == saved.xls
    bureau.save(UNIT, saved.before)  # the old workbook back: it never had what the .xls brought, and takes nothing away
    sync(office)
    assert_merged(bureau)


def as_csv(data: bytes, sheet: str, folder: Path) -> bytes:
    """Returns one sheet as Excel exports it on a Chinese PC: what is shown, in GB18030, as wide as the table."""
    path = folder / "source"
    path.write_bytes(data)
    book = read_book(path)
    assert isinstance(book, Book)
    assert book.format is Format.ODS
    rows = next(table for table in book.tables if table.name == sheet).rows
    width = max(map(len, rows))
    text = io.StringIO()
    for row in rows:
        shown = [
            f"{v:.0%}" if isinstance(v, float) else show(v).replace("-", "/") if hasattr(v, "year") else show(v)
            for v in row
        ]
        csv.writer(text).writerow([*shown, *[""] * (width - len(row))])
    return text.getvalue().encode("gb18030")


@pytest.mark.parametrize("name", ["宣传科-活动台账.csv", "宣传科.csv", "活动台账.csv"])
def test_a_csv_is_the_one_sheet_that_its_name_or_its_headers_say(
    saved: Saved, bureau: Bureau, office: Office, tmp_path: Path, name: str
) -> None:
    bureau.save_as(name, as_csv(saved.ods, "活动台账", tmp_path))
    done = sync(office)
    assert told(done, name) == [COPY]
    assert [p.code for p in done.problems if p.code.startswith(("SHEET", "HEAD", "ROW"))] == []
    assert done.questions == ()
    (row,) = bureau.master_rows("活动台账", UNIT)
    assert (str(row["日期"]), row["活动名称"]) == ("2026-03-05", "学雷锋志愿服务")
    assert {column for column, _ in bureau.changed_cells(f"file = '{name}'")} == {
        "date", "name", "category", "tasks", "headcount",
    }  # fmt: skip
