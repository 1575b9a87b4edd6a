"""Where in a master of ours its sheets and their pieces stand, packed: what the next master may copy from there."""

from __future__ import annotations

import json
from array import array
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """Where a piece stands, packed, in a file of ours: its offset, and what it comes to. ``mark`` is the CRC-32 of the packed bytes."""

    offset: int
    packed_size: int
    size: int
    crc: int
    mark: int


Place = tuple[int, int, bool]
"""A piece's number, the row (1-based) at which it begins, and whether gaps in it are filled: where these agree, the bytes do."""


@dataclass(frozen=True, slots=True)
class SheetPlaces:
    """Where a whole sheet stands packed, and within it the pieces. ``content`` tells what it holds: equal texts, equal bytes."""

    content: str
    whole: Range
    pieces: bytes  # of each piece `Place` and `Range`, the offset counted from the start of the sheet

    def places(self) -> dict[Place, Range]:
        """Returns where the pieces stand in the file."""
        numbers = iter(array("Q", self.pieces))
        fields = zip(*[numbers] * 8, strict=True)
        start = self.whole.offset
        return {(piece, row, bool(gap)): Range(start + at, *rest) for piece, row, gap, at, *rest in fields}


class Placements(dict[str, SheetPlaces]):
    """Where the sheets of one master stand in its file, by their members."""

    def dump(self) -> bytes:
        """Returns them as plain bytes."""
        heads = [(part, sheet.content, *astuple(sheet.whole), len(sheet.pieces)) for part, sheet in self.items()]
        return b"\n".join((json.dumps(heads).encode(), b"".join(sheet.pieces for sheet in self.values())))

    @classmethod
    def load(cls, dumped: bytes) -> Placements:
        """Undoes `dump`."""
        heads, _, pieces = dumped.partition(b"\n")
        placements, at = cls(), 0
        for part, content, *whole, length in json.loads(heads):
            placements[part] = SheetPlaces(content, Range(*whole), pieces[at : at + length])
            at += length
        return placements
