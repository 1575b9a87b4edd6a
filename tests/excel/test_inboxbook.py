from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from syncer.core.encode import dump_row
from syncer.core.inbox.answers import OURS, Unused, judge, read_answers
from syncer.core.inbox.choices import CHOICES
from syncer.core.inbox.lines import Inbox, dump_note, inbox
from syncer.core.model import Book, Column, Ledger, Settings, Sheet, SheetKind, Source, Stamp, Unit
from syncer.core.reading.rows import ReadRow
from syncer.core.state import Question
from syncer.excel.inboxbook import DONE, HEADER_ROW, NOTHING, WAITING, list_name, write_inbox
from syncer.excel.patch import patch_cells
from syncer.excel.reader import read_book
from tests.office.checks import assert_sound
from tests.office.clerk import Clerk

UNITS = tuple(Unit(f"D{at:02}", name, name) for at, name in enumerate(("办公室", "人事科", "工会", "团委"), 1))
ROW = Column("name", "活动名称", key=True)
SHEET = Sheet("activities", "活动台账", SheetKind.RECORDS, (ROW,), tuple(unit.code for unit in UNITS))
LEDGER = Ledger("v1", Settings(2026), (SHEET,), UNITS, ())
STAMP = Stamp("L1", "-", "inbox", revision=3)
HELD = dump_row(ReadRow("HD-D01-0009", 9, {"name": "种花"}))
LONG = "本周组织开展主题活动三场，参加干部职工一百二十人次；" * 20


def asked(name: str, kind: str, unit: str = "D01", **more: object) -> Question:
    facts: dict[str, object] = {"sheet": "activities", "row_id": "HD-D01-0001", "row_key": "植树", "payload": HELD}
    facts |= {"source": Source(f"{unit}.xlsx", "活动台账", 7, "2026-11-20T16:02:00"), "cell": "D7", "column": "name"}
    facts |= {"base": "植树", "current": "种树", "incoming": "=cmd|' /C calc'!A0"}
    return Question(name, kind, unit, **{**facts, **more})  # type: ignore[arg-type]


def box() -> Inbox:
    """One of every kind, a long one, and two that were decided."""
    units = [unit.code for unit in UNITS]
    waiting = [asked(f"Q{at:02}", kind, units[at % 4]) for at, kind in enumerate(CHOICES)]
    waiting.append(asked("Q90", "conflict", current=LONG, incoming=LONG + "另增一项"))
    ruled = {"state": "ruled", "ruled_at": "2026-11-20T17:00:00", "ruled_by": "inbox"}
    note = dump_note("电话核实", {"科长意见": "同意"})
    done = [
        asked("Q91", "conflict", ruling="current", note=note, **ruled),
        asked("Q92", "withdrawn", ruling="unit", **ruled),
    ]
    return inbox(LEDGER, waiting, done)


def made(content: Inbox | None = None, **more: Any) -> bytes:
    out = io.BytesIO()
    write_inbox(out, box() if content is None else content, more.pop("stamp", STAMP), **more)
    return out.getvalue()


def page(content: bytes, name: str = WAITING) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))[name]


def at(sheet: Any) -> dict[str, int]:
    return {cell.value: cell.column for cell in sheet[HEADER_ROW] if cell.value}


def read(content: bytes, folder: Path) -> Book:
    path = folder / "待我处理.xlsx"
    path.write_bytes(content)
    book = read_book(path)
    assert isinstance(book, Book)
    return book


def test_the_first_line_says_what_to_do_and_every_matter_is_a_row() -> None:
    sheet = page(made())
    assert "从下拉列表选一项" in sheet["A1"].value
    assert sheet["A2"].value == f"共{len(box().waiting)}项待处理。"
    ids = [cell.value for cell in sheet["A"][HEADER_ROW:]]
    assert ids == [line.id for line in box().waiting]
    assert set(at(sheet)) <= OURS
    first_hidden = openpyxl.utils.get_column_letter(at(sheet)["下拉"])
    assert sheet.column_dimensions[first_hidden].hidden
    assert sheet.column_dimensions[first_hidden].max == at(sheet)["校验"]  # the two stand in one run


def test_what_was_typed_stays_text() -> None:
    sheet = page(made())
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert sheet.cell(HEADER_ROW + 1, at(sheet)["报来内容"]).value == "=cmd|' /C calc'!A0"


def test_what_was_decided_can_be_taken_back_and_keeps_note_and_own_columns() -> None:
    sheet = page(made(columns=("科长意见",)), DONE)
    first = {name: sheet.cell(HEADER_ROW + 1, column).value for name, column in at(sheet).items()}
    assert (first["处理结果"], first["由谁"], first["备注"], first["科长意见"]) == (
        "保留原内容",
        "待我处理",
        "电话核实",
        "同意",
    )
    (rule,) = [r for r in sheet.data_validations.dataValidation if "撤销" in r.formula1]
    assert rule.errorStyle == "warning"


