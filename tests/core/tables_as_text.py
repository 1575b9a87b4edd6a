"""Worksheets written as text in a test: what stands between the bars is what stands in the cells.

A figure is a number, ``2026-03-05`` a date, ``#REF!`` an error value, nothing a blank cell; all else is text. A leading
apostrophe makes text of anything, as it does in Excel: ``'1.1``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from syncer.core.model import Book, Ledger, Sheet, Table
from syncer.core.problems import Problem
from syncer.core.template.schema import compile_ledger
from syncer.core.values import CellError, Scalar

AS_OF = date(2026, 11, 20)

CONTROL: Mapping[str, str] = {
    "表设置": """
        | 表名     | 表代码     | 种类 | 发给 | 预留行数 | 编号前缀 |
        | 任务清单 | tasks      | 任务 | 全部 | 3        | RW       |
        | 活动台账 | activities | 记录 | 全部 | 5        | HD       |
    """,
    "栏目设置": """
        | 表名     | 字段代码  | 列组 | 列名         | 别名       | 类型     | 必填 | 选项     | 最小 | 最大 | 归属   | 关键列 | 默认值 |
        | 任务清单 | no        | 计划 | 任务编号     |            | 编号     |      |          |      |      | 创建办 | 是     |        |
        | 任务清单 | title     | 计划 | 重点任务     |            | 长文本   |      |          |      |      | 创建办 |        |        |
        | 任务清单 | done      | 计划 | 已完成量     |            | 数值     |      |          |      |      | 系统   |        |        |
        | 任务清单 | percent   | 进展 | 完成率       |            | 百分比   |      |          | 0    | 100  | 单位   |        |        |
        | 任务清单 | status    | 进展 | 工作状态     |            | 选项     |      | 工作状态 |      |      | 单位   |        | 未启动 |
        | 任务清单 | this_week | 进展 | 本周完成情况 |            | 长文本   |      |          |      |      | 单位   |        |        |
        | 任务清单 | note      |      | 备注         |            | 长文本   |      |          |      |      | 单位   |        |        |
        | 活动台账 | no        |      | 活动编号     |            | 编号     |      |          |      |      | 系统   |        |        |
        | 活动台账 | date      |      | 日期         | 时间       | 日期     | 是   |          |      |      | 单位   | 是     |        |
        | 活动台账 | name      |      | 活动名称     | 名称、活动 | 文本     | 是   |          |      |      | 单位   | 是     |        |
        | 活动台账 | headcount |      | 参加人数     |            | 整数     |      |          | 0    | 5000 | 单位   |        |        |
        | 活动台账 | tasks     |      | 对应任务     |            | 任务编号 |      |          |      |      | 单位   |        |        |
        | 活动台账 | content   |      | 主要内容     |            | 长文本   |      |          |      |      | 单位   |        |        |
        | 活动台账 | closed    |      | 销号         |            | 选项     |      | 是、否   |      |      | 创建办 |        |        |
    """,
    "单位名录": """
        | 编码 | 全称             | 简称   | 别名   | 类别 | 组       | 排序 | 启用 | 停用 | 并入 |
        | D01  | 云岭市局办公室   | 办公室 | 局办   | 科室 | 机关科室 | 1    |      |      |      |
        | D02  | 云岭市局宣传科   | 宣传科 | 宣教科 | 科室 | 机关科室 | 2    |      |      |      |
        | D03  | 青禾社区居委会   | 青禾   |        | 同创单位 | 同创单位 | 3 |   |      |      |
    """,
    "任务分解": """
        | 编号 | 行标识 | 板块 | 任务     | 目标值 | 计量单位 | 牵头单位 | 配合单位 | 完成时限   | 计数来源 |
        | '1.1 | T0001  | 机制 | 制定方案 |        |          | 办公室   | 机关科室 | 3月底前    |          |
        | '2.1 | T0002  | 教育 | 主题宣讲 | 4      | 次       | 宣传科   | 同创单位 | 每季度末   | 活动台账 |
        | '2.2 | T0003  | 教育 | 道德讲堂 | 2      | 场       | 宣传科   |          | 全年       |          |
    """,
    "下拉选项": """
        | 选项名称 | 选项   | 别名             |
        | 工作状态 | 未启动 | 未开始           |
        | 工作状态 | 推进中 | 进行中、达序时   |
        | 工作状态 | 已完成 | 办结、完成、100% |
        | 工作状态 | 滞后   | 缓慢             |
    """,
    "亮灯与时限设置": """
        | 项目     | 设置代码  | 值       |
        | 年度     | year      | 2026     |
        | 单位名称 | office    | 云岭市局 |
        | 台账标识 | ledger_id | L1       |
    """,
}
"""A control workbook small enough to keep in mind: three units, three tasks, a plan sheet and a sheet of records."""


def cell(text: str) -> Scalar:
    """Reads what stands between two bars."""
    match text:
        case "":
            return None
        case _ if text.startswith("'"):
            return text[1:]
        case _ if re.fullmatch(r"-?\d+", text):
            return int(text)
        case _ if re.fullmatch(r"-?\d+\.\d+", text):
            return float(text)
        case _ if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
        case _ if re.fullmatch(r"#[A-Z/0]+[!?A]?", text):
            return CellError(text)
        case _:
            return text.replace("\\n", "\n")


def lines(text: str) -> list[tuple[Scalar, ...]]:
    """Reads rows of cells, trailing blanks cut as a workbook's reader cuts them; ``|`` alone is a blank row."""
    rows = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        cells = [cell(part.strip()) for part in line.strip("|").split("|")]
        while cells and cells[-1] is None:
            cells.pop()
        rows.append(tuple(cells))
    return rows


