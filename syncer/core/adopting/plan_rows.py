"""Tasks of old ledgers that 任务分解 does not have, as rows ready to be pasted there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from syncer.core.adopting.proposal import BY_COLUMN, OWN_TASK, Proposal, ProposedTask, Source, said_of_task
from syncer.core.adopting.targets import find_target
from syncer.core.adopting.tasks import number_parts
from syncer.core.adopting.units import names_in, split_roles
from syncer.core.model import Ledger
from syncer.core.template.schema import LAYOUT, TASKS
from syncer.core.values import Scalar, fold, show

PLAN_HEADERS = LAYOUT[TASKS][0]
_FIELDS = {
    "板块": "section",
    "任务": "title",
    "完成标准": "standard",
    "量化指标": "metric",
    "目标值": "target",
    "计量单位": "measure",
    "频次": "frequency",
    "完成时限": "deadline",
    "责任领导": "leader",
    "测评指标": "indicator",
    "督办意见": "supervision",
}


def plan_rows(ledger: Ledger, sources: Sequence[Source], proposal: Proposal) -> list[list[Scalar]]:
    """Returns a row of 任务分解, in its columns, for each task that is not there; equal wordings once.

    Numbers of the old ledger are kept where no task has them; others go on after the plan's last. Row ids go on like those
    pre-printed on the spare rows below the plan's last task.
    """
    taken = {number_parts(task.number) for task in ledger.tasks}
    major = max((parts[0] for parts in taken if parts), default=0) + 1
    first_id = max((int(found[0]) for t in ledger.tasks if (found := re.findall(r"^T(\d+)$", t.id))), default=0) + 1
    rows: list[list[Scalar]] = []
    minor = 0
    for said in _unplanned(ledger, sources, proposal):
        parts = number_parts(said.get("no", ""))
        if len(parts) == 2 and parts not in taken:
            number = f"{parts[0]}.{parts[1]}"
        else:
            minor += 1
            parts, number = (major, minor), f"{major}.{minor}"
        taken.add(parts)
        cells: dict[str, Scalar] = {name: said.get(code) for name, code in _FIELDS.items()}
        cells |= {"编号": number, "行标识": f"T{first_id + len(rows):04}"}
        cells |= {"牵头单位": said.get("leads"), "配合单位": said.get("supports")}
        rows.append([cells.get(name) for name in PLAN_HEADERS])
    return rows


def _unplanned(ledger: Ledger, sources: Sequence[Source], proposal: Proposal) -> Iterator[dict[str, str]]:
    by_number = {source.number: source for source in sources}
    seen: set[str] = set()
    for task in proposal.tasks:
        if task.task != OWN_TASK:
            continue
        said = _said(ledger, by_number[task.table], proposal, task)
        if (title := fold(said.get("title", ""))) and title not in seen:
            seen.add(title)
            yield said


def _said(ledger: Ledger, source: Source, proposal: Proposal, task: ProposedTask) -> dict[str, str]:
    """Returns what a row says of its task, units by their names in our roster where they are known."""
    table = proposal.table(task.table)
    sheet = ledger.sheet(table.sheet) if table else None
    if table is None or sheet is None:
        return {}
    labels = proposal.labels(task.table)
    uses = {at: target for at, label in labels.items() if (target := find_target(sheet, label))}
    row = next(r for r in source.layout.rows if r.number == task.row)
    said = said_of_task(row, uses)
    leads, more = split_roles(said.get("leads", ""))
    if not leads and table.unit not in {"", BY_COLUMN}:
        unit = ledger.unit(table.unit)
        leads = unit.short if unit else ""
    supports = "、".join(filter(None, (more, split_roles(said.get("supports", ""))[0])))
    return {
        **said,
        "leads": _in_our_words(ledger, proposal, leads),
        "supports": _in_our_words(ledger, proposal, supports),
    }


def _in_our_words(ledger: Ledger, proposal: Proposal, text: str) -> str:
    meant = {fold(unit.wording): unit.units for unit in proposal.units}
    short = {unit.code: unit.short for unit in ledger.units}
    names: list[str] = []
    for name in names_in(text):
        codes = meant.get(fold(name), ())
        names.append("、".join(short[code] for code in codes) if 0 < len(codes) <= 3 else name)
    return "、".join(show(name) for name in names)
