"""Which row is which: rows of one sheet as read, and the identity each of them keeps. Coordinates are never identity."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncer.core.merging.content import CellIndex, Cells, Line, cells_of, moved, nearest_pairs, share, stayed_columns
from syncer.core.model import Sheet
from syncer.core.problems import Place, Problem
from syncer.core.reading.rows import ReadRow, key_columns, key_of, row_key, split
from syncer.core.values import Scalar, fold, same, show

LIKENESS = 0.9  # share of equal filled cells from which an id-less row is taken for a vanished one
SAME_ROW = 0.5  # share from which an id-less row is taken for one that was id-less before, edited (said in a note)
FEW = 3  # of fewer rows one cannot tell that a column is gone


def identify(
    incoming: Sequence[ReadRow],
    base: Sequence[ReadRow],
    sheet: Sheet,
    new_ids: Sequence[str],
    place: Place,
    task_ids: Mapping[str, str],
    unit: str,
) -> tuple[list[ReadRow], list[Problem]]:
    """Gives every row of a unit's (its code) sheet its id.

    In this order: the id it carries, in the meaning it had when the workbook was read last; of several rows with one id
    the one nearest to base keeps it, the others are copies (复制行→插入) and new. Where a sort of some columns left ids
    behind, the content keeps its identity, and cells that stayed with the ids are read as the row's own (ROW-003, once
    a sheet). A row without an id, or with one of another sheet or unit (its ``origin``), is known again by its key or
    its task number (``task_ids``: folded number → task id), by likeness of at least 0.9 to exactly one vanished row, or
    as the vanished row most like it that had no id last time either (ROW-001, a note, where that is a guess); else it
    is new and takes the next of ``new_ids``.
    """
    homes = _Homes(incoming, {row.id: row for row in base}, sheet, _not_there(incoming, base))
    own_form = re.compile(rf"{re.escape(sheet.prefix)}-{re.escape(unit)}-\d{{1,20}}")  # longer: none that we gave out
    plan_ids = frozenset(task_ids.values()) if sheet.from_plan else frozenset()
    strangers = _by_carried_id(homes, lambda row_id: row_id in plan_ids or bool(own_form.fullmatch(row_id)))
    _by_moved_content(homes)
    strays = [at for at, row in enumerate(incoming) if at not in homes.found and (not row.id or at in strangers)]
    _by_key(homes, strays, task_ids)
    _by_likeness(homes, strays)
    carried = {row.id for row in incoming}
    fresh = (new_id for new_id in new_ids if new_id not in carried and new_id not in homes.base)
    rows = [_at_home(homes, at, fresh, stranger=at in strangers) for at in range(len(incoming))]
    problems = [
        Problem("ROW-001", replace(place, row=r.row, column=1), row_key(sheet, r.raw, r.id), facts=(_sure(r),))
        for r in rows
        if r.matched == "likeness"
    ]
    rows, misplaced = _put_right(rows, homes.base)
    if misplaced:
        problems.append(Problem("ROW-003", place, facts=(("rows", str(misplaced)),)))
    return rows, problems


@dataclass(frozen=True, slots=True)
class _Homes:
    """The rows of one sheet as read, and where they belong, as far as that is known yet."""

    rows: Sequence[ReadRow]  # their ids are those in the worksheet
    base: Mapping[str, ReadRow]
    sheet: Sheet
    not_there: frozenset[str]  # columns that no row was read from: they tell nothing
    found: dict[int, tuple[str, str, float]] = field(default_factory=dict)  # position → id, how it was found, how sure
    taken: set[str] = field(default_factory=set)

    def settle(self, at: int, row_id: str, how: str = "id", sure: float = 1.0) -> None:
        self.found[at] = (row_id, how, sure)
        self.taken.add(row_id)

    def cells(self, at: int) -> Cells:
        return cells_of(self.rows[at].raw, self.rows[at].extra, self.not_there)

    def old(self, row_id: str) -> Cells:
        return cells_of(self.base[row_id].raw, self.base[row_id].extra, self.not_there)

    def line(self, row_id: str) -> Cells:
        raw, extra = split(self.base[row_id].line())
        return cells_of(raw, extra, self.not_there)

    def vanished(self) -> list[str]:
        return [row_id for row_id in self.base if row_id not in self.taken]


def _not_there(incoming: Sequence[ReadRow], base: Sequence[ReadRow]) -> frozenset[str]:
    """Columns filled in base and in no row as read: gone, or emptied from top to bottom."""
    if len(incoming) < FEW:
        return frozenset()
    read = {code for row in incoming for code in row.raw} | {f"+{name}" for row in incoming for name in row.extra}
    return frozenset({c for row in base for c in row.raw} | {f"+{n}" for row in base for n in row.extra}) - read


def _by_carried_id(homes: _Homes, of_this_sheet: Callable[[str], bool]) -> frozenset[int]:
    """Settles the rows whose id says who they are; returns the positions of those with an id from elsewhere."""
    meant: dict[str, list[str]] = {}  # an id in the worksheet → the rows it was read as last time
    for row in homes.base.values():
        meant.setdefault(row.carried or row.id, []).append(row.id)
    lines: dict[str, list[int]] = {}
    for at, row in enumerate(homes.rows):
        if row.id:
            lines.setdefault(row.id, []).append(at)
    for row_id, ats in lines.items():
        olds = meant.get(row_id, [])
        if len(ats) == len(olds) == 1:
            homes.settle(ats[0], olds[0])
        elif olds:
            _settle_copies(homes, ats, olds)
    strange = {row_id for row_id in lines if row_id not in homes.base and not of_this_sheet(row_id)}
    for row_id, ats in lines.items():
        if row_id not in meant and row_id not in strange and row_id not in homes.taken:
            homes.settle(ats[0], row_id)
    return frozenset(at for row_id in strange for at in lines[row_id])


def _settle_copies(homes: _Homes, ats: Sequence[int], olds: Sequence[str]) -> None:
    """Settles rows that carry one id: each old row takes the nearest; what is left over is new."""
    pairs = nearest_pairs({at: homes.cells(at) for at in ats}, {i: homes.old(i) for i in olds})
    left = (at for at in ats if at not in pairs)
    rest = [i for i in olds if i not in {row_id for row_id, _ in pairs.values()}]
    for at, row_id in (*((at, row_id) for at, (row_id, _) in pairs.items()), *zip(left, rest, strict=False)):
        homes.settle(at, row_id)


def _by_moved_content(homes: _Homes) -> None:
    """Settles anew the rows whose contents a sort of some columns moved past the ids."""
    unlike = [at for at, (i, _, _) in homes.found.items() if i in homes.base and _unlike(homes, at, i)]
    if len(unlike) < 2:
        return
    own = {at: homes.found[at][0] for at in unlike}
    others = [at for at in range(len(homes.rows)) if at not in homes.found or homes.found[at][0] not in homes.base]
    lines = [Line(at, homes.cells(at), own.get(at, "")) for at in (*unlike, *others)]
    olds = {i: homes.old(i) for i in (*own.values(), *homes.vanished())}
    keys = frozenset(key_columns(homes.sheet))
    claims = moved(lines, olds, keys, closing=homes.sheet.from_plan)
    homeless = [at for at in unlike if own[at] in claims.values() and at not in claims]
    left = [homes.found.pop(at)[0] for at in (*homeless, *claims) if at in homes.found]
    homes.taken.difference_update(left)
    for at, row_id in claims.items():
        homes.settle(at, row_id, "content", share(homes.cells(at), olds[row_id]))
    reserved = (row_id for row_id in left if row_id not in homes.base)
    for at, row_id in zip(homeless, reserved, strict=False):  # new rows that were sorted away from their reserved lines
        homes.settle(at, row_id, "new")


def _unlike(homes: _Homes, at: int, row_id: str) -> bool:
    """Whether at least two cells are not what base says, or what the line showed when the row was found on it before."""
    row, old = homes.rows[at], homes.base[row_id]
    if row.raw == old.raw and row.extra == old.extra:
        return False
    now, before = homes.cells(at), homes.line(row_id) if old.carried == row.id else homes.old(row_id)
    return len({code for code, _ in now.items() ^ before.items()}) >= 2


def _by_key(homes: _Homes, strays: Sequence[int], task_ids: Mapping[str, str]) -> None:
    """Settles rows by content equal to a vanished row's, then by key, then by the number of a task."""
    olds = {i: cells_of(homes.base[i].raw, homes.base[i].extra) for i in homes.vanished()} if strays else {}
    news = {at: cells_of(homes.rows[at].raw, homes.rows[at].extra) for at in strays} if olds else {}
    for at, (row_id, _) in nearest_pairs(news, olds, 1.0).items():
        homes.settle(at, row_id, "key")
    by_key: dict[str, tuple[list[int], list[str]]] = {}
    for row_id in homes.vanished():
        if key := key_of(homes.sheet, homes.base[row_id]):
            by_key.setdefault(key, ([], []))[1].append(row_id)
    for at in strays:
        if at not in homes.found and (key := key_of(homes.sheet, homes.rows[at])) in by_key:
            by_key[key][0].append(at)
    for ats, holders in by_key.values():
        pairs = nearest_pairs({at: homes.cells(at) for at in ats}, {i: homes.old(i) for i in holders})
        for at, (row_id, alike) in pairs.items():
            homes.settle(at, row_id, *(("key", 1.0) if len(holders) == 1 else ("likeness", alike)))
    if homes.sheet.from_plan:
        for at in range(len(homes.rows)):  # a copied row too, once another task's number was typed over it
            task_id = task_ids.get(fold(show(homes.rows[at].raw.get("no"))))
            if at not in homes.found and task_id and task_id not in homes.taken:
                homes.settle(at, task_id, "key")


