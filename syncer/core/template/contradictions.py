"""Demands that no row can meet together: filled and blank, two different words, limits that leave nothing between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from syncer.core.model import Column, Sheet
from syncer.core.reading.conditions import Comparison, Operator, Unclear, parse_condition, print_condition
from syncer.core.reading.rules import Test
from syncer.core.reading.surroundings import TEXTS
from syncer.core.template.plan import as_date, as_number
from syncer.core.values import fold, show


@dataclass(frozen=True, slots=True)
class Claim:
    """What is demanded of a column wherever ``condition`` (in one spelling; ``""``: always) holds, and by whom."""

    condition: str
    test: Test
    by: str  # the rule's number, or the column that demands it itself


def claims_of(sheet: Sheet) -> list[Claim]:
    """Returns what 栏目设置 itself demands of a sheet: 必填, 何时必填, 最小, 最大."""
    found: list[Claim] = []
    for column in sheet.columns:
        if column.required:
            found.append(_claim(column, Comparison(column.name, Operator.FILLED)))
        if column.required_when:
            parsed = parse_condition(column.required_when)
            when = "" if isinstance(parsed, Unclear) else fold(print_condition(parsed))
            found.append(_claim(column, Comparison(column.name, Operator.FILLED), when))
        for operator, limit in ((Operator.AT_LEAST, column.minimum), (Operator.AT_MOST, column.maximum)):
            if limit is not None:
                found.append(_claim(column, Comparison(column.name, operator, (show(limit),), column.type in TEXTS)))
    return found


def _claim(column: Column, comparison: Comparison, condition: str = "") -> Claim:
    return Claim(condition, Test(comparison, column, lambda _values, _around: None), f"栏目设置›{column.name}")


def first_clash(own: Sequence[Claim], others: Sequence[Claim]) -> str:
    """Returns who demands the contrary of one of these where both apply; ``""`` if nobody does."""
    for claim in own:
        for other in others:
            together = claim.condition == other.condition or not (claim.condition and other.condition)
            if together and claim.test.column.code == other.test.column.code and _clash(claim.test, other.test):
                return other.by
    return ""


def _clash(one: Test, other: Test) -> bool:
    if {one.comparison.operator, other.comparison.operator} == {Operator.FILLED, Operator.BLANK}:
        return True
    if one.comparison.measured != other.comparison.measured:
        return False
    return _words_clash(one, other) or _limits_clash(_limits(one), _limits(other))


def _words_clash(one: Test, other: Test) -> bool:
    words = [frozenset(map(fold, test.comparison.operands)) for test in (one, other)]
    only, never = {Operator.EQUAL, Operator.AMONG}, {Operator.UNEQUAL, Operator.NOT_AMONG}
    if one.other or other.other or len(one.comparison.operands) * len(other.comparison.operands) == 0:
        return False
    operators = [test.comparison.operator for test in (one, other)]
    if all(operator in only for operator in operators):
        return words[0].isdisjoint(words[1])
    for at in (0, 1):
        if operators[at] in only and operators[1 - at] in never:
            return words[at] <= words[1 - at]
    return False


Limits = tuple[float | date | None, float | date | None, bool]
"""Least, most, and whether they themselves are excluded."""


def _limits(test: Test) -> Limits:
    comparison = test.comparison
    amounts = [_amount(text) for text in comparison.operands]
    if test.other or len(amounts) != (2 if comparison.operator is Operator.BETWEEN else 1):
        return None, None, False
    match comparison.operator:
        case Operator.LESS | Operator.AT_MOST:
            return None, amounts[0], comparison.operator is Operator.LESS
        case Operator.MORE | Operator.AT_LEAST:
            return amounts[0], None, comparison.operator is Operator.MORE
        case Operator.EQUAL:
            return amounts[0], amounts[0], False
        case Operator.BETWEEN:
            return amounts[0], amounts[1], False
        case _:
            return None, None, False


def _amount(text: str) -> float | date | None:
    return as_date(text) or as_number(text)


def _limits_clash(one: Limits, other: Limits) -> bool:
    return _above(one[0], other[1], one[2] or other[2]) or _above(other[0], one[1], one[2] or other[2])


def _above(least: float | date | None, most: float | date | None, open_ended: bool) -> bool:
    """Whether nothing lies between a lower and an upper limit."""
    if least is None or most is None or isinstance(least, date) != isinstance(most, date):
        return False
    return least > most or (open_ended and least == most)  # type: ignore[operator]
