"""The main flow: what happens between a clerk's Ctrl+S and the new master.

    take up 台账设置 → hand out missing workbooks → for every file that arrived:
        settle → keep → read → identify → plan (match headers, key rows, merge by cell, read and check the cells) → record
    → publish

Looking, reading and planning decide; only recording and publishing act. The database is the truth: whatever is killed
in between, the next pass finds the file changed, or the publication stale, and does it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from syncer.arrivals import Arrival, look
from syncer.books import issue_missing
from syncer.control import Control, judged_by, take_up
from syncer.core.cells import CellReader
from syncer.core.intake import BookPlan, KnownBook, first_content, owner_of, plan_book
from syncer.core.model import Book, Ledger, Refusal
from syncer.core.problems import Place, Problem, Severity
from syncer.core.roster import roster_of
from syncer.core.state import ASKED_CODES, Question
from syncer.messages import severity_of
from syncer.publish import Publication, publish
from syncer.store.facts import Save, Seen
from syncer.workspace import CONTROL_BOOK, Office


@dataclass(frozen=True, slots=True)
class Taken:
    """What one file that arrived comes to: a plan for its unit, or why it was refused."""

    file: str
    unit: str = ""
    plan: BookPlan | None = None
    refused: Problem | None = None


@dataclass(slots=True)
class Synced:
    """What one pass did, and everything that stands after it, whichever pass found it."""

    issued: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    unchanged: int = 0
    waiting: tuple[str, ...] = ()  # files that are still being saved
    next_look_seconds: float | None = None  # when to look at them again
    publication: Publication = field(default_factory=Publication)
    problems: list[Problem] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    questions: tuple[Question, ...] = ()

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look: an error or warning stands, a file is refused, a question waits."""
        loud = any(severity_of(p) is not Severity.NOTE for p in self.problems)
        return bool(loud or self.refused or self.questions)


def sync(office: Office, *, as_of: date | None = None, dry_run: bool = False, patient: bool = True) -> Synced:
    """Takes in every save since the last pass, and publishes what follows from it.

    With ``patient`` it waits for files that are just being saved; the daemon comes back to them instead. With
    ``dry_run`` it decides and does nothing.

    Raises:
        ConfigError: there is no usable control workbook.
        BusyError: a folder cannot be reached; nothing was concluded from its absence.
    """
    day = as_of or office.clock().date()
    control = take_up(office, day)
    done = Synced()
    if not dry_run:
        done.issued = issue_missing(office, control)
    arrivals = look(office, every=control.changed, patient=patient)
    for arrival, book in read(office, arrivals.arrived):
        taken = decide(office, control.ledger, arrival, book)
        done.taken.append(taken)
        if not dry_run:
            record(office, control.ledger, arrival, taken)
    if not dry_run:
        office.store.set("judged_by", judged_by(control.ledger))
        done.publication = publish(office, control, day)
    done.unchanged, done.waiting = arrivals.unchanged, arrivals.waiting
    done.next_look_seconds = arrivals.next_look_seconds
    return conclude(office, control, done)


def read(office: Office, arrived: Sequence[Arrival]) -> Iterator[tuple[Arrival, Book | Refusal]]:
    """Yields each file with what a reading child made of its kept copy, in the order in which they arrived.

    Two files with equal bytes are read once.
    """
    ready: dict[str, Book | Refusal] = {}
    paths = dict.fromkeys(arrival.kept for arrival in arrived)
    books = office.readers.read_many(paths)
    for arrival in arrived:
        while str(arrival.kept) not in ready:
            path, book = next(books)
            ready[str(path)] = book
        yield arrival, ready[str(arrival.kept)]


def decide(office: Office, ledger: Ledger, arrival: Arrival, book: Book | Refusal) -> Taken:
    """Decides what one file means: whose it is, and what its content comes to. Changes nothing."""
    roster = roster_of(ledger)
    named = roster.find(arrival.path.stem) or ""
    if isinstance(book, Refusal):
        return _refused(ledger, arrival, book, named)
    owner = owner_of(book, arrival.path.stem, roster, ledger.settings.ledger_id)
    if isinstance(owner, Refusal):
        return _refused(ledger, arrival, owner, named)
    original = _original(office, ledger, owner, arrival)
    if original:
        return _refused(ledger, arrival, Refusal("FILE-011", (("original", original),)), owner)
    known = office.store.known_book(owner)
    if not known.base:  # a workbook that this database never issued: compared with what would have been
        content = first_content(ledger, owner)
        known = KnownBook(content, {code: sheet.rows for code, sheet in content.items()})
    plan = plan_book(ledger, CellReader(ledger), owner, book, arrival.path.name, known)
    if plan.refusal:
        return _refused(ledger, arrival, plan.refusal, owner)
    return Taken(arrival.key, owner, _with_rename_note(office, plan, owner, arrival.path.name))


