"""``syncer sync``: one pass over the shared folder. Where nothing has happened since the last one, that is all it finds out."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from syncer.commands.console import Console, root_of
from syncer.idle import said_when_idle


def run(args: argparse.Namespace) -> int:
    """Runs one pass and says what came of it, or says again what the last one said that found nothing to do."""
    console = Console(args)
    asked = {name: value for name, value in vars(args).items() if name != "workspace"}
    asked["encoding"] = sys.stdout.encoding
    if (said := said_when_idle(root_of(args), asked, datetime.now())) is not None:
        for line in said.lines:
            console.print(line)
        return said.code
    from syncer.commands.one_pass import one_pass  # noqa: PLC0415 - a second, when there is nothing to do

    return one_pass(args, console, asked)
