"""台账设置.xlsx, the source of truth: taking it up when it was saved, and what of it is in force.

- A broken one leaves the last good one in force.
- What a good one adds or rewords holds at once.
- What it takes away from what people have filled in is a question (kind ``template``) and held back. Agreed to, it holds from
  the next pass on; refused, it stays held back until 台账设置 itself no longer says so.
- An accepted 调整申请 of the plan is laid over its tables until 台账设置 says something else there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, count
from pathlib import Path
from uuid import uuid4

from syncer import fs
from syncer.control_file import is_newer, placed, read_if_changed
from syncer.core.model import Ledger, Settings, Source, Table
from syncer.core.problems import Place, Problem
from syncer.core.reading.checks import CHECKS_VERSION
from syncer.core.state import Question
from syncer.core.template.changes import compare
from syncer.core.template.facts import InUse, TemplateChange, count_use
from syncer.core.template.held import Former, held_back, remembered, with_former_names
from syncer.core.template.overrides import adjusted
from syncer.core.template.schema import compile_ledger
from syncer.errors import BusyError, ConfigError
from syncer.workspace import CONTROL_BOOK, Office

JUDGED_SINCE = "judged_since"  # key in the store: when the settings (or our checks) last became others
_GONE = Problem("TPL-023", Place(CONTROL_BOOK))
_NAMELESS = Ledger("", Settings(year=0), (), (), ())  # questions about settings name no sheet of the ledger


@dataclass(frozen=True, slots=True)
class Control:
    """The ledger in force, and what is wrong with the workbook as it stands now."""

    ledger: Ledger
    problems: tuple[Problem, ...]
    sha256: str  # of the newest good version, kept bytes
    changed: bool  # other settings or checks than at the last sync
    waits: bool = False  # a newer one stands there and could not be read yet
    slow: bool = False  # because a child is still at it: it is asked for again soon


@dataclass(frozen=True, slots=True)
class Step:
    """One good control workbook, and the ids of its changes (against the steps before it) that are held back."""

    sha256: str
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """What is in force: the last workbook that held as a whole, and those saved since as far as they matter.

    ``questions``: id of a change that is held back now → id of the question that asks for it.
    """

    steps: tuple[Step, ...]
    questions: Mapping[str, str] = field(default_factory=dict)
    former: Former = field(default_factory=dict)


def take_up(office: Office, as_of: date, patience_seconds: float | None = None) -> Control:
    """Takes the control workbook as it stands, and heeds what was ruled on it since; see the rule above.

    With ``patience_seconds`` nobody waits longer for one that is slow to read: what is in force stays, and the next pass asks again.

    Raises:
        ConfigError: there is none, or the very first one is broken.
        BusyError: its folder cannot be reached.
    """
    path = office.workspace.control_book
    there, before = _is_there(path), _terms(office)
    if not there and before is None:
        raise ConfigError(f"找不到 {path}：请先运行 syncer init / no control workbook: run syncer init first")
    read = read_if_changed(office, as_of, patience_seconds if office.store.get("control") else None)
    problems, waits = read.problems, read.waits
    newest = office.store.get("control")
    if not newest:
        raise BusyError(f"{path} 现在读不到，请稍后再试 / cannot be read now") if waits else _unusable(problems)
    terms = _heeded(office, as_of, before or Terms((Step(newest),)), newest)
    _keep(office, terms)
    _drop_overrides(office, terms)
    ledger, found = _in_force(office, as_of, terms)
    if not ledger.settings.ledger_id:
        ledger = _identified(ledger, _own_ledger_id(office))
    problems = problems if there else (*problems, _GONE)
    problems = problems or tuple(placed(p) for p in found)
    return Control(ledger, problems, newest, _judges_anew(office, ledger), waits, read.slow)


def _is_there(path: Path) -> bool:
    """Whether the control workbook stands in its folder.

    Raises:
        BusyError: the folder cannot be reached: nothing is known of what is in it.
    """
    try:
        if not fs.exists(path.parent):
            raise FileNotFoundError
        return fs.exists(path)
    except OSError:
        raise BusyError(f"找不到文件夹 {path.parent}（共享盘没有连上？）/ folder not reachable") from None


def left_alone(office: Office, as_of: date) -> Control:
    """Returns what is in force without taking anything up: a newer workbook ``waits``, and so does what was ruled on it.

    Before the first good one nothing is in force that could be left alone: the workbook is taken up as it stands.

    Raises:
        ConfigError: there is none, or the very first one is broken.
        BusyError: its folder cannot be reached.
    """
    there, terms = _is_there(office.workspace.control_book), _terms(office)
    if terms is None:
        return take_up(office, as_of)
    ledger, problems = ledger_in_force(office, as_of), settings_problems(office, as_of)
    problems = problems if there else (*problems, _GONE)
    newest = office.store.get("control")
    return Control(ledger, problems, newest, _judges_anew(office, ledger), waits=is_newer(office))


def _judges_anew(office: Office, ledger: Ledger) -> bool:
    return office.store.get("judged_by") not in {"", judged_by(ledger)}


def settings_problems(office: Office, as_of: date) -> tuple[Problem, ...]:
    """Returns what is wrong with the settings in force, and with a newer workbook that is not."""
    terms = _terms(office)
    found = _in_force(office, as_of, terms)[1] if terms else ()
    known = office.store.known_files.seen_of(office.workspace.relative(office.workspace.control_book))
    return (known.problems if known else ()) or tuple(placed(p) for p in found)


def judged_by(ledger: Ledger) -> str:
    """Returns what every workbook's content was last judged by: the ledger, and our own checks."""
    return f"{CHECKS_VERSION}:{ledger.version}"


