"""The main flow: what happens between a clerk's Ctrl+S and the new master.

    take up 台账设置 → carry out what the coordinator decided → hand out missing workbooks → for every file that arrived:
        settle → keep → read → identify → plan (match headers, key rows, merge by cell, read and check the cells) → record
        (many at once: read, planned and rendered by processes beside this one, recorded here one after the other, and
        looked for again, so that what is saved together is published once)
    → put away what came through 07收件箱 → publish (master, inbox, feedback, weekly draft, receipts)
    → deliver what is not the units' own into their workbooks

What a file means is found in `deciding.compare` → `core.merging.intake.plan_book`: `sheet_reading` finds headers and records,
`identity` which row is which, `known_rows` and `row_fates` what became of the others, `merge` each cell, `judging` reads and checks.

Looking, reading and planning decide; only recording, publishing and delivering act. The database is the truth: whatever
is killed in between, the next pass finds the file changed, the publication stale, or the delivery's intent, and does it
again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from syncer.arrivals import Arrival, Arrivals, ask_again, looks
from syncer.beside import Footing
from syncer.books import issue_missing
from syncer.control import JUDGED_SINCE, Control, judged_by, left_alone, take_up
from syncer.core.model import Book, Ledger, Refusal
from syncer.core.problems import Problem, Severity
from syncer.core.state import Question
from syncer.deciding import Taken, decide
from syncer.deliver import PASS_SECONDS, TURN, Delivered, deliver, recover
from syncer.inbox import InboxPublished, InboxRead, publish_inbox, take_decisions
from syncer.many_at_once import decide_many, make_many
from syncer.messages import severity_of
from syncer.publish import Publication, ask_what_was_typed, basis_of, problem_instead, publish_answers, publish_master
from syncer.rebuilding import rebuilt_lately
from syncer.receipts import again_line, clock, receipt, taken_line
from syncer.receiving import PutAway, publish_receipts, put_away
from syncer.rule_watch import with_rule_hits
from syncer.set_aside import note_try
from syncer.standing import occasion, stand
from syncer.store.facts import LEFT, POINTERS, Save, Seen
from syncer.store.received import Received
from syncer.view import View, newest, view
from syncer.workspace import CONTROL_BOOK, INBOX_BOOK, Office

READING_PATIENCE_SECONDS = 0.4  # the largest honest workbook of a section is read in half of it
_NOTED = "inbox_note"  # what the master last said of the inbox
MANY = 30  # files from which on it is worth while to start more processes
SOME = 4  # files from which on those that are there are made use of
SLOW_LOOK_SECONDS = 0.5  # until a file that takes longer is asked for again


@dataclass(slots=True)
class Synced:
    """What one pass did, and everything that stands after it, whichever pass found it."""

    issued: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    unchanged: int = 0
    waiting: tuple[str, ...] = ()  # files that are still being saved
    next_look_seconds: float | None = None  # when to look at them again
    publication: Publication = field(default_factory=Publication)
    inbox: InboxRead = field(default_factory=InboxRead)
    inbox_shown: InboxPublished = field(default_factory=InboxPublished)
    master: Path | None = None  # where it stands, or should
    put_away: PutAway = field(default_factory=PutAway)
    mended: list[str] = field(default_factory=list)  # deliveries that had been broken off, in words
    delivered: list[Delivered] = field(default_factory=list)
    out_of_reach: tuple[Problem, ...] = ()  # 07收件箱, if it could not be looked at
    problems: list[Problem] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    questions: tuple[Question, ...] = ()

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look: an error or warning stands, a file is refused, a question waits."""
        loud = any(severity_of(p) is not Severity.NOTE for p in self.problems)
        return bool(loud or self.refused or self.questions)

    @property
    def is_idle(self) -> bool:
        """Whether it found nothing to do, and waits for nothing that no file and no hour tells of, such as a book being closed."""
        made, away = self.publication, self.put_away
        did = (
            self.issued or self.taken or self.inbox.decided or self.mended or self.delivered or made.paths or away.moved
        )
        books = self.inbox.waits or self.inbox_shown.waits or made.problems
        waits = self.waiting or away.waiting or self.out_of_reach or self.next_look_seconds is not None
        return not (did or books or waits)


