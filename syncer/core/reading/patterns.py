"""How a number or name must look, in a form an office writes without learning regular expressions: ``XX〔YYYY〕N号``.

``YYYY`` (any run of Y): as many digits · ``N``: digits, one or more; ``NN``, ``NNN``: exactly as many · ``X`` or ``XX``:
any signs, one or more · ``*`` or ``…``: anything, or nothing · in quotes, and everything else: itself. Alternatives are
joined by 或 between spaces. Width, case and spaces do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from syncer.core.values import fold

LONGEST = 500  # signs; what has to look like something is no essay

_PART = re.compile(r"“([^”]*)”|\"([^\"]*)\"|(Y+)|(N+)|(X+)|([*＊…]+)|([^YNX*＊…“\"]+|[“\"])")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece: a fixed ``text``; or from ``least`` to ``most`` signs (``most`` 0: no end), ``digits`` only or any."""

    text: str = ""
    digits: bool = False
    least: int = 0
    most: int = 0


Pattern = tuple[tuple[Part, ...], ...]
"""Alternatives."""


@lru_cache(maxsize=1024)
def parse_pattern(text: str) -> Pattern | None:
    """Returns the alternatives of a pattern; ``None`` where one of them leaves nothing open, and so is hardly meant."""
    alternatives = tuple(_parts(part) for part in re.split(r"\s或者?\s|\n", text))
    open_ended = all(any(not part.text for part in parts) for parts in alternatives)
    return alternatives if open_ended else None


def _parts(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for quoted, straight, years, digits, signs, anything, fixed in _PART.findall(text.strip()):
        if years:
            parts.append(Part(digits=True, least=len(years), most=len(years)))
        elif digits:
            parts.append(Part(digits=True, least=len(digits), most=len(digits) if len(digits) > 1 else 0))
        elif signs or anything:
            parts.append(Part(least=1 if signs else 0))
        elif plain := fold(quoted or straight or fixed):
            parts.append(Part(plain))
    return tuple(parts)


def matches(pattern: Pattern, text: str) -> bool:
    """Tells whether a text looks as the pattern says. Takes time in proportion to its length, whatever the pattern."""
    bare = fold(text)
    return len(bare) <= LONGEST and any(_fits(parts, bare) for parts in pattern)


def _fits(parts: Collection[Part], text: str) -> bool:
    reached = {0}  # places up to which the parts so far can have come
    for part in parts:
        if part.text:
            reached = {at + len(part.text) for at in reached if text.startswith(part.text, at)}
        else:
            reached = {end for at in reached for end in _ends(part, text, at)}
    return len(text) in reached


def _ends(part: Part, text: str, at: int) -> range:
    end = at
    furthest = min(len(text), at + part.most) if part.most else len(text)
    while end < furthest and (not part.digits or text[end] in "0123456789"):
        end += 1
    return range(at + part.least, end + 1)
