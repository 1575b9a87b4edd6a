"""What the product reads in each workbook of the corpus, from the reading child to the plan of a save; and as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from syncer.arrivals import Arrival
from syncer.commands.init import make_workspace
from syncer.core.model import Ledger, Owner, Sheet
from syncer.core.problems import Problem
from syncer.core.reading.cells import CellReader, How
from syncer.core.texts import line_text
from syncer.core.values import CellError, Scalar, same
from syncer.deciding import Taken, decide
from syncer.messages import severity_of, speak
from syncer.workspace import Office
from tests.corpus.page import Asked, Case, Meant
from tests.fuzz.originals import shipped_ledger

UNIT = "D02"  # 办公室
LEDGER_ID = "L1"
_GIST = 34  # signs of a message
_OWN_NAME = re.compile(
    r"\+(?:.*/)?(.+?)(?:\(\d+\))?$", re.DOTALL
)  # made unique, by its group or a number, where it has to be
_MARKS = {How.AS_TYPED: "", How.NORMALISED: "~", How.DOUBTFUL: "?", How.REFUSED: "!"}


def corpus_ledger() -> Ledger:
    """Returns the ledger of the shipped template, under an id that does not change."""
    ledger = shipped_ledger()
    return replace(ledger, settings=replace(ledger.settings, ledger_id=LEDGER_ID))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as read."""

    raw: Scalar
    value: Scalar
    how: How = How.AS_TYPED

    @property
    def meaning(self) -> Meant:
        """The value; one that is asked about is what was typed."""
        return Asked(self.value) if self.how in {How.DOUBTFUL, How.REFUSED} else self.value


@dataclass(frozen=True, slots=True)
class Line:
    """One row as read: by column name, the unit's own columns under ``+name``."""

    row: int
    id: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one workbook comes to."""

    sheets: Mapping[str, Sequence[Line]]
    problems: Sequence[Problem]
    refused: str = ""


def read_all(files: Mapping[str, Path], ledger: Ledger, room: Path) -> Iterator[tuple[str, Outcome]]:
    """Yields what each file comes to, by name, in any order, as a workbook that has never been taken in before."""
    names = {path: name for name, path in files.items()}
    with Office(
        make_workspace(room / "局", ledger.settings.year, sample=True), lambda: datetime(2026, 3, 20, 9)
    ) as office:
        reader = CellReader(ledger)
        for path, book in office.readers.read_many(files.values()):
            taken = decide(office, ledger, Arrival(path, path.name, "", "", path, "2026-03-20T09:00:00"), book)
            yield names[path], _outcome(ledger, reader, taken)


def _outcome(ledger: Ledger, reader: CellReader, taken: Taken) -> Outcome:
    if taken.plan is None:
        assert taken.refused
        return Outcome({}, (taken.refused,), taken.refused.code)
    sheets = {}
    for sheet in ledger.sheets:
        content = taken.plan.content.get(sheet.code)
        if content and any(content.columns.values()):
            sheets[sheet.name] = [_line(sheet, reader, row.row, row.id, row.raw, row.extra) for row in content.rows]
    return Outcome(sheets, taken.plan.problems)


def _line(
    sheet: Sheet, reader: CellReader, row: int, row_id: str, raw: Mapping[str, Scalar], extra: Mapping[str, Scalar]
) -> Line:
    cells = {}
    for column in sheet.columns:
        if column.code in raw and column.owner is not Owner.SYSTEM:
            reading = reader.read(raw[column.code], column)
            cells[column.name] = Cell(raw[column.code], reading.value, reading.how)
    cells |= {f"+{name}": Cell(value, value) for name, value in extra.items()}
    return Line(row, row_id, cells)


def as_text(case: Case, outcome: Outcome) -> str:
    """Returns the reading of one workbook as a person checks it: row by row, then what is said of it.

    A value that is not as typed has a sign and the typed content: ``~`` read as this, ``?`` asked, ``!`` never a value.
    """
    lines = [f"== {case.name}  {case.says}"]
    for name in (name for name in outcome.sheets if name in case.meant or not case.meant):
        lines.append(f"{name}")
        lines += [_line_text(line) for line in outcome.sheets[name]]
    lines += _said(p for p in outcome.problems if not case.meant or dict(p.facts).get("sheet", "") in ("", *case.meant))
    return "\n".join(lines) + "\n"


def _line_text(line: Line) -> str:
    cells = " | ".join(f"{line_text(name)}={_cell_text(cell)}" for name, cell in line.cells.items())
    return f"  {line.row} {line.id}: {cells}"


def _cell_text(cell: Cell) -> str:
    mark = _MARKS[cell.how]
    return _literal(cell.value) if not mark else f"{_literal(cell.value)} {mark}{_literal(cell.raw)}"


def _literal(value: Scalar) -> str:
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case CellError(text):
            return text
        case datetime():
            return value.isoformat(" ", "minutes")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _said(problems: Iterable[Problem]) -> list[str]:
    """One line a problem; of one kind that is not about a cell, or about columns that are not there, one line for all."""
    told: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        alone = problem.place.cell and problem.code != "HEAD-002"
        told.setdefault((problem.code, problem.place.cell if alone else ""), []).append(problem)
    return [_problem_text(code, cell, found) for (code, cell), found in told.items()]


def _problem_text(code: str, cell: str, found: Sequence[Problem]) -> str:
    spoken = speak(found[0])
    gist = spoken.what if len(spoken.what) <= _GIST else spoken.what[:_GIST] + "…"
    times = f" ×{len(found)}" if len(found) > 1 else ""
    about = f" {cell}" if cell else ""
    return f"  {severity_of(found[0])} {code}{times}{about}: {line_text(gist)}"


def differences(case: Case, outcome: Outcome) -> list[str]:
    """Returns where the reading is not what the workbook's writer meant; nothing where all is."""
    if case.refused or outcome.refused:
        return [] if case.refused == outcome.refused else [f"refused {outcome.refused or 'not'}, not {case.refused}"]
    found = []
    for name, rows in case.meant.items():
        lines = outcome.sheets.get(name, ())
        if len(lines) != len(rows):
            found.append(f"{name}: {len(lines)} rows read, {len(rows)} meant")
        for line, row in zip(lines, rows, strict=False):
            read = {own_name(column): cell.meaning for column, cell in line.cells.items()}
            found += [
                f"{name} row {line.row} {column}: read {read.get(column)!r}, meant {row.get(column)!r}"
                for column in read.keys() | row.keys()
                if not agree(read.get(column), row.get(column))
            ]
    return sorted(found)


def own_name(column: str) -> str:
    """Returns the header of a column of the unit's own: its name without what had to make it unique."""
    return _OWN_NAME.sub(r"+\1", column)


def agree(read: Meant, meant: Meant) -> bool:
    """Whether a reading is what was meant: the same value of the same type, or asked where nobody can know."""
    if isinstance(read, Asked) and isinstance(meant, Asked):
        return same(read.typed, meant.typed)
    return not isinstance(read, Asked) and not isinstance(meant, Asked) and same(read, meant)
