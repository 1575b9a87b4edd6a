"""The main flow: what happens between a clerk's Ctrl+S and the new master.

    take up 台账设置 → hand out missing workbooks → for every file that changed:
        settle → keep → identify → read → plan (match headers, normalise, key rows, check, merge) → record
    → publish

Reading a file and planning decide; only `record` and `publish` act. The database is the truth: whatever is killed in
between, the next run finds the file changed, or the publication stale, and does it again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from syncer.books import issue_missing
from syncer.control import Control, take_up
from syncer.core.cells import CellReader
from syncer.core.intake import BookPlan, owner_of, plan_book
from syncer.core.model import Book, Ledger, Refusal, Unit
from syncer.core.problems import Place, Problem, Severity
from syncer.core.roster import Roster
from syncer.core.state import Question
from syncer.errors import BusyError
from syncer.messages import severity_of
from syncer.publish import Publication, publish
from syncer.store.disk import mark_text, stat_mark
from syncer.store.store import Save, Seen
from syncer.watch.folder import Seen as FileSeen
from syncer.watch.folder import scan
from syncer.workspace import CONTROL_BOOK, Office


@dataclass(frozen=True, slots=True)
class Taken:
    """One file that was read in this pass, and what it came to."""

    file: str
    unit: str = ""
    plan: BookPlan | None = None
    refused: Problem | None = None


@dataclass(slots=True)
class Synced:
    """What one pass did."""

    issued: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    unchanged: int = 0
    waiting: list[str] = field(default_factory=list)  # files that are still being written
    next_look_seconds: float | None = None  # when to look at them again
    problems: list[Problem] = field(default_factory=list)  # everything that stands, not only of this pass
    refused: list[Problem] = field(default_factory=list)
    questions: tuple[Question, ...] = ()
    publication: Publication = field(default_factory=Publication)

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to look: an error or warning stands, a file is refused, a question waits."""
        loud = any(severity_of(p) is not Severity.NOTE for p in self.problems)
        return bool(loud or self.refused or self.questions)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file in 02 whose bytes are new, copied into the kept store."""

    path: Path
    key: str
    mark: str
    sha256: str
    kept: Path
    saved_at: str


def sync(office: Office, *, as_of: date | None = None, dry_run: bool = False, patient: bool = True) -> Synced:
    """Takes in every save since the last pass, and publishes what follows from it.

    With ``patient`` it waits for files that are just being saved; the daemon comes back to them instead. With ``dry_run`` nothing is written into the shared folder or recorded (bytes that were looked at are kept).

    Raises:
        ConfigError: there is no usable control workbook.
        BusyError: a folder cannot be reached; nothing was concluded from its absence.
    """
    day = as_of or office.clock().date()
    done = Synced()
    control = take_up(office, day)
    if not dry_run:
        done.issued = issue_missing(office, control)
    for arrival, book in arrivals(office, control, done, patient=patient):
        taken = take_in(office, control.ledger, arrival, book, dry_run=dry_run)
        done.taken.append(taken)
    if not dry_run:
        done.publication = publish(office, control, day)
        office.store.set("ledger_version", control.ledger.version)
    return _concluded(office, control, done)


def arrivals(
    office: Office, control: Control, done: Synced, *, patient: bool
) -> Iterator[tuple[Arrival, Book | Refusal]]:
    """Yields every changed file with what a reading child made of it; files still being written wait for the next pass.

    After a change of the ledger every known book is looked at again.
    """
    known = office.store.seen()
    files, changed = look(office, known, every=control.changed)
    done.unchanged = len(files) - len(changed)
    ready = settle(office, changed, done, patient=patient)
    arrived: dict[Path, Arrival] = {}
    for path in sorted((seen.path for seen in ready), key=lambda path: (len(path.stem), path.name)):
        key = office.workspace.relative(path)
        before = known.get(key)
        arrival = _keep(office, path, key)
        if arrival is None:
            done.waiting.append(key)
        elif before and before.sha256 == arrival.sha256 and not control.changed:
            office.store.see(key, replace(before, stat=arrival.mark))
            done.unchanged += 1
        else:
            arrived[path] = arrival
    by_kept: dict[Path, list[Arrival]] = {}
    for arrival in arrived.values():
        by_kept.setdefault(arrival.kept, []).append(arrival)
    for path, book in office.readers.read_many(list(by_kept)):
        for arrival in by_kept[path]:
            yield arrival, book


def look(office: Office, known: Mapping[str, Seen], *, every: bool) -> tuple[list[FileSeen], list[FileSeen]]:
    """Returns (all files in 02, those that differ from what was last handled). A folder out of reach is not an empty one."""
    folder = office.workspace.config.folders.units
    files, unreachable = scan([folder])
    if unreachable:
        raise BusyError(f"读不到 {unreachable[0].path}（共享盘没有连上？）：{unreachable[0].reason} / not reachable")
    keys = {office.workspace.relative(seen.path): seen for seen in files}
    changed = [
        s
        for key, s in keys.items()
        if every or key not in known or known[key].stat != mark_text(s.size, s.mtime_ns, s.ctime_ns, s.inode)
    ]
    own = office.workspace.relative(folder) + "/"
    office.store.forget(key for key in known if key.startswith(own) and key not in keys)
    return files, changed


def settle(office: Office, changed: Sequence[FileSeen], done: Synced, *, patient: bool) -> list[FileSeen]:
    """Returns the changed files that hold still and read as whole; with ``patient`` waits until each does or is given up."""
    ready, wait = office.settler.observe(changed, time.monotonic())
    while patient and wait is not None:
        time.sleep(wait)
        more, wait = office.settler.observe([s for s in changed if s not in ready], time.monotonic())
        ready += more
    done.next_look_seconds = wait
    done.waiting = [office.workspace.relative(s.path) for s in changed if s not in ready]
    return ready


def _keep(office: Office, path: Path, key: str) -> Arrival | None:
    """Copies a file's bytes into the kept store; ``None`` if it changed while being copied (the next pass takes it)."""
    try:
        mark = stat_mark(path)
        data = path.read_bytes()
        saved_at = datetime.fromtimestamp(path.stat().st_mtime).isoformat(timespec="seconds")
        if stat_mark(path) != mark:
            return None
    except OSError:
        return None
    suffix = path.suffix.lower()
    sha256 = office.kept.put(data, suffix)
    return Arrival(path, key, mark, sha256, office.kept.path(sha256, suffix), saved_at)


