"""Judges of what has an order: numbers, days, lengths of texts; sums of them, and what lies between two of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from syncer.core.model import Column, ColumnType, Sheet
from syncer.core.reading.conditions import Comparison, Operator, print_comparison
from syncer.core.reading.surroundings import CHOICES, INDICATORS, NUMBERS, Judge, Misfit, Surroundings, Values
from syncer.core.template.plan import as_date, as_number, split_list
from syncer.core.values import CellError, Scalar, fold, show

LONGEST_FIGURE = 24  # signs; what is longer is a text

Amount = float | date
Term = Callable[[Values, Surroundings], Amount | None]
DAYS = frozenset({ColumnType.DATE, ColumnType.DEADLINE})
"""Types whose content stands for a day: 3月底前 for 31 March."""


def counts(test: Comparison, column: Column) -> bool:
    """Whether a test is about an amount: what is no number or day there cannot be compared."""
    return test.measured or column.type in NUMBERS or column.type is ColumnType.DATE


def amount(value: Scalar) -> Amount | None:
    """A cell's content as a day or a number, if it is one as it stands."""
    match value:
        case bool() | None:
            return None
        case datetime():
            return value.date()
        case date() | int() | float():
            return value
        case str() if len(value) < LONGEST_FIGURE:
            return as_date(value) or _plain_number(value)
        case _:
            return None


def _plain_number(text: str) -> float | None:
    try:
        return float(fold(text).rstrip("%"))
    except ValueError:
        return None


def _figure(value: Scalar) -> float | None:
    found = amount(value)
    return None if isinstance(found, date) else found


def _length(value: Scalar) -> float | None:
    """The signs of a text that are no white space; a blank cell has no length."""
    return None if value is None or isinstance(value, CellError) else float(len("".join(show(value).split())))


def _subject(test: Comparison, column: Column) -> Term:
    code = column.code
    return (lambda values, _: _length(values.get(code))) if test.measured else _content(column)


def _content(column: Column) -> Term:
    """What a cell of a column comes to; a worded deadline to the day it is due, a recurring one to nothing."""
    code, worded = column.code, column.type is ColumnType.DEADLINE

    def content(values: Values, around: Surroundings) -> Amount | None:
        value = values.get(code)
        return around.due(value) if worded and isinstance(value, str) else amount(value)

    return content


def _term(test: Comparison, column: Column, columns: Mapping[str, Column], text: str) -> Term | Misfit:
    """What one operand stands for: another column, a day or a number. A text column takes either."""
    days = column.type in DAYS and not test.measured
    figures = test.measured or column.type in NUMBERS
    if (other := columns.get(fold(text))) is not None:
        wrong = (days and other.type in NUMBERS) or (figures and other.type in DAYS)
        return _misfit(test, is_date=days) if wrong else _content(other)
    day = None if figures else as_date(text)
    literal = day if day is not None or days else as_number(text)
    return _misfit(test, is_date=days) if literal is None else lambda *_: literal


def _misfit(test: Comparison, *, is_date: bool) -> Misfit:
    return Misfit("CHK-024", (("test", print_comparison(test)), ("like", "2026-3-5" if is_date else "12")))


def ordered(test: Comparison, column: Column, columns: Mapping[str, Column]) -> Judge | Misfit:
    """Judges an amount against another, or a sum of others."""
    if column.type in CHOICES and not test.measured:
        return _misfit(test, is_date=False)
    first = _term(test, column, columns, test.operands[0])
    if isinstance(first, Misfit):
        return first
    added: list[tuple[int, Callable[[Values], float | None]]] = []
    for operand in test.operands[1:]:
        step = _step(operand[2:], columns)
        if step is None:
            return _misfit(test, is_date=False)
        added.append((-1 if operand[0] == "-" else 1, step))
    subject, operator = _subject(test, column), test.operator

    def judge(values: Values, around: Surroundings) -> bool | None:
        one, other = subject(values, around), first(values, around)
        for sign, step in added:
            other = _plus(other, sign, step(values))
        return None if one is None or other is None else _compared(operator, one, other)

    return judge


def _step(text: str, columns: Mapping[str, Column]) -> Callable[[Values], float | None] | None:
    """A number that is added: of another column, or as it stands; to a day, that many days."""
    if (other := columns.get(fold(text))) is not None:
        code = other.code
        return lambda values: _figure(values.get(code))
    number = as_number(text)
    return None if number is None else lambda _: number


def _plus(one: Amount | None, sign: int, step: float | None) -> Amount | None:
    if one is None or step is None:
        return None
    if not isinstance(one, date):
        return one + sign * step
    day = one.toordinal() + sign * step
    return date.fromordinal(int(day)) if 1 <= day < date.max.toordinal() else None


def _compared(operator: Operator, one: Amount, other: Amount) -> bool | None:
    if isinstance(one, date) and isinstance(other, date):
        less, equal = one < other, one == other
    elif not isinstance(one, date) and not isinstance(other, date):
        less, equal = one < other, abs(one - other) < 1e-9
    else:
        return None
    match operator:
        case Operator.EQUAL:
            return equal
        case Operator.UNEQUAL:
            return not equal
        case Operator.LESS:
            return less and not equal
        case Operator.MORE:
            return not less and not equal
        case Operator.AT_MOST:
            return less or equal
        case _:
            return not less or equal


def between(test: Comparison, column: Column, columns: Mapping[str, Column]) -> Judge | Misfit:
    """Judges whether an amount lies between two others, both included."""
    ends = [
        ordered(replace(test, operator=operator, operands=(end,)), column, columns)
        for operator, end in zip((Operator.AT_LEAST, Operator.AT_MOST), test.operands, strict=True)
    ]
    low, high = ends
    if isinstance(low, Misfit) or isinstance(high, Misfit):
        return _misfit(test, is_date=column.type in DAYS)

    def judge(values: Values, around: Surroundings) -> bool | None:
        answers = (low(values, around), high(values, around))
        return False if False in answers else None if None in answers else True

    return judge


def in_window(column: Column, sheet: Sheet) -> Judge | Misfit:
    """Inside the windows of the indicators that the row is claimed for, where these have some; else the ledger's."""
    if column.type is not ColumnType.DATE:
        return Misfit("CHK-024", (("test", f"{column.name} {Operator.IN_WINDOW}"), ("like", "2026-3-5")))
    claim = next((c.code for c in sheet.columns if c.options == INDICATORS), "")

    def judge(values: Values, around: Surroundings) -> bool | None:
        day = amount(values.get(column.code))
        if not isinstance(day, date):
            return None
        numbers = split_list(show(values.get(claim))) if claim and around.claimed else ()
        windows = [around.claimed.get(fold(number), around.window) for number in numbers] or [around.window]
        return all((not first or day >= first) and (not last or day <= last) for first, last in windows)

    return judge
