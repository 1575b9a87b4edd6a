"""Checks the rows of one unit's sheet: reads every cell, then what the template demands of cells, rows and columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from syncer.core.model import Column, ColumnType, Ledger, Level, Owner, Rule, Sheet, Status
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader, How
from syncer.core.reading.conditions import Operator, Unclear, parse_condition, print_comparison
from syncer.core.reading.passing_on import told_of_text
from syncer.core.reading.patterns import matches, parse_pattern
from syncer.core.reading.quantities import SHARE_MOST
from syncer.core.reading.rows import ReadRow, from_plan, is_foreign, row_key, typed_by_unit
from syncer.core.reading.rules import Bound, Test, bind, truth
from syncer.core.reading.surroundings import TEXTS, Misfit, Surroundings, Vocabulary
from syncer.core.values import CellError, Scalar, fold, show

Facts = tuple[tuple[str, str], ...]
Found = tuple[str, Column, Facts]

_RULE_CODES = {Level.NOTE: "CHK-010", Level.WARNING: "CHK-011", Level.ERROR: "CHK-012"}


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with its values as read (typed). A doubtful or refused cell keeps what was typed.

    ``found``: what is to be said of single cells, whatever stands elsewhere.
    """

    row: ReadRow
    values: Mapping[str, Scalar]
    found: tuple[Found, ...] = ()


def read_values(rows: Sequence[ReadRow], sheet: Sheet, reader: CellReader) -> list[CheckedRow]:
    """Reads every cell of these rows; only cells that are the unit's to fill are spoken about.

    Problems: the CELL codes of `CellReader.read`; CHK-004 not of the column's 格式, CHK-005 shorter and CHK-006 longer than
    it may be; CHK-013 one of these, in a column on trial; the SAFE codes of `told_of_text`.
    """
    return [_read_row(row, sheet, reader) for row in rows]


OTHER_YEAR = "CELL-029"
NAMED_BY = "title"  # code of the plan's column that says what a row is about
CHECKS_VERSION = "5"
"""Raise it when a check was added or changed: every workbook is looked at again."""


def check_rows(
    rows: Sequence[CheckedRow],
    sheet: Sheet,
    ledger: Ledger,
    place: Place,
    columns: Mapping[str, int],
    around: Surroundings,
) -> list[Problem]:
    """Returns everything that is to be said of rows as read, in the order of the sheet.

    ``columns`` tells where each column stands in the worksheet (1-based). Problems: those of `read_values`, CHK-001 a
    required cell is blank, CHK-002 required under a condition, CHK-003 equal key columns in two rows, CHK-010/011/012 a rule
    of 校验规则 as note, warning, error, CHK-020 one that is on trial.
    """
    demands = demands_of(sheet, ledger)
    problems: list[Problem] = []
    for entry in rows:
        found = [*entry.found, *_required(entry, sheet, demands, around)]
        problems += [_problem(entry, sheet, *one, place, columns) for one in found]
    problems += _doubled_keys(rows, sheet, place, columns)
    for rule in demands.rules:
        problems += _check_rule(rule, rows, sheet, place, columns, around)
    ruled = {p.place for p in problems if p.code in _RULE_CODES.values()}  # the office's own word on a day says enough
    problems = [p for p in problems if p.code != OTHER_YEAR or p.place not in ruled]
    return sorted(problems, key=lambda p: (p.place.row, p.place.column, p.code))


# ---- what the template demands of a sheet, bound to its columns once


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule of 校验规则: where ``condition`` holds, one of ``demand`` must."""

    rule: Rule
    condition: Bound  # no alternative: every row
    demand: Bound


@dataclass(frozen=True, slots=True)
class Demands:
    """What one sheet's rows are held to, beyond single cells. ``required_when`` by column code."""

    required_when: Mapping[str, Bound]
    rules: tuple[BoundRule, ...]


def demands_of(sheet: Sheet, ledger: Ledger) -> Demands:
    """Binds what the template demands of a sheet. What does not fit it is left out: the coordinator was told (TPL, CHK-02x)."""
    vocabulary = Vocabulary.of(ledger)
    conditions = {c.code: _bound(c.required_when, sheet, vocabulary) for c in sheet.columns if c.required_when}
    rules: list[BoundRule] = []
    for rule in ledger.rules:
        condition = _bound(rule.condition, sheet, vocabulary) if rule.sheet == sheet.code and rule.condition else ()
        demand = _bound(rule.demand, sheet, vocabulary) if rule.sheet == sheet.code else None
        if condition is not None and demand is not None:
            rules.append(BoundRule(rule, condition, demand))
    return Demands({code: bound for code, bound in conditions.items() if bound is not None}, tuple(rules))


def _bound(text: str, sheet: Sheet, vocabulary: Vocabulary) -> Bound | None:
    parsed = parse_condition(text)
    bound = None if isinstance(parsed, Unclear) else bind(parsed, sheet, vocabulary)
    return None if isinstance(bound, Misfit) else bound


# ---- single cells


def _read_row(row: ReadRow, sheet: Sheet, reader: CellReader) -> CheckedRow:
    values: dict[str, Scalar] = {}
    found: list[Found] = []
    for column in sheet.columns:
        raw = row.raw.get(column.code)
        if raw is None:
            continue
        if column.owner is Owner.SYSTEM or is_foreign(sheet, row.id, column.owner):
            values[column.code] = raw
            continue
        reading = reader.read(raw, column)
        if reading.value is not None:
            values[column.code] = reading.value
        code, facts = reading.code, reading.facts
        if not code and column.type in TEXTS:
            code, facts = _worded(reading.value, column)
        if code and column.status is not Status.TRIAL:
            found.append((code, column, facts))
        elif code and reading.how is not How.NORMALISED:
            found.append(("CHK-013", column, (("code", code),)))
        found += [(code, column, facts) for code, facts in told_of_text(raw, column)]
    return CheckedRow(row, values, tuple(found))


