"""Accepted versions as the database keeps them: packed, and what several of them hold alike once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from syncer.core.merging.known_book import SheetContent
from syncer.core.merging.versions import Versions
from syncer.store.contents import KeptContent, Piece, load_content, packed


class KeptVersions(Versions):
    """Versions out of the database, given as it keeps them (see `syncer.store.contents`), oldest first."""

    def __init__(self, blobs: Iterable[bytes]) -> None:
        once: dict[bytes, Piece] = {}
        self._pieces: list[dict[str, Piece]] = []
        for blob in blobs:
            pieces = packed(load_content(blob)).pieces
            self._pieces.append({code: once.setdefault(piece.packed, piece) for code, piece in pieces.items()})

    def __len__(self) -> int:
        return len(self._pieces)

    def __getitem__(self, at: int) -> Mapping[str, SheetContent]:
        return KeptContent(self._pieces[at])

    def states(self, code: str, among: Collection[int] | None = None) -> Iterator[tuple[Sequence[int], SheetContent]]:
        """Yields each state once, unpacked for as long as it is looked at (see `Versions`)."""
        held: dict[int, list[int]] = defaultdict(list)
        for at in reversed(range(len(self))):
            if code in self._pieces[at]:
                held[id(self._pieces[at][code])].append(at)
        for versions in held.values():
            if among is None or any(at in among for at in versions):
                yield versions, self[versions[0]][code]
