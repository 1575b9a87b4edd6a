"""An office of any size: the shipped control workbook with as many units, and a plan that grows with the roster.

The shipped units come first, with their groups; more are invented in the same proportions (of eight units five are sections, one
is a branch, two are partners). The shipped tasks keep their wording and their supporting groups. To them comes one task a
unit, led by three units and supported by five others, so that everybody leads a handful whatever the size of the office.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from syncer.commands.init import control_workbook
from syncer.core.model import Refusal
from syncer.core.template.schema import LAYOUT, TASKS, UNITS
from syncer.core.template.tables import Record, read_records
from syncer.core.values import Scalar
from syncer.excel.patch import patch_cells
from syncer.excel.reader import read_book
from syncer.resources import shipped

YEAR = 2026
LEADS, SUPPORTS = 3, 5  # units that lead, and support, each of the tasks added
_CATEGORIES = ("科室", "科室", "同创单位", "科室", "科室", "支部", "科室", "同创单位")
_GROUPS = {"科室": "机关科室", "支部": "局属支部", "同创单位": "同创单位"}
_FIRST_SHIPPED = ("D01", "D15", "D13", "D05", "D02", "D03")  # of a small office: one of each category first
_DEADLINES = ("每季度末", "6月底前", "全年", "11月底前", "每月25日前", "上半年、下半年各一次", "12月15日前", "长期坚持")
_SOURCES = ("活动台账", None, "学习教育", "活动台账", "志愿服务", None)

Cells = dict[str, Scalar]  # by column name
Patch = dict[tuple[int, int], Scalar]  # by 1-based row and column


def office_workbook(units: int) -> bytes:
    """Returns a control workbook with so many units; same number, same content (but for the ledger's id)."""
    roster, tasks = _records(UNITS), _records(TASKS)
    offices = list(_roster(roster, units))
    shorts = [str(unit["简称"]) for unit in offices]
    patches = {UNITS: _rows(roster[0], offices), TASKS: _led(tasks, shorts)}
    for unused in roster[units:]:
        patches[UNITS] |= {(unused.row, column): None for column in unused.columns.values()}
    spare = replace(tasks[0], row=tasks[-1].row + 1)
    patches[TASKS] |= _rows(spare, list(_added_tasks(shorts, len(tasks))))
    return patch_cells(control_workbook(YEAR, sample=True), patches)


def _records(name: str) -> list[Record]:
    book = read_book(shipped("workbook_templates/ledger.xlsx"))
    tables = () if isinstance(book, Refusal) else book.tables
    return read_records(next(table for table in tables if table.name == name), *LAYOUT[name])[0]


def _rows(first: Record, rows: Sequence[Cells]) -> Patch:
    """The cells of rows that stand one below the other, from the place of ``first`` on."""
    return {
        (first.row + at, column): cells.get(name)
        for at, cells in enumerate(rows)
        for name, column in first.columns.items()
    }


def _led(tasks: Sequence[Record], shorts: Sequence[str]) -> Patch:
    """Who leads the shipped tasks; where a small office lacks their leads, others do."""
    patch: Patch = {}
    for at, task in enumerate(tasks):
        leads = [name for name in task.text("牵头单位").split("、") if name in shorts]
        patch[task.row, task.columns["牵头单位"]] = "、".join(leads) or shorts[at % len(shorts)]
    return patch


def _roster(known: Sequence[Record], units: int) -> Iterator[Cells]:
    ranked = sorted(known, key=lambda unit: _rank(unit.text("编码")))[:units]
    ranked.sort(key=lambda unit: unit.row)
    yield from (dict(unit.cells) for unit in ranked)
    for number in range(len(ranked) + 1, units + 1):
        category = _CATEGORIES[number % len(_CATEGORIES)]
        short = f"{'第' if category == '支部' else ''}{number:03}{category if category != '同创单位' else '号社区'}"
        yield {
            "编码": f"D{number:02}",
            "全称": f"云岭市建设管理局{short}",
            "简称": short,
            "类别": category,
            "组": _GROUPS[category],
            "排序": number,
            "分管领导": "王示例",
            "联络员": "沈样本",
            "电话": f"1200000{number:04}",
        }


def _rank(code: str) -> int:
    return _FIRST_SHIPPED.index(code) if code in _FIRST_SHIPPED else len(_FIRST_SHIPPED)


def _added_tasks(shorts: Sequence[str], known: int) -> Iterator[Cells]:
    """One task a unit; its leads and supports are neighbours in the roster, so that all have as many."""
    for at in range(len(shorts)):
        around = [shorts[(at + step) % len(shorts)] for step in range(min(LEADS + SUPPORTS, len(shorts)))]
        source = _SOURCES[at % len(_SOURCES)]
        yield {
            "编号": f"{12 + at // 20}.{at % 20 + 1}",
            "行标识": f"T{known + at + 1:04}",
            "板块": f"专项工作（{at // 20 + 1}）",
            "任务": f"落实第{at + 1}项创建任务，做到有部署、有检查、有总结",
            "完成标准": "有年度安排和责任分工，过程材料齐全，年底有总结",
            "量化指标": "活动" if source else None,
            "目标值": 4 + at % 9 if source else None,
            "计量单位": "次" if source else None,
            "牵头单位": "、".join(around[:LEADS]),
            "配合单位": "、".join(around[LEADS:]) or None,
            "频次": "年度",
            "完成时限": _DEADLINES[at % len(_DEADLINES)],
            "计数来源": source,
            "责任领导": "张示例",
        }
