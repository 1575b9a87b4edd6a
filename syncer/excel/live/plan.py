"""What has to be done to an open sheet so that it holds a new edition. Pure: keys and cells in, steps out.

Her sheet may be sorted, and may have rows of her own and lack some of ours: rows are found by their keys, what is hers is let
be, and a cell is only written where it still says what an edition of ours said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from syncer.excel.live.keys import Key
from syncer.excel.live.picture import Line, Look
from syncer.excel.live.plain import Plain, alike

Cell = tuple[int, int]  # row and column, 1-based


@dataclass(frozen=True, slots=True)
class Insert:
    """Rows that came: ``count`` of the edition's, from ``first`` (0-based) on, to stand before the open sheet's ``row``."""

    row: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Delete:
    """Rows that went: ``count`` of the open sheet's, from ``row`` on."""

    row: int
    count: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything goes. ``steps`` are taken in order, from the bottom up.

    ``rows``: the edition's row (0-based) → the open row after the steps; ``found``: → the open row before them, if it is there.
    """

    steps: tuple[Insert | Delete, ...] = ()
    rows: Mapping[int, int] = field(default_factory=dict)
    found: Mapping[int, int] = field(default_factory=dict)


def place(
    there: Sequence[Key], wanted: Sequence[Key], bases: Sequence[Collection[Key]], disposable: Collection[int] = ()
) -> Placement:
    """Returns the rows of a table to insert and to delete, and where the edition's rows stand then.

    Rows that she sorted stay where she put them, and new ones come below.

    Args:
        there: the keys of the open sheet's rows, from row 1 on.
        wanted: the keys of the edition's rows.
        bases: the keys of each edition that the open sheet may hold.
        disposable: open rows (1-based) that are nobody's: inserted when we were broken off, and never filled.
    """
    ours, edition = set().union(*bases), set(wanted)
    gone = {row for row, key in enumerate(there, 1) if row in disposable or (key in ours and key not in edition)}
    # What all the editions hold and the open sheet does not, she took away: it does not come back by this.
    lacking = {key for key in edition.difference(there) if not (bases and all(key in base for base in bases))}
    place_of = {key: at for at, key in enumerate(wanted)}
    if not _in_order([place_of[key] for key in there if key in place_of]):
        matched = {place_of[key]: row for row, key in enumerate(there, 1) if key in place_of}
        return _placed(len(there), [(len(there) + 1, place_of[key]) for key in lacking], gone, matched)
    matched, coming, _ = _paired(there, wanted)
    return _placed(len(there), [(row, at) for row, at in coming if wanted[at] in lacking], gone, matched)


def place_page(there: Sequence[Key], wanted: Sequence[Key]) -> Placement:
    """Returns the same for a page that is no table: many of its rows have one shape, and none of them is hers."""
    matched, coming, going = _paired(there, wanted)
    return _placed(len(there), coming, going, matched)


def _paired(there: Sequence[Key], wanted: Sequence[Key]) -> tuple[dict[int, int], list[tuple[int, int]], set[int]]:
    """Returns which rows are which (edition → open), what comes (before which open row, edition's row), what goes."""
    matched: dict[int, int] = {}
    coming: list[tuple[int, int]] = []
    going: set[int] = set()
    for what, i1, i2, j1, j2 in SequenceMatcher(None, there, wanted, autojunk=False).get_opcodes():
        if what == "equal":
            matched |= {j1 + n: i1 + n + 1 for n in range(i2 - i1)}
        else:
            coming += [(i2 + 1, at) for at in range(j1, j2)]
            going |= set(range(i1 + 1, i2 + 1))
    return matched, coming, going


def _placed(count: int, coming: Collection[tuple[int, int]], gone: set[int], matched: Mapping[int, int]) -> Placement:
    """Makes steps of rows that come (before which open row, edition's row) and go."""
    before: dict[int, list[int]] = defaultdict(list)
    for row, at in coming:
        before[row].append(at)
    inserts = [Insert(row, first, number) for row, places in before.items() for first, number in _runs(places)]
    going = gone - set(matched.values())
    deletes = [Delete(row, number) for row, number in _runs(going, breaks=before)]
    return Placement(_bottom_up(inserts, deletes), _rows_after(count, before, going, matched), matched)


def _in_order(places: Sequence[int]) -> bool:
    return all(one < other for one, other in pairwise(places))


def _runs(numbers: Collection[int], breaks: Collection[int] = ()) -> Iterator[tuple[int, int]]:
    """Yields runs of consecutive numbers, none going on over a break: ``{3, 4, 9}`` → ``(3, 2), (9, 1)``."""
    run: list[int] = []
    for number in sorted(numbers):
        if run and (number != run[-1] + 1 or number in breaks):
            yield run[0], len(run)
            run = []
        run.append(number)
    if run:
        yield run[0], len(run)


def _bottom_up(inserts: Sequence[Insert], deletes: Sequence[Delete]) -> tuple[Insert | Delete, ...]:
    """Orders steps so that none moves the place of a later one: at one place rows go before others come, the last first."""
    steps: list[Insert | Delete] = [*inserts, *deletes]
    return tuple(sorted(steps, key=lambda s: (s.row, isinstance(s, Delete), getattr(s, "first", 0)), reverse=True))


def _rows_after(
    count: int, before: Mapping[int, Sequence[int]], going: Collection[int], matched: Mapping[int, int]
) -> dict[int, int]:
    """Returns where the edition's rows stand after all steps."""
    edition_of = {row: at for at, row in matched.items()}
    rows: dict[int, int] = {}
    now = 0
    for row in range(1, count + 2):
        for at in sorted(before.get(row, ())):
            now += 1
            rows[at] = now
        if row <= count and row not in going:
            now += 1
            if row in edition_of:
                rows[edition_of[row]] = now
    return rows


# --- cells


@dataclass(frozen=True, slots=True)
class Block:
    """Cells to be written in one go, from ``row`` and ``column`` on."""

    row: int
    column: int
    values: tuple[tuple[Plain, ...], ...]


def cells_to_write(
    line: Line, bases: Sequence[Line], there: Sequence[Plain], *, ours: bool = False
) -> dict[int, Plain]:
    """Returns what to write into an open row, by column: where it is not the edition's and still says what one of ours did.

    ``ours``: nobody types there, whatever it says is to be replaced.
    """
    width = max(len(line.cells), *(len(base.cells) for base in bases), 0) if bases else len(line.cells)
    found: dict[int, Plain] = {}
    for column in range(1, width + 1):
        now = there[column - 1] if column <= len(there) else None
        wanted = line.cell(column)
        if not alike(now, wanted) and (ours or any(alike(now, base.cell(column)) for base in bases)):
            found[column] = wanted
    return found


def looks_to_set(line: Line, befores: Sequence[Line]) -> Iterator[tuple[int, str, object]]:
    """Yields the looks to set in a row: column, what, its value. ``befores``: how the row may look now; none: not known."""
    for column in range(1, len(line.looks) + 1):
        yield from ((column, *touch) for touch in _touches(line.look(column), [b.look(column) for b in befores]))


_WHAT = ("number_format", "fill", "ink", "bold", "italic", "across", "wraps", "font", "size")


def _touches(look: Look, befores: Sequence[Look]) -> Iterator[tuple[str, object]]:
    for what in _WHAT:
        value = getattr(look, what)
        if not befores or any(getattr(before, what) != value for before in befores):
            yield what, value


def blocks(cells: Mapping[Cell, Plain]) -> list[Block]:
    """Groups cells into as few rectangles as a plain sweep finds: runs within a row, equal runs of neighbouring rows."""
    made: list[Block] = []
    open_: dict[tuple[int, int], list[tuple[Plain, ...]]] = {}  # first and last column → rows so far
    begun: dict[tuple[int, int], int] = {}
    rows: dict[int, list[int]] = defaultdict(list)
    for row, column in cells:
        rows[row].append(column)
    before = None
    for row in sorted(rows):
        runs = {(first, first + count - 1) for first, count in _runs(rows[row])}
        ended = [run for run in open_ if row - 1 != before or run not in runs]
        made += [Block(begun.pop(run), run[0], tuple(open_.pop(run))) for run in ended]
        for first, last in runs:
            open_.setdefault((first, last), []).append(tuple(cells[row, column] for column in range(first, last + 1)))
            begun.setdefault((first, last), row)
        before = row
    made += [Block(begun[run], run[0], tuple(values)) for run, values in open_.items()]
    return sorted(made, key=lambda block: (block.row, block.column))


def areas(cells: Collection[Cell]) -> list[tuple[int, int, int, int]]:
    """Groups cells into rectangles: first row, first column, last row, last column."""
    found = blocks(dict.fromkeys(cells))
    return [(b.row, b.column, b.row + len(b.values) - 1, b.column + len(b.values[0]) - 1) for b in found]


def spans_of_rows(rows: Collection[int], gap: int = 20) -> list[tuple[int, int]]:
    """Groups rows into few stretches to be read in one go: ``{5, 7, 90}`` → ``[(5, 7), (90, 90)]``."""
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row - found[-1][1] <= gap:
            found[-1] = found[-1][0], row
        else:
            found.append((row, row))
    return found
