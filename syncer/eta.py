"""How far a long pass is: how many files are taken in, of how many, and how long the rest may take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_SECONDS = 2.0  # a pass that is done sooner says nothing


@dataclass(slots=True)
class Eta:
    """Tells somebody now and then, at most every so many seconds: files done, of how many, seconds left."""

    tell: Callable[[int, int, float], None]
    every_seconds: float
    clock: Callable[[], float] = time.monotonic
    _begun: float = field(init=False)
    _told: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.clock()
        self._told = self._begun + FIRST_SECONDS - self.every_seconds

    def __call__(self, done: int, of: int) -> None:
        """Takes note that so many files are done."""
        now = self.clock()
        if done and (now - self._told >= self.every_seconds):
            self._told = now
            self.tell(done, of, (now - self._begun) * (of - done) / done)


def left(seconds: float) -> tuple[str, str]:
    """Returns a time that is left in words, Chinese and English: rounded up, for nobody minds being early."""
    if seconds < 60:
        tens = 10 * (int(seconds) // 10 + 1)
        return f"约{tens}秒", f"about {tens} s"
    minutes = int(seconds) // 60 + 1
    return f"约{minutes}分钟", f"about {minutes} min"
