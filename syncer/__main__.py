"""Entry point. Imports nothing at the top: reading children start from this module too."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line and exits with its code."""
    from syncer.cli import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
