"""What became of one cell of an old ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from syncer.core.adopting.structure import Apart
from syncer.core.values import Scalar, column_letter


class Fate(StrEnum):
    """What became of a cell; the words are those of the report. The better a fate, the earlier it stands here."""

    PLACED = "已写入"
    PLAN_SAME = "任务分解里已有"
    DIVIDES = "用来分单位"
    HEADER = "栏目名"
    PLAN_OTHER = "与任务分解不同"
    NOT_IN_PLAN = "任务分解的内容，工作簿里没有这一栏"
    NO_NUMBER = "自定子任务不编号"
    SECOND = "同一格已有别的内容"
    NO_COLUMN = "对应的表里没有这一栏"
    COLUMN_LEFT = "此栏不导入"
    SYSTEM = "系统自动生成的栏目"
    COORDINATOR = "创建办填写的栏目"
    ERROR = "错误值"
    ROW_LEFT = "此行不导入"
    NO_UNIT = "不知道是哪个单位的"
    NOT_ISSUED = "这张表不发给该单位"
    NO_SHEET = "此表不导入"
    BOOK = "该单位的工作簿没有写入"
    SECTION = "分节标题"
    TITLE = "表头以上的文字"
    NOTE = "表下说明"
    TOTAL = "合计行"
    SIGNATURE = "签字行"
    AGAIN = "重复的表头"
    COUNTING = "栏次"
    SERIAL = "序号"
    UNKNOWN = "没有找到表头"
    HIDDEN = "被合并单元格盖住"

    @property
    def rank(self) -> int:
        """Its place in the order, best first."""
        return list(Fate).index(self)

    @property
    def settled(self) -> bool:
        """Whether nobody needs to hear of the cell any more."""
        return self in {Fate.PLACED, Fate.PLAN_SAME, Fate.DIVIDES, Fate.HEADER}


APART_FATES: Mapping[Apart, Fate] = {
    Apart.TITLE: Fate.TITLE,
    Apart.HEADER: Fate.HEADER,
    Apart.COUNTING: Fate.COUNTING,
    Apart.AGAIN: Fate.AGAIN,
    Apart.SECTION: Fate.SECTION,
    Apart.TOTAL: Fate.TOTAL,
    Apart.SIGNATURE: Fate.SIGNATURE,
    Apart.NOTE: Fate.NOTE,
    Apart.HIDDEN: Fate.HIDDEN,
    Apart.UNKNOWN: Fate.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the cell in ``row``, ``column`` of a table; where it was placed, or what speaks against it (``note``)."""

    table: int
    row: int
    column: int
    value: Scalar
    fate: Fate
    note: str = ""
    unit: str = ""
    sheet: str = ""
    name: str = ""  # of our column
    task: str = ""  # id, where it is about a task of the plan
    line: int = 0  # the row of the old ledger that it was read with (merged content belongs to several)

    @property
    def cell(self) -> str:
        """The cell as a person calls it: ``E17``."""
        return f"{column_letter(self.column)}{self.row}"
