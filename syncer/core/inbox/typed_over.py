"""What somebody typed into a master that we made: its cells against those that the same edition held.

    sheets by name → columns by heading → rows by content, by what they are called, by likeness → cells

Sorting, filtering, moving, inserted and deleted rows and columns are no typing; neither is saving the book again with another
program, which changes no more than how a value is held. Where a cell shows what a unit has in its workbook, or the coordinator in 任务分解, it is
traced to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from syncer.core.inbox.typed_origin import Origin, Tracer, tracer_of
from syncer.core.model import Ledger, Table
from syncer.core.reading.header_block import HEADER_SEARCH_ROWS
from syncer.core.reading.headers import ROW_ID
from syncer.core.reports.lines import FRONT, HEADER_ROWS, LEDGER, LIGHTS, QUESTIONS, UNIT
from syncer.core.values import Scalar, column_letter, show, tidy

LIKE = 0.5  # share of equal cells from which a row that carries no name is taken for one that is missing
_MOST_PAIRS = 40_000  # rows left over on both sides, multiplied: beyond it likeness says nothing any more
_LISTED = 5  # rows, columns or cells of one kind that are quoted one by one

# By what columns a row of a computed sheet is called; a data sheet has its hidden row ids.
_CALLED: Mapping[str, tuple[str, ...]] = {
    LEDGER: ("任务编号", "层级", "单位"),
    LIGHTS: ("任务编号", "牵头单位"),
    QUESTIONS: ("编号",),
}


@dataclass(frozen=True, slots=True)
class TypedCell:
    """One cell that was changed by hand. ``row`` and ``column`` are its place in the edited book, 1-based."""

    table: str  # worksheet
    row: int
    column: int
    heading: str
    row_name: str  # what a person calls the row
    base: Scalar
    incoming: Scalar
    stood: tuple[
        str, int, int
    ]  # sheet, row and column in the edition: stays the same however the edited book is sorted
    origin: Origin | None = None  # whose cell it shows; ``None``: it is computed, or no cell of the ledger

    @property
    def cell(self) -> str:
        """Its place as a person reads it: ``"H7"``."""
        return f"{column_letter(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was done to an edition by hand: changed cells, and in words what is no change of a cell."""

    cells: tuple[TypedCell, ...] = ()
    said: tuple[str, ...] = ()  # rows, columns and sheets that were added or deleted


def typed_over(edition: Sequence[Table], edited: Sequence[Table], ledger: Ledger) -> Comparison:
    """Returns what was typed into an edition of the master.

    Two equal books, however sorted, give nothing: ``typed_over(tables, tables, ledger)`` → ``Comparison()``.
    """
    cells: list[TypedCell] = []
    said: list[str] = []
    for base, now in _sheets(edition, edited):
        if base is None and now is not None:
            said.append(f"添了一张表“{now.name}”，{_filled(now)}格有内容")
        elif base is not None and now is None:
            said.append(f"删了表“{base.name}”，不起作用")
        elif base is not None and now is not None:
            one = _Sheet.of(base, now)
            cells += one.changes(tracer_of(base, ledger))
            said += one.said()
    return Comparison(tuple(cells), tuple(said))


def _sheets(edition: Sequence[Table], edited: Sequence[Table]) -> Iterator[tuple[Table | None, Table | None]]:
    """Pairs worksheets by name, a renamed one by its headings."""
    left = {table.name: table for table in edited}
    missing: list[Table] = []
    for base in edition:
        now = left.pop(base.name, None)
        if now is not None:
            yield base, now
        else:
            missing.append(base)
    for base in missing:
        renamed = next((t for t in left.values() if _headings(t, HEADER_ROWS) == _headings(base, HEADER_ROWS)), None)
        yield base, left.pop(renamed.name) if renamed else None
    yield from ((None, table) for table in left.values() if _filled(table))


