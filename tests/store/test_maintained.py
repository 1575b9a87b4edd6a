"""What is listed as changed lately is the same, whether it was kept up save by save or loaded at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from syncer import maintained
from syncer.core.model import Ledger, Settings, Source
from syncer.core.state import Change

LEDGER = Ledger("v", Settings(2026), (), (), ())
MOST = 12


@dataclass
class Recorded:
    """The changes that a database holds, as `Merged.changes` reads them."""

    changes: list[tuple[int, Change]] = field(default_factory=list)

    def save(self, cells: int) -> None:
        version = 1 + (self.changes[-1][1].source.version if self.changes else 0)
        for _ in range(cells):
            change = Change(
                "2026-11-20T10:00:00", "D01", "tasks", "T0001", "status", None, "是", Source(version=version)
            )
            self.changes.append((len(self.changes) + 1, change))

    def read(self, _: Ledger, *, since: str, most: int, after: int = 0) -> list[tuple[int, Change]]:
        del since
        return [entry for entry in self.changes if entry[0] > after][-most:]


def listing(recorded: Recorded) -> maintained.Maintained:
    merged = type("Merged", (), {"changes": staticmethod(recorded.read)})()
    return maintained.Maintained(merged)


@given(st.lists(st.integers(1, MOST * 2), max_size=8))
def test_listed_save_by_save_or_at_once_it_is_the_same(sizes: Sequence[int]) -> None:
    with patch.object(maintained, "CHANGES_LISTED", MOST):
        recorded = Recorded()
        kept_up = listing(recorded)
        for size in sizes:
            recorded.save(size)
            listed, cut = kept_up.changes(LEDGER, "")
            assert (listed, cut) == listing(recorded).changes(LEDGER, "")
            assert len(listed) <= MOST
            assert cut == (len(listed) < len(recorded.changes))
            versions = [change.source.version for change in listed]
            assert all(one <= other for one, other in pairwise(versions))
            assert versions[-1] == recorded.changes[-1][1].source.version, "the newest save is always among them"
