"""One story of an office, told once on SQLite and once on PostgreSQL: workbooks, questions, history and master are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from syncer.backup import README
from syncer.commands.init import make_workspace
from syncer.control import ledger_in_force
from syncer.core.calendar import Week
from syncer.core.model import Ledger
from syncer.errors import EXIT_BUSY, EXIT_REFUSED
from syncer.reports import issue_week
from syncer.restoring import ask, way_back
from syncer.rulings import rule, undo
from syncer.store import tables as t
from syncer.store.contents import load_content
from syncer.store.store import Store
from syncer.store.trail import Trail
from syncer.view import view
from tests.faults.story import (
    ACTIVITIES,
    COPIED,
    DROPPED,
    NOW,
    PLAN_DEADLINE,
    SETTINGS,
    TYPED,
    one_pass,
    opened,
    small,
    task_row,
    type_into_master,
)
from tests.system.bureau import FIRST_ROW, Bureau, snapshot

pytestmark = pytest.mark.slow

UNIT, WEEK = "宣传科", "2026-W47"
_OF_THE_RUN = re.compile(
    r"[0-9a-f]{8,}|datetime\.datetime\([^)]*\)|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?|\d+月\d+日 ?\d\d:\d\d|\d\d:\d\d"
)
"""Digests of bytes with a GUID in them, and times: files are saved when the test runs."""
_LEFT_OUT = {"guid", "mark", "stat", "fingerprint", "basis", "base", "rows", "content_digest"}
_DERIVED = {"unit_facts", "judged", "seen", "published", "control", "intent"}
"""Marks of files and digests, or made from the rest at any time."""


class Day:
    """An office of three units, from the first issue of its workbooks on."""

    def __init__(self, root: Path) -> None:
        workspace = make_workspace(root, NOW.year, sample=True)
        workspace.control_book.write_bytes(small(workspace.control_book))
        self.bureau, self.office, self.now = Bureau(root), opened(root), NOW
        self.office.clock = self.clock
        self.passes()

    def clock(self) -> datetime:
        return self.now

    @property
    def ledger(self) -> Ledger:
        return ledger_in_force(self.office, self.now.date())

    def passes(self, number: int = 1) -> None:
        for _ in range(number):
            self.now += timedelta(minutes=10)
            one_pass(self.office)

    def lived(self) -> None:
        self._take_in()
        self._disagree()
        self._go_back()

    def _take_in(self) -> None:
        """What units, coordinator and a reader of the master did, a copy and a file that came by chat among it."""
        bureau = self.bureau
        bureau.save_as("工会 - 副本.xlsx", bureau.typed("工会", ACTIVITIES, COPIED))
        bureau.drop("张三的表(1).xlsx", bureau.typed("创建办", ACTIVITIES, DROPPED))
        for (unit, sheet), cells in TYPED.items():
            bureau.type(unit, sheet, cells)
        type_into_master(bureau.master)
        bureau.save_control({"任务分解": {(task_row(bureau.control, UNIT), PLAN_DEADLINE): "2026年12月18日"}})
        self.passes(2)

    def _disagree(self) -> None:
        """A number that the workbook and a copy of its older state tell differently, and what she rules."""
        older = self.bureau.book(UNIT).read_bytes()
        self.bureau.type(UNIT, ACTIVITIES, {FIRST_ROW: {"参加人数": 50}})
        self.passes()
        newer = self.bureau.book(UNIT).read_bytes()
        self.bureau.save(UNIT, older)
        copied = self.bureau.typed(UNIT, ACTIVITIES, {FIRST_ROW: {"参加人数": 45, "地点": "河边"}})
        self.bureau.save(UNIT, newer)
        self.bureau.save_as(f"{UNIT} - 副本.xlsx", copied)
        self.passes()
        (conflict,) = self.asked("conflict")
        rule(self.office, self.ledger, conflict, "current", by="inbox")
        undo(self.office, self.ledger, conflict)
        rule(self.office, self.ledger, conflict, "incoming", by="inbox")
        self.passes()

    def _go_back(self) -> None:
        """Two names are changed, the week is issued, and both names are brought back."""
        then = self.now
        names = {FIRST_ROW: {"活动名称": "B-宣讲"}, FIRST_ROW + 1: {"活动名称": "a_宣讲"}}
        self.bureau.type(UNIT, ACTIVITIES, names)
        self.passes()
        issue_week(self.office, view(self.office, self.ledger, self.now.date()), Week.parse(WEEK))
        ask(self.office, self.ledger, way_back(self.office, self.ledger, then))
        for question in self.asked("restore"):
            rule(self.office, self.ledger, question, "accept", by="inbox")
        self.passes(2)

    def asked(self, kind: str) -> list[str]:
        return [q.id for q in self.office.store.questions.open(self.ledger) if q.kind == kind]

    # ---- what came of it

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the database holds, row by row, without what differs from run to run."""
        found = {}
        with self.office.store.engine.connect() as db:
            for name, table in t.metadata.tables.items():
                if name not in _DERIVED:
                    kept = [c for c in table.c if c.name not in _LEFT_OUT]
                    rows = db.execute(select(*kept).order_by(*table.primary_key)).all()
                    found[name] = [tuple(map(_plain, row)) for row in rows]
        found["meta"] = [(key, value) for key, value in found["meta"] if key != "workspace"]  # asked on a server only
        return found

    def history(self) -> list[str]:
        return [_OF_THE_RUN.sub("#", str(change)) for change in Trail(self.office.store.engine).changes(self.ledger)]

    def books(self) -> dict[str, list[str]]:
        """Every cell of every workbook in the folders."""
        root = self.bureau.root
        paths = (p for p in sorted(root.rglob("*.xlsx")) if ".syncer" not in p.parts and "备份" not in p.parts)
        return {_OF_THE_RUN.sub("#", path.relative_to(root).as_posix()): list(_cells(path)) for path in paths}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        content = load_content(value)
        return [(code, [(row.id, row.row, row.raw, row.extra) for row in content[code].rows]) for code in content]
    return _OF_THE_RUN.sub("#", value) if isinstance(value, str) else value


