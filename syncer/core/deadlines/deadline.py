"""What a worded deadline (完成时限) came to, and what is asked of it: due when, how far by now, overdue or not."""

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
    reading: str = ""  # means the same without frequency and day of issue, where ``text`` alone does not


def unclear(note: str) -> Deadline:
    """Returns a deadline that is not understood; ``note`` says why, or what to write."""
    return Deadline(kind="unclear", note=note)


def print_deadline(deadline: Deadline) -> str:
    """Returns a wording that is read the same again in the same year and calendar: nearly always the text itself."""
    return deadline.reading or deadline.text


def due_after(deadline: Deadline, as_of: date) -> date | None:
    """Returns the next due day, today's included; None when nothing more is due."""
    days = deadline.milestones or ((deadline.due,) if deadline.due else ())
    return next((day for day in days if day >= as_of), None)


def expected_percent(deadline: Deadline, as_of: date, year: int) -> float | None:
    """Returns where a task should stand (points, 0–100): the line that lights compare with. None where there is no line.

    A recurrence: the share of its milestones that have come, today's included. One date: all of it once the day has
    passed, nothing before. All year: linear from its start, or 1 January, to its end.
    """
    match deadline.kind:
        case "recurring":
            return 100 * sum(day <= as_of for day in deadline.milestones) / len(deadline.milestones)
        case "date":
            return 100.0 if is_overdue(deadline, as_of) else 0.0
        case "all_year":
            start, end = deadline.start or date(year, 1, 1), deadline.due or date(year, 12, 31)
            return min(100.0, max(0.0, 100 * ((as_of - start).days + 1) / ((end - start).days + 1)))
        case _:
            return None


def is_overdue(deadline: Deadline, as_of: date) -> bool:
    """Tells whether the last due day has passed; a missed milestone of a recurrence shows in the line instead."""
    return deadline.due is not None and deadline.due < as_of
