"""Reads damaged workbooks by the thousand and says what came of them: ``python -m tests.fuzz.run --files N --seed S``.

What must hold: every file is read or refused with a code, none takes longer than it may, no child more memory than its limit,
and this process, which stands for the daemon, does not grow. The exit code is 1 where that fails.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from syncer.config import Reading
from syncer.excel.reading_child import Limits
from tests.fuzz.mutate import Original, mutant
from tests.fuzz.originals import office_originals, originals_in, own_originals
from tests.fuzz.verdicts import NOT_A_VERDICT, Verdict, peak_of_children_mib, try_all

VERDICT_SECONDS = 10.0
WARM_UP = 200  # files; the growth of this process counts from there
SAID_EVERY = 2000


def written(originals: Sequence[Original], seed: int, numbers: range, room: Path) -> Iterator[Path]:
    """Yields damaged workbooks one by one; each is gone when the next is asked for."""
    for number in numbers:
        name, data = mutant(originals, seed, number)
        path = room / name
        path.write_bytes(data)
        yield path
        path.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run", description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file (to see one again)")
    parser.add_argument("--office", action="store_true", help="damage what LibreOffice saves as well")
    parser.add_argument("--originals", type=Path, help="damage the small workbooks below this folder as well")
    parser.add_argument("--keep", type=Path, help="copy files with a fault, or slow ones, there")
    asked = parser.parse_args()
    originals = own_originals() + (office_originals() if asked.office else [])
    originals += originals_in(asked.originals) if asked.originals else []
    process = psutil.Process()
    resident: list[int] = []

    def each(path: Path, verdict: Verdict) -> None:
        resident.append(process.memory_info().rss)
        if asked.keep and (verdict.fault or verdict.seconds > VERDICT_SECONDS / 2):
            asked.keep.mkdir(parents=True, exist_ok=True)
            (asked.keep / path.name).write_bytes(path.read_bytes())
        if len(resident) % SAID_EVERY == 0:
            print(f"{len(resident):,} files, {time.monotonic() - began:.0f} s", flush=True)

    shipped, began = Reading(), time.monotonic()
    with tempfile.TemporaryDirectory() as room:
        paths = written(originals, asked.seed, range(asked.first, asked.first + asked.files), Path(room))
        verdicts = try_all(paths, Limits(shipped.seconds, shipped.memory_mib << 20), each=each)
    grown = (resident[-1] - resident[min(WARM_UP, len(resident) - 1)]) >> 20
    print(*verdicts.lines(), sep="\n")
    print(f"{len(originals)} originals, seed {asked.seed}, {time.monotonic() - began:.0f} s")
    print(f"memory: a child at most {peak_of_children_mib():.0f} MiB; this process grew by {grown} MiB")
    late = verdicts.slowest[0].seconds > VERDICT_SECONDS
    return 1 if verdicts.faults or late or verdicts.outcomes[NOT_A_VERDICT] else 0


if __name__ == "__main__":
    sys.exit(main())