def table(name: str, text: str) -> Table:
    """Returns a worksheet whose first row is the first line."""
    return Table(name, tuple(lines(text)))


def merged_table(name: str, text: str) -> Table:
    """Returns a worksheet in which ``←`` is merged with the cell to its left, and ``↑`` with the one above."""
    rows = [[None if c in {"←", "↑"} else c for c in row] for row in lines(text)]
    marks = {
        (r, c): mark for r, row in enumerate(lines(text), 1) for c, mark in enumerate(row, 1) if mark in {"←", "↑"}
    }
    areas: dict[tuple[int, int], tuple[int, int]] = {}
    home: dict[tuple[int, int], tuple[int, int]] = {}
    for (r, c), mark in sorted(marks.items()):
        beside = (r, c - 1) if mark == "←" else (r - 1, c)
        home[r, c] = anchor = home.get(beside, beside)
        last = areas.get(anchor, anchor)
        areas[anchor] = (max(last[0], r), max(last[1], c))
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    return Table(name, tuple(map(tuple, rows)), tuple((*first, *last) for first, last in areas.items()))


def control(replaced: Mapping[str, str] | None = None, added: Mapping[str, str] | None = None) -> list[Table]:
    """Returns the small control workbook with whole sheets replaced (by ``""``: left out) or rows added to them."""
    texts = {**CONTROL, **(replaced or {})}
    for name, rows in (added or {}).items():
        texts[name] = f"{texts.get(name, '')}\n{rows}"
    return [table(name, text) for name, text in texts.items() if text]


def compiled(
    replaced: Mapping[str, str] | None = None, added: Mapping[str, str] | None = None, as_of: date = AS_OF
) -> tuple[Ledger, tuple[Problem, ...]]:
    """Compiles the small control workbook with these changes; it must be usable."""
    ledger, problems = compile_ledger(control(replaced, added), as_of)
    assert ledger is not None, problems
    return ledger, problems


def sheet_of(ledger: Ledger, code: str) -> Sheet:
    """Returns a data sheet that must be there."""
    sheet = ledger.sheet(code)
    assert sheet is not None, code
    return sheet


def codes(problems: tuple[Problem, ...] | list[Problem]) -> list[str]:
    """Returns the codes of problems, in order."""
    return [problem.code for problem in problems]


TASK_HEADER = "| 任务编号 | 重点任务 | 行标识 | 已完成量 | 完成率 | 工作状态 | 本周完成情况 | 备注 |"
ACTIVITY_HEADER = "| 活动编号 | 日期 | 行标识 | 活动名称 | 参加人数 | 对应任务 | 主要内容 | 销号 |"
TASK_ROWS = "| '2.1 | 主题宣讲 | T0002 | | | 未启动 |\n| '2.2 | 道德讲堂 | T0003 | | | 未启动 |"


def book(activities: str | None = "", tasks: str | None = TASK_ROWS) -> Book:
    """Returns 宣传科's workbook with these rows, its data from row 5; ``None`` leaves a sheet out."""
    sheets = (("任务清单", TASK_HEADER, tasks), ("活动台账", ACTIVITY_HEADER, activities))
    head = "| {} |\n| 填报单位：宣传科 |\n|\n{}\n{}"
    return Book(
        tuple(table(name, head.format(name, header, rows)) for name, header, rows in sheets if rows is not None)
    )
