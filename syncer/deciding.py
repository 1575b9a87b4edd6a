"""What one file that arrived means: whose it is, what it goes on from, what its content comes to. Looks; changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from syncer.arrivals import Arrival
from syncer.control import JUDGED_SINCE
from syncer.core.merging.intake import BookPlan, plan_book
from syncer.core.merging.known_book import KnownBook, SheetContent, first_content
from syncer.core.merging.whose import owner_of, whose
from syncer.core.model import Book, Format, Ledger, Refusal
from syncer.core.problems import Place, Problem
from syncer.core.reading.single_sheet import owner_part
from syncer.core.roster import roster_of
from syncer.core.texts import path_text
from syncer.formats import format_word, is_patchable, stands_alone, understood
from syncer.lineage import base_of, is_backup, newer_cells, of_copy, original_of
from syncer.store.contents import packed
from syncer.store.facts import COPY, OTHER_FORMAT, Admission
from syncer.workspace import Office

BACKUP = "FILE-017"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one file that arrived comes to: a plan for its unit, or why it was refused."""

    file: str
    unit: str = ""
    plan: BookPlan | None = None
    refused: Problem | None = None
    base: Mapping[str, SheetContent] = field(default_factory=dict)  # what it was compared with
    revision: int = 0  # as its stamp says
    original: str = ""  # the workbook that it is a copy of
    before: str = ""  # when these very bytes were taken in already (ISO): nothing is merged again
    alone: bool = False  # a copy whose original is not there
    cells: int = 0  # that changed and count, the cells of new rows among them
    newer: int = 0  # own cells that were taken in later than all that this workbook holds

    def told(self) -> Taken:
        """Returns what is told of it once it is recorded: a pass that takes in five hundred files holds none of their rows."""
        if self.plan is None:
            return self
        sheets = tuple(replace(sheet, rows=(), held=(), revived=()) for sheet in self.plan.sheets)
        return replace(self, base={}, plan=replace(self.plan, content={}, values={}, judged={}, sheets=sheets))


def decide(office: Office, ledger: Ledger, arrival: Arrival, book: Book | Refusal) -> Taken:
    """Decides what one file means: whose it is, and what its content comes to. Changes nothing."""
    named = "" if arrival.dropped else roster_of(ledger).find(arrival.path.stem) or ""
    if isinstance(book, Refusal):
        return _refused(ledger, arrival, book, named)
    admitted, how = office.store.questions.admission(arrival.sha256)
    owner = owner_of_file(ledger, arrival, book, admitted, how)
    if isinstance(owner, Refusal):
        return _refused(ledger, arrival, owner, named)
    before = office.store.received.taken(arrival.sha256, owner) if arrival.dropped else None
    if before and before.at >= office.store.get(JUDGED_SINCE):  # by other settings, more may be found in the same bytes
        return Taken(arrival.key, owner, before=before.at)
    if how is Admission.PLACED and book.stamp and book.stamp.unit != owner:  # it tells of another unit's workbook
        book = replace(book, stamp=None)
    return compare(office, ledger, arrival, book, owner, how)


