"""Entry point. Imports nothing at the top: reading children start from this module too."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """Runs the command line and exits with its code."""
    from syncer.cli import run  # noqa: PLC0415

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a sign that the terminal's encoding does not know is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
