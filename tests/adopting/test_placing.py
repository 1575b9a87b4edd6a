"""Columns of an old ledger that are kept as a unit's own: where each cell goes, and what is said of one that finds no place."""

from __future__ import annotations

from collections.abc import Sequence

from syncer.core.adopting.fates import Fate
from syncer.core.adopting.placing import Adoption, place
from syncer.core.adopting.proposal import Proposal, ProposedColumn, ProposedTable, ProposedTask, Source, SourceFile
from syncer.core.adopting.structure import ForeignColumn, ForeignRow, Layout
from syncer.core.adopting.targets import EXTRA_LABEL, NOWHERE_LABEL
from syncer.core.model import Ledger
from syncer.core.values import Scalar


def _kept(ledger: Ledger, sheet: str, unit: str, *rows: tuple[Scalar, ...], tasks: Sequence[str] = ()) -> Adoption:
    """Places one table of three kept columns, two of them alike in two groups, behind the one that names a row."""
    names = (("名称",), ("一季度", "完成情况"), ("二季度", "完成情况"), ("领导批示",))
    columns = tuple(ForeignColumn(at, path) for at, path in enumerate(names, start=1))
    lines = tuple(
        ForeignRow(number, {at: v for at, v in enumerate(row, start=1) if v is not None})
        for number, row in enumerate(rows, start=1)
    )
    source = Source(1, SourceFile("旧.xlsx", "旧.xlsx", "0" * 64), Layout("旧", columns, lines, ()))
    decided = Proposal(
        (ProposedTable(1, sheet, unit=unit),),
        tuple(ProposedColumn(1, at, EXTRA_LABEL if at > 1 else NOWHERE_LABEL) for at in range(1, 5)),
        (),
        tuple(ProposedTask(1, number, task) for number, task in enumerate(tasks, start=1)),
    )
    return place(ledger, [source], decided)


def test_kept_columns_of_one_name_are_told_apart_by_their_groups(shipped: Ledger) -> None:
    adoption = _kept(shipped, "activities", "D05", ("植树", "已完成", "未开展", "很好"))
    (item,) = adoption.items
    assert item.extra == {"一季度/完成情况": "已完成", "二季度/完成情况": "未开展", "领导批示": "很好"}
    assert [v.fate for v in adoption.verdicts if v.value != "植树"] == [Fate.PLACED] * 3


def test_what_a_second_row_says_of_a_task_in_a_kept_column_is_told_where_it_found_no_place(shipped: Ledger) -> None:
    task = next(task for task in shipped.tasks if task.leads)
    rows = (("甲", None, None, "很好"), ("乙", None, None, "很好"), ("丙", None, None, "抓紧"))
    adoption = _kept(shipped, "tasks", task.leads[0], *rows, tasks=[task.id] * 3)
    (item,) = adoption.items
    assert item.extra == {"领导批示": "很好"}
    said = [(v.value, v.fate) for v in adoption.verdicts if v.name == "领导批示"]
    assert said == [("很好", Fate.PLACED), ("很好", Fate.PLACED), ("抓紧", Fate.SECOND)]
