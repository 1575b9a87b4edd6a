"""Which column of ours a foreign column is: by its name and group, by its values, and all columns of a table at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from syncer.core.adopting.likeness import assign, likeness
from syncer.core.adopting.structure import ForeignColumn, Layout
from syncer.core.adopting.sureness import LOW_FROM
from syncer.core.adopting.targets import EXTRA, NOWHERE, Target, Use, targets_of
from syncer.core.adopting.values_fit import NEUTRAL, ValueFit, counts_up
from syncer.core.adopting.vocabulary import TABLE_WORDS, column_key, facet, synonyms
from syncer.core.model import ColumnType, Ledger, Sheet, SheetKind
from syncer.core.values import Scalar

_BY_NAME, _BY_ALIAS, _BY_WORD = 1.0, 0.97, 0.9
_SURE_NAME = 0.85  # such a name is not easily spoken against by values
_SAME_TIME = 0.5  # 下步…, 本周… tell a column however it goes on
_OTHER_TIME = 0.25  # of the score is left where one is about this week and the other about the next
_WORTH_A_HINT = 0.2  # what a column without a proposal could be, for her eyes only
_TYPES_WITHOUT_A_NAME = frozenset({ColumnType.CHOICE, ColumnType.DATE, ColumnType.TASKS})
_TELLING_CHOICES = 3  # an option list with fewer choices (是, 否) says nothing of what a column is
LEAST_TABLE = 0.4  # below it a table is none of ours


@dataclass(frozen=True, slots=True)
class Guess:
    """Where a column likely goes, how good a match that is (0 to 1), and the next best."""

    column: ForeignColumn
    target: Target
    score: float
    other: Target = NOWHERE


@dataclass(frozen=True, slots=True)
class TableGuess:
    """Which sheet of ours a table likely is, and its columns in it."""

    sheet: Sheet
    score: float
    columns: tuple[Guess, ...]


class Mapper:
    """Maps tables to the sheets of one ledger."""

    def __init__(self, ledger: Ledger, fit: ValueFit) -> None:
        self._ledger, self._fit = ledger, fit
        self._targets: Mapping[str, tuple[Target, ...]] = {sheet.code: targets_of(sheet) for sheet in ledger.sheets}
        self._choices = {name: len(choices) for name, choices in ledger.options}

    def rank(
        self, layout: Layout, values: Mapping[int, Sequence[Scalar]], titles: Iterable[str] = ()
    ) -> list[TableGuess]:
        """Returns the sheets of the ledger by how well a table fits them, best first.

        ``values``: what stands in each column; ``titles``: what else tells what the table is about (file, worksheet).
        """
        said = [*titles, *layout.said_above()]
        ranked = [self.map(layout, sheet, values, _named(sheet, said)) for sheet in self._ledger.sheets]
        return sorted(ranked, key=lambda guess: -guess.score)

    def map(self, layout: Layout, sheet: Sheet, values: Mapping[int, Sequence[Scalar]], named: float) -> TableGuess:
        """Returns the best one-to-one mapping of a table's columns to a sheet's; ``named``: how clearly titles name it."""
        columns, targets = layout.columns, self._targets[sheet.code]
        scores = [[self.score(column, values.get(column.at, ()), target) for target in targets] for column in columns]
        chosen = assign(scores, LOW_FROM)
        guesses = []
        for at, column in enumerate(columns):
            best = chosen.get(at)
            worth = LOW_FROM if best is not None else _WORTH_A_HINT
            rest = sorted(((s, -t) for t, s in enumerate(scores[at]) if t != best and s >= worth), reverse=True)
            other = targets[-rest[0][1]] if rest else NOWHERE if best is not None else EXTRA
            target, score = (targets[best], scores[at][best]) if best is not None else (NOWHERE, 0.0)
            guesses.append(Guess(column, target, score, other))
        return TableGuess(sheet, _table_score(sheet, guesses, named), tuple(guesses))

    def score(self, column: ForeignColumn, values: Sequence[Scalar], target: Target) -> float:
        """Returns how well a column fits a target, 0 to 1: its name counts most, its values can speak against it."""
        named = target.weight * name_score(column.path, target)
        fit = self._value_fit(values, target)
        if target.use is Use.SERIAL:
            return named if not values or counts_up(values) else named * 0.5
        if self._speaks_for_itself(target, values, fit):
            named = max(named, 0.62)
        if target.code == "title" and target.use is Use.OWN:
            named = max(named, 0.9 * self._fit.titles(values))
        if fit >= NEUTRAL:
            return named * (0.9 + 0.1 * fit)
        return named * (0.6 + 0.4 * fit if named >= _SURE_NAME else 0.4 + 0.6 * fit)

    def _value_fit(self, values: Sequence[Scalar], target: Target) -> float:
        if not values or target.use in {Use.PLAN, Use.SERIAL}:
            return NEUTRAL
        if target.use in {Use.LEAD, Use.SUPPORT}:
            return self._fit.units(values)
        return self._fit.of(values, target.column) if target.column else NEUTRAL

    def _speaks_for_itself(self, target: Target, values: Sequence[Scalar], fit: float) -> bool:
        """Whether values alone tell a column: known choices, days, numbers of tasks."""
        column = target.column
        if column is None or target.use is not Use.OWN or len(values) < 2 or fit < (0.85 if len(values) > 2 else 1.0):
            return False
        if column.type is ColumnType.CHOICE:
            return self._choices.get(column.options, 0) >= _TELLING_CHOICES
        return column.type is ColumnType.LINK or (column.type in _TYPES_WITHOUT_A_NAME and column.key)


def values_by_column(layout: Layout) -> dict[int, list[Scalar]]:
    """Returns what stands in each column, merged content once."""
    values: dict[int, list[Scalar]] = {}
    for row in layout.rows:
        for at, value in row.cells.items():
            if at not in row.origins:
                values.setdefault(at, []).append(value)
    return values


def name_score(path: Sequence[str], target: Target) -> float:
    """Returns how well a header, group to leaf, names a target: its own name, an alias, a synonym, or likeness."""
    if not path:
        return 0.0
    ways = [path[-1], "".join(path), "".join(path[-2:]), "".join(reversed(path[-2:]))]
    score = max(_one_name(column_key(way), target) * (1.0 if at == 0 else 0.98) for at, way in enumerate(ways))
    group = max((_one_name(column_key(text), target) for text in path[:-1]), default=0.0)
    score = max(score, 0.6 * group)  # the group alone: weak, but better than nothing
    own = facet(path[-1])
    about = own or facet("".join(path[:-1]))
    if about and about == target.time:
        return max(score, _SAME_TIME)
    if not about:
        return score
    if target.time or own in {"past", "next"}:
        return score * _OTHER_TIME
    return score * (1.0 if about == "now" else 0.9)  # its group alone is of another time: 下周工作›预计完成时间


def _one_name(key: str, target: Target) -> float:
    return _named_by(key, target.names, target.words)


@lru_cache(maxsize=50_000)
def _named_by(key: str, names: tuple[str, ...], words: frozenset[str]) -> float:
    if key == names[0]:
        return _BY_NAME
    if key in names:
        return _BY_ALIAS
    if key in words:
        return _BY_WORD
    close = max(likeness(key, name) for name in names)
    near = max((likeness(key, word) for word in words), default=0.0)
    return max(0.85 * close, 0.8 * near)


def _named(sheet: Sheet, said: Iterable[str]) -> float:
    """Returns how clearly titles name a sheet: the longest of its names that stands in one of them."""
    names = {column_key(sheet.name), *map(column_key, sheet.former_names), *synonyms([sheet.name], TABLE_WORDS)}
    texts = [column_key(text) for text in said]
    found = max((len(name) for name in names for text in texts if name in text), default=0)
    return min(1.0, found / 4)


def _table_score(sheet: Sheet, guesses: Sequence[Guess], named: float) -> float:
    """How well a table fits: the share of its columns that find a place, of our needed columns that are found, its title."""
    counted = [g for g in guesses if g.target.use is not Use.SERIAL]
    mapped = sum(g.score for g in counted if g.target.use in {Use.OWN, Use.LEAD, Use.SUPPORT, Use.PLAN})
    share = mapped / max(len(counted), 1)
    needed = {c.code for c in sheet.columns if c.key or c.required} - ({"no"} if sheet.from_plan else set())
    needed |= {"title"} if sheet.from_plan and sheet.column("title") else set()
    found = {g.target.code for g in guesses if g.target.use is Use.OWN}
    has = len(needed & found) / len(needed) if needed else share
    own = 0.05 if sheet.kind is SheetKind.SUPPORT else 0.0  # a table of tasks is the leads' unless it says otherwise
    return 0.55 * share + 0.3 * has + 0.15 * named - own
