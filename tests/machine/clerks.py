"""The state machine: clerks and the coordinator at work on a small bureau's real files, over the real store.

A step is one thing that a person does, or a pass of the program, cheap because the clerks patch the workbooks. After
every pass `tests.machine.ledger_after` says what must hold. Deterministic but for the files' times and the books' GUIDs.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from syncer.core.inbox.choices import CHOICES
from syncer.core.model import Ledger, Owner
from syncer.core.values import Scalar
from syncer.errors import SyncerError
from syncer.excel.reading import Readers
from syncer.rulings import rule as give_ruling
from syncer.rulings import undo as take_back
from syncer.store import tables as t
from syncer.store.disk import digest
from syncer.sync import Synced, sync
from syncer.workspace import Office
from tests.machine import ledger_after as after
from tests.machine.faults import Faults, Killed, failing
from tests.machine.grid import ID, Grid, patched
from tests.machine.small_bureau import ACTIVITIES, SHEETS, START, TASKS, UNITS, VOLUNTEERS, open_office
from tests.system.bureau import FIRST_ROW, LEAF_ROW, Bureau

PLAN_ROWS = (4, 6, 8, 11, 18, 19)
PLAN_COLUMNS = {
    "完成时限": (12, ("2026年11月30日", "12月10日前", "每季度末", "全年")),
    "督办意见": (16, ("请抓紧", "已阅")),
}
FIRST_SPARE_COLUMN = 140  # row of 栏目设置
COMMON = ("是", "2026-3-5", 3, "3.1")  # what more than one clerk types
MOST_FILES = 7
UNITS_BY_NAME = {name: code for code, name in UNITS.items()}

picks = st.integers(0, 30)
units = st.sampled_from(list(UNITS))
sheets = st.sampled_from(list(SHEETS))


def step(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """Marks a rule of the machine, and counts how often one was taken."""

    def mark(action: Callable[..., None]) -> Any:
        @functools.wraps(action)
        def counted(self: Clerks, **chosen: Any) -> None:
            self.shared.steps += 1
            action(self, **chosen)

        return rule(**drawn)(counted)  # type: ignore[no-untyped-call]

    return mark


class Bureaus:
    """What the runs share: the bureau they start from, warm reading children, and a place to work."""

    def __init__(self, base: Bureau, readers: Readers, home: Path) -> None:
        self.base, self.readers, self.home = base, readers, home
        self.runs = self.steps = 0
        self.met: Counter[str] = Counter()

    def next_one(self) -> Bureau:
        """Returns a fresh copy."""
        if self.runs:
            shutil.rmtree(self.home / str(self.runs), ignore_errors=True)
        self.runs += 1
        root = self.home / str(self.runs)
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.base.root, root)
        return Bureau(root)


class Clerks(RuleBasedStateMachine):
    """One run. ``shared`` is set by whoever runs it."""

    shared: ClassVar[Bureaus]

    def __init__(self) -> None:
        super().__init__()
        self.bureau = self.shared.next_one()
        self.now = START + timedelta(hours=1)
        self.office = self._open()
        self.ledger: Ledger = after.ledger_of(self.office, self.now.date())
        self.observed = after.Observed()
        self.observed.look(self.office, self.ledger)
        self.number = 0
        self.added = 0  # columns
        self.states: dict[str, list[bytes]] = {}  # what each path has held
        self.held: defaultdict[str, set[Scalar]] = defaultdict(set)  # typed values that each path's forebears have held
        self.changes = 0  # number of the last change in the history
        self.foreign: dict[str, Mapping[str, str]] = {}
        self.clean = True  # no failure since the last pass that went through
        self.asleep = True  # settings unchanged since the last pass
        for path in self.files():
            data = path.read_bytes()
            self.states[path.name] = [data]
            self.foreign[path.stem] = after.foreign_parts(data, OURS)
        self.log("start")

    def _open(self) -> Office:
        return open_office(self.bureau, self.shared.readers, lambda: self.now)

    def log(self, what: str) -> None:
        self.shared.met[what] += 1

    def teardown(self) -> None:
        self.office.store.close()

    # ---- what stands in the folder

    def files(self) -> list[Path]:
        return [self.bureau.units / name for name in self.bureau.books()]

    def path(self, pick: int) -> Path | None:
        files = self.files()
        return files[pick % len(files)] if files else None

    def owner(self, path: Path) -> str:
        return next(name for name in UNITS.values() if path.name.startswith(name))

    def save(self, path: Path, data: bytes) -> None:
        self.bureau.save_as(path.name, data)
        self.remember(path, data)

    def remember(self, path: Path, data: bytes) -> None:
        states = self.states.setdefault(path.name, [])
        if not states or states[-1] != data:
            states.append(data)
            found = after.typed_in(data, self.observed.typed)
            self.held[path.name] |= found
            for value in found:
                self.observed.authors.setdefault(value, UNITS_BY_NAME[self.owner(path)])

    def typed(self, path: Path, data: bytes, sheet: str, cells: Mapping[tuple[int, int], Scalar], what: str) -> None:
        if cells:
            self.log(what)
            self.save(path, patched(data, sheet, cells))

    def own(self, sheet: str, owner: Owner = Owner.UNIT) -> list[str]:
        """The names of a sheet's columns that are this owner's."""
        found = self.ledger.sheet(SHEETS[sheet])
        return [c.name for c in (found.columns if found else ()) if c.owner is owner]

    def value(self, kind: int) -> Scalar:
        """Something to type, mostly nobody has typed before."""
        self.number += 1
        if kind % 8 == 0:
            return COMMON[kind % len(COMMON)]
        value: Scalar = float(1000 + self.number) if kind % 8 == 1 else f"{'甲乙丙丁'[kind % 4]}{self.number}"
        self.observed.typed.add(value)
        return value

    # ---- the clerks

    @step(book=picks, sheet=sheets, row=picks, column=picks, kind=picks)
    def types(self, book: int, sheet: str, row: int, column: int, kind: int) -> None:
        self._types(book, sheet, row, column, kind, Owner.UNIT)

    @step(book=picks, sheet=sheets, row=picks, column=picks, kind=picks)
    def types_more(self, book: int, sheet: str, row: int, column: int, kind: int) -> None:
        self._types(book, sheet, row, column, kind, Owner.UNIT)

    @step(book=picks, row=picks, column=picks, kind=picks)
    def types_what_is_the_coordinators(self, book: int, row: int, column: int, kind: int) -> None:
        self._types(book, TASKS, row, column, kind, Owner.COORDINATOR)

    @step(book=picks, sheet=sheets, row=picks, column=picks, kind=picks)
    def types_what_is_the_systems(self, book: int, sheet: str, row: int, column: int, kind: int) -> None:
        self._types(book, sheet, row, column, kind, Owner.SYSTEM)

    def _types(self, book: int, sheet: str, row: int, column: int, kind: int, owner: Owner) -> None:
        path, names = self.path(book), self.own(sheet, owner)
        if path is None or not names:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        # In a row where nothing else is typed, a word in a system cell is no record.
        lines = grid.filled(self.own(sheet)) if owner is Owner.SYSTEM else grid.lines()
        if lines:
            value = self.value(kind)
            cells = grid.put(lines[row % len(lines)], {names[column % len(names)]: value})
            self.typed(path, data, sheet, cells, f"types {owner.name.lower()}")

    @step(book=picks, sheet=sheets, kind=picks, many=st.integers(1, 4))
    def fills_a_reserved_row(self, book: int, sheet: str, kind: int, many: int) -> None:
        path = self.path(book)
        if path is None:
            return
        data, names = path.read_bytes(), self.own(sheet)
        grid = Grid.of(data, sheet)
        free = [i for i in grid.lines() if all(grid.cell(i, n) is None for n in grid.at if n != ID)]
        index = free[0] if free else grid.end()
        content = {name: self.value(kind + at) for at, name in enumerate(names[:many])}
        self.typed(path, data, sheet, grid.put(index, content), "fills")

    @step(book=picks, sheet=sheets, kind=picks, many=st.integers(1, 3))
    def adds_a_row_at_the_end(self, book: int, sheet: str, kind: int, many: int) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        content = {name: self.value(kind + at) for at, name in enumerate(self.own(sheet)[:many])}
        self.typed(path, data, sheet, grid.put(grid.end(), content), "adds")

    @step(book=picks, sheet=sheets, row=picks, column=picks)
    def clears_a_cell(self, book: int, sheet: str, row: int, column: int) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        full = [(i, n) for i in grid.lines() for n in self.own(sheet) if grid.cell(i, n) is not None]
        if full:
            index, name = full[(row * 31 + column) % len(full)]
            self.typed(path, data, sheet, grid.put(index, {name: None}), "clears")

    @step(book=picks, sheet=sheets)
    def clears_a_whole_sheet(self, book: int, sheet: str) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        cells = {cell: v for i in grid.lines() for cell, v in grid.put(i, dict.fromkeys(self.own(sheet))).items()}
        self.typed(path, data, sheet, cells, "clears all")

    @step(book=picks, sheet=sheets, row=picks)
    def deletes_a_row(self, book: int, sheet: str, row: int) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        lines = grid.filled(self.own(sheet)) or grid.lines()
        if lines:
            self.typed(path, data, sheet, grid.without(lines[row % len(lines)]), "deletes")

    @step(book=picks, sheet=sheets, row=picks)
    def copies_a_row_to_the_end(self, book: int, sheet: str, row: int) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        lines = grid.filled(self.own(sheet))
        if lines:
            order = [*range(grid.end()), lines[row % len(lines)]]
            self.typed(path, data, sheet, grid.placed(order), "copies a row")

    @step(book=picks, sheet=sheets, column=picks, whole=st.booleans())
    def sorts(self, book: int, sheet: str, column: int, whole: bool) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        names = self.own(sheet)
        first = 1 if whole else grid.at.get(ID, 0) + 1  # a selection that begins right of the ids leaves them behind
        cells = grid.sorted_by(names[column % len(names)], first=first)
        self.typed(path, data, sheet, cells, "sorts" if whole else "sorts partly")

    @step(book=picks, sheet=sheets, row=picks, kind=picks)
    def keeps_a_column_of_her_own(self, book: int, sheet: str, row: int, kind: int) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        lines = grid.filled(self.own(sheet))
        if lines:
            at = grid.at.get("自用", max(grid.at.values()) + 1)
            cells = {(LEAF_ROW, at): "自用", (FIRST_ROW + lines[row % len(lines)], at): self.value(kind)}
            self.typed(path, data, sheet, cells, "own column")

    @step(book=picks, sheet=sheets)
    def drops_the_ids(self, book: int, sheet: str) -> None:
        path = self.path(book)
        if path is None:
            return
        data = path.read_bytes()
        grid = Grid.of(data, sheet)
        if ID in grid.at:
            cells: dict[tuple[int, int], Scalar] = {(FIRST_ROW + i, grid.at[ID]): None for i in grid.lines()}
            self.typed(path, data, sheet, {**cells, (LEAF_ROW, grid.at[ID]): None}, "drops ids")

    # ---- what happens to files

    @step(unit=units, name=st.sampled_from(("副本", "新")))
    def copies_the_file(self, unit: str, name: str) -> None:
        path = self.bureau.book(UNITS[unit])
        if path.exists() and len(self.files()) < MOST_FILES:
            self.log("copies")
            copy = path.with_name(f"{path.stem} - {name}.xlsx")
            self.held[copy.name] |= self.held[path.name]
            self.save(copy, path.read_bytes())

    @step(book=picks)
    def removes_a_copy(self, book: int) -> None:
        path = self.path(book)
        if path and " - " in path.name:
            self.log("removes a copy")
            path.unlink()

    @step(book=picks)
    def renames(self, book: int) -> None:
        path = self.path(book)
        if path is None:
            return
        plain = self.bureau.book(self.owner(path))
        other = plain.with_name(f"{plain.stem}（终稿）.xlsx")
        if path == plain and not other.exists():
            self.log("renames")
            path.rename(other)
            self.held[other.name] |= self.held[path.name]
            self.remember(other, other.read_bytes())
        elif path == other and not plain.exists():
            self.log("renames back")
            path.rename(plain)
            self.held[plain.name] |= self.held[path.name]
            self.remember(plain, plain.read_bytes())

    @step(book=picks, which=picks, sheet=sheets, row=picks, column=picks, kind=picks)
    def saves_from_an_old_window(self, book: int, which: int, sheet: str, row: int, column: int, kind: int) -> None:
        path = self.path(book)
        if path is None:
            return
        states = self.states[path.name]
        data = states[-1 - which % min(len(states), 6)]
        grid, names = Grid.of(data, sheet), self.own(sheet)
        if lines := grid.lines():
            cells = grid.put(lines[row % len(lines)], {names[column % len(names)]: self.value(kind)})
            self.typed(path, data, sheet, cells, "stale save")

    @step(book=picks, which=picks)
    def restores_old_bytes(self, book: int, which: int) -> None:
        path = self.path(book)
        if path is None:
            return
        states = self.states[path.name]
        self.log("restores")
        self.save(path, states[-1 - which % len(states)])

    @step(unit=units)
    def opens_or_closes(self, unit: str) -> None:
        mark = self.bureau.units / f"~${UNITS[unit]}.xlsx"
        if mark.exists():
            mark.unlink()
        else:
            self.log("opens")
            mark.write_bytes(b"\x06clerk".ljust(165, b" "))

    # ---- the coordinator

    @step(pick=picks, answer=picks)
    def decides(self, pick: int, answer: int) -> None:
        waiting = [q for q in after.questions(self.office, "open") if q.kind != "weekly"]
        if not waiting:
            return
        question = waiting[pick % len(waiting)]
        takes = list(CHOICES[question.kind].values())
        if not takes:
            return
        take = takes[answer % len(takes)]
        value = f"另{answer}" if take == "value" else None
        with contextlib.suppress(SyncerError):
            give_ruling(self.office, self.ledger, question.id, take, value, by="test")
            self.log(f"rules {question.kind} {take}")

    @step(pick=picks)
    def takes_a_ruling_back(self, pick: int) -> None:
        ruled = after.questions(self.office, "ruled")
        if ruled:
            with contextlib.suppress(SyncerError):
                question = ruled[pick % len(ruled)]
                take_back(self.office, self.ledger, question.id)
                self.log(f"takes back {question.kind}")

    @step(task=picks, column=st.sampled_from(list(PLAN_COLUMNS)), pick=picks)
    def changes_the_plan(self, task: int, column: str, pick: int) -> None:
        at, texts = PLAN_COLUMNS[column]
        self.log("changes the plan")
        self.bureau.save_control({"任务分解": {(PLAN_ROWS[task % len(PLAN_ROWS)], at): texts[pick % len(texts)]}})
        self.asleep = False

    @step(sheet=st.sampled_from((ACTIVITIES, VOLUNTEERS)), chance=st.integers(0, 2))
    def adds_a_column(self, sheet: str, chance: int) -> None:
        added = self.added
        if chance or added >= 3:
            return
        row = FIRST_SPARE_COLUMN + added
        cells: dict[tuple[int, int], Scalar] = {(row, 1): sheet, (row, 4): f"新栏{added}", (row, 6): "文本"}
        self.bureau.save_control({"栏目设置": {**cells, (row, 13): "单位", (row, 17): "启用"}})
        self.log("adds a column")
        self.added += 1
        self.asleep = False

    # ---- the program

    @step()
    def passes(self) -> None:
        self._pass()

    @step()
    def passes_again(self) -> None:
        self._pass()

    @step()
    def passes_twice(self) -> None:
        self._pass()
        if self.clean:
            before = after.snapshot(self.office, self.bureau)
            sync(self.office)
            found = after.snapshot(self.office, self.bureau)
            changed = sorted(name for name in before.keys() | found.keys() if before.get(name) != found.get(name))
            assert not changed, f"a second pass changed {changed}"
            self.log("twice")

    @step()
    def starts_again(self) -> None:
        self.log("restarts")
        self._restart()
        self._pass()

    @step(hours=st.sampled_from((1, 26)))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @step(at=st.integers(1, 260), kill=st.booleans())
    def a_pass_breaks_off(self, at: int, kill: bool) -> None:
        faults = Faults(at, kill)
        self.now += timedelta(minutes=1)
        try:
            with failing(self.office.store.engine, faults):
                sync(self.office)
        except (Killed, OSError, OperationalError, SyncerError):
            self.clean = False
        if kill:
            self._restart()
        self.clean = self.clean and not faults.fell
        self.log(f"{'killed' if kill else 'failed'} at {faults.fell}" if faults.fell else "no failure")

    def _restart(self) -> None:
        """The program ends and starts again, as the daemon does."""
        self.office.store.close()
        self.office = self._open()
        self.office.disk.sweep(*self.office.workspace.folders())
        self.office.kept.sweep()

    def _pass(self) -> Synced:
        self.now += timedelta(minutes=1)
        saved = {path: path.read_bytes() for path in self.files()}
        rows = {unit: after.rows_of(self.office, unit) for unit in UNITS}
        done = sync(self.office)
        self.log("passes")
        self._holds(done, saved, rows)
        return done

    def _holds(self, done: Synced, saved: Mapping[Path, bytes], rows: Mapping[str, object]) -> None:
        if not self.asleep:
            self.ledger = after.ledger_of(self.office, self.now.date())
        office, ledger = self.office, self.ledger
        self.observed.look(office, ledger)
        after.assert_nothing_lost(office, self.observed)
        self.changes = after.assert_nothing_taken_unseen(office, self.held, self.observed.typed, self.changes)
        after.assert_database_sound(office)
        if self.asleep and self.clean:
            touched = {taken.unit for taken in done.taken}
            for unit in UNITS.keys() - touched:
                assert after.rows_of(office, unit) == rows[unit], f"{unit} did not save, and its rows changed"
        self.asleep = self.clean = True
        assert not done.waiting, done.waiting
        with office.store.engine.connect() as db:
            known = set(db.scalars(select(t.version.c.sha256)))
        for path, data in saved.items():
            assert digest(data) in known, f"{path.name} was saved and not taken in"
        for path in self.files():
            self.remember(path, path.read_bytes())
            found = after.foreign_parts(self.states[path.name][-1], OURS)
            assert found == self.foreign[self.owner(path)], (
                f"{path.name}: {_unlike(found, self.foreign[self.owner(path)])} changed"
            )
        assert not self.bureau.half_written()
        for entry in done.delivered:
            if entry.cells:
                self.log("delivered")
                after.assert_reads_back(office, ledger, entry.unit, self.bureau.root / entry.file)
            elif entry.waits:
                self.log(f"waits: {entry.waits}")
                assert entry.waits != "unsafe", f"{entry.file}: {entry.detail}"
        for taken in done.taken:
            if taken.refused:
                self.log(f"refused {taken.refused.code}")
        after.assert_agreed(office, ledger)


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


OURS = frozenset(
    {
        *("xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml", "xl/worksheets/sheet4.xml"),
        *("xl/worksheets/sheet5.xml", "xl/worksheets/sheet6.xml", "docProps/custom.xml"),
    }
)
"""The data sheets, the lists, the stamp."""
