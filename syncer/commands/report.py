"""``syncer report weekly``: the draft of a week, or its issue."""

from __future__ import annotations

import argparse

from syncer.commands.console import Console, office_of
from syncer.control import take_up
from syncer.core.calendar import Week
from syncer.core.model import Ledger
from syncer.errors import EXIT_DONE, ConfigError
from syncer.publish import Publication, publish_draft
from syncer.reports import draft_path, issue_week, week_at_hand
from syncer.view import view
from syncer.workspace import Office


def run(args: argparse.Namespace) -> int:
    """Writes the draft, or with ``--final`` issues the week; an issued week is never rewritten."""
    console = Console(args)
    with office_of(args) as office:
        day = args.as_of or office.clock().date()
        ledger = take_up(office, day).ledger
        week = _week(office, ledger, args)
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


def _week(office: Office, ledger: Ledger, args: argparse.Namespace) -> Week:
    """Returns the week that is meant; to be issued, one that has begun: a week is issued once, and those before it no more."""
    now = office.clock()
    try:
        week = Week.parse(args.week) if args.week else week_at_hand(office, ledger, now)
    except ValueError:
        raise ConfigError(f"“{args.week}”不是周次，请写成 2026-W47 / write the week as 2026-W47") from None
    today = max(args.as_of or now.date(), now.date())
    if not args.final or week.monday <= today:
        return week
    last = office.store.last_week_label(office.now())
    if not args.week and last:
        return Week.parse(last)  # asked for once more: it is named, and nothing is written
    raise ConfigError(f"{week.label} 还没有开始，不能印发 / this week has not begun yet")
