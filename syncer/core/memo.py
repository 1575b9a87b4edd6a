"""Results that are kept from one look to the next, each with what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """Gives a result again as long as what it rests on is the same, or equal as Python sees it; for pure functions alone.

    To see that the very same objects are given costs little, so what is handed on unchanged is hardly looked at.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[tuple[object, ...], Any]] = {}

    def of(self, key: Hashable, rests_on: tuple[object, ...], make: Callable[[], T]) -> T:
        """Returns what is kept under ``key``; made anew where ``rests_on`` is not what it was."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != rests_on:
            kept = self._kept[key] = rests_on, make()
        result: T = kept[1]
        return result
