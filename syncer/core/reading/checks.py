"""Checks the rows of one unit's sheet: reads every cell, then what the template demands of cells, rows and columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from syncer.core.model import Column, Ledger, Level, Owner, Rule, Sheet, Status
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader, How
from syncer.core.reading.passing_on import told_of_text
from syncer.core.reading.rows import ReadRow, from_plan, is_foreign, row_key, typed_by_unit
from syncer.core.reading.rules import allowed, met, parse_condition
from syncer.core.values import CellError, Scalar, fold, show


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with its values as read (typed). A doubtful or refused cell keeps what was typed."""

    row: ReadRow
    values: dict[str, Scalar]


def check_rows(
    rows: Sequence[ReadRow],
    sheet: Sheet,
    ledger: Ledger,
    reader: CellReader,
    place: Place,
    columns: Mapping[str, int],
    known: Callable[[str], frozenset[str]],
) -> tuple[list[CheckedRow], list[Problem]]:
    """Reads and checks a sheet's rows; ``columns`` tells where each column stands in the worksheet (1-based).

    ``known("材料目录.题名")`` gives the folded values another sheet holds. Only cells that are the unit's to fill are
    spoken about. Problems: the CELL codes of `CellReader.read`, the SAFE codes of `told_of_text`, CHK-001 a required cell is blank, CHK-002 required
    under a condition, CHK-003 equal key columns in two rows, CHK-010/011/012 a rule of 校验规则 as note, warning, error.
    """
    checked: list[CheckedRow] = []
    problems: list[Problem] = []
    for row in rows:
        values, found = _read_row(row, sheet, reader)
        checked.append(CheckedRow(row, values))
        key = row_key(sheet, row.raw, row.id)
        found += _required(row, values, sheet)
        for code, column, facts in found:
            where = replace(place, row=row.row, column=columns.get(column.code, 0))
            problems.append(Problem(code, where, key, column.name, show(row.raw.get(column.code)), facts))
    problems += _doubled_keys(checked, sheet, place, columns)
    for rule in ledger.rules:
        if rule.sheet == sheet.code:
            problems += _check_rule(rule, checked, sheet, place, columns, known)
    return checked, sorted(problems, key=lambda p: (p.place.row, p.place.column, p.code))


Found = tuple[str, Column, tuple[tuple[str, str], ...]]


def _read_row(row: ReadRow, sheet: Sheet, reader: CellReader) -> tuple[dict[str, Scalar], list[Found]]:
    values: dict[str, Scalar] = {}
    found: list[Found] = []
    for column in sheet.columns:
        raw = row.raw.get(column.code)
        if raw is None:
            continue
        if column.owner is Owner.SYSTEM or (is_foreign(sheet, row.id, column.owner)):
            values[column.code] = raw
            continue
        reading = reader.read(raw, column)
        if reading.value is not None:
            values[column.code] = reading.value
        if reading.code and column.status is not Status.TRIAL:
            found.append((reading.code, column, reading.facts))
        elif reading.code and reading.how is not How.NORMALISED:
            found.append(("CHK-020", column, (("code", reading.code),)))
        found += [(code, column, facts) for code, facts in told_of_text(raw, column)]
    return values, found


def _required(row: ReadRow, values: Mapping[str, Scalar], sheet: Sheet) -> list[Found]:
    """What must be filled and is not. A row from the plan that nobody has begun to fill owes nothing yet."""
    found: list[Found] = []
    begun = typed_by_unit(sheet, row)
    for column in sheet.columns:
        if column.owner is not Owner.UNIT or values.get(column.code) is not None or column.status is Status.TRIAL:
            continue
        if from_plan(sheet, row.id) and not begun:
            continue
        tests = parse_condition(column.required_when) if column.required_when else None
        if tests and met(tests, sheet, values):
            found.append(("CHK-002", column, (("when", column.required_when),)))
        elif column.required and not (sheet.from_plan and not from_plan(sheet, row.id)):
            found.append(("CHK-001", column, ()))
    return found


def _doubled_keys(
    checked: Sequence[CheckedRow], sheet: Sheet, place: Place, columns: Mapping[str, int]
) -> list[Problem]:
    keys = [c for c in sheet.columns if c.key and c.owner is Owner.UNIT]
    if not keys:
        return []
    spoken = [tuple(fold(show(c.values.get(k.code))) for k in keys) for c in checked]
    counts = Counter(key for key in spoken if all(key))
    first: dict[tuple[str, ...], int] = {}
    problems: list[Problem] = []
    for entry, key in zip(checked, spoken, strict=True):
        if counts[key] > 1 and key in first:
            where = replace(place, row=entry.row.row, column=columns.get(keys[0].code, 0))
            name = "、".join(k.name for k in keys)
            text = " ".join(show(entry.values.get(k.code)) for k in keys)
            facts = (("other", f"第{first[key]}行"),)
            problems.append(Problem("CHK-003", where, row_key(sheet, entry.row.raw, entry.row.id), name, text, facts))
        first.setdefault(key, entry.row.row)
    return problems


_RULE_CODES = {Level.NOTE: "CHK-010", Level.WARNING: "CHK-011", Level.ERROR: "CHK-012"}


def _check_rule(
    rule: Rule,
    checked: Sequence[CheckedRow],
    sheet: Sheet,
    place: Place,
    columns: Mapping[str, int],
    known: Callable[[str], frozenset[str]],
) -> list[Problem]:
    conditions = (parse_condition(rule.condition) or ()) if rule.condition else ()
    demands = parse_condition(rule.demand) or ()
    code = "CHK-020" if rule.status is Status.TRIAL else _RULE_CODES[rule.level]
    seen: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    for entry in checked:
        if not met(conditions, sheet, entry.values, known):
            continue
        for test in demands:
            column = next((c for c in sheet.columns if fold(c.name) == fold(test.column)), None)
            if column is None:
                continue
            value = entry.values.get(column.code)
            if isinstance(value, CellError):
                continue
            good = allowed(test, sheet, entry.values, known)
            if test.operator == "唯一" and value is not None:
                good = seen.setdefault((column.code, fold(show(value))), entry.row.row) == entry.row.row
            if not good:
                where = replace(place, row=entry.row.row, column=columns.get(column.code, 0))
                demand = rule.message or f"{test.column}{test.operator}{test.operand}"
                facts = (("rule", rule.number), ("demand", demand), ("code", f"{rule.number} {demand}"))
                key = row_key(sheet, entry.row.raw, entry.row.id)
                typed = show(entry.row.raw.get(column.code))
                problems.append(Problem(code, where, key, column.name, typed, facts))
    return problems
