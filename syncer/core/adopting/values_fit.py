"""Whether what stands in a foreign column can be what a column of ours holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

from syncer.core.adopting.grid import is_figure
from syncer.core.adopting.sureness import Sureness
from syncer.core.adopting.tasks import TaskFinder, number_parts
from syncer.core.adopting.units import UnitFinder
from syncer.core.model import Column, ColumnType, Ledger
from syncer.core.reading.cells import CellReader, How
from syncer.core.values import Scalar, fold, show

SAMPLES = 60
FINISHED = frozenset({"finished_on"})  # columns of days on which something was done: never in the future
NEUTRAL = 0.8  # nothing speaks for it or against it
_PERIOD = re.compile(r"前|底|每|全年|长期|常态|季度|半年|旬|持续|立行立改|年内|即日")
_READ = frozenset({How.AS_TYPED, How.NORMALISED})


class ValueFit:
    """Judges columns by their values, in the light of one ledger."""

    def __init__(self, ledger: Ledger, units: UnitFinder, today: date | None = None) -> None:
        self._today = today
        self._reader = CellReader(ledger)
        self._units = units
        self._tasks = TaskFinder(ledger)
        self._known: dict[tuple[object, ...], float] = {}
        self._numbers = {number_parts(task.number) for task in ledger.tasks}

    def of(self, values: Sequence[Scalar], column: Column) -> float:
        """Returns how well values fit a column, 0 to 1; a column without values is `NEUTRAL`."""
        some = values[:SAMPLES]
        if not some:
            return NEUTRAL
        key = (*some, column.type, column.options, column.minimum, column.maximum, column.code in FINISHED)
        return self._once(key, lambda: self._of(some, column))

    def _once(self, key: tuple[object, ...], judge: Callable[[], float]) -> float:
        if key not in self._known:
            self._known[key] = judge()
        return self._known[key]

    def _of(self, some: Sequence[Scalar], column: Column) -> float:
        match column.type:
            case ColumnType.DATE if column.code in FINISHED and self._today:
                return _share([self._is_past(value, column) for value in some])
            case ColumnType.DATE | ColumnType.INTEGER | ColumnType.NUMBER | ColumnType.LINK:
                return self._read(some, column)
            case ColumnType.CHOICE | ColumnType.MULTI_CHOICE if column.options:
                return self._read(some, column)
            case ColumnType.PERCENT:
                return self._read(some, column) if not _all_whole_counts(some) else 0.3
            case ColumnType.DEADLINE:
                return _share([_is_deadline(value) for value in some])
            case ColumnType.UNITS:
                return self.units(some)
            case ColumnType.TASKS | ColumnType.IDENTIFIER:
                return self.numbers(some)
            case ColumnType.LONG_TEXT:
                return 0.35 if _share([is_figure(v) for v in some]) > 0.6 else 0.6 if _few_words(some) else 0.9
            case _:
                return 0.5 if _share([is_figure(v) for v in some]) > 0.8 else NEUTRAL

    def units(self, values: Sequence[Scalar]) -> float:
        """Returns the share of cells that name units of the roster, or nearly."""
        some = values[:SAMPLES]
        return self._once((*some, "units"), lambda: _share([self._units.knows_some(show(value)) for value in some]))

    def numbers(self, values: Sequence[Scalar]) -> float:
        """Returns the share of cells that look like task numbers; those of the plan count in full."""
        scores = [1.0 if (p := number_parts(show(v))) in self._numbers else 0.7 if len(p) > 1 else 0.1 for v in values]
        return sum(scores[:SAMPLES]) / len(scores[:SAMPLES])

    def titles(self, values: Sequence[Scalar]) -> float:
        """Returns the share of cells that are worded like tasks of the plan."""
        some = values[:SAMPLES]
        return self._once((*some, "titles"), lambda: self._titles(some))

    def _titles(self, values: Sequence[Scalar]) -> float:
        texts = [value for value in values if isinstance(value, str) and len(fold(value)) >= 4]
        found = sum(self._tasks.guess("", text).sure in {Sureness.HIGH, Sureness.MIDDLE} for text in texts)
        return found / len(values) if texts else 0.0

    def _is_past(self, value: Scalar, column: Column) -> bool:
        read = self._reader.read(value, column)
        day = read.value
        return read.how in _READ and isinstance(day, date) and self._today is not None and day <= self._today

    def _read(self, values: Sequence[Scalar], column: Column) -> float:
        return _share([self._reader.read(value, column).how in _READ for value in values])


def counts_up(values: Sequence[Scalar]) -> bool:
    """Tells whether values only count rows: 1 2 3 …, maybe anew in each section."""
    numbers = [int(fold(show(value))) for value in values if fold(show(value)).isdecimal()]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    rising = all(step in {0, 1} or later == 1 for step, later in zip(steps, numbers[1:], strict=True))
    return len(numbers) > len(values) * 0.8 and rising


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found) if found else NEUTRAL


def _is_deadline(value: Scalar) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and (bool(_PERIOD.search(value)) or is_figure(value)))


def _few_words(values: Sequence[Scalar]) -> bool:
    """Whether the same few short words come again and again, as choices do."""
    words = [fold(show(value)) for value in values]
    return len(words) >= 4 and len(set(words)) <= max(2, len(words) // 2) and max(map(len, words)) <= 6


def _all_whole_counts(values: Sequence[Scalar]) -> bool:
    """Whether all values are plain whole numbers and one is above 100: counts, no percentages."""
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    return len(numbers) == len(values) and max(numbers) > 100
