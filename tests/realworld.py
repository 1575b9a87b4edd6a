"""Reads every workbook below a folder that nobody here wrote, and says what came of each: ``python -m tests.realworld DIR``.

The files come from elsewhere (test sets of spreadsheet libraries, an office's own archive) and are not part of the project.
The exit code is 1 when our own code failed on one of them, or one took longer than it may.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from syncer.config import Reading
from syncer.excel.reading_child import Limits
from tests.fuzz.verdicts import Verdict, peak_of_children_mib, peak_of_this_process_mib, try_all

ENDINGS = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".xlsb", ".ods", ".fods", ".et", ".csv"})
VERDICT_SECONDS = 10.0


def workbooks(folder: Path) -> Iterator[Path]:
    """Yields the workbooks below a folder, in a fixed order."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in ENDINGS and path.is_file())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.realworld", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", action="store_true", help="one line a file as well")
    asked = parser.parse_args()
    shipped = Reading()

    def each(path: Path, verdict: Verdict) -> None:
        print(
            f"{verdict.outcome}\t{verdict.seconds:.2f}\t{path.relative_to(asked.folder)}\t{verdict.facts}", flush=True
        )

    limits = Limits(shipped.seconds, shipped.memory_mib << 20)
    verdicts = try_all(workbooks(asked.folder), limits, each=each if asked.list else None)
    print(*verdicts.lines(), sep="\n")
    print(f"memory at most: child {peak_of_children_mib():.0f} MiB, parent {peak_of_this_process_mib():.0f} MiB")
    late = bool(verdicts.slowest) and verdicts.slowest[0].seconds > VERDICT_SECONDS
    return 1 if verdicts.faults or late else 0


if __name__ == "__main__":
    sys.exit(main())
