"""What reading one cell comes to: the value, how it was read, and what there is to say of it. No guess is silent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from syncer.core.values import Scalar, fold, show, tidy

_REMEMBERED = 2048  # values whose reading is kept at hand: a column says the same again and again
_SHORT = 200  # signs; of longer texts hardly two are alike, and many would fill the memory
P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")


def remembered(read: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Returns ``read``, a pure function of a cell's value, that keeps its last results at hand. ``1`` is not ``True``."""
    kept = lru_cache(_REMEMBERED, typed=True)(read)

    @wraps(read)
    def either(value: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if isinstance(value, str) and len(value) > _SHORT:
            return read(value, *args, **kwargs)
        return kept(value, *args, **kwargs)  # type: ignore[arg-type]

    return either


class How(StrEnum):
    """How a cell was read."""

    AS_TYPED = "as typed"
    NORMALISED = "normalised"
    DOUBTFUL = "doubtful"  # kept as typed, and asked
    REFUSED = "refused"  # kept as typed, never counted


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell as read. ``code`` names the problem, if there is something to say; ``facts`` fill its wording in."""

    value: Scalar
    how: How = How.AS_TYPED
    code: str = ""
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def settled(self) -> bool:
        """Whether the value counts: it was understood, maybe with a note."""
        return self.how in {How.AS_TYPED, How.NORMALISED}


def taken(value: Scalar, raw: Scalar) -> Reading:
    """Returns a value that means just what was typed, cleaned of stray spaces or written in another form of the same."""
    return Reading(value, How.AS_TYPED if type(value) is type(raw) and value == raw else How.NORMALISED)


def noted(value: Scalar, read: str = "") -> Reading:
    """Returns a value that differs from what was typed, with the note that says so (CELL-009)."""
    return Reading(value, How.NORMALISED, "CELL-009", (("read", read or show(value)),))


def asked(raw: Scalar, code: str, **facts: str) -> Reading:
    """Returns what was typed as it stands, with a question; it does not count until that is answered."""
    return Reading(tidy(raw) if isinstance(raw, str) else raw, How.DOUBTFUL, code, tuple(facts.items()))


NOTHING = Reading(None, How.NORMALISED, "CELL-015")
"""What 无 or a dash comes to where a value was wanted: none, and that is noted."""

_NONE_WORDS = frozenset({"无", "暂无", "没有", "无此项", "不涉及", "n/a", "na", "none", "nil", "空"})
_DASHES = re.compile(r"[-—–−_/\\ー─一]{1,4}")


def says_none(text: str) -> bool:
    """Tells whether a text says that there is nothing: ``无``, ``暂无``, ``——``, ``/``."""
    if len(text) > 8:
        return False
    folded = fold(text).rstrip("。.")
    return folded in _NONE_WORDS or (folded != "一" and _DASHES.fullmatch(folded) is not None)


_SQUARE_METRES = re.compile("[mｍ]²|㎡")
# ①, ², ½: NFKC makes ordinary digits of them, so that 10² would become 102
_ORNAMENTAL = re.compile(r"[\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u2080-\u2089\u2150-\u215f\u2189\u2460-\u249b]")


def plain(text: str) -> str | None:
    """Returns a text with full-width signs made plain, outer space gone; ``None`` where it holds ①, ² or ½."""
    if text.isascii():
        return text.strip()
    bare = _SQUARE_METRES.sub("平方米", text)
    return None if _ORNAMENTAL.search(bare) else tidy(unicodedata.normalize("NFKC", bare))