def test_an_answer_that_was_not_used_stands_in_its_row_with_the_reason() -> None:
    unused = {"Q00": Unused("没看懂“行吧”。", "行吧", "x")}
    sheet = page(made(unused=unused, notices=("第9行没有编号。",)))
    row = {name: sheet.cell(HEADER_ROW + 1, column).value for name, column in at(sheet).items()}
    assert (row["处理意见"], row["另填值"], row["提示"]) == ("行吧", "x", "没看懂“行吧”。")
    assert "第9行没有编号。" in sheet["A2"].value
    assert "有1项填的没有采用" in sheet["A2"].value


def test_an_empty_inbox_says_so_pleasantly() -> None:
    content = made(Inbox())
    assert NOTHING in [cell.value for row in page(content).iter_rows() for cell in row]
    assert read_answers(Book((), None)) is None


def test_what_was_written_reads_back_as_no_answer_at_all(tmp_path: Path) -> None:
    for content in (made(), made(Inbox())):
        found = read_answers(read(content, tmp_path))
        assert found
        assert found.edition == STAMP.revision
        assert not judge(found, box(), {}).decisions
    waiting = [line.id for line in box().waiting]
    assert waiting == [a.id for a in read_answers(read(made(), tmp_path)).answers[: len(waiting)]]  # type: ignore[union-attr]


def test_an_answer_typed_into_the_book_is_read_for_its_matter(tmp_path: Path) -> None:
    content = made()
    column = at(page(content))["处理意见"]
    typed = patch_cells(content, {WAITING: {(HEADER_ROW + 1, column): "改用新内容", (HEADER_ROW + 3, column): "同意"}})
    found = read_answers(read(typed, tmp_path))
    assert found
    decisions = judge(found, box(), {}).decisions
    assert [(d.id, d.take) for d in decisions] == [("Q00", "incoming"), ("Q02", "accept")]


def test_it_prints_on_one_page_in_width_and_keeps_its_header_in_sight() -> None:
    sheet = page(made())
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == (
        9,
        "landscape",
        0,
    )
    assert sheet.print_title_rows == f"$1:${HEADER_ROW}"
    assert sheet.freeze_panes == f"D{HEADER_ROW + 1}"
    assert sheet.auto_filter.ref.startswith(f"A{HEADER_ROW}:")
    assert sheet.row_dimensions[HEADER_ROW + len(box().waiting)].height > 200


def test_the_same_content_gives_the_same_bytes_and_another_edition_others() -> None:
    assert made() == made()
    assert made() != made(stamp=replace(STAMP, revision=4))


@pytest.mark.office
def test_it_is_sound_in_every_program(clerk: Clerk, tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("full.xlsx", "empty.xlsx")]
    paths[0].write_bytes(made(columns=("科长意见",), unused={"Q00": Unused("没看懂。", "行吧")}))
    paths[1].write_bytes(made(Inbox()))
    assert_sound(*paths, clerk=clerk)


@pytest.mark.office
@pytest.mark.slow
def test_in_libreoffice_choices_survive_a_sort_and_the_dropdown_still_follows_the_kind(
    clerk: Clerk, tmp_path: Path
) -> None:
    path = tmp_path / "待我处理.xlsx"
    path.write_bytes(made())
    places = {name: openpyxl.utils.get_column_letter(column) for name, column in at(page(made())).items()}
    rows = {line.id: HEADER_ROW + 1 + n for n, line in enumerate(box().waiting)}
    clerk.open(path)
    clerk.set(WAITING, f"{places['处理意见']}{rows['Q00']}", "改用新内容")
    clerk.set(WAITING, f"{places['处理意见']}{rows['Q03']}", "恢复")
    clerk.set(WAITING, f"{places['备注']}{rows['Q03']}", "电话核实")
    clerk.sort(WAITING, places["单位"], header_row=HEADER_ROW)
    clerk.save()
    last = HEADER_ROW + len(rows)
    for row in range(HEADER_ROW + 1, last + 1):  # the row's own hidden cell names its list
        line = next(line for line in box().waiting if line.id == clerk.get(WAITING, f"A{row}"))
        assert (clerk.get(WAITING, f"{places['下拉']}{row}") or "") == list_name(line)
        rule = clerk.validation_at(WAITING, f"{places['处理意见']}{row}")
        assert (rule["type"], rule["alert"]) == ("LIST", "WARNING")
        assert rule["formula1"].startswith("INDIRECT(")
        if list_name(line):
            clerk.set(WAITING, "AA1", f"=INDEX(INDIRECT(${places['下拉']}{row});1)")
            assert clerk.get(WAITING, "AA1") == next(iter((*line.offers, *CHOICES[line.kind])))
    clerk.close()
    found = read_book(path)
    assert isinstance(found, Book)
    assert found.stamp == STAMP
    answers = read_answers(found)
    assert answers
    assert [a.id for a in answers.answers] != [*rows, "Q91", "Q92"], "the sort did nothing"
    judged = judge(answers, box(), {})
    assert {(d.id, d.take, d.note) for d in judged.decisions} == {
        ("Q00", "incoming", ""),
        ("Q03", "reject", "电话核实"),
    }
    assert judged.unused == {}
    assert judged.notices == ()
