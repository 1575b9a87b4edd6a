"""What somebody types into an edition of the master is asked, never lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from syncer import fs
from syncer.core.delivery.handout import task_cell
from syncer.core.inbox.typed_origin import Origin
from syncer.core.inbox.typed_over import Comparison, TypedCell, typed_over
from syncer.core.model import Book, Ledger, Owner, Refusal, Source
from syncer.core.names import Names
from syncer.core.reading.rows import ReadRow, from_plan, row_key
from syncer.core.state import Question, question_id
from syncer.core.values import Scalar, show
from syncer.excel.edition import numbers_in
from syncer.excel.live.mark import WAITING
from syncer.master import edition_file
from syncer.store.disk import time_text
from syncer.store.editions import Edition, Editions
from syncer.workspace import Office

MOST_CELLS = 50  # cells of one sheet that are asked one by one: more is a paste, and asked as a whole
_CANDIDATES = 5  # editions that a book without a number is compared with


def take_typed(office: Office, ledger: Ledger, path: Path, present_bytes: bytes) -> list[Question]:
    """Returns what to ask of a master that is not as we left it: every cell that differs from what its own edition held.

    Nothing where it was only saved again. The questions are not recorded here (`Questions.add` asks none twice). Raises
    `OSError` where the master cannot be looked at: it must not be replaced then.
    """
    sha256 = office.kept.put(present_bytes)
    kept = office.kept.find(sha256)
    asking = _Asking(office, ledger, path, sha256)
    edited = office.readers.read(kept) if kept else Refusal("FILE-009")
    if kept is None or isinstance(edited, Refusal):
        return [asking.whole(0, "这一份打不开，没有读出改了什么")]
    numbers = office.readers.call(numbers_in, kept)
    edition, comparison = _compared(office, ledger, path, edited, () if isinstance(numbers, Refusal) else numbers)
    if edition is None:
        return [asking.whole(0, "它所依据的那一版已不再保存，读不出改了哪几格")]
    return list(asking.questions(edition, comparison))


def _compared(
    office: Office, ledger: Ledger, path: Path, edited: Book, numbers: Sequence[int]
) -> tuple[Edition | None, Comparison]:
    """Compares with the edition the book says it is; one that says none, with the late one from which it differs least.

    A book that was being followed live may hold cells of several editions: what any of them holds is ours.
    """
    editions = Editions(office.store.engine)
    if numbers:
        candidates = [named for number in numbers if (named := editions.find(number))]
    else:
        candidates = editions.of(office.workspace.relative(path))[:_CANDIDATES]
    found: list[tuple[int, Edition, Comparison]] = []
    for edition in candidates:
        with edition_file(office, edition) as file:
            held = office.readers.read(file) if file else None
        if isinstance(held, Book):
            comparison = typed_over(held.tables, edited.tables, ledger)
            found.append((len(comparison.cells) + len(comparison.said), edition, comparison))
    if not found:
        return None, Comparison()
    _, edition, comparison = min(found, key=lambda entry: entry[0])
    return edition, _by_hand(comparison, [other for *_, other in found] if numbers else [comparison])


def _by_hand(comparison: Comparison, comparisons: Sequence[Comparison]) -> Comparison:
    """Returns what is different from every edition, and no line of ours."""
    typed = [{(cell.table, cell.row, cell.column) for cell in other.cells} for other in comparisons]
    cells = (
        cell
        for cell in comparison.cells
        if all((cell.table, cell.row, cell.column) in places for places in typed) and not _is_told(cell.incoming)
    )
    said = (words for words in comparison.said if all(words in other.said for other in comparisons))
    return Comparison(tuple(cells), tuple(said))


def _is_told(value: Scalar) -> bool:
    """Whether a cell says that a new edition waits."""
    return isinstance(value, str) and value.startswith(WAITING)


class _Asking:
    """Makes questions of what was typed into one book."""

    def __init__(self, office: Office, ledger: Ledger, path: Path, sha256: str) -> None:
        self._office, self._ledger, self._names = office, ledger, Names(ledger)
        self._book, self._sha256, self._now = path.name, sha256, office.now()
        self._saved_at = time_text(fs.stat(path).st_mtime)
        self._rows: dict[str, dict[tuple[str, str], ReadRow]] = {}

    def questions(self, edition: Edition, comparison: Comparison) -> Iterator[Question]:
        """Yields a question a cell; of a sheet with very many, and of rows and columns added or deleted, one in words."""
        by_table: dict[str, list[TypedCell]] = defaultdict(list)
        for cell in comparison.cells:
            by_table[cell.table].append(cell)
        for table, cells in by_table.items():
            if len(cells) > MOST_CELLS:
                few = "；".join(_words(cell) for cell in cells[:3])
                yield self.whole(edition.number, f"“{table}”有{len(cells)}格不同，如{few}")
                continue
            for cell in cells:
                if question := self._cell(edition, cell):
                    yield question
        yield from (self.whole(edition.number, said) for said in comparison.said)

    def whole(self, number: int, said: str) -> Question:
        """Returns a question that can only be acknowledged: the bytes are kept, and found by their hash."""
        text = f"有人改动了自动生成的“{self._book}”：{said}。已按台账重新生成，改动的那份留存着。"
        source = Source(self._book, "", 0, self._saved_at)
        identity = question_id("typed", self._book, number or self._sha256, said)
        return Question(identity, "typed", "", source=source, at=self._now, text=text, payload=self._sha256)

    def _cell(self, edition: Edition, cell: TypedCell) -> Question | None:
        source = Source(self._book, cell.table, cell.row, self._saved_at)
        place = f"{self._book} › {cell.table}!{cell.cell}"
        question = Question(
            id=question_id("typed", edition.number, *_place(cell), repr(cell.incoming)),
            kind="typed",
            unit=cell.origin.unit if cell.origin else "",
            base=cell.base,
            incoming=cell.incoming,
            source=source,
            at=self._now,
            cell=cell.cell,
            payload=self._sha256,
        )
        if cell.origin is None or not cell.origin.column:
            text = f"有人在自动生成的表里改了 {place}：{_words(cell)}。这一格由程序生成，改动不起作用。"
            return replace(question, row_key=cell.row_name, text=text)
        origin = cell.origin
        current, key = self._current(origin)
        told = [self._names.cell(origin.sheet, origin.column, value) for value in (current, cell.incoming)]
        if told[0] == told[1]:
            return None  # the ledger says the same by now
        return replace(
            question,
            sheet=origin.sheet,
            row_id=origin.row_id,
            row_key=key or cell.row_name,
            column=origin.column,
            current=current,
            text=f"（{place}）",
        )

    def _current(self, origin: Origin) -> tuple[Scalar, str]:
        """Returns what the ledger holds in a cell now, as it was typed, and what a person calls its row."""
        sheet, task = self._ledger.sheet(origin.sheet), self._ledger.task(origin.row_id)
        column = sheet.column(origin.column) if sheet else None
        row = self._row(origin)
        key = task.number if task else row_key(sheet, row.raw, row.id) if sheet and row else ""
        if sheet and task and column and column.owner is Owner.COORDINATOR and from_plan(sheet, origin.row_id):
            return task_cell(task, column), key
        return row.raw.get(origin.column) if row else None, key

    def _row(self, origin: Origin) -> ReadRow | None:
        if origin.unit not in self._rows:
            current = self._office.store.known_book(origin.unit).current
            self._rows[origin.unit] = {(code, row.id): row for code, rows in current.items() for row in rows}
        return self._rows[origin.unit].get((origin.sheet, origin.row_id))


def _place(cell: TypedCell) -> tuple[object, ...]:
    origin = cell.origin
    return (origin.unit, origin.sheet, origin.row_id, origin.column) if origin and origin.column else cell.stood


def _words(cell: TypedCell) -> str:
    where = " · ".join(part for part in (cell.row_name, cell.heading) if part)
    was, now = (show(value)[:80] or "（空）" for value in (cell.base, cell.incoming))
    return f"{where}{'：' if where else ''}“{was}”改成了“{now}”"
