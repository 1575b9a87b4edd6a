"""What a clerk or the coordinator is told of texts and names that cannot be passed on as they stand."""

from __future__ import annotations

from datetime import date

import pytest

from syncer.core.model import Book, Column, ColumnType, Ledger, Settings, Sheet, SheetKind, Table
from syncer.core.reading.passing_on import told_of_text
from syncer.core.reading.sheet_names import find_table
from syncer.core.template.plan import compile_units
from syncer.core.template.tables import Record

TEXT, LINK = Column("x", "内容"), Column("link", "宣传链接", ColumnType.LINK)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("植树", []),
        ("两行\r\n第二行\x0b第三行", []),  # line breaks, whatever their form
        ("空\x00字\x1b", ["SAFE-001"]),
        ("长" * 40_000, ["SAFE-002"]),
        ("长\x00" * 40_000, ["SAFE-001", "SAFE-002"]),
    ],
)
def test_signs_left_out_and_texts_cut_are_told(typed: str, codes: list[str]) -> None:
    assert [code for code, _ in told_of_text(typed, TEXT)] == codes


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("https://example.invalid/a/b", False),
        ("见 http://example.invalid", False),
        ("无", False),
        ("报道：公众号", False),
        ("3月/植树.jpg", False),
        (r"\\server\share\x.mp4", True),
        ("file:///etc/passwd", True),
        ("javascript:alert(1)", True),
        ("C:\\x.docx", True),
        ("../财务科/账.xlsx", True),
        ("mailto:a@b.c", True),
    ],
)
def test_in_a_column_of_web_addresses_a_place_outside_is_told(typed: str, told: bool) -> None:
    assert [code for code, _ in told_of_text(typed, LINK)] == (["SAFE-003"] if told else [])
    assert not list(told_of_text(typed, TEXT))


def _units(*names: str) -> list[Record]:
    return [
        Record("单位名录", row, {"编码": f"D{row}", "简称": name}, {"编码": 1, "简称": 3})
        for row, name in enumerate(names, start=4)
    ]


def test_two_units_never_share_a_workbook() -> None:
    names = ("党政办/纪检室", "党政办:纪检室", "abc科", "ABC科 ", "财务科", "财务科.")
    units, _, problems = compile_units(_units(*names), date(2026, 1, 1))
    assert [unit.short for unit in units] == ["党政办/纪检室", "abc科", "财务科"]
    assert [(p.code, dict(p.facts)["other"]) for p in problems] == [
        ("SAFE-010", "4"),
        ("TPL-013", "6"),
        ("SAFE-010", "8"),
    ]


@pytest.mark.parametrize(("named", "tab"), [("制度/文件", "制度_文件"), ("长" * 40, "长" * 31), ("'引号'", "引号")])
def test_a_sheet_is_known_by_the_name_that_excel_lets_it_have(named: str, tab: str) -> None:
    sheet = Sheet("s", named, SheetKind.RECORDS, (Column("x", "内容"),))
    table = Table(tab, ())
    ledger = Ledger("", Settings(2026), (sheet,), (), ())
    assert find_table(Book((Table("别的", ()), table)), sheet, ledger) is table