def record(office: Office, ledger: Ledger, arrival: Arrival, taken: Taken) -> None:
    """Records one file as decided: a save of its unit, or set aside until it changes (the last good state stays)."""
    save = Save(taken.unit, arrival.path.name, arrival.sha256, arrival.saved_at, office.now())
    if taken.plan:
        kind = "recheck" if office.store.last_accepted(taken.unit) == arrival.sha256 else "save"
        office.store.record_save(ledger, save, taken.plan, partial(receipt, arrival, taken.plan), kind)
        office.store.see(arrival.key, Seen(arrival.mark, arrival.sha256, taken.unit))
    elif taken.refused:
        office.store.record_refusal(save, taken.refused)
        answer = f"{_clock(arrival.saved_at)}保存：没有采用，上一次的内容仍然有效"
        office.store.see(arrival.key, Seen(arrival.mark, arrival.sha256, taken.unit, (taken.refused,), answer))


def conclude(office: Office, control: Control, done: Synced) -> Synced:
    """Adds everything that stands now, so that the answer does not depend on which pass found it."""
    state = office.store.state(control.ledger, rows=False)
    seen = office.store.seen()
    done.refused = [p for key in sorted(seen) for p in seen[key].problems if p.place.file != CONTROL_BOOK]
    found = (*control.problems, *(p for unit in state.units for p in unit.problems), *done.publication.problems)
    done.problems = [p for p in found if p not in done.refused]
    done.questions = state.questions
    return done


def receipt(arrival: Arrival, plan: BookPlan, waiting: int) -> str:
    """Returns the one line that answers a save: "11月20日16:02 保存：读到14行，1个问题，全部入库".

    ``waiting``: how many questions about this workbook wait for the coordinator.
    """
    asked = set(ASKED_CODES.values())
    loud = sum(1 for p in plan.problems if p.code not in asked and severity_of(p) is not Severity.NOTE)
    said = f"{loud}个问题" if loud else "没有问题"
    outcome = f"{waiting}处待创建办处理，其余入库" if waiting else "全部入库"
    return f"{_clock(arrival.saved_at)}保存：读到{plan.filled_rows}行，{said}，{outcome}"


def changed_rows(taken: Sequence[Taken]) -> dict[str, int]:
    """Counts the rows added and changed by the files of one pass."""
    plans = [sheet for entry in taken if entry.plan for sheet in entry.plan.sheets]
    accepted = {(at, d.row_id) for at, p in enumerate(plans) for d in p.decisions if d.outcome == "accepted"}
    added = {(at, row_id) for at, p in enumerate(plans) for row_id in p.added}
    return {"added": len(added), "changed": len(accepted - added), "withdrawn": 0}


def _refused(ledger: Ledger, arrival: Arrival, refusal: Refusal, unit: str) -> Taken:
    facts = {"year": str(ledger.settings.year), "what": "", **dict(refusal.facts)}
    return Taken(arrival.key, unit, refused=Problem(refusal.code, Place(arrival.path.name), facts=tuple(facts.items())))


def _original(office: Office, ledger: Ledger, owner: str, arrival: Arrival) -> str:
    """Returns the name of the workbook that this file is a copy of; ``""`` if it is the unit's only one."""
    unit = ledger.unit(owner)
    issued_as = office.workspace.unit_book(unit).name if unit else ""
    for name in (office.store.files().get(owner, ""), issued_as):
        if name and name != arrival.path.name and (arrival.path.parent / name).exists():
            return name
    return ""


def _with_rename_note(office: Office, plan: BookPlan, owner: str, name: str) -> BookPlan:
    original = office.store.files().get(owner, name)
    if original == name:
        return plan
    note = Problem("FILE-016", Place(name), facts=(("original", original),))
    return replace(plan, problems=(note, *plan.problems))


def _clock(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    return f"{moment.month}月{moment.day}日{moment:%H:%M} "
