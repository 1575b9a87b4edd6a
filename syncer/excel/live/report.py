"""What the worker says of one job."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a job ended."""

    DONE = "done"
    WAITS = "waits"  # a new edition cannot be put in place: its layout is another, or a sheet cannot be written
    BUSY = "busy"  # Excel took no calls: a cell is edited, a dialog stands
    CLOSED = "closed"  # the book is not open in this session's Excel, or was closed in the middle
    LACKS = "lacks"  # files of the editions that the report's ``found`` names: the open book may hold cells of them
    NO_EXCEL = "no excel"
    KILLED = "killed"  # the worker took too long, or died
    FAULT = "fault"  # our own code failed


@dataclass(frozen=True, slots=True)
class Report:
    """One job's end. ``wrote``: whether the book may hold something of it. ``detail`` is for the log: names, never contents."""

    state: State
    wrote: bool = False
    detail: str = ""
    found: Any = None  # what was asked for
