"""One office over many power cuts: clerks and coordinator save, the daemon is killed at some moment, and nothing may be lost.

Everything drawn comes from one seed. After each kill the workspace is looked at as the kill left it, the daemon is started
again, and when it has come to rest all that was ever saved must be there, once.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from python_calamine import CalamineWorkbook

from syncer.excel.inboxbook import HEADER_ROW, WAITING
from syncer.excel.patch import patch_cells
from syncer.store.disk import digest
from syncer.store.kept import Kept
from syncer.workspace import INBOX_BOOK
from tests.system.bureau import FIRST_ROW, Bureau, Line, lines
from tests.system.daemon import PATIENCE_SECONDS, DaemonProcess, is_at_rest

TYPISTS = ("宣传科", "工会", "团委", "机关党委", "法规科", "办公室")
ACTIVITIES, TASKS = "活动台账", "任务清单"
DEADLINE = 12  # the column of 任务分解
ROWS_OF_PLAN = range(4, 44)
STAGES = tuple(os.environ.get("SYNCER_CUTS", "read,merge,publish,deliver,inbox,any").split(","))
_POLL_SECONDS = 0.002
_LONGEST_WAIT = 10.0  # for the moment that a kill waits for, on a busy machine too; it is killed then, wherever it is
_RESERVED = 30  # rows of 活动台账 that are filled one after the other, then edited


@dataclass
class Office:
    """What the people of one office have saved so far, and so what must be found."""

    bureau: Bureau
    seed: int
    typed: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)  # unit, activity → cells
    said: dict[tuple[str, str], str] = field(default_factory=dict)  # unit, task → 本周完成情况
    history: set[str] = field(default_factory=set)  # whatever was typed and seen, also what was typed over since
    unseen: dict[tuple[str, ...], str] = field(
        default_factory=dict
    )  # cell → what is typed there and perhaps not seen yet
    deadlines: dict[str, str] = field(default_factory=dict)  # task → as the coordinator wants it
    proposed: dict[str, tuple[str, str]] = field(default_factory=dict)  # task → unit, deadline: not yet decided
    decided: dict[str, str] = field(default_factory=dict)  # question → answer
    saved: set[str] = field(default_factory=set)  # digests of all bytes that people put in place
    kills: int = 0
    hit: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        plan = openpyxl.load_workbook(self.bureau.control, read_only=True)["任务分解"]
        rows = enumerate(plan.iter_rows(values_only=True), start=1)
        self._plan = {str(row[0]): at for at, row in rows if at in ROWS_OF_PLAN and row[0] and row[1]}
        self._led = {
            unit: [str(row["任务编号"]) for row in lines(self.bureau.book(unit), TASKS) if row["任务编号"]]
            for unit in TYPISTS
        }
        self._clock = 0

    # ---- what people do

    def work(self) -> None:
        """A handful of saves, as the dice say."""
        for unit in self._dice.sample(TYPISTS, 2):
            self._type(unit)
        if self._dice.random() < 0.5:
            self._propose(self._dice.choice(TYPISTS))
        if self._dice.random() < 0.4:
            self._plan_anew()
        if self._dice.random() < 0.7:
            self._decide()

    def _type(self, unit: str) -> None:
        self._clock += 1
        known = [name for typist, name in self.typed if typist == unit]
        if len(known) < _RESERVED:
            name = f"{unit}活动{len(known)}"
            at, cells = FIRST_ROW + len(known), {"日期": "2026-3-5", "活动名称": name, "类别": "主题活动"}
        else:
            name = self._dice.choice(known)
            at, cells = FIRST_ROW + known.index(name), {}
        cells["主要内容"] = f"{name}内容{self._clock}"
        task = self._dice.choice(self._led[unit])
        text = f"{unit}{task}情况{self._clock}"
        self._save(
            unit, {ACTIVITIES: {at: cells}, TASKS: {FIRST_ROW + self._led[unit].index(task): {"本周完成情况": text}}}
        )
        self.typed.setdefault((unit, name), {}).update(cells)
        self.said[unit, task] = text
        self.unseen |= {(unit, name): cells["主要内容"], (unit, TASKS, task): text}

    def _propose(self, unit: str) -> None:
        free = [task for task in self._led[unit] if task not in self.proposed and task not in self.deadlines]
        if not free:
            return
        task = self._dice.choice(free)
        self._clock += 1
        wish = f"2026年{self._clock % 12 + 1}月{self._clock % 27 + 1}日前（申请{self._clock}）"
        self._save(unit, {TASKS: {FIRST_ROW + self._led[unit].index(task): {"完成时限": wish}}})
        self.proposed[task] = unit, wish

    def _save(self, unit: str, sheets: Mapping[str, Mapping[int, Mapping[str, str]]]) -> None:
        """Saves, every other time with an owner file beside the book for as long as she has it open."""
        owner = self.bureau.book(unit).with_name(f"~${unit}.xlsx")
        if polite := self._dice.random() < 0.5:
            owner.write_bytes(b"x")
        for sheet, cells in sheets.items():
            data = self.bureau.typed(unit, sheet, cells)
            self.saved.add(digest(data))
            self.bureau.save(unit, data)
        if polite:
            owner.unlink()

    def _plan_anew(self) -> None:
        free = [task for task in self._plan if task not in self.proposed]
        task = self._dice.choice(free)
        self._clock += 1
        self.deadlines[task] = f"2026年{self._clock % 12 + 1}月底（改{self._clock}）"
        self.bureau.save_control({"任务分解": {(self._plan[task], DEADLINE): self.deadlines[task]}})

    def _decide(self) -> None:
        """Answers one proposal in the inbox book, if one is listed there."""
        place = inbox_book(self.bureau)
        owner = place.with_name(f"~${place.name}")
        owner.write_bytes(b"x")
        page = CalamineWorkbook.from_path(place).get_sheet_by_name(WAITING).to_python(skip_empty_area=False)
        heads = page[HEADER_ROW - 1]
        rows = {
            at: dict(zip(heads, row, strict=True)) for at, row in enumerate(page[HEADER_ROW:], HEADER_ROW + 1) if row[0]
        }
        asked = {at: row for at, row in rows.items() if row["类型"] == "调整申请" and row["编号"] not in self.decided}
        if asked:
            at = self._dice.choice(sorted(asked))
            answer = self._dice.choice(("同意", "不同意"))
            data = patch_cells(place.read_bytes(), {WAITING: {(at, heads.index("处理意见") + 1): answer}})
            half = place.with_name("4A5B6C7D")
            half.write_bytes(data)
            half.replace(place)
            self.saved.add(digest(data))
            self.decided[str(asked[at]["编号"])] = answer
            task = str(asked[at]["行"]).split()[0]  # its title follows the number
            _, wish = self.proposed.pop(task)
            if answer == "同意":
                self.deadlines[task] = wish
        owner.unlink()

    # ---- the kill

    def cut(self, daemon: DaemonProcess) -> str:
        """Has people save, kills the daemon at a moment of a drawn stage, and returns in which it was as the disk tells."""
        before, answered = Marks.of(self.bureau), len(self.decided)
        stage = self._dice.choice(STAGES)
        if stage == "deliver":
            self._plan_anew()
        if stage == "inbox":
            self._decide()
        self.work()
        if stage == "any" or (stage == "inbox" and len(self.decided) == answered):
            time.sleep(self._dice.uniform(0, 2.5))  # the moment itself, not a hope
        else:
            limit = time.monotonic() + _LONGEST_WAIT
            while time.monotonic() < limit and not before.has_come(self.bureau, stage):
                time.sleep(_POLL_SECONDS)
            time.sleep(self._dice.choice((0.0, self._dice.uniform(0, 0.02), self._dice.uniform(0, 0.3))))
        return self._killed(daemon)

    def cut_while_recovering(self, daemon: DaemonProcess) -> Iterator[str]:
        """Starts the daemon and kills it again before it has come to rest, some times or never; yields where it was."""
        for _ in range(self._dice.choice((0, 0, 1, 2))):
            daemon.start(ready=False)
            time.sleep(self._dice.uniform(0.5, 3.5))
            yield self._killed(daemon)

    def _killed(self, daemon: DaemonProcess) -> str:
        daemon.kill()
        self.kills += 1
        found = where(self.bureau)
        self.hit[found] += 1
        return found

    # ---- what must be so

    def check_as_killed(self) -> None:
        """What holds at any moment: books are whole, and are bytes that somebody is known to have put there."""
        assert_readable(self.bureau)
        known = {sha for (sha,) in self.bureau.sql("select sha256 from version")}
        known |= {sha for (sha,) in self.bureau.sql("select after from intent")}
        for name in self.bureau.books():
            assert digest(self.bureau.units.joinpath(name).read_bytes()) in known | self.saved, name

    def check_at_rest(self, daemon: DaemonProcess) -> None:
        """What holds when the daemon has come to rest again."""
        daemon.wait(self._is_at_rest, "rest", PATIENCE_SECONDS)
        assert self.bureau.sql("PRAGMA integrity_check") == [("ok",)]
        daemon.wait(lambda: self.bureau.half_written() == [], "nothing half written")  # the heartbeat may just be
        assert list(self.bureau.root.rglob("*.tmp")) == []
        assert self.bureau.events("refused") == []
        assert self.bureau.sql("select count(*) from intent") == [(0,)]
        self.history |= set(self.unseen.values())
        self.unseen.clear()
        self._check_values()
        self._check_history()
        self._check_rulings()
        kept = Kept(self.bureau.kept)
        for (sha,) in self.bureau.sql("select distinct sha256 from version"):
            data = kept.read(sha)
            assert data is not None, f"{sha} is not kept"
            assert digest(data) == sha

    def _is_at_rest(self) -> bool:
        settled = is_at_rest(self.bureau) and not self._owed()
        return settled and self._proposals_listed() and self._master_is_new()

    def _owed(self) -> set[str]:
        """Decisions not yet carried out."""
        ruled = {name for (name,) in self.bureau.sql("select id from question where state = 'ruled'")}
        return self.decided.keys() - ruled

    def _proposals_listed(self) -> bool:
        page = CalamineWorkbook.from_path(inbox_book(self.bureau)).get_sheet_by_name(WAITING).to_python()
        listed = {str(row[4]).partition(" ")[0] for row in page[HEADER_ROW:] if row[1] == "调整申请"}
        return listed == set(self.proposed)

    def _master_is_new(self) -> bool:
        rows = {(row["单位"], row["任务编号"]): row for row in self.bureau.master_rows(TASKS)}
        return all(rows[key]["本周完成情况"] == text for key, text in self.said.items())

    def _check_values(self) -> None:
        rows = self.bureau.master_rows(ACTIVITIES)
        assert sorted((row["单位"], row["活动名称"]) for row in rows) == sorted(self.typed), "each activity once"
        for row in rows:
            assert row["主要内容"] == self.typed[row["单位"], row["活动名称"]]["主要内容"]
        tasks = self.bureau.master_rows(TASKS)
        assert len({(row["单位"], row["任务编号"]) for row in tasks}) == len(tasks), "a row is doubled"
        own = {unit: book_rows(self.bureau, unit) for unit in TYPISTS}
        for (unit, task), text in self.said.items():
            assert own[unit][task]["本周完成情况"] == text
        for task, deadline in self.deadlines.items():
            for row in (row for row in tasks if row["任务编号"] == task):
                assert row["完成时限"] == deadline
            for unit in (unit for unit in TYPISTS if task in own[unit]):
                assert own[unit][task]["完成时限"] == deadline, f"{unit} {task}: not in her own cell"

    def _check_history(self) -> None:
        assert self.bureau.sql("select count(*) from question where kind not in ('proposal', 'contradiction')") == [
            (0,)
        ]
        new = {str(value) for (value,) in self.bureau.sql("select new from change")}
        lost = {text for text in self.history if not any(text in value for value in new)}
        assert not lost, f"in no history: {sorted(lost)}"
        doubled = "select row_id, \"column\", new, count(*) from change where outcome = 'accepted' group by unit, sheet, 1, 2, 3 having count(*) > 1"
        assert self.bureau.sql(doubled) == []

    def _check_rulings(self) -> None:
        words = {"同意": "accept", "不同意": "reject"}
        rulings = dict(self.bureau.sql("select id, ruling from question where kind = 'proposal' and state = 'ruled'"))
        assert rulings == {name: words[answer] for name, answer in self.decided.items()}
        own = {unit: book_rows(self.bureau, unit) for unit in TYPISTS}
        for task, (unit, wish) in self.proposed.items():
            assert own[unit][task]["完成时限"] != wish, "a proposal goes back although it is not yet decided"


@dataclass(frozen=True)
class Marks:
    """How far things were before people saved."""

    kept: int
    versions: int
    ruled: int
    masters: int

    @classmethod
    def of(cls, bureau: Bureau) -> Marks:
        ((versions,),) = bureau.sql("select count(*) from version where kind = 'save'")
        ((ruled,),) = bureau.sql("select count(*) from question where state = 'ruled'")
        return cls(_kept(bureau), versions, ruled, bureau.master.stat().st_mtime_ns)

    def has_come(self, bureau: Bureau, stage: str) -> bool:
        """Whether a stage of the work has begun."""
        match stage:
            case "read":
                return _kept(bureau) > self.kept
            case "merge":
                return bool(bureau.sql("select count(*) from version where kind = 'save'") > [(self.versions,)])
            case "publish":
                return bureau.master.stat().st_mtime_ns != self.masters
            case "deliver":
                return bool(bureau.sql("select count(*) from intent") != [(0,)])
            case "inbox":
                ruled = bureau.sql("select count(*) from question where state = 'ruled'") > [(self.ruled,)]
                return ruled or bool(bureau.sql(INBOX_INTENT))
            case _:
                return True


INBOX_INTENT = "select 1 from meta where key = 'inbox' and value like '%\"intent\":{%'"


def where(bureau: Bureau) -> str:
    """Returns in what work a killed daemon was, as it left the disk."""
    if bureau.sql("select 1 from intent"):
        return "deliver"
    if bureau.sql(INBOX_INTENT):
        return "inbox: writing"
    seen = dict(bureau.sql("select path, sha256 from seen"))
    if known_inbox(bureau) != digest(inbox_book(bureau).read_bytes()) not in seen.values():
        return "inbox: reading"
    halves = [path.parent.parent.name for path in bureau.half_written()]
    if halves:
        return f"write in {halves[0]}"
    based = {sha for (sha,) in bureau.sql("select sha256 from version")}
    new = [sha for name in bureau.books() if (sha := digest((bureau.units / name).read_bytes())) not in based]
    if new:
        kept = Kept(bureau.kept)
        return "read and merge" if any(kept.has(sha) for sha in new) else "before reading"
    ((merged,),) = bureau.sql("select max(seen_at) from version")
    published = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(bureau.master.stat().st_mtime))
    return "publish" if str(merged) >= published else "later"


def known_inbox(bureau: Bureau) -> str:
    """Returns the digest of the inbox book as last written."""
    found = bureau.sql(f"select sha256 from published where path like '%{INBOX_BOOK}'")
    return str(found[0][0]) if found else ""


def inbox_book(bureau: Bureau) -> Path:
    return bureau.control.with_name(INBOX_BOOK)


def book_rows(bureau: Bureau, unit: str) -> dict[str, Line]:
    """Returns the tasks in a unit's own workbook by number."""
    return {str(row["任务编号"]): row for row in lines(bureau.book(unit), TASKS) if row["任务编号"]}


def assert_readable(bureau: Bureau) -> None:
    """Whatever a person may open at this moment is a whole book."""
    for path in [path for path in bureau.root.rglob("*.xlsx") if not path.name.startswith((".", "~"))]:
        assert CalamineWorkbook.from_path(path).sheet_names, path


def _kept(bureau: Bureau) -> int:
    return sum(1 for _ in bureau.kept.rglob("*.xlsx"))


def figures(office: Office) -> dict[str, Any]:
    """Returns what a loop of kills came to."""
    return {
        "seed": office.seed,
        "kills": office.kills,
        "hit": dict(sorted(office.hit.items())),
        "values": len(office.history),
        "rulings": len(office.decided),
        "deliveries": office.bureau.sql("select count(*) from version where kind = 'delivery'")[0][0],
    }
