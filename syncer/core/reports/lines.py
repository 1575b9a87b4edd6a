"""The rows of the master's computed sheets as plain data: what `syncer.core.reports.overview` fills in and the master shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from syncer.core.model import Light, Row, Sheet, Source, Unit
from syncer.core.values import Scalar

FRONT, LEDGER, LIGHTS, CHANGES, QUESTIONS = "首页", "总台账", "红黄灯清单", "本周变化", "待处理事项"
"""The computed sheets; data sheets stand between the lights and the changes."""
HEADER_ROWS = 4  # title, line 2, two header levels: data begin in row 5, as in the units' own books
UNIT, SOURCE, SAVED_AT, EXTRA = "单位", "来源", "保存时间", "附加列"
"""What a data sheet of the master shows beside the schema's own columns."""

REPORTED, NOT_YET, LATE = "已报", "未报", "逾期"  # how a unit stands with what it owes now


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stretch(Generic[T]):
    """Rows of one table that are shown anew together: a unit's on a data sheet, a task's in 总台账.

    ``basis`` is a text: of two stretches with one key, equal bases mean equal content; ``""`` never says so. ``make`` gives the
    content, at a cost: it is asked only where no rows are kept of that basis.
    """

    key: str  # unit code, task id; "" for what belongs to none
    basis: str
    make: Callable[[], T] = field(compare=False, repr=False)


def digest_of(*content: object) -> str:
    """Returns what stands for some content: equal digests, equal content. What it holds must write itself out in full."""
    return hashlib.blake2b(repr(content).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def made(stretches: Iterable[Stretch[T]]) -> Iterator[T]:
    """Yields what the stretches hold."""
    return (stretch.make() for stretch in stretches)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One row of 总台账. ``level`` 0: the task; 1: a unit's part in it; 2: a unit's own sub-task."""

    level: int
    kind: str  # 任务, 牵头, 配合, 自定
    units: str  # as shown
    values: Mapping[str, Scalar]  # by column code of 任务清单
    light: Light | None = None
    reason: str = ""
    expected: float | None = None  # points
    next_due: date | None = None
    source: Source = Source()


@dataclass(frozen=True, slots=True)
class LightLine:
    """One row of 红黄灯清单: a unit's task that stands red or yellow."""

    light: Light
    reason: str
    weeks: int
    number: str
    title: str
    unit: str
    leader: str
    deadline: str
    due: date | None
    expected: float | None
    percent: float | None
    trouble: str
    promised: Scalar
    help: str
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit on 首页."""

    code: str
    name: str
    category: str
    tasks: int
    done: int
    percent: float | None  # mean of its lead tasks, in points, what is not filled in counting 0; None: leads nothing
    red: int
    yellow: int
    reported: str  # REPORTED, NOT_YET, LATE, or "" where nothing is expected
    due: date | None  # until when it is to report what it owes
    last_saved: str
    receipt: str
    file: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """One of the next deadlines."""

    due: date
    workdays: int
    number: str
    title: str
    units: str
    percent: float | None
    light: Light


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One cell that changed since the last issued week, or one record that came to be."""

    at: str
    unit: str
    sheet: str
    row: str
    column: str
    old: str
    new: str
    outcome: str
    source: Source


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One thing that waits for the coordinator, in words and with both values."""

    id: str
    kind: str
    at: str
    unit: str
    sheet: str
    row: str
    column: str
    base: str
    current: str
    incoming: str
    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Block:
    """One unit's rows on a data sheet, system columns filled in.

    ``doubtful``: the cells (row id, column code) whose value does not fit their column and waits for the unit.
    ``blank``: rows handed out to be filled when there is something to say, and left out because there is not.
    """

    unit: Unit
    rows: tuple[Row, ...]
    doubtful: frozenset[tuple[str, str]] = frozenset()
    blank: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole master as plain rows; what grows with the ledger stands in stretches, made only when asked for."""

    title: str
    office: str
    as_of: date
    data_as_of: str  # newest save taken in, ISO; "" before the first
    totals: tuple[tuple[str, Scalar], ...]  # a float is a share, 0–1
    lights: tuple[tuple[Light, int], ...]  # all five, worst first
    units: tuple[UnitLine, ...]
    deadlines: tuple[DueLine, ...]
    missing: tuple[tuple[str, str, date | None, bool], ...]  # unit, what, due, late
    ledger: tuple[Stretch[tuple[LedgerLine, ...]], ...]  # one a task, in plan order; the last may be of no task
    red_yellow: tuple[LightLine, ...]
    changes: tuple[Stretch[tuple[ChangeLine, ...]], ...]  # one a save
    questions: tuple[QuestionLine, ...]
    data: tuple[tuple[Sheet, tuple[Stretch[Block], ...]], ...]  # one a unit, in roster order
    older_changes: bool = False  # more than are listed
    inbox_note: str = ""  # one line on 首页 where the inbox cannot be written: it is open, and new items wait
