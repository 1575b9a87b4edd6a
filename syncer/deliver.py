"""Writes back into the units' workbooks what is not theirs: by patch, while nobody has them open, and only bytes we know.

What the new bytes hold is proved before they are put in place: they are read again, and anything that does not read as it
was meant keeps the delivery back. The intent (expected bytes, new bytes, new content) is stored first; whatever is killed
in between, the next pass finds the file either as it was, and plans anew, or as it should be, and finishes the record.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from syncer import fs
from syncer.arrivals import UNREAD
from syncer.core.delivery.evolution import layout_of
from syncer.core.delivery.plan import Wanted, believed, plan_delivery
from syncer.core.merging.known_book import KnownBook
from syncer.core.model import Unit
from syncer.core.problems import Problem
from syncer.core.state import Question
from syncer.formats import PATCHABLE
from syncer.hints import Cells, SystemCells
from syncer.looked_at import LookedAt
from syncer.new_bytes import RULES, CannotError, Due, Made, make
from syncer.store.deliveries import BookFacts, Intent, Stuck
from syncer.store.disk import InTheWayError, digest, stat_mark
from syncer.store.facts import OTHER_FORMAT
from syncer.view import View
from syncer.watch.owners import is_open
from syncer.workspace import Office

# For all deliveries of one of the daemon's passes: a save must not wait behind hundreds of changed lights.
PASS_SECONDS = 2.0
TURN = "soon"  # its turn did not come in this pass: what it is to hold has not been worked out
QUIET = "quiet"  # it was saved a moment ago
SLOW = "slow"  # its reader did not come to an end: that may lie in the machine
A_DAY_SECONDS = 24 * 3600
ROW_KINDS = frozenset({"vanished", "revived", "duplicate"})
CELL_KINDS = frozenset({"conflict", "mass"})


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one workbook's delivery: ``cells`` written, or why it waits (a word of `WAITS`)."""

    file: str
    unit: str
    cells: int = 0
    waits: str = ""
    problems: tuple[Problem, ...] = ()  # cells that could not be written
    detail: str = ""  # for the log: what did not come out as it should; never what was typed


# ---- after a crash


def recover(office: Office) -> list[str]:
    """Finishes deliveries that were broken off after the file was replaced, and drops the others; returns words for the log.

    Comes before a pass looks at the folder: what we wrote ourselves must not be taken for a save. A file out of reach
    keeps its intent until it is there again, or until its unit's workbook is taken in under another name.
    """
    said: list[str] = []
    for intent in office.store.deliveries.intents():
        try:
            path = _where_now(office, intent)
            written = digest(fs.read(path)) == intent.after
            if written:
                fs.sync_folder(path.parent)  # the break may have come before that
                _finish(office, intent, path)
        except OSError:
            continue
        if written:
            said.append(f"{intent.path}：上次中断前已经写好，补记完毕 / delivery finished after a break")
        else:
            office.store.deliveries.drop(intent)
            said.append(f"{intent.path}：上次中断时还没有写，稍后重新写回 / delivery dropped after a break")
    return said


def _where_now(office: Office, intent: Intent) -> Path:
    """Where the file of a delivery stands: somebody may have renamed it since, as it was or as it became."""
    path = office.workspace.place_of(intent.path)
    if fs.exists(path):
        return path
    ours = {intent.before, intent.after}
    files = (Path(entry.path) for entry in fs.entries(path.parent) if entry.is_file())
    others = (file for file in files if file.suffix == path.suffix)
    return next((other for other in others if digest(fs.read(other)) in ours), path)


# ---- one pass


