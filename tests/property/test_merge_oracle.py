from __future__ import annotations

import pytest

from syncer.core.encode import dump_row
from syncer.core.reading.rows import ReadRow
from syncer.core.state import Change, Question
from syncer.core.values import Scalar
from tests.property.oracle import saved_cells, unaccounted

ROW = ReadRow("HD-1", 5, {"name": "植树", "headcount": 30}, {"天气": "晴"})
SAVED = saved_cells("D02", "activities", [ROW], "第一次")
CURRENT = {("D02", "activities"): [ROW]}


def change(column: str, old: Scalar, new: Scalar, unit: str = "D02") -> Change:
    return Change("", unit, "activities", "HD-1", column, old, new)


def question(column: str = "", payload: str = "", **values: Scalar) -> Question:
    return Question("1", "conflict", "D02", "activities", column=column, payload=payload, **values)  # type: ignore[arg-type]


def lost(current: dict[tuple[str, str], list[ReadRow]], *found: Change | Question) -> list[str]:
    history = [f for f in found if isinstance(f, Change)]
    return [s.column for s in unaccounted(SAVED, current, history, [f for f in found if isinstance(f, Question)])]


def test_a_value_that_is_nowhere_is_lost() -> None:
    assert lost({}) == ["name", "headcount", "+天气"]


def test_what_stands_is_accounted_for_in_whichever_row_it_stands() -> None:
    assert lost(CURRENT) == []
    assert lost({("D02", "activities"): [ReadRow("HD-9", 5, ROW.raw, ROW.extra)]}) == []


@pytest.mark.parametrize(
    "held",
    [
        [ReadRow("HD-1", 5, {"name": "植树", "headcount": "30"}, {"天气": "晴"})],  # text is no number
        [ReadRow("HD-1", 5, {"name": 30, "headcount": "植树"}, {"天气": "晴"})],  # another column
    ],
)
def test_another_kind_or_column_accounts_for_nothing(held: list[ReadRow]) -> None:
    assert "headcount" in lost({("D02", "activities"): held})


def test_what_another_unit_or_sheet_holds_accounts_for_nothing() -> None:
    assert lost({("D03", "activities"): [ROW], ("D02", "tasks"): [ROW]}) == ["name", "headcount", "+天气"]
    assert lost({}, change("name", "植树", None, unit="D03")) == ["name", "headcount", "+天气"]


def test_history_accounts_for_what_was_and_what_became() -> None:
    assert lost({}, change("name", "植树", "种树"), change("headcount", None, 30.0)) == ["+天气"]


def test_a_question_accounts_for_its_values_and_the_row_it_carries() -> None:
    assert lost({}, question("name", incoming="植树"), question("+天气", base="晴")) == ["headcount"]
    assert lost({}, question(payload=dump_row(ROW))) == []
    assert lost({}, question(payload='{"sha256":"00"}')) == ["name", "headcount", "+天气"]
