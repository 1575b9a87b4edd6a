"""Puts the master together: the members of its frame, and between head and tail of each table's sheet the rows, piece by piece.

What stands at the same place in the master that is being replaced is copied from there as it is, packed; the rest is numbered
and packed anew. Either way the bytes are the same.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from syncer.core.reports.lines import HEADER_ROWS
from syncer.core.values import column_letter
from syncer.excel.deflate import LAST, Packed, crc_of, joined_crc, pack
from syncer.excel.edition import numbered
from syncer.excel.pieces import PieceStore, template
from syncer.excel.row_xml import place
from syncer.excel.zip_layout import content_start
from syncer.excel.zip_stream import Head, ZipStream

FIRST_ROW = HEADER_ROWS + 1
_PLACEHOLDER = re.compile(rb'<row r="%d"[^>]*/>' % FIRST_ROW)
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Filling:
    """What is put into one sheet of the frame. A piece is listed as its number, how many rows it has, and their digest."""

    part: str  # the sheet's member
    pieces: tuple[tuple[int, int, str], ...]
    columns: int
    gap: bytes  # see `syncer.excel.row_xml.place`


@dataclass(frozen=True, slots=True)
class Master:
    """A master ready to be put together: a workbook whose tables are empty, and what is put into them."""

    frame: bytes
    fillings: tuple[Filling, ...]

    @property
    def digest(self) -> str:
        """Equal digests, equal bytes (of one program on one machine)."""
        whole = hashlib.sha256(self.frame)
        for filling in self.fillings:
            pieces = [digest for _, _, digest in filling.pieces]
            whole.update(repr((filling.part, filling.gap, pieces)).encode())
        return whole.hexdigest()

    def numbered(self, number: int) -> Master:
        """Returns the master that says its publish number."""
        return replace(self, frame=numbered(self.frame, number))

    def plan(self) -> str:
        """Returns as text what is put into the frame; with `of` it makes the master again."""
        return json.dumps([[f.part, f.pieces, f.columns, f.gap.decode()] for f in self.fillings])

    @classmethod
    def of(cls, frame: bytes, plan: str) -> Master:
        """Undoes `plan`."""
        return cls(
            frame,
            tuple(
                Filling(part, tuple((number, rows, digest) for number, rows, digest in pieces), columns, gap.encode())
                for part, pieces, columns, gap in json.loads(plan)
            ),
        )


class StandingChangedError(Exception):
    """The master that is being replaced does not hold what we wrote: nothing can be copied from it."""


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


class Placements(dict[Place, Range]):
    """Where the pieces of one master stand in its file."""

    def dump(self) -> bytes:
        """Returns them as plain bytes."""
        numbers = array("Q")
        for at, r in self.items():
            numbers.extend((*at, r.offset, r.packed_size, r.size, r.crc, r.mark))
        return numbers.tobytes()

    @classmethod
    def load(cls, dumped: bytes) -> Placements:
        """Undoes `dump`."""
        numbers = iter(array("Q", dumped))
        fields = zip(*[numbers] * 8, strict=True)
        return cls({(piece, row, bool(gap)): Range(*found) for piece, row, gap, *found in fields})


@dataclass(frozen=True, slots=True)
class Standing:
    """The master that is being replaced, open for reading, and what we put where in it."""

    stream: BinaryIO
    placements: Placements


def assemble(
    master: Master, store: PieceStore, standing: Standing | None = None, placed: Placements | None = None
) -> Iterator[bytes]:
    """Yields the bytes of a master, some MB at a time at most; ``placed`` is told what stands where.

    Raises:
        StandingChangedError: in the middle of it; what was yielded is to be thrown away.
    """
    zip_, fillings = ZipStream(), {filling.part: filling for filling in master.fillings}
    with zipfile.ZipFile(io.BytesIO(master.frame)) as frame:
        for member in frame.infolist():
            if filling := fillings.get(member.filename):
                sheet = _Sheet(frame.read(member), filling, store, standing)
                head = Head(member.filename, member.date_time, zipfile.ZIP_DEFLATED, *sheet.sizes())
                start = zip_.offset + 30 + len(member.filename.encode())
                if placed is not None:
                    placed.update(sheet.ranges(start))
                yield from zip_.member(head, sheet.chunks())
            else:
                start = content_start(master.frame, member) or 0
                yield from zip_.member(Head.of(member), (master.frame[start : start + member.compress_size],))
    yield from zip_.end()


class _Sheet:
    """One sheet: head, pieces, tail, each packed or (a piece) where it stands packed."""

    def __init__(self, xml: bytes, filling: Filling, store: PieceStore, standing: Standing | None) -> None:
        head, tail = _split(xml, filling)
        self._head, self._tail = pack(head), pack(tail)
        self._standing = standing
        self._pieces: list[tuple[Place, Range | Packed]] = []
        row, there = FIRST_ROW, standing.placements if standing else Placements()
        for number, rows, _ in filling.pieces:
            at = (number, row, bool(filling.gap))
            found = there.get(at) or pack(place(template(store, number), row, filling.gap))
            self._pieces.append((at, found))
            row += rows

    def sizes(self) -> tuple[int, int, int]:
        """Packed size, size and CRC-32 of the whole sheet."""
        packed, size, crc = len(self._head.data), self._head.size, self._head.crc
        for _, piece in self._pieces:
            packed += piece.packed_size
            size += piece.size
            crc = joined_crc(crc, piece.crc, piece.size)
        tail = self._tail
        packed += tail.packed_size + len(LAST)
        return packed, size + tail.size, joined_crc(crc, tail.crc, tail.size)

    def ranges(self, start: int) -> Iterator[tuple[Place, Range]]:
        """Yields where the pieces will stand in a file in which the sheet begins at ``start``."""
        offset = start + self._head.packed_size
        for at, piece in self._pieces:
            mark = piece.mark if isinstance(piece, Range) else crc_of(piece.data)
            yield at, Range(offset, piece.packed_size, piece.size, piece.crc, mark)
            offset += piece.packed_size

    def chunks(self) -> Iterator[bytes]:
        """Yields the packed bytes; what stands end to end in the standing master is copied in one go."""
        yield self._head.data
        run: list[Range] = []
        end = -1
        for _, piece in self._pieces:
            if run and (isinstance(piece, Packed) or piece.offset != end or end - run[0].offset >= _CHUNK):
                yield self._copy(run)
                run = []
            if isinstance(piece, Packed):
                yield piece.data
            else:
                run.append(piece)
                end = piece.offset + piece.packed_size
        if run:
            yield self._copy(run)
        yield self._tail.data + LAST

    def _copy(self, run: list[Range]) -> bytes:
        """Returns pieces as they stand end to end in the standing master, each still what it was."""
        if self._standing is None:
            raise StandingChangedError
        start = run[0].offset
        try:
            self._standing.stream.seek(start)
            data = self._standing.stream.read(run[-1].offset + run[-1].packed_size - start)
        except OSError as error:
            raise StandingChangedError from error
        view = memoryview(data)
        for part in run:
            at = part.offset - start
            if crc_of(view[at : at + part.packed_size]) != part.mark:
                raise StandingChangedError
        return data


def _split(xml: bytes, filling: Filling) -> tuple[bytes, bytes]:
    """Returns what stands before the rows and behind them, the sheet's extent set to what it will be."""
    found = _PLACEHOLDER.search(xml)
    if found is None:
        raise ValueError(f"{filling.part} holds no place for its rows")
    last = FIRST_ROW - 1 + sum(rows for _, rows, _ in filling.pieces)
    head, tail = xml[: found.start()], xml[found.end() :]
    if b"<row " in tail:  # the signature, in the second row below
        last += 2
    extent = f'<dimension ref="A1:{column_letter(filling.columns)}{last}"/>'
    return _DIMENSION.sub(extent.encode(), head, count=1), tail
