"""Compiles the control workbook (台账设置) into a `Ledger`: whatever sheets and columns it names, nothing fixed here.

Passes over plain tables: each returns what it made and the problems it met. A problem of `FATAL` kind means that the
workbook cannot be the source of truth; the caller then keeps the ledger it had.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from syncer.core.model import (
    OUR_SHEETS,
    Choice,
    Column,
    ColumnType,
    Indicator,
    Ledger,
    Owner,
    Sheet,
    SheetKind,
    Status,
    Table,
    Unit,
)
from syncer.core.problems import Place, Problem
from syncer.core.reading.patterns import parse_pattern
from syncer.core.reading.surroundings import TEXTS, Vocabulary
from syncer.core.roster import Roster
from syncer.core.template import plan
from syncer.core.template.demands import compile_rules, settle_required_when
from syncer.core.template.plan import as_date, as_number, records_of, split_list
from syncer.core.template.tables import Record, member, read_records
from syncer.core.texts import tab_name
from syncer.core.values import fold

COLUMNS, SHEETS, UNITS, TASKS = "栏目设置", "表设置", "单位名录", "任务分解"
INDICATORS, OPTIONS, DAYS, RULES, SETTINGS = "测评指标", "下拉选项", "节假日与节点", "校验规则", "亮灯与时限设置"
ROSTER_OPTIONS = frozenset({UNITS, TASKS, INDICATORS})  # 选项 may name these sheets instead of a list

# sheet → (all column names, the ones it cannot do without)
LAYOUT: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    COLUMNS: (
        (
            *("表名", "字段代码", "列组", "列名", "别名", "类型", "必填", "何时必填", "选项", "最小", "最大", "格式"),
            *("计量单位", "归属", "关键列", "默认值", "填写提示", "状态"),
        ),
        ("表名", "列名"),
    ),
    SHEETS: (
        ("表名", "表代码", "种类", "发给", "开始", "截止", "预留行数", "周期", "编号前缀", "状态"),
        ("表名", "种类"),
    ),
    UNITS: (
        (
            *("编码", "全称", "简称", "别名", "类别", "组", "排序", "分管领导", "联络员", "电话"),
            *("启用", "停用", "并入"),
        ),
        ("编码", "全称"),
    ),
    TASKS: (
        (
            *("编号", "行标识", "板块", "任务", "完成标准", "量化指标", "目标值", "计量单位", "牵头单位", "配合单位"),
            *("频次", "完成时限", "计数来源", "责任领导", "测评指标", "督办意见"),
        ),
        ("编号", "任务"),
    ),
    INDICATORS: (
        ("编号", "项目", "内容", "标准", "测评方式", "分值", "责任单位", "周期开始", "周期结束"),
        ("编号",),
    ),
    OPTIONS: (("选项名称", "选项", "别名", "说明"), ("选项名称", "选项")),
    DAYS: (("日期", "类型", "名称"), ("日期", "类型")),
    RULES: (("编号", "表名", "条件", "要求", "级别", "说明文字", "状态"), ("表名", "要求")),
    SETTINGS: (("项目", "设置代码", "值", "说明"), ("设置代码", "值")),
}
NEEDED_SHEETS = (COLUMNS, SHEETS, UNITS, TASKS, SETTINGS)
FATAL = frozenset({"TPL-001", "TPL-002", "TPL-015", "TPL-017"})


def compile_ledger(tables: Iterable[Table], as_of: date) -> tuple[Ledger | None, tuple[Problem, ...]]:
    """Compiles the tables of a control workbook as it holds on ``as_of`` (which units are in force).

    Returns ``(None, problems)`` when it is too broken to go by (a `FATAL` problem); otherwise the ledger without what
    was faulty, and a problem for each fault: TPL-001 a settings sheet is missing, TPL-015 no data sheet has columns,
    TPL-017 no usable 台账年度, and those of the passes below and of `syncer.core.template.plan`.
    """
    records, problems = _read_tables(tables)
    settings, found = plan.compile_settings(records_of(records, SETTINGS))
    problems += found
    days, found = plan.compile_days(records_of(records, DAYS), settings.year)
    problems += found
    units, former, found = plan.compile_units(records_of(records, UNITS), as_of)
    problems += found
    roster = Roster(units, settings.office, former)
    options = _compile_options(records_of(records, OPTIONS))
    columns, inline, found = _compile_columns(records_of(records, COLUMNS), options)
    problems += found
    sheets, found = _compile_sheets(records_of(records, SHEETS), columns, roster)
    problems += found
    tasks, found = plan.compile_tasks(records_of(records, TASKS), roster, sheets, settings, days)
    problems += found
    indicators, found = plan.compile_indicators(records_of(records, INDICATORS))
    problems += found
    all_options = {**options, **inline, **_roster_options(units, [t.number for t in tasks], indicators)}
    vocabulary = Vocabulary(sheets, all_options)
    sheets, found = settle_required_when(records_of(records, COLUMNS), sheets, vocabulary)
    problems += found
    rules, found = compile_rules(records_of(records, RULES), sheets, vocabulary)
    problems += found
    if not sheets:
        problems.append(Problem("TPL-015", Place(sheet=COLUMNS)))
    if any(p.code in FATAL for p in problems):
        return None, tuple(problems)
    content = (settings, sheets, units, tasks, indicators, tuple(all_options.items()), days, rules, former)
    version = hashlib.sha256(repr(content).encode()).hexdigest()[:12]
    return Ledger(version, *content), tuple(problems)


def _read_tables(tables: Iterable[Table]) -> tuple[dict[str, list[Record]], list[Problem]]:
    by_name = {fold(table.name): table for table in tables}
    records: dict[str, list[Record]] = {}
    problems: list[Problem] = []
    for name, (columns, needed) in LAYOUT.items():
        table = by_name.get(fold(name))
        if table is not None:
            records[name], found = read_records(table, columns, needed)
            problems += found
        elif name in NEEDED_SHEETS:
            problems.append(Problem("TPL-001", Place(sheet=name), facts=(("sheet", name),)))
    return records, problems


def _compile_options(records: Sequence[Record]) -> dict[str, tuple[Choice, ...]]:
    options: dict[str, tuple[Choice, ...]] = {}
    for record in records:
        name, text = record.text("选项名称"), record.text("选项")
        if name and text and all(fold(choice.text) != fold(text) for choice in options.get(name, ())):
            choice = Choice(text, split_list(record.text("别名")))
            options[name] = (*options.get(name, ()), choice)
    return options


def _roster_options(
    units: Sequence[Unit], numbers: Sequence[str], indicators: Sequence[Indicator]
) -> dict[str, tuple[Choice, ...]]:
    """The rosters that a column's 选项 may name, as option lists."""
    return {
        UNITS: tuple(Choice(u.short, tuple(dict.fromkeys((u.name, *u.aliases)))) for u in units),
        TASKS: tuple(Choice(number) for number in numbers),
        INDICATORS: tuple(Choice(i.number) for i in indicators),
    }


