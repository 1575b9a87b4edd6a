"""Publishes what follows from the database: master, feedback, the week's draft. All of it can be made again at any time."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import partial
from pathlib import Path

from syncer import fs
from syncer.control import Control
from syncer.core.calendar import Week
from syncer.core.model import Ledger
from syncer.core.problems import Place, Problem
from syncer.core.reports.overview import overview
from syncer.core.reports.weekly import WeeklyReport
from syncer.core.state import Question, UnitState
from syncer.editions import take_typed
from syncer.excel.assembly import Master
from syncer.excel.feedback import write_feedback
from syncer.excel.masterbook import lay_out
from syncer.master import Numbered, edition_again, holds, number_edition, withdraw_edition, write_edition
from syncer.messages import in_full, speak
from syncer.reports import build, draft_path, week_at_hand, weekly_bytes
from syncer.store.disk import digest, stat_mark, time_text
from syncer.store.editions import Editions
from syncer.store.facts import Published, Save, Seen
from syncer.store.pieces import PiecesLostError, twice
from syncer.view import View
from syncer.watch.owners import is_open
from syncer.workspace import CONTROL_BOOK, INBOX_BOOK, Office

LAYOUT = "5"  # raise it when a generated book would look different for the same content


@dataclass(slots=True)
class Publication:
    """What one publishing wrote, and what kept it from writing."""

    paths: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, path: str, problems: Iterable[Problem]) -> None:
        """Adds what another room wrote, if it did."""
        self.paths += [path] if path else []
        self.problems += problems

    def settle(self) -> None:
        """Names each path and each problem once, though a pass may have come to it twice."""
        self.paths = list(dict.fromkeys(self.paths))
        self.problems = list(dict.fromkeys(self.problems))


def publish_master(office: Office, done: Publication, seen: View, inbox_note: str = "") -> None:
    """Makes the master anew if its content has changed, or somebody has edited or removed it.

    ``inbox_note`` is what 首页 says while the inbox stands open and new items wait.
    """
    master = office.workspace.master_book(seen.ledger)
    with problem_instead(done, master):
        basis = basis_of(seen, _week(office, seen), inbox_note)
        if not _stands(office, master, basis):
            twice(lambda: _publish_master(office, done, seen, basis, inbox_note))


def publish_answers(office: Office, done: Publication, control: Control, seen: View) -> None:
    """Makes the other generated books anew, in the same way: what everybody is told of what they saved, then the week's draft."""
    _publish_feedback(office, done, seen)
    _publish_control_feedback(office, done, control)
    draft, week = draft_path(office), _week(office, seen)
    with problem_instead(done, draft):
        basis = basis_of(seen, week)
        if not _stands(office, draft, basis):
            publish_draft(office, done, seen, week, basis)


def _week(office: Office, seen: View) -> Week:
    """The week that is being written, by the day alone: same day, same bytes."""
    return week_at_hand(office, seen.ledger, datetime.combine(seen.as_of, time.max))


@contextmanager
def problem_instead(done: Publication, target: Path) -> Iterator[None]:
    """Makes a problem of a book that cannot be read or written now: the other books do not wait for it, the next pass tries again."""
    try:
        yield
    except PermissionError:
        done.problems.append(Problem("PUB-002", Place(target.name)))
    except OSError as error:
        done.problems.append(out_of_reach(target, error))


def out_of_reach(target: Path, error: OSError) -> Problem:
    """Returns what is to be said of a book of ours that disk or share does not let us read or write."""
    return Problem("PUB-003", Place(target.name), facts=(("why", error.strerror or type(error).__name__),))


def basis_of(seen: View, *more: object) -> str:
    """Returns what the books rest on, as one text: equal texts, equal books."""
    return _fingerprint(LAYOUT, seen.serial, seen.ledger.version, seen.as_of, *more)


def _publish_master(office: Office, done: Publication, seen: View, basis: str, inbox_note: str) -> None:
    """Writes the master under its publish number, where it is not there already."""
    target = office.workspace.master_book(seen.ledger)
    if office.held_back.get(target) == basis and is_open(target, datetime.now().timestamp()):  # made for nothing again
        raise PermissionError
    edition = number_edition(office, target, _master(office, seen, inbox_note))
    office.edition = edition.number
    ask_what_was_typed(office, seen.ledger, last=True)  # since this pass began
    key = office.workspace.relative(target)
    if not _stands_there(office, target, edition):
        try:
            write_edition(office, target, edition)
        except OSError:
            office.held_back[target] = basis
            if not office.live and not _may_hold(office, target, edition):
                withdraw_edition(office, edition)
            raise
        done.paths.append(key)
    office.store.known_files.record_published(key, Published(edition.digest, basis, stat_mark(target)))


