"""Worded deadlines (完成时限): what they mean in a ledger's year, and what is asked of them.

`wording` cleans a text, `spans` reads one day or period, `recurring` what recurs, `grammar` the whole; it comes to a
`Deadline`.
"""

from __future__ import annotations

from syncer.core.deadlines.deadline import Deadline, due_after, expected_percent, is_overdue, print_deadline
from syncer.core.deadlines.grammar import parse_deadline

__all__ = ["Deadline", "due_after", "expected_percent", "is_overdue", "parse_deadline", "print_deadline"]
