"""Shows and accepts readings of the corpus: ``python -m tests.corpus [--show] [--accept] [NAME …]``.

Without a flag it says which readings differ from what is accepted, and which from what the workbook's writer meant. A NAME
is a workbook's or a family's. ``--show`` prints the readings as they are now. ``--accept`` takes them as right: read them first.
``--keep DIR`` leaves the workbooks there, to be looked at.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import tempfile
from pathlib import Path

from tests.corpus import accepted as texts_beside
from tests.corpus.all_cases import all_cases, make
from tests.corpus.reading import Outcome, as_text, corpus_ledger, differences, read_all


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    ledger = corpus_ledger()
    every = all_cases(ledger)
    cases = {n: c for n, c in every.items() if not asked.names or n in asked.names or c.family in asked.names}
    with tempfile.TemporaryDirectory() as folder:
        room = asked.keep or Path(folder)
        outcomes: dict[str, Outcome] = dict(read_all(make(cases, room), ledger, room))
    texts = {name: as_text(cases[name], outcomes[name]) for name in cases if name in outcomes}
    accepted = texts_beside.load()
    changed = 0
    for name, text in texts.items():
        before = accepted.get(name, "")
        if asked.show:
            print(text)
        elif text != before:
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), name, name, n=0))
        changed += text != before
        for difference in differences(cases[name], outcomes[name]):
            print(f"  not as meant: {name}: {difference}")
    if asked.accept:
        texts_beside.keep(every, {**accepted, **texts})
    print(f"{len(texts)} workbooks, {changed} readings differ from what is accepted")
    return int(bool(changed) and not asked.accept)


if __name__ == "__main__":
    sys.exit(main())
