"""What is handed on from look to look is the same, whether it was kept up save by save or loaded at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from syncer import maintained
from syncer.core.model import Ledger, Row, Settings, Source, Unit
from syncer.core.state import Change
from syncer.store.merged import Place

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


OFFICE = replace(
    LEDGER, units=(Unit("D02", "工会", "工会"), Unit("D01", "办公室", "办公室"), Unit("D03", "团委", "团委"))
)
PLACES = st.tuples(st.sampled_from(("D01", "D02", "D09")), st.sampled_from(("tasks", "activities")))


@dataclass
class Stored:
    """The rows that a database holds, and their marks, as `Merged` reads them."""

    held: dict[Place, tuple[str, tuple[Row, ...]]] = field(default_factory=dict)

    def marks(self, units: Collection[str] | None = None) -> dict[Place, str]:
        return {place: self.held[place][0] for place in sorted(self.held) if units is None or place[0] in units}

    def unit_marks(self) -> dict[str, str]:
        by_unit: dict[str, str] = {}
        for (unit, _), mark in self.marks().items():
            by_unit[unit] = f"{by_unit.get(unit, '')} {mark}"
        return by_unit

    def rows(self, _: Ledger, places: Iterable[Place]) -> dict[Place, tuple[Row, ...]]:
        return {place: self.held[place][1] for place in places}

    def kept_facts(self, _: str) -> dict[Place, tuple[str, object]]:
        return {}


@given(st.lists(st.tuples(PLACES, st.integers(0, 2)), max_size=12))
def test_facts_kept_up_save_by_save_are_those_of_the_rows(saves: Sequence[tuple[Place, int]]) -> None:
    stored = Stored()
    kept_up = maintained.Maintained(stored)  # type: ignore[arg-type]
    for number, (place, rows) in enumerate(saves):
        stored.held[place] = (f"mark{number}", tuple(Row(f"R{at}", place[1], place[0], {}) for at in range(rows)))
        if number == 5:  # as where an empty database is put in the place of this one
            held, stored.held = stored.held, {}
            assert not any(facts.rows for facts in kept_up.facts(OFFICE, kept_up.marks()))
            stored.held = held
        marks = kept_up.marks()
        assert marks == stored.marks()
        assert kept_up.marks() is marks, "as long as there is no other"
        found = kept_up.facts(OFFICE, marks)
        at_once = maintained.Maintained(stored)  # type: ignore[arg-type]
        assert found == at_once.facts(OFFICE, marks)
        assert [facts.unit for facts in found] == ["D02", "D01", "D03"], "in roster order, whoever has rows"
        shown = kept_up.filled(OFFICE, marks)
        with_rows = {place: mark for place, (mark, rows) in stored.held.items() if rows and place[0] != "D09"}
        assert shown == at_once.filled(OFFICE, marks) == with_rows
        assert kept_up.facts(OFFICE, marks)[0] is found[0], "what did not change is the very same"
