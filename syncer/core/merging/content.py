"""Rows known by what they hold: how alike two rows are, which row is nearest, and contents that a sort moved past the ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from syncer.core.values import Scalar, fold, same, show

ALIKE = 0.6  # likeness from which a row may hold what belongs to another
BETTER = 0.3  # by which it must be more like the other than like the row whose id it carries
EXPLAINED = (
    0.8  # of the cells that tell two rows apart, the share that must be one's or the other's where a sort is inferred
)
LOOK_UPS = 200  # entries of the index that one search reads, rarest cells first: a search never costs more
NEAREST = 8  # rows that one search compares in full

Cells = Mapping[str, str]
"""One row as it is compared: folded text by column code, ``+name`` for a column of the unit's own."""


def cells_of(raw: Mapping[str, Scalar], extra: Mapping[str, Scalar], dropped: Collection[str] = ()) -> Cells:
    """Returns a row as it is compared, without the ``dropped`` columns: width, spaces, number or text do not matter."""
    cells = {code: fold(show(value)) for code, value in raw.items() if code not in dropped}
    cells.update((f"+{name}", fold(show(value))) for name, value in extra.items() if f"+{name}" not in dropped)
    return cells


def share(one: Cells, other: Cells) -> float:
    """Returns the share of equal cells among those filled in either row, 0 to 1; two blank rows are not alike."""
    filled = len(one.keys() | other.keys())
    return len(one.items() & other.items()) / filled if filled else 0.0


class CellIndex:
    """Finds the rows nearest to a row by the cells they share; a search costs the same however many rows there are."""

    def __init__(self, rows: Mapping[str, Cells]) -> None:
        """Takes the rows that can be found, by id."""
        self._rows = rows
        self._holders: dict[tuple[str, str], list[str]] = {}
        for row_id, cells in rows.items():
            for cell in cells.items():
                self._holders.setdefault(cell, []).append(row_id)

    def nearest(self, cells: Cells) -> list[tuple[float, str]]:
        """Returns likeness and id of up to eight rows that share a cell with this one, the most alike first."""
        votes: Counter[str] = Counter()
        left = LOOK_UPS
        for holders in sorted((self._holders[c] for c in cells.items() if c in self._holders), key=len):
            votes.update(holders[:left])
            left -= len(holders)
            if left <= 0:
                break
        found = [(share(cells, self._rows[row_id]), row_id) for row_id, _ in votes.most_common(NEAREST)]
        return sorted(found, key=lambda entry: -entry[0])


def nearest_pairs(
    rows: Mapping[int, Cells], olds: Mapping[str, Cells], least: float = 0.0
) -> dict[int, tuple[str, float]]:
    """Pairs rows with old rows one to one: equal ones first and in order, then the most alike; with how alike they are."""
    waiting: dict[frozenset[tuple[str, str]], list[str]] = {}
    for row_id, cells in reversed(list(olds.items())):
        waiting.setdefault(frozenset(cells.items()), []).append(row_id)
    pairs: dict[int, tuple[str, float]] = {}
    for at, cells in rows.items():
        if equal := waiting.get(frozenset(cells.items())):
            pairs[at] = (equal.pop(), 1.0)
    taken = {row_id for row_id, _ in pairs.values()}
    index = CellIndex({row_id: cells for row_id, cells in olds.items() if row_id not in taken})
    near = [(alike, at, i) for at in rows if at not in pairs for alike, i in index.nearest(rows[at]) if alike >= least]
    for alike, at, row_id in sorted(near, key=lambda entry: (-entry[0], entry[1])):
        if at not in pairs and row_id not in taken:
            pairs[at] = (row_id, alike)
            taken.add(row_id)
    return pairs


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the worksheet whose content is not what the id in it lets expect."""

    at: int  # position among the rows as read
    cells: Cells
    own: str = ""  # the base row that its id stands for; "": a reserved id, a copy, or no id


@dataclass(frozen=True, slots=True)
class _Claim:
    at: int
    own: str
    target: str
    alike: float
    strong: bool  # evident by itself; else only as one of three or more rows that changed places


def moved(lines: Sequence[Line], base: Mapping[str, Cells], keys: Collection[str], *, closing: bool) -> dict[int, str]:
    """Returns which lines hold the content of which other base row; nothing unless at least two rows with ids do.

    That is what a sort of some columns leaves, or cells deleted with the rest shifted up. Mere edits never look like
    it: the row whose content was found elsewhere must have lost it itself. A row counts as moved when it is at least
    0.6 like the other row, and by 0.3 more than like its own; where three or more rows changed places in a closed
    ring, when most cells that tell the two rows apart came along (at a tie the ``keys`` decide). ``closing``: the end
    of a chain holds what is left of its beginning, however little (a task of the plan does not go away).
    """
    own = {line.own: line for line in lines if line.own}
    claims = _consistent(_claims(lines, base, keys), own, base)
    ring = _ring(claims, own)
    sorted_rows = len(ring) >= 3  # two rows that swapped a few cells may be two edits
    claims = {at: c for at, c in claims.items() if c.strong or (sorted_rows and at in ring)}
    claims = _consistent(claims, own, base)
    if sum(1 for claim in claims.values() if claim.own) < 2:
        return {}
    return {at: claim.target for at, claim in claims.items()} | dict(_closed(claims, own, base, closing=closing))


def _claims(lines: Sequence[Line], base: Mapping[str, Cells], keys: Collection[str]) -> dict[int, _Claim]:
    """The likeliest claim of each line, no two on one row: the most alike first."""
    index = CellIndex(base)
    owned = {line.own for line in lines}
    found: list[_Claim] = []
    for line in lines:
        for alike, target in index.nearest(line.cells):
            if target == line.own:
                continue
            if not line.own:
                if alike >= ALIKE and target in owned:
                    found.append(_Claim(line.at, "", target, alike, strong=True))
                continue
            strong = alike >= ALIKE and alike - share(line.cells, base[line.own]) > BETTER - 1e-9
            if strong or _came_along(line.cells, base[line.own], base[target], keys):
                found.append(_Claim(line.at, line.own, target, alike, strong))
    claims: dict[int, _Claim] = {}
    taken: set[str] = set()
    for claim in sorted(found, key=lambda c: (-c.alike, c.at)):
        if claim.at not in claims and claim.target not in taken:
            claims[claim.at] = claim
            taken.add(claim.target)
    return claims


def _came_along(cells: Cells, own: Cells, other: Cells, keys: Collection[str]) -> bool:
    """Whether most of the cells that tell two base rows apart are the other's; at a tie, whether its keys are."""
    apart = [code for code in own.keys() | other.keys() if own.get(code) != other.get(code)]
    came = {code for code in apart if cells.get(code) == other.get(code)}
    stayed = {code for code in apart if cells.get(code) == own.get(code)}
    if len(came) < 2 or len(came) + len(stayed) < EXPLAINED * len(apart):
        return False
    telling = {code for code in apart if code in keys}
    return len(came) > len(stayed) or (len(came) == len(stayed) and bool(telling) and telling <= came)


