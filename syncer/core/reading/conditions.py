"""The small form in which 台账设置 words conditions and demands: parsed and printed, nothing judged.

``列名 比较 值或列名``; comparisons that must all hold are joined by 且, alternatives by 或 (且 binds closer)::

    工作状态 = 已完成 且 备注 字数 ≥ 10 或 需协调事项 非空
    完成日期 ≤ 发现日期 + 30
    参加人数 介于 10 至 500

A value or a name in which one of these words occurs stands in quotes: ``备注 = “进度且质量”``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from syncer.core.template.plan import split_list


class Operator(StrEnum):
    """How a column is compared, as it is printed."""

    EQUAL = "="
    UNEQUAL = "≠"
    LESS = "<"
    MORE = ">"
    AT_MOST = "≤"
    AT_LEAST = "≥"
    BETWEEN = "介于"
    AMONG = "属于"
    NOT_AMONG = "不属于"
    CONTAINS = "包含"
    LACKS = "不包含"
    KNOWN = "存在于"
    LIKE = "匹配"
    FILLED = "非空"
    BLANK = "为空"
    UNIQUE = "唯一"
    IN_WINDOW = "在测评周期内"


ORDER = frozenset({Operator.LESS, Operator.MORE, Operator.AT_MOST, Operator.AT_LEAST})
AMOUNTS = ORDER | {Operator.EQUAL, Operator.UNEQUAL, Operator.BETWEEN}
ALONE = frozenset({Operator.FILLED, Operator.BLANK, Operator.UNIQUE, Operator.IN_WINDOW})  # nothing follows them
LISTS = frozenset({Operator.AMONG, Operator.NOT_AMONG, Operator.CONTAINS, Operator.LACKS, Operator.KNOWN})

_SPELLINGS = {operator.value: operator for operator in Operator} | {
    spelling: operator
    for operator, spellings in {
        Operator.EQUAL: ("＝", "==", "等于"),
        Operator.UNEQUAL: ("<>", "!=", "！=", "不等于"),
        Operator.LESS: ("＜", "小于", "少于", "低于", "早于"),
        Operator.MORE: ("＞", "大于", "多于", "高于", "超过", "晚于"),
        Operator.AT_MOST: ("<=", "＜=", "＜＝", "不大于", "不多于", "不高于", "不超过", "不晚于"),
        Operator.AT_LEAST: (">=", "＞=", "＞＝", "不小于", "不少于", "不低于", "不早于"),
        Operator.FILLED: ("不为空", "不空"),
        Operator.UNIQUE: ("不重复",),
    }.items()
    for spelling in spellings
}


def _any_of(operators: Iterator[str]) -> str:
    return "|".join(re.escape(spelling) for spelling in sorted(operators, key=len, reverse=True))


_UNARY = re.compile(rf"(\S.*?)\s*({_any_of(s for s, o in _SPELLINGS.items() if o in ALONE)})")
_WORDS = _any_of(s for s, o in _SPELLINGS.items() if o not in ALONE)
_SPACED = re.compile(rf"(\S.*?)\s+({_WORDS})\s+(\S.*)")  # so that a column may be called 是否属于本单位
_BINARY = re.compile(rf"(\S.*?)\s*({_WORDS})\s*(\S.*)")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’|'[^']*'|「[^」]*」")
_OR, _AND = re.compile(r"\s或者?\s"), re.compile(r"并且|且|；|;")
_MEASURE = re.compile(r"(\S.*?)\s+(?:字数|长度)")
_SIGN = re.compile(r"\s[+＋\-－]\s")
_TO = (re.compile(r"\s[至到和]\s"), re.compile(r"至|~|～"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison.

    ``operands``: the words of a list; both ends of 介于; otherwise the terms of a sum, the later ones with their sign
    (``"+ 30"``, ``"- 请假"``). ``measured``: the length of the text is compared, not the text.
    """

    column: str
    operator: Operator
    operands: tuple[str, ...] = ()
    measured: bool = False


Condition = tuple[tuple[Comparison, ...], ...]
"""Alternatives, of which one must hold as a whole."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The part of a wording that is not of the form."""

    part: str


