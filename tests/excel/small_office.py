"""An office small enough to be read at a glance: three units, two tasks, a sheet of records."""

from __future__ import annotations

from datetime import date

from syncer.core.deadlines import Deadline
from syncer.core.model import Column, ColumnType, Ledger, Owner, Settings, Sheet, SheetKind, Task, Unit

AS_OF = date(2026, 11, 20)
UNITS = tuple(Unit(f"D{at:02d}", name, name, "科室") for at, name in enumerate(("办公室", "宣传科", "工会"), 1))
ALL = tuple(unit.code for unit in UNITS)
TASKS = Sheet(
    "tasks",
    "任务清单",
    SheetKind.TASKS,
    (
        Column("no", "任务编号", ColumnType.IDENTIFIER, Owner.COORDINATOR, "任务"),
        Column("title", "重点任务", ColumnType.TEXT, Owner.COORDINATOR, "任务"),
        Column("percent", "完成率", ColumnType.PERCENT, group="进展"),
        Column("status", "工作状态", ColumnType.CHOICE, group="进展"),
        Column("this_week", "本周完成情况", ColumnType.LONG_TEXT, group="进展"),
        Column("light", "亮灯", ColumnType.TEXT, Owner.SYSTEM),
        Column("hint", "系统提示", ColumnType.TEXT, Owner.SYSTEM),
    ),
    ALL,
)
ACTIVITIES = Sheet(
    "activities",
    "活动台账",
    SheetKind.RECORDS,
    (
        Column("date", "日期", ColumnType.DATE, group="基本情况"),
        Column("name", "活动名称", group="基本情况"),
        Column("headcount", "参加人数", ColumnType.INTEGER, group="规模"),
        Column("rate", "到会率", ColumnType.PERCENT, group="规模"),
    ),
    ALL,
)
YEAR = Deadline("全年", "all_year", None, date(2026, 12, 31))
LEDGER = Ledger(
    "v1",
    Settings(2026, office="云岭市建设局"),
    (TASKS, ACTIVITIES),
    UNITS,
    (
        Task("T0001", "1.10", "制定方案", leads=("D01",), deadline=YEAR),
        Task("T0002", "2.1", "廉政教育", leads=("D02", "D03"), deadline=YEAR),
    ),
)
