"""How alike two short Chinese texts are, and the best one-to-one assignment by such measures."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from syncer.core.values import fold

_SIGNS = re.compile(r"[^\w]+")


@lru_cache(maxsize=20_000)
def bare(text: str) -> str:
    """Returns a text as it is compared for likeness: folded, without punctuation: ``"（一）评选、表彰"`` → ``"一评选表彰"``."""
    return _SIGNS.sub("", fold(text))


@lru_cache(maxsize=200_000)
def likeness(one: str, other: str) -> float:
    """Returns how alike two texts are, 0 to 1: by the pairs of signs they share; one within the other counts for more.

    ``likeness("开展志愿服务", "持续开展志愿服务活动")`` → 0.85.
    """
    first, second = bare(one), bare(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    ours, theirs = _pairs(first), _pairs(second)
    dice = 2 * len(ours & theirs) / (len(ours) + len(theirs))
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= 3 and shorter in longer:
        dice = max(dice, 0.7 + 0.25 * len(shorter) / len(longer))
    return dice


@lru_cache(maxsize=20_000)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1)) or frozenset([text])


def assign(scores: Sequence[Sequence[float]], least: float) -> dict[int, int]:
    """Returns the one-to-one assignment of rows to columns with the greatest sum; pairs below ``least`` are none.

    The Hungarian method with potentials, O(n³); on equal sums what stands further left is kept.
    """
    rows, columns = len(scores), max(map(len, scores), default=0)
    size = max(rows, columns)
    cost = [
        [-max(0.0, scores[r][c] - least) if r < rows and c < len(scores[r]) else 0.0 for c in range(size)]
        for r in range(size)
    ]
    found = {r: c for r, c in _least_cost(cost).items() if r < rows and c < len(scores[r])}
    return {r: c for r, c in sorted(found.items()) if scores[r][c] >= least}


def _least_cost(cost: Sequence[Sequence[float]]) -> dict[int, int]:
    """Returns row → column of the cheapest complete assignment of a square matrix."""
    size = len(cost)
    row_price, column_price = [0.0] * (size + 1), [0.0] * (size + 1)
    row_of, way = [0] * (size + 1), [0] * (size + 1)  # 1-based; 0 is nobody
    for row in range(1, size + 1):
        row_of[0], column = row, 0
        slack, done = [math.inf] * (size + 1), [False] * (size + 1)
        while row_of[column]:
            done[column], at = True, row_of[column]
            step, following = math.inf, 0
            for other in range(1, size + 1):
                if done[other]:
                    continue
                left = cost[at - 1][other - 1] - row_price[at] - column_price[other]
                if left < slack[other]:
                    slack[other], way[other] = left, column
                if slack[other] < step:
                    step, following = slack[other], other
            for other in range(size + 1):
                if done[other]:
                    row_price[row_of[other]] += step
                    column_price[other] -= step
                else:
                    slack[other] -= step
            column = following
        while column:
            row_of[column], column = row_of[way[column]], way[column]
    return {row_of[column] - 1: column - 1 for column in range(1, size + 1)}
