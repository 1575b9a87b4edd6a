"""The mark in a master that is followed live: which edition stands in it, and whether the way there was gone to its end.

It is a defined name with a constant, for that is what Excel's Windows and macOS sides both let us read and write. It is set to
``"42>43"`` before the first cell of edition 43 is written and to ``"43"`` after the last was read back: whatever is killed in
between, the next publish finds the mark open and knows that the cells may be of either edition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = "syncer_live"
WAITING = "★ 新的一版已经生成，栏目或版面有变化，关闭本文件后自动换上。"
"""How the line on 首页 begins while a new edition waits; it is ours wherever it is met."""
GAP = "　"  # between it and what the edition says there
_FORM = re.compile(r'^=?"?(\d{1,10}(?:,\d{1,10})*)(?:>(\d{1,10}))?"?$')
_MOST_FROM = 8  # editions that one book can hold cells of; beyond it the oldest are the least likely


@dataclass(frozen=True, slots=True)
class Mark:
    """``editions``: those whose cells the book may hold; one, if it was brought there whole."""

    editions: tuple[int, ...] = ()
    towards: int = 0  # the edition it was being brought to; 0: it is there

    @property
    def all(self) -> tuple[int, ...]:
        """Returns every edition whose cells the book may hold, the newest last."""
        towards = (self.towards,) if self.towards and self.towards not in self.editions else ()
        return (*self.editions, *towards)

    @property
    def is_whole(self) -> bool:
        """Whether the book holds one edition and nothing of another."""
        return len(self.editions) == 1 and not self.towards

    def on_the_way(self, number: int) -> Mark:
        """Returns the mark to set before the first cell of another edition is written."""
        return Mark(tuple(n for n in self.all if n != number)[-_MOST_FROM:] or (number,), number)

    def text(self) -> str:
        """Returns the name's definition: ``="42>43"``."""
        way = f">{self.towards}" if self.towards else ""
        return f'="{",".join(map(str, self.editions))}{way}"'


def read_mark(text: str | None) -> Mark | None:
    """Returns the mark that a name's definition says, with or without ``=`` and quotes; ``None`` where it says none."""
    found = _FORM.match((text or "").strip())
    if not found:
        return None
    return Mark(tuple(map(int, found[1].split(","))), int(found[2] or 0))
