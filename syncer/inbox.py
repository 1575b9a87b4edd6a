"""The coordinator's inbox book on the disk: her decisions are read from it and carried out, then it is written anew.

It is the one book that both she and we write. So it is replaced only while nobody has it open, and only where its present
bytes are ours or have been read; what we are about to write is noted first, so that a kill in between is no save of hers.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from syncer import fs
from syncer.core.inbox.answers import Decision, Entry, Judged, Unused, answer_word, judge, read_answers
from syncer.core.inbox.lines import Inbox, InboxLine, dump_note, held_keys, inbox
from syncer.core.model import Ledger, Refusal, Row, Stamp
from syncer.core.names import Names
from syncer.core.problems import Place, Problem
from syncer.core.state import Question
from syncer.errors import SyncerError
from syncer.excel.inboxbook import write_inbox
from syncer.inbox_memory import Edition, Memory, load_memory, save_memory
from syncer.publish import out_of_reach
from syncer.requests import take_requests
from syncer.rulings import rule, undo
from syncer.store.disk import digest, stat_mark, time_text
from syncer.store.facts import Published, Save, Seen
from syncer.store.merged import Place as PlaceOf
from syncer.watch.owners import is_open
from syncer.watch.settle import reads_whole
from syncer.workspace import Office

LAYOUT = "2"  # raise it when the book would look different for the same content
BY = "inbox"
_KEPT = "inbox_kept"  # key in the store: the bytes of hers (SHA-256) that were recorded last
_NOT_OURS = "上次保存的待我处理.xlsx里找不到“编号”“处理意见”两栏，没有读到处理意见；那一份已留存。"


@dataclass(frozen=True, slots=True)
class InboxRead:
    """What one look at the book came to."""

    decided: int = 0
    unused: int = 0  # answers that could not be used; the next edition says why
    waits: bool = False  # the book is being saved: look again
    problems: tuple[Problem, ...] = ()  # it cannot be read at all


@dataclass(frozen=True, slots=True)
class InboxPublished:
    """What became of the book."""

    path: str = ""  # as shown; "" if it was not written
    waits: bool = False  # open, or just saved: written later
    new_waiting: int = 0  # matters that the book on the disk does not show yet
    problems: tuple[Problem, ...] = ()  # disk or share did not let us read or write it


def inbox_of(office: Office, ledger: Ledger) -> Inbox:
    """Returns the inbox as the database has it."""
    waiting, ruled = office.store.questions.open(ledger), office.store.questions.ruled(ledger)
    return inbox(ledger, waiting, ruled, _spoken_of(office, ledger, [*waiting, *ruled]))


def _spoken_of(office: Office, ledger: Ledger, questions: list[Question]) -> tuple[Row, ...]:
    """The rows that questions speak of, those of the plan as 台账设置 has them now."""
    if not questions:
        return ()
    marks = office.maintained.marks()
    wanted = (((question.unit, question.sheet), question.row_id) for question in questions)
    records = office.maintained.named(ledger, marks, wanted)
    return (*office.maintained.planned(ledger, marks), *records, *_doubled(office, ledger, marks, questions))


def _doubled(
    office: Office, ledger: Ledger, marks: Mapping[PlaceOf, str], questions: Sequence[Question]
) -> Iterator[Row]:
    """Yields the rows that held-back ones have the key of. A sheet is gone through once for every state of it, not with every save."""
    asked = {question.id: (question.unit, question.sheet) for question in questions}
    keys: dict[PlaceOf, set[str]] = defaultdict(set)
    for name, key in held_keys(ledger, questions).items():
        keys[asked[name]].add(key)
    named = Names(ledger).row

    def found(place: PlaceOf, wanted: frozenset[str]) -> list[Row]:
        rows = office.store.merged.rows(ledger, [place])[place]
        return [row for row in rows if named(row.sheet, row.id, row) in wanted]

    for place, wanted in keys.items():
        rests_on = (ledger.version, marks.get(place, ""), frozenset(wanted))
        yield from office.maintained.memo.of(("doubled", place), rests_on, partial(found, place, rests_on[2]))


# ---- reading


def take_decisions(office: Office, ledger: Ledger) -> InboxRead:
    """Carries out what she decided in the book since we wrote it or last read it, and what was asked for by command.

    Her bytes are kept first. Reading the same bytes twice changes nothing; killed in between, they are read again.
    """
    take_requests(office, ledger)
    path = office.workspace.inbox_book
    key = office.workspace.relative(path)
    seen = office.store.known_files.seen_of(key)
    try:
        mark = stat_mark(path)
        if mark in {_published(office, key).stat, seen.stat if seen else ""}:
            return InboxRead(problems=seen.problems if seen else ())
        data, saved = fs.read(path), fs.stat(path).st_mtime
        if not reads_whole(path) or stat_mark(path) != mark:
            return InboxRead(waits=True)
    except FileNotFoundError:
        return InboxRead()
    except OSError:
        return InboxRead(waits=True)
    sha256 = digest(data)
    if sha256 in _ours(office, key):
        return InboxRead()
    if seen and seen.sha256 == sha256:
        office.store.known_files.see(key, replace(seen, stat=mark))
        return InboxRead(problems=seen.problems)
    office.kept.put(data)
    if office.store.get(_KEPT) != sha256:  # else they are read once more, for something could not be done
        saved_at = time_text(saved)
        office.store.record_other(Save("", path.name, sha256, saved_at, office.now()), "inbox")
        office.store.set(_KEPT, sha256)
    return _take(office, ledger, path, sha256, mark)


def _take(office: Office, ledger: Ledger, path: Path, sha256: str, mark: str) -> InboxRead:
    """Reads kept bytes and does what they say; ``mark`` is how the file looked when they were in it."""
    key = office.workspace.relative(path)
    book = office.readers.read(office.kept.path(sha256))
    if isinstance(book, Refusal):
        problem = Problem(book.code, Place(path.name), facts=(("what", ""), *book.facts))
        office.store.known_files.see(key, Seen(mark, sha256, problems=(problem,)))
        return InboxRead(problems=(problem,))
    memory = load_memory(office)
    read = read_answers(book)
    if read is None:
        save_memory(office, replace(memory, notices=(_NOT_OURS,)))
        office.store.known_files.see(key, Seen(mark, sha256))
        return InboxRead(unused=1)
    if memory.intent and read.edition == memory.intent.number:
        memory = memory.adopted()
    now = inbox_of(office, ledger)
    judged = judge(read, now, memory.shown(read.edition))
    refused, broken = _carry_out(office, ledger, now, judged)
    if broken:  # the next pass reads the book once more; what could be done is done
        return InboxRead(len(judged.decisions) - len(refused) - len(broken), waits=True, problems=tuple(broken))
    unused = {name: left for name, left in memory.unused.items() if name not in judged.settled}
    unused |= {**judged.unused, **refused}
    editions = tuple(replace(e, shown=judged.entries) if e.number == read.edition else e for e in memory.editions)
    memory = replace(memory, editions=editions, unused=unused, columns=read.columns, notices=judged.notices)
    save_memory(office, memory)
    office.store.known_files.see(key, Seen(mark, sha256))
    return InboxRead(len(judged.decisions) - len(refused), len(judged.unused) + len(refused) + len(judged.notices))


def _carry_out(office: Office, ledger: Ledger, now: Inbox, judged: Judged) -> tuple[dict[str, Unused], list[Problem]]:
    """Keeps her notes, then rules and takes back; returns what was refused, and why, and what disk or share did not let us do."""
    waiting, done = {line.id: line for line in now.waiting}, {line.id: line for line in now.done}
    for name, entry in judged.notes.items():
        note = dump_note(entry.note, dict(entry.extra))
        for line in (waiting.get(name), done.get(name)):
            for question in line.questions if line else ():
                office.store.questions.annotate(question.id, note)
    refused: dict[str, Unused] = {}
    broken: list[Problem] = []
    for decision in judged.decisions:
        line = (done if decision.undo else waiting)[decision.id]
        try:
            decide(office, ledger, line, decision, by=BY)
        except SyncerError as error:
            why = str(error).partition(" / ")[0]
            said = f"上次选了“{answer_word(line, decision)}”，没有办成：{why}。"
            refused[decision.id] = Unused(said, check=line.check)
        except OSError as error:
            broken.append(out_of_reach(_outside(office, line), error))
    return refused, broken


def _outside(office: Office, line: InboxLine) -> Path:
    """What a ruling writes outside the database: a workbook that is put back, or the week's sheet."""
    folders, file = office.workspace.config.folders, line.questions[0].source.file
    return folders.units / file if file else folders.weekly