def _by_likeness(homes: _Homes, strays: Sequence[int]) -> None:
    """Settles rows by likeness: to exactly one vanished row, or to one that had no id when it was read last."""
    olds = {i: homes.old(i) for i in homes.vanished()} if strays else {}
    waiting = {at: homes.cells(at) for at in strays if at not in homes.found} if olds else {}
    index = CellIndex(olds)
    found: list[tuple[float, int, str]] = []
    for at, cells in waiting.items():
        blanked = {code for code in key_columns(homes.sheet) if code not in cells}
        alike = [(n, i) for n, i in index.nearest(cells) if _but_for(blanked, cells, olds[i]) >= LIKENESS]
        found += [(alike[0][0], at, alike[0][1])] if len(alike) == 1 else []
    for sure, at, row_id in sorted(found, key=lambda entry: (-entry[0], entry[1])):
        if row_id not in homes.taken:
            homes.settle(at, row_id, "likeness", sure)
    again = {i: olds[i] for i in olds if i not in homes.taken and homes.base[i].carried == ""}
    rest = {at: cells for at, cells in waiting.items() if at not in homes.found}
    for at, (row_id, sure) in nearest_pairs(rest, again, SAME_ROW).items():
        homes.settle(at, row_id, "likeness", sure)


def _but_for(blanked: Collection[str], cells: Cells, old: Cells) -> float:
    """Likeness without the key columns that were blanked; of fewer than two equal cells nothing can be said."""
    if blanked and len(cells.items() & old.items()) < 2:
        return 0.0
    return share(cells, {code: text for code, text in old.items() if code not in blanked})


