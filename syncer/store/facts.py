"""What the store is told and tells of files: saves, what a scan knew, what was published."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncer.core.problems import Problem

NEW_ROW = "*"  # in place of a column, in the history: all cells with which a row came, as one entry
COPY, OTHER_FORMAT, LEFT = "FILE-011", "FILE-020", "RECV-008"
POINTERS = frozenset({COPY, OTHER_FORMAT, LEFT})
"""Codes of files that were taken in all the same, and point to the workbook that should be filled instead; and of what lies in
07收件箱 and is no workbook: nobody refused it."""


class Admission(StrEnum):
    """How the coordinator let in bytes that had been refused."""

    NONE = ""  # she did not
    TAKE = "take"  # against what is current, however old they are: once
    TAKEN = "taken"  # that was done, and from then on they are an old state like any other
    STALE = "stale"  # as an old state, in which nothing is new but what was typed since
    PLACED = "placed"  # as the workbook of a unit that she named

    @property
    def is_settled(self) -> bool:
        """Whether she has said what is to become of an old state."""
        return self in {Admission.TAKE, Admission.STALE}


@dataclass(frozen=True, slots=True)
class Save:
    """One set of bytes that was seen: whose, from which file, saved when, seen when (ISO, local)."""

    unit: str
    file: str
    sha256: str
    saved_at: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last scan knew of a file."""

    stat: str
    sha256: str
    unit: str = ""
    problems: tuple[Problem, ...] = ()  # why it was refused, or which workbook should be filled instead
    receipt: str = ""

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Why the file was not taken in; nothing for one that was."""
        return tuple(problem for problem in self.problems if problem.code not in POINTERS)


@dataclass(frozen=True, slots=True)
class Published:
    """A generated file as we left it."""

    sha256: str
    fingerprint: str
    stat: str


@dataclass(frozen=True, slots=True)
class Version:
    """One set of bytes in the trail of a unit; ``code`` says why it was refused."""

    id: int
    kind: str
    file: str
    sha256: str
    saved_at: str
    seen_at: str
    code: str
