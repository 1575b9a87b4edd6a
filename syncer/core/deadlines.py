"""Worded deadlines (完成时限): what "3月底前" or "每周五下午" means in a ledger's year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Deadline:
    """One worded deadline.

    ``kind``: ``date`` (due on one day), ``recurring`` (``milestones`` are its due days in the ledger's year),
    ``all_year`` (全年, 长期, 常态化: due on 31 December, linear), ``none`` (blank), ``unclear`` (not understood: a question).
    ``text`` is the wording, kept for print.
    """

    text: str = ""
    kind: str = "none"
    start: date | None = None
    due: date | None = None  # last due day; for ``recurring`` the last milestone
    milestones: tuple[date, ...] = ()
    note: str = ""