def _at_home(homes: _Homes, at: int, fresh: Iterator[str], *, stranger: bool) -> ReadRow:
    row = homes.rows[at]
    row_id, how, sure = homes.found.get(at) or (next(fresh), "new", 1.0)
    if row_id == row.id and how == row.matched and sure == row.sure:
        return row
    origin = row.id if stranger else row.origin
    return replace(row, id=row_id, matched=how, sure=sure, origin=origin, carried=row.id)


def _put_right(rows: Sequence[ReadRow], base: Mapping[str, ReadRow]) -> tuple[list[ReadRow], int]:
    """Gives misplaced rows back the cells that stayed with the ids; returns also how many rows are misplaced.

    A column stayed if more misplaced rows hold there what their line showed before than what belongs to themselves. It is
    told, and read alike, at every save until the ids are put right in the workbook: a row that was found on this very line
    before has what it had then in every cell that still shows what it showed, and any other cell is an edit. One new row that
    was sorted away from its reserved line gets what it left there.
    """
    carriers = {row.id: row.carried for row in rows}
    misplaced = {row.id: row for row in rows if _is_misplaced(row, base, carriers)}
    again = {row.id for row in rows if _is_where_it_was(row, base)}
    right = {
        row.id: _with_cells(row, _still(row, base[row.id])) for row in rows if row.id in again and base[row.id].shown
    }
    showed = ((row.id if row.carried is None else row.carried, row) for row in base.values())
    lines = {line: row.line() for line, row in showed if line}
    cells = {
        row.id: (row.cells(), lines.get(row.carried or "") or base[row.carried or ""].line(), base[row.id].cells())
        for row in misplaced.values()
        if row.id in base and row.id not in again
    }
    stayed = stayed_columns(cells.values())
    right |= {
        row_id: _with_cells(misplaced[row_id], {c: true.get(c) for c in stayed if same(here.get(c), line.get(c))})
        for row_id, (here, line, true) in cells.items()
    }
    news = [row for row in misplaced.values() if row.id not in base]
    reserved = [r for r in rows if r.matched == "content" and r.id not in misplaced and r.carried in carriers]
    if len(news) == len(reserved) == 1 and news[0].id == reserved[0].carried:
        left, true = reserved[0].cells(), base[reserved[0].id].cells()
        right[news[0].id] = _with_cells(news[0], {code: left.get(code) for code in stayed})
        right[reserved[0].id] = _with_cells(reserved[0], {code: true.get(code) for code in stayed})
    return [right.get(row.id, row) for row in rows], len(misplaced | right)