def _stands_there(office: Office, target: Path, edition: Numbered) -> bool:
    """Whether the edition is in its folder already: as we left it, or, where that is not known, byte for byte."""
    known = office.store.known_files.published(office.workspace.relative(target))
    if not fs.exists(target):
        return False
    if known and known.stat == stat_mark(target):
        return known.sha256 == edition.digest
    return holds(office, target, edition)


def _may_hold(office: Office, target: Path, edition: Numbered) -> bool:
    """Whether the edition may stand there, though writing it did not end well."""
    try:
        return fs.exists(target) and holds(office, target, edition)
    except OSError:
        return True


def ask_what_was_typed(office: Office, ledger: Ledger, *, last: bool = False) -> None:
    """Asks about every cell that somebody changed in the master since we wrote it; its bytes are kept.

    Where nobody knows any more what we wrote (the pieces were lost, the workspace came back from a backup), it is left for
    the ``last`` look, when the master has been laid out anew: it may be the very one.
    """
    target = office.workspace.master_book(ledger)
    key = office.workspace.relative(target)
    known, seen = office.store.known_files.published(key), office.store.known_files.seen_of(key)
    if known is None or not fs.exists(target) or stat_mark(target) in {known.stat, seen.stat if seen else ""}:
        return
    if not last and _edition(office, target, known.sha256) is None:
        return
    mark, present = stat_mark(target), fs.read(target)
    if not _is_edition(office, target, known.sha256):
        _keep_edited(office, target, present)
        if zipfile.is_zipfile(io.BytesIO(present)):  # else it is broken: nothing can be read from it
            office.store.questions.add(take_typed(office, ledger, target, present))
    office.store.known_files.see(key, Seen(mark, digest(present)))


def _is_edition(office: Office, target: Path, sha256: str) -> bool:
    """Whether a file still holds the edition of this content."""
    with suppress(PiecesLostError):
        edition = _edition(office, target, sha256)
        return edition is not None and holds(office, target, edition)
    return False


def _edition(office: Office, target: Path, sha256: str) -> Numbered | None:
    """Returns the edition of this content, as far as it is remembered."""
    path = office.workspace.relative(target)
    known = next((e for e in Editions(office.store.engine).of(path) if e.sha256 == sha256), None)
    with suppress(PiecesLostError):
        return edition_again(office, known) if known else None
    return None


def _keep_edited(office: Office, target: Path, present: bytes) -> None:
    saved_at = time_text(fs.stat(target).st_mtime)
    office.store.record_other(Save("", target.name, office.kept.put(present), saved_at, office.now()), "generated")


def publish_draft(office: Office, done: Publication, seen: View, week: Week, basis: str = "") -> WeeklyReport:
    """Writes the 送审稿 of a week as things stand; returns what it says."""
    report = build(office, seen, week)
    _replace(office, done, draft_path(office), basis, lambda: weekly_bytes(report, seen, draft=True))
    return report


def _master(office: Office, seen: View, inbox_note: str) -> Master:
    folders = office.workspace.config.folders
    state, progress = seen.state, seen.progress  # with them what is maintained has turned to this ledger
    memo = office.maintained.memo
    book = overview(seen.ledger, state, progress, seen.workdays, seen, seen.asked_about, memo)
    office.pieces.serve(seen.ledger.settings.ledger_id)
    unit_folder = relative_link(folders.units, folders.master)
    return lay_out(replace(book, inbox_note=inbox_note), seen.ledger.settings, office.pieces, unit_folder=unit_folder)


def relative_link(target: Path, folder: Path) -> str:
    """Returns a link target as seen from a folder, with forward slashes; absolute where they lie on different drives."""
    try:
        return Path(os.path.relpath(target, folder)).as_posix()
    except ValueError:
        return target.as_posix()


def _publish_feedback(office: Office, done: Publication, seen: View) -> None:
    state, published = seen.receipts, office.store.known_files.all_published()
    units = {unit.code: unit for unit in seen.ledger.units}
    questions: dict[str, list[Question]] = defaultdict(list)
    for question in state.questions:
        questions[question.unit].append(question)
    for known in state.units:
        unit = units[known.unit]
        target = office.workspace.feedback_book(unit.short)
        if known.state in {"missing", "issued"} and not known.problems:  # nothing is to be said of it, or not any more
            if office.workspace.relative(target) in published:
                with problem_instead(done, target):
                    _take_away(office, done, target)
            continue
        basis = _fingerprint(LAYOUT, seen.ledger.version, known, questions[known.unit])
        book = office.workspace.config.folders.units / (known.file or office.workspace.unit_book(unit).name)
        with problem_instead(done, target):
            if not _is_as_left(target, published.get(office.workspace.relative(target)), basis):
                _replace(office, done, target, basis, partial(_feedback_bytes, unit.short, known, book, target.parent))
    _publish_strangers(office, done)


