"""The office calendar: working days through 调休, ISO weeks and their last working day, festivals by the moon."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from borax.calendars import LunarDate
from borax.calendars.lunardate import TermUtils

from syncer.core.values import fold

_DAY = timedelta(days=1)
_WEEK_LABEL = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)

# 我们的节日: the seven that every 创建 plan means by 传统节日. Month and day of the moon; 清明 is a solar term.
_LUNAR = {"春节": (1, 1), "元宵节": (1, 15), "端午节": (5, 5), "七夕节": (7, 7), "中秋节": (8, 15), "重阳节": (9, 9)}
TRADITIONAL = ("春节", "元宵节", "清明节", "端午节", "七夕节", "中秋节", "重阳节")
_SOLAR = {
    "元旦": (1, 1),
    "学雷锋纪念日": (3, 5),
    "妇女节": (3, 8),
    "三八": (3, 8),
    "植树节": (3, 12),
    "3.15": (3, 15),
    "消费者权益日": (3, 15),
    "全民国家安全教育日": (4, 15),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "青年节": (5, 4),
    "五四": (5, 4),
    "儿童节": (6, 1),
    "六一": (6, 1),
    "环境日": (6, 5),
    "七一": (7, 1),
    "建党节": (7, 1),
    "八一": (8, 1),
    "建军节": (8, 1),
    "教师节": (9, 10),
    "烈士纪念日": (9, 30),
    "国庆节": (10, 1),
    "十一": (10, 1),
    "国家宪法日": (12, 4),
    "宪法日": (12, 4),
    "志愿者日": (12, 5),
    "国家公祭日": (12, 13),
}
_LUNAR_YEARS = range(1900, 2101)  # what borax's tables cover


class DayKind(StrEnum):
    """What 节假日与节点 says of a day."""

    OFF = "休"
    WORK = "班"
    FESTIVAL = "节日"
    EVENT = "节点"


@dataclass(frozen=True, slots=True)
class Day:
    """One row of 节假日与节点."""

    day: date
    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week. ``year`` is the ISO year: 2026-12-31 and 2027-01-01 both lie in 2026-W53."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Week:
        """Returns the week a day lies in."""
        iso = day.isocalendar()
        return cls(iso.year, iso.week)

    @classmethod
    def parse(cls, label: str) -> Week:
        """Returns the week of a label like ``"2026-W47"``.

        Raises:
            ValueError: The label has another form, or the year has no such week.
        """
        found = _WEEK_LABEL.fullmatch(label)
        if not found:
            raise ValueError(f"not an ISO week: {label!r}")
        week = cls(int(found[1]), int(found[2]))
        date.fromisocalendar(week.year, week.number, 1)
        return week

    @property
    def label(self) -> str:
        """``"2026-W47"``."""
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        """Its first day."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        """Its last day."""
        return date.fromisocalendar(self.year, self.number, 7)

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days, Monday first."""
        return tuple(self.monday + n * _DAY for n in range(7))

    @property
    def previous(self) -> Week:
        """The week before."""
        return Week.of(self.monday - _DAY)

    def contains(self, day: date) -> bool:
        """Tells whether a day lies in this week."""
        return Week.of(day) == self


