"""The newest editions of the master as files, for the worker that follows an open one: it reads them without the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from syncer import fs
from syncer.excel.assembly import assemble
from syncer.master import edition_again
from syncer.store.editions import Edition, Editions
from syncer.store.pieces import PiecesLostError
from syncer.workspace import Office

KEPT = 12  # files at most, beside those that were asked for
_AT_ONCE = 3  # editions of which files are made when there are none yet


class EditionFiles:
    """A folder of ours with one file an edition. One that is forgotten, or whose pieces are lost, has none."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._folder = office.workspace.config.folders.state / "live"

    def of(self, known: Sequence[Edition], target: int, asked_for: Collection[int]) -> tuple[tuple[int, Path], ...]:
        """Returns number and file of the editions at hand, newest first; makes those of the newest, the target and what was asked for."""
        there = {path.name for path in fs.listed(self._folder)}
        found: list[tuple[int, Path]] = []
        for at, edition in enumerate(known):
            path = self._folder / f"{edition.number}-{edition.sha256[:12]}.xlsx"
            wanted = at < _AT_ONCE or edition.number == target or edition.number in asked_for
            held = path.name in there and (at < KEPT or wanted)
            if held or (wanted and self._make(edition, path)):
                found.append((edition.number, path))
        for name in there - {path.name for _, path in found}:
            with suppress(OSError):  # the worker reads it just now: it goes the next time
                fs.remove(self._folder / name)
        return tuple(found)

    def _make(self, edition: Edition, path: Path) -> bool:
        with suppress(PiecesLostError):
            again = edition_again(self._office, edition)
            if again is not None:
                self._office.disk.write_pieces(path, assemble(again.master, self._office.pieces))
                return True
        return False


class UnseenEditions:
    """Which editions stand in no file and in no open book, as far as is known: their numbers can be given back.

    One that is in the worker's hands may be in the book at any moment, and one that stood on the disk may have been opened.
    """

    def __init__(self) -> None:
        self._unplaced: set[int] = set()  # never seen on the disk
        self._in_hand: Counter[int] = Counter()  # jobs given and not reported yet
        self._in_book: set[int] = set()

    def placed(self, number: int) -> None:
        """Notes that an edition stands on the disk."""
        self._unplaced.discard(number)

    def handed(self, number: int, *, is_on_disk: bool) -> None:
        """Notes that the worker is told to bring the open book to an edition."""
        self._in_hand[number] += 1
        if not is_on_disk:
            self._unplaced.add(number)

    def taken_back(self, number: int) -> None:
        """Notes that a job was replaced before the worker had it."""
        self._in_hand[number] -= 1

    def reported(self, number: int, *, wrote: bool) -> None:
        """Notes what the worker said."""
        self._in_hand[number] -= 1
        if wrote:
            self._in_book.add(number)

    def unseen(self, target: int) -> set[int]:
        """Returns those to give back; the newest is still to be shown."""
        return self._unplaced - set(+self._in_hand) - self._in_book - {target}

    def forget(self, number: int) -> None:
        """Forgets one whose number was given back."""
        self._unplaced.discard(number)


def withdraw(office: Office, edition: Edition) -> None:
    """Gives the number back of an edition that neither the file nor the open book ever held."""
    Editions(office.store.engine).withdraw(edition.number)
    office.pieces.forget(edition.sha256)