def take_in(office: Office, ledger: Ledger, arrival: Arrival, book: Book | Refusal, *, dry_run: bool) -> Taken:
    """Decides what one file means and records it: as a save of its unit, or as refused."""
    name = arrival.path.name
    roster = Roster(ledger.units, ledger.settings.office)
    owner = book if isinstance(book, Refusal) else owner_of(book, arrival.path.stem, roster, ledger.settings.ledger_id)
    if not isinstance(owner, Refusal):
        owner = _original_or_copy(office, ledger, owner, arrival)
    if isinstance(owner, Refusal):
        return _refuse(office, ledger, arrival, owner, roster.find(arrival.path.stem) or "", dry_run=dry_run)
    assert isinstance(book, Book)  # noqa: S101 - a refusal was returned above
    unit = ledger.unit(owner)
    assert unit is not None  # noqa: S101 - owner_of names units of this ledger only
    known = office.store.known_book(owner)
    plan = plan_book(ledger, CellReader(ledger), unit, book, name, known)
    if plan.refusal:
        return _refuse(office, ledger, arrival, plan.refusal, owner, dry_run=dry_run)
    plan = _with_rename_note(office, plan, owner, name)
    if not dry_run:
        _record(office, ledger, arrival, unit, plan)
    return Taken(arrival.key, owner, plan)


