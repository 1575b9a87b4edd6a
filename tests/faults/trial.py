"""One trial: the office of `story`, a pass in which one call fails, perhaps a power cut on top, a new start; and what must hold.

Whatever failed: every workbook is as before or as after, the next start comes to the state that a pass without faults comes to,
says what it finished, and leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from syncer.control import ledger_in_force
from syncer.core.model import Book
from syncer.errors import SyncerError
from syncer.store.trail import Trail
from syncer.sync import Synced
from syncer.workspace import Office
from tests.faults import story
from tests.faults.injection import Call, Faults, Plan, PowerCut, injected
from tests.property.oracle import SavedCell, unaccounted
from tests.system.bureau import Bureau, snapshot

CLEAR = (OSError, OperationalError, SyncerError)  # what the daemon's loop and the command line put into words
_CODES = {"活动名称": "name", "参加人数": "headcount", "本周完成情况": "this_week", "重点任务": "title"}
_SHEETS = {story.ACTIVITIES: "activities", story.TASKS: "tasks"}


@dataclass(frozen=True)
class Outcome:
    """What one trial came to."""

    failed: tuple[Call, ...]
    calls: tuple[Call, ...]
    said: str  # the error that ended the pass; "" if it went through
    mended: tuple[str, ...]


class Stage:
    """The prepared office, and what a pass without faults makes of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.before = story.prepared(home / "before")
        self.root = home / "trial"
        self.set_up()
        with injected(Plan()) as faults, structlog.testing.capture_logs() as log:
            office, done, error = _attempt(self.root)
            assert office, error
            office.close()
        assert done, error
        self.calls = tuple(faults.calls)
        self.words = _words(done, log)
        _passes(self.root)
        self.after = picture(self.root)
        self.books_before = {path.name: _sha256(path) for path in self.before.units.glob("*.xlsx")}

    def set_up(self) -> None:
        """Puts the workspace of the trials back to what it was before the pass."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.before.root, self.root)

    def trial(self, plan: Plan, *, power: random.Random | bool = False) -> Outcome:
        """Plays it, and checks what must hold.

        ``power``: with a power cut after it, that takes back all that was not synced, or a part of it by chance.
        """
        self.set_up()
        with injected(plan) as faults, structlog.testing.capture_logs() as log:
            office, done, error = _attempt(self.root)
        if office:
            office.close()
        assert error is None or isinstance(error, (*CLEAR, PowerCut)), error
        if power or plan.kind == "cut":
            faults.disk.cut(power if isinstance(power, random.Random) else None)
        elif done:
            self._said_or_done(faults, _words(done, log))
        self._no_book_is_between()
        mended = self._starts_again()
        return Outcome(tuple(faults.failed), tuple(faults.calls), repr(error or ""), mended)

    def _said_or_done(self, faults: Faults, words: Counter[str]) -> None:
        """A pass that went through has done everything, or says what it has not."""
        if picture(self.root) != self.after:
            assert words - self.words, f"silent: {faults.failed[:1]}"

    def _no_book_is_between(self) -> None:
        """Every workbook is readable; a unit's is byte for byte one that was there before, or that we meant to write."""
        bureau = Bureau(self.root)
        ours = {sha for (sha,) in bureau.sql("select after from intent union select sha256 from version")}
        for path in [p for p in self.root.rglob("*.xls*") if ".syncer-tmp" not in p.parts]:
            with zipfile.ZipFile(path) as package:
                assert package.testzip() is None, path
            if path.parent == bureau.units and path.stem != story.NEW:
                assert _sha256(path) in {self.books_before[path.name], *ours}, path

    def _starts_again(self) -> tuple[str, ...]:
        bureau = Bureau(self.root)
        assert bureau.sql("PRAGMA integrity_check") == [("ok",)]
        broken_off = bureau.sql("select path from intent")
        mended = _passes(self.root)
        assert len(mended) >= len(broken_off), "the new start says what it finished or dropped"
        found, wanted = picture(self.root), self.after
        for part in wanted:
            assert found[part] == wanted[part], (part, _unlike(found[part], wanted[part]))
        assert bureau.sql("select * from intent") == []
        assert list(self.root.rglob("*.part")) == []
        _nothing_kept_is_lost(bureau)
        _nothing_typed_is_lost(self.root)
        return tuple(mended)


def _attempt(root: Path) -> tuple[Office | None, Synced | None, BaseException | None]:
    office = None
    try:
        office = story.opened(root)
        office.disk.sweep(*office.workspace.folders())
        office.kept.sweep()
        return office, story.one_pass(office), None
    except (Exception, PowerCut) as error:  # noqa: BLE001 - whatever it is, the trial looks at it
        return office, None, error


