"""Who has a book open: the owner files that Excel, WPS and LibreOffice lay beside it.

They only hold back our writing; reading a saved file while it is open is fine. They stay behind after a crash and on
network drives, so an old one is not believed.
"""

from __future__ import annotations

import errno
from pathlib import Path

from syncer import fs

STALE_SECONDS = 24 * 3600


def is_open(path: Path, now: float) -> bool:
    """Tells whether an owner file younger than a day says that a book is open.

    ``now`` is wall-clock time in seconds, as file times are. Where two books' names differ only in one or two first characters,
    WPS's owner file may be either's: both count as open.
    """
    return any(_is_fresh(path.with_name(name), now) for name in _owner_names(path.name))


def _owner_names(name: str) -> tuple[str, ...]:
    """Returns the names an owner file of a book may have."""
    return (
        f"~${name}",  # Excel
        f"~${name[1:]}",  # WPS: one or two first characters replaced
        f"~${name[2:]}",
        f".~{name}",  # WPS on Linux
        f".~lock.{name}#",  # LibreOffice
    )


def _is_fresh(path: Path, now: float) -> bool:
    """Tells whether an owner file is believed; one that may be there and cannot be looked at is."""
    try:
        return now - fs.stat(path).st_mtime < STALE_SECONDS
    except FileNotFoundError:
        return False
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG  # no such name can be
