"""``syncer report weekly``: the draft of a week, or its issue."""

from __future__ import annotations

import argparse

from syncer.commands.console import Console, office_of
from syncer.control import take_up
from syncer.core.calendar import Week
from syncer.errors import EXIT_DONE, ConfigError
from syncer.publish import Publication, publish_draft
from syncer.reports import draft_path, issue_week, week_at_hand
from syncer.view import view


def run(args: argparse.Namespace) -> int:
    """Writes the draft, or with ``--final`` issues the week; an issued week is never rewritten."""
    console = Console(args)
    with office_of(args) as office:
        day = args.as_of or office.clock().date()
        ledger = take_up(office, day).ledger
        try:
            week = Week.parse(args.week) if args.week else week_at_hand(office, ledger, office.clock())
        except ValueError:
            raise ConfigError(f"“{args.week}”不是周次，请写成 2026-W47 / write the week as 2026-W47") from None
        issued = office.store.week_path(week.label)
        if issued:
            path = issued
            console.say(
                f"{week.label} 已经印发，不再重写：{path}", f"{week.label} was issued and is not rewritten: {path}"
            )
        elif args.final:
            path = issue_week(office, view(office, ledger, day), week)
            console.say(f"已印发 {path}", f"issued {path}")
        else:
            report = publish_draft(office, Publication(), view(office, ledger, day), week)
            path = office.workspace.relative(draft_path(office))
            console.say(f"送审稿：{path}", f"draft: {path}")
            console.say(report.group_line, report.group_line)
    console.emit(
        {"version": 1, "exit": EXIT_DONE, "week": week.label, "path": path, "issued": bool(issued or args.final)}
    )
    return EXIT_DONE