def _passes(root: Path) -> list[str]:
    """Starts the program anew and lets it work until nothing is left to do; returns what it said it mended."""
    mended: list[str] = []
    with story.opened(root) as office:
        office.disk.sweep(*office.workspace.folders())
        office.kept.sweep()
        for _ in range(2):
            mended += story.one_pass(office).mended
        office.clock = lambda: story.LATER
        story.one_pass(office)
        before = snapshot(root, skip=_is_database)
        story.one_pass(office)
    now = snapshot(root, skip=_is_database)
    changed = [name for name in before.keys() | now.keys() if before.get(name) != now.get(name)]
    assert not changed, f"one more pass changes {changed}"
    return mended


def _is_database(path: Path) -> bool:
    return path.name.startswith(("syncer.db", "pieces.db"))


def _words(done: Synced, log: list[Any]) -> Counter[str]:
    """What a pass tells: of files and deliveries that wait, of problems, and in the log."""
    return Counter(
        [
            *(f"waits {name}" for name in done.waiting),
            *(f"not put away yet {name}" for name in done.put_away.waiting),
            *(f"{d.file} {d.waits}" for d in done.delivered if d.waits),
            *(problem.code for problem in done.problems),
            *(["inbox waits"] if done.inbox.waits else []),
            *(["inbox not written yet"] if done.inbox_shown.waits else []),
            *(str(line) for line in log if line["log_level"] == "warning"),
        ]
    )


def picture(root: Path) -> dict[str, Any]:
    """Returns everything that counts in the end: what the ledger holds, what is asked, what stands in people's files.

    But for where a row came from: once it is delivered, a later look finds it in the unit's own workbook instead of the copy.
    """
    bureau = Bureau(root)
    questions = 'kind, unit, sheet, row_id, "column", base, current, incoming, state, ruling, value'
    return {
        "rows": sorted(bureau.sql("select unit, sheet, id, position, raw, extra from row")),
        "changes": sorted(bureau.sql('select unit, sheet, row_id, "column", old, new, outcome from change')),
        "questions": sorted(bureau.sql(f"select {questions} from question")),
        "books": {path.name: _cells(path) for path in bureau.units.glob("*.xlsx")},
        "master": {
            sheet: [{k: v for k, v in row.items() if k != "来源"} for row in bureau.master_rows(sheet)]
            for sheet in (story.TASKS, story.ACTIVITIES)
        },
        "inbox": _cells(root / "01创建办专用" / "待我处理.xlsx"),
        "published": sorted(path.name for n in ("03*", "05*") for path in root.glob(f"{n}/*.xlsx")),
        "dropped": sorted(
            (path.relative_to(bureau.inbox).parts[0], _sha256(path)) for path in bureau.inbox.rglob("*.xlsx")
        ),
        "receipts": bureau.receipts().count("【收到】"),
        "requests": [path.name for path in (root / ".syncer" / "requests").glob("*.json")],
        "backups": [(path.name, sorted(p.name for p in path.iterdir())) for path in root.glob("备份/syncer-*")],
    }


def _unlike(found: Any, wanted: Any) -> Any:
    """Returns where two things differ, from the outside in."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return {k: _unlike(found.get(k), wanted.get(k)) for k in {*found, *wanted} if found.get(k) != wanted.get(k)}
    if isinstance(found, list | tuple) and isinstance(wanted, list | tuple) and len(found) == len(wanted):
        return [_unlike(f, w) for f, w in zip(found, wanted, strict=True) if f != w]
    return found, wanted


def _cells(path: Path) -> Any:
    book = story.HereReaders().read(path)
    assert isinstance(book, Book), path
    return [(table.name, table.rows) for table in book.tables]


def _nothing_kept_is_lost(bureau: Bureau) -> None:
    """Every version's bytes are there, and are what their name says."""
    held = set()
    for path in [p for p in bureau.kept.glob("??/*") if p.is_file()]:
        data = path.read_bytes()
        sha256 = hashlib.sha256(zlib.decompress(data) if path.suffix == ".z" else data).hexdigest()
        assert path.name.startswith(sha256), path
        held.add(sha256)
    versions = {sha for (sha,) in bureau.sql("select sha256 from version")}
    assert versions <= held, versions - held


def _nothing_typed_is_lost(root: Path) -> None:
    with story.opened(root) as office:
        ledger = ledger_in_force(office, story.NOW.date())
        units = {short: code for code, short in story.UNITS.items()}
        sent = {**story.TYPED, ("工会", story.ACTIVITIES): story.COPIED, ("创建办", story.ACTIVITIES): story.DROPPED}
        saves = [
            SavedCell(units[unit], _SHEETS[sheet], "", _CODES[name], value)
            for (unit, sheet), lines in sent.items()
            for cells in lines.values()
            for name, value in cells.items()
            if name in _CODES
        ]
        current = {
            (unit, sheet): rows
            for unit in units.values()
            for sheet, rows in office.store.known_book(unit).current.items()
        }
        trail = Trail(office.store.engine)
        asked = [
            q for unit in units.values() for q in trail.questions(ledger, [r.id for r in trail.rows(ledger)], unit)
        ]
        lost = unaccounted(saves, current, trail.changes(ledger), asked)
        assert not lost, lost


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
