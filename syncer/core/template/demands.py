"""What an office demands of its rows, 校验规则 and 何时必填: compiled against the sheets, and what is wrong with it said.

A rule that could only fail at every row, or that contradicts another, is not in force: the clerks are not to pay for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from syncer.core.model import Column, Level, Owner, Rule, Sheet, Status
from syncer.core.problems import Problem
from syncer.core.reading.conditions import Operator, Unclear, parse_condition, print_condition
from syncer.core.reading.rules import Bound, bind
from syncer.core.reading.surroundings import Misfit, Vocabulary
from syncer.core.template.contradictions import Claim, claims_of, first_clash
from syncer.core.template.tables import Record, member
from syncer.core.values import fold, show


def settle_required_when(
    records: Sequence[Record], sheets: Sequence[Sheet], vocabulary: Vocabulary
) -> tuple[tuple[Sheet, ...], list[Problem]]:
    """Takes a 何时必填 (of 栏目设置) that makes no sense on its sheet out of force: TPL-010, CHK-021 to CHK-025."""
    problems: list[Problem] = []
    settled: list[Sheet] = []
    where = {(fold(r.text("表名")), fold(r.text("列名"))): r for r in reversed(records)}
    for sheet in sheets:
        columns: list[Column] = []
        for column in sheet.columns:
            record = where.get((fold(sheet.name), fold(column.name)))
            bound = _bound(column.required_when, sheet, vocabulary) if column.required_when else ()
            if isinstance(bound, Misfit):
                problems += [_misfit(record, "何时必填", bound)] if record else []
                column = replace(column, required_when="")  # noqa: PLW2901 - as it is in force
            columns.append(column)
        settled.append(replace(sheet, columns=tuple(columns)))
    return tuple(settled), problems


def compile_rules(
    records: Sequence[Record], sheets: Sequence[Sheet], vocabulary: Vocabulary
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Returns the checks of 校验规则 in force.

    Problems: TPL-005 unknown sheet, TPL-010 a form that is not understood, CHK-021 to CHK-025 a comparison that makes no
    sense on its sheet (`syncer.core.reading.rules.bind`), CHK-026 a demand on cells that no unit can mend, CHK-027 it
    contradicts another demand, CHK-028 it repeats another rule.
    """
    by_name = {fold(s.name): s for s in sheets}
    claims = {s.code: claims_of(s) for s in sheets}
    known: dict[tuple[str, str, str], str] = {}
    rules: list[Rule] = []
    problems: list[Problem] = []
    for record in records:
        sheet = by_name.get(fold(record.text("表名")))
        status = member(record, "状态", Status, Status.ACTIVE, problems)
        if status is Status.RETIRED:
            continue
        if sheet is None:
            problems.append(record.problem("TPL-005", "表名"))
            continue
        made = _rule(record, sheet, vocabulary, claims[sheet.code], known)
        if isinstance(made, Problem):
            problems.append(made)
            continue
        claims[sheet.code] += made.claims
        rules.append(replace(made.rule, status=status, level=member(record, "级别", Level, Level.WARNING, problems)))
    return tuple(rules), problems


@dataclass(frozen=True, slots=True)
class _Made:
    """A rule, and what it claims of its sheet's columns."""

    rule: Rule
    claims: list[Claim]


def _rule(
    record: Record,
    sheet: Sheet,
    vocabulary: Vocabulary,
    claims: Sequence[Claim],
    known: dict[tuple[str, str, str], str],
) -> _Made | Problem:
    """One row of 校验规则, or the first thing that keeps it from being in force."""
    number, condition, demand = record.text("编号") or show(record.row), record.text("条件"), record.text("要求")
    if not demand:
        return record.problem("TPL-010", "要求", part="")
    when: Bound | Misfit = _bound(condition, sheet, vocabulary) if condition else ()
    if isinstance(when, Misfit):
        return _misfit(record, "条件", when)
    wanted = _bound(demand, sheet, vocabulary)
    if isinstance(wanted, Misfit):
        return _misfit(record, "要求", wanted)
    unique = [t for bound in (when, *([wanted] if len(wanted) > 1 else [])) for tests in bound for t in tests]
    if any(test.comparison.operator is Operator.UNIQUE for test in unique):  # a matter of all rows, no alternative
        return record.problem("TPL-010", "条件" if when else "要求", part=Operator.UNIQUE.value)
    foreign = [t.column.name for tests in wanted for t in tests if t.column.owner is Owner.COORDINATOR]
    if foreign and not sheet.from_plan:
        return _misfit(record, "要求", Misfit("CHK-026", (("of", foreign[0]),)))
    said = _worded(condition), _worded(demand)
    if (other := known.setdefault((sheet.code, *said), number)) != number:
        return _misfit(record, "要求", Misfit("CHK-028", (("other", other),)))
    own = [Claim(said[0], test, number) for tests in (wanted if len(wanted) == 1 else ()) for test in tests]
    alone = [Claim("", test, number) for tests in (when if len(when) == 1 else ()) for test in tests]
    if clash := first_clash(own, claims) or first_clash(alone, alone):
        return _misfit(record, "要求", Misfit("CHK-027", (("other", clash),)))
    return _Made(
        Rule(number, sheet.code, condition, demand, Level.WARNING, record.text("说明文字"), row=record.row), own
    )


def _bound(text: str, sheet: Sheet, vocabulary: Vocabulary) -> Bound | Misfit:
    parsed = parse_condition(text)
    if isinstance(parsed, Unclear):
        return Misfit("TPL-010", (("part", parsed.part),))
    return bind(parsed, sheet, vocabulary)


def _worded(text: str) -> str:
    """A wording in one spelling, so that two of them can be compared."""
    parsed = parse_condition(text) if text else ()
    return "" if isinstance(parsed, Unclear) else fold(print_condition(parsed))


def _misfit(record: Record, column: str, misfit: Misfit) -> Problem:
    return Problem(misfit.code, record.place(column), column=column, found=record.text(column), facts=misfit.facts)