def _cells(path: Path) -> Iterable[str]:
    book = CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        for number, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), start=1):
            yield _OF_THE_RUN.sub("#", f"{name}!{number}: {row}")


@pytest.fixture
def days(tmp_path: Path, on_postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Day, Day]]:
    """The same day on SQLite and on PostgreSQL."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    lived = []
    for name, url in (("sqlite", ""), ("postgresql", on_postgres)):
        monkeypatch.setenv("SYNCER_DATABASE__URL", url)
        day = Day(tmp_path / name / "创建")
        day.lived()
        lived.append(day)
    yield lived[0], lived[1]
    for day in lived:
        day.office.close()


def test_a_day_comes_to_the_same_on_both_databases(days: tuple[Day, Day]) -> None:
    one, other = days
    assert one.office.store.engine.dialect.name != other.office.store.engine.dialect.name
    expected, found = one.tables(), other.tables()
    assert len(expected["change"]) > 10
    assert {kind for _, kind, *_ in expected["question"]} >= {"conflict", "proposal", "restore"}
    for name in expected:
        assert found[name] == expected[name], name
    assert other.history() == one.history()
    books, others = one.books(), other.books()
    assert others.keys() == books.keys()
    for name in books:
        assert others[name] == books[name], name

    before, serial = snapshot(other.bureau.units), other.office.store.serial()
    master = other.bureau.master.read_bytes()
    other.passes(1)
    assert snapshot(other.bureau.units) == before
    assert other.bureau.master.read_bytes() == master
    assert other.office.store.serial() == serial

    (backup,) = (other.bureau.root / "备份").glob("syncer-*")
    assert not (backup / "syncer.db").exists()
    assert "pg_dump" in (backup / README).read_text("utf-8-sig")


def test_a_database_that_somebody_else_works_on_is_let_alone(tmp_path: Path, on_postgres: str) -> None:
    """A daemon on another computer holds it; then next year's workspace names it too."""
    this, next_year = Bureau(tmp_path / "2026"), Bureau(tmp_path / "2027")
    for bureau in (this, next_year):
        make_workspace(bureau.root, NOW.year, sample=True)
        bureau.set_config("url", '""', f'"{on_postgres}"')
    daemon = Store(on_postgres)
    assert daemon.hold.take()
    held = this.syncer("sync")
    assert (held.returncode, "另一台电脑" in held.stderr) == (EXIT_BUSY, True)
    assert this.books() == []
    daemon.close()
    refused = next_year.syncer("status")
    assert (refused.returncode, str(this.root) in refused.stderr) == (EXIT_REFUSED, True)
