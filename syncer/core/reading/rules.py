"""The small form of 校验规则 and 何时必填: ``列 比较 值或列``, joined by 且; and whether a row meets it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from syncer.core.model import Sheet
from syncer.core.template.plan import as_date, as_number, split_list
from syncer.core.values import CellError, Scalar, fold, show

UNARY = ("非空", "为空", "唯一")
BINARY = ("存在于", "属于", "不等于", "等于", "≠", "≤", "≥", "<=", ">=", "<>", "!=", "=", "<", ">", "＝", "＜", "＞")
_SAME = {"＝": "=", "等于": "=", "不等于": "≠", "<>": "≠", "!=": "≠", "<=": "≤", ">=": "≥", "＜": "<", "＞": ">"}
_UNARY = re.compile(rf"^\s*(.*?)\s*({'|'.join(UNARY)})\s*$")
_BINARY = re.compile(rf"^\s*(\S.*?)\s*({'|'.join(BINARY)})\s*(\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: column name, operator, and a value, a column name or ``表名.列名``."""

    column: str
    operator: str
    operand: str = ""


def parse_condition(text: str) -> tuple[Comparison, ...] | None:
    """Returns the comparisons of a condition (all must hold), or ``None`` if one is not of the form.

    ``"工作状态 = 已完成 且 备注 非空"`` → two tests.
    """
    tests: list[Comparison] = []
    for part in re.split(r"且|并且|；|;", text):
        if (match := _UNARY.match(part)) and match[1]:
            tests.append(Comparison(match[1], match[2]))
        elif match := _BINARY.match(part):
            tests.append(Comparison(match[1], _SAME.get(match[2], match[2]), match[3].strip("“”\"'")))
        else:
            return None
    return tuple(tests)


def _compare(operator: str, one: Scalar, other: Scalar) -> bool | None:
    """Compares as dates if both are, else as numbers if both are, else as folded text; ``None`` if they have no order."""
    pairs: tuple[Callable[[Scalar], date | float | None], ...] = (as_date, as_number)
    for convert in pairs:
        first, second = convert(one), convert(other)
        if first is not None and second is not None and isinstance(one, (date, datetime, int, float)):
            less, equal = first < second, first == second  # type: ignore[operator]
            return {"=": equal, "≠": not equal, "<": less, ">": not less and not equal, "≤": less or equal}.get(
                operator, not less
            )
    equal = fold(show(one)) == fold(show(other))
    return {"=": equal, "≠": not equal}.get(operator)


def met(
    tests: tuple[Comparison, ...],
    sheet: Sheet,
    values: Mapping[str, Scalar],
    known: Callable[[str], frozenset[str]] | None = None,
) -> bool:
    """Tells whether a condition holds for a row. What is blank or cannot be compared meets nothing but 为空."""
    return all(_holds(test, sheet, values, known, unknown=False) for test in tests)


def allowed(
    test: Comparison, sheet: Sheet, values: Mapping[str, Scalar], known: Callable[[str], frozenset[str]] | None = None
) -> bool:
    """Tells whether a row may stand as it is under one demand. What is blank is another rule's business, and allowed."""
    return _holds(test, sheet, values, known, unknown=True)


def _holds(
    test: Comparison,
    sheet: Sheet,
    values: Mapping[str, Scalar],
    known: Callable[[str], frozenset[str]] | None,
    *,
    unknown: bool,
) -> bool:
    """One comparison on the values of a row by column code; ``unknown`` is the answer where there is nothing to compare.

    ``known("任务分解.编号")`` gives the folded values that 存在于 may name. 唯一 is no matter of one row: see
    `syncer.core.reading.checks`.
    """
    columns = {fold(c.name): c for c in sheet.columns}
    column = columns.get(fold(test.column))
    if column is None or test.operator == "唯一":
        return unknown
    value = values.get(column.code)
    if test.operator in {"非空", "为空"}:
        return (value is not None) == (test.operator == "非空")
    if value is None or isinstance(value, CellError):
        return unknown
    if test.operator == "属于":
        return fold(show(value)) in {fold(word) for word in split_list(test.operand)}
    if test.operator == "存在于":
        names = known(test.operand) if known else frozenset()
        return all(fold(part) in names for part in split_list(show(value)))
    other_column = columns.get(fold(test.operand))
    other: Scalar = values.get(other_column.code) if other_column else test.operand
    if other is None or isinstance(other, CellError):
        return unknown
    outcome = _compare(test.operator, value, other)
    return unknown if outcome is None else outcome
