"""How often Python looks for cycles among its objects."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Has it look less often: what a pass makes are many small objects without any (a sixth of a save's time)."""
    gc.freeze()  # what is loaded stays
    gc.set_threshold(50_000, 20, 20)
