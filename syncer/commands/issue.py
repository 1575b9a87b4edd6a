"""``syncer issue``: makes the workbooks of units that never got one."""

from __future__ import annotations

import argparse

from syncer.books import issue_missing
from syncer.commands.console import Console, office_of
from syncer.control import take_up
from syncer.core.roster import roster_of
from syncer.errors import EXIT_DONE, ConfigError


def run(args: argparse.Namespace) -> int:
    """Issues what is missing; never overwrites a workbook."""
    console = Console(args)
    with office_of(args) as office:
        control = take_up(office, args.as_of or office.clock().date())
        codes, unknown = roster_of(control.ledger).expand("、".join(args.unit))
        if unknown:
            raise ConfigError(f"《单位名录》里没有：{'、'.join(unknown)} / not in the roster")
        issued = issue_missing(office, control, codes)
    for path in issued:
        console.say(f"已下发 {path}", f"issued {path}")
    if not issued:
        console.say("没有需要下发的工作簿（已有的不会重做）", "nothing to issue (what exists is never made again)")
    console.emit({"version": 1, "exit": EXIT_DONE, "issued": issued})
    return EXIT_DONE
