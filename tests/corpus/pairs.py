"""All pairs: few combinations of several factors in which every two values of two factors meet at least once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any

Choice = dict[str, Any]


def all_pairs(factors: Mapping[str, Sequence[Any]]) -> Iterator[Choice]:
    """Yields combinations, always the same for the same factors: each begins with a pair not met yet, and adds what meets most."""
    names = list(factors)
    open_pairs = {
        ((one, i), (other, j)): None
        for one, other in combinations(names, 2)
        for i, j in product(range(len(factors[one])), range(len(factors[other])))
    }
    while open_pairs:
        chosen = dict(next(iter(open_pairs)))
        for name in names:
            if name not in chosen:
                chosen[name] = max(range(len(factors[name])), key=lambda at: _met(open_pairs, chosen, name, at))
        for pair in combinations([(name, chosen[name]) for name in names], 2):
            open_pairs.pop(pair, None)
        yield {name: factors[name][chosen[name]] for name in names}


def _met(open_pairs: Mapping[Any, None], chosen: Mapping[str, int], name: str, at: int) -> int:
    """How many open pairs a value would meet with what is chosen already."""
    mine = (name, at)
    return sum((mine, pick) in open_pairs or (pick, mine) in open_pairs for pick in chosen.items())
