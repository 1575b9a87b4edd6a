"""Small masters, edition after edition, as the program publishes them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from syncer.core.calendar import Workdays
from syncer.core.model import Column, ColumnType, Ledger, Row, Source
from syncer.core.reports.overview import overview
from syncer.core.reports.progress import assess
from syncer.core.state import LedgerState, UnitState
from syncer.core.values import Scalar
from syncer.excel.edition import numbered
from syncer.excel.live.follow import Follow
from syncer.excel.masterbook import write_master
from tests.excel import small_office
from tests.excel.small_office import AS_OF, TASKS

ACTIVITIES = replace(
    small_office.ACTIVITIES,
    columns=(*small_office.ACTIVITIES.columns, Column("card", "证号", ColumnType.IDENTIFIER, group="规模")),
)
LEDGER = replace(small_office.LEDGER, sheets=(TASKS, ACTIVITIES))


def task(number: int, unit: str, **values: Scalar) -> Row:
    return Row(f"T{number:04d}", "tasks", unit, values, Source(f"{unit}.xlsx", "任务清单", 4 + number))


def activity(at: int, unit: str = "D02", **values: Scalar) -> Row:
    source = Source("宣传科.xlsx", "活动台账", at, "2026-11-20T16:02:00", 3)
    return Row(f"HD-{unit}-{at:04d}", "activities", unit, values, source, "2026-11-20T16:02:00")


START = (
    task(1, "D01", status="推进中", this_week="已印发", percent=40),
    task(2, "D02", status="滞后", percent=40, this_week="谈话"),
    activity(1, date=date(2026, 3, 5), name="植树", headcount=86, rate=95),
    activity(2, date=date(2026, 4, 5), name="读书会", headcount=20, rate=12.5),
    activity(4, date=date(2026, 5, 5), name="普法", headcount=31),
)


def changed(rows: Sequence[Row], row_id: str, **values: Scalar) -> tuple[Row, ...]:
    """Returns the rows with some values of one changed."""
    return tuple(
        Row(row.id, row.sheet, row.unit, {**row.values, **values}, row.source) if row.id == row_id else row
        for row in rows
    )


class Editions:
    """What a master held, edition after edition, in a folder; the book she opens is `path`."""

    def __init__(self, folder: Path, *, ledger: Ledger = LEDGER) -> None:
        self._folder, self._ledger = folder, ledger
        self._made: list[Path] = []
        self.path = folder / "03汇总台账" / "2026年文明单位创建工作汇总台账（自动生成）.xlsx"
        self.path.parent.mkdir(parents=True)

    def add(self, *rows: Row, minute: int | None = None, ledger: Ledger | None = None) -> int:
        """Keeps one more edition; returns its number."""
        number = len(self._made) + 1
        saved = f"2026-11-20T16:{number if minute is None else minute:02d}:00"
        kept = self._folder / f"{number}.xlsx"
        kept.write_bytes(_master(ledger or self._ledger, rows, saved))
        self._made.append(kept)
        return number

    def publish(self, number: int) -> None:
        """Puts an edition where she opens it."""
        self.path.write_bytes(numbered(self._made[number - 1].read_bytes(), number))

    def follow(self, number: int) -> Follow:
        """The job that brings the open book to an edition."""
        known = tuple((at, path) for at, path in enumerate(self._made, 1))
        return Follow(self.path, number, known[::-1])


def _master(ledger: Ledger, rows: Sequence[Row], saved: str) -> bytes:
    units = (
        UnitState("D01", "current", "02各单位填报/办公室.xlsx", saved, saved, 2, "16:02 保存：读到2行，全部入库"),
        UnitState("D02", "current", "宣传科.xlsx", saved, saved, len(rows), "15:00 保存"),
    )
    state, days = LedgerState(tuple(rows), units), Workdays()
    shown = overview(ledger, state, assess(ledger, state, AS_OF, days, opened=date(2026, 11, 16)), days)
    stream = io.BytesIO()
    write_master(stream, shown, ledger.settings)
    return stream.getvalue()