def _filled(table: Table) -> int:
    return sum(cell is not None for row in table.rows for cell in row)


def _headings(table: Table, row: int) -> tuple[str, ...]:
    return tuple(_text(cell) for cell in table.rows[row - 1]) if 0 < row <= len(table.rows) else ()


def _text(value: Scalar) -> str:
    """A cell as it is compared: LibreOffice and Excel hold one moment, number or truth in more than one way."""
    if isinstance(value, datetime):
        value = (value + timedelta(seconds=30)).replace(second=0, microsecond=0)  # 15:59:59.9999 is four o'clock
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    return tidy(show(value).replace("\r\n", "\n"))


# --- one sheet


@dataclass(frozen=True, slots=True)
class _Line:
    """A row that holds something, its cells in the edition's columns."""

    number: int
    cells: tuple[Scalar, ...]
    texts: tuple[str, ...]
    named: bool = False  # it stands below the headings: only there a row has a name, and a cell an origin


def _line(table: Table, number: int, places: Sequence[int | None], *, named: bool = False) -> _Line:
    cells = tuple(None if at is None else table.cell(number, at + 1) for at in places)
    return _Line(number, cells, tuple(_text(cell) for cell in cells), named)


def _lines(table: Table, places: Sequence[int | None], header: int) -> tuple[_Line, ...]:
    """Returns the filled rows below the headings; all of them where there are none."""
    lines = (_line(table, number, places, named=header > 0) for number in range(header + 1, len(table.rows) + 1))
    return tuple(line for line in lines if any(line.texts))


