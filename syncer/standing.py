"""What waits for the coordinator as long as it is so: refused files, old ones that came back, contradictions, the week's sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePath

from syncer.core.calendar import Week
from syncer.core.merging.whose import UNPLACED
from syncer.core.model import Ledger, Source
from syncer.core.names import Names
from syncer.core.phrases import unended
from syncer.core.problems import Problem
from syncer.core.reports.progress import TASKS
from syncer.core.state import Question, question_id
from syncer.messages import speak
from syncer.reports import draft_path, due_week
from syncer.store.facts import Seen
from syncer.view import View
from syncer.workspace import CONTROL_BOOK, INBOX_BOOK, Office

KINDS = frozenset({"refused", "doubted", "unplaced", "backup", "lost", "contradiction", "weekly"})
LOST_SECONDS = 60  # a save, or a move by hand, may leave the place empty for a moment
# These can be read, and let in.
_KIND = {"FILE-017": "backup", "FILE-014": "doubted", "FILE-015": "doubted", UNPLACED: "unplaced"}


def stand(office: Office, ledger: Ledger, view: View) -> None:
    """Brings these questions in line with what stands now: new ones are asked, settled ones are gone, ruled ones stay ruled."""
    office.store.questions.stand(KINDS, tuple(standing(office, ledger, view)))


def occasion(office: Office, ledger: Ledger) -> tuple[tuple[str, ...], str]:
    """Returns what, beside saves and rulings, makes it time to `stand` again: refused files gone, a week's hour come.

    Cheap: it needs no view.
    """
    week = _waiting_week(office, ledger)
    files = (*_refused(office, ledger, ""), *_lost(office, ledger, ""))
    return tuple(question.id for question in files), week.label if week else ""


def standing(office: Office, ledger: Ledger, view: View) -> Iterator[Question]:
    """Yields what waits as things stand, refused files first. Same facts, same ids."""
    now = office.now()
    yield from _refused(office, ledger, now)
    yield from _lost(office, ledger, now)
    yield from _contradictions(ledger, view, now)
    yield from _weekly(office, ledger, now)


def _refused(office: Office, ledger: Ledger, now: str) -> Iterator[Question]:
    """Files that were not taken in. A copy is merged, and the coordinator hears of her own books elsewhere: none of them waits here."""
    for path, seen in sorted(office.store.known_files.wrong().items()):
        found = [p for p in seen.refused if p.place.file not in {CONTROL_BOOK, INBOX_BOOK}]
        if found:
            yield _refusal(office, ledger, path, seen, found[0], now)


def _refusal(office: Office, ledger: Ledger, path: str, seen: Seen, problem: Problem, now: str) -> Question:
    facts = {"path": path, "sha256": seen.sha256, "code": problem.code}
    identity = ["refused", *facts.values()]
    kind = _KIND.get(problem.code, "refused")
    if kind == "backup" and (book := office.store.deliveries.book(seen.unit)):
        identity.append(book.sha256)  # let in once, it may come back after another state
    if kind == "unplaced":
        facts |= {"units": dict(problem.facts)["units"]}
    return Question(
        id=question_id(*identity),
        kind=kind,
        unit=seen.unit if ledger.unit(seen.unit) else "",
        source=Source(PurePath(path).name),
        at=now,
        text=_why(problem, kind),
        payload=json.dumps(facts, ensure_ascii=False, sort_keys=True),
    )


def _why(problem: Problem, kind: str) -> str:
    """What the kind of question does not say itself."""
    if kind == "unplaced":
        return f"像是：{dict(problem.facts)['likely']}。"
    spoken = speak(problem)
    return f"{unended(spoken.what)}。{unended(spoken.do)}。" if kind == "refused" else ""


def _lost(office: Office, ledger: Ledger, now: str) -> Iterator[Question]:
    """Workbooks that were handed out and have been gone for a minute, under whatever name; since when is kept in the store."""
    since = _gone_since(office)
    folder = office.workspace.relative(office.workspace.config.folders.units) + "/"
    lost = office.store.known_files.lost(folder)
    gone = {unit.code for unit in ledger.units if unit.code in lost}
    moment = office.clock()
    still = {unit: since.get(unit, moment.isoformat(timespec="seconds")) for unit in sorted(gone)}
    if still != since:
        office.store.set("gone_since", json.dumps(still))
    for unit, first in still.items():
        if (moment - datetime.fromisoformat(first)).total_seconds() >= LOST_SECONDS:
            yield Question(question_id("lost", unit, first), "lost", unit, source=Source(lost[unit]), at=now or first)


def lost_for_good(office: Office) -> tuple[datetime, ...]:
    """Returns when each workbook that is gone counts as lost, or has begun to."""
    minute = timedelta(seconds=LOST_SECONDS)
    return tuple(datetime.fromisoformat(first) + minute for first in _gone_since(office).values())


def _gone_since(office: Office) -> dict[str, str]:
    since: dict[str, str] = json.loads(office.store.get("gone_since") or "{}")
    return since


def _contradictions(ledger: Ledger, view: View, now: str) -> Iterator[Question]:
    """What units say unlike of one task, with both texts: said otherwise, it is another question."""
    names = Names(ledger)
    for task in view.progress.tasks:
        for text in task.contradictions:
            yield Question(
                id=question_id("contradiction", task.task.id, text),
                kind="contradiction",
                unit=task.first.unit,
                sheet=TASKS,
                row_id=task.task.id,
                row_key=names.row(TASKS, task.task.id, None),
                source=task.first.row.source if task.first.row else Source(),
                at=now,
                text=text,
            )


def _weekly(office: Office, ledger: Ledger, now: str) -> Iterator[Question]:
    """The week whose hour has come, where the office wants to see its sheet before it is issued."""
    week = _waiting_week(office, ledger)
    if week is not None:
        draft = office.workspace.relative(draft_path(office))
        text = f"{week.year}年第{week.number}周：送审稿在 {draft}，随每次填报更新；定稿后印发到“04周报通报”，不再改动。"
        yield Question(
            id=f"W{week.label}", kind="weekly", unit="", row_id=week.label, row_key=week.label, at=now, text=text
        )


def _waiting_week(office: Office, ledger: Ledger) -> Week | None:
    by_itself = ledger.settings.weekly_approval == "自动"
    return None if by_itself else due_week(office, ledger, office.clock())
