from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from syncer.core.problems import Place, Problem, Severity
from syncer.excel.feedback import write_feedback
from syncer.messages import CATALOGUE

RECEIPT = "16:02 保存：读到14行，1个问题，全部入库"
BOOK = "../02各单位填报/宣传科.xlsx"


def code_of(severity: Severity) -> str:
    return next(code for code, message in CATALOGUE.items() if message.severity is severity)


def problem(severity: Severity = Severity.ERROR, place: Place | None = None, found: str = "120%") -> Problem:
    return Problem(code_of(severity), place or Place("宣传科.xlsx", "任务清单", 7, 12), "7.1", "完成率", found)


def made(*problems: tuple[Problem, str, str], **more: Any) -> bytes:
    out = io.BytesIO()
    write_feedback(out, "宣传科", more.pop("receipt", RECEIPT), problems, book_link=more.pop("book_link", BOOK), **more)
    return out.getvalue()


def sheet_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))["填报提示"]


def texts(content: bytes) -> list[str]:
    return [str(cell) for row in sheet_of(content).iter_rows(values_only=True) for cell in row if cell is not None]


def test_the_first_line_is_the_receipt_in_the_largest_type() -> None:
    sheet = sheet_of(made((problem(), "超过100%", "填60。")))
    assert sheet["A1"].value == RECEIPT
    assert sheet["A1"].font.sz == max(cell.font.sz for row in sheet.iter_rows() for cell in row if cell.value)


def test_a_clean_book_is_told_so_and_has_no_table() -> None:
    said = texts(made())
    assert "全部通过" in said
    assert "序号" not in said


def test_each_problem_says_where_what_and_what_to_do() -> None:
    sheet = sheet_of(made((problem(), "完成率超过100%", "填0到100之间的数。")))
    assert [cell.value for cell in sheet[3]] == ["序号", "级别", "位置", "哪一行、哪一列", "填的内容", "问题", "怎么改"]
    assert [cell.value for cell in sheet[4]] == [
        1,
        "请改正",
        "任务清单!L7",
        "7.1 · 完成率",
        "120%",
        "完成率超过100%",
        "填0到100之间的数。",
    ]


def test_the_place_is_a_relative_link_to_the_exact_cell() -> None:
    for given in (BOOK, BOOK.replace("/", "\\")):
        link = sheet_of(made((problem(), "", ""), book_link=given))["C4"].hyperlink
        assert link.target.replace("\\", "/") == BOOK
        assert link.location == "'任务清单'!L7"


def test_a_problem_of_another_file_is_named_without_a_link() -> None:
    cell = sheet_of(made((problem(place=Place("宣传科 - 副本.xlsx")), "", "")))["C4"]
    assert (cell.value, cell.hyperlink) == ("宣传科 - 副本.xlsx", None)


def test_problems_of_several_files_link_to_their_folder() -> None:
    cell = sheet_of(made((problem(place=Place("新建.xlsx")), "", ""), book_link="../02各单位填报"))["C4"]
    assert cell.value == "新建.xlsx"
    assert (cell.hyperlink.target, cell.hyperlink.location) == ("..\\02各单位填报", None)


def test_a_place_too_far_for_a_link_is_named_without_one() -> None:
    far = "../" * 700 + "宣传科.xlsx"
    cell = sheet_of(made((problem(), "", ""), book_link=far))["C4"]
    assert (cell.value, cell.hyperlink) == ("任务清单!L7", None)


def test_what_must_be_mended_comes_first_and_notes_last() -> None:
    given = [(problem(severity), severity.value, "") for severity in (Severity.NOTE, Severity.WARNING, Severity.ERROR)]
    sheet = sheet_of(made(*given))
    assert [sheet.cell(row, 2).value for row in (4, 5, 6)] == ["请改正", "请核对", "提示"]


def test_notes_alone_ask_for_nothing() -> None:
    assert "没有需要改正的内容" in texts(made((problem(Severity.NOTE), "", "")))[1]


def test_typed_content_stays_text_and_long_content_is_cut_short() -> None:
    sheet = sheet_of(made((problem(found="=1+1"), "=what", "=do"), (problem(found="长" * 500), "", "")))
    assert [sheet.cell(4, column).data_type for column in (5, 6, 7)] == ["s", "s", "s"]
    assert len(sheet.cell(5, 5).value) < 100


def test_what_waits_for_the_coordinator_is_listed_below() -> None:
    said = texts(made((problem(), "", ""), questions=("任务清单 7.1 的“完成时限”由“3月底前”改成“4月底前”。",)))
    assert said[-1].startswith("1. 任务清单 7.1")


def test_very_many_problems_end_with_how_many_there_are_more() -> None:
    said = texts(made(*[(problem(), "w", "d")] * 305))
    assert said[-1].startswith("另有5条")


def test_rows_are_as_tall_as_their_text() -> None:
    sheet = sheet_of(made((problem(), "很长的说明" * 40, ""), (problem(), "短", "")))
    assert sheet.row_dimensions[4].height > 150
    assert sheet.row_dimensions[5].height < 40


def test_the_same_content_gives_the_same_bytes() -> None:
    one, two = (made((problem(), "超过100%", "填60。"), questions=("问",)) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("receipt", ["", RECEIPT])
def test_it_prints_on_one_page_in_width(receipt: str) -> None:
    sheet = sheet_of(made(receipt=receipt))
    assert sheet["A1"].value
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