def _worded(value: Scalar, column: Column) -> tuple[str, Facts]:
    """What is wrong with the look or length of a text; ``("", ())`` if nothing is."""
    text = show(value)
    if column.form and (pattern := parse_pattern(column.form)) and not matches(pattern, text):
        return "CHK-004", (("form", column.form),)
    least, most = column.minimum, column.maximum
    if least is None and most is None:
        return "", ()
    length = len("".join(text.split()))
    if isinstance(least, (int, float)) and length < least:
        return "CHK-005", (("length", str(length)), ("least", show(least)))
    if isinstance(most, (int, float)) and length > most:
        return "CHK-006", (("length", str(length)), ("most", show(most)))
    return "", ()


# ---- rows


def _required(entry: CheckedRow, sheet: Sheet, demands: Demands, around: Surroundings) -> Iterator[Found]:
    """What must be filled and is not. A row from the plan that nobody has begun to fill owes nothing yet.

    A row that the unit put among those of the plan has to say what it is about: no report could name it else.
    """
    planned = from_plan(sheet, entry.row.id)
    if planned and not typed_by_unit(sheet, entry.row):
        return
    among_planned = sheet.from_plan and not planned
    for column in sheet.columns:
        if column.status is Status.TRIAL or entry.values.get(column.code) is not None:
            continue
        if among_planned and column.code == NAMED_BY:
            yield "CHK-001", column, ()
        if column.owner is not Owner.UNIT:
            continue
        when = demands.required_when.get(column.code)
        if when is not None and truth(when, entry.values, around):
            yield "CHK-002", column, (("when", column.required_when),)
        elif column.required and (planned or not sheet.from_plan):
            yield "CHK-001", column, ()


def _problem(
    entry: CheckedRow, sheet: Sheet, code: str, column: Column, facts: Facts, place: Place, columns: Mapping[str, int]
) -> Problem:
    where = replace(place, row=entry.row.row, column=columns.get(column.code, 0))
    key = row_key(sheet, entry.row.raw, entry.row.id)
    return Problem(code, where, key, column.name, _as_seen(entry.row.raw.get(column.code), column), facts)


def _as_seen(raw: Scalar, column: Column) -> str:
    """What stands in a cell, as whoever typed it sees it: 1.2 in a column of shares is 120%."""
    is_share = column.type is ColumnType.PERCENT and isinstance(raw, float) and raw <= SHARE_MOST
    return f"{show(round(raw * 100, 6))}%" if is_share and isinstance(raw, float) else show(raw)


def _doubled_keys(
    rows: Sequence[CheckedRow], sheet: Sheet, place: Place, columns: Mapping[str, int]
) -> Iterator[Problem]:
    keys = [c for c in sheet.columns if c.key and c.owner is Owner.UNIT]
    if not keys:
        return
    spoken = [tuple(fold(show(entry.values.get(k.code))) for k in keys) for entry in rows]
    counts = Counter(key for key in spoken if all(key))
    first: dict[tuple[str, ...], int] = {}
    for entry, key in zip(rows, spoken, strict=True):
        if counts[key] > 1 and key in first:
            found = _problem(entry, sheet, "CHK-003", keys[0], (("other", str(first[key])),), place, columns)
            text = " ".join(show(entry.values.get(k.code)) for k in keys)
            yield replace(found, column="、".join(k.name for k in keys), found=text)
        first.setdefault(key, entry.row.row)


# ---- rules of 校验规则


def _check_rule(
    bound: BoundRule,
    rows: Sequence[CheckedRow],
    sheet: Sheet,
    place: Place,
    columns: Mapping[str, int],
    around: Surroundings,
) -> Iterator[Problem]:
    rule, seen = bound.rule, dict[tuple[str, str], int]()
    code = "CHK-020" if rule.status is Status.TRIAL else _RULE_CODES[rule.level]
    for entry in rows:
        if bound.condition and not truth(bound.condition, entry.values, around):
            continue
        for test in _broken(bound.demand, entry, around, seen):
            if is_foreign(sheet, entry.row.id, test.column.owner) and test.column.owner is not Owner.SYSTEM:
                continue  # the unit could not mend it
            yield _problem(entry, sheet, code, test.column, _rule_facts(bound, test, entry), place, columns)


def _broken(demand: Bound, entry: CheckedRow, around: Surroundings, seen: dict[tuple[str, str], int]) -> Iterator[Test]:
    """The tests of a demand that a row fails; of alternatives that all fail, the first speaks for them.

    An error value fails none: it was said already.
    """
    if len(demand) > 1:
        if truth(demand, entry.values, around) is False:
            yield demand[0][0]
        return
    for test in demand[0]:
        value = entry.values.get(test.column.code)
        if isinstance(value, CellError):
            continue
        if test.comparison.operator is Operator.UNIQUE:
            key = (test.column.code, fold(show(value)))
            good = value is None or seen.setdefault(key, entry.row.row) == entry.row.row
        else:
            good = test.judge(entry.values, around) is not False
        if not good:
            yield test


def _rule_facts(bound: BoundRule, test: Test, entry: CheckedRow) -> Facts:
    """What a rule demands: in its own words if it has some, and as it is worded, with what stands in the other column."""
    rule = bound.rule
    wanted = rule.demand if len(bound.demand) > 1 else print_comparison(test.comparison)
    if test.other is not None and (value := entry.values.get(test.other.code)) is not None:
        wanted = f"{wanted}（{show(value)}）"
    return ("rule", rule.number), ("demand", rule.message or wanted), ("wanted", wanted)
