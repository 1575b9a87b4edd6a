from __future__ import annotations

from syncer.core.template.tables import read_records
from syncer.core.values import CellError
from tests.core.tables_as_text import table

NAMES = ("编号", "行标识", "任务", "牵头单位")
NEEDED = ("编号", "任务")


def test_the_header_is_found_below_title_and_explanation_wherever_its_columns_stand() -> None:
    plan = table(
        "任务分解",
        """
        | 任务分解（2026年） |
        | 一行一项任务，编号不要重复 |
        |
        | 任务 | 附注 | 牵头 单位 | 编号 |
        | 制定方案 | 不读 | 办公室 | '1.1 |
        """,
    )
    records, problems = read_records(plan, NAMES, NEEDED)
    assert problems == []
    (record,) = records
    assert (record.text("编号"), record.text("任务"), record.text("牵头单位")) == ("1.1", "制定方案", "办公室")
    assert record.value("行标识") is None
    assert (record.place("编号").cell, record.place("牵头单位").cell, record.place().cell) == ("D5", "C5", "A5")


def test_blank_rows_are_read_through_and_a_row_with_only_a_pre_printed_id_counts_as_blank() -> None:
    plan = table(
        "任务分解",
        """
        | 编号 | 行标识 | 任务 |
        | '1.1 | T0001 | 制定方案 |
        |
        |      | T0002 |
        |      | T0003 | 没有编号 |
        """,
    )
    records, _ = read_records(plan, NAMES, NEEDED)
    assert [(r.row, r.text("行标识")) for r in records] == [(2, "T0001"), (5, "T0003")]


def test_a_missing_needed_column_is_named_and_no_row_is_read() -> None:
    records, problems = read_records(table("任务分解", "| 编号 | 牵头单位 |\n| '1.1 | 办公室 |"), NAMES, NEEDED)
    assert records == []
    assert [(p.code, p.column, p.place.sheet, p.place.cell) for p in problems] == [
        ("TPL-002", "任务", "任务分解", "A1")
    ]


def test_an_empty_sheet_lacks_every_needed_column() -> None:
    records, problems = read_records(table("任务分解", ""), NAMES, NEEDED)
    assert records == []
    assert [p.column for p in problems] == ["编号", "任务"]


def test_of_two_columns_of_one_name_the_left_one_is_read() -> None:
    records, _ = read_records(table("任务分解", "| 编号 | 任务 | 任务 |\n| '1.1 | 左 | 右 |"), NAMES, NEEDED)
    assert records[0].text("任务") == "左"


def test_a_problem_of_a_record_knows_its_cell_and_what_was_found_there() -> None:
    records, _ = read_records(table("任务分解", "| 编号 | 任务 |\n| #REF! | 制定方案 |"), NAMES, NEEDED)
    problem = records[0].problem("TPL-007", "编号", other="3")
    assert (problem.place.cell, problem.column, problem.found, problem.facts) == (
        "A2",
        "编号",
        "#REF!",
        (("other", "3"),),
    )
    assert records[0].value("编号") == CellError("#REF!")
