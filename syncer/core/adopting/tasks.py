"""Which task of 任务分解 a foreign row is about: by its number in whatever form, and by its wording."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from syncer.core.adopting.likeness import likeness
from syncer.core.adopting.sureness import Sureness
from syncer.core.model import Ledger, Task
from syncer.core.values import fold

SAME_TITLE, LIKE_TITLE, MAYBE_TITLE, CLEARLY = 0.9, 0.62, 0.45, 0.05
_DIGITS = dict(zip("一二三四五六七八九", range(1, 10), strict=True))
_NUMERAL = re.compile(r"[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九]")
_NUMBER = re.compile(r"[\d.．\-—–_、()（）\s第项条号]+")
_LEADING_NUMBER = re.compile(r"^\s*(?:[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]?[.．、\-]?\s*){1,3}(?=\D)")


@dataclass(frozen=True, slots=True)
class TaskGuess:
    """The task a row is likely about (``None``: none), how sure, and what it could also be."""

    task: Task | None
    sure: Sureness
    other: Task | None = None


def number_parts(text: str) -> tuple[int, ...]:
    """Returns a task number as comparable parts, whatever its form; empty where it is no number.

    ``1.1``, ``1-1``, ``1．1``, ``（一）1``, ``一、1``, ``一.①`` are all ``(1, 1)``.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = _NUMERAL.sub(lambda found: f" {_value(found[0])} ", plain)
    if not _NUMBER.fullmatch(plain or "x"):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", plain)[:4])


def _value(numeral: str) -> int:
    tens, ten, units = numeral.partition("十")
    if not ten:
        return _DIGITS[tens]
    return _DIGITS.get(tens, 1) * 10 + _DIGITS.get(units, 0)


class TaskFinder:
    """Finds tasks of one ledger's plan."""

    def __init__(self, ledger: Ledger) -> None:
        self._tasks = ledger.tasks
        self._by_number = {number_parts(t.number): t for t in ledger.tasks if number_parts(t.number)}

    def guess(self, number: str, title: str, leads: Sequence[str] = ()) -> TaskGuess:
        """Returns what a row of this number and wording is likely about; ``leads``: codes of the units it names.

        A number alone counts only where there is no wording: other ledgers count otherwise. Number and a like wording
        together are sure; a like wording is fairly sure.
        """
        numbered = self._by_number.get(number_parts(number)) if number else None
        if not fold(title):
            return TaskGuess(numbered, Sureness.HIGH if numbered else Sureness.NONE)
        scores = [(self._score(task, title, leads, numbered), -at) for at, task in enumerate(self._tasks)]
        ranked = [(score, self._tasks[-at]) for score, at in sorted(scores, reverse=True) if score >= MAYBE_TITLE]
        if not ranked:
            return TaskGuess(None, Sureness.NONE)
        best, task = ranked[0]
        rival, other = ranked[1] if len(ranked) > 1 else (0.0, None)
        if best < LIKE_TITLE or best - rival <= CLEARLY:
            return TaskGuess(None, Sureness.LOW, task)
        return TaskGuess(task, Sureness.HIGH if best >= SAME_TITLE else Sureness.MIDDLE, other)

    def refer(self, wording: str) -> Task | None:
        """Returns the task that a reference names for certain: by its number in any form, or by its very wording."""
        if task := self._by_number.get(number_parts(wording)):
            return task
        guess = self.guess("", wording)
        return guess.task if guess.sure is Sureness.HIGH else None

    def _score(self, task: Task, title: str, leads: Sequence[str], numbered: Task | None) -> float:
        words = max(likeness(_LEADING_NUMBER.sub("", title), task.title), 0.95 * likeness(title, task.title))
        led = 0.05 if set(leads) & set(task.leads) else 0.0
        counted = 0.3 if task is numbered and words >= 0.3 else 0.0
        return min(1.0, words + led + counted) if words >= 0.25 else 0.0
