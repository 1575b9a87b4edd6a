"""The one line that answers a save: what was taken in, and what was not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.core.merging.intake import BookPlan
from syncer.core.problems import Place, Problem
from syncer.receipts import receipt, taken_line

AT = "2026-11-20T16:02:00"


@pytest.mark.parametrize(
    ("codes", "waiting", "newer", "said"),
    [
        ([], 0, 0, "没有问题，全部入库"),
        (["CELL-001"], 0, 0, "1个问题，全部入库"),
        (["OWN-001"], 1, 0, "没有问题，1处转创建办处理，其余入库"),
        (["CELL-001", "OWN-002", "OWN-002"], 0, 0, "1个问题，2格由系统计算、会改回，其余入库"),
        (["OWN-001", "OWN-002"], 1, 0, "没有问题，1处转创建办处理，1格由系统计算、会改回，其余入库"),
        (["HEAD-001", "SHEET-004"], 0, 0, "2个问题，2处没有读取，其余入库"),
        (["HEAD-007", "OWN-002"], 2, 0, "1个问题，2处转创建办处理，1处没有读取，1格由系统计算、会改回，其余入库"),
        ([], 0, 3, "没有问题，都是以前入过库的内容；后来入库的3格仍然有效，不用重填"),
        (["OWN-001"], 1, 3, "没有问题，都是以前入过库的内容；后来入库的3格仍然有效，不用重填；1处转创建办处理"),
    ],
)
def test_a_receipt_says_all_only_where_all_was_taken_in(codes: list[str], waiting: int, newer: int, said: str) -> None:
    plan = BookPlan({}, (), {}, tuple(Problem(code, Place("宣传科.xlsx")) for code in codes), filled_rows=14)
    assert receipt(AT, plan, waiting, newer=newer) == f"11月20日16:02 保存：读到14行，{said}"


def test_of_a_copy_it_says_what_is_wrong_in_the_workbook_all_the_same() -> None:
    plan = BookPlan({}, (), {}, (), filled_rows=7)
    standing = [
        Problem(code, Place("宣传科.xlsx")) for code in ("CELL-001", "CELL-002", "FILE-011", "OWN-001", "ROW-010")
    ]
    said = "没有新的问题（本单位填报表里原有2个，请改正）"
    assert receipt(AT, plan, 0, standing, how="收件") == f"11月20日16:02 收件：读到7行，{said}，全部入库"
    assert said in taken_line("宣传科", AT, plan, 0, standing)
    more = replace(plan, problems=(Problem("CELL-001", Place("宣传科(1).xlsx")),))
    assert "1个问题（本单位填报表里原有2个，也请改正）" in receipt(AT, more, 0, standing)


def test_the_line_for_the_group_says_the_same() -> None:
    plan = BookPlan({}, (), {}, (Problem("HEAD-001", Place("宣传科.xlsx", "活动台账")),), filled_rows=14)
    assert taken_line("宣传科", AT, plan, 0).endswith(
        "没有新的改动，1个问题（活动台账），请核对，1处没有读取，其余已并入。"
    )
    assert taken_line("宣传科", AT, BookPlan({}, (), {}, ()), 0).endswith("没有问题，已并入。")
