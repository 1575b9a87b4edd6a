"""Judges of what a person reads in a cell: filled or blank, equal, listed, found elsewhere, of a certain look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from syncer.core.model import Column, ColumnType
from syncer.core.reading.amounts import amount
from syncer.core.reading.conditions import Comparison, Operator
from syncer.core.reading.patterns import matches, parse_pattern
from syncer.core.reading.surroundings import CHOICES, MOST_NAMES, Judge, Misfit, Surroundings, Values, Vocabulary
from syncer.core.template.plan import as_number, split_list
from syncer.core.values import CellError, fold, show


def filled(code: str, *, wanted: bool) -> Judge:
    """Judges whether something stands there."""
    return lambda values, _: (values.get(code) is not None) == wanted


def _of_text(code: str, judged: Callable[[str], bool]) -> Judge:
    """Judges what a person reads in the cell; a blank cell and an error value are not judged."""

    def judge(values: Values, _: Surroundings) -> bool | None:
        value = values.get(code)
        return None if value is None or isinstance(value, CellError) else judged(show(value))

    return judge


def like(code: str, test: Comparison) -> Judge | Misfit:
    """Judges the look of what stands there."""
    pattern = parse_pattern(test.operands[0])
    if pattern is None:
        return Misfit("CHK-025", (("form", test.operands[0]),))
    return _of_text(code, lambda text: matches(pattern, text))


def known(code: str, test: Comparison, vocabulary: Vocabulary) -> Judge | Misfit:
    """Judges whether all that a cell names exists in one of the places."""
    places = tuple(place.replace("．", ".") for place in test.operands)
    for place in places:
        if near := vocabulary.instead_of(place):
            return Misfit("CHK-022", (("name", place), ("near", near)))

    def judge(values: Values, around: Surroundings) -> bool | None:
        value = values.get(code)
        if value is None or isinstance(value, CellError):
            return None
        found = [around.known(place) for place in places]
        parts = [fold(part) for part in split_list(show(value))]
        if all(any(names and part in names for names in found) for part in parts):
            return True
        return None if any(names is None for names in found) else False

    return judge


def listed(test: Comparison, column: Column, vocabulary: Vocabulary) -> Judge | Misfit:
    """Judges whether a cell is among these words, or holds one of them."""
    words = _as_chosen(test, column, vocabulary)
    if isinstance(words, Misfit):
        return words
    wanted = frozenset(map(fold, words))
    several = column.type in {ColumnType.MULTI_CHOICE, ColumnType.UNITS, ColumnType.TASKS}

    def among(text: str) -> bool:
        return fold(text) in wanted or (several and all(fold(part) in wanted for part in split_list(text)))

    def contains(text: str) -> bool:
        held = {fold(part) for part in split_list(text)} if several else fold(text)
        return any(word in held for word in wanted)

    inside = among if test.operator in {Operator.AMONG, Operator.NOT_AMONG} else contains
    yes = test.operator in {Operator.AMONG, Operator.CONTAINS}
    return _of_text(column.code, lambda text: inside(text) == yes)


def _as_chosen(test: Comparison, column: Column, vocabulary: Vocabulary) -> tuple[str, ...] | Misfit:
    """The words of a test as the column's choices have them: an alias is what it stands for."""
    choices = vocabulary.choices(column)
    if not choices or test.measured:
        return test.operands
    spellings = {fold(name): c.text for c in reversed(choices) for name in (*c.aliases, c.text)}
    unknown = [word for word in test.operands if fold(word) not in spellings]
    loose = test.operator in {Operator.CONTAINS, Operator.LACKS} and column.type is not ColumnType.MULTI_CHOICE
    if unknown and column.type in CHOICES and not loose:
        listed = "、".join(c.text for c in choices[: 2 * MOST_NAMES])
        return Misfit("CHK-023", (("name", unknown[0]), ("of", column.name), ("near", listed)))
    return tuple(spellings.get(fold(word), word) for word in test.operands)


def equal(test: Comparison, column: Column, vocabulary: Vocabulary) -> Judge | Misfit:
    """Judges whether a cell says a certain word or figure."""
    yes, whole = test.operator is Operator.EQUAL, " ".join(test.operands)
    words = _as_chosen(replace(test, operands=(whole,)), column, vocabulary)
    if isinstance(words, Misfit):
        return words
    wanted, number = fold(words[0]), as_number(words[0])

    def judge(values: Values, _: Surroundings) -> bool | None:
        value = values.get(column.code)
        if value is None or isinstance(value, CellError):
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and number is not None:
            return (value == number) == yes
        return (fold(show(value)) == wanted) == yes

    return judge


def like_column(code: str, other: str, *, yes: bool) -> Judge:
    """Judges whether two cells of a row say the same."""

    def judge(values: Values, _: Surroundings) -> bool | None:
        one, two = values.get(code), values.get(other)
        if one is None or two is None or isinstance(one, CellError) or isinstance(two, CellError):
            return None
        first, second = amount(one), amount(two)
        if first is not None and second is not None:
            return (first == second) == yes
        return (fold(show(one)) == fold(show(two))) == yes

    return judge
