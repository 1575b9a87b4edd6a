"""What every process that we start beside us does first."""

from __future__ import annotations

import os
import signal


def go_quiet() -> None:
    """Sends whatever a dying process prints to nowhere, and leaves Ctrl-C to the parent."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    os.environ["RUST_BACKTRACE"] = "0"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