def compare(office: Office, ledger: Ledger, arrival: Arrival, book: Book, owner: str, how: Admission) -> Taken:
    """Plans what a workbook of ``owner`` comes to, against what it came from; ``how`` it was let in, if somebody ruled so."""
    known = office.store.known_book(owner, _a_day_ago(office))
    last = known.base
    if not known.base:  # a workbook that this database never issued: compared with what would have been
        content = first_content(ledger, owner)
        known = KnownBook(content, {code: sheet.rows for code, sheet in content.items()})
    place = arrival.kept if arrival.dropped else arrival.path  # what was sent by chat may have lost its ending
    if not is_patchable(place, book):
        understandable = understood(office, ledger, owner, arrival, book, known)
        if isinstance(understandable, Refusal):
            return _refused(ledger, arrival, understandable, owner)
        book = understandable
    original = original_of(office, ledger, owner, arrival, book)
    if how is not Admission.TAKE:  # what the coordinator let in counts against what stands now, however old it is: once
        direct = not original and how is not Admission.STALE
        base = base_of(office, ledger, owner, book, known, direct=direct)
        known = replace(known, base=of_copy(office, ledger, owner, arrival, book, base) if original else base)
    goes_on = known.base is last  # from the last version: what was found in that still holds
    if not goes_on:
        known = replace(known, judged={})
    let_in = how in {Admission.TAKE, Admission.TAKEN, Admission.STALE}
    reader = office.maintained.reader(ledger)
    plan = plan_book(ledger, reader, owner, book, arrival.name, known, admitted=let_in)
    if plan.refusal:
        return _refused(ledger, arrival, plan.refusal, owner)
    plan = replace(plan, content=packed(plan.content, known.base))
    if arrival.dropped and is_untouched(plan):
        return _refused(ledger, arrival, Refusal("RECV-006", (("unit", ledger.unit_name(owner)),)), "")
    if not original and not how.is_settled and is_backup(office, ledger, owner, arrival, plan, last):
        return _refused(ledger, arrival, Refusal(BACKUP), owner)
    newer = 0 if original or goes_on else newer_cells(ledger, plan)
    revision = book.stamp.revision if book.stamp else 0
    alone = not arrival.dropped and stands_alone(arrival.path, original)
    if original and not alone:
        plan = replace(plan, problems=_of_changed_rows(plan))
    if not arrival.dropped:
        note = _name_note(office, owner, arrival.path, original, format_word(arrival.path, book) if alone else "")
        plan = replace(plan, problems=(*note, *plan.problems))
    came = (row for sheet in plan.sheets for row in sheet.came())
    cells = sum(len(sheet.edited()) for sheet in plan.sheets) + sum(len(row.raw) + len(row.extra) for row in came)
    return Taken(
        arrival.key,
        owner,
        plan,
        base=known.base,
        revision=revision,
        original=original,
        alone=alone,
        cells=cells,
        newer=newer,
    )


def owner_of_file(ledger: Ledger, arrival: Arrival, book: Book, admitted: str, how: Admission) -> str | Refusal:
    """Decides whose a workbook is. One from 07 is known by what is in it; one that she let in, whatever its name says."""
    if how is Admission.PLACED and ledger.unit(admitted):
        return admitted
    roster = roster_of(ledger)
    stem = owner_part(arrival.path.stem, roster) if book.format is Format.TEXT else arrival.path.stem
    if arrival.dropped:
        return whose(book, stem, ledger)
    owner = owner_of(book, "" if admitted else stem, roster, ledger.settings.ledger_id)
    by_name_alone = isinstance(owner, Refusal) and owner.code == "FILE-012" and ledger.unit(admitted)
    return admitted if by_name_alone else owner


def _of_changed_rows(plan: BookPlan) -> tuple[Problem, ...]:
    """What is wrong in the rows that a copy changed, and in its sheets as such: of all others their own workbook tells.

    A sheet that a copy does not have is no fault: nobody said that it had to.
    """
    changed = {
        (plan.content[sheet.sheet].table, row)
        for sheet in plan.sheets
        if sheet.sheet in plan.content
        for row in (*(d.row for d in sheet.decisions), *(came.row for came in sheet.came()))
    }
    told = [problem for problem in plan.problems if problem.place.sheet]
    return tuple(p for p in told if not p.place.row or (p.place.sheet, p.place.row) in changed)


def is_untouched(plan: BookPlan) -> bool:
    """Whether a workbook is as it was handed out: nobody has typed anything into it, and it takes nothing back."""
    return not plan.filled_rows and not any(s.decisions or s.added or s.withdrawn or s.vanished for s in plan.sheets)


def _refused(ledger: Ledger, arrival: Arrival, refusal: Refusal, unit: str) -> Taken:
    facts = {"year": str(ledger.settings.year), "what": "", **dict(refusal.facts)}
    return Taken(arrival.key, unit, refused=Problem(refusal.code, Place(arrival.name), facts=tuple(facts.items())))


def _name_note(office: Office, owner: str, path: Path, original: str, other_format: str) -> tuple[Problem, ...]:
    """What is to be said of a file's name and format: it is all there is and no .xlsx, it is a copy, or it was renamed."""
    name = path_text(path.name)
    if other_format:
        return (Problem(OTHER_FORMAT, Place(name), facts=(("original", original), ("format", other_format))),)
    if original:
        return (Problem(COPY, Place(name), facts=(("original", original),)),)
    before = office.store.file_of(owner) or name
    return (Problem("FILE-016", Place(name), facts=(("original", before),)),) if before != name else ()


def _a_day_ago(office: Office) -> str:
    return (office.clock() - timedelta(days=1)).isoformat(timespec="seconds")
