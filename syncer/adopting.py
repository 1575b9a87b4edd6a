"""An office's own ledgers taken over, in two steps: a proposal for the coordinator to correct, then what she agreed to is done.

The files' bytes are kept at the first step and the second works on those: what she looked at is what is taken over, whatever
happens to the files meanwhile. Nothing here ever writes to them.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from syncer import fs
from syncer.adopted_books import Written, write_books
from syncer.control import Control
from syncer.core.adopting.answers import Answers, decide, read_answers
from syncer.core.adopting.fates import Fate
from syncer.core.adopting.placing import Adoption, once, place
from syncer.core.adopting.plan_rows import plan_rows
from syncer.core.adopting.proposal import Proposal, Source, SourceFile
from syncer.core.adopting.proposer import Proposer, find_sources
from syncer.core.model import Book, Ledger, Refusal
from syncer.core.problems import Place, Problem, Severity
from syncer.errors import BusyError, ConfigError, RefusedError
from syncer.excel.adoptbook import FileLine, write_proposal
from syncer.excel.adoptreport import Told, UnitResult, write_report
from syncer.messages import severity_of, speak
from syncer.store.disk import digest, time_text
from syncer.store.facts import Save
from syncer.watch.owners import is_open
from syncer.workspace import Office

PROPOSAL_BOOK, REPORT_BOOK = "台账导入方案.xlsx", "台账导入报告.xlsx"
_OURS = "adopt_proposal"  # key in the store: the digest of the proposal as we wrote it last
NOT_A_PROPOSAL, OUR_OWN_BOOK, NO_HEADER, BYTES_GONE, PROPOSED_ANEW = (
    "ADOPT-001",
    "ADOPT-010",
    "ADOPT-011",
    "ADOPT-008",
    "ADOPT-009",
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the first step came to: the book, what it holds, and what could not be read."""

    path: str
    tables: int
    columns: int
    unsure: int  # columns that are not of high sureness
    unplanned: int  # rows that are in no plan
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What the second step came to. ``stopped``: nothing was done, the proposal needs her again."""

    problems: tuple[Problem, ...]
    stopped: bool = False
    written: tuple[Written, ...] = ()
    report: str = ""
    cells: int = 0  # that went into workbooks
    unplaced: int = 0  # that the report lists


def proposal_path(office: Office) -> Path:
    """Returns where the proposal book stands."""
    return office.workspace.config.folders.control / PROPOSAL_BOOK


# ---- the first step


def propose(office: Office, ledger: Ledger, paths: Sequence[Path]) -> Proposed:
    """Reads the office's files and writes the proposal book.

    Raises:
        RefusedError: the proposal that stands there holds corrections that were not carried out.
        BusyError: it is open.
    """
    path = proposal_path(office)
    _must_be_ours(office, path)
    books: list[tuple[SourceFile, Book]] = []
    lines: list[FileLine] = []
    problems: list[Problem] = []
    for file, result in _read(office, [_kept(office, one) for one in paths]):
        problem = _unfit(file, result)
        if problem is None and isinstance(result, Book):
            books.append((file, result))
        problems += [problem] if problem else []
        lines.append(FileLine(file.name, file.path, "" if problem else file.sha256, _said(problem)))
    sources = find_sources(ledger, books)
    problems += [Problem(NO_HEADER, Place(s.file.name, s.layout.sheet)) for s in sources if s.layout.header == (0, 0)]
    proposal = Proposer(ledger, office.clock().date()).propose(sources)
    _write_proposal(office, ledger, sources, proposal, lines)
    adopted = [c for c in proposal.columns if c.target]
    unsure = sum(column.sure.value != "高" for column in adopted)
    rows = plan_rows(ledger, sources, proposal)
    key = office.workspace.relative(path)
    return Proposed(key, len(sources), len(adopted), unsure, len(rows), tuple(problems))


def _kept(office: Office, path: Path) -> SourceFile:
    """Keeps a file's bytes and returns what it is called; they stay as long as any version that was taken in."""
    data = fs.read(path)
    file = SourceFile(path.name, str(path), digest(data))
    if not office.kept.has(file.sha256):
        office.kept.put(data)
        saved = time_text(fs.stat(path).st_mtime)
        office.store.record_other(Save("", path.name, file.sha256, saved, office.now()), "adopt")
    return file


def _read(office: Office, files: Iterable[SourceFile]) -> list[tuple[SourceFile, Book | Refusal]]:
    """Reads kept bytes in reading children; files with equal bytes are read once."""
    wanted = list(files)
    found = {file.sha256: office.kept.find(file.sha256) for file in wanted}
    paths = {path: sha256 for sha256, path in found.items() if path}
    read = {paths[path]: book for path, book in office.readers.read_many(paths)}
    return [(file, read.get(file.sha256, Refusal(BYTES_GONE))) for file in wanted]


def _unfit(file: SourceFile, result: Book | Refusal) -> Problem | None:
    if isinstance(result, Refusal):
        facts = {"what": "", "year": "", **dict(result.facts)}
        return Problem(result.code, Place(file.name), facts=tuple(facts.items()))
    return Problem(OUR_OWN_BOOK, Place(file.name)) if result.stamp else None


def _said(problem: Problem | None) -> str:
    if problem is None:
        return ""
    spoken = speak(problem)
    return f"{spoken.what}。{spoken.do}"