@lru_cache(maxsize=4096)
def parse_condition(text: str) -> Condition | Unclear:
    """Returns the alternatives of a condition, or the first part of it that is not of the form.

    ``"工作状态 = 已完成 且 备注 非空"`` → one alternative of two comparisons.
    """
    alternatives: list[tuple[Comparison, ...]] = []
    for alternative in _parted(text, _OR):
        tests: list[Comparison] = []
        for part in _parted(alternative, _AND):
            test = _comparison(part.strip())
            if test is None:
                return Unclear(part.strip())
            tests.append(test)
        alternatives.append(tuple(tests))
    return tuple(alternatives)


def print_condition(condition: Condition) -> str:
    """Returns the wording that `parse_condition` reads as this condition."""
    return " 或 ".join(" 且 ".join(print_comparison(test) for test in tests) for tests in condition)


def print_comparison(test: Comparison) -> str:
    """``"备注 字数 ≥ 10"``; in quotes only what would be read otherwise."""
    for quote in ((False, False), (False, True), (True, False)):
        text = _worded(test, *quote)
        if parse_condition(f"{text} 或 {text} 且 {text}") == ((test,), (test, test)):
            return text
    return _worded(test, True, True)


def _worded(test: Comparison, quote_column: bool, quote_words: bool) -> str:
    def word(text: str) -> str:
        return f"“{text}”" if quote_words else text

    column = (f"“{test.column}”" if quote_column else test.column) + (" 字数" if test.measured else "")
    if test.operator in ALONE:
        return f"{column} {test.operator}"
    if test.operator is Operator.LIKE:
        return f"{column} {test.operator} {test.operands[0]}"
    if test.operator in LISTS or test.operator is Operator.BETWEEN:
        between = "、" if test.operator in LISTS else " 至 "
        return f"{column} {test.operator} {between.join(map(word, test.operands))}"
    first, *more = test.operands
    return " ".join([column, test.operator, word(first), *(f"{term[0]} {word(term[2:])}" for term in more)])


def _comparison(part: str) -> Comparison | None:
    seen = _masked(part)
    if match := _UNARY.fullmatch(seen):
        return _of_column(part[: match.end(1)], _SPELLINGS[match[2]])
    match = _SPACED.fullmatch(seen) or _BINARY.fullmatch(seen)
    if match is None:
        return None
    operator, rest = _SPELLINGS[match[2]], part[match.start(3) :]
    operands = _operands(operator, rest)
    return _of_column(part[: match.end(1)], operator, operands) if operands else None


def _of_column(column: str, operator: Operator, operands: tuple[str, ...] = ()) -> Comparison:
    measure = _MEASURE.fullmatch(column) if operator in AMOUNTS else None
    return Comparison(_bare(measure[1] if measure else column), operator, operands, measure is not None)


def _operands(operator: Operator, text: str) -> tuple[str, ...]:
    """Returns what stands behind an operator; ``()`` where it is not enough."""
    if operator in LISTS:
        return tuple(_bare(part) for part in _listed(text))
    if operator is Operator.BETWEEN:
        ends = next((parts for to in _TO if len(parts := _parted(text, to)) == 2), [])
        return tuple(_bare(end) for end in ends) if all(end.strip() for end in ends) else ()
    if operator is Operator.LIKE:
        return (text.strip(),)  # a pattern has quotes of its own
    cuts = [match.span() for match in _SIGN.finditer(_masked(text))]
    starts = [0, *(end for _, end in cuts)]
    ends_at = [*(start for start, _ in cuts), len(text)]
    signs = ["", *("+ " if text[start:end].strip() in "+＋" else "- " for start, end in cuts)]
    terms = [_bare(text[start:end]) for start, end in zip(starts, ends_at, strict=True)]
    return tuple(sign + term for sign, term in zip(signs, terms, strict=True)) if all(terms) else ()


def _listed(text: str) -> tuple[str, ...]:
    quoted = [text[m.start() : m.end()] for m in _QUOTED.finditer(text)]
    words = split_list(_QUOTED.sub(lambda m: f"\0{quoted.index(m[0])}\0", text))
    return tuple(re.sub(r"\0(\d+)\0", lambda m: quoted[int(m[1])], word) for word in words)


def _masked(text: str) -> str:
    """The text with what stands in quotes made unreadable, place by place."""
    return _QUOTED.sub(lambda match: "\1" * len(match[0]), text)


def _parted(text: str, joint: re.Pattern[str]) -> list[str]:
    """Splits where ``joint`` stands outside quotes."""
    parts, start = [], 0
    for match in joint.finditer(_masked(text)):
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def _bare(text: str) -> str:
    """Takes outer space and one pair of quotes off."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 2 and _QUOTED.fullmatch(text) else text
