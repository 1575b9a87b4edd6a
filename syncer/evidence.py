"""The files in 06佐证材料 that a unit means: only what stands in its own folder, and not by way of a link that leads out of it."""

from __future__ import annotations

from pathlib import Path

from syncer import fs
from syncer.core.evidence import place_inside


def evidence_file(folder: Path, typed: str) -> Path | None:
    """Returns the file or folder that a typed place means, below a unit's own ``folder``; ``None`` where it is not in it.

    Raises:
        OSError: the folder cannot be looked at now; nothing is known of what is in it.
    """
    names = place_inside(typed)
    if names is None:
        return None
    try:
        home, found = fs.real(folder), fs.real(folder.joinpath(*names))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if found.is_relative_to(home) else None
