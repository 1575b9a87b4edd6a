"""The one line that answers a save; and, ready to paste into the work group, the line that answers a file sent by chat or mail.

Neither quotes what was typed: a line for the group says where to look and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from syncer.core.merging.intake import BookPlan
from syncer.core.phrases import unended
from syncer.core.problems import Problem, Severity
from syncer.core.state import ASKED_CODES
from syncer.messages import severity_of, speak
from syncer.store.facts import POINTERS

NOT_READ = frozenset({"HEAD-001", "HEAD-007", "SHEET-002", "SHEET-004"})  # a sheet, a table or two columns
PUT_BACK = "OWN-002"  # a cell that the system works out was typed into, or cleared
MOST_NAMED = 3  # problems told by their place in a line for the group


def receipt(
    saved_at: str, plan: BookPlan, waiting: int, standing: Sequence[Problem] = (), *, how: str = "保存", newer: int = 0
) -> str:
    """Returns the one line that answers a save: "11月20日16:02 保存：读到14行，1个问题，全部入库".

    ``waiting``: how many questions about this workbook wait for the coordinator. ``standing``: what was found in the unit's own
    workbook, where this is a copy. ``newer``: how many cells were taken in later than all that it holds: nobody is to type
    them again.
    """
    said = _said(to_mend(plan.problems), to_mend(standing))
    aside = "，".join(_not_taken(plan, waiting))
    outcome = f"{aside}，其余入库" if aside else "全部入库"
    if newer:
        known = f"都是以前入过库的内容；后来入库的{newer}格仍然有效，不用重填"
        outcome = f"{known}；{_waits(waiting)}" if waiting else known
    return f"{clock(saved_at)} {how}：读到{plan.filled_rows}行，{said}，{outcome}"


def to_mend(problems: Iterable[Problem]) -> Sequence[Problem]:
    """Returns what is wrong, as it is counted everywhere: no notes, not what is asked (that waits), nor which file is to be filled."""
    apart = {*ASKED_CODES.values(), *POINTERS}
    return [p for p in problems if p.code not in apart and severity_of(p) is not Severity.NOTE]


def _said(found: Sequence[Problem], standing: Sequence[Problem]) -> str:
    if found:
        return f"{len(found)}个问题" + f"（本单位填报表里原有{len(standing)}个，也请改正）" * bool(standing)
    return f"没有新的问题（本单位填报表里原有{len(standing)}个，请改正）" if standing else "没有问题"


def taken_line(unit: str, saved_at: str, plan: BookPlan, waiting: int, standing: Sequence[Problem] = ()) -> str:
    """Returns the line for the group about a file that was merged.

    "【收到】宣传科 11月20日16:02 的台账：读到14行，新增2行、改动3格，1个问题（活动台账!E17“日期”），已并入。"
    """
    loud = to_mend(plan.problems)
    named = "、".join(_named(problem) for problem in loud[:MOST_NAMED])
    more = "等" if len(loud) > MOST_NAMED else ""
    said = f"{len(loud)}个问题（{named}{more}），请核对" if loud else _said((), to_mend(standing))
    aside = "，".join(_not_taken(plan, waiting))
    outcome = f"{aside}，其余已并入" if aside else "已并入"
    return f"【收到】{unit} {clock(saved_at)} 的台账：读到{plan.filled_rows}行，{_changes(plan)}，{said}，{outcome}。"


def again_line(unit: str, saved_at: str, before: str) -> str:
    """Returns the line for the group about a file whose very bytes were taken in ``before`` (ISO)."""
    return f"【收到】{unit} {clock(saved_at)} 的台账：与{clock(before)} 收到的那份完全相同，已经并入过，没有重复并入。"


def turned_away_line(name: str, problem: Problem) -> str:
    """Returns the line for the group about a file that was not taken in: why, and what to do."""
    spoken = speak(problem)
    return f"【没有收下】“{name}”：{unended(spoken.what)}。{unended(spoken.do)}。"


def clock(iso: str) -> str:
    """Returns a moment as it is said: ``11月20日16:02``."""
    moment = datetime.fromisoformat(iso)
    return f"{moment.month}月{moment.day}日{moment:%H:%M}"


def _not_taken(plan: BookPlan, waiting: int) -> Iterator[str]:
    """What a save holds that did not come into the ledger."""
    if waiting:
        yield _waits(waiting)
    if unread := sum(problem.code in NOT_READ for problem in plan.problems):
        yield f"{unread}处没有读取"
    if put_back := sum(problem.code == PUT_BACK for problem in plan.problems):
        yield f"{put_back}格由系统计算、会改回"


def _waits(waiting: int) -> str:
    return f"{waiting}处转创建办处理"


def _changes(plan: BookPlan) -> str:
    added = sum(len(sheet.added) for sheet in plan.sheets)
    edited = sum(len(sheet.edited()) for sheet in plan.sheets)
    gone = sum(len(sheet.withdrawn) for sheet in plan.sheets)
    told = [f"新增{added}行"] * bool(added) + [f"改动{edited}格"] * bool(edited) + [f"撤下{gone}行"] * bool(gone)
    return "、".join(told) or "没有新的改动"


def _named(problem: Problem) -> str:
    place = problem.place
    where = f"{place.sheet}!{place.cell}" if place.cell else place.sheet
    return f"{where}“{problem.column}”" if problem.column else where or problem.code
