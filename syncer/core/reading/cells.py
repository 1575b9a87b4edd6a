"""What a person meant by one cell: the typed value, and how it was read. No guess is silent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from syncer.core.model import Choice, Column, ColumnType, Ledger
from syncer.core.roster import roster_of
from syncer.core.template.plan import split_list
from syncer.core.values import PICTURE, UNCOMPUTED, CellError, Scalar, fold, show, tidy

EXCEL_DAY_ZERO = date(1899, 12, 30)
YEARS = range(1990, 2101)  # in which a day may lie that somebody reports
LONGEST_FIGURE = 15  # signs; Excel keeps no more digits of a number


class How(StrEnum):
    """How a cell was read."""

    AS_TYPED = "as typed"
    NORMALISED = "normalised"
    DOUBTFUL = "doubtful"  # kept as typed, and asked
    REFUSED = "refused"  # kept as typed, never counted


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell as read. ``code`` names the problem, if there is something to say; ``facts`` fill its wording in."""

    value: Scalar
    how: How = How.AS_TYPED
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()


class CellReader:
    """Reads cells by their column, in the light of one ledger (its year, units, tasks and option lists)."""

    def __init__(self, ledger: Ledger) -> None:
        self.year = ledger.settings.year
        self.roster = roster_of(ledger)
        self._units = {unit.code: unit.short for unit in ledger.units}
        self._tasks = {fold(task.number): task.number for task in ledger.tasks}
        titles = {fold(task.title): task.number for task in ledger.tasks if task.title}
        self._task_titles = {title: number for title, number in titles.items() if title not in self._tasks}
        self._options = {name: _spellings(choices) for name, choices in ledger.options}
        self._readers: dict[ColumnType, Callable[[Scalar, Column], Reading]] = {
            ColumnType.TEXT: self._text,
            ColumnType.LONG_TEXT: self._text,
            ColumnType.DEADLINE: self._text,
            ColumnType.LINK: self._link,
            ColumnType.INTEGER: self._number,
            ColumnType.NUMBER: self._number,
            ColumnType.PERCENT: self._percent,
            ColumnType.DATE: self._date,
            ColumnType.CHOICE: self._choice,
            ColumnType.MULTI_CHOICE: self._choices,
            ColumnType.UNITS: self._unit_list,
            ColumnType.TASKS: self._task_list,
            ColumnType.PHONE: self._phone,
            ColumnType.IDENTIFIER: self._identifier,
        }

    def read(self, raw: Scalar, column: Column) -> Reading:
        """Returns the typed value of one cell. Blank stays blank; an error cell is never a value (CELL-007, 020, 021, 023).

        Codes: CELL-001 no number, CELL-002 no date, CELL-003 not among the choices, CELL-004 unknown unit, CELL-005
        unknown task, CELL-006 outside the limits, CELL-007 error value, CELL-008 unclear number, CELL-009 read as
        another value than typed (a note), CELL-010 no phone number, CELL-011 no web address, CELL-012
        not a whole number, CELL-013 an identifier that was typed as a number.
        """
        if raw is None or (isinstance(raw, str) and not tidy(raw)):
            return Reading(None)
        if isinstance(raw, CellError):
            return Reading(raw, How.REFUSED, _error_code(raw))
        reading = self._readers[column.type](raw, column)
        return _within_limits(reading, raw, column)

    def _text(self, raw: Scalar, column: Column) -> Reading:
        if column.options and isinstance(raw, str):
            return self._choice(raw, column)
        if isinstance(raw, str):
            text = tidy(raw)
            return Reading(text, How.AS_TYPED if text == raw else How.NORMALISED)
        return Reading(raw)

    def _number(self, raw: Scalar, column: Column) -> Reading:
        reading = parse_number(raw)
        whole = column.type is ColumnType.INTEGER
        if whole and isinstance(reading.value, float) and reading.how in {How.AS_TYPED, How.NORMALISED}:
            return Reading(raw, How.DOUBTFUL, "CELL-012")
        return reading

    def _percent(self, raw: Scalar, column: Column) -> Reading:
        """Points: 0.95 in the cell (Excel's 95%) is 95; a number above 1.5 was typed in points already."""
        del column
        typed_percent = isinstance(raw, str) and "%" in unicodedata.normalize("NFKC", raw)
        reading = parse_number(raw)
        if reading.how in {How.DOUBTFUL, How.REFUSED} or not isinstance(reading.value, (int, float)):
            return reading
        points = reading.value if typed_percent or reading.value > 1.5 else round(reading.value * 100, 6)
        points = int(points) if float(points).is_integer() else points
        if isinstance(raw, str) and not typed_percent:
            return Reading(points, How.NORMALISED, "CELL-009", (("read", f"{points}%"),))
        return Reading(points, How.AS_TYPED if isinstance(raw, float) else How.NORMALISED, reading.code, reading.facts)

    def _date(self, raw: Scalar, column: Column) -> Reading:
        del column
        return parse_date(raw, self.year)

    def _choice(self, raw: Scalar, column: Column) -> Reading:
        spellings = self._options.get(column.options, {})
        typed = show(raw)
        if not spellings:
            return Reading(tidy(typed))
        choice = spellings.get(fold(typed))
        if choice is None:
            listed = "、".join(dict.fromkeys(spellings.values()))
            return Reading(tidy(typed), How.DOUBTFUL, "CELL-003", (("choices", listed[:200]),))
        if fold(choice) == fold(typed):
            return Reading(choice, How.AS_TYPED if choice == raw else How.NORMALISED)
        return Reading(choice, How.NORMALISED, "CELL-009", (("read", choice),))

    def _choices(self, raw: Scalar, column: Column) -> Reading:
        parts = [self._choice(part, column) for part in split_list(show(raw))] or [self._choice(raw, column)]
        if doubtful := next((p for p in parts if p.how is How.DOUBTFUL), None):
            return Reading(tidy(show(raw)), How.DOUBTFUL, doubtful.code, doubtful.facts)
        joined = "、".join(show(p.value) for p in parts)
        return Reading(joined, How.AS_TYPED if joined == raw else How.NORMALISED)

    def _unit_list(self, raw: Scalar, column: Column) -> Reading:
        del column
        typed = tidy(show(raw))
        codes, unknown = self.roster.expand(typed)
        if unknown or not codes:
            return Reading(typed, How.DOUBTFUL, "CELL-004", (("unit", "、".join(unknown) or typed),))
        if len(codes) == 1:
            return Reading(self._units[codes[0]], How.AS_TYPED if self._units[codes[0]] == raw else How.NORMALISED)
        return Reading(typed, How.AS_TYPED if typed == raw else How.NORMALISED)

    def _task_list(self, raw: Scalar, column: Column) -> Reading:
        del column
        if number := self._task_titles.get(fold(show(raw))):
            return Reading(number, How.NORMALISED, "CELL-009", (("read", number),))
        parts = [part for piece in split_list(show(raw)) for part in piece.split()]
        unknown = [part for part in parts if fold(part) not in self._tasks]
        if isinstance(raw, float) and f"{raw:g}0" in self._tasks:  # 2.10 typed into a number cell has become 2.1
            return Reading(show(raw), How.DOUBTFUL, "CELL-013")
        if unknown or not parts:
            typed = tidy(show(raw))
            return Reading(typed, How.DOUBTFUL, "CELL-005", (("task", "、".join(unknown) or typed),))
        joined = "、".join(dict.fromkeys(self._tasks[fold(part)] for part in parts))
        return Reading(joined, How.AS_TYPED if joined == raw else How.NORMALISED)

    def _phone(self, raw: Scalar, column: Column) -> Reading:
        del column
        digits = re.sub(r"[\s()（）-]", "", unicodedata.normalize("NFKC", show(raw)))
        if not re.fullmatch(r"\+?\d{5,15}(?:[转x#]\d{1,6})?", digits):
            return Reading(tidy(show(raw)), How.DOUBTFUL, "CELL-010")
        return Reading(tidy(show(raw)), How.AS_TYPED if isinstance(raw, str) else How.NORMALISED)

    def _link(self, raw: Scalar, column: Column) -> Reading:
        reading = self._text(raw, column)
        if column.options or _WEB_ADDRESS.search(show(reading.value)):
            return reading
        return Reading(reading.value, How.DOUBTFUL, "CELL-011")

    def _identifier(self, raw: Scalar, column: Column) -> Reading:
        if column.options:
            return self._choice(raw, column)
        if isinstance(raw, float) or (isinstance(raw, int) and abs(raw) >= 10**15):
            return Reading(show(raw), How.DOUBTFUL, "CELL-013")
        return Reading(tidy(show(raw)), How.AS_TYPED if isinstance(raw, str) else How.NORMALISED)


