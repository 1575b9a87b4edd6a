"""The master in its folder: laid out, numbered, put together from its pieces, and known again when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from syncer import fs
from syncer.excel.assembly import Master, Standing, StandingChangedError, assemble
from syncer.excel.placements import Placements
from syncer.store.disk import stat_mark
from syncer.store.editions import Edition, Editions
from syncer.store.pieces import PiecesLostError, StandingBook
from syncer.workspace import Office


@dataclass(frozen=True, slots=True)
class Numbered:
    """An edition ready to be written: its number, the digest of its content, and the book that says its number."""

    number: int
    digest: str
    master: Master
    is_new: bool


def number_edition(office: Office, target: Path, master: Master) -> Numbered:
    """Gives a master its publish number, its content remembered before anybody can open it.

    A content that this book had before has the number that it had then: same content, same bytes. The number comes from the
    history of contents alone, so two workspaces with one history give one number.
    """
    editions, path, digest = Editions(office.store.engine), office.workspace.relative(target), master.digest
    office.pieces.remember(digest, master.frame, master.plan(), master.numbers)
    known = next((edition for edition in editions.of(path) if edition.sha256 == digest), None)
    edition = known or editions.add(path, digest, office.now())
    return Numbered(edition.number, digest, master.numbered(edition.number), is_new=known is None)


def withdraw_edition(office: Office, edition: Numbered) -> None:
    """Gives the number back of an edition that could not be written: nobody has seen it.

    Else a master that stands open for an hour would use up all the editions that are remembered, its own among them.
    """
    if edition.is_new:
        Editions(office.store.engine).withdraw(edition.number)
        office.pieces.forget(edition.digest)


def write_edition(office: Office, target: Path, edition: Numbered) -> None:
    """Replaces the master in its folder; what has not changed is copied from the one that stands there."""
    placed = Placements()
    try:
        office.disk.write_pieces(target, _parts(office, target, edition, placed))
    except StandingChangedError:
        placed = Placements()
        office.disk.write_pieces(target, assemble(edition.master, office.pieces, None, placed))
    with suppress(PiecesLostError):  # the next one is put together from the pieces
        office.pieces.stands(office.workspace.relative(target), StandingBook(stat_mark(target), placed.dump()))


def _parts(office: Office, target: Path, edition: Numbered, placed: Placements) -> Iterator[bytes]:
    with _standing(office, target) as standing:  # let go of before it is replaced, which Windows asks for
        yield from assemble(edition.master, office.pieces, standing, placed)


@contextmanager
def _standing(office: Office, target: Path) -> Iterator[Standing | None]:
    """The master that stands in the folder, open, if it is the one that we put there."""
    book = office.pieces.standing(office.workspace.relative(target))
    if book is None or not fs.exists(target) or stat_mark(target) != book.mark:
        yield None
        return
    with fs.open_read(target) as stream:
        yield Standing(stream, Placements.load(book.places))


def holds(office: Office, target: Path, edition: Numbered) -> bool:
    """Tells whether a file holds an edition byte for byte."""
    with fs.open_read(target) as stream:
        for part in assemble(edition.master, office.pieces):
            if stream.read(len(part)) != part:
                return False
        return not stream.read(1)


def edition_again(office: Office, edition: Edition) -> Numbered | None:
    """Returns an edition as it was when it was published; ``None`` where it is not remembered any more."""
    found = office.pieces.book(edition.sha256)
    if found is None:
        return None
    master = Master.of(*found)
    return Numbered(edition.number, edition.sha256, master.numbered(edition.number), is_new=False)


@contextmanager
def edition_file(office: Office, edition: Edition) -> Iterator[Path | None]:
    """Gives a file that holds what an edition held, as long as it is needed; ``None`` where nobody knows any more."""
    if (kept := office.kept.find(edition.sha256)) is not None:  # as editions were kept before they were made of pieces
        yield kept
        return
    path = office.workspace.config.folders.state / "edition.xlsx"
    try:
        again = edition_again(office, edition)
        if again is not None:
            office.disk.write_pieces(path, assemble(again.master, office.pieces))
    except PiecesLostError:
        again = None
    try:
        yield path if again else None
    finally:
        fs.remove(path)
