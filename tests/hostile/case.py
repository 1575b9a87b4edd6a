"""One hostile file: how to make it, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from syncer.core.values import Scalar

READ = "read"
Place = tuple[int, int]  # 1-based row and column


@dataclass(frozen=True)
class Case:
    """What a file is to come to: ``read`` or one of these codes; with ``read``, cells of its first sheet are as given.

    ``says``: what the refusal must name (a part, a sheet, a cell).
    """

    make: Callable[[], bytes]
    outcomes: frozenset[str]
    cells: Mapping[Place, Scalar] = field(default_factory=dict)
    says: str = ""
    ending: str = ".xlsx"


def read_as(make: Callable[[], bytes], cells: Mapping[Place, Scalar], ending: str = ".xlsx") -> Case:
    """A file that looks odd and holds something that a person meant."""
    return Case(make, frozenset({READ}), cells, ending=ending)


def refused(make: Callable[[], bytes], *codes: str, says: str = "", ending: str = ".xlsx") -> Case:
    """A file that no reading does justice to."""
    return Case(make, frozenset(codes), says=says, ending=ending)


def survived(make: Callable[[], bytes], *codes: str, ending: str = ".xlsx") -> Case:
    """A file that may be read or refused (by one of these codes, if it is); only time and memory count."""
    return Case(make, frozenset({READ, *codes}), ending=ending)