def deliver(office: Office, seen: View, *, seconds: float | None = None) -> list[Delivered]:
    """Brings every workbook to what it should hold, where that differs; returns those for which something was due.

    A workbook in use waits for another time, and so do those whose turn has not come after ``seconds``, if given. What one that
    was saved a moment ago is to hold is not worked out before it has been quiet. Nor, within such a pass, is what disk or share
    did not let us write, until some time has passed: it would take the others' turn. Where nothing has changed since a pass in
    which nothing was due, one look at the database is all.
    """
    if not office.workspace.config.delivery.enabled:
        return []
    basis = _pulse(office, seen)
    if office.store.get("nothing_due") == basis:
        return []
    started = time.monotonic()
    system, stuck = SystemCells(seen), office.store.deliveries.stuck()
    looked_at = LookedAt(office, seen)
    done: list[Delivered] = []
    for unit in seen.ledger.units:
        facts = looked_at.facts(unit.code)
        if facts is None or looked_at.is_idle(unit.code):
            continue
        key = office.workspace.relative(office.workspace.issued_book(facts.file))
        if seconds is not None and office.pauses.holds(unit.code):
            done.append(Delivered(key, unit.code, 0, facts.waits or "disk"))
            continue
        late = seconds is not None and time.monotonic() - started > seconds
        waited = looked_at.is_waiting(unit.code)
        why = _why_it_waits(office, seen, unit, facts) if waited or not late else ""
        if waited and why and why == facts.waits:
            done.append(Delivered(key, unit.code, 0, why))
            continue
        if late:
            done.append(Delivered(key, unit.code, 0, TURN))
            continue
        if why == QUIET:
            office.store.deliveries.waits(unit.code, why, 0)
            looked_at.note(unit.code, idle=False)
            done.append(Delivered(key, unit.code, 0, why))
            continue
        due = _due(office, seen, unit, system)
        in_vain = stuck[unit.code].basis if unit.code in stuck else ""
        is_stuck = due is not None and in_vain in {due.basis, _this_hour(office, due)}
        looked_at.note(unit.code, idle=due is None or in_vain == due.basis)
        if due is None:
            if unit.code in stuck:
                office.store.deliveries.stick(unit.code, None)
        elif not is_stuck:
            done.append(_one(office, seen, due, why))
    looked_at.keep()
    an_hour_may_help = any(in_vain.why == SLOW for in_vain in stuck.values())
    if not done and not an_hour_may_help:
        office.store.set("nothing_due", basis)
    return done


def _pulse(office: Office, seen: View) -> str:
    """Everything that what is due depends on, as one text."""
    return f"{RULES}|{seen.serial}|{seen.ledger.version}|{seen.as_of}|{office.now()[:10]}"


def _due(office: Office, seen: View, unit: Unit, system: SystemCells) -> Due | None:
    """Returns what is due for one workbook, by the database alone."""
    facts = office.store.deliveries.book(unit.code)
    known = office.store.known_book(unit.code) if facts else KnownBook()
    if facts is None or not known.base:
        return None
    cells = system.of(unit.code, known.base, seen.all_rows(unit.code))
    wanted = Wanted(known.current, _without_held(cells, known), _asked(seen.state.questions, unit.code))
    plan = plan_delivery(seen.ledger, unit.code, believed(known.base), wanted)
    due = Due(unit, facts, known, wanted, plan, layout_of(seen.ledger, unit.code))
    if due.relaid or (plan.patches and (plan.urgent or facts.delivered_at[:10] != office.now()[:10])):
        return due
    if facts.waits or facts.pending:
        office.store.deliveries.waits(unit.code, "", 0)
    return None


def _this_hour(office: Office, due: Due) -> str:
    """What an attempt rests on that failed for the machine's sake: it is not made again within the hour."""
    return f"{due.basis} {office.now()[:13]}"


def _without_held(cells: Cells, known: KnownBook) -> Cells:
    """A second row of one key waits: nothing is said of it but what its question says."""
    return {(sheet, row): said for (sheet, row), said in cells.items() if row not in known.held.get(sheet, ())}


def _asked(questions: tuple[Question, ...], unit: str) -> frozenset[tuple[str, str, str]]:
    """The cells, and with column ``""`` the rows, that stay as the unit left them until somebody rules."""
    own = [q for q in questions if q.unit == unit]
    cells = {(q.sheet, q.row_id, q.column) for q in own if q.kind in CELL_KINDS}
    return frozenset(cells | {(q.sheet, q.row_id, "") for q in own if q.kind in ROW_KINDS})


def _one(office: Office, seen: View, due: Due, waits: str) -> Delivered:
    """Delivers to one workbook, or keeps why it ``waits``."""
    path = office.workspace.issued_book(due.facts.file)
    key = office.workspace.relative(path)
    pending = len(due.plan.patches)
    problems: tuple[Problem, ...] = ()
    detail = ""
    if not waits:
        try:
            made = make(office, seen.ledger, due, path)
            if made is None:
                office.store.deliveries.laid_out(due.unit.code, due.layout)
                return Delivered(key, due.unit.code)
            return _write(office, due, path, key, made)
        except CannotError as error:
            waits, detail, problems = error.why, error.detail, error.problems
            if waits in {"formula", "unsafe", SLOW}:  # it would come out the same at every pass, or hold up every one
                basis = _this_hour(office, due) if waits == SLOW else due.basis
                office.store.deliveries.stick(due.unit.code, Stuck(basis, waits, pending, problems))
        except OSError as error:  # whatever was begun is finished or dropped by `recover`
            waits, detail = "disk", type(error).__name__
            office.pauses.failed(due.unit.code)
    office.store.deliveries.waits(due.unit.code, waits, pending)
    return Delivered(key, due.unit.code, 0, waits, problems, detail)