def ledger_in_force(office: Office, as_of: date) -> Ledger:
    """Returns the ledger in force without taking anything up; before the first sync, the workbook's as it stands."""
    terms = _terms(office)
    if terms is None:
        return take_up(office, as_of).ledger
    return _identified(_in_force(office, as_of, terms)[0], office.store.get("ledger_id"))


def would_change(
    office: Office, tables: tuple[Table, ...], as_of: date
) -> tuple[tuple[TemplateChange, ...], tuple[Problem, ...]]:
    """Returns what these tables would change in the ledger in force, and what is wrong with them."""
    new, found = compile_ledger(adjusted(tables, office.store.questions.overrides()).tables, as_of)
    if new is None:
        return (), tuple(placed(p) for p in found)
    terms = _terms(office)
    old = _folded(office, as_of, terms.steps)[0] if terms else new
    return compare(old, new, _use(office, old)), tuple(placed(p) for p in found)


def held_questions(office: Office) -> dict[str, Question]:
    """Returns the questions about what is held back, open or refused, by the id of the change."""
    terms = _terms(office)
    asked = terms.questions if terms else {}
    found = {change: office.store.questions.get(_NAMELESS, question) for change, question in asked.items()}
    return {change: question for change, question in found.items() if question is not None}


# ---- what is in force


def _terms(office: Office) -> Terms | None:
    """Returns what is in force; ``None`` before the first good workbook."""
    kept, newest = office.store.get("control_base"), office.store.get("control")
    if not kept:
        return Terms((Step(newest),)) if newest else None
    plain = json.loads(kept)
    steps = tuple(Step(sha256, tuple(held)) for sha256, held in plain["steps"])
    return Terms(steps, plain["questions"], plain["former"])


def _keep(office: Office, terms: Terms) -> None:
    steps = [[step.sha256, step.held] for step in terms.steps]
    plain = {"steps": steps, "questions": terms.questions, "former": terms.former}
    office.store.set("control_base", json.dumps(plain, ensure_ascii=False, sort_keys=True))


def _in_force(office: Office, as_of: date, terms: Terms) -> tuple[Ledger, tuple[Problem, ...]]:
    rests_on = (as_of, terms.steps, repr(terms.former), repr(office.store.questions.overrides()))
    if office.in_force is None or office.in_force[0] != rests_on:
        ledger, found = _folded(office, as_of, terms.steps)
        office.in_force = (rests_on, with_former_names(ledger, terms.former), found)
    return office.in_force[1:]


def _folded(office: Office, as_of: date, steps: tuple[Step, ...]) -> tuple[Ledger, tuple[Problem, ...]]:
    """Lays each workbook over the ledger before it, but for what is held back; the problems are those of the newest."""
    ledger, found = _compiled(office, as_of, steps[0].sha256)
    for step in steps[1:]:
        newer, found = _compiled(office, as_of, step.sha256)
        held = [change for change in compare(ledger, newer, InUse()) if change.id in step.held]
        ledger = held_back(ledger, newer, held)
    return ledger, found


def _compiled(office: Office, as_of: date, sha256: str) -> tuple[Ledger, tuple[Problem, ...]]:
    plan = adjusted(office.store.control_tables(sha256), office.store.questions.overrides())
    ledger, found = compile_ledger(plan.tables, as_of)
    if ledger is None:
        raise _unusable(found)
    return ledger, (*found, *plan.notes)