def _yes(text: str) -> bool:
    return fold(text) in {"是", "y", "yes", "1", "√", "✓", "必填"}


def _limit(record: Record, name: str, kind: ColumnType, problems: list[Problem]) -> float | date | None:
    value = record.value(name)
    if value is None:
        return None
    limit = as_date(value) if kind in {ColumnType.DATE, ColumnType.DEADLINE} else as_number(value)
    if limit is None:
        problems.append(record.problem("TPL-003", name, expected="与本列类型相同的数字或日期"))
    return limit


def _form(record: Record, kind: ColumnType, problems: list[Problem]) -> str:
    """Reads 格式: a pattern that leaves something open (CHK-025), of a column that holds text (CHK-031)."""
    form = record.text("格式")
    if form and kind not in TEXTS:
        problems.append(record.problem("CHK-031", "格式", kind=kind.value))
        return ""
    if form and parse_pattern(form) is None:
        problems.append(record.problem("CHK-025", "格式", form=form))
        return ""
    return form


def _compile_columns(
    records: Sequence[Record], options: Mapping[str, tuple[Choice, ...]]
) -> tuple[dict[str, list[Column]], dict[str, tuple[Choice, ...]], list[Problem]]:
    """Returns (columns by folded sheet name, option lists written inline, problems).

    A column without 字段代码, or with one copied along from another row, takes its name as its code.
    Problems: TPL-004 a name twice in one sheet (the second row is left out), TPL-008 unknown option list, those
    of 格式, TPL-003.
    """
    columns: dict[str, list[Column]] = {}
    inline: dict[str, tuple[Choice, ...]] = {}
    problems: list[Problem] = []
    for record in records:
        sheet, name = fold(record.text("表名")), record.text("列名")
        if not sheet or not name:
            problems.append(record.problem("TPL-021", "列名" if sheet else "表名"))
            continue
        others = columns.setdefault(sheet, [])
        if any(fold(c.name) == fold(name) for c in others):
            problems.append(record.problem("TPL-004", "列名"))
            continue
        code = record.text("字段代码") or fold(name)
        if any(c.code == code for c in others):
            code = fold(name)
        kind = member(record, "类型", ColumnType, ColumnType.TEXT, problems)
        choice_list = record.text("选项")
        if choice_list and choice_list not in options and choice_list not in ROSTER_OPTIONS:
            words = split_list(choice_list)
            if len(words) > 1:
                inline[choice_list] = tuple(Choice(word) for word in words)
            else:
                problems.append(record.problem("TPL-008", "选项"))
                choice_list = ""
        others.append(
            Column(
                code=code,
                name=name,
                type=kind,
                owner=member(record, "归属", Owner, Owner.UNIT, problems),
                group=record.text("列组"),
                aliases=split_list(record.text("别名")),
                required=_yes(record.text("必填")),
                required_when=record.text("何时必填"),
                options=choice_list,
                minimum=_limit(record, "最小", kind, problems),
                maximum=_limit(record, "最大", kind, problems),
                form=_form(record, kind, problems),
                measure=record.text("计量单位"),
                key=_yes(record.text("关键列")),
                default=record.value("默认值"),
                hint=record.text("填写提示"),
                status=member(record, "状态", Status, Status.ACTIVE, problems),
            )
        )
    return columns, inline, problems


