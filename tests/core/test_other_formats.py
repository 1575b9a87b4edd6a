"""A book that came back in another format: which sheet a plain text is, and which of its cells are no edits at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from syncer.core.delivery.plan import LaidOut, Wanted, plan_delivery
from syncer.core.merging.intake import plan_book
from syncer.core.merging.known_book import KnownBook, SheetContent, first_content
from syncer.core.merging.retyped import as_kept
from syncer.core.merging.versions import Listed
from syncer.core.model import Book, Format, Refusal, Table
from syncer.core.reading.cells import CellReader, How
from syncer.core.reading.rows import ReadRow
from syncer.core.reading.single_sheet import owner_part, with_its_sheet
from syncer.core.roster import Roster
from syncer.core.values import PICTURE, UNCOMPUTED, CellError, Scalar
from tests.core.tables_as_text import ACTIVITY_HEADER, TASK_HEADER, TASK_ROWS, book, compiled, lines, sheet_of, table

LEDGER, _ = compiled()
ROSTER = Roster(LEDGER.units, LEDGER.settings.office)
READER = CellReader(LEDGER)


def text_of(rows: str) -> Book:
    return Book((Table("", tuple(lines(rows))),), None, Format.TEXT)


ACTIVITIES = text_of(f"| 活动台账 |\n{ACTIVITY_HEADER}\n| | 2026/3/5 | HD-D02-0001 | 植树 | '30 |")
TASKS = text_of(f"{TASK_HEADER}\n{TASK_ROWS}")
NEITHER = text_of("| 姓名 | 电话 |\n| 王芳 | '123 |")


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("宣传科-活动台账", "宣传科"),
        ("活动台账（宣教科）", "宣教科"),
        ("青禾 任务清单_1", "青禾"),
        ("宣传科", "宣传科"),
        ("活动台账", "活动台账"),
        ("云岭市局宣传科", "云岭市局宣传科"),
    ],
)
def test_the_unit_is_one_part_of_the_name(stem: str, expected: str) -> None:
    assert owner_part(stem, ROSTER) == expected


@pytest.mark.parametrize(
    ("stem", "content", "expected"),
    [
        ("宣传科-活动台账", ACTIVITIES, "活动台账"),
        ("宣传科-任务清单", ACTIVITIES, "任务清单"),  # the name is a person's word
        ("宣传科", ACTIVITIES, "活动台账"),
        ("宣传科", TASKS, "任务清单"),
        ("宣传科", NEITHER, None),
        ("宣传科", text_of("| 备注 |"), None),
    ],
)
def test_the_sheet_is_told_by_the_name_then_by_the_headers(stem: str, content: Book, expected: str | None) -> None:
    placed = with_its_sheet(content, stem, LEDGER, "D02")
    if expected is None:
        assert placed == Refusal("FILE-021", (("sheets", "任务清单、活动台账"),))
    else:
        assert isinstance(placed, Book)
        assert [t.name for t in placed.tables] == [expected]
        assert placed.tables[0].rows == content.tables[0].rows


def test_a_longer_sheet_name_counts_before_one_that_is_part_of_it() -> None:
    sheets = tuple(replace(s, name={"任务清单": "台账", "活动台账": "活动台账"}[s.name]) for s in LEDGER.sheets)
    placed = with_its_sheet(TASKS, "宣传科-活动台账", replace(LEDGER, sheets=sheets), "D02")
    assert isinstance(placed, Book)
    assert placed.tables[0].name == "活动台账"


def test_the_sheets_that_a_plain_text_cannot_hold_are_not_lost() -> None:
    content = first_content(LEDGER, "D02")
    known = KnownBook(content, {code: sheet.rows for code, sheet in content.items()}, {"activities": 5, "tasks": 3})
    placed = with_its_sheet(ACTIVITIES, "宣传科-活动台账", LEDGER, "D02")
    assert isinstance(placed, Book)
    done = plan_book(LEDGER, READER, "D02", placed, "宣传科-活动台账.csv", known)
    assert [p.code for p in done.problems] == []
    assert done.refusal is None
    assert [plan.sheet for plan in done.sheets] == ["activities"]
    assert done.content["tasks"] == content["tasks"]
    whole = replace(placed, format=Format.XLSX)
    assert [p.code for p in plan_book(LEDGER, READER, "D02", whole, "宣传科.xlsx", known).problems] == ["SHEET-001"]


def kept(**raw: Scalar) -> dict[str, SheetContent]:
    """A version that was accepted: one activity with these cells."""
    return {"activities": SheetContent({}, (ReadRow("HD-D02-0001", 5, raw, {"备忘": "见 附件"}),))}


def one_activity(headcount: str, day: str = "2026/3/5", memo: str = "见附件") -> Book:
    header = ACTIVITY_HEADER.rstrip("| ") + " | 备忘 |"
    return Book(
        (table("活动台账", f"{header}\n| | {day} | HD-D02-0001 | 植树 | {headcount} | | | | {memo} |"),),
        None,
        Format.TEXT,
    )


def _as_kept(book: Book, *newest_first: dict[str, SheetContent]) -> Book:
    *versions, issued = newest_first
    return as_kept(LEDGER, "D02", book, READER, Listed(versions[::-1]), issued)


NUMBERS: dict[str, tuple[str, list[Scalar], Scalar]] = {
    "text like the number that was kept": ("'30", [30], 30),
    "text like the text that was kept": ("'30", ["30"], "30"),
    "read like it, written otherwise": ("'３０人", [30], 30),
    "fifteen digits of sixteen": ("0.333333333333333", [0.3333333333333333], 0.333333333333333),
    "a real edit": ("'31", [30], "31"),
    "like an older version": ("'30", [45, 30], 30),
    "like both: as the newer has it": ("'30", ["30", 30], "30"),
    "never kept": ("'30", [None], "30"),
    "unreadable, as kept": ("'好几十", ["好几十"], "好几十"),
}


@pytest.mark.parametrize("case", NUMBERS.values(), ids=NUMBERS)
def test_a_cell_that_reads_as_it_was_kept_is_taken_as_kept(case: tuple[str, list[Scalar], Scalar]) -> None:
    typed, versions, expected = case
    held = [kept(headcount=value) if value is not None else kept() for value in versions]
    cell = _as_kept(one_activity(typed), *held).tables[0].cell(2, 5)
    if isinstance(expected, float):
        assert cell == pytest.approx(expected)
    else:
        assert (cell, type(cell)) == (expected, type(expected))


def test_dates_and_own_columns_are_taken_as_kept_too() -> None:
    done = _as_kept(one_activity("'30", memo="见 附件 "), kept(date=date(2026, 3, 5)))
    assert (done.tables[0].cell(2, 2), done.tables[0].cell(2, 9)) == (date(2026, 3, 5), "见 附件")


def test_other_words_spaces_or_signs_are_typed_no_format_makes_them() -> None:
    """It folds alike, and is a correction all the same: nothing that is typed is lost."""
    old = kept(name="Vi 设计发布", headcount="80余人")
    done = _as_kept(one_activity("'80", memo="见附件"), old).tables[0]
    assert (done.cell(2, 5), done.cell(2, 9)) == ("80", "见附件")
    book = one_activity("'80余人")
    [rows] = [table.rows for table in book.tables]
    typed = replace(book, tables=(replace(book.tables[0], rows=(rows[0], (*rows[1][:3], "VI设计发布", *rows[1][4:]))),))
    assert _as_kept(typed, old).tables[0].cell(2, 4) == "VI设计发布"
    cents = replace(
        book, tables=(replace(book.tables[0], rows=(rows[0], (*rows[1][:4], 1234567890.34, *rows[1][5:]))),)
    )
    assert _as_kept(cents, kept(headcount=1234567890.12)).tables[0].cell(2, 5) == 1234567890.34


def test_an_own_column_that_is_called_like_a_missing_one_stays_the_units_own() -> None:
    header = ACTIVITY_HEADER.replace("参加人数", "参与人数")
    raw = Book((table("活动台账", f"{header}\n| | 2026-03-05 | HD-D02-0001 | 植树 | '30 |"),), None, Format.TEXT)
    held = {"activities": SheetContent({}, (ReadRow("HD-D02-0001", 5, {"name": "植树"}, {"参与人数": 30}),))}
    assert _as_kept(raw, held).tables[0].cell(2, 5) == 30


def test_an_untouched_cell_of_an_old_text_does_not_overrule_what_came_since() -> None:
    """It holds 30, as the version that it was exported from; meanwhile the workbook says 45."""
    content = first_content(LEDGER, "D02")
    then, now = kept(name="植树", headcount=30), kept(name="植树", headcount=45)
    base = {**content, **then}
    known = KnownBook(base, {"tasks": content["tasks"].rows, "activities": now["activities"].rows}, {"activities": 5})
    raw = with_its_sheet(text_of(f"{ACTIVITY_HEADER}\n| | | HD-D02-0001 | 植树 | '30 |"), "宣传科", LEDGER, "D02")
    assert isinstance(raw, Book)
    done = plan_book(LEDGER, READER, "D02", _as_kept(raw, now, then), "宣传科.csv", known)
    assert [d for plan in done.sheets for d in plan.decisions if d.column == "headcount"] == []


@pytest.mark.parametrize(
    ("held", "code"),
    [(PICTURE, "CELL-021"), (UNCOMPUTED, "CELL-020"), (CellError("####"), "CELL-023"), (CellError("#N/A"), "CELL-007")],
)
def test_what_stands_in_a_values_place_is_told_apart(held: CellError, code: str) -> None:
    for column in sheet_of(LEDGER, "activities").columns:
        reading = READER.read(held, column)
        assert (reading.value, reading.how, reading.code) == (held, How.REFUSED, code)


def test_values_of_another_workbook_are_said_once_a_column() -> None:
    done = book("| | 2026-03-05 | HD-D02-0001 | 植树 | 30 |\n| | 2026-03-06 | HD-D02-0002 | 读书 | 12 |")
    at = {"日期": 2, "参加人数": 5}
    linked = tuple((row, column, "2025台账.xlsx") for row in (5, 6) for column in at.values())
    tables = tuple(replace(t, linked=(*linked, (4, 1, "x"))) if t.name == "活动台账" else t for t in done.tables)
    content = first_content(LEDGER, "D02")
    known = KnownBook(content, {code: sheet.rows for code, sheet in content.items()}, {"activities": 5, "tasks": 3})
    told = plan_book(LEDGER, READER, "D02", Book(tables), "宣传科.xlsx", known).problems
    assert [(p.code, p.place.cell, p.column, p.found, dict(p.facts)) for p in told] == [
        ("CELL-022", "B5", "日期", "2026-03-05", {"source": "2025台账.xlsx", "count": "2"}),
        ("CELL-022", "E5", "参加人数", "30", {"source": "2025台账.xlsx", "count": "2"}),
    ]


@pytest.mark.parametrize(
    ("held", "written"), [(PICTURE, False), (UNCOMPUTED, False), (CellError("#N/A"), True), ("植树", True)]
)
def test_a_picture_or_an_uncomputed_formula_is_not_written_into_a_workbook(held: Scalar, *, written: bool) -> None:
    """It came with a copy: no patch can bring it, and a word in its place would be a change nobody made."""
    row = ReadRow("HD-D02-0001", 5, {"name": "旧"}, carried="HD-D02-0001")
    laid = {"activities": LaidOut(SheetContent({"name": 4}, (row,), "活动台账", 3))}
    wanted = Wanted({"activities": [replace(row, raw={"name": held})]}, {})
    patches = plan_delivery(LEDGER, "D02", laid, wanted).patches
    assert bool([p for p in patches if p.code == "name"]) is written
