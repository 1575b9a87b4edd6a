"""The whole hostile set, by name: ``python -m tests.hostile.all_cases DIR`` writes it out."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.hostile import archives, markup, sheets
from tests.hostile.case import Case

CASES: dict[str, Case] = {**sheets.CASES, **markup.CASES, **archives.CASES}


def file_name(name: str) -> str:
    """Returns a case's name made fit to be a file's."""
    return re.sub(r"[^\w.,-]+", " ", name).strip() + CASES[name].ending


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in CASES.items():
        (folder / file_name(name)).write_bytes(case.make())
    print(f"{len(CASES)} files in {folder}")
