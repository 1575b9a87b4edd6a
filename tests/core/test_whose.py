from __future__ import annotations

from dataclasses import replace

import pytest

from syncer.core.merging.whose import MOST_OFFERED, whose
from syncer.core.model import Book, Refusal, Stamp
from tests.core.tables_as_text import compiled, table

LEDGER, _ = compiled()
HEAD = "| 序号 | 日期 | 行标识 | 活动名称 | 参加人数 |"
OTHERS_YEAR = "| 云岭市局文明单位创建工作台账——活动台账（2025年） |"
TITLE = "| 云岭市局文明单位创建工作台账——活动台账（2026年） |"
TASK_HEAD = "| 任务编号 | 重点任务 | 行标识 | 工作状态 |"


def activities(*ids: str, line: str = "填报单位：　填报人：", title: str = TITLE) -> str:
    rows = "\n".join(f"| | 2026-03-05 | {row_id} | 植树 | 30 |" for row_id in ids or ("",))
    return f"{title}\n| {line} |\n{HEAD}\n{rows}"


def tasks(*numbers: str, line: str = "填报单位：") -> str:
    return f"{TITLE}\n| {line} |\n{TASK_HEAD}\n" + "\n".join(f"| '{number} | 一件事 | | |" for number in numbers)


def book(stamp: Stamp | None = None, **sheets: str) -> Book:
    return Book(tuple(table(name, text) for name, text in sheets.items()), stamp)


OWN = ("HD-D02-0001", "HD-D02-0002", "HD-D02-0003", "HD-D02-0004")
CASES: dict[str, tuple[Book, str, str]] = {
    "its stamp": (book(Stamp("L1", "D02"), 活动台账=activities()), "张三的表(1)(1)", "D02"),
    "its stamp, whatever ids were pasted into it": (
        book(Stamp("L1", "D02"), 活动台账=activities("HD-D01-0001", "HD-D01-0002", "HD-D01-0003")),
        "x",
        "D02",
    ),
    "the fill-in line": (book(活动台账=activities(line="填报单位：宣传科　填报人：")), "x", "D02"),
    "the fill-in line by an alias": (book(活动台账=activities(line="填报单位（盖章）：云岭市局宣教科")), "x", "D02"),
    "its whole name": (book(活动台账=activities()), "宣传科", "D02"),
    "its row ids": (book(活动台账=activities(*OWN)), "微信文件", "D02"),
    "its row ids, a few of another unit's among them": (book(活动台账=activities(*OWN, "HD-D01-0009")), "x", "D02"),
    "its row ids in another case": (book(活动台账=activities(*(i.lower() for i in OWN))), "x", "D02"),
    "tasks that it alone leads": (book(任务清单=tasks("2.1", "2.2")), "x", "D02"),
    "one of several tasks": (book(任务清单=tasks("2.2")), "x", "?D02"),
    "tasks of two units": (book(任务清单=tasks("1.1", "2.1")), "x", "?"),
    "two ids only": (book(活动台账=activities(*OWN[:2])), "x", "?D02"),
    "ids of two units": (book(活动台账=activities(*OWN[:3], "HD-D01-0001", "HD-D01-0002")), "x", "?D02 D01"),
    "a name within the file's name": (book(活动台账=activities()), "宣传科11月台账", "?D02"),
    "two names within it": (book(活动台账=activities()), "宣传科和办公室", "?D01 D02"),
    "nothing": (book(活动台账=activities()), "新建 Microsoft Excel 工作表", "?"),
    "line and name of two units": (book(活动台账=activities(line="填报单位：宣传科")), "办公室", "?D02 D01"),
    "stamp and line of two units": (
        book(Stamp("L1", "D01"), 活动台账=activities(line="填报单位：宣传科")),
        "x",
        "?D01 D02",
    ),
    "another ledger": (book(Stamp("L9", "D02"), 活动台账=activities()), "宣传科", "FILE-013"),
    "another year": (book(活动台账=activities(line="填报单位：宣传科", title=OTHERS_YEAR)), "宣传科", "FILE-013"),
    "a unit that is not on the roster": (book(Stamp("L1", "D77"), 活动台账=activities()), "宣传科", "RECV-005"),
    "no sheet of ours": (book(Sheet1="| 姓名 | 电话 |"), "宣传科", "RECV-004"),
    "the settings": (book(栏目设置="| 表名 |", 单位名录="| 编码 |", 任务分解="| 编号 |"), "宣传科", "RECV-002"),
    "the master": (book(首页="| x |", 总台账="| x |", 活动台账=activities(*OWN)), "宣传科", "RECV-003"),
    "a weekly": (book(汇总="| x |", 未报送="| x |", 下周到期="| x |"), "周报", "RECV-003"),
    "feedback": (book(填报提示="| x |"), "宣传科填报提示", "RECV-003"),
    "our inbox": (book(Stamp("L1", "-", "inbox"), 待处理="| x |", 已处理="| x |"), "待我处理", "RECV-003"),
}


@pytest.mark.parametrize("case", CASES)
def test_whose_a_workbook_is(case: str) -> None:
    """``?D02 D01``: it is asked, with these units offered, best first."""
    workbook, stem, expected = CASES[case]
    found = whose(workbook, stem, LEDGER)
    if not expected.startswith("?"):
        assert (found.code if isinstance(found, Refusal) else found) == expected
        return
    assert isinstance(found, Refusal)
    assert (found.code, dict(found.facts)["units"]) == ("RECV-010", expected[1:])


def test_the_question_says_in_words_what_speaks_for_each_unit() -> None:
    found = whose(book(活动台账=activities(line="填报单位：宣传科")), "给办公室", replace(LEDGER))
    assert found == "D02", "a name within the file's name is no more than a hint"
    asked = whose(book(活动台账=activities(line="填报单位：宣传科")), "办公室", LEDGER)
    assert isinstance(asked, Refusal)
    assert dict(asked.facts)["likely"] == "宣传科（填报单位一栏）、办公室（文件名）"


def test_a_unit_that_was_merged_is_named_with_its_heir() -> None:
    gone = replace(LEDGER.units[0], code="D09", name="党办", short="党办", merged_into="办公室")
    found = whose(book(Stamp("L1", "D09"), 活动台账=activities()), "x", replace(LEDGER, former=(gone,)))
    assert found == Refusal("RECV-005", (("unit", "党办"), ("heir", "办公室")))


def test_of_many_likely_units_the_best_are_offered() -> None:
    units = tuple(
        replace(LEDGER.units[0], code=f"U{n}", name=f"第{n}科", short=f"第{n}科", aliases=()) for n in range(9)
    )
    found = whose(
        book(活动台账=activities()), "".join(unit.short for unit in units), replace(LEDGER, units=units, tasks=())
    )
    assert isinstance(found, Refusal)
    assert len(dict(found.facts)["units"].split()) == MOST_OFFERED