def _is_where_it_was(row: ReadRow, base: Mapping[str, ReadRow]) -> bool:
    """Whether a row was found last time, too, on this line, which is another row's (or was, before that one was deleted)."""
    moved = bool(row.carried) and row.carried != row.id and not row.origin
    return moved and row.id in base and base[row.id].carried == row.carried


def _still(row: ReadRow, before: ReadRow) -> dict[str, Scalar]:
    """What a row has where its line shows what it showed before, and something else was its own."""
    here, own = row.cells(), before.cells()
    return {code: own.get(code) for code, value in before.shown.items() if same(here.get(code), value)}


def _is_misplaced(row: ReadRow, base: Mapping[str, ReadRow], carriers: Mapping[str, str | None]) -> bool:
    """Whether the id in the line is another row's, and no copy of it: that row itself stands, or stood, elsewhere."""
    line = row.carried
    if not line or line == row.id or line not in base:
        return False
    return row.matched == "content" or carriers.get(line, line) != line or base[line].carried not in {None, line}


def _with_cells(row: ReadRow, said: Mapping[str, Scalar]) -> ReadRow:
    """The row with other content in some columns (``+name``: the unit's own); blank empties a cell."""
    here = row.cells()
    raw, extra = split({code: value for code, value in {**here, **said}.items() if value is not None})
    shown = {code: here.get(code) for code, value in said.items() if not same(here.get(code), value)}
    matched = "content" if row.matched == "id" else row.matched
    return replace(row, raw=raw, extra=extra, matched=matched, shown=shown)


def _sure(row: ReadRow) -> tuple[str, str]:
    return "percent", f"{row.sure:.0%}"
