"""An office held open in a process of its own, as the daemon holds it; it makes a pass when told to.

    python -m benchmarks.warm_office WORKSPACE

On each line from standard input one pass; on standard output what it did, as a line of JSON. Files count as saved at the
first look: the time that a file has to hold still is not what is measured here.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from datetime import datetime
from pathlib import Path

from benchmarks.corpora import AS_OF
from syncer.collecting import collect_seldom
from syncer.sync import sync
from syncer.watch.settle import Pace, Settler
from syncer.workspace import Office, Workspace


def main(root: Path) -> None:
    """Makes passes until standard input ends."""
    collect_seldom()
    began = datetime.now()
    opened = datetime(AS_OF.year, AS_OF.month, AS_OF.day, 9)  # a run at night must not turn the day
    with Office(Workspace.at(root), clock=lambda: opened + (datetime.now() - began)) as office:
        office.settler = Settler(Pace(settle_seconds=0))
        for _ in sys.stdin:
            started = time.time()
            done = sync(office, patient=False)
            report = {
                "started": started,
                "ended": time.time(),
                "taken": [taken.file for taken in done.taken if taken.plan],
                "published": done.publication.paths,
                "delivered": sum(1 for delivered in done.delivered if delivered.cells),
                "waiting": done.waiting,
            }
            print(json.dumps(report), flush=True)
            gc.collect()  # when nobody waits, as the daemon does


if __name__ == "__main__":
    main(Path(sys.argv[1]))
