"""The lines below a header that are no records: totals, signatures, remarks, headings of sections, headers again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from syncer.core.model import Table
from syncer.core.values import Scalar, fold

_TOTAL = re.compile(r"(.{0,10})(合计|小计|总计|共计|累计)(数|人数|次数|金额)?([:：(].*)?")
_SIGNER = r"(填报人|填表人|审核人|审批人|复核人?|制表人?|经办人|联系人|联系电话|填报(日期|时间|单位)|填表(日期|时间)|报送(单位|时间|日期)|签发人)"
_LEADER = r"((单位|部门|科室|支部|主要|分管)?(负责人|领导|书记|主任|局长|科长)|(单位|部门|科室|党支部)?)"
_SEAL = "(签字|签名|签章|盖章|公章|章)"
_SIGNATURE = re.compile(
    rf"{_SIGNER}(\([^)]*\))?([:].*)?|(填报人|填表人|审核人|制表人)(?!员)[^会训学习作班]{{0,6}}"
    rf"|{_LEADER}(\({_SEAL}\)([:].*|.{{0,6}})|(签字|签名|签章|盖章)([:].*)?)"
)
_REMARK = re.compile(
    r"(备注|说明|注|注意|附注|填[表报写]说明|填[表报写]要求|填写示例|附)[\d一二三四五六七八九十]?[:].*"
)
_HEADING = re.compile(
    r"([一二三四五六七八九十]{1,3}[、.]|\([一二三四五六七八九十]{1,3}\)|第.{1,3}(部分|章|节|项|季度|类)|\d{1,2}月份?$).*"
)
_MANY = 3  # other cells with words in them: a line that says as much is a record, whatever it begins with
_ACROSS = 3  # columns of ours from which on a merge heads a section
_LABEL_SIGNS = 40
_OTHER_TABLES = frozenset(
    {
        "序号",
        "姓名",
        "性别",
        "职务",
        "职称",
        "部门",
        "科室",
        "单位",
        "名称",
        "项目",
        "内容",
        "日期",
        "时间",
        "地点",
        "电话",
        "联系电话",
        "数量",
    }
    | {
        "单价",
        "金额",
        "人数",
        "得分",
        "分值",
        "备注",
        "签字",
        "签到",
        "年龄",
        "身份证号",
        "手机",
        "编号",
        "类别",
        "合计",
    }
)


class LineKind(StrEnum):
    """What a line below the header is."""

    RECORD = "record"
    TOTAL = "total"
    SIGNATURE = "signature"
    REMARK = "remark"
    HEADING = "heading"  # one text across the table, or a number and a text alone in its first column


@dataclass(frozen=True, slots=True)
class Line:
    """The filled cells of one line, by column; ``across``: how many columns of ours its first cell is merged over."""

    cells: Mapping[int, Scalar]
    across: int = 1
    first_column: int = 1  # the leftmost column of the table


def is_total(text: str) -> bool:
    """Tells whether a text is the label of a line of totals: ``上半年小计``, ``合计人数：``."""
    return "计" in text and bool(_TOTAL.fullmatch(fold(text)))


def kind_of(line: Line) -> LineKind:
    """Returns what a line without a row id is; what is filled like a record is one, however it begins.

    ``合计 | 5场 | 130`` → total; an activity called 合计测算培训, one called 合计 that has a day, a text 说明会 → records.
    """
    first, *others = line.cells.values() or [None]
    text = fold(first) if isinstance(first, str) else ""
    if not text or any(isinstance(cell, date) for cell in others):
        return LineKind.RECORD
    words = [cell for cell in others if isinstance(cell, str)]
    told = [cell for cell in words if not re.search(r"\d", cell) and not _SIGNATURE.fullmatch(fold(cell))]
    if is_total(text) and len(told) < 2:
        return LineKind.TOTAL
    if len(told) < _MANY:
        if _SIGNATURE.fullmatch(text):
            return LineKind.SIGNATURE
        if _REMARK.fullmatch(text):
            return LineKind.REMARK
    alone = not others and (
        line.across >= _ACROSS or (_HEADING.fullmatch(text) and min(line.cells) <= line.first_column)
    )
    return LineKind.HEADING if alone else LineKind.RECORD


# ---- headers again


class HeaderLines:
    """The header lines of a worksheet, to know them again further down."""

    def __init__(self, table: Table, top: int, last: int, columns: Mapping[str, int], width: int = 0) -> None:
        """``columns`` maps folded spellings of our headers to where they stand; ``width`` ends the table, 0 for nowhere."""
        self._table, self._last, self._columns = table, last, columns
        self._lines = {number: self._texts(number, width) for number in range(1, last + 1)}
        self._heads = [self._lines[number] for number in range(top or last, last + 1)]
        self._longest = max((len(text) for line in self._heads for text in line.values()), default=0) + 4

    def _texts(self, number: int, width: int) -> dict[int, str]:
        cells = self._table.rows[number - 1][: width or None]
        return {at: fold(cell) for at, cell in enumerate(cells, start=1) if isinstance(cell, str) and fold(cell)}

    def again(self, cells: Sequence[Scalar]) -> bool:
        """Whether a line repeats one of the header's own: at least two of its cells, and most of them, say the same."""
        return any(self._repeats(cells, head, 2) for head in self._heads)

    def lead_up(self, number: int) -> int:
        """Returns where the copied page head begins whose header line stands at ``number``: with its title, say."""
        begins, above = number, self._last - 1
        while above > 0 and begins - 1 > self._last:
            cells = self._table.rows[begins - 2]
            if not self._repeats(cells, self._lines[above], 1) and (
                self._lines[above] or any(c is not None for c in cells)
            ):
                break
            begins, above = begins - 1, above - 1
        while begins < number and not any(c is not None for c in self._table.rows[begins - 1]):
            begins += 1
        return begins

    def _repeats(self, cells: Sequence[Scalar], head: Mapping[int, str], least: int) -> bool:
        """Whether four fifths of a header line's cells say the same here."""
        if not head:
            return False
        may_differ = len(head) // 5
        equal = 0
        for at, text in head.items():
            cell = cells[at - 1] if at <= len(cells) else None
            if isinstance(cell, str) and len(cell) <= 2 * self._longest + 20 and fold(cell) == text:
                equal += 1
            else:
                may_differ -= 1
                if may_differ < 0:
                    return False
        return equal >= min(least, len(head))

    def begins_another(self, cells: Sequence[Scalar]) -> bool:
        """Whether a line is another table's header: short texts only, and names of columns where ours do not stand."""
        filled = [(at, cell) for at, cell in enumerate(cells, start=1) if cell is not None]
        if len(filled) < _MANY:
            return False
        elsewhere: set[str] = set()  # a header says nothing twice
        for at, cell in filled:
            if not isinstance(cell, str) or len(cell) > _LABEL_SIGNS:
                return False
            text = fold(cell)
            stands = self._columns.get(text, 0)
            if stands != at if stands else text in _OTHER_TABLES:
                elsewhere.add(text)
        return len(elsewhere) >= _MANY and 2 * len(elsewhere) > len(filled)


def listed(numbers: Collection[int], most: int = 5) -> str:
    """Returns row numbers as a person reads them: ``第5–9行、第12行等12行``."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    said = "、".join(f"第{first}行" if first == last else f"第{first}–{last}行" for first, last in runs[:most])
    return said if len(runs) <= most else f"{said}等{len(numbers)}行"