def _heeded(office: Office, as_of: date, terms: Terms, newest: str) -> Terms:
    """Returns what is in force once rulings are heeded and a newer workbook is judged; asks what that one takes away.

    The questions stand before the terms are kept: killed in between, the next pass judges, and asks, the same again.
    """
    last = terms.steps[-1]
    agreed = {change for change, question in terms.questions.items() if _is_agreed(office, question)}
    if agreed:
        open_still = {change: question for change, question in terms.questions.items() if change not in agreed}
        last = replace(last, held=tuple(change for change in last.held if change not in agreed))
        terms = replace(terms, steps=(*terms.steps[:-1], last), questions=open_still)
    if newest != last.sha256:
        return _judged(office, as_of, terms, newest)
    return replace(terms, steps=_shortened(office, as_of, terms.steps)) if agreed else terms


def _is_agreed(office: Office, question: str) -> bool:
    ruled = office.store.questions.get(_NAMELESS, question)
    return ruled is not None and ruled.state == "ruled" and ruled.ruling == "accept"


def _judged(office: Office, as_of: date, terms: Terms, newest: str) -> Terms:
    """Lays a newer good workbook over what is in force; what it takes away, or was held back already, is asked."""
    old, _ = _folded(office, as_of, terms.steps)
    new, _ = _compiled(office, as_of, newest)
    changes = compare(old, new, _use(office, old))
    asked = [
        _question(office, change, terms.questions.get(change.id))
        for change in changes
        if change.takes_away or change.id in terms.questions
    ]
    office.store.questions.stand({"template"}, asked)
    questions = {question.payload: question.id for question in asked}
    steps = _shortened(office, as_of, (*terms.steps, Step(newest, tuple(sorted(questions)))))
    return Terms(steps, questions, remembered(terms.former, old, new))


def _shortened(office: Office, as_of: date, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Leaves out the workbooks that no longer matter: with nothing held back, all but the newest."""
    if not steps[-1].held:
        return steps[-1:]
    version = _folded(office, as_of, steps)[0].version
    shorter = ((steps[0], steps[-1]), (*steps[:-2], steps[-1]))
    for fewer in shorter if len(steps) > 2 else ():
        if _folded(office, as_of, fewer)[0].version == version:
            return fewer
    return steps


def _use(office: Office, ledger: Ledger) -> InUse:
    return count_use(ledger, office.store.state(ledger).rows)


def _question(office: Office, change: TemplateChange, known: str | None) -> Question:
    return Question(
        id=known or _unused_id(office, change.id),
        kind="template",
        unit="",
        row_key=change.what,
        source=Source(CONTROL_BOOK),
        at=office.now(),
        text=f"{change.zh}：{change.effect}" if change.effect else change.zh,
        payload=change.id,
    )


def _unused_id(office: Office, change: str) -> str:
    """Returns the id of a change, or a following one where the same was asked, and ruled, in former times."""
    ids = chain([change], (f"{change}-{number}" for number in count(2)))
    return next(i for i in ids if (q := office.store.questions.get(_NAMELESS, i)) is None or q.state != "ruled")


def _drop_overrides(office: Office, terms: Terms) -> None:
    """Forgets adjustments of the plan that 台账设置 has overtaken, or whose task is in none of the workbooks in force."""
    overrides = office.store.questions.overrides()
    if not overrides:
        return
    plans = [adjusted(office.store.control_tables(step.sha256), overrides) for step in terms.steps]
    absent = set.intersection(*(set(plan.absent) for plan in plans))
    for task, column in {*plans[-1].lapsed, *absent}:
        office.store.questions.drop_override(task, column)


def _identified(ledger: Ledger, own: str) -> Ledger:
    """Gives a ledger whose control workbook names no id its own."""
    if ledger.settings.ledger_id:
        return ledger
    return replace(ledger, settings=replace(ledger.settings, ledger_id=own))


def _own_ledger_id(office: Office) -> str:
    """Returns an id for a ledger whose control workbook names none, made once."""
    known = office.store.get("ledger_id")
    if not known:
        known = uuid4().hex[:12]
        office.store.set("ledger_id", known)
    return known


def _unusable(problems: tuple[Problem, ...]) -> ConfigError:
    return ConfigError("台账设置.xlsx 不可用 / the control workbook cannot be used:\n" + _lines(problems))


def _lines(problems: tuple[Problem, ...]) -> str:
    from syncer.messages import line  # noqa: PLC0415

    return "\n".join(line(problem) for problem in problems[:20])
