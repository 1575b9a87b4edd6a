"""One sheet of the master as it is to be written: its columns, its rows in stretches, and what is said above and below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from syncer.core.reports.lines import Stretch
from syncer.excel.master_rows import Heading
from syncer.excel.pieces import Facts, Rows


def _nothing(_: Facts) -> str:
    return ""


def _as_they_are(rows: Rows) -> Rows:
    return rows


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. ``form`` is what its rows depend on beside content and headings, as plain data."""

    name: str
    headings: tuple[Heading, ...]
    stretches: Sequence[Stretch[Any]]
    form: tuple[object, ...] = ()
    frozen: int = 1  # columns
    count: int | None = None  # what 首页 says it holds, where that is not its rows
    is_data: bool = False
    signed: bool = False
    optional: bool = False  # whether the last column is shown only if some row needs it
    show: Callable[[Any], Rows] = _as_they_are  # makes rows of what a stretch holds
    note: Callable[[Facts], str] = _nothing  # for line 2, of all rows together