def _compile_sheets(
    records: Sequence[Record], columns: Mapping[str, list[Column]], roster: Roster
) -> tuple[tuple[Sheet, ...], list[Problem]]:
    """Returns the data sheets in the order of 表设置.

    Problems: TPL-004 a name twice, TPL-005 a sheet without columns or columns without a sheet, TPL-006 an unknown
    audience, TPL-003, SAFE-011 a name that is another sheet's once it is fit for Excel (the second is left out).
    """
    tabs = {fold(name) for name in OUR_SHEETS}
    sheets: list[Sheet] = []
    problems: list[Problem] = []
    for record in records:
        name = record.text("表名")
        if not name or fold(record.text("状态")) == fold(Status.RETIRED.value):
            continue
        if any(fold(s.name) == fold(name) for s in sheets):
            problems.append(record.problem("TPL-004", "表名"))
            continue
        if fold(tab_name(name)) in tabs:
            problems.append(record.problem("SAFE-011", "表名", tab=tab_name(name)))
            continue
        own = columns.get(fold(name), [])
        if not own:
            problems.append(record.problem("TPL-005", "表名"))
            continue
        code = record.text("表代码") or fold(name)
        if any(s.code == code for s in sheets):
            code = fold(name)
        tabs.add(fold(tab_name(name)))
        audience, unknown = roster.expand(record.text("发给") or "全部")
        problems += [record.problem("TPL-006", "发给", unit=part) for part in unknown]
        reserved = as_number(record.value("预留行数"))
        prefix = (record.text("编号前缀") or code).upper()
        sheets.append(
            Sheet(
                code=code,
                name=name,
                kind=member(record, "种类", SheetKind, SheetKind.RECORDS, problems),
                columns=tuple(c for c in own if c.status is not Status.RETIRED),
                audience=tuple(u.code for u in roster.units if u.code in audience),
                start=as_date(record.value("开始")),
                due=as_date(record.value("截止")),
                reserved_rows=20 if reserved is None else max(0, min(int(reserved), 5000)),
                prefix=f"R{prefix}" if prefix.startswith("T") else prefix,
                period=record.text("周期") or "不限",
                retired=tuple(c for c in own if c.status is Status.RETIRED),
            )
        )
    known = {fold(s.name) for s in sheets} | {fold(r.text("表名")) for r in records}
    problems += [
        Problem("TPL-005", Place(sheet=COLUMNS), column="表名", found=name) for name in columns if name not in known
    ]
    return tuple(sheets), problems
