"""How the office's own rules fare, counted when something changed and remembered in between: an idle pass counts nothing."""

from __future__ import annotations

from dataclasses import replace

from syncer.control import Control, judged_by
from syncer.core.problems import Problem
from syncer.core.reports.rule_hits import rule_hits
from syncer.publish import basis_of
from syncer.store.blobs import dump_problems, load_problems
from syncer.view import View
from syncer.workspace import CONTROL_BOOK, Office

_KEY = "rule_hits"


def with_rule_hits(office: Office, control: Control, seen: View) -> Control:
    """Adds what the coordinator is told of her rules to what is wrong with 台账设置."""
    basis = basis_of(seen, judged_by(control.ledger))
    counted, _, kept = office.store.get(_KEY).partition("\n")
    if counted == basis:
        found = load_problems(kept)
    else:
        found = tuple(_placed(problem) for problem in rule_hits(control.ledger, seen.state))
        office.store.set(_KEY, f"{basis}\n{dump_problems(found)}")
    return replace(control, problems=(*control.problems, *found)) if found else control


def _placed(problem: Problem) -> Problem:
    return replace(problem, place=replace(problem.place, file=CONTROL_BOOK))