@dataclass(frozen=True, slots=True)
class Workdays:
    """Which days the office works: 休 and 班 of 节假日与节点, else the statutory days, else Monday to Friday.

    ``Workdays(ledger.days)``. Where a day stands as 休 and as 班, 休 wins.
    """

    days: InitVar[Iterable[Day]] = ()
    off: frozenset[date] = field(init=False)
    work: frozenset[date] = field(init=False)

    def __post_init__(self, days: Iterable[Day]) -> None:
        rows = tuple(days)
        object.__setattr__(self, "off", frozenset(row.day for row in rows if row.kind == "休"))
        object.__setattr__(self, "work", frozenset(row.day for row in rows if row.kind == "班"))

    def incomplete(self, year: int) -> bool:
        """Tells whether the template says nothing of a year's 休 and 班.

        Make-up days stand in no package until the State Council publishes them in November or December.
        """
        return not any(day.year == year for day in self.off | self.work)

    def is_workday(self, day: date) -> bool:
        """Tells whether the office works on a day."""
        if day in self.off:
            return False
        if day in self.work:
            return True
        off, made_up = _statutory(day.year)
        return day in made_up or (day not in off and day.isoweekday() <= 5)

    def next_workday(self, day: date) -> date:
        """Returns the first working day after a day."""
        return self.add_workdays(day, 1)

    def previous_workday(self, day: date) -> date:
        """Returns the last working day before a day."""
        return self.add_workdays(day, -1)

    def shift(self, day: date, how: str) -> date:
        """Returns where a due day falls: a working day stays, another moves by 顺延 or 提前; any other ``how`` leaves it."""
        if self.is_workday(day):
            return day
        match how:
            case "顺延":
                return self.next_workday(day)
            case "提前":
                return self.previous_workday(day)
            case _:
                return day

    def add_workdays(self, day: date, count: int) -> date:
        """Returns the ``count``-th working day after a day, before it where negative; 0 is the day itself."""
        step = _DAY if count > 0 else -_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    @lru_cache(1 << 12)  # noqa: B019 - equal calendars share what was counted, and there is hardly more than one
    def workdays_between(self, start: date, end: date) -> int:
        """Returns how many working days are left at ``start`` until ``end``: those after the one, up to and with the other.

        Negative where ``end`` has passed: the working days since.
        """
        if end < start:
            return -self.workdays_between(end, start)
        return sum(self.is_workday(start + n * _DAY) for n in range(1, (end - start).days + 1))

    def last_workday(self, week: Week, week_last_day: int = 5) -> date | None:
        """Returns the day a week is issued on: its last working day by ISO weekday ``week_last_day``, 5 being Friday.

        A make-up Saturday or Sunday ends the week instead. None: no working day at all, the week joins the next.
        """
        worked = [day for day in week.days if self.is_workday(day)]
        usual = [day for day in worked if day.isoweekday() <= week_last_day]
        if not worked or not usual or worked[-1].isoweekday() > 5:
            return worked[-1] if worked else None
        return usual[-1]

    def issue_moment(self, week: Week, at: time, week_last_day: int = 5) -> datetime | None:
        """Returns when a week's sheet is issued (local wall clock); None where the week joins the next."""
        day = self.last_workday(week, week_last_day)
        return None if day is None else datetime.combine(day, at)

    def latest_due_week(self, now: datetime, at: time, week_last_day: int = 5) -> Week:
        """Returns the newest week whose moment of issue has come."""
        week = Week.of(now.date())
        while (moment := self.issue_moment(week, at, week_last_day)) is None or moment > now:
            week = week.previous
        return week


def festivals(year: int) -> dict[str, date]:
    """Returns the festivals and memorial days of a year by name, some under two names (劳动节, 五一).

    Those of the moon are left out beyond 1900–2100.
    """
    known = {name: date(year, month, day) for name, (month, day) in _SOLAR.items()}
    if year in _LUNAR_YEARS:
        moon = {name: LunarDate(year, month, day, 0).to_solar_date() for name, (month, day) in _LUNAR.items()}
        known |= moon
        known["除夕"] = moon["春节"] - _DAY
        known["清明节"] = TermUtils.day_start_from_term(year, "清明")
    return known


def named_days(year: int, days: Iterable[Day] = ()) -> dict[str, date]:
    """Returns what a worded deadline may hang on, by name: festivals of the year, and 节日 and 节点 rows, which win.

    A row of another year counts too, unless this year has a day of that name. Of two rows of one name the first counts.
    """
    known = {name_key(name): (name, day) for name, day in festivals(year).items()}
    rows = [row for row in days if row.kind in {"节日", "节点"} and row.name]
    for row in rows:
        if row.day.year != year:
            known.setdefault(name_key(row.name), (row.name, row.day))
    for row in reversed(rows):
        if row.day.year == year:
            known[name_key(row.name)] = (row.name, row.day)
    return dict(known.values())


def name_key(name: str) -> str:
    """Returns a day's name as it is compared: folded, without a last 节 where two signs are left (``中秋节`` → ``中秋``)."""
    folded = fold(name)
    return folded[:-1] if folded.endswith("节") and len(folded) > 2 else folded


@lru_cache(maxsize=64)
def _statutory(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Returns the days off and the make-up days that the holidays package knows of a year."""
    from holidays import country_holidays  # noqa: PLC0415 - 0.2 s, and the reading children never ask

    known = country_holidays("CN", years=year)
    return frozenset(known), frozenset(day for day in known.weekend_workdays if day.year == year)