def decide(office: Office, ledger: Ledger, line: InboxLine, decision: Decision, *, by: str) -> None:
    """Rules on every question of a line, or takes the rulings back.

    Raises:
        SyncerError: one of them does not allow it; those before it are done.
    """
    for question in line.questions:
        if decision.undo:
            undo(office, ledger, question.id)
        else:
            rule(office, ledger, question.id, decision.take, decision.value, by=by)


# ---- writing


def publish_inbox(office: Office, ledger: Ledger) -> InboxPublished:
    """Writes the book whole when its content has changed, if it is closed and everything in it has been read.

    Where it has to wait, tells how many matters the book that is open does not show yet.
    """
    try:
        return _publish(office, ledger)
    except OSError as error:
        return InboxPublished(waits=True, problems=(out_of_reach(office.workspace.inbox_book, error),))


def _publish(office: Office, ledger: Ledger) -> InboxPublished:
    path = office.workspace.inbox_book
    key = office.workspace.relative(path)
    known, memory, source = _published(office, key), load_memory(office), _source(office, ledger)
    untouched = fs.exists(path) and stat_mark(path) == known.stat
    if untouched and memory.basis == source:
        return InboxPublished()
    now = inbox_of(office, ledger)
    memory = _current(memory, now)
    basis = _basis(now, memory, ledger)
    if untouched and known.fingerprint == basis:
        save_memory(office, replace(memory, basis=source))
        return InboxPublished()
    present = _present(path)
    if present is None:
        return _later(now, memory)
    if memory.intent and present == memory.intent.sha256:  # killed right after writing it
        known = Published(present, "", "")
        office.store.known_files.record_published(key, known)
        memory = memory.adopted()
        save_memory(office, memory)
    if present == known.sha256 and known.fingerprint == basis:  # only touched
        office.store.known_files.record_published(key, replace(known, stat=stat_mark(path)))
        return InboxPublished()
    edition, data = next_edition(now, memory, ledger)
    if not _replaced(office, path, present, data, replace(memory, intent=edition)):
        return _later(now, memory)
    office.store.known_files.record_published(key, Published(edition.sha256, basis, stat_mark(path)))
    save_memory(office, replace(memory, intent=edition, basis=source).adopted())
    return InboxPublished(path=key)


