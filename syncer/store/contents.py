"""The content of an accepted version as the database keeps it: one piece a sheet, so that only what is asked for is unpacked.

A save mostly changes one sheet of eight: the pieces of the others are taken over as they are.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from syncer.core.encode import Json, dump_json, plain_cells
from syncer.core.merging.known_book import GoingOn, SheetContent
from syncer.core.merging.lineage import joined_digest, sheet_digest
from syncer.core.reading.rows import ReadRow

_MARK = b"\x01S"  # before it there was one compressed text for all sheets
_HEAD = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Piece:
    """One sheet, packed, with the digest of what its rows hold."""

    digest: str
    packed: bytes

    @property
    def mark(self) -> str:
        """A digest of the piece itself: rows, places and all."""
        return hashlib.sha256(self.packed).hexdigest()


@dataclass(slots=True, eq=False)
class KeptContent(Mapping[str, SheetContent]):
    """The sheets of one version by their code; a sheet is unpacked when it is first asked for."""

    pieces: Mapping[str, Piece]
    _sheets: dict[str, SheetContent] = field(default_factory=dict)

    def __reduce__(self) -> tuple[type[KeptContent], tuple[Mapping[str, Piece]]]:
        """Goes from one process to another packed."""
        return KeptContent, (self.pieces,)

    def __getitem__(self, code: str) -> SheetContent:
        if code not in self._sheets:
            self._sheets[code] = _sheet(json.loads(zlib.decompress(self.pieces[code].packed)))
        return self._sheets[code]

    def __contains__(self, code: object) -> bool:
        return code in self.pieces

    def __iter__(self) -> Iterator[str]:
        return iter(self.pieces)

    def __len__(self) -> int:
        return len(self.pieces)

    def piece_of(self, code: str, sheet: SheetContent) -> Piece | None:
        """Returns the piece from which this very sheet was unpacked; ``None`` where it was not."""
        return self.pieces[code] if self._sheets.get(code) is sheet else None


def packed(content: Mapping[str, SheetContent], base: Mapping[str, SheetContent] | None = None) -> KeptContent:
    """Returns the content in pieces; those of sheets that are the very ones of ``base`` are not made again."""
    if isinstance(content, KeptContent):
        return content
    pieces: dict[str, Piece] = {}
    sheets: dict[str, SheetContent] = {}
    for code in content:
        if isinstance(base, KeptContent) and isinstance(content, GoingOn) and code not in content.anew:
            pieces[code] = base.pieces[code]
            sheets |= {code: base._sheets[code]} if code in base._sheets else {}  # noqa: SLF001 - our own
            continue
        sheets[code] = content[code]
        known = base.piece_of(code, sheets[code]) if isinstance(base, KeptContent) else None
        pieces[code] = known or Piece(sheet_digest(sheets[code]), _packed(sheets[code]))
    return KeptContent(pieces, sheets)


def digest_of(content: Mapping[str, SheetContent]) -> str:
    """Returns its `content_digest`, from the pieces where it is in pieces already."""
    return joined_digest({code: piece.digest for code, piece in packed(content).pieces.items()})


def dump_content(content: Mapping[str, SheetContent]) -> bytes:
    """Returns the rows of an accepted version: a list of the pieces, then the pieces themselves."""
    pieces = packed(content).pieces
    head = json.dumps([(code, piece.digest, len(piece.packed)) for code, piece in pieces.items()]).encode()
    return b"".join((_MARK, _HEAD.pack(len(head)), head, *(piece.packed for piece in pieces.values())))


def load_content(blob: bytes) -> Mapping[str, SheetContent]:
    """Undoes `dump_content`; knows the older form too."""
    if not blob.startswith(_MARK):
        return {code: _sheet(plain) for code, plain in json.loads(zlib.decompress(blob)).items()}
    begin = len(_MARK) + _HEAD.size
    at = begin + _HEAD.unpack_from(blob, len(_MARK))[0]
    pieces: dict[str, Piece] = {}
    for code, digest, length in json.loads(blob[begin:at]):
        pieces[code] = Piece(digest, blob[at : at + length])
        at += length
    return KeptContent(pieces)


def _packed(sheet: SheetContent) -> bytes:
    plain = {
        "columns": dict(sheet.columns),
        "table": sheet.table,
        "id_column": sheet.id_column,
        "free": sheet.free,
        "last_row": sheet.last_row,
        "rows": [(row.id, row.row, row.raw, row.extra, row.carried, *_seldom(row)) for row in sheet.rows],
    }
    return zlib.compress(dump_json(plain).encode(), 1)


def _seldom(row: ReadRow) -> Sequence[object]:
    """What is kept of few rows only; nothing at the end where it is empty."""
    if row.shown:
        return sorted(row.lent), row.shown
    return (sorted(row.lent),) if row.lent else ()


def _row(
    row_id: str, number: int, raw: Json, extra: Json, carried: str | None, lent: Json = (), shown: Json = None
) -> ReadRow:
    cells = plain_cells(raw), plain_cells(extra)
    return ReadRow(row_id, number, *cells, carried=carried, lent=frozenset(lent), shown=plain_cells(shown or {}))


def _sheet(plain: Json) -> SheetContent:
    rows = (_row(*row) for row in plain["rows"])
    return SheetContent(
        plain["columns"],
        tuple(rows),
        plain.get("table", ""),
        plain.get("id_column", 0),
        tuple(plain.get("free", ())),
        plain.get("last_row", 0),
    )
