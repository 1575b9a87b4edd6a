"""What was dropped into 07收件箱 and is settled: put away beside it, with a line ready to paste back; and what is not, with the reason.

A file is moved after it was recorded, as it came, to ``已收/2026年11月/宣传科_20261120-160233_张三的表.xlsx``; one that the coordinator
turned away goes to ``未收``. A file that is open, or cannot be moved now, waits, and is not read again meanwhile. Killed between
record and move, the next pass moves it. What nobody has decided on stays where it is.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path, PurePath

from syncer import fs
from syncer.arrivals import UNREAD
from syncer.core.model import Ledger
from syncer.core.texts import file_name
from syncer.publish import Publication, problem_instead, publish_text
from syncer.receipts import clock, turned_away_line
from syncer.store.disk import digest
from syncer.store.facts import Seen
from syncer.store.received import GONE, Received
from syncer.watch.dropped import NOT_TAKEN_NOTE, RECEIPTS, TAKEN_FOLDER, TURNED_AWAY_FOLDER, workbook_ending
from syncer.watch.owners import is_open
from syncer.workspace import Office

MOST_LINES = 200  # in the file of receipts; older ones stay in the database
TURNED_AWAY = frozenset({"refused", "doubted", "unplaced"})  # kinds of questions that a file in 07 can raise
NAME_BYTES = 200  # of a name where the file was put: with three bytes a sign far below what any system allows
_HEAD = "下面每一条都可以复制，粘贴到工作群里。本文件自动更新，新的在前。"
_HEAD_LEFT = "下面的文件放在收件箱里，没有收下。照说明处理以后会自动再读；不要的请移走。本文件自动更新。"


@dataclass(slots=True)
class PutAway:
    """What one pass moved, and what still waits to be moved (shown paths)."""

    moved: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def put_away(office: Office, ledger: Ledger) -> PutAway:
    """Moves every settled file out of 07收件箱; what cannot be moved now waits for the next pass."""
    _turn_away(office, ledger)
    done = PutAway()
    waiting = office.store.received.to_put_away()
    if waiting and not _is_there(office.workspace.config.folders.inbox):
        return PutAway(waiting=[received.path for received in waiting])  # the share is away, nobody took the files
    for received in waiting:
        try:
            place = _moved(office, ledger, received)
        except OSError:  # in use, or out of reach
            place = ""
        if place:
            office.store.received.settle(received, place)
            done.moved += [] if place == GONE else [place]
        else:
            done.waiting.append(received.path)
    return done


def _is_there(folder: Path) -> bool:
    try:
        return fs.exists(folder)
    except OSError:
        return False


def _turn_away(office: Office, ledger: Ledger) -> None:
    """Has what the coordinator decided not to take put away too: it stands in nobody's way any more."""
    waiting = {received.path for received in office.store.received.to_put_away()}
    there = {path: seen for path, seen in _in_inbox(office).items() if seen.problems and path not in waiting}
    for question in office.store.questions.rejected(ledger, TURNED_AWAY) if there else ():
        facts = json.loads(question.payload)
        seen = there.get(facts["path"])
        # else it is an archive, far too big, or not read anew yet
        read = seen is not None and seen.stat != UNREAD and seen.sha256 != digest(seen.stat.encode())
        if seen and read and seen.sha256 == facts["sha256"]:
            path, now = str(facts["path"]), office.now()
            del there[path]
            name = PurePath(path).name
            line = turned_away_line(name, seen.problems[0])
            office.store.received.add(Received(path, name, seen.sha256, seen.unit, now, now, "refused", line))


def _in_inbox(office: Office) -> dict[str, Seen]:
    """What lies in 07收件箱, by shown path, as far as the last look knew it."""
    return office.store.known_files.seen(office.workspace.relative(office.workspace.config.folders.inbox) + "/")


def _moved(office: Office, ledger: Ledger, received: Received) -> str:
    """Moves one file; returns where it stands now, `GONE` if it is not ours to move any more, ``""`` if it has to wait."""
    source = office.workspace.place_of(received.path)
    target, there = _place(office, ledger, received)
    try:
        present = digest(fs.read(source))
    except FileNotFoundError:
        return office.workspace.relative(target) if there else GONE  # moved, and killed before that was recorded
    if present != received.sha256:
        return GONE  # saved anew: a file like any other
    if is_open(source, time.time()):
        return ""
    office.disk.move(source, target)
    if digest(fs.read(target)) == received.sha256:
        return office.workspace.relative(target)
    # Somebody saved it in this very moment: nobody has read that yet.
    fs.replace(target, source.with_stem(f"{source.stem}-{received.id}") if fs.exists(source) else source)
    return GONE


def _place(office: Office, ledger: Ledger, received: Received) -> tuple[Path, bool]:
    """Returns where a file goes, under a name that is free, and whether these bytes stand there already."""
    inbox = office.workspace.config.folders.inbox
    moment = datetime.fromisoformat(received.at)
    folder = TURNED_AWAY_FOLDER if received.verdict == "refused" else TAKEN_FOLDER
    unit = ledger.unit(received.unit)
    for number in count(1):
        name = _name(f"{unit.short}_" if unit else "", moment, Path(received.name), number)
        target = inbox / folder / f"{moment:%Y年%m月}" / name
        if not fs.exists(target):
            return target, False
        if digest(fs.read(target)) == received.sha256:
            return target, True
    raise AssertionError  # pragma: no cover - numbers do not end


def _name(unit: str, moment: datetime, was: Path, number: int) -> str:
    """A name that tells whose, when and as what: ``宣传科_20261120-160233_张三的表.xlsx``."""
    ending = workbook_ending(was)
    again = f"（{number}）" if number > 1 else ""
    front = f"{unit}{moment:%Y%m%d-%H%M%S}_"
    room = NAME_BYTES - len(f"{front}{again}{ending}".encode())
    stem = was.stem if was.suffix.lower() == ending else was.name
    cut = stem.encode()[: max(room, 0)].decode(errors="ignore")
    return file_name(f"{front}{cut}".rstrip(" .")) + again + ending


# ---- what is told of it


def publish_receipts(office: Office, done: Publication) -> None:
    """Writes the lines to paste back, and beside the files that were not taken in why; the latter is gone once there are none."""
    inbox = office.workspace.config.folders.inbox
    notes = [
        turned_away_line(PurePath(path).name, p) for path, seen in _in_inbox(office).items() for p in seen.problems[:1]
    ]
    receipts = [_told(received) for received in office.store.received.latest(MOST_LINES)]
    target = inbox / TAKEN_FOLDER / RECEIPTS
    with problem_instead(done, target):
        if fs.exists(inbox):  # where the share is away, nothing is made in its place
            publish_text(office, done, target, _text(_HEAD, receipts))
            publish_text(office, done, inbox / NOT_TAKEN_NOTE, _text(_HEAD_LEFT, notes))


def _told(received: Received) -> str:
    """One receipt: the line for the group, and below it for the coordinator which file it is about."""
    place = "" if received.place in {"", GONE} else f" → {received.place}"
    return f"{received.text}\r\n　　（{clock(received.at)} 处理：{received.name}{place}）"


def _text(head: str, parts: list[str]) -> str:
    return "\r\n\r\n".join((head, *parts)) + "\r\n" if parts else ""
