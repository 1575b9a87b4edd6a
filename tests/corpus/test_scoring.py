"""The benchmark counts what a reader makes of a row fairly: right, asked, as typed, or silently wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from benchmarks.scoring import Score, score
from tests.corpus.page import Asked, Meant

DAY = date(2026, 3, 5)
ROW: dict[str, Meant] = {"日期": DAY, "名称": "植树", "人数": 12}
TYPED = {"日期": "3月5日", "名称": "植树", "人数": "１２人"}


@pytest.mark.parametrize(
    ("read", "counts"),
    [
        ({"日期": DAY, "名称": "植树", "人数": 12}, (3, 0, 0, 0)),
        ({"日期": DAY, "名称": "植树", "人数": 12.0}, (3, 0, 0, 0)),
        ({"日期": "3月5日", "名称": "植树", "人数": "12人"}, (1, 0, 2, 0)),
        ({"日期": date(2026, 5, 3), "名称": "植树", "人数": 12}, (2, 0, 0, 1)),
        ({"日期": DAY, "名称": "植树"}, (2, 0, 0, 1)),
        ({"日期": DAY, "名称": "植树", "人数": Asked("１２人")}, (2, 1, 0, 0)),
        ({"日期": DAY, "名称": "植树", "人数": 12, "地点": "合计"}, (3, 0, 0, 1)),
    ],
)
def test_a_value_is_right_asked_as_typed_or_wrong(read: dict[str, Any], counts: tuple[int, int, int, int]) -> None:
    found = score([ROW], [read], [TYPED])
    assert (found.right, found.told, found.as_typed, found.wrong) == counts


def test_what_nobody_can_know_is_right_only_when_asked() -> None:
    meant: list[dict[str, Meant]] = [{"名称": "植树", "人数": Asked("若干")}]
    typed = [{"名称": "植树", "人数": "若干"}]
    assert score(meant, [{"名称": "植树", "人数": Asked("若干")}], typed).right == 2
    assert score(meant, [{"名称": "植树", "人数": "若干"}], typed).as_typed == 1


def test_rows_are_found_by_content_lost_or_invented() -> None:
    total = {"名称": "合计", "人数": 99}
    found = score([ROW, ROW | {"名称": "清扫"}], [total, dict(ROW)], [TYPED, TYPED])
    assert found == Score(rows=2, lost=1, invented=1, values=6, right=3, wrong=3)
