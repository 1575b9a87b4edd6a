"""How sure a proposal is, in the words of the proposal book."""

from __future__ import annotations

from enum import StrEnum

HIGH_FROM, MIDDLE_FROM, LOW_FROM = 0.8, 0.6, 0.42


class Sureness(StrEnum):
    """How sure a proposal is; ``NONE``: nothing is proposed."""

    HIGH = "高"
    MIDDLE = "中"
    LOW = "低"
    NONE = "—"


def sureness(score: float) -> Sureness:
    """Returns the word for a score of 0 to 1."""
    if score >= HIGH_FROM:
        return Sureness.HIGH
    if score >= MIDDLE_FROM:
        return Sureness.MIDDLE
    return Sureness.LOW if score >= LOW_FROM else Sureness.NONE
