"""Conditions bound to the columns of a sheet, ready to judge its rows.

`bind` finds at once what could only fail at every row (a column, place or choice that is not there, a comparison the
column's type does not allow), so that judging itself cannot fail: a judge only returns true, false, or ``None`` where there
is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncer.core.model import Column, Sheet
from syncer.core.reading.amounts import between, counts, in_window, ordered
from syncer.core.reading.conditions import AMOUNTS, ORDER, Comparison, Condition, Operator
from syncer.core.reading.judges import equal, filled, known, like, like_column, listed
from syncer.core.reading.surroundings import Judge, Misfit, Surroundings, Values, Vocabulary, near_columns
from syncer.core.values import fold


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison, bound to its column."""

    comparison: Comparison
    column: Column
    judge: Judge
    other: Column | None = None  # the column it is compared with


Bound = tuple[tuple[Test, ...], ...]


def bind(condition: Condition, sheet: Sheet, vocabulary: Vocabulary) -> Bound | Misfit:
    """Binds a condition to the columns of a sheet, or says why it cannot be.

    CHK-021 no such column, CHK-022 no such place, CHK-023 not among the choices, CHK-024 the column's type cannot be
    compared so, CHK-025 a pattern that leaves nothing open.
    """
    columns = {fold(c.name): c for c in sheet.columns}
    bound: list[tuple[Test, ...]] = []
    for alternative in condition:
        tests: list[Test] = []
        for comparison in alternative:
            column = columns.get(fold(comparison.column))
            if column is None:
                near = "、".join(near_columns(comparison.column, sheet))
                return Misfit("CHK-021", (("name", comparison.column), ("near", near)))
            judge = _judge(comparison, column, columns, sheet, vocabulary)
            if isinstance(judge, Misfit):
                return judge
            alone = comparison.operands[0] if len(comparison.operands) == 1 and comparison.operator in AMOUNTS else ""
            tests.append(Test(comparison, column, judge, columns.get(fold(alone))))
        bound.append(tuple(tests))
    return tuple(bound)


def truth(bound: Bound, values: Values, around: Surroundings) -> bool | None:
    """Tells whether a row meets a condition; ``None`` if that hangs on what is blank or cannot be compared."""
    return _any(_all(test.judge(values, around) for test in tests) for tests in bound)


def _all(answers: Iterable[bool | None]) -> bool | None:
    so_far: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        so_far = so_far and answer
    return so_far


def _any(answers: Iterable[bool | None]) -> bool | None:
    so_far: bool | None = False
    for answer in answers:
        if answer:
            return True
        so_far = None if answer is None else so_far
    return so_far


def _judge(
    test: Comparison, column: Column, columns: Mapping[str, Column], sheet: Sheet, vocabulary: Vocabulary
) -> Judge | Misfit:
    match test.operator:
        case Operator.FILLED | Operator.BLANK:
            return filled(column.code, wanted=test.operator is Operator.FILLED)
        case Operator.UNIQUE:
            return lambda _values, _around: None  # a matter of all rows: `syncer.core.reading.checks` looks at it
        case Operator.IN_WINDOW:
            return in_window(column, sheet)
        case Operator.KNOWN:
            return known(column.code, test, vocabulary)
        case Operator.LIKE:
            return like(column.code, test)
        case Operator.AMONG | Operator.NOT_AMONG | Operator.CONTAINS | Operator.LACKS:
            return listed(test, column, vocabulary)
        case Operator.BETWEEN:
            return between(test, column, columns)
        case _ if test.operator in ORDER:
            return ordered(test, column, columns)
        case _:
            other = columns.get(fold(" ".join(test.operands)))
            if other is not None and not test.measured:
                return like_column(column.code, other.code, yes=test.operator is Operator.EQUAL)
            return ordered(test, column, columns) if counts(test, column) else equal(test, column, vocabulary)
