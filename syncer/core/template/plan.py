"""The office's own part of the control workbook: settings, calendar, units, tasks, indicators."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time
from functools import cache

from syncer.core.calendar import Day, DayKind, Workdays, named_days
from syncer.core.deadlines import Deadline, parse_deadline
from syncer.core.model import CountSource, Indicator, Light, Settings, Sheet, Task, Unit
from syncer.core.problems import Problem
from syncer.core.roster import Roster
from syncer.core.template.tables import Record
from syncer.core.texts import file_name
from syncer.core.values import Scalar, fold, show

_LIGHT_CODES = {f"colour_{light.name.lower()}": light for light in Light}
_SETTING_LIKE = {"time": "时间，如 16:00", "date | None": "日期，如 2026-01-01"}
_LIST = re.compile(r"[、，,；;\n]+")


def split_list(text: str) -> tuple[str, ...]:
    """Splits a cell that lists things: ``"甲、乙"`` → ``("甲", "乙")``."""
    return tuple(part.strip() for part in _LIST.split(text) if part.strip())


def as_date(value: Scalar) -> date | None:
    """Returns a settings cell as a date: a real date, or text such as ``2026-3-5`` or ``2026年3月5日``; else ``None``."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = re.fullmatch(r"\s*(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?\s*", show(value))
    if not match:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def as_number(value: Scalar) -> float | None:
    """Returns a settings cell as a number; text such as ``95%`` or ``25 小时`` gives its leading number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    match = re.match(r"\s*(-?\d+(?:\.\d+)?)", show(value))
    return float(match[1]) if match else None


def _as_time(value: Scalar) -> time | None:
    if isinstance(value, datetime):
        return value.time()
    if isinstance(value, time):
        return value
    if isinstance(value, float) and 0 <= value < 1:  # Excel keeps a time of day as a fraction
        minutes = round(value * 24 * 60)
        return time(minutes // 60 % 24, minutes % 60)
    match = re.fullmatch(r"\s*(\d{1,2})[:：时点](\d{1,2})?分?\s*", show(value))
    if not match or int(match[1]) > 23 or int(match[2] or 0) > 59:
        return None
    return time(int(match[1]), int(match[2] or 0))


def _setting(kind: str, value: Scalar) -> object | None:
    """Converts one settings cell to the annotated type of its field; ``None`` if it cannot be."""
    if kind == "time":
        return _as_time(value)
    if kind == "str":
        return show(value).strip()
    if kind.startswith("date"):
        return as_date(value)
    number = as_number(value)
    if number is None:
        return None
    return int(number) if kind == "int" else number


def compile_settings(records: Sequence[Record]) -> tuple[Settings, list[Problem]]:
    """Returns 亮灯与时限设置 as `Settings`; an unusable value keeps its default with problem TPL-003."""
    kinds = {f.name: str(f.type) for f in fields(Settings)}
    taken: dict[str, object] = {}
    colours = dict(Settings(year=0).colours)
    problems: list[Problem] = []
    for record in records:
        code, value = record.text("设置代码"), record.value("值")
        if value is None or not code:
            continue
        if code in _LIGHT_CODES:
            colour = record.text("值").lstrip("#").upper()
            if re.fullmatch(r"[0-9A-F]{6}", colour):
                colours[_LIGHT_CODES[code]] = colour
            else:
                problems.append(record.problem("TPL-003", "值", expected="RRGGBB，如 E06666"))
        elif code in kinds and code != "colours":
            converted = _setting(kinds[code], value)
            if converted is None:
                problems.append(record.problem("TPL-003", "值", expected=_SETTING_LIKE.get(kinds[code], "数字")))
            else:
                taken[code] = converted
    year = taken.pop("year", 0)
    if not isinstance(year, int) or not 2000 <= year <= 2100:
        problems.append(Problem("TPL-017", found=str(year)))
        year = 2000
    settings = Settings(year=year, colours=tuple(colours.items()), **taken)  # type: ignore[arg-type]
    first, last = settings.window
    if first > last:
        place = next((r for r in records if r.text("设置代码") == "window_end"), records[0])
        problems.append(place.problem("TPL-003", "值", expected=f"不早于 {first} 的日期"))
        settings = replace(settings, window_start=None, window_end=None)
    return settings, problems


def compile_days(records: Sequence[Record], year: int) -> tuple[tuple[Day, ...], list[Problem]]:
    """Returns 节假日与节点; a row whose date or kind is unclear is left out with TPL-003.

    TPL-011: it says nothing of 休 and 班 in the ledger's year, so that only statutory days are known.
    """
    days: list[Day] = []
    problems: list[Problem] = []
    kinds = {kind.value: kind for kind in DayKind}
    for record in records:
        day, kind = as_date(record.value("日期")), kinds.get(record.text("类型"))
        if day is None:
            problems.append(record.problem("TPL-003", "日期", expected="日期，如 2026-10-01"))
        elif kind is None:
            problems.append(record.problem("TPL-003", "类型", expected="休、班、节日、节点"))
        else:
            days.append(Day(day, kind, record.text("名称")))
    if records and Workdays(days).incomplete(year):
        problems.append(Problem("TPL-011", records[0].place("日期"), facts=(("year", str(year)),)))
    return tuple(sorted(days, key=lambda d: (d.day, d.kind, d.name))), problems


def compile_units(records: Sequence[Record], as_of: date) -> tuple[tuple[Unit, ...], tuple[Unit, ...], list[Problem]]:
    """Returns (units in force by 排序, units not in force on that day, problems).

    Problems: TPL-013 a code or short name given twice (the second row is left out), SAFE-010 two short names that make
    one file name (likewise), TPL-018 no code.
    """
    found: list[tuple[float, int, Unit]] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    files: dict[str, int] = {}
    for record in records:
        name = record.text("全称") or record.text("简称")
        short, code = record.text("简称") or name, record.text("编码")
        if not code:
            problems.append(record.problem("TPL-018", "编码", unit=short))
            continue
        twice = next((key for key in (fold(code), fold(short)) if key in seen), None)
        if twice is not None:
            problems.append(record.problem("TPL-013", "编码", unit=short, other=str(seen[twice])))
            continue
        file = fold(file_name(short))
        if file in files:  # one workbook would take the other's place
            problems.append(
                record.problem("SAFE-010", "简称", unit=short, file=file_name(short), other=str(files[file]))
            )
            continue
        seen[fold(code)] = seen[fold(short)] = files[file] = record.row
        order = as_number(record.value("排序"))
        unit = Unit(
            code=code,
            name=name,
            short=short,
            category=record.text("类别"),
            aliases=split_list(record.text("别名")),
            groups=split_list(record.text("组")),
            leader=record.text("分管领导"),
            contact=record.text("联络员"),
            phone=record.text("电话"),
            since=as_date(record.value("启用")),
            until=as_date(record.value("停用")),
            merged_into=record.text("并入"),
        )
        found.append((order if order is not None else 1e9, record.row, unit))
    units = [unit for _, _, unit in sorted(found, key=lambda entry: entry[:2])]
    former = tuple(u for u in units if (u.until and u.until <= as_of) or (u.since and u.since > as_of) or u.merged_into)
    return tuple(u for u in units if u not in former), former, problems


def compile_indicators(records: Sequence[Record]) -> tuple[tuple[Indicator, ...], list[Problem]]:
    """Returns 测评指标 in sheet order; a 周期开始 or 周期结束 that is no date, or ends before it begins, is left out (TPL-003)."""
    problems: list[Problem] = []
    indicators: list[Indicator] = []
    for record in (record for record in records if record.text("编号")):
        days = {name: as_date(record.value(name)) for name in ("周期开始", "周期结束")}
        unclear = next((n for n, day in days.items() if day is None and record.value(n) is not None), "")
        first, last = days.values()
        if unclear or (first and last and first > last):
            problems.append(record.problem("TPL-003", unclear or "周期结束", expected="日期，如 2026-12-31"))
            first = last = None
        indicators.append(
            Indicator(
                number=record.text("编号"),
                project=record.text("项目"),
                content=record.text("内容"),
                standard=record.text("标准"),
                method=record.text("测评方式"),
                score=as_number(record.value("分值")),
                units=record.text("责任单位"),
                start=first,
                end=last,
            )
        )
    return tuple(indicators), problems


def parse_source(text: str, sheets: Sequence[Sheet]) -> CountSource | None:
    """Reads 计数来源: ``活动台账``, ``志愿服务/总时长`` or ``志愿服务/总时长÷志愿者名册``; ``None`` if it names what is not there."""
    named = {fold(s.name): s for s in sheets}
    match = re.fullmatch(r"([^/÷]+)(?:/([^÷]+))?(?:÷(.+))?", text.strip())
    if not match or (sheet := named.get(fold(match[1]))) is None:
        return None
    column = next((c.code for c in sheet.columns if match[2] and fold(c.name) == fold(match[2])), "")
    per = named.get(fold(match[3])) if match[3] else None
    if (match[2] and not column) or (match[3] and per is None):
        return None
    return CountSource(sheet.code, column, per.code if per else "")


def compile_tasks(
    records: Sequence[Record], roster: Roster, sheets: Sequence[Sheet], settings: Settings, days: Sequence[Day]
) -> tuple[tuple[Task, ...], list[Problem]]:
    """Returns 任务分解 as tasks in sheet order.

    Problems: TPL-007 number or row id twice (the second row is left out), TPL-016 row id missing, TPL-020 a number cell
    that is not text (2.10 typed as a number has become 2.1), and those of its parts: TPL-006 unknown unit, TPL-009
    deadline unclear, TPL-012 deadline in another year, TPL-014 count source unknown, TPL-019 no lead.
    """
    workdays, named = Workdays(days), named_days(settings.year, days)

    @cache  # half of a plan is due 全年 or 每季度末
    def worded(text: str, frequency: str) -> Deadline:
        year, shift = settings.year, settings.shift_to_workday
        return parse_deadline(text, year, workdays, named, frequency=frequency, shift=shift)

    tasks: list[Task] = []
    problems: list[Problem] = []
    numbers: dict[str, int] = {}
    ids: dict[str, int] = {}
    for record in records:
        number, task_id = record.text("编号"), record.text("行标识")
        if isinstance(record.value("编号"), float):
            problems.append(record.problem("TPL-020", "编号"))
        if number in numbers or (task_id and task_id in ids):
            column = "编号" if number in numbers else "行标识"
            problems.append(record.problem("TPL-007", column, other=str(numbers.get(number) or ids[task_id])))
            continue
        if not task_id:
            problems.append(record.problem("TPL-016", "编号"))
            task_id = f"T-{fold(number)}"
        numbers[number] = ids[task_id] = record.row
        deadline = worded(record.text("完成时限"), record.text("频次"))
        task, others = _task_of(record, task_id, roster, sheets, deadline)
        tasks.append(task)
        problems += [*others, *_doubts_about(deadline, record, settings.year)]
    return tuple(tasks), problems


def _doubts_about(deadline: Deadline, record: Record, year: int) -> list[Problem]:
    """What is to be said of 完成时限 as it was understood."""
    number = record.text("编号")
    if deadline.kind == "unclear":
        return [record.problem("TPL-009", "完成时限", number=number)]
    if deadline.due and deadline.due.year != year:
        facts = {"number": number, "due": str(deadline.due), "year": str(year)}
        return [record.problem("TPL-012", "完成时限", **facts)]
    return []


def _task_of(
    record: Record, task_id: str, roster: Roster, sheets: Sequence[Sheet], deadline: Deadline
) -> tuple[Task, list[Problem]]:
    """One row of 任务分解: units by name and group, the count source, everything else as worded."""
    leads, unknown_leads = roster.expand(record.text("牵头单位"))
    supports, unknown_supports = roster.expand(record.text("配合单位"))
    problems = [record.problem("TPL-006", "牵头单位", unit=name) for name in unknown_leads]
    problems += [record.problem("TPL-006", "配合单位", unit=name) for name in unknown_supports]
    if not leads:
        problems.append(record.problem("TPL-019", "牵头单位", number=record.text("编号")))
    source = parse_source(record.text("计数来源"), sheets) if record.text("计数来源") else None
    if record.text("计数来源") and source is None:
        problems.append(record.problem("TPL-014", "计数来源"))
    task = Task(
        id=task_id,
        number=record.text("编号"),
        title=record.text("任务"),
        section=record.text("板块"),
        standard=record.text("完成标准"),
        metric=record.text("量化指标"),
        target=as_number(record.value("目标值")),
        measure=record.text("计量单位"),
        leads=leads,
        supports=tuple(code for code in supports if code not in leads),
        leads_text=record.text("牵头单位"),
        supports_text=record.text("配合单位"),
        frequency=record.text("频次"),
        deadline=deadline,
        source=source,
        leader=record.text("责任领导"),
        indicator=record.text("测评指标"),
        supervision=record.text("督办意见"),
    )
    return task, problems


def records_of(tables: Mapping[str, list[Record]], name: str) -> list[Record]:
    """Returns the records of a settings sheet; none where the sheet is missing."""
    return tables.get(name, [])
