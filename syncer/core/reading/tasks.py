"""Task numbers (对应任务) as people write them: one or several, with 任务 before or the title behind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from syncer.core.lists import pieces
from syncer.core.model import Task
from syncer.core.reading.readings import NOTHING, Reading, asked, noted, says_none, taken
from syncer.core.values import Scalar, fold, show

_AROUND = re.compile(r"^(?:任务|编号|序号|no\.?|第|[:：])+|(?:号|项)?(?:任务)?[.。]?$")


class TaskNumbers:
    """The numbers of a plan, with the titles that may stand for them."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        tasks = tuple(tasks)
        self._numbers = {fold(task.number): task.number for task in tasks}
        self._longest = max(map(len, self._numbers), default=0)
        titles = {fold(task.title): task.number for task in tasks if task.title}
        self._titles = {title: number for title, number in titles.items() if title not in self._numbers}

    def read(self, raw: Scalar) -> Reading:
        """Reads the tasks a cell names, as their numbers. CELL-005: no such task, CELL-013: 2.10 became 2.1, CELL-019."""
        typed = show(raw)
        if isinstance(raw, str) and raw in self._numbers and self._numbers[raw] == raw:
            return Reading(raw)
        if isinstance(raw, float) and f"{raw:g}0" in self._numbers:  # 2.10 typed into a number cell has become 2.1
            return asked(typed, "CELL-013")
        if isinstance(raw, date):
            return asked(raw, "CELL-019")
        named = pieces(typed, self._find)
        if unknown := [piece.text for piece in named if not piece.known]:
            return NOTHING if says_none(typed) else asked(typed, "CELL-005", task="、".join(unknown))
        if not named:
            return asked(typed, "CELL-005", task=typed)
        joined = "、".join(dict.fromkeys(str(piece.known) for piece in named))
        as_numbers = all(piece.known and fold(piece.known) == fold(piece.text) for piece in named)
        return taken(joined, raw) if as_numbers else noted(joined)

    def _find(self, text: str) -> str | None:
        folded = fold(text).replace("。", ".")
        found = self._numbers.get(folded) or self._titles.get(folded)
        if found or not folded:
            return found
        bare = _AROUND.sub("", folded)
        for at in range(min(len(bare), self._longest), 0, -1):  # 2.1主题宣讲: a number with its own title
            if (number := self._numbers.get(bare[:at])) and (
                at == len(bare) or self._titles.get(bare[at:].lstrip(".、:")) == number
            ):
                return number
        return None
