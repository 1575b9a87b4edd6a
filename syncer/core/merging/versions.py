"""Many versions of one workbook, looked at a sheet at a time: most saves change one sheet, and leave the others as they were."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from syncer.core.merging.known_book import SheetContent


class Versions(Protocol):
    """Versions of one unit's workbook, oldest first. However many there are, one state of one sheet is held at a time."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, at: int) -> Mapping[str, SheetContent]:
        """Returns the content of one version, whole."""

    def states(self, code: str, among: Collection[int] | None = None) -> Iterator[tuple[Sequence[int], SheetContent]]:
        """Yields each state that a sheet was in, the newest first, with the versions that hold it.

        Of ``among`` only, if given, as it is when the turn of a state comes. A version without the sheet is in none.
        """


class Listed(Versions):
    """A few versions that are there in full."""

    def __init__(self, contents: Sequence[Mapping[str, SheetContent]]) -> None:
        self._contents = contents

    def __len__(self) -> int:
        return len(self._contents)

    def __getitem__(self, at: int) -> Mapping[str, SheetContent]:
        return self._contents[at]

    def states(self, code: str, among: Collection[int] | None = None) -> Iterator[tuple[Sequence[int], SheetContent]]:
        """Yields each version's sheet, see `Versions`."""
        for at in reversed(range(len(self))):
            if code in self._contents[at] and (among is None or at in among):
                yield (at,), self._contents[at][code]
