"""What is proposed for an office's ledgers, and, once the coordinator has corrected it, what is to be done: the same shape.

Rows, columns and tables are named by numbers that stay the same as long as the files' bytes do; so her corrections can be laid
over what is found anew in the kept bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncer.core.adopting.mapping import values_by_column
from syncer.core.adopting.structure import ForeignRow, Layout
from syncer.core.adopting.sureness import Sureness
from syncer.core.adopting.targets import Target, Use
from syncer.core.values import Scalar, show, tidy

BY_COLUMN = "*"  # in place of a unit's code: each row says whose it is
OWN_TASK, NO_TASK = "+", "-"  # in place of a task's id: the unit's own sub-task; a row that is not taken over
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One of the office's files: its name, where it was, and the bytes that were read."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """One table in one of the files."""

    number: int  # from 1, as the proposal book counts
    file: SourceFile
    layout: Layout


@dataclass(frozen=True, slots=True)
class ProposedTable:
    """Which sheet of ours a table goes to (``""``: none), and whose it is: a unit's code, `BY_COLUMN`, ``""`` not known."""

    number: int
    sheet: str
    sure: Sureness = Sureness.NONE
    other: str = ""  # the runner-up
    unit: str = ""
    unit_sure: Sureness = Sureness.NONE


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """Where one column goes: the label of a `Target`."""

    table: int
    at: int
    target: str
    sure: Sureness = Sureness.NONE
    other: str = ""


@dataclass(frozen=True, slots=True)
class ProposedUnit:
    """Whom a wording means: codes of units; none where nobody is meant."""

    wording: str
    units: tuple[str, ...]
    sure: Sureness = Sureness.NONE
    count: int = 0
    where: str = ""


@dataclass(frozen=True, slots=True)
class ProposedTask:
    """Which task a row is about: an id, `OWN_TASK` or `NO_TASK`."""

    table: int
    row: int
    task: str
    sure: Sureness = Sureness.NONE
    other: str = ""  # id of what it could also be


@dataclass(frozen=True, slots=True)
class Proposal:
    """All of it."""

    tables: tuple[ProposedTable, ...]
    columns: tuple[ProposedColumn, ...]
    units: tuple[ProposedUnit, ...]
    tasks: tuple[ProposedTask, ...]

    def table(self, number: int) -> ProposedTable | None:
        """Returns what is proposed for a table."""
        return next((table for table in self.tables if table.number == number), None)

    def labels(self, number: int) -> dict[int, str]:
        """Returns the labels of a table's columns, by their place."""
        return {column.at: column.target for column in self.columns if column.table == number}


def dividing_column(uses: dict[int, Target]) -> int | None:
    """Returns the column that says whose a row is: the one taken for 牵头单位, else the first that holds units."""
    lead = next((at for at, target in uses.items() if target.use is Use.LEAD), None)
    if lead is not None:
        return lead
    of_units = (at for at, t in uses.items() if t.use is Use.OWN and t.column and t.column.type.value == "单位")
    return next(of_units, None)


def said_of_task(row: ForeignRow, uses: dict[int, Target]) -> dict[str, str]:
    """Returns what a row says of its task as text, by field: no, title, section, standard …, leads, supports."""
    said = {"section": row.section} if row.section else {}
    for at, value in row.cells.items():
        target = uses.get(at)
        if target is None or not (text := tidy(show(value))):
            continue
        if target.use in {Use.LEAD, Use.SUPPORT}:
            said[f"{target.use.value}s"] = text
        elif target.use in {Use.OWN, Use.PLAN}:
            said[target.code] = text
    return said


def examples(values: Sequence[Scalar]) -> list[str]:
    """Returns a few telling values of a column: different ones, as a person would write them."""
    return list(dict.fromkeys(tidy(show(value)) for value in values))[:EXAMPLES]


def values_of(source: Source, at: int) -> list[Scalar]:
    """Returns what stands in a column of a source, merged content once."""
    return values_by_column(source.layout).get(at, [])
