"""What is wrong is told where the clerk looks, and is gone everywhere once she has mended it, or once nobody demands it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from syncer.core.problems import Severity
from syncer.core.values import Scalar
from syncer.messages import CATALOGUE
from syncer.sync import Synced, sync
from syncer.workspace import Office
from tests.system.bureau import Bureau, advice, lines, texts

pytestmark = pytest.mark.slow

UNIT = "宣传科"
Cells = dict[str, Scalar]


@dataclass(frozen=True)
class Case:
    """One kind of check: what is typed, what is said of which column, and how it is mended."""

    sheet: str
    wrong: Cells
    code: str
    column: str
    mended: Cells


def activity(**more: Scalar) -> Cells:
    return {"日期": "2026-3-12", "活动名称": "植树", "类别": "主题活动", **more}


def study(**more: Scalar) -> Cells:
    return {"日期": "2026-3-12", "形式": "自学", "主题": "读书", "时长(小时)": 2, **more}


def material(**more: Scalar) -> Cells:
    return {"题名": "方案", "类型": "方案", "日期": "2026-3-12", **more}


def fault(**more: Scalar) -> Cells:
    return {"发现日期": "2026-3-12", "问题": "灯坏了", **more}


ACTIVITIES, STUDY, MATERIALS, FAULTS, TASKS = "活动台账", "学习教育", "材料目录", "问题整改", "任务清单"
CASES = [
    Case(ACTIVITIES, activity(活动名称=None), "CHK-001", "活动名称", {"活动名称": "春季植树"}),
    Case(ACTIVITIES, activity(活动名称="甲", 参加人数="不少"), "CELL-001", "参加人数", {"参加人数": 12}),
    Case(ACTIVITIES, activity(活动名称="乙", 类别="植树节"), "CELL-003", "类别", {"类别": "其他"}),
    Case(ACTIVITIES, activity(活动名称="丙", 对应任务="99.9"), "CELL-005", "对应任务", {"对应任务": "3.1"}),
    Case(ACTIVITIES, activity(活动名称="丁", 参加人数=100_001), "CELL-006", "参加人数", {"参加人数": 100}),
    Case(ACTIVITIES, activity(活动名称="戊", 日期="三月里"), "CELL-002", "日期", {"日期": "2026-3-13"}),
    Case(ACTIVITIES, activity(活动名称="己", 主要内容="栽树"), "CHK-005", "主要内容", {"主要内容": "在滨河路栽树"}),
    Case(ACTIVITIES, activity(活动名称="庚", 成效="好" * 21), "CHK-006", "成效", {"成效": "好"}),
    Case(ACTIVITIES, activity(活动名称="辛", 日期="2025-12-31"), "CHK-011", "日期", {"日期": "2026-1-1"}),
    Case(MATERIALS, material(文号="云建2026第1号"), "CHK-004", "文号", {"文号": "云建〔2026〕1号"}),
    Case(MATERIALS, material(题名="乙", 类型="文件"), "CHK-002", "文号", {"文号": "云建〔2026〕2号"}),
    Case(MATERIALS, material(题名="丙", 印证任务或活动="HD-X"), "CHK-011", "印证任务或活动", {"印证任务或活动": "3.1、HD-D05-0001"}),
    Case(STUDY, study(应到=10, 实到=12), "CHK-011", "实到", {"实到": 10}),
    Case(STUDY, study(主题="乙", 主讲人="张三"), "CHK-011", "心得篇数", {"考试合格数": 3}),
    Case(FAULTS, fault(进展="已完成", 完成日期="2026-3-1"), "CHK-012", "完成日期", {"完成日期": "2026-3-20"}),
    Case(FAULTS, fault(问题="乙", 进展="已完成", 完成日期="2026-6-1"), "CHK-011", "完成日期", {"完成日期": "2026-4-11"}),
    Case(TASKS, {"工作状态": "异议"}, "CHK-011", "备注", {"备注": "不属本科职责"}),
]  # fmt: skip
RULES = [
    (ACTIVITIES, "", "日期 在测评周期内"),
    (MATERIALS, "印证任务或活动 非空", "印证任务或活动 存在于 任务分解.编号、活动台账.活动编号"),
    (STUDY, "主讲人 非空", "心得篇数 非空 或 考试合格数 非空"),
    (FAULTS, "完成日期 非空", "完成日期 ≤ 发现日期 + 30"),
]


TRIALS = range(14, 17)  # R11 to R13 of the shipped template


class Desk:
    """An office whose clock the test sets."""

    def __init__(self, bureau: Bureau) -> None:
        self.bureau, self.moment = bureau, datetime.now()
        self.office = Office(bureau.opened(), lambda: self.moment)

    def sync(self) -> Synced:
        """One pass, long after the last save: what is to be written back is."""
        self.moment += timedelta(minutes=10)
        return sync(self.office)

    def demand(self, status: str = "启用") -> None:
        """The coordinator demands more than the shipped template does (or, 停用, no longer)."""
        at = {name: n for n, name in enumerate(("编号", "表名", "条件", "要求", "级别", "说明文字", "状态"), 1)}
        cells: dict[tuple[int, int], Scalar] = {}
        for row, (sheet, condition, demand) in enumerate(RULES, 17):
            texts = (f"R{row}", sheet, condition or None, demand, "警告", None, status)
            cells |= {(row, column): text for column, text in zip(at.values(), texts, strict=True)}
        cells |= {(row, at["状态"]): "停用" for row in TRIALS}  # they would say the same again, as a note
        kept = status == "启用"
        columns = {
            (46, 10): 5 if kept else None,
            (47, 11): 20 if kept else None,
            (88, 18): "XX〔YYYY〕N号" if kept else None,
        }
        self.bureau.save_control({"校验规则": cells, "栏目设置": columns})

    def type(self, cells: list[tuple[str, Cells]]) -> None:
        """The clerk types these rows, each sheet from its first row down, and saves once."""
        book = self.bureau.book(UNIT).read_bytes()
        for sheet in dict.fromkeys(sheet for sheet, _ in cells):
            rows = [content for name, content in cells if name == sheet]
            self.bureau.save(UNIT, self.bureau.typed(UNIT, sheet, dict(enumerate(rows, 5))))
        assert self.bureau.book(UNIT).read_bytes() != book

    def said(self) -> dict[tuple[str, int, str], str]:
        """What the feedback book says, by sheet, row and column: the code."""
        found = {}
        for line in advice(self.bureau.feedback(UNIT)):
            sheet, _, cell = line.place.partition("!")
            row = int("".join(filter(str.isdigit, cell)))
            found[sheet, row, line.column.rpartition(" · ")[2]] = line.says.rpartition("（")[2].rstrip("）")
        return found

    def hinted(self) -> set[tuple[str, int]]:
        """The rows of her own workbook in which 系统提示 says something."""
        sheets = (ACTIVITIES, STUDY, FAULTS, TASKS)
        rows = ((sheet, n, row) for sheet in sheets for n, row in enumerate(lines(self.bureau.book(UNIT), sheet), 5))
        return {(sheet, n) for sheet, n, row in rows if row["系统提示"]}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCER_DELIVERY__QUIET_SECONDS", "0")


@pytest.fixture
def desk(bureau: Bureau) -> Iterator[Desk]:
    made = Desk(bureau)
    made.demand()
    made.sync()
    yield made
    made.office.close()


def places() -> dict[tuple[str, int, str], str]:
    """Where each case is to be said."""
    counted: dict[str, int] = {}
    found = {}
    for case in CASES:
        counted[case.sheet] = counted.get(case.sheet, 4) + 1
        found[case.sheet, counted[case.sheet], case.column] = case.code
    return found


def test_every_kind_of_fault_is_told_at_its_cell_and_gone_once_it_is_mended(desk: Desk) -> None:
    desk.type([(case.sheet, case.wrong) for case in CASES])
    done = desk.sync()
    assert {p.code for p in done.problems} >= {case.code for case in CASES}
    assert desk.said() == places()
    loud = {place for place, code in places().items() if CATALOGUE[code].severity is not Severity.NOTE}
    assert desk.hinted() == {(sheet, row) for sheet, row, _ in loud if sheet != MATERIALS}
    assert f"{len(loud)}个问题" in texts(desk.bureau.feedback(UNIT))[0]

    desk.type([(case.sheet, case.mended) for case in CASES])
    done = desk.sync()
    assert (done.problems, done.questions, desk.said()) == ([], (), {})
    assert desk.hinted() == set()
    assert "没有问题" in texts(desk.bureau.feedback(UNIT))[0]
    assert "全部通过" in texts(desk.bureau.feedback(UNIT))


def test_a_demand_that_is_given_up_is_gone_without_a_save(desk: Desk) -> None:
    given_up = [case for case in CASES if case.code in {"CHK-004", "CHK-005", "CHK-006"} or ((case.sheet, case.column) in
                {(ACTIVITIES, "日期"), (MATERIALS, "印证任务或活动")} and case.code == "CHK-011")]  # fmt: skip
    desk.type([(case.sheet, case.wrong) for case in given_up])
    desk.sync()
    assert sorted(desk.said().values()) == sorted(case.code for case in given_up)
    saved = desk.bureau.book(UNIT).read_bytes()
    desk.demand("停用")
    done = desk.sync()
    assert [p.code for p in done.problems] == ["CELL-029"]  # a day of another year is noted where no rule speaks of it
    assert set(desk.said().values()) == {"CELL-029"}
    assert desk.hinted() == set()
    assert desk.bureau.book(UNIT).read_bytes() != saved  # 系统提示 was cleared by a delivery
    assert "没有问题" in texts(desk.bureau.feedback(UNIT))[0]

    desk.demand("试行")
    done = desk.sync()
    assert sorted(p.code for p in done.problems) == ["CELL-029", "CHK-020", "CHK-020", "CHK-030", "CHK-030"]
    assert not done.needs_a_person
    assert "没有问题" in texts(desk.bureau.feedback(UNIT))[0]
    counted = advice(desk.bureau.control.with_name("台账设置填报提示.xlsx"))
    assert [line.place for line in counted] == ["校验规则!A17", "校验规则!A18"]
    assert all("1行不合（1个单位）" in line.says for line in counted)
    again = desk.sync()
    assert (again.problems, again.publication.paths) == (done.problems, [])