def _original_or_copy(office: Office, ledger: Ledger, owner: str, arrival: Arrival) -> str | Refusal:
    """A second file of one unit is a copy, as long as the first one stands there."""
    original = office.store.files().get(owner)
    unit = ledger.unit(owner)
    names = [n for n in (original, office.workspace.unit_book(unit).name if unit else None) if n]
    for name in names:
        if name != arrival.path.name and (arrival.path.parent / name).exists():
            return Refusal("FILE-011", (("original", name),))
    return owner


def _with_rename_note(office: Office, plan: BookPlan, owner: str, name: str) -> BookPlan:
    original = office.store.files().get(owner, name)
    if original == name:
        return plan
    note = Problem("FILE-016", Place(name), facts=(("original", original),))
    return replace(plan, problems=(note, *plan.problems))


def _record(office: Office, ledger: Ledger, arrival: Arrival, unit: Unit, plan: BookPlan) -> None:
    """Records one accepted save, unless it is known already: the same bytes again change nothing."""
    save = Save(unit.code, arrival.path.name, arrival.sha256, arrival.saved_at, office.now())
    kind = "recheck" if office.store.last_accepted(unit.code) == arrival.sha256 else "save"
    office.store.record_save(ledger, save, plan, receipt(arrival, plan), kind)
    office.store.see(arrival.key, Seen(arrival.mark, arrival.sha256, unit.code))


def _refuse(office: Office, ledger: Ledger, arrival: Arrival, refusal: Refusal, unit: str, *, dry_run: bool) -> Taken:
    """Sets a file aside until it changes; the unit's last good state stays."""
    facts = {"year": str(ledger.settings.year), "what": "", **dict(refusal.facts)}
    problem = Problem(refusal.code, Place(arrival.path.name), facts=tuple(facts.items()))
    if not dry_run:
        save = Save(unit, arrival.path.name, arrival.sha256, arrival.saved_at, office.now())
        text = f"{_clock(arrival.saved_at)}保存：没有采用，上一次的内容仍然有效"
        office.store.record_refusal(save, problem)
        office.store.see(arrival.key, Seen(arrival.mark, arrival.sha256, unit, (problem,), text))
    return Taken(arrival.key, unit, refused=problem)


def receipt(arrival: Arrival, plan: BookPlan) -> str:
    """Returns the one line that answers a save: "11月20日16:02 保存：读到14行，1个问题，全部入库"."""
    loud = sum(1 for p in plan.problems if severity_of(p) is not Severity.NOTE)
    asked = sum(1 for s in plan.sheets for d in s.decisions if d.outcome == "asked")
    asked += sum(len(s.vanished) for s in plan.sheets)
    said = "没有问题" if not loud else f"{loud}个问题"
    outcome = f"{asked}处待创建办处理，其余入库" if asked else "全部入库"
    return f"{_clock(arrival.saved_at)}保存：读到{plan.filled_rows}行，{said}，{outcome}"


def _clock(iso: str) -> str:
    moment = datetime.fromisoformat(iso)
    return f"{moment.month}月{moment.day}日{moment:%H:%M} "


def _concluded(office: Office, control: Control, done: Synced) -> Synced:
    """Adds everything that stands now, whenever it arose: the answer does not depend on which pass found it."""
    state = office.store.state(control.ledger, rows=False)
    done.questions = state.questions
    done.problems = [*control.problems, *(p for unit in state.units for p in unit.problems)]
    done.problems += done.publication.problems
    done.refused = [
        p for _, seen in sorted(office.store.seen().items()) for p in seen.problems if p.place.file != CONTROL_BOOK
    ]
    done.problems = [p for p in done.problems if p not in done.refused]
    return done


def changed_rows(taken: Sequence[Taken]) -> dict[str, int]:
    """Counts rows added, changed and vanished over the files of one pass."""
    plans = [sheet for entry in taken if entry.plan for sheet in entry.plan.sheets]
    added = sum(len(p.added) for p in plans)
    changed = sum(
        len({d.row_id for d in p.decisions if d.outcome == "accepted" and d.row_id not in p.added}) for p in plans
    )
    return {"added": added, "changed": changed, "withdrawn": 0}
