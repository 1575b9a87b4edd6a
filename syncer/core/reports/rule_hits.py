"""How the rules of 校验规则 fare with what was filled in: one that nobody meets is probably wrong; one on trial is counted."""

from __future__ import annotations

from collections.abc import Iterator

from syncer.core.model import Ledger, Rule, Status
from syncer.core.problems import Place, Problem
from syncer.core.reports.facts import facts_of
from syncer.core.state import LedgerState
from syncer.core.template.schema import RULES
from syncer.core.values import fold

EVERY_FROM = 5  # rows; of fewer it is no wonder if all fail


def rule_hits(ledger: Ledger, state: LedgerState) -> Iterator[Problem]:
    """Yields what the coordinator is told of her rules, at their place in 台账设置.

    CHK-029: every row of the sheet fails it. CHK-030: a rule on trial, and how many rows it would bring up.
    """
    facts = facts_of(ledger, state)
    rows = {sheet.code: sum(unit.rows.get(sheet.code, 0) for unit in facts) for sheet in ledger.sheets}
    names = {fold(name): s.code for s in ledger.sheets for name in (*s.former_names, s.name)}
    failing: dict[tuple[str, str], set[tuple[str, int]]] = {}
    for unit in state.units:
        for problem in unit.problems:
            number = dict(problem.facts).get("rule")
            sheet = names.get(fold(problem.place.sheet))
            if number and sheet:
                failing.setdefault((sheet, number), set()).add((unit.unit, problem.place.row))
    for rule in ledger.rules:
        hits, total = failing.get((rule.sheet, rule.number), set()), rows.get(rule.sheet, 0)
        if len(hits) >= max(total, EVERY_FROM):
            yield _told("CHK-029", rule, rows=len(hits))
        elif hits and rule.status is Status.TRIAL:
            yield _told("CHK-030", rule, hits=len(hits), units=len({unit for unit, _ in hits}), rows=total)


def _told(code: str, rule: Rule, **facts: int) -> Problem:
    figures = tuple((name, str(figure)) for name, figure in facts.items())
    return Problem(
        code,
        Place(sheet=RULES, row=rule.row, column=1),
        rule.number,
        "编号",
        rule.number,
        (("rule", rule.number), *figures),
    )