def _consistent(claims: Mapping[int, _Claim], own: Mapping[str, Line], base: Mapping[str, Cells]) -> dict[int, _Claim]:
    """The claims on rows that are gone from their own line: it claims another row itself, or is unlike what it was."""
    left = dict(claims)
    by_target = {claim.target: at for at, claim in claims.items()}
    doubtful = list(claims)
    while doubtful:
        claim = left.get(doubtful.pop())
        if claim and claim.target in own and not _gave_up(own[claim.target], claim, left, base):
            del left[claim.at]
            doubtful += [by_target[claim.own]] if claim.own in by_target else []
    return left


def _gave_up(keeper: Line, claim: _Claim, claims: Mapping[int, _Claim], base: Mapping[str, Cells]) -> bool:
    still = share(keeper.cells, base[keeper.own])
    return keeper.at in claims or (still < 0.5 and still < claim.alike)  # most of it is gone


def _ring(claims: Mapping[int, _Claim], own: Mapping[str, Line]) -> set[int]:
    """The lines that changed places in closed rings: those that no chain reaches which begins somewhere."""
    chained = {at for start in _starts(claims) for at in (start, *(line.at for line in _chain(start, claims, own)))}
    return set(claims) - chained


def _starts(claims: Mapping[int, _Claim]) -> list[int]:
    """The lines whose own row nobody claims."""
    targets = {claim.target for claim in claims.values()}
    return [at for at, claim in claims.items() if claim.own not in targets]


def _chain(start: int, claims: Mapping[int, _Claim], own: Mapping[str, Line]) -> Iterator[Line]:
    """The lines whose rows are claimed one after the other from a start on, up to one that claims nothing."""
    at = start
    while at in claims and claims[at].target in own:
        line = own[claims[at].target]
        yield line
        at = line.at


def _closed(
    claims: Mapping[int, _Claim], own: Mapping[str, Line], base: Mapping[str, Cells], *, closing: bool
) -> Iterator[tuple[int, str]]:
    """The end of each chain that holds what is left of its beginning: a row that was moved and edited as well."""
    for start in _starts(claims):
        claim = claims[start]
        line = next((line for line in _chain(start, claims, own) if line.at not in claims), None)
        if line is None or not claim.own:
            continue
        alike = share(line.cells, base[claim.own])
        if closing or (alike > 0 and alike >= share(line.cells, base[line.own])):
            yield line.at, claim.own


def stayed_columns(
    rows: Iterable[tuple[Mapping[str, Scalar], Mapping[str, Scalar], Mapping[str, Scalar]]],
) -> list[str]:
    """Returns the columns that stayed when others were sorted, of (row as read, base of its line, base of what it is).

    More rows hold there what belongs to their line than what belongs to themselves.
    """
    votes: Counter[str] = Counter()
    for here, line, true in rows:
        for code in line.keys() | true.keys():
            if not same(line.get(code), true.get(code)):
                votes[code] += same(here.get(code), line.get(code)) - same(here.get(code), true.get(code))
    return sorted(code for code, more in votes.items() if more > 0)