def _head(table: Table, header: int) -> list[tuple[int, int, Scalar]]:
    """Returns (row, column, content) of what stands above the headings: title, date, names of groups."""
    rows = enumerate(table.rows[: max(header - 1, 0)], 1)
    return [(row, column, cell) for row, cells in rows for column, cell in enumerate(cells, 1) if _text(cell)]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """An edition's sheet and the edited one, put side by side."""

    base: Table
    now: Table
    headings: tuple[str, ...]
    places: tuple[int | None, ...]  # where each of the edition's columns stands now, 0-based
    header: int  # the row of the headings now; 0: the sheet has none, or they are gone
    lines: tuple[_Line, ...]
    edited: tuple[_Line, ...]
    pairs: Mapping[int, int]  # edited line → line of the edition

    @classmethod
    def of(cls, base: Table, now: Table) -> _Sheet:
        stood = 0 if base.name == FRONT else HEADER_ROWS
        headings = _headings(base, stood)
        header = _header_row(now, headings)
        width, now_width = (max((len(row) for row in table.rows), default=0) for table in (base, now))
        width = width if header else max(width, now_width)
        shown = (*_headings(now, header), *[""] * now_width)[:now_width]
        places = _places(headings, shown, width) if header else tuple(range(width))
        lines, edited = _lines(base, range(width), stood if header else 0), _lines(now, places, header)
        pairs = _pairs(base.name, headings, lines, edited)
        return cls(base, now, headings, places, header, lines, edited, pairs)

    def changes(self, tracer: Tracer) -> Iterator[TypedCell]:
        """Yields the cells that differ, the headings first, then in the order of the edited sheet."""
        if self.header:
            yield from self._above()
            head = _line(self.base, HEADER_ROWS, range(len(self.places)))
            yield from self._cells(head, _line(self.now, self.header, self.places), frozenset(), tracer)
        ids, units = self._column(ROW_ID), self._column(UNIT)
        for at, line in enumerate(self.edited):
            if at in self.pairs:
                was = self.lines[self.pairs[at]]
                # Ids that a sort of some columns left behind are another row's, and so is the unit beside them.
                strayed = ids >= 0 and was.texts[ids] != line.texts[ids]
                yield from self._cells(was, line, frozenset({ids, units} if strayed else {ids}), tracer)

    def _above(self) -> Iterator[TypedCell]:
        """What is new above the headings. Columns may have moved below it, so that its places say nothing."""
        before, after = _head(self.base, HEADER_ROWS), _head(self.now, self.header)
        texts = Counter(_text(cell) for *_, cell in before), Counter(_text(cell) for *_, cell in after)
        gone, new = texts[0] - texts[1], texts[1] - texts[0]
        lost = [entry for entry in before if gone[_text(entry[2])]]
        for row, column, cell in after:
            if new[_text(cell)]:
                at = min(range(len(lost)), key=lambda n: (lost[n][0] != row, n), default=None)
                stood = lost.pop(at) if at is not None else (row, column, None)
                name = (self.base.name, *stood[:2])
                yield TypedCell(self.now.name, row, column, "", "", stood[2], cell, name)

    def _cells(self, was: _Line, now: _Line, skipped: frozenset[int], tracer: Tracer) -> Iterator[TypedCell]:
        for at, place in enumerate(self.places):
            if place is not None and at not in skipped and was.texts[at] != now.texts[at]:
                yield TypedCell(
                    table=self.now.name,
                    row=now.number,
                    column=place + 1,
                    heading=self.headings[at] if was.named and at < len(self.headings) else "",
                    row_name=self._name(was) if was.named else "",
                    base=was.cells[at],
                    incoming=now.cells[at],
                    stood=(self.base.name, was.number, at + 1),
                    origin=tracer(was.number, at + 1) if was.named else None,
                )

    def _column(self, heading: str) -> int:
        return self.headings.index(heading) if heading in self.headings else -1

    def _name(self, line: _Line) -> str:
        shown = [text for at, text in enumerate(line.texts) if text and at != self._column(ROW_ID)]
        return " ".join(text[:20] for text in shown[:3])

    def said(self) -> Iterator[str]:
        """Says in words what was added and deleted."""
        name = self.now.name
        added = [line for at, line in enumerate(self.edited) if at not in self.pairs]
        for line in added[:_LISTED]:
            yield f"“{name}”第{line.number}行是添上的：{_quoted(line.texts)}"
        if len(added) > _LISTED:
            yield f"“{name}”另添了{len(added) - _LISTED}行"
        yield from self._new_columns()
        if gone := len(self.lines) - len(self.pairs):
            yield f"“{name}”删了{gone}行，不起作用"
        if gone := self.places.count(None):
            yield f"“{name}”删了{gone}列，不起作用"

    def _new_columns(self) -> Iterator[str]:
        width = max((len(row) for row in self.now.rows), default=0)
        for at in range(width) if self.header else ():
            filled = [text for row in self.now.rows if at < len(row) and (text := _text(row[at]))]
            if at not in self.places and filled:
                yield f"“{self.now.name}”{column_letter(at + 1)}列是添上的，{len(filled)}格有内容：{_quoted(filled)}"


def _quoted(texts: Sequence[str]) -> str:
    filled = [text for text in texts if text]
    more = "……" if len(filled) > _LISTED else ""
    return "、".join(text[:40] for text in filled[:_LISTED]) + more


# --- columns


def _header_row(now: Table, headings: Sequence[str]) -> int:
    """Returns the row (1-based) in which at least half of the headings stand; 0 where there is none."""
    wanted = {text for text in headings if text}
    found = [(len(wanted.intersection(_headings(now, row))), -row) for row in range(1, HEADER_SEARCH_ROWS + 1)]
    best, row = max(found)
    return -row if wanted and best * 2 >= len(wanted) else 0


def _places(headings: Sequence[str], now: Sequence[str], width: int) -> tuple[int | None, ...]:
    """Returns where each column stands now: by its heading, the second of a name for the second; one renamed, by its neighbours."""
    where: dict[str, deque[int]] = defaultdict(deque)
    for at, text in enumerate(now):
        where[text].append(at)
    places = [where[text].popleft() if text and where[text] else None for text in headings]
    places += [None] * (width - len(places))
    for at, place in enumerate(places):
        before = places[at - 1] if at else -1
        after = places[at + 1] if at + 1 < len(places) else None
        free = before + 1 if before is not None else after - 1 if after is not None else None
        if place is None and free is not None and 0 <= free < len(now) and free not in places:
            places[at] = free
    return tuple(places)


