"""How long something that did not work is left alone: a minute at first, and twice as long each time it fails again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_SECONDS, LONGEST_SECONDS = 60.0, 600.0


@dataclass(slots=True)
class Pauses:
    """What failed lately, by name. Known to this process alone: another start is another try."""

    now: Callable[[], float] = time.monotonic  # seconds
    _lasts: dict[str, float] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)

    def failed(self, name: str) -> None:
        """Begins a pause, or the next, which is longer."""
        self._lasts[name] = min(2 * self._lasts.get(name, FIRST_SECONDS / 2), LONGEST_SECONDS)
        self._until[name] = self.now() + self._lasts[name]

    def holds(self, name: str) -> bool:
        """Whether a pause has not come to its end yet."""
        return self.now() < self._until.get(name, 0.0)

    def ended(self, name: str) -> None:
        """Forgets that it failed: it has worked."""
        self._lasts.pop(name, None)
        self._until.pop(name, None)
