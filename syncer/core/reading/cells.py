"""What a person meant by one cell: the typed value, and how it was read. No guess is silent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property

from syncer.core.calendar import Workdays, named_days
from syncer.core.deadlines import Deadline, parse_deadline
from syncer.core.memo import Memo
from syncer.core.model import Column, ColumnType, Ledger
from syncer.core.reading.addresses import read_link
from syncer.core.reading.choices import ChoiceList
from syncer.core.reading.dates import parse_date
from syncer.core.reading.identifiers import read_identifier, read_phone
from syncer.core.reading.quantities import parse_number, parse_percent
from syncer.core.reading.readings import NOTHING, How, Reading, asked, noted, remembered, says_none, taken
from syncer.core.reading.surroundings import TEXTS
from syncer.core.reading.tasks import TaskNumbers
from syncer.core.roster import UnitList, roster_of
from syncer.core.values import PICTURE, UNCOMPUTED, CellError, Scalar, show, tidy

__all__ = ["CellReader", "How", "Reading"]


def reader_of(ledger: Ledger, memo: Memo) -> CellReader:
    """Returns the reader of a ledger that is kept in a memo: what it has read before, it has at hand."""
    return memo.of("reader", (ledger.version,), lambda: CellReader(ledger))


class CellReader:
    """Reads cells by their column, in the light of one ledger (its year, units, tasks and option lists)."""

    def __init__(self, ledger: Ledger) -> None:
        self.year = ledger.settings.year
        self._window = ledger.settings.window
        self.roster = roster_of(ledger)
        self._days = ledger.days
        self._tasks = TaskNumbers(ledger.tasks)
        self._choices = {name: ChoiceList(choices) for name, choices in ledger.options}
        self._units: Callable[[str], UnitList] = remembered(self.roster.read_list)
        self._deadlines: Callable[[str], Deadline] = remembered(self._worded)
        self._shift = ledger.settings.shift_to_workday
        self.due: Callable[[str], date | None] = remembered(self._due)
        self._readers: dict[ColumnType, Callable[[Scalar, Column], Reading]] = {
            ColumnType.TEXT: self._text,
            ColumnType.LONG_TEXT: self._text,
            ColumnType.DEADLINE: self._deadline,
            ColumnType.LINK: self._link,
            ColumnType.INTEGER: self._number,
            ColumnType.NUMBER: self._number,
            ColumnType.PERCENT: lambda raw, _: parse_percent(raw),
            ColumnType.DATE: self._date,
            ColumnType.CHOICE: self._choice,
            ColumnType.MULTI_CHOICE: self._several,
            ColumnType.UNITS: self._unit_list,
            ColumnType.TASKS: lambda raw, _: self._tasks.read(raw),
            ColumnType.PHONE: lambda raw, _: read_phone(raw),
            ColumnType.IDENTIFIER: self._identifier,
        }

    def read(self, raw: Scalar, column: Column) -> Reading:
        """Returns the typed value of one cell. Blank stays blank; an error cell is never a value (CELL-007, 020, 021, 023).

        Codes: CELL-001 no number, CELL-002 no date, CELL-003 not among the choices, CELL-004 unknown unit, CELL-005
        unknown task, CELL-006 outside the limits, CELL-007 error value, CELL-008 unclear number, CELL-009 read as
        another value than typed (a note), CELL-010 no phone number, CELL-011 no web address, CELL-012
        not a whole number, CELL-013 an identifier that was typed as a number, CELL-014 another measure than the
        column's, CELL-015 said to be none (a note), CELL-016 more digits than Excel keeps, CELL-017 units left open,
        CELL-018 how a deadline is understood (a note), CELL-019 made a date by Excel, CELL-025 … 029 of days (see
        `parse_date`; 029 notes another year), CELL-030 a doubtful 身份证号 (a note), CELL-031 an address without http (a
        note), CELL-032 a path for an address, CELL-033 several choices for one, CELL-034 an unclear deadline.
        """
        if raw is None or (isinstance(raw, str) and not raw[:1].isalnum() and not tidy(raw)):
            return Reading(None)
        if isinstance(raw, CellError):
            return Reading(raw, How.REFUSED, _error_code(raw))
        reading = self._readers[column.type](raw, column)
        unlimited = column.minimum is None and column.maximum is None
        if unlimited or column.type in TEXTS:  # of a text the limits are lengths: `syncer.core.reading.checks`
            return reading
        return _within_limits(reading, raw, column)

    def _text(self, raw: Scalar, column: Column) -> Reading:
        if not isinstance(raw, str):
            return Reading(raw)
        if column.options:
            return self._choice(raw, column)
        return taken(tidy(raw), raw)

    def _number(self, raw: Scalar, column: Column) -> Reading:
        reading = parse_number(raw, column.measure)
        if column.type is ColumnType.INTEGER and isinstance(reading.value, float) and reading.settled:
            return asked(raw, "CELL-012")
        return reading

    def _date(self, raw: Scalar, column: Column) -> Reading:
        reading = parse_date(raw, self.year, first_of_several=column.key)
        # what names a record is of the ledger's year, or inside its 测评周期; a 注册日期 may be of any
        if (
            column.key
            and not reading.code
            and isinstance(reading.value, date)
            and not self._is_of_the_time(reading.value)
        ):
            return Reading(reading.value, reading.how, "CELL-029", (("year", str(self.year)),))
        return reading

    def _is_of_the_time(self, day: date) -> bool:
        first, last = self._window
        return day.year == self.year or first <= day <= last

    def _deadline(self, raw: Scalar, column: Column) -> Reading:
        """A wording is kept as it stands, to be printed; its meaning is noted where it could be another."""
        if isinstance(raw, date):
            return Reading(raw)
        if not isinstance(raw, str):
            reading = parse_date(raw, self.year)
            return reading if reading.settled else asked(raw, "CELL-034", why=show(raw))
        if column.options:
            return self._choice(raw, column)
        text = tidy(raw)
        found = self._deadlines(text)
        if found.kind == "unclear":
            return asked(raw, "CELL-034", why=found.note)
        if found.note:
            return Reading(text, How.NORMALISED, "CELL-018", (("read", found.note),))
        return taken(text, raw)

    @cached_property
    def _calendar(self) -> tuple[Workdays, dict[str, date]]:
        return Workdays(self._days), named_days(self.year, self._days)

    def _worded(self, text: str) -> Deadline:
        """What a wording means; where it only wants the day of issue (立行立改, 5个工作日内), that is no fault of it."""
        workdays, named = self._calendar
        found = parse_deadline(text, self.year, workdays, named, shift="不调整")
        if found.kind == "unclear":
            issued = parse_deadline(text, self.year, workdays, named, shift="不调整", issued=date(self.year, 1, 1))
            return found if issued.kind == "unclear" else Deadline(text)
        return found

    def _due(self, text: str) -> date | None:
        """The one day that a wording means, moved as the office moves days off work; none where it means none or several."""
        workdays, named = self._calendar
        found = parse_deadline(text, self.year, workdays, named, shift=self._shift)
        return found.due if found.kind == "date" else None

    def _choice(self, raw: Scalar, column: Column) -> Reading:
        return self._choices.get(column.options, _NO_CHOICES).read(raw)

    def _several(self, raw: Scalar, column: Column) -> Reading:
        return self._choices.get(column.options, _NO_CHOICES).read_several(raw)

    def _unit_list(self, raw: Scalar, column: Column) -> Reading:
        del column
        typed = tidy(show(raw))
        listed = self._units(typed)
        if listed.open:
            return asked(typed, "CELL-017", unit=listed.open)
        if listed.unknown or not listed.codes:
            return NOTHING if says_none(typed) else asked(typed, "CELL-004", unit="、".join(listed.unknown) or typed)
        joined = "、".join(listed.names)
        return noted(joined) if listed.altered else taken(joined, raw)

    def _link(self, raw: Scalar, column: Column) -> Reading:
        return self._choice(raw, column) if column.options else read_link(raw)

    def _identifier(self, raw: Scalar, column: Column) -> Reading:
        if column.options:
            return self._choice(raw, column)
        return read_identifier(raw, citizen="身份证" in column.name)


_NO_CHOICES = ChoiceList(())


def _error_code(error: CellError) -> str:
    """The code of what stands in a value's place: an error value, or one of those that only look like one to us."""
    if error in {PICTURE, UNCOMPUTED}:
        return "CELL-021" if error == PICTURE else "CELL-020"
    return "CELL-023" if error.text.startswith("##") else "CELL-007"


def _within_limits(reading: Reading, raw: Scalar, column: Column) -> Reading:
    value, low, high = reading.value, column.minimum, column.maximum
    if not reading.settled:
        return reading
    if isinstance(value, datetime):
        value = value.date()
    too_low = low is not None and _comparable(value, low) and value < low  # type: ignore[operator]
    too_high = high is not None and _comparable(value, high) and value > high  # type: ignore[operator]
    if not too_low and not too_high:
        return reading
    typed = raw if isinstance(raw, str) else reading.value
    return asked(typed, "CELL-006", limits=f"{show(low) or '…'} 至 {show(high) or '…'}")


def _comparable(value: Scalar, limit: float | date) -> bool:
    if isinstance(limit, date):
        return isinstance(value, date)
    return isinstance(value, (int, float)) and not isinstance(value, bool)
