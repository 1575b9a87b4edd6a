"""Puts the master together: the members of its frame, and between head and tail of each table's sheet the rows, piece by piece.

What stands just so in the master that is being replaced is copied from there, packed as it is: a sheet as a whole, or a piece
that begins at the same row. The rest is numbered and packed anew. Either way the bytes are the same.
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

from syncer.core.values import column_letter
from syncer.excel.deflate import ENGINE, LAST, Packed, crc_of, joined_crc, pack
from syncer.excel.edition import numbered
from syncer.excel.pieces import Listing, PieceStore, template
from syncer.excel.placements import Place, Placements, Range, SheetPlaces
from syncer.excel.row_xml import place
from syncer.excel.zip_layout import content_start
from syncer.excel.zip_stream import Head, ZipStream

_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+[0-9]+(?::[A-Z]+(?P<row>[0-9]+))?"/>')
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Filling:
    """What is put into one sheet of the frame."""

    part: str  # the sheet's member
    listing: Listing
    columns: int
    gap: bytes  # see `syncer.excel.row_xml.place`
    first: int  # row (1-based) at which the first piece begins


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
            whole.update(repr((filling.part, filling.first, filling.gap, filling.listing.digest)).encode())
        return whole.hexdigest()

    @property
    def numbers(self) -> set[int]:
        """The numbers of all pieces in it."""
        return {number for filling in self.fillings for number, _, _ in filling.listing.entries}

    def numbered(self, number: int) -> Master:
        """Returns the master that says its publish number."""
        return replace(self, frame=numbered(self.frame, number))

    def plan(self) -> str:
        """Returns as text what is put into the frame; with `of` it makes the master again."""
        return json.dumps([[f.part, f.columns, f.gap.decode(), f.first, f.listing.text] for f in self.fillings])

    @classmethod
    def of(cls, frame: bytes, plan: str) -> Master:
        """Undoes `plan`."""
        fillings = (
            Filling(part, Listing.load(listed), columns, gap.encode(), first)
            for part, columns, gap, first, listed in json.loads(plan)
        )
        return cls(frame, tuple(fillings))


class StandingChangedError(Exception):
    """The master that is being replaced does not hold what we wrote: nothing can be copied from it."""


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
                sheet = _sheet(frame.read(member), filling, store, standing)
                whole = sheet.whole(zip_.offset + 30 + len(member.filename.encode()))
                if placed is not None:
                    placed[member.filename] = SheetPlaces(sheet.content, whole, sheet.places())
                sizes = (whole.packed_size, whole.size, whole.crc)
                yield from zip_.member(
                    Head(member.filename, member.date_time, zipfile.ZIP_DEFLATED, *sizes), sheet.chunks()
                )
            else:
                start = content_start(master.frame, member) or 0
                yield from zip_.member(Head.of(member), (master.frame[start : start + member.compress_size],))
    yield from zip_.end()


def _sheet(xml: bytes, filling: Filling, store: PieceStore, standing: Standing | None) -> _CopiedSheet | _MadeSheet:
    head, tail = _split(xml, filling)
    parts = (ENGINE, head, tail, filling.gap, filling.first, filling.listing.digest)
    content = hashlib.sha256(repr(parts).encode()).hexdigest()
    there = standing.placements.get(filling.part) if standing else None
    if standing and there and there.content == content:
        return _CopiedSheet(there, standing.stream)
    return _MadeSheet(content, head, tail, filling, store, standing)


class _CopiedSheet:
    """A sheet that stands in the standing master just as it is to be."""

    def __init__(self, there: SheetPlaces, stream: BinaryIO) -> None:
        self.content = there.content
        self._there, self._stream = there, stream

    def whole(self, start: int) -> Range:
        """Returns where it will stand in a file in which it begins at ``start``."""
        return replace(self._there.whole, offset=start)

    def places(self) -> bytes:
        """Returns where its pieces stand, see `SheetPlaces`."""
        return self._there.pieces

    def chunks(self) -> Iterator[bytes]:
        """Yields the packed bytes."""
        whole, mark = self._there.whole, 0
        for at in range(0, whole.packed_size, _CHUNK):
            data = _read(self._stream, whole.offset + at, min(_CHUNK, whole.packed_size - at))
            mark = crc_of(data, mark)
            yield data
        if mark != whole.mark:
            raise StandingChangedError


class _MadeSheet:
    """One sheet: head, pieces, tail, each packed or (a piece) where it stands packed."""

    def __init__(
        self, content: str, head: bytes, tail: bytes, filling: Filling, store: PieceStore, standing: Standing | None
    ) -> None:
        self.content = content
        self._head, self._tail = pack(head), pack(tail)
        self._standing = standing
        there = standing.placements.get(filling.part) if standing else None
        places = there.places() if there else {}
        self._pieces: list[tuple[Place, Range | Packed]] = []
        row = filling.first
        for number, rows, _ in filling.listing.entries:
            at = (number, row, bool(filling.gap))
            self._pieces.append((at, places.get(at) or pack(place(template(store, number), row, filling.gap))))
            row += rows

    def whole(self, start: int) -> Range:
        """Returns where it will stand in a file in which it begins at ``start``."""
        end = Packed(LAST, 0, 0)
        packed = size = crc = mark = 0
        for part in (self._head, *(piece for _, piece in self._pieces), self._tail, end):
            packed += part.packed_size
            size += part.size
            crc = joined_crc(crc, part.crc, part.size)
            mark = joined_crc(mark, _mark(part), part.packed_size)
        return Range(start, packed, size, crc, mark)

    def places(self) -> bytes:
        """Returns where its pieces stand, see `SheetPlaces`."""
        numbers, offset = array("Q"), self._head.packed_size
        for at, piece in self._pieces:
            numbers.extend((*at, offset, piece.packed_size, piece.size, piece.crc, _mark(piece)))
            offset += piece.packed_size
        return numbers.tobytes()

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
        assert self._standing is not None  # noqa: S101 - they were found there
        start = run[0].offset
        data = _read(self._standing.stream, start, run[-1].offset + run[-1].packed_size - start)
        view = memoryview(data)
        for part in run:
            at = part.offset - start
            if crc_of(view[at : at + part.packed_size]) != part.mark:
                raise StandingChangedError
        return data


def _mark(part: Range | Packed) -> int:
    return part.mark if isinstance(part, Range) else crc_of(part.data)


def _read(stream: BinaryIO, start: int, length: int) -> bytes:
    try:
        stream.seek(start)
        return stream.read(length)
    except OSError as error:
        raise StandingChangedError from error


def _split(xml: bytes, filling: Filling) -> tuple[bytes, bytes]:
    """Returns what stands before the rows and behind them, the sheet's extent set to what it will be."""
    found = re.search(rb'<row r="%d"[^>]*/>' % filling.first, xml)
    extent = _DIMENSION.search(xml)
    if found is None or extent is None:
        raise ValueError(f"{filling.part} holds no place for its rows")
    last = max(int(extent["row"] or 1), filling.first - 1 + filling.listing.facts.rows)
    whole = f'<dimension ref="A1:{column_letter(filling.columns)}{last}"/>'
    return b"".join((xml[: extent.start()], whole.encode(), xml[extent.end() : found.start()])), xml[found.end() :]
