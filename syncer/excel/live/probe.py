"""A job that only asks whether there is an Excel to reach."""

from __future__ import annotations

from dataclasses import dataclass

from syncer.excel.live.excel_app import Excel
from syncer.excel.live.report import Report, State


@dataclass(frozen=True, slots=True)
class Probe:
    """The job. `State.NO_EXCEL` comes from reaching for it; one that is not running yet may be started any time."""

    def carry_out(self, excel: Excel) -> Report:
        """Says whether it is running."""
        return Report(State.DONE, found=excel.running)
