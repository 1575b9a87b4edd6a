"""Pieces of the master: the rows of one stretch, rendered once, and what a table has to know of them without looking."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import lru_cache
from typing import Protocol

from syncer.core.reports.lines import Stretch
from syncer.excel.deflate import ENGINE, pack, unpack
from syncer.excel.master_rows import Line
from syncer.excel.row_xml import Styles, row_count, template_of

REMEMBERED = 20_000  # pieces; the largest ledgers come to 7,500
RENDERING = "1"  # raise it when the same content would be rendered otherwise


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table has to know of a piece: ``extra`` and ``doubtful`` whether any row has an 附加列 or a doubtful cell."""

    rows: int = 0
    blank: int = 0  # rows left out because nothing stands in them
    level: int = 0  # deepest outline level
    extra: bool = False
    doubtful: bool = False
    digest: str = ""  # of the rows as rendered and packed

    def text(self) -> str:
        """Returns them as a store keeps them."""
        return " ".join(str(int(part)) if isinstance(part, int) else part for part in astuple(self))

    @classmethod
    def of(cls, text: str) -> Facts:
        """Undoes `text`."""
        return _facts(text)


@lru_cache(REMEMBERED)
def _facts(text: str) -> Facts:
    rows, blank, level, extra, doubtful, digest = text.split(" ")
    return Facts(int(rows), int(blank), int(level), extra == "1", doubtful == "1", digest)


class PieceStore(Protocol):
    """Where pieces stay between two publishes."""

    def known(self) -> Mapping[str, tuple[int, str]]:
        """Returns every piece's number and facts, by its identity."""

    def add(self, identity: str, facts: str, data: bytes) -> int:
        """Keeps a piece and returns its number; with the identity ``""`` it is not found again by `known`."""

    def data(self, number: int) -> bytes:
        """Returns what is kept under a number."""


class LoosePieces:
    """Pieces that are kept as long as one book is being written."""

    def __init__(self) -> None:
        self._data: list[bytes] = []

    def known(self) -> Mapping[str, tuple[int, str]]:
        """None: every stretch is rendered."""
        return {}

    def add(self, identity: str, facts: str, data: bytes) -> int:
        """Holds a piece."""
        del identity, facts
        self._data.append(data)
        return len(self._data) - 1

    def data(self, number: int) -> bytes:
        """Returns a piece."""
        return self._data[number]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece as a sheet lists it."""

    number: int
    facts: Facts


Rows = tuple[Sequence[Line], Facts]
"""What a stretch of a table comes to: its rows, and of the facts what the rows do not tell (``blank``, ``extra``, ``doubtful``)."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the rows of a table depend on beside their content; ``optional`` is whether the last column is shown only if needed."""

    table: object  # plain data: its columns and all that says how their values are shown
    columns: int
    styles: Styles
    optional: bool = False


def rendered(stretches: Iterable[Stretch[Rows]], form: Form, store: PieceStore) -> list[Piece]:
    """Returns the pieces of a table; only those that the store does not know are made."""
    known, found = store.known(), []
    shape = hashlib.sha256(
        repr((RENDERING, ENGINE, form.table, form.columns, form.optional, form.styles)).encode()
    ).digest()
    for stretch in stretches:
        identity = _identity(shape, stretch.key, stretch.basis) if stretch.basis else ""
        kept = known.get(identity)
        found.append(Piece(kept[0], Facts.of(kept[1])) if kept else _render(identity, stretch.make(), form, store))
    return found


@lru_cache(REMEMBERED)
def _identity(shape: bytes, key: str, basis: str) -> str:
    text = f"{key}\x1f{basis}"
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16, key=shape).hexdigest()


def _render(identity: str, rows: Rows, form: Form, store: PieceStore) -> Piece:
    lines, told = rows
    template = template_of(lines, form.columns, form.styles, optional=form.optional)
    level, packed = max((line.level for line in lines), default=0), pack(template).data
    facts = replace(told, rows=row_count(template), level=level, digest=hashlib.sha256(packed).hexdigest()[:32])
    return Piece(store.add(identity, facts.text(), packed), facts)


def template(store: PieceStore, number: int) -> bytes:
    """Returns the rows of a piece, their numbers open."""
    return unpack(store.data(number))
