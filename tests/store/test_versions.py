"""However many versions a workbook has had, none is out of sight, and a state that several of them share is looked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from syncer.core.merging.known_book import SheetContent
from syncer.core.merging.lineage import goes_back, nearest_base
from syncer.core.merging.versions import Listed
from syncer.core.reading.rows import ReadRow
from syncer.store.contents import dump_content
from syncer.store.store import Store
from syncer.store.versions import KeptVersions
from tests.core.tables_as_text import book, compiled
from tests.store.test_store import issue, record

LEDGER, _ = compiled()
Content = Mapping[str, SheetContent]


def test_the_version_that_a_workbook_came_from_is_found_sixty_saves_later() -> None:
    store = Store("sqlite://")
    issue(store)
    saved = [book(f"| | 2026-03-05 | HD-D02-0001 | 植树 | {people} | | |") for people in range(4)]
    for minute, each in enumerate(saved[:3] + saved[:1] * 55 + saved[3:4]):
        record(store, each, minute)
    versions = store.past.accepted("D02")
    assert len(versions) == 60
    assert nearest_base(LEDGER, "D02", saved[1], versions, copy=True) == 2
    assert [len(at) for at, _ in versions.states("activities")] == [1, 56, 1, 1, 1]
    assert [len(at) for at, _ in versions.states("tasks")] == [59, 1]  # as it was read, as it was issued
    assert [len(at) for at, _ in versions.states("activities", {2, 3})] == [1, 1]
    store.close()


def content(cells: Sequence[int]) -> Content:
    """Two sheets of three rows each, one cell of the unit's own in a row; a row without a number is not there."""

    def sheet(numbers: Sequence[int], prefix: str) -> SheetContent:
        rows = (
            ReadRow(f"{prefix}{at}", at, {"name": number or None}) for at, number in enumerate(numbers) if number < 3
        )
        return SheetContent({}, tuple(rows))

    return {"activities": sheet(cells[:4], "HD"), "tasks": SheetContent({}, ())}


def went_back(older: Content, last: Content, now: Content) -> bool:
    """The same question about one version, asked cell by cell."""
    before, after, present = ({r.id: r.raw["name"] for r in c["activities"].rows} for c in (older, last, now))
    changed = [i for i in before.keys() & after.keys() & present.keys() if before[i] != after[i]]
    return len(changed) > 1 and all(before[i] == present[i] for i in changed)


CELLS = st.lists(st.integers(0, 3), min_size=4, max_size=4)


@given(st.lists(CELLS, min_size=1, max_size=6), CELLS, CELLS)
def test_a_save_goes_back_where_it_does_so_to_one_of_them(
    past: list[list[int]], last: list[int], now: list[int]
) -> None:
    contents = [content(cells) for cells in past]
    expected = any(went_back(older, content(last), content(now)) for older in contents)
    for versions in (Listed(contents), KeptVersions(dump_content(each) for each in contents)):
        assert goes_back(LEDGER, versions, content(last), content(now), 1) == expected
        assert [versions[at]["activities"].rows for at in range(len(versions))] == [
            each["activities"].rows for each in contents
        ]