def sync(
    office: Office,
    *,
    as_of: date | None = None,
    dry_run: bool = False,
    patient: bool = True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Synced:
    """Takes in every save since the last pass, and publishes what follows from it.

    With ``patient`` it waits for files that are just being saved, and delivers to every workbook; the daemon comes back to
    them instead. With ``dry_run`` it decides by what is in force, and records no save, rules and publishes nothing (it keeps bytes, and
    notes which files are gone or no workbooks): settings saved since, and what she decided, wait for a real pass. ``progress`` hears after each file how many of how many are taken in.

    Raises:
        ConfigError: there is no usable control workbook.
        BusyError: a folder cannot be reached; nothing was concluded from its absence.
    """
    day = as_of or office.clock().date()
    patience_seconds = None if patient else READING_PATIENCE_SECONDS
    control = left_alone(office, day) if dry_run else take_up(office, day, patience_seconds)
    done = Synced()
    if not dry_run:
        done.mended = recover(office)
        control, done.inbox = obey(office, control, day, patience_seconds)
        if control.changed:
            office.store.set(JUDGED_SINCE, office.now())
        done.issued = issue_missing(office, control)
    office.beside.work_by(Footing(control.ledger, office.clock()))
    slow: list[str] = []
    for arrivals in looks(office, every=control.changed, patient=patient):
        of = len(done.taken) + len(arrivals.arrived)
        done.unchanged = arrivals.unchanged - len(done.taken)
        for arrival, taken in decided(office, control.ledger, arrivals, patience_seconds):
            if taken is None:
                slow.append(arrival.key)
                ask_again(office, arrival.key)
                continue
            if not dry_run:
                record(office, control.ledger, arrival, taken)
            done.taken.append(taken.told())
            progress(len(done.taken), of)
        if slow:
            break
    seen = view(office, control.ledger, day)
    if not dry_run and len(done.taken) >= SOME:
        make_many(office, control.ledger, seen.marks)
    if patient:  # who publishes and ends needs no help any more
        office.beside.let_go(0)
    if not dry_run:
        office.store.set("judged_by", judged_by(control.ledger))
        done.put_away = put_away(office, control.ledger)
        control, seen = bring_out(office, control, seen, done, seconds=None if patient else PASS_SECONDS)
    settings = (office.workspace.relative(office.workspace.control_book),) if control.waits else ()
    done.waiting = (*settings, *arrivals.waiting, *slow)
    done.next_look_seconds = SLOW_LOOK_SECONDS if slow or control.slow else arrivals.next_look_seconds
    if any(delivered.waits == TURN for delivered in done.delivered):
        done.next_look_seconds = 0
    done.out_of_reach = arrivals.problems
    return conclude(office, control, seen, done)


def obey(office: Office, control: Control, day: date, patience_seconds: float | None) -> tuple[Control, InboxRead]:
    """Carries out what the coordinator decided since the last pass; returns the settings as they are after it."""
    inbox = take_decisions(office, control.ledger)
    return (take_up(office, day, patience_seconds) if inbox.decided else control), inbox


def bring_out(
    office: Office, control: Control, seen: View, done: Synced, *, seconds: float | None
) -> tuple[Control, View]:
    """Publishes what stands now, the master first, and delivers it (for so many seconds at most).

    Returns the settings, with how their rules fare, and the last look.
    """
    made = done.publication
    master = done.master = office.workspace.master_book(control.ledger)
    with problem_instead(made, master):  # where it cannot be read, `publish_master` asks again or leaves it alone
        ask_what_was_typed(office, control.ledger)
    seen = raise_standing(office, newest(office, seen))
    publish_master(office, made, seen, office.store.get(_NOTED))
    office.maintained.keep()  # from here on nobody waits for the master
    seen = newest(office, seen)  # it may have been asked what somebody typed into the old one
    control = with_rule_hits(office, control, seen)
    shown = done.inbox_shown = publish_inbox(office, control.ledger)
    made.take(shown.path, shown.problems)
    office.store.set(_NOTED, _note(shown))
    publish_answers(office, made, control, seen)
    publish_receipts(office, made)
    done.delivered = deliver(office, seen, seconds=seconds)
    seen = newest(office, seen)  # rows that were brought stand elsewhere now, and what cannot be delivered is told
    if any(delivered.cells or delivered.problems for delivered in done.delivered):
        publish_answers(office, made, control, seen)
    publish_master(office, made, seen, _note(shown))
    office.maintained.keep()
    made.settle()
    return control, seen


def raise_standing(office: Office, seen: View) -> View:
    """Asks what waits as long as it is so (refused files, contradictions, the week's sheet); returns a look that holds it."""
    if office.store.get("stood") == basis_of(seen, occasion(office, seen.ledger)):
        return seen
    stand(office, seen.ledger, seen)
    seen = newest(office, seen)
    office.store.set("stood", basis_of(seen, occasion(office, seen.ledger)))
    return seen


def decided(
    office: Office, ledger: Ledger, arrivals: Arrivals, patience_seconds: float | None
) -> Iterator[tuple[Arrival, Taken | None]]:
    """Yields each file with what it means, ``None`` for one that is not read yet; of many, several at once are decided.

    Processes to help are called as soon as many are being saved: they need a second or two to start.
    """
    files = read(office, arrivals.arrived, patience_seconds)
    if len(arrivals.arrived) + arrivals.settling >= MANY:
        office.beside.call()
    if len(arrivals.arrived) >= SOME and office.beside.hands:
        return decide_many(office, ledger, files)
    return ((arrival, decide(office, ledger, arrival, book) if book is not None else None) for arrival, book in files)


def read(
    office: Office, arrived: Sequence[Arrival], patience_seconds: float | None
) -> Iterator[tuple[Arrival, Book | Refusal | None]]:
    """Yields each file with what a reading child made of its kept copy, in the order in which they arrived.

    ``None`` for one that is not read after ``patience_seconds``: a poisonous file must not hold up its neighbours. It is read
    on, and the next pass asks for it again. Two files with equal bytes are read once. Of many files a few are held at a
    time: those that children have read meanwhile.
    """
    times = Counter(arrival.kept for arrival in arrived)
    ready: dict[str, Book | Refusal | None] = {}
    paths = dict.fromkeys(arrival.kept for arrival in arrived)
    readers = office.readers
    within = readers.read_many(paths) if patience_seconds is None else readers.read_within(paths, patience_seconds)
    books: Iterator[tuple[Path, Book | Refusal | None]] = iter(within)
    for arrival in arrived:
        while str(arrival.kept) not in ready:
            path, book = next(books)
            ready[str(path)] = book
        times[arrival.kept] -= 1
        yield arrival, ready[str(arrival.kept)] if times[arrival.kept] else ready.pop(str(arrival.kept))


def record(office: Office, ledger: Ledger, arrival: Arrival, taken: Taken) -> None:
    """Records one file as decided: a save of its unit, or set aside until it changes (the last good state stays)."""
    facts = office.store.deliveries.book(taken.unit)
    again = facts is not None and facts.sha256 == arrival.sha256  # known bytes, looked at again
    saved_at = arrival.saved_at
    if facts and again:
        saved_at = facts.last_saved or saved_at  # a delivery is no save
    elif facts and taken.newer:
        saved_at = max(saved_at, facts.last_saved)  # an older state that was put back
    save = Save(taken.unit, arrival.name, arrival.sha256, saved_at, office.now())
    note_try(office, arrival.key, arrival.sha256, taken.refused)
    if taken.plan:
        kind = "copy" if taken.original else "recheck" if again else "save"
        at = arrival.saved_at if taken.newer else saved_at
        worded = partial(receipt, at, taken.plan, how="收件" if arrival.dropped else "保存", newer=taken.newer)
        received = partial(_received, ledger, arrival, taken, office.now()) if arrival.dropped else None
        office.store.record_save(
            ledger,
            save,
            taken.plan,
            worded,
            kind,
            base=taken.base,
            revision=taken.revision,
            received=received,
            alone=taken.alone,
        )
        pointer = tuple(p for p in taken.plan.problems if p.code in POINTERS)
        office.store.known_files.see(arrival.key, Seen(arrival.mark, arrival.sha256, taken.unit, pointer))
    elif taken.before:
        office.store.received.add(_received(ledger, arrival, taken, office.now()))
        office.store.known_files.see(arrival.key, Seen(arrival.mark, arrival.sha256, taken.unit))
    elif taken.refused:
        office.store.record_refusal(save, taken.refused)
        answer = f"{clock(arrival.saved_at)} {'收件' if arrival.dropped else '保存'}：没有采用，已经入库的内容不变"
        office.store.known_files.see(
            arrival.key, Seen(arrival.mark, arrival.sha256, taken.unit, (taken.refused,), answer)
        )


def _received(
    ledger: Ledger, arrival: Arrival, taken: Taken, now: str, waiting: int = 0, standing: Sequence[Problem] = ()
) -> Received:
    """What is recorded of a file that came through 07: it is to be put away, and this is the answer to whoever sent it."""
    short, saved_at = ledger.unit_name(taken.unit), arrival.saved_at
    facts = (arrival.key, arrival.path.name, arrival.sha256, taken.unit, saved_at, now)
    if taken.plan is None:
        return Received(*facts, "again", again_line(short, saved_at, taken.before))
    return Received(*facts, "taken", taken_line(short, saved_at, taken.plan, waiting, standing))


def conclude(office: Office, control: Control, last: View, done: Synced) -> Synced:
    """Adds everything that stands now, so that the answer does not depend on which pass found it."""
    state = last.receipts
    seen = office.store.known_files.wrong()
    told = [p for key in sorted(seen) for p in seen[key].problems if p.place.file != CONTROL_BOOK]
    done.refused = [p for p in told if p.code not in POINTERS] + [p for p in done.inbox.problems if p not in told]
    units = (p for unit in state.units for p in unit.problems)
    left = (p for p in told if p.code == LEFT)
    found = (*control.problems, *rebuilt_lately(office), *done.out_of_reach, *units, *left, *done.publication.problems)
    done.problems = [p for p in found if p not in done.refused]
    done.questions = state.questions
    return done


def changed_rows(taken: Sequence[Taken]) -> dict[str, int]:
    """Counts the rows added and changed by the files of one pass."""
    plans = [sheet for entry in taken if entry.plan for sheet in entry.plan.sheets]
    return {
        "added": sum(len(plan.added) for plan in plans),
        "changed": sum(len({d.row_id for d in plan.edited()}) for plan in plans),
        "withdrawn": sum(len(plan.withdrawn) for plan in plans),
    }


def _note(shown: InboxPublished) -> str:
    """What 首页 says while the inbox stands open and does not show everything."""
    more = shown.new_waiting if shown.waits else 0
    return f"{INBOX_BOOK} 正打开着，另有{more}项新事项，关闭后会出现" if more else ""
