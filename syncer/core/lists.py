"""Cells that name several things: taken apart at any separator, but never within a name that is known as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Known = TypeVar("Known")

_HARD = re.compile(r"[、，,；;。\n\r\t|｜]+|\s{2,}")
_SOFT = re.compile(r"(\s|[/／\\+＋&＆·]|以及|和|及|与)")
_SOFT_ENDS = re.compile(rf"{_SOFT.pattern}+$")

LONGEST_LIST = 4000  # signs; a longer cell is no list of names, and shall not cost time
_MOST_WORDS = 5  # of one name, parted by 和 or /


@dataclass(frozen=True, slots=True)
class Piece(Generic[Known]):
    """One thing that a list names: as written, and what it is known as; ``None`` where nobody knows it."""

    text: str
    known: Known | None


def pieces(text: str, find: Callable[[str], Known | None]) -> list[Piece[Known]]:
    """Returns what a cell names, in order. ``find`` knows a name, or returns ``None``.

    Commas of any kind and line breaks part names; 和 及 与 / and single spaces only do where what they part is known:
    规划和建设科 stays one name if the roster has it. Unknown words that stand together stay one piece.
    """
    if len(text) > LONGEST_LIST:
        return [Piece(text, None)]
    parts = [part for part in (piece.strip() for piece in _HARD.split(text)) if part]
    if len(parts) > 1 and (whole := find(text)) is not None:
        return [Piece(text.strip(), whole)]
    return [piece for part in parts for piece in _softly(part, find)]


def _softly(part: str, find: Callable[[str], Known | None]) -> Iterator[Piece[Known]]:
    """Parts one piece at 和, / and spaces, the longest known names first."""
    if (whole := find(part)) is not None:
        yield Piece(part, whole)
        return
    words = _SOFT.split(part)  # names at even places, what parts them between
    at, unknown = 0, ""
    while at < len(words):
        end, known = _longest(words, at, find)
        if known is None:
            unknown += "".join(words[at : at + 2])
            at += 2
            continue
        if rest := _SOFT_ENDS.sub("", unknown).strip():
            yield Piece(rest, None)
        yield Piece("".join(words[at:end]).strip(), known)
        at, unknown = end + 1, ""
    if rest := _SOFT_ENDS.sub("", unknown).strip():
        yield Piece(rest, None)


def _longest(words: list[str], at: int, find: Callable[[str], Known | None]) -> tuple[int, Known | None]:
    """Returns where the longest known name that begins at a word ends, and what it is."""
    if not any(word.strip() for word in words[at : at + 3 : 2]):
        return at, None
    for end in range(min(len(words), at + 2 * _MOST_WORDS - 1), at, -2):
        name = "".join(words[at:end]).strip()
        known = find(name) if name else None
        if known is not None:
            return end, known
    return at, None