def _must_be_ours(office: Office, path: Path) -> None:
    """Stops where the proposal that stands there is open, or holds what she typed and nobody has carried out."""
    if not fs.exists(path):
        return
    if is_open(path, time.time()):
        raise BusyError(f"《{path.name}》正打开着，请先关闭 / the proposal is open: close it first")
    if digest(fs.read(path)) != office.store.get(_OURS):
        raise RefusedError(
            f"《{path.name}》里有您改过的内容，没有覆盖。要照它办：syncer adopt --apply；要重新来：先把它改名或删除。\n"
            "the proposal holds your corrections and was not replaced: syncer adopt --apply, or rename it to start anew"
        )


def _write_proposal(
    office: Office,
    ledger: Ledger,
    sources: Sequence[Source],
    proposal: Proposal,
    lines: Sequence[FileLine],
    notices: Sequence[str] = (),
) -> None:
    stream = io.BytesIO()
    rows = plan_rows(ledger, sources, proposal)
    write_proposal(stream, ledger, sources, proposal, lines, plan_rows=rows, notices=notices)
    office.store.set(_OURS, digest(stream.getvalue()))  # first: killed in between, it is asked about, never lost
    office.disk.write(proposal_path(office), stream.getvalue())


# ---- the second step


def apply(office: Office, control: Control) -> Applied:
    """Does what the proposal book says; where it cannot be understood, nothing.

    A table for which she chose another sheet gets its columns proposed anew, and she is asked to look again. Run twice, it
    writes nothing twice: a workbook with content is left alone.

    Raises:
        ConfigError: there is no proposal book.
        BusyError: it is open.
    """
    ledger, path = control.ledger, proposal_path(office)
    answers, problems = _answers(office, path)
    if answers is None:
        return Applied(tuple(problems), stopped=True)
    books = _read(office, answers.files)
    problems = [p for file, result in books if (p := _unfit(file, result))]
    if problems:
        return Applied(tuple(problems), stopped=True)
    sources = find_sources(ledger, [(file, book) for file, book in books if isinstance(book, Book)])
    found = Proposer(ledger, office.clock().date()).propose(sources, fixed=answers.sheets(ledger))
    if moved := answers.moved(ledger):
        return _proposed_anew(office, ledger, sources, found, answers, moved)
    decided, problems = decide(ledger, found, answers, path.name)
    if any(severity_of(problem) is Severity.ERROR for problem in problems):
        return Applied(tuple(problems), stopped=True)
    adoption = place(ledger, sources, decided)
    written = write_books(office, control, adoption)
    return _report(office, ledger, sources, decided, adoption, written, problems)


def _answers(office: Office, path: Path) -> tuple[Answers | None, list[Problem]]:
    """Returns the proposal book as she left it, its bytes kept."""
    if not fs.exists(path):
        raise ConfigError(
            f"没有《{path.name}》，请先运行：syncer adopt 原来的台账… / no proposal yet: syncer adopt FILES… first"
        )
    if is_open(path, time.time()):
        raise BusyError(f"《{path.name}》正打开着，请保存并关闭 / the proposal is open: save and close it")
    file = _kept(office, path)
    ((_, book),) = _read(office, [file])
    if problem := _unfit(file, book):
        return None, [problem]
    answers = read_answers(book) if isinstance(book, Book) else None
    return answers, [] if answers else [Problem(NOT_A_PROPOSAL, Place(path.name))]


def _proposed_anew(
    office: Office,
    ledger: Ledger,
    sources: Sequence[Source],
    found: Proposal,
    answers: Answers,
    moved: tuple[int, ...],
) -> Applied:
    """Writes the proposal again: her corrections stay, but for the columns (and tasks) of tables that go elsewhere now."""
    kept, problems = decide(ledger, found, answers.without(moved), PROPOSAL_BOOK)
    lines = [FileLine(file.name, file.path, file.sha256) for file in answers.files]
    told = "、".join(map(str, moved))
    notice = f"表号{told}改了对应表，已重新对好栏目，请再看一遍《2 栏目》。"
    _write_proposal(office, ledger, sources, kept, lines, [notice])
    again = Problem(PROPOSED_ANEW, Place(PROPOSAL_BOOK), found=told)
    return Applied((again, *(p for p in problems if severity_of(p) is Severity.ERROR)), stopped=True)


def _report(
    office: Office,
    ledger: Ledger,
    sources: Sequence[Source],
    decided: Proposal,
    adoption: Adoption,
    written: Sequence[Written],
    problems: Sequence[Problem],
) -> Applied:
    """Writes the report: where a workbook could not be written, its content found no place after all."""
    failed = {one.unit for one in written if not one.done}
    verdicts = [
        replace(v, fate=Fate.BOOK) if v.fate is Fate.PLACED and v.unit in failed else v for v in once(adoption.verdicts)
    ]
    placed = [v for v in verdicts if v.fate is Fate.PLACED]
    units = [
        UnitResult(
            one.unit,
            one.done,
            sum(item.unit == one.unit and bool(item.raw or item.extra) for item in adoption.items),
            sum(v.unit == one.unit for v in placed),
            one.said,
        )
        for one in written
    ]
    stream = io.BytesIO()
    write_report(stream, Told(ledger, sources, decided, verdicts, units))
    path = office.workspace.config.folders.control / REPORT_BOOK
    if is_open(path, time.time()):
        raise BusyError(f"《{path.name}》正打开着，请关闭后再运行一次 / the report is open: close it and run again")
    office.disk.write(path, stream.getvalue())
    said = [*problems, *(one.problem for one in written if one.problem)]
    unplaced = sum(not v.fate.settled for v in verdicts)
    return Applied(tuple(said), False, tuple(written), office.workspace.relative(path), len(placed), unplaced)