def _publish_strangers(office: Office, done: Publication) -> None:
    """Tells of the files that are no unit's; gone again once there are none."""
    inbox = office.workspace.relative(office.workspace.config.folders.inbox) + "/"  # told in that folder itself
    wrong = office.store.known_files.wrong()
    strangers = [p for path, s in wrong.items() if not s.unit and not path.startswith(inbox) for p in s.problems]
    strangers = [p for p in strangers if p.code.startswith("FILE") and p.place.file not in {CONTROL_BOOK, INBOX_BOOK}]
    known = UnitState("", receipt="有文件认不出是哪个单位的，没有采用", problems=tuple(strangers))
    folder = office.workspace.config.folders.units
    _publish_or_remove(
        office, done, office.workspace.feedback_book("（无法识别的文件）"), "无法识别的文件", known, folder
    )


def _publish_control_feedback(office: Office, done: Publication, control: Control) -> None:
    """Tells the coordinator, beside 台账设置.xlsx, what is wrong in it; gone again once all is well."""
    book = office.workspace.control_book
    receipt = f"台账设置有{len(control.problems)}处需要核对"
    known = UnitState("", receipt=receipt, problems=control.problems)
    _publish_or_remove(office, done, book.with_name("台账设置填报提示.xlsx"), "台账设置", known, book)


def _publish_or_remove(
    office: Office, done: Publication, target: Path, name: str, known: UnitState, link: Path
) -> None:
    """Writes a feedback book that is there only as long as there is something to say."""
    basis = _fingerprint(LAYOUT, known)
    with problem_instead(done, target):
        if not known.problems:
            _take_away(office, done, target)
        elif not _stands(office, target, basis):
            _replace(office, done, target, basis, partial(_feedback_bytes, name, known, link, target.parent))


def publish_text(office: Office, done: Publication, target: Path, text: str) -> None:
    """Writes a text file that follows from the database; without text it is taken away."""
    basis = _fingerprint(LAYOUT, text)
    if text and not _stands(office, target, basis):
        _replace(office, done, target, basis, lambda: text.encode("utf-8-sig"))
    elif not text:
        _take_away(office, done, target)


def _feedback_bytes(name: str, known: UnitState, book: Path, folder: Path) -> bytes:
    stream = io.BytesIO()
    spoken = [(p, in_full(s), f"{s.do}（{p.code}）") for p in known.problems for s in [speak(p)]]
    link = relative_link(book, folder)
    write_feedback(stream, name, known.receipt, spoken, book_link=link)
    return stream.getvalue()


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(repr(part) for part in parts).encode()).hexdigest()


def _stands(office: Office, target: Path, basis: str) -> bool:
    """Whether a generated file is there as we left it, made from the same."""
    return _is_as_left(target, office.store.known_files.published(office.workspace.relative(target)), basis)


def _is_as_left(target: Path, known: Published | None, basis: str) -> bool:
    return bool(known and known.fingerprint == basis and fs.exists(target) and stat_mark(target) == known.stat)


def _take_away(office: Office, done: Publication, target: Path) -> None:
    """Removes a generated file that has nothing to say any more; what somebody typed into it is kept, and said."""
    known = office.store.known_files.published(office.workspace.relative(target))
    if known is None or not fs.exists(target):
        return
    _keep_what_was_typed(office, done, target, fs.read(target), {known.sha256})
    fs.remove(target)


def _keep_what_was_typed(office: Office, done: Publication, target: Path, present: bytes, ours: Container[str]) -> None:
    """Keeps bytes that are not ours, once, though it may take many passes until the file can be written or removed."""
    if present and digest(present) not in ours:
        _keep_edited(office, target, present)
        office.store.known_files.record_published(office.workspace.relative(target), Published(digest(present), "", ""))
        done.problems.append(Problem("PUB-001", Place(target.name)))


def _replace(
    office: Office,
    done: Publication,
    target: Path,
    basis: str,
    make: Callable[[], bytes],
) -> None:
    """Writes a generated file if its bytes differ; what somebody typed into the old one is kept, and said."""
    key = office.workspace.relative(target)
    known = office.store.known_files.published(key)
    data = make()
    sha256 = digest(data)
    present = fs.read(target) if fs.exists(target) else b""
    if known:
        _keep_what_was_typed(office, done, target, present, {known.sha256, sha256})
    if digest(present) != sha256:
        office.disk.write(target, data)
        done.paths.append(key)
    office.store.known_files.record_published(key, Published(sha256, basis, stat_mark(target)))


def problems_in_words(problems: Sequence[Problem], language: str) -> list[dict[str, str]]:
    """Returns problems in the form of the command-line contract."""
    words: list[dict[str, str]] = []
    for problem in problems:
        spoken = speak(problem, language)
        words.append(
            {
                "code": problem.code,
                "severity": spoken.severity.value,
                "file": problem.place.file,
                "sheet": problem.place.sheet,
                "cell": problem.place.cell,
                "row_key": problem.row_key,
                "column": problem.column,
                "found": problem.found,
                "message": spoken.what,
                "expected": spoken.expected,
                "fix": spoken.do,
            }
        )
    return words
