"""Reads the corpus with this project and with its peers, and writes the table of docs/reading.md: ``python -m benchmarks.reading``.

A peer that is not installed is left out, and said so (``pip install '.[bench]'``). ``--print`` leaves the page alone.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.peers_reading import PEERS, Names, Rows, missing
from benchmarks.scoring import Score, score
from syncer.core.model import Ledger, Sheet
from tests.corpus.all_cases import all_cases, make
from tests.corpus.layout import ROW_ID
from tests.corpus.page import Asked, Case
from tests.corpus.reading import Outcome, corpus_ledger, own_name, read_all

PAGE = Path(__file__).parents[1] / "docs" / "reading.md"
BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
OURS = "syncer"
MISSING_TOLD = {"HEAD-002", "HEAD-006"}
FILE_SECONDS = 30  # what a person would wait for one small workbook
FAMILIES = {
    "header": "headers: titles, levels, decorations",
    "body": "gaps, sections, totals, merges, filters",
    "columns": "renamed, moved, missing, doubled columns",
    "values": "days, numbers, choices as people type them",
    "parts": "parts as WPS and exporters write them",
    "contents": "formulas, errors, pictures in cells",
    "issued": "issued workbooks, mishandled",
    "text": "CSV in four encodings",
    "files": "whole files in odd dress",
}

Job = tuple[str, Path, Mapping[str, Names]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--print", action="store_true", dest="only_print")
    asked = parser.parse_args()
    ledger = corpus_ledger()
    cases = {name: case for name, case in all_cases(ledger).items() if not case.refused}
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        files = make(cases, room)
        outcomes = dict(read_all(files, ledger, room))
        jobs = [(name, path, _names(ledger, cases[name])) for name, path in files.items()]
        scores = {OURS: _scores(cases, outcomes, {name: _ours(outcome) for name, outcome in outcomes.items()})}
        for peer, (_, modules) in PEERS.items():
            if absent := missing(modules):
                print(
                    f"{peer} is left out: {', '.join(absent)} not installed (pip install '.[bench]')", file=sys.stderr
                )
                continue
            scores[peer] = _scores(cases, outcomes, dict(_read_by(peer, jobs)))
    unread = cases.keys() - files.keys()
    table = "\n".join((*_totals(scores), "", *_by_family(scores)))
    if unread:
        print(f"{len(unread)} workbooks could not be made: LibreOffice is missing", file=sys.stderr)
    print(table)
    if not asked.only_print:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 0


def _names(ledger: Ledger, case: Case) -> dict[str, Names]:
    """The ways to call the columns of each sheet that is scored: their names first, then the aliases of the settings."""
    return {sheet.name: _spellings(sheet) for sheet in ledger.sheets if sheet.name in case.meant}


def _spellings(sheet: Sheet) -> Names:
    names = {column.name: column.name for column in sheet.columns}
    for column in sheet.columns:
        for alias in column.aliases:
            names.setdefault(alias, column.name)
    return names


def _ours(outcome: Outcome) -> dict[str, Rows]:
    """Our rows; what stands in a column that is missing, and told to be, counts as asked."""
    asked = {(p.place.sheet, p.column): Asked(None) for p in outcome.problems if p.code in MISSING_TOLD}
    return {
        name: [
            {own_name(column): cell.meaning for column, cell in line.cells.items()}
            | {column: ask for (sheet, column), ask in asked.items() if sheet == name}
            for line in lines
        ]
        for name, lines in outcome.sheets.items()
    }


def _scores(
    cases: Mapping[str, Case], outcomes: Mapping[str, Outcome], read: Mapping[str, Mapping[str, Rows] | None]
) -> dict[str, Score]:
    """Scores by family. ``None`` for a workbook that the reader could not read."""
    found = {family: Score() for family in FAMILIES}
    for name, sheets in read.items():
        case = cases[name]
        tally = found[case.family]
        tally.workbooks += 1
        tally.failed += sheets is None
        for sheet, rows in case.meant.items():
            lines = outcomes[name].sheets.get(sheet, ())
            typed = [{own_name(column): cell.raw for column, cell in line.cells.items()} for line in lines]
            tally.add(score(rows, _comparable((sheets or {}).get(sheet, [])), typed))
    return found


def _comparable(rows: Rows) -> Rows:
    """Rows without our own ids; one that holds nothing in a column of the schema is nobody's record, whoever hands it on."""
    bare = [{name: value for name, value in row.items() if name != f"+{ROW_ID}"} for row in rows]
    return [row for row in bare if any(not name.startswith("+") for name in row)]


def _read_by(peer: str, jobs: Sequence[Job]) -> Iterator[tuple[str, Mapping[str, Rows] | None]]:
    """Yields what a peer reads, in a process of its own: one that dies or hangs has failed on that workbook only."""
    left = list(jobs)
    spawn = multiprocessing.get_context("spawn")
    while left:
        ours, theirs = spawn.Pipe()
        child = spawn.Process(target=_peer_reads, args=(theirs, peer, left), daemon=True)
        child.start()
        theirs.close()
        try:
            while left and ours.poll(FILE_SECONDS):
                result = ours.recv()
                yield left.pop(0)[0], result
        except EOFError:
            pass
        child.kill()
        child.join()
        if left:
            yield left.pop(0)[0], None


def _peer_reads(pipe: Connection, peer: str, jobs: Sequence[Job]) -> None:
    read, _ = PEERS[peer]
    warnings.simplefilter("ignore")  # they are many, and the same for each workbook
    for _, path, sheets in jobs:
        try:
            result: dict[str, Rows] | None = {sheet: read(path, sheet, names) for sheet, names in sheets.items()}
        except Exception:  # noqa: BLE001 - whatever a peer raises, it has not read this workbook
            result = None
        pipe.send(result)


def _totals(scores: Mapping[str, Mapping[str, Score]]) -> Iterator[str]:
    yield "| all workbooks | could not be read | rows found | rows invented | values right | asked | as typed, unread | silently wrong or gone |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for reader, families in scores.items():
        total = Score()
        for tally in families.values():
            total.add(tally)
        cells = (
            f"{total.failed} of {total.workbooks}",
            f"{total.rows - total.lost:,} of {total.rows:,}",
            total.invented,
        )
        counts = (f"{total.right:,} of {total.values:,}", total.told, f"{total.as_typed:,}", f"{total.wrong:,}")
        yield f"| {reader} | {' | '.join(map(str, (*cells, *counts)))} |"


def _by_family(scores: Mapping[str, Mapping[str, Score]]) -> Iterator[str]:
    """Values right, and silently wrong in brackets; rows lost and invented behind where there are any."""
    yield f"| family (workbooks, values) | {' | '.join(scores)} |"
    yield f"|---|{'--:|' * len(scores)}"
    for family, says in FAMILIES.items():
        ours = scores[OURS][family]
        cells = (_cell(families[family]) for families in scores.values())
        yield f"| {says} ({ours.workbooks}, {ours.values:,}) | {' | '.join(cells)} |"


def _cell(tally: Score) -> str:
    rows = "".join(f", {sign}{count} rows" for sign, count in (("−", tally.lost), ("+", tally.invented)) if count)
    return f"{tally.right / tally.values:.1%} ({tally.wrong:,}{rows})" if tally.values else "—"


if __name__ == "__main__":
    sys.exit(main())
