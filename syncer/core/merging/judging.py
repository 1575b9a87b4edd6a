"""Judges what the rows of a book come to: reads their cells, checks them, and says again what was said of sheets at rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.merging.at_rest import Judged, digest_of, holds, terms_of
from syncer.core.merging.merge import SheetPlan
from syncer.core.model import Ledger, Sheet
from syncer.core.problems import Place, Problem
from syncer.core.reading.cells import CellReader
from syncer.core.reading.checks import CheckedRow, check_rows, read_values
from syncer.core.reading.lookups import sheet_looked_up, surroundings_of
from syncer.core.reading.rows import ReadRow, same_cells
from syncer.core.reading.surroundings import Surroundings
from syncer.core.values import Scalar


@dataclass(frozen=True, slots=True)
class Standing:
    """One planned sheet, ready to be judged."""

    sheet: Sheet
    plan: SheetPlan
    rows: Sequence[ReadRow]  # as they will stand in the ledger
    there: Sequence[ReadRow]  # those in the workbook: of the others there is no place to point to
    table: str  # name of the worksheet
    columns: Mapping[str, int]  # where each column stands in it
    judged: Judged | None = None  # what was said of the rows that the ledger holds now
    current: Sequence[ReadRow] = ()  # these rows
    typed: Mapping[str, Sequence[Mapping[str, Scalar]]] = field(
        default_factory=dict
    )  # sheet code → their cells as read


@dataclass(slots=True)
class Verdict:
    """What judging a book came to. ``values`` of rows at rest are left out: they stand as they were."""

    values: dict[tuple[str, str], Mapping[str, Scalar]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    judged: dict[str, Judged] = field(
        default_factory=dict
    )  # by sheet code, what can be said again; new or changed only


class _Readings(Mapping[str, Sequence[CheckedRow]]):
    """The rows of every planned sheet with their cells read, each sheet when it is first asked for."""

    def __init__(self, sheets: Sequence[Standing], reader: CellReader) -> None:
        self._sheets = {one.sheet.code: one for one in sheets}
        self._reader = reader
        self._read: dict[str, Sequence[CheckedRow]] = {}

    def __getitem__(self, code: str) -> Sequence[CheckedRow]:
        if code not in self._read:
            self._read[code] = _read(self._sheets[code], self._reader)
        return self._read[code]

    def __contains__(self, code: object) -> bool:
        return code in self._sheets

    def __iter__(self) -> Iterator[str]:
        return iter(self._sheets)

    def __len__(self) -> int:
        return len(self._sheets)


def _read(one: Standing, reader: CellReader) -> list[CheckedRow]:
    """Reads the cells of the rows that are not as they were when they were judged last."""
    if one.judged is None:
        return read_values(one.rows, one.sheet, reader)
    before = {row.id: (row, values) for row, values in zip(one.current, one.typed.get(one.sheet.code, ()), strict=True)}
    columns = {column.code: column for column in one.sheet.columns}
    read: list[CheckedRow] = []
    for row in one.rows:
        known, values = before.get(row.id, (None, {}))
        if known is not None and same_cells(row.raw, known.raw):
            findings = one.judged.findings.get(row.id, ())
            read.append(CheckedRow(row, values, tuple((c, columns[column], facts) for c, column, facts in findings)))
        else:
            read += read_values([row], one.sheet, reader)
    return read


def judge(ledger: Ledger, reader: CellReader, file: str, sheets: Sequence[Standing]) -> Verdict:
    """Returns typed values and everything that is to be said of the rows, sheet by sheet."""
    read = _Readings(sheets, reader)
    answers = {one.sheet.code: one.judged.answers for one in sheets if one.judged and one.plan.at_rest}
    around = surroundings_of(ledger, read, reader.due, answers)
    done = Verdict()
    lookups: dict[str, dict[str, str]] = {}
    for one in sheets:
        terms = terms_of(ledger, one.sheet, file, one.table, one.columns)
        if one.judged and one.plan.at_rest and holds(one.judged, terms, around.known):
            done.problems += one.judged.problems
            lookups[one.sheet.code] = dict(one.judged.lookups)
            continue
        noting, lookups[one.sheet.code] = _noting(around)
        there = {row.id for row in one.there} - set(one.plan.vanished)
        entries = [entry for entry in read[one.sheet.code] if entry.row.id in there]
        problems = check_rows(entries, one.sheet, ledger, Place(file, one.table), one.columns, noting)
        done.problems += problems
        done.values |= {(one.sheet.code, entry.row.id): entry.values for entry in read[one.sheet.code]}
        places = tuple((row.id, row.row) for row in one.rows)
        if places == tuple((row.id, row.row) for row in one.there):  # what else it came to is not said twice
            done.judged[one.sheet.code] = Judged(
                places,
                terms,
                tuple(problems),
                lookups[one.sheet.code],
                findings={
                    entry.row.id: tuple((code, column.code, facts) for code, column, facts in entry.found)
                    for entry in read[one.sheet.code]
                    if entry.found
                },
                reading=one.judged.reading if one.judged and one.plan.at_rest else None,
            )
    asked = {place for found in lookups.values() for place in found}
    for one in sheets:
        judged = done.judged.get(one.sheet.code) or (one.judged if one.plan.at_rest else None)
        here = [place for place in asked if sheet_looked_up(ledger, place) == one.sheet.code]
        if judged and not judged.answers.keys() >= set(here):
            found = {place: tuple(sorted(names)) for place in here if (names := around.known(place)) is not None}
            done.judged[one.sheet.code] = replace(judged, answers=found)
    return done


def _noting(around: Surroundings) -> tuple[Surroundings, dict[str, str]]:
    """The same surroundings, and a digest of each place that is looked up in them."""
    noted: dict[str, str] = {}

    def known(place: str) -> frozenset[str] | None:
        found = around.known(place)
        if place not in noted:
            noted[place] = digest_of(found)
        return found

    return replace(around, known=known), noted