# --- rows


def _pairs(table: str, headings: Sequence[str], lines: Sequence[_Line], edited: Sequence[_Line]) -> Mapping[int, int]:
    """Returns which line is which: edited → edition.

    In this order: all cells equal; all but the row's id and unit (left behind by a sort of some columns); the same name, the
    likest first; likeness; where rows have no names, the same neighbours.
    """
    called = (ROW_ID,) if ROW_ID in headings else _CALLED.get(table, ())
    places = [headings.index(name) for name in called if name in headings]
    frame = {at for at, name in enumerate(headings) if name in {ROW_ID, UNIT}} if called == (ROW_ID,) else set()
    pairing = _Pairing(lines, edited)
    pairing.equal(lambda line: line.texts)
    if frame:
        pairing.equal(lambda line: (line.named, *(text for at, text in enumerate(line.texts) if at not in frame)))
    pairing.nearest(lambda line: _called(line, places), 0.0)
    pairing.nearest(lambda line: line.named, LIKE)
    pairing.between(lambda line: not (frame and line.named))
    return pairing.found


def _called(line: _Line, places: Sequence[int]) -> Hashable | None:
    name = tuple(line.texts[at] for at in places)
    return name if line.named and any(name) else None


class _Pairing:
    """Lines still to be paired. Each step takes what it is sure of out of ``lines`` and ``edited``."""

    def __init__(self, lines: Sequence[_Line], edited: Sequence[_Line]) -> None:
        self._lines, self._edited = lines, edited
        self._gone = dict.fromkeys(range(len(lines)))  # ordered: the first of equals goes to the first
        self._new = dict.fromkeys(range(len(edited)))
        self.found: dict[int, int] = {}

    def _take(self, new: int, old: int) -> None:
        self.found[new] = old
        del self._new[new], self._gone[old]

    def equal(self, key: Callable[[_Line], Hashable]) -> None:
        """Pairs lines of equal keys, in order."""
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for old in self._gone:
            waiting[key(self._lines[old])].append(old)
        for new in list(self._new):
            if homes := waiting.get(key(self._edited[new])):
                self._take(new, homes.popleft())

    def nearest(self, key: Callable[[_Line], Hashable | None], least: float) -> None:
        """Pairs lines of equal keys that are at least so much alike, the likest first; ``None`` is no key."""
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for old in self._gone:
            waiting[key(self._lines[old])].append(old)
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for new in self._new:
            groups[key(self._edited[new])].append(new)
        for name, group in groups.items():
            homes = waiting.get(name, [])
            if name is None or len(homes) * len(group) > _MOST_PAIRS:
                continue
            scored = [(-_likeness(self._edited[new], self._lines[old]), new, old) for new in group for old in homes]
            for score, new, old in sorted(scored):
                if -score >= least and new in self._new and old in self._gone:
                    self._take(new, old)

    def between(self, fits: Callable[[_Line], bool]) -> None:
        """Pairs lines that stand between the same neighbours."""
        for new in list(self._new):
            old = self.found[new - 1] + 1 if new - 1 in self.found else 0 if new == 0 else None
            if old in self._gone and fits(self._edited[new]) and self._edited[new].named == self._lines[old].named:
                self._take(new, old)


def _likeness(one: _Line, other: _Line) -> float:
    """Returns the share of equal cells among those filled in either line, 0 to 1."""
    filled = [(a, b) for a, b in zip(one.texts, other.texts, strict=True) if a or b]
    return sum(a == b for a, b in filled) / len(filled) if filled else 0.0