def _later(now: Inbox, memory: Memory) -> InboxPublished:
    missing = sum(1 for line in now.waiting if line.id not in memory.newest.listed)
    return InboxPublished(waits=True, new_waiting=missing)


def _replaced(office: Office, path: Path, present: str, data: bytes, intent: Memory) -> bool:
    """Writes the book, the intent noted first; ``False`` where it has to wait."""
    key = office.workspace.relative(path)
    if not _is_free(office, key, path, present):
        return False
    save_memory(office, intent)
    if _present(path) != present or is_open(path, time.time()):  # in the meantime
        return False
    try:
        office.disk.write(path, data)
    except PermissionError:  # somebody has it open after all
        return False
    return True


def _current(memory: Memory, now: Inbox) -> Memory:
    """Returns what is remembered, without hints to lines that are others by now."""
    checks = {(line.id, line.check) for line in (*now.waiting, *now.done)}
    return replace(memory, unused={k: v for k, v in memory.unused.items() if (k, v.check) in checks})


def next_edition(now: Inbox, memory: Memory, ledger: Ledger) -> tuple[Edition, bytes]:
    """Returns the book as it would be written now, and what is to be remembered of it."""
    stream = io.BytesIO()
    number = memory.newest.number + 1
    stamp = Stamp(ledger.settings.ledger_id or "-", "-", "inbox", revision=number)
    write_inbox(stream, now, stamp, unused=memory.unused, columns=memory.columns, notices=memory.notices)
    data = stream.getvalue()
    shown: dict[str, Entry] = {}
    for line in (*now.done, *now.waiting):
        left = memory.unused.get(line.id, Unused(""))
        entry = Entry(left.answer, left.value, note=line.note, extra=line.extra)
        if entry != Entry():
            shown[line.id] = entry
    return Edition(number, digest(data), shown, tuple(line.id for line in now.waiting)), data


def _basis(now: Inbox, memory: Memory, ledger: Ledger) -> str:
    """Returns a digest of what the book is made from, the edition's number apart."""
    unused = sorted((name, repr(left)) for name, left in memory.unused.items())
    parts = (LAYOUT, ledger.settings.ledger_id, now, unused, memory.columns, memory.notices)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _source(office: Office, ledger: Ledger) -> str:
    """Returns a digest that is another whenever the inbox may be: cheap, for it is asked at every pass."""
    questions = office.store.questions.open(ledger), office.store.questions.ruled(ledger)
    return hashlib.sha256(repr((LAYOUT, ledger.version, office.store.serial(), questions)).encode()).hexdigest()


def _present(path: Path) -> str | None:
    """Returns the digest of the file's bytes, ``""`` where there is none; ``None`` where a program has it to itself."""
    try:
        return digest(fs.read(path))
    except FileNotFoundError:
        return ""
    except PermissionError:
        return None


def _is_free(office: Office, key: str, path: Path, present: str) -> bool:
    """Whether the book may be replaced: closed, and its bytes ours or read."""
    if is_open(path, time.time()):
        return False
    seen = office.store.known_files.seen_of(key)
    was_read = seen is not None and seen.sha256 == present and not seen.problems
    return present == "" or was_read or present in _ours(office, key)


def _published(office: Office, key: str) -> Published:
    return office.store.known_files.published(key) or Published("", "", "")


def _ours(office: Office, key: str) -> set[str]:
    """Returns the digests of the bytes that are ours: as written, or as about to be written when we were killed."""
    intent = load_memory(office).intent
    return {_published(office, key).sha256, intent.sha256 if intent else ""} - {""}
