"""Pieces of the master: the rows of one stretch, rendered once, and what a table has to know of them without looking."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Protocol, TypeVar

from syncer.core.reports.lines import Stretch
from syncer.excel.deflate import ENGINE, pack, unpack
from syncer.excel.master_rows import Line
from syncer.excel.row_xml import Styles, row_count, template_of

T = TypeVar("T")
REMEMBERED = 20_000  # pieces, by short texts; the largest ledgers come to 7,500
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


Entry = tuple[int, int, str]
"""A piece as a sheet lists it: its number, how many rows it has, and their digest."""


class Listing:
    """The pieces of one table in order, and what they come to together. Two tables of the same rows have equal digests."""

    def __init__(self, entries: Iterable[Entry], facts: Facts) -> None:
        self.entries = tuple(entries)
        self.facts = facts  # rows and blank ones added up, the deepest level, and whether any has the rest

    @classmethod
    def of(cls, pieces: Sequence[tuple[int, Facts]]) -> Listing:
        """Returns pieces, by their numbers, as a table lists them."""
        facts = [fact for _, fact in pieces]
        together = Facts(
            rows=sum(fact.rows for fact in facts),
            blank=sum(fact.blank for fact in facts),
            level=max((fact.level for fact in facts), default=0),
            extra=any(fact.extra for fact in facts),
            doubtful=any(fact.doubtful for fact in facts),
        )
        return cls(((number, fact.rows, fact.digest) for number, fact in pieces), together)

    @classmethod
    def load(cls, text: str) -> Listing:
        """Undoes `text`, as far as it is needed to put the pieces together."""
        entries = [(number, rows, digest) for number, rows, digest in json.loads(text)]
        return cls(entries, Facts(rows=sum(rows for _, rows, _ in entries)))

    def with_rows(self, more: Listing) -> Listing:
        """Returns these pieces, none of which has a row, and behind them others."""
        return Listing((*self.entries, *more.entries), more.facts)

    @cached_property
    def text(self) -> str:
        """The entries as text."""
        return json.dumps(self.entries)

    @cached_property
    def digest(self) -> str:
        """A digest of all rows."""
        return hashlib.sha256("".join(digest for _, _, digest in self.entries).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Listed:
    """How a table was listed the last time, and of what."""

    shape: bytes
    stretches: Sequence[Stretch[Any]]
    listing: Listing


class PieceStore(Protocol):
    """Where pieces stay between two publishes."""

    listed: dict[str, Listed]  # by table; where pieces may be gone, `known` empties it

    def known(self) -> Mapping[str, tuple[int, str]]:
        """Returns every piece's number and facts, by its identity."""

    def add(self, identity: str, facts: str, data: bytes) -> int:
        """Keeps a piece and returns its number; with the identity ``""`` it is not found again by `known`."""

    def data(self, number: int) -> bytes:
        """Returns what is kept under a number."""


class LoosePieces:
    """Pieces that are kept as long as one book is being written."""

    def __init__(self) -> None:
        self.listed: dict[str, Listed] = {}
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


Rows = tuple[Sequence[Line], Facts]
"""What a stretch of a table comes to: its rows, and of the facts what the rows do not tell (``blank``, ``extra``, ``doubtful``)."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the rows of a table depend on beside their content; ``optional`` is whether the last column is shown only if needed."""

    table: object  # plain data: its columns and all that says how their values are shown
    columns: int
    styles: Styles
    optional: bool = False

    @property
    def shape(self) -> bytes:
        """What stands for it in the identity of a piece."""
        parts = (RENDERING, ENGINE, self.table, self.columns, self.optional, self.styles)
        return hashlib.sha256(repr(parts).encode()).digest()


def rendered(
    table: str, stretches: Sequence[Stretch[T]], form: Form, store: PieceStore, show: Callable[[T], Rows]
) -> Listing:
    """Returns the pieces of a table; only those that the store does not know are made. ``show`` makes rows of what a stretch holds.

    Where it is given the very stretches of the last time, it has nothing to look for.
    """
    shape, known = form.shape, store.known()
    last = store.listed.get(table)
    if last is not None and last.shape == shape and last.stretches is stretches:
        return last.listing
    found: list[tuple[int, Facts]] = []
    for stretch in stretches:
        identity = identity_of(shape, stretch.key, stretch.basis) if stretch.basis else ""
        if kept := known.get(identity):
            found.append((kept[0], Facts.of(kept[1])))
        else:
            facts, data = render(show(stretch.make()), form)
            found.append((store.add(identity, facts.text(), data), facts))
    listing = Listing.of(found)
    if all(stretch.basis for stretch in stretches):
        store.listed[table] = Listed(shape, stretches, listing)
    return listing


@lru_cache(REMEMBERED)
def identity_of(shape: bytes, key: str, basis: str) -> str:
    """Returns what a piece is known by: the `Form` it has, and key and basis of its stretch."""
    text = f"{key}\x1f{basis}"
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16, key=shape).hexdigest()


def render(rows: Rows, form: Form) -> tuple[Facts, bytes]:
    """Returns a piece, as it is kept, and its facts."""
    lines, told = rows
    template = template_of(lines, form.columns, form.styles, optional=form.optional)
    level, packed = max((line.level for line in lines), default=0), pack(template).data
    digest = hashlib.sha256(packed).hexdigest()[:32]
    return replace(told, rows=row_count(template), level=level, digest=digest), packed


def template(store: PieceStore, number: int) -> bytes:
    """Returns the rows of a piece, their numbers open."""
    return unpack(store.data(number))