_WEB_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def _spellings(choices: tuple[Choice, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for choice in choices:
        found.setdefault(fold(choice.text), choice.text)
    for choice in choices:  # an alias never hides a choice's own wording
        for alias in choice.aliases:
            found.setdefault(fold(alias), choice.text)
    return found


def _error_code(error: CellError) -> str:
    """The code of what stands in a value's place: an error value, or one of those that only look like one to us."""
    if error in {PICTURE, UNCOMPUTED}:
        return "CELL-021" if error == PICTURE else "CELL-020"
    return "CELL-023" if error.text.startswith("##") else "CELL-007"


def _within_limits(reading: Reading, raw: Scalar, column: Column) -> Reading:
    value, low, high = reading.value, column.minimum, column.maximum
    if reading.how in {How.DOUBTFUL, How.REFUSED} or (low is None and high is None):
        return reading
    if isinstance(value, datetime):
        value = value.date()
    too_low = low is not None and _comparable(value, low) and value < low  # type: ignore[operator]
    too_high = high is not None and _comparable(value, high) and value > high  # type: ignore[operator]
    if not too_low and not too_high:
        return reading
    limits = f"{show(low) or '…'} 至 {show(high) or '…'}"
    typed = tidy(raw) if isinstance(raw, str) else reading.value
    return Reading(typed, How.DOUBTFUL, "CELL-006", (("limits", limits),))


def _comparable(value: Scalar, limit: float | date) -> bool:
    if isinstance(limit, date):
        return isinstance(value, date)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_HEDGE = re.compile(r"^(约|大约|近|超过|超|逾|不少于|至少|共计|合计|累计|共)|(余|多|左右|以上|几)")
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?")
_CHINESE_FIGURE = re.compile(r"^[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]+")


def parse_number(raw: Scalar) -> Reading:
    """Reads a number as people write it: ``"１２次"`` → 12, ``"1500余份"`` → 1500 with a note, ``"1-2次"`` → a question.

    A measure word after the figure is read over; a percent sign means points (``"95％"`` → 95).
    """
    if isinstance(raw, bool):
        return Reading(raw, How.DOUBTFUL, "CELL-001")
    if isinstance(raw, (int, float)):
        return Reading(raw)
    if isinstance(raw, timedelta):
        return Reading(round(raw.total_seconds() / 3600, 4), How.NORMALISED, "CELL-009", (("read", show(raw)),))
    if not isinstance(raw, str):
        return Reading(raw, How.DOUBTFUL, "CELL-001")
    text = re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", raw))
    bare = _HEDGE.sub("", text)
    figures = _FIGURE.findall(bare)
    chinese = _CHINESE_FIGURE.match(bare) if not figures else None
    if chinese:
        bare = _in_digits(chinese[0]) + bare[chinese.end() :]
        figures = _FIGURE.findall(bare)
    if not figures:
        return Reading(tidy(raw), How.DOUBTFUL, "CELL-008" if chinese else "CELL-001")
    rest = bare[len(figures[0]) :]
    several = len(figures) > 1 or not bare.startswith(figures[0]) or re.search(r"[至到~—]|\d-\d", bare)
    if several or re.match(r"[万亿千百成折]", rest) or len(figures[0]) > LONGEST_FIGURE:
        return Reading(tidy(raw), How.DOUBTFUL, "CELL-008")
    number = float(figures[0])
    value = int(number) if number.is_integer() else number
    if chinese or _HEDGE.search(text):
        return Reading(value, How.NORMALISED, "CELL-009", (("read", show(value)),))
    return Reading(value, How.NORMALISED)


def _in_digits(numeral: str) -> str:
    """Returns a Chinese numeral in digits; ``""`` for what is none (``"万"``)."""
    import cn2an  # noqa: PLC0415 - 0.1 s, for the few who write 十二次

    try:
        return str(cn2an.cn2an(numeral, "smart"))
    except (ValueError, KeyError):
        return ""


_DATE_FORMS = (
    re.compile(
        r"^(?P<y>\d{4})[-./年](?P<m>\d{1,2})[-./月](?P<d>\d{1,2})(?:[日号]\d{1,2}:\d{2}.*|[日号]?(?:[上下]午.*)?)$"
    ),
    re.compile(r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})$"),
    re.compile(r"^(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?$"),
    re.compile(r"^(?P<m>\d{1,2})[./](?P<d>\d{1,2})$"),
)


def parse_date(raw: Scalar, year: int) -> Reading:
    """Reads one day as people write it; a day without a year takes the ledger's ``year``, with a note (CELL-009).

    A bare serial number between 2000 and 2100 (``46086``, a date typed into a General cell) is a date, with a note.
    """
    if isinstance(raw, date):  # a datetime is one too
        day = raw.date() if isinstance(raw, datetime) else raw
        if day.year not in YEARS:  # 11.12 typed into a date cell is 11 January 1900
            return Reading(raw, How.DOUBTFUL, "CELL-002")
        return Reading(day, How.AS_TYPED if day == raw else How.NORMALISED)
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and 36_526 <= raw <= 73_415:
        day = EXCEL_DAY_ZERO + timedelta(days=int(raw))
        return Reading(day, How.NORMALISED, "CELL-009", (("read", show(day)),))
    text = unicodedata.normalize("NFKC", show(raw)).strip()
    text = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", re.sub(r"\s+\d{1,2}:\d{2}(:\d{2})?$", "", text))
    for form in _DATE_FORMS:
        if match := form.match(text):
            parts = match.groupdict()
            try:
                day = date(int(parts.get("y") or year), int(parts["m"]), int(parts["d"]))
            except ValueError:
                break
            if day.year not in YEARS:
                break
            if parts.get("y"):
                return Reading(day, How.NORMALISED)
            return Reading(day, How.NORMALISED, "CELL-009", (("read", show(day)),))
    return Reading(raw if not isinstance(raw, str) else tidy(raw), How.DOUBTFUL, "CELL-002")