def _why_it_waits(office: Office, seen: View, unit: Unit, facts: BookFacts) -> str:
    """Returns why a workbook must not be touched now; ``""`` if it may be. File times are real time, whatever our clock says."""
    if any(q.kind == "backup" and q.unit == unit.code for q in seen.state.questions):
        return "backup"
    path = office.workspace.issued_book(facts.file)
    key = office.workspace.relative(path)
    if path.suffix.lower() not in PATCHABLE:
        return "format"
    now, known = time.time(), office.store.known_files.seen_of(key)
    try:
        age, mark = now - fs.stat(path).st_mtime, stat_mark(path)
    except OSError:
        files = office.store.known_files.wrong().values()
        elsewhere = (p.code for file in files if file.unit == unit.code for p in file.problems)
        return "format" if OTHER_FORMAT in elsewhere else "missing"
    if known and known.problems:
        return "refused" if known.refused else "format"
    if known is None or known.stat != mark or known.unit != unit.code or known.sha256 != facts.sha256:
        return "changed"
    if is_open(path, now):
        return "open"
    # A time in the future is a clock that goes wrong, and no less fresh; one a day ahead says nothing at all.
    quiet = office.workspace.config.delivery.quiet_seconds
    ours = facts.kind in {"delivery", "issue"}  # nobody has saved since: there is nobody to wait for
    return QUIET if not ours and quiet and -A_DAY_SECONDS < age < quiet else ""


# ---- the file


def _write(office: Office, due: Due, path: Path, key: str, made: Made) -> Delivered:
    """Puts the new bytes in place: intent first, then, once they are on the disk, a last look at the file, then all at once."""
    after = digest(made.data)
    intent = Intent(
        due.unit.code, key, due.facts.sha256, after, due.facts.revision + 1, made.content, office.now(), due.layout
    )
    office.store.deliveries.intend(intent)
    try:
        mark, mtime = stat_mark(path), fs.stat(path).st_mtime
        known = digest(fs.read(path)) == intent.before

        def still() -> bool:
            return known and stat_mark(path) == mark and not is_open(path, time.time())

        office.disk.write(path, made.data, still)
        _make_later(path, mtime)
    except InTheWayError as error:
        office.store.deliveries.drop(intent)
        raise CannotError("open") from error
    except OSError as error:
        if not _went_through(path, after):
            office.store.deliveries.drop(intent)
            office.pauses.failed(due.unit.code)
            why = "open" if isinstance(error, PermissionError) else "disk"
            raise CannotError(why, type(error).__name__) from error
    office.pauses.ended(due.unit.code)
    _finish(office, intent, path)
    return Delivered(key, due.unit.code, made.cells, problems=made.problems)


def _went_through(path: Path, after: str) -> bool:
    """Whether the new bytes stand there although the write complained (of a folder it could not sync, say)."""
    try:
        return digest(fs.read(path)) == after
    except OSError:
        return False


def _make_later(path: Path, before: float) -> None:
    """Gives a delivery a later whole second than the file had: a LibreOffice window that has it open compares just that."""
    if int(fs.stat(path).st_mtime) <= int(before):
        fs.set_time(path, int(before) + 1)


def _finish(office: Office, intent: Intent, path: Path) -> None:
    """Records a delivery. A file that was saved again meanwhile gets a mark that no file has: the next look reads it.

    So it does one that was renamed: by its new name it was never taken in.
    """
    mark = stat_mark(path)
    ours = digest(fs.read(path)) == intent.after and stat_mark(path) == mark
    renamed = path != office.workspace.place_of(intent.path)
    done = replace(intent, path=office.workspace.relative(path))
    known_as = UNREAD if renamed else mark if ours else ""
    office.store.deliveries.finish(done, Path(done.path).name, known_as, office.now())
