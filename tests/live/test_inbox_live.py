"""An inbox that stands open gets new rows below; what she typed and has not saved is hers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncer.core.inbox import answers as h
from syncer.core.inbox.lines import Inbox, InboxLine
from syncer.core.model import Stamp
from syncer.core.values import column_letter
from syncer.excel.inboxbook import HEADER_ROW, NOTHING, WAITING, room_ends, write_inbox
from syncer.excel.live.append import Append
from syncer.excel.live.process import Worker
from syncer.excel.live.report import Report, State
from syncer.excel.reader import read_book
from syncer.inbox_memory import Edition, _edition, _edition_json
from tests.live.client import Client

pytestmark = pytest.mark.office


def line(name: str, text: str = "", **more: Any) -> InboxLine:
    facts: dict[str, Any] = {
        "label": "调整申请",
        "unit": "宣传科",
        "sheet": "任务清单",
        "row": "3.1",
        "column": "完成时限",
    }
    cells: dict[str, Any] = {"base": "6月底", "current": "6月底", "incoming": "=7月底"}
    return InboxLine(
        name,
        "proposal",
        **facts,
        **cells,
        text=text or f"事项{name}",
        check=f"c-{name}",
        questions=(),
        saved_at="2026-11-20T16:02:00",
        **more,
    )


def written(*lines: InboxLine) -> bytes:
    stream = io.BytesIO()
    write_inbox(stream, Inbox(tuple(lines)), Stamp("L1", "-", "inbox", revision=3))
    return stream.getvalue()


class Desk:
    """An inbox that stands open."""

    def __init__(self, folder: Path, excel: Client, worker: Worker, *lines: InboxLine) -> None:
        self.path, self.excel, self.worker = folder / "待我处理.xlsx", excel, worker
        self.path.write_bytes(written(*lines))
        self.book: int = excel.open(str(self.path))
        self.room_ends = room_ends(len(lines))

    def append(self, *lines: InboxLine) -> Report:
        return self.worker.do(self.job(*lines))

    def job(self, *lines: InboxLine) -> Append:
        return Append(self.path, written(*lines), tuple(one.id for one in lines), self.room_ends)

    def rows(self) -> list[dict[str, Any]]:
        cells = self.excel.read(self.book, WAITING, self.excel.used(self.book, WAITING))
        heads = [str(cell or "") for cell in cells[HEADER_ROW - 1]]
        return [dict(zip(heads, row, strict=True)) for row in cells[HEADER_ROW:] if any(row)]

    def ids(self) -> list[str]:
        return [row[h.ID] for row in self.rows()]

    def type(self, row: int, head: str, value: object) -> None:
        cells = self.excel.read(self.book, WAITING, [HEADER_ROW, 1, HEADER_ROW, 40])[0]
        column = (
            cells.index(head) + 1 if head in cells else next(at for at in range(len(cells), 0, -1) if cells[at - 1]) + 1
        )
        if head not in cells:
            self.excel.write(self.book, WAITING, [HEADER_ROW, column, HEADER_ROW, column], [[head]])
        self.excel.write(self.book, WAITING, [row, column, row, column], [[value]])

    def move_columns(self) -> None:
        """Has her put 编号 where 校验 stands, and the other way round."""
        used = self.excel.used(self.book, WAITING)
        cells = self.excel.read(self.book, WAITING, [HEADER_ROW, 1, *used[2:]])
        one, other = cells[0].index(h.ID), cells[0].index(h.CHECK)
        for row in cells:
            row[one], row[other] = row[other], row[one]
        texts = [[f"'{cell}" if isinstance(cell, str) else None for cell in row] for row in cells]
        self.excel.write(self.book, WAITING, [HEADER_ROW, 1, *used[2:]], texts)


@pytest.fixture
def desk(tmp_path: Path, excel: Client, worker: Worker) -> Desk:
    return Desk(tmp_path, excel, worker, line("a1"), line("b2"))


def test_new_matters_come_below_and_what_she_typed_stays(desk: Desk) -> None:
    first = HEADER_ROW + 1
    desk.type(first, h.ANSWER, "同意")
    desk.type(first + 1, h.NOTE, "等科长回来")
    desk.type(first, "我的列", "要紧")
    desk.excel.called()
    new = line("c3", offers=("工会", "宣传科")), line("d4", text="\n=1+1")
    assert desk.append(line("a1"), *new) == Report(State.DONE, wrote=True, found=("a1", "c3", "d4"))
    rows = desk.rows()
    assert [row[h.ID] for row in rows] == ["a1", "b2", "c3", "d4"]
    assert [(row[h.ANSWER], row[h.NOTE], row["我的列"]) for row in rows] == [
        ("同意", None, "要紧"), (None, "等科长回来", None), (None, None, None), (None, None, None)
    ]  # fmt: skip
    assert [(row[h.INCOMING], row[h.CHECK]) for row in rows[2:]] == [("=7月底", "c-c3"), ("=7月底", "c-d4")]
    assert desk.excel.formulas(desk.book, WAITING) == []


def test_what_she_saves_then_reads_as_if_we_had_written_it(desk: Desk) -> None:
    desk.append(line("c3", offers=("工会", "宣传科")))
    desk.type(HEADER_ROW + 3, h.ANSWER, "工会")
    desk.excel.save(desk.book)
    from syncer.core.inbox.answers import read_answers

    book = read_book(desk.path)
    read = read_answers(book)  # type: ignore[arg-type]
    assert read
    assert [(a.id, a.check, a.entry.answer) for a in read.answers] == [
        ("a1", "c-a1", ""), ("b2", "c-b2", ""), ("c3", "c-c3", "工会")
    ]  # fmt: skip
    assert read.edition == 3
    assert read.answers[2].contents == ("宣传科", "3.1", "完成时限", "6月底", "=7月底")
    saved = openpyxl.load_workbook(desk.path)
    assert saved.defined_names["opt_of_c3"].attr_text
    page: Any = saved[WAITING]
    (rule,) = [r for r in page.data_validations.dataValidation if "INDIRECT" in str(r.formula1)]
    assert f"{column_letter(next(c.column for c in page[HEADER_ROW] if c.value == h.ANSWER))}6" in rule.sqref


def test_the_same_matters_are_appended_once(desk: Desk) -> None:
    assert desk.append(line("c3")).wrote
    assert desk.append(line("c3")) == Report(State.DONE, wrote=False, found=("c3",))
    assert desk.ids() == ["a1", "b2", "c3"]


def test_the_line_that_nothing_waits_gives_way(tmp_path: Path, excel: Client, worker: Worker) -> None:
    desk = Desk(tmp_path, excel, worker)
    assert desk.append(line("a1")).wrote
    assert desk.ids() == ["a1"]
    assert NOTHING not in [cell for row in desk.rows() for cell in row.values()]


def test_rows_that_she_sorted_and_columns_that_she_moved_are_no_trouble(desk: Desk) -> None:
    desk.move_columns()
    last = desk.excel.used(desk.book, WAITING)[3]
    desk.excel.sort(desk.book, WAITING, [HEADER_ROW + 1, 1, HEADER_ROW + 2, last], 1, True)
    desk.append(line("c3"))
    assert desk.ids() == ["b2", "a1", "c3"]
    assert [row[h.CHECK] for row in desk.rows()] == ["c-b2", "c-a1", "c-c3"]


@pytest.mark.slow
@pytest.mark.parametrize("calls", [1, 12, 30])
@pytest.mark.parametrize("are_moved", [False, True])
def test_a_row_that_was_broken_off_is_completed(desk: Desk, impatient: Worker, calls: int, *, are_moved: bool) -> None:
    if are_moved:
        desk.move_columns()
    desk.excel.meanwhile("change", calls, "busy", -1)
    assert impatient.do(desk.job(line("c3"), line("d4"))).state is State.BUSY
    desk.excel.busy(0)
    assert desk.append(line("c3"), line("d4")).state is State.DONE
    assert desk.ids() == ["a1", "b2", "c3", "d4"]
    assert [row[h.CHECK] for row in desk.rows()] == ["c-a1", "c-b2", "c-c3", "c-d4"]
    assert {row[h.INCOMING] for row in desk.rows()} == {"=7月底"}


@pytest.mark.slow
@pytest.mark.parametrize("reads", range(4, 10))
def test_she_may_sort_while_a_row_is_being_written(desk: Desk, reads: int) -> None:
    last = desk.excel.used(desk.book, WAITING)[3]
    desk.type(HEADER_ROW + 1, h.NOTE, "等科长回来")
    desk.excel.meanwhile("read", reads, "sort", desk.book, WAITING, [HEADER_ROW + 1, 1, HEADER_ROW + 3, last], 1, True)
    first = desk.append(line("c3")).state
    assert first is State.DONE or desk.append(line("c3")).state is State.DONE
    rows = {row[h.ID]: row for row in desk.rows()}
    assert {name: (row[h.NOTE], row[h.CHECK]) for name, row in rows.items()} == {
        "a1": ("等科长回来", "c-a1"), "b2": (None, "c-b2"), "c3": (None, "c-c3")
    }  # fmt: skip


def test_a_row_that_she_begins_just_there_is_hers(desk: Desk) -> None:
    place = [HEADER_ROW + 4, 3, HEADER_ROW + 4, 3]
    desk.excel.meanwhile("change", 0, "write", desk.book, WAITING, place, [["她记的"]])
    assert desk.append(line("c3"), line("d4")) == Report(State.BUSY, wrote=True)
    desk.append(line("c3"), line("d4"))
    assert desk.ids() == ["a1", "b2", "c3", None, "d4"]
    assert desk.excel.read(desk.book, WAITING, place) == [["她记的"]]


def test_the_rows_with_a_dropdown_are_those_of_the_edition_and_do_not_grow_with_what_is_appended() -> None:
    edition = Edition(3, "hash", {}, ("a1", "b2")).with_appended(("c3", "d4"))
    assert (edition.listed, edition.written) == (("a1", "b2", "c3", "d4"), 2)
    assert _edition(_edition_json(edition)) == edition
    page: Any = openpyxl.load_workbook(io.BytesIO(written(line("a1"), line("b2"))))[WAITING]
    (rule,) = page.data_validations.dataValidation
    assert str(rule.sqref).endswith(str(room_ends(edition.written)))


def test_what_finds_no_row_with_a_dropdown_waits_until_it_is_closed(desk: Desk) -> None:
    desk.room_ends = HEADER_ROW + 3
    assert desk.append(line("c3"), line("d4")).found == ("c3",)
    assert desk.append(line("d4")) == Report(State.DONE, found=())
    assert desk.ids() == ["a1", "b2", "c3"]


def test_columns_of_ours_that_she_deleted_make_it_wait(desk: Desk) -> None:
    place = desk.rows()[0]
    at: Sequence[str] = list(place)
    column = at.index(h.CHECK) + 1
    desk.excel.write(desk.book, WAITING, [HEADER_ROW, column, HEADER_ROW, column], [[None]])
    assert desk.append(line("c3")).state is State.WAITS
